"""What is counted of how it was, and the sums of a month: days and places, and nothing of anybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from kiosk.forms import Choice
from kiosk.languages import _lp
from kiosk.store import Reading, Writing

FACES = (
    Choice("1", _lp("how it was", "Very bad"), "mood-cry"),
    Choice("2", _lp("how it was", "Bad"), "mood-sad"),
    Choice("3", _lp("how it was", "So-so"), "mood-empty"),
    Choice("4", _lp("how it was", "Good"), "mood-smile"),
    Choice("5", _lp("how it was", "Very good"), "mood-happy"),
)
WHYS = (
    Choice("staff", _lp("how it was", "The staff"), "users"),
    Choice("screen", _lp("how it was", "This screen"), "device-desktop"),
    Choice("books", _lp("how it was", "The books"), "books"),
    Choice("building", _lp("how it was", "The building"), "building-community"),
    Choice("wait", _lp("how it was", "The wait"), "hourglass"),
    Choice("other", _lp("how it was", "Something else"), "dots-circle-horizontal"),
)
MOODS = {"bad": (1, 2), "so-so": (3,), "good": (4, 5)}
"""The faces in three groups, by which the reasons are read."""


@dataclass
class Month:
    """What people touched in a month, `2026-03`: each face, and in each group of faces the reasons."""

    name: str
    faces: Counter[int] = field(default_factory=Counter)
    whys: dict[str, Counter[str]] = field(default_factory=lambda: {mood: Counter() for mood in MOODS})


def count(db: Writing, day: date, branch_id: str, kiosk_id: str, face: int, why: str = "") -> None:
    """Count a face on a day of the branch's own calendar; with `why`, only the reason for one counted before.

    `kiosk_id` may be empty. `ValueError` for a face or a reason that is none.
    """
    if str(face) not in {each.code for each in FACES} or why not in {"", *(each.code for each in WHYS)}:
        raise ValueError(f"{face}, {why}")
    db.run(
        "INSERT INTO how_it_was (day, branch_id, kiosk_id, face, why, number)"
        " VALUES (:day, :branch, :kiosk, :face, :why, 1)"
        " ON CONFLICT (day, branch_id, kiosk_id, face, why) DO UPDATE SET number = how_it_was.number + 1",
        day=day.isoformat(),
        branch=branch_id,
        kiosk=kiosk_id,
        face=face,
        why=why,
    )


def months(db: Reading, branch_id: str, since: date) -> list[Month]:
    """The months from that of a day on in which anybody was counted, the newest first.

    Without `branch_id`, of the whole library.
    """
    rows = db.all(
        "SELECT substr(day, 1, 7) AS month, face, why, sum(number) AS number FROM how_it_was"
        " WHERE day >= :since AND (:branch = '' OR branch_id = :branch)"
        " GROUP BY substr(day, 1, 7), face, why ORDER BY 1 DESC",
        since=since.replace(day=1).isoformat(),
        branch=branch_id,
    )
    found: dict[str, Month] = {}
    for row in rows:
        month = found.setdefault(row["month"], Month(row["month"]))
        if row["why"]:
            mood = next(mood for mood, faces in MOODS.items() if row["face"] in faces)
            month.whys[mood][row["why"]] += row["number"]
        else:
            month.faces[row["face"]] = row["number"]
    return list(found.values())
