"""Services as tests need them: everything known and for everybody, unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.support.directory.records import Service

FOR_EVERYBODY = Service(
    id="advice",
    organisation_id="citizens",
    organisation="Citizens Advice",
    source="",
    name="Advice",
    text="",
    url="",
    email="",
    phone="",
    address="",
    free=True,
    fee="",
    languages=("en",),
    ways=("come",),
    min_age=0,
    max_age=None,
    districts=(),
    children=False,
    work=(),
    stay=(),
    needs=frozenset({"money"}),
    state="open",
    places_left=None,
    partner_id=None,
    shown=True,
    is_offered=True,
    changed_at="2026-03-09T09:00:00+00:00",
)


def service(**facts: Any) -> Service:
    """A service for everybody who needs money advice, but for these facts; without an id it has its name."""
    if "name" in facts:
        facts.setdefault("id", facts["name"])
    return replace(FOR_EVERYBODY, **facts)
