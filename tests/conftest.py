"""A library of real files in a folder of its own, with somebody at its screen; passwords that cost little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from kiosk import branches, create_app, sealing
from kiosk.people import accounts
from kiosk.sealing import PasswordCost
from kiosk.store import Store
from tests.visitor import MORNING, PASSWORD, Visitor


class Compiled(BytecodeCache):
    """Templates compiled by one app, for the next one: hundreds of tests make an app each."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PASSWORD_COST", PasswordCost(memory_kib=64, passes=1, lanes=1))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A Monday morning that lasts until a test moves it on."""
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def app(tmp_path: Path, clock: time_machine.Traveller) -> Iterator[Flask]:
    """The app over a new library: one branch with one screen, and the first account."""
    app = create_app(tmp_path / "data")
    app.jinja_env.bytecode_cache = COMPILED
    begin(app)
    yield app
    app.extensions["store"].close()


def begin(app: Flask) -> None:
    store: Store = app.extensions["store"]
    with store.write() as db:
        branches.add_kiosk(db, branches.add_branch(db, "Central Library"), "By the door")
    accounts.begin_library(store, app.config["SERVICE_KEY"], password=PASSWORD)


@pytest.fixture
def store(app: Flask) -> Store:
    kept: Store = app.extensions["store"]
    return kept


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def another(app: Flask) -> Callable[[], Visitor]:
    """Makes further people, each at a screen of her own."""
    return lambda: Visitor(app.test_client())
