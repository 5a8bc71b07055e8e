"""Every screen that residents see, and the shortest way to it.

A screen is reached by its address, with the visit of a person who has gone so far. The answers of a visit are
the same in every language, so a few visits, made once, reach all screens in all languages.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page

from kiosk.join.answers import NEEDS
from kiosk.support.directory.demo import service_id
from tests.browser.geometry import SHAPES

LANGUAGES = ("en", "pl", "ar", "uk", "ti", "zh-Hant-HK")
TEXT_SIZES = ("100", "140", "200")
THEMES = ("paper", "strong", "night")

ADULT: dict[str, dict[str, str | list[str]]] = {
    "who": {"who": "me"},
    "year": {"year": "1990"},
    "month": {"month": "3"},
    "day": {"day": "27"},
    "needs": {"needs": ["large-print", "audio"]},
    "contact": {"contact": "call"},
    "phone": {"phone": "07700 900982"},
    "postcode": {"postcode": "IP1 1AA"},
    "first-name": {"first_name": "Selam"},
    "family-name": {"family_name": "Tesfay"},
}
"""What an ordinary resident answers."""

LONG: dict[str, dict[str, str | list[str]]] = {
    "who": {"who": "me"},
    "year": {"instead": "unsure"},
    "age": {"age_band": "60-up"},
    "needs": {"needs": [need.code for need in NEEDS]},
    "contact": {"contact": "email"},
    "email": {"email": "hubert.wolfeschlegelsteinhausen@public-library-readers.example.com"},
    "postcode": {"instead": "no-fixed"},
    "first-name": {"first_name": "María de los Ángeles Guadalupe Oluwaseun"},
    "family-name": {"family_name": "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"},
}
"""What a resident with long names answers, who needs much and does not know the rest."""

FAMILY: dict[str, dict[str, str | list[str]]] = {
    "filled-by": {"filled_by": "helper"},
    "who": {"who": "family"},
    "ages": {"ages": ["12", "5", "0"]},
    "age": {"age_band": "25-59"},
    "contact": {"contact": "none"},
    "postcode": {"postcode": "IP1 1AA"},
    "first-name": {"first_name": "Selam"},
    "family-name": {"family_name": "Tesfay"},
    "child-1": {"first_name": "Adam"},
    "child-2": {"first_name": "Sara", "differs": "yes"},
    "child-family-2": {"family_name": "Haile"},
    "child-3": {"first_name": "Musa"},
}
"""What a mother of three answers, with a helper at her side."""

HOME: dict[str, dict[str, str | list[str]]] = {
    "who": {"who": "home"},
    "brings": {"brings": "volunteer"},
    "times": {"times": ["mornings", "saturdays"]},
    "door": {"door": "ring"},
    "likes": {"likes": ["crime", "large-print"]},
    "contact": {"contact": "letter"},
    "postcode": {"postcode": "IP1 1AA"},
    "address": {"address": "12 Quay Road"},
    "first-name": {"first_name": "Joan"},
    "family-name": {"family_name": "Smith"},
}
"""What somebody answers who cannot leave home."""

HELPS: dict[str, dict[str, str | list[str]]] = {
    "who": {"who": "helps"},
    "age": {"age_band": "60-up"},
    "code": {"instead": "none"},
    "neighbour": {"neighbour": "Joan Smith"},
    "until": {"until": "6"},
    "contact": {"contact": "none"},
    "first-name": {"first_name": "Grace"},
    "family-name": {"family_name": "Mensah"},
}
"""What a Good Neighbour answers who comes first."""

VISITS = {
    "nobody": {},
    "family": FAMILY,
    "home": HOME,
    "helps": HELPS,
    "arrived": FAMILY,
    "adult": ADULT,
    "long": LONG,
    "finished": ADULT,
    "asked": ADULT,
    "answered": ADULT,
}
"""Whose visit it is. "finished" has sent her answers; "asked" has touched Finish too, "answered" a face."""

RHYMES, CLUB, CRAFTS, TALK, WEIGHING = (
    "Rhyme time", "Coding club", "Holiday crafts", "An author reads", "Baby weighing",
)  # fmt: skip
"""Events of the demo library, by their titles: one of tonight; full; to be paid; moved, online; and one of
which the second date is cancelled. In an address a title stands for the id of the event in this library."""
CANCELLED = f"{WEIGHING}/CANCELLED"
"""The date of it that is cancelled."""

CALLERS: dict[str, tuple[tuple[str, str, dict[str, str | list[str]]], ...]] = {
    "waits": (("how/letter", "send", {"topic": "letter", "way": "here"}),
              ("wants", "wants", {"wants": ["private", "interpreter"]}),
              ("interpreter", "interpreter", {"interpreter": "ti"})),
    "let-go": (("how/computer", "send", {"topic": "computer", "way": "desk"}), ("waiting", "keep", {}),
               ("number", "number", {"number": "1"})),
    "in-private": (("", "private", {}),),
    "waits-in-private": (("", "private", {}), ("private", "send", {"topic": "unsafe", "way": "here"})),
    "calls": (("number", "call", {"topic": "health", "way": "ring"}),
              ("call/phone", "call/phone", {"phone": "07700 900982"}),
              ("call/first-name", "call/first-name", {"first_name": "Wolfeschlegelsteinhausen"})),
}  # fmt: skip
"""Who asks a person for help, and what she sends: the page it stands on, where it goes, and the fields."""

BOOKERS: dict[str, tuple[str, int, str]] = {
    "booker": (RHYMES, 2, "answers"),
    "writes-email": (RHYMES, 2, "email"),
    "writes-phone": (RHYMES, 2, "text"),
    "parent": (CLUB, 2, "ages"),
    "late": (CLUB, 2, "answers"),
    "booked": (RHYMES, 2, "sends"),
    "waits-for-place": (CLUB, 2, "sends"),
    "looks-up": (RHYMES, 2, "code"),
    "owner": (RHYMES, 2, "opens"),
    "leaves": (CRAFTS, 5, "opens"),
    "owes": (CRAFTS, 1, "opens"),
    "offered": (CRAFTS, 1, "opens"),
}
"""Who books how many places at which event, and how far she has come: to the question for ages, e-mail or
phone; to the end of them; has sent; has written her code at another screen; has opened her booking there. In
the end the one who leaves gives her places back, and they are offered to who has waited."""

FINDERS: dict[str, tuple[tuple[str, dict[str, str | list[str]]], ...]] = {
    "needs": (),
    "needs-more": (("needs", {"needs": "money", "turn": "page"}),),
    "says-age": (("needs", {"needs": "digital"}),),
    "says-district": (("needs", {"needs": "digital"}), ("age", {"instead": "skip"})),
    "says-children": (("needs", {"needs": "health"}), ("age", {"instead": "skip"})),
    "says-work": (("needs", {"needs": "work"}), ("age", {"instead": "skip"})),
    "says-stay": (("needs", {"needs": "housing"}),),
    "young": (("needs", {"needs": "digital"}), ("age", {"age": "under16"})),
    "finds": (("needs", {"needs": "digital"}), ("age", {"age": "60-up"}), ("district", {"district": "IP1"})),
    "finds-none": (("needs", {"needs": "papers"}), ("stay", {"stay": "always"})),
    "looks": (),
    "reads": (),
}
"""What people touch who look for a service. "looks" opens those for one need without a word about herself,
"reads" one of them."""

TELLER: dict[str, dict[str, str | list[str]]] = {
    "filled-by": {"filled_by": "helper"},
    "agrees": {"agrees": "yes"},
    "age": {"age": "25-59"},
    "about": {"about": ["money", "housing", "health"]},
    "special-1": {"may_tell": "yes"},
    "special-3": {"may_tell": "yes"},
    "urgent": {"urgent": "this-week"},
    "wants": {"wants": ["advice", "form-help"]},
    "tried": {"tried": ["family"]},
    "words": {"words": "The landlord wants us to leave. We do not know where to go with the children."},
    "reach": {"reach": ["phone", "email", "letter"]},
    "phone": {"phone": "07700 900982"},
    "email": {"email": "selam@example.org"},
    "letter": {"letter": "12 Quay Road, Ipswich IP2 8SD"},
    "safe": {"safe": ["silent", "mornings"]},
    "news": {"news": "yes"},
    "helps": {"helps": ["other", "step-free"]},
    "spoken": {"spoken": "ti"},
    "helper": {"helper": "Grace Mensah"},
    "name": {"name": "Selam Tesfay"},
}
"""What somebody answers who tells her story, with a helper at her side."""

TELLERS = (
    "tells", "tells-young", "disagrees", "decides", "decided", "told", "asks-after", "sees", "rewrites",
)  # fmt: skip
"""She has answered; is under 16; is not agreed with; has said yes to two partners; to staff, too; has sent;
has written her code at another screen; has opened it there; has said anew how to reach her."""

WAYS = {
    "smtp_host": "127.0.0.1",
    "smtp_port": 9,
    "smtp_security": "local",
    "smtp_from": "desk@library.example",
    "notify_address": "http://127.0.0.1:9",
    "notify_template": str(UUID(int=3)),
}
"""Settings with which e-mail and text messages are offered. Nothing answers there, and nothing is sent."""

SIGN_OF_LIFE = 60.0
"""Seconds after which everybody touches her screen again."""


@dataclass(frozen=True)
class Screen:
    """A screen, and how it is reached: by whom, at which address, and what she then does there."""

    name: str
    path: str
    """Below the language. The first screen has no language yet, and no path."""
    who: str = "nobody"
    sends: str | None = None
    """What she writes into the box, if there is one, before she sends the form of the page: a mistake."""
    dialog: str = ""
    """The id of what opens over the page."""
    fits: bool = False
    """Whether nothing may lie below an edge when letters have their usual size."""


SCREENS = {
    screen.name: screen
    for screen in (
        Screen("first", ""),
        Screen("home", "", fits=True),
        Screen("language", "language?from=/en/"),
        Screen("start", "join/"),
        Screen("privacy", "join/privacy"),
        Screen("who", "join/who", "adult", fits=True),
        Screen("filled-by", "join/filled-by", "adult", fits=True),
        Screen("ages", "join/ages", "family", fits=True),
        Screen("child", "join/child-1", "family", fits=True),
        Screen("child-wrong", "join/child-1", "family", sends=""),
        Screen("child-family", "join/child-family-2", "family", fits=True),
        Screen("check-family", "join/check", "family"),
        Screen("agree-family", "join/agree", "family"),
        Screen("receipt-family", "join/receipt", "arrived", fits=True),
        Screen("card", "join/card", "finished", fits=True),
        Screen("allows", "join/allows", "finished"),
        Screen("allows-family", "join/allows", "arrived"),
        Screen("brings", "join/brings", "home", fits=True),
        Screen("times", "join/times", "home", fits=True),
        Screen("door", "join/door", "home", fits=True),
        Screen("likes", "join/likes", "home", fits=True),
        Screen("contact-home", "join/contact", "home", fits=True),
        Screen("address", "join/address", "home", fits=True),
        Screen("check-home", "join/check", "home"),
        Screen("code", "join/code", "helps", fits=True),
        Screen("code-wrong", "join/code", "helps", sends="K7M 2QX 9PDA"),
        Screen("neighbour", "join/neighbour", "helps", fits=True),
        Screen("until", "join/until", "helps", fits=True),
        Screen("agree-neighbours", "join/agree", "helps"),
        Screen("year", "join/year", "adult", fits=True),
        Screen("year-wrong", "join/year", "adult", sends="1850"),
        Screen("month", "join/month", "adult", fits=True),
        Screen("day", "join/day", "adult", fits=True),
        Screen("age", "join/age", "long", fits=True),
        Screen("needs", "join/needs", "adult", fits=True),
        Screen("needs-wrong", "join/needs", "adult", sends=""),
        Screen("contact", "join/contact", "adult", fits=True),
        Screen("phone", "join/phone", "adult", fits=True),
        Screen("phone-wrong", "join/phone", "adult", sends="07"),
        Screen("email", "join/email", "long", fits=True),
        Screen("email-wrong", "join/email", "long", sends="anna at home"),
        Screen("postcode", "join/postcode", "adult", fits=True),
        Screen("postcode-wrong", "join/postcode", "adult", sends="XX"),
        Screen("first-name", "join/first-name", "adult", fits=True),
        Screen("first-name-wrong", "join/first-name", "adult", sends=""),
        Screen("family-name", "join/family-name", "adult", fits=True),
        Screen("family-name-wrong", "join/family-name", "adult", sends=""),
        Screen("check", "join/check", "adult"),
        Screen("check-long", "join/check", "long"),
        Screen("too-young", "join/together", "adult"),
        Screen("receipt", "join/receipt", "finished", fits=True),
        Screen("how", "how/", "asked", fits=True),
        Screen("how-why", "how/why", "answered", fits=True),
        Screen("events", "events/", fits=True),
        Screen("events-today", "events/list/today"),
        Screen("events-near", "events/list/near"),
        Screen("events-narrowed", "events/list/near?with=free&with=step-free&spoken=ar"),
        Screen("events-none", "events/list/bereavement?with=level-2&wide=yes"),
        Screen("topics", "events/topics"),
        Screen("filters", "events/filters/today"),
        Screen("spoken", "events/spoken/today"),
        Screen("levels", "events/levels/today", fits=True),
        Screen("search", "events/search", fits=True),
        Screen("search-wrong", "events/search", sends=""),
        Screen("event", f"events/event/{RHYMES}"),
        Screen("wish", "events/wish"),
        Screen("wish-time", "events/wish/health", fits=True),
        Screen("wished", "events/wished", fits=True),
        Screen("places", "events/book/places", "booker", fits=True),
        Screen("booker-name", "events/book/first-name", "booker", fits=True),
        Screen("booker-name-wrong", "events/book/first-name", "booker", sends=""),
        Screen("check-booking", "events/book/check", "booker"),
        Screen("receipt-booking", "events/book/receipt", "booked", fits=True),
        Screen("mine", "events/mine/", fits=True),
        Screen("booking-code", "events/mine/code", "looks-up", fits=True),
        Screen("booking-code-wrong", "events/mine/code", "looks-up", sends="K7M"),
        Screen("booking-pin", "events/mine/pin", "looks-up", fits=True),
        Screen("booking-pin-wrong", "events/mine/pin", "looks-up", sends="12"),
        Screen("booking", "events/mine/booking", "owner", fits=True),
        Screen("booking-places", "events/mine/places", "owner", fits=True),
        Screen("booking-cancel", "events/mine/cancel", "owner", fits=True),
        Screen("support", "support/", fits=True),
        Screen("support-before", "support/before", fits=True),
        Screen("support-needs", "support/needs", "needs", fits=True),
        Screen("support-needs-more", "support/needs", "needs-more", fits=True),
        Screen("support-needs-wrong", "support/needs", "needs", sends=""),
        Screen("support-age", "support/age", "says-age", fits=True),
        Screen("support-district", "support/district", "says-district", fits=True),
        Screen("support-district-wrong", "support/district", "says-district", sends="XX"),
        Screen("support-children", "support/children", "says-children", fits=True),
        Screen("support-work", "support/work", "says-work", fits=True),
        Screen("support-stay", "support/stay", "says-stay", fits=True),
        Screen("support-young", "support/young", "young"),
        Screen("support-found", "support/found", "finds"),
        Screen("support-none", "support/found", "finds-none"),
        Screen("support-all", "support/all", fits=True),
        Screen("support-listed", "support/listed", "looks"),
        Screen("support-service", "support/service", "reads"),
        Screen("help", "help/"),
        Screen("help-how", "help/how/letter"),
        Screen("help-urgent", "help/urgent"),
        Screen("help-time", "help/time/english"),
        Screen("help-number", "help/number", fits=True),
        Screen("help-number-wrong", "help/number", sends="seven"),
        Screen("help-found", "help/number/state", "let-go"),
        Screen("help-kept", "help/kept", "let-go", fits=True),
        Screen("help-private", "help/private", "in-private"),
        Screen("help-waits-in-private", "help/waiting", "waits-in-private"),
        Screen("help-waiting", "help/waiting", "waits"),
        Screen("help-wants", "help/wants", "waits"),
        Screen("help-interpreter", "help/interpreter", "waits"),
        Screen("help-name", "help/name", "waits", fits=True),
        Screen("help-name-wrong", "help/name", "waits", sends=""),
        Screen("help-card", "help/card", "waits"),
        Screen("help-phone", "help/call/phone", "calls", fits=True),
        Screen("help-phone-wrong", "help/call/phone", "calls", sends="07"),
        Screen("help-check", "help/call/check", "calls"),
        Screen("tell-who", "support/tell/filled-by", "tells", fits=True),
        Screen("tell-agrees", "support/tell/agrees", "tells", fits=True),
        Screen("tell-age", "support/tell/age", "tells", fits=True),
        Screen("tell-about", "support/tell/about", "tells", fits=True),
        Screen("tell-special", "support/tell/special-1", "tells", fits=True),
        Screen("tell-urgent", "support/tell/urgent", "tells", fits=True),
        Screen("tell-wants", "support/tell/wants", "tells", fits=True),
        Screen("tell-tried", "support/tell/tried", "tells", fits=True),
        Screen("tell-words", "support/tell/words", "tells", fits=True),
        Screen("tell-words-wrong", "support/tell/words", "tells", sends=""),
        Screen("tell-reach", "support/tell/reach", "tells", fits=True),
        Screen("tell-reach-wrong", "support/tell/reach", "tells", sends=""),
        Screen("tell-phone", "support/tell/phone", "tells", fits=True),
        Screen("tell-phone-wrong", "support/tell/phone", "tells", sends="07"),
        Screen("tell-email", "support/tell/email", "tells", fits=True),
        Screen("tell-letter", "support/tell/letter", "tells", fits=True),
        Screen("tell-safe", "support/tell/safe", "tells", fits=True),
        Screen("tell-helps", "support/tell/helps", "tells", fits=True),
        Screen("tell-spoken", "support/tell/spoken", "tells", fits=True),
        Screen("tell-helper", "support/tell/helper", "tells", fits=True),
        Screen("tell-name", "support/tell/name", "tells", fits=True),
        Screen("tell-name-wrong", "support/tell/name", "tells", sends=""),
        Screen("tell-young", "support/tell/young", "tells-young"),
        Screen("tell-stop", "support/tell/stop", "disagrees"),
        Screen("tell-partner", "support/tell/partner/1", "tells"),
        Screen("tell-part", "support/tell/partner/1/part", "tells"),
        Screen("tell-part-wrong", "support/tell/partner/1/part", "tells", sends=""),
        Screen("tell-library", "support/tell/partner/3", "decides"),
        Screen("tell-check", "support/tell/check", "decided"),
        Screen("tell-receipt", "support/tell/receipt", "told"),
        Screen("status", "status/", fits=True),
        Screen("status-code", "status/code", "asks-after", fits=True),
        Screen("status-code-wrong", "status/code", "asks-after", sends="K7M"),
        Screen("status-pin", "status/pin", "asks-after", fits=True),
        Screen("status-pin-wrong", "status/pin", "asks-after", sends="12"),
        Screen("status-all", "status/all", "sees", fits=True),
        Screen("status-one", "status/1", "sees", fits=True),
        Screen("status-back", "status/1/back", "sees"),
        Screen("status-reach", "status/reach/reach", "sees", fits=True),
        Screen("status-reach-check", "status/reach/check", "rewrites"),
        Screen("still-here", "join/needs", "adult", dialog="still-here"),
        Screen("no-connection", "join/needs", "adult", dialog="no-connection"),
        Screen("not-found", "no-such-page"),
        Screen("ended", "join/year"),
        Screen("too-many", "join/check", "long", sends=""),
        Screen("events-found", "events/list/found", "searches"),
        Screen("event-full", f"events/event/{CLUB}"),
        Screen("event-moved", f"events/event/{TALK}"),
        Screen("event-cancelled", f"events/event/{CANCELLED}"),
        Screen("booking-ages", "events/book/ages", "parent"),
        Screen("booking-ages-wrong", "events/book/ages", "parent", sends=""),
        Screen("booking-contact", "events/book/contact", "booker", fits=True),
        Screen("booking-email", "events/book/email", "writes-email", fits=True),
        Screen("booking-email-wrong", "events/book/email", "writes-email", sends="selam"),
        Screen("booking-phone", "events/book/phone", "writes-phone", fits=True),
        Screen("booking-full", "events/book/full", "late", fits=True),
        Screen("booking-sorry", f"events/event/{RHYMES}"),
        Screen("receipt-waiting", "events/book/receipt", "waits-for-place", fits=True),
        Screen("booking-to-pay", "events/mine/booking", "owes", fits=True),
        Screen("tell-news", "support/tell/news", "tells", fits=True),
        Screen("booking-offered", "events/mine/booking", "offered", fits=True),
    )
}


class Residents:
    """People at screens of a library, each as far on as her screen needs; pages are opened as one of them."""

    def __init__(self, browser: Browser, url: str, settle: Callable[[str, str], object]) -> None:
        """`settle` chooses a setting (its value in JSON): ways to tell people news, and how many may join in
        an hour, which is so few that the one after them is too many."""
        self._url = url
        self._cookies: dict[str, str] = {}
        for who, answers in VISITS.items():
            context = browser.new_context(base_url=url)
            if answers:
                sends = who in ("finished", "arrived", "asked", "answered")
                self._cookies[who] = _join(context, answers, send=sends)
            if who in ("asked", "answered"):
                self._cookies[who] = _finish(context, face="4" if who == "answered" else "")
            context.close()
        for name, value in WAYS.items():
            settle(name, json.dumps(value))
        context = browser.new_context(base_url=url)
        self._events = {title: _event(context, title) for title in (RHYMES, CLUB, CRAFTS, TALK, WEIGHING)}
        self._events[CANCELLED] = _other_date(context, self._events[WEIGHING])
        _post(context.request, "/en/events/search", "/en/events/search", {"words": "library"})
        self._cookies["searches"] = _cookie(context)
        context.close()
        for who, (title, places, how_far) in BOOKERS.items():
            context = browser.new_context(base_url=url)
            self._cookies[who] = _book(context, self._events[title], places, how_far)
            context.close()
        context = browser.new_context(base_url=url)
        self._become(context, "leaves")
        _post(context.request, "/en/events/mine/cancel", "/en/events/mine/cancel", {})
        context.close()
        for who in FINDERS:
            context = browser.new_context(base_url=url)
            self._cookies[who] = _find(context, who)
            context.close()
        for who, steps in CALLERS.items():
            context = browser.new_context(base_url=url)
            self._cookies[who] = _call(context, steps)
            context.close()
        for who in TELLERS:
            context = browser.new_context(base_url=url)
            self._cookies[who] = _tell(context, who)
            context.close()
        self._alive = browser.new_context(base_url=url)
        self._seen = time.monotonic()
        settle("joins_an_hour", "1")

    def open(self, page: Page, screen: Screen, language: str) -> None:
        """Bring the page to a screen. It is there, with its letters, when this returns."""
        self._stay()
        self._become(page.context, screen.who)
        match screen:
            case Screen(name="first"):
                page.goto("/")
            case Screen(name="ended"):
                page.goto(f"/{language}/join/")
                with page.expect_navigation():
                    page.evaluate(
                        "(path) => { const form = document.querySelector('main form'); form.action = path;"
                        " form.submit(); }",
                        f"/{language}/{screen.path}",
                    )
            case _:
                page.goto(self._address(screen, language))
        if screen.name == "booking-sorry":
            with page.expect_navigation():
                page.evaluate(
                    "(id) => { const date = document.querySelector('[name=date]'); date.value = id;"
                    " date.form.submit(); }",
                    self._events[CANCELLED].rpartition("/")[2],
                )
        if screen.sends is not None:
            with page.expect_navigation():
                page.evaluate(
                    "(written) => { const box = document.querySelector('.box'); if (box) box.value = written;"
                    " for (const tile of document.querySelectorAll('.tile input')) tile.checked = false;"
                    " document.querySelector('.idea form').submit(); }",
                    screen.sends,
                )
        if screen.dialog:
            page.evaluate("(id) => document.getElementById(id).showModal()", screen.dialog)
        # a person looks for a few seconds; to measure takes longer, and the visit is needed again
        page.evaluate("() => { document.body.dataset.idle = '3600'; }")

    def _address(self, screen: Screen, language: str) -> str:
        """Where a screen is, with the ids that the events have here."""
        path, title = screen.path, screen.path.removeprefix("events/event/")
        return f"/{language}/{path.replace(title, self._events.get(title, title)) if title else path}"

    def _stay(self) -> None:
        """Show a sign of life for everybody now and then: a visit without one ends, and takes its answers."""
        if time.monotonic() - self._seen < SIGN_OF_LIFE:
            return
        for who in self._cookies:
            self._become(self._alive, who)
            self._alive.request.get("/en/join/")
        self._seen = time.monotonic()

    def _become(self, context: BrowserContext, who: str) -> None:
        context.clear_cookies()
        if who in self._cookies:
            context.add_cookies([{"name": "visit", "value": self._cookies[who], "url": self._url}])


def show(page: Page, *, shape: str = "", text: str = "", theme: str = "") -> None:
    """Show the open page on a screen of another shape, in another size of letters, in other colours."""
    if shape:
        page.set_viewport_size({"width": SHAPES[shape].width, "height": SHAPES[shape].height})
    # Everything is laid out again, the keyboard too, and what does not fit is offered by "More".
    page.evaluate(
        """async ([text, theme]) => {
          const {dataset} = document.documentElement;
          if (text) dataset.text = text;
          if (theme) dataset.theme = theme;
          const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          await drawn();
          await document.fonts.ready;
          // as a page that opens: "More" stays away until it is needed
          const more = document.querySelector('.more');
          if (more) more.hidden = true;
          window.dispatchEvent(new Event('resize'));
          await drawn();
        }""",
        [text, theme],
    )


def _join(context: BrowserContext, answers: dict[str, dict[str, str | list[str]]], *, send: bool) -> str:
    """Answer the questions of joining; the cookie of the visit."""
    request = context.request
    _post(request, "/en/join/", "/en/join/", {})
    for step, answer in answers.items():
        _post(request, f"/en/join/{step}", f"/en/join/{step}", answer)
    if send:
        page = "/en/join/agree" if answers["who"]["who"] == "family" else "/en/join/check"
        key = _hidden(request.get(page).text(), "key")
        _post(request, page, "/en/join/send", {"key": key, "agreed": "yes"})
    return _cookie(context)


def _finish(context: BrowserContext, face: str) -> str:
    """Touch Finish after sending, and a face if it is not empty; the cookie of what is left of the visit."""
    _post(context.request, "/en/join/receipt", "/en/finish", {"how": "ask"})
    if face:
        _post(context.request, "/en/how/", "/en/how/", {"face": face})
    return _cookie(context)


def _event(context: BrowserContext, title: str) -> str:
    """The id of the event with this title."""
    _post(context.request, "/en/events/search", "/en/events/search", {"words": title})
    page = context.request.get("/en/events/list/found").text()
    found = re.search(rf'href="/en/events/event/([^/"]+)/[^"]*"(?:(?!</a>).)*>{title}<', page, re.DOTALL)
    assert found, f"There is no {title}."
    return found[1]


def _other_date(context: BrowserContext, event: str) -> str:
    """The event on the date after its next one: its id, and that of the date."""
    page = context.request.get(f"/en/events/event/{event}").text()
    found = re.search(rf'href="/en/events/event/({event}/[^"?]+)', page)
    assert found, "The event has no other date."
    return found[1]


def _book(context: BrowserContext, event: str, places: int, how_far: str) -> str:
    """Book the event as far as one of BOOKERS has come; the cookie of the visit."""
    request = context.request
    page = f"/en/events/event/{event}"
    _post(request, page, "/en/events/book/", {"date": _hidden(request.get(page).text(), "date")})
    way = how_far if how_far in ("email", "text") else "none"
    for step, answer in (
        ("places", {"places": str(places)}),
        ("ages", {"instead": "none"}),
        ("first-name", {"first_name": "Selam"}),
        ("contact", {"contact": way}),
    ):
        page = f"/en/events/book/{step}"
        if step == how_far:
            return _cookie(context)
        if request.get(page).url.endswith(page):  # not every event asks for ages
            _post(request, page, page, {**answer})
    if way != "none" or how_far == "answers":
        return _cookie(context)
    page = "/en/events/book/check"
    check = request.get(page).text()
    waits = {"wait": "yes"} if 'name="wait"' in check else {}
    _post(request, page, "/en/events/book/send", {"key": _hidden(check, "key"), **waits})
    if how_far == "sends":
        return _cookie(context)
    receipt = request.get("/en/events/book/receipt").text()
    code, pin = re.findall(r"<(?:strong|b) [^>]*>([^<]+)</(?:strong|b)>", receipt)
    _post(request, "/en/events/mine/", "/en/events/mine/", {})
    _post(request, "/en/events/mine/code", "/en/events/mine/code", {"code": code})
    if how_far == "opens":
        _post(request, "/en/events/mine/pin", "/en/events/mine/pin", {"pin": pin})
    return _cookie(context)


def _find(context: BrowserContext, who: str) -> str:
    """Look for a service as far as one of FINDERS has come; the cookie of the visit."""
    request, page = context.request, "/en/support"
    if who in ("looks", "reads"):
        _post(request, f"{page}/all", f"{page}/all", {"need": "english"})
        if who == "reads":
            opened = _hidden(request.get(f"{page}/listed").text(), "open")
            _post(request, f"{page}/listed", f"{page}/choose", {"list": "listed", "open": opened})
        return _cookie(context)
    _post(request, f"{page}/before", f"{page}/before", {})
    for step, answer in FINDERS[who]:
        _post(request, f"{page}/{step}", f"{page}/{step}", answer)
    return _cookie(context)


def _call(context: BrowserContext, steps: tuple[tuple[str, str, dict[str, str | list[str]]], ...]) -> str:
    """Ask for help as one of CALLERS; the cookie of the visit."""
    for page, path, fields in steps:
        _post(context.request, f"/en/help/{page}", f"/en/help/{path}", fields)
    return _cookie(context)


def _tell(context: BrowserContext, who: str) -> str:
    """Tell a story as far as one of TELLERS has come; the cookie of the visit."""
    request, path = context.request, "/en/support/tell"
    services = [service_id("advice"), service_id("wellbeing")]
    _post(request, "/en/support/", f"{path}/", {"service": services})
    last, said = {"tells-young": ("age", "under16"), "disagrees": ("agrees", "no")}.get(who, ("", ""))
    for step, answer in TELLER.items():
        _post(request, f"{path}/{step}", f"{path}/{step}", {step: said} if step == last else answer)
        if step == last:
            return _cookie(context)
    if who == "tells":
        return _cookie(context)
    for number in (1, 2, 3):
        if number == 3 and who == "decides":
            return _cookie(context)
        page = f"{path}/partner/{number}" + ("/part" if number < 3 else "")
        mark = _hidden(request.get(page).text(), "mark")
        _post(request, page, page, {"answer": "yes", "mark": mark, "item": ["urgent", "name"]})
    if who == "decided":
        return _cookie(context)
    check = request.get(f"{path}/check").text()
    sent = {name: _hidden(check, name) for name in ("key", "seen")}
    _post(request, f"{path}/check", f"{path}/send", {**sent})
    if who == "told":
        return _cookie(context)
    receipt = request.get(f"{path}/receipt").text()
    code, pin = re.findall(r"<(?:strong|b) [^>]*>([^<]+)</(?:strong|b)>", receipt)
    _post(request, "/en/status/", "/en/status/", {})
    _post(request, "/en/status/code", "/en/status/code", {"code": code})
    if who in ("sees", "rewrites"):
        _post(request, "/en/status/pin", "/en/status/pin", {"pin": pin})
        _post(request, "/en/status/all", "/en/status/reach", {})
    if who == "rewrites":
        for step in ("reach", "phone", "email", "letter", "safe"):
            page = f"/en/status/reach/{step}"
            _post(request, page, page, TELLER[step])
    return _cookie(context)


def _cookie(context: BrowserContext) -> str:
    return next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "visit")


def _post(request: APIRequestContext, page: str, path: str, fields: dict[str, str | list[str]]) -> None:
    token = _hidden(request.get(page).text(), "csrf_token")
    answer = request.post(
        path,
        data=urlencode({"csrf_token": token, **fields}, doseq=True),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.ok, f"{path} answered {answer.status}"


def _hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"The page has no hidden field called {name}."
    return found[1]
