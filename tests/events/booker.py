"""Somebody who books at a screen, and finds her booking again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from kiosk.events.bookings import booked
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.bookings.booking import Terms
from tests.events.conftest import Programme, date
from tests.visitor import Visitor

PIN = re.compile(r'PIN.*?<b dir="ltr" lang="en">(\d{4})</b>', re.DOTALL)
TERMS = Terms()


@pytest.fixture
def rhymes(library: Programme) -> str:
    """A rhyme time tonight, with two places."""
    return library.add("Rhyme time", date(18), booking="book", capacity=2, pence=0)


def begin(visitor: Visitor, library: Programme, event: str, language: str = "en") -> None:
    visitor.get(f"/{language}/events/event/{event}")
    visitor.post(f"/{language}/events/book/", {"date": library.date_of(event)})


def answer(visitor: Visitor, step: str, **fields: Any) -> None:
    """Answer the question that is open."""
    language = visitor.path.split("/")[1]
    assert visitor.path == f"/{language}/events/book/{step}", visitor.path
    visitor.post(visitor.path, fields)


def book(
    visitor: Visitor,
    library: Programme,
    event: str,
    places: int = 1,
    name: str = "Anna",
    language: str = "en",
) -> tuple[str, str]:
    """The whole way; the code of the receipt and the PIN."""
    begin(visitor, library, event, language)
    answer(visitor, "places", places=str(places))
    answer(visitor, "first-name", first_name=name)
    send(visitor)
    return receipt(visitor)


def send(visitor: Visitor, **fields: str) -> None:
    """Send what stands on the page to check, as its button does."""
    language = visitor.path.split("/")[1]
    waits = {"wait": "yes"} if visitor.page.select("input[name=wait]") else {}
    visitor.post(f"/{language}/events/book/send", {"key": visitor.key, **waits, **fields})


def receipt(visitor: Visitor) -> tuple[str, str]:
    assert visitor.path.endswith("/events/book/receipt"), visitor.path
    pin = PIN.search(visitor.text)
    assert pin
    return visitor.code, pin[1]


def look_up(visitor: Visitor, code: str, pin: str, language: str = "en") -> None:
    """Open a booking at a screen."""
    visitor.get(f"/{language}/events/mine/")
    visitor.post(f"/{language}/events/mine/")
    visitor.post(f"/{language}/events/mine/code", {"code": code})
    visitor.post(f"/{language}/events/mine/pin", {"pin": pin})


def kept(library: Programme) -> list[Booking]:
    with library.store.read() as db:
        ids = [row["id"] for row in db.all("SELECT id FROM bookings ORDER BY arrived")]
        return [booked.get(db, each) for each in ids]


def person(app: Flask, made: Booking) -> Person | None:
    return booked.opened(made, app.config["SERVICE_KEY"])
