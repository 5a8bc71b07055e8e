"""What a resident sees of events: found in a few touches, and in her language where it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
import segno
from bs4 import Tag
from flask import Flask

from kiosk import branches, languages
from kiosk.events import labels, saving, take_away, wishes
from kiosk.events.codes import ACCESS, AUDIENCE, LEVELS, TOPICS
from kiosk.events.lists import TITLES
from kiosk.events.looks import TO
from kiosk.events.records import Text
from tests.events.conftest import LONDON, Programme, at, date
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

TAGS = [language.tag for language in languages.complete()]
RHYMES = Text("pl", "Rymowanki", "Piosenki dla dzieci.", "Kocyk")


def titles(visitor: Visitor) -> list[str]:
    """The titles of the cards on the page, in their order."""
    return [tag.get_text(strip=True) for tag in visitor.page.select(".event .title bdi")]


def card(visitor: Visitor, title: str) -> Tag:
    """The card of an event, that can be touched."""
    found = [tag for tag in visitor.page.select("a.event") if title in tag.get_text()]
    assert len(found) == 1, f"{title} is not one of {titles(visitor)}"
    return found[0]


def touch(visitor: Visitor, words: str) -> None:
    """Follow the link with these words."""
    links = [tag for tag in visitor.page.select("a") if words in " ".join(tag.get_text(" ").split())]
    assert links, f"nothing says {words!r}"
    visitor.get(str(links[0]["href"]))
    assert visitor.status == 200


# Finding ------------------------------------------------------------------------------------------------


def test_tonights_rhyme_time_is_three_touches_from_home(library: Programme, visitor: Visitor) -> None:
    library.add("Rhyme time", date(18), booking="book", capacity=20)
    visitor.get("/en/")
    for words in ("Find an event", "Today", "Rhyme time"):
        touch(visitor, words)
    assert visitor.heading == "Rhyme time"
    assert "Book a place" in visitor.words
    assert "18:00 – 19:00" in visitor.words


def test_what_is_on_now_is_there_at_once(library: Programme, visitor: Visitor) -> None:
    library.add("Knitting", date(8.5), booking="drop-in", pence=0, room="Reading room")
    library.add("Rhyme time", date(9.5))
    library.add("Far away", date(9.5), branch_id=library.west)
    library.add("Tonight", date(19))
    visitor.get("/en/events/")
    assert titles(visitor) == ["Knitting", "Rhyme time"]
    said = card(visitor, "Knitting").get_text(" ", strip=True)
    for words in (f"08:30{TO}09:30", "Reading room"):
        assert words in said
    assert "Central Library" not in said, "she stands in it"


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("full", [False, True])
def test_every_page_is_sound_in_every_language(
    library: Programme, visitor: Visitor, tag: str, full: bool
) -> None:
    """The visitor looks at each page; with and without a programme."""
    event = ""
    if full:
        everything = frozenset((*TOPICS, *ACCESS, *AUDIENCE, *LEVELS))
        event = library.add(
            "Rhyme time", *(date(18, days) for days in range(3)), texts=(RHYMES,), text="Songs",
            stated=everything, spoken=frozenset({"ar", "so"}), booking="book", capacity=2, pence=350,
        )  # fmt: skip
        library.add("Talk", place_kind="online", place="Zoom")
        library.add("Stop", place_kind="mobile", place="Village Hall")
    paths = ["", "topics", "search", "wish", "wish/health", "wished", "mine/"]
    paths += [f"{page}/{name}" for page in ("list", "filters", "spoken", "levels") for name in TITLES]
    paths += ["list/near?with=free&with=entry-1&spoken=ar&wide=yes", *([f"event/{event}"] if event else [])]
    for path in paths:
        visitor.get(f"/{tag}/events/{path}")
        assert visitor.status == 200, path
        assert visitor.lang == tag


def test_a_day_is_said_in_her_language_and_in_english(library: Programme, visitor: Visitor) -> None:
    library.add("Walk", date(10, 3))
    visitor.get("/pl/events/list/week")
    said = card(visitor, "Walk").select_one(".time")
    assert said is not None
    own, english = said.select_one(".own"), said.select_one(".eng")
    assert own is not None
    time = "10:00\N{NO-BREAK SPACE}–\N{WORD JOINER}\N{NO-BREAK SPACE}11:00"  # no line ends within it
    assert own.get_text() == f"czw., 12 mar, {time}"
    assert english is not None
    assert english.get_text() == f"Thu 12 Mar, {time}"


def test_no_line_ends_between_an_hour_and_its_half_of_the_day(library: Programme, visitor: Visitor) -> None:
    library.add("Walk", date(10, 3))
    visitor.get("/ar/events/list/week")
    said = card(visitor, "Walk").select_one(".time .own")
    assert said is not None
    assert "10:00\N{NO-BREAK SPACE}ص" in said.get_text()


def test_a_list_has_six_events_and_the_way_on_and_back(library: Programme, visitor: Visitor) -> None:
    for number in range(14):
        library.add(f"Event {number:02}", date(10 + number / 2))
    visitor.get("/en/events/list/today")
    seen = titles(visitor)
    assert len(seen) == 6
    touch(visitor, "More events")
    seen += titles(visitor)
    touch(visitor, "More events")
    seen += titles(visitor)
    assert seen == [f"Event {number:02}" for number in range(14)]
    assert "More events" not in visitor.words
    touch(visitor, "Back")
    assert titles(visitor) == seen[6:12]
    touch(visitor, "Back")
    assert titles(visitor) == seen[:6]
    touch(visitor, "Back")
    assert visitor.path == "/en/events/"


def test_back_from_an_event_leads_to_the_list_she_came_from(library: Programme, visitor: Visitor) -> None:
    for number in range(8):
        library.add(f"Event {number}", date(10 + number), pence=0)
    visitor.get("/en/events/list/today?with=free")
    touch(visitor, "More events")
    touch(visitor, "Event 7")
    touch(visitor, "Back")
    assert titles(visitor) == ["Event 6", "Event 7"]
    assert "Free" in [tag.get_text(strip=True) for tag in visitor.page.select(".chip .own")]


def test_here_and_near_by_is_this_library_and_its_neighbours(library: Programme, visitor: Visitor) -> None:
    library.add("Here", date(12))
    library.add("Near", date(13), branch_id=library.north)
    library.add("Far", date(14), branch_id=library.west)
    visitor.get("/en/events/")
    touch(visitor, "Near here")
    assert titles(visitor) == ["Here", "Near"]
    assert "North Library" in card(visitor, "Near").get_text()
    touch(visitor, "In all libraries")
    assert titles(visitor) == ["Here", "Near", "Far"]


def test_a_library_without_neighbours_does_not_speak_of_them(library: Programme, visitor: Visitor) -> None:
    with library.store.write() as db:
        branches.set_neighbours(db, library.central, [])
    visitor.get("/en/events/")
    assert "Near here" not in visitor.words
    assert "Online" not in visitor.words, "there is nothing online"
    touch(visitor, "All at this library")


def test_filters_are_touched_shown_and_taken_away_again(library: Programme, visitor: Visitor) -> None:
    library.add("Free walk", pence=0, stated=frozenset({"step-free"}))
    library.add("Free climb", pence=0)
    library.add("Dear talk", pence=500, stated=frozenset({"step-free"}))
    visitor.get("/en/events/list/today")
    touch(visitor, "Choose")
    boxes = {str(box["value"]) for box in visitor.page.select("input[name=with]")}
    assert boxes == {choice.code for choice in labels.FILTERS}
    visitor.get("/en/events/list/today?with=free&with=step-free")
    assert titles(visitor) == ["Free walk"]
    touch(visitor, "No stairs")
    assert titles(visitor) == ["Free climb", "Free walk"] or titles(visitor) == ["Free walk", "Free climb"]


def test_the_language_spoken_there_is_apart_from_that_of_the_screen(
    library: Programme, visitor: Visitor
) -> None:
    library.add("Chat", spoken=frozenset({"ar", "so"}))
    library.add("Talk", spoken=frozenset({"pl"}), branch_id=library.west)
    library.add("Walk")
    visitor.get("/pl/events/spoken/today")
    names = [tag.get_text(" ", strip=True) for tag in visitor.page.select(".pictures a")]
    assert names == ["العربية Arabic", "polski Polish", "Soomaali Somali"]
    touch(visitor, "Somali")
    assert titles(visitor) == ["Chat"]
    assert visitor.lang == "pl"
    visitor.get("/pl/events/levels/today?spoken=so&with=entry-1&with=free")
    touch(visitor, "Entry 2")
    assert [tag["href"] for tag in visitor.page.select(".chip")]
    assert titles(visitor) == []


def test_an_address_with_rubbish_in_it_is_a_page_all_the_same(library: Programme, visitor: Visitor) -> None:
    library.add("Walk")
    for rubbish in (
        "with=nothing&with=%00", "spoken=%27%22", "after=x&after=-1&after=99999999999999999999", "after=٣",
        "wide=&after=" + "9" * 5000, "spoken=" + "a" * 5000,
    ):  # fmt: skip
        visitor.get(f"/en/events/list/near?{rubbish}")
        assert visitor.status == 200, rubbish
    visitor.get("/en/events/list/everything")
    assert visitor.status == 404
    for path in ("nothing", "nothing/at-all", "%00/%00"):
        visitor.get(f"/en/events/event/{path}")
        assert visitor.status == 404, path


def test_a_narrowed_list_stays_so_in_another_language_and_in_larger_letters(
    library: Programme, visitor: Visitor
) -> None:
    library.add("Walk", stated=frozenset({"step-free"}))
    visitor.get("/pl/events/list/today?with=step-free")
    address = visitor.page.select_one("nav.tools a.language")["href"]  # type: ignore[index]
    visitor.get(str(address))
    other = visitor.page.select_one("a[hreflang=uk]")["href"]  # type: ignore[index]
    visitor.get(str(other))
    assert visitor.path == "/uk/events/list/today"
    assert visitor.page.select(".chip")
    came_from = visitor.page.select_one("form.display input[name=from]")["value"]  # type: ignore[index]
    assert came_from == "/uk/events/list/today?with=step-free"


# Searching ----------------------------------------------------------------------------------------------


def test_what_she_searches_for_is_found_and_stands_in_no_address(
    library: Programme, visitor: Visitor
) -> None:
    library.add("Rhyme time", texts=(RHYMES,), branch_id=library.west)
    library.add("Walk")
    visitor.get("/pl/events/search")
    visitor.typed.add("rymow")
    visitor.post("/pl/events/search", {"words": "rymow"})
    assert visitor.path == "/pl/events/list/found"
    assert titles(visitor) == ["Rymowanki"]
    assert "rymow" in visitor.words
    visitor.get("/pl/events/search")
    assert visitor.box == "rymow", "she can change it"


def test_what_one_searches_for_is_kept_for_nobody_else(
    library: Programme, visitor: Visitor, another: Callable[[], Visitor], app: Flask
) -> None:
    library.add("Rhyme time", texts=(RHYMES,))
    other = another()
    for person, typed in ((visitor, "rymow"), (other, "<b>rymowanki")):
        person.get("/pl/events/search")
        person.typed.add(typed)
        person.post("/pl/events/search", {"words": typed})
    assert "&lt;b&gt;rymowanki" in other.text
    visitor.get("/pl/events/list/found")
    assert "rymowanki" not in visitor.page.select_one(".searched").text.casefold()  # type: ignore[union-attr]
    kept: Iterable[str] = app.extensions["kept"]
    assert not [drawn for drawn in kept if "<bdi>rymow" in drawn or "&lt;b&gt;" in drawn]


@pytest.mark.parametrize("typed", ['"', "NEAR(", "*", "' OR 1=1", "🎈", "x" * 10_000, "‮abc", "\x00", "-"])
def test_whatever_is_typed_is_only_searched_for(library: Programme, visitor: Visitor, typed: str) -> None:
    library.add("Walk")
    visitor.get("/en/events/search")
    visitor.post("/en/events/search", {"words": typed})
    assert visitor.status in (200, 422)
    assert titles(visitor) == []


def test_a_search_for_nothing_asks_for_a_word_and_a_look_aside_keeps_it(visitor: Visitor) -> None:
    visitor.get("/en/events/list/found")
    assert visitor.path == "/en/events/search"
    visitor.post("/en/events/search", {"words": "  "})
    assert visitor.status == 422
    assert visitor.problem
    visitor.post("/en/events/search", {"words": "music", "aside": "language"})
    assert visitor.path == "/en/language"
    visitor.get("/pl/events/search")
    assert visitor.box == "music"
    visitor.post("/pl/events/search", {"words": "music", "aside": "back"})
    assert visitor.path == "/pl/events/"


# One event ----------------------------------------------------------------------------------------------


def test_an_event_says_all_that_is_known_of_it(library: Programme, visitor: Visitor) -> None:
    event = library.add(
        "Holiday crafts", date(14, room="Workshop"), date(14, 7),
        texts=(Text("pl", "Rękodzieło", "Zrób coś ładnego.", "Fartuch"),), text="Make things.",
        booking="book", capacity=10, pence=300,
        stated=frozenset({"children-5-11", "step-free", "entry-1"}), spoken=frozenset({"ar"}),
    )  # fmt: skip
    visitor.get(f"/pl/events/event/{event}")
    assert "Rękodzieło" in visitor.heading
    for said in (
        "poniedziałek, 9 marca 2026", "Monday, 9 March 2026", "14:00 – 15:00", "Central Library", "Workshop",
        "3,00 GBP", "£3.00", "Zrób coś ładnego.", "Fartuch", "العربية", "16 mar",
    ):  # fmt: skip
        assert said in visitor.words, said
    assert "This is in English" not in visitor.words
    assert "Rękodzieło" not in str(visitor.page.title)


def test_words_that_are_in_english_are_marked_as_such(library: Programme, visitor: Visitor) -> None:
    event = library.add("Knit and Natter", text="Bring wool.", stated=frozenset({"making"}))
    visitor.get("/ar/events/list/today")
    title = card(visitor, "Knit and Natter").select_one("bdi[lang=en]")
    assert title is not None
    assert card(visitor, "Knit and Natter").select_one(".in-english")
    visitor.get(f"/ar/events/event/{event}")
    assert visitor.page.select_one("h1 bdi[lang=en]")
    assert visitor.page.select_one(".words [lang=en]")
    visitor.get(f"/en/events/event/{event}")
    assert not visitor.page.select_one(".in-english")


def test_a_translation_that_is_out_of_date_gives_way_to_the_english(
    library: Programme, visitor: Visitor
) -> None:
    event = library.add("Rhyme time", texts=(RHYMES,))
    with library.store.write() as db:
        saving.set_text(db, event, Text("en", "Rhyme time at ten"), "amina")
    visitor.get(f"/pl/events/event/{event}")
    assert visitor.heading.startswith("Rhyme time at ten")


def test_what_is_not_translated_is_shown_in_english_and_marked(library: Programme, visitor: Visitor) -> None:
    event = library.add("Knit and Natter", text="Wool is there.", texts=(Text("pl", "Na drutach"),))
    visitor.get(f"/pl/events/event/{event}")
    assert visitor.heading == "Na drutach"
    (mark,) = visitor.page.select(".in-english")
    words = mark.find_next_sibling()
    assert isinstance(words, Tag)
    assert (words["lang"], words.get_text(strip=True)) == ("en", "Wool is there.")


def test_a_dates_own_english_text_is_marked_under_a_translated_title(
    library: Programme, visitor: Visitor
) -> None:
    event = library.add("Rhyme time", date(18, text="Today in the garden."), texts=(RHYMES,))
    visitor.get(f"/pl/events/event/{event}")
    assert visitor.heading == "Rymowanki"
    assert len(visitor.page.select(".in-english")) == 1
    words = visitor.page.select_one(".words .in-english ~ [lang=en]")
    assert words is not None
    assert words.get_text(strip=True) == "Today in the garden."
    bring = visitor.page.select_one(".facts bdi[lang=pl]")
    assert bring is not None
    assert bring.get_text() == "Kocyk"


LINK = "https://meet.example/j/0123456789?pwd=Abc"


def test_to_an_online_event_she_comes_with_its_link(library: Programme, visitor: Visitor) -> None:
    event = library.add("Talk", booking="drop-in", place_kind="online", link=LINK)
    visitor.get(f"/ar/events/event/{event}")
    link = visitor.page.select_one("bdi.link[dir=ltr]")
    assert link is not None
    assert link.get_text() == LINK
    assert len(visitor.page.select(".take .qr svg")) == 2, "the link, and the date"
    assert str(take_away.picture(LINK)) in visitor.text
    assert "Join online. You do not need to book." in visitor.words
    assert "Just come" not in visitor.words


def test_an_online_event_without_a_link_leads_to_staff(library: Programme, visitor: Visitor) -> None:
    event = library.add("Talk", booking="drop-in", place_kind="online")
    visitor.get(f"/en/events/event/{event}")
    assert "Join online. You do not need to book." in visitor.words
    assert "Staff at the desk help you too. Just ask." in visitor.words


@pytest.mark.parametrize("kind", ["book", "ask"])
def test_the_link_of_an_online_event_with_places_is_not_for_everybody(
    library: Programme, visitor: Visitor, kind: str
) -> None:
    event = library.add("Talk", booking=kind, place_kind="online", link=LINK)
    visitor.get(f"/en/events/event/{event}")
    assert "meet.example" not in visitor.text


def test_where_to_read_more_stands_on_the_page_in_words(library: Programme, visitor: Visitor) -> None:
    event = library.add("Fair", link="https://fair.example/2026")
    visitor.get(f"/en/events/event/{event}")
    assert "https://fair.example/2026" in visitor.words
    assert not visitor.page.select("a[href*='fair.example']"), "a screen of the library leads nowhere else"


@pytest.mark.parametrize(
    ("facts", "dated", "said"),
    [
        ({"status": "cancelled"}, {}, "Cancelled"),
        ({}, {"status": "cancelled"}, "Cancelled"),
        ({}, {"moved_from": at(10)}, "Moved to a new time"),
        ({"booking": "book", "capacity": 0}, {}, "Full"),
        ({"booking": "book", "capacity": 0, "status": "tentative"}, {}, "Full"),
        ({"status": "tentative"}, {"moved_from": at(10)}, "Moved to a new time"),
        ({"status": "tentative"}, {}, "Not certain yet. Ask staff."),
        ({"booking": "drop-in"}, {"status": "tentative"}, "Not certain yet. Ask staff."),
    ],
)
def test_what_must_not_be_missed_is_said_in_a_list_and_on_the_page(
    library: Programme, visitor: Visitor, facts: dict[str, Any], dated: dict[str, Any], said: str
) -> None:
    event = library.add("Coding club", date(16, **dated), **facts)
    visitor.get("/en/events/list/today")
    state = card(visitor, "Coding club").select_one(".state")
    assert state is not None
    assert state.get_text(strip=True).startswith(said)
    assert state.select_one("svg"), "a picture too"
    visitor.get(f"/en/events/event/{event}")
    assert said in visitor.words
    if said == "Cancelled":
        assert "Book a place" not in visitor.words
        assert not visitor.page.select(".take")
    if said.startswith("Not certain"):
        assert "Just come" not in visitor.words


def test_a_date_that_is_over_says_so_and_cannot_be_booked(library: Programme, visitor: Visitor) -> None:
    event = library.add("Early walk", date(6), date(6, 7), booking="book")
    visitor.get(f"/en/events/event/{event}/{library.date_of(event)}")
    assert "This is over" in visitor.words
    assert "Book a place" not in visitor.words
    touch(visitor, "Mon 16 Mar")
    assert "Book a place" in visitor.words


def test_drafts_and_dates_of_other_events_are_not_shown(library: Programme, visitor: Visitor) -> None:
    draft = library.add("Secret", status="draft")
    first, second = library.add("First"), library.add("Second")
    for path in (draft, f"{first}/{library.date_of(second)}"):
        visitor.get(f"/en/events/event/{path}")
        assert visitor.status == 404


def test_text_from_a_calendar_is_text_and_nothing_else(library: Programme, visitor: Visitor) -> None:
    event = library.add(
        "<script>alert(1)</script>", text="<img src=x onerror=alert(1)>\n\n" + "Long. " * 2000
    )
    visitor.get(f"/en/events/event/{event}")
    assert visitor.status == 200
    assert visitor.heading == "<script>alert(1)</script>"


# Take it with you ---------------------------------------------------------------------------------------


def test_the_picture_for_a_phone_is_the_calendar_entry_itself(library: Programme, visitor: Visitor) -> None:
    event = library.add("Rhyme time; with songs, and more", date(18, 90), room="Children's room")
    visitor.get(f"/en/events/event/{event}")
    expected = "\r\n".join(
        (
            "BEGIN:VEVENT",
            r"SUMMARY:Rhyme time\; with songs\, and more",
            "DTSTART:20260607T170000Z",  # 18:00 in British Summer Time
            "DTEND:20260607T180000Z",
            r"LOCATION:Central Library\, Children's room",
            "END:VEVENT",
            "",
        )
    )
    assert str(take_away.picture(expected)) in visitor.text
    code = segno.make(expected, error="l", micro=False, encoding="utf-8", boost_error=False)
    assert isinstance(code.version, int)
    assert code.version <= 12, "dots that a phone can tell apart"


@pytest.mark.parametrize(
    "title", ["Rhyme time " * 50, "故事時間" * 100, "👩‍👩‍👧‍👦" * 50, ";,\\\n" * 100, "وقت " * 90]
)
def test_long_titles_are_cut_so_that_no_line_is_folded(title: str) -> None:
    entry = take_away.entry(date(18), title, title)
    lines = entry.encode().split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert len(lines) == 7
    code = segno.make(entry, error="l", micro=False, encoding="utf-8", boost_error=False)
    assert isinstance(code.version, int)
    assert code.version <= 13


def test_whole_days_are_days_in_a_calendar_too() -> None:
    entry = take_away.entry(date(0, lasts=48, all_day=True), "Fair", "")
    assert "DTSTART;VALUE=DATE:20260309\r\nDTEND;VALUE=DATE:20260311\r\n" in entry


def test_a_fair_of_several_days_says_from_when_to_when(library: Programme, visitor: Visitor) -> None:
    library.add("Fair", date(0, 1, lasts=48, all_day=True))
    visitor.get("/en/events/list/near")
    assert "Tue 10 Mar – Wed 11 Mar" in card(visitor, "Fair").get_text(" ", strip=True)


# Wishes -------------------------------------------------------------------------------------------------


def test_a_wish_is_counted_and_nobody_with_it(library: Programme, visitor: Visitor) -> None:
    visitor.get("/uk/events/wish")
    touch(visitor, "Making and music")
    visitor.post(visitor.path, {"part": "evening"})
    assert visitor.path == "/uk/events/wished"
    visitor.post("/uk/finish")
    with library.store.read() as db:
        found = wishes.wishes(db, library.central, datetime.now(LONDON).date() - timedelta(days=1))
        assert db.all("SELECT * FROM visits") == []
    assert [(each.topic, each.part_of_day, each.language, each.number) for each in found] == [
        ("making", "evening", "uk", 1)
    ]


def test_a_wish_of_one_person_is_one_however_often_she_touches_it(
    library: Programme, visitor: Visitor
) -> None:
    for part in ("morning", "morning", "evening", "morning"):
        visitor.get("/en/events/wish/children")
        visitor.post(visitor.path, {"part": part})
        assert visitor.path == "/en/events/wished"
    visitor.post("/en/finish")
    visitor.get("/en/events/wish/children")
    visitor.post(visitor.path, {"part": "morning"})
    with library.store.read() as db:
        rows = db.all("SELECT part_of_day, number FROM wishes ORDER BY part_of_day")
    assert [tuple(row.values()) for row in rows] == [("evening", 1), ("morning", 2)]


def test_a_wish_for_no_time_asks_again(library: Programme, visitor: Visitor) -> None:
    visitor.get("/en/events/wish/health")
    visitor.post("/en/events/wish/health", {"part": "midnight"})
    assert visitor.heading == "When would you come?"


def test_there_is_a_word_and_a_picture_for_every_code() -> None:
    for choices, codes in (
        (labels.TOPICS, TOPICS), (labels.ACCESS, ACCESS), (labels.AUDIENCE, AUDIENCE),
        (labels.LEVELS, LEVELS),
    ):  # fmt: skip
        assert [choice.code for choice in choices] == list(codes)
        assert all(choice.icon for choice in choices)
