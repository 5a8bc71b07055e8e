"""What is found for somebody, what is worth asking her, and needs that nobody meets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kiosk import branches
from kiosk.store import Store
from kiosk.support import finding
from kiosk.support.finding import Gap, found, gaps, questions, unmet
from kiosk.support.rules import Said, Verdict
from tests.support.services import service

MONEY = frozenset({"money"})


def names(services: list[finding.Found]) -> list[str]:
    return [each.service.name for each in services]


# -- what is found -----------------------------------------------------------------------------------------


def test_what_fits_comes_first_then_what_may_and_what_is_full_or_paused_last() -> None:
    services = [
        service(name="Full", state="full"),
        service(name="May", min_age=None),
        service(name="Paused", state="paused", min_age=None),
        service(name="Fits"),
        service(name="Not for her", districts=("IP2",)),
    ]
    said = Said(MONEY, {"district": "IP1"})
    assert names(found(services, said, "en")) == ["Fits", "May", "Full", "Paused"]


def test_among_equals_those_come_first_where_her_language_is_spoken() -> None:
    services = [
        service(name="A", languages=None),
        service(name="B", languages=("en", "ar")),
        service(name="C", languages=("zh-Hant",)),
    ]
    assert names(found(services, Said(MONEY), "ar")) == ["B", "A", "C"]
    assert names(found(services, Said(MONEY), "zh-Hant-HK")) == ["C", "A", "B"]


def test_among_equals_those_come_first_that_meet_more_of_her_needs() -> None:
    services = [service(name="One"), service(name="Two", needs=frozenset({"money", "housing"}))]
    both = Said(frozenset({"money", "housing"}))
    assert names(found(services, both, "en")) == ["Two", "One"]


def test_the_order_does_not_depend_on_the_one_before() -> None:
    services = [service(name=name) for name in ("C", "A", "B")]
    assert names(found(services, Said(MONEY), "en")) == ["A", "B", "C"]


# -- what is asked -----------------------------------------------------------------------------------------


def test_nothing_is_asked_that_makes_no_difference() -> None:
    assert questions([service(), service(name="Unknown", min_age=None, districts=None)], Said(MONEY)) == []


def test_nothing_is_asked_for_a_service_with_other_needs() -> None:
    other = service(name="Other", needs=frozenset({"housing"}), min_age=18)
    assert questions([service(), other], Said(MONEY)) == []


def test_what_narrows_most_is_asked_first() -> None:
    services = [
        service(name="Adults", min_age=18),
        service(name="Families", children=True),
        service(name="More families", children=True),
    ]
    assert questions(services, Said(MONEY)) == ["children"]
    assert questions(services, Said(MONEY, {"children": "yes"})) == ["children", "age"]


def test_what_an_answer_has_settled_is_not_asked() -> None:
    """Only the families' service asks for an age: who has no children is not asked for hers."""
    services = [service(name=name, children=True, min_age=18) for name in ("A", "B")]
    assert questions(services, Said(MONEY, {"children": "no"})) == ["children"]
    assert questions(services, Said(MONEY, {"children": "yes"})) == ["children", "age"]


def test_at_most_two_questions_are_asked_and_one_that_was_skipped_counts() -> None:
    services = [
        service(name="Adults", min_age=18),
        service(name="Here", districts=("IP1",)),
        service(name="Families", children=True),
        service(name="Jobs", work=("looking",)),
        service(name="New", stay=("under1",)),
    ]
    everything = {"age": "18-24", "district": "IP1", "children": "yes", "work": "looking", "stay": "under1"}
    assert len(questions(services, Said(MONEY, everything))) == 2
    first = questions(services, Said(MONEY))
    assert len(first) == 1
    second = questions(services, Said(MONEY), skipped=first)
    assert (second[:1], len(second)) == (first, 2)
    assert questions(services, Said(MONEY), skipped=second) == second


def test_of_two_that_narrow_as_much_the_easier_one_is_asked() -> None:
    services = [
        service(name="Jobs", work=("looking", "working")),
        service(name="New", stay=("under1", "1-5", "over5")),
    ]
    assert finding.narrows("work", services) > finding.narrows("stay", services)
    assert questions(services[:1] * 2, Said(MONEY)) == ["work"]


# -- gaps --------------------------------------------------------------------------------------------------


def test_a_need_is_unmet_when_nobody_takes_her_for_it_now() -> None:
    services = [
        service(name="Homes", needs=frozenset({"housing"}), state="full"),
        service(name="Old", needs=frozenset({"health"}), min_age=60),
        service(name="Perhaps", needs=frozenset({"work"}), min_age=None),
    ]
    said = Said(frozenset({"housing", "health", "work", "artist"}), {"age": "18-24"})
    assert unmet(said.needs, found(services, said, "en")) == ["housing", "health", "artist"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kiosk.db")


def test_gaps_are_counted_by_month_and_small_numbers_are_hidden(store: Store) -> None:
    with store.write() as db:
        central, north = branches.add_branch(db, "Central"), branches.add_branch(db, "North")
        for _time in range(5):
            finding.count_gap(db, central, "housing", "ar", date(2026, 3, 9))
        finding.count_gap(db, central, "artist", "en", date(2026, 3, 9))
        finding.count_gap(db, north, "housing", "ar", date(2026, 2, 9))
        kept = db.all("SELECT * FROM support_gaps")
    assert {tuple(row) for row in kept} == {("branch_id", "month", "need", "language", "number")}
    with store.read() as db:
        first, end = date(2026, 1, 1), date(2026, 12, 1)
        assert gaps(db, central, first, end) == [Gap("housing", "ar", 5), Gap("artist", "en", None)]
        assert gaps(db, north, first, end) == [Gap("housing", "ar", None)]
        assert gaps(db, "", first, end)[0] == Gap("housing", "ar", 5), "six, told in fives"
        assert gaps(db, north, date(2026, 3, 1), end) == []
        assert gaps(db, central, first, first) == []
    store.close()


def test_what_is_no_need_is_not_counted(store: Store) -> None:
    with store.write() as db:
        branch = branches.add_branch(db, "Central")
        with pytest.raises(ValueError, match="roof"):
            finding.count_gap(db, branch, "roof", "en", date(2026, 3, 9))
    store.close()


def test_a_verdict_is_better_the_higher_it_is() -> None:
    assert Verdict.NO < Verdict.MAY < Verdict.FITS
