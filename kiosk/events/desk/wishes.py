"""Where staff read what residents wish there were: how many, about what, at what time, in which language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import render_template, request

from kiosk import branches
from kiosk.configuration import store
from kiosk.events import labels, wishes
from kiosk.events.codes import TOPICS
from kiosk.events.desk.forms import TOPICS as TOPIC_NAMES
from kiosk.events.desk.forms import language_name
from kiosk.events.desk.pages import blueprint, for_openers, now, own_branch
from kiosk.events.wishes import PARTS_OF_DAY, Wish

PART_NAMES = {choice.code: choice.label for choice in labels.PARTS_OF_DAY}
YEARS = 1


@dataclass
class Row:
    """The wishes about one topic: how many, at which time of day, and in which language."""

    topic: str
    parts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def number(self) -> int:
        return self.parts.total()


@blueprint.get("/wishes")
@for_openers
def wished() -> Any:
    with store().read() as db:
        places = branches.every(db)
        asked = own_branch() or request.args.get("branch", "")
        branch_id = asked if asked in {each.id for each in places} else own_branch()
        today = now().date()
        found = wishes.wishes(db, branch_id, date(today.year - YEARS, today.month, 1))
    return render_template(
        "events/desk_wishes.html", rows=by_topic(found), parts=PART_NAMES, topics=TOPIC_NAMES,
        parts_of_day=PARTS_OF_DAY, places=places, branch_id=branch_id, language_name=language_name,
    )  # fmt: skip


def by_topic(found: list[Wish]) -> list[Row]:
    """The wishes put together by topic, the most frequent first; topics that nobody wished for are not in."""
    rows = {topic: Row(topic) for topic in TOPICS}
    for each in found:
        rows[each.topic].parts[each.part_of_day] += each.number
        rows[each.topic].languages[each.language] += each.number
    return sorted((row for row in rows.values() if row.number), key=lambda row: -row.number)
