"""Somebody at a screen asks for a person, and staff answer from their board, without a common language.

What a screen does alone, without a board, is in test_help_screens.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from babel.support import LazyProxy
from playwright.sync_api import Page, expect

from kiosk.help import states
from kiosk.help.phrases import PHRASES
from tests.browser.conftest import Library, Screens
from tests.browser.desk import NOBODY_WAITS, Town, the_town, town, words
from tests.browser.resident import FINISH, PRIMARY, Resident, assert_sound
from tests.browser.test_connection import GONE, Server, server, the_server

__all__ = ["server", "the_server", "the_town", "town"]

HELP = ".tools .help"
TILE = "main form .tile"
WAITS = ".told h1"
SAYS = ".says"
NO_NEWS = "htmx:error"
"""What the board says in the console when it cannot ask."""
STORM = """([x, y]) => {
  const tap = () => document.elementFromPoint(x, y).click();
  for (let taps = 0; taps < 10; taps += 1) tap();
  setInterval(tap, 20);
}"""
"""Ten touches at once, and on and on while the page stands."""
IMPATIENT = """(() => {
  const later = setTimeout;
  window.setTimeout = (act, milliseconds, ...more) => later(act, Math.min(milliseconds, 500), ...more);
})()"""
"""What the page would do again after a while it does twice a second."""


def asks(resident: Resident, topic: str = "letter", way: str = "here") -> int:
    """Three touches from home; the number that she is shown."""
    resident.come()
    for what, where in (
        (HELP, "**/help/?from=**"),
        (f"main [href*='/how/{topic}']", f"**/how/{topic}?**"),
        (f"{TILE} >> nth={('here', 'desk').index(way)}", "**/help/waiting"),
    ):
        resident.touch(what)
        resident.page.wait_for_url(where)
        assert_sound(resident.page)
    resident.page.evaluate("window.stays = true")
    return int(resident.page.locator(".ticket b").inner_text())


def reads(resident: Resident, message: LazyProxy, where: str = WAITS, **gaps: str) -> None:
    """By itself it stands on her screen, in her language and beneath it in English."""
    shown = resident.page.locator(where)
    expect(shown.locator(".own")).to_have_text(words(resident.tag, message, **gaps))
    if resident.tag != "en":
        expect(shown.locator(".eng")).to_have_text(words("en", message, **gaps))
    assert resident.page.evaluate("window.stays"), "the page was loaded again"


def test_a_resident_who_reads_tigrinya_is_helped_by_staff_who_do_not(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    board.is_heard()
    selam = Resident(screen("portrait"), "ti")
    number = asks(selam)
    row = board.row(number)
    for said in ("A letter or form", "At the screen", "Tigrinya", "0 min", "Waiting"):
        expect(row).to_contain_text(said)
    board.has_sounded(2)
    expect(board.page).to_have_title("(1) Board")
    reads(selam, states.YOU_ARE_NEXT, ".told-besides li:first-child")

    row.get_by_role("button", name="Take").click()
    expect(row).to_contain_text("Amina")
    expect(board.page).to_have_title("Board")
    reads(selam, states.SEEN_MINUTES, name="Amina", minutes="3")

    assert board.was_never_loaded_again
    desk = board.opens(number)
    board.says("desk-letter")
    phrase = PHRASES["desk-letter"].words
    assert words("ti", phrase) != words("en", phrase)
    reads(selam, phrase, SAYS)
    assert_sound(selam.page)
    selam.touch(".answers [value=not-understood]")
    expect(desk.locator("#talk .answer")).to_contain_text("I do not understand")
    assert board.was_never_loaded_again

    selam.page.evaluate("window.stays = true")
    desk.get_by_role("button", name="I am coming now").first.click()
    reads(selam, states.COMING, name="Amina")
    desk.get_by_role("button", name="Helped").click()
    expect(board.page.locator(NOBODY_WAITS)).to_be_visible()
    reads(selam, states.DONE)
    selam.touch(PRIMARY)
    selam.at("")


def test_an_interpreter_is_asked_for_in_arabic_and_staff_say_when(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    amal = Resident(screen("tablet"), "ar")
    number = asks(amal)
    amal.touch("a[href$='/help/wants']")
    amal.at("help/wants")
    assert_sound(amal.page)
    for want in ("private", "interpreter"):
        amal.touch(f"label:has([value={want}])")
    amal.touch(PRIMARY)
    amal.at("help/interpreter")
    assert_sound(amal.page)
    amal.touch("[name=interpreter]")  # the first is her own language
    amal.at("help/waiting")
    row = board.row(number)
    expect(row.locator(".language")).to_have_text("Arabic")
    expect(row.locator(".flag")).to_have_text(["In private", "Interpreter: Arabic"])
    expect(row.locator("time")).to_have_text("0 min")
    assert board.was_never_loaded_again
    amal.page.evaluate("window.stays = true")

    desk = board.opens(number)
    desk.get_by_label("Why?").select_option(label="An interpreter is being found")
    desk.get_by_label("Until when today?").fill("23:59")
    desk.get_by_role("button", name="Hold", exact=True).click()
    reads(amal, states.HELD["getting-interpreter"])
    board.says("interpreter-rings", time="14:30")
    phrase = PHRASES["interpreter-rings"].words
    assert words("ar", phrase, time="14:30") != words("en", phrase, time="14:30")
    reads(amal, phrase, SAYS, time="14:30")
    amal.touch(".answers [value=thanks]")
    expect(desk.locator("#talk .answer")).to_contain_text("Thank you")
    desk.get_by_role("link", name="Back to the board").click()
    expect(row.locator(".state")).to_have_text("An interpreter is being found, until 23:59 · Amina")


# While nobody is there --------------------------------------------------------------------------------------


def test_at_a_closed_library_a_message_is_left_by_touch_alone(screen: Screens, town: Town) -> None:
    town.closes()
    board = town.board_of("amina")
    selam = Resident(screen("tablet"), "ti")
    finds_nobody(selam)
    near = selam.page.locator(".near").first
    for said in ("Riverside Library", "Staff are there until 23:59"):
        expect(near).to_contain_text(said)
    selam.touch("form:has([name=way][value=message]) .tile")
    for step in ("phone", "first-name"):
        selam.at(f"help/call/{step}")
        assert_sound(selam.page)
        selam.touch("[name=instead]")
    selam.at("help/call/check")
    assert_sound(selam.page)
    selam.touch(PRIMARY)
    selam.at("help/waiting")
    expect(selam.page.locator(f"{WAITS} .own")).to_have_text(words("ti", states.MESSAGE_LEFT))
    for said in ("Left a message", "Tigrinya", "A letter or form"):
        expect(board.rows).to_contain_text(said)


def test_who_wants_to_be_rung_gives_a_number_that_stands_only_where_staff_open_it(
    screen: Screens, town: Town, library: Library
) -> None:
    town.closes()
    board = town.board_of("amina")
    anna = Resident(screen("portrait"), "pl")
    finds_nobody(anna)
    anna.touch("form:has([name=way][value=ring]) .tile")
    anna.at("help/call/phone")
    anna.write("07700900982")
    anna.touch(PRIMARY)
    anna.at("help/call/first-name")
    anna.write("zofia")
    anna.touch(PRIMARY)
    anna.at("help/call/check")
    expect(anna.page.locator(".rows")).to_contain_text("07700 900982")
    anna.touch(PRIMARY)
    anna.at("help/waiting")
    expect(board.rows).to_contain_text("Wants to be rung")
    for secret in ("Zofia", "7700", "900982"):
        assert secret not in board.page.content()
    board.rows.locator(".what a").click()
    desk = board.page
    expect(desk.locator(".facts")).to_contain_text("Zofia")
    expect(desk.locator(".facts")).to_contain_text("07700 900982")
    for file in (*library.data.iterdir(), library.log):
        held = file.read_bytes()
        for secret in ("Zofia", "900982"):
            assert secret.encode() not in held, file.name


def test_a_time_that_staff_keep_free_is_booked_once(screen: Screens, town: Town) -> None:
    town.closes()
    board = town.board_of("amina")
    desk = board.page
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    desk.get_by_role("link", name="Free times").click()
    desk.get_by_label("Day", exact=True).fill(f"{tomorrow:%Y-%m-%d}")
    desk.get_by_label("From", exact=True).fill("08:15")
    desk.get_by_role("button", name="Add", exact=True).click()
    expect(desk.get_by_role("status")).to_have_text("The times are free to be booked.")
    desk.get_by_role("link", name="Back to the board").click()

    olena, bea = Resident(screen("portrait"), "uk"), Resident(screen("tablet"))
    for who in (olena, bea):
        finds_nobody(who)
        who.touch("main a[href*='/help/time/']")
        who.page.wait_for_url("**/help/time/letter**")
        assert_sound(who.page)
    at = olena.page.locator(".times .tile").first
    expect(at).to_contain_text("8:15")
    for who in (olena, bea):
        who.touch(".times .tile")
        who.at("help/call/first-name")
        who.touch("[name=instead]")
        who.at("help/call/check")
    olena.touch(PRIMARY)
    olena.at("help/waiting")
    expect(olena.page.locator(".booked")).to_contain_text("8:15")
    expect(board.rows).to_contain_text("Booked for")
    expect(board.rows).to_contain_text("08:15")

    bea.touch(PRIMARY)
    bea.page.wait_for_url("**/help/time/letter**")
    expect(bea.page.locator("#problem")).to_contain_text("This time is taken now. Choose another.")
    expect(bea.page.locator(".times")).not_to_contain_text("8:15")
    assert len(town.open_requests()) == 1


def finds_nobody(resident: Resident) -> None:
    """Two touches from home, at a library where nobody is."""
    resident.come()
    resident.touch(HELP)
    resident.page.wait_for_url("**/help/?from=**")
    expect(resident.page.locator(".away-now")).to_be_visible()
    resident.touch("main [href*='/how/letter']")
    resident.page.wait_for_url("**/help/away/letter**")
    assert_sound(resident.page)


# Whose turn it is -------------------------------------------------------------------------------------------


def test_others_use_the_screen_and_her_number_tells_her_elsewhere(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    selam = Resident(screen(), "ti")
    number = asks(selam, "jobs")
    before = selam.visit_id()
    selam.touch("form[action$='/help/keep'] button")
    selam.at("help/kept")
    assert_sound(selam.page)
    assert selam.page.locator(".ticket b").inner_text() == str(number)
    expect(board.row(number).locator(".flag")).to_have_text(["Lets others use the screen"])
    selam.touch(FINISH)
    selam.at_first_screen()

    olek = Resident(selam.page, "pl")
    olek.come()
    assert olek.visit_id() != before
    olek.touch(HELP)
    olek.page.wait_for_url("**/pl/help/?from=**")
    other = asks(olek, "book", "desk")
    assert other == number + 1
    expect(board.rows).to_have_count(2)

    board.row(number).get_by_role("button", name="I am coming now").click()
    elsewhere = Resident(screen("tablet"), "ti")
    elsewhere.come()
    elsewhere.touch(HELP)
    elsewhere.page.wait_for_url("**/help/?from=**")
    elsewhere.touch("a[href$='/help/number']")
    elsewhere.at("help/number")
    elsewhere.write(str(number))
    elsewhere.touch(PRIMARY)
    elsewhere.at("help/number/state")
    elsewhere.page.evaluate("window.stays = true")
    reads(elsewhere, states.COMING, name="Amina")
    assert "Jobs" not in elsewhere.page.locator("main").inner_text()
    assert str(number) not in urlsplit(elsewhere.page.url).path


def test_the_display_on_the_wall_calls_numbers_and_never_the_quiet_one(screen: Screens, town: Town) -> None:
    wall = screen("portrait")
    wall.add_init_script(IMPATIENT)
    wall.goto("/en/help/board")
    wall.evaluate("window.stays = true")
    board = town.board_of("amina")
    anna, bea, olena = (Resident(screen("tablet"), tag) for tag in ("en", "ar", "uk"))
    first, second = asks(anna), asks(bea, "card", "desk")
    says_quietly(olena)
    waiting, called = wall.locator("section").nth(1), wall.locator(".called")
    expect(waiting.locator("li")).to_have_text([str(first), str(second)])
    expect(board.rows).to_have_count(3)
    board.row(second).get_by_role("button", name="I am coming now").click()
    expect(called.locator("li")).to_have_text([str(second)])
    expect(waiting.locator("li")).to_have_text([str(first)])
    board.rows.first.get_by_role("button", name="I am coming now").click()
    reads(olena, states.COMING, name="Amina")
    expect(called.locator("li")).to_have_text([str(second)])
    anna.touch("form[action$='/help/cancel'] button")
    expect(anna.page.locator(WAITS)).to_have_text("Your request is cancelled.")
    expect(board.row(first)).to_have_count(0)
    expect(waiting.locator("li")).to_have_count(0)
    assert wall.evaluate("window.stays")


# A word in private ------------------------------------------------------------------------------------------


def says_quietly(resident: Resident) -> None:
    """That she does not feel safe, and that a woman should come."""
    resident.come()
    resident.touch(HELP)
    resident.page.wait_for_url("**/help/?from=**")
    resident.touch(".topics form .tile")
    resident.at("help/private")
    assert_sound(resident.page)
    resident.touch(".whom .tile")
    resident.at("help/waiting")
    assert_sound(resident.page)
    resident.page.evaluate("window.stays = true")


def test_a_quiet_word_is_first_on_the_board_and_names_itself_nowhere(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    board.is_heard()
    anna, olena = Resident(screen()), Resident(screen(), "uk")
    asks(anna)
    board.has_sounded(2)
    says_quietly(olena)
    first = board.rows.first
    expect(first).to_contain_text("Private word")
    expect(first.locator(".flag")).to_have_text(["In private", "A woman"])
    board.has_sounded(2 + 4)
    assert "safe" not in board.page.locator("main").inner_text().lower()
    first.get_by_role("button", name="Take").click()
    reads(olena, states.SEEN_MINUTES, name="Amina", minutes="3")
    assert olena.page.evaluate("window.notes ?? 0") == 0, "her screen stays silent"
    expect(olena.page.locator(".ticket")).to_have_count(0)


def test_leave_now_works_when_the_server_has_died_and_the_request_stays(
    screen: Screens, town: Town, server: Server
) -> None:
    olena = Resident(screen(), "uk")
    olena.page.add_init_script(IMPATIENT)
    says_quietly(olena)
    server.dies()
    olena.page.evaluate("""() => {
      addEventListener("pointerup", () => { window.touchedAt = performance.now(); }, true);
      new MutationObserver(() => { window.goneAt ??= performance.now(); })
        .observe(document.body, { childList: true });
    }""")
    olena.touch(".leave-now")
    expect(olena.page.locator(WAITS)).to_have_count(0)
    assert olena.page.evaluate("goneAt - touchedAt") <= 100  # milliseconds
    assert says_nothing_of_it(olena.page)
    server.comes_back()
    olena.page.wait_for_url("**/en/events/")
    for _back in range(3):
        olena.page.go_back()
        olena.page.wait_for_url(lambda url: urlsplit(url).path == "/")
        assert says_nothing_of_it(olena.page)
    (still,) = town.open_requests()
    assert still.is_quiet
    screen.forgive(GONE)


def says_nothing_of_it(page: Page) -> bool:
    shown = page.locator("body").inner_text()
    return not any(said in shown for said in ("999", "private", "Amina", "Leave now"))


# Fingers, cables and plugs ----------------------------------------------------------------------------------


def test_a_storm_of_taps_asks_once(screen: Screens, town: Town) -> None:
    ben = Resident(screen("tablet"))
    ben.come()
    ben.page.goto("/en/help/how/computer")
    box = ben.page.locator(TILE).first.bounding_box()
    assert box
    ben.page.evaluate(STORM, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    ben.at("help/waiting")
    expect(ben.page.locator(WAITS)).to_have_text(words("en", states.ON_THE_SCREEN))
    (one,) = town.open_requests()
    assert (one.topic, one.way) == ("computer", "here")


def test_a_connection_that_is_lost_for_a_minute_comes_back_by_itself_on_both_sides(
    screen: Screens, town: Town
) -> None:
    board = town.board_of("amina")
    selam = Resident(screen(), "ti")
    selam.page.clock.install()
    number = asks(selam)
    expect(board.row(number)).to_be_visible()
    desk = town.board_of("amina").opens(number)

    board.page.context.set_offline(True)
    expect(board.page.locator("#lost")).to_contain_text("No connection since", timeout=10_000)
    selam.page.context.set_offline(True)
    desk.locator("#say-card").click()
    selam.page.clock.run_for(60_000)
    expect(selam.page.locator(".no-news")).to_be_visible()
    expect(selam.page.locator(f"{WAITS} .own")).to_have_text(words("ti", states.ON_THE_SCREEN))

    selam.page.context.set_offline(False)
    board.page.context.set_offline(False)
    reads(selam, PHRASES["card"].words, SAYS)
    expect(selam.page.locator(".no-news")).not_to_be_visible()
    expect(board.page.locator("#lost")).not_to_be_visible()
    expect(board.row(number)).to_contain_text("Amina")
    assert board.was_never_loaded_again
    screen.forgive(GONE, NO_NEWS, surely=False)


def test_an_answer_touched_without_a_connection_arrives_when_it_is_back(screen: Screens, town: Town) -> None:
    board = town.board_of("amina")
    selam = Resident(screen("tablet"), "ti")
    selam.page.add_init_script(IMPATIENT)
    number = asks(selam)
    desk = board.opens(number)
    board.says("card")
    reads(selam, PHRASES["card"].words, SAYS)
    selam.page.context.set_offline(True)
    selam.touch(".answers [value=yes]")
    expect(selam.page.locator("#no-connection")).to_be_visible()
    selam.page.context.set_offline(False)
    expect(desk.locator("#talk .answer")).to_contain_text("Yes", timeout=15_000)
    expect(selam.page.locator(".answers [value=yes]")).to_have_attribute("aria-pressed", "true")
    screen.forgive(GONE)


def test_after_the_server_was_killed_board_and_screens_show_what_they_showed(
    screen: Screens, town: Town, server: Server
) -> None:
    board = town.board_of("amina")
    selam, bea = Resident(screen("tablet"), "ti"), Resident(screen("tablet"), "ar")
    for each in (selam, bea):
        each.page.add_init_script(IMPATIENT)
    first, second = asks(selam), asks(bea, "card", "desk")
    board.row(first).get_by_role("button", name="Take").click()
    reads(selam, states.SEEN_MINUTES, name="Amina", minutes="3")
    expect(bea.page.locator(".told-besides .eng").first).to_have_text("You are next.")
    expect(board.rows).to_have_count(2)

    def shown() -> list[str]:
        return [
            *board.rows.locator(".number, .what a, .state").all_inner_texts(),
            *(who.page.locator(".told").inner_text() for who in (selam, bea)),
        ]

    before = shown()
    server.dies()
    expect(selam.page.locator(".no-news")).to_be_visible(timeout=10_000)
    assert shown() == before
    server.comes_back()
    expect(selam.page.locator(".no-news")).not_to_be_visible(timeout=10_000)
    assert shown() == before
    board.row(second).get_by_role("button", name="I am coming now").click()
    reads(bea, states.AT_THE_DESK, name="Amina")
    expect(board.page.locator("#lost")).not_to_be_visible()
    assert board.was_never_loaded_again
    screen.forgive(GONE, NO_NEWS, surely=False)
