"""What the library chooses: at each of three levels what holds, where it comes from, and how to change it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from babel.support import LazyProxy
from flask import abort, redirect, render_template, request, url_for

from kiosk import branches, languages, settings
from kiosk.branches import Branch
from kiosk.configuration import store
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.pages import every_journey
from kiosk.people import Role, current_person, note, staff_only
from kiosk.settings import EVERYWHERE, FIELDS, HINTS, Level, NotAllowed, Settings
from kiosk.staff.pages import pages
from kiosk.store import NotThere, Reading, Writing

A_PAGE = 20

GROUPS = {
    "name": _l("Name and languages"),
    "journeys": _l("Journeys and the English line"),
    "idle": _l("When nobody touches the screen"),
    "joining": _l("Joining, and how long it is kept"),
    "screen": _l("The screen and its keys"),
    "": _l("Other systems of the library"),
}
"""What the settings are about, as `kiosk.settings` names it, in the order of the page."""
UNITS = {
    "seconds": _lp("unit", "seconds"),
    "days": _lp("unit", "days"),
    "inches": _lp("unit", "inches"),
    "people": _lp("unit", "people"),
    "years": _lp("unit", "years"),
}
WORDS = {
    "both": _lp("choice", "English beneath"),
    "hide": _lp("choice", "No English"),
    "only": _lp("choice", "English only"),
    "auto": _lp("choice", "What suits the screen and the language"),
    "qwerty": _lp("choice", "As on a computer (QWERTY)"),
    "abc": _lp("choice", "In the order of the alphabet (ABC)"),
    "yes": _lp("choice", "Yes"),
    "no": _lp("choice", "No"),
}
SOURCES: dict[Level | None, LazyProxy] = {
    None: _l("As delivered"),
    "library": _l("From the library"),
    "branch": _l("From this branch"),
    "kiosk": _l("From this screen"),
}
LISTS = ("languages", "journeys")


class NotUnderstood(ValueError):
    """What was typed is no value of the setting. The text says, to the person, what would be."""


@dataclass(frozen=True)
class Spot:
    """The library, a branch or a screen, as a place that settings can be chosen for."""

    level: Level
    id: str
    name: str
    branch: Branch | None = None


@dataclass(frozen=True)
class Item:
    """One row of a list that can be put in order. `why_not` says why it cannot be switched on."""

    code: str
    label: str
    on: bool
    own_name: str = ""
    draft: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Shown:
    """One setting as it stands on the page. `typed` is what is in its boxes, by their names."""

    name: str
    kind: Literal["text", "number", "choice", "texts", "list"]
    says: str
    hint: str
    value: str
    source: LazyProxy
    own: bool
    above: str
    typed: Mapping[str, str]
    error: str = ""
    choices: tuple[tuple[str, LazyProxy | str], ...] = ()
    items: tuple[Item, ...] = ()


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
    """Write down what is another value than now, and who chose it. `None` takes a choice back."""
    own = settings.chosen_at(db, spot.level, spot.id)
    now = _effective(db, spot)
    for name, value in new.items():
        if value is None and name not in own:
            continue
        if value is not None and value == getattr(now, name):
            continue
        settings.change(db, spot.level, spot.id, name, value)
        then = _effective(db, spot)
        note(
            db,
            "setting changed" if value is not None else "setting as above",
            "screen" if spot.level == "kiosk" else spot.level,
            spot.id,
            f"{name}: {_in_words(name, getattr(now, name))} → {_in_words(name, getattr(then, name))}",
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
            elif name in LISTS:
                if request.form.get("step", "").startswith(f"{name} "):
                    new[name] = _stepped(name, now)
            elif _boxes(name) & set(request.form):
                new[name] = _read(name)
        except NotUnderstood as wrong:
            errors[name] = str(wrong)
    return new, errors


def _names(spot: Spot, group: str) -> list[str]:
    """The settings of a group that can be chosen at a place."""
    return [
        name
        for name, each in FIELDS.items()
        if each.metadata["about"] == group and spot.level in each.metadata["levels"]
    ]


def _boxes(name: str) -> set[str]:
    if get_origin(HINTS[name]) is Mapping:
        return {f"{name}-{language.tag}" for language in languages.known().values()}
    return {name}


def _read(name: str) -> Any:
    """The value that was typed or chosen; `NotUnderstood` says what is allowed."""
    hint = HINTS[name]
    least, most = FIELDS[name].metadata["least"], FIELDS[name].metadata["most"]
    typed = clean(request.form.get(name, ""))
    if get_origin(hint) is Literal or hint is bool:
        if typed not in _codes(name):
            raise NotUnderstood(_("Choose one of these."))
        return typed == "yes" if hint is bool else typed
    if hint in (int, float):
        form = r"\d{1,10}" if hint is int else r"\d{1,10}([.,]\d{1,3})?"
        value = hint(typed.replace(",", ".")) if re.fullmatch(form, typed) else None
        if value is None or not least <= value <= most:
            raise NotUnderstood(_number_from(least, most))
        return value
    if get_origin(hint) is Mapping:
        return _texts(name, int(most))
    if get_origin(hint) is tuple:
        return tuple(each for each in (part.strip() for part in typed.split(",")) if each)
    if most is not None and not least <= len(typed) <= most:
        raise NotUnderstood(_letters_from(least, most))
    return typed


def _texts(name: str, most: int) -> dict[str, str]:
    texts = {
        language.tag: clean(request.form.get(f"{name}-{language.tag}", ""))
        for language in languages.known().values()
    }
    texts = {tag: text for tag, text in texts.items() if text}
    if any(len(text) > most for text in texts.values()):
        raise NotUnderstood(_letters_from(0, most))
    if texts and "en" not in texts:
        raise NotUnderstood(_("Write it in English too. It is shown where another language is missing."))
    return texts


def _stepped(name: str, now: Settings) -> tuple[str, ...]:
    """The list after one of its buttons. What this version does not know stays at the end."""
    _name, _space, asked = request.form["step"].partition(" ")
    act, _space, code = asked.partition(" ")
    items = {item.code: item for item in _items(name, getattr(now, name))}
    if code not in items:
        raise NotUnderstood(_("Choose one of these."))
    order = [item.code for item in items.values() if item.on]
    unknown = [each for each in getattr(now, name) if each not in items]
    if act == "on" and code not in order:
        if items[code].why_not:
            raise NotUnderstood(items[code].why_not)
        order.append(code)
    elif act == "off" and code in order:
        left = [each for each in order if each != code and not items[each].why_not]
        if not left:
            raise NotUnderstood(_("One must stay on. Switch another one on first."))
        order.remove(code)
    elif act in ("up", "down") and code in order:
        place = order.index(code)
        other = place - 1 if act == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return (*order, *unknown)


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
        "staff/settings.html", spot=spot, titles=GROUPS,
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
    typed = {box: request.form[box] for box in _boxes(name) if errors is not None and box in request.form}
    return Shown(
        name=name,
        kind=_kind(name),
        says=_(FIELDS[name].metadata["says"]),
        hint=_hint(name),
        value=_in_words(name, value),
        source=SOURCES[chosen[-1][0] if chosen else None],
        own=own,
        above=_in_words(name, above),
        typed={**_written(name, value), **typed},
        error=(errors or {}).get(name, ""),
        choices=tuple((code, WORDS.get(code, code)) for code in _codes(name)),
        items=tuple(_items(name, value)) if name in LISTS else (),
    )


def _kind(name: str) -> Literal["text", "number", "choice", "texts", "list"]:
    hint = HINTS[name]
    if name in LISTS:
        return "list"
    if get_origin(hint) is Mapping:
        return "texts"
    if _codes(name):
        return "choice"
    return "number" if hint in (int, float) else "text"


def _codes(name: str) -> tuple[str, ...]:
    if HINTS[name] is bool:
        return ("yes", "no")
    return get_args(HINTS[name]) if get_origin(HINTS[name]) is Literal else ()


def _hint(name: str) -> str:
    """What is allowed, said before anything is typed."""
    about = FIELDS[name].metadata
    if _kind(name) == "number":
        unit = f" ({UNITS[about['unit']]})" if about["unit"] else ""
        return _number_from(about["least"], about["most"], unit)
    if _kind(name) == "texts":
        return _("The last sentence of the privacy notice. Leave all boxes empty to show none.")
    if get_origin(HINTS[name]) is tuple and name not in LISTS:
        return _("Put a comma between two of them.")
    return ""


def _number_from(least: float, most: float, unit: str = "") -> str:
    return _(
        "Write a number from %(least)s to %(most)s%(unit)s.",
        least=f"{least:.10g}",
        most=f"{most:.10g}",
        unit=unit,
    )


def _letters_from(least: float, most: float) -> str:
    return _("Write %(least)s to %(most)s letters.", least=int(least), most=int(most))


def _written(name: str, value: Any) -> dict[str, str]:
    """A value as it stands in the boxes of the page."""
    if isinstance(value, Mapping):
        return {box: value.get(box.removeprefix(f"{name}-"), "") for box in _boxes(name)}
    if isinstance(value, tuple):
        return {name: ", ".join(value)}
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    return {name: f"{value:.10g}" if isinstance(value, float) else str(value)}


def _in_words(name: str, value: Any) -> str:
    """A value as staff read it."""
    if name in LISTS:
        return ", ".join(item.label for item in _items(name, value) if item.on)
    if isinstance(value, Mapping):
        return ", ".join(languages.known()[tag].english for tag in value if tag in languages.known())
    written = _written(name, value)[name]
    return str(WORDS.get(written, written)) if _codes(name) else written


def _items(name: str, value: tuple[str, ...]) -> list[Item]:
    """The rows of a list: those that are on, in their order, then the others."""
    if name == "journeys":
        journeys = {each.name: each for each in every_journey()}
        on = [each for each in value if each in journeys]
        return [Item(each, str(journeys[each].label), each in on) for each in dict.fromkeys([*on, *journeys])]
    known = languages.known()
    on = [tag for tag in value if tag in known] or [each.tag for each in languages.offered()]
    return [
        Item(tag, known[tag].english, tag in on, known[tag].name, known[tag].status != "read", _why_not(tag))
        for tag in dict.fromkeys([*on, *known])
    ]


def _why_not(tag: str) -> str:
    """Why a language cannot be offered; empty when it can."""
    missing = languages.missing(tag)
    if not missing:
        return ""
    return _(
        "Not every sentence is translated. Missing: %(missing)s of %(total)s.",
        missing=missing,
        total=languages.total(),
    )
