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
LETTER = Choice("letter", _lp("contact", "Send me a letter"), "mailbox")
"""In the place of coming here, for a person who cannot."""

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

WHO = (
    Choice("me", _lp("who", "For me"), "user"),
    Choice("family", _lp("who", "Me and my children"), "friends"),
    Choice("children", _lp("who", "My children"), "mood-kid"),
    Choice("helps", _lp("who", "I help someone who cannot come"), "heart-handshake"),
    Choice("home", _lp("who", "Someone who cannot leave home"), "home-heart"),
    Choice("ebooks", _lp("who", "I want e-books only"), "device-tablet"),
)

FILLED_BY = (
    Choice("self", _lp("filled in by", "I do, for myself"), "user"),
    Choice("helper", _lp("filled in by", "A helper"), "lifebuoy"),
    Choice("family", _lp("filled in by", "Family or a friend"), "users"),
    Choice("staff", _lp("filled in by", "Library staff"), "id-badge-2"),
)

BRINGS = (
    Choice("volunteer", _lp("brings books", "A library volunteer"), "truck-delivery"),
    Choice("known", _lp("brings books", "A person I know"), "heart-handshake"),
)

TIMES = (
    Choice("mornings", _lp("time", "Weekday mornings"), "sunrise"),
    Choice("afternoons", _lp("time", "Weekday afternoons"), "sun"),
    Choice("evenings", _lp("time", "Evenings"), "sunset-2"),
    Choice("saturdays", _lp("time", "Saturdays"), "calendar-week"),
)
ANY_TIME = Choice("any", _lp("time", "Any time"), "clock")

LIKES = (
    Choice("crime", _lp("reading", "Crime stories"), "fingerprint"),
    Choice("love", _lp("reading", "Love stories"), "heart"),
    Choice("true", _lp("reading", "True stories"), "world"),
    Choice("large-print", _lp("reading", "Large print"), "zoom-in"),
    Choice("audio", _lp("reading", "Audio books"), "headphones"),
    Choice("own-language", _lp("reading", "Books in my language"), "language"),
)
ANYTHING = Choice("any", _lp("reading", "Please choose for me"), "gift")

DOORS = (
    Choice("self", _lp("door", "I open it"), "door"),
    Choice("other", _lp("door", "Another person opens it"), "users"),
    Choice("ring", _lp("door", "Please ring me first"), "phone"),
    Choice("key", _lp("door", "There is a key box"), "key"),
)


def labels(choices: Sequence[Choice], *codes: str) -> tuple[LazyProxy | str, ...]:
    """The words for codes, in the order of the choices."""
    return tuple(choice.label for choice in choices if choice.code in codes)


@dataclass(frozen=True)
class Answers:
    """What a person says of herself, or somebody says of her, to join. Only the first name is ever needed."""

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
    address: str = ""  # house and street; asked only where somebody comes, else staff add it at the desk
    needs: tuple[str, ...] = ()  # codes of NEEDS
    card: str = ""  # the number of the library card; staff write it when they finish
    note: str = ""  # what staff write when they refuse
    filled_by: str = ""  # a code of FILLED_BY; empty: she did it herself
    years: str = ""  # of a child: its age in years on the day it was said
    guardian: str = ""  # of a child: the name of the parent or guardian
    agreed: str = ""  # the English words of what was agreed to, as they stood on the screen
    times: tuple[str, ...] = ()  # codes of TIMES; empty: any time
    likes: tuple[str, ...] = ()  # codes of LIKES; empty: staff choose
    door: str = ""  # a code of DOORS; only who is visited has one
    neighbour: str = ""  # the name of the other one of two Good Neighbours
    until: str = ""  # ISO 8601: the last day on which the two are Good Neighbours

    @classmethod
    def of(cls, remembered: dict[str, Any]) -> Answers:
        """From what a visit or a sealed record remembers; anything else in it is left out."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in remembered.items() if name in known}
        many = {name: tuple(values.get(name, ())) for name in ("needs", "times", "likes")}
        return cls(**{**values, **many})

    def remembered(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.family_name}".strip()


def membership(kind: str, answers: Answers) -> str:
    """The code of the policy that a person begins with, by what she joins as."""
    if kind == "me":
        return "introductory" if answers.postcode else "no-address"
    return {"helper": "good-neighbour", "helped": "home", "ebooks": "digital"}.get(kind, kind)


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
