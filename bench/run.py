"""One run of all measurements: `make bench`. Prints ratios, and keeps the last figures in RESULTS.md."""

from __future__ import annotations

import gzip
import os
import platform
import re
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import board, events
from bench.load import Measured, middle, repeat, screens
from bench.servers import ROOT, Note, Resident, free_port, get, memory, processor_time, serving

PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
ROUNDS = 7
SECONDS = 1.5


def requests_of(page: str) -> list[str]:
    return re.findall(r'(?:src|<link rel="stylesheet" href|<link rel="icon" href)="([^"]+)"', page)


def first_paint(address: str, blank: str) -> float:
    """The first paint of a page against that of a blank page, both at a quarter of the speed."""
    from playwright.sync_api import sync_playwright

    times: dict[str, list[float]] = {address: [], blank: []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        for _round in range(ROUNDS):
            for each, taken in times.items():
                page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
                session = page.context.new_cdp_session(page)
                session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
                page.goto(each)
                while (painted := page.evaluate(PAINTED)) is None:  # our pages refuse a function that waits
                    page.wait_for_timeout(20)
                taken.append(painted)
                page.context.close()
        browser.close()
    return sorted(times[address])[ROUNDS // 2] / sorted(times[blank])[ROUNDS // 2]


def main() -> None:
    rows: list[tuple[str, str, str]] = []

    def note(what: str, reached: str, goal: str) -> None:
        rows.append((what, reached, goal))
        print(f"{what:66} {reached:>24}   goal: {goal}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        port, floor_port = free_port(), free_port()
        environment = {"DATA": folder, "PORT": str(port)}
        kiosk = str(Path(sys.executable).with_name("kiosk"))
        subprocess.run(
            [kiosk, "demo"], env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
        )
        subprocess.run(
            [kiosk, "settings", "set", "joins_an_hour", "1000"], env={**os.environ, **environment}, check=True
        )
        with serving("app.py", port=port, path="/healthz", **environment) as (pid, started):
            size = len(get(port, "/ar/")[1])
            floor = ("-m", "bench.floor", str(floor_port), str(size))
            with serving(*floor, port=floor_port, path="/ar/") as (floor_pid, _started):
                _side_by_side(note, (port, pid), (floor_port, floor_pid))
            note("start to first page, seconds", f"{started:.2f}", "≤ 1")
            _sends(note, port)
            _bytes(note, port)
            crowd = screens(port, "/ar/", 600, 3.0, 15.0)
            note(
                "600 screens, one request in 3 s: p99 ms, errors",
                f"{crowd.p99 * 1000:.0f}, {crowd.errors}",
                "< 100, 0",
            )
            note("memory after all this, MB", f"{memory(pid):.0f}", "≤ 60 with 10,000 events")
            blank = f"http://127.0.0.1:{port}/healthz"
            painted = first_paint(f"http://127.0.0.1:{port}/ar/", blank)
            note("first paint of home against a blank page", f"{painted:.2f}×", "≤ 2.0×")
    events.measure(note)
    board.measure(note)
    keep(rows)


def _side_by_side(note: Note, kiosk: tuple[int, int], floor: tuple[int, int]) -> None:
    """Both servers by their port and process id, in turns."""
    port = kiosk[0]
    resident = {language: Resident(port, language) for language in ("en", "ar")}
    for each in resident.values():
        each.ask("POST", "join/")
        each.ask("POST", "join/who", who="me")
    ways = {
        "floor": (floor, "/ar/", None),
        "home, English": (kiosk, "/en/", {"Cookie": resident["en"].cookie}),
        "home, Arabic": (kiosk, "/ar/", {"Cookie": resident["ar"].cookie}),
        "question, English": (kiosk, "/en/join/year", {"Cookie": resident["en"].cookie}),
        "question, Arabic": (kiosk, "/ar/join/year", {"Cookie": resident["ar"].cookie}),
    }
    runs: dict[str, list[Measured]] = {name: [] for name in ways}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(ROUNDS):
        for name, ((where, pid), path, headers) in ways.items():
            before = processor_time(pid)
            run = repeat(where, path, SECONDS, headers)
            runs[name].append(run)
            took[name].append((processor_time(pid) - before) / (run.rate * SECONDS))
    least = middle(lambda run: run.rate, runs["floor"])
    cost = {name: sorted(seconds)[ROUNDS // 2] for name, seconds in took.items()}
    goals = {"home": "≥ 0.8 of the floor", "question": "≥ 0.6 of the floor"}
    for name, measured in runs.items():
        rate = middle(lambda run: run.rate, measured)
        errors = sum(run.errors for run in measured)
        shown = f"{rate:.0f}/s = {rate / least:.2f}; {cost['floor'] / cost[name]:.2f}"
        shown += f", {errors} errors" if errors else ""
        note(f"pages per second; per second of processor: {name}", shown, goals.get(name.split(",")[0], "–"))


def _sends(note: Note, port: int) -> None:
    took = []
    for _number in range(100):
        resident = Resident(port, secrets.choice(("en", "ar")))
        resident.answer_all()
        took.append(resident.send())
    took.sort()
    note(
        "final POST of a join, sealed and synced: median, p99 ms",
        f"{took[len(took) // 2] * 1000:.1f}, {took[98] * 1000:.1f}",
        "p99 ≤ 25",
    )


def _bytes(note: Note, port: int) -> None:
    page = get(port, "/ar/")[1]
    files = [path for path in requests_of(page.decode()) if path.startswith("/static/")]
    bodies = {path: get(port, path)[1] for path in files}
    zipped = {path: len(gzip.compress(body)) for path, body in bodies.items()}
    scripts = sum(length for path, length in zipped.items() if ".js" in path)
    fonts = sum(length for path, length in zipped.items() if "fonts" in path)
    total = len(gzip.compress(page)) + sum(zipped.values()) - fonts
    note("home without fonts, kB gzipped; files beside it", f"{total / 1000:.1f}; {len(files)}", "≤ 25; ≤ 6")
    note("scripts of home, kB gzipped", f"{scripts / 1000:.1f}", "≤ 25")


def keep(rows: list[tuple[str, str, str]]) -> None:
    """Write the figures of this run where the last ones stood."""
    lines = [
        "# The last figures",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}."
        " The load runs on the same machine. Rates differ from run to run; the ratios are what counts.",
        "",
        "| what | reached | goal |",
        "|---|---|---|",
        *(f"| {what} | {reached} | {goal} |" for what, reached, goal in rows),
        "",
    ]
    (ROOT / "bench" / "RESULTS.md").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
