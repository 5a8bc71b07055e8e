"""The branches as managers and administrators see and change them; every page works without scripts."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from kiosk import branches
from kiosk.branches import Period, periods
from tests.staff.conftest import Browser, Library

pytestmark = pytest.mark.patient

SETTERS = ["manager", "it"]


def page(library: Library, *rest: str) -> str:
    return "/".join(("/staff/branches", library.central, *rest))


def sent(browser: Browser, answer: TestResponse, says: str) -> None:
    """What was sent is kept: the page of the branch says so."""
    assert answer.status_code == 303, browser.words
    browser.get(answer.location)
    done = browser.page.select_one(".done")
    assert done is not None
    assert done.get_text(strip=True) == says


def refused(browser: Browser, answer: TestResponse, says: str) -> None:
    """What was sent is not kept: the page says why, beside the field, and in its title."""
    assert answer.status_code == 422
    wrong = [tag.get_text(strip=True) for tag in browser.page.select(".error")]
    assert wrong == [says]
    assert browser.page.select_one("[aria-invalid=true]")
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Error: ")


def acts(library: Library) -> list[tuple[str, str]]:
    """What was done to branches and screens, and to which."""
    words = {"branch", "hours", "closure", "neighbours", "screen"}
    return [(action, subject) for _who, action, subject in library.log() if action.split()[0] in words]


def rows(browser: Browser, part: str) -> list[str]:
    """What the rows of a part of the page say, without their buttons."""
    found = [row.select_one("span, a") for row in browser.page.select(f"#{part} li")]
    return [" ".join(tag.get_text(" ").split()) for tag in found if tag]


def boxes(browser: Browser) -> dict[str, str]:
    """What is written in the boxes of the page, where something is."""
    tags = browser.page.select(".field input")
    return {str(tag["id"]): str(tag["value"]) for tag in tags if tag.get("value")}


# -- the list -----------------------------------------------------------------------------------------------


def test_branches_are_listed_twenty_at_a_time_and_found_by_name(library: Library) -> None:
    with library.store.write() as db:
        for number in range(43):
            branches.add_branch(db, f"Hill {number:02}", postcode="IP1 1AA")
    browser = library.browser("manager")
    browser.get("/staff/branches")
    assert len(browser.page.select("tbody tr")) == 20
    assert "Branches: 45" in browser.words
    browser.get("/staff/branches?name=HILL&page=3")
    names = [tag.get_text(strip=True) for tag in browser.page.select("tbody th")]
    assert names == ["Hill 40", "Hill 41", "Hill 42"]
    assert [a["href"] for a in browser.page.select(".pager a")] == ["/staff/branches?page=2&name=HILL"]
    browser.get("/staff/branches?name=nowhere")
    assert "No branch has a name like this." in browser.words
    for odd in ("?page=99999999999999999999", "?page=-1", "?page=x", "?name=<script>", "?name=%00"):
        assert browser.get(f"/staff/branches{odd}").status_code == 200


def test_the_list_says_how_each_branch_is_open_today(library: Library) -> None:
    with library.store.write() as db:
        both = (*periods.read("10-13, 14-17"), *periods.read("13-15", staffed=False))
        branches.set_week(db, library.central, {1: both})
        branches.set_week(db, library.north, {2: periods.read("10-13")})
        branches.add_branch(db, "Old Mill", closed_year=2019)
        branches.add_branch(db, "Unknown")
    browser = library.browser("it")
    browser.get("/staff/branches")
    rows = [row.find_all(["th", "td"]) for row in browser.page.select("tbody tr")]
    today = {row[0].get_text(strip=True): row[2].get_text(strip=True) for row in rows}
    assert today == {
        "Central Library": "10:00–17:00",
        "North Library": "Closed",
        "Old Mill": "Closed since 2019",
        "Unknown": "Hours not known",
    }


# -- where it is, and when it opens -------------------------------------------------------------------------


@pytest.mark.parametrize("username", SETTERS)
def test_the_address_is_changed_and_the_change_is_in_the_log(library: Library, username: str) -> None:
    browser = library.browser(username)
    browser.get(page(library, "address"))
    fields = {"address": " 1  High Street ", "postcode": "ip11aa", "phone": "01632 960001"}
    sent(browser, browser.post(page(library, "address"), **fields), "Address and phone are saved.")
    assert "1 High Street" in browser.words
    assert "IP1 1AA" in browser.words
    assert "01632 960001" in browser.words
    assert acts(library) == [("branch changed", library.central)]
    browser.get(page(library, "address"))
    assert boxes(browser) == {
        "address": "1 High Street",
        "postcode": "IP1 1AA",
        "phone": "01632 960001",
    }
    browser.post(page(library, "address"), **fields)
    assert len(acts(library)) == 1, "what stays the same is no change"
    empty = {"address": "", "postcode": "", "phone": ""}
    sent(browser, browser.post(page(library, "address"), **empty), "Address and phone are saved.")


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("postcode", "nowhere", "Write a postcode, like IP1 1AA."),
        ("phone", "ring us", "Write a phone number, like 01632 960001."),
        ("address", "x" * 301, "This is too long. Write less."),
    ],
)
def test_an_address_that_cannot_be_right_says_why(
    library: Library, field: str, typed: str, says: str
) -> None:
    browser = library.browser("manager")
    browser.get(page(library, "address"))
    refused(browser, browser.post(page(library, "address"), **{field: typed}), says)
    assert boxes(browser)[field] == typed
    assert acts(library) == []


def test_the_hours_of_a_week_are_changed_with_two_times_a_day_and_without_staff(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(page(library))
    assert "The opening hours are not known." in browser.words
    browser.get(page(library, "hours"))
    week = {"staffed_1": "9-12.30, 2pm-5pm", "unstaffed_1": "08:00-20:00", "staffed_6": "closed"}
    sent(browser, browser.post(page(library, "hours"), **week), "The opening hours are saved.")
    cells = [cell.get_text(strip=True) for cell in browser.page.select("tbody tr")[0].find_all(["th", "td"])]
    assert cells == ["Monday", "09:00-12:30, 14:00-17:00", "08:00-20:00"]
    assert "Closed" in browser.page.select("tbody tr")[5].get_text()
    with library.store.read() as db:
        kept = branches.week(db, library.central)
    assert list(kept) == [1]
    assert Period(*branches.spans(periods.read("8-20"))[0], False) in kept[1]
    assert acts(library) == [("hours changed", library.central)]
    browser.get(page(library, "hours"))
    shown = boxes(browser)
    assert shown == {"staffed_1": "09:00-12:30, 14:00-17:00", "unstaffed_1": "08:00-20:00"}
    browser.post(page(library, "hours"), **shown)
    assert len(acts(library)) == 1, "what stays the same is no change"
    browser.post(page(library, "hours"))
    browser.get(page(library))
    assert "The opening hours are not known." in browser.words


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("9 till late", "Write times like 09:00-13:00, 14:00-17:00."),
        ("9-5", "The branch must open before it closes. Write 1 pm as 13:00."),
        ("9-13, 12-17", "Two of these times overlap. Write them as one."),
        ("9-13," * 1000, "Write times like 09:00-13:00, 14:00-17:00."),
    ],
)
def test_hours_that_cannot_be_right_say_why_and_keep_the_others(
    library: Library, typed: str, says: str
) -> None:
    browser = library.browser("manager")
    browser.get(page(library, "hours"))
    refused(browser, browser.post(page(library, "hours"), staffed_3=typed, unstaffed_4="10-12"), says)
    assert boxes(browser) == {"staffed_3": typed, "unstaffed_4": "10-12"}
    assert acts(library) == []


# -- closures -----------------------------------------------------------------------------------------------


def test_a_branch_is_closed_for_some_days_and_opened_again(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(page(library))
    answer = browser.post(
        page(library, "closures"), first="2026-12-24", last="2027-01-01", reason="Christmas"
    )
    sent(browser, answer, "The branch stays closed on these days.")
    assert rows(browser, "closures") == ["Thu 24 Dec 2026 – Fri 1 Jan 2027 Christmas"]
    form = browser.page.select_one("#closures li form")
    assert form is not None
    fields = {str(tag["name"]): str(tag["value"]) for tag in form.select("input")}
    answer = browser.post(str(form["action"]), **fields)
    sent(browser, answer, "The branch is open on these days.")
    assert rows(browser, "closures") == []
    assert [act for act, _id in acts(library)] == ["closure added", "closure removed"]


def test_one_day_is_enough_and_needs_no_reason(library: Library) -> None:
    browser = library.browser("it")
    browser.get(page(library))
    answer = browser.post(page(library, "closures"), first="2026-03-09")
    sent(browser, answer, "The branch stays closed on these days.")
    assert rows(browser, "closures") == ["Mon 9 Mar 2026"]
    with library.store.read() as db:
        assert branches.hours(db, library.central, date(2026, 3, 9)) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Choose the day."),
        ({"first": "tomorrow"}, "Write the day like 2026-12-24."),
        ({"first": "2026-02-30"}, "Write the day like 2026-12-24."),
        ({"first": "2026-03-08"}, "This day is over. Choose another."),
        ({"first": "9999-12-31"}, "This day is too far away. Check the year."),
        ({"first": "2026-05-02", "last": "2026-05-01"},
         "The last day is before the first. Change one of them."),
        ({"first": "2026-05-02", "last": "2027-05-03"}, "This is longer than a year. Choose an earlier day."),
        ({"first": "2026-05-02", "reason": "x" * 201}, "This is too long. Write less."),
    ],
)  # fmt: skip
def test_a_closure_that_cannot_be_right_says_why(library: Library, fields: dict[str, str], says: str) -> None:
    browser = library.browser("manager")
    browser.get(page(library))
    refused(browser, browser.post(page(library, "closures"), **fields), says)
    assert acts(library) == []


def test_many_closures_do_not_bury_the_form(library: Library) -> None:
    with library.store.write() as db:
        for month in range(4, 13):
            day = date(2026, month, 1)
            branches.close(db, library.central, day, day, "Stocktaking")
    browser = library.browser("manager")
    browser.get(page(library))
    assert len(browser.page.select("#closures li")) == 9
    assert len(browser.page.select("#closures details li")) == 3


# -- neighbours ---------------------------------------------------------------------------------------------


def test_neighbours_are_chosen_put_in_order_and_taken_away(library: Library) -> None:
    with library.store.write() as db:
        hill = branches.add_branch(db, "Hill")
        branches.add_branch(db, "Old Mill", closed_year=2019)
    browser = library.browser("manager")
    browser.get(page(library))
    offered = [tag.get_text() for tag in browser.page.select("#neighbour option")]
    assert offered == ["Choose a branch", "Hill", "North Library"], "not itself, not one that is closed"
    for neighbour in (library.north, hill):
        answer = browser.post(page(library, "neighbours"), neighbour=neighbour)
        sent(browser, answer, "The neighbours are saved.")
    assert rows(browser, "neighbours") == ["North Library", "Hill"]
    assert browser.page.select("#neighbour") == [], "there is nobody left to choose"
    sent(browser, browser.post(page(library, "neighbours", hill, "earlier")), "The neighbours are saved.")
    assert rows(browser, "neighbours") == ["Hill", "North Library"]
    browser.post(page(library, "neighbours", hill, "earlier"))
    sent(browser, browser.post(page(library, "neighbours", hill, "remove")), "The neighbours are saved.")
    assert rows(browser, "neighbours") == ["North Library"]
    assert acts(library) == [("neighbours changed", library.central)] * 4


@pytest.mark.parametrize("wrong", ["", "nobody", "itself"])
def test_a_neighbour_must_be_another_branch(library: Library, wrong: str) -> None:
    browser = library.browser("manager")
    browser.get(page(library))
    neighbour = library.central if wrong == "itself" else wrong
    refused(browser, browser.post(page(library, "neighbours"), neighbour=neighbour), "Choose a branch.")
    assert acts(library) == []


# -- screens ------------------------------------------------------------------------------------------------


def test_a_screen_is_added_and_renamed_and_keeps_its_id(library: Library) -> None:
    browser = library.browser("it")
    browser.get(page(library))
    sent(browser, browser.post(page(library, "screens"), screen=" By the  lift "), "The screens are saved.")
    assert rows(browser, "screens") == ["By the lift", "Entrance"]
    link = browser.page.select_one(f'#screens a[href$="{library.screen}"]')
    assert link is not None
    browser.get(str(link["href"]))
    assert boxes(browser) == {"screen": "Entrance"}
    answer = browser.post(page(library, "screens", library.screen), screen="Door")
    sent(browser, answer, "The screens are saved.")
    assert rows(browser, "screens") == ["By the lift", "Door"]
    assert [act for act, _id in acts(library)] == ["screen added", "screen renamed"]
    assert acts(library)[1][1] == library.screen


@pytest.mark.parametrize("typed", ["", "\u202e ", "x" * 201, "ENTRANCE"])
def test_a_screen_needs_a_name_of_its_own(library: Library, typed: str) -> None:
    says = {"": "Write where the screen stands, like By the door.", "x": "This is too long. Write less."}
    said = says.get(typed.strip("\u202e ")[:1], "Another screen here has this name. Choose another.")
    browser = library.browser("manager")
    browser.get(page(library))
    browser.post(page(library, "screens"), screen="By the lift")
    with library.store.read() as db:
        lift = next(each.id for each in branches.screens(db) if each.name == "By the lift")
    browser.get(page(library))
    refused(browser, browser.post(page(library, "screens"), screen=typed), said)
    refused(browser, browser.post(page(library, "screens", lift), screen=typed), said)
    assert [act for act, _id in acts(library)] == ["screen added"]


# -- doors --------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_said_and_nothing_changes(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(page(library))
    with library.store.write() as db:
        elsewhere = branches.add_kiosk(db, library.north, "Garden")
    for path in ("nothing", "nothing/address", "nothing/hours", f"{library.central}/screens/{elsewhere}"):
        assert browser.get(f"/staff/branches/{path}").status_code == 404
    browser.get(page(library))
    posts = {
        f"nothing/{part}": {"first": "2026-05-01", "last": "2026-05-01", "screen": "A", "neighbour": "A"}
        for part in ("address", "hours", "closures", "closures/remove", "neighbours", "screens")
    }
    posts[f"{library.central}/closures/remove"] = {"first": "never", "last": "2026-05-01"}
    posts[f"{library.central}/screens/{elsewhere}"] = {"screen": "A"}
    posts[f"{library.central}/neighbours/{library.north}/earlier"] = {}
    posts[f"{library.central}/neighbours/{library.north}/remove"] = {}
    for path, fields in posts.items():
        browser.get(page(library))
        assert browser.post(f"/staff/branches/{path}", **fields).status_code == 404, path
    assert acts(library) == []


def test_branch_staff_change_no_branch(library: Library) -> None:
    browser = library.browser("anna")
    browser.get("/staff/password")
    for part in ("address", "hours", "closures", "closures/remove", "neighbours", "screens"):
        assert browser.post(page(library, part)).status_code == 403
    assert browser.get(page(library)).status_code == 403


def test_names_and_reasons_are_shown_as_they_are_and_never_as_code(library: Library) -> None:
    name = "<script>alert(1)</script> {{7*7}}"
    with library.store.write() as db:
        branches.add_kiosk(db, library.central, name)
        branches.close(db, library.central, date(2026, 5, 1), date(2026, 5, 1), name)
        branches.set_neighbours(db, library.central, [branches.add_branch(db, name)])
    browser = library.browser("manager")
    browser.get(page(library))
    assert browser.words.count(name) == 3
    assert not browser.page.find("script", src=False)


def test_where_a_change_leads_back_to_is_the_part_that_was_changed(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(page(library))
    answer = browser.post(page(library, "screens"), screen="By the lift")
    parts = urlsplit(answer.location)
    assert (parts.path, parts.fragment) == (page(library), "screens")
    assert browser.get(f"{page(library)}?said=<script>").status_code == 200
    assert browser.page.select(".done") == []
    assert "By the lift" not in parts.query
