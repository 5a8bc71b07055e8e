"""The colours by themselves: weak eyes can read every word, and find the edge of what may be touched."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[1] / "static" / "tokens.css"

THEMES = ("paper", "strong", "night")
HUES = ("join", "events", "help", "support")

TEXT = (
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink-soft", "paper"),
    ("ink-soft", "surface"),
    ("on-action", "action"),
    ("action", "paper"),
    ("action", "surface"),
    ("error-ink", "error-tint"),
    ("done-ink", "done-tint"),
    *((words, f"{hue}-tint") for words, hue in product(("ink", "ink-soft"), HUES)),
    *((f"{hue}-ink", f"{hue}-tint") for hue in HUES),
)
"""Which words stand on which ground."""

EDGES = (
    ("line", "paper"),
    ("line", "surface"),
    ("ink", "surface"),
    ("action", "paper"),
    ("done-ink", "paper"),
    ("error-ink", "paper"),
    ("focus-in", "focus-out"),
    *((f"{hue}-ink", "paper") for hue in HUES),
    *((f"{hue}-ink", f"{hue}-tint") for hue in HUES),
)
"""Which edges and pictograms stand on which ground; of the ring, one colour on the other."""


@cache
def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme, by name."""
    text = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.DOTALL)
    found: dict[str, str] = {}
    for selector, body in re.findall(r"(:root|\[data-theme=\"\w+\"\])\s*{([^}]*)}", text):
        if selector == ":root" or theme in selector:
            found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", body))
    return found


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_as_the_guidelines_count_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("words", "ground"), TEXT)
def test_words_stand_out_seven_to_one(theme: str, words: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[words], colours[ground]) >= 7


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_pictograms_and_the_ring_stand_out_three_to_one(theme: str, edge: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[edge], colours[ground]) >= 3


@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_most_words_stand_out_ten_to_one_as_the_screen_comes(ground: str) -> None:
    colours = tokens("paper")
    assert contrast(colours["ink"], colours[ground]) >= 10


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_one_colour_of_the_ring_stands_out_on_every_ground(theme: str, ground: str) -> None:
    colours = tokens(theme)
    assert max(contrast(colours[ring], colours[ground]) for ring in ("focus-in", "focus-out")) >= 3
