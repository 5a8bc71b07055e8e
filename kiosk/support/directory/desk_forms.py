"""The forms with which staff write about services, and the words of what they choose there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput

from kiosk.forms import Choice, TextField, clean
from kiosk.languages import _, _l, _lp
from kiosk.support import codes
from kiosk.support.directory.facts import OLDEST, districts_of, name_of, tag_of
from kiosk.support.directory.records import STATES, WAYS, Service
from kiosk.support.directory.saving import Own
from kiosk.support.directory.texts import email_address, paragraphs, plain, web_address

LONGEST_CARD = 1200
"""Letters of a card: what can be read standing at a screen."""

WAY_NAMES = {
    "come": _l("They just come"),
    "call": _l("By phone"),
    "online": _l("Online"),
    "they-visit": _l("They are visited at home"),
    "book": _l("With an appointment"),
}
STATE_NAMES = {
    "open": _l("It takes people"),
    "paused": _l("It takes a break"),
    "full": _l("It is full"),
}
CARD_STATE_NAMES = {
    "draft": _l("Draft: not read over yet"),
    "read": _l("Read over"),
    "outdated": _l("Outdated: what it was written from has changed"),
}
MAYBE = {"": _l("Nobody knows"), "yes": _lp("fact", "Yes"), "no": _lp("fact", "No")}
FOR_WHOM = {"": _l("Nobody knows"), "all": _l("For everybody"), "some": _l("Only for these")}
WHERE = {"": _l("Nobody knows"), "all": _l("People from everywhere"), "some": _l("Only people from here")}

CHANGES = {
    "name": _lp("changed", "name"),
    "text": _lp("changed", "description"),
    "url": _lp("changed", "website"),
    "email": _lp("changed", "e-mail"),
    "phone": _lp("changed", "phone"),
    "address": _lp("changed", "place"),
    "status": _lp("changed", "open or closed"),
    "organisation_id": _lp("changed", "organisation"),
    "free": _lp("changed", "free or not"),
    "fee": _lp("changed", "cost"),
    "languages": _lp("changed", "languages"),
    "ways": _lp("changed", "how to come"),
    "min_age": _lp("changed", "lowest age"),
    "max_age": _lp("changed", "highest age"),
    "districts": _lp("changed", "postcode districts"),
    "children": _lp("changed", "children"),
    "work": _lp("changed", "work"),
    "stay": _lp("changed", "time in the UK"),
    "words": _lp("changed", "words it is filed under"),
    "back": _lp("changed", "back in its directory"),
}
"""What an import can change of a service."""


def _options(words: Mapping[str, LazyProxy | str]) -> list[Any]:
    return [SelectChoice(code, label) for code, label in words.items()]


def labels(choices: Iterable[Choice]) -> dict[str, LazyProxy | str]:
    return {each.code: each.label for each in choices}


# Fields -----------------------------------------------------------------------------------------------------


class Line(TextField):
    """A line that may stay empty, unless a word for its absence is given."""

    longest = 200
    missing: Any = None

    def pre_validate(self, form: Any) -> None:
        if self.data or self.missing:
            super().pre_validate(form)


class Paragraphs(TextAreaField):  # type: ignore[misc]
    """Text, a paragraph a line, which may stay empty unless a word for its absence is given."""

    def __init__(self, label: Any, longest: int, missing: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.longest, self.missing = longest, missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        lines = str(valuelist[0])[: 4 * self.longest].splitlines() if valuelist else []
        self.data = "\n".join(filter(None, (clean(line) for line in lines)))

    def pre_validate(self, form: Any) -> None:
        if self.missing and not self.data:
            raise StopValidation(self.missing)
        if len(self.data or "") > self.longest:
            raise StopValidation(_("This is too long. Write less."))


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Any number of boxes to tick."""

    def __init__(self, label: Any, words: Mapping[str, LazyProxy | str], **kwargs: Any) -> None:
        super().__init__(label, choices=_options(words), option_widget=CheckboxInput(), **kwargs)


class WholeNumber(Line):
    """A whole number, or nothing; what was understood is in `number`."""

    number: int | None = None

    def __init__(self, label: Any, most: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most = most

    def understood(self, text: str) -> str:
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or int(text) > self.most:
            raise StopValidation(_("Write a number from 0 to %(most)s, or nothing.", most=self.most))
        self.number = int(text)
        return text


class LanguageNames(Line):
    """Languages by their English names, with commas between them; their tags are in `tags`."""

    longest = 500
    tags: tuple[str, ...] = ()

    def understood(self, text: str) -> str:
        names = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
        unknown = [name for name in names if tag_of(name) is None]
        if unknown:
            raise StopValidation(_("We do not know this language: %(name)s", name=unknown[0]))
        self.tags = tuple(dict.fromkeys(tag for name in names if (tag := tag_of(name))))
        return text


class Districts(Line):
    """Postcode districts; what was understood is in `districts`."""

    longest = 2000
    districts: tuple[str, ...] = ()

    def understood(self, text: str) -> str:
        found = districts_of(text)
        if found is None:
            raise StopValidation(_("Write the first part of each postcode, like IP1 IP2 IP14."))
        self.districts = found
        return text


class WebLine(Line):
    longest = 2000

    def understood(self, text: str) -> str:
        address = web_address(text if "//" in text else f"https://{text}")
        if not address:
            raise StopValidation(_("Write a whole web address, like https://example.org."))
        return address


class EmailLine(Line):
    longest = 254

    def understood(self, text: str) -> str:
        if not email_address(text):
            raise StopValidation(_("Write an e-mail address, like help@example.org."))
        return text


# Forms ------------------------------------------------------------------------------------------------------


class OwnForm(FlaskForm):  # type: ignore[misc]
    """A service that the library writes itself."""

    name = Line(_l("Name of the service"), missing=_l("Write the name."))
    organisation = Line(_l("Who runs it"), missing=_l("Write who runs it."))
    text = Paragraphs(_l("What it does"), 5000)
    phone = Line(_l("Phone"))
    email = EmailLine(_l("E-mail"))
    url = WebLine(_l("Website"))
    address = Paragraphs(_l("Where it is, a place a line"), 1000)

    def fill(self, service: Service) -> None:
        for name in ("name", "organisation", "phone", "email", "url", "address"):
            self[name].data = getattr(service, name)
        self.text.data = plain(service.text)

    def own(self) -> Own:
        said = {name: self[name].data or "" for name in ("name", "organisation", "phone", "email", "url")}
        return Own(text=paragraphs(self.text.data or ""), address=self.address.data or "", **said)


class CardForm(FlaskForm):  # type: ignore[misc]
    """A service in plain words."""

    name = Line(_l("What it is called"), missing=_l("Write a name."))
    text = Paragraphs(_l("In plain words, a paragraph a line"), LONGEST_CARD, _l("Write what it does."))
    state = SelectField(
        _l("Has it been read over?"),
        choices=_options({code: CARD_STATE_NAMES[code] for code in ("draft", "read")}),
    )


class FactsForm(FlaskForm):  # type: ignore[misc]
    """What is known of a service. Whatever is left open stays unknown."""

    free = SelectField(_l("Is it free?"), choices=_options(MAYBE))
    fee = Line(_l("What it costs, in words"), missing=None)
    ways = Boxes(_l("How people come to it"), WAY_NAMES)
    languages = LanguageNames(_l("Languages spoken there"))
    min_age = WholeNumber(_l("From which age"), OLDEST)
    max_age = WholeNumber(_l("Up to which age"), OLDEST)
    where = SelectField(_l("Where people must live"), choices=_options(WHERE))
    districts = Districts(_l("Postcode districts"))
    children = SelectField(_l("Only for people with children?"), choices=_options(MAYBE))
    work_for = SelectField(_l("Does it matter if people work?"), choices=_options(FOR_WHOM))
    work = Boxes(_l("Only for people who say"), labels(codes.WORK))
    stay_for = SelectField(_l("Does it matter how long people are in the UK?"), choices=_options(FOR_WHOM))
    stay = Boxes(_l("Only for people who are in the UK"), labels(codes.STAY))

    def fill(self, service: Service) -> None:
        self.free.data, self.children.data = _maybe(service.free), _maybe(service.children)
        self.fee.data, self.ways.data = service.fee, list(service.ways or ())
        self.languages.data = ", ".join(name_of(tag) for tag in service.languages or ())
        self.min_age.data = "" if service.min_age is None else str(service.min_age)
        self.max_age.data = "" if service.max_age is None else str(service.max_age)
        self.where.data, self.districts.data = _scope(service.districts), " ".join(service.districts or ())
        self.work_for.data, self.work.data = _scope(service.work), list(service.work or ())
        self.stay_for.data, self.stay.data = _scope(service.stay), list(service.stay or ())

    def validate(self, extra_validators: Any = None) -> bool:
        holds = bool(super().validate(extra_validators))
        low, high = self.min_age.number, self.max_age.number
        if holds and low is not None and high is not None and low > high:
            self.max_age.errors = (_("This is below the lowest age."),)
            return False
        for scope, values in (
            (self.where, self.districts),
            (self.work_for, self.work),
            (self.stay_for, self.stay),
        ):
            if holds and scope.data == "some" and not values.data:
                values.errors = (_("Say for whom, or choose another answer."),)
                return False
        return holds

    def facts(self) -> dict[str, Any]:
        """The facts as `records.FACTS` names them; None for what nobody knows."""
        return {
            "free": _said(self.free.data),
            "fee": self.fee.data or "",
            "languages": self.languages.tags or None,
            "ways": tuple(way for way in WAYS if way in self.ways.data) or None,
            "min_age": self.min_age.number,
            "max_age": self.max_age.number,
            "districts": _scoped(self.where.data, self.districts.districts),
            "children": _said(self.children.data),
            "work": _scoped(self.work_for.data, tuple(self.work.data)),
            "stay": _scoped(self.stay_for.data, tuple(self.stay.data)),
        }


class NeedsForm(FlaskForm):  # type: ignore[misc]
    """With which needs a service helps, or for which a word stands."""

    needs = Boxes(_l("It helps with"), labels(codes.NEEDS))


class CapacityForm(FlaskForm):  # type: ignore[misc]
    """Whether a service takes people now."""

    state = SelectField(
        _l("Does it take people now?"), choices=_options({code: STATE_NAMES[code] for code in STATES})
    )
    places_left = WholeNumber(_l("Places left (empty: no limit)"), 9999)


def _maybe(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _said(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


def _scope(values: tuple[str, ...] | None) -> str:
    return "" if values is None else "some" if values else "all"


def _scoped(scope: str, values: tuple[str, ...]) -> tuple[str, ...] | None:
    return None if not scope else values if scope == "some" else ()
