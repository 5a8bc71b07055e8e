"""The words in which a person is asked for her yes, read out to her by somebody who is with her.

They are those that screens show (`kiosk.support.telling.asking`), in her language and in English.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import request

from kiosk import languages
from kiosk.configuration import store
from kiosk.languages import Language, _, catalogue, in_catalogue
from kiosk.settings import effective
from kiosk.store import NotThere
from kiosk.support.partner import words
from kiosk.support.partner.forms import PersonsYes
from kiosk.support.referrals.consents import Choice
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.story import ITEM
from kiosk.support.telling import asking
from kiosk.support.telling.asking import Asked


@dataclass(frozen=True)
class Read:
    """What is read to a person about one reader: its sentences in English and in her language.

    `yes_wording` and `no_wording` are the text in her language, as it is kept with her answer.
    """

    asked: Asked
    sentences: tuple[tuple[str, str], ...]
    yes_wording: str
    no_wording: str
    language: Language

    @property
    def always(self) -> tuple[str, ...]:
        """The items that cannot be taken out; what a reader along gets has none of its own."""
        return tuple(item for item in self.asked.story if ITEM[item].required)

    def label(self, item: str) -> tuple[str, str]:
        """What an item is called, in English and in her language."""
        theirs = in_catalogue(catalogue(self.language.tag), ITEM[item].label)
        ours = str(words.LABELS[item])
        return ours, theirs if self.language.tag != "en" else ""

    def lines(self, item: str) -> tuple[tuple[str, str], ...]:
        """An item as this reader would get it, line by line in both; nothing where it is sealed."""
        told = self.asked.story[item]
        return () if told is None else words.both(item, told, self.language)

    def choice(self, yes: bool, items: Sequence[str], express: Sequence[str], method: str) -> Choice:
        """Her answer, as it is kept. `items` are what she leaves in, `express` the topics she agreed to.

        `method` is a code of `steps.METHODS`.
        """
        service = self.asked.service
        return Choice(
            partner_id=self.asked.partner.id if self.asked.partner else "",
            service_id=service.id if service else "",
            yes=yes,
            items=tuple(each for each in self.asked.optional if each in items) if yes else (),
            wording=self.yes_wording if yes else self.no_wording,
            version=self.asked.version(yes),
            language=self.language.tag,
            special=tuple(each for each in self.asked.special if each in express) if yes else (),
            method=method,
            needs=tuple(self.asked.story.get("about") or ()),
        )


def read_to(language: Language, ask: Callable[[], Sequence[Asked]]) -> list[Read]:
    """What `ask` says about some readers, in both languages; the page itself stays in English."""
    languages.speak(language, "hide")  # some of the words are fixed as soon as they are put together
    try:
        return [_read(each, language) for each in ask()]
    finally:
        languages.speak(languages.known()["en"])


def _read(asked: Asked, language: Language) -> Read:
    sentences = (asked.asks, *asked.says, *asked.keeps, *asked.agrees)
    pairs = tuple((each.english(), each.text()) for each in sentences)
    return Read(
        asked,
        tuple((ours, theirs if theirs != ours else "") for ours, theirs in pairs),
        asked.wording(yes=True),
        asked.wording(yes=False),
        language,
    )


def about_passing(one: Handover) -> Read | None:
    """The words about the partner to which a handover shall go; None when there is nothing to be asked.

    A no is always possible; a yes only while the other partner `takes` anybody.
    """
    if one.state != "passing" or one.passing_consent or one.sealed is None:
        return None

    def ask() -> list[Asked]:
        with store().read() as db:
            try:
                return [asking.passing(db, one, one.language, effective(db))]
            except NotThere:  # the directory has lost the service meanwhile
                return []

    return next(iter(read_to(words.language_of(one.language), ask)), None)


def answered(form: PersonsYes, read: Read) -> bool | None:
    """The yes or no that was written down in a form; None when something is missing: the form says what."""
    yes = request.form.get("answer") == "yes"
    form.suit(read.asked.optional, read.asked.special)
    holds = form.validate_on_submit()
    if yes and set(read.asked.special) - set(form.express.data or ()):
        form.express.errors = [_("Ask for each of these. Without it, this cannot be passed on.")]
        holds = False
    return yes if holds else None
