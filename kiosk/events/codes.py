"""The structured facts of events, as codes: translated where they are shown, so every language has them."""

from __future__ import annotations

from collections.abc import Iterable

TOPICS = (
    "children", "english", "reading", "digital", "jobs", "homework",
    "health", "making", "environment", "meeting", "bereavement",
)  # fmt: skip
"""What events are about, in the order of the pictures. `homework` is also special needs."""
ACCESS = ("step-free", "quiet", "bsl", "hearing-loop")
AUDIENCE = (
    "women-only", "with-children", "bring-a-friend",
    "under-fives", "children-5-11", "teenagers", "adults", "older-people",
)  # fmt: skip
LEVELS = ("pre-entry", "entry-1", "entry-2", "entry-3", "level-1", "level-2")
"""Levels of English, as ESOL classes in the UK name them."""
STATED = frozenset((*TOPICS, *ACCESS, *AUDIENCE, *LEVELS))
"""What staff or a calendar say of an event."""

TRAITS = (
    *("children", "english", "reading", "digital", "jobs", "homework"),
    *("health", "making", "environment", "meeting", "bereavement"),
    *("step-free", "quiet", "bsl", "hearing-loop", "hearing"),
    *("women-only", "with-children", "bring-a-friend"),
    *("under-fives", "children-5-11", "teenagers", "adults", "older-people"),
    *("pre-entry", "entry-1", "entry-2", "entry-3", "level-1", "level-2"),
    *("free", "no-booking", "online", "mobile"),
)
"""All that events can be filtered by. Each is a bit in stored numbers: new ones go to the end, none moves."""
COMMON = ("adults", "step-free", "free", "no-booking", "with-children")
"""Traits of very many events: a list is better looked up by another."""

_BITS = {trait: 1 << number for number, trait in enumerate(TRAITS)}


def traits(stated: Iterable[str], *, booking: str, pence: int | None, place_kind: str) -> frozenset[str]:
    """What an event can be found by: what was said of it, and what follows from price, place and so on."""
    found = set(stated)
    if found & {"bsl", "hearing-loop"}:
        found.add("hearing")
    if pence == 0:
        found.add("free")
    if booking == "drop-in":
        found.add("no-booking")
    if place_kind in {"online", "mobile"}:
        found.add(place_kind)
    return frozenset(found)


def mask(wanted: Iterable[str]) -> int:
    """Traits as one number, a bit for each. `KeyError` for what is none."""
    return sum(_BITS[trait] for trait in set(wanted))
