"""What the library chooses: at each of three levels what holds, where it comes from, and how to change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.support import LazyProxy
from flask import abort, redirect, render_template, request, url_for

from kiosk import branches, languages, settings
from kiosk.branches import Branch
from kiosk.configuration import store
from kiosk.languages import _, _l
from kiosk.people import Role, current_person, note, staff_only
from kiosk.settings import EVERYWHERE, FIELDS, Level, NotAllowed, Settings
from kiosk.staff import values
from kiosk.staff.pages import pages
from kiosk.staff.values import Item, Kind, NotUnderstood
from kiosk.store import NotThere, Reading, Writing

A_PAGE = 20

GROUPS = {
    "name": _l("Name and languages"),
    "journeys": _l("Journeys and the English line"),
    "idle": _l("When nobody touches the screen"),
    "joining": _l("Joining, and how long it is kept"),
    "policies": _l("What a membership allows"),
    "cards": _l("Temporary cards"),
    "events": _l("Booking places at events"),
    "help": _l("Asking a person for help"),
    "support": _l("Partners and what is sent to them"),
    "messages": _l("Messages by e-mail and text"),
    "screen": _l("The screen and its keys"),
    "": _l("Other systems of the library"),
}
"""What the settings are about, as `kiosk.settings` names it, in the order of the page."""
SOURCES: dict[Level | None, LazyProxy] = {
    None: _l("As delivered"),
    "library": _l("From the library"),
    "branch": _l("From this branch"),
    "kiosk": _l("From this screen"),
}


@dataclass(frozen=True)
class Spot:
    """The library, a branch or a screen, as a place that settings can be chosen for."""

    level: Level
    id: str
    name: str
    branch: Branch | None = None


@dataclass(frozen=True)
class Shown:
    """One setting as it stands on the page. `typed` is what is in its boxes, by their names.

    `wrong` are those of several boxes that the error is about.
    """

    name: str
    kind: Kind
    says: str
    hint: str
    value: str
    source: LazyProxy
    own: bool
    above: str
    typed: Mapping[str, str]
    error: str = ""
    wrong: tuple[str, ...] = ()
    choices: tuple[tuple[str, LazyProxy | str], ...] = ()
    items: tuple[Item, ...] = ()
    seen: str = ""  # a short sign of the value, for the form to say what it was filled from


@pages.get("/settings", defaults={"level": "library", "place_id": ""})
@pages.get("/settings/branch/<place_id>", defaults={"level": "branch"})
@pages.get("/settings/kiosk/<place_id>", defaults={"level": "kiosk"})
@staff_only()
def settings_page(level: Level, place_id: str) -> Any:
    own = current_person().branch_id
    if level == "library" and own:
        return redirect(url_for("staff.settings_page", level="branch", place_id=own), 303)
    return _page(_spot(level, place_id))


@pages.post("/settings", defaults={"level": "library", "place_id": ""})
@pages.post("/settings/branch/<place_id>", defaults={"level": "branch"})
@pages.post("/settings/kiosk/<place_id>", defaults={"level": "kiosk"})
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def save_settings(level: Level, place_id: str) -> Any:
    """Keep all that differs in the group that was sent; the button says what else is meant.

    `above` takes one choice back. `step` moves a row of a list, or switches it: `languages up pl`.
    """
    spot = _spot(level, place_id)
    group = request.form.get("group", "-")
    if group not in GROUPS:
        abort(400)
    with store().read() as db:
        now = _effective(db, spot)
    new, errors = _read_group(spot, group, now)
    if errors:
        return _page(spot, errors), 422
    try:
        with store().write() as db:
            _keep(db, spot, new)
    except NotAllowed:  # what no page sends
        abort(400)
    address = url_for("staff.settings_page", level=level, place_id=place_id, said="saved")
    return redirect(f"{address}#{group or 'other'}", 303)


def _keep(db: Writing, spot: Spot, new: Mapping[str, Any]) -> None:
    """Write down what is another value than now, and who chose it. `None` takes a choice back.

    What is as the page showed it was not touched: a colleague may have changed it since, and that stays.
    """
    own = settings.chosen_at(db, spot.level, spot.id)
    now = _effective(db, spot)
    for name, value in new.items():
        if value is None and name not in own:
            continue
        if value is not None and (
            value == getattr(now, name) or values.sign(value) == request.form.get(f"seen-{name}")
        ):
            continue
        settings.change(db, spot.level, spot.id, name, value)
        before, after = (values.in_words(name, getattr(each, name)) for each in (now, _effective(db, spot)))
        note(
            db,
            "setting changed" if value is not None else "setting as above",
            "screen" if spot.level == "kiosk" else spot.level,
            spot.id,
            f"{name}: {before} → {after}",
        )


# Which place ----------------------------------------------------------------------------------------------


def _spot(level: Level, place_id: str) -> Spot:
    """The place of an address; `NotThere` for what is not, and for other branches than one's own."""
    with store().read() as db:
        if level == "library":
            return Spot(level, "", settings.effective(db).library_name)
        if level == "kiosk":
            screen = next((each for each in branches.screens(db) if each.id == place_id), None)
            if screen is None:
                raise NotThere
            branch, name = branches.find(db, screen.branch_id), screen.name
        else:
            branch = branches.find(db, place_id)
            name = branch.name
    if current_person().branch_id not in ("", branch.id):  # only branch staff have a branch
        raise NotThere
    return Spot(level, place_id, name, branch)


def _effective(db: Reading, spot: Spot) -> Settings:
    return settings.effective(
        db, spot.branch.id if spot.branch else "", spot.id if spot.level == "kiosk" else ""
    )


def _layers(db: Reading, spot: Spot) -> list[tuple[Level, dict[str, Any]]]:
    """What was chosen at the place and at each one above it, the library's first."""
    ids = {"library": "", "branch": spot.branch.id if spot.branch else "", "kiosk": spot.id}
    return [
        (level, settings.chosen_at(db, level, ids[level]))
        for level in EVERYWHERE[: EVERYWHERE.index(spot.level) + 1]
    ]


# What was sent --------------------------------------------------------------------------------------------


def _read_group(spot: Spot, group: str, now: Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """The values sent for a group, and for those that cannot be taken, why."""
    new: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in _names(spot, group):
        try:
            if request.form.get("above") == name:
                new[name] = None
            elif name in values.LISTS:
                if request.form.get("step", "").startswith(f"{name} "):
                    new[name] = values.stepped(name, now)
            elif values.was_sent(name):
                new[name] = values.read(name, now)
        except NotUnderstood as error:
            errors |= {name: str(error)} | dict.fromkeys(error.wrong, str(error))
    return new, errors


def _names(spot: Spot, group: str) -> list[str]:
    """The settings of a group that can be chosen at a place."""
    return [
        name
        for name, each in FIELDS.items()
        if each.metadata["about"] == group and spot.level in each.metadata["levels"]
    ]


# What is shown --------------------------------------------------------------------------------------------


def _page(spot: Spot, errors: Mapping[str, str] | None = None) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    with store().read() as db:
        layers = _layers(db, spot)
        beneath = _beneath(db, spot)
        now = _effective(db, spot)
    last = max(1, -(-len(beneath) // A_PAGE))
    groups = {group: [_shown(name, layers, now, errors) for name in _names(spot, group)] for group in GROUPS}
    return render_template(
        "staff/settings.html", spot=spot, titles=GROUPS, rows_of=values.ROWS, columns=values.COLUMNS,
        groups={group: shown for group, shown in groups.items() if shown},
        may_change=current_person().role is not Role.BRANCH, errors=errors or {},
        beneath=beneath[(page - 1) * A_PAGE : page * A_PAGE], page=page, last=last,
        offered=languages.complete(), said=request.args.get("said") == "saved",
    )  # fmt: skip


def _beneath(db: Reading, spot: Spot) -> list[tuple[Level, str, str, int]]:
    """The places one level down: level, id, name, and how many settings they have chosen themselves."""
    if spot.level == "library":
        counts = settings.own_choices(db, "branch")
        return [("branch", each.id, each.name, counts.get(each.id, 0)) for each in branches.every(db)]
    if spot.level == "branch":
        counts = settings.own_choices(db, "kiosk")
        return [
            ("kiosk", each.id, each.name, counts.get(each.id, 0)) for each in branches.screens(db, spot.id)
        ]
    return []


def _shown(
    name: str, layers: list[tuple[Level, dict[str, Any]]], now: Settings, errors: Mapping[str, str] | None
) -> Shown:
    value = getattr(now, name)
    chosen = [(level, layer[name]) for level, layer in layers if name in layer]
    own = name in layers[-1][1]
    above = ([getattr(Settings(), name)] + [each for _level, each in chosen])[-2] if own else value
    return Shown(
        name=name,
        kind=values.kind(name),
        says=_(FIELDS[name].metadata["says"]),
        hint=values.hint(name),
        value=values.in_words(name, value),
        source=SOURCES[chosen[-1][0] if chosen else None],
        own=own,
        above=values.in_words(name, above),
        typed={**values.written(name, value), **(values.typed(name) if errors is not None else {})},
        error=(errors or {}).get(name, ""),
        wrong=tuple(box for box in sorted(values.boxes(name)) if box in (errors or {})),
        choices=tuple((code, values.WORDS.get(code, code)) for code in values.codes(name)),
        items=tuple(values.items(name, value)) if name in values.LISTS else (),
        seen=values.sign(value),
    )
