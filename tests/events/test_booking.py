"""Places at events: never more than there are, given on in the order of arrival, kept until they are paid."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kiosk import branches
from kiosk.events import records, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booking import Full, NotBookable, Over, Terms, TooMany
from kiosk.events.records import Date
from kiosk.store import NotThere, Store
from tests.events.conftest import Programme, at, date
from tests.events.craft import KEY, NOW, TERMS, Craft

# Never more than there are ----------------------------------------------------------------------------------


def test_fifty_race_for_ten_places_and_the_rest_wait_in_the_order_of_arrival(programme: Programme) -> None:
    craft = Craft(programme)
    asked = [craft.ask() for _ in range(50)]
    together, got, failed = threading.Barrier(50), [], []

    def go(one: booked.Asked) -> None:
        together.wait()
        try:
            with craft.store.write() as db:
                got.append(booking.book(db, one, TERMS, NOW))
        except Exception as error:  # to be looked at by the one who waits for the threads
            failed.append(error)

    threads = [threading.Thread(target=go, args=(one,)) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(one.state for one in got) == ["booked"] * 10 + ["waiting"] * 40
    with craft.store.read() as db:
        rows = booked.of_occurrence(db, craft.date)
    assert [one.state for one in rows] == ["booked"] * 10 + ["waiting"] * 40
    assert [one.turn for one in rows] == [0] * 10 + list(range(1, 41))
    assert len({one.reference for one in rows}) == 50
    assert craft.taken == 10


def test_the_same_send_twice_is_one_booking_with_one_pin(programme: Programme) -> None:
    craft = Craft(programme)
    with craft.store.write() as db:
        first = booking.book(db, craft.ask(2, key="k"), TERMS, NOW)
        again = booking.book(db, craft.ask(2, key="k"), TERMS, NOW)
        assert booked.already_asked(db, "k") == first == again
        assert booked.already_asked(db, "never") is None
    assert booked.pin(again, KEY) == booked.pin(first, KEY)
    assert craft.taken == 2


def test_who_does_not_want_to_wait_or_could_never_get_in_is_told_how_many_are_left(
    programme: Programme,
) -> None:
    craft = Craft(programme, capacity=3)
    craft.book(2)
    with pytest.raises(Full) as full:
        craft.book(2, may_wait=False)
    assert full.value.left == 1
    with pytest.raises(Full):
        craft.book(4)
    assert craft.book(2).state == "waiting"
    assert craft.taken == 2


def test_without_a_limit_nobody_waits(programme: Programme) -> None:
    craft = Craft(programme, capacity=None)
    assert {craft.book(6).state for _ in range(5)} == {"booked"}
    with craft.store.read() as db:
        assert records.occurrence(db, craft.date).left is None


@pytest.mark.parametrize("places", [0, 7, -1])
def test_one_to_six_places_can_be_booked(programme: Programme, places: int) -> None:
    craft = Craft(programme)
    with pytest.raises(ValueError):
        craft.book(places)
    held = craft.book(1)
    with pytest.raises(ValueError):
        craft.change(held, places)


def test_a_screen_lets_so_many_through_in_an_hour(programme: Programme) -> None:
    craft = Craft(programme)
    with craft.store.write() as db:
        door, shelf = (branches.add_kiosk(db, programme.central, name) for name in ("Door", "Shelf"))
        few = Terms(an_hour=2)
        for key in ("a", "b"):
            booking.book(db, craft.ask(key=key, kiosk=door), few, NOW)
        with pytest.raises(TooMany):
            booking.book(db, craft.ask(key="c", kiosk=door), few, NOW)
        assert booking.book(db, craft.ask(key="a", kiosk=door), few, NOW), "who was let through may ask again"
        booking.book(db, craft.ask(key="d", kiosk=shelf), few, NOW)
        booking.book(db, craft.ask(key="e", kiosk=door), few, NOW + timedelta(hours=1, seconds=1))


def test_what_cannot_be_booked_says_why(programme: Programme) -> None:
    def why(craft: Craft, now: datetime = NOW) -> str:
        with pytest.raises(NotBookable) as found:
            craft.book(now=now)
        return found.value.why

    def with_facts(**facts: Any) -> Craft:
        craft = Craft(programme)
        with programme.store.write() as db:
            changed = replace(records.find(db, craft.event).facts, **facts)
            saving.save(db, changed, [], [date(10, 7)], by="amina", event_id=craft.event)
        return craft

    assert why(Craft(programme), at(10, 7)) == "over"
    assert why(with_facts(booking="drop-in")) == "drop-in"
    assert why(with_facts(booking="ask")) == "ask"
    assert why(with_facts(status="draft")) == "draft"
    assert why(with_facts(status="cancelled")) == "cancelled"
    off, gone = Craft(programme), Craft(programme)
    with programme.store.write() as db:
        saving.cancel_date(db, off.date, "amina")
        saving.mark_gone(db, "", {off.event}, "import")
    assert (why(off), why(gone)) == ("cancelled", "gone")
    gone.date = "nothing"
    with pytest.raises(NotThere):
        gone.book()


# Places go on -----------------------------------------------------------------------------------------------


def test_a_place_given_back_is_offered_to_who_waits_longest_until_a_time(programme: Programme) -> None:
    craft = Craft(programme, capacity=1)
    first, second, third = craft.book(), craft.book(), craft.book()
    (offered,) = craft.cancel(first)
    assert (offered.id, offered.state) == (second.id, "offered")
    assert datetime.fromisoformat(offered.deadline_at) == NOW + timedelta(hours=24)
    assert craft.taken == 1, "an offer holds the place"
    assert craft.now(third).turn == 1
    assert craft.accept(offered).state == "booked"
    assert craft.now(first).why == "person"
    assert craft.cancel(first) == [], "a second time does nothing"
    assert craft.taken == 1


def test_an_offer_that_nobody_takes_goes_to_the_next(programme: Programme) -> None:
    craft = Craft(programme, capacity=1)
    first, second, third = craft.book(), craft.book(), craft.book()
    craft.cancel(first)
    assert craft.expire(NOW + timedelta(hours=23)) == ([], [])
    later = NOW + timedelta(hours=24)
    with pytest.raises(Over):
        craft.accept(second, later)
    over, offered = craft.expire(later)
    assert [(one.id, one.state, one.why) for one in over] == [(second.id, "cancelled", "offer-over")]
    assert [(one.id, one.state) for one in offered] == [(third.id, "offered")]
    assert craft.expire(later) == ([], [])
    assert craft.taken == 1


def test_an_offer_can_be_refused_and_the_waiting_list_left(programme: Programme) -> None:
    craft = Craft(programme, capacity=1)
    first, second, third, fourth = (craft.book() for _ in range(4))
    assert craft.cancel(third) == []
    craft.cancel(first)
    (offered,) = craft.cancel(second)
    assert offered.id == fourth.id
    with pytest.raises(Over):
        craft.accept(second)


def test_who_fits_is_asked_and_who_does_not_keeps_her_turn(programme: Programme) -> None:
    craft = Craft(programme, capacity=4)
    one, _three = craft.book(1), craft.book(3)
    pair, single = craft.book(2), craft.book(1)
    (offered,) = craft.cancel(one)
    assert offered.id == single.id
    assert (craft.now(pair).state, craft.now(pair).turn) == ("waiting", 1)
    assert [each.id for each in craft.cancel(_three)] == [pair.id]
    assert craft.taken == 3


def test_an_offer_never_lasts_longer_than_until_the_event(programme: Programme) -> None:
    craft = Craft(programme, date(12), capacity=1)
    first, _second = craft.book(), craft.book()
    (offered,) = craft.cancel(first, at(11.75))
    assert datetime.fromisoformat(offered.deadline_at) == at(12)
    over, further = craft.expire(at(12))
    assert (len(over), further) == (1, [])


def test_a_place_given_back_on_the_day_goes_down_the_list_while_there_is_time(programme: Programme) -> None:
    craft = Craft(programme, date(13), capacity=1)
    first, second, third = craft.book(), craft.book(), craft.book()
    (offered,) = craft.cancel(first)
    assert (offered.id, datetime.fromisoformat(offered.deadline_at)) == (second.id, at(11))
    _over, (offered,) = craft.expire(at(11))
    assert (offered.id, datetime.fromisoformat(offered.deadline_at)) == (third.id, at(12))
    assert craft.accept(offered, at(11.5)).state == "booked"


def test_an_offer_leaves_half_an_hour_to_take_it(programme: Programme) -> None:
    craft = Craft(programme, date(9.75), capacity=1)
    first, _second = craft.book(), craft.book()
    (offered,) = craft.cancel(first)
    assert datetime.fromisoformat(offered.deadline_at) == at(9.5)


def test_money_that_was_given_back_is_to_be_paid_when_the_event_takes_place_after_all(
    programme: Programme,
) -> None:
    craft = Craft(programme, pence=300)
    paid, refunded = craft.book(), craft.book()
    person = staff(craft.store)
    with craft.store.write() as db:
        for each in (paid, refunded):
            booked.pay(db, each.id, person, NOW)
        saving.cancel(db, craft.event, "amina")
        booked.give_back(db, refunded.id, 300, NOW)
        db.run("UPDATE events SET status = 'confirmed' WHERE id = :id", id=craft.event)
        assert booking.take_up_again(db, craft.date, TERMS, NOW) == []
    assert craft.now(paid).state == "booked"
    again = craft.now(refunded)
    assert (again.state, again.due) == ("to-pay", 300)
    assert datetime.fromisoformat(again.deadline_at) == NOW + TERMS.pay
    assert craft.taken == 2


def test_nothing_is_offered_of_an_event_that_is_cancelled_or_has_begun(programme: Programme) -> None:
    craft = Craft(programme, capacity=1)
    first, second = craft.book(), craft.book()
    with craft.store.write() as db:
        saving.cancel(db, craft.event, "amina")
        assert [one.id for one in booked.of_occurrence(db, craft.date)] == [first.id, second.id]
    assert craft.cancel(first) == []
    assert craft.now(second).state == "waiting"
    begun = Craft(programme, date(12), capacity=1)
    held, _waiting = begun.book(), begun.book()
    assert begun.cancel(held, at(12.5)) == []


def test_a_larger_room_lets_those_in_who_wait(programme: Programme) -> None:
    craft = Craft(programme, capacity=1)
    craft.book()
    waiting = [craft.book(), craft.book()]
    with craft.store.write() as db:
        db.run("UPDATE events SET capacity = 3 WHERE id = :id", id=craft.event)
        assert [one.id for one in booking.promote(db, craft.date, TERMS, NOW)] == [one.id for one in waiting]


def test_more_or_fewer_may_come(programme: Programme) -> None:
    craft = Craft(programme, capacity=5)
    family, _other, waiting = craft.book(2), craft.book(2), craft.book(3)
    with pytest.raises(Full) as full:
        craft.change(family, 4)
    assert full.value.left == 1
    assert craft.now(family).places == 2, "nothing was changed"
    assert craft.change(family, 3) == []
    assert craft.taken == 5
    assert craft.change(waiting, 1) == []
    assert [one.id for one in craft.change(family, 1)] == [waiting.id]
    offered = craft.now(waiting)
    assert craft.change(offered, 2) == []
    assert (craft.now(waiting).state, craft.now(waiting).deadline_at) == ("offered", offered.deadline_at)
    with pytest.raises(Full):
        craft.change(craft.book(1), 6)
    craft.cancel(family)
    with pytest.raises(Over):
        craft.change(family, 2)


# Money ------------------------------------------------------------------------------------------------------


def test_paying_at_the_desk_is_a_state_with_an_amount_and_a_deadline(programme: Programme) -> None:
    craft = Craft(programme, pence=300)
    held = craft.book(2)
    assert (held.state, held.pence, held.due) == ("to-pay", 600, 600)
    assert datetime.fromisoformat(held.deadline_at) == NOW + timedelta(days=2)
    person = staff(craft.store)
    with craft.store.write() as db:
        paid = booked.pay(db, held.id, person, NOW)
        assert (paid.state, paid.due, paid.paid_pence, paid.deadline_at) == ("booked", 0, 600, "")
        with pytest.raises(booked.AlreadyPaid):
            booked.pay(db, held.id, person, NOW)
    assert craft.expire(NOW + timedelta(days=3)) == ([], [])
    craft.change(paid, 3)
    more = craft.now(paid)
    assert (more.state, more.due) == ("to-pay", 300)
    craft.change(more, 1)
    assert (craft.now(more).state, craft.now(more).due) == ("booked", 0)


def staff(store: Store) -> str:
    with store.write() as db:
        db.insert("people", id="p1", username="amina", name="Amina", role="branch", public_key=b"",
                  private_key=b"", created_at="")  # fmt: skip
    return "p1"


def test_who_does_not_pay_in_time_gives_the_place_to_the_next(programme: Programme) -> None:
    craft = Craft(programme, capacity=1, pence=300)
    held, waiting = craft.book(), craft.book()
    assert waiting.state == "waiting"
    over, offered = craft.expire(NOW + timedelta(days=2))
    assert [(one.id, one.why) for one in over] == [(held.id, "not-paid")]
    assert [one.id for one in offered] == [waiting.id]
    assert craft.accept(waiting, NOW + timedelta(days=2)).state == "to-pay"


def test_nobody_who_stands_at_the_desk_when_it_begins_loses_her_place(programme: Programme) -> None:
    craft = Craft(programme, date(12), pence=300)
    held = craft.book()
    assert datetime.fromisoformat(held.deadline_at) == at(12)
    assert craft.expire(at(12)) == ([], [])
    person = staff(craft.store)
    with craft.store.write() as db:
        assert booked.pay(db, held.id, person, at(12.1)).state == "booked"


# Calendars and bookings -------------------------------------------------------------------------------------


def test_a_date_with_bookings_that_left_its_calendar_waits_for_a_person(programme: Programme) -> None:
    craft = Craft(programme, date(10, 7), date(10, 8))
    held = craft.book()
    with craft.store.write() as db:
        db.run("UPDATE events SET source = 'feed', identity = 'u1' WHERE id = :id", id=craft.event)
        facts = records.find(db, craft.event).facts

        def read(*dates: Date) -> saving.Saved:
            return saving.save(db, facts, [], dates, source="feed", identity="u1", by="import")

        saved = read(date(10, 8))
        assert (saved.waiting, saved.removed) == ((craft.date,), 1)
        assert [one.id for one in records.undecided(db, NOW)] == [craft.date]
        assert read(date(10, 8)).removed == 0, "it was said once"
        with pytest.raises(NotBookable):
            booking.bookable(db, craft.date, NOW)
        saving.keep_date(db, craft.date, "amina")
        assert records.undecided(db, NOW) == []
        assert booking.bookable(db, craft.date, NOW)
        assert read(date(10, 8)).waiting == ()
        saving.mark_gone(db, "feed", [], "import")
        assert records.undecided(db, NOW) == [], "staff have decided already"
    assert craft.now(held).state == "booked"


def test_a_whole_event_with_bookings_that_left_its_calendar_can_be_cancelled(programme: Programme) -> None:
    craft = Craft(programme)
    craft.book()
    with craft.store.write() as db:
        db.run("UPDATE events SET source = 'feed' WHERE id = :id", id=craft.event)
        assert saving.mark_gone(db, "feed", [], "import") == [craft.event]
        assert [one.id for one in records.undecided(db, NOW)] == [craft.date]
        saving.cancel_date(db, craft.date, "amina")
        assert records.undecided(db, NOW) == []
        assert booked.of_occurrence(db, craft.date, cancelled=True)
