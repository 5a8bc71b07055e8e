"""What each system is given of a person, and that it is what the system says it takes."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from dataclasses import fields, replace
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import spreadsheets
from kiosk.join.answers import Answers
from kiosk.join.handover import Reason, dialled, evergreen, folio, koha, table
from tests.join.handover import definitions
from tests.join.handover.definitions import AMINA, PEOPLE, member

every_person = pytest.mark.parametrize("answers", PEOPLE.values(), ids=PEOPLE.keys())


def lines(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def plain(cell: str) -> str:
    """What was said, from a cell of a table: one apostrophe is taken away where one was put."""
    return cell[1:] if cell.startswith("'") and spreadsheets.guarded(cell[1:]) == cell else cell


def begins_a_formula(cell: str) -> bool:
    """Written apart from the code: a space is nothing to a spreadsheet, nor is the width of a sign."""
    seen = [each for each in cell if unicodedata.category(each)[0] not in "ZC"]
    return cell[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", "".join(seen))[:1] in (*"=+-@−",)


# -- the table ----------------------------------------------------------------------------------------------


def test_the_table_says_all_that_the_person_said() -> None:
    (line,) = lines(table.written([member()]), "utf-8-sig")
    assert line == {
        "code": "K7M2QX9PDA", "card": "D0012345", "temporary_card": "",
        "membership": "introductory", "holds_until": "2029-03-08",
        "first_name": "Amina", "family_name": "O'Brien",
        "born": "1990-03-27", "age": "", "years": "", "guardian": "", "neighbour": "", "until": "",
        "agreed": "", "filled_by": "", "times": "", "door": "", "likes": "", "contact": "text",
        "phone": "07700 900982",
        "email": "amina@example.org", "address": "12 Quay Road", "postcode": "IP1 1AA",
        "postcode_checked": "yes", "home": "", "needs": "large-print; step-free", "language": "pl",
        "branch": "Central Library", "finished": "2026-03-09",
    }  # fmt: skip


def test_no_answer_is_forgotten_when_a_question_is_added() -> None:
    renamed = {"age_band": "age"}
    left_out = {"note"}  # staff write it only when they refuse, and then nothing is handed over
    said = {renamed.get(each.name, each.name) for each in fields(Answers)} - left_out
    assert said <= set(table.COLUMNS)


def test_excel_finds_the_letters_of_every_language_and_koha_finds_its_first_column() -> None:
    people = [member(answers) for answers in PEOPLE.values()]
    assert table.written(people).startswith(b"\xef\xbb\xbf")
    assert "أمينة" in table.written(people).decode()
    assert koha.written(people).startswith(b'"cardnumber"')


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_whatever_somebody_types_no_spreadsheet_calculates_it_and_nothing_is_lost(texts: list[str]) -> None:
    columns = [str(number) for number in range(len(texts))]
    typed = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    written = spreadsheets.as_csv(columns, [dict(zip(columns, typed, strict=True))])
    _header, row = list(csv.reader(io.StringIO(written, newline="")))
    assert not [cell for cell in row if begins_a_formula(cell)]
    assert [plain(cell) for cell in row] == typed


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1", "+44 7700", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n1", "  =1", "\u00a0=1", "\u200d=1",
        "＝1", "＋1", "－1", "＠x", "﹢1", "−1", "'=1", "''=1", "' =1", "＝cmd|' /C calc'!A0",
        '=HYPERLINK("x")',
    ],
)  # fmt: skip
def test_a_formula_stands_behind_an_apostrophe(typed: str) -> None:
    assert spreadsheets.guarded(typed) == f"'{typed}"
    assert plain(spreadsheets.guarded(typed)) == typed


@pytest.mark.parametrize("typed", ["", "O'Brien", "'t Hooft", "Amina", "12 Quay Road", "a=b", "x@y.org", "'"])
def test_a_usual_name_or_address_stays_as_it_is(typed: str) -> None:
    assert spreadsheets.guarded(typed) == typed


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+447700900982", "07700 900982"),
        ("+48601234567", "0048 601 234 567"),
        ("+441473000000", "01473 000000"),
    ],
)
def test_a_phone_number_stays_the_same_number_and_is_no_formula(phone: str, shown: str) -> None:
    assert dialled(phone) == shown
    assert spreadsheets.guarded(shown) == shown
    read = phonenumbers.parse(shown.replace("00", "+", 1) if shown.startswith("00") else shown, "GB")
    assert phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164) == phone


# -- Koha ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("joins_as", "category"), [("helper", "GN"), ("ebooks", "ADULT"), ("me", "ADULT")])
def test_koha_gets_the_category_of_a_membership_where_the_library_has_named_one(
    joins_as: str, category: str
) -> None:
    base = member()
    chosen = replace(base.settings, koha_categories=("good-neighbour=GN",))
    assert koha.body(replace(base, joins_as=joins_as, settings=chosen))["category_id"] == category


def test_the_import_file_of_koha_has_the_columns_of_koha() -> None:
    (line,) = lines(koha.written([member()]))
    assert line == {
        "cardnumber": "D0012345", "surname": "O'Brien", "firstname": "Amina", "address": "12 Quay Road",
        "zipcode": "IP1 1AA", "email": "amina@example.org", "phone": "07700 900982",
        "dateofbirth": "1990-03-27", "branchcode": "CPL", "categorycode": "ADULT",
        "dateenrolled": "2026-03-09", "dateexpiry": "2029-03-08",
        "borrowernotes": "Contact: Ring me.", "lang": "pl-PL",
    }  # fmt: skip


@every_person
def test_koha_takes_every_person_as_its_definition_says(answers: Answers) -> None:
    validator = definitions.koha_schema(definitions.koha(), "patron_yaml")
    body = koha.body(member(answers))
    assert [error.message for error in validator.iter_errors(body)] == []
    assert "" not in body.values()


def test_koha_is_told_nothing_that_only_some_versions_know() -> None:
    everybody = [koha.body(member(answers)) for answers in PEOPLE.values()]
    known = set(definitions.koha()["components"]["schemas"]["patron_yaml"]["properties"])
    assert {key for body in everybody for key in body} <= known
    assert not {key for body in everybody for key in body} & {"preferred_name", "password", "patron_id"}


def test_what_somebody_needs_is_told_to_no_catalogue() -> None:
    needy = member(replace(AMINA, needs=("hearing", "sign-language")))
    for given_away in (
        koha.body(needy),
        koha.row(needy),
        folio.staging_user(needy),
        evergreen.pending_patron(needy),
    ):
        assert "hearing" not in json.dumps(given_away)
        assert "sign" not in json.dumps(given_away)


def test_a_person_with_one_name_has_it_as_the_family_name() -> None:
    one = member(Answers("Sukarno", card="D2", email="s@example.org"))
    assert "firstname" not in koha.body(one)
    assert koha.body(one)["surname"] == "Sukarno"
    assert folio.staging_user(one)["generalInfo"] == {"firstName": "", "lastName": "Sukarno"}
    assert evergreen.pending_patron(one)["stgu"]["family_name"] == "Sukarno"


@pytest.mark.parametrize("born", ["", "1990", "1990-03"])
def test_no_day_of_birth_is_made_up(born: str) -> None:
    one = member(Answers("Amina", born=born, card="D1", email="a@example.org"))
    assert "date_of_birth" not in koha.body(one)
    assert koha.row(one)["dateofbirth"] == ""
    assert "dob" not in evergreen.pending_patron(one)["stgu"]


@pytest.mark.parametrize(
    ("said", "own_age", "child"),
    [
        ({"born": "2010-03-10"}, 16, True),  # sixteen tomorrow
        ({"born": "2010-03-09"}, 16, False),  # sixteen today
        ({"born": "2010"}, 16, True),  # perhaps still fifteen
        ({"age_band": "under-16"}, 16, True),
        ({"age_band": "under-16"}, 14, None),
        ({"age_band": "16-24"}, 16, False),
        ({"age_band": "16-24"}, 18, None),
        ({"age_band": "60-up"}, 18, False),
        ({"age_band": "unsaid"}, 16, None),
        ({}, 16, None),
    ],
)
def test_a_child_is_a_child_in_every_system(said: dict[str, Any], own_age: int, child: bool | None) -> None:
    one = member(Answers("Zoë", "Nowak", email="z@example.org", card="D1", **said), own_age=own_age)
    assert one.is_child is child
    assert koha.body(one)["category_id"] == ("CHILD" if child else "ADULT")
    assert folio.staging_user(one).get("minor") is child
    without = member(one.answers, own_age=own_age, koha_child_category="")
    assert koha.body(without)["category_id"] == "ADULT"


@pytest.mark.parametrize(
    ("language", "lang"), [("pl", "pl-PL"), ("ar", "ar-Arab"), ("ti", None), ("p", None)]
)
def test_koha_writes_in_her_language_where_it_can(language: str, lang: str | None) -> None:
    assert koha.body(member(language=language)).get("lang") == lang


def test_whom_koha_cannot_take_is_known_before() -> None:
    assert koha.cannot_go(member()) is None
    assert koha.cannot_go(member(koha_library="")) is Reason.NO_BRANCH_CODE
    assert koha.cannot_go(member(koha_category="")) is Reason.NO_CATEGORY
    assert koha.cannot_go(member(replace(AMINA, card=""))) is Reason.NO_CARD
    child = replace(AMINA, born="2020-01-01")
    assert koha.cannot_go(member(child, koha_category="")) is None


# -- FOLIO --------------------------------------------------------------------------------------------------


@every_person
@pytest.mark.parametrize("schema", ["staging_userdata.json", "edge-patron_staging_user.json"])
def test_folio_takes_every_person_with_an_e_mail(answers: Answers, schema: str) -> None:
    one = member(answers)
    if not answers.email:
        assert folio.cannot_go(one) is Reason.NO_EMAIL
        return
    assert folio.cannot_go(one) is None
    (user,) = json.loads(folio.written([one]))
    assert [error.message for error in definitions.folio(schema).iter_errors(user)] == []


def test_folio_is_told_what_she_said_and_no_more() -> None:
    assert folio.staging_user(member()) == {
        "isEmailVerified": False,
        "status": "TIER-1",
        "externalSystemId": "01234567-89ab-4def-8123-456789abcdef",
        "generalInfo": {"firstName": "Amina", "lastName": "O'Brien"},
        "contactInfo": {"email": "amina@example.org", "mobilePhone": "+447700900982"},
        "minor": False,
        "addressInfo": {"addressLine0": "12 Quay Road", "zip": "IP1 1AA", "country": "GB"},
    }
    landline = replace(AMINA, contact="call", phone="+441473000000", address="", postcode="")
    user = folio.staging_user(member(landline))
    assert user["contactInfo"]["phone"] == "+441473000000"
    assert "addressInfo" not in user


# -- Evergreen ----------------------------------------------------------------------------------------------


@every_person
def test_evergreen_takes_every_person_as_its_definition_says(answers: Answers) -> None:
    kinds: dict[str, type] = {"text": str, "int": int}
    classes = definitions.evergreen()
    (patron,) = json.loads(evergreen.written([member(answers)]))
    for name, row in patron.items():
        known = classes[name]
        assert set(row) <= set(known)
        assert {each for each, (_kind, needed) in known.items() if needed} <= set(row)
        assert all(isinstance(value, kinds[known[each][0]]) for each, value in row.items())
        assert row["usrname"] == answers.card


def test_an_address_for_evergreen_is_in_britain_or_not_there() -> None:
    assert evergreen.pending_patron(member())["stgma"]["country"] == "GB"
    without = member(replace(AMINA, postcode="", home="no-fixed"))
    assert set(evergreen.pending_patron(without)) == {"stgu", "stgc"}


def test_whom_evergreen_cannot_take_is_known_before() -> None:
    assert evergreen.cannot_go(member()) is None
    assert evergreen.cannot_go(member(evergreen_library=0)) is Reason.NO_BRANCH_CODE
    assert evergreen.cannot_go(member(replace(AMINA, card=""))) is Reason.NO_CARD
