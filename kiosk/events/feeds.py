"""What others may read: the programme of the library as a calendar, by branch and by topic.

Only what stands on the screens for everybody is in it. It is the same for all who ask, so that it needs no
visit, and may be kept by whoever fetched it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from kiosk.configuration import store
from kiosk.events import calendars, codes
from kiosk.events.records import Facts, date_of, facts_of
from kiosk.events.upcoming import minutes
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
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise ServiceUnavailable
    try:
        with store().read() as db:
            feed = _feed(db, branch_id, topic, hour)
    finally:
        _one_at_a_time.release()
    answer = Response(feed.content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="events.ics"'
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    answer.set_etag(feed.etag)
    return answer.make_conditional(request)


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
    """Dates with all that is public of their events; in order, along an index."""
    return db.all(
        "SELECT o.*, e.status AS event_status, e.place_kind, e.branch_id AS event_branch,"
        " e.place AS event_place, e.room AS event_room, e.booking, e.capacity AS event_capacity, e.pence,"
        " e.codes, e.spoken, e.needs_age, e.link, e.changed_at, t.title AS event_title, t.text AS event_text"
        " FROM occurrences o CROSS JOIN events e ON e.id = o.event_id"
        " LEFT JOIN event_texts t ON t.event_id = e.id AND t.language = 'en'"
        f" WHERE {_where(branch_id)} AND o.starts >= :first AND o.starts < :until"
        " AND o.gone_at IS NULL AND e.gone_at IS NULL AND e.status <> 'draft'"
        " AND (:topic = '' OR e.codes LIKE :topic) ORDER BY o.starts, o.id LIMIT :most",
        branch=branch_id,
        first=minutes(now - BACK),
        until=minutes(now + AHEAD),
        topic=f"% {topic} %" if topic else "",
        most=MOST,
    )


def _where(branch_id: str) -> str:
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
        url=facts.link,
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
