"""A library with three branches and a programme, in a database file alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from kiosk import branches
from kiosk.events import saving, upcoming
from kiosk.events.records import Date, Facts, Text
from kiosk.store import Store

LONDON = ZoneInfo("Europe/London")
ZONE = "Europe/London"


def at(hours: float, days: int = 0) -> datetime:
    """A time of that Monday, or of a day after it, on the clocks of London."""
    return datetime(2026, 3, 9, tzinfo=LONDON) + timedelta(days=days, hours=hours)


def date(hours: float, days: int = 0, *, lasts: float | None = 1, **more: Any) -> Date:
    starts = at(hours, days)
    ends = starts + timedelta(hours=lasts) if lasts is not None else None
    return Date(key=starts.isoformat(), starts=starts, ends=ends, zone=ZONE, **more)


@dataclass
class Programme:
    """Adds events as staff would, and remembers the branches."""

    store: Store
    central: str
    north: str
    west: str
    changes: list[saving.Saved] = field(default_factory=list)

    def add(
        self, title: str, *dates: Date, text: str = "", texts: tuple[Text, ...] = (), **facts: Any
    ) -> str:
        """An event at the Central Library, unless `facts` say otherwise; its id."""
        if facts.get("place_kind", "branch") == "branch":
            facts.setdefault("branch_id", self.central)
        with self.store.write() as db:
            saved = saving.save(
                db, Facts(**facts), (Text("en", title, text), *texts), dates or (date(11),), by="amina"
            )
        self.changes.append(saved)
        return saved.id

    def date_of(self, event_id: str) -> str:
        """The id of the first date of an event."""
        with self.store.read() as db:
            found: str = db.value(
                "SELECT id FROM occurrences WHERE event_id = :id ORDER BY starts LIMIT 1", id=event_id
            )
        return found


@pytest.fixture
def programme(tmp_path: Path, clock: time_machine.Traveller) -> Iterator[Programme]:
    kept = Store(tmp_path / "kiosk.db")
    with kept.write() as db:
        names = [branches.add_branch(db, f"{name} Library") for name in ("Central", "North", "West")]
        branches.set_neighbours(db, names[0], [names[1]])
    central, north, west = names
    yield Programme(kept, central, north, west)
    kept.close()


@pytest.fixture
def library(app: Flask) -> Programme:
    """The programme of the library that has the screens: its first branch, and two more."""
    kept: Store = app.extensions["store"]
    with kept.write() as db:
        central = branches.every(db)[0].id
        north, west = (branches.add_branch(db, f"{name} Library") for name in ("North", "West"))
        branches.set_neighbours(db, central, [north])
    return Programme(kept, central, north, west)


@pytest.fixture
def move_on(programme: Programme, clock: time_machine.Traveller) -> Callable[[timedelta], datetime]:
    """Lets time pass, and the round of that minute come by; what time it is then."""

    def go(later: timedelta) -> datetime:
        clock.shift(later)
        now = datetime.now(LONDON)
        with programme.store.write() as db:
            upcoming.move_on(db, now)
        return now

    return go
