"""The screens that the other tests use: they notice what goes wrong on a page, though no test asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import Screens, back, tap

URL = "http://127.0.0.1"

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src *"

PAGES = {
    "/": "<main><h1>A page</h1><p><label>Name <input name=name></label></p><a href=/next>Next</a></main>",
    "/next": "<main><h1>The next page</h1></main>",
    "/corrected": "<main><h1>Error: write your name</h1></main>",
    "/broken": "<main><h1>Sorry</h1></main>",
    "/without-picture": "<main><h1>A page</h1><img src=/nothing.png alt=''></main>",
    "/with-style": "<main><h1 style='color: red'>A page</h1></main>",
    "/with-script": "<main><h1>A page</h1><script>1</script></main>",
    "/abroad": "<main><h1>A page</h1><img src=http://192.0.2.1/pixel.png alt=''></main>",
}
STATUS = {"/corrected": 422, "/broken": 500}


def serve(route: Route) -> None:
    path = route.request.url.removeprefix(URL)
    if path not in PAGES:
        return route.fulfill(status=404, body="")
    return route.fulfill(
        status=STATUS.get(path, 200),
        content_type="text/html; charset=utf-8",
        body=f"<!doctype html><html lang=en><title>A page</title><body>{PAGES[path]}</body></html>",
        headers={"Content-Security-Policy": POLICY},
    )


@pytest.fixture
def screens(chromium: Browser) -> Iterator[Screens]:
    made = Screens(chromium, URL)
    yield made
    made.close()


@pytest.fixture
def page(screens: Screens) -> Page:
    made = screens("tablet")
    made.route("**/*", serve)
    return made


def test_a_person_touches_her_way_to_the_next_page_and_back(screens: Screens, page: Page) -> None:
    page.goto("/")
    tap(page.get_by_text("Next"))
    page.wait_for_url("**/next")
    back(page)
    assert page.get_by_role("heading").inner_text() == "A page"
    assert screens.close() == []


def test_a_form_to_be_corrected_is_no_problem(screens: Screens, page: Page) -> None:
    page.goto("/corrected")
    assert screens.close() == []


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/broken", "500 from"),
        ("/without-picture", "404 from"),
        ("/with-style", "Content Security Policy"),
        ("/with-script", "Content Security Policy"),
        ("/abroad", "asked another machine: http://192.0.2.1"),
    ],
)
def test_what_goes_wrong_on_a_page_is_noticed(screens: Screens, page: Page, path: str, problem: str) -> None:
    page.goto(path)
    assert problem in "\n".join(screens.close())


def test_a_fault_in_a_script_is_noticed(screens: Screens, page: Page) -> None:
    page.goto("/")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('the kettle is empty') })")
    assert "the kettle is empty" in "\n".join(screens.close())


def test_only_a_problem_that_was_there_can_be_forgiven(screens: Screens, page: Page) -> None:
    page.goto("/broken")
    screens.forgive("500 from")
    with pytest.raises(AssertionError, match="No page had"):
        screens.forgive("500 from")
    assert screens.close() == []
