"""What residents wish there were: counted by topic, time of day and language, and nothing of who wished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.events.codes import TOPICS
from kiosk.store import Reading, Writing

PARTS_OF_DAY = ("morning", "afternoon", "evening", "weekend")


@dataclass(frozen=True)
class Wish:
    """How many people at a branch wished for something in one language."""

    topic: str
    part_of_day: str
    language: str
    number: int


def wish(db: Writing, branch_id: str, topic: str, part_of_day: str, language: str, today: date) -> None:
    """Count a wish, by its month. `ValueError` for a topic or a part of the day that is none."""
    if topic not in TOPICS or part_of_day not in PARTS_OF_DAY:
        raise ValueError(f"{topic} in the {part_of_day}")
    db.run(
        "INSERT INTO wishes (branch_id, month, topic, part_of_day, language, number)"
        " VALUES (:branch, :month, :topic, :part, :language, 1)"
        " ON CONFLICT (branch_id, month, topic, part_of_day, language)"
        " DO UPDATE SET number = wishes.number + 1",
        branch=branch_id,
        month=f"{today:%Y-%m}",
        topic=topic,
        part=part_of_day,
        language=language,
    )


def wishes(db: Reading, branch_id: str, since: date) -> list[Wish]:
    """The wishes at a branch, or at all when it is empty, from the month of a day on.

    The most frequent first.
    """
    rows = db.all(
        "SELECT topic, part_of_day, language, sum(number) AS number FROM wishes"
        " WHERE (branch_id = :branch OR :branch = '') AND month >= :month"
        " GROUP BY topic, part_of_day, language"
        " ORDER BY 4 DESC, topic, part_of_day, language",
        branch=branch_id,
        month=f"{since:%Y-%m}",
    )
    return [Wish(**row) for row in rows]
