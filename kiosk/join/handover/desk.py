"""Where staff choose finished joins and hand them over: as a file, or to Koha over the network.

Two steps, always: first it is shown who goes, who cannot and why, and for Koha every word that would be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import LazyProxy
from flask import Blueprint, Flask, current_app, render_template, request
from flask.wrappers import Response

from kiosk import branches, languages, references
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.join import cards, desk_records, neighbours, records
from kiosk.join.answers import AGE_BANDS, CONTACT, LETTER, Answers, labels, shown_birth
from kiosk.join.desk import for_openers, own_branch
from kiosk.join.desk_records import Finished
from kiosk.join.handover import Member, Reason, evergreen, folio, koha, table
from kiosk.join.handover.koha_server import Answer, Missing, NotSetUp, Server
from kiosk.languages import _, _l
from kiosk.people import desk_key, note
from kiosk.settings import effective
from kiosk.store import NotThere, Writing

blueprint = Blueprint("handover", __name__, url_prefix="/staff/joins/hand-over")

MOST = 200
"""How many joins are listed and handed over at a time."""
MOST_SENT = 25
"""How many are sent to Koha in one request: a thread waits for each of them."""
CSV = "text/csv; charset=utf-8; header=present"
JSON = "application/json"


@dataclass(frozen=True)
class Target:
    """A system, or a way into it. What is not `written` into a file goes over the network."""

    name: str
    label: LazyProxy
    cannot_go: Callable[[Member], Reason | None]
    written: Callable[[Iterable[Member]], bytes] | None
    mimetype: str = CSV

    @property
    def most(self) -> int:
        return MOST if self.written else MOST_SENT

    @property
    def filename(self) -> str:
        """Says the target and the day, and nobody's name."""
        ending = "csv" if self.mimetype == CSV else "json"
        return f"joins-{self.name}-{datetime.now(_zone()).date().isoformat()}.{ending}"


TARGETS = {
    each.name: each
    for each in (
        Target("table", _l("Table for any system (CSV)"), table.cannot_go, table.written),
        Target("koha-file", _l("Koha: file for its patron import (CSV)"), koha.cannot_go, koha.written),
        Target("koha", _l("Koha: send over the network"), koha.cannot_go, None),
        Target("folio", _l("FOLIO: staging users (JSON)"), folio.cannot_go, folio.written, JSON),
        Target(
            "evergreen", _l("Evergreen: pending patrons (JSON)"), evergreen.cannot_go, evergreen.written, JSON
        ),
    )
}
REASONS = {
    Reason.NO_EMAIL: _l("There is no e-mail. This system takes nobody without one."),
    Reason.NO_CARD: _l("There is no number of a library card."),
    Reason.NO_BRANCH_CODE: _l("The code of the branch in this system is not set yet."),
    Reason.NO_CATEGORY: _l("The category of new members is not set yet."),
}
MISSING = {
    Missing.ADDRESS: _l("The address of Koha is not set yet (koha_address)."),
    Missing.SAFE_ADDRESS: _l("The address of Koha must begin with https:// (koha_address)."),
    Missing.USER: _l("The user of Koha is not set yet (koha_user)."),
    Missing.PASSWORD: _l("The server does not know the password for Koha (KOHA_PASSWORD)."),
}
ANSWERS = {
    Answer.ADDED: _l("Koha has added this person."),
    Answer.ALREADY_THERE: _l("Koha already has this person, or somebody with this card number."),
    Answer.NO_SUCH_BRANCH: _l("Koha does not know the code of the branch. Check koha_library."),
    Answer.NO_SUCH_CATEGORY: _l("Koha does not know the category. Check koha_category."),
    Answer.INVALID_ATTRIBUTE_TYPE: _l("Koha was sent a kind of extra field that it does not know."),
    Answer.ATTRIBUTE_NOT_UNIQUE: _l("An extra field must be different for everybody, and is not."),
    Answer.NON_REPEATABLE_ATTRIBUTE: _l("An extra field that may stand once was sent twice."),
    Answer.MISSING_MANDATORY_ATTRIBUTE: _l("An extra field of Koha is missing. Add this person there."),
    Answer.NOT_UNDERSTOOD: _l("Koha did not accept this record. Add this person there."),
    Answer.WRONG_PASSWORD: _l("Koha did not accept the user or the password."),
    Answer.NOT_ALLOWED: _l("The user of Koha may not add people."),
    Answer.NOT_KOHA: _l("There is no Koha at this address. Check koha_address."),
    Answer.BROKEN: _l("Something went wrong in Koha. Look there if the person was added."),
    Answer.CLOSED: _l("Koha is being looked after just now. Try again later."),
    Answer.NO_ANSWER: _l("Koha did not answer. Look there if the person was added."),
}


@dataclass(frozen=True)
class Chosen:
    """One join that was opened to be handed over, and why it cannot go, if so."""

    found: Finished
    member: Member
    reason: Reason | None


@dataclass(frozen=True)
class Result:
    """What came of sending one join; `None` when it was not sent any more."""

    found: Finished
    answer: Answer | None


# Choosing -----------------------------------------------------------------------------------------


@blueprint.get("")
@for_openers
def choose() -> Any:
    return _choices()


def _choices(problem: LazyProxy | str = "") -> Any:
    since, until = _day("since"), _day("until")
    begins, ends = _begins(since), _begins(until, days_later=1)
    with store().read() as db:
        places = branches.every(db)
        asked = request.args.get("branch", "")
        branch_id = own_branch() or (asked if asked in {each.id for each in places} else "")
        found = desk_records.finished(db, branch_id, since=begins, until=ends, most=MOST)
    return render_template(
        "join/desk_hand_over.html", found=found, places=places, branch_id=branch_id, most=MOST,
        since=since.isoformat() if since else "", until=until.isoformat() if until else "", targets=TARGETS,
        shown=references.shown, problem=problem,
    )  # fmt: skip


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _begins(day: date | None, days_later: int = 0) -> str:
    """When a day begins on the clock of the library, in UTC; empty for no day, or one past all calendars."""
    try:
        local = datetime.combine(day + timedelta(days=days_later), time(), _zone()) if day else None
        return local.astimezone(UTC).isoformat() if local else ""
    except OverflowError:
        return ""


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(here().branch.time_zone)
    except NotThere:  # no branch is set up yet
        return ZoneInfo("UTC")


# Looking, then doing ------------------------------------------------------------------------------


@blueprint.post("")
@for_openers
def check() -> Any:
    """What would happen, before anything does."""
    asked = _asked(TARGETS)
    if isinstance(asked, Problem):
        return asked.page()
    target, found = asked
    key = desk_key()
    with store().write() as db:
        for each in found:
            note(db, "join opened", "join", each.join.id, f"to hand over: {target.name}")
    return _checked(target, _read(found, target, key))


@blueprint.post("/file")
@for_openers
def download() -> Any:
    """The file of a target, with those of the chosen joins that can go there."""
    asked = _asked({name: target for name, target in TARGETS.items() if target.written})
    if isinstance(asked, Problem):
        return asked.page()
    target, found = asked
    chosen = _read(found, target, desk_key())
    going = [each for each in chosen if each.reason is None]
    if not going or target.written is None:
        return _checked(target, chosen), 422
    content = target.written(each.member for each in going)
    with store().write() as db:
        for each in going:
            _note_going(db, each, target, len(going))
        desk_records.hand_over(db, [each.found.join.id for each in going], target.name)
    return Response(
        content,
        content_type=target.mimetype,
        headers={"Content-Disposition": f'attachment; filename="{target.filename}"'},
    )


@blueprint.post("/koha")
@for_openers
def send() -> Any:
    """Add the chosen joins to Koha, one after the other; whom it does not take is listed with the reason."""
    asked = _asked({"koha": TARGETS["koha"]})
    if isinstance(asked, Problem):
        return asked.page()
    target, found = asked
    chosen = _read(found, target, desk_key())
    going = [each for each in chosen if each.reason is None]
    try:
        server = _server()
    except NotSetUp:
        return _checked(target, chosen), 422
    results = _sent(server, target, going)
    return render_template(
        "join/desk_hand_over_sent.html", results=results, answers=ANSWERS, shown=references.shown,
        added=sum(each.answer is Answer.ADDED for each in results),
    )  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What is missing before anything can be handed over."""

    says: str

    def page(self) -> Any:
        return _choices(self.says), 422


def _asked(targets: Mapping[str, Target]) -> tuple[Target, list[Finished]] | Problem:
    """Where the form on the page sends whom; joins that are not this person's to see are left out."""
    target = targets.get(request.form.get("target", ""))
    if target is None:
        return Problem(_("Choose where they go."))
    ids = list(dict.fromkeys(request.form.getlist("join")))
    if len(ids) > target.most:
        return Problem(_("Choose at most %(most)s people at a time.", most=target.most))
    with store().read() as db:
        found = desk_records.finished_among(db, ids, own_branch())
    return (target, found) if found else Problem(_("Choose somebody first."))


def _read(found: Sequence[Finished], target: Target, key: bytes) -> list[Chosen]:
    """What the joins say, and who of them cannot go to this target."""
    with store().read() as db:
        holds = {each: effective(db, each) for each in {one.join.branch_id for one in found}}
        pairs = {each.join.id: neighbours.of_join(db, each.join.id) for each in found}
        given = {each.join.id: cards.of_join(db, each.join.id) for each in found}
    chosen = []
    for each in found:
        answers = records.opened(each.join.sealed, each.join.id, key)
        pair, card = pairs[each.join.id], given[each.join.id]
        if pair is not None and pair.ended_at:
            answers = replace(answers, neighbour="", until="")
        member = Member(
            join_id=each.join.id,
            reference=each.join.reference,
            answers=answers,
            branch=each.join.branch,
            language=each.join.language,
            finished_on=datetime.fromisoformat(each.finished_at).astimezone(_zone()).date(),
            settings=holds[each.join.branch_id],
            note=_remark(answers, each.join.language),
            joins_as=each.join.kind,
            temporary_card=card.number if card else "",
        )
        chosen.append(Chosen(each, member, target.cannot_go(member)))
    return chosen


def _remark(answers: Answers, tag: str) -> str:
    """In English, what staff of the other system should know and it may have no field for."""
    language, english = languages.known().get(tag), languages.known()["en"]
    said = [_("Contact: %(way)s.", way=" ".join(map(str, labels((*CONTACT, LETTER), answers.contact))))]
    if tag != english.tag:
        said.append(_("Language: %(language)s.", language=language.english if language else tag))
    if len(answers.born) in (len("1990"), len("1990-03")):
        said.append(_("Born: %(born)s.", born=shown_birth(answers.born, english.locale)))
    elif not answers.born and answers.age_band:
        said.append(_("Age: %(age)s.", age=" ".join(map(str, labels(AGE_BANDS, answers.age_band)))))
    elif not answers.born and answers.years:
        said.append(_("Age: %(age)s.", age=answers.years))
    if answers.guardian:
        said.append(_("Parent or guardian: %(name)s.", name=answers.guardian))
    if answers.until:
        said.append(_("Good Neighbour until %(day)s: %(name)s.", day=answers.until, name=answers.neighbour))
    if answers.door:
        said.append(_("Home Library Service."))
    return " ".join(said)


def _checked(target: Target, chosen: Sequence[Chosen]) -> str:
    missing = None
    if not target.written:
        try:
            _server()
        except NotSetUp as not_yet:
            missing = MISSING[not_yet.missing]
    return render_template(
        "join/desk_hand_over_check.html", target=target, missing=missing, reasons=REASONS,
        going=[each for each in chosen if each.reason is None],
        staying=[each for each in chosen if each.reason is not None],
        body=koha.body, shown=references.shown,
    )  # fmt: skip


def _server() -> Server:
    """Koha, as the library and the server are set up; else `NotSetUp`."""
    with store().read() as db:
        return Server.of(effective(db), current_app.config["KOHA_PASSWORD"])


def _sent(server: Server, target: Target, going: Sequence[Chosen]) -> list[Result]:
    """Each is in the log before it leaves. Where Koha takes nobody, no more are sent."""
    results: list[Result] = []
    ended = False
    for each in going:
        if ended:
            results.append(Result(each.found, None))
            continue
        with store().write() as db:
            _note_going(db, each, target, len(going))
        answer = server.add(koha.body(each.member))
        with store().write() as db:
            if answer is Answer.ADDED:
                desk_records.hand_over(db, [each.found.join.id], target.name)
            else:
                note(db, "join not taken", "join", each.found.join.id, f"{target.name}: {answer.value}")
        results.append(Result(each.found, answer))
        ended = answer.ends_it
    return results


def _note_going(db: Writing, chosen: Chosen, target: Target, together: int) -> None:
    note(db, "join handed over", "join", chosen.found.join.id, f"{target.name}, together: {together}")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
