"""What staff can say to a waiting person without a common language: phrases in every language, and answers.

A phrase may have gaps: a time, minutes, a first name. The same code says the same in every language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from babel.support import LazyProxy

from kiosk.forms import Choice
from kiosk.languages import InBoth, _l, _lp, in_english, time_of_day

LONGEST_NAME = 40
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

ANSWERS = (
    Choice("yes", _lp("answer", "Yes"), "check"),
    Choice("no", _lp("answer", "No"), "x"),
    Choice("not-understood", _l("I do not understand"), "question-mark"),
    Choice("thanks", _lp("answer", "Thank you"), "heart"),
)
"""What she can answer, in the order of the tiles; each phrase says which of them fit."""
ASKS = ("yes", "no", "not-understood")
TELLS = ("thanks", "not-understood")


@dataclass(frozen=True)
class Phrase:
    """A phrase, its picture, and the codes of the answers that fit."""

    code: str
    words: LazyProxy
    icon: str
    answers: tuple[str, ...] = TELLS

    @property
    def gaps(self) -> tuple[str, ...]:
        """The names of what has to be filled in: `time`, `minutes`, `name`."""
        return tuple(dict.fromkeys(re.findall(r"%\((\w+)\)s", in_english(self.words))))


_EVERY = (
    Phrase("coming", _l("I am coming to you now."), "walk"),
    Phrase("minutes", _l("Please wait. I come in about %(minutes)s minutes."), "clock"),
    Phrase("busy", _l("I am with another person now. Please wait."), "hourglass"),
    Phrase("desk", _l("Please come to the desk."), "map-pin"),
    Phrase("desk-letter", _l("Please come to the desk with your letter."), "mail-opened"),
    Phrase("colleague", _l("My colleague %(name)s will come to you."), "users"),
    Phrase("private", _l("Please come with me to a private room."), "lock"),
    Phrase("letter", _l("Please show me the letter."), "mail-opened"),
    Phrase("card", _l("Do you have your library card with you?"), "id", ASKS),
    Phrase("computer", _l("Is it about this computer?"), "device-desktop", ASKS),
    Phrase("right", _l("Is this right?"), "checks", ASKS),
    Phrase("interpreter", _l("Do you need an interpreter?"), "messages", ASKS),
    Phrase("interpreter-rings", _l("An interpreter will ring at %(time)s."), "phone-call"),
    Phrase("interpreter-here", _l("An interpreter will be at the desk at %(time)s."), "messages"),
    Phrase("no-interpreter", _l("There is no interpreter now. Can you come back at %(time)s?"),
           "calendar-time", ASKS),
    Phrase("at", _l("Can you come back today at %(time)s?"), "calendar-time", ASKS),
    Phrase("wait", _l("Can you wait for %(minutes)s minutes?"), "hourglass", ASKS),
    Phrase("closing", _l("We close soon. Can you come back tomorrow?"), "door-exit", ASKS),
    Phrase("ring", _l("Is it all right if I ring you at %(time)s?"), "phone", ASKS),
    Phrase("look", _l("Please wait. I am looking for the answer."), "search"),
    Phrase("more", _l("Do you need more help?"), "help", ASKS),
    Phrase("sorry", _l("I am sorry. I cannot help with this here."), "mood-sad"),
)  # fmt: skip
PHRASES: Mapping[str, Phrase] = {phrase.code: phrase for phrase in _EVERY}
"""Every phrase by its code, in the order of the page."""
MINUTES = ("2", "3", "5", "10", "15", "20", "30")
"""What can stand in the gap `minutes`."""


def check(phrase: Phrase, gaps: Mapping[str, str]) -> dict[str, str]:
    """The gaps as they are kept: `time` as HH:MM, `minutes` of `MINUTES`, a `name` of at most 40 letters.

    `ValueError` when one is missing, or is not what it should be. What the phrase does not need is left out.
    """
    kept: dict[str, str] = {}
    for name in phrase.gaps:
        value = " ".join(gaps.get(name, "").split())
        if name == "time":
            kept[name] = time.fromisoformat(value).strftime("%H:%M")
        elif name == "minutes" and value not in MINUTES:
            raise ValueError(f"{name}: not one of these")
        elif not value or len(value) > LONGEST_NAME:
            raise ValueError(f"{name}: nothing, or too much")
        else:
            kept[name] = value
    return kept


def filled(gaps: Mapping[str, str]) -> dict[str, InBoth | str]:
    """The gaps as `say` and `_` fill them in: times as each language writes them, names set apart."""
    values: dict[str, InBoth | str] = {}
    for name, value in gaps.items():
        if name == "time":
            values[name] = time_of_day(time.fromisoformat(value))
        else:
            values[name] = value if value.isdigit() else f"{_ISOLATE}{value}{_END}"
    return values


def english(phrase: Phrase, gaps: Mapping[str, str]) -> str:
    """The phrase as staff read it, with its gaps filled; those that are missing stay a line."""
    values = dict.fromkeys(phrase.gaps, "…") | dict(gaps)
    return in_english(phrase.words) % values
