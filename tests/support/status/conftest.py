"""A town with two partners, seen from a screen afterwards."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.telling.town import Partner, Town


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


@pytest.fixture
def advice(town: Town) -> Partner:
    return town.partner("Citizens Advice Ipswich")


@pytest.fixture
def homes(town: Town) -> Partner:
    return town.partner("Homes for All")


@pytest.fixture
def money(town: Town, advice: Partner) -> str:
    """The service of Citizens Advice."""
    return town.service(advice, "Advice about money", "money", "housing")


@pytest.fixture
def rooms(town: Town, homes: Partner) -> str:
    """The service of Homes for All."""
    return town.service(homes, "Rooms", "housing")
