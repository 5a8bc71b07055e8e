"""The staff pages: who gets in, what each role sees, and what a page left open gives away."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import time_machine
from click.testing import Result

from kiosk import audit, create_app, sealing
from kiosk.people import sessions, unmarked_views
from tests.help.desks import ask
from tests.staff.conftest import MORNING, PASSWORD, Browser, Library

pytestmark = pytest.mark.patient

STRONG = "seven moons over a violet tractor"


def staff_pages(library: Library) -> list[str]:
    """Every address under /staff/ that takes no id and can simply be opened."""
    return sorted(
        rule.rule
        for rule in library.app.url_map.iter_rules()
        if rule.rule.startswith("/staff/") and not rule.arguments and "GET" in (rule.methods or ())
    )


# -- doors --------------------------------------------------------------------------------------------------


def test_every_staff_page_says_whom_it_is_for(library: Library) -> None:
    assert unmarked_views(library.app) == []


EVERYBODY, OPENERS = {"branch", "manager", "administrator"}, {"branch", "manager"}
SETTERS = {"manager", "administrator"}
WHO_MAY = {
    "staff.sign_in": None,
    "staff.send_sign_in": None,
    "staff.home": EVERYBODY,
    "staff.board": OPENERS,
    "staff.live": OPENERS,
    "staff.take": OPENERS,
    "staff.close_board": OPENERS,
    "staff.sign_out": EVERYBODY,
    "staff.password": EVERYBODY,
    "staff.change_password": EVERYBODY,
    "staff.password_changed": EVERYBODY,
    "staff.everybody": {"manager", "administrator"},
    "staff.every_language": EVERYBODY,
    "staff.person": {"manager", "administrator"},
    "staff.disable": {"manager", "administrator"},
    "staff.new_person": {"manager"},
    "staff.add_person": {"manager"},
    "staff.reset_password": {"manager"},
    "staff.enable": {"manager"},
    "staff.audit_log": {"manager"},
    "staff.messages": SETTERS,
    "staff.retry_messages": SETTERS,
    "staff.test_message": SETTERS,
    "staff.settings_page": EVERYBODY,
    "staff.save_settings": SETTERS,
    "fleet.screens": SETTERS,
    "fleet.pair": SETTERS,
    "fleet.revoke": SETTERS,
    "staff.every_branch": SETTERS,
    "staff.branch": SETTERS,
    "staff.edit_address": SETTERS,
    "staff.save_address": SETTERS,
    "staff.edit_hours": SETTERS,
    "staff.save_hours": SETTERS,
    "staff.close_branch": SETTERS,
    "staff.open_branch": SETTERS,
    "staff.add_neighbour": SETTERS,
    "staff.move_neighbour": SETTERS,
    "staff.remove_neighbour": SETTERS,
    "staff.add_screen": SETTERS,
    "staff.edit_screen": SETTERS,
    "staff.rename_screen": SETTERS,
    "join_desk.joins": OPENERS,
    "join_desk.open_by_code": OPENERS,
    "join_desk.show": OPENERS,
    "join_desk.edit": OPENERS,
    "join_desk.save": OPENERS,
    "join_desk.wait": OPENERS,
    "join_desk.finish": OPENERS,
    "join_desk.refuse": OPENERS,
    "join_desk.agreed": OPENERS,
    "join_desk.part": OPENERS,
    "cards.blocks": SETTERS,
    "cards.load": {"manager"},
    "cards.stop": {"manager"},
    "events_desk.programme": OPENERS,
    "events_desk.search": OPENERS,
    "events_desk.open_by_code": OPENERS,
    "events_desk.show": OPENERS,
    "events_desk.cancel": OPENERS,
    "events_desk.cancel_date": OPENERS,
    "events_desk.take_up_date": OPENERS,
    "events_desk.keep": OPENERS,
    "events_desk.new": OPENERS,
    "events_desk.make": OPENERS,
    "events_desk.edit": OPENERS,
    "events_desk.save": OPENERS,
    "events_desk.words": OPENERS,
    "events_desk.save_words": OPENERS,
    "events_desk.more_dates": OPENERS,
    "events_desk.add_dates": OPENERS,
    "events_desk.edit_date": OPENERS,
    "events_desk.save_date": OPENERS,
    "events_desk.leave_out": OPENERS,
    "events_desk.sheet": OPENERS,
    "events_desk.came": OPENERS,
    "events_desk.count_walk_ins": OPENERS,
    "events_desk.book_for": OPENERS,
    "events_desk.make_booking": OPENERS,
    "events_desk.show_booking": OPENERS,
    "events_desk.paid": OPENERS,
    "events_desk.given_back": OPENERS,
    "events_desk.accept": OPENERS,
    "events_desk.change_places": OPENERS,
    "events_desk.cancel_booking": OPENERS,
    "events_desk.new_pin": OPENERS,
    "events_desk.wished": OPENERS,
    "events_import.start": OPENERS,
    "events_import.upload": OPENERS,
    "events_import.look": OPENERS,
    "events_import.set_columns": OPENERS,
    "events_import.load": OPENERS,
    "events_import.throw_away": OPENERS,
    "directory_desk.listed": OPENERS,
    "directory_desk.search": OPENERS,
    "directory_desk.service": OPENERS,
    "directory_desk.show": OPENERS,
    "directory_desk.looked": OPENERS,
    "directory_desk.keep": OPENERS,
    "directory_desk.set_needs": OPENERS,
    "directory_desk.facts": OPENERS,
    "directory_desk.facts_back": OPENERS,
    "directory_desk.capacity": OPENERS,
    "directory_desk.card": OPENERS,
    "directory_desk.drop_card": OPENERS,
    "directory_desk.new": OPENERS,
    "directory_desk.edit": OPENERS,
    "directory_desk.partner": {"manager"},
    "directory_words.listed": OPENERS,
    "directory_words.word": OPENERS,
    "directory_words.decide": OPENERS,
    "directory_import.start": {"manager"},
    "directory_import.upload": {"manager"},
    "directory_import.look": {"manager"},
    "directory_import.set_columns": {"manager"},
    "directory_import.load": {"manager"},
    "directory_import.throw_away": {"manager"},
    "events_import.add_calendar": OPENERS,
    "events_import.fetch_calendar": OPENERS,
    "events_import.stop_calendar": OPENERS,
    "events_import.confirm_place": OPENERS,
    "events_import.forget_place": OPENERS,
    "help_desk.show": OPENERS,
    "help_desk.live": OPENERS,
    "help_desk.take": OPENERS,
    "help_desk.coming": OPENERS,
    "help_desk.put_back": OPENERS,
    "help_desk.hold": OPENERS,
    "help_desk.pass_on": OPENERS,
    "help_desk.pass_to_branch": OPENERS,
    "help_desk.done": OPENERS,
    "help_desk.say": OPENERS,
    "help_desk.say_own": OPENERS,
    "help_desk.times": OPENERS,
    "help_desk.add_times": OPENERS,
    "help_desk.remove_time": OPENERS,
    "help_desk.sentences": OPENERS,
    "help_desk.add_sentence": OPENERS,
    "help_desk.sentence": OPENERS,
    "help_desk.change_sentence": OPENERS,
    "help_desk.remove_sentence": OPENERS,
    "support_desk.referrals": OPENERS,
    "support_desk.referral_by_code": OPENERS,
    "support_desk.referral": OPENERS,
    "support_desk.content": OPENERS,
    "support_desk.chased": OPENERS,
    "support_desk.take_back": OPENERS,
    "support_desk.told_person": OPENERS,
    "support_desk.answer": OPENERS,
    "support_desk.new_pin": OPENERS,
    "support_desk.ask_person": OPENERS,
    "support_desk.person_says": OPENERS,
    "support_desk.every_partner": OPENERS,
    "support_desk.partner": OPENERS,
    "support_desk.new_partner": {"manager"},
    "support_desk.add_partner": {"manager"},
    "support_desk.change_partner": {"manager"},
    "support_desk.end_partner": {"manager"},
    "support_desk.begin_partner_again": {"manager"},
    "support_desk.end_partner_member": {"manager"},
    "support_desk.give_first_password": {"manager"},
    "support_desk.numbers": OPENERS,
    "feedback_desk.months": OPENERS,
    "support_rules.rules": OPENERS,
    "follow_desk.start": OPENERS,
    "follow_desk.follow": OPENERS,
    "handover.choose": OPENERS,
    "handover.check": OPENERS,
    "handover.download": OPENERS,
    "handover.send": OPENERS,
}


def test_every_staff_page_is_for_those_that_this_table_says(library: Library) -> None:
    views = {
        rule.endpoint: getattr(library.app.view_functions[rule.endpoint], "access").roles  # noqa: B009
        for rule in library.app.url_map.iter_rules()
        if rule.rule.startswith("/staff/")
    }
    assert {name: None if roles is None else set(roles) for name, roles in views.items()} == WHO_MAY


def test_a_page_that_does_not_say_whom_it_is_for_is_closed_to_everybody(tmp_path: Path) -> None:
    app = create_app(tmp_path / "data")
    app.add_url_rule("/staff/forgotten", "forgotten", lambda: "secret")
    assert unmarked_views(app) == ["forgotten"]
    library = Library(app)
    answer = library.browser("manager").get("/staff/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text
    library.store.close()


def test_whoever_is_not_signed_in_comes_to_the_door_and_then_where_she_wanted(library: Library) -> None:
    browser = library.browser()
    for page in staff_pages(library):
        if page != "/staff/sign-in":
            answer = browser.get(page)
            assert (answer.status_code, answer.location) == (303, f"/staff/sign-in?next={page}")
    answer = browser.sign_in("manager", path="/staff/sign-in?next=/staff/audit")
    assert (answer.status_code, answer.location) == (303, "/staff/audit")
    assert browser.get("/staff/audit").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/staff/",
        "//evil.example/staff/",
        "/\\evil.example",
        "/staff/\\..\\evil",
        "javascript:alert(1)",
        "/pl/",
        "staff/audit",
        "/staff/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_the_door_leads_to_no_other_house(library: Library, wanted: str) -> None:
    browser = library.browser()
    browser.get("/staff/sign-in")
    token = browser.page.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    answer = browser.client.post(
        "/staff/sign-in",
        query_string={"next": wanted},
        data={"csrf_token": token["value"], "username": "manager", "password": PASSWORD},
    )
    assert (answer.status_code, answer.location) == (303, "/staff/")


def test_a_form_without_the_token_of_this_browser_changes_nothing(library: Library) -> None:
    elsewhere, browser = library.browser("anna"), library.browser("manager")
    anna = library.person_id("anna")
    elsewhere.get("/staff/password")
    browser.page = elsewhere.page
    assert browser.post(f"/staff/people/{anna}/disable").status_code in (400, 403)
    assert browser.client.post(f"/staff/people/{anna}/disable").status_code in (400, 403)
    assert "person disabled" not in [action for _who, action, _id in library.log()]


def test_another_site_cannot_press_a_button_here(library: Library) -> None:
    browser = library.browser("manager")
    browser.get("/staff/password")
    token = browser.page.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.client.post("/staff/sign-out", data={"csrf_token": token["value"]}, headers=headers)
        assert answer.status_code == 403
    assert browser.get("/staff/password").status_code == 200


def test_the_cookie_is_for_this_site_and_not_for_scripts(library: Library) -> None:
    answer = library.browser().sign_in("manager")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("staff="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Expires" not in cookie


def test_behind_https_the_cookie_is_bound_to_the_host(tmp_path: Path, clock: time_machine.Traveller) -> None:
    library = Library(create_app(tmp_path / "data", HTTPS=True))
    browser = library.browser()
    browser.client.get("/staff/sign-in", base_url="https://localhost")
    page = browser.see(browser.client.get("/staff/sign-in", base_url="https://localhost"))
    assert page.status_code == 200
    token = browser.page.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    answer = browser.client.post(
        "/staff/sign-in",
        base_url="https://localhost",
        data={"csrf_token": token["value"], "username": "manager", "password": PASSWORD},
    )
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-staff="))
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    library.store.close()


def test_signing_in_again_gives_another_cookie(library: Library) -> None:
    cookies = set()
    for _ in range(2):
        answer = library.browser().sign_in("manager")
        cookies |= {each for each in answer.headers.getlist("Set-Cookie") if each.startswith("staff=")}
    assert len(cookies) == 2


# -- the door itself ----------------------------------------------------------------------------------------


def test_a_wrong_password_says_so_and_not_which_part_was_wrong(
    library: Library, clock: time_machine.Traveller
) -> None:
    said = []
    for username in ("manager", "nobody"):
        browser = library.browser()
        answer = browser.sign_in(username, "wrong")
        assert answer.status_code == 422
        said.append(browser.words)
        assert "wrong" not in answer.text.replace("is wrong.", ""), "the password is not written back"
    assert said[0] == said[1]
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Error: ")


def test_whoever_tries_too_fast_is_told_how_long_to_wait(library: Library) -> None:
    browser = library.browser()
    browser.sign_in("manager", "wrong")
    answer = browser.sign_in("manager")
    assert answer.status_code == 429
    assert "Wait 1 seconds." in browser.words


def test_a_very_long_password_costs_no_more_than_a_short_one(library: Library) -> None:
    assert library.browser().sign_in("manager", "x" * 100_000).status_code == 422


def test_in_a_flood_of_sign_ins_people_are_asked_to_come_back(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, browser = library.browser("manager"), library.browser()
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(sealing, "_at_work_or_waiting", full)
    assert browser.sign_in("anna").status_code == 503
    assert "Try again in a moment." in browser.words
    anna = library.person_id("anna")
    for page, path, fields in [
        ("/staff/password", "/staff/password", {"old": PASSWORD, "new": STRONG, "again": STRONG}),
        ("/staff/people/add", "/staff/people/add", {"name": "Zed", "username": "zed", "role": "manager"}),
        (f"/staff/people/{anna}", f"/staff/people/{anna}/password", {}),
    ]:
        manager.get(page)
        assert manager.post(path, **fields).status_code == 503
        assert "Try again in a moment." in manager.words


def test_who_is_in_already_is_not_asked_again(library: Library) -> None:
    assert library.browser("manager").get("/staff/sign-in").location == "/staff/"


def test_who_signs_out_is_out(library: Library) -> None:
    browser = library.browser("manager")
    browser.get("/staff/audit")
    answer = browser.post("/staff/sign-out")
    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    assert browser.get("/staff/audit").status_code == 303
    assert ("manager", "signed out", library.person_id("manager")) in library.log()


# -- staying ------------------------------------------------------------------------------------------------


def test_a_page_left_open_goes_back_to_the_door(library: Library, clock: time_machine.Traveller) -> None:
    browser = library.browser("manager")
    answer = browser.get("/staff/audit")
    assert answer.headers["Refresh"] == "901; url=/staff/sign-in?next=/staff/audit"
    clock.shift(sessions.IDLE + timedelta(seconds=1))
    assert browser.get("/staff/audit").location == "/staff/sign-in?next=/staff/audit"


def test_polling_is_no_sign_of_life_and_ends_at_the_door(
    library: Library, clock: time_machine.Traveller
) -> None:
    browser = library.browser("manager")
    for _ in range(3):
        clock.shift(timedelta(minutes=5))
        assert browser.get("/staff/audit?seen=1", HX_Request="true").status_code == 200
    clock.shift(1)
    answer = browser.get("/staff/audit?seen=1", HX_Request="true")
    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["HX-Redirect"] == "/staff/sign-in?next=/staff/audit"


def test_a_touch_every_ten_minutes_is_enough(library: Library, clock: time_machine.Traveller) -> None:
    browser = library.browser("manager")
    for _ in range(4):
        clock.shift(timedelta(minutes=10))
        assert browser.get("/staff/audit").status_code == 200


# -- one's own password -------------------------------------------------------------------------------------


def test_a_new_member_of_staff_chooses_her_own_password_first(
    library: Library, clock: time_machine.Traveller
) -> None:
    manager = library.browser("manager")
    manager.get("/staff/people/add")
    answer = manager.post(
        "/staff/people/add", name="Zofia Lis", username=" Zofia.Lis ", role="branch", branch=library.central
    )
    assert answer.status_code == 200
    shown = manager.page.find(class_="secret")
    assert shown is not None
    password = shown.get_text()
    assert "It is shown only now." in manager.words

    zofia = library.browser()
    assert zofia.sign_in("zofia.lis", password).status_code == 303
    for page in ("/staff/", "/staff/joins/"):
        assert zofia.get(page).location == "/staff/password"
    assert zofia.get("/staff/password").status_code == 200
    assert zofia.page.find("nav") is None, "there is nowhere else to go yet"
    clock.shift(1)
    answer = zofia.post("/staff/password", old=password, new=STRONG, again=STRONG)
    assert (answer.status_code, answer.location) == (303, "/staff/password/changed")
    assert zofia.get("/staff/password/changed").status_code == 200
    assert zofia.get("/staff/").location == "/staff/board"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"old": PASSWORD, "new": "short", "again": "short"}, "Use 15 letters or more."),
        ({"old": PASSWORD, "new": "passwordpassword", "again": "passwordpassword"}, "easy to guess"),
        ({"old": PASSWORD, "new": "y" * 500, "again": "y" * 500}, "Use 200 letters or less."),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "your old password"),
        ({"old": PASSWORD, "new": STRONG, "again": STRONG + "!"}, "not the same"),
        ({"old": "wrong", "new": STRONG, "again": STRONG}, "This is not your password."),
        ({}, "Use 15 letters or more."),
    ],
)
def test_a_password_that_cannot_be_taken_says_why(
    library: Library, fields: dict[str, str], says: str
) -> None:
    browser = library.browser("anna")
    browser.get("/staff/password")
    answer = browser.post("/staff/password", **fields)
    assert answer.status_code == 422
    assert says in browser.words
    assert browser.page.select_one("[aria-invalid=true]")
    for typed in fields.values():
        assert f'"{typed}"' not in answer.text, "a password is not written back"


def test_a_changed_password_signs_out_everywhere_else(library: Library) -> None:
    here, elsewhere = library.browser("anna"), library.browser("anna")
    here.get("/staff/password")
    assert here.post("/staff/password", old=PASSWORD, new=STRONG, again=STRONG).status_code == 303
    assert here.get("/staff/password").status_code == 200
    assert elsewhere.get("/staff/password").status_code == 303


# -- people -------------------------------------------------------------------------------------------------


def test_each_role_sees_its_own_sections(library: Library) -> None:
    seen = {}
    for username in ("anna", "manager", "it"):
        browser = library.browser(username)
        browser.get("/staff/password")
        nav = browser.page.find("nav")
        assert nav is not None
        seen[username] = nav.get_text(" ").split()
    assert seen == {
        "anna": ["Board", "Joins", "Events", "Support", "How", "it", "was", "Languages", "Settings"],
        "manager": [
            "Board",
            "Joins",
            "Events",
            "Support",
            "How",
            "it",
            "was",
            "People",
            "Branches",
            "Languages",
            "Settings",
            "Messages",
            "Screens",
            "Audit",
        ],
        "it": ["People", "Branches", "Languages", "Settings", "Messages", "Screens"],
    }


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("/staff/people", {"manager", "it"}),
        ("/staff/people/add", {"manager"}),
        ("/staff/audit", {"manager"}),
        ("/staff/branches", {"manager", "it"}),
        ("/staff/kiosks", {"manager", "it"}),
        ("/staff/password", {"manager", "it", "anna"}),
        ("/staff/joins/", {"manager", "anna"}),
        ("/staff/board", {"manager", "anna"}),
        ("/staff/how-it-was", {"manager", "anna"}),
    ],
)
def test_what_is_not_for_a_role_is_closed_to_it(library: Library, page: str, allowed: set[str]) -> None:
    for username in ("manager", "it", "anna"):
        answer = library.browser(username).get(page)
        assert answer.status_code == (200 if username in allowed else 403)


@pytest.mark.parametrize("act", ["password", "disable", "enable"])
@pytest.mark.parametrize("username", ["anna", "it"])
def test_who_may_not_manage_people_does_not(library: Library, username: str, act: str) -> None:
    browser = library.browser(username)
    browser.get("/staff/password")
    answer = browser.post(f"/staff/people/{library.person_id('ned')}/{act}")
    assert answer.status_code == (303 if (username, act) == ("it", "disable") else 403)


def test_the_first_page_of_an_administrator_are_the_people(library: Library) -> None:
    assert library.browser("it").get("/staff/").location == "/staff/people"
    assert library.browser("anna").get("/staff/").location == "/staff/board"


def added(library: Library) -> list[str]:
    return [subject for _who, action, subject in library.log() if action == "person added"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"username": "anna"}, "Somebody has this user name."),
        ({"username": "Señora"}, "Use 2 to 40 letters"),
        ({"username": "(unknown name)"}, "Use 2 to 40 letters"),
        ({"username": ""}, "Use 2 to 40 letters"),
        ({"name": " \u202e "}, "Write the name."),
        ({"name": "x" * 10_000}, "This name is too long."),
        ({"branch": ""}, "Choose the branch"),
        ({"branch": "elsewhere"}, "Choose the branch"),
        ({"role": "partner"}, ""),
    ],
)
def test_a_person_who_cannot_be_added_says_why(library: Library, changed: dict[str, str], says: str) -> None:
    before = len(added(library))
    browser = library.browser("manager")
    browser.get("/staff/people/add")
    fields = {"name": "Zofia", "username": "zofia", "role": "branch", "branch": library.central, **changed}
    assert browser.post("/staff/people/add", **fields).status_code == 422
    assert says in browser.words
    assert len(added(library)) == before


def test_names_are_shown_as_they_are_and_never_as_code(library: Library) -> None:
    browser = library.browser("manager")
    browser.get("/staff/people/add")
    name = "<script>alert(1)</script> {{7*7}}"
    assert browser.post("/staff/people/add", name=name, username="zed", role="manager").status_code == 200
    browser.get("/staff/people")
    assert name in browser.words


def test_a_manager_gives_a_new_password_and_ends_an_account(library: Library) -> None:
    anna, anna_id = library.browser("anna"), library.person_id("anna")
    manager = library.browser("manager")
    manager.get(f"/staff/people/{anna_id}")
    assert manager.post(f"/staff/people/{anna_id}/password").status_code == 200
    assert manager.page.find(class_="secret") is not None
    assert anna.get("/staff/password").status_code == 303

    manager.get(f"/staff/people/{anna_id}")
    assert manager.post(f"/staff/people/{anna_id}/disable").status_code == 303
    manager.get(f"/staff/people/{anna_id}")
    assert "Cannot sign in" in manager.words
    assert manager.post(f"/staff/people/{anna_id}/enable").status_code == 303
    manager.get("/staff/people")
    assert "Cannot sign in" not in manager.words


def test_a_manager_cannot_end_the_own_account(library: Library) -> None:
    me = library.person_id("manager")
    browser = library.browser("manager")
    browser.get(f"/staff/people/{me}")
    assert "This is you." in browser.words
    assert browser.post(f"/staff/people/{me}/disable").status_code == 409
    browser.get(f"/staff/people/{me}")
    assert browser.post(f"/staff/people/{me}/password").location == "/staff/password"


def test_an_administrator_cannot_end_the_last_manager(library: Library) -> None:
    browser = library.browser("it")
    browser.get(f"/staff/people/{library.person_id('manager')}")
    assert browser.post(f"/staff/people/{library.person_id('manager')}/disable").status_code == 409
    assert "This is the last manager." in browser.words


def test_what_is_not_there_is_a_page_in_the_look_of_staff(library: Library) -> None:
    browser = library.browser("manager")
    for path in ("/staff/people/nobody", "/staff/nowhere"):
        assert browser.get(path).status_code == 404
        assert browser.page.find("body", class_="staff")
        assert "This page is not here." in browser.words
    browser.get("/staff/password")
    assert browser.post("/staff/people/nobody/disable").status_code == 404
    assert library.browser().get("/staff/nowhere").status_code == 404
    assert browser.get("/staff/sign-out").status_code == 405


RUBBISH = [
    "",
    "x" * 10_000,
    "\x00\x07\x1b",
    "\u202e\u2066",
    "\U0001f600",
    "<b>'\"&",
    "'; DROP TABLE people--",
    "\ud800",
]
FIELDS = (
    "username password old new again name role branch code card reason note first_name family_name born"
    " age_band contact phone email address postcode home needs as_read"
    " join target first last neighbour screen staffed_1 unstaffed_7"
    " url calendar place spelling plan order file"
    " words word source organisation text partner places_left undecided"
    " minutes until colleague outcome phrase time day starts number english in_pl"
)


@pytest.mark.parametrize("typed", RUBBISH)
def test_whatever_is_typed_no_form_breaks(
    library: Library, clock: time_machine.Traveller, typed: str
) -> None:
    browser = library.browser("manager")
    browser.get("/staff/password")
    tag = browser.page.find("input", attrs={"name": "csrf_token"})
    assert tag is not None
    sent = {"csrf_token": str(tag["value"]), **dict.fromkeys(FIELDS.split(), typed)}
    body = urlencode(sent, errors="surrogatepass")
    ids = {
        "person_id": library.person_id("ned"),
        "join_id": typed or "nothing",
        "branch_id": library.central,
        "neighbour_id": typed or "nothing",
        "screen_id": library.screen,
        "place_id": library.central,
        "kiosk_id": library.screen,
        "block_id": typed or "nothing",
        "event_id": typed or "nothing",
        "occurrence_id": typed or "nothing",
        "booking_id": typed or "nothing",
        "file_id": typed or "nothing",
        "subscription_id": typed or "nothing",
        "request_id": ask(library).id,
        "slot_id": typed or "nothing",
        "phrase_id": typed or "nothing",
        "service_id": typed or "nothing",
        "tag": typed or "nothing",
        "way": "email",
        "partner_id": typed or "nothing",
        "handover_id": typed or "nothing",
    }
    for rule in library.app.url_map.iter_rules():
        sends = "POST" in (rule.methods or ()) and rule.endpoint != "staff.sign_out"
        if sends and rule.rule.startswith("/staff/"):
            path = re.sub(r"<(\w+)>", lambda match: quote(ids[match[1]], errors="surrogatepass"), rule.rule)
            answer = browser.client.post(path, data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, rule
            clock.shift(61)
    assert browser.get("/staff/audit").status_code == 200, "still signed in, nothing broke"


# -- the log ------------------------------------------------------------------------------------------------


def test_the_log_is_read_fifty_at_a_time_and_by_person(library: Library) -> None:
    for number in range(120):
        with library.store.write() as db:
            audit.record(db, library.service_key, who="anna", role="branch", action="join opened",
                         subject="join", subject_id=f"{number:03}")  # fmt: skip
    browser = library.browser("manager")
    browser.get("/staff/audit?who=anna&page=2")
    rows = browser.page.select("tbody tr")
    assert len(rows) == 50
    assert "069" in rows[0].get_text()
    hrefs = [a["href"] for a in browser.page.select(".pager a")]
    assert hrefs == ["/staff/audit?page=1&who=anna", "/staff/audit?page=3&who=anna"]
    browser.get("/staff/audit?page=999999999999")
    assert browser.page.select("tbody tr") == []
    assert browser.get("/staff/audit?who=<script>&page=-1").status_code == 200
    assert browser.get("/staff/audit?page=x").status_code == 200


def test_the_log_shows_the_time_on_the_clock_of_the_library(
    library: Library, clock: time_machine.Traveller
) -> None:
    clock.move_to(MORNING + timedelta(days=90))  # summer time
    browser = library.browser("manager")
    browser.get("/staff/audit")
    newest = browser.page.select_one("tbody time")
    assert newest is not None
    assert newest.get_text() == "7 Jun 2026, 10:00"


# -- the command line ---------------------------------------------------------------------------------------


def run(library: Library, *words: str, typed: str = "") -> Result:
    return library.app.test_cli_runner().invoke(args=list(words), input=typed)


def test_the_command_line_verifies_the_log(library: Library) -> None:
    anchor = run(library, "audit", "anchor").output.strip()
    library.browser("manager")
    assert re.fullmatch(r"The audit log is whole: \d+ rows.\n", run(library, "audit", "verify").output)
    assert run(library, "audit", "verify", "--anchor", anchor).exit_code == 0
    number, _, head = anchor.partition(":")
    wrong = f"{number}:{'00' * 32}" if head else ""
    broken = run(library, "audit", "verify", "--anchor", wrong)
    assert broken.exit_code == 1
    assert "The audit log is broken at row" in broken.output
    assert "That is no line" in run(library, "audit", "verify", "--anchor", "rubbish").output


def test_the_command_line_lets_a_manager_in_with_the_recovery_key(
    library: Library, clock: time_machine.Traveller
) -> None:
    answer = run(library, "people", "recover", "manager", typed=library.shown.recovery_key + "\n")
    assert answer.exit_code == 0
    assert library.shown.recovery_key not in answer.output
    password = answer.output.split()[-1]
    browser = Browser(library.app)
    assert browser.sign_in("manager", password).status_code == 303
    assert browser.get("/staff/").location == "/staff/password"
    for typed, name, says in [
        ("rubbish", "manager", "That is no recovery key."),
        (library.shown.recovery_key, "nobody", "There is no account"),
    ]:
        refused = run(library, "people", "recover", name, typed=typed + "\n")
        assert refused.exit_code == 1
        assert says in refused.output


def test_the_command_line_lists_people_without_secrets(library: Library) -> None:
    assert "anna  branch  Anna Nowak\n" in run(library, "people", "list").output


def test_staff_are_told_which_languages_nobody_has_read_yet(library: Library) -> None:
    page = library.browser("manager").get("/staff/languages").text
    assert page.count("Draft") == 5
    assert "Read by the authors" in page
