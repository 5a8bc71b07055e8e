"""Codes that people can read out, write down and mistype, and that staff still find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import references
from kiosk.references import ALPHABET, LENGTH, NotAReference

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def test_no_two_codes_are_the_same_and_no_letter_comes_more_often_than_others() -> None:
    codes = [references.new() for _ in range(10_000)]
    assert len(set(codes)) == len(codes)
    letters = "".join(codes)
    expected = len(letters) / len(ALPHABET)
    unevenness = sum((letters.count(letter) - expected) ** 2 / expected for letter in ALPHABET)
    assert unevenness < 80, "chi-squared with 31 degrees of freedom: once in 250,000 runs by chance"


def test_no_letter_is_mistaken_for_another() -> None:
    assert not set("ILOU") & set(ALPHABET)
    assert LENGTH * 5 >= 50, "bits, so that nobody guesses one"


@given(CODES)
def test_a_code_is_read_as_it_is_shown(code: str) -> None:
    shown = references.shown(code)
    assert [len(group) for group in shown.split()] == [3, 3, 4]
    assert references.read(shown) == code


@given(
    CODES, st.lists(st.sampled_from([" ", "-", "\u00a0", "\t", "\n", ""]), min_size=LENGTH, max_size=LENGTH)
)
def test_a_code_is_read_however_it_is_typed(code: str, between: list[str]) -> None:
    typed = "".join(letter + gap for letter, gap in zip(code, between, strict=True))
    for slip in (
        typed,
        typed.lower(),
        typed.replace("0", "O"),
        typed.replace("1", "l"),
        typed.replace("1", "I"),
    ):
        assert references.read(slip) == code


@given(st.text())
def test_whatever_is_typed_is_a_code_or_is_said_not_to_be_one(typed: str) -> None:
    try:
        code = references.read(typed)
    except NotAReference:
        return
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)


@pytest.mark.parametrize("typed", ["", "K7M", "K7M2QX9PDAA", "K7M 2QX 9PDU", "Amina Bekele", "K7M.2QX.9PDA"])
def test_what_is_no_code_is_none(typed: str) -> None:
    with pytest.raises(NotAReference):
        references.read(typed)
