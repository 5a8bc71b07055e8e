"""What an import needs to know of what is kept, and what is kept of an import itself: its report, and the
file that waits until somebody has looked at what it would change."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kiosk import sealing
from kiosk.events.records import Date, Facts, date_of, facts_of
from kiosk.store import NotThere, Reading, Row, Writing

LIFE = timedelta(hours=2)
"""How long a file that was handed in waits for somebody to say yes."""
LIFE_OF_FETCHED = timedelta(days=14)
MOST_REMARKS = 500
"""Lines of what was refused or strange that a report keeps."""


@dataclass(frozen=True)
class KeptDate:
    """A date that is kept. `booked` counts the people of its bookings; staff hold on to it when `held`."""

    id: str
    date: Date
    is_gone: bool
    held: bool
    booked: int


class SaidDate(NamedTuple):
    """What a calendar said last of a date: from when to when (minutes since 1970, UTC), and hashes.

    `key` is the one under which the date is kept. When nothing is kept under it, staff have left it out.
    """

    starts: int
    ends: int
    time: str
    place: str
    words: str
    status: str
    key: str


@dataclass
class Kept:
    """An event that came from a calendar, as it is now.

    `said` are hashes of what the calendar said last, `dates_said` the same of its dates, by the calendar's
    keys; a date that is not among them was added by hand. `held`: staff have decided on the event as a whole.
    """

    id: str
    facts: Facts
    said: dict[str, str]
    dates_said: dict[str, SaidDate]
    is_gone: bool
    held: bool
    may_go: bool
    title: str
    text: str
    dates: dict[str, KeptDate] = field(default_factory=dict)


def of_source(db: Reading, source: str, now: datetime) -> dict[str, Kept]:
    """The events of a calendar by their identity, with the dates that are not over."""
    at = int(now.timestamp() // 60)
    found = {
        row["id"]: Kept(
            id=row["id"],
            facts=facts_of(row),
            said=json.loads(row["said"]),
            dates_said={key: SaidDate(*said) for key, said in json.loads(row["dates_said"]).items()},
            is_gone=row["gone_at"] is not None,
            held=bool(row["kept"]),
            may_go=row["gone_at"] is None and not row["kept"] and row["place_in_lists"] is not None,
            title=row["title"] or "",
            text=row["text"] or "",
        )
        for row in db.all(
            "SELECT e.*, t.title, t.text FROM events e"
            " LEFT JOIN event_texts t ON t.event_id = e.id AND t.language = 'en' WHERE e.source = :source",
            source=source,
        )
    }
    booked = {
        row["id"]: row["people"]
        for row in db.all(
            "SELECT o.id, sum(b.places) AS people FROM events e JOIN occurrences o ON o.event_id = e.id"
            " JOIN bookings b ON b.occurrence_id = o.id"
            " WHERE e.source = :source AND o.ends > :now AND b.state <> 'cancelled' GROUP BY o.id",
            source=source,
            now=at,
        )
    }
    for row in db.all(
        "SELECT o.* FROM events e JOIN occurrences o ON o.event_id = e.id"
        " WHERE e.source = :source AND o.ends > :now",
        source=source,
        now=at,
    ):
        found[row["event_id"]].dates[row["key"]] = KeptDate(
            id=row["id"],
            date=date_of(row),
            is_gone=row["gone_at"] is not None,
            held=bool(row["kept"]),
            booked=booked.get(row["id"], 0),
        )
    names = db.all("SELECT id, identity FROM events WHERE source = :source", source=source)
    return {row["identity"]: found[row["id"]] for row in names}


def remember_said(
    db: Writing, event_id: str, said: Mapping[str, str], dates_said: Mapping[str, SaidDate]
) -> None:
    """Keep hashes of what the calendar says now of an event and of its dates."""
    db.run(
        "UPDATE events SET said = :said, dates_said = :dates WHERE id = :id",
        said=json.dumps(said, sort_keys=True),
        dates=json.dumps(dates_said, sort_keys=True),
        id=event_id,
    )


# Reports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What an import did. `remarks` are (where, reason) of what was refused or strange."""

    source: str
    at: str
    who: str
    added: int
    changed: int
    gone: int
    refused: int
    remarks: tuple[tuple[str, str], ...]


def report(db: Writing, done: Report) -> None:
    db.insert(
        "imports",
        id=secrets.token_hex(10),
        source=done.source,
        at=done.at,
        who=done.who,
        added=done.added,
        changed=done.changed,
        gone=done.gone,
        refused=done.refused,
        report=json.dumps(done.remarks[:MOST_REMARKS], ensure_ascii=False),
    )
    db.run(
        "DELETE FROM imports WHERE source = :source AND id NOT IN"
        " (SELECT id FROM imports WHERE source = :source ORDER BY at DESC LIMIT 20)",
        source=done.source,
    )


def reports(db: Reading, sources: Mapping[str, str] | None = None, most: int = 10) -> list[Report]:
    """The newest imports first; of these calendars, or of all."""
    rows = db.all("SELECT * FROM imports ORDER BY at DESC LIMIT :most", most=most if sources is None else 200)
    return [
        Report(
            row["source"], row["at"], row["who"], row["added"], row["changed"], row["gone"], row["refused"],
            tuple((where, reason) for where, reason in json.loads(row["report"])),
        )
        for row in rows
        if sources is None or row["source"] in sources
    ][:most]  # fmt: skip


# Files that wait --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A file that waits for a yes. `branch_id` is where its events are if they do not say, `owner_id` the
    branch whose staff handed it in, empty for all branches. `columns` and `day_first` are for tables."""

    id: str
    name: str
    source: str
    subscription_id: str
    branch_id: str
    owner_id: str
    columns: dict[str, str] | None
    day_first: bool | None
    created_at: str
    created_by: str


def put_by(
    db: Writing,
    content: bytes,
    *,
    name: str,
    source: str,
    by: str,
    service_key: bytes,
    branch_id: str = "",
    owner_id: str = "",
    subscription_id: str = "",
) -> str:
    """Keep a file until somebody has looked; its id. What was fetched replaces what was fetched before."""
    now = datetime.now(UTC)
    file_id = secrets.token_hex(16)
    remembered = db.maybe("SELECT * FROM import_columns WHERE source = :source", source=source)
    if subscription_id:
        db.run("DELETE FROM import_files WHERE subscription_id = :id", id=subscription_id)
    db.insert(
        "import_files",
        id=file_id,
        name=name,
        source=source,
        subscription_id=subscription_id or None,
        branch_id=branch_id or None,
        owner_id=owner_id or None,
        sealed=sealing.encrypt(content, _key(service_key), _context(file_id)),
        columns=remembered["columns"] if remembered else "",
        day_first=remembered["day_first"] if remembered else None,
        created_at=now.isoformat(),
        created_by=by,
        purge_after=(now + (LIFE_OF_FETCHED if subscription_id else LIFE)).isoformat(),
    )
    return file_id


def waiting(db: Reading, owner_id: str = "", most: int = 20) -> list[Waiting]:
    """The files that wait, the newest first: those of a branch, or all."""
    rows = db.all(
        "SELECT id, name, source, subscription_id, branch_id, owner_id, columns, day_first, created_at,"
        " created_by FROM import_files WHERE (owner_id = :owner OR :owner = '') AND purge_after > :now"
        " ORDER BY created_at DESC LIMIT :most",
        owner=owner_id,
        now=datetime.now(UTC).isoformat(),
        most=most,
    )
    return [_waiting(row) for row in rows]


def one_waiting(db: Reading, file_id: str, service_key: bytes, owner_id: str = "") -> tuple[Waiting, bytes]:
    """A file and its content. `NotThere` when it is not there any more, or another branch's."""
    row = db.one(
        "SELECT * FROM import_files WHERE id = :id AND (owner_id = :owner OR :owner = '')"
        " AND purge_after > :now",
        id=file_id,
        owner=owner_id,
        now=datetime.now(UTC).isoformat(),
    )
    return _waiting(row), sealing.decrypt(row["sealed"], _key(service_key), _context(file_id))


def set_columns(db: Writing, file: Waiting, columns: Mapping[str, str], day_first: bool | None) -> None:
    """Which column of a table is what; remembered for the next file of this calendar."""
    said = json.dumps(columns, ensure_ascii=False, sort_keys=True)
    first = None if day_first is None else int(day_first)
    db.run(
        "UPDATE import_files SET columns = :columns, day_first = :first WHERE id = :id",
        columns=said,
        first=first,
        id=file.id,
    )
    db.run(
        "INSERT INTO import_columns (source, columns, day_first) VALUES (:source, :columns, :first)"
        " ON CONFLICT (source) DO UPDATE SET columns = excluded.columns, day_first = excluded.day_first",
        source=file.source,
        columns=said,
        first=first,
    )


def throw_away(db: Writing, file_id: str) -> None:
    """`NotThere` when the file is not there any more."""
    if not db.run("DELETE FROM import_files WHERE id = :id", id=file_id):
        raise NotThere


def purge(db: Writing, now: datetime) -> int:
    """Delete files that nobody has said yes to in time; how many it were."""
    return db.run("DELETE FROM import_files WHERE purge_after <= :now", now=now.astimezone(UTC).isoformat())


def _waiting(row: Row) -> Waiting:
    return Waiting(
        id=row["id"],
        name=row["name"],
        source=row["source"],
        subscription_id=row["subscription_id"] or "",
        branch_id=row["branch_id"] or "",
        owner_id=row["owner_id"] or "",
        columns=json.loads(row["columns"]) if row["columns"] else None,
        day_first=None if row["day_first"] is None else bool(row["day_first"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


def _key(service_key: bytes) -> bytes:
    return sealing.derive(service_key, "calendars that wait")


def _context(file_id: str) -> str:
    return f"import_files|{file_id}|sealed|1"
