"""The proof of her yes and no: it says what was agreed, no less, and of a no nothing about her."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.support.referrals import consents, own_side, partner_side
from kiosk.support.referrals.consents import LIBRARY, Choice, Consent
from kiosk.support.referrals.sending import NoExpressYes, TooMany
from kiosk.support.referrals.story import REQUIRED
from tests.support.referrals.test_life import given, propose
from tests.support.town import NEWS, House, Town

READ_ALONG = Choice(LIBRARY, "", True, (), "May staff read it?", "1", "ar")


def proofs(town: Town, referral_id: str) -> dict[str, Consent]:
    """Her consents by what they are for."""
    with town.store.read() as db:
        return {each.purpose: each for each in consents.of_referral(db, referral_id)}


def test_with_her_yes_to_a_partner_goes_her_yes_to_passing_it_on(
    town: Town, advice: House, homes: House
) -> None:
    sent, passing = propose(town, advice, homes)
    town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    town.act(own_side.withdraw, passing.id)
    assert {purpose: each.holds for purpose, each in proofs(town, sent.id).items()} == {
        "referral": False,
        "passing-on": False,
    }


def test_her_yes_to_who_has_it_now_is_another_one(town: Town, advice: House, homes: House) -> None:
    sent, passing = propose(town, advice, homes)
    town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    new = town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))
    for _time in range(2):
        town.act(own_side.withdraw, passing.id)
    assert proofs(town, sent.id)["passing-on"].holds
    assert town.opened(new.id, homes).story is not None


def test_what_staff_may_read_is_all_that_any_partner_gets(town: Town, advice: House, homes: House) -> None:
    sent = town.send(town.yes(advice, "name"), town.yes(homes, "age"), READ_ALONG)
    assert proofs(town, sent.id)["staff-may-read"].items == ("about", "name", "reach", "safety", "age")
    refused = town.send(town.yes(advice), town.no(homes), replace(READ_ALONG, yes=False))
    assert proofs(town, refused.id)["staff-may-read"].items == ()


def test_her_yes_to_neutral_news_is_kept_with_its_words(town: Town, advice: House) -> None:
    sent = town.send(town.yes(advice), message_way="email", message_to="amina@example.org")
    proof = proofs(town, sent.id)["news"]
    assert (proof.yes, proof.wording, proof.at) == (True, NEWS.wording, town.at.now.isoformat())
    assert "news" not in proofs(town, town.send(town.yes(advice)).id)


def test_a_proof_names_the_library_as_it_was_called(town: Town, advice: House, homes: House) -> None:
    town.choose(library_name="Anytown Library")
    sent, passing = propose(town, advice, homes)
    town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    town.choose(library_name="Another Library")
    assert {each.controller for each in proofs(town, sent.id).values()} == {"Anytown Library"}


def test_her_needs_are_passed_on_together_or_not_at_all(town: Town, advice: House, homes: House) -> None:
    _sent, passing = propose(town, advice, homes)
    with pytest.raises(ValueError, match="go together"):
        town.act(own_side.say_to_passing, passing.id, town.yes(homes, needs=("housing",)), given(town))


def test_a_special_topic_is_not_passed_on_without_a_yes_to_it(
    town: Town, advice: House, homes: House
) -> None:
    sent, passing = propose(town, advice, homes)
    town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    assert proofs(town, sent.id)["passing-on"].special == ("money",), "and to no other"
    with town.store.write() as db:
        db.run("UPDATE consents SET special = '[]' WHERE purpose = 'passing-on'")
    with pytest.raises(NoExpressYes):
        town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))


def test_what_partners_and_staff_send_keeps_nobody_at_a_screen_waiting(
    town: Town, advice: House, homes: House
) -> None:
    few = replace(town.at.settings, referrals_an_hour=2)
    for _time in range(3):
        town.send_this(town.sending(town.yes(advice), witness="manager"), settings=few)
        told = town.sending(town.yes(homes, method="partner"), agreed_by="here")
        town.act(partner_side.refer_in, advice.member, told, branch=town.branch)
    for kiosk in (None, ""):
        for _time in range(2):
            sent = town.send_this(town.sending(town.yes(advice, "name")), settings=few, kiosk=kiosk)
            assert set(town.handover(sent, advice).items) == {*REQUIRED, "name"}
        with pytest.raises(TooMany):
            town.send_this(town.sending(town.yes(advice)), settings=few, kiosk=kiosk)
