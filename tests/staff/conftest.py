"""A library with a manager, somebody at each of two branches, and an administrator; and their browsers."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from kiosk import branches
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Beginning, Role
from kiosk.store import Store
from tests.visitor import MORNING, PASSWORD

__all__ = ["MORNING", "PASSWORD", "Browser", "Library", "assert_sound"]


class Browser:
    """What a person at a desk does: open a page, fill in a form, press a button. Every page is looked at."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = BeautifulSoup("", "html.parser")

    def see(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.status_code not in (303, 204):
            self.page = BeautifulSoup(response.text, "html.parser")
            assert_sound(self.page)
            assert response.headers["Cache-Control"] == "no-store"
        return response

    def get(self, path: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.see(self.client.get(path, headers=named))

    def post(self, path: str, **fields: str | list[str]) -> TestResponse:
        """Send a form with the token of the page that is open."""
        tag = self.page.find("input", attrs={"name": "csrf_token"})
        token = str(tag["value"]) if tag else ""
        return self.see(self.client.post(path, data={"csrf_token": token, **fields}))

    def sign_in(self, username: str, password: str = PASSWORD, path: str = "/staff/sign-in") -> TestResponse:
        self.get(path)
        return self.post(path, username=username, password=password)

    @property
    def words(self) -> str:
        return " ".join(self.page.get_text(" ").split())


def assert_sound(page: BeautifulSoup) -> None:
    html = page.find("html")
    assert html is not None
    assert html["lang"] == "en"
    assert html["dir"] == "ltr"
    assert len(page.find_all("h1")) == 1
    assert page.title is not None
    assert page.title.get_text(strip=True)
    assert len(page.find_all("main")) == 1
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids)), "an id is used twice"
    for field in page.find_all(["input", "select", "textarea"]):
        if field.get("type") not in ("hidden", "submit"):
            named = page.find("label", attrs={"for": str(field.get("id"))})
            assert named or field.find_parent("label"), field
        for id_ in str(field.get("aria-describedby", "")).split():
            assert id_ in ids
    for form in page.find_all("form", method="post"):
        assert form.find("input", attrs={"name": "csrf_token"}), "a form without a token"
    for tag in page.find_all(True):
        assert not tag.has_attr("style")
        assert not any(name.startswith("on") for name in tag.attrs), tag
    for button in page.find_all(["button", "a"]):
        assert button.get_text(strip=True), button


class Library:
    """Two branches, somebody at each, a manager and an administrator; new, or as they were `begun` before."""

    def __init__(self, app: Flask, begun: Library | None = None) -> None:
        self.app = app
        self.store: Store = app.extensions["store"]
        self.service_key: bytes = app.config["SERVICE_KEY"]
        self.shown: Beginning
        self.central: str
        self.north: str
        self.screen: str
        if begun:
            self.shown, self.screen = begun.shown, begun.screen
            self.central, self.north = begun.central, begun.north
        else:
            self._begin()

    def _begin(self) -> None:
        self.shown = accounts.begin_library(
            self.store, self.service_key, password=PASSWORD, name="Maria Manager"
        )
        with self.store.write() as db:
            self.central = branches.add_branch(db, "Central Library")
            self.north = branches.add_branch(db, "North Library")
            self.screen = branches.add_kiosk(db, self.central, "Entrance")
        self.add("anna", "Anna Nowak", Role.BRANCH, self.central)
        self.add("ned", "Ned North", Role.BRANCH, self.north)
        self.add("it", "Ada Admin", Role.ADMINISTRATOR, None)

    def add(self, username: str, name: str, role: Role, branch_id: str | None) -> None:
        """Let somebody in who has chosen the password of these tests."""
        manager, _cookie = sessions.sign_in(self.store, self.service_key, "manager", PASSWORD)
        with self.store.read() as db:
            desk_key = accounts.open_desk_key(db, manager.person.id, manager.private_key)
        person, password = accounts.add(
            self.store, self.service_key, manager.person, desk_key,
            username=username, name=name, role=role, branch_id=branch_id,
        )  # fmt: skip
        sessions.change_password(self.store, self.service_key, person, password, PASSWORD, "")

    def person_id(self, username: str) -> str:
        with self.store.read() as db:
            return str(db.value("SELECT id FROM people WHERE username = :name", name=username))

    def browser(self, username: str = "") -> Browser:
        browser = Browser(self.app)
        if username:
            assert browser.sign_in(username).status_code == 303
        return browser

    def log(self) -> list[tuple[str, str, str]]:
        with self.store.read() as db:
            rows = db.all("SELECT who, action, subject_id FROM audit ORDER BY number")
        return [(row["who"], row["action"], row["subject_id"]) for row in rows]
