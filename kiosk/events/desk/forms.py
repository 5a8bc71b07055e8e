"""The forms with which staff make events, and the words of what they choose there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any

from babel import Locale
from babel.support import LazyProxy
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, TimeInput

from kiosk import languages
from kiosk.events import codes, labels
from kiosk.events.desk.series import EVERY, MOST, Series
from kiosk.events.incoming.when import NotAMoment, clock_of, day_of
from kiosk.events.records import Facts, Text
from kiosk.forms import TextField, clean
from kiosk.languages import _, _l, _lp

AHEAD = timedelta(days=3 * 366)
"""How far ahead a date may be; what is further is a slip of the finger in the year."""
LONGEST_TEXT = 5000

TOPICS, ACCESS, AUDIENCE, LEVELS = (
    {choice.code: choice.label for choice in choices}
    for choices in (labels.TOPICS, labels.ACCESS, labels.AUDIENCE, labels.LEVELS)
)
STATED = {**TOPICS, **AUDIENCE, **ACCESS, **LEVELS}
PLACES = {
    "branch": _l("In a branch"),
    "elsewhere": _l("Somewhere else"),
    "online": _l("Online"),
    "mobile": _l("Where the mobile library stops"),
}
BOOKINGS = {
    "drop-in": _l("People just come"),
    "book": _l("People book a place at the screen"),
    "ask": _l("People ask staff, or nobody has said"),
}
STATUSES = {
    "draft": _l("Draft: only staff see it"),
    "confirmed": _l("Everybody sees it"),
    "tentative": _l("Everybody sees it, but it is not certain yet"),
    "cancelled": _l("Cancelled"),
}
TEXT_STATES = {
    "draft": _l("Draft: nobody who speaks it has read it"),
    "read": _l("Read by a native speaker"),
    "out-of-date": _l("Out of date: the English has changed"),
}
REPEATS = {
    "once": _l("Only once"),
    "week": _l("Every week"),
    "fortnight": _l("Every two weeks"),
    "month": _l("Every month, on the same weekday"),
}
LIKE_A_DAY = _l("Write the day like 2026-12-24.")
NOT_A_DAY = {
    "no-year": _l("Write each day with its year, like 25 Dec 2026."),
    "repeats": _l("Write single days, like 25 Dec 2026."),
}
_SPOKEN = (
    *(
        "en",
        "ar",
        "bn",
        "bg",
        "yue",
        "zh",
        "fa-AF",
        "fa",
        "fr",
        "gu",
        "hi",
        "it",
        "ku",
        "lt",
        "ml",
        "ne",
        "ps",
    ),
    *("pl", "pt", "pa", "ro", "ru", "sk", "so", "es", "sw", "ta", "ti", "tr", "uk", "ur", "vi", "cy", "yo"),
)
"""Languages that many people in Britain speak, by their tags."""


def language_name(tag: str) -> str:
    """The name of a language in English; the tag itself where nobody knows one."""
    known = languages.known().get(tag)
    return known.english if known else str(Locale("en", "GB").languages.get(tag.replace("-", "_"), tag))


def by_name(tags: Iterable[str]) -> list[tuple[str, str]]:
    """These languages with their names, in the order of the names."""
    return sorted(((tag, language_name(tag)) for tag in set(tags)), key=lambda each: each[1])


def languages_to_write_in(more: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The languages into which words can be put: those of the screens first."""
    own = {tag: language.english for tag, language in languages.known().items() if tag != "en"}
    return [*own.items(), *by_name({*_SPOKEN, *more} - {"en", *own, *(tag.split("-")[0] for tag in own)})]


def _options(words: Mapping[str, LazyProxy | str]) -> list[Any]:
    return [SelectChoice(code, label) for code, label in words.items()]


# Fields -----------------------------------------------------------------------------------------------------


class Line(TextField):
    """A line that may stay empty, unless a word for its absence is given."""

    longest = 200
    missing: Any = None

    def pre_validate(self, form: Any) -> None:
        if self.data or self.missing:
            super().pre_validate(form)


class Paragraphs(TextAreaField):  # type: ignore[misc]
    """Text in paragraphs, which may stay empty."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        lines = str(valuelist[0])[: 4 * LONGEST_TEXT].splitlines() if valuelist else []
        text = "\n".join(clean(line) for line in lines)
        self.data = re.sub(r"\n{3,}", "\n\n", text).strip()

    def pre_validate(self, form: Any) -> None:
        if len(self.data or "") > LONGEST_TEXT:
            raise StopValidation(_("This is too long. Write less."))


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Any number of boxes to tick."""

    def __init__(self, label: Any, words: Mapping[str, LazyProxy | str], **kwargs: Any) -> None:
        super().__init__(label, choices=_options(words), option_widget=CheckboxInput(), **kwargs)


class Day(DateField):  # type: ignore[misc]
    """A day as the browser's calendar writes it, or as people do."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = clean(str(valuelist[0])[:100]) if valuelist else ""
        if text:
            self.data = _day(text)


class Days(StringField):  # type: ignore[misc]
    """Single days with commas between them; what was understood is in `days`."""

    days: frozenset[date] = frozenset()

    def pre_validate(self, form: Any) -> None:
        parts = [part.strip() for part in re.split(r"[,;\n]", self.data or "") if part.strip()]
        if len(parts) > MOST:
            raise StopValidation(_("This is too long. Write less."))
        self.days = frozenset(_day(part) for part in parts)


class Clock(StringField):  # type: ignore[misc]
    """A time of day, or nothing; what was understood of it is in `time`."""

    widget = TimeInput()
    time: time | None = None

    def pre_validate(self, form: Any) -> None:
        try:
            understood = clock_of(clean((self.data or "")[:100]))
        except NotAMoment:
            raise StopValidation(_("Write a time like 14:30.")) from None
        if understood.ends is not None:
            raise StopValidation(_("Write a time like 14:30."))
        self.time = understood.starts


class Pence(StringField):  # type: ignore[misc]
    """A price in pounds, 0 for free, or nothing; what was understood is in `pence`."""

    pence: int | None = None

    def pre_validate(self, form: Any) -> None:
        text = clean(self.data or "").removeprefix("£").strip()
        if not text:
            self.pence = None
            return
        found = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?", text, re.ASCII)
        if found is None:
            raise StopValidation(_("Write the price in pounds, like 3 or 2.50."))
        self.pence = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


class Places(IntegerField):  # type: ignore[misc]
    """How many places there are; nothing for no limit."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = clean(str(valuelist[0])) if valuelist else ""
        if not text:
            return
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not int(text):
            raise ValueError(_("Write a number from 1 to 9999, or nothing."))
        self.data = int(text)


def _day(text: str) -> date:
    """The day that was typed. Raises `ValidationError` with words for staff."""
    try:
        day, rest = day_of(text, True)
    except NotAMoment as wrong:
        raise ValidationError(str(NOT_A_DAY.get(wrong.code, LIKE_A_DAY))) from None
    if rest:
        raise ValidationError(str(LIKE_A_DAY))
    return day


def price(pence: int | None) -> str:
    """A price as it is typed: `3`, `2.50`, `0`; empty when nobody said."""
    if pence is None:
        return ""
    return str(pence // 100) if pence % 100 == 0 else f"{pence / 100:.2f}"


# Forms ------------------------------------------------------------------------------------------------------


class EventForm(FlaskForm):  # type: ignore[misc]
    """An event in English, with its facts."""

    title = Line(_lp("event", "Title"), missing=_l("Write a title."))
    text = Paragraphs(_l("What happens there"))
    bring = Line(_l("What to bring"))
    place_kind = SelectField(_l("Where?"), choices=_options(PLACES), default="branch")
    branch = SelectField(_lp("place", "Branch"), validate_choice=False)
    place = Line(_l("Place or address"))
    room = Line(_l("Room"))
    topics = Boxes(_l("What is it about?"), TOPICS)
    audience = Boxes(_l("For whom?"), AUDIENCE)
    access = Boxes(_l("How easy is it to take part?"), ACCESS)
    levels = Boxes(_l("Level of English"), LEVELS)
    spoken = SelectMultipleField(_l("Languages spoken there"), option_widget=CheckboxInput())
    pence = Pence(_l("Price for one person, in pounds"))
    booking = SelectField(_l("How do people take part?"), choices=_options(BOOKINGS), default="drop-in")
    capacity = Places(_l("Places"))
    needs_age = BooleanField(_l("When people book, ask for the ages of children"))
    link = Line(_l("Web page"))
    status = SelectField(_l("Who sees it?"), choices=_options(STATUSES), default="confirmed")
    tell = BooleanField(_l("Tell the people who have booked"))
    as_read = HiddenField()
    copy_of = HiddenField()

    def suit(self, places: Iterable[tuple[str, str]], facts: Facts | None, own_branch: str) -> None:
        """Offer the branches that this person works for, and what the event has already."""
        self.branch.choices = [SelectChoice(branch_id, name) for branch_id, name in places]
        if not own_branch:
            self.branch.choices.insert(0, SelectChoice("", _("No branch")))
        spoken = {*_SPOKEN, *(facts.spoken if facts else ())}
        self.spoken.choices = [SelectChoice(tag, name) for tag, name in by_name(spoken)]
        if facts is None or facts.status != "cancelled":
            self.status.choices = [each for each in self.status.choices if each.value != "cancelled"]

    def validate_branch(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a branch."))
        if self.place_kind.data == "branch" and not field.data:
            raise ValidationError(_("Choose a branch."))

    def validate_place(self, field: Any) -> None:
        if self.place_kind.data in ("elsewhere", "mobile") and not field.data:
            raise ValidationError(_("Write where it is."))

    def validate_link(self, field: Any) -> None:
        if field.data and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", field.data):
            raise ValidationError(_("Write the whole address, like https://example.org/."))

    def facts(self) -> Facts:
        chosen = (*self.topics.data, *self.audience.data, *self.access.data, *self.levels.data)
        return Facts(
            status=self.status.data,
            place_kind=self.place_kind.data,
            branch_id=self.branch.data,
            place="" if self.place_kind.data == "branch" else self.place.data,
            room=self.room.data,
            booking=self.booking.data,
            capacity=self.capacity.data,
            pence=self.pence.pence,
            stated=frozenset(chosen),
            spoken=frozenset(self.spoken.data),
            needs_age=self.needs_age.data,
            link=self.link.data,
        )

    def english(self) -> Text:
        return Text("en", self.title.data, self.text.data, self.bring.data)


def remembered(facts: Facts, english: Text) -> dict[str, Any]:
    """What an event says, for the boxes of `EventForm`."""
    return {
        **{"title": english.title, "text": english.text, "bring": english.bring},
        **{
            "place_kind": facts.place_kind,
            "branch": facts.branch_id,
            "place": facts.place,
            "room": facts.room,
        },
        "topics": [code for code in codes.TOPICS if code in facts.stated],
        "audience": [code for code in codes.AUDIENCE if code in facts.stated],
        "access": [code for code in codes.ACCESS if code in facts.stated],
        "levels": [code for code in codes.LEVELS if code in facts.stated],
        "spoken": sorted(facts.spoken),
        **{"pence": price(facts.pence), "booking": facts.booking, "capacity": facts.capacity},
        **{"needs_age": facts.needs_age, "link": facts.link, "status": facts.status},
    }


class SeriesForm(FlaskForm):  # type: ignore[misc]
    """When it is: one date, or a series of them."""

    first = Day(_l("First day"))
    starts = Clock(_l("Begins at"))
    ends = Clock(_l("Ends at"))
    all_day = BooleanField(_l("It lasts all day"))
    every = SelectField(_l("How often?"), choices=_options(REPEATS), default="once")
    until = Day(_l("Last day of the series"))
    count = Places(_l("Or: how many times"))
    not_on = Days(_l("But not on these days"))

    today: date

    def validate_first(self, field: Any) -> None:
        if field.errors:
            return
        if not field.data:
            raise ValidationError(_("Choose a day."))
        _check_day(field.data, self.today)

    def validate_starts(self, field: Any) -> None:
        if not field.time and not self.all_day.data:
            raise ValidationError(_("Write when it begins, or tick that it lasts all day."))

    def validate_ends(self, field: Any) -> None:
        if field.time and self.starts.time and field.time <= self.starts.time and not self.all_day.data:
            raise ValidationError(_("It must end after it begins. Write 1 pm as 13:00."))

    def validate_until(self, field: Any) -> None:
        if field.errors:
            return
        if field.data:
            _check_day(field.data, self.first.data or self.today)
        elif self.every.data in EVERY[1:] and not self.count.data:
            raise ValidationError(_("Choose the last day, or write how many times."))

    def validate_count(self, field: Any) -> None:
        if field.data and field.data > MOST:
            raise ValidationError(_("There can be 200 dates at one time."))

    def series(self) -> Series:
        all_day = self.all_day.data
        first: date = self.first.data or self.today  # a day was chosen, or the form is not valid
        return Series(
            first=first,
            starts=None if all_day else self.starts.time,
            ends=None if all_day else self.ends.time,
            every=self.every.data if self.every.data in EVERY else "once",
            until=self.until.data,
            count=self.count.data,
            not_on=self.not_on.days,
        )


class NewEvent(SeriesForm, EventForm):
    """All of an event, with its dates."""


class DateForm(FlaskForm):  # type: ignore[misc]
    """One date of a series: moved, in another room, with another number of places."""

    day = Day(_l("Day"))
    starts = Clock(_l("Begins at"))
    ends = Clock(_l("Ends at"))
    room = Line(_l("Room, if it is another one"))
    capacity = Places(_l("Places, if not as always"))
    tell = BooleanField(_l("Tell the people who have booked"), default=True)
    as_read = HiddenField()

    today: date
    all_day = False

    def validate_day(self, field: Any) -> None:
        if field.errors:
            return
        if not field.data:
            raise ValidationError(_("Choose a day."))
        _check_day(field.data, self.today)

    def validate_starts(self, field: Any) -> None:
        if not field.time and not self.all_day:
            raise ValidationError(_("Write a time like 14:30."))

    def validate_ends(self, field: Any) -> None:
        if field.time and self.starts.time and field.time <= self.starts.time:
            raise ValidationError(_("It must end after it begins. Write 1 pm as 13:00."))


class Words(FlaskForm):  # type: ignore[misc]
    """The words of an event in another language than English."""

    title = Line(_lp("event", "Title"), missing=_l("Write a title."))
    text = Paragraphs(_l("What happens there"))
    bring = Line(_l("What to bring"))
    state = SelectField(
        _lp("words", "State"), choices=[SelectChoice(code, TEXT_STATES[code]) for code in ("draft", "read")]
    )
    as_read = HiddenField()


class Cancelling(FlaskForm):  # type: ignore[misc]
    """Whether people hear of it, when an event or a date is cancelled."""

    tell = BooleanField(_l("Tell the people who have booked"))


def _check_day(day: date, earliest: date) -> None:
    if day < earliest:
        raise ValidationError(_("This day is over, or too early. Choose a later one."))
    if day > earliest + AHEAD:
        raise ValidationError(_("This is too far ahead. Check the year."))
