"""What a calendar holds once it is read: events, their dates, and what has to be said about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Moment = datetime | date
"""A time of a day with its zone, or a whole day. Never a time without a zone."""
Status = Literal["confirmed", "tentative", "cancelled"]


@dataclass(frozen=True)
class Limits:
    """What one file may cost: bytes, events, letters of one text, dates in the window, and seconds."""

    size: int = 5 * 1024 * 1024
    events: int = 20_000
    letters: int = 10_000
    occurrences: int = 20_000
    seconds: float = 10.0


REASONS = {
    # the whole file
    "too-big": "The file is larger than %(most)s MB.",
    "not-a-calendar": "This is not a calendar file. It begins with: %(begins)s",
    "cut-off": "The file is cut off: its end is missing. Events may be missing too.",
    "too-deep": "The file is nested too deeply. Nothing after this line was read.",
    "too-many-events": "There are more than %(most)s events in the file. The rest was left out.",
    "encoding": "Some letters are not in UTF-8. They were read as Windows-1252. Check them.",
    "stray-line": "This line means nothing in a calendar. It was ignored: %(text)s",
    "unknown-zone": "The time zone %(name)s is not known. Its times were read as %(zone)s.",
    "unreadable-zone": "The time zone %(name)s cannot be read. Its times were read as %(zone)s.",
    "duplicates": "Repeated events in the file: %(count)s. Each was read once.",
    "same-uid-elsewhere": "It has the UID, start and title of another event. It was left out: %(place)s",
    # an event that is left out
    "no-start": "The event has no start.",
    "bad-value": "%(name)s cannot be read: %(text)s",
    "twice": "%(name)s is given twice, with different values.",
    "unclosed-at-end": "The file ends in the middle of this event.",
    "year": "The year of %(name)s is not one that a calendar can mean: %(text)s",
    # an event that is read, with a difference
    "unclosed": "The end of the event is not marked. It was read up to the next part.",
    "ends-before-start": "The event ends before it starts. The end was ignored.",
    "odd-rule": "A part of the repeating rule means nothing. It was ignored: %(text)s",
    "address-dropped": "The link is not a whole web address. It was left out.",
    "text-cut": "The text is longer than %(most)s letters. The rest was left out.",
    "no-title": "The event has no title.",
    "private": "The event is marked as private. Check it before residents see it.",
    "older-version": "The file has a newer version of this event. This one was left out.",
    "same-uid": "Several events have the same UID. They are told apart by start and title.",
    # the expansion
    "too-many-dates": "The event repeats too often. Its dates after %(last)s were left out.",
    "too-long": "The dates of this event took too long to work out. Some were left out.",
    "window-full": "There are more than %(most)s dates. Those of this event were left out.",
}
"""Every thing that can be wrong, by its code, as staff read it."""


@dataclass(frozen=True)
class Remark:
    """Something refused or noticed. `code` is a key of `REASONS`; `where` and `reason` are for people."""

    code: str
    where: str
    reason: str


def remark(code: str, line: int = 0, title: str = "", **values: object) -> Remark:
    """A remark about a line of the file, or about the whole of it when there is no line."""
    where = f"line {line}" if line else "the file"
    return Remark(code, f"{where}: {title[:80]}" if title else where, REASONS[code] % values)


@dataclass(frozen=True)
class Event:
    """An event as a calendar describes it: one time, a series, or one changed date of a series.

    `ends` is None when only the start is known. Of a whole day it is the day after the last one.
    `rules` are RRULE values, `extra` the RDATEs (each with its own length, if it has one), `without` the
    EXDATEs. `recurrence` (RECURRENCE-ID) is the start, as the series had it, of the one date that this event
    changes; with `onwards` it changes all later dates too. `twin` tells events apart that share a UID.
    `sequence` is -1 where the file gives none. `line` is where the event begins in its file.
    """

    uid: str
    summary: str
    starts: Moment
    ends: Moment | None = None
    text: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    status: Status = "confirmed"
    recurrence: Moment | None = None
    onwards: bool = False
    rules: tuple[str, ...] = ()
    extra: tuple[tuple[Moment, timedelta | None], ...] = ()
    without: tuple[Moment, ...] = ()
    sequence: int = -1
    twin: str = ""
    line: int = field(default=0, compare=False)

    @property
    def all_day(self) -> bool:
        return not isinstance(self.starts, datetime)

    @property
    def repeats(self) -> bool:
        return bool(self.rules or self.extra)

    @property
    def recurrence_id(self) -> str:
        """The changed date as text: `2026-09-01`, or in UTC `2026-09-01T10:00:00+00:00`; else empty."""
        return "" if self.recurrence is None else key_of(self.recurrence)

    def likeness(self) -> str:
        """Start, title and place: what an event is known by when its UID does not tell."""
        return " ".join(filter(None, (key_of(self.starts), self.summary, self.location)))

    def identity(self) -> tuple[str, str]:
        """What the event is known by within its calendar: (UID or likeness, changed date)."""
        series = f"{self.uid} {self.twin}" if self.twin else self.uid
        return series or self.likeness(), self.recurrence_id


@dataclass(frozen=True)
class Occurrence:
    """One date of an event. `event` is the event as it is on this date, with the changes made to it.

    `series` is what the whole is known by, `key` the start it had before it was moved: both together are
    the same in every import.
    """

    event: Event
    series: str
    key: str
    starts: Moment
    ends: Moment | None
    cancelled: bool

    @property
    def all_day(self) -> bool:
        return not isinstance(self.starts, datetime)

    @property
    def identity(self) -> tuple[str, str]:
        return self.series, self.key

    @property
    def moved(self) -> bool:
        return key_of(self.starts) != self.key


@dataclass(frozen=True)
class Calendar:
    """A calendar as it was read.

    `found` counts the VEVENT blocks of the file, `distinct` those that have a start, without exact
    duplicates. Only when `complete` may an event be taken for gone that is not in it: a file that was cut
    off, too long, or no calendar at all says nothing about what it does not hold.
    """

    name: str
    zone: ZoneInfo
    events: tuple[Event, ...]
    found: int
    distinct: int
    refused: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    complete: bool


def key_of(moment: Moment) -> str:
    """A moment as text that is the same whatever zone it was written in."""
    return (moment.astimezone(UTC) if isinstance(moment, datetime) else moment).isoformat()
