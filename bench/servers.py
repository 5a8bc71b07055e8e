"""Servers in processes of their own, what they take, and somebody at a screen who asks them."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
Note = Callable[[str, str, str], None]
"""Writes down what was measured, what was reached, and the goal."""

STEPS = (
    ("who", {"who": "me"}),
    ("year", {"year": "1990"}),
    ("month", {"month": "3"}),
    ("day", {"day": "27"}),
    ("needs", {"instead": "none"}),
    ("contact", {"contact": "none"}),
    ("postcode", {"instead": "no-fixed"}),
    ("first-name", {"first_name": "Bench"}),
    ("family-name", {"instead": "one-name"}),
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(*command: str, port: int, path: str, **environment: str) -> Iterator[tuple[int, float]]:
    """A server in a process of its own: its process id, and the seconds until its first page."""
    with _serving(command, port, path, environment, None) as served:
        yield served


@contextmanager
def serving_a_crowd(*command: str, port: int, path: str, **environment: str) -> Iterator[tuple[int, float]]:
    """The same, for a load under which it warns of every request that has to wait a moment."""
    with _serving(command, port, path, environment, subprocess.DEVNULL) as served:
        yield served


@contextmanager
def _serving(
    command: Sequence[str], port: int, path: str, environment: Mapping[str, str], warnings: int | None
) -> Iterator[tuple[int, float]]:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=warnings,
    )
    try:
        while True:
            try:
                get(port, path)
                break
            except OSError:
                time.sleep(0.02)
        yield process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(10)


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, dict(answer.getheaders())


class Resident:
    """Somebody who joins over HTTP, up to a page that is to be measured."""

    def __init__(self, port: int, language: str = "en") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.language = language
        self.cookie = ""
        self.page = self.ask("GET", "join/")
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)[1]  # type: ignore[index]

    def ask(self, method: str, path: str, **fields: str) -> str:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"csrf_token": self.token, **fields}) if method == "POST" else None
        self.connection.request(method, f"/{self.language}/{path}", body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        given = answer.getheader("Set-Cookie")
        if given:
            self.cookie = given.split(";")[0]
        if answer.status not in {200, 303}:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return page

    def answer_all(self) -> None:
        self.ask("POST", "join/")
        for step, fields in STEPS:
            self.ask("POST", f"join/{step}", **fields)

    def send(self) -> float:
        """Send the join; how many seconds the answer took."""
        key = re.search(r'name="key" value="([^"]+)"', self.ask("GET", "join/check"))[1]  # type: ignore[index]
        began = time.perf_counter()
        self.ask("POST", "join/send", key=key)
        return time.perf_counter() - began


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    kilobytes = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(kilobytes[1]) / 1024 if kilobytes else 0.0


def processor_time(pid: int) -> float:
    """Seconds that a process has had of the processor: the same however busy the machine is otherwise."""
    spent = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")
