"""A library of real files in a folder of its own, with somebody at its screen; passwords that cost little."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import ClassVar, TypeVar

import pytest
import time_machine
from flask import Flask
from hypothesis import settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from kiosk import branches, create_app, sealing
from kiosk.people import accounts
from kiosk.sealing import PasswordCost
from kiosk.store import Store
from tests.staff.conftest import Library
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


# What fails, fails because of the change: `pytest --hypothesis-profile=random` looks where nobody has looked.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("random")
settings.load_profile("repeatable")

COMPILED = Compiled()
gc.set_threshold(100_000, 50, 100)  # an app for each test leaves much to look through, and little to find
CHEAP = PasswordCost(memory_kib=64, passes=1, lanes=1)
Made = TypeVar("Made")


class Address(Rule):
    """An address that is compiled by one app, for the next one, too."""

    kept: ClassVar[dict[tuple[str, bool, str], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, append_unknown, repr(self.defaults))
        if key not in self.kept:
            self.kept[key] = super()._compile_builder(append_unknown)
        return self.kept[key]


Flask.url_rule_class = Address


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PASSWORD_COST", CHEAP)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A Monday morning that lasts until a test moves it on."""
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new library, for tests to copy: to make each anew takes longer than most of them."""
    return first_day(tmp_path_factory, begin)[0]


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Library]:
    """The same with all the people of `Library`, and who they are."""
    return first_day(tmp_path_factory, Library)


def first_day(folders: pytest.TempPathFactory, begins: Callable[[Flask], Made]) -> tuple[Path, Made]:
    folder = folders.mktemp("begun") / "data"
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(MORNING, tick=False):
        patch.setattr(sealing, "PASSWORD_COST", CHEAP)
        app = create_app(folder)
        made = begins(app)
        app.extensions["store"].close()
    return folder, made


@pytest.fixture
def app(tmp_path: Path, clock: time_machine.Traveller, begun: Path) -> Iterator[Flask]:
    """The app over a new library: one branch with one screen, and the first account."""
    app = create_app(copytree(begun, tmp_path / "data"))
    app.jinja_env.bytecode_cache = COMPILED
    yield app
    app.extensions["store"].close()


@pytest.fixture
def library(
    tmp_path: Path, clock: time_machine.Traveller, staffed: tuple[Path, Library]
) -> Iterator[Library]:
    """The app over a new library with its staff."""
    yield from with_staff(tmp_path, staffed)


def with_staff(tmp_path: Path, staffed: tuple[Path, Library]) -> Iterator[Library]:
    folder, begun = staffed
    app = create_app(copytree(folder, tmp_path / "data"))
    app.jinja_env.bytecode_cache = COMPILED
    yield Library(app, begun)
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
