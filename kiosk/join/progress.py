"""How far somebody at the screen has come with joining: what her visit remembers, and which page is next."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, request, url_for

from kiosk import visits, walks
from kiosk.branches import here
from kiosk.join.answers import age
from kiosk.join.paths import CHILDREN_NAMES, ages, answers_of, months_after, numbered, path
from kiosk.join.questions import MONTHS, MOST_CHILDREN, is_reached_by_letter, way
from kiosk.walks import Step, Steps, Walk

WALK = Walk("join", "join.ask")
ALONE = ("me", "helps", "ebooks")
"""Paths of people who join for themselves, with nobody beside them."""


def instead() -> str:
    """Where a page leads that nobody is in the middle of: to the code that was sent, else to the start."""
    return url_for("join.receipt" if "receipt" in visits.current() else "home.attract")


def all_answered() -> Any:
    """What this visit has answered if nothing is missing, else where to go instead."""
    if not WALK.has_begun():
        return redirect(instead(), 303)
    following = onwards()
    return WALK.answered() if following == url_for("join.check") else redirect(following, 303)


def today() -> date:
    return here().branch.now().date()


def is_filled_in_by_another(steps: Steps) -> bool:
    return bool(steps.get("filled-by", {}).get("filled_by", "self") != "self")


def about(step: Step, steps: Steps) -> dict[str, Any]:
    """What a page needs beside its form."""
    if step.name == "ages":
        return {"ages": ages(steps), "most": MOST_CHILDREN}
    if step.name in CHILDREN_NAMES:
        number = int(step.name.rpartition("-")[2])
        return {"child": number, "children": len(ages(steps)), "years": ages(steps)[number - 1]}
    if step.name == "until":
        return {"ends": {str(months): months_after(today(), months) for months in MONTHS}}
    if step.name == "address":
        return {"by_letter": is_reached_by_letter(steps)}
    if step.name == "who":
        return {"children_join": here().settings.own_age > 0}
    return {}


def count_children(steps: Steps) -> None:
    """One touch on an age is one child more; a touch on a child takes it away, with its name."""
    found, names = ages(steps), {name: value for name, value in steps.items() if name not in CHILDREN_NAMES}
    said = [
        (steps.get(f"child-{number}"), steps.get(f"child-family-{number}"))
        for number in range(1, len(found) + 1)
    ]
    add, remove = request.form.get("add", ""), request.form.get("remove", "")
    offered = [str(years) for years in range(here().settings.own_age)]
    places = [str(number) for number in range(1, len(found) + 1)]
    if add in offered and len(found) < MOST_CHILDREN:
        found.append(add)
        said.append((None, None))
    elif remove in places:
        del found[int(remove) - 1], said[int(remove) - 1]
    for number, (name, family) in enumerate(said, 1):
        if name:
            names[f"child-{number}"] = name
        if family:
            names[f"child-family-{number}"] = family
    WALK.change(
        steps={**names, "ages": {"ages": found}},
        again=[*(each for each in WALK.answered()["again"] if each != "ages"), "ages"],
    )


def onwards() -> str:
    """The next page: the first question without an answer, else check."""
    steps = WALK.answered()["steps"]
    asked = path(steps)
    if _is_too_young(steps):
        asked = [step for step in asked if numbered(step, steps)[0] <= 1]
    missing = WALK.next(asked)
    if missing is not None:
        return WALK.address(missing)
    return url_for("join.together" if _is_too_young(steps) else "join.check")


def _is_too_young(steps: Steps) -> bool:
    """Whether she, who joins for herself, must not do so alone."""
    if way(steps) not in ALONE:
        return False
    answers = answers_of(steps, today())
    years = age(answers.born, today())
    own_age: int = here().settings.own_age
    if answers.age_band == "under-16":
        return own_age >= 16  # where children join alone earlier, staff see how old she is
    return years is not None and years < own_age


def before(step: Step) -> str:
    """The page before this one."""
    earlier = walks.before(step, path(WALK.answered()["steps"]))
    return WALK.address(earlier) if earlier else url_for("join.start")
