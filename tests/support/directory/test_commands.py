"""The directory at the command line: what is in a file, counted, and what would change, before it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from kiosk.store import Store
from kiosk.support.directory import reading
from tests.branches.councils import needs_data
from tests.support.directory.feeds import COUNCIL, ORUK, as_json, service

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=["support", "import", *map(str, words)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "county.json"
    path.write_bytes(as_json([service(1), service(2, name=""), service(3, email="x")]))
    return path


def kept(store: Store) -> int:
    with store.read() as db:
        return int(db.value("SELECT count(*) FROM services"))


def test_a_dry_run_says_what_is_in_a_file_as_one_object(run: Run, file: Path, store: Store) -> None:
    result = run(file, "--dry-run", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "services": 2, "organisations": 1, "new": 2, "changed": 0, "same": 0, "gone": 0,
        "refused": [{"where": "service 2", "reason": "The service has no name."}],
        "warnings": [
            {"where": "service 3: Service 3", "reason": "This is no e-mail address, and was left out: x"}
        ],
    }  # fmt: skip
    assert kept(store) == 0


def test_without_it_the_file_is_loaded_and_the_second_time_nothing_changes(
    run: Run, file: Path, store: Store
) -> None:
    assert run(file).exit_code == 0
    assert kept(store) == 2
    assert "0 new, 0 changed, 2 as before, 0 gone" in run(file).stdout


def test_in_words_it_says_what_is_where_and_why(run: Run, file: Path) -> None:
    run(file)
    file.write_bytes(as_json([service(1, name="Other"), service(4, name="")]))
    said = run(file, "--dry-run").stdout
    for words in (
        "The file: 2 entries. Different services that can be read: 1, of 1 organisations.",
        "The directory “county”: 0 new, 1 changed, 0 as before, 1 gone.",
        "Changed, Other: name.",
        "Gone: Service 3.",
        "Refused, service 2: The service has no name.",
        "This was a dry run: nothing was changed.",
    ):
        assert words in said


def test_what_is_no_directory_is_said_and_fails(run: Run, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "page.json"
    path.write_text("{")
    result = run(path, "--json")
    assert result.exit_code == 1
    assert "not whole JSON" in json.loads(result.stdout)["refused"][0]["reason"]
    assert run(path, "--dry-run", "--json").exit_code == 0, "it was only looked at"
    assert run(tmp_path / "missing.json").exit_code == 2
    assert kept(store) == 0


def test_a_file_without_end_is_refused_before_it_is_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as opened:
        opened.truncate(50 * reading.MOST)
    result = run(path, "--json", "--dry-run")
    assert json.loads(result.stdout)["refused"][0]["reason"] == "The file is larger than 20 MB."


def test_a_table_is_loaded_with_the_columns_that_are_named(run: Run, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Wer,Was\nThe Hub,Chess\n")
    assert "No column was found for: name." in run(path).stdout
    assert kept(store) == 0
    assert run(path, "--column", "name=Was", "--column", "organisation=Wer").exit_code == 0
    assert kept(store) == 1
    assert run(path, "--column", "shape=Was").exit_code == 2
    assert run(path, "--column", "Was").exit_code == 2


def test_when_most_has_gone_it_says_how_to_go_on(run: Run, tmp_path: Path, store: Store) -> None:
    path = tmp_path / "county.json"
    path.write_bytes(as_json([service(each) for each in range(1, 9)]))
    run(path)
    path.write_bytes(as_json([service(1)]))
    assert "Load the file with --take-away" in run(path).stdout
    assert run(path, "--take-away").exit_code == 0
    with store.read() as db:
        assert db.value("SELECT count(*) FROM services WHERE gone_at IS NOT NULL") == 7


@needs_data
def test_a_councils_feed_and_a_folder_of_tables_are_counted(run: Run) -> None:
    told = json.loads(run(COUNCIL, "--dry-run", "--json").stdout)
    assert told == {
        "services": 738, "organisations": 239, "new": 738, "changed": 0, "same": 0, "gone": 0,
        "refused": [], "warnings": [],
    }  # fmt: skip
    told = json.loads(run(ORUK / "examples-uk-3.0" / "csv", "--dry-run", "--json").stdout)
    assert (told["services"], told["organisations"], told["refused"]) == (1, 1, [])
