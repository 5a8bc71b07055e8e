"""What staff see and do about referrals: states without content, the chase, partners, numbers."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk.people import partners
from kiosk.support import finding
from kiosk.support.referrals import clock as referrals_clock
from kiosk.support.referrals import desk_side, own_side, partner_side, records, reports
from kiosk.support.referrals.consents import LIBRARY, Choice, find
from kiosk.support.referrals.records import Handover
from tests.staff.conftest import Browser
from tests.support.partner.conftest import signed_in
from tests.support.town import OWN_PASSWORD, STORY, House, Town
from tests.visitor import MORNING, PASSWORD

pytestmark = pytest.mark.patient

Staff = Callable[[str], Browser]
AtDesk = Callable[[House], Browser]


def path(handover: str) -> str:
    return f"/staff/support/referrals/{handover}"


def one(town: Town, handover: str) -> Handover:
    with town.store.read() as db:
        return records.handover(db, handover)


def staff_may_read(yes: bool = True) -> Choice:
    return Choice(LIBRARY, "", yes, (), "May library staff read it too?", "1", "ar")


def overdue(app: Flask, town: Town, clock: time_machine.Traveller) -> None:
    """Three working days to answer, and one more until staff are asked."""
    for hours in (72, 24):
        clock.shift(timedelta(hours=hours, seconds=1))
        with app.app_context(), town.store.write() as db:
            referrals_clock.remind(db, datetime.now(UTC))


# -- states without content ---------------------------------------------------------------------------------


def test_staff_see_where_it_stands_and_not_what_it_says(told: str, staff: Staff, town: Town) -> None:
    anna = staff("anna")
    for page in ("/staff/support/referrals", path(told)):
        text = anna.get(page).text
        assert "ZZMARKED" not in text
        assert "Citizens Advice" in text
    assert "Nobody here can open it." in anna.words
    assert anna.get(f"{path(told)}/content").status_code == 404
    with town.store.read() as db:
        assert not db.all("SELECT 1 FROM audit WHERE action = 'referral opened'")


def test_another_branch_sees_nothing_of_it(told: str, staff: Staff) -> None:
    ned = staff("ned")
    ned.get("/staff/support/referrals")
    assert "There are no referrals here." in ned.words
    for way, last in (("get", ""), ("get", "/content"), ("get", "/yes"), ("post", "/chased"),
                      ("post", "/take-back"), ("post", "/pin"), ("post", "/yes")):  # fmt: skip
        ned.get("/staff/password")
        fields = {"what": "rang", "how": "here"} if way == "post" else {}
        answer = ned.post(path(told) + last, **fields) if way == "post" else ned.get(path(told) + last)
        assert answer.status_code == 404, last


def test_with_her_yes_openers_read_it_and_the_log_says_so(town: Town, advice: House, staff: Staff) -> None:
    sent = town.send(town.yes(advice), staff_may_read())
    handover = town.handover(sent, advice).id
    anna, ned = staff("anna"), staff("ned")
    anna.get(f"{path(handover)}/content")
    assert "ZZMARKEDNAME" in anna.words
    assert "Do not leave a voicemail." in anna.words
    assert ned.get(f"{path(handover)}/content").status_code == 404
    with town.store.read() as db:
        rows = db.all("SELECT who FROM audit WHERE action = 'referral opened'")
    assert [row["who"] for row in rows] == ["anna"]


def test_what_is_damaged_is_called_so_at_the_desk(town: Town, advice: House, staff: Staff) -> None:
    handover = town.handover(town.send(town.yes(advice), staff_may_read()), advice).id
    with town.store.write() as db:
        db.run(
            "UPDATE referral_handovers SET sealed = :junk WHERE id = :id", junk=os.urandom(600), id=handover
        )
    anna = staff("anna")
    assert anna.get(f"{path(handover)}/content").status_code == 200
    assert "This cannot be opened. The person can tell it again." in anna.words


def test_her_no_to_staff_holds_for_the_desk(town: Town, advice: House, staff: Staff) -> None:
    sent = town.send(town.yes(advice), staff_may_read(yes=False))
    assert staff("manager").get(f"{path(town.handover(sent, advice).id)}/content").status_code == 404


def test_a_person_at_the_desk_is_found_by_her_code(told: str, staff: Staff, town: Town) -> None:
    reference = one(town, told).reference
    anna, ned = staff("anna"), staff("ned")
    anna.get("/staff/support/referrals")
    assert anna.post("/staff/support/referrals/code", code=reference).status_code == 303
    for browser, code in ((ned, reference), (anna, "nothing"), (anna, "000 000 0000")):
        browser.get("/staff/support/referrals")
        assert browser.post("/staff/support/referrals/code", code=code).status_code == 422


# -- doing it for her ---------------------------------------------------------------------------------------


def test_staff_take_it_back_for_her_and_the_partner_has_nothing(
    told: str, staff: Staff, town: Town, at_desk: AtDesk, advice: House
) -> None:
    anna = staff("anna")
    anna.get(path(told))
    assert anna.post(f"{path(told)}/take-back").status_code == 422
    assert anna.post(f"{path(told)}/take-back", how="here").status_code == 303
    found = one(town, told)
    assert (found.state, found.sealed) == ("withdrawn", None)
    with town.store.read() as db:
        assert find(db, found.consent_id).withdrawn_how == "staff"
    assert "ZZMARKED" not in at_desk(advice).get(f"/partner/referrals/{told}").text
    anna.get(path(told))
    assert anna.post(f"{path(told)}/take-back", how="here").status_code == 409


def test_what_is_over_is_taken_back_too(told: str, staff: Staff, town: Town, advice: House) -> None:
    town.act(partner_side.accept, told, advice.member)
    town.act(partner_side.close, told, advice.member, "helped")
    anna = staff("anna")
    anna.get(path(told))
    assert "The person takes it back" in anna.words
    assert anna.post(f"{path(told)}/take-back", how="phone").status_code == 303
    found = one(town, told)
    assert (found.state, found.sealed) == ("withdrawn", None)
    anna.get(path(told))
    assert "The person takes it back" not in anna.words


def test_who_lost_her_pin_gets_another_at_the_desk(told: str, staff: Staff, town: Town) -> None:
    anna = staff("anna")
    anna.get(path(told))
    assert anna.post(f"{path(told)}/pin").status_code == 200
    pin = anna.page.select(".secret")[1].get_text(strip=True)
    with town.store.write() as db:
        found = records.by_code(
            db, one(town, told).reference, pin, kiosk_id=town.kiosk, service_key=town.service_key,
            now=datetime.now(UTC),
        )  # fmt: skip
    assert found is not None
    with town.store.read() as db:
        rows = [row["action"] for row in db.all("SELECT action FROM audit WHERE who = 'anna'")]
    assert "new PIN for a referral" in rows


@pytest.mark.parametrize(("answer", "state", "consents"), [("yes", "passing", True), ("no", "seen", False)])
def test_with_her_there_staff_write_down_her_answer_to_passing_it_on(
    told: str, staff: Staff, town: Town, advice: House, school: House, answer: str, state: str,
    consents: bool,
) -> None:  # fmt: skip
    town.act(partner_side.propose_passing, told, advice.member, school.partner.id, school.service_id)
    anna = staff("anna")
    anna.get(path(told))
    anna.get(f"{path(told)}/yes")
    assert "May Adult School get your story?" in anna.words
    assert "ZZMARKED" not in anna.words
    sent = anna.post(
        f"{path(told)}/yes",
        answer=answer,
        items=["name"],
        express=["money"],
        agreed="here",
    )
    assert sent.location == f"{path(told)}?said={answer}"
    found = one(town, told)
    assert (found.state, bool(found.passing_consent)) == (state, consents)
    if consents:
        with town.store.read() as db:
            consent = find(db, found.passing_consent)
        assert (consent.method, consent.filled_by, consent.witness) == ("staff", "staff", "anna")
    assert anna.get(f"{path(told)}/yes").status_code == 409


# -- the chase ----------------------------------------------------------------------------------------------


def test_what_nobody_picks_up_comes_back_to_the_board_of_the_branch(
    app: Flask, told: str, staff: Staff, town: Town, clock: time_machine.Traveller
) -> None:
    anna = staff("anna")
    anna.get("/staff/board")
    assert "Ask a partner" not in anna.words
    overdue(app, town, clock)
    anna, ned = staff_again(app, "anna"), staff_again(app, "ned")
    anna.get("/staff/board")
    assert "Ask a partner: no answer in time" in anna.words
    assert "ZZMARKED" not in anna.words
    ned.get("/staff/board")
    assert "Ask a partner" not in ned.words
    anna.get("/staff/support/referrals")
    assert "Ask these partners" in anna.words
    anna.get(path(told))
    assert "The partner has not answered in time." in anna.words
    assert anna.post(f"{path(told)}/chased", what="shouted").status_code == 422
    assert anna.post(f"{path(told)}/chased", what="rang").status_code == 303
    anna.get(path(told))
    assert "The partner has not answered in time." not in anna.words
    assert "I rang them." in anna.words
    clock.shift(timedelta(days=4))
    again = staff_again(app, "anna")
    again.get("/staff/support/referrals")
    assert "Ask these partners" in again.words, "it comes back when nothing happens"


def staff_again(app: Flask, username: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(username, PASSWORD).status_code == 303
    return browser


def test_a_partner_that_staff_could_not_reach_has_ended_nothing(
    told: str, staff: Staff, town: Town, at_desk: AtDesk, advice: House
) -> None:
    town.act(desk_side.chased, told, town.manager.person, "no-answer")
    anna, ada = staff("anna"), at_desk(advice)
    anna.get(path(told))
    assert "Library staff asked the partner. Nobody could be reached there." in anna.words
    ada.get(f"/partner/referrals/{told}")
    for browser in (anna, ada):
        assert "They did not answer." not in browser.words
        assert "It has ended." not in browser.words


def test_that_nobody_called_stands_on_the_board_at_once(told: str, staff: Staff, town: Town) -> None:
    town.act(own_side.nobody_called, told)
    anna = staff("anna")
    anna.get("/staff/board")
    assert "Ask a partner: nobody has called" in anna.words


def test_who_wants_to_hear_from_staff_stands_on_the_board_with_each_news(
    town: Town, advice: House, homes: House, staff: Staff
) -> None:
    by_staff = {**STORY, "reach": [{"way": "library"}]}
    handover = town.handover(town.send(town.yes(advice), story=by_staff), advice).id
    other = town.handover(town.send(town.yes(homes)), homes).id
    anna, ned = staff("anna"), staff("ned")
    anna.get("/staff/board")
    assert "there is news" not in anna.words, "nothing has happened yet"
    for news in (partner_side.accept, partner_side.contacted):
        town.act(news, handover, advice.member)
        town.act(news, other, homes.member)
        anna.get("/staff/board")
        assert anna.words.count("Tell the person: there is news") == 1
        ned.get("/staff/board")
        assert "Tell the person" not in ned.words
        anna.get("/staff/support/referrals")
        assert "News by library staff" in anna.words
        assert anna.page.select_one(f"[aria-labelledby=to-tell] [href='{path(handover)}']")
        anna.get(path(handover))
        assert anna.post(f"{path(handover)}/told").status_code == 303
        anna.get("/staff/board")
        assert "Tell the person" not in anna.words
    town.act(partner_side.close, handover, advice.member, "helped")
    anna.get("/staff/board")
    assert "Tell the person: there is news" in anna.words, "also when it is over"
    sent = one(town, handover)
    with town.store.write() as db:
        found = records.referral(db, sent.referral_id)
        records.by_code(
            db, sent.reference, records.pin(found, town.service_key), kiosk_id=town.kiosk,
            service_key=town.service_key, now=datetime.now(UTC),
        )  # fmt: skip
    anna.get("/staff/board")
    assert "Tell the person" not in anna.words, "she has looked herself"


def test_who_says_later_how_to_be_reached_is_told_by_staff_only_if_she_says_so(
    town: Town, advice: House
) -> None:
    sent = town.send(town.yes(advice), story={**STORY, "reach": [{"way": "library"}]})
    handover = town.handover(sent, advice).id
    quiet: dict[str, Any] = {"voicemail": None, "silent": False, "times": []}
    town.act(partner_side.accept, handover, advice.member)
    assert one(town, handover).to_tell_at
    town.act(own_side.add_reach, sent.id, [], quiet)
    assert (one(town, handover).via_library, one(town, handover).to_tell_at) == (False, "")
    town.act(partner_side.contacted, handover, advice.member)
    assert one(town, handover).to_tell_at == ""
    town.act(own_side.add_reach, sent.id, [{"way": "library"}], quiet)
    town.act(partner_side.contacted, handover, advice.member)
    assert one(town, handover).to_tell_at


# -- partners -----------------------------------------------------------------------------------------------


def test_a_manager_lets_a_partner_in_and_reads_nothing_of_it(
    app: Flask, staff: Staff, town: Town, advice: House
) -> None:
    manager = staff("manager")
    manager.get("/staff/support/partners/add")
    fields = {"partner": "Reading Friends", "email": "", "name": "Rita", "username": "rita"}
    for wrong in ({"partner": ""}, {"partner": "citizens advice"}, {"username": "ada"}, {"email": "x"}):
        assert manager.post("/staff/support/partners/add", **(fields | wrong)).status_code == 422
    assert manager.post("/staff/support/partners/add", **fields).status_code == 200
    secret = manager.page.select_one(".secret")
    assert secret is not None
    assert "/partner/sign-in" in manager.words
    town.first_sign_in("rita", secret.get_text(strip=True))
    rita = signed_in(app, "rita", OWN_PASSWORD)
    rita.get("/partner/")
    assert "Reading Friends" in rita.words


def test_agreed_days_and_the_end_of_a_partner(staff: Staff, town: Town, advice: House) -> None:
    manager, anna = staff("manager"), staff("anna")
    page = f"/staff/support/partners/{advice.partner.id}"
    manager.get(page)
    for days, status in (("0", 422), ("31", 422), ("x", 422), ("5", 303)):
        fields = {"email": "", "who_reads": "advisers", "kept_months": "12", "pick_up_days": days}
        assert manager.post(page, **fields).status_code == status
    with town.store.read() as db:
        found = partners.find(db, advice.partner.id)
    assert (found.pick_up_days, found.who_reads, found.kept_months) == (5, "advisers", 12)
    assert manager.post(f"{page}/end").status_code == 303
    with town.store.read() as db:
        assert advice.partner.id not in partners.taking(db)
    manager.get(page)
    assert manager.post(f"{page}/again").status_code == 303
    assert anna.get(page).status_code == 200
    anna.get("/staff/password")
    assert anna.post(f"{page}/end").status_code == 403
    manager.get(page)
    assert manager.post(f"{page}/people/{advice.member.id}/end").status_code == 303
    assert manager.post(f"{page}/people/{town.manager.person.id}/end").status_code == 404
    manager.get("/staff/support/partners")
    assert "Nobody there can sign in" in manager.words


def test_an_administrator_sees_no_referrals(staff: Staff, told: str) -> None:
    it = staff("it")
    for page in ("/staff/support/referrals", path(told), "/staff/support/partners", "/staff/support/reports"):
        assert it.get(page).status_code == 403


# -- numbers ------------------------------------------------------------------------------------------------


def test_small_numbers_are_not_told(
    town: Town, advice: House, homes: House, staff: Staff, clock: time_machine.Traveller
) -> None:
    for number in range(6):
        sent = town.send(town.yes(advice), *([town.yes(homes)] if number < 2 else []))
        town.act(partner_side.decline, town.handover(sent, advice).id, advice.member, "full")
    with town.store.write() as db:
        for need, times in (("artist", 4), ("papers", 6)):
            for _time in range(times):
                finding.count_gap(db, town.branch, need, "ar", MORNING.date())

    def rows(username: str) -> dict[str, str]:
        reader = staff_again(town.app, username)
        reader.get("/staff/support/reports")
        found = {
            row.th.get_text(strip=True): row.get_text(" ", strip=True)
            for row in reader.page.select("tbody tr")
            if row.th
        }
        return {**found, "": reader.words}

    this_month = rows("anna")
    assert this_month["Citizens Advice"].startswith("Citizens Advice under 5 under 5"), "it is not over yet"
    assert "Papers to stay in the UK" not in this_month
    clock.shift(timedelta(days=31))
    found = rows("anna")
    assert found["Citizens Advice"].startswith(
        "Citizens Advice 5 or more 5 or more 0 under 5 under 5 5 or more"
    )
    assert found["Homes for All"].startswith("Homes for All under 5")
    assert found["Papers to stay in the UK"].endswith("Arabic 5 or more")
    assert found["Show or sell my art"].endswith("under 5")
    assert "They have no free place now." in found[""]
    elsewhere = rows("ned")
    assert "5 or more" not in elsewhere["Citizens Advice"]
    assert reports.FEWEST == 5


def test_a_manager_gives_a_lost_first_password_anew(town: Town, staff: Staff) -> None:
    manager = staff("manager")
    manager.get("/staff/support/partners/add")
    manager.post(
        "/staff/support/partners/add", partner="Adult School", username="cleo", name="Cleo", email=""
    )
    with town.store.read() as db:
        partner = partners.by_name(db, "Adult School")
        (cleo,) = partners.members(db, partner.id)
    page = f"/staff/support/partners/{partner.id}"
    manager.get(page)
    assert "New first password" in manager.words
    assert manager.post(f"{page}/people/{cleo.id}/password").status_code == 200
    password = manager.page.select_one(".secret")
    assert password is not None
    town.first_sign_in("cleo", password.get_text(strip=True))
    manager.get(page)
    assert "New first password" not in manager.words
    assert manager.post(f"{page}/people/{cleo.id}/password").status_code == 404
    assert staff("anna").post(f"{page}/people/{cleo.id}/password").status_code in (400, 403)


@pytest.mark.parametrize("query", ["months=7&branch=nowhere", "months=x", "months=24"])
def test_a_report_of_any_time_can_be_asked_for(staff: Staff, query: str) -> None:
    assert staff("manager").get(f"/staff/support/reports?{query}").status_code == 200


def to_the_library(town: Town, homes: House) -> str:
    """Homes for All refers a person to the library; the id of what the library has."""
    yes = Choice(LIBRARY, "", True, ("name", "own-words"), "May Library get your story?", "1", "ar",
                 special=("money",), method="partner")  # fmt: skip
    with town.app.app_context(), town.store.write() as db:
        sent = partner_side.refer_in(
            db, homes.member, town.sending(agreed_by="here", to_library=yes), branch=town.branch, at=town.at
        )
    (found,) = town.handovers(sent)
    return found.id


def test_whom_a_partner_refers_to_the_library_staff_take_on(
    staff: Staff, town: Town, at_desk: AtDesk, homes: House
) -> None:
    handover = to_the_library(town, homes)
    anna, ned, bea = staff("anna"), staff("ned"), at_desk(homes)
    ned.get("/staff/board")
    assert "to the library" not in ned.words
    assert ned.get(f"{path(handover)}/content").status_code == 404
    assert bea.get(f"/partner/referrals/{handover}").status_code == 404
    anna.get("/staff/board")
    assert "A partner refers a person to the library" in anna.words
    assert "ZZMARKED" not in anna.words
    assert "ZZMARKED" not in anna.get(path(handover)).text
    assert "Referred by Homes for All" in anna.words
    anna.get(f"{path(handover)}/content")
    assert "ZZMARKEDNAME" in anna.words
    assert "ZZMARKEDHELPER" not in anna.words, "she left that out"
    assert one(town, handover).state == "seen"
    anna.get("/staff/board")
    assert "A partner refers a person to the library" in anna.words, "until somebody answers"

    anna.get(path(handover))
    assert anna.post(f"{path(handover)}/answer", state="closed", why="because").status_code == 422
    assert anna.post(f"{path(handover)}/answer", state="passed").status_code == 422
    assert anna.post(f"{path(handover)}/answer", state="accepted").status_code == 303
    anna.get("/staff/board")
    assert "to the library" not in anna.words
    anna.get(path(handover))
    assert anna.post(f"{path(handover)}/answer", state="contacted").status_code == 303
    anna.get(path(handover))
    assert anna.post(f"{path(handover)}/answer", state="closed", why="helped").status_code == 303
    assert (one(town, handover).state, one(town, handover).why) == ("closed", "helped")
    anna.get(path(handover))
    assert anna.post(f"{path(handover)}/answer", state="accepted").status_code == 409
    with town.store.read() as db:
        rows = db.all("SELECT who FROM audit WHERE action = 'referral opened'")
    assert [row["who"] for row in rows] == ["anna"]


def test_what_the_library_has_itself_is_no_partners_to_answer(
    app: Flask, staff: Staff, town: Town, homes: House, told: str, clock: time_machine.Traveller
) -> None:
    handover = to_the_library(town, homes)
    anna = staff("anna")
    anna.get(path(told))
    assert anna.post(f"{path(told)}/answer", state="accepted").status_code == 404
    overdue(app, town, clock)
    anna = staff_again(app, "anna")
    anna.get("/staff/board")
    assert anna.words.count("Ask a partner: no answer in time") == 2, "those of the two partners"
    assert "A partner refers a person to the library" in anna.words
    town.act(own_side.nobody_called, handover)
    anna.get("/staff/board")
    assert "The library has not called a person" in anna.words
    town.act(own_side.withdraw, handover)
    assert anna.get(f"{path(handover)}/content").status_code == 200
    assert "ZZMARKED" not in anna.words
    anna.get("/staff/board")
    assert "to the library" not in anna.words


def test_whom_a_partner_refers_and_staff_may_read_along_stands_on_its_board_until_somebody_has_read_it(
    staff: Staff, town: Town, advice: House, homes: House
) -> None:
    with town.app.app_context(), town.store.write() as db:
        sent = partner_side.refer_in(
            db,
            homes.member,
            town.sending(town.yes(advice), staff_may_read(), agreed_by="here"),
            branch=town.branch,
            at=town.at,
        )
    anna = staff("anna")
    anna.get("/staff/board")
    assert "A partner refers a person" in anna.words
    assert "ZZMARKED" not in anna.words
    handover = town.handover(sent, advice).id
    anna.get(path(handover))
    assert "Referred by Homes for All" in anna.words
    anna.get(f"{path(handover)}/content")
    assert "ZZMARKEDNAME" in anna.words
    anna.get("/staff/board")
    assert "A partner refers a person" not in anna.words
