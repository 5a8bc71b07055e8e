"""What the resident sees of joining: one question a page, check, send once, the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import segno
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from markupsafe import Markup

from kiosk import references, rounds, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.join import cards, neighbours, policies, progress, records
from kiosk.join.notice import NOTICE, version
from kiosk.join.paths import STEPS, Person, months_after, numbered, path, people, rows
from kiosk.join.questions import side_of, way
from kiosk.languages import _l, _lp, current, in_english
from kiosk.pages import Journey, add_journey
from kiosk.people import accounts
from kiosk.store import Writing
from kiosk.walks import Steps

blueprint = Blueprint("join", __name__, url_prefix="/<lang>/join")

AS_GUARDIAN = _l("I am the parent or guardian of these children. I agree that each of them joins.")
AS_HELPER = _l("I collect and bring the other person's books. I agree.")
AS_HELPED = _l("The other person may collect and bring my books. I agree.")
AGREEMENTS = {"family": AS_GUARDIAN, "children": AS_GUARDIAN, "helps": AS_HELPER, "helped": AS_HELPED}
"""What is agreed to before it is sent, where one person speaks for another or binds herself to one."""


# The pages --------------------------------------------------------------------------------------


@blueprint.get("/")
def start() -> Any:
    return render_template("join/start.html", place=here())


@blueprint.get("/privacy")
def privacy() -> Any:
    return render_template("join/privacy.html", place=here(), notice=NOTICE, settings=here().settings)


@blueprint.post("/")
def begin() -> Any:
    """From here on there is something personal."""
    visit = visits.current()
    if not progress.WALK.has_begun():
        visit.pop("receipt", None)  # the code of somebody who joined before her is no receipt of hers
        visit.pop("joined", None)
        progress.WALK.begin()
    return redirect(progress.onwards(), 303)


@blueprint.route("/<any({}):name>".format(",".join(f'"{name}"' for name in STEPS)), methods=["GET", "POST"])
def ask(name: str) -> Any:
    """Ask one question; keep the answer; go to the next that has none."""
    if "join" not in visits.current() and (request.method == "GET" or "receipt" in visits.current()):
        return redirect(progress.instead(), 303)
    steps = progress.WALK.answered()["steps"]
    step = STEPS[name]
    if step not in path(steps) and name != "filled-by":
        return redirect(progress.onwards(), 303)
    if name == "ages" and {"add", "remove"} & request.form.keys():
        progress.count_children(steps)
        return redirect(url_for("join.ask", name="ages"), 303)
    (number, total), about = numbered(step, steps), progress.about(step, steps)
    return progress.WALK.ask(
        step, "join", back=progress.before(step), onwards=progress.onwards, alike=not about, number=number,
        total=total, for_another=progress.is_filled_in_by_another(steps), way=way(steps), **about,
    )  # fmt: skip


@blueprint.get("/together")
def together() -> Any:
    """For those too young to join alone."""
    if not progress.WALK.has_begun():
        return redirect(progress.instead(), 303)
    steps = progress.WALK.answered()["steps"]
    age_page = "year" if "year" in steps and way(steps) == "me" else "age"
    return render_template("join/together.html", place=here(), age_page=age_page)


@blueprint.get("/check")
def check() -> Any:
    found = progress.all_answered()
    if not isinstance(found, dict):
        return found
    return render_template(
        "join/check.html",
        place=here(),
        rows=rows(found["steps"], progress.today()),
        key=found["key"],
        agrees=way(found["steps"]) in AGREEMENTS,
        visited=way(found["steps"]) == "home",
        back=url_for("join.ask", name=path(found["steps"])[-1].name),
    )


@blueprint.get("/agree")
def agree() -> Any:
    """Where one person speaks for another, or two bind themselves: her yes, the last thing before sending."""
    found = progress.all_answered()
    if not isinstance(found, dict):
        return found
    steps = found["steps"]
    if way(steps) not in AGREEMENTS:
        return redirect(url_for("join.check"), 303)
    return render_template(
        "join/agree.html",
        place=here(),
        way=way(steps),
        says=AGREEMENTS[way(steps)],
        children=[person.answers for person in people(steps, progress.today()) if person.kind == "child"],
        until=_until(steps),
        is_free=_is_free(steps),
        key=found["key"],
    )


@blueprint.get("/send")
def sent() -> Any:
    """Where a screen that lost its connection while sending finds out what became of it."""
    return redirect(url_for("join.receipt" if "receipt" in visits.current() else "join.check"), 303)


@blueprint.post("/send")
def send() -> Any:
    """Send once. A double tap, or a second try after the answer was lost, gets the same receipt."""
    key = request.form.get("key", "")
    with store().read() as db:
        earlier = records.already_sent(db, key)
    visit = visits.current()
    if earlier is not None:
        if visit.get("receipt") != earlier:
            # only the visit that knows the key comes here: it was in her form
            visit.wipe_answers(receipt=earlier)
        return redirect(url_for("join.receipt"), 303)
    if progress.WALK.answered()["key"] != key:
        return redirect(url_for("join.check"), 303)
    if progress.onwards() != url_for("join.check"):
        return redirect(progress.onwards(), 303)
    steps = progress.WALK.answered()["steps"]
    if way(steps) in AGREEMENTS and "agreed" not in request.form:
        return redirect(url_for("join.agree"), 303)
    return _send(steps, key)


@blueprint.get("/receipt")
def receipt() -> Any:
    reference = visits.current().get("receipt")
    if reference is None:
        return redirect(url_for("home.attract"), 303)
    # S704: the drawing of a code of ours
    drawing = Markup(segno.make(reference, error="m", micro=False).svg_inline(border=4, omitsize=True))  # noqa: S704
    return render_template(
        "join/receipt.html",
        place=here(),
        code=references.shown(reference),
        drawing=drawing,
        way=visits.current().get("joined", {}).get("way", "me"),
        waits=visits.current().get("joined", {}).get("waits", False),
        cards=len(_cards()),
        knows="joined" in visits.current(),
    )


@blueprint.get("/card", defaults={"number": 1})
@blueprint.get("/card/<int:number>")
def card(number: int) -> Any:
    """The card for today, one a page: of a family everyone has one."""
    found = _cards()
    if not 1 <= number <= len(found):
        return redirect(progress.instead(), 303)
    who, given = found[number - 1]
    return render_template(
        "join/card.html",
        place=here(),
        card=given,
        who=who,
        drawing=cards.drawing(given.number, here().settings.card_symbology),
        until=given.valid_until,
        number=number,
        total=len(found),
    )


@blueprint.get("/allows")
def allows() -> Any:
    """What the new members can borrow today, and what unlocks more."""
    joined = visits.current().get("joined")
    if joined is None:
        return redirect(progress.instead(), 303)
    settings = here().settings
    codes = list(dict.fromkeys(person["membership"] for person in joined["people"]))
    found = [policies.policy(settings, code) for code in codes]
    with_card = {who.get("membership") for who, _card in _cards()}
    lines = [
        (each, each.code in with_card, policies.today(each), policies.more(settings, each) or ())
        for each in found
    ]
    return render_template("join/allows.html", place=here(), lines=lines)


# Sending ------------------------------------------------------------------------------------------


def _send(steps: Steps, key: str) -> Any:
    """Keep all who join by these answers, give them their cards, and forget the answers."""
    place, visit = here(), visits.current()
    with store().read() as db:
        readers = accounts.readers(db)
    found = [_agreed(person, steps) for person in people(steps, progress.today())]
    party = [_sealed(person, key, readers) for person in found]
    answered = dict(visit)
    try:
        with store().write() as db:
            reference = records.send(db, party, place.settings)
            if reference == party[0].reference:  # else another touch of the same person was faster
                _tie(db, steps, found, party)
            visit.wipe_answers(receipt=reference, joined=_joined(steps, found))
            visit.keep(db, visits.lifetime())
    except Exception as error:
        # nothing was sent: her answers are still hers, and there is no code
        visit.clear()
        visit.update(answered)
        visit.modified = False
        if isinstance(error, records.TooMany):
            abort(429)
        if isinstance(error, neighbours.NobodyWaits):
            return redirect(url_for("join.ask", name="code"), 303)
        raise
    return redirect(url_for("join.receipt"), 303)


def _sealed(person: Person, key: str, readers: Mapping[str, bytes]) -> records.Sent:
    place = here()
    return records.seal(
        person.answers,
        kind=person.kind,
        one_time_key=key,
        branch_id=place.branch.id,
        kiosk_id=place.kiosk_id,
        language=current().tag,
        notice_version=version(place.settings),
        readers=readers,
        mark_key=records.mark_key(current_app.config["SERVICE_KEY"]),
    )


def _agreed(person: Person, steps: Steps) -> Person:
    """The same person with what was agreed to, in the English words that stood on the screen."""
    if way(steps) not in AGREEMENTS or (way(steps) == "family" and person.kind == "me"):
        return person
    until = _until(steps)
    answers = replace(
        person.answers,
        agreed=in_english(AGREEMENTS[way(steps)]),
        until=until.isoformat() if until else "",
    )
    return replace(person, answers=answers)


def _is_free(steps: Steps) -> bool:
    """Whether the library has chosen that Good Neighbours pay neither fines nor for requests."""
    if way(steps) not in ("helps", "helped"):
        return False
    found = policies.policy(here().settings, people(steps, progress.today())[0].membership)
    return found.free_requests and not found.fines


def _until(steps: Steps) -> date | None:
    """The last day of two Good Neighbours: as she said, or as the one said who came first."""
    if way(steps) not in ("helps", "helped"):
        return None
    code = steps["code"].get("code")
    if code is None:
        return months_after(progress.today(), int(steps["until"]["until"]))
    with store().read() as db:
        pair = neighbours.waiting(db, references.read(code), side_of(way(steps)), progress.today())
    return date.fromisoformat(pair.ends_on) if pair else None


def _pair(db: Writing, steps: Steps, join_id: str) -> None:
    """Tie two Good Neighbours together, or let this one wait for the other."""
    code, side = steps["code"].get("code"), side_of(way(steps))
    if code is not None:
        neighbours.agree(db, references.read(code), join_id, side, progress.today())
    else:
        ends_on = months_after(progress.today(), int(steps["until"]["until"]))
        neighbours.start(db, join_id, side, ends_on.isoformat())


def _tie(db: Writing, steps: Steps, found: list[Person], party: list[records.Sent]) -> None:
    """What goes with the joins that were just kept: the other Good Neighbour, and the cards for today."""
    place = here()
    if way(steps) in ("helps", "helped"):
        _pair(db, steps, party[0].id)
    for person, sent in zip(found, party, strict=True):
        if policies.policy(place.settings, person.membership).card:
            cards.give(db, sent.id, place.branch.id, place.kiosk_id, place.settings, place.branch.now())


def _joined(steps: Steps, found: list[Person]) -> dict[str, Any]:
    """What the pages after sending say: nothing that was typed."""
    return {
        "way": way(steps),
        "waits": "instead" in steps.get("code", {}),
        "people": [
            {"kind": person.kind, "years": person.answers.years, "membership": person.membership}
            for person in found
        ],
    }


def _cards() -> list[tuple[dict[str, Any], cards.Card]]:
    """Those who got a card for today, and the cards."""
    visit = visits.current()
    with store().read() as db:
        ids = records.sent_together(db, visit.get("receipt", ""))
        given = [cards.of_join(db, join_id) for join_id in ids]
    said = visit.get("joined", {}).get("people") or [{} for _each in ids]
    return [(who, card) for who, card in zip(said, given, strict=False) if card is not None]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_journey(app, Journey("join", "join.start", _lp("journey", "Join the library"), "id"))
    rounds.add_purge(app, records.purge)
    rounds.add_purge(app, neighbours.purge)
