"""Whether staff are there now, and what can be offered to a person if not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kiosk import branches
from kiosk.branches import Branch
from kiosk.help import slots
from kiosk.store import Reading

PRESENT = timedelta(seconds=60)
"""A board that has not asked for news for so long is not open any more."""
FARTHEST = 14
"""Days to look ahead for the next time of opening."""

Staffing = Literal["staffed", "unstaffed", "closed", "unknown"]


@dataclass(frozen=True)
class Offer:
    """What a person can do at this moment; the moments are on the clock of the branch.

    `staffing`: staffed; unstaffed (open without staff); closed; unknown (nobody entered hours: as staffed).
    `ways` are codes of `codes.WAYS`, or `message`, in the order of the tiles: `time` only while there are
    free times. `until` is when staff go, while they are there; `staff_back` when they come, while they are
    not. Both are None when that is not known. `staff_see_it`: a board is open at this moment.
    """

    staffing: Staffing
    ways: tuple[str, ...]
    staff_see_it: bool
    until: datetime | None
    staff_back: datetime | None

    @property
    def has_staff(self) -> bool:
        return self.staffing in ("staffed", "unknown")


@dataclass(frozen=True)
class Nearby:
    """Another branch. `opens` is when staff come, None when they are there now; `closes` when they go."""

    branch: Branch
    opens: datetime | None
    closes: datetime


def presence(db: Reading, branch_id: str, now: datetime) -> bool:
    """Whether a board that shows this branch has asked for news within the last minute."""
    found = db.maybe(
        "SELECT 1 FROM boards WHERE (branch_id = :branch OR branch_id = '') AND seen_at > :since",
        branch=branch_id,
        since=(now - PRESENT).astimezone(UTC).isoformat(),
    )
    return found is not None


def offer(db: Reading, branch: Branch, now: datetime) -> Offer:
    """What is offered at a branch at a moment."""
    zone = ZoneInfo(branch.time_zone)
    local = now.astimezone(zone)
    today = branches.hours(db, branch.id, local.date())
    until = staff_back = None
    staffing: Staffing = "unknown"
    if today is not None:
        coming = _with_staff(db, branch, local)
        if coming and coming[0] <= local:
            staffing, until = "staffed", coming[1]
        else:
            open_now = any(opens <= local.time() < closes for opens, closes in branches.spans(today))
            staffing, staff_back = "unstaffed" if open_now else "closed", coming[0] if coming else None
    has_staff = staffing in ("staffed", "unknown")
    ways = ("here", "desk", "ring") if has_staff else ("message", "ring")
    if slots.free(db, branch.id, now):
        ways = (*ways, "time")
    return Offer(staffing, ways, presence(db, branch.id, now), until, staff_back)


def _with_staff(
    db: Reading, branch: Branch, local: datetime, days: int = FARTHEST
) -> tuple[datetime, datetime] | None:
    """The time with staff that is on, or else the next one, on the clock of the branch."""
    for ahead in range(days):
        day = local.date() + timedelta(days=ahead)
        periods = branches.hours(db, branch.id, day) or ()
        for opens, closes in branches.spans(each for each in periods if each.staffed):
            ends = datetime.combine(day, closes, local.tzinfo)
            if ends > local:
                return datetime.combine(day, opens, local.tzinfo), ends
    return None


def nearby(db: Reading, branch: Branch, now: datetime, most: int = 3) -> list[Nearby]:
    """Branches with staff now or later today or tomorrow: open ones first, and neighbours before others."""
    near = branches.neighbours(db, branch.id)
    ids = {branch.id, *(each.id for each in near)}
    found: list[tuple[bool, bool, Nearby]] = []
    for each in (*near, *(each for each in branches.every(db) if each.id not in ids)):
        local = now.astimezone(ZoneInfo(each.time_zone))
        span = _with_staff(db, each, local, days=2)
        if span:
            is_open = span[0] <= local
            one = Nearby(each, None if is_open else span[0], span[1])
            found.append((not is_open, each not in near, one))
    found.sort(key=lambda one: one[:2])  # the order of the neighbours, and of the names, stays
    return [one for _later, _far, one in found[:most]]
