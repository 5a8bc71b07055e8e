"""Who is asked what: a path through the questions for each kind of person who comes, and what came of it.

A page asks one thing; several pages can be one question, as the year, month and day are. What was answered is
kept by the name of its page (`Steps`), so that a change of path loses nothing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from babel.support import LazyProxy

from kiosk.forms import Choice, shown_phone
from kiosk.join import questions as q
from kiosk.join.answers import (
    AGE_BANDS,
    ANY_TIME,
    ANYTHING,
    CONTACT,
    DOORS,
    HOMES,
    LETTER,
    LIKES,
    NEEDS,
    TIMES,
    Answers,
    labels,
    membership,
    shown_birth,
)
from kiosk.join.questions import MOST_CHILDREN, stays_home, way
from kiosk.languages import _l, _lp, shown
from kiosk.walks import Step, Steps


def _given(steps: Steps, step: str) -> bool:
    return step in steps and "instead" not in steps[step]


def _reached_by(*ways: str) -> Callable[[Steps], bool]:
    return lambda steps: steps.get("contact", {}).get("contact") in ways


def _has_no_code(steps: Steps) -> bool:
    return "instead" in steps.get("code", {})


def ages(steps: Steps) -> list[str]:
    """The ages of the children in years, in the order in which they were touched."""
    return list(steps.get("ages", {}).get("ages", ()))


def _children() -> Iterator[Step]:
    for number in range(1, MOST_CHILDREN + 1):
        name, family = f"child-{number}", f"child-family-{number}"
        yield Step(
            name,
            _l("What is the child's first name?"),
            q.ChildName,
            lambda steps, number=number: number <= len(ages(steps)),  # type: ignore[misc]
            (family,),
        )
        yield Step(
            family,
            _l("What is the child's family name?"),
            q.ChildFamilyName,
            lambda steps, name=name, number=number: (  # type: ignore[misc]
                number <= len(ages(steps)) and bool(steps.get(name, {}).get("differs"))
            ),
        )


CHILDREN = tuple(_children())
STEPS = {
    step.name: step
    for step in (
        Step("who", _l("Who is it for?"), q.Who, renews=("contact", "age")),
        Step("filled-by", _l("Who fills this in?"), q.FilledBy),
        Step("year", _l("What year were you born?"), q.Year, renews=("month", "day", "age")),
        Step(
            "month",
            _l("What month were you born?"),
            q.Month,
            lambda steps: _given(steps, "year"),
            ("day",),
        ),
        Step(
            "day",
            _l("What day were you born?"),
            q.Day,
            lambda steps: _given(steps, "year") and _given(steps, "month"),
        ),
        Step(
            "age",
            _l("How old are you, about?"),
            q.AgeBand,
            lambda steps: way(steps) != "me" or "instead" in steps.get("year", {}),
        ),
        Step("ages", _l("How old are the children?"), q.Ages, renews=tuple(step.name for step in CHILDREN)),
        Step("needs", _l("What helps you in the library?"), q.Needs),
        Step("brings", _l("Who can bring the books?"), q.Brings, renews=("contact",)),
        Step("times", _l("When can somebody come?"), q.Times, renews=("door",)),
        Step("door", _l("Who opens the door?"), q.Door),
        Step("likes", _l("What do you like to read?"), q.Likes),
        Step("code", _l("What is the other person's code?"), q.NeighbourCode, renews=("neighbour", "until")),
        Step("neighbour", _l("What is the other person's name?"), q.Neighbour, _has_no_code, ("until",)),
        Step("until", _l("How long do you want to do this?"), q.Until, _has_no_code),
        Step("contact", _l("How can we reach you?"), q.Contact, renews=("phone", "email")),
        Step("phone", _l("What is your phone number?"), q.Phone, _reached_by("call", "text")),
        Step(
            "email",
            _l("What is your e-mail?"),
            q.Email,
            lambda steps: way(steps) == "ebooks" or _reached_by("email")(steps),
        ),
        Step("postcode", _l("What is your postcode?"), q.Postcode, renews=("address",)),
        Step("address", _l("What is your house number and street?"), q.Address),
        Step("first-name", _l("What is your first name?"), q.FirstName),
        Step("family-name", _l("What is your family name?"), q.FamilyName),
        *CHILDREN,
    )
}
"""Every page there is, by its name."""

BIRTH = ("year", "month", "day", "age")
REACH = ("contact", "phone", "email")
NAME = ("first-name", "family-name")
OTHER_PERSON = ("code", "neighbour", "until")
CHILDREN_NAMES = tuple(step.name for step in CHILDREN)

PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "": (),
    "me": (BIRTH, ("needs",), REACH, ("postcode",), NAME),
    "family": (("ages",), ("age",), REACH, ("postcode",), NAME, CHILDREN_NAMES),
    "children": (("ages",), REACH, ("postcode",), NAME, CHILDREN_NAMES),
    "helps": (("age",), OTHER_PERSON, REACH, NAME),
    "home": (("brings",), ("times", "door"), ("likes",), REACH, ("postcode", "address"), NAME),
    "helped": (("brings",), OTHER_PERSON, REACH, ("postcode", "address"), NAME),
    "ebooks": (("age",), ("email",), ("postcode",), NAME),
}
"""What each kind of person is asked: her questions, and the pages of each. Nothing else."""


def path(steps: Steps) -> list[Step]:
    """The pages that this person is asked, given what she has answered so far."""
    pages = [name for question in PATHS[way(steps)] for name in question]
    found = [STEPS[name] for name in pages if STEPS[name].asked(steps)]
    first = ("who", "filled-by") if "filled-by" in steps else ("who",)
    return [*(STEPS[name] for name in first), *found]


def numbered(step: Step, steps: Steps) -> tuple[int, int]:
    """Which question of how many a page belongs to; the first, who it is for, is question 0."""
    questions = PATHS[way(steps)]
    return next((n for n, pages in enumerate(questions, 1) if step.name in pages), 0), len(questions)


# What was answered --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """One who joins: as what (me, child, helper, helped, home, ebooks), and what was said of her."""

    kind: str
    answers: Answers

    @property
    def membership(self) -> str:
        return membership(self.kind, self.answers)


def answers_of(steps: Steps, today: date) -> Answers:
    """What was answered on all pages of her path, as one record; `today` is the day at the branch."""
    asked = {step.name for step in path(steps)}
    given: dict[str, Any] = {}
    for name, values in steps.items():
        if name in asked and "instead" not in values and not name.startswith("child"):
            given.update(values)
    said = {
        name: values["instead"] for name, values in steps.items() if name in asked and "instead" in values
    }
    given["born"] = "-".join(f"{int(given[part]):02}" for part in ("year", "month", "day") if part in given)
    if way(steps) == "ebooks":
        given["contact"] = "none" if "email" in said else "email"
    elif {"phone", "email"} & said.keys():
        given["contact"] = LETTER.code if stays_home(way(steps)) else "none"
    if said.get("postcode") == q.Postcode.as_written.code:
        given.update(postcode=steps["postcode"]["postcode"], postcode_checked=False)
    else:
        given["home"] = said.get("postcode", "")
    if given.get("filled_by") == "self":
        given["filled_by"] = ""
    if "until" in given:
        given["until"] = months_after(today, int(given["until"])).isoformat()
    return Answers.of(given)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month if it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def people(steps: Steps, today: date) -> list[Person]:
    """Those who join by these answers; of a family the grown-up comes first."""
    said = answers_of(steps, today)
    match way(steps):
        case "family":
            return [Person("me", said), *_each_child(steps, said)]
        case "children":
            return _each_child(steps, said)
        case "helps":
            return [Person("helper", said)]
        case "helped" | "home" | "ebooks" as kind:
            return [Person(kind, said)]
    return [Person("me", said)]


def _each_child(steps: Steps, grown_up: Answers) -> list[Person]:
    """The children with what is the same for all: where they live, and how to reach their grown-up."""
    children = []
    for number, years in enumerate(ages(steps), 1):
        name = steps.get(f"child-{number}", {})
        family_name = grown_up.family_name
        if name.get("differs"):
            family_name = steps.get(f"child-family-{number}", {}).get("family_name", "")
        answers = replace(
            grown_up,
            first_name=name.get("first_name", ""),
            family_name=family_name,
            born="",
            age_band="",
            years=years,
            guardian=grown_up.name,
        )
        children.append(Person("child", answers))
    return children


# What is checked before it is sent ----------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """An answer as it is checked: what was typed, or the words of what was touched."""

    label: LazyProxy
    step: str
    typed: str = ""
    said: tuple[LazyProxy | str, ...] = ()
    both: bool = False  # the words belong to what was typed: a number to ring, or to send a text to


def rows(steps: Steps, today: date) -> list[Row]:
    """The answers to look over, at most six."""
    said = answers_of(steps, today)
    asked = {step.name for step in path(steps)}
    helps = Row(
        _lp("answer", "What helps you"),
        "needs",
        "",
        _touched(NEEDS, said.needs, _lp("need", "None of these")),
    )
    family_name = Row(
        _lp("answer", "Family name"), "family-name", said.family_name, (_l("I have only one name"),)
    )
    likes = Row(_lp("answer", "You like to read"), "likes", "", _touched(LIKES, said.likes, ANYTHING.label))
    found = (
        ({"first-name"}, Row(_lp("answer", "First name"), "first-name", said.first_name)),
        ({"family-name"}, family_name),
        ({"year", "age"}, _birth(said, "year" if "year" in asked else "age")),
        ({"ages"}, Row(_lp("answer", "Children"), "ages", _children_named(steps, said))),
        ({"contact", "email"}, _reach(said, "contact" if "contact" in asked else "email")),
        ({"postcode"}, _postcode(said)),
        ({"needs"}, helps),
        ({"times"}, _visit(said)),
        ({"likes"}, likes),
        ({"code"}, _other_person(steps, said)),
    )
    return [row for pages, row in found if pages & asked]


def _touched(
    choices: tuple[Choice, ...], codes: tuple[str, ...], none: LazyProxy | str
) -> tuple[LazyProxy | str, ...]:
    return labels(choices, *codes) or (none,)


def _birth(said: Answers, step: str) -> Row:
    typed = shown_birth(said.born, shown().locale)
    return Row(_lp("answer", "Date of birth"), step, typed, labels(AGE_BANDS, said.age_band))


def _children_named(steps: Steps, said: Answers) -> str:
    return ", ".join(f"{child.answers.name} ({child.answers.years})" for child in _each_child(steps, said))


def _reach(said: Answers, step: str) -> Row:
    typed = shown_phone(said.phone) if said.phone else said.email
    words = labels((*CONTACT, LETTER), said.contact)
    return Row(_lp("answer", "How we reach you"), step, typed, words, both=True)


def _postcode(said: Answers) -> Row:
    typed = ", ".join(part for part in (said.address, said.postcode) if part)
    return Row(_lp("answer", "Postcode"), "postcode", typed, labels(HOMES, said.home))


def _visit(said: Answers) -> Row:
    words = (*_touched(TIMES, said.times, ANY_TIME.label), *labels(DOORS, said.door))
    return Row(_lp("answer", "The visit"), "times", "", words)


def _other_person(steps: Steps, said: Answers) -> Row:
    code = steps.get("code", {}).get("code", "")
    return Row(_lp("answer", "The other person"), "code", code or said.neighbour)
