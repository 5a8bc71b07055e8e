"""The measures themselves: each finds the fault that it is there for, and leaves a sound page alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import assert_axe
from tests.browser.geometry import (
    SHAPES,
    assert_fits_the_screen,
    assert_gaps,
    assert_no_sideways_scroll,
    assert_nothing_clipped,
    assert_targets,
    assert_text_size,
)

TABLET = SHAPES["tablet"]

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"

SOUND = """
<main><h1>What do you want to do?</h1>
<p><a href="/pl/join/" class="tile">Join the library</a></p>
<p><label class="tile"><input type="radio" name="how"> Read a book</label></p></main>
"""

STYLE = """
body { margin: 0; font: 30px/1.4 sans-serif; color: #1b2733; background: #faf6ef }
.tile { display: block; min-block-size: 120px; inline-size: 400px; color: #0f4c4a; background: #ddefea }
p { margin-block: 24px }
"""


@pytest.fixture
def draw(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Draw a page on the tablet from the inside of its body and further rules of style."""
    context = chromium.new_context(viewport={"width": TABLET.width, "height": TABLET.height}, has_touch=True)
    page = context.new_page()

    def make(body: str, style: str = "") -> Page:
        html = (
            "<!doctype html><html lang=en><title>A page</title><link rel=stylesheet href=/style.css>"
            f"<body>{body}</body></html>"
        )
        for path, kind, text in (("", "text/html", html), ("style.css", "text/css", STYLE + style)):
            page.route(
                f"http://127.0.0.1/{path}",
                lambda route, kind=kind, text=text: route.fulfill(
                    body=text,
                    content_type=f"{kind}; charset=utf-8",
                    headers={"Content-Security-Policy": POLICY},
                ),
            )
        page.goto("http://127.0.0.1/")
        return page

    yield make
    context.close()


def measure_all(page: Page) -> None:
    assert_targets(page, TABLET.mm_per_px)
    assert_gaps(page, TABLET.mm_per_px)
    assert_no_sideways_scroll(page)
    assert_fits_the_screen(page)
    assert_nothing_clipped(page)
    assert_text_size(page, TABLET.mm_per_px)
    assert_axe(page)


def test_the_screens_are_as_large_as_they_are_in_libraries() -> None:
    found = {name: round(shape.mm_per_px, 3) for name, shape in SHAPES.items()}
    assert found == {"landscape": 0.248, "portrait": 0.369, "tablet": 0.170, "tablet_portrait": 0.170}


def test_a_sound_page_passes_every_measure(draw: Callable[..., Page]) -> None:
    measure_all(draw(SOUND))


@pytest.mark.parametrize(
    ("body", "style", "fault"),
    [
        ("<button>OK</button>", "button { inline-size: 60px; block-size: 60px }", "10.2 x 10.2 mm"),
        ("<button>One</button><button>Two</button>",
         "button { inline-size: 200px; block-size: 120px; margin: 0; vertical-align: top }"
         "button + button { margin-inline-start: 10px }", "1.70 mm apart"),
        ("<a href=/ class=tile>Join <input aria-label=Name class=tile></a>", "", "one lies inside the other"),
        ("<div class=tile>Wide</div>", ".tile { inline-size: 1400px }", "120 px too wide"),
        ("<div class=rail><div class=tile>Wide</div></div>", ".rail { overflow-x: auto; inline-size: 300px }",
         "scrolls sideways by 100 px"),
        ("<div class=tile>High</div>", ".tile { block-size: 900px }", "px too high"),
        ("<div class=list><div class=tile>High</div></div>", ".list { overflow-y: auto; block-size: 100px }",
         "below its edge"),
        ("<button class=tile>Bibliotekarzami</button>", ".tile { inline-size: 120px; font: inherit }",
         "narrower than its words"),
        ("<div class=tile><p>Nobody reads the end of this line</p></div>",
         ".tile { overflow: hidden; white-space: nowrap; inline-size: 200px }", "is cut off sideways"),
        ("<div class=tile><p>One</p><p>Two</p><p>Three</p></div>",
         ".tile { overflow: hidden; block-size: 120px }", "is cut off by"),
        ("<p class=tile>Small print</p>", ".tile { font-size: 20px }", "2.4 mm"),
    ],
    ids=["small", "near", "nested", "wide", "rail", "high", "list", "narrow", "cut", "low", "print"],
)  # fmt: skip
def test_a_fault_on_the_page_is_found_and_named(
    draw: Callable[..., Page], body: str, style: str, fault: str
) -> None:
    page = draw(f"<main><h1>A page</h1>{body}</main>", style)
    found = []
    measures: list[Callable[[], None]] = [
        lambda: assert_targets(page, TABLET.mm_per_px),
        lambda: assert_gaps(page, TABLET.mm_per_px),
        lambda: assert_no_sideways_scroll(page),
        lambda: assert_fits_the_screen(page),
        lambda: assert_nothing_clipped(page),
        lambda: assert_text_size(page, TABLET.mm_per_px),
    ]
    for measure in measures:
        try:
            measure()
        except AssertionError as error:
            found.append(str(error))
    assert fault in "\n".join(found)


@pytest.mark.parametrize(
    ("style", "rule"),
    [
        ("p { color: #8a8a8a; background: #fff }", "color-contrast-enhanced"),
        ("a { display: block; inline-size: 20px; block-size: 20px; line-height: 20px }", "target-size"),
    ],
    ids=["contrast", "size"],
)  # fmt: skip
def test_axe_looks_for_what_it_leaves_out_by_itself(draw: Callable[..., Page], style: str, rule: str) -> None:
    page = draw("<main><h1>A page</h1><p>Words <a href=/a>A</a><a href=/b>B</a></p></main>", style)
    with pytest.raises(AssertionError, match=rule):
        assert_axe(page)


def test_what_cannot_be_seen_is_not_measured(draw: Callable[..., Page]) -> None:
    measure_all(
        draw(
            SOUND + "<div hidden><button>OK</button></div><div inert class=off><button>OK</button></div>",
            ".off { visibility: hidden; position: absolute }",
        )
    )
