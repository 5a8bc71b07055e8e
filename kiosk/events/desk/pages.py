"""The blueprint of the staff pages about events, and what all of them need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from flask import Blueprint, current_app, redirect, render_template, url_for

from kiosk import branches
from kiosk.events.bookings.booking import Terms
from kiosk.events.bookings.telling import Told
from kiosk.events.desk.records import ChangedMeanwhile
from kiosk.events.records import Date
from kiosk.people import Role, current_person, staff_only
from kiosk.settings import effective
from kiosk.store import Reading

blueprint = Blueprint("events_desk", __name__, url_prefix="/staff/events")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)
ENGLISH = "en_GB"


def own_branch() -> str:
    """The branch whose events this person sees; empty for every branch."""
    person = current_person()
    return "" if person.sees_every_branch else person.branch_id


def zone(db: Reading, branch_id: str = "") -> str:
    """The time zone of a branch; without one, that of the person's branch, or of the library's first."""
    places = branches.every(db)
    wanted = branch_id or own_branch()
    return next((each.time_zone for each in places if each.id == wanted), _of_first(places))


def _of_first(places: list[branches.Branch]) -> str:
    return places[0].time_zone if places else "Europe/London"


def terms(db: Reading) -> Terms:
    return Terms.of(effective(db))


def service_key() -> bytes:
    key: bytes = current_app.config["SERVICE_KEY"]
    return key


def by() -> str:
    """Who changes an event, as it is kept with it."""
    return current_person().username


def now() -> datetime:
    return datetime.now(UTC)


def to_event(event_id: str, said: str, told: Told | None = None) -> Any:
    """Back to the page of an event, which says what has been done."""
    numbers: dict[str, Any] = {"told": told.told, "untold": told.untold} if told else {}
    return redirect(url_for("events_desk.show", event_id=event_id, said=said, **numbers), 303)


def conflict(changed: ChangedMeanwhile, event_id: str) -> Any:
    page = render_template("events/desk_conflict.html", name=changed.name, event_id=event_id)
    return page, 409


# How things are written -------------------------------------------------------------------------------------


@blueprint.app_template_filter("event_time")
def event_time(date: Date) -> str:
    """When a date is, as staff here read it: Mon 9 Mar 2026, 14:00–15:30."""
    starts, ends = date.starts, date.ends
    day = str(format_date(starts.date(), "EEE d MMM y", locale=ENGLISH))
    if date.all_day:
        last = (ends - timedelta(days=1)).date() if ends else starts.date()
        return day if last <= starts.date() else f"{day} – {format_date(last, 'EEE d MMM y', locale=ENGLISH)}"
    if ends is None:
        return f"{day}, {starts:%H:%M}"
    if ends.date() != starts.date():
        return f"{day}, {starts:%H:%M} – {moment(ends)}"
    return f"{day}, {starts:%H:%M}–{ends:%H:%M}"


@blueprint.app_template_filter("moment")
def moment(at: datetime) -> str:
    """A moment that knows its zone: Mon 9 Mar 2026, 14:00."""
    return str(format_datetime(at, "EEE d MMM y, HH:mm", tzinfo=at.tzinfo, locale=ENGLISH))


@blueprint.app_template_filter("pounds")
def pounds(pence: int) -> str:
    return str(format_currency(pence / 100, "GBP", locale=ENGLISH))
