"""Which services are for somebody, what is worth asking her to know it better, and what nobody offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk.store import Reading, Writing
from kiosk.support.codes import AGES, CHILDREN, NEEDS, QUESTIONS, STAY, WORK, codes
from kiosk.support.directory.records import Service
from kiosk.support.referrals.reports import told
from kiosk.support.rules import Said, Verdict, rules_out, verdict

MOST_QUESTIONS = 2
"""How much is asked of her at most, besides what she needs."""
ELSEWHERE = "elsewhere"
"""Stands for a postcode district that no service names."""


@dataclass(frozen=True)
class Found:
    """A service for somebody: whether it fits or only may, and whether it takes people now."""

    service: Service
    verdict: Verdict

    @property
    def is_open(self) -> bool:
        return self.service.state == "open"


def found(services: Iterable[Service], said: Said, language: str) -> list[Found]:
    """The services for her: those that fit, those that may, and last those that take nobody now.

    Among equals come first those where her language (a tag) is spoken, and those that meet more of her needs.
    """
    every = [Found(each, verdict(each, said)) for each in services]

    def place(each: Found) -> tuple[bool, int, bool, int, str, str]:
        about = each.service
        speaks = spoken(language) in {spoken(tag) for tag in about.languages or ()}
        return (
            not each.is_open,
            -each.verdict,
            not speaks,
            -len(about.needs & said.needs),
            about.name,
            about.id,
        )

    return sorted((each for each in every if each.verdict is not Verdict.NO), key=place)


def spoken(tag: str) -> str:
    """The language of a tag as it is spoken: its script does not matter."""
    return tag.split("-")[0].lower()


def questions(services: Sequence[Service], said: Said, skipped: Iterable[str] = ()) -> list[str]:
    """What she is asked besides her needs, in order; the last of it may have no answer yet.

    `skipped` are the questions to which she has said nothing. Each one is the one that narrows most what is
    left after those before; what makes no difference to any service that may be for her is not asked.
    """
    asked: list[str] = []
    known = Said(said.needs)
    while len(asked) < MOST_QUESTIONS:
        left = [each for each in services if verdict(each, known) is not Verdict.NO]
        worth = {each: narrows(each, left) for each in QUESTIONS if each not in asked}
        best = max(worth, key=lambda question: worth[question])
        if not worth[best]:
            return asked
        asked.append(best)
        if best in said.answers:
            known = known.adding(best, said.answers[best])
        elif best not in skipped:
            return asked
    return asked


def narrows(question: str, services: Sequence[Service]) -> float:
    """How many of these services an answer to a question rules out, on an average of its answers."""
    answers = _answers_to(question, services)
    ruled_out = sum(
        rules_out(question, each, Said(answers={question: answer})) for each in services for answer in answers
    )
    return ruled_out / len(answers)


_ANSWERS = {"age": codes(AGES), "children": codes(CHILDREN), "work": codes(WORK), "stay": codes(STAY)}


def _answers_to(question: str, services: Iterable[Service]) -> frozenset[str]:
    if question != "district":
        return _ANSWERS[question]
    return frozenset(district for each in services for district in each.districts or ()) | {ELSEWHERE}


# Gaps -------------------------------------------------------------------------------------------------------


def unmet(needs: Iterable[str], offers: Iterable[Found]) -> list[str]:
    """Those of her needs that no service meets that is for her and takes people now."""
    met = {need for each in offers if each.is_open for need in each.service.needs}
    return [need.code for need in NEEDS if need.code in set(needs) - met]


@dataclass(frozen=True)
class Gap:
    """How many people had a need that no service met, in one language: so many or more; None: some."""

    need: str
    language: str
    number: int | None


def count_gap(db: Writing, branch_id: str, need: str, language: str, today: date) -> None:
    """Count a need that was not met, by its month. `ValueError` for a need that is none."""
    if need not in codes(NEEDS):
        raise ValueError(need)
    db.run(
        "INSERT INTO support_gaps (branch_id, month, need, language, number)"
        " VALUES (:branch, :month, :need, :language, 1)"
        " ON CONFLICT (branch_id, month, need, language) DO UPDATE SET number = support_gaps.number + 1",
        branch=branch_id,
        month=f"{today:%Y-%m}",
        need=need,
        language=language,
    )


def gaps(db: Reading, branch_id: str, since: date, until: date) -> list[Gap]:
    """Needs that were not met at a branch, or at all when it is empty, in the months of two days and between.

    The month of `until` itself is not counted. The most frequent first. Numbers are told as in other reports,
    so that nobody can be known by them.
    """
    rows = db.all(
        "SELECT need, language, branch_id, sum(number) AS number FROM support_gaps"
        " WHERE (branch_id = :branch OR :branch = '') AND month >= :since AND month < :until"
        " GROUP BY need, language, branch_id",
        branch=branch_id,
        since=f"{since:%Y-%m}",
        until=f"{until:%Y-%m}",
    )
    by_branch: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        by_branch.setdefault((row["need"], row["language"]), []).append(row["number"])
    found = [Gap(need, language, told(sum(parts), parts)) for (need, language), parts in by_branch.items()]
    return sorted(found, key=lambda each: (-(each.number or 0), each.need, each.language))
