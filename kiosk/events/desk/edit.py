"""Where staff make events by hand: the facts and the English, other languages, and the dates of a series."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, render_template, request

from kiosk import branches
from kiosk.configuration import store
from kiosk.events import saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.telling import Told, tell
from kiosk.events.desk import records as desk_records
from kiosk.events.desk.clashes import Clash, clashes
from kiosk.events.desk.forms import (
    DateForm,
    EventForm,
    NewEvent,
    SeriesForm,
    Words,
    language_name,
    languages_to_write_in,
    remembered,
)
from kiosk.events.desk.pages import (
    blueprint,
    by,
    conflict,
    for_openers,
    now,
    own_branch,
    service_key,
    terms,
    to_event,
    zone,
)
from kiosk.events.desk.records import ChangedMeanwhile
from kiosk.events.desk.series import one_day
from kiosk.events.records import Date, Event, Facts, Occurrence, Text, dates, texts, where
from kiosk.languages import _
from kiosk.people import note
from kiosk.settings import effective
from kiosk.store import NotThere, Reading, Writing

MOST_DATES = 10_000
KEEP, LEAVE_OUT = "keep", "leave-out"
"""What staff have said of dates that clash with something."""


# A new one --------------------------------------------------------------------------------------------------


@blueprint.get("/new")
@for_openers
def new() -> Any:
    """An empty form; or with all that another event says, but for its dates."""
    copied = request.args.get("copy", "")
    if not copied:
        form = _suited(NewEvent(data={"branch": own_branch()}, formdata=None))
        return _new_page(form)
    with store().read() as db:
        event = desk_records.event_for(db, copied, own_branch())
        words = texts(db, copied)
    facts = replace(event.facts, status="draft")
    english = next((text for text in words if text.language == "en"), Text("en", ""))
    form = NewEvent(data={**remembered(facts, english), "copy_of": copied}, formdata=None)
    return _new_page(_suited(form, facts))


@blueprint.post("/new")
@for_openers
def make() -> Any:
    form = NewEvent()
    _suited(form, _copied_facts(form.copy_of.data or ""))
    if not form.validate_on_submit():
        return _new_page(form), 422
    facts = form.facts()
    with store().read() as db:
        wanted = form.series().dates(zone(db, facts.branch_id))
        against = clashes(db, wanted, facts)
        copied = _other_words(db, form.copy_of.data or "")
    wanted = _decided(wanted, against)
    if against and not request.form.get("clashes"):
        return _new_page(form, against), 422
    if not wanted:
        form.first.errors = [_("No date is left. Choose other days.")]
        return _new_page(form), 422
    with store().write() as db:
        saved = saving.save(db, facts, [form.english(), *copied], wanted, by=by())
        note(db, "event made", "event", saved.id)
    return to_event(saved.id, "saved")


def _copied_facts(copied: str) -> Facts | None:
    try:
        with store().read() as db:
            return desk_records.event_for(db, copied, own_branch()).facts if copied else None
    except NotThere:
        return None


def _other_words(db: Reading, copied: str) -> list[Text]:
    """The words in other languages of the event that is copied, each with its state."""
    if not copied:
        return []
    try:
        desk_records.event_for(db, copied, own_branch())
    except NotThere:
        return []
    return [text for text in texts(db, copied) if text.language != "en"]


def _decided(wanted: list[Date], against: list[Clash]) -> list[Date]:
    """The dates that stay: all of them, or those that clash with nothing, as the button said."""
    if request.form.get("clashes") != LEAVE_OUT:
        return wanted
    bad = {clash.date.key for clash in against}
    return [each for each in wanted if each.key not in bad]


# The facts and the English ----------------------------------------------------------------------------------


@blueprint.get("/<event_id>/edit")
@for_openers
def edit(event_id: str) -> Any:
    event, english = _event(event_id)
    data = {**remembered(event.facts, english), "tell": True, "as_read": event.changed_at}
    return _edit_page(event, _suited(EventForm(data=data, formdata=None), event.facts))


@blueprint.post("/<event_id>/edit")
@for_openers
def save(event_id: str) -> Any:
    """Keep the facts and the English. More places are offered at once to those who wait, and who has booked
    hears of another place, or that what was cancelled takes place after all."""
    event, _english = _event(event_id)
    form = _suited(EventForm(), event.facts)
    if not form.validate_on_submit():
        return _edit_page(event, form), 422
    facts = form.facts()
    told = Told()
    try:
        with store().write() as db:
            event = desk_records.as_read(db, event_id, form.as_read.data or "")
            ahead = _ahead(db, event_id)
            kept = [_with_event(each.date, event.facts.branch_id) for each in ahead]
            saved = saving.save(db, facts, [form.english()], kept, by=by(), event_id=event_id)
            if saved.changed:
                note(db, "event edited", "event", event_id)
            if event.facts.status == "cancelled" and facts.status in ("confirmed", "tentative"):
                coming = [each.id for each in _ahead(db, event_id) if each.status != "cancelled"]
                told = take_up_again(db, coming, wanted=bool(form.tell.data))
            elif form.tell.data:
                before = {each.id: where(event.facts, each.date) for each in ahead}
                elsewhere = [
                    each
                    for each in _ahead(db, event_id)
                    if each.status != "cancelled" and before[each.id] != where(facts, each.date)
                ]
                told = _tell_moved(db, elsewhere)
            _promote(db, desk_records.waiting_for(db, event_id, now()))
    except ChangedMeanwhile as changed:
        return conflict(changed, event_id)
    return to_event(event_id, "saved", told)


def _with_event(date: Date, branch_id: str) -> Date:
    """A date that is where its event is goes with it, when that goes somewhere else."""
    return replace(date, branch_id="") if date.branch_id == branch_id else date


def take_up_again(db: Writing, coming: list[str], *, wanted: bool) -> Told:
    """What was cancelled takes place after all, on these dates; of an event, not on those cancelled alone."""
    offered = [one for each in coming for one in booking.take_up_again(db, each, terms(db), now())]
    tell(db, offered, "event-offered", settings=effective(db), service_key=service_key(), now=now())
    if not wanted:
        return Told()
    have_heard = {one.id for one in offered}
    people = [one for each in coming for one in booked.of_occurrence(db, each) if one.id not in have_heard]
    return tell(db, people, "event-on-again", settings=effective(db), service_key=service_key(), now=now())


def _promote(db: Writing, occurrence_ids: Any) -> None:
    """Offer what is free to those who wait, and tell them."""
    for each in occurrence_ids:
        offered = booking.promote(db, each, terms(db), now())
        tell(db, offered, "event-offered", settings=effective(db), service_key=service_key(), now=now())


# Words in another language ----------------------------------------------------------------------------------


@blueprint.get("/<event_id>/words")
@for_openers
def words(event_id: str) -> Any:
    event, english = _event(event_id)
    tag = _language(request.args.get("language", ""), event)
    with store().read() as db:
        own = {text.language: text for text in texts(db, event_id)}.get(tag, Text(tag, ""))
    form = Words(
        data={
            **{"title": own.title, "text": own.text, "bring": own.bring, "as_read": event.changed_at},
            "state": "read" if own.state == "read" and own.title else "draft",
        },
        formdata=None,
    )
    return _words_page(event, english, own, form)


@blueprint.post("/<event_id>/words")
@for_openers
def save_words(event_id: str) -> Any:
    event, english = _event(event_id)
    tag = _language(request.args.get("language", ""), event)
    form = Words()
    if not form.validate_on_submit():
        return _words_page(event, english, Text(tag, ""), form), 422
    text = Text(tag, form.title.data, form.text.data, form.bring.data, form.state.data)
    try:
        with store().write() as db:
            desk_records.as_read(db, event_id, form.as_read.data or "")
            if saving.set_text(db, event_id, text, by()):
                note(db, "event words edited", "event", event_id, tag)
    except ChangedMeanwhile as changed:
        return conflict(changed, event_id)
    return to_event(event_id, "words")


def _language(tag: str, event: Event) -> str:
    """The language that words are written in; a 404 for one that nobody offers, and for English."""
    if tag not in dict(languages_to_write_in(event.facts.spoken)):
        with store().read() as db:
            if tag == "en" or tag not in {text.language for text in texts(db, event.id)}:
                abort(404)
    return tag


# Dates ------------------------------------------------------------------------------------------------------


@blueprint.get("/<event_id>/dates")
@for_openers
def more_dates(event_id: str) -> Any:
    event, english = _event(event_id)
    return _dates_page(event, english, _dated(SeriesForm(formdata=None), event.facts.branch_id))


@blueprint.post("/<event_id>/dates")
@for_openers
def add_dates(event_id: str) -> Any:
    """Add a date, or a series of them. Those that the event has already stay as they are."""
    event, english = _event(event_id)
    form = _dated(SeriesForm(), event.facts.branch_id)
    if not form.validate_on_submit():
        return _dates_page(event, english, form), 422
    with store().read() as db:
        wanted = form.series().dates(zone(db, event.facts.branch_id), desk_records.keys(db, event_id))
        have = {each.date.starts for each in _ahead(db, event_id)}
        wanted = [each for each in wanted if each.starts not in have]
        against = clashes(db, wanted, event.facts, event_id)
    wanted = _decided(wanted, against)
    if against and not request.form.get("clashes"):
        return _dates_page(event, english, form, against), 422
    if not wanted:
        form.first.errors = [_("No date is left. Choose other days.")]
        return _dates_page(event, english, form), 422
    with store().write() as db:
        desk_records.event_run_by(db, event_id, own_branch())
        kept = [each.date for each in _ahead(db, event_id)]
        saving.save(db, event.facts, [], [*kept, *wanted], by=by(), event_id=event_id)
        note(db, "event dates added", "event", event_id, str(len(wanted)))
    return to_event(event_id, "added")


@blueprint.get("/dates/<occurrence_id>/edit")
@for_openers
def edit_date(occurrence_id: str) -> Any:
    event, found = _date(occurrence_id)
    ends = found.date.ends
    form = DateForm(
        data={
            "day": found.date.starts.date(),
            "starts": "" if found.date.all_day else f"{found.date.starts:%H:%M}",
            "ends": f"{ends:%H:%M}" if ends and not found.date.all_day else "",
            "room": found.date.room,
            "capacity": found.date.capacity,
            "tell": True,
            "as_read": event.changed_at,
        },
        formdata=None,
    )
    return _date_page(event, found, form)


@blueprint.post("/dates/<occurrence_id>/edit")
@for_openers
def save_date(occurrence_id: str) -> Any:
    """Move a date, put it into another room, or give it another number of places."""
    event, found = _date(occurrence_id)
    form = DateForm()
    form.today, form.all_day = _today(event.facts.branch_id), found.date.all_day
    if not form.validate_on_submit():
        return _date_page(event, found, form), 422
    moved = _moved(found.date, form)
    with store().read() as db:
        against = clashes(db, [moved], event.facts, event.id) if moved.starts != found.date.starts else []
    if against and request.form.get("clashes") != KEEP:
        return _date_page(event, found, form, against), 422
    told = Told()
    try:
        with store().write() as db:
            desk_records.as_read(db, event.id, form.as_read.data or "")
            kept = [moved if each.id == found.id else each.date for each in _ahead(db, event.id)]
            saved = saving.save(db, event.facts, [], kept, by=by(), event_id=event.id)
            if saved.changed:
                note(db, "event date changed", "event date", occurrence_id)
            has_moved = (moved.starts, moved.room) != (found.date.starts, found.date.room)
            is_on = found.status != "cancelled"  # of what is off she hears where it is when it is on again
            if form.tell.data and has_moved and is_on:
                told = _tell_moved(db, [found], found.date.starts)
            _promote(db, [occurrence_id])
    except ChangedMeanwhile as changed:
        return conflict(changed, event.id)
    return to_event(event.id, "moved", told)


@blueprint.post("/dates/<occurrence_id>/leave-out")
@for_openers
def leave_out(occurrence_id: str) -> Any:
    """Take a date out of its series, if nobody has ever booked it and it is not the only one."""
    event, found = _date(occurrence_id)
    with store().write() as db:
        ahead = _ahead(db, event.id)
        if desk_records.is_booked(db, occurrence_id) or len(ahead) < 2:
            return to_event(event.id, "")
        kept = [each.date for each in ahead if each.id != found.id]
        saving.save(db, event.facts, [], kept, by=by(), event_id=event.id)
        note(db, "event date left out", "event date", occurrence_id)
    return to_event(event.id, "left-out")


def _moved(before: Date, form: DateForm) -> Date:
    """The date as it was sent. It remembers where it was at first, unless it is there again."""
    day: date = form.day.data or before.starts.date()
    new = one_day(day, form.starts.time, form.ends.time, before.zone, before.key)
    ends = new.ends
    if before.all_day and before.ends is not None:  # as many days as before
        ends = new.starts + (before.ends.replace(tzinfo=None) - before.starts.replace(tzinfo=None))
    first = before.moved_from or before.starts
    return replace(
        before,
        starts=new.starts,
        ends=ends,
        moved_from=first if new.starts != first else None,
        room=form.room.data,
        capacity=form.capacity.data,
    )


def _tell_moved(db: Writing, moved: list[Occurrence], was: datetime | None = None) -> Told:
    """Tell everybody who has booked these dates that they are at another time or place."""
    people = [each for one in moved for each in booked.of_occurrence(db, one.id)]
    return tell(
        db, people, "event-moved", settings=effective(db), service_key=service_key(), now=now(), was=was
    )


# Looking up, and drawing ------------------------------------------------------------------------------------


def _event(event_id: str) -> tuple[Event, Text]:
    """An event that may be changed as a whole, with its English."""
    with store().read() as db:
        event = desk_records.event_run_by(db, event_id, own_branch())
        words = texts(db, event_id)
    return event, next((text for text in words if text.language == "en"), Text("en", ""))


def _date(occurrence_id: str) -> tuple[Event, Occurrence]:
    """A date that is not over yet, with its event."""
    with store().read() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        if found.is_over(now()):
            raise NotThere
        return desk_records.event_for(db, found.event_id), found


def _ahead(db: Reading, event_id: str) -> list[Occurrence]:
    return dates(db, event_id, now(), most=MOST_DATES)


def _today(branch_id: str) -> date:
    with store().read() as db:
        return datetime.now(ZoneInfo(zone(db, branch_id))).date()


def _dated(form: Any, branch_id: str) -> Any:
    form.today = _today(branch_id)
    return form


def _suited(form: Any, facts: Facts | None = None) -> Any:
    """The form with the branches and languages to choose from, and with the day that it is."""
    own = own_branch()
    with store().read() as db:
        places = [
            (each.id, each.name)
            for each in branches.every(db)
            if own in ("", each.id) or (facts is not None and each.id == facts.branch_id)
        ]
    form.suit(places, facts, own)
    return _dated(form, form.branch.data or "")


def _new_page(form: NewEvent, against: list[Clash] | None = None) -> str:
    return render_template("events/desk_new.html", form=form, clashes=against or [])


def _edit_page(event: Event, form: EventForm) -> str:
    return render_template("events/desk_edit.html", event=event, form=form)


def _words_page(event: Event, english: Text, own: Text, form: Words) -> str:
    return render_template(
        "events/desk_words.html", event=event, english=english, own=own, form=form,
        language=language_name(own.language),
    )  # fmt: skip


def _dates_page(event: Event, english: Text, form: SeriesForm, against: list[Clash] | None = None) -> str:
    return render_template(
        "events/desk_dates.html", event=event, english=english, form=form, clashes=against or []
    )


def _date_page(event: Event, found: Occurrence, form: DateForm, against: list[Clash] | None = None) -> str:
    with store().read() as db:
        english = next((text for text in texts(db, event.id) if text.language == "en"), Text("en", ""))
        may_go = not desk_records.is_booked(db, found.id) and len(_ahead(db, event.id)) > 1
    return render_template(
        "events/desk_date.html", event=event, found=found, form=form, english=english,
        clashes=against or [], may_go=may_go,
    )  # fmt: skip
