"""How fast events are found, in three libraries side by side: of 10,000, of 100,000 and of a million dates.

The same is asked of all three in turns, through the store and over HTTP. What is asked on the screens stands
beside what is asked in the plainest SQL, and beside pages that are written the naive way.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import naive, programme
from bench.load import Measured, middle, repeat
from bench.servers import Note, Resident, free_port, get, memory, processor_time, serving
from kiosk import branches
from kiosk.events import finding, search
from kiosk.events.finding import Wanted
from kiosk.events.upcoming import FOREVER, minutes
from kiosk.store import Reading, Store

SIZES = (10_000, 100_000, 1_000_000)
"""Dates in each library; it has a tenth as many events."""
SMALL, MIDDLING, BIG = SIZES
ROUNDS = 7
SECONDS = 0.25
ASKED = 300
"""How often each question is asked of each store."""
FLAT = 0.8
"""The least share of the small library's rate that counts as flat."""
WORDS = {
    "common word": "library",
    "middling word": "story",
    "rare word": "unicorn",
    "two words": "story craft",
    "three letters": "cho",
}
RAW = {**WORDS, "two words": "story AND craft", "three letters": "cho*"}
"""The same in the language of the engine."""
FILTERED = frozenset({"children", "free", "step-free"})
NOBODY = frozenset({"making", "women-only"})
"""What no event is at once: the whole list has to be looked through."""
LISTS = {
    "first screen": "",
    "this week here": "list/week",
    "filtered": "list/children?with=free&with=step-free&wide=yes",
}
FOUND = "list/found"

Ask = Callable[[Reading], object]


@dataclass(frozen=True)
class Library:
    """A data folder, its open database, and the branch where the screen stands."""

    folder: Path
    kept: Store
    here: str


@dataclass
class Way:
    """A page to be asked for again and again: of which server, and who asks."""

    port: int
    pid: int
    path: str
    cookie: str = ""
    runs: list[Measured] = field(default_factory=list)
    processor: float = 0.0

    def go(self) -> None:
        before = processor_time(self.pid)
        self.runs.append(repeat(self.port, self.path, SECONDS, {"Cookie": self.cookie}))
        self.processor += processor_time(self.pid) - before

    @property
    def rate(self) -> float:
        """Pages in a second."""
        return middle(lambda run: run.rate, self.runs)

    @property
    def cost(self) -> float:
        """Seconds of processor for a page."""
        return self.processor / sum(run.rate * SECONDS for run in self.runs)

    @property
    def p99(self) -> float:
        """In milliseconds."""
        return middle(lambda run: run.p99, self.runs) * 1000

    @property
    def errors(self) -> int:
        return sum(run.errors for run in self.runs)


def measure(note: Note) -> None:
    """Fill the libraries in a folder that goes when this is over, and ask them."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        libraries = {size: _library(Path(folder) / str(size), size) for size in SIZES}
        note("libraries of events filled, seconds", f"{time.perf_counter() - began:.0f}", "–")
        try:
            _stores(note, libraries)
            _pages(note, libraries)
        finally:
            for each in libraries.values():
                each.kept.close()


def _library(folder: Path, dates: int) -> Library:
    here = programme.fill(folder, dates // programme.DATES, datetime.now(UTC))
    kept = Store(folder / "kiosk.db")
    if dates == BIG:
        with kept.write() as db:
            naive.prepare(db)
    return Library(folder, kept, here)


def _verdict(reached: bool) -> str:
    return "yes" if reached else "no"


# Through the store ------------------------------------------------------------------------------------------


def _stores(note: Note, libraries: Mapping[int, Library]) -> None:
    """Every question in turns to every library; the search also to the engine itself."""
    took: dict[tuple[str, int], list[float]] = {}
    for number in range(-5, ASKED):  # the first few only warm up
        for size, library in libraries.items():
            with library.kept.read() as db:
                for name, ask in (_questions(library.here) | _searches()).items():
                    began = time.perf_counter()
                    ask(db)
                    if number >= 0:
                        took.setdefault((name, size), []).append((time.perf_counter() - began) * 1000)
    for each in took.values():
        each.sort()

    def median(name: str, size: int) -> float:
        return took[name, size][ASKED // 2]

    for name in _questions(""):
        figures = (f"{median(name, size):.2f} ({took[name, size][ASKED * 99 // 100]:.2f})" for size in SIZES)
        growth = median(name, BIG) / median(name, SMALL)
        note(
            f"events, queries at {_sizes()}, median (p99) ms: {name}",
            f"{' / '.join(figures)}; {growth:.2f}×: {_verdict(growth <= 1 / FLAT)}",
            f"≤ {1 / FLAT:.2f}×",
        )
    for part in ("found", "page"):
        for name in WORDS:
            times, shown = [], []
            for size in (MIDDLING, BIG):
                ours, raw = median(f"{part} {name}", size), median(f"raw {part} {name}", size)
                times.append(ours / raw)
                shown.append(f"{ours / raw:.2f}× ({ours:.3f}, {raw:.3f})")
            note(
                f"events, search against raw SQL by date at {MIDDLING:,} / {BIG:,} (ms): {part}, {name}",
                f"{' / '.join(shown)}: {_verdict(max(times) <= 2)}",
                "≤ 2×",
            )


def _questions(here: str) -> dict[str, Ask]:
    def first_screen(db: Reading) -> None:
        finding.on_now(db, here, "en", datetime.now(UTC))
        branches.neighbours(db, here)
        for trait in ("online", "mobile"):
            finding.page(db, Wanted(traits=frozenset({trait})), "en", datetime.now(UTC), most=1)

    def page(wanted: Wanted) -> Ask:
        return lambda db: finding.page(db, wanted, "en", datetime.now(UTC))

    return {
        "first screen": first_screen,
        "this week here": lambda db: finding.this_week(db, Wanted(branches=(here,)), "en", datetime.now(UTC)),
        "filtered": page(Wanted(traits=FILTERED)),
        "filters that no event fits": page(Wanted(traits=NOBODY)),
        **{f"page {name}": page(Wanted(words=words)) for name, words in WORDS.items()},
    }


def _searches() -> dict[str, Ask]:
    """Which events it is (found), and these with their dates and titles (page), each in one statement.

    Beside them what the kiosk does to know which events it is.
    """

    def found(words: str) -> Ask:
        return lambda db: search.find(db, words, until=FOREVER, most=finding.PAGE)

    def raw_found(words: str) -> Ask:
        return lambda db: db.all(
            "SELECT rowid FROM event_search WHERE event_search MATCH :words ORDER BY rowid LIMIT :most",
            words=f"words : ({words})",
            most=finding.PAGE,
        )

    def raw_page(words: str) -> Ask:
        return lambda db: db.all(
            naive.BY_DATE,
            words=f"words : ({words})",
            now=minutes(datetime.now(UTC)),
            most=finding.PAGE,
            skip=0,
        )

    return {
        **{f"found {name}": found(words) for name, words in WORDS.items()},
        **{f"raw found {name}": raw_found(words) for name, words in RAW.items()},
        **{f"raw page {name}": raw_page(words) for name, words in RAW.items()},
    }


# Over HTTP --------------------------------------------------------------------------------------------------


def _pages(note: Note, libraries: Mapping[int, Library]) -> None:
    """Every page in turns of every library, and the naive ones of the largest."""
    with ExitStack() as servers:
        ways: dict[tuple[str, int], Way] = {}
        for size, library in libraries.items():
            port = free_port()
            environment = {"DATA": str(library.folder), "PORT": str(port)}
            pid, _began = servers.enter_context(serving("app.py", port=port, path="/healthz", **environment))
            ways |= {(name, size): way for name, way in _ways(port, pid).items()}
        naives = _naives(servers, libraries[BIG], ways)
        for _round in range(ROUNDS):
            for name in (*LISTS, *WORDS):
                for size in SIZES:
                    ways[name, size].go()
                for plain in (way for about, way in naives.items() if name in about):
                    plain.go()
        middling = memory(ways["first screen", MIDDLING].pid)
    note(
        f"memory with {MIDDLING // programme.DATES:,} events, MB",
        f"{middling:.0f}: {_verdict(middling <= 60)}",
        "≤ 60",
    )
    for name in (*LISTS, *WORDS):
        _note_flat(note, name, [ways[name, size] for size in SIZES])
    for about, plain in naives.items():
        ours = ways[about[0], BIG]
        times = ours.rate / plain.rate
        note(
            f"events, pages per second at {BIG:,} against {about[1]}: {about[0]}",
            f"{ours.rate:.0f} = {times:.1f}×; per second of processor {plain.cost / ours.cost:.1f}×"
            f"{_errors(ours, plain)}: {_verdict(times >= 2)}",
            "≥ 2.0×",
        )


def _naives(
    servers: ExitStack, library: Library, ours: Mapping[tuple[str, int], Way]
) -> dict[tuple[str, str], Way]:
    """Both naive servers, by the name of our page and what is naive about theirs."""
    length = len(get(ours["this week here", BIG].port, "/en/events/list/week")[1])
    port, week = free_port(), f"/week/{library.here}"
    command = ("-m", "bench.naive", "bare", str(port), str(library.folder), str(length))
    pid, _began = servers.enter_context(serving(*command, port=port, path=week))
    bare = {
        ("this week here", "a bare naive page"): Way(port, pid, week),
        **{
            (name, "a bare naive page, by rank"): Way(port, pid, f"/rank/{words}")
            for name, words in WORDS.items()
            if name in ("common word", "middling word", "rare word")
        },
        ("common word", "a bare naive page, by date"): Way(port, pid, f"/date/{WORDS['common word']}"),
    }
    port = free_port()
    pid, _began = servers.enter_context(
        serving("-m", "bench.naive", "same", str(port), str(library.folder), port=port, path="/healthz")
    )
    same = {(name, "the same page drawn naively"): way for name, way in _ways(port, pid).items()}
    return bare | same


def _ways(port: int, pid: int) -> dict[str, Way]:
    """The pages of one library, each with somebody who has come to it."""
    found = {}
    for name in (*LISTS, *WORDS):
        resident = Resident(port)
        path = f"events/{LISTS.get(name, FOUND)}"
        if name in WORDS:
            resident.ask("POST", "events/search", words=WORDS[name])
        if '<a class="event' not in resident.ask("GET", path):
            raise RuntimeError(f"there is nothing on {path} for {name}")
        found[name] = Way(port, pid, f"/en/{path}", resident.cookie)
    return found


def _note_flat(note: Note, name: str, by_size: list[Way]) -> None:
    small, big = by_size[0], by_size[-1]
    share = big.rate / small.rate
    rates = " / ".join(f"{way.rate:.0f}" for way in by_size)
    medians = " / ".join(f"{middle(lambda run: run.median, way.runs) * 1000:.1f}" for way in by_size)
    slowest = " / ".join(f"{way.p99:.1f}" for way in by_size)
    note(
        f"events, pages per second at {_sizes()}; median, p99 ms: {name}",
        f"{rates} = {share:.2f}; per second of processor {small.cost / big.cost:.2f}; {medians}; {slowest}"
        f"{_errors(*by_size)}: {_verdict(share >= FLAT)}",
        f"≥ {FLAT}",
    )


def _errors(*ways: Way) -> str:
    errors = sum(way.errors for way in ways)
    return f", {errors} errors" if errors else ""


def _sizes() -> str:
    return " / ".join(f"{size:,}" for size in SIZES)
