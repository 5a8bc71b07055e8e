"""What staff do with one person who asks for help: go there, speak with her by phrases, pass it on, close it.

Who she is and her phone number are sealed. That they were opened is in the log; what was said is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, abort, redirect, render_template, request, session, url_for
from wtforms.fields.choices import SelectChoice

from kiosk import branches, languages
from kiosk.branches import Branch
from kiosk.configuration import store
from kiosk.forms import Choice, shown_phone
from kiosk.help import desk_branch, desk_words, queue, records, talk
from kiosk.help.desk_codes import MINUTES, NOT_BY_STAFF, OUTCOMES
from kiosk.help.desk_forms import Colleague, Hold, OtherBranch
from kiosk.help.desk_pages import blueprint, for_openers, own_branch
from kiosk.help.desk_words import language_name
from kiosk.help.phrases import ANSWERS, PHRASES, english
from kiosk.help.phrases import MINUTES as WAITS
from kiosk.help.records import AlreadyTaken, Caller, Closed, Request
from kiosk.languages import _, _l
from kiosk.people import Person, accounts, current_person, desk_key, note
from kiosk.settings import effective
from kiosk.store import NotThere, Reading, Writing

__all__ = ["desk_branch", "init_app", "take_by_touch"]

COMING = "coming"
"""The phrase that is also a step: whoever says it is on the way."""
SAID = {
    "said": _l("It stands on the screen now."),
    "taken": _l("It is on the screen that you have seen it."),
    "coming": _l("It is on the screen that you are coming."),
    "held": _l("It is on hold."),
    "put-back": _l("It waits again for whoever is free."),
    "passed": _l("Your colleague is asked. It waits until somebody takes it."),
}
GAPS = {"time": _l("Time"), "minutes": _l("Minutes"), "name": _l("First name")}
ENDED = {each.code: each.label for each in OUTCOMES} | NOT_BY_STAFF
CANCELLED = "by-person"
"""The outcome when she has told staff that she does not want it any more."""


# Looking ----------------------------------------------------------------------------------------------------


@blueprint.get("/<request_id>")
@for_openers
def show(request_id: str) -> Any:
    return _page(request_id)


@blueprint.get("/<request_id>/live")
@for_openers
def live(request_id: str) -> Any:
    """What changes by itself: where it stands, and what she answers; 204 while nothing has.

    Nothing that is sealed is in it. It asks for the whole page once there is nothing more to do, and leads
    back to the board when somebody has passed it on to others.
    """
    if "HX-Request" not in request.headers:
        return redirect(url_for("help_desk.show", request_id=request_id), 303)
    with store().read() as db:
        try:
            one = for_desk(db, request_id)
        except NotThere:
            return "", 204, {"HX-Redirect": url_for("staff.board")}
        if not one.is_open:
            return "", 204, {"HX-Refresh": "true"}
        looks = _looks(db, one)
    if request.args.get("seen") == looks["seen"]:
        return "", 204
    return render_template("help/desk_live.html", **looks)


def for_desk(db: Reading, request_id: str) -> Request:
    """A request that this person may see: of her branch, in her own hands, or so late that others are asked.

    `NotThere` for any other, and for one whose answers are gone.
    """
    one, person, mine = records.find(db, request_id), current_person(), own_branch()
    if mine in ("", one.branch_id) or one.handler_id == person.id:
        return one
    now = datetime.now(UTC)
    if any(each.id == one.id for each in queue.in_order(queue.unfinished(db, [mine]), [mine], now)):
        return one
    raise NotThere


# Going to her -----------------------------------------------------------------------------------------------


def take_by_touch(request_id: str, minutes: int | None) -> None:
    """Take a request, saying in how many minutes somebody comes, if anybody waits; None when that is at once.

    Raises `AlreadyTaken`, `Closed`, `NotThere`.
    """
    now, by = datetime.now(UTC), current_person()
    with store().write() as db:
        one = for_desk(db, request_id)
        if minutes is None:
            records.coming(db, request_id, by, now)
        else:
            records.take(db, request_id, by, minutes if one.waits_now else 0, now)
        note(db, "help coming" if minutes is None else "help taken", "help", request_id)


@blueprint.post("/<request_id>/take")
@for_openers
def take(request_id: str) -> Any:
    chosen = request.form.get("minutes", "")
    minutes = int(chosen) if chosen in {str(each) for each in MINUTES} else abort(400)
    return _do(
        request_id, "taken", lambda db, one: records.take(db, one.id, current_person(), minutes, _now())
    )


@blueprint.post("/<request_id>/coming")
@for_openers
def coming(request_id: str) -> Any:
    return _do(request_id, "coming", lambda db, one: records.coming(db, one.id, current_person(), _now()))


@blueprint.post("/<request_id>/put-back")
@for_openers
def put_back(request_id: str) -> Any:
    return _do(request_id, "put-back", lambda db, one: records.put_back(db, one.id, current_person(), _now()))


@blueprint.post("/<request_id>/hold")
@for_openers
def hold(request_id: str) -> Any:
    """Let it rest until a time of today, on the clocks of the branch where she is."""
    form = Hold()
    if form.validate_on_submit():
        with store().read() as db:
            zone = ZoneInfo(branches.find(db, for_desk(db, request_id).from_branch_id).time_zone)
        until = datetime.combine(_now().astimezone(zone).date(), form.until.data, zone)
        if until > _now():
            return _do(
                request_id,
                "held",
                lambda db, one: records.hold(db, one.id, form.reason.data, until, current_person(), _now()),
                reason=form.reason.data,
            )
        form.until.errors = [_("This time is over. Choose a later one.")]
    return _page(request_id, hold=form), 422


@blueprint.post("/<request_id>/pass")
@for_openers
def pass_on(request_id: str) -> Any:
    """To a colleague, who is asked to take it; until somebody has, it waits like any other."""
    form = Colleague()
    with store().read() as db:
        chosen = {each.id: each for each in _colleagues(db, for_desk(db, request_id))}
    if form.colleague.data not in chosen:
        form.colleague.errors = [_("Choose a colleague.")]
        return _page(request_id, colleague=form), 422
    to = chosen[form.colleague.data]
    return _do(
        request_id,
        "passed",
        lambda db, one: records.pass_to_person(db, one.id, to, current_person(), _now()),
        reason=to.username,
    )


@blueprint.post("/<request_id>/branch")
@for_openers
def pass_to_branch(request_id: str) -> Any:
    """To another branch: it waits there from now on."""
    form = OtherBranch()
    with store().read() as db:
        chosen = {each.id for each in _other_branches(db, for_desk(db, request_id))}
    if form.place.data not in chosen:
        form.place.errors = [_("Choose a branch.")]
        return _page(request_id, branch=form), 422

    def change(db: Writing, one: Request) -> None:
        there = effective(db, form.place.data)
        records.pass_to_branch(db, one.id, form.place.data, current_person(), settings=there, now=_now())

    return _do(request_id, "passed to another branch", change, reason=form.place.data, over=True)


@blueprint.post("/<request_id>/done")
@for_openers
def done(request_id: str) -> Any:
    """It is over, as it ended; cancelled for her, a booked time is free again."""
    outcome = request.form.get("outcome", "")
    if outcome not in {CANCELLED, *(each.code for each in OUTCOMES)}:
        abort(400)

    def change(db: Writing, one: Request) -> None:
        if outcome == CANCELLED:
            records.cancel(db, records.still_open(db, one.id).id, _now(), current_person())
        else:
            records.done(db, one.id, outcome, current_person(), _now())

    return _do(request_id, "done", change, reason=outcome, over=True)


# Speaking with her ------------------------------------------------------------------------------------------


@blueprint.post("/<request_id>/say")
@for_openers
def say(request_id: str) -> Any:
    """Say one of the phrases of everybody. What fills its gaps stands in neither the address nor the log."""
    code = request.form.get("code", "")
    if code not in PHRASES:
        abort(400)
    gaps = {name: request.form.get(name, "") for name in PHRASES[code].gaps}

    def change(db: Writing, one: Request) -> None:
        _check_shown(one)
        talk.say(db, one.id, code, gaps, current_person(), _now())
        if code == COMING:
            records.coming(db, one.id, current_person(), _now())

    try:
        return _do(request_id, "said", change, reason=code)
    except NotShown:
        return _page(request_id), 409
    except ValueError:
        return _page(request_id, wrong=code), 422


@blueprint.post("/<request_id>/say-own")
@for_openers
def say_own(request_id: str) -> Any:
    """Say one of the phrases of the branch."""
    phrase_id = request.form.get("phrase", "")

    def change(db: Writing, one: Request) -> None:
        _check_shown(one)
        talk.say_own(db, one.id, phrase_id, current_person(), _now())

    try:
        return _do(request_id, "said", change)
    except NotShown:
        return _page(request_id), 409


class NotShown(Exception):
    """Nobody would read it: no screen shows this request, or the people at it are others by now."""


def is_shown(one: Request, now: datetime) -> bool:
    """Whether a screen shows this request now, and what is said to her."""
    return one.is_open and not one.kept and one.is_watched(now)


def _check_shown(one: Request) -> None:
    if one.is_open and not is_shown(one, _now()):
        raise NotShown


# What these are made of -------------------------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC)


def _do(
    request_id: str,
    act: str,
    change: Callable[[Writing, Request], object],
    *,
    reason: str = "",
    over: bool = False,
) -> Any:
    """Carry out a step with its line in the log, or say who was faster. `over`: then back to the board."""
    try:
        with store().write() as db:
            one = for_desk(db, request_id)
            change(db, one)
            note(db, f"help {act}", "help", request_id, reason)
    except AlreadyTaken as taken:
        return render_template("help/desk_conflict.html", request_id=request_id, name=taken.name), 409
    except Closed:
        return render_template("help/desk_conflict.html", request_id=request_id, name=""), 409
    if over:
        return redirect(url_for("staff.board"), 303)
    return redirect(url_for("help_desk.show", request_id=request_id, said=act), 303)


def _colleagues(db: Reading, one: Request) -> list[Person]:
    """Those who can help her besides oneself: who works at the branch, and managers."""
    return [
        each
        for each in accounts.every(db)
        if not each.disabled
        and each.role in accounts.OPENERS
        and each.id != current_person().id
        and (each.sees_every_branch or each.branch_id == one.branch_id)
    ]


def _other_branches(db: Reading, one: Request) -> list[Branch]:
    return [each for each in branches.every(db) if each.id != one.branch_id and not each.is_closed_for_good]


def _opened(one: Request) -> Caller:
    """Who it is; that it was opened is in the log before anything is shown."""
    if one.sealed_name is None and one.sealed_phone is None:
        return Caller()
    key = desk_key()
    with store().write() as db:
        note(db, "help opened", "help", one.id)
    return records.opened(one, key)


def _looks(db: Reading, one: Request) -> dict[str, Any]:
    """What the part that changes by itself is drawn from."""
    now = _now()
    place = branches.find(db, one.from_branch_id)
    said = talk.of(db, one.id)
    looks = {
        "one": one,
        "place": place,
        "what": desk_words.WORDS[one.topic],
        "icon_of": desk_words.ICONS[one.topic],
        "how": desk_words.way(one, place.time_zone),
        "language": languages.known().get(one.language),
        "language_name": language_name(one.language),
        "flags": desk_words.flags(one, now),
        "state": desk_words.state(one, now, place.time_zone),
        "waited": desk_words.waited(desk_words.minutes_since(datetime.fromisoformat(one.created_at), now)),
        "minutes": MINUTES[1:],
        "may_take": one.is_unanswered(now) or one.handler_id == current_person().id,
        "shown": is_shown(one, now),
        "talk": [
            (each, each.own.english if each.own else english(PHRASES[each.code], each.gaps)) for each in said
        ],
        "answers": {each.code: each for each in ANSWERS},
        "clock": lambda at: desk_words.clock(at, place.time_zone),
    }
    changes = [one.version, *(looks[name] for name in ("flags", "state", "waited", "shown"))]
    seen = repr((changes, session.get("csrf_token")))
    return {**looks, "seen": hashlib.blake2s(seen.encode(), digest_size=12).hexdigest()}


def _page(
    request_id: str,
    *,
    hold: Hold | None = None,
    colleague: Colleague | None = None,
    branch: OtherBranch | None = None,
    wrong: str = "",
) -> str:
    with store().read() as db:
        one = for_desk(db, request_id)
        looks = _looks(db, one)
        colleagues, others = _colleagues(db, one), _other_branches(db, one)
        own = talk.own_phrases(db, one.branch_id)
        steps = records.steps(db, one.id)
    colleague, branch = colleague or Colleague(formdata=None), branch or OtherBranch(formdata=None)
    colleague.colleague.choices = [SelectChoice(each.id, each.name) for each in colleagues]
    branch.place.choices = [SelectChoice(each.id, each.name) for each in others]
    return render_template(
        "help/desk_request.html", caller=_opened(one), shown_phone=shown_phone, phrases=PHRASES.values(),
        english=english, own=own, hold=hold or Hold(formdata=None), colleague=colleague, branch=branch,
        outcomes=(*OUTCOMES, Choice(CANCELLED, ENDED[CANCELLED])), ended=ENDED, steps=steps,
        step_names=desk_words.STEPS, waits=WAITS, gaps=GAPS,
        wrong=wrong,
        said=SAID.get(request.args.get("said", "")), moment=desk_words.moment, **looks,
    )  # fmt: skip


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
