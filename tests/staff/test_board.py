"""The board: what it shows, who may leave it open, and what a board left open gives away."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from kiosk import branches, create_app
from kiosk.help import records, slots
from kiosk.help.records import Request
from kiosk.people import accounts, boards, sessions
from kiosk.people.accounts import Role
from kiosk.settings import effective
from tests.events.desks import Desk
from tests.help.desks import NAME, ask
from tests.staff.conftest import PASSWORD, Browser, Library

pytestmark = pytest.mark.patient

IDLE = sessions.IDLE + timedelta(seconds=1)


def token(browser: Browser) -> str:
    """Of the forms in the part that changes."""
    return str(browser.page.select("input[name=csrf_token]")[-1]["value"])


def poll(browser: Browser, **query: str) -> TestResponse:
    """The browser asks for news, with what it has, and takes what has changed into the page."""
    have = browser.page.select_one("#live input[name=seen]")
    answer = browser.client.get(
        "/staff/board/live",
        query_string={"seen": str(have["value"]) if have else "", **query},
        headers={"HX-Request": "true"},
    )
    if answer.status_code == 200:
        for part in BeautifulSoup(answer.text, "html.parser").find_all(["section", "div"], recursive=False):
            old = browser.page.select_one(f"#{part['id']}")
            assert old is not None
            old.replace_with(part)
    return answer


def rows(browser: Browser) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in browser.page.select(".waits li")]


def counted(browser: Browser) -> tuple[str, str]:
    live = browser.page.select_one("#live")
    assert live is not None
    return str(live["data-count"]), str(len(str(live["data-alarms"]).split()))


def alarms(browser: Browser) -> list[str]:
    """Why the board sounds, without the ids of the requests."""
    live = browser.page.select_one("#live")
    assert live is not None
    return [each.partition("-")[2] for each in str(live["data-alarms"]).split()]


@pytest.fixture
def anna(library: Library) -> Browser:
    browser = library.browser("anna")
    assert browser.get("/staff/board").status_code == 200
    return browser


# -- what it shows ------------------------------------------------------------------------------------------


def test_staff_begin_at_the_board(library: Library) -> None:
    assert library.browser("anna").get("/staff/").location == "/staff/board"


def test_a_request_is_on_the_board_at_the_next_question(library: Library, anna: Browser) -> None:
    assert "Nobody is waiting." in anna.words
    assert poll(anna).status_code == 204
    ask(library)
    assert poll(anna).status_code == 200
    assert rows(anna) == [
        "1 A letter or form At the screen Tigrinya Entrance 0 min Waiting Take I am coming now"
    ]
    assert counted(anna) == ("1", "0")
    assert poll(anna).status_code == 204


def test_the_board_names_nobody(library: Library, anna: Browser) -> None:
    ask(library, way="ring")
    for page in (poll(anna), anna.get("/staff/board")):
        assert NAME not in page.text
        assert "7700" not in page.text


def test_who_does_not_feel_safe_is_first_and_is_named_neutrally(library: Library, anna: Browser) -> None:
    ask(library, "book")
    ask(library, "unsafe")
    answer = poll(anna)
    assert [row.split()[1:3] for row in rows(anna)] == [["Private", "word"], ["Find", "a"]]
    assert "safe" not in answer.text.lower()
    assert counted(anna) == ("2", "1")


def test_what_she_wants_stands_there_as_pictures_with_words(library: Library, anna: Browser) -> None:
    request = ask(library, language="ar")
    with library.store.write() as db:
        records.add_wants(db, request.id, ["private", "interpreter", "child"], "bsl")
    poll(anna)
    flags = [flag.get_text() for flag in anna.page.select(".which .flag")]
    assert flags == ["In private", "Interpreter: British Sign Language", "With a child"]
    assert all(flag.find("svg") for flag in anna.page.select(".which .flag"))


def test_joins_and_bookings_wait_on_the_board_too(library: Library, anna: Browser) -> None:
    desk = Desk(library)
    event = desk.add("Chair yoga", booking="book", capacity=5, pence=300)
    desk.book(event)
    desk.book(event)
    with library.store.write() as db:
        db.insert(
            "joins", id="j1", one_time_key="k", reference="ABCDEFGHJK", branch_id=library.central,
            kiosk_id=library.screen, language="pl", notice_version="1", state="new", sealed=b"",
            created_at=datetime.now(UTC).isoformat(), changed_at=datetime.now(UTC).isoformat(),
            purge_after=datetime.now(UTC).isoformat(), kind="child",
        )  # fmt: skip
    assert poll(anna).status_code == 200
    found = rows(anna)
    assert any("Bookings to be paid: 2 Chair yoga, Tue 10 Mar, 11:00" in row for row in found)
    assert "Wants to join A child Polish Entrance 0 min" in found
    assert counted(anna) == ("0", "0"), "only who asks for help now is counted"
    ned = library.browser("ned")
    ned.get("/staff/board")
    assert rows(ned) == []


def test_a_date_that_left_its_calendar_waits_for_somebody_to_decide(library: Library, anna: Browser) -> None:
    desk = Desk(library)
    event = desk.add("Story time", booking="book", source="feed", identity="1")
    desk.book(event, 2)
    with library.store.write() as db:
        db.run("UPDATE occurrences SET gone_at = :now", now=datetime.now(UTC).isoformat())
    poll(anna)
    assert any("Gone from its calendar. People who booked: 2 Story time" in row for row in rows(anna))


def test_many_joins_do_not_push_the_rest_away(library: Library, anna: Browser) -> None:
    with library.store.write() as db:
        for number in range(30):
            at = (datetime.now(UTC) + timedelta(seconds=number)).isoformat()
            db.insert(
                "joins", id=f"j{number}", one_time_key=f"k{number}", reference=f"R{number}",
                branch_id=library.central, language="pl", notice_version="1", state="new", sealed=b"",
                created_at=at, changed_at=at, purge_after=at,
            )  # fmt: skip
    poll(anna)
    assert len(rows(anna)) == 7
    assert "More who want to join: 24" in rows(anna)


def test_a_branch_sees_its_own_and_a_manager_chooses(library: Library) -> None:
    ask(library, "book")
    ask(library, "jobs", branch=library.north)
    seen = {}
    for username, path in [
        ("anna", "/staff/board"),
        ("anna", f"/staff/board?branch={library.north}"),
        ("ned", "/staff/board"),
        ("manager", "/staff/board"),
        ("manager", f"/staff/board?branch={library.north}"),
    ]:
        browser = library.browser(username)
        browser.get(path)
        seen[username, path[12:]] = {row.split()[1] for row in rows(browser)}
    assert list(seen.values()) == [{"Find"}, {"Find"}, {"Jobs"}, {"Find", "Jobs"}, {"Jobs"}]


def test_minutes_go_on_without_a_change(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    ask(library)
    poll(anna)
    clock.shift(timedelta(seconds=59))
    poll(anna)
    clock.shift(timedelta(seconds=1))
    assert poll(anna).status_code == 200
    assert "1 min" in rows(anna)[0]


# -- nobody answers -----------------------------------------------------------------------------------------


def test_late_sounds_again_and_very_late_is_on_the_neighbours_board(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    with library.store.write() as db:
        branches.set_neighbours(db, library.central, [library.north])
    ned, manager = library.browser("ned"), library.browser("manager")
    ned.get("/staff/board")
    manager.get(f"/staff/board?branch={library.north}")
    ask(library)
    poll(anna)
    assert counted(anna) == ("1", "0")
    clock.shift(timedelta(minutes=5))
    assert poll(anna).status_code == 200
    assert counted(anna) == ("1", "1")
    assert "Late" in rows(anna)[0]
    assert poll(ned).status_code == 204
    clock.shift(timedelta(minutes=5))
    poll(anna)
    assert "Very late" in rows(anna)[0]
    assert alarms(anna) == ["late-2"], "another alarm than before"
    for other in (ned, manager):
        poll(other, branch=library.north)
        assert "Central Library · Entrance" in rows(other)[0]
    answer = ned.post(f"/staff/board/{first(library).id}/take")
    assert answer.status_code == 303
    assert first(library).handler == "Ned"


def test_what_can_wait_is_shown_and_neither_sounds_nor_counts(library: Library, anna: Browser) -> None:
    assert "that nobody has taken" not in anna.words
    ask(library, way="message")
    ring = ask(library, way="ring")
    poll(anna)
    assert counted(anna) == ("0", "0")
    assert len(rows(anna)) == 2
    assert "Calls, messages and booked times that nobody has taken: 2" in anna.words
    assert not anna.page.select(".waits .number"), "they wait with no number"
    ask(library, "unsafe", "message")
    poll(anna)
    assert (counted(anna)[0], alarms(anna)) == ("1", ["quiet"])
    anna.post(f"/staff/board/{ring.id}/take")
    anna.get("/staff/board")
    assert "that nobody has taken: 1" in anna.words


def test_a_booked_time_sounds_when_it_comes_and_again_when_nobody_does(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    with library.store.write() as db:
        slot = slots.add(db, library.central, datetime.now(UTC) + timedelta(hours=1), 30, datetime.now(UTC))
    ask(library, "jobs")
    ask(library, way="time", slot_id=slot.id)
    poll(anna)
    assert (counted(anna)[0], alarms(anna)) == ("1", [])
    anna.post(f"/staff/board/{first(library).id}/take", now="yes")
    clock.shift(timedelta(minutes=49, seconds=59))
    anna.sign_in("anna")
    anna.get("/staff/board")
    assert (counted(anna)[0], alarms(anna)) == ("0", [])
    clock.shift(timedelta(seconds=1))
    poll(anna)
    assert (counted(anna)[0], alarms(anna)) == ("1", ["due"])
    clock.shift(timedelta(minutes=15))
    poll(anna)
    assert alarms(anna) == ["due", "late-1"]


def test_who_is_asked_by_a_colleague_hears_it_and_it_waits_till_somebody_takes_it(
    library: Library, anna: Browser
) -> None:
    library.add("sam", "Sam Okafor", Role.BRANCH, library.central)
    sam, manager = library.browser("sam"), library.browser("manager")
    request, _other = ask(library), ask(library, "jobs")
    anna.post(f"/staff/board/{request.id}/take")
    sam.get("/staff/board")
    manager.get(f"/staff/board?branch={library.north}")
    assert (counted(sam)[0], rows(manager)) == ("1", [])
    anna.get(f"/staff/help/{request.id}")
    anna.post(f"/staff/help/{request.id}/pass", colleague=library.person_id("sam"))
    poll(sam)
    assert (counted(sam)[0], alarms(sam)) == ("2", ["asked"])
    assert "A colleague is asked · Sam Take I am coming now" in rows(sam)[0]
    anna.get("/staff/board")
    assert (counted(anna)[0], alarms(anna)) == ("2", [])
    anna.get(f"/staff/help/{request.id}")
    anna.post(f"/staff/help/{request.id}/pass", colleague=library.person_id("manager"))
    poll(manager, branch=library.north)
    assert alarms(manager) == ["asked"], "also at the board of another branch"
    manager.post(f"/staff/board/{request.id}/take", branch=library.north)
    manager.get(f"/staff/board?branch={library.north}")
    assert "Said 3 minutes at 09:00 · Maria" in rows(manager)[0]
    assert alarms(manager) == []


def test_who_took_it_and_did_not_come_leaves_it_to_others(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    library.add("sam", "Sam Okafor", Role.BRANCH, library.central)
    sam = library.browser("sam")
    sam.get("/staff/board")
    request = ask(library)
    anna.post(f"/staff/board/{request.id}/take")
    poll(sam)
    assert counted(sam) == ("0", "0")
    clock.shift(timedelta(minutes=8))
    poll(sam)
    assert (counted(sam)[0], alarms(sam)) == ("1", ["late-1"])
    assert sam.post(f"/staff/board/{request.id}/take", now="yes").status_code == 303
    assert first(library).handler == "Sam"


def first(library: Library) -> Request:
    with library.store.read() as db:
        return records.find(db, str(db.value("SELECT id FROM help_requests ORDER BY created_at")))


# -- taking it ----------------------------------------------------------------------------------------------


def test_one_touch_takes_it_and_another_says_that_she_comes(library: Library, anna: Browser) -> None:
    request = ask(library)
    poll(anna)
    assert anna.post(f"/staff/board/{request.id}/take").location == "/staff/board"
    assert (first(library).state, first(library).minutes) == ("taken", 3)
    anna.get("/staff/board")
    assert "Said 3 minutes at 09:00 · Anna" in rows(anna)[0]
    assert counted(anna) == ("0", "0")
    assert anna.post(f"/staff/board/{request.id}/take", now="yes").status_code == 303
    assert first(library).state == "coming"
    assert ("anna", "help taken", request.id) in library.log()


def test_with_htmx_the_rest_of_the_page_stays_as_it_is(library: Library, anna: Browser) -> None:
    request = ask(library)
    poll(anna)
    answer = anna.client.post(
        f"/staff/board/{request.id}/take",
        data={"csrf_token": token(anna)},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<section")
    assert "Said 3 minutes" in answer.text


def test_two_take_it_at_once_and_one_is_told_who_has_it(library: Library) -> None:
    library.add("sam", "Sam Okafor", Role.BRANCH, library.central)
    request = ask(library)
    browsers = [library.browser("anna"), library.browser("sam")]
    for browser in browsers:
        browser.get("/staff/board")
    together = threading.Barrier(2)
    answers: dict[int, TestResponse] = {}

    def touch(number: int) -> None:
        together.wait(20)
        answers[number] = browsers[number].post(f"/staff/board/{request.id}/take")

    threads = [threading.Thread(target=touch, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    loser = next(number for number, answer in answers.items() if answer.status_code == 409)
    assert f"{first(library).handler} has it already." in browsers[loser].words
    assert first(library).handler == ("Sam", "Anna")[loser]


def test_what_was_cancelled_or_passed_to_another_branch_says_so(library: Library, anna: Browser) -> None:
    gone, moved = ask(library), ask(library)
    now = datetime.now(UTC)
    with library.store.write() as db:
        records.cancel(db, gone.id, now)
        records.pass_to_branch(
            db, moved.id, library.north, accounts.find(db, library.person_id("ned")),
            settings=effective(db, library.north), now=now,
        )  # fmt: skip
    assert anna.post(f"/staff/board/{gone.id}/take").status_code == 409
    assert "It is over already." in anna.words
    assert anna.post(f"/staff/board/{moved.id}/take").status_code == 409
    assert "It is at another branch now." in anna.words


# -- a board left open --------------------------------------------------------------------------------------


def test_polling_is_no_activity_and_the_board_stays_live_without_a_sign_in(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    request = ask(library)
    for _ in range(20):
        clock.shift(timedelta(minutes=1))
        assert poll(anna).status_code in (200, 204)
    assert "Nobody is signed in here." in anna.words
    for path in (f"/staff/help/{request.id}", "/staff/joins/", "/staff/how-it-was"):
        assert anna.client.get(path).location == f"/staff/sign-in?next={path}"
    assert anna.post(f"/staff/board/{request.id}/take").location == "/staff/sign-in"
    assert first(library).state == "waiting"
    ask(library, "jobs")
    assert poll(anna).status_code == 200
    assert len(rows(anna)) == 2
    answer = anna.get("/staff/board")
    assert answer.status_code == 200
    assert "Refresh" not in answer.headers
    assert anna.page.select_one("nav.sections") is None


def test_a_touch_after_the_sign_in_has_ended_leads_to_the_door_and_back(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    request = ask(library)
    clock.shift(IDLE)
    answer = anna.client.post(
        f"/staff/board/{request.id}/take",
        data={"csrf_token": token(anna)},
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/staff/sign-in")
    assert anna.sign_in("anna").location == "/staff/"
    assert anna.get("/staff/").location == "/staff/board"
    anna.get("/staff/board")
    assert anna.post(f"/staff/board/{request.id}/take").status_code == 303
    assert first(library).handler == "Anna"


def test_the_idle_page_is_not_thrown_out(library: Library) -> None:
    assert "Refresh" not in library.browser("anna").get("/staff/board").headers


def test_after_signing_out_the_board_is_closed(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    anna.get("/staff/board")
    assert anna.post("/staff/sign-out").status_code == 303
    ask(library)
    assert anna.client.get("/staff/board").location == "/staff/sign-in?next=/staff/board"
    answer = anna.client.get("/staff/board/live", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["HX-Redirect"].startswith("/staff/sign-in")
    with library.store.read() as db:
        assert db.all("SELECT id FROM boards") == []


def test_a_cookie_that_was_copied_opens_nothing_after_signing_out(library: Library, anna: Browser) -> None:
    copied = anna.client.get_cookie("board", path="/staff/")
    assert copied is not None
    anna.post("/staff/sign-out")
    thief = library.browser()
    thief.client.set_cookie("board", copied.value, path="/staff/")
    assert thief.client.get("/staff/board").status_code == 303


def test_a_colleague_who_signs_in_at_the_same_browser_closes_it_as_her_own(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    clock.shift(IDLE)
    poll(anna)
    shown = anna.page
    assert anna.sign_in("ned").status_code == 303
    anna.page = shown
    ask(library)
    poll(anna)
    assert rows(anna) == [], "she sees her own branch, and not that of who opened the board"
    assert "Ned North" in anna.words
    clock.shift(IDLE)
    poll(anna)
    assert rows(anna) == []
    assert anna.sign_in("ned").status_code == 303
    anna.get("/staff/board")
    assert anna.post("/staff/sign-out").status_code == 303
    assert anna.client.get("/staff/board").status_code == 303


def test_a_board_can_be_closed_by_whoever_stands_before_it(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    clock.shift(IDLE)
    anna.get("/staff/board")
    assert anna.post("/staff/board/close").status_code == 303
    assert anna.client.get("/staff/board").status_code == 303


def test_who_cannot_sign_in_any_more_has_no_board(library: Library, clock: time_machine.Traveller) -> None:
    manager = library.browser("manager")
    for act in ("disable", "password"):
        anna = library.browser("anna")
        anna.get("/staff/board")
        clock.shift(IDLE)
        assert poll(anna).status_code == 200, "it lasts longer than the sign-in"
        manager.sign_in("manager")
        manager.get(f"/staff/people/{library.person_id('anna')}")
        assert manager.post(f"/staff/people/{library.person_id('anna')}/{act}").status_code in (200, 303)
        assert "HX-Redirect" in poll(anna).headers
        if act == "disable":
            manager.get(f"/staff/people/{library.person_id('anna')}")
            manager.post(f"/staff/people/{library.person_id('anna')}/enable")
            assert "HX-Redirect" in poll(anna).headers, "an account that is let in again has no old board"


def test_a_board_of_one_branch_never_shows_another(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    ask(library, "jobs", branch=library.north)
    for place in (library.north, "", "nowhere"):
        poll(anna, branch=place)
        assert rows(anna) == []
    clock.shift(IDLE)
    for place in (library.north, "", "nowhere"):
        poll(anna, branch=place)
        assert rows(anna) == []
        anna.get(f"/staff/board?branch={place}")
        assert rows(anna) == []
        assert "North Library" not in anna.words


def test_a_manager_leaves_open_what_she_chose(library: Library, clock: time_machine.Traveller) -> None:
    ask(library, "book", "message")
    ask(library, "jobs", "message", branch=library.north)
    browser = library.browser("manager")
    browser.get(f"/staff/board?branch={library.north}")
    clock.shift(IDLE)
    poll(browser, branch="")
    assert [row.split()[0] for row in rows(browser)] == ["Jobs"]
    browser.sign_in("manager")
    browser.get("/staff/board?branch=")
    clock.shift(IDLE)
    poll(browser, branch=library.central)
    assert [row.split()[0] for row in rows(browser)] == ["Find"]


def test_a_board_ends_a_day_after_somebody_signed_in_saw_it(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=23, minutes=59))
    assert poll(anna).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert "HX-Redirect" in poll(anna).headers
    with library.store.write() as db:
        assert boards.sweep(db, datetime.now(UTC)) == 1


def test_an_open_board_is_seen_and_a_closed_one_is_not(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    def seen_at() -> str:
        with library.store.read() as db:
            return str(db.value("SELECT seen_at FROM boards"))

    before = seen_at()
    clock.shift(timedelta(seconds=20))
    poll(anna)
    assert seen_at() == before, "the disk is not written to at every poll"
    clock.shift(timedelta(seconds=1))
    poll(anna)
    assert seen_at() > before
    clock.shift(IDLE)
    poll(anna)
    assert seen_at() == datetime.now(UTC).isoformat()


def test_the_cookie_of_a_board_is_for_staff_pages_and_not_for_scripts(library: Library) -> None:
    browser = library.browser("anna")
    answer = browser.get("/staff/board")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("board="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/staff/"} <= set(cookie.split("; "))
    value = cookie.split(";")[0].removeprefix("board=")
    with library.store.read() as db:
        assert value not in str(db.all("SELECT * FROM boards")), "only its hash is kept"


def test_behind_https_the_cookie_needs_it_too(tmp_path: Path, clock: time_machine.Traveller) -> None:
    library = Library(create_app(tmp_path / "data", HTTPS=True))
    client = library.app.test_client()
    page = client.get("/staff/sign-in", base_url="https://localhost")
    field = BeautifulSoup(page.text, "html.parser").select_one("input[name=csrf_token]")
    assert field is not None
    client.post(
        "/staff/sign-in", base_url="https://localhost",
        data={"csrf_token": field["value"], "username": "anna", "password": PASSWORD},
    )  # fmt: skip
    answer = client.get("/staff/board", base_url="https://localhost")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if "board=" in each)
    assert cookie.startswith("__Secure-board=")
    assert "Secure" in cookie.split("; ")
    library.store.close()


def test_an_administrator_has_no_board(library: Library) -> None:
    browser = library.browser("it")
    assert browser.get("/staff/board").status_code == 403
    answer = browser.client.get("/staff/board/live", headers={"HX-Request": "true"})
    assert answer.status_code == 403


def test_an_old_page_takes_forms_that_count_after_the_next_sign_in(
    library: Library, anna: Browser, clock: time_machine.Traveller
) -> None:
    """The board stays open in one tab while she signs in again in another."""
    request = ask(library)
    poll(anna)
    clock.shift(IDLE)
    poll(anna)
    shown = anna.page
    assert "Sign out" not in anna.words
    anna.sign_in("anna")
    anna.page = shown
    assert poll(anna).status_code == 200
    assert "Sign out" in anna.words
    assert anna.post(f"/staff/board/{request.id}/take").status_code == 303
    assert first(library).handler == "Anna"


def test_a_restarted_server_shows_the_same_board(
    library: Library, anna: Browser, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    ask(library)
    poll(anna)
    before = rows(anna)
    library.store.close()
    again = create_app(tmp_path / "data")
    cookies = [anna.client.get_cookie("staff"), anna.client.get_cookie("board", path="/staff/")]
    anna.client = again.test_client()
    for cookie in cookies:
        assert cookie is not None
        anna.client.set_cookie(cookie.key, cookie.value, path=cookie.path)
    assert poll(anna).status_code == 204, "and nothing need be drawn anew"
    anna.get("/staff/board")
    assert rows(anna) == before
    again.extensions["store"].close()
