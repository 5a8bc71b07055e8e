"""What the resident sees first of help: what it is about, how to meet, numbers to ring, and a quiet word."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from wtforms.validators import StopValidation

from kiosk import kept, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.forms import Choice, Question, TextField
from kiosk.help import codes, hours, queue, records
from kiosk.help.away_screens import nobody_here
from kiosk.help.hours import Offer
from kiosk.help.sending import (
    A_TOPIC,
    came_from,
    new_key,
    now,
    of_visit,
    posted,
    send,
    topic_of,
    waits_already,
    with_way_back,
)
from kiosk.help.states import AT_ANOTHER_TIME, look_of
from kiosk.languages import _l, _lp
from kiosk.pages import Journey, add_journey, every_journey
from kiosk.walks import Step, elsewhere

blueprint = Blueprint("help", __name__, url_prefix="/<lang>/help")

WITH_WHOM = (
    Choice("woman", _l("A woman comes"), "woman"),
    Choice("man", _l("A man comes"), "man"),
    Choice("", _l("It does not matter who"), "users"),
)
"""Who comes for a quiet word."""
LONGEST_NUMBER = 5


@blueprint.get("/")
def start() -> Any:
    """What it is about, by picture. Who waits already comes back to her request; one for later has a tile."""
    if waits_already():
        return redirect(url_for("waiting.show"), 303)
    with store().read() as db:
        offer = hours.offer(db, here().branch, now())
        later = [each for each in of_visit(db) if each.is_open]
    besides = {"topics": codes.TOPICS, "quiet": codes.QUIET}
    shown = {"back": came_from(request.args.get("from", "")), "has_staff": offer.has_staff}
    if later:
        return render_template(
            "help/start.html", place=here(), later=later, at_another_time=AT_ANOTHER_TIME, **besides, **shown
        )
    return kept.page("help/start.html", besides, frame=visits.frame(), **shown)


@blueprint.get(f"/how/{A_TOPIC}")
def how(topic: str) -> Any:
    """How she wants to meet somebody; where nobody is, what she can do instead."""
    if waits_already():
        return redirect(url_for("waiting.show"), 303)
    with store().read() as db:
        offer = hours.offer(db, here().branch, now())
    back = came_from(request.args.get("from", ""))
    if not offer.has_staff:
        return redirect(with_way_back("away.show", back, topic=topic), 303)
    return render_template(
        "help/how.html",
        place=here(),
        topic=topic_of(topic),
        ways=[way for way in codes.WAYS if way.code in offer.ways],
        staff_see_it=offer.staff_see_it,
        services=next((each for each in every_journey() if each.name == topic), None),
        key=new_key(),
        back=back,
    )


@blueprint.get("/send")
def sent() -> Any:
    """Where a screen that has sent, and may have lost its connection, finds out what became of it."""
    return redirect(url_for("waiting.show"), 303)


@blueprint.post("/send")
def ask() -> Any:
    """Somebody comes to her, or she goes to the desk: with this touch staff know of it."""
    topic, way, whom = posted("topic"), posted("way"), posted("whom")
    if topic not in codes.codes(codes.TOPICS) or way not in codes.WAIT_NOW:
        return redirect(url_for("help.start"), 303)
    with store().read() as db:
        offer = hours.offer(db, here().branch, now())
    if not offer.has_staff and not waits_already(quietly=topic == codes.QUIET):
        # they went while she was choosing
        if topic == codes.QUIET:
            return _private(offer), 409
        return nobody_here(topic, came_from(posted("from")), offer), 409
    wants: tuple[str, ...] = ()
    if topic == codes.QUIET:
        wants = ("private", whom) if whom in ("woman", "man") else ("private",)
    send(topic, way, key=posted("key"), wants=wants, back=posted("from"))
    return redirect(url_for("waiting.show"), 303)


# Numbers to ring ----------------------------------------------------------------------------------------


@blueprint.get("/urgent")
def urgent() -> Any:
    return render_template(
        "help/urgent.html", place=here(), quiet=topic_of(codes.QUIET),
        numbers=codes.urgent_numbers(here().settings),
        back=url_for("waiting.show") if waits_already() else url_for("help.start"),
    )  # fmt: skip


# A quiet word: its address and its title say nothing -------------------------------------------------------


@blueprint.post("/private")
def begin_private() -> Any:
    """One touch away from help. Only who has touched it sees the page: Back leads nowhere near it."""
    visits.current()["private"] = True
    return redirect(url_for("help.private"), 303)


@blueprint.get("/private")
def private() -> Any:
    if "private" not in visits.current():
        return redirect(url_for("help.start"), 303)
    if waits_already(quietly=True):
        return redirect(url_for("waiting.show"), 303)
    with store().read() as db:
        offer = hours.offer(db, here().branch, now())
    return _private(offer)


def _private(offer: Offer) -> str:
    return render_template(
        "help/private.html",
        place=here(),
        topic=codes.QUIET,
        whom=WITH_WHOM if offer.has_staff else (),
        numbers=[
            each for each in codes.urgent_numbers(here().settings)
            if each[0].code in ("emergency", "abuse", "childline")
        ],
        key=new_key(),
    )  # fmt: skip


# The state of a number, at any screen of the branch ---------------------------------------------------------


class NumberField(TextField):
    """A number of the queue, in the numerals of any language."""

    keyboard = "number"
    longest = LONGEST_NUMBER
    missing = _l("Write your number, like 12.")
    too_long = missing

    def understood(self, text: str) -> str:
        digits = "".join(str(unicodedata.digit(letter, "?")) for letter in text)
        if not digits.isdigit():
            raise StopValidation(self.missing)
        return digits


class Number(Question):
    number = NumberField()


NUMBER = Step("number", _l("What is your number?"), Number)


@blueprint.route("/number", methods=["GET", "POST"])
def number() -> Any:
    """Which number she has; it is kept in the visit and stands in no address."""
    form = Number()
    if "aside" in request.form:
        return redirect(elsewhere(url_for("help.start")), 303)
    if form.validate_on_submit():
        visits.current()["help_number"] = int(form.number.data)
        return redirect(url_for("help.found"), 303)
    page = render_template("help/number.html", form=form, step=NUMBER, place=here())
    return page, 422 if form.errors else 200


@blueprint.get("/number/state")
def found() -> Any:
    """Only what state it is in: nothing of whose it is, or what it is about.

    Who is not here and waiting has no number, and a quiet word none that anybody may look up.
    """
    asked = visits.current().get("help_number")
    if asked is None:
        return redirect(url_for("help.number"), 303)
    branch, moment = here().branch, now()
    with store().read() as db:
        made = records.by_number(db, branch.id, moment.date().isoformat(), asked)
        standing = queue.standing(db, made, moment) if made else None
    return render_template(
        "help/found.html",
        place=here(),
        number=asked,
        standing=standing,
        look=look_of(standing, moment) if standing else None,
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_journey(app, Journey("help", "help.start", _lp("journey", "Ask a person"), "lifebuoy"))
