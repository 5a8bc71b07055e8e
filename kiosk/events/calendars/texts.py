"""Words from outside made safe: HTML becomes plain paragraphs, entities letters, noise disappears."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import nh3

from kiosk.spelling import clean

_TAG = re.compile(
    r"</?(?:a|article|b|blockquote|body|br|center|div|em|figure|font|h[1-6]|head|hr|html|i|iframe|img|li|meta|ol|p|"
    r"pre|script|section|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr|u|ul|video)\b[^<>]*/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"</?(?:article|blockquote|br|div|figure|h[1-6]|hr|li|ol|p|pre|section|table|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
LONGEST_LINE = 500
LONGEST_ADDRESS = 2000


def unescaped(value: str) -> str:
    r"""A TEXT value without its escapes: `\n`, `\,`, `\;` and `\\`. Other backslashes stay."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(_unescape, value)


def _unescape(found: re.Match[str]) -> str:
    letter = found[1]
    if letter in "nN":
        return "\n"
    return letter if letter in ',;\\:"' else found[0]


def parts(value: str) -> list[str]:
    """The texts of a list value: split at commas that are not escaped."""
    return [unescaped(part) for part in re.findall(r"(?:[^\\,]|\\.)+", value, re.DOTALL)]


def paragraphs(text: str) -> str:
    """The text without markup: one paragraph a line, no empty lines. Scripts and styles go whole."""
    for _again in range(2):  # some programs escape their HTML twice
        if _TAG.search(text):
            text = html.unescape(nh3.clean(_BREAK.sub("\n", text), tags=set()))
        elif "&" in text:
            text = html.unescape(text)
    return "\n".join(filter(None, map(_clean, re.split(r"[\n\r\u2028\u2029]", text))))


def one_line(text: str) -> str:
    """The same for what stands in one line: a title, or a place, whose lines are joined by commas."""
    lines = paragraphs(text).split("\n")
    return ", ".join(line.strip(" ,") for line in lines if line.strip(" ,"))[:LONGEST_LINE]


def web_address(text: str) -> str:
    """The address if it is a whole one of the web, else nothing."""
    address = text.strip()
    try:
        found = urlsplit(address)
        whole = found.scheme.lower() in {"http", "https"} and bool(found.hostname)
    except ValueError:
        return ""
    plain = address.isprintable() and " " not in address and len(address) <= LONGEST_ADDRESS
    return address if whole and plain else ""


def _clean(line: str) -> str:
    return " ".join(line.split()) if line.isascii() and line.isprintable() else clean(line)
