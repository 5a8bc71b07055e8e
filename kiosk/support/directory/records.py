"""The services that people can be led to: who runs them, what is known of them, and their plain words.

What is not known of a service is None, and never a guess: whoever looks for help is told to ask.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kiosk.store import NotThere, Reading, Row, Writing
from kiosk.support.directory.texts import plain

STATES = ("open", "paused", "full")
"""Whether a service takes people now, as its partner or staff say."""
STATUSES = ("active", "temporarily closed", "inactive", "defunct")
"""Open Referral's words for the life of a service; only the first two are offered to anybody."""
WAYS = ("come", "call", "online", "they-visit", "book")
"""How to come to a service: walk in, telephone, online, they come to her home, by appointment."""
FACTS = (
    *("free", "fee", "languages", "ways", "min_age", "max_age"),
    *("districts", "children", "work", "stay"),
)
"""What can be known of a service. What staff have set of these, no import changes."""


@dataclass(frozen=True)
class Service:
    """A service as it is now. Of the facts, None means that nobody knows.

    `name` and `text` (safe HTML) are as they came; what residents read is a `Card`. `free`, `fee`: what it
    costs. `languages`: tags of what is spoken there. `ways`: of `WAYS`. `min_age`, `max_age`: whole years,
    both included. `districts`: postcode districts like IP1; () is everywhere. `children`: only for people
    with children (False: for everybody). `work`, `stay`: codes of the answers it is for; () is for everybody.
    `needs`: codes of what it helps with. `places_left`: None is no limit. `partner_id`: None takes no
    referrals here. `is_offered`: residents may see it now.
    """

    id: str
    organisation_id: str
    organisation: str
    source: str
    name: str
    text: str
    url: str
    email: str
    phone: str
    address: str
    free: bool | None
    fee: str
    languages: tuple[str, ...] | None
    ways: tuple[str, ...] | None
    min_age: int | None
    max_age: int | None
    districts: tuple[str, ...] | None
    children: bool | None
    work: tuple[str, ...] | None
    stay: tuple[str, ...] | None
    needs: frozenset[str]
    state: str
    places_left: int | None
    partner_id: str | None
    shown: bool
    is_offered: bool
    changed_at: str


@dataclass(frozen=True)
class Organisation:
    """Who runs services. `text` is safe HTML; `source` the directory it came from, '' when written here."""

    id: str
    source: str
    name: str
    text: str
    url: str
    email: str


@dataclass(frozen=True)
class Card:
    """What a resident reads of a service: plain text, a paragraph a line.

    `language` is what it is written in. `state`: draft, read (by a native speaker), outdated (what it was
    written from has changed since), or imported (nobody has put it into plain words).
    """

    name: str
    text: str
    language: str
    state: str


OFFERED = "s.shown = 1 AND (s.gone_at IS NULL OR s.kept = 1) AND s.status IN ('active', 'temporarily closed')"
"""In SQL: residents may see the service `s`."""
SERVICE = (
    f"SELECT s.*, o.name AS organisation, {OFFERED} AS is_offered"
    " FROM services s LEFT JOIN organisations o ON o.id = s.organisation_id"
)
"""In SQL: all that a `Service` is made of, but for its needs; a WHERE may follow."""
NEEDS = (
    "SELECT m.service_id, m.need FROM service_needs m WHERE m.meets = 1"
    " UNION SELECT w.service_id, d.need FROM service_words w JOIN directory_words d ON d.word = w.word"
    " WHERE d.need <> '' AND NOT EXISTS (SELECT 1 FROM service_needs m"
    " WHERE m.service_id = w.service_id AND m.need = d.need AND m.meets = 0)"
)
"""In SQL: with what each service helps, by what staff say of it and of the words it is filed under."""


def find(db: Reading, service_id: str) -> Service:
    """One service, offered or not. `NotThere`."""
    return services_of(db, [db.one(f"{SERVICE} WHERE s.id = :id", id=service_id)])[0]


def shown(db: Reading) -> list[Service]:
    """The services that residents may see, by name: what staff show and what has not ended."""
    return services_of(db, db.all(f"{SERVICE} WHERE {OFFERED} ORDER BY s.name, s.id"))


def of_partner(db: Reading, partner_id: str) -> list[Service]:
    """All services for which a partner takes referrals, by name."""
    rows = db.all(f"{SERVICE} WHERE s.partner_id = :id ORDER BY s.name, s.id", id=partner_id)
    return services_of(db, rows)


def organisation(db: Reading, organisation_id: str) -> Organisation:
    """`NotThere`."""
    return organisation_of(db.one("SELECT * FROM organisations WHERE id = :id", id=organisation_id))


def organisations(db: Reading) -> dict[str, Organisation]:
    """All of them by id."""
    return {row["id"]: organisation_of(row) for row in db.all("SELECT * FROM organisations")}


def card(db: Reading, service_id: str, language: str) -> Card:
    """What a resident reads, in `language` (a tag) or else in English. `NotThere`."""
    return _cards(db, language, "s.id = :id", id=service_id)[service_id]


def cards(db: Reading, language: str) -> dict[str, Card]:
    """The cards of all that residents may see, by service id; each as `card` gives it."""
    return _cards(db, language, OFFERED)


def _cards(db: Reading, language: str, condition: str, **values: Any) -> dict[str, Card]:
    found: dict[str, Card] = {}
    rows = db.all(
        "SELECT s.id, s.name AS came_name, s.text AS came_text, c.language, c.name, c.text, c.state"
        " FROM services s LEFT JOIN service_cards c ON c.service_id = s.id AND ("
        " c.language = 'en' OR (c.language = :language AND c.state <> 'outdated'))"
        f" WHERE {condition}",
        language=language,
        **values,
    )
    if not rows:
        return _nothing(values)
    for row in rows:
        if row["language"] is None:
            found[row["id"]] = Card(row["came_name"], plain(row["came_text"]), "en", "imported")
        elif row["id"] not in found or row["language"] == language:
            found[row["id"]] = Card(row["name"], row["text"], row["language"], row["state"])
    return found


def _nothing(values: Mapping[str, Any]) -> dict[str, Card]:
    if "id" in values:
        raise NotThere
    return {}


def set_capacity(db: Writing, service_id: str, state: str, places_left: int | None) -> None:
    """Say whether a service takes people now, and how many more (None: no limit). `NotThere`.

    With no place left an open service is full; with places again a full one is open.
    """
    if state not in STATES or (places_left is not None and places_left < 0):
        raise ValueError((state, places_left))
    if state != "paused" and places_left is not None:
        state = "open" if places_left else "full"
    changed = db.run(
        "UPDATE services SET state = :state, places_left = :left, changed_at = :now WHERE id = :id",
        state=state,
        left=places_left,
        now=datetime.now(UTC).isoformat(),
        id=service_id,
    )
    if not changed:
        raise NotThere


# Rows -------------------------------------------------------------------------------------------------------


def services_of(db: Reading, rows: Sequence[Row]) -> list[Service]:
    """The services of rows of `SERVICE`."""
    needs: dict[str, set[str]] = {row["id"]: set() for row in rows}
    if len(rows) == 1:
        found = db.all(f"SELECT * FROM ({NEEDS}) n WHERE n.service_id = :id", id=rows[0]["id"])
    else:
        found = db.all(NEEDS) if rows else []
    for row in found:
        if row["service_id"] in needs:
            needs[row["service_id"]].add(row["need"])
    return [_service(row, frozenset(needs[row["id"]])) for row in rows]


def _service(row: Row, needs: frozenset[str]) -> Service:
    """What is closed for a time is paused, whatever else is said of it."""
    return Service(
        id=row["id"],
        organisation_id=row["organisation_id"] or "",
        organisation=row["organisation"] or "",
        source=row["source"],
        name=row["name"],
        text=row["text"],
        url=row["url"],
        email=row["email"],
        phone=row["phone"],
        address=row["address"],
        **{name: value_of(name, row[name]) for name in FACTS},
        needs=needs,
        state="paused" if row["status"] == "temporarily closed" else row["state"],
        places_left=row["places_left"],
        partner_id=row["partner_id"],
        shown=bool(row["shown"]),
        is_offered=bool(row["is_offered"]),
        changed_at=row["changed_at"],
    )


def organisation_of(row: Row) -> Organisation:
    return Organisation(row["id"], row["source"], row["name"], row["text"], row["url"], row["email"])


def value_of(fact: str, kept: Any) -> Any:
    """A fact as it is used, from how it is kept."""
    if kept is None:
        return None
    if fact in {"free", "children"}:
        return bool(kept)
    if fact in {"languages", "ways", "districts", "work", "stay"}:
        return tuple(json.loads(kept))
    return kept


def kept_as(fact: str, value: Any) -> Any:
    """A fact as it is kept, from how it is used."""
    if value is None and fact == "fee":
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return value
