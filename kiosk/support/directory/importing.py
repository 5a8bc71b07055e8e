"""A directory comes in: first a plan that says what would change, then, after a yes, the change.

What came is kept as it came. What the library made of it stays: its plain words, the needs, the facts that
staff have set, who takes referrals, and whether people see it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from kiosk.store import Reading, Row, Writing
from kiosk.support.directory.openreferral import Coming, Runner
from kiosk.support.directory.reading import Directory
from kiosk.support.directory.records import FACTS, kept_as
from kiosk.support.directory.remarks import Remark

Kind = Literal["new", "changed", "same", "gone"]
COLUMNS = ("name", "text", "url", "email", "phone", "address", "status")
MANY = 5
"""Services that may vanish at once without anybody being asked."""
MOST_REMARKS = 500
OURS = "The library wrote this service itself. It was left as it is."
OF_ANOTHER = "This service belongs to the directory “%(source)s”. It was left as it is."
RUNNER_OF_ANOTHER = (
    "Another directory, or the library itself, has this organisation. That one was left as it is; services of"
    " this file have one of their own."
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """What would happen to one service; `changes` are the columns that get something new, or "back"."""

    kind: Kind
    id: str
    name: str
    changes: tuple[str, ...] = ()
    coming: Coming | None = None


@dataclass(frozen=True)
class Plan:
    """What loading a directory would do. `organisations` counts those in it, by id or else by name.

    `asks`: so much has gone that it is left alone unless somebody says that it may go.
    """

    source: str
    directory: Directory
    lines: tuple[Line, ...]
    refused: tuple[Remark, ...]
    organisations: int
    asks: bool

    def of(self, kind: Kind) -> list[Line]:
        return [line for line in self.lines if line.kind == kind]

    def count(self, kind: Kind) -> int:
        return len(self.of(kind))

    @property
    def fingerprint(self) -> str:
        """Different as soon as something else would happen."""
        said = [(line.kind, line.id, line.changes, line.coming and line.coming.raw) for line in self.lines]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def own_id(source: str, came_id: str) -> str:
    """The id of a thing in this library: its own if that is a UUID, else one made of its directory and id."""
    if _UUID.fullmatch(came_id):
        return str(UUID(came_id))
    return str(uuid5(NAMESPACE_URL, f"{source}|{came_id}"))


def print_of(name: str, text: str) -> str:
    """A hash by which to see that a card was written from other words."""
    return hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()


def plan(db: Reading, directory: Directory, source: str) -> Plan:
    """What would change if `directory` were loaded as `source`, its name in this library."""
    known = {row["id"]: row for row in db.all("SELECT * FROM services")}
    words: dict[str, set[str]] = {}
    for each in db.all("SELECT service_id, word FROM service_words"):
        words.setdefault(each["service_id"], set()).add(each["word"])
    owners = _owners(db, source)
    lines: list[Line] = []
    refused = list(directory.refused)
    refused += [Remark(name, RUNNER_OF_ANOTHER) for name in owners.taken(directory)]
    for coming in directory.services:
        service_id = own_id(source, coming.id)
        row = known.get(service_id)
        if row is not None and row["source"] != source:
            reason = OF_ANOTHER % {"source": row["source"]} if row["source"] else OURS
            refused.append(Remark(coming.name, reason))
            continue
        lines.append(_line(coming, service_id, row, words.get(service_id, set()), owners))
    here = {line.id for line in lines} | {own_id(source, each) for each in directory.refused_ids}
    present = [row for row in known.values() if row["source"] == source and row["gone_at"] is None]
    gone = [row for row in present if row["id"] not in here] if directory.is_whole else []
    lines += [Line("gone", row["id"], row["name"]) for row in gone]
    runners = [each.organisation for each in directory.services if each.organisation]
    organisations = {each.id or each.name.casefold() for each in runners}
    asks = len(gone) > MANY and 2 * len(gone) > len(present)
    return Plan(source, directory, tuple(lines), tuple(refused), len(organisations), asks)


def _line(coming: Coming, service_id: str, row: Row | None, words: set[str], owners: _Owners) -> Line:
    if row is None:
        return Line("new", service_id, coming.name, (), coming)
    values = _values(coming, owners, json.loads(row["staff_facts"]))
    changes = [name for name, value in values.items() if row[name] != value]
    if words != set(coming.words):
        changes.append("words")
    if row["gone_at"] is not None:
        changes.append("back")
    return Line("changed" if changes else "same", service_id, coming.name, tuple(changes), coming)


def _values(coming: Coming, owners: _Owners, staff_facts: list[str]) -> dict[str, Any]:
    """The columns that an import sets: not the facts that staff have set."""
    values: dict[str, Any] = {name: getattr(coming, name) for name in COLUMNS}
    values["organisation_id"] = owners.id_of(coming.organisation) if coming.organisation else None
    came = {fact: kept_as(fact, coming.facts.get(fact)) for fact in FACTS}
    values |= {fact: value for fact, value in came.items() if fact not in staff_facts}
    return values


def _facts_came(coming: Coming) -> str:
    return json.dumps({fact: kept_as(fact, value) for fact, value in coming.facts.items()}, sort_keys=True)


@dataclass(frozen=True)
class _Owners:
    """Which directory each organisation here belongs to: none may change those of another."""

    source: str
    sources: Mapping[str, str]

    def id_of(self, runner: Runner) -> str:
        """Its id in this library: its own, unless that is the one of an organisation that is not theirs."""
        came_id = runner.id or f"organisation {runner.name.casefold()}"
        found = own_id(self.source, came_id)
        if self.sources.get(found, self.source) == self.source:
            return found
        return str(uuid5(NAMESPACE_URL, f"{self.source}|{came_id}"))

    def taken(self, directory: Directory) -> list[str]:
        """The names of those in a file that would have changed one which is not theirs."""
        runners = (each.organisation for each in directory.services if each.organisation)
        return sorted({each.name for each in runners if self.id_of(each) != self._came(each)})

    def _came(self, runner: Runner) -> str:
        return own_id(self.source, runner.id or f"organisation {runner.name.casefold()}")


def _owners(db: Reading, source: str) -> _Owners:
    return _Owners(
        source, {row["id"]: row["source"] for row in db.all("SELECT id, source FROM organisations")}
    )


# Doing it ---------------------------------------------------------------------------------------------------


def carry_out(db: Writing, planned: Plan, *, by: str, take_away: bool = False) -> Plan:
    """Do what the plan says, as things are now; the plan that was carried out.

    What has gone is left alone if that must be asked, unless `take_away`.
    """
    planned = plan(db, planned.directory, planned.source)
    now, owners = datetime.now(UTC).isoformat(), _owners(db, planned.source)
    _save_runners(db, planned, owners, now)
    for line in planned.lines:
        if line.coming is not None and line.kind == "new":
            _add(db, line.id, line.coming, owners, now, by)
        elif line.coming is not None:
            _update(db, line, line.coming, owners, now, by)
        elif take_away or not planned.asks:
            db.run(
                "UPDATE services SET gone_at = :now, kept = 0, changed_at = :now, changed_by = :by"
                " WHERE id = :id",
                now=now, by=by, id=line.id,
            )  # fmt: skip
    _report(db, planned, now, by)
    return planned


def _save_runners(db: Writing, planned: Plan, owners: _Owners, now: str) -> None:
    runners: dict[str, Runner] = {}
    for line in planned.lines:
        if line.coming is not None and line.coming.organisation is not None:
            runners.setdefault(owners.id_of(line.coming.organisation), line.coming.organisation)
    for runner_id, each in runners.items():
        db.run(
            "INSERT INTO organisations (id, source, name, text, url, email, created_at, changed_at)"
            " VALUES (:id, :source, :name, :text, :url, :email, :now, :now)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, text = excluded.text, url = excluded.url,"
            " email = excluded.email, changed_at = excluded.changed_at"
            " WHERE (organisations.name, organisations.text,"
            " organisations.url, organisations.email)"
            " IS NOT (excluded.name, excluded.text, excluded.url, excluded.email)",
            id=runner_id, source=planned.source, name=each.name, text=each.text, url=each.url,
            email=each.email, now=now,
        )  # fmt: skip


def _add(db: Writing, service_id: str, coming: Coming, owners: _Owners, now: str, by: str) -> None:
    db.insert(
        "services",
        id=service_id,
        source=owners.source,
        raw=coming.raw,
        **_values(coming, owners, []),
        facts_came=_facts_came(coming),
        state="open",
        news="new",
        created_at=now,
        changed_at=now,
        changed_by=by,
    )
    _file_under(db, service_id, coming.words)


def _update(db: Writing, line: Line, coming: Coming, owners: _Owners, now: str, by: str) -> None:
    if line.kind == "same":
        # what nobody reads here may have changed all the same
        db.run(
            "UPDATE services SET raw = :raw, facts_came = :facts_came WHERE id = :id AND raw <> :raw",
            raw=coming.raw, facts_came=_facts_came(coming), id=line.id,
        )  # fmt: skip
        return
    row = db.one("SELECT staff_facts, news FROM services WHERE id = :id", id=line.id)
    values = _values(coming, owners, json.loads(row["staff_facts"]))
    news = "new" if row["news"] == "new" else " ".join(sorted({*row["news"].split(), *line.changes}))
    columns = ", ".join(f"{name} = :{name}" for name in values)
    db.run(
        f"UPDATE services SET {columns}, raw = :raw, facts_came = :facts_came, news = :news,"
        " gone_at = NULL, kept = 0, changed_at = :now, changed_by = :by WHERE id = :id",
        **values, raw=coming.raw, facts_came=_facts_came(coming), news=news, now=now, by=by, id=line.id,
    )  # fmt: skip
    _file_under(db, line.id, coming.words)
    outdate(db, line.id, print_of(coming.name, coming.text))


def _file_under(db: Writing, service_id: str, words: tuple[str, ...]) -> None:
    db.run("DELETE FROM service_words WHERE service_id = :id", id=service_id)
    for word in words:
        db.insert("service_words", service_id=service_id, word=word)


def outdate(db: Writing, service_id: str, made_from: str) -> None:
    """Mark the cards that were written from what came before; those made from an English card stay."""
    db.run(
        "UPDATE service_cards SET state = 'outdated' WHERE service_id = :id AND made_from <> :made_from"
        " AND (language = 'en' OR NOT EXISTS"
        " (SELECT 1 FROM service_cards e WHERE e.service_id = :id AND e.language = 'en'))",
        id=service_id,
        made_from=made_from,
    )


# Reports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What an import did, and (where, reason) of what was refused or strange."""

    source: str
    at: str
    who: str
    added: int
    changed: int
    gone: int
    refused: int
    remarks: tuple[tuple[str, str], ...]


def _report(db: Writing, done: Plan, now: str, by: str) -> None:
    remarks = [(each.where, each.reason) for each in (*done.refused, *done.directory.warnings)]
    db.insert(
        "directory_imports",
        id=secrets.token_hex(10),
        source=done.source,
        at=now,
        who=by,
        added=done.count("new"),
        changed=done.count("changed"),
        gone=done.count("gone"),
        refused=len(done.refused),
        report=json.dumps(remarks[:MOST_REMARKS], ensure_ascii=False),
    )
    db.run(
        "DELETE FROM directory_imports WHERE id NOT IN"
        " (SELECT id FROM directory_imports ORDER BY at DESC LIMIT 50)"
    )


def reports(db: Reading, most: int = 10) -> list[Report]:
    """The newest imports first."""
    rows = db.all("SELECT * FROM directory_imports ORDER BY at DESC LIMIT :most", most=most)
    return [
        Report(
            row["source"], row["at"], row["who"], row["added"], row["changed"], row["gone"], row["refused"],
            tuple((where, reason) for where, reason in json.loads(row["report"])),
        )
        for row in rows
    ]  # fmt: skip


def told(planned: Plan) -> Mapping[str, Any]:
    """The plan in numbers and reasons, as `kiosk support import --json` prints it."""
    return {
        "services": len(planned.directory.services),
        "organisations": planned.organisations,
        **{kind: planned.count(kind) for kind in _KINDS},
        "refused": list(_remarks(planned.refused)),
        "warnings": list(_remarks(planned.directory.warnings)),
    }


_KINDS: tuple[Kind, ...] = ("new", "changed", "same", "gone")


def _remarks(remarks: tuple[Remark, ...] | list[Remark]) -> Iterator[dict[str, str]]:
    return ({"where": each.where, "reason": each.reason} for each in remarks)
