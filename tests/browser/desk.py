"""Staff of two libraries before their boards, and the hours, the minutes and the people around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any

import pytest
from babel.support import LazyProxy
from playwright.sync_api import Locator, Page, expect

from kiosk import branches, languages, settings
from kiosk.configuration import open_folder
from kiosk.demo import PASSWORD
from kiosk.help import phrases, queue, records
from kiosk.help.records import Request
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Role
from tests.browser.conftest import EVERY_DAY, Library, Screens

HEARS = """(() => {
  window.notes = 0;
  const start = AudioScheduledSourceNode.prototype.start;
  AudioScheduledSourceNode.prototype.start = function (...when) {
    window.notes += 1;
    return start.apply(this, when);
  };
})()"""
"""Counts every note that the page plays."""
ROWS = "#live .waits:not(.less) > li"
NOBODY_WAITS = "#nobody"


def words(tag: str, message: LazyProxy, **gaps: str) -> str:
    """A message as a screen of this language shows it; the gaps are written as phrases keep them."""
    text = languages.in_catalogue(languages.catalogue(tag), message)
    return text % {name: _gap(tag, name, value) for name, value in gaps.items()} if gaps else text


def _gap(tag: str, name: str, value: str) -> str:
    if name == "time":
        return languages._time_in(tag, time.fromisoformat(value))
    filled = phrases.filled({name: value})[name]
    assert isinstance(filled, str)
    return filled


@dataclass
class Board:
    """The board of one of the staff, on a computer of the library."""

    page: Page

    def __post_init__(self) -> None:
        self.page.goto("/staff/board")
        self.is_live()

    def is_live(self) -> None:
        """From now on nobody may load the page again."""
        self.page.evaluate("window.stays = true")

    @property
    def was_never_loaded_again(self) -> bool:
        return self.page.evaluate("window.stays") is True

    def is_heard(self) -> None:
        """No browser lets a page sound before somebody has touched it."""
        self.page.locator("h1").click()
        expect(self.page.locator("#sound")).to_have_attribute("aria-pressed", "true")

    def has_sounded(self, notes: int) -> None:
        """As soon as it has played so many notes since it was opened."""
        self.page.wait_for_function("notes => window.notes >= notes", arg=notes)
        assert self.page.evaluate("window.notes") == notes

    @property
    def rows(self) -> Locator:
        """Those who ask for help, the first at the top."""
        return self.page.locator(ROWS)

    def row(self, number: int) -> Locator:
        """That of one request, by its number."""
        return self.rows.filter(has=self.page.locator(".number", has_text=re.compile(rf"^{number}$")))

    def opens(self, number: int) -> Page:
        """From the board to the page of a request."""
        self.row(number).locator(".what a").click()
        self.page.wait_for_url("**/staff/help/*")
        self.is_live()
        return self.page

    def says(self, code: str, **gaps: str) -> None:
        """On the page of a request, choose a phrase, and fill its gaps."""
        for name, value in gaps.items():
            self.page.locator(f"#{code}-{name}").fill(value)
        self.page.locator(f"#say-{code}").click()
        expect(self.page.get_by_role("status")).to_have_text("It stands on the screen now.")
        self.is_live()


@dataclass
class Town:
    """Central Library and its neighbour at the river, with somebody at the desk of each."""

    library: Library
    screens: Screens | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key, self.store = open_folder(self.library.data)
        with self.store.read() as db:
            every = {each.name: each.id for each in branches.every(db)}
        self.central, self.riverside = every["Central Library"], every["Riverside Library"]

    def begins_the_day(self) -> None:
        """Both are open, and nobody waits any more."""
        now = datetime.now(UTC)
        with self.store.write() as db:
            for branch_id in (self.central, self.riverside):
                branches.open_on(db, branch_id, EVERY_DAY)
            settings.change(db, "library", "", "help_limit_minutes", None)
            for each in queue.unfinished(db, [self.central, self.riverside]):
                records.cancel(db, each.id, now)

    def closes(self) -> None:
        """Central Library has no hours any more on any day of the week but the one a week ago tomorrow."""
        day = datetime.now(UTC).isoweekday()
        with self.store.write() as db:
            branches.open_on(db, self.central, {(day + 2) % 7 + 1: [("10:00", "12:00")]})

    def chooses(self, name: str, value: Any) -> None:
        with self.store.write() as db:
            settings.change(db, "library", "", name, value)

    def minutes_pass(self, minutes: float) -> None:
        """For everybody who waits."""
        earlier = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
        with self.store.write() as db:
            db.run(
                "UPDATE help_requests SET created_at = :at, waiting_since = :at WHERE closed_at IS NULL",
                at=earlier,
            )

    def open_requests(self) -> list[Request]:
        with self.store.read() as db:
            found = queue.unfinished(db, [self.central, self.riverside])
        return sorted(found, key=lambda each: each.number)

    # Staff ---------------------------------------------------------------------------------------

    @cached_property
    def _manager(self) -> tuple[sessions.Session, str]:
        return sessions.sign_in(self.store, self.key, "manager", PASSWORD)

    def hires(self, name: str, branch_id: str) -> None:
        """Somebody more who works at a branch; the user name is the name in small letters."""
        if name.lower() in self.cookies:
            return
        manager, _cookie = self._manager
        with self.store.read() as db:
            desk_key = accounts.open_desk_key(db, manager.person.id, manager.private_key)
        person, once = accounts.add(
            self.store, self.key, manager.person, desk_key,
            username=name.lower(), name=name, role=Role.BRANCH, branch_id=branch_id,
        )  # fmt: skip
        self.cookies[name.lower()] = sessions.change_password(
            self.store, self.key, person, once, PASSWORD, ""
        )

    def board_of(self, username: str) -> Board:
        """Her board, in a browser of its own in which she has signed in before."""
        if username not in self.cookies:
            _session, self.cookies[username] = sessions.sign_in(self.store, self.key, username, PASSWORD)
        assert self.screens
        page = self.screens()
        page.context.add_cookies(
            [{"name": "staff", "value": self.cookies[username], "url": self.library.url}]
        )
        page.add_init_script(HEARS)
        return Board(page)


@pytest.fixture(scope="module")
def the_town(library: Library) -> Iterator[Town]:
    town = Town(library)
    yield town
    town.store.close()


@pytest.fixture
def town(the_town: Town, screen: Screens) -> Town:
    """Both libraries are open, nobody waits, and every screen is dark."""
    the_town.screens = screen
    the_town.begins_the_day()
    return the_town
