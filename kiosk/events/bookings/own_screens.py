"""My booking, at any screen: by its code and PIN: see it, change it, cancel it, take an offered place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for

from kiosk import references, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.events import finding, labels, looks, take_away
from kiosk.events.bookings import booked, booking, telling
from kiosk.events.bookings.booked import Booking, MustWait
from kiosk.events.bookings.booking import HOLDS, Full, NotBookable, Over, Terms
from kiosk.events.bookings.questions import NUMBERS, OWN, OWN_STEPS, Pin
from kiosk.events.bookings.sorry import SAYS, sorry
from kiosk.events.records import Occurrence, find, occurrence, texts
from kiosk.forms import Question, TilesField
from kiosk.languages import _l, shown
from kiosk.store import Reading, Writing

blueprint = Blueprint("own_booking", __name__, url_prefix="/<lang>/events/mine")


@blueprint.get("/")
def start() -> Any:
    """Whoever opened a booking before on this visit does not leave it to the next code."""
    return render_template("events/own_start.html", place=here())


@blueprint.post("/")
def begin() -> Any:
    visits.current().pop("booked", None)
    OWN.begin()
    return redirect(url_for("own_booking.ask", name="code"), 303)


@blueprint.route("/<any(code,pin):name>", methods=["GET", "POST"])
def ask(name: str) -> Any:
    """The code, then the PIN; both together open the booking."""
    if not OWN.has_begun() and request.method == "GET":
        return redirect(url_for("own_booking.start"), 303)
    steps = OWN.answered()["steps"]
    if name == "code":
        return OWN.ask(
            OWN_STEPS["code"], "events", back=url_for("own_booking.start"), place=here(),
            onwards=lambda: url_for("own_booking.ask", name="pin"), of_a_booking=True,
        )  # fmt: skip
    if "code" not in steps:
        return redirect(url_for("own_booking.ask", name="code"), 303)
    return _ask_pin(references.read(steps["code"]["code"]))


def _ask_pin(reference: str) -> Any:
    """The PIN is looked at once and never kept, right or wrong."""
    form = Pin()
    if "aside" in request.form:
        back = url_for("own_booking.ask", name="code")
        return redirect(OWN.put_aside(OWN_STEPS["pin"], Pin(formdata=None), back), 303)
    if form.validate_on_submit():
        try:
            with store().write() as db:
                found = booked.by_code(
                    db,
                    reference,
                    form.pin.data,
                    kiosk_id=here().kiosk_id,
                    service_key=current_app.config["SERVICE_KEY"],
                    now=_now(),
                )
        except MustWait as error:
            return sorry("wait", minutes=error.minutes)
        if found is not None:
            OWN.change(steps={}, again=[], aside={}, id=found.id)
            return redirect(url_for("own_booking.show"), 303)
        form.pin.errors = [_l("The code and the PIN do not fit. Check both.")]
    form.pin.data = ""
    page = render_template("events/pin.html", form=form, step=OWN_STEPS["pin"], place=here())
    return page, 422 if form.errors else 200


@blueprint.get("/booking")
def show() -> Any:
    """What has become of it, and what she can do now."""
    if not _is_open():
        return redirect(url_for("own_booking.start"), 303)
    return render_template("events/own.html", place=here(), **_about())


class OtherPlaces(Question):
    places = TilesField(NUMBERS)


@blueprint.route("/places", methods=["GET", "POST"])
def places() -> Any:
    """Come with more people, or fewer."""
    if not _is_open():
        return redirect(url_for("own_booking.start"), 303)
    about = _about()
    made: Booking = about["booking"]
    form = OtherPlaces(data={"places": str(made.places)})
    form.places.tiles = NUMBERS[: min(len(NUMBERS), about["date"].capacity or len(NUMBERS))]
    if "aside" in request.form or not about["can_change"]:
        return redirect(url_for("own_booking.show"), 303)
    if form.validate_on_submit():
        try:
            with store().write() as db:
                _tell(db, booking.change_places(db, made.id, int(form.places.data), _terms(), _now()))
            return redirect(url_for("own_booking.show"), 303)
        except Full:
            form.places.errors = [_l("There are not so many places. Choose fewer.")]
        except (Over, NotBookable):
            return redirect(url_for("own_booking.show"), 303)
    page = render_template(
        "events/own_places.html", form=form, asks=_l("How many places do you need?"), place=here(), **about
    )
    return page, 422 if form.errors else 200


@blueprint.route("/cancel", methods=["GET", "POST"])
def cancel() -> Any:
    """Asked once: give the places back, refuse an offer, or leave the waiting list."""
    if not _is_open():
        return redirect(url_for("own_booking.start"), 303)
    about = _about()
    if not about["can_cancel"]:
        return redirect(url_for("own_booking.show"), 303)
    if request.method == "POST":
        with store().write() as db:
            _tell(db, booking.cancel(db, about["booking"].id, _terms(), _now()))
        return redirect(url_for("own_booking.show"), 303)
    return render_template("events/own_cancel.html", place=here(), **about)


@blueprint.get("/take")
def taken() -> Any:
    """Where a screen that has sent it finds out what became of it."""
    return redirect(url_for("own_booking.show"), 303)


@blueprint.post("/take")
def take() -> Any:
    """She takes the places that she was offered; if that is too late, her booking says so."""
    if not _is_open():
        return redirect(url_for("own_booking.start"), 303)
    place = here()
    try:
        with store().write() as db:
            made = booking.accept(db, OWN.answered()["id"], _terms(), _now())
            kind = "event-to-pay" if made.state == "to-pay" else "event-promoted"
            telling.tell(
                db, [made], kind, settings=place.settings, service_key=current_app.config["SERVICE_KEY"],
                now=_now(),
            )  # fmt: skip
    except (Over, NotBookable):
        pass  # the page of the booking says what is the matter
    return redirect(url_for("own_booking.show"), 303)


def _is_open() -> bool:
    return OWN.has_begun() and "id" in OWN.answered()


def _now() -> datetime:
    return here().branch.now()


def _terms() -> Terms:
    return Terms.of(here().settings)


def _tell(db: Writing, offered: list[Booking]) -> None:
    """Those who get an offer of the places that became free."""
    telling.tell(
        db, offered, "event-offered", settings=here().settings,
        service_key=current_app.config["SERVICE_KEY"], now=_now(),
    )  # fmt: skip


def _about() -> dict[str, Any]:
    """The booking with its event, as its pages show them."""
    moment = _now()
    with store().read() as db:
        made = booked.get(db, OWN.answered()["id"])
        date = occurrence(db, made.occurrence_id)
        event = find(db, date.event_id)
        text = finding.best(texts(db, event.id), shown().tag)
        hindered = _hindered(db, made, moment)
        is_wanted = made.state in HOLDS and not hindered and _somebody_fits(db, made, date)
    begun = date.date.starts <= moment
    late = made.state == "offered" and datetime.fromisoformat(made.deadline_at) <= moment
    can_change = made.is_open and not hindered and not late
    is_off = hindered in {"cancelled", "gone", "draft"} or date.is_over(moment)
    link = "" if is_off else telling.way_in(made, event)
    return {
        "booking": made,
        "date": date,
        "event": event,
        "code": references.shown(made.reference),
        "title": date.date.title or text.title,
        "title_language": "en" if date.date.title else text.language,
        "when": looks.when(date.date, moment, long=True),
        "due": looks.money(made.due) if made.due else None,
        "paid": looks.money(made.paid_pence) if made.paid_pence else None,
        "goes_back": not made.is_open or hindered == "cancelled",
        "is_wanted": is_wanted,
        "link": link,
        "way_in": take_away.picture(link) if link else None,
        "until": looks.deadline(made.deadline_at, date.date.zone) if made.deadline_at and not begun else None,
        "news": _news(made, date, hindered, moment, late=late),
        "can_change": can_change,
        "can_cancel": made.is_open and not begun,
        "can_take": made.state == "offered" and can_change,
    }


def _news(
    made: Booking, date: Occurrence, hindered: str, moment: datetime, *, late: bool
) -> tuple[str, Any] | None:
    """What has become of her date, as a picture and words, where that says more than her booking does."""
    if hindered == "cancelled":
        return SAYS["cancelled"][:2]
    if not made.is_open:
        return None
    if date.is_over(moment):
        return labels.STATES["over"].icon, labels.STATES["over"].label
    if date.date.starts <= moment:
        return SAYS["over"][:2] if made.state == "waiting" else None
    tells = hindered == "gone" or (made.state == "offered" and not late)
    return SAYS[hindered][:2] if hindered and tells else None


def _somebody_fits(db: Reading, made: Booking, date: Occurrence) -> bool:
    """Whether somebody who waits would get her places."""
    free = (date.left or 0) + made.places
    return any(each.state == "waiting" and each.places <= free for each in booked.of_occurrence(db, date.id))


def _hindered(db: Reading, made: Booking, moment: datetime) -> str:
    """Why nothing can be booked or changed at her date now: a reason of `NotBookable`; empty without any."""
    try:
        booking.bookable(db, made.occurrence_id, moment)
    except NotBookable as error:
        return error.why
    return ""


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
