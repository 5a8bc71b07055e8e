"""What a council's file changes here: worked out first, so that a dry run can say it, then done at once.

A branch is found by its name and keeps its id. What a file leaves empty is not known to the council, so that
what is known here stays; so does everything that no such file holds: phone, closures, neighbours, screens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from kiosk.branches import records
from kiosk.branches.files import Calendar, Row, Sheet
from kiosk.branches.records import Branch
from kiosk.store import Reading, Writing

Kind = Literal["added", "changed", "closed", "unchanged", "closed before"]


@dataclass(frozen=True)
class Step:
    """What happens to one branch of a file. `branch` is how it is afterwards, without an id while it is new.

    `closed before` is a branch that shut before this kiosk came and was never one of its branches.
    """

    kind: Kind
    row: Row
    branch: Branch
    new_week: bool = False


@dataclass(frozen=True)
class Plan:
    """What loading a sheet does, branch by branch, and which branches here the sheet does not name."""

    steps: tuple[Step, ...]
    not_in_file: tuple[str, ...]

    def names(self, kind: Kind) -> list[str]:
        return [step.row.name for step in self.steps if step.kind == kind]


def plan(db: Reading, sheet: Sheet) -> Plan:
    here = {branch.name.casefold(): branch for branch in records.every(db)}
    in_file = {row.name.casefold() for row in sheet.branches}
    return Plan(
        tuple(_step(db, row, here.get(row.name.casefold()), sheet.year) for row in sheet.branches),
        tuple(branch.name for name, branch in here.items() if name not in in_file),
    )


def _step(db: Reading, row: Row, known: Branch | None, year: int) -> Step:
    if known is None:
        new = Branch("", row.name, row.address, row.postcode, "", "", row.closed_year)
        return Step("closed before" if row.is_closed(year) else "added", row, new, bool(row.week))
    if row.is_closed(year):
        closed = replace(known, closed_year=row.closed_year)
        return Step("unchanged" if closed == known else "closed", row, closed)
    changed = replace(
        known,
        address=row.address or known.address,
        postcode=row.postcode or known.postcode,
        closed_year=row.closed_year,
    )
    new_week = bool(row.week) and records.week(db, known.id) != row.week
    return Step("changed" if new_week or changed != known else "unchanged", row, changed, new_week)


def carry_out(db: Writing, planned: Plan) -> None:
    for step in planned.steps:
        branch = step.branch
        if step.kind == "added":
            branch_id = records.add_branch(
                db,
                branch.name,
                address=branch.address,
                postcode=branch.postcode,
                closed_year=branch.closed_year,
            )
            records.set_week(db, branch_id, step.row.week)
        elif step.kind in ("changed", "closed"):
            records.change_branch(db, branch)
            if step.new_week:
                records.set_week(db, branch.id, step.row.week)


def close_for_holidays(db: Writing, calendar: Calendar) -> dict[str, int]:
    """Close every branch on its bank holidays from today on: how many branches, days closed, days opened."""
    open_now = [branch for branch in records.every(db) if not branch.is_closed_for_good]
    closed = opened = 0
    for branch in open_now:
        new, gone = records.close_for_holidays(db, branch.id, calendar.holidays, branch.now().date())
        closed, opened = closed + new, opened + gone
    return {"branches": len(open_now), "closed": closed, "opened": opened}
