"""The whole app: it begins a library once, its commands are there, and its table of contents is complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import app as serving
from kiosk import branches, create_app
from kiosk.people import accounts, sessions
from kiosk.store import Store


def test_a_first_start_makes_a_library_and_says_once_how_to_sign_in(tmp_path: Path) -> None:
    made = create_app(tmp_path / "data")
    first = serving.begin(made)
    assert first is not None
    store: Store = made.extensions["store"]
    with store.read() as db:
        assert len(branches.every(db)) == 1
        assert branches.place(db, "").kiosk_id
    session, _cookie = sessions.sign_in(store, made.config["SERVICE_KEY"], first.username, first.password)
    assert session.person.must_change, "the password that was shown is good for one sign-in"
    assert serving.begin(made) is None, "and never again"
    store.close()


def test_a_library_that_was_begun_is_found_again(tmp_path: Path) -> None:
    for number in range(3):
        made = create_app(tmp_path / "data")
        assert (serving.begin(made) is None) is (number > 0)
        made.extensions["store"].close()


def test_what_was_shown_at_the_first_start_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    made = create_app(tmp_path / "data")
    first = serving.begin(made)
    assert first is not None
    made.extensions["store"].close()
    for file in (tmp_path / "data").iterdir():
        content = file.read_bytes()
        assert first.password.encode() not in content
        assert first.recovery_key.encode() not in content
        assert first.recovery_key.replace("-", "").encode() not in content


def test_a_folder_that_has_lost_its_database_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create_app(tmp_path)
    made.extensions["store"].close()
    for file in tmp_path.glob("kiosk.db*"):
        file.unlink()
    monkeypatch.setenv("DATA", str(tmp_path))
    said = CliRunner().invoke(serving.serve, ["--data", str(tmp_path)])
    assert said.exit_code != 0
    assert not list(tmp_path.glob("kiosk.db*"))


def test_every_room_brings_its_commands(tmp_path: Path) -> None:
    made = create_app(tmp_path)
    assert {"settings", "branches", "people", "audit", "rounds", "translations", "demo"} <= set(
        made.cli.commands
    )
    assert "serve" in serving.cli.commands
    run = made.test_cli_runner()
    assert run.invoke(args=["rounds"]).output == "0 records wiped.\n"
    made.extensions["store"].close()


def test_a_demo_can_be_loaded_once_and_signed_in_to(tmp_path: Path) -> None:
    made = create_app(tmp_path)
    run = made.test_cli_runner()
    first, second = (run.invoke(args=["demo"]) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    assert first.output == second.output
    assert "amina" in first.output
    store: Store = made.extensions["store"]
    with store.read() as db:
        assert len(branches.every(db)) == 2
        assert {person.username for person in accounts.every(db)} == {"manager", "amina"}
    store.close()


def test_a_demo_is_not_loaded_into_a_real_library(tmp_path: Path) -> None:
    made = create_app(tmp_path)
    serving.begin(made)
    said = made.test_cli_runner().invoke(args=["demo"])
    assert "amina" not in said.output
    with made.extensions["store"].read() as db:
        assert len(accounts.every(db)) == 1
    made.extensions["store"].close()


def test_every_address_of_a_resident_begins_with_a_language(tmp_path: Path) -> None:
    made = create_app(tmp_path)
    others = ("/static/", "/sounds/", "/staff/", "/partner/", "/device/", "/feeds/", "/healthz")
    for rule in made.url_map.iter_rules():
        known = rule.rule == "/" or rule.rule.startswith(("/<lang>/", *others)) or rule.rule.endswith(".js")
        assert known or rule.endpoint == "home.offline", rule.rule
    made.extensions["store"].close()
