"""What can be asked for, by touch: stable codes, the words for them, and their pictures."""

from __future__ import annotations

from kiosk.forms import Choice
from kiosk.languages import _l, _lp
from kiosk.settings import Settings

TOPICS = (
    Choice("letter", _lp("help with", "A letter or form"), "mail-opened"),
    Choice("card", _lp("help with", "My library card"), "id"),
    Choice("computer", _lp("help with", "Computer, printing or phone"), "device-desktop"),
    Choice("book", _lp("help with", "Find a book"), "book"),
    Choice("english", _lp("help with", "Learn English"), "language"),
    Choice("jobs", _lp("help with", "Jobs"), "briefcase"),
    Choice("support", _lp("help with", "Home, money or benefits"), "lifebuoy"),
    Choice("health", _lp("help with", "My health"), "stethoscope"),
    Choice("unsafe", _l("I do not feel safe"), "shield-heart"),
    Choice("other", _lp("help with", "Something else"), "dots-circle-horizontal"),
)
"""What it is about. `support` leads to the partners' services, `unsafe` is quiet: see `QUIET`."""
QUIET = "unsafe"
"""The topic that comes first on the board, is named neutrally there, and is called on no public display."""

WAYS = (
    Choice("here", _l("Come to me here"), "map-pin"),
    Choice("desk", _l("I come to the desk"), "walk"),
    Choice("ring", _l("Ring me later"), "phone-call"),
    Choice("time", _l("Book a time"), "calendar-time"),
)
"""How she wants to be helped. The first two wait now, see `WAIT_NOW`."""
MESSAGE = Choice("message", _l("Leave a message"), "message")
"""The way while no staff are there: they see it when they are back."""
WAIT_NOW = ("here", "desk")
NEEDS_PHONE = ("ring",)

WANTS = (
    Choice("private", _l("Speak in private"), "lock"),
    Choice("woman", _l("Speak to a woman"), "woman"),
    Choice("man", _l("Speak to a man"), "man"),
    Choice("interpreter", _lp("want", "An interpreter"), "messages"),
    Choice("hearing-aid", _l("I use a hearing aid"), "ear"),
    Choice("chair", _l("I need a chair"), "armchair"),
    Choice("pram", _l("I have a pram"), "baby-carriage"),
    Choice("child", _l("I came with a child"), "mood-kid"),
)
BSL = "bsl"
"""The interpreter of British Sign Language; every other one is named by the tag of the language."""

NUMBERS = (
    Choice("emergency", _l("Danger now: police, fire, ambulance"), "ambulance"),
    Choice("health", _l("Health, but not danger to life"), "stethoscope"),
    Choice("police", _l("Police, when it is not danger now"), "shield"),
    Choice("abuse", _l("Someone at home hurts me"), "home-heart"),
    Choice("samaritans", _l("I cannot go on, or need someone to talk to"), "heart-handshake"),
    Choice("childline", _l("I am under 19 and need help"), "mood-kid"),
    Choice("council", _l("The council, in an emergency"), "building-community"),
)
"""Whom to ring at once. The numbers themselves are a setting, see `urgent_numbers`."""


def urgent_numbers(settings: Settings) -> list[tuple[Choice, str]]:
    """Whom to ring and the number as it is written, in the order of `NUMBERS`; without a number, nothing."""
    numbers = dict(each.partition("=")[::2] for each in settings.help_numbers)
    return [(each, numbers[each.code]) for each in NUMBERS if numbers.get(each.code)]


def codes(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(each.code for each in choices)
