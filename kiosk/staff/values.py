"""What each setting is on the settings page: its words, its boxes, and the value of what was sent in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from flask import request

from kiosk import languages
from kiosk.forms import clean
from kiosk.languages import _, _lp
from kiosk.pages import every_journey
from kiosk.settings import FIELDS, HINTS, Settings

UNITS = {
    "seconds": _lp("unit", "seconds"),
    "minutes": _lp("unit", "minutes"),
    "hours": _lp("unit", "hours"),
    "days": _lp("unit", "days"),
    "months": _lp("unit", "months"),
    "inches": _lp("unit", "inches"),
    "people": _lp("unit", "people"),
    "bookings": _lp("unit", "bookings"),
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
    "codabar": _lp("choice", "Codabar (digits only)"),
    "code39": _lp("choice", "Code 39"),
    "code128": _lp("choice", "Code 128"),
    "none": _lp("choice", "No check digit"),
    "mod10": _lp("choice", "Modulo 10, as on library cards of 14 digits"),
    "starttls": _lp("choice", "STARTTLS (the usual way, port 587)"),
    "tls": _lp("choice", "TLS from the first moment (port 465)"),
    "local": _lp("choice", "Not at all: the mail server is on this machine"),
    "address": _lp("choice", "A proof of address"),
    "id": _lp("choice", "A proof of identity"),
    "desk": _lp("choice", "A word with staff"),
    "": _lp("choice", "Nothing more"),
}
ROWS = {
    "full": _lp("membership", "Full"),
    "introductory": _lp("membership", "Introductory (no proof yet)"),
    "no-address": _lp("membership", "Without an address"),
    "child": _lp("membership", "Child"),
    "good-neighbour": _lp("membership", "Good Neighbour"),
    "home": _lp("membership", "Home Library Service"),
    "digital": _lp("membership", "Digital (e-books only)"),
}
"""The rows of the table of memberships."""
LISTS = ("languages", "journeys")


Kind = Literal["text", "number", "choice", "texts", "list", "numbers", "choices", "ticks"]
"""How a setting stands on the page. The last three are columns of a table, with a box in each row."""
COLUMNS = ("numbers", "choices", "ticks")


class NotUnderstood(ValueError):
    """What was typed is no value of the setting. The text says, to the person, what would be.

    `wrong` are the boxes that it is about, where there are several.
    """

    def __init__(self, words: str, wrong: tuple[str, ...] = ()) -> None:
        super().__init__(words)
        self.wrong = wrong


@dataclass(frozen=True)
class Item:
    """One row of a list that can be put in order. `why_not` says why it cannot be switched on."""

    code: str
    label: str
    on: bool
    own_name: str = ""
    draft: bool = False
    why_not: str = ""


def kind(name: str) -> Kind:
    hint = HINTS[name]
    if FIELDS[name].metadata["rows"]:
        if get_origin(hint) is tuple:
            return "ticks"
        return "choices" if codes(name) else "numbers"
    if name in LISTS:
        return "list"
    if get_origin(hint) is Mapping:
        return "texts"
    if codes(name):
        return "choice"
    return "number" if hint in (int, float) else "text"


def boxes(name: str) -> set[str]:
    """The names of the boxes that a setting has on the page."""
    if kind(name) in COLUMNS:
        return {f"{name}-{row}" for row in FIELDS[name].metadata["rows"]}
    if kind(name) == "texts":
        return {f"{name}-{language.tag}" for language in languages.known().values()}
    return {name}


def was_sent(name: str) -> bool:
    """Whether a form has something to say of a setting. What is not ticked is not sent: a mark says so."""
    return bool(({name} if kind(name) == "ticks" else boxes(name)) & set(request.form))


def sign(value: Any) -> str:
    """The same for the same value; it fits into a hidden field."""
    written = json.dumps(value, sort_keys=True, default=list)
    return hashlib.blake2s(written.encode(), digest_size=6).hexdigest()


def typed(name: str) -> dict[str, str]:
    """What was sent in the boxes of a setting, as it was typed."""
    if kind(name) == "ticks" and was_sent(name):
        return {box: request.form.get(box, "") for box in boxes(name)}
    return {box: request.form[box] for box in boxes(name) if box in request.form}


def read(name: str, now: Settings) -> Any:
    """The value that was typed or chosen; `NotUnderstood` says what is allowed."""
    hint = HINTS[name]
    least, most = FIELDS[name].metadata["least"], FIELDS[name].metadata["most"]
    if kind(name) in COLUMNS:
        return _column(name, getattr(now, name))
    sent = clean(request.form.get(name, ""))
    if kind(name) == "choice":
        chosen = _chosen(name, sent)
        return chosen == "yes" if hint is bool else chosen
    if kind(name) == "number":
        return _number(name, sent, hint)
    if kind(name) == "texts":
        return _texts(name, int(most))
    if get_origin(hint) is tuple:
        return tuple(each for each in (part.strip() for part in sent.split(",")) if each)
    if most is not None and not least <= len(sent) <= most:
        raise NotUnderstood(_letters_from(least, most))
    return sent


def _column(name: str, now: Any) -> Any:
    """The values of a column; a row that was not sent keeps its own."""
    sent, rows = typed(name), FIELDS[name].metadata["rows"]
    if kind(name) == "ticks":
        return tuple(row for row in rows if sent[f"{name}-{row}"])
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for row in rows:
        text = clean(sent.get(f"{name}-{row}", str(now[row])))
        try:
            values[row] = _chosen(name, text) if kind(name) == "choices" else _number(name, text, int)
        except NotUnderstood as error:
            wrong[f"{name}-{row}"] = f"{ROWS[row]}: {error}"
    if wrong:
        raise NotUnderstood(" ".join(wrong.values()), tuple(wrong))
    return values


def _chosen(name: str, sent: str) -> str:
    if sent not in codes(name):
        raise NotUnderstood(_("Choose one of these."))
    return sent


def _number(name: str, sent: str, of: type[int] | type[float]) -> float:
    least, most = FIELDS[name].metadata["least"], FIELDS[name].metadata["most"]
    form = r"\d{1,10}" if of is int else r"\d{1,10}([.,]\d{1,3})?"
    value = of(sent.replace(",", ".")) if re.fullmatch(form, sent) else None
    if value is None or not least <= value <= most:
        raise NotUnderstood(_number_from(least, most))
    return value


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


def stepped(name: str, now: Settings) -> tuple[str, ...]:
    """The list after one of its buttons. What this version does not know stays at the end."""
    _name, _space, asked = request.form["step"].partition(" ")
    act, _space, code = asked.partition(" ")
    rows = {item.code: item for item in items(name, getattr(now, name))}
    if code not in rows:
        raise NotUnderstood(_("Choose one of these."))
    order = [item.code for item in rows.values() if item.on]
    unknown = [each for each in getattr(now, name) if each not in rows]
    if act == "on" and code not in order:
        if rows[code].why_not:
            raise NotUnderstood(rows[code].why_not)
        order.append(code)
    elif act == "off" and code in order:
        left = [each for each in order if each != code and not rows[each].why_not]
        if not left:
            raise NotUnderstood(_("One must stay on. Switch another one on first."))
        order.remove(code)
    elif act in ("up", "down") and code in order:
        place = order.index(code)
        other = place - 1 if act == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return (*order, *unknown)


def codes(name: str) -> tuple[str, ...]:
    """The codes that can be chosen from; none for what is typed."""
    hint = HINTS[name]
    if hint is bool:
        return ("yes", "no")
    if get_origin(hint) is Mapping:
        hint = get_args(hint)[1]
    return get_args(hint) if get_origin(hint) is Literal else ()


def hint(name: str) -> str:
    """What is allowed, said before anything is typed."""
    about = FIELDS[name].metadata
    if kind(name) == "numbers":
        return _("%(least)s to %(most)s", least=int(about["least"]), most=int(about["most"]))
    if kind(name) == "number":
        unit = f" ({UNITS[about['unit']]})" if about["unit"] else ""
        return _number_from(about["least"], about["most"], unit)
    if kind(name) == "texts":
        return _("The last sentence of the privacy notice. Leave all boxes empty to show none.")
    if kind(name) == "text" and get_origin(HINTS[name]) is tuple:
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


def written(name: str, value: Any) -> dict[str, str]:
    """A value as it stands in the boxes of the page."""
    if kind(name) == "ticks":
        return {box: "yes" if box.removeprefix(f"{name}-") in value else "" for box in boxes(name)}
    if isinstance(value, Mapping):
        return {box: str(value.get(box.removeprefix(f"{name}-"), "")) for box in boxes(name)}
    if isinstance(value, tuple):
        return {name: ", ".join(value)}
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    return {name: f"{value:.10g}" if isinstance(value, float) else str(value)}


def in_words(name: str, value: Any) -> str:
    """A value as staff read it."""
    if name in LISTS:
        return ", ".join(item.label for item in items(name, value) if item.on)
    if kind(name) == "ticks":
        return ", ".join(str(label) for row, label in ROWS.items() if row in value)
    if kind(name) in COLUMNS:
        return ", ".join(f"{label}: {WORDS.get(value[row], value[row])}" for row, label in ROWS.items())
    if isinstance(value, Mapping):
        return ", ".join(languages.known()[tag].english for tag in value if tag in languages.known())
    text = written(name, value)[name]
    return str(WORDS.get(text, text)) if codes(name) else text


def items(name: str, value: tuple[str, ...]) -> list[Item]:
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
