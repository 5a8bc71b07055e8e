"""Libraries of any size with the same programme: what is on, what it is about and by which words it is found.

However many events there are, the first page of every list has as much on it, so that sizes can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from kiosk import branches
from kiosk.configuration import open_folder
from kiosk.events import codes, search, upcoming
from kiosk.store import Writing

DATES = 10
"""Dates of each event, a week apart."""
BRANCHES = 20
WEEK = 7 * 24 * 60
ON_NOW = 8
"""Events that are going on now in the building of the screen, whatever the size of the library."""
RARE = 10
"""Events with the rare word, whatever the size of the library."""
TITLES = (
    "Rhyme time",
    "Knit and natter",
    "Chess club",
    "Health walk",
    "Code club",
    "Book group",
    "Film night",
)
SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su")
CHOICES = ("choir", "chorus", "chocolate", "choose")
BATCH = 5000


def fill(folder: Path, events: int, now: datetime) -> str:
    """Make a data folder with so many events from `now` on, each with ten dates; the id of its first branch.

    Written straight into the tables: a million dates would take the calendar import a quarter of an hour.
    """
    _key, kept = open_folder(folder)
    begin = upcoming.minutes(now)
    with kept.write() as db:
        ids = [branches.add_branch(db, f"Library {number}") for number in range(BRANCHES)]
        branches.add_kiosk(db, ids[0], "By the door")
        branches.set_neighbours(db, ids[0], ids[1:3])
        db.run("PRAGMA cache_size = -400000")  # in kB: the keys are random, and pages would go out and in
        _events(db, events, begin, ids)
        _dates(db)
        _lists(db, events, begin, ids)
    kept.close()
    return ids[0]


def first_date(serial: int, begin: int) -> tuple[int, int]:
    """When the first date of an event starts and ends, in minutes since 1970."""
    if serial % BRANCHES == 0 and serial <= ON_NOW * BRANCHES:
        return begin - 10, begin + 180
    starts = begin + 120 + serial * 37 % WEEK
    return starts, starts + 60


def stated(serial: int) -> set[str]:
    """What an event is about, and for whom."""
    found = {codes.TOPICS[serial % len(codes.TOPICS)]}
    if serial % 2:
        found.add("step-free")
    if "english" in found and serial // len(codes.TOPICS) % 9 == 0:
        found.add("women-only")
    return found


def text(serial: int, events: int) -> str:
    """Words from very common to very rare, as in a language: one of 10, of 100, of 1,000, of 10,000."""
    found = ["for everybody at the library with"]
    found += [
        "".join(SYLLABLES[int(digit)] for digit in str(serial * 7 % 10**n).zfill(n)) for n in (1, 2, 3, 4)
    ]
    found += ["story"] if serial % 50 == 0 else []
    found += ["craft"] if serial % 20 == 0 else []
    found += [CHOICES[serial // 30 % len(CHOICES)]] if serial % 30 == 0 else []
    found += ["unicorn"] if serial % (events // RARE) == 0 else []
    return " ".join(found)


def _facts(serial: int) -> dict[str, Any]:
    kind = {3: "online", 7: "mobile"}.get(serial % 50, "branch")
    return {
        "booking": "drop-in" if serial % 4 == 0 else "book",
        "pence": 0 if serial % 3 else 300,
        "place_kind": kind,
    }


def _insert(db: Writing, sql: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """Many rows at a time; `sql` reads them from `many`, column by column."""
    while batch := list(islice(rows, BATCH)):
        db.run(f"WITH many AS (SELECT value AS v FROM json_each(:rows)) {sql}", rows=json.dumps(batch))


def _events(db: Writing, events: int, begin: int, ids: list[str]) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for serial in range(1, events + 1):
            facts, said = _facts(serial), stated(serial)
            is_there = facts["place_kind"] == "branch"
            yield (
                serial, facts["place_kind"], ids[serial % BRANCHES] if is_there else None,
                "" if is_there else "The Green", facts["booking"], facts["pence"],
                f" {' '.join(sorted(said))} ", *first_date(serial, begin),
            )  # fmt: skip

    _insert(
        db,
        "INSERT INTO events (id, serial, identity, status, place_kind, branch_id, place, room, booking,"
        " pence, codes, spoken, needs_age, link, created_at, changed_at, changed_by, moves_at)"
        " SELECT lower(hex(randomblob(10))), v ->> 0, v ->> 0, 'confirmed', v ->> 1, v ->> 2, v ->> 3, '',"
        " v ->> 4, v ->> 5, v ->> 6, '', 0, '', '', '', '', v ->> 8 FROM many",
        rows(),
    )
    words = ((serial, TITLES[serial % 7], text(serial, events)) for serial in range(1, events + 1))
    _insert(
        db,
        "INSERT INTO event_texts (event_id, language, title, text, bring, state, made_from, changed_at)"
        " SELECT e.id, 'en', v ->> 1, v ->> 2, '', 'read', '', ''"
        " FROM many CROSS JOIN events e ON e.serial = v ->> 0",
        words,
    )


def _dates(db: Writing) -> None:
    on_now = f"(e.serial % {BRANCHES} = 0 AND e.serial <= {ON_NOW * BRANCHES})"
    db.run(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :dates - 1)"
        " INSERT INTO occurrences (id, event_id, key, starts, ends, has_end, all_day, zone, status,"
        " title, text, branch_id, place, room) SELECT lower(hex(randomblob(10))), e.id, i,"
        f" e.moves_at - CASE WHEN {on_now} THEN 190 ELSE 60 END + i * :week, e.moves_at + i * :week,"
        " 1, 0, 'Europe/London', 'confirmed', '', '', e.branch_id, '', '' FROM events e CROSS JOIN n",
        dates=DATES,
        week=WEEK,
    )


def _lists(db: Writing, events: int, begin: int, ids: list[str]) -> None:
    """The lists and the index for the search, as `upcoming.put_in_lists` makes them of single events."""
    listed: list[tuple[int, int, list[str], int]] = []
    for serial in range(1, events + 1):
        facts, branch_id = _facts(serial), ids[serial % BRANCHES]
        traits = codes.traits(stated(serial), **facts)
        names = [upcoming.ALL, *sorted(traits)]
        names += [upcoming.at_branch(branch_id)] if facts["place_kind"] == "branch" else []
        names += [upcoming.run_by(branch_id)] if facts["place_kind"] == "elsewhere" else []
        key = upcoming.place(first_date(serial, begin)[0], serial)
        listed.append((key, serial, names, codes.mask(traits)))
    listed.sort()  # the index grows from its end, as when a calendar is read in the order of its dates
    _insert(
        db,
        "INSERT INTO upcoming (list, place, traits) SELECT v ->> 0, v ->> 1, v ->> 2 FROM many",
        iter(sorted((name, key, mask) for key, _serial, names, mask in listed for name in names)),
    )
    _insert(
        db,
        "UPDATE events SET place_in_lists = v ->> 1, listed = v ->> 2 FROM many WHERE serial = v ->> 0",
        ((serial, key, json.dumps([(name, key) for name in names])) for key, serial, names, _ in listed),
    )
    for key, serial, names, _mask in listed:
        search.add(db, key, [TITLES[serial % 7], text(serial, events)], names)
