"""The forms of the desk's pages about referrals and partners."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from kiosk.forms import clean
from kiosk.languages import _, _l, in_english
from kiosk.support.partner.forms import About, Code, NewMember, options
from kiosk.support.referrals import desk_side
from kiosk.support.referrals.steps import WHO_READS
from kiosk.support.referrals.story import AGREED_BY, LONGEST

CHASED = {
    "rang": _l("I rang them."),
    "wrote": _l("I wrote to them."),
    "will-answer": _l("They say that they will answer."),
    "no-answer": _l("Nobody could be reached there."),
    "told-person": _l("I told the person."),
}
"""What staff did about a referral that nobody picked up: the codes of `desk_side.CHASED`."""
HOW = {"here": "staff", "phone": "phone", "paper": "paper"}
"""How a person who does not touch a screen says it to staff, as it is kept (`steps.METHODS`)."""
MOST_DAYS = 30

__all__ = [
    "CHASED", "HOW", "Agreement", "Answer", "Chased", "Code", "NewPartner", "TakeBack", "choices_of_why",
]  # fmt: skip


class Chased(FlaskForm):  # type: ignore[misc]
    what = SelectField(
        _l("What did you do?"), choices=[SelectChoice(code, words) for code, words in CHASED.items()]
    )


class Answer(FlaskForm):  # type: ignore[misc]
    """What staff do with what a partner referred to the library: a step of `desk_side.WHY`, and why."""

    state = HiddenField()
    why = StringField(filters=[lambda text: text or ""])

    def validate_state(self, field: Any) -> None:
        if field.data not in desk_side.WHY:
            raise ValidationError(_("Choose one of these."))

    def validate_why(self, field: Any) -> None:
        if self.state.data not in desk_side.WHY:
            return
        if field.data not in ({each.code for each in desk_side.WHY[self.state.data]} or {""}):
            raise ValidationError(_("Choose one of these."))


def choices_of_why() -> dict[str, list[tuple[str, str]]]:
    """For each step that needs one, the codes of why and their words in English."""
    return {
        state: [(each.code, in_english(each.label)) for each in choices]
        for state, choices in desk_side.WHY.items()
        if choices
    }


class TakeBack(FlaskForm):  # type: ignore[misc]
    """The person takes her yes back, by somebody at the desk."""

    how = RadioField(_l("How does the person say it?"), choices=options(AGREED_BY[1:]), validate_choice=False)

    def validate_how(self, field: Any) -> None:
        if field.data not in HOW:
            raise ValidationError(_("Choose how the person says it."))


class Agreement(About):
    """What is agreed with a partner, and what it says of itself."""

    who_reads = SelectField(_l("Who reads it there?"), choices=options(WHO_READS, may_be_empty=True))
    kept_months = StringField(
        _l("How many months it keeps notes of its own (can stay empty)"),
        filters=[lambda text: clean(text or "")],
    )
    pick_up_days = StringField(
        _l("Working days until it answers (empty: as in the settings)"),
        filters=[lambda text: clean(text or "")],
    )

    def validate_pick_up_days(self, field: Any) -> None:
        text = field.data or ""
        if text and not (re.fullmatch(r"[0-9]{1,2}", text) and 1 <= int(text) <= MOST_DAYS):
            raise ValidationError(_("Write a number from 1 to %(most)s.", most=MOST_DAYS))


class NewPartner(NewMember):
    """A partner with its first account."""

    partner = StringField(_l("Legal name of the organisation"), filters=[lambda text: clean(text or "")])
    email = About.email

    def validate_partner(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Write the name. People read it before they say yes."))
        if len(field.data) > LONGEST:
            raise ValidationError(_("This name is too long. Write a shorter one."))
