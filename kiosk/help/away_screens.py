"""What the resident sees when nobody can come now: a message, a call back, a time, other libraries.

Each of them may ask for a phone number and a first name; both are sealed for the desk when they are sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for

from kiosk import visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.forms import Choice, NameField, PhoneField, Question, shown_phone
from kiosk.help import codes, hours, slots
from kiosk.help.hours import Nearby, Offer
from kiosk.help.records import Caller, TooMany
from kiosk.help.sending import A_TOPIC, came_from, now, posted, send, topic_of, waits_already, with_way_back
from kiosk.help.slots import SlotTaken
from kiosk.help.states import when
from kiosk.languages import InBoth, _l, time_of_day
from kiosk.pages import journeys
from kiosk.walks import Step, Walk, before

blueprint = Blueprint("away", __name__, url_prefix="/<lang>/help")

CALL = Walk("help_call", "away.ask")
"""What one visit has answered to be rung, to leave a message or to book a time. Beside the answers it knows
the `topic`, the `way`, the `slot` of a booked time and where she came from (`from_page`)."""
SLOTS_A_PAGE = 6


# Where nobody is --------------------------------------------------------------------------------------------


@blueprint.get(f"/away/{A_TOPIC}")
def show(topic: str) -> Any:
    """No staff now: when they are back, and what can be done meanwhile."""
    back = came_from(request.args.get("from", ""))
    if waits_already():
        return redirect(url_for("waiting.show"), 303)
    with store().read() as db:
        offer = hours.offer(db, here().branch, now())
    if offer.has_staff:
        return redirect(with_way_back("help.how", back, topic=topic), 303)
    return nobody_here(topic, back, offer)


def nobody_here(topic: str, back: str, offer: Offer) -> str:
    """The page for a topic while there are no staff; `back` is where she came from."""
    branch, moment = here().branch, now()
    with store().read() as db:
        near = hours.nearby(db, branch, moment)
    return render_template(
        "help/away.html",
        place=here(),
        topic=topic_of(topic),
        ways=[way for way in (codes.MESSAGE, *codes.WAYS) if way.code in offer.ways],
        staff_back=when(offer.staff_back, branch.time_zone) if offer.staff_back else None,
        near=[(each.branch, _there(each, branch.time_zone)) for each in near],
        alone=[each for each in journeys(here().settings.journeys) if each.name != "help"],
        back=back,
    )


def _there(near: Nearby, zone: str) -> tuple[bool, InBoth]:
    """Whether staff are there now, and until when, or else from when."""
    if near.opens is None:
        return True, time_of_day(near.closes.time())
    return False, when(near.opens, zone)


# A time of her own ------------------------------------------------------------------------------------------


@blueprint.get(f"/time/{A_TOPIC}")
def time(topic: str) -> Any:
    """The free times of this library, six a page."""
    branch, moment = here().branch, now()
    with store().read() as db:
        free = slots.free(db, branch.id, moment)
    pages = max(1, -(-len(free) // SLOTS_A_PAGE))
    asked = request.args.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= pages else 1
    shown = free[(page - 1) * SLOTS_A_PAGE : page * SLOTS_A_PAGE]
    return render_template(
        "help/time.html",
        place=here(),
        topic=topic,
        times=[(each.id, when(each.starts, branch.time_zone)) for each in shown],
        more=page + 1 if page < pages else 0,
        taken="taken" in request.args,
        back=came_from(request.args.get("from", "")),
    )


# The questions ----------------------------------------------------------------------------------------------


class Phone(Question):
    others = (Choice("none", _l("I have no phone"), "phone-off"),)
    phone = PhoneField()


class FirstName(Question):
    others = (Choice("none", _l("Go on without a name"), "user-off"),)
    first_name = NameField()


STEPS = {
    step.name: step
    for step in (
        Step("phone", _l("What is your phone number?"), Phone),
        Step("first-name", _l("What is your first name?"), FirstName),
    )
}
"""The questions, by the names of their pages."""


def _path() -> list[Step]:
    """The pages that she is asked. Who has booked a time comes by herself."""
    return [step for step in STEPS.values() if step.name != "phone" or CALL.answered()["way"] != "time"]


@blueprint.post("/call")
def begin() -> Any:
    """From a way to its first question; a time that is chosen comes along."""
    topic, way, slot = posted("topic"), posted("way"), posted("slot")
    with store().read() as db:
        offer = hours.offer(db, here().branch, now())
    if offer.has_staff and waits_already():
        return redirect(url_for("waiting.show"), 303)
    if topic not in _loud() or way not in ("ring", "message", "time") or (way == "time") != bool(slot):
        return redirect(url_for("help.start"), 303)
    if CALL.has_begun() and _is_the_same(CALL.answered(), topic, way):
        CALL.change(slot=slot)
    else:
        CALL.begin(topic=topic, way=way, slot=slot, from_page=came_from(posted("from")))
    return redirect(_onwards(), 303)


def _is_the_same(found: dict[str, Any], topic: str, way: str) -> bool:
    """Whether what was answered before can stand: who had no phone to be rung is asked again."""
    return (found["topic"], found["way"]) == (topic, way) and not _cannot_be_rung(found)


def _cannot_be_rung(found: dict[str, Any]) -> bool:
    return found["way"] in codes.NEEDS_PHONE and "instead" in found["steps"].get("phone", {})


def _loud() -> frozenset[str]:
    return codes.codes(codes.TOPICS) - {codes.QUIET}


@blueprint.route('/call/<any("phone","first-name"):name>', methods=["GET", "POST"])
def ask(name: str) -> Any:
    """Ask one question; keep the answer; go to the next that has none."""
    if not CALL.has_begun() and request.method == "GET":
        return redirect(_instead(), 303)
    found = CALL.answered()
    step, asked = STEPS[name], _path()
    if step not in asked:
        return redirect(_onwards(), 303)
    earlier = before(step, asked)
    back = CALL.address(earlier) if earlier else _ways(found)
    return CALL.ask(step, "help", back=back, onwards=_onwards, place=here())


@blueprint.get("/call/check")
def check() -> Any:
    """What will be sent, to be looked at once."""
    if not CALL.has_begun():
        return redirect(_instead(), 303)
    if _onwards() != url_for("away.check"):
        return redirect(_onwards(), 303)
    found, caller = CALL.answered(), _caller()
    starts: datetime | None = None
    if found["slot"]:
        with store().read() as db:
            free = {each.id: each for each in slots.free(db, here().branch.id, now())}
        if found["slot"] not in free:
            return _taken(found)
        starts = free[found["slot"]].starts
    return render_template(
        "help/check.html",
        place=here(),
        key=found["key"],
        topic=topic_of(found["topic"]),
        way=next(each for each in (*codes.WAYS, codes.MESSAGE) if each.code == found["way"]),
        ways=_ways(found),
        phone=shown_phone(caller.phone) if caller.phone else "",
        first_name=caller.first_name,
        asked={step.name for step in _path()},
        when=when(starts, here().branch.time_zone) if starts else None,
        back=CALL.address(_path()[-1]),
    )


@blueprint.get("/call/send")
def sent() -> Any:
    """Where a screen that has sent, and may have lost its connection, finds out what became of it."""
    if CALL.has_begun():
        return redirect(url_for("away.check"), 303)
    return redirect(url_for("waiting.show"), 303)


@blueprint.post("/call/send")
def send_call() -> Any:
    """Send once; a second touch finds it sent."""
    if not CALL.has_begun():
        return redirect(_instead(), 303)
    found = CALL.answered()
    if found["key"] != posted("key") or _onwards() != url_for("away.check"):
        return redirect(_onwards(), 303)
    try:
        send(
            found["topic"], found["way"], _caller(), key=found["key"], slot_id=found["slot"],
            back=found["from_page"],
        )  # fmt: skip
    except SlotTaken:
        return _taken(found)
    except TooMany:
        return render_template("help/too-many.html", place=here()), 429
    return redirect(url_for("waiting.show"), 303)


def _caller() -> Caller:
    given: dict[str, Any] = {}
    for step in _path():
        given.update(CALL.answered()["steps"][step.name])
    return Caller(given.get("first_name", ""), given.get("phone", ""))


def _taken(found: dict[str, Any]) -> Any:
    """Somebody else has booked the time meanwhile: she chooses another, and writes nothing twice."""
    return redirect(with_way_back("away.time", found["from_page"], topic=found["topic"], taken="yes"), 303)


def _onwards() -> str:
    """The next page: the first question without an answer, else check; another way for who has no phone."""
    if _cannot_be_rung(CALL.answered()):
        return _ways(CALL.answered())
    missing = CALL.next(_path())
    return CALL.address(missing) if missing else url_for("away.check")


def _ways(found: dict[str, Any]) -> str:
    """The page where she chose how to meet, or when."""
    page = "away.time" if found["way"] == "time" else "help.how"
    return with_way_back(page, found["from_page"], topic=found["topic"])


def _instead() -> str:
    """Where a page leads that nobody is in the middle of."""
    return url_for("waiting.show" if "help" in visits.current() else "help.start")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
