"""The life of a request for help: asked, taken by one of the staff, coming, done.

A request is waiting, taken (somebody has seen it), coming, held, done or cancelled. Who it is lies sealed for
the desk. Each step is one call inside `store().write()`: what is read there cannot change before it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kiosk import branches
from kiosk.help import codes, slots
from kiosk.help.desk_codes import HOLDS, MINUTES, OUTCOMES
from kiosk.help.requests import WATCHED, having, iso
from kiosk.help.requests import Asked as Asked
from kiosk.help.requests import Caller as Caller
from kiosk.help.requests import Closed as Closed
from kiosk.help.requests import Request as Request
from kiosk.help.requests import asking as asking
from kiosk.help.requests import by_number as by_number
from kiosk.help.requests import find as find
from kiosk.help.requests import opened as opened
from kiosk.help.requests import seal_name as seal_name
from kiosk.help.requests import still_open as still_open
from kiosk.people.accounts import Person
from kiosk.settings import Settings
from kiosk.store import Reading, Row, Writing

MOST_LEFT = 3
"""Unanswered requests that people have walked away from, of one screen: then the oldest gives way."""
MOST_TIMES = 3
"""Times that are booked and still open, of one screen and day."""
MOST_CALLS = 5
"""Calls and messages that nobody has answered, of one screen and hour."""
KEPT = timedelta(hours=24)
"""How long who it was, what she wants and what was said are kept after the end or the booked time."""


class AlreadyTaken(Exception):
    """Somebody else of the staff has it. `name` is who."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class TooMany(Exception):
    """This screen has booked, or left, as much as one screen may; whoever is there can ask staff."""


# Asking -----------------------------------------------------------------------------------------------------


def ask(db: Writing, asked: Asked, *, settings: Settings, now: datetime) -> Request:
    """Keep a request; one for the same key, or an open one of the same visit, is found again instead.

    Who waits now is never refused. Raises `slots.SlotTaken` when the time she chose is taken or over
    meanwhile, and `TooMany` when the screen has booked too many times, or left too many calls and messages;
    nothing is kept then.
    """
    earlier = having(
        db,
        "r.one_time_key = :key OR r.asker = :asker",
        key=asked.one_time_key,
        asker=asked.asker,
    )
    if earlier:
        return earlier[0]
    zone = ZoneInfo(branches.find(db, asked.branch_id).time_zone)
    day = now.astimezone(zone).date().isoformat()
    if asked.way == "here":
        _give_way(db, asked, now)
    elif asked.way not in codes.WAIT_NOW and asked.topic != codes.QUIET:
        _check_room(db, asked, day, now)
    slot = slots.find_free(db, asked.slot_id, asked.branch_id, now) if asked.slot_id else None
    db.insert(
        "help_requests",
        id=asked.id,
        one_time_key=asked.one_time_key,
        asker=asked.asker,
        number=db.value(
            "SELECT COALESCE(max(number), 0) + 1 FROM help_requests"
            " WHERE from_branch_id = :branch AND day = :day",
            branch=asked.branch_id,
            day=day,
        ),
        day=day,
        branch_id=asked.branch_id,
        from_branch_id=asked.branch_id,
        kiosk_id=asked.kiosk_id or None,
        language=asked.language,
        topic=asked.topic,
        way=asked.way,
        state="waiting",
        limit_minutes=settings.help_limit_minutes,
        created_at=iso(now),
        waiting_since=iso(now),
        seen_at=iso(now),
        slot_starts=iso(slot.starts) if slot else None,
        slot_ends=iso(slot.ends) if slot else None,
        sealed_name=asked.sealed_name,
        sealed_phone=asked.sealed_phone,
    )
    if slot:
        slots.book(db, slot.id, asked.id)
    note_step(db, asked.id, "asked", None, now)
    return find(db, asked.id)


def _give_way(db: Writing, asked: Asked, now: datetime) -> None:
    """Make room for one more at this screen: somebody there now is worth more than a touch left behind.

    Only what nobody watches gives way. Who let others use the screen, or went to the desk, is about the
    library and waits. Requests of the quiet topic are counted apart, so that no play with the other button
    ends one.
    """
    left = having(
        db,
        "r.state = 'waiting' AND r.way = 'here' AND r.kept = 0 AND r.seen_at <= :watched"
        " AND (r.topic = :quiet) = :is_quiet AND COALESCE(r.kiosk_id, r.from_branch_id) = :place",
        watched=iso(now - WATCHED),
        quiet=codes.QUIET,
        is_quiet=int(asked.topic == codes.QUIET),
        place=_place(asked),
    )
    left.sort(key=lambda each: each.created_at)
    for each in left[: max(0, len(left) - MOST_LEFT + 1)]:
        close(db, each, "cancelled", "gave-way", now)


def _check_room(db: Reading, asked: Asked, day: str, now: datetime) -> None:
    """Nobody at one screen takes every free time, or fills the board: `TooMany`."""
    if asked.way == "time":
        most = MOST_TIMES
        condition = "way = 'time' AND closed_at IS NULL AND day = :day"
    else:
        most = MOST_CALLS
        condition = "way IN ('ring', 'message') AND state = 'waiting' AND created_at > :since"
    there: int = db.value(
        "SELECT COUNT(*) FROM help_requests"
        f" WHERE COALESCE(kiosk_id, from_branch_id) = :place AND topic <> :quiet AND {condition}",
        place=_place(asked),
        quiet=codes.QUIET,
        day=day,
        since=iso(now - timedelta(hours=1)),
    )
    if there >= most:
        raise TooMany


def _place(asked: Asked) -> str:
    """The screen, or the branch while it has none that is set up."""
    return asked.kiosk_id or asked.branch_id


# What she does ----------------------------------------------------------------------------------------------


def add_wants(db: Writing, request_id: str, wants: Iterable[str], interpreter: str = "") -> None:
    """Keep these wants in the place of those before; `interpreter` is a language tag or `codes.BSL`.

    Raises `Closed`; `NotThere`; `ValueError` for a want that is none.
    """
    chosen = set(wants)
    if chosen - codes.codes(codes.WANTS):
        raise ValueError(f"wants {chosen}")
    still_open(db, request_id)
    change(
        db,
        request_id,
        wants=" ".join(each.code for each in codes.WANTS if each.code in chosen),
        interpreter=interpreter if "interpreter" in chosen else "",
    )


def add_name(db: Writing, request_id: str, sealed_name: bytes) -> None:
    """Keep a first name, from `seal_name`. Raises `Closed`, `NotThere`."""
    still_open(db, request_id)
    change(db, request_id, sealed_name=sealed_name)


def cancel(db: Writing, request_id: str, now: datetime, by: Person | None = None) -> None:
    """She does not need help any more; a second time it does nothing. A booked time is free again.

    `by` is whom of the staff she has told so, None for a touch of her own.
    """
    request = find(db, request_id)
    if request.is_open:
        close(db, request, "cancelled", "by-person", now, by)


def keep_for_later(db: Writing, request_id: str) -> None:
    """She lets others use the screen, and waits nevertheless. Raises `Closed`, `NotThere`."""
    still_open(db, request_id)
    change(db, request_id, kept=1)


def watched(db: Writing, request_id: str, now: datetime) -> None:
    """Her screen looks after the request; to be called only when `Request.wants_a_sign`."""
    db.run(
        "UPDATE help_requests SET seen_at = :now WHERE id = :id AND closed_at IS NULL",
        now=iso(now),
        id=request_id,
    )


# What staff do ----------------------------------------------------------------------------------------------


def take(db: Writing, request_id: str, by: Person, minutes: int, now: datetime) -> Request:
    """One of the staff has seen it and comes in about so many minutes (0, 3, 5 or 10; 0: nothing said).

    Also from hold. Taken again by the same person it only changes the minutes. When nobody has gone there
    within the limit after that, it waits again (`Request.runs_out`). Raises `AlreadyTaken`, `Closed`,
    `NotThere`; `ValueError` for other minutes.
    """
    if minutes not in MINUTES:
        raise ValueError(f"{minutes} minutes")
    request = _free_for(db, request_id, by, now)
    return _answered(
        db, request, by, "taken", now,
        state="taken", minutes=minutes or None, taken_at=iso(now), coming_at=None,
        expected_at=iso(now + timedelta(minutes=minutes)),
    )  # fmt: skip


def spoken(db: Writing, request_id: str, gaps: Mapping[str, str], now: datetime) -> None:
    """Staff have said something to her: from now on she knows when to expect the next.

    `gaps` are those of the phrase: `minutes`, or `time` as HH:MM on the clocks of the branch where she is;
    without them, now. Raises `Closed`, `NotThere`.
    """
    request = still_open(db, request_id)
    values: dict[str, Any] = {}
    if request.state == "taken":
        expected = max(now, datetime.fromisoformat(request.expected_at))
        if "minutes" in gaps:
            expected = now + timedelta(minutes=int(gaps["minutes"]))
            values = {"minutes": int(gaps["minutes"]), "taken_at": iso(now)}
        elif "time" in gaps:
            zone = ZoneInfo(branches.find(db, request.from_branch_id).time_zone)
            at = datetime.combine(now.astimezone(zone).date(), time.fromisoformat(gaps["time"]), zone)
            expected = max(expected, at)
        values["expected_at"] = iso(expected)
    change(db, request_id, **values)


def coming(db: Writing, request_id: str, by: Person, now: datetime) -> Request:
    """She is on the way at this moment; it need not have been taken before. Raises as `take`."""
    request = _free_for(db, request_id, by, now)
    return _answered(db, request, by, "coming", now, state="coming", minutes=None, coming_at=iso(now))


def put_back(db: Writing, request_id: str, by: Person, now: datetime) -> Request:
    """Nobody has it any more, whoever had it: it waits again. Raises `Closed`, `NotThere`."""
    still_open(db, request_id)
    _wait_again(db, request_id, now)
    note_step(db, request_id, "put-back", by, now)
    return find(db, request_id)


def pass_to_person(db: Writing, request_id: str, to: Person, by: Person, now: datetime) -> Request:
    """A colleague is asked to take it: it waits until she, or anybody else, does (`Request.asked_of`).

    To ask is no answer: what waited is as late as before. Raises `Closed`, `NotThere`.
    """
    request = still_open(db, request_id)
    waited = request.state == "waiting"
    _wait_again(db, request_id, datetime.fromisoformat(request.waiting_since) if waited else now, to)
    note_step(db, request_id, "passed", by, now)
    return find(db, request_id)


def pass_to_branch(
    db: Writing, request_id: str, branch_id: str, by: Person, *, settings: Settings, now: datetime
) -> Request:
    """It waits for the staff of another branch, whose `settings` hold from now on.

    Raises `Closed`; `NotThere`, for an unknown branch too.
    """
    branches.find(db, branch_id)
    still_open(db, request_id)
    _wait_again(
        db,
        request_id,
        now,
        branch_id=branch_id,
        limit_minutes=settings.help_limit_minutes,
        escalated_at=None,
    )
    note_step(db, request_id, "passed-to-branch", by, now)
    return find(db, request_id)


def hold(db: Writing, request_id: str, reason: str, until: datetime, by: Person, now: datetime) -> Request:
    """It rests with who holds it until a time; then it waits again by itself.

    `reason` is a code of `desk_codes.HOLDS`. Raises `AlreadyTaken`, `Closed`, `NotThere`, `ValueError` for a
    reason that is none and a time that is over.
    """
    if reason not in codes.codes(HOLDS) or until <= now:
        raise ValueError(f"held for {reason}")
    request = _free_for(db, request_id, by, now)
    return _answered(
        db, request, by, "held", now,
        state="held", minutes=None, coming_at=None, hold_reason=reason, held_until=iso(until),
    )  # fmt: skip


def done(db: Writing, request_id: str, outcome: str, by: Person, now: datetime) -> Request:
    """It is over; `outcome` is a code of `desk_codes.OUTCOMES`. Whoever had it: a colleague may close it.

    Raises `Closed`, `NotThere`, `ValueError`.
    """
    if outcome not in codes.codes(OUTCOMES):
        raise ValueError(f"ended as {outcome}")
    request = still_open(db, request_id)
    if not request.answered_at:
        change(db, request_id, answered_at=iso(now))
    close(db, request, "done", outcome, now, by)
    return find(db, request_id)


def _free_for(db: Reading, request_id: str, by: Person, now: datetime) -> Request:
    """The request, if nobody else has it; what has run out belongs to nobody."""
    request = still_open(db, request_id)
    if request.handler_id not in ("", by.id) and not request.is_unanswered(now):
        raise AlreadyTaken(request.handler)
    return request


def _answered(db: Writing, request: Request, by: Person, what: str, now: datetime, **values: Any) -> Request:
    """It is in the hands of `by` from now on."""
    values = {
        "handler_id": by.id, "taken_at": None, "expected_at": None, "hold_reason": "", "held_until": None,
        **values,
    }  # fmt: skip
    change(db, request.id, answered_at=request.answered_at or iso(now), **values)
    note_step(db, request.id, what, by, now)
    return find(db, request.id)


def _wait_again(
    db: Writing, request_id: str, since: datetime, asked: Person | None = None, **values: Any
) -> None:
    change(
        db, request_id, state="waiting", handler_id=asked.id if asked else None, minutes=None, taken_at=None,
        expected_at=None, coming_at=None, hold_reason="", held_until=None, waiting_since=iso(since), **values,
    )  # fmt: skip


def steps(db: Reading, request_id: str) -> list[Row]:
    """What happened when (`at`, `what`, `name` of who, empty for herself and the clock), the first first."""
    return db.all(
        "SELECT s.at, s.what, COALESCE(p.name, '') AS name FROM help_steps s LEFT JOIN people p"
        " ON p.id = s.who WHERE s.request_id = :id ORDER BY s.at",
        id=request_id,
    )


# What all of these are made of ------------------------------------------------------------------------------


def close(
    db: Writing, request: Request, state: str, outcome: str, now: datetime, by: Person | None = None
) -> None:
    """End a request: its answers go after `KEPT`, and what ended by a booked time counts from that."""
    over = datetime.fromisoformat(request.slot_ends) if request.slot_ends else now
    change(
        db, request.id, state=state, outcome=outcome, closed_at=iso(now), asker=None,
        hold_reason="", held_until=None, purge_after=iso(min(over, now) + KEPT),
    )  # fmt: skip
    if state == "cancelled":
        slots.give_back(db, request.id)
    note_step(db, request.id, outcome if state == "cancelled" else state, by, now)


def change(db: Writing, request_id: str, **values: Any) -> None:
    """Set columns, spelled in code, and say that there is something new to see."""
    columns = "".join(f"{name} = :{name}, " for name in values)
    db.run(f"UPDATE help_requests SET {columns}version = version + 1 WHERE id = :id", id=request_id, **values)


def note_step(db: Writing, request_id: str, what: str, by: Person | None, now: datetime) -> None:
    """Write down what happened, for reports; `by` is None for herself and the clock."""
    db.insert("help_steps", request_id=request_id, at=iso(now), what=what, who=by.id if by else None)
