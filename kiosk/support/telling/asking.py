"""What each partner would get of her story, the words in which she is asked for it, and what she decided.

The words are made once, here: they are drawn on the screen with the English beneath, and kept as plain text
with her yes or no. Her answer holds for these words and this part of the story: when either changes she is
asked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from babel.support import LazyProxy

from kiosk import outbox
from kiosk.languages import InBoth, _l, in_english, shown
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
from kiosk.support.referrals.story import ITEM, Line, Story, lines, part, special
from kiosk.support.telling.questions import (
    NEWS,
    NEWS_ASKS,
    YES,
    words_about_news,
)
from kiosk.walks import Step, Steps

HOURS_OF_A_DAY = 24
TO_LIBRARY = "desk"
"""The key of the library itself, where a partner refers a person to it."""


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
    `asks` is the question, `says` what she reads with it, first who sends it. `keeps` stands beside the story
    itself: what else goes along, and for how long; `agrees` is what the yes stands for besides, and `special`
    the topics of that. `optional` are the codes of what she can take out. Who
    `takes` nobody now can be told no, and not yes.
    """

    key: str
    partner: Partner | None
    service: Service | None
    card: Card | None
    story: Story
    asks: Sentence
    says: tuple[Sentence, ...]
    keeps: tuple[Sentence, ...] = ()
    agrees: tuple[Sentence, ...] = ()
    special: tuple[str, ...] = ()
    takes: bool = True

    @cached_property
    def optional(self) -> tuple[str, ...]:
        return tuple(item for item in self.story if not ITEM[item].required)

    @property
    def at_first(self) -> tuple[str, ...]:
        """What is left in until she says otherwise."""
        return tuple(item for item in self.optional if not ITEM[item].sensitive)

    def wording(self, yes: bool) -> str:
        """What stood on the screen about this reader, as plain text in the language of this page.

        With a no, nothing is kept of the topics that her story is about.
        """
        name = [self.card.name] if self.card else []
        return "\n".join([self.asks.text(), *name, *(each.text() for each in self._told(yes))])

    def version(self, yes: bool) -> str:
        """Changes with every change of that wording in English, and of the facts and names in it."""
        name = [self.service.name] if self.service else []
        return _version([self.asks.english(), *name, *(each.english() for each in self._told(yes))])

    def _told(self, yes: bool) -> tuple[Sentence, ...]:
        return (*self.says, *((*self.keeps, *self.agrees) if yes else ()))

    @property
    def mark(self) -> str:
        """Tells whether words and story are still those that she saw."""
        seen = json.dumps([self.key, self.version(True), self.story], ensure_ascii=False, sort_keys=True)
        return hashlib.blake2s(seen.encode(), digest_size=8).hexdigest()

    def holds(self, decided: Mapping[str, Any]) -> bool:
        """Whether she decided about these words and this story; a no to the library is one to all topics."""
        refuses = self.key == LIBRARY and decided.get("yes") is False
        return refuses or decided.get("mark") == self.mark

    def lines(self, item: str) -> list[Line]:
        """An item as it is sent; nothing where it cannot be read here any more."""
        value = self.story[item]
        return [] if value is None else lines(item, value)

    def choice(self, decided: Mapping[str, Any], method: str = "touch") -> consents.Choice:
        """What is kept of her answer. `method` is one of `steps.METHODS`."""
        return consents.Choice(
            partner_id=self.partner.id if self.partner else LIBRARY,
            service_id=self.service.id if self.service else "",
            yes=decided["yes"],
            items=tuple(decided["items"]),
            wording=decided["wording"],
            version=self.version(decided["yes"]),
            language=decided["language"],
            special=self.special if decided["yes"] else (),
            method=method,
            needs=tuple(self.story.get("about") or ()),
        )


def decided(asked: Asked, yes: bool, items: Sequence[str]) -> dict[str, Any]:
    """Her answer as the visit remembers it, with the words as they stand on the screen now."""
    return {
        "yes": yes,
        "items": [each for each in asked.optional if each in items] if yes else [],
        "wording": asked.wording(yes),
        "language": shown().tag,
        "mark": asked.mark,
    }


# Neutral news ----------------------------------------------------------------------------------------------


def news(reach: Sequence[Mapping[str, str]], settings: Settings) -> tuple[str, str]:
    """The way and the address for neutral news: of those that are safe for her the first that is set up."""
    ways = outbox.ways(settings)
    for way in ("email", "text"):
        for each in reach:
            if each["way"] == way and way in ways:
                return way, each["value"]
    return "", ""


def said_to_news(steps: Steps, pages: Sequence[Step]) -> Mapping[str, str] | None:
    """What she answered on the page about news; None where she was not asked."""
    return steps.get("news") if any(step.name == "news" for step in pages) else None


def news_answer(answer: Mapping[str, str] | None = None, method: str = "touch") -> consents.Choice:
    """Her yes or no to neutral news, as it was answered on the page about them.

    Without an `answer` it is a yes in the words of this page. `method` is one of `steps.METHODS`.
    """
    said = answer or {"news": YES, **words_about_news()}
    return consents.Choice(
        partner_id=LIBRARY,
        service_id="",
        yes=said["news"] == YES,
        items=(),
        wording=said["news_words"],
        version=_version([in_english(NEWS_ASKS), in_english(NEWS)]),
        language=said["news_in"],
        method=method,
    )


def _version(english: Iterable[str]) -> str:
    return "1." + hashlib.blake2s("\n".join(english).encode(), digest_size=4).hexdigest()


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
    sender: str = "",
) -> Asked:
    """A partner to which her story could go, with the words in which she is asked in the language of a tag.

    `topics` are the special ones that the story is about; `sender` is the name of the partner that sends it,
    if it is not the library.
    """
    name = {"name": partner.name}
    sends = {"library": sender or settings.library_name}
    proof = {"months": settings.consent_kept_months}
    says = [
        Sentence("send", _l("%(library)s sends it, so that they can help you."), sends),
        Sentence("eye", _l("They see only what you leave in.")),
        Sentence("eye-off", _l("They do not see what you take out, or who else gets it.")),
        _who_reads(partner),
        _when(_reply_days(db, partner)),
        Sentence("arrow-back-up", _l("You can say no. You can take back a yes later.")),
    ]
    keeps = (
        Sentence("notes", _l("They also see your language, the library, the day, and who filled this in.")),
        _keeps(partner, settings),
        Sentence("archive", _l("We keep your yes or no, and the service, for %(months)s months."), proof),
    )
    return Asked(
        key=service.id,
        partner=partner,
        service=service,
        card=directory.card(db, service.id, tag),
        story=told,
        asks=Sentence("message-heart", _l("May %(name)s get your story?"), name),
        says=tuple(says),
        keeps=keeps,
        agrees=_agrees(topics),
        special=tuple(topics),
    )


def passing(db: Reading, handover: Handover, tag: str, settings: Settings) -> Asked:
    """The partner to which another one would pass her on; it may be one that `takes` nobody any more.

    What she told is sealed: here stand only the names of its parts.
    """
    service = directory.find(db, handover.passing_service_id)
    partner = partners.find(db, handover.passing_to)
    topics = consents.find(db, handover.consent_id).special
    parts = dict.fromkeys(handover.items)
    asked = of_partner(db, service, partner, parts, topics, tag, settings, handover.partner)
    first = Sentence("arrow-right", _l("%(name)s asks you this."), {"name": handover.partner})
    return replace(asked, says=(first, *asked.says), takes=takes(service, partners.taking(db)))


def library(name: str, topics: Sequence[str]) -> Asked:
    """The staff of the library, who otherwise see who got something and what came of it, and not more.

    `name` is that of the library; `topics` are the special ones that anybody gets with a yes.
    """
    return Asked(
        key=LIBRARY,
        partner=None,
        service=None,
        card=None,
        story={},
        asks=Sentence("books", _l("May staff of %(library)s read it too?"), {"library": name}),
        says=(
            Sentence("lifebuoy", _l("Then they can help you better when you come.")),
            Sentence("eye", _l("With a yes they see what the others see.")),
            Sentence("eye-off", _l("With a no, they see who got it and what happened, not your story.")),
        ),
        agrees=_agrees(topics),
        special=tuple(topics),
    )


def topics_of(readers: Iterable[Asked]) -> tuple[str, ...]:
    """The special topics that some readers get, each once, in their order."""
    found = {topic for each in readers for topic in each.special}
    return tuple(each.code for each in codes.chosen(codes.NEEDS, found))


def to_library(sender: str, told: Story, topics: Sequence[str], settings: Settings) -> Asked:
    """The library itself, to which the partner of this name would refer her; as `of_partner`.

    Staff see who else has something of hers.
    """
    return Asked(
        key=TO_LIBRARY,
        partner=None,
        service=None,
        card=None,
        story=told,
        asks=Sentence("message-heart", _l("May %(name)s get your story?"), {"name": settings.library_name}),
        says=(
            Sentence("arrow-right", _l("%(name)s asks you this."), {"name": sender}),
            Sentence("eye", _l("They see only what you leave in.")),
            Sentence("id-badge-2", _l("Library staff read it, and nobody else there.")),
            Sentence("arrow-back-up", _l("You can say no. You can take back a yes later.")),
        ),
        keeps=(
            Sentence(
                "trash",
                _l("We delete it %(days)s days after we take it, after %(longest)s at the latest."),
                {"days": settings.referral_kept_days, "longest": settings.referral_longest_days},
            ),
            Sentence(
                "archive",
                _l("We keep your yes or no, and the service, for %(months)s months."),
                {"months": settings.consent_kept_months},
            ),
        ),
        agrees=_agrees(topics),
        special=tuple(topics),
    )


def _agrees(topics: Iterable[str]) -> tuple[Sentence, ...]:
    """What her yes stands for besides: each special topic that they would see."""
    return tuple(
        Sentence(
            "shield-heart",
            _l("I agree that they see this: %(topic)s"),
            {"topic": InBoth(str(each.label), in_english(each.label))},
        )
        for each in codes.chosen(codes.NEEDS, topics)
    )


def _who_reads(partner: Partner) -> Sentence:
    said = codes.chosen(WHO_READS, [partner.who_reads])
    if not said:
        return Sentence("users", _l("Who reads it there: ask them."))
    who = said[0].label
    return Sentence("users", _l("Who reads it there: %(who)s"), {"who": InBoth(str(who), in_english(who))})


def _keeps(partner: Partner, settings: Settings) -> Sentence:
    values = {
        "days": settings.referral_kept_days,
        "longest": settings.referral_longest_days,
        "months": partner.kept_months,
    }
    if partner.kept_months is None:
        words = _l(
            "We delete it %(days)s days after they take it, after %(longest)s at the latest."
            " Ask how long they keep notes."
        )
    else:
        words = _l(
            "We delete it %(days)s days after they take it, after %(longest)s at the latest."
            " They keep notes %(months)s months."
        )
    return Sentence("trash", words, values)


def _when(replies: int | None) -> Sentence:
    if replies is None:
        return Sentence("clock", _l("How soon they reply: we do not know yet."))
    if replies == 1:
        return Sentence("clock", _l("They usually reply within one day."))
    return Sentence("clock", _l("They usually reply within %(days)s days."), {"days": replies})


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
