"""Calendars come in: what would change is told first, and nobody who has booked loses a place to a file."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import branches
from kiosk.events import finding, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Person, ask
from kiosk.events.bookings.booking import Terms
from kiosk.events.calendars import Calendar, Limits, read
from kiosk.events.desk import records as desk_records
from kiosk.events.finding import Wanted
from kiosk.events.incoming import importing, places
from kiosk.events.incoming.importing import Done, Plan, Window
from kiosk.events.records import Date, Event, Occurrence, Text, find, occurrence, texts, undecided
from kiosk.settings import Settings
from kiosk.store import Store
from tests.branches.councils import needs_data
from tests.events.conftest import LONDON, Programme
from tests.events.feeds import calendar, event, feed, files, real

pytestmark = pytest.mark.patient

WINDOW = Window(date(2026, 3, 9), date(2027, 3, 9))
KEY = bytes(32)
RHYMES = ("SUMMARY:Rhyme time", "LOCATION:Central Library")
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4"


def monday(time: str = "100000", day: int = 16) -> str:
    return f"DTSTART;TZID=Europe/London:202603{day:02d}T{time}"


@pytest.fixture
def plan(programme: Programme) -> Callable[..., Plan]:
    def make(found: Calendar, **more: Any) -> Plan:
        with programme.store.read() as db:
            there = places.places(db, more.pop("default", ""))
            return importing.plan(db, found, "county", more.pop("window", WINDOW), places=there, **more)

    return make


@pytest.fixture
def load(programme: Programme, plan: Callable[..., Plan]) -> Callable[..., Done]:
    """Imports the parts of a calendar, as staff do who say yes."""

    def carry_out(*parts: str, **more: Any) -> Done:
        take_away = more.pop("take_away", None)
        told: list[Any] = more.pop("told", [])
        planned = plan(calendar(*parts), **more)
        with programme.store.write() as db:
            return importing.carry_out(
                db, planned, by="maria", take_away=take_away, tell_them=lambda _db, *what: told.append(what)
            )

    return carry_out


def everything(store: Store) -> list[tuple[Event, list[Text], list[Occurrence]]]:
    with store.read() as db:
        ids = [row["id"] for row in db.all("SELECT id FROM events ORDER BY serial")]
        return [(find(db, each), texts(db, each), _dates(db, each)) for each in ids]


def _dates(db: Any, event_id: str) -> list[Occurrence]:
    rows = db.all("SELECT id FROM occurrences WHERE event_id = :id ORDER BY starts", id=event_id)
    return [occurrence(db, row["id"]) for row in rows]


def one(store: Store) -> tuple[Event, list[Text], list[Occurrence]]:
    found = everything(store)
    assert len(found) == 1
    return found[0]


def book(programme: Programme, occurrence_id: str, places: int = 2) -> str:
    """Somebody books; staff had said that this event is booked."""
    with programme.store.write() as db:
        db.run("UPDATE events SET booking = 'book'")
        asked = ask(
            Person("Amina"), occurrence_id, places, one_time_key=secrets.token_hex(8),
            branch_id=programme.central, kiosk_id="", language="en", service_key=KEY,
        )  # fmt: skip
        asked = replace(asked, kiosk_id=branches.add_kiosk(db, programme.central, secrets.token_hex(4)))
        return booking.book(db, asked, Terms(), datetime.now(UTC)).id


# -- what would happen --------------------------------------------------------------------------------------


def test_before_anything_changes_staff_are_told_what_would(
    programme: Programme, plan: Any, load: Any
) -> None:
    load(
        event(*RHYMES, start=monday()),
        event("SUMMARY:Knit and Natter", start=monday("140000"), uid="two"),
        event("SUMMARY:Chess", start=monday("180000"), uid="three"),
    )
    kept = everything(programme.store)
    planned = plan(
        calendar(
            event(*RHYMES, start=monday("110000")),
            event("SUMMARY:Knit and Chatter", start=monday("140000"), uid="two"),
            event("SUMMARY:Book club", WEEKLY, start=monday("190000"), uid="four"),
            event("SUMMARY:Book club", WEEKLY, start=monday("190000"), uid="four"),
            event("SUMMARY:Broken", start="DTSTART:soon", uid="five"),
            event("SUMMARY:Long ago", start="DTSTART:20200101T100000Z", uid="six"),
        )
    )
    told = {(line.kind, line.title): line.in_words for line in planned.lines}
    assert told == {
        ("changed", "Rhyme time"): "dates changed: 1",
        ("changed", "Knit and Chatter"): "new title",
        ("new", "Book club"): "",
        ("gone", "Chess"): "",
        ("outside", "Long ago"): "",
    }
    assert [line.dates for line in planned.of("new")] == [4]
    assert [each.code for each in planned.repeated] == ["duplicates"]
    assert [each.code for each in planned.refused] == ["bad-value"]
    assert "Broken" in planned.refused[0].where
    assert everything(programme.store) == kept


def test_to_load_a_calendar_twice_changes_nothing(programme: Programme, plan: Any, load: Any) -> None:
    parts = (
        event(*RHYMES, WEEKLY, "DESCRIPTION:<p>Songs &amp; rhymes</p>", "CATEGORIES:Kids", start=monday()),
        event("SUMMARY:Rhyme time at noon", start=monday("120000", 23), uid="one").replace(
            "END:VEVENT", "RECURRENCE-ID;TZID=Europe/London:20260323T100000\r\nEND:VEVENT"
        ),
        event("SUMMARY:Fair", "LOCATION:Town Hall", start="DTSTART;VALUE=DATE:20260401", uid="two"),
        event("SUMMARY:Talk", "STATUS:CANCELLED", start=monday("190000"), uid="three"),
    )
    assert load(*parts) == Done(3, 0, 0, 0)
    first = everything(programme.store)
    assert plan(calendar(*parts)).changes_nothing
    assert load(*parts) == Done(0, 0, 0, 0)
    assert everything(programme.store) == first


@needs_data
@pytest.mark.parametrize(
    "name", ["big_lancaster_libraries.ics", "no_uid_santa_rosa_library.ics", "dup_uid_carolina_theatre.ics"]
)
def test_to_load_a_real_calendar_twice_changes_nothing(programme: Programme, plan: Any, name: str) -> None:
    found = read(real(name), LONDON)
    first_day = min(each.starts for each in found.events if isinstance(each.starts, datetime)).date()
    with time_machine.travel(
        datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC), tick=False
    ):
        window = Window(first_day, first_day + timedelta(days=365))
        planned = plan(found, window=window)
        assert planned.count("new") > 20
        with programme.store.write() as db:
            importing.carry_out(db, planned, by="maria")
        again = plan(read(real(name), LONDON), window=window)
        assert again.changes_nothing
        assert all(line.facts is None for line in again.of("same"))


@needs_data
def test_a_county_comes_in_within_seconds(programme: Programme, plan: Any) -> None:
    began = time.perf_counter()
    found = read(real("big_lancaster_libraries.ics"), LONDON)
    with time_machine.travel(datetime(2026, 9, 1, tzinfo=UTC), tick=False):
        planned = plan(found, window=Window(date(2026, 9, 1), date(2027, 9, 1)))
        with programme.store.write() as db:
            done = importing.carry_out(db, planned, by="maria")
    assert done.added > 1500
    assert time.perf_counter() - began < 10


# -- what is read -------------------------------------------------------------------------------------------


def test_residents_see_what_the_calendar_says(programme: Programme, load: Any) -> None:
    load(
        event(
            "SUMMARY:Rhyme time", "DESCRIPTION:<p>Songs</p><script>alert(1)</script><p>Tea</p>",
            "LOCATION:Central Library\\, Garden Room", "CATEGORIES:Kids", "URL:https://rhymes.example/",
            "ORGANIZER;CN=Secret Sam:mailto:sam@example.org", "ATTENDEE:mailto:ann@example.org",
            start=monday(),
        )
    )  # fmt: skip
    found, words, dates = one(programme.store)
    assert (words[0].title, words[0].text) == ("Rhyme time", "Songs\nTea")
    assert (found.facts.branch_id, found.facts.room) == (programme.central, "Garden Room")
    assert (set(found.facts.stated), found.facts.link) == ({"children"}, "https://rhymes.example/")
    assert found.facts.booking == "ask"
    assert dates[0].date.starts == datetime(2026, 3, 16, 10, tzinfo=LONDON)
    assert "sam" not in programme.store.path.read_bytes().decode("latin-1").casefold()
    with programme.store.read() as db:
        now = datetime.now(LONDON)
        assert [each.title for each in finding.page(db, Wanted(), "en", now).events] == ["Rhyme time"]


def test_a_series_keeps_its_time_when_the_clocks_change(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    dates = one(programme.store)[2]
    assert [f"{each.date.starts:%m-%d %H:%M %Z}" for each in dates] == [
        "03-16 10:00 GMT", "03-23 10:00 GMT", "03-30 10:00 BST", "04-06 10:00 BST",
    ]  # fmt: skip


def test_a_private_event_waits_until_staff_publish_it(programme: Programme, load: Any) -> None:
    load(event("SUMMARY:Staff meeting", "CLASS:PRIVATE", start=monday()))
    assert one(programme.store)[0].facts.status == "draft"


def test_an_event_without_a_title_is_called_by_its_text(programme: Programme, load: Any) -> None:
    load(event("DESCRIPTION:Coffee and cake\\nfor everybody", start=monday()))
    assert one(programme.store)[1][0].title == "Coffee and cake"


@pytest.mark.parametrize(
    ("location", "kind", "branch"),
    [
        ("Central Library", "branch", "central"),
        ("CENTRAL  LIBRARY, 1 High Street", "branch", "central"),
        ("North", "branch", "north"),
        ("Meeting Room, North Library", "branch", "north"),
        ("Somewhere, IP1 1AA", "branch", "west"),
        ("Northgate School", "elsewhere", ""),
        ("The Central Hotel", "elsewhere", ""),
        ("Zoom", "online", ""),
        ("https://meet.example/1", "online", ""),
        ("Mobile Library: Village Green", "mobile", ""),
        ("", "elsewhere", ""),
        ("!?", "elsewhere", ""),
    ],
)
def test_a_place_is_matched_to_its_branch(
    programme: Programme, location: str, kind: str, branch: str
) -> None:
    with programme.store.write() as db:
        west = branches.find(db, programme.west)
        branches.change_branch(db, replace(west, postcode="IP1 1AA"))
        spot = places.places(db).find(location)
    assert (spot.kind, spot.branch_id) == (kind, getattr(programme, branch) if branch else "")


def test_a_spelling_that_staff_confirm_is_a_branch_from_then_on(
    programme: Programme, plan: Any, load: Any
) -> None:
    parts = (event("SUMMARY:Film", "LOCATION:Wells Screening Room", start=monday()),)
    assert plan(calendar(*parts)).unknown == (("Wells Screening Room", 1),)
    load(*parts)
    found = one(programme.store)[0]
    assert (found.facts.place_kind, found.facts.place) == ("elsewhere", "Wells Screening Room")
    with programme.store.write() as db:
        places.confirm(db, "wells screening  ROOM", programme.north)
    assert [line.in_words for line in plan(calendar(*parts)).of("changed")] == ["new place, dates changed: 1"]
    load(*parts)
    assert one(programme.store)[0].facts.branch_id == programme.north
    assert plan(calendar(*parts)).changes_nothing


def test_the_calendar_of_a_branch_is_about_that_branch(programme: Programme, plan: Any, load: Any) -> None:
    parts = (
        event("SUMMARY:Here", start=monday()),
        event("SUMMARY:There", "LOCATION:North Library", start=monday(), uid="two"),
    )
    more = {"default": programme.central, "only_branch": programme.central}
    planned = plan(calendar(*parts), **more)
    assert [each.reason for each in planned.refused] == [
        "It is at another branch: North Library. A manager can load it."
    ]
    load(*parts, **more)
    assert one(programme.store)[0].facts.branch_id == programme.central


# -- what staff did stays -----------------------------------------------------------------------------------


def test_what_staff_wrote_stays_until_the_calendar_says_something_new(
    programme: Programme, load: Any
) -> None:
    load(event(*RHYMES, start=monday()))
    found, _words, dates = one(programme.store)
    with programme.store.write() as db:
        facts = replace(found.facts, booking="book", capacity=12, pence=300, stated=frozenset({"children"}))
        saving.save(
            db, facts, [Text("en", "Rhyme Time!"), Text("pl", "Rymowanki")], [dates[0].date],
            event_id=found.id, by="anna",
        )  # fmt: skip
    assert load(event(*RHYMES, start=monday())) == Done(0, 0, 0, 0)
    found, words, _dates = one(programme.store)
    assert (found.facts, words[0].title, found.changed_by) == (facts, "Rhyme Time!", "anna")
    load(event("SUMMARY:Rhyme time for twins", "LOCATION:Central Library", start=monday()))
    found, words, _dates = one(programme.store)
    assert (found.facts, words[0].title) == (facts, "Rhyme time for twins")
    assert words[1].state == "out-of-date"


def test_who_booked_keeps_her_place_when_the_time_changes(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, start=monday()))
    date_id = one(programme.store)[2][0].id
    book(programme, date_id)
    told: list[Any] = []
    load(event(*RHYMES, start=monday("153000", 18)), told=told)
    dates = one(programme.store)[2]
    assert [(each.id, each.taken, each.gone_at) for each in dates] == [(date_id, 2, "")]
    was = datetime(2026, 3, 16, 10, tzinfo=LONDON)
    assert (f"{dates[0].date.starts:%d %H:%M}", dates[0].date.moved_from) == ("18 15:30", was)
    assert told == [(date_id, "event-moved", was)]
    assert load(event(*RHYMES, start=monday("153000", 18)), told=told) == Done(0, 0, 0, 0)
    assert len(told) == 1


def test_a_whole_series_that_begins_later_stays_booked(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    before = [each.id for each in one(programme.store)[2]]
    book(programme, before[2])
    load(event(*RHYMES, WEEKLY, start=monday("103000")))
    dates = one(programme.store)[2]
    assert [each.id for each in dates] == before
    assert {f"{each.date.starts:%H:%M}" for each in dates} == {"10:30"}
    assert load(event(*RHYMES, WEEKLY, start=monday("103000"))) == Done(0, 0, 0, 0)


def test_who_booked_is_told_when_the_calendar_says_another_place(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    date_id = one(programme.store)[2][1].id
    book(programme, date_id)
    told: list[Any] = []
    load(event("SUMMARY:Rhymes", "LOCATION:Central Library", WEEKLY, start=monday()), told=told)
    assert told == [], "a new title brings nobody to the wrong place"
    for location in ("Central Library, Room 2", "North Library", "Village Hall"):
        load(event("SUMMARY:Rhymes", f"LOCATION:{location}", WEEKLY, start=monday()), told=told)
    assert told == [(date_id, "event-moved", None)] * 3


def test_who_booked_is_told_when_the_calendar_cancels(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    date_id = one(programme.store)[2][1].id
    book(programme, date_id)
    told: list[Any] = []
    load(event(*RHYMES, WEEKLY, "STATUS:CANCELLED", start=monday()), told=told)
    assert told == [(date_id, "event-cancelled", None)]
    assert {each.status for each in one(programme.store)[2]} == {"cancelled"}


def test_a_vanished_event_with_bookings_waits_for_a_person(
    programme: Programme, plan: Any, load: Any
) -> None:
    other = event("SUMMARY:Chess", start=monday("180000"), uid="two")
    load(event(*RHYMES, start=monday()), other)
    book(programme, everything(programme.store)[0][2][0].id)
    planned = plan(calendar(other))
    assert [(line.title, line.booked) for line in planned.waiting] == [("Rhyme time", 2)]
    assert load(other) == Done(0, 0, 1, 1)
    with programme.store.read() as db:
        assert [each.taken for each in undecided(db, datetime.now(UTC))] == [2]
        assert [each.people for each in desk_records.to_decide(db, "", datetime.now(UTC))] == [2]
    assert load(event(*RHYMES, start=monday()), other).changed == 1, "back in the calendar, and settled"
    with programme.store.read() as db:
        assert undecided(db, datetime.now(UTC)) == []


def test_a_date_dropped_from_a_series_waits_too(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    book(programme, one(programme.store)[2][1].id)
    done = load(event(*RHYMES, WEEKLY, "EXDATE;TZID=Europe/London:20260323T100000", start=monday()))
    assert done == Done(0, 1, 0, 1)
    with programme.store.read() as db:
        assert len(undecided(db, datetime.now(UTC))) == 1


# -- dates that staff have changed --------------------------------------------------------------------------


def by_hand(programme: Programme, event_id: str, dates: list[Date], **facts: Any) -> None:
    """Staff keep the event with these dates, and with other facts."""
    with programme.store.write() as db:
        saving.save(db, replace(find(db, event_id).facts, **facts), [], dates, by="anna", event_id=event_id)


def later(one: Date, **by: float) -> Date:
    """The date as staff move it."""
    length = one.ends - one.starts if one.ends else None
    starts = one.starts + timedelta(**by)
    return replace(one, starts=starts, ends=starts + length if length else None, moved_from=one.starts)


def clocks(store: Store) -> list[str]:
    return [f"{each.date.starts:%m-%d %H:%M}" for each in one(store)[2] if not each.gone_at]


def test_a_date_that_staff_moved_stays_until_the_calendar_says_something_new_of_it(
    programme: Programme, load: Any
) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    found, _words, dates = one(programme.store)
    book(programme, dates[1].id)
    moved = replace(later(dates[1].date, days=1), room="Attic")
    by_hand(programme, found.id, [moved if each is dates[1] else each.date for each in dates])
    told: list[Any] = []
    assert load(event(*RHYMES, WEEKLY, start=monday()), told=told) == Done(0, 0, 0, 0)
    title = ("SUMMARY:Rhymes", "LOCATION:Central Library", WEEKLY)
    assert load(event(*title, start=monday()), told=told) == Done(0, 1, 0, 0)
    assert (clocks(programme.store)[1], told) == ("03-24 10:00", [])
    other = event(*title, start=monday("140000", 23)).replace(
        "END:VEVENT", "RECURRENCE-ID;TZID=Europe/London:20260323T100000\r\nEND:VEVENT"
    )
    assert load(event(*title, start=monday()), other, told=told) == Done(0, 1, 0, 0)
    assert clocks(programme.store)[1] == "03-23 14:00"
    assert told == [(dates[1].id, "event-moved", moved.starts)]
    assert one(programme.store)[2][1].date.room == "Attic", "of the room it said nothing new"
    assert load(event(*title, start=monday()), other, told=told) == Done(0, 0, 0, 0)


def test_a_date_that_staff_moved_stays_when_its_calendar_believes_it_is_over(
    programme: Programme, load: Any, clock: time_machine.Traveller
) -> None:
    parts = event(*RHYMES, start=monday()), event("SUMMARY:Chess", WEEKLY, start=monday("180000"), uid="two")
    load(*parts)
    found, _words, dates = everything(programme.store)[0]
    book(programme, dates[0].id)
    by_hand(programme, found.id, [later(dates[0].date, days=14)])
    for days, there in ((7, parts), (1, parts[1:]), (1, parts[1:])):
        clock.shift(timedelta(days=days))
        today = datetime.now(LONDON).date()
        done = load(*there, window=Window(today, today + timedelta(days=300)))
        assert done == Done(0, 0, 0, 0)
    found, _words, dates = everything(programme.store)[0]
    assert (found.gone_at, f"{dates[0].date.starts:%m-%d}", dates[0].gone_at) == ("", "03-30", "")


def test_a_date_that_staff_added_stays_and_harms_no_other(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, start=monday()))
    found, _words, dates = one(programme.store)
    book(programme, dates[0].id)
    extra = replace(later(dates[0].date, days=4), key="2026-03-20T10:00", moved_from=None)
    by_hand(programme, found.id, [dates[0].date, extra])
    assert load(event(*RHYMES, start=monday())) == Done(0, 0, 0, 0)
    told: list[Any] = []
    load(event(*RHYMES, start=monday("153000", 18)), told=told)
    assert clocks(programme.store) == ["03-18 15:30", "03-20 10:00"]
    assert told == [(dates[0].id, "event-moved", dates[0].date.starts)], "not a new date without its people"
    assert load(event(*RHYMES, start=monday("153000", 18)), told=told) == Done(0, 0, 0, 0)


def test_a_date_that_staff_had_first_is_one_date_when_the_calendar_says_it_too(
    programme: Programme, load: Any
) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    found, _words, dates = one(programme.store)
    extra = replace(later(dates[3].date, days=7), key="2026-04-13T10:00", moved_from=None)
    by_hand(programme, found.id, [*(each.date for each in dates), extra])
    longer = WEEKLY.replace("4", "5")
    assert load(event(*RHYMES, longer, start=monday())) == Done(0, 0, 0, 0)
    assert len(clocks(programme.store)) == 5
    assert load(event(*RHYMES, longer, start=monday())) == Done(0, 0, 0, 0)
    load(event(*RHYMES, WEEKLY, start=monday()))
    assert len(clocks(programme.store)) == 4, "from then on it is the calendar's"


def test_a_date_that_staff_left_out_does_not_come_back_by_itself(
    programme: Programme, load: Any, plan: Any
) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    found, _words, dates = one(programme.store)
    by_hand(programme, found.id, [each.date for each in dates if each is not dates[1]])
    assert plan(calendar(event(*RHYMES, WEEKLY, start=monday()))).changes_nothing
    load(event(*RHYMES, WEEKLY, start=monday()), window=Window(date(2026, 3, 9), date(2026, 3, 20)))
    load("X-COMMENT:cut off")
    assert load(event(*RHYMES, WEEKLY, start=monday())) == Done(0, 0, 0, 0)
    assert clocks(programme.store) == ["03-16 10:00", "03-30 10:00", "04-06 10:00"]
    other = event(*RHYMES, start=monday("140000", 23)).replace(
        "END:VEVENT", "RECURRENCE-ID;TZID=Europe/London:20260323T100000\r\nEND:VEVENT"
    )
    load(event(*RHYMES, WEEKLY, start=monday()), other)
    assert clocks(programme.store)[1] == "03-23 14:00"


def test_an_event_that_staff_put_elsewhere_stays_there_with_all_its_dates(
    programme: Programme, load: Any
) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    found, _words, dates = one(programme.store)
    there = [replace(each.date, branch_id="") for each in dates]
    by_hand(programme, found.id, there, branch_id=programme.north)
    assert load(event(*RHYMES, WEEKLY, start=monday())) == Done(0, 0, 0, 0)
    load(event(*RHYMES, WEEKLY.replace("4", "5"), start=monday()))
    assert {each.date.branch_id for each in one(programme.store)[2]} == {programme.north}
    west = event("SUMMARY:Rhyme time", "LOCATION:West Library", WEEKLY, start=monday())
    load(west)
    found, _words, dates = one(programme.store)
    assert {found.facts.branch_id, *(each.date.branch_id for each in dates)} == {programme.west}
    assert load(west) == Done(0, 0, 0, 0)


STEPS = st.tuples(
    st.sampled_from(["move", "add", "leave out", "calendar"]), st.integers(0, 3), st.integers(-30, 60)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=6))
def test_whatever_staff_do_to_dates_the_same_calendar_changes_nothing(
    programme: Programme, plan: Any, load: Any, steps: list[tuple[str, int, int]]
) -> None:
    uid = secrets.token_hex(8)  # one library for all examples: no two may be about one event
    series = event("SUMMARY:Any", WEEKLY, start=monday(), uid=uid)
    load(series)
    for what, which, hours in steps:
        with programme.store.read() as db:
            event_id = db.value("SELECT id FROM events WHERE identity LIKE :name", name=f"%{uid}%")
            dates = [each.date for each in _dates(db, event_id)]
        if not dates:  # the last one has been moved into the past
            break
        which = which % len(dates)
        if what == "calendar":
            rule = f"RRULE:FREQ=WEEKLY;COUNT={which + 2}"
            series = event("SUMMARY:Any", rule, start=monday(f"{10 + hours % 8}0000"), uid=uid)
            load(series)
        elif what == "move":
            by_hand(programme, event_id, [
                later(each, hours=hours) if place == which else each for place, each in enumerate(dates)
            ])  # fmt: skip
        elif what == "add":
            extra = replace(later(dates[which], hours=hours), key=f"hand {len(dates)} {hours}")
            by_hand(programme, event_id, [*dates, extra])
        elif len(dates) > 1:
            by_hand(programme, event_id, dates[:which] + dates[which + 1 :])
        assert plan(calendar(series)).count("changed") == 0, what


# -- what takes place after all -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["the whole", "one date"])
def test_who_booked_is_told_when_the_calendar_takes_its_cancelling_back(
    programme: Programme, load: Any, how: str
) -> None:
    series = event(*RHYMES, WEEKLY, start=monday())
    off = event(*RHYMES, "STATUS:CANCELLED", start=monday("100000", 23)).replace(
        "END:VEVENT", "RECURRENCE-ID;TZID=Europe/London:20260323T100000\r\nEND:VEVENT"
    )
    load(series)
    date_id = one(programme.store)[2][1].id
    book(programme, date_id)
    told: list[Any] = []
    if how == "the whole":
        load(event(*RHYMES, WEEKLY, "STATUS:CANCELLED", start=monday()), told=told)
    else:
        load(series, off, told=told)
    assert one(programme.store)[2][1].status == "cancelled"
    load(series, told=told)
    assert one(programme.store)[2][1].status == "confirmed"
    assert told == [(date_id, "event-cancelled", None), (date_id, "event-on-again", None)]


def test_what_staff_cancelled_is_not_on_again_because_its_calendar_changed_its_mind(
    programme: Programme, load: Any, plan: Any
) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    found, _words, dates = one(programme.store)
    book(programme, dates[1].id)
    with programme.store.write() as db:
        saving.cancel(db, found.id, "anna")
    told: list[Any] = []
    load(event(*RHYMES, WEEKLY, "STATUS:CANCELLED", start=monday()), told=told)
    assert load(event(*RHYMES, WEEKLY, start=monday()), told=told) == Done(0, 0, 0, 0)
    assert (told, one(programme.store)[0].facts.status) == ([], "cancelled")


def test_what_staff_put_on_again_takes_place_though_its_calendar_had_cancelled_it(
    programme: Programme, load: Any
) -> None:
    cancelled = event(*RHYMES, WEEKLY, "STATUS:CANCELLED", start=monday())
    load(cancelled)
    found, _words, dates = one(programme.store)
    by_hand(programme, found.id, [each.date for each in dates], status="confirmed")
    assert load(cancelled) == Done(0, 0, 0, 0)
    assert {each.status for each in one(programme.store)[2]} == {"confirmed"}


def test_free_places_are_offered_and_money_is_due_when_a_date_is_on_again(
    app: Flask, programme: Programme, plan: Any, load: Any
) -> None:
    load(event(*RHYMES, start=monday()))
    date_id = one(programme.store)[2][0].id
    with programme.store.write() as db:
        db.run("UPDATE events SET booking = 'book', pence = 300, capacity = 2")
    hers, waits = book(programme, date_id, 2), book(programme, date_id, 1)
    load(event(*RHYMES, "STATUS:CANCELLED", start=monday()))
    now = datetime.now(UTC)
    with programme.store.write() as db:
        db.run("UPDATE bookings SET state = 'booked', paid_pence = 600 WHERE id = :id", id=hers)
        booked.give_back(db, hers, 600, now)
        db.run("UPDATE events SET capacity = 3")
    tell = importing.teller(Settings(), KEY)
    planned = plan(calendar(event(*RHYMES, start=monday())))
    with app.app_context(), programme.store.write() as db:
        importing.carry_out(db, planned, by="maria", tell_them=tell)
        assert [booked.get(db, each).state for each in (hers, waits)] == ["to-pay", "offered"]


def test_an_offer_that_ran_out_while_its_date_was_gone_is_made_again(
    app: Flask, programme: Programme, plan: Any, load: Any, clock: time_machine.Traveller
) -> None:
    other = event("SUMMARY:Chess", start=monday("180000"), uid="two")
    load(event(*RHYMES, start=monday()), other)
    date_id = everything(programme.store)[0][2][0].id
    with programme.store.write() as db:
        db.run("UPDATE events SET booking = 'book', capacity = 2")
    first, waits = book(programme, date_id, 2), book(programme, date_id, 1)
    now = datetime.now(UTC)
    with programme.store.write() as db:
        assert len(booking.cancel(db, first, Terms(), now)) == 1
    load(other)
    clock.shift(timedelta(days=5))
    planned = plan(calendar(event(*RHYMES, start=monday()), other))
    assert not any(line.tells for line in planned.lines), "only who gets an offer hears of it"
    with app.app_context(), programme.store.write() as db:
        importing.carry_out(db, planned, by="maria", tell_them=importing.teller(Settings(), KEY))
        hers = booked.get(db, waits)
    assert (hers.state, hers.deadline_at > datetime.now(UTC).isoformat()) == ("offered", True)


# -- what is missing need not be gone -----------------------------------------------------------------------


def test_a_file_that_was_cut_off_takes_nothing_away(programme: Programme, plan: Any, load: Any) -> None:
    load(event(*RHYMES, start=monday()), event("SUMMARY:Chess", start=monday("180000"), uid="two"))
    whole = feed(event(*RHYMES, start=monday()), event("SUMMARY:Chess", start=monday("180000"), uid="two"))
    planned = plan(read(whole[: whole.index(b"SUMMARY:Chess")], LONDON))
    assert planned.changes_nothing
    assert not planned.calendar.complete
    assert plan(read(b"<html>503 Service Unavailable</html>", LONDON)).changes_nothing


def test_an_empty_calendar_takes_nothing_away_unless_somebody_says_so(
    programme: Programme, plan: Any, load: Any
) -> None:
    load(event(*RHYMES, start=monday()))
    assert plan(calendar()).asks
    assert load() == Done(0, 0, 0, 0)
    assert load(take_away=True) == Done(0, 0, 1, 0)


def test_an_event_that_is_broken_today_is_not_gone(programme: Programme, plan: Any, load: Any) -> None:
    parts = [event(f"SUMMARY:Event {n}", start=monday(), uid=f"e{n}") for n in range(3)]
    load(*parts)
    assert (
        plan(calendar(parts[0], parts[1], parts[2].replace("DTSTART", "DTSTART;X=1:x\r\nX-OLD"))).of("gone")
        == []
    )
    assert [line.title for line in plan(calendar(parts[0], parts[1])).of("gone")] == ["Event 2"]


def test_a_short_window_takes_nothing_away_that_lies_behind_it(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, WEEKLY, start=monday()))
    load(event(*RHYMES, WEEKLY, start=monday()), window=Window(date(2026, 3, 9), date(2026, 3, 20)))
    load(event(*RHYMES, WEEKLY, start=monday()), window=Window(date(2026, 4, 6), date(2026, 4, 7)))
    dates = one(programme.store)[2]
    assert [(f"{each.date.starts:%m-%d}", each.date.moved_from) for each in dates] == [
        ("03-16", None), ("03-23", None), ("03-30", None), ("04-06", None),
    ]  # fmt: skip


def test_a_bomb_beside_it_does_not_keep_a_vanished_event_in_the_lists(
    programme: Programme, plan: Any, load: Any
) -> None:
    bomb = event("SUMMARY:Bomb", "RRULE:FREQ=SECONDLY", start=monday(), uid="bomb")
    load(event(*RHYMES, start=monday()), limits=Limits(seconds=1))
    planned = plan(calendar(bomb), limits=Limits(seconds=1))
    assert [line.title for line in planned.of("gone")] == ["Rhyme time"]


def test_staff_who_keep_an_event_are_not_overruled(programme: Programme, load: Any) -> None:
    load(event(*RHYMES, start=monday()), event("SUMMARY:Chess", start=monday("180000"), uid="two"))
    with programme.store.write() as db:
        saving.keep_date(db, db.value("SELECT id FROM occurrences ORDER BY starts LIMIT 1"), "anna")
    assert load(event("SUMMARY:Chess", start=monday("180000"), uid="two")) == Done(0, 0, 0, 0)


# -- hostile files ------------------------------------------------------------------------------------------


def test_bombs_cost_seconds_at_most_and_are_named(programme: Programme, plan: Any) -> None:
    bombs = [
        event(f"SUMMARY:Bomb {n}", "RRULE:FREQ=SECONDLY", start=monday(), uid=f"b{n}") for n in range(20)
    ]
    planned = plan(calendar(*bombs, event(*RHYMES, start=monday(), uid="good")), limits=Limits(seconds=2))
    assert any(line.title == "Rhyme time" for line in planned.of("new"))
    assert {each.code for each in planned.remarks} & importing.CUT_SHORT
    assert sum(line.dates for line in planned.lines) <= 20_000


def test_deep_nesting_and_huge_texts_are_refused_or_cut_with_a_reason(
    programme: Programme, plan: Any
) -> None:
    deep = "BEGIN:VEVENT\r\n" * 5000
    assert plan(read(b"BEGIN:VCALENDAR\r\n" + deep.encode(), LONDON)).refused
    picture = '<img src="data:image/png;base64,' + "A" * 145_000 + '"><p>Come!</p><script>x()</script>'
    planned = plan(calendar(event("SUMMARY:Fair", f"DESCRIPTION:{picture}", start=monday())))
    text = planned.of("new")[0].text
    assert text is not None
    assert "<" not in text.text
    assert len(text.text) <= 10_000


def test_a_hundred_megabytes_are_refused_at_once(programme: Programme, plan: Any) -> None:
    planned = plan(read(b"BEGIN:VCALENDAR\r\n" + b"X" * 100_000_000, LONDON))
    assert [each.code for each in planned.refused] == ["too-big"]


PIECES = (b"\r\n", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"\x00", b"\xff", b"RRULE:FREQ=DAILY\r\n", b"9999")
SMALL = sorted(path for path, _said in files().values() if 200 < path.stat().st_size < 20_000)


@needs_data
@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.data())
def test_no_damaged_calendar_stops_an_import(programme: Programme, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SMALL)).read_bytes())
    for _cut in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        until = min(len(content), at + data.draw(st.integers(0, 40)))
        content[at:until] = data.draw(st.sampled_from(PIECES))
    found = read(bytes(content), LONDON)
    start = data.draw(
        st.sampled_from([date(1970, 1, 2), date(2010, 1, 1), date(2026, 1, 1), date(2198, 1, 1)])
    )
    with time_machine.travel(datetime(start.year, 1, 2, tzinfo=UTC), tick=False):
        with programme.store.read() as db:
            planned = importing.plan(
                db, found, "fuzz", Window(start, date(start.year + 1, 1, 1)), places=places.places(db)
            )
        with programme.store.write() as db:
            importing.carry_out(db, planned, by="maria", take_away=True)
    assert all(each.where and each.reason for each in (*planned.refused, *planned.remarks))
