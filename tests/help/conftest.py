"""A library with two branches, people who work there, and people who ask them for help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from kiosk import branches
from kiosk.help import queue, records
from kiosk.help.records import Asked, Caller, Request
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Person, Role
from kiosk.settings import Settings, effective
from kiosk.store import Store
from tests.visitor import PASSWORD

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
LETTER = "letter"


def at(hours: float, days: int = 0) -> datetime:
    """A time of that Monday, or of a day after it; in March the clocks of London show UTC."""
    return MONDAY + timedelta(days=days, hours=hours)


NINE = at(9)


@dataclass
class Town:
    """Asks and answers as screens and staff do, each step in a transaction of its own."""

    app: Flask
    store: Store
    key: bytes
    central: str
    north: str
    door: str
    shelf: str
    amina: Person
    sam: Person
    desk_key: bytes = field(repr=False)
    sent: int = 0

    def asking(
        self,
        topic: str = LETTER,
        way: str = "here",
        *,
        key: str = "",
        asker: str = "",
        caller: Caller | None = None,
        screen: str = "",
        branch: str = "",
        slot_id: str = "",
    ) -> Asked:
        """A request as it leaves a screen: of another person each time, unless `asker` says otherwise."""
        self.sent += 1
        with self.store.read() as db:
            readers = accounts.readers(db)
        return records.asking(
            topic, way, caller or Caller(), one_time_key=key or f"key {self.sent}",
            asker=asker or f"person {self.sent}", branch_id=branch or self.central,
            kiosk_id=screen or ("" if branch else self.door), language="ti", readers=readers,
            service_key=self.key, slot_id=slot_id,
        )  # fmt: skip

    def ask(self, topic: str = LETTER, way: str = "here", *, now: datetime = NINE, **more: Any) -> Request:
        return self.keep(self.asking(topic, way, **more), now)

    def keep(self, asked: Asked, now: datetime = NINE) -> Request:
        with self.store.write() as db:
            settings: Settings = effective(db, asked.branch_id, asked.kiosk_id)
            return records.ask(db, asked, settings=settings, now=now)

    def do(self, act: Callable[..., Any], request: Request, *given: Any, **more: Any) -> Any:
        """One step with a request: the function of a room, and what comes after the id of the request."""
        with self.store.write() as db:
            return act(db, request.id, *given, **more)

    def now(self, request: Request) -> Request:
        with self.store.read() as db:
            return records.find(db, request.id)

    def board(self, *branch_ids: str, now: datetime = NINE, every_branch: bool = False) -> list[str]:
        """The ids on a board, the most urgent first."""
        with self.store.read() as db:
            found = queue.unfinished(db, branch_ids or (self.central,), every_branch=every_branch)
        return [each.id for each in queue.in_order(found, branch_ids or (self.central,), now)]

    def is_seen(self, branch_id: str, now: datetime) -> None:
        """A board of this branch asks for news."""
        with self.store.write() as db:
            db.insert(
                "boards",
                id=f"board {now}",
                branch_id=branch_id,
                opened_by=self.amina.id,
                opened_at=now.isoformat(),
                seen_at=now.isoformat(),
                ends_at=at(0, 9).isoformat(),
            )


@pytest.fixture
def town(app: Flask) -> Town:
    kept: Store = app.extensions["store"]
    key: bytes = app.config["SERVICE_KEY"]
    with kept.write() as db:
        central = branches.every(db)[0].id
        north = branches.add_branch(db, "North Library")
        door = branches.screens(db, central)[0].id
        shelf = branches.add_kiosk(db, central, "By the shelves")
        branches.set_neighbours(db, central, [north])
    session, _cookie = sessions.sign_in(kept, key, "manager", PASSWORD)
    with kept.read() as db:
        desk_key = accounts.open_desk_key(db, session.person.id, session.private_key)
    amina, sam = (
        accounts.add(
            kept, key, session.person, desk_key, username=name.lower(), name=f"{name} Okafor",
            role=Role.BRANCH, branch_id=central,
        )[0]
        for name in ("Amina", "Sam")
    )  # fmt: skip
    return Town(app, kept, key, central, north, door, shelf, amina, sam, desk_key)
