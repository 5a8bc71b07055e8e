"""An event with places, and what is done with its bookings, without any screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kiosk.events import records
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.records import Date
from kiosk.store import Store
from tests.events.conftest import Programme, at, date

KEY = bytes(range(32))
AMINA = Person("Amina", email="amina@example.org", ages=(3, 5))
TERMS = Terms(offer=timedelta(hours=24), pay=timedelta(days=2), an_hour=1000)
NOW = at(9)


class Craft:
    """One event with so many places, a week ahead."""

    def __init__(self, programme: Programme, *dates: Date, capacity: int | None = 10, **facts: Any) -> None:
        self.store: Store = programme.store
        self.event = programme.add(
            "Holiday craft", *(dates or (date(10, 7),)), booking="book", capacity=capacity, **facts
        )
        self.date = programme.date_of(self.event)
        self.sent = 0

    def ask(self, places: int = 1, key: str = "", person: Person = AMINA, kiosk: str = "") -> booked.Asked:
        self.sent += 1
        return booked.ask(
            person, self.date, places, one_time_key=key or f"key {self.sent}", branch_id="", kiosk_id=kiosk,
            language="pl", service_key=KEY,
        )  # fmt: skip

    def book(self, places: int = 1, now: datetime = NOW, **more: Any) -> Booking:
        with self.store.write() as db:
            return booking.book(db, self.ask(places), TERMS, now, **more)

    def cancel(self, which: Booking, now: datetime = NOW) -> list[Booking]:
        with self.store.write() as db:
            return booking.cancel(db, which.id, TERMS, now)

    def change(self, which: Booking, places: int, now: datetime = NOW) -> list[Booking]:
        with self.store.write() as db:
            return booking.change_places(db, which.id, places, TERMS, now)

    def accept(self, which: Booking, now: datetime = NOW) -> Booking:
        with self.store.write() as db:
            return booking.accept(db, which.id, TERMS, now)

    def expire(self, now: datetime) -> tuple[list[Booking], list[Booking]]:
        with self.store.write() as db:
            return booking.expire(db, now, TERMS)

    def now(self, which: Booking) -> Booking:
        with self.store.read() as db:
            return booked.get(db, which.id)

    @property
    def taken(self) -> int:
        with self.store.read() as db:
            kept: int = records.occurrence(db, self.date).taken
            held = db.value(
                "SELECT COALESCE(sum(places), 0) FROM bookings WHERE occurrence_id = :id"
                " AND state IN ('booked', 'to-pay', 'offered')",
                id=self.date,
            )
        assert kept == held, "the count and the bookings agree"
        return kept
