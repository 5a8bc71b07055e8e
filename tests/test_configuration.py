"""What the environment may say is in one place, and README says the same."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import app as serving
from kiosk import create_app
from kiosk.configuration import ROOT, VARIABLES, variable

ROW = re.compile(r"^\|\s*`([A-Z_]+)`\s*\|([^|]*)\|([^|]*)\|\s*$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """The table under "Settings of the server": name → default, what it is for."""
    readme = (ROOT / "README.md").read_text("utf-8")
    section = re.search(r"^#+ Settings of the server$(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    assert section, "README has no heading `Settings of the server`"
    return {
        name: (default.strip().strip("`"), says.strip()) for name, default, says in ROW.findall(section[1])
    }


def test_readme_lists_every_variable_and_no_other() -> None:
    assert documented() == {name: (each.default, each.says) for name, each in VARIABLES.items()}


def test_the_code_reads_no_variable_that_is_not_listed() -> None:
    read = set()
    for file in [ROOT / "app.py", *(ROOT / "kiosk").rglob("*.py")]:
        text = file.read_text("utf-8")
        read |= set(re.findall(r"(?:envvar=|variable\(|environ(?:\.get\(|\[)|getenv\()\s*[\"'](\w+)", text))
    assert read == set(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_without_the_environment_the_default_holds(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name, raising=False)
    assert variable(name) == VARIABLES[name].default
    monkeypatch.setenv(name, "something")
    assert variable(name) == "something"


def test_the_data_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", str(tmp_path / "there"))
    monkeypatch.setenv("HTTPS", "1")
    made = create_app()
    assert (tmp_path / "there" / "kiosk.db").exists()
    assert made.config["HTTPS"] is True
    made.extensions["store"].close()


def test_the_server_says_how_it_is_started() -> None:
    said = CliRunner().invoke(serving.serve, ["--help"])
    assert said.exit_code == 0
    for option in ("--host", "--port", "--threads", "--data"):
        assert option in said.output
    for name in ("HOST", "PORT", "THREADS"):
        assert VARIABLES[name].default in said.output


def test_tests_know_nothing_of_a_kiosk_that_runs_here() -> None:
    assert not set(os.environ) & {"DATA", "SCREEN", "SMTP_PASSWORD", "NOTIFY_KEY", "KOHA_PASSWORD"}
