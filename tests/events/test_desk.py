"""What staff do with the events of their branch: lists, editing, cancelling; and what the log says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from kiosk import audit, rounds
from kiosk.events import saving
from kiosk.events.bookings import booking
from kiosk.events.bookings.booked import Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.desk import records as desk_records
from kiosk.events.records import Facts, Text, dates, find, texts, undecided
from kiosk.outbox import records as outbox_records
from kiosk.outbox.words import written
from tests.events.desks import Desk, desk, edit_fields, library
from tests.staff.conftest import Browser
from tests.staff.test_pages import RUBBISH

pytestmark = pytest.mark.patient

__all__ = ["desk", "library"]

NEW = {
    "title": "Rhyme time",
    "place_kind": "branch",
    "first": "2026-03-17",
    "starts": "10:30",
    "ends": "11:15",
    "every": "once",
    "booking": "book",
    "capacity": "20",
    "status": "confirmed",
}


def titles(browser: Browser) -> list[str]:
    return [tag.get_text(strip=True) for tag in browser.page.select(".programme tbody th a")]


# -- the programme ------------------------------------------------------------------------------------------


def test_the_programme_is_in_the_order_of_its_dates(desk: Desk) -> None:
    desk.add("Second", days=2)
    desk.add("First", days=1)
    browser = desk.library.browser("anna")
    browser.get("/staff/events/")
    assert titles(browser) == ["First", "Second"]
    assert "Tue 10 Mar 2026, 11:00–12:00" in browser.words


def test_staff_see_the_events_of_their_own_branch_and_managers_those_of_all(desk: Desk) -> None:
    desk.add("Here")
    desk.add("There", branch=desk.library.north)
    anna, manager = desk.library.browser("anna"), desk.library.browser("manager")
    anna.get(f"/staff/events/?branch={desk.library.north}")
    assert titles(anna) == ["Here"]
    manager.get("/staff/events/")
    assert sorted(titles(manager)) == ["Here", "There"]
    manager.get(f"/staff/events/?branch={desk.library.north}")
    assert titles(manager) == ["There"]


def test_what_a_branch_runs_somewhere_else_is_in_its_programme_too(desk: Desk) -> None:
    desk.add("Health walk", place_kind="elsewhere", place="The park")
    desk.add("Online reading", branch="", place_kind="online")
    browser = desk.library.browser("anna")
    browser.get("/staff/events/")
    assert titles(browser) == ["Health walk"]
    assert "The park" in browser.words


def test_an_administrator_sees_no_bookings_and_makes_no_events(desk: Desk) -> None:
    event = desk.add("Here")
    browser = desk.library.browser("it")
    for path in ("", event, f"dates/{desk.date_of(event)}/sheet"):
        assert browser.get(f"/staff/events/{path}").status_code == 403
    browser.get("/staff/password")
    assert browser.post(f"/staff/events/{event}/cancel").status_code == 403
    assert not browser.page.find("a", href="/staff/events/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("topic=children", ["Rhymes"]),
        ("state=draft", ["Secret"]),
        ("state=cancelled", ["Off"]),
        ("state=full", ["Full"]),
        ("state=waiting", ["Full"]),
        ("state=words", ["Rhymes"]),
        ("state=gone", ["Lost"]),
        ("source=hand", ["Rhymes", "Secret", "Off", "Full"]),
        ("source=feed", ["Lost"]),
        ("since=2026-03-14", []),
        ("since=2026-03-10&days=1", ["Rhymes"]),
        ("topic=gold&state=x&source=&since=31.3.&days=9&branch=zz&after=zz", None),
        ("after=99999999999999999999-x&since=9999-12-31", None),
    ],
)
def test_the_programme_can_be_narrowed(desk: Desk, query: str, found: list[str] | None) -> None:
    desk.add("Rhymes", days=1, stated=frozenset({"children"}), texts=[Text("pl", "Rymowanki", state="draft")])
    desk.add("Secret", days=2, status="draft")
    cancelled = desk.add("Off", days=2, hours=13)
    full = desk.add("Full", days=3, booking="book", capacity=2)
    desk.book(full, 2)
    desk.book(full, 1)
    desk.add("Lost", days=4, source="feed", identity="one")
    with desk.store.write() as db:
        saving.cancel(db, cancelled, "anna")
        saving.mark_gone(db, "feed", [], "feed")
    browser = desk.library.browser("anna")
    assert browser.get(f"/staff/events/?{query}").status_code == 200
    assert titles(browser) == (found if found is not None else ["Rhymes", "Secret", "Off", "Full", "Lost"])


def test_a_long_programme_is_turned_page_by_page(desk: Desk) -> None:
    for number in range(45):
        desk.add(f"Event {number:02d}", hours=9 + number % 2, days=1 + number // 4)
    browser = desk.library.browser("anna")
    seen, pages, address = [], 0, "/staff/events/"
    while address:
        browser.get(address)
        seen += titles(browser)
        pages += 1
        tag = browser.page.find("a", rel="next")
        address = str(tag["href"]) if tag else ""
    assert (len(seen), len(set(seen)), pages) == (45, 45, 3)


def test_words_find_events_and_are_not_in_the_address(desk: Desk) -> None:
    desk.add("Knit and Natter", text="Bring your wool")
    desk.add("Wool for experts", status="draft")
    desk.add("Chess")
    browser = desk.library.browser("anna")
    browser.get("/staff/events/")
    assert browser.post("/staff/events/search", words="  WOOL ").status_code == 200
    assert sorted(titles(browser)) == ["Knit and Natter", "Wool for experts"]
    browser.get("/staff/events/")
    assert browser.post("/staff/events/search", words="").location == "/staff/events/"
    for rubbish in ("%", "_", "' OR 1=1", '"', "🧶", "x" * 10_000, "\x00"):
        browser.get("/staff/events/")
        answer = browser.post("/staff/events/search", words=rubbish)
        assert answer.status_code == 303 or "Chess" not in titles(browser)


def test_ten_thousand_dates_are_listed_along_an_index(desk: Desk) -> None:
    with desk.store.read() as db:
        for there in ("here", "run-here", "anywhere"):
            plan = db.all(
                "EXPLAIN QUERY PLAN SELECT o.id, o.starts FROM occurrences o CROSS JOIN events e"
                f" WHERE e.id = o.event_id AND {desk_records._at(there)} AND o.starts >= :first"
                " AND o.starts < :until ORDER BY o.starts, o.id LIMIT 20",
                branch="x",
                first=0,
                until=9,
            )
            words = " ".join(row["detail"] for row in plan)
            assert "SCAN" not in words
            assert "TEMP B-TREE" not in words


# -- making -------------------------------------------------------------------------------------------------


def test_staff_make_an_event_that_residents_see_at_once(desk: Desk) -> None:
    browser = desk.library.browser("anna")
    browser.get("/staff/events/new")
    sent = {**edit_fields(browser), **NEW, "topics": ["children"], "spoken": ["en", "pl"], "pence": "2.50"}
    answer = browser.post("/staff/events/new", **sent)
    assert answer.status_code == 303, browser.words
    browser.get(answer.location)
    assert "The event is saved." in browser.words
    event_id = answer.location.split("/")[-1].split("?")[0]
    with desk.store.read() as db:
        event, [date] = find(db, event_id), dates(db, event_id, desk.now)
    assert event.facts == Facts(
        branch_id=desk.library.central, booking="book", capacity=20, pence=250,
        stated=frozenset({"children"}), spoken=frozenset({"en", "pl"}),
    )  # fmt: skip
    assert event.changed_by == "anna"
    assert date.date.starts == datetime(2026, 3, 17, 10, 30, tzinfo=ZoneInfo("Europe/London"))
    assert ("anna", "event made", event_id) in desk.library.log()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"title": ""}, "Write a title."),
        ({"title": "x" * 10_000}, "too long"),
        ({"text": "x" * 10_000}, "too long"),
        ({"first": ""}, "Choose a day."),
        ({"first": "2026-02-30"}, "Write the day"),
        ({"first": "2026-03-01"}, "This day is over"),
        ({"first": "2106-03-17"}, "Check the year."),
        ({"starts": ""}, "Write when it begins"),
        ({"starts": "soon"}, "Write a time like 14:30."),
        ({"ends": "09:00"}, "It must end after it begins."),
        ({"every": "week"}, "Choose the last day"),
        ({"every": "week", "count": "300"}, "There can be 200 dates"),
        ({"every": "week", "count": "0"}, "Write a number from 1 to 9999"),
        ({"every": "week", "count": "3", "not_on": "next Tuesday"}, "like 25 Dec 2026"),
        ({"not_on": "25 Dec"}, "with its year"),
        ({"not_on": "17 March 2026"}, "No date is left."),
        ({"pence": "much"}, "Write the price in pounds"),
        ({"pence": "1e999999"}, "Write the price in pounds"),
        ({"pence": "NaN"}, "Write the price in pounds"),
        ({"capacity": "-3"}, "Write a number from 1 to 9999"),
        ({"link": "javascript:alert(1)"}, "Write the whole address"),
        ({"place_kind": "elsewhere"}, "Write where it is."),
        ({"branch": "nowhere"}, "Choose a branch."),
        ({"topics": ["gold"]}, ""),
        ({"status": "cancelled"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_right_is_asked_again_and_nothing_is_lost(
    desk: Desk, changed: dict[str, Any], says: str
) -> None:
    browser = desk.library.browser("anna")
    browser.get("/staff/events/new")
    sent = {**edit_fields(browser), **NEW, "text": "Songs & rhymes", **changed}
    assert browser.post("/staff/events/new", **sent).status_code == 422
    assert says in browser.words
    if "text" not in changed:
        assert "Songs & rhymes" in browser.words
    with desk.store.read() as db:
        assert db.value("SELECT count(*) FROM events") == 0


def test_branch_staff_make_no_events_for_another_branch(desk: Desk) -> None:
    browser = desk.library.browser("anna")
    browser.get("/staff/events/new")
    sent = {**edit_fields(browser), **NEW, "branch": desk.library.north}
    assert browser.post("/staff/events/new", **sent).status_code == 422
    sent = {**sent, "branch": "", "place_kind": "online"}
    browser.get("/staff/events/new")
    assert browser.post("/staff/events/new", **sent).status_code == 422
    manager = desk.library.browser("manager")
    manager.get("/staff/events/new")
    assert manager.post("/staff/events/new", **sent).status_code == 303


def test_a_series_leaves_out_days_and_keeps_its_hour_across_the_clock_change(desk: Desk) -> None:
    browser = desk.library.browser("anna")
    browser.get("/staff/events/new")
    sent = {**edit_fields(browser), **NEW, "every": "week", "until": "2026-04-14", "not_on": "24 Mar 2026"}
    answer = browser.post("/staff/events/new", **sent)
    event_id = answer.location.split("/")[-1].split("?")[0]
    with desk.store.read() as db:
        found = dates(db, event_id, desk.now)
    assert [f"{each.date.starts:%d.%m. %H:%M}" for each in found] == [
        "17.03. 10:30", "31.03. 10:30", "07.04. 10:30", "14.04. 10:30",
    ]  # fmt: skip
    utc = [each.date.starts.astimezone(ZoneInfo("UTC")).hour for each in found]
    assert utc == [10, 9, 9, 9], "clocks go forward on 29 March"


def test_staff_are_warned_of_closures_and_of_others_in_the_room(desk: Desk) -> None:
    desk.add("Chess", days=8, hours=10, room="Blue room")
    desk.close(datetime(2026, 3, 24).date(), "Spring holiday")  # noqa: DTZ001
    browser = desk.library.browser("anna")
    browser.get("/staff/events/new")
    sent = {**edit_fields(browser), **NEW, "room": "blue  ROOM", "every": "week", "count": "3"}
    assert browser.post("/staff/events/new", **sent).status_code == 422
    assert "Tue 17 Mar 2026, 10:30–11:15: in this room there is Chess" in browser.words
    assert "Tue 24 Mar 2026, 10:30–11:15: the branch is closed. Spring holiday" in browser.words
    answer = browser.post("/staff/events/new", **{**edit_fields(browser), "clashes": "leave-out"})
    event_id = answer.location.split("/")[-1].split("?")[0]
    with desk.store.read() as db:
        assert [each.date.starts.day for each in dates(db, event_id, desk.now)] == [31]


def test_what_clashes_can_be_kept_and_stays_pointed_out(desk: Desk) -> None:
    desk.add("Chess", days=8, hours=10, room="Blue room")
    browser = desk.library.browser("anna")
    browser.get("/staff/events/new")
    sent = {**edit_fields(browser), **NEW, "room": "Blue room", "clashes": "keep"}
    answer = browser.post("/staff/events/new", **sent)
    assert answer.status_code == 303
    browser.get(answer.location)
    assert "Something speaks against these dates" in browser.words
    assert "in this room there is Chess" in browser.words


def test_a_copy_has_everything_but_the_dates(desk: Desk) -> None:
    event = desk.add(
        "Rhymes", text="Songs", texts=[Text("pl", "Rymowanki", state="draft")], booking="book", capacity=9,
        stated=frozenset({"children", "quiet"}), spoken=frozenset({"pl"}), pence=300, room="Blue room",
    )  # fmt: skip
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/new?copy={event}")
    same = edit_fields(browser)
    assert same["status"] == "draft"
    assert same["first"] == ""
    answer = browser.post(
        "/staff/events/new", **{**same, "first": "2026-05-05", "starts": "10", "ends": "11"}
    )
    assert answer.status_code == 303, browser.words
    copied = answer.location.split("/")[-1].split("?")[0]
    with desk.store.read() as db:
        assert find(db, copied).facts.stated == {"children", "quiet"}
        assert find(db, copied).facts.pence == 300
        assert texts(db, copied) == texts(db, event)
    assert (
        browser.get(f"/staff/events/new?copy={desk.add('There', branch=desk.library.north)}").status_code
        == 404
    )


# -- editing ------------------------------------------------------------------------------------------------


def test_new_english_puts_the_translations_out_of_date(desk: Desk, clock: time_machine.Traveller) -> None:
    event = desk.add("Rhymes", text="Songs")
    browser = desk.library.browser("anna")
    path = f"/staff/events/{event}/words?language=pl"
    browser.get(path)
    answer = browser.post(
        path, **{**edit_fields(browser), "title": "Rymowanki", "text": "Raz\n\n\n\nDwa ", "state": "read"}
    )
    assert answer.status_code == 303
    with desk.store.read() as db:
        assert texts(db, event)[1] == Text("pl", "Rymowanki", "Raz\n\nDwa", "", "read")
    clock.shift(60)
    browser.get(f"/staff/events/{event}/edit")
    browser.post(f"/staff/events/{event}/edit", **edit_fields(browser, title="Rhymes and songs"))
    with desk.store.read() as db:
        assert texts(db, event)[1].state == "out-of-date"
    browser.get(f"/staff/events/{event}")
    assert "Out of date: the English has changed" in browser.words
    browser.get(path)
    assert "Residents see the English now." in browser.words
    assert ("anna", "event words edited", event) in desk.library.log()


def test_words_are_written_in_languages_that_exist(desk: Desk) -> None:
    event = desk.add("Rhymes")
    browser = desk.library.browser("anna")
    for tag, status in [("bn", 200), ("zh-Hant-HK", 200), ("en", 404), ("xx", 404), ("", 404), ("<b>", 404)]:
        assert browser.get(f"/staff/events/{event}/words?language={tag}").status_code == status


def test_of_two_who_edit_at_once_the_second_loses_nothing_of_the_first(
    desk: Desk, clock: time_machine.Traveller
) -> None:
    event = desk.add("Rhymes")
    anna, manager = desk.library.browser("anna"), desk.library.browser("manager")
    path = f"/staff/events/{event}/edit"
    anna.get(path)
    manager.get(path)
    clock.shift(30)
    assert anna.post(path, **edit_fields(anna, room="Blue room")).status_code == 303
    assert manager.post(path, **edit_fields(manager, room="Red room")).status_code == 409
    assert "anna has just changed this event." in manager.words
    with desk.store.read() as db:
        assert find(db, event).facts.room == "Blue room"


def test_an_event_goes_with_its_dates_to_another_branch(desk: Desk) -> None:
    event = desk.add("Rhymes")
    manager = desk.library.browser("manager")
    manager.get(f"/staff/events/{event}/edit")
    manager.post(f"/staff/events/{event}/edit", **edit_fields(manager, branch=desk.library.north))
    with desk.store.read() as db:
        assert dates(db, event, desk.now)[0].date.branch_id == desk.library.north
    assert desk.library.browser("anna").get(f"/staff/events/{event}").status_code == 404
    assert desk.library.browser("ned").get(f"/staff/events/{event}").status_code == 200


def test_the_events_of_another_branch_are_not_there(desk: Desk) -> None:
    event = desk.add("There", branch=desk.library.north, booking="book")
    date, one = desk.date_of(event), desk.book(event)
    anna = desk.library.browser("anna")
    for path in (
        f"{event}", f"{event}/edit", f"{event}/words?language=pl", f"{event}/dates", f"dates/{date}/edit",
        f"dates/{date}/sheet", f"bookings/{one.id}", "nothing", "dates/nothing/sheet", "bookings/nothing",
    ):  # fmt: skip
        assert anna.get(f"/staff/events/{path}").status_code == 404, path
    before = desk.library.log()
    for path in (
        f"{event}/cancel", f"{event}/edit", f"{event}/dates", f"dates/{date}/edit", f"dates/{date}/cancel",
        f"dates/{date}/keep", f"dates/{date}/leave-out", f"dates/{date}/came", f"dates/{date}/walk-ins",
        f"bookings/{one.id}/paid", f"bookings/{one.id}/cancel", f"bookings/{one.id}/pin",
        f"bookings/{one.id}/accept", f"bookings/{one.id}/places",
    ):  # fmt: skip
        anna.get("/staff/events/")
        assert anna.post(f"/staff/events/{path}", tell="y", step="more").status_code == 404, path
    anna.get("/staff/events/")
    assert anna.post("/staff/events/code", code=one.reference).status_code == 422
    assert desk.library.log() == before


def test_who_has_one_date_of_anothers_event_does_nothing_to_the_others(desk: Desk) -> None:
    here = replace(desk.at(3, 11), branch_id=desk.library.central)
    event = desk.add("Tour", branch=desk.library.north, when=[desk.at(2, 11), here], booking="book")
    with desk.store.read() as db:
        theirs, ours = (each.id for each in dates(db, event, desk.now))
    anna, ned = desk.library.browser("anna"), desk.library.browser("ned")
    assert anna.get(f"/staff/events/{event}").status_code == 200
    links = {str(each.get("href", each.get("action"))) for each in anna.page.select("main a, main form")}
    for each in links - {"/staff/events/"}:
        assert anna.get(each).status_code == 200, "only what she may do is offered"
    assert f"/staff/events/dates/{ours}/edit" in links
    for path in ("edit", "words?language=pl", "dates"):
        assert anna.get(f"/staff/events/{event}/{path}").status_code == 404, path
        assert ned.get(f"/staff/events/{event}/{path}").status_code == 200, path
    assert anna.get(f"/staff/events/dates/{theirs}/edit").status_code == 404
    anna.get(f"/staff/events/{event}")
    for path in ("cancel", "edit", "words?language=pl", "dates"):
        assert anna.post(f"/staff/events/{event}/{path}", tell="y").status_code == 404, path
    assert anna.post(f"/staff/events/dates/{ours}/cancel").status_code == 303
    with desk.store.read() as db:
        assert [each.status for each in dates(db, event, desk.now)] == ["confirmed", "cancelled"]


@pytest.mark.parametrize("typed", RUBBISH)
def test_whatever_is_typed_into_an_event_it_opens_again(desk: Desk, typed: str) -> None:
    event = desk.add("Rhymes")
    browser = desk.library.browser("manager")
    for path in (
        f"{event}/edit",
        f"{event}/words?language=ar",
        f"{event}/dates",
        f"dates/{desk.date_of(event)}/edit",
    ):
        browser.get(f"/staff/events/{path}")
        for name in edit_fields(browser):
            browser.get(f"/staff/events/{path}")
            sent = {**edit_fields(browser), name: typed.encode("utf-8", "replace").decode()}
            answer = browser.post(f"/staff/events/{path}", **sent)
            assert answer.status_code in (303, 409, 422)
            assert browser.get(f"/staff/events/{event}").status_code == 200


# -- dates --------------------------------------------------------------------------------------------------


def test_a_date_is_moved_alone_and_the_others_stay(desk: Desk) -> None:
    event = desk.series("Rhymes", 3)
    first = desk.date_of(event)
    browser = desk.library.browser("anna")
    path = f"/staff/events/dates/{first}/edit"
    browser.get(path)
    answer = browser.post(path, **edit_fields(browser, day="2026-03-18", starts="15:00", ends="16:00"))
    assert answer.status_code == 303, browser.words
    browser.get(answer.location)
    assert "Wed 18 Mar 2026, 15:00–16:00" in browser.words
    assert "Moved from Mon 16 Mar 2026, 11:00" in browser.words
    with desk.store.read() as db:
        kept = {each.id: each.date for each in dates(db, event, desk.now)}
    assert len(kept) == 3
    assert kept[first].moved_from is not None
    browser.get(path)
    browser.post(path, **edit_fields(browser, day="2026-03-16", starts="11:00", ends="12:00"))
    with desk.store.read() as db:
        assert dates(db, event, desk.now)[0].date.moved_from is None, "it is where it was"


def test_a_date_added_where_one_was_moved_away_takes_nothing_from_it(desk: Desk) -> None:
    event = desk.series("Rhymes", 2)
    browser = desk.library.browser("anna")
    path = f"/staff/events/dates/{desk.date_of(event)}/edit"
    browser.get(path)
    browser.post(path, **edit_fields(browser, day="2026-03-18"))
    browser.get(f"/staff/events/{event}/dates")
    sent = {**edit_fields(browser), "first": "2026-03-16", "starts": "11:00", "ends": "12:00"}
    assert browser.post(f"/staff/events/{event}/dates", **sent).status_code == 303
    with desk.store.read() as db:
        assert [each.date.starts.day for each in dates(db, event, desk.now)] == [16, 18, 23]
    browser.get(f"/staff/events/{event}/dates")
    assert browser.post(f"/staff/events/{event}/dates", **sent).status_code == 422
    assert "No date is left." in browser.words, "it has them all already"


def test_a_date_is_left_out_unless_somebody_has_booked_it_or_it_is_the_only_one(desk: Desk) -> None:
    event = desk.series("Rhymes", 3, booking="book")
    browser = desk.library.browser("anna")
    with desk.store.read() as db:
        first, second, third = (each.id for each in dates(db, event, desk.now))
    desk.book(event, date=second)
    for date, left in [(second, 3), (first, 2), (third, 1), (second, 1)]:
        browser.get("/staff/events/")
        assert browser.post(f"/staff/events/dates/{date}/leave-out").status_code == 303
        with desk.store.read() as db:
            assert len(dates(db, event, desk.now)) == left


def test_who_booked_a_date_that_moves_is_told(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Rhymes", days=7, booking="book")
    desk.book(event, person=Person("Amina", email="amina@example.org"))
    desk.book(event, person=Person("Bo"))
    browser = desk.library.browser("anna")
    path = f"/staff/events/dates/{desk.date_of(event)}/edit"
    browser.get(path)
    answer = browser.post(path, **edit_fields(browser, starts="15:00", ends="16:00"))
    browser.get(answer.location)
    assert "Messages on their way: 1." in browser.words
    assert "People to be told by you: 1." in browser.words
    assert desk.messages() == ["event-moved"]


def test_a_date_that_moves_again_is_told_again_each_time(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Craft", days=7, booking="book", pence=300)
    desk.book(event, person=Person("Amina", email="amina@example.org"))
    browser = desk.library.browser("anna")
    path = f"/staff/events/dates/{desk.date_of(event)}/edit"
    for hour in (13, 15):
        browser.get(path)
        answer = browser.post(path, **edit_fields(browser, starts=f"{hour}:00", ends=f"{hour + 1}:00"))
        browser.get(answer.location)
        assert "Messages on their way: 1." in browser.words
    assert desk.messages() == ["event-moved", "event-moved"]


def test_only_who_has_a_place_reads_that_she_keeps_it(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Rhymes", days=7, booking="book", capacity=1)
    one, two = (desk.book(event, person=Person(name, email=f"{name}@example.org")) for name in ("a", "b"))
    assert (one.state, two.state) == ("booked", "waiting")
    browser = desk.library.browser("anna")
    path = f"/staff/events/dates/{desk.date_of(event)}/edit"
    browser.get(path)
    browser.post(path, **edit_fields(browser, starts="15:00", ends="16:00"))
    says = {}
    for _each in (one, two):
        with desk.store.write() as db:
            taken = outbox_records.take(db, desk.now)
        assert taken is not None
        to, said = outbox_records.opened(taken, desk.library.service_key)
        says[to] = "You still have your place." in written(taken.kind, said, "en", "L").text
    assert says == {"a@example.org": True, "b@example.org": False}


def test_who_booked_hears_that_it_is_in_another_building(desk: Desk, clock: time_machine.Traveller) -> None:
    desk.choose_mail()
    event = desk.series("Rhymes", 2, booking="book")
    desk.book(event, person=Person("Amina", email="amina@example.org"))
    desk.book(event, person=Person("Bo"))
    manager = desk.library.browser("manager")

    def change(**facts: Any) -> None:
        clock.shift(timedelta(minutes=1))
        manager.get(f"/staff/events/{event}/edit")
        manager.get(manager.post(f"/staff/events/{event}/edit", **edit_fields(manager, **facts)).location)

    change(title="Rhyme time")
    assert desk.messages() == []
    change(branch=desk.library.north)
    assert "Messages on their way: 1." in manager.words
    assert "People to be told by you: 1." in manager.words
    change(room="Room 2")
    change(place_kind="elsewhere", place="Village Hall")
    assert desk.messages() == ["event-moved"] * 3
    manager.get(f"/staff/events/{event}/edit")
    fields = edit_fields(manager, room="Room 3")
    del fields["tell"]
    manager.post(f"/staff/events/{event}/edit", **fields)
    assert desk.messages() == ["event-moved"] * 3, "staff said no"


# -- cancelling ---------------------------------------------------------------------------------------------


def test_a_cancelled_date_stays_visible_and_those_who_booked_are_told(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.series("Rhymes", 2, booking="book", capacity=2)
    for name, places in [("Amina", 2), ("Bo", 1)]:
        desk.book(event, places, person=Person(name, email=f"{name}@example.org"))
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    date = desk.date_of(event)
    for _twice in range(2):
        answer = browser.post(f"/staff/events/dates/{date}/cancel", tell="y")
        browser.get(answer.location)
    assert desk.messages() == ["event-cancelled", "event-cancelled"], "two people, once each"
    assert "Cancelled" in browser.words
    with desk.store.read() as db:
        assert [each.status for each in dates(db, event, desk.now)] == ["cancelled", "confirmed"]
    assert desk.acts().count("event date cancelled") == 1


def test_a_cancelled_event_tells_everybody_of_all_its_dates(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.series("Rhymes", 3, booking="book")
    with desk.store.read() as db:
        ids = [each.id for each in dates(db, event, desk.now)]
    for date in ids:
        desk.book(event, date=date, person=Person("Amina", email="amina@example.org"))
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.get(browser.post(f"/staff/events/{event}/cancel", tell="y").location)
    assert "Messages on their way: 3." in browser.words
    assert desk.messages() == ["event-cancelled"] * 3
    browser.get(f"/staff/events/{event}/edit")
    assert edit_fields(browser)["status"] == "cancelled"


def test_an_event_that_takes_place_after_all_tells_those_who_have_booked(
    desk: Desk, clock: time_machine.Traveller
) -> None:
    desk.choose_mail()
    event = desk.add("Craft", booking="book", capacity=2, pence=300, days=20)
    two, one, three = (
        desk.book(event, places, person=Person("Amina", email="amina@example.org")) for places in (1, 1, 1)
    )
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/{event}/cancel", tell="y")
    with desk.store.write() as db:
        assert booking.cancel(db, one.id, Terms(), desk.now) == [], "nothing is offered of what is cancelled"
    clock.shift(timedelta(days=8))  # the time to pay has run out meanwhile
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}/edit")
    fields = edit_fields(browser)
    browser.get(browser.post(f"/staff/events/{event}/edit", **{**fields, "status": "confirmed"}).location)
    assert "Messages on their way: 1." in browser.words
    assert sorted(desk.messages()) == ["event-cancelled"] * 3 + ["event-offered", "event-on-again"]
    assert desk.now_is(two).state == "to-pay"
    assert datetime.fromisoformat(desk.now_is(two).deadline_at) == desk.now + Terms().pay
    assert desk.now_is(three).state == "offered"


def test_that_it_takes_place_after_all_is_told_to_nobody_if_staff_say_so(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Craft", booking="book", capacity=2)
    desk.book(event, person=Person("Amina", email="amina@example.org"))
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/{event}/cancel")
    browser.get(f"/staff/events/{event}/edit")
    fields = {name: value for name, value in edit_fields(browser).items() if name != "tell"}
    browser.post(f"/staff/events/{event}/edit", **{**fields, "status": "confirmed"})
    assert desk.messages() == []


def test_nobody_is_told_when_staff_say_so(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Rhymes", booking="book")
    desk.book(event, person=Person("Amina", email="amina@example.org"))
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/{event}/cancel")
    assert desk.messages() == []


def test_what_left_its_calendar_though_booked_waits_for_a_decision(desk: Desk) -> None:
    kept = desk.add("Kept", source="feed", identity="1", booking="book", days=3)
    ended = desk.add("Ended", source="feed", identity="2", booking="book", days=3)
    for event in (kept, ended):
        desk.book(event, 2)
    with desk.store.write() as db:
        saving.mark_gone(db, "feed", [], "feed")
    browser = desk.library.browser("anna")
    browser.get("/staff/events/")
    assert browser.words.count("People booked: 2") == 2
    ned = desk.library.browser("ned")
    ned.get("/staff/events/")
    assert "Please decide" not in ned.words
    browser.get(f"/staff/events/{kept}")
    browser.post(f"/staff/events/dates/{desk.date_of(kept)}/keep")
    browser.get(f"/staff/events/{ended}")
    browser.post(f"/staff/events/dates/{desk.date_of(ended)}/cancel", tell="y")
    browser.get("/staff/events/")
    assert "Please decide" not in browser.words
    assert titles(browser).count("Kept") == 1


def test_one_date_that_is_kept_brings_no_other_back(desk: Desk) -> None:
    event, ids = desk.lost_by_its_calendar()
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/dates/{ids[0]}/keep")
    with desk.store.read() as db:
        assert [each.id for each in dates(db, event, desk.now)] == ids[:1]
        assert [each.id for each in undecided(db, desk.now)] == [ids[1]], "this one is still to be decided"


def test_nothing_is_left_to_decide_once_the_event_is_cancelled_and_everybody_is_told(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.series("Rhymes", 2, source="feed", identity="1", booking="book")
    desk.book(event, person=Person("Amina", email="amina@example.org"))
    with desk.store.write() as db:
        found, (gone, kept) = find(db, event), dates(db, event, desk.now)
        saving.save(db, found.facts, [], [kept.date], source="feed", identity="1", by="feed")
        assert [each.id for each in undecided(db, desk.now)] == [gone.id]
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    assert "Please decide" in browser.words
    browser.get(browser.post(f"/staff/events/{event}/cancel", tell="y").location)
    assert desk.messages() == ["event-cancelled"]
    assert "Please decide" not in browser.words


def test_a_date_that_is_kept_offers_its_free_places_and_gives_time_again(
    desk: Desk, clock: time_machine.Traveller
) -> None:
    desk.choose_mail()
    event = desk.add("Craft", source="feed", identity="1", booking="book", capacity=2, days=20)
    one, two, three, four = (desk.book(event, person=Person("A", email="a@example.org")) for _ in range(4))
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
        saving.mark_gone(db, "feed", [], "feed")
        booking.cancel(db, two.id, Terms(), desk.now)
    clock.shift(timedelta(days=2))
    rounds.go(desk.library.app)
    assert [desk.now_is(each).state for each in (three, four)] == ["offered", "waiting"]
    assert desk.messages() == []
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/dates/{desk.date_of(event)}/keep")
    rounds.go(desk.library.app)
    assert [desk.now_is(each).state for each in (three, four)] == ["offered", "offered"]
    assert desk.messages() == ["event-offered", "event-offered"]


# -- more places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["event", "date"])
def test_more_places_go_to_those_who_wait(desk: Desk, where: str) -> None:
    desk.choose_mail()
    event = desk.add("Rhymes", booking="book", capacity=2)
    desk.book(event, 2)
    waiting = desk.book(event, person=Person("Bo", email="bo@example.org"))
    assert waiting.state == "waiting"
    browser = desk.library.browser("anna")
    path = (
        f"/staff/events/{event}/edit"
        if where == "event"
        else f"/staff/events/dates/{desk.date_of(event)}/edit"
    )
    browser.get(path)
    assert browser.post(path, **edit_fields(browser, capacity="3")).status_code == 303
    assert desk.now_is(waiting).state == "offered"
    assert desk.messages() == ["event-offered"]


def test_the_log_stays_whole_and_names_nobody(desk: Desk) -> None:
    event = desk.add("Rhymes", booking="book")
    one = desk.book(event, person=Person("ZZCANARY", email="zzcanary@example.org"))
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/dates/{one.occurrence_id}/sheet")
    browser.post(f"/staff/events/dates/{one.occurrence_id}/cancel", tell="y")
    with desk.store.read() as db:
        audit.verify(db, desk.library.service_key)
        assert "zzcanary" not in str(audit.entries(db, most=1000)).lower()
