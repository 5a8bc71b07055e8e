"""The directory of the demo library: one service for each thing that self-referral is about.

All organisations are invented and say so; nobody answers these telephone numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kiosk.store import Writing
from kiosk.support.directory import saving
from kiosk.support.directory.demo_words import WORDS
from kiosk.support.directory.records import set_capacity
from kiosk.support.directory.saving import Own
from kiosk.support.directory.texts import paragraphs

BY = "demo"
MANY_LANGUAGES = ("en", "pl", "ro", "ar", "uk", "ti")


@dataclass(frozen=True)
class Told:
    """A service of the demo library: who runs it, its plain words, its needs and what is known of it."""

    name: str
    organisation: str
    card: tuple[str, ...]
    needs: str
    phone: str = ""
    email: str = ""
    address: str = ""
    state: str = "open"
    places_left: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


ADVICE = "Market Place Citizens Advice (invented)"
LEARNING = "Riverside Adult Learning (invented)"
LIBRARY = "Demo Libraries"
WELCOME = "Open Door Welcome (invented)"
FRIENDS = "Kettle and Chat (invented)"
WELLBEING = "Harbour Wellbeing (invented)"
BUSINESS = "Quayside Enterprise (invented)"

SERVICES = {
    "advice": Told(
        "Advice about money, homes and rights",
        ADVICE,
        (
            "An adviser listens and helps you with money, debt, benefits, work and housing.",
            "Bring any letters that worry you. What you say stays between you and them.",
        ),
        "money housing",
        "01632 960101",
        "help@advice.example.org",
        "1 Market Place, IP1 1AA",
        facts={"free": True, "ways": ("book", "call", "come"), "languages": ("en", "pl", "ro", "ar"),
               "min_age": 18, "districts": (), "children": False, "work": (), "stay": ()},
    ),
    "papers": Told(
        "Advice about papers",
        ADVICE,
        (
            "A trained adviser helps with papers to live and work in the UK.",
            "They tell nobody that you asked, and do not work for the government.",
        ),
        "papers",
        "01632 960102",
        "papers@advice.example.org",
        "1 Market Place, IP1 1AA",
        facts={"free": True, "ways": ("book",), "languages": MANY_LANGUAGES, "min_age": 18,
               "districts": (), "children": False, "work": (), "stay": ("under1", "1-5", "over5")},
    ),
    "learning": Told(
        "Courses for adults",
        LEARNING,
        (
            "Learn maths, English, sewing, cooking or how to use a computer, in a small group.",
            "You need no papers from school. A teacher helps you to choose.",
        ),
        "learning",
        "01632 960111",
        "courses@learning.example.org",
        "12 Quay Road, IP2 8SD",
        facts={"free": True, "ways": ("book", "come"), "languages": ("en",), "min_age": 19,
               "districts": ("IP1", "IP2", "IP3", "IP4"), "children": False, "work": (), "stay": ()},
    ),
    "jobs": Told(
        "Help to find work",
        LEARNING,
        (
            "Somebody sits with you, writes your CV with you and looks for jobs with you.",
            "Come as often as you like until you have found work.",
        ),
        "work",
        "01632 960112",
        "jobs@learning.example.org",
        "Central Library, 1 Market Place, IP1 1AA",
        facts={"free": True, "ways": ("come", "book"), "languages": ("en", "uk"), "min_age": 16,
               "districts": (), "children": False, "work": ("looking", "not-now"), "stay": ()},
    ),
    "esol": Told(
        "English classes (ESOL)",
        LEARNING,
        (
            "Learn English with a teacher, twice a week, from the first word on.",
            "First you talk with the teacher, who finds the right class for you.",
        ),
        "english learning",
        "01632 960113",
        "esol@learning.example.org",
        "12 Quay Road, IP2 8SD",
        state="full",
        places_left=0,
        facts={"free": True, "ways": ("book",), "languages": ("en",), "min_age": 16,
               "districts": (), "children": False, "work": (), "stay": ("under1", "1-5", "over5")},
    ),
    "chat": Told(
        "Chat and Chill",
        LIBRARY,
        (
            "Meet other people over tea and speak English with them. Mistakes are welcome.",
            "Every Friday morning at the library. Children may come with you.",
        ),
        "english lonely newcomer",
        "01632 960001",
        "chat@library.example.org",
        "Central Library, 1 Market Place, IP1 1AA",
        facts={"free": True, "ways": ("come",), "languages": MANY_LANGUAGES, "districts": (),
               "children": False, "work": (), "stay": ()},
    ),
    "home library": Told(
        "Home Library Service",
        LIBRARY,
        (
            "If you cannot leave home, a volunteer brings books, films and music to your door.",
            "You tell us what you like. They come every three weeks.",
        ),
        "books-home",
        "01632 960003",
        "home@library.example.org",
        facts={"free": True, "ways": ("they-visit", "call"), "languages": ("en",),
               "districts": ("IP1", "IP2", "IP3", "IP4"), "children": False, "work": (), "stay": ()},
    ),
    "neighbour": Told(
        "Good Neighbour",
        LIBRARY,
        (
            "A neighbour you choose may borrow and bring back books with your card.",
            "Staff help you both to set it up.",
        ),
        "neighbour books-home",
        "01632 960003",
        "home@library.example.org",
        facts={"free": True, "ways": ("come", "call"), "languages": ("en",), "min_age": 16,
               "districts": (), "children": False, "work": (), "stay": ()},
    ),
    "devices": Told(
        "Borrow a tablet or a phone",
        LIBRARY,
        (
            "Take a tablet with internet home for up to six weeks. It costs nothing.",
            "Somebody shows you how it works, as often as you need.",
        ),
        "digital",
        "01632 960004",
        "digital@library.example.org",
        "Central Library, 1 Market Place, IP1 1AA",
        places_left=3,
        facts={"free": True, "ways": ("come",), "languages": ("en",), "min_age": 18,
               "districts": ("IP1", "IP2", "IP3", "IP4"), "children": False, "work": (), "stay": ()},
    ),
    "skills": Told(
        "Learn your phone or computer",
        LIBRARY,
        (
            "A patient helper sits with you, one to one, for half an hour.",
            "Bring your own phone or tablet, or use ours.",
        ),
        "digital learning",
        "01632 960004",
        "digital@library.example.org",
        "Central Library, 1 Market Place, IP1 1AA",
        facts={"free": True, "ways": ("come", "book"), "languages": ("en", "pl")},
    ),
    "calls": Told(
        "Friendly phone calls",
        FRIENDS,
        (
            "Somebody phones you every week to talk. It is always the same person.",
            "You may stop at any time.",
        ),
        "lonely",
        "01632 960121",
        "calls@kettle.example.org",
        facts={"free": True, "ways": ("call",), "languages": ("en", "pl", "bn"), "min_age": 60,
               "districts": (), "children": False, "work": (), "stay": ()},
    ),
    "wellbeing": Told(
        "Health and wellbeing",
        WELLBEING,
        (
            "Talk with a health coach about sleep, worry, food, smoking or moving more.",
            "You need no doctor's letter. They can also find a doctor with you.",
        ),
        "health",
        "01632 960131",
        "hello@harbour.example.org",
        "4 Harbour Walk, IP3 0BG",
        facts={"free": True, "ways": ("call", "book", "online"), "languages": ("en", "ro", "ar"),
               "min_age": 18, "districts": (), "children": False, "work": (), "stay": ()},
    ),
    "bereavement": Told(
        "When somebody has died",
        WELLBEING,
        (
            "A trained volunteer listens, alone with you or in a small group.",
            "They also help with what must be done after a death.",
        ),
        "bereaved",
        "01632 960132",
        "loss@harbour.example.org",
        "4 Harbour Walk, IP3 0BG",
        facts={"free": True, "ways": ("call", "come", "they-visit"), "languages": ("en",),
               "districts": (), "children": False, "work": (), "stay": ()},
    ),
    "befriending": Told(
        "A friend for newcomers",
        WELCOME,
        (
            "Somebody who knows the town goes with you: to the doctor, the school, the bank.",
            "You meet every week for as long as you need.",
        ),
        "newcomer lonely",
        "01632 960141",
        "friends@opendoor.example.org",
        "8 Bridge Street, IP1 3BE",
        facts={"free": True, "ways": ("come", "they-visit", "call"), "languages": MANY_LANGUAGES,
               "min_age": 18, "districts": (), "children": False, "work": (), "stay": ("under1", "1-5")},
    ),
    "refugees": Told(
        "Support for refugees",
        WELCOME,
        (
            "Help with a home, school, health and money for people who had to flee.",
            "Clothes, nappies and bus tickets are here, too.",
        ),
        "newcomer housing papers",
        "01632 960142",
        "help@opendoor.example.org",
        "8 Bridge Street, IP1 3BE",
        facts={"free": True, "ways": ("come", "call"), "languages": MANY_LANGUAGES,
               "districts": (), "children": False, "work": (), "stay": ("under1", "1-5")},
    ),
    "families": Told(
        "Help for families with small children",
        WELCOME,
        (
            "A visitor comes to your home, plays with the children and helps with forms.",
            "For families with a child under five.",
        ),
        "newcomer health",
        "01632 960143",
        "families@opendoor.example.org",
        facts={"free": True, "ways": ("they-visit",), "languages": ("en", "ar", "ti"), "min_age": 16,
               "districts": ("IP1", "IP2"), "children": True, "work": (), "stay": ()},
    ),
    "business": Told(
        "Start your own business",
        BUSINESS,
        (
            "Talk with somebody who has started a business. Make a plan together.",
            "There is a course of six evenings, and a desk you can use.",
        ),
        "business work",
        "01632 960151",
        "start@quayside.example.org",
        "Unit 2, Old Maltings, IP4 1AW",
        facts={"free": False, "fee": "The first talk is free. The course costs 20 pounds.",
               "ways": ("book", "online"), "languages": ("en",), "min_age": 18, "districts": (),
               "children": False, "work": (), "stay": ()},
    ),
    "artists": Told(
        "For local artists",
        BUSINESS,
        (
            "Show your pictures, music or writing at the library, and meet other artists.",
            "There is help to sell your work and to ask for grants.",
        ),
        "artist business",
        "01632 960152",
        "art@quayside.example.org",
        "Unit 2, Old Maltings, IP4 1AW",
        state="paused",
        facts={"free": True, "ways": ("come", "online"), "languages": ("en",), "districts": ()},
    ),
    "ambassadors": Told(
        "Volunteer as an ambassador",
        LIBRARY,
        (
            "Tell people in your language about the library, and help them at the screen.",
            "We teach you how, and pay your bus.",
        ),
        "volunteer",
        "01632 960005",
        "ambassadors@library.example.org",
        "Central Library, 1 Market Place, IP1 1AA",
        facts={"free": True, "ways": ("come", "call"), "languages": MANY_LANGUAGES, "min_age": 16,
               "districts": (), "children": False, "work": (), "stay": ()},
    ),
}  # fmt: skip
"""The services by a short name; `service_id` gives the id of each."""


def service_id(name: str) -> str:
    """The id of a service of `SERVICES`, the same in every demo library."""
    return str(uuid5(NAMESPACE_URL, f"demo|{name}"))


def load(db: Writing) -> None:
    """Fill the directory; nobody takes referrals for any service yet (`saving.set_partner`)."""
    for name, told in SERVICES.items():
        own = Own(
            name=told.name, organisation=told.organisation,
            text=paragraphs("\n".join(told.card)), email=told.email, phone=told.phone,
            address=told.address,
        )  # fmt: skip
        made = saving.add(db, own, BY, service_id(name))
        saving.write_card(db, made, "en", told.name, "\n".join(told.card), "read", BY)
        for tag, (words, text) in WORDS.get(name, {}).items():
            saving.write_card(db, made, tag, words, text, "draft", BY)
        saving.set_needs(db, made, told.needs.split())
        saving.set_facts(db, made, told.facts, BY)
        saving.show(db, made, True, BY)
        set_capacity(db, made, told.state, told.places_left)
