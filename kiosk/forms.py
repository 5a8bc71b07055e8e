"""The form fields this project needs on top of WTForms: one question a page, kind to what people type.

Every field takes text as it comes (any script, any spaces, pasted rubbish) and either makes a clean
value of it or says, in words of ours, what to write instead. What was typed is shown again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import phonenumbers
from babel.support import LazyProxy
from flask import request
from flask_wtf import FlaskForm
from flask_wtf.csrf import _FlaskFormCSRF
from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import Optional, StopValidation

from kiosk import references
from kiosk.languages import _l
from kiosk.spelling import as_postcode as as_postcode
from kiosk.spelling import clean as clean

NAME_LENGTH = 100
EMAIL_LENGTH = 254  # RFC 5321
NOTE_LENGTH = 200


@dataclass(frozen=True)
class Choice:
    """An answer that can be touched: its stable code, its words (a number is its own) and its pictogram."""

    code: str
    label: LazyProxy | str = field(hash=False)
    icon: str = ""


class TextField(StringField):  # type: ignore[misc]
    """One line of text. `keyboard` names the keys that the screen offers for it."""

    keyboard = "text"
    missing = _l("Write something first.")
    too_long = _l("This is too long. Write less.")
    longest = NOTE_LENGTH

    def __init__(self, label: Any = None, *, missing: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.missing = missing or self.missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        # more than anybody means to write is cut here, so that no page grows without end
        self.data = clean(str(valuelist[0])[: 4 * self.longest]) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise StopValidation(self.missing)
        if len(self.data) > self.longest:
            raise StopValidation(self.too_long)
        self.data = self.understood(self.data)

    def understood(self, text: str) -> str:
        """The clean value of what was typed; `StopValidation` with words for the person if there is none."""
        return text


class NameField(TextField):
    """A name in any script and of any shape: letters are not judged."""

    keyboard = "name"
    longest = NAME_LENGTH
    missing = _l("Write your name, like Anna.")
    too_long = _l("This name is too long. Write a shorter one.")

    def understood(self, text: str) -> str:
        if not any(unicodedata.category(letter)[0] in "LNS" for letter in text):
            raise StopValidation(self.missing)
        return text


class PostcodeField(TextField):
    """A UK postcode, as typed or not: spaces, hyphens and case do not matter."""

    keyboard = "postcode"
    longest = 20
    missing = _l("Write your postcode, like IP1 1AA.")
    too_long = missing

    def understood(self, text: str) -> str:
        postcode = as_postcode(text)
        if postcode is None:
            raise StopValidation(self.missing)
        return postcode


class PhoneField(TextField):
    """A phone number of any country, British unless it begins with + ; kept as E.164."""

    keyboard = "phone"
    longest = 40
    missing = _l("Write your phone number, like 07700 900982.")
    too_long = missing

    def understood(self, text: str) -> str:
        try:
            number = phonenumbers.parse(text, "GB")
        except phonenumbers.NumberParseException as error:
            raise StopValidation(self.missing) from error
        # possible, not "valid": lists of numbers in use are always behind what people really have;
        # but a number without its area code rings nowhere, or somewhere else
        possible = phonenumbers.is_possible_number_with_reason(number)
        if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise StopValidation(self.missing)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(number: str) -> str:
    """An E.164 number as people write it: British ones from inside the country, others from outside."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    british = parsed.country_code == 44
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if british else style.INTERNATIONAL)


class EmailField(TextField):
    """An e-mail address: what is around the @ is not judged further, only mail itself can tell."""

    keyboard = "email"
    longest = EMAIL_LENGTH
    missing = _l("Write your e-mail, like anna@gmail.com.")
    too_long = missing

    def understood(self, text: str) -> str:
        address = text.replace(" ", "")
        if not re.fullmatch(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", address):
            raise StopValidation(self.missing)
        name, _at, host = address.rpartition("@")
        return f"{name}@{host.lower()}"


class YearField(TextField):
    """A year of birth."""

    keyboard = "number"
    longest = 4
    missing = _l("Write four numbers, like 1990.")
    too_long = missing

    def understood(self, text: str) -> str:
        digits = "".join(str(unicodedata.digit(letter, "?")) for letter in text)  # ١٩٩٠ is 1990
        if not re.fullmatch(r"\d{4}", digits):
            raise StopValidation(self.missing)
        this_year = datetime.now(UTC).year
        if not this_year - 120 <= int(digits) <= this_year:
            raise StopValidation(_l("Check the year. It must be in the last 120 years."))
        return digits


class CodeField(TextField):
    """A code that somebody got at the end of a visit."""

    keyboard = "code"
    longest = 20
    missing = _l("Write the ten letters and numbers of the code.")
    too_long = missing

    def understood(self, text: str) -> str:
        try:
            return references.shown(references.read(text))
        except references.NotAReference as error:
            raise StopValidation(self.missing) from error


class PinField(TextField):
    """Four digits, in the numerals of any language."""

    keyboard = "pin"
    longest = 4
    missing = _l("Write the four numbers of the PIN.")
    too_long = missing

    def understood(self, text: str) -> str:
        digits = "".join(str(unicodedata.digit(letter, "?")) for letter in text)
        if len(digits) != self.longest or not digits.isdigit():
            raise StopValidation(self.missing)
        return digits


class TilesField(RadioField):  # type: ignore[misc]
    """One answer out of several, each a tile: touching it answers."""

    def __init__(self, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(choices=[], validate_choice=False, **kwargs)  # the tiles are drawn by a template
        self.tiles = tuple(choices)

    def pre_validate(self, form: Any) -> None:
        if self.data not in {choice.code for choice in self.tiles}:
            raise StopValidation(_l("Touch one answer."))


class ManyTilesField(SelectMultipleField):  # type: ignore[misc]
    """Any number of answers, each a tile that can be switched on and off."""

    def __init__(self, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(choices=[], validate_choice=False, **kwargs)  # the tiles are drawn by a template
        self.tiles = tuple(choices)

    def pre_validate(self, form: Any) -> None:
        known = {choice.code for choice in self.tiles}
        touched: list[str] = list(dict.fromkeys(self.raw_data or []))
        self.data = [code for code in touched if code in known]
        if not self.data:
            raise StopValidation(_l("Touch one answer or more."))


class _CheckedToken(_FlaskFormCSRF):  # type: ignore[misc]
    """Checks the token that came. To sign one for each form would be for nothing: pages draw their own."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return ""


class Question(FlaskForm):  # type: ignore[misc]
    """One question on a page. `others` are the equal buttons: touching one answers without the fields."""

    others: ClassVar[tuple[Choice, ...]] = ()
    instead = RadioField(choices=[], validate_choice=False, validators=[Optional()])

    class Meta:
        csrf_class = _CheckedToken

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Only what a form sends is an answer; a file or JSON in its place is none."""
            return request.form if request.method == "POST" else None

    def suit(self, steps: dict[str, dict[str, Any]]) -> None:
        """Fit what is offered to what was answered before, by the name of the page."""

    def validate(self, extra_validators: Any = None) -> bool:
        if not self.instead.raw_data:
            self.instead.data = None  # what she touched the last time is no answer to what she sends now
        if self.instead.data in {choice.code for choice in self.others}:
            return self._csrf_holds()
        self.instead.data = None
        return bool(super().validate(extra_validators))

    def _csrf_holds(self) -> bool:
        return not self.meta.csrf or bool(self.csrf_token.validate(self))

    @property
    def fields(self) -> list[Any]:
        """The fields that the question itself is about."""
        return [field for field in self if field.name not in {"csrf_token", "instead"}]

    @property
    def keyboard(self) -> str:
        """The kind of keys that this question is answered with; empty when touching tiles is enough."""
        return next((field.keyboard for field in self.fields if isinstance(field, TextField)), "")

    @property
    def first_error(self) -> Any:
        """The words for the first thing that is missing or wrong, or None."""
        return next((field.errors[0] for field in self.fields if field.errors), None)

    def answers(self) -> dict[str, Any]:
        """What was answered, by field; an equal button is answered by its code under `instead`."""
        if self.instead.data:
            return {"instead": self.instead.data}
        return {field.name: field.data for field in self.fields}
