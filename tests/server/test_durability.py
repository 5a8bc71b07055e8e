"""Whoever has seen a receipt has joined, whatever happens to the server in the next moment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk import create_app
from kiosk.store import Store
from tests.conftest import begin
from tests.visitor import Line, Visitor, opened

ROOT = Path(__file__).parents[2]
KILLS = 20
PATIENCE = 60.0
"""Seconds that a server may take to start, on a machine that is busy with other things."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a library that has begun."""
    app = create_app(tmp_path / "data")
    begin(app)
    app.extensions["store"].close()
    return tmp_path / "data"


@contextmanager
def server(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The kiosk as it is started in a library, in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    log = data.parent / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT,
            env={**kept, "DATA": str(data), "PYTHONWARNINGS": "error"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(process, port, log)
        yield process
    finally:
        process.kill()
        process.wait()


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)  # a real process on a real clock: there is nothing to freeze here
        else:
            return
    pytest.fail("The kiosk did not start:\n" + log.read_text("utf-8"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_a_receipt_outlives_the_server_that_gave_it(data: Path) -> None:
    """Killed the moment the receipt is there, twenty times; after each, the same send gets the same code."""
    port, names = free_port(), {}
    before: tuple[Visitor, str, str, str] | None = None
    for number in range(KILLS + 1):
        with server(data, port) as process:
            if before:
                visitor, token, key, code = before
                visitor.post("/en/join/send", {"csrf_token": token, "key": key})
                assert visitor.code == code, "the answer that was lost on the way is asked for again"
                visitor.client.close()
            if number == KILLS:
                break
            visitor = Visitor(Line(port))
            visitor.start_joining("en")
            visitor.walk(first_name=f"Person {number:02}")
            token, key = visitor.token, visitor.key
            answer = visitor.post("/en/join/send", {"csrf_token": token, "key": key}, follow=False)
            assert answer.status_code == 303
            if number % 2:  # she sees the page; or the line is cut when the server has only said where it is
                visitor.get(answer.headers["Location"])
            process.send_signal(signal.SIGKILL)
            process.wait()
            visitor.client.close()
        names[f"Person {number:02}"] = key
        app = create_app(data)
        with app.extensions["store"].read() as db:
            rows = db.all("SELECT one_time_key, reference FROM joins")
        app.extensions["store"].close()
        codes = {row["one_time_key"]: row["reference"] for row in rows}
        assert set(codes) == set(names.values()), "every join that was acknowledged, once, and nothing else"
        before = (visitor, token, key, codes[key])
    app = create_app(data)
    assert {answers.first_name for answers in opened(app).values()} == set(names)
    with app.extensions["store"].read() as db:
        assert db.value("PRAGMA integrity_check") == "ok"
    app.extensions["store"].close()
    assert "Traceback" not in (data.parent / "log").read_text("utf-8")


def test_a_server_that_is_told_to_stop_finishes_what_it_has_begun(data: Path) -> None:
    port, kept = free_port(), Store(data / "kiosk.db")
    with server(data, port) as process:
        visitor = Visitor(Line(port))
        visitor.start_joining("en")
        visitor.walk()
        with kept.write():  # nobody else can write: her send has to wait
            visitor.client._connection.request(
                "POST",
                "/en/join/send",
                f"csrf_token={visitor.token}&key={visitor.key}",
                {"Cookie": f"visit={visitor.cookie}", "Content-Type": "application/x-www-form-urlencoded"},
            )
            later = Line(port)
            assert later.get("/healthz").status_code == 200  # who came later is served: hers was taken before
            process.terminate()
        answer = visitor.client._connection.getresponse()
        assert answer.status == 303
        assert process.wait(PATIENCE) == 0
        visitor.client.close()
        later.close()
    with kept.read() as db:
        assert db.value("SELECT COUNT(*) FROM joins") == 1
    kept.close()
    assert "Traceback" not in (data.parent / "log").read_text("utf-8")


def test_two_servers_that_start_at_once_begin_one_library(tmp_path: Path) -> None:
    """The first start makes keys: whatever the race, there is one key, one first account, one branch."""
    script = (
        "import sys, app; from pathlib import Path; from kiosk import create_app, sealing\n"
        "sealing.PASSWORD_COST = sealing.PasswordCost(64, 1, 1)\n"
        "made = create_app(Path(sys.argv[1])); app.begin(made); made.extensions['store'].close()"
    )
    folder = tmp_path / "data"
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=PATIENCE)[1].decode() for process in both]
    assert any(process.returncode == 0 for process in both), said
    app = create_app(folder)
    with app.extensions["store"].read() as db:
        assert db.value("SELECT COUNT(*) FROM people") == 1
        assert db.value("SELECT COUNT(*) FROM branches") == 1
    app.extensions["store"].close()
