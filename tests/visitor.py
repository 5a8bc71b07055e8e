"""A person at the screen. She reads every page that any test sees, and finds what is wrong with it."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import unescape
from typing import Any, cast
from urllib.parse import unquote, urlencode, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse, create_environ
from werkzeug.wrappers import Request

from kiosk import catalogues, languages
from kiosk.join import records
from kiosk.join.answers import Answers
from kiosk.pages import CONTENT_SECURITY_POLICY
from kiosk.people import accounts, sessions
from kiosk.store import Store

MORNING = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
PASSWORD = "violet tractor under seven moons"
TEXT_BOXES = {"text", "email", "tel", "number", "search", "password", "url"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
KEY = re.compile(r'name="key" value="([^"]*)"')
VALUES = re.compile(r'value="[^"]*"')
TITLES_AND_ADDRESSES = re.compile(
    r'<title>(.*?)</title>|\b(?:href|action|src|formaction)="([^"]*)"', re.DOTALL
)
SEEN: set[int] = set()
CHANGES_OF_PAGE = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Instead:
    """One of the equal buttons beside a question, by its code."""

    code: str


Answer = str | list[str] | Instead

USUAL: dict[str, Answer] = {
    "who": "me",
    "filled-by": "self",
    "ages": ["5", "3", "0"],
    "child-1": "Adam",
    "child-2": "Sara",
    "child-3": "Musa",
    "brings": "volunteer",
    "times": ["mornings"],
    "door": "self",
    "likes": ["crime", "large-print"],
    "code": Instead("none"),
    "neighbour": "Joan Smith",
    "until": "6",
    "address": "12 Quay Road",
    "year": "1990",
    "month": "3",
    "day": "27",
    "age": "25-59",
    "needs": ["large-print", "step-free"],
    "contact": "call",
    "phone": "07700 900982",
    "email": "amina@example.org",
    "postcode": "ip1 1aa",
    "first-name": "Amina",
    "family-name": "Bekele",
}
"""What a person answers unless a test says otherwise, by the name of the page."""
MANY_CHILDREN = tuple(f"child-{number}" for number in range(1, 9))


class Line:
    """A real connection to a server that answers like the client of tests."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        return self._ask("GET", path, b"", headers or {})

    def post(
        self,
        path: str,
        data: dict[str, Any] | bytes,
        headers: dict[str, str] | None = None,
        content_type: str = "application/x-www-form-urlencoded",
    ) -> TestResponse:
        body = data if isinstance(data, bytes) else urlencode(data, doseq=True).encode()
        return self._ask("POST", path, body, {"Content-Type": content_type, **(headers or {})})

    def get_cookie(self, name: str) -> Cookie | None:
        value = self._cookies.get(name)
        return None if value is None else Cookie(name, value)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> TestResponse:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, {"Cookie": cookies, **headers})
        answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.split(";")[0].partition("=")
            self._cookies[name] = value
        request = Request(create_environ(path))
        return TestResponse([answer.read()], str(answer.status), Headers(answer.getheaders()), request)


@dataclass(frozen=True)
class Cookie:
    name: str
    value: str


class Visitor:
    """One browser at one screen."""

    def __init__(self, client: FlaskClient | Line) -> None:
        self.client: Any = client
        self.text = ""
        self._parsed: tuple[str, BeautifulSoup] | None = None
        self.path = ""
        self.status = 0
        self.typed: set[str] = set()

    # -- looking at pages ---------------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page and go wherever it leads."""
        return self._follow(path, self.client.get(path, headers=_named(headers)))

    def post(
        self, path: str, fields: dict[str, Any] | None = None, *, follow: bool = True, **headers: str
    ) -> TestResponse:
        """Send a form with the token of the page that is open."""
        sent = {"csrf_token": self.token, **(fields or {})}
        self._remember(sent)
        response: TestResponse = self.client.post(path, data=sent, headers=_named(headers))
        if follow:
            return self._follow(path, response)
        self._look(path, response)
        return response

    def post_bytes(self, path: str, name: str, value: bytes) -> TestResponse:
        """Send a form with one field as these very bytes, percent signs and all."""
        body = b"csrf_token=" + self.token.encode() + b"&" + name.encode() + b"=" + value
        kind = "application/x-www-form-urlencoded"
        return self._follow(path, self.client.post(path, data=body, content_type=kind))

    def _follow(self, path: str, response: TestResponse) -> TestResponse:
        for _ in range(10):
            self._look(path, response)
            if response.status_code not in CHANGES_OF_PAGE:
                return response
            path = response.headers["Location"]
            response = cast(TestResponse, self.client.get(path))
        raise AssertionError(f"{path} leads around in circles")

    def _look(self, path: str, response: TestResponse) -> None:
        self.path, self.status = urlsplit(path).path, response.status_code
        self._check_headers(response)
        is_page = response.mimetype == "text/html" and "<" in response.text
        if is_page and response.status_code not in CHANGES_OF_PAGE:
            self.text = response.text
            self._inspect_what_is_new()
            for text in TITLES_AND_ADDRESSES.findall(self.text):
                self._check_that_none_of_it_is_in(unquote(unescape("".join(text))))

    def _inspect_what_is_new(self) -> None:
        """A page seen before, but for its token and what is in its boxes, is not looked at twice."""
        but_for_values = hash(VALUES.sub("", self.text))
        if but_for_values not in SEEN:
            inspect(self.page)
            SEEN.add(but_for_values)

    @property
    def page(self) -> BeautifulSoup:
        if self._parsed is None or self._parsed[0] != self.text:
            self._parsed = (self.text, BeautifulSoup(self.text, "html.parser"))
        return self._parsed[1]

    def _check_headers(self, response: TestResponse) -> None:
        assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        if not self.path.startswith("/static/"):
            assert response.headers["Cache-Control"] == "no-store", self.path
        for cookie in response.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie, cookie
            assert "SameSite=Strict" in cookie, cookie
        address = unquote(response.headers.get("Location", ""))
        assert urlsplit(address).netloc in {"", "localhost"}, "a person is led to another site"
        self._check_that_none_of_it_is_in(address)

    def _check_that_none_of_it_is_in(self, text: str) -> None:
        for typed in self.typed:
            assert typed not in text, f"what a person typed is in {text!r}"

    def _remember(self, fields: dict[str, Any]) -> None:
        for name in ("phone", "email", "postcode", "first_name", "family_name"):
            value = fields.get(name)
            if isinstance(value, str) and len(value.strip()) > 3:
                self.typed.add(value.strip()[:60])

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """All that can be read on the page."""
        return " ".join(self.page.get_text(" ").replace("\N{WORD JOINER}", "").split())

    @property
    def problem(self) -> str:
        """The words of the error on a question page, in her own language; empty when there is none."""
        tag = self.page.select_one("#problem .own")
        return tag.get_text() if tag else ""

    @property
    def heading(self) -> str:
        """What the page is about, in her own language."""
        tag = self.page.select_one("h1:not(dialog h1)")
        assert tag is not None
        tag = tag.select_one(".own") or tag
        return tag.get_text(strip=True)

    @property
    def lang(self) -> str:
        found = re.search(r'<html lang="([^"]+)"', self.text)
        assert found
        return found[1]

    @property
    def box(self) -> str:
        """What is written in the box of the page."""
        tag = self.page.select_one("input.box")
        assert tag is not None, "there is no box on this page"
        return str(tag.get("value", ""))

    @property
    def cookie(self) -> str:
        cookie = self.client.get_cookie("visit")
        return cookie.value if cookie else ""

    # -- joining ------------------------------------------------------------------------------------------

    def start_joining(self, language: str = "en", *, who: str = "me", look: bool = False) -> None:
        """From the first screen to the first question; with `look`, touch by touch and page by page.

        `who` it is for; when empty, that is the question that is open.
        """
        if look:
            self.get("/")
            self.get(f"/{language}/")
        self.get(f"/{language}/join/")
        self.post(f"/{language}/join/")
        assert self.path == f"/{language}/join/who", self.path
        if who:
            self.answer("who", who)

    def answer(self, step: str, answer: Answer, *, follow: bool = True) -> TestResponse:
        """Answer a question; `step` is the name of its page."""
        language = self.path.split("/")[1]
        fields = {"instead": answer.code} if isinstance(answer, Instead) else {field_of(step): answer}
        return self.post(f"/{language}/join/{step}", fields, follow=follow)

    def walk(self, to: str = "check", *, look: bool = False, **answers: Any) -> None:
        """Answer what is asked until the page `to` is there; with `look`, every page on the way is opened.

        Names of pages are written with `_` for `-`.
        """
        given = {**dict.fromkeys(MANY_CHILDREN, "Adam"), **USUAL}
        given |= {name.replace("_", "-"): answer for name, answer in answers.items()}
        path = self.path
        while (step := path.rsplit("/", 1)[1]) != to:
            response = self.answer(step, given[step], follow=look)
            assert response.status_code in (200, 303), f"{step}: {self.status} {self.problem}"
            path = self.path if look else response.headers["Location"]
            assert not path.endswith(f"/{step}"), f"{step} is asked again"
        if not look:
            self.get(path)

    def join(self, language: str = "en", *, who: str = "me", look: bool = False, **answers: Any) -> str:
        """The whole way; the code of the receipt, without its spaces."""
        self.start_joining(language, who=who, look=look)
        self.walk(look=look, **answers)
        self.send()
        return self.code

    @property
    def key(self) -> str:
        """The one-time key of the page to check answers on."""
        found = KEY.search(self.text)
        assert found, f"there is nothing to send on {self.path}"
        return found[1]

    def send(self) -> TestResponse:
        language = self.path.split("/")[1]
        if self.page.select_one("a[href$='/join/agree']"):
            self.get(f"/{language}/join/agree")
            return self.post(f"/{language}/join/send", {"key": self.key, "agreed": "yes"})
        return self.post(f"/{language}/join/send", {"key": self.key})

    @property
    def code(self) -> str:
        """The code of the receipt that is open."""
        tag = self.page.select_one(".receipt strong")
        assert tag is not None, f"no code on {self.path}: {self.status} {self.words}"
        return tag.get_text().replace(" ", "")


def field_of(step: str) -> str:
    if step.startswith("child-"):
        return "family_name" if "family" in step else "first_name"
    return {"age": "age_band"}.get(step, step.replace("-", "_"))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


# -- at the desk -----------------------------------------------------------------------------------------


def opened(app: Flask) -> dict[str, Answers]:
    """Every join that is kept, by its code, as it opens with the key of the desk."""
    store: Store = app.extensions["store"]
    service_key: bytes = app.config["SERVICE_KEY"]
    session, _cookie = sessions.sign_in(store, service_key, accounts.FIRST_USERNAME, PASSWORD)
    with store.read() as db:
        private_key = accounts.open_desk_key(db, session.person.id, session.private_key)
        rows = db.all("SELECT id, reference, sealed FROM joins WHERE sealed IS NOT NULL")
    return {row["reference"]: records.opened(row["sealed"], row["id"], private_key) for row in rows}


# -- what is wrong with a page ---------------------------------------------------------------------------


def inspect(page: BeautifulSoup) -> None:
    """Fail when a page is not as every page of a resident must be."""
    _inspect_frame(page)
    _inspect_ids(page)
    _inspect_forms(page)
    _inspect_safety(page)
    _inspect_languages(page)


def _inspect_frame(page: BeautifulSoup) -> None:
    html = page.find("html")
    assert html is not None
    language = languages.known()[str(html["lang"])]
    assert html["dir"] == language.direction
    headings = [tag for tag in page.find_all("h1") if not tag.find_parent("dialog")]
    assert len(headings) == 1, headings
    assert headings[0].get_text(strip=True)
    assert page.title is not None
    assert page.title.get_text(strip=True)
    assert len(page.find_all("main")) == 1
    for picture in page.find_all("svg"):
        assert picture.get("aria-hidden") == "true" or picture.find_parent(attrs={"aria-hidden": "true"}) \
            or picture.find_parent(attrs={"role": "img"}), picture  # fmt: skip
    for tag in page.find_all(["button", "a"]):
        assert tag.get_text(strip=True) or tag.get("aria-label"), f"no words on {tag}"


def _inspect_ids(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids)), "an id is used twice"
    for tag in page.find_all(True):
        for name in ("aria-labelledby", "aria-describedby", "for", "form", "aria-controls"):
            for id_ in str(tag.get(name, "")).split():
                assert id_ in ids, f"{name}={id_} leads nowhere"


def _inspect_forms(page: BeautifulSoup) -> None:
    for form in page.find_all("form"):
        if str(form.get("method", "get")).lower() == "post":
            assert form.find("input", attrs={"name": "csrf_token"}), "a form without a token"
        if form.find("input", type=lambda kind: kind in TEXT_BOXES):
            assert form.get("autocomplete") == "off", "the browser may remember what is typed here"
    for field in page.find_all(["input", "select", "textarea"]):
        if field.get("type") in ("hidden", "submit"):
            continue
        labelled = field.get("aria-labelledby") or field.get("aria-label") or field.find_parent("label")
        assert labelled or page.find("label", attrs={"for": str(field.get("id"))}), f"no label for {field}"
        if field.get("type") in TEXT_BOXES:
            assert field.get("spellcheck") == "false"


def _inspect_safety(page: BeautifulSoup) -> None:
    assert not page.find_all(["style", "iframe", "object", "embed", "base"])
    for tag in page.find_all(True):
        assert not tag.has_attr("style"), tag
        assert not tag.has_attr("target"), tag
        assert not any(name.startswith(("on", "hx-on")) for name in tag.attrs), tag
        for name in ("href", "action", "src", "formaction"):
            address = str(tag.get(name, ""))
            assert not urlsplit(address).scheme, address
            assert not urlsplit(address).netloc, address
    for script in page.find_all("script"):
        assert script.get("src"), "a script inside the page"
        assert not script.get_text(strip=True)


def _inspect_languages(page: BeautifulSoup) -> None:
    """The English line is marked as English; nothing else of a translated page is in English (E18)."""
    for line in page.select(".eng"):
        assert line.get("lang") == "en", line
        assert line.get("dir") == "ltr", line
    html = page.find("html")
    assert html is not None
    tag = str(html["lang"])
    if tag == "en":
        assert not page.select(".eng"), "English under English"
        return
    for text in _texts_of(page, tag):
        assert not _is_left_in_english(text, tag), f"left in English on a page in {tag}: {text!r}"


def _texts_of(page: BeautifulSoup, tag: str) -> list[str]:
    """What is read or read out in the language of the page; not what people typed, and no other languages."""
    found = []
    for text in page.find_all(string=True):
        own = _nearest(text, "lang") == tag and not text.find_parent(["bdi", "script"])
        if own and isinstance(text, NavigableString) and not isinstance(text, PreformattedString):
            found.append(" ".join(text.split()))
    for element in page.find_all(True):
        if _nearest(element, "lang") == tag:
            found += [str(element[name]) for name in ("aria-label", "title", "alt") if element.has_attr(name)]
    return [text for text in found if text]


def _nearest(text: Any, name: str) -> str:
    holder = text if isinstance(text, Tag) and text.has_attr(name) else text.find_parent(attrs={name: True})
    return str(holder[name]) if holder else ""


def _is_left_in_english(text: str, tag: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in _translated(tag))


@cache
def _translated(tag: str) -> list[re.Pattern[str]]:
    """The English of everything that this language says in other words."""
    patterns = []
    catalog = catalogues.read(languages.known()[tag])
    for message in catalog:
        if message.id and message.string and message.string != message.id:
            parts = re.split(r"%\(\w+\)s", str(message.id))
            if any(len(part.strip()) > 1 for part in parts):
                patterns.append(re.compile(".+".join(re.escape(part) for part in parts)))
    return patterns
