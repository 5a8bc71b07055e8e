"""What README and its neighbours say is true."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask

from kiosk import languages
from kiosk.configuration import ROOT

PAGES = sorted(path.name for path in ROOT.glob("*.md"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_something(name: str) -> None:
    for link in LINK.findall(text_of(name)):
        if not link.startswith(("http:", "https:", "mailto:")):
            path, _hash, heading = link.partition("#")
            target = ROOT / unquote(path) if path else ROOT / name
            assert target.exists(), link
            if heading and target.suffix == ".md":
                assert heading in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_make_is_told_to_carry_out_is_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    commands = re.findall(r"(?:^    |`)make ([a-z]+)", text_of(name), re.MULTILINE)
    assert set(commands) <= targets


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_the_kiosk_is_there(app: Flask, name: str) -> None:
    groups = set(app.cli.commands) | {"serve", "begin"}
    for command in re.findall(r"(?:bin/|`)kiosk ([a-z]+)", text_of(name)):
        assert command in groups, command


def test_the_two_commands_to_know_come_first() -> None:
    readme = text_of("README.md")
    assert "make run" in readme
    assert "make test" in readme


def test_readme_names_every_language() -> None:
    readme = text_of("README.md")
    for language in languages.known().values():
        assert language.english.split(",")[0] in readme, language.tag
