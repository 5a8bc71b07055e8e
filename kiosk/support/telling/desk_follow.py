"""Where staff read in English what stands on the screen of a person for whom they fill in a story."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from flask_wtf import FlaskForm
from wtforms import StringField

from kiosk.configuration import store
from kiosk.languages import _, _l, language_name
from kiosk.people import Role, current_person, note, signed_in, staff_only
from kiosk.support.telling import following

blueprint = Blueprint("follow_desk", __name__, url_prefix="/staff/support/follow")


class Code(FlaskForm):  # type: ignore[misc]
    code = StringField(_l("Code on the screen of the person"))


@blueprint.get("")
@staff_only(Role.BRANCH, Role.MANAGER)
def start() -> Any:
    return render_template("support/desk_follow.html", form=Code(), seen=None)


@blueprint.post("")
@staff_only(Role.BRANCH, Role.MANAGER)
def follow() -> Any:
    """What stands there now. The code is never in an address: it opens what is read."""
    form = Code()
    person, session, seen = current_person(), signed_in(), None
    if session is not None and form.validate_on_submit():
        code = "".join((form.code.data or "").upper().split())
        branch_id = "" if person.sees_every_branch else person.branch_id
        now, service_key = datetime.now(UTC), current_app.config["SERVICE_KEY"]
        with store().write() as db:
            seen = following.seen(db, code, branch_id, service_key, now)
            # by itself the page asks again and again
            if seen is not None and following.followed_by(
                db, code, session.id, person.username, service_key, now
            ):
                note(db, "screen followed", "screen", "")
        if seen is None:
            form.code.errors = [_("No screen has this code now. Check it, or ask for a new one.")]
        form.code.data = code
    page = render_template(
        "support/desk_follow.html",
        form=form,
        seen=seen,
        language=language_name(seen.language).english if seen else "",
    )
    return page, 422 if form.errors else 200


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
