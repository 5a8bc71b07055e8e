"""What is kept of messages: to whom and what, sealed until they are sent or nobody needs them.

A message is taken before it is sent, with the moment of its next try: whatever happens in between, it is
neither lost nor taken twice. Once it is sent, only the fact is left, and after a week not even that.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from kiosk import sealing
from kiosk.outbox.failures import Failure
from kiosk.store import Reading, Row, Writing

Way = Literal["email", "text"]
KEPT = timedelta(days=7)
"""How long a message is kept after it was put, and the fact of it after it was sent."""
WAITS = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2), timedelta(hours=20))
"""How long to wait after each try that failed; there is one try more than waits, all within a day."""
_PADDING = 256


@dataclass(frozen=True)
class Said:
    """What a message tells, apart from the words of its kind. What is empty is not spoken of.

    `title` is in the language of the message, `title_in_english` in English if that is another one. The
    moments know their zone and are shown in it; of `starts` and `was` only the day counts for what lasts
    `all_day`. `has_place`: the places are hers, not only waited for or offered. `code` is a reference as
    `kiosk.references.new` makes it. `link` opens a partner's inbox; of an online event it is
    told to who has a place there. Never a PIN.
    """

    title: str = ""
    title_in_english: str = ""
    starts: datetime | None = None
    was: datetime | None = None
    all_day: bool = False
    place: str = ""
    places: int = 0
    has_place: bool = False
    code: str = ""
    until: datetime | None = None
    pence: int = 0
    link: str = ""


_MOMENTS = ("starts", "was", "until")


@dataclass(frozen=True)
class Message:
    """One message to one person.

    `kind` is one of `kiosk.outbox.words.KINDS`, `language` a tag. `room` and `subject_id` say what it is
    about. With the same `key` nothing is stored a second time. After `expires` it is not sent any more.
    """

    kind: str
    way: Way
    to: str = field(repr=False)
    language: str
    room: str
    subject_id: str
    key: str
    said: Said = field(repr=False, default=Said())
    expires: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """A message that is to be sent now. `attempts` counts this try, too; `again`: there was one before."""

    id: str
    kind: str
    way: Way
    language: str
    room: str
    subject_id: str
    attempts: int
    again: bool
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Stuck:
    """What staff may know of a message that has not gone: nothing of its content, and not to whom.

    Moments are UTC in ISO 8601; `next_at` is empty when it is not tried again by itself.
    """

    kind: str
    way: Way
    state: str
    attempts: int
    reason: str
    created_at: str
    next_at: str


# Storing ----------------------------------------------------------------------------------------------------


def put(db: Writing, message: Message, *, service_key: bytes, now: datetime) -> bool:
    """Store a message in the transaction of what it tells of; it is sent within a minute or two after it.

    False when there is one with this key already: nothing changes then.
    """
    message_id = secrets.token_hex(16)
    return bool(
        db.run(
            "INSERT INTO outbox (id, one_time_key, room, subject_id, kind, way, language, sealed, state,"
            " next_at, expires_at, created_at, purge_after) VALUES (:id, :key, :room, :subject_id, :kind,"
            " :way, :language, :sealed, 'waiting', :now, :expires, :now, :purge_after)"
            " ON CONFLICT (one_time_key) DO NOTHING",
            id=message_id,
            key=message.key,
            room=message.room,
            subject_id=message.subject_id,
            kind=message.kind,
            way=message.way,
            language=message.language,
            sealed=_seal(message, message_id, service_key),
            now=_iso(now),
            expires=_iso(message.expires) if message.expires else None,
            purge_after=_iso(_night_after(now + KEPT)),
        )
    )


def waits(db: Reading, kind: str, room: str, subject_id: str) -> bool:
    """Whether a message of this kind about this has not been tried yet: a second would say the same."""
    return bool(
        db.value(
            "SELECT count(*) FROM outbox WHERE subject_id = :id AND room = :room AND kind = :kind"
            " AND state = 'waiting' AND attempts = 0",
            id=subject_id,
            room=room,
            kind=kind,
        )
    )


def take_back(db: Writing, kind: str, room: str, subject_id: str) -> int:
    """Wipe what has not gone yet of this kind about this, and is not wanted there any more; how many it were.

    Also what was given up: staff could try it again. What is just being sent has gone.
    """
    return db.run(
        "DELETE FROM outbox WHERE subject_id = :id AND room = :room AND kind = :kind AND state <> 'sent'",
        id=subject_id,
        room=room,
        kind=kind,
    )


def _seal(message: Message, message_id: str, service_key: bytes) -> bytes:
    said = {name: value for name, value in asdict(message.said).items() if value}
    said |= {name: said[name].isoformat() for name in _MOMENTS if name in said}
    plain = json.dumps({"to": message.to, "said": said}, ensure_ascii=False).encode()
    padded = plain + b" " * (-len(plain) % _PADDING)  # the length says little of what is in it
    return sealing.encrypt(padded, _key(service_key), _context(message_id))


def opened(taken: Taken, service_key: bytes) -> tuple[str, Said]:
    """To whom a message goes, and what it tells. Raises `CannotOpen`."""
    plain = json.loads(sealing.decrypt(taken.sealed, _key(service_key), _context(taken.id)))
    said: dict[str, Any] = {each.name: plain["said"].get(each.name, each.default) for each in fields(Said)}
    said |= {name: datetime.fromisoformat(said[name]) for name in _MOMENTS if said[name]}
    return plain["to"], Said(**said)


def _key(service_key: bytes) -> bytes:
    return sealing.derive(service_key, "messages")


def _context(message_id: str) -> str:
    return f"outbox|{message_id}|sealed|1"


# Sending ----------------------------------------------------------------------------------------------------


def take(
    db: Writing, now: datetime, *, without: frozenset[str] = frozenset(), asleep_until: datetime | None = None
) -> Taken | None:
    """The message whose turn it is, with one more try written down for it; None when no one is due.

    The ways in `without` are left out. While people are `asleep_until` then, no text message is taken but one
    that would come too late, or that staff try themselves. Until its result is written down it counts as
    failed: if that never comes about, it is tried again when its wait is over.
    """
    while True:
        row = db.maybe(
            "SELECT * FROM outbox WHERE state IN ('waiting', 'failed') AND next_at <= :now"
            " AND (way <> 'email' OR :email) AND (way <> 'text' OR :text)"
            " AND (way <> 'text' OR :morning = '' OR kind = 'test' OR expires_at <= :morning)"
            " ORDER BY next_at, id LIMIT 1",
            now=_iso(now),
            email="email" not in without,
            text="text" not in without,
            morning=_iso(asleep_until) if asleep_until else "",
        )
        if row is None:
            return None
        if row["expires_at"] and row["expires_at"] <= _iso(now):
            give_up(db, row["id"], Failure.TOO_LATE)
        elif row["attempts"] > len(WAITS):
            give_up(db, row["id"], row["last_error"] or Failure.NO_ANSWER)
        else:
            wait = WAITS[min(row["attempts"], len(WAITS) - 1)]
            db.run(
                "UPDATE outbox SET attempts = attempts + 1, next_at = :next WHERE id = :id",
                next=_iso(now + wait),
                id=row["id"],
            )
            return _taken(row)


def sent(db: Writing, message_id: str, now: datetime) -> None:
    """It has gone. What it said, and to whom, is wiped at once."""
    db.run(
        "UPDATE outbox SET state = 'sent', sealed = NULL, sent_at = :now, last_error = '',"
        " purge_after = :purge_after WHERE id = :id",
        now=_iso(now),
        purge_after=_iso(_night_after(now + KEPT)),
        id=message_id,
    )


def forget(db: Writing, message_id: str) -> None:
    """It is not true any more, and nobody shall hear it."""
    db.run("DELETE FROM outbox WHERE id = :id", id=message_id)


def failed(db: Writing, taken: Taken, failure: Failure) -> None:
    """It has not gone. It is tried again at its time, or given up when that makes no sense any more."""
    if failure.is_final or taken.attempts > len(WAITS):
        give_up(db, taken.id, failure)
    else:
        db.run(
            "UPDATE outbox SET state = 'failed', last_error = :reason WHERE id = :id",
            reason=str(failure),
            id=taken.id,
        )


def give_up(db: Writing, message_id: str, reason: str) -> None:
    db.run(
        "UPDATE outbox SET state = 'given-up', last_error = :reason WHERE id = :id",
        reason=str(reason),
        id=message_id,
    )


# For staff --------------------------------------------------------------------------------------------------


def retry(db: Writing, now: datetime) -> int:
    """Try everything again that has failed, from the beginning; how many it were.

    Not what has come too late: it would say what is not true any more.
    """
    return db.run(
        "UPDATE outbox SET state = 'waiting', attempts = 0, next_at = :now"
        " WHERE state IN ('failed', 'given-up') AND last_error <> :late"
        " AND (expires_at IS NULL OR expires_at > :now)",
        now=_iso(now),
        late=str(Failure.TOO_LATE),
    )


def numbers(db: Reading) -> dict[str, int]:
    """How many messages are in each state: waiting, failed, sent (in the last week), given-up."""
    rows = db.all("SELECT state, count(*) AS number FROM outbox GROUP BY state")
    found = {row["state"]: row["number"] for row in rows}
    return {state: found.get(state, 0) for state in ("waiting", "failed", "given-up", "sent")}


_SHOWN = "SELECT kind, way, state, attempts, last_error, created_at, next_at FROM outbox"


def stuck(db: Reading, *, most: int = 50, skip: int = 0) -> list[Stuck]:
    """The messages that have failed, the newest first."""
    rows = db.all(
        f"{_SHOWN} WHERE state IN ('failed', 'given-up')"
        " ORDER BY created_at DESC, id LIMIT :most OFFSET :skip",
        most=most,
        skip=skip,
    )
    return [_stuck(row) for row in rows]


def look(db: Reading, key: str) -> Stuck | None:
    """What has become of the message with a key so far; None when there is none, or not any more."""
    row = db.maybe(f"{_SHOWN} WHERE one_time_key = :key", key=key)
    return _stuck(row) if row else None


# The end ----------------------------------------------------------------------------------------------------


def purge(db: Writing, now: datetime) -> int:
    """Wipe messages in the night a week after they were sent, or put in vain; how many it were."""
    return db.run("DELETE FROM outbox WHERE purge_after <= :now", now=_iso(now))


def _night_after(moment: datetime) -> datetime:
    """Two o'clock in the night after it (UTC): all that a day has brought is wiped and shredded at once."""
    night = moment.astimezone(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
    return night if night >= moment else night + timedelta(days=1)


def _stuck(row: Row) -> Stuck:
    return Stuck(
        kind=row["kind"],
        way=row["way"],
        state=row["state"],
        attempts=row["attempts"],
        reason=row["last_error"],
        created_at=row["created_at"],
        next_at=row["next_at"] if row["state"] == "failed" else "",
    )


def _taken(row: Row) -> Taken:
    return Taken(
        id=row["id"],
        kind=row["kind"],
        way=row["way"],
        language=row["language"],
        room=row["room"],
        subject_id=row["subject_id"],
        attempts=row["attempts"] + 1,
        again=bool(row["attempts"] or row["last_error"]),
        sealed=row["sealed"],
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
