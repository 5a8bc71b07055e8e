"""The messages that the library sends: which ways there are, what has not gone, why. Never what they say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from kiosk import outbox
from kiosk.configuration import store
from kiosk.forms import EmailField, PhoneField
from kiosk.languages import _l, _lp
from kiosk.outbox import Message, Way, records
from kiosk.outbox.failures import Failure
from kiosk.people import Role, note, staff_only
from kiosk.settings import effective
from kiosk.staff.pages import pages
from kiosk.store import NotThere

A_PAGE = 50
WAYS = {"email": _lp("way", "E-mail"), "text": _lp("way", "Text message")}
STATES = {
    "waiting": _lp("message", "Waiting"),
    "failed": _lp("message", "Tried again soon"),
    "given-up": _lp("message", "Given up"),
    "sent": _lp("message", "Sent in the last week"),
}
KINDS = {
    "event-booked": _lp("message", "Event: booked"),
    "event-to-pay": _lp("message", "Event: to be paid"),
    "event-waiting": _lp("message", "Event: on the waiting list"),
    "event-offered": _lp("message", "Event: a place is offered"),
    "event-promoted": _lp("message", "Event: the place is taken"),
    "event-offer-over": _lp("message", "Event: the offer has run out"),
    "event-not-paid": _lp("message", "Event: not paid in time"),
    "event-cancelled": _lp("message", "Event: cancelled"),
    "event-moved": _lp("message", "Event: changed"),
    "event-on-again": _lp("message", "Event: takes place after all"),
    "help-late": _lp("message", "Help: nobody answers"),
    "news": _lp("message", "News at the library"),
    "partner-new": _lp("message", "Partner: something new"),
    "partner-late": _lp("message", "Partner: please answer"),
    "test": _lp("message", "Test"),
}
REASONS = {
    Failure.NOT_SET_UP: _l("This way of sending is not set up any more."),
    Failure.NO_ANSWER: _l("The server that sends did not answer."),
    Failure.NOT_SAFE: _l("No safe connection came about. Check the security, port and certificate."),
    Failure.WRONG_PASSWORD: _l("The user, the password or the key was not accepted. Check the clock, too."),
    Failure.SENDER_REFUSED: _l("The mail server does not let us send from this address."),
    Failure.BAD_ADDRESS: _l("This address or number does not exist, or takes no messages."),
    Failure.NOT_ACCEPTED: _l("The message was refused. Check the template, and whether the service is live."),
    Failure.BUSY: _l("The server that sends was too busy."),
    Failure.DAILY_LIMIT: _l("No more messages can be sent today: the daily limit is reached."),
    Failure.BROKEN: _l("Something went wrong at the service that sends."),
    Failure.NOT_UNDERSTOOD: _l("The answer was not understood. Check the address of the server."),
    Failure.CANNOT_OPEN: _l("The message cannot be opened. The key of the server is another one now."),
    Failure.TOO_LATE: _l("It came too late to be of use."),
}
"""Why a message has not gone, in words."""


class ToMyMail(FlaskForm):  # type: ignore[misc]
    email = EmailField(_l("Your own e-mail address"))


class ToMyPhone(FlaskForm):  # type: ignore[misc]
    text = PhoneField(_l("Your own phone number"))


FORMS: dict[Way, type[FlaskForm]] = {"email": ToMyMail, "text": ToMyPhone}


@pages.get("/messages")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def messages() -> Any:
    return _page()


@pages.post("/messages/retry")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def retry_messages() -> Any:
    with store().write() as db:
        if records.retry(db, datetime.now(UTC)):
            note(db, "messages tried again", "messages", "")
    return redirect(url_for("staff.messages"), 303)


@pages.post("/messages/test/<way>")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def test_message(way: Way) -> Any:
    """A message to oneself goes through the outbox as all others do, so that it shows whether they would."""
    if way not in FORMS:
        raise NotThere
    form = FORMS[way]()
    with store().read() as db:
        is_set_up = way in outbox.ways(effective(db))
    if not is_set_up or not form.validate_on_submit():
        return _page({way: form}), 422
    number, now = secrets.token_hex(8), datetime.now(UTC)
    message = Message(
        kind="test", way=way, to=form[way].data, language="en", room="staff", subject_id=number,
        key=f"test|{number}",
    )  # fmt: skip
    with store().write() as db:
        outbox.put(db, message, service_key=current_app.config["SERVICE_KEY"], now=now)
        note(db, "test message", "message", number)
    return redirect(url_for("staff.messages", test=number), 303)


def _page(filled: Mapping[Way, FlaskForm] | None = None) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    test = request.args.get("test", "")[:32]
    with store().read() as db:
        ways = outbox.ways(effective(db))
        numbers = records.numbers(db)
        tested = records.look(db, f"test|{test}") if test else None
        found = records.stuck(db, most=A_PAGE, skip=(page - 1) * A_PAGE)
    total = numbers["failed"] + numbers["given-up"]
    forms = {way: FORMS[way](formdata=None) for way in FORMS if way in ways} | {
        way: form for way, form in (filled or {}).items() if way in ways
    }
    return render_template(
        "staff/messages.html", forms=forms, ways=WAYS, numbers=numbers, states=STATES, kinds=KINDS,
        reasons=REASONS, tested=tested, test=test, found=found, page=page, last=max(1, -(-total // A_PAGE)),
    )  # fmt: skip
