"""Words from outside made safe: a little HTML is kept as it came, all else disappears.

Whoever wrote them may mean harm: what is looked at is cut before anything is done with it, and HTML whose
tags stand in each other more deeply than `DEEPEST` is read as plain text, because to close so many takes its
parser a time that grows with their square.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import nh3

from kiosk.spelling import clean

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a"}
LONGEST = 20_000
"""Letters of safe HTML that are kept of one text."""
LONGEST_LINE = 300
DEEPEST = 30
LONGEST_ADDRESS = 2000
_BLOCK = re.compile(
    r"<(/?)(?:article|blockquote|div|figure|h[1-6]|header|footer|main|pre|section|table|tr|dl|dt|dd)\b[^<>]*>",
    re.IGNORECASE,
)
_BOLD = re.compile(r"<(/?)b(?=[\s>])[^<>]*>", re.IGNORECASE)
_SLANTED = re.compile(r"<(/?)i(?=[\s>])[^<>]*>", re.IGNORECASE)
_EMPTY = re.compile(r"<(p|ul|ol|li|strong|em)>(?:\s|<br>)*</\1>")
_LINES = re.compile(r"</?(?:p|br|ul|ol|li)\b[^<>]*>")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_HUGE_TAG = re.compile(r"<[a-zA-Z/!][^<>]{4000,}>?")
_HALF_ENTITY = re.compile(r"&[a-z]*$")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ENDED_BY_OTHERS = {
    *("p", "br", "li", "td", "th", "tr", "dt", "dd", "option"),
    *("img", "hr", "input", "meta", "link"),
}
"""Tags that stand open without harm: another one ends them."""


def safe_html(text: str, longest: int = LONGEST) -> str:
    """The text with no tags but `TAGS` and no attribute but `href`, to http, https, mailto and tel.

    What comes without any markup becomes paragraphs. No more than `longest` letters come back, whole tags.
    """
    return cut(text, longest)[0]


def cut(text: str, longest: int = LONGEST) -> tuple[str, bool]:
    """`safe_html` of a text, and whether anything was left out because it is too long."""
    is_cut = bool(text[4 * longest :].strip())
    text = whole(text[: 4 * longest]).replace("\0", "")
    if not _MARKUP.search(text):
        made, is_cut_more = _paragraphs(html.unescape(text), longest)
        return made, is_cut or is_cut_more
    text = _HUGE_TAG.sub(" ", text)
    text = _SLANTED.sub(r"<\1em>", _BOLD.sub(r"<\1strong>", _BLOCK.sub(r"<\1p>", text)))
    if _is_too_deep(text):
        made, is_cut_more = _paragraphs(html.unescape(_MARKUP.sub("\n", text)), longest)
        return made, is_cut or is_cut_more
    text, room = _tidy(text), longest
    while len(text) > longest:
        room -= 40
        text, is_cut = _tidy(text[:room]), True  # which closes what was cut
    return text, is_cut


def whole(text: str) -> str:
    """The text with a sign in the place of each half of a letter, as JSON can hold it and no file can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_too_deep(text: str) -> bool:
    depth = 0
    for found in _TAG.finditer(text):
        if found[2].lower() not in _ENDED_BY_OTHERS:
            depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def _tidy(text: str) -> str:
    made = (
        nh3.clean(
            text,
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel=None,
            strip_comments=True,
        )
        .replace("&nbsp;", " ")
        .replace("\xa0", " ")
    )
    made = " ".join(made.split())
    while (less := _EMPTY.sub("", made)) != made:
        made = less
    return made.strip()


def paragraphs(text: str, longest: int = LONGEST) -> str:
    """Plain text as safe HTML: each of its lines a paragraph."""
    return _paragraphs(text, longest)[0]


def _paragraphs(text: str, longest: int) -> tuple[str, bool]:
    made: list[str] = []
    left = longest
    for line in whole(text[: 4 * longest]).splitlines():
        words = clean(line)
        escaped = html.escape(words, quote=False)
        if words and len(escaped) + len("<p></p>") > left:
            room = max(0, left - len("<p></p>"))
            fitting = _HALF_ENTITY.sub("", html.escape(words[:room], quote=False)[:room])
            return "".join([*made, f"<p>{fitting}</p>"] if fitting else made), True
        if words:
            made.append(f"<p>{escaped}</p>")
            left -= len(made[-1])
    return "".join(made), bool(text[4 * longest :].strip())


def plain(safe: str) -> str:
    """Safe HTML as plain text: a paragraph, or a point of a list, a line."""
    text = whole(_LINES.sub("\n", safe))
    if "<" in text or "&" in text:
        text = html.unescape(nh3.clean(text, tags=set()))
    return "\n".join(filter(None, (clean(line) for line in text.split("\n"))))


def one_line(text: str) -> str:
    """A name or another short thing, without markup, in one line."""
    return ", ".join(line for line in plain(text[: 4 * LONGEST_LINE]).split("\n") if line)[:LONGEST_LINE]


def web_address(text: str) -> str:
    """The address if it is a whole one of the web, else nothing."""
    address = text.strip()
    try:
        found = urlsplit(address)
        whole = found.scheme.lower() in {"http", "https"} and bool(found.hostname)
    except ValueError:
        return ""
    plain_letters = address.isprintable() and " " not in address and len(address) <= LONGEST_ADDRESS
    return address if whole and plain_letters else ""


def email_address(text: str) -> str:
    """The address if it looks like one, else nothing."""
    address = text.strip().rstrip(".")
    return (
        address
        if re.fullmatch(r"[^@\s<>\"(),;:]{1,64}@[^@\s<>\"(),;:.]+(?:\.[^@\s<>\"(),;:.]+)+", address)
        else ""
    )
