"""The questions of joining: their stable codes, and the words for them.

Codes are kept; words are not. A resident sees the words in her language, staff see them in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.support import LazyProxy

from kiosk.forms import Choice
from kiosk.languages import _l, _lp

AGE_BANDS = (
    Choice("under-16", _lp("age", "Under 16"), "mood-kid"),
    Choice("16-24", _lp("age", "16 to 24"), "school"),
    Choice("25-59", _lp("age", "25 to 59"), "user"),
    Choice("60-up", _lp("age", "60 or over"), "old"),
    Choice("unsaid", _l("I will tell staff"), "message"),
)
"""For a person who does not know her date of birth, or does not want to say it at a screen."""

CONTACT = (
    Choice("call", _lp("contact", "Ring me"), "phone"),
    Choice("text", _lp("contact", "Send me a text"), "message"),
    Choice("email", _lp("contact", "Send me an e-mail"), "mail"),
    Choice("none", _lp("contact", "I will come here"), "walk"),
)

NEEDS = (
    Choice("large-print", _lp("need", "Large print"), "zoom-in"),
    Choice("audio", _lp("need", "Audio books"), "headphones"),
    Choice("reading", _lp("need", "Help to read and write"), "writing"),
    Choice("hearing", _lp("need", "Help with hearing"), "deaf"),
    Choice("sign-language", _lp("need", "Sign language"), "hand-three-fingers"),
    Choice("step-free", _lp("need", "No stairs"), "wheelchair"),
)

HOMES = (
    Choice("no-fixed", _l("I have no fixed address"), "home-off"),
    Choice("unknown", _l("I do not know it"), "help"),
)


def labels(choices: Sequence[Choice], *codes: str) -> tuple[LazyProxy | str, ...]:
    """The words for codes, in the order of the choices."""
    return tuple(choice.label for choice in choices if choice.code in codes)


@dataclass(frozen=True)
class Answers:
    """What a person says of herself to join. Nothing but the first name is ever needed."""

    first_name: str = ""
    family_name: str = ""  # empty: she has one name only
    born: str = ""  # ISO 8601, as much as she knows: 1990, 1990-03 or 1990-03-27
    age_band: str = ""  # a code of AGE_BANDS, where `born` is empty
    contact: str = "none"  # a code of CONTACT
    phone: str = ""  # E.164
    email: str = ""
    postcode: str = ""
    postcode_checked: bool = True  # False: kept as she wrote it, though no postcode looks like this
    home: str = ""  # a code of HOMES, where `postcode` is empty
    address: str = ""  # house and street; staff add it at the desk
    needs: tuple[str, ...] = ()  # codes of NEEDS
    card: str = ""  # the number of the library card; staff write it when they finish
    note: str = ""  # what staff write when they refuse

    @classmethod
    def of(cls, remembered: dict[str, Any]) -> Answers:
        """From what a visit or a sealed record remembers; anything else in it is left out."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in remembered.items() if name in known}
        return cls(**{**values, "needs": tuple(values.get("needs", ()))})

    def remembered(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.family_name}".strip()


def age(born: str, today: date) -> int | None:
    """The least age in years that a date of birth allows, known as well as it is; None without a year.

    With a year alone the person may still have her birthday before her: the lower age is taken.
    """
    if not born:
        return None
    parts = [int(part) for part in born.split("-")]
    year, month, day = (*parts, 12, 31)[:3] if len(parts) == 1 else (*parts, 31)[:3]
    return today.year - year - ((today.month, today.day) < (month, day))


def shown_birth(born: str, locale: Locale) -> str:
    """A date of birth as it is written in a language, as much of it as is known."""
    parts = [int(part) for part in born.split("-")] if born else []
    match parts:
        case [year, month, day]:
            return format_date(date(year, month, day), "long", locale)
        case [year, month]:
            return format_skeleton("yMMMM", date(year, month, 1), locale=locale)
        case [year]:
            return str(year)
    return ""
