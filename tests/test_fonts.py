"""Every letter that the screen shows has a shape in the fonts that come with it: no empty boxes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk import catalogues, languages
from kiosk.languages import Language
from kiosk.pages import STATIC
from tests.strings import extracted

VENDOR = STATIC / "vendor"
FACE = re.compile(r"@font-face\s*\{([^}]*)\}")
pytestmark = pytest.mark.skipif(
    not (VENDOR / "fonts.css").exists(), reason="The fonts are not installed: `make setup` fetches them."
)


@cache
def faces(sheet: str) -> tuple[tuple[str, Path, frozenset[int]], ...]:
    """Weight, file, and the letters that the sheet asks of it, of every font of a style sheet."""
    found = []
    for body in FACE.findall((VENDOR / sheet).read_text("utf-8")):
        source = re.search(r'url\("?([^")]+)"?\)', body)
        weight = re.search(r"font-weight:\s*([\d ]+)", body)
        ranges = re.search(r"unicode-range:([^;}]+)", body)
        assert source
        assert weight
        asked = frozenset(_codes(ranges[1])) if ranges else frozenset(range(0x110000))
        found.append((weight[1].strip(), VENDOR / source[1], asked))
    return tuple(found)


def _codes(ranges: str) -> list[int]:
    codes: list[int] = []
    for each in ranges.split(","):
        first, _dash, last = each.strip().removeprefix("U+").partition("-")
        codes += range(int(first, 16), int(last or first, 16) + 1)
    return codes


@cache
def drawn(file: Path) -> frozenset[int]:
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def letters(language: Language) -> set[str]:
    """All that stands on the screen in a language: its words, its months, and the English beneath."""
    text = language.name + "0123456789·–…"
    for message in extracted():
        text += str(message.id)
    for message in catalogues.read(language):
        text += str(message.string)
    locale = language.locale
    text += "".join(locale.months["stand-alone"]["wide"].values())
    text += "".join(locale.number_symbols["latn"][name] for name in ("decimal", "group"))
    if language.tag == "ar":
        text += "٠١٢٣٤٥٦٧٨٩"
    return {letter for letter in text if unicodedata.category(letter) not in {"Cf", "Cc"}}


@pytest.mark.parametrize("language", languages.known().values(), ids=lambda language: language.tag)
@pytest.mark.parametrize("weight", [400, 700])
def test_every_letter_of_a_language_has_a_shape(language: Language, weight: int) -> None:
    missing = set()
    for letter in letters(language):
        for sheet in ("fonts.css", *language.fonts):
            if any(
                _is_of(weight, weights) and ord(letter) in asked and ord(letter) in drawn(file)
                for weights, file, asked in faces(sheet)
            ):
                break
        else:
            missing.add(letter)
    assert not missing, f"{language.tag} at {weight}: {sorted(missing)}"


def _is_of(weight: int, weights: str) -> bool:
    first, *last = (int(each) for each in weights.split())
    return first <= weight <= (last[0] if last else first)


@pytest.mark.parametrize(
    "sheet", sorted({"fonts.css", *(s for each in languages.known().values() for s in each.fonts)})
)
def test_a_style_sheet_of_fonts_asks_only_for_files_that_are_there(sheet: str) -> None:
    for _weight, file, _asked in faces(sheet):
        assert file.is_file(), file
        assert VENDOR in file.resolve().parents
    assert "http" not in (VENDOR / sheet).read_text("utf-8")
