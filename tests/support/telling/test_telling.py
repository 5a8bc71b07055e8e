"""A story is told once; each partner gets what she said yes to, and nobody anything else."""

from __future__ import annotations

import re
from typing import Any

import pytest
import segno
from flask import Flask

from kiosk import settings
from kiosk.people import partners
from kiosk.store import Store
from kiosk.support.directory import saving
from kiosk.support.referrals import consents
from kiosk.support.referrals.consents import Consent
from kiosk.support.referrals.story import ITEM, ITEMS, SENSITIVE
from kiosk.support.telling import asking
from tests.support.telling.town import (
    TELLS,
    Partner,
    Town,
    answer,
    begin,
    look_up,
    mark,
    receipt,
    says,
    send,
    tell,
)
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

OPTIONAL = [each.code for each in ITEMS if not each.required]


def kept(town: Town, reference: str) -> list[Consent]:
    referral = town.referral(reference)
    with town.store.read() as db:
        return consents.of_referral(db, referral.id)


def rows(store: Store, table: str) -> int:
    counted = {
        "referrals": "SELECT COUNT(*) FROM referrals",
        "consents": "SELECT COUNT(*) FROM consents",
        "handovers": "SELECT COUNT(*) FROM referral_handovers",
    }
    with store.read() as db:
        return int(db.value(counted[table]))


# The way ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "pl", "ar", "uk", "ti", "zh-Hant-HK"])
def test_two_partners_get_their_parts_and_a_third_gets_nothing(
    town: Town, advice: Partner, homes: Partner, money: str, rooms: str, visitor: Visitor, language: str
) -> None:
    walks = town.partner("Walk and Talk")
    talk = town.service(walks, "Walking", "lonely", "housing")
    begin(visitor, money, rooms, talk, language=language)
    answer(visitor)
    says(visitor, True, without=("name",))
    says(visitor, True)
    says(visitor, False)
    says(visitor, False)  # staff of the library
    code, _pin = send(visitor)
    told, room = town.opened(advice).story, town.opened(homes).story
    assert told is not None
    assert room is not None
    assert "name" not in told
    assert room["name"] == "Amina"
    assert told["about"] == ["money", "housing"]
    assert room["about"] == ["housing"]
    assert room["own-words"] == {"text": "The landlord wants us to leave.", "language": language}
    assert town.handovers(walks) == []
    assert [each.yes for each in kept(town, code)].count(False) == 2


SAID_WHEN_FINDING = {
    "district": ("districts", '["IP1"]', "IP1"),
    "children": ("children", 1, "yes"),
    "work": ("work", '["looking"]', "looking"),
    "stay": ("stay", '["1-5"]', "1-5"),
}
"""What she says before she finds a service: the fact of a service that makes it ask her, and her answer."""


def finds(visitor: Visitor, town: Town, service: str, item: str) -> None:
    """She answers the one question that a service makes the screen ask."""
    column, fact, said = SAID_WHEN_FINDING[item]
    with town.store.write() as db:
        db.run(f"UPDATE services SET {column} = :fact WHERE id = :id", fact=fact, id=service)
    visitor.post("/en/support/needs", {"needs": ["money", "housing"]})
    assert visitor.path == f"/en/support/{item}"
    visitor.post(visitor.path, {item: said})


@pytest.mark.parametrize("item", OPTIONAL)
def test_what_is_taken_out_for_one_partner_is_there_for_the_other_alone(
    town: Town, advice: Partner, homes: Partner, money: str, rooms: str, visitor: Visitor, item: str
) -> None:
    town.service(advice, "For families", "housing")
    visitor.get("/en/support/before")
    visitor.post("/en/support/before")
    if item in SAID_WHEN_FINDING:
        finds(visitor, town, money, item)
    begin(visitor, money, rooms)
    answer(visitor, helps={"helps": ["other", "step-free"]}, helper={"helper": "Selam"})
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    there = [str(each["value"]) for each in visitor.page.select("input[name=item]")]
    assert item in there
    says(visitor, True, without=(item,), put_in=SENSITIVE)
    says(visitor, True, put_in=SENSITIVE)
    says(visitor, False)
    code, _pin = send(visitor)
    without, whole = town.opened(advice).story, town.opened(homes).story
    assert without is not None
    assert whole is not None
    assert item not in without
    assert item in whole
    assert {each.recipient: item in each.items for each in kept(town, code) if each.yes} == {
        advice.name: False,
        homes.name: True,
    }


def test_what_tells_of_her_health_or_papers_goes_only_where_she_puts_it_in(
    town: Town, advice: Partner, homes: Partner, money: str, rooms: str, visitor: Visitor
) -> None:
    begin(visitor, money, rooms)
    answer(visitor, helps={"helps": ["step-free"]})
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    box = visitor.page.select_one("input[name=item][value=access]")
    assert box
    assert not box.has_attr("checked")
    says(visitor, True)
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    says(visitor, True, put_in=("access",))
    says(visitor, False)
    send(visitor)
    without, with_it = town.opened(advice).story, town.opened(homes).story
    assert without is not None
    assert with_it is not None
    assert "access" not in without
    assert with_it["access"] == ["step-free"]


def test_she_sees_exactly_what_is_sent(town: Town, advice: Partner, money: str, visitor: Visitor) -> None:
    begin(visitor, money, language="ar")
    answer(visitor)
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    shown = len(visitor.page.select(".sent > li"))
    for typed in ("The landlord wants us to leave.", "07700 900982", "amina@example.org", "Amina"):
        assert visitor.page.find("bdi", string=typed), typed
    says(visitor, True, put_in=SENSITIVE)
    says(visitor, False)
    send(visitor)
    story = town.opened(advice).story
    assert story is not None
    assert len(story) == shown


def test_what_every_partner_needs_cannot_be_taken_out(money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor)
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    offered = {str(each["value"]) for each in visitor.page.select("input[name=item]")}
    assert offered
    assert not any(ITEM[item].required for item in offered)


def test_the_whole_way_is_twelve_questions_at_most(money: str, visitor: Visitor) -> None:
    """Boxes for how to reach her belong to one question, and so does the language of an interpreter."""
    begin(visitor, money)
    one_question = {"agrees": "filled-by", "phone": "reach", "email": "reach", "spoken": "helps"}
    asked: set[str] = set()
    for _page in range(40):
        found = re.fullmatch(r"/en/support/tell/([a-z0-9-]+)", visitor.path)
        if not found:
            break
        asked.add(one_question.get(found[1], found[1]))
        visitor.post(visitor.path, TELLS[found[1]])
    assert "name" in asked
    assert len({each for each in asked if not each.startswith("special")}) <= 12


# Yes and no -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar", "zh-Hant-HK"])
def test_a_consent_keeps_the_words_that_stood_on_the_screen(
    town: Town, advice: Partner, money: str, visitor: Visitor, language: str
) -> None:
    begin(visitor, money, language=language)
    answer(visitor)
    heading = visitor.heading
    shown = [each.get_text() for each in visitor.page.select(".pairs .own, .hint .own")]
    says(visitor, True)
    says(visitor, False)
    code, _pin = send(visitor)
    yes = next(each for each in kept(town, code) if each.yes)
    assert yes.wording.splitlines()[0] == heading
    assert all(line in yes.wording for line in shown)
    assert yes.wording_hash == consents.hash_of(yes.wording)
    assert (yes.language, yes.recipient, yes.method) == (language, advice.name, "touch")
    assert (yes.filled_by, yes.agreed_by) == ("self", "self")
    assert yes.kiosk_id
    assert "Amina" not in yes.wording
    assert "landlord" not in yes.wording


def test_a_special_topic_stands_in_the_words_of_the_yes(town: Town, money: str, visitor: Visitor) -> None:
    code, _pin = tell(visitor, money)
    yes = next(each for each in kept(town, code) if each.yes)
    assert yes.special == ("money",)
    assert "I agree that they see this: Money, benefits or debt" in yes.wording


def test_a_topic_she_says_no_to_is_told_to_nobody(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    tell(visitor, money, special_1={"may_tell": "no"})
    story = town.opened(advice).story
    assert story is not None
    assert story["about"] == ["housing"]


def test_a_partner_that_helps_with_nothing_else_is_not_asked(
    town: Town, homes: Partner, rooms: str, visitor: Visitor
) -> None:
    health = town.partner("Health and Wellbeing")
    walk = town.service(health, "A walk", "health")
    begin(visitor, rooms, walk)
    answer(visitor, about={"about": ["housing", "health"]}, special_3={"may_tell": "no"})
    assert homes.name in visitor.words
    says(visitor, True)
    says(visitor, False)
    assert visitor.path == "/en/support/tell/check"
    assert health.name not in visitor.words


def test_with_nothing_left_to_tell_nothing_is_sent(town: Town, visitor: Visitor) -> None:
    health = town.partner("Health and Wellbeing")
    begin(visitor, town.service(health, "A walk", "health"))
    answer(visitor, special_3={"may_tell": "no"})
    assert visitor.path == "/en/support/tell/stop"
    assert rows(town.store, "referrals") == 0


def test_a_no_to_all_leaves_nothing(town: Town, money: str, rooms: str, visitor: Visitor) -> None:
    begin(visitor, money, rooms)
    answer(visitor)
    says(visitor, False)
    says(visitor, False)
    assert visitor.path == "/en/support/tell/check"
    assert not visitor.page.select("form[action$='/tell/send']")
    visitor.post("/en/support/tell/send", {"key": "0" * 32})
    assert [rows(town.store, table) for table in ("referrals", "consents", "handovers")] == [0, 0, 0]


def test_yes_and_no_are_the_same_button(money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor)
    for _page in range(2):
        no, other = visitor.page.select(".equal button")
        assert no["class"] == other["class"]
        if other["value"] == "more":
            visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})


def test_a_yes_is_said_only_where_all_is_seen(town: Town, money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor)
    visitor.post(visitor.path, {"answer": "yes", "mark": mark(visitor)})
    assert visitor.status == 422
    assert visitor.problem == "Touch yes or no."


def test_she_is_asked_again_when_what_she_said_yes_to_has_changed(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    begin(visitor, money)
    answer(visitor)
    says(visitor, True)
    says(visitor, False)
    assert visitor.path == "/en/support/tell/check"
    visitor.get("/en/support/tell/name")
    visitor.post("/en/support/tell/name", {"name": "Selam"})
    assert visitor.path == "/en/support/tell/partner/1"


def test_she_sees_the_words_again_when_they_have_changed_meanwhile(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    begin(visitor, money)
    answer(visitor)
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    with town.store.write() as db:
        partners.change(
            db, town.service_key, advice.member, advice.id, email="", who_reads="volunteers", kept_months=24,
            pick_up_days=None,
        )  # fmt: skip
    visitor.post(visitor.path, {"answer": "yes", "mark": mark(visitor)})
    assert visitor.path == "/en/support/tell/partner/1"
    assert "Their staff and volunteers" in visitor.words
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    assert "24 months" in visitor.words


def test_the_version_of_the_words_does_not_depend_on_the_language(
    town: Town, money: str, another: Any
) -> None:
    versions = set()
    for language in ("en", "ar"):
        visitor = another()
        code, _pin = tell(visitor, money, language=language)
        versions |= {each.version for each in kept(town, code) if each.yes}
    assert len(versions) == 1


def test_staff_read_along_only_with_her_yes(town: Town, money: str, advice: Partner, another: Any) -> None:
    for yes in (True, False):
        visitor = another()
        begin(visitor, money)
        answer(visitor)
        says(visitor, True)
        assert visitor.heading == f"May staff of {town.settings.library_name} read it too?"
        says(visitor, yes)
        send(visitor)
    assert sorted(each.desk_reads for each in town.handovers(advice)) == [False, True]


def test_two_services_of_one_partner_are_two_questions(town: Town, advice: Partner, visitor: Visitor) -> None:
    begin(visitor, town.service(advice, "Rent", "housing"), town.service(advice, "Beds", "housing"))
    answer(visitor)
    marks = {mark(visitor)}
    visitor.get("/en/support/tell/partner/2")
    marks.add(mark(visitor))
    assert len(marks) == 2
    visitor.get("/en/support/tell/partner/1")
    says(visitor, True)
    says(visitor, False)
    says(visitor, False)
    code, _pin = send(visitor)
    wordings = {each.service: each.wording for each in kept(town, code) if each.service}
    assert "Rent" in wordings["Rent"]
    assert "Beds" in wordings["Beds"]


def test_she_reads_what_else_they_see_who_keeps_the_proof_and_whom_to_ask(
    town: Town, money: str, visitor: Visitor
) -> None:
    begin(visitor, money)
    answer(visitor)
    for says_so in ("Who reads it there: ask them.", "They see only what you leave in."):
        assert says_so in visitor.words
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    for says_so in (
        "They also see your language, the library, the day, and who filled this in.",
        f"We keep your yes or no, and the service, for {town.settings.consent_kept_months} months.",
    ):
        assert says_so in visitor.words


def test_staff_reading_along_see_special_topics_with_an_express_yes_only(
    town: Town, money: str, visitor: Visitor
) -> None:
    begin(visitor, money)
    answer(visitor)
    says(visitor, True)
    assert "I agree that they see this: Money, benefits or debt" in visitor.words
    says(visitor, True)
    code, _pin = send(visitor)
    (along,) = [each for each in kept(town, code) if each.purpose == "staff-may-read"]
    assert along.special == ("money",)
    assert town.settings.library_name in along.wording


@pytest.mark.parametrize("answered", ["yes", "no"])
def test_news_need_a_yes_of_their_own(town: Town, money: str, visitor: Visitor, answered: str) -> None:
    with town.store.write() as db:
        settings.change(db, "library", "", "smtp_host", "mail.example.org")
        settings.change(db, "library", "", "smtp_from", "library@example.org")
    begin(visitor, money)
    answer(visitor, news={"news": ""})
    assert visitor.path == "/en/support/tell/news"
    yes, no = visitor.page.select("button[name=news]")
    assert yes["class"] == no["class"]
    shown = visitor.words
    visitor.post(visitor.path, {"news": answered})
    answer(visitor)
    while "/partner/" in visitor.path:
        says(visitor, bool(visitor.page.select("button[value=more]")))
    code, _pin = send(visitor)
    (news,) = [each for each in kept(town, code) if each.purpose == "news"]
    assert news.yes == (answered == "yes")
    assert all(line in shown for line in news.wording.splitlines())
    assert town.referral(code).news_way == ("email" if news.yes else "")


# Another choice of services ---------------------------------------------------------------------------------


def test_another_choice_of_services_loses_no_answer(
    town: Town, advice: Partner, homes: Partner, money: str, rooms: str, visitor: Visitor
) -> None:
    begin(visitor, money)
    answer(visitor)
    says(visitor, True, without=("name",))
    begin(visitor, rooms, money)
    assert visitor.path == "/en/support/tell/partner/1"
    assert homes.name in visitor.words
    says(visitor, True)
    says(visitor, False)  # staff of the library; her yes to the other one holds
    send(visitor)
    first, second = town.opened(advice).story, town.opened(homes).story
    assert first is not None
    assert second is not None
    assert "name" not in first
    assert second["own-words"]["text"] == "The landlord wants us to leave."


def test_a_service_with_a_new_need_asks_again_what_it_is_about(
    town: Town, advice: Partner, rooms: str, visitor: Visitor
) -> None:
    begin(visitor, rooms)
    answer(visitor)
    begin(visitor, rooms, town.service(advice, "Courses", "learning"))
    assert visitor.path == "/en/support/tell/about"
    touched = [str(each["value"]) for each in visitor.page.select("input[name=about][checked]")]
    assert touched == ["housing"]


def test_more_services_than_one_story_goes_to_are_refused_with_a_word(town: Town, visitor: Visitor) -> None:
    services = [town.service(town.partner(f"House {each}"), f"Rooms {each}", "housing") for each in "ABCDEFG"]
    visitor.get("/en/support/all")
    visitor.post("/en/support/all", {"need": "housing"})
    visitor.post("/en/support/choose", {"list": "listed", "shown": "1", "service": services, "tell": "yes"})
    assert visitor.path == "/en/support/listed"
    assert visitor.problem == "You can choose six services at most."
    begin(visitor, *services)
    assert visitor.heading == "You can choose six services at most."
    begin(visitor, *services[:6])
    assert visitor.path == "/en/support/tell/filled-by"


def test_an_answer_that_comes_later_is_in_until_she_takes_it_out(money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor, name={"instead": "skip"})
    says(visitor, True, without=("tried",))
    visitor.get("/en/support/tell/name")
    visitor.post("/en/support/tell/name", {"name": "Amina"})
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    ticked = {str(each["value"]) for each in visitor.page.select("input[name=item][checked]")}
    assert "name" in ticked
    assert "tried" not in ticked


def test_own_words_and_her_interpreter_keep_the_language_they_were_told_in(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    begin(visitor, money, language="ar")
    answer(visitor, helps={"helps": ["mine"]})
    visitor.get(visitor.path.replace("/ar/", "/en/"))
    visitor.get("/en/support/tell/words")
    visitor.post("/en/support/tell/words", TELLS["words"])
    while "/partner/" in visitor.path:
        says(visitor, bool(visitor.page.select("button[value=more]")))
    send(visitor)
    story = town.opened(advice).story
    assert story is not None
    assert story["own-words"]["language"] == "ar"
    assert story["interpreter"] == "ar"


# How to reach her -------------------------------------------------------------------------------------------


def test_without_a_word_nobody_leaves_a_voicemail(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    tell(visitor, money, reach={"reach": ["phone"]}, safe={"instead": "any"})
    story = town.opened(advice).story
    assert story is not None
    assert story["safety"] == {"voicemail": False, "silent": False, "times": []}


def test_who_can_be_reached_in_no_way_looks_at_a_screen(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    code, pin = tell(visitor, money, reach={"instead": "code"})
    story = town.opened(advice).story
    assert story is not None
    assert story["reach"] == []
    assert story["safety"] == {"voicemail": None, "silent": False, "times": []}
    look_up(visitor, code, pin)
    assert visitor.path == "/en/status/all"


def test_a_way_without_its_number_is_no_way(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    tell(visitor, money, reach={"reach": ["phone", "library"]}, phone={"instead": "none"})
    story = town.opened(advice).story
    assert story is not None
    assert story["reach"] == [{"way": "library"}]


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([{"way": "text", "value": "+447700900982"}, {"way": "email", "value": "a@b.org"}], "email"),
        ([{"way": "phone", "value": "+447700900982"}], ""),
        ([], ""),
    ],
)
def test_news_goes_only_where_she_said_that_it_is_safe(
    app: Flask, ways: list[dict[str, str]], expected: str
) -> None:
    chosen = settings.Settings(smtp_host="mail.example.org", smtp_from="library@example.org")
    with app.app_context():
        assert asking.news(ways, chosen)[0] == expected
        assert asking.news(ways, settings.Settings()) == ("", "")


@pytest.mark.parametrize(
    ("helps", "interpreter", "access"),
    [
        (["mine"], "ar", None),
        (["other", "step-free"], "uk", ["step-free"]),
        (["sign-language"], "bsl", ["sign-language"]),
        (["large-print"], None, ["large-print"]),
    ],
)
def test_her_interpreter(
    town: Town,
    advice: Partner,
    money: str,
    visitor: Visitor,
    helps: list[str],
    interpreter: str | None,
    access: list[str] | None,
) -> None:
    tell(visitor, money, language="ar", helps={"helps": helps}, spoken={"spoken": "uk"})
    story = town.opened(advice).story
    assert story is not None
    assert story.get("interpreter") == interpreter
    assert story.get("access") == access


def test_two_interpreters_are_one_too_many(money: str, visitor: Visitor) -> None:
    begin(visitor, money, language="ar")
    answer(visitor, helps={"helps": ["mine", "other"]})
    assert visitor.path == "/ar/support/tell/helps"
    assert visitor.status == 422


# Who tells --------------------------------------------------------------------------------------------------


def test_who_is_under_sixteen_is_led_to_a_person(town: Town, money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor, age={"age": "under16"})
    assert visitor.path == "/en/support/tell/young"
    visitor.get("/en/support/tell/name")
    visitor.get("/en/support/tell/partner/1")
    assert visitor.path == "/en/support/tell/young"
    visitor.get("/en/support/tell/check")
    assert visitor.path == "/en/support/tell/young"


@pytest.mark.parametrize("who", ["helper", "family", "staff"])
def test_who_fills_it_in_for_another_is_written_down_with_her_own_yes(
    town: Town, money: str, visitor: Visitor, who: str
) -> None:
    begin(visitor, money)
    answer(visitor, filled_by={"filled_by": who})
    asks_herself = "The person who needs help touches this."
    while "/partner/" in visitor.path:
        assert asks_herself in visitor.words
        if visitor.page.select("button[value=more]"):
            visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
            assert asks_herself in visitor.words
            says(visitor, True)
        else:
            says(visitor, False)
    assert asks_herself in visitor.words
    code, _pin = send(visitor)
    referral = town.referral(code)
    assert (referral.filled_by, referral.agreed_by) == (who, "here")
    assert {(each.filled_by, each.agreed_by, each.method) for each in kept(town, code)} == {
        (who, "here", "helped")
    }


def test_who_said_when_finding_that_she_is_under_sixteen_can_change_it_there(
    town: Town, money: str, visitor: Visitor
) -> None:
    with town.store.write() as db:
        saving.set_facts(db, money, {"min_age": 18}, "amina")
    visitor.get("/en/support/before")
    visitor.post("/en/support/before")
    visitor.post("/en/support/needs", {"needs": ["housing"]})
    visitor.post("/en/support/age", {"age": "under16"})
    begin(visitor, money)
    assert visitor.path == "/en/support/tell/young"
    assert visitor.page.select("main a[href='/en/support/age']")
    visitor.get("/en/support/age")
    visitor.post("/en/support/age", {"age": "25-59"})
    begin(visitor, money)
    assert visitor.path == "/en/support/tell/filled-by"


def test_nobody_goes_on_for_somebody_who_does_not_agree(money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor, filled_by={"filled_by": "helper"}, agrees={"agrees": "no"})
    assert visitor.path == "/en/support/tell/stop"
    visitor.get("/en/support/tell/partner/1")
    assert visitor.path == "/en/support/tell/stop"


def test_she_is_not_asked_twice_what_she_said_when_finding(
    town: Town, advice: Partner, money: str, visitor: Visitor
) -> None:
    visitor.get("/en/support/before")
    visitor.post("/en/support/before")
    visitor.post("/en/support/needs", {"needs": ["housing"]})
    begin(visitor, money)
    visitor.post(visitor.path, TELLS["filled-by"])
    assert visitor.path != "/en/support/tell/about"
    answer(visitor)
    says(visitor, True)
    says(visitor, False)
    send(visitor)
    story = town.opened(advice).story
    assert story is not None
    assert story["about"] == ["housing"]


# Sending once -----------------------------------------------------------------------------------------------


def test_a_double_tap_is_one_story(town: Town, advice: Partner, money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    answer(visitor)
    says(visitor, True)
    says(visitor, False)
    key = visitor.key
    code, pin = send(visitor)
    visitor.post("/en/support/tell/send", {"key": key, "seen": ""})
    assert receipt(visitor) == (code, pin)
    assert len(town.handovers(advice)) == 1


def test_the_answers_are_gone_after_sending_and_the_receipt_is_gone_after_the_end(
    money: str, visitor: Visitor
) -> None:
    tell(visitor, money)
    visitor.get("/en/support/tell/name")
    assert visitor.path == "/en/support/tell/receipt"
    visitor.post("/en/finish")
    visitor.get("/en/support/tell/receipt")
    assert visitor.path == "/en/support/"


def test_the_next_person_gets_no_receipt_of_the_last(money: str, rooms: str, visitor: Visitor) -> None:
    tell(visitor, money)
    begin(visitor, rooms)
    visitor.get("/en/support/tell/receipt")
    assert visitor.path != "/en/support/tell/receipt"


def test_leave_now_ends_it_and_leads_to_something_harmless(town: Town, money: str, visitor: Visitor) -> None:
    begin(visitor, money, language="ar")
    answer(visitor)
    leave = visitor.page.select_one("form.leave")
    assert leave is not None
    visitor.post(str(leave["action"]), {"leave": "now"})
    assert visitor.path == "/en/events/"
    visitor.get("/ar/support/tell/name")
    assert visitor.path == "/ar/support/"
    assert rows(town.store, "referrals") == 0


def test_when_a_screen_has_sent_too_much_nothing_is_lost(town: Town, money: str, another: Any) -> None:
    with town.store.write() as db:
        settings.change(db, "library", "", "referrals_an_hour", 1)
    tell(another(), money)
    late = another()
    begin(late, money)
    answer(late)
    says(late, True)
    says(late, False)
    seen = str(late.page.select_one("input[name=seen]")["value"])
    late.post("/en/support/tell/send", {"key": late.key, "seen": seen})
    assert late.status == 429
    late.get("/en/support/tell/check")
    assert late.path == "/en/support/tell/check"


def test_a_partner_that_has_ended_meanwhile_gets_nothing_and_she_is_told(
    town: Town, advice: Partner, money: str, rooms: str, visitor: Visitor
) -> None:
    begin(visitor, money, rooms)
    answer(visitor)
    for _each in range(2):
        says(visitor, True)
    says(visitor, False)
    seen = str(visitor.page.select_one("input[name=seen]")["value"])  # type: ignore[index]
    with town.store.write() as db:
        partners.end(db, town.service_key, advice.member, advice.id)
    visitor.post("/en/support/tell/send", {"key": visitor.key, "seen": seen})
    assert visitor.path == "/en/support/tell/check"
    assert advice.name not in visitor.words
    assert "Somebody cannot take it just now, and gets nothing." in visitor.words
    send(visitor)
    assert town.handovers(advice) == []


def test_a_service_that_nobody_can_open_takes_no_story(town: Town, visitor: Visitor) -> None:
    begin(visitor, town.service(None, "By phone only", "housing"))
    assert visitor.heading == "We cannot send a story there. Ask a person here."
    begin(visitor, "no such service")
    assert visitor.heading == "We cannot send a story there. Ask a person here."


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("words", {"words": "ä" * 501}),
        ("phone", {"phone": "12"}),
        ("email", {"email": "amina at home"}),
        ("letter", {"letter": ""}),
        ("name", {"name": "..."}),
        ("reach", {"reach": []}),
        ("urgent", {"urgent": "never"}),
        ("special-1", {"may_tell": ""}),
    ],
)
def test_a_wrong_answer_stays_where_it_is(
    money: str, visitor: Visitor, page: str, fields: dict[str, Any]
) -> None:
    begin(visitor, money)
    answer(visitor, **{page.replace("-", "_"): fields, "reach": TELLS["reach"] if page != "reach" else fields}
           | ({"reach": {"reach": ["letter"]}} if page == "letter" else {}))  # fmt: skip
    assert visitor.path == f"/en/support/tell/{page}"
    assert visitor.status == 422
    assert visitor.problem


# Nothing gives it away --------------------------------------------------------------------------------------


def test_no_title_and_no_address_says_what_it_is_about(town: Town, advice: Partner, visitor: Visitor) -> None:
    health = town.partner("Debt and Health Trust")
    walk = town.service(health, "A walk", "health", "money")
    begin(visitor, walk, language="en")
    telling = re.compile(r"health|debt|money|trust|amina|landlord|900982", re.IGNORECASE)
    for _page in range(40):
        assert visitor.page.title is not None
        assert not telling.search(visitor.page.title.get_text()), visitor.path
        assert not telling.search(visitor.path)
        found = re.fullmatch(r"/en/support/tell/([a-z0-9-]+)", visitor.path)
        if found and found[1] in TELLS:
            said = {"about": ["health", "money"]} if found[1] == "about" else TELLS[found[1]]
            visitor.post(visitor.path, said)
        elif "/partner/" in visitor.path:
            says(visitor, bool(visitor.page.select("button[value=more]")))
        else:
            break
    send(visitor)
    assert visitor.page.title is not None
    assert visitor.page.title.get_text() == "Library information"


def test_the_picture_on_the_receipt_is_the_code_and_nothing_else(money: str, visitor: Visitor) -> None:
    code, _pin = tell(visitor, money)
    drawn = segno.make(code, error="m", micro=False).svg_inline(border=4, omitsize=True)
    path = re.search(r' d="([^"]+)"', drawn)
    assert path
    assert path[1] in visitor.text


def test_these_pages_forget_sooner_than_others(money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    assert 'data-idle="60"' in visitor.text
    assert 'data-countdown="30"' in visitor.text
    answer(visitor)
    assert 'data-idle="60"' in visitor.text


def test_what_she_wrote_lies_nowhere_in_the_open(app: Flask, money: str, visitor: Visitor) -> None:
    tell(visitor, money, words={"words": "Marmalade zeppelin"}, name={"name": "Quixotina"})
    app.extensions["store"].close()
    for file in sorted(app.extensions["store"].path.parent.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            assert b"Marmalade" not in content, file.name
            assert b"Quixotina" not in content, file.name


def test_every_page_waits_for_its_turn(money: str, visitor: Visitor) -> None:
    for page in ("name", "partner/1", "partner/1/part", "check", "send", "receipt", "young", "stop"):
        visitor.get(f"/en/support/tell/{page}")
        assert visitor.path == "/en/support/", page
    begin(visitor, money)
    for page in ("partner/1", "partner/1/part", "partner/9", "check", "send"):
        visitor.get(f"/en/support/tell/{page}")
        assert visitor.path == "/en/support/tell/filled-by", page


def test_every_word_of_a_consent_has_its_gaps_filled(town: Town, money: str, visitor: Visitor) -> None:
    code, _pin = tell(visitor, money)
    assert not any("%(" in each.wording for each in kept(town, code))


def test_words_are_kept_in_the_language_that_was_read(town: Town, money: str, visitor: Visitor) -> None:
    """A page that is shown in English only keeps the English words."""
    begin(visitor, money, language="pl")
    answer(visitor)
    visitor.post("/pl/display", {"change": "english", "value": "only", "from": visitor.path})
    says(visitor, True)
    says(visitor, False)
    code, _pin = send(visitor)
    yes = next(each for each in kept(town, code) if each.yes)
    assert yes.language == "en"
    assert town.referral(code).language == "pl"
    assert yes.wording.startswith("May Citizens Advice Ipswich get your story?")
