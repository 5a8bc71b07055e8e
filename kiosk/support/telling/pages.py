"""The two pages about one reader: who it is and what happens with it, then the part that it would get."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import render_template, request

from kiosk.languages import _l
from kiosk.support.referrals.story import ITEM
from kiosk.support.telling.asking import Asked

WHO, PART = "partner", "part"
"""The names of the two, as of their templates."""


def draw(
    page: str,
    asked: Asked,
    left_in: Iterable[str],
    answer: Any = None,
    *,
    unsure: bool = False,
    for_another: bool = False,
) -> Any:
    """A page about a reader; `left_in` are the items that are not taken out, `answer` what she said before.

    `unsure`: something was sent that is neither a yes nor a no. `for_another`: somebody fills this in for
    her, and only she herself touches the answer.
    """
    problem = _l("Touch yes or no.") if unsure else None
    drawn = render_template(
        f"support/tell/{page}.html",
        asked=asked,
        item_of=ITEM,
        left_in=frozenset(left_in),
        answer=answer,
        problem=problem,
        for_another=for_another,
    )
    return drawn, 422 if problem else 200


def said(page: str, asked: Asked) -> str:
    """What she touched: yes, no, more (to see the part), changed (it is not what she saw any more), or ''.

    A yes to a story is said only on the page that shows it.
    """
    answer = request.form.get("answer", "")
    if answer == "more" and asked.story and asked.takes and page == WHO:
        return "more"
    if answer not in ("yes", "no") or (
        answer == "yes" and (not asked.takes or (page == WHO and asked.story))
    ):
        return ""
    return answer if request.form.get("mark") == asked.mark else "changed"


def items(asked: Asked) -> list[str]:
    """The optional items that she left in."""
    return [each for each in request.form.getlist("item") if each in asked.optional]
