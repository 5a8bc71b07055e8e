"""How referrals went, in numbers: how soon partners answer, how it ended, why not, and what nobody offers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request

from kiosk import branches
from kiosk.configuration import store
from kiosk.people import current_person
from kiosk.support import codes, finding
from kiosk.support.desk.pages import blueprint, for_openers
from kiosk.support.partner import words
from kiosk.support.referrals import reports
from kiosk.support.referrals.reports import FEWEST

MONTHS = (1, 3, 6, 12, 24)
"""Of how many whole months a report can be. The month that is not over yet is in none."""


@blueprint.get("/reports")
@for_openers
def numbers() -> Any:
    person = current_person()
    asked = request.args.get("months", 3, type=int)
    months = asked if asked in MONTHS else 3
    with store().read() as db:
        places = branches.every(db) if person.sees_every_branch else [branches.find(db, person.branch_id)]
        chosen = request.args.get("branch", "") if person.sees_every_branch else person.branch_id
        chosen = chosen if chosen in {each.id for each in places} else ""
        zone = ZoneInfo(places[0].time_zone if places else "UTC")
        today = datetime.now(UTC).astimezone(zone).date()
        first, end = _months_back(today, months), _months_back(today, 0)
        since, until = (datetime.combine(day, time(), zone) for day in (first, end))
        found = reports.of_period(db, since, until, chosen)
        gaps = finding.gaps(db, chosen, first, end)
    return render_template(
        "support/desk_reports.html", found=found, gaps=gaps, months=months, choices=MONTHS, places=places,
        branch_id=chosen, sees_every_branch=person.sees_every_branch, fewest=FEWEST, why=words.why,
        needs={each.code: each.label for each in codes.NEEDS}, language_of=words.language_of,
    )  # fmt: skip


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
