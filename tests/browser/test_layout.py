"""Every screen on every glass: large enough for hands and eyes, whole, in order, and the same throughout.

By default each screen is measured in Arabic and in another language, on an upright and a lying glass, in two
sizes of letters; in one of the two by axe, and in the other at 400 %. Each pair of a language, a shape, a
size and a colour theme occurs at least once. With KIOSK_LAYOUT=all each screen is measured by all of it in
every language, on every shape, in every size.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise, product
from random import Random
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import assert_axe
from tests.browser.conftest import Library, Screens, tap
from tests.browser.geometry import (
    SHAPES,
    assert_fits_the_screen,
    assert_gaps,
    assert_no_sideways_scroll,
    assert_nothing_clipped,
    assert_on_the_glass,
    assert_targets,
    assert_text_size,
)
from tests.browser.people import Residents
from tests.browser.screens import LANGUAGES, SCREENS, TEXT_SIZES, THEMES, show

ALL = os.environ.get("KIOSK_LAYOUT") == "all"

RIGHT_TO_LEFT = {"ar"}

FRAME = ".top, .idea, .more, .tools, dialog"
"""All that is touched but the keys."""

MAIN = ".top .button, .tile, .primary, .more, .key"
"""What nearly every visitor touches: errors grow fewer up to 20 mm."""


class View(NamedTuple):
    """How a screen is looked at."""

    shape: str
    text: str
    theme: str


def views() -> Iterator[tuple[str, str, View]]:
    """Which screen is looked at in which language, and how; the test below says what is enough.

    Each in Arabic, which turns everything round, and in another language by turns: upright and lying.
    """
    others = [language for language in LANGUAGES if language != "ar"]
    for number, screen in enumerate(SCREENS):
        if ALL:
            for turn, each in enumerate(product(LANGUAGES, SHAPES, TEXT_SIZES)):
                yield screen, each[0], View(*each[1:], THEMES[(number + turn) % 3])
            continue
        dice = Random(number)
        shapes = [dice.choice(LYING), dice.choice(UPRIGHT)]
        dice.shuffle(shapes)
        texts, themes = dice.sample(TEXT_SIZES, 2), dice.sample(THEMES, 2)
        for language, *how in zip(("ar", others[number % len(others)]), shapes, texts, themes, strict=True):
            yield screen, language, View(*how)


LYING = ("landscape", "tablet")
UPRIGHT = ("portrait", "tablet_portrait")
VIEWS = list(views())


@pytest.fixture(scope="module")
def screens(chromium: Browser, library: Library) -> Iterator[Screens]:
    made = Screens(chromium, library.url)
    yield made
    problems = made.close()
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def page(screens: Screens) -> Page:
    """One page for all tests of this file: what it has once read it need not read again.

    Nothing moves on it, so that no colour is measured on its way to another.
    """
    return screens("landscape", reduced_motion="reduce")


@pytest.fixture(scope="module")
def residents(chromium: Browser, library: Library) -> Residents:
    return Residents(chromium, library.url, library.settle)


def all_faults(*measures: Callable[[], None]) -> list[str]:
    """What the measures find, every one of them."""
    found = []
    for measure in measures:
        try:
            measure()
        except AssertionError as fault:
            found.append(str(fault))
    return found


# Every screen ---------------------------------------------------------------------------------------


def test_the_choice_of_views_has_every_pair() -> None:
    seen = {pair for _screen, language, view in VIEWS for pair in combinations((language, *view), 2)}
    factors = (LANGUAGES, SHAPES, TEXT_SIZES, THEMES)
    assert not {pair for one, two in combinations(factors, 2) for pair in product(one, two)} - seen
    for screen in SCREENS:
        of_it = [(language, view) for name, language, view in VIEWS if name == screen]
        assert "ar" in {language for language, _view in of_it}
        assert {view.shape in UPRIGHT for _language, view in of_it} == {True, False}
        assert len({view.text for _language, view in of_it}) > 1


@pytest.mark.parametrize(("name", "language"), list(dict.fromkeys((s, lang) for s, lang, _ in VIEWS)))
def test_everybody_can_read_and_touch_all_of_a_screen(
    page: Page, residents: Residents, name: str, language: str
) -> None:
    residents.open(page, SCREENS[name], language)
    found = all_faults(
        lambda: assert_well_formed(page),
        lambda: assert_languages_marked(page, "en" if name == "first" else language),
        lambda: assert_back_is_at_the_start(page),
    )
    turn = list(SCREENS).index(name) % 2 == (language == "ar")
    by_axe, enlarged = ALL or not turn, ALL or turn
    for view in (view for screen, spoken, view in VIEWS if (screen, spoken) == (name, language)):
        show(page, shape=view.shape, text=view.text, theme=view.theme)
        faults = faults_of_view(page, name, view)
        if by_axe:
            faults += all_faults(lambda: assert_axe(page))
        if faults:
            found += [f"--- {name} in {language}, {view.shape}, {view.text} %, {view.theme}", *faults]
    if enlarged:
        found += faults_enlarged_four_times(page)
    assert not found, "\n".join(found)


def faults_of_view(page: Page, name: str, view: View) -> list[str]:
    """What is wrong with an open page on its screen."""
    shape = SHAPES[view.shape]
    mm = shape.mm_per_px
    large = shape.inches >= 15
    measures = [
        lambda: assert_box_and_problem_in_sight(page),
        lambda: assert_no_sideways_scroll(page),
        lambda: assert_nothing_clipped(page),
        lambda: assert_on_the_glass(page),
        lambda: assert_targets(page, mm, 15, within=FRAME),
        lambda: assert_gaps(page, mm),
        lambda: assert_text_size(page, mm),
        lambda: assert_text_spacing_survives(page),
        lambda: assert_longer_words_fit(page),
        lambda: assert_more_leads_to_the_end(page),
    ]
    if page.locator(".key:visible").count():
        measures.append(lambda: assert_targets(page, mm, 20 if large else 12.7, within=".keyboard"))
    if large and page.locator(MAIN).count():
        measures.append(lambda: assert_targets(page, mm, 20, within=MAIN))
    if SCREENS[name].fits and view.text == "100":
        measures.append(lambda: assert_fits_the_screen(page))
    return all_faults(*measures)


def faults_enlarged_four_times(page: Page) -> list[str]:
    """Nothing is wider than the 320 px that are left of a screen of 1280 px at 400 %."""
    page.set_viewport_size({"width": 320, "height": 568})
    found = []
    for text in TEXT_SIZES:
        show(page, text=text)
        found += [
            f"at 400 %, {text} %: {fault}" for fault in all_faults(lambda: assert_no_sideways_scroll(page))
        ]
    return found


def assert_well_formed(page: Page) -> None:
    """One question, one first heading, and nothing else that claims to be one."""
    within = "dialog[open]" if page.locator("dialog[open]").count() else "body"
    headings = page.locator(f"{within} h1:visible")
    assert headings.count() == 1, f"{headings.count()} first headings: {headings.all_inner_texts()}"


def assert_languages_marked(page: Page, language: str) -> None:
    """The page says its language and direction, and each English line its own."""
    said = page.evaluate("() => [document.documentElement.lang, document.documentElement.dir]")
    assert said == [language, "rtl" if language in RIGHT_TO_LEFT else "ltr"]
    unmarked = page.locator(".eng:not([lang=en][dir=ltr])").all_inner_texts()
    assert not unmarked, f"English lines that do not say so: {unmarked}"


def assert_back_is_at_the_start(page: Page) -> None:
    """The way back is where a line of writing begins."""
    begins = page.evaluate(
        """() => {
          const back = document.querySelector('.top .turns');
          if (!back || back.closest('dialog')) return null;
          const top = document.querySelector('.top').getBoundingClientRect();
          const box = back.getBoundingClientRect();
          const ltr = [box.left - top.left, top.right - box.right];
          return document.documentElement.dir === 'rtl' ? ltr.reverse() : ltr;
        }"""
    )
    assert begins is None or begins[0] < begins[1], f"Back is at the end: {begins}"


def assert_box_and_problem_in_sight(page: Page) -> None:
    """Whoever is to write sees the question and the box, or what was wrong, however large the letters are."""
    hidden = page.evaluate(
        """() => {
          const idea = document.querySelector('.idea'), box = document.querySelector('.box');
          if (!idea || document.querySelector('dialog[open]')) return [];
          idea.scrollTop = 0;
          document.activeElement?.blur();
          document.querySelector('.problem')?.focus();
          box?.focus();
          const edge = idea.getBoundingClientRect();
          const parts = box ? ['.problem', '.box', '.asks:not(:has(~ .problem)) h1'] : ['.problem'];
          return [...document.querySelectorAll(parts)].map((part) => {
            const place = part.getBoundingClientRect();
            return [part.className || part.id, place.top - edge.top, edge.bottom - place.bottom];
          }).filter(([, above, below]) => above < -0.5 || below < -0.5);
        }"""
    )
    page.evaluate("() => { const idea = document.querySelector('.idea'); if (idea) idea.scrollTop = 0; }")
    assert not hidden, f"out of sight (px inside the upper and lower edge): {hidden}"


def assert_text_spacing_survives(page: Page) -> None:
    """Letters, words, lines and paragraphs may be set wider apart, and nothing is lost."""
    page.evaluate(
        """() => {
          const wide = new CSSStyleSheet();
          // a letter on a key is neither a word nor a line
          wide.replaceSync(`:not(.key, .key *) { line-height: 1.5 !important; word-spacing: .16em !important;
            letter-spacing: .12em !important } p { margin-block-end: 2em !important }`);
          document.adoptedStyleSheets = [wide];
        }"""
    )
    faults = all_faults(lambda: assert_no_sideways_scroll(page), lambda: assert_nothing_clipped(page))
    page.evaluate("() => { document.adoptedStyleSheets = [] }")
    assert not faults, "with wider text spacing: " + "\n".join(faults)


def assert_longer_words_fit(page: Page) -> None:
    """A language whose every word is 40 % longer loses nothing either."""
    page.evaluate(
        """() => {
          window.shorter = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const node = walker.currentNode;
            if (node.parentElement.closest('script, noscript, .keyboard, .code, .brand, [data-private]')) {
              continue;
            }
            window.shorter.push([node, node.data]);
            node.data = node.data.replace(/[\\p{L}\\p{M}]+/gu, (word) => {
              const letters = [...word];
              return word + letters.slice(0, Math.ceil(letters.length * 0.4)).join('').toLowerCase();
            });
          }
        }"""
    )
    faults = all_faults(lambda: assert_no_sideways_scroll(page), lambda: assert_nothing_clipped(page))
    page.evaluate("() => { for (const [node, words] of window.shorter) node.data = words }")
    assert not faults, "with words 40 % longer: " + "\n".join(faults)


def assert_more_leads_to_the_end(page: Page) -> None:
    """What does not fit is offered by a button, and touching it leads to the end without a gap."""
    if page.locator("dialog[open]").count():
        below = page.locator("dialog[open]").evaluate("(it) => it.scrollHeight - it.clientHeight")
        assert below <= 1, f'{below} px of the question lie below the edge, and it has no "More"'
        return
    measure = """() => { const idea = document.querySelector('.idea');
      return [idea.scrollTop, idea.scrollTop + idea.clientHeight, idea.scrollHeight] }"""
    more = page.locator(".more")
    for _touch in range(30):
        top, bottom, whole = page.evaluate(measure)
        if whole - bottom < 8:  # no more than the empty edge
            assert more.is_hidden(), '"More" leads nowhere'
            break
        assert more.is_visible(), f'{whole - bottom} px lie below the edge, and there is no "More"'
        tap(more)
        next_top, next_bottom, _whole = page.evaluate(measure)
        assert next_bottom > bottom, '"More" showed no more'
        assert bottom - next_top >= 0.3 * (bottom - top) - 1, '"More" left too little to find the place again'
    else:
        raise AssertionError('"More" was touched 30 times, and the end is not there')
    page.evaluate("() => { document.querySelector('.idea').scrollTop = 0 }")


# Between screens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "shape"), list(zip(("en", "ar", "pl", "ti"), SHAPES, strict=True)))
def test_the_tools_stay_where_they_are(page: Page, residents: Residents, language: str, shape: str) -> None:
    """Hands find them without looking; only the first screen has one tool less."""
    places: dict[str, dict[str, list[float]]] = {}
    for name in (
        "home",
        "start",
        "privacy",
        "language",
        "year",
        "day",
        "needs-wrong",
        "email",
        "check",
        "receipt",
    ):
        residents.open(page, SCREENS[name], language)
        show(page, shape=shape, text="100")
        for tool, box in page.evaluate(_TOOL_PLACES).items():
            places.setdefault(tool, {})[name] = box
    assert len(places) >= 3
    for tool, boxes in places.items():
        usual = boxes["home"]
        moved = {
            name: box
            for name, box in boxes.items()
            if max(abs(one - two) for one, two in zip(box, usual, strict=True)) > 2
        }
        assert not moved, f"{tool} is at {usual} on most screens, but: {moved}"


_TOOL_PLACES = """() => {
  const place = (tool) => {
    const box = tool.getBoundingClientRect();
    return [box.left, box.top, box.width, box.height];
  };
  const tools = [...document.querySelectorAll('.tools .tool')];
  return Object.fromEntries(tools.map((tool, number) => [`tool ${number + 1}`, place(tool)]));
}"""


@pytest.mark.parametrize(("language", "shape"), [("en", "landscape"), ("ar", "tablet"), ("ti", "portrait")])
def test_one_touch_makes_the_letters_larger(
    page: Page, residents: Residents, language: str, shape: str
) -> None:
    """100, 140, 200 % and back, on the page that is open."""
    residents.open(page, SCREENS["first-name"], language)
    show(page, shape=shape)
    sizes = []
    for _touch in range(3):
        with page.expect_response("**/display"):
            tap(page.locator("[data-changes=text]"))
        sizes.append(
            page.evaluate(
                "() => [document.documentElement.dataset.text,"
                " parseFloat(getComputedStyle(document.body).fontSize),"
                " parseFloat(getComputedStyle(document.querySelector('.box')).fontSize)]"
            )
        )
    by_step = {step: (body, box) for step, body, box in sizes}
    assert list(by_step) == ["140", "200", "100"]
    for part in (0, 1):
        usual = by_step["100"][part]
        assert by_step["140"][part] / usual == pytest.approx(1.4, rel=0.01)
        assert by_step["200"][part] / usual == pytest.approx(2, rel=0.01)


# With a keyboard that is plugged in -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "language", "shape", "text", "theme"),
    [
        ("home", "en", "landscape", "100", "paper"),
        ("first", "ar", "tablet_portrait", "140", "night"),
        ("language", "ar", "portrait", "200", "strong"),
        ("start", "ar", "landscape", "100", "strong"),
        ("needs", "ar", "tablet", "100", "night"),
        ("needs", "en", "tablet_portrait", "200", "paper"),
        ("day", "ar", "portrait", "100", "paper"),
        ("month", "pl", "tablet", "200", "night"),
        ("first-name", "ar", "landscape", "100", "paper"),
        ("email-wrong", "en", "tablet", "140", "strong"),
        ("postcode", "ti", "tablet_portrait", "100", "night"),
        ("check-long", "ar", "tablet", "140", "paper"),
    ],
)
def test_somebody_without_a_finger_free_tabs_through_it_in_order_and_sees_where_she_is(
    page: Page, residents: Residents, name: str, language: str, shape: str, text: str, theme: str
) -> None:
    residents.open(page, SCREENS[name], language)
    show(page, shape=shape, text=text, theme=theme)
    page.evaluate(_BEFORE_THE_FIRST)
    stops = list(tabbed(page))
    assert page.evaluate(_NOT_REACHED) == []
    assert not [stop["name"] for stop in stops if not stop["ring"]], "no ring of two colours, 6 px each"
    assert not [(stop["name"], stop["cut"]) for stop in stops if stop["cut"]], "the ring is cut off"
    for one, two in pairwise(stops):
        assert in_order(one, two), f"{two['name']} comes after {one['name']}"


def tabbed(page: Page) -> Iterator[dict[str, Any]]:
    """Where Tab stops, from the first to the last: the place of each in the page, and its ring."""
    while True:
        page.evaluate(_DRAWN)  # "More" goes away in the moment after the page has scrolled to its end
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(_FOCUSED)
        if stop is None:
            return
        yield stop


def in_order(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Down the page, and along the line in the direction of writing."""
    if one["part"] != two["part"]:
        return bool(one["part"] < two["part"])
    if two["top"] >= one["bottom"] - 1:
        return True
    overlap = two["top"] < one["bottom"] and two["bottom"] > one["top"]
    return bool(overlap and two["start"] > one["start"])


_BEFORE_THE_FIRST = """() => {
  document.querySelector('.idea').scrollTop = 0;
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
}"""

_DRAWN = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"""

_NOT_REACHED = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden])')]
  .filter((part) => part.checkVisibility({visibilityProperty: true}) && !window.reached.has(part))
  .map((part) => part.innerText || part.name)"""

# The parts of a page in the order of reading; then where the target lies, as if nothing were scrolled.
_FOCUSED = """() => {
  const focused = document.activeElement;
  window.reached ??= new Set();
  if (focused === document.body || window.reached.has(focused)) return null;
  window.reached.add(focused);
  const target = focused.closest('label') ?? focused, box = target.getBoundingClientRect();
  const rtl = getComputedStyle(target.parentElement).direction === 'rtl';
  const parts = ['.top', '.idea', '.keyboard', '.more', '.tools', 'dialog'];
  const scroller = target.closest('.idea, dialog'), edge = scroller?.getBoundingClientRect();
  const down = scroller?.scrollTop ?? 0;
  const style = getComputedStyle(target);
  const wide = style.boxShadow.match(/(\\d+)px(?!.*\\d+px)/);
  const ring = style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 6
    && wide && Number(wide[1]) >= parseFloat(style.outlineWidth) + (target.matches('.box') ? 3 : 6);
  const limit = edge ?? {left: 0, right: innerWidth, top: 0, bottom: innerHeight};
  const cut = {left: limit.left - box.left, right: box.right - limit.right,
               top: limit.top - box.top, bottom: box.bottom - limit.bottom};
  const words = target.getAttribute('aria-label') || target.innerText || target.name || '';
  return {
    name: words.trim().replace(/\\s+/g, ' ').slice(0, 30),
    part: parts.findIndex((part) => target.closest(part)),
    top: box.top + down, bottom: box.bottom + down, start: rtl ? -box.right : box.left,
    ring, cut: Object.values(cut).some((over) => over > -8.5) ? cut : null,
  };
}"""
