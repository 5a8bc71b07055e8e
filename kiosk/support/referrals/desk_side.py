"""What staff of the library see of referrals: that there is one, where it stands, and what to ask after.

Never what it says, unless the person agreed that staff may read along; and then with a line in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.people import accounts
from kiosk.people.accounts import Person
from kiosk.store import NotThere, Reading, Writing
from kiosk.support.referrals import changes, partner_side
from kiosk.support.referrals.changes import after_working_days
from kiosk.support.referrals.partner_side import Opened
from kiosk.support.referrals.records import (
    HANDOVER,
    Handover,
    Moment,
    handover,
    handover_of,
    iso,
    step,
)
from kiosk.support.referrals.steps import OPEN, OUTCOMES, REASONS, UNANSWERED

CHASED = ("rang", "wrote", "will-answer", "no-answer", "told-person")
"""What staff did about a handover that nobody picked up."""
WHY = {"accepted": (), "contacted": (), "declined": REASONS, "closed": OUTCOMES}
"""The steps that staff do with what the library itself has, and the codes of why that each one needs."""


@dataclass(frozen=True)
class Chase:
    """A handover that staff of its branch should ask the partner about.

    `why` is overdue (nobody has answered) or nobody-called (she says so). `since` is UTC in ISO 8601.
    """

    handover: Handover
    why: str
    since: str


def chase(db: Reading, branch_ids: Sequence[str], now: datetime) -> list[Chase]:
    """What the staff of these branches should ask partners about now, the longest waiting first."""
    found: list[Chase] = []
    for branch_id in branch_ids:
        rows = db.all(
            f"{HANDOVER} WHERE h.chase_at <= :now AND r.branch_id = :branch AND h.state IN ({_OPEN})",
            now=iso(now),
            branch=branch_id,
        )
        for row in rows:
            each = handover_of(row)
            said = bool(each.nobody_called_at)
            since = each.nobody_called_at if said else each.due_at
            found.append(Chase(each, "nobody-called" if said else "overdue", since))
    return sorted(found, key=lambda each: each.since)


def chased(db: Writing, handover_id: str, person: Person, what: str, at: Moment) -> Handover:
    """Staff asked the partner, as a code of `CHASED`; it comes back to the board when that leads to nothing.

    Raises `NotThere`, `ValueError` for an unknown code.
    """
    if what not in CHASED:
        raise ValueError(what)
    before = handover(db, handover_id)
    again = after_working_days(db, before.branch_id, at.now, at.settings.referral_chase_days)
    waits = before.waits or before.nobody_called_at
    db.run(
        "UPDATE referral_handovers SET chase_at = :again, changed_at = :now, version = version + 1"
        " WHERE id = :id",
        again=iso(again) if waits and before.is_open else None,
        now=iso(at.now),
        id=handover_id,
    )
    step(db, handover_id, "chased", person.username, at.now, what)
    partner_side.record(db, person, "referral asked after", handover_id, at)
    return handover(db, handover_id)


def to_tell(db: Reading, branch_ids: Sequence[str]) -> list[Handover]:
    """What the staff of these branches should tell a person of, who wants to hear it from them.

    One for each person, what changed last; who waits longest first.
    """
    found: dict[str, Handover] = {}
    for branch_id in branch_ids:
        rows = db.all(
            f"{HANDOVER} WHERE r.to_tell_at IS NOT NULL AND r.branch_id = :branch"
            " ORDER BY h.changed_at, h.id",
            branch=branch_id,
        )
        found |= {row["referral_id"]: handover_of(row) for row in rows}
    return sorted(found.values(), key=lambda each: each.to_tell_at)


def told_person(db: Writing, handover_id: str, person: Person, at: Moment) -> Handover:
    """Staff told her that there is news: it stands on the board no more, until there is some again."""
    before = handover(db, handover_id)
    db.run("UPDATE referrals SET to_tell_at = NULL WHERE id = :id", id=before.referral_id)
    step(db, handover_id, "chased", person.username, at.now, "told-person")
    partner_side.record(db, person, "person told of news", handover_id, at)
    return handover(db, handover_id)


def of_library(db: Reading, branch_ids: Sequence[str]) -> list[Handover]:
    """Whom partners referred to the library at these branches, while nobody answered; the oldest first."""
    rows = [
        row
        for branch_id in branch_ids
        for row in db.all(
            f"{HANDOVER} WHERE h.partner_id IS NULL AND h.state IN ({_UNANSWERED}) AND r.branch_id = :branch",
            branch=branch_id,
        )
    ]
    return sorted(map(handover_of, rows), key=lambda each: (each.created_at, each.id))


def answer(db: Writing, handover_id: str, person: Person, state: str, at: Moment, why: str = "") -> Handover:
    """Staff answer what a partner referred to the library: one of the steps of `WHY`, with its code.

    Raises `Moved`, `NotThere` also for what a partner has, `ValueError` for another step or code.
    """
    found = of_branch(db, handover_id, "" if person.sees_every_branch else person.branch_id)
    if not found.is_of_library:
        raise NotThere
    if state not in WHY or why not in ({each.code for each in WHY[state]} or {""}):
        raise ValueError(f"{state} {why}")
    return changes.move(db, handover_id, state, person.username, at, why=why, handler_id=person.id)


def listed(
    db: Reading, branch_id: str = "", *, open_only: bool = True, most: int = 50, skip: int = 0
) -> list[Handover]:
    """The handovers of a branch, or of all when it is empty: the latest first."""
    rows = db.all(
        f"{HANDOVER} WHERE (:branch = '' OR r.branch_id = :branch)"
        f" AND (:open = 0 OR h.state IN ({_OPEN})) ORDER BY h.created_at DESC, h.id LIMIT :most OFFSET :skip",
        branch=branch_id,
        open=int(open_only),
        most=most,
        skip=skip,
    )
    return [handover_of(row) for row in rows]


def of_branch(db: Reading, handover_id: str, branch_id: str = "") -> Handover:
    """One handover, if it is of that branch (or of any, when empty); else `NotThere`."""
    found = handover(db, handover_id)
    if branch_id and found.branch_id != branch_id:
        raise NotThere
    return found


def opened(db: Writing, handover_id: str, person: Person, desk_key: bytes, at: Moment) -> Opened:
    """What it says, for staff, if she agreed to that. Noted in the log; `NotThere` when she did not agree.

    What a partner referred to the library itself is theirs to read; what was new is then seen. Raises
    `CannotOpen` for a key that is not the desk's.
    """
    found = of_branch(db, handover_id, "" if person.sees_every_branch else person.branch_id)
    if not (found.desk_reads or found.is_of_library):
        raise NotThere
    partner_side.record(db, person, "referral opened", handover_id, at)
    result = partner_side.read(db, found, accounts.DESK, desk_key)
    if found.is_of_library and found.state == "new":
        changed = changes.move(db, handover_id, "seen", person.username, at, handler_id=person.id)
        result = replace(result, handover=changed, steps=partner_side.steps_of(db, handover_id))
    return result


_OPEN = ", ".join(f"'{state}'" for state in OPEN)
_UNANSWERED = ", ".join(f"'{state}'" for state in UNANSWERED)
