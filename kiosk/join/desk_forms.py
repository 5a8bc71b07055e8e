"""The forms of the desk, and the words of what staff choose there."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput

from kiosk.forms import Choice, EmailField, NameField, PhoneField, TextField, as_postcode
from kiosk.join import neighbours
from kiosk.join.answers import AGE_BANDS, CONTACT, DOORS, HOMES, LETTER, LIKES, NEEDS, TIMES, Answers
from kiosk.languages import _, _l, _lp

TABS = {
    "new": _lp("tab", "New"),
    "waiting": _lp("tab", "Waiting for someone"),
    "done": _lp("tab", "Done"),
}
STATES = {
    "new": _lp("join", "New"),
    "waiting": _lp("join", "Waiting for someone"),
    "finished": _lp("join", "Finished"),
    "refused": _lp("join", "Refused"),
}
KINDS = {
    "me": _lp("joins as", "A member"),
    "child": _lp("joins as", "A child"),
    "helper": _lp("joins as", "A Good Neighbour who helps"),
    "helped": _lp("joins as", "Who has a Good Neighbour"),
    "home": _lp("joins as", "A home visit"),
    "ebooks": _lp("joins as", "E-books only"),
}
WAITING = (
    Choice("person", _l("The person comes back")),
    Choice("parent", _l("A parent or carer must come")),
    Choice("address", _l("A proof of address is missing")),
    Choice("colleague", _l("A colleague must look at it")),
    Choice("volunteer", _l("A volunteer must be found")),
    Choice("neighbour", _l("The other Good Neighbour must agree")),
)
AGREED = {
    "screen": _l("At a screen, with the code"),
    "phone": _l("By phone"),
    "paper": _l("On paper"),
    "visit": _l("On a visit"),
}
REFUSALS = (
    Choice("member", _l("The person is a member already")),
    Choice("twice", _l("It was sent twice")),
    Choice("no-longer", _l("The person does not want to join any more")),
    Choice("not-real", _l("This is not a real person")),
    Choice("other", _l("Another reason")),
)
SAID = {
    "waiting": _l("It now waits for someone."),
    "finished": _l("The join is finished."),
    "refused": _l("The join is refused."),
}


def _options(choices: tuple[Choice, ...], *, may_be_empty: bool = False) -> list[Any]:
    """The choices as the field of a form takes them."""
    empty = [SelectChoice("", "–")] if may_be_empty else []
    return [*empty, *(SelectChoice(choice.code, choice.label) for choice in choices)]


class MayBeEmpty(TextField):
    """A line that staff may leave empty."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class MaybeName(MayBeEmpty, NameField):
    pass


class MaybePhone(MayBeEmpty, PhoneField):
    pass


class MaybeEmail(MayBeEmpty, EmailField):
    pass


class MaybePostcode(MayBeEmpty):
    """A postcode in its usual form, or as the person wrote it."""

    def understood(self, text: str) -> str:
        return as_postcode(text) or text


class Birth(MayBeEmpty):
    """As much of a date of birth as is known."""

    def understood(self, text: str) -> str:
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
            try:
                day = date.fromisoformat(text + "0000-01-01"[len(text) :])
            except ValueError:
                day = date.max
            if date(1880, 1, 1) <= day <= date.today():  # noqa: DTZ011 - a day either way is no matter here
                return text
        raise StopValidation(_("Write the year, or year and month, or the date, like 1990-03-27."))


class Edit(FlaskForm):  # type: ignore[misc]
    """All that was said, for staff to correct and to complete."""

    first_name = NameField(_l("First name"))
    family_name = MaybeName(_l("Family name"))
    born = Birth(_l("Date of birth"))
    age_band = SelectField(_l("Age"), choices=_options(AGE_BANDS, may_be_empty=True))
    years = SelectField(
        _l("Age of the child in years"),
        choices=[SelectChoice("", "–"), *(SelectChoice(str(age), str(age)) for age in range(18))],
    )
    guardian = MaybeName(_l("Parent or guardian"))
    contact = SelectField(_l("How to reach the person"), choices=_options((*CONTACT, LETTER)))
    phone = MaybePhone(_l("Phone"))
    email = MaybeEmail(_l("E-mail"))
    address = MayBeEmpty(_l("House and street"))
    postcode = MaybePostcode(_l("Postcode"))
    home = SelectField(_l("Without a postcode"), choices=_options(HOMES, may_be_empty=True))
    needs = SelectMultipleField(
        _l("What the person needs"), choices=_options(NEEDS), option_widget=CheckboxInput()
    )
    times = SelectMultipleField(
        _l("When somebody can come"), choices=_options(TIMES), option_widget=CheckboxInput()
    )
    door = SelectField(_l("Who opens the door"), choices=_options(DOORS, may_be_empty=True))
    likes = SelectMultipleField(
        _l("What the person likes to read"), choices=_options(LIKES), option_widget=CheckboxInput()
    )
    as_read = HiddenField()

    def suit(self, kind: str) -> None:
        """Leave out what a person who joins as this is not asked."""
        gone = set(ONLY_FOR) - {name for name, kinds in ONLY_FOR.items() if kind in kinds}
        for name in gone:
            del self[name]

    def validate_phone(self, field: Any) -> None:
        if self.contact.data in ("call", "text") and not field.data:
            raise ValidationError(_("Write the phone number, or choose another way."))

    def validate_email(self, field: Any) -> None:
        if self.contact.data == "email" and not field.data:
            raise ValidationError(_("Write the e-mail, or choose another way."))

    def applied_to(self, answers: Answers) -> Answers:
        said = {name: value for name, value in self.data.items() if name in answers.remembered()}
        checked = not self.postcode.data or as_postcode(self.postcode.data) is not None
        return Answers.of({**answers.remembered(), **said, "postcode_checked": checked})


ONLY_FOR = {
    "years": ("child",),
    "guardian": ("child",),
    "age_band": ("me", "helper", "helped", "home", "ebooks"),
    "times": ("home",),
    "door": ("home",),
    "likes": ("home",),
}
"""Fields that only some are asked, and whom."""


class Code(FlaskForm):  # type: ignore[misc]
    code = StringField(_l("Code of the person"))


class Finish(FlaskForm):  # type: ignore[misc]
    card = StringField(_l("Number of the library card"))
    guardian_seen = BooleanField(_l("The parent or guardian is here and agrees"))


class Agreed(FlaskForm):  # type: ignore[misc]
    how = SelectField(
        _l("How did the other person agree?"),
        choices=[SelectChoice(how, AGREED[how]) for how in neighbours.AGREED[1:]],
    )


class Wait(FlaskForm):  # type: ignore[misc]
    reason = SelectField(_l("What is missing?"), choices=_options(WAITING), id="wait-reason")


class Refuse(FlaskForm):  # type: ignore[misc]
    reason = SelectField(_l("Why?"), choices=_options(REFUSALS), id="refuse-reason")
    note = MayBeEmpty(_l("Note (can stay empty)"))
