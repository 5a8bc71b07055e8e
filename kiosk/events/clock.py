"""What the clock does for events: lists move on, offers and payments run out, names are wiped."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app

from kiosk import outbox, rounds
from kiosk.events import upcoming
from kiosk.events.bookings import booked, booking, telling
from kiosk.events.bookings.booking import Terms
from kiosk.settings import effective
from kiosk.store import Writing


def move_on(db: Writing, now: datetime) -> int:
    """Events whose date is over stand in the lists with their next one. Nothing is wiped."""
    upcoming.move_on(db, now)
    return 0


def run_out(db: Writing, now: datetime) -> int:
    """What was offered or not paid in time goes to the next who waits; all of them hear of it."""
    settings, key = effective(db), current_app.config["SERVICE_KEY"]
    lapsed, offered = booking.expire(db, now, Terms.of(settings))
    for each in lapsed:
        kind = telling.OF_LAPSED[each.why]
        telling.tell(db, [each], kind, settings=settings, service_key=key, now=now)
    telling.tell(db, offered, "event-offered", settings=settings, service_key=key, now=now)
    return 0


def init_app(app: Flask) -> None:
    rounds.add_purge(app, move_on, shred=False)
    rounds.add_purge(app, run_out, shred=False)
    rounds.add_purge(app, booked.purge)
    rounds.add_purge(app, booked.forget_tries, shred=False)
    outbox.stay_true(app, telling.ROOM, telling.as_it_is_now)
