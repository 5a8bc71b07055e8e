"""What the resident sees of events: what is on now, lists by touch, one event, and her own wishes."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from markupsafe import escape

from kiosk import branches, kept, visits, walks
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.events import finding, labels, lists, looks, take_away, wishes
from kiosk.events.bookings import booking
from kiosk.events.finding import Shown
from kiosk.events.lists import TITLES, Look
from kiosk.events.records import Occurrence, Text, occurrence
from kiosk.forms import Question, TextField
from kiosk.languages import _l, _lp, current, shown
from kiosk.pages import Journey, add_journey
from kiosk.store import NotThere, Reading

blueprint = Blueprint("events", __name__, url_prefix="/<lang>/events")

HER_WORDS = secrets.token_hex(16)
"""Stands in what is kept of a page of results where what she typed goes: that is kept nowhere."""
ON_NOW = 3
"""Cards on the first page."""
A_LIST = f"<any({','.join(TITLES)}):name>"
A_TOPIC = f"<any({','.join(topic.code for topic in labels.TOPICS)}):topic>"


def now() -> datetime:
    """This moment on the clock of the branch."""
    return here().branch.now()


# Lists --------------------------------------------------------------------------------------------


@blueprint.get("/")
def start() -> Any:
    """What is on now in this building, and where to look further."""
    place = here()
    with store().read() as db:
        on_now = finding.on_now(db, place.branch.id, shown().tag, now()).events[:ON_NOW]
        near = bool(branches.neighbours(db, place.branch.id))
        there_is = {name for name in ("online", "mobile") if finding.there_is(db, name)}
    return kept.page(
        "events/start.html", frame=visits.frame(), place=place, near=near, there_is=frozenset(there_is),
        look=Look("today"), cards=looks.cards(on_now, now(), place.branch.name),
    )  # fmt: skip


@blueprint.get("/topics")
def topics() -> Any:
    return kept.page("events/topics.html", {"topics": labels.TOPICS}, frame=visits.frame(), place=here())


@blueprint.get(f"/list/{A_LIST}")
def listed(name: str) -> Any:
    look = Look.of_address(name)
    if name == "found" and "search" not in visits.current():
        return redirect(url_for("events.search"), 303)
    with store().read() as db:
        page = lists.events_of(db, look, here(), shown().tag, now())
    all_here = name in lists.HERE and not look.wide
    shown_on_it: dict[str, Any] = {
        "place": here(),
        "look": look,
        "cards": looks.cards(page.events, now(), here().branch.name if all_here else ""),
        "onwards": look.next(page.more).address if page.more else "",
        "wider": "" if look.wide or name in lists.EVERYWHERE else look.in_all_libraries().address,
        "spoken": looks.language_name(look.spoken) if look.spoken else None,
    }
    searched = HER_WORDS if name == "found" else ""
    page_of_all = kept.page("events/list.html", frame=visits.frame(), searched=searched, **shown_on_it)
    return page_of_all.replace(HER_WORDS, escape(visits.current()["search"])) if searched else page_of_all


@blueprint.get(f"/filters/{A_LIST}")
def filters(name: str) -> Any:
    look = Look.of_address(name)
    return render_template("events/filters.html", place=here(), look=look, filters=labels.FILTERS)


@blueprint.get(f"/spoken/{A_LIST}")
def spoken(name: str) -> Any:
    """The language that is spoken at the event: not the one of the screen."""
    look = Look.of_address(name)
    with store().read() as db:
        tags = finding.spoken(db)
    found = [(look.narrowed(spoken=tag).address, looks.language_name(tag)) for tag in tags]
    return render_template("events/spoken.html", place=here(), look=look, languages=found)


@blueprint.get(f"/levels/{A_LIST}")
def levels(name: str) -> Any:
    """The level of English that an event is for: one at a time."""
    look = Look.of_address(name)
    any_level = replace(look, traits=look.traits - {level.code for level in labels.LEVELS})
    found = [(any_level.narrowed(level.code).address, level) for level in labels.LEVELS]
    return render_template("events/levels.html", place=here(), look=look, levels=found)


# Search -------------------------------------------------------------------------------------------


class Search(Question):
    words = TextField(missing=_l("Write a word first, like music."))


@blueprint.route("/search", methods=["GET", "POST"])
def search() -> Any:
    """What is typed stays in the visit: it stands in no address."""
    visit = visits.current()
    form = Search(data={"words": visit.get("search", "")})
    if "aside" in request.form:
        _keep_search(form.words.data)
        return redirect(walks.elsewhere(url_for("events.start")), 303)
    if form.validate_on_submit():
        _keep_search(form.words.data)
        return redirect(url_for("events.listed", name="found"), 303)
    step = walks.Step("search", _l("What are you looking for?"), Search)
    return render_template("events/search.html", place=here(), form=form, step=step), (
        422 if form.errors else 200
    )


def _keep_search(words: str) -> None:
    visit = visits.current()
    if "search" not in visit and words:
        visit.renew()
    visit["search"] = words[: TextField.longest]


# One event ----------------------------------------------------------------------------------------


@blueprint.get("/event/<event_id>", defaults={"date_id": ""})
@blueprint.get("/event/<event_id>/<date_id>")
def event(event_id: str, date_id: str) -> Any:
    """An event on one of its dates; without one, on the next."""
    with store().read() as db:
        found = finding.shown(db, event_id, shown().tag, now())
        date = _date(occurrence(db, date_id) if date_id else None, found)
        branch = branches.find(db, date.date.branch_id).name if date.date.branch_id else ""
        can_be_booked = _can_be_booked(db, date.id)
    facts, title = found.event.facts, date.date.title or found.title.title
    where = looks.where(facts, date.date, branch)
    name = request.args.get("name", "")
    look = Look.of_address(name) if name in TITLES else None
    online = facts.place_kind == "online"
    state = labels.STATES["over"] if date.is_over(now()) else None
    return render_template(
        "events/event.html",
        place=here(),
        event=found.event,
        facts=facts,
        date=date,
        title=title,
        title_language="en" if date.date.title else found.title.language,
        text=Text("en", "", date.date.text) if date.date.text else found.text,
        bring=found.bring,
        when=looks.when(date.date, now(), long=True),
        was=looks.when(replace(date.date, starts=date.date.moved_from, ends=None), now(), long=True)
        if date.date.moved_from
        else None,
        where=where,
        price=looks.money(facts.pence) if facts.pence else None,
        getting_in=labels.GETTING_IN[facts.booking],
        audience=labels.known(labels.AUDIENCE, facts.stated),
        access=labels.known(labels.ACCESS, facts.stated),
        level=labels.known(labels.LEVELS, facts.stated),
        spoken=[looks.language_name(tag) for tag in sorted(facts.spoken)],
        state=state or looks.state(facts, date, now(), gone=bool(found.event.gone_at)),
        can_be_booked=can_be_booked,
        drawing=take_away.picture(take_away.entry(date.date, title, ", ".join(where.names))),
        link=facts.public_link,
        way_in=take_away.picture(facts.public_link) if online and facts.public_link else None,
        more="" if online else facts.public_link,
        others=[
            (each, looks.when(each.date, now()), look.event(event_id, each.id) if look else "")
            for each in found.dates
            if each.id != date.id
        ],
        look=look,
    )


def _date(asked: Occurrence | None, found: Shown) -> Occurrence:
    """The date that was asked for if it is one of this event, else the next. `NotThere` without any."""
    if asked is not None and asked.event_id == found.event.id:
        return asked
    if asked is not None or not found.dates:
        raise NotThere
    return found.dates[0]


def _can_be_booked(db: Reading, date_id: str) -> bool:
    try:
        booking.bookable(db, date_id, now())
    except booking.NotBookable:
        return False
    return True


# Wishes -------------------------------------------------------------------------------------------


@blueprint.get("/wish")
def wish() -> Any:
    return render_template("events/wish.html", place=here(), topics=labels.TOPICS)


@blueprint.route(f"/wish/{A_TOPIC}", methods=["GET", "POST"])
def wish_time(topic: str) -> Any:
    """When would suit her; with that the wish is counted once, and nothing of who wished.

    That she has wished it is known until her visit ends.
    """
    part = request.form.get("part", "")
    if part in wishes.PARTS_OF_DAY:
        visit = visits.current()
        wished = visit.get("wished", [])
        if [topic, part] not in wished:
            with store().write() as db:
                wishes.wish(db, here().branch.id, topic, part, current().tag, now().date())
            visit["wished"] = [*wished, [topic, part]]
        return redirect(url_for("events.wished"), 303)
    return render_template("events/wish_time.html", place=here(), parts_of_day=labels.PARTS_OF_DAY)


@blueprint.get("/wished")
def wished() -> Any:
    return render_template("events/wished.html", place=here())


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_journey(app, Journey("events", "events.start", _lp("journey", "Find an event"), "calendar-event"))
