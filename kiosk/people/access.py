"""Who may see which staff page: every address under /staff/ is closed until its view says whom it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.wrappers import Request, Response
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from kiosk import audit, branches, rounds
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.people import boards, partners, sessions
from kiosk.people.accounts import STAFF, Person, Role, open_desk_key
from kiosk.people.boards import Board
from kiosk.people.sessions import Session
from kiosk.sealing import CannotOpen, derive
from kiosk.settings import effective
from kiosk.store import Busy, NotThere, Writing

FIRST_PAGE = "/staff/"
PARTNERS_PAGE = "/partner/"
BEHIND_SIGN_IN = (FIRST_PAGE, PARTNERS_PAGE)
"""Where addresses begin that are not for residents. Staff see no page of partners, nor they one of staff."""

View = TypeVar("View", bound=Callable[..., Any])


class MayNotOpen(Forbidden):
    """This person's role opens nothing that residents sent."""


@dataclass(frozen=True)
class Access:
    """Whom a view is for; nobody's sign-in is asked for when `roles` is `None`."""

    roles: frozenset[Role] | None
    with_one_time_password: bool = False
    with_board: bool = False


def staff_only(
    *roles: Role, with_one_time_password: bool = False, with_board: bool = False
) -> Callable[[View], View]:
    """Mark a view as for people signed in, of these roles, or of any.

    Whoever signed in with a one-time password gets only to views that say so, until she has chosen her own.
    `with_board` lets an open board in that nobody is signed in at: what such a view shows names nobody.
    """

    def mark(view: View) -> View:
        access = Access(frozenset(roles or STAFF), with_one_time_password, with_board)
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def partner_only(*, with_one_time_password: bool = False) -> Callable[[View], View]:
    """Mark a view under /partner/ as for the people of partners; each sees what was sent to her own."""

    def mark(view: View) -> View:
        view.access = Access(frozenset({Role.PARTNER}), with_one_time_password)  # type: ignore[attr-defined]
        return view

    return mark


def anybody(view: View) -> View:
    """Mark a staff view that is open before sign-in."""
    view.access = Access(None)  # type: ignore[attr-defined]
    return view


def unmarked_views(app: Flask) -> list[str]:
    """The staff views that nobody can see, because they do not say whom they are for."""
    return sorted(
        {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if is_behind_sign_in(rule.rule) and not hasattr(app.view_functions[rule.endpoint], "access")
        }
    )


def signed_in() -> Session | None:
    """The session of this request, looked up once. A page that asks for news by itself keeps nobody in."""
    if "staff_session" not in g:
        cookie = request.cookies.get(_cookie_name(), "")
        polling = "HX-Request" in request.headers and "seen" in request.args
        g.staff_session = sessions.look_up(store(), cookie, renew=not polling) if cookie else None
    found: Session | None = g.staff_session
    return found


def open_board() -> Board | None:
    """The board that this browser has open, looked up once; also after the sign-in has ended."""
    if "board" not in g:
        cookie = request.cookies.get(_board_cookie_name(), "")
        g.board = boards.look_up(store(), cookie, datetime.now(UTC)) if cookie else None
    found: Board | None = g.board
    return found


def current_person() -> Person:
    """Who is signed in; 403 when nobody is, which no view with a mark ever meets."""
    session = signed_in()
    if session is None:
        abort(403)
    return session.person


def desk_key() -> bytes:
    """The desk's private key, unlocked by this sign-in. Raises `MayNotOpen`, a 403 page."""
    if "desk_key" not in g:
        session = signed_in()
        if session is None:
            raise MayNotOpen
        try:
            with store().read() as db:
                g.desk_key = open_desk_key(db, session.person.id, session.private_key)
        except CannotOpen:
            raise MayNotOpen from None
    key: bytes = g.desk_key
    return key


def partner_key() -> bytes:
    """The partner's private key, unlocked by the sign-in of a member. Raises `MayNotOpen`, a 403 page."""
    if "partner_key" not in g:
        session = signed_in()
        if session is None:
            raise MayNotOpen
        try:
            with store().read() as db:
                g.partner_key = partners.key(db, session.person, session.private_key)
        except CannotOpen:
            raise MayNotOpen from None
    key: bytes = g.partner_key
    return key


def note(db: Writing, action: str, subject: str, subject_id: str, reason: str = "") -> None:
    """Write into the log what the person signed in does, in the transaction of the act."""
    person = current_person()
    audit.record(
        db,
        current_app.config["SERVICE_KEY"],
        who=person.username,
        role=person.role.value,
        action=action,
        subject=subject,
        subject_id=subject_id,
        reason=reason,
    )


def csrf_seed(request: Request) -> bytes | None:
    """32 secret bytes that only the browser signed in has; `None` where there is no staff cookie."""
    key = sessions.cookie_key(request.cookies.get(_cookie_name(), ""))
    return derive(key, "forms of staff pages") if key else None


def give_cookie(response: AnyResponse, value: str) -> None:
    """For this browser session only, never to scripts, never across sites."""
    response.set_cookie(
        _cookie_name(), value, path="/", secure=current_app.config["HTTPS"], httponly=True, samesite="Strict"
    )


def take_cookie(response: AnyResponse) -> None:
    response.delete_cookie(
        _cookie_name(), path="/", secure=current_app.config["HTTPS"], httponly=True, samesite="Strict"
    )


def give_board(response: AnyResponse, value: str) -> None:
    """The cookie of a board, to all staff pages: signing out anywhere closes it."""
    response.set_cookie(
        _board_cookie_name(),
        value,
        path=FIRST_PAGE,
        secure=current_app.config["HTTPS"],
        httponly=True,
        samesite="Strict",
    )


def take_board(response: AnyResponse) -> None:
    """Close the board of this browser, if one is open, and take its cookie."""
    cookie = request.cookies.get(_board_cookie_name(), "")
    if cookie:
        with store().write() as db:
            boards.close(db, cookie)
    response.delete_cookie(
        _board_cookie_name(),
        path=FIRST_PAGE,
        secure=current_app.config["HTTPS"],
        httponly=True,
        samesite="Strict",
    )


def local_path(wanted: str, first: str = FIRST_PAGE) -> str:
    """Where to go after sign-in: a page of this site below `first`, whatever was asked for."""
    parts = urlsplit(wanted)
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    if plain and not parts.scheme and not parts.netloc and wanted.startswith(first):
        return parts.path
    return first


def _cookie_name() -> str:
    return "__Host-staff" if current_app.config["HTTPS"] else "staff"


def _board_cookie_name() -> str:
    return "__Secure-board" if current_app.config["HTTPS"] else "board"


def is_behind_sign_in(path: str) -> bool:
    """Whether an address is for staff or for partners, and not for residents."""
    return f"{path}/".startswith(BEHIND_SIGN_IN)


def _door() -> str:
    """Whose pages this request is about: the name of their blueprint, which has `sign_in` and `password`."""
    return "partner" if f"{request.path}/".startswith(PARTNERS_PAGE) else "staff"


def _access() -> Access | None:
    """Whom the view of this request says that it is for."""
    view = current_app.view_functions.get(request.endpoint or "")
    access: Access | None = getattr(view, "access", None)
    return access


def _guard() -> Any:
    """Let nobody in whom the view does not name."""
    if not is_behind_sign_in(request.path) or request.endpoint is None:
        return None
    access = _access()
    if access is None:
        abort(403)
    if access.roles is None:
        return None
    session = signed_in()
    if session is None:
        return None if access.with_board and open_board() is not None else _to_sign_in()
    if session.person.must_change and not access.with_one_time_password:
        return redirect(url_for(f"{_door()}.password"), 303)
    if session.person.role not in access.roles:
        abort(403)
    return None


def _to_sign_in() -> Any:
    address = _sign_in_address()
    if "HX-Request" in request.headers:  # a part of a page cannot become the sign-in page: the page must
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _sign_in_address() -> str:
    return url_for(f"{_door()}.sign_in", next=request.path if request.method == "GET" else None)


def _leave_when_idle(response: Response) -> Response:
    """A page left open shows its content no longer than the sign-in lasts. Works without scripts."""
    access = _access()
    if access is not None and access.with_board:
        return response  # a board names nobody
    is_page = response.mimetype == "text/html" and not 300 <= response.status_code < 400
    if g.get("staff_session") is not None and is_page and is_behind_sign_in(request.path):
        address = _sign_in_address()
        response.headers["Refresh"] = f"{int(sessions.IDLE.total_seconds()) + 1}; url={address}"
    return response


def _local_time(moment: str) -> str:
    """A moment kept in UTC as staff here read it: 9 Mar 2026, 14:05."""
    try:
        zone = here().branch.time_zone
    except NotThere:  # no branch is set up yet
        zone = "UTC"
    at = datetime.fromisoformat(moment)
    return str(format_datetime(at, "d MMM y, HH:mm", tzinfo=ZoneInfo(zone), locale="en_GB"))


def _who() -> dict[str, Any]:
    """For every template: `staff_person` is who is signed in, `staff_place` where she works; or nothing.

    `door` is whose frame a page has: that of who is signed in, or else of the address.
    """
    nobody = {"staff_person": None, "staff_place": "", "door": _door()}
    if not is_behind_sign_in(request.path):
        return nobody
    try:
        session = signed_in()
        if session is None:
            return nobody
        with store().read() as db:
            branch_id = session.person.branch_id
            place = branches.find(db, branch_id).name if branch_id else effective(db).library_name
            if session.person.partner_id:
                place = partners.find(db, session.person.partner_id).name
    except Busy:  # the page that says so must not fail for the same reason
        return nobody
    door = "partner" if session.person.role is Role.PARTNER else "staff"
    return {"staff_person": session.person, "staff_place": place, "door": door}


def init_app(app: Flask) -> None:
    app.before_request(_guard)
    app.after_request(_leave_when_idle)
    app.context_processor(_who)
    app.add_template_filter(_local_time, "local_time")
    rounds.add_purge(app, sessions.sweep, shred=False)
    rounds.add_purge(app, boards.sweep, shred=False)
