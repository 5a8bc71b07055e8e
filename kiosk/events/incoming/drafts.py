"""From a calendar's events to those of the library: what each says, where it is, and which date is which."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kiosk.events import calendars
from kiosk.events.incoming.places import Places, Spot
from kiosk.events.incoming.records import Kept, KeptDate
from kiosk.events.records import USUAL_LENGTH, Date, Facts

LONGEST_TITLE = 300
NO_TITLE = "Event"
TOPICS = {
    "children": r"child(?:ren)?|kids?|famil(?:y|ies)|toddlers?|bab(?:y|ies)|under fives|rhyme ?times?"
    r"|story ?times?|stay and play|lego club",
    "english": r"esol|english classes|learn(?:ing)? english|english conversation",
    "reading": r"books?|book club|reading|reading groups?|authors?|poetry|literature|literacy",
    "digital": r"digital(?: skills)?|computers?|computing|it help|coding|code club|internet|technology",
    "jobs": r"jobs?|job club|business|careers?|employment|work club",
    "homework": r"homework(?: club)?|special needs|send",
    "health": r"health(?: and wellbeing)?|wellbeing|well-being|fitness|baby weighing|health walk|yoga",
    "making": r"arts?|crafts?|arts? and crafts?|music|making|knitting|sewing|knit and natter|films?|theatre",
    "environment": r"environment|nature|climate|gardening|sustainability|repair caf[eé]",
    "meeting": r"social|community|meeting people|coffee mornings?|chat and chill|board games|games",
    "bereavement": r"bereavement|grief|death positive|death caf[eé]",
}
"""What a category must be called to be a topic of ours, or a title to contain as a phrase of two words."""
_CATEGORY = {topic: re.compile(names, re.IGNORECASE) for topic, names in TOPICS.items()}
_TITLE = {
    topic: re.compile(rf"\b(?:{'|'.join(name for name in names.split('|') if ' ' in name)})\b", re.IGNORECASE)
    for topic, names in TOPICS.items()
    if " " in names
}


@dataclass(frozen=True)
class Draft:
    """An event as a calendar has it now. `facts` are those that a calendar can know; the rest is staff's."""

    identity: str
    facts: Facts
    title: str
    text: str
    spot: Spot
    dates: tuple[Date, ...]

    @property
    def said(self) -> dict[str, str]:
        """Hashes of what the calendar says, part by part: what is the same as last time is no news."""
        facts = self.facts
        return {
            "title": _hash(self.title),
            "text": _hash(self.text),
            "place": _hash(facts.place_kind, facts.branch_id, facts.place, facts.room),
            "status": _hash(facts.status),
            "link": _hash(facts.link),
        }


def drafts(
    calendar: calendars.Calendar,
    expansion: calendars.Expansion,
    places: Places,
    zone: str,
) -> list[Draft]:
    """The events of a calendar with their dates in the window, in the order of the calendar."""
    core: dict[str, calendars.Event] = {}
    for event in calendar.events:
        series = event.identity()[0]
        if series not in core or (core[series].recurrence is not None and event.recurrence is None):
            core[series] = event
    by_series: dict[str, list[calendars.Occurrence]] = {}
    for each in expansion.occurrences:
        by_series.setdefault(each.series, []).append(each)
    private = {remark.where for remark in calendar.warnings if remark.code == "private"}
    lines = {int(found[1]) for where in private if (found := re.match(r"line (\d+)", where))}
    return [
        _draft(series, event, by_series.get(series, []), places, zone, event.line in lines)
        for series, event in core.items()
    ]


def _draft(
    series: str,
    event: calendars.Event,
    dates: list[calendars.Occurrence],
    places: Places,
    zone: str,
    is_private: bool,
) -> Draft:
    spot = places.find(event.location)
    status = "draft" if is_private else event.status
    link = event.url or (event.location if spot.kind == "online" and "://" in event.location else "")
    facts = Facts(
        status=status,
        place_kind=spot.kind,
        branch_id=spot.branch_id,
        place=spot.place,
        room=spot.room,
        stated=topics(event),
        link=link if re.fullmatch(r"https?://\S+", link) else "",
    )
    title = title_of(event)
    return Draft(
        identity=series,
        facts=facts,
        title=title,
        text=event.text,
        spot=spot,
        dates=tuple(_date(each, event, title, spot, places, ZoneInfo(zone)) for each in dates),
    )


def title_of(event: calendars.Event) -> str:
    """The title; of an event without one the beginning of its text."""
    first = event.text.split("\n", 1)[0]
    return (event.summary or first[:80] or NO_TITLE)[:LONGEST_TITLE]


def topics(event: calendars.Event) -> frozenset[str]:
    """What an event is about, if one of its categories says so, or a plain phrase such as "rhyme time"."""
    named = {
        topic
        for topic, pattern in _CATEGORY.items()
        if any(pattern.fullmatch(" ".join(each.split())) for each in event.categories)
    }
    return frozenset(named | {topic for topic, pattern in _TITLE.items() if pattern.search(event.summary)})


def _date(
    found: calendars.Occurrence,
    core: calendars.Event,
    title: str,
    spot: Spot,
    places: Places,
    zone: ZoneInfo,
) -> Date:
    """One date, with what is different on it. What a changed date does not say is as it was."""
    event = found.event
    there = places.find(event.location) if event.location not in ("", core.location) else spot
    starts = _moment(found.starts, zone)
    ends = _moment(found.ends, zone) if found.ends is not None else None
    own_title = title_of(event) if event.summary not in ("", core.summary) else title
    elsewhere = there.kind != "branch" and there != spot
    return Date(
        key=found.key,
        starts=starts,
        ends=ends if ends is not None and ends > starts else None,
        zone=zone.key,
        all_day=found.all_day,
        status="cancelled" if found.cancelled else "confirmed",
        moved_from=_moment(_key(found.key), zone) if found.moved else None,
        title=own_title if own_title != title else "",
        text=event.text if event.text not in ("", core.text) else "",
        branch_id=there.branch_id if there.kind == "branch" else "",
        place=(there.place or event.location)[:200] if elsewhere else "",
        room=there.room if there != spot else "",
    )


def _moment(moment: calendars.Moment, zone: ZoneInfo) -> datetime:
    """A moment in whole minutes on the clocks of the library; of a day its midnight."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), zone)
    return moment.astimezone(zone).replace(second=0, microsecond=0)


def _key(text: str) -> calendars.Moment:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n\n".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


# Together with what is kept ---------------------------------------------------------------------------------


def merged(draft: Draft, kept: Kept) -> tuple[Facts, str, str]:
    """Facts, title and text as they are to be: what the calendar changed since last time, else what is kept.

    Prices, places, pictures, and how to get in are staff's: no calendar says them.
    """
    news = {part for part, said in draft.said.items() if kept.said.get(part) != said}
    facts = kept.facts
    if "place" in news:
        facts = replace(
            facts,
            place_kind=draft.facts.place_kind,
            branch_id=draft.facts.branch_id,
            place=draft.facts.place,
            room=draft.facts.room,
        )
    if "status" in news:
        facts = replace(facts, status=draft.facts.status)
    if "link" in news:
        facts = replace(facts, link=draft.facts.link)
    return (
        facts,
        draft.title if "title" in news else kept.title,
        draft.text if "text" in news else kept.text,
    )


def same_dates(
    draft: Draft, kept: Mapping[str, KeptDate], keep_others: bool, within: tuple[datetime, datetime]
) -> list[Date]:
    """The dates as they are to be, under the keys by which they are kept already.

    A date whose time was changed at its root has a new key in the calendar; here it stays the one that people
    have booked, when it is the only one, or the only one of that day. With `keep_others` those stay that the
    calendar does not have; those outside the window stay always.
    """
    new = {each.key: each for each in draft.dates}
    inside = {key: one for key, one in kept.items() if within[0] <= one.date.starts < within[1]}
    missing = [one for key, one in inside.items() if key not in new]
    unknown = [each for each in draft.dates if each.key not in kept]
    taken: dict[str, Date] = {}
    if len(kept) == 1 and len(draft.dates) == 1 and missing:
        taken[unknown[0].key] = _as_kept(unknown[0], missing[0])
    else:
        for one in missing:
            there = [each for each in unknown if _day(each) == _day(one.date) and each.key not in taken]
            others = [each for each in missing if _day(each.date) == _day(one.date)]
            if len(there) == len(others) == 1:
                taken[there[0].key] = _as_kept(there[0], one)
    found = [taken.get(each.key, each) for each in draft.dates]
    keys = {each.key for each in found}
    for key, one in kept.items():
        if key not in keys and not one.is_gone and (keep_others or key not in inside):
            found.append(one.date)
    staffs = {key: one.date.capacity for key, one in kept.items()}
    return [replace(each, capacity=staffs.get(each.key)) for each in found]


def _as_kept(new: Date, kept: KeptDate) -> Date:
    was = kept.date.moved_from or kept.date.starts
    return replace(new, key=kept.date.key, moved_from=None if was == new.starts else was)


def _day(each: Date) -> date:
    return each.starts.date()


def window_of(from_: date, until: date, zone: str) -> tuple[datetime, datetime]:
    """The moments at which a window begins and ends."""
    clock = ZoneInfo(zone)
    return datetime.combine(from_, time(), clock), datetime.combine(until, time(), clock)


def horizon(today: date, months: int) -> date:
    """The day so many months later; the first of the month after when there is no such day."""
    total = today.month - 1 + months
    year, month = today.year + total // 12, total % 12 + 1
    try:
        return today.replace(year=year, month=month)
    except ValueError:
        return date(year + month // 12, month % 12 + 1, 1)


def is_over(each: Date, now: datetime) -> bool:
    return (each.ends or each.starts + USUAL_LENGTH) <= now


def first_of(dates: Iterable[Date], now: datetime) -> Date | None:
    """The next date, or else the first."""
    return min(dates, key=lambda each: (is_over(each, now), each.starts), default=None)
