"""What a membership allows, and how it is told."""

from __future__ import annotations

import re

import pytest

from kiosk.configuration import ROOT
from kiosk.join.policies import LABELS, Line, more, policy, today
from kiosk.languages import in_english
from kiosk.settings import MEMBERSHIPS, Settings

DELIVERED = Settings()


def told(lines: tuple[Line, ...] | None) -> list[str]:
    return [in_english(line.sentence) % line.values for line in lines or ()]


def test_every_membership_has_a_name_and_a_policy() -> None:
    assert tuple(LABELS) == MEMBERSHIPS
    for code in MEMBERSHIPS:
        assert policy(DELIVERED, code).code == code
    with pytest.raises(KeyError):
        policy(DELIVERED, "wizard")


@pytest.mark.parametrize("code", ["introductory", "no-address"])
def test_who_shows_no_proof_borrows_two_things_for_three_years_and_uses_all_else(code: str) -> None:
    allowed = policy(DELIVERED, code)
    assert (allowed.items, allowed.days) == (2, 3 * 365)
    assert allowed.card
    assert allowed.ebooks
    assert allowed.computers
    assert told(today(allowed)) == [
        "You can take home books and films, up to 2 at one time.",
        "You can read e-books on your phone.",
        "You can use the computers here.",
    ]


def test_nobody_is_asked_for_id_unless_the_library_says_so() -> None:
    assert all(policy(DELIVERED, code).unlocked_by != "id" for code in MEMBERSHIPS)
    strict = Settings(membership_unlocked_by={**DELIVERED.membership_unlocked_by, "introductory": "id"})
    assert told(more(strict, policy(strict, "introductory"))) == [
        "Show staff a card with your name and photo.",
        "Then you can take home up to 20 at one time.",
    ]


def test_a_letter_unlocks_more_for_who_gave_an_address_and_a_word_for_who_has_none() -> None:
    assert told(more(DELIVERED, policy(DELIVERED, "introductory"))) == [
        "Show staff a letter with your name and address.",
        "Then you can take home up to 20 at one time.",
    ]
    assert told(more(DELIVERED, policy(DELIVERED, "no-address"))) == ["Do you want more? Talk to staff."]
    assert more(DELIVERED, policy(DELIVERED, "full")) is None


def test_nothing_is_promised_that_would_not_be_more() -> None:
    same = Settings(membership_items={**DELIVERED.membership_items, "introductory": 20})
    assert more(same, policy(same, "introductory")) is None


def test_a_good_neighbour_pays_nothing_and_requests_are_free() -> None:
    allowed = policy(DELIVERED, "good-neighbour")
    assert not allowed.fines
    assert allowed.free_requests
    assert told(today(allowed))[1:] == [
        "You can ask for a book. It costs nothing.",
        "You do not pay when a book comes back late.",
    ]


def test_who_only_wants_e_books_is_told_of_nothing_else() -> None:
    assert told(today(policy(DELIVERED, "digital"))) == ["You can read e-books on your phone."]


def test_every_pictogram_is_there() -> None:
    names = {line.icon for code in MEMBERSHIPS for line in today(policy(DELIVERED, code))}
    for unlock in ("address", "id", "desk"):
        asks = Settings(membership_unlocked_by=dict.fromkeys(MEMBERSHIPS, unlock))
        names |= {line.icon for line in more(asks, policy(asks, "introductory")) or ()}
    icons = ROOT / "static" / "vendor" / "icons"
    assert names
    assert all((icons / f"{name}.svg").is_file() for name in names)


def test_no_number_bends_a_noun() -> None:
    """Behind %(items)s there is never the thing that is counted: many languages would have to bend it."""
    source = (ROOT / "kiosk" / "join" / "policies.py").read_text("utf-8")
    assert re.findall(r"%\(items\)s (\w+ \w+ \w+)", source) == ["at one time"] * 2
