"""The page of messages: what has not gone and why, a second try, a test; never what anybody was told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from kiosk import outbox, rounds, settings
from kiosk.outbox import Message, Said, records
from tests.outbox import mail_server, notify_server
from tests.outbox.mail_server import MailServer
from tests.staff.conftest import Browser, Library

PAGE = "/staff/messages"


def choose(library: Library, **chosen: object) -> None:
    with library.store.write() as db:
        for name, value in chosen.items():
            settings.change(db, "library", "", name, value)


def use(library: Library, server: MailServer) -> None:
    choose(
        library, smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="local",
        smtp_from="desk@library.example",
    )  # fmt: skip


def put(library: Library, number: int = 1, to: str = "zzofia@example.org") -> None:
    message = Message(
        kind="event-offered", way="email", to=to, language="pl", room="library", subject_id=f"b{number}",
        key=f"k{number}", said=Said(title="Zzrhyme time", code="K7M2QX9PDA"),
    )  # fmt: skip
    with library.store.write() as db:
        outbox.put(db, message, service_key=library.service_key, now=datetime.now(UTC))


def numbers(browser: Browser) -> dict[str, str]:
    return {
        str(row.dt.get_text()): str(row.dd.get_text())  # type: ignore[union-attr]
        for row in browser.page.select("#numbers ~ dl > div")
    }


@pytest.mark.parametrize("username", ["manager", "it"])
def test_who_sets_things_up_sees_what_did_not_go_and_why_but_not_what_it_said(
    library: Library, username: str
) -> None:
    put(library)
    rounds.run_errands(library.app)
    browser = library.browser(username)
    answer = browser.get(PAGE)
    assert numbers(browser) == {
        "Waiting": "0", "Tried again soon": "1", "Given up": "0", "Sent in the last week": "0"
    }  # fmt: skip
    assert "Event: a place is offered" in browser.words
    assert "This way of sending is not set up any more." in browser.words
    for secret in ("zzofia", "Zzrhyme", "K7M"):
        assert secret not in answer.text


def test_branch_staff_do_not_see_it(library: Library) -> None:
    browser = library.browser("anna")
    assert browser.get(PAGE).status_code == 403
    browser.get("/staff/joins/")
    assert not browser.page.find("a", href=PAGE)


def test_a_way_that_is_not_set_up_leads_to_its_settings(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(PAGE)
    assert browser.words.count("This way is not set up") == 2
    link = browser.page.find("a", href=re.compile(r"#messages$"))
    assert link
    browser.get(str(link["href"]))
    assert browser.page.find(id="messages")
    assert browser.page.find(id="smtp_host")


def test_one_button_has_everything_tried_again(library: Library, clock: time_machine.Traveller) -> None:
    with mail_server.running(MailServer(says={"RCPT": "550 nobody"})) as server:
        use(library, server)
        put(library)
        rounds.run_errands(library.app)
        browser = library.browser("manager")
        browser.get(PAGE)
        assert "This address or number does not exist" in browser.words
        server.says.clear()
        assert browser.post(f"{PAGE}/retry").status_code == 303
        rounds.run_errands(library.app)
        browser.get(PAGE)
    assert numbers(browser)["Sent in the last week"] == "1"
    assert not browser.page.find("form", action=f"{PAGE}/retry")
    assert [entry[:2] for entry in library.log()][-1] == ("manager", "messages tried again")


def test_to_try_again_what_has_not_failed_does_nothing(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/retry").status_code == 303
    assert "messages tried again" not in [action for _who, action, _id in library.log()]


def test_a_test_message_goes_the_way_of_all_others_and_says_what_became_of_it(library: Library) -> None:
    with mail_server.running(MailServer(greeting="421 not now")) as server:
        use(library, server)
        browser = library.browser("it")
        browser.get(PAGE)
        answer = browser.post(f"{PAGE}/test/email", email="ada@example.org")
        assert answer.status_code == 303
        assert "ada" not in answer.location
        assert server.connections == 0, "the page waits for no mail server"
        browser.get(answer.location)
        assert "The test message is waiting." in browser.words
        rounds.run_errands(library.app)
        browser.get(answer.location)
        assert "The test message was not sent. The server that sends did not answer." in browser.words
        server.greeting = "220 welcome"
        browser.post(f"{PAGE}/retry")
        rounds.run_errands(library.app)
        browser.get(answer.location)
        assert "The test message was sent." in browser.words
    assert server.recipients == [["ada@example.org"]]
    assert "This is a test message." in server.taken[0].get_content()
    assert ("it", "test message") in [entry[:2] for entry in library.log()]


def test_a_test_text_goes_to_the_number_that_was_meant(library: Library) -> None:
    library.app.config["NOTIFY_KEY"] = notify_server.KEY
    with notify_server.running() as notify:
        choose(library, notify_address=notify.address, notify_template=notify_server.TEMPLATE)
        browser = library.browser("manager")
        browser.get(PAGE)
        assert browser.post(f"{PAGE}/test/text", text=" 07700 900 982 ").status_code == 303
        rounds.run_errands(library.app)
    assert notify.taken[0]["phone_number"] == "+447700900982"


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "x" * 10_000, "a@b.example\r\nBcc: c@d.example, e"])
def test_what_is_no_address_is_said_so_and_nothing_is_stored(library: Library, typed: str) -> None:
    choose(library, smtp_host="mail.example", smtp_from="desk@library.example")
    browser = library.browser("manager")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/test/email", email=typed).status_code == 422
    assert "Write your e-mail, like anna@gmail.com." in browser.words
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Error: ")
    with library.store.read() as db:
        assert records.numbers(db)["waiting"] == 0


def test_a_test_by_a_way_that_is_not_set_up_is_not_stored(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/test/text", text="07700900982").status_code == 422
    assert browser.post(f"{PAGE}/test/pigeon", text="07700900982").status_code == 404
    with library.store.read() as db:
        assert records.numbers(db)["waiting"] == 0


def test_many_that_failed_are_paged(library: Library, clock: time_machine.Traveller) -> None:
    for number in range(60):
        put(library, number)
    for _minute in range(60):
        rounds.run_errands(library.app)
    browser = library.browser("manager")
    browser.get(PAGE)
    assert len(browser.page.select("tbody tr")) == 50
    browser.get(f"{PAGE}?page=2")
    assert len(browser.page.select("tbody tr")) == 10
    clock.shift(timedelta(minutes=1))
    assert browser.get(f"{PAGE}?page=nonsense").status_code == 200
