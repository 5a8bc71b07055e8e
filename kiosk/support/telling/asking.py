"""What each partner would get of her story, the words in which she is asked for it, and what she decided.

The words are made once, here: they are drawn on the screen with the English beneath, and kept as plain text
with her yes or no. Her answer holds for these words and this part of the story: when either changes she is
asked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from babel.support import LazyProxy

from kiosk import outbox
from kiosk.languages import InBoth, _l, current, in_english, shown
from kiosk.people import partners
from kiosk.people.partners import Partner
from kiosk.settings import Settings
from kiosk.store import NotThere, Reading
from kiosk.support import codes
from kiosk.support.directory import records as directory
from kiosk.support.directory.records import Card, Service
from kiosk.support.referrals import consents, records, reports
from kiosk.support.referrals.consents import LIBRARY
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.steps import WHO_READS
from kiosk.support.referrals.story import BSL, ITEM, LONGEST_WORDS, Line, Story, lines, part, special
from kiosk.support.telling.questions import ANY_TIME, MINE, OTHER_LANGUAGE, SILENT, TOPIC_OF, VOICEMAIL, YES
from kiosk.walks import Step, Steps

HOURS_OF_A_DAY = 24


@dataclass(frozen=True)
class Sentence:
    """A picture and a sentence; `values` fill its gaps."""

    icon: str
    words: LazyProxy
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """In the language of this page."""
        return self._filled(str(self.words), "own")

    def english(self) -> str:
        return self._filled(in_english(self.words), "english")

    def _filled(self, words: str, side: str) -> str:
        values = {
            name: getattr(each, side) if isinstance(each, InBoth) else each
            for name, each in self.values.items()
        }
        return words % values if values else words


@dataclass(frozen=True)
class Asked:
    """One reader that she is asked about: a partner with the service she chose there, or the library's staff.

    `story` is all that this reader could get; where it cannot be read here any more its values are None.
    `asks` is the question, `says` what she reads with it, first who sends it; `agrees` what the yes stands
    for besides, and `special` the topics of that. `optional` are the codes of what she can take out.
    """

    key: str
    partner: Partner | None
    service: Service | None
    card: Card | None
    story: Story
    asks: Sentence
    says: tuple[Sentence, ...]
    agrees: tuple[Sentence, ...] = ()
    special: tuple[str, ...] = ()

    @cached_property
    def optional(self) -> tuple[str, ...]:
        return tuple(item for item in self.story if not ITEM[item].required)

    def wording(self) -> str:
        """All that stood on the screen about this reader, as plain text in the language of this page."""
        return "\n".join(each.text() for each in (self.asks, *self.says, *self.agrees))

    @property
    def version(self) -> str:
        """Changes with every change of the words in English, and of the facts and names in them."""
        english = "\n".join(each.english() for each in (self.asks, *self.says, *self.agrees))
        return "1." + hashlib.blake2s(english.encode(), digest_size=4).hexdigest()

    @property
    def mark(self) -> str:
        """Tells whether words and story are still those that she saw."""
        seen = json.dumps([self.version, self.story], ensure_ascii=False, sort_keys=True)
        return hashlib.blake2s(seen.encode(), digest_size=8).hexdigest()

    def lines(self, item: str) -> list[Line]:
        """An item as it is sent; nothing where it cannot be read here any more."""
        value = self.story[item]
        return [] if value is None else lines(item, value)

    def choice(self, decided: Mapping[str, Any]) -> consents.Choice:
        """What is kept of her answer."""
        return consents.Choice(
            partner_id=self.partner.id if self.partner else LIBRARY,
            service_id=self.service.id if self.service else "",
            yes=decided["yes"],
            items=tuple(decided["items"]),
            wording=decided["wording"],
            version=self.version,
            language=decided["language"],
            special=self.special if decided["yes"] else (),
            needs=tuple(self.story.get("about") or ()),
        )


def decided(asked: Asked, yes: bool, items: Sequence[str]) -> dict[str, Any]:
    """Her answer as the visit remembers it, with the words as they stand on the screen now."""
    return {
        "yes": yes,
        "items": [each for each in asked.optional if each in items] if yes else [],
        "wording": asked.wording(),
        "language": shown().tag,
        "mark": asked.mark,
    }


# The story --------------------------------------------------------------------------------------------------


def story(steps: Steps, pages: Sequence[Step], known: Mapping[str, str]) -> Story:
    """What she told, by what was answered on the pages of her path; `known` is what she said when finding.

    Without anything that it may be about there is no story: `about` is empty.
    """
    on_path = {step.name for step in pages}
    said: dict[str, Any] = {}
    for name, given in steps.items():
        if name in on_path and "instead" not in given:
            said.update(given)
    left_out = {
        need
        for name, need in TOPIC_OF.items()
        if name in on_path and steps.get(name, {}).get("may_tell") != YES
    }
    found: Story = {
        **{item: known[item] for item in ("district", "children", "work", "stay") if item in known},
        "about": [need for need in steps.get("about", {}).get("about", ()) if need not in left_out],
        "reach": _reach(said),
        "safety": _safety(said),
    }
    if "age" in said or "age" in known:
        found["age"] = said.get("age") or known["age"]
    for item in ("urgent", "wants", "tried", "name"):
        if item in said:
            found[item] = said[item]
    if "words" in said:
        found["own-words"] = {"text": said["words"][:LONGEST_WORDS], "language": current().tag}
    if "helper" in said:
        found["helper"] = {"name": said["helper"], "may_talk": True}
    helps = said.get("helps", ())
    if access := [each for each in helps if each not in {MINE.code, OTHER_LANGUAGE.code}]:
        found["access"] = access
    if MINE.code in helps:
        found["interpreter"] = current().tag
    elif "spoken" in said:
        found["interpreter"] = said["spoken"]
    elif "sign-language" in helps:
        found["interpreter"] = BSL
    return {item: found[item] for item in ITEM if item in found}


def reached(steps: Steps, pages: Sequence[Step]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """How to reach her and what is safe, of answers to those questions alone; both shaped as in a story."""
    said: dict[str, Any] = {}
    for step in pages:
        if "instead" not in steps[step.name]:
            said.update(steps[step.name])
    return _reach(said), _safety(said)


def _reach(said: Mapping[str, Any]) -> list[dict[str, str]]:
    values = {"phone": "phone", "text": "phone", "email": "email", "letter": "letter"}
    found = []
    for way in said.get("reach", ()):
        if way not in values:
            found.append({"way": way})
        elif values[way] in said:
            found.append({"way": way, "value": said[values[way]]})
    return found


def _safety(said: Mapping[str, Any]) -> dict[str, Any]:
    """Where somebody can ring her, no voicemail unless she allows it."""
    touched = said.get("safe", ())
    times = [each for each in touched if each not in {VOICEMAIL.code, SILENT.code, ANY_TIME.code}]
    return {
        "voicemail": VOICEMAIL.code in touched if "phone" in said else None,
        "silent": SILENT.code in touched,
        "times": times,
    }


def news(reach: Sequence[Mapping[str, str]], settings: Settings) -> tuple[str, str]:
    """The way and the address for neutral news: of those that are safe for her the first that is set up."""
    ways = outbox.ways(settings)
    for way in ("email", "text"):
        for each in reach:
            if each["way"] == way and way in ways:
                return way, each["value"]
    return "", ""


# Whom she is asked about ------------------------------------------------------------------------------------


def asked(db: Reading, services: Sequence[str], told: Story, tag: str, settings: Settings) -> list[Asked]:
    """Who could get something of the story, in the order in which they were chosen.

    A service is left out that takes nobody now, that no partner can open, or that meets none of her needs.
    """
    found = []
    taking = partners.taking(db)
    for service_id in services:
        try:
            service = directory.find(db, service_id)
        except NotThere:
            continue
        needs = [need for need in told["about"] if need in service.needs]
        if takes(service, taking) and needs:
            partner, hers = partners.find(db, service.partner_id or ""), part(told, told, needs)
            found.append(of_partner(db, service, partner, hers, special(hers), tag, settings))
    return found


def takes(service: Service, taking: frozenset[str]) -> bool:
    """Whether a story can be told to a service now."""
    return service.is_offered and service.state == "open" and service.partner_id in taking


def of_partner(
    db: Reading,
    service: Service,
    partner: Partner,
    told: Story,
    topics: Sequence[str],
    tag: str,
    settings: Settings,
) -> Asked:
    """A partner to which her story could go, with the words in which she is asked in the language of a tag.

    `topics` are the special ones that the story is about.
    """
    name, sender = {"name": partner.name}, {"library": settings.library_name}
    says = [
        Sentence("send", _l("%(library)s sends it, so that they can help you."), sender),
        Sentence("eye", _l("They see only what the next page shows.")),
        Sentence("eye-off", _l("They do not see what you take out, or who else gets it.")),
        _who_reads(partner),
        _keeps(partner, settings),
        _when(_reply_days(db, partner)),
        Sentence("arrow-back-up", _l("You can say no. You can take back a yes later.")),
    ]
    agrees = [
        Sentence(
            "shield-heart",
            _l("I agree that they see this: %(topic)s"),
            {"topic": InBoth(str(each.label), in_english(each.label))},
        )
        for each in codes.chosen(codes.NEEDS, topics)
    ]
    return Asked(
        key=service.id,
        partner=partner,
        service=service,
        card=directory.card(db, service.id, tag),
        story=told,
        asks=Sentence("message-heart", _l("May %(name)s get your story?"), name),
        says=tuple(says),
        agrees=tuple(agrees),
        special=tuple(topics),
    )


def passing(db: Reading, handover: Handover, tag: str, settings: Settings) -> Asked | None:
    """The partner to which another one would pass her on; None when it cannot take her any more.

    What she told it is sealed: here stand only the names of its parts.
    """
    try:
        service = directory.find(db, handover.passing_service_id)
        partner = partners.find(db, handover.passing_to)
    except NotThere:
        return None
    if not takes(service, partners.taking(db)):
        return None
    topics = consents.find(db, handover.consent_id).special
    parts = dict.fromkeys(handover.items)
    asked = of_partner(db, service, partner, parts, topics, tag, settings)
    first = Sentence("arrow-right", _l("%(name)s asks you this."), {"name": handover.partner})
    return replace(asked, says=(first, *asked.says[1:]))


def library() -> Asked:
    """The staff of the library, who otherwise see that something was sent, but not what."""
    return Asked(
        key=LIBRARY,
        partner=None,
        service=None,
        card=None,
        story={},
        asks=Sentence("books", _l("May library staff read it too?")),
        says=(
            Sentence("lifebuoy", _l("Then they can help you better when you come.")),
            Sentence("eye", _l("With a yes they see what the others see.")),
            Sentence("eye-off", _l("With a no they only see that you sent something.")),
        ),
    )


def _who_reads(partner: Partner) -> Sentence:
    said = codes.chosen(WHO_READS, [partner.who_reads])
    if not said:
        return Sentence("users", _l("Only people who work for them read it."))
    who = said[0].label
    return Sentence("users", _l("Who reads it there: %(who)s"), {"who": InBoth(str(who), in_english(who))})


def _keeps(partner: Partner, settings: Settings) -> Sentence:
    values = {"days": settings.referral_kept_days, "months": partner.kept_months}
    if partner.kept_months is None:
        words = _l("We delete it %(days)s days after they take it. Ask how long they keep notes.")
    else:
        words = _l("We delete it %(days)s days after they take it. They keep notes %(months)s months.")
    return Sentence("trash", words, values)


def _when(replies: int | None) -> Sentence:
    if replies is None:
        return Sentence("clock", _l("How soon they reply: we do not know yet."))
    if replies == 1:
        return Sentence("clock", _l("They reply within one day."))
    return Sentence("clock", _l("They reply within %(days)s days."), {"days": replies})


def _reply_days(db: Reading, partner: Partner) -> int | None:
    """In how many days a partner usually replies, at least one; None as long as nobody knows."""
    hours = reports.reply_time(db, partner.id)
    return None if hours is None else max(1, -int(-hours // HOURS_OF_A_DAY))


# After sending ----------------------------------------------------------------------------------------------


def promised(db: Reading, referral_id: str) -> list[tuple[str, Sentence]]:
    """Who got something, by name, and how soon each one usually replies."""
    return [
        (each.partner, _when(_reply_days(db, partners.find(db, each.partner_id))))
        for each in records.handovers_of(db, referral_id)
    ]
