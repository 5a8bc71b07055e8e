"""Asking for a person at a real screen: it changes by itself, waits, and can be left at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk import branches
from kiosk.help import records, talk
from kiosk.help.records import Request
from kiosk.people import accounts
from kiosk.people.accounts import Person
from kiosk.store import Store
from tests.browser.conftest import Library, Screens
from tests.browser.resident import STILL_HERE, Resident

TILE = "main form .tile"
WAITS = ".told h1"
LEAVE = ".leave-now"
HEARS = """() => {
  window.notes = 0;
  const play = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.notes += 1; return play.call(this); };
}"""
BLANK_AFTER = """() => new Promise((done) => {
  const touched = performance.now();
  const look = () => {
    if (document.querySelector('.tile')) requestAnimationFrame(look);
    else done(performance.now() - touched);
  };
  document.querySelector('.leave-now').click();
  look();
})"""


class Desk:
    """The staff of the branch, who answer without a screen of their own."""

    def __init__(self, library: Library) -> None:
        self.store = Store(library.data / "kiosk.db")
        with self.store.write() as db:
            self.branch = next(each for each in branches.every(db) if each.name.startswith("Central"))
            branches.open_on(db, self.branch.id, {day: [("00:00", "23:59")] for day in range(1, 8)})
            self.amina: Person = next(each for each in accounts.every(db) if each.username == "amina")

    def latest(self) -> Request:
        with self.store.read() as db:
            found = db.value("SELECT id FROM help_requests ORDER BY created_at DESC LIMIT 1")
            return records.find(db, found)

    def takes(self) -> None:
        asked = self.latest().id
        with self.store.write() as db:
            records.take(db, asked, self.amina, 3, datetime.now(UTC))

    def says(self, code: str, **gaps: str) -> None:
        asked = self.latest().id
        with self.store.write() as db:
            talk.say(db, asked, code, gaps, self.amina, datetime.now(UTC))

    def hears(self) -> str:
        """Her answer to what was said last."""
        asked = self.latest().id
        with self.store.read() as db:
            return talk.of(db, asked)[0].answer

    def is_done(self) -> None:
        asked = self.latest().id
        with self.store.write() as db:
            records.done(db, asked, "helped", self.amina, datetime.now(UTC))


@pytest.fixture
def desk(library: Library) -> Iterator[Desk]:
    desk = Desk(library)
    yield desk
    desk.store.close()


def asks(page: Page, tag: str = "ti") -> Resident:
    """Two touches after Help."""
    selam = Resident(page, tag)
    selam.come()
    selam.touch(".tools .help")
    selam.page.wait_for_url("**/help/?from=**")
    selam.touch("main [href*='/how/letter']")
    selam.page.wait_for_url("**/how/letter**")
    selam.touch(TILE)
    selam.at("help/waiting")
    return selam


def test_what_staff_do_appears_by_itself_in_her_language_with_a_chime(screen: Screens, desk: Desk) -> None:
    selam = asks(screen())
    selam.page.evaluate(HEARS)
    desk.takes()
    expect(selam.page.locator(f"{WAITS} .eng")).to_contain_text("has seen it. About 3 minutes.")
    desk.says("interpreter-rings", time="14:30")
    expect(selam.page.locator(".says .eng")).to_have_text("An interpreter will ring at 14:30.")
    expect(selam.page.locator(".says .own")).to_have_attribute("class", "own")
    assert selam.page.evaluate("window.notes") == 4, "two notes each, and the page was not loaded again"
    selam.touch(".answers [value=thanks]")
    expect(selam.page.locator(".answers [aria-pressed=true]")).to_be_visible()
    assert desk.hears() == "thanks"
    desk.is_done()
    expect(selam.page.locator(f"{WAITS} .eng")).to_have_text("This is done.")


def test_turned_off_the_sound_stays_away(screen: Screens, desk: Desk) -> None:
    selam = asks(screen(), "en")
    selam.page.evaluate(HEARS)
    selam.touch(".sounds [value=off]")
    expect(selam.page.locator(".sounds [value=chime]")).to_be_visible()
    desk.takes()
    expect(selam.page.locator(WAITS)).to_contain_text("has seen it")
    assert selam.page.evaluate("window.notes") == 0


def test_a_screen_that_waits_for_somebody_never_asks_who_is_there_until_it_is_over(
    screen: Screens, desk: Desk
) -> None:
    page = screen()
    page.clock.install()
    selam = asks(page, "en")
    desk.takes()
    page.clock.run_for(4_000)
    expect(page.locator(WAITS)).to_contain_text("has seen it")
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=30))
    for _minute in range(5):
        page.clock.run_for(60_000)
    expect(selam.page.locator(STILL_HERE)).not_to_be_visible()
    desk.is_done()
    page.clock.run_for(4_000)
    expect(page.locator(WAITS)).to_have_text("This is done.")
    page.clock.run_for(125_000)
    expect(page.locator(STILL_HERE)).to_be_visible()


def test_a_lost_network_is_said_and_comes_back_by_itself(
    chromium: Browser, library: Library, desk: Desk
) -> None:
    context = chromium.new_context(base_url=library.url, has_touch=True)
    selam = asks(context.new_page(), "en")
    context.set_offline(True)
    expect(selam.page.locator(".no-news")).to_be_visible(timeout=10_000)
    desk.takes()
    context.set_offline(False)
    expect(selam.page.locator(WAITS)).to_contain_text("has seen it", timeout=10_000)
    expect(selam.page.locator(".no-news")).not_to_be_visible()
    context.close()


def opens_the_quiet_page(page: Page) -> None:
    for address in ("/", "/ti/", "/ti/help/"):
        page.goto(address)
    page.locator(".topics form .tile").click()
    page.wait_for_url("**/ti/help/private")


def test_leave_now_shows_events_in_english_and_back_leads_nowhere_near(screen: Screens, desk: Desk) -> None:
    page = screen()
    opens_the_quiet_page(page)
    page.locator(LEAVE).click()
    page.wait_for_url("**/en/events/")
    for _back in range(3):
        page.go_back()
        page.wait_for_url(lambda url: urlsplit(url).path == "/")
        assert not page.locator(LEAVE).count()


def test_leave_now_covers_the_screen_at_once_with_the_server_gone(
    chromium: Browser, library: Library, desk: Desk
) -> None:
    context = chromium.new_context(base_url=library.url)
    page = context.new_page()
    opens_the_quiet_page(page)
    context.set_offline(True)
    assert page.evaluate(BLANK_AFTER) <= 100  # milliseconds
    assert "999" not in page.locator("body").inner_text()
    context.set_offline(False)
    page.wait_for_url("**/en/events/", timeout=30_000)
    context.close()


def test_leave_now_needs_no_script(screen: Screens, desk: Desk) -> None:
    page = screen(java_script_enabled=False)
    opens_the_quiet_page(page)
    page.locator(LEAVE).click()
    page.wait_for_url("**/en/events/")
    page.go_back()
    assert not page.locator(LEAVE).count()
