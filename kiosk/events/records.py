"""What an event is and what is kept of it: its facts, its words in each language, its dates.

An event has an id of its own for ever. Of the calendar it came from, `source` and `identity` say which of
its events it is; each date says with `key` which one of its series it is. So a calendar that is read again
changes what has changed, and bookings stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.events import codes
from kiosk.events.upcoming import minutes, moment
from kiosk.store import Reading, Row

USUAL_LENGTH = timedelta(hours=1)
"""For how long a date without an end counts as going on. It is never shown."""


@dataclass(frozen=True)
class Facts:
    """What is true of an event in every language.

    `place_kind` is branch, elsewhere, online or mobile; `place` says where in words, unless it is a branch.
    `booking` is drop-in, book or ask. `capacity` is in places, None for no limit. `pence` is the price for
    one person, None when nobody said. `stated` are codes of `kiosk.events.codes`, `spoken` tags of the
    languages spoken there. `needs_age`: the ages of children are asked for when booking.
    """

    status: str = "confirmed"
    place_kind: str = "branch"
    branch_id: str = ""
    place: str = ""
    room: str = ""
    booking: str = "ask"
    capacity: int | None = None
    pence: int | None = None
    stated: frozenset[str] = frozenset()
    spoken: frozenset[str] = frozenset()
    needs_age: bool = False
    link: str = ""

    @property
    def public_link(self) -> str:
        """The link for everybody to see. That of an online event is its way in: it is for those who have a
        place, unless anybody may come."""
        return self.link if self.place_kind != "online" or self.booking == "drop-in" else ""

    @property
    def traits(self) -> frozenset[str]:
        """All codes it can be filtered by: those stated, and those that follow, such as `free`."""
        return codes.traits(self.stated, booking=self.booking, pence=self.pence, place_kind=self.place_kind)


@dataclass(frozen=True)
class Text:
    """The words of an event in one language: a title, a text in paragraphs, and what to bring.

    `state` is draft, read (by a native speaker), or out-of-date, since the English was changed after it.
    """

    language: str
    title: str
    text: str = ""
    bring: str = ""
    state: str = "read"


@dataclass(frozen=True)
class Date:
    """One date of an event. `starts` and `ends` know their zone; `zone` is the one to show them in.

    `ends` is None when nobody knows. Of whole days (`all_day`), `starts` is midnight and `ends` the midnight
    after the last one. `key` names the date in its series and stays when the date is moved; `moved_from` is
    then where it was. `title`, `text`, `place`, `room`, `branch_id` and `capacity` only where this date
    differs from its event.
    """

    key: str
    starts: datetime
    ends: datetime | None
    zone: str
    all_day: bool = False
    status: str = "confirmed"
    moved_from: datetime | None = None
    title: str = ""
    text: str = ""
    branch_id: str = ""
    place: str = ""
    room: str = ""
    capacity: int | None = None


@dataclass(frozen=True)
class Event:
    """An event as it is kept. The moments are UTC in ISO 8601; `gone_at` is when it left its calendar, or
    empty. `changed_by` is a user name, or the name of a part of the program."""

    id: str
    source: str
    identity: str
    facts: Facts
    gone_at: str
    created_at: str
    changed_at: str
    changed_by: str


@dataclass(frozen=True)
class Occurrence:
    """A date as it is kept. `capacity` is the one that counts, None for no limit; `taken` the places that are
    booked, to be paid or offered; `walk_ins` how many came without having booked."""

    id: str
    event_id: str
    date: Date
    status: str
    capacity: int | None
    taken: int
    walk_ins: int
    gone_at: str

    @property
    def left(self) -> int | None:
        """Places that are free; None when there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    def is_over(self, now: datetime) -> bool:
        return (self.date.ends or self.date.starts + USUAL_LENGTH) <= now


def where(facts: Facts, date: Date) -> tuple[str, str, str]:
    """Where a date of an event is: its branch, or else its place in words; and its room."""
    is_there = facts.place_kind == "branch" and not date.place  # elsewhere, its branch only runs it
    branch_id = date.branch_id or (facts.branch_id if is_there else "")
    return branch_id, "" if branch_id else date.place or facts.place, date.room or facts.room


# Reading ----------------------------------------------------------------------------------------------------


def find(db: Reading, event_id: str) -> Event:
    """`NotThere` when there is no such event."""
    return _event(db.one("SELECT * FROM events WHERE id = :id", id=event_id))


def texts(db: Reading, event_id: str) -> list[Text]:
    """The words of an event in every language it has, English first."""
    rows = db.all(
        "SELECT language, title, text, bring, state FROM event_texts WHERE event_id = :id ORDER BY language",
        id=event_id,
    )
    return sorted((Text(**row) for row in rows), key=lambda text: text.language != "en")


DATE_COLUMNS = "o.*, e.status AS event_status, COALESCE(o.capacity, e.capacity) AS places"
"""What `occurrence_of` reads of a date `o` and its event `e`."""
_DATES = f"SELECT {DATE_COLUMNS} FROM occurrences o JOIN events e ON e.id = o.event_id"


def occurrence(db: Reading, occurrence_id: str) -> Occurrence:
    """`NotThere` when there is no such date."""
    return occurrence_of(db.one(f"{_DATES} WHERE o.id = :id", id=occurrence_id))


def dates(
    db: Reading, event_id: str, since: datetime, *, most: int = 6, skip: int = 0, gone_too: bool = False
) -> list[Occurrence]:
    """The dates of an event that are not over at `since`, the next one first.

    Those that left their calendar are not among them, unless `gone_too`.
    """
    rows = db.all(
        f"{_DATES} WHERE o.event_id = :event AND o.ends > :since AND (o.gone_at IS NULL OR :gone = 1)"
        " ORDER BY o.ends, o.id LIMIT :most OFFSET :skip",
        event=event_id,
        since=minutes(since),
        gone=int(gone_too),
        most=most,
        skip=skip,
    )
    return [occurrence_of(row) for row in rows]


def at_branch(
    db: Reading, branch_id: str, first: datetime, until: datetime, *, most: int = 200
) -> list[Occurrence]:
    """What begins at a branch from `first` to before `until`, in order: for its staff."""
    rows = db.all(
        f"{_DATES} WHERE o.branch_id = :branch AND o.starts >= :first AND o.starts < :until"
        " AND o.gone_at IS NULL AND e.status <> 'draft' ORDER BY o.starts, o.id LIMIT :most",
        branch=branch_id,
        first=minutes(first),
        until=minutes(until),
        most=most,
    )
    return [occurrence_of(row) for row in rows]


def undecided(db: Reading, now: datetime) -> list[Occurrence]:
    """Dates still to come that left their calendar though people have booked them; the soonest first.

    Staff decide with `cancel_date` or `keep_date` of `kiosk.events.saving`.
    """
    found = []
    for column in ("o.gone_at", "e.gone_at"):
        found += db.all(
            f"{_DATES} WHERE {_is_set(column)} AND o.ends > :now AND o.status <> 'cancelled'"
            " AND e.status <> 'cancelled' AND EXISTS"
            " (SELECT 1 FROM bookings b WHERE b.occurrence_id = o.id AND b.state <> 'cancelled')",
            now=minutes(now),
        )
    by_id = {row["id"]: occurrence_of(row) for row in found}
    return sorted(by_id.values(), key=lambda each: (each.date.starts, each.id))


def _is_set(column: str) -> str:
    return f"{column} IS NOT NULL"


def _event(row: Row) -> Event:
    return Event(
        id=row["id"],
        source=row["source"],
        identity=row["identity"],
        facts=facts_of(row),
        gone_at=row["gone_at"] or "",
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
    )


def facts_of(row: Row) -> Facts:
    """The facts in a row of `events`."""
    return Facts(
        status=row["status"],
        place_kind=row["place_kind"],
        branch_id=row["branch_id"] or "",
        place=row["place"],
        room=row["room"],
        booking=row["booking"],
        capacity=row["capacity"],
        pence=row["pence"],
        stated=frozenset(row["codes"].split()),
        spoken=frozenset(row["spoken"].split()),
        needs_age=bool(row["needs_age"]),
        link=row["link"],
    )


def date_of(row: Row) -> Date:
    """The date in a row of `occurrences`."""
    zone = row["zone"]
    return Date(
        key=row["key"],
        starts=moment(row["starts"], zone),
        ends=moment(row["ends"], zone) if row["has_end"] else None,
        zone=zone,
        all_day=bool(row["all_day"]),
        status=row["status"],
        moved_from=moment(row["moved_from"], zone) if row["moved_from"] is not None else None,
        title=row["title"],
        text=row["text"],
        branch_id=row["branch_id"] or "",
        place=row["place"],
        room=row["room"],
        capacity=row["capacity"],
    )


def occurrence_of(row: Row) -> Occurrence:
    """The date in a row that has `DATE_COLUMNS`."""
    cancelled = "cancelled" in {row["status"], row["event_status"]}
    return Occurrence(
        id=row["id"],
        event_id=row["event_id"],
        date=date_of(row),
        status="cancelled" if cancelled else row["status"],
        capacity=row["places"],
        taken=row["taken"],
        walk_ins=row["walk_ins"],
        gone_at=row["gone_at"] or "",
    )
