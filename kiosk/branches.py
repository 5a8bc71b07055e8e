"""Branches, their hours and closures, their neighbours, and which kiosk this is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app, g
from flask.cli import AppGroup

from kiosk import settings
from kiosk.configuration import store
from kiosk.settings import Settings
from kiosk.store import NotThere, Reading, Writing


@dataclass(frozen=True)
class Branch:
    id: str
    name: str
    address: str
    postcode: str
    phone: str
    time_zone: str

    def now(self) -> datetime:
        """This moment on the branch's own clock."""
        return datetime.now(ZoneInfo(self.time_zone))


@dataclass(frozen=True)
class Period:
    """A time of opening on the branch's clock."""

    opens: time
    closes: time
    staffed: bool


@dataclass(frozen=True)
class Place:
    """Where a screen stands, and what holds there. `kiosk_id` is empty while no screen is set up."""

    branch: Branch
    kiosk_id: str
    settings: Settings


def add_branch(db: Writing, name: str, *, address: str = "", postcode: str = "", phone: str = "") -> str:
    """Add a branch; its id."""
    branch_id = secrets.token_hex(10)
    db.insert(
        "branches",
        id=branch_id,
        name=name,
        address=address,
        postcode=postcode,
        phone=phone,
        created_at=datetime.now(UTC).isoformat(),
    )
    return branch_id


def add_kiosk(db: Writing, branch_id: str, name: str) -> str:
    """Add a screen to a branch; its id."""
    kiosk_id = secrets.token_hex(10)
    db.insert("kiosks", id=kiosk_id, branch_id=branch_id, name=name, created_at=datetime.now(UTC).isoformat())
    return kiosk_id


def open_on(db: Writing, branch_id: str, hours: Mapping[int, Sequence[tuple[str, str]]]) -> None:
    """Set the weekly hours of a branch: ISO weekday → times of opening as HH:MM."""
    db.run("DELETE FROM opening_hours WHERE branch_id = :branch", branch=branch_id)
    for weekday, periods in hours.items():
        for opens, closes in periods:
            db.insert("opening_hours", branch_id=branch_id, weekday=weekday, opens=opens, closes=closes)


def find(db: Reading, branch_id: str) -> Branch:
    """`NotThere` when there is no such branch."""
    return _branch(db.one("SELECT * FROM branches WHERE id = :id", id=branch_id))


def every(db: Reading) -> list[Branch]:
    return [_branch(row) for row in db.all("SELECT * FROM branches ORDER BY name, id")]


def hours(db: Reading, branch_id: str, day: date) -> list[Period] | None:
    """The times of opening on a day: empty when closed, `None` when the hours are not known."""
    if db.maybe(
        "SELECT day FROM closures WHERE branch_id = :branch AND day = :day",
        branch=branch_id,
        day=day.isoformat(),
    ):
        return []
    rows = db.all(
        "SELECT weekday, opens, closes, staffed FROM opening_hours WHERE branch_id = :branch ORDER BY opens",
        branch=branch_id,
    )
    if not rows:
        return None
    return [
        Period(time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]), bool(row["staffed"]))
        for row in rows
        if row["weekday"] == day.isoweekday()
    ]


def here() -> Place:
    """Where the screen of this request stands; looked up once a request."""
    if "place" not in g:
        with store().read() as db:
            g.place = place(db, current_app.config["SCREEN"])
    found: Place = g.place
    return found


def place(db: Reading, kiosk_id: str) -> Place:
    """The place of a screen; without an id, of the first one. `NotThere` while no branch is set up."""
    row = db.maybe(
        "SELECT id, branch_id FROM kiosks WHERE id = :id OR :id = '' ORDER BY created_at, id LIMIT 1",
        id=kiosk_id,
    )
    if row is None:
        if kiosk_id:
            raise NotThere
        first = db.value("SELECT id FROM branches ORDER BY created_at, id LIMIT 1")
        return Place(find(db, first), "", settings.effective(db, first))
    return Place(find(db, row["branch_id"]), row["id"], settings.effective(db, row["branch_id"], row["id"]))


def _branch(row: dict[str, str]) -> Branch:
    return Branch(row["id"], row["name"], row["address"], row["postcode"], row["phone"], row["time_zone"])


def init_app(app: Flask) -> None:
    group = AppGroup("branches", help="Branches and their screens.")

    @group.command("list")
    def show() -> None:
        """List the branches and their screens, with their ids."""
        with store().read() as db:
            for branch in every(db):
                click.echo(f"{branch.id}  {branch.name}")
                screens = "SELECT id, name FROM kiosks WHERE branch_id = :id ORDER BY name"
                for row in db.all(screens, id=branch.id):
                    click.echo(f"  {row['id']}  {row['name']}")

    @group.command("add")
    @click.argument("name")
    @click.option("--screen", "screens", multiple=True, help="Name of a screen in it; may be repeated.")
    def add(name: str, screens: tuple[str, ...]) -> None:
        """Add a branch, and screens in it."""
        with store().write() as db:
            branch_id = add_branch(db, name)
            for screen in screens:
                add_kiosk(db, branch_id, screen)
        click.echo(branch_id)

    app.cli.add_command(group)
