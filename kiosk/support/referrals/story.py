"""What a person tells once: the items of a story, what each may say, and the words in which it is read.

A story is a plain dict, item → value, as it lies in the visit and as JSON in an envelope. Each partner gets a
part of it: the items that are always sent, and those that she left in for this partner.

    about        codes of needs, always sent           name         her name, as she writes it
    urgent       a code of URGENT                      interpreter  a tag of a language, or bsl
    wants        codes of WANTS                        helper       {"name": …, "may_talk": true or false}
    tried        codes of TRIED                        age          a code of AGES
    own-words    {"text": …, "language": tag}          district     like IP1, or no-fixed
    reach        [{"way": a code of REACH,             children     yes or no
                   "value": …}, …], always sent;       work, stay   codes of WORK and STAY
                 [] is by code at the screen           access       codes of ACCESS
    safety       {"voicemail": true, false or None, "silent": true or false, "times": codes of SAFE_TIMES},
                 always sent
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from babel.support import LazyProxy

from kiosk import languages
from kiosk.forms import Choice, shown_phone
from kiosk.languages import Language, _l, _lp
from kiosk.support import codes

Story = dict[str, Any]

LONGEST_WORDS = 500
"""Letters of own words."""
LONGEST = 254
"""Letters of a name, or of a way to reach her."""
BSL = "bsl"
"""British Sign Language, where the language of an interpreter is said."""

URGENT = (
    Choice("now", _lp("how soon", "Today"), "alert-triangle"),
    Choice("this-week", _lp("how soon", "This week"), "calendar-week"),
    Choice("can-wait", _lp("how soon", "It can wait"), "clock"),
)
WANTS = (
    Choice("advice", _lp("wish", "Tell me what to do"), "bulb"),
    Choice("somebody-calls", _lp("wish", "Somebody rings me"), "phone"),
    Choice("meet", _lp("wish", "Meet somebody"), "users"),
    Choice("form-help", _lp("wish", "Help with a form"), "forms"),
    Choice("go-with-me", _lp("wish", "Go there with me"), "walk"),
    Choice("place-on-course", _lp("wish", "A place on a course"), "school"),
    Choice("device", _lp("wish", "Borrow a computer"), "device-laptop"),
    Choice("other", _lp("wish", "Something else"), "dots"),
)
TRIED = (
    Choice("nothing", _lp("tried", "Nothing yet"), "circle"),
    Choice("family", _lp("tried", "I asked family or friends"), "users"),
    Choice("office", _lp("tried", "I asked an office"), "building"),
    Choice("other-help", _lp("tried", "Somebody helps me already"), "lifebuoy"),
    Choice("online", _lp("tried", "I looked online"), "world"),
)
REACH = (
    Choice("phone", _lp("reach", "Ring me"), "phone"),
    Choice("text", _lp("reach", "Send me a text"), "message"),
    Choice("email", _lp("reach", "Send me an e-mail"), "mail"),
    Choice("letter", _lp("reach", "Send me a letter"), "mailbox"),
    Choice("come", _lp("reach", "I come to you"), "walk"),
    Choice("library", _lp("reach", "Tell the library"), "books"),
)
"""Ways that are safe for her. Those of `WITH_VALUE` need a number or an address."""
WITH_VALUE = frozenset({"phone", "text", "email", "letter"})
SAFE_TIMES = (
    Choice("mornings", _lp("time", "Weekday mornings"), "sunrise"),
    Choice("afternoons", _lp("time", "Weekday afternoons"), "sun"),
    Choice("evenings", _lp("time", "Evenings"), "sunset-2"),
    Choice("weekends", _lp("time", "Weekends"), "calendar-week"),
)
"""None chosen: any time."""
ACCESS = (
    Choice("large-print", _lp("need", "Large print"), "zoom-in"),
    Choice("reading", _lp("need", "Help to read and write"), "writing"),
    Choice("hearing", _lp("need", "Help with hearing"), "deaf"),
    Choice("sign-language", _lp("need", "Sign language"), "hand-three-fingers"),
    Choice("step-free", _lp("need", "No stairs"), "wheelchair"),
    Choice("at-home", _lp("need", "I cannot leave home"), "home-heart"),
)
FILLED_BY = (
    Choice("self", _lp("filled in by", "I do, for myself"), "user"),
    Choice("helper", _lp("filled in by", "A helper"), "lifebuoy"),
    Choice("family", _lp("filled in by", "Family or a friend"), "users"),
    Choice("staff", _lp("filled in by", "Library staff"), "id-badge-2"),
    Choice("partner", _lp("filled in by", "Another service"), "building-community"),
)
AGREED_BY = (
    Choice("self", _l("I say yes myself."), "hand-click"),
    Choice("here", _l("The person is here and says yes."), "user-check"),
    Choice("phone", _l("The person said yes on the phone."), "phone"),
    Choice("paper", _l("The person signed on paper."), "writing-sign"),
)
"""How somebody agreed for whom another person fills this in; `self` where nobody does."""


@dataclass(frozen=True)
class Item:
    """A part of the story. What is `required` goes to every partner; the rest can be taken out for each.

    What is `sensitive`, as it tells of health or of immigration, goes only where she puts it in herself.
    """

    code: str
    label: LazyProxy
    icon: str
    required: bool = False
    sensitive: bool = False


ITEMS = (
    Item("about", _lp("story", "What it is about"), "message", required=True),
    Item("urgent", _lp("story", "How soon"), "clock"),
    Item("wants", _lp("story", "What I want"), "target"),
    Item("tried", _lp("story", "What I tried"), "list-check"),
    Item("own-words", _lp("story", "My own words"), "message-2"),
    Item("name", _lp("story", "My name"), "user"),
    Item("reach", _lp("story", "How to reach me"), "phone", required=True),
    Item("safety", _lp("story", "What is safe for me"), "shield-check", required=True),
    Item("interpreter", _lp("story", "My interpreter"), "language"),
    Item("helper", _lp("story", "My helper"), "lifebuoy"),
    Item("age", _lp("story", "My age"), "cake"),
    Item("district", _lp("story", "Where I live"), "map-pin"),
    Item("children", _lp("story", "My children"), "mood-kid"),
    Item("work", _lp("story", "My work"), "briefcase"),
    Item("stay", _lp("story", "My time in the UK"), "calendar", sensitive=True),
    Item("access", _lp("story", "What helps me"), "wheelchair", sensitive=True),
)
ITEM = {each.code: each for each in ITEMS}
_ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"
REQUIRED = tuple(each.code for each in ITEMS if each.required)
SENSITIVE = tuple(each.code for each in ITEMS if each.sensitive)

_MANY: dict[str, Sequence[Choice]] = {
    "about": codes.NEEDS, "wants": WANTS, "tried": TRIED, "access": ACCESS,
}  # fmt: skip
_ONE: dict[str, Sequence[Choice]] = {
    "urgent": URGENT, "age": codes.AGES, "children": codes.CHILDREN, "work": codes.WORK, "stay": codes.STAY,
}  # fmt: skip
_VOICEMAIL = {True: _l("You may leave a voicemail."), False: _l("Do not leave a voicemail.")}
_SILENT = _l("Do not say who is calling.")
_AT_SCREEN = _l("I look at a library screen.")
_NO_FIXED = _l("I have no fixed address")
_BSL = _lp("language", "British Sign Language")
_MAY_TALK = {True: _l("You may speak to my helper."), False: _l("Do not speak to my helper.")}


class NotAStory(ValueError):
    """What was handed in is not a story; the text names the item."""


@dataclass(frozen=True)
class Line:
    """One line of a story as it is read: words of ours, and what she typed or named herself.

    Either may be empty. `in_english` is `typed` as English writes it, where that differs.
    """

    words: LazyProxy | None = None
    typed: str = ""
    in_english: str = ""


def checked(story: Mapping[str, Any]) -> Story:
    """The story with its items in their order and without those that say nothing. Raises `NotAStory`.

    Something must be told (`about`), and how to reach her and what is safe are always there, if only as
    "by code at the screen".
    """
    unknown = set(story) - set(ITEM)
    if unknown:
        raise NotAStory(", ".join(sorted(unknown)))
    found: Story = {}
    for item in ITEM:
        value = story.get(item)
        if value in (None, "", [], (), {}) and item not in {"reach", "safety"}:
            continue
        if not _is_well_formed(item, value):
            raise NotAStory(item)
        found[item] = list(value) if isinstance(value, tuple) else value
    if "about" not in found:
        raise NotAStory("about")
    return found


def checked_reach(reach: Sequence[Mapping[str, str]], safety: Mapping[str, Any]) -> Story:
    """How to reach her and what is safe, alone, as she adds it afterwards. Raises `NotAStory`."""
    found: Story = {"reach": list(reach), "safety": dict(safety)}
    for item, value in found.items():
        if not _is_well_formed(item, value):
            raise NotAStory(item)
    return found


def part(story: Mapping[str, Any], items: Iterable[str], needs: Iterable[str] = ()) -> Story:
    """What one partner gets: these items and those always sent, of a story that was `checked`.

    With `needs`, it hears of these needs alone. Raises `NotAStory` when none of hers is among them.
    """
    wanted = {*items, *REQUIRED}
    found = {item: story[item] for item in ITEM if item in wanted and item in story}
    if told := list(needs):
        found["about"] = [each for each in story["about"] if each in told]
        if not found["about"]:
            raise NotAStory("about")
    return found


def lines(item: str, value: Any) -> list[Line]:
    """An item as it is read; the words are lazy, for `say` and for `in_english`."""
    if item in _MANY:
        return _chosen(_MANY[item], value)
    if item in _ONE:
        return _chosen(_ONE[item], [value])
    match item:
        case "own-words":
            return [Line(typed=value["text"])]
        case "name":
            return [Line(typed=value)]
        case "reach":
            return [_way(each) for each in value] or [Line(_AT_SCREEN)]
        case "safety":
            return _safety(value)
        case "interpreter":
            return [_interpreter(value)]
        case "helper":
            return [Line(typed=value["name"]), Line(_MAY_TALK[value["may_talk"]])]
        case "district":
            return [Line(_NO_FIXED)] if value == codes.NO_FIXED else [Line(typed=value)]
    raise NotAStory(item)


def english(item: str, value: Any) -> list[str]:
    """The lines of an item as partners and staff read them; what she typed stays as she typed it."""
    return [
        ": ".join(
            each for each in (languages.in_english(line.words or ""), line.in_english or line.typed) if each
        )
        for line in lines(item, value)
    ]


def original(item: str, value: Any, language: Language, *, drawn: bool = False) -> list[str]:
    """The same lines in her language, for beside the English.

    Where they are `drawn`, what she typed is kept apart from the words before it: from right to left the
    groups of a telephone number would change their places.
    """
    words = languages.catalogue(language.tag)
    return [
        ": ".join(
            each
            for each in (
                languages.in_catalogue(words, line.words) if line.words else "",
                _ISOLATED.format(line.typed) if drawn and line.words and line.typed else line.typed,
            )
            if each
        )
        for line in lines(item, value)
    ]


def is_told_by_library(reach: Iterable[Mapping[str, str]]) -> bool:
    """Whether she wants to hear of news from the staff of her branch."""
    return any(each["way"] == "library" for each in reach)


def special(story: Mapping[str, Any]) -> tuple[str, ...]:
    """The needs in it that ask for an express yes, in their order."""
    return tuple(
        each.code for each in codes.NEEDS if each.code in story["about"] and each.code in codes.SPECIAL
    )


def _chosen(choices: Sequence[Choice], wanted: Iterable[str]) -> list[Line]:
    return [Line(cast(LazyProxy, choice.label)) for choice in codes.chosen(choices, wanted)]


def _way(said: Mapping[str, str]) -> Line:
    choice = codes.chosen(REACH, [said["way"]])[0]
    value = said.get("value", "")
    return Line(
        cast(LazyProxy, choice.label), shown_phone(value) if said["way"] in {"phone", "text"} else value
    )


def _safety(value: Mapping[str, Any]) -> list[Line]:
    found = [Line(_VOICEMAIL[value["voicemail"]])] if value.get("voicemail") is not None else []
    found += [Line(_SILENT)] if value.get("silent") else []
    return found + _chosen(SAFE_TIMES, value.get("times", ()))


def _interpreter(value: str) -> Line:
    if value == BSL:
        return Line(_BSL)
    language = languages.known()[value]
    return Line(typed=language.name, in_english=language.english)


def _is_well_formed(item: str, value: Any) -> bool:
    if item in _MANY:
        return _are_codes(value, _MANY[item])
    if item in _ONE:
        return value in codes.codes(_ONE[item])
    match item:
        case "own-words":
            known = isinstance(value, Mapping) and value.get("language") in languages.known()
            return known and _is_text(value.get("text"), LONGEST_WORDS)
        case "reach":
            return isinstance(value, list | tuple) and all(_is_way(each) for each in value)
        case "safety":
            return (
                isinstance(value, Mapping)
                and value.get("voicemail") in (True, False, None)
                and value.get("silent", False) in (True, False)
                and _are_codes(value.get("times", ()), SAFE_TIMES)
            )
        case "interpreter":
            return value == BSL or value in languages.known()
        case "helper":
            said = isinstance(value, Mapping) and value.get("may_talk") in (True, False)
            return said and _is_text(value.get("name"), LONGEST)
    return _is_text(value, LONGEST)


def _is_way(value: Any) -> bool:
    if not isinstance(value, Mapping) or value.get("way") not in codes.codes(REACH):
        return False
    return value["way"] not in WITH_VALUE or _is_text(value.get("value"), LONGEST)


def _are_codes(value: Any, choices: Sequence[Choice]) -> bool:
    return isinstance(value, list | tuple) and set(value) <= codes.codes(choices)


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest
