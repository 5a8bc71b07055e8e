"""A walk through questions, one a page: what was answered, which page is next, and which one was before.

What was answered lies in the visit, by the name of its page, so that a change of path loses nothing. A walk
has a one-time key from its beginning: what comes of it is sent once.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from babel.support import LazyProxy
from flask import current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from kiosk import kept, languages, visits
from kiosk.branches import here
from kiosk.forms import Question

Steps = dict[str, dict[str, Any]]
"""What was answered, by the page and the field; an equal button by its code under `instead`."""


@dataclass(frozen=True)
class Step:
    """A page with a question. `renews` are the pages that are asked again when this one has changed."""

    name: str
    asks: LazyProxy
    form: type[Question]
    asked: Callable[[Steps], bool] = lambda steps: True
    renews: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The name of its template: pages that differ by a number alone ask in the same words."""
        return self.name.rstrip("-0123456789")


@dataclass(frozen=True)
class Walk:
    """The questions of one journey: `name` is that of its answers in the visit, `endpoint` asks one."""

    name: str
    endpoint: str

    def has_begun(self) -> bool:
        return self.name in visits.current()

    def begin(self, **about: Any) -> None:
        """From here on there is something personal: the visit gets a new id and key."""
        visit = visits.current()
        visit.renew()
        visit[self.name] = {"key": secrets.token_hex(16), "steps": {}, "again": [], "aside": {}, **about}

    def answered(self) -> dict[str, Any]:
        """What this visit has answered; the visit has ended when there is nothing."""
        found: dict[str, Any] | None = visits.current().get(self.name)
        if found is None:
            raise visits.Ended
        return found

    def change(self, **changes: Any) -> None:
        visits.current()[self.name] = {**self.answered(), **changes}

    def address(self, step: Step) -> str:
        return url_for(self.endpoint, name=step.name)

    def written(self, step: Step) -> dict[str, Any]:
        """What was answered before, or is written but put aside."""
        found = self.answered()
        return found["aside"].get(step.name) or found["steps"].get(step.name) or {}

    def form(self, step: Step) -> Question:
        """The question with what was written already."""
        form = step.form(data=self.written(step))
        form.suit(self.answered()["steps"])
        return form

    def remember(self, step: Step, form: Question) -> None:
        """Keep the answer; what depends on it is asked again."""
        found = self.answered()
        self.change(
            steps={**found["steps"], step.name: form.answers()},
            again=[name for name in {*found["again"], *step.renews} if name != step.name],
            aside={name: draft for name, draft in found["aside"].items() if name != step.name},
        )

    def put_aside(self, step: Step, form: Question, back: str) -> str:
        """Keep what is written so far, right or wrong, for a look at another page; where that is."""
        draft = {field.name: field.data for field in form.fields if field.data}
        self.change(aside={**self.answered()["aside"], step.name: draft})
        return elsewhere(back)

    def next(self, asked: Sequence[Step]) -> Step | None:
        """The first question without an answer; None when nothing is missing."""
        found = self.answered()
        return next((s for s in asked if s.name not in found["steps"] or s.name in found["again"]), None)

    def ask(
        self,
        step: Step,
        folder: str,
        *,
        back: str,
        onwards: Callable[[], str],
        alike: bool = False,
        **shown: Any,
    ) -> Any:
        """Ask one question; keep a good answer and go `onwards`; what was wrong stands on the page.

        `folder` is that of its template, which also gets what is `shown`. When that says nothing of this
        person (`alike`), a page with an empty box looks the same to many, and is drawn once for them.
        """
        form = self.form(step)
        if "aside" in request.form:
            return redirect(self.put_aside(step, form, back), 303)
        if form.validate_on_submit():
            self.remember(step, form)
            return redirect(onwards(), 303)
        template = f"{folder}/{step.page}.html"
        if alike and request.method == "GET" and form.keyboard and not self.written(step):
            besides = {"form": form, "step": step}
            return kept.page(template, besides, frame=visits.frame(), asks=step.name, **shown)
        page = render_template(template, form=form, step=step, **shown)
        return page, 422 if form.errors else 200


def before(step: Step, asked: Sequence[Step]) -> Step | None:
    """The page before this one among those that are asked; None for the first."""
    place = list(asked).index(step) if step in asked else min(1, len(asked))
    return asked[place - 1] if place else None


def elsewhere(back: str) -> str:
    """Where somebody goes who puts a question aside: `back`, to a person, or to the choice of a language."""
    match request.form["aside"]:
        case "back":
            return back
        case "help":
            return f"{url_for('help.start')}?from={request.path}"
        case _:
            return f"{url_for('home.language')}?from={request.path}"


def this_page() -> str:
    """The address of this page, to come back to: with what a list is narrowed by."""
    return request.path + _query(request.query_string.decode("ascii", "replace"))


def _query(written: str) -> str:
    """A query made of codes, as ours are; any other is left out, and so is the page that one came from."""
    plain = re.fullmatch(r"[A-Za-z0-9=&._+-]{1,400}", written, re.ASCII) and "from=" not in written
    return f"?{written}" if plain else ""


def page_here(address: str) -> str:
    """A page of a resident on this server, with a query made of codes; else home. Never another site."""
    try:
        parts = urlsplit(address)
    except ValueError:  # it looks like an address of IPv6, and is none
        return url_for("home.home")
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return url_for("home.home")
    try:
        _endpoint, values = current_app.url_map.bind("").match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return url_for("home.home")
    offered = {each.tag for each in languages.offered(here().settings.languages)}
    if values.get("lang") in offered:
        return parts.path + _query(parts.query)
    return parts.path if parts.path == "/" else url_for("home.home")
