"""The forms of the partners' pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput

from kiosk import languages
from kiosk.forms import Choice, EmailField, NameField, PhoneField, TextField, clean
from kiosk.languages import _, _l
from kiosk.people import accounts
from kiosk.support import codes
from kiosk.support.partner.words import LABELS
from kiosk.support.referrals import story as stories
from kiosk.support.referrals.steps import OUTCOMES, QUESTIONS, REASONS, WHO_READS
from kiosk.support.referrals.story import (
    ACCESS,
    AGREED_BY,
    BSL,
    LONGEST,
    LONGEST_WORDS,
    REACH,
    SAFE_TIMES,
    TRIED,
    WANTS,
    Story,
)

LONGEST_PERIOD = 366
"""Days of a table."""
YEARS = range(2020, 2100)
DISTRICT = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")
MOST_PLACES = 9999


def options(choices: Sequence[Choice], *, may_be_empty: bool = False) -> list[Any]:
    """The choices as the field of a form takes them."""
    empty = [SelectChoice("", "–")] if may_be_empty else []
    return [*empty, *(SelectChoice(each.code, each.label) for each in choices)]


class Ticks(SelectMultipleField):  # type: ignore[misc]
    """Any number of boxes to tick."""

    def __init__(self, label: LazyProxy, choices: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, choices=list(choices), option_widget=CheckboxInput(), **kwargs)


class _MayBeEmpty(TextField):
    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class _Line(_MayBeEmpty):
    longest = LONGEST


class _Name(_MayBeEmpty, NameField):
    pass


class _Phone(_MayBeEmpty, PhoneField):
    pass


class _Email(_MayBeEmpty, EmailField):
    pass


class _District(_MayBeEmpty):
    """The first half of a postcode."""

    def understood(self, text: str) -> str:
        district = "".join(text.split()).upper()
        if not DISTRICT.fullmatch(district):
            raise StopValidation(_("Write only the first half of the postcode, like IP1."))
        return district


class Day(DateField):  # type: ignore[misc]
    """A day as the browser's calendar writes it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([text for text in valuelist if text.strip()])
        except ValueError:
            raise ValueError(_("Write the day like 2026-12-24.")) from None

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.process_errors:
            raise StopValidation(_("Choose the day."))
        if self.data is not None and self.data.year not in YEARS:
            raise StopValidation(_("Check the year."))


class Code(FlaskForm):  # type: ignore[misc]
    code = StringField(_l("Code of the person"))


class Period(FlaskForm):  # type: ignore[misc]
    """The first and the last day of a table."""

    first = Day(_l("From"))
    last = Day(_l("To, this day too"))

    def validate_last(self, field: Any) -> None:
        if field.data and self.first.data and not 0 <= (field.data - self.first.data).days < LONGEST_PERIOD:
            raise ValidationError(_("Choose a day after the first, within a year."))


# One referral -----------------------------------------------------------------------------------------------


class Ask(FlaskForm):  # type: ignore[misc]
    question = SelectField(_l("What the person reads"), choices=options(QUESTIONS))


class Decline(FlaskForm):  # type: ignore[misc]
    reason = SelectField(_l("Why? The person reads this"), choices=options(REASONS))


class Close(FlaskForm):  # type: ignore[misc]
    outcome = SelectField(_l("How did it end? The person reads this"), choices=options(OUTCOMES))


class PassOn(FlaskForm):  # type: ignore[misc]
    service = SelectField(_l("To which service?"), validate_choice=False)


class PersonsYes(FlaskForm):  # type: ignore[misc]
    """A yes or a no to one reader, written down by who is with the person."""

    items = Ticks(_l("What they will see. Take away the ticks that the person does not want"))
    express = Ticks(_l("The person says yes to this too"))
    agreed = RadioField(
        _l("How does the person say it?"), choices=options(AGREED_BY[1:]), validate_choice=False
    )

    def suit(self, optional: Sequence[str], special: Sequence[str]) -> None:
        """Offer what can be taken out, and the topics that need a yes of their own."""
        self.items.choices = [SelectChoice(item, LABELS[item]) for item in optional]
        self.express.choices = express_yes(special)

    def validate_agreed(self, field: Any) -> None:
        if field.data not in codes.codes(AGREED_BY[1:]):
            raise ValidationError(_("Choose how the person says it."))


def express_yes(needs: Sequence[str]) -> list[Any]:
    """The topics that may hurt the person if the wrong one hears of them, as boxes to tick."""
    return options(codes.chosen(codes.NEEDS, needs))


# Referring a person in --------------------------------------------------------------------------------------


class Refer(FlaskForm):  # type: ignore[misc]
    """What a person tells, once, to somebody of a partner who writes it down for her."""

    about = Ticks(_l("What it is about"), options(codes.NEEDS))
    services = Ticks(_l("Who shall get it"))
    urgent = SelectField(_l("How soon"), choices=options(stories.URGENT, may_be_empty=True))
    wants = Ticks(_l("What the person wants"), options(WANTS))
    tried = Ticks(_l("What the person tried"), options(TRIED))
    own_words = TextAreaField(_l("In the person's own words (can stay empty)"))
    name = _Name(_l("Name (can stay empty)"))
    reach = Ticks(_l("How to reach the person safely"), options(REACH))
    phone = _Phone(_l("Phone"))
    email = _Email(_l("E-mail"))
    letter = _Line(_l("Address for a letter"))
    voicemail = SelectField(
        _l("Voicemail"),
        choices=[
            SelectChoice("no", _l("Do not leave a voicemail.")),
            SelectChoice("yes", _l("You may leave a voicemail.")),
        ],
    )
    silent = BooleanField(_l("Do not say who is calling."))
    times = Ticks(_l("When it is safe (no tick: any time)"), options(SAFE_TIMES))
    interpreter = SelectField(_l("Interpreter"), validate_choice=False)
    helper = _Name(_l("A helper of the person, by name (can stay empty)"))
    may_talk = BooleanField(_l("You may speak to the helper."))
    access = Ticks(_l("What helps the person"), options(ACCESS))
    age = SelectField(_l("Age"), choices=options(codes.AGES[1:], may_be_empty=True))
    district = _District(_l("First half of the postcode (can stay empty)"))
    no_fixed = BooleanField(_l("The person has no fixed address."))
    children = SelectField(_l("Children"), choices=options(codes.CHILDREN, may_be_empty=True))
    work = SelectField(_l("Work"), choices=options(codes.WORK, may_be_empty=True))
    stay = SelectField(_l("Time in the UK"), choices=options(codes.STAY, may_be_empty=True))
    language = SelectField(_l("Language that the person reads"), validate_choice=False)
    branch = SelectField(_l("The library where the person will look"), validate_choice=False)
    key = HiddenField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        spoken = [SelectChoice(each.tag, each.english) for each in languages.known().values()]
        self.language.choices = spoken
        bsl = SelectChoice(BSL, _("British Sign Language"))
        self.interpreter.choices = [SelectChoice("", "–"), *spoken, bsl]

    def validate_about(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose one or more."))

    validate_services = validate_about

    def validate_own_words(self, field: Any) -> None:
        field.data = clean(field.data or "")
        if len(field.data) > LONGEST_WORDS:
            raise ValidationError(_("Write %(most)s letters or less.", most=LONGEST_WORDS))

    def validate_phone(self, field: Any) -> None:
        if not field.data and {"phone", "text"} & set(self.reach.data or ()):
            raise ValidationError(_("Write the phone number, or choose another way."))

    def validate_email(self, field: Any) -> None:
        if not field.data and "email" in (self.reach.data or ()):
            raise ValidationError(_("Write the e-mail, or choose another way."))

    def validate_letter(self, field: Any) -> None:
        if not field.data and "letter" in (self.reach.data or ()):
            raise ValidationError(_("Write the address, or choose another way."))

    def validate_interpreter(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose one of these."))

    validate_language = validate_branch = validate_interpreter

    def story(self) -> Story:
        """What was told, as it is kept. The form holds: `validate` was called."""
        values = {"phone": self.phone.data, "text": self.phone.data, "email": self.email.data}
        values["letter"] = self.letter.data
        chosen = [each.code for each in REACH if each.code in self.reach.data]
        words, helper = self.own_words.data, self.helper.data
        can_ring = "phone" in chosen
        return stories.checked(
            {
                "about": self.about.data,
                "urgent": self.urgent.data,
                "wants": self.wants.data,
                "tried": self.tried.data,
                "own-words": {"text": words, "language": self.language.data} if words else "",
                "name": self.name.data,
                "reach": [
                    {"way": way, "value": values[way]} if way in values else {"way": way} for way in chosen
                ],
                "safety": {
                    "voicemail": self.voicemail.data == "yes" if can_ring else None,
                    "silent": bool(self.silent.data),
                    "times": self.times.data,
                },
                "interpreter": self.interpreter.data,
                "helper": {"name": helper, "may_talk": bool(self.may_talk.data)} if helper else "",
                "age": self.age.data,
                "district": codes.NO_FIXED if self.no_fixed.data else self.district.data,
                "children": self.children.data,
                "work": self.work.data,
                "stay": self.stay.data,
                "access": self.access.data,
            }
        )


# What a partner says of itself ------------------------------------------------------------------------------


class Capacity(FlaskForm):  # type: ignore[misc]
    """Whether a service takes people now. `places` empty is no limit; `until` opens it again by itself."""

    state = SelectField(
        _l("Do you take people now?"),
        choices=[
            SelectChoice("open", _l("Yes")),
            SelectChoice("paused", _l("No, we take a break")),
            SelectChoice("full", _l("No, there is no free place")),
        ],
    )
    places = StringField(_l("Free places (empty: no limit)"), filters=[lambda text: clean(text or "")])
    until = StringField(_l("Break until (can stay empty)"), filters=[lambda text: clean(text or "")])

    def __init__(self, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = today

    def validate_places(self, field: Any) -> None:
        if field.data and (not re.fullmatch(r"[0-9]{1,4}", field.data)):
            raise ValidationError(_("Write a number from 0 to %(most)s.", most=MOST_PLACES))

    def validate_until(self, field: Any) -> None:
        if not field.data or self.state.data != "paused":
            return
        try:
            day = date.fromisoformat(field.data)
        except ValueError:
            raise ValidationError(_("Write the day like 2026-12-24.")) from None
        if not 0 < (day - self.today).days < LONGEST_PERIOD:
            raise ValidationError(_("Choose a day after today, within a year."))


class About(FlaskForm):  # type: ignore[misc]
    email = _Email(_l("E-mail for reminders (they never say what a person told)"))
    who_reads = SelectField(_l("Who reads it with you?"), choices=options(WHO_READS, may_be_empty=True))
    kept_months = StringField(
        _l("How many months you keep notes of your own (can stay empty)"),
        filters=[lambda text: clean(text or "")],
    )

    def validate_kept_months(self, field: Any) -> None:
        if field.data and not re.fullmatch(r"[0-9]{1,3}", field.data):
            raise ValidationError(_("Write a number of months, like 24."))


class NewMember(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Name"), filters=[lambda text: clean(text or "")])
    username = StringField(_l("User name"), filters=[lambda text: accounts.spelled(text or "")])

    def validate_name(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Write the name."))
        if len(field.data) > LONGEST:
            raise ValidationError(_("This name is too long. Write a shorter one."))

    def validate_username(self, field: Any) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", field.data or ""):
            raise ValidationError(_("Use 2 to 40 letters a to z, numbers, dots and dashes."))
