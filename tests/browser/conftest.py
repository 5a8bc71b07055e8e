"""A real library behind a real waitress, and screens of Chromium before it that are touched, not clicked.

Whatever a test does, it fails too when a page has an error of its own: in its script, against its own policy
(CSP), in a file it asks for, or by asking anything of another machine. What the server wrote into its log
must hold no stack trace either.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    sync_playwright,
)

from kiosk import branches
from kiosk.configuration import open_folder
from tests.browser.geometry import SHAPES

ROOT = Path(__file__).parents[2]

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # One process for all pages of the kiosk: to begin one for each person takes longer than most tests.
    "--process-per-site",
    # Even a page that tried to reach another machine would find none.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

NO_KEY = f"nobody-{UUID(int=1)}-{UUID(int=2)}"
"""Looks like a key for text messages. Nothing is sent with it: there is no service behind it."""

PATIENCE = 30.0
"""Seconds that a server may take to start, on a machine that is busy with other things."""


LONGEST = 300
"""Seconds that a test may take: a touch that Chromium never answers would otherwise last for ever."""

EVERY_DAY = {day: [("00:00", "23:59")] for day in range(1, 8)}


@dataclass
class Library:
    """A library that is served: where it is, where it keeps its data, and what it said when it was made."""

    url: str
    data: Path
    told: str
    """What `kiosk demo` printed: how to sign in to the staff pages."""
    log: Path
    process: subprocess.Popen[bytes]

    def settle(self, name: str, value: str) -> None:
        """Choose a setting of the whole library; `value` is JSON. It holds from the next page on."""
        _kiosk(self.data, "settings", "set", name, value)


@dataclass
class Watch:
    """What goes wrong on the pages of a browser context."""

    host: str
    problems: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begin to watch every page of the context, those that it opens later too."""
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A page that answers with an error (a form to be corrected is a 422) is reported by Chromium in the
        # same words as a missing file: which of the two it is, _response knows.
        answered = message.text.startswith("Failed to load resource: the server responded")
        if message.type == "error" and not answered:
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.netloc != self.host:
            self.problems.append(f"asked another machine: {address.scheme}://{address.netloc}")

    def _response(self, response: Response) -> None:
        page = response.request.is_navigation_request()
        if response.status >= (500 if page else 400):
            self.problems.append(f"{response.status} from {response.url}")


class Screens:
    """Makes screens, each of another person: `screen("portrait")` is an empty page of that shape.

    Addresses are the library's own: `page.goto("/pl/")`. Further words are Playwright's `new_context`'s own:
    `screen("tablet", java_script_enabled=False)`.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._contexts: list[BrowserContext] = []
        self._watch = Watch(urlsplit(url).netloc)

    def __call__(self, shape: str = "landscape", **options: Any) -> Page:
        size = SHAPES[shape]
        context = self._browser.new_context(
            base_url=self._url,
            viewport={"width": size.width, "height": size.height},
            screen={"width": size.width, "height": size.height},
            has_touch=True,
            locale="en-GB",
            timezone_id="Europe/London",
            # only where a test is about them: they answer in the place of the server
            **{"service_workers": "block", **options},
        )
        self._contexts.append(context)
        self._watch.over(context)
        return context.new_page()

    def forgive(self, *words: str, surely: bool = True) -> None:
        """Forget the problems so far that hold any of `words`: they were meant. Fail when there are none.

        Not when there need not `surely` be any: Chromium tells of a connection that is off only sometimes.
        """
        left = [problem for problem in self._watch.problems if not any(each in problem for each in words)]
        found = len(left) < len(self._watch.problems)
        assert found or not surely, f"No page had a problem with {words!r} in it."
        self._watch.problems = left

    def close(self) -> list[str]:
        """Close every screen; what went wrong on them."""
        for context in self._contexts:
            context.close()
        return self._watch.problems


def chromium_path() -> str:
    """Where Chromium is: CHROMIUM in the environment, else the first usual name on the PATH."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    pytest.exit("There is no Chromium: `make chromium` installs it, CHROMIUM=/path/to/it names another.", 1)


def tap(locator: Locator) -> None:
    """Touch it as a finger does: touch down, touch up, and whatever the browser makes of that."""
    locator.tap()


def back(page: Page) -> None:
    """Go one page back, as somebody does who wants to see what the last person did.

    A page that comes out of the back/forward cache is not loaded again, so Playwright would wait for that in
    vain: it is there at once, whole, with what was typed into it.
    """
    page.go_back(wait_until="commit")


@pytest.fixture(autouse=True)
def never_hangs() -> Iterator[None]:
    """Whoever waits for a browser that does not answer gives up, and says where it stood."""
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests. Each screen in it has cookies, storage and history of its own.

    Playwright's own flags switch the back/forward cache off. Here it is on, as on a screen that nobody set up
    with care: what the next person can reach with Back is what these tests are about.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=list(FLAGS),
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The data folder of the demo library, made once and copied by those who use it; and what was said.

    It is open whenever somebody tests: what a closed library offers has tests of its own.
    """
    data = tmp_path_factory.mktemp("demo") / "data"
    told = _kiosk(data, "demo")
    _key, kept = open_folder(data)
    with kept.write() as db:
        for branch in branches.every(db):
            branches.open_on(db, branch.id, EVERY_DAY)
    kept.close()
    return data, told


@pytest.fixture(scope="module")
def library(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The demo library, served by a process of its own; each file of tests has a fresh one."""
    made, told = demo
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(made, folder / "data")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env=_environment(folder / "data"),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(process, port, log)
        yield Library(f"http://127.0.0.1:{port}", folder / "data", told, log, process)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


@pytest.fixture
def screen(chromium: Browser, library: Library) -> Iterator[Screens]:
    """Screens of the demo library; they close with the test, which fails when anything went wrong on them."""
    screens = Screens(chromium, library.url)
    yield screens
    problems = screens.close()
    assert not problems, "\n".join(problems)


def _environment(data: Path) -> dict[str, str]:
    """The environment of a kiosk that knows nothing of the one that runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    ours = {"PYTHONWARNINGS": "error", "PYTHONUNBUFFERED": "1", "NOTIFY_KEY": NO_KEY}
    return {**kept, **ours, "DATA": str(data)}


def _kiosk(data: Path, *words: str) -> str:
    """Run the command `kiosk` of this checkout; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", "import app; app.cli(prog_name='kiosk')", *words],
        cwd=ROOT,
        env=_environment(data),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the server takes connections; fail with its log when it ends before, or is too slow."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # a real process on a real clock: there is nothing to freeze here
        else:
            return
    pytest.fail("The kiosk did not start:\n" + log.read_text(encoding="utf-8"))
