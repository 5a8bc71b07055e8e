"""One way to change a handover: guarded by its state, written down as a step, told to who must hear it.

Whoever comes second with the same touch gets `Moved`, so that nothing is done twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from kiosk import branches, rounds
from kiosk.people import partners
from kiosk.store import Reading, Writing
from kiosk.support.referrals import news
from kiosk.support.referrals.records import Handover, Moment, handover, iso, step
from kiosk.support.referrals.steps import FROM, OPEN, OVER, UNANSWERED, Moved

CLOCK = "clock"
"""Who ends what nobody ever took on."""
_WEEKEND = 5
"""Saturday, where Monday is 0."""
_LONGEST_FEAST = 30
"""Within twice the working days and so many days more they are over, holidays included."""
_ANSWERED = "answered_at = COALESCE(answered_at, :now), in_time = COALESCE(in_time, due_at >= :now)"
_MARKS = {
    "seen": "seen_at = COALESCE(seen_at, :now)",
    "accepted": f"{_ANSWERED}, accepted_at = COALESCE(accepted_at, :now)",
    "asking": _ANSWERED,
    "declined": f"{_ANSWERED}, over_at = :now",
    "passing": _ANSWERED,
    "passed": "over_at = :now",
    "contacted": f"{_ANSWERED}, accepted_at = COALESCE(accepted_at, :now),"
    " contacted_at = COALESCE(contacted_at, :now), nobody_called_at = NULL",
    "closed": f"{_ANSWERED}, over_at = :now, nobody_called_at = NULL",
    "withdrawn": "over_at = COALESCE(over_at, :now), sealed = NULL",
}
"""In SQL: the moments that each step writes down. Taking back also wipes the copy."""
_BACK = ("asking", "passing")
_WIPES_SOON = ("accepted", "contacted", *OVER)
"""From these steps on the story is kept for some days only."""
_RESTS = ("contacted", *OVER)
"""With these steps, made by the partner, staff need not ask after it though she said that nobody called."""


def move(
    db: Writing,
    handover_id: str,
    state: str,
    who: str,
    at: Moment,
    *,
    why: str = "",
    handler_id: str | None = None,
    back: bool = False,
    tells: bool = True,
) -> Handover:
    """Bring a handover into a state; as it is then. Raises `Moved`, `NotThere`.

    `who` is person, clock or a user name; `handler_id` who of the partner did it. `back` lets it return from
    a question or from an intention to pass it on: the partner then has its whole time again, if it has not
    taken it on. The clock ends it from any open state. `tells`: she hears that there is news.
    """
    before = handover(db, handover_id)
    if before.state not in (_BACK if back else OPEN if who == CLOCK else FROM[state]):
        raise Moved(before.state)
    db.run(
        "UPDATE referral_handovers SET state = :state, why = :why, changed_at = :now, version = version + 1,"
        " handler_id = COALESCE(:handler, handler_id) WHERE id = :id",
        state=state,
        why=why,
        now=iso(at.now),
        handler=handler_id,
        id=handover_id,
    )
    if not back:
        _mark(db, handover_id, state, at)
    elif state in UNANSWERED:
        begin_again(db, before, at)
    answered = back or state not in UNANSWERED
    if (state in _RESTS and not back) or (answered and not before.nobody_called_at):
        db.run("UPDATE referral_handovers SET chase_at = NULL WHERE id = :id", id=handover_id)
    step(db, handover_id, state, who, at.now, why)
    db.run("UPDATE referrals SET changed_at = :now WHERE id = :id", now=iso(at.now), id=before.referral_id)
    after = handover(db, handover_id)
    if tells:
        news.tell(db, after, at)
    if not after.is_open:
        finish(db, before.referral_id, at.now)
    return after


def begin_again(db: Writing, before: Handover, at: Moment) -> None:
    """It is the partner's turn again: it has its whole time, and is reminded anew."""
    db.run(
        "UPDATE referral_handovers SET due_at = :due, reminded_at = NULL WHERE id = :id",
        due=iso(due(db, before.partner_id, before.branch_id, at)),
        id=before.id,
    )


def due(db: Reading, partner_id: str, branch_id: str, at: Moment) -> datetime:
    """By when a partner, or with '' the library, answers what it gets now, on the clock of a branch."""
    agreed = partners.find(db, partner_id).pick_up_days if partner_id else None
    days = agreed or at.settings.referral_pick_up_days
    return after_working_days(db, branch_id, at.now, days)


def after_working_days(db: Reading, branch_id: str, moment: datetime, days: int) -> datetime:
    """The same time of day so many working days later, on the clock of a branch.

    Working days are Monday to Friday without the bank holidays that the branch knows of.
    """
    moment = moment.astimezone(ZoneInfo(branches.find(db, branch_id).time_zone))
    longest = moment + timedelta(days=2 * days + _LONGEST_FEAST)
    shut = branches.holidays(db, branch_id, moment.date(), longest.date())
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < _WEEKEND and moment.date() not in shut
    return moment


def _mark(db: Writing, handover_id: str, state: str, at: Moment) -> None:
    columns = _MARKS[state]
    db.run(f"UPDATE referral_handovers SET {columns} WHERE id = :id", now=iso(at.now), id=handover_id)
    if state in _WIPES_SOON:
        db.run(
            "UPDATE referral_handovers SET wipe_after = :soon WHERE id = :id AND wipe_after > :soon",
            soon=iso(at.now + timedelta(days=at.settings.referral_kept_days)),
            id=handover_id,
        )
    if state == "withdrawn":
        db.run("DELETE FROM referral_notes WHERE handover_id = :id", id=handover_id)


def finish(db: Writing, referral_id: str, now: datetime) -> None:
    """When nothing of a referral is open any more, what she left for news is wiped."""
    still = db.value(
        f"SELECT COUNT(*) FROM referral_handovers WHERE referral_id = :id AND state IN ({_OPEN})",
        id=referral_id,
    )
    if not still:
        rounds.shred_soon(current_app)
        db.run(
            "UPDATE referrals SET over_at = :now, sealed_to = NULL WHERE id = :id AND over_at IS NULL",
            now=iso(now),
            id=referral_id,
        )


_OPEN = ", ".join(f"'{state}'" for state in OPEN)
