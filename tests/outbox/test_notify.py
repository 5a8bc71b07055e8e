"""Text messages by GOV.UK Notify: what it is asked, what its answers mean, and that nobody gets one twice."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import pytest

from kiosk.outbox import Said, notify, records
from kiosk.outbox.notify import token
from kiosk.outbox.records import WAITS
from tests.outbox.conftest import Post
from tests.outbox.notify_server import SECRET, SERVICE, TEMPLATE, Notify
from tests.outbox.notify_server import running as running_notify

pytestmark = pytest.mark.patient

PHONE = "+447700900982"


def sent(post: Post, to: str = PHONE, **about: Any) -> tuple[str, str]:
    key = post.put(to, **about)
    post.go()
    return post.state(key)


def test_a_text_message_is_taken_as_notify_asks_for_it(post: Post, notify: Notify) -> None:
    assert sent(post) == ("sent", "")
    (taken,) = notify.taken
    assert (taken["phone_number"], taken["template_id"]) == (PHONE, TEMPLATE)
    assert "Zzrhyme time" in taken["personalisation"]["message"]
    assert notify.asked == ["POST /v2/notifications/sms"]


def test_the_token_is_the_one_of_the_standard() -> None:
    """The same claims, signed by another program (openssl) with the same secret."""
    moment = datetime.fromisoformat("2026-03-09T09:00:00+00:00")
    assert token(SERVICE, SECRET, moment) == (
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiIyNjc4NWEwOS1hYjE2LTRlYjAtODQwNy1hMzc0OTdhNTc1MDYiLCJpYXQiOjE3NzMwNDY4MDB9"
        ".tDjSH7tb1uo_V03WiTIc_y9WA5LG0rwYvElDjqFI5Fg"
    )


@pytest.mark.parametrize(
    ("status", "error", "words", "state"),
    [
        (400, "ValidationError", "phone_number Not enough digits", ("given-up", "bad-address")),
        (400, "ValidationError", "template_id is not a valid UUID", ("failed", "not-accepted")),
        (400, "BadRequestError", "Can't send to this recipient in trial mode", ("failed", "not-accepted")),
        (403, "AuthError", "Invalid token: API key not found", ("failed", "wrong-password")),
        (429, "RateLimitError", "Exceeded rate limit", ("failed", "busy")),
        (429, "TooManyRequestsError", "Exceeded send limits (50) for today", ("failed", "daily-limit")),
        (500, "Exception", "Internal server error", ("failed", "broken")),
        (503, "", "", ("failed", "broken")),
        (404, "NoResultFound", "No result found", ("failed", "not-understood")),
        (302, "", "", ("failed", "not-understood")),
        (200, "", "", ("failed", "not-understood")),
    ],
)
def test_each_answer_of_notify_is_understood(
    post: Post, notify: Notify, status: int, error: str, words: str, state: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    notify.says = status, {"status_code": status, "errors": [{"error": error, "message": words}]}
    assert sent(post) == state
    assert len(notify.asked) == 1, "nothing is sent on to another address"
    assert PHONE not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "said", [b"<html>", b"", b"[" * 10_000, b'["x"]', b'{"errors": {}}', b'{"errors": [7]}']
)
def test_an_answer_that_is_none_breaks_nothing(post: Post, notify: Notify, said: bytes) -> None:
    notify.says = 400, said
    assert sent(post) == ("failed", "not-accepted")


def test_a_clock_that_is_wrong_is_refused_and_said(post: Post, notify: Notify) -> None:
    post.app.config["NOTIFY_KEY"] = f"other-{SERVICE}-{TEMPLATE}"
    assert sent(post) == ("failed", "wrong-password")


def test_nobody_gets_a_text_twice_because_the_answer_was_lost(post: Post, notify: Notify) -> None:
    notify.loses = True
    key = post.put(PHONE)
    post.go()
    assert post.state(key) == ("failed", "no-answer")
    notify.loses = False
    post.go(WAITS[0])
    assert post.state(key) == ("sent", "")
    assert len(notify.taken) == 1


def test_staff_who_press_try_again_send_nobody_a_second_text(post: Post, notify: Notify) -> None:
    notify.loses = True
    key = post.put(PHONE)
    post.go()
    notify.loses = False
    with post.store.write() as db:
        records.retry(db, datetime.fromisoformat("2026-03-09T09:00:00+00:00"))
    post.go()
    assert post.state(key) == ("sent", "")
    assert len(notify.taken) == 1


def test_what_notify_could_not_deliver_is_sent_again(post: Post, notify: Notify) -> None:
    notify.loses = True
    key = post.put(PHONE)
    post.go()
    notify.loses = False
    notify.taken[0]["status"] = "technical-failure"
    post.go(WAITS[0])
    assert post.state(key) == ("sent", "")
    assert len(notify.taken) == 2


def test_a_service_that_does_not_answer_is_not_waited_for(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "TIMEOUT", 0.2)
    with running_notify(silent=True) as server:
        post.use_notify(server)
        assert sent(post) == ("failed", "no-answer")


def test_a_service_that_is_down_is_said_as_such(post: Post) -> None:
    with running_notify() as server:
        post.use_notify(server)
    assert sent(post) == ("failed", "no-answer")


@pytest.mark.parametrize("language", ["ar", "uk", "ti", "zh-Hant-HK", "pl", "en"])
def test_no_text_is_too_long_for_notify(post: Post, notify: Notify, language: str) -> None:
    said = Said(
        title="Ω" * 5000, starts=datetime.fromisoformat("2026-03-12T18:00:00+00:00"), place="Łódź " * 500,
        places=6, code="K7M2QX9PDA", until=datetime.fromisoformat("2026-03-10T18:00:00+00:00"), pence=1800,
    )  # fmt: skip
    assert sent(post, language=language, kind="event-offered", said=said) == ("sent", "")
    assert "K7M 2QX 9PDA" in notify.taken[0]["personalisation"]["message"]


def test_a_number_that_is_none_is_not_tried_again(post: Post, notify: Notify) -> None:
    assert sent(post, "12", way="text") == ("given-up", "bad-address")
