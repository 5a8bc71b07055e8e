"""What was answered, page by page, put together to a story: one value for each of its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.support.referrals.story import BSL, ITEM, LONGEST_WORDS, Story
from kiosk.support.telling.questions import ANY_TIME, MINE, OTHER_LANGUAGE, SILENT, TOPIC_OF, VOICEMAIL, YES
from kiosk.walks import Step, Steps


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
        found["own-words"] = {"text": said["words"][:LONGEST_WORDS], "language": said["words_in"]}
    if "helper" in said:
        found["helper"] = {"name": said["helper"], "may_talk": True}
    helps = said.get("helps", ())
    if access := [each for each in helps if each not in {MINE.code, OTHER_LANGUAGE.code}]:
        found["access"] = access
    if MINE.code in helps:
        found["interpreter"] = said["helps_in"]
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
