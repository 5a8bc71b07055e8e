"""How a request looks to the person who waits: a picture, a sentence, and what else she is told honestly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import LazyProxy

from kiosk.help.phrases import filled
from kiosk.help.queue import Standing
from kiosk.help.records import Request
from kiosk.languages import InBoth, _l, day_of_week, time_of_day

STAYS_AFTER_ANSWER = timedelta(minutes=30)
"""For so long after the last step of staff a screen waits without asking whether somebody is there."""

VERY_LATE = 2

ON_THE_SCREEN = _l("Your request is on the staff screen.")
NOT_YET = _l("Nobody has answered yet. We have told staff again.")
STILL_NOT = _l("Nobody has answered yet. We have told more people.")
GO_THERE = _l("Nobody has answered yet. Please go to the desk.")
ASKED = _l("We have asked %(name)s.")
STAFF_HAVE_GONE = _l("Staff are not here now.")
SEEN_MINUTES = _l("%(name)s has seen it. About %(minutes)s minutes.")
SEEN = _l("%(name)s has seen it.")
COMING = _l("%(name)s is coming.")
AT_THE_DESK = _l("Please come to the desk. %(name)s is there.")
RINGING = _l("%(name)s rings you now.")
WILL_RING = _l("We will ring you.")
MESSAGE_LEFT = _l("Your message is with staff.")
BOOKED = _l("Your time is booked.")
DONE = _l("This is done.")
NOBODY_WAS_HERE = _l("Staff came. Nobody was here.")
CANCELLED = _l("Your request is cancelled.")
ENDED = _l("Your request has ended.")
HELD = {
    "needs-colleague": _l("A colleague must help. Please wait a little."),
    "getting-interpreter": _l("We look for an interpreter. Please wait a little."),
    "person-away": _l("Staff came and did not find you. They come again."),
    "other-branch": _l("We ask another library. Please wait a little."),
}
"""What she is told while staff hold it, by the reason."""

YOU_ARE_NEXT = _l("You are next.")
BEFORE_YOU = _l("People before you: %(number)s")
ABOUT = _l("About %(minutes)s minutes.")
ABOUT_ONE = _l("About one minute.")
NOT_KNOWN = _l("We do not know how long.")
NOT_SEEN = _l("We do not know if staff can see this now.")
GO_TO_THE_DESK = _l("You can also go to the desk.")
UNTIL = _l("Until about %(time)s")
WHEN_BACK = _l("Staff read it when they are back.")
TO_CANCEL = _l("To cancel, tell staff.")

EVERY_SENTENCE = (
    ON_THE_SCREEN, NOT_YET, STILL_NOT, GO_THERE, ASKED, STAFF_HAVE_GONE, SEEN_MINUTES, SEEN,
    COMING, AT_THE_DESK, RINGING, WILL_RING, MESSAGE_LEFT, BOOKED, DONE, NOBODY_WAS_HERE, CANCELLED, ENDED,
    *HELD.values(),
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """Something she is told beside the state."""

    icon: str
    words: LazyProxy
    values: Mapping[str, Any] = field(default_factory=dict)


AT_ANOTHER_TIME = {
    "ring": Fact("phone-call", WILL_RING),
    "message": Fact("message-check", MESSAGE_LEFT),
    "time": Fact("calendar-check", BOOKED),
}
"""What she is told, by the way, when she need not wait here and nobody has answered yet."""


@dataclass(frozen=True)
class Look:
    """How a request looks at a moment.

    `kind`: waiting, late, answered (somebody is about it) or over. `stays`: the screen goes on waiting
    without asking whether she is still there.
    """

    kind: str
    icon: str
    words: LazyProxy
    values: Mapping[str, Any]
    facts: tuple[Fact, ...]
    stays: bool


def look_of(standing: Standing, now: datetime) -> Look:
    """How it looks at `now`, on the clock of the branch."""
    request = standing.request
    kind, icon, words = _state(standing, now)
    values: dict[str, Any] = {}
    if request.handler:
        values |= filled({"name": request.handler})
    if request.minutes:
        values["minutes"] = request.minutes
    return Look(kind, icon, words, values, tuple(_facts(standing, now)), _stays(standing, now))


def _state(standing: Standing, now: datetime) -> tuple[str, str, LazyProxy]:
    request = standing.request
    if request.is_unanswered(now):
        return _unanswered(standing)
    match request.state:
        case "taken":
            return "answered", "eye-check", SEEN_MINUTES if request.minutes else SEEN
        case "coming" if request.way == "desk":
            return "answered", "map-pin", AT_THE_DESK
        case "coming" if request.way == "ring":
            return "answered", "phone-call", RINGING
        case "coming":
            return "answered", "walk", COMING
        case "held":
            return "answered", "clock-pause", HELD[request.hold_reason]
        case "done" if request.outcome == "nobody-there":
            return "over", "circle-x", NOBODY_WAS_HERE
        case "done":
            return "over", "circle-check", DONE
        case _:
            return "over", "circle-x", CANCELLED if request.outcome == "by-person" else ENDED


def _unanswered(standing: Standing) -> tuple[str, str, LazyProxy]:
    later = AT_ANOTHER_TIME.get(standing.request.way)
    if later is not None:
        return "waiting", later.icon, later.words
    if not standing.has_staff:
        return "late", "user-off", STAFF_HAVE_GONE
    if standing.request.state == "taken":  # who said so has not come
        return "late", "hourglass", SEEN
    if standing.late > 1 and standing.others_told:
        return "late", "hourglass", STILL_NOT
    if standing.late:
        return "late", "hourglass", NOT_YET if standing.staff_see_it else GO_THERE
    if standing.request.asked_of:
        return "waiting", "user-share", ASKED
    return "waiting", "hourglass", ON_THE_SCREEN


def _facts(standing: Standing, now: datetime) -> list[Fact]:
    request = standing.request
    facts: list[Fact] = []
    if not request.is_open:
        return facts
    if request.is_unanswered(now) and request.waits_now:
        if not standing.has_staff:
            return facts
        if not standing.staff_see_it:
            facts.append(Fact("eye-off", NOT_SEEN))  # beside the sentence of which it makes less
        if standing.place:
            before = standing.place - 1
            facts.append(
                Fact("users", BEFORE_YOU, {"number": before}) if before else Fact("users", YOU_ARE_NEXT)
            )
        facts.append(_how_long(standing.minutes))
        if standing.late and (standing.staff_see_it or standing.others_told or request.state == "taken"):
            facts.append(Fact("walk", GO_TO_THE_DESK))  # else the sentence itself says so
    elif request.state == "held":
        until = datetime.fromisoformat(request.held_until).astimezone(now.tzinfo)
        facts.append(Fact("clock", UNTIL, {"time": time_of_day(until.time())}))
    if request.way == "message":
        facts.append(Fact("clock", WHEN_BACK))
    if request.way == "time":
        facts.append(Fact("calendar-off", TO_CANCEL))
    return facts


def _how_long(minutes: int | None) -> Fact:
    if minutes is None:
        return Fact("clock-question", NOT_KNOWN)
    return Fact("clock", ABOUT, {"minutes": minutes}) if minutes > 1 else Fact("clock", ABOUT_ONE)


def _stays(standing: Standing, now: datetime) -> bool:
    """Nobody is asked whether she is still there while somebody is about to come, however long that takes."""
    request = standing.request
    if not request.is_open or not request.waits_now or request.kept:
        return False
    if request.is_unanswered(now):
        return standing.has_staff and standing.late < VERY_LATE
    last = max(request.answered_at, request.coming_at, request.held_until)
    return now - datetime.fromisoformat(last) < STAYS_AFTER_ANSWER


def when(moment: datetime, zone: str) -> InBoth:
    """A day and a time on the clock of a branch, as both languages write it."""
    there = moment.astimezone(ZoneInfo(zone))
    day, at = day_of_week(there.date()), time_of_day(there.time())
    return InBoth(f"{day.own}, {at.own}", f"{day.english}, {at.english}")


def when_booked(request: Request, zone: str) -> InBoth | None:
    """When her booked time is, on the clock of the branch; None for any other way."""
    return when(datetime.fromisoformat(request.slot_starts), zone) if request.slot_starts else None
