"""E-mail: only over a connection that nobody else reads, to one person, with nothing personal around it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from kiosk.outbox import Said, mail
from kiosk.outbox.records import WAITS
from tests.outbox.conftest import Post
from tests.outbox.mail_server import PASSWORD, USER, MailServer, certificate, running

pytestmark = pytest.mark.patient

Trusted = Callable[[str], Path]
HERS = "zofia@example.org"


def sent(post: Post, server: MailServer, to: str = HERS, **about: object) -> tuple[str, str]:
    """What became of one message over a server."""
    key = post.put(to, **about)
    post.go()
    return post.state(key)


# -- secret ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "tls"])
def test_nobody_on_the_way_reads_who_is_told_what(post: Post, trusted: Trusted, at_once: bool) -> None:
    about = MailServer(certificate=trusted("localhost"), tls_at_once=at_once, login=True)
    with running(about) as server:
        post.use(server, smtp_host="localhost")
        assert sent(post, server) == ("sent", "")
    assert server.recipients == [[HERS]]
    assert not any(HERS in line or PASSWORD in line or "AUTH" in line for line in server.heard_in_clear)


def test_a_server_that_is_not_who_it_says_gets_nothing(post: Post, trusted: Trusted) -> None:
    with running(MailServer(certificate=trusted("elsewhere.example"), login=True)) as server:
        post.use(server, smtp_host="localhost")
        assert sent(post, server) == ("failed", "not-safe")
    assert not server.taken
    assert not any("MAIL" in line or "RCPT" in line or "AUTH" in line for line in server.heard_in_clear)


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    post: Post, tmp_path: Path, at_once: bool
) -> None:
    about = MailServer(certificate=certificate(tmp_path), tls_at_once=at_once)
    with running(about) as server:
        post.use(server, smtp_host="localhost")
        assert sent(post, server) == ("failed", "not-safe")
    assert not server.taken


@pytest.mark.parametrize("says", [{}, {"STARTTLS": "454 not now"}], ids=["knows none", "refuses"])
def test_without_a_secret_connection_nothing_is_said(
    post: Post, trusted: Trusted, says: dict[str, str]
) -> None:
    about = MailServer(certificate=trusted("localhost") if says else None, says=says)
    with running(about) as server:
        post.use(server, smtp_security="starttls", smtp_user=USER)
        assert sent(post, server) == ("failed", "not-safe")
    assert [line.partition(" ")[0].upper() for line in server.heard_in_clear] in (
        ["EHLO"],
        ["EHLO", "STARTTLS"],
    )


def test_a_wrong_password_is_said_as_such(post: Post, trusted: Trusted) -> None:
    post.app.config["SMTP_PASSWORD"] = "wrong"
    with running(MailServer(certificate=trusted("localhost"), login=True)) as server:
        post.use(server, smtp_host="localhost")
        assert sent(post, server) == ("failed", "wrong-password")


def test_a_server_that_wants_a_password_that_nobody_set_refuses_the_sender(
    post: Post, trusted: Trusted
) -> None:
    with running(MailServer(certificate=trusted("localhost"), login=True)) as server:
        post.use(server, smtp_host="localhost", smtp_user="")
        assert sent(post, server) == ("failed", "sender-refused")


# -- servers as they are ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "state"),
    [
        ({"greeting": "554 go away"}, ("failed", "no-answer")),
        ({"greeting": "hello?"}, ("failed", "no-answer")),
        ({"says": {"MAIL": "451 busy"}}, ("failed", "busy")),
        ({"says": {"MAIL": "550 not from you"}}, ("failed", "sender-refused")),
        ({"says": {"RCPT": "450 come back later"}}, ("failed", "busy")),
        ({"says": {"RCPT": "550 nobody here"}}, ("given-up", "bad-address")),
        ({"says": {"DATA": "451 disk full"}}, ("failed", "busy")),
        ({"says": {".": "554 looks like spam"}}, ("failed", "not-accepted")),
        ({"says": {"EHLO": "500 what?", "HELO": "500 what?"}}, ("failed", "not-understood")),
        ({"hangs_up_on": "MAIL"}, ("failed", "no-answer")),
        ({"hangs_up_on": "DATA"}, ("failed", "no-answer")),
        ({"hangs_up_on": "."}, ("failed", "no-answer")),
        ({"hangs_up_on": "QUIT"}, ("sent", "")),
    ],
)
def test_each_answer_of_a_server_is_understood(
    post: Post, about: dict[str, object], state: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with running(MailServer(**about)) as server:  # type: ignore[arg-type]
        post.use(server)
        assert sent(post, server) == state
    assert HERS not in caplog.text


def test_a_server_that_says_nothing_is_not_waited_for(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)
    with running(MailServer(silent=True)) as server:
        post.use(server)
        assert sent(post, server) == ("failed", "no-answer")


def test_a_server_that_says_one_letter_at_a_time_is_not_listened_to_for_ever(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "LONGEST", 0.3)
    with running(MailServer(drips=0.1)) as server:
        post.use(server)
        assert sent(post, server) == ("failed", "no-answer")


def test_a_second_try_has_the_name_of_the_first(post: Post) -> None:
    """The server took the message and could not say so: the mailbox can tell that it is the same."""
    names = []
    with running(MailServer(hangs_up_on=".")) as server:
        post.use(server)
        port = server.port
        sent(post, server)
        names += [str(each["Message-ID"]) for each in server.taken]
    with running(MailServer(port=port)) as server:
        post.go(WAITS[0])
        names += [str(each["Message-ID"]) for each in server.taken]
    assert len(names) == 2
    assert len(set(names)) == 1


# -- the message -----------------------------------------------------------------------------------------


def test_what_is_around_the_message_says_nothing_of_her(post: Post) -> None:
    with running(MailServer()) as server:
        post.use(server)
        sent(post, server)
    (message,) = server.taken
    assert message["From"] == "Suffolk Libraries <desk@library.example>"
    assert message["To"] == HERS
    assert message["Subject"] == "A message from Suffolk Libraries"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(str(message["Date"])) == datetime.now(UTC)
    assert str(message["Message-ID"]).endswith("@library.example>")
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["ar", "uk", "ti", "zh-Hant-HK", "pl"])
def test_every_script_arrives_as_it_was_written(post: Post, language: str) -> None:
    title = "قصص 故事 казки ኣንበሳ żółw 🐢\n.\nQUIT"
    with running(MailServer()) as server:
        post.use(server)
        assert sent(post, server, language=language, said=Said(title=title)) == ("sent", "")
    text = server.taken[0].get_content()
    assert " ".join(title.split()) in text
    assert all(line.isascii() and len(line) < 1000 for line in server.heard_in_clear)


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nSubject: hello",
        "a@example.org, b@example.org",
        "a,b@example.org",
        "<a@example.org> b@example.org",
        "a@example.org>\r\nRCPT TO:<b@example.org",
        '"a@example.org',
        "@example.org",
        "a@",
        "a b@example.org",
        "",
    ],
)
def test_no_address_brings_a_second_one_or_a_header_with_it(post: Post, to: str) -> None:
    with running(MailServer()) as server:
        post.use(server)
        assert sent(post, server, to, way="email") == ("given-up", "bad-address")
    assert not server.taken
    assert server.connections == 0


@pytest.mark.parametrize(
    "name", ["Libraries\r\nBcc: b@example.org", 'The "Old" Library, Ipswich <x@y.z>', "図書館"]
)
def test_no_name_of_a_library_makes_a_header(post: Post, name: str) -> None:
    post.choose(library_name=name)
    with running(MailServer()) as server:
        post.use(server)
        assert sent(post, server) == ("sent", "")
    (message,) = server.taken
    assert message["Bcc"] is None
    assert message["From"].addresses[0].display_name == " ".join(name.split())
    assert message["From"].addresses[0].addr_spec == "desk@library.example"
    assert message["Subject"] == f"A message from {' '.join(name.split())}"
    assert server.recipients == [[HERS]]


def test_an_address_in_other_letters_goes_where_it_can(post: Post) -> None:
    with running(MailServer()) as server:
        post.use(server)
        assert sent(post, server, "ola@bücher.example") == ("sent", "")
        assert server.recipients == [["ola@xn--bcher-kva.example"]]
        assert sent(post, server, "żółw@example.org") == ("given-up", "bad-address")
    with running(MailServer(utf8=True)) as server:
        post.use(server)
        assert sent(post, server, "żółw@example.org") == ("sent", "")
        assert server.recipients == [["żółw@example.org"]]
