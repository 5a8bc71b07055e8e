"""What a resident sees of help: two touches, the truth about waiting, and nothing of anybody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import languages
from kiosk.help import records, states, talk
from kiosk.help.records import Request
from kiosk.languages import id_of_sound
from tests.help.conftest import Town
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

TAGS = [language.tag for language in languages.complete()]
KEY = re.compile(r'name="key" value="([^"]*)"')
SEEN = re.compile(r'data-seen="([^"]*)"')


def moment() -> datetime:
    """Where the clock of the test stands."""
    return datetime.now(UTC)


def ask(visitor: Visitor, topic: str = "letter", way: str = "here", tag: str = "en") -> None:
    """The touches from Help to the page that waits."""
    visitor.get(f"/{tag}/help/how/{topic}")
    visitor.post(f"/{tag}/help/send", {"topic": topic, "way": way, "key": key(visitor), "from": ""})
    assert visitor.path == f"/{tag}/help/waiting"


def ask_quietly(visitor: Visitor, whom: str = "woman") -> None:
    visitor.get("/en/help/")
    visitor.post("/en/help/private")
    visitor.post("/en/help/send", {"topic": "unsafe", "way": "here", "whom": whom, "key": key(visitor)})
    assert visitor.path == "/en/help/waiting"


def key(visitor: Visitor) -> str:
    found = KEY.search(visitor.text)
    assert found, f"nothing can be sent on {visitor.path}"
    return found[1]


def everything(town: Town) -> list[Request]:
    with town.store.read() as db:
        rows = db.all("SELECT id FROM help_requests ORDER BY created_at, number")
        return [records.find(db, row["id"]) for row in rows]


def only(town: Town) -> Request:
    (request,) = everything(town)
    return request


def can_touch(visitor: Visitor) -> str:
    """The words of the buttons of a request."""
    return " ".join(" ".join(tag.get_text(" ").split()) for tag in visitor.page.select(".acts .button"))


# Help is everywhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_every_page_of_help_is_sound_in_every_language(town: Town, visitor: Visitor, tag: str) -> None:
    """The visitor looks at each page."""
    for path in ("", "how/letter", "how/support", "time/card", "urgent", "number", "board"):
        visitor.get(f"/{tag}/help/{path}")
        assert visitor.status == 200, path
        assert visitor.lang == tag
    ask(visitor, tag=tag)
    town.do(records.take, only(town), town.amina, 3, moment())
    town.do(talk.say, only(town), "interpreter-rings", {"time": "14:30"}, town.amina, moment())
    for path in ("waiting", "wants", "interpreter", "interpreter?page=2", "name", "card", "urgent"):
        visitor.get(f"/{tag}/help/{path}")
        assert (visitor.status, visitor.lang) == (200, tag), path
    visitor.post(f"/{tag}/help/private")
    assert visitor.path == f"/{tag}/help/private"


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/en/join/", "/en/events/", "/en/events/search", "/en/nowhere"]
)
def test_help_is_on_every_screen_as_the_first_tool(visitor: Visitor, path: str) -> None:
    visitor.get(path)
    first = visitor.page.select_one(".tools > *")
    assert first is not None
    assert "help" in (first.get("class") or [])
    assert first.get_text(strip=True) == "Help"


def test_before_a_language_is_chosen_help_asks_for_that_first(visitor: Visitor) -> None:
    visitor.get("/")
    visitor.get(str(visitor.page.select_one(".tools .help")["href"]))  # type: ignore[index]
    assert visitor.heading == "Choose your language"
    visitor.get(str(visitor.page.select_one(".tongues [lang=ar]")["href"]))  # type: ignore[index]
    assert visitor.path == "/ar/help/"


def test_help_keeps_what_is_written_and_leads_back_to_it(visitor: Visitor) -> None:
    visitor.start_joining()
    visitor.walk("first-name")
    visitor.post("/en/join/first-name", {"first_name": "Selamawit", "aside": "help"})
    assert visitor.path == "/en/help/"
    assert "Selamawit" not in visitor.text
    visitor.get(str(visitor.page.select_one(".top .turns")["href"]))  # type: ignore[index]
    assert visitor.path == "/en/join/first-name"
    assert visitor.box == "Selamawit"


def test_back_from_the_waiting_page_leads_to_where_she_was(visitor: Visitor) -> None:
    visitor.get("/en/help/how/book?from=/en/events/topics")
    visitor.post(
        "/en/help/send", {"topic": "book", "way": "here", "key": key(visitor), "from": "/en/events/topics"}
    )
    assert str(visitor.page.select_one(".top .turns")["href"]) == "/en/events/topics"  # type: ignore[index]


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example/", "/en/help/urgent", "/x"]
)
def test_a_way_back_never_leads_to_another_site_or_in_a_circle(visitor: Visitor, address: str) -> None:
    visitor.get(f"/en/help/?from={address}")
    assert str(visitor.page.select_one(".top .turns")["href"]) == "/en/"  # type: ignore[index]


# Asking -----------------------------------------------------------------------------------------------------


def test_two_touches_from_help_are_enough(town: Town, visitor: Visitor) -> None:
    visitor.get("/ti/help/")
    visitor.get("/ti/help/how/letter")
    visitor.post("/ti/help/send", {"topic": "letter", "way": "here", "key": key(visitor)})
    asked = only(town)
    assert (asked.topic, asked.way, asked.language, asked.state) == ("letter", "here", "ti", "waiting")
    assert (asked.branch_id, asked.sealed_name, asked.sealed_phone) == (town.central, None, None)
    assert asked.number == 1


def test_a_storm_of_taps_makes_one_request(town: Town, visitor: Visitor) -> None:
    visitor.get("/en/help/how/card")
    one = key(visitor)
    for each in (one, one, "f" * 32, "not a key", ""):
        visitor.post("/en/help/send", {"topic": "card", "way": "here", "key": each}, follow=False)
        assert visitor.status == 303
    assert len(everything(town)) == 1


def test_who_waits_already_comes_back_to_her_request(town: Town, visitor: Visitor) -> None:
    ask(visitor)
    for path in ("", "how/jobs"):
        visitor.get(f"/en/help/{path}")
        assert visitor.path == "/en/help/waiting"


def test_what_no_page_sends_asks_for_nobody(town: Town, visitor: Visitor) -> None:
    visitor.get("/en/help/how/card")
    for fields in (
        {"topic": "gossip", "way": "here"},
        {"topic": "card", "way": "ring"},
        {"topic": "card"},
        {},
    ):
        visitor.post("/en/help/send", {**fields, "key": "a" * 32})
        assert visitor.path == "/en/help/"
    assert everything(town) == []


def test_a_child_that_plays_with_the_button_does_not_keep_the_next_person_out(
    town: Town, another: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    for _child in range(6):
        ask(another())
    clock.shift(timedelta(minutes=2))
    mother = another()
    ask(mother)
    assert "Your request is on the staff screen." in mother.words
    assert len([each for each in everything(town) if each.is_open]) <= records.MOST_LEFT


def test_money_and_home_lead_to_services_too(visitor: Visitor) -> None:
    visitor.get("/en/help/how/support")
    assert visitor.page.select_one(".ways a[href='/en/support/']")
    visitor.get("/en/help/how/card")
    assert not visitor.page.select_one(".ways a[href='/en/support/']")


# The truth about waiting ------------------------------------------------------------------------------------


def test_she_reads_what_happens_step_by_step(town: Town, visitor: Visitor) -> None:
    ask(visitor)
    assert visitor.heading == "Your request is on the staff screen."
    assert "You are next." in visitor.words
    assert "We do not know how long." in visitor.words
    assert "We do not know if staff can see this now." in visitor.words
    town.do(records.take, only(town), town.amina, 3, moment())
    visitor.get("/en/help/waiting")
    assert plain(visitor.heading) == "Amina has seen it. About 3 minutes."
    town.do(records.coming, only(town), town.amina, moment())
    visitor.get("/en/help/waiting")
    assert plain(visitor.heading) == "Amina is coming."
    town.do(records.done, only(town), "helped", town.amina, moment())
    visitor.get("/en/help/waiting")
    assert visitor.heading == "This is done."
    assert can_touch(visitor) == "Start again"
    visitor.get("/en/help/")
    assert visitor.path == "/en/help/", "she may ask again"


def plain(text: str) -> str:
    """Without the signs that set names apart."""
    return text.replace("\N{FIRST STRONG ISOLATE}", "").replace("\N{POP DIRECTIONAL ISOLATE}", "")


def test_who_comes_to_the_desk_is_called_there(town: Town, visitor: Visitor) -> None:
    ask(visitor, way="desk")
    town.do(records.coming, only(town), town.amina, moment())
    visitor.get("/en/help/waiting")
    assert plain(visitor.heading) == "Please come to the desk. Amina is there."


@pytest.mark.parametrize(("reason", "says"), [(code, str(words)) for code, words in states.HELD.items()])
def test_a_request_that_rests_says_why_and_until_when(
    town: Town, visitor: Visitor, clock: time_machine.Traveller, reason: str, says: str
) -> None:
    ask(visitor)
    until = moment() + timedelta(minutes=20)
    town.do(records.hold, only(town), reason, until, town.amina, moment())
    visitor.get("/en/help/waiting")
    assert visitor.heading == says
    assert "Until about 09:20" in visitor.words
    for _minute in range(21):
        clock.shift(timedelta(minutes=1))
        visitor.client.get("/en/help/state")
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Your request is on the staff screen.", "it waits again by itself"


@pytest.mark.parametrize(
    ("outcome", "says"),
    [("nobody-there", "Staff came. Nobody was here."), ("could-not-help", "This is done.")],
)
def test_an_end_is_said_and_who_was_missed_may_ask_again(
    town: Town, visitor: Visitor, outcome: str, says: str
) -> None:
    ask(visitor)
    town.do(records.done, only(town), outcome, town.amina, moment())
    visitor.get("/en/help/waiting")
    assert visitor.heading == says
    assert ("Ask again" in can_touch(visitor)) is (outcome == "nobody-there")


def test_nobody_answers_and_she_is_told_so(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    assert stays(visitor)
    clock.shift(timedelta(minutes=5))
    town.is_seen(town.central, moment())
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Nobody has answered yet. We have told staff again."
    assert "You can also go to the desk." in visitor.words
    clock.shift(timedelta(minutes=5))
    town.is_seen(town.north, moment())
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Nobody has answered yet. We have told more people."
    assert not stays(visitor), "from here on the screen asks whether she is still there"


def test_that_somebody_was_told_is_said_only_when_somebody_was(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    for _limit in range(2):
        clock.shift(timedelta(minutes=5))
        visitor.get("/en/help/waiting")
        assert visitor.heading == "Nobody has answered yet. Please go to the desk."
        assert "You can also go to the desk." not in visitor.words, "that is said already"
        assert "We do not know if staff can see this now." in visitor.words
    clock.shift(timedelta(minutes=1))
    town.is_seen(town.central, moment())
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Nobody has answered yet. We have told staff again.", "of others nobody knows"


def test_a_colleague_who_is_asked_has_not_seen_it_yet(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    town.do(records.pass_to_person, only(town), town.sam, town.amina, moment())
    visitor.get("/en/help/waiting")
    assert plain(visitor.heading) == "We have asked Sam."
    clock.shift(timedelta(minutes=5))
    visitor.get("/en/help/waiting")
    assert visitor.heading == "Nobody has answered yet. Please go to the desk."
    town.do(records.take, only(town), town.sam, 3, moment())
    visitor.get("/en/help/waiting")
    assert plain(visitor.heading) == "Sam has seen it. About 3 minutes."


def test_who_said_three_minutes_and_did_not_come_is_not_promised_again(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    town.do(records.take, only(town), town.amina, 3, moment())
    for _minute in range(3 + 5):
        clock.shift(timedelta(minutes=1))
        visitor.get("/en/help/waiting")
    assert plain(visitor.heading) == "Amina has seen it."
    assert "You can also go to the desk." in visitor.words


def test_what_was_said_before_it_was_put_back_is_not_shown_any_more(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    said = town.do(talk.say, only(town), "card", {}, town.amina, moment())
    visitor.get("/en/help/waiting")
    clock.shift(timedelta(seconds=30))
    town.do(records.put_back, only(town), town.amina, moment())
    visitor.post("/en/help/answer", {"said": said.id, "answer": "yes"})
    assert visitor.status == 200
    assert visitor.heading == "Your request is on the staff screen."
    assert "library card" not in visitor.words
    assert answered(town, only(town)) == [""]


def stays(visitor: Visitor) -> bool:
    """Whether the screen waits without asking whether anybody is there."""
    return visitor.page.select_one("#state[data-stays]") is not None


def test_a_screen_waits_for_who_is_coming_but_not_for_ever(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    town.do(records.coming, only(town), town.amina, moment())
    for minutes, waits in ((29, True), (2, False)):
        for _minute in range(minutes):
            clock.shift(timedelta(minutes=1))
            visitor.client.get("/en/help/state")
        visitor.get("/en/help/waiting")
        assert stays(visitor) is waits


def test_her_place_and_an_honest_estimate_stand_on_the_screen(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    for minutes in (2, 4, 6, 8, 10):
        earlier = town.ask(now=moment() - timedelta(minutes=30))
        town.do(records.take, earlier, town.amina, 0, moment() - timedelta(minutes=30 - minutes))
        town.do(records.done, earlier, "helped", town.amina, moment())
    town.ask(now=moment() - timedelta(minutes=1))
    ask(visitor)
    assert "People before you: 1" in visitor.words
    assert "About 6 minutes." in visitor.words


def test_a_board_that_is_open_is_no_longer_doubted(town: Town, visitor: Visitor) -> None:
    town.is_seen(town.central, moment())
    ask(visitor)
    assert "We do not know if staff can see this now." not in visitor.words


def test_a_screen_that_asks_gets_only_what_is_new(town: Town, visitor: Visitor) -> None:
    ask(visitor)
    seen = SEEN.search(visitor.text)
    assert seen
    assert visitor.client.get(f"/en/help/state?seen={seen[1]}").status_code == 204
    town.do(records.take, only(town), town.amina, 5, moment())
    answer = visitor.client.get(f"/en/help/state?seen={seen[1]}")
    assert answer.status_code == 200
    assert "has seen it. About 5 minutes." in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_screen_without_a_request_is_told_that_there_is_none(visitor: Visitor) -> None:
    assert visitor.client.get("/en/help/state").status_code == 205


def test_asking_for_news_is_a_sign_of_life_of_the_request_and_the_visit(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    for _minute in range(30):
        clock.shift(timedelta(minutes=1))
        assert visitor.client.get("/en/help/state").status_code == 200
    assert only(town).is_watched(moment())
    visitor.get("/en/help/waiting")
    assert visitor.path == "/en/help/waiting"


def test_she_cancels_by_one_touch(town: Town, visitor: Visitor) -> None:
    ask(visitor)
    visitor.post("/en/help/cancel")
    assert visitor.heading == "Your request is cancelled."
    assert not only(town).is_open
    visitor.post("/en/help/cancel")
    assert visitor.status == 200


def test_finish_ends_the_visit_and_not_the_request(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    ask(visitor)
    visitor.post("/en/finish", {"how": "ask"})
    assert only(town).is_open
    visitor.get("/en/help/waiting")
    assert visitor.path == "/en/help/", "the next person starts anew"


def test_sending_something_else_does_not_lose_the_request(visitor: Visitor) -> None:
    ask(visitor)
    visitor.join()
    visitor.get("/en/help/")
    assert visitor.path == "/en/help/waiting"


# What staff say ---------------------------------------------------------------------------------------------


def test_a_phrase_of_staff_stands_on_her_screen_and_she_answers_by_touch(
    town: Town, visitor: Visitor
) -> None:
    ask(visitor)
    said = town.do(talk.say, only(town), "card", {}, town.amina, moment())
    visitor.get("/en/help/waiting")
    assert "Do you have your library card with you?" in visitor.words
    answers = [str(tag["value"]) for tag in visitor.page.select(".answers button")]
    assert answers == ["yes", "no", "not-understood"]
    visitor.post("/en/help/answer", {"said": said.id, "answer": "yes"})
    assert visitor.page.select_one(".answers [value=yes][aria-pressed=true]")
    assert answered(town, only(town)) == ["yes"]


def test_the_gaps_of_a_phrase_are_written_as_her_language_does(town: Town, visitor: Visitor) -> None:
    ask(visitor, tag="ar")
    town.do(talk.say, only(town), "interpreter-rings", {"time": "14:30"}, town.amina, moment())
    visitor.get("/ar/help/waiting")
    assert "2:30 م" in visitor.words
    assert "An interpreter will ring at 14:30." in visitor.words


@pytest.mark.parametrize(("tag", "reads"), [("pl", "Przyjdź do pokoju 2."), ("ar", "Come to room 2.")])
def test_what_a_branch_says_itself_is_translated_or_marked_as_english(
    town: Town, visitor: Visitor, tag: str, reads: str
) -> None:
    with town.store.write() as db:
        phrase = talk.add_own(db, town.central, "Come to room 2.", {"pl": "Przyjdź do pokoju 2."}, moment())
    ask(visitor, tag=tag)
    town.do(talk.say_own, only(town), phrase, town.amina, moment())
    visitor.get(f"/{tag}/help/waiting")
    says = visitor.page.select_one(".says")
    assert says is not None
    assert reads in says.get_text()
    assert (says.select_one(".muted") is not None) is (tag == "ar")


def test_nobody_answers_or_cancels_for_another(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    ask(visitor)
    said = town.do(talk.say, only(town), "card", {}, town.amina, moment())
    stranger = another()
    stranger.get("/en/help/")
    stranger.post("/en/help/answer", {"said": said.id, "answer": "no"})
    stranger.post("/en/help/cancel")
    stranger.get("/en/help/card")
    assert stranger.path == "/en/help/"
    ask(stranger)
    stranger.post("/en/help/answer", {"said": said.id, "answer": "no"})
    hers = next(each for each in everything(town) if each.number == 1)
    assert hers.is_open
    assert answered(town, hers) == [""]


def answered(town: Town, request: Request) -> list[str]:
    """What she has answered to each phrase, the last first."""
    with town.store.read() as db:
        return [each.answer for each in talk.of(db, request.id)]


# What she tells while she waits -----------------------------------------------------------------------------


def test_she_tells_what_she_needs_by_touch_while_she_waits(town: Town, visitor: Visitor) -> None:
    ask(visitor)
    visitor.get("/en/help/wants")
    visitor.post("/en/help/wants", {"wants": ["private", "pram"]})
    assert visitor.path == "/en/help/waiting"
    assert only(town).wants == ("private", "pram")
    visitor.get("/en/help/wants")
    assert [str(tag["value"]) for tag in visitor.page.select("input[checked]")] == ["private", "pram"]
    visitor.post("/en/help/wants", {"instead": "none"})
    assert only(town).wants == ()


def test_who_does_not_feel_safe_may_ask_for_an_interpreter_too(town: Town, visitor: Visitor) -> None:
    ask_quietly(visitor)
    assert "Tell staff more" in can_touch(visitor)
    for path in ("wants", "interpreter"):
        visitor.get(f"/en/help/{path}")
        assert visitor.path == f"/en/help/{path}"
        assert visitor.page.select_one(".top .leave-now")
        assert forgets_after(visitor) == (60, 30)
    visitor.get("/en/help/wants")
    assert "Say my name" not in visitor.words
    visitor.post("/en/help/wants", {"wants": ["private", "woman", "interpreter"]})
    visitor.post("/en/help/interpreter", {"interpreter": "so"})
    assert visitor.path == "/en/help/waiting"
    assert (only(town).wants, only(town).interpreter) == (("private", "woman", "interpreter"), "so")


def forgets_after(visitor: Visitor) -> tuple[int, int]:
    """Seconds without a touch till the screen asks, and then till it forgets."""
    body = visitor.page.body
    assert body is not None
    return int(str(body["data-idle"])), int(str(body["data-countdown"]))


@pytest.mark.parametrize("tongue", ["ti", "bsl", "so"])
def test_an_interpreter_is_asked_for_by_language_or_for_signs(
    town: Town, visitor: Visitor, tongue: str
) -> None:
    ask(visitor)
    visitor.get("/en/help/wants")
    visitor.post("/en/help/wants", {"wants": ["chair", "interpreter"]})
    assert visitor.path == "/en/help/interpreter"
    visitor.post("/en/help/interpreter", {"interpreter": tongue})
    assert visitor.path == "/en/help/waiting"
    assert (set(only(town).wants), only(town).interpreter) == ({"chair", "interpreter"}, tongue)
    visitor.post("/en/help/interpreter", {"interpreter": "klingon"})
    assert only(town).interpreter == tongue


def test_the_language_of_the_screen_is_the_first_to_be_interpreted(visitor: Visitor) -> None:
    for tag, first in (("ti", "ti"), ("zh-Hant-HK", "yue"), ("en", "ar")):
        visitor.post("/en/finish")
        ask(visitor, tag=tag)
        visitor.get(f"/{tag}/help/interpreter")
        tile = visitor.page.select_one(".interpreters button")
        assert tile is not None
        assert tile["value"] == first


def test_a_name_is_sealed_for_the_desk_and_kept_nowhere_else(
    town: Town, visitor: Visitor, tmp_path: Path
) -> None:
    ask(visitor)
    visitor.get("/en/help/name")
    visitor.post("/en/help/name", {"first_name": "Zzcanaryna"})
    assert visitor.path == "/en/help/waiting"
    assert records.opened(only(town), town.desk_key).first_name == "Zzcanaryna"
    for file in (tmp_path / "data").iterdir():
        assert b"Zzcanaryna" not in file.read_bytes()
    with town.store.read() as db:
        assert "Zzcanaryna" not in repr(db.all("SELECT * FROM help_requests"))


@pytest.mark.parametrize("aside", ["language", "help", "back"])
def test_a_name_half_written_is_kept_while_she_looks_elsewhere(visitor: Visitor, aside: str) -> None:
    ask(visitor)
    visitor.get("/en/help/name")
    visitor.post("/en/help/name", {"first_name": "Selamawit", "aside": aside})
    visitor.get("/en/help/name")
    assert visitor.box == "Selamawit"


def test_the_card_says_in_english_what_she_has_chosen(town: Town, visitor: Visitor) -> None:
    ask(visitor, topic="english", tag="ti")
    visitor.post("/ti/help/wants", {"wants": ["private", "interpreter"]})
    visitor.post("/ti/help/interpreter", {"interpreter": "ti"})
    visitor.get("/ti/help/card")
    english = " ".join(
        tag.get_text(" ", strip=True) for tag in visitor.page.select(".card-for-staff [lang=en]")
    )
    for words in ("I would like help with this:", "Learn English", "I speak this language:", "Tigrinya",
                  "Speak in private", "An interpreter (Tigrinya)"):  # fmt: skip
        assert words in english


# Others may use the screen ----------------------------------------------------------------------------------


def test_others_use_the_screen_and_the_request_stays(town: Town, visitor: Visitor) -> None:
    ask(visitor)
    visitor.post("/en/help/keep")
    assert visitor.path == "/en/help/kept"
    assert "Your number 1" in visitor.words
    assert only(town).kept
    visitor.get("/en/help/waiting")
    assert visitor.path == "/en/help/", "whoever comes next sees nothing of it"
    ask(visitor)
    assert [each.number for each in everything(town)] == [1, 2]


def test_any_screen_of_the_branch_tells_the_state_of_a_number(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    ask(visitor, topic="health")
    visitor.post("/en/help/keep")
    town.do(records.take, only(town), town.amina, 5, moment())
    elsewhere = another()
    elsewhere.get("/en/help/number")
    elsewhere.post("/en/help/number", {"number": "١"})
    assert elsewhere.path == "/en/help/number/state"
    assert plain(elsewhere.heading) == "Amina has seen it. About 5 minutes."
    assert "health" not in elsewhere.words.lower()


@pytest.mark.parametrize("number", ["", "abc", "0.5", "-1", "123456", "²"])
def test_what_is_no_number_is_asked_again(visitor: Visitor, number: str) -> None:
    visitor.get("/en/help/number")
    visitor.post("/en/help/number", {"number": number})
    assert visitor.status in (200, 422)
    assert visitor.path == "/en/help/number" or number == "²"


def test_a_number_that_nobody_has_today_is_not_found(
    town: Town, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    ask(visitor)
    visitor.post("/en/help/keep")
    visitor.get("/en/help/number")
    visitor.post("/en/help/number", {"number": "7"})
    assert visitor.heading == "We do not have this number today."
    clock.shift(timedelta(days=1))
    visitor.get("/en/help/number")
    visitor.post("/en/help/number", {"number": "1"})
    assert visitor.heading == "We do not have this number today."


def test_a_quiet_word_has_no_number_that_anybody_could_look_up(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    ask_quietly(visitor)
    town.do(records.coming, only(town), town.amina, moment())
    stranger = another()
    stranger.get("/en/help/number")
    stranger.post("/en/help/number", {"number": str(only(town).number)})
    assert stranger.heading == "We do not have this number today."
    visitor.post("/en/help/keep")
    assert visitor.path == "/en/help/waiting"
    assert not only(town).kept


def test_the_display_on_the_wall_shows_numbers_and_nothing_else(
    town: Town, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    for _person in range(2):
        ask(another())
    ask_quietly(another())
    town.do(records.coming, everything(town)[0], town.amina, moment())
    visitor.get("/en/help/board")
    called, waiting = (
        [tag.get_text() for tag in visitor.page.select(f"#state section:nth-child({column}) li")]
        for column in (1, 2)
    )
    assert (called, waiting) == (["1"], ["2"]), "the quiet one is not among them"
    assert not visitor.page.select(".tools, dialog, form, a")
    seen = SEEN.search(visitor.text)
    assert seen
    assert visitor.client.get(f"/en/help/board/state?seen={seen[1]}").status_code == 204
    ask(another())
    assert ">4</li>" in visitor.client.get(f"/en/help/board/state?seen={seen[1]}").text


# A quiet word -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_a_quiet_word_is_one_touch_from_help_and_gives_nothing_away(
    town: Town, visitor: Visitor, tag: str
) -> None:
    visitor.get(f"/{tag}/help/")
    assert visitor.page.select_one(f"form[action='/{tag}/help/private'] button.tile")
    visitor.post(f"/{tag}/help/private")
    for page in ("private", "waiting"):
        assert visitor.path == f"/{tag}/help/{page}"
        assert "safe" not in visitor.path
        assert visitor.page.title is not None
        assert visitor.page.title.get_text() == languages.catalogue(tag).pgettext(
            "heading", "Library information"
        )
        assert "safe" not in visitor.heading.lower()
        assert visitor.page.select_one(".top .leave-now")
        assert forgets_after(visitor) == (60, 30)
        if page == "private":
            visitor.post(f"/{tag}/help/send", {"topic": "unsafe", "way": "here", "key": key(visitor)})
    assert 'data-sound="off"' in visitor.text
    assert not visitor.page.select(".ticket, .sounds")


@pytest.mark.parametrize(
    ("whom", "wants"), [("woman", {"private", "woman"}), ("", {"private"}), ("x", {"private"})]
)
def test_who_should_come_is_all_that_is_asked(
    town: Town, visitor: Visitor, whom: str, wants: set[str]
) -> None:
    ask_quietly(visitor, whom)
    asked = only(town)
    assert (asked.topic, asked.is_quiet, set(asked.wants)) == ("unsafe", True, wants)
    for path in ("name", "card"):
        visitor.get(f"/en/help/{path}")
        assert visitor.path == "/en/help/waiting"


def test_who_waits_for_something_else_can_still_say_that_she_is_not_safe(
    town: Town, visitor: Visitor
) -> None:
    ask(visitor)
    visitor.get("/en/help/urgent")
    visitor.post("/en/help/private")
    visitor.post("/en/help/send", {"topic": "unsafe", "way": "here", "key": key(visitor)})
    assert [(each.topic, each.is_open) for each in everything(town)] == [("letter", False), ("unsafe", True)]


def test_leave_now_ends_the_visit_and_lands_on_events_in_english(town: Town, visitor: Visitor) -> None:
    visitor.get("/ti/help/")
    visitor.post("/ti/help/private")
    visitor.post("/ti/help/send", {"topic": "unsafe", "way": "here", "key": key(visitor)})
    before = visitor.cookie
    visitor.post("/ti/finish", {"leave": "now"})
    assert visitor.path == "/en/events/"
    assert visitor.cookie != before
    for path in ("private", "waiting"):
        visitor.get(f"/ti/help/{path}")
        assert visitor.path == "/ti/help/", "Back leads nowhere near it"
    assert only(town).is_open, "staff still look after her"


def test_the_numbers_to_ring_are_one_touch_away_whatever_waits(visitor: Visitor) -> None:
    for path in ("", "waiting"):
        if path:
            ask(visitor)
        visitor.get(f"/en/help/{path}")
        assert visitor.page.select_one("main a[href='/en/help/urgent']")
    visitor.get("/en/help/urgent")
    assert visitor.page.select_one(".top .leave-now")
    for number in ("999", "111", "101", "116 123", "0808 2000 247"):
        assert number in visitor.words


# What can be heard ------------------------------------------------------------------------------------------


def record(tmp_path: Path, tag: str, message: Any, ending: str = "opus") -> str:
    """Put a clip where people put what they have recorded; its address."""
    folder = tmp_path / "data" / "sounds" / tag
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{id_of_sound(message)}.{ending}").write_bytes(b"OggS and so on")
    return f"/sounds/{tag}/{id_of_sound(message)}.{ending}"


def test_only_what_somebody_has_recorded_can_be_heard(town: Town, visitor: Visitor, tmp_path: Path) -> None:
    ask(visitor, tag="ti")
    assert visitor.page.select_one("#state")["data-clips"] == ""  # type: ignore[index]
    address = record(tmp_path, "ti", states.ON_THE_SCREEN)
    visitor.get("/ti/help/waiting")
    assert visitor.page.select_one("#state")["data-clips"] == address  # type: ignore[index]
    clip = visitor.client.get(address)
    assert (clip.status_code, clip.mimetype) == (200, "audio/ogg")
    clip.close()
    town.do(records.take, only(town), town.amina, 3, moment())
    visitor.get("/ti/help/waiting")
    assert visitor.page.select_one("#state")["data-clips"] == "", "nobody has recorded every name"  # type: ignore[index]


@pytest.mark.parametrize("address", ["/sounds/ti/../kiosk.db", "/sounds/xx/00000000.opus", "/sounds/ti/0.mp3",
                                     "/sounds/ti/00000000.exe", "/sounds/ti/00000000.opus"])  # fmt: skip
def test_no_other_file_is_played(visitor: Visitor, address: str) -> None:
    assert visitor.client.get(address).status_code == 404


def test_what_is_still_to_be_recorded_can_be_listed(app: Flask, town: Town, tmp_path: Path) -> None:
    record(tmp_path, "pl", states.ON_THE_SCREEN, "mp3")
    said = app.test_cli_runner().invoke(args=["sounds", "missing", "pl"])
    assert said.exit_code == 0
    assert id_of_sound(states.DONE) in said.output
    assert "This is done." in said.output
    assert id_of_sound(states.ON_THE_SCREEN) not in said.output
    assert "%(" not in said.output, "what has gaps cannot be recorded"


def test_she_turns_the_sound_off_for_her_visit(visitor: Visitor) -> None:
    ask(visitor)
    live = visitor.page.select_one(".live")
    assert live is not None
    assert live["data-sound"] == "chime", "speech is for who asks for it"
    for chosen in ("off", "speech", "loud"):
        visitor.post("/en/help/sound", {"sound": chosen})
    assert 'data-sound="speech"' in visitor.text
    visitor.post("/en/finish")
    ask(visitor)
    assert 'data-sound="chime"' in visitor.text
