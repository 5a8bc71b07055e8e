"""With code and PIN she sees at any screen what happened, and does what she wants about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kiosk import settings
from kiosk.forms import Choice
from kiosk.support.directory import records as records_of_services
from kiosk.support.referrals import changes, consents, partner_side, records
from kiosk.support.referrals.consents import Consent
from kiosk.support.referrals.partner_side import Note
from kiosk.support.referrals.sending import Sending
from kiosk.support.referrals.steps import NO_ANSWER, OUTCOMES, REASONS, TIME_OVER
from kiosk.support.status.looks import SAYS
from tests.support.telling.town import Partner, Town, answer, begin, look_up, mark, says, send, tell
from tests.support.town import STORY
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

Another = Callable[[], Visitor]


@pytest.fixture
def ticket(town: Town, money: str, another: Another) -> tuple[str, str]:
    """The code and the PIN of somebody who has told Citizens Advice her story at another screen."""
    return tell(another(), money)


def step(town: Town, partner: Partner, what: str, *about: str) -> None:
    """The partner does something with the first of its handovers."""
    steps: dict[str, Callable[..., Any]] = {
        "accept": partner_side.accept,
        "ask": partner_side.ask,
        "decline": partner_side.decline,
        "contacted": partner_side.contacted,
        "close": partner_side.close,
        "pass": partner_side.propose_passing,
    }
    handover = town.handovers(partner)[0]
    with town.app.app_context(), town.store.write() as db:
        steps[what](db, handover.id, partner.member, *about, town.at)


def notes(town: Town, partner: Partner) -> list[Note]:
    return town.opened(partner).notes


def with_mail(town: Town) -> None:
    """The library can send e-mail."""
    with town.store.write() as db:
        settings.change(db, "library", "", "smtp_host", "mail.example.org")
        settings.change(db, "library", "", "smtp_from", "library@example.org")


def news_yes(town: Town, code: str) -> Consent:
    """Her yes to neutral news."""
    with town.store.read() as db:
        given = consents.of_referral(db, records.by_reference(db, code).id)
    return next(each for each in given if each.purpose == "news")


# Code and PIN -----------------------------------------------------------------------------------------------


def test_code_and_pin_open_it_in_any_language(ticket: tuple[str, str], another: Another) -> None:
    for language in ("en", "ar", "pl"):
        visitor = another()
        look_up(visitor, *ticket, language=language)
        assert visitor.path == f"/{language}/status/all"


def test_a_wrong_pin_opens_nothing_and_is_shown_nowhere(ticket: tuple[str, str], visitor: Visitor) -> None:
    code, pin = ticket
    wrong = f"{(int(pin) + 1) % 10_000:04}"
    look_up(visitor, code, wrong)
    assert visitor.status == 422
    assert visitor.problem == "The code and the PIN do not fit. Check both."
    assert visitor.box == ""
    visitor.get("/en/status/all")
    assert visitor.path == "/en/status/"


def test_guessing_is_stopped_for_one_code_and_for_no_other(
    town: Town, money: str, ticket: tuple[str, str], another: Another
) -> None:
    code, pin = ticket
    hers = tell(another(), money)
    visitor = another()
    look_up(visitor, code, f"{(int(pin) + 1) % 10_000:04}")
    for _try in range(5):
        visitor.post("/en/status/pin", {"pin": f"{(int(pin) + 1) % 10_000:04}"})
    assert visitor.status == 429
    visitor.get("/en/status/pin")
    visitor.post("/en/status/pin", {"pin": pin})
    assert visitor.status == 429
    look_up(visitor, *hers)
    assert visitor.path == "/en/status/all"


def test_a_code_of_a_booking_looks_like_any_wrong_code_and_the_way_there_stands_on_the_page(
    visitor: Visitor,
) -> None:
    look_up(visitor, "K7M 2QX 9PDA", "1234")
    assert visitor.status == 422
    assert visitor.page.select("main a[href='/en/events/mine/']")
    visitor.get("/en/status/")
    assert visitor.page.select("main a[href='/en/events/mine/']")


def test_the_next_person_does_not_see_what_the_last_one_opened(
    ticket: tuple[str, str], visitor: Visitor
) -> None:
    look_up(visitor, *ticket)
    visitor.get("/en/status/")
    visitor.post("/en/status/")
    visitor.get("/en/status/all")
    assert visitor.path == "/en/status/"


@pytest.mark.parametrize(
    "page",
    [
        "all",
        "1",
        "1/back",
        "1/nobody",
        "1/answer",
        "1/pass",
        "1/pass/part",
        "1/pass/back",
        "staff",
        "news",
        "reach/reach",
        "reach/check",
    ],
)
def test_without_a_code_there_is_nothing_to_see(visitor: Visitor, page: str) -> None:
    visitor.get(f"/en/status/{page}")
    assert visitor.path == "/en/status/"


def test_a_number_that_is_not_hers_opens_nothing(ticket: tuple[str, str], visitor: Visitor) -> None:
    look_up(visitor, *ticket)
    for page in ("0", "2", "99", "2/back"):
        visitor.get(f"/en/status/{page}")
        assert visitor.path == "/en/status/all"


# What happened ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], "new"),
        ([("accept",)], "accepted"),
        ([("ask", "more")], "asking"),
        ([("decline", "full")], "declined"),
        ([("contacted",)], "contacted"),
        ([("contacted",), ("close", "helped")], "closed"),
    ],
)
def test_she_sees_what_each_partner_does_in_her_language(
    town: Town,
    advice: Partner,
    ticket: tuple[str, str],
    visitor: Visitor,
    language: str,
    steps: list[tuple[str, ...]],
    state: str,
) -> None:
    for each in steps:
        step(town, advice, *each)
    look_up(visitor, *ticket, language=language)
    visitor.get(f"/{language}/status/1")
    assert advice.name in visitor.words
    assert visitor.lang == language
    shown = visitor.page.select_one("h1 .say")
    assert shown is not None
    assert str(SAYS[state][1]) in shown.get_text()


@pytest.mark.parametrize("reason", [each.code for each in REASONS])
def test_she_sees_why_a_partner_said_no(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor, reason: str
) -> None:
    step(town, advice, "decline", reason)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1")
    assert str(next(each.label for each in REASONS if each.code == reason)) in visitor.words


@pytest.mark.parametrize("outcome", [each.code for each in OUTCOMES])
def test_she_sees_how_it_ended(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor, outcome: str
) -> None:
    step(town, advice, "contacted")
    step(town, advice, "close", outcome)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1")
    assert str(next(each.label for each in OUTCOMES if each.code == outcome)) in visitor.words


def test_nothing_that_she_told_stands_on_these_pages(ticket: tuple[str, str], visitor: Visitor) -> None:
    look_up(visitor, *ticket)
    for page in ("all", "1", "1/back"):
        visitor.get(f"/en/status/{page}")
        for told in ("Amina", "landlord", "900982", "debt", "amina@example.org"):
            assert told not in visitor.text, (page, told)


def test_a_partner_that_is_late_is_called_late(
    ticket: tuple[str, str], visitor: Visitor, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=4))
    look_up(visitor, *ticket)
    visitor.get("/en/status/1")
    assert "They are late. The library asks them." in visitor.words


def test_two_services_of_one_partner_are_told_apart_in_the_list(
    town: Town, advice: Partner, money: str, another: Another
) -> None:
    code, pin = tell(another(), money, town.service(advice, "Rent advice", "housing"))
    visitor = another()
    look_up(visitor, code, pin)
    visitor.get("/ar/status/all")
    names = [each.get_text() for each in visitor.page.select(".name bdi[lang=en]")]
    assert sorted(names) == ["Advice about money", advice.name, advice.name, "Rent advice"]


@pytest.mark.parametrize("page", ["1", "1/back"])
def test_she_sees_which_service_of_a_partner_it_was(
    advice: Partner, ticket: tuple[str, str], visitor: Visitor, page: str
) -> None:
    look_up(visitor, *ticket)
    visitor.get(f"/ar/status/{page}")
    names = [each.get_text() for each in visitor.page.select(".name bdi[lang=en]")]
    assert names == [advice.name, "Advice about money"]


def test_a_service_called_like_its_partner_is_named_once(
    town: Town, advice: Partner, another: Another
) -> None:
    ticket = tell(another(), town.service(advice, advice.name, "money"))
    visitor = another()
    look_up(visitor, *ticket)
    for page in ("all", "1", "1/back"):
        visitor.get(f"/en/status/{page}")
        assert [each.get_text() for each in visitor.page.select(".name bdi")] == [advice.name]


@pytest.mark.parametrize("ended", [NO_ANSWER, TIME_OVER])
def test_what_the_clock_ended_is_called_no_refusal(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor, ended: Choice
) -> None:
    with town.app.app_context(), town.store.write() as db:
        changes.move(db, town.handovers(advice)[0].id, "declined", changes.CLOCK, town.at, why=ended.code)
    look_up(visitor, *ticket)
    assert str(ended.label) in visitor.words
    visitor.get("/en/status/1")
    assert visitor.heading == str(ended.label)
    assert visitor.words.count(str(ended.label)) == 1
    assert "They said no." not in visitor.words
    assert visitor.page.select(".done-mark.plain")


def test_what_the_library_has_itself_its_staff_look_after(
    town: Town, advice: Partner, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    with town.store.read() as db:
        branch = db.value("SELECT id FROM branches")
    yes = consents.Choice(consents.LIBRARY, "", True, ("name",), "May Library get your story?", "1", "en",
                          special=("money",), method="partner")  # fmt: skip
    told = Sending("once", STORY, "en", (), agreed_by="here", to_library=yes)
    with town.app.app_context(), town.store.write() as db:
        sent = partner_side.refer_in(db, advice.member, told, branch=branch, at=town.at)
        pin = records.pin(records.referral(db, sent.id), town.service_key)
    clock.shift(timedelta(days=4))
    look_up(visitor, sent.reference, pin)
    assert len(visitor.page.select(".name bdi")) == 1, "it has no service"
    visitor.get("/en/status/1")
    assert "Staff of the library look after it." in visitor.words
    assert "The library asks them." not in visitor.words
    visitor.post("/en/status/1/nobody")
    assert visitor.words.count("Staff of the library look after it.") == 1
    assert "The library asks them." not in visitor.words
    assert not visitor.page.select("form[action$='/nobody']")


# What was wiped meanwhile -----------------------------------------------------------------------------------


def wipe(town: Town, partner: Partner) -> None:
    with town.store.write() as db:
        db.run("UPDATE referral_handovers SET sealed = NULL WHERE id = :id", id=town.handovers(partner)[0].id)


def test_nobody_asks_her_about_passing_on_what_is_wiped(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "pass", homes.id, rooms)
    wipe(town, advice)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1")
    assert not visitor.page.select("a[href$='/status/1/pass']")
    visitor.get("/en/status/1/pass")
    assert visitor.path == "/en/status/1"


@pytest.mark.parametrize("wiped", [True, False])
@pytest.mark.parametrize("state", ["asking", "passing"])
def test_she_can_say_that_nobody_called_whoever_has_to_do_something_next(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor,
    state: str, wiped: bool,
) -> None:  # fmt: skip
    step(town, advice, *(("ask", "when") if state == "asking" else ("pass", homes.id, rooms)))
    if wiped:
        wipe(town, advice)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1")
    assert visitor.page.select("form[action$='/nobody']")
    visitor.post("/en/status/1/nobody")
    assert town.handovers(advice)[0].nobody_called_at


# Taking back ------------------------------------------------------------------------------------------------


def test_what_is_taken_back_is_wiped_at_once_for_that_partner_alone(
    town: Town, advice: Partner, homes: Partner, money: str, rooms: str, another: Another
) -> None:
    ticket = tell(another(), money, rooms)
    visitor = another()
    look_up(visitor, *ticket)
    number = next(
        str(each["href"]).rsplit("/", 1)[1]
        for each in visitor.page.select(".happened a")
        if advice.name in each.get_text()
    )
    visitor.get(f"/en/status/{number}/back")
    no, yes = visitor.page.select(".equal .button")
    assert no["class"] == yes["class"]
    visitor.post(f"/en/status/{number}/back")
    assert visitor.heading == "You took it back. They cannot read it any more."
    (taken,) = town.handovers(advice)
    assert (taken.state, taken.sealed) == ("withdrawn", None)
    with town.store.read() as db:
        assert consents.find(db, taken.consent_id).withdrawn_at
    assert town.opened(advice).story is None
    assert town.opened(homes).story is not None
    visitor.post(f"/en/status/{number}/back")  # a second touch, or the same page in another tab
    assert visitor.path == f"/en/status/{number}"


def test_staff_read_it_no_more_when_she_says_so(
    town: Town, advice: Partner, money: str, another: Another
) -> None:
    visitor = another()
    begin(visitor, money)
    answer(visitor)
    says(visitor, True)
    says(visitor, True)
    ticket = send(visitor)
    later = another()
    look_up(later, *ticket)
    later.get("/en/status/staff")
    later.post("/en/status/staff")
    assert later.path == "/en/status/all"
    assert not later.page.select("a[href$='/status/staff']")
    (handover,) = town.handovers(advice)
    assert not handover.desk_reads
    assert town.opened(advice).story is not None


# Asking after it --------------------------------------------------------------------------------------------


def test_nobody_called_is_said_once(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "accept")
    look_up(visitor, *ticket)
    visitor.get("/en/status/1")
    for _touch in range(2):
        visitor.post("/en/status/1/nobody")
    assert "You told us that nobody called. The library asks them." in visitor.words
    assert not visitor.page.select("form[action$='/nobody']")
    (handover,) = town.handovers(advice)
    assert handover.nobody_called_at
    said = [each for each in town.opened(advice).steps if each.what == "nobody-called"]
    assert len(said) == 1
    step(town, advice, "decline", "full")
    visitor.get("/en/status/1")
    assert "The library asks them." not in visitor.words, "it is over"


@pytest.mark.parametrize(
    ("question", "fields", "text", "language"),
    [
        ("when", {"when": ["mornings", "evenings"]}, "Weekday mornings, Evenings", "en"),
        ("when", {"instead": "any"}, "Any time is good", "en"),
        ("language", {"spoken": "ti"}, "Tigrinya", "en"),
        ("come-in", {"comes": "no"}, "No, I cannot come", "en"),
        ("more", {"words": "نحن أربعة"}, "نحن أربعة", "ar"),
    ],
)
def test_she_answers_what_a_partner_asks(
    town: Town,
    advice: Partner,
    ticket: tuple[str, str],
    visitor: Visitor,
    question: str,
    fields: dict[str, Any],
    text: str,
    language: str,
) -> None:
    step(town, advice, "ask", question)
    look_up(visitor, *ticket, language="ar")
    visitor.get("/ar/status/1")
    visitor.get("/ar/status/1/answer")
    visitor.post("/ar/status/1/answer", fields)
    assert visitor.path == "/ar/status/1"
    (note,) = notes(town, advice)
    assert note.said == {"to": question, "text": text, "language": language}
    assert town.handovers(advice)[0].state != "asking"
    visitor.get("/ar/status/1/answer")
    assert visitor.path == "/ar/status/1"


def test_an_empty_answer_is_none_and_her_words_wait_while_she_looks_at_something_else(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "ask", "more")
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/answer")
    visitor.post("/en/status/1/answer", {"words": ""})
    assert visitor.status == 422
    visitor.post("/en/status/1/answer", {"words": "We are four", "aside": "back"})
    assert visitor.path == "/en/status/1"
    visitor.get("/en/status/1/answer")
    box = visitor.page.select_one("textarea")
    assert box is not None
    assert box.get_text() == "We are four"
    assert notes(town, advice) == []


def test_another_way_to_reach_her_goes_to_every_partner_that_still_has_her_story(
    town: Town, advice: Partner, homes: Partner, money: str, rooms: str, another: Another
) -> None:
    ticket = tell(another(), money, rooms)
    step(town, advice, "ask", "reach")
    step(town, homes, "decline", "full")
    visitor = another()
    look_up(visitor, *ticket)
    visitor.post("/en/status/reach")
    visitor.post("/en/status/reach/reach", {"reach": ["text"]})
    visitor.post("/en/status/reach/phone", {"phone": "07700 900111"})
    assert visitor.path == "/en/status/reach/safe"
    visitor.post("/en/status/reach/safe", {"safe": ["silent"]})
    assert visitor.path == "/en/status/reach/check"
    assert "From now on only this holds." in visitor.words
    assert visitor.page.find("bdi", string="07700 900111")
    assert "reach" not in {note.kind for note in notes(town, advice)}
    for _touch in range(2):
        visitor.post("/en/status/reach/check")
        assert visitor.path == "/en/status/all"
        assert "900111" not in visitor.text
    said = {note.kind: note.said for note in notes(town, advice)}
    assert said["reach"] == {
        "reach": [{"way": "text", "value": "+447700900111"}],
        "safety": {"voicemail": False, "silent": True, "times": []},
    }
    assert said["answer"]["to"] == "reach"
    assert town.handovers(advice)[0].state != "asking"
    assert notes(town, homes) == []
    visitor.get("/en/status/reach/safe")
    assert visitor.path == "/en/status/all"


def test_no_way_at_all_is_asked_again(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor
) -> None:
    look_up(visitor, *ticket)
    visitor.post("/en/status/reach")
    visitor.post("/en/status/reach/reach", {"reach": ["phone"]})
    visitor.post("/en/status/reach/phone", {"instead": "none"})
    assert visitor.path == "/en/status/reach/reach"
    assert notes(town, advice) == []


def test_she_can_be_reached_at_a_library_screen_only(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor
) -> None:
    look_up(visitor, *ticket)
    visitor.post("/en/status/reach")
    assert "From now on only this holds." in visitor.words
    visitor.post("/en/status/reach/reach", {"instead": "code"})
    assert visitor.path == "/en/status/reach/check"
    assert "I look at a library screen." in visitor.words
    visitor.post("/en/status/reach/check")
    assert "It is sent. From now on only this holds." in visitor.words
    (note,) = notes(town, advice)
    assert note.said["reach"] == []


def test_news_go_nowhere_once_she_no_longer_chose_such_a_way(
    town: Town, money: str, another: Another
) -> None:
    with_mail(town)
    code, pin = tell(another(), money)
    assert town.referral(code).news_way == "email"
    visitor = another()
    look_up(visitor, code, pin)
    visitor.post("/en/status/reach")
    visitor.post("/en/status/reach/reach", {"reach": ["come"]})
    visitor.post("/en/status/reach/check")
    referral = town.referral(code)
    assert (referral.news_way, referral.sealed_to) == ("", None)
    assert not news_yes(town, code).holds


def test_a_new_address_for_news_needs_a_yes_of_its_own(town: Town, money: str, another: Another) -> None:
    with_mail(town)
    for answer_now, way in (("no", ""), ("yes", "email")):
        code, pin = tell(another(), money, news={"news": "no"})
        visitor = another()
        look_up(visitor, code, pin)
        visitor.post("/en/status/reach")
        visitor.post("/en/status/reach/reach", {"reach": ["email"]})
        visitor.post("/en/status/reach/email", {"email": "new@example.org"})
        assert visitor.path == "/en/status/reach/news"
        visitor.post("/en/status/reach/news", {"news": answer_now})
        visitor.post("/en/status/reach/check")
        assert town.referral(code).news_way == way


def test_she_stops_the_news_at_any_screen(town: Town, money: str, another: Another) -> None:
    with_mail(town)
    code, pin = tell(another(), money)
    visitor = another()
    look_up(visitor, code, pin)
    visitor.post("/en/status/news")
    assert "We send you no more news." in visitor.words
    assert not visitor.page.select("form[action$='/status/news']")
    assert town.referral(code).sealed_to is None
    assert not news_yes(town, code).holds


# Passing on -------------------------------------------------------------------------------------------------


def test_nothing_is_passed_on_without_her_yes_and_then_only_what_she_left_in(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "pass", homes.id, rooms)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/pass")
    assert visitor.heading == f"May {homes.name} get your story?"
    assert f"{advice.name} asks you this." in visitor.words
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    assert "Amina" not in visitor.text
    says(visitor, True, without=("name", "own-words"))
    assert visitor.path == "/en/status/1"
    assert "You said yes. They send it on." in visitor.words
    (handover,) = town.handovers(advice)
    with town.app.app_context(), town.store.write() as db:
        partner_side.complete_passing(db, handover.id, advice.member, advice.key, town.at)
    story = town.opened(homes).story
    assert story is not None
    assert not {"name", "own-words"} & story.keys()
    assert story["urgent"] == "this-week"
    visitor.get("/en/status/all")
    assert homes.name in visitor.words


def test_a_no_to_another_partner_changes_nothing(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "pass", homes.id, rooms)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/pass")
    says(visitor, False)
    assert visitor.path == "/en/status/1"
    assert town.handovers(homes) == []
    (handover,) = town.handovers(advice)
    assert handover.state == "seen"
    visitor.get("/en/status/1/pass")
    assert visitor.path == "/en/status/1"


def test_she_can_say_no_to_a_partner_that_takes_nobody_any_more(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "pass", homes.id, rooms)
    with town.store.write() as db:
        records_of_services.set_capacity(db, rooms, "full", 0)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/pass")
    assert [str(each["value"]) for each in visitor.page.select("button[name=answer]")] == ["no"]
    visitor.get("/en/status/1/pass/part")
    assert visitor.path == "/en/status/1/pass"
    visitor.post(visitor.path, {"answer": "yes", "mark": mark(visitor)})
    assert visitor.status == 422
    says(visitor, False)
    assert visitor.path == "/en/status/1"
    assert town.handovers(advice)[0].state == "seen"


def test_a_yes_to_passing_on_is_taken_back_before_anything_was_sent(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "pass", homes.id, rooms)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/pass")
    says(visitor, True)
    assert visitor.page.select("a[href$='/status/1/pass/back']")
    visitor.get("/en/status/1/pass/back")
    assert homes.name in visitor.words
    for _touch in range(2):
        visitor.post("/en/status/1/pass/back")
        assert visitor.path == "/en/status/1"
    with town.store.read() as db:
        given = consents.of_referral(db, records.by_reference(db, ticket[0]).id)
    assert [each.holds for each in given if each.purpose == "passing-on"] == [False]
    assert town.handovers(advice)[0].state == "seen"
    assert town.handovers(homes) == []


def test_a_special_topic_needs_its_own_yes_for_the_other_partner_too(
    town: Town, advice: Partner, homes: Partner, rooms: str, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "pass", homes.id, rooms)
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/pass")
    visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    assert "I agree that they see this: Money, benefits or debt" in visitor.words
    says(visitor, True)
    with town.store.read() as db:
        referral = records.by_reference(db, ticket[0])
        passing = next(each for each in consents.of_referral(db, referral.id) if each.purpose == "passing-on")
    assert passing.special == ("money",)
    assert passing.recipient == homes.name


def test_what_the_partner_withdrew_meanwhile_is_not_answered(
    town: Town, advice: Partner, ticket: tuple[str, str], visitor: Visitor
) -> None:
    step(town, advice, "ask", "come-in")
    look_up(visitor, *ticket)
    visitor.get("/en/status/1/answer")
    step(town, advice, "decline", "full")
    visitor.post("/en/status/1/answer", {"comes": "yes"})
    assert visitor.path == "/en/status/1"
    assert visitor.heading == "They said no."


def test_these_pages_forget_sooner_than_others_and_can_be_left_at_once(
    ticket: tuple[str, str], visitor: Visitor
) -> None:
    look_up(visitor, *ticket)
    for page in ("", "all", "1", "1/back"):
        visitor.get(f"/en/status/{page}")
        assert 'data-idle="60"' in visitor.text
        assert visitor.page.select_one("form.leave")
        assert visitor.page.title is not None
        assert "Citizens" not in visitor.page.title.get_text()


def test_after_the_end_nothing_is_open_any_more(ticket: tuple[str, str], visitor: Visitor) -> None:
    look_up(visitor, *ticket)
    visitor.post("/en/finish")
    visitor.get("/en/status/all")
    assert visitor.path == "/en/status/"
