"""Who comes in at a partner, who gives back a lost password, and that the library cannot read along."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kiosk import audit, sealing
from kiosk.people import accounts, partners, sessions
from kiosk.people.accounts import Role, UsernameTaken
from kiosk.people.partners import NameTaken, NotOnYourself
from kiosk.people.sessions import WrongPassword
from kiosk.sealing import CannotOpen, NotARecoveryKey
from kiosk.store import NotThere
from kiosk.support.referrals import keys
from kiosk.support.referrals.sending import NotTaking
from tests.support.town import OWN_PASSWORD, STORY, House, Town
from tests.visitor import PASSWORD, Visitor


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


@pytest.fixture
def advice(town: Town) -> House:
    return town.house("Citizens Advice", "ada")


def paper(town: Town) -> str:
    """The recovery key, as if it had been written down on the first day."""
    return town.app.config["RECOVERY_KEY"]  # type: ignore[no-any-return]


@pytest.fixture
def app(app: Flask) -> Flask:
    """The library begins again, with somebody who keeps the paper."""
    store = app.extensions["store"]
    with store.write() as db:
        for table in ("team_keys", "teams", "staff_sessions", "people"):
            db.run(f"DELETE FROM {table}")
    begun = accounts.begin_library(store, app.config["SERVICE_KEY"], password=PASSWORD)
    app.config["RECOVERY_KEY"] = begun.recovery_key
    return app


# -- letting in ---------------------------------------------------------------------------------------------


def test_nothing_can_be_sent_before_somebody_there_has_a_password_of_her_own(
    town: Town, advice: House
) -> None:
    partner, person, password = partners.add(
        town.store, town.service_key, town.manager.person, name="Adult School", username="cleo",
        person_name="Cleo",
    )  # fmt: skip
    assert (person.role, person.partner_id, person.must_change) == (Role.PARTNER, partner.id, True)
    with town.store.write() as db:
        assert not partner.is_ready
        assert partners.taking(db) == {advice.partner.id}
        db.run("UPDATE services SET partner_id = :id", id=partner.id)
    house = House(partner, advice.service_id, advice.session)
    with pytest.raises(NotTaking):
        town.send(town.yes(house))
    session = town.first_sign_in("cleo", password)
    with town.store.read() as db:
        assert partners.taking(db) == {advice.partner.id, partner.id}
    house = House(partner, advice.service_id, session)
    assert town.opened(town.handover(town.send(town.yes(house)), house).id, house).story == STORY


def test_whoever_lets_a_partner_in_holds_nothing_that_opens_its_inbox(town: Town) -> None:
    partner, _person, password = partners.add(
        town.store, town.service_key, town.manager.person, name="Adult School", username="cleo",
        person_name="Cleo",
    )  # fmt: skip
    # the manager knows the one-time password, signs in with it, and takes along what she finds
    peeking, _cookie = sessions.sign_in(town.store, town.service_key, "cleo", password, partner=True)
    with town.store.read() as db:
        taken = partners.key(db, peeking.person, peeking.private_key)
    cleo = town.first_sign_in("cleo", password)
    assert town.key(cleo) != taken, "the key of the partner is another one now"
    with town.store.read() as db:
        assert cleo.private_key != peeking.private_key
        with pytest.raises(CannotOpen):
            partners.key(db, peeking.person, peeking.private_key)
        with pytest.raises(CannotOpen):
            partners.key(db, town.manager.person, town.manager.private_key)
    with pytest.raises(WrongPassword):
        town.sign_in("cleo", password)
    assert partner.id == cleo.person.partner_id


def test_a_lost_first_password_is_given_anew_by_the_manager_until_somebody_has_her_own(
    town: Town, clock: time_machine.Traveller
) -> None:
    partner, person, lost = partners.add(
        town.store, town.service_key, town.manager.person, name="Adult School", username="cleo",
        person_name="Cleo",
    )  # fmt: skip
    with town.store.read() as db:
        before = partners.readers(db, partner.id)
    who, password = partners.give_first_password(town.store, town.service_key, town.manager.person, person.id)
    assert who.must_change
    with pytest.raises(WrongPassword):
        town.sign_in("cleo", lost)
    with town.store.read() as db:
        assert partners.readers(db, partner.id) != before, "the key of the partner is new, too"
        line = audit.entries(db, "manager", most=1)[0]
    assert (line.action, line.subject_id) == ("password reset", person.id)
    clock.shift(timedelta(seconds=2))  # after a wrong password
    cleo = town.first_sign_in("cleo", password)
    assert town.key(cleo)
    for person_id in (person.id, town.manager.person.id, "nobody"):
        with pytest.raises(NotThere):
            partners.give_first_password(town.store, town.service_key, town.manager.person, person_id)
    assert town.sign_in("cleo")


def test_an_account_that_has_ended_gets_no_first_password(town: Town) -> None:
    _partner, person, _password = partners.add(
        town.store, town.service_key, town.manager.person, name="Adult School", username="cleo",
        person_name="Cleo",
    )  # fmt: skip
    partners.end_member(town.store, town.service_key, town.manager.person, person.id)
    with pytest.raises(NotThere):
        partners.give_first_password(town.store, town.service_key, None, person.id)


def test_a_name_and_a_user_name_are_given_once(town: Town, advice: House) -> None:
    new = {"name": "Adult School", "username": "cleo", "person_name": "Cleo"}
    for changed, error in (
        ({"name": "citizens ADVICE"}, NameTaken),
        ({"username": "manager"}, UsernameTaken),
    ):
        with pytest.raises(error):
            partners.add(town.store, town.service_key, town.manager.person, **{**new, **changed})
    with town.store.read() as db:
        assert [each.name for each in partners.every(db)] == ["Citizens Advice"]
        assert partners.by_name(db, " citizens advice ") == advice.partner


def test_what_a_partner_says_of_itself_can_be_changed_and_it_can_end(town: Town, advice: House) -> None:
    with town.store.write() as db:
        changed = partners.change(
            db, town.service_key, town.manager.person, advice.partner.id, email="new@example.org",
            who_reads="advisers", kept_months=24, pick_up_days=5,
        )  # fmt: skip
        assert (changed.email, changed.who_reads, changed.kept_months, changed.pick_up_days) == (
            "new@example.org", "advisers", 24, 5,
        )  # fmt: skip
        partners.end(db, town.service_key, town.manager.person, advice.partner.id)
        assert partners.find(db, advice.partner.id).ended
    with pytest.raises(NotTaking):
        town.send(town.yes(advice))
    with town.store.write() as db:
        partners.begin_again(db, town.service_key, town.manager.person, advice.partner.id)
        with pytest.raises(NotThere):
            partners.end(db, town.service_key, town.manager.person, "nobody")
        with pytest.raises(NotThere):
            partners.change(
                db, town.service_key, town.manager.person, "nobody", email="", who_reads="",
                kept_months=None, pick_up_days=None,
            )  # fmt: skip
    assert town.send(town.yes(advice))


# -- lost passwords -----------------------------------------------------------------------------------------


def test_a_lost_password_loses_nothing_while_a_colleague_is_there(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    key = town.key(advice.session)
    dot, password = partners.add_member(
        town.store, town.service_key, advice.member, key, username="dot", name="Dot"
    )
    handover = town.handover(town.send(town.yes(advice)), advice)
    session = town.first_sign_in("dot", password)
    again, password = partners.give_password(town.store, town.service_key, advice.member, key, dot.id)
    assert again.must_change
    with pytest.raises(WrongPassword):
        town.sign_in("dot")
    with pytest.raises(CannotOpen):
        town.key(session)  # the old private key opens nothing any more
    clock.shift(timedelta(minutes=1))
    session = town.first_sign_in("dot", password, own="eleven slow barges at noon")
    assert town.opened(handover.id, House(advice.partner, advice.service_id, session)).story == STORY
    with pytest.raises(NotOnYourself):
        partners.give_password(town.store, town.service_key, advice.member, key, advice.member.id)


def test_the_paper_brings_a_partner_back_when_nobody_there_can_sign_in(town: Town, advice: House) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    _person, password = partners.restore(town.store, town.service_key, paper(town), "Citizens Advice", "ADA")
    session = town.first_sign_in("ada", password, own="eleven slow barges at noon")
    assert town.opened(handover.id, House(advice.partner, advice.service_id, session)).story == STORY
    # everybody has left: a new account
    partners.end_member(town.store, town.service_key, town.manager.person, advice.member.id)
    with pytest.raises(NotThere):
        partners.restore(town.store, town.service_key, paper(town), "Citizens Advice", "ada")
    with pytest.raises(NotTaking):
        town.send(town.yes(advice))
    person, password = partners.restore(
        town.store, town.service_key, paper(town), "citizens advice", "eve", "Eve"
    )
    session = town.first_sign_in("eve", password)
    assert person.name == "Eve"
    assert town.opened(handover.id, House(advice.partner, advice.service_id, session)).story == STORY


def test_only_the_right_paper_brings_anybody_back(town: Town, advice: House) -> None:
    for typed, name, username, error in (
        ("1234-5678", "Citizens Advice", "ada", NotARecoveryKey),
        (sealing.print_key(sealing.new_key_pair().private), "Citizens Advice", "ada", CannotOpen),
        (paper(town), "No such partner", "ada", NotThere),
        (paper(town), "Citizens Advice", "manager", NotThere),
    ):
        with pytest.raises(error):
            partners.restore(town.store, town.service_key, typed, name, username)
    assert town.sign_in("ada"), "and nothing has changed"


def test_nobody_does_anything_with_the_accounts_of_others(town: Town, advice: House) -> None:
    school = town.house("Adult School", "cleo", "learning")
    key = town.key(school.session)
    with pytest.raises(NotThere):
        partners.give_password(town.store, town.service_key, school.member, key, advice.member.id)
    with pytest.raises(NotThere):
        partners.end_member(town.store, town.service_key, school.member, advice.member.id)
    with pytest.raises(NotThere):
        partners.give_password(town.store, town.service_key, school.member, key, town.manager.person.id)
    with pytest.raises(NotOnYourself):
        partners.end_member(town.store, town.service_key, school.member, school.member.id)
    with pytest.raises(CannotOpen):  # a key that is not the one of the partner is handed to nobody
        partners.add_member(
            town.store, town.service_key, school.member, town.key(advice.session), username="x", name="X"
        )
    desk = town.key_of_the_desk
    for act in (accounts.reset_password, accounts.enable):
        with pytest.raises(NotThere):
            act(town.store, town.service_key, town.manager.person, desk, advice.member.id)
    with pytest.raises(NotThere):
        accounts.disable(town.store, town.service_key, town.manager.person, advice.member.id)
    with pytest.raises(NotThere):
        accounts.recover(town.store, town.service_key, paper(town), "ada")
    with pytest.raises(ValueError, match="partner"):
        accounts.add(
            town.store, town.service_key, town.manager.person, desk, username="f", name="F",
            role=Role.PARTNER, branch_id=None,
        )  # fmt: skip
    assert town.sign_in("ada")
    assert town.sign_in("cleo")


def test_an_ended_account_is_out_at_once_and_the_key_is_due(town: Town, advice: House) -> None:
    _session, cookie = sessions.sign_in(town.store, town.service_key, "ada", OWN_PASSWORD, partner=True)
    partners.end_member(town.store, town.service_key, town.manager.person, advice.member.id)
    assert sessions.look_up(town.store, cookie, renew=True) is None
    with pytest.raises(WrongPassword):
        town.sign_in("ada")
    with town.store.read() as db:
        assert partners.find(db, advice.partner.id).key_due
        assert partners.members(db, advice.partner.id)[0].disabled
        lines = [(each.who, each.action) for each in audit.entries(db, "manager")]
    assert ("manager", "person disabled") in lines
    partners.end_member(town.store, town.service_key, town.manager.person, advice.member.id)


def test_another_password_is_another_key_of_her_own(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    """So that a password that was seen, together with an old copy of the file, opens nothing sent later."""
    handover = town.handover(town.send(town.yes(advice)), advice)
    new = "eleven slow barges at noon"
    sessions.change_password(town.store, town.service_key, advice.member, OWN_PASSWORD, new, "Library")
    session = town.sign_in("ada", new)
    assert session.private_key != advice.session.private_key
    with pytest.raises(CannotOpen):
        town.key(advice.session)
    keys.rotate(town.store, town.service_key, advice.partner.id, session.person, town.key(session))
    assert town.opened(handover.id, House(advice.partner, advice.service_id, session)).story == STORY


# -- two doors ----------------------------------------------------------------------------------------------


def test_each_comes_in_at_her_own_door_alone(town: Town, advice: House) -> None:
    with pytest.raises(WrongPassword):
        sessions.sign_in(town.store, town.service_key, "ada", OWN_PASSWORD)
    with pytest.raises(WrongPassword):
        sessions.sign_in(town.store, town.service_key, "manager", PASSWORD, partner=True)


def test_people_of_partners_are_not_among_the_staff(town: Town, advice: House) -> None:
    with town.store.read() as db:
        assert [each.username for each in accounts.every(db)] == ["manager"]
        with pytest.raises(NotThere):
            accounts.find_staff(db, advice.member.id)
        assert not advice.member.sees_every_branch
        with pytest.raises(CannotOpen):
            accounts.open_desk_key(db, advice.member.id, advice.session.private_key)


def test_staff_find_no_page_about_a_person_of_a_partner(town: Town, advice: House, visitor: Visitor) -> None:
    _session, cookie = sessions.sign_in(town.store, town.service_key, "manager", PASSWORD)
    visitor.client.set_cookie("staff", cookie, path="/")
    assert visitor.client.get(f"/staff/people/{town.manager.person.id}").status_code == 200
    assert visitor.client.get(f"/staff/people/{advice.member.id}").status_code == 404
    assert "ada" not in visitor.client.get("/staff/people").text


def test_every_page_behind_one_door_is_shut_to_those_of_the_other(
    town: Town, advice: House, visitor: Visitor
) -> None:
    for username, password, partner, mine, theirs in (
        ("ada", OWN_PASSWORD, True, "/partner/", "/staff/"),
        ("manager", PASSWORD, False, "/staff/", "/partner/"),
    ):
        _session, cookie = sessions.sign_in(town.store, town.service_key, username, password, partner=partner)
        visitor.client.set_cookie("staff", cookie, path="/")
        rules = [
            rule
            for rule in town.app.url_map.iter_rules()
            if rule.rule.startswith(("/staff/", "/partner/"))
            and not rule.arguments
            and "GET" in (rule.methods or ())
            and "sign-in" not in rule.rule
        ]
        assert {rule.rule.split("/")[1] for rule in rules} == {"staff", "partner"}
        for rule in rules:
            status = visitor.client.get(rule.rule).status_code
            if rule.rule.startswith(theirs):
                assert status == 403, rule.rule
            elif rule.rule == mine:
                assert status in {200, 302, 303}, rule.rule
