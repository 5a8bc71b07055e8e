"""The town of the partners, with two branches and staff at each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kiosk import branches
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Role
from tests.staff.conftest import Browser
from tests.support.partner.conftest import advice, at_desk, homes, school, told, town
from tests.support.town import Town
from tests.visitor import PASSWORD

__all__ = ["advice", "at_desk", "homes", "school", "told", "town"]


@pytest.fixture
def staff(app: Flask, town: Town) -> Callable[[str], Browser]:
    """Signs somebody of the library in: manager, anna at the branch of the screen, ned at another, or it."""
    with town.store.write() as db:
        north = branches.add_branch(db, "North Library")
    for username, role, branch_id in (
        ("anna", Role.BRANCH, town.branch), ("ned", Role.BRANCH, north), ("it", Role.ADMINISTRATOR, None)
    ):  # fmt: skip
        person, password = accounts.add(
            town.store, town.service_key, town.manager.person, town.key_of_the_desk,
            username=username, name=username.title(), role=role, branch_id=branch_id,
        )  # fmt: skip
        sessions.change_password(town.store, town.service_key, person, password, PASSWORD, "")

    def sign_in(username: str) -> Browser:
        browser = Browser(app)
        assert browser.sign_in(username, PASSWORD).status_code == 303
        return browser

    return sign_in
