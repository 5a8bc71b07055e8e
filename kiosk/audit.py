"""Who did what to which record: written once, never changed, and never with what the record says.

Every row carries an HMAC over itself and the row before, under a key that is not in the database: a changed,
moved or missing row breaks the chain. A cut tail breaks nothing, so that an *anchor* (how many rows, and the
last link) is written down elsewhere from time to time, and compared.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
from flask import Blueprint, Flask, current_app

from kiosk.configuration import store
from kiosk.sealing import derive
from kiosk.store import Reading, Writing

_COLUMNS = ("number", "at", "who", "role", "action", "subject", "subject_id", "reason")
_BEFORE_THE_FIRST = bytes(32)
_AT_ONCE = 5000


class Tampered(Exception):
    """The log is not as it was written. `number` is the first row that does not fit."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The audit log is broken at row {number}.")
        self.number = number


@dataclass(frozen=True)
class Entry:
    """One act. `at` is UTC in ISO 8601; `who` is a user name, or the name of a part of the program."""

    number: int
    at: str
    who: str
    role: str
    action: str
    subject: str
    subject_id: str
    reason: str


@dataclass(frozen=True)
class Anchor:
    """How long the log was at some moment, and its last link."""

    count: int
    head: bytes

    def __str__(self) -> str:
        return f"{self.count}:{self.head.hex()}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """The anchor as it was printed; `ValueError` for anything else."""
        count, _, head = text.strip().partition(":")
        anchor = cls(int(count), bytes.fromhex(head))
        if anchor.count < 0 or len(anchor.head) != len(_BEFORE_THE_FIRST):
            raise ValueError("not an anchor")
        return anchor


def record(
    db: Writing,
    service_key: bytes,
    *,
    who: str,
    role: str,
    action: str,
    subject: str,
    subject_id: str,
    reason: str = "",
) -> None:
    """Add one act, in the transaction of the act itself: neither is kept without the other."""
    last = db.maybe("SELECT number, link FROM audit ORDER BY number DESC LIMIT 1")
    row: dict[str, Any] = {
        "number": last["number"] + 1 if last else 1,
        "at": datetime.now(UTC).isoformat(),
        "who": who,
        "role": role,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "reason": reason,
    }
    before = last["link"] if last else _BEFORE_THE_FIRST
    db.insert("audit", **row, link=_link(_key(service_key), before, row))


def anchor(db: Reading) -> Anchor:
    """Where the log stands now."""
    last = db.maybe("SELECT number, link FROM audit ORDER BY number DESC LIMIT 1")
    return Anchor(last["number"], last["link"]) if last else Anchor(0, _BEFORE_THE_FIRST)


def verify(db: Reading, service_key: bytes, known: Anchor | None = None) -> Anchor:
    """Go through the whole log; where it stands now. Raises `Tampered`.

    With an anchor that was written down earlier it also finds a tail that was cut off or written anew.
    """
    key = _key(service_key)
    number, link = 0, _BEFORE_THE_FIRST
    known_is_there = known is None or known == Anchor(number, link)
    while True:
        rows = db.all(
            "SELECT * FROM audit WHERE number > :number ORDER BY number LIMIT :most",
            number=number,
            most=_AT_ONCE,
        )
        for row in rows:
            number += 1
            link = _link(key, link, row)
            if row["number"] != number or not hmac.compare_digest(row["link"], link):
                raise Tampered(number)
            known_is_there = known_is_there or known == Anchor(number, link)
        if len(rows) < _AT_ONCE:
            break
    if not known_is_there and known is not None:
        raise Tampered(min(known.count, number + 1))
    return Anchor(number, link)


def entries(db: Reading, who: str = "", *, most: int = 50, skip: int = 0) -> list[Entry]:
    """The newest acts first; of one person, or of all when `who` is empty."""
    rows = db.all(
        f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE :who = '' OR who = :who"
        " ORDER BY number DESC LIMIT :most OFFSET :skip",
        who=who,
        most=most,
        skip=skip,
    )
    return [Entry(**row) for row in rows]


def count(db: Reading, who: str = "") -> int:
    return int(db.value("SELECT count(*) FROM audit WHERE :who = '' OR who = :who", who=who))


def everybody(db: Reading) -> list[str]:
    """Everybody who did something, by user name."""
    return [row["who"] for row in db.all("SELECT DISTINCT who FROM audit ORDER BY who")]


def _key(service_key: bytes) -> bytes:
    return derive(service_key, "audit log")


def _link(key: bytes, before: bytes, row: dict[str, Any]) -> bytes:
    written = json.dumps([row[column] for column in _COLUMNS], ensure_ascii=True, separators=(",", ":"))
    return hmac.digest(key, before + written.encode(), "sha256")


commands = Blueprint("audit", __name__, cli_group="audit")
commands.cli.short_help = "The log of who did what."


@commands.cli.command("anchor")
def show_anchor() -> None:
    """Print where the log stands. Keep the line elsewhere, to compare with it later."""
    with store().read() as db:
        click.echo(str(anchor(db)))


@commands.cli.command("verify")
@click.option("--anchor", "known", default="", help="A line that `kiosk audit anchor` printed earlier.")
def verify_all(known: str) -> None:
    """Check that no row was changed, moved or taken out."""
    try:
        earlier = Anchor.parse(known) if known else None
    except ValueError:
        raise click.ClickException("That is no line from `kiosk audit anchor`.") from None
    with store().read() as db:
        try:
            now = verify(db, current_app.config["SERVICE_KEY"], earlier)
        except Tampered as broken:
            raise click.ClickException(str(broken)) from None
    click.echo(f"The audit log is whole: {now.count} rows.")


def init_app(app: Flask) -> None:
    app.register_blueprint(commands)
