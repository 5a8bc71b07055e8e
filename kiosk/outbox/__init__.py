"""Messages to people, by e-mail or as a text: stored first, sent later by the clock.

To tell somebody something, in the transaction in which it comes about:

    outbox.put(db, Message(kind="event-offered", way="email", to=…, language="pl", room="events",
               subject_id=booking.id, key=f"event-offered|{booking.id}|{booking.deadline_at}",
               said=Said(title=…, starts=…, place=…, code=…, until=…), expires=…),
               service_key=…, now=…)

A room that has said `stay_true(app, "events", look)` is asked just before one of its messages is sent: what
has changed since is told as it is now, and what is not true any more is not told.

`ways(settings)` says which ways there are; what is not among them is not offered to anybody.
"""

from flask import Flask

from kiosk import rounds
from kiosk.outbox import records, sending
from kiosk.outbox.records import Message, Said, Way, put, take_back, waits
from kiosk.outbox.sending import stay_true, ways
from kiosk.outbox.words import KINDS

__all__ = ["KINDS", "Message", "Said", "Way", "init_app", "put", "stay_true", "take_back", "waits", "ways"]


def init_app(app: Flask) -> None:
    rounds.add_errand(app, sending.send)
    rounds.add_purge(app, records.purge)
