"""What a resident sees of joining: one question a page, nothing that cannot be skipped, her answers hers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from bs4 import Tag
from flask import Flask

from kiosk import languages, references, settings
from kiosk.join.answers import Answers
from kiosk.join.paths import PATHS, STEPS
from kiosk.store import Store
from tests.visitor import Answer, Instead, Visitor, opened

pytestmark = pytest.mark.patient

TAGS = [language.tag for language in languages.complete()]


@pytest.mark.parametrize("tag", TAGS)
def test_a_person_joins_in_her_language_page_by_page(app: Flask, visitor: Visitor, tag: str) -> None:
    code = visitor.join(tag, look=True)
    assert visitor.lang == tag
    assert opened(app)[code] == Answers(
        first_name="Amina",
        family_name="Bekele",
        born="1990-03-27",
        contact="call",
        phone="+447700900982",
        postcode="IP1 1AA",
        needs=("large-print", "step-free"),
    )


@pytest.mark.parametrize("tag", TAGS)
def test_the_other_pages_are_in_her_language_too(visitor: Visitor, tag: str) -> None:
    """Those that a person sees who does not walk straight on."""
    for path in ("join/privacy", "language", "nothing"):
        visitor.get(f"/{tag}/{path}")
        assert visitor.lang == tag
    visitor.start_joining(tag)
    for step, wrong in (("year", "99"), ("month", "13"), ("needs", "")):
        visitor.answer(step, wrong)
        assert visitor.problem
        visitor.walk(to="month" if step == "year" else "needs")
    visitor.walk(to="phone")
    for step, wrong in (("phone", "7"), ("postcode", "X"), ("first-name", "."), ("family-name", "")):
        visitor.answer(step, wrong)
        assert visitor.status == 422
        assert visitor.problem
        visitor.walk(to={"phone": "postcode", "postcode": "first-name"}.get(step, "family-name"))
    visitor.get(f"/{tag}/join/contact")
    visitor.answer("contact", "email")
    visitor.answer("email", "anna")
    assert visitor.problem
    visitor.get(f"/{tag}/join/year")
    visitor.answer("year", Instead("unsure"))
    visitor.answer("age", "")
    assert visitor.problem
    visitor.answer("age", "under-16")
    assert visitor.path == f"/{tag}/join/together"


EQUAL_BUTTONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"year": Instead("unsure"), "age": "60-up"}, {"born": "", "age_band": "60-up"}),
    ({"year": Instead("unsure"), "age": "unsaid"}, {"born": "", "age_band": "unsaid"}),
    ({"month": Instead("unsure")}, {"born": "1990"}),
    ({"day": Instead("unsure")}, {"born": "1990-03"}),
    ({"needs": Instead("none")}, {"needs": ()}),
    ({"contact": "none"}, {"contact": "none", "phone": ""}),
    ({"phone": Instead("none")}, {"contact": "none", "phone": ""}),
    ({"contact": "text"}, {"contact": "text", "phone": "+447700900982"}),
    ({"contact": "email"}, {"contact": "email", "phone": "", "email": "amina@example.org"}),
    ({"contact": "email", "email": Instead("none")}, {"contact": "none", "email": ""}),
    ({"postcode": Instead("no-fixed")}, {"postcode": "", "home": "no-fixed"}),
    ({"postcode": Instead("unknown")}, {"postcode": "", "home": "unknown"}),
    ({"family_name": Instead("one-name")}, {"family_name": ""}),
]


@pytest.mark.parametrize(("said", "kept"), EQUAL_BUTTONS)
def test_what_a_person_does_not_have_is_no_dead_end(
    app: Flask, visitor: Visitor, said: dict[str, Any], kept: dict[str, Any]
) -> None:
    code = visitor.join("ti", **said)
    answers = opened(app)[code].remembered()
    assert {name: answers[name] for name in kept} == kept
    assert answers["first_name"] == "Amina"


def test_a_person_with_nothing_but_a_name_joins(app: Flask, visitor: Visitor) -> None:
    code = visitor.join(
        "ar",
        year=Instead("unsure"),
        age="unsaid",
        needs=Instead("none"),
        contact="none",
        postcode=Instead("no-fixed"),
        first_name="أمينة",
        family_name=Instead("one-name"),
    )
    assert opened(app)[code] == Answers(first_name="أمينة", age_band="unsaid", home="no-fixed")


def test_there_are_at_most_seven_questions() -> None:
    """Beside the first, who it is for."""
    for name, questions in PATHS.items():
        assert len(questions) <= 6, name
        pages = [page for question in questions for page in question]
        assert len(pages) == len(set(pages)), name
        assert set(pages) <= set(STEPS), name


def test_only_a_first_name_is_needed(visitor: Visitor) -> None:
    for step in STEPS.values():
        if step.name == "first-name":
            assert not step.form.others
        elif step.name in {page for question in PATHS["me"] for page in question} and not step.form.others:
            assert step.name in {"age", "contact"}, "and these have an answer that says nothing"


def test_a_postcode_that_looks_like_none_can_be_kept_as_she_wrote_it(app: Flask, visitor: Visitor) -> None:
    visitor.start_joining("pl")
    visitor.walk(to="postcode")
    assert not visitor.page.select('button[value="as-written"]'), "not offered before there is a doubt"
    visitor.answer("postcode", "NPT 5YH")
    assert visitor.status == 422
    assert visitor.box == "NPT 5YH"
    assert visitor.page.select('button[value="as-written"]')
    visitor.post("/pl/join/postcode", {"postcode": "NPT 5YH", "instead": "as-written"})
    visitor.walk()
    assert "NPT 5YH" in visitor.words
    visitor.send()
    answers = opened(app)[visitor.code]
    assert (answers.postcode, answers.postcode_checked) == ("NPT 5YH", False)


# -- age -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "born",
    [
        {"year": "2015", "month": "1", "day": "1"},
        {"year": "2010", "month": "3", "day": "10"},
        {"year": "2010", "month": Instead("unsure")},
        {"year": "2010", "month": "3", "day": Instead("unsure")},
        {"year": Instead("unsure"), "age": "under-16"},
    ],
)
def test_a_child_is_asked_to_come_with_a_parent_and_nothing_is_sent(
    app: Flask, visitor: Visitor, born: dict[str, Any]
) -> None:
    visitor.start_joining("uk")
    visitor.walk(to="together", **born)
    assert visitor.lang == "uk"
    for path in ("join/check", "join/needs", "join/first-name"):
        visitor.get(f"/uk/{path}")
        if path == "join/check":
            assert visitor.path == "/uk/join/together"
    visitor.post("/uk/join/send", {"key": "0" * 32})
    assert visitor.path in ("/uk/join/together", "/uk/join/check")
    assert opened(app) == {}


def test_on_her_sixteenth_birthday_a_person_joins_by_herself(visitor: Visitor) -> None:
    assert visitor.join("en", year="2010", month="3", day="9")


def test_a_child_who_touched_the_wrong_year_can_change_it(visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.walk(to="together", year="2016")
    visitor.get("/en/join/year")
    visitor.walk(year="1990")
    visitor.send()
    assert visitor.code


def test_the_library_chooses_from_which_age_a_person_joins_alone(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "own_age", 18)
    visitor.start_joining("en")
    visitor.walk(to="together", year="2009", month="1", day="1")
    assert "18" in visitor.words


# -- going back and changing -----------------------------------------------------------------------------


def test_every_answer_can_be_looked_at_and_changed_before_it_is_sent(app: Flask, visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.walk()
    links = [str(tag["href"]) for tag in visitor.page.select(".rows a")]
    assert len(links) <= 7
    for shown in ("Amina", "Bekele", "27 March 1990", "07700 900982", "IP1 1AA", "Large print", "No stairs"):
        assert shown in visitor.words
    changes: dict[str, Answer] = {
        "first-name": "Sara", "family-name": Instead("one-name"), "postcode": "ip2 8sd", "needs": ["audio"],
    }  # fmt: skip
    for step, answer in changes.items():
        assert f"/en/join/{step}" in links
        visitor.get(f"/en/join/{step}")
        visitor.answer(step, answer)
        assert visitor.path == "/en/join/check", "back to the answers at once"
    visitor.send()
    answers = opened(app)[visitor.code]
    assert (answers.name, answers.postcode, answers.needs) == ("Sara", "IP2 8SD", ("audio",))


def test_changing_the_way_to_reach_her_asks_for_what_it_needs(app: Flask, visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.walk()
    visitor.get("/en/join/contact")
    visitor.answer("contact", "email")
    assert visitor.path == "/en/join/email"
    visitor.answer("email", "amina@example.org")
    assert visitor.path == "/en/join/check"
    assert "07700" not in visitor.words
    visitor.send()
    answers = opened(app)[visitor.code]
    assert (answers.contact, answers.phone, answers.email) == ("email", "", "amina@example.org")


def test_changing_the_month_asks_for_the_day_again(app: Flask, visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.walk(month="1", day="31")
    visitor.get("/en/join/month")
    visitor.answer("month", "2")
    assert visitor.path == "/en/join/day"
    visitor.answer("day", "28")
    assert visitor.path == "/en/join/check"
    visitor.send()
    assert opened(app)[visitor.code].born == "1990-02-28"


@pytest.mark.parametrize("before", ["unsure first", "a year first"])
def test_the_last_answer_to_a_question_is_the_one_that_counts(
    app: Flask, visitor: Visitor, before: str
) -> None:
    visitor.start_joining("en")
    if before == "unsure first":
        visitor.walk(year=Instead("unsure"), age="60-up", postcode=Instead("unknown"))
        visitor.get("/en/join/postcode")
        visitor.answer("postcode", "IP1 1AA")
        visitor.get("/en/join/year")
        visitor.answer("year", "1990")
        visitor.walk()
        visitor.send()
        answers = opened(app)[visitor.code]
        assert (answers.born, answers.age_band, answers.postcode, answers.home) == (
            "1990-03-27",
            "",
            "IP1 1AA",
            "",
        )
    else:
        visitor.walk()
        visitor.get("/en/join/postcode")
        visitor.answer("postcode", Instead("unknown"))
        visitor.get("/en/join/year")
        visitor.answer("year", Instead("unsure"))
        visitor.answer("age", "25-59")
        visitor.send()
        answers = opened(app)[visitor.code]
        assert (answers.born, answers.age_band, answers.postcode, answers.home) == (
            "",
            "25-59",
            "",
            "unknown",
        )


def test_a_need_that_is_switched_off_again_is_off(app: Flask, visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.walk()
    visitor.get("/en/join/needs")
    assert len(visitor.page.select("input[type=checkbox][checked]")) == 2
    visitor.post("/en/join/needs", {})
    assert visitor.status == 422, "nothing touched is no answer"
    visitor.answer("needs", Instead("none"))
    visitor.send()
    assert opened(app)[visitor.code].needs == ()


def test_back_keeps_what_is_written_so_far_right_or_wrong(visitor: Visitor) -> None:
    visitor.start_joining("ar")
    visitor.walk(to="phone")
    visitor.post("/ar/join/phone", {"phone": "077", "aside": "back"})
    assert visitor.path == "/ar/join/contact"
    visitor.answer("contact", "call")
    assert visitor.path == "/ar/join/phone"
    assert visitor.box == "077"


def test_text_size_and_colours_change_where_they_are_touched(visitor: Visitor) -> None:
    visitor.start_joining("ti")
    visitor.walk(to="postcode")
    for change, shown in (("text", 'data-text="140"'), ("theme", 'data-theme="strong"')):
        visitor.post("/ti/display", {"change": change, "from": "/ti/join/postcode"})
        assert visitor.path == "/ti/join/postcode"
        assert shown in visitor.text


# -- before and after ------------------------------------------------------------------------------------


def test_the_truth_is_told_before_the_first_question(visitor: Visitor) -> None:
    visitor.get("/en/join/")
    for words in ("It is free.", "You do not need ID or an address.", "Only library staff see your answers."):
        assert words in visitor.words
    [link] = visitor.page.select('a[href="/en/join/privacy"]')
    visitor.get(str(link["href"]))
    assert "We delete them 14 days after your card is ready." in visitor.words


def test_the_notice_says_how_long_this_library_keeps_answers(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "join_kept_days", 7)
        settings.change(db, "library", "", "join_kept_after_days", 3)
    visitor.get("/en/join/privacy")
    assert "We delete them 3 days after your card is ready." in visitor.words
    assert "after 7 days" in visitor.words


def test_the_receipt_has_a_code_to_read_and_one_to_scan(visitor: Visitor) -> None:
    code = visitor.join("ar")
    shown = visitor.page.select_one(".receipt strong")
    assert isinstance(shown, Tag)
    assert shown.get_text() == references.shown(code)
    assert (shown["dir"], shown["lang"]) == ("ltr", "en"), "its letters stand as staff will read them"
    picture = visitor.page.select_one(".qr[role=img] svg")
    assert picture is not None
    assert 'data-idle="60"' in visitor.text
    assert 'data-countdown="20"' in visitor.text


def test_the_receipt_is_there_again_after_a_reload_and_for_nobody_else(
    visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    code = visitor.join("en")
    visitor.get("/en/join/receipt")
    assert visitor.code == code
    stranger = another()
    stranger.get("/en/join/receipt")
    assert stranger.path == "/"


def test_what_was_answered_is_forgotten_the_moment_it_is_sent(app: Flask, visitor: Visitor) -> None:
    visitor.join("en", first_name="Zzcanaryna")
    for step in STEPS:
        visitor.get(f"/en/join/{step}")
        assert "Zzcanaryna" not in visitor.text
        assert visitor.path == "/en/join/receipt"


def test_a_join_says_where_and_in_which_language_it_was_sent(
    store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.join("zh-Hant-HK")
    with store.read() as db:
        row = db.one("SELECT j.*, k.name AS screen FROM joins j JOIN kiosks k ON k.id = j.kiosk_id")
    assert (row["language"], row["screen"], row["state"]) == ("zh-Hant-HK", "By the door", "new")
    assert row["notice_version"]
    assert row["created_at"] == "2026-03-09T09:00:00+00:00"


def test_english_only_on_the_screen_still_tells_staff_her_language(store: Store, visitor: Visitor) -> None:
    visitor.get("/ti/")
    visitor.post("/ti/display", {"change": "english", "value": "only", "from": "/ti/"})
    visitor.start_joining("ti")
    assert visitor.lang == "en"
    visitor.walk()
    visitor.send()
    with store.read() as db:
        assert db.value("SELECT language FROM joins") == "ti"


def test_she_sees_whether_she_asked_for_a_call_or_a_text(visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.walk(contact="text", phone="07700 900982")
    row = visitor.page.select_one('a[href$="/join/contact"]')
    assert row is not None
    assert "Send me a text" in row.get_text()
    assert "07700 900982" in row.get_text()


def test_how_long_answers_are_kept_is_said_before_the_first_question(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "join_kept_after_days", 21)
    visitor.get("/pl/join/")
    assert "Usuniemy je 21 dni po tym" in visitor.page.get_text()
