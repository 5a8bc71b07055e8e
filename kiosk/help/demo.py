"""People who ask for help in the demo library: some wait, one is being helped, one does not feel safe."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk import branches
from kiosk.help import records, slots
from kiosk.help.records import Caller, Request
from kiosk.people import accounts
from kiosk.people.accounts import Person
from kiosk.settings import effective
from kiosk.store import Writing

NOBODY = Caller()
WAITING = (
    # topic, way, language, minutes ago, wants, interpreter
    ("letter", "here", "ti", 3, ("private", "interpreter"), "ti"),
    ("book", "desk", "pl", 2, ("pram", "child"), ""),
    ("unsafe", "here", "uk", 1, ("woman",), ""),
)
ANSWERED = (2, 3, 3, 4, 6)
"""Minutes that those before them waited: enough to say about how long it takes."""
FREE = ("10:00", "10:30", "14:00", "14:30")
"""Times that staff keep free on the next two days."""


def load(db: Writing, branch_id: str, phone: Caller, by: Person, service_key: bytes, now: datetime) -> None:
    """Fill the board of a branch; `phone` wants to be rung, and `by` helps somebody at this moment."""
    readers, settings = accounts.readers(db), effective(db, branch_id)
    screens = branches.screens(db, branch_id)

    def ask(topic: str, way: str, language: str, ago: float, caller: Caller = NOBODY) -> Request:
        asked = records.asking(
            topic, way, caller, one_time_key=secrets.token_hex(16), asker=secrets.token_hex(16),
            branch_id=branch_id, kiosk_id=secrets.choice(screens).id, language=language, readers=readers,
            service_key=service_key,
        )  # fmt: skip
        return records.ask(db, asked, settings=settings, now=now - timedelta(minutes=ago))

    for number, minutes in enumerate(ANSWERED, 4):
        helped = ask("computer", "here", "en", 8 * number)
        records.take(db, helped.id, by, 0, now - timedelta(minutes=8 * number - minutes))
        records.done(db, helped.id, "helped", by, now - timedelta(minutes=8 * number - minutes - 4))
    seen = ask("card", "here", "ar", 5)
    records.take(db, seen.id, by, 3, now - timedelta(minutes=2))
    for topic, way, language, ago, wants, interpreter in WAITING:
        records.add_wants(db, ask(topic, way, language, ago).id, wants, interpreter)
    ask("jobs", "ring", "uk", 25, phone)
    today = now.astimezone(ZoneInfo(branches.find(db, branch_id).time_zone))
    for ahead in (1, 2):
        for starts in map(time.fromisoformat, FREE):
            day = today.date() + timedelta(days=ahead)
            slots.add(db, branch_id, datetime.combine(day, starts, today.tzinfo), 30, now)
