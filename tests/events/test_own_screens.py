"""What she sees of her booking at any screen: hers alone, as it stands now, changed or cancelled by her."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine

from kiosk.events import saving
from kiosk.events.bookings import booked, booking
from tests.events.booker import TERMS, answer, begin, book, kept, look_up, receipt, rhymes, send
from tests.events.conftest import LONDON, Programme, date
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

__all__ = ["rhymes"]


def test_at_another_screen_she_cancels_and_the_next_one_gets_the_offer(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    code, pin = book(visitor, library, rhymes, 2)
    waiting, elsewhere = another(), another()
    begin(waiting, library, rhymes)
    answer(waiting, "places", places="2")
    answer(waiting, "first-name", first_name="Bea")
    send(waiting)
    second = receipt(waiting)
    look_up(elsewhere, code, pin, "uk")
    elsewhere.get("/uk/events/mine/cancel")
    assert kept(library)[0].is_open, "it is asked once"
    elsewhere.post("/uk/events/mine/cancel")
    assert elsewhere.path == "/uk/events/mine/booking"
    assert [made.state for made in kept(library)] == ["cancelled", "offered"]
    look_up(waiting, *second)
    assert waiting.heading == "There is a place for you now."
    waiting.post("/en/events/mine/take")
    assert waiting.heading == "Your places are booked."
    assert [made.state for made in kept(library)] == ["cancelled", "booked"]


def test_who_waits_too_long_with_an_offer_is_told_so(
    library: Programme,
    visitor: Visitor,
    another: Callable[[], Visitor],
    clock: time_machine.Traveller,
) -> None:
    event = library.add("Crafts", date(18, 5), booking="book", capacity=1)
    first = book(visitor, library, event)
    waiting = another()
    begin(waiting, library, event)
    answer(waiting, "places", places="1")
    answer(waiting, "first-name", first_name="Bea")
    send(waiting)
    second = receipt(waiting)
    look_up(visitor, *first)
    visitor.post("/en/events/mine/cancel")
    clock.shift(timedelta(hours=25))
    look_up(waiting, *second)
    assert waiting.heading == "The time to take your place is over."
    waiting.post("/en/events/mine/take")
    assert waiting.heading == "The time to take your place is over."
    with library.store.write() as db:
        booking.expire(db, datetime.now(LONDON), TERMS)
    waiting.get("/en/events/mine/booking")
    assert waiting.heading == "The time to take your place is over."


def test_she_leaves_the_waiting_list(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    book(visitor, library, rhymes, 2)
    waiting = another()
    code, pin = book(waiting, library, rhymes)
    look_up(waiting, code, pin)
    assert waiting.heading == "You are number 1 on the list."
    waiting.get("/en/events/mine/cancel")
    assert waiting.heading == "Do you want to leave the waiting list?"
    waiting.post("/en/events/mine/cancel")
    assert waiting.heading == "Your booking is cancelled."


def test_she_comes_with_more_people_or_fewer(library: Programme, visitor: Visitor) -> None:
    event = library.add("Walk", date(18), booking="book", capacity=4)
    code, pin = book(visitor, library, event, 2)
    look_up(visitor, code, pin)
    visitor.get("/en/events/mine/places")
    assert [tag["value"] for tag in visitor.page.select("[name=places]")] == ["1", "2", "3", "4"]
    visitor.post("/en/events/mine/places", {"places": "4"})
    assert "Places: 4" in visitor.words
    visitor.post("/en/events/mine/places", {"places": "1"})
    assert "Places: 1" in visitor.words
    visitor.get("/en/events/mine/places")
    visitor.post("/en/events/mine/places", {"places": "9"})
    assert visitor.status == 422


def test_there_may_be_no_room_for_more(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    code, pin = book(visitor, library, rhymes)
    book(another(), library, rhymes)
    look_up(visitor, code, pin)
    visitor.post("/en/events/mine/places", {"places": "2"})
    assert visitor.status == 422
    assert visitor.problem == "There are not so many places. Choose fewer."
    assert [made.places for made in kept(library)] == [1, 1]


def test_a_wrong_pin_is_answered_kindly_and_not_for_ever(
    library: Programme,
    visitor: Visitor,
    another: Callable[[], Visitor],
    clock: time_machine.Traveller,
    rhymes: str,
) -> None:
    code, pin = book(visitor, library, rhymes)
    wrong = f"{(int(pin) + 1) % 10_000:04d}"
    other = another()
    for _ in range(booked.WRONG_OF_A_CODE):
        look_up(other, code, wrong)
        assert other.status == 422
        assert other.problem == "The code and the PIN do not fit. Check both."
        assert other.box == "", "a PIN does not stay on the screen"
    look_up(other, code, pin)
    assert other.status == 429
    assert "Wait 15 minutes" in other.heading
    clock.shift(timedelta(minutes=16))
    look_up(other, code, pin)
    assert other.heading == "Your places are booked."


def test_a_code_that_is_none_is_answered_like_a_wrong_pin(library: Programme, visitor: Visitor) -> None:
    look_up(visitor, "K7M 2QX 9PDA", "1234")
    assert visitor.status == 422
    assert visitor.problem == "The code and the PIN do not fit. Check both."
    visitor.post("/en/events/mine/pin", {"pin": "12"})
    assert visitor.problem == "Write the four numbers of the PIN."
    visitor.post("/en/events/mine/pin", {"aside": "back", "pin": "1234"})
    assert visitor.path == "/en/events/mine/code"


def test_her_pin_may_be_written_in_her_own_numerals(
    library: Programme, visitor: Visitor, rhymes: str
) -> None:
    code, pin = book(visitor, library, rhymes)
    look_up(visitor, code, pin.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
    assert visitor.heading == "Your places are booked."


def test_nobody_sees_a_booking_without_its_code(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    code, pin = book(visitor, library, rhymes)
    look_up(visitor, code, pin)
    stranger = another()
    for path in ("booking", "places", "cancel", "pin", "code"):
        stranger.get(f"/en/events/mine/{path}")
        assert stranger.path == "/en/events/mine/"
    stranger.post("/en/events/mine/cancel")
    stranger.post("/en/events/mine/take")
    stranger.post("/en/events/mine/places", {"places": "2"})
    assert [made.places for made in kept(library) if made.is_open] == [1]
    visitor.post("/en/events/mine/")
    visitor.get("/en/events/mine/booking")
    assert visitor.path == "/en/events/mine/", "the next code opens the next booking"


def test_a_cancelled_event_is_said_in_the_booking(library: Programme, visitor: Visitor, rhymes: str) -> None:
    code, pin = book(visitor, library, rhymes)
    with library.store.write() as db:
        saving.cancel(db, rhymes, "amina")
    look_up(visitor, code, pin)
    assert "This event is cancelled." in visitor.words
    assert "Change the number" not in visitor.words
    visitor.post("/en/events/mine/places", {"places": "2"})
    assert kept(library)[0].places == 1


def test_nobody_is_asked_to_pay_for_what_is_cancelled(library: Programme, visitor: Visitor) -> None:
    event = library.add("Craft", date(18, 3), booking="book", capacity=5, pence=300)
    code, pin = book(visitor, library, event)
    look_up(visitor, code, pin)
    assert visitor.heading == "We keep your places. Please pay at the desk."
    with library.store.write() as db:
        saving.cancel(db, event, "amina")
    look_up(visitor, code, pin)
    assert visitor.heading == "This event is cancelled."
    assert "pay" not in visitor.words


def test_an_offer_of_a_date_that_left_its_calendar_leads_to_staff(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    event = library.add("Craft", date(18, 3), booking="book", capacity=1, pence=0)
    first = book(visitor, library, event)
    code, pin = book(another(), library, event)
    look_up(visitor, *first)
    visitor.post("/en/events/mine/cancel")
    with library.store.write() as db:
        db.run("UPDATE events SET source = 'c', identity = 'x'")
        saving.mark_gone(db, "c", [], "calendars")
    look_up(visitor, code, pin)
    assert visitor.heading == "Ask staff if this still takes place."
    assert not {"Take the place", "Change the number"} & set(visitor.page.stripped_strings)
    visitor.post("/en/events/mine/take")
    assert visitor.heading == "Ask staff if this still takes place."
    assert kept(library)[1].state == "offered"


LINK = "https://meet.example/j/0123456789?pwd=Abc"


def test_who_has_a_place_online_gets_the_way_in_and_who_waits_does_not(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    event = library.add("Talk", date(18), booking="book", capacity=1, place_kind="online", link=LINK)
    has_place, waits = book(visitor, library, event), book(another(), library, event)
    assert "meet.example" not in visitor.text
    look_up(visitor, *waits)
    assert "meet.example" not in visitor.text
    look_up(visitor, *has_place)
    link = visitor.page.select_one("bdi.link[dir=ltr]")
    assert link is not None
    assert link.get_text() == LINK
    assert visitor.page.select_one(".take .qr svg")
    clock.shift(timedelta(hours=12))
    look_up(visitor, *has_place)
    assert "meet.example" not in visitor.text


@pytest.mark.parametrize(("pence", "waits"), [(0, True), (300, False)])
def test_after_the_event_nobody_waits_and_nobody_pays(
    library: Programme,
    visitor: Visitor,
    another: Callable[[], Visitor],
    clock: time_machine.Traveller,
    pence: int,
    waits: bool,
) -> None:
    event = library.add("Craft", date(18), booking="book", capacity=1, pence=pence)
    hers = book(visitor, library, event)
    if waits:
        hers = book(another(), library, event)
    clock.shift(timedelta(hours=9, minutes=15))  # it goes on
    look_up(visitor, *hers)
    assert "You are number" not in visitor.words
    assert "before" not in visitor.words
    if waits:
        assert visitor.heading == "This event has begun. You cannot book it now."
    else:
        assert "It costs £3.00. You pay at the desk." in visitor.words
    clock.shift(timedelta(hours=3))
    look_up(visitor, *hers)
    assert visitor.heading == "This is over"
    assert "pay" not in visitor.words


def test_the_next_person_is_spoken_of_only_where_there_is_one(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], rhymes: str
) -> None:
    says = "The next person on the list gets your place."
    first = book(visitor, library, rhymes)
    second = book(another(), library, rhymes)
    look_up(visitor, *first)
    visitor.get("/en/events/mine/cancel")
    assert says not in visitor.words, "nobody waits"
    book(another(), library, rhymes, 2)
    visitor.get("/en/events/mine/cancel")
    assert says not in visitor.words, "who waits needs more places"
    waits = book(another(), library, rhymes)
    visitor.get("/en/events/mine/cancel")
    assert says in visitor.words
    look_up(visitor, *waits)
    visitor.get("/en/events/mine/cancel")
    assert says not in visitor.words, "she has no place"
    look_up(visitor, *second)


@pytest.mark.parametrize("who", ["library", "she"])
def test_who_has_paid_reads_that_she_gets_her_money_back(
    library: Programme, visitor: Visitor, who: str
) -> None:
    says = "We give you £3.00 back at the desk."
    event = library.add("Craft", date(18, 3), booking="book", capacity=5, pence=300)
    hers = book(visitor, library, event)
    (made,) = kept(library)
    with library.store.write() as db:
        db.insert("people", id="p1", username="amina", name="Amina", role="branch", public_key=b"",
                  private_key=b"", created_at="")  # fmt: skip
        booked.pay(db, made.id, "p1", datetime.now(LONDON))
    look_up(visitor, *hers)
    assert says not in visitor.words
    if who == "she":
        visitor.get("/en/events/mine/cancel")
        assert says in visitor.words
        visitor.post("/en/events/mine/cancel")
    else:
        with library.store.write() as db:
            saving.cancel(db, event, "amina")
        visitor.get("/en/events/mine/booking")
    assert says in visitor.words
    with library.store.write() as db:
        booked.give_back(db, made.id, 300, datetime.now(LONDON))
    visitor.get("/en/events/mine/booking")
    assert "back at the desk" not in visitor.words


def test_an_event_that_is_over_cannot_be_changed(
    library: Programme, visitor: Visitor, clock: time_machine.Traveller, rhymes: str
) -> None:
    code, pin = book(visitor, library, rhymes)
    clock.shift(timedelta(hours=12))
    look_up(visitor, code, pin)
    assert visitor.status == 200
    assert "Cancel my booking" not in visitor.words
    visitor.post("/en/events/mine/cancel")
    assert kept(library)[0].is_open


def test_after_booking_she_may_say_how_it_was(library: Programme, visitor: Visitor, rhymes: str) -> None:
    book(visitor, library, rhymes)
    visitor.post("/en/finish", {"how": "ask"})
    assert visitor.path == "/en/how/"
