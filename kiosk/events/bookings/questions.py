"""The questions of booking, and which of them are asked: as little as a first name, or the code of a join."""

from __future__ import annotations

from typing import Any

from kiosk import outbox
from kiosk.branches import here
from kiosk.events.bookings.booked import MOST_PLACES, Person
from kiosk.forms import (
    Choice,
    CodeField,
    EmailField,
    ManyTilesField,
    NameField,
    PhoneField,
    PinField,
    Question,
    TilesField,
)
from kiosk.languages import _l, _lp
from kiosk.references import read
from kiosk.walks import Step, Steps, Walk

BOOKING = Walk("booking", "booking.ask")
"""What one visit has answered to book a date. Beside the answers it knows the `date`, whether the event
`needs_age`, and the `largest` number of places that it takes."""
OWN = Walk("own", "own_booking.ask")
"""The code and the PIN of a booking; once they fit, only its `id`."""

NUMBERS = tuple(Choice(str(number), str(number)) for number in range(1, MOST_PLACES + 1))
AGES = tuple(Choice(str(number), str(number)) for number in range(18))
CONTACT = (
    Choice("email", _lp("contact", "Send me an e-mail"), "mail"),
    Choice("text", _lp("contact", "Send me a text"), "message"),
    Choice("none", _lp("contact", "I will look here"), "walk"),
)


class Places(Question):
    places = TilesField(NUMBERS)

    def suit(self, steps: Steps) -> None:
        """No more than the event has at all."""
        self.places.tiles = NUMBERS[: BOOKING.answered()["largest"]]


class Ages(Question):
    """The ages of the children, one touch for each; the page adds them one by one."""

    others = (Choice("none", _l("No children come"), "user"),)
    ages = ManyTilesField(AGES)

    def validate(self, extra_validators: Any = None) -> bool:
        if self.instead.data not in {choice.code for choice in self.others}:
            known = {choice.code for choice in AGES}
            self.ages.data = [age for age in self.ages.data or () if age in known][:MOST_PLACES]
            if not self.ages.data:
                self.ages.errors = [_l("Touch the age of each child.")]
                return False
            return self._csrf_holds()
        return super().validate(extra_validators)


class FirstName(Question):
    others = (Choice("code", _l("I have a code from joining"), "id"),)
    first_name = NameField(missing=_l("Write your first name, like Anna."))


class JoinCode(Question):
    code = CodeField()


class Contact(Question):
    contact = TilesField(CONTACT)

    def suit(self, steps: Steps) -> None:
        """Only the ways that are set up."""
        ways = outbox.ways(here().settings)
        self.contact.tiles = tuple(each for each in CONTACT if each.code in {*ways, "none"})


class Email(Question):
    others = (Choice("none", _l("I have no e-mail"), "mail-off"),)
    email = EmailField()


class Phone(Question):
    others = (Choice("none", _l("I have no phone"), "phone-off"),)
    phone = PhoneField()


class Code(Question):
    code = CodeField()


class Pin(Question):
    pin = PinField()


def _by_code(steps: Steps) -> bool:
    return steps.get("first-name", {}).get("instead") == "code"


def _reached_by(steps: Steps, way: str) -> bool:
    return not _by_code(steps) and steps.get("contact", {}).get("contact") == way


STEPS = {
    step.name: step
    for step in (
        Step("places", _l("How many places do you need?"), Places),
        Step("ages", _l("How old are the children?"), Ages),
        Step("first-name", _l("What is your first name?"), FirstName),
        Step("code", _l("What is your code?"), JoinCode, _by_code),
        Step("contact", _l("How can we tell you news?"), Contact, lambda steps: not _by_code(steps)),
        Step("email", _l("What is your e-mail?"), Email, lambda steps: _reached_by(steps, "email")),
        Step("phone", _l("What is your phone number?"), Phone, lambda steps: _reached_by(steps, "text")),
    )
}
"""Every page of booking, by its name."""

OWN_STEPS = {
    step.name: step
    for step in (
        Step("code", _l("What is your booking code?"), Code, renews=("pin",)),
        Step("pin", _l("What is your PIN?"), Pin),
    )
}
"""The pages before somebody sees her booking again."""


def path() -> list[Step]:
    """The pages that this person is asked, given what she has answered so far."""
    found = BOOKING.answered()
    left_out = set()
    if not found["needs_age"]:
        left_out.add("ages")
    if not outbox.ways(here().settings):
        left_out |= {"contact", "email", "phone"}
    return [step for name, step in STEPS.items() if name not in left_out and step.asked(found["steps"])]


def ages(steps: Steps) -> list[str]:
    """The ages of the children in years, in the order in which they were touched."""
    return list(steps.get("ages", {}).get("ages", ()))


def person(steps: Steps, asked: list[Step]) -> Person:
    """Who comes, by what was answered on the pages of her path."""
    given: dict[str, Any] = {}
    for step in asked:
        given.update(steps[step.name])
    code = given.get("code", "") if _by_code(steps) else ""
    return Person(
        first_name=given.get("first_name", "") if not code else "",
        email=given.get("email", ""),
        phone=given.get("phone", ""),
        ages=tuple(int(age) for age in given.get("ages", ())),
        membership=read(code) if code else "",
    )
