"""What a library may choose, typed, once: library → branch → kiosk."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click
from flask import Flask
from flask.cli import AppGroup

from kiosk.configuration import store
from kiosk.store import Reading, Writing

Level = Literal["library", "branch", "kiosk"]


class NotAllowed(ValueError):
    """A setting that does not exist, or a value it may not have. The text says what is allowed."""


def _setting(default: Any, says: str, least: float | None = None, most: float | None = None) -> Any:
    return field(default=default, metadata={"says": says, "least": least, "most": most})


@dataclass(frozen=True)
class Settings:
    """The values that hold at one screen. Times are seconds unless their name says otherwise."""

    library_name: str = _setting("Library", "Name of the library service")
    languages: tuple[str, ...] = _setting((), "Languages offered, in order. Empty: all complete ones")
    journeys: tuple[str, ...] = _setting(("join", "events", "help", "support"), "Journeys at home, in order")
    english_line: Literal["both", "hide", "only"] = _setting("both", "English under the other language")
    idle_seconds: int = _setting(120, "Without a touch, ask if the person is still there", 60, 300)
    countdown_seconds: int = _setting(60, "Then wait this long before the answers are cleared", 30, 120)
    receipt_seconds: int = _setting(60, "The same for the page with the code", 20, 300)
    receipt_countdown_seconds: int = _setting(20, "The same for the page with the code", 20, 120)
    screen_inches: float = _setting(0.0, "Diagonal of the screen. 0: the usual one for its shape", 0, 100)
    keyboard_order: Literal["auto", "qwerty", "abc"] = _setting("auto", "Order of the keys on the screen")
    slow_hands: bool = _setting(False, "Ignore a second touch of the same key for 0.6 seconds")
    joins_an_hour: int = _setting(60, "How many people may join at one screen in an hour", 1, 1000)
    join_reply_days: int = _setting(2, "In how many working days a join is finished at the latest", 0, 30)
    join_kept_days: int = _setting(60, "How long a join is kept when nobody finishes it", 1, 60)
    join_kept_after_days: int = _setting(14, "How long it is kept after it is finished", 0, 60)
    own_age: int = _setting(16, "From this age a person joins without a parent or carer", 0, 18)


HINTS = get_type_hints(Settings)
FIELDS = {each.name: each for each in dataclasses.fields(Settings)}


def effective(db: Reading, branch_id: str = "", kiosk_id: str = "") -> Settings:
    """What holds at a place: the kiosk's value, else its branch's, else the library's, else the default."""
    rows = db.all(
        "SELECT level, name, value FROM settings WHERE level = 'library'"
        " OR (level = 'branch' AND place = :branch) OR (level = 'kiosk' AND place = :kiosk)",
        branch=branch_id,
        kiosk=kiosk_id,
    )
    rank = {"library": 0, "branch": 1, "kiosk": 2}
    chosen: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: rank[row["level"]]):
        if row["name"] in FIELDS:  # a setting of a newer version is left alone
            chosen[row["name"]] = _typed(row["name"], json.loads(row["value"]))
    return Settings(**chosen)


def change(db: Writing, level: Level, place: str, name: str, value: Any) -> None:
    """Choose a value for a place; `NotAllowed` says what would be allowed. `None` takes the choice back."""
    if name not in FIELDS:
        raise NotAllowed(f"There is no setting called {name}.")
    if value is None:
        db.run(
            "DELETE FROM settings WHERE level = :level AND place = :place AND name = :name",
            level=level,
            place=place,
            name=name,
        )
        return
    value = _typed(name, value)
    least, most = FIELDS[name].metadata["least"], FIELDS[name].metadata["most"]
    if least is not None and not least <= value <= most:
        raise NotAllowed(f"{name} must be between {least} and {most}.")
    db.run(
        "INSERT INTO settings (level, place, name, value, changed_at)"
        " VALUES (:level, :place, :name, :value, :now)"
        " ON CONFLICT (level, place, name)"
        " DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
        level=level,
        place=place,
        name=name,
        value=json.dumps(value),
        now=datetime.now(UTC).isoformat(),
    )


def _typed(name: str, value: Any) -> Any:
    hint = HINTS[name]
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
        raise NotAllowed(f"{name} must be one of: {', '.join(get_args(hint))}.")
    if get_origin(hint) is tuple and isinstance(value, list | tuple):
        return tuple(str(each) for each in value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if type(value) is hint:
        return value
    raise NotAllowed(f"{name} must be {getattr(hint, '__name__', 'a list')}, as JSON.")


def init_app(app: Flask) -> None:
    group = AppGroup("settings", help="What this library has chosen.")

    @group.command("list")
    @click.option("--branch", default="", help="Id of a branch.")
    @click.option("--screen", default="", help="Id of a screen.")
    def show(branch: str, screen: str) -> None:
        """Show every setting and the value that holds."""
        with store().read() as db:
            values = effective(db, branch, screen)
        for name, each in FIELDS.items():
            value = json.dumps(getattr(values, name), ensure_ascii=False)
            click.echo(f"{name} = {value}    # {each.metadata['says']}")

    @group.command("set")
    @click.argument("name")
    @click.argument("value")
    @click.option("--branch", default="", help="Only for this branch (its id).")
    @click.option("--screen", default="", help="Only for this screen (its id).")
    def choose(name: str, value: str, branch: str, screen: str) -> None:
        """Choose a value, written as JSON; null goes back to the default."""
        level: Level = "kiosk" if screen else "branch" if branch else "library"
        try:
            with store().write() as db:
                change(db, level, screen or branch, name, json.loads(value))
        except ValueError as error:  # also what JSON cannot read
            raise click.ClickException(str(error)) from error

    app.cli.add_command(group)
