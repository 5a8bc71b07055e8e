"""Three partners around a library, for whoever tells her story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.town import House, Town


@pytest.fixture
def town(app: Flask) -> Iterator[Town]:
    with app.app_context():
        yield Town(app)


@pytest.fixture
def advice(town: Town) -> House:
    return town.house("Citizens Advice", "ada", "money", "housing")


@pytest.fixture
def homes(town: Town) -> House:
    return town.house("Homes for All", "bea", "housing")


@pytest.fixture
def school(town: Town) -> House:
    return town.house("Adult School", "cleo", "learning", "english")
