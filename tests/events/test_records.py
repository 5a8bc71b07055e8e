"""What is kept of events, and the lists in which people find them, tested with a database file alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kiosk.events import codes, finding, records, saving, search, upcoming, wishes
from kiosk.events.finding import Page, Wanted, page
from kiosk.events.records import Date, Facts, Text
from kiosk.store import NotThere, Reading, Store
from tests.events.conftest import LONDON, Programme, at, date

MoveOn = Callable[[timedelta], datetime]


def titles(listed: Page) -> list[str]:
    return [each.title for each in listed.events]


def listed(programme: Programme, now: datetime | None = None, **wanted: Any) -> list[str]:
    with programme.store.read() as db:
        return titles(page(db, Wanted(**wanted), "en", now or at(9)))


# Lists ------------------------------------------------------------------------------------------------------


def test_now_and_in_the_next_hour_in_this_building(programme: Programme, move_on: MoveOn) -> None:
    programme.add("Over", date(6))
    programme.add("Going on", date(8.5))
    programme.add("In an hour", date(10))
    programme.add("Later", date(10.1))
    programme.add("Elsewhere", date(9), branch_id=programme.north)
    programme.add("The whole day", date(0, lasts=24, all_day=True))
    with programme.store.read() as db:
        assert titles(finding.on_now(db, programme.central, "en", at(9))) == ["Going on", "In an hour"]
    now = move_on(timedelta(minutes=45))
    with programme.store.read() as db:
        assert titles(finding.on_now(db, programme.central, "en", now)) == ["In an hour", "Later"]


def test_today_and_this_week_end_at_midnight_where_the_branch_is(programme: Programme) -> None:
    programme.add("Late tonight", date(23.9, lasts=0.05))
    programme.add("Tomorrow", date(0.1, 1))
    programme.add("On Sunday", date(23, 6, lasts=0.5))
    programme.add("Next Monday", date(10, 7))
    here = Wanted(branches=(programme.central,))
    with programme.store.read() as db:
        assert titles(finding.today(db, here, "en", at(9))) == ["Late tonight"]
        assert titles(finding.this_week(db, here, "en", at(9))) == ["Late tonight", "Tomorrow", "On Sunday"]


def test_what_lasts_for_days_hides_nothing_that_begins_soon(programme: Programme, move_on: MoveOn) -> None:
    programme.add("Exhibition", date(-24 * 3, lasts=24 * 10))
    programme.add("Holiday craft", date(0, lasts=24, all_day=True))
    programme.add("Rhyme time", date(11))
    programme.add("Tomorrow's rhymes", date(11, 1))
    order = ["Rhyme time", "Exhibition", "Holiday craft", "Tomorrow's rhymes"]
    assert listed(programme) == order
    now = move_on(timedelta(days=1))
    assert listed(programme, now) == ["Tomorrow's rhymes", "Exhibition"]


def test_an_event_is_listed_once_with_its_next_date(programme: Programme, move_on: MoveOn) -> None:
    event = programme.add("Knit and Natter", *(date(14, 7 * week) for week in range(20)))
    with programme.store.read() as db:
        (one,) = page(db, Wanted(), "en", at(9)).events
        assert one.occurrence.date.starts == at(14)
        assert [each.date.starts for each in records.dates(db, event, at(9), most=2)] == [at(14), at(14, 7)]
    move_on(timedelta(days=6))
    with programme.store.read() as db:
        (one,) = page(db, Wanted(), "en", at(9, 6)).events
        assert one.occurrence.date.starts == at(14, 7)
        assert (one.branch, one.facts.place_kind) == ("Central Library", "branch")


def test_before_the_round_comes_by_nothing_that_is_over_is_shown(
    programme: Programme, clock: time_machine.Traveller
) -> None:
    programme.add("Once", date(10))
    programme.add("Weekly", date(10), date(10, 7))
    clock.shift(timedelta(hours=3))
    assert listed(programme, at(12)) == ["Weekly"]
    with programme.store.read() as db:
        assert titles(finding.today(db, Wanted(), "en", at(12))) == []


def test_branch_neighbours_online_and_the_mobile_library(programme: Programme) -> None:
    programme.add("Here", date(10))
    programme.add("Next door", date(11), branch_id=programme.north)
    programme.add("Far", date(12), branch_id=programme.west)
    programme.add("Online", date(13), place_kind="online", place="Zoom")
    programme.add("Van", date(14), place_kind="mobile", place="The Green, Barham")
    assert listed(programme, branches=(programme.central, programme.north)) == ["Here", "Next door"]
    assert listed(programme, traits=frozenset({"online"})) == ["Online"]
    assert listed(programme, traits=frozenset({"mobile"})) == ["Van"]
    assert listed(programme) == ["Here", "Next door", "Far", "Online", "Van"]


def test_what_a_branch_runs_somewhere_else_is_in_its_lists_but_not_in_the_building(
    programme: Programme,
) -> None:
    park: dict[str, Any] = {
        "place_kind": "elsewhere",
        "place": "Victoria Park",
        "branch_id": programme.central,
    }
    programme.add("Health walk", date(9.5), date(9.5, 7), spoken=frozenset({"pl"}), **park)
    programme.add("Craft", date(10), date(9.25, 1, place="Castle Hill"))
    programme.add("Webinar", date(11), place_kind="online", branch_id=programme.central)
    here = (programme.central,)
    assert listed(programme, branches=here) == ["Health walk", "Craft"]
    assert listed(programme, branches=here, spoken="pl") == ["Health walk"]
    assert listed(programme, branches=here, words="walk") == ["Health walk"]
    assert listed(programme, branches=(programme.north,)) == []
    with programme.store.read() as db:
        assert titles(finding.today(db, Wanted(branches=here), "en", at(9))) == ["Health walk", "Craft"]
        assert titles(finding.on_now(db, programme.central, "en", at(9))) == ["Craft"]
        outside = page(db, Wanted(branches=here), "en", at(12)).events
        assert [each.occurrence.date.place for each in outside] == ["", "Castle Hill"]


def test_filters_narrow_each_other(programme: Programme) -> None:
    programme.add(
        "Chat and Chill", date(10), pence=0, booking="drop-in",
        stated=frozenset({"women-only", "english", "entry-1", "bring-a-friend"}),
        spoken=frozenset({"ar", "en"}),
    )  # fmt: skip
    programme.add("ESOL", date(11), booking="book", stated=frozenset({"english", "entry-1", "level-1"}))
    programme.add("Signed stories", date(12), stated=frozenset({"children", "bsl"}), spoken=frozenset({"en"}))
    programme.add("Film with a loop", date(13), stated=frozenset({"hearing-loop"}), pence=300)

    def with_traits(*traits: str, **more: Any) -> list[str]:
        return listed(programme, traits=frozenset(traits), **more)

    assert with_traits("english") == ["Chat and Chill", "ESOL"]
    assert with_traits("english", "free") == ["Chat and Chill"]
    assert with_traits("no-booking", "women-only", "bring-a-friend") == ["Chat and Chill"]
    assert with_traits("level-1", "entry-1") == ["ESOL"]
    assert with_traits("hearing") == ["Signed stories", "Film with a loop"]
    assert listed(programme, spoken="en") == ["Chat and Chill", "Signed stories"]
    assert with_traits("children", spoken="en", branches=(programme.central,)) == ["Signed stories"]
    assert with_traits("children", spoken="ar", branches=(programme.central,)) == []
    with pytest.raises(KeyError):
        with_traits("cheap")


def test_every_filter_is_a_code_that_can_be_stated_or_follows() -> None:
    assert len(set(codes.TRAITS)) == len(codes.TRAITS) <= 63
    assert codes.STATED | {"hearing", "free", "no-booking", "online", "mobile"} == set(codes.TRAITS)
    assert set(codes.COMMON) <= set(codes.TRAITS)


def test_pages_follow_each_other_also_over_several_branches(programme: Programme) -> None:
    for number in range(20):
        branch = (programme.central, programme.north)[number % 2]
        programme.add(f"Event {number}", date(10), branch_id=branch)
    seen: list[str] = []
    after: int | None = 0
    with programme.store.read() as db:
        while after is not None:
            part = page(db, Wanted(branches=(programme.central, programme.north)), "en", at(9), after=after)
            seen += titles(part)
            after = part.more
            assert len(part.events) == 6 or after is None
    assert seen == [f"Event {number}" for number in range(20)], "those of one minute too"


def test_an_event_at_two_branches_is_at_each_with_its_date_there(programme: Programme) -> None:
    programme.add("Tour", date(10, 1), date(10, 2, branch_id=programme.north))
    with programme.store.read() as db:
        (there,) = page(db, Wanted(branches=(programme.north,)), "en", at(9)).events
        assert there.occurrence.date.starts == at(10, 2)
        assert there.branch == "North Library"
        both = Wanted(branches=(programme.central, programme.north))
        assert len(page(db, both, "en", at(9)).events) == 1


def test_cancelled_is_shown_and_drafts_and_what_has_gone_are_not(programme: Programme) -> None:
    cancelled, gone = programme.add("Cancelled"), programme.add("One date off", date(12), date(12, 1))
    draft = programme.add("Draft", status="draft")
    with programme.store.write() as db:
        saving.cancel(db, cancelled, "amina")
        saving.cancel_date(db, records.dates(db, gone, at(9))[0].id, "amina")
    with programme.store.read() as db:
        shown = page(db, Wanted(), "en", at(9)).events
        assert [(each.title, each.occurrence.status) for each in shown] == [
            ("Cancelled", "cancelled"),
            ("One date off", "cancelled"),
        ]
        assert [each.status for each in records.dates(db, gone, at(9))] == ["cancelled", "confirmed"]
        with pytest.raises(NotThere):
            finding.shown(db, draft, "en", at(9))
        assert records.find(db, draft).facts.status == "draft"


def test_the_hours_of_a_date_are_those_of_its_place_also_when_clocks_change(programme: Programme) -> None:
    event = programme.add("Weekly", date(14, 14), Date("k", datetime(2026, 3, 30, 14, tzinfo=LONDON), None, "Europe/London"))  # fmt: skip  # noqa: E501
    with programme.store.read() as db:
        shown = finding.shown(db, event, "en", at(9))
    assert [each.date.starts.strftime("%d %H:%M %Z") for each in shown.dates] == [
        "23 14:00 GMT",
        "30 14:00 BST",
    ]
    assert shown.dates[1].date.ends is None


# Words ------------------------------------------------------------------------------------------------------


def test_words_are_shown_in_the_language_of_the_reader_or_in_english(programme: Programme) -> None:
    event = programme.add(
        "Rhyme time",
        texts=(Text("pl", "Rymowanki", "Dla dzieci"), Text("uk", "Віршики", state="draft")),
    )
    with programme.store.read() as db:
        for asked, title, language, state in (
            ("pl", "Rymowanki", "pl", "read"),
            ("uk", "Віршики", "uk", "draft"),
            ("ar", "Rhyme time", "en", "read"),
        ):
            text = finding.shown(db, event, asked, at(9)).title
            assert (text.title, text.language, text.state) == (title, language, state)
            (one,) = page(db, Wanted(), asked, at(9)).events
            assert (one.title, one.language, one.state) == (title, language, state)


def test_new_english_puts_translations_out_of_date_until_somebody_reads_them_again(
    programme: Programme,
) -> None:
    event = programme.add("Rhyme time", texts=(Text("pl", "Rymowanki"),))
    with programme.store.write() as db:
        assert not saving.set_text(db, event, Text("en", "Rhyme time"), "amina"), "nothing is different"
        assert finding.shown(db, event, "pl", at(9)).title.language == "pl"
        saving.set_text(db, event, Text("en", "Rhyme time at the park"), "amina")
        assert {text.language: text.state for text in records.texts(db, event)} == {
            "en": "read",
            "pl": "out-of-date",
        }
        assert finding.shown(db, event, "pl", at(9)).title.title == "Rhyme time at the park"
        saving.set_text(db, event, Text("pl", "Rymowanki w parku"), "amina")
        assert finding.shown(db, event, "pl", at(9)).title.title == "Rymowanki w parku"


def test_each_part_that_is_not_translated_is_in_english(programme: Programme) -> None:
    english = Text("en", "Rhyme time", "Songs for babies.", "A blanket")
    half = Text("pl", "Rymowanki", bring="Kocyk")
    with programme.store.write() as db:
        event = saving.save(db, Facts(), [english, half], [date(11)], by="amina").id
        shown = finding.shown(db, event, "pl", at(9))
        assert (shown.title.title, shown.text.text, shown.bring.bring) == (
            "Rymowanki",
            "Songs for babies.",
            "Kocyk",
        )
        assert [each.language for each in (shown.title, shown.text, shown.bring)] == ["pl", "en", "pl"]
        saving.set_text(db, event, Text("en", "Rhyme time", "Songs"), "amina")
        shown = finding.shown(db, event, "pl", at(9))
        assert shown.bring.bring == "", "what is old is not shown where the English has nothing any more"


def test_an_event_without_english_shows_what_it_has(programme: Programme) -> None:
    with programme.store.write() as db:
        saved = saving.save(db, Facts(), [Text("cy", "Amser stori")], [date(11)], by="amina")
        assert finding.shown(db, saved.id, "pl", at(9)).title.language == "cy"
        bare = saving.save(db, Facts(), [], [date(11)], by="amina")
        assert finding.shown(db, bare.id, "pl", at(9)).text == Text("en", "")


def test_a_date_may_have_a_title_of_its_own(programme: Programme) -> None:
    programme.add("Club", date(11, title="Club at the museum"), texts=(Text("pl", "Klub"),))
    with programme.store.read() as db:
        (one,) = page(db, Wanted(words="museum"), "pl", at(9)).events
    assert (one.title, one.language) == ("Club at the museum", "en")


# Saving from a calendar -------------------------------------------------------------------------------------


def read_calendar(programme: Programme, *dates: Date, title: str = "Talk", **facts: Any) -> saving.Saved:
    with programme.store.write() as db:
        return saving.save(
            db, Facts(**facts), [Text("en", title)], dates, source="feed", identity="u1", by="import"
        )


def test_the_same_calendar_twice_changes_nothing(programme: Programme, clock: time_machine.Traveller) -> None:
    facts: dict[str, Any] = {
        "stated": frozenset({"reading", "adults"}),
        "spoken": frozenset({"pl", "en"}),
        "pence": 300,
    }
    first = read_calendar(programme, date(11), date(11, 7), **facts)
    assert (first.is_new, first.changed, first.added) == (True, True, 2)
    clock.shift(timedelta(minutes=5))
    with programme.store.read() as db:
        before = list(db.all("SELECT * FROM events"))
    again = read_calendar(programme, date(11), date(11, 7), **facts)
    assert again == saving.Saved(first.id)
    with programme.store.read() as db:
        assert list(db.all("SELECT * FROM events")) == before


def test_what_has_changed_in_a_calendar_is_changed_and_what_is_not_there_goes(programme: Programme) -> None:
    first = read_calendar(programme, date(11), date(11, 7), date(11, 14))
    moved = replace(date(11), starts=at(15), ends=at(16), moved_from=at(11))
    again = read_calendar(programme, moved, date(11, 7), title="Talk and tea")
    assert (again.id, again.is_new, again.changed, again.moved, again.removed) == (
        first.id, False, True, 1, 1,
    )  # fmt: skip
    with programme.store.read() as db:
        (one,) = page(db, Wanted(), "en", at(9)).events
        assert one.title == "Talk and tea"
        assert (one.occurrence.date.starts, one.occurrence.date.moved_from) == (at(15), at(11))


def test_dates_of_the_past_stay_though_the_calendar_has_dropped_them(
    programme: Programme, clock: time_machine.Traveller
) -> None:
    first = read_calendar(programme, date(11), date(11, 7))
    clock.shift(timedelta(days=2))
    assert read_calendar(programme, date(11, 7)).removed == 0
    with programme.store.read() as db:
        assert len(records.dates(db, first.id, at(0))) == 2


def test_an_event_that_leaves_its_calendar_leaves_the_lists_and_may_come_back(programme: Programme) -> None:
    first = read_calendar(programme, date(11))
    programme.add("By hand", date(12))
    with programme.store.write() as db:
        assert saving.mark_gone(db, "feed", ["u1"], "import") == []
        assert saving.mark_gone(db, "feed", [], "import") == [first.id]
        assert saving.mark_gone(db, "feed", [], "import") == []
        assert records.find(db, first.id).gone_at
        assert records.undecided(db, at(9)) == [], "nobody has booked"
    assert listed(programme) == ["By hand"]
    assert read_calendar(programme, date(11)).changed
    assert listed(programme) == ["Talk", "By hand"]


def test_what_staff_have_cancelled_no_calendar_brings_back(programme: Programme) -> None:
    first = read_calendar(programme, date(11), date(11, 7))
    with programme.store.write() as db:
        saving.cancel_date(db, programme_date(db, first.id), "amina")
    read_calendar(programme, date(11), date(11, 7))
    with programme.store.write() as db:
        assert [each.status for each in records.dates(db, first.id, at(9))] == ["cancelled", "confirmed"]
        saving.cancel(db, first.id, "amina")
    assert not read_calendar(programme, date(11), date(11, 7)).changed
    with programme.store.write() as db:
        assert records.find(db, first.id).facts.status == "cancelled"
        facts = replace(records.find(db, first.id).facts, status="confirmed")
        saving.save(db, facts, [], [date(11), date(11, 7)], by="amina", event_id=first.id)
        assert {each.status for each in records.dates(db, first.id, at(9))} == {"confirmed"}


def programme_date(db: Reading, event_id: str) -> str:
    return records.dates(db, event_id, at(0))[0].id


@pytest.mark.parametrize(
    ("facts", "when"),
    [
        (Facts(stated=frozenset({"cheap"})), date(11)),
        (Facts(), Date("k", datetime(9999, 1, 1, tzinfo=UTC), None, "UTC")),
        (Facts(), Date("k", datetime(2026, 1, 1), None, "UTC")),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_kept_is_refused(programme: Programme, facts: Facts, when: Date) -> None:
    with pytest.raises(ValueError), programme.store.write() as db:
        saving.save(db, facts, [Text("en", "T")], [when], by="amina")
    with programme.store.read() as db:
        assert db.value("SELECT count(*) FROM events") == 0


def test_an_end_before_the_start_is_no_end(programme: Programme) -> None:
    event = programme.add("Swapped", replace(date(11), ends=at(10)))
    with programme.store.read() as db:
        assert records.dates(db, event, at(9))[0].date.ends is None


def test_what_is_not_there_is_not_there(programme: Programme) -> None:
    with programme.store.write() as db:
        for look in (
            lambda: records.find(db, "x"),
            lambda: records.occurrence(db, "x"),
            lambda: saving.cancel(db, "x", "amina"),
            lambda: saving.count_walk_ins(db, "x", 1),
            lambda: saving.save(db, Facts(), [], [], by="amina", event_id="x"),
        ):
            with pytest.raises(NotThere):
                look()


# At the desk ------------------------------------------------------------------------------------------------


def test_staff_see_what_begins_at_their_branch_and_count_who_came(programme: Programme) -> None:
    event = programme.add("Drop-in", date(11), date(11, 1), booking="drop-in")
    programme.add("Elsewhere", branch_id=programme.north)
    with programme.store.write() as db:
        (only,) = records.at_branch(db, programme.central, at(0), at(24))
        assert only.event_id == event
        saving.count_walk_ins(db, only.id, 14)
        assert records.occurrence(db, only.id).walk_ins == 14


def test_wishes_are_counted_by_language_and_nothing_else_is_kept(programme: Programme) -> None:
    day = at(9).date()
    with programme.store.write() as db:
        for language, topic in (("pl", "making"), ("pl", "making"), ("ar", "health")):
            wishes.wish(db, programme.central, topic, "evening", language, day)
        wishes.wish(db, programme.north, "making", "morning", "pl", day)
        with pytest.raises(ValueError):
            wishes.wish(db, programme.central, "beer", "evening", "en", day)
        assert wishes.wishes(db, programme.central, day) == [
            wishes.Wish("making", "evening", "pl", 2),
            wishes.Wish("health", "evening", "ar", 1),
        ]


# Numbers ----------------------------------------------------------------------------------------------------


def fill(path: Path, events: int, dates_each: int, branches: int = 20) -> Store:
    """A library with very many events over a year, written straight into its tables."""
    store = Store(path)
    topics, start = list(codes.TOPICS), upcoming.minutes(at(9))
    step = 365 * 24 * 60 // dates_each
    words = ("story", "rhyme", "craft", "club", "walk", "talk", "choir", "chess", "garden", "baby", "film")
    with store.write() as db:
        db.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
            " INSERT INTO branches (id, name, created_at) SELECT 'b' || i, 'Branch ' || i, '' FROM n",
            most=branches,
        )
        db.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
            " INSERT INTO events (id, serial, identity, status, place_kind, branch_id, place, room, booking,"
            " codes, spoken, needs_age, link, created_at, changed_at, changed_by)"
            " SELECT 'e' || i, i, 'e' || i, 'confirmed', 'branch', 'b' || (1 + i % :branches), '', '',"
            " 'book', '', '', 0, '', '', '', '' FROM n",
            most=events,
            branches=branches,
        )
        db.run(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :most - 1)"
            " INSERT INTO occurrences (id, event_id, key, starts, ends, has_end, all_day, zone, status,"
            " title, text, branch_id, place, room) SELECT 'o' || e.serial || '-' || i, e.id, i,"
            " :start + e.serial * 37 % :step + i * :step, :start + e.serial * 37 % :step + i * :step + 60,"
            " 1, 0, 'Europe/London', 'confirmed', '', '', e.branch_id, '', '' FROM events e, n",
            most=dates_each,
            start=start,
            step=step,
        )
        for serial in range(1, events + 1):
            title = f"{words[serial % 11]} {'unicorn' if serial % 2500 == 0 else words[serial // 11 % 11]}"
            mask = codes.mask({topics[serial % 11], *(["free"] if serial % 3 else []),
                               *(["bsl"] if serial % 500 == 0 else [])})  # fmt: skip
            key = upcoming.place(start + serial * 37 % step, serial)
            lists = [upcoming.ALL, f"at:b{1 + serial % branches}", *(
                trait for trait in codes.TRAITS if mask & codes.mask({trait})
            )]  # fmt: skip
            db.insert("event_texts", event_id=f"e{serial}", language="en", title=title, text="", bring="",
                      state="read", made_from="", changed_at="")  # fmt: skip
            db.run(
                "UPDATE events SET place_in_lists = :key, listed = :listed WHERE serial = :serial",
                key=key,
                listed=json.dumps([(name, key) for name in lists]),
                serial=serial,
            )
            for name in lists:
                db.insert("upcoming", list=name, place=key, traits=mask)
            search.add(db, key, [title, "for everybody at the library"], lists)
    return store


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = fill(tmp_path_factory.mktemp("big") / "kiosk.db", 3000, 10)
    yield store
    store.close()


class Watched(Reading):
    """Reads as ever, and keeps what the engine said about how it would."""

    def __init__(self, db: Reading) -> None:
        super().__init__(db._connection)
        self.plans: list[tuple[str, str]] = []

    def all(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        if not sql.startswith("EXPLAIN"):
            for row in super().all(f"EXPLAIN QUERY PLAN {sql}", **values):
                self.plans.append((row["detail"], sql))
        return super().all(sql, **values)


LOOKS = {
    "now": Wanted(branches=("b3",)),
    "everywhere": Wanted(),
    "neighbours": Wanted(branches=("b3", "b4", "b5")),
    "topic": Wanted(traits=frozenset({"children"})),
    "filtered": Wanted(traits=frozenset({"children", "free", "bsl"})),
    "branch filtered": Wanted(branches=("b3",), traits=frozenset({"free"})),
    "language": Wanted(branches=("b3",), spoken="pl"),
    "spoken": Wanted(spoken="pl"),
    "common word": Wanted(words="library"),
    "middling word": Wanted(words="story"),
    "rare word": Wanted(words="unicorn"),
    "two words": Wanted(words="story craft"),
    "three letters": Wanted(words="cho"),
    "word filtered": Wanted(words="story", branches=("b3",), traits=frozenset({"free"})),
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_list_reads_everything_or_sorts(big: Store, look: str) -> None:
    with big.read() as db:
        watched = Watched(db)
        first = page(watched, LOOKS[look], "pl", at(9), until=at(9, 300))
        if first.more:
            page(watched, LOOKS[look], "pl", at(9), after=first.more)
        event = db.value("SELECT id FROM events LIMIT 1")
        finding.shown(watched, event, "pl", at(9))
        records.at_branch(watched, "b3", at(0), at(24))
    assert watched.plans
    for plan, sql in watched.plans:
        if "VIRTUAL TABLE" not in plan:
            assert not re.match(r"SCAN (?!CONSTANT)", plan), f"{plan}: {sql}"
        assert "TEMP B-TREE" not in plan, f"{plan}: {sql}"


@pytest.mark.parametrize("look", ["everywhere", "neighbours", "topic", "common word", "three letters"])
def test_there_are_pages_to_be_had(big: Store, look: str) -> None:
    with big.read() as db:
        first = page(db, LOOKS[look], "en", at(9))
        assert len(first.events) == 6
        second = page(db, LOOKS[look], "en", at(9), after=first.more or 0)
    starts = [each.occurrence.date.starts for each in (*first.events, *second.events)]
    assert starts == sorted(starts)
    assert not {each.event_id for each in first.events} & {each.event_id for each in second.events}


def test_the_rounds_find_their_work_without_reading_everything(big: Store) -> None:
    with big.read() as db:
        watched = Watched(db)
        for sql in (
            "SELECT id FROM events WHERE moves_at <= 5 ORDER BY moves_at LIMIT 3",
            "SELECT id FROM bookings WHERE purge_after <= '2026' AND purged_at IS NULL",
            "SELECT id FROM bookings WHERE deadline_at <= '2026' ORDER BY deadline_at LIMIT 3",
        ):
            watched.all(sql)
    for plan, sql in watched.plans:
        assert plan.startswith("SEARCH"), f"{plan}: {sql}"


def test_moving_on_takes_so_many_at_a_time_and_ends(
    programme: Programme, clock: time_machine.Traveller
) -> None:
    for number in range(7):
        programme.add(f"Event {number}", date(9.5), date(9.5, 7))
    clock.shift(timedelta(hours=2))
    now = datetime.now(UTC)
    with programme.store.write() as db:
        assert [upcoming.move_on(db, now, most=5) for _ in range(3)] == [5, 2, 0]
        assert db.value("SELECT count(*) FROM upcoming WHERE list = 'all'") == 7
        assert db.value("SELECT count(*) FROM event_search") == 7
    clock.shift(timedelta(days=30))
    with programme.store.write() as db:
        upcoming.move_on(db, datetime.now(UTC))
        assert db.value("SELECT count(*) FROM upcoming") == 0
        assert db.value("SELECT count(*) FROM event_search") == 0
        assert upcoming.move_on(db, datetime.now(UTC)) == 0
