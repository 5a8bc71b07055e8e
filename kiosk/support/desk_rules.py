"""Where staff read by which rules a service is shown to somebody, and what is asked of her."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Flask, render_template

from kiosk.languages import _l
from kiosk.people import Role, staff_only
from kiosk.support.finding import MOST_QUESTIONS
from kiosk.support.rules import RULES, Verdict

blueprint = Blueprint("support_rules", __name__, url_prefix="/staff/support/rules")

QUESTION_NAMES = {
    "needs": _l("What she needs"),
    "age": _l("How old she is"),
    "district": _l("Where she lives"),
    "children": _l("Whether she has children"),
    "work": _l("Whether she works"),
    "stay": _l("How long she has lived in the UK"),
}
VERDICT_NAMES = {
    Verdict.FITS: _l("It fits"),
    Verdict.MAY: _l("It may fit: ask them"),
    Verdict.NO: _l("It is not shown"),
}


@blueprint.get("")
@staff_only(Role.BRANCH, Role.MANAGER)
def rules() -> Any:
    by_question = [(name, list(found)) for name, found in groupby(RULES, key=lambda rule: rule.question)]
    return render_template(
        "support/desk_rules.html",
        by_question=by_question,
        question_names=QUESTION_NAMES,
        verdict_names=VERDICT_NAMES,
        most=MOST_QUESTIONS,
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
