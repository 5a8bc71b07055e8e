"""Calendars for the tests: small ones written here, and the real ones that lie beside the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.events.calendars import Calendar, read
from tests.branches.councils import DATA, expected

LONDON = ZoneInfo("Europe/London")


def files() -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """The calendar files of the collection by name, with what is known of them; none if it is not there."""
    folder = DATA / "ics"
    return {
        str(path.relative_to(folder)): (path, said)
        for path, said in expected().items()
        if path.is_relative_to(folder)
    }


def real(name: str) -> bytes:
    return (DATA / "ics" / "real" / name).read_bytes()


def event(*lines: str, start: str = "DTSTART:20260901T100000Z", uid: str = "one") -> str:
    """A VEVENT with the lines given; a UID and a start if they give none."""
    begun = [] if any(line.startswith("DTSTART") for line in lines) or not start else [start]
    named = [f"UID:{uid}"] if uid else []
    return "\r\n".join(("BEGIN:VEVENT", *named, *begun, *lines, "END:VEVENT"))


def feed(*parts: str) -> bytes:
    """A VCALENDAR with the parts given."""
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", "")).encode()


def calendar(*parts: str) -> Calendar:
    return read(feed(*parts), LONDON)
