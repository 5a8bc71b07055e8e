"""No screen of events reads a whole table or sorts one, whatever else it asks on the way to its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import time_machine
from flask import Flask

from bench import programme
from kiosk import create_app
from kiosk.store import Store
from tests.visitor import MORNING, Visitor

GROWS = re.compile(
    r"\b(events|occurrences|upcoming|event_texts|event_search|event_words|bookings|booking_tries)\b"
)
"""Tables that grow with the programme and with the people who come to it."""
PATHS = {
    "first screen": "",
    "today": "list/today",
    "this week": "list/week",
    "near here": "list/near",
    "online": "list/online",
    "mobile library": "list/mobile",
    "topic": "list/children",
    "topic in all libraries": "list/children?wide=yes",
    "filtered": "list/children?with=free&with=step-free&wide=yes",
    "filtered here": "list/week?with=free&with=women-only",
    "in a language": "list/near?spoken=pl&with=free",
    "languages": "spoken/week",
}
WORDS = ("library", "story", "unicorn", "story craft", "cho", "s", "nothing like it", "for everybody at the")


@dataclass
class Watched:
    """An app, and every statement that it has carried out since `asked` was emptied."""

    app: Flask
    store: Store
    asked: list[str] = field(default_factory=list)

    def plans(self) -> list[tuple[str, str]]:
        """How the engine carried out what it was asked of tables that grow, with the statement."""
        statements = {
            sql
            for sql in self.asked
            if sql.startswith(("SELECT", "WITH", "UPDATE", "DELETE")) and GROWS.search(sql)
        }
        self.asked.clear()
        with self.store.read() as db:
            found = [
                (row["detail"], sql) for sql in statements for row in db.all(f"EXPLAIN QUERY PLAN {sql}")
            ]
        self.asked.clear()
        return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("many") / "data"
    with time_machine.travel(MORNING, tick=False):
        programme.fill(folder, 1000, MORNING)
        app = create_app(folder)
        store: Store = app.extensions["store"]
        watched = Watched(app, store)
        for connection in (store._reader(), store._writer):
            connection.set_trace_callback(watched.asked.append)
        yield watched
        store.close()


def check(watched: Watched) -> None:
    plans = watched.plans()
    assert plans, "it asked nothing about events"
    for plan, sql in plans:
        if "VIRTUAL TABLE" not in plan:
            assert not re.match(r"SCAN (?!CONSTANT)", plan), f"{plan}: {sql}"
        assert "TEMP B-TREE" not in plan, f"{plan}: {sql}"


@pytest.mark.parametrize("name", PATHS)
def test_no_screen_reads_everything_or_sorts(watched: Watched, name: str) -> None:
    visitor = Visitor(watched.app.test_client())
    watched.asked.clear()
    visitor.get(f"/en/events/{PATHS[name]}")
    assert visitor.status == 200
    check(watched)


@pytest.mark.parametrize("words", WORDS)
def test_no_search_reads_everything_or_sorts(watched: Watched, words: str) -> None:
    visitor = Visitor(watched.app.test_client())
    visitor.get("/en/events/search")
    watched.asked.clear()
    visitor.post("/en/events/search", {"words": words})
    assert visitor.path.endswith("/list/found")
    check(watched)
    for link in [tag["href"] for tag in visitor.page.select("a.primary.turns")]:
        visitor.get(str(link))
        check(watched)


def test_no_event_reads_everything_or_sorts(watched: Watched) -> None:
    visitor = Visitor(watched.app.test_client())
    visitor.get("/en/events/list/week")
    (first, *_more) = visitor.page.select("a.event")
    watched.asked.clear()
    visitor.get(str(first["href"]))
    assert visitor.status == 200
    check(watched)
