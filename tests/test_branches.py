"""Which screen this is, and what holds there."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from kiosk import branches, settings
from kiosk.store import NotThere, Store
from tests.visitor import Visitor


def test_a_browser_that_nobody_named_is_the_first_screen(store: Store, clock: time_machine.Traveller) -> None:
    clock.shift(1)
    with store.write() as db:
        second = branches.add_branch(db, "Aaa Library")
        branches.add_kiosk(db, second, "Aaa")
        found = branches.place(db, "")
    assert found.branch.name == "Central Library"
    assert found.kiosk_id


def test_a_screen_stands_in_its_branch_and_has_its_settings(
    app: Flask, store: Store, visitor: Visitor
) -> None:
    with store.write() as db:
        branch = branches.add_branch(db, "North Library")
        screen = branches.add_kiosk(db, branch, "Upstairs")
        settings.change(db, "kiosk", screen, "english_line", "hide")
        assert branches.place(db, screen).branch.id == branch
        assert branches.place(db, screen).settings.english_line == "hide"
    app.config["SCREEN"] = screen
    visitor.get("/pl/")
    assert "North Library" in visitor.words
    assert not visitor.page.select(".eng")


def test_a_screen_that_is_not_there_is_not_another_one(store: Store) -> None:
    with store.read() as db, pytest.raises(NotThere):
        branches.place(db, "nothing")


def test_a_branch_without_a_screen_is_a_place_too(store: Store) -> None:
    with store.write() as db:
        db.run("DELETE FROM kiosks")
        found = branches.place(db, "")
    assert (found.branch.name, found.kiosk_id) == ("Central Library", "")


def test_a_join_at_a_branch_without_a_screen_is_kept(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        db.run("DELETE FROM kiosks")
    visitor.join("en")
    with store.read() as db:
        assert db.value("SELECT kiosk_id FROM joins") is None


def test_two_branches_cannot_have_one_name(store: Store) -> None:
    with store.read() as db:
        before = len(branches.every(db))
    with pytest.raises(branches.NameTaken), store.write() as db:
        branches.add_branch(db, "Central Library")
    with store.read() as db:
        assert len(branches.every(db)) == before
