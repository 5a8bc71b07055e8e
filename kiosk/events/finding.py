"""What residents are shown of the programme: pages of events by date, and one event with its words and dates.

Every list is one walk along an index (see `kiosk.events.upcoming`), so that a page of a hundred thousand
events takes as long as one of ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from heapq import merge
from typing import Literal

from kiosk.events import codes, search
from kiosk.events.records import (
    DATE_COLUMNS,
    Event,
    Facts,
    Occurrence,
    Text,
    dates,
    facts_of,
    find,
    occurrence_of,
    texts,
)
from kiosk.events.upcoming import (
    ALL,
    FOREVER,
    RUN_BY_A_BRANCH,
    SERIALS,
    at_branch,
    in_language,
    minutes,
    place,
    run_by,
)
from kiosk.store import NotThere, Reading

PAGE = 6
"""Events on a page, at most."""
SOON = timedelta(hours=1)
BEYOND = chr(0x10FFFF)
"""Stands behind every name of a list."""


@dataclass(frozen=True)
class Wanted:
    """What a resident looks for; each part narrows the list further, and an empty one does not.

    `branches` are ids: at one of them, or run by it somewhere that is no branch, unless `inside`. `traits`
    are of `kiosk.events.codes.TRAITS`: all of them. `spoken` is the tag of a language spoken there. `words`
    is as it was typed.
    """

    branches: tuple[str, ...] = ()
    traits: frozenset[str] = frozenset()
    spoken: str = ""
    words: str = ""
    inside: bool = False


@dataclass(frozen=True)
class Listed:
    """An event in a list, with its next date. `place` is its key in this list.

    `language` is that of the title, which is English where there is no other; `state` says whether somebody
    has read the translation. `branch` is the name of the branch, or empty.
    """

    place: int
    event_id: str
    title: str
    language: str
    state: str
    branch: str
    facts: Facts
    occurrence: Occurrence

    @property
    def is_full(self) -> bool:
        return self.facts.booking == "book" and self.occurrence.left == 0


@dataclass(frozen=True)
class Page:
    """A part of a list. `more` is the `after` of the next page, or None at the end."""

    events: tuple[Listed, ...]
    more: int | None = None


@dataclass(frozen=True)
class Shown:
    """One event as its page shows it: the words that fit the language best, and the next dates.

    `title`, `text` and `bring` are the words of which that part is to be read; their languages may differ.
    """

    event: Event
    title: Text
    text: Text
    bring: Text
    branch: str
    dates: tuple[Occurrence, ...]
    has_more_dates: bool


# Lists ------------------------------------------------------------------------------------------------------


def on_now(db: Reading, branch_id: str, language: str, now: datetime) -> Page:
    """What goes on in a building now or begins there within the hour. Not what lasts all day."""
    wanted = Wanted(branches=(branch_id,), inside=True)
    return page(db, wanted, language, now, until=now + SOON + timedelta(minutes=1))


def today(db: Reading, wanted: Wanted, language: str, now: datetime, after: int = 0) -> Page:
    """What is still on today; `now` knows the zone in which the day ends."""
    return page(db, wanted, language, now, until=_midnight(now, 1), after=after)


def this_week(db: Reading, wanted: Wanted, language: str, now: datetime, after: int = 0) -> Page:
    """Today and the six days after it."""
    return page(db, wanted, language, now, until=_midnight(now, 7), after=after)


def _midnight(now: datetime, days: int) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), time(), now.tzinfo)


def page(
    db: Reading,
    wanted: Wanted,
    language: str,
    now: datetime,
    *,
    until: datetime | None = None,
    after: int = 0,
    most: int = PAGE,
) -> Page:
    """Events that are wanted, each once with its next date, in the order of these dates.

    Titles are in `language` where somebody has written them in it. Only dates before `until` are listed.
    `after` is the `more` of the page before. What lasts a day or longer stands behind the hours of its day.
    `KeyError` for a trait that is none.
    """
    end = place(minutes(until)) if until else FOREVER
    look = _search if wanted.words else _walk
    places = look(db, wanted, after, end, most + 1)
    listed = _listed(db, places[:most], wanted, language, now, end)
    return Page(tuple(listed), places[most - 1] if len(places) > most else None)


def there_is(db: Reading, trait: str) -> bool:
    """Whether any event still to come has this trait, at most a minute ago."""
    return bool(_walk(db, Wanted(traits=frozenset({trait})), 0, FOREVER, 1))


def _walk(db: Reading, wanted: Wanted, after: int, end: int, most: int) -> list[int]:
    """The places of what is wanted, along the lists that have few events in them."""
    found = [
        db.column(
            "SELECT u.place FROM upcoming u WHERE u.list = :list AND u.place > :after AND u.place < :end"
            " AND u.traits & :mask = :mask ORDER BY u.place LIMIT :most",
            list=name,
            after=after,
            end=end,
            mask=codes.mask(wanted.traits),
            most=most,
        )
        for name in _lists(wanted)
    ]
    return _first_of_each(merge(*found))[:most]


def _lists(wanted: Wanted) -> list[str]:
    if wanted.branches:
        if wanted.spoken:
            return [in_language(wanted.spoken, each) for each in dict.fromkeys(wanted.branches)]
        return _of_branches(wanted)
    if wanted.spoken:
        return [in_language(wanted.spoken)]
    rare = sorted(wanted.traits - set(codes.COMMON)) or sorted(wanted.traits)
    return rare[:1] or [ALL]


def _of_branches(wanted: Wanted) -> list[str]:
    names = (at_branch,) if wanted.inside else (at_branch, run_by)
    return [name(each) for each in dict.fromkeys(wanted.branches) for name in names]


def _first_of_each(places: Iterable[int]) -> list[int]:
    """Each event once, though it may be in the lists of several branches."""
    seen: dict[int, int] = {}
    for each in places:
        seen.setdefault(each % SERIALS, each)
    return list(seen.values())


def _search(db: Reading, wanted: Wanted, after: int, end: int, most: int) -> list[int]:
    narrowed = [*sorted(wanted.traits), *([in_language(wanted.spoken)] if wanted.spoken else [])]
    codes.mask(wanted.traits)
    return search.find(
        db,
        wanted.words,
        all_of=narrowed,
        one_of=_of_branches(wanted),
        after=after,
        until=end,
        most=most,
    )


def _listed(
    db: Reading, places: Sequence[int], wanted: Wanted, language: str, now: datetime, end: int
) -> list[Listed]:
    """The events of these places with their next dates, as they are now: lists move on once a minute only.

    Two statements however many there are: the events with their titles, and their dates.
    """
    serials = {f"serial{number}": each % SERIALS for number, each in enumerate(places)}
    if not serials:
        return []
    rows = db.all(f"{_WITH_TITLES} WHERE e.serial IN {_one_of(serials)}", **serials)
    events = {row["serial"]: row for row in rows}
    titles: dict[str, list[Text]] = {}
    for row in rows:
        titles.setdefault(row["id"], []).append(Text(row["language"], row["title"], state=row["state"]))
    dates = _next_dates(db, serials, wanted, now)
    found = []
    for each in places:
        event = events.get(each % SERIALS)
        date, branch = dates.get(event["id"], (None, "")) if event else (None, "")
        if event is None or date is None or place(minutes(date.date.starts)) >= end:
            continue
        title = best(sorted(titles.get(event["id"], []), key=lambda text: text.language), language)
        if date.date.title:
            title = replace(title, title=date.date.title, language="en", state="read")
        found.append(
            Listed(
                place=each,
                event_id=event["id"],
                title=title.title,
                language=title.language,
                state=title.state,
                branch=branch,
                facts=facts_of(event),
                occurrence=date,
            )
        )
    return found


_WITH_TITLES = (
    "SELECT e.id, e.serial, e.status, e.place_kind, e.branch_id, e.place, e.room, e.booking, e.capacity,"
    " e.pence, e.codes, e.spoken, e.needs_age, e.link, t.language, t.title, t.state"
    " FROM events e JOIN event_texts t ON t.event_id = e.id"
)


def _next_dates(
    db: Reading, serials: Mapping[str, int], wanted: Wanted, now: datetime
) -> dict[str, tuple[Occurrence, str]]:
    """The next date of each of these events where it is wanted, with the name of its branch, by the event."""
    named = {f"branch{number}": each for number, each in enumerate(wanted.branches)}
    rows = db.all(
        f"SELECT {DATE_COLUMNS}, b.name AS branch_name FROM events e JOIN occurrences o ON o.id ="
        " (SELECT n.id FROM occurrences n WHERE n.event_id = e.id AND n.ends > :now AND n.gone_at IS NULL"
        f" {_there(named, inside=wanted.inside)} ORDER BY n.ends, n.id LIMIT 1)"
        f" LEFT JOIN branches b ON b.id = o.branch_id WHERE e.serial IN {_one_of(serials)}",
        now=minutes(now),
        **named,
        **serials,
    )
    return {row["event_id"]: (occurrence_of(row), row["branch_name"] or "") for row in rows}


def _there(named: Mapping[str, str], *, inside: bool) -> str:
    """At one of these branches, or run by it at no branch: what is online or comes by van is run by none."""
    if not named:
        return ""
    here = f"n.branch_id IN {_one_of(named)}"
    if inside:
        return f"AND {here}"
    run_by = f"n.branch_id IS NULL AND e.branch_id IN {_one_of(named)} AND e.place_kind IN {RUN_BY_A_BRANCH}"
    return f"AND ({here} OR ({run_by}))"


def _one_of(named: Iterable[str]) -> str:
    """The names of values as a list in SQL."""
    return "({})".format(", ".join(f":{name}" for name in named))


def _branch_name(db: Reading, branch_id: str) -> str:
    row = db.maybe("SELECT name FROM branches WHERE id = :id", id=branch_id)
    return row["name"] if row else ""


def spoken(db: Reading, most: int = 60) -> list[str]:
    """The tags of the languages that are spoken at events still to come, in their order."""
    found: list[str] = []
    after = in_language("")
    while len(found) < most:
        row = db.maybe(
            "SELECT list FROM upcoming WHERE list > :after AND list < :end ORDER BY list LIMIT 1",
            after=after,
            end=in_language(BEYOND),
        )
        if row is None:
            return found
        found.append(row["list"].split(":")[1])
        after = in_language(f"{found[-1]}:{BEYOND}")  # over what is at its branches, however much that is
    return found


# One event --------------------------------------------------------------------------------------------------


def shown(db: Reading, event_id: str, language: str, now: datetime, *, most: int = PAGE) -> Shown:
    """An event for its page. `NotThere` when there is no such event, or when it is a draft."""
    event = find(db, event_id)
    if event.facts.status == "draft":
        raise NotThere
    next_ones = dates(db, event_id, now, most=most + 1)
    words = texts(db, event_id)
    return Shown(
        event=event,
        title=best(words, language),
        text=best(words, language, "text"),
        bring=best(words, language, "bring"),
        branch=_branch_name(db, event.facts.branch_id if event.facts.place_kind == "branch" else ""),
        dates=tuple(next_ones[:most]),
        has_more_dates=len(next_ones) > most,
    )


def best(words: Sequence[Text], language: str, part: Literal["title", "text", "bring"] = "title") -> Text:
    """The words to show a part of: those of the language unless they are out of date, else English, else any.

    Only words that have this part count: who has translated the title has not said that there is no text.
    What has changed in English may be the time or the place: who reads an old translation comes in vain.
    """
    having = {text.language: text for text in words if getattr(text, part)}
    own = having.get(language)
    if own is not None and own.state != "out-of-date":
        return own
    if any(text.language == "en" for text in words):
        return having.get("en", Text("en", ""))
    return own or next(iter(having.values()), Text("en", ""))
