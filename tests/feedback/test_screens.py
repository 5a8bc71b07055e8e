"""How it was: asked once at the end, answered or not, counted without anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kiosk import languages, settings
from kiosk.store import Store
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

TAGS = [language.tag for language in languages.complete()]
FINISH = {"how": "ask"}
"""What the button at the top sends, and the clock does not."""


def counted(store: Store) -> dict[tuple[int, str], int]:
    """Every count that is kept, by face and reason."""
    with store.read() as db:
        rows = db.all("SELECT face, why, sum(number) AS number FROM how_it_was GROUP BY face, why")
    return {(row["face"], row["why"]): row["number"] for row in rows}


def visits_kept(store: Store) -> int:
    with store.read() as db:
        return int(db.value("SELECT COUNT(*) FROM visits"))


@pytest.fixture
def asked(visitor: Visitor) -> Visitor:
    """A person who has joined and touched Finish."""
    visitor.join()
    visitor.post("/en/finish", FINISH)
    assert visitor.path == "/en/how/"
    return visitor


# -- being asked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_who_has_finished_says_how_it_was_and_why(store: Store, visitor: Visitor, tag: str) -> None:
    visitor.join(tag)
    visitor.post(f"/{tag}/finish", FINISH)
    assert visitor.path == f"/{tag}/how/"
    assert visitor.lang == tag
    assert len(visitor.page.select("[name=face]")) == 5
    visitor.post(f"/{tag}/how/", {"face": "4"})
    assert visitor.path == f"/{tag}/how/why"
    assert len(visitor.page.select("[name=why]")) == 6
    visitor.post(f"/{tag}/how/why", {"why": "staff"})
    assert visitor.path == "/"
    assert counted(store) == {(4, ""): 1, (4, "staff"): 1}
    assert visits_kept(store) == 0


@pytest.mark.parametrize("face", "12345")
def test_every_face_is_counted_and_leads_on(store: Store, asked: Visitor, face: str) -> None:
    asked.post("/en/how/", {"face": face})
    assert asked.path == "/en/how/why"
    asked.get("/en/how/")
    assert asked.path == "/en/how/why"
    assert counted(store) == {(int(face), ""): 1}


@pytest.mark.parametrize("step", ["", "why"])
def test_nobody_has_to_say_anything(store: Store, asked: Visitor, step: str) -> None:
    if step:
        asked.post("/en/how/", {"face": "1"})
    way_out = asked.page.select_one(".idea > a.button")
    assert way_out is not None
    assert way_out["href"] == "/"
    asked.get("/")
    assert visits_kept(store) == 0
    assert counted(store) == ({(1, ""): 1} if step else {})


def test_the_button_that_a_person_touches_asks_and_the_clock_does_not(store: Store, visitor: Visitor) -> None:
    visitor.join()
    assert visitor.page.select_one(".top form[action='/en/finish'] input[name=how][value=ask]")
    assert not visitor.page.select("#still-here [name=how]")
    visitor.post("/en/finish")
    assert visitor.path == "/"
    assert visits_kept(store) == 0


def test_who_has_sent_nothing_is_not_asked(store: Store, visitor: Visitor) -> None:
    visitor.start_joining()
    visitor.walk()
    visitor.post("/en/finish", FINISH)
    assert visitor.path == "/"
    assert visits_kept(store) == 0


@pytest.mark.parametrize("level", ["library", "branch", "kiosk"])
def test_a_library_may_not_want_to_know(store: Store, visitor: Visitor, level: settings.Level) -> None:
    with store.write() as db:
        place = {"library": "", "branch": db.value("SELECT id FROM branches"),
                 "kiosk": db.value("SELECT id FROM kiosks")}[level]  # fmt: skip
        settings.change(db, level, place, "ask_how_it_was", False)
    visitor.join()
    visitor.post("/en/finish", FINISH)
    assert visitor.path == "/"
    assert visits_kept(store) == 0


# -- what is left of her -----------------------------------------------------------------------------------


def test_her_answers_and_her_code_are_gone_when_she_is_asked(store: Store, visitor: Visitor) -> None:
    code = visitor.join()
    before = visitor.cookie
    visitor.post("/en/display", {"change": "text", "from": "/en/join/receipt"})
    visitor.post("/en/finish", FINISH)
    assert 'data-text="140"' in visitor.text, "she still reads large letters"
    assert visitor.cookie != before
    assert visits_kept(store) == 1
    for path in ("receipt", "card", "allows", "check"):
        visitor.get(f"/en/join/{path}")
        assert visitor.path == "/"
        assert code not in visitor.text.replace(" ", "")
    visitor.client.set_cookie("visit", before)
    visitor.get("/en/join/receipt")
    assert visitor.path == "/", "not even with the old cookie"


def test_the_next_person_is_not_asked_for_her(store: Store, asked: Visitor) -> None:
    asked.get("/")
    for path in ("/en/how/", "/en/how/why"):
        asked.get(path)
        assert asked.path == "/"
    assert counted(store) == {}


@pytest.mark.parametrize("step", ["", "why"])
def test_the_screen_goes_back_by_itself_and_asks_nothing_over_it(asked: Visitor, step: str) -> None:
    if step:
        asked.post("/en/how/", {"face": "3"})
    assert 'data-idle="20"' in asked.text
    assert 'content="20;url=/"' in asked.text
    assert not asked.page.select("#still-here")
    assert asked.page.select_one("form#finish:not(:has([name=how]))")


def test_what_is_counted_names_no_person_no_language_and_no_moment(
    store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=15, minutes=1))  # a minute past midnight
    visitor.join("ar")
    visitor.post("/ar/finish", FINISH)
    visitor.post("/ar/how/", {"face": "5"})
    with store.read() as db:
        place = db.one("SELECT id, branch_id FROM kiosks")
        assert db.all("SELECT * FROM how_it_was") == [
            {"day": "2026-03-10", "branch_id": place["branch_id"], "kiosk_id": place["id"], "face": 5,
             "why": "", "number": 1}
        ]  # fmt: skip


def test_people_of_one_day_are_added_up(store: Store, another: Callable[[], Visitor]) -> None:
    for face in ("2", "2", "5"):
        person = another()
        person.join()
        person.post("/en/finish", FINISH)
        person.post("/en/how/", {"face": face})
        person.post("/en/how/why", {"why": "wait"})
    assert counted(store) == {(2, ""): 2, (2, "wait"): 2, (5, ""): 1, (5, "wait"): 1}


# -- twice, and wrong --------------------------------------------------------------------------------------


def test_who_touches_twice_is_counted_once_and_led_on(store: Store, asked: Visitor) -> None:
    asked.post("/en/how/", {"face": "5"})
    asked.post("/en/how/", {"face": "1"})
    assert asked.path == "/en/how/why"
    asked.get("/en/how/")
    assert asked.path == "/en/how/why"
    asked.post("/en/how/why", {"why": "books"})
    asked.post("/en/how/why", {"why": "wait"})
    assert counted(store) == {(5, ""): 1, (5, "books"): 1}


@pytest.mark.parametrize(("path", "fields"), [("/en/how/", {"face": "2"}), ("/en/how/why", {"why": "wait"})])
def test_two_touches_at_the_same_moment_count_once(
    app: Flask, store: Store, asked: Visitor, path: str, fields: dict[str, str]
) -> None:
    if "why" in fields:
        asked.post("/en/how/", {"face": "2"})
    token, cookie = asked.token, asked.cookie
    together = threading.Barrier(4)

    def touch() -> None:
        client = app.test_client()
        client.set_cookie("visit", cookie)
        together.wait()
        client.post(path, data={"csrf_token": token, **fields})

    touches = [threading.Thread(target=touch) for _touch in range(4)]
    for each in touches:
        each.start()
    for each in touches:
        each.join()
    assert counted(store) == {(2, ""): 1, **({(2, "wait"): 1} if "why" in fields else {})}


@pytest.mark.parametrize("face", ["", "0", "6", "-1", "4.0", "٤", "true", "x" * 10_000, "\x00", "'"])
def test_a_face_that_is_none_is_asked_for_again(store: Store, asked: Visitor, face: str) -> None:
    asked.post("/en/how/", {"face": face})
    assert asked.path == "/en/how/"
    assert counted(store) == {}


@pytest.mark.parametrize("why", ["", "nothing", "Staff", "x" * 10_000, "\x00", "'"])
def test_a_reason_that_is_none_is_asked_for_again(store: Store, asked: Visitor, why: str) -> None:
    asked.post("/en/how/", {"face": "3"})
    asked.post("/en/how/why", {"why": why})
    assert asked.path == "/en/how/why"
    assert counted(store) == {(3, ""): 1}


def test_a_reason_needs_a_face_and_a_face_needs_a_visit(
    store: Store, asked: Visitor, another: Callable[[], Visitor]
) -> None:
    asked.get("/en/how/why")
    assert asked.path == "/en/how/"
    asked.post("/en/how/why", {"why": "staff"})
    assert asked.path == "/en/how/"
    somebody = another()
    for path, fields in (("/en/how/", {"face": "5"}), ("/en/how/why", {"why": "staff"})):
        somebody.get(path)
        assert somebody.path == "/"
        somebody.get("/en/")
        somebody.start_joining()
        somebody.post(path, fields)
        assert somebody.path == "/"
    assert counted(store) == {}


def test_a_face_without_the_token_of_the_page_counts_nothing(store: Store, asked: Visitor) -> None:
    asked.post("/en/how/", {"face": "5", "csrf_token": "0" * 64})
    assert asked.status == 409
    assert counted(store) == {}
