"""Whether a service takes people now: its partner says so, until a day if it likes, and counts places."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, redirect, render_template, request, url_for

from kiosk import rounds
from kiosk.configuration import store
from kiosk.people import current_person
from kiosk.store import NotThere, Reading, Writing
from kiosk.support.directory import records as directory
from kiosk.support.directory.records import Service
from kiosk.support.partner import words
from kiosk.support.partner.forms import Capacity
from kiosk.support.partner.pages import for_members, moment, own, pages
from kiosk.support.referrals import partner_side


@pages.get("/services")
@for_members
def services() -> Any:
    return _page()


@pages.post("/services/<service_id>")
@for_members
def set_capacity(service_id: str) -> Any:
    """Change one of the own services."""
    form = Capacity(_today(), prefix=service_id)
    with store().read() as db:
        _own_service(db, service_id)
    if not form.validate_on_submit():
        return _page(form, service_id), 422
    state, until = form.state.data, form.until.data
    with store().write() as db:
        service = _own_service(db, service_id)
        places = int(form.places.data) if form.places.data else None
        if state == "open" and places == 0:
            state = "full"
        elif state == "full":
            places = 0 if places is not None else None
        directory.set_capacity(db, service.id, state, places)
        _pause_until(db, service.id, until if state == "paused" else "")
        partner_side.record(db, current_person(), f"service {state}", service.id, moment(db))
    return redirect(url_for("partner.services", said="services"), 303)


def take_place(db: Writing, service_id: str) -> None:
    """Somebody was taken on: one free place less, where they are counted; the last one makes it full."""
    try:
        service = directory.find(db, service_id)
    except NotThere:  # the directory has lost it meanwhile
        return
    if service.places_left:
        directory.set_capacity(db, service.id, service.state, service.places_left - 1)


def reopen(db: Writing, now: datetime) -> int:
    """Open the services whose break is over. Nothing is wiped: 0, as the rounds count it."""
    over = db.all("SELECT service_id FROM service_pauses WHERE until <= :day", day=now.date().isoformat())
    for row in over:
        service = directory.find(db, row["service_id"])
        if service.state == "paused":
            directory.set_capacity(db, service.id, "open", service.places_left)
        _pause_until(db, service.id, "")
    return 0


def _page(form: Capacity | None = None, service_id: str = "") -> str:
    with store().read() as db:
        found = directory.of_partner(db, own())
        until = {row["service_id"]: row["until"] for row in db.all("SELECT * FROM service_pauses")}
    forms = {
        each.id: form
        if form is not None and each.id == service_id
        else Capacity(
            _today(),
            formdata=None,
            prefix=each.id,
            data={
                "state": each.state,
                "places": "" if each.places_left is None else str(each.places_left),
                "until": until.get(each.id, ""),
            },
        )
        for each in found
    }
    return render_template(
        "partner/services.html", services=found, forms=forms, wrong=form is not None, today=_today(),
        said=words.SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def _own_service(db: Reading, service_id: str) -> Service:
    """One of the services for which this partner takes referrals; `NotThere` for any other."""
    service = directory.find(db, service_id)
    if service.partner_id != own():
        raise NotThere
    return service


def _pause_until(db: Writing, service_id: str, until: str) -> None:
    db.run("DELETE FROM service_pauses WHERE service_id = :id", id=service_id)
    if until:
        db.insert("service_pauses", service_id=service_id, until=until)


def _today() -> date:
    return datetime.now(UTC).date()


def init_app(app: Flask) -> None:
    rounds.add_purge(app, reopen, shred=False)
