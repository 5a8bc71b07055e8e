"""The fields of forms take text as people write it, or say what to write instead."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.ctx import RequestContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.forms import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    Choice,
    EmailField,
    ManyTilesField,
    NameField,
    PhoneField,
    PostcodeField,
    Question,
    TextField,
    TilesField,
    YearField,
    as_postcode,
    clean,
    shown_phone,
)
from kiosk.languages import in_english

pytestmark = pytest.mark.patient

POSTCODES = Path(__file__).parents[2] / "shared" / "data" / "postcodes"
needs_postcodes = pytest.mark.skipif(
    not POSTCODES.is_dir(), reason=f"The lists of postcodes are not here: {POSTCODES} is no folder."
)
quickly = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)  # lone surrogates too


class Everything(Question):
    others = (Choice("skip", "Skip"),)
    text = TextField()
    name_ = NameField()
    postcode = PostcodeField()
    phone = PhoneField()
    email = EmailField()
    year = YearField()
    one = TilesField((Choice("a", "A"), Choice("b", "B")))
    many = ManyTilesField((Choice("a", "A"), Choice("b", "B"), Choice("c", "C")))


@pytest.fixture
def request_context(app: Flask) -> Iterator[RequestContext]:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST") as context:
        yield context


def filled(app: Flask, **sent: str | list[str]) -> Everything:
    """The form as it comes back with these fields sent; valid or not."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST", data=sent):
        form = Everything()
        form.validate()
        return form


def value(app: Flask, name: str, typed: str) -> str | None:
    """The clean value of one field, or None when it asks for something else."""
    form = filled(app, **{name: typed})
    return None if form[name].errors else str(form[name].data)


# -- text ------------------------------------------------------------------------------------------------


@given(ANY_TEXT)
def test_clean_text_holds_nothing_that_cannot_be_seen(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    cleaned.encode()  # a lone surrogate would raise
    for letter in cleaned:
        assert unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"}
        assert letter not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufffd"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Anna \t Maria\u00a0", "Anna Maria"), ("e\u0301", "é"), ("A\x00B", "AB"), ("A\ud800B", "AB"),
        ("می\u200cخواهم", "می\u200cخواهم"), ("\u202eanimA", "animA"), ("O’Brien-Ní", "O’Brien-Ní"),
    ],
)  # fmt: skip
def test_clean_text_is_what_was_meant(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "name",
    [
        "Anna", "李", "ሰላም", "محمد", "Олена", "Ng", "O'Brien", "Jean-Luc", "von der Leyen",
        "X Æ A-12", "Étienne",
        "Nguyễn Thị Ánh", "ابو بكر", "María José", "J.", "3rd", "しずか", "ᐃᓄᒃ", "D’Souza", "N!xau", "👩‍🦰",
    ],
)  # fmt: skip
def test_a_name_of_any_script_and_shape_is_a_name(app: Flask, name: str) -> None:
    assert value(app, "name_", name) == clean(name)


@pytest.mark.parametrize("name", ["", "   ", ".", "---", "?!", "\u200d", "n" * (NAME_LENGTH + 1)])
def test_what_nobody_is_called_is_asked_again(app: Flask, name: str) -> None:
    assert value(app, "name_", name) is None


# -- postcodes -------------------------------------------------------------------------------------------


@needs_postcodes
def test_thirteen_of_thirteen_postcodes_are_judged_right() -> None:
    tests = json.loads((POSTCODES / "ideal-postcodes" / "validation.json").read_text())["tests"]
    assert len(tests) == 13
    for each in tests:
        assert (as_postcode(each["base"]) is not None) is each["expected"], each


@needs_postcodes
def test_thirteen_of_thirteen_postcodes_are_written_right() -> None:
    tests = json.loads((POSTCODES / "ideal-postcodes" / "normalisation.json").read_text())["tests"]
    assert len(tests) == 13
    for each in tests:
        assert as_postcode(each["base"]) == each["expected"], each


@needs_postcodes
def test_all_but_two_obsolete_ones_of_a_thousand_real_postcodes_are_taken() -> None:
    with (POSTCODES / "sample_postcodes_small.csv").open(newline="") as file:
        codes = [row["postcode"] for row in csv.DictReader(file)]
    assert len(codes) == 1000
    assert {code for code in codes if as_postcode(code) is None} == {"NPT 5YH", "W1R 3LQ"}


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [
        ("ip11aa", "IP1 1AA"), ("IP1 1AA", "IP1 1AA"), (" i p 1 1 a a ", "IP1 1AA"), ("ip1-1aa", "IP1 1AA"),
        ("ip1.1aa", "IP1 1AA"), ("IP1\u00a01AA", "IP1 1AA"), ("ec1a1bb", "EC1A 1BB"), ("w1a0ax", "W1A 0AX"),
        ("m11ae", "M1 1AE"), ("b338th", "B33 8TH"), ("cr26xh", "CR2 6XH"), ("dn551pt", "DN55 1PT"),
        ("gir0aa", "GIR 0AA"), ("", None), ("ip1", None), ("12345", None), ("ip1 1a", None),
        ("qv1 1aa", None),
        ("ip1 1ci", None), ("sw1a 1aaa", None), ("ＩＰ１ １ＡＡ", "IP1 1AA"),
        ("ip١ ١aa", "IP1 1AA"), ("ip¹ 1aa", "IP1 1AA"),
        ("ip一 1aa", None),
    ],
)  # fmt: skip
def test_a_postcode_is_taken_as_typed(typed: str, postcode: str | None) -> None:
    assert as_postcode(typed) == postcode


@given(ANY_TEXT)
def test_what_is_taken_for_a_postcode_is_written_as_one(typed: str) -> None:
    postcode = as_postcode(typed)
    if postcode is not None:
        assert as_postcode(postcode) == postcode
        assert as_postcode(postcode.lower().replace(" ", "")) == postcode
        assert postcode.isascii()
        assert postcode[-4] == " "


# -- phones, e-mail, years -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        (
            "07700 900982",
            "+447700900982",
            "07700 900982",
        ),  # for stories only, and nobody can ring it: still taken
        ("07700-900-982", "+447700900982", "07700 900982"),
        ("(01632) 960001", "+441632960001", "01632 960001"),
        ("+44 7700 900982", "+447700900982", "07700 900982"),
        ("0044 7700 900982", "+447700900982", "07700 900982"),
        ("+48 512 345 678", "+48512345678", "+48 512 345 678"),
        ("+251 911 234567", "+251911234567", "+251 91 123 4567"),
        ("٠٧٧٠٠٩٠٠٩٨٢", "+447700900982", "07700 900982"),
    ],
)
def test_a_phone_number_is_taken_if_it_is_possible(app: Flask, typed: str, kept: str, shown: str) -> None:
    assert value(app, "phone", typed) == kept
    assert shown_phone(kept) == shown


@pytest.mark.parametrize(
    "typed", ["", "7", "07700", "no phone", "1" * 40, "+999 123 456 789", "07700 900982 and more"]
)
def test_what_cannot_be_rung_is_asked_again(app: Flask, typed: str) -> None:
    assert value(app, "phone", typed) is None


def test_a_number_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert shown_phone("not a number") == "not a number"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anna@gmail.com", "anna@gmail.com"), ("Anna@Gmail.COM", "Anna@gmail.com"), (" anna @ gmail.com ",
        "anna@gmail.com"), ("a+b@x.co.uk", "a+b@x.co.uk"), ("用户@例え.jp", "用户@例え.jp"),
        ("x@xn--r8jz45g.jp", "x@xn--r8jz45g.jp"), ("", None), ("anna", None), ("anna@", None),
        ("@gmail.com", None),
        ("anna@gmail", None), ("anna@@gmail.com", None), ("anna@gmail..com", None), ("anna@.com", None),
        ("a" * EMAIL_LENGTH + "@x.org", None),
    ],
)  # fmt: skip
def test_an_e_mail_address_is_judged_no_further_than_its_sign(
    app: Flask, typed: str, kept: str | None
) -> None:
    assert value(app, "email", typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1990", "1990"), (" 1990 ", "1990"), ("١٩٩٠", "1990"), ("१९९०", "1990"),
        ("2026", "2026"), ("1906", "1906"),
        ("1905", None), ("2027", None), ("90", None), ("19900", None), ("199o", None),
        ("-990", None), ("", None),
    ],
)  # fmt: skip
def test_a_year_of_birth_is_one_of_the_last_120(
    app: Flask, clock: time_machine.Traveller, typed: str, kept: str | None
) -> None:
    assert value(app, "year", typed) == kept


# -- whatever comes --------------------------------------------------------------------------------------


@given(typed=ANY_TEXT)
@quickly
def test_whatever_is_typed_has_a_clean_value_or_words_for_the_person(app: Flask, typed: str) -> None:
    names = ("text", "name_", "postcode", "phone", "email", "year")
    form = filled(
        app, **{name: typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name in names}
    )
    for name in names:
        field = form[name]
        assert isinstance(field.data, str)
        field.data.encode()
        assert len(field.data) <= 4 * field.longest
        if field.errors:
            words = in_english(field.errors[0])
            assert words.endswith(".")
            assert len(words.split()) <= 12
        else:
            assert 0 < len(field.data) <= field.longest
            assert clean(field.data) == field.data


@given(one=ANY_TEXT, many=st.lists(st.sampled_from("abcd") | ANY_TEXT, max_size=6))
@quickly
def test_only_answers_that_were_offered_are_taken(app: Flask, one: str, many: list[str]) -> None:
    sent = [each.encode("utf-8", "replace").decode() for each in (one, *many)]
    form = filled(app, one=sent[0], many=sent[1:])
    assert bool(form.one.errors) is (sent[0] not in {"a", "b"})
    wanted = [code for code in dict.fromkeys(sent[1:]) if code in {"a", "b", "c"}]
    assert form.many.data == wanted
    assert bool(form.many.errors) is not bool(wanted)


def test_an_equal_button_answers_without_the_boxes(app: Flask) -> None:
    form = filled(app, instead="skip", phone="nonsense")
    assert form.answers() == {"instead": "skip"}
    assert form.first_error is None


def test_a_button_that_is_not_there_answers_nothing(app: Flask) -> None:
    form = filled(app, instead="please")
    assert form.instead.data is None
    assert form.first_error is not None


def test_what_was_touched_the_last_time_does_not_answer_for_what_is_written_now(
    request_context: RequestContext, app: Flask
) -> None:
    with app.test_request_context(method="POST", data={"year": "1990"}):
        form = Everything(data={"instead": "skip"})
        form.validate()
        assert form.instead.data is None
        assert form.answers()["year"] == "1990"
