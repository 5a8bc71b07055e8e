"""The board: one live page of everything that waits at a branch. It names nobody, so that it may stay open.

A browser that has it open asks for news every second, which is no activity: the sign-in ends as usual, while
the cookie of the board (`kiosk.people.boards`) keeps this one page live. Every act needs a sign-in.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from kiosk import branches
from kiosk.branches import Branch
from kiosk.configuration import store
from kiosk.help import desk as help_desk
from kiosk.help import desk_words, queue
from kiosk.help.records import AlreadyTaken, Closed, Request
from kiosk.languages import _
from kiosk.people import Role, boards, open_board, signed_in, staff_only
from kiosk.people.access import give_board, take_board
from kiosk.staff import waiting
from kiosk.staff.pages import pages
from kiosk.staff.waiting import Scope, Waits
from kiosk.store import NotThere, Reading

for_openers = staff_only(Role.BRANCH, Role.MANAGER)
live_too = staff_only(Role.BRANCH, Role.MANAGER, with_board=True)

MINUTES = 3
"""What is promised by one touch on the board."""


@pages.get("/board")
@live_too
def board() -> Any:
    """The whole page. Opened by somebody signed in, it is hers to leave open; a manager chooses a branch."""
    scope = _scope()
    response = Response(_page(scope), mimetype="text/html")
    _keep_open(response, scope, chosen=True)
    return response


@pages.get("/board/live")
@live_too
def live() -> Any:
    """The part of it that changes; 204 while nothing has. `seen` is what the browser has."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("staff.board"), 303)
    scope = _scope()
    shown = _shown(scope)
    same = request.args.get("seen") == shown["seen"]
    response = Response(
        "" if same else render_template("staff/board_live.html", **shown), mimetype="text/html"
    )
    response.status_code = 204 if same else 200
    _keep_open(response, scope)
    return response


@pages.post("/board/<request_id>/take")
@for_openers
def take(request_id: str) -> Any:
    """By one touch: I have seen it, about three minutes. Or, with `now`, I am coming at once."""
    said = ""
    try:
        help_desk.take_by_touch(request_id, None if "now" in request.form else MINUTES)
    except AlreadyTaken as taken:
        said = _("%(name)s has it already.", name=taken.name)
    except Closed:
        said = _("It is over already.")
    except NotThere:
        said = _("It is at another branch now.")
    if "HX-Request" in request.headers:
        return render_template("staff/board_live.html", said=said, **_shown(_scope())), 409 if said else 200
    return (_page(_scope(), said), 409) if said else redirect(url_for("staff.board"), 303)


@pages.post("/board/close")
@live_too
def close_board() -> Any:
    """Nobody is to look at it here any more."""
    response = redirect(url_for("staff.home"), 303)
    take_board(response)
    return response


def _scope() -> Scope:
    """What this browser sees. A manager signed in chooses; a board left open shows what it showed before."""
    person = signed_in()
    open_now = open_board()
    chosen = request.values.get("branch")
    if person is None:
        if open_now is None:
            raise NotThere
        if chosen is None or chosen != _known(chosen) or not open_now.may_show(chosen):
            chosen = open_now.branch_id
        return Scope(chosen, open_now.person.sees_every_branch)
    if not person.person.sees_every_branch:
        return Scope(person.person.branch_id, False)
    if chosen is None:
        chosen = open_now.branch_id if open_now is not None else ""
    return Scope(_known(chosen), True)


def _known(branch_id: str) -> str:
    return branch_id if branch_id in {each.id for each in _places()} else ""


def _places() -> tuple[Branch, ...]:
    return store().known("branches of the board", lambda db: tuple(branches.every(db)))


def _keep_open(response: Response, scope: Scope, *, chosen: bool = False) -> None:
    """Write down that the board is open. While somebody is signed in it becomes hers, and lasts from now on.

    `chosen` when she opened the page: then the board stays at the branch that she chose.
    """
    session_now, open_now, now = signed_in(), open_board(), datetime.now(UTC)
    if session_now is None:
        if open_now is not None:
            boards.seen(store(), open_now, now)
        return
    person = session_now.person
    if open_now is None:
        with store().write() as db:
            cookie = boards.open_board(db, person.id, scope.branch_id, now)
        give_board(response, cookie)
    elif chosen or open_now.person.id != person.id or open_now.is_due(now):
        branch_id = scope.branch_id if chosen or not person.sees_every_branch else open_now.branch_id
        with store().write() as db, suppress(NotThere):  # closed at the same moment: the next poll opens one
            boards.renew(db, open_now.id, person.id, branch_id, now)


def _page(scope: Scope, said: str = "") -> str:
    place = next((each.name for each in _places() if each.id == scope.branch_id), "")
    return render_template(
        "staff/board.html", place=place, places=_places() if scope.every_branch else (), said=said,
        **_shown(scope),
    )  # fmt: skip


def _shown(scope: Scope) -> dict[str, Any]:
    """What the live part is drawn from, and `seen`, which differs whenever anything of it does."""
    now = datetime.now(UTC)
    requests, to_do = store().known(("board rows", scope, now.hour), lambda db: _look_up(db, scope, now))
    person, left_open = signed_in(), open_board()
    reader = person.person if person else left_open.person if left_open else None
    asked = waiting.asked_for(requests, scope, _places(), now, reader.id if reader else "")
    looks = [(replace(row, request=None), _steps(row), row.minutes(now)) for row in (*asked, *to_do)]
    # who is signed in here, and with which forms: after another sign-in they would be refused
    who = _digest((person.person.id if person else "", session.get("csrf_token")))
    return {
        "asked": asked,
        "to_do": to_do,
        "now": now,
        "scope": scope,
        "person": person.person if person else None,
        "waited": desk_words.waited,
        "count": sum(row.needed for row in asked),
        "can_wait": sum(row.unanswered and not row.needed for row in asked),
        "alarms": [alarm for row in asked for alarm in row.alarms],
        "seen": f"{_digest((looks, scope))}-{who}",
        "new_person": "seen" in request.args and request.args["seen"].partition("-")[2] != who,
    }


def _digest(of: object) -> str:
    return hashlib.blake2s(repr(of).encode(), digest_size=8).hexdigest()


def _steps(row: Waits) -> tuple[str, str]:
    """What of a request decides which buttons it has."""
    return (row.request.state, row.request.handler_id) if row.request else ("", "")


def _look_up(db: Reading, scope: Scope, now: datetime) -> tuple[tuple[Request, ...], tuple[Waits, ...]]:
    shown = [each.id for each in branches.every(db) if scope.branch_id in ("", each.id)]
    found = queue.unfinished(db, shown, every_branch=scope.every_branch)
    return found, tuple(waiting.to_do(db, scope, now))
