"""What a small IT team does with partners at the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from click.testing import Result
from flask import Flask

from kiosk import sealing
from kiosk.people import accounts, partners
from kiosk.sealing import CannotOpen
from tests.support.town import STORY, House, Town
from tests.visitor import PASSWORD


@pytest.fixture
def paper(app: Flask) -> str:
    """The library begins again, and somebody keeps the paper."""
    store = app.extensions["store"]
    with store.write() as db:
        for table in ("team_keys", "teams", "staff_sessions", "people"):
            db.run(f"DELETE FROM {table}")
    return accounts.begin_library(store, app.config["SERVICE_KEY"], password=PASSWORD).recovery_key


@pytest.fixture
def town(app: Flask, paper: str) -> Iterator[Town]:
    with app.app_context():
        yield Town(app)


def run(town: Town, *words: str, typed: str = "") -> Result:
    return town.app.test_cli_runner().invoke(args=["partners", *words], input=f"{typed}\n")


def test_a_partner_comes_in_at_the_command_line(town: Town) -> None:
    result = run(town, "add", "Adult School", "Cleo", "--person", "Cleo Quay", "--email", "cleo@example.org")
    assert result.exit_code == 0, result.output
    found = re.search(r"/partner/: (\S+)", result.output)
    assert found
    listed = run(town, "list").output
    assert "Adult School  (waits for its first sign-in)" in listed
    assert "cleo  Cleo Quay" in listed
    town.first_sign_in("cleo", found[1])
    assert run(town, "list").output.startswith("Adult School\n")
    assert "already" in run(town, "add", "adult school", "dot").output
    assert "Choose another" in run(town, "add", "Another School", "cleo").output


def test_the_paper_lets_somebody_in_again_and_changes_a_key(town: Town, paper: str) -> None:
    advice = town.house("Citizens Advice", "ada")
    old = town.key(advice.session)
    handover = town.handover(town.send(town.yes(advice)), advice)
    result = run(town, "restore", "Citizens Advice", "eve", "--person", "Eve", typed=paper)
    assert result.exit_code == 0, result.output
    eve = town.first_sign_in("eve", result.output.split()[-1])
    partners.end_member(town.store, town.service_key, town.manager.person, advice.member.id)
    listed = run(town, "list").output
    assert "change its key" in listed
    assert "(disabled)" in listed
    assert "Sealed anew: 1." in run(town, "rotate", "Citizens Advice", typed=paper.lower()).output
    assert "change its key" not in run(town, "list").output
    assert town.opened(handover.id, House(advice.partner, advice.service_id, eve)).story == STORY
    assert town.key(eve) != old
    assert handover.sealed is not None
    assert handover.sealed not in town.files()
    with pytest.raises(CannotOpen):
        town.key(advice.session)


def test_a_slip_or_another_paper_is_said_in_words(town: Town, paper: str) -> None:
    town.house("Citizens Advice", "ada")
    another = sealing.print_key(sealing.new_key_pair().private)
    for words, typed, says in (
        (("rotate", "Citizens Advice"), "nonsense", "Check each group of four"),
        (("rotate", "Citizens Advice"), another, "not the one of this library"),
        (("rotate", "No such partner"), paper, "no such partner"),
        (("restore", "Citizens Advice", "manager"), paper, "not one of its own"),
    ):
        result = run(town, *words, typed=typed)
        assert (result.exit_code, says in result.output) == (1, True), result.output


def test_what_is_damaged_is_said_and_not_blamed_on_the_paper(town: Town, paper: str) -> None:
    advice = town.house("Citizens Advice", "ada")
    first, second = (town.handover(town.send(town.yes(advice)), advice) for _number in range(2))
    for handover, says in (
        (first, "Damaged, and left as they are: 1."),
        (second, "none of the 2 sealed pieces"),
    ):
        with town.store.write() as db:
            db.run(
                "UPDATE referral_handovers SET sealed = :junk WHERE id = :id",
                junk=b"junk",
                id=handover.id,
            )
        result = run(town, "rotate", "Citizens Advice", typed=paper)
        assert says in result.output
    assert "The recovery key is right" in result.output
    assert result.exit_code == 1


def test_a_lost_first_password_is_given_anew_at_the_command_line(town: Town) -> None:
    run(town, "add", "Adult School", "cleo")
    result = run(town, "password", "adult school", "Cleo")
    assert result.exit_code == 0, result.output
    town.first_sign_in("cleo", result.output.split()[-1])
    for name, username in (("Adult School", "cleo"), ("Adult School", "nobody"), ("No School", "cleo")):
        result = run(town, "password", name, username)
        assert (result.exit_code, "kiosk partners restore" in result.output) == (1, True)
