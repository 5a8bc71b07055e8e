"""The live board at a desk: two who take at once, nobody who answers, and a page that is left open."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from kiosk.help import states
from tests.browser.conftest import Screens
from tests.browser.desk import NOBODY_WAITS, Town, the_town, town
from tests.browser.resident import Resident
from tests.browser.test_help import asks, reads

__all__ = ["the_town", "town"]

LIVE = "**/staff/board/live?**"
A_WHILE = """async () => {
  const poll = document.getElementById("poll");
  const next = (kind) => new Promise((done) => document.addEventListener(kind, done, { once: true }));
  for (let asked = 0; asked < 150; asked += 1) {
    const answered = next("htmx:after:request");
    htmx.trigger(poll, "tick");
    await answered;
    await new Promise((done) => setTimeout(done, 5));  // it asks for one thing at a time
  }
}"""
"""Two minutes and a half of asking for news, as fast as they are answered."""


def is_slow(page: Page) -> None:
    """News comes later than the hand of who sits before the page."""
    page.route(LIVE, lambda route: route.fulfill(status=204))


def test_of_two_who_take_at_once_one_gets_it_and_the_other_is_told_who(screen: Screens, town: Town) -> None:
    town.hires("Tomas", town.central)
    amina, tomas = town.board_of("amina"), town.board_of("tomas")
    selam = Resident(screen(), "ti")
    number = asks(selam)
    rows = [board.row(number) for board in (amina, tomas)]
    for board, row in zip((amina, tomas), rows, strict=True):
        expect(row).to_be_visible()
        is_slow(board.page)
    for row in rows:
        row.get_by_role("button", name="Take").click()
    expect(tomas.page.locator("#said")).to_have_text("Amina has it already.")
    for row in rows:
        expect(row).to_contain_text("Amina")
        expect(row.get_by_role("button", name="Take")).to_have_count(0)
    reads(selam, states.SEEN_MINUTES, name="Amina", minutes="3")
    desk = tomas.opens(number)
    expect(desk.get_by_role("button", name="I have seen it")).to_have_count(0)
    screen.forgive("409 from")


def test_it_is_passed_on_to_a_colleague_and_to_another_branch(screen: Screens, town: Town) -> None:
    town.hires("Tomas", town.central)
    town.hires("Rahel", town.riverside)
    amina, tomas, rahel = (town.board_of(name) for name in ("amina", "tomas", "rahel"))
    tomas.is_heard()
    selam = Resident(screen(), "ti")
    number = asks(selam)
    tomas.has_sounded(2)
    desk = amina.opens(number)
    desk.get_by_label("Colleague", exact=True).select_option(label="Tomas")
    desk.locator("form[action$='/pass'] button").click()
    reads(selam, states.ASKED, name="Tomas")
    tomas.has_sounded(2 + 4)
    row = tomas.row(number)
    expect(row.locator(".state")).to_have_text("A colleague is asked · Tomas")
    row.get_by_role("button", name="Take").click()
    reads(selam, states.SEEN_MINUTES, name="Tomas", minutes="3")

    desk = tomas.opens(number)
    expect(rahel.row(number)).to_have_count(0)
    desk.get_by_label("Other branch").select_option(label="Riverside Library")
    desk.locator("form[action$='/branch'] button").click()
    expect(rahel.row(number)).to_contain_text("Central Library")
    reads(selam, states.ON_THE_SCREEN)
    # her page of it still stood open
    amina.page.wait_for_url("**/staff/board")
    expect(amina.row(number)).to_have_count(0)


def test_when_nobody_answers_everybody_is_told_and_another_branch_can_help(
    screen: Screens, town: Town
) -> None:
    town.chooses("help_limit_minutes", 1)
    town.hires("Rahel", town.riverside)
    amina, rahel = town.board_of("amina"), town.board_of("rahel")
    for board in (amina, rahel):
        board.is_heard()
    selam = Resident(screen("portrait"), "ti")
    number = asks(selam)
    amina.has_sounded(2)
    town.minutes_pass(1)
    reads(selam, states.NOT_YET)
    expect(amina.row(number).locator(".flag.off")).to_have_text("Late")
    amina.has_sounded(2 + 4)
    expect(rahel.page.locator(NOBODY_WAITS)).to_be_visible()

    town.minutes_pass(2)
    reads(selam, states.STILL_NOT)
    row = rahel.row(number)
    expect(row).to_contain_text("Central Library")
    expect(row.locator(".flag.off")).to_have_text("Very late")
    rahel.has_sounded(4)
    assert amina.was_never_loaded_again
    row.get_by_role("button", name="Take").click()
    reads(selam, states.SEEN_MINUTES, name="Rahel", minutes="3")
    expect(amina.row(number)).to_contain_text("Rahel")


def test_the_sound_can_be_turned_off(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    board.is_heard()
    board.page.locator("#sound").click()
    expect(board.page.locator("#sound")).to_have_attribute("aria-pressed", "false")
    anna = Resident(screen())
    number = asks(anna)
    expect(board.row(number)).to_be_visible()
    expect(board.page).to_have_title("(1) Board")
    board.has_sounded(0)


def test_the_board_keeps_its_place_under_the_hand_of_who_uses_it(screen: Screens, town: Town) -> None:
    """A row that comes in above moves nothing that has the focus, and closes nothing."""
    board = town.board_of("amina")
    anna = Resident(screen())
    number = asks(anna)
    take = board.row(number).get_by_role("button", name="Take")
    take.focus()
    bea = Resident(screen("tablet"))
    other = asks(bea, "card")
    expect(board.row(other)).to_be_visible()
    expect(take).to_be_focused()
    board.page.keyboard.press("Enter")
    reads(anna, states.SEEN_MINUTES, name="Amina", minutes="3")
    assert board.was_never_loaded_again


def test_a_board_that_is_left_open_does_not_grow(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    number = asks(Resident(screen("tablet")))
    expect(board.row(number)).to_be_visible()
    browser = board.page.context.new_cdp_session(board.page)
    browser.send("Performance.enable")

    def parts() -> dict[str, float]:
        """How many nodes and listeners the page has when all that is not used any more is gone."""
        browser.send("HeapProfiler.collectGarbage")
        counted = {each["name"]: each["value"] for each in browser.send("Performance.getMetrics")["metrics"]}
        return {name: counted[name] for name in ("Nodes", "JSEventListeners")}

    before = parts()
    board.page.evaluate(A_WHILE)
    # while that took, a minute may have gone by, which is news
    assert all(now - before[name] < 30 for name, now in parts().items()), (before, parts())
