"""What staff read and change of joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.settings import Settings
from kiosk.store import Reading, Row, Writing

TABS = {"new": ("new",), "waiting": ("waiting",), "done": ("finished", "refused")}
"""The lists of the desk, and the states of the joins in each."""
OPEN = ("new", "waiting")


class AlreadyDone(Exception):
    """Somebody else finished or refused it before. `name` is who, `state` what it is now."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(state)
        self.name = name
        self.state = state


class ChangedMeanwhile(Exception):
    """Somebody else changed it since it was opened. `name` is who."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


_SHOWN = (
    "SELECT j.*, b.name AS branch, COALESCE(k.name, '') AS screen, COALESCE(p.name, '') AS handler,"
    " EXISTS (SELECT 1 FROM joins o WHERE COALESCE(o.party, o.id) <> COALESCE(j.party, j.id)"
    "  AND (o.name_mark = j.name_mark OR o.contact_mark = j.contact_mark)) AS flagged"
    " FROM joins j JOIN branches b ON b.id = j.branch_id LEFT JOIN kiosks k ON k.id = j.kiosk_id"
    " LEFT JOIN people p ON p.id = j.handled_by"
    " WHERE j.purged_at IS NULL"
)


@dataclass(frozen=True)
class Join:
    """A join as staff see it before it is opened: nothing in it says who the person is.

    Moments are UTC in ISO 8601. `reason` is a code; `handler` the name of who changed it last, or empty.
    """

    id: str
    reference: str
    branch_id: str
    branch: str
    screen: str
    language: str
    notice_version: str
    kind: str
    party: str
    state: str
    reason: str
    handler: str
    flagged: bool
    created_at: str
    changed_at: str
    purge_after: str
    sealed: bytes

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class Twin:
    """Another join that may be of the same person, and in what the two are alike."""

    join: Join
    same_name: bool
    same_contact: bool


@dataclass(frozen=True)
class Finished:
    """A finished join, when that was (UTC in ISO 8601), and the targets it was handed over to since."""

    join: Join
    finished_at: str
    targets: tuple[str, ...]


def listed(
    db: Reading, tab: str, branch_id: str = "", language: str = "", *, most: int = 20, skip: int = 0
) -> list[Join]:
    """The joins of a list, of one branch or of all; who waits longest first, what is done latest first."""
    order = "j.changed_at DESC" if tab == "done" else "j.created_at"
    rows = db.all(
        f"{_SHOWN} AND {_in(tab)} AND {_at(branch_id)} AND (:language = '' OR j.language = :language)"
        f" ORDER BY {order}, j.id LIMIT :most OFFSET :skip",
        branch=branch_id,
        language=language,
        most=most,
        skip=skip,
    )
    return [_join(row) for row in rows]


def count(db: Reading, tab: str, branch_id: str = "", language: str = "") -> int:
    return int(
        db.value(
            f"SELECT count(*) FROM joins j WHERE j.purged_at IS NULL AND {_in(tab)} AND {_at(branch_id)}"
            " AND (:language = '' OR j.language = :language)",
            branch=branch_id,
            language=language,
        )
    )


def latest_change(db: Reading, branch_id: str = "") -> int:
    """A number that grows with every change of a join: microseconds since 1970; 0 when there is none."""
    moment = db.value(f"SELECT max(j.changed_at) FROM joins j WHERE {_at(branch_id)}", branch=branch_id)
    return int(datetime.fromisoformat(moment).timestamp() * 1_000_000) if moment else 0


def for_desk(db: Reading, join_id: str, branch_id: str = "") -> Join:
    """One join, if it is of that branch (or of any, when empty) and not wiped yet; else `NotThere`."""
    return _join(db.one(f"{_SHOWN} AND j.id = :id AND {_at(branch_id)}", id=join_id, branch=branch_id))


def by_reference(db: Reading, reference: str, branch_id: str = "") -> Join:
    """The same by its code."""
    return _join(
        db.one(
            f"{_SHOWN} AND j.reference = :reference AND {_at(branch_id)}",
            reference=reference,
            branch=branch_id,
        )
    )


def twins(db: Reading, join: Join) -> list[Twin]:
    """Joins, at any branch, with the same name and date of birth or the same phone or e-mail.

    Those of a family that joined in one go are alike, and no twins.
    """
    rows = db.all(
        "SELECT o.id, o.name_mark = j.name_mark AS same_name, o.contact_mark = j.contact_mark AS same_contact"
        " FROM joins o, joins j WHERE j.id = :id AND COALESCE(o.party, o.id) <> COALESCE(j.party, j.id)"
        " AND (o.name_mark = j.name_mark OR o.contact_mark = j.contact_mark) ORDER BY o.created_at LIMIT 10",
        id=join.id,
    )
    return [Twin(for_desk(db, row["id"]), bool(row["same_name"]), bool(row["same_contact"])) for row in rows]


def came_with(db: Reading, join: Join) -> list[Join]:
    """The others of a family that joined in one go, the first first; nobody for who came alone."""
    rows = db.all(
        f"{_SHOWN} AND (j.id = :party OR j.party = :party) AND j.id <> :id ORDER BY j.one_time_key",
        party=join.party,
        id=join.id,
    )
    return [_join(row) for row in rows]


def edit(db: Writing, join: Join, person_id: str, sealed: bytes, marked: Mapping[str, Any]) -> None:
    """Keep what staff corrected. Raises `AlreadyDone`, `ChangedMeanwhile`."""
    _change(db, join, person_id, state=join.state, reason=join.reason, sealed=sealed, **marked)


def keep_sealed(db: Writing, join_id: str, sealed: bytes) -> None:
    """Keep what another join has brought to an open one; no change of staff's own."""
    db.run(
        "UPDATE joins SET sealed = :sealed"
        " WHERE id = :id AND state IN ('new', 'waiting') AND purged_at IS NULL",
        sealed=sealed,
        id=join_id,
    )


def wait(db: Writing, join: Join, person_id: str, reason: str) -> None:
    """Put it to those that wait for someone. Raises `AlreadyDone`, `ChangedMeanwhile`."""
    _change(db, join, person_id, state="waiting", reason=reason)


def finish(db: Writing, join: Join, person_id: str, sealed: bytes, settings: Settings) -> None:
    """The person has her card; `sealed` holds its number. Raises `AlreadyDone`, `ChangedMeanwhile`."""
    _close(db, join, person_id, "finished", "", sealed, settings)


def refuse(db: Writing, join: Join, person_id: str, reason: str, sealed: bytes, settings: Settings) -> None:
    """It will not become a membership. Raises `AlreadyDone`, `ChangedMeanwhile`."""
    _close(db, join, person_id, "refused", reason, sealed, settings)


def finished(
    db: Reading, branch_id: str = "", *, since: str = "", until: str = "", most: int = 200
) -> list[Finished]:
    """The finished joins of one branch or of all, the latest first; from `since` to before `until`.

    Both are UTC in ISO 8601, or empty for no limit.
    """
    rows = db.all(
        f"{_SHOWN} AND j.state = 'finished' AND {_at(branch_id)} AND j.finished_at >= :since"
        " AND (:until = '' OR j.finished_at < :until) ORDER BY j.finished_at DESC, j.id LIMIT :most",
        branch=branch_id,
        since=since,
        until=until,
        most=most,
    )
    return _with_targets(db, rows)


def finished_among(db: Reading, ids: Sequence[str], branch_id: str = "") -> list[Finished]:
    """Those of these joins that are finished and of that branch (or of any); the others are left out."""
    if not ids:
        return []
    named = {f"id{number}": each for number, each in enumerate(ids)}
    rows = db.all(
        f"{_SHOWN} AND j.state = 'finished' AND {_at(branch_id)} AND j.id IN ({_places(named)})"
        " ORDER BY j.finished_at, j.id",
        branch=branch_id,
        **named,
    )
    return _with_targets(db, rows)


def hand_over(db: Writing, ids: Sequence[str], target: str) -> None:
    """Keep that these joins went to a target, now."""
    now = datetime.now(UTC).isoformat()
    for join_id in ids:
        db.run(
            "INSERT INTO handovers (join_id, target, at) VALUES (:join, :target, :now)"
            " ON CONFLICT (join_id, target) DO UPDATE SET at = excluded.at",
            join=join_id,
            target=target,
            now=now,
        )


def _with_targets(db: Reading, rows: list[Row]) -> list[Finished]:
    if not rows:
        return []
    named = {f"id{number}": row["id"] for number, row in enumerate(rows)}
    gone: dict[str, list[str]] = {}
    for row in db.all(
        f"SELECT join_id, target FROM handovers WHERE join_id IN ({_places(named)}) ORDER BY target", **named
    ):
        gone.setdefault(row["join_id"], []).append(row["target"])
    return [Finished(_join(row), row["finished_at"], tuple(gone.get(row["id"], ()))) for row in rows]


def _places(named: Mapping[str, str]) -> str:
    return ", ".join(f":{name}" for name in named)


def _close(
    db: Writing, join: Join, person_id: str, state: str, reason: str, sealed: bytes, settings: Settings
) -> None:
    now = datetime.now(UTC)
    purge_after = (now + timedelta(days=settings.join_kept_after_days)).isoformat()
    _change(
        db,
        join,
        person_id,
        state=state,
        reason=reason,
        sealed=sealed,
        finished_at=now.isoformat(),
        purge_after=purge_after,
    )


def _change(db: Writing, join: Join, person_id: str, **values: Any) -> None:
    """Write over a join that is still open and still as it was read: two people at once meet here."""
    columns = ", ".join(f"{name} = :{name}" for name in values)
    changed = db.run(
        f"UPDATE joins SET {columns}, handled_by = :person, changed_at = :now"
        " WHERE id = :id AND changed_at = :as_read AND state IN ('new', 'waiting') AND purged_at IS NULL",
        person=person_id,
        now=datetime.now(UTC).isoformat(),
        id=join.id,
        as_read=join.changed_at,
        **values,
    )
    if not changed:
        now = for_desk(db, join.id)
        raise ChangedMeanwhile(now.handler) if now.is_open else AlreadyDone(now.handler, now.state)


def _at(branch_id: str) -> str:
    """Of one branch, or of all; two conditions rather than one with OR, which no index could serve."""
    return "j.branch_id = :branch" if branch_id else "1 = 1"


def _in(tab: str) -> str:
    return "j.state IN ({})".format(", ".join(f"'{state}'" for state in TABS[tab]))


def _join(row: Row) -> Join:
    return Join(
        id=row["id"],
        reference=row["reference"],
        branch_id=row["branch_id"],
        branch=row["branch"],
        screen=row["screen"],
        language=row["language"],
        notice_version=row["notice_version"],
        kind=row["kind"],
        party=row["party"] or row["id"],
        state=row["state"],
        reason=row["reason"],
        handler=row["handler"],
        flagged=bool(row["flagged"]),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        purge_after=row["purge_after"],
        sealed=row["sealed"],
    )
