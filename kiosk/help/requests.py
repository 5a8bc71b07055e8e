"""A request for help as it is kept: its fields, who it is under seal, and how it is found again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk import sealing
from kiosk.help import codes
from kiosk.store import Reading, Row

TEAM = "desk"
_ROW = (
    "SELECT r.*, p.name AS handler, k.name AS screen FROM help_requests r"
    " LEFT JOIN people p ON p.id = r.handler_id LEFT JOIN kiosks k ON k.id = r.kiosk_id"
)
WATCHED = timedelta(seconds=60)
"""A screen that has not looked after its request for so long has been left."""
SIGN_OF_LIFE = timedelta(seconds=20)
"""How much later than the last look one must come to be written down."""
SOON = timedelta(minutes=10)
"""So long before a booked time staff should know of it."""


class Closed(Exception):
    """It is done or cancelled: nothing more can be done with it."""


@dataclass(frozen=True)
class Caller:
    """Who asks, as far as she has said it; the phone number as E.164."""

    first_name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Asked:
    """A request as it leaves the screen. What it says of the person is sealed already."""

    id: str
    one_time_key: str
    asker: bytes = field(repr=False)
    branch_id: str
    kiosk_id: str
    language: str
    topic: str
    way: str
    slot_id: str
    sealed_name: bytes | None = field(repr=False)
    sealed_phone: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Request:
    """A request as it is kept. The moments are UTC in ISO 8601, empty where there is none.

    `number` counts the requests of a `day` (of the calendar of the branch) where she asked, `from_branch_id`;
    `branch_id` is whose staff it waits for. `screen` is the name of the screen. `handler` is the name of who
    has it (see `asked_of`, too), and `minutes` how soon she said at `taken_at` that she comes, None while
    nothing was said; `expected_at` is when she is, by all that was said since. `waiting_since` begins anew
    when it is put back or passed to another branch, or to a colleague by who had it; the turn goes by
    `created_at`. `outcome` is a code of `desk_codes`. `kept`: others may use the screen meanwhile. `version`
    is one more after every change, also of what was said.
    """

    id: str
    number: int
    day: str
    branch_id: str
    from_branch_id: str
    kiosk_id: str
    screen: str
    language: str
    topic: str
    way: str
    wants: tuple[str, ...]
    interpreter: str
    state: str
    handler_id: str
    handler: str
    minutes: int | None
    taken_at: str
    expected_at: str
    limit_minutes: int
    created_at: str
    waiting_since: str
    answered_at: str
    coming_at: str
    hold_reason: str
    held_until: str
    outcome: str
    closed_at: str
    slot_starts: str
    slot_ends: str
    kept: bool
    seen_at: str
    escalated_at: str
    version: int
    sealed_name: bytes | None = field(repr=False)
    sealed_phone: bytes | None = field(repr=False)

    @property
    def is_open(self) -> bool:
        return not self.closed_at

    @property
    def is_quiet(self) -> bool:
        """First on the board, and on no public display."""
        return self.topic == codes.QUIET

    @property
    def waits_now(self) -> bool:
        """She is here and waits, at the screen or the desk."""
        return self.way in codes.WAIT_NOW

    def is_watched(self, now: datetime) -> bool:
        """Whether her screen has looked after it within the last minute."""
        return datetime.fromisoformat(self.seen_at) > now - WATCHED

    @property
    def asked_of(self) -> str:
        """The name of the colleague whom staff have asked to take it, while nobody has; else empty."""
        return self.handler if self.state == "waiting" else ""

    def is_unanswered(self, now: datetime) -> bool:
        """Nobody has it, or not any more: what was said has run out."""
        over = self.runs_out()
        return self.state == "waiting" or (over is not None and over <= now)

    def runs_out(self) -> datetime | None:
        """When it waits again by itself: a hold that is over, or "I have seen it" that nobody has followed.

        Who took a booked time before it was due is told of it again when it is. None for one that waits
        anyhow, or never again.
        """
        if self.state == "held":
            return datetime.fromisoformat(self.held_until)
        if self.state != "taken" or not (self.waits_now or self.is_quiet or self.slot_starts):
            return None
        expected = datetime.fromisoformat(self.expected_at)
        if self.slot_starts:
            starts = datetime.fromisoformat(self.slot_starts)
            if expected < starts - SOON:
                return starts - SOON
            expected = max(expected, starts)
        return expected + timedelta(minutes=self.limit_minutes)

    def is_needed(self, now: datetime) -> bool:
        """Whether somebody of the staff should go there now: she waits, or her booked time has come."""
        if not self.is_unanswered(now):
            return False
        if self.slot_starts:
            return datetime.fromisoformat(self.slot_starts) <= now + SOON
        return self.waits_now or self.is_quiet

    def wants_a_sign(self, now: datetime) -> bool:
        """Whether it is time to write down that her screen looks after it: to be asked before `watched`.

        A clock that was set back must not silence it.
        """
        return self.is_open and abs(now - datetime.fromisoformat(self.seen_at)) >= SIGN_OF_LIFE


# Who it is -------------------------------------------------------------------------------------------------


def asking(
    topic: str,
    way: str,
    caller: Caller = Caller(),
    *,
    one_time_key: str,
    asker: str,
    branch_id: str,
    kiosk_id: str,
    language: str,
    readers: Mapping[str, bytes],
    service_key: bytes,
    slot_id: str = "",
) -> Asked:
    """A request with who it is sealed for the `readers` (see `accounts.readers`).

    `asker` is anything that is the same throughout a visit and in no other, like its CSRF token; only a mark
    of it and of the way is kept, so that somebody waits once, however often she touched. `slot_id` is the
    free time she chose, for the way `time`. `ValueError` for a topic or a way that is none, for `ring`
    without a phone number, and for `time` without a slot.
    """
    known = {*codes.codes(codes.WAYS), codes.MESSAGE.code}
    if topic not in codes.codes(codes.TOPICS) or way not in known:
        raise ValueError(f"{topic} by {way}")
    if (way in codes.NEEDS_PHONE and not caller.phone) or (way == "time") != bool(slot_id):
        raise ValueError(f"{way} is not complete")
    request_id = secrets.token_hex(16)
    # a time booked for tomorrow, or a question about a book, must not stand in the way of "I am not safe"
    waits = topic if topic == codes.QUIET else "now" if way in codes.WAIT_NOW else way
    return Asked(
        id=request_id,
        one_time_key=one_time_key,
        asker=sealing.mark(f"{asker}|{waits}", sealing.derive(service_key, "marks of who asks for help")),
        branch_id=branch_id,
        kiosk_id=kiosk_id,
        language=language,
        topic=topic,
        way=way,
        slot_id=slot_id,
        sealed_name=seal_name(caller.first_name, request_id, readers) if caller.first_name else None,
        sealed_phone=_seal(caller.phone, request_id, "sealed_phone", readers) if caller.phone else None,
    )


def seal_name(first_name: str, request_id: str, readers: Mapping[str, bytes]) -> bytes:
    """A first name for `add_name`, sealed for the row of this request alone."""
    return _seal(first_name, request_id, "sealed_name", readers)


def opened(request: Request, private_key: bytes) -> Caller:
    """Who it is, with the private key of the desk; empty fields where she said nothing. `CannotOpen`."""

    def text(sealed: bytes | None, column: str) -> str:
        if sealed is None:
            return ""
        return sealing.open_sealed(sealed, TEAM, private_key, _context(request.id, column)).decode()

    return Caller(text(request.sealed_name, "sealed_name"), text(request.sealed_phone, "sealed_phone"))


def _seal(text: str, request_id: str, column: str, readers: Mapping[str, bytes]) -> bytes:
    return sealing.seal(text.encode(), readers, _context(request_id, column))


def _context(request_id: str, column: str) -> str:
    return f"help_requests|{request_id}|{column}|1"


# Finding ----------------------------------------------------------------------------------------------------


def find(db: Reading, request_id: str) -> Request:
    """`NotThere` when there is no such request."""
    return _request(db.one(f"{_ROW} WHERE r.id = :id", id=request_id))


def by_number(db: Reading, branch_id: str, day: str, number: int) -> Request | None:
    """The request with this number of a day (ISO, of the branch's own calendar), of the screens there.

    Only of those who have a number to wait with: at a screen or the desk, and never the quiet topic.
    """
    return _maybe(
        db,
        "r.from_branch_id = :branch AND r.day = :day AND r.number = :number"
        " AND r.way IN ('here', 'desk') AND r.topic <> :quiet",
        branch=branch_id,
        day=day,
        number=number,
        quiet=codes.QUIET,
    )


def having(db: Reading, condition: str, **values: Any) -> list[Request]:
    """The requests of a condition in SQL, spelled in code, that calls their table `r`; in no order."""
    return [_request(row) for row in db.all(f"{_ROW} WHERE {condition}", **values)]


def _maybe(db: Reading, condition: str, **values: Any) -> Request | None:
    return next(iter(having(db, condition, **values)), None)


def still_open(db: Reading, request_id: str) -> Request:
    """The request, while anything can be done with it. Raises `Closed`, `NotThere`."""
    request = find(db, request_id)
    if not request.is_open:
        raise Closed
    return request


def first_name(name: str) -> str:
    """The name of one of the staff as residents read it."""
    return name.partition(" ")[0]


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _request(row: Row) -> Request:
    kept = {name: row[name] for name in _NAMES}
    kept |= {name: kept[name] or "" for name in _MAY_BE_EMPTY}
    kept |= {"wants": tuple(row["wants"].split()), "kept": bool(row["kept"])}
    return Request(**{**kept, "handler": first_name(kept["handler"])})


_NAMES = tuple(each.name for each in fields(Request))
_MAY_BE_EMPTY = (
    "kiosk_id", "screen", "handler_id", "handler", "taken_at", "expected_at", "answered_at", "coming_at",
    "held_until", "closed_at", "slot_starts", "slot_ends", "escalated_at",
)  # fmt: skip
