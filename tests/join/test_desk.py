"""What staff do with the joins of their branch, and what the lists, the log and the disk say of it."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from kiosk import audit, languages, references, rounds
from kiosk.forms import Choice
from kiosk.join import desk_records, records
from kiosk.join.answers import AGE_BANDS, CONTACT, HOMES, NEEDS, Answers, labels
from kiosk.people import accounts
from kiosk.settings import Settings
from tests.staff.conftest import MORNING, Browser, Library
from tests.staff.test_pages import RUBBISH

pytestmark = pytest.mark.patient


AMINA = Answers(
    first_name="Amina",
    family_name="ZZCANARY",
    born="1990-03-27",
    contact="call",
    phone="+447700900982",
    postcode="IP1 1AA",
    needs=("large-print", "step-free"),
)


def join(
    library: Library, answers: Answers = AMINA, branch: str = "", language: str = "ti"
) -> desk_records.Join:
    """Somebody joins at a screen."""
    with library.store.read() as db:
        readers = accounts.readers(db)
    sent = records.seal(
        answers, one_time_key=secrets.token_hex(16), branch_id=branch or library.central,
        kiosk_id="" if branch else library.screen, language=language, notice_version="1",
        readers=readers, mark_key=records.mark_key(library.service_key),
    )  # fmt: skip
    with library.store.write() as db:
        records.send(db, [sent], Settings())
        return desk_records.for_desk(db, sent.id)


def now(library: Library, one: desk_records.Join) -> desk_records.Join:
    with library.store.read() as db:
        return desk_records.for_desk(db, one.id)


def acts(library: Library, one: desk_records.Join) -> list[tuple[str, str]]:
    return [(who, action) for who, action, subject in library.log() if subject == one.id]


def english(choices: tuple[Choice, ...], code: str) -> str:
    return languages.in_english(labels(choices, code)[0])


def facts(browser: Browser) -> dict[str, str]:
    """The answers as they stand on the open page."""
    return {
        row.dt.get_text(strip=True): " ".join(row.dd.get_text(" ").split())
        for row in browser.page.select(".facts > div")
        if row.dt and row.dd
    }


# -- the lists ----------------------------------------------------------------------------------------------


def test_a_list_tells_staff_what_to_do_and_nobody_who_it_is_about(library: Library) -> None:
    one = join(library)
    browser = library.browser("anna")
    answer = browser.get("/staff/joins/")
    assert references.shown(one.reference) in browser.words
    assert "Tigrinya" in browser.words
    assert "Entrance" in browser.words
    assert "9 Mar 2026, 09:00" in browser.words
    for secret in ("Amina", "ZZCANARY", "7700", "IP1", "1990"):
        assert secret not in answer.text
    assert acts(library, one) == [], "looking at a list opens nothing"


def test_staff_see_the_joins_of_their_own_branch_and_managers_those_of_all(library: Library) -> None:
    here, there = join(library), join(library, branch=library.north)
    anna, manager = library.browser("anna"), library.browser("manager")
    anna.get(f"/staff/joins/?branch={library.north}")
    assert here.reference[:3] in anna.words
    assert references.shown(there.reference) not in anna.words
    manager.get("/staff/joins/")
    assert {references.shown(each.reference) in manager.words for each in (here, there)} == {True}
    manager.get(f"/staff/joins/?branch={library.north}")
    assert references.shown(here.reference) not in manager.words
    assert references.shown(there.reference) in manager.words


def test_the_joins_of_another_branch_are_not_there(library: Library) -> None:
    there = join(library, branch=library.north)
    anna = library.browser("anna")
    anna.get("/staff/joins/")
    for path in (f"/staff/joins/{there.id}", f"/staff/joins/{there.id}/edit", "/staff/joins/nothing"):
        assert anna.get(path).status_code == 404
    anna.get("/staff/joins/")
    for act, fields in [
        ("edit", {"first_name": "X", "contact": "none"}),
        ("wait", {"reason": "person"}),
        ("finish", {"card": "A12345"}),
        ("refuse", {"reason": "twice"}),
    ]:
        assert anna.post(f"/staff/joins/{there.id}/{act}", **fields).status_code == 404
        anna.get("/staff/joins/")
    assert anna.post("/staff/joins/code", code=there.reference).status_code == 422
    assert now(library, there) == there
    assert acts(library, there) == []


def test_an_administrator_opens_no_join(library: Library) -> None:
    one = join(library)
    browser = library.browser("it")
    for path in ("/staff/joins/", f"/staff/joins/{one.id}", f"/staff/joins/{one.id}/edit"):
        assert browser.get(path).status_code == 403
    browser.get("/staff/password")
    assert browser.post(f"/staff/joins/{one.id}/finish", card="A12345").status_code == 403
    assert acts(library, one) == []


def test_who_waits_longest_stands_first_twenty_on_a_page(
    library: Library, clock: time_machine.Traveller
) -> None:
    sent = []
    for number in range(45):
        sent.append(join(library, Answers(f"Person {number}"), language="pl" if number % 9 else "ar"))
        clock.shift(1)
    browser = library.browser("anna")
    browser.get("/staff/joins/?page=2")
    rows = [row.get_text() for row in browser.page.select("a.reference")]
    assert rows == [references.shown(each.reference) for each in sent[20:40]]
    assert "Page 2 of 3" in browser.words
    browser.get("/staff/joins/?language=ar")
    assert len(browser.page.select("a.reference")) == 5
    assert browser.get("/staff/joins/?tab=<script>&language=xx&branch=yy&page=-4").status_code == 200


def test_the_list_asks_for_news_and_gets_none_while_nothing_is_newer(
    library: Library, clock: time_machine.Traveller
) -> None:
    join(library)
    browser = library.browser("anna")
    browser.get("/staff/joins/")
    section = browser.page.find(id="joins")
    assert section is not None
    address = str(section["hx-get"])
    assert "seen=" in address
    assert browser.get(address, HX_Request="true").status_code == 204
    clock.shift(1)
    two = join(library)
    answer = browser.get(address, HX_Request="true")
    assert answer.status_code == 200
    assert references.shown(two.reference) in browser.words
    fresh = browser.page.find(id="joins")
    assert fresh is not None
    assert fresh["hx-get"] != address
    join(library, branch=library.north)
    assert browser.get(str(fresh["hx-get"]), HX_Request="true").status_code == 204, "not of this branch"


def test_an_empty_list_says_so(library: Library) -> None:
    browser = library.browser("anna")
    browser.get("/staff/joins/?tab=done")
    assert "Nobody is waiting here." in browser.words


# -- the code -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: code,
        lambda code: references.shown(code),
        lambda code: f"  {references.shown(code).lower()}\n",
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("0", "o").replace("1", "I"),
        lambda code: "-".join(code),
    ],
)
def test_a_code_opens_its_join_however_it_is_spelled(library: Library, spell: Any) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get("/staff/joins/")
    answer = browser.post("/staff/joins/code", code=spell(one.reference))
    assert (answer.status_code, answer.location) == (303, f"/staff/joins/{one.id}")


@pytest.mark.parametrize("typed", ["", "AAAAAAAAAA", "x" * 10_000, "' OR 1=1", "\u202e", "<b>", "ABC"])
def test_a_wrong_code_says_so_and_shows_nothing(library: Library, typed: str) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get("/staff/joins/")
    assert browser.post("/staff/joins/code", code=typed).status_code == 422
    assert "No join here has this code. Check each letter and number." in browser.words
    assert acts(library, one) == []


# -- one join -----------------------------------------------------------------------------------------------


def test_an_opened_join_is_in_english_with_the_original_beside_it(library: Library) -> None:
    one = join(library, language="ar")
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    said = facts(browser)
    assert said["First name"] == "Amina"
    assert said["Family name"] == "ZZCANARY"
    assert said["Date of birth"] == "27 March 1990"
    assert said["Phone"] == "07700 900982"
    assert said["Postcode"] == "IP1 1AA"
    assert said["How to reach the person"].startswith(english(CONTACT, "call"))
    assert said["What the person needs"].startswith(english(NEEDS, "large-print"))
    assert said["Language"].startswith("Arabic (")
    name = browser.page.find("bdi", string="Amina")
    assert name is not None
    assert name["lang"] == "ar"


def test_every_way_not_to_answer_is_shown_in_words(library: Library) -> None:
    one = join(library, Answers("Sukarno", age_band="60-up", home="no-fixed"), language="en")
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    said = facts(browser)
    assert said["Family name"] == "I have only one name"
    assert said["Age"] == english(AGE_BANDS, "60-up")
    assert said["How to reach the person"] == english(CONTACT, "none")
    assert said["Postcode"] == english(HOMES, "no-fixed")
    assert said["What the person needs"] == "None of these"
    assert "Phone" not in said


def test_a_postcode_kept_as_written_is_pointed_out(library: Library) -> None:
    one = join(library, Answers("Amina", postcode="XX 99", postcode_checked=False))
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    assert "No postcode looks like this. Ask the person." in browser.words


def test_what_was_typed_is_shown_and_never_run(library: Library) -> None:
    one = join(library, Answers("<img src=x onerror=alert(1)>", family_name="{{7*7}}"))
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    assert "<img src=x onerror=alert(1)>" in browser.words
    assert "{{7*7}}" in browser.words


def test_every_opening_is_one_line_in_the_log(library: Library) -> None:
    one = join(library)
    browser = library.browser("anna")
    for opening in (1, 2, 3):
        browser.get(f"/staff/joins/{one.id}")
        assert acts(library, one) == [("anna", "join opened")] * opening
    browser.get(f"/staff/joins/{one.id}/edit")
    assert acts(library, one) == [("anna", "join opened")] * 4


def test_what_cannot_be_logged_is_not_shown(library: Library) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get("/staff/joins/")
    with library.store.write() as db:
        db.run("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk'); END")
    answer = browser.get(f"/staff/joins/{one.id}")
    assert answer.status_code == 500
    assert "ZZCANARY" not in answer.text


def test_the_title_and_the_address_name_nobody(library: Library) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    assert browser.page.title is not None
    assert browser.page.title.get_text() == "One join"


# -- twice here ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (AMINA, "The name, date of birth, and phone or e-mail are the same."),
        (Answers("zzcanary", "AMINA", born="1990-03-27"), "The name and the date of birth are the same."),
        (Answers("Else", contact="text", phone="+447700900982"), "The phone or e-mail is the same."),
    ],
)
def test_a_person_who_may_be_here_twice_is_pointed_out_with_the_reason(
    library: Library, other: Answers, reason: str
) -> None:
    one, two = join(library), join(library, other, branch=library.north)
    manager, anna = library.browser("manager"), library.browser("anna")
    manager.get("/staff/joins/")
    assert manager.words.count("Perhaps here twice") == 2
    manager.get(f"/staff/joins/{one.id}")
    assert reason in manager.words
    assert manager.page.find("a", href=f"/staff/joins/{two.id}")
    anna.get(f"/staff/joins/{one.id}")
    assert reason in anna.words
    assert "North Library" in anna.words
    assert not anna.page.find("a", href=f"/staff/joins/{two.id}"), "it is not of her branch"


def test_two_different_people_are_not_taken_for_one(library: Library) -> None:
    join(library)
    join(library, Answers("Amina", "ZZCANARY", born="1991-03-27"))
    join(library, Answers("Other", contact="email", email="other@example.org"))
    browser = library.browser("anna")
    browser.get("/staff/joins/")
    assert "Perhaps here twice" not in browser.words


# -- doing something with it --------------------------------------------------------------------------------


def edit_fields(browser: Browser, **changed: Any) -> dict[str, Any]:
    """What the open form holds, as a browser would send it, with some of it changed."""
    fields: dict[str, Any] = {}
    for tag in browser.page.select("form input[name], form select[name]"):
        name, kind = str(tag["name"]), tag.get("type")
        if name == "csrf_token":
            continue
        if tag.name == "select":
            chosen = tag.find("option", selected=True) or tag.find("option")
            assert chosen is not None
            fields[name] = chosen["value"]
        elif kind == "checkbox":
            if tag.has_attr("checked"):
                fields.setdefault(name, []).append(tag["value"])
        else:
            fields[name] = tag.get("value", "")
    return {**fields, **changed}


def test_staff_correct_and_complete_what_was_said(library: Library) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}/edit")
    same = edit_fields(browser)
    assert same["needs"] == ["large-print", "step-free"]
    answer = browser.post(
        f"/staff/joins/{one.id}/edit",
        **{**same, "first_name": "Aminah", "born": "1991", "address": "12 Quay Road", "postcode": "ip28sd",
           "needs": ["hearing"], "phone": "07700 900983"},
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, f"/staff/joins/{one.id}")
    browser.get(f"/staff/joins/{one.id}")
    said = facts(browser)
    assert said["First name"] == "Aminah"
    assert said["Date of birth"] == "1991"
    assert said["House and street"] == "12 Quay Road"
    assert said["Postcode"] == "IP2 8SD"
    assert said["Phone"] == "07700 900983"
    assert said["What the person needs"].startswith(english(NEEDS, "hearing"))
    assert "Anna Nowak" in said["Last changed"]
    assert ("anna", "join edited") in acts(library, one)


def test_a_corrected_name_is_compared_anew(library: Library) -> None:
    one, two = join(library), join(library, Answers("Amena", "ZZCANARY", born="1990-03-27"))
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{two.id}/edit")
    assert (
        browser.post(f"/staff/joins/{two.id}/edit", **edit_fields(browser, first_name="Amina")).status_code
        == 303
    )
    browser.get(f"/staff/joins/{one.id}")
    assert "The name and the date of birth are the same." in browser.words


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"first_name": ""}, "Write your name"),
        ({"first_name": "x" * 10_000}, "too long"),
        ({"born": "27.3.1990"}, "Write the year"),
        ({"born": "1990-02-30"}, "Write the year"),
        ({"born": "2990"}, "Write the year"),
        ({"born": "0001"}, "Write the year"),
        ({"phone": ""}, "Write the phone number"),
        ({"phone": "abc"}, "Write your phone number"),
        ({"contact": "email"}, "Write the e-mail"),
        ({"email": "no"}, "Write your e-mail"),
        ({"contact": "pigeon"}, "Not a valid choice"),
        ({"needs": ["money"]}, ""),
    ],
)
def test_what_cannot_be_right_is_asked_again(library: Library, changed: dict[str, Any], says: str) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}/edit")
    answer = browser.post(f"/staff/joins/{one.id}/edit", **edit_fields(browser, **changed))
    assert answer.status_code == 422
    assert says in browser.words
    assert now(library, one) == one


@pytest.mark.parametrize("typed", RUBBISH)
def test_whatever_is_typed_into_a_join_it_opens_again(library: Library, typed: str) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}/edit")
    same = edit_fields(browser)
    for name in same:
        browser.get(f"/staff/joins/{one.id}/edit")
        tag = browser.page.find("input", attrs={"name": "csrf_token"})
        assert tag is not None
        sent = {**edit_fields(browser), name: typed, "csrf_token": str(tag["value"])}
        answer = browser.see(
            browser.client.post(
                f"/staff/joins/{one.id}/edit",
                data=urlencode(sent, doseq=True, errors="surrogatepass"),
                content_type="application/x-www-form-urlencoded",
            )
        )
        assert answer.status_code in (303, 409, 422)
        assert browser.get(f"/staff/joins/{one.id}").status_code == 200


def test_staff_put_a_join_aside_and_say_for_whom_it_waits(
    library: Library, clock: time_machine.Traveller
) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    clock.shift(60)
    answer = browser.post(f"/staff/joins/{one.id}/wait", reason="address")
    assert answer.location == "/staff/joins/?said=waiting"
    browser.get(answer.location)
    assert "It now waits for someone." in browser.words
    assert references.shown(one.reference) not in browser.words
    browser.get("/staff/joins/?tab=waiting")
    assert "Waiting for someone : A proof of address is missing (Anna Nowak)" in browser.words.replace(
        "someone:", "someone :"
    )
    browser.get(f"/staff/joins/{one.id}")
    assert browser.post(f"/staff/joins/{one.id}/wait", reason="gold").status_code == 422


def test_a_join_is_finished_with_the_number_of_the_real_card(
    library: Library, clock: time_machine.Traveller
) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    clock.shift(timedelta(minutes=5))
    answer = browser.post(f"/staff/joins/{one.id}/finish", card=" D 0012345 ")
    assert answer.location == "/staff/joins/?said=finished"
    browser.get("/staff/joins/?tab=done")
    assert references.shown(one.reference) in browser.words
    done = now(library, one)
    finished_at = MORNING + timedelta(minutes=5)
    assert datetime.fromisoformat(done.purge_after) == finished_at + timedelta(days=14)
    browser.get(f"/staff/joins/{one.id}")
    assert facts(browser)["Number of the library card"] == "D0012345"
    assert not browser.page.select(".choices"), "nothing more is to be done"
    assert acts(library, one) == [
        ("anna", "join opened"),
        ("anna", "join finished"),
        ("anna", "join opened"),
    ]


@pytest.mark.parametrize("card", ["", "123", "x" * 21, "12-345", "١٢٣٤٥", "card no. 7", "\u202e\u0007"])
def test_without_a_real_card_number_nothing_is_finished(library: Library, card: str) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    assert browser.post(f"/staff/joins/{one.id}/finish", card=card).status_code == 422
    assert "Write the number on the card" in browser.words
    assert now(library, one) == one


def test_a_join_is_refused_with_a_reason_and_the_note_is_sealed(library: Library, tmp_path: Path) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    answer = browser.post(f"/staff/joins/{one.id}/refuse", reason="member", note="ZZCANARY has card 77")
    assert answer.location == "/staff/joins/?said=refused"
    browser.get(f"/staff/joins/{one.id}")
    assert "The person is a member already" in browser.words
    assert facts(browser)["Note"] == "ZZCANARY has card 77"
    browser.get(f"/staff/joins/{one.id}")
    assert browser.post(f"/staff/joins/{one.id}/refuse", reason="").status_code in (409, 422)
    assert not [path for path in (tmp_path / "data").iterdir() if b"ZZCANARY" in path.read_bytes()]


def test_of_two_at_once_the_second_is_told_who_was_faster(
    library: Library, clock: time_machine.Traveller
) -> None:
    one = join(library)
    anna, manager = library.browser("anna"), library.browser("manager")
    anna.get(f"/staff/joins/{one.id}")
    manager.get(f"/staff/joins/{one.id}")
    clock.shift(30)
    assert anna.post(f"/staff/joins/{one.id}/finish", card="A12345").status_code == 303
    for act, fields in [
        ("finish", {"card": "B98765"}),
        ("refuse", {"reason": "twice"}),
        ("wait", {"reason": "person"}),
    ]:
        answer = manager.post(f"/staff/joins/{one.id}/{act}", **fields)
        assert answer.status_code == 409
        assert "Already finished by Anna Nowak." in manager.words
        manager.get(f"/staff/joins/{one.id}")
        manager.get("/staff/password")
    assert manager.get(f"/staff/joins/{one.id}/edit").status_code == 409
    manager.get(f"/staff/joins/{one.id}")
    assert facts(manager)["Number of the library card"] == "A12345"


def test_who_edits_what_somebody_else_has_just_changed_loses_nothing_of_theirs(
    library: Library, clock: time_machine.Traveller
) -> None:
    one = join(library)
    anna, manager = library.browser("anna"), library.browser("manager")
    anna.get(f"/staff/joins/{one.id}/edit")
    manager.get(f"/staff/joins/{one.id}/edit")
    clock.shift(30)
    path = f"/staff/joins/{one.id}/edit"
    assert anna.post(path, **edit_fields(anna, address="12 Quay Road")).status_code == 303
    assert manager.post(path, **edit_fields(manager, address="1 Else Street")).status_code == 409
    assert "Anna Nowak has just changed this join." in manager.words
    anna.get(f"/staff/joins/{one.id}")
    assert facts(anna)["House and street"] == "12 Quay Road"


def test_many_who_finish_at_the_same_moment_finish_it_once(library: Library) -> None:
    one = join(library)
    browsers = [library.browser(name) for name in ("anna", "manager", "anna", "manager")]
    for browser in browsers:
        browser.get(f"/staff/joins/{one.id}")
    at_once = threading.Barrier(len(browsers))
    codes: list[int] = []

    def press(browser: Browser, card: str) -> None:
        at_once.wait()
        codes.append(browser.post(f"/staff/joins/{one.id}/finish", card=card).status_code)

    threads = [
        threading.Thread(target=press, args=(browser, f"CARD{number}"))
        for number, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 409, 409, 409]
    assert [act for _who, act in acts(library, one)].count("join finished") == 1


# -- afterwards ---------------------------------------------------------------------------------------------


def test_after_its_time_a_join_is_gone_from_the_desk_and_the_disk(
    library: Library, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    browser.post(f"/staff/joins/{one.id}/finish", card="A12345")
    sealed = now(library, one).sealed
    clock.shift(timedelta(days=14, seconds=1))
    rounds.go(library.app)
    browser = library.browser("anna")
    assert browser.get(f"/staff/joins/{one.id}").status_code == 404
    browser.get("/staff/joins/?tab=done")
    assert "Nobody is waiting here." in browser.words
    for path in (tmp_path / "data").iterdir():
        content = path.read_bytes()
        assert sealed[60:120] not in content
        assert one.reference.encode() not in content


def test_the_log_stays_whole_through_all_of_it(library: Library) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}")
    browser.post(f"/staff/joins/{one.id}/wait", reason="person")
    browser.get(f"/staff/joins/{one.id}")
    browser.post(f"/staff/joins/{one.id}/refuse", reason="other", note="")
    with library.store.read() as db:
        audit.verify(db, library.service_key)
        assert "ZZCANARY" not in str(audit.entries(db, most=1000))


def test_the_data_folder_names_nobody_who_joined(library: Library, tmp_path: Path) -> None:
    one = join(library)
    browser = library.browser("anna")
    browser.get(f"/staff/joins/{one.id}/edit")
    browser.post(f"/staff/joins/{one.id}/edit", **edit_fields(browser, address="ZZCANARY House"))
    browser.get(f"/staff/joins/{one.id}")
    browser.post(f"/staff/joins/{one.id}/finish", card="ZZCANARY77")
    assert now(library, one).state == "finished"
    assert not [path for path in (tmp_path / "data").iterdir() if b"ZZCANARY" in path.read_bytes()]
