"""What staff do with one person who asks for help, and what a branch keeps ready."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from kiosk.help import records, slots, talk
from kiosk.help.phrases import PHRASES
from kiosk.help.records import Caller, Request
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Role
from tests.help.desks import ask, now_is
from tests.staff.conftest import Browser, Library

pytestmark = pytest.mark.patient


PHONE = "07700 900982"


@pytest.fixture
def request_(library: Library) -> Request:
    return ask(library)


@pytest.fixture
def anna(library: Library) -> Browser:
    return library.browser("anna")


@pytest.fixture
def do(library: Library, anna: Browser, request_: Request) -> Callable[..., Request]:
    """Anna opens the request and does something with it; as it is then."""

    def act(name: str, status: int = 303, **fields: str) -> Request:
        anna.get(f"/staff/help/{request_.id}")
        assert anna.post(f"/staff/help/{request_.id}/{name}", **fields).status_code == status
        return now_is(library, request_)

    return act


def said(library: Library, request: Request) -> list[str]:
    with library.store.read() as db:
        return [each.own.english if each.own else each.code for each in talk.of(db, request.id)]


def acts(library: Library) -> list[str]:
    return [action for _who, action, _id in library.log() if action.startswith("help")]


# -- opening it ---------------------------------------------------------------------------------------------


def test_who_it_is_is_opened_only_here_and_is_written_down(
    library: Library, anna: Browser, request_: Request
) -> None:
    answer = anna.get(f"/staff/help/{request_.id}")
    assert "Zewditu" in anna.words
    assert PHONE in anna.words
    assert acts(library) == ["help opened"]
    live = anna.client.get(f"/staff/help/{request_.id}/live?seen=", headers={"HX-Request": "true"})
    assert live.status_code == 200
    assert "Zewditu" not in live.text
    assert answer.headers["Refresh"].endswith(f"next=/staff/help/{request_.id}")


def test_where_nothing_is_sealed_nothing_is_opened(library: Library, anna: Browser) -> None:
    one = ask(library, caller=Caller())
    anna.get(f"/staff/help/{one.id}")
    assert acts(library) == []
    assert "First name" not in [tag.get_text() for tag in anna.page.select(".facts dt")]


def test_once_it_is_wiped_nothing_is_there_to_open(
    library: Library, anna: Browser, request_: Request
) -> None:
    with library.store.write() as db:
        db.run("UPDATE help_requests SET sealed_name = NULL, sealed_phone = NULL")
    assert anna.get(f"/staff/help/{request_.id}").status_code == 200
    assert "Zewditu" not in anna.words


def test_other_branches_do_not_see_it_until_it_is_very_late_for_them(
    library: Library, request_: Request, clock: time_machine.Traveller
) -> None:
    ned = library.browser("ned")
    assert ned.get(f"/staff/help/{request_.id}").status_code == 404
    live = ned.get(f"/staff/help/{request_.id}/live", HX_Request="true")
    assert (live.status_code, live.text, live.headers["HX-Redirect"]) == (204, "", "/staff/board")
    with library.store.write() as db:
        db.insert("neighbours", branch_id=library.central, neighbour_id=library.north, place=0)
    assert ned.get(f"/staff/help/{request_.id}").status_code == 404
    clock.shift(timedelta(minutes=10))
    assert ned.get(f"/staff/help/{request_.id}").status_code == 200
    assert ned.post(f"/staff/help/{request_.id}/coming").status_code == 303
    clock.shift(timedelta(minutes=1))
    assert ned.get(f"/staff/help/{request_.id}").status_code == 200, "it is in his hands"


def test_an_administrator_opens_nothing(library: Library, request_: Request) -> None:
    browser = library.browser("it")
    for path in (request_.id, "times", "sentences"):
        assert browser.get(f"/staff/help/{path}").status_code == 403


def test_without_a_sign_in_it_leads_to_the_door(
    library: Library, anna: Browser, request_: Request, clock: time_machine.Traveller
) -> None:
    anna.get("/staff/board")
    clock.shift(sessions.IDLE + timedelta(seconds=1))
    for path in ("", "/live"):
        answer = anna.client.get(f"/staff/help/{request_.id}{path}")
        assert answer.location.startswith("/staff/sign-in?next=/staff/help/")


def test_a_topic_that_must_be_quiet_is_named_nowhere(library: Library, anna: Browser) -> None:
    one = ask(library, "unsafe")
    answer = anna.get(f"/staff/help/{one.id}")
    assert "Private word" in anna.words
    assert "safe" not in answer.text.lower()


# -- going to her -------------------------------------------------------------------------------------------


def test_staff_say_when_they_come_and_that_they_are_on_the_way(do: Callable[..., Request]) -> None:
    one = do("take", minutes="5")
    assert (one.state, one.minutes, one.handler) == ("taken", 5, "Anna")
    assert do("take", minutes="0").minutes is None
    assert do("coming").state == "coming"
    assert do("put-back").state == "waiting"
    assert do("take", status=400, minutes="7").state == "waiting"


def test_who_comes_second_is_told_who_was_first(library: Library, anna: Browser, request_: Request) -> None:
    library.add("sam", "Sam Okafor", Role.BRANCH, library.central)
    sam = library.browser("sam")
    for browser in (anna, sam):
        browser.get(f"/staff/help/{request_.id}")
    assert anna.post(f"/staff/help/{request_.id}/coming").status_code == 303
    for act, fields in [("take", {"minutes": "3"}), ("coming", {}), ("say", {"code": "coming"})]:
        sam.get("/staff/password")
        assert sam.post(f"/staff/help/{request_.id}/{act}", **fields).status_code == 409
        assert "Anna has it already." in sam.words
    assert said(library, request_) == [], "nothing was said either"


def test_it_rests_until_a_time_of_today_with_a_reason(do: Callable[..., Request], anna: Browser) -> None:
    one = do("hold", reason="getting-interpreter", until="09:30")
    assert (one.state, one.hold_reason) == ("held", "getting-interpreter")
    assert one.held_until == "2026-03-09T09:30:00+00:00"
    anna.get(f"/staff/help/{one.id}")
    assert "An interpreter is being found, until 09:30" in anna.words


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reason": "getting-interpreter", "until": "08:59"}, "This time is over."),
        ({"reason": "getting-interpreter", "until": ""}, "Choose the time."),
        ({"reason": "getting-interpreter", "until": "soon"}, "Write the time like 14:30."),
        ({"reason": "tea", "until": "10:00"}, "Not a valid choice."),
    ],
)
def test_a_hold_that_cannot_be_says_why(
    do: Callable[..., Request], anna: Browser, fields: dict[str, str], says: str
) -> None:
    assert do("hold", status=422, **fields).state == "waiting"
    assert says in anna.words
    assert anna.page.title is not None
    assert anna.page.title.get_text().startswith("Error: ")


def test_a_colleague_can_have_it(library: Library, do: Callable[..., Request], anna: Browser) -> None:
    library.add("sam", "Sam Okafor", Role.BRANCH, library.central)
    anna.get("/staff/board")
    assert do("pass", colleague=library.person_id("sam")).asked_of == "Sam"
    anna.get(f"/staff/help/{now(library).id}")
    assert "A colleague is asked · Sam" in anna.words
    for other in ("ned", "anna", "it"):
        do("pass", status=422, colleague=library.person_id(other))
        assert "Choose a colleague." in anna.words
    names = [option.get_text() for option in anna.page.select("#colleague option")]
    assert names == ["Maria Manager", "Sam Okafor"]


def test_another_branch_can_be_asked(library: Library, do: Callable[..., Request], anna: Browser) -> None:
    assert do("branch", status=422, place=library.central).branch_id == library.central
    assert do("branch", place=library.north).branch_id == library.north
    assert anna.get(f"/staff/help/{now(library).id}").status_code == 404
    ned = library.browser("ned")
    ned.get("/staff/board")
    assert "Central Library · Entrance" in ned.words


def now(library: Library) -> Request:
    with library.store.read() as db:
        return records.find(db, str(db.value("SELECT id FROM help_requests")))


def test_it_is_done_with_an_outcome_and_then_nothing_more_can_be_done(
    library: Library, do: Callable[..., Request], anna: Browser
) -> None:
    do("take", minutes="3")
    one = do("done", outcome="gave-leaflet")
    assert (one.state, one.outcome) == ("done", "gave-leaflet")
    anna.get(f"/staff/help/{one.id}")
    assert "Gave a leaflet or an address" in anna.words
    assert not anna.page.select(".choices form")
    do("take", status=409, minutes="3")
    assert "It is over already." in anna.words
    with library.store.read() as db:
        steps = [(row["what"], row["name"]) for row in records.steps(db, one.id)]
    assert steps == [("asked", ""), ("taken", "Anna Nowak"), ("done", "Anna Nowak")]
    assert acts(library)[-1] == "help opened"
    assert "help done" in acts(library)
    live = anna.client.get(f"/staff/help/{one.id}/live", headers={"HX-Request": "true"})
    assert (live.status_code, live.headers["HX-Refresh"]) == (204, "true")
    do("done", status=400, outcome="won")


# -- speaking with her --------------------------------------------------------------------------------------


def test_every_phrase_can_be_said(library: Library, anna: Browser) -> None:
    gaps = {"time": "14:30", "minutes": "10", "name": "Olena"}
    for code, phrase in PHRASES.items():
        one = ask(library, "book", "desk")
        anna.get(f"/staff/help/{one.id}")
        fields = {name: gaps[name] for name in phrase.gaps}
        assert anna.post(f"/staff/help/{one.id}/say", code=code, **fields).status_code == 303
        assert said(library, one) == [code]
        assert now_is(library, one).state == ("coming" if code == "coming" else "taken")
        anna.get(f"/staff/help/{one.id}")
        with library.store.write() as db:
            records.done(
                db, one.id, "helped", accounts.find(db, library.person_id("anna")), datetime.now(UTC)
            )


def test_nothing_is_said_where_no_screen_shows_it(
    library: Library, anna: Browser, request_: Request, clock: time_machine.Traveller
) -> None:
    def is_offered() -> bool:
        anna.get(f"/staff/help/{request_.id}")
        live = anna.page.select_one("#live")
        assert live is not None
        return "data-shown" in live.attrs

    assert is_offered()
    clock.shift(timedelta(seconds=60))
    assert not is_offered()
    for act, fields in [("say", {"code": "desk"}), ("say-own", {"phrase": "p"})]:
        assert anna.post(f"/staff/help/{request_.id}/{act}", **fields).status_code == 409
        assert "No screen shows it now." in anna.words
    assert (said(library, request_), now_is(library, request_).state) == ([], "waiting")
    with library.store.write() as db:
        records.watched(db, request_.id, datetime.now(UTC))
    assert is_offered()
    with library.store.write() as db:
        records.keep_for_later(db, request_.id)
    assert not is_offered(), "others use the screen now"


def test_that_no_screen_shows_it_appears_by_itself(
    anna: Browser, request_: Request, clock: time_machine.Traveller
) -> None:
    anna.get(f"/staff/help/{request_.id}")
    seen = anna.page.select_one("#live input[name=seen]")
    assert seen is not None
    path = f"/staff/help/{request_.id}/live?seen={seen['value']}"
    clock.shift(timedelta(seconds=59))
    assert anna.client.get(path, headers={"HX-Request": "true"}).status_code == 204
    clock.shift(timedelta(seconds=1))
    assert "data-shown" not in anna.client.get(path, headers={"HX-Request": "true"}).text


def test_a_gap_must_be_filled(library: Library, do: Callable[..., Request], anna: Browser) -> None:
    for gap in ({}, {"time": ""}, {"time": "half past two"}):
        do("say", status=422, code="interpreter-rings", **gap)
        assert "Fill in the time" in anna.words
    do("say", status=400, code="hello")
    assert said(library, now(library)) == []


def test_what_she_answers_appears_by_itself(
    library: Library, do: Callable[..., Request], anna: Browser
) -> None:
    one = do("say", code="interpreter-rings", time="14:30")
    anna.get(f"/staff/help/{one.id}")
    assert "An interpreter will ring at 14:30. Anna, 09:00 No answer yet" in anna.words
    seen = anna.page.select_one("#live input[name=seen]")
    assert seen is not None
    path = f"/staff/help/{one.id}/live?seen={seen['value']}"
    assert anna.client.get(path, headers={"HX-Request": "true"}).status_code == 204
    with library.store.write() as db:
        talk.answer(db, one.id, talk.of(db, one.id)[0].id, "thanks", datetime.now(UTC))
    answer = anna.client.get(path, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    assert "2:30" not in str(library.log()), "what was said is not in the log"


def test_a_branch_says_it_in_its_own_words(library: Library, anna: Browser, request_: Request) -> None:
    anna.get("/staff/help/sentences")
    answer = anna.post(
        "/staff/help/sentences", english="The key is at the desk.", in_pl="Klucz jest przy ladzie."
    )
    assert answer.status_code == 303
    anna.get("/staff/help/sentences")
    assert "The key is at the desk. Polish" in anna.words
    anna.get(f"/staff/help/{request_.id}")
    assert "The key is at the desk. (only in English)" in anna.words
    field = anna.page.select_one("input[name=phrase]")
    assert field is not None
    assert anna.post(f"/staff/help/{request_.id}/say-own", phrase=str(field["value"])).status_code == 303
    assert said(library, request_) == ["The key is at the desk."]


def test_a_sentence_is_changed_and_taken_away(library: Library, anna: Browser) -> None:
    anna.get("/staff/help/sentences")
    anna.post("/staff/help/sentences", english="The key is at the desk.", in_pl="Klucz jest przy ladzie.")
    with library.store.read() as db:
        phrase = talk.own_phrases(db, library.central)[0]
    path = f"/staff/help/sentences/{phrase.id}"
    anna.get(path)
    shown = {tag["name"]: tag["value"] for tag in anna.page.select("main input[value]")}
    assert shown["in_pl"] == "Klucz jest przy ladzie."
    assert anna.post(path, english="", in_pl="x").status_code == 422
    assert "Write the sentence in English." in anna.words
    assert anna.post(path, english="Ask at the desk.", in_ar="اسأل عند المكتب").status_code == 303
    with library.store.read() as db:
        phrase = talk.own_phrases(db, library.central)[0]
    assert (phrase.english, dict(phrase.translations)) == ("Ask at the desk.", {"ar": "اسأل عند المكتب"})
    ned = library.browser("ned")
    ned.get("/staff/help/sentences")
    assert ned.get(path).status_code == 404
    ned.get("/staff/help/sentences")
    for act in (path, f"{path}/remove"):
        assert ned.post(act, english="Mine").status_code == 404
    anna.get("/staff/help/sentences")
    assert anna.post(f"{path}/remove").status_code == 303
    anna.get("/staff/help/sentences")
    assert "There are none yet." in anna.words


# -- free times ---------------------------------------------------------------------------------------------


def times(library: Library, branch: str = "") -> list[str]:
    with library.store.read() as db:
        found = slots.every(db, branch or library.central, datetime.now(UTC))
    return [f"{each.starts:%m-%d %H:%M}" for each in found]


def test_times_are_kept_free_one_after_the_other(library: Library, anna: Browser) -> None:
    anna.get("/staff/help/times")
    assert "People cannot book any." in anna.words
    fields = {"day": "2026-03-10", "starts": "10:00", "minutes": "20", "number": "3"}
    assert anna.post("/staff/help/times", **fields).status_code == 303
    assert times(library) == ["03-10 10:00", "03-10 10:20", "03-10 10:40"]
    assert anna.post("/staff/help/times", **fields).status_code == 303
    assert len(times(library)) == 3, "the same times are there once"
    anna.get("/staff/help/times")
    assert "Tuesday 10 March 2026 10:00–10:20" in anna.words


def test_in_summer_times_are_on_the_clock_of_the_branch(library: Library, anna: Browser) -> None:
    anna.get("/staff/help/times")
    anna.post("/staff/help/times", day="2026-03-30", starts="10:00", minutes="30", number="1")
    assert times(library) == ["03-30 09:00"]
    anna.get("/staff/help/times")
    assert "10:00–10:30" in anna.words


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"day": "2026-03-08"}, "This day is over."),
        ({"day": "2027-03-10"}, "This day is too far away."),
        ({"day": "tomorrow"}, "Write the day like 2026-12-24."),
        ({"day": ""}, "Choose the day."),
        ({"day": "2026-03-09", "starts": "08:00"}, "This time is over."),
        ({"starts": "25:00"}, "Write the time like 14:30."),
        ({"minutes": "7"}, "Not a valid choice."),
        ({"number": "100"}, "Not a valid choice."),
    ],
)
def test_times_that_cannot_be_say_why(
    library: Library, anna: Browser, changed: dict[str, str], says: str
) -> None:
    anna.get("/staff/help/times")
    fields = {"day": "2026-03-10", "starts": "10:00", "minutes": "20", "number": "3", **changed}
    assert anna.post("/staff/help/times", **fields).status_code == 422
    assert says in anna.words
    assert times(library) == []


def test_a_booked_time_stays_and_leads_to_who_booked_it(library: Library, anna: Browser) -> None:
    starts = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    with library.store.write() as db:
        slot = slots.add(db, library.central, starts, 30, datetime.now(UTC))
        other = slots.add(db, library.central, starts + timedelta(hours=1), 30, datetime.now(UTC))
    one = ask(library, "jobs", "time", slot_id=slot.id)
    anna.get("/staff/help/times")
    assert anna.page.find("a", href=f"/staff/help/{one.id}")
    ned = library.browser("ned")
    ned.get("/staff/help/times")
    assert ned.post(f"/staff/help/times/{other.id}/remove").status_code == 404
    assert anna.post(f"/staff/help/times/{other.id}/remove").status_code == 303
    assert anna.post(f"/staff/help/times/{slot.id}/remove").location.endswith("said=booked")
    assert times(library) == ["03-10 10:00"]
    anna.get("/staff/board")
    assert "Booked for Tue 10 Mar, 10:00" in anna.words


def test_who_says_at_the_desk_that_she_does_not_come_is_taken_at_her_word(
    library: Library, anna: Browser
) -> None:
    starts = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    with library.store.write() as db:
        slot = slots.add(db, library.central, starts, 30, datetime.now(UTC))
    one = ask(library, "jobs", "time", slot_id=slot.id)
    anna.get(f"/staff/help/{one.id}")
    assert anna.page.select_one("#live .number") is None, "a booked time has no number to be called by"
    assert anna.post(f"/staff/help/{one.id}/done", outcome="by-person").location == "/staff/board"
    assert (now_is(library, one).state, now_is(library, one).outcome) == ("cancelled", "by-person")
    with library.store.read() as db:
        assert [each.id for each in slots.free(db, library.central, datetime.now(UTC))] == [slot.id]
    anna.get("/staff/help/times")
    assert anna.post(f"/staff/help/{one.id}/done", outcome="by-person").status_code == 409


def test_a_manager_says_for_which_branch(library: Library) -> None:
    manager = library.browser("manager")
    manager.get("/staff/help/times")
    fields = {"day": "2026-03-10", "starts": "10:00", "minutes": "20", "number": "1"}
    answer = manager.post("/staff/help/times", branch=library.north, **fields)
    assert answer.location == f"/staff/help/times?branch={library.north}&said=added"
    assert (times(library), times(library, library.north)) == ([], ["03-10 10:00"])
    anna = library.browser("anna")
    anna.get("/staff/help/times")
    anna.post("/staff/help/times", branch=library.north, **fields)
    assert len(times(library)) == 1, "who works at one branch keeps times free there"
    assert manager.get("/staff/help/times?branch=nowhere").status_code == 404
