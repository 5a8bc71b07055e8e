"""Where staff say which calendars are fetched, and which places in calendars are which branch.

Loading a file, and the page where all of this begins, are in `desk_files`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, request, url_for

from kiosk import rounds
from kiosk.configuration import store
from kiosk.events.desk.pages import by, for_openers, own_branch, service_key
from kiosk.events.incoming import fetching, places, subscriptions
from kiosk.events.incoming import records as import_records
from kiosk.events.incoming.desk_files import RESULTS, Problem, a_branch, blueprint, page, to_start
from kiosk.events.incoming.fetching import MOST, NotFetched
from kiosk.events.incoming.subscriptions import AlreadyThere, Stopped
from kiosk.forms import clean
from kiosk.languages import _
from kiosk.people import note, signed_in
from kiosk.store import NotThere

# Calendars with an address ----------------------------------------------------------------------------------


@blueprint.post("/calendars")
@for_openers
def add_calendar() -> Any:
    """Fetch a calendar from now on. Nothing of it is loaded before somebody has looked at it."""
    typed = clean(request.form.get("url", ""))
    name = clean(request.form.get("calendar", ""))[:100]
    if not name:
        return page(Problem("calendar", _("Write a name for this calendar.")), url=typed), 422
    try:
        url = fetching.as_address(typed)
    except NotFetched as why:
        return page(Problem("url", str(RESULTS[why.trouble.value])), url=typed, calendar=name), 422
    own = own_branch()
    try:
        with store().write() as db:
            branch_id = own or a_branch(db, request.form.get("branch", ""))
            subscription_id = subscriptions.add(
                db, url, name, branch_id, by(), service_key=service_key(), may_take_over=not own
            )
            note(db, "calendar added", "calendar", subscription_id)
    except AlreadyThere:
        words = _("This calendar is fetched already, perhaps for another branch.")
        return page(Problem("url", words), url=typed, calendar=name), 422
    except Stopped:
        words = _("Another branch has stopped this calendar. A manager can start it again.")
        return page(Problem("url", words), url=typed, calendar=name), 422
    return to_start("added")


@blueprint.post("/calendars/<subscription_id>/fetch")
@for_openers
def fetch_calendar(subscription_id: str) -> Any:
    """Have it fetched in the next round: not while a member of staff waits for an answer from elsewhere."""
    with store().write() as db:
        found = subscriptions.find(db, subscription_id, own_branch())
        subscriptions.fetch_soon(db, found.id)
        note(db, "calendar fetched again", "calendar", found.id)
    return to_start("soon")


@blueprint.post("/calendars/<subscription_id>/stop")
@for_openers
def stop_calendar(subscription_id: str) -> Any:
    with store().write() as db:
        found = subscriptions.find(db, subscription_id, own_branch())
        subscriptions.stop(db, found.id)
        note(db, "calendar stopped", "calendar", found.id)
    return to_start("stopped")


# Places -----------------------------------------------------------------------------------------------------


@blueprint.post("/places")
@for_openers
def confirm_place() -> Any:
    """From now on a place, as calendars write it, is a branch."""
    place = clean(request.form.get("place", ""))
    own = own_branch()
    with store().write() as db:
        branch_id = a_branch(db, request.form.get("branch", ""))
        if not branch_id or not places.key_of(place) or own not in ("", branch_id):
            raise NotThere
        held = next((each for each in places.spellings(db) if each.spelling == places.key_of(place)), None)
        if own and held is not None and held.branch_id != own:
            return _back("other-place")
        places.confirm(db, place, branch_id)
        subscriptions.fetch_soon(db)
        note(db, "place confirmed", "branch", branch_id)
    return _back("place")


@blueprint.post("/places/forget")
@for_openers
def forget_place() -> Any:
    spelling = request.form.get("spelling", "")
    own = own_branch()
    with store().write() as db:
        found = next((each for each in places.spellings(db) if each.spelling == spelling), None)
        if found is None or own not in ("", found.branch_id):
            raise NotThere
        places.forget(db, spelling)
        subscriptions.fetch_soon(db)
        note(db, "place forgotten", "branch", found.branch_id)
    return _back("no-place")


def _back(said: str) -> Any:
    """To the preview that the form was on, if it was on one."""
    file_id = request.form.get("file", "")
    if file_id.isalnum():
        return redirect(url_for("events_import.look", file_id=file_id), 303)
    return to_start(said)


def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Whoever is signed in may send a file that is larger than any form."""
    if endpoint == "events_import.upload" and signed_in() is not None:
        request.max_content_length = MOST + 65_536


def init_app(app: Flask) -> None:
    """`CALENDARS_FROM` says from which addresses calendars may be fetched; no setting of a library does."""
    app.config.setdefault("CALENDARS_FROM", fetching.is_public)
    app.url_value_preprocessor(_let_files_in)
    app.register_blueprint(blueprint)
    rounds.add_purge(app, import_records.purge, shred=False)
    rounds.add_errand(app, subscriptions.fetch_due)
