"""The questions of joining, as forms: what can be answered, and what may be written instead."""

from __future__ import annotations

from calendar import monthrange
from typing import Any, ClassVar

from wtforms import BooleanField
from wtforms.validators import StopValidation

from kiosk import references
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.forms import (
    Choice,
    CodeField,
    EmailField,
    ManyTilesField,
    NameField,
    PhoneField,
    PostcodeField,
    Question,
    TextField,
    TilesField,
    YearField,
)
from kiosk.join import neighbours
from kiosk.join.answers import (
    AGE_BANDS,
    ANY_TIME,
    ANYTHING,
    BRINGS,
    CONTACT,
    DOORS,
    FILLED_BY,
    HOMES,
    LETTER,
    LIKES,
    NEEDS,
    TIMES,
    WHO,
)
from kiosk.languages import _l, _lp
from kiosk.walks import Steps

MOST_CHILDREN = 8
"""How many children join in one go; a larger family goes twice."""
MONTHS = (1, 3, 6, 12)
"""How long two people may say that they are Good Neighbours; later they can say it again."""


def way(steps: Steps) -> str:
    """Which of the paths she is on; empty before she has said who it is for."""
    who = str(steps.get("who", {}).get("who", ""))
    if who == "home" and steps.get("brings", {}).get("brings") == "known":
        return "helped"
    return who


def stays_home(path_name: str) -> bool:
    return path_name in ("home", "helped")


def side_of(path_name: str) -> neighbours.Side:
    """Which of two Good Neighbours somebody on this path is."""
    return "helper" if path_name == "helps" else "helped"


def is_reached_by_letter(steps: Steps) -> bool:
    """Whether somebody at home has said so, or has no phone or e-mail after all."""
    said = steps.get("contact", {}).get("contact") == LETTER.code
    return said or any("instead" in steps.get(page, {}) for page in ("phone", "email"))


class Who(Question):
    who = TilesField(WHO)


class FilledBy(Question):
    filled_by = TilesField(FILLED_BY)


class Year(Question):
    others = (Choice("unsure", _l("I am not sure"), "calendar-question"),)
    year = YearField()


class Month(Question):
    others = (Choice("unsure", _l("I do not know the month"), "help"),)
    month = TilesField([Choice(str(number), str(number)) for number in range(1, 13)])


class Day(Question):
    others = (Choice("unsure", _l("I do not know the day"), "help"),)
    day = TilesField([Choice(str(number), str(number)) for number in range(1, 32)])

    def suit(self, steps: Steps) -> None:
        """Offer the days that her month has."""
        _first, days = monthrange(int(steps["year"]["year"]), int(steps["month"]["month"]))
        self.day.tiles = self.day.tiles[:days]


class AgeBand(Question):
    age_band = TilesField(AGE_BANDS)

    def suit(self, steps: Steps) -> None:
        """Who brings children is none."""
        if way(steps) == "family":
            self.age_band.tiles = AGE_BANDS[1:]


class Ages(Question):
    """The ages of the children, one touch for each; the page adds them one by one."""

    ages = ManyTilesField([Choice(str(number), str(number)) for number in range(18)])

    def suit(self, steps: Steps) -> None:
        """Children are those who may not join alone."""
        self.ages.tiles = self.ages.tiles[: here().settings.own_age]

    def validate(self, extra_validators: Any = None) -> bool:
        offered = {choice.code for choice in self.ages.tiles}
        self.ages.data = [age for age in self.ages.data or () if age in offered][:MOST_CHILDREN]
        if not self.ages.data:
            self.ages.errors = [_l("Touch the age of each child.")]
            return False
        return self._csrf_holds()


class ChildName(Question):
    first_name = NameField(missing=_l("Write the child's name, like Adam."))
    differs = BooleanField()  # the second way on: this child has another family name


class ChildFamilyName(Question):
    others = (Choice("one-name", _l("The child has only one name"), "user"),)
    family_name = NameField(missing=_l("Write the family name, like Kowalska."))


class Needs(Question):
    others = (Choice("none", _lp("need", "None of these"), "check"),)
    needs = ManyTilesField(NEEDS)


class Brings(Question):
    brings = TilesField(BRINGS)


class Times(Question):
    others = (ANY_TIME,)
    times = ManyTilesField(TIMES)


class Likes(Question):
    others = (ANYTHING,)
    likes = ManyTilesField(LIKES)


class Door(Question):
    door = TilesField(DOORS)


class NeighbourCode(Question):
    """Which of two Good Neighbours came first."""

    others = (Choice("none", _l("There is no code yet"), "id-off"),)
    code = CodeField()

    def suit(self, steps: Steps) -> None:
        self.side = side_of(way(steps))

    def validate_code(self, field: CodeField) -> None:
        with store().read() as db:
            today = here().branch.now().date()
            if neighbours.waiting(db, references.read(field.data), self.side, today) is None:
                raise StopValidation(_l("Nobody waits with this code. Check it, or ask staff."))


class Neighbour(Question):
    neighbour = NameField(missing=_l("Write the other person's name, like Anna."))


class Until(Question):
    until = TilesField([Choice(str(months), str(months)) for months in MONTHS])


class Contact(Question):
    contact = TilesField(CONTACT)

    def suit(self, steps: Steps) -> None:
        """Who cannot leave home cannot come here."""
        if stays_home(way(steps)):
            self.contact.tiles = (*CONTACT[:-1], LETTER)


class Phone(Question):
    others = (Choice("none", _l("I have no phone"), "phone-off"),)
    phone = PhoneField()


class Email(Question):
    others = (Choice("none", _l("I have no e-mail"), "mail-off"),)
    email = EmailField()


class Postcode(Question):
    others = HOMES
    as_written: ClassVar[Choice] = Choice("as-written", _l("Keep what I wrote"), "check")
    postcode = PostcodeField()

    def validate(self, extra_validators: Any = None) -> bool:
        if self.instead.data == self.as_written.code and self.postcode.data:
            return self._csrf_holds()
        return super().validate(extra_validators)

    def answers(self) -> dict[str, Any]:
        found = super().answers()
        if found.get("instead") == self.as_written.code:
            found["postcode"] = self.postcode.data
        return found


class AddressField(TextField):
    """House and street, which are written in the letters of the country."""

    keyboard = "address"


class Address(Question):
    others = (Choice("later", _l("I will tell staff"), "message"),)
    address = AddressField(missing=_l("Write the house number and the street."))

    def suit(self, steps: Steps) -> None:
        """A letter needs an address."""
        if is_reached_by_letter(steps):
            self.others = ()  # type: ignore[misc, assignment]


class FirstName(Question):
    first_name = NameField(missing=_l("Write your first name, like Anna."))


class FamilyName(Question):
    others = (Choice("one-name", _l("I have only one name"), "user"),)
    family_name = NameField(missing=_l("Write your family name, like Kowalska."))
