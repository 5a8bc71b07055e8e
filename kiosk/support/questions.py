"""The questions before somebody finds a service, and which she is asked: those that make a difference."""

from __future__ import annotations

from wtforms.validators import StopValidation

from kiosk.configuration import store
from kiosk.forms import Choice, ManyTilesField, Question, TextField, TilesField
from kiosk.languages import _l
from kiosk.spelling import as_postcode
from kiosk.support import finding
from kiosk.support.codes import AGES, CHILDREN, NEEDS, NO_FIXED, QUESTIONS, STAY, WORK
from kiosk.support.directory import records
from kiosk.support.directory.records import Service
from kiosk.support.rules import Said
from kiosk.walks import Step, Walk

FIND = Walk("find", "support.ask")
"""What one visit has answered to find a service. Beside the answers it knows the `page` of needs that is
open, and which of them are `counted` as needs that nobody meets."""

SKIP = Choice("skip", _l("I do not want to say"), "eye-off")
"""Beside every question but that of the needs: what she does not say rules nothing out."""


class DistrictField(TextField):
    """The first half of a UK postcode, like IP1; of a whole postcode only that half is kept."""

    keyboard = "code"
    longest = 10
    missing = _l("Write the first part of your postcode, like IP1.")
    too_long = missing

    def understood(self, text: str) -> str:
        halves = (text.split()[0], text)  # IP1 1 is in IP1, but IP 1 is IP1, too
        whole = as_postcode(text) or next(filter(None, (as_postcode(f"{half} 1AA") for half in halves)), None)
        if whole is None:
            raise StopValidation(self.missing)
        return whole.split()[0]


class Needs(Question):
    needs = ManyTilesField(NEEDS)


class Age(Question):
    others = (SKIP,)
    age = TilesField(AGES)


class District(Question):
    others = (Choice(NO_FIXED, _l("I have no fixed address"), "home-off"), SKIP)
    district = DistrictField()


class Children(Question):
    others = (SKIP,)
    children = TilesField(CHILDREN)


class Work(Question):
    others = (SKIP,)
    work = TilesField(WORK)


class Stay(Question):
    others = (SKIP,)
    stay = TilesField(STAY)


NEEDED = Step("needs", _l("What do you need?"), Needs)
STEPS = {
    step.name: step
    for step in (
        NEEDED,
        Step("age", _l("How old are you?"), Age),
        Step("district", _l("Where do you live?"), District),
        Step("children", _l("Do you have children?"), Children),
        Step("work", _l("Do you work?"), Work),
        Step("stay", _l("How long have you lived in the UK?"), Stay),
    )
}
"""Every page, by its name: that of a question is its code in `QUESTIONS`."""


def offered() -> tuple[Service, ...]:
    """The services that residents may see, by name; looked up again only after something has changed."""
    return store().known("services", lambda db: tuple(records.shown(db)))


def said() -> Said:
    """What she has said so far on the pages that she is asked; `visits.Ended` when she has not begun."""
    steps = FIND.answered()["steps"]
    needs = frozenset(steps.get(NEEDED.name, {}).get("needs", ()))
    answers = {}
    for question in QUESTIONS:
        given = steps.get(question, {})
        if given.get("instead") == NO_FIXED:
            answers[question] = NO_FIXED
        elif question in given:
            answers[question] = given[question]
    return Said(needs, answers)


def path() -> list[Step]:
    """The pages that this person is asked, given what she has answered so far."""
    steps, so_far = FIND.answered()["steps"], said()
    if not so_far.needs:
        return [NEEDED]
    skipped = steps.keys() - so_far.answers.keys()
    return [NEEDED, *(STEPS[name] for name in finding.questions(offered(), so_far, skipped))]
