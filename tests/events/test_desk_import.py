"""Staff load calendars: they see in plain words what would happen, and nothing does before they say so."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from openpyxl import Workbook
from waitress import create_server, wasyncore
from werkzeug.test import TestResponse

import app as serving
from kiosk import rounds
from kiosk.events.bookings.booked import Person
from kiosk.events.incoming import places, subscriptions
from kiosk.events.incoming import records as import_records
from kiosk.events.incoming.places import Spelling
from tests.branches.councils import needs_data
from tests.events.desks import Desk, desk, edit_fields, library
from tests.events.feeds import event, feed, real
from tests.events.test_importing import RHYMES, WEEKLY, everything, monday
from tests.events.test_subscriptions import CALENDAR, Server, council, this_machine
from tests.staff.conftest import Browser, Library
from tests.staff.test_pages import RUBBISH

pytestmark = pytest.mark.patient

__all__ = ["council", "desk", "library"]

START = "/staff/events/import"


def multipart(content: bytes, filename: str, **fields: str) -> dict[str, Any]:
    """A form with a file, as a browser sends it."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    quoted = filename.replace('"', "%22")
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    body = b"".join((*parts, head.encode(), content, b"\r\n--x--\r\n"))
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def hand_in(browser: Browser, content: bytes, filename: str = "county.ics", **fields: str) -> TestResponse:
    """Choose a file and press the button; a redirect is followed."""
    browser.get(START)
    token = str(browser.page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    sent = multipart(content, filename, csrf_token=token, **fields)
    answer = browser.see(browser.client.post(f"{START}/files", **sent))
    return browser.get(answer.location) if answer.status_code == 303 else answer


def press(browser: Browser, ending: str, **fields: str) -> TestResponse:
    """Press the button of the form whose address ends so; a redirect is followed."""
    form = next(
        each for each in browser.page.select("form[method=post]") if str(each["action"]).endswith(ending)
    )
    hidden = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[type=hidden]")}
    answer = browser.see(browser.client.post(str(form["action"]), data={**hidden, **fields}))
    return browser.get(answer.location) if answer.status_code == 303 else answer


def titles(desk: Desk) -> list[str]:
    return sorted(words[0].title for _event, words, _dates in everything(desk.store))


# -- a calendar ---------------------------------------------------------------------------------------------


def test_staff_see_what_would_change_and_then_have_it_done(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    content = feed(
        event(*RHYMES, WEEKLY, start=monday()),
        event("SUMMARY:Film", "LOCATION:Wells Screening Room", start=monday("190000"), uid="two"),
        event("SUMMARY:Broken", start="DTSTART:soon", uid="three"),
    )
    assert hand_in(maria, content).status_code == 200
    for words in (
        "Nothing has been changed yet.", "Rhyme time", "Mon 16 Mar 2026, 10:00", "Central Library",
        "Dates: 4",
        "line 16: Broken : DTSTART cannot be read", "Places that are no branch: 1", "Wells Screening Room",
    ):  # fmt: skip
        assert words in maria.words, words
    assert titles(desk) == []
    assert press(maria, "/load").status_code == 200
    assert "The calendar is loaded. New: 2. Changed: 0. Gone: 0." in maria.words
    assert titles(desk) == ["Film", "Rhyme time"]
    assert ("manager", "calendar loaded", "county") in desk.library.log()
    hand_in(maria, content)
    assert "There is nothing to change" in maria.words
    assert "Rhyme time" in desk.library.browser("anna").get("/staff/events/").text


@needs_data
def test_a_real_county_is_loaded_and_seen(desk: Desk, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=180))
    maria = desk.library.browser("manager")
    assert hand_in(maria, real("big_lancaster_libraries.ics"), "lancaster.ics").status_code == 200
    assert "Events: 1768. Different ones that can be read: 1750." in maria.words
    assert press(maria, "/load").status_code == 200
    assert len(everything(desk.store)) > 1500


def test_who_presses_twice_loads_once(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    hand_in(maria, CALENDAR)
    page = maria.page
    press(maria, "/load")
    maria.page = page
    assert press(maria, "/load").status_code == 404
    assert titles(desk) == ["Rhyme time"]


def test_when_something_has_changed_meanwhile_she_looks_again(desk: Desk) -> None:
    maria, other = desk.library.browser("manager"), desk.library.browser("manager")
    hand_in(maria, CALENDAR)
    hand_in(other, CALENDAR.replace(b"Rhyme", b"Song"))
    press(other, "/load")
    assert press(maria, "/load").status_code == 409
    assert "Something has changed since you looked." in maria.words
    assert "new title" in maria.words
    assert press(maria, "/load").status_code == 200
    assert titles(desk) == ["Rhyme time"]


def test_a_file_that_nobody_wants_is_deleted_and_so_is_one_that_waits_too_long(
    desk: Desk, clock: time_machine.Traveller
) -> None:
    maria = desk.library.browser("manager")
    hand_in(maria, CALENDAR)
    press(maria, "/delete")
    assert "The file is deleted. Nothing was changed." in maria.words
    assert desk.library.log()[-1] == ("manager", "calendar file deleted", "county")
    hand_in(maria, CALENDAR)
    with desk.store.read() as db:
        (held,) = import_records.waiting(db)
    assert b"Rhyme time" not in desk.store.path.read_bytes()
    clock.shift(import_records.LIFE)
    assert desk.library.browser("manager").get(f"{START}/files/{held.id}").status_code == 404
    rounds.go(desk.library.app)
    with desk.store.read() as db:
        assert db.value("SELECT count(*) FROM import_files") == 0


def test_who_booked_a_vanished_event_is_a_decision_for_a_person(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    other = event("SUMMARY:Chess", start=monday("180000"), uid="two")
    hand_in(maria, feed(event(*RHYMES, start=monday()), other))
    press(maria, "/load")
    with desk.store.write() as db:
        db.run("UPDATE events SET booking = 'book'")
        event_id = db.value("SELECT id FROM events WHERE identity = 'one'")
    desk.book(event_id, 3)
    hand_in(maria, feed(other))
    assert "People who have booked: 3" in maria.words
    assert "It waits for a decision. Nobody loses a place now." in maria.words
    press(maria, "/load")
    assert "Decide about these" in maria.words
    link = maria.page.select_one("section[aria-labelledby=decide] a")
    assert link is not None
    assert maria.get(str(link["href"])).status_code == 200


def loaded_and_booked(desk: Desk) -> Browser:
    """The manager has loaded a calendar, and somebody with an e-mail address has booked its first date."""
    desk.choose_mail()
    maria = desk.library.browser("manager")
    hand_in(maria, CALENDAR)
    press(maria, "/load")
    with desk.store.write() as db:
        db.run("UPDATE events SET booking = 'book'")
        event_id = db.value("SELECT id FROM events")
    desk.book(event_id, person=Person("Amina", email="amina@example.org"))
    return maria


def test_who_booked_gets_a_message_when_the_calendar_moves_her_date(desk: Desk) -> None:
    maria = loaded_and_booked(desk)
    hand_in(maria, feed(event(*RHYMES, WEEKLY, start=monday("113000"))))
    assert "dates changed: 4" in maria.words
    assert "People who have booked: 1 They are told." in maria.words
    assert desk.messages() == []
    press(maria, "/load")
    assert desk.messages() == ["event-moved"]


def test_who_booked_hears_that_it_takes_place_after_all(desk: Desk) -> None:
    maria = loaded_and_booked(desk)
    for content in (feed(event(*RHYMES, WEEKLY, "STATUS:CANCELLED", start=monday())), CALENDAR):
        hand_in(maria, content)
        assert "cancelled, or not any more" in maria.words
        assert "They are told." in maria.words
        press(maria, "/load")
    assert sorted(desk.messages()) == ["event-cancelled", "event-on-again"]


def test_an_empty_calendar_asks_before_it_takes_anything_away(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    hand_in(maria, CALENDAR)
    press(maria, "/load")
    hand_in(maria, feed())
    assert "Most events have gone from this calendar." in maria.words
    press(maria, "/load")
    assert everything(desk.store)[0][0].gone_at == ""
    hand_in(maria, feed())
    press(maria, "/load", take_away="yes")
    assert everything(desk.store)[0][0].gone_at


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a file first."),
        (b"<html>", "not a calendar file"),
        (b"\xd0\xcf\x11\xe0old", "old Excel file"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_calendar_is_refused_with_a_reason(desk: Desk, content: bytes, words: str) -> None:
    maria = desk.library.browser("manager")
    assert hand_in(maria, content).status_code == 422
    assert words in maria.words
    with desk.store.read() as db:
        assert import_records.waiting(db) == []


def test_a_script_in_a_title_is_only_words(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    hand_in(
        maria,
        feed(event("SUMMARY:<script>alert(1)</script>Fun & <b>games</b>",
                   "LOCATION:<img src=x onerror=y>Hall", start=monday())),
        '"><script>alert(2)</script>.ics',
        name="<script>",
    )  # fmt: skip
    assert "Fun & games" in maria.words
    assert not maria.page.select("main script, main img")


# -- a table ------------------------------------------------------------------------------------------------


def test_a_table_is_mapped_once_and_its_columns_are_remembered(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    content = b"Happening,Begins on,Time,Venue\nChess,01/05/2026,10.30am,Central Library\nTea,,2pm,Hall\n"
    hand_in(maria, content, "Spring events.csv")
    assert "Which column is what?" in maria.words
    fields = edit_fields(maria, title="Happening", starts_on="Begins on")
    press(maria, "/columns", **fields)
    assert "Which day is “01/05/2026”?" in maria.words
    assert "Friday 1 May 2026" in maria.words
    assert "Monday 5 January 2026" in maria.words
    press(maria, "/columns", **edit_fields(maria, order="day"))
    assert desk.library.log()[-1] == ("manager", "calendar columns set", "Spring events")
    assert "Fri 1 May 2026, 10:30" in maria.words
    assert "row 3: Tea : The row has no date." in maria.words
    press(maria, "/load")
    assert titles(desk) == ["Chess"]
    hand_in(maria, content, "Spring events.csv")
    assert "There is nothing to change" in maria.words


def test_an_excel_file_is_loaded_as_well(desk: Desk) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Title", "Date", "Start time", "Library"], ["Chess", "5 May 2026", "6pm", "North Library"]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    maria = desk.library.browser("manager")
    hand_in(maria, content.getvalue(), "events.xlsx")
    press(maria, "/load")
    assert everything(desk.store)[0][0].facts.branch_id == desk.library.north


@pytest.mark.parametrize("typed", RUBBISH)
def test_whatever_is_typed_into_a_form_about_a_file_nothing_breaks(desk: Desk, typed: str) -> None:
    maria = desk.library.browser("manager")
    hand_in(maria, CALENDAR.replace(b"Central", b"Village"), typed.encode("utf-8", "replace").decode() or "x")
    actions = {str(each["action"]) for each in maria.page.select("main form")}
    assert len(actions) == 3
    token = str(maria.page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    hand_in(
        maria, b"Title,Date,Place\nTea,5 May 2026,\n", "x.csv", name=typed.encode("utf-8", "replace").decode()
    )
    actions |= {str(each["action"]) for each in maria.page.select("main form")}
    names = ("plan", "take_away", "place", "branch", "file", "title", "starts_on", "order")
    body = urlencode({"csrf_token": token, **dict.fromkeys(names, typed)}, errors="surrogatepass")
    for action in sorted(actions):
        answer = maria.client.post(action, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, action
    assert maria.get(START).status_code == 200


# -- who may what -------------------------------------------------------------------------------------------


def test_staff_of_a_branch_load_for_their_branch_alone(desk: Desk) -> None:
    anna, ned = desk.library.browser("anna"), desk.library.browser("ned")
    content = feed(
        event("SUMMARY:Here", start=monday()),
        event("SUMMARY:There", "LOCATION:North Library", start=monday(), uid="two"),
    )
    hand_in(anna, content, "events.ics")
    assert "It is at another branch: North Library. A manager can load it." in anna.words
    address = next(str(each["action"]) for each in anna.page.select("form[action$='/load']"))
    assert ned.get(address.removesuffix("/load")).status_code == 404
    ned.get(START)
    assert ned.post(address).status_code == 404
    assert "events.ics" not in ned.words
    press(anna, "/load")
    assert titles(desk) == ["Here"]
    hand_in(ned, feed(event("SUMMARY:At North", start=monday())), "events.ics")
    assert "Gone from the calendar 0" in ned.words, "another branch's events.ics is another calendar"
    press(ned, "/load")
    assert titles(desk) == ["At North", "Here"]
    assert desk.library.browser("it").get(START).status_code == 403


def test_a_place_is_said_once_to_be_a_branch(desk: Desk) -> None:
    maria, anna, ned = (desk.library.browser(name) for name in ("manager", "anna", "ned"))
    content = feed(event("SUMMARY:Film", "LOCATION:Wells Screening Room", start=monday()))
    hand_in(maria, content)
    press(maria, "/places", branch=desk.library.north)
    assert "Places that are no branch" not in maria.words
    press(maria, "/load")
    assert everything(desk.store)[0][0].facts.branch_id == desk.library.north
    anna.get(START)
    assert anna.post(f"{START}/places", place="Town Hall", branch=desk.library.north).status_code == 404
    assert anna.post(f"{START}/places/forget", spelling="wells screening room").status_code == 404
    ned.get(START)
    assert press(ned, "/forget").status_code == 200
    assert "This spelling is no branch any more." in ned.words


def test_no_branch_takes_a_place_from_another(desk: Desk) -> None:
    with desk.store.write() as db:
        places.confirm(db, "Meeting room", desk.library.north)
    anna, maria = desk.library.browser("anna"), desk.library.browser("manager")
    for browser, branch_id in ((anna, desk.library.north), (maria, desk.library.central)):
        browser.get(START)
        browser.get(
            browser.post(f"{START}/places", place="Meeting Room", branch=desk.library.central).location
        )
        with desk.store.read() as db:
            assert places.spellings(db) == [Spelling("meeting room", branch_id)]
    assert "Another branch has this place already." in anna.words


# -- calendars with an address ------------------------------------------------------------------------------


def test_a_calendar_with_an_address_is_looked_at_once_and_then_comes_by_itself(
    desk: Desk, council: Server
) -> None:
    desk.library.app.config["CALENDARS_FROM"] = this_machine
    maria = desk.library.browser("manager")
    maria.get(START)
    press(maria, "/calendars", url=council.hold("/secret-path.ics", CALENDAR), calendar="Council")
    assert "It will be fetched within a few minutes." in maria.words
    assert council.asked == [], "not while she waits"
    rounds.run_errands(desk.library.app)
    maria.get(START)
    assert "Fetched. Nothing is loaded until you have looked." in maria.words
    link = next(each for each in maria.page.select("a.button") if each.get_text() == "Look at it")
    maria.get(str(link["href"]))
    assert "Council . Nothing has been changed yet." in maria.words
    press(maria, "/load")
    assert titles(desk) == ["Rhyme time"]
    council.hold("/secret-path.ics", CALENDAR.replace(b"Rhyme", b"Song"))
    press(maria, "/fetch")
    rounds.run_errands(desk.library.app)
    assert titles(desk) == ["Song time"]
    council.say("/secret-path.ics", 404)
    press(maria, "/fetch")
    rounds.run_errands(desk.library.app)
    maria.get(START)
    assert "The server has no calendar at this address any more." in maria.words
    assert "Failed tries: 1. Its events stay as they were." in maria.words
    press(maria, "/stop")
    assert "This calendar is not fetched any more. Its events stay." in maria.words
    assert titles(desk) == ["Song time"]
    log = [(who, action) for who, action, _subject in desk.library.log() if action.startswith("calendar")]
    assert log == [
        ("manager", "calendar added"),
        ("manager", "calendar loaded"),
        ("manager", "calendar fetched again"),
        ("(clock)", "calendar loaded"),
        ("manager", "calendar fetched again"),
        ("manager", "calendar stopped"),
    ]


@pytest.mark.parametrize(
    ("typed", "name", "words"),
    [
        ("file:///etc/passwd", "Council", "This is no address of a calendar."),
        ("https://u:secret@town.example/a.ics", "Council", "This is no address of a calendar."),
        ("https://town.example/a.ics", "", "Write a name for this calendar."),
    ],
)
def test_an_address_that_is_none_is_said_beside_the_box(
    desk: Desk, typed: str, name: str, words: str
) -> None:
    maria = desk.library.browser("manager")
    maria.get(START)
    assert press(maria, "/calendars", url=typed, calendar=name).status_code == 422
    assert words in maria.words
    box = maria.page.select_one("#url")
    assert box is not None
    assert box["value"] == typed


def test_the_calendar_of_one_branch_is_for_its_staff(desk: Desk) -> None:
    anna, ned = desk.library.browser("anna"), desk.library.browser("ned")
    anna.get(START)
    press(anna, "/calendars", url="webcal://town.example/a.ics", calendar="Anna's", branch=desk.library.north)
    with desk.store.read() as db:
        (one,) = subscriptions.every(db)
    address = one.url(desk.library.service_key)
    assert (address, one.branch_id) == ("https://town.example/a.ics", desk.library.central)
    ned.get(START)
    assert "town.example" not in ned.words
    for act in ("fetch", "stop"):
        assert ned.post(f"{START}/calendars/{one.id}/{act}").status_code == 404
    ned.get(START)
    assert press(ned, "/calendars", url="https://town.example/a.ics", calendar="Ned's").status_code == 422


def test_a_calendar_that_a_branch_has_stopped_goes_on_at_another_when_a_manager_says_so(desk: Desk) -> None:
    anna, ned, maria = (desk.library.browser(name) for name in ("anna", "ned", "manager"))
    url = "https://town.example/a.ics"
    anna.get(START)
    press(anna, "/calendars", url=url, calendar="Anna's")
    press(anna, "/stop")
    ned.get(START)
    assert press(ned, "/calendars", url=url, calendar="Ned's").status_code == 422
    assert "Another branch has stopped this calendar. A manager can start it again." in ned.words
    maria.get(START)
    assert (
        press(maria, "/calendars", url=url, calendar="North's", branch=desk.library.north).status_code == 200
    )
    ned.get(START)
    assert "North's" in ned.words
    anna.get(START)
    assert "town.example" not in anna.words
    assert press(anna, "/calendars", url=url, calendar="Anna's").status_code == 422
    assert "This calendar is fetched already, perhaps for another branch." in anna.words


def test_no_page_of_staff_shows_a_secret_address(desk: Desk) -> None:
    maria = desk.library.browser("manager")
    maria.get(START)
    url = "https://town.example/calendars/councils/private-0123456789abcdef/basic.ics?token=hush"
    press(maria, "/calendars", url=url, calendar="Council")
    assert "town.example/calendars/councils/…" in maria.words
    assert "0123456789abcdef" not in str(maria.page)
    assert "hush" not in str(maria.page)


def test_the_page_says_where_others_find_the_programme(desk: Desk) -> None:
    anna = desk.library.browser("anna")
    anna.get(START)
    assert f"http://localhost/feeds/events.ics?branch={desk.library.central}" in anna.words
    assert desk.library.north not in anna.words


# -- what is too large --------------------------------------------------------------------------------------


@pytest.fixture
def served(library: Library) -> Iterator[int]:
    """The app behind the real server; its port."""
    sockets: dict[int, Any] = {}
    server = create_server(library.app, map=sockets, host="127.0.0.1", port=0, threads=2, **serving.WAITRESS)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            server.asyncore.loop(timeout=0.05, map=sockets, count=1, use_poll=True)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(server.effective_port)
    over.set()
    thread.join(5)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def test_a_hundred_megabytes_are_refused_before_they_are_sent(served: int) -> None:
    head = (
        f"POST {START}/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served), timeout=10) as wire:
        wire.sendall(head.encode())
        assert b"413" in wire.makefile("rb").readline()


def test_only_who_is_signed_in_may_send_more_than_a_form(desk: Desk) -> None:
    content = CALENDAR + b" " * 1_000_000
    maria, stranger = desk.library.browser("manager"), desk.library.browser()
    assert hand_in(maria, content).status_code == 200
    for path in (f"{START}/files", "/staff/sign-in", "/en/join/"):
        answer = stranger.client.post(path, **multipart(content, "a.ics"))
        assert answer.status_code == 413, path
    assert maria.client.post(f"{START}/calendars", data={"url": "x" * 1_000_000}).status_code == 413
