"""How the desk writes what people ask for, in a few words each: languages, moments, what a person wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime

from kiosk import languages
from kiosk.help import codes, queue
from kiosk.help.desk_codes import HOLDS, NOT_BY_STAFF, PRIVATE_WORD, STATES
from kiosk.help.records import Request
from kiosk.languages import _, _l, _lp

ENGLISH = "en_GB"
WORDS = {
    each.code: each.label
    for each in (*codes.TOPICS, *codes.WAYS, codes.MESSAGE, *codes.WANTS, *HOLDS)
    if each.code != codes.QUIET
} | {codes.QUIET: PRIVATE_WORD}
"""Every code in words; the quiet topic in neutral ones."""
STEPS = {
    "asked": _lp("step", "Asked"),
    "taken": _lp("step", "Seen"),
    "coming": _lp("step", "Somebody goes there"),
    "put-back": _lp("step", "Put back"),
    "passed": _lp("step", "A colleague was asked"),
    "passed-to-branch": _lp("step", "Passed to another branch"),
    "held": _lp("step", "On hold"),
    "escalated": _lp("step", "Others were told that it is late"),
    "done": _lp("step", "Done"),
    **NOT_BY_STAFF,
}
"""What happened, as it is kept in the steps of a request."""
ICONS = {each.code: each.icon for each in (*codes.TOPICS, *codes.WANTS)} | {codes.QUIET: "message-circle"}
WAYS = {
    "here": _l("At the screen"),
    "desk": _l("Comes to the desk"),
    "ring": _l("Wants to be rung"),
    "time": _l("Booked a time"),
    "message": _l("Left a message"),
}
WANTED = {
    "private": _lp("wants", "In private"),
    "woman": _lp("wants", "A woman"),
    "man": _lp("wants", "A man"),
    "interpreter": _lp("wants", "Interpreter"),
    "hearing-aid": _lp("wants", "Hearing aid"),
    "chair": _lp("wants", "Needs a chair"),
    "pram": _lp("wants", "Pram"),
    "child": _lp("wants", "With a child"),
}


@dataclass(frozen=True)
class Flag:
    """Something to know at a glance: a pictogram and its words. `loud` stands out."""

    icon: str
    words: str
    loud: bool = False


def flags(request: Request, now: datetime) -> list[Flag]:
    """What to know before one goes to the person: how late it is, what she wants, and if she is there."""
    found = []
    late = queue.is_late(request, now)
    if late:
        found.append(Flag("alarm", _("Very late") if late > 1 else _("Late"), loud=True))
    for want in request.wants:
        words = str(WANTED[want])
        if want == "interpreter" and request.interpreter:
            words = _("Interpreter: %(language)s", language=language_name(request.interpreter))
        found.append(Flag(ICONS[want], words))
    if request.kept:
        found.append(Flag("friends", _("Lets others use the screen")))
    elif request.way == "here" and not request.is_watched(now):
        found.append(Flag("eye-off", _("Nobody at the screen")))
    return found


def way(request: Request, zone: str) -> str:
    """How she wants to be helped; for a booked time, when it is on the clocks of that time zone."""
    if request.way == "time" and request.slot_starts:
        return _("Booked for %(moment)s", moment=moment(request.slot_starts, zone))
    return str(WAYS[request.way])


def state(request: Request, now: datetime, zone: str) -> str:
    """Where it stands: for one on hold why and until when, for one that is seen when somebody comes."""
    if request.state == "held" and request.held_until:
        over = datetime.fromisoformat(request.held_until) <= now
        until = _("the time is over") if over else _("until %(time)s", time=clock(request.held_until, zone))
        return f"{WORDS.get(request.hold_reason, STATES['held'])}, {until}"
    if request.state == "taken" and request.minutes:
        at = clock(request.taken_at, zone)
        return _("Said %(minutes)s minutes at %(time)s", minutes=request.minutes, time=at)
    if request.asked_of:
        return _("A colleague is asked")
    return str(STATES[request.state])


def language_name(tag: str) -> str:
    """A language in English, by its tag; British Sign Language is one."""
    if tag == codes.BSL:
        return _("British Sign Language")
    known = languages.known().get(tag)
    if known is not None:
        return known.english
    try:
        return str(Locale.parse(tag, sep="-").get_display_name("en") or tag)
    except (ValueError, UnknownLocaleError):
        return tag


def moment(at: str | datetime, zone: str) -> str:
    """A moment on the clocks of a time zone: Mon 9 Mar, 14:00."""
    local = _local(at, zone)
    return str(format_datetime(local, "EEE d MMM, HH:mm", tzinfo=local.tzinfo, locale=ENGLISH))


def clock(at: str | datetime, zone: str) -> str:
    """The same without the day: 14:00."""
    return f"{_local(at, zone):%H:%M}"


def minutes_since(at: datetime, now: datetime) -> int:
    return max(0, int((now - at).total_seconds() // 60))


def waited(minutes: int) -> str:
    """How long somebody has waited, as it is read from a step away: 4 min, 1 h 20 min, 3 days."""
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    if minutes < 24 * 60:
        return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    return _("Days: %(days)s", days=minutes // (24 * 60))


def _local(at: str | datetime, zone: str) -> datetime:
    known = datetime.fromisoformat(at) if isinstance(at, str) else at
    return known.astimezone(ZoneInfo(zone))
