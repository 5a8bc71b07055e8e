"""The forms of the desk's pages about help."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError

from kiosk import languages
from kiosk.forms import TextField
from kiosk.help.desk_codes import HOLDS
from kiosk.help.talk import LONGEST
from kiosk.languages import _, _l

AHEAD = timedelta(days=90)
"""How far ahead times can be kept free."""
LENGTHS = (10, 15, 20, 30, 45, 60, 90)
"""Minutes of one time."""
MOST_IN_A_ROW = 12


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


class Clock(TimeField):  # type: ignore[misc]
    """A time of day as the browser's clock writes it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([text[:5] for text in valuelist if text.strip()])
        except ValueError:
            raise ValueError(_("Write the time like 14:30.")) from None

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.process_errors:
            raise StopValidation(_("Choose the time."))


class Hold(FlaskForm):  # type: ignore[misc]
    reason = SelectField(_l("Why?"), choices=[SelectChoice(each.code, each.label) for each in HOLDS])
    until = Clock(_l("Until when today?"))


class Colleague(FlaskForm):  # type: ignore[misc]
    colleague = SelectField(_l("Colleague"), validate_choice=False)


class OtherBranch(FlaskForm):  # type: ignore[misc]
    place = SelectField(_l("Other branch"), validate_choice=False)


class Times(FlaskForm):  # type: ignore[misc]
    """Times of one day to keep free, one after the other."""

    day = Day(_l("Day"))
    starts = Clock(_l("From"))
    minutes = SelectField(
        _l("Minutes for each person"), choices=[SelectChoice(str(each), str(each)) for each in LENGTHS]
    )
    number = SelectField(
        _l("How many, one after the other"),
        choices=[SelectChoice(str(each), str(each)) for each in range(1, MOST_IN_A_ROW + 1)],
    )

    def __init__(self, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = today

    def validate_day(self, field: Any) -> None:
        if field.data is None:
            return
        if field.data < self.today:
            raise ValidationError(_("This day is over. Choose another."))
        if field.data > self.today + AHEAD:
            raise ValidationError(_("This day is too far away. Check the year."))


class _Text(TextField):
    longest = LONGEST
    missing = _l("Write the sentence in English.")


class _MayBeEmpty(_Text):
    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class Sentence(FlaskForm):  # type: ignore[misc]
    """A phrase of a branch: in English, and in every other language for which somebody has it."""

    english = _Text(_l("In English"))

    @property
    def others(self) -> dict[str, Any]:
        """The fields of the other languages by their tags."""
        return {name.removeprefix("in_"): field for name, field in self._fields.items() if name[:3] == "in_"}

    @property
    def translations(self) -> dict[str, str]:
        return {tag: field.data for tag, field in self.others.items() if field.data}


for _language in languages.known().values():
    if _language.tag != "en":
        setattr(Sentence, f"in_{_language.tag}", _MayBeEmpty(_language.english))
