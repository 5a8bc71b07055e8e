"""What speaks against a date: the branch is closed on that day, or the room is taken at that time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kiosk import branches
from kiosk.events.finding import best
from kiosk.events.records import USUAL_LENGTH, Date, Facts, texts
from kiosk.events.upcoming import minutes
from kiosk.store import Reading

_LONGEST = timedelta(days=31)
"""What began longer ago than this is no event that takes a room."""


@dataclass(frozen=True)
class Clash:
    """A date, and why it may not be one: closed or room.

    `reason` is the closure's (empty: never open on that weekday), or the title of the event in the room.
    """

    date: Date
    why: str
    reason: str


def clashes(db: Reading, dates: Iterable[Date], facts: Facts, event_id: str = "") -> list[Clash]:
    """What speaks against each of these dates of an event, whose own id is `event_id`."""
    closed: dict[str, _Closed] = {}
    found = []
    for each in dates:
        branch_id = each.branch_id or (
            facts.branch_id if facts.place_kind == "branch" and not each.place else ""
        )
        if not branch_id or each.status == "cancelled":
            continue
        if branch_id not in closed:
            closed[branch_id] = _Closed(db, branch_id, each.starts.date())
        reason = closed[branch_id].on(db, each.starts.date())
        if reason is not None:
            found.append(Clash(each, "closed", reason))
        other = _in_the_room(db, each, branch_id, each.room or facts.room, event_id)
        if other is not None:
            found.append(Clash(each, "room", other))
    return found


class _Closed:
    """When a branch is shut, looked up once for all dates."""

    def __init__(self, db: Reading, branch_id: str, since: date) -> None:
        self.branch_id = branch_id
        self.since = since
        self.closures = branches.closures(db, branch_id, since)
        self.week = branches.week(db, branch_id)

    def on(self, db: Reading, day: date) -> str | None:
        """Why it is shut on a day; None when it is open, or when nobody knows."""
        if day < self.since:
            self.since, self.closures = day, branches.closures(db, self.branch_id, day)
        for closure in self.closures:
            if closure.first <= day <= closure.last:
                return closure.reason
        return "" if self.week and day.isoweekday() not in self.week else None


def _in_the_room(db: Reading, date: Date, branch_id: str, room: str, event_id: str) -> str | None:
    """The title of another event that is in the room at that time."""
    if not room or date.all_day:
        return None
    ends = _end(date)
    rows = db.all(
        "SELECT o.event_id, o.title, COALESCE(NULLIF(o.room, ''), e.room) AS room"
        " FROM occurrences o JOIN events e ON e.id = o.event_id"
        " WHERE o.branch_id = :branch AND o.starts >= :first AND o.starts < :ends AND o.ends > :starts"
        " AND o.all_day = 0 AND o.event_id <> :event AND o.gone_at IS NULL AND e.gone_at IS NULL"
        " AND o.status <> 'cancelled' AND e.status <> 'cancelled' ORDER BY o.starts, o.id",
        branch=branch_id,
        first=minutes(date.starts - _LONGEST),
        starts=minutes(date.starts),
        ends=minutes(ends),
        event=event_id,
    )
    for row in rows:
        if row["room"].casefold().split() == room.casefold().split():
            return str(row["title"] or best(texts(db, row["event_id"]), "en").title)
    return None


def _end(date: Date) -> datetime:
    return date.ends or date.starts + USUAL_LENGTH
