"""Finding a service at the screen: by what somebody needs, or without a word about herself."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from kiosk import languages
from kiosk.store import Store
from kiosk.support.codes import NEEDS
from kiosk.support.directory import saving
from kiosk.support.directory.records import set_capacity
from kiosk.support.directory.saving import Own
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

TAGS = [language.tag for language in languages.complete()]
FOR_EVERYBODY: dict[str, Any] = {
    "free": True,
    "languages": ("en",),
    "ways": ("come",),
    "min_age": 0,
    "districts": (),
    "children": False,
    "work": (),
    "stay": (),
}


@pytest.fixture
def add(store: Store) -> Any:
    """Adds a service to the directory as staff would: for everybody, but for some facts; its id."""

    def adds(name: str, *needs: str, state: str = "open", text: str = "", **facts: Any) -> str:
        with store.write() as db:
            made = saving.add(db, Own(name, "Market Place Advice", phone="01632 960123"), "amina")
            saving.write_card(db, made, "en", name, text or f"What {name} does.", "read", "amina")
            saving.set_facts(db, made, {**FOR_EVERYBODY, **facts}, "amina")
            saving.set_needs(db, made, needs or ("money",))
            saving.show(db, made, True, "amina")
            set_capacity(db, made, state, None)
        return made

    return adds


def begin(visitor: Visitor, language: str = "en") -> None:
    """From the first page of support to the pictures of needs."""
    visitor.get(f"/{language}/support/")
    visitor.get(f"/{language}/support/before")
    visitor.post(f"/{language}/support/before")
    assert visitor.path == f"/{language}/support/needs"


def need(visitor: Visitor, *needs: str, language: str = "en", **more: str) -> None:
    visitor.post(f"/{language}/support/needs", {"needs": list(needs), **more})


def look_at(visitor: Visitor, need: str, language: str = "en") -> None:
    """From the pictures of all services to those for one need."""
    visitor.get(f"/{language}/support/all")
    visitor.post(f"/{language}/support/all", {"need": need})


def found(visitor: Visitor) -> list[str]:
    """The names of the services on the page."""
    return [tag.get_text(strip=True) for tag in visitor.page.select(".service .name")]


def label(code: str) -> str:
    return next(languages.in_english(need.label) for need in NEEDS if need.code == code)


def gaps(store: Store) -> dict[str, int]:
    with store.read() as db:
        rows = db.all("SELECT need, sum(number) AS number FROM support_gaps GROUP BY need")
    return {row["need"]: row["number"] for row in rows}


# -- by what she needs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_she_touches_what_she_needs_and_sees_who_helps(visitor: Visitor, add: Any, tag: str) -> None:
    add("Debt advice", "money")
    add("Homes", "housing")
    add("Painting", "artist")
    begin(visitor, tag)
    need(visitor, "money", "housing", language=tag)
    assert visitor.path == f"/{tag}/support/found"
    assert visitor.lang == tag
    assert found(visitor) == ["Debt advice", "Homes"]


def test_she_is_told_which_of_her_needs_nobody_meets(visitor: Visitor, add: Any) -> None:
    add("Debt advice", "money")
    begin(visitor)
    need(visitor, "money", "artist")
    assert found(visitor) == ["Debt advice"]
    told = visitor.page.select_one(".named")
    assert told
    assert "We found no service for this." in told.get_text()
    assert label("artist") in told.get_text()
    assert label("money") not in told.get_text()
    visitor.get("/en/support/needs")
    need(visitor, "money")
    assert not visitor.page.select_one(".named")


def test_before_the_first_need_she_learns_how_to_leave_fast(visitor: Visitor) -> None:
    visitor.get("/en/support/")
    assert visitor.page.select_one("a[href='/en/support/before']")
    visitor.get("/en/support/before")
    assert "To leave fast" in visitor.heading
    for page in ("/en/support/", "/en/support/before", "/en/support/all", "/en/support/needs"):
        visitor.get(page)
        assert visitor.page.select_one("header .leave"), page


def test_pages_about_services_forget_sooner_than_others(visitor: Visitor, add: Any) -> None:
    add("Debt advice")
    begin(visitor)
    for page in ("needs", "found"):
        body = visitor.page.select_one("body")
        assert body is not None
        assert (body["data-idle"], body["data-countdown"]) == ("60", "30"), page
        need(visitor, "money")


def test_all_needs_can_be_touched_on_the_pages_where_they_are(visitor: Visitor, add: Any) -> None:
    """What is touched on one page of pictures stays touched while she looks at the next."""
    add("Debt advice", "money")
    add("Candle circle", "bereaved")
    begin(visitor)
    seen = {tag["value"] for tag in visitor.page.select("[type=checkbox]")}
    need(visitor, "money", turn="page")
    assert visitor.page.select_one("[type=hidden][name=needs][value=money]")
    seen |= {tag["value"] for tag in visitor.page.select("[type=checkbox]")}
    assert seen == {each.code for each in NEEDS}
    need(visitor, "money", "bereaved", turn="page")
    assert visitor.page.select_one("[value=money][checked]")
    assert visitor.page.select_one("[type=hidden][value=bereaved]")
    need(visitor, "money", "bereaved")
    assert found(visitor) == ["Candle circle", "Debt advice"]


def test_who_touches_nothing_is_asked_to(visitor: Visitor) -> None:
    begin(visitor)
    visitor.post("/en/support/needs")
    assert visitor.status == 422
    assert visitor.problem == "Touch one answer or more."
    need(visitor, "no-such-need")
    assert visitor.status == 422


def test_she_is_asked_only_what_makes_a_difference(visitor: Visitor, add: Any) -> None:
    add("Debt advice", "money")
    begin(visitor)
    need(visitor, "money")
    assert visitor.path == "/en/support/found"
    add("Young savers", "money", min_age=16, max_age=24)
    visitor.get("/en/support/found")
    assert visitor.path == "/en/support/age"
    visitor.post("/en/support/age", {"age": "60-up"})
    assert found(visitor) == ["Debt advice"]


def test_at_most_two_questions_and_each_can_be_skipped(visitor: Visitor, add: Any) -> None:
    add("Adults", min_age=18)
    add("Families", children=True)
    add("Here", districts=("IP1",))
    add("Jobs", work=("looking",))
    add("Newcomers", stay=("under1",))
    begin(visitor)
    need(visitor, "money")
    asked = []
    while visitor.path != "/en/support/found":
        asked.append(visitor.path.rsplit("/", 1)[1])
        visitor.post(visitor.path, {"instead": "skip"})
    assert len(set(asked)) == len(asked) == 2
    assert len(found(visitor)) == 3
    assert "This may be for you. Ask them." in visitor.words


def test_a_district_is_kept_as_half_a_postcode(visitor: Visitor, add: Any) -> None:
    add("Here", districts=("IP1",))
    add("There", districts=("CO1",))
    add("Debt advice")
    begin(visitor)
    need(visitor, "money")
    for wrong in ("", "here", "1", "IPSWICH 1"):
        visitor.post("/en/support/district", {"district": wrong})
        assert visitor.status == 422, wrong
        assert visitor.problem == "Write the first part of your postcode, like IP1."
    for typed in ("ip1", "IP1 1AA", "IP1 1", " ip 1 "):
        visitor.post("/en/support/district", {"district": typed})
        assert found(visitor) == ["Debt advice", "Here"]
        visitor.get("/en/support/district")
        assert visitor.box == "IP1"


def test_no_fixed_address_rules_nothing_out(visitor: Visitor, add: Any) -> None:
    add("Here", districts=("IP1",))
    begin(visitor)
    need(visitor, "money")
    visitor.post("/en/support/district", {"instead": "no-fixed"})
    assert found(visitor) == ["Here"]
    assert "This may be for you. Ask them." in visitor.words


def test_who_is_under_16_is_led_to_a_person(visitor: Visitor, add: Any) -> None:
    add("Adults", min_age=18)
    begin(visitor)
    need(visitor, "money")
    visitor.post("/en/support/age", {"age": "under16"})
    assert visitor.path == "/en/support/young"
    assert visitor.page.select_one("a.primary[href^='/en/help/how/support']")
    visitor.get("/en/support/found")
    assert visitor.path == "/en/support/young"
    visitor.post("/en/support/age", {"age": "18-24"})
    assert found(visitor) == ["Adults"]


def test_what_is_full_or_paused_comes_last_and_says_so(visitor: Visitor, add: Any) -> None:
    add("A full one", state="full")
    add("A paused one", state="paused")
    add("Open")
    begin(visitor)
    need(visitor, "money")
    assert found(visitor) == ["Open", "A full one", "A paused one"]
    states = [tag.get_text(" ", strip=True) for tag in visitor.page.select(".verdict")]
    assert states == ["This is for you.", "They have no free place now.", "They take a break now."]


def test_a_card_says_what_is_known_and_asks_her_to_ask_for_the_rest(visitor: Visitor, add: Any) -> None:
    add("Known", languages=("en", "pl"), ways=("come", "they-visit"))
    add("Unknown", free=None, languages=None, ways=None)
    begin(visitor)
    need(visitor, "money")
    known, unknown = [" ".join(tag.get_text(" ").split()) for tag in visitor.page.select(".service")]
    for words in (
        "Market Place Advice",
        "What Known does.",
        "Free",
        "polski",
        "Just come",
        "They come to you",
    ):
        assert words in known
    for words in ("Cost: please ask them.", "Languages: please ask them.", "How to come: please ask them."):
        assert words in unknown
    assert "Reply time: we do not know yet." in known


# -- nothing fits ------------------------------------------------------------------------------------------


def test_when_nothing_fits_she_hears_so_and_the_library_hears_of_the_gap(
    visitor: Visitor, store: Store, add: Any
) -> None:
    add("Painting", "artist")
    begin(visitor)
    need(visitor, "papers")
    assert visitor.path == "/en/support/found"
    assert visitor.heading == "We found no service for this."
    assert visitor.page.select_one("a.primary[href^='/en/help/']")
    visitor.get("/en/support/found")
    assert gaps(store) == {"papers": 1}


def test_a_gap_is_counted_once_in_a_visit_and_for_each_need(
    visitor: Visitor, store: Store, add: Any, another: Any
) -> None:
    add("Painting", "artist")
    add("Homes", "housing", state="full")
    begin(visitor)
    need(visitor, "artist", "papers", "housing")
    need(visitor, "papers")
    need(visitor, "papers", "housing", "health")
    assert gaps(store) == {"papers": 1, "housing": 1, "health": 1}
    other = another()
    begin(other)
    need(other, "papers")
    assert gaps(store)["papers"] == 2


# -- without a word about herself --------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_all_services_can_be_looked_at_without_an_answer(visitor: Visitor, add: Any, tag: str) -> None:
    for number in range(4):
        add(f"Advice {number}", "money", min_age=18)
    add("Painting", "artist")
    visitor.get(f"/{tag}/support/all")
    assert {tag["value"] for tag in visitor.page.select("[name=need]")} == {"money", "artist"}
    visitor.post(f"/{tag}/support/all", {"need": "money"})
    assert visitor.path == f"/{tag}/support/listed"
    assert len(found(visitor)) == 3
    visitor.post(f"/{tag}/support/choose", {"list": "listed", "shown": "1", "page": "2"})
    assert visitor.path == f"/{tag}/support/listed/2"
    assert found(visitor) == ["Advice 3"]


def test_an_empty_directory_says_so(visitor: Visitor) -> None:
    visitor.get("/en/support/all")
    assert "There is no service here yet." in visitor.words


def test_what_residents_may_not_see_is_nowhere(visitor: Visitor, store: Store, add: Any) -> None:
    hidden = add("Hidden", "money")
    with store.write() as db:
        saving.show(db, hidden, False, "amina")
    look_at(visitor, "money")
    assert visitor.path == "/en/support/all"
    visitor.post("/en/support/choose", {"list": "listed", "shown": "1", "open": hidden})
    visitor.get("/en/support/service")
    assert "Hidden" not in visitor.words


# -- one service -------------------------------------------------------------------------------------------


def opened(visitor: Visitor, service_id: str) -> None:
    visitor.post("/en/support/choose", {"list": "listed", "shown": "1", "open": service_id})
    assert visitor.path == "/en/support/service"


def test_a_service_has_a_page_with_all_that_is_known(visitor: Visitor, add: Any) -> None:
    made = add(
        "Debt advice", min_age=16, max_age=24, districts=("IP1", "IP2"), children=True, work=("looking",)
    )
    look_at(visitor, "money")
    opened(visitor, made)
    for words in ("Debt advice", "Market Place Advice", "01632 960123", "From 16 to 24 years of age",
                  "IP1, IP2", "For people with children", "I look for work"):  # fmt: skip
        assert words in visitor.words


def test_a_service_is_in_her_language_where_somebody_has_written_it_else_marked_as_english(
    visitor: Visitor, store: Store, add: Any
) -> None:
    made = add("Debt advice")
    look_at(visitor, "money", "pl")
    visitor.post("/pl/support/choose", {"list": "listed", "shown": "1", "open": made})
    assert visitor.page.select_one("h1 bdi[lang=en]")
    assert visitor.page.select_one("h1 .in-english")
    with store.write() as db:
        saving.write_card(db, made, "pl", "Porady o długach", "Pomagamy.", "read", "amina")
    visitor.get("/pl/support/service")
    assert visitor.heading == "Porady o długach"
    assert not visitor.page.select_one("h1 .in-english")


def test_back_leads_from_a_service_to_the_page_of_its_list(visitor: Visitor, add: Any) -> None:
    made = [add(f"Advice {number}") for number in range(4)]
    look_at(visitor, "money")
    visitor.post("/en/support/choose", {"list": "listed", "shown": "2", "open": made[3]})
    back = visitor.page.select_one("header a")
    assert back is not None
    assert back["href"] == "/en/support/listed/2"


# -- privacy -----------------------------------------------------------------------------------------------


def test_nothing_that_she_touches_is_in_an_address_or_a_title(visitor: Visitor, add: Any) -> None:
    made = add("Debt advice", "money", min_age=18)
    begin(visitor)
    seen = []
    need(visitor, "money")
    seen.append((visitor.path, visitor.page.title))
    visitor.post("/en/support/age", {"age": "60-up"})
    seen.append((visitor.path, visitor.page.title))
    visitor.post("/en/support/choose", {"list": "found", "shown": "1", "open": made})
    seen.append((visitor.path, visitor.page.title))
    for path, title in seen:
        said = f"{path} {title.get_text() if title else ''}".lower()
        for touched in ("money", "debt", "60", made):
            assert touched not in said


def test_the_next_person_sees_nothing_of_the_last(visitor: Visitor, add: Any) -> None:
    made = add("Debt advice")
    begin(visitor)
    need(visitor, "money")
    opened(visitor, made)
    visitor.post("/en/finish", {"leave": "now"})
    assert visitor.path == "/en/events/"
    for page in ("needs", "found", "service", "listed", "young"):
        visitor.get(f"/en/support/{page}")
        assert visitor.path in ("/en/support/", "/en/support/all"), page
        assert "Debt advice" not in visitor.words


def test_what_she_has_touched_waits_while_she_chooses_another_language(visitor: Visitor, add: Any) -> None:
    add("Debt advice")
    begin(visitor)
    need(visitor, "money", "artist", aside="language")
    assert visitor.path == "/en/language"
    visitor.get("/pl/support/needs")
    assert visitor.page.select_one("[value=money][checked]")
    assert visitor.page.select_one("[type=hidden][value=artist]")


# -- chosen to tell a story to -----------------------------------------------------------------------------


def test_what_is_ticked_stays_ticked_on_the_other_pages_of_a_list(visitor: Visitor, add: Any) -> None:
    made = [add(f"Advice {number}") for number in range(4)]
    look_at(visitor, "money")
    ticked = {"list": "listed", "shown": "1", "page": "2", "service": [made[0]]}
    visitor.post("/en/support/choose", ticked)
    assert visitor.page.select_one(f"[type=hidden][name=service][value='{made[0]}']")
    visitor.post("/en/support/choose", {"list": "listed", "shown": "2", "page": "1", "service": "nobody"})
    assert not visitor.page.select("[type=hidden][name=service]")


def test_who_wants_to_tell_her_story_chooses_somebody_first(visitor: Visitor, add: Any) -> None:
    add("Debt advice")
    look_at(visitor, "money")
    visitor.post("/en/support/choose", {"list": "listed", "shown": "1", "tell": "yes"})
    assert visitor.path == "/en/support/listed"
    assert visitor.problem == "Choose one service or more first."


@pytest.mark.parametrize(
    "sent",
    [
        {"list": "nowhere"},
        {"list": "found", "shown": "x", "page": "-9"},
        {"list": "listed", "page": "99999999999999999999"},
        {"list": "listed", "shown": "1", "open": "no-such-service"},
        {},
    ],
)
def test_rubbish_leads_to_a_clear_page(app: Flask, visitor: Visitor, add: Any, sent: dict[str, str]) -> None:
    add("Debt advice")
    look_at(visitor, "money")
    visitor.post("/en/support/choose", sent)
    assert visitor.status in (200, 400)
    look_at(visitor, "rubbish")
    assert visitor.status == 400


def test_all_that_is_ticked_is_sent_on_to_be_told(visitor: Visitor, add: Any) -> None:
    """Her browser sends the same form again, with every service that is ticked in it."""
    made = [add(f"Advice {number}") for number in range(2)]
    look_at(visitor, "money")
    ticked = {"list": "listed", "shown": "1", "tell": "yes", "service": made}
    answer = visitor.post("/en/support/choose", ticked, follow=False)
    assert (answer.status_code, answer.location) == (307, "/en/support/tell/")
