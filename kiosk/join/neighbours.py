"""Good Neighbours: one person collects and brings back the books of another who cannot come.

Either may begin, at any screen; who comes second writes the code of the first, and so both have agreed.
Where the second cannot come to a screen, staff write down how she agreed. It ends on a day that was said.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, get_args

from kiosk.store import Reading, Row, Writing

Side = Literal["helper", "helped"]
SIDES: tuple[Side, ...] = get_args(Side)
AGREED = ("screen", "phone", "paper", "visit")
"""How the second person agreed; all but the first are written down by staff."""


class NobodyWaits(Exception):
    """No Good Neighbour waits with this code: never did, or has found the other one meanwhile."""


@dataclass(frozen=True)
class Pair:
    """Two Good Neighbours, or one who waits for the other. Moments are UTC; all in ISO 8601."""

    id: str
    helper_join: str
    helped_join: str
    ends_on: str
    started_at: str
    agreed_at: str
    agreed_how: str
    ended_at: str

    def other(self, join_id: str) -> str:
        """The join of the other one, or empty while there is none."""
        return self.helped_join if join_id == self.helper_join else self.helper_join

    @property
    def is_waiting(self) -> bool:
        """Whether the other one must still agree."""
        return not self.agreed_at and not self.ended_at


def start(db: Writing, join_id: str, side: Side, ends_on: str) -> None:
    """Remember that one of two has said yes and waits for the other."""
    db.insert(
        "good_neighbours",
        id=secrets.token_hex(16),
        **{_column(side): join_id},
        ends_on=ends_on,
        started_at=datetime.now(UTC).isoformat(),
    )


def waiting(db: Reading, reference: str, side: Side, today: date) -> Pair | None:
    """Who waits, by her code, for somebody on this side of the two; None when nobody does, or no longer."""
    row = db.maybe(
        f"SELECT g.* FROM good_neighbours g JOIN joins j ON j.id = g.{_column(_other_side(side))}"
        f" WHERE j.reference = :reference AND g.{_column(side)} IS NULL"
        " AND g.agreed_at IS NULL AND g.ended_at IS NULL AND g.ends_on >= :today"
        " AND j.purged_at IS NULL AND j.state <> 'refused'",
        reference=reference,
        today=today.isoformat(),
    )
    return _pair(row) if row else None


def agree(db: Writing, reference: str, join_id: str, side: Side, today: date) -> None:
    """The second person says yes. Raises `NobodyWaits`, too when somebody else was faster."""
    pair = waiting(db, reference, side, today)
    if pair is None:
        raise NobodyWaits
    db.run(
        f"UPDATE good_neighbours SET {_column(side)} = :join, agreed_at = :now, agreed_how = 'screen'"
        " WHERE id = :id",
        join=join_id,
        now=datetime.now(UTC).isoformat(),
        id=pair.id,
    )


def of_join(db: Reading, join_id: str) -> Pair | None:
    row = db.maybe(
        "SELECT * FROM good_neighbours WHERE helper_join = :join OR helped_join = :join", join=join_id
    )
    return _pair(row) if row else None


def agreed_otherwise(db: Writing, join_id: str, how: str) -> None:
    """Staff have the yes of the other person: by phone, on paper, or on a visit.

    Raises `NobodyWaits` when she has agreed already.
    """
    changed = db.run(
        "UPDATE good_neighbours SET agreed_at = :now, agreed_how = :how"
        " WHERE (helper_join = :join OR helped_join = :join) AND agreed_at IS NULL AND ended_at IS NULL",
        now=datetime.now(UTC).isoformat(),
        how=how,
        join=join_id,
    )
    if not changed:
        raise NobodyWaits


def end(db: Writing, join_id: str) -> None:
    """One of the two wants no more, or cannot be one. Nothing happens when they are none any longer."""
    db.run(
        "UPDATE good_neighbours SET ended_at = :now"
        " WHERE (helper_join = :join OR helped_join = :join) AND ended_at IS NULL",
        now=datetime.now(UTC).isoformat(),
        join=join_id,
    )


def purge(db: Writing, _now: datetime) -> int:
    """Forget who was tied to whom, once nothing is left of either; how many pairs it was."""
    return db.run(
        "DELETE FROM good_neighbours WHERE NOT EXISTS (SELECT 1 FROM joins j WHERE j.purged_at IS NULL"
        " AND (j.id = good_neighbours.helper_join OR j.id = good_neighbours.helped_join))"
    )


def _column(side: Side) -> str:
    """Where the join of this side stands: spelled here, whatever was asked."""
    return "helper_join" if side == "helper" else "helped_join"


def _other_side(side: Side) -> Side:
    return "helped" if side == "helper" else "helper"


def _pair(row: Row) -> Pair:
    return Pair(**{name: row[name] or "" for name in Pair.__dataclass_fields__})
