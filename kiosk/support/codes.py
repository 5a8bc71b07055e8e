"""What a person can say she needs and say of herself, by touch: stable codes, their words, their pictures.

Only what a service in the directory depends on is ever asked; see `kiosk.support.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kiosk.forms import Choice
from kiosk.languages import _l, _lp

NEEDS = (
    Choice("money", _lp("need", "Money, benefits or debt"), "coin-pound"),
    Choice("housing", _lp("need", "A place to live"), "home"),
    Choice("papers", _lp("need", "Papers to stay in the UK"), "e-passport"),
    Choice("work", _lp("need", "Find work"), "briefcase"),
    Choice("english", _lp("need", "Learn or speak English"), "abc"),
    Choice("learning", _lp("need", "Learn something new"), "school"),
    Choice("digital", _lp("need", "Computers and phones"), "device-laptop"),
    Choice("health", _lp("need", "My health"), "heartbeat"),
    Choice("newcomer", _lp("need", "I am new in this country"), "luggage"),
    Choice("lonely", _lp("need", "A friendly phone call"), "phone-calling"),
    Choice("neighbour", _lp("need", "A good neighbour"), "heart-handshake"),
    Choice("books-home", _lp("need", "Books brought to my home"), "truck-delivery"),
    Choice("bereaved", _lp("need", "Someone I love has died"), "candle"),
    Choice("business", _lp("need", "Start a business"), "building-store"),
    Choice("artist", _lp("need", "Show or sell my art"), "palette"),
    Choice("volunteer", _lp("need", "Help other people"), "users-plus"),
)
"""What services help with, in the order of the pictures: what many people come for is on the first page."""

SPECIAL = {
    "money": _l("We ask about debt so that the right person helps you."),
    "papers": _l("We ask about papers so that the right person helps you."),
    "health": _l("We ask about health so that the right person helps you."),
}
"""Needs that may hurt a person when the wrong one hears of them, and why we ask: each needs its own yes."""

AGES = (
    Choice("under16", _lp("age", "Under 16"), "mood-kid"),
    Choice("16-17", _lp("age", "16 or 17"), "school"),
    Choice("18-24", _lp("age", "18 to 24"), "backpack"),
    Choice("25-59", _lp("age", "25 to 59"), "user"),
    Choice("60-up", _lp("age", "60 or over"), "old"),
)
YEARS = {"under16": (0, 15), "16-17": (16, 17), "18-24": (18, 24), "25-59": (25, 59), "60-up": (60, 150)}
"""The youngest and the oldest of each age band, in whole years."""
TOO_YOUNG = "under16"
"""The age band that is led to a person."""

NO_FIXED = "no-fixed"
"""Said in the place of a postcode district: she has no fixed address."""
CHILDREN = (
    Choice("yes", _l("Yes, I have children"), "mood-kid"),
    Choice("no", _l("No, I have none"), "user"),
)
WORK = (
    Choice("looking", _l("I look for work"), "search"),
    Choice("working", _lp("work", "I work"), "briefcase"),
    Choice("not-now", _l("I do not work now"), "home"),
)
STAY = (
    Choice("under1", _lp("stay", "Less than a year"), "number-1"),
    Choice("1-5", _lp("stay", "1 to 5 years"), "calendar"),
    Choice("over5", _lp("stay", "More than 5 years"), "calendar-plus"),
    Choice("always", _lp("stay", "All my life"), "home-heart"),
)

QUESTIONS = ("age", "district", "children", "work", "stay")
"""What may be asked besides the needs, in the order in which it is asked when two questions help as much."""

WAYS = (
    Choice("come", _lp("how to come", "Just come"), "walk"),
    Choice("book", _lp("how to come", "Book a time first"), "calendar-time"),
    Choice("call", _lp("how to come", "By phone"), "phone"),
    Choice("online", _lp("how to come", "Online"), "world-www"),
    Choice("they-visit", _lp("how to come", "They come to you"), "home-heart"),
)
STATES = {
    "paused": Choice("paused", _l("They take a break now."), "player-pause"),
    "full": Choice("full", _l("They have no free place now."), "users-group"),
}
"""Why a service takes nobody just now."""


def codes(choices: Iterable[Choice]) -> frozenset[str]:
    return frozenset(each.code for each in choices)


def chosen(choices: Sequence[Choice], wanted: Iterable[str]) -> tuple[Choice, ...]:
    """The choices with these codes, in their own order."""
    known = frozenset(wanted)
    return tuple(each for each in choices if each.code in known)
