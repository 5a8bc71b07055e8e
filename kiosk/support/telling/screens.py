"""What the resident sees of telling: one question a page, each partner by itself, check, send, the code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import segno
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from markupsafe import Markup

from kiosk import references, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.languages import current, in_english, known, language_name, shown
from kiosk.people import partners
from kiosk.store import NotThere
from kiosk.support import questions as finding
from kiosk.support.codes import NEEDS, SPECIAL, TOO_YOUNG, chosen
from kiosk.support.directory import records as directory
from kiosk.support.referrals import sending
from kiosk.support.referrals.consents import LIBRARY
from kiosk.support.referrals.sending import NoExpressYes, NotTaking, Sending, Sent, TooMany
from kiosk.support.referrals.story import SENSITIVE, Story
from kiosk.support.rules import Said
from kiosk.support.screens import LIST, MOST_SERVICES
from kiosk.support.telling import answers, asking, following, pages, with_staff
from kiosk.support.telling.asking import Asked, decided
from kiosk.support.telling.questions import (
    AGREEMENTS,
    NEWS,
    NO,
    SPECIAL_STEPS,
    STEPS,
    TELL,
    TOPIC_OF,
    by_another,
    path,
)
from kiosk.support.telling.sorry import sorry
from kiosk.walks import before, elsewhere

blueprint = Blueprint("tell", __name__, url_prefix="/<lang>/support/tell")

TOLD = "told"
"""In the visit, once a story was sent: the `code`, the `pin`, and to how many it went (`to`)."""
FONTS = tuple(dict.fromkeys(sheet for language in known().values() for sheet in language.fonts))
"""For the page on which every language stands by its own name."""


@blueprint.post("/")
def begin() -> Any:
    """From one service, or all that are chosen, to the first question."""
    visit = visits.current()
    wanted = list(dict.fromkeys(request.form.getlist("service") or visit.get(LIST, {}).get("chosen", [])))
    if len(wanted) > MOST_SERVICES:
        return sorry("too-many-services", onwards=_came_from())
    with store().read() as db:
        taking = partners.taking(db)
        services = []
        for service_id in wanted:
            try:
                service = directory.find(db, service_id)
            except NotThere:
                continue
            if asking.takes(service, taking):
                services.append(service)
    if not services:
        return sorry("nobody")
    met = {need for each in services for need in each.needs}
    said = finding.said() if finding.FIND.has_begun() else Said()
    found = finding.FIND.answered()["steps"] if finding.FIND.has_begun() else {}
    if not TELL.has_begun():
        visit.pop(TOLD, None)  # the code of who told something before her is no receipt of hers
        TELL.begin(services=[], needs=[], known={}, asks_age=True, decided={}, taken_out={})
    _choose([each.id for each in services], [each.code for each in chosen(NEEDS, met)], said.needs)
    if found:
        TELL.change(known=dict(said.answers), asks_age="age" not in found)
    return redirect(_onwards(), 303)


def _choose(services: list[str], needs: list[str], needed: Collection[str]) -> None:
    """Keep for which services it is. What she told before stays told, and what she decided about them, too.

    `needs` are those that they meet, `needed` what she said when finding: that is not asked again.
    """
    walk = TELL.answered()
    came = set(needs) - set(walk["needs"])
    before = set(walk["steps"].get("about", {}).get("about", ()))
    about = [need for need in needs if need in before or (need in came and need in needed)]
    if len(needs) == 1:
        about = needs
    steps = {name: given for name, given in walk["steps"].items() if name != "about"}
    asks_again = bool(before and about and came) and not needed
    kept = {*services, LIBRARY} if set(services) == set(walk["services"]) else {*services}
    TELL.change(
        services=services,
        needs=needs,
        steps={**steps, "about": {"about": about}} if about else steps,
        again=[*walk["again"], *(["about"] if asks_again else [])],
        decided={key: answer for key, answer in walk["decided"].items() if key in kept},
    )


@blueprint.route("/<any({}):name>".format(",".join(f'"{name}"' for name in STEPS)), methods=["GET", "POST"])
def ask(name: str) -> Any:
    """Ask one question; keep the answer; go to the next that has none."""
    if not TELL.has_begun() and (request.method == "GET" or TOLD in visits.current()):
        return redirect(_instead(), 303)
    step, asked = STEPS[name], path()
    if step not in asked:
        return redirect(_onwards(), 303)
    earlier = before(step, asked)
    steps = TELL.answered()["steps"]
    page = TELL.ask(
        step,
        "support/tell",
        back=TELL.address(earlier) if earlier else _came_from(),
        onwards=_onwards,
        says=AGREEMENTS.get(by_another(steps)) if name == "agrees" else None,
        topic=next(iter(chosen(NEEDS, [TOPIC_OF[name]]))) if name in TOPIC_OF else None,
        why=SPECIAL.get(TOPIC_OF.get(name, "")),
        for_another=by_another(steps) != "" and name not in ("filled-by", "agrees"),
        tongue=language_name,
        fonts_of_the_page=FONTS if name == "spoken" else None,
        tells=NEWS if name == "news" else None,
        follow=with_staff.code(),
    )
    if request.method == "GET":
        with_staff.let_follow(in_english(step.asks))
    else:
        with_staff.code()  # what was answered may end it
    return page


@blueprint.get("/young")
def young() -> Any:
    """Who is under 16 is led to a person; nothing of her story is asked."""
    if not TELL.has_begun():
        return redirect(_instead(), 303)
    said_before = TELL.answered()["known"].get("age") == TOO_YOUNG
    back = url_for("support.ask", name="age") if said_before else TELL.address(STEPS["age"])
    return render_template("support/tell/young.html", back=back)


@blueprint.get("/stop")
def stop() -> Any:
    """The person herself does not agree that another fills it in, or there is nothing left to tell."""
    if not TELL.has_begun():
        return redirect(_instead(), 303)
    agrees = TELL.answered()["steps"].get("agrees", {}).get("agrees")
    back = STEPS["filled-by"] if agrees == NO else STEPS["about"] if STEPS["about"] in path() else path()[0]
    return render_template("support/tell/stop.html", agrees=agrees != NO, back=TELL.address(back))


# Each partner by itself -------------------------------------------------------------------------------------


@blueprint.route("/partner/<int:number>", methods=["GET", "POST"])
def partner(number: int) -> Any:
    """Who it is and what happens with what she told; a no is said here, or on the page after it."""
    return _reader(number, pages.WHO)


@blueprint.route("/partner/<int:number>/part", methods=["GET", "POST"])
def part(number: int) -> Any:
    """All that would be sent, as it is sent; what is optional can be taken out for this partner."""
    return _reader(number, pages.PART)


def _reader(number: int, page: str) -> Any:
    found = _readers()
    if not isinstance(found, list):
        return found
    if not 1 <= number <= len(found) or (page == pages.PART and not found[number - 1].story):
        return redirect(_onwards(), 303)
    asked, walk = found[number - 1], TELL.answered()
    answer = walk["decided"].get(asked.key)
    if request.method == "POST":
        return _answered(asked, number, page)
    with_staff.let_follow(asked.asks.english())
    taken_out = walk["taken_out"].get(asked.key, SENSITIVE)
    left_in = [item for item in asked.optional if item not in taken_out]
    return pages.draw(page, asked, left_in, answer, for_another=by_another(walk["steps"]) != "")


def _answered(asked: Asked, number: int, page: str) -> Any:
    """Keep her yes or no to the words and the part that she saw; changed ones are shown again."""
    walk, left_in = TELL.answered(), pages.items(asked)
    if page == pages.PART:
        # what she took out is remembered, so that an answer that comes later is in
        before = [item for item in walk["taken_out"].get(asked.key, SENSITIVE) if item not in asked.optional]
        out = [*before, *(item for item in asked.optional if item not in left_in)]
        TELL.change(taken_out={**walk["taken_out"], asked.key: out})
    if "aside" in request.form:
        back = url_for("tell.partner", number=number) if page == pages.PART else _before(number)
        return redirect(elsewhere(back), 303)
    match pages.said(page, asked):
        case "more":
            return redirect(url_for("tell.part", number=number), 303)
        case "yes" | "no" as answer:
            made = decided(asked, answer == "yes", left_in)
            TELL.change(decided={**walk["decided"], asked.key: made})
            return redirect(_onwards(), 303)
        case "changed":
            return redirect(url_for("tell.partner", number=number), 303)
    another = by_another(walk["steps"]) != ""
    return pages.draw(page, asked, left_in, walk["decided"].get(asked.key), unsure=True, for_another=another)


def _before(number: int) -> str:
    """The page before that of a partner."""
    if number > 1:
        return url_for("tell.partner", number=number - 1)
    return TELL.address(path()[-1])


# Sending ----------------------------------------------------------------------------------------------------


@blueprint.get("/check")
def check() -> Any:
    """Her answer to each, to be looked over once more."""
    found = _readers()
    if not isinstance(found, list):
        return found
    if _onwards() != url_for("tell.check"):
        return redirect(_onwards(), 303)
    said = TELL.answered()["decided"]
    return render_template(
        "support/tell/check.html",
        place=here(),
        key=TELL.answered()["key"],
        seen=_seen(found),
        rows=[(number, each, said[each.key]["yes"]) for number, each in enumerate(found, 1)],
        some_cannot=_some_cannot(found),
        sends=any(said[each.key]["yes"] for each in found if each.partner),
        for_another=by_another(TELL.answered()["steps"]) != "",
        back=url_for("tell.partner", number=len(found)),
        first=TELL.address(path()[0]),
    )


@blueprint.get("/send")
def sent() -> Any:
    """Where a screen that has sent, and may have lost its connection, finds out what became of it."""
    return redirect(url_for("tell.receipt" if TOLD in visits.current() else "tell.check"), 303)


@blueprint.post("/send")
def send() -> Any:
    """Send once. A double tap, or a second try after the answer was lost, gets the same receipt."""
    key, visit = request.form.get("key", ""), visits.current()
    with store().read() as db:
        earlier = sending.already_sent(db, key, current_app.config["SERVICE_KEY"])
    if earlier is not None:
        if visit.get(TOLD, {}).get("code") != earlier.reference:
            # only the visit that knows the key comes here: it was in her form
            visit.wipe_answers(**{TOLD: _told(earlier)})
        return redirect(url_for("tell.receipt"), 303)
    if not TELL.has_begun() and TOLD in visit:
        return redirect(url_for("tell.receipt"), 303)
    found = _readers()
    if not isinstance(found, list):
        return found
    if TELL.answered()["key"] != key or _onwards() != url_for("tell.check"):
        return redirect(_onwards(), 303)
    said = TELL.answered()["decided"]
    sends = any(said[each.key]["yes"] for each in found if each.partner)
    if not sends or request.form.get("seen") != _seen(found):
        return redirect(url_for("tell.check"), 303)
    return _send(found)


def _some_cannot(found: Sequence[Asked]) -> bool:
    """Whether somebody she said yes to takes nothing any more."""
    left = {each.key for each in found}
    return any(said["yes"] and key and key not in left for key, said in TELL.answered()["decided"].items())


def _seen(found: Sequence[Asked]) -> str:
    """Tells whether those whom she saw on the page to check are still those who would get it."""
    return "".join(each.mark for each in found)


def _send(found: Sequence[Asked]) -> Any:
    """Seal what each one gets and forget the answers; or say what is in the way, and forget nothing."""
    place, visit, walk = here(), visits.current(), TELL.answered()
    told, settings = _story(), place.settings
    another = by_another(walk["steps"])
    method = "helped" if another else "touch"
    said = asking.said_to_news(walk["steps"], path())
    news = asking.news_answer(said, method) if said else None
    way, to = asking.news(told["reach"], settings) if news is not None and news.yes else ("", "")
    leaves = Sending(
        one_time_key=walk["key"],
        story=told,
        language=current().tag,
        choices=tuple(each.choice(walk["decided"][each.key], method) for each in found),
        filled_by=another or "self",
        agreed_by="here" if another else "self",
        message_way=way,
        message_to=to,
        news=news,
    )
    answered = dict(visit)
    try:
        with store().write() as db:
            made = sending.send(
                db,
                replace(leaves, witness=following.follower(db, visit.id)),
                branch=place.branch.id,
                kiosk_id=place.kiosk_id,
                settings=settings,
                service_key=current_app.config["SERVICE_KEY"],
                now=place.branch.now(),
            )
            following.end(db, visit.id)
            visit.wipe_answers(**{TOLD: _told(made)})
            visit.keep(db, visits.lifetime())
    except Exception as error:
        # nothing was sent: her answers are still hers, and there is no code
        visit.clear()
        visit.update(answered)
        visit.modified = False
        if isinstance(error, TooMany):
            return sorry("too-many")
        if isinstance(error, NotTaking | NotThere):
            return sorry("not-now", onwards=url_for("tell.check"))
        if isinstance(error, NoExpressYes):
            return redirect(TELL.address(SPECIAL_STEPS[error.needs[0]]), 303)
        raise
    return redirect(url_for("tell.receipt"), 303)


def _told(made: Sent) -> dict[str, str]:
    """What the receipt says: nothing of what was told."""
    return {"id": made.id, "code": made.reference, "pin": made.pin}


@blueprint.get("/receipt")
def receipt() -> Any:
    """The code and the PIN, in words that give nothing away; who gets what stands on it small."""
    told = visits.current().get(TOLD)
    if told is None:
        return redirect(_instead(), 303)
    place = here()
    with store().read() as db:
        next_steps = asking.promised(db, told["id"])
    # S704: the drawing of a code of ours
    drawing = Markup(  # noqa: S704
        segno.make(told["code"], error="m", micro=False).svg_inline(border=4, omitsize=True)
    )
    return render_template(
        "support/tell/receipt.html",
        place=place,
        code=references.shown(told["code"]),
        pin=told["pin"],
        drawing=drawing,
        next_steps=next_steps,
    )


# Where it goes on -------------------------------------------------------------------------------------------


def _story() -> Story:
    found = TELL.answered()
    return answers.story(found["steps"], path(), found["known"])


def _readers() -> list[Asked] | Any:
    """Who is asked about, in order; a way elsewhere while a question has no answer or nobody is left."""
    if not TELL.has_begun():
        return redirect(_instead(), 303)
    if (elsewhere_first := _first_page()) is not None:
        return redirect(elsewhere_first, 303)
    found = _asked()
    return found if found else sorry("not-now", onwards=_came_from())


def _asked() -> list[Asked]:
    walk, told = TELL.answered(), _story()
    with store().read() as db:
        found = asking.asked(db, walk["services"], told, shown().tag, here().settings)
    agreed = [each for each in found if walk["decided"].get(each.key, {}).get("yes")]
    if agreed:
        found.append(asking.library(here().settings.library_name, asking.topics_of(agreed)))
    return found


def _first_page() -> str | None:
    """The first page of her own story that has no answer yet, or leads no further; None when all is told."""
    steps = TELL.answered()["steps"]
    if steps.get("agrees", {}).get("agrees") == NO and by_another(steps):
        return url_for("tell.stop")
    if TOO_YOUNG in (steps.get("age", {}).get("age"), TELL.answered()["known"].get("age")):
        return url_for("tell.young")
    missing = TELL.next(path())
    if missing:
        return TELL.address(missing)
    return None if _story()["about"] else url_for("tell.stop")


def _onwards() -> str:
    """The next page: of her story, then the first partner without an answer that still holds, then check."""
    first = _first_page()
    if first is not None:
        return first
    said = TELL.answered()["decided"]
    for number, each in enumerate(_asked(), 1):
        if not each.holds(said.get(each.key, {})):
            return url_for("tell.partner", number=number)
    return url_for("tell.check")


def _came_from() -> str:
    """The list of services that she came from."""
    looked_at = visits.current().get(LIST, {}).get("list", "")
    return url_for({"found": "support.found", "listed": "support.listed"}.get(looked_at, "support.start"))


def _instead() -> str:
    """Where a page leads that nobody is in the middle of."""
    return url_for("tell.receipt" if TOLD in visits.current() else "support.start")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
