"""Reading councils' files: what real ones hold, and what is said of rows that cannot be taken."""

from __future__ import annotations

import json
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.branches import Period
from kiosk.branches.files import DIVISIONS, NotThisFile, Sheet, read_branches, read_holidays
from kiosk.spelling import as_postcode
from tests.branches.councils import HOLIDAYS, core_files, expected, needs_data

YEAR = 2026
HEADER = "Library name,Address 1,Address 2,Postcode,Year closed,Monday staffed hours,Monday unstaffed hours"


def sheet(*rows: str, header: str = HEADER) -> Sheet:
    return read_branches("\r\n".join((header, *rows)).encode(), YEAR)


def reasons(*rows: str) -> list[str]:
    return [f"{row.line} {row.name}: {row.reason}" for row in sheet(*rows).refused]


# -- the collection -----------------------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize(
    "name", core_files() or [pytest.param("", marks=pytest.mark.skip("../shared is absent"))]
)
def test_every_council_is_read_as_its_file_is_known_to_be(name: str) -> None:
    path, said = core_files()[name]
    found = read_branches(path.read_bytes(), YEAR)
    assert found.missing == ()
    counts = found.counts
    assert counts["rows"] == said["rows"]
    assert counts["closed"] == said["closed"]
    assert counts["with_hours"] == said["branches_with_any_hours"]
    assert counts["staffed_periods"] == said["staffed_periods"]
    assert bool(counts["unstaffed_periods"]) == bool(said["branches_with_unstaffed"])
    postcodes = [row.postcode for row in found.taken if row.postcode]
    twice = [row for row in found.refused if "open branch with the same name" in row.reason]
    assert len(postcodes) + len(twice) == said["valid_postcodes"]
    assert [as_postcode(postcode) for postcode in postcodes] == postcodes
    assert list(found.refused) == twice


@needs_data
def test_a_library_that_was_refused_is_named_with_the_line_that_stands_for_it() -> None:
    path, _said = core_files()["kent_county_council"]
    assert [(row.line, row.name, row.reason) for row in read_branches(path.read_bytes(), YEAR).refused] == [
        (9, "Bearsted Library", "line 8 is an open branch with the same name")
    ]


@needs_data
@pytest.mark.parametrize("division", DIVISIONS)
def test_the_bank_holidays_of_each_country_are_all_there(division: str) -> None:
    said = expected()[HOLIDAYS][division]
    calendar = read_holidays(HOLIDAYS.read_bytes(), division)
    assert calendar.refused == ()
    assert len(calendar.holidays) == said["n"]
    assert sum(day.year == 2026 for day in calendar.holidays) == said["n2026"]
    assert max(calendar.holidays).isoformat() == said["last"]


# -- branches -----------------------------------------------------------------------------------------------


def test_a_row_becomes_a_branch_with_its_two_kinds_of_hours() -> None:
    row = 'Long  Hill ,"The Square, ",Hill,ip1 1aa,,"09:00-13:00,14:00-17:00",09:00-20:00'
    [branch] = sheet(row).branches
    assert (branch.name, branch.address, branch.postcode) == ("Long Hill", "The Square, Hill", "IP1 1AA")
    assert branch.closed_year is None
    assert branch.week == {
        1: (
            Period(time(9), time(13), True),
            Period(time(14), time(17), True),
            Period(time(9), time(20), False),
        )
    }


@pytest.mark.parametrize(
    "header",
    [
        "\ufeffLibrary name,Postcode,Colocated",
        "LIBRARY NAME,post-code,Co-located",
        "Postcode,library_name,Colocated with",
    ],
)
def test_columns_are_found_by_name_whatever_their_order_and_spelling(header: str) -> None:
    cells = {"l": "Hill", "p": "IP1 1AA", "c": "No"}
    row = ",".join(cells[name.strip("\ufeff")[0].lower()] for name in header.split(","))
    found = sheet(row, header=header)
    assert [(branch.name, branch.postcode) for branch in found.branches] == [("Hill", "IP1 1AA")]
    assert "Address 1" in found.missing
    assert "Postcode" not in found.missing


def test_a_file_of_a_spreadsheet_without_utf_8_is_read_too() -> None:
    [branch] = read_branches("Library name\nCaffè Library\n".encode("cp1252"), YEAR).branches
    assert branch.name == "Caffè Library"


def test_empty_lines_are_no_rows_and_short_rows_are_no_fault() -> None:
    found = sheet("", "Hill", ",,,,,,", "Dale,1 High Street")
    assert found.counts["rows"] == 2
    assert [branch.name for branch in found.branches] == ["Hill", "Dale"]


def test_every_refused_row_has_its_line_its_name_and_a_reason() -> None:
    assert reasons(
        "Hill,,,IP1 1AA,,,",
        ",,,IP1 1AA,,,",
        "Prison,,,[No registered public address],,,",
        "Late,,,,,9 till late,",
        "Night,,,,,,22:00-06:00",
        "Twice,,,,,\"09:00-13:00,12:00-14:00\",",
        "Gone,,,,last year,,",
        "Wide,,,,,,,too,many",
        f"{'x' * 201},,,,,,",
        f"Long,{'x' * 301},,,,,",
    ) == [
        "3 : it has no library name",
        "4 Prison: '[No registered public address]' is no postcode",
        "5 Late: Monday staffed hours: '9 till late' is not written like 09:00-13:00,14:00-17:00",
        "6 Night: Monday unstaffed hours: '22:00-06:00' closes before it opens",
        "7 Twice: Monday staffed hours: '09:00-13:00,12:00-14:00' has times that overlap",
        "8 Gone: 'last year' is no year closed",
        "9 Wide: it has 9 cells and the first line has 7",
        f"10 {'x' * 200}: its name has more than 200 letters",
        "11 Long: its address has more than 300 letters",
    ]  # fmt: skip


def test_a_library_that_moved_is_the_open_building_and_the_closed_one_is_its_past() -> None:
    found = sheet("Hill,Old Road,,,2021,09:00-17:00,", "Hill,New Road,,,,,")
    assert [(branch.address, dict(branch.week)) for branch in found.branches] == [("New Road", {})]
    assert [row.address for row in found.past] == ["Old Road"]
    assert (found.counts["closed"], found.counts["with_hours"]) == (1, 1)
    assert found.refused == ()


def test_of_two_open_rows_with_one_name_the_one_with_hours_is_the_branch() -> None:
    found = sheet("Hill,Old Road,,,,,", "hill,New Road,,,,09:00-17:00,")
    assert [branch.address for branch in found.branches] == ["New Road"]
    assert [(row.line, row.reason) for row in found.refused] == [
        (2, "line 3 is an open branch with the same name")
    ]


def test_a_branch_that_will_close_is_open_until_its_year() -> None:
    found = sheet("Hill,,,,2027,,", "Dale,,,,2026,,")
    assert [branch.is_closed(YEAR) for branch in found.branches] == [False, True]
    assert found.counts["closed"] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column 'Library name'"),
        (b"PK\x03\x04\x14\x00", "no column 'Library name'"),
        (b"Service,Library\nEssex,Hill\n", "no column 'Library name'"),
        ("Library name\nHill\n".encode("utf-16"), "UTF-16"),
        (b"Library name\n\x81\x8d\n", "UTF-8"),
        (b'Library name\n"' + b"x" * 200_000, "not CSV"),
    ],
)
def test_a_file_that_is_something_else_says_what_is_wrong(content: bytes, says: str) -> None:
    with pytest.raises(NotThisFile, match=says):
        read_branches(content, YEAR)


@given(st.binary(max_size=300))
def test_whatever_is_in_a_file_is_read_or_refused(content: bytes) -> None:
    for start in (b"", HEADER.encode() + b"\n"):
        try:
            found = read_branches(start + content, YEAR)
        except NotThisFile:
            continue
        assert found.counts["rows"] == len(found.taken) + len(found.refused)
        names = [branch.name.casefold() for branch in found.branches]
        assert len(names) == len(set(names))


# -- bank holidays ------------------------------------------------------------------------------------------


def holidays(*events: object) -> bytes:
    return json.dumps({"scotland": {"division": "scotland", "events": events}}).encode()


def test_two_holidays_on_one_day_are_one_closure_with_both_names() -> None:
    found = read_holidays(
        holidays({"title": "A", "date": "2026-12-25"}, {"title": "B", "date": "2026-12-25"}), "scotland"
    )
    assert found.holidays == {date(2026, 12, 25): "A, B"}


def test_an_entry_that_is_no_holiday_is_refused_and_the_others_stay() -> None:
    good = {"title": "St Andrew’s Day", "date": "2026-11-30"}
    found = read_holidays(
        holidays({"title": "X", "date": "30/11/2026"}, {"title": "X"}, {"date": "2026-11-30"}, 7, good),
        "scotland",
    )
    assert found.holidays == {date(2026, 11, 30): "St Andrew’s Day"}
    assert [(each.line, each.reason) for each in found.refused] == [
        (1, "'30/11/2026' is no date like 2026-12-25"),
        (2, "'' is no date like 2026-12-25"),
        (3, "it has no title"),
        (4, "it has no title"),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b'{"scotland": []}', b'{"scotland": {"events": {}}}', b"[" * 100_000],
)
def test_a_file_without_the_holidays_of_the_country_says_so(content: bytes) -> None:
    with pytest.raises(NotThisFile):
        read_holidays(content, "scotland")
