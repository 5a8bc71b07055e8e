"""Whoever comes to the screen next finds nothing of whoever was there before: not by Back, not anywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Error, Page, expect

from kiosk import create_app
from kiosk.visits import Visit
from tests.browser.conftest import Library, Screens, back
from tests.browser.resident import (
    COLOURS,
    FINISH,
    LARGER,
    PRIMARY,
    STILL_HERE,
    TEXT_QUESTIONS,
    Resident,
    kept_visits,
)

MARK = "Qzjxwvkq"

ALL_THAT_A_PAGE_HOLDS = """async () => {
  if (document.readyState !== "complete") return null;
  if (location.protocol === "about:") return document.documentElement.outerHTML;
  const held = [document.documentElement.outerHTML, document.title, location.href, document.cookie];
  for (const field of document.querySelectorAll("input, textarea")) held.push(field.value);
  held.push(JSON.stringify(history.state), JSON.stringify(sessionStorage), JSON.stringify(localStorage));
  for (const name of await caches.keys()) {
    held.push(name);
    for (const request of await (await caches.open(name)).keys()) held.push(request.url);
  }
  held.push(JSON.stringify(await indexedDB.databases()));
  held.push(JSON.stringify(performance.getEntriesByType("resource").map((each) => each.name)));
  return held.join(" ");
}"""


def all_held(page: Page) -> str:
    """Everything that a page, and the storage of its browser, hold; on Chromium's own pages what they show.

    Asked again when the page is being left at that moment: it is what comes after it that stays.
    """
    for _again in range(100):
        if page.url.startswith("chrome-error:"):
            return page.content()
        try:
            held = page.evaluate(ALL_THAT_A_PAGE_HOLDS)
        except Error as error:
            if "navigation" not in str(error):
                raise
        else:
            if held is not None:
                return str(held)
        page.wait_for_timeout(50)
    raise AssertionError("The page does not come to rest.")


def assert_forgotten(page: Page, mark: str = MARK) -> None:
    assert mark.casefold() not in all_held(page).casefold()


def goes_back(page: Page) -> None:
    """Touch Back; once more when the page was just being replaced."""
    for again in (True, False):
        try:
            back(page)
        except Error as error:
            if not again or not ("Not attached" in str(error) or "ERR_ABORTED" in str(error)):
                raise
            page.wait_for_timeout(200)
        else:
            return


def looks_around(page: Page, mark: str = MARK, backs: int = 3) -> None:
    """The next person: Back again and again, reload, Forward, a tab of her own."""
    assert_forgotten(page, mark)
    expect(page.locator("html")).to_have_attribute("data-text", "100")
    expect(page.locator("html")).to_have_attribute("data-theme", "paper")
    address = page.url
    for _step in range(backs):
        goes_back(page)
        assert_forgotten(page, mark)
    expect(page).to_have_url(re.compile(f"about:blank|chrome-error:.*|{re.escape(address)}"))
    page.goto("/")
    page.reload()
    assert_forgotten(page, mark)
    tab = page.context.new_page()
    tab.goto(address)
    assert_forgotten(tab, mark)
    tab.close()


def assert_nothing_kept(library: Library, mark: str) -> None:
    for file in (*library.data.iterdir(), library.log):
        held = file.read_bytes().lower()
        assert mark.lower().encode() not in held, file.name
        assert mark.lower().encode("utf-16-le") not in held, file.name


def mark_for(question: str) -> str:
    """As much of the mark as the box takes; a year has four places."""
    return MARK[:4] if question == "year" else MARK


def by_finish(anna: Resident) -> None:
    anna.touch(FINISH)


def by_idle(anna: Resident) -> None:
    anna.page.clock.run_for(181_000)


def by_home(anna: Resident) -> None:
    anna.page.goto("/")


LEAVING = {"finish": by_finish, "idle": by_idle, "the first screen": by_home}


@pytest.mark.parametrize("leaving", LEAVING)
@pytest.mark.parametrize("question", TEXT_QUESTIONS)
def test_the_next_person_sees_nothing_of_the_last(
    screen: Screens, library: Library, question: str, leaving: str
) -> None:
    mark = mark_for(question)
    anna = Resident(screen())
    if leaving == "idle":
        anna.page.clock.install()
    anna.is_led_to(question)
    anna.box.focus()
    anna.page.keyboard.type(mark)
    anna.touch(LARGER)
    anna.touch(COLOURS)
    assert mark in anna.box.input_value()
    visit = anna.visit_id()
    assert visit in kept_visits(library.data)
    LEAVING[leaving](anna)
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)
    assert anna.visit_id() != visit
    looks_around(anna.page, mark)
    assert_nothing_kept(library, mark)


@pytest.fixture
def answered(screen: Screens) -> Resident:
    """A resident with marked answers, before she looks them over."""
    anna = Resident(screen())
    anna.is_led_to("check", answers={
        "contact": {"contact": "email"},
        "email": {"email": f"{MARK}@example.org"},
        "phone": {},
        "postcode": {"postcode": MARK, "instead": "as-written"},
        "first-name": {"first_name": MARK},
        "family-name": {"family_name": f"{MARK}-{MARK}"},
    })  # fmt: skip
    expect(anna.page.locator(".rows")).to_contain_text(MARK)
    return anna


@pytest.mark.parametrize("leaving", [by_finish, by_home])
def test_answers_that_were_looked_over_and_not_sent_are_gone(
    answered: Resident, library: Library, leaving: Any
) -> None:
    visit = answered.visit_id()
    leaving(answered)
    answered.at_first_screen()
    assert visit not in kept_visits(library.data)
    looks_around(answered.page)
    assert_nothing_kept(library, MARK)


def test_answers_that_were_sent_are_gone_with_the_receipt(answered: Resident, library: Library) -> None:
    answered.touch(PRIMARY)
    answered.at("join/receipt")
    assert_forgotten(answered.page)
    code, visit = answered.shown_code, answered.visit_id()
    answered.touch(FINISH)
    answered.at("how/")
    assert visit not in kept_visits(library.data)
    assert code not in all_held(answered.page)
    answered.says_nothing()
    assert visit not in kept_visits(library.data)
    looks_around(answered.page)
    for address in ("/en/join/receipt", "/en/join/send", "/en/join/check", "/en/join/first-name"):
        answered.page.goto(address)
        answered.at_first_screen()
        assert code not in all_held(answered.page)
    assert_nothing_kept(library, MARK)


def test_back_ten_times_leads_nowhere(screen: Screens) -> None:
    anna = Resident(screen())
    anna.is_led_to("first-name")
    anna.page.keyboard.type(MARK)
    for path in ("join/postcode", "join/family-name", "join/needs", "language", "join/first-name"):
        anna.page.goto(f"/en/{path}")
    anna.page.keyboard.type(MARK)
    anna.touch(FINISH)
    anna.at_first_screen()
    looks_around(anna.page, backs=10)


def test_a_mistake_that_was_shown_again_does_not_come_back(screen: Screens) -> None:
    anna = Resident(screen())
    anna.is_led_to("email")
    anna.page.keyboard.type(MARK)
    anna.touch(PRIMARY)
    expect(anna.box).to_have_value(MARK)
    anna.touch(FINISH)
    anna.at_first_screen()
    looks_around(anna.page)


def test_what_was_put_aside_is_gone_too(screen: Screens) -> None:
    anna = Resident(screen())
    anna.is_led_to("first-name")
    anna.page.keyboard.type(MARK)
    anna.touch("[name=aside][value=language]")
    anna.at("language?from=/en/join/first-name")
    anna.page.goto("/")
    looks_around(anna.page)


def test_a_page_out_of_the_browsers_memory_shows_nothing(screen: Screens) -> None:
    """Back to a page of another visit that Chromium kept whole, with all that was written in it."""
    anna = Resident(screen())
    anna.is_led_to("first-name")
    anna.page.keyboard.type(MARK)
    anna.page.goto("/en/join/privacy")
    other = anna.page.context.new_page()
    other.goto("/")
    back(anna.page)
    anna.at_first_screen()
    assert_forgotten(anna.page)


def test_a_person_who_goes_back_in_her_own_visit_finds_her_page(screen: Screens) -> None:
    anna = Resident(screen())
    anna.is_led_to("first-name")
    anna.page.goto("/en/join/postcode")
    expect(anna.box).to_have_value("IP1 1AA")
    back(anna.page)
    anna.at("join/first-name")
    expect(anna.page.locator("h1:visible")).to_be_visible()


def test_size_colours_and_english_go_back_to_what_the_library_chose(screen: Screens) -> None:
    anna = Resident(screen())
    anna.come("ar")
    anna.touch(LARGER)
    anna.touch(LARGER)
    anna.touch(COLOURS)
    anna.touch(".tools .language")
    anna.at("language?from=/ar/")
    anna.touch("[name=value][value=hide]")
    anna.at("")
    html = anna.page.locator("html")
    expect(html).to_have_attribute("data-text", "200")
    expect(html).to_have_attribute("data-theme", "strong")
    expect(anna.page.locator("h1 .eng")).to_have_count(0)
    anna.page.goto("/")
    expect(html).to_have_attribute("data-text", "100")
    expect(html).to_have_attribute("data-theme", "paper")
    expect(html).to_have_attribute("lang", "en")
    anna.touch(".tongues [hreflang=ar]")
    anna.at("")
    expect(html).to_have_attribute("data-text", "100")
    expect(anna.page.locator("h1:visible .eng")).to_have_count(1)


def test_size_and_colours_chosen_on_the_first_screen_last_into_the_visit_but_not_past_it(
    screen: Screens,
) -> None:
    anna = Resident(screen())
    html = anna.page.locator("html")
    anna.page.goto("/")
    with anna.page.expect_response("**/display"):
        anna.touch(LARGER)
    anna.touch(".tongues [hreflang=pl]")
    anna.tag = "pl"
    anna.at("")
    expect(html).to_have_attribute("data-text", "140")
    anna.page.goto("/")
    expect(html).to_have_attribute("data-text", "100")


def test_the_first_screen_forgets_size_and_colours_by_itself(screen: Screens) -> None:
    anna = Resident(screen())
    anna.page.clock.install()
    anna.page.goto("/")
    html = anna.page.locator("html")
    with anna.page.expect_response("**/display"):
        anna.touch(COLOURS)
    expect(html).to_have_attribute("data-theme", "strong")
    anna.page.clock.run_for(61_000)
    expect(html).to_have_attribute("data-theme", "paper")
    anna.at_first_screen()


def test_the_cookie_changes_where_something_personal_begins_and_goes_at_the_end(screen: Screens) -> None:
    anna = Resident(screen())
    anna.come()
    before = anna.visit_id()
    anna.begin()
    during = anna.visit_id()
    assert during
    assert during != before
    old = next(cookie for cookie in anna.page.context.cookies() if cookie.get("name") == "visit")
    assert old.get("httpOnly")
    assert old.get("sameSite") == "Strict"
    assert old.get("expires") == -1
    anna.touch(FINISH)
    anna.at_first_screen()
    assert anna.visit_id() not in (before, during)
    anna.page.context.add_cookies([{"name": "visit", "value": str(old.get("value")), "url": anna.page.url}])
    anna.page.goto("/en/join/year")
    anna.at_first_screen()


def test_a_larger_text_that_arrives_late_does_not_bring_a_finished_visit_back(
    screen: Screens, library: Library
) -> None:
    anna = Resident(screen())
    anna.is_led_to("year")
    visit = anna.visit_id()
    kept = [{"name": "visit", "value": str(each.get("value")), "url": anna.page.url}
            for each in anna.page.context.cookies()]  # fmt: skip
    late = anna.page.locator("#alive input[name=csrf_token]").get_attribute("value") or ""
    anna.touch(FINISH)
    anna.at_first_screen()
    anna.page.context.add_cookies(kept)  # type: ignore[arg-type]
    anna.page.context.request.post("/en/display", form={"csrf_token": late, "change": "text"})
    anna.page.goto("/en/join/year")
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)


def test_two_things_done_at_the_same_moment_both_hold_and_neither_outlives_the_visit(
    library: Library,
) -> None:
    """A larger text is sent beside the answer to a question: both were read before either was written."""
    app = create_app(library.data)
    store, lifetime = app.extensions["store"], timedelta(minutes=6)

    def keep(visit: Visit) -> None:
        with store.write() as db:
            visit.keep(db, lifetime)

    def read() -> dict[str, Any]:
        with store.read() as db:
            return first.open(db.value("SELECT sealed FROM visits WHERE id = :id", id=first.id))

    try:
        first = Visit.begin()
        first["begun"] = True
        keep(first)
        larger, answer, end, late = (Visit(first.token, read()) for _request in range(4))
        larger["display"] = {"text": 140}
        answer["join"] = {"steps": {"year": {"year": "1990"}}}
        keep(larger)
        keep(answer)
        assert read()["display"] == {"text": 140}
        assert read()["join"] == {"steps": {"year": {"year": "1990"}}}
        end.end()
        keep(end)
        late["display"] = {"text": 200}
        keep(late)
        assert late.ended
        assert first.id not in kept_visits(library.data)
    finally:
        store.close()


def test_every_link_and_form_of_the_screens_leads_to_this_kiosk(screen: Screens, library: Library) -> None:
    """Crawl what a visitor can touch, in every language that is offered; nothing leads anywhere else."""
    request = screen().context.request
    seen: set[str] = set()
    kinds: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        kind = re.sub(r"/[0-9a-f]{16,}", "/...", path.split("?")[0])
        if kind in kinds:
            continue  # one event, one list, one choice of filters is like the other
        kinds.add(kind)
        seen.add(path)
        answer = request.get(path)
        page = BeautifulSoup(answer.text(), "html.parser")
        for tag in page.select("[href], [src], [action], [formaction]"):
            for name in {"href", "src", "action", "formaction"} & tag.attrs.keys():
                address = urljoin(answer.url, str(tag[name]))
                assert address.startswith(f"{library.url}/"), address
                assert not tag.has_attr("target"), tag
                found = address.split("#")[0].removeprefix(library.url)
                if tag.name == "a" and found not in seen and found not in waiting and "from=" not in found:
                    waiting.append(found)
        assert not page.select("base, [download], [type=file], iframe, object, embed"), path
    assert {"/en/", "/ar/join/", "/ti/join/privacy"} <= seen


@pytest.mark.parametrize("what", ["contextmenu", "dragstart", "gesturestart"])
def test_the_browser_offers_nothing_besides_the_page(screen: Screens, what: str) -> None:
    anna = Resident(screen())
    anna.is_led_to("first-name")
    stopped = anna.page.evaluate(
        "what => !document.querySelector('.box').dispatchEvent("
        "new Event(what, { bubbles: true, cancelable: true }))",
        what,
    )
    assert stopped
    assert not anna.page.locator(STILL_HERE).is_visible()


def test_no_screen_listens_for_what_only_some_hands_can_do(screen: Screens) -> None:
    """No pinch, no drag, no long press, no two fingers: no script of ours asks for any of it."""
    wanted = ("touchmove", "gesturechange", "pointercancel", "dblclick", "drop", "swipe")
    scripts = Path(__file__).parents[2] / "static"
    for name in ("visit.js", "screen.js", "connection.js", "attract.js"):
        text = (scripts / name).read_text("utf-8")
        assert not [each for each in wanted if each in text], name
        for storage in ("localStorage", "sessionStorage", "indexedDB", "caches", "document.cookie"):
            assert storage not in text, name
