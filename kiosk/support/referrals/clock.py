"""What the clock does for referrals: partners are reminded, staff ask after them, what is over is wiped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, current_app

from kiosk import rounds
from kiosk.settings import effective
from kiosk.store import Writing
from kiosk.support.referrals import changes, consents, news
from kiosk.support.referrals.changes import CLOCK, after_working_days
from kiosk.support.referrals.own_side import resting_state
from kiosk.support.referrals.records import Moment, forget_tries, handover, iso, step
from kiosk.support.referrals.steps import NO_ANSWER, OPEN, TIME_OVER


def moment(db: Writing, now: datetime) -> Moment:
    """What every change needs, as it is at this moment."""
    return Moment(effective(db), current_app.config["SERVICE_KEY"], now)


def remind(db: Writing, now: datetime) -> int:
    """Remind partners of what they should have answered; some days later it stands on the branch's board.

    It stands there at once where nothing can be sent. `reminded_at` says in both cases that this was done.
    Nothing is wiped: 0, as the rounds count it.
    """
    at = moment(db, now)
    rows = db.all(
        "SELECT h.id, r.branch_id FROM referral_handovers h JOIN referrals r ON r.id = h.referral_id"
        " WHERE h.due_at <= :now AND h.reminded_at IS NULL"
        " AND h.partner_id IS NOT NULL"
        " AND (h.state IN ('new', 'seen') OR (h.state = 'passing' AND h.passing_consent IS NOT NULL))"
        " ORDER BY h.due_at LIMIT 100",
        now=iso(now),
    )
    for row in rows:
        can_tell = news.can_tell_partner(db, handover(db, row["id"]), at)
        days = at.settings.referral_chase_days
        chase_at = after_working_days(db, row["branch_id"], now, days) if can_tell else now
        db.run(
            "UPDATE referral_handovers SET reminded_at = :now, chase_at = COALESCE(chase_at, :chase),"
            " changed_at = :now, version = version + 1 WHERE id = :id",
            now=iso(now),
            chase=iso(chase_at),
            id=row["id"],
        )
        if can_tell:
            step(db, row["id"], "reminded", CLOCK, now)
            news.tell_partner(db, handover(db, row["id"]), "partner-late", at)
    return 0


def end_unanswered(db: Writing, now: datetime) -> int:
    """End what nobody ever took on, when its content is wiped. Nothing is wiped here: 0, as for `remind`."""
    at = moment(db, now)
    over = db.all(
        f"SELECT id, answered_at FROM referral_handovers WHERE wipe_after <= :now AND accepted_at IS NULL"
        f" AND state IN ({_OPEN})",
        now=iso(now),
    )
    for row in over:
        why = TIME_OVER if row["answered_at"] else NO_ANSWER
        changes.move(db, row["id"], "declined", CLOCK, at, why=why.code)
    return 0


def rest(db: Writing, now: datetime) -> int:
    """What was asked of her, or waits for being passed on, is over when its content is wiped: nothing can
    come of it. The partner that has taken it on still has it. Nothing is wiped here: 0, as for `remind`.
    """
    at = moment(db, now)
    rows = db.all(
        "SELECT id FROM referral_handovers WHERE wipe_after <= :now AND state IN ('asking', 'passing')",
        now=iso(now),
    )
    for row in rows:
        before = handover(db, row["id"])
        if before.state == "passing" and before.passing_consent:
            consents.withdraw(db, before.passing_consent, CLOCK, now)
        after = changes.move(db, before.id, resting_state(before), CLOCK, at, back=True)
        news.tell_partner(db, after, "partner-new", at)
    return 0


def purge(db: Writing, now: datetime) -> int:
    """Wipe what partners were sent when its time is over, and forget old proofs; how many copies it was.

    A copy that a person took back is wiped already; it is counted here, so that the file is rebuilt and
    nothing of it is left on the disk. That she says nobody called stays on the board of the branch.
    """
    at = moment(db, now)
    wiped = db.run(
        "UPDATE referral_handovers SET sealed = NULL, wiped_at = :now,"
        " chase_at = CASE WHEN nobody_called_at IS NULL THEN NULL ELSE chase_at END"
        " WHERE wiped_at IS NULL AND (wipe_after <= :now OR sealed IS NULL)",
        now=iso(now),
    )
    if wiped:
        db.run(
            "DELETE FROM referral_notes WHERE handover_id IN"
            " (SELECT id FROM referral_handovers WHERE wiped_at IS NOT NULL)"
        )
    longest = timedelta(days=at.settings.referral_longest_days)
    wiped += db.run(
        "UPDATE referrals SET sealed_to = NULL WHERE sealed_to IS NOT NULL AND created_at <= :longest",
        longest=iso(now - longest),
    )
    oldest = months_before(now, at.settings.consent_kept_months)
    return wiped + db.run("DELETE FROM referrals WHERE changed_at <= :oldest", oldest=iso(oldest))


def months_before(moment: datetime, months: int) -> datetime:
    """The same time so many calendar months earlier, in UTC, where no hour is missing.

    Where that month has no such day it is the first of the next.
    """
    utc = moment.astimezone(UTC)
    count = utc.year * 12 + utc.month - 1 - months
    try:
        return utc.replace(year=count // 12, month=count % 12 + 1)
    except ValueError:
        return utc.replace(year=(count + 1) // 12, month=(count + 1) % 12 + 1, day=1)


def init_app(app: Flask) -> None:
    rounds.add_purge(app, remind, shred=False)
    rounds.add_purge(app, end_unanswered, shred=False)
    rounds.add_purge(app, rest, shred=False)
    rounds.add_purge(app, purge)
    rounds.add_purge(app, forget_tries, shred=False)


_OPEN = ", ".join(f"'{state}'" for state in OPEN)
