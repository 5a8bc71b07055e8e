"""Loading councils' files at the command line: what is new, what is kept, and nothing twice."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import branches
from kiosk.branches import Branch
from kiosk.store import Store
from tests.branches.councils import HOLIDAYS, core_files, needs_data

HEADER = "Library name,Address 1,Postcode,Year closed,Monday staffed hours,Sunday unstaffed hours"


class Council:
    """Somebody who looks after the branches, with a folder of files."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.store: Store = app.extensions["store"]

    def run(self, *words: str, fails: bool = False) -> str:
        result = self.app.test_cli_runner().invoke(args=["branches", *words])
        assert (result.exit_code != 0) is fails, result.output
        return result.output

    def file(self, *rows: str, header: str = HEADER) -> str:
        path = self.folder / "branches.csv"
        path.write_text("\n".join((header, *rows)), "utf-8")
        return str(path)

    def load(self, *rows: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("import", self.file(*rows), "--json", *options))
        return told

    def holidays(self, days: dict[str, str], *options: str) -> dict[str, Any]:
        path = self.folder / "holidays.json"
        events = [{"title": title, "date": day} for day, title in days.items()]
        path.write_text(json.dumps({"england-and-wales": {"events": events}}), "utf-8")
        told: dict[str, Any] = json.loads(self.run("holidays", str(path), "--json", *options))
        return told

    def branch(self, name: str) -> Branch:
        with self.store.read() as db:
            return next(branch for branch in branches.every(db) if branch.name == name)

    def hours(self, name: str, day: date) -> str | None:
        branch = self.branch(name)
        with self.store.read() as db:
            periods = branches.hours(db, branch.id, day)
        return None if periods is None else branches.written(periods)

    def closures(self, name: str) -> dict[str, str]:
        branch = self.branch(name)
        with self.store.read() as db:
            found = branches.closures(db, branch.id, date(2026, 1, 1))
        return {closure.first.isoformat(): closure.reason for closure in found}

    def everything(self) -> list[str]:
        with self.store.read() as db:
            tables = ("branches", "opening_hours", "closures", "neighbours", "kiosks")
            return sorted(f"{table} {row}" for table in tables for row in db.all(f"SELECT * FROM {table}"))


@pytest.fixture
def council(app: Flask, tmp_path: Path) -> Council:
    return Council(app, tmp_path)


MONDAY, TUESDAY, SUNDAY = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 15)


def test_a_new_branch_comes_with_its_address_and_hours(council: Council) -> None:
    told = council.load('Hill,1 High Street,ip1 1aa,,"09:00-13:00,14:00-17:00",10:00-16:00')
    assert (told["added"], told["not_in_file"]) == (["Hill"], ["Central Library"])
    hill = council.branch("Hill")
    assert (hill.address, hill.postcode) == ("1 High Street", "IP1 1AA")
    assert council.hours("Hill", MONDAY) == "09:00-13:00, 14:00-17:00"
    assert council.hours("Hill", TUESDAY) == ""
    assert council.hours("Hill", SUNDAY) == "10:00-16:00"


def test_a_known_branch_keeps_its_id_its_screens_and_what_the_file_leaves_empty(council: Council) -> None:
    before = council.branch("Central Library")
    council.load("Central Library,1 High Street,IP1 1AA,,09:00-13:00,")
    told = council.load("central library,,IP2 2BB,,,")
    assert told["changed"] == ["central library"]
    after = council.branch("Central Library")
    assert (after.id, after.address, after.postcode) == (before.id, "1 High Street", "IP2 2BB")
    assert council.hours("Central Library", MONDAY) == "09:00-13:00"
    assert "By the door" in council.run("list")


def test_the_same_file_twice_changes_nothing_the_second_time(council: Council) -> None:
    rows = ("Hill,1 High Street,IP1 1AA,,09:00-13:00,09:00-20:00", "Central Library,,,2019,,", "Dale,,,,,")
    council.load(*rows)
    before = council.everything()
    told = council.load(*rows)
    assert (told["added"], told["changed"], told["closed"]) == ([], [], [])
    assert sorted(told["unchanged"]) == ["Central Library", "Dale", "Hill"]
    assert council.everything() == before


def test_a_dry_run_says_all_and_changes_nothing(council: Council) -> None:
    before = council.everything()
    rows = ("Hill,,,,,", "Central Library,2 High Street,,,,", "Bad,,nowhere,,,")
    told = council.load(*rows, options=("--dry-run",))
    assert (told["added"], told["changed"], told["dry_run"]) == (["Hill"], ["Central Library"], True)
    assert council.everything() == before
    said = council.run("import", council.file(*rows), "--dry-run")
    assert "1 added, 1 changed, 0 closed, 0 as before" in said
    assert "Refused, line 4 (Bad): 'nowhere' is no postcode." in said
    assert "nothing was changed" in said
    assert council.everything() == before


def test_a_branch_that_closed_for_good_has_no_opening_any_more_until_it_opens_again(council: Council) -> None:
    council.load("Central Library,,,,09:00-13:00,")
    assert council.load("Central Library,,,2026,09:00-13:00,")["closed"] == ["Central Library"]
    assert council.branch("Central Library").is_closed_for_good
    assert council.hours("Central Library", MONDAY) == ""
    assert council.load("Central Library,,,,,")["changed"] == ["Central Library"]
    assert council.hours("Central Library", MONDAY) == "09:00-13:00"


def test_a_branch_that_shut_before_the_kiosk_came_is_not_added(council: Council) -> None:
    told = council.load("Hill,,,2019,,")
    assert (told["file"]["closed"], told["added"]) == (1, [])
    assert "Hill" not in council.run("list")


def test_a_branch_that_will_close_stays_open_until_then(
    council: Council, clock: time_machine.Traveller
) -> None:
    assert council.load("Hill,,,2027,09:00-13:00,")["added"] == ["Hill"]
    assert not council.branch("Hill").is_closed_for_good
    assert council.hours("Hill", MONDAY) == "09:00-13:00"
    assert council.hours("Hill", date(2027, 3, 8)) == ""


def test_what_staff_did_to_a_branch_outlives_the_next_file(council: Council) -> None:
    rows = ("Hill,,,,09:00-13:00,", "Dale,,,,,")
    council.load(*rows)
    hill, dale = council.branch("Hill"), council.branch("Dale")
    with council.store.write() as db:
        branches.close(db, hill.id, date(2026, 5, 1), date(2026, 5, 3), "New roof")
        branches.set_neighbours(db, hill.id, [dale.id])
        branches.add_kiosk(db, hill.id, "By the lift")
    before = council.everything()
    council.load(*rows)
    assert council.everything() == before


def test_the_report_for_people_says_what_is_missing_and_refused(council: Council) -> None:
    path = council.file("Hill,nowhere", "Dale,IP1 1AA", header="Library name,Postcode")
    said = council.run("import", path)
    assert "The file: 2 rows, 0 closed, 0 with hours" in said
    assert "The branches: 1 added, 0 changed" in said
    assert "Columns that are not in the file: Address 1" in said
    assert "Branches that are not in the file: Central Library." in said
    assert "Refused, line 2 (Hill): 'nowhere' is no postcode." in said


def test_a_file_that_is_something_else_stops_with_one_sentence(council: Council) -> None:
    assert council.run("import", council.file("Hill", header="Name"), fails=True) == (
        "Error: There is no column 'Library name' in the first line.\n"
    )
    assert council.run("holidays", council.file(), fails=True) == "Error: This is not JSON.\n"


def test_a_name_that_is_taken_is_not_given_to_a_second_branch(council: Council) -> None:
    assert "with this name" in council.run("add", "central library", fails=True)
    assert "with this name" in council.run("add", "Hill", "--screen", "A", "--screen", "a", fails=True)
    assert "Hill" not in council.run("list")
    council.run("add", "Hill", "--screen", "A", "--screen", "B")
    assert "Hill" in council.run("list")


@needs_data
@pytest.mark.parametrize(
    "name", core_files() or [pytest.param("", marks=pytest.mark.skip("../shared is absent"))]
)
def test_every_council_can_be_loaded_and_loaded_again(council: Council, name: str) -> None:
    path, said = core_files()[name]
    told = json.loads(council.run("import", str(path), "--json"))
    assert told["file"]["rows"] == said["rows"]
    before = council.everything()
    again = json.loads(council.run("import", str(path), "--json"))
    assert (again["added"], again["changed"], again["closed"]) == ([], [], [])
    assert council.everything() == before


# -- bank holidays ------------------------------------------------------------------------------------------

CHRISTMAS = {"2026-12-25": "Christmas Day", "2026-12-28": "Boxing Day"}


def test_every_branch_is_closed_on_the_bank_holidays_to_come(council: Council) -> None:
    council.load("Hill,,,,09:00-13:00,", "Gone,,,2019,,")
    told = council.holidays({"2025-12-25": "Past", **CHRISTMAS})
    assert (told["branches"], told["closed"], told["opened"], told["holidays"]) == (2, 4, 0, 3)
    for name in ("Central Library", "Hill"):
        assert council.closures(name) == CHRISTMAS
    assert council.hours("Hill", date(2026, 12, 28)) == ""
    assert council.hours("Hill", date(2026, 12, 21)) == "09:00-13:00"


def test_the_same_holidays_twice_change_nothing_the_second_time(council: Council) -> None:
    council.holidays(CHRISTMAS)
    before = council.everything()
    told = council.holidays(CHRISTMAS)
    assert (told["closed"], told["opened"]) == (0, 0)
    assert council.everything() == before


def test_what_staff_decided_about_a_holiday_stays(council: Council) -> None:
    central = council.branch("Central Library").id
    with council.store.write() as db:
        branches.close(db, central, date(2026, 12, 28), date(2026, 12, 28), "Party")
    council.holidays(CHRISTMAS)
    with council.store.write() as db:
        branches.open_after_all(db, central, date(2026, 12, 25), date(2026, 12, 25))
    council.holidays(CHRISTMAS)
    assert council.closures("Central Library") == {"2026-12-28": "Party"}


def test_a_holiday_that_was_moved_is_no_closure_any_more(council: Council) -> None:
    council.holidays({"2026-05-04": "Early May", **CHRISTMAS})
    central = council.branch("Central Library").id
    with council.store.write() as db:
        branches.close(db, central, date(2026, 5, 5), date(2026, 5, 5), "New roof")
    told = council.holidays({"2026-05-08": "Early May", **CHRISTMAS})
    assert (told["closed"], told["opened"]) == (1, 1)
    assert council.closures("Central Library") == {
        "2026-05-05": "New roof",
        "2026-05-08": "Early May",
        **CHRISTMAS,
    }


def test_a_file_that_ends_earlier_opens_no_later_day(council: Council) -> None:
    council.holidays({"2026-05-04": "Early May", **CHRISTMAS})
    assert council.holidays({"2026-05-04": "Early May"})["opened"] == 0
    assert council.holidays({})["opened"] == 0
    assert council.closures("Central Library") == {"2026-05-04": "Early May", **CHRISTMAS}


def test_a_dry_run_of_holidays_closes_nothing(council: Council) -> None:
    told = council.holidays(CHRISTMAS, "--dry-run")
    assert (told["closed"], told["dry_run"]) == (2, True)
    assert council.closures("Central Library") == {}
    assert "nothing was changed" in council.run(
        "holidays", str(council.folder / "holidays.json"), "--dry-run"
    )


@needs_data
def test_each_country_has_its_own_holidays(council: Council) -> None:
    said = council.run("holidays", str(HOLIDAYS), "--division", "scotland")
    assert "157 bank holidays of scotland" in said
    assert "2026-11-30" in council.closures("Central Library")
    council.run("holidays", str(HOLIDAYS))
    assert "2026-11-30" not in council.closures("Central Library")
    assert "2026-12-25" in council.closures("Central Library")
