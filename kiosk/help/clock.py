"""What the clock does for help: a message when nobody answers, an end to what nobody closed, wiping."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from kiosk import branches, outbox, rounds
from kiosk.help import codes, queue, records, slots
from kiosk.help.requests import Request, having, iso
from kiosk.outbox import Message, Said
from kiosk.settings import effective
from kiosk.store import Reading, Writing

LEFT = timedelta(days=14)
"""So long somebody may wait for a call or an answer; then it is no use any more."""
GOES_STALE = timedelta(hours=2)
"""An e-mail that nobody answers is not sent any more after so long."""


def escalate(db: Writing, now: datetime) -> int:
    """Tell, once, by e-mail where the branch wants it, that nobody answers for twice the limit.

    The boards of other branches show it by themselves. That others were told is written down when they
    were, and only then: by the e-mail, or by a board of theirs that is open. Nothing is wiped.
    """
    for request in having(db, "r.closed_at IS NULL AND r.escalated_at IS NULL"):
        if queue.is_late(request, now) == 2 and (
            _tell(db, request, now) or queue.others_see(db, request, now)
        ):
            records.change(db, request.id, escalated_at=iso(now))
            records.note_step(db, request.id, "escalated", None, now)
    return 0


def _tell(db: Writing, request: Request, now: datetime) -> bool:
    """Put the e-mail; whether there is anybody to write to."""
    settings = effective(db, request.branch_id)
    if not settings.help_escalation_email or "email" not in outbox.ways(settings):
        return False
    branch = branches.find(db, request.branch_id)
    said = Said(
        title=", ".join(each for each in (branch.name, request.screen) if each),
        starts=datetime.fromisoformat(request.created_at).astimezone(ZoneInfo(branch.time_zone)),
    )
    message = Message(
        kind="help-late",
        way="email",
        to=settings.help_escalation_email,
        language="en",
        room="help",
        subject_id=request.id,
        key=f"help-late|{request.id}|{request.branch_id}",
        said=said,
        expires=now + GOES_STALE,
    )
    outbox.put(db, message, service_key=current_app.config["SERVICE_KEY"], now=now)
    return True


def lapse(db: Writing, now: datetime) -> int:
    """End what nobody closed: who waited on a day that is over, times a day ago, messages after 14 days.

    Nothing is wiped.
    """
    for request in having(db, "r.closed_at IS NULL"):
        if _is_over(db, request, now):
            records.close(db, request, "cancelled", "lapsed", now)
    return 0


def _is_over(db: Reading, request: Request, now: datetime) -> bool:
    if request.way in codes.WAIT_NOW:
        branch = branches.find(db, request.from_branch_id)
        return request.day < now.astimezone(ZoneInfo(branch.time_zone)).date().isoformat()
    if request.slot_ends:
        return datetime.fromisoformat(request.slot_ends) + records.KEPT <= now
    return datetime.fromisoformat(request.created_at) + LEFT <= now


def purge(db: Writing, now: datetime) -> int:
    """Wipe who it was, what she wanted and what was said, 24 hours after the end; how many requests it was.

    What is left says only that somebody asked, what about, when, where and in which language, and how it
    ended.
    """
    db.run(
        "DELETE FROM help_talk WHERE request_id IN"
        " (SELECT id FROM help_requests WHERE purge_after <= :now AND purged_at IS NULL)",
        now=iso(now),
    )
    wiped = db.run(
        "UPDATE help_requests SET sealed_name = NULL, sealed_phone = NULL, wants = '', interpreter = '',"
        " asker = NULL, one_time_key = 'wiped-' || id, purged_at = :now, version = version + 1"
        " WHERE purge_after <= :now AND purged_at IS NULL",
        now=iso(now),
    )
    slots.forget(db, now - records.KEPT)
    return wiped


def init_app(app: Flask) -> None:
    rounds.add_purge(app, lapse, shred=False)
    rounds.add_purge(app, escalate, shred=False)
    rounds.add_purge(app, purge)
