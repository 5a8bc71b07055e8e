"""What is known of services, and what staff make of them: needs, words, facts, cards, capacity."""

from __future__ import annotations

import pytest

from kiosk.store import NotThere, Store
from kiosk.support.directory import saving
from kiosk.support.directory.records import (
    FACTS,
    Card,
    card,
    cards,
    find,
    kept_as,
    of_partner,
    organisation,
    set_capacity,
    shown,
    value_of,
)
from kiosk.support.directory.saving import Own
from tests.support.directory.feeds import IDS, load, service

ONE, TWO = IDS[:2]


def filed(number: int, *words: str) -> dict[str, object]:
    return service(number, attributes=[{"taxonomy_term": {"name": word}} for word in words])


def test_a_fact_comes_back_as_it_was_set_and_what_nobody_knows_stays_unknown(directory: Store) -> None:
    facts = {
        "free": True, "fee": "3 pounds", "languages": ("en", "zh-Hant"), "ways": ("call",), "min_age": 0,
        "max_age": None, "districts": (), "children": False, "work": ("looking",), "stay": None,
    }  # fmt: skip
    assert {name: value_of(name, kept_as(name, value)) for name, value in facts.items()} == facts
    load(directory, [service(1)])
    with directory.write() as db:
        assert {getattr(find(db, ONE), name) for name in FACTS} == {None, ""}
        saving.set_facts(db, ONE, facts, "anna")
        assert {name: getattr(find(db, ONE), name) for name in FACTS} == facts
        assert "stay" not in saving.staff_facts(db, ONE), "it was not known before either"


def test_only_what_staff_show_and_what_has_not_ended_is_shown(directory: Store) -> None:
    load(directory, [service(1), service(2, status="inactive"), service(3, status="temporarily closed")])
    with directory.write() as db:
        for number in range(3):
            saving.set_needs(db, IDS[number], ["money"])
            saving.show(db, IDS[number], True, "anna")
        assert [(each.id, each.state) for each in shown(db)] == [(ONE, "open"), (IDS[2], "paused")]
        saving.show(db, ONE, False, "anna")
        assert [each.id for each in shown(db)] == [IDS[2]]
        saving.set_needs(db, IDS[2], [])
        assert shown(db) == [], "nobody would find it by what she needs"


def test_a_word_stands_for_needs_of_all_services_under_it_and_of_those_to_come(directory: Store) -> None:
    load(directory, [filed(1, "Debt ", "Women"), filed(2, "Women")])
    with directory.write() as db:
        saving.map_word(db, "debt", ["money"])
        saving.map_word(db, "women", [])
        assert find(db, ONE).needs == {"money"}
        assert find(db, TWO).needs == set()
    load(directory, [filed(1, "Debt", "Women"), filed(2, "Women"), filed(3, "DEBT")])
    with directory.write() as db:
        assert find(db, IDS[2]).needs == {"money"}
        saving.map_word(db, "debt", ["money", "housing"])
        assert find(db, IDS[2]).needs == {"money", "housing"}
        saving.map_word(db, "debt", None)
        assert find(db, IDS[2]).needs == set()


def test_what_staff_say_of_one_service_counts_more_than_its_words(directory: Store) -> None:
    load(directory, [filed(1, "Debt")])
    with directory.write() as db:
        saving.map_word(db, "debt", ["money", "housing"])
        saving.set_needs(db, ONE, ["money", "work"])
        assert find(db, ONE).needs == {"money", "work"}
        saving.map_word(db, "debt", ["housing", "health"])
        assert find(db, ONE).needs == {"health", "work"}, "housing was said not to be"


def test_a_service_that_loses_its_last_need_by_a_word_is_hidden(directory: Store) -> None:
    load(directory, [filed(1, "Debt")])
    with directory.write() as db:
        saving.map_word(db, "debt", ["money"])
        saving.show(db, ONE, True, "anna")
        saving.map_word(db, "debt", [])
        assert not find(db, ONE).shown


def test_residents_read_their_language_else_english_else_what_came(directory: Store) -> None:
    load(directory, [service(1, description="<p>One</p><ul><li>two</li></ul>")])
    with directory.write() as db:
        assert card(db, ONE, "pl") == Card("Service 1", "One\ntwo", "en", "imported")
        saving.write_card(db, ONE, "en", "Plain", "Short.", "read", "anna")
        assert card(db, ONE, "pl") == Card("Plain", "Short.", "en", "read")
        saving.write_card(db, ONE, "pl", "Prosto", "Krótko.", "draft", "anna")
        assert card(db, ONE, "pl") == Card("Prosto", "Krótko.", "pl", "draft")
        assert card(db, ONE, "ar").language == "en"
        with pytest.raises(NotThere):
            card(db, TWO, "pl")


def test_a_translation_of_words_that_have_changed_is_not_read_until_it_is_saved_again(
    directory: Store,
) -> None:
    load(directory, [service(1)])
    with directory.write() as db:
        saving.write_card(db, ONE, "en", "Plain", "Short.", "read", "anna")
        saving.write_card(db, ONE, "pl", "Prosto", "Krótko.", "read", "anna")
        saving.write_card(db, ONE, "en", "Plain", "Short.", "draft", "anna")
        assert card(db, ONE, "pl").language == "pl", "the words are the same"
        saving.write_card(db, ONE, "en", "Plain", "Shorter.", "read", "anna")
        assert card(db, ONE, "pl").language == "en"
        saving.write_card(db, ONE, "pl", "Prosto", "Krócej.", "read", "anna")
        assert card(db, ONE, "pl").text == "Krócej."
        saving.drop_card(db, ONE, "pl")
        assert card(db, ONE, "pl").language == "en"


def test_all_cards_are_found_at_once(directory: Store) -> None:
    load(directory, [service(1), service(2)])
    with directory.write() as db:
        assert cards(db, "pl") == {}
        for each in (ONE, TWO):
            saving.set_needs(db, each, ["money"])
            saving.show(db, each, True, "anna")
        saving.write_card(db, ONE, "pl", "Prosto", "Krótko.", "read", "anna")
        assert cards(db, "pl") == {each: card(db, each, "pl") for each in (ONE, TWO)}


@pytest.mark.parametrize(
    ("state", "left", "kept"),
    [
        ("open", None, "open"),
        ("open", 3, "open"),
        ("open", 0, "full"),
        ("full", 2, "open"),
        ("full", None, "full"),
        ("paused", 0, "paused"),
    ],
)
def test_with_no_place_left_a_service_is_full(
    directory: Store, state: str, left: int | None, kept: str
) -> None:
    load(directory, [service(1)])
    with directory.write() as db:
        set_capacity(db, ONE, state, left)
        found = find(db, ONE)
    assert (found.state, found.places_left) == (kept, left)


def test_what_is_not_there_is_said_to_be_not_there(directory: Store) -> None:
    with directory.write() as db:
        for change in (
            lambda: set_capacity(db, ONE, "open", None),
            lambda: saving.show(db, ONE, False, "anna"),
            lambda: saving.looked_at(db, ONE, "anna"),
            lambda: saving.keep(db, ONE, True, "anna"),
            lambda: saving.set_partner(db, ONE, None, "anna"),
            lambda: saving.set_facts(db, ONE, {"free": True}, "anna"),
            lambda: saving.facts_as_they_came(db, ONE, "anna"),
            lambda: saving.write_card(db, ONE, "en", "x", "y", "read", "anna"),
            lambda: saving.rewrite(db, ONE, Own("x", "y"), "anna"),
            lambda: organisation(db, ONE),
        ):
            with pytest.raises(NotThere):
                change()
        with pytest.raises(ValueError):
            set_capacity(db, ONE, "closed", None)
        with pytest.raises(ValueError):
            saving.write_card(db, ONE, "en", "x", "y", "imported", "anna")


def test_a_service_written_here_belongs_to_an_organisation_that_is_kept_once(directory: Store) -> None:
    with directory.write() as db:
        first = saving.add(db, Own("Chess", "The Hub", text="<p>Play.</p>"), "anna")
        second = saving.add(db, Own("Go", "the hub"), "anna")
        assert find(db, first).organisation_id == find(db, second).organisation_id
        saving.rewrite(db, first, Own("Chess club", ""), "ned")
        assert (find(db, first).name, find(db, first).organisation) == ("Chess club", "")
    load(directory, [service(1)])
    with directory.write() as db, pytest.raises(NotThere):
        saving.rewrite(db, ONE, Own("x", "y"), "anna")


def test_a_partner_has_the_services_that_it_takes_referrals_for(directory: Store) -> None:
    load(directory, [service(1), service(2)])
    with directory.write() as db:
        saving.set_partner(db, TWO, "partner", "maria")
        assert [each.id for each in of_partner(db, "partner")] == [TWO]
        saving.set_partner(db, TWO, None, "maria")
        assert of_partner(db, "partner") == []
