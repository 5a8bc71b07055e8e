"""Take it with you: a calendar entry small enough for a picture that a phone can read without a network."""

from __future__ import annotations

from datetime import UTC, timedelta

import segno
from markupsafe import Markup

from kiosk.events.records import USUAL_LENGTH, Date

LINE = 75
"""Bytes in a line of a calendar (RFC 5545, 3.1). Longer ones are folded, which not every phone undoes."""


def entry(date: Date, title: str, place: str) -> str:
    """The calendar entry of a date, as phones take it: a VEVENT alone, lines ended with CRLF.

    Long titles and places are cut, so that every line stays whole.
    """
    if date.all_day:
        starts = f"DTSTART;VALUE=DATE:{date.starts:%Y%m%d}"
        last = date.ends or date.starts + timedelta(days=1)
        ends = f"DTEND;VALUE=DATE:{last:%Y%m%d}"
    else:
        starts = f"DTSTART:{date.starts.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        ends = f"DTEND:{(date.ends or date.starts + USUAL_LENGTH).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VEVENT", _line("SUMMARY", title), starts, ends]
    if place:
        lines.append(_line("LOCATION", place))
    return "\r\n".join([*lines, "END:VEVENT", ""])


def _line(name: str, value: str) -> str:
    """A line with as much of the value as it holds."""
    line = f"{name}:"
    for letter in " ".join(value.split()):
        written = f"\\{letter}" if letter in "\\;," else letter
        if len(f"{line}{written}".encode()) > LINE:
            break
        line += written
    return line


def picture(text: str) -> Markup:
    """A QR code of text in UTF-8, as SVG."""
    code = segno.make(text, error="l", micro=False, encoding="utf-8", boost_error=False)
    return Markup(code.svg_inline(border=4, omitsize=True))  # noqa: S704 - a drawing of dots
