"""Calendars at the command line: what is in a file, counted, and what would change, before anything does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from kiosk import audit, branches
from kiosk.store import Store
from tests.branches.councils import needs_data
from tests.events.feeds import event, feed, files
from tests.events.test_importing import RHYMES, WEEKLY, everything, monday

pytestmark = pytest.mark.patient


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    return lambda *words: app.test_cli_runner().invoke(args=["events", "import", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "county.ics"
    path.write_bytes(
        feed(event(*RHYMES, WEEKLY, start=monday()), event("SUMMARY:Odd", start="DTSTART:x", uid="2"))
    )
    return path


DAYS = ("--from", "2026-03-01", "--to", "2026-04-01")


def test_a_dry_run_says_what_is_in_a_file_as_one_object(run: Any, file: Path, store: Store) -> None:
    result = run(str(file), "--dry-run", "--json", *DAYS)
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert {name: told[name] for name in ("events", "distinct", "occurrences", "cancelled", "warnings")} == {
        "events": 2, "distinct": 1, "occurrences": 3, "cancelled": 0, "warnings": [],
    }  # fmt: skip
    assert told["refused"] == [{"where": "line 10: Odd", "reason": "DTSTART cannot be read: DTSTART:x"}]
    assert told["plan"] == {"new": 1, "changed": 0, "same": 0, "gone": 0}
    assert everything(store) == []


def test_without_it_the_file_is_loaded_and_the_second_time_nothing_changes(
    run: Any, file: Path, store: Store
) -> None:
    assert run(str(file)).exit_code == 0
    kept = everything(store)
    assert [words[0].title for _event, words, _dates in kept] == ["Rhyme time"]
    result = run(str(file))
    assert "0 new, 0 changed, 1 as before, 0 gone" in result.stdout
    assert everything(store) == kept


def test_what_is_loaded_at_the_command_line_is_in_the_log(run: Any, file: Path, store: Store) -> None:
    run(str(file), "--dry-run")
    run(str(file))
    with store.read() as db:
        (entry,) = [each for each in audit.entries(db) if each.action == "calendar loaded"]
    assert (entry.who, entry.subject_id) == ("(command line)", "county")
    assert entry.reason == "new 1, changed 0, gone 0"


def test_in_words_it_says_what_is_where_and_why(run: Any, file: Path) -> None:
    result = run(str(file), "--dry-run", *DAYS)
    for words in (
        "The file: 2 events. Different ones that can be read: 1.",
        "From 2026-03-01 to 2026-03-31: 3 dates, 0 of them cancelled.",
        "The calendar “county”: 1 new, 0 changed, 0 as before, 0 gone.",
        "Refused, line 10: Odd: DTSTART cannot be read: DTSTART:x",
        "This was a dry run: nothing was changed.",
    ):
        assert words in result.stdout


def test_events_without_a_place_are_at_the_branch_that_is_named(
    run: Any, tmp_path: Path, store: Store
) -> None:
    path = tmp_path / "club.ics"
    path.write_bytes(feed(event("SUMMARY:Chess", start=monday())))
    assert run(str(path), "--branch", "central library").exit_code == 0
    with store.read() as db:
        central = branches.every(db)[0].id
    assert everything(store)[0][0].facts.branch_id == central
    assert run(str(path), "--branch", "Nowhere").exit_code == 2


def test_what_is_no_calendar_is_said_and_fails(run: Any, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "page.ics"
    path.write_text("<html>403 Forbidden</html>")
    result = run(str(path), "--json")
    assert result.exit_code == 1
    assert "not a calendar" in json.loads(result.stdout)["refused"][0]["reason"]
    assert run(str(path), "--json", "--dry-run").exit_code == 0, "it was only looked at"
    assert run(str(tmp_path / "missing.ics")).exit_code == 2
    assert run(str(path), "--from", "2026-05-01", "--to", "2026-05-01").exit_code == 2
    assert run(str(path), "--from", "tomorrow").exit_code == 2


def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "huge.ics"
    with path.open("wb") as opened:
        opened.write(b"BEGIN:VCALENDAR\r\n")
        opened.truncate(100_000_000)
    result = run(str(path), "--json", "--dry-run")
    assert json.loads(result.stdout)["refused"] == [
        {"where": "the file", "reason": "The file is larger than 5 MB."}
    ]


def test_a_table_asks_what_nobody_can_guess(run: Any, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "events.csv"
    path.write_text("Happening,Start Date,Start Time,Location\nChess,01/05/2026,10.30am,Central Library\n")
    result = run(str(path))
    assert result.exit_code == 1
    assert "No column found for: title" in result.stdout
    result = run(str(path), "--column", "title=Happening", "--column", "starts_on=Start Date")
    assert "Is 01/05/2026 1 May 2026 (--day-first) or 5 January 2026 (--month-first)?" in result.stdout
    columns = [
        f"--column={each}" for each in ("title=Happening", "starts_on=Start Date", "starts_at=Start Time")
    ]
    assert run(str(path), *columns, "--day-first").exit_code == 0
    assert f"{everything(store)[0][2][0].date.starts:%Y-%m-%d %H:%M}" == "2026-05-01 10:30"
    assert run(str(path), "--column", "tite=Happening").exit_code == 2


def test_what_is_gone_all_at_once_stays_until_somebody_says_so(run: Any, file: Path, store: Store) -> None:
    run(str(file))
    file.write_bytes(feed())
    assert "--take-away" in run(str(file)).stdout
    assert everything(store)[0][0].gone_at == ""
    run(str(file), "--take-away")
    assert everything(store)[0][0].gone_at


@needs_data
@pytest.mark.parametrize("name", files() or [pytest.param("", marks=pytest.mark.skip("../shared is absent"))])
def test_the_counts_of_every_calendar_of_the_collection_hold(app: Flask, run: Any, name: str) -> None:
    path, said = files()[name]
    windows: list[Mapping[str, Any]] = [
        each for each in (said.get("windows") or {}).values() if each.get("occurrences") is not None
    ]
    for window in windows or [{"from": "2026-01-01", "to_exclusive": "2026-02-01"}]:
        result = run(
            str(path), "--dry-run", "--json", "--from", window["from"], "--to", window["to_exclusive"]
        )
        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert told["events"] == said["raw"]["vevent_blocks"]
        if said.get("events_after_removing_exact_duplicates") is not None:
            assert told["distinct"] == said["events_after_removing_exact_duplicates"]
        if windows:
            assert told["occurrences"] == window["occurrences"]
            assert told["cancelled"] == window["occurrences_cancelled"]
        assert all(set(each) == {"where", "reason"} for each in (*told["refused"], *told["warnings"]))
