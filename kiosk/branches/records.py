"""What is kept of branches: where they are, when they open and close, who is near, their screens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.branches.periods import Period, Week, week_of
from kiosk.store import NotThere, Reading, Writing

LONGEST_CLOSURE = 366
"""Days in one closure. A branch that is shut for longer has no hours at all."""


@dataclass(frozen=True)
class Branch:
    """A library building. `closed_year` is the year in which it shut for good, or will."""

    id: str
    name: str
    address: str
    postcode: str
    phone: str
    time_zone: str
    closed_year: int | None = None

    def now(self) -> datetime:
        """This moment on the branch's own clock."""
        return datetime.now(ZoneInfo(self.time_zone))

    @property
    def is_closed_for_good(self) -> bool:
        return self.closed_year is not None and self.closed_year <= self.now().year


@dataclass(frozen=True)
class Closure:
    """Days on which a branch stays shut, the last one included, and why."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class Screen:
    id: str
    branch_id: str
    name: str


class NameTaken(Exception):
    """Another branch, or another screen of the branch, has the name."""


# Branches ---------------------------------------------------------------------------------------------------


def add_branch(
    db: Writing,
    name: str,
    *,
    address: str = "",
    postcode: str = "",
    phone: str = "",
    closed_year: int | None = None,
) -> str:
    """Add a branch; its id. Raises `NameTaken`: files and people find branches by their name."""
    if name.casefold() in {branch.name.casefold() for branch in every(db)}:
        raise NameTaken
    branch_id = secrets.token_hex(10)
    db.insert(
        "branches",
        id=branch_id,
        name=name,
        address=address,
        postcode=postcode,
        phone=phone,
        closed_year=closed_year,
        created_at=_now(),
    )
    return branch_id


def change_branch(db: Writing, branch: Branch) -> bool:
    """Keep where a branch is and how to reach it, as `branch` says; whether anything was different."""
    return bool(
        db.run(
            "UPDATE branches SET address = :address, postcode = :postcode, phone = :phone,"
            " closed_year = :closed_year WHERE id = :id AND (address <> :address OR postcode <> :postcode"
            " OR phone <> :phone OR coalesce(closed_year, 0) <> coalesce(:closed_year, 0))",
            id=branch.id,
            address=branch.address,
            postcode=branch.postcode,
            phone=branch.phone,
            closed_year=branch.closed_year,
        )
    )


def find(db: Reading, branch_id: str) -> Branch:
    """`NotThere` when there is no such branch."""
    return _branch(db.one("SELECT * FROM branches WHERE id = :id", id=branch_id))


def first(db: Reading) -> Branch:
    """The branch that was set up first. `NotThere` while there is none."""
    return _branch(db.one("SELECT * FROM branches ORDER BY created_at, id LIMIT 1"))


def every(db: Reading) -> list[Branch]:
    """All branches by name, those closed for good too: what happened there is still theirs."""
    return [_branch(row) for row in db.all("SELECT * FROM branches ORDER BY name, id")]


def _branch(row: Mapping[str, Any]) -> Branch:
    return Branch(
        row["id"],
        row["name"],
        row["address"],
        row["postcode"],
        row["phone"],
        row["time_zone"],
        row["closed_year"],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()


# Hours ------------------------------------------------------------------------------------------------------


def open_on(db: Writing, branch_id: str, hours: Mapping[int, Sequence[tuple[str, str]]]) -> None:
    """Set the weekly hours of a branch that always has staff: ISO weekday → times of opening as HH:MM."""
    set_week(
        db,
        branch_id,
        {
            weekday: [
                Period(time.fromisoformat(opens), time.fromisoformat(closes), True) for opens, closes in day
            ]
            for weekday, day in hours.items()
        },
    )


def set_week(db: Writing, branch_id: str, new: Week) -> bool:
    """Keep these weekly hours instead of those before; whether anything was different."""
    if week(db, branch_id) == week_of((day, period) for day, periods in new.items() for period in periods):
        return False
    db.run("DELETE FROM opening_hours WHERE branch_id = :branch", branch=branch_id)
    for weekday, periods in new.items():
        for period in periods:
            db.insert(
                "opening_hours",
                branch_id=branch_id,
                weekday=weekday,
                opens=f"{period.opens:%H:%M}",
                closes=f"{period.closes:%H:%M}",
                staffed=int(period.staffed),
            )
    return True


def week(db: Reading, branch_id: str) -> dict[int, tuple[Period, ...]]:
    """The weekly hours of a branch; empty when nobody knows them."""
    rows = db.all(
        "SELECT weekday, opens, closes, staffed FROM opening_hours WHERE branch_id = :branch ORDER BY opens",
        branch=branch_id,
    )
    return week_of(
        (
            row["weekday"],
            Period(time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]), bool(row["staffed"])),
        )
        for row in rows
    )


def hours(db: Reading, branch_id: str, day: date) -> list[Period] | None:
    """The times of opening on a day: empty when closed, `None` when the hours are not known."""
    if db.maybe(
        "SELECT day FROM closures WHERE branch_id = :branch AND day = :day AND lifted = 0"
        " UNION ALL SELECT name FROM branches WHERE id = :branch AND closed_year <= :year",
        branch=branch_id,
        day=day.isoformat(),
        year=day.year,
    ):
        return []
    known = week(db, branch_id)
    return sorted(known.get(day.isoweekday(), ())) if known else None


# Closures: a day that staff opened again stays as lifted, so that no file closes it once more ---------------


def close(db: Writing, branch_id: str, first: date, last: date, reason: str) -> bool:
    """Close a branch on these days, the last one included; whether it was open on any of them.

    A day that is closed already stays so for its own reason: to open the others again leaves it alone.
    """
    if not 0 <= (last - first).days < LONGEST_CLOSURE:
        raise ValueError("a closure is between one day and a year long")
    changed = 0
    for ahead in range((last - first).days + 1):
        changed += db.run(
            "INSERT INTO closures (branch_id, day, reason, origin, lifted)"
            " VALUES (:branch, :day, :reason, 'staff', 0)"
            " ON CONFLICT (branch_id, day)"
            " DO UPDATE SET reason = excluded.reason, origin = 'staff', lifted = 0 WHERE closures.lifted = 1",
            branch=branch_id,
            day=(first + timedelta(days=ahead)).isoformat(),
            reason=reason,
        )
    return bool(changed)


def open_after_all(db: Writing, branch_id: str, first: date, last: date) -> bool:
    """Take back the closures of these days, the last one included; whether there were any."""
    return bool(
        db.run(
            "UPDATE closures SET lifted = 1"
            " WHERE branch_id = :branch AND day BETWEEN :first AND :last AND lifted = 0",
            branch=branch_id,
            first=first.isoformat(),
            last=last.isoformat(),
        )
    )


def close_for_holidays(
    db: Writing, branch_id: str, holidays: Mapping[date, str], today: date
) -> tuple[int, int]:
    """Close a branch on the holidays of a file from today on: how many days were new or renamed, and gone.

    What staff closed or opened stays as it is. A day that an earlier file held and this one does not, in the
    time that it covers, is a holiday that was moved.
    """
    kept = sum(
        db.run(
            "INSERT INTO closures (branch_id, day, reason, origin)"
            " VALUES (:branch, :day, :reason, 'holidays')"
            " ON CONFLICT (branch_id, day) DO UPDATE SET reason = excluded.reason"
            " WHERE closures.origin = 'holidays' AND closures.reason <> excluded.reason",
            branch=branch_id,
            day=day.isoformat(),
            reason=reason,
        )
        for day, reason in holidays.items()
        if day >= today
    )
    covered = db.all(
        "SELECT day FROM closures WHERE branch_id = :branch AND origin = 'holidays' AND lifted = 0"
        " AND day BETWEEN :today AND :last",
        branch=branch_id,
        today=today.isoformat(),
        last=max(holidays, default=date.min).isoformat(),
    )
    gone = [row["day"] for row in covered if date.fromisoformat(row["day"]) not in holidays]
    for day in gone:
        db.run("DELETE FROM closures WHERE branch_id = :branch AND day = :day", branch=branch_id, day=day)
    return kept, len(gone)


def closures(db: Reading, branch_id: str, since: date) -> list[Closure]:
    """When the branch stays shut from a day on: days in a row for the same reason are one closure."""
    rows = db.all(
        "SELECT day, reason FROM closures"
        " WHERE branch_id = :branch AND day >= :since AND lifted = 0 ORDER BY day",
        branch=branch_id,
        since=since.isoformat(),
    )
    found: list[Closure] = []
    for row in rows:
        day = date.fromisoformat(row["day"])
        one = Closure(day, day, row["reason"])
        before = found[-1] if found else None
        if before and before.last + timedelta(days=1) == day and before.reason == one.reason:
            found[-1] = Closure(before.first, day, one.reason)
        else:
            found.append(one)
    return found


def holidays(db: Reading, branch_id: str, first: date, last: date) -> frozenset[date]:
    """The bank holidays between two days, both included, on which the branch is shut.

    Days that staff closed for a reason of the branch's own are not among them.
    """
    rows = db.all(
        "SELECT day FROM closures WHERE branch_id = :branch AND origin = 'holidays' AND lifted = 0"
        " AND day BETWEEN :first AND :last",
        branch=branch_id,
        first=first.isoformat(),
        last=last.isoformat(),
    )
    return frozenset(date.fromisoformat(row["day"]) for row in rows)


# Neighbours -------------------------------------------------------------------------------------------------


def neighbours(db: Reading, branch_id: str) -> list[Branch]:
    """The branches near a branch, the one to name first first."""
    rows = db.all(
        "SELECT b.* FROM neighbours n JOIN branches b ON b.id = n.neighbour_id"
        " WHERE n.branch_id = :branch ORDER BY n.place, b.name",
        branch=branch_id,
    )
    return [_branch(row) for row in rows]


def set_neighbours(db: Writing, branch_id: str, ids: Sequence[str]) -> None:
    """Keep these branches as the neighbours, in this order. `NotThere` when one of them is not there."""
    db.run("DELETE FROM neighbours WHERE branch_id = :branch", branch=branch_id)
    for number, neighbour in enumerate(dict.fromkeys(ids)):
        if neighbour == branch_id:
            raise NotThere
        find(db, neighbour)
        db.insert("neighbours", branch_id=branch_id, neighbour_id=neighbour, place=number)


# Screens ----------------------------------------------------------------------------------------------------


def add_kiosk(db: Writing, branch_id: str, name: str) -> str:
    """Add a screen to a branch; its id. Raises `NameTaken`."""
    kiosk_id = secrets.token_hex(10)
    _check_name_of_screen(db, branch_id, kiosk_id, name)
    db.insert("kiosks", id=kiosk_id, branch_id=branch_id, name=name, created_at=_now())
    return kiosk_id


def rename_kiosk(db: Writing, branch_id: str, kiosk_id: str, name: str) -> bool:
    """Give a screen of a branch another name; whether it is another one. Raises `NameTaken`, `NotThere`."""
    found = screen(db, kiosk_id) if kiosk_id else None
    if found is None or found.branch_id != branch_id:
        raise NotThere
    _check_name_of_screen(db, branch_id, kiosk_id, name)
    db.run("UPDATE kiosks SET name = :name WHERE id = :id", name=name, id=kiosk_id)
    return found.name != name


def _check_name_of_screen(db: Reading, branch_id: str, kiosk_id: str, name: str) -> None:
    others = {each.name.casefold() for each in screens(db, branch_id) if each.id != kiosk_id}
    if name.casefold() in others:
        raise NameTaken


def screen(db: Reading, kiosk_id: str) -> Screen | None:
    """A screen; without an id, the first one that was set up."""
    row = db.maybe(
        "SELECT id, branch_id, name FROM kiosks WHERE id = :id OR :id = '' ORDER BY created_at, id LIMIT 1",
        id=kiosk_id,
    )
    return Screen(**row) if row else None


def screens(db: Reading, branch_id: str = "") -> list[Screen]:
    """The screens of a branch by name; without an id, of all branches."""
    rows = db.all(
        "SELECT id, branch_id, name FROM kiosks WHERE branch_id = :branch OR :branch = '' ORDER BY name, id",
        branch=branch_id,
    )
    return [Screen(**row) for row in rows]
