"""A resident at the screen: what she touches, what she writes key by key, and where that leads her."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Locator, Page, TimeoutError, expect

from kiosk import visits
from kiosk.store import Store
from tests.browser.conftest import tap

PRIMARY = "main .button.primary"
BACK = ".top .button.turns"
FINISH = ".top form[action$='/finish'] button"
LARGER, COLOURS = "[data-changes=text]", "[data-changes=theme]"
LANGUAGE = ".tools .language"
STILL_HERE, NO_CONNECTION = "#still-here", "#no-connection"

TEXT_QUESTIONS = ("year", "phone", "email", "postcode", "first-name", "family-name")

ON_THE_WAY: dict[str, dict[str, str]] = {
    "who": {"who": "me"},
    "year": {"year": "1990"},
    "month": {"month": "3"},
    "day": {"day": "27"},
    "needs": {"instead": "none"},
    "contact": {"contact": "call"},
    "phone": {"phone": "07700 900982"},
    "email": {"email": "anna@example.org"},
    "postcode": {"postcode": "IP1 1AA"},
    "first-name": {"first_name": "Anna"},
    "family-name": {"family_name": "Kowalska"},
}
"""An answer to every question, in the order in which they are asked."""

KEY_FOR = """(letter) => {
  const own = [letter, letter.toLowerCase()];
  for (const key of document.querySelectorAll('.key')) {
    if (!(own.includes(key.dataset.key) || (letter === ' ' && key.dataset.does === 'space'))) continue;
    const box = key.getBoundingClientRect();
    if (box.width) return [box.x + box.width / 2, box.y + box.height / 2];
  }
  return null;
}"""
"""Where the middle of the key on the screen is that writes a letter. CSS pixels."""


@dataclass
class Resident:
    """One person before one screen. Her finger has a time of its own: no test waits for it to pass."""

    page: Page
    tag: str = "en"
    _now: float = field(default_factory=time.time)
    _touch: CDPSession | None = None

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)

    # Touching -----------------------------------------------------------------------------------

    def touch(self, what: str | Locator) -> None:
        tap(self.page.locator(what).first if isinstance(what, str) else what)

    def touch_twice_at(self, x: float, y: float) -> None:
        """Touch a place, and again 90 ms later, wherever that lands meanwhile. CSS pixels.

        A touch that comes while one page gives way to the next may never be answered by Chromium.
        """
        self.touch_at(x, y, again_after_ms=90)
        with suppress(TimeoutError):
            self.touch_at(x, y, again_after_ms=90, answered_within_ms=2000)

    def touch_at(
        self, x: float, y: float, again_after_ms: float = 400, answered_within_ms: float = 30_000
    ) -> None:
        """Touch a place of the screen, whatever is there. CSS pixels."""
        if self._touch is None:
            self._touch = self.page.context.new_cdp_session(self.page)
        self._now = max(self._now, time.time()) + again_after_ms / 1000  # never before the page itself began
        self._finger("touchStart", [{"x": x, "y": y}], answered_within_ms)
        self._now += 0.04
        self._finger("touchEnd", [], answered_within_ms)

    def _finger(self, what: str, points: list[dict[str, float]], answered_within_ms: float) -> None:
        assert self._touch
        told = {"type": what, "touchPoints": points, "timestamp": self._now}
        self._touch.send("Input.dispatchTouchEvent", told, timeout=answered_within_ms)

    def write(self, text: str) -> None:
        """Touch the keys on the screen that write this, one after the other."""
        self.page.locator(".key:visible").first.wait_for()
        for letter in text:
            place = self.page.evaluate(KEY_FOR, letter)
            assert place, f"there is no key for {letter!r}"
            self.touch_at(*place)

    # Where she is -------------------------------------------------------------------------------

    def at(self, path: str) -> None:
        """Wait until the screen shows that page; `path` is what follows the language."""
        self.page.wait_for_url(f"**/{self.tag}/{path}")

    def at_first_screen(self) -> None:
        self.page.wait_for_url(lambda url: urlsplit(url).path == "/")
        expect(self.page.locator("body.attract .tongues")).to_be_visible()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def box(self) -> Locator:
        return self.page.locator(".box")

    @property
    def shown_code(self) -> str:
        return self.page.locator(".receipt .code strong").inner_text()

    # On her way ---------------------------------------------------------------------------------

    def come(self, tag: str = "") -> None:
        """To the first screen, and touch a language."""
        self.tag = tag or self.tag
        self.page.goto("/")
        self.touch(f".tongues [hreflang={self.tag}]")
        self.at("")

    def begin(self) -> None:
        """From home to the first question of who joins for herself."""
        self.touch("[data-hue=join]")
        self.at("join/")
        self.touch(PRIMARY)
        self.at("join/who")
        self.touch("main [name=who][value=me]")
        self.at("join/year")

    def answer(self, step: str, then: str, **values: str) -> None:
        """Answer the question that is open by touch; `then` is the question that must come next."""
        self.at(f"join/{step}")
        for name, value in (values or ON_THE_WAY[step]).items():
            if self.box.count() and name != "instead":
                self.write(value)
                self.touch(PRIMARY)
            else:
                self.touch(f'main [name="{name}"][value="{value}"]')
        self.at(f"join/{then}")

    def is_led_to(self, step: str, tag: str = "", answers: dict[str, dict[str, str]] | None = None) -> None:
        """Stand before a question (or `check`) with those before it answered, without touching each of them.

        The pages before the journey are really seen, so that Back has somewhere to lead.
        """
        self.tag = tag or self.tag
        for address in ("/", f"/{self.tag}/join/"):
            self.page.goto(address)
        self.send("join/", {})
        for name, given in {**ON_THE_WAY, **(answers or {})}.items():
            if name == step:
                break
            if name == "contact" and step == "email":
                given = {"contact": "email"}
            self.send(f"join/{name}", given)
        self.page.goto(f"/{self.tag}/join/{step}")
        self.at(f"join/{step}")

    def send(self, path: str, values: dict[str, str]) -> Any:
        """Send a form as the page that is open would, without its buttons; the answer, not followed."""
        token = self.page.locator("#alive input[name=csrf_token]").get_attribute("value") or ""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.page.url))
        answer = self.page.context.request.post(
            f"/{self.tag}/{path}",
            form={"csrf_token": token, **values},
            headers={"Origin": origin},
            max_redirects=0,
        )
        assert answer.status in (204, 303, 409), answer.status
        return answer

    def says_nothing(self) -> None:
        """Asked at the end how it was, she would rather go."""
        self.at("how/")
        self.touch(".idea > a.button")
        self.at_first_screen()

    # What is kept of her ------------------------------------------------------------------------

    def visit_id(self) -> str:
        """The id of her visit on the server; empty when her browser holds no cookie of it."""
        for cookie in self.page.context.cookies():
            if cookie.get("name") == visits.COOKIE:
                return str(visits.Visit(_token(cookie.get("value", ""))).id)
        return ""


def _token(cookie: str) -> bytes:
    token = visits._token(cookie)
    assert token is not None
    return token


def assert_sound(page: Page) -> None:
    """What every page of a journey has, whatever is asked on it."""
    assert page.locator("h1:visible").count() == 1
    assert page.title()
    assert page.locator(".button.round:visible").count(), "there is no way out"
    for box in page.locator("input.box").all():
        assert box.get_attribute("spellcheck") == "false"
        assert box.locator("xpath=ancestor::form").get_attribute("autocomplete") == "off"


def kept_visits(data: Path) -> set[str]:
    """The ids of all visits that the server still keeps."""
    store = Store(data / "kiosk.db")
    try:
        with store.read() as db:
            return {row["id"] for row in db.all("SELECT id FROM visits")}
    finally:
        store.close()


def kept_joins(data: Path) -> list[dict[str, Any]]:
    """Every join that the server keeps, the oldest first."""
    store = Store(data / "kiosk.db")
    try:
        with store.read() as db:
            return db.all(
                "SELECT reference, state, language, kind FROM joins ORDER BY created_at, one_time_key"
            )
    finally:
        store.close()
