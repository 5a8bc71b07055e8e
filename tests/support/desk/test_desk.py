"""What staff see and do about referrals: states without content, the chase, partners, numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from kiosk.people import partners
from kiosk.support import finding
from kiosk.support.referrals import clock as referrals_clock
from kiosk.support.referrals import own_side, partner_side, records, reports
from kiosk.support.referrals.consents import LIBRARY, Choice, find
from kiosk.support.referrals.records import Handover
from tests.staff.conftest import Browser
from tests.support.partner.conftest import signed_in
from tests.support.town import OWN_PASSWORD, House, Town
from tests.visitor import MORNING, PASSWORD

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
        express=["money", "papers", "health"],
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


def test_that_nobody_called_stands_on_the_board_at_once(told: str, staff: Staff, town: Town) -> None:
    town.act(own_side.nobody_called, told)
    anna = staff("anna")
    anna.get("/staff/board")
    assert "Ask a partner: nobody has called" in anna.words


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


def test_small_numbers_are_not_told(town: Town, advice: House, homes: House, staff: Staff) -> None:
    for number in range(5):
        sent = town.send(town.yes(advice), *([town.yes(homes)] if number < 2 else []))
        town.act(partner_side.decline, town.handover(sent, advice).id, advice.member, "full")
    with town.store.write() as db:
        for need, times in (("artist", 4), ("papers", 6)):
            for _time in range(times):
                finding.count_gap(db, town.branch, need, "ar", MORNING.date())
    anna = staff("anna")
    anna.get("/staff/support/reports")
    rows = {
        row.th.get_text(strip=True): row.get_text(" ", strip=True)
        for row in anna.page.select("tbody tr")
        if row.th
    }
    assert rows["Citizens Advice"].startswith("Citizens Advice 5 5 0 0 0 5")
    assert rows["Homes for All"].startswith("Homes for All 1 to 4")
    assert rows["Papers to stay in the UK"].endswith("Arabic 6")
    assert rows["Show or sell my art"].endswith("1 to 4")
    assert "They have no free place now." in anna.words
    ned = staff_again(town.app, "ned")
    ned.get("/staff/support/reports")
    assert "Nothing was sent in this time." in ned.words
    assert reports.FEWEST == 5


@pytest.mark.parametrize("query", ["months=7&branch=nowhere", "months=x", "months=24"])
def test_a_report_of_any_time_can_be_asked_for(staff: Staff, query: str) -> None:
    assert staff("manager").get(f"/staff/support/reports?{query}").status_code == 200


def test_whom_a_partner_refers_to_the_library_stands_on_its_board_until_somebody_has_read_it(
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
