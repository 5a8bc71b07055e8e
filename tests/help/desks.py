"""A library whose staff are asked for help at its screens, seen from the desk."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from kiosk.help import records
from kiosk.help.records import Caller, Request
from kiosk.people import accounts
from kiosk.settings import effective
from tests.staff.conftest import Library

NAME, PHONE = "Zewditu", "+447700900982"


def ask(
    library: Library, topic: str = "letter", way: str = "here", *, branch: str = "", language: str = "ti",
    caller: Caller = Caller(NAME, PHONE), slot_id: str = "",  # noqa: B008 - it cannot be changed
) -> Request:  # fmt: skip
    """Somebody touches Help at a screen of the Central Library, or of another branch; she says who she is."""
    place = branch or library.central
    with library.store.read() as db:
        readers, settings = accounts.readers(db), effective(db, place)
    asked = records.asking(
        topic, way, caller, one_time_key=secrets.token_hex(8), asker=secrets.token_hex(8), branch_id=place,
        kiosk_id="" if branch else library.screen, language=language, readers=readers,
        service_key=library.service_key, slot_id=slot_id,
    )  # fmt: skip
    with library.store.write() as db:
        return records.ask(db, asked, settings=settings, now=datetime.now(UTC))


def now_is(library: Library, request: Request) -> Request:
    with library.store.read() as db:
        return records.find(db, request.id)
