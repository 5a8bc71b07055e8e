"""What other programs get of the programme: all that is public, nothing else, and in good order."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from kiosk import branches
from kiosk.events import feeds, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booking import Terms
from kiosk.events.calendars import occurrences, read
from kiosk.events.incoming import importing, places
from kiosk.events.incoming.importing import Window
from kiosk.events.records import Date, Facts, Text
from kiosk.store import Reading, Row, Store
from tests.events.conftest import LONDON, at
from tests.events.conftest import date as on
from tests.events.test_importing import everything


@pytest.fixture
def central(store: Store) -> str:
    with store.read() as db:
        return branches.every(db)[0].id


@pytest.fixture
def add(store: Store, central: str) -> Callable[..., str]:
    def add_event(title: str, *dates: Date, texts: tuple[Text, ...] = (), **facts: Any) -> str:
        facts.setdefault("branch_id", central)
        facts = {name: each for name, each in facts.items() if each is not None}
        with store.write() as db:
            return saving.save(
                db, Facts(**facts), [Text("en", title, "Songs, rhymes; and <tea>"), *texts],
                dates or (on(11),), by="anna",
            ).id  # fmt: skip

    return add_event


def fetch(app: Flask, address: str = "/feeds/events.ics", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get(address, headers=named)


def titles(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200
    feed = icalendar.Calendar.from_ical(answer.data)
    assert isinstance(feed, icalendar.Calendar)
    assert feed.errors == []
    return [str(each["SUMMARY"]) for each in feed.walk("VEVENT")]


def test_other_programs_read_the_programme_without_complaint(app: Flask, add: Callable[..., str]) -> None:
    add("Rhyme time", on(11, lasts=0.5), on(11, 7), room="Garden Room", stated=frozenset({"children"}))
    add(
        "Fair",
        Date("2026-03-14", at(0, 5), at(24, 5), "Europe/London", all_day=True),
        link="https://fair.example/",
    )
    add("Chess", on(15), status="cancelled")
    add(
        "Film",
        on(19),
        on(19, 1, status="cancelled"),
        place_kind="elsewhere",
        place="Town Hall",
        branch_id=None,
    )
    answer = fetch(app)
    assert answer.mimetype == "text/calendar"
    assert titles(answer) == ["Rhyme time", "Chess", "Film", "Film", "Fair", "Rhyme time"]
    feed = icalendar.Calendar.from_ical(answer.data)
    entries = {(str(each["SUMMARY"]), each.decoded("DTSTART")): each for each in feed.walk("VEVENT")}
    rhyme = entries["Rhyme time", at(11)]
    assert str(rhyme["LOCATION"]) == "Central Library, Garden Room"
    assert str(rhyme["DESCRIPTION"]) == "Songs, rhymes; and <tea>"
    assert rhyme.decoded("DTEND") - rhyme.decoded("DTSTART") == at(11.5) - at(11)
    fair = entries["Fair", date(2026, 3, 14)]
    assert (fair.decoded("DTEND"), str(fair["URL"])) == (date(2026, 3, 15), "https://fair.example/")
    states = {(title, f"{starts:%d}"): str(each["STATUS"]) for (title, starts), each in entries.items()}
    assert states["Chess", "09"] == states["Film", "10"] == "CANCELLED"
    assert states["Film", "09"] == "CONFIRMED"
    assert len({str(each["UID"]) for each in feed.walk("VEVENT")}) == 6


def test_our_own_import_reads_our_own_feed(app: Flask, store: Store, add: Callable[..., str]) -> None:
    add("Rhyme time", on(11), on(11, 7), on(11, 21))
    found = read(fetch(app).data, LONDON)
    assert (found.found, found.distinct, found.refused, found.warnings) == (3, 3, (), ())
    window = Window(date(2026, 3, 9), date(2026, 4, 9))
    assert len(occurrences(found, window.from_, window.until).occurrences) == 3
    with store.read() as db:
        planned = importing.plan(db, found, "mirror", window, places=places.places(db))
    assert [line.kind for line in planned.lines] == ["new"] * 3
    assert {line.spot.kind for line in planned.lines} == {"branch"}


def test_a_feed_is_of_a_branch_and_a_topic(
    app: Flask, store: Store, central: str, add: Callable[..., str]
) -> None:
    with store.write() as db:
        north = branches.add_branch(db, "North Library")
    add("Rhyme time", stated=frozenset({"children"}))
    add("Chess", on(12), stated=frozenset({"meeting"}))
    add("Lego", on(13), stated=frozenset({"children"}), branch_id=north)
    assert titles(fetch(app, f"/feeds/events.ics?branch={central}")) == ["Rhyme time", "Chess"]
    assert titles(fetch(app, "/feeds/events.ics?topic=children")) == ["Rhyme time", "Lego"]
    assert titles(fetch(app, f"/feeds/events.ics?branch={north}&topic=meeting")) == []
    for wrong in ("branch=nowhere", "topic=free", "topic=%25", "branch=" + "x" * 500):
        answer = fetch(app, f"/feeds/events.ics?{wrong}")
        assert (answer.status_code, answer.data) == (404, b"")


def test_only_what_is_public_is_in_it(
    app: Flask, store: Store, central: str, add: Callable[..., str]
) -> None:
    add("Not published yet", status="draft")
    gone = add("No longer there", on(12))
    event_id = add("Rhyme time", on(14), booking="book", capacity=10)
    add("Long over", Date("x", at(10, -40), at(11, -40), "Europe/London"))
    with store.write() as db:
        db.run("UPDATE events SET gone_at = '2026-03-01T00:00:00+00:00' WHERE id = :id", id=gone)
        date_id = db.value("SELECT id FROM occurrences WHERE event_id = :id", id=event_id)
        kiosk_id = branches.screens(db)[0].id
        asked = booked.ask(
            booked.Person("Zenobia", email="zen@example.org"), date_id, 2, one_time_key=secrets.token_hex(8),
            branch_id=central, kiosk_id=kiosk_id, language="pl", service_key=app.config["SERVICE_KEY"],
        )  # fmt: skip
        booking.book(db, asked, Terms(), datetime.now(UTC))
    answer = fetch(app)
    assert titles(answer) == ["Rhyme time"]
    for secret in (b"Zenobia", b"zen@", b"anna", b"ORGANIZER", b"ATTENDEE", asked.reference.encode()):
        assert secret not in answer.data


def test_it_is_sent_again_only_when_it_has_changed(
    app: Flask, store: Store, add: Callable[..., str], clock: time_machine.Traveller
) -> None:
    event_id = add("Rhyme time", on(11), on(11, 7))
    first = fetch(app)
    assert first.headers["Cache-Control"] == "public, max-age=900"
    again = fetch(app, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=900"
    with store.write() as db:  # something that has nothing to do with it
        branches.add_branch(db, "Elsewhere")
    clock.shift(3600)
    assert fetch(app).headers["ETag"] == first.headers["ETag"]
    with store.write() as db:
        saving.cancel(db, event_id, "anna")
    changed = fetch(app, If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert b"STATUS:CANCELLED" in changed.data


def test_whoever_asks_leaves_no_visit_and_needs_no_screen(app: Flask, add: Callable[..., str]) -> None:
    app.config["OPEN_USE"] = False
    add("Rhyme time")
    answer = fetch(app, Cookie="visit=nonsense")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_way_into_an_online_event_is_public_only_if_anybody_may_come(
    app: Flask, add: Callable[..., str]
) -> None:
    for booking_kind in ("drop-in", "book", "ask"):
        add(
            "Talk",
            booking=booking_kind,
            place_kind="online",
            branch_id=None,
            link=f"https://{booking_kind}.example/",
        )
    add("Walk", booking="book", link="https://walk.example/")
    feed = icalendar.Calendar.from_ical(fetch(app).data)
    links = {str(each["URL"]) for each in feed.walk("VEVENT") if "URL" in each}
    assert links == {"https://drop-in.example/", "https://walk.example/"}


def test_while_nothing_changes_a_feed_is_given_out_without_reading_the_programme(
    app: Flask, store: Store, add: Callable[..., str]
) -> None:
    add("Rhyme time")
    first = fetch(app)
    asked: list[str] = []
    store._reader().set_trace_callback(asked.append)
    again = fetch(app)
    assert (again.status_code, again.data) == (200, first.data)
    assert not [each for each in asked if "occurrences" in each]
    add("Chess", on(12))
    assert titles(fetch(app)) == ["Rhyme time", "Chess"]


def test_a_booking_makes_no_feed_anew(app: Flask, store: Store, add: Callable[..., str]) -> None:
    event_id = add("Rhyme time", booking="book", capacity=10)
    fetch(app)
    before = app.extensions["feeds"]["", ""]
    with store.write() as db:
        db.run("UPDATE occurrences SET taken = 2 WHERE event_id = :id", id=event_id)
    fetch(app)
    assert app.extensions["feeds"]["", ""] is before


def test_however_many_ask_at_once_two_wait_and_the_others_are_sent_away(
    app: Flask, add: Callable[..., str]
) -> None:
    add("Rhyme time")
    answers: queue.Queue[int] = queue.Queue()
    threads = [threading.Thread(target=lambda: answers.put(fetch(app).status_code)) for _ in range(6)]
    with feeds._one_at_a_time:
        for thread in threads:
            thread.start()
        assert [answers.get(timeout=feeds.PATIENCE / 2) for _ in range(4)] == [503] * 4
    for thread in threads:
        thread.join()
    assert [answers.get_nowait() for _ in range(2)] == [200] * 2


def test_one_feed_is_made_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = threading.Lock()
    busy.acquire()
    monkeypatch.setattr(feeds, "_one_at_a_time", busy)
    monkeypatch.setattr(feeds, "PATIENCE", 0.01)
    answer = fetch(app)
    assert (answer.status_code, answer.headers["Retry-After"], answer.data) == (503, "60", b"")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_staff_typed_cannot_break_the_lines_of_a_feed(
    app: Flask, store: Store, add: Callable[..., str]
) -> None:
    add("Tea\r\nEND:VEVENT\r\nBEGIN:VEVENT, 茶; \\n 🫖" + "x" * 200, room="A\nB")
    assert len(titles(fetch(app))) == 1
    assert all(len(line) <= 75 for line in fetch(app).data.split(b"\r\n"))
    assert len(everything(store)) == 1


class Explaining(Reading):
    """Says of each question how the database would answer it, instead of the answer."""

    def __init__(self, db: Reading) -> None:
        self.db = db
        self.said: list[str] = []

    def all(self, sql: str, **values: Any) -> list[Row]:
        self.said += [row["detail"] for row in self.db.all(f"EXPLAIN QUERY PLAN {sql}", **values)]
        return []


@pytest.mark.parametrize("at_a_branch", [False, True])
def test_a_feed_walks_along_an_index(store: Store, central: str, at_a_branch: bool) -> None:
    with store.read() as db:
        explaining = Explaining(db)
        feeds._dates(explaining, central if at_a_branch else "", "", datetime.now(UTC))
    assert explaining.said
    assert not [each for each in explaining.said if each.startswith("SCAN") or "TEMP B-TREE" in each]


@pytest.mark.parametrize("at_a_branch", [False, True])
def test_the_feed_of_a_topic_begins_with_the_events_that_have_it(
    store: Store, central: str, at_a_branch: bool
) -> None:
    with store.read() as db:
        explaining = Explaining(db)
        feeds._dates(explaining, central if at_a_branch else "", "health", datetime.now(UTC))
    assert any(each.startswith("SEARCH u USING PRIMARY KEY (list=?)") for each in explaining.said)
    scanned = [each for each in explaining.said if each.startswith("SCAN") and each != "SCAN u"]
    assert not scanned, "the few that were found are all that is looked through"


def test_a_topic_that_few_events_have_is_found_among_many(app: Flask, add: Callable[..., str]) -> None:
    for number in range(3):
        add(f"Chess {number}", on(10 + number), on(10 + number, 7))
    add("Walk", on(12), on(12, 7), stated=frozenset({"health", "environment"}))
    add("Run", on(11, 3), on(11, 10), stated=frozenset({"health"}))
    assert titles(fetch(app, "/feeds/events.ics?topic=health")) == ["Walk", "Run", "Walk", "Run"]
