"""The words of each kind of message: in the language of the person, and the same in English beneath."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_currency
from babel.support import LazyProxy

from kiosk import references
from kiosk.languages import Language, _l, catalogue, in_english, known
from kiosk.outbox.records import Said

LONGEST_TITLE = 100
LONGEST_TEXT = 918
"""Letters of a text message that GOV.UK Notify takes at most (six parts)."""

_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

_WHEN = _l("When: %(day)s, %(time)s.")
_DAYS = _l("Day: %(whole_day)s.")
_WHERE = _l("Where: %(place)s.")
_PLACES = _l("Places: %(places)s.")
_PAY = _l("Please pay %(money)s at the desk by %(until)s.")
_CODE = _l("Your code is %(code)s.")
_CHANGE = _l("You can change or cancel at any library screen, with your PIN.")
_YOURS = _l("You still have your place.")
_JOIN = _l("Join online here: %(link)s")
_TEST = _l("This is a test message. You do not need to do anything.")
_NO_ANSWER = _l("Nobody reads answers to this message. Please ask us at the desk.")
_SUBJECT = _l("A message from %(library)s")

KINDS: dict[str, tuple[LazyProxy | str, ...]] = {
    "event-booked": (
        _l("You have booked: %(title)s."), _WHEN, _DAYS, _WHERE, _JOIN, _PLACES, _CODE, _CHANGE,
    ),
    "event-to-pay": (
        _l("We keep a place for you: %(title)s."), _WHEN, _DAYS, _WHERE, _PLACES,
        _PAY, _CODE, _CHANGE,
    ),
    "event-waiting": (
        _l("You are on the waiting list: %(title)s."), _WHEN, _DAYS, _WHERE, _PLACES,
        _l("We will write again when there is a place."), _CODE, _CHANGE,
    ),
    "event-offered": (
        _l("There is a place for you now: %(title)s."), _WHEN, _DAYS, _WHERE, _PLACES,
        _l("Take it by %(until)s, at any library screen, with your PIN."),
        _l("After that, the next person gets it."), _CODE,
    ),
    "event-promoted": (
        _l("The place is yours: %(title)s."), _WHEN, _DAYS, _WHERE, _JOIN, _PLACES, _CODE, _CHANGE,
    ),
    "event-offer-over": (
        _l("The time to take your place is over: %(title)s."), _WHEN, _DAYS, _l("The next person gets it."),
    ),
    "event-not-paid": (
        _l("Your booking has ended: %(title)s."), _WHEN, _DAYS, _l("It was not paid in time."),
    ),
    "event-cancelled": (
        _l("This event will not take place: %(title)s."), _WHEN, _DAYS, _WHERE,
        _l("We are sorry. Please do not come."), _l("We give you %(money)s back at the desk."),
    ),
    "event-moved": (
        _l("This event has changed: %(title)s."), _l("It was: %(old_day)s, %(old_time)s."),
        _WHEN, _DAYS, _WHERE, _JOIN, _YOURS, _CODE, _CHANGE,
    ),
    "event-on-again": (
        _l("This event takes place after all: %(title)s."), _WHEN, _DAYS, _WHERE, _JOIN, _YOURS, _PAY, _CODE,
        _CHANGE,
    ),
    "help-late": (
        "A person waits for help, and nobody has answered: %(title)s.", "Since: %(day)s, %(time)s.",
        "Please look at the board.",
    ),
    "news": (
        _l("There is news for you at the library."), _l("Touch “What happened” at any library screen."),
        _CODE,
    ),
    "partner-new": (
        "There is something new in your inbox at the library.", "Reference: %(code)s.", "%(link)s",
    ),
    "partner-late": (
        "Somebody waits for your answer. Please look at your inbox at the library.", "Reference: %(code)s.",
        "%(link)s",
    ),
    "test": (_TEST,),
}  # fmt: skip
"""The lines of each kind. One that asks for what is not told is left out."""
FOR_STAFF = ("help-late", "partner-new", "partner-late")
"""Kinds that go to staff, or to partners: in English, as their pages are."""


@dataclass(frozen=True)
class Written:
    """A message as it is read. The lines end with a line feed alone."""

    subject: str
    text: str


def written(kind: str, said: Said, language: str, library: str) -> Written:
    """An e-mail; `language` is a tag, and English stands for one that is not known any more."""
    own, english = _languages(language)
    parts = [_lines(kind, said, own, library)]
    if own.tag != english.tag:
        parts.append(_lines(kind, said, english, library))
    closing = [_in(each, _NO_ANSWER) for each in dict.fromkeys((own, english)) if kind not in FOR_STAFF]
    text = "\n\n".join("\n".join(part) for part in [*parts, [*closing, _one_line(library)]])
    return Written(_in(own, _SUBJECT) % {"library": _one_line(library)}, f"{text}\n")


def shortened(kind: str, said: Said, language: str, library: str) -> str:
    """A text message; when both languages are too much for one, the person's own alone."""
    own, english = _languages(language)
    parts = ["\n".join(_lines(kind, said, each, library)) for each in dict.fromkeys((own, english))]
    text = "\n\n".join([_one_line(library), *parts])
    return text if len(text) <= LONGEST_TEXT else "\n\n".join([_one_line(library), parts[0]])[:LONGEST_TEXT]


def _languages(tag: str) -> tuple[Language, Language]:
    every = known()
    return every.get(tag, every["en"]), every["en"]


def _lines(kind: str, said: Said, language: Language, library: str) -> list[str]:
    values = _values(said, language, library)
    if language.direction == "rtl":  # a code or an English title must not turn the sentence around it
        # but not of an address: phones would take the mark behind it for a part of it
        values = {
            name: f"{_ISOLATE}{value}{_END}" if value and name != "link" else value
            for name, value in values.items()
        }
    return [
        _in(language, line) % values
        for line in KINDS[kind]
        if not any(f"%({name})s" in in_english(line) for name, value in values.items() if not value)
        and (said.has_place or line is not _YOURS)
    ]


def _in(language: Language, message: LazyProxy | str) -> str:
    return catalogue(language.tag).gettext(in_english(message))


def _values(said: Said, language: Language, library: str) -> dict[str, str]:
    """What fills the gaps, as it is written in a language; empty for what is not told."""
    title = (said.title_in_english if language.tag == "en" else "") or said.title
    return {
        "library": _one_line(library),
        "title": _one_line(title)[:LONGEST_TITLE],
        "day": _day(said.starts, language) if not said.all_day else "",
        "time": _time(said.starts, language) if not said.all_day else "",
        "whole_day": _day(said.starts, language) if said.all_day else "",
        "old_day": _day(said.was, language) if not said.all_day else "",
        "old_time": _time(said.was, language) if not said.all_day else "",
        "place": _one_line(said.place)[:LONGEST_TITLE],
        "places": str(said.places or ""),
        "code": references.shown(said.code) if said.code else "",
        "until": f"{_day(said.until, language)}, {_time(said.until, language)}" if said.until else "",
        "link": said.link,
        "money": format_currency(said.pence / 100, "GBP", locale=language.locale) if said.pence else "",
    }


def _day(moment: datetime | None, language: Language) -> str:
    return str(format_date(moment.date(), "full", locale=language.locale)) if moment else ""


def _time(moment: datetime | None, language: Language) -> str:
    time: Any = moment.time() if moment else None
    return str(format_time(time, language.times, locale=language.locale)) if moment else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
