"""The inbox: what came to this partner, in three lists without content, found by code, and as a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.wrappers import Response

from kiosk import branches, references
from kiosk.configuration import store
from kiosk.languages import _
from kiosk.people import partner_key
from kiosk.references import NotAReference
from kiosk.spreadsheets import BOM, as_csv
from kiosk.store import NotThere, Reading
from kiosk.support.partner import export, words
from kiosk.support.partner.forms import Code, Period
from kiosk.support.partner.pages import for_members, own, pages
from kiosk.support.partner.referral import open_one
from kiosk.support.referrals import partner_side
from kiosk.support.referrals.records import Handover

A_PAGE = 20


@pages.get("/")
@for_members
def home() -> Any:
    return _inbox()


@pages.post("/code")
@for_members
def open_by_code() -> Any:
    """Open what a person has sent who says her code, however it was spelled."""
    form = Code()
    try:
        reference = references.read(form.code.data or "")
        with store().read() as db:
            found = partner_side.by_reference(db, reference, own())
        if not found:
            raise NotThere
    except (NotAReference, NotThere):
        form.code.errors = [_("You have no referral with this code. Check each letter and number.")]
        return _inbox(form), 422
    return redirect(url_for("partner.show", handover_id=found[-1].id), 303)


def _inbox(form: Code | None = None) -> Any:
    tab = request.args.get("tab", "new")
    tab = tab if tab in words.TABS else "new"
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    now = datetime.now(UTC)
    with store().read() as db:
        seen = f"{partner_side.latest_change(db, own())}-{sum(_late(each, now) for each in _new(db))}"
        if "HX-Request" in request.headers and request.args.get("seen") == seen:
            return "", 204
        counts = {each: partner_side.count(db, own(), each) for each in words.TABS}
        found = partner_side.inbox(db, own(), tab, most=A_PAGE, skip=(page - 1) * A_PAGE)
    return render_template(
        "partner/inbox.html", form=form or Code(formdata=None), tabs=words.TABS, tab=tab, counts=counts,
        referrals=found, seen=seen, page=page, last=max(1, -(-counts[tab] // A_PAGE)), kept={"tab": tab},
        late={each.id for each in found if _late(each, now)}, state=words.state, shown=references.shown,
        language_of=words.language_of,
    )  # fmt: skip


def _new(db: Reading) -> list[Handover]:
    return partner_side.inbox(db, own(), "new", most=A_PAGE)


def _late(one: Handover, now: datetime) -> bool:
    """Whether it should have been answered, or passed on, by now."""
    return one.waits and datetime.fromisoformat(one.due_at) <= now


# A period as a table ----------------------------------------------------------------------------------------


@pages.get("/table")
@for_members
def table() -> Any:
    today = datetime.now(UTC).date()
    form = Period(formdata=None, data={"first": today.replace(day=1), "last": today})
    return render_template("partner/table.html", form=form)


@pages.post("/table")
@for_members
def download() -> Any:
    """All that came in a period, with what it says; each one that is opened for it stands in the log.

    What was new is then seen, as when it is opened on its page. What is damaged says nothing, and stays new.
    """
    form = Period()
    if not form.validate_on_submit():
        return render_template("partner/table.html", form=form), 422
    key = partner_key()
    with store().write() as db:
        found = partner_side.of_period(db, own(), *_moments(db, form.first.data, form.last.data))
        rows = [export.row(open_one(db, each.id, key, "referral exported")) for each in found]
    answer = Response(BOM + as_csv(export.COLUMNS, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=referrals-{form.first.data}-{form.last.data}.csv"
    )
    return answer


def _moments(db: Reading, first: date, last: date) -> tuple[datetime, datetime]:
    """From when to when these days are, on the clocks of the library."""
    places = branches.every(db)
    zone = ZoneInfo(places[0].time_zone if places else "UTC")
    begins = datetime.combine(first, time(), zone)
    return begins, datetime.combine(last, time(), zone) + timedelta(days=1)
