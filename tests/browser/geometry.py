"""Measures a page as it lies on the glass: in millimetres, because a pixel is 0.17 mm here and 0.5 mm there.

Each check looks at all that can be seen on the page, and fails with every fault it found, not only the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

CAPITAL_HEIGHT = 0.714
"""The height of a capital letter in Noto Sans, in parts of the font size."""

ROUNDING_PX = 0.5
"""Browsers lay out in 64ths of a pixel; half a pixel is the least that a touch or an eye could tell apart."""


@dataclass(frozen=True)
class Shape:
    """A screen that libraries really have: its size in CSS pixels, and its diagonal in inches."""

    name: str
    inches: float
    width: int
    height: int

    @property
    def mm_per_px(self) -> float:
        """Millimetres of glass in one CSS pixel."""
        return self.inches * 25.4 / math.hypot(self.width, self.height)


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("landscape", 21.5, 1920, 1080),
        Shape("portrait", 32, 1080, 1920),
        Shape("tablet", 10.1, 1280, 800),
        Shape("tablet_portrait", 10.1, 800, 1280),
    )
}

# What the checks share. A target is what a finger has to hit: the whole tile where a radio button sits inside
# its label. Elements are compared only with those that scroll together with them: what slides under a fixed
# bar does not lie beside it.
_LOOK = r"""
const seen = (element) => {
  if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) return false;
  if (element.closest('[inert], dialog:not([open])')) return false;
  for (let up = element; up; up = up.parentElement) {
    const style = getComputedStyle(up), box = up.getBoundingClientRect();
    if (style.overflow !== 'visible' && box.width <= 2 && box.height <= 2) return false;
    if (style.clipPath !== 'none' && /inset\(\s*(50|100)%/.test(style.clipPath)) return false;
  }
  return true;
};
const named = (element) => {
  const words = (element.getAttribute('aria-label') || element.innerText || element.name || '').trim();
  const id = element.id ? '#' + element.id : '';
  return element.tagName.toLowerCase() + id + [...element.classList].map((name) => '.' + name).join('')
    + ' "' + words.replace(/\s+/g, ' ').slice(0, 40) + '"';
};
const movesWith = (element) => {
  for (let up = element; up && up !== document.documentElement; up = up.parentElement) {
    const style = getComputedStyle(up);
    if (style.position === 'fixed' || style.position === 'sticky') return up;
    if (up !== element && /auto|scroll/.test(style.overflowX + style.overflowY)) return up;
  }
  return document.documentElement;
};
const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], '
  + '[role=link], [role=tab], [tabindex]:not([tabindex="-1"])';
const targets = (within) => {
  const found = new Set();
  for (const control of document.querySelectorAll(CONTROLS)) {
    if (within && !control.closest(within)) continue;
    const ticked = control.matches('input[type=radio], input[type=checkbox]');
    const target = (ticked && control.labels && control.labels[0]) || control;
    if (seen(target)) found.add(target);
  }
  return [...found];
};
const texts = () => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest('script, style, template, noscript, svg')) continue;
    if (!seen(parent)) continue;
    found.push([node, parent]);
  }
  return found;
};
"""

_TARGETS = r"""
return targets(options.within).map((target) => {
  const box = target.getBoundingClientRect();
  return {name: named(target), width: box.width, height: box.height};
});
"""

_GAPS = r"""
const all = targets(options.within).map((target) => (
  {target, box: target.getBoundingClientRect(), moves: movesWith(target)}));
const faults = [];
for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
  const one = all[i], two = all[j];
  if (one.moves !== two.moves) continue;
  const across = Math.max(one.box.left, two.box.left) - Math.min(one.box.right, two.box.right);
  const down = Math.max(one.box.top, two.box.top) - Math.min(one.box.bottom, two.box.bottom);
  if (Math.max(across, down) < options.least) {
    faults.push({one: named(one.target), two: named(two.target), gap: Math.max(across, down),
                 nested: one.target.contains(two.target) || two.target.contains(one.target)});
  }
}
return faults;
"""

_SIDEWAYS = r"""
const faults = [], root = document.documentElement;
const too_wide = Math.max(root.scrollWidth, document.body.scrollWidth) - window.innerWidth;
if (too_wide > 0) {
  const beyond = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect();
    return seen(element) && (box.right > window.innerWidth + 1 || box.left < -1);
  });
  faults.push(`the page is ${too_wide} px too wide: ` + beyond.slice(0, 5).map(named).join(', '));
}
for (const element of document.body.querySelectorAll('*')) {
  if (/auto|scroll/.test(getComputedStyle(element).overflowX) && element.matches(':not(input, textarea)')
      && seen(element) && element.scrollWidth > element.clientWidth + 1) {
    faults.push(`${named(element)} scrolls sideways by ${element.scrollWidth - element.clientWidth} px`);
  }
}
return faults;
"""

_DOWN = r"""
const faults = [], root = document.documentElement;
if (root.scrollHeight > window.innerHeight) {
  faults.push(`the page is ${root.scrollHeight - window.innerHeight} px too high`);
}
for (const element of document.body.querySelectorAll('*')) {
  if (/auto|scroll/.test(getComputedStyle(element).overflowY) && element.matches(':not(input, textarea)')
      && seen(element) && element.scrollHeight > element.clientHeight + 1) {
    faults.push(`${named(element)} has ${element.scrollHeight - element.clientHeight} px below its edge`);
  }
}
return faults;
"""

_CLIPPED = r"""
const faults = [];
for (const target of targets(null)) {
  if (target.matches('input, textarea, select') || !target.clientWidth) continue;
  const slack = 1 + 0.15 * parseFloat(getComputedStyle(target).fontSize);
  if (target.scrollWidth > target.clientWidth + 1) {
    faults.push(`${named(target)} is ${target.scrollWidth - target.clientWidth} px narrower than its words`);
  }
  if (target.scrollHeight > target.clientHeight + slack) {
    faults.push(`${named(target)} is ${target.scrollHeight - target.clientHeight} px lower than its words`);
  }
}
const clips = (value) => value === 'hidden' || value === 'clip';
for (const [node, parent] of texts()) {
  const range = document.createRange();
  range.selectNodeContents(node);
  // The box of a letter is taller than its line where lines are set tight; that much is empty space.
  const slack = 1 + 0.15 * parseFloat(getComputedStyle(parent).fontSize);
  const boxes = [...range.getClientRects()];
  const say = (what) => faults.push(`"${node.data.trim().slice(0, 40)}" in ${named(parent)} ${what}`);
  const outside = (left, right) => boxes.some((box) => box.right > right + 1 || box.left < left - 1);
  if (outside(0, window.innerWidth)) say('leaves the screen sideways');
  let scrolled = false;
  for (let up = parent; up && up !== document.body; up = up.parentElement) {
    const style = getComputedStyle(up), edge = up.getBoundingClientRect();
    // What scrolls can be reached, and its edge is where it should be cut.
    if (/auto|scroll/.test(style.overflowY)) scrolled = true;
    if (clips(style.overflowX) && outside(edge.left, edge.right)) {
      say(`is cut off sideways by ${named(up)}`);
      break;
    }
    if (!scrolled && clips(style.overflowY)
        && boxes.some((box) => box.bottom > edge.bottom + slack || box.top < edge.top - slack)) {
      say(`is cut off by ${named(up)}`);
      break;
    }
    if (style.webkitLineClamp !== 'none' && up.scrollHeight > up.clientHeight + slack) {
      say(`is shortened by ${named(up)}`);
      break;
    }
  }
}
return faults;
"""

_OFF_THE_GLASS = r"""
const faults = [];
for (const target of targets(null)) {
  const box = target.getBoundingClientRect(), place = movesWith(target);
  const scrolls = /auto|scroll/.test(getComputedStyle(place).overflowY);
  const edge = place.getBoundingClientRect();
  const say = (what) => faults.push(`${named(target)} ${what}`);
  if (box.left < -0.5 || box.right > window.innerWidth + 0.5) say('leaves the screen sideways');
  // What scrolls is brought to where it is whole; there it must be lower than the room it has.
  if (!scrolls && (box.top < -0.5 || box.bottom > window.innerHeight + 0.5)) say('leaves the screen');
  const over = scrolls ? box.height - edge.height : 0;
  if (over > 0.5) say(`is ${over} px higher than its place`);
}
return faults;
"""

_TEXT_SIZES = r"""
return texts().map(([node, parent]) => ({
  words: node.data.trim().slice(0, 40),
  name: named(parent),
  size: parseFloat(getComputedStyle(parent).fontSize),
}));
"""


def _measure(page: Page, script: str, **options: Any) -> Any:
    return page.evaluate(f"(options) => {{ {_LOOK} {script} }}", options)


def _none(faults: list[str], page: Page) -> None:
    if faults:
        lines = "\n  ".join(faults)
        raise AssertionError(f"{page.url} at {page.viewport_size}: {len(faults)} found\n  {lines}")


def assert_targets(
    page: Page, mm_per_px: float, least_mm: float = 15, *, least_px: float = 60, within: str | None = None
) -> None:
    """Everything that can be touched is at least `least_mm` wide and high, and at least `least_px` as well.

    `within` is a CSS selector of the parts to look at; without it, the whole page.
    """
    least = max(least_px, least_mm / mm_per_px) - ROUNDING_PX
    found = _measure(page, _TARGETS, within=within)
    assert found, f"{page.url} has nothing to touch{' in ' + within if within else ''}"
    _none(
        [
            f"{target['name']}: {target['width'] * mm_per_px:.1f} x {target['height'] * mm_per_px:.1f} mm "
            f"({target['width']:.0f} x {target['height']:.0f} px), needs {least * mm_per_px:.1f} mm"
            for target in found
            if min(target["width"], target["height"]) < least
        ],
        page,
    )


def assert_gaps(
    page: Page, mm_per_px: float, least_mm: float = 2.54, *, least_px: float = 8, within: str | None = None
) -> None:
    """Any two targets lie at least `least_mm` (and `least_px`) apart, and none lies inside another."""
    least = max(least_px, least_mm / mm_per_px) - ROUNDING_PX
    _none(
        [
            f"{pair['one']} and {pair['two']}: "
            + ("one lies inside the other" if pair["nested"] else f"{pair['gap'] * mm_per_px:.2f} mm apart")
            for pair in _measure(page, _GAPS, within=within, least=least)
        ],
        page,
    )


def assert_no_sideways_scroll(page: Page) -> None:
    """Neither the page nor any part of it is wider than its place."""
    _none(_measure(page, _SIDEWAYS), page)


def assert_fits_the_screen(page: Page) -> None:
    """All of the page is there at once: nothing lies below an edge, waiting to be scrolled to."""
    _none(_measure(page, _DOWN), page)


def assert_nothing_clipped(page: Page) -> None:
    """No word is cut off: not by its own button, not by a box around it, not by the edge of the screen."""
    _none(_measure(page, _CLIPPED), page)


def assert_on_the_glass(page: Page) -> None:
    """Every target is on the screen, or can be scrolled to where the whole of it is."""
    _none(_measure(page, _OFF_THE_GLASS), page)


def assert_text_size(page: Page, mm_per_px: float, least_mm: float = 3.5) -> None:
    """Every word is set so large that a capital letter is at least `least_mm` high."""
    _none(
        sorted(
            {
                f'"{text["words"]}" in {text["name"]}: {text["size"] * CAPITAL_HEIGHT * mm_per_px:.1f} mm'
                for text in _measure(page, _TEXT_SIZES)
                if text["size"] * CAPITAL_HEIGHT * mm_per_px < least_mm - 0.05
            }
        ),
        page,
    )
