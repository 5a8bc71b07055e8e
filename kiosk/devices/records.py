"""What is kept of pairing: hashes of secrets and marks of codes, never the secrets and codes themselves.

A browser that wants to be a screen gets a random secret. Its code and, once staff have approved it, its
token are both made from that secret, so that an answer lost on the way can simply be asked for again.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk import sealing
from kiosk.store import NotThere, Reading, Row, Writing

CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty letters that make no words."""
LETTERS = 8
OPEN_FOR = timedelta(minutes=10)
MOST_OPEN = 20
"""Codes open at the same time. With 34.6 bits each, a guess meets one of them once in a thousand million."""
MOST_WRONG = 5
"""Wrong codes of one account within `OPEN_FOR`."""
SEEN_EVERY = timedelta(minutes=1)

_SECRET_BYTES = 32


class TooManyOpen(Exception):
    """More browsers wait for their code to be typed than any library sets up at a time."""


class MustWait(Exception):
    """This account typed too many wrong codes. `minutes` is how long to wait."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"wait {minutes} min")
        self.minutes = minutes


@dataclass(frozen=True)
class Device:
    """A browser that is, or was, a screen. `seen_at` is the last time written down, before this request."""

    id: str
    kiosk_id: str
    seen_at: datetime
    revoked: bool


@dataclass(frozen=True)
class Fleet:
    """A screen as staff see it; the moments are UTC in ISO 8601, empty where there is none."""

    id: str
    name: str
    branch_id: str
    branch: str
    paired_at: str
    seen_at: str
    revoked_at: str


# Pairing ----------------------------------------------------------------------------------------------------


def new_secret() -> str:
    return secrets.token_hex(_SECRET_BYTES)


def code_of(secret: str) -> str:
    """The eight letters that a browser with this secret shows."""
    number = int.from_bytes(sealing.derive(bytes.fromhex(secret), "code of a pairing"), "big")
    letters = []
    for _ in range(LETTERS):
        number, rest = divmod(number, len(CONSONANTS))
        letters.append(CONSONANTS[rest])
    return "".join(letters)


def shown(code: str) -> str:
    """The code in two groups, as it is shown and read out: `BCDF GHJK`."""
    return f"{code[:4]} {code[4:]}"


def token_of(secret: str) -> str:
    """The token that a browser with this secret gets: 256 bits that say nothing of the secret."""
    return sealing.derive(bytes.fromhex(secret), "token of a device").hex()


def begin(db: Writing, secret: str, key: bytes) -> None:
    """Let a browser wait for its code to be typed. Raises `TooManyOpen`."""
    now = datetime.now(UTC)
    purge(db, now)
    if db.value("SELECT COUNT(*) FROM pairings WHERE kiosk_id IS NULL") >= MOST_OPEN:
        raise TooManyOpen
    db.insert(
        "pairings",
        id=_hash(secret),
        code=sealing.mark(code_of(secret), key),
        dies_at=(now + OPEN_FOR).isoformat(),
    )


def waiting(db: Reading, secret: str) -> Row | None:
    """The pairing of a browser, for as long as it lives: `kiosk_id`, and `dies_at` in UTC."""
    return db.maybe(
        "SELECT kiosk_id, approved_by, dies_at FROM pairings WHERE id = :id AND dies_at > :now",
        id=_hash(secret),
        now=datetime.now(UTC).isoformat(),
    )


def check_tries(db: Reading, person_id: str) -> None:
    """Raises `MustWait` when this account typed too many wrong codes lately."""
    now = datetime.now(UTC)
    rows = db.all(
        "SELECT at FROM pairing_tries WHERE person_id = :person AND at > :since ORDER BY at DESC",
        person=person_id,
        since=(now - OPEN_FOR).isoformat(),
    )
    if len(rows) >= MOST_WRONG:
        over = datetime.fromisoformat(rows[MOST_WRONG - 1]["at"]) + OPEN_FOR
        raise MustWait(max(1, -int(-(over - now).total_seconds() // 60)))


def wrong_code(db: Writing, person_id: str) -> None:
    db.insert("pairing_tries", person_id=person_id, at=datetime.now(UTC).isoformat())


def is_shown(db: Reading, typed: str, key: bytes) -> bool:
    """Whether a browser shows this code now and waits for it to be approved."""
    return (
        db.maybe(
            "SELECT id FROM pairings WHERE code = :code AND kiosk_id IS NULL AND dies_at > :now",
            code=sealing.mark(read_code(typed), key),
            now=datetime.now(UTC).isoformat(),
        )
        is not None
    )


def approve(db: Writing, typed: str, key: bytes, kiosk_id: str, person_id: str) -> None:
    """Say of the browser that shows this code (see `is_shown`) which screen it is from now on."""
    db.run(
        "UPDATE pairings SET kiosk_id = :kiosk, approved_by = :person"
        " WHERE code = :code AND kiosk_id IS NULL",
        kiosk=kiosk_id,
        person=person_id,
        code=sealing.mark(read_code(typed), key),
    )


def read_code(typed: str) -> str:
    """The code that was meant, whatever its spaces, hyphens and case."""
    return "".join(letter for letter in typed.upper() if letter in CONSONANTS)


def collect(db: Writing, secret: str) -> str:
    """The token of a browser that staff have approved, the same if asked again. Else `NotThere`.

    Whichever browser was this screen before is no screen any more.
    """
    pairing = waiting(db, secret)
    if pairing is None or pairing["kiosk_id"] is None:
        raise NotThere
    token, now = token_of(secret), datetime.now(UTC).isoformat()
    added = db.run(
        "INSERT INTO devices (id, kiosk_id, paired_at, paired_by, seen_at)"
        " VALUES (:id, :kiosk, :now, :person, :now) ON CONFLICT (id) DO NOTHING",
        id=_hash(token),
        kiosk=pairing["kiosk_id"],
        person=pairing["approved_by"],
        now=now,
    )
    if added:
        db.run(
            "UPDATE devices SET revoked_at = :now"
            " WHERE kiosk_id = :kiosk AND id <> :id AND revoked_at IS NULL",
            kiosk=pairing["kiosk_id"],
            id=_hash(token),
            now=now,
        )
    return token


def purge(db: Writing, now: datetime) -> int:
    """Forget codes that are over, and tries of long ago."""
    return db.run("DELETE FROM pairings WHERE dies_at <= :now", now=now.isoformat()) + db.run(
        "DELETE FROM pairing_tries WHERE at <= :old", old=(now - OPEN_FOR).isoformat()
    )


# Devices ----------------------------------------------------------------------------------------------------


def device(db: Reading, token: str) -> Device | None:
    """The device that holds a token, revoked or not."""
    row = db.maybe("SELECT id, kiosk_id, seen_at, revoked_at FROM devices WHERE id = :id", id=_hash(token))
    if row is None:
        return None
    return Device(
        row["id"], row["kiosk_id"], datetime.fromisoformat(row["seen_at"]), row["revoked_at"] is not None
    )


def seen(db: Writing, device_id: str) -> None:
    """Write down that a device was here just now."""
    db.run(
        "UPDATE devices SET seen_at = :now WHERE id = :id", now=datetime.now(UTC).isoformat(), id=device_id
    )


def revoke(db: Writing, kiosk_id: str) -> bool:
    """Let no browser be this screen any more; whether one was, or was about to be."""
    open_ones = db.run("DELETE FROM pairings WHERE kiosk_id = :kiosk", kiosk=kiosk_id)
    return bool(
        open_ones
        + db.run(
            "UPDATE devices SET revoked_at = :now WHERE kiosk_id = :kiosk AND revoked_at IS NULL",
            kiosk=kiosk_id,
            now=datetime.now(UTC).isoformat(),
        )
    )


def fleet(db: Reading, *, most: int, skip: int = 0) -> list[Fleet]:
    """Every screen with the browser that is it now, or was it last; by branch and name."""
    rows = db.all(
        "SELECT k.id, k.name, b.id AS branch_id, b.name AS branch, COALESCE(d.paired_at, '') AS paired_at,"
        " COALESCE(d.seen_at, '') AS seen_at, COALESCE(d.revoked_at, '') AS revoked_at"
        " FROM kiosks k JOIN branches b ON b.id = k.branch_id LEFT JOIN devices d ON d.id ="
        " (SELECT id FROM devices WHERE kiosk_id = k.id"
        " ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, revoked_at DESC LIMIT 1)"
        " ORDER BY b.name, k.name, k.id LIMIT :most OFFSET :skip",
        most=most,
        skip=skip,
    )
    return [Fleet(**row) for row in rows]


def how_many(db: Reading) -> int:
    """How many screens there are, paired or not."""
    return int(db.value("SELECT COUNT(*) FROM kiosks"))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
