"""Spreadsheets of events as staff keep them: what is read, what is asked, what is said of rows left out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kiosk.events.calendars import Event, Limits, occurrences
from kiosk.events.incoming import table, when
from kiosk.events.incoming.table import Table
from tests.branches.councils import DATA, expected, needs_data
from tests.events.feeds import LONDON

HEADER = "Title,Date,Time,Venue"


def sheet(*rows: str, header: str = HEADER, **answers: Any) -> Table:
    return table.read("\r\n".join((header, *rows, "")).encode(), LONDON, **answers)


def one(found: Table) -> Event:
    assert len(found.calendar.events) == 1, found.calendar.refused
    return found.calendar.events[0]


def refused(found: Table) -> list[tuple[str, str]]:
    return [(each.where, each.code) for each in found.calendar.refused]


def warned(found: Table) -> list[str]:
    return [each.code for each in found.calendar.warnings]


def workbook(*rows: list[object], hidden: bool = False) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    if hidden:
        page.title = "Old"
        page.append(["Title", "Date", "Time", "Venue"])
        page.sheet_state = "hidden"
        page = book.create_sheet("New")
    for row in rows:
        page.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


# -- the collection -----------------------------------------------------------------------------------------


@needs_data
def test_the_return_of_a_real_council_is_read_row_by_row() -> None:
    path = DATA / "events" / "csv" / "events_barnet_attendance.csv"
    said = expected()[path]
    found = table.read(path.read_bytes(), LONDON)
    assert found.mapping == {
        "title": "Name",
        "starts_on": "Event date",
        "location": "Library name",
        "categories": "Outcome",
    }
    assert (found.calendar.found, found.calendar.refused, found.missing) == (said["rows"], (), ())
    assert set(warned(found)) == {"duplicate"}
    assert len(found.calendar.events) + len(found.calendar.warnings) == said["rows"]
    days = sorted(str(event.starts) for event in found.calendar.events)
    assert (days[0], days[-1]) == (said["date_min"], said["date_max"])
    assert len({event.location for event in found.calendar.events}) == said["libraries"]


# -- files --------------------------------------------------------------------------------------------------

ROW = "Rhyme time,2026-09-01,10.30am,Chapel"


@pytest.mark.parametrize(
    "data",
    [
        f"{HEADER}\r\n{ROW}\r\n".encode(),
        f"\ufeff{HEADER}\n{ROW}\n".encode(),
        f"{HEADER}\r{ROW}\r".encode(),
        f"{HEADER}\n{ROW}\n".encode("utf-16"),
        f"{HEADER}\n{ROW}\n".replace(",", ";").encode(),
        f"{HEADER}\n{ROW}\n".replace(",", "\t").encode(),
        f"Autumn at the library,,,\n,,,\nPlease share,,,\n\n{HEADER}\n\n,,,\n{ROW}\n".encode(),
        b'"Title","Date","Time","Venue"\n"Rhyme time","2026-09-01","10.30am","Chapel"',
        workbook(
            ["Autumn at the library"],
            [],
            ["Title", "Date", "Time", "Venue"],
            ["Rhyme time", date(2026, 9, 1), time(10, 30), "Chapel"],
        ),
        workbook(["Title", "Date", "Time", "Venue"], ["Rhyme time", datetime(2026, 9, 1), 0.4375, "Chapel"]),  # noqa: DTZ001
        workbook(
            ["Title", "Date", "Time", "Venue"],
            ["Rhyme time", "1 September 2026", "10:30", "Chapel"],
            hidden=True,
        ),
        workbook(["Title", "Date", "Time", "Venue"], ["Rhyme time", 46266, "10:30", "Chapel"]),
    ],
)
def test_a_table_is_read_from_whatever_program_wrote_it(data: bytes) -> None:
    found = table.read(data, LONDON)
    rhyme = one(found)
    assert (rhyme.summary, rhyme.location, rhyme.ends) == ("Rhyme time", "Chapel", None)
    assert rhyme.starts == datetime(2026, 9, 1, 10, 30, tzinfo=LONDON)
    assert (found.calendar.refused, found.calendar.warnings, found.asks) == ((), (), None)


def test_curly_quotes_of_an_old_spreadsheet_stay_curly() -> None:
    found = table.read(
        f"{HEADER}\nLet\N{RIGHT SINGLE QUOTATION MARK}s knit,2026-09-01,10am,\n".encode("cp1252"), LONDON
    )
    assert (one(found).summary, warned(found)) == ("Let\N{RIGHT SINGLE QUOTATION MARK}s knit", ["encoding"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old-excel"),
        (b"PK\x03\x04nothing more", "not-a-table"),
        (b"GIF89a\0\0\0", "not-a-table"),
        (b'Title,Date\n"' + b"x" * 200_000, "not-a-table"),
        (b"x" * (5 * 1024 * 1024 + 1), "too-big"),
    ],
)
def test_a_file_that_is_no_table_is_refused(data: bytes, code: str) -> None:
    found = table.read(data, LONDON)
    assert refused(found) == [("the file", code)]
    assert (found.calendar.events, found.calendar.complete) == ((), False)


def test_a_workbook_that_unfolds_without_end_is_not_unfolded() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (101 * 1024 * 1024))
    assert refused(table.read(kept.getvalue(), LONDON)) == [("the file", "too-big")]


def test_more_rows_than_can_be_are_left_out_and_said() -> None:
    found = sheet(*(f"Chess {number},2026-09-01,10am," for number in range(40)), limits=Limits(events=10))
    assert "too-many-rows" in [code for _where, code in refused(found)]
    assert not found.calendar.complete


# -- columns ------------------------------------------------------------------------------------------------


def test_the_calendar_programs_that_everybody_has_are_understood() -> None:
    found = sheet(
        "Chess,31/05/2026,10:00 AM,31/05/2026,11:30 AM,False,Bring a board,Central Library,False",
        "Closed,05/06/2026,,06/06/2026,,True,,,",
        "Appraisal,05/06/2026,9:00 AM,,,,,,True",
        header="Subject,Start Date,Start Time,End Date,End Time,All Day Event,Description,Location,Private",
    )
    chess, closed = found.calendar.events
    assert (chess.starts, chess.ends) == (
        datetime(2026, 5, 31, 10, tzinfo=LONDON),
        datetime(2026, 5, 31, 11, 30, tzinfo=LONDON),
    )
    assert (chess.text, chess.location) == ("Bring a board", "Central Library")
    assert (closed.starts, closed.ends) == (date(2026, 6, 5), date(2026, 6, 7))
    assert refused(found) == [("row 4: Appraisal", "private")]
    assert len(occurrences(found.calendar, date(2026, 6, 6), date(2026, 6, 7)).occurrences) == 1


def test_columns_that_nobody_could_guess_are_mapped_by_hand() -> None:
    header = "Was,Wann,Uhr,Wo"
    found = sheet(ROW, header=header)
    assert (found.headings, found.missing, found.calendar.events) == (
        ("Was", "Wann", "Uhr", "Wo"),
        ("title", "starts_on"),
        (),
    )
    mapping = {"title": "Was", "starts_on": "wann", "starts_at": "Uhr", "location": "Wo"}
    mapped = sheet(ROW, header=header, mapping=mapping)
    assert one(mapped).location == "Chapel"
    assert mapped.mapping == {"title": "Was", "starts_on": "Wann", "starts_at": "Uhr", "location": "Wo"}
    # the same mapping on a file without one of its columns
    assert sheet(ROW, mapping=mapping).missing == ("title", "starts_on")


# -- dates and times ----------------------------------------------------------------------------------------


def test_a_date_that_can_be_read_two_ways_is_asked_about() -> None:
    row = "Chess,05/01/2026,10am,"
    asked = sheet(row)
    assert asked.asks == ("05/01/2026", date(2026, 1, 5), date(2026, 5, 1))
    assert asked.calendar.events == ()
    assert one(sheet(row, day_first=True)).starts.month == 1
    assert one(sheet(row, day_first=False)).starts.month == 5


@pytest.mark.parametrize(
    ("other", "month"), [("31/01/2026", 1), ("01/31/2026", 5), ("5 May 2026", None), ("04/04/2026", None)]
)
def test_another_date_of_the_file_may_settle_it(other: str, month: int | None) -> None:
    found = sheet("Chess,05/01/2026,10am,", f"Go,{other},10am,")
    assert (found.asks is None) == (month is not None)
    if month:
        assert found.calendar.events[0].starts.month == month


def test_a_file_that_contradicts_itself_is_asked_about_and_its_other_rows_listed() -> None:
    rows = ("Chess,05/01/2026,10am,", "Go,31/01/2026,10am,", "Bridge,01/31/2026,10am,")
    assert sheet(*rows).asks is not None
    found = sheet(*rows, day_first=True)
    assert refused(found) == [("row 4: Bridge", "bad-date")]
    assert len(found.calendar.events) == 2


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("2026-05-01", date(2026, 5, 1), ""),
        ("2026-05-1T00:00:00.000", date(2026, 5, 1), ""),
        ("2026-05-01T10:30:00+01:00", date(2026, 5, 1), "10:30:00"),
        ("2026/05/01 10:30", date(2026, 5, 1), "10:30"),
        ("1/5/26", date(2026, 5, 1), ""),
        ("01.05.2026 10.30am - 12", date(2026, 5, 1), "10.30am - 12"),
        ("1 May 2026", date(2026, 5, 1), ""),
        ("Friday 1st May 2026, 7pm", date(2026, 5, 1), "7pm"),
        ("Fri 1st of May 2026", date(2026, 5, 1), ""),
        ("1-May-26", date(2026, 5, 1), ""),
        ("May 1, 2026", date(2026, 5, 1), ""),
        (datetime(2026, 5, 1, 10, 30), date(2026, 5, 1), "10:30"),  # noqa: DTZ001
        (46143, date(2026, 5, 1), ""),
    ],
)
def test_a_date_is_read_as_people_write_it(text: object, day: date, rest: str) -> None:
    assert when.day_of(text, day_first=True) == (day, rest)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("every Tuesday", "repeats"),
        ("Tuesdays in term", "repeats"),
        ("1 May", "no-year"),
        ("31/02/2026", "bad-date"),
        ("soon", "bad-date"),
        ("1/1/0001", "bad-date"),
        ("=A1+7", "formula"),
        (3, "bad-date"),
        (True, "bad-date"),
    ],
)
def test_what_is_no_date_is_said_to_be_none(text: object, code: str) -> None:
    with pytest.raises(when.NotAMoment) as wrong:
        when.day_of(text, day_first=True)
    assert wrong.value.code == code


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("10.30am", "10:30", None),
        ("10:30", "10:30", None),
        ("1030", "10:30", None),
        ("10h30", "10:30", None),
        ("10:30:00", "10:30", None),
        ("10", "10:00", None),
        ("7 p.m.", "19:00", None),
        ("13.30pm", "13:30", None),
        ("12am", "00:00", None),
        ("12pm", "12:00", None),
        ("noon", "12:00", None),
        ("10:30 - 11:15", "10:30", "11:15"),
        ("10.30\N{EN DASH}11.15am", "10:30", "11:15"),
        ("2-3.30pm", "14:00", "15:30"),
        ("10-1pm", "10:00", "13:00"),
        ("12.30pm to 1.30", "12:30", "13:30"),
        ("10.30 a.m. until 12 noon", "10:30", "12:00"),
        ("1030-1130", "10:30", "11:30"),
        ("All day", None, None),
        ("", None, None),
        (None, None, None),
        (time(10, 30), "10:30", None),
        (0.4375, "10:30", None),
    ],
)
def test_a_time_is_read_as_people_write_it(text: object, starts: str | None, ends: str | None) -> None:
    found = when.clock_of(text)
    assert [each and each.strftime("%H:%M") for each in (found.starts, found.ends)] == [starts, ends]


@pytest.mark.parametrize("text", ["soon", "25:00", "10:99", "10am sharp", "after school", "=B2"])
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    with pytest.raises(when.NotAMoment):
        when.clock_of(text)


def test_both_times_may_stand_in_one_cell() -> None:
    rhyme = one(sheet("Rhyme time,2026-09-01,10:30 - 11:15,"))
    assert (rhyme.starts, rhyme.ends) == (
        datetime(2026, 9, 1, 10, 30, tzinfo=LONDON),
        datetime(2026, 9, 1, 11, 15, tzinfo=LONDON),
    )
    together = one(sheet("Rhyme time,Tue 1 Sept 2026 10.30-11.15am", header="Title,When"))
    assert (together.starts, together.ends) == (rhyme.starts, rhyme.ends)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Chess,2026-09-01,,", "no-time"),
        ("Chess,2026-09-01,2:30,", "early"),
        ("Chess,2026-09-01,3pm-2pm,", "ends-before-start"),
    ],
)
def test_what_looks_wrong_is_read_and_pointed_out(row: str, code: str) -> None:
    found = sheet(row)
    assert (len(found.calendar.events), warned(found)) == (1, [code])


def test_an_evening_may_end_at_midnight() -> None:
    late = one(sheet("Quiz,2026-09-01,8pm - midnight,"))
    assert late.ends == datetime(2026, 9, 2, tzinfo=LONDON)


# -- rows ---------------------------------------------------------------------------------------------------


def test_each_row_that_is_left_out_has_its_reason_and_the_others_stay() -> None:
    found = sheet(
        ROW,
        ",2026-09-01,10am,Chapel",
        "No date,,10am,Chapel",
        "Knitting,every Tuesday,10am,Chapel",
        "Coding,2026-09-31,10am,Chapel",
        "Yoga,2026-09-01,after lunch,Chapel",
        "Sums,=A2+7,10am,Chapel",
        ROW,
        "Last,2026-09-02,10am,Chapel",
    )
    assert [each.summary for each in found.calendar.events] == ["Rhyme time", "Last"]
    assert refused(found) == [
        ("row 3", "no-title"),
        ("row 4: No date", "no-date"),
        ("row 5: Knitting", "repeats"),
        ("row 6: Coding", "bad-date"),
        ("row 7: Yoga", "bad-time"),
        ("row 8: Sums", "formula"),
    ]
    assert warned(found) == ["duplicate"]
    assert all("%(" not in each.reason for each in found.calendar.refused)


def test_a_formula_is_never_worked_out() -> None:
    dangerous = '=HYPERLINK("https://evil.example","Free")'
    found = table.read(workbook(["Title", "Date"], [dangerous, date(2026, 9, 1)], ["Sum", "=A1+7"]), LONDON)
    assert one(found).summary == dangerous
    assert refused(found) == [("row 3: Sum", "formula")]


def test_words_in_cells_are_plain_and_harmless() -> None:
    found = sheet(
        "<b>Chess</b>,2026-09-01,<script>x()</script><p>Bring</p><p>a board</p>,/relative,Cancelled,12.0",
        header="Title,Date,Description,Link,Status,ID",
    )
    chess = one(found)
    assert (chess.summary, chess.text, chess.url, chess.status, chess.uid) == (
        "Chess",
        "Bring\na board",
        "",
        "cancelled",
        "12.0",
    )
    assert warned(found) == ["address-dropped"]


CELLS = st.one_of(
    st.sampled_from(
        ["Title", "Date", "Time", "05/01/2026", "every Tuesday", "10-1pm", "=1", "46266", '"', "\0", "\n"]
    ),
    st.text(max_size=20),
)


@given(st.lists(st.lists(CELLS, max_size=6), max_size=12), st.sampled_from(",;\t"))
@settings(deadline=8000, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_any_table_is_read_or_refused(rows: list[list[str]], between: str) -> None:
    data = "\n".join(between.join(row) for row in rows).encode("utf-8", "surrogatepass")
    found = table.read(data, LONDON, day_first=True)
    told = len(found.calendar.events) + len(found.calendar.refused) + len(found.calendar.warnings)
    assert found.missing or told >= found.calendar.found
    assert all(each.where and each.reason for each in found.calendar.refused)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.datetimes(), st.times(), st.none()))
@settings(deadline=8000, max_examples=200)
def test_any_cell_is_a_moment_or_is_said_to_be_none(cell: object) -> None:
    for read in (lambda: when.day_of(cell, day_first=True), lambda: when.clock_of(cell)):
        assert _is_told(read)


def _is_told(read: Callable[[], object]) -> bool:
    try:
        return bool(read())
    except when.NotAMoment as wrong:
        return wrong.code in table.REASONS
