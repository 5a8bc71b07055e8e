"""Full-text search over the titles and texts of events that are still to come, in every language they have.

Letters are folded before they are indexed and before they are looked for: no case, no accents, no vowel marks
of Arabic or Hebrew, one form of each Arabic letter, `ł` as `l`. Languages that are written without spaces are
split character by character. What was typed is data: it never reaches the engine as anything but whole words.

This is one of the few rooms that speak to one engine (SQLite's FTS5, whose row number here is the place of
the event in the lists). Another engine needs a body of its own for `add`, `take_out` and `find`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from kiosk.store import Reading, Writing

MOST_WORDS = 6
LONGEST_WORD = 40
LONGEST_TEXT = 6000
"""Letters of a text that are indexed."""
MOST_ENDINGS = 64
"""How many known words with the same beginning are looked up one by one."""
SHORT = 3
"""Up to this length beginnings have an index of their own (`prefix` of the table)."""

_ONE_LETTER_FOR_MANY = str.maketrans(
    {
        **dict(
            zip("łđðøħıŋəґһқғ", ["l", "d", "d", "o", "h", "i", "n", "e", "г", "х", "к", "г"], strict=True)
        ),
        **{"æ": "ae", "œ": "oe", "þ": "th"},
        **{"ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ە": "ه"},
        **dict.fromkeys("'’‘ʼ`´ʻ׳״ـ\u00ad\u200c\u200d"),
    }
)
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Japanese syllables
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Chinese characters, also in Japanese
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_PLAIN = re.compile("[A-Za-z0-9]+")
"""A word of plain letters and digits."""
_FIRST_UNSPACED = chr(_UNSPACED[0][0])


def fold(text: str) -> str:
    """The text in the one spelling in which it is compared."""
    if text.isascii():
        return text.lower().translate(_ONE_LETTER_FOR_MANY)  # what follows does the same, ten times as slowly
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(_digit(letter) for letter in apart if not _is_accent(letter))
    return unicodedata.normalize("NFC", bare.translate(_ONE_LETTER_FOR_MANY))


def words(text: str) -> list[str]:
    """The folded words of a text, in order; of what is written without spaces, the single characters."""
    return [word for run in _runs(text) for word in run]


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter, letter))


def _is_accent(letter: str) -> bool:
    """Marks above and below letters, and vowel points; but not the vowels of Indic and Thai words."""
    kind = unicodedata.combining(letter)
    return kind == 1 or 10 <= kind <= 36 or 200 <= kind <= 240


def _runs(text: str) -> list[tuple[str, ...]]:
    """Each word alone; characters that stand side by side without spaces together."""
    folded = fold(text)
    if folded.isascii():
        return [(word[:LONGEST_WORD],) for word in _PLAIN.findall(folded)]
    found: list[tuple[str, ...]] = []
    word, side_by_side = "", []
    for letter in [*folded, " "]:
        splits = letter >= _FIRST_UNSPACED and any(first <= ord(letter) <= last for first, last in _UNSPACED)
        belongs = unicodedata.category(letter)[0] in "LMN" or unicodedata.category(letter) == "Co"
        if belongs and not splits:
            word += letter
        elif word:
            if any(unicodedata.category(each)[0] != "M" for each in word):
                found.append((word[:LONGEST_WORD],))
            word = ""
        if belongs and splits:
            side_by_side.append(letter)
        elif side_by_side:
            found.append(tuple(side_by_side))
            side_by_side = []
    return found


# The index --------------------------------------------------------------------------------------------------


def add(db: Writing, place: int, texts: Iterable[str], lists: Iterable[str]) -> None:
    """Have an event found at this place by the words of its texts, narrowed by the lists that it is in."""
    found = [word for text in texts for word in words(text[:LONGEST_TEXT])]
    db.run(
        "INSERT INTO event_search (rowid, words, lists) VALUES (:place, :words, :lists)",
        place=place,
        words=" ".join(found),
        lists=" ".join(_token(name) for name in lists),
    )
    for word in set(found):
        if len(word) > SHORT:
            db.run("INSERT INTO event_words (word) VALUES (:word) ON CONFLICT (word) DO NOTHING", word=word)


def take_out(db: Writing, place: int) -> None:
    """Have the event of this place found no more."""
    db.run("DELETE FROM event_search WHERE rowid = :place", place=place)


def find(
    db: Reading,
    typed: str,
    *,
    all_of: Sequence[str] = (),
    one_of: Sequence[str] = (),
    after: int = 0,
    until: int,
    most: int,
) -> list[int]:
    """The places of events in which every word of `typed` stands, as a word or as the beginning of one.

    In the order of the lists, from behind `after` to before `until`; only of events that are in all of the
    lists `all_of` and in one of `one_of`, where these are given. Nothing that has letters or digits: none.
    """
    asked = _asked(db, typed)
    if asked is None:
        return []
    query = f"words : ({asked})"
    narrowed = [f'"{_token(name)}"' for name in all_of]
    if one_of:
        narrowed.append("({})".format(" OR ".join(f'"{_token(name)}"' for name in one_of)))
    if narrowed:
        query += " AND lists : ({})".format(" AND ".join(narrowed))
    return db.column(
        "SELECT rowid FROM event_search WHERE event_search MATCH :query"
        " AND rowid > :after AND rowid < :until ORDER BY rowid LIMIT :most",
        query=query,
        after=after,
        until=until,
        most=most,
    )


def _asked(db: Reading, typed: str) -> str | None:
    """The words in the language of the engine; None when there is none, or one that no event has."""
    parts = []
    for run in _runs(typed[: MOST_WORDS * LONGEST_WORD])[:MOST_WORDS]:
        part = _phrase(run) if len(run) > 1 else _beginning(db, run[0])
        if not part:
            return None
        parts.append(part)
    return " AND ".join(parts) or None


def _phrase(run: Sequence[str]) -> str:
    return '"{}"'.format(" ".join(run))


def _beginning(db: Reading, word: str) -> str:
    """Words that begin so: spelled out where they are few, since the engine would collect them all first."""
    if len(word) == 1:
        return f'"{word}"'
    if len(word) <= SHORT:
        return f'"{word}" *'
    found = db.column(
        "SELECT word FROM event_words WHERE word >= :word AND word < :end ORDER BY word LIMIT :most",
        word=word,
        end=word + chr(0x10FFFF),
        most=MOST_ENDINGS + 1,
    )
    if len(found) > MOST_ENDINGS:
        return f'"{word}" *'
    known = " OR ".join(f'"{each}"' for each in found)
    return f"({known})" if known else ""


def _token(name: str) -> str:
    """The name of a list as one word of letters and digits."""
    return "x" + name.encode().hex()
