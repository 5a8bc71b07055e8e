"""Hand finished joins on to the library's own system: one file here for each kind of system.

Every target is a pure function from a `Member` to what the system takes, with `cannot_go` for those whom it
does not take. Where a system has no field for what a person said, it is left out: a need is health data, and
nobody agreed that it stands in a catalogue's notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kiosk.forms import shown_phone
from kiosk.join.answers import Answers, age, membership
from kiosk.settings import Settings

_YEARS = {"under-16": (0, 15), "16-24": (16, 24), "25-59": (25, 59), "60-up": (60, 130)}
"""The least and the greatest age in each band of `AGE_BANDS`."""


class Reason(StrEnum):
    """Why a join cannot go to a system: a code, whose words are at the desk."""

    NO_EMAIL = "no-email"
    NO_CARD = "no-card"
    NO_BRANCH_CODE = "no-branch-code"
    NO_CATEGORY = "no-category"


@dataclass(frozen=True)
class Member:
    """A finished join as the targets see it.

    `branch` is the name of the branch where she joined, `settings` what holds there; `language` a BCP 47 tag;
    `note` says in English what staff of the other system should know and what may have no field there;
    `joins_as` is what she joined as, `temporary_card` a number that the screen gave her until she had a card.
    """

    join_id: str
    reference: str
    answers: Answers
    branch: str
    language: str
    finished_on: date
    settings: Settings
    note: str = ""
    joins_as: str = "me"
    temporary_card: str = ""

    @property
    def given_and_family_name(self) -> tuple[str, str]:
        """For systems that cannot do without a family name: an only name goes there, the other is empty."""
        if self.answers.family_name:
            return self.answers.first_name, self.answers.family_name
        return "", self.answers.first_name

    @property
    def membership(self) -> str:
        """The code of the policy she begins with."""
        return membership(self.joins_as, self.answers)

    @property
    def holds_until(self) -> date:
        """The day on which the membership ends, as the library's policy says."""
        return self.finished_on + timedelta(days=self.settings.membership_days[self.membership])

    @property
    def whole_birth(self) -> str:
        """The date of birth in ISO 8601 if it is known to the day; else empty: no day is made up."""
        return self.answers.born if len(self.answers.born) == len("1990-03-27") else ""

    @property
    def is_child(self) -> bool | None:
        """Whether she was younger than the library's own age on the day; None when nobody knows."""
        own_age = self.settings.own_age
        years = age(self.answers.born, self.finished_on)
        if years is None and self.answers.years:
            years = int(self.answers.years)  # when it was said: at most two months ago
        if years is not None:
            return years < own_age
        least, greatest = _YEARS.get(self.answers.age_band, (0, 130))
        return True if greatest < own_age else False if least >= own_age else None


def dialled(phone: str) -> str:
    """A number as it is dialled in Britain, without the + that a spreadsheet would reckon with."""
    shown = shown_phone(phone)
    return f"00{shown[1:]}" if shown.startswith("+") else shown
