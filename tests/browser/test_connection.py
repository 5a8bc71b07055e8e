"""The server goes away and comes back: nobody loses what she wrote, nothing is sent twice, nothing stays.

The server is a real process, and what happens to it is real too: it is killed, and started again on the same
port over the same data. Minutes pass by the clock of the browser.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import PATIENCE, ROOT, Library, Screens, _await_answer, _environment
from tests.browser.resident import (
    FINISH,
    NO_CONNECTION,
    PRIMARY,
    STILL_HERE,
    Resident,
    kept_joins,
    kept_visits,
)

SAYS = "There is no connection just now."
GONE = "net::ERR_"
"""What Chromium writes into its console when there is nobody to talk to: meant, in these tests."""
ENDED = "/finish"
"""What is asked of the server twice when its answer came too late; then there is nothing to end any more."""


@dataclass
class Server:
    """The server of a library, and what may happen to it."""

    library: Library
    process: subprocess.Popen[bytes]

    def dies(self) -> None:
        """At once, as when somebody pulls the plug."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def comes_back(self) -> None:
        port = int(self.library.url.rpartition(":")[2])
        with self.library.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.library.process.args,
                cwd=ROOT,
                env=_environment(self.library.data),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        _await_answer(self.process, port, self.library.log)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


@pytest.fixture(scope="module")
def the_server(library: Library) -> Iterator[Server]:
    server = Server(library, library.process)
    yield server
    if server.process is not library.process:
        server.process.terminate()
        server.process.wait(PATIENCE)


@pytest.fixture
def server(the_server: Server) -> Iterator[Server]:
    """The server, alive again when the test is over."""
    yield the_server
    if not the_server.alive:
        the_server.comes_back()


@pytest.fixture
def anna(screen: Screens, server: Server) -> Resident:
    return Resident(screen())


def passes(anna: Resident, seconds: float) -> None:
    """Time passes on the screen, in steps in which what is asked of the server can be answered."""
    step = 5.0
    for _step in range(round(seconds / step)):
        anna.page.clock.run_for(round(step * 1000))
        anna.page.evaluate("fetch('/healthz').catch(() => {})")


def test_what_was_written_waits_on_the_screen_until_the_server_is_back(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.is_led_to("first-name", "ar")
    anna.write("amal")
    server.dies()
    anna.touch(PRIMARY)
    lost = anna.page.locator(NO_CONNECTION)
    expect(lost).to_be_visible()
    expect(lost.locator("h1 .eng")).to_have_text(SAYS)
    assert lost.locator("h1 .own").inner_text() not in ("", SAYS)
    expect(lost.locator(".waiting")).to_be_visible()
    expect(anna.box).to_have_value("Amal")
    assert anna.page.url.endswith("/ar/join/first-name")
    server.comes_back()
    anna.at("join/family-name")
    anna.page.goto("/ar/join/first-name")
    expect(anna.box).to_have_value("Amal")
    screen.forgive(GONE)


def test_a_link_waits_too_and_no_page_of_the_browser_is_ever_shown(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.page.goto("/pl/join/privacy")
    anna.tag = "pl"
    server.dies()
    anna.touch(".top a.turns")
    expect(anna.page.locator(NO_CONNECTION)).to_be_visible()
    anna.at("join/privacy")
    server.comes_back()
    anna.at("join/")
    screen.forgive(GONE)


def test_the_first_screen_waits_for_the_server_as_well(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.page.goto("/")
    server.dies()
    anna.touch(".tongues [hreflang=ti]")
    lost = anna.page.locator(NO_CONNECTION)
    expect(lost).to_be_visible()
    expect(lost).to_have_text(SAYS)
    server.comes_back()
    anna.tag = "ti"
    anna.at("")
    screen.forgive(GONE)


def test_the_first_screen_stays_when_it_would_have_become_a_fresh_one(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.page.clock.install()
    anna.page.goto("/")
    server.dies()
    with anna.page.expect_event("requestfailed"):
        anna.page.clock.fast_forward(16 * 60_000)
    anna.at_first_screen()
    server.comes_back()
    with anna.page.expect_navigation():
        anna.page.clock.fast_forward(16 * 60_000)
    anna.at_first_screen()
    screen.forgive(GONE)


def test_after_a_minute_the_screen_apologises_and_forgets(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.page.clock.install()
    anna.is_led_to("first-name")
    visit = anna.visit_id()
    anna.page.keyboard.type("Qzjxwvkq")
    server.dies()
    anna.touch(PRIMARY)
    lost = anna.page.locator(NO_CONNECTION)
    expect(lost.locator(".waiting")).to_be_visible()
    passes(anna, 50)
    expect(anna.box).to_have_value("Qzjxwvkq")
    passes(anna, 20)
    expect(lost.locator(".sorry")).to_be_visible()
    expect(lost.locator(".waiting")).not_to_be_visible()
    expect(lost.locator(".sorry")).to_contain_text("Nothing was sent.")
    expect(anna.box).to_have_count(0)
    assert "Qzjxwvkq" not in anna.page.content()
    server.comes_back()
    anna.page.clock.run_for(6_000)
    anna.at_first_screen()
    assert visit not in kept_visits(server.library.data)
    screen.forgive(GONE, ENDED)


@pytest.mark.parametrize("step", ["first-name", "check"])
def test_who_walks_away_while_the_server_is_away_leaves_nothing_on_the_screen(
    anna: Resident, server: Server, screen: Screens, step: str
) -> None:
    anna.page.clock.install()
    anna.is_led_to(step, answers={"first-name": {"first_name": "Qzjxwvkq"}})
    if step == "first-name":
        anna.page.keyboard.type("Qzjxwvkq")
    visit = anna.visit_id()
    server.dies()
    anna.page.clock.run_for(125_000)
    expect(anna.page.locator(STILL_HERE)).to_be_visible()
    anna.page.clock.run_for(60_000)
    expect(anna.page.locator(NO_CONNECTION)).to_be_visible()
    expect(anna.page.locator("body > *")).to_have_count(1)
    assert "Qzjxwvkq" not in anna.page.content()
    expect(anna.page.locator(NO_CONNECTION)).to_have_text(SAYS, use_inner_text=True)
    server.comes_back()
    anna.page.clock.run_for(11_000)
    anna.at_first_screen()
    assert visit not in kept_visits(server.library.data)
    screen.forgive(GONE, ENDED)


def test_finish_clears_the_screen_at_once_without_a_server(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.page.clock.install()
    anna.is_led_to("first-name")
    anna.page.keyboard.type("Qzjxwvkq")
    visit = anna.visit_id()
    server.dies()
    anna.page.evaluate("""() => {
      addEventListener("pointerup", () => { window.touchedAt = performance.now(); }, true);
      new MutationObserver(() => { window.goneAt ??= performance.now(); })
        .observe(document.body, { childList: true });
    }""")
    anna.touch(FINISH)
    expect(anna.box).to_have_count(0)
    assert anna.page.evaluate("goneAt - touchedAt") < 300
    assert "Qzjxwvkq" not in anna.page.content()
    expect(anna.page.locator(NO_CONNECTION)).to_be_visible()
    server.comes_back()
    anna.page.clock.run_for(11_000)
    anna.at_first_screen()
    assert visit not in kept_visits(server.library.data)
    screen.forgive(GONE, ENDED)


def test_when_only_the_answer_to_send_was_lost_the_receipt_comes_once(
    anna: Resident, server: Server, screen: Screens
) -> None:
    """The server took the join, and died before it could say so."""
    anna.is_led_to("check")
    before = len(kept_joins(server.library.data))

    def lose(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        assert answer.status == 303
        server.dies()
        route.abort("connectionreset")

    anna.page.route("**/join/send", lose, times=1)
    anna.touch(PRIMARY)
    expect(anna.page.locator(NO_CONNECTION)).to_be_visible()
    assert len(kept_joins(server.library.data)) == before + 1
    server.comes_back()
    anna.at("join/receipt")
    joins = kept_joins(server.library.data)
    assert len(joins) == before + 1
    assert anna.shown_code.replace(" ", "") == joins[-1]["reference"]
    screen.forgive(GONE)


def test_when_send_never_arrived_it_is_sent_again_by_itself(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.is_led_to("check")
    before = len(kept_joins(server.library.data))

    def lose(route: Route) -> None:
        server.dies()
        route.abort("connectionreset")

    anna.page.route("**/join/send", lose, times=1)
    anna.touch(PRIMARY)
    expect(anna.page.locator(NO_CONNECTION)).to_be_visible()
    assert len(kept_joins(server.library.data)) == before
    server.comes_back()
    anna.at("join/receipt")
    assert len(kept_joins(server.library.data)) == before + 1
    screen.forgive(GONE)


def test_nobody_is_told_that_nothing_was_sent_when_nobody_can_know(
    anna: Resident, server: Server, screen: Screens
) -> None:
    anna.page.clock.install()
    anna.is_led_to("check", answers={"first-name": {"first_name": "Qzjxwvkq"}})

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        server.dies()
        route.abort("connectionreset")

    anna.page.route("**/join/send", lose, times=1)
    anna.touch(PRIMARY)
    lost = anna.page.locator(NO_CONNECTION)
    expect(lost).to_be_visible()
    passes(anna, 70)
    expect(lost.locator(".sorry")).not_to_be_visible()
    expect(lost.locator(".unsure")).to_contain_text("Staff at the desk help you")
    assert "Qzjxwvkq" not in anna.page.content()
    screen.forgive(GONE)


def test_a_refused_send_says_why(anna: Resident, server: Server, screen: Screens) -> None:
    anna.is_led_to("check")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    server.library.settle("joins_an_hour", "1")
    try:
        anna.is_led_to("check")
        anna.touch(PRIMARY)
        expect(anna.page).to_have_title(re.compile("^Error: "))
        expect(anna.page.locator("h1:visible")).to_contain_text("Too many people joined here just now.")
        screen.forgive("429 from")
    finally:
        server.library.settle("joins_an_hour", "null")


def test_the_answers_on_the_disk_survive_a_server_that_dies(anna: Resident, server: Server) -> None:
    """What was answered before is there after the restart, and readable with the cookie only."""
    anna.is_led_to("family-name", answers={"first-name": {"first_name": "Qzjxwvkq"}})
    server.dies()
    for file in server.library.data.iterdir():
        assert b"Qzjxwvkq" not in file.read_bytes(), file.name
    server.comes_back()
    anna.touch("[name=instead]")
    anna.at("join/check")
    expect(anna.page.locator(".rows")).to_contain_text("Qzjxwvkq")
