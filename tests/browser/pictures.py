"""Takes pictures of all screens, into the folder `pictures`: python -m tests.browser.pictures --help

It starts a demo library of its own, on a free port, and leaves nothing behind but the pictures.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from kiosk.demo import PASSWORD
from tests.browser.conftest import FLAGS, ROOT, _await_answer, _environment, _kiosk, chromium_path
from tests.browser.geometry import SHAPES
from tests.browser.people import Residents
from tests.browser.screens import LANGUAGES, SCREENS, TEXT_SIZES, THEMES, show

PICTURES = ROOT / "pictures"

DESK = {"width": 1366, "height": 768}
"""The screen at which staff work."""

LARGE = ("en", "pl", "ar")
"""The languages that are also pictured with the largest letters when nothing else is asked for."""


@contextmanager
def demo_library() -> Iterator[tuple[str, Path]]:
    """A demo library that is served while it is needed: its address, and its data folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, log = folder / "data", folder / "log"
        _kiosk(data, "demo")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port)],
                cwd=ROOT,
                env=_environment(data),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _await_answer(process, port, log)
            yield f"http://127.0.0.1:{port}", data
        finally:
            process.terminate()
            process.wait()


def picture_residents(
    browser: Browser,
    url: str,
    data: Path,
    looks: Sequence[tuple[str, str]],
    shapes: Sequence[str],
    themes: Sequence[str],
) -> int:
    """Picture every screen of residents in `looks` (pairs of a language and a text size); how many."""
    residents = Residents(browser, url, lambda name, value: _kiosk(data, "settings", "set", name, value))
    page = browser.new_context(
        base_url=url, has_touch=True, reduced_motion="reduce", service_workers="block"
    ).new_page()
    taken = 0
    for language in dict.fromkeys(language for language, _text in looks):
        for number, screen in enumerate(SCREENS.values(), 1):
            residents.open(page, screen, language)
            for shape in shapes:
                folder = PICTURES / shape
                for text in (text for each, text in looks if each == language):
                    for theme in themes:
                        show(page, shape=shape, text=text, theme=theme)
                        file = folder / f"{language}-{text}-{theme}-{number:02}-{screen.name}.png"
                        page.screenshot(path=file)
                        taken += 1
    return taken


def picture_staff(browser: Browser, url: str) -> int:
    """Picture the pages of staff: sign-in, every section, and a join that is opened and edited; how many."""
    page = browser.new_context(base_url=url, viewport=DESK).new_page()  # type: ignore[arg-type]
    taken: list[str] = []

    def take(name: str) -> None:
        taken.append(name)
        file = PICTURES / "desk" / f"en-100-paper-{len(taken):02}-{name}.png"
        page.screenshot(path=file, full_page=True)

    page.goto("/staff/")
    take("sign-in")
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sections")
    sections = page.locator(".sections a").evaluate_all("(links) => links.map((link) => link.pathname)")
    for path in sections:
        page.goto(path)
        take(path.strip("/").split("/")[-1])
        if path.endswith("/joins/"):
            _picture_join(page, take)
    return len(taken)


def _picture_join(page: Page, take: Callable[[str], None]) -> None:
    page.locator(".list .reference").first.click()
    page.wait_for_selector(".facts")
    take("join")
    page.locator("a[href$='/edit']").click()
    page.wait_for_url("**/edit")
    take("edit")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.pictures", description=__doc__)
    for name, choices in (
        ("languages", LANGUAGES),
        ("shapes", tuple(SHAPES)),
        ("sizes", TEXT_SIZES),
        ("themes", THEMES),
    ):
        parser.add_argument(f"--{name}", help=f"some of {','.join(choices)}", metavar="A,B")
    asked = parser.parse_args(arguments)
    languages = asked.languages.split(",") if asked.languages else LANGUAGES
    shapes = asked.shapes.split(",") if asked.shapes else tuple(SHAPES)
    themes = asked.themes.split(",") if asked.themes else ("paper",)
    looks = [
        (language, text)
        for language in languages
        for text in (asked.sizes.split(",") if asked.sizes else ("100", "200"))
        if asked.sizes or text == "100" or language in LARGE
    ]
    with demo_library() as (url, data), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        taken = picture_residents(browser, url, data, looks, shapes, themes) + picture_staff(browser, url)
        browser.close()
    print(f"{taken} pictures are in {PICTURES}")


if __name__ == "__main__":
    main()
