"""What staff read of how it was: the months of a branch, or of the library."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.feedback import records
from tests.staff.conftest import Browser, Library

PAGE = "/staff/how-it-was"


@pytest.fixture
def spring(library: Library) -> Library:
    """Two branches where some people said how it was, in two months; and one of long ago."""
    with library.store.write() as db:
        for day, branch, face, whys in (
            (date(2026, 2, 27), library.central, 1, ["wait"]),
            (date(2026, 3, 2), library.central, 5, ["staff", ""]),
            (date(2026, 3, 9), library.central, 5, ["staff"]),
            (date(2026, 3, 9), library.central, 2, ["wait"]),
            (date(2026, 3, 9), library.north, 3, ["books"]),
            (date(2024, 2, 29), library.north, 4, ["books"]),
        ):
            for why in whys:
                records.count(db, day, branch, "", face)
                if why:
                    records.count(db, day, branch, "", face, why)
    return library


def rows(browser: Browser, branch: str = "") -> list[list[str]]:
    assert browser.get(f"{PAGE}?branch={branch}").status_code == 200
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in browser.page.select("tbody tr")
    ]


MARCH = ["March 2026", "0", "1", "0", "0", "3", "The wait: 1", "", "The staff: 2"]
FEBRUARY = ["February 2026", "1", "0", "0", "0", "0", "The wait: 1", "", ""]
MARCH_NORTH = ["March 2026", "0", "0", "1", "0", "0", "", "The books: 1", ""]


def test_a_manager_reads_the_months_of_all_branches_the_newest_first(spring: Library) -> None:
    everywhere = ["March 2026", "0", "1", "1", "0", "3", "The wait: 1", "The books: 1", "The staff: 2"]
    assert rows(spring.browser("manager")) == [everywhere, FEBRUARY]


def test_a_manager_reads_one_branch(spring: Library) -> None:
    browser = spring.browser("manager")
    assert rows(browser, spring.central) == [MARCH, FEBRUARY]
    assert browser.page.select_one(f"option[value='{spring.central}'][selected]")
    assert len(rows(browser, "nowhere")) == 2


def test_branch_staff_read_their_own_branch_whatever_they_ask_for(spring: Library) -> None:
    for branch in ("", spring.central, "nowhere"):
        browser = spring.browser("ned")
        assert rows(browser, branch) == [MARCH_NORTH]
        assert not browser.page.select("select")


def test_before_anybody_was_asked_the_page_says_so(library: Library) -> None:
    browser = library.browser("anna")
    assert rows(browser) == []
    assert "Nobody has touched a face yet." in browser.words


def test_an_administrator_does_not_read_it(library: Library) -> None:
    browser = library.browser("it")
    assert browser.get(PAGE).status_code == 403
    browser.get("/staff/people")
    assert not browser.page.select(f"a[href='{PAGE}']")


@pytest.mark.parametrize(("face", "why"), [(0, ""), (6, ""), (3, "nothing")])
def test_what_is_no_face_or_no_reason_is_not_counted(library: Library, face: int, why: str) -> None:
    with library.store.write() as db, pytest.raises(ValueError, match=str(face)):
        records.count(db, date(2026, 3, 9), library.central, "", face, why)
