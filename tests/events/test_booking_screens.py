"""What a resident sees of booking: little asked, sent once, and a way on whatever happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import settings
from kiosk.events import saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Person
from tests.events.booker import TERMS, answer, begin, book, kept, look_up, person, receipt, rhymes, send
from tests.events.conftest import LONDON, Programme, date
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

__all__ = ["rhymes"]


# Booking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "pl", "ar", "uk", "ti", "zh-Hant-HK"])
def test_a_first_name_is_enough(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str, language: str
) -> None:
    code, pin = book(visitor, library, rhymes, 2, language=language)
    (made,) = kept(library)
    assert (made.reference, made.places, made.state, made.language) == (code, 2, "booked", language)
    assert booked.pin(made, app.config["SERVICE_KEY"]) == pin
    assert person(app, made) == Person("Anna")


@pytest.mark.parametrize("name", ["أمينة", "💃 Zoë", "‮olleh", "\u202e\u200f יעל", "李", "O’Brien-Ní"])
def test_a_name_in_any_script_is_hers_as_she_wrote_it(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str, name: str
) -> None:
    begin(visitor, library, rhymes, "ar")
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name=name)
    shown = visitor.page.select_one("[href$='/first-name'] bdi")
    assert shown is not None
    send(visitor)
    said = person(app, kept(library)[0])
    assert said is not None
    assert said.first_name == shown.get_text()
    assert re.sub(r"[^\w]", "", said.first_name) == re.sub(r"[^\w]", "", name)


def test_ten_thousand_letters_are_no_name(library: Programme, visitor: Visitor, rhymes: str) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="a" * 10_000)
    assert visitor.status == 422
    assert visitor.problem


@pytest.mark.parametrize("places", ["0", "7", "-1", "1.5", "many", ""])
def test_one_to_six_places_and_no_other_number(library: Programme, visitor: Visitor, places: str) -> None:
    event = library.add("Walk", date(18), booking="book")
    begin(visitor, library, event)
    assert len(visitor.page.select("[name=places]")) == 6
    answer(visitor, "places", places=places)
    assert visitor.status == 422
    assert visitor.problem


def test_no_more_places_are_offered_than_there_are_at_all(
    library: Programme, visitor: Visitor, rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    assert [tag["value"] for tag in visitor.page.select("[name=places]")] == ["1", "2"]


def test_with_the_code_of_a_join_nothing_else_is_asked(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str
) -> None:
    code = visitor.join()
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", instead="code")
    answer(visitor, "code", code="nonsense")
    assert visitor.status == 422
    answer(visitor, "code", code=code.lower())
    assert visitor.path == "/en/events/book/check"
    send(visitor)
    assert person(app, kept(library)[0]) == Person(membership=code)


def test_the_ages_of_children_are_asked_only_where_the_event_needs_them(
    app: Flask, library: Programme, visitor: Visitor
) -> None:
    event = library.add("Crafts", date(18), booking="book", needs_age=True)
    begin(visitor, library, event)
    answer(visitor, "places", places="3")
    for age in ("3", "7", "7", "7"):
        answer(visitor, "ages", add=age)
    assert len(visitor.page.select(".chip")) == 3, "not more children than places"
    answer(visitor, "ages", remove="2")
    answer(visitor, "ages", ages=["3", "7"])
    answer(visitor, "first-name", first_name="Anna")
    send(visitor)
    assert person(app, kept(library)[0]) == Person("Anna", ages=(3, 7))


def test_a_grown_up_may_come_alone_to_what_is_for_children(
    app: Flask, library: Programme, visitor: Visitor
) -> None:
    event = library.add("Crafts", date(18), booking="book", needs_age=True)
    begin(visitor, library, event)
    answer(visitor, "places", places="1")
    answer(visitor, "ages", ages=[])
    assert visitor.status == 422
    answer(visitor, "ages", instead="none")
    answer(visitor, "first-name", first_name="Anna")
    assert "No children come" in visitor.words
    send(visitor)
    assert person(app, kept(library)[0]) == Person("Anna")


@pytest.fixture
def by_mail(library: Programme) -> None:
    """The library has e-mail set up, and no text messages."""
    with library.store.write() as db:
        settings.change(db, "library", "", "smtp_host", "mail.example.org")
        settings.change(db, "library", "", "smtp_from", "library@example.org")


@pytest.mark.usefixtures("by_mail")
def test_only_ways_that_are_set_up_are_offered_and_she_is_told_by_hers(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="Anna")
    assert [tag["value"] for tag in visitor.page.select("[name=contact]")] == ["email", "none"]
    answer(visitor, "contact", contact="text")
    assert visitor.status == 422
    answer(visitor, "contact", contact="email")
    answer(visitor, "email", email="anna@example.org")
    assert "anna@example.org" in visitor.words
    send(visitor)
    assert person(app, kept(library)[0]) == Person("Anna", email="anna@example.org")
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM outbox") == 1


@pytest.mark.usefixtures("by_mail")
def test_who_has_no_address_books_all_the_same(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="Anna")
    answer(visitor, "contact", contact="email")
    answer(visitor, "email", instead="none")
    assert "I will look here" in visitor.words
    send(visitor)
    assert person(app, kept(library)[0]) == Person("Anna")


def test_answers_can_be_changed_before_they_are_sent(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="Anna")
    visitor.get("/en/events/book/places")
    answer(visitor, "places", places="2")
    visitor.get("/en/events/book/first-name")
    assert visitor.box == "Anna"
    visitor.post("/en/events/book/first-name", {"first_name": "Berta", "aside": "back"})
    assert visitor.path == "/en/events/book/places"
    visitor.get("/en/events/book/first-name")
    assert visitor.box == "Berta", "what was written is kept"
    answer(visitor, "first-name", first_name="Berta")
    send(visitor)
    assert kept(library)[0].places == 2
    assert person(app, kept(library)[0]) == Person("Berta")


def test_what_costs_money_is_paid_at_the_desk(library: Programme, visitor: Visitor) -> None:
    event = library.add("Crafts", date(14, 20), booking="book", pence=300)
    begin(visitor, library, event)
    answer(visitor, "places", places="2")
    answer(visitor, "first-name", first_name="Anna")
    assert "It costs £6.00. You pay at the desk." in visitor.words
    send(visitor)
    assert kept(library)[0].state == "to-pay"
    assert "Please pay £6.00 at the desk before Mon 16 Mar, 09:00." in visitor.words


# Once, and hers ---------------------------------------------------------------------------------------


def test_a_double_tap_and_a_second_try_are_one_booking(
    library: Programme, visitor: Visitor, rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="Anna")
    key = visitor.key
    send(visitor)
    first = receipt(visitor)
    visitor.post("/en/events/book/send", {"key": key})
    assert receipt(visitor) == first
    visitor.get("/en/events/book/send")
    assert receipt(visitor) == first, "a screen that had lost its connection finds out"
    assert len(kept(library)) == 1


def test_an_answer_that_was_lost_leaves_her_with_her_code(
    app: Flask, library: Programme, visitor: Visitor, rhymes: str
) -> None:
    """The booking is made, but the visit does not know of it yet: the same form is sent again."""
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="Anna")
    asked = booked.ask(
        Person("Anna"), library.date_of(rhymes), 1, one_time_key=visitor.key, branch_id=library.central,
        kiosk_id="", language="en", service_key=app.config["SERVICE_KEY"],
    )  # fmt: skip
    with library.store.write() as db:
        booking.book(db, asked, TERMS, datetime.now(LONDON))
    send(visitor)
    assert receipt(visitor)[0] == asked.reference
    assert len(kept(library)) == 1


def test_nothing_of_her_is_left_when_she_has_finished(
    library: Programme, visitor: Visitor, rhymes: str
) -> None:
    code, pin = book(visitor, library, rhymes)
    visitor.get("/en/events/book/first-name")
    assert visitor.path == "/en/events/book/receipt"
    visitor.post("/en/finish")
    for path in ("receipt", "check", "first-name", "full", "send"):
        visitor.get(f"/en/events/book/{path}")
        assert code not in visitor.text
        assert pin not in visitor.words
        assert "Anna" not in visitor.words


def test_the_pin_is_shown_once_only(library: Programme, visitor: Visitor, rhymes: str) -> None:
    code, pin = book(visitor, library, rhymes)
    look_up(visitor, code, pin)
    assert visitor.heading == "Your places are booked."
    assert pin not in visitor.words
    visitor.get("/en/events/book/receipt")
    assert visitor.path != "/en/events/book/receipt"


def test_a_post_without_a_visit_is_an_end_and_no_error(library: Programme, visitor: Visitor) -> None:
    visitor.get("/en/events/")
    visitor.post("/en/events/book/first-name", {"first_name": "Anna"})
    assert visitor.status == 409
    visitor.get("/en/events/")
    visitor.post("/en/events/book/send", {"key": "0" * 32})
    assert visitor.status == 409
    visitor.get("/en/events/")
    visitor.post("/en/events/mine/pin", {"pin": "1234"})
    assert visitor.status == 409


# Full -------------------------------------------------------------------------------------------------


def test_a_full_event_offers_its_waiting_list_with_the_number(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    book(visitor, library, rhymes, 2)
    second = another()
    second.get(f"/en/events/event/{rhymes}")
    assert "Join the waiting list" in second.words
    begin(second, library, rhymes)
    answer(second, "places", places="1")
    answer(second, "first-name", first_name="Bea")
    assert "You would be number 1 on the waiting list." in second.words
    send(second)
    assert "You are number 1 on the list." in second.words
    assert [made.state for made in kept(library)] == ["booked", "waiting"]


def test_when_others_were_faster_she_decides_and_nothing_is_lost(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="2")
    answer(visitor, "first-name", first_name="Anna")
    book(another(), library, rhymes, 1)
    send(visitor)
    assert visitor.path == "/en/events/book/full"
    visitor.get("/en/events/book/send")
    assert visitor.path == "/en/events/book/full", "scripts look there for what became of it"
    assert "Places left: 1" in visitor.words
    assert len(kept(library)) == 1
    visitor.get("/en/events/book/places")
    answer(visitor, "places", places="1")
    send(visitor)
    assert [made.state for made in kept(library)] == ["booked", "booked"]


def test_when_all_places_have_gone_the_waiting_list_is_one_touch_away(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="2")
    answer(visitor, "first-name", first_name="Anna")
    book(another(), library, rhymes, 2)
    send(visitor)
    assert "You would be number 1 on the waiting list." in visitor.words
    send(visitor)
    assert "You are number 1 on the list." in visitor.words


def test_who_waits_for_what_costs_money_reads_the_price_before_she_is_bound(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    event = library.add("Craft", date(18, 3), booking="book", capacity=2, pence=300)
    first = book(another(), library, event, 2)
    begin(visitor, library, event)
    answer(visitor, "places", places="2")
    answer(visitor, "first-name", first_name="Anna")
    assert "You would be number 1 on the waiting list." in visitor.words
    assert "It costs £6.00. You pay at the desk." in visitor.words
    send(visitor)
    code, pin = receipt(visitor)
    look_up(visitor, *first)
    visitor.post("/en/events/mine/cancel")
    look_up(visitor, code, pin)
    assert visitor.heading == "There is a place for you now."
    assert "It costs £6.00. You pay at the desk." in visitor.words


def test_nobody_is_led_to_a_waiting_list_that_is_not_for_so_many(
    library: Programme, visitor: Visitor
) -> None:
    event = library.add("Craft", date(18, 3), booking="book", capacity=6)
    begin(visitor, library, event)
    answer(visitor, "places", places="5")
    answer(visitor, "first-name", first_name="Anna")
    with library.store.write() as db:
        db.run("UPDATE events SET capacity = 3")
    send(visitor)
    assert visitor.path == "/en/events/book/full"
    for path in ("full", "check"):
        visitor.get(f"/en/events/book/{path}")
        assert "There are not so many places. Choose fewer." in visitor.words
        assert "Join the waiting list" not in visitor.words
    visitor.get("/en/events/book/places")
    assert [tag["value"] for tag in visitor.page.select("[name=places]")] == ["1", "2", "3"]
    answer(visitor, "places", places="3")
    send(visitor)
    assert [made.places for made in kept(library)] == [3]


@pytest.mark.parametrize(
    ("change", "says"),
    [("cancel", "This event is cancelled."), ("begin", "This event has begun. You cannot book it now.")],
)
def test_what_happens_to_the_event_while_she_decides_is_said(
    library: Programme,
    visitor: Visitor,
    clock: time_machine.Traveller,
    rhymes: str,
    change: str,
    says: str,
) -> None:
    clock.move_to(datetime(2026, 3, 9, 17, 59, tzinfo=LONDON))
    begin(visitor, library, rhymes)
    answer(visitor, "places", places="1")
    answer(visitor, "first-name", first_name="Anna")
    key = visitor.key
    if change == "cancel":
        with library.store.write() as db:
            saving.cancel(db, rhymes, "amina")
    else:
        clock.shift(timedelta(minutes=2))
    visitor.post("/en/events/book/send", {"key": key})
    assert visitor.heading == says
    assert visitor.status == 200
    visitor.get("/en/events/book/check")
    assert visitor.heading == says
    assert kept(library) == []


@pytest.mark.parametrize("facts", [{"booking": "drop-in"}, {"booking": "ask"}, {"status": "cancelled"}])
def test_what_takes_no_bookings_says_what_to_do_instead(
    library: Programme, visitor: Visitor, facts: dict[str, Any]
) -> None:
    event = library.add("Walk", date(18), **facts)
    visitor.get(f"/en/events/event/{event}")
    assert not visitor.page.select("form[action$='/book/']")
    begin(visitor, library, event)
    assert visitor.status == 200
    assert visitor.page.select_one(".done-mark")


def test_a_date_that_is_none_is_not_found(visitor: Visitor, library: Programme) -> None:
    visitor.get("/en/events/")
    visitor.post("/en/events/book/", {"date": "nothing"})
    assert visitor.status == 404


def test_too_many_bookings_from_one_screen_wait_a_little(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], app: Flask
) -> None:
    event = library.add("Walk", date(18), booking="book")
    with library.store.write() as db:
        settings.change(db, "library", "", "bookings_an_hour", 1)
    with library.store.read() as db:
        app.config["SCREEN"] = db.value("SELECT id FROM kiosks LIMIT 1")
    book(visitor, library, event)
    second = another()
    begin(second, library, event)
    answer(second, "places", places="1")
    answer(second, "first-name", first_name="Bea")
    send(second)
    assert second.status == 429
    assert "Wait a little" in second.words
    second.get("/en/events/book/check")
    assert "Bea" in second.words, "her answers are still there"
