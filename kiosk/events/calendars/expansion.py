"""The dates of events within a window: series unfolded, with what was changed, moved, dropped and cancelled.

Rules are in wall time: half past ten stays half past ten when the clocks change. What one event may cost is
limited, and so is the whole; what was left out for that is said.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge

from kiosk.events.calendars import rules
from kiosk.events.calendars.entries import Calendar, Event, Limits, Moment, Occurrence, Remark, key_of, remark

DATES_OF_ONE = 5_000
STEPS_OF_ONE = 500_000
SECONDS_OF_ONE = 1.0
"""What one event may cost, so that it leaves enough for the others."""
NOTHING = timedelta()
ALMOST_A_DAY = timedelta(hours=23, minutes=59, seconds=59)


@dataclass(frozen=True)
class Expansion:
    """The dates in a window, in the order of their starts, and what was left out."""

    occurrences: tuple[Occurrence, ...]
    warnings: tuple[Remark, ...]

    @property
    def cancelled(self) -> int:
        """How many of the dates are cancelled."""
        return sum(each.cancelled for each in self.occurrences)


def occurrences(calendar: Calendar, from_: date, until: date, limits: Limits | None = None) -> Expansion:
    """Every date that overlaps the days from `from_` up to `until` (excluded), by its own zone's clock."""
    limits = limits or Limits()
    window = (datetime.combine(from_, time()), datetime.combine(until, time()))
    found: list[Occurrence] = []
    warnings: list[Remark] = []
    whole = rules.Budget(limits.occurrences, 50 * STEPS_OF_ONE, limits.seconds)
    # those that may have thousands of dates come last: they must not use up what the others need
    for series in sorted(_series_of(calendar.events), key=lambda each: not each.calm):
        event = series.events[0]
        if len(found) >= limits.occurrences:
            warnings.append(remark("window-full", event.line, event.summary, most=limits.occurrences))
            continue
        budget = rules.Budget(DATES_OF_ONE, min(STEPS_OF_ONE, whole.steps), SECONDS_OF_ONE)
        budget.end = min(budget.end, whole.end)
        before = budget.steps
        own: list[Occurrence] = []
        try:
            for each in series.between(*window, budget):
                own.append(each)
        except rules.Spent as spent:
            last = key_of(own[-1].starts)[:10] if own else from_.isoformat()
            code = "too-long" if spent.long else "too-many-dates"
            warnings.append(remark(code, event.line, event.summary, last=last))
        except OverflowError:
            warnings.append(remark("too-long", event.line, event.summary))
        whole.steps -= before - max(budget.steps, 0)
        if len(found) + len(own) > limits.occurrences:
            warnings.append(remark("window-full", event.line, event.summary, most=limits.occurrences))
            own = own[: limits.occurrences - len(found)]
        found += own
    found.sort(key=lambda each: (_instant(each.starts, calendar.zone), each.event.summary, each.series))
    return Expansion(tuple(found), tuple(warnings))


def _instant(moment: Moment, zone: tzinfo) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone)


def _series_of(events: Iterable[Event]) -> Iterator[_Series]:
    """Events of one UID belong together: what repeats, and what changes single dates of it."""
    named: dict[str, list[Event]] = {}
    for event in events:
        named.setdefault(event.uid or event.likeness(), []).append(event)
    for group in named.values():
        changes = [event for event in group if event.recurrence is not None]
        whole = [event for event in group if event.recurrence is None]
        if not whole:
            yield _Series(None, changes)
        for place, event in enumerate(whole):
            yield _Series(event, [] if place else changes)


class _Series:
    """One event with all its dates, and the events that change some of them."""

    def __init__(self, core: Event | None, changes: list[Event]) -> None:
        self.core = core
        self.changes = changes
        self.events = [*([core] if core else []), *changes]
        self.name = self.events[0].identity()[0]
        starts = self.events[0].starts
        self.zone = starts.tzinfo if isinstance(starts, datetime) else None
        self._changes_at: dict[_Mark, Event] = {}
        for change in sorted(changes, key=lambda each: -each.sequence):
            for mark in _marks(change.recurrence):
                self._changes_at.setdefault(mark, change)
        self._dropped = {mark for moment in (core.without if core else ()) for mark in _marks(moment)}
        self._lengths = {
            self._wall(moment): length for moment, length in (core.extra if core else ()) if length
        }
        self._onwards = sorted(
            (self._wall(change.recurrence), place)
            for place, change in enumerate(changes)
            if change.onwards and change.recurrence is not None
        )

    @property
    def calm(self) -> bool:
        """Whether it gives no more than a date a day."""
        return self.core is None or all(rules.read(text)[0].calm for text in self.core.rules)

    def between(self, low: datetime, high: datetime, budget: rules.Budget) -> Iterator[Occurrence]:
        """The dates that overlap the window, which is in wall time. Raises `Spent`."""
        met: set[int] = set()
        before, after = self._reach()
        for start in self._starts(low - before, high + after, budget):
            marks = self._marks_of(start)
            if marks & self._dropped:
                continue
            change = next((self._changes_at[mark] for mark in marks if mark in self._changes_at), None)
            if change is None:
                found = self._date(start)
            elif id(change) in met:
                continue
            else:
                met.add(id(change))
                found = self._changed(change, self._key(start))
            if self._is_in(found, low, high):
                yield found
        for change in self.changes:
            marks = _marks(change.recurrence)
            is_newest = any(self._changes_at[mark] is change for mark in marks)
            if id(change) in met or not is_newest or marks & self._dropped or self._is_given_up(change):
                continue
            found = self._changed(change, change.recurrence_id)
            if self._is_in(found, low, high):
                budget.give()
                yield found

    def _starts(self, low: datetime, high: datetime, budget: rules.Budget) -> Iterator[datetime]:
        """The starts of the series in wall time, in order: its own, its RDATEs and those of its rules."""
        if self.core is None:
            return
        first = self._wall(self.core.starts)
        read = [rules.read(text)[0] for text in self.core.rules]
        ends = [self._last(rule) for rule in read]
        known = {
            self._wall(moment) if isinstance(moment, datetime) else datetime.combine(moment, first.time())
            for moment, _length in self.core.extra
        }
        until = [end for end in ends if end is not None]
        if not until or first <= max(until):
            known.add(first)
        budget.step(len(known))
        streams: list[Iterable[datetime]] = [sorted(start for start in known if low <= start <= high)]
        for rule, end in zip(read, ends, strict=True):
            streams.append(rules.starts(rule, first, low, min(high, end) if end else high, budget))
        last = None
        for start in merge(*streams):
            if start != last:
                yield start
            last = start

    def _last(self, rule: rules.Rule) -> datetime | None:
        """UNTIL in wall time; None where there is none. A day counts to its end."""
        text = rule.until
        if not text or int(text[:4]) > 2999:
            return None
        if len(text) == 8 or self.zone is None:
            return datetime.strptime(text[:8], "%Y%m%d") + ALMOST_A_DAY  # noqa: DTZ007 - wall time
        moment = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - wall time
        if text.endswith("Z"):
            moment = moment.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)
        return moment

    # one date -----------------------------------------------------------------------------------------------

    def _date(self, start: datetime) -> Occurrence:
        """The date that the series has at this start, as the last change that goes on left it."""
        event = self.core or self.events[0]
        if place := bisect_left(self._onwards, (start, -1)):
            event = self.changes[self._onwards[place - 1][1]]
        moved = start
        length = self._length(event)
        if event.onwards and event.recurrence is not None:
            moved += self._wall(event.starts) - self._wall(event.recurrence)
        elif start in self._lengths:
            length = self._lengths[start]
        starts: Moment = moved.date()
        ends: Moment | None = starts + max(length, timedelta(days=1))
        if isinstance(event.starts, datetime):
            zone = self.zone or event.starts.tzinfo
            starts = moved.replace(tzinfo=zone)
            ends = (moved + length).replace(tzinfo=zone) if length > NOTHING else None
        return Occurrence(event, self.name, self._key(start), starts, ends, self._is_cancelled(event))

    def _changed(self, change: Event, key: str) -> Occurrence:
        if self.core and not change.summary:
            change = replace(change, summary=self.core.summary)
        return Occurrence(change, self.name, key, change.starts, change.ends, self._is_cancelled(change))

    def _is_cancelled(self, event: Event) -> bool:
        return "cancelled" in {event.status, self.core.status if self.core else ""}

    def _is_given_up(self, change: Event) -> bool:
        """Whether a change is itself an old version of the series, for a date that the rule has no more."""
        has_rules = change.repeats or bool(change.without)
        return self.core is not None and has_rules and change.sequence < self.core.sequence

    def _key(self, start: datetime) -> str:
        return key_of(start.date() if self.zone is None else start.replace(tzinfo=self.zone))

    def _marks_of(self, start: datetime) -> set[_Mark]:
        marks: set[_Mark] = {("wall", start), ("day", start.date())}
        if self.zone is not None:
            marks.add(("at", start.replace(tzinfo=self.zone).astimezone(UTC)))
        return marks

    # wall time ----------------------------------------------------------------------------------------------

    def _wall(self, moment: Moment) -> datetime:
        """The moment on the clock of the series; a day is its midnight."""
        if not isinstance(moment, datetime):
            return datetime.combine(moment, time())
        return (moment.astimezone(self.zone) if self.zone else moment).replace(tzinfo=None)

    def _length(self, event: Event) -> timedelta:
        return NOTHING if event.ends is None else self._wall(event.ends) - self._wall(event.starts)

    def _is_in(self, found: Occurrence, low: datetime, high: datetime) -> bool:
        """Whether a date overlaps the window, by the clock of the place where it is held."""
        starts, ends = (
            moment.replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())
            for moment in (found.starts, found.ends or found.starts)
        )
        return starts < high and (low < ends or low <= starts)

    def _reach(self) -> tuple[timedelta, timedelta]:
        """How far outside the window a start may lie whose date is in it, because it is long or moved."""
        if self.core is None:
            return NOTHING, NOTHING
        before = max([self._length(self.core), *self._lengths.values()])
        after = NOTHING
        for _since, place in self._onwards:
            change = self.changes[place]
            moved = self._wall(change.starts) - self._wall(change.recurrence or change.starts)
            before = max(before, self._length(change) + max(moved, NOTHING))
            after = max(after, -moved)
        return before, after


_Mark = tuple[str, datetime | date]
"""One way in which a date may be named: the instant, the time on its own clock, or the day."""


def _marks(moment: Moment | None) -> set[_Mark]:
    """The ways in which an EXDATE or RECURRENCE-ID names a date. Files get the zone wrong, not the time.

    A time in UTC names the instant alone: on the clock it would name another date.
    """
    if not isinstance(moment, datetime):
        return {("day", moment)} if moment else set()
    marks: set[_Mark] = {("at", moment.astimezone(UTC))}
    if str(moment.tzinfo) != "UTC":
        marks.add(("wall", moment.replace(tzinfo=None)))
    return marks
