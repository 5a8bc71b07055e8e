"""What a library may choose: the kiosk's value, else its branch's, else the library's, else the default."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kiosk import settings
from kiosk.settings import FIELDS, NotAllowed, Settings
from kiosk.store import Store
from tests.visitor import Visitor

VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.text())


def test_the_nearest_choice_wins(store: Store) -> None:
    with store.write() as db:
        assert settings.effective(db) == Settings()
        settings.change(db, "library", "", "idle_seconds", 100)
        settings.change(db, "branch", "b", "idle_seconds", 150)
        settings.change(db, "kiosk", "k", "idle_seconds", 200)
        assert settings.effective(db).idle_seconds == 100
        assert settings.effective(db, "b").idle_seconds == 150
        assert settings.effective(db, "b", "k").idle_seconds == 200
        assert settings.effective(db, "other", "other").idle_seconds == 100
        settings.change(db, "kiosk", "k", "idle_seconds", None)
        assert settings.effective(db, "b", "k").idle_seconds == 150


NUMBERS = [name for name, each in FIELDS.items() if type(each.default) in (int, float)]


@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_goes_below_its_floor_or_above_its_ceiling(store: Store, name: str) -> None:
    least, most = FIELDS[name].metadata["least"], FIELDS[name].metadata["most"]
    with store.write() as db:
        for value in (least, most):
            settings.change(db, "library", "", name, value)
            assert getattr(settings.effective(db), name) == value
        for value in (least - 1, most + 1, str(least), True, None if least is None else [least]):
            with pytest.raises(NotAllowed):
                settings.change(db, "library", "", name, value)
        assert getattr(settings.effective(db), name) == most


def test_the_floors_give_everybody_time(store: Store) -> None:
    assert FIELDS["idle_seconds"].metadata["least"] >= 60
    assert FIELDS["countdown_seconds"].metadata["least"] >= 30
    assert FIELDS["receipt_countdown_seconds"].metadata["least"] >= 20
    assert FIELDS["join_kept_days"].metadata["most"] <= 60


@given(st.sampled_from(sorted(FIELDS)) | st.text(max_size=20), VALUES)
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
def test_whatever_is_chosen_holds_or_is_refused_with_words(store: Store, name: str, value: Any) -> None:
    with store.write() as db:
        before = settings.effective(db)
        try:
            settings.change(db, "library", "", name, value)
        except NotAllowed as refused:
            said = str(refused)
            assert said.strip()
            assert settings.effective(db) == before
        else:
            now = getattr(settings.effective(db), name)
            assert type(now) is type(getattr(Settings(), name))
            assert value is None or now == value or list(now) == list(value)
            assert not isinstance(now, float) or math.isfinite(now)
            settings.change(db, "library", "", name, None)


@pytest.mark.parametrize(
    "written", ['"loud"', "17", "null", "{}", "soon", '"', "", '["a"]', "1e999", '{"a": 1}'],
)  # fmt: skip
@pytest.mark.parametrize("name", ["english_line", "idle_seconds"])
def test_a_value_that_this_version_cannot_read_does_not_close_the_screen(
    store: Store, visitor: Visitor, name: str, written: str
) -> None:
    """A newer version, or a slip by hand, may have left it there: the default holds until it is mended."""
    with store.write() as db:
        db.insert("settings", level="library", place="", name=name, value=written, changed_at="")
    visitor.get("/pl/")
    assert visitor.status == 200
    with store.read() as db:
        assert asdict(settings.effective(db))[name] in {17, asdict(Settings())[name]}


def test_a_setting_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.write() as db:
        db.insert("settings", level="library", place="", name="teleport", value="true", changed_at="")
        assert settings.effective(db) == Settings()


def test_settings_are_listed_and_chosen_at_the_command_line(app: Flask, store: Store) -> None:
    run = app.test_cli_runner()
    listed = run.invoke(args=["settings", "list"])
    assert all(f"{name} = " in listed.output for name in FIELDS)
    assert run.invoke(args=["settings", "set", "idle_seconds", "90"]).exit_code == 0
    assert "idle_seconds = 90 " in run.invoke(args=["settings", "list"]).output
    with store.read() as db:
        kiosk, branch = (db.value(f"SELECT id FROM {table}") for table in ("kiosks", "branches"))
    assert run.invoke(args=["settings", "set", "idle_seconds", "80", "--branch", branch]).exit_code == 0
    assert run.invoke(args=["settings", "set", "idle_seconds", "70", "--screen", kiosk]).exit_code == 0
    shown = run.invoke(args=["settings", "list", "--branch", branch, "--screen", kiosk]).output
    assert "idle_seconds = 70 " in shown
    assert run.invoke(args=["settings", "set", "idle_seconds", "null"]).exit_code == 0


@pytest.mark.parametrize("words", [("idle_seconds", "5"), ("idle_seconds", "soon"), ("teleport", "true")])
def test_what_may_not_be_chosen_is_explained_at_the_command_line(app: Flask, words: tuple[str, str]) -> None:
    said = app.test_cli_runner().invoke(args=["settings", "set", *words])
    assert said.exit_code == 1
    assert said.output.startswith("Error: ")
    assert "Traceback" not in said.output


def test_every_setting_says_what_it_is_for() -> None:
    for name, each in FIELDS.items():
        assert each.metadata["says"], name
        json.dumps(getattr(Settings(), name))


def test_what_is_left_out_of_a_column_has_its_default(store: Store) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "membership_items", {"child": 6})
        settings.change(db, "branch", "b", "membership_cards", ["child"])
        now = settings.effective(db, "b")
    assert now.membership_items == {**Settings().membership_items, "child": 6}
    assert now.membership_cards == ("child",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("membership_items", {"wizard": 3}),
        ("membership_items", {"full": -1}),
        ("membership_items", {"full": 1000}),
        ("membership_items", {"full": "3"}),
        ("membership_items", {"full": True}),
        ("membership_items", 3),
        ("membership_days", {"full": 0}),
        ("membership_cards", ["wizard"]),
        ("membership_cards", "full"),
        ("membership_unlocked_by", {"full": "magic"}),
        ("membership_unlocked_by", {"full": ["id"]}),
        ("card_symbology", "plessey"),
        ("card_check_digit", "mod11"),
        ("card_days", 0),
    ],
)
def test_no_membership_and_no_card_gets_what_does_not_exist(store: Store, name: str, value: Any) -> None:
    with store.write() as db:
        with pytest.raises(NotAllowed):
            settings.change(db, "library", "", name, value)
        with pytest.raises(NotAllowed):
            settings.change(db, "kiosk", "k", name, getattr(Settings(), name))
        assert settings.effective(db) == Settings()


def test_a_column_of_another_version_does_not_close_the_screen(store: Store) -> None:
    with store.write() as db:
        for name, value in (("membership_items", '{"full": "many"}'), ("membership_cards", '["wizard"]')):
            db.insert("settings", level="library", place="", name=name, value=value, changed_at="")
        now = settings.effective(db)
    assert now.membership_items == Settings().membership_items
    assert now.membership_cards == ("wizard",), "what nobody here knows is carried along"
