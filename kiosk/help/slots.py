"""Times that staff of a branch keep free, for people to book one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk.store import Reading, Row, Writing

LONGEST = 240
"""Minutes of one free time."""
SHORTEST = 5

_ROW = "SELECT id, branch_id, starts, ends, request_id FROM help_slots"


class SlotTaken(Exception):
    """Somebody has booked this time, or it is over, or staff have taken it back."""


@dataclass(frozen=True)
class Slot:
    """A time; the moments are UTC. `request_id` is empty while it is free."""

    id: str
    branch_id: str
    starts: datetime
    ends: datetime
    request_id: str


def add(db: Writing, branch_id: str, starts: datetime, minutes: int, now: datetime) -> Slot:
    """Keep a time free; `starts` knows its zone, `minutes` is how long, 5 to 240.

    Where one begins at that moment already, it is that one. `ValueError` for a time that has begun, or a
    length that is none.
    """
    ends = starts + timedelta(minutes=minutes)
    if starts <= now or not SHORTEST <= minutes <= LONGEST:
        raise ValueError(f"{minutes} minutes from {starts}")
    db.run(
        "INSERT INTO help_slots (id, branch_id, starts, ends) VALUES (:id, :branch, :starts, :ends)"
        " ON CONFLICT (branch_id, starts) DO NOTHING",
        id=secrets.token_hex(10),
        branch=branch_id,
        starts=_iso(starts),
        ends=_iso(ends),
    )
    row = db.one(
        f"{_ROW} WHERE branch_id = :branch AND starts = :starts", branch=branch_id, starts=_iso(starts)
    )
    return _slot(row)


def remove(db: Writing, slot_id: str) -> None:
    """Take a free time back. Raises `SlotTaken` when somebody has booked it, `NotThere`."""
    slot = find(db, slot_id)
    if slot.request_id:
        raise SlotTaken
    db.run("DELETE FROM help_slots WHERE id = :id", id=slot_id)


def free(db: Reading, branch_id: str, now: datetime) -> list[Slot]:
    """The times of a branch that nobody has booked, from now on, the next one first."""
    return [each for each in every(db, branch_id, now) if not each.request_id and each.starts > now]


def every(db: Reading, branch_id: str, now: datetime) -> list[Slot]:
    """The times of a branch that are not over, booked or not, the next one first; for staff."""
    rows = db.all(
        f"{_ROW} WHERE branch_id = :branch AND ends > :now ORDER BY starts", branch=branch_id, now=_iso(now)
    )
    return [_slot(row) for row in rows]


def find(db: Reading, slot_id: str) -> Slot:
    """`NotThere` when there is no such time."""
    return _slot(db.one(f"{_ROW} WHERE id = :id", id=slot_id))


def find_free(db: Reading, slot_id: str, branch_id: str, now: datetime) -> Slot:
    """A time of a branch that can be booked. Raises `SlotTaken` when it cannot, or not any more."""
    for slot in free(db, branch_id, now):
        if slot.id == slot_id:
            return slot
    raise SlotTaken


def book(db: Writing, slot_id: str, request_id: str) -> None:
    """Give a time to a request that is kept already, in the transaction in which it was found free."""
    db.run("UPDATE help_slots SET request_id = :request WHERE id = :id", request=request_id, id=slot_id)


def give_back(db: Writing, request_id: str) -> None:
    """The time of this request, if it had one, is free again."""
    db.run("UPDATE help_slots SET request_id = NULL WHERE request_id = :request", request=request_id)


def forget(db: Writing, before: datetime) -> None:
    """Times that were over before a moment are of no use any more."""
    db.run("DELETE FROM help_slots WHERE ends <= :before", before=_iso(before))


def _slot(row: Row) -> Slot:
    starts, ends = (datetime.fromisoformat(row[name]) for name in ("starts", "ends"))
    return Slot(row["id"], row["branch_id"], starts, ends, row["request_id"] or "")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
