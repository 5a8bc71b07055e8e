"""The questions at a screen afterwards: code and PIN, what a partner asks, and another way to reach her."""

from __future__ import annotations

from typing import cast

from babel.support import LazyProxy

from kiosk.forms import Choice, CodeField, ManyTilesField, PinField, Question, TilesField
from kiosk.languages import _l, in_english, known
from kiosk.support.codes import chosen
from kiosk.support.referrals import steps
from kiosk.support.referrals.story import SAFE_TIMES
from kiosk.support.telling.questions import STEPS as TOLD
from kiosk.support.telling.questions import WordsField
from kiosk.walks import Step, Steps, Walk

STATUS = Walk("status", "status.ask")
"""The code and the PIN of a referral; once they fit, only its `id`. Beside it, what she writes to answer."""
ADDING = Walk("adding", "status.reach")
"""How to reach her from now on: it takes the place of what she said before."""

COMES = (
    Choice("yes", _l("Yes, I can come"), "check"),
    Choice("no", _l("No, I cannot come"), "x"),
)
ANY_TIME = Choice("any", _l("Any time is good"), "clock")


class Code(Question):
    code = CodeField()


class Pin(Question):
    pin = PinField()


class When(Question):
    others = (ANY_TIME,)
    when = ManyTilesField(SAFE_TIMES)


class Spoken(Question):
    spoken = TilesField([Choice(tag, language.name) for tag, language in known().items()])


class More(Question):
    words = WordsField()


class ComeIn(Question):
    comes = TilesField(COMES)


STEPS = {
    step.name: step
    for step in (
        Step("code", _l("What is your code?"), Code, renews=("pin",)),
        Step("pin", _l("What is your PIN?"), Pin),
    )
}
_FORMS: dict[str, type[Question]] = {
    "when": When, "language": Spoken, "more": More, "come-in": ComeIn,
}  # fmt: skip


def _asks(question: Choice) -> LazyProxy:
    return cast(LazyProxy, question.label)


ANSWERS = {
    question.code: Step(question.code, _asks(question), _FORMS[question.code])
    for question in steps.QUESTIONS
    if question.code in _FORMS
}
"""The page for each question that a partner asks, by its code; how to reach her has pages of its own."""
ADDING_STEPS = {
    step.name: step
    for step in (
        Step("reach", TOLD["reach"].asks, TOLD["reach"].form, renews=("safe", "news")),
        *(TOLD[name] for name in ("phone", "email", "letter", "safe", "news")),
    )
}


def adding_path() -> list[Step]:
    """The pages about how to reach her, given what she has answered so far."""
    found: Steps = ADDING.answered()["steps"]
    return [step for step in ADDING_STEPS.values() if step.asked(found)]


def as_text(question: str, given: dict[str, object], tag: str) -> tuple[str, str]:
    """An answer as a partner reads it, and the tag of its language: English, but for own words in hers."""
    if given.get("instead") == ANY_TIME.code:
        return in_english(ANY_TIME.label), "en"
    match question:
        case "when":
            touched = chosen(SAFE_TIMES, [str(each) for each in _listed(given["when"])])
            return ", ".join(in_english(each.label) for each in touched), "en"
        case "language":
            language = known()[str(given["spoken"])]
            return language.english, "en"
        case "come-in":
            return in_english(chosen(COMES, [str(given["comes"])])[0].label), "en"
    return str(given["words"]), tag


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
