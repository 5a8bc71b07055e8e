"""Times of opening, as councils and as people write them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.branches import NotHours, Period, spans, written
from kiosk.branches.periods import Fault, read


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("09:00-17:00", "09:00-17:00"),
        ("09:00-13:00,14:00-17:00", "09:00-13:00, 14:00-17:00"),
        ("14:00-17:00; 09:00-13:00", "09:00-13:00, 14:00-17:00"),
        ("9-17", "09:00-17:00"),
        ("9.30 – 13", "09:30-13:00"),
        ("9:30 to 5pm", "09:30-17:00"),
        ("9am-12pm, 1pm-5.30PM", "09:00-12:00, 13:00-17:30"),
        ("10-13,13-16", "10:00-13:00, 13:00-16:00"),
        ("12:00-23:59", "12:00-23:59"),
        ("12:00-24:00", "12:00-23:59"),
        ("20:00-00:00", "20:00-23:59"),
        ("8pm-12am", "20:00-23:59"),
        ("", ""),
        (" Closed ", ""),
    ],
)
def test_hours_are_understood_as_people_write_them(text: str, means: str) -> None:
    assert written(read(text)) == means


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("9 till late", Fault.NOT_TIMES),
        ("AM & PM (with closure)", Fault.NOT_TIMES),
        ("09:00", Fault.NOT_TIMES),
        ("09:00-17:60", Fault.NOT_TIMES),
        ("25:00-26:00", Fault.NOT_TIMES),
        ("13pm-14pm", Fault.NOT_TIMES),
        ("0am-9am", Fault.NOT_TIMES),
        ("09:00-13:00,,14:00-17:00", Fault.NOT_TIMES),
        ("09:00-10:00," * 20, Fault.NOT_TIMES),
        ("9-5", Fault.BACKWARDS),
        ("09:00-09:00", Fault.BACKWARDS),
        ("09:00-13:00, 12:00-17:00", Fault.OVERLAP),
    ],
)
def test_what_is_no_time_of_opening_is_refused_with_the_reason(text: str, fault: Fault) -> None:
    with pytest.raises(NotHours) as refused:
        read(text)
    assert refused.value.fault is fault


@given(st.text(max_size=120))
def test_any_text_is_either_hours_that_can_be_written_again_or_refused(text: str) -> None:
    try:
        periods = read(text)
    except NotHours:
        return
    assert read(written(periods)) == periods


def between(opens: str, closes: str, *, staffed: bool = True) -> Period:
    return Period(time.fromisoformat(opens), time.fromisoformat(closes), staffed)


def test_a_day_is_open_from_the_first_door_to_the_last_with_staff_or_without() -> None:
    day = [
        between("09:00", "13:00"),
        between("13:00", "20:00", staffed=False),
        between("08:00", "12:00", staffed=False),
        between("21:00", "22:00"),
    ]
    assert spans(day) == [(time(8), time(20)), (time(21), time(22))]
    assert spans([]) == []
