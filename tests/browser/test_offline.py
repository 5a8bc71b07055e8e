"""The page for when the server cannot be reached at all: ours, and in the person's language."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.browser.test_connection import GONE, Server, server, the_server

__all__ = ["server", "the_server"]


@pytest.mark.parametrize(
    ("language", "words"), [("ar", "الاتصال بالشبكة مقطوع الآن."), ("en", "There is no connection")]
)
def test_a_screen_that_starts_without_a_server_says_so_in_her_language(
    screen: Screens, server: Server, language: str, words: str
) -> None:
    page = screen("tablet", service_workers="allow")
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    server.dies()
    page.goto(f"/{language}/join/")
    expect(page.get_by_role("heading")).to_contain_text(words)
    assert page.evaluate("document.documentElement.lang") == language
    kept = page.evaluate(
        "caches.open('no-connection').then((kept) => kept.keys()).then((all) => all.map((each) => each.url))"
    )
    assert kept
    assert all(address.endswith("/offline") or "/static/" in address for address in kept), "and no other page"
    server.comes_back()
    expect(page.locator(".tongues")).to_be_visible(timeout=20_000)
    screen.forgive(GONE)
