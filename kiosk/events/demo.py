"""The programme of the demo library: what libraries really have, around the day on which it is loaded.

There is always something on now, a rhyme time tonight that can be booked, and one of each thing that can
happen: full, with a waiting list, cancelled, moved, to be paid, translated and not yet read.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.events import saving, wishes
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.demo_words import EVENTS, WORDS, Told
from kiosk.events.desk.series import Series, one_day
from kiosk.events.records import Date, Facts, Text, dates
from kiosk.store import Writing

ZONE = "Europe/London"
BY = "demo"
_QUARTER = timedelta(minutes=15)


def load(db: Writing, central: str, riverside: str, service_key: bytes, now: datetime) -> None:
    """Fill the programme of two branches; `now` is any moment that knows its zone."""
    programme = _Programme(db, central, riverside, now.astimezone(ZoneInfo(ZONE)))
    programme.tonight_and_now()
    programme.children()
    programme.grown_ups()
    programme.elsewhere()
    _book(db, programme.made, service_key, now)
    for topic, part, language in (
        *[("english", "evening", tag) for tag in ("ar", "ar", "ti", "uk", "uk", "pl")],
        *[("children", "weekend", tag) for tag in ("pl", "pl", "zh-Hant-HK")],
        *[("making", "evening", "en"), ("digital", "morning", "uk"), ("jobs", "afternoon", "ti")],
    ):
        wishes.wish(db, central, topic, part, language, programme.today)


class _Programme:
    """Adds events, and remembers the id of each by the name of its words."""

    def __init__(self, db: Writing, central: str, riverside: str, now: datetime) -> None:
        self.db, self.now, self.today = db, now, now.date()
        self.central, self.riverside = central, riverside
        self.made: dict[str, str] = {}

    def add(self, name: str, when: Iterable[Date], branch: str = "", **facts: object) -> None:
        told: Told = EVENTS[name]
        texts = [
            Text("en", told.title, told.text, told.bring),
            *(Text(tag, title, text, state="draft") for tag, (title, text) in WORDS.get(name, {}).items()),
        ]
        chosen = Facts(
            branch_id="" if facts.get("place_kind") in ("online", "mobile") else branch or self.central,
            stated=frozenset(told.codes.split()),
            spoken=frozenset(told.spoken.split()),
            **{"booking": "drop-in", "pence": 0, **facts},  # type: ignore[arg-type]
        )
        self.made[name] = saving.save(self.db, chosen, texts, when, by=BY).id

    def every(self, weekday: int, starts: str, ends: str, how: str = "week", count: int = 10) -> list[Date]:
        """The next dates on an ISO weekday; one of today that is over is not among them."""
        first = self.today + timedelta(days=(weekday - self.today.isoweekday()) % 7)
        begins, over = time.fromisoformat(starts), time.fromisoformat(ends)
        if datetime.combine(first, over, ZoneInfo(ZONE)) <= self.now:
            first += timedelta(weeks=1)
        return Series(first, begins, over, how, count=count).dates(ZONE)

    def later(self, weekday: int, starts: str, ends: str) -> list[Date]:
        """The same, but not today."""
        return [each for each in self.every(weekday, starts, ends) if each.starts.date() > self.today]

    def in_days(self, days: int, starts: str, ends: str) -> list[Date]:
        return Series(
            self.today + timedelta(days=days), time.fromisoformat(starts), time.fromisoformat(ends)
        ).dates(ZONE)

    # What is on, group by group ---------------------------------------------------------------------------

    def tonight_and_now(self) -> None:
        tonight = _from(self._tonight(), timedelta(minutes=45))
        weekly = self.later(self.today.isoweekday(), "18:00", "18:45")
        self.add("rhyme time", [tonight, *weekly], booking="book", capacity=20, room="Children's room")
        begun = _floor(self.now)
        knitting = [_from(begun, timedelta(hours=2)), *self.later(3, "14:00", "16:00")]
        self.add("knit and natter", knitting, room="Reading room")
        soon = _from(begun + timedelta(minutes=45), timedelta(hours=2))
        self.add("board games", [soon, *self.later(6, "11:00", "13:00")], room="Community room")
        help_at = [
            one_day(self.today + timedelta(days=day), time(hour), time(hour + 4), ZONE, f"{day} {hour}")
            for day in range(28)
            for hour in (9, 13, 17)
        ]
        self.add("it help", help_at, room="By the desk")

    def _tonight(self) -> datetime:
        """Six in the evening; when that is too soon, in a while, but still today."""
        six = self.now.replace(hour=18, minute=0, second=0, microsecond=0)
        last = self.now.replace(hour=23, minute=59, second=0, microsecond=0)
        return min(max(six, _floor(self.now) + 3 * _QUARTER), last)

    def children(self) -> None:
        self.add("stay and play", self.every(5, "10:00", "11:30"), self.riverside)
        self.add("stay and play at central", self.every(4, "10:00", "11:30"), room="Children's room")
        self.add("coding club", self.every(2, "16:00", "17:30"), booking="book", capacity=8, needs_age=True,
                 room="Computer room")  # fmt: skip
        self.add("homework club", self.every(4, "15:30", "17:30"))
        self.add("baby weighing", self.every(2, "10:00", "12:00"), self.riverside)
        self.add("holiday crafts", self.in_days(3, "14:00", "15:30") + self.in_days(5, "14:00", "15:30"),
                 booking="book", capacity=12, pence=300, needs_age=True, room="Community room")  # fmt: skip

    def grown_ups(self) -> None:
        self.add("chat and chill", self.every(5, "10:30", "12:00"), room="Community room")
        self.add("esol", self.every(1, "10:00", "12:00"), booking="book", capacity=14, room="Community room")
        self.add("job club", self.every(2, "13:00", "15:00"), room="Computer room")
        self.add("death positive", self.every(4, "18:30", "20:00", "month", 4), booking="book", capacity=15,
                 room="Reading room")  # fmt: skip
        self.add("reading group", self.every(3, "18:30", "20:00", "fortnight", 6), booking="ask", pence=None)
        self.add("repair morning", self.every(6, "10:30", "12:30", "month", 4), self.riverside)

    def elsewhere(self) -> None:
        self.add("health walk", self.every(2, "11:00", "12:00"), place_kind="elsewhere",
                 place="The gate of Christchurch Park")  # fmt: skip
        talk = self.in_days(6, "19:00", "20:00")[0]
        moved = Date(talk.key, talk.starts + timedelta(days=2), None, ZONE, moved_from=talk.starts)
        self.add("author talk", [moved], place_kind="online", place="Online", booking="book", capacity=100,
                 link="https://example.org/author-talk")  # fmt: skip
        self.add("mobile library", self.every(3, "10:15", "11:00", "fortnight", 8), place_kind="mobile",
                 place="Village green, Barham")  # fmt: skip


def _book(db: Writing, made: dict[str, str], service_key: bytes, now: datetime) -> None:
    """People who have booked: a full club with a waiting list, crafts to be paid, and one date cancelled."""
    terms = Terms()
    for name, language, places, person in (
        ("coding club", "en", 3, Person("Leo", ages=(9, 11))),
        ("coding club", "pl", 2, Person("Zofia", email="zofia@example.org", ages=(10,))),
        ("coding club", "uk", 3, Person("Dmytro", ages=(8, 12))),
        ("coding club", "ar", 2, Person("Salma", phone="+447700900125", ages=(9, 10))),
        ("coding club", "en", 1, Person("Priya", email="priya@example.org")),
        ("rhyme time", "ti", 2, Person("Senait", ages=(2,))),
        ("rhyme time", "en", 3, Person("Jo", ages=(1, 3))),
        ("holiday crafts", "pl", 2, Person("Anna", email="anna@example.org", ages=(6,))),
        ("holiday crafts", "en", 4, Person("Marcus", ages=(5, 7, 8))),
        ("esol", "ar", 1, Person("Hassan", phone="+447700900126")),
    ):
        coming = dates(db, made[name], now, most=1)
        if coming[0].date.starts <= now:
            continue  # the next one is on at this moment
        asked = booked.ask(
            person, coming[0].id, places, one_time_key=secrets.token_hex(16), branch_id="", kiosk_id="",
            language=language, service_key=service_key,
        )  # fmt: skip
        booking.book(db, asked, terms, now)
    saving.cancel_date(db, dates(db, made["baby weighing"], now, most=2)[-1].id, BY)


def _from(starts: datetime, lasts: timedelta) -> Date:
    """A date of today alone; it ends before midnight, so that it is on one day."""
    last = starts.replace(hour=23, minute=59)
    return Date(f"{starts:%Y-%m-%dT%H:%M} today", starts, min(starts + lasts, last), ZONE)


def _floor(moment: datetime) -> datetime:
    """The quarter of an hour that has begun."""
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)
