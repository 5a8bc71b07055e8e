"""The demo library's programme: there is something on, whenever it is loaded, and one of everything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from kiosk.events import demo, finding
from kiosk.events.finding import Listed, Wanted
from kiosk.events.records import dates, texts
from tests.events.conftest import LONDON, Programme

KEY = bytes(range(32))
HOURS = [
    datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
    datetime(2026, 3, 9, 4, 16, tzinfo=UTC),
    datetime(2026, 3, 28, 23, 20, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
    datetime(2026, 6, 30, 17, 59, tzinfo=UTC),
    datetime(2026, 10, 24, 22, 58, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 57, tzinfo=UTC),
]


@pytest.mark.parametrize("now", HOURS, ids=lambda now: f"{now:%d.%m. %H:%M}")
def test_there_is_something_on_now_and_a_rhyme_time_tonight(programme: Programme, now: datetime) -> None:
    with time_machine.travel(now, tick=False), programme.store.write() as db:
        demo.load(db, programme.central, programme.north, KEY, now)
        here = now.astimezone(LONDON)
        assert finding.on_now(db, programme.central, "en", here).events
        today: list[Listed] = []
        after: int | None = 0
        while after is not None:
            page = finding.today(db, Wanted(branches=(programme.central,)), "en", here, after=after)
            today += page.events
            after = page.more
    rhymes = [each for each in today if each.title == "Rhyme time"]
    assert [each.occurrence.date.starts > here for each in rhymes] == [True]
    assert rhymes[0].facts.booking == "book"
    assert not rhymes[0].is_full


def test_there_is_one_of_everything(programme: Programme) -> None:
    now = HOURS[0]
    with programme.store.write() as db:
        demo.load(db, programme.central, programme.north, KEY, now)
        states = {row["state"] for row in db.all("SELECT DISTINCT state FROM bookings")}
        every = db.all("SELECT id, place_kind FROM events")
        coming = [date for row in every for date in dates(db, row["id"], now, most=500)]
        tags = {text.language for row in every for text in texts(db, row["id"])}
    assert states >= {"booked", "waiting", "to-pay"}
    assert {row["place_kind"] for row in every} == {"branch", "elsewhere", "online", "mobile"}
    assert any(each.status == "cancelled" for each in coming)
    assert any(each.date.moved_from for each in coming)
    assert any(each.left == 0 for each in coming)
    assert tags == {"en", "pl", "ar", "uk", "ti", "zh-Hant-HK"}
