"""Fifty people at fifty screens want one of the last ten places, before a real waitress."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from kiosk import branches, settings
from kiosk.events import saving
from kiosk.events.records import Date, Facts, Text
from kiosk.store import Store
from tests.server.test_load import line, served
from tests.visitor import Line, Visitor

__all__ = ["line", "served"]

PEOPLE, PLACES = 50, 10


def test_fifty_race_for_ten_places_and_forty_wait_in_the_order_in_which_they_came(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    app, _port = served
    store: Store = app.extensions["store"]
    starts = datetime.now(ZoneInfo("Europe/London")) + timedelta(days=1)
    with store.write() as db:
        settings.change(db, "library", "", "bookings_an_hour", 100)  # as if each had a screen of her own
        here = branches.every(db)[0].id
        facts = Facts(branch_id=here, booking="book", capacity=PLACES)
        date = Date(key="1", starts=starts, ends=starts + timedelta(hours=1), zone="Europe/London")
        event = saving.save(db, facts, (Text("en", "Holiday crafts", ""),), (date,), by="amina")
        date_id = db.value("SELECT id FROM occurrences WHERE event_id = :id", id=event.id)
    people = [Visitor(line()) for _ in range(PEOPLE)]
    together = threading.Barrier(PEOPLE)

    def book(number: int) -> str:
        visitor = people[number]
        visitor.get(f"/en/events/event/{event.id}/{date_id}")
        visitor.post("/en/events/book/", {"date": date_id})
        visitor.post("/en/events/book/places", {"places": "1"})
        visitor.post("/en/events/book/first-name", {"first_name": f"Person {number:02}"})
        while not visitor.path.endswith("/check"):
            visitor.post(visitor.path, {"contact": "none"})
        key = visitor.key
        together.wait(120)  # everybody has answered: now all of them send
        visitor.post("/en/events/book/send", {"key": key, "wait": "yes"})
        assert visitor.path == "/en/events/book/receipt", f"{visitor.status} {visitor.words}"
        return visitor.code

    with ThreadPoolExecutor(PEOPLE) as pool:
        codes = list(pool.map(book, range(PEOPLE)))
    assert len(set(codes)) == PEOPLE, "everybody has a code of her own"
    with store.read() as kept:
        rows = kept.all("SELECT reference, state, arrived FROM bookings ORDER BY arrived")
        taken = kept.value("SELECT taken FROM occurrences WHERE id = :id", id=date_id)
    assert {row["reference"] for row in rows} == set(codes)
    assert [row["arrived"] for row in rows] == list(range(1, PEOPLE + 1)), "one after the other"
    assert [row["state"] for row in rows] == ["booked"] * PLACES + ["waiting"] * (PEOPLE - PLACES)
    assert taken == PLACES
