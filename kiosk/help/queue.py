"""Who is next: the order of the board, the place of one person in it, an honest estimate, and what is late.

Late is worked out from the time: nobody has answered within the limit of the branch (1), or within twice the
limit (2); then boards of other branches show it, too.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from kiosk import branches
from kiosk.branches import Branch
from kiosk.help import codes, hours
from kiosk.help.requests import Request, having, iso
from kiosk.settings import effective
from kiosk.store import Reading

LOOK_BACK = timedelta(hours=4)
"""The estimate is made of so much time in which staff were there."""
FARTHEST_BACK = 14
"""Days to look back for it."""
FEWEST = 5
"""Of fewer answers nothing is said."""


@dataclass(frozen=True)
class Standing:
    """What a waiting person is told. `place` is 1 for the next one, 0 when she does not wait in a queue.

    `minutes` is the estimate, None when nobody knows; `late` as `is_late` says it. `staff_see_it`: a board of
    the branch is open now. `mark` differs whenever anything of this, or of the request, does. While it is
    very late `others_told` says whether anybody else has been told: an e-mail went, or a board elsewhere
    shows it. `has_staff` is false when the hours of staff are over while she waits for them.
    """

    request: Request
    place: int
    minutes: int | None
    late: int
    staff_see_it: bool
    mark: str
    others_told: bool = False
    has_staff: bool = True


@dataclass(frozen=True)
class Called:
    """What a public display shows: numbers that wait, and those whose turn has come."""

    waiting: tuple[int, ...]
    called: tuple[int, ...]


def unfinished(db: Reading, branch_ids: Sequence[str], *, every_branch: bool = False) -> tuple[Request, ...]:
    """All open requests that may stand on the board of these branches, in no order.

    Those of other branches are among them that would be shown there when they are late: of all branches for
    a manager (`every_branch`). It depends on the database alone, so `store().known` can keep it.
    """
    ids = {f"b{number}": branch_id for number, branch_id in enumerate(branch_ids)}
    places = ", ".join(f":{name}" for name in ids) or "NULL"
    found = having(db, f"r.closed_at IS NULL AND r.branch_id IN ({places})", **ids)
    elsewhere = having(
        db,
        f"r.closed_at IS NULL AND r.branch_id NOT IN ({places})"
        f" AND (r.branch_id IN (SELECT branch_id FROM neighbours WHERE neighbour_id IN ({places}))"
        " OR :every OR EXISTS (SELECT 1 FROM settings WHERE name = 'help_escalates_to'))",
        every=int(every_branch),
        **ids,
    )
    shown = {
        branch_id
        for branch_id in {each.branch_id for each in elsewhere}
        if every_branch
        or {each.id for each in escalates_to(db, branches.find(db, branch_id))} & set(branch_ids)
    }
    return (*found, *(each for each in elsewhere if each.branch_id in shown))


def in_order(
    requests: Sequence[Request], branch_ids: Sequence[str], now: datetime, person_id: str = ""
) -> list[Request]:
    """What the board of these branches shows at this moment, the most urgent first.

    Unsafe, late, waiting, taken or coming, held; then who wants to be rung, messages, and booked times that
    are not due. Within each who waits longest. Those of other branches only when they are very late, or
    when they are in the hands of this person, or she is asked to take them.
    """
    shown = [
        each
        for each in requests
        if each.branch_id in branch_ids
        or is_late(each, now) == 2
        or (person_id and each.handler_id == person_id)
    ]
    return sorted(
        shown,
        key=lambda each: (_urgency(each, now), each.slot_starts or each.created_at, each.number, each.id),
    )


def _urgency(request: Request, now: datetime) -> int:
    """Which of the groups of the board it is in, 0 for the first."""
    unanswered = request.is_unanswered(now)
    if request.is_quiet:
        return 0
    if is_late(request, now):
        return 1
    if request.is_needed(now):
        return 2
    if request.state in ("taken", "coming"):
        return 3
    return 5 if unanswered else 4


def is_late(request: Request, now: datetime) -> int:
    """How late it is that nobody has answered. 0 for what staff have, and for who does not wait here.

    When who has taken it does not come, it is as late as if nobody had, from when she was expected.
    """
    if not request.is_open or not request.is_needed(now):
        return 0
    since = datetime.fromisoformat(request.expected_at or request.held_until or request.waiting_since)
    if request.slot_starts:
        since = max(since, datetime.fromisoformat(request.slot_starts))
    return max(0, min(2, (now - since) // timedelta(minutes=request.limit_minutes)))


def place_in_queue(db: Reading, request: Request) -> int:
    """How many wait at the branch up to her: 1 is the next. 0 when she does not wait in the queue."""
    if request.state != "waiting" or not request.waits_now:
        return 0
    before: int = db.value(
        "SELECT COUNT(*) FROM help_requests WHERE branch_id = :branch AND state = 'waiting'"
        " AND way IN ('here', 'desk') AND id <> :id"
        " AND ((topic = :quiet) > :is_quiet OR ((topic = :quiet) = :is_quiet AND (created_at < :created"
        " OR (created_at = :created AND number < :number))))",
        branch=request.branch_id,
        id=request.id,
        quiet=codes.QUIET,
        is_quiet=int(request.is_quiet),
        created=request.created_at,
        number=request.number,
    )
    return before + 1


def estimate(db: Reading, branch: Branch, now: datetime) -> int | None:
    """How many minutes it takes till somebody answers: the median of the last 4 hours that it was open.

    None when fewer than 5 were answered in them: nobody knows.
    """
    windows = _last_open(db, branch, now)
    if not windows:
        return None
    rows = db.all(
        "SELECT created_at, answered_at FROM help_requests WHERE branch_id = :branch"
        " AND way IN ('here', 'desk') AND answered_at >= :since",
        branch=branch.id,
        since=iso(windows[-1][0]),
    )
    waited = []
    for row in rows:
        asked, answered = (datetime.fromisoformat(row[name]) for name in ("created_at", "answered_at"))
        if any(opens <= answered <= closes for opens, closes in windows):
            waited.append((answered - asked).total_seconds())
    if len(waited) < FEWEST:
        return None
    return max(1, math.ceil(median(waited) / 60))


def _last_open(db: Reading, branch: Branch, now: datetime) -> list[tuple[datetime, datetime]]:
    """The last hours in which staff were there, up to now, the latest first; at most `LOOK_BACK` together."""
    zone = ZoneInfo(branch.time_zone)
    today = now.astimezone(zone).date()
    left, found = LOOK_BACK, list[tuple[datetime, datetime]]()
    for ago in range(FARTHEST_BACK):
        day = today - timedelta(days=ago)
        periods = branches.hours(db, branch.id, day)
        if periods is None:  # nobody entered any
            return [(now - LOOK_BACK, now)]
        for first, last in reversed(branches.spans(each for each in periods if each.staffed)):
            opens, closes = (datetime.combine(day, each, zone).astimezone(UTC) for each in (first, last))
            opens, closes = max(opens, min(closes, now) - left), min(closes, now)
            if opens < closes:
                found.append((opens, closes))
                left -= closes - opens
            if not left:
                return found
    return found


def standing(db: Reading, request: Request, now: datetime) -> Standing:
    """All that her screen shows, in one reading."""
    place, late = place_in_queue(db, request), is_late(request, now)
    minutes = estimate(db, branches.find(db, request.branch_id), now) if place else None
    seen = hours.presence(db, request.branch_id, now)
    others = late == 2 and (bool(request.escalated_at) or others_see(db, request, now))
    waits = request.waits_now and request.is_unanswered(now)
    staffed = not waits or hours.offer(db, branches.find(db, request.branch_id), now).has_staff
    told = (request.id, request.version, place, minutes, late, seen, others, staffed)
    mark = hashlib.blake2s(repr(told).encode(), digest_size=8).hexdigest()
    return Standing(request, place, minutes, late, seen, mark, others, staffed)


def others_see(db: Reading, request: Request, now: datetime) -> bool:
    """Whether a board that is open now shows a very late request besides those of its own branch."""
    asked = escalates_to(db, branches.find(db, request.branch_id))
    ids = {f"b{number}": each.id for number, each in enumerate(asked)}
    places = ", ".join(f":{name}" for name in ids) or "NULL"
    found = db.maybe(
        "SELECT 1 FROM boards b JOIN people p ON p.id = b.opened_by WHERE b.seen_at > :since"
        f" AND b.branch_id NOT IN ('', :own) AND (p.role = 'manager' OR b.branch_id IN ({places}))",
        since=iso(now - hours.PRESENT),
        own=request.branch_id,
        **ids,
    )
    return found is not None


def called(db: Reading, branch_id: str, now: datetime) -> Called:
    """The numbers of today for the wall display of the branch where people asked; never the quiet topic."""
    day = now.astimezone(ZoneInfo(branches.find(db, branch_id).time_zone)).date().isoformat()
    rows = db.all(
        "SELECT number, state FROM help_requests WHERE from_branch_id = :branch AND day = :day"
        " AND closed_at IS NULL AND way IN ('here', 'desk') AND topic <> :quiet ORDER BY number",
        branch=branch_id,
        day=day,
        quiet=codes.QUIET,
    )
    return Called(
        waiting=tuple(row["number"] for row in rows if row["state"] != "coming"),
        called=tuple(row["number"] for row in rows if row["state"] == "coming"),
    )


def escalates_to(db: Reading, branch: Branch) -> list[Branch]:
    """Whose boards show what is very late at a branch: those its settings name, else its neighbours."""
    names = effective(db, branch.id).help_escalates_to
    if not names:
        return branches.neighbours(db, branch.id)
    wanted = {name.casefold() for name in names}
    return [each for each in branches.every(db) if each.name.casefold() in wanted and each.id != branch.id]
