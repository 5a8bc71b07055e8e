"""What a person says of herself: codes that last, and words for them in her language and in English."""

from __future__ import annotations

from datetime import date

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from kiosk.join.answers import AGE_BANDS, CONTACT, HOMES, NEEDS, Answers, age, labels, shown_birth
from kiosk.languages import in_english

TODAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("born", "years"),
    [
        ("", None), ("2010-03-09", 16), ("2010-03-10", 15), ("2010-03", 15), ("2010-02", 16), ("2010-04", 15),
        ("2010", 15), ("2009", 16), ("1990-03-27", 35), ("2026-03-09", 0), ("2026-12-31", -1),
        ("2008-02-29", 18),
    ],
)  # fmt: skip
def test_the_least_age_that_a_date_of_birth_allows(born: str, years: int | None) -> None:
    """Who may still have her birthday before her is not taken for older than she is."""
    assert age(born, TODAY) == years


@given(st.dates(date(1906, 1, 1), TODAY))
def test_the_less_is_known_of_a_date_the_younger_a_person_may_be(born: date) -> None:
    known = [age(born.isoformat()[:length], TODAY) for length in (4, 7, 10)]
    assert known == sorted(known, key=lambda years: -1 if years is None else years)
    assert 0 <= (known[2] or 0) - (known[0] or 0) <= 1


@pytest.mark.parametrize(
    ("born", "tag", "shown"),
    [
        ("1990-03-27", "en_GB", "27 March 1990"), ("1990-03", "en_GB", "March 1990"),
        ("1990", "en_GB", "1990"),
        ("", "en_GB", ""), ("1990-03-27", "pl", "27 marca 1990"), ("1990-03", "pl", "marzec 1990"),
        ("2000-02-29", "zh_Hant_HK", "2000年2月29日"),
    ],
)  # fmt: skip
def test_a_date_of_birth_is_written_as_in_her_language(born: str, tag: str, shown: str) -> None:
    assert shown_birth(born, Locale.parse(tag)) == shown


def test_every_answer_has_a_code_of_its_own_and_a_picture() -> None:
    for choices in (AGE_BANDS, CONTACT, HOMES, NEEDS):
        codes = [choice.code for choice in choices]
        assert len(codes) == len(set(codes))
        for choice in choices:
            assert choice.code.replace("-", "").isalnum()
            assert choice.icon
            assert in_english(choice.label)


def test_words_come_in_the_order_of_the_choices_and_unknown_codes_have_none() -> None:
    assert [in_english(label) for label in labels(NEEDS, "audio", "nothing", "large-print")] == [
        "Large print",
        "Audio books",
    ]


@given(
    st.builds(
        Answers,
        first_name=st.text(),
        family_name=st.text(),
        born=st.sampled_from(["", "1990", "1990-03", "1990-03-27"]),
        contact=st.sampled_from([choice.code for choice in CONTACT]),
        postcode_checked=st.booleans(),
        needs=st.lists(st.sampled_from([choice.code for choice in NEEDS]), unique=True).map(tuple),
    )
)
def test_what_is_remembered_is_what_was_said(answers: Answers) -> None:
    assert Answers.of(answers.remembered()) == answers
    assert Answers.of({**answers.remembered(), "of a newer version": 1}) == answers


def test_nothing_but_a_name_is_ever_needed() -> None:
    answers = Answers.of({"first_name": "Amina"})
    assert answers.name == "Amina"
    assert answers.contact == "none"
