"""Calendars come in: first a plan that says in plain words what would change, then, after a yes, the change.

Nothing that people have booked is taken away by a file: what has vanished from its calendar waits for a
person's decision. What staff wrote of an event, or did to one of its dates, stays until the calendar itself
says something new of it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from kiosk import audit
from kiosk.events import calendars, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booking import Terms
from kiosk.events.bookings.telling import tell
from kiosk.events.calendars import Calendar, Expansion, Remark
from kiosk.events.incoming import records as import_records
from kiosk.events.incoming.differences import OFFERED, ON_AGAIN, differences, news_of
from kiosk.events.incoming.drafts import (
    Draft,
    drafts,
    first_of,
    is_over,
    merged,
    said_of,
    same_dates,
    window_of,
)
from kiosk.events.incoming.places import Places, Spot
from kiosk.events.incoming.records import Kept, Report, SaidDate
from kiosk.events.incoming.table import Table
from kiosk.events.incoming.table import read as read_table
from kiosk.events.records import Date, Facts, Text
from kiosk.events.upcoming import minutes
from kiosk.languages import _l
from kiosk.settings import Settings
from kiosk.store import Reading, Writing

Teller = Callable[[Writing, str, str, datetime | None], None]
"""Tells those who have booked a date (its id) what has happened (a kind of message), and when it was.

Of `OFFERED` those alone hear who get an offer by it.
"""
Kind = Literal["new", "changed", "same", "gone", "outside"]
CUT_SHORT = {"too-many-dates", "too-long", "window-full"}
"""What may have cost dates: then one that is missing is not gone."""
TABLES = {".csv", ".tsv", ".txt", ".xlsx", ".xls"}
HOPELESS = {"too-big", "not-a-calendar", "not-a-table", "old-excel"}
"""Reasons for which a whole file is refused."""
REPEATED = {"duplicates", "duplicate", "same-uid-elsewhere", "older-version"}
"""Remarks that speak of events that are in the calendar more than once."""
MANY = 5
"""Events that may vanish at once without anybody being asked."""
CHANGES = {
    "title": _l("new title"),
    "text": _l("new text"),
    "place": _l("new place"),
    "status": _l("cancelled, or not any more"),
    "link": _l("new link"),
    "added": _l("dates added: %(count)s"),
    "moved": _l("dates changed: %(count)s"),
    "removed": _l("dates taken out: %(count)s"),
    "back": _l("back in the calendar"),
}
"""What can be different about an event, in the order in which it is told."""
OTHER_BRANCH = "It is at another branch: %(branch)s. A manager can load it."
NOT_KEPT = "The year of a date is not one that can be kept."


@dataclass(frozen=True)
class Window:
    """The days whose dates are imported, the last one excluded."""

    from_: date
    until: date


@dataclass(frozen=True)
class Line:
    """What would happen to one event. `changes` are codes of `CHANGES` with numbers (0 where there is none).

    `first` is its next date, `dates` how many there are in the window. `booked` counts the people who have
    booked dates that would be changed, cancelled or gone. `facts`, `text`, `all_dates`, `said` and
    `dates_said` are saved; `news` is what those who booked are told: the id of the date, the kind, and when
    it was.
    """

    kind: Kind
    identity: str
    title: str
    spot: Spot
    first: Date | None
    dates: int
    changes: tuple[tuple[str, int], ...] = ()
    booked: int = 0
    facts: Facts | None = None
    text: Text | None = None
    all_dates: tuple[Date, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    dates_said: tuple[tuple[str, SaidDate], ...] = ()
    news: tuple[tuple[str, str, datetime | None], ...] = ()

    @property
    def tells(self) -> bool:
        """Whether everybody who has booked a date hears of it."""
        return any(kind != OFFERED for _id, kind, _was in self.news)

    @property
    def in_words(self) -> str:
        """What is different about it: "new title, dates added: 3"."""
        return ", ".join(str(CHANGES[code]) % {"count": count} for code, count in self.changes)


@dataclass(frozen=True)
class Plan:
    """What an import would do. `remarks` are warnings; `repeated` those that speak of repetitions.

    `asks`: so much would be gone that somebody must say yes to it, apart from the rest. `unknown` are the
    places that are no branch, with how many events are there, the most frequent first.
    """

    source: str
    calendar: Calendar
    expansion: Expansion
    lines: tuple[Line, ...]
    refused: tuple[Remark, ...]
    repeated: tuple[Remark, ...]
    remarks: tuple[Remark, ...]
    asks: bool
    unknown: tuple[tuple[str, int], ...]

    def of(self, kind: Kind) -> list[Line]:
        return [line for line in self.lines if line.kind == kind]

    def count(self, kind: Kind) -> int:
        return sum(line.kind == kind for line in self.lines)

    @property
    def waiting(self) -> list[Line]:
        """Events of which something goes that people have booked: a person will have to decide."""
        return [line for line in self.lines if line.booked and (line.kind == "gone" or _loses(line))]

    @property
    def changes_nothing(self) -> bool:
        return not any(line.kind in ("new", "changed", "gone") for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """The same for plans that would do the same."""
        told = [(line.kind, line.identity, line.changes, line.booked, line.dates) for line in self.lines]
        return hashlib.sha256(repr((self.source, told, len(self.refused))).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Done:
    """What an import did; `waiting` counts dates that a person must decide on."""

    added: int
    changed: int
    gone: int
    waiting: int

    @property
    def counts(self) -> str:
        """For the log of who did what."""
        return f"new {self.added}, changed {self.changed}, gone {self.gone}"


NOTHING = Done(0, 0, 0, 0)


# The file ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loaded:
    """A file as it was read. Of a spreadsheet `table` says which column is what, and what must be asked."""

    calendar: Calendar
    table: Table | None = None

    @property
    def must_ask(self) -> bool:
        return self.table is not None and bool(self.table.missing or self.table.asks)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing could be read because the file is no calendar and no table at all."""
        return not self.calendar.events and bool({each.code for each in self.calendar.refused} & HOPELESS)


def load(
    content: bytes,
    name: str,
    zone: ZoneInfo,
    columns: Mapping[str, str] | None = None,
    day_first: bool | None = None,
) -> Loaded:
    """The events of a calendar (.ics) or a table (.csv, .xlsx), as its content tells, or else its name."""
    is_table = content.startswith((b"PK", b"\xd0\xcf\x11\xe0")) or (
        Path(name).suffix.lower() in TABLES and b"BEGIN:VCALENDAR" not in content[:10_000].upper()
    )
    if not is_table:
        return Loaded(calendars.read(content, zone))
    table = read_table(content, zone, columns, day_first)
    return Loaded(table.calendar, table)


# The plan ---------------------------------------------------------------------------------------------------


def plan(
    db: Reading,
    calendar: Calendar,
    source: str,
    window: Window,
    *,
    places: Places,
    only_branch: str = "",
    limits: calendars.Limits | None = None,
    now: datetime | None = None,
) -> Plan:
    """What importing this calendar as `source` would change.

    `places` finds branches. With `only_branch` events at other branches are refused: they are not for the
    staff of this one to change.
    """
    now = now or datetime.now(UTC)
    zone = calendar.zone.key
    expansion = calendars.occurrences(calendar, window.from_, window.until, limits)
    kept = import_records.of_source(db, source, now)
    within = window_of(window.from_, window.until, zone)
    keep_others = not calendar.complete or any(each.code in CUT_SHORT for each in expansion.warnings)
    refused = list(calendar.refused)
    lines: list[Line] = []
    there: set[str] = set()
    for draft in drafts(calendar, expansion, places, zone):
        there.add(draft.identity)
        draft = replace(draft, dates=tuple(each for each in draft.dates if not is_over(each, now)))
        why = _why_not(draft, only_branch, places)
        if why:
            refused.append(Remark("other-branch", draft.title[:80], why))
            continue
        old = kept.get(draft.identity)
        lines.append(_line(draft, old, keep_others, within, now))
    gone = _gone(kept, there, calendar.refused, now) if calendar.complete else []
    remarks = (*calendar.warnings, *expansion.warnings)
    ahead = sum(one.may_go for one in kept.values())
    unknown = Counter(line.spot.unknown for line in lines if line.spot.unknown and line.kind != "outside")
    return Plan(
        source=source,
        calendar=calendar,
        expansion=expansion,
        lines=(*lines, *gone),
        refused=tuple(refused),
        repeated=tuple(each for each in remarks if each.code in REPEATED),
        remarks=tuple(each for each in remarks if each.code not in REPEATED),
        asks=bool(gone) and (not there or (len(gone) > MANY and 2 * len(gone) > ahead)),
        unknown=tuple(unknown.most_common()),
    )


def _why_not(draft: Draft, only_branch: str, places: Places) -> str:
    """Why this event cannot be taken; empty when it can."""
    moments = [moment for each in draft.dates for moment in (each.starts, each.ends or each.starts)]
    if any(moment.year not in saving.YEARS for moment in moments):
        return NOT_KEPT
    at = {draft.spot.branch_id, *(each.branch_id for each in draft.dates)} - {"", only_branch}
    if only_branch and at:
        return OTHER_BRANCH % {"branch": places.name(next(iter(at)))}
    return ""


def _line(
    draft: Draft, old: Kept | None, keep_others: bool, within: tuple[datetime, datetime], now: datetime
) -> Line:
    line = Line("same", draft.identity, draft.title, draft.spot, first_of(draft.dates, now), len(draft.dates))
    said = tuple(sorted(draft.said.items()))
    if old is None:
        return replace(
            line,
            kind="new" if draft.dates else "outside",
            facts=draft.facts,
            text=Text("en", draft.title, draft.text),
            all_dates=draft.dates,
            said=said,
            dates_said=tuple((each.key, said_of(each, each.key)) for each in draft.dates),
        )
    facts, title, text = merged(draft, old)
    dates, dates_said = same_dates(draft, old, keep_others, within, now)
    changes, booked = differences(old, facts, title, text, dates)
    news = changes or dict(said) != old.said or dates_said != old.dates_said
    return replace(
        line,
        kind="changed" if changes else "same",
        changes=tuple(changes),
        booked=booked,
        facts=facts if news else None,
        text=Text("en", title, text) if news else None,
        all_dates=tuple(dates) if news else (),
        said=said if news else (),
        dates_said=tuple(dates_said.items()) if news else (),
        news=tuple(news_of(old, facts, dates)) if changes else (),
    )


def _gone(kept: dict[str, Kept], there: set[str], refused: Iterable[Remark], now: datetime) -> list[Line]:
    """Events that are kept and not in the calendar any more; not those of which it has a broken version."""
    broken = {each.where.partition(": ")[2] for each in refused}
    if "" in broken:
        return []
    at = minutes(now)
    return [
        Line(
            "gone",
            identity,
            old.title,
            Spot(old.facts.place_kind, old.facts.branch_id, old.facts.place, old.facts.room),
            first_of((one.date for one in old.dates.values()), now),
            len(old.dates),
            booked=sum(one.booked for one in old.dates.values()),
        )
        for identity, old in kept.items()
        if identity not in there
        and old.may_go
        and old.title[:80] not in broken
        # what is over leaves many calendars; a date that staff have put later stays
        and (not old.said or any(said.ends > at for said in old.dates_said.values()))
    ]


def _loses(line: Line) -> bool:
    return any(code == "removed" for code, _count in line.changes)


# The change -------------------------------------------------------------------------------------------------


def carry_out(
    db: Writing, planned: Plan, *, by: str, take_away: bool | None = None, tell_them: Teller | None = None
) -> Done:
    """Do what the plan says, and write down that it was done.

    `take_away` answers what the plan asks; while nobody has, what would be gone stays. `tell_them` tells
    those who have booked a date that the calendar moves or cancels.
    """
    added = changed = waiting = 0
    for line in planned.lines:
        if line.facts is None or line.text is None or line.kind == "outside":
            continue
        saved = saving.save(
            db,
            line.facts,
            [line.text],
            line.all_dates,
            source=planned.source,
            identity=line.identity,
            by=by,
        )
        import_records.remember_said(db, saved.id, dict(line.said), dict(line.dates_said))
        added += saved.is_new
        changed += saved.changed and not saved.is_new
        waiting += len(saved.waiting)
        for occurrence_id, kind, was in line.news:
            if tell_them:
                tell_them(db, occurrence_id, kind, was)
    gone: list[str] = []
    if planned.of("gone") and (take_away if planned.asks else True):
        going = {line.identity for line in planned.of("gone")}
        rows = db.all("SELECT identity FROM events WHERE source = :source", source=planned.source)
        still = [row["identity"] for row in rows if row["identity"] not in going]
        gone = saving.mark_gone(db, planned.source, still, by)
        waiting += sum(line.booked > 0 for line in planned.of("gone"))
    done = Done(added, changed, len(gone), waiting)
    if done != NOTHING:
        import_records.report(db, _report(planned, done, by))
    return done


def _report(planned: Plan, done: Done, by: str) -> Report:
    remarks = (*planned.refused, *planned.repeated, *planned.remarks)
    return Report(
        source=planned.source,
        at=datetime.now(UTC).isoformat(),
        who=by,
        added=done.added,
        changed=done.changed,
        gone=done.gone,
        refused=len(planned.refused),
        remarks=tuple((each.where, each.reason) for each in remarks),
    )


def record(db: Writing, planned: Plan, done: Done, *, who: str, service_key: bytes) -> None:
    """Write into the log what a part of the program has loaded; `who` is its name."""
    audit.record(
        db,
        service_key,
        who=f"({who})",  # no user name has brackets
        role="",
        action="calendar loaded",
        subject="calendar",
        subject_id=planned.source,
        reason=done.counts,
    )


def teller(settings: Settings, service_key: bytes) -> Teller:
    """Tells them by the ways that they gave and the library has."""

    def tell_them(db: Writing, occurrence_id: str, kind: str, was: datetime | None) -> None:
        now = datetime.now(UTC)
        offered = []
        if kind in (ON_AGAIN, OFFERED):
            offered = booking.take_up_again(db, occurrence_id, Terms.of(settings), now)
        people = booked.of_occurrence(db, occurrence_id) if kind != OFFERED else []
        hers = {each.id for each in offered}
        people = [each for each in people if each.id not in hers]
        tell(db, people, kind, settings=settings, service_key=service_key, now=now, was=was)
        tell(db, offered, OFFERED, settings=settings, service_key=service_key, now=now)

    return tell_them
