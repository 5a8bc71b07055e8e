"""Staff look after the directory: load it, put it into plain words, say what it helps with, show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from kiosk import rounds
from kiosk.people import partners
from kiosk.store import Store
from kiosk.support.directory import desk_records, saving
from kiosk.support.directory.desk_forms import CapacityForm, CardForm, FactsForm, NeedsForm, OwnForm
from kiosk.support.directory.records import Card, Service, card, find
from tests.branches.councils import needs_data
from tests.events.desks import edit_fields
from tests.events.test_desk_import import multipart
from tests.staff.conftest import Browser, Library
from tests.staff.test_pages import RUBBISH
from tests.support.directory.feeds import COUNCIL, IDS, as_json, load, service, workbook

pytestmark = pytest.mark.patient


ONE, TWO = IDS[:2]
DIRECTORY = "/staff/support/directory"
IMPORT = f"{DIRECTORY}/import"
AT_ONE = f"{DIRECTORY}/{ONE}"


@pytest.fixture
def store(library: Library) -> Store:
    load(library.store, [filed(1, "Debt"), filed(2, "Women", name="Sewing")])
    return library.store


def filed(number: int, word: str, **said: Any) -> dict[str, Any]:
    return service(number, attributes=[{"taxonomy_term": {"name": word}}], **said)


@pytest.fixture
def anna(library: Library, store: Store) -> Browser:
    return library.browser("anna")


@pytest.fixture
def maria(library: Library, store: Store) -> Browser:
    return library.browser("manager")


def now(store: Store, service_id: str = ONE) -> Service:
    with store.read() as db:
        return find(db, service_id)


def links(browser: Browser) -> list[str]:
    return [each.get_text(strip=True) for each in browser.page.select("tbody th a")]


def hand_in(browser: Browser, content: bytes, filename: str, **fields: str) -> TestResponse:
    """Choose a file and press the button; a redirect is followed."""
    browser.get(IMPORT)
    token = str(browser.page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    sent = multipart(content, filename, csrf_token=token, **fields)
    answer = browser.see(browser.client.post(f"{IMPORT}/files", **sent))
    return browser.get(answer.location) if answer.status_code == 303 else answer


def press_load(browser: Browser, **fields: str) -> TestResponse:
    """Say yes to the preview that is open."""
    plan = browser.page.select_one("input[name=plan]")
    form = browser.page.select_one("form:has(input[name=plan])")
    assert plan is not None
    assert form is not None
    answer = browser.post(str(form["action"]), plan=str(plan["value"]), **fields)
    return browser.get(answer.location) if answer.status_code == 303 else answer


# -- the list ------------------------------------------------------------------------------------------------


def test_the_list_can_be_narrowed_to_what_waits_for_somebody(anna: Browser, store: Store) -> None:
    with store.write() as db:
        saving.set_needs(db, ONE, ["money"])
        saving.show(db, ONE, True, "anna")
        saving.looked_at(db, ONE, "anna")
        saving.write_card(db, ONE, "en", "Plain", "Short.", "read", "anna")
    load(store, [filed(1, "Debt", description="Other")])
    for kind, names in (
        ("", ["Service 1", "Sewing"]),
        ("shown", ["Service 1"]),
        ("hidden", []),
        ("new", ["Sewing"]),
        ("changed", ["Service 1"]),
        ("no-need", []),
        ("no-card", []),
        ("outdated", ["Service 1"]),
        ("gone", ["Sewing"]),
    ):
        anna.get(f"{DIRECTORY}?kind={kind}")
        assert sorted(links(anna)) == sorted(names), kind
    assert "Words that nobody has decided about: 2." in anna.words
    assert anna.get(f"{DIRECTORY}?kind=other").status_code == 404
    anna.get(f"{DIRECTORY}?source=")
    assert links(anna) == []
    anna.get(f"{DIRECTORY}?source=county")
    assert len(links(anna)) == 2


def test_a_long_list_has_pages_and_a_search_whose_words_stay_out_of_the_address(
    anna: Browser, store: Store
) -> None:
    load(store, [service(1, id=str(number), name=f"Club {number:03}") for number in range(120)], "clubs")
    anna.get(f"{DIRECTORY}?source=clubs&page=3")
    assert links(anna)[0] == "Club 100"
    assert len(links(anna)) == 20
    anna.get(DIRECTORY)
    assert anna.post(f"{DIRECTORY}/search", words="club 07").status_code == 200
    assert links(anna) == [f"Club {number:03}" for number in (7, *range(70, 80), 107)]
    anna.post(f"{DIRECTORY}/search", words="women")
    assert links(anna) == ["Sewing"], "found by the word it is filed under"
    anna.post(f"{DIRECTORY}/search", words="100%_")
    assert links(anna) == []
    assert anna.post(f"{DIRECTORY}/search", words=" ").status_code == 303


# -- one service ---------------------------------------------------------------------------------------------


def test_staff_see_what_came_beside_what_residents_read(anna: Browser, store: Store) -> None:
    load(store, [filed(1, "Debt", description="<p>Come<script>x()</script> <b>in</b></p>", vendor="odd")])
    anna.get(AT_ONE)
    came = anna.page.select_one(".came")
    assert came is not None
    assert str(came) == '<div class="came"><p>Come <strong>in</strong></p></div>'
    assert "Nobody has put it into plain words." in anna.words
    raw = anna.page.select_one("pre.raw")
    assert raw is not None
    assert '"vendor": "odd"' in raw.get_text()
    assert anna.get(f"{DIRECTORY}/{IDS[7]}").status_code == 404


def test_it_is_shown_only_once_it_helps_with_something(anna: Browser, store: Store, library: Library) -> None:
    anna.get(AT_ONE)
    anna.get(anna.post(f"{AT_ONE}/show", shown="yes").location)
    assert "First say what it helps with." in anna.words
    assert not now(store).is_offered
    anna.get(anna.post(f"{AT_ONE}/needs", needs=["money", "housing"]).location)
    assert now(store).needs == {"money", "housing"}
    anna.get(anna.post(f"{AT_ONE}/show", shown="yes").location)
    assert now(store).is_offered
    anna.post(f"{AT_ONE}/show", shown="no")
    assert not now(store).is_offered
    assert [action for _who, action, subject in library.log() if subject == ONE] == [
        "needs of a service set", "service shown", "service hidden",
    ]  # fmt: skip


def test_a_need_that_does_not_exist_is_not_taken(anna: Browser, store: Store) -> None:
    anna.get(AT_ONE)
    assert anna.post(f"{AT_ONE}/needs", needs=["money", "everything"]).status_code == 422
    assert now(store).needs == set()


def test_facts_are_shown_as_they_are_and_saved_as_they_are_written(anna: Browser, store: Store) -> None:
    assert anna.get(f"{AT_ONE}/facts").status_code == 200
    said = {
        "free": "no", "fee": "3 pounds", "ways": ["come", "book"], "languages": "English, Arabic",
        "min_age": "16", "max_age": "", "where": "some", "districts": "ip1, IP2", "children": "yes",
        "work_for": "some", "work": ["looking"], "stay_for": "all",
    }  # fmt: skip
    assert anna.post(f"{AT_ONE}/facts", **said).status_code == 303  # type: ignore[arg-type]
    found = now(store)
    assert (found.free, found.fee, found.ways) == (False, "3 pounds", ("come", "book"))
    assert (found.languages, found.min_age, found.max_age) == (("en", "ar"), 16, None)
    assert (found.districts, found.children) == (("IP1", "IP2"), True)
    assert (found.work, found.stay) == (("looking",), ())
    anna.get(f"{AT_ONE}/facts")
    anna.post(f"{AT_ONE}/facts", **edit_fields(anna))
    assert now(store) == found, "a form sent as it stands changes nothing"
    anna.get(AT_ONE)
    assert "IP1, IP2" in anna.words
    assert "By staff" in anna.words
    anna.get(anna.post(f"{AT_ONE}/facts-back").location)
    assert now(store).free is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"languages": "English, Klingonese"}, "We do not know this language: Klingonese"),
        ({"min_age": "ten"}, "Write a number from 0 to 150, or nothing."),
        ({"min_age": "200"}, "Write a number from 0 to 150, or nothing."),
        ({"min_age": "60", "max_age": "20"}, "This is below the lowest age."),
        ({"where": "some"}, "Say for whom, or choose another answer."),
        ({"where": "some", "districts": "Ipswich"}, "Write the first part of each postcode"),
        ({"work_for": "some"}, "Say for whom, or choose another answer."),
    ],
)
def test_a_fact_that_cannot_be_understood_is_asked_again(
    anna: Browser, store: Store, said: dict[str, str], words: str
) -> None:
    anna.get(f"{AT_ONE}/facts")
    assert anna.post(f"{AT_ONE}/facts", **edit_fields(anna, **said)).status_code == 422
    assert words in anna.words
    assert now(store).min_age is None


def test_words_are_written_over_what_came_and_in_each_language(anna: Browser, store: Store) -> None:
    anna.get(f"{AT_ONE}/in/en")
    assert edit_fields(anna)["name"] == "Service 1"
    assert anna.post(f"{AT_ONE}/in/en", name="Plain", text="", state="read").status_code == 422
    anna.post(f"{AT_ONE}/in/en", name="Plain", text="One.\r\n\r\n Two. ", state="read")
    anna.get(f"{AT_ONE}/in/ar")
    box = anna.page.select_one("textarea")
    assert box is not None
    assert (box["dir"], box["lang"]) == ("rtl", "ar")
    anna.get(anna.post(f"{AT_ONE}/in/ar", name="ببساطة", text="كلمات", state="draft").location)
    with store.read() as db:
        assert card(db, ONE, "en") == Card("Plain", "One.\nTwo.", "en", "read")
        assert card(db, ONE, "ar") == Card("ببساطة", "كلمات", "ar", "draft")
    assert now(store).name == "Service 1", "what came stays as it came"
    anna.get(f"{AT_ONE}/in/en")
    anna.post(f"{AT_ONE}/in/en", name="Plain", text="Three.", state="read")
    anna.get(f"{AT_ONE}/in/ar")
    assert "Until then residents read the English." in anna.words
    anna.get(anna.post(f"{AT_ONE}/in/ar/delete").location)
    with store.read() as db:
        assert card(db, ONE, "ar").language == "en"
    assert anna.get(f"{AT_ONE}/in/xx").status_code == 404


def test_what_its_directory_changed_is_named_until_somebody_has_looked(anna: Browser, store: Store) -> None:
    anna.get(AT_ONE)
    assert "New: nobody has looked yet" in anna.words
    anna.post(f"{AT_ONE}/looked")
    load(store, [filed(1, "Debt", name="Other", url="https://example.org"), filed(2, "Women")])
    anna.get(AT_ONE)
    assert "Its directory has changed: name, website" in anna.words
    anna.get(anna.post(f"{AT_ONE}/looked").location)
    assert "Its directory has changed" not in anna.words


def test_a_service_that_has_gone_waits_for_a_decision(anna: Browser, store: Store) -> None:
    load(store, [filed(2, "Women")])
    anna.get(AT_ONE)
    assert "Please decide: its directory has it no more" in anna.words
    anna.get(anna.post(f"{AT_ONE}/keep", kept="yes").location)
    assert "It stays, although its directory has it no more." in anna.words
    anna.get(anna.post(f"{AT_ONE}/keep", kept="no").location)
    assert "People do not see it until somebody says that it goes on." in anna.words


def test_staff_say_if_it_takes_people_and_a_manager_who_takes_referrals(
    anna: Browser, maria: Browser, store: Store, library: Library
) -> None:
    anna.get(AT_ONE)
    anna.post(f"{AT_ONE}/capacity", state="open", places_left="0")
    assert (now(store).state, now(store).places_left) == ("full", 0)
    assert anna.post(f"{AT_ONE}/capacity", state="closed", places_left="").status_code == 422
    anna.get(AT_ONE)
    assert anna.post(f"{AT_ONE}/partner", partner="").status_code == 403
    partner, _person, _password = partners.add(
        store, library.service_key, None, name="Citizens Advice", username="carl", person_name="Carl"
    )
    maria.get(AT_ONE)
    maria.get(maria.post(f"{AT_ONE}/partner", partner=partner.id).location)
    assert now(store).partner_id == partner.id
    assert maria.post(f"{AT_ONE}/partner", partner="nobody").status_code == 404
    maria.get(AT_ONE)
    maria.post(f"{AT_ONE}/partner", partner="")
    assert now(store).partner_id is None


def test_the_library_writes_services_of_its_own(anna: Browser, store: Store) -> None:
    anna.get(f"{DIRECTORY}/new")
    assert anna.post(f"{DIRECTORY}/new", name="Chess", organisation="").status_code == 422
    assert "Write who runs it." in anna.words
    said = {
        "name": "Chess", "organisation": "Demo Libraries", "text": "Play.\nLearn <b>it</b>.",
        "url": "example.org/chess", "email": "chess@example.org", "phone": "01632 960001",
        "address": "Central Library",
    }  # fmt: skip
    answer = anna.post(f"{DIRECTORY}/new", **said)
    assert answer.status_code == 303
    service_id = answer.location.rsplit("/", 1)[1].split("?")[0]
    found = now(store, service_id)
    assert (found.organisation, found.url, found.source) == (
        "Demo Libraries", "https://example.org/chess", "",
    )  # fmt: skip
    anna.get(f"{DIRECTORY}/{service_id}/edit")
    anna.post(f"{DIRECTORY}/{service_id}/edit", **edit_fields(anna, name="Chess club"))
    assert now(store, service_id).name == "Chess club"
    assert now(store, service_id).text == found.text == "<p>Play.</p><p>Learn &lt;b&gt;it&lt;/b&gt;.</p>"
    assert anna.get(f"{AT_ONE}/edit").status_code == 404, "what came is not rewritten"


# -- words ---------------------------------------------------------------------------------------------------


def test_a_word_is_mapped_by_hand_and_all_services_under_it_follow(anna: Browser, store: Store) -> None:
    anna.get(f"{DIRECTORY}/words")
    assert links(anna) == ["debt", "women"]
    assert anna.words.count("Nobody has decided") == 2
    anna.get(f"{DIRECTORY}/words/one?word=debt")
    assert "Services under it: 1" in anna.words
    anna.get(anna.post(f"{DIRECTORY}/words/one", word="debt", needs=["money"]).location)
    assert "Money, benefits or debt" in anna.words
    assert now(store).needs == {"money"}
    anna.get(f"{DIRECTORY}/words/one?word=women")
    anna.get(anna.post(f"{DIRECTORY}/words/one", word="women").location)
    assert "None of our needs" in anna.words
    anna.get(f"{DIRECTORY}/words/one?word=debt")
    anna.post(f"{DIRECTORY}/words/one", word="debt", undecided="yes")
    assert now(store).needs == set()
    assert anna.get(f"{DIRECTORY}/words/one?word=nothing").status_code == 404


# -- loading -------------------------------------------------------------------------------------------------


def test_a_manager_sees_what_a_file_would_change_before_anything_does(
    maria: Browser, store: Store, library: Library
) -> None:
    data = as_json([filed(1, "Debt", name="Other"), service(3), service(4, name="")])
    hand_in(maria, data, "county.json")
    assert "Nothing has been changed yet." in maria.words
    assert "Different: name" in maria.words
    assert "The service has no name." in maria.words
    assert now(store).name == "Service 1"
    press_load(maria)
    assert "The directory is loaded. New: 1. Changed: 1. Gone: 1." in maria.words
    assert now(store).name == "Other"
    assert "directory loaded" in [action for _who, action, _subject in library.log()]
    with store.read() as db:
        assert desk_records.waiting(db) == []


def test_a_file_whose_effect_has_changed_meanwhile_is_shown_again(maria: Browser, store: Store) -> None:
    hand_in(maria, as_json([filed(1, "Debt", name="Other")]), "county.json")
    load(store, [filed(1, "Debt", name="Other")])
    assert press_load(maria).status_code == 409
    assert "Something has changed since you looked." in maria.words


def test_a_table_asks_which_column_is_what(maria: Browser, store: Store) -> None:
    hand_in(maria, workbook([["Wer", "Was"], ["The Hub", "Chess"]]), "table.xlsx")
    assert "Choose a column for: Name of the service" in maria.words
    form = maria.page.select_one("main form")
    assert form is not None
    answer = maria.post(str(form["action"]), name="Was", organisation="Wer", url="made up")
    maria.get(answer.location)
    assert "Chess" in maria.words
    press_load(maria)
    with store.read() as db:
        assert db.value("SELECT name FROM services WHERE source = 'table'") == "Chess"


def test_a_file_that_is_no_directory_is_refused_at_once(maria: Browser) -> None:
    assert hand_in(maria, b"", "empty.json").status_code == 422
    assert "Choose a file first." in maria.words
    assert hand_in(maria, b"{", "x.json").status_code == 422
    assert "This is not whole JSON" in maria.words
    assert hand_in(maria, b" " * (5 * 1024 * 1024 + 1), "x.json").status_code == 422
    assert "This file is larger than 5 MB." in maria.words


def test_only_managers_load_a_directory(anna: Browser) -> None:
    assert anna.get(IMPORT).status_code == 403


def test_a_file_that_nobody_says_yes_to_is_forgotten_and_one_can_be_thrown_away(
    maria: Browser, store: Store, library: Library, clock: time_machine.Traveller
) -> None:
    hand_in(maria, as_json([service(3)]), "county.json")
    assert "county.json" in maria.get(IMPORT).text
    with store.read() as db:
        waiting = desk_records.waiting(db)[0]
        sealed = db.value("SELECT sealed FROM directory_files")
    assert b"Service 3" not in sealed
    maria.get(f"{IMPORT}/files/{waiting.id}")
    assert maria.post(f"{IMPORT}/files/{waiting.id}/delete").status_code == 303
    assert maria.get(f"{IMPORT}/files/{waiting.id}").status_code == 404
    hand_in(maria, as_json([service(3)]), "county.json")
    clock.shift(timedelta(hours=3))
    rounds.go(library.app)
    with store.read() as db:
        assert db.value("SELECT count(*) FROM directory_files") == 0


@needs_data
def test_a_councils_feed_is_loaded_in_the_browser(maria: Browser, store: Store) -> None:
    hand_in(maria, COUNCIL.read_bytes(), "north.json", source="North Lincolnshire")
    assert "Different services that can be read: 738." in maria.words
    press_load(maria)
    assert "New: 738. Changed: 0. Gone: 0." in maria.words
    maria.get(f"{DIRECTORY}/words")
    assert "women" in links(maria)


def boxes(form: type[Any]) -> list[str]:
    return [
        name for name in vars(form) if not name.startswith("_") and hasattr(vars(form)[name], "field_class")
    ]


@pytest.mark.parametrize("typed", RUBBISH)
def test_whatever_is_typed_no_form_breaks(maria: Browser, store: Store, typed: str) -> None:
    names = {box for form in (OwnForm, CardForm, FactsForm, NeedsForm, CapacityForm) for box in boxes(form)}
    typed = typed[:5000].encode("utf-8", "replace").decode()
    for path in (
        f"{DIRECTORY}/search", f"{DIRECTORY}/new", f"{DIRECTORY}/words/one", f"{AT_ONE}/facts",
        f"{AT_ONE}/needs", f"{AT_ONE}/capacity", f"{AT_ONE}/partner", f"{AT_ONE}/in/en", f"{AT_ONE}/keep",
    ):  # fmt: skip
        maria.get(AT_ONE)
        answer = maria.post(path, **dict.fromkeys((*names, "words", "word", "partner", "kept"), typed))
        assert answer.status_code in (200, 303, 404, 422), path
    for query in ("kind", "source", "page", "said", "word"):
        for path in (DIRECTORY, f"{DIRECTORY}/words/one", AT_ONE, IMPORT):
            answer = maria.see(maria.client.get(path, query_string={query: typed}))
            assert answer.status_code in (200, 404), (path, query)
