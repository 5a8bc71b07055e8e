"""Forty boards and some screens before a real server, a board that is left alone, a server that is killed."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from flask import Flask

from kiosk import branches
from kiosk.help import queue
from kiosk.help.requests import Request
from kiosk.people import accounts, boards, sessions
from kiosk.people.accounts import Role
from kiosk.store import Store
from tests.server.test_durability import data, free_port, server
from tests.server.test_load import line, served
from tests.visitor import MORNING, PASSWORD, Line, Visitor

__all__ = ["data", "line", "served"]

BOARDS, WAITING, SOON = 40, 20, 2.0
"""Boards of one branch, screens on which somebody waits, and seconds in which news is on all boards."""
SEEN = re.compile(r'name="seen" value="([^"]*)"')
COUNT = re.compile(r'data-count="(\d+)"')
STATE = re.compile(r'data-seen="([^"]*)"')


def hires_amina(app: Flask) -> None:
    """Somebody at the desk of the only branch."""
    store: Store = app.extensions["store"]
    key: bytes = app.config["SERVICE_KEY"]
    manager, _cookie = sessions.sign_in(store, key, "manager", PASSWORD)
    with store.read() as db:
        desk_key = accounts.open_desk_key(db, manager.person.id, manager.private_key)
        here = branches.every(db)[0].id
    person, once = accounts.add(
        store, key, manager.person, desk_key,
        username="amina", name="Amina Okafor", role=Role.BRANCH, branch_id=here,
    )  # fmt: skip
    sessions.change_password(store, key, person, once, PASSWORD, "")


def asks(visitor: Visitor, *, first_name: str = "") -> None:
    """Three touches, and her first name if she says it."""
    visitor.get("/ti/help/how/letter")
    visitor.post("/ti/help/send", {"topic": "letter", "way": "here", "key": visitor.key})
    assert visitor.path == "/ti/help/waiting"
    if first_name:
        visitor.get("/ti/help/name")
        visitor.post("/ti/help/name", {"first_name": first_name})


def waiting(store: Store) -> tuple[Request, ...]:
    with store.read() as db:
        return queue.unfinished(db, [each.id for each in branches.every(db)])


class Desk:
    """A browser at the desk, as it asks the server for the part of the board that changes."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.seen = self.text = ""

    def signs_in(self) -> None:
        page = self.line.get("/staff/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]*)"', page)
        assert token
        form = {"csrf_token": token[1], "username": "amina", "password": PASSWORD}
        assert self.line.post("/staff/sign-in", form).status_code == 303
        assert self.line.get("/staff/board").status_code == 200

    def polls(self) -> int:
        """Ask for news; the status of the answer."""
        answer = self.line.get(f"/staff/board/live?seen={self.seen}", {"HX-Request": "true"})
        if answer.status_code == 200:
            found = SEEN.search(answer.text)
            assert found
            self.seen, self.text = found[1], answer.text
        return answer.status_code

    @property
    def count(self) -> int:
        found = COUNT.search(self.text)
        return int(found[1]) if found else -1


def test_a_request_is_on_forty_boards_within_two_seconds_while_screens_ask_for_news(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    app, _port = served
    store: Store = app.extensions["store"]
    hires_amina(app)
    with store.write() as db:
        here = branches.every(db)[0].id
        amina = next(each for each in accounts.every(db) if each.username == "amina")
        cookies = [boards.open_board(db, amina.id, here, datetime.now(UTC)) for _board in range(BOARDS)]
    desks = [Desk(line()) for _board in range(BOARDS)]
    for desk, cookie in zip(desks, cookies, strict=True):
        desk.line._cookies["board"] = cookie
    screens = [Visitor(line()) for _screen in range(WAITING)]
    for each in screens:
        asks(each)
    ended = threading.Event()

    def looks(desk: Desk) -> float:
        """Ask every second, as the page does, until the next number is there; when that was."""
        ended.wait(desks.index(desk) / BOARDS)
        while not ended.is_set():
            asked_at = time.monotonic()
            assert desk.polls() in (200, 204)
            if f'class="number">{WAITING + 1}<' in desk.text:
                return time.monotonic()
            ended.wait(max(0, 1 - (time.monotonic() - asked_at)))
        raise AssertionError("It never came.")

    def waits(visitor: Visitor) -> None:
        """Ask every two seconds, as the screen does."""
        seen = ""
        while not ended.wait(2 * screens.index(visitor) / WAITING if not seen else 2):
            answer = visitor.client.get(f"/ti/help/state?seen={seen}")
            assert answer.status_code in (200, 204)
            found = STATE.search(answer.text)
            seen = found[1] if found else seen

    with ThreadPoolExecutor(BOARDS + WAITING) as pool:
        shown = [pool.submit(looks, desk) for desk in desks]
        asked = [pool.submit(waits, each) for each in screens]
        try:
            ended.wait(1.5)  # everybody asks by now
            late = Visitor(line())
            late.get("/ti/help/how/letter")
            key, began = late.key, time.monotonic()
            late.post("/ti/help/send", {"topic": "letter", "way": "desk", "key": key}, follow=False)
            times = [each.result(20) - began for each in shown]
        finally:
            ended.set()
        for done in asked:
            done.result(20)
    assert len(times) == BOARDS
    assert max(times) < SOON, sorted(times)


def test_a_board_left_alone_stays_live_and_opens_nothing_without_the_password(
    served: tuple[Flask, int], line: Callable[[], Line]
) -> None:
    app, _port = served
    store: Store = app.extensions["store"]
    with time_machine.travel(MORNING) as clock:
        hires_amina(app)
        desk = Desk(line())
        desk.signs_in()
        cookies = desk.line._cookies
        for _minute in range(16):
            clock.shift(timedelta(minutes=1))
            # nobody keeps a connection open for longer than a minute: each question comes on a new one
            desk.line = line()
            desk.line._cookies = cookies
            assert desk.polls() in (200, 204)
        assert "Nobody is signed in here." in desk.text
        asks(Visitor(line()), first_name="Zewditu")
        assert desk.polls() == 200
        assert desk.count == 1
        assert "Tigrinya" in desk.text
        assert "Zewditu" not in desk.text
        (one,) = waiting(store)

        page = f"/staff/help/{one.id}"
        token = re.findall(r'name="csrf_token" value="([^"]*)"', desk.text)[-1]
        for answer in (
            desk.line.get(page),
            desk.line.post(f"{page}/coming", {"csrf_token": token}),
            desk.line.post(f"/staff/board/{one.id}/take", {"csrf_token": token}),
        ):
            assert answer.status_code == 303
            assert "/staff/sign-in" in answer.headers["Location"]
            assert "Zewditu" not in answer.text
        assert waiting(store)[0].state == "waiting"
        desk.signs_in()
        assert "Zewditu" in desk.line.get(page).text


def test_a_request_that_was_acknowledged_outlives_the_server(data: Path) -> None:
    """Killed the moment the screen has its answer; after that the screen and the board know of it, once."""
    port, store = free_port(), Store(data / "kiosk.db")
    with server(data, port) as process:
        visitor = Visitor(Line(port))
        visitor.get("/ti/help/how/letter")
        key, token, cookie = visitor.key, visitor.token, visitor.cookie
        sending = {"csrf_token": token, "topic": "letter", "way": "here", "key": key}
        assert visitor.post("/ti/help/send", sending, follow=False).status_code == 303
        process.send_signal(signal.SIGKILL)
        process.wait()
        visitor.client.close()
    (before,) = waiting(store)
    with server(data, port):
        visitor = Visitor(Line(port))
        visitor.client._cookies["visit"] = cookie
        visitor.get("/ti/help/send")  # where a screen that lost its answer asks what became of it
        assert visitor.path == "/ti/help/waiting"
        visitor.post("/ti/help/send", sending)
        assert visitor.path == "/ti/help/waiting"
        visitor.client.close()
    assert waiting(store) == (before,)
    store.close()
    assert "Traceback" not in (data.parent / "log").read_text("utf-8")
