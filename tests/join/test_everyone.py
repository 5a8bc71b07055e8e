"""Children, Good Neighbours, people who cannot leave home: each joins by a path of her own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kiosk import references, rounds, settings
from kiosk.join import cards, desk_records, neighbours
from kiosk.join.answers import Answers
from kiosk.settings import Settings
from tests.staff.conftest import Browser, Library
from tests.visitor import Instead, Visitor, opened

pytestmark = pytest.mark.patient


GUARDIAN = "I am the parent or guardian of these children. I agree that each of them joins."


@pytest.fixture
def somebody(library: Library) -> Callable[[], Visitor]:
    """Makes people, each at a screen of her own."""
    return lambda: Visitor(library.app.test_client())


def said(library: Library) -> dict[str, Answers]:
    """What everybody said, by first name; opened with the key of the desk."""
    return {answers.first_name: answers for answers in opened(library.app).values()}


def opened_by_code(library: Library, code: str, username: str = "anna") -> Browser:
    """Staff open the join of somebody who shows her code."""
    browser = library.browser(username)
    browser.get("/staff/joins/")
    answer = browser.post("/staff/joins/code", code=code)
    assert answer.status_code == 303, browser.words
    browser.get(answer.headers["Location"])
    return browser


def act(browser: Browser, what: str, **fields: str) -> int:
    """Press a button of the join that is open; the status of the answer."""
    form = browser.page.select_one(f"form[action$='/{what}']")
    assert form is not None, browser.words
    return browser.post(str(form["action"]), **fields).status_code


def open_other(browser: Browser, number: int = 0) -> None:
    """Follow the link to one of those who came together."""
    browser.get(str(browser.page.select(".family a.reference")[number]["href"]))


# -- children ------------------------------------------------------------------------------------------------


def test_a_family_joins_in_one_go_and_everyone_gets_a_record(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    mother = somebody()
    code = mother.join(who="family", first_name="Selam", family_name="Tesfay", contact="none", age="25-59")
    kept = said(library)
    assert kept.keys() == {"Selam", "Adam", "Sara", "Musa"}
    assert kept["Selam"].guardian == kept["Selam"].years == kept["Selam"].agreed == ""
    assert kept["Selam"].age_band == "25-59"
    for name, years in (("Adam", "5"), ("Sara", "3"), ("Musa", "0")):
        child = kept[name]
        assert (child.years, child.guardian, child.agreed) == (years, "Selam Tesfay", GUARDIAN)
        assert (child.family_name, child.postcode, child.age_band) == ("Tesfay", "IP1 1AA", "")
    with library.store.read() as db:
        assert len(desk_records.listed(db, "new")) == 4
        assert not any(join.flagged for join in desk_records.listed(db, "new")), (
            "a family is no twin of itself"
        )
        assert desk_records.by_reference(db, code).kind == "me"


def test_a_parent_who_is_a_member_joins_only_her_children(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    somebody().join(who="children", ages=["5", "5"], first_name="Selam", family_name="Tesfay")
    assert said(library).keys() == {"Adam", "Sara"}
    with library.store.read() as db:
        assert {join.kind for join in desk_records.listed(db, "new")} == {"child"}


def test_twins_of_one_age_are_two_children(library: Library, somebody: Callable[[], Visitor]) -> None:
    parent = somebody()
    parent.start_joining(who="children")
    for _twin in range(2):
        parent.post("/en/join/ages", {"add": "5"})
    assert [tag.get_text(" ", strip=True) for tag in parent.page.select(".chip")] == ["Age 5", "Age 5"]
    parent.post("/en/join/ages", {"ages": ["5", "5"]})
    parent.walk()
    assert "Adam Bekele (5), Sara Bekele (5)" in parent.words


def test_a_touch_too_many_is_taken_back_with_the_name_of_that_child(somebody: Callable[[], Visitor]) -> None:
    parent = somebody()
    parent.start_joining(who="children")
    parent.walk()
    assert "Adam Bekele (5), Sara Bekele (3), Musa Bekele (0)" in parent.words
    parent.get("/en/join/ages")
    parent.post("/en/join/ages", {"remove": "2"})
    assert parent.path == "/en/join/ages"
    parent.post("/en/join/ages", {"ages": ["5", "0"]})
    parent.get("/en/join/child-2")
    assert parent.box == "Musa"


def test_a_child_with_another_family_name_keeps_it(library: Library, somebody: Callable[[], Visitor]) -> None:
    parent = somebody()
    parent.start_joining(who="children")
    parent.walk(to="child-2")
    parent.post("/en/join/child-2", {"first_name": "Sara", "differs": "yes"})
    assert parent.path == "/en/join/child-family-2"
    parent.answer("child-family-2", "Haile")
    parent.walk()
    parent.send()
    kept = said(library)
    assert (kept["Adam"].name, kept["Sara"].name, kept["Musa"].name) == (
        "Adam Bekele", "Sara Haile", "Musa Bekele",
    )  # fmt: skip


def test_no_child_joins_without_the_yes_of_its_guardian(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    parent = somebody()
    parent.start_joining(who="children")
    parent.walk()
    parent.get("/en/join/agree")
    assert GUARDIAN in parent.words
    assert "Adam Bekele (5)" in parent.words
    parent.post("/en/join/send", {"key": parent.key})
    assert parent.path == "/en/join/agree"
    assert said(library) == {}


def test_staff_finish_no_child_before_they_have_seen_its_guardian(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(who="children", ages=["5"])
    browser = opened_by_code(library, code)
    assert "Parent or guardian Amina Bekele" in browser.words
    assert GUARDIAN in browser.words
    assert act(browser, "finish", card="A12345") == 422
    assert "A child joins together with a parent or guardian." in browser.words
    assert act(browser, "finish", card="A12345", guardian_seen="y") == 303
    assert said(library)["Adam"].card == "A12345"


def test_staff_who_open_one_of_a_family_see_the_others(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(who="family", ages=["5", "3"])
    browser = opened_by_code(library, code)
    assert len(browser.page.select(".family a.reference")) == 2
    open_other(browser, 1)
    assert "Sara" in browser.words
    assert references.shown(code) in [tag.get_text() for tag in browser.page.select(".family a.reference")]


def test_the_age_until_which_a_child_needs_a_parent_is_a_setting(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    with library.store.write() as db:
        settings.change(db, "library", "", "own_age", 12)
    parent = somebody()
    parent.start_joining(who="children")
    assert [tag["value"] for tag in parent.page.select("button[name=add]")] == [str(age) for age in range(12)]
    parent.post("/en/join/ages", {"add": "13"})
    parent.post("/en/join/ages", {"ages": ["13"]})
    assert parent.status == 422
    assert parent.problem == "Touch the age of each child."
    with library.store.write() as db:
        settings.change(db, "library", "", "own_age", 0)
    parent.get("/en/join/who")
    assert not parent.page.select("button[value=children]"), "everybody joins alone here"


def test_eight_children_join_in_one_go_and_no_more(library: Library, somebody: Callable[[], Visitor]) -> None:
    parent = somebody()
    parent.start_joining(who="children")
    for _child in range(10):
        parent.post("/en/join/ages", {"add": "4"})
    assert len(parent.page.select(".chip")) == 8
    assert all(tag.has_attr("disabled") for tag in parent.page.select("button[name=add]"))


def test_who_is_too_young_to_join_alone_goes_on_with_her_parent(somebody: Callable[[], Visitor]) -> None:
    child = somebody()
    child.start_joining()
    child.walk(to="together", year="2015")
    child.post("/en/join/who", {"who": "children"})
    assert child.path == "/en/join/ages"


def test_a_double_touch_sends_a_family_once(library: Library, somebody: Callable[[], Visitor]) -> None:
    parent = somebody()
    parent.start_joining(who="family")
    parent.walk()
    parent.get("/en/join/agree")
    fields = {"key": parent.key, "agreed": "yes"}
    parent.post("/en/join/send", fields)
    first = parent.code
    parent.post("/en/join/send", fields)
    assert parent.code == first
    assert len(said(library)) == 4


# -- Good Neighbours -----------------------------------------------------------------------------------------

HELPER: dict[str, Any] = {
    "who": "helps",
    "first_name": "Grace",
    "family_name": "Mensah",
    "neighbour": "Mrs Smith",
}
HELPED: dict[str, Any] = {
    "who": "home", "brings": "known", "first_name": "Joan", "family_name": "Smith", "neighbour": "Grace",
}  # fmt: skip


@pytest.mark.parametrize("first", ["helper", "helped"])
def test_two_good_neighbours_join_from_two_screens_in_either_order(
    library: Library, somebody: Callable[[], Visitor], first: str
) -> None:
    begins, follows = (HELPER, HELPED) if first == "helper" else (HELPED, HELPER)
    one, other = somebody(), somebody()
    code = one.join(**begins, until="6")
    assert "Give the code to the other person." in one.words
    other.start_joining(who="")
    other.walk(**follows, code=references.shown(code).lower())
    other.get("/en/join/agree")
    assert "It ends on 9 September 2026" in other.words
    other.post("/en/join/send", {"key": other.key, "agreed": "yes"})
    second = other.code
    for each in (code, second):
        browser = opened_by_code(library, each)
        assert "At a screen, with the code" in browser.words
        assert act(browser, "finish", card=f"A{each}") == 303
    kept = said(library)
    assert (kept["Grace"].neighbour, kept["Joan"].neighbour) == ("Joan Smith", "Grace Mensah")
    assert {kept["Grace"].until, kept["Joan"].until} == {"2026-09-09"}
    assert kept["Grace"].agreed == "I collect and bring the other person's books. I agree."
    assert kept["Joan"].agreed == "The other person may collect and bring my books. I agree."


def test_nobody_is_a_good_neighbour_before_both_have_agreed(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(**HELPER)
    browser = opened_by_code(library, code)
    assert "Both have agreed Not yet" in browser.words
    assert act(browser, "finish", card="A12345") == 422
    assert "The other Good Neighbour has not agreed yet." in browser.words


def test_who_cannot_come_to_a_screen_agrees_by_phone(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(**HELPER)
    browser = opened_by_code(library, code)
    assert act(browser, "agreed", how="phone") == 303
    browser = opened_by_code(library, code)
    assert "By phone" in browser.words
    assert ("anna", "good neighbour agreed") in [(who, what) for who, what, _subject in library.log()]
    assert act(browser, "finish", card="A12345") == 303
    assert said(library)["Grace"].neighbour == "Mrs Smith"


def test_either_may_end_it(library: Library, somebody: Callable[[], Visitor]) -> None:
    code = somebody().join(**HELPER)
    browser = opened_by_code(library, code)
    act(browser, "agreed", how="visit")
    browser = opened_by_code(library, code)
    assert act(browser, "apart") == 303
    with library.store.read() as db:
        pair = neighbours.of_join(db, desk_records.by_reference(db, code).id)
    assert pair is not None
    assert pair.ended_at
    assert act(opened_by_code(library, code), "finish", card="A12345") == 303, "it stands in nobody's way"
    assert (said(library)["Grace"].neighbour, said(library)["Grace"].until) == ("", "")


@pytest.mark.parametrize(
    "wrong", ["K7M 2QX 9PDA", "nothing", "the same side", "taken", "refused", "of a member"]
)
def test_a_code_that_nobody_waits_with_is_refused_kindly(
    library: Library, somebody: Callable[[], Visitor], wrong: str
) -> None:
    code = wrong
    if wrong == "the same side":
        code = somebody().join(**HELPER)
    elif wrong == "of a member":
        code = somebody().join()
    elif wrong in ("taken", "refused"):
        code = somebody().join(**HELPED)
        if wrong == "taken":
            somebody().join(**HELPER, code=code)
        else:
            act(opened_by_code(library, code), "refuse", reason="no-longer", note="")
    person = somebody()
    person.start_joining(who="helps")
    person.walk(to="code")
    person.answer("code", code)
    assert person.status == 422
    assert person.problem
    person.answer("code", Instead("none"))
    assert person.path == "/en/join/neighbour"


def test_of_two_who_write_the_same_code_at_once_one_is_told(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(**HELPED)
    both = [somebody(), somebody()]
    for person in both:
        person.start_joining(who="helps")
        person.walk(**HELPER, code=code)
        person.get("/en/join/agree")
    for person in both:
        person.post("/en/join/send", {"key": person.key, "agreed": "yes"})
    assert [person.path for person in both] == ["/en/join/receipt", "/en/join/code"]
    assert len(said(library)) == 1 + 1, "nothing of the second was kept"
    both[1].answer("code", Instead("none"))
    both[1].walk()
    both[1].send()
    assert both[1].path == "/en/join/receipt", "and nothing of it was lost"


# -- at home, e-books, for another --------------------------------------------------------------------------


def test_who_cannot_leave_home_says_when_what_and_who_opens(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    person = somebody()
    code = person.join(who="home", first_name="Joan", contact="letter", door="key", times=Instead("any"))
    assert "Staff look for a volunteer." in person.words
    kept = said(library)["Joan"]
    assert (kept.times, kept.likes, kept.door) == ((), ("crime", "large-print"), "key")
    assert (kept.address, kept.postcode, kept.contact) == ("12 Quay Road", "IP1 1AA", "letter")
    browser = opened_by_code(library, code)
    for words in ("Any time", "There is a key box", "Crime stories · Large print", "Send me a letter"):
        assert words in browser.words
    assert act(browser, "wait", reason="volunteer") == 303
    browser.get("/staff/joins/?tab=waiting")
    assert "A volunteer must be found" in browser.words


def test_who_cannot_leave_home_and_has_no_phone_gets_a_letter(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    person = somebody()
    person.start_joining(who="home")
    person.walk(to="contact")
    assert not person.page.select("button[value=none]"), "to come here is just what she cannot"
    person.walk(phone=Instead("none"))
    person.send()
    assert said(library)["Amina"].contact == "letter"


def test_for_ebooks_only_four_things_are_asked(library: Library, somebody: Callable[[], Visitor]) -> None:
    person = somebody()
    person.start_joining(who="ebooks")
    assert "Step 1 of 4" in person.words
    person.walk(email=Instead("none"))
    person.send()
    assert said(library)["Amina"].contact == "none"
    with library.store.read() as db:
        assert [join.kind for join in desk_records.listed(db, "new")] == ["ebooks"]


@pytest.mark.parametrize("who", ["helper", "family", "staff"])
def test_somebody_may_fill_it_in_for_another_and_it_says_so(
    library: Library, somebody: Callable[[], Visitor], who: str
) -> None:
    person = somebody()
    person.start_joining(who="")
    person.get("/en/join/filled-by")
    person.answer("filled-by", who)
    assert person.path == "/en/join/who"
    person.walk(to="needs")
    assert "Answer for the person who joins." in person.words
    person.walk()
    person.send()
    assert said(library)["Amina"].filled_by == who
    assert "Filled in by" in opened_by_code(library, person.code).words


def test_who_changes_her_mind_about_who_it_is_for_loses_nothing(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    person = somebody()
    person.start_joining(who="me")
    person.walk()
    person.get("/en/join/who")
    person.answer("who", "ebooks")
    assert person.path == "/en/join/age"
    person.answer("age", "25-59")
    person.answer("email", "amina@example.org")
    assert person.path == "/en/join/check", "the rest she has said"
    assert "Large print" not in person.words
    person.send()
    kept = said(library)["Amina"]
    assert (kept.born, kept.needs, kept.phone) == ("", (), ""), "what this path does not ask is not sent"


# -- what it allows ------------------------------------------------------------------------------------------


def numbers(library: Library) -> None:
    with library.store.write() as db:
        cards.load(
            db, cards.numbers("2900000000001", "2900000000050", Settings()), "", library.person_id("manager")
        )


def test_a_new_member_gets_a_card_for_today_and_hears_what_it_allows(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    numbers(library)
    person = somebody()
    person.join()
    person.get("/en/join/card")
    tag = person.page.select_one(".card-today strong")
    assert tag is not None
    assert tag.get_text().startswith("290000000000")
    assert person.page.select(".card-today svg rect")
    assert "It is good until 6 April 2026." in person.words
    person.get("/en/join/allows")
    assert "up to 2 at one time" in person.words
    assert "Show staff a letter with your name and address." in person.words
    browser = opened_by_code(library, person_code(library))
    assert tag.get_text() in browser.words


def person_code(library: Library) -> str:
    with library.store.read() as db:
        return desk_records.listed(db, "new")[0].reference


def test_without_numbers_nobody_gets_a_card_and_nobody_is_troubled(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    person = somebody()
    person.join()
    assert not person.page.select("a[href$='/join/card']")
    person.get("/en/join/card")
    assert person.path == "/en/join/receipt"


def test_the_next_person_sees_no_card_of_the_last(library: Library, somebody: Callable[[], Visitor]) -> None:
    numbers(library)
    person = somebody()
    person.join()
    person.get("/")
    for page in ("card", "allows", "receipt"):
        person.get(f"/en/join/{page}")
        assert person.path == "/"


def test_what_is_allowed_without_a_card_waits_for_staff(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    person = somebody()
    person.join(**HELPER)
    person.get("/en/join/allows")
    assert "You can do this when staff have finished." in person.words
    assert "You do not pay when a book comes back late." in person.words
    assert "You can ask for a book. It costs nothing." in person.words


def test_the_other_system_hears_who_the_guardian_is(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(who="children", ages=["5"])
    act(opened_by_code(library, code), "finish", card="A12345", guardian_seen="y")
    browser = library.browser("manager")
    browser.get("/staff/joins/hand-over")
    with library.store.read() as db:
        (one,) = desk_records.listed(db, "done")
    file = browser.post("/staff/joins/hand-over/file", target="table", join=one.id).text
    assert '"Adam","Bekele","","","5","Amina Bekele"' in file


# -- what a reading found ------------------------------------------------------------------------------------


def test_after_the_last_day_nobody_waits_any_more(
    library: Library, somebody: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    code = somebody().join(**HELPER, until="1")
    clock.shift(timedelta(days=45))
    person = somebody()
    person.start_joining(who="")
    person.walk(to="code", who="home", brings="known")
    person.answer("code", code)
    assert person.status == 422


def test_nobody_is_the_good_neighbour_of_somebody_who_was_refused(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    code = somebody().join(**HELPER)
    second = somebody().join(**HELPED, code=code)
    act(opened_by_code(library, code), "refuse", reason="not-real", note="")
    assert act(opened_by_code(library, second), "finish", card="A12345") == 303
    assert said(library)["Joan"].neighbour == ""


def test_the_first_is_named_on_the_record_of_the_second_though_hers_is_wiped(
    library: Library, somebody: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    code = somebody().join(**HELPER)
    second = somebody().join(**HELPED, code=code)
    act(opened_by_code(library, code), "finish", card="A1111")
    clock.shift(timedelta(days=15))
    rounds.go(library.app)
    assert act(opened_by_code(library, second), "finish", card="A2222") == 303
    assert said(library)["Joan"].neighbour == "Grace Mensah"


def test_who_was_tied_to_whom_is_forgotten_with_both(
    library: Library, somebody: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    somebody().join(**HELPER)
    clock.shift(timedelta(days=61))
    rounds.go(library.app)
    with library.store.read() as db:
        assert db.value("SELECT count(*) FROM good_neighbours") == 0


def test_a_child_gets_no_ebooks_without_a_grown_up(somebody: Callable[[], Visitor]) -> None:
    child = somebody()
    child.start_joining(who="ebooks")
    child.answer("age", "under-16")
    assert child.path == "/en/join/together"
    child.get("/en/join/age")
    child.answer("age", "16-24")
    assert child.path == "/en/join/email"


def test_where_children_join_alone_earlier_a_band_turns_nobody_away(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    with library.store.write() as db:
        settings.change(db, "library", "", "own_age", 12)
    person = somebody()
    person.start_joining()
    person.answer("year", Instead("unsure"))
    person.answer("age", "under-16")
    assert person.path == "/en/join/needs"


def test_who_turns_out_to_be_at_home_is_asked_again_how_to_reach_her(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    person = somebody()
    person.start_joining()
    person.walk(contact="none")
    person.get("/en/join/who")
    person.answer("who", "home")
    person.walk(contact="letter")
    assert "I will come here" not in person.words
    person.send()
    kept = said(library)["Amina"]
    assert (kept.contact, kept.address) == ("letter", "12 Quay Road")


def test_a_letter_is_not_sent_to_nowhere(somebody: Callable[[], Visitor]) -> None:
    person = somebody()
    person.start_joining(who="")
    person.walk(to="address", **HELPED, contact="letter")
    assert not person.page.select("button[value=later]")
    other = somebody()
    other.start_joining(who="")
    other.walk(to="address", **HELPED, contact="call")
    assert other.page.select("button[value=later]"), "each sees her own page"


def test_without_a_card_nothing_is_promised_for_today(
    library: Library, somebody: Callable[[], Visitor]
) -> None:
    """No numbers are loaded yet, as in every new library."""
    person = somebody()
    person.join()
    person.get("/en/join/allows")
    assert "You can do this from today." not in person.words


@pytest.mark.parametrize("fields", [{"add": "9" * 5000}, {"remove": "9" * 5000}, {"add": "\u0661"}])
def test_no_number_breaks_the_page_of_ages(somebody: Callable[[], Visitor], fields: dict[str, str]) -> None:
    person = somebody()
    person.start_joining(who="children")
    person.post("/en/join/ages", fields)
    assert person.status == 200


def test_a_child_that_is_taken_back_has_no_page_left(somebody: Callable[[], Visitor]) -> None:
    person = somebody()
    person.start_joining(who="children")
    person.walk(to="child-3")
    person.post("/en/join/child-3", {"first_name": "Musa", "differs": "yes"})
    person.post("/en/join/ages", {"ages": ["5"]})
    person.get("/en/join/child-family-3")
    assert person.status == 200
    assert "child-family" not in person.path
