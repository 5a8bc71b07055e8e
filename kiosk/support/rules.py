"""Which service is for whom: one table of rules, that staff can read.

Each question is looked at by itself: what a service says about it and what a person has said make a case, and
each case has its rule. What nobody knows never rules anything out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from kiosk.support.codes import NO_FIXED, YEARS
from kiosk.support.directory.records import Service


class Verdict(IntEnum):
    """Whether a service is for somebody. Of several the lowest counts."""

    NO = 0
    MAY = 1
    FITS = 2


@dataclass(frozen=True)
class Said:
    """What a person has said of herself: the codes of her needs, and of her answers by their question.

    A district is written like `IP1`, or is `NO_FIXED`. A question that is not in it was skipped or not asked.
    """

    needs: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)

    def adding(self, question: str, code: str) -> Said:
        return Said(self.needs, {**self.answers, question: code})


@dataclass(frozen=True)
class Rule:
    """What follows from one case. `service` and `person` say in English, for staff, what makes the case."""

    question: str
    case: str
    service: str
    person: str
    verdict: Verdict


ANYTHING = "Anything, or nothing"
NO, MAY, FITS = Verdict.NO, Verdict.MAY, Verdict.FITS

RULES = (
    Rule("needs", "meets", "Helps with one of the things touched", "Needs it", FITS),
    Rule("needs", "other", "Helps with none of them", "Needs something else", NO),
    Rule("age", "unknown", "It is not known for which ages", ANYTHING, MAY),
    Rule("age", "everybody", "For all ages", ANYTHING, FITS),
    Rule("age", "unsaid", "For some ages", "Nothing", MAY),
    Rule("age", "inside", "For some ages", "An age band that is all inside", FITS),
    Rule("age", "partly", "For some ages", "An age band that is partly inside", MAY),
    Rule("age", "outside", "For some ages", "An age band that is outside", NO),
    Rule("district", "unknown", "It is not known for which area", ANYTHING, MAY),
    Rule("district", "everybody", "For people everywhere", ANYTHING, FITS),
    Rule("district", "unsaid", "For some postcode districts", "Nothing", MAY),
    Rule("district", "no-fixed", "For some postcode districts", "No fixed address", MAY),
    Rule("district", "inside", "For some postcode districts", "One of them", FITS),
    Rule("district", "outside", "For some postcode districts", "Another one", NO),
    Rule("children", "unknown", "It is not known if only with children", ANYTHING, MAY),
    Rule("children", "everybody", "For people with and without children", ANYTHING, FITS),
    Rule("children", "unsaid", "Only for people with children", "Nothing", MAY),
    Rule("children", "inside", "Only for people with children", "Has children", FITS),
    Rule("children", "outside", "Only for people with children", "Has none", NO),
    Rule("work", "unknown", "It is not known if work matters", ANYTHING, MAY),
    Rule("work", "everybody", "For people with and without work", ANYTHING, FITS),
    Rule("work", "unsaid", "For some, by their work", "Nothing", MAY),
    Rule("work", "inside", "For some, by their work", "One of them", FITS),
    Rule("work", "outside", "For some, by their work", "Another one", NO),
    Rule("stay", "unknown", "It is not known if the time in the UK matters", ANYTHING, MAY),
    Rule("stay", "everybody", "For people however long in the UK", ANYTHING, FITS),
    Rule("stay", "unsaid", "For some, by their time in the UK", "Nothing", MAY),
    Rule("stay", "inside", "For some, by their time in the UK", "One of them", FITS),
    Rule("stay", "outside", "For some, by their time in the UK", "Another one", NO),
)
"""For each question, each case that there can be."""

_VERDICTS = {(rule.question, rule.case): rule.verdict for rule in RULES}


def verdict(service: Service, said: Said) -> Verdict:
    """Whether a service is for her: only if every question lets it be."""
    return min(_VERDICTS[case] for case in cases(service, said))


def cases(service: Service, said: Said) -> Iterator[tuple[str, str]]:
    """The question and the case of every rule that applies: one for each question."""
    return ((question, case_of(service, said)) for question, case_of in _CASES.items())


def rules_out(question: str, service: Service, said: Said) -> bool:
    """Whether what she has said to one question is reason enough that a service is not for her."""
    return _VERDICTS[question, _CASES[question](service, said)] is NO


def _needs(service: Service, said: Said) -> str:
    return "meets" if service.needs & said.needs else "other"


def _age(service: Service, said: Said) -> str:
    youngest, oldest = service.min_age, service.max_age
    if youngest is None and oldest is None:
        return "unknown"
    if not youngest and oldest is None:
        return "everybody"
    band = YEARS.get(said.answers.get("age", ""))
    if band is None:
        return "unsaid"
    least, most = youngest or 0, YEARS["60-up"][1] if oldest is None else oldest
    if band[1] < least or band[0] > most:
        return "outside"
    return "inside" if least <= band[0] and band[1] <= most else "partly"


def _district(service: Service, said: Said) -> str:
    answer = said.answers.get("district", "")
    if service.districts and answer == NO_FIXED:
        return "no-fixed"
    return _one_of(service.districts, answer)


def _children(service: Service, said: Said) -> str:
    only = service.children
    return _one_of(None if only is None else ("yes",) if only else (), said.answers.get("children", ""))


def _one_of(wanted: tuple[str, ...] | None, answer: str) -> str:
    if wanted is None:
        return "unknown"
    if not wanted:
        return "everybody"
    if not answer:
        return "unsaid"
    return "inside" if answer in wanted else "outside"


def _work(service: Service, said: Said) -> str:
    return _one_of(service.work, said.answers.get("work", ""))


def _stay(service: Service, said: Said) -> str:
    return _one_of(service.stay, said.answers.get("stay", ""))


_CASES: dict[str, Callable[[Service, Said], str]] = {
    "needs": _needs,
    "age": _age,
    "district": _district,
    "children": _children,
    "work": _work,
    "stay": _stay,
}
