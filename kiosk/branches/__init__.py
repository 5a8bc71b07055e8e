"""Branches, their hours and closures, their neighbours, and which kiosk this is."""

from flask import Flask

from kiosk.branches import commands
from kiosk.branches.periods import NotHours, Period, Week, spans, week_of, written
from kiosk.branches.places import Place, here, here_or_last, hours_today, place
from kiosk.branches.records import (
    Branch,
    Closure,
    NameTaken,
    Screen,
    add_branch,
    add_kiosk,
    change_branch,
    close,
    closures,
    every,
    find,
    holidays,
    hours,
    neighbours,
    open_after_all,
    open_on,
    rename_kiosk,
    screen,
    screens,
    set_neighbours,
    set_week,
    week,
)

__all__ = [
    "Branch",
    "Closure",
    "NameTaken",
    "NotHours",
    "Period",
    "Place",
    "Screen",
    "Week",
    "add_branch",
    "add_kiosk",
    "change_branch",
    "close",
    "closures",
    "every",
    "find",
    "here",
    "here_or_last",
    "holidays",
    "hours",
    "hours_today",
    "init_app",
    "neighbours",
    "open_after_all",
    "open_on",
    "place",
    "rename_kiosk",
    "screen",
    "screens",
    "set_neighbours",
    "set_week",
    "spans",
    "week",
    "week_of",
    "written",
]


def init_app(app: Flask) -> None:
    app.register_blueprint(commands.commands)
