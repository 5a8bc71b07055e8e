"""Where staff read how it was: month by month, for a branch or for the whole library."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from babel.dates import format_date
from flask import Blueprint, Flask, render_template, request

from kiosk import branches
from kiosk.configuration import store
from kiosk.feedback import records
from kiosk.feedback.records import FACES, MOODS, WHYS
from kiosk.languages import _lp
from kiosk.people import Role, current_person, staff_only

blueprint = Blueprint("feedback_desk", __name__, url_prefix="/staff/how-it-was")

YEARS = 2
MOOD_NAMES = {
    "bad": _lp("how it was", "Why bad or very bad"),
    "so-so": _lp("how it was", "Why so-so"),
    "good": _lp("how it was", "Why good or very good"),
}


@blueprint.get("")
@staff_only(Role.BRANCH, Role.MANAGER)
def months() -> Any:
    person = current_person()
    today = datetime.now(UTC).date()
    with store().read() as db:
        places = branches.every(db) if person.sees_every_branch else [branches.find(db, person.branch_id)]
        chosen = request.args.get("branch", "") if person.sees_every_branch else person.branch_id
        chosen = chosen if chosen in {each.id for each in places} else ""
        found = records.months(db, chosen, date(today.year - YEARS, today.month, 1))
    return render_template(
        "feedback/desk_months.html", months=found, faces=FACES, moods=MOODS, mood_names=MOOD_NAMES,
        whys=WHYS, places=places, branch_id=chosen, sees_every_branch=person.sees_every_branch,
        month_name=_month_name, years=YEARS,
    )  # fmt: skip


def _month_name(month: str) -> str:
    """`2026-03` as staff here read it: March 2026."""
    return str(format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale="en_GB"))


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
