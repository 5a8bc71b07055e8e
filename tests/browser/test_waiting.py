"""Somebody waits before a screen: neither a lost cable nor a question takes the page from her."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screens
from tests.browser.desk import Town, the_town, town
from tests.browser.resident import NO_CONNECTION, STILL_HERE, Resident
from tests.browser.test_connection import GONE

__all__ = ["the_town", "town"]

HEADING = ".told h1"
CANCEL = "form[action$='/help/cancel'] button"


def waits(screen: Screens, shape: str = "landscape") -> Resident:
    """Somebody has asked for a person. The minutes of her screen pass when a test says so, too."""
    resident = Resident(screen(shape))
    resident.page.clock.install()
    resident.page.goto("/en/help/how/letter")
    resident.touch("main form .tile")
    resident.page.wait_for_url("**/help/waiting")
    resident.page.evaluate("window.stays = true")
    return resident


def minutes_pass(page: Page, minutes: float) -> None:
    """In steps, so that what is asked of the network has its turn in between."""
    for _ten_seconds in range(round(minutes * 6)):
        page.clock.run_for(10_000)
        page.wait_for_timeout(20)


def test_a_touch_without_a_connection_neither_clears_the_page_nor_says_so(
    screen: Screens, town: Town
) -> None:
    selam = waits(screen)
    lost = selam.page.locator(NO_CONNECTION)
    selam.page.context.set_offline(True)
    selam.touch(CANCEL)
    expect(lost).to_be_visible()
    minutes_pass(selam.page, 2)
    expect(lost).to_be_visible()
    expect(lost).to_contain_text("Staff at the desk help you too. Just ask.")
    for untrue in ("cleared", "Nothing was sent"):
        assert untrue not in lost.inner_text()
    expect(selam.page.locator(HEADING)).to_have_text("Your request is on the staff screen.")
    (asked,) = town.open_requests()
    assert selam.page.evaluate("window.stays")
    selam.page.context.set_offline(False)
    expect(selam.page.locator(HEADING)).to_have_text("Your request is cancelled.", timeout=20_000)
    assert asked.id not in [each.id for each in town.open_requests()]
    screen.forgive(GONE)


def test_a_touch_arrives_though_news_have_come_before_it(screen: Screens, town: Town) -> None:
    selam = waits(screen, "tablet")
    board = town.board_of("amina")
    expect(board.rows).to_have_count(1)
    selam.page.context.set_offline(True)
    selam.touch(CANCEL)
    expect(selam.page.locator(NO_CONNECTION)).to_be_visible()
    board.rows.first.get_by_role("button", name="Take").click()
    selam.page.evaluate("""() => {
      const state = document.getElementById("state");
      state.replaceWith(state.cloneNode(true));
    }""")
    selam.page.context.set_offline(False)
    expect(selam.page.locator(HEADING)).to_have_text("Your request is cancelled.", timeout=20_000)
    screen.forgive(GONE)


def test_who_is_asked_if_she_is_still_there_sees_the_news_that_come(screen: Screens, town: Town) -> None:
    selam = waits(screen, "portrait")
    board = town.board_of("amina")
    town.minutes_pass(11)  # from here on the screen asks
    expect(selam.page.locator("#state[data-stays]")).to_have_count(0, timeout=10_000)
    minutes_pass(selam.page, 2.1)
    expect(selam.page.locator(STILL_HERE)).to_be_visible()
    board.rows.first.get_by_role("button", name="Take").click()
    expect(selam.page.locator(f"{HEADING} .own")).to_contain_text("has seen it", timeout=10_000)
    expect(selam.page.locator(STILL_HERE)).not_to_be_visible()
    assert selam.page.evaluate("window.stays")
