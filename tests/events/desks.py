"""A library whose staff have a programme, with people who book; and what a form on a page holds."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from kiosk import branches, settings
from kiosk.events import saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.records import Date, Facts, Text, dates
from kiosk.store import Store
from tests.conftest import with_staff
from tests.staff.conftest import Browser, Library

ZONE = "Europe/London"
MONDAY = datetime(2026, 3, 9, tzinfo=ZoneInfo(ZONE))


class Desk:
    """Adds events and bookings as they come about elsewhere."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.store: Store = library.store

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def at(self, days: int, hours: float) -> Date:
        starts = MONDAY + timedelta(days=days, hours=hours)
        return Date(starts.isoformat(), starts, starts + timedelta(hours=1), ZONE)

    def add(
        self, title: str, *, days: int = 1, hours: float = 11, text: str = "", texts: Iterable[Text] = (),
        when: Iterable[Date] = (), branch: str | None = None, source: str = "", identity: str = "",
        **facts: Any,
    ) -> str:  # fmt: skip
        """An event at the Central Library, unless `branch` says otherwise; its id."""
        branch_id = self.library.central if branch is None else branch
        with self.store.write() as db:
            return saving.save(
                db, Facts(branch_id=branch_id, **facts), [Text("en", title, text), *texts],
                list(when) or [self.at(days, hours)], by="feed" if source else "anna", source=source,
                identity=identity,
            ).id  # fmt: skip

    def lost_by_its_calendar(self) -> tuple[str, list[str]]:
        """An event with three dates that has left its calendar, two of them booked; its id and theirs."""
        event = self.series("Rhymes", 3, source="feed", identity="1", booking="book")
        with self.store.write() as db:
            ids = [each.id for each in dates(db, event, self.now)]
        for each in ids[:2]:
            self.book(event, date=each)
        with self.store.write() as db:
            saving.mark_gone(db, "feed", [], "feed")
        return event, ids

    def series(self, title: str, number: int, **facts: Any) -> str:
        """A weekly event, from the next Monday on."""
        return self.add(title, when=[self.at(7 * week, 11) for week in range(1, number + 1)], **facts)

    def date_of(self, event_id: str) -> str:
        """The id of the first date of an event."""
        with self.store.read() as db:
            return str(
                db.value("SELECT id FROM occurrences WHERE event_id = :id ORDER BY starts", id=event_id)
            )

    def book(
        self,
        event_id: str,
        places: int = 1,
        *,
        person: Person | None = None,
        date: str = "",
        language: str = "pl",
    ) -> Booking:
        asked = booked.ask(
            person or Person("Amina"), date or self.date_of(event_id), places,
            one_time_key=secrets.token_hex(16), branch_id=self.library.central,
            kiosk_id=self.library.screen, language=language,
            service_key=self.library.service_key,
        )  # fmt: skip
        with self.store.write() as db:
            return booking.book(db, asked, Terms(), self.now)

    def now_is(self, one: Booking) -> Booking:
        with self.store.read() as db:
            return booked.get(db, one.id)

    def close(self, day: date, reason: str) -> None:
        with self.store.write() as db:
            branches.close(db, self.library.central, day, day, reason)

    def choose_mail(self) -> None:
        with self.store.write() as db:
            settings.change(db, "library", "", "smtp_host", "127.0.0.1")
            settings.change(db, "library", "", "smtp_from", "library@example.org")

    def messages(self) -> list[str]:
        """The kinds of the messages that are stored, in their order."""
        with self.store.read() as db:
            return [row["kind"] for row in db.all("SELECT kind FROM outbox ORDER BY created_at, id")]

    def acts(self) -> list[str]:
        return [action for _who, action, _subject in self.library.log()]


def edit_fields(browser: Browser, **changed: Any) -> dict[str, Any]:
    """What the form in the middle of the page holds, as a browser would send it, with some of it changed."""
    fields: dict[str, Any] = {}
    form = max(browser.page.select("main form[method=post]"), key=lambda form: len(form.select("[name]")))
    for tag in form.select("input[name], select[name], textarea[name]"):
        name, kind = str(tag["name"]), tag.get("type")
        if name == "csrf_token":
            continue
        if tag.name == "select":
            chosen = tag.find("option", selected=True) or tag.find("option")
            fields[name] = chosen["value"] if chosen else ""
        elif tag.name == "textarea":
            fields[name] = tag.get_text()
        elif kind == "checkbox":
            if tag.has_attr("checked"):
                fields.setdefault(name, []).append(tag["value"])
        else:
            fields[name] = tag.get("value", "")
    return {**fields, **changed}


@pytest.fixture
def library(
    tmp_path: Path, clock: time_machine.Traveller, staffed: tuple[Path, Library]
) -> Iterator[Library]:
    """A library with staff; that of the other tests here has a programme alone."""
    yield from with_staff(tmp_path, staffed)


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library)
