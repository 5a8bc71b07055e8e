"""Three partners around a library, each with somebody at a desk of its own; and a person who has told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.staff.conftest import Browser
from tests.support.referrals.conftest import advice, homes, school
from tests.support.town import OWN_PASSWORD, House, Town

__all__ = ["advice", "homes", "school"]


@pytest.fixture
def town(app: Flask) -> Town:
    """Without a context of the app around it: each request has its own, as on a server."""
    return Town(app)


@pytest.fixture
def at_desk(app: Flask) -> Callable[[House], Browser]:
    """Signs the member of a partner in at a browser of her own."""

    def sign_in(house: House) -> Browser:
        return signed_in(app, house.member.username)

    return sign_in


def signed_in(app: Flask, username: str, password: str = OWN_PASSWORD) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(username, password, "/partner/sign-in").status_code == 303
    return browser


@pytest.fixture
def told(town: Town, advice: House, homes: House, school: House) -> str:
    """She said yes to two partners, and no to the school; the id of what Citizens Advice has."""
    sent = town.send(town.yes(advice), town.yes(homes, "name"), town.no(school))
    return town.handover(sent, advice).id
