"""Calendars that are fetched from their addresses, by the clock and never while somebody waits.

The first time, what was fetched waits until a person has looked at what it would bring. Later changes are
taken by themselves; what has vanished though people have booked it waits for a decision, and so does a
calendar that has lost most of its events at once.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask

from kiosk import branches, sealing
from kiosk.events.incoming import fetching, importing
from kiosk.events.incoming import records as import_records
from kiosk.events.incoming.drafts import horizon
from kiosk.events.incoming.fetching import Address, Fetched, NotFetched
from kiosk.events.incoming.importing import Window
from kiosk.events.incoming.places import places
from kiosk.settings import Settings, effective
from kiosk.store import NotThere, Reading, Row, Store, Writing

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=24)
WHOLE_EVERY = timedelta(days=1)
"""A calendar that has not changed is read as a whole this often: there are new dates at the far end."""
MOST_AT_ONCE = 5
"""How many are fetched in one round, so that other errands get their turn."""
LIBRARY_ZONE = "Europe/London"
SHOWN = 20
"""Letters of the path of an address that are shown: what comes after them may be a secret."""


class AlreadyThere(Exception):
    """This address is fetched already, perhaps for another branch."""


class Stopped(Exception):
    """This address was fetched for another branch until somebody stopped it: a manager may take it over."""


@dataclass(frozen=True)
class Subscription:
    """A calendar with an address.

    `branch_id` is where its events are if they do not say, and whose staff look after it; empty for all. The
    moments are UTC in ISO 8601, empty for never. `result` is imported, same, look, ask, nothing, or a code of
    `fetching.Trouble`; `failures` counts the tries since it last went well. `sealed` is the address.
    """

    id: str
    sealed: bytes = field(repr=False)
    name: str
    branch_id: str
    etag: str
    modified: str
    tried_at: str
    read_at: str
    full_at: str
    looked_at: str
    result: str
    failures: int

    def url(self, service_key: bytes) -> str:
        """Its address. Some can be read by whoever knows theirs, so it is not for logs and pages."""
        return sealing.decrypt(self.sealed, _key(service_key), _context(self.id)).decode()

    def due_at(self, every: timedelta) -> datetime:
        """When it is to be fetched next: soon after a first failure, later and later after more of them."""
        if not self.tried_at:
            return datetime.min.replace(tzinfo=UTC)
        wait = every
        if self.failures:
            wait = min(FIRST_WAIT * 3 ** min(self.failures - 1, 8), LONGEST_WAIT)
        return datetime.fromisoformat(self.tried_at) + wait


# What is kept -----------------------------------------------------------------------------------------------


def every(db: Reading, branch_id: str = "") -> list[Subscription]:
    """The subscriptions that are going on: those of a branch, or all."""
    rows = db.all(
        "SELECT * FROM subscriptions WHERE stopped_at IS NULL AND (branch_id = :branch OR :branch = '')"
        " ORDER BY name, id",
        branch=branch_id,
    )
    return [_subscription(row) for row in rows]


def find(db: Reading, subscription_id: str, branch_id: str = "") -> Subscription:
    """`NotThere` when there is none, or it is another branch's."""
    row = db.one(
        "SELECT * FROM subscriptions WHERE id = :id AND stopped_at IS NULL"
        " AND (branch_id = :branch OR :branch = '')",
        id=subscription_id,
        branch=branch_id,
    )
    return _subscription(row)


def add(
    db: Writing,
    url: str,
    name: str,
    branch_id: str,
    by: str,
    *,
    service_key: bytes,
    may_take_over: bool = False,
) -> str:
    """Fetch the calendar at this address (of `fetching.as_address`) from now on; its id.

    One that was stopped goes on as the same calendar; with `may_take_over` also for another branch. Raises
    `AlreadyThere` and `Stopped`.
    """
    mark = sealing.mark(url, sealing.derive(service_key, "which addresses of calendars are the same"))
    row = db.maybe("SELECT id, stopped_at, branch_id FROM subscriptions WHERE url_mark = :mark", mark=mark)
    if row is not None:
        if not row["stopped_at"]:
            raise AlreadyThere
        if (row["branch_id"] or "") != branch_id and not may_take_over:
            raise Stopped
        db.run(
            "UPDATE subscriptions SET stopped_at = NULL, name = :name, branch_id = :branch, etag = '',"
            " modified = '', tried_at = NULL, looked_at = NULL, result = '', failures = 0 WHERE id = :id",
            id=row["id"],
            name=name,
            branch=branch_id or None,
        )
        return str(row["id"])
    subscription_id = secrets.token_hex(10)
    db.insert(
        "subscriptions",
        id=subscription_id,
        url_mark=mark,
        sealed=sealing.encrypt(url.encode(), _key(service_key), _context(subscription_id)),
        name=name,
        branch_id=branch_id or None,
        created_at=datetime.now(UTC).isoformat(),
        created_by=by,
    )
    return subscription_id


def shown(url: str) -> str:
    """As much of an address as staff need to know it by: the server, and how its path begins."""
    parts = urlsplit(url)
    rest = parts.path[SHOWN:] or parts.query
    return f"{parts.netloc}{parts.path[:SHOWN]}{'…' if rest else ''}"


def _key(service_key: bytes) -> bytes:
    return sealing.derive(service_key, "addresses of calendars")


def _context(subscription_id: str) -> str:
    return f"subscriptions|{subscription_id}|sealed|1"


def stop(db: Writing, subscription_id: str) -> None:
    """Fetch it no more. Its events stay as they are. `NotThere` when it is not going on."""
    if not db.run(
        "UPDATE subscriptions SET stopped_at = :now WHERE id = :id AND stopped_at IS NULL",
        id=subscription_id,
        now=datetime.now(UTC).isoformat(),
    ):
        raise NotThere
    db.run("DELETE FROM import_files WHERE subscription_id = :id", id=subscription_id)


def fetch_soon(db: Writing, subscription_id: str = "") -> None:
    """Fetch one (or all) in the next round, as a whole, whether it has changed or not."""
    db.run(
        "UPDATE subscriptions SET tried_at = NULL, etag = '', modified = ''"
        " WHERE (id = :id OR :id = '') AND stopped_at IS NULL",
        id=subscription_id,
    )


def looked_at(db: Writing, subscription_id: str) -> None:
    """Somebody has looked at what it brings, and said yes: from now on it changes things by itself."""
    now = datetime.now(UTC).isoformat()
    db.run(
        "UPDATE subscriptions SET looked_at = :now, read_at = :now, result = 'imported' WHERE id = :id",
        now=now,
        id=subscription_id,
    )


def _subscription(row: Row) -> Subscription:
    return Subscription(
        id=row["id"],
        sealed=row["sealed"],
        name=row["name"],
        branch_id=row["branch_id"] or "",
        etag=row["etag"],
        modified=row["modified"],
        tried_at=row["tried_at"] or "",
        read_at=row["read_at"] or "",
        full_at=row["full_at"] or "",
        looked_at=row["looked_at"] or "",
        result=row["result"],
        failures=row["failures"],
    )


# What the clock does ----------------------------------------------------------------------------------------


def fetch_due(app: Flask, over: threading.Event) -> None:
    """Fetch those whose turn it is. For a round of errands."""
    store: Store = app.extensions["store"]
    now = datetime.now(UTC)
    with store.read() as db:
        often = timedelta(hours=effective(db).calendar_hours)
        due = [each for each in every(db) if each.due_at(often) <= now]
    for each in sorted(due, key=lambda one: one.tried_at)[:MOST_AT_ONCE]:
        if over.is_set():
            return
        fetch_one(app, each)


def fetch_one(app: Flask, one: Subscription) -> None:
    """Fetch a calendar now and do with it what is to be done; what came of it is kept with it."""
    store: Store = app.extensions["store"]
    may: Callable[[Address], bool] = app.config["CALENDARS_FROM"]
    now = datetime.now(UTC)
    url = one.url(app.config["SERVICE_KEY"])
    is_fresh = bool(one.full_at) and now - datetime.fromisoformat(one.full_at) < WHOLE_EVERY
    try:
        found = fetching.fetch(
            url, etag=one.etag if is_fresh else "", modified=one.modified if is_fresh else "", may=may
        )
    except NotFetched as why:
        with store.write() as db:
            _keep(db, one, result=why.trouble.value, failures=one.failures + 1)
        return
    if found.content is None:
        with store.write() as db:
            _keep(db, one, result=one.result if one.result in {"look", "ask"} else "same")
        return
    _take(app, one, found, found.content)


def _take(app: Flask, one: Subscription, found: Fetched, content: bytes) -> None:
    """Read what was fetched; then change what has changed, or have a person look at it first."""
    store: Store = app.extensions["store"]
    service_key: bytes = app.config["SERVICE_KEY"]
    with store.read() as db:
        settings = effective(db, one.branch_id)
        zone = zone_of(db, one.branch_id)
    loaded = importing.load(content, "calendar.ics", zone)
    if loaded.is_nothing or loaded.table is not None:
        with store.write() as db:
            _keep(db, one, result="nothing", failures=one.failures + 1)
        return
    with store.read() as db:
        planned = importing.plan(
            db,
            loaded.calendar,
            one.id,
            window(settings, zone),
            places=places(db, one.branch_id),
            only_branch=one.branch_id,
        )
    with store.write() as db:
        find(db, one.id)  # it may have been stopped meanwhile: then this ends here
        result = "imported"
        if not one.looked_at or planned.asks:
            result = "ask" if one.looked_at else "look"
            import_records.put_by(
                db, content, name=one.name, source=one.id, by=BY, service_key=service_key,
                branch_id=one.branch_id, owner_id=one.branch_id, subscription_id=one.id,
            )  # fmt: skip
        if one.looked_at:
            tell = importing.teller(settings, service_key)
            done = importing.carry_out(db, planned, by=BY, tell_them=tell)
            if done != importing.NOTHING:
                importing.record(db, planned, done, who="clock", service_key=service_key)
        _keep(db, one, result=result, fetched=found)


BY = "calendars"
"""Who changed an event, when it was a calendar that was fetched."""


def _keep(
    db: Writing, one: Subscription, *, result: str, failures: int = 0, fetched: Fetched | None = None
) -> None:
    now = datetime.now(UTC).isoformat()
    db.run(
        "UPDATE subscriptions SET tried_at = :now, result = :result, failures = :failures WHERE id = :id",
        now=now,
        result=result,
        failures=failures,
        id=one.id,
    )
    if failures == 0:
        db.run("UPDATE subscriptions SET read_at = :now WHERE id = :id", now=now, id=one.id)
    if fetched is not None:
        db.run(
            "UPDATE subscriptions SET etag = :etag, modified = :modified, full_at = :now WHERE id = :id",
            etag=fetched.etag,
            modified=fetched.modified,
            now=now,
            id=one.id,
        )


def window(settings: Settings, zone: ZoneInfo) -> Window:
    """From today on, for as many months ahead as the library has chosen."""
    today = datetime.now(zone).date()
    return Window(today, horizon(today, settings.events_ahead_months))


def zone_of(db: Reading, branch_id: str = "") -> ZoneInfo:
    """The time zone of a branch, or else of the branch that was set up first."""
    found = branches.every(db)
    named = next((each for each in found if each.id == branch_id), found[0] if found else None)
    return ZoneInfo(named.time_zone if named else LIBRARY_ZONE)
