"""Which kiosk this is, and what holds there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g

from kiosk import settings
from kiosk.branches import records
from kiosk.branches.periods import Period
from kiosk.branches.records import Branch
from kiosk.configuration import store
from kiosk.settings import Settings
from kiosk.store import Busy, Damaged, NotThere, Reading


@dataclass(frozen=True)
class Place:
    """Where a screen stands, and what holds there. `kiosk_id` is empty while no screen is set up."""

    branch: Branch
    kiosk_id: str
    settings: Settings

    def __hash__(self) -> int:
        """Settings cannot be hashed; places that are alike in all are told apart by these two already."""
        return hash((self.branch.id, self.kiosk_id))


def here() -> Place:
    """Where the screen of this request stands; looked up again whenever the database has changed.

    A paired browser is the screen that `kiosk.devices` knows it as; any other is the one of `SCREEN`.
    """
    at: Place | None = g.get("place")
    if at is None:
        kiosk_id = g.get("kiosk_id") or current_app.config["SCREEN"]
        at = g.place = store().known(("place", kiosk_id), lambda db: _look_up(db, kiosk_id))
    return at


def _look_up(db: Reading, kiosk_id: str) -> Place:
    """The place of a screen: the same object for as long as nothing about it is different."""
    seen: dict[str, Place] = current_app.extensions.setdefault("places", {})
    found = place(db, kiosk_id)
    if seen.get(kiosk_id) != found:
        seen[kiosk_id] = found
    return seen[kiosk_id]


def here_or_last() -> Place:
    """The same, or the last one known: the page that says that the database is silent needs a place."""
    try:
        return here()
    except (Busy, Damaged):
        seen: dict[str, Place] = current_app.extensions.get("places", {})
        if not seen:
            raise
        g.place = seen.get(g.get("kiosk_id") or current_app.config["SCREEN"]) or next(iter(seen.values()))
        found: Place = g.place
        return found


def hours_today(branch: Branch) -> tuple[Period, ...] | None:
    """Today's times of opening of a branch, by its own clock; `None` when they are not known."""
    day = branch.now().date()

    def look_up(db: Reading) -> tuple[Period, ...] | None:
        found = records.hours(db, branch.id, day)
        return None if found is None else tuple(found)

    return store().known(("hours", branch.id, day), look_up)


def place(db: Reading, kiosk_id: str) -> Place:
    """The place of a screen; without an id, of the first one. `NotThere` while no branch is set up."""
    screen = records.screen(db, kiosk_id)
    if screen is None:
        if kiosk_id:
            raise NotThere
        branch = records.first(db)
        return Place(branch, "", settings.effective(db, branch.id))
    branch = records.find(db, screen.branch_id)
    return Place(branch, screen.id, settings.effective(db, branch.id, screen.id))
