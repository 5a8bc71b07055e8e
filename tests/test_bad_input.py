"""Whatever is written, and whatever order it comes in: a clear page in her own language, and nothing lost."""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import languages, rounds, settings
from kiosk.forms import NAME_LENGTH
from kiosk.join.paths import STEPS
from kiosk.join.questions import MOST_CHILDREN
from kiosk.store import Store
from tests.visitor import USUAL, Instead, Visitor, field_of, opened

pytestmark = pytest.mark.patient

LANGUAGES = [language.tag for language in languages.complete()]

RUBBISH = {
    "nothing": b"",
    "only spaces": b"%20%09%C2%A0%E3%80%80",
    "10,000 letters": b"a" * 10_000,
    "10,000 marks on one letter": b"e" + b"%CC%81" * 10_000,
    "control characters": b"A%01%02%1B%7Fmina",
    "a null": b"A%00mina",
    "only a null": b"%00",
    "two lines": b"Amina%0D%0ASet-Cookie:%20a=b",
    "right to left override": b"%E2%80%AEanimA%E2%80%AC",
    "isolates without an end": b"%E2%81%A7%E2%81%A7Amina",
    "emoji": b"%F0%9F%91%A9%E2%80%8D%F0%9F%A6%B0",
    "html": b"%3C/bdi%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
    "an attribute": b"%22%20autofocus%20onfocus=%22alert(1)",
    "a template": b"%7B%7B7*7%7D%7D%7B%25%20raw%20%25%7D%25(name)s",
    "sql": b"'%3B%20DROP%20TABLE%20joins%3B%20--",
    "a path": b"../../../../etc/passwd",
    "a lone surrogate": b"A%ED%A0%80mina",
    "only a lone surrogate": b"%ED%A0%80",
    "not utf-8": b"%FF%FE%80Amina",
    "a number too large": b"99999999999999999999999999",
    "a negative number": b"-1",
    "other digits": b"%D9%A1%D9%A9%D9%A9%D9%A0",
    "not a number": b"NaN",
    "a private character": b"%EE%80%80%F3%B0%80%80",
    "an answer that is not there": b"none-of-these",
}

WAYS: dict[str, dict[str, Any]] = {
    "age": {"year": Instead("unsure")},
    "email": {"contact": "email"},
    "ages": {"who": "children"},
    "brings": {"who": "home"},
    "times": {"who": "home"},
    "door": {"who": "home"},
    "likes": {"who": "home"},
    "address": {"who": "home"},
    "code": {"who": "helps"},
    "neighbour": {"who": "helps"},
    "until": {"who": "helps"},
}
"""Where a page is only asked after certain answers; the pages of children after those of the ones before."""
SEVERAL_CHILDREN = ["5"] * MOST_CHILDREN
CHILDREN_NAMED = {f"child-{number}": "Adam" for number in range(1, MOST_CHILDREN + 1)}


def at(visitor: Visitor, step: str, language: str = "en") -> Visitor:
    """A person who has answered everything before a question."""
    ways = {"who": "me", **WAYS.get(step, {})}
    if step.startswith("child-"):
        ways = {"who": "children", "ages": SEVERAL_CHILDREN, **CHILDREN_NAMED}
    visitor.start_joining(language, who="")
    if step == "who":
        return visitor
    if step == "filled-by":
        visitor.get(f"/{language}/join/filled-by")
        return visitor
    if "family" in step and step != "family-name":
        number = step.rpartition("-")[2]
        visitor.walk(to=f"child-{number}", **ways)
        visitor.post(visitor.path, {"first_name": "Adam", "differs": "yes"})
        return visitor
    visitor.walk(to=step, **ways)
    return visitor


def test_there_is_a_way_to_every_question(visitor: Visitor) -> None:
    for step in STEPS:
        at(visitor, step)
        assert visitor.path == f"/en/join/{step}"
        assert visitor.page.select_one("form#answer"), step
        visitor.get("/")


@pytest.mark.parametrize("step", [step for step in STEPS if not step.startswith("child-") or "2" in step])
def test_any_answer_leads_to_a_page_in_her_language(
    app: Flask, step: str, another: Callable[[], Visitor], caplog: pytest.LogCaptureFixture
) -> None:
    tongues = ("en", "ar", "zh-Hant-HK")
    people = [at(another(), step, language) for language in tongues]
    for number, rubbish in enumerate(RUBBISH.values()):
        visitor, language = people[number % len(people)], tongues[number % len(people)]
        for field in (field_of(step), "instead", "aside")[: 1 if number % 4 else 3]:
            visitor.post_bytes(f"/{language}/join/{step}", field, rubbish)
            assert visitor.status in (200, 422), (field, rubbish[:40], visitor.status)
            assert visitor.lang == language
            if visitor.status == 422:
                assert visitor.problem
    assert "Traceback" not in caplog.text


def test_what_she_wrote_stays_in_the_box_as_text(visitor: Visitor) -> None:
    """In the box she finds her own words, without what nobody can see, and never as a part of the page."""
    shown = {
        "10,000 letters": "a" * 80,
        "html": "</bdi><script>alert(1)</script><img src=x onerror=alert(1)>",
        "an attribute": '" autofocus onfocus="alert(1)',
        "a template": "{{7*7}}{% raw %}%(name)s",
        "sql": "'; DROP TABLE joins; --",
        "right to left override": "animA",
        "a lone surrogate": "A%ED%A0%80mina",  # such bytes are no letter; they are shown as they came
        "a null": "Amina",
        "two lines": "Amina Set-Cookie: a=b",
    }
    at(visitor, "postcode", "ar")
    for name, rubbish in RUBBISH.items():
        visitor.post_bytes("/ar/join/postcode", "postcode", rubbish)
        assert visitor.status == 422, name
        assert visitor.lang == "ar"
        assert visitor.problem == languages.catalogue("ar").gettext("Write your postcode, like IP1 1AA.")
        assert len(visitor.box) <= 4 * 20
        assert all(letter.isprintable() for letter in visitor.box if letter not in "\u200c\u200d"), name
        assert visitor.box == shown.get(name, visitor.box)


def test_whatever_she_calls_herself_arrives_at_the_desk(app: Flask, another: Callable[[], Visitor]) -> None:
    codes = {}
    for name, rubbish in RUBBISH.items():
        visitor = at(another(), "first-name", "uk")
        visitor.post_bytes("/uk/join/first-name", "first_name", rubbish)
        if visitor.status == 422:
            assert visitor.problem, name
            visitor.answer("first-name", "Amina")
        visitor.post_bytes("/uk/join/family-name", "family_name", rubbish)
        if visitor.status == 422:
            visitor.answer("family-name", Instead("one-name"))
        assert visitor.path == "/uk/join/check", name
        visitor.send()
        codes[visitor.code] = name
    kept = opened(app)
    assert set(kept) == set(codes)
    for code, name in codes.items():
        assert 0 < len(kept[code].first_name) <= NAME_LENGTH, name
        assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in kept[code].name), name
        if name == "html":
            assert kept[code].first_name == "</bdi><script>alert(1)</script><img src=x onerror=alert(1)>"
        if name == "sql":
            assert kept[code].first_name == kept[code].family_name == "'; DROP TABLE joins; --"


def test_a_name_of_a_hundred_letters_is_a_name_and_one_more_is_too_long(visitor: Visitor) -> None:
    at(visitor, "first-name", "pl")
    visitor.answer("first-name", "n" * (NAME_LENGTH + 1))
    assert visitor.status == 422
    assert visitor.problem == "Imię lub nazwisko jest za długie. Wpisz krótsze."
    assert visitor.box == "n" * (NAME_LENGTH + 1), (
        "she can take letters away; she need not write it all again"
    )
    visitor.answer("first-name", "n" * NAME_LENGTH)
    assert visitor.path == "/pl/join/family-name"


@pytest.mark.parametrize("month", [2, 4, 12])
def test_a_day_that_the_month_does_not_have_is_not_offered_and_not_taken(
    visitor: Visitor, month: int
) -> None:
    visitor.start_joining("ti")
    visitor.walk(to="day", year="1990", month=str(month))
    days = [str(tag["value"]) for tag in visitor.page.select("button[name=day]")]
    assert days == [str(day) for day in range(1, {2: 28, 4: 30, 12: 31}[month] + 1)]
    visitor.answer("day", str(len(days) + 1))
    assert visitor.status == 422
    assert visitor.lang == "ti"
    visitor.walk(year="1990", month=str(month), day=days[-1])
    visitor.send()
    assert visitor.code


def test_the_29th_of_february_is_a_birthday_in_a_leap_year(app: Flask, visitor: Visitor) -> None:
    code = visitor.join("en", year="2000", month="2", day="29")
    assert opened(app)[code].born == "2000-02-29"


@pytest.mark.parametrize("what", ["a file", "json", "a list", "broken json", "no kind"])
def test_what_is_no_form_gets_a_page_in_her_language(visitor: Visitor, what: str) -> None:
    at(visitor, "first-name", "pl")
    path, token = "/pl/join/first-name", visitor.token
    if what == "a file":
        fields = {"csrf_token": token, "first_name": (io.BytesIO(b"Amina"), "amina.txt")}
        response = visitor.client.post(path, data=fields, content_type="multipart/form-data")
    else:
        body, kind = {
            "json": (b'{"first_name": 5}', "application/json"),
            "a list": (b"[1]", "application/json"),
            "broken json": (b"{", "application/json"),
            "no kind": (b"\x00\xff", ""),
        }[what]
        response = visitor.client.post(path, data=body, content_type=kind, headers={"X-CSRFToken": token})
    visitor._follow(path, response)
    assert visitor.status == 422
    assert visitor.lang == "pl"
    assert visitor.problem == "Wpisz imię, na przykład Anna."


# -- tokens, cookies, sites ------------------------------------------------------------------------------

POSTS = ["finish", "display", "still-here", "join/", "join/send", *(f"join/{step}" for step in STEPS)]


@pytest.mark.parametrize("token", ["none", "wrong", "a stranger's", "long"])
def test_a_form_without_the_right_token_changes_nothing(
    visitor: Visitor, another: Callable[[], Visitor], token: str
) -> None:
    stranger = another()
    stranger.start_joining("ar")
    at(visitor, "first-name", "ar")
    tokens = {"none": "", "wrong": "0" * 64, "a stranger's": stranger.token, "long": "x" * 10_000}
    for path in POSTS:
        visitor.post(f"/ar/{path}", {"csrf_token": tokens[token], "first_name": "Zofia", "change": "text"})
        assert visitor.status == 409, path
        assert visitor.lang == "ar"
        assert visitor.heading == languages.catalogue("ar").gettext(
            "Your visit has ended. We cleared your answers."
        )
    visitor.get("/ar/join/first-name")
    assert visitor.path == "/ar/join/first-name", "her answers are still there"
    assert visitor.box == ""


def test_another_site_can_send_nothing(visitor: Visitor) -> None:
    at(visitor, "first-name", "ti")
    token = visitor.token
    strange: tuple[dict[str, str], ...] = (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8081"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    )
    for path, headers in product(POSTS, strange):
        visitor.post(f"/ti/{path}", {"csrf_token": token}, follow=True, **headers)
        assert visitor.status == 403, (path, headers)
        assert visitor.lang == "ti"
    visitor.get("/ti/join/first-name")
    assert visitor.path == "/ti/join/first-name"


def test_her_own_screen_may_send(visitor: Visitor) -> None:
    at(visitor, "first-name", "ti")
    visitor.post("/ti/join/first-name", {"first_name": "Amina"}, Origin="http://localhost",
                 Sec_Fetch_Site="same-origin")  # fmt: skip
    assert visitor.path == "/ti/join/family-name"


def test_the_cookie_of_one_person_with_the_key_of_another_opens_nothing(
    store: Store, visitor: Visitor, another: Callable[[], Visitor]
) -> None:
    amina, stranger = at(visitor, "check", "ar"), at(another(), "first-name", "ar")
    hers, other = (base64.urlsafe_b64decode(each.cookie) for each in (amina, stranger))
    for token in (hers[:32] + other[32:], hers[:32] + bytes(32), hers[:32] + secrets.token_bytes(32)):
        thief = another()
        thief.client.set_cookie("visit", base64.urlsafe_b64encode(token).decode())
        thief.get("/ar/join/check")
        assert thief.path == "/", "there is nothing to check for her"
        assert thief.cookie != base64.urlsafe_b64encode(token).decode(), "the false cookie is replaced"
    amina.get("/ar/join/check")
    assert "Bekele" in amina.words, "and nothing of the other person's is lost"


NO_COOKIES = ["", "x", "é", "=" * 88, "A" * 86 + "==", "A" * 10_000, "%00", "a\tb"]


def test_a_cookie_that_is_none_begins_a_new_visit(app: Flask, visitor: Visitor) -> None:
    for cookie in NO_COOKIES:
        visitor._look(
            "/pl/", app.test_client(use_cookies=False).get("/pl/", headers={"Cookie": f"visit={cookie}"})
        )
        assert visitor.status == 200
        assert visitor.lang == "pl"


def test_an_expired_visit_says_so_and_keeps_nothing(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    at(visitor, "family-name", "uk")
    token = visitor.token
    clock.shift(2 * 120 + 60 + 60 + 1)
    visitor.post("/uk/join/family-name", {"csrf_token": token, "family_name": "Bekele"})
    assert visitor.status == 409
    assert visitor.lang == "uk"
    assert visitor.heading == languages.catalogue("uk").gettext(
        "Your visit has ended. We cleared your answers."
    )
    rounds.go(app)
    with store.read() as db:
        assert db.value("SELECT COUNT(*) FROM visits") == 0
    visitor.get("/uk/join/check")
    assert visitor.path == "/"


def test_a_visit_that_the_round_took_away_is_over(
    app: Flask, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    at(visitor, "check", "zh-Hant-HK")
    token, key = visitor.token, visitor.key
    clock.shift(3600)
    assert rounds.go(app) == 1
    visitor.post("/zh-Hant-HK/join/send", {"csrf_token": token, "key": key})
    assert visitor.status == 409
    assert visitor.lang == "zh-Hant-HK"
    assert opened(app) == {}, "nothing is sent for somebody who is gone"


# -- pages out of order ----------------------------------------------------------------------------------


def test_a_page_that_is_not_asked_leads_to_the_one_that_is(visitor: Visitor) -> None:
    visitor.start_joining("pl")
    for step in ("month", "day", "age", "phone", "email"):
        visitor.get(f"/pl/join/{step}")
        assert visitor.path == "/pl/join/year", step
        visitor.answer(step, USUAL[step])
        assert visitor.path == "/pl/join/year", step
    visitor.get("/pl/join/check")
    assert visitor.path == "/pl/join/year"
    visitor.get("/pl/join/send")
    assert visitor.path == "/pl/join/year"


def test_answers_that_come_out_of_order_are_kept_and_the_gaps_are_asked(app: Flask, visitor: Visitor) -> None:
    visitor.start_joining("en")
    visitor.answer("family-name", "Bekele")
    assert visitor.path == "/en/join/year"
    visitor.answer("postcode", Instead("no-fixed"))
    assert visitor.path == "/en/join/year"
    visitor.walk()
    visitor.send()
    answers = opened(app)[visitor.code]
    assert (answers.family_name, answers.home) == ("Bekele", "no-fixed")


def test_sending_before_everything_is_answered_leads_to_the_question_that_is_left(
    app: Flask, visitor: Visitor
) -> None:
    at(visitor, "postcode", "ar")
    visitor.post("/ar/join/send", {"key": "0" * 32})
    assert visitor.path == "/ar/join/postcode"
    assert opened(app) == {}


def test_a_key_that_is_not_hers_sends_nothing(app: Flask, visitor: Visitor) -> None:
    at(visitor, "check", "en")
    for key in ("", "0" * 32, visitor.key.upper(), "x" * 10_000, "\x00"):
        visitor.post("/en/join/send", {"key": key})
        assert visitor.path == "/en/join/check"
    visitor.post("/en/join/send", {})
    assert visitor.path == "/en/join/check"
    assert opened(app) == {}
    visitor.send()
    assert visitor.code in opened(app)


@pytest.mark.parametrize("path", ["join/year", "join/check", "join/receipt", "join/together", "join/send"])
def test_a_page_of_joining_without_a_beginning_is_the_first_screen(visitor: Visitor, path: str) -> None:
    visitor.get(f"/ti/{path}")
    assert visitor.path == "/"
    assert visitor.status == 200


def test_a_question_answered_without_a_beginning_says_that_the_visit_is_over(visitor: Visitor) -> None:
    visitor.get("/ti/")
    for path in ("join/first-name", "join/send"):
        visitor.post(f"/ti/{path}", {"first_name": "Amina", "key": "0" * 32})
        assert visitor.status == 409
        assert visitor.lang == "ti"
        visitor.get("/ti/")


def test_a_second_tab_goes_on_where_the_first_one_is(app: Flask, visitor: Visitor) -> None:
    """Two tabs are one visit: what is answered in one is answered in the other."""
    at(visitor, "first-name", "en")
    stale = visitor.token
    visitor.get("/en/join/year")
    visitor.answer("year", "1985")
    visitor.walk(month="3", day="27")
    visitor.post("/en/join/first-name", {"csrf_token": stale, "first_name": "Sara"})
    assert visitor.path == "/en/join/check"
    visitor.send()
    answers = opened(app)[visitor.code]
    assert (answers.first_name, answers.born) == ("Sara", "1985-03-27")


def test_a_question_left_open_in_a_tab_after_sending_shows_the_code_again(
    app: Flask, visitor: Visitor
) -> None:
    code = visitor.join("pl")
    visitor.post("/pl/join/first-name", {"first_name": "Sara"})
    assert visitor.code == code, "nothing that was sent is lost, and nobody is told that it was"
    visitor.get("/pl/join/check")
    assert visitor.code == code
    assert opened(app)[code].first_name == "Amina"


def test_a_family_joins_one_after_the_other_in_one_visit(app: Flask, visitor: Visitor) -> None:
    first = visitor.join("pl")
    visitor.get("/pl/join/")
    visitor.post("/pl/join/")
    visitor.walk(first_name="Sara")
    visitor.get("/pl/join/send")  # the line was down while she sent: the screen asks what became of it
    assert visitor.path == "/pl/join/check", "the code of the first is no receipt for the second"
    visitor.send()
    assert visitor.code != first
    assert {answers.first_name for answers in opened(app).values()} == {"Amina", "Sara"}


def test_a_double_tap_gets_one_receipt(app: Flask, store: Store, visitor: Visitor) -> None:
    at(visitor, "check", "en")
    token, key = visitor.token, visitor.key
    codes = set()
    for _ in range(3):
        visitor.post("/en/join/send", {"csrf_token": token, "key": key})
        codes.add(visitor.code)
    assert len(codes) == 1
    with store.read() as db:
        assert db.value("SELECT COUNT(*) FROM joins") == 1


def test_too_many_joins_at_one_screen_are_asked_to_wait_and_lose_nothing(
    app: Flask, visitor: Visitor, another: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    with app.extensions["store"].write() as db:
        settings.change(db, "library", "", "joins_an_hour", 1)
    another().join("en")
    at(visitor, "check", "ar")
    path, token, key = visitor.path, visitor.token, visitor.key
    visitor.send()
    assert visitor.status == 429
    assert visitor.lang == "ar"
    assert visitor.heading == languages.catalogue("ar").gettext(
        "Too many people joined here just now. Wait a little, or ask staff."
    )
    visitor.get(path)
    assert visitor.path == path, "her answers are still there"
    assert (visitor.token, visitor.key) == (token, key)
    for _ in range(12):
        clock.shift(301)  # she waits, and touches the screen now and then
        visitor.post("/ar/still-here")
    visitor.get(path)
    visitor.send()
    assert visitor.code in opened(app)


# -- addresses that lead nowhere -------------------------------------------------------------------------


NO_ADDRESSES = [
    "/pl/nothing",
    "/pl/join/nothing",
    "/pl/join/year/more",
    "/pl/join/first_name",
    "/pl/%ED%A0%80",
    "/pl/%00",
    "/pl/join/%3Cscript%3E",
    "/pl/" + "x" * 5_000,
    "/pl/..%2f..%2fetc",
]


def test_an_address_that_is_not_there_is_a_page_in_her_language(visitor: Visitor) -> None:
    for path in NO_ADDRESSES:
        visitor.get(path)
        assert visitor.status == 404
        assert visitor.lang == "pl"
        assert visitor.heading == languages.catalogue("pl").gettext("We cannot find this page.")


NO_LANGUAGES = [
    "xx",
    "PL",
    "pl-PL",
    "fr",
    "zh",
    "zh_Hant_HK",
    "%ED%A0%80",
    "%00",
    "x" * 5_000,
    "join",
    "..",
    "pl%20",
]


def test_a_language_that_is_not_offered_is_a_page_that_leads_to_one_that_is(visitor: Visitor) -> None:
    for tag in NO_LANGUAGES:
        for rest in ("", "join/", "join/year"):
            visitor.get(f"/{tag}/{rest}")
            assert visitor.status == 404
            assert visitor.lang in LANGUAGES
            link = visitor.page.select_one("main a[href]")
            assert link
            visitor.get(str(link["href"]))
            assert visitor.status == 200


def test_a_language_that_this_library_does_not_offer_leads_to_one_that_it_does(
    app: Flask, visitor: Visitor
) -> None:
    with app.extensions["store"].write() as db:
        settings.change(db, "library", "", "languages", ["ar", "pl"])
    for tag in ("uk", "en", "xx"):
        visitor.get(f"/{tag}/")
        assert visitor.status == 404
        assert visitor.lang == "ar"
        link = visitor.page.select_one("main a[href]")
        assert link
        visitor.get(str(link["href"]))
        assert visitor.status == 200, "the way out of a page that is not there must be there"


def test_a_way_of_asking_that_is_not_meant_is_refused(visitor: Visitor) -> None:
    visitor.get("/pl/")
    token = visitor.token
    paths = ("/", "/pl/", "/pl/join/", "/pl/join/year", "/pl/join/send", "/pl/finish")
    for path, method in product(paths, ("PUT", "DELETE", "PATCH", "TRACE")):
        response = visitor.client.open(path, method=method, headers={"X-CSRFToken": token})
        visitor._look(path, response)
        assert response.status_code == 405, (path, method)


@pytest.mark.parametrize("path", ["finish", "display", "still-here"])
def test_what_is_only_sent_cannot_be_opened(visitor: Visitor, path: str) -> None:
    visitor.get(f"/ar/{path}")
    assert visitor.status == 405
    assert visitor.lang == "ar"


NO_WAYS_BACK = [
    "//[",
    "http://[::1",
    "//evil.example/",
    "/\\evil.example",
    "http://evil.example/pl/",
    "javascript:alert(1)",
    "/pl/finish",
    "/staff/",
    "/staff/joins/",
    "/static/kiosk.css",
    "/healthz",
    "\x00",
    "/\r\n/",
    "",
    "pl",
    "/xx/",
    "/pl/nothing",
    "x" * 9_000,
]


def test_the_way_back_is_always_a_page_of_hers(visitor: Visitor) -> None:
    for address in NO_WAYS_BACK:
        visitor.get("/pl/")
        visitor.post("/pl/display", {"change": "text", "from": address})
        assert visitor.status == 200
        assert visitor.path == "/pl/"
        response = visitor.client.get("/pl/language", query_string={"from": address})
        visitor._look("/pl/language", response)
        assert visitor.status == 200
        back = visitor.page.select_one(".top a")
        assert back
        assert back["href"] == "/pl/"


@pytest.mark.parametrize("change", ["", "nothing", "text\x00", "english"])
def test_a_change_that_does_not_exist_is_not_understood(visitor: Visitor, change: str) -> None:
    visitor.get("/ti/")
    visitor.post("/ti/display", {"change": change, "value": "loud"})
    assert visitor.status == 400
    assert visitor.lang == "ti"
