"""A board stays live when the sign-in has ended: a second cookie opens it, and it opens nothing else.

What the board shows names nobody. To open what is sealed, and for every act, one signs in again.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk.people.accounts import OPENERS, Person
from kiosk.people.accounts import find as find_person
from kiosk.store import NotThere, Reading, Store, Writing

LASTS = timedelta(hours=24)
"""After the last time that somebody signed in saw it, a board has ended."""
SIGN_OF_LIFE = timedelta(seconds=20)
"""How much later than the last one a poll must come to be written down."""

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Board:
    """A board open in a browser. `branch_id` is empty when it shows every branch; `person` opened it."""

    id: str
    branch_id: str
    person: Person
    seen_at: datetime
    ends_at: datetime

    def may_show(self, branch_id: str) -> bool:
        """Whether this board may show a branch, or with an empty id all of them."""
        return self.branch_id in ("", branch_id)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to write down that it is open; a clock that was set back must not silence it."""
        return abs(now - self.seen_at) > SIGN_OF_LIFE


def open_board(db: Writing, person_id: str, branch_id: str, now: datetime) -> str:
    """Open a board of a branch, or with an empty id of all; the value of its cookie."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    db.insert(
        "boards",
        id=_id_of(token),
        branch_id=branch_id,
        opened_by=person_id,
        opened_at=_iso(now),
        seen_at=_iso(now),
        ends_at=_iso(now + LASTS),
    )
    return token


def renew(db: Writing, board_id: str, person_id: str, branch_id: str, now: datetime) -> None:
    """Somebody signed in looks at it: from now on it is hers, and shows what she chose.

    Raises `NotThere` when it has been closed meanwhile.
    """
    if not db.run(
        "UPDATE boards SET branch_id = :branch, opened_by = :person, seen_at = :now, ends_at = :ends"
        " WHERE id = :id",
        branch=branch_id,
        person=person_id,
        now=_iso(now),
        ends=_iso(now + LASTS),
        id=board_id,
    ):
        raise NotThere


def look_up(store: Store, cookie: str, now: datetime) -> Board | None:
    """The board that a cookie opens, while it lasts and who opened it may still see what it shows."""
    board_id = _id_of(cookie)
    board = store.known(("board", board_id), lambda db: _find(db, board_id))
    return board if board is not None and now < board.ends_at else None


def _find(db: Reading, board_id: str) -> Board | None:
    row = db.maybe("SELECT branch_id, opened_by, seen_at, ends_at FROM boards WHERE id = :id", id=board_id)
    if row is None:
        return None
    person = find_person(db, row["opened_by"])
    moved = not person.sees_every_branch and row["branch_id"] != person.branch_id
    if person.disabled or person.role not in OPENERS or moved:
        return None
    return Board(
        board_id,
        row["branch_id"],
        person,
        datetime.fromisoformat(row["seen_at"]),
        datetime.fromisoformat(row["ends_at"]),
    )


def seen(store: Store, board: Board, now: datetime) -> None:
    """A board has asked for news. It is written down now and then: residents are told whether one is open."""
    if board.is_due(now):
        with store.write() as db:
            db.run("UPDATE boards SET seen_at = :now WHERE id = :id", now=_iso(now), id=board.id)


def close(db: Writing, cookie: str) -> None:
    """This cookie opens nothing any more."""
    db.run("DELETE FROM boards WHERE id = :id", id=_id_of(cookie))


def sweep(db: Writing, now: datetime) -> int:
    """Take out the boards that have ended; how many."""
    return db.run("DELETE FROM boards WHERE ends_at <= :now", now=_iso(now))


def _id_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
