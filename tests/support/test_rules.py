"""The table that decides who is shown what, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.support.codes import AGES, CHILDREN, NEEDS, NO_FIXED, QUESTIONS, STAY, WORK, YEARS, codes
from kiosk.support.rules import RULES, Said, Verdict, cases, rules_out, verdict
from tests.support.services import service

MONEY = frozenset({"money"})
NO, MAY, FITS = Verdict.NO, Verdict.MAY, Verdict.FITS

ROWS: list[tuple[str, str, dict[str, Any], dict[str, str], Verdict]] = [
    ("needs", "meets", {"needs": frozenset({"money", "housing"})}, {}, FITS),
    ("needs", "other", {"needs": frozenset({"housing"})}, {}, NO),
    ("age", "unknown", {"min_age": None}, {"age": "18-24"}, MAY),
    ("age", "unknown", {"min_age": None}, {}, MAY),
    ("age", "everybody", {"min_age": 0}, {}, FITS),
    ("age", "everybody", {"min_age": 0}, {"age": "under16"}, FITS),
    ("age", "unsaid", {"min_age": 18}, {}, MAY),
    ("age", "inside", {"min_age": 18}, {"age": "18-24"}, FITS),
    ("age", "inside", {"min_age": 18}, {"age": "60-up"}, FITS),
    ("age", "inside", {"min_age": None, "max_age": 24}, {"age": "16-17"}, FITS),
    ("age", "partly", {"min_age": 19}, {"age": "18-24"}, MAY),
    ("age", "partly", {"min_age": 0, "max_age": 65}, {"age": "60-up"}, MAY),
    ("age", "outside", {"min_age": 18}, {"age": "16-17"}, NO),
    ("age", "outside", {"min_age": 16, "max_age": 24}, {"age": "25-59"}, NO),
    ("district", "unknown", {"districts": None}, {"district": "IP1"}, MAY),
    ("district", "everybody", {"districts": ()}, {"district": "ZE1"}, FITS),
    ("district", "everybody", {"districts": ()}, {"district": NO_FIXED}, FITS),
    ("district", "unsaid", {"districts": ("IP1", "IP2")}, {}, MAY),
    ("district", "no-fixed", {"districts": ("IP1",)}, {"district": NO_FIXED}, MAY),
    ("district", "inside", {"districts": ("IP1", "IP2")}, {"district": "IP2"}, FITS),
    ("district", "outside", {"districts": ("IP1", "IP2")}, {"district": "IP11"}, NO),
    ("children", "unknown", {"children": None}, {"children": "no"}, MAY),
    ("children", "everybody", {"children": False}, {"children": "no"}, FITS),
    ("children", "unsaid", {"children": True}, {}, MAY),
    ("children", "inside", {"children": True}, {"children": "yes"}, FITS),
    ("children", "outside", {"children": True}, {"children": "no"}, NO),
    ("work", "unknown", {"work": None}, {"work": "working"}, MAY),
    ("work", "everybody", {"work": ()}, {"work": "working"}, FITS),
    ("work", "unsaid", {"work": ("looking", "not-now")}, {}, MAY),
    ("work", "inside", {"work": ("looking", "not-now")}, {"work": "not-now"}, FITS),
    ("work", "outside", {"work": ("looking", "not-now")}, {"work": "working"}, NO),
    ("stay", "unknown", {"stay": None}, {"stay": "always"}, MAY),
    ("stay", "everybody", {"stay": ()}, {"stay": "always"}, FITS),
    ("stay", "unsaid", {"stay": ("under1",)}, {}, MAY),
    ("stay", "inside", {"stay": ("under1", "1-5")}, {"stay": "1-5"}, FITS),
    ("stay", "outside", {"stay": ("under1", "1-5")}, {"stay": "always"}, NO),
]
"""For each rule somebody to whom it applies: its question and case, the service, her answers, the verdict."""


@pytest.mark.parametrize(("question", "case", "facts", "answers", "expected"), ROWS)
def test_a_row_of_the_table_decides(
    question: str, case: str, facts: dict[str, Any], answers: dict[str, str], expected: Verdict
) -> None:
    """All other facts are for everybody: so this row alone decides, and all others fit."""
    asked, said = service(**facts), Said(MONEY, answers)
    assert dict(cases(asked, said))[question] == case
    assert verdict(asked, said) is expected
    assert rules_out(question, asked, said) is (expected is NO)


def test_no_row_of_the_table_is_without_a_test() -> None:
    assert {(question, case) for question, case, *_rest in ROWS} == {(r.question, r.case) for r in RULES}


def test_a_case_has_one_rule_and_every_question_has_rules() -> None:
    assert len({(rule.question, rule.case) for rule in RULES}) == len(RULES)
    assert {rule.question for rule in RULES} == {"needs", *QUESTIONS}
    for rule in RULES:
        assert rule.service
        assert rule.person


def test_the_strictest_rule_counts() -> None:
    unsure_of_age = service(min_age=None, districts=("IP1",))
    assert verdict(unsure_of_age, Said(MONEY, {"district": "IP1"})) is MAY
    assert verdict(unsure_of_age, Said(MONEY, {"district": "IP2"})) is NO


def test_every_age_band_follows_the_one_before_it() -> None:
    bands = [YEARS[each.code] for each in AGES]
    assert [band[0] for band in bands[1:]] == [band[1] + 1 for band in bands[:-1]]
    assert bands[0][0] == 0


FACTS = st.fixed_dictionaries(
    {
        "needs": st.frozensets(st.sampled_from(sorted(codes(NEEDS)))),
        "min_age": st.none() | st.integers(0, 90),
        "max_age": st.none() | st.integers(0, 120),
        "districts": st.none() | st.lists(st.sampled_from(["IP1", "IP2", "CO1"]), unique=True).map(tuple),
        "children": st.none() | st.booleans(),
        "work": st.none() | st.lists(st.sampled_from(sorted(codes(WORK))), unique=True).map(tuple),
        "stay": st.none() | st.lists(st.sampled_from(sorted(codes(STAY))), unique=True).map(tuple),
    }
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "age": st.sampled_from(sorted(codes(AGES))),
        "district": st.sampled_from(["IP1", "ZE1", NO_FIXED]),
        "children": st.sampled_from(sorted(codes(CHILDREN))),
        "work": st.sampled_from(sorted(codes(WORK))),
        "stay": st.sampled_from(sorted(codes(STAY))),
    },
)


@given(FACTS, ANSWERS)
def test_whatever_is_known_and_said_each_question_has_a_case_with_a_rule(
    facts: dict[str, Any], answers: dict[str, str]
) -> None:
    known = {(rule.question, rule.case) for rule in RULES}
    assert set(cases(service(**facts), Said(MONEY, answers))) <= known


@given(FACTS, ANSWERS)
def test_what_nobody_knows_never_rules_anything_out(facts: dict[str, Any], answers: dict[str, str]) -> None:
    """With a fact forgotten, or an answer not given, a service that was there stays there."""
    said = Said(MONEY, answers)
    before = verdict(service(**facts), said)
    if before is NO:
        return
    for fact in facts.keys() - {"needs", "min_age", "max_age"}:
        assert verdict(service(**{**facts, fact: None}), said) is not NO
    assert verdict(service(**{**facts, "min_age": None, "max_age": None}), said) is not NO
    for question in answers:
        fewer = {name: answer for name, answer in answers.items() if name != question}
        assert verdict(service(**facts), Said(MONEY, fewer)) is not NO
