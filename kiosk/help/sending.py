"""Where the screens and what is kept of help meet: the requests of this visit, and how one is sent once."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import current_app, request, url_for

from kiosk import visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.help import codes, records
from kiosk.help.records import Caller, Request
from kiosk.languages import current
from kiosk.people import accounts
from kiosk.store import NotThere, Reading, Writing
from kiosk.walks import page_here

LOUD_TOPICS = tuple(topic for topic in codes.TOPICS if topic.code != codes.QUIET)
A_TOPIC = f"<any({','.join(topic.code for topic in LOUD_TOPICS)}):topic>"
"""A part of an address. The quiet topic stands in none."""


def now() -> datetime:
    """This moment on the clock of the branch."""
    return here().branch.now()


def topic_of(code: str) -> Any:
    """The topic with this code."""
    return next(topic for topic in codes.TOPICS if topic.code == code)


def own(db: Reading) -> Request | None:
    """The request that this visit looks at, open or over; None while there is none."""
    return next(iter(of_visit(db)), None)


def others(db: Reading) -> list[Request]:
    """What this visit has asked for besides and is still open, like a booked time while she waits here."""
    return [each for each in of_visit(db)[1:] if each.is_open]


def of_visit(db: Reading) -> list[Request]:
    """What this visit has asked for, open or over; what it looks at is the first."""
    found = []
    for request_id in visits.current().get("help", ()):
        with suppress(NotThere):
            found.append(records.find(db, request_id))
    return found


def look_at(request_id: str) -> None:
    """Show this one of the requests of the visit from now on; nothing for any other."""
    visit = visits.current()
    known: list[str] = visit.get("help", [])
    if request_id in known[1:]:
        visit["help"] = [request_id, *(each for each in known if each != request_id)]


def waits_already(*, quietly: bool = False) -> bool:
    """Whether this visit waits for somebody now, and from here on looks at that; `quietly`: for a quiet word.

    Who has booked a time, left a message or wants to be rung may need somebody now all the same.
    """
    if "help" not in visits.current():
        return False
    with store().read() as db:
        waiting = [each for each in of_visit(db) if each.is_open and each.waits_now]
    for each in waiting:
        if each.is_quiet or not quietly:
            look_at(each.id)
            return True
    return False


def new_key() -> str:
    """The one-time key of a page that sends."""
    return secrets.token_hex(16)


def came_from(address: str) -> str:
    """Where she was when she touched Help, to go back to; never a page of help itself."""
    page = page_here(address)
    return url_for("home.home") if page == "/" or page.startswith(url_for("help.start")) else page


def with_way_back(endpoint: str, back: str, **values: Any) -> str:
    """The address of a page of help that knows where she came from."""
    values["from"] = back
    return url_for(endpoint, **values)


def send(
    topic: str,
    way: str,
    caller: Caller = Caller(),  # noqa: B008 - it cannot be changed
    *,
    key: str,
    slot_id: str = "",
    wants: tuple[str, ...] = (),
    back: str = "",
) -> None:
    """Ask for a person and remember it in the visit, both or neither.

    `key` is that of the page it was sent from, `back` where she was before. Who has let others use the screen
    is somebody else from then on, whatever is left of the visit. Raises `slots.SlotTaken`, `records.TooMany`,
    and `ValueError` for what no page sends.
    """
    place, visit, moment = here(), visits.current(), now()
    with store().read() as db:
        readers = accounts.readers(db)
    asked = records.asking(
        topic, way, caller,
        one_time_key=key if re.fullmatch(r"[0-9a-f]{32}", key) else new_key(),
        asker=f"{visit['csrf_token']} {visit.get('help_kept', '')}",
        branch_id=place.branch.id, kiosk_id=place.kiosk_id, language=current().tag,
        readers=readers, service_key=current_app.config["SERVICE_KEY"], slot_id=slot_id,
    )  # fmt: skip
    before = dict(visit)
    try:
        with store().write() as db:
            visit.catch_up(db)  # another touch may have been quicker
            _give_up_waiting(db, topic, way, moment)
            made = records.ask(db, asked, settings=place.settings, now=moment)
            if wants and not made.wants:
                records.add_wants(db, made.id, wants)
            before_it = (each for each in visit.get("help", ()) if each != made.id)
            visit.update(help=[made.id, *before_it], help_from=came_from(back))
            visit.pop("help_call", None)
            visit.keep(db, visits.lifetime())
    except Exception:
        visit.clear()
        visit.update(before)
        visit.modified = False
        raise


def _give_up_waiting(db: Writing, topic: str, way: str, moment: datetime) -> None:
    """Nobody waits for two things at once.

    Who does not feel safe now waits for that alone; who leaves a message when staff have gone waits no more.
    """
    if topic != codes.QUIET and way in codes.WAIT_NOW:
        return  # a touch too many
    for each in of_visit(db):
        if each.is_open and each.waits_now and not each.is_quiet:
            records.cancel(db, each.id, moment)


def posted(name: str) -> str:
    """A field of the form that was sent; empty without it."""
    return request.form.get(name, "")
