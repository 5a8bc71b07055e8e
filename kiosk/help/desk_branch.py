"""What a branch keeps ready for those who ask for help: times to book, and sentences of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import redirect, render_template, request, url_for

from kiosk import branches, languages
from kiosk.branches import Branch
from kiosk.configuration import store
from kiosk.help import desk_words, slots, talk
from kiosk.help.desk_forms import Sentence, Times
from kiosk.help.desk_pages import blueprint, for_openers, own_branch
from kiosk.help.slots import Slot, SlotTaken
from kiosk.help.talk import OwnPhrase
from kiosk.languages import _, _l
from kiosk.people import note
from kiosk.store import NotThere, Reading

SAID = {
    "added": _l("The times are free to be booked."),
    "removed": _l("It is taken away."),
    "booked": _l("Somebody has booked this time. Open the request to cancel it."),
    "kept": _l("The sentence is kept."),
}


def _place(db: Reading) -> Branch:
    """The branch that this is about: one's own, or for a manager the one she chose, at first the first."""
    wanted = own_branch() or request.values.get("branch", "")
    return branches.find(db, wanted) if wanted else branches.every(db)[0]


def _choices(db: Reading) -> list[Branch]:
    """The branches to choose from; none for whoever works at one."""
    return [] if own_branch() else [each for each in branches.every(db) if not each.is_closed_for_good]


# Times ------------------------------------------------------------------------------------------------------


@blueprint.get("/times")
@for_openers
def times() -> Any:
    return _times()


@blueprint.post("/times")
@for_openers
def add_times() -> Any:
    """Keep some times of a day free, one after the other, on the clocks of the branch."""
    with store().read() as db:
        place = _place(db)
    now = datetime.now(UTC)
    form = Times(place.now().date())
    if not form.validate_on_submit():
        return _times(form), 422
    length = timedelta(minutes=int(form.minutes.data))
    # added on the clock that never jumps: where it does, a time would otherwise be none, or there twice
    first = datetime.combine(form.day.data, form.starts.data, ZoneInfo(place.time_zone)).astimezone(UTC)
    if first <= now:
        form.starts.errors = [_("This time is over. Choose a later one.")]
        return _times(form), 422
    with store().write() as db:
        for number in range(int(form.number.data)):
            slots.add(db, place.id, first + number * length, int(form.minutes.data), now)
        note(db, "help times added", "branch", place.id, f"{form.day.data}, {form.number.data}")
    return _to("times", place, "added")


@blueprint.post("/times/<slot_id>/remove")
@for_openers
def remove_time(slot_id: str) -> Any:
    said = "removed"
    try:
        with store().write() as db:
            slot = slots.find(db, slot_id)
            if own_branch() not in ("", slot.branch_id):
                raise NotThere
            place = branches.find(db, slot.branch_id)
            slots.remove(db, slot_id)
            note(db, "help time removed", "branch", place.id)
    except SlotTaken:
        said = "booked"
    return _to("times", place, said)


def _times(form: Times | None = None) -> str:
    with store().read() as db:
        place, choices = _place(db), _choices(db)
        found = slots.every(db, place.id, datetime.now(UTC))
    zone = ZoneInfo(place.time_zone)

    def day(slot: Slot) -> str:
        return str(
            format_date(slot.starts.astimezone(zone).date(), "EEEE d MMMM y", locale=desk_words.ENGLISH)
        )

    return render_template(
        "help/desk_times.html", place=place, places=choices,
        form=form or Times(place.now().date(), formdata=None),
        days=[(name, list(group)) for name, group in groupby(found, day)],
        clock=lambda at: desk_words.clock(at, place.time_zone), said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


# Sentences --------------------------------------------------------------------------------------------------


@blueprint.get("/sentences")
@for_openers
def sentences() -> Any:
    return _sentences()


@blueprint.post("/sentences")
@for_openers
def add_sentence() -> Any:
    form = Sentence()
    if not form.validate_on_submit():
        return _sentences(form), 422
    with store().write() as db:
        place = _place(db)
        phrase_id = talk.add_own(db, place.id, form.english.data, form.translations, datetime.now(UTC))
        note(db, "help sentence added", "help sentence", phrase_id)
    return _to("sentences", place, "kept")


@blueprint.get("/sentences/<phrase_id>")
@for_openers
def sentence(phrase_id: str) -> Any:
    with store().read() as db:
        phrase = _own(db, phrase_id)
    written = {f"in_{tag}": text for tag, text in phrase.translations.items()}
    return _sentences(Sentence(formdata=None, data={"english": phrase.english, **written}), phrase)


@blueprint.post("/sentences/<phrase_id>")
@for_openers
def change_sentence(phrase_id: str) -> Any:
    form = Sentence()
    with store().read() as db:
        phrase = _own(db, phrase_id)
        place = branches.find(db, phrase.branch_id)
    if not form.validate_on_submit():
        return _sentences(form, phrase), 422
    with store().write() as db:
        talk.change_own(db, phrase.id, form.english.data, form.translations)
        note(db, "help sentence changed", "help sentence", phrase.id)
    return _to("sentences", place, "kept")


@blueprint.post("/sentences/<phrase_id>/remove")
@for_openers
def remove_sentence(phrase_id: str) -> Any:
    with store().write() as db:
        phrase = _own(db, phrase_id)
        place = branches.find(db, phrase.branch_id)
        talk.remove_own(db, phrase.id, datetime.now(UTC))
        note(db, "help sentence removed", "help sentence", phrase.id)
    return _to("sentences", place, "removed")


def _own(db: Reading, phrase_id: str) -> OwnPhrase:
    """A sentence of this person's branch, or for a manager of any; else `NotThere`."""
    for place in [own_branch()] if own_branch() else [each.id for each in branches.every(db)]:
        for phrase in talk.own_phrases(db, place):
            if phrase.id == phrase_id:
                return phrase
    raise NotThere


def _sentences(form: Sentence | None = None, phrase: OwnPhrase | None = None) -> str:
    with store().read() as db:
        place = branches.find(db, phrase.branch_id) if phrase else _place(db)
        choices = _choices(db) if phrase is None else []
        found = talk.own_phrases(db, place.id)
    return render_template(
        "help/desk_sentences.html", place=place, places=choices, form=form or Sentence(formdata=None),
        phrase=phrase, phrases=found, languages=languages.known(),
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def _to(page: str, place: Branch, said: str) -> Any:
    branch_id = None if own_branch() else place.id
    return redirect(url_for(f"help_desk.{page}", branch=branch_id, said=said), 303)
