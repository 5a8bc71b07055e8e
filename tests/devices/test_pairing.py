"""A browser becomes a screen, is known as one, and stops being one when staff say so."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from werkzeug.test import TestResponse

from kiosk import branches, create_app, rounds
from kiosk.devices import records
from tests.staff.conftest import Browser, Library
from tests.visitor import Visitor

pytestmark = pytest.mark.patient

PAIR = "/device/pair"
FLEET = "/staff/kiosks"


def code_on(visitor: Visitor) -> str:
    """The code that a new screen shows."""
    tag = visitor.page.select_one(".pairing-code")
    assert tag is not None, visitor.words
    return tag.get_text(strip=True)


def type_code(browser: Browser, code: str, **fields: str) -> TestResponse:
    browser.get(FLEET)
    return browser.post(f"{FLEET}/pair", code=code, **{"screen": "", **fields})


def paired(library: Library, screen: str = "", username: str = "manager") -> Visitor:
    """A browser that is the screen of this library, or another one of it."""
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    staff = library.browser(username)
    assert type_code(staff, code_on(visitor), screen=screen or library.screen).status_code == 303
    visitor.get(PAIR)
    assert visitor.path == "/"
    return visitor


def put_to_rest(library: Library, screen: str = "") -> None:
    staff = library.browser("manager")
    staff.get(FLEET)
    assert staff.post(f"{FLEET}/{screen or library.screen}/revoke").status_code == 303


def token(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie("kiosk")
    return cookie.value if cookie else ""


def here(visitor: Visitor) -> str:
    """What a screen says of where it stands."""
    brand = visitor.page.select_one(".brand")
    assert brand is not None
    return brand.get_text(strip=True)


@pytest.fixture
def closed_library(tmp_path: Path, clock: time_machine.Traveller) -> Library:
    """A library that lets in only the screens that staff have paired."""
    return Library(create_app(tmp_path / "closed", OPEN_USE=False))


# -- becoming a screen ------------------------------------------------------------------------------------


def test_a_browser_shows_a_code_and_becomes_the_screen_that_staff_say(library: Library) -> None:
    with library.store.write() as db:
        far = branches.add_kiosk(db, library.north, "Far away")
        # the clock stands still here, so that which screen came first has to be said
        db.run("UPDATE kiosks SET created_at = '2099-01-01' WHERE id = :id", id=far)
    visitor = Visitor(library.app.test_client())
    visitor.get("/")
    assert here(visitor) == "Central Library", "as the first screen, while use is open"
    visitor.get(PAIR)
    code = code_on(visitor)
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4} [BCDFGHJKLMNPQRSTVWXZ]{4}", code)
    assert visitor.get("/device/pair/waiting").status_code == 204
    visitor.get(PAIR)
    assert code_on(visitor) == code, "the code stays while it lives"
    manager = library.browser("manager")
    answer = type_code(manager, code.lower().replace(" ", "-"), screen=far)
    assert (answer.status_code, answer.location) == (303, f"{FLEET}?said=paired")
    assert visitor.get("/device/pair/waiting").status_code == 200
    visitor.get(PAIR)
    assert (visitor.path, here(visitor)) == ("/", "North Library")
    cookie = visitor.client.get_cookie("kiosk")
    assert cookie is not None
    assert len(cookie.value) == 64
    assert cookie.max_age == 400 * 24 * 3600
    assert visitor.client.get_cookie("pairing") is None
    assert ("manager", "screen paired", far) in library.log()


def test_a_new_place_is_named_while_it_is_paired(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    manager = library.browser("manager")
    answer = type_code(manager, code_on(visitor), branch=library.north, name=" Children's\u202e room ")
    assert answer.status_code == 303
    visitor.get(PAIR)
    assert here(visitor) == "North Library"
    manager.get(FLEET)
    assert "Children's room" in manager.words


def test_the_secrets_of_a_screen_are_not_in_the_database(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    code = code_on(visitor).replace(" ", "")
    secret = visitor.client.get_cookie("pairing")
    assert secret is not None
    type_code(library.browser("manager"), code, screen=library.screen)
    visitor.get(PAIR)
    library.store.shred()
    file = library.store.path.read_bytes()
    for each in (code, secret.value, token(visitor)):
        assert each
        assert each.encode() not in file
        assert bytes.fromhex(each) not in file if len(each) == 64 else True


def test_an_answer_that_was_lost_is_asked_for_again_and_is_the_same(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    type_code(library.browser("manager"), code_on(visitor), screen=library.screen)
    secret = visitor.client.get_cookie("pairing")
    assert secret is not None
    visitor.get(PAIR)
    first = token(visitor)
    for name in ("kiosk", "visit"):
        visitor.client.delete_cookie(name)
    visitor.client.set_cookie("pairing", secret.value)
    visitor.get(PAIR)
    assert token(visitor) == first
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM devices") == 1


def test_behind_https_the_token_is_bound_to_the_host(tmp_path: Path, clock: time_machine.Traveller) -> None:
    library = Library(create_app(tmp_path / "data", HTTPS=True))
    client = library.app.test_client()
    answer = client.get(PAIR, base_url="https://localhost")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-pairing="))
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    library.store.close()


# -- codes that do not work -------------------------------------------------------------------------------


def test_a_code_is_over_after_ten_minutes_and_the_screen_shows_a_new_one(
    library: Library, clock: time_machine.Traveller
) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    old = code_on(visitor)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert visitor.get("/device/pair/waiting").status_code == 200
    visitor.get(PAIR)
    assert code_on(visitor) != old
    manager = library.browser("manager")
    assert type_code(manager, old, screen=library.screen).status_code == 422
    assert "No screen shows this code now." in manager.words
    rounds.go(library.app)
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM pairings") == 1


def test_a_code_works_once(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    code = code_on(visitor)
    manager = library.browser("manager")
    assert type_code(manager, code, screen=library.screen).status_code == 303
    assert type_code(manager, code, screen=library.screen).status_code == 422


def test_after_five_wrong_codes_an_account_waits_and_another_does_not(
    library: Library, clock: time_machine.Traveller
) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    code = code_on(visitor)
    manager = library.browser("manager")
    for _ in range(5):
        assert type_code(manager, "BBBB BBBB", screen=library.screen).status_code == 422
    assert type_code(manager, code, screen=library.screen).status_code == 429
    assert "Minutes to wait: 10." in manager.words
    box = manager.page.find(id="code")
    assert box is not None
    assert box["value"] == code, "what was typed is still there"
    assert ("manager", "wrong pairing code", "") in library.log()
    clock.shift(timedelta(minutes=9, seconds=30))
    assert type_code(manager, code, screen=library.screen).status_code == 429
    assert "Minutes to wait: 1." in manager.words
    assert type_code(library.browser("it"), code, screen=library.screen).status_code == 303
    clock.shift(timedelta(minutes=1))
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    assert type_code(library.browser("manager"), code_on(visitor), screen=library.screen).status_code == 303


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"code": "BCDF", "screen": ""}, "Write the eight letters that the screen shows."),
        ({"code": "", "screen": ""}, "Write the eight letters that the screen shows."),
        ({"screen": "nothing"}, "Choose a screen."),
        ({"name": "Here"}, "Choose the branch where the screen stands."),
        ({"branch": "north"}, "Write where the screen stands, like By the door."),
        ({"branch": "north", "name": "x" * 101}, "Write where the screen stands, like By the door."),
        ({"branch": "central", "name": "entrance"}, "Another screen here has this name. Choose another."),
    ],
)
def test_what_cannot_be_paired_says_why_and_counts_as_no_wrong_code(
    library: Library, fields: dict[str, str], says: str
) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    sent = {"code": code_on(visitor), **fields}
    if "branch" in sent:
        sent["branch"] = getattr(library, sent["branch"])
    manager = library.browser("manager")
    assert type_code(manager, **sent).status_code == 422
    assert says in manager.words
    assert manager.page.title is not None
    assert manager.page.title.get_text().startswith("Error: ")
    assert visitor.get("/device/pair/waiting").status_code == 204
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM kiosks") == 1
        assert db.value("SELECT COUNT(*) FROM pairing_tries") == 0


def test_twenty_codes_are_open_at_most_and_the_next_screen_waits(library: Library) -> None:
    for _ in range(records.MOST_OPEN):
        assert library.app.test_client().get(PAIR).status_code == 200
    visitor = Visitor(library.app.test_client())
    assert visitor.get(PAIR).status_code == 429
    assert "Many screens are waiting." in visitor.words


def test_codes_of_different_screens_are_different_and_use_every_letter() -> None:
    codes = {records.code_of(records.new_secret()) for _ in range(2000)}
    assert len(codes) == 2000
    assert set("".join(codes)) == set(records.CONSONANTS)


@pytest.mark.parametrize("cookie", ["", "x", "é" * 64, "0" * 64, "G" * 64, "0" * 4000])
def test_a_cookie_that_is_not_ours_is_as_good_as_none(library: Library, cookie: str) -> None:
    client = library.app.test_client()
    for name in ("kiosk", "pairing"):
        client.set_cookie(name, cookie)
    assert client.get("/").status_code == 200
    assert client.get(PAIR).status_code == 200
    assert client.get("/staff/sign-in").status_code == 200


# -- who is let in ----------------------------------------------------------------------------------------


def test_staff_are_told_that_unpaired_browsers_are_let_in(library: Library, closed_library: Library) -> None:
    manager = library.browser("manager")
    manager.get(FLEET)
    assert "Browsers that are not paired are let in too." in manager.words
    assert "Central Library, Entrance" in manager.words
    manager = closed_library.browser("manager")
    manager.get(FLEET)
    assert "Only paired screens are let in." in manager.words


def test_where_use_is_not_open_an_unpaired_browser_is_led_to_its_code(closed_library: Library) -> None:
    visitor = Visitor(closed_library.app.test_client())
    for path in ("/", "/pl/", "/en/join/", "/nowhere"):
        visitor.get(path)
        assert visitor.path == PAIR, path
    assert visitor.client.post("/en/join/").location == PAIR
    assert visitor.client.get("/healthz").status_code == 200
    with visitor.client.get("/static/kiosk.css") as sheet:
        assert sheet.status_code == 200
    visitor = paired(closed_library)
    for path in ("/", "/pl/", "/en/join/"):
        assert visitor.get(path).status_code == 200
        assert visitor.path == path
    visitor.join()


def test_a_paired_screen_is_refused_on_every_staff_page(library: Library) -> None:
    visitor = paired(library)
    for rule in library.app.url_map.iter_rules():
        if rule.rule.startswith("/staff"):
            path = re.sub(r"<\w+>", "x", rule.rule)
            for send in (visitor.client.get, visitor.client.post):
                assert send(path).status_code == 403, path
    page = visitor.client.get("/staff/sign-in").text
    assert "This page is not for this screen." in page
    assert "<form" not in page
    put_to_rest(library)
    assert visitor.client.get("/staff/sign-in").status_code == 403


def test_finishing_a_visit_leaves_the_screen_paired(library: Library) -> None:
    visitor = paired(library)
    before = token(visitor)
    visitor.start_joining()
    visitor.answer("year", "1990")
    visitor.post("/en/finish")
    assert visitor.path == "/"
    assert token(visitor) == before
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM visits") == 0


def test_whoever_was_at_the_browser_before_is_gone_when_it_becomes_a_screen(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.start_joining()
    visitor.answer("year", "1990")
    visitor.get(PAIR)
    type_code(library.browser("manager"), code_on(visitor), screen=library.screen)
    visitor.get(PAIR)
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM visits") == 0


# -- put to rest ------------------------------------------------------------------------------------------


def test_a_screen_put_to_rest_says_so_in_every_language_at_its_next_page(library: Library) -> None:
    visitor = paired(library)
    visitor.start_joining()
    visitor.answer("year", "1990")
    put_to_rest(library)
    assert ("manager", "screen put to rest", library.screen) in library.log()
    assert visitor.get("/en/join/month").status_code == 403
    assert "This screen is resting. Please ask staff." in visitor.words
    tags = {str(tag["lang"]) for tag in visitor.page.select("main p[lang]")}
    assert tags == {"pl", "ar", "uk", "ti", "zh-Hant-HK"}
    with library.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM visits") == 0, "the visit at it is over"
    for path in ("/", "/pl/", "/device/alive", "/nowhere"):
        assert visitor.client.get(path).status_code == 403, path
    for path in ("/en/join/", "/en/finish"):
        assert visitor.client.post(path).status_code == 403, path
    other = Visitor(library.app.test_client())
    assert other.get("/").status_code == 200


def test_a_screen_at_rest_is_paired_again_with_a_new_code(library: Library) -> None:
    visitor = paired(library)
    before = token(visitor)
    put_to_rest(library)
    visitor.get("/")
    assert visitor.page.find("a", href=PAIR)
    visitor.get(PAIR)
    assert type_code(library.browser("manager"), code_on(visitor), screen=library.screen).status_code == 303
    assert visitor.get(PAIR).status_code == 200
    assert visitor.path == "/"
    assert token(visitor) not in ("", before)


def test_a_second_browser_for_the_same_screen_puts_the_first_to_rest(library: Library) -> None:
    first, second = paired(library), paired(library)
    assert first.get("/").status_code == 403
    assert second.get("/").status_code == 200


def test_a_code_that_was_approved_and_not_collected_is_taken_back_too(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get(PAIR)
    old = code_on(visitor)
    type_code(library.browser("manager"), old, screen=library.screen)
    put_to_rest(library)
    visitor.get(PAIR)
    assert code_on(visitor) != old
    assert token(visitor) == ""


def test_a_screen_that_is_not_there_cannot_be_put_to_rest(library: Library) -> None:
    manager = library.browser("manager")
    manager.get(FLEET)
    assert manager.post(f"{FLEET}/nothing/revoke").status_code == 404


# -- the fleet --------------------------------------------------------------------------------------------


def state(library: Library, username: str = "manager") -> str:
    browser = library.browser(username)
    browser.get(FLEET)
    row = browser.page.select_one("tbody tr")
    assert row is not None
    return " ".join(row.get_text(" ").split())


def test_staff_see_in_words_which_screen_is_missing(library: Library, clock: time_machine.Traveller) -> None:
    with library.store.write() as db:
        branches.open_on(db, library.central, {1: [("09:00", "17:00")]})  # the clock says Monday, nine
    assert "Not paired" in state(library)
    visitor = paired(library)
    assert "Here 9 Mar 2026, 09:00" in state(library)
    clock.shift(timedelta(minutes=4))
    assert "Not seen for some minutes" in state(library)
    clock.shift(timedelta(minutes=12))
    assert "Missing" in state(library)
    assert visitor.get("/device/alive").status_code == 204
    assert "Here 9 Mar 2026, 09:16" in state(library)
    clock.shift(timedelta(hours=10))
    assert "Off; the branch is closed" in state(library)
    put_to_rest(library)
    assert "Put to rest" in state(library)


def test_a_sign_of_life_is_written_down_once_a_minute_at_most(
    library: Library, clock: time_machine.Traveller
) -> None:
    visitor = paired(library)

    def seen() -> str:
        with library.store.read() as db:
            return str(db.value("SELECT seen_at FROM devices"))

    first = seen()
    clock.shift(59)
    visitor.get("/pl/")
    assert seen() == first
    clock.shift(1)
    visitor.get("/pl/")
    assert seen() > first


def test_a_screen_keeps_its_token_for_as_long_as_it_is_used(
    library: Library, clock: time_machine.Traveller
) -> None:
    visitor = paired(library)
    visitor.get("/pl/")
    answer = visitor.client.get("/")
    assert not [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("kiosk=")]
    clock.shift(timedelta(days=399))
    answer = visitor.client.get("/")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("kiosk="))
    assert f"kiosk={token(visitor)}" in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=34560000"} <= set(cookie.split("; "))


def test_only_a_paired_screen_sends_signs_of_life_by_itself(library: Library) -> None:
    visitor = Visitor(library.app.test_client())
    visitor.get("/")
    assert "alive.js" not in str(visitor.page)
    visitor = paired(library)
    assert "alive.js" in str(visitor.page)


def test_the_settings_of_a_paired_screen_are_its_own(library: Library) -> None:
    with library.store.write() as db:
        far = branches.add_kiosk(db, library.north, "Far away")
    visitor = paired(library, far)
    manager = library.browser("manager")
    manager.get(f"/staff/settings/kiosk/{far}")
    manager.post(f"/staff/settings/kiosk/{far}", group="idle", idle_seconds="200")
    visitor.get("/pl/")
    body = visitor.page.find("body")
    assert body is not None
    assert body["data-idle"] == "200"
    with library.store.read() as db:
        assert branches.place(db, library.screen).settings.idle_seconds == 120
