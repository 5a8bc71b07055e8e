"""Messages are stored first and sent later: each once, and nobody reads them meanwhile."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk import outbox, rounds
from kiosk.outbox import Message, Said, records, sending
from kiosk.outbox.failures import Failure
from kiosk.outbox.records import WAITS
from kiosk.settings import effective
from kiosk.staff.messages import REASONS
from tests.outbox.conftest import Post
from tests.outbox.mail_server import MailServer, running
from tests.outbox.notify_server import Notify
from tests.test_traces import forms_of, traces

pytestmark = pytest.mark.patient

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_a_message_waits_in_the_outbox_until_the_clock_comes_round(post: Post, mail: MailServer) -> None:
    key = post.put()
    assert mail.connections == 0, "nobody who waits for a page waits for a mail server"
    assert post.state(key) == ("waiting", "")
    post.go()
    assert [str(each["To"]) for each in mail.taken] == ["ola@example.org"]
    assert post.state(key) == ("sent", "")
    post.go(MINUTE)
    assert len(mail.taken) == 1


def test_the_same_thing_is_said_to_a_person_once(post: Post, mail: MailServer) -> None:
    for _time in range(3):
        post.put(key="offered|1")
    post.go()
    post.put(key="offered|1")
    post.go(MINUTE)
    assert len(mail.taken) == 1


def test_what_is_not_wanted_there_any_more_does_not_go(post: Post, mail: MailServer) -> None:
    post.put(subject_id="b1")
    kept = [post.put(subject_id="b2"), post.put(subject_id="b1", kind="news"), post.put(room="support")]
    with post.store.write() as db:
        assert outbox.take_back(db, "event-booked", "library", "b1") == 1
    post.go()
    assert [post.state(key) for key in kept] == [("sent", "")] * 3
    assert len(mail.taken) == 3
    with post.store.write() as db:
        assert outbox.take_back(db, "event-booked", "library", "b2") == 0, "it has gone"


def test_a_room_that_fails_over_its_message_keeps_those_of_others_waiting_for_a_round_only(
    post: Post, mail: MailServer
) -> None:
    def stumbles(*_about: Any) -> None:
        raise RuntimeError("not about this booking")

    outbox.stay_true(post.app, "slippery", stumbles)
    broken = post.put(room="slippery")
    post.clock.shift(1)
    whole = post.put()
    for _round in range(2):
        post.go(timedelta(minutes=1))
    assert post.state(whole) == ("sent", "")
    assert post.state(broken)[0] == "waiting", "it has its tries, as if nobody had answered"
    assert len(mail.taken) == 1


def test_what_is_not_kept_is_not_told(post: Post, mail: MailServer) -> None:
    message = Message("test", "email", "ola@example.org", "en", "library", "b1", "k")

    def book() -> None:
        with post.store.write() as db:
            outbox.put(db, message, service_key=post.app.config["SERVICE_KEY"], now=datetime.now(UTC))
            raise RuntimeError("the booking could not be kept")

    with pytest.raises(RuntimeError):
        book()
    post.go()
    assert not mail.taken


def test_nobody_who_has_the_file_reads_who_is_told_what(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    words = ["zzofia.canary@example.org", "+447700900777", "Zzrhyme time", "K7M2QX9PDA", "K7M 2QX 9PDA"]
    hidden = [form for word in words for form in forms_of(word)]
    with running(MailServer(hangs_up_on="DATA")) as server:
        post.use(server)
        keys = [post.put(words[0], language="pl"), post.put(words[1])]
        assert not traces(post.folder, hidden)
        post.go()
        assert [post.state(key)[0] for key in keys] == ["failed", "failed"]
    assert not traces(post.folder, hidden), "after it was tried"
    assert not any(word in caplog.text for word in words)
    assert "a message by email was not sent: no-answer" in caplog.text


def test_a_message_of_another_row_is_not_sent_in_its_place(post: Post, mail: MailServer) -> None:
    one, other = post.put("one@example.org"), post.put("other@example.org")
    with post.store.write() as db:
        db.run(
            "UPDATE outbox SET sealed = (SELECT sealed FROM outbox WHERE one_time_key = :one)"
            " WHERE one_time_key = :other",
            one=one,
            other=other,
        )
    post.go()
    assert mail.recipients == [["one@example.org"]]
    assert post.state(other) == ("given-up", "cannot-open")


# -- trying again ----------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_tried_five_times_in_a_day_and_then_no_more(post: Post) -> None:
    with running(MailServer()) as server:
        post.use(server)
    key = post.put()
    post.go()
    for wait in WAITS:
        assert post.state(key) == ("failed", "no-answer")
        with post.store.read() as db:
            tries = db.value("SELECT attempts FROM outbox")
        post.go(wait - MINUTE)
        with post.store.read() as db:
            assert db.value("SELECT attempts FROM outbox") == tries, "not too early"
        post.go(MINUTE)
    assert post.state(key) == ("given-up", "no-answer")
    assert sum(WAITS, timedelta()) < DAY
    assert list(WAITS) == sorted(WAITS), "each wait is longer than the last"


def test_it_goes_as_soon_as_the_server_is_back(post: Post) -> None:
    with running(MailServer()) as server:
        post.use(server)
        port = server.port
    key = post.put()
    post.go()
    assert post.state(key) == ("failed", "no-answer")
    with running(MailServer(port=port)) as server:
        post.go(WAITS[0])
        assert len(server.taken) == 1
    assert post.state(key) == ("sent", "")


def test_a_server_that_is_down_is_asked_once_a_round_and_the_others_keep_their_tries(post: Post) -> None:
    with running(MailServer(greeting="421 not now")) as server:
        post.use(server)
        keys = [post.put() for _number in range(5)]
        post.go()
        assert server.connections == 1
    assert sorted(post.state(key)[0] for key in keys) == ["failed", *["waiting"] * 4]


def test_when_mail_does_not_go_text_messages_still_do(post: Post, notify: Notify) -> None:
    with running(MailServer(greeting="421 not now")) as server:
        post.use(server)
        post.put()
        text = post.put("+447700900982")
        post.go()
    assert post.state(text) == ("sent", "")


def test_no_telephone_rings_in_the_night(post: Post, mail: MailServer, notify: Notify) -> None:
    evening = datetime(2026, 7, 12, 20, 1, tzinfo=UTC)  # a minute past nine in London, where it is summer
    post.clock.move_to(evening)
    night = post.put("+447700900982")
    urgent = post.put("+447700900983", expires=evening + timedelta(hours=2))
    tried = post.put("+447700900984", kind="test", said=Said())
    letter = post.put()
    post.go()
    assert [post.state(key)[0] for key in (night, urgent, tried, letter)] == ["waiting", *["sent"] * 3]
    post.go(timedelta(hours=10, minutes=58))
    assert post.state(night)[0] == "waiting"
    post.go(MINUTE)
    assert post.state(night) == ("sent", "")


def test_an_address_that_is_none_is_not_tried_again(post: Post, mail: MailServer) -> None:
    mail.says["RCPT"] = "550 no such person"
    wrong = post.put("nobody@example.org")
    post.go()
    assert post.state(wrong) == ("given-up", "bad-address")
    mail.says.clear()
    right = post.put()
    post.go()
    assert post.state(right) == ("sent", "")


def test_staff_can_have_everything_tried_again(post: Post, mail: MailServer) -> None:
    mail.says["RCPT"] = "550 no such person"
    key = post.put()
    post.go()
    mail.says.clear()
    with post.store.write() as db:
        assert records.retry(db, datetime.now(UTC)) == 1
    post.go(MINUTE)
    assert post.state(key) == ("sent", "")


def test_what_has_become_untrue_is_not_sent(post: Post, mail: MailServer) -> None:
    key = post.put(expires=datetime.now(UTC) + MINUTE)
    post.go(2 * MINUTE)
    assert not mail.taken
    assert post.state(key) == ("given-up", "too-late")
    with post.store.write() as db:
        assert records.retry(db, datetime.now(UTC)) == 0


def test_few_go_in_a_round_and_the_rest_in_the_next(post: Post, mail: MailServer) -> None:
    for _number in range(sending.A_ROUND + 3):
        post.put()
    post.go()
    assert len(mail.taken) == sending.A_ROUND
    post.go(MINUTE)
    assert len(mail.taken) == sending.A_ROUND + 3


# -- when the program ends in between --------------------------------------------------------------------


def test_what_waits_when_the_program_ends_goes_when_it_has_started_again(
    post: Post, mail: MailServer
) -> None:
    key = post.put()
    post.start_again()
    post.go()
    assert len(mail.taken) == 1
    assert post.state(key) == ("sent", "")


def test_a_message_that_was_being_sent_when_the_power_went_is_neither_lost_nor_sent_at_once(
    post: Post, mail: MailServer
) -> None:
    key = post.put()
    with post.store.write() as db:
        assert records.take(db, datetime.now(UTC))
    post.start_again()
    post.go(MINUTE)
    assert not mail.taken
    post.go(MINUTE)
    assert len(mail.taken) == 1
    assert post.state(key) == ("sent", "")


def test_two_servers_over_one_library_send_each_message_once(post: Post, mail: MailServer) -> None:
    for number in range(12):
        post.put(f"p{number}@example.org")
    both = [threading.Thread(target=rounds.run_errands, args=(post.app,)) for _each in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(each[0] for each in mail.recipients) == sorted(
        f"p{number}@example.org" for number in range(12)
    )


def test_a_server_that_stops_begins_no_further_message(post: Post, mail: MailServer) -> None:
    post.put()
    over = threading.Event()
    over.set()
    rounds.run_errands(post.app, over)
    assert mail.connections == 0


def test_the_sending_comes_by_itself(post: Post, mail: MailServer) -> None:
    key = post.put()
    with rounds.going(post.app):
        assert mail.came.wait(10)  # leaving waits for what has begun
    assert post.state(key) == ("sent", "")


def test_an_errand_that_fails_stops_neither_the_others_nor_the_wiping(
    post: Post, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_app: object, _over: object) -> None:
        raise RuntimeError("broken")

    post.app.extensions["errands"].insert(0, fail)
    key = post.put()
    with rounds.going(post.app):
        assert mail.came.wait(10)
    assert post.state(key) == ("sent", "")
    assert "an errand failed" in caplog.text


# -- the end ---------------------------------------------------------------------------------------------


def test_what_was_sent_is_wiped_at_once_and_the_fact_after_a_week(post: Post, mail: MailServer) -> None:
    key = post.put()
    post.go()
    with post.store.read() as db:
        assert db.value("SELECT sealed FROM outbox") is None
    night = datetime(2026, 3, 17, 2, tzinfo=UTC)
    post.clock.move_to(night - MINUTE)
    rounds.go(post.app)
    assert post.state(key) == ("sent", "")
    post.clock.move_to(night)
    assert rounds.go(post.app) == 1
    with post.store.read() as db:
        assert records.look(db, key) is None


def test_what_never_went_is_not_on_the_disk_after_a_week(post: Post) -> None:
    key = post.put()
    with post.store.read() as db:
        piece = db.value("SELECT sealed FROM outbox")[40:72]
    assert traces(post.folder, [piece])
    post.go()
    assert post.state(key) == ("failed", "not-set-up")
    post.clock.shift(records.KEPT + DAY)
    rounds.go(post.app)
    with post.store.read() as db:
        assert records.look(db, key) is None
    assert not traces(post.folder, [piece])


# -- which ways there are --------------------------------------------------------------------------------


def ways(post: Post) -> set[str]:
    with post.app.app_context(), post.store.read() as db:
        return set(outbox.ways(effective(db)))


def test_a_way_that_is_not_set_up_is_not_offered(post: Post, notify: Notify) -> None:
    assert ways(post) == {"text"}
    post.choose(smtp_host="mail.example", smtp_from="desk@library.example")
    assert ways(post) == {"text", "email"}


@pytest.mark.parametrize(
    "chosen",
    [
        {"smtp_host": ""},
        {"smtp_from": ""},
        {"smtp_from": "no address"},
        {"smtp_from": "a@b.example, c@d.example"},
        {"smtp_security": "local"},
    ],
)
def test_mail_that_could_not_go_safely_is_not_offered(post: Post, chosen: dict[str, str]) -> None:
    post.choose(smtp_host="mail.example", smtp_from="desk@library.example")
    assert ways(post) == {"email"}
    post.choose(**chosen)
    assert ways(post) == set()


def test_a_user_without_a_password_is_not_set_up(post: Post) -> None:
    post.choose(smtp_host="mail.example", smtp_from="desk@library.example", smtp_user="kiosk")
    assert ways(post) == {"email"}
    post.app.config["SMTP_PASSWORD"] = ""
    assert ways(post) == set()


@pytest.mark.parametrize(
    "chosen",
    [
        {"notify_template": ""},
        {"notify_template": "welcome"},
        {"notify_address": ""},
        {"notify_address": "http://notify.example"},
        {"notify_address": "https://user:word@notify.example"},
        {"notify_address": "file:///etc/passwd"},
        {"notify_address": "https://[notify"},
    ],
)
def test_text_messages_that_could_not_go_safely_are_not_offered(
    post: Post, notify: Notify, chosen: dict[str, str]
) -> None:
    assert ways(post) == {"text"}
    post.choose(**chosen)
    assert ways(post) == set()


@pytest.mark.parametrize("key", ["", "secret", "26785a09-ab16-4eb0-8407-a37497a57506"])
def test_without_a_whole_key_no_text_message_is_offered(post: Post, notify: Notify, key: str) -> None:
    post.app.config["NOTIFY_KEY"] = key
    assert ways(post) == set()


def test_every_reason_is_a_code_that_staff_have_words_for() -> None:
    assert set(REASONS) == set(Failure)
