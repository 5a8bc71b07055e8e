"""Somebody rings, or stands at the desk: staff book for her as the screen does, and read out code and PIN.

The limits of a screen are not those of the desk. What the screen asks is asked here on one page.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from kiosk import languages, outbox, references
from kiosk.configuration import store
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import MOST_PLACES, Asked, Booking, Person
from kiosk.events.bookings.booking import Full, NotBookable
from kiosk.events.bookings.telling import OF_NEW, tell
from kiosk.events.desk import records as desk_records
from kiosk.events.desk.forms import Line, language_name
from kiosk.events.desk.pages import blueprint, for_openers, now, own_branch, service_key, terms
from kiosk.events.desk.sheet import about, deadline
from kiosk.events.records import Event, Occurrence
from kiosk.forms import EmailField, NameField, PhoneField
from kiosk.languages import _, _l
from kiosk.people import current_person, note
from kiosk.settings import effective
from kiosk.store import Writing

SHOWN_AGAIN = timedelta(minutes=10)
"""For so long the same page, sent once more, shows the same PIN: its answer may have been lost."""
AGES = frozenset(str(age) for age in range(18))
WHY_NOT = {
    "over": _l("It has begun. Nobody can book it now."),
    "cancelled": _l("It is cancelled. Nobody can book it."),
    "gone": _l("It is no longer in its calendar. Decide first, on the page of the event."),
    "drop-in": _l("People just come. No booking is needed."),
    "ask": _l("Nobody books this event. Change first how people take part."),
    "draft": _l("This is a draft. Publish the event first."),
}


class SentOtherwise(Exception):
    """The page was sent before, with other answers. `reference` is the code of what came of it."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class ShownBefore(Exception):
    """The page was sent before, and its PIN was shown a while ago. `booking_id` is what came of it."""

    def __init__(self, booking_id: str) -> None:
        super().__init__(booking_id)
        self.booking_id = booking_id


@dataclass(frozen=True)
class There:
    """The date that is booked, as it is at this moment: `waiting` counts bookings, `why_not` is a reason why
    nobody can book it, or empty. `ways` and `tags` (of languages) are those that are set up."""

    found: Occurrence
    event: Event
    title: str
    branch: str
    waiting: int
    why_not: str
    ways: frozenset[str]
    tags: tuple[str, ...]

    @property
    def largest(self) -> int:
        """The most people that one booking can have here."""
        return min(MOST_PLACES, self.found.capacity or MOST_PLACES)


class FirstName(NameField):
    missing = _l("Write the first name.")


class Phone(PhoneField):
    """A phone number, or nothing."""

    missing = too_long = _l("Write the phone number, like 07700 900982.")

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class Email(EmailField):
    """An e-mail address, or nothing."""

    missing = too_long = _l("Write the e-mail, like anna@gmail.com.")

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class ForPerson(FlaskForm):  # type: ignore[misc]
    """Who comes, and how she hears of news."""

    first_name = FirstName(_l("First name"))
    places = SelectField(_l("People"), validate_choice=False)
    language = SelectField(_l("Language of messages"), validate_choice=False)
    phone = Phone(_l("Phone for texts"))
    email = Email(_l("E-mail"))
    ages = Line(_l("Ages of the children"))
    no_children = BooleanField(_l("No children come"))
    key = HiddenField()

    def suit(self, there: There) -> None:
        """Ask for what this event needs, by the ways that are set up."""
        self.places.choices = [SelectChoice(str(each), str(each)) for each in range(1, there.largest + 1)]
        self.language.choices = [SelectChoice(tag, language_name(tag)) for tag in there.tags]
        needed = {
            "phone": "text" in there.ways,
            "email": "email" in there.ways,
            "ages": there.event.facts.needs_age,
            "no_children": there.event.facts.needs_age,
        }
        for name, is_needed in needed.items():
            if not is_needed and name in self:
                del self[name]

    def validate_places(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose how many people come."))

    def validate_language(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a language."))

    def validate_email(self, field: Any) -> None:
        if field.data and self.phone and self.phone.data:
            raise ValidationError(_("One way is enough. Leave the phone or the e-mail empty."))

    def validate_ages(self, field: Any) -> None:
        if bool(field.data) is bool(self.no_children.data):
            raise ValidationError(_("Write the age of each child, or tick that no children come."))
        if not all(age in AGES for age in self._ages()):
            raise ValidationError(_("Write ages from 0 to 17, with commas between them."))
        if len(self._ages()) > int(self.places.data or MOST_PLACES):
            raise ValidationError(_("These are more children than people."))

    def _ages(self) -> list[str]:
        return re.findall(r"[^,;\s]+", self.ages.data or "") if self.ages else []

    def person(self) -> Person:
        return Person(
            first_name=self.first_name.data,
            phone=self.phone.data if self.phone else "",
            email=self.email.data if self.email else "",
            ages=tuple(int(age) for age in self._ages()),
        )


@blueprint.get("/dates/<occurrence_id>/book")
@for_openers
def book_for(occurrence_id: str) -> Any:
    there = _there(occurrence_id)
    language = "en" if "en" in there.tags else there.tags[0]
    form = ForPerson(data={"key": _new_key(), "language": language}, formdata=None)
    form.suit(there)
    return _page(there, form)


@blueprint.post("/dates/<occurrence_id>/book")
@for_openers
def make_booking(occurrence_id: str) -> Any:
    """Book once: a double tap, or a second try after the answer was lost, gets the same code and PIN."""
    there = _there(occurrence_id)
    form = ForPerson()
    form.suit(there)
    if not form.validate_on_submit():
        return _page(there, form), 422
    asked = booked.ask(
        form.person(),
        occurrence_id,
        int(form.places.data),
        one_time_key=f"{current_person().id} {(form.key.data or '')[:100]}",
        branch_id=own_branch() or there.found.date.branch_id,
        kiosk_id="",
        language=form.language.data,
        service_key=service_key(),
    )
    try:
        with store().write() as db:
            desk_records.date_for(db, occurrence_id, own_branch())
            made = _book(db, asked, form.person(), now())
    except Full:
        return _full(_there(occurrence_id), form), 422
    except NotBookable:
        return _page(_there(occurrence_id), form), 422
    except SentOtherwise as earlier:
        form.key.data = _new_key()
        problem = _(
            "This page was sent before, with other answers. The code of that booking is %(code)s."
            " Nothing was booked now. Is it one more? Then book again.",
            code=references.shown(earlier.reference),
        )
        return _page(there, form, problem), 422
    except ShownBefore as shown:
        return redirect(url_for("events_desk.show_booking", booking_id=shown.booking_id), 303)
    return render_template(
        "events/desk_booked.html", booking=made, person=form.person(), found=there.found, title=there.title,
        shown=references.shown, pin=booked.pin(made, service_key()), deadline=deadline(there.found),
    )  # fmt: skip


def _book(db: Writing, asked: Asked, person: Person, at: datetime) -> Booking:
    """Take the places, tell her, and write it down; or find what the same page has booked."""
    earlier = booked.already_asked(db, asked.one_time_key)
    if earlier is None:
        made = booking.book(db, asked, terms(db), at, may_wait="wait" in request.form)
        tell(db, [made], OF_NEW[made.state], settings=effective(db), service_key=service_key(), now=at)
        note(db, "booking made", "booking", made.id)
        return made
    said = (asked.occurrence_id, asked.places, asked.language, person)
    who = booked.opened(earlier, service_key())
    if said != (earlier.occurrence_id, earlier.places, earlier.language, who):
        raise SentOtherwise(earlier.reference)
    is_fresh = at - datetime.fromisoformat(earlier.created_at) <= SHOWN_AGAIN
    if not is_fresh or earlier.changed_at != earlier.created_at:
        raise ShownBefore(earlier.id)
    note(db, "booking opened", "booking", earlier.id)
    return earlier


def _there(occurrence_id: str) -> There:
    """The date, if this person may book there; else `NotThere`."""
    with store().read() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        event, title = about(db, found)
        why_not = ""
        try:
            booking.bookable(db, occurrence_id, now())
        except NotBookable as error:
            why_not = error.why
        chosen = effective(db, found.date.branch_id).languages
        return There(
            found=found,
            event=event,
            title=title,
            branch=desk_records.branch_name(db, found.date.branch_id),
            waiting=booked.waiting(db, occurrence_id),
            why_not=why_not,
            ways=frozenset(outbox.ways(effective(db))),
            tags=tuple(each.tag for each in languages.offered(chosen)),
        )


def _full(there: There, form: ForPerson) -> str:
    """There are not so many places; or, since the event was made smaller, not so many at all."""
    if int(form.places.data) <= there.largest:
        problem = _("There are not so many free places. Choose fewer people, or the waiting list.")
        return _page(there, form, problem, may_wait=True)
    form.suit(there)
    form.places.errors = [_("Choose how many people come.")]
    return _page(there, form)


def _page(there: There, form: ForPerson, problem: str = "", *, may_wait: bool = False) -> str:
    is_full = there.found.left == 0
    return render_template(
        "events/desk_book.html", there=there, found=there.found, event=there.event, form=form,
        problem=problem or WHY_NOT.get(there.why_not, ""), is_full=is_full, may_wait=may_wait or is_full,
    )  # fmt: skip


def _new_key() -> str:
    return secrets.token_urlsafe(24)
