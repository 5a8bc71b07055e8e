"""What staff see of events and do with them: the programme by date, and the page of one event."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import StringField

from kiosk import branches, references
from kiosk.configuration import store
from kiosk.events import codes, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.telling import Told, tell
from kiosk.events.desk import clashes
from kiosk.events.desk import edit as desk_edit
from kiosk.events.desk import for_person as desk_for_person
from kiosk.events.desk import records as desk_records
from kiosk.events.desk import sheet as desk_sheet
from kiosk.events.desk import wishes as desk_wishes
from kiosk.events.desk.forms import (
    BOOKINGS,
    PLACES,
    STATED,
    STATUSES,
    TEXT_STATES,
    TOPICS,
    Cancelling,
    language_name,
    languages_to_write_in,
)
from kiosk.events.desk.pages import (
    blueprint,
    by,
    for_openers,
    moment,
    now,
    own_branch,
    service_key,
    terms,
    to_event,
    zone,
)
from kiosk.events.desk.records import STATES, Wanted
from kiosk.events.records import Event, Occurrence, dates, texts
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.people import note
from kiosk.references import NotAReference
from kiosk.settings import effective
from kiosk.store import NotThere, Reading, Writing

__all__ = ["desk_edit", "desk_for_person", "desk_sheet", "desk_wishes", "init_app"]

A_PAGE = 20
MOST_DATES = 60
"""Dates on the page of an event."""
SPANS = {
    1: _l("One day"),
    7: _l("One week"),
    28: _l("Four weeks"),
    91: _l("Three months"),
    366: _l("One year"),
}
STATE_NAMES = {
    "cancelled": _lp("events", "Cancelled"),
    "full": _lp("events", "Full"),
    "waiting": _lp("events", "With a waiting list"),
    "draft": _lp("events", "Not published yet"),
    "words": _lp("events", "Translations to be read"),
    "gone": _lp("events", "No longer in their calendar"),
}
SAID = {
    "saved": _l("The event is saved."),
    "added": _l("The dates are added."),
    "words": _l("The words are saved."),
    "moved": _l("The date is changed."),
    "left-out": _l("The date is left out."),
    "cancelled": _l("It is cancelled."),
    "on-again": _l("It takes place after all."),
    "kept": _l("It takes place. Its calendar cannot take it away any more."),
}


class Code(FlaskForm):  # type: ignore[misc]
    code = StringField(_l("Code of a booking"))


class Search(FlaskForm):  # type: ignore[misc]
    words = StringField(_l("Words in the event"))


# The programme ----------------------------------------------------------------------------------------------


@blueprint.get("/")
@for_openers
def programme() -> Any:
    return _list()


@blueprint.post("/search")
@for_openers
def search() -> Any:
    """Events with these words. They are not written into the address: it could be the name of a person."""
    form = Search()
    words = clean((form.words.data or "")[:200])
    if not form.validate_on_submit() or not words:
        kept: dict[str, Any] = _kept()
        return redirect(url_for("events_desk.programme", **kept), 303)
    return _list(words=words)


@blueprint.post("/code")
@for_openers
def open_by_code() -> Any:
    """Open the booking that a person's code belongs to, however it was spelled."""
    form = Code()
    try:
        with store().read() as db:
            found = booked.by_reference(db, references.read(form.code.data or ""))
            desk_records.booking_for(db, found.id, own_branch())
    except (NotAReference, NotThere):
        form.code.errors = [_("No booking here has this code. Check each letter and number.")]
        return _list(form), 422
    return redirect(url_for("events_desk.show_booking", booking_id=found.id), 303)


def _list(form: Code | None = None, words: str = "") -> Any:
    kept: dict[str, Any] = _kept()
    with store().read() as db:
        places = branches.every(db)
        branch_id = own_branch() or kept.get("branch", "")
        clock = ZoneInfo(zone(db, branch_id))
        since = _since(kept, clock)
        sources = desk_records.calendars(db)
        wanted = Wanted(
            since=since,
            until=since + timedelta(days=366 if words else int(kept.get("days", "28"))),
            branch_id=branch_id if branch_id in {each.id for each in places} else own_branch(),
            topic=kept.get("topic", ""),
            state=kept.get("state", ""),
            source=kept.get("source", ""),
            words=words,
        )
        after = "" if words else request.args.get("after", "")
        lines, more = desk_records.listed(db, wanted, after, most=A_PAGE * 3 if words else A_PAGE)
        undecided = desk_records.to_decide(db, wanted.branch_id, now())
    return render_template(
        "events/desk_list.html", lines=lines, more=more, after=after, kept=kept, wanted=wanted,
        since=since.date(), spans=SPANS, days=int(kept.get("days", "28")), states=STATE_NAMES, topics=TOPICS,
        places=places, sources=sources, undecided=undecided, words=words, form=form or Code(formdata=None),
        search_form=Search(data={"words": words}, formdata=None), language_name=language_name,
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def _kept() -> dict[str, str]:
    """What the list is narrowed to, as the address says it; what is no such thing is left out."""
    asked = request.args
    fits = {
        "branch": not own_branch() and len(asked.get("branch", "")) <= 40,
        "topic": asked.get("topic") in codes.TOPICS,
        "state": asked.get("state") in STATES,
        "source": len(asked.get("source", "")) <= 200,
        "since": _as_day(asked.get("since", "")) is not None,
        "days": asked.get("days") in {str(days) for days in SPANS},
    }
    return {name: asked[name] for name, good in fits.items() if good and asked.get(name)}


def _as_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in range(1970, 2190) else None


def _since(kept: dict[str, str], clock: ZoneInfo) -> datetime:
    """The beginning of the day from which on dates are listed: today, unless another was chosen."""
    chosen = _as_day(kept.get("since", "")) or datetime.now(clock).date()
    return datetime.combine(chosen, time(), clock)


# One event --------------------------------------------------------------------------------------------------


@blueprint.get("/<event_id>")
@for_openers
def show(event_id: str) -> Any:
    with store().read() as db:
        event = desk_records.event_for(db, event_id, own_branch())
        words = texts(db, event_id)
        coming = dates(db, event_id, now(), most=MOST_DATES + 1)
        against = clashes.clashes(db, [each.date for each in coming], event.facts, event_id)
        undecided = [
            each
            for each in desk_records.to_decide(db, own_branch(), now())
            if each.occurrence.event_id == event_id
        ]
        numbers = desk_records.waiting_numbers(db, [each.id for each in coming])
        source = dict(desk_records.calendars(db)).get(event.source, "")
        places = {each.id: each.name for each in branches.every(db)}
    own = {text.language for text in words}
    branch_id = own_branch()
    return render_template(
        "events/desk_event.html", event=event, facts=event.facts, english=words[0] if words else None,
        words=words, dates=coming[:MOST_DATES], has_more=len(coming) > MOST_DATES, clashes=against,
        undecided=undecided, waiting=numbers, source=source, places=places, kinds=PLACES, bookings=BOOKINGS,
        stated=[STATED[code] for code in STATED if code in event.facts.stated],
        runs_it=branch_id in ("", event.facts.branch_id),
        at_hand={each.id for each in coming if branch_id in ("", event.facts.branch_id, each.date.branch_id)},
        statuses=STATUSES, text_states=TEXT_STATES, language_name=language_name,
        other_languages=[each for each in languages_to_write_in(event.facts.spoken) if each[0] not in own],
        form=Cancelling(formdata=None), said=SAID.get(request.args.get("said", "")), moment=moment,
        told=request.args.get("told", type=int), untold=request.args.get("untold", type=int),
    )  # fmt: skip


@blueprint.post("/<event_id>/cancel")
@for_openers
def cancel(event_id: str) -> Any:
    """The event will not take place, on none of its dates."""
    form = Cancelling()
    if not form.validate_on_submit():
        return to_event(event_id, "")
    told = Told()
    with store().write() as db:
        event = desk_records.event_run_by(db, event_id, own_branch())
        if event.facts.status != "cancelled":
            ahead = [each.id for each in _all_ahead(db, event) if each.status != "cancelled"]
            saving.cancel(db, event_id, by())
            told = _tell(db, ahead, form.tell.data)
            note(db, "event cancelled", "event", event_id, _how_many(told))
    return to_event(event_id, "cancelled", told)


@blueprint.post("/dates/<occurrence_id>/cancel")
@for_openers
def cancel_date(occurrence_id: str) -> Any:
    """This date alone will not take place. The answer to a date that left its calendar, too."""
    form = Cancelling()
    told = Told()
    with store().write() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        if form.validate_on_submit() and found.status != "cancelled":
            saving.cancel_date(db, occurrence_id, by())
            told = _tell(db, [occurrence_id], form.tell.data)
            note(db, "event date cancelled", "event date", occurrence_id, _how_many(told))
    return to_event(found.event_id, "cancelled", told)


@blueprint.post("/dates/<occurrence_id>/on-again")
@for_openers
def take_up_date(occurrence_id: str) -> Any:
    """This date, cancelled by itself, takes place after all."""
    form = Cancelling()
    told = Told()
    with store().write() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        event = desk_records.event_for(db, found.event_id)
        is_off = event.facts.status == "cancelled" or found.is_over(now())
        if is_off or not form.validate_on_submit():
            return to_event(event.id, "")
        if found.date.status == "cancelled":
            saving.take_up_date(db, occurrence_id, by())
            told = desk_edit.take_up_again(db, [occurrence_id], wanted=form.tell.data)
            note(db, "event date on again", "event date", occurrence_id, _how_many(told))
    return to_event(event.id, "on-again", told)


@blueprint.post("/dates/<occurrence_id>/keep")
@for_openers
def keep(occurrence_id: str) -> Any:
    """This date takes place, though its calendar has it no longer."""
    with store().write() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        saving.keep_date(db, occurrence_id, by())
        offered = booking.take_up_again(db, occurrence_id, terms(db), now())
        tell(db, offered, "event-offered", settings=effective(db), service_key=service_key(), now=now())
        note(db, "event date kept", "event date", occurrence_id)
    return to_event(found.event_id, "kept")


def _all_ahead(db: Reading, event: Event) -> list[Occurrence]:
    """Every date to come; also those that left their calendar, for which people still hope."""
    return dates(db, event.id, now(), most=10_000, gone_too=True)


def _tell(db: Writing, occurrence_ids: list[str], wanted: bool) -> Told:
    """Tell everybody who has booked these dates, the waiting list too; nobody if that is not wanted."""
    if not wanted:
        return Told()
    people = [each for one in occurrence_ids for each in booked.of_occurrence(db, one)]
    return tell(db, people, "event-cancelled", settings=effective(db), service_key=service_key(), now=now())


def _how_many(told: Told) -> str:
    return f"told {told.told}, not told {told.untold}" if told.told or told.untold else ""


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
