"""What staff make of the directory: plain words, needs, facts, what is shown, and who takes referrals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kiosk.store import NotThere, Reading, Writing
from kiosk.support.directory.importing import outdate, print_of
from kiosk.support.directory.records import FACTS, find, kept_as

CARD_STATES = ("draft", "read")


class NoNeed(ValueError):
    """A service that helps with nothing known cannot be shown: nobody would find it by what she needs."""


@dataclass(frozen=True)
class Own:
    """A service that the library writes itself; `text` is safe HTML."""

    name: str
    organisation: str
    text: str = ""
    url: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""


def add(db: Writing, own: Own, by: str, service_id: str = "") -> str:
    """Write a service here; its id."""
    service_id = service_id or str(uuid4())
    now = _now()
    db.insert(
        "services", id=service_id, source="", organisation_id=_organisation(db, own.organisation), raw="",
        **_columns(own), status="active", fee="", state="open", created_at=now, changed_at=now, changed_by=by,
    )  # fmt: skip
    return service_id


def rewrite(db: Writing, service_id: str, own: Own, by: str) -> None:
    """Change a service that was written here. `NotThere` when there is none, or it came from outside."""
    columns = _columns(own)
    changed = db.run(
        f"UPDATE services SET {_set_to(columns)},"
        " organisation_id = :organisation_id, changed_at = :now, changed_by = :by"
        " WHERE id = :id AND source = ''",
        **columns, organisation_id=_organisation(db, own.organisation), now=_now(), by=by, id=service_id,
    )  # fmt: skip
    if not changed:
        raise NotThere
    outdate(db, service_id, print_of(own.name, own.text))


def _columns(own: Own) -> dict[str, Any]:
    return {name: getattr(own, name) for name in ("name", "text", "url", "email", "phone", "address")}


def _organisation(db: Writing, name: str) -> str | None:
    """The id of the organisation of this name, which is made if there is none."""
    if not name:
        return None
    row = db.maybe(
        "SELECT id FROM organisations WHERE lower(name) = lower(:name) ORDER BY source, id", name=name
    )
    if row is not None:
        return str(row["id"])
    organisation_id, now = str(uuid4()), _now()
    db.insert(
        "organisations", id=organisation_id, source="", name=name, text="", url="", email="",
        created_at=now, changed_at=now,
    )  # fmt: skip
    return organisation_id


# Plain words ------------------------------------------------------------------------------------------------


def write_card(
    db: Writing, service_id: str, language: str, name: str, text: str, state: str, by: str
) -> None:
    """Write a service in plain words, a paragraph a line; `state` is of `CARD_STATES`. `NotThere`.

    Other words in English make its translations outdated, until somebody saves them again.
    """
    if state not in CARD_STATES:
        raise ValueError(state)
    before = db.maybe(
        "SELECT name, text FROM service_cards WHERE service_id = :id AND language = :language",
        id=service_id,
        language=language,
    )
    db.run(
        "INSERT INTO service_cards"
        " (service_id, language, name, text, state, made_from, changed_at, changed_by)"
        " VALUES (:id, :language, :name, :text, :state, :made_from, :now, :by)"
        " ON CONFLICT (service_id, language) DO UPDATE SET name = excluded.name, text = excluded.text,"
        " state = excluded.state, made_from = excluded.made_from, changed_at = excluded.changed_at,"
        " changed_by = excluded.changed_by",
        id=service_id, language=language, name=name, text=text, state=state,
        made_from=_source_of(db, service_id, language), now=_now(), by=by,
    )  # fmt: skip
    if language == "en" and (before is None or (before["name"], before["text"]) != (name, text)):
        db.run(
            "UPDATE service_cards SET state = 'outdated'"
            " WHERE service_id = :id AND language <> 'en' AND made_from <> :made_from",
            id=service_id,
            made_from=print_of(name, text),
        )


def _source_of(db: Reading, service_id: str, language: str) -> str:
    """A hash of what a card is written from: the English card, or what came."""
    row = db.one("SELECT name, text FROM services WHERE id = :id", id=service_id)
    english = None
    if language != "en":
        english = db.maybe(
            "SELECT name, text FROM service_cards WHERE service_id = :id AND language = 'en'", id=service_id
        )
    words = english or row
    return print_of(words["name"], words["text"])


def drop_card(db: Writing, service_id: str, language: str) -> None:
    db.run(
        "DELETE FROM service_cards WHERE service_id = :id AND language = :language",
        id=service_id,
        language=language,
    )


# Needs ------------------------------------------------------------------------------------------------------


def set_needs(db: Writing, service_id: str, needs: Iterable[str]) -> None:
    """Say with exactly which needs a service helps, whatever the words of its directory say."""
    wanted = set(needs)
    by_words = needs_by_words(db, service_id)
    db.run("DELETE FROM service_needs WHERE service_id = :id", id=service_id)
    for need in sorted(wanted - by_words):
        db.insert("service_needs", service_id=service_id, need=need, meets=1)
    for need in sorted(by_words - wanted):
        db.insert("service_needs", service_id=service_id, need=need, meets=0)
    if not wanted:
        db.run("UPDATE services SET shown = 0 WHERE id = :id", id=service_id)


def needs_by_words(db: Reading, service_id: str) -> set[str]:
    """The needs that follow from the words under which a service is filed."""
    rows = db.all(
        "SELECT DISTINCT d.need FROM service_words w JOIN directory_words d ON d.word = w.word"
        " WHERE w.service_id = :id AND d.need <> ''",
        id=service_id,
    )
    return {row["need"] for row in rows}


def map_word(db: Writing, word: str, needs: Iterable[str] | None) -> None:
    """Say which needs a word of a directory stands for: none (empty), or not decided yet (None).

    Services that were shown and now help with nothing known are hidden.
    """
    db.run("DELETE FROM directory_words WHERE word = :word", word=word)
    if needs is not None:
        for need in sorted(set(needs)) or [""]:
            db.insert("directory_words", word=word, need=need)
    rows = db.all(
        "SELECT s.id FROM services s JOIN service_words w ON w.service_id = s.id"
        " WHERE w.word = :word AND s.shown = 1",
        word=word,
    )
    for row in rows:
        if not find(db, row["id"]).needs:
            db.run("UPDATE services SET shown = 0 WHERE id = :id", id=row["id"])


# Facts ------------------------------------------------------------------------------------------------------


def set_facts(db: Writing, service_id: str, facts: Mapping[str, Any], by: str) -> None:
    """Set facts (names of `FACTS`); those that are new now belong to staff, and no import changes them."""
    row = db.one("SELECT * FROM services WHERE id = :id", id=service_id)
    kept = {name: kept_as(name, value) for name, value in facts.items() if name in FACTS}
    new = {name: value for name, value in kept.items() if row[name] != value}
    if not new:
        return
    staff_facts = sorted({*json.loads(row["staff_facts"]), *new})
    db.run(
        f"UPDATE services SET {_set_to(new)},"
        " staff_facts = :staff_facts, changed_at = :now, changed_by = :by WHERE id = :id",
        **new, staff_facts=json.dumps(staff_facts), now=_now(), by=by, id=service_id,
    )  # fmt: skip


def staff_facts(db: Reading, service_id: str) -> list[str]:
    """The facts that staff have set. `NotThere`."""
    found: list[str] = json.loads(db.value("SELECT staff_facts FROM services WHERE id = :id", id=service_id))
    return found


def facts_as_they_came(db: Writing, service_id: str, by: str) -> None:
    """Take all facts from the directory again, in the place of what staff have set. `NotThere`."""
    came = json.loads(db.value("SELECT facts_came FROM services WHERE id = :id", id=service_id))
    values = {name: came.get(name, kept_as(name, None)) for name in FACTS}
    db.run(
        f"UPDATE services SET {_set_to(values)}, staff_facts = '[]',"
        " changed_at = :now, changed_by = :by WHERE id = :id",
        **values, now=_now(), by=by, id=service_id,
    )  # fmt: skip


# What people see --------------------------------------------------------------------------------------------


def show(db: Writing, service_id: str, shown: bool, by: str) -> None:
    """Show a service to residents, or hide it. `NotThere`; `NoNeed` when it helps with nothing known."""
    if shown and not find(db, service_id).needs:
        raise NoNeed(service_id)
    _set(db, service_id, by, shown=int(shown))


def looked_at(db: Writing, service_id: str, by: str) -> None:
    """Somebody has seen what is new, or what an import has changed. `NotThere`."""
    _set(db, service_id, by, news="")


def keep(db: Writing, service_id: str, kept: bool, by: str) -> None:
    """Keep a service that has left its directory, or let it go after all. `NotThere`."""
    _set(db, service_id, by, kept=int(kept))


def set_partner(db: Writing, service_id: str, partner_id: str | None, by: str) -> None:
    """Who takes referrals for a service; None: nobody. `NotThere`."""
    _set(db, service_id, by, partner_id=partner_id)


def _set(db: Writing, service_id: str, by: str, **values: Any) -> None:
    changed = db.run(
        f"UPDATE services SET {_set_to(values)}, changed_at = :now, changed_by = :by WHERE id = :id",
        **values, now=_now(), by=by, id=service_id,
    )  # fmt: skip
    if not changed:
        raise NotThere


def _set_to(names: Iterable[str]) -> str:
    """In SQL: each of these columns set to the parameter of its name."""
    return ", ".join(f"{name} = :{name}" for name in names)


def _now() -> str:
    return datetime.now(UTC).isoformat()
