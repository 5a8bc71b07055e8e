"""What is different about an event that its calendar tells anew, and who must hear of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from kiosk.events.incoming.records import Kept
from kiosk.events.records import Date, Facts, where

ON_AGAIN, OFFERED = "event-on-again", "event-offered"
"""Kinds of messages: what was cancelled takes place after all; and places that are free again are offered."""


def news_of(old: Kept, facts: Facts, dates: Iterable[Date]) -> Iterator[tuple[str, str, datetime | None]]:
    """What those who have booked must hear: that it is cancelled, takes place after all, or is at another
    time or place."""
    for each in dates:
        one = old.dates.get(each.key)
        if one is None or one.held or not one.booked:
            continue
        was_off = "cancelled" in (one.date.status, old.facts.status)
        if "cancelled" in (each.status, facts.status):
            if not was_off:
                yield one.id, "event-cancelled", None
            continue
        if was_off:
            yield one.id, ON_AGAIN, None
            continue
        if one.is_gone or old.is_gone:
            yield one.id, OFFERED, None
        if each.starts != one.date.starts:
            yield one.id, "event-moved", one.date.starts
        elif where(facts, each) != where(old.facts, one.date):
            yield one.id, "event-moved", None


def differences(
    old: Kept, facts: Facts, title: str, text: str, dates: Iterable[Date]
) -> tuple[list[tuple[str, int]], int]:
    """What is different, as codes with numbers, and how many people have booked what is."""
    before, after = old.facts, facts
    spot = (before.place_kind, before.branch_id, before.place, before.room)
    differs = {
        "title": old.title != title,
        "text": old.text != text,
        "place": spot != (after.place_kind, after.branch_id, after.place, after.room),
        "status": before.status != after.status,
        "link": before.link != after.link,
    }
    added = moved = removed = booked = 0
    left = dict(old.dates)
    for each in dates:
        one = left.pop(each.key, None)
        if one is None:
            added += 1
        elif not one.held and (one.is_gone or one.date != each):
            moved += 1
            booked += one.booked
    for one in left.values():
        if not one.held and not one.is_gone:
            removed += 1
            booked += one.booked
    if differs["status"] or differs["place"]:
        booked = sum(one.booked for one in old.dates.values())
    numbers = {"added": added, "moved": moved, "removed": removed, "back": int(old.is_gone)}
    changes = [(code, 0) for code, is_so in differs.items() if is_so]
    changes += [(code, count) for code, count in numbers.items() if count]
    return changes, booked
