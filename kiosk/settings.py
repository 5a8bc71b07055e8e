"""What a library may choose, typed, once: library → branch → kiosk."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click
from flask import Flask
from flask.cli import AppGroup

from kiosk.configuration import store
from kiosk.store import Reading, Row, Writing

Level = Literal["library", "branch", "kiosk"]
EVERYWHERE: tuple[Level, ...] = get_args(Level)
OF_A_BRANCH: tuple[Level, ...] = ("library", "branch")
"""Where what the desk goes by may be chosen: it works for a whole branch, whatever the screen."""
MEMBERSHIPS = ("full", "introductory", "no-address", "child", "good-neighbour", "home", "digital")
"""The kinds of membership, by their codes; `kiosk.join.policies` says what each one is."""
Unlock = Literal["", "address", "id", "desk"]
"""What leads to a full membership: a proof of address, of who she is, or a word with staff; "": nothing."""


class NotAllowed(ValueError):
    """A setting that does not exist, or a value it may not have. The text says what is allowed."""


def _setting(
    default: Any,
    says: str,
    least: float | None = None,
    most: float | None = None,
    levels: tuple[Level, ...] = EVERYWHERE,
    about: str = "",
    unit: str = "",
    rows: tuple[str, ...] = (),
) -> Any:
    """A default, what it is for, the least and the most, where it may be chosen, its group and its unit.

    The least and the most are letters for what is written, and the value itself for numbers. What is one
    column of a table has a value for each of its `rows`, or names those rows that it holds for.
    """
    metadata = {
        "says": says, "least": least, "most": most, "levels": levels, "about": about, "unit": unit,
        "rows": rows,
    }  # fmt: skip
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def _column(default: Any, says: str, least: float | None = None, most: float | None = None) -> Any:
    """A column of the table that says what each membership allows."""
    return _setting(default, says, least, most, OF_A_BRANCH, "policies", rows=MEMBERSHIPS)


@dataclass(frozen=True)
class Settings:
    """The values that hold at one screen. Times are seconds unless their name says otherwise."""

    library_name: str = _setting("Library", "Name of the library service", 1, 100, about="name")
    languages: tuple[str, ...] = _setting((), "Languages offered, in order", about="name")
    journeys: tuple[str, ...] = _setting(
        ("join", "events", "help", "support"), "Journeys at home, in order", about="journeys"
    )
    english_line: Literal["both", "hide", "only"] = _setting(
        "both", "English under the other language", about="journeys"
    )
    ask_how_it_was: bool = _setting(True, "At the end, ask how it was", about="journeys")
    idle_seconds: int = _setting(
        120, "Without a touch, ask if the person is still there", 60, 300, about="idle", unit="seconds"
    )
    countdown_seconds: int = _setting(
        60, "Then wait this long before the answers are cleared", 30, 120, about="idle", unit="seconds"
    )
    receipt_seconds: int = _setting(
        60, "On the page with the code, ask after this long", 20, 300, about="idle", unit="seconds"
    )
    receipt_countdown_seconds: int = _setting(
        20, "On the page with the code, then wait this long", 20, 120, about="idle", unit="seconds"
    )
    screen_inches: float = _setting(
        0.0, "Diagonal of the screen. 0: the usual one for its shape", 0, 100, about="screen", unit="inches"
    )
    keyboard_order: Literal["auto", "qwerty", "abc"] = _setting(
        "auto", "Order of the keys on the screen", about="screen"
    )
    slow_hands: bool = _setting(
        False, "Ignore a second touch of the same key for 0.6 seconds", about="screen"
    )
    joins_an_hour: int = _setting(
        60, "How many people may join at one screen in an hour", 1, 1000, about="joining", unit="people"
    )
    join_kept_days: int = _setting(
        60, "How long a join is kept when nobody finishes it", 1, 60, OF_A_BRANCH, "joining", "days"
    )
    join_kept_after_days: int = _setting(
        14, "How long it is kept after it is finished", 0, 60, OF_A_BRANCH, "joining", "days"
    )
    own_age: int = _setting(
        16, "From this age a person joins without a parent or carer", 0, 18, about="joining", unit="years"
    )
    responsible: Mapping[str, str] = _setting(
        {}, "Who is responsible for the answers, and how to reach the data protection officer", 0, 300,
        ("library",), "joining",
    )  # fmt: skip
    # introductory and no-address as Libraries of Sanctuary in the UK do it: two things for three years, and
    # the computers and e-books; nobody is asked for ID
    membership_items: Mapping[str, int] = _column(
        {
            "full": 20, "introductory": 2, "no-address": 2, "child": 20, "good-neighbour": 20, "home": 20,
            "digital": 0,
        },
        "Most things at one time", 0, 999,
    )  # fmt: skip
    membership_days: Mapping[str, int] = _column(
        {
            "full": 1095, "introductory": 1095, "no-address": 1095, "child": 1095, "good-neighbour": 365,
            "home": 365, "digital": 1095,
        },
        "Days that it holds", 1, 3660,
    )  # fmt: skip
    membership_cards: tuple[str, ...] = _column(
        ("full", "introductory", "no-address", "digital"), "The screen gives a temporary card"
    )
    membership_computers: tuple[str, ...] = _column(
        ("full", "introductory", "no-address", "child"), "May use the computers"
    )
    membership_ebooks: tuple[str, ...] = _column(
        ("full", "introductory", "no-address", "child", "home", "digital"), "May read e-books"
    )
    membership_fines: tuple[str, ...] = _column(
        ("full", "introductory", "no-address"), "Pays when something is late"
    )
    membership_free_requests: tuple[str, ...] = _column(("good-neighbour", "home"), "Requests cost nothing")
    membership_unlocked_by: Mapping[str, Unlock] = _column(
        {
            "full": "", "introductory": "address", "no-address": "desk", "child": "", "good-neighbour": "",
            "home": "", "digital": "desk",
        },
        "What leads to a full membership",
    )  # fmt: skip
    card_symbology: Literal["codabar", "code39", "code128"] = _setting(
        "codabar", "Bar code of a temporary card", levels=OF_A_BRANCH, about="cards"
    )
    card_check_digit: Literal["none", "mod10"] = _setting(
        "none", "Check digit at the end of its number", levels=OF_A_BRANCH, about="cards"
    )
    card_days: int = _setting(28, "How long it holds", 1, 365, OF_A_BRANCH, "cards", "days")
    offer_hours: int = _setting(
        24, "How long a place that became free is kept for who waited", 1, 336, ("library",), "events",
        "hours",
    )  # fmt: skip
    pay_days: int = _setting(
        7, "How long a place is kept that is to be paid at the desk", 1, 60, ("library",), "events", "days"
    )
    booking_kept_days: int = _setting(
        30, "After an event, how long the names of those who booked are kept", 1, 90, ("library",), "events",
        "days",
    )  # fmt: skip
    bookings_an_hour: int = _setting(
        30, "How many bookings one screen takes in an hour", 1, 1000, about="events", unit="bookings"
    )
    events_ahead_months: int = _setting(
        12, "How far ahead the dates of calendars are loaded", 1, 24, ("library",), "events", "months"
    )
    calendar_hours: int = _setting(
        6, "How often calendars are fetched from their addresses", 1, 168, ("library",), "events", "hours"
    )
    help_limit_minutes: int = _setting(
        5, "When nobody has answered for so long, the board sounds again", 1, 60, OF_A_BRANCH, "help",
        "minutes",
    )  # fmt: skip
    help_escalates_to: tuple[str, ...] = _setting(
        (), "After twice as long, boards of these branches show it, by name. Empty: the neighbours",
        levels=OF_A_BRANCH, about="help",
    )  # fmt: skip
    help_escalation_email: str = _setting(
        "", "And an e-mail goes to this address. Empty: none", 0, 254, OF_A_BRANCH, "help"
    )
    help_numbers: tuple[str, ...] = _setting(
        (
            "emergency=999", "health=111", "police=101", "abuse=0808 2000 247", "samaritans=116 123",
            "childline=0800 1111", "council=",
        ),
        "Numbers to ring at once, shown to everybody", about="help",
    )  # fmt: skip
    referrals_an_hour: int = _setting(
        10, "How many people may tell their story at one screen in an hour", 1, 1000, about="support",
        unit="people",
    )  # fmt: skip
    referral_pick_up_days: int = _setting(
        3, "Working days until a partner should have answered; then it is reminded", 1, 30, ("library",),
        "support", "days",
    )  # fmt: skip
    referral_chase_days: int = _setting(
        1, "Working days after that until staff ask the partner themselves", 1, 30, ("library",), "support",
        "days",
    )  # fmt: skip
    referral_kept_days: int = _setting(
        30, "How long a story is kept after the partner took it or said no", 1, 180, ("library",), "support",
        "days",
    )  # fmt: skip
    referral_longest_days: int = _setting(
        180, "How long a story is kept at most, whatever happens", 7, 365, ("library",), "support", "days"
    )
    consent_kept_months: int = _setting(
        24, "How long it is kept what a person agreed to, without her story", 1, 120, ("library",),
        "support", "months",
    )  # fmt: skip
    partner_address: str = _setting(
        "", "Address at which partners reach these pages, like https://desk.example.org", 0, 200,
        ("library",), "support",
    )  # fmt: skip
    smtp_host: str = _setting(
        "", "Mail server that sends our e-mail. Empty: no e-mail", 0, 253, ("library",), "messages"
    )
    smtp_port: int = _setting(587, "Its port", 1, 65535, ("library",), "messages")
    smtp_security: Literal["starttls", "tls", "local"] = _setting(
        "starttls", "How the connection to it is kept secret", levels=("library",), about="messages"
    )
    smtp_user: str = _setting(
        "", "User there, whose password the server knows (SMTP_PASSWORD). Empty: none", 0, 254, ("library",),
        "messages",
    )  # fmt: skip
    smtp_from: str = _setting("", "E-mail address that messages come from", 0, 254, ("library",), "messages")
    notify_address: str = _setting(
        "https://api.notifications.service.gov.uk", "Address of GOV.UK Notify, for text messages", 0, 300,
        ("library",), "messages",
    )  # fmt: skip
    notify_template: str = _setting(
        "", "Id of the template there that holds ((message)) alone. Empty: no text messages", 0, 60,
        ("library",), "messages",
    )  # fmt: skip
    koha_address: str = _setting("", "Address of Koha's staff side. Empty: no Koha", levels=("library",))
    koha_user: str = _setting("", "User of Koha who may add patrons", levels=("library",))
    koha_category: str = _setting("", "Koha's code for the category of new patrons", levels=("library",))
    koha_child_category: str = _setting(
        "", "The same for who is younger than own_age. Empty: the same code", levels=("library",)
    )
    koha_categories: tuple[str, ...] = _setting(
        (), "Codes of other memberships, like good-neighbour=GN", levels=("library",)
    )
    koha_library: str = _setting("", "Koha's code for the branch", levels=("library", "branch"))
    koha_languages: tuple[str, ...] = _setting(
        (), "Languages of Koha's letters, like pl=pl-PL", levels=("library",)
    )
    evergreen_library: int = _setting(
        0, "Evergreen's number for the branch. 0: none", 0, 2**31 - 1, levels=("library", "branch")
    )


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
    return Settings(**_readable(sorted(rows, key=lambda row: EVERYWHERE.index(row["level"]))))


def _readable(rows: Iterable[Row]) -> dict[str, Any]:
    """The values by name, the last of each. What only a newer version knows, name or value, is left alone."""
    values: dict[str, Any] = {}
    for row in rows:
        if row["name"] in FIELDS:
            with suppress(ValueError):  # of JSON too: one slip must not close every screen
                values[row["name"]] = _typed(row["name"], json.loads(row["value"]))
    return values


def chosen_at(db: Reading, level: Level, place: str = "") -> dict[str, Any]:
    """What one place has chosen itself, by the name of the setting."""
    rows = db.all(
        "SELECT name, value FROM settings WHERE level = :level AND place = :place", level=level, place=place
    )
    return _readable(rows)


def own_choices(db: Reading, level: Level) -> dict[str, int]:
    """How many settings each place of a level has chosen itself, by its id; only those with any."""
    found: dict[str, int] = {}
    for row in db.all("SELECT place, name FROM settings WHERE level = :level", level=level):
        found[row["place"]] = found.get(row["place"], 0) + (row["name"] in FIELDS)
    return found


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
    if level not in FIELDS[name].metadata["levels"]:
        raise NotAllowed(f"{name} cannot be chosen for one {level}.")
    value = _typed(name, value)
    rows = FIELDS[name].metadata["rows"]
    if rows and not set(value) <= set(rows):
        raise NotAllowed(f"{name} is only about: {', '.join(rows)}.")
    least, most = FIELDS[name].metadata["least"], FIELDS[name].metadata["most"]
    for measured in _measures(value):
        if least is not None and not least <= measured <= most:
            raise NotAllowed(f"{name} must be between {least} and {most}{_letters(value)}.")
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
    if get_origin(hint) is Mapping and isinstance(value, Mapping):
        if FIELDS[name].metadata["rows"]:
            return _whole_column(name, value)
        return {str(tag): str(text) for tag, text in value.items() if text}
    if type(value) is hint:
        return value
    raise NotAllowed(f"{name} must be {getattr(hint, '__name__', 'a list')}, as JSON.")


def _whole_column(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every row of a table: those that are left out have the default."""
    kind = get_args(HINTS[name])[1]
    codes = get_args(kind)
    for each in value.values():
        if codes and each not in codes:
            raise NotAllowed(f"{name} must be one of: {', '.join(code or '(empty)' for code in codes)}.")
        if not codes and type(each) is not kind:
            raise NotAllowed(f"{name} must be {kind.__name__} in each row, as JSON.")
    return {**getattr(Settings(), name), **value}


def _measures(value: Any) -> list[float]:
    """What of a value must be between the least and the most: numbers themselves, texts by their letters."""
    every = value.values() if isinstance(value, Mapping) else [value]
    return [len(each) if isinstance(each, str) else each for each in every]


def _letters(value: Any) -> str:
    text = next(iter(value.values()), "") if isinstance(value, Mapping) else value
    return " letters" if isinstance(text, str) else ""


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
