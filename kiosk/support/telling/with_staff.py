"""While staff fill a story in for her, and she has agreed to that, they can follow it on their own screen."""

from __future__ import annotations

from flask import current_app

from kiosk import visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.languages import current, in_english
from kiosk.support.referrals.story import ITEM, english
from kiosk.support.telling import answers, following
from kiosk.support.telling.questions import TELL, YES, by_another, path


def code() -> str:
    """The code under which staff follow on their own screen, while they fill it in for her; else ''."""
    walk = TELL.answered()
    if by_another(walk["steps"]) != "staff" or not _has_agreed():
        if walk.get("follow"):
            with store().write() as db:
                following.end(db, visits.current().id)
            TELL.change(follow="")
        return ""
    if not walk.get("follow"):
        TELL.change(follow=following.new_code())
    return str(TELL.answered()["follow"])


def _has_agreed() -> bool:
    """The person herself has said that who fills this in for her may do so."""
    walk = TELL.answered()
    return walk["steps"].get("agrees", {}).get("agrees") == YES and "agrees" not in walk["again"]


def let_follow(question: str) -> None:
    """Staff who fill it in see in English what is asked now, and what was told so far."""
    shown, walk = code(), TELL.answered()
    if not shown:
        return
    told = answers.story(walk["steps"], path(), walk["known"])
    if "reach" not in walk["steps"]:  # not asked yet: what it has without an answer would mislead
        told = {item: value for item, value in told.items() if item not in ("reach", "safety")}
    lines = [(in_english(ITEM[item].label), tuple(english(item, value))) for item, value in told.items()]
    stands = following.Seen(question, current().tag, tuple(each for each in lines if each[1]))
    visit, key = visits.current(), current_app.config["SERVICE_KEY"]
    with store().write() as db:
        following.show(db, shown, visit.id, here().branch.id, stands, key)
