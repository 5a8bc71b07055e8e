"""Calendars that are fetched: from the web alone, not too much, not for too long, and nothing is lost."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import audit, rounds
from kiosk.events.incoming import fetching, subscriptions
from kiosk.events.incoming import records as import_records
from kiosk.events.incoming.fetching import NotFetched, Trouble, as_address, fetch, is_public
from kiosk.events.incoming.subscriptions import AlreadyThere, Subscription
from kiosk.store import NotThere, Store
from tests.events.feeds import event, feed
from tests.events.test_importing import RHYMES, WEEKLY, everything, monday
from tests.outbox.mail_server import certificate

CALENDAR = feed(event(*RHYMES, WEEKLY, start=monday()))


class Server(ThreadingHTTPServer):
    """A council's web server on this machine. `answers` says what stands where; `asked` what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Any], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def hold(self, path: str, content: bytes, **headers: str) -> str:
        """Have a calendar stand at a path, with an ETag unless told otherwise; its address."""
        headers.setdefault("ETag", f'"{hash(content)}"')

        def answer(asked: Any) -> None:
            same = asked.headers.get("If-None-Match") == headers["ETag"]
            asked.send_response(304 if same else 200)
            for name, value in headers.items():
                asked.send_header(name.replace("_", "-"), value)
            asked.send_header("Content-Length", "0" if same else str(len(content)))
            asked.end_headers()
            if not same:
                asked.wfile.write(content)

        self.answers[path] = answer
        return self.address + path

    def say(self, path: str, status: int, **headers: str) -> str:
        def answer(asked: Any) -> None:
            asked.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                asked.send_header(name.replace("_", "-"), value)
            asked.end_headers()

        self.answers[path] = answer
        return self.address + path

    def write(self, path: str, *pieces: bytes, wait: float = 0) -> str:
        """Have raw bytes stand at a path, one piece after the other."""

        def answer(asked: Any) -> None:
            try:
                for piece in pieces:
                    asked.wfile.write(piece)
                    asked.wfile.flush()
                    time.sleep(wait)
            except OSError:  # whoever asked has gone
                pass
            asked.close_connection = True

        self.answers[path] = answer
        return self.address + path


class Answering(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answers[self.path](self)

    def log_message(self, *_words: Any) -> None:
        """Says nothing."""


@pytest.fixture
def council() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def this_machine(address: Any) -> bool:
    return str(address) == "127.0.0.1"


def trouble(url: str, may: Any = this_machine) -> Trouble:
    with pytest.raises(NotFetched) as raised:
        fetch(url, may=may)
    return raised.value.trouble


# -- fetching -----------------------------------------------------------------------------------------------


def test_a_calendar_is_fetched_once_and_then_only_when_it_has_changed(council: Server) -> None:
    url = council.hold("/a.ics", CALENDAR, Last_Modified="Mon, 09 Mar 2026 09:00:00 GMT")
    found = fetch(url, may=this_machine)
    assert (found.content, found.modified) == (CALENDAR, "Mon, 09 Mar 2026 09:00:00 GMT")
    assert fetch(url, etag=found.etag, modified=found.modified, may=this_machine).content is None
    headers = council.asked[-1][1]
    assert headers["If-Modified-Since"] == found.modified
    assert headers["Host"] == council.address.removeprefix("http://")
    assert not {"Cookie", "Referer", "Authorization"} & set(headers)


def test_what_comes_packed_is_unpacked(council: Server) -> None:
    url = council.hold("/a.ics", gzip.compress(CALENDAR), Content_Encoding="gzip")
    assert fetch(url, may=this_machine).content == CALENDAR
    url = council.hold("/bomb.ics", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    assert trouble(url) is Trouble.TOO_BIG
    url = council.hold("/odd.ics", CALENDAR, Content_Encoding="br")
    assert trouble(url) is Trouble.NOT_UNDERSTOOD
    url = council.hold("/torn.ics", b"no gzip", Content_Encoding="gzip")
    assert trouble(url) is Trouble.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, Trouble.NOT_ALLOWED), (403, Trouble.NOT_ALLOWED), (404, Trouble.NOT_THERE),
        (410, Trouble.NOT_THERE), (418, Trouble.NOT_UNDERSTOOD), (429, Trouble.BROKEN),
        (500, Trouble.BROKEN), (503, Trouble.BROKEN), (204, Trouble.NOT_UNDERSTOOD),
        (302, Trouble.NOT_UNDERSTOOD),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_calendar_has_its_reason(council: Server, status: int, code: Trouble) -> None:
    assert trouble(council.say("/a.ics", status)) is code


def test_a_file_that_is_too_large_is_not_read_to_its_end(council: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    assert trouble(council.write("/said.ics", head, b"BEGIN:VCALENDAR\r\n")) is Trouble.TOO_BIG
    silent = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    assert trouble(council.write("/silent.ics", silent, *([b"x" * 1_000_000] * 100))) is Trouble.TOO_BIG


def test_an_answer_that_breaks_off_is_no_answer(council: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    assert trouble(council.write("/a.ics", head, CALENDAR)) is Trouble.NO_ANSWER
    assert trouble(council.write("/b.ics", b"what?\r\n\r\n")) is Trouble.NO_ANSWER


def test_a_server_that_drips_is_left_in_time(council: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.6)
    began = time.perf_counter()
    drip = council.write("/a.ics", b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100, wait=0.1)
    assert trouble(drip) is Trouble.TOO_SLOW
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("drips", ["answer", "greeting"])
def test_a_server_that_drips_is_left_in_time_over_https_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drips: str
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.6)
    known = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    safe.load_cert_chain(known)
    pieces = {"answer": [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100], "greeting": [b"\x16"] * 100}[drips]

    def drip(listening: socket.socket) -> None:
        connected, _address = listening.accept()
        with suppress(OSError), connected:
            if drips == "answer":
                connected = safe.wrap_socket(connected, server_side=True)
                connected.recv(4000)
            else:  # the head of a record of sixteen thousand bytes, which never is whole
                connected.sendall(b"\x16\x03\x03\x40\x00")
            for piece in pieces:
                connected.sendall(piece)
                time.sleep(0.1)
        connected.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=drip, args=(listening,), daemon=True)
        serving.start()
        began = time.perf_counter()
        assert trouble(f"https://localhost:{listening.getsockname()[1]}/a.ics") is Trouble.TOO_SLOW
        assert time.perf_counter() - began < 5
        serving.join(20)
    assert not serving.is_alive()


def test_a_server_that_says_nothing_is_left_in_time(council: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SILENCE", 0.3)
    assert trouble(council.write("/a.ics", b"", wait=1)) is Trouble.NO_ANSWER


def test_nobody_at_home_is_no_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert trouble(f"http://127.0.0.1:{unused.getsockname()[1]}/") is Trouble.NO_ANSWER
    assert trouble("http://nobody.invalid/") is Trouble.UNKNOWN_NAME


def test_redirects_are_followed_a_little_way(council: Server) -> None:
    council.hold("/a.ics", CALENDAR)
    council.say("/old.ics", 301, Location="/a.ics")
    assert fetch(council.address + "/old.ics", may=this_machine).content == CALENDAR
    council.say("/round.ics", 302, Location="/round.ics")
    assert trouble(council.address + "/round.ics") is Trouble.TOO_FAR
    council.say("/file.ics", 302, Location="file:///etc/passwd")
    assert trouble(council.address + "/file.ics") is Trouble.NOT_AN_ADDRESS


def test_no_redirect_leads_into_the_librarys_own_network(council: Server) -> None:
    council.say("/a.ics", 302, Location=council.address.replace("127.0.0.1", "127.0.0.2") + "/a.ics")
    assert trouble(council.address + "/a.ics") is Trouble.PRIVATE
    council.say("/b.ics", 302, Location="http://169.254.169.254/latest/meta-data/")
    assert trouble(council.address + "/b.ics") is Trouble.PRIVATE


def test_a_server_that_cannot_prove_who_it_is_is_not_believed(council: Server) -> None:
    url = council.hold("/a.ics", CALENDAR).replace("http:", "https:")
    assert trouble(url) is Trouble.NOT_SAFE


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3",
     "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd12::1", "::ffff:10.0.0.1",
     "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::1", "ff02::1"],
)  # fmt: skip
def test_a_private_address_is_private_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_public_address_is_public() -> None:
    assert is_public(ip_address("8.8.8.8"))
    assert is_public(ip_address("2001:4860:4860::8888"))


def test_names_and_numbers_that_mean_this_machine_are_not_asked(council: Server) -> None:
    port = council.server_address[1]
    council.hold("/a.ics", CALENDAR)
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"):
        assert trouble(f"http://{host}:{port}/a.ics", may=is_public) in {
            Trouble.PRIVATE, Trouble.UNKNOWN_NAME,
        }  # fmt: skip
    assert council.asked == []


def test_a_name_that_changes_its_address_after_the_check_changes_nothing(
    council: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to the address that was checked; the name is not looked up again."""
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def rebinding(host: str, *more: Any, **named: Any) -> Any:
        asked.append(host)
        name = {"calendar.example": "127.0.0.1" if asked.count(host) == 1 else "127.0.0.2"}.get(host, host)
        return look_up(name, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    council.hold("/a.ics", CALENDAR)
    url = f"http://calendar.example:{council.server_address[1]}/a.ics"
    assert fetch(url, may=this_machine).content == CALENDAR
    assert asked.count("calendar.example") == 1
    assert council.asked[0][1]["Host"].startswith("calendar.example:")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("webcal://Town.example/a.ics", "https://Town.example/a.ics"),
        (" https://town.example/a.ics?x=1&y=ä#top ", "https://town.example/a.ics?x=1&y=%C3%A4"),
        ("https://bücher.example/ä.ics", "https://xn--bcher-kva.example/%C3%A4.ics"),
    ],
)
def test_an_address_is_kept_as_it_is_asked(typed: str, kept: str) -> None:
    assert as_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "town.example/a.ics", "file:///etc/passwd", "ftp://town.example/", "https://",
     "https://u:p@town.example/", "https://town.example/a b", "https://[::1/", "https://town.example:99999/",
     "javascript:alert(1)",
     "https://town.example/\r\nX: y", "https://" + "a" * 3000, "https://.example/"],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(typed: str) -> None:
    with pytest.raises(NotFetched):
        as_address(typed)


# -- by the clock -------------------------------------------------------------------------------------------


@pytest.fixture
def subscribe(app: Flask, store: Store) -> Callable[[str], str]:
    app.config["CALENDARS_FROM"] = this_machine

    def add(url: str) -> str:
        with store.write() as db:
            return subscriptions.add(db, url, "Council", "", "maria", service_key=app.config["SERVICE_KEY"])

    return add


def now_is(store: Store) -> Subscription:
    with store.read() as db:
        return subscriptions.every(db)[0]


def say_yes(store: Store, subscription_id: str) -> None:
    with store.write() as db:
        subscriptions.looked_at(db, subscription_id)
        subscriptions.fetch_soon(db, subscription_id)


def test_nothing_is_loaded_before_somebody_has_looked(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str]
) -> None:
    one = subscribe(council.hold("/a.ics", CALENDAR))
    rounds.run_errands(app)
    assert now_is(store).result == "look"
    assert everything(store) == []
    with store.read() as db:
        held = import_records.waiting(db)
        assert [(each.subscription_id, each.source) for each in held] == [(one, one)]
        content = import_records.one_waiting(db, held[0].id, app.config["SERVICE_KEY"])[1]
    assert content == CALENDAR
    assert b"Rhyme time" not in store.path.read_bytes()


def test_from_then_on_its_changes_come_by_themselves(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str],
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    one = subscribe(council.hold("/a.ics", CALENDAR))
    say_yes(store, one)
    rounds.run_errands(app)
    assert [words[0].title for _event, words, _dates in everything(store)] == ["Rhyme time"]
    kept = everything(store)
    rounds.run_errands(app)
    assert len(council.asked) == 1, "not before its time"
    clock.shift(timedelta(hours=6))
    rounds.run_errands(app)
    assert (len(council.asked), now_is(store).result) == (2, "same")
    assert everything(store) == kept
    council.hold("/a.ics", CALENDAR.replace(b"Rhyme time", b"Rhymes and songs"))
    clock.shift(timedelta(hours=6))
    rounds.run_errands(app)
    assert (everything(store)[0][1][0].title, now_is(store).result) == ("Rhymes and songs", "imported")


def test_the_far_end_of_an_endless_series_moves_on_though_the_file_does_not(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str],
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    endless = feed(event(*RHYMES, "RRULE:FREQ=WEEKLY", start=monday()))
    say_yes(store, subscribe(council.hold("/a.ics", endless)))
    rounds.run_errands(app)
    last = everything(store)[0][2][-1].date.starts
    clock.shift(timedelta(days=14))
    rounds.run_errands(app)
    assert everything(store)[0][2][-1].date.starts == last + timedelta(days=14)


def test_a_failure_loses_nothing_and_is_tried_again_later_and_later(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str],
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    say_yes(store, subscribe(council.hold("/a.ics", CALENDAR)))
    rounds.run_errands(app)
    kept = everything(store)
    council.say("/a.ics", 503)
    clock.shift(timedelta(hours=6))
    waits = []
    for _try in range(7):
        rounds.run_errands(app)
        one = now_is(store)
        assert (one.result, one.failures) == ("broken", _try + 1)
        due = one.due_at(timedelta(hours=6))
        waits.append(due - datetime.fromisoformat(one.tried_at))
        clock.move_to(due)
    minutes = [int(wait.total_seconds() // 60) for wait in waits]
    assert minutes == [5, 15, 45, 135, 405, 1215, 1440]
    assert [each[0] for each in everything(store)] == [each[0] for each in kept]
    council.hold("/a.ics", CALENDAR)
    rounds.run_errands(app)
    assert (now_is(store).result, now_is(store).failures) == ("imported", 0)


@pytest.mark.parametrize("content", [b"<html>Sign in</html>", b"", b"PK\x03\x04", CALENDAR[:150]])
def test_what_is_no_calendar_any_more_takes_nothing_away(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str], content: bytes
) -> None:
    one = subscribe(council.hold("/a.ics", CALENDAR))
    say_yes(store, one)
    rounds.run_errands(app)
    kept = everything(store)
    council.hold("/a.ics", content)
    with store.write() as db:
        subscriptions.fetch_soon(db, one)
    rounds.run_errands(app)
    assert everything(store) == kept


def test_a_calendar_that_is_suddenly_empty_waits_for_a_person(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str]
) -> None:
    one = subscribe(council.hold("/a.ics", CALENDAR))
    say_yes(store, one)
    rounds.run_errands(app)
    council.hold("/a.ics", feed())
    with store.write() as db:
        subscriptions.fetch_soon(db, one)
    rounds.run_errands(app)
    assert now_is(store).result == "ask"
    assert everything(store)[0][0].gone_at == ""
    with store.read() as db:
        assert len(import_records.waiting(db)) == 1


def test_the_librarys_own_network_is_never_asked(app: Flask, store: Store, council: Server) -> None:
    with store.write() as db:
        key = app.config["SERVICE_KEY"]
        subscriptions.add(db, council.hold("/a.ics", CALENDAR), "Own", "", "maria", service_key=key)
    rounds.run_errands(app)
    assert (now_is(store).result, council.asked) == ("private", [])


def test_an_address_is_fetched_for_one_branch_at_a_time_and_can_be_stopped(
    store: Store, subscribe: Callable[[str], str]
) -> None:
    one = subscribe("https://town.example/a.ics")
    with pytest.raises(AlreadyThere):
        subscribe("https://town.example/a.ics")
    with store.write() as db:
        subscriptions.stop(db, one)
        assert subscriptions.every(db) == []
        with pytest.raises(NotThere):
            subscriptions.stop(db, one)
    assert subscribe("https://town.example/a.ics") == one, "the same calendar, with the same events"


def test_a_secret_address_stands_nowhere_as_it_is(
    app: Flask, store: Store, subscribe: Callable[[str], str]
) -> None:
    secret = "0123456789abcdef-private"
    url = f"https://town.example/calendars/councils/{secret}/basic.ics?token={secret}"
    subscribe(url)
    files = list(store.path.parent.glob("kiosk.db*"))
    assert files
    assert not any(secret.encode() in each.read_bytes() for each in files)
    one = now_is(store)
    assert one.url(app.config["SERVICE_KEY"]) == url
    assert secret not in repr(one)
    assert subscriptions.shown(url) == "town.example/calendars/councils/…"
    assert subscriptions.shown("https://town.example/a.ics?token=1") == "town.example/a.ics…"
    assert subscriptions.shown("https://town.example/a.ics") == "town.example/a.ics"


def test_what_the_clock_loads_is_in_the_log(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str],
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    one = subscribe(council.hold("/a.ics", CALENDAR))
    say_yes(store, one)
    for _time in range(3):
        rounds.run_errands(app)
        clock.shift(timedelta(days=1))
    with store.read() as db:
        (entry,) = [each for each in audit.entries(db) if each.action == "calendar loaded"]
        audit.verify(db, app.config["SERVICE_KEY"])
    assert (entry.who, entry.subject_id, entry.reason) == ("(clock)", one, "new 1, changed 0, gone 0")


def test_what_was_fetched_and_nobody_looked_at_is_deleted_in_the_end(
    app: Flask, store: Store, council: Server, subscribe: Callable[[str], str],
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    subscribe(council.hold("/a.ics", CALENDAR))
    rounds.run_errands(app)
    clock.shift(import_records.LIFE_OF_FETCHED)
    rounds.go(app)
    with store.read() as db:
        assert db.value("SELECT count(*) FROM import_files") == 0
