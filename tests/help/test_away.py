"""When nobody can come now: what is offered instead, honestly, and sealed for the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from kiosk import branches, languages
from kiosk.branches import Period, periods
from kiosk.help import records, slots
from kiosk.help.records import Caller, Request
from tests.help.conftest import Town, at
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

TAGS = [language.tag for language in languages.complete()]
KEY = re.compile(r'name="key" value="([^"]*)"')
PHONE = "07700 900777"


def close(town: Town, hours: str = "13:00-17:00", *, branch: str = "") -> None:
    """The branch has staff at these hours of every day: at nine in the morning nobody is there."""
    with town.store.write() as db:
        branches.set_week(db, branch or town.central, {day: periods.read(hours) for day in range(1, 8)})


def keep_free(town: Town, count: int, *, branch: str = "") -> list[str]:
    """Times of half an hour from two in the afternoon."""
    with town.store.write() as db:
        return [
            slots.add(db, branch or town.central, at(14 + each / 2), 30, datetime.now(UTC)).id
            for each in range(count)
        ]


def only(town: Town) -> Request:
    with town.store.read() as db:
        (row,) = db.all("SELECT id FROM help_requests")
        return records.find(db, row["id"])


def everything(town: Town) -> list[Request]:
    with town.store.read() as db:
        rows = db.all("SELECT id FROM help_requests ORDER BY created_at, number")
        return [records.find(db, row["id"]) for row in rows]


def key(visitor: Visitor) -> str:
    found = KEY.search(visitor.text)
    assert found, f"nothing can be sent on {visitor.path}"
    return found[1]


def ways(visitor: Visitor) -> list[str]:
    """The tiles of the page, in the words she reads."""
    return [tag.get_text(strip=True) for tag in visitor.page.select(".ways .tile .own")]


def send(visitor: Visitor, tag: str = "en") -> None:
    """From the page to check answers on to the one that waits."""
    assert visitor.path == f"/{tag}/help/call/check", visitor.problem
    found = KEY.search(visitor.text)
    assert found
    visitor.post(f"/{tag}/help/call/send", {"key": found[1]})
    assert visitor.path == f"/{tag}/help/waiting"


# What is offered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_every_page_is_sound_in_every_language(town: Town, visitor: Visitor, tag: str) -> None:
    """The visitor looks at each page."""
    close(town)
    close(town, "08:00-12:00", branch=town.north)
    keep_free(town, 2)
    visitor.get(f"/{tag}/help/")
    visitor.get(f"/{tag}/help/away/jobs")
    for way in ("message", "ring"):
        visitor.post(f"/{tag}/help/call", {"topic": "jobs", "way": way})
        visitor.post(f"/{tag}/help/call/phone", {"phone": PHONE})
        visitor.post(f"/{tag}/help/call/first-name", {"instead": "none"})
        assert (visitor.path, visitor.lang) == (f"/{tag}/help/call/check", tag)
    send(visitor, tag)


def test_while_nobody_is_there_she_can_leave_a_message_be_rung_or_book_a_time(
    town: Town, visitor: Visitor
) -> None:
    close(town)
    visitor.get("/en/help/")
    assert "Staff are not here now. You can still ask." in visitor.words
    visitor.get("/en/help/how/letter")
    assert visitor.path == "/en/help/away/letter"
    assert visitor.heading == "Staff are not here now."
    assert "They are back: Mon 9 Mar, 13:00" in visitor.words
    assert ways(visitor)[:2] == ["Leave a message", "Ring me later"]
    keep_free(town, 1)
    visitor.get("/en/help/away/letter")
    assert "Book a time" in visitor.words
    for address in ("/en/help/urgent", "/en/join/", "/en/events/"):
        assert visitor.page.select_one(f"main a[href='{address}']"), "what she can do by herself"


@pytest.mark.parametrize(("hours", "says"), [
    ("08:00-12:00", "North Library Staff are there until 12:00"),
    ("10:30-12:00", "North Library Staff are there from: Mon 9 Mar, 10:30"),
])  # fmt: skip
def test_the_nearest_library_with_staff_is_named_with_its_hours(
    town: Town, visitor: Visitor, hours: str, says: str
) -> None:
    close(town)
    close(town, hours, branch=town.north)
    visitor.get("/en/help/away/letter")
    assert says in visitor.words


def test_open_without_staff_is_as_good_as_closed(town: Town, visitor: Visitor) -> None:
    with town.store.write() as db:
        day = [Period(at(8).time(), at(18).time(), staffed=False)]
        branches.set_week(db, town.central, dict.fromkeys(range(1, 8), day))
    visitor.get("/en/help/how/letter")
    assert visitor.path == "/en/help/away/letter"
    assert "They are back" not in visitor.words, "nobody knows when"


def test_when_staff_are_back_the_way_to_them_is_open_again(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    close(town)
    clock.shift(timedelta(hours=4, minutes=1))
    visitor.get("/en/help/away/letter")
    assert visitor.path == "/en/help/how/letter"


def test_who_does_not_feel_safe_reads_numbers_while_nobody_is_there(town: Town, visitor: Visitor) -> None:
    close(town)
    visitor.get("/en/help/")
    visitor.post("/en/help/private")
    assert visitor.heading == "Staff are not here now."
    assert "999" in visitor.words
    assert not visitor.page.select("main .tile")


# Messages and calls -----------------------------------------------------------------------------------------


def test_a_message_is_left_by_touch_alone(town: Town, visitor: Visitor) -> None:
    close(town)
    visitor.get("/en/help/away/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "message"})
    visitor.post("/en/help/call/phone", {"instead": "none"})
    visitor.post("/en/help/call/first-name", {"instead": "none"})
    send(visitor)
    assert visitor.heading == "Your message is with staff."
    assert "Staff read it when they are back." in visitor.words
    asked = only(town)
    assert (asked.topic, asked.way, asked.sealed_name, asked.sealed_phone) == ("card", "message", None, None)


def test_who_wants_to_be_rung_gives_a_number_that_only_the_desk_can_read(
    town: Town, visitor: Visitor, tmp_path: Path
) -> None:
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "ring"})
    visitor.post("/en/help/call/phone", {"phone": "07"})
    assert visitor.problem == "Write your phone number, like 07700 900982."
    visitor.post("/en/help/call/phone", {"phone": PHONE})
    visitor.post("/en/help/call/first-name", {"first_name": "Zzcanaryna"})
    assert "Zzcanaryna" in visitor.words
    send(visitor)
    assert visitor.heading == "We will ring you."
    assert "Zzcanaryna" not in visitor.text
    assert records.opened(only(town), town.desk_key) == Caller("Zzcanaryna", "+447700900777")
    for file in (tmp_path / "data").iterdir():
        for word in (b"Zzcanaryna", b"7700900777", b"7700 900777"):
            assert word not in file.read_bytes(), file.name


def test_who_has_no_phone_cannot_be_rung_and_chooses_another_way(town: Town, visitor: Visitor) -> None:
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "ring"})
    visitor.post("/en/help/call/phone", {"instead": "none"})
    assert visitor.path == "/en/help/how/card"
    visitor.post("/en/help/call", {"topic": "card", "way": "ring"})
    assert visitor.path == "/en/help/call/phone", "asked again, if she has found one"


@pytest.mark.parametrize("aside", ["language", "help", "back"])
def test_what_is_written_is_kept_while_she_looks_elsewhere(visitor: Visitor, aside: str) -> None:
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "ring"})
    visitor.post("/en/help/call/phone", {"phone": PHONE, "aside": aside})
    visitor.get("/en/help/call/phone")
    assert visitor.box == PHONE


def test_what_is_sent_twice_is_one_request(town: Town, visitor: Visitor) -> None:
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "message"})
    visitor.post("/en/help/call/phone", {"instead": "none"})
    visitor.post("/en/help/call/first-name", {"instead": "none"})
    found = KEY.search(visitor.text)
    assert found
    for _touch in range(3):
        visitor.post("/en/help/call/send", {"key": found[1]}, follow=False)
        assert visitor.status == 303
    assert only(town).way == "message"
    visitor.get("/en/help/call/send")
    assert visitor.path == "/en/help/waiting"


def test_nothing_is_sent_before_she_has_looked_at_it(town: Town, visitor: Visitor) -> None:
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "ring"})
    visitor.post("/en/help/call/send", {"key": "a" * 32})
    assert visitor.path == "/en/help/call/phone"
    with town.store.read() as db:
        assert db.value("SELECT count(*) FROM help_requests") == 0


@pytest.mark.parametrize("fields", [
    {"topic": "unsafe", "way": "ring"}, {"topic": "card", "way": "here"}, {"topic": "card", "way": "time"},
    {"topic": "card", "way": "ring", "slot": "x"}, {"topic": "gossip", "way": "message"}, {},
])  # fmt: skip
def test_what_no_page_offers_begins_nothing(visitor: Visitor, fields: dict[str, str]) -> None:
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/call", fields)
    assert visitor.path == "/en/help/"


@pytest.mark.parametrize("page", ["call/phone", "call/check", "call/send"])
def test_a_page_that_nobody_is_in_the_middle_of_leads_to_the_beginning(visitor: Visitor, page: str) -> None:
    visitor.get(f"/en/help/{page}")
    assert visitor.path == "/en/help/"


def test_who_waits_when_the_hours_of_staff_end_can_leave_a_message_instead(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    close(town, "08:00-09:03,13:00-17:00")
    keep_free(town, 1)
    visitor.get("/en/help/how/card")
    visitor.post("/en/help/send", {"topic": "card", "way": "here", "key": key(visitor)})
    assert visitor.heading == "Your request is on the staff screen."
    clock.shift(timedelta(minutes=4))
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Staff are not here now."
    assert "They are back: Mon 9 Mar, 13:00" in visitor.words
    assert "You are next" not in visitor.words
    assert visitor.page.select_one(".acts a[href^='/en/help/time/card']")
    for way in ("message", "ring"):
        assert visitor.page.select_one(f".acts form[action='/en/help/call'] [name=way][value={way}]")
    visitor.post("/en/help/call", {"topic": "card", "way": "message"})
    visitor.post("/en/help/call/phone", {"instead": "none"})
    visitor.post("/en/help/call/first-name", {"instead": "none"})
    send(visitor)
    assert visitor.heading == "Your message is with staff."
    assert [(each.way, each.is_open) for each in everything(town)] == [("here", False), ("message", True)]


def test_a_quiet_word_when_the_hours_of_staff_end_leads_to_numbers(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    close(town, "08:00-09:03")
    visitor.get("/en/help/")
    visitor.post("/en/help/private")
    visitor.post("/en/help/send", {"topic": "unsafe", "way": "here", "key": key(visitor)})
    clock.shift(timedelta(minutes=4))
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Staff are not here now."
    assert visitor.page.select_one(".acts a[href='/en/help/urgent']")
    assert not visitor.page.select(".acts form[action='/en/help/call']")


@pytest.mark.parametrize("way", ["here", "desk"])
def test_nobody_is_asked_to_come_after_the_hours_of_staff_have_ended(
    town: Town, visitor: Visitor, clock: time_machine.Traveller, way: str
) -> None:
    close(town, "08:00-09:03,13:00-17:00")
    visitor.get("/en/help/how/card")
    sent = key(visitor)
    clock.shift(timedelta(minutes=4))
    visitor.post("/en/help/send", {"topic": "card", "way": way, "key": sent, "from": "/en/events/"})
    assert visitor.status == 409, "what was touched while they left is told, whichever way it was sent"
    assert visitor.heading == "Staff are not here now."
    assert ways(visitor)[:2] == ["Leave a message", "Ring me later"]
    assert everything(town) == []


def test_a_private_word_that_comes_too_late_shows_the_numbers_to_ring(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    close(town, "08:00-09:03")
    visitor.get("/en/help/")
    visitor.post("/en/help/private")
    sent = key(visitor)
    clock.shift(timedelta(minutes=4))
    visitor.post("/en/help/send", {"topic": "unsafe", "way": "here", "key": sent})
    assert visitor.heading == "Staff are not here now."
    assert "999" in visitor.words
    assert visitor.page.select_one(".top .leave-now")
    assert everything(town) == []


def test_one_screen_leaves_so_many_messages_and_then_asks_staff(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    close(town)
    for _child in range(records.MOST_CALLS):
        leaves_a_message(another())
    leaves_a_message(visitor)
    assert visitor.status == 429
    assert visitor.heading == "Too many people sent something here just now. Wait a little, or ask staff."
    assert len(everything(town)) == records.MOST_CALLS


def leaves_a_message(visitor: Visitor) -> None:
    visitor.get("/en/help/")
    visitor.post("/en/help/call", {"topic": "card", "way": "message"})
    visitor.post("/en/help/call/phone", {"instead": "none"})
    visitor.post("/en/help/call/first-name", {"instead": "none"})
    visitor.post("/en/help/call/send", {"key": key(visitor)})


# A time of her own ------------------------------------------------------------------------------------------


def test_she_books_a_free_time_by_touch(town: Town, visitor: Visitor) -> None:
    chosen = keep_free(town, 7)[0]
    visitor.get("/en/help/time/english")
    assert len(visitor.page.select(".times .tile")) == 6
    assert "Mon 9 Mar, 14:00" in visitor.words
    visitor.get("/en/help/time/english?page=2")
    assert len(visitor.page.select(".times .tile")) == 1
    visitor.post("/en/help/call", {"topic": "english", "way": "time", "slot": chosen})
    assert visitor.path == "/en/help/call/first-name", "who comes by herself need not be rung"
    visitor.post("/en/help/call/first-name", {"first_name": "Selam"})
    send(visitor)
    assert visitor.heading == "Your time is booked."
    assert "Mon 9 Mar, 14:00" in visitor.words
    assert "To cancel, tell staff." in visitor.words
    assert not visitor.page.select(".ticket"), "a number is for who waits now"
    assert only(town).slot_starts == at(14).isoformat()
    visitor.get("/en/finish")
    with town.store.read() as db:
        assert chosen not in [each.id for each in slots.free(db, town.central, datetime.now(UTC))]


def test_a_time_that_is_taken_meanwhile_is_said_and_nothing_is_written_twice(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    first, second = keep_free(town, 2)
    quick = another()
    for person in (visitor, quick):
        person.get("/en/help/time/english")
        person.post("/en/help/call", {"topic": "english", "way": "time", "slot": first})
        person.post("/en/help/call/first-name", {"first_name": "Selam"})
    found = KEY.search(visitor.text)
    assert found
    send(quick)
    visitor.post("/en/help/call/send", {"key": found[1]})
    assert visitor.path == "/en/help/time/english"
    assert visitor.problem == "This time is taken now. Choose another."
    visitor.post("/en/help/call", {"topic": "english", "way": "time", "slot": second})
    assert "Selam" in visitor.words, "her name is there already"
    send(visitor)
    assert "Mon 9 Mar, 14:30" in visitor.words


def test_times_that_nobody_keeps_free_are_not_offered(town: Town, visitor: Visitor) -> None:
    keep_free(town, 1, branch=town.north)
    visitor.get("/en/help/how/card")
    assert "Book a time" not in visitor.words
    visitor.get("/en/help/time/card")
    assert "There are no free times now." in visitor.words


def test_who_cancels_gives_her_time_back(town: Town, visitor: Visitor) -> None:
    chosen = keep_free(town, 1)[0]
    visitor.get("/en/help/time/card")
    visitor.post("/en/help/call", {"topic": "card", "way": "time", "slot": chosen})
    visitor.post("/en/help/call/first-name", {"instead": "none"})
    send(visitor)
    visitor.post("/en/help/cancel")
    visitor.get("/en/help/time/card")
    assert "14:00" in visitor.words


def books_a_time(town: Town, visitor: Visitor) -> None:
    (chosen,) = keep_free(town, 1)
    visitor.get("/en/help/time/english")
    visitor.post("/en/help/call", {"topic": "english", "way": "time", "slot": chosen})
    visitor.post("/en/help/call/first-name", {"instead": "none"})
    send(visitor)


def test_who_has_booked_a_time_can_still_ask_somebody_to_come(town: Town, visitor: Visitor) -> None:
    books_a_time(town, visitor)
    visitor.get("/en/help/")
    assert visitor.heading == "What do you need help with?"
    assert "Your time is booked." in visitor.words
    visitor.get("/en/help/how/computer")
    visitor.post("/en/help/send", {"topic": "computer", "way": "here", "key": key(visitor)})
    assert visitor.heading == "Your request is on the staff screen."
    assert [(each.way, each.is_open) for each in everything(town)] == [("time", True), ("here", True)]
    visitor.get("/en/help/")
    assert visitor.path == "/en/help/waiting", "who waits now comes back to that"


def test_she_looks_at_her_booked_time_while_she_waits_and_cancels_only_that(
    town: Town, visitor: Visitor
) -> None:
    books_a_time(town, visitor)
    booked = only(town)
    visitor.get("/en/help/how/computer")
    visitor.post("/en/help/send", {"topic": "computer", "way": "here", "key": key(visitor)})
    assert visitor.page.select_one(f".acts [name=one][value='{booked.id}']")
    visitor.post("/en/help/show", {"one": booked.id})
    assert visitor.heading == "Your time is booked."
    assert "Your request for help" in visitor.words
    visitor.post("/en/help/cancel")
    assert visitor.heading == "Your request is cancelled."
    assert [(each.way, each.is_open) for each in everything(town)] == [("time", False), ("here", True)]
    visitor.get("/en/help/")
    assert visitor.heading == "Your request is on the staff screen."


def test_nobody_looks_at_what_another_has_asked_for(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    books_a_time(town, visitor)
    stranger = another()
    stranger.get("/en/help/")
    stranger.post("/en/help/show", {"one": only(town).id})
    assert stranger.path == "/en/help/"
    assert "Your time is booked." not in stranger.words


def test_who_does_not_feel_safe_keeps_her_booked_time(town: Town, visitor: Visitor) -> None:
    books_a_time(town, visitor)
    visitor.get("/en/help/urgent")
    visitor.post("/en/help/private")
    visitor.post("/en/help/send", {"topic": "unsafe", "way": "here", "key": key(visitor)})
    assert [(each.topic, each.is_open) for each in everything(town)] == [("english", True), ("unsafe", True)]


def test_for_a_booked_time_she_says_what_she_needs_too(town: Town, visitor: Visitor) -> None:
    books_a_time(town, visitor)
    visitor.get("/en/help/wants")
    visitor.post("/en/help/wants", {"wants": ["interpreter"]})
    visitor.post("/en/help/interpreter", {"interpreter": "ti"})
    assert (only(town).wants, only(town).interpreter) == (("interpreter",), "ti")
    visitor.get("/en/help/card")
    assert "An interpreter (Tigrinya)" in visitor.words
    assert not visitor.page.select(".ticket")
