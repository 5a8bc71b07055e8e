"""What others may read: the programme of the library as a calendar, by branch and by topic.

Only what stands on the screens for everybody is in it. It is the same for all who ask, so that it needs no
visit, and may be kept by whoever fetched it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from kiosk.configuration import store
from kiosk.events import calendars, codes
from kiosk.events.records import Facts, date_of, facts_of
from kiosk.events.upcoming import SERIALS, at_branch, minutes
from kiosk.settings import effective
from kiosk.store import NotThere, Reading, Row

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")

BACK = timedelta(days=1)
AHEAD = timedelta(days=184)
MOST = 2000
"""Dates in one feed: the next ones."""
MOST_KEPT = 50
"""Feeds that are kept as they were made."""
MAX_AGE = 900
"""Seconds for which a feed that was fetched may be kept without asking again."""
PATIENCE = 5
"""Seconds to wait while another feed is made. They are made one at a time: the screens need the machine."""
_one_at_a_time = threading.Lock()
_may_wait = threading.BoundedSemaphore(2)  # however many ask at once, the screens keep the other threads
_OF_A_DATE = ", ".join(
    f"o.{name}"
    for name in (
        "id", "event_id", "key", "starts", "ends", "has_end", "zone", "all_day", "status", "moved_from",
        "title", "text", "branch_id", "place", "room", "capacity",
    )
)  # fmt: skip
"""What is read of a date: not how many have booked it, which would make every feed anew."""


@dataclass(frozen=True)
class Feed:
    """A feed with its hash, and the hash of what it was made of."""

    content: bytes
    etag: str
    made_of: str


@blueprint.get("/events.ics")
def events() -> Any:
    """The dates to come: of a branch, of a topic, of both, or all."""
    branch_id, topic = request.args.get("branch", ""), request.args.get("topic", "")
    if len(branch_id) > 40 or (topic and topic not in codes.TOPICS):
        abort(404)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    feed = _known(branch_id, topic, hour)
    answer = Response(feed.content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="events.ics"'
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    answer.set_etag(feed.etag)
    return answer.make_conditional(request)


def _known(branch_id: str, topic: str, hour: datetime) -> Feed:
    """The feed as it is; while nothing at all has changed, nothing is read for it and nobody waits."""

    def look_up(db: Reading) -> str:
        with _turn():
            return _feed(db, branch_id, topic, hour).made_of

    made_of = store().known(("feed", branch_id, topic, hour), look_up)
    found: Feed | None = current_app.extensions["feeds"].get((branch_id, topic))
    if found is not None and found.made_of == made_of:
        return found
    with _turn(), store().read() as db:
        return _feed(db, branch_id, topic, hour)


@contextmanager
def _turn() -> Iterator[None]:
    """The turn to make a feed. `ServiceUnavailable` when others wait for it already, or for too long."""
    if not _may_wait.acquire(blocking=False):
        raise ServiceUnavailable
    try:
        has_turn = _one_at_a_time.acquire(timeout=PATIENCE)
    finally:
        _may_wait.release()
    if not has_turn:
        raise ServiceUnavailable
    try:
        yield
    finally:
        _one_at_a_time.release()


def _feed(db: Reading, branch_id: str, topic: str, now: datetime) -> Feed:
    """The feed as it was made before, unless what it is made of has changed: to write it takes a second."""
    branch = db.one("SELECT name FROM branches WHERE id = :id", id=branch_id)["name"] if branch_id else ""
    rows = _dates(db, branch_id, topic, now)
    places = {row["id"]: row for row in db.all("SELECT id, name, address, postcode FROM branches")}
    name = ", ".join(filter(None, (effective(db).library_name, branch)))
    made_of = hashlib.sha256(repr((name, rows, places)).encode("utf-8", "replace")).hexdigest()[:32]
    kept: dict[tuple[str, str], Feed] = current_app.extensions["feeds"]
    found = kept.get((branch_id, topic))
    if found is None or found.made_of != made_of:
        stamp = max((row["changed_at"] for row in rows), default="1970-01-01T00:00:00+00:00")
        entries = [_entry(row, places) for row in rows]
        content = calendars.write(entries, name, datetime.fromisoformat(stamp))
        found = Feed(content, hashlib.sha256(content).hexdigest()[:32], made_of)
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[branch_id, topic] = found
    return found


def _dates(db: Reading, branch_id: str, topic: str, now: datetime) -> Sequence[Row]:
    """Dates with all that is public of their events, in order: found along an index, or for a topic in the
    list of the events that have it (those that were over yesterday are no longer in that)."""
    return db.all(
        f"SELECT {_OF_A_DATE}, e.status AS event_status, e.place_kind, e.branch_id AS event_branch,"
        " e.place AS event_place, e.room AS event_room, e.booking, e.capacity AS event_capacity, e.pence,"
        " e.codes, e.spoken, e.needs_age, e.link, e.changed_at, t.title AS event_title, t.text AS event_text"
        f" FROM {_found(topic)} LEFT JOIN event_texts t ON t.event_id = e.id AND t.language = 'en'"
        f" WHERE {_at(branch_id)} AND o.starts >= :first AND o.starts < :until"
        " AND o.gone_at IS NULL AND e.gone_at IS NULL AND e.status <> 'draft'"
        " ORDER BY o.starts, o.id LIMIT :most",
        branch=branch_id,
        list=at_branch(branch_id) if branch_id else topic,
        mask=codes.mask({topic} if topic else set()),
        first=minutes(now - BACK),
        until=minutes(now + AHEAD),
        most=MOST,
    )


def _found(topic: str) -> str:
    """Where dates are looked for. Of a topic no more events are needed than there may be dates: each of them
    has one at least, and they stand in the order of the next."""
    if not topic:
        return "occurrences o CROSS JOIN events e ON e.id = o.event_id"
    return (
        "(SELECT u.place FROM upcoming u WHERE u.list = :list AND u.traits & :mask = :mask"
        f" ORDER BY u.place LIMIT :most) u CROSS JOIN events e ON e.serial = u.place % {SERIALS}"
        " CROSS JOIN occurrences o ON o.event_id = e.id"
    )


def _at(branch_id: str) -> str:
    return "o.branch_id = :branch" if branch_id else ":branch = ''"


def _entry(row: Row, branches: dict[str, Row]) -> calendars.Occurrence:
    date = date_of(row)
    facts = facts_of(
        {
            **row,
            "status": row["event_status"],
            "branch_id": row["event_branch"],
            "place": row["event_place"],
            "room": row["event_room"],
            "capacity": row["event_capacity"],
        }
    )
    starts: calendars.Moment = date.starts
    ends: calendars.Moment | None = date.ends
    if date.all_day:
        clock = ZoneInfo(date.zone)
        starts = date.starts.astimezone(clock).date()
        ends = date.ends.astimezone(clock).date() if date.ends else None
    event = calendars.Event(
        uid=row["event_id"],
        summary=date.title or row["event_title"] or "",
        starts=starts,
        ends=ends,
        text=date.text or row["event_text"] or "",
        location=_location(row, facts, branches),
        url=facts.public_link,
        categories=tuple(sorted(facts.stated & set(codes.TOPICS))),
        status="tentative" if facts.status == "tentative" else "confirmed",
    )
    cancelled = "cancelled" in (facts.status, date.status)
    return calendars.Occurrence(event, row["event_id"], date.key, starts, ends, cancelled)


def _location(row: Row, facts: Facts, branches: dict[str, Row]) -> str:
    """Where a date is, as one line: room, branch and address, or the place."""
    room = row["room"] or facts.room
    branch = branches.get(row["branch_id"] or "")
    if branch:
        return ", ".join(filter(None, (branch["name"], room, branch["address"], branch["postcode"])))
    return ", ".join(filter(None, (row["place"] or facts.place, room)))


@blueprint.errorhandler(NotThere)
@blueprint.errorhandler(NotFound)
def not_there(_error: Exception) -> Any:
    """A program asks, not a person: no page."""
    return Response("", 404, mimetype="text/plain")


@blueprint.errorhandler(ServiceUnavailable)
def not_now(_error: Exception) -> Any:
    return Response("", 503, {"Retry-After": "60"}, mimetype="text/plain")


def init_app(app: Flask) -> None:
    app.extensions["feeds"] = {}
    app.register_blueprint(blueprint)
