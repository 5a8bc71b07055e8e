"""A partner refers a person in, with her beside it or on the phone, so that she need not start again.

First what she tells, on one page; then her yes or no to each organisation, the library among them, in her
language and in English; then the code to give her; the PIN she gets at the desk of a library. Between the two
pages what was typed travels in the form, and is kept nowhere.

A form is sent once: its key says so, together with a mark of all that stands in it. Sent again as it is, it
gives the same code. With anything changed it is somebody else's, or an answer taken back, and nothing is sent
until whoever fills it in has read that.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict
from typing import Any

from flask import render_template, request
from wtforms.fields.choices import SelectChoice

from kiosk import branches, languages, references
from kiosk.configuration import store
from kiosk.languages import _
from kiosk.people import current_person, partners
from kiosk.settings import effective
from kiosk.support import codes
from kiosk.support.directory.records import Service
from kiosk.support.partner import words
from kiosk.support.partner.consent import METHOD
from kiosk.support.partner.forms import PersonsYes, Refer
from kiosk.support.partner.pages import for_members, moment, own, pages
from kiosk.support.partner.reading_out import Read, read_to
from kiosk.support.partner.referral import services_elsewhere
from kiosk.support.referrals import partner_side
from kiosk.support.referrals.consents import Choice
from kiosk.support.referrals.sending import NotTaking, Sending, Sent
from kiosk.support.referrals.story import Story, part, special
from kiosk.support.telling import asking
from kiosk.support.telling.asking import Asked
from kiosk.support.telling.questions import words_about_news

READS_ALONG = "library"
"""Stands in the names of fields for the staff of the library reading what others get."""
NEWS = "news"
"""Stands in the name of the field about neutral news."""
MINE = "answer"
"""Begins the name of each field in which an answer of hers stands; all others are what she told."""


class SentOtherwise(Exception):
    """This form was sent before with something else in it. `reference` is of what was sent then."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


@pages.get("/refer")
@for_members
def refer() -> Any:
    return _page(Refer(formdata=None, data={"key": _new_key(), "language": "en"}))


@pages.post("/refer")
@for_members
def send_referral() -> Any:
    """Look at what was told, ask for each yes, or send it: whatever the button that was touched says."""
    form = Refer()
    services = _suit(form)
    if request.form.get("step") != "send" and _is_sent(form):
        form.key.data = _new_key()  # what follows is another referral
    if not form.validate_on_submit() or request.form.get("step") == "change":
        return _page(form), 200 if request.form.get("step") == "change" else 422
    story = form.story()
    chosen = [each for each in services if each.id in form.services.data]
    without = [each.name for each in chosen if not _needs_of(each, story)]
    if without:
        form.services.errors = [
            _("This service does not help with that: %(names)s", names=", ".join(without))
        ]
        return _page(form), 422
    asked = _asked(chosen, story, form)
    says = PersonsYes(formdata=None if request.form.get("step") != "send" else request.form, prefix=MINE)
    says.suit((), ())
    if request.form.get("step") != "send":
        return _check(form, asked, says, {})
    return _send(form, story, asked, says)


def _send(form: Refer, story: Story, asked: list[Read], says: PersonsYes) -> Any:
    yes = {_key(each): request.form.get(f"{MINE}-to-{_key(each)}", "") for each in asked}
    if _news_read(form):
        yes[NEWS] = request.form.get(f"{MINE}-to-{NEWS}", "")
    problem = ""
    if any(answer not in {"yes", "no"} for answer in yes.values()):
        problem = _("Say yes or no for each organisation.")
    elif not any(yes[_key(each)] == "yes" for each in asked if each.asked.key):
        problem = _("The person said no to all. Nothing can be sent.")
    elif not says.validate():
        problem = _("Choose how the person says it.")
    lacking = [
        need
        for each in asked
        if yes[_key(each)] == "yes"
        for need in set(each.asked.special) - set(_of(each, "express"))
    ]
    if not problem and lacking:
        problem = _("Ask for each special topic. Without a yes, go back and leave it out.")
    if problem:
        return _check(form, asked, says, yes, problem), 422
    choices = {
        _key(each): each.choice(yes[_key(each)] == "yes", _of(each, "items"), _of(each, "express"), METHOD)
        for each in asked
    }
    try:
        sent = _sent(form, story, choices, yes.get(NEWS, ""), says.agreed.data)
    except NotTaking:
        return _check(form, asked, says, yes, _("One of these organisations takes nobody now.")), 409
    except SentOtherwise as earlier:
        form.key.data = _new_key()
        problem = _(
            "This form was sent before, with other answers. Its code is %(code)s. Nothing was sent now."
            " Is it another person? Then send it again.", code=references.shown(earlier.reference),
        )  # fmt: skip
        return _check(form, asked, says, yes, problem), 409
    language = words.language_of(form.language.data)
    return render_template(
        "partner/sent.html", sent=sent, shown=references.shown, language=language,
        asked=[each for each in asked if yes[_key(each)] == "yes" and each.asked.key],
    )  # fmt: skip


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def _mark(form: Refer, said: str = "") -> str:
    """A mark of something under the key of a form, which is kept nowhere: nobody reads anything out of it."""
    secret = hashlib.sha256(f"{current_person().id}|{form.key.data}".encode()).digest()
    return hashlib.blake2s(said.encode(), key=secret, digest_size=16).hexdigest()


def _is_sent(form: Refer) -> bool:
    with store().read() as db:
        return partner_side.referred_with(db, _mark(form)) is not None


def _sent(form: Refer, story: Story, choices: dict[str, Choice], wants_news: str, agreed_by: str) -> Sent:
    """Send it, once; raises `SentOtherwise`. `wants_news`: yes, no, or '' where she was not asked."""
    answers = {key: {**asdict(each), "wording": "", "version": ""} for key, each in choices.items()}
    said = [story, answers, wants_news, agreed_by, form.language.data, form.branch.data]
    one_time_key = f"{_mark(form)}:{_mark(form, json.dumps(said, sort_keys=True))}"
    with store().write() as db:
        at = moment(db)
        earlier = partner_side.referred_with(db, _mark(form))
        if earlier is not None and earlier[0] != one_time_key:
            raise SentOtherwise(earlier[1])
        way, to = asking.news(story["reach"], at.settings) if wants_news == "yes" else ("", "")
        sending = Sending(
            one_time_key=one_time_key,
            story=story,
            language=form.language.data,
            choices=tuple(each for key, each in choices.items() if key != asking.TO_LIBRARY),
            to_library=choices.get(asking.TO_LIBRARY),
            agreed_by=agreed_by,
            message_way=way,
            message_to=to,
            news=_news(form.language.data, wants_news) if wants_news else None,
        )
        return partner_side.refer_in(db, current_person(), sending, branch=form.branch.data, at=at)


def _news(tag: str, answer: str) -> Choice:
    """Her yes or no to neutral news, in the words that are read to her in the language of a tag."""
    languages.speak(words.language_of(tag), "hide")
    try:
        return asking.news_answer({**words_about_news(), "news": answer}, METHOD)
    finally:
        languages.speak(languages.known()["en"])


def _news_read(form: Refer) -> tuple[str, str] | None:
    """The question about neutral news, in English and in her language; None where none can go out."""
    with store().read() as db:
        way, _to = asking.news(form.story()["reach"], effective(db))
    ours, theirs = _news("en", "").wording, _news(form.language.data, "").wording
    return (ours, theirs if theirs != ours else "") if way else None


def _suit(form: Refer) -> list[Service]:
    """Offer the services and libraries that there are now."""
    with store().read() as db:
        services = services_elsewhere(db)
        places = [each for each in branches.every(db) if not each.is_closed_for_good]
        library = _("The library: %(name)s", name=effective(db).library_name)
    form.services.choices = [
        SelectChoice(asking.TO_LIBRARY, library),
        *(SelectChoice(each.id, f"{each.name} ({each.organisation})") for each in services),
    ]
    form.branch.choices = [SelectChoice(each.id, each.name) for each in places]
    return services


def _needs_of(service: Service, story: Story) -> list[str]:
    return [need for need in story["about"] if need in service.needs]


def _asked(services: list[Service], story: Story, form: Refer) -> list[Read]:
    """The words about each organisation; and about library staff reading along, if they get nothing else."""
    tag = form.language.data
    language = words.language_of(tag)
    to_library = asking.TO_LIBRARY in form.services.data

    def ask() -> list[Asked]:
        found = []
        with store().read() as db:
            name, sender = effective(db).library_name, partners.find(db, own()).name
            if to_library:
                found.append(asking.to_library(sender, part(story, story), special(story), effective(db)))
            for each in services:
                partner = partners.find(db, each.partner_id or "")
                hers = part(story, story, _needs_of(each, story))
                found.append(
                    asking.of_partner(db, each, partner, hers, special(hers), tag, effective(db), sender)
                )
        return found if to_library else [*found, asking.library(name, asking.topics_of(found))]

    return read_to(language, ask)


def _key(read: Read) -> str:
    return read.asked.key or READS_ALONG


def _of(read: Read, what: str) -> list[str]:
    """What is ticked for one organisation: `items`, or `express`."""
    return request.form.getlist(f"{MINE}-{what}-{_key(read)}")


def _page(form: Refer) -> str:
    _suit(form)
    return render_template("partner/refer.html", form=form)


def _check(form: Refer, asked: list[Read], says: PersonsYes, yes: dict[str, str], problem: str = "") -> str:
    kept = [
        (name, value)
        for name, values in request.form.lists()
        if not name.startswith(MINE) and name not in {"step", "csrf_token", "key"}
        for value in values
    ]
    kept.append(("key", form.key.data))
    return render_template(
        "partner/refer_check.html", form=form, asked=asked, says=says, yes=yes, problem=problem, kept=kept,
        key_of=_key, mine=MINE, language=words.language_of(form.language.data), special=codes.SPECIAL,
        news=_news_read(form), library=asking.TO_LIBRARY,
        needs={each.code: each.label for each in codes.NEEDS},
        ticked=lambda read: _of(read, "items") if yes else read.asked.at_first,
        agreed=lambda read, need: need in _of(read, "express"),
    )  # fmt: skip
