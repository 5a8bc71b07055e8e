"""The questions of a story, as forms: all by touch, but names, ways to reach her and own words."""

from __future__ import annotations

from typing import Any

from wtforms.validators import StopValidation

from kiosk import outbox
from kiosk.branches import here
from kiosk.forms import (
    Choice,
    EmailField,
    ManyTilesField,
    NameField,
    PhoneField,
    Question,
    TextField,
    TilesField,
)
from kiosk.languages import _l, _lp, current, known, shown
from kiosk.support.codes import AGES, NEEDS, SPECIAL, chosen
from kiosk.support.questions import SKIP
from kiosk.support.referrals.story import (
    ACCESS,
    FILLED_BY,
    LONGEST,
    LONGEST_WORDS,
    REACH,
    SAFE_TIMES,
    TRIED,
    URGENT,
    WANTS,
)
from kiosk.walks import Step, Steps, Walk

TELL = Walk("tell", "tell.ask")
"""What one visit has answered to tell a story. Beside the answers it knows the `services` that it is for, the
`needs` they may hear of, whether it `asks_age`, what is `known` from finding, and for each service what is
`decided` (see `kiosk.support.telling.asking`) and which items are `taken_out`, and the code under which staff
`follow` it."""

YES, NO = "yes", "no"
AGREES = (
    Choice(YES, _l("Yes, I agree"), "user-check"),
    Choice(NO, _l("No, I do not agree"), "user-x"),
)
AGREEMENTS = {
    "helper": _l("I agree that a helper fills this in for me."),
    "family": _l("I agree that family or a friend fills this in for me."),
    "staff": _l("I agree that library staff fill this in for me."),
}
"""What the person herself agrees to, by who fills it in for her: codes of `story.FILLED_BY`."""
MAY_TELL = (
    Choice(YES, _l("Yes, they may know"), "check"),
    Choice(NO, _l("No, leave it out"), "eye-off"),
)
AT_SCREEN = Choice("code", _l("I look at a library screen"), "device-tablet")
VOICEMAIL = Choice("voicemail", _l("You may leave a voicemail"), "phone-incoming")
SILENT = Choice("silent", _l("Do not say who is calling"), "volume-off")
ANY_TIME = Choice("any", _l("Any time is safe, no voicemail"), "clock")
MINE = Choice("mine", _lp("need", "Interpreter, my language"), "language")
OTHER_LANGUAGE = Choice("other", _lp("need", "Interpreter, other language"), "messages")
MAY_WRITE = (
    Choice(YES, _l("Yes, tell me"), "mail"),
    Choice(NO, _l("No, do not write"), "mail-off"),
)
NEWS_ASKS = _l("May we tell you when there is news?")
NEWS = _l("We write: there is news for you. We never say what.")
NOTHING = Choice("nothing", _lp("need", "None of these"), "check")


class FilledBy(Question):
    filled_by = TilesField([each for each in FILLED_BY if each.code == "self" or each.code in AGREEMENTS])


class Agrees(Question):
    """Touched by the person herself."""

    agrees = TilesField(AGREES)


class Age(Question):
    others = (SKIP,)
    age = TilesField(AGES)


class About(Question):
    about = ManyTilesField(NEEDS)

    def suit(self, steps: Steps) -> None:
        """Only what one of the services can help with."""
        self.about.tiles = chosen(NEEDS, TELL.answered()["needs"])


class MayTell(Question):
    """An express yes to one topic that may hurt her when the wrong one hears of it."""

    may_tell = TilesField(MAY_TELL)


class Urgent(Question):
    others = (SKIP,)
    urgent = TilesField(URGENT)


class Wants(Question):
    others = (SKIP,)
    wants = ManyTilesField(WANTS)


class Tried(Question):
    others = (SKIP,)
    tried = ManyTilesField(TRIED)


class WordsField(TextField):
    """A few sentences in any language."""

    longest = LONGEST_WORDS


class Words(Question):
    others = (Choice("none", _l("I write nothing"), "message-off"),)
    words = WordsField()

    def answers(self) -> dict[str, Any]:
        """Own words keep the language of the page on which they were written."""
        found = super().answers()
        if "words" not in found:
            return found
        earlier = TELL.answered()["steps"].get("words", {})
        same = earlier.get("words") == found["words"]
        return {**found, "words_in": earlier["words_in"] if same else current().tag}


class Reach(Question):
    """All the ways that are safe for her."""

    others = (AT_SCREEN,)
    reach = ManyTilesField(REACH)


class Phone(Question):
    others = (Choice("none", _l("I have no phone"), "phone-off"),)
    phone = PhoneField()


class Email(Question):
    others = (Choice("none", _l("I have no e-mail"), "mail-off"),)
    email = EmailField()


class LetterField(TextField):
    """A whole address, as it stands on an envelope."""

    keyboard = "address"
    longest = LONGEST


class Letter(Question):
    others = (Choice("none", _l("I cannot get letters"), "mail-off"),)
    letter = LetterField(missing=_l("Write street, town and postcode."))


class Safe(Question):
    """What is safe when somebody rings her."""

    others = (ANY_TIME,)
    safe = ManyTilesField((VOICEMAIL, SILENT, *SAFE_TIMES))


class News(Question):
    """A yes of its own to neutral news: it stands in the proof with the words that were on the page."""

    news = TilesField(MAY_WRITE)

    def answers(self) -> dict[str, Any]:
        return {**super().answers(), **words_about_news()}


def words_about_news() -> dict[str, str]:
    """The words in which she is asked about news on this page, and the tag of their language."""
    return {"news_words": f"{NEWS_ASKS}\n{NEWS}", "news_in": shown().tag}


class Helps(Question):
    others = (NOTHING,)
    helps = ManyTilesField((MINE, OTHER_LANGUAGE, *ACCESS))

    def suit(self, steps: Steps) -> None:
        """Who reads this page in English is not asked about an interpreter for it."""
        if current().tag == "en":
            self.helps.tiles = (OTHER_LANGUAGE, *ACCESS)

    def validate_helps(self, field: ManyTilesField) -> None:
        if {MINE.code, OTHER_LANGUAGE.code} <= set(field.data):
            raise StopValidation(_l("Touch one interpreter only."))

    def answers(self) -> dict[str, Any]:
        """An interpreter for her language is one for that of the page on which she touched it."""
        found = super().answers()
        return {**found, "helps_in": current().tag} if MINE.code in found.get("helps", ()) else found


class Spoken(Question):
    """Of the languages of this project, as an interpreter is booked by its tag."""

    spoken = TilesField([Choice(tag, language.name) for tag, language in known().items() if tag != "en"])


class Helper(Question):
    others = (Choice("none", _l("No, only to me"), "user"),)
    helper = NameField()


class Name(Question):
    others = (SKIP,)
    name = NameField()


def _reached_by(*ways: str) -> Any:
    return lambda steps: bool(set(ways) & set(steps.get("reach", {}).get("reach", ())))


def _rings(steps: Steps) -> bool:
    return _reached_by("phone", "text")(steps) and "instead" not in steps.get("phone", {})


def _gets_news(steps: Steps) -> bool:
    """She left a number or an address for a way on which messages can be sent here."""
    ways = outbox.ways(here().settings)
    return any(
        way in ways and _reached_by(way)(steps) and "instead" not in steps.get(box, {})
        for way, box in (("email", "email"), ("text", "phone"))
    )


def _special(number: int, need: str) -> Step:
    """Its address is a number, and its question names no topic."""
    return Step(
        f"special-{number}",
        _l("May they know about this?"),
        MayTell,
        lambda steps: need in steps.get("about", {}).get("about", ()),
    )


SPECIAL_STEPS = {need: _special(number, need) for number, need in enumerate(SPECIAL, 1)}
"""By the code of the topic."""
TOPIC_OF = {step.name: need for need, step in SPECIAL_STEPS.items()}
STEPS = {
    step.name: step
    for step in (
        Step("filled-by", _l("Who fills this in?"), FilledBy, renews=("agrees",)),
        Step("agrees", _l("Do you agree?"), Agrees, lambda steps: by_another(steps) != ""),
        Step("age", _l("How old are you?"), Age),
        Step("about", _l("What is it about?"), About),
        *SPECIAL_STEPS.values(),
        Step("urgent", _l("How soon do you need help?"), Urgent),
        Step("wants", _l("What do you want?"), Wants),
        Step("tried", _l("What did you try so far?"), Tried),
        Step("words", _l("Do you want to say more?"), Words),
        Step("reach", _l("How can they reach you safely?"), Reach, renews=("news",)),
        Step("phone", _l("What is your phone number?"), Phone, _reached_by("phone", "text"), ("news",)),
        Step("email", _l("What is your e-mail?"), Email, _reached_by("email"), ("news",)),
        Step("letter", _l("What is your address?"), Letter, _reached_by("letter")),
        Step("safe", _l("What is safe for you?"), Safe, _rings),
        Step("news", NEWS_ASKS, News, _gets_news),
        Step("helps", _l("What helps you?"), Helps, renews=("spoken",)),
        Step(
            "spoken",
            _l("Which language do you speak best?"),
            Spoken,
            lambda steps: OTHER_LANGUAGE.code in steps.get("helps", {}).get("helps", ()),
        ),
        Step("helper", _l("May they speak to a helper?"), Helper),
        Step("name", _l("What is your name?"), Name),
    )
}
"""Every page before a partner is named, by its name."""


def by_another(steps: Steps) -> str:
    """Who fills it in for her, a code of `AGREEMENTS`; '' when she does it herself."""
    said = str(steps.get("filled-by", {}).get("filled_by", ""))
    return said if said in AGREEMENTS else ""


def path() -> list[Step]:
    """The pages that this person is asked, given what she has answered so far."""
    found = TELL.answered()
    left_out = set()
    if not found["asks_age"]:
        left_out.add("age")
    if len(found["needs"]) < 2:
        left_out.add("about")
    return [step for name, step in STEPS.items() if name not in left_out and step.asked(found["steps"])]
