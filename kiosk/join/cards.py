"""Temporary library cards: blocks of numbers that staff load, one number for a join, and its bar code.

A number comes from the block in the transaction that keeps the join: no two screens get the same one, and
none is lost when the join is not kept. How far a block has come is never taken back, so that a card can be
forgotten with its join, and its number is still given only once.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Literal

from barcode.codabar import CODABAR  # type: ignore[import-untyped]
from barcode.codex import Code39, Code128  # type: ignore[import-untyped]
from markupsafe import Markup

from kiosk.settings import Settings
from kiosk.store import Reading, Row, Writing

Symbology = Literal["codabar", "code39", "code128"]

FEW = 50
"""With fewer numbers left, staff are told to load more."""
QUIET = 10
"""Modules of white before and after the bars: ten of the narrowest, as all three symbologies ask for."""
_NUMBER = re.compile(r"([A-Z0-9]*[A-Z])?([0-9]{1,15})")
_SHORTEST, _LONGEST = 4, 20  # letters and digits of a number with its check digit, as the desk takes them


class NotABlock(ValueError):
    """Two numbers between which there is no block. `why` is a code, whose words are at the desk."""

    def __init__(self, why: Literal["number", "unlike", "order", "letters", "length"]) -> None:
        super().__init__(why)
        self.why = why


class Overlaps(Exception):
    """A block holds some of these numbers already. `first` and `last` are its ends, as they were loaded."""

    def __init__(self, first: str, last: str) -> None:
        super().__init__(f"{first}–{last}")
        self.first = first
        self.last = last


@dataclass(frozen=True)
class Numbers:
    """A run of numbers, `first` to `last`, each the prefix and then `width` digits."""

    prefix: str
    width: int
    first: int
    last: int

    def spelled(self, serial: int) -> str:
        """A number of the run, without its check digit."""
        return f"{self.prefix}{serial:0{self.width}}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.spelled(self.first), self.spelled(self.last)

    def may_meet(self, other: Numbers) -> bool:
        """Whether a number is in both, be it that one of them gets a check digit and the other none."""
        longer, shorter = (self, other) if self.width >= other.width else (other, self)
        if self.prefix != other.prefix or longer.width - shorter.width > 1:
            return False
        cut = 1 if longer.width == shorter.width else 10
        return longer.first // cut <= shorter.last and shorter.first <= longer.last // cut


@dataclass(frozen=True)
class Block:
    """A block as staff see it. `branch` is empty for every branch; `loaded_at` is UTC in ISO 8601.

    `fits` says whether its numbers can be drawn and checked as the library has chosen; others are not given.
    """

    id: str
    numbers: Numbers
    branch: str
    left: int
    loaded_by: str
    loaded_at: str
    fits: bool


@dataclass(frozen=True)
class Card:
    """A temporary card. `given_at` is UTC in ISO 8601; it is good up to and on `valid_until`, a local day."""

    number: str
    given_at: str
    valid_until: date


# Numbers ----------------------------------------------------------------------------------------


def numbers(first: str, last: str, settings: Settings) -> Numbers:
    """The run between two numbers as staff write them, without check digits. Raises `NotABlock`."""
    one, other = (_NUMBER.fullmatch("".join(text.split()).upper()) for text in (first, last))
    if not one or not other:
        raise NotABlock("number")
    if one[1] != other[1] or len(one[2]) != len(other[2]):
        raise NotABlock("unlike")
    if not _SHORTEST <= len(one[0]) + _has_check_digit(settings) <= _LONGEST:
        raise NotABlock("length")
    if one[1] and not _may_have_letters(settings):
        raise NotABlock("letters")
    if int(one[2]) > int(other[2]):
        raise NotABlock("order")
    return Numbers(one[1] or "", len(one[2]), int(one[2]), int(other[2]))


def check_digit(digits: str) -> str:
    """The check digit of a library number: modulo 10, every second digit doubled, beginning with the last.

    Of the usual 13 digits these are the first, third … thirteenth. What is doubled to ten or more loses nine.
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str((10 - total % 10) % 10)


def _has_check_digit(settings: Settings) -> bool:
    return settings.card_check_digit == "mod10"


def _may_have_letters(settings: Settings) -> bool:
    """Neither Codabar nor the check digit knows letters."""
    return settings.card_symbology != "codabar" and not _has_check_digit(settings)


# Blocks -----------------------------------------------------------------------------------------


def load(db: Writing, run: Numbers, branch_id: str, person_id: str) -> str:
    """Set numbers aside for a branch, or with an empty id for all; the id of the block. Raises `Overlaps`."""
    for row in db.all("SELECT prefix, width, first, last FROM card_blocks WHERE prefix = :p", p=run.prefix):
        other = Numbers(**row)
        if run.may_meet(other):
            raise Overlaps(*other.ends)
    block_id = secrets.token_hex(8)
    db.insert(
        "card_blocks",
        id=block_id,
        branch_id=branch_id or None,
        prefix=run.prefix,
        width=run.width,
        first=run.first,
        last=run.last,
        next=run.first,
        loaded_by=person_id or None,
        loaded_at=datetime.now(UTC).isoformat(),
    )
    return block_id


def stop(db: Writing, block_id: str) -> Numbers:
    """Give no more of a block; what was not given may be loaded again. The numbers given up.

    Raises `NotThere` when there is no such block, or nothing is left of it.
    """
    row = db.one(
        "SELECT prefix, width, next AS first, last FROM card_blocks WHERE id = :id AND next <= last",
        id=block_id,
    )
    given_up = Numbers(**row)
    if not db.run("DELETE FROM card_blocks WHERE id = :id AND next = first", id=block_id):
        db.run("UPDATE card_blocks SET last = next - 1 WHERE id = :id", id=block_id)
    return given_up


def blocks(db: Reading, settings: Settings) -> list[Block]:
    """All blocks, the latest first; whether they fit is judged by these settings."""
    rows = db.all(
        "SELECT c.*, COALESCE(b.name, '') AS branch, COALESCE(p.name, '') AS person FROM card_blocks c"
        " LEFT JOIN branches b ON b.id = c.branch_id LEFT JOIN people p ON p.id = c.loaded_by"
        " ORDER BY c.loaded_at DESC, c.prefix, c.width, c.first"
    )
    return [
        Block(
            id=row["id"],
            numbers=Numbers(row["prefix"], row["width"], row["first"], row["last"]),
            branch=row["branch"],
            left=row["last"] + 1 - row["next"],
            loaded_by=row["person"],
            loaded_at=row["loaded_at"],
            fits=not row["prefix"] or _may_have_letters(settings),
        )
        for row in rows
    ]


def running_out(db: Reading, branch_id: str, settings: Settings) -> int | None:
    """How many numbers a branch can still give, if that is fewer than `FEW`.

    `None` when there are enough, and for a library that never loaded any: it gives no cards from screens.
    """
    row = db.one(
        "SELECT COUNT(*) AS blocks, COALESCE(SUM(CASE WHEN prefix = '' OR :letters THEN last + 1 - next"
        " ELSE 0 END), 0) AS left FROM card_blocks WHERE branch_id IS NULL OR branch_id = :branch",
        branch=branch_id,
        letters=_may_have_letters(settings),
    )
    return row["left"] if row["blocks"] and row["left"] < FEW else None


# Cards ------------------------------------------------------------------------------------------


def give(
    db: Writing, join_id: str, branch_id: str, kiosk_id: str, settings: Settings, now: datetime
) -> Card | None:
    """The next number for a join that was kept in this transaction; the same card when it has one already.

    `None` when no block has a number left, and for a join that was not kept, because a double touch had sent
    it already. A branch's own blocks come before those for all branches, older ones before newer. `now` knows
    its zone: that of the branch, whose days the card is good for.
    """
    earlier = of_join(db, join_id)
    if earlier is not None:
        return earlier
    if db.maybe("SELECT 1 FROM joins WHERE id = :id", id=join_id) is None:
        return None
    block = db.maybe(
        "UPDATE card_blocks SET next = next + 1 WHERE id = (SELECT id FROM card_blocks"
        " WHERE (branch_id = :branch OR branch_id IS NULL) AND next <= last AND (prefix = '' OR :letters)"
        " ORDER BY branch_id IS NULL, loaded_at, prefix, width, first LIMIT 1)"
        " RETURNING id, prefix, width, first, last, next - 1 AS serial",
        branch=branch_id,
        letters=_may_have_letters(settings),
    )
    if block is None:
        return None
    run = Numbers(block["prefix"], block["width"], block["first"], block["last"])
    number = run.spelled(block["serial"])
    if _has_check_digit(settings):
        number += check_digit(number)
    card = Card(number, now.astimezone(UTC).isoformat(), (now + timedelta(days=settings.card_days)).date())
    db.insert(
        "cards",
        number=card.number,
        join_id=join_id,
        block_id=block["id"],
        kiosk_id=kiosk_id or None,
        given_at=card.given_at,
        valid_until=card.valid_until.isoformat(),
    )
    return card


def of_join(db: Reading, join_id: str) -> Card | None:
    row = db.maybe("SELECT number, given_at, valid_until FROM cards WHERE join_id = :id", id=join_id)
    return _card(row) if row else None


def _card(row: Row) -> Card:
    return Card(row["number"], row["given_at"], date.fromisoformat(row["valid_until"]))


def purge(db: Writing, _now: datetime) -> int:
    """Forget the cards of joins that were wiped: nothing leads from a number to a join any more."""
    return db.run("DELETE FROM cards WHERE join_id IN (SELECT id FROM joins WHERE purged_at IS NOT NULL)")


# The bar code -----------------------------------------------------------------------------------


def drawing(number: str, symbology: Symbology) -> Markup:
    """The bars of a number as inline SVG, one unit to a module, with quiet zones; the words are the caller's.

    The bars are black on white in every theme, for laser readers; a style sheet may set another `color`.
    Codabar has no letters: a number with some, from before the library chose it, is drawn in Code 128.
    """
    modules = pattern(number, symbology if symbology != "codabar" or number.isdecimal() else "code128")
    wide = len(modules) + 2 * QUIET
    high = wide // 4
    bars = "".join(
        f'<rect x="{place}" width="{length}" height="{high}"/>' for place, length in _bars(modules)
    )
    return Markup(  # noqa: S704 - the numbers of blocks, which are letters and digits
        f'<svg class="bars" viewBox="0 0 {wide} {high}" shape-rendering="crispEdges" color="#000"'
        f' focusable="false"><rect width="{wide}" height="{high}" fill="#fff"/>'
        f'<g fill="currentColor">{bars}</g></svg>'
    )


def pattern(number: str, symbology: Symbology) -> str:
    """The modules of a number, a letter each: 1 for black, 0 for white.

    Codabar gets A before and B after it, which are no part of the number; Code 39 gets no checksum, which few
    readers are set to expect; Code 128 always has its own.
    """
    if symbology == "codabar":
        code = CODABAR(f"A{number}B", narrow=1, wide=3)
    elif symbology == "code39":
        code = Code39(number, add_checksum=False)
    else:
        code = _Code128(number)
    return str(code.build()[0])


class _Code128(Code128):  # type: ignore[misc]
    """Keeps a 99 at the start, which python-barcode 0.16 takes for a change of character set and drops."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if self.code.startswith("99"):
            return encoded
        shorter: list[int] = super()._try_to_optimize(encoded)
        return shorter


def _bars(modules: str) -> Iterator[tuple[int, int]]:
    """Where each bar begins and how wide it is, in modules."""
    place = QUIET
    for module, run in groupby(modules):
        length = len(list(run))
        if module == "1":
            yield place, length
        place += length
