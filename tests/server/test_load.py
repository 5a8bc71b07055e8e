"""Thirty people at thirty screens at once, before a real waitress with eight threads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from waitress.server import create_server

from app import WAITRESS
from kiosk import create_app, languages
from kiosk.store import Store
from tests.conftest import begin
from tests.visitor import Line, Visitor, opened

PEOPLE = 30
MOST = 256 * 1024
"""Bytes of a form that anybody may send."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Flask, int]]:
    """The app over a new library behind a real waitress; its port."""
    app = create_app(tmp_path / "data")
    begin(app)
    server = create_server(app, host="127.0.0.1", port=0, threads=8, **WAITRESS)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield app, server.effective_port
    finally:
        server.close()  # its loop ends as soon as there is nothing to listen to
        server.task_dispatcher.shutdown()
        server.asyncore.close_all(server._map)
        thread.join(20)
        app.extensions["store"].close()
        assert not thread.is_alive()


@pytest.fixture
def line(served: tuple[Flask, int]) -> Iterator[Callable[[], Line]]:
    """Makes real connections to the server; they close with the test."""
    lines: list[Line] = []

    def connect() -> Line:
        lines.append(Line(served[1]))
        return lines[-1]

    yield connect
    for each in lines:
        each.close()


def test_thirty_people_join_at_once_and_nobody_is_lost(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    app, _port = served
    tongues = [language.tag for language in languages.complete()]
    people = [Visitor(line()) for _ in range(PEOPLE)]
    together = threading.Barrier(PEOPLE)

    def join(number: int) -> str:
        visitor = people[number]
        visitor.start_joining(tongues[number % len(tongues)])
        visitor.walk(first_name=f"Person {number:02}", phone=f"07700 9000{number:02}")
        together.wait(60)  # everybody has answered: now all of them send
        visitor.send()
        return visitor.code

    with ThreadPoolExecutor(PEOPLE) as pool:
        codes = list(pool.map(join, range(PEOPLE)))
    assert len(set(codes)) == PEOPLE, "every receipt is another one"
    kept = opened(app)
    assert set(kept) == set(codes), "every record is there, and opens with the key of the desk"
    for number, code in enumerate(codes):
        assert kept[code].first_name == f"Person {number:02}", "and holds the answers of who has the receipt"
        assert kept[code].phone == f"+4477009000{number:02}"
    store: Store = app.extensions["store"]
    with store.read() as db:
        rows = db.all("SELECT reference, language FROM joins")
    assert {row["reference"]: row["language"] for row in rows} == {
        code: tongues[number % len(tongues)] for number, code in enumerate(codes)
    }


def test_one_send_that_arrives_many_times_at_once_is_one_join(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    app, _port = served
    visitor = Visitor(line())
    visitor.start_joining("pl")
    visitor.walk()
    token, key, cookie = visitor.token, visitor.key, visitor.cookie
    together = threading.Barrier(8)

    def send(_number: int) -> str:
        again = Visitor(line())
        again.client._cookies["visit"] = cookie
        together.wait(60)
        again.post("/pl/join/send", {"csrf_token": token, "key": key})
        return again.code

    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(send, range(8)))
    assert len(codes) == 1
    assert set(opened(app)) == codes


def test_more_than_anybody_can_mean_to_send_is_refused_before_it_is_read(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    _app, port = served
    visitor = Visitor(line())
    visitor.get("/pl/")
    heavy = line()
    answer = heavy.post("/pl/join/", b"csrf_token=" + b"x" * MOST)
    assert answer.status_code == 413
    for request, status in [
        (b"GET /pl/ HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", b"431"),
        (b"POST /pl/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"GET /pl/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"\x00\xff\r\n\r\n", b"400"),
    ]:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
            wire.sendall(request)
            answer_line = wire.makefile("rb").readline()
        assert status in answer_line, (request[:40], answer_line)
    visitor.get("/pl/join/")
    assert visitor.status == 200, "and everybody else is served as before"


def test_the_server_does_not_say_what_it_is_made_of(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    answer = line().get("/healthz")
    assert answer.status_code == 200
    said = str(answer.headers).lower()
    assert "waitress" not in said
    assert "python" not in said


def test_many_screens_can_be_connected_at_once() -> None:
    """Without poll, select() ends the server at about a thousand connections."""
    assert int(WAITRESS["connection_limit"] or 0) >= 1_000
    assert WAITRESS["asyncore_use_poll"] is True
    calendar = 5 * 1024 * 1024  # the largest that staff may load
    assert calendar < int(WAITRESS["max_request_body_size"] or 0) < 2 * calendar
    assert WAITRESS["expose_tracebacks"] is False
