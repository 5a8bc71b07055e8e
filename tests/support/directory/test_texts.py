"""Words from outside: a little HTML stays, what could harm goes, and nothing grows without end."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.support.directory.texts import TAGS, email_address, one_line, plain, safe_html, web_address


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("<p>Come &amp; see&nbsp;us</p>", "<p>Come &amp; see us</p>"),
        ("<div class='x' style='color:red'>A</div><h2>B</h2>", "<p>A</p><p>B</p>"),
        ("<b>bold</b> and <i>slanted</i>", "<strong>bold</strong> and <em>slanted</em>"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ('<img src="data:image/png;base64,xx" onerror="x()">y', "y"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        (
            '<a href="https://example.org" target=_blank onclick=x>a</a>',
            '<a href="https://example.org">a</a>',
        ),
        ("<p>&nbsp;</p><p>a</p><p><strong> </strong></p>", "<p>a</p>"),
        ("<ul><li>one</li><li>two</li></ul>", "<ul><li>one</li><li>two</li></ul>"),
        ("one\n\ntwo & three", "<p>one</p><p>two &amp; three</p>"),
        ("5 < 6", "<p>5 &lt; 6</p>"),
        ("&lt;script&gt;x&lt;/script&gt;", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("\x00\x07 a\u202eb", "<p>ab</p>"),
        ("", ""),
    ],
)
def test_what_came_is_kept_as_far_as_it_is_harmless(came: str, kept: str) -> None:
    assert safe_html(came) == kept


def test_plain_text_has_a_line_for_each_paragraph_and_point() -> None:
    assert plain("<p>a &lt;b&gt;</p><ul><li>one</li><li>two</li></ul>x<br>y") == "a <b>\none\ntwo\nx\ny"
    assert one_line("<p>a</p><p>b</p>") == "a, b"


@given(st.text(st.characters(codec=None), max_size=300) | st.text("<>/&;apbrulistem \n\"='x", max_size=300))
@settings(deadline=8000, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_is_safe_and_stays_as_it_is_when_it_comes_again(came: str) -> None:
    kept = safe_html(came)
    assert {tag.strip("/").lower() for tag in re.findall(r"</?([a-zA-Z][^\s>/]*)", kept)} <= TAGS
    assert re.findall(r"<[^>]*\s(?!href=)[a-z-]+=", kept) == []
    assert plain(kept) == plain(safe_html(kept))
    kept.encode()


def test_a_text_without_end_is_cut_and_its_tags_are_closed() -> None:
    for came in ("<p>word</p>" * 100_000, "x" * 2_000_000, "<p><strong>" * 50_000 + "x", "<" * 100_000):
        began = perf_counter()
        kept = safe_html(came, 1000)
        assert len(kept) <= 1000
        assert kept.count("<p>") == kept.count("</p>")
        assert perf_counter() - began < 5


def test_addresses_are_whole_or_nothing() -> None:
    assert web_address(" https://example.org/a ") == "https://example.org/a"
    for wrong in ("", "javascript:x", "/page", "http://", "http://[x", "https://a b", "ftp://example.org"):
        assert web_address(wrong) == ""
    assert email_address("help@example.org.") == "help@example.org"
    for wrong in ("", "help", "help@example", "a b@example.org", "<a@example.org>", "x@@example.org"):
        assert email_address(wrong) == ""
