"""Which kiosk this is, and what holds there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g

from kiosk import settings
from kiosk.branches import records
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


def here() -> Place:
    """Where the screen of this request stands; looked up once a request.

    A paired browser is the screen that `kiosk.devices` knows it as; any other is the one of `SCREEN`.
    """
    if "place" not in g:
        kiosk_id = g.get("kiosk_id") or current_app.config["SCREEN"]
        with store().read() as db:
            g.place = place(db, kiosk_id)
        current_app.extensions.setdefault("places", {})[kiosk_id] = g.place
    found: Place = g.place
    return found


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
