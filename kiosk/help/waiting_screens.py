"""What the resident sees while she waits: how her request is, what staff say, what else she may tell them.

The page asks every two seconds whether anything is new, and nothing is ever held open for it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for

from kiosk import sounds, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.forms import NAME_LENGTH, Choice, ManyTilesField, NameField, Question
from kiosk.help import codes, hours, phrases, queue, records, states, talk
from kiosk.help.hours import Offer
from kiosk.help.phrases import PHRASES, filled
from kiosk.help.records import Closed, Request
from kiosk.help.sending import look_at, now, others, own, posted, topic_of
from kiosk.help.talk import Said
from kiosk.languages import InBoth, _l, _lp, current, id_of_sound, in_english, known, language_name, shown
from kiosk.people import accounts
from kiosk.store import NotThere
from kiosk.walks import Step, elsewhere

blueprint = Blueprint("waiting", __name__, url_prefix="/<lang>/help")

SOUNDS = ("chime", "off", "speech")
"""What is to be heard: only that something is new; nothing; also what is said, where somebody recorded it."""
TONGUES = (
    "ar", "pl", "ro", "ur", "pa", "bn", "uk", "fa", "ti", "yue", "zh", "so", "ps", "ckb", "ku", "am",
    "tr", "pt", "es", "fr", "it", "lt", "bg", "hu", "ru", "sq", "vi", "ta", "gu", "hi", "ne", "sw", "om",
    "cy",
)  # fmt: skip
"""Languages of interpreters, as they are spoken: Cantonese and Mandarin are two."""
TONGUES_A_PAGE = 9
SCRIPTS = ("LATIN", "ARABIC", "CYRILLIC", "ETHIOPIC", "CJK")
"""What the fonts of the screens can write, as Unicode names begin."""


def _seen(standing: queue.Standing, look: states.Look) -> str:
    """What tells two looks of a request apart; time alone changes it, too."""
    return f"{standing.mark}-{look.kind}-{look.icon}{'-stays' if look.stays else ''}"


# The page and its live part ---------------------------------------------------------------------------------


@blueprint.get("/waiting")
def show() -> Any:
    found = _shown()
    if found is None:
        return redirect(url_for("help.start"), 303)
    return render_template("help/waiting.html", place=here(), **found)


@blueprint.get("/state")
def state() -> Any:
    """The live part of the page, when it differs from what the screen has `seen`; 205 when there is none."""
    found = _shown()
    if found is None:
        return "", 205
    made, moment = found["made"], now()
    if made.wants_a_sign(moment):
        with store().write() as db:
            records.watched(db, made.id, moment)
    if request.args.get("seen") == found["seen"]:
        return "", 204
    return render_template("help/state.html", place=here(), **found)


def _shown() -> dict[str, Any] | None:
    """All that the page of this visit's request shows; None without a request."""
    moment = now()
    with store().read() as db:
        made = own(db)
        if made is None:
            return None
        standing = queue.standing(db, made, moment)
        said = [each for each in talk.of(db, made.id) if talk.stands(each, made)]
        besides = others(db)
        offer = None if standing.has_staff else hours.offer(db, here().branch, moment)
    look = states.look_of(standing, moment)
    latest = said[0] if said and made.is_open else None
    sound = "off" if made.is_quiet else visits.display().get("sound", SOUNDS[0])
    return {
        "made": made,
        "look": look,
        "said": latest,
        "phrase": PHRASES.get(latest.code) if latest else None,
        "gaps": filled(latest.gaps) if latest else {},
        "own_words_of_staff": _own_words(latest),
        "answers": _answers(latest) if latest else (),
        "when": states.when_booked(made, here().branch.time_zone),
        "clips": [] if made.is_quiet else _clips(look, latest),
        "sound": sound,
        "news": f"{id_of_sound(look.words)}-{latest.id if latest else ''}",
        "seen": _seen(standing, look) + (f"-{len(besides)}" if besides else ""),
        "others": besides,
        "at_another_time": states.AT_ANOTHER_TIME,
        **_instead(offer),
        "back": visits.current().get("help_from", url_for("home.home")),
    }


def _instead(offer: Offer | None) -> dict[str, Any]:
    """What she can do when the hours of staff have ended, and when they are back."""
    if offer is None or offer.has_staff:
        return {"instead": (), "staff_back": None}
    back = states.when(offer.staff_back, here().branch.time_zone) if offer.staff_back else None
    ways = tuple(way for way in (codes.MESSAGE, *codes.WAYS) if way.code in offer.ways)
    return {"instead": ways, "staff_back": back}


def _own_words(said: Said | None) -> dict[str, str]:
    """What the branch itself says, by language; empty for the phrases of everybody."""
    own_phrase = said.own if said else None
    return {"en": own_phrase.english, **own_phrase.translations} if own_phrase else {}


def _answers(said: Said) -> list[Choice]:
    fit = talk.answers_to(said)
    return [each for each in phrases.ANSWERS if each.code in fit]


def _clips(look: states.Look, said: Said | None) -> list[str]:
    """What of the page somebody has recorded: the state, and what staff have said."""
    spoken = [] if look.values else [look.words]
    if said is not None and said.code in PHRASES and not said.gaps:
        spoken.append(PHRASES[said.code].words)
    return [clip for each in spoken if (clip := sounds.clip(each))]


@blueprint.post("/sound")
def sound() -> Any:
    if posted("sound") in SOUNDS:
        visits.show_as(sound=posted("sound"))
    return redirect(url_for("waiting.show"), 303)


@blueprint.post("/answer")
def answer() -> Any:
    """She answers what was said. What has ended meanwhile, or was never asked, needs no answer."""
    with store().read() as db:
        made = own(db)
    if made is not None:
        try:
            with store().write() as db:
                talk.answer(db, made.id, posted("said"), posted("answer"), now())
        except (Closed, NotThere, ValueError):
            pass  # the page shows how it is
    return redirect(url_for("waiting.show"), 303)


@blueprint.post("/cancel")
def cancel() -> Any:
    with store().read() as db:
        made = own(db)
    if made is not None:
        with store().write() as db:
            records.cancel(db, made.id, now())
    return redirect(url_for("waiting.show"), 303)


@blueprint.post("/show")
def look_at_another() -> Any:
    """Look at something else that she has asked for in this visit."""
    look_at(posted("one"))
    return redirect(url_for("waiting.show"), 303)


@blueprint.post("/keep")
def keep() -> Any:
    """Others may use this screen. The request stays; of this visit only its number, till she has read it.

    Only who waits now has a number, and a quiet word shows none to whoever comes next.
    """
    made = _open()
    if made is None or made.is_quiet or not made.waits_now:
        return redirect(url_for("waiting.show"), 303)
    visit = visits.current()
    try:
        with store().write() as db:
            records.keep_for_later(db, made.id)
    except Closed:
        return redirect(url_for("waiting.show"), 303)
    visit.renew()
    visit.wipe_answers(help_kept=made.number)
    visit.pop("help", None)
    return redirect(url_for("waiting.kept"), 303)


@blueprint.get("/kept")
def kept() -> Any:
    number = visits.current().get("help_kept")
    if number is None:
        return redirect(url_for("help.start"), 303)
    return render_template("help/kept.html", place=here(), number=number)


def _open() -> Request | None:
    """The request of this visit while it is open."""
    with store().read() as db:
        made = own(db)
    return made if made is not None and made.is_open else None


# What else staff may know -----------------------------------------------------------------------------------


class Wants(Question):
    others = (Choice("none", _lp("need", "None of these"), "circle-off"),)
    wants = ManyTilesField(codes.WANTS)


WANTS = Step("wants", _l("What should staff know?"), Wants)


@blueprint.route("/wants", methods=["GET", "POST"])
def wants() -> Any:
    """While she waits: what she needs. Staff see it at once."""
    made = _open()
    if made is None:
        return redirect(url_for("waiting.show"), 303)
    form = Wants(data={"wants": list(made.wants)})
    if "aside" in request.form:
        return redirect(elsewhere(url_for("waiting.show")), 303)
    if form.validate_on_submit():
        chosen = () if form.instead.data else tuple(form.wants.data)
        tongue = made.interpreter if "interpreter" in chosen else ""
        _want(made, chosen, tongue)
        asks = "interpreter" in chosen and not tongue
        return redirect(url_for("waiting.interpreter" if asks else "waiting.show"), 303)
    page = render_template(
        "help/wants.html",
        form=form,
        step=WANTS,
        place=here(),
        quiet=made.is_quiet,
        named=made.is_quiet or bool(made.sealed_name),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/interpreter", methods=["GET", "POST"])
def interpreter() -> Any:
    """Which language an interpreter should speak: first the one of the screen."""
    made = _open()
    if made is None:
        return redirect(url_for("waiting.show"), 303)
    chosen = posted("interpreter")
    if chosen in (*_tongues(), codes.BSL):
        _want(made, (*(each for each in made.wants if each != "interpreter"), "interpreter"), chosen)
        return redirect(url_for("waiting.show"), 303)
    tongues, asked = _tongues(), request.args.get("page", "1")
    pages = -(-len(tongues) // TONGUES_A_PAGE)
    page = int(asked) if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= pages else 1
    return render_template(
        "help/interpreter.html",
        place=here(),
        tongues=[
            (tag, _as_drawn(language_name(tag)))
            for tag in tongues[(page - 1) * TONGUES_A_PAGE : page * TONGUES_A_PAGE]
        ],
        fonts_of_the_page=[*shown().fonts, *known()["zh-Hant-HK"].fonts],
        page_number=page,
        more=page + 1 if page < pages else 0,
        made=made,
    )


def _tongues() -> list[str]:
    """The languages of interpreters, the one she reads first; nobody needs one for English."""
    own_tag = "yue" if current().tag == "zh-Hant-HK" else current().tag
    return list(dict.fromkeys(tag for tag in (own_tag, *TONGUES) if tag != "en"))


def _as_drawn(name: InBoth) -> InBoth:
    """The own name of a language where the screens have its letters, else the English one alone."""
    script = unicodedata.name(name.own[0]).split()[0]
    return name if script in SCRIPTS else InBoth(name.english, name.english)


def _want(made: Request, wants: tuple[str, ...], tongue: str) -> None:
    try:
        with store().write() as db:
            records.add_wants(db, made.id, wants, tongue)
    except Closed:
        pass  # the page shows how it is


class FirstName(Question):
    first_name = NameField()


NAME = Step("name", _l("What is your first name?"), FirstName)


@blueprint.route("/name", methods=["GET", "POST"])
def name() -> Any:
    """What staff call her: sealed for the desk at once, and kept in the visit only as a draft put aside."""
    made = _open()
    if made is None or made.is_quiet:
        return redirect(url_for("waiting.show"), 303)
    visit = visits.current()
    form = FirstName(data={"first_name": visit.get("help_name", "")})
    if "aside" in request.form:
        visit["help_name"] = (form.first_name.data or "")[:NAME_LENGTH]
        return redirect(elsewhere(url_for("waiting.show")), 303)
    if form.validate_on_submit():
        with store().read() as db:
            readers = accounts.readers(db)
        sealed = records.seal_name(form.first_name.data, made.id, readers)
        try:
            with store().write() as db:
                records.add_name(db, made.id, sealed)
        except Closed:
            pass  # the page shows how it is
        visit.pop("help_name", None)
        return redirect(url_for("waiting.show"), 303)
    page = render_template("help/name.html", form=form, step=NAME, place=here())
    return page, 422 if form.errors else 200


# For staff who have no board at hand ------------------------------------------------------------------------

HELP_WITH = _l("I would like help with this:")
I_SPEAK = _l("I speak this language:")
I_NEED = _l("This helps me:")


@blueprint.get("/card")
def card() -> Any:
    """What she has chosen, in large English, to be shown to somebody."""
    made = _open()
    if made is None or made.is_quiet:
        return redirect(url_for("waiting.show"), 303)
    wants = [each.label for each in codes.WANTS if each.code in made.wants and each.code != "interpreter"]
    lines = [(HELP_WITH, [InBoth(str(label := topic_of(made.topic).label), in_english(label))])]
    if current().tag != "en":
        lines.append((I_SPEAK, [language_name(current().tag)]))
    needs = [InBoth(str(label), in_english(label)) for label in wants]
    if "interpreter" in made.wants:
        needs.append(_interpreter_of(made.interpreter))
    if needs:
        lines.append((I_NEED, needs))
    in_both = [(InBoth(str(asks), in_english(asks)), answers) for asks, answers in lines]
    return render_template(
        "help/card.html", place=here(), number=made.number if made.waits_now else 0, lines=in_both
    )


BSL = _l("British Sign Language")


def _interpreter_of(tag: str) -> InBoth:
    """An interpreter, with the language in brackets."""
    label = next(each.label for each in codes.WANTS if each.code == "interpreter")
    tongue = InBoth(str(BSL), in_english(BSL)) if tag == codes.BSL else language_name(tag) if tag else None
    if tongue is None:
        return InBoth(str(label), in_english(label))
    return InBoth(f"{label} ({tongue.own})", f"{in_english(label)} ({tongue.english})")


# The display on the wall ------------------------------------------------------------------------------------


@blueprint.get("/board")
def board() -> Any:
    """Which numbers wait and which are called, for a screen on the wall that nobody touches."""
    return render_template("help/board.html", place=here(), **_numbers())


@blueprint.get("/board/state")
def board_state() -> Any:
    found = _numbers()
    if request.args.get("seen") == found["seen"]:
        return "", 204
    return render_template("help/numbers.html", place=here(), **found)


def _numbers() -> dict[str, Any]:
    branch_id, moment = here().branch.id, now()
    numbers = store().known(
        ("help called", branch_id, moment.date()), lambda db: queue.called(db, branch_id, moment)
    )
    seen = hashlib.blake2s(repr(numbers).encode(), digest_size=8).hexdigest()
    return {"numbers": numbers, "seen": seen}


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    sounds.speaks(app, *states.EVERY_SENTENCE, *(phrase.words for phrase in PHRASES.values()))
