"""The round that sends: a few messages a minute, never while somebody waits for a page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from kiosk import branches, settings
from kiosk.outbox import records, words
from kiosk.outbox.failures import Failure, NotSent
from kiosk.outbox.mail import MailServer
from kiosk.outbox.notify import Notify, TextService
from kiosk.outbox.records import Said, Taken, Way
from kiosk.sealing import CannotOpen
from kiosk.settings import Settings
from kiosk.store import Reading, Store

A_ROUND = 20
"""Messages sent in one round at most."""
LONGEST_ROUND = timedelta(seconds=40)
"""After this long no further message is begun: the next round comes soon."""
MORNING, NIGHT = time(8), time(21)
"""Between them, on the clock of the library, text messages go out: no telephone rings in the night."""

LOOKS = "outbox-looks"
Look = Callable[[Reading, str, str, Said, datetime], Said | None]
"""What a message of this kind about this subject tells now, given what it told when it was stored; None when
it is not true any more. A message may wait for the morning, or be tried again after hours."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Carriers:
    """Who carries the messages of each way; None where that is not set up."""

    email: MailServer | None
    text: TextService | None

    @classmethod
    def of(cls, chosen: Settings, config: dict[str, str]) -> Carriers:
        return cls(
            email=MailServer.of(chosen, config["SMTP_PASSWORD"]),
            text=Notify.of(chosen, config["NOTIFY_KEY"]),
        )

    @property
    def ways(self) -> frozenset[Way]:
        found: dict[Way, object] = {"email": self.email, "text": self.text}
        return frozenset(way for way, carrier in found.items() if carrier)


def ways(chosen: Settings) -> frozenset[Way]:
    """The ways on which messages can be sent here, `email` and `text`: no other is offered to anybody."""
    return Carriers.of(chosen, current_app.config).ways


def send(app: Flask, over: threading.Event) -> None:
    """Send what is due until nothing is, the round is full, or the server stops (`over`)."""
    kept: Store = app.extensions["store"]
    with kept.read() as db:
        chosen, places = settings.effective(db), branches.every(db)
    zone = ZoneInfo(places[0].time_zone if places else "UTC")
    carriers = Carriers.of(chosen, app.config)
    begun = datetime.now(UTC)
    without: frozenset[str] = frozenset()
    for _number in range(A_ROUND):
        now = datetime.now(UTC)
        if over.is_set() or now - begun > LONGEST_ROUND:
            return
        with kept.write() as db:
            taken = records.take(db, now, without=without, asleep_until=asleep_until(now.astimezone(zone)))
        if taken is None:
            return
        # only once it is taken: a room that fails here holds up nobody else's messages
        with kept.read() as db:
            told = _as_it_is_now(db, app, taken, now)
        if told is None:
            with kept.write() as db:
                records.forget(db, taken.id)
            continue
        try:
            _carry(taken, *told, carriers, chosen.library_name)
        except NotSent as error:
            log.warning("a message by %s was not sent: %s", taken.way, error.failure)
            with kept.write() as db:
                records.failed(db, taken, error.failure)
            if error.failure.stops_the_round:
                without |= {taken.way}
        else:
            with kept.write() as db:
                records.sent(db, taken.id, datetime.now(UTC))


def asleep_until(local: datetime) -> datetime | None:
    """When text messages may go out again, at a moment on the clock of the library; None: they may now."""
    if MORNING <= local.time() < NIGHT:
        return None
    days = 1 if local.time() >= NIGHT else 0
    return datetime.combine(local.date() + timedelta(days=days), MORNING, local.tzinfo)


def stay_true(app: Flask, room: str, look: Look) -> None:
    """Have `look` see to every message of a room, just before it is sent."""
    app.extensions.setdefault(LOOKS, {})[room] = look


def _as_it_is_now(db: Reading, app: Flask, taken: Taken, now: datetime) -> tuple[str | None, Said] | None:
    """To whom a message goes, and what it tells; None when that is not true any more.

    None as to whom, for what cannot be opened.
    """
    try:
        to, said = records.opened(taken, app.config["SERVICE_KEY"])
    except CannotOpen:
        return None, Said()
    look: Look | None = app.extensions.get(LOOKS, {}).get(taken.room)
    fresh = look(db, taken.kind, taken.subject_id, said, now) if look else said
    return (to, fresh) if fresh else None


def _carry(taken: Taken, to: str | None, said: Said, carriers: Carriers, library: str) -> None:
    """Hand one message to who carries it. Raises `NotSent`."""
    if to is None:
        raise NotSent(Failure.CANNOT_OPEN)
    now = datetime.now(UTC)
    if taken.way == "email" and carriers.email:
        written = words.written(taken.kind, said, taken.language, library)
        carriers.email.send(written, to, taken.id, library, now)
    elif taken.way == "text" and carriers.text:
        text = words.shortened(taken.kind, said, taken.language, library)
        carriers.text.send(text, to, taken.id, now, again=taken.again)
    else:
        raise NotSent(Failure.NOT_SET_UP)
