"""Files that mean harm: they are read or refused within a time that grows with their size, and no faster."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.support.directory import reading, sheets, values
from kiosk.support.directory.texts import DEEPEST, LONGEST, cut, one_line, paragraphs, plain, safe_html
from tests.support.directory.feeds import as_json, service, workbook, zipped

SIZE = 1_000_000
MOST_SECONDS = 1.5
"""Of the processor, for a file of `SIZE`: several times what it takes."""


def described(shape: str) -> bytes:
    """Services whose descriptions repeat one thing, each as long as is read of one."""
    text = (shape * (4 * LONGEST // len(shape) + 1))[: 4 * LONGEST]
    number = max(1, SIZE // len(json.dumps(text)))
    return as_json([service(1, id=str(each), description=text) for each in range(number)])


def listed(**said: Any) -> bytes:
    """Services in which each list has a great many entries; `said` is one entry of each."""
    number = min(20_000, 300_000 // len(json.dumps(said)))
    lists = {name: [entry] * number for name, entry in said.items()}
    return as_json([service(1, id=str(each), **lists) for each in range(4)])


HOSTILE: dict[str, Callable[[], bytes]] = {
    **{
        shape: lambda shape=shape: described(shape)  # type: ignore[misc]
        for shape in (
            *("<em>", "<a href=x>", "<ul><li>", "<strong><p>", "<div ", "a\n", "&\n", "<em></em>", "<svg>"),
            *("<table><tr><td>", "<!--", "<p>a", "<p><b><i><u>", "</p>"),
        )
    },
    "attributes": lambda: described("<a " + " ".join(f"x{number}" for number in range(13_000)) + ">"),
    "nothing but entries": lambda: b"[" + b",".join([b"{}"] * (SIZE // 3)) + b"]",
    "the same again": lambda: b"[" + b",".join([b'{"id":"1","name":"a"}'] * (SIZE // 22)) + b"]",
    "places": lambda: listed(locations={"addresses": [{"city": f"<a>{each}"} for each in range(500)]}),
    "ages": lambda: listed(eligibilitys={"minimum_age": "<"}),
    "costs": lambda: listed(cost_options={"amount": "<"}),
    "languages": lambda: listed(languages={"name": "<x"}),
    "empty lines": lambda: b"name,id\nx,y\n" + b"\n" * SIZE,
    "rows": lambda: b"name,id\n" + b"x,y\n" * (SIZE // 4),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_no_more_time_than_its_size_is_worth(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 5000)
    monkeypatch.setattr(sheets, "MOST_ROWS", 5000)
    data = HOSTILE[name]()
    began = process_time()
    reading.read(data)
    assert process_time() - began < MOST_SECONDS


TEXTS = (
    '<Override PartName="/%s"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def packed(part: str, content: bytes) -> bytes:
    """An Excel file with another part, which is named as the one that holds all texts if it is no sheet."""
    made = io.BytesIO()
    sound = workbook([["name", "id"], ["a", "1"]])
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in set(old.namelist()) - {"xl/sharedStrings.xml", part}:
            came = old.read(name)
            if name == "[Content_Types].xml" and "sheet1" not in part:
                came = came.replace(b"</Types>", (TEXTS % part).encode() + b"</Types>")
            new.writestr(name, came)
        new.writestr(part, content)
    return made.getvalue()


STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/other.xml", "xl/worksheets/other.xml"])
def test_texts_of_an_excel_file_that_unfold_without_end_are_not_read(part: str) -> None:
    for content, reason in (
        (b"<si><t>" + b"x" * 11_000_000 + b"</t></si>", "The file unfolds to more than 10 MB."),
        (b"<si/>" * 900_000, "There are too many cells or texts in this Excel file. Save it as CSV."),
    ):
        found = reading.read(packed(part, STRINGS % content))
        assert [each.reason for each in found.refused] == [reason]
    few = STRINGS % (b"<si><t>name</t></si><si><t>id</t></si><si><t>a</t></si><si><t>1</t></si>" * 1000)
    assert not reading.read(packed(part, few)).refused, "a usual number of them is fine"


def test_a_sheet_with_cells_without_end_is_not_read() -> None:
    cells = b"<worksheet><sheetData><row>" + b"<c/>" * 2_100_000 + b"</row></sheetData></worksheet>"
    found = reading.read(packed("xl/worksheets/sheet1.xml", cells))
    assert [each.reason for each in found.refused] == [sheets.REASONS["too-many-cells"]]


def test_rows_that_are_left_out_are_told_and_take_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    rows = "id,service_id\n1,1\n2,1\n3,1\n"
    found = reading.read(zipped({"services.csv": "id,name,status\n1,a,active\n", "schedules.csv": rows}))
    assert [each.reason for each in found.refused] == [
        "schedules.csv has more than 2 rows. The rest was left out."
    ]
    assert not found.is_whole


def test_only_the_first_of_very_many_entries_of_a_list_are_looked_at() -> None:
    many = [{"location": {"addresses": [{"city": "x"}] * 50}}] * 100
    ages = [{"minimum_age": "none"}] * 1000
    found = reading.read(as_json([service(1, service_at_locations=many, eligibilitys=ages)]))
    assert found.services[0].address == "x"
    assert len(found.warnings) == values.MOST_PARTS


def test_what_nests_too_deeply_is_read_as_plain_text() -> None:
    fine = "<em>" * DEEPEST + "x" + "</em>" * DEEPEST
    assert "<em>" in safe_html(fine)
    assert safe_html(f"<em>{fine}</em>y") == "<p>x</p><p>y</p>"
    assert safe_html("<p>a<p>b" * 200) == "<p>a</p><p>b</p>" * 200, "what others end may stand open"


def test_a_long_text_is_cut_once_and_nothing_before_is_lost() -> None:
    words = "word & word\n" * 5000
    made = paragraphs(words, 1000)
    assert 900 < len(made) <= 1000
    assert made.endswith("</p>")
    assert made.count("&") == made.count("&amp;"), "no sign is cut in two"
    assert cut("<p>word</p>" * 2000, 1000)[1]
    assert cut("<p>word</p>" * 80, 1000) == ("<p>word</p>" * 80, False)
    assert 900 < len(safe_html("<p>word &amp; </p>" * 60_000, 1000)) <= 1000
    assert cut("x" * 100 + " " * 10_000, 200) == ("<p>" + "x" * 100 + "</p>", False)


# -- halves of letters ---------------------------------------------------------------------------------------

HALVES = st.text(st.characters(codec=None) | st.sampled_from("\ud800\udfff<&>ab"), max_size=60)


@given(HALVES)
@settings(deadline=8000, suppress_health_check=[HealthCheck.too_slow])
def test_half_a_letter_breaks_nothing(text: str) -> None:
    for made in (safe_html(text), plain(text), one_line(text), paragraphs(text)):
        made.encode()
    said = {
        "id": text or "x", "name": f"n{text}", "description": text, "email": text, "url": text, "fees": text,
        "languages": [{"name": text}], "deliverable_type": text, text: text, "status": text,
        "phones": [{"number": text}], "organization": {"id": text, "name": text, "description": text},
        "locations": [{"name": text}], "service_areas": [{"name": text}], "minimum_age": text,
    }  # fmt: skip
    for data in ([said], [{**said, "name": ""}], {"services.csv": [said]}, [text]):
        found = reading.read(as_json(data))
        assert found.services or found.refused
        for each in (*found.refused, *found.warnings):
            f"{each.where}{each.reason}".encode()
        for coming in found.services:
            repr(coming).encode()
            coming.raw.encode()
