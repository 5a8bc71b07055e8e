"""How staff hand joins over: who is listed, what is shown first, what the log says, what nobody sees."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from werkzeug.test import TestResponse

from kiosk import audit, languages, references, rounds, settings
from kiosk.join import desk_records
from kiosk.join.answers import Answers
from kiosk.join.desk_records import Join
from kiosk.join.handover.desk import ANSWERS, MISSING, MOST_SENT, REASONS, TARGETS
from kiosk.join.handover.koha_server import Answer, Missing
from kiosk.settings import NotAllowed
from tests.join.handover.koha_server import PASSWORD, USER, Koha, running
from tests.join.test_desk import AMINA, join
from tests.staff.conftest import Browser, Library
from tests.staff.test_pages import RUBBISH

pytestmark = pytest.mark.patient


PAGE = "/staff/joins/hand-over"
SUKARNO = Answers("Sukarno", age_band="60-up", home="no-fixed", email="s@example.org", contact="email")


@pytest.fixture
def library(library: Library) -> Library:
    library.app.config["KOHA_PASSWORD"] = PASSWORD
    chosen: dict[str, Any] = {"koha_category": "ADULT", "koha_user": USER}
    with library.store.write() as db:
        for name, value in chosen.items():
            settings.change(db, "library", "", name, value)
        for branch, code, number in ((library.central, "CPL", 104), (library.north, "NOR", 105)):
            settings.change(db, "branch", branch, "koha_library", code)
            settings.change(db, "branch", branch, "evergreen_library", number)
    return library


@pytest.fixture
def koha(library: Library) -> Iterator[Koha]:
    with running() as there:
        with library.store.write() as db:
            settings.change(db, "library", "", "koha_address", there.address)
        yield there


def finished(library: Library, answers: Answers = AMINA, card: str = "D0012345", branch: str = "") -> Join:
    """Somebody joined, and staff of the branch gave her a card."""
    one = join(library, answers, branch)
    browser = library.browser("ned" if branch == library.north else "anna")
    browser.get(f"/staff/joins/{one.id}")
    assert browser.post(f"/staff/joins/{one.id}/finish", card=card).status_code == 303
    return one


def look(browser: Browser, target: str, *joins: Join) -> TestResponse:
    """Choose joins and press the button; the page that says what would happen is then open."""
    browser.get(PAGE)
    return browser.post(PAGE, target=target, join=[each.id for each in joins])


def go(browser: Browser) -> TestResponse:
    """Press the one button of the page that says what would happen."""
    form = next(each for each in browser.page.select("main form"))
    fields: dict[str, str | list[str]] = {
        "target": str(form.select("input[name=target]")[0]["value"]),
        "join": [str(each["value"]) for each in form.select("input[name=join]")],
    }
    return browser.post(str(form["action"]), **fields)


def acts(library: Library, one: Join) -> list[tuple[str, str, str]]:
    with library.store.read() as db:
        entries = audit.entries(db, most=1000)
    return [(each.who, each.action, each.reason) for each in reversed(entries) if each.subject_id == one.id]


def code(one: Join) -> str:
    return references.shown(one.reference)


def said(words: Any) -> str:
    return languages.in_english(words)


# -- choosing -----------------------------------------------------------------------------------------------


def test_who_has_a_card_can_be_handed_over_and_the_list_names_nobody(library: Library) -> None:
    one, still_new = finished(library), join(library, SUKARNO)
    browser = library.browser("anna")
    browser.get("/staff/joins/?tab=done")
    link = browser.page.find(id="hand-over")
    assert link is not None
    answer = browser.get(str(link["href"]))
    assert code(one) in browser.words
    assert code(still_new) not in browser.words
    for secret in ("Amina", "ZZCANARY", "D0012345"):
        assert secret not in answer.text
    assert ("anna", "join opened", "to hand over: table") not in acts(library, one)


def test_joins_of_another_branch_neither_stand_in_the_list_nor_go_along(library: Library) -> None:
    here, there = finished(library), finished(library, SUKARNO, "N0001", branch=library.north)
    anna = library.browser("anna")
    anna.get(f"{PAGE}?branch={library.north}")
    assert code(here) in anna.words
    assert code(there) not in anna.words
    assert look(anna, "table", there).status_code == 422
    look(anna, "table", here, there)
    assert code(there) not in anna.words
    anna.get(PAGE)
    file = anna.post(f"{PAGE}/file", target="table", join=[here.id, there.id])
    assert "Sukarno" not in file.text
    assert not [each for each in acts(library, there) if each[0] == "anna"]
    manager = library.browser("manager")
    manager.get(PAGE)
    assert code(here) in manager.words
    assert code(there) in manager.words
    manager.get(f"{PAGE}?branch={library.north}")
    assert code(here) not in manager.words


def test_an_administrator_hands_nobody_over(library: Library) -> None:
    one = finished(library)
    browser = library.browser("it")
    assert browser.get(PAGE).status_code == 403
    for path in (PAGE, f"{PAGE}/file", f"{PAGE}/koha"):
        browser.get("/staff/password")
        assert browser.post(path, target="table", join=one.id).status_code == 403


def test_dates_are_days_on_the_clock_of_the_library(library: Library, clock: time_machine.Traveller) -> None:
    one = finished(library)  # at nine in the morning of 9 March
    clock.shift(timedelta(days=2))
    two = finished(library, SUKARNO, "D0002")
    browser = library.browser("anna")
    for query, expected in [
        ("", {one, two}),
        ("since=2026-03-09&until=2026-03-09", {one}),
        ("since=2026-03-10", {two}),
        ("until=2026-03-10", {one}),
        ("since=2026-03-12", set()),
        ("since=rubbish&until=0001-01-01", set()),
        ("until=9999-12-31", {one, two}),
        ("since=0001-01-01", {one, two}),
    ]:
        browser.get(f"{PAGE}?{query}")
        assert {each for each in (one, two) if code(each) in browser.words} == expected, query


@pytest.mark.parametrize("fields", [{}, {"target": "table"}, {"target": "gold", "join": "x"}, {"join": "x"}])
def test_without_people_or_a_place_to_go_nothing_happens(library: Library, fields: dict[str, str]) -> None:
    finished(library)
    browser = library.browser("anna")
    for path in (PAGE, f"{PAGE}/file", f"{PAGE}/koha"):
        browser.get(PAGE)
        assert browser.post(path, **fields).status_code == 422
        assert browser.page.title is not None
        assert browser.page.title.get_text().startswith("Error: ")


def test_a_join_that_is_not_finished_or_was_wiped_stays_here(
    library: Library, clock: time_machine.Traveller
) -> None:
    new, old = join(library), finished(library, SUKARNO)
    clock.shift(timedelta(days=15))
    rounds.go(library.app)
    browser = library.browser("anna")
    assert look(browser, "table", new, old).status_code == 422


@pytest.mark.parametrize("typed", RUBBISH)
def test_whatever_is_asked_for_the_page_holds(library: Library, koha: Koha, typed: str) -> None:
    one = finished(library)
    browser = library.browser("manager")
    asked = urlencode(dict.fromkeys(("since", "until", "branch"), typed[:2000]), errors="surrogatepass")
    assert browser.get(f"{PAGE}?{asked}").status_code == 200
    token = browser.page.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    for target in (typed, "table", "koha"):
        for path in (PAGE, f"{PAGE}/file", f"{PAGE}/koha"):
            sent = {"csrf_token": str(token["value"]), "target": target, "join": [typed, one.id]}
            answer = browser.client.post(
                f"{path}?{asked}",
                data=urlencode(sent, doseq=True, errors="surrogatepass"),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code in (200, 422)
    assert len(koha.patrons) == 1


# -- files --------------------------------------------------------------------------------------------------


def test_staff_see_who_goes_before_they_download_and_both_are_in_the_log(library: Library) -> None:
    one, two = finished(library), finished(library, SUKARNO, "D0002")
    browser = library.browser("anna")
    look(browser, "table", one, two)
    assert "These can go: 2" in browser.words
    file = go(browser)
    assert file.status_code == 200
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert file.headers["Content-Disposition"] == 'attachment; filename="joins-table-2026-03-09.csv"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cache-Control"] == "no-store"
    lines = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert {(each["first_name"], each["card"]) for each in lines} == {
        ("Amina", "D0012345"),
        ("Sukarno", "D0002"),
    }
    for each in (one, two):
        assert acts(library, each)[-2:] == [
            ("anna", "join opened", "to hand over: table"),
            ("anna", "join handed over", "table, together: 2"),
        ]
    with library.store.read() as db:
        audit.verify(db, library.service_key)


def test_what_cannot_be_logged_is_not_handed_over(library: Library) -> None:
    one = finished(library)
    browser = library.browser("anna")
    look(browser, "table", one)
    with library.store.write() as db:
        db.run("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk'); END")
    answer = go(browser)
    assert answer.status_code == 500
    assert "ZZCANARY" not in answer.text


def test_who_went_before_is_said_and_is_not_chosen_again_by_itself(library: Library) -> None:
    one, two = finished(library), finished(library, SUKARNO, "D0002")
    browser = library.browser("anna")
    look(browser, "koha-file", one)
    go(browser)
    browser.get(PAGE)
    assert said(TARGETS["koha-file"].label) in browser.words
    ticked = [each["value"] for each in browser.page.select("input[name=join][checked]")]
    assert ticked == [two.id]


def test_folio_is_given_those_with_an_e_mail_and_the_others_are_listed(library: Library) -> None:
    without, with_one = finished(library), finished(library, SUKARNO, "D0002")
    browser = library.browser("anna")
    look(browser, "folio", without, with_one)
    assert "These cannot go: 1" in browser.words
    assert f"{code(without)} Central Library. {said(REASONS['no-email'])}" in browser.words  # type: ignore[index]
    file = go(browser)
    assert file.headers["Content-Type"] == "application/json"
    assert [each["contactInfo"]["email"] for each in json.loads(file.data)] == ["s@example.org"]
    assert "join handed over" not in {action for _who, action, _reason in acts(library, without)}
    browser.get(PAGE)
    asked_anyway = browser.post(f"{PAGE}/file", target="folio", join=without.id)
    assert asked_anyway.status_code == 422
    assert "None of them can go this way." in browser.words


def test_each_branch_has_its_own_code_in_koha_and_evergreen(library: Library) -> None:
    here, there = finished(library), finished(library, SUKARNO, "N0001", branch=library.north)
    manager = library.browser("manager")
    look(manager, "koha-file", here, there)
    file = go(manager)
    lines = list(csv.DictReader(io.StringIO(file.text)))
    assert {each["cardnumber"]: each["branchcode"] for each in lines} == {"D0012345": "CPL", "N0001": "NOR"}
    remarks = {each["cardnumber"]: each["borrowernotes"] for each in lines}
    assert remarks["D0012345"] == "Contact: Ring me. Language: Tigrinya."
    assert remarks["N0001"] == "Contact: Send me an e-mail. Language: Tigrinya. Age: 60 or over."
    look(manager, "evergreen", here, there)
    homes = {each["stgu"]["usrname"]: each["stgu"]["home_ou"] for each in json.loads(go(manager).data)}
    assert homes == {"D0012345": 104, "N0001": 105}


def test_a_branch_without_a_code_is_told_so(library: Library) -> None:
    one = finished(library)
    with library.store.write() as db:
        settings.change(db, "branch", library.central, "koha_library", None)
    browser = library.browser("anna")
    look(browser, "koha-file", one)
    assert said(REASONS["no-branch-code"]) in browser.words  # type: ignore[index]
    assert not browser.page.select("main form")


# -- Koha over the network ----------------------------------------------------------------------------------


def test_the_dry_run_shows_every_word_and_sends_none(library: Library, koha: Koha) -> None:
    one = finished(library)
    browser = library.browser("anna")
    look(browser, "koha", one)
    assert koha.headers == []
    shown = {
        row.dt.get_text(strip=True): row.dd.get_text(strip=True)
        for row in browser.page.select(".facts > div")
        if row.dt and row.dd
    }
    answer = go(browser)
    assert answer.status_code == 200
    assert koha.patrons == [shown], "what was shown is what was sent"
    assert shown["surname"] == "ZZCANARY"
    assert "Koha has added 1 of 1." in browser.words
    assert acts(library, one)[-2:] == [
        ("anna", "join opened", "to hand over: koha"),
        ("anna", "join handed over", "koha, together: 1"),
    ]
    browser.get(PAGE)
    assert not browser.page.select("input[name=join][checked]")


def test_whom_koha_refuses_is_said_in_plain_words_and_the_others_go_on(library: Library, koha: Koha) -> None:
    one, twin = finished(library), finished(library, Answers("Else"), "D0012345")
    third = finished(library, SUKARNO, "D0003")
    browser = library.browser("anna")
    look(browser, "koha", one, twin, third)
    go(browser)
    assert "Koha has added 2 of 3." in browser.words
    assert browser.words.count(said(ANSWERS[Answer.ALREADY_THERE])) == 1
    assert len(koha.patrons) == 2
    actions = [
        reason for each in (one, twin) for _who, action, reason in acts(library, each) if "taken" in action
    ]
    assert actions == ["koha: already-there"]
    browser.get(PAGE)
    assert len(browser.page.select("input[name=join][checked]")) == 1


def test_when_koha_lets_nobody_in_nobody_else_is_sent(library: Library, koha: Koha) -> None:
    people = [finished(library, Answers(f"Person {number}"), f"CARD{number}") for number in range(3)]
    koha.says = (403, {"error": "Authorization failure."})
    browser = library.browser("anna")
    look(browser, "koha", *people)
    go(browser)
    assert len(koha.headers) == 1
    assert said(ANSWERS[Answer.NOT_ALLOWED]) in browser.words
    assert browser.words.count("This person was not sent any more.") == 2
    handed = [action for each in people for _who, action, _reason in acts(library, each)].count(
        "join handed over"
    )
    assert handed == 1, "the log says who left, and no more"


def test_until_koha_is_set_up_the_page_says_what_is_missing(library: Library) -> None:
    one = finished(library)
    browser = library.browser("anna")
    look(browser, "koha", one)
    assert said(MISSING[Missing.ADDRESS]) in browser.words
    assert not browser.page.select("main form")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/koha", target="koha", join=one.id).status_code == 422
    assert "join handed over" not in {action for _who, action, _reason in acts(library, one)}


def test_no_more_people_are_sent_at_once_than_a_desk_waits_for(library: Library, koha: Koha) -> None:
    browser = library.browser("anna")
    browser.get(PAGE)
    many = [f"id{number}" for number in range(MOST_SENT + 1)]
    assert browser.post(PAGE, target="koha", join=many).status_code == 422
    assert f"Choose at most {MOST_SENT} people at a time." in browser.words


def test_the_password_of_koha_stands_on_no_page_and_in_no_log(
    library: Library, koha: Koha, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    one = finished(library)
    browser = library.browser("anna")
    pages = [look(browser, "koha", one).text, go(browser).text, browser.get("/staff/joins/").text]
    assert not [page for page in pages if PASSWORD in page]
    assert PASSWORD not in caplog.text
    for path in (tmp_path / "data").iterdir():
        assert PASSWORD.encode() not in path.read_bytes()


# -- afterwards ---------------------------------------------------------------------------------------------


def test_when_a_join_is_wiped_nothing_says_where_it_went(
    library: Library, clock: time_machine.Traveller
) -> None:
    one = finished(library)
    browser = library.browser("anna")
    look(browser, "table", one)
    go(browser)
    with library.store.read() as db:
        (kept,) = desk_records.finished_among(db, [one.id])
        assert kept.targets == ("table",)
    clock.shift(timedelta(days=15))
    rounds.go(library.app)
    with library.store.read() as db:
        assert db.value("SELECT count(*) FROM handovers") == 0


def test_the_data_folder_names_nobody_who_was_handed_over(
    library: Library, koha: Koha, tmp_path: Path
) -> None:
    one = finished(library)
    browser = library.browser("anna")
    for target in TARGETS:
        look(browser, target, one)
        if browser.page.select("main form"):
            go(browser)
    assert koha.patrons
    assert not [path for path in (tmp_path / "data").iterdir() if b"ZZCANARY" in path.read_bytes()]


@pytest.mark.parametrize(
    ("level", "name", "value"),
    [
        ("branch", "koha_address", "https://koha.example.org"),
        ("kiosk", "koha_user", "x"),
        ("kiosk", "koha_library", "CPL"),
        ("library", "evergreen_library", -1),
        ("library", "koha_library", 7),
    ],
)
def test_only_the_library_says_where_its_members_go(
    library: Library, level: Any, name: str, value: Any
) -> None:
    with library.store.write() as db, pytest.raises(NotAllowed):
        settings.change(db, level, library.central, name, value)
