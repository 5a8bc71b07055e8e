"""While staff fill a story in for a person who is with them, they can read it in English on their own screen.

What stands on the kiosk's screen is sealed under the key of the service and a short code, shown there and
nowhere else. It hangs on the visit: with that it is gone, whether the story was sent or not.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kiosk import sealing
from kiosk.references import ALPHABET
from kiosk.store import Reading, Writing

LENGTH = 6
"""Letters and digits of a code; only staff who are signed in can try one."""
_PADDING = 1024


@dataclass(frozen=True)
class Seen:
    """What stands on the screen: the question in English, the language it is read in, what was told so far.

    `told` is each item of the story with its lines, as `story.english` has them.
    """

    question: str
    language: str
    told: tuple[tuple[str, tuple[str, ...]], ...]


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def show(db: Writing, code: str, visit_id: str, branch_id: str, seen: Seen, service_key: bytes) -> None:
    """Keep what stands on the screen of a visit now, in the place of what stood there before."""
    said = {"question": seen.question, "language": seen.language, "told": seen.told}
    plain = json.dumps(said, ensure_ascii=False).encode()
    marked = _mark(code, service_key)
    sealed = sealing.encrypt(
        plain + b" " * (-len(plain) % _PADDING), _key(code, service_key), _context(marked)
    )
    db.run(
        "INSERT INTO followed (mark, visit_id, branch_id, sealed)"
        " SELECT :mark, id, :branch, :sealed FROM visits WHERE id = :visit"
        " ON CONFLICT (mark) DO UPDATE SET sealed = excluded.sealed",
        mark=marked,
        visit=visit_id,
        branch=branch_id,
        sealed=sealed,
    )


def end(db: Writing, visit_id: str) -> None:
    """The story of a visit was sent, or staff fill it in no more: there is nothing to be followed."""
    db.run("DELETE FROM followed WHERE visit_id = :visit", visit=visit_id)


def followed_by(
    db: Writing, code: str, session_id: str, username: str, service_key: bytes, now: datetime
) -> bool:
    """Somebody of staff reads the screen with this code; whether for the first time since signing in."""
    return bool(
        db.run(
            "INSERT INTO followers (mark, session_id, username, at) VALUES (:mark, :session, :username, :now)"
            " ON CONFLICT (mark, session_id) DO NOTHING",
            mark=_mark(code, service_key),
            session=session_id,
            username=username,
            now=now.astimezone(UTC).isoformat(),
        )
    )


def follower(db: Reading, visit_id: str) -> str:
    """The user name of who of staff followed the screen of a visit first; '' for nobody."""
    row = db.maybe(
        "SELECT s.username FROM followers s JOIN followed f ON f.mark = s.mark WHERE f.visit_id = :visit"
        " ORDER BY s.at, s.session_id LIMIT 1",
        visit=visit_id,
    )
    return str(row["username"]) if row else ""


def seen(db: Reading, code: str, branch_id: str, service_key: bytes, now: datetime) -> Seen | None:
    """What stands on the screen with this code, at a branch or (when empty) at all; None when it is over."""
    marked = _mark(code, service_key)
    row = db.maybe(
        "SELECT f.sealed FROM followed f JOIN visits v ON v.id = f.visit_id WHERE f.mark = :mark"
        " AND v.dies_at > :now AND (f.branch_id = :branch OR :branch = '')",
        mark=marked,
        now=now.isoformat(),
        branch=branch_id,
    )
    if row is None:
        return None
    said: Mapping[str, Any] = json.loads(
        sealing.decrypt(row["sealed"], _key(code, service_key), _context(marked))
    )
    told: Sequence[Sequence[Any]] = said["told"]
    return Seen(said["question"], said["language"], tuple((label, tuple(lines)) for label, lines in told))


def _mark(code: str, service_key: bytes) -> bytes:
    return sealing.mark(code, sealing.derive(service_key, "codes of followed screens"))


def _key(code: str, service_key: bytes) -> bytes:
    return sealing.derive(service_key, f"followed screen {code}")


def _context(marked: bytes) -> str:
    return f"followed|{marked.hex()}|sealed|1"
