"""The door: signing in and out, and one's own password. Staff and partners have one each, both made of this.

The pages are those in `templates/staff`, in the frame of whose door it is (`door` in a template).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from kiosk.configuration import store
from kiosk.languages import _, _l
from kiosk.people import access, passwords, sessions
from kiosk.people.access import View, anybody, current_person, signed_in
from kiosk.people.accounts import Role
from kiosk.people.passwords import Weakness, WeakPassword
from kiosk.people.sessions import MustWait, WrongPassword
from kiosk.sealing import TooBusy
from kiosk.settings import effective

WEAKNESSES = {
    Weakness.TOO_SHORT: _l("Use 15 letters or more."),
    Weakness.TOO_LONG: _l("Use 200 letters or less."),
    Weakness.EASY_TO_GUESS: _l("This is easy to guess. Try four words that do not belong together."),
    Weakness.NOT_NEW: _l("This is your old password. Choose another."),
}


class SignIn(FlaskForm):  # type: ignore[misc]
    username = StringField(_l("User name"))
    password = PasswordField(_l("Password"))


class NewPassword(FlaskForm):  # type: ignore[misc]
    old = PasswordField(_l("Password now"))
    new = PasswordField(_l("New password"))
    again = PasswordField(_l("New password again"))


class Mark(Protocol):
    """What says whom a view is for: `staff_only` or `partner_only`."""

    def __call__(self, *, with_one_time_password: bool = False) -> Callable[[View], View]: ...


def hang(pages: Blueprint, only: Mark, *, partner: bool = False) -> None:
    """Give a blueprint its door: `sign_in`, `sign_out`, `password` and what they send.

    `only` marks a view as for its people. The blueprint has a view `home`.
    """
    first = access.PARTNERS_PAGE if partner else access.FIRST_PAGE

    def next_page() -> str:
        return access.local_path(request.args.get("next", ""), first)

    @pages.get("/sign-in")
    @anybody
    def sign_in() -> Any:
        session = signed_in()
        if session and (session.person.role is Role.PARTNER) is partner:
            return redirect(next_page(), 303)
        return _sign_in_page(SignIn())

    @pages.post("/sign-in")
    @anybody
    def send_sign_in() -> Any:
        form = SignIn()
        username, password = _typed(form.username), _typed(form.password)
        try:
            _session, cookie = sessions.sign_in(
                store(), current_app.config["SERVICE_KEY"], username, password, partner=partner
            )
        except WrongPassword:
            return _sign_in_page(form, _("The user name or the password is wrong.")), 422
        except MustWait as wait:
            return _sign_in_page(form, _wait(wait)), 429
        except TooBusy:
            return _sign_in_page(form, _busy()), 503
        response = redirect(next_page(), 303)
        access.give_cookie(response, cookie)
        return response

    @pages.post("/sign-out")
    @only(with_one_time_password=True)
    def sign_out() -> Any:
        session = signed_in()
        if session is not None:
            sessions.sign_out(store(), current_app.config["SERVICE_KEY"], session)
        response = redirect(url_for(".sign_in"), 303)
        access.take_cookie(response)
        access.take_board(response)
        return response

    @pages.get("/password")
    @only(with_one_time_password=True)
    def password() -> Any:
        return render_template("staff/password.html", form=NewPassword())

    @pages.post("/password")
    @only(with_one_time_password=True)
    def change_password() -> Any:
        form = NewPassword()
        old, new = _typed(form.old), _typed(form.new)
        if new != _typed(form.again):
            return _password_again(form, "again", _("This is not the same as the new password."), 422)
        try:
            cookie = sessions.change_password(
                store(), current_app.config["SERVICE_KEY"], current_person(), old, new, _library_name()
            )
        except WeakPassword as weak:
            return _password_again(form, "new", WEAKNESSES[weak.weakness], 422)
        except WrongPassword:
            return _password_again(form, "old", _("This is not your password."), 422)
        except MustWait as wait:
            return _password_again(form, "old", _wait(wait), 429)
        except TooBusy:
            return _password_again(form, "old", _busy(), 503)
        response = redirect(url_for(".password_changed"), 303)
        access.give_cookie(response, cookie)
        return response

    @pages.get("/password/changed")
    @only()
    def password_changed() -> Any:
        return render_template("staff/password_changed.html")


def _typed(field: Any) -> str:
    """As typed, but no longer than anybody means to write: a longer one costs the server work."""
    return (field.data or "")[: passwords.LONGEST + 1]


def _library_name() -> str:
    with store().read() as db:
        return effective(db).library_name


def _wait(wait: MustWait) -> str:
    return _("Wait %(seconds)s seconds. Then try again.", seconds=wait.seconds)


def _busy() -> str:
    return _("Many people sign in right now. Try again in a moment.")


def _sign_in_page(form: SignIn, error: str = "") -> str:
    return render_template("staff/sign_in.html", form=form, library=_library_name(), error=error)


def _password_again(form: NewPassword, field: str, error: Any, status: int) -> Any:
    form[field].errors = [str(error)]
    return render_template("staff/password.html", form=form), status
