"""Words from outside made safe: a little HTML is kept as it came, all else disappears."""

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


def safe_html(text: str, longest: int = LONGEST) -> str:
    """The text with no tags but `TAGS` and no attribute but `href`, to http, https, mailto and tel.

    What comes without any markup becomes paragraphs. No more than `longest` letters come back, whole tags.
    """
    text = text.replace("\0", "")[: 4 * longest]
    if not _MARKUP.search(text):
        return paragraphs(html.unescape(text), longest)
    text = _SLANTED.sub(r"<\1em>", _BOLD.sub(r"<\1strong>", _BLOCK.sub(r"<\1p>", text)))
    text = _tidy(text)
    while len(text) > longest:
        text = _tidy(text[: max(0, 2 * longest - len(text) - 40)])  # what was cut is closed again
    return text


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
    lines = [clean(line) for line in text.splitlines()]
    made = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)
    while len(made) > longest:
        lines = lines[:-1] if len(lines) > 1 else [lines[0][: len(lines[0]) - (len(made) - longest)]]
        made = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)
    return made


def plain(safe: str) -> str:
    """Safe HTML as plain text: a paragraph, or a point of a list, a line."""
    text = html.unescape(nh3.clean(_LINES.sub("\n", safe), tags=set()))
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
