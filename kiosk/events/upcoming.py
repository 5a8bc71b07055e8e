"""The lists of events that are still to come, each in the order of the next dates, without any sorting.

Every event that residents may see has one row in `upcoming` for each list that it is in: all events, those at
a branch, those that it runs elsewhere, those with a trait, those in a spoken language. Its key is a number
made of the minute of the next date and of the serial number of the event, so that a page begins where the
last one ended, however many events there are. When a date is over, `move_on` puts its event to the next one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.events import codes, search
from kiosk.store import Reading, Row, Writing

ALL = "all"
RUN_BY_A_BRANCH = ("branch", "elsewhere")
"""The kinds of place whose events a branch runs, also on those dates that are at no branch."""
SERIALS = 1 << 24
"""How many events a library may have in its life."""
FOREVER = (1 << 63) - 1
_LONG = 24 * 60


def minutes(moment: datetime) -> int:
    """Whole minutes since 1970; the moment must know its zone."""
    return int(moment.timestamp() // 60)


def moment(at: int, zone: str = "UTC") -> datetime:
    """The moment that is so many minutes after 1970, on the clocks of a zone."""
    return datetime.fromtimestamp(at * 60, ZoneInfo(zone))


def place(at: int, serial: int = 0) -> int:
    """The key of an event in the lists: the minute of its date, and its serial number for equal minutes."""
    return at * SERIALS + serial


def at_branch(branch_id: str) -> str:
    """The list of what is at a branch."""
    return f"at:{branch_id}"


def run_by(branch_id: str) -> str:
    """The list of what a branch runs somewhere that is no branch."""
    return f"by:{branch_id}"


def in_language(tag: str, branch_id: str = "") -> str:
    """The list of what is spoken in a language, anywhere or at a branch."""
    return f"spoken:{tag}:{branch_id}" if branch_id else f"spoken:{tag}"


def put_in_lists(db: Writing, event_id: str, now: datetime) -> None:
    """Bring the lists and the search up to date for one event, whatever was changed of it."""
    event = db.one("SELECT * FROM events WHERE id = :id", id=event_id)
    lists, moves_at = _lists(db, event, now)
    for name, key in json.loads(event["listed"]):
        db.run("DELETE FROM upcoming WHERE list = :name AND place = :key", name=name, key=key)
    if event["place_in_lists"] is not None:
        search.take_out(db, event["place_in_lists"])
    mask = codes.mask(_traits(event))
    for name, key in lists.items():
        db.insert("upcoming", list=name, place=key, traits=mask)
    if lists:
        search.add(db, lists[ALL], _texts(db, event), lists)
    db.run(
        "UPDATE events SET listed = :listed, place_in_lists = :place, moves_at = :moves WHERE id = :id",
        listed=json.dumps(list(lists.items())),
        place=lists.get(ALL),
        moves=moves_at,
        id=event_id,
    )


def move_on(db: Writing, now: datetime, most: int = 100) -> int:
    """Put events whose date is over to their next one, or out of the lists; how many it were.

    For every minute's round. It does at most `most` at a time, so that nobody waits for the database.
    """
    rows = db.all(
        "SELECT id FROM events WHERE moves_at <= :now ORDER BY moves_at LIMIT :most",
        now=minutes(now),
        most=most,
    )
    for row in rows:
        put_in_lists(db, row["id"], now)
    return len(rows)


def _lists(db: Reading, event: Row, now: datetime) -> tuple[dict[str, int], int | None]:
    """The lists an event is in with its place in each, and when (minutes) that is no longer so."""
    if event["status"] == "draft" or event["gone_at"]:
        return {}, None
    rows = db.all(
        "SELECT starts, ends, all_day, zone, branch_id FROM occurrences"
        " WHERE event_id = :event AND ends > :now AND gone_at IS NULL",
        event=event["id"],
        now=minutes(now),
    )
    lists: dict[str, int] = {}
    moves_at: int | None = None
    for at, until, branch_id in sorted(
        (*_shown_at(row, now), row["branch_id"] or "") for row in sorted(rows, key=lambda row: row["starts"])
    ):
        spoken = event["spoken"].split()
        names = [] if lists else [ALL, *_traits(event), *(in_language(tag) for tag in spoken)]
        if branch_id:
            names += [at_branch(branch_id), *(in_language(tag, branch_id) for tag in spoken)]
        elif runs := runs_elsewhere(event):
            names += [run_by(runs), *(in_language(tag, runs) for tag in spoken)]
        for name in names:
            if name not in lists:
                lists[name] = place(at, event["serial"])
                moves_at = min(moves_at or until, until)
    return lists, moves_at


def runs_elsewhere(event: Row) -> str:
    """The branch that runs those dates of an event that are at no branch; empty for what is online or comes
    by van, which have lists of their own."""
    return (event["branch_id"] or "") if event["place_kind"] in RUN_BY_A_BRANCH else ""


def _shown_at(row: Row, now: datetime) -> tuple[int, int]:
    """Where in the lists a date stands, and until when (both minutes).

    What lasts a day or longer stands last on each of its days: a month's exhibition must not hide what begins
    in half an hour.
    """
    if not row["all_day"] and row["ends"] - row["starts"] <= _LONG:
        return row["starts"], row["ends"]
    zone = ZoneInfo(row["zone"])
    day = max(moment(row["starts"], row["zone"]), now.astimezone(zone)).date()
    midnight = minutes(datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC))
    return midnight - 1, min(midnight, row["ends"])


def _traits(event: Row) -> frozenset[str]:
    return codes.traits(
        event["codes"].split(),
        booking=event["booking"],
        pence=event["pence"],
        place_kind=event["place_kind"],
    )


def _texts(db: Reading, event: Row) -> list[str]:
    """All that an event can be found by: its words in every language, and where it is."""
    branch = db.maybe("SELECT name FROM branches WHERE id = :id", id=event["branch_id"])
    texts = [event["place"], event["room"], branch["name"] if branch else ""]
    for row in db.all("SELECT title, text FROM event_texts WHERE event_id = :id", id=event["id"]):
        texts += [row["title"], row["text"]]
    own = db.all(
        "SELECT DISTINCT title, text FROM occurrences WHERE event_id = :id AND (title <> '' OR text <> '')"
        " LIMIT 20",
        id=event["id"],
    )
    for row in own:
        texts += [row["title"], row["text"]]
    return texts
