"""From a calendar's events to those of the library: what each says, where it is, and which date is which."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from kiosk.events import calendars
from kiosk.events.incoming.places import Places, Spot
from kiosk.events.incoming.records import Kept, KeptDate, SaidDate
from kiosk.events.records import USUAL_LENGTH, Date, Facts
from kiosk.events.upcoming import minutes, moment

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
    clock = ZoneInfo(zone)
    own = [_date(each, event, title, spot, places, clock) for each in dates]
    if status == "cancelled":  # said once, of the whole event: when it takes place after all, so do its dates
        own = [
            replace(date, status="confirmed") if found.event.recurrence is None else date
            for date, found in zip(own, dates, strict=True)
        ]
    return Draft(
        identity=series,
        facts=facts,
        title=title,
        text=event.text,
        spot=spot,
        dates=tuple(own),
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
    if "status" in news and not (kept.held and facts.status == "cancelled"):  # by staff: it stays so
        facts = replace(facts, status=draft.facts.status)
    if "link" in news:
        facts = replace(facts, link=draft.facts.link)
    return (
        facts,
        draft.title if "title" in news else kept.title,
        draft.text if "text" in news else kept.text,
    )


def said_of(each: Date, key: str) -> SaidDate:
    """What the calendar says of a date that is kept under `key`."""
    starts, ends = minutes(each.starts), minutes(each.ends) if each.ends else 0
    return SaidDate(
        starts=starts,
        ends=ends or minutes(each.starts + USUAL_LENGTH),
        time=_hash(str(starts), str(ends), str(each.all_day)),
        place=_hash(each.branch_id, each.place, each.room),
        words=_hash(each.title, each.text),
        status=each.status,
        key=key,
    )


def same_dates(
    draft: Draft, old: Kept, keep_others: bool, within: tuple[datetime, datetime], now: datetime
) -> tuple[list[Date], dict[str, SaidDate]]:
    """The dates as they are to be, under the keys by which they are kept already; and what was said of them.

    Of each date only that is taken over which the calendar did not say last time: so what staff have moved,
    added or left out stays so. With `keep_others` those stay that the calendar does not have; those outside
    the window stay always.
    """
    kept_as = _kept_as(draft, old, within, now)
    last = {said.key: said for said in old.dates_said.values()}
    elsewhere = old.said.get("place") != draft.said["place"]
    found: list[Date] = []
    said: dict[str, SaidDate] = {}
    for each in draft.dates:
        key = kept_as.get(each.key)
        before = old.dates_said.get(each.key)
        if key is not None:
            found.append(_merged_date(each, old.dates[key], last.get(key), elsewhere))
            said[each.key] = said_of(each, key)
        elif before is None or before.key in old.dates or before != said_of(each, before.key):
            found.append(_new_date(each, draft))
            said[each.key] = said_of(each, each.key)
        else:  # staff have left it out
            said[each.key] = before
    taken = set(kept_as.values())
    for key, one in old.dates.items():
        has_vanished = key in last and not keep_others and _is_inside(last[key], within, now)
        if key not in taken and not one.is_gone and not has_vanished:
            goes_along = elsewhere and one.date.branch_id == old.facts.branch_id
            found.append(replace(one.date, branch_id=draft.facts.branch_id) if goes_along else one.date)
    for key, before in old.dates_said.items():
        stays = keep_others or not _is_inside(before, within, now)
        if key not in said and before.key not in taken and stays and before.ends > minutes(now):
            said[key] = before
    return found, said


def _kept_as(draft: Draft, old: Kept, within: tuple[datetime, datetime], now: datetime) -> dict[str, str]:
    """Under which key each date of the calendar is kept, by its key in the calendar.

    A date whose time was changed at its root has a new key in the calendar; here it stays the one that people
    have booked, when it is the only one, or the only one of that day.
    """
    new = {each.key: each for each in draft.dates}
    last = {said.key: said for said in old.dates_said.values()}
    found = {key: key for key in new if key in old.dates}
    left = {key: one for key, one in old.dates.items() if key not in found}
    for key in new:
        before = old.dates_said.get(key)
        if key not in found and before is not None and before.key in left:
            found[key] = before.key
            del left[before.key]
    unknown = [each for each in draft.dates if each.key not in found and each.key not in old.dates_said]
    by_hand = {one.date.starts: key for key, one in left.items() if key not in last}
    for each in unknown:  # staff may have written down already what the calendar says now
        if (key := by_hand.pop(each.starts, "")) and left.pop(key):
            found[each.key] = key
    unknown = [each for each in unknown if each.key not in found]
    missing = {
        key: moment(last[key].starts, one.date.zone).date() if key in last else one.date.starts.date()
        for key, one in left.items()
        if (key in last and _is_inside(last[key], within, now))
        or (one.is_gone and within[0] <= one.date.starts < within[1])
    }
    from_calendar = [key for key, one in old.dates.items() if key in last or one.is_gone]
    if len(from_calendar) == len(draft.dates) == len(unknown) == len(missing) == 1:
        return found | {unknown[0].key: from_calendar[0]}
    there, here = Counter(each.starts.date() for each in unknown), Counter(missing.values())
    of_day = {each.starts.date(): each.key for each in unknown}
    for key, day in missing.items():
        if there[day] == here[day] == 1:
            found[of_day[day]] = key
    return found


def _is_inside(said: SaidDate, within: tuple[datetime, datetime], now: datetime) -> bool:
    """Whether a date would be in the calendar that was read, if it were still in the calendar at all."""
    return minutes(within[0]) <= said.starts < minutes(within[1]) and said.ends > minutes(now)


def _merged_date(new: Date, kept: KeptDate, before: SaidDate | None, elsewhere: bool) -> Date:
    """A date with what the calendar says of it for the first time; the rest as it is kept.

    `elsewhere`: the calendar says another place of its event than last time.
    """
    date, now = kept.date, said_of(new, new.key)
    if before is None or now.time != before.time:
        moved_from = new.moved_from
        if new.key != date.key:
            was = date.moved_from or date.starts
            moved_from = None if was == new.starts else was
        date = replace(
            date,
            starts=new.starts,
            ends=new.ends,
            zone=new.zone,
            all_day=new.all_day,
            moved_from=moved_from,
        )
    if before is None or elsewhere or now.place != before.place:
        date = replace(date, branch_id=new.branch_id, place=new.place, room=new.room)
    if before is None or now.words != before.words:
        date = replace(date, title=new.title, text=new.text)
    if before is None or now.status != before.status:
        date = replace(date, status=new.status)
    return date


def _new_date(each: Date, draft: Draft) -> Date:
    """A date that is where its event is goes there also when staff have moved the event."""
    is_there = each.branch_id == draft.facts.branch_id and not each.place and not each.room
    return replace(each, branch_id="") if is_there else each


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
