"""Help under load: how soon a request stands on the boards of its branch, and what the asking for news costs.

300 screens wait for somebody and ask every two seconds, 40 boards of 20 branches ask every second (and, to
compare, every two), all over connections that stay open to one server. Beside them a server that holds the
connection of each board until there is news shows what that would take.

    python -m bench.board
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from waitress.server import create_server

from app import WAITRESS
from bench.servers import Note, free_port, memory, processor_time, serving_a_crowd
from kiosk import branches, sealing
from kiosk.configuration import open_folder
from kiosk.devices import records as devices
from kiosk.people import accounts, boards, sessions
from kiosk.people.accounts import Role
from kiosk.sealing import PasswordCost
from kiosk.store import Store

BRANCHES, SCREENS, BOARDS = 20, 300, 40
SCREEN_ASKS = 2.0
BOARD_ASKS = (1.0, 2.0)
SECONDS = 10.0
PASSWORD = "violet tractor under seven moons"  # noqa: S105 - of a library that lasts a minute
EVERY = 0.2
"""Seconds between two requests, each at another branch in turn."""
PAGES_EVERY = 0.05
HELD_SECONDS = 4.0
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: close", re.IGNORECASE)
COUNT = re.compile(rb'data-count="(\d+)"')
SEEN = re.compile(rb'(?:name="seen" value|data-seen)="([^"]+)"')


@dataclass(frozen=True)
class Town:
    """A data folder: the cookie of each screen and board, and the number of its branch."""

    screens: tuple[tuple[int, str], ...]
    boards: tuple[tuple[int, str], ...]


@dataclass
class Figures:
    """What was measured: seconds until a board had a request, and until a page came; and what failed."""

    shown: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    asked: int = 0
    polls: int = 0
    errors: int = 0
    sent_at: dict[int, float] = field(default_factory=dict)


def measure(note: Note) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = fill(Path(folder))
        port = free_port()
        environment = {"DATA": folder, "PORT": str(port)}
        with serving_a_crowd("app.py", port=port, path="/healthz", **environment) as (pid, _began):
            asyncio.run(_load(note, town, port, pid))
    _held(note)


def fill(folder: Path) -> Town:
    """A library with paired screens and boards, of which every second one is still signed in."""
    sealing.PASSWORD_COST = PasswordCost(memory_kib=64, passes=1, lanes=1)  # signing in is not measured here
    key, kept = open_folder(folder)
    screens, open_boards = [], []
    with kept.write() as db:
        places = [branches.add_branch(db, f"Library {number:02}") for number in range(BRANCHES)]
    accounts.begin_library(kept, key, password=PASSWORD)
    manager, _cookie = sessions.sign_in(kept, key, "manager", PASSWORD)
    with kept.read() as db:
        desk_key = accounts.open_desk_key(db, manager.person.id, manager.private_key)
    for number, place in enumerate(places):
        screens += [(number, _pair(kept, place, each, key)) for each in range(SCREENS // BRANCHES)]
        name = f"staff{number:02}"
        person, once = accounts.add(
            kept, key, manager.person, desk_key, username=name, name=name, role=Role.BRANCH, branch_id=place
        )
        staff = sessions.change_password(kept, key, person, once, PASSWORD, "")
        for each in range(BOARDS // BRANCHES):
            with kept.write() as db:
                cookie = f"board={boards.open_board(db, person.id, place, datetime.now(UTC))}"
            open_boards.append((number, f"{cookie}; staff={staff}" if each % 2 else cookie))
    kept.close()
    return Town(tuple(screens), tuple(open_boards))


def _pair(kept: Store, place: str, number: int, key: bytes) -> str:
    """One more screen of a branch, and its cookie."""
    secret = devices.new_secret()
    with kept.write() as db:
        screen = branches.add_kiosk(db, place, f"Screen {number}")
        manager = str(db.value("SELECT id FROM people WHERE username = 'manager'"))
        devices.begin(db, secret, key)
        devices.approve(db, devices.code_of(secret), key, screen, manager)
        return f"kiosk={devices.collect(db, secret)}"


# Over one event loop, so that the load itself costs little --------------------------------------------------


class Line:
    """One connection that stays open, with the cookies of its browser."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self.cookies = dict(each.split("=", 1) for each in cookie.split("; ") if each)
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, path: str, fields: Mapping[str, str] | None = None, *, htmx: bool = False
    ) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        sent = urlencode(fields).encode() if fields is not None else b""
        lines = [f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += ["Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items())]
        lines += ["HX-Request: true"] if htmx else []
        if fields is not None:
            lines += [
                f"Content-Length: {len(sent)}",
                "Content-Type: application/x-www-form-urlencoded",
            ]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + sent)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        for given in re.findall(rb"\r\nset-cookie: ([^=]+)=([^;]*)", head, re.IGNORECASE):
            self.cookies[given[0].decode()] = given[1].decode()
        said = LENGTH.search(head)
        body = await self.reader.readexactly(int(said[1])) if said else b""
        if CLOSES.search(head):
            self.close()
        return status, body

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def _ask_for_help(line: Line, now: Figures | None = None, branch: int = 0) -> None:
    """Two touches at a screen; the second one, which sends, is measured from before it leaves."""
    _status, page = await line.ask("/en/help/how/book")
    found = dict(re.findall(rb'name="(csrf_token|key)" value="([^"]+)"', page))
    fields = {name.decode(): value.decode() for name, value in found.items()}
    if now is not None:
        now.sent_at[branch] = time.perf_counter()
    status, _page = await line.ask("/en/help/send", {"topic": "book", "way": "here", **fields})
    if status != 303:
        raise RuntimeError(f"nobody was asked: {status}")


async def _screen(line: Line, now: Figures, offset: float, until: float) -> None:
    """Somebody waits: her screen asks what has become of it."""
    _status, page = await line.ask("/en/help/waiting")
    seen = _seen(page)
    at = time.perf_counter() + offset
    while (at := at + SCREEN_ASKS) < until:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        status, body = await line.ask(f"/en/help/state?seen={seen}")
        now.polls += 1
        now.errors += status not in (200, 204)
        seen = _seen(body) or seen


async def _board(line: Line, branch: int, now: Figures, every: float, offset: float, until: float) -> None:
    """A board: as soon as more wait than before, the last request of its branch has reached it."""
    _status, page = await line.ask("/staff/board")
    seen, count = _seen(page), _count(page)
    at = time.perf_counter() + offset
    while (at := at + every) < until:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        status, body = await line.ask(f"/staff/board/live?seen={seen}", htmx=True)
        now.polls += 1
        now.errors += status not in (200, 204)
        if body:
            seen = _seen(body)
            if _count(body) > count and branch in now.sent_at:
                now.shown.append(time.perf_counter() - now.sent_at[branch])
            count = _count(body)


async def _pages(line: Line, now: Figures, until: float) -> None:
    """Somebody else reads at another screen."""
    while (began := time.perf_counter()) < until:
        status, _body = await line.ask("/ar/")
        now.pages.append(time.perf_counter() - began)
        now.errors += status != 200
        await asyncio.sleep(max(0.0, PAGES_EVERY - now.pages[-1]))


async def _requests(town: Town, port: int, now: Figures, until: float) -> None:
    """One more person asks, at another branch in turn. The last ones have time to arrive."""
    number = 0
    by_branch: dict[int, list[str]] = {}
    for branch, cookie in town.screens:
        by_branch.setdefault(branch, []).append(cookie)
    while time.perf_counter() < until - 2.5:
        branch = number % BRANCHES
        line = Line(port, secrets.choice(by_branch[branch]))
        await _ask_for_help(line, now, branch)
        line.close()
        now.asked += 1
        number += 1
        await asyncio.sleep(EVERY)


async def _load(note: Note, town: Town, port: int, pid: int) -> None:
    screens = [Line(port, cookie) for _branch, cookie in town.screens]
    for some in _in_tens(screens):
        await asyncio.gather(*(_ask_for_help(line) for line in some))
    for every in BOARD_ASKS:
        now = Figures()
        lines = [Line(port, cookie) for _branch, cookie in town.boards]
        until = time.perf_counter() + SECONDS + 2
        spent = processor_time(pid)
        await asyncio.gather(
            *(_screen(line, now, SCREEN_ASKS * secrets.randbelow(1000) / 1000, until) for line in screens),
            *(
                _board(line, branch, now, every, every * secrets.randbelow(1000) / 1000, until)
                for line, (branch, _cookie) in zip(lines, town.boards, strict=True)
            ),
            _pages(Line(port), now, until),
            _requests(town, port, now, until),
        )
        spent = processor_time(pid) - spent
        for line in lines:
            line.close()
        wanted = now.asked * BOARDS // BRANCHES
        note(
            f"help, {SCREENS} screens and {BOARDS} boards that ask every {every:g} s: until a request is on"
            " a board, median, p99 ms; of how many",
            f"{_at(now.shown, 0.5):.0f}, {_at(now.shown, 0.99):.0f}; {len(now.shown)} of {wanted}",
            "p99 < 2000",
        )
        note(
            "– other pages meanwhile: median, p99 ms; errors",
            f"{_at(now.pages, 0.5):.1f}, {_at(now.pages, 0.99):.1f}; {now.errors}",
            "p99 < 100; 0",
        )
        note(
            "– share of one core; asked in a second; threads; memory MB",
            f"{spent / (SECONDS + 2):.2f}; {now.polls / (SECONDS + 2):.0f}; {_threads(pid)};"
            f" {memory(pid):.0f}",
            "–",
        )


def _in_tens(lines: list[Line]) -> Iterable[list[Line]]:
    return (lines[at : at + 10] for at in range(0, len(lines), 10))


def _seen(page: bytes) -> str:
    found = SEEN.search(page)
    return found[1].decode() if found else ""


def _count(page: bytes) -> int:
    found = COUNT.search(page)
    return int(found[1]) if found else 0


def _at(times: list[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(times) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def _threads(pid: int) -> int:
    found = re.search(r"Threads:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(found[1]) if found else 0


# The other way: connections that are held until there is news -----------------------------------------------


def _held(note: Note) -> None:
    """The boards alone, each held by a thread, before the usual eight threads and before enough of them."""
    for threads in (8, SCREENS + BOARDS + 8):
        port = free_port()
        command = ("-m", "bench.board", "held", str(port), str(threads))
        with serving_a_crowd(*command, port=port, path="/") as (pid, _began):
            pages, errors = asyncio.run(_hold(port))
            note(
                f"{BOARDS} boards whose connection is held, {threads} threads: other pages in"
                f" {HELD_SECONDS:g} s, p99 ms; not answered; threads; memory MB",
                f"{len(pages)}, {_at(pages, 0.99):.0f}; {errors}; {_threads(pid)}; {memory(pid):.0f}",
                "–",
            )


async def _hold(port: int) -> tuple[list[float], int]:
    """How long other pages take while all boards are held, and whether one was never answered."""
    held = [asyncio.ensure_future(Line(port).ask("/held")) for _number in range(BOARDS)]
    await asyncio.sleep(0.5)
    pages: list[float] = []
    line, errors, until = Line(port), 0, time.perf_counter() + HELD_SECONDS
    while (began := time.perf_counter()) < until:
        try:
            await asyncio.wait_for(line.ask("/"), HELD_SECONDS)
            pages.append(time.perf_counter() - began)
            await asyncio.sleep(PAGES_EVERY)
        except TimeoutError:
            errors += 1
            break
    for each in held:
        each.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    return pages, errors


def serve_held(port: int, threads: int) -> None:
    """Answers /held only when there is news, which there never is; and everything else at once."""
    news = threading.Event()

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/held":
            news.wait(2 * HELD_SECONDS)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    create_server(answer, host="127.0.0.1", port=port, threads=threads, **WAITRESS).run()


def show(what: str, reached: str, goal: str) -> None:
    print(f"{what:110} {reached:>30}   goal: {goal}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["held"]:
        serve_held(int(sys.argv[2]), int(sys.argv[3]))
    else:
        measure(show)
