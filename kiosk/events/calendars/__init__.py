"""Calendars from outside: read iCalendar as it really arrives, expand it over a window, and give it back.

Nothing here knows the web or the database. ORGANIZER, ATTENDEE and CONTACT are never even looked at.
"""

from __future__ import annotations

from kiosk.events.calendars.entries import Calendar, Event, Limits, Moment, Occurrence, Remark
from kiosk.events.calendars.expansion import Expansion, occurrences
from kiosk.events.calendars.reading import read
from kiosk.events.calendars.writing import write

__all__ = [
    "Calendar",
    "Event",
    "Expansion",
    "Limits",
    "Moment",
    "Occurrence",
    "Remark",
    "occurrences",
    "read",
    "write",
]
