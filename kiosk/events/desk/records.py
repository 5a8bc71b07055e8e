"""What staff look up: their programme by date, and who may see which event, date and booking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from kiosk.events import search
from kiosk.events.bookings import booked
from kiosk.events.bookings.booked import Booking
from kiosk.events.finding import best
from kiosk.events.records import Event, Occurrence, find, occurrence, texts, undecided
from kiosk.events.upcoming import FOREVER, SERIALS, minutes
from kiosk.store import NotThere, Reading

STATES = ("cancelled", "full", "waiting", "draft", "words", "gone")
"""What a list can be narrowed to. `words` are translations that nobody has read, or that are out of date."""
MOST_FOUND = 200
"""Events that words are looked up for."""


class ChangedMeanwhile(Exception):
    """Somebody has changed the event since it was read. `name` is her user name, or a part of the program."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Wanted:
    """What of the programme to list; an empty part narrows nothing. `source` is a calendar's, or `hand`."""

    since: datetime
    until: datetime
    branch_id: str = ""
    topic: str = ""
    state: str = ""
    source: str = ""
    words: str = ""


@dataclass(frozen=True)
class Line:
    """A date in the list. `waiting` and `to_pay` count bookings; `drafts` are the languages to be read."""

    occurrence: Occurrence
    event: Event
    title: str
    language: str
    branch: str
    waiting: int
    to_pay: int
    drafts: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        return self.event.facts.booking == "book" and self.occurrence.left == 0

    @property
    def is_gone(self) -> bool:
        return bool(self.occurrence.gone_at or self.event.gone_at)

    @property
    def place(self) -> str:
        """The key of this line, for the page after it."""
        return f"{minutes(self.occurrence.date.starts)}-{self.occurrence.id}"


@dataclass(frozen=True)
class Undecided:
    """A date that left its calendar though people have booked it: how many people, in how many bookings."""

    occurrence: Occurrence
    title: str
    bookings: int
    people: int


@dataclass(frozen=True)
class Unconfirmed:
    """Bookings of one date that still want something: `state` is to-pay or offered, `since` when the first
    of them came to it (UTC in ISO 8601)."""

    occurrence: Occurrence
    title: str
    state: str
    bookings: int
    since: str


# Lists ------------------------------------------------------------------------------------------------------


def listed(db: Reading, wanted: Wanted, after: str = "", *, most: int) -> tuple[list[Line], str]:
    """The dates that are wanted, in order, and the key of the next page, which is empty at the end.

    `after` is such a key. Drafts, cancelled dates and those that left their calendar are in it, too.
    """
    at, _dash, last_id = after.partition("-")
    first = minutes(wanted.since)
    if at.isdecimal() and len(at) < 12 and int(at) >= first:
        first = int(at)
    else:
        last_id = ""
    serials = _with_words(db, wanted.words) if wanted.words else None
    if serials is not None and not serials:
        return [], ""
    named = {f"serial{number}": serial for number, serial in enumerate(serials or ())}
    found = [
        db.all(
            "SELECT o.id, o.starts FROM occurrences o CROSS JOIN events e WHERE e.id = o.event_id"
            f" AND {_at(there)} AND o.starts >= :first AND o.starts < :until"
            " AND (o.starts > :first OR o.id > :last) AND (:topic = '' OR e.codes LIKE :topic)"
            f" AND {_from(wanted.source)} AND {_in(wanted.state)} AND {_among(named)}"
            " ORDER BY o.starts, o.id LIMIT :most",
            branch=wanted.branch_id,
            first=first,
            last=last_id,
            until=minutes(wanted.until),
            topic=f"% {wanted.topic} %" if wanted.topic else "",
            source=wanted.source,
            most=most + 1,
            **named,
        )
        for there in (("here", "run-here") if wanted.branch_id else ("anywhere",))
    ]
    rows = list(merge(*found, key=lambda row: (row["starts"], row["id"])))
    lines = [_line(db, row["id"]) for row in rows[:most]]
    return lines, lines[-1].place if len(rows) > most else ""


def _with_words(db: Reading, words: str) -> list[int]:
    """The serial numbers of events with these words: those that residents find, and others by their title."""
    places = search.find(db, words, until=FOREVER, most=MOST_FOUND)
    others = db.all(
        "SELECT e.serial, t.title FROM events e JOIN event_texts t ON t.event_id = e.id"
        " WHERE e.place_in_lists IS NULL AND t.language = 'en' AND t.title LIKE :words ESCAPE '!'"
        " ORDER BY e.serial DESC LIMIT :most",
        words="%{}%".format("".join(f"!{each}" if each in "!%_" else each for each in words)),
        most=MOST_FOUND,
    )
    return list(dict.fromkeys([*(place % SERIALS for place in places), *(row["serial"] for row in others)]))


def _at(there: str) -> str:
    """Where: at the branch, run by it but somewhere else, or anywhere. One index serves each."""
    return {
        "here": "o.branch_id = :branch",
        "run-here": "o.branch_id IS NULL AND e.branch_id = :branch",
        "anywhere": ":branch = ''",
    }[there]


def _from(source: str) -> str:
    return {"": ":source = ''", "hand": "e.source = '' AND :source <> ''"}.get(source, "e.source = :source")


def _in(state: str) -> str:
    return {
        "": "1 = 1",
        "cancelled": "(o.status = 'cancelled' OR e.status = 'cancelled')",
        "full": "(e.booking = 'book' AND o.taken >= COALESCE(o.capacity, e.capacity))",
        "waiting": "EXISTS (SELECT 1 FROM bookings b WHERE b.occurrence_id = o.id AND b.state = 'waiting')",
        "draft": "e.status = 'draft'",
        "words": "EXISTS (SELECT 1 FROM event_texts t WHERE t.event_id = e.id AND t.language <> 'en'"
        " AND t.state <> 'read')",
        "gone": "(o.gone_at IS NOT NULL OR e.gone_at IS NOT NULL)",
    }[state]


def _among(named: dict[str, int]) -> str:
    return "e.serial IN ({})".format(", ".join(f":{name}" for name in named)) if named else "1 = 1"


def _line(db: Reading, occurrence_id: str) -> Line:
    date = occurrence(db, occurrence_id)
    event = find(db, date.event_id)
    words = texts(db, event.id)
    title = best(words, "en")
    numbers = waiting_numbers(db, [occurrence_id])[occurrence_id]
    return Line(
        occurrence=date,
        event=event,
        title=date.date.title or title.title,
        language="en" if date.date.title else title.language,
        branch=branch_name(db, date.date.branch_id),
        waiting=numbers.get("waiting", 0),
        to_pay=numbers.get("to-pay", 0),
        drafts=tuple(text.language for text in words if text.state != "read" and text.language != "en"),
    )


def waiting_numbers(db: Reading, occurrence_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """For each date, how many bookings are on the waiting list and how many are to be paid."""
    found = {}
    for each in occurrence_ids:
        rows = db.all(
            "SELECT state, count(*) AS number FROM bookings WHERE occurrence_id = :id"
            " AND state IN ('waiting', 'to-pay') GROUP BY state",
            id=each,
        )
        found[each] = {row["state"]: row["number"] for row in rows}
    return found


def branch_name(db: Reading, branch_id: str) -> str:
    row = db.maybe("SELECT name FROM branches WHERE id = :id", id=branch_id)
    return row["name"] if row else ""


def calendars(db: Reading) -> list[tuple[str, str]]:
    """The calendars that events came from, each with its name: that of the subscription, or its own."""
    names = {row["id"]: row["name"] for row in db.all("SELECT id, name FROM subscriptions")}
    rows = db.all("SELECT DISTINCT source FROM events WHERE source <> '' ORDER BY source")
    return [(row["source"], str(names.get(row["source"], row["source"]))) for row in rows]


def to_decide(db: Reading, branch_id: str, now: datetime) -> list[Undecided]:
    """The dates of a branch, or of all, for which somebody must decide; with those who have booked."""
    found = []
    for date in undecided(db, now):
        if not _is_of(db, date, branch_id):
            continue
        row = db.one(
            "SELECT count(*) AS bookings, COALESCE(sum(places), 0) AS people FROM bookings"
            " WHERE occurrence_id = :id AND state <> 'cancelled'",
            id=date.id,
        )
        title = date.date.title or best(texts(db, date.event_id), "en").title
        found.append(Undecided(date, title, row["bookings"], row["people"]))
    return found


def to_confirm(db: Reading, branch_id: str, now: datetime) -> list[Unconfirmed]:
    """Bookings to be paid, and places on offer, for the coming dates of a branch, or of all; by their age."""
    rows = db.all(
        "SELECT b.occurrence_id, b.state, count(*) AS bookings, min(b.changed_at) AS since"
        " FROM bookings b JOIN occurrences o ON o.id = b.occurrence_id JOIN events e ON e.id = o.event_id"
        " WHERE b.deadline_at IS NOT NULL AND b.state IN ('to-pay', 'offered') AND o.ends > :now"
        " AND (:branch = '' OR o.branch_id = :branch OR e.branch_id = :branch)"
        " GROUP BY b.occurrence_id, b.state ORDER BY since, b.occurrence_id",
        now=minutes(now),
        branch=branch_id,
    )
    found = []
    for row in rows:
        date = occurrence(db, row["occurrence_id"])
        title = date.date.title or best(texts(db, date.event_id), "en").title
        found.append(Unconfirmed(date, title, row["state"], row["bookings"], row["since"]))
    return found


def waiting_for(db: Reading, event_id: str, now: datetime) -> Sequence[str]:
    """The ids of the dates still to come for which somebody is on the waiting list."""
    rows = db.all(
        "SELECT o.id FROM occurrences o WHERE o.event_id = :event AND o.ends > :now AND EXISTS"
        " (SELECT 1 FROM bookings b WHERE b.occurrence_id = o.id AND b.state = 'waiting')"
        " ORDER BY o.ends, o.id",
        event=event_id,
        now=minutes(now),
    )
    return [row["id"] for row in rows]


def keys(db: Reading, event_id: str) -> set[str]:
    """The keys of all dates of an event, those that are over, moved or gone among them."""
    return {row["key"] for row in db.all("SELECT key FROM occurrences WHERE event_id = :id", id=event_id)}


def is_booked(db: Reading, occurrence_id: str) -> bool:
    """Whether anybody has ever booked this date: then it is cancelled, and never taken away."""
    return bool(db.maybe("SELECT id FROM bookings WHERE occurrence_id = :id LIMIT 1", id=occurrence_id))


# One of them ------------------------------------------------------------------------------------------------


def event_for(db: Reading, event_id: str, branch_id: str = "") -> Event:
    """An event, if that branch runs it or has a date of it (or for any, when empty); else `NotThere`."""
    event = find(db, event_id)
    if branch_id and event.facts.branch_id != branch_id:
        db.one(
            "SELECT id FROM occurrences WHERE event_id = :id AND branch_id = :branch LIMIT 1",
            id=event_id,
            branch=branch_id,
        )
    return event


def event_run_by(db: Reading, event_id: str, branch_id: str = "") -> Event:
    """An event, if that branch runs it: then the whole of it may be changed (by any, when empty); else
    `NotThere`."""
    event = find(db, event_id)
    if branch_id not in ("", event.facts.branch_id):
        raise NotThere
    return event


def date_for(db: Reading, occurrence_id: str, branch_id: str = "") -> Occurrence:
    """A date, if it is at that branch or that branch runs the event; else `NotThere`."""
    date = occurrence(db, occurrence_id)
    if not _is_of(db, date, branch_id):
        raise NotThere
    return date


def booking_for(db: Reading, booking_id: str, branch_id: str = "") -> Booking:
    """A booking for such a date, if it has not been wiped; else `NotThere`."""
    booking = booked.get(db, booking_id)
    if booking.sealed is None:
        raise NotThere
    date_for(db, booking.occurrence_id, branch_id)
    return booking


def as_read(db: Reading, event_id: str, changed_at: str) -> Event:
    """The event, if it is still as it was read; else `ChangedMeanwhile`."""
    event = find(db, event_id)
    if event.changed_at != changed_at:
        raise ChangedMeanwhile(event.changed_by)
    return event


def _is_of(db: Reading, date: Occurrence, branch_id: str) -> bool:
    return not branch_id or branch_id in (date.date.branch_id, find(db, date.event_id).facts.branch_id)
