"""Calendars from outside: what a library's staff and residents get of them, whatever their programs wrote."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.events.calendars import Calendar, Limits, Occurrence, occurrences, read, rules, write
from tests.branches.councils import needs_data
from tests.events.feeds import LONDON, calendar, event, feed, files, real

pytestmark = pytest.mark.patient

YEAR = (date(2026, 1, 1), date(2027, 1, 1))
NOW = datetime(2026, 8, 22, 9, tzinfo=UTC)


def dates(found: Calendar, low: date = YEAR[0], high: date = YEAR[1]) -> list[str]:
    """The dates of a window as people write them down: day, time and title."""
    return [told(each) for each in occurrences(found, low, high).occurrences]


def told(found: Occurrence) -> str:
    when = (
        found.starts.strftime("%m-%d %H:%M")
        if isinstance(found.starts, datetime)
        else f"{found.starts:%m-%d}"
    )
    return f"{when} {found.event.summary}".strip()


def codes(found: Calendar) -> list[str]:
    return [each.code for each in found.refused]


def warned(found: Calendar) -> list[str]:
    return [each.code for each in found.warnings]


def one(found: Calendar) -> Any:
    assert len(found.events) == 1, found.refused
    return found.events[0]


# -- the collection -----------------------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize("name", files() or [pytest.param("", marks=pytest.mark.skip("../shared is absent"))])
def test_every_real_calendar_is_read_as_it_is_known_to_be(name: str) -> None:
    path, said = files()[name]
    found = read(path.read_bytes(), LONDON)
    assert found.found == said["raw"]["vevent_blocks"]
    if said.get("events_after_removing_exact_duplicates") is not None:
        assert found.distinct == said["events_after_removing_exact_duplicates"]
    for window in (said.get("windows") or {}).values():
        if window.get("occurrences") is not None:
            _counts_hold(found, window)
    # nothing vanishes without a word
    assert len(found.events) == found.found or found.refused or found.warnings


def _counts_hold(found: Calendar, window: Mapping[str, Any]) -> None:
    expanded = occurrences(
        found, date.fromisoformat(window["from"]), date.fromisoformat(window["to_exclusive"])
    )
    assert len(expanded.occurrences) == window["occurrences"]
    assert expanded.cancelled == window["occurrences_cancelled"]
    assert expanded.warnings == ()
    first = window.get("first")
    if first and first["summary"].strip() == expanded.occurrences[0].event.summary:
        assert str(expanded.occurrences[0].starts)[:10] == first["start"][:10]


@needs_data
@pytest.mark.parametrize(
    ("name", "events", "refused", "warnings"),
    [
        ("real/not_ics_403_text.ics", 0, {"not-a-calendar"}, set()),
        ("real/not_ics_json_error.ics", 0, {"not-a-calendar"}, set()),
        ("real/empty_bloomington_library.ics", 0, set(), set()),
        ("real/dup_uid_carolina_theatre.ics", 30, set(), {"duplicates"}),
        ("real/no_uid_santa_rosa_library.ics", 475, set(), set()),
        ("fixtures/icalendar/big_bad_calendar.ics", 0, {"cut-off", "no-start"}, set()),
        ("fixtures/icalendar/issue_104_broken_calendar.ics", 1, set(), {"stray-line"}),
        ("fixtures/icalendar/issue_1050_multiple_calendars.ics", 0, {"no-start"}, set()),
        ("fixtures/node-ical/large-file-with-late-error.ics", 394, {"bad-value", "twice"}, set()),
        ("fixtures/node-ical/test_with_multiple_tzids_in_vtimezone.ics", 1, set(), set()),
        ("fixtures/openacalendar-uk/ImportRRuleExDate1.ics", 1, set(), {"unclosed"}),
    ],
)
def test_staff_are_told_what_is_wrong_with_a_real_calendar(
    name: str, events: int, refused: set[str], warnings: set[str]
) -> None:
    found = read(files()[name][0].read_bytes(), LONDON)
    assert (len(found.events), set(codes(found)), set(warned(found))) == (events, refused, warnings)
    assert found.complete == (not refused & {"not-a-calendar", "cut-off"})
    assert all(each.where and each.reason and "%(" not in each.reason for each in found.refused)


@needs_data
def test_a_fortnightly_breakfast_whose_end_is_missing_is_still_fortnightly() -> None:
    path, _said = files()["fixtures/openacalendar-uk/ImportRRuleExDate1.ics"]
    found = read(path.read_bytes(), LONDON)
    assert dates(found, date(2015, 2, 1), date(2015, 4, 1)) == [
        "02-12 09:00 Breakfast every 2 weeks but not one",
        "03-12 09:00 Breakfast every 2 weeks but not one",
        "03-26 09:00 Breakfast every 2 weeks but not one",
    ]


@needs_data
def test_the_largest_county_is_read_and_laid_out_for_a_year_in_seconds() -> None:
    data = real("big_lancaster_libraries.ics")
    began = time.perf_counter()
    found = read(data, LONDON)
    assert len(occurrences(found, date(2026, 9, 1), date(2027, 9, 1)).occurrences) > 1500
    assert time.perf_counter() - began < 5


@needs_data
@pytest.mark.parametrize("name", files() or [pytest.param("", marks=pytest.mark.skip("../shared is absent"))])
def test_nobody_who_only_organises_or_attends_is_ever_named(name: str) -> None:
    data = files()[name][0].read_bytes()
    found = read(data, LONDON)
    kept = repr((found.events, found.warnings, found.refused))
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\n ", "").split("\n")
    people = [line for line in lines if line.startswith(("ORGANIZER", "ATTENDEE", "CONTACT"))]
    public = "\n".join(line for line in lines if line not in people)
    for line in people:
        address = line.rpartition(":")[2].strip()
        assert len(address) < 6 or address in public or address not in kept


def test_whoever_organises_is_not_carried_along() -> None:
    lines = [f"{name};CN=Ada Smith:mailto:ada@example.org" for name in ("ORGANIZER", "ATTENDEE", "CONTACT")]
    found = calendar(event("SUMMARY:Chess", *lines), event(*lines, start="", uid="two"))
    everything = repr((found, occurrences(found, *YEAR))).encode() + write(found.events, "Ours", NOW)
    assert b"Ada" not in everything
    assert b"ada@" not in everything


@needs_data
@pytest.mark.parametrize(
    "name",
    [
        "real/gcal_county_4h_exdates.ics",
        "real/gcal_city_html_moved.ics",
        "real/libcal_durham_county_library.ics",
        "fixtures/recurring-ical-events/issue_75_range_parameter.ics",
        "real/rdate_bedework_duke_arts.ics",
    ],
)
def test_what_is_given_back_is_what_was_read(name: str) -> None:
    found = read(files()[name][0].read_bytes(), LONDON)
    given_back = read(write(found.events, found.name, NOW), LONDON)
    assert codes(given_back) == []
    for year in (2023, 2024, 2026):
        window = date(year, 1, 1), date(year + 1, 1, 1)
        again, before = (occurrences(each, *window).occurrences for each in (given_back, found))
        assert [_shown(each) for each in again] == [_shown(each) for each in before]


def _shown(found: Occurrence) -> tuple[object, ...]:
    told = found.event
    return (
        found.starts,
        found.ends,
        found.cancelled,
        told.summary,
        told.text,
        told.location,
        told.categories,
        told.url,
    )


# -- 1 to 4: bytes and parts --------------------------------------------------------------------------------


def test_what_stands_before_a_calendar_does_not_keep_it_out() -> None:
    found = read(b"\xef\xbb\xbf\r\n\t\r\n \n" + feed(event("SUMMARY:Rhyme time")), LONDON)
    assert one(found).summary == "Rhyme time"
    assert one(found).line == 6


def test_a_letter_that_was_folded_in_the_middle_is_whole_again() -> None:
    data = feed(event("SUMMARY:Caf\N{LATIN SMALL LETTER E WITH ACUTE} chat"))
    data = data.replace(b"\xc3\xa9", b"\xc3\r\n \xa9")
    found = read(data, LONDON)
    assert (one(found).summary, warned(found)) == ("Café chat", [])


def test_an_old_program_that_does_not_know_utf_8_is_still_understood() -> None:
    found = read(feed(event("SUMMARY:Café chat")).replace(b"\xc3\xa9", b"\xe9"), LONDON)
    assert (one(found).summary, warned(found)) == ("Café chat", ["encoding"])


@pytest.mark.parametrize("ends", [b"\n", b"\r"])
def test_a_calendar_with_other_line_ends_is_read(ends: bytes) -> None:
    assert one(read(feed(event("SUMMARY:Chess")).replace(b"\r\n", ends), LONDON)).summary == "Chess"


def test_a_page_that_is_no_calendar_is_named_by_how_it_begins() -> None:
    found = read(b"<!doctype html>\n<title>Sign in</title>" + b"x" * 100, LONDON)
    assert codes(found) == ["not-a-calendar"]
    assert found.refused[0].reason.endswith("<!doctype html> <title>Sign in</title>xxxxxxxxxxxxxxxxxxxxxx")
    assert not found.complete


def test_an_empty_calendar_is_a_calendar() -> None:
    found = read(feed("X-WR-CALNAME:Central Library"), LONDON)
    assert (found.name, found.events, found.refused, found.complete) == ("Central Library", (), (), True)


def test_a_calendar_that_is_cut_off_keeps_what_is_whole_and_says_so() -> None:
    whole = feed(event("SUMMARY:First"), event("SUMMARY:Second", uid="two"))
    found = read(whole[: whole.index(b"Second") + 3], LONDON)
    assert [each.summary for each in found.events] == ["First"]
    assert set(codes(found)) == {"cut-off", "unclosed-at-end"}
    assert (found.found, found.complete) == (2, False)


def test_several_calendars_in_one_file_are_all_read() -> None:
    data = feed(event("SUMMARY:Coffee with Kim")) + feed(event("SUMMARY:Coffee with Mike"))
    found = read(data, LONDON)
    assert len(dates(found)) == 2
    assert len({each.identity for each in occurrences(found, *YEAR).occurrences}) == 2


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (event("SUMMARY:Bad", start=""), "no-start"),
        (event("SUMMARY:Bad", "DTSTART:20260230T100000Z"), "bad-value"),
        (event("SUMMARY:Bad", "DTSTART;;VALUE=DATE:20260201"), "bad-value"),
        (event("SUMMARY:Bad", "DTSTART:20260201T100000Z", "DTSTART:20260202T100000Z"), "twice"),
        (event("SUMMARY:Bad", "DTSTART:00010101"), "year"),
        (event("SUMMARY:Bad", "DURATION:P9999999999W"), "bad-value"),
        (event("SUMMARY:Bad", "DTEND:soon"), "bad-value"),
        (event("SUMMARY:Bad", "RRULE:FREQ=OFTEN"), "bad-value"),
        (event("SUMMARY:Bad", "RRULE:FREQ=DAILY;INTERVAL=0"), "bad-value"),
        (event("SUMMARY:Bad", "RRULE:FREQ=WEEKLY;UNTL=20261001"), "bad-value"),
        (event("SUMMARY:Bad", "RRULE:FREQ=WEEKLY;UNTIL=20261301"), "bad-value"),
        (event("SUMMARY:Bad", "EXDATE:20261301"), "bad-value"),
    ],
)
def test_one_bad_event_costs_nobody_the_others(bad: str, code: str) -> None:
    found = calendar(event("SUMMARY:Knit and Natter"), bad.replace("UID:one", "UID:bad"), event(uid="three"))
    assert [each.uid for each in found.events] == ["one", "three"]
    assert [(each.code, each.where) for each in found.refused] == [(code, "line 8: Bad")]


def test_a_line_that_means_nothing_is_passed_over() -> None:
    found = calendar(event("SUMMARY:Chess"), "X", event("this was never folded", uid="two"))
    assert len(found.events) == 2
    assert warned(found) == ["stray-line", "stray-line", "no-title"]


# -- 5 to 7: times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "london"),
    [
        ("DTSTART:20260901T100000Z", "11:00"),
        ("DTSTART;TZID=Europe/Paris:20260901T100000", "09:00"),
        ("DTSTART;TZID=GMT Standard Time:20260901T100000", "10:00"),
        ('DTSTART;TZID="W. Europe Standard Time":20260901T100000', "09:00"),
        ("DTSTART;TZID=/vendor.example/20260101_1/Europe/Paris:20260901T100000", "09:00"),
        ("DTSTART:20260901T100000", "10:00"),
        ("DTSTART;TZID=Nowhere/At All:20260901T100000", "10:00"),
        ("DTSTART;TZID=../../../etc/passwd:20260901T100000", "10:00"),
        ("DTSTART ; TZID = Europe/Paris :20260901T100000", "09:00"),
    ],
)
def test_a_time_is_shown_as_the_clock_in_the_library_will_have_it(start: str, london: str) -> None:
    found = calendar(event("SUMMARY:Chess", start))
    assert one(found).starts.astimezone(LONDON).strftime("%H:%M") == london
    assert warned(found) == (["unknown-zone"] if "Nowhere" in start or "etc" in start else [])


def test_times_without_a_zone_are_in_the_one_that_the_calendar_names() -> None:
    found = calendar("X-WR-TIMEZONE:America/New_York", event("DTSTART:20260901T100000", "SUMMARY:Chess"))
    assert one(found).starts.astimezone(LONDON).hour == 15


def test_a_zone_that_only_the_file_describes_is_kept_with_its_summer() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Ours\r\n"
        "BEGIN:STANDARD\r\nDTSTART:16011028T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE"
    )
    found = calendar(zone, event("DTSTART;TZID=Ours:20260115T100000", "RRULE:FREQ=MONTHLY;COUNT=8"))
    hours = [
        each.starts.astimezone(UTC).hour
        for each in occurrences(found, *YEAR).occurrences
        if isinstance(each.starts, datetime)
    ]
    assert hours == [9, 9, 9, 8, 8, 8, 8, 8]


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;COUNT=0", "nonsense"]
)
def test_a_hostile_zone_is_not_run(rule: str) -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Trap\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\n"
        f"TZOFFSETTO:+0100\r\nRRULE:{rule}\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    began = time.perf_counter()
    found = calendar(zone, event("DTSTART;TZID=Trap:20260901T100000", "SUMMARY:Chess"))
    assert (warned(found), time.perf_counter() - began < 2) == (["unreadable-zone"], True)


@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        (["DTSTART;VALUE=DATE:20260901", "DTEND;VALUE=DATE:20260903"], date(2026, 9, 3)),
        (["DTSTART;VALUE=DATE:20260901", "DTEND;VALUE=DATE:20260901"], date(2026, 9, 2)),
        (["DTSTART;VALUE=DATE:20260901"], date(2026, 9, 2)),
        (["DTSTART:20260901"], date(2026, 9, 2)),
        (["DTSTART;VALUE=DATE:20260901", "DURATION:P2D"], date(2026, 9, 3)),
        (["DTSTART;VALUE=DATE:20260901", "DTEND:20260902T000000Z"], date(2026, 9, 2)),
    ],
)
def test_a_whole_day_lasts_until_the_day_after_it(lines: list[str], ends: date) -> None:
    found = one(calendar(event(*lines, "SUMMARY:Bank holiday")))
    assert (found.all_day, found.ends) == (True, ends)


@pytest.mark.parametrize(
    ("line", "minutes", "warnings"),
    [
        ("DTEND:20260901T110000Z", 60, []),
        ("DURATION:PT1H30M", 90, []),
        ("DTEND:20260901T100000Z", None, []),
        ("X-NOTHING:1", None, []),
        ("DTEND:20260901T090000Z", None, ["ends-before-start"]),
        ("DURATION:-PT1H", None, ["ends-before-start"]),
    ],
)
def test_an_end_is_only_shown_if_there_is_one(line: str, minutes: int | None, warnings: list[str]) -> None:
    found = calendar(event(line, "SUMMARY:Chess"))
    length = one(found).ends - one(found).starts if one(found).ends else None
    assert (length, warned(found)) == (timedelta(minutes=minutes) if minutes else None, warnings)


# -- 8: series ----------------------------------------------------------------------------------------------

WEEKLY = event(
    "SUMMARY:Rhyme time",
    "DTSTART;TZID=Europe/London:20261013T103000",
    "DTEND;TZID=Europe/London:20261013T110000",
    "RRULE:FREQ=WEEKLY;COUNT=4",
)


def test_rhyme_time_stays_at_half_past_ten_when_the_clocks_change() -> None:
    found = calendar(WEEKLY)
    assert dates(found) == [f"{day} 10:30 Rhyme time" for day in ("10-13", "10-20", "10-27", "11-03")]
    assert len({each.key[-14:-6] for each in occurrences(found, *YEAR).occurrences}) == 2  # in UTC it moves


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("EXDATE;TZID=Europe/London:20261020T103000", ["10-13", "10-27", "11-03"]),
        ("EXDATE:20261020T093000Z", ["10-13", "10-27", "11-03"]),
        ("EXDATE;VALUE=DATE:20261020", ["10-13", "10-27", "11-03"]),
        ("RDATE;TZID=Europe/London:20261201T103000", ["10-13", "10-20", "10-27", "11-03", "12-01"]),
        ("RRULE:FREQ=MONTHLY;COUNT=3", ["10-13", "10-20", "10-27", "11-03", "11-13", "12-13"]),
    ],
)
def test_dates_are_left_out_and_added_as_the_library_wishes(change: str, shown: list[str]) -> None:
    found = calendar(WEEKLY.replace("END:VEVENT", f"{change}\r\nEND:VEVENT"))
    assert [each[:5] for each in dates(found)] == shown


def test_an_extra_date_may_have_a_length_of_its_own() -> None:
    extra = "RDATE;VALUE=PERIOD:20261201T103000Z/PT3H,20261202T103000Z/20261202T123000Z"
    found = occurrences(calendar(WEEKLY.replace("END:VEVENT", f"{extra}\r\nEND:VEVENT")), *YEAR).occurrences
    lengths = [each.ends - each.starts for each in found if each.ends]
    assert [length / timedelta(minutes=1) for length in lengths] == [30, 30, 30, 30, 180, 120]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261027", "10-27"),
        ("20261027T103000Z", "10-27"),
        ("20261027T093000Z", "10-20"),
        ("20261027T103000", "10-27"),
        ("20261026T235959Z", "10-20"),
        ("99991231T235959Z", "12-29"),
    ],
)
def test_a_series_goes_on_until_its_last_day(until: str, last: str) -> None:
    assert dates(calendar(WEEKLY.replace("COUNT=4", f"UNTIL={until}")))[-1][:5] == last


def test_a_date_that_was_moved_and_renamed_is_shown_once_where_it_is_now() -> None:
    moved = event(
        "RECURRENCE-ID;TZID=Europe/London:20261020T103000",
        "SUMMARY:Rhyme time in the park",
        "DTSTART;TZID=Europe/London:20261021T140000",
        "DTEND;TZID=Europe/London:20261021T143000",
    )
    for parts in ((WEEKLY, moved), (moved, WEEKLY)):
        found = calendar(*parts)
        assert dates(found) == [
            "10-13 10:30 Rhyme time",
            "10-21 14:00 Rhyme time in the park",
            "10-27 10:30 Rhyme time",
            "11-03 10:30 Rhyme time",
        ]
        (park,) = (each for each in occurrences(found, *YEAR).occurrences if each.moved)
        assert park.identity == ("one", "2026-10-20T09:30:00+00:00")
    # it is found in the week it was moved to, and not in the one it was moved from
    assert len(dates(found, date(2026, 10, 21), date(2026, 10, 22))) == 1
    assert dates(found, date(2026, 10, 20), date(2026, 10, 21)) == []


def test_a_change_from_one_date_on_holds_for_all_that_follow() -> None:
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/London:20261020T103000",
        "SUMMARY:Rhyme time (new time)",
        "DTSTART;TZID=Europe/London:20261020T113000",
        "DTEND;TZID=Europe/London:20261020T123000",
    )
    found = calendar(WEEKLY, later)
    assert [each[:11] for each in dates(found)] == [
        "10-13 10:30",
        "10-20 11:30",
        "10-27 11:30",
        "11-03 11:30",
    ]
    assert [each.event.summary for each in occurrences(found, *YEAR).occurrences][1:] == [
        "Rhyme time (new time)"
    ] * 3
    ends = [each.ends - each.starts for each in occurrences(found, *YEAR).occurrences if each.ends]
    assert ends == [timedelta(minutes=30), *[timedelta(hours=1)] * 3]


def test_a_change_without_a_title_keeps_that_of_its_series() -> None:
    change = event("RECURRENCE-ID:20261020T093000Z", "DTSTART:20261020T130000Z")
    assert "10-20 13:00 Rhyme time" in dates(calendar(WEEKLY, change))


def test_an_event_that_began_before_the_window_is_in_it_while_it_lasts() -> None:
    found = calendar(event("DTSTART;VALUE=DATE:20260825", "DTEND;VALUE=DATE:20260905", "SUMMARY:Exhibition"))
    assert len(dates(found, date(2026, 9, 4), date(2026, 9, 5))) == 1
    assert dates(found, date(2026, 9, 5), date(2026, 9, 6)) == []


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@st.composite
def rules_of_people(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(rules.FREQUENCIES[:4]))
    pieces = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 4))}", f"WKST={draw(st.sampled_from(DAYS))}"]
    nth = draw(st.sampled_from(["", "1", "-1", "3"])) if freq in {"YEARLY", "MONTHLY"} else ""
    if draw(st.booleans()):
        days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True))
        pieces.append("BYDAY=" + ",".join(nth + day for day in days))
    month = draw(st.sampled_from(["", *range(1, 13)]))
    if month:
        pieces.append(f"BYMONTH={month}")
    if freq != "WEEKLY" and draw(st.booleans()):
        # others take seconds over a date that never comes
        last = 31 if month in {"", 1, 3, 5, 7, 8, 10, 12} else 29
        pieces.append(f"BYMONTHDAY={draw(st.sampled_from([1, 13, 29, last, -1, -7]))}")
    if draw(st.booleans()):
        pieces.append(f"COUNT={draw(st.integers(1, 40))}")
    return ";".join(pieces)


@given(rules_of_people(), st.dates(date(2023, 1, 1), date(2026, 12, 31)))
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_a_rule_gives_the_dates_that_everybody_else_gives(rule: str, day: date) -> None:
    first = datetime(day.year, day.month, day.day, 10)  # noqa: DTZ001 - rules are in wall time
    low, high = datetime(2025, 6, 1), datetime(2026, 6, 1)  # noqa: DTZ001
    budget = rules.Budget(10_000, 1_000_000, 10)
    mine = list(rules.starts(rules.read(rule)[0], first, low, high, budget))
    other = rrulestr(f"{rule};UNTIL=20270101T000000" if "COUNT" not in rule else rule, dtstart=first)
    assert mine == other.between(low, high, inc=True)


# -- 9 and 10: what is the same, and what is cancelled ------------------------------------------------------


def test_importing_twice_finds_the_same_events_again() -> None:
    first, again = (calendar(WEEKLY, event("SUMMARY:Chess", uid="")) for _time in range(2))
    assert first.events == again.events
    assert [each.identity for each in occurrences(first, *YEAR).occurrences] == [
        each.identity for each in occurrences(again, *YEAR).occurrences
    ]
    renamed = calendar(WEEKLY.replace("SUMMARY:Rhyme time", "SUMMARY:Baby rhyme time"))
    assert one(renamed).identity() == first.events[0].identity()


def test_without_a_uid_start_title_and_place_tell_events_apart() -> None:
    places = [
        event("SUMMARY:Storytime", f"LOCATION:{place}", uid="") for place in ("Chapel", "Chapel", "North")
    ]
    found = calendar(*places)
    assert (found.found, found.distinct, len({each.identity() for each in found.events})) == (3, 2, 2)


def test_the_newest_version_of_an_event_is_the_one_that_counts() -> None:
    old = event("SUMMARY:Old", "SEQUENCE:0", "DTSTART:20260901T090000Z")
    new = event("SUMMARY:New", "SEQUENCE:2")
    for parts in ((old, new), (new, old)):
        found = calendar(*parts)
        assert (one(found).summary, found.distinct, warned(found)) == ("New", 2, ["older-version"])


def test_events_that_wrongly_share_a_uid_are_all_kept() -> None:
    found = calendar(event("SUMMARY:Monday"), event("SUMMARY:Tuesday", "DTSTART:20260902T100000Z"))
    assert [each[-7:].strip() for each in dates(found)] == ["Monday", "Tuesday"]
    assert len({each.identity() for each in found.events}) == 2
    elsewhere = calendar(event("SUMMARY:Chess", "LOCATION:North"), event("SUMMARY:Chess", "LOCATION:South"))
    assert (len(elsewhere.events), warned(elsewhere)) == (1, ["same-uid-elsewhere", "duplicates"])


@pytest.mark.parametrize(
    ("parts", "cancelled"),
    [
        ((event("STATUS:CANCELLED"),), 1),
        ((event("STATUS:cancelled"),), 1),
        ((event("METHOD:CANCEL"),), 1),
        (("METHOD:CANCEL", event()), 1),
        ((event("STATUS:CONFIRMED"),), 0),
        (
            (WEEKLY, event("RECURRENCE-ID:20261020T093000Z", "DTSTART:20261020T093000Z", "STATUS:CANCELLED")),
            1,
        ),
        ((WEEKLY.replace("END:V", "STATUS:CANCELLED\r\nEND:V"),), 4),
    ],
)
def test_what_is_cancelled_is_kept_and_marked(parts: tuple[str, ...], cancelled: int) -> None:
    expanded = occurrences(calendar(*parts), *YEAR)
    assert expanded.cancelled == cancelled
    assert len(expanded.occurrences) == (4 if WEEKLY[:40] in parts[0] else 1)


# -- 11: words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "field", "shown"),
    [
        (
            r"DESCRIPTION:Bring wool\, needles\; and\na friend\\s",
            "text",
            "Bring wool, needles; and\na friend\\s",
        ),
        ("DESCRIPTION:One\\n\t\\n\\n \\nTwo", "text", "One\nTwo"),
        ("DESCRIPTION:<p>Tea &amp\\; <b>cake</b></p><p>Free</p>", "text", "Tea & cake\nFree"),
        ("DESCRIPTION:Tea &amp\\; cake", "text", "Tea & cake"),
        ("DESCRIPTION:ages 3 < 5 & up", "text", "ages 3 < 5 & up"),
        ("DESCRIPTION:<script>steal()</script>Hello", "text", "Hello"),
        ("DESCRIPTION:&lt\\;script&gt\\;steal()&lt\\;/script&gt\\;Hi", "text", "Hi"),
        ('DESCRIPTION:<img src="data:image/png\\;base64,AAAA" onerror="x()">Look', "text", "Look"),
        ("X-ALT-DESC;FMTTYPE=text/html:<html><body>Hello</body></html>", "text", "Hello"),
        ("LOCATION:<p>Main Library</p><p>1 High St</p>", "location", "Main Library, 1 High St"),
        ("SUMMARY:Tea &amp\\; \\n cake", "summary", "Tea &, cake"),
        ("SUMMARY:Chat\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH SPACE} time", "summary", "Chat time"),
        ("CATEGORIES:Meeting\\, John,Work,,Work", "categories", ("Meeting, John", "Work")),
        ("URL:https://library.example/a?b=c", "url", "https://library.example/a?b=c"),
        ("URL:/events/12", "url", ""),
        ("URL:javascript:alert(1)", "url", ""),
        ("URL:https://[bad", "url", ""),
    ],
)
def test_words_from_outside_are_plain_and_harmless(line: str, field: str, shown: object) -> None:
    assert getattr(one(calendar(event(line))), field) == shown


def test_a_link_that_leads_nowhere_is_dropped_and_said() -> None:
    assert warned(calendar(event("SUMMARY:Chess", "URL:/events/12"))) == ["address-dropped"]


def test_a_description_with_pictures_in_it_is_cut_and_said() -> None:
    found = calendar(event("SUMMARY:Chess", "DESCRIPTION:" + "<p>word</p>" * 30_000))
    assert (len(one(found).text), warned(found)) == (10_000, ["text-cut"])


def test_an_event_marked_private_is_pointed_out() -> None:
    assert warned(calendar(event("SUMMARY:Appraisal", "CLASS:PRIVATE"))) == ["private"]


# -- 13: limits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=2",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=1",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,10,11;BYMINUTE=" + ",".join(map(str, range(60))),
    ],
)
def test_a_rule_without_measure_neither_hangs_nor_hides_the_others(rule: str) -> None:
    old = "DTSTART:20200101T100000Z"
    bombs = [event("SUMMARY:Bomb", f"RRULE:{rule}", uid=f"bomb {number}", start=old) for number in range(6)]
    daily = event("SUMMARY:Drop in", "RRULE:FREQ=DAILY", uid="daily", start=old)
    began = time.perf_counter()
    expanded = occurrences(calendar(*bombs, daily), *YEAR)
    assert time.perf_counter() - began < 15
    assert sum(each.event.summary == "Drop in" for each in expanded.occurrences) == 365
    said = {each.code for each in expanded.warnings}
    assert said
    assert said <= {"too-many-dates", "too-long", "window-full"}
    assert len(expanded.occurrences) <= Limits().occurrences


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=9",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;UNTIL=16010101T000000Z",
    ],
)
def test_a_rule_that_never_comes_true_costs_nothing(rule: str) -> None:
    began = time.perf_counter()
    found = calendar(event("DTSTART:16000101T100000Z", f"RRULE:{rule}", "SUMMARY:Never"))
    assert dates(found) == []
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"x" * (5 * 1024 * 1024 + 1), "too-big"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000, "too-deep"),
        (feed("\r\n".join([event()] * 20_001)), "too-many-events"),
        (b"\x00" * 1000, "not-a-calendar"),
        (b"", "not-a-calendar"),
    ],
)
def test_a_file_made_to_choke_is_refused(data: bytes, code: str) -> None:
    found = read(data, LONDON)
    assert (codes(found), found.complete) == ([code], False)


@pytest.mark.parametrize(
    "line",
    [
        "DESCRIPTION:" + "<p" * 500_000,
        "SUMMARY" + ";A= " * 500_000,
        "SUMMARY" + " \t" * 500_000,
        "SUMMARY:" + "\\" * 1_000_000,
        "EXDATE:" + ",".join(["20260901T100000Z"] * 60_000),
        "CATEGORIES:" + "\\," * 500_000,
        "X-A:" + "\r\n " * 300_000,
        "LOCATION:" + "&lt;b&gt;" * 100_000,
    ],
)
def test_a_line_without_end_is_read_without_hanging(line: str) -> None:
    began = time.perf_counter()
    found = calendar(event(line))
    assert len(found.events) + len(found.refused) == 1
    assert time.perf_counter() - began < 5


SAMPLE = feed(
    "X-WR-TIMEZONE:Europe/Warsaw",
    WEEKLY.replace("END:V", "EXDATE:20261020T093000Z\r\nRDATE;VALUE=PERIOD:20261201T100000Z/PT1H\r\nEND:V"),
    event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261027T103000Z", "DTSTART:20261027T123000Z", "SUMMARY:Later"),
    event(
        "SUMMARY:Caf\N{LATIN SMALL LETTER E WITH ACUTE}",
        "DTSTART;VALUE=DATE:20260901",
        "DURATION:P1D",
        uid="two",
    ),
    event("DTSTART;TZID=GMT Standard Time:20260901T100000", "RRULE:FREQ=MONTHLY;BYDAY=-1FR", uid="three"),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A calendar with pieces cut out, doubled, swapped for others, or with bytes changed."""
    data = bytearray(draw(st.sampled_from(_originals())))
    for _change in range(draw(st.integers(1, 6))):
        here = draw(st.integers(0, max(0, len(data) - 1)))
        there = min(len(data), here + draw(st.integers(0, 80)))
        piece = draw(
            st.sampled_from(
                [
                    b"",
                    bytes(data[here:there]) * 2,
                    b"\r\n",
                    b":",
                    b";",
                    b'"',
                    b"9" * 12,
                    b"\xff",
                    b"BEGIN:VEVENT\r\n",
                    b"END:VEVENT\r\n",
                    b"RRULE:FREQ=SECONDLY\r\n",
                    b"\x00",
                ]
            )
        )
        data[here:there] = piece
    return bytes(data)


def _originals() -> list[bytes]:
    found = [path.read_bytes() for path, _said in files().values() if path.stat().st_size < 5000]
    return [SAMPLE, *found]


@given(mutated())
@settings(
    deadline=8000, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_a_damaged_calendar_is_read_or_refused_and_always_with_a_reason(data: bytes) -> None:
    found = read(data, LONDON)
    expanded = occurrences(found, *YEAR)
    assert len(found.events) >= found.found or found.refused or found.warnings
    for each in (*found.refused, *found.warnings, *expanded.warnings):
        assert each.where
        assert each.reason
    for date_ in expanded.occurrences:
        assert not isinstance(date_.starts, datetime) or date_.starts.tzinfo is not None
    write(found.events, found.name, NOW)


@given(st.binary(max_size=400))
@settings(deadline=8000, max_examples=60)
def test_anything_else_is_refused_with_a_reason(data: bytes) -> None:
    assert read(data, LONDON).refused or b"BEGIN:VCALENDAR" in data.upper()


# -- giving back --------------------------------------------------------------------------------------------


def test_a_feed_for_others_is_read_by_other_programs_without_complaint() -> None:
    found = read(SAMPLE, LONDON)
    data = write(found.events, "Central Library, events", NOW)
    other = icalendar.Calendar.from_ical(data)
    assert [part.errors for part in other.walk() if part.errors] == []
    assert str(other["X-WR-CALNAME"]) == "Central Library, events"
    assert {str(part["UID"]) for part in other.walk("VEVENT")} == {"one", "two", "three"}
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"ORGANIZER" not in data
    again = read(data, LONDON)
    assert (dates(again), again.refused, again.complete) == (dates(found), (), True)
    assert data == write(found.events, "Central Library, events", NOW)


def test_single_dates_are_given_back_as_events_of_their_own() -> None:
    cancelled = event("RECURRENCE-ID:20261020T093000Z", "DTSTART:20261020T093000Z", "STATUS:CANCELLED")
    expanded = occurrences(calendar(WEEKLY, cancelled), *YEAR)
    again = read(write(expanded.occurrences, "Ours", NOW), LONDON)
    assert [each.starts for each in again.events] == [each.starts for each in expanded.occurrences]
    assert [each.status for each in again.events] == ["confirmed", "cancelled", "confirmed", "confirmed"]
    assert len({each.uid for each in again.events}) == 4


def test_a_rule_is_given_back_as_the_standard_has_it() -> None:
    sloppy = WEEKLY.replace("FREQ=WEEKLY;COUNT=4", "whatever;freq=weekly;until=20261103;X-OWN=1")
    found = calendar(sloppy)
    data = write(found.events, "Ours", NOW)
    assert b"UNTIL=20261103T235959Z" in data
    assert dates(read(data, ZoneInfo("UTC"))) == dates(found)
