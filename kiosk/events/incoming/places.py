"""Which branch a calendar means when it says where: by the branch's name, its postcode, or a spelling that
staff have confirmed. What is no branch stays a place of its own, in the words of the calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.branches import Branch, every
from kiosk.spelling import as_postcode
from kiosk.store import NotThere, Reading, Writing

LONGEST = 200
"""Letters of a place, as residents see it."""
LONGEST_ROOM = 60
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
_ONLINE = re.compile(
    r"(?:https?://|(?:online|virtual(?:ly)?|webinar|(?:on |via )?(?:zoom|(?:microsoft |ms )?teams))\b)",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?:mobile library|library bus|book ?mobile|mobile stop)\b", re.IGNORECASE)
_ROOM = re.compile(
    r"\b(?:room|hall|floor|studio|lounge|space|area|theatre|cafe|café|garden|gallery|suite)\b", re.IGNORECASE
)
_PIECES = re.compile(r"\s*(?:[,;()]|\s[-–—]\s)\s*")


@dataclass(frozen=True)
class Spot:
    """Where an event is: `kind` as in `Facts.place_kind`; `place` says it in words, unless a branch does.

    `unknown` is the place as the calendar writes it, when no branch was found for it; else empty.
    """

    kind: str
    branch_id: str = ""
    place: str = ""
    room: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class Spelling:
    """A spelling that staff have confirmed for a branch."""

    spelling: str
    branch_id: str


class Places:
    """Finds branches in the words of a calendar. `default_id` is where events are that do not say."""

    def __init__(
        self, branches: Iterable[Branch], spellings: Iterable[Spelling], default_id: str = ""
    ) -> None:
        self._branches = {branch.id: branch for branch in branches}
        self._confirmed = {each.spelling: each.branch_id for each in spellings}
        self._default_id = default_id
        self._known: dict[str, Spot] = {}
        self._whole: dict[str, str] = {}
        self._postcodes: dict[str, set[str]] = {}
        for branch in self._branches.values():
            name = key_of(branch.name)
            for each in (name, name.removesuffix(" library"), f"{name} library"):
                self._whole.setdefault(each, branch.id)
            if postcode := as_postcode(branch.postcode):
                self._postcodes.setdefault(postcode, set()).add(branch.id)
        # a name of one word, such as "Library", is in too many other places to be looked for inside of them
        names = ((key_of(branch.name), branch.id) for branch in self._branches.values())
        self._inside = sorted(((name, id_) for name, id_ in names if " " in name), key=lambda e: -len(e[0]))

    def name(self, branch_id: str) -> str:
        branch = self._branches.get(branch_id)
        return branch.name if branch else ""

    def find(self, location: str) -> Spot:
        """Where that is; without a location, at the branch whose calendar it is."""
        if location not in self._known:
            self._known[location] = self._look_up(location)
        return self._known[location]

    def _look_up(self, location: str) -> Spot:
        if not key_of(location):
            return Spot("branch", self._default_id) if self._default_id else Spot("elsewhere")
        branch_id = self._branch_of(location)
        if branch_id:
            return Spot("branch", branch_id, room=self._room_in(location, branch_id))
        if _ONLINE.match(location):
            return Spot("online", self._default_id)
        if _MOBILE.match(location):
            return Spot("mobile", self._default_id, location[:LONGEST])
        return Spot("elsewhere", self._default_id, location[:LONGEST], unknown=location)

    def _branch_of(self, location: str) -> str:
        words = key_of(location)
        if words in self._confirmed:
            return self._confirmed[words]
        for found in _POSTCODE.findall(location):
            there = self._postcodes.get(as_postcode(found) or "", set())
            if len(there) == 1:
                return next(iter(there))
        pieces = [key_of(piece) for piece in _PIECES.split(location)]
        for piece in (words, *pieces[:2]):
            if piece in self._whole:
                return self._whole[piece]
        return next((id_ for name, id_ in self._inside if f" {name} " in f" {words} "), "")

    def _room_in(self, location: str, branch_id: str) -> str:
        own = key_of(self.name(branch_id))
        pieces = (piece.strip() for piece in _PIECES.split(location)[1:])
        rooms = (piece for piece in pieces if _ROOM.search(piece) and key_of(piece) != own)
        return next((room for room in rooms if len(room) <= LONGEST_ROOM), "")


def key_of(spelling: str) -> str:
    """What two spellings of one place have in common: letters and digits, without case and accents."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", spelling.casefold())
        if not unicodedata.combining(letter)
    )
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def places(db: Reading, default_id: str = "") -> Places:
    """The branches as they are now, with what staff have confirmed."""
    return Places(every(db), spellings(db), default_id)


def spellings(db: Reading) -> list[Spelling]:
    rows = db.all("SELECT spelling, branch_id FROM place_names ORDER BY spelling")
    return [Spelling(**row) for row in rows]


def confirm(db: Writing, place: str, branch_id: str) -> None:
    """From now on this place is that branch. `ValueError` for a place without any letter."""
    key = key_of(place)[:LONGEST]
    if not key:
        raise ValueError("a place needs a name")
    db.run(
        "INSERT INTO place_names (spelling, branch_id) VALUES (:spelling, :branch)"
        " ON CONFLICT (spelling) DO UPDATE SET branch_id = excluded.branch_id",
        spelling=key,
        branch=branch_id,
    )


def forget(db: Writing, spelling: str) -> None:
    """This spelling is no branch after all. `NotThere` when it was none."""
    if not db.run("DELETE FROM place_names WHERE spelling = :spelling", spelling=spelling):
        raise NotThere
