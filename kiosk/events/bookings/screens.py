"""What the resident sees of booking: how many places, who comes, check, send once, the code with its PIN."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from markupsafe import Markup

from kiosk import references, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.events import finding, looks
from kiosk.events.bookings import booked, booking, questions, telling
from kiosk.events.bookings.booked import MOST_PLACES, Booking
from kiosk.events.bookings.booking import Full, NotBookable, Terms, TooMany
from kiosk.events.bookings.questions import BOOKING, CONTACT, STEPS
from kiosk.events.bookings.sorry import sorry
from kiosk.events.records import find, occurrence, texts
from kiosk.forms import shown_phone
from kiosk.languages import current, shown
from kiosk.walks import Steps, before

blueprint = Blueprint("booking", __name__, url_prefix="/<lang>/events/book")


@blueprint.post("/")
def begin() -> Any:
    """From an event's page to the first question about one of its dates."""
    date_id = request.form.get("date", "")
    with store().read() as db:
        try:
            date = booking.bookable(db, date_id, here().branch.now())
        except NotBookable as error:
            return sorry(error.why)
        event = find(db, date.event_id)
    if not BOOKING.has_begun() or BOOKING.answered()["date"] != date_id:
        visits.current().pop("booked", None)  # the code of who booked before her is no receipt of hers
        largest = min(MOST_PLACES, date.capacity or MOST_PLACES)
        BOOKING.begin(date=date_id, event=event.id, needs_age=event.facts.needs_age, largest=largest)
    return redirect(_onwards(), 303)


@blueprint.route("/<any({}):name>".format(",".join(f'"{name}"' for name in STEPS)), methods=["GET", "POST"])
def ask(name: str) -> Any:
    """Ask one question; keep the answer; go to the next that has none."""
    if not BOOKING.has_begun() and (request.method == "GET" or "booked" in visits.current()):
        return redirect(_instead(), 303)
    found = BOOKING.answered()
    step, asked = STEPS[name], questions.path()
    if step not in asked:
        return redirect(_onwards(), 303)
    if name == "ages" and {"add", "remove"} & request.form.keys():
        _count_children(found["steps"])
        return redirect(url_for("booking.ask", name="ages"), 303)
    earlier = before(step, asked)
    back = BOOKING.address(earlier) if earlier else _event_page(found)
    return BOOKING.ask(
        step, "events", back=back, onwards=_onwards, place=here(), ages=questions.ages(found["steps"]),
        most=int(found["steps"].get("places", {}).get("places", MOST_PLACES)),
    )  # fmt: skip


@blueprint.get("/check")
def check() -> Any:
    if not BOOKING.has_begun():
        return redirect(_instead(), 303)
    if _onwards() != url_for("booking.check"):
        return redirect(_onwards(), 303)
    return _last_look("events/check.html")


@blueprint.get("/full")
def full() -> Any:
    """While she was deciding others took the places: what is left, or the waiting list."""
    if not BOOKING.has_begun():
        return redirect(_instead(), 303)
    if _onwards() != url_for("booking.check"):
        return redirect(_onwards(), 303)
    return _last_look("events/full.html")


def _last_look(template: str) -> Any:
    """What will be sent, with the event as it is at this moment."""
    found, asked = BOOKING.answered(), questions.path()
    steps = found["steps"]
    places = int(steps["places"]["places"])
    moment = here().branch.now()
    with store().read() as db:
        try:
            date = booking.bookable(db, found["date"], moment)
        except NotBookable as error:
            return sorry(error.why)
        event = find(db, date.event_id)
        text = finding.best(texts(db, event.id), shown().tag)
        turn = booked.waiting(db, date.id) + 1
    largest = min(MOST_PLACES, date.capacity or MOST_PLACES)
    if largest != found["largest"]:
        BOOKING.change(largest=largest)  # staff have made the event smaller or larger meanwhile
    who = questions.person(steps, asked)
    return render_template(
        template,
        place=here(),
        key=found["key"],
        title=date.date.title or text.title,
        title_language="en" if date.date.title else text.language,
        when=looks.when(date.date, moment),
        places=places,
        who=who,
        ages=questions.ages(steps),
        phone=shown_phone(who.phone) if who.phone else "",
        asked={step.name for step in asked},
        contact=next((each for each in CONTACT if each.code == _way(steps)), None),
        price=looks.money(event.facts.pence * places) if event.facts.pence else None,
        left=date.left,
        waits=date.left is not None and date.left < places,
        can_wait=date.capacity is None or places <= date.capacity,
        capacity=date.capacity,
        turn=turn,
        back=BOOKING.address(asked[-1]),
        event_page=_event_page(found),
    )


@blueprint.get("/send")
def sent() -> Any:
    """Where a screen that has sent, and may have lost its connection, finds out what became of it."""
    if BOOKING.has_begun() and BOOKING.answered().get("was_full"):
        return redirect(url_for("booking.full"), 303)
    return redirect(url_for("booking.receipt" if "booked" in visits.current() else "booking.check"), 303)


@blueprint.post("/send")
def send() -> Any:
    """Send once. A double tap, or a second try after the answer was lost, gets the same receipt."""
    key = request.form.get("key", "")
    with store().read() as db:
        earlier = booked.already_asked(db, key)
    visit = visits.current()
    if earlier is not None:
        if visit.get("booked") != earlier.id:
            # only the visit that knows the key comes here: it was in her form
            visit.wipe_answers(booked=earlier.id)
        return redirect(url_for("booking.receipt"), 303)
    if not BOOKING.has_begun() and "booked" in visit:
        return redirect(url_for("booking.receipt"), 303)
    if BOOKING.answered()["key"] != key or _onwards() != url_for("booking.check"):
        return redirect(_onwards(), 303)
    return _send(key)


def _send(key: str) -> Any:
    """Take the places and forget the answers; or say what is in the way, and forget nothing."""
    place, visit, found = here(), visits.current(), BOOKING.answered()
    service_key = current_app.config["SERVICE_KEY"]
    asked = booked.ask(
        questions.person(found["steps"], questions.path()),
        found["date"],
        int(found["steps"]["places"]["places"]),
        one_time_key=key,
        branch_id=place.branch.id,
        kiosk_id=place.kiosk_id,
        language=current().tag,
        service_key=service_key,
    )
    answered, moment = dict(visit), place.branch.now()
    try:
        with store().write() as db:
            made = booking.book(db, asked, Terms.of(place.settings), moment, may_wait="wait" in request.form)
            kind = telling.OF_NEW[made.state]
            telling.tell(db, [made], kind, settings=place.settings, service_key=service_key, now=moment)
            visit.wipe_answers(booked=made.id)
            visit.keep(db, visits.lifetime())
    except Exception as error:
        # nothing was sent: her answers are still hers, and there is no code
        visit.clear()
        visit.update(answered)
        visit.modified = False
        if isinstance(error, Full):
            BOOKING.change(was_full=True)
            return redirect(url_for("booking.full"), 303)
        if isinstance(error, NotBookable):
            return sorry(error.why)
        if isinstance(error, TooMany):
            return sorry("too-many")
        raise
    return redirect(url_for("booking.receipt"), 303)


@blueprint.get("/receipt")
def receipt() -> Any:
    """The code, its PIN, and what comes next. The PIN is shown here and nowhere else."""
    booking_id = visits.current().get("booked")
    if booking_id is None:
        return redirect(_instead(), 303)
    with store().read() as db:
        made = booked.get(db, booking_id)
        date = occurrence(db, made.occurrence_id)
        told = _is_told(made)
    # S704: the drawing of a code of ours
    drawing = Markup(  # noqa: S704
        segno.make(made.reference, error="m", micro=False).svg_inline(border=4, omitsize=True)
    )
    return render_template(
        "events/receipt.html",
        place=here(),
        booking=made,
        code=references.shown(made.reference),
        pin=booked.pin(made, current_app.config["SERVICE_KEY"]),
        drawing=drawing,
        when=looks.when(date.date, here().branch.now()),
        due=looks.money(made.due) if made.due else None,
        until=looks.deadline(made.deadline_at, date.date.zone) if made.deadline_at else None,
        told=told,
    )


def _is_told(made: Booking) -> bool:
    """Whether she gave a way to tell her news."""
    who = booked.opened(made, current_app.config["SERVICE_KEY"])
    return who is not None and bool(who.email or who.phone)


def _count_children(steps: Steps) -> None:
    """One touch on an age is one child more; a touch on a child takes it away."""
    found = questions.ages(steps)
    add, remove = request.form.get("add", ""), request.form.get("remove", "")
    most = int(steps.get("places", {}).get("places", MOST_PLACES))
    if add in {choice.code for choice in questions.AGES} and len(found) < most:
        found.append(add)
    elif remove.isdecimal() and 1 <= int(remove) <= len(found):
        del found[int(remove) - 1]
    again = [*(each for each in BOOKING.answered()["again"] if each != "ages"), "ages"]
    BOOKING.change(steps={**steps, "ages": {"ages": found}}, again=again)


def _way(steps: Steps) -> str:
    """How she is told: as she said, unless she has no such address after all."""
    way = str(steps.get("contact", {}).get("contact", ""))
    page = {"email": "email", "text": "phone"}.get(way, "")
    return "none" if "instead" in steps.get(page, {}) else way


def _onwards() -> str:
    """The next page: the first question without an answer, else check."""
    missing = BOOKING.next(questions.path())
    return BOOKING.address(missing) if missing else url_for("booking.check")


def _instead() -> str:
    """Where a page leads that nobody is in the middle of."""
    return url_for("booking.receipt" if "booked" in visits.current() else "events.start")


def _event_page(found: dict[str, Any]) -> str:
    return url_for("events.event", event_id=found["event"], date_id=found["date"])


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
