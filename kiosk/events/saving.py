"""Events are written down: by a calendar that is read again and again, or by hand.

What is the same stays untouched, so that reading a calendar twice changes nothing. What people have booked is
never taken away by a file: a person decides.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kiosk.events import codes
from kiosk.events.records import USUAL_LENGTH, Date, Facts, Text, facts_of, find, occurrence, texts, where
from kiosk.events.upcoming import minutes, put_in_lists
from kiosk.store import NotThere, Reading, Row, Writing

YEARS = range(1970, 2200)
"""Years in which a date can be."""


@dataclass(frozen=True)
class Saved:
    """What saving an event has changed.

    `changed` is true for a new one too. `added`, `moved` and `removed` count dates. `waiting` are the ids of
    dates that are no longer there but have bookings: a person must decide (see `undecided`).
    """

    id: str
    is_new: bool = False
    changed: bool = False
    added: int = 0
    moved: int = 0
    removed: int = 0
    waiting: tuple[str, ...] = ()


def save(
    db: Writing,
    facts: Facts,
    texts: Iterable[Text],
    dates: Iterable[Date],
    *,
    source: str = "",
    identity: str = "",
    by: str,
    event_id: str = "",
) -> Saved:
    """Keep an event as it is said here: a new one, that of `event_id`, or that of its place in a calendar.

    Texts in languages that are not given stay. Dates that are not given go, unless somebody has booked. When
    nothing is different nothing is written. `NotThere` for an id that is none; `ValueError` for an unknown
    code, or a date outside of what clocks and calendars hold.
    """
    now = datetime.now(UTC)
    if not facts.stated <= codes.STATED:
        raise ValueError(f"no code of an event: {', '.join(sorted(facts.stated - codes.STATED))}")
    by_hand = bool(event_id)
    row = _kept(db, event_id, source, identity)
    if row is not None and row["kept"] and row["status"] == "cancelled" and not by_hand:
        facts = replace(facts, status="cancelled")  # by staff: its calendar may not know yet
    is_new = row is None
    event_id = row["id"] if row is not None else _begin(db, facts, source, identity, by, now)
    changed = is_new or _change_facts(db, event_id, facts)
    for text in sorted(texts, key=lambda text: text.language != "en"):
        changed = _keep_text(db, event_id, text, now) or changed
    saved = _keep_dates(db, event_id, facts, list(dates), now, by_hand)
    changed = changed or bool(saved.added or saved.moved or saved.removed)
    if row is not None and row["gone_at"]:
        changed = True
        db.run("UPDATE events SET gone_at = NULL WHERE id = :id", id=event_id)
    if changed:
        _touch(db, event_id, by, now)
    return Saved(event_id, is_new, changed, saved.added, saved.moved, saved.removed, saved.waiting)


def set_text(db: Writing, event_id: str, text: Text, by: str) -> bool:
    """Keep the words of one language; whether they are new. New English puts other languages out of date.

    `NotThere` when there is no such event.
    """
    find(db, event_id)
    now = datetime.now(UTC)
    changed = _keep_text(db, event_id, text, now)
    if changed:
        _touch(db, event_id, by, now)
    return changed


def cancel(db: Writing, event_id: str, by: str) -> None:
    """The whole event will not take place. It stays in the lists, as cancelled; bookings stay, for staff."""
    find(db, event_id)
    db.run("UPDATE events SET status = 'cancelled', kept = 1 WHERE id = :id", id=event_id)
    _touch(db, event_id, by, datetime.now(UTC))


def cancel_date(db: Writing, occurrence_id: str, by: str) -> None:
    """This date alone will not take place. `NotThere` when there is no such date."""
    found = occurrence(db, occurrence_id)
    db.run(
        "UPDATE occurrences SET status = 'cancelled', gone_at = NULL, kept = 1 WHERE id = :id",
        id=occurrence_id,
    )
    _touch(db, found.event_id, by, datetime.now(UTC))


def keep_date(db: Writing, occurrence_id: str, by: str) -> None:
    """This date takes place, whatever its calendar says. `NotThere` when there is no such date.

    When its whole event has gone, the other dates stay gone.
    """
    found = occurrence(db, occurrence_id)
    now = datetime.now(UTC)
    db.run(
        "UPDATE occurrences SET gone_at = (SELECT e.gone_at FROM events e WHERE e.id = event_id)"
        " WHERE event_id = :id AND gone_at IS NULL AND kept = 0 AND ends > :now",
        id=found.event_id,
        now=minutes(now),
    )
    db.run("UPDATE occurrences SET gone_at = NULL, kept = 1 WHERE id = :id", id=occurrence_id)
    db.run("UPDATE events SET gone_at = NULL, kept = 1 WHERE id = :id", id=found.event_id)
    _touch(db, found.event_id, by, now)


def take_up_date(db: Writing, occurrence_id: str, by: str) -> None:
    """A date that was cancelled by itself takes place after all. `NotThere` when there is no such date.

    What its calendar says new of it counts from now on, also that it is cancelled. One whose whole event has
    gone is kept alone (see `keep_date`).
    """
    found = occurrence(db, occurrence_id)
    db.run("UPDATE occurrences SET status = 'confirmed', kept = 0 WHERE id = :id", id=occurrence_id)
    if found.gone_at or find(db, found.event_id).gone_at:
        keep_date(db, occurrence_id, by)
    else:
        _touch(db, found.event_id, by, datetime.now(UTC))


def count_walk_ins(db: Writing, occurrence_id: str, people: int) -> None:
    """Keep how many came to a date without having booked. `NotThere` when there is no such date."""
    if not db.run(
        "UPDATE occurrences SET walk_ins = :people WHERE id = :id", people=people, id=occurrence_id
    ):
        raise NotThere


def mark_gone(db: Writing, source: str, still_there: Iterable[str], by: str) -> list[str]:
    """Events of a calendar that it no longer has: they leave the lists. Their ids.

    `still_there` are the identities that it has. Events that are over stay as they were, and so do those that
    staff keep. Those with bookings are among `undecided` from now on.
    """
    now = datetime.now(UTC)
    known = set(still_there)
    rows = db.all(
        "SELECT id, identity FROM events WHERE source = :source AND gone_at IS NULL AND kept = 0"
        " AND place_in_lists IS NOT NULL",
        source=source,
    )
    gone = [row["id"] for row in rows if row["identity"] not in known]
    for event_id in gone:
        db.run("UPDATE events SET gone_at = :now WHERE id = :id", now=now.isoformat(), id=event_id)
        _touch(db, event_id, by, now)
    return gone


def _kept(db: Reading, event_id: str, source: str, identity: str) -> Row | None:
    if event_id:
        return db.one("SELECT * FROM events WHERE id = :id", id=event_id)
    if not identity:
        return None
    return db.maybe(
        "SELECT * FROM events WHERE source = :source AND identity = :identity",
        source=source,
        identity=identity,
    )


def _begin(db: Writing, facts: Facts, source: str, identity: str, by: str, now: datetime) -> str:
    event_id = secrets.token_hex(10)
    db.insert(
        "events",
        id=event_id,
        serial=db.value("SELECT COALESCE(max(serial), 0) + 1 FROM events"),
        source=source,
        identity=identity or event_id,
        **_columns(facts),
        created_at=now.isoformat(),
        changed_at=now.isoformat(),
        changed_by=by,
    )
    return event_id


def _change_facts(db: Writing, event_id: str, facts: Facts) -> bool:
    if facts_of(db.one("SELECT * FROM events WHERE id = :id", id=event_id)) == facts:
        return False
    columns = ", ".join(f"{name} = :{name}" for name in _columns(facts))
    db.run(f"UPDATE events SET {columns} WHERE id = :id", id=event_id, **_columns(facts))
    return True


def _columns(facts: Facts) -> dict[str, str | int | None]:
    return {
        "status": facts.status,
        "place_kind": facts.place_kind,
        "branch_id": facts.branch_id or None,
        "place": facts.place,
        "room": facts.room,
        "booking": facts.booking,
        "capacity": facts.capacity,
        "pence": facts.pence,
        "codes": _listed(facts.stated),
        "spoken": _listed(facts.spoken),
        "needs_age": int(facts.needs_age),
        "link": facts.link,
    }


def _listed(names: Iterable[str]) -> str:
    """Sorted, with a space before and after each, so that one of them can be looked for."""
    return "".join(f" {name}" for name in sorted(set(names))) + " " if names else ""


def _keep_text(db: Writing, event_id: str, text: Text, now: datetime) -> bool:
    before = {each.language: each for each in texts(db, event_id)}
    if before.get(text.language) == text:
        return False
    english = text if text.language == "en" else before.get("en")
    if text.language == "en" and _hash(text) != _hash(before.get("en")):
        db.run(
            "UPDATE event_texts SET state = 'out-of-date'"
            " WHERE event_id = :id AND language <> 'en' AND made_from <> :hash",
            id=event_id,
            hash=_hash(text),
        )
    db.run(
        "INSERT INTO event_texts (event_id, language, title, text, bring, state, made_from, changed_at)"
        " VALUES (:id, :language, :title, :text, :bring, :state, :hash, :now)"
        " ON CONFLICT (event_id, language) DO UPDATE SET title = excluded.title, text = excluded.text,"
        " bring = excluded.bring, state = excluded.state, made_from = excluded.made_from,"
        " changed_at = excluded.changed_at",
        id=event_id,
        language=text.language,
        title=text.title,
        text=text.text,
        bring=text.bring,
        state=text.state,
        hash=_hash(english),
        now=now.isoformat(),
    )
    return True


def _hash(text: Text | None) -> str:
    words = "\n\n".join((text.title, text.text, text.bring)) if text else ""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def _keep_dates(
    db: Writing, event_id: str, facts: Facts, dates: Sequence[Date], now: datetime, by_hand: bool
) -> Saved:
    kept = {row["key"]: row for row in db.all("SELECT * FROM occurrences WHERE event_id = :id", id=event_id)}
    added = moved = removed = 0
    waiting: list[str] = []
    for date in {date.key: date for date in dates}.values():
        row = kept.pop(date.key, None)
        values = _values(date, facts)
        if row is None:
            db.insert("occurrences", id=secrets.token_hex(10), event_id=event_id, key=date.key, **values)
            added += 1
        elif (by_hand or not row["kept"]) and (
            row["gone_at"] or any(row[name] != values[name] for name in values)
        ):
            columns = ", ".join(f"{name} = :{name}" for name in values)
            db.run(f"UPDATE occurrences SET {columns}, gone_at = NULL WHERE id = :id", id=row["id"], **values)
            _keep_longer(db, row["id"], int(str(values["ends"])) - row["ends"])
            moved += 1
    for row in kept.values():
        if row["ends"] <= minutes(now) or (row["kept"] and not by_hand):
            continue
        if not db.maybe("SELECT id FROM bookings WHERE occurrence_id = :id LIMIT 1", id=row["id"]):
            removed += db.run("DELETE FROM occurrences WHERE id = :id", id=row["id"])
            continue
        waiting.append(row["id"])
        if not row["gone_at"]:
            removed += db.run(
                "UPDATE occurrences SET gone_at = :now WHERE id = :id", now=now.isoformat(), id=row["id"]
            )
    return Saved(event_id, added=added, moved=moved, removed=removed, waiting=tuple(waiting))


def _values(date: Date, facts: Facts) -> dict[str, str | int | None]:
    """A date as it is written down: everything that is shown of it without its event."""
    ends = date.ends if date.ends is not None and date.ends > date.starts else None
    for each in (date.starts, ends or date.starts):
        if each.year not in YEARS or each.tzinfo is None:
            raise ValueError(f"{each} is no date that can be kept")
    return {
        "starts": minutes(date.starts),
        "ends": minutes(ends or date.starts + USUAL_LENGTH),
        "has_end": int(ends is not None),
        "all_day": int(date.all_day),
        "zone": date.zone,
        "status": date.status,
        "moved_from": minutes(date.moved_from) if date.moved_from else None,
        "title": date.title,
        "text": date.text,
        "branch_id": where(facts, date)[0] or None,
        "place": date.place,
        "room": date.room,
        "capacity": date.capacity,
    }


def _keep_longer(db: Writing, occurrence_id: str, later: int) -> None:
    """What is known of those who booked is kept for as long after a date that was moved (in minutes)."""
    for row in db.all("SELECT id, purge_after FROM bookings WHERE occurrence_id = :id", id=occurrence_id):
        after = datetime.fromisoformat(row["purge_after"]) + timedelta(minutes=later)
        db.run(
            "UPDATE bookings SET purge_after = :after WHERE id = :id", after=after.isoformat(), id=row["id"]
        )


def _touch(db: Writing, event_id: str, by: str, now: datetime) -> None:
    """Write down who changed an event, and put it where it now belongs in the lists."""
    db.run(
        "UPDATE events SET changed_at = :now, changed_by = :who WHERE id = :id",
        now=now.isoformat(),
        who=by,
        id=event_id,
    )
    put_in_lists(db, event_id, now)
