"""The branches: where they are, when they open, when they stay shut, who is near, and their screens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError

from kiosk import branches
from kiosk.branches import Branch, NameTaken, NotHours, Period
from kiosk.branches.files import LONGEST_ADDRESS
from kiosk.branches.periods import Fault, read
from kiosk.branches.records import LONGEST_CLOSURE
from kiosk.configuration import store
from kiosk.forms import PhoneField, PostcodeField, TextField, clean, shown_phone
from kiosk.languages import _, _l, _lp
from kiosk.people import Role, note, staff_only
from kiosk.staff.pages import pages
from kiosk.store import NotThere, Writing

for_setters = staff_only(Role.MANAGER, Role.ADMINISTRATOR)

A_PAGE = 20
AHEAD = timedelta(days=3 * 366)
"""How far ahead a closure may be; what is further is a slip of the finger in the year."""

DAYS = {
    1: _lp("day", "Monday"),
    2: _lp("day", "Tuesday"),
    3: _lp("day", "Wednesday"),
    4: _lp("day", "Thursday"),
    5: _lp("day", "Friday"),
    6: _lp("day", "Saturday"),
    7: _lp("day", "Sunday"),
}
NOT_HOURS = {
    Fault.NOT_TIMES: _l("Write times like 09:00-13:00, 14:00-17:00."),
    Fault.BACKWARDS: _l("The branch must open before it closes. Write 1 pm as 13:00."),
    Fault.OVERLAP: _l("Two of these times overlap. Write them as one."),
}
SAID = {
    "address": _l("Address and phone are saved."),
    "hours": _l("The opening hours are saved."),
    "closed": _l("The branch stays closed on these days."),
    "opened": _l("The branch is open on these days."),
    "neighbours": _l("The neighbours are saved."),
    "screens": _l("The screens are saved."),
}


class _MayBeEmpty(TextField):
    """A line that staff may leave empty."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class _Address(_MayBeEmpty):
    longest = LONGEST_ADDRESS


class _MaybePostcode(_MayBeEmpty, PostcodeField):
    pass


class _MaybePhone(_MayBeEmpty, PhoneField):
    pass


class _Hours(StringField):  # type: ignore[misc]
    """A day's times of opening; what was understood of it is in `periods`."""

    periods: tuple[Period, ...] = ()

    def __init__(self, label: Any, *, staffed: bool, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.staffed = staffed

    def pre_validate(self, form: Any) -> None:
        try:
            self.periods = read(clean(self.data or ""), staffed=self.staffed)
        except NotHours as wrong:
            raise StopValidation(NOT_HOURS[wrong.fault]) from None


class _Day(DateField):  # type: ignore[misc]
    """A day as the browser's calendar writes it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([text for text in valuelist if text.strip()])
        except ValueError:
            raise ValueError(_("Write the day like 2026-12-24.")) from None


class Address(FlaskForm):  # type: ignore[misc]
    address = _Address(_l("Address"))
    postcode = _MaybePostcode(_l("Postcode"), missing=_l("Write a postcode, like IP1 1AA."))
    phone = _MaybePhone(_l("Phone"), missing=_l("Write a phone number, like 01632 960001."))


class Hours(FlaskForm):  # type: ignore[misc]
    """The week: a field for the times with staff and one for those without, on each day."""

    @property
    def with_staff(self) -> list[Any]:
        return [self[f"staffed_{number}"] for number in DAYS]

    @property
    def without_staff(self) -> list[Any]:
        return [self[f"unstaffed_{number}"] for number in DAYS]

    @property
    def week(self) -> dict[int, tuple[Period, ...]]:
        days = zip(DAYS, self.with_staff, self.without_staff, strict=True)
        return {
            number: (*staffed.periods, *unstaffed.periods)
            for number, staffed, unstaffed in days
            if staffed.periods or unstaffed.periods
        }


for _number, _name in DAYS.items():
    setattr(Hours, f"staffed_{_number}", _Hours(_name, staffed=True))
    setattr(Hours, f"unstaffed_{_number}", _Hours(_name, staffed=False))


class Closing(FlaskForm):  # type: ignore[misc]
    """Days on which the branch stays shut. The last day may be left empty: then it is one day."""

    first = _Day(_l("First day closed"))
    last = _Day(_l("Last day closed"))
    reason = _MayBeEmpty(_l("Reason"))

    def __init__(self, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = today

    def validate_first(self, field: Any) -> None:
        if field.data is None:
            raise ValidationError(_("Choose the day."))
        if field.data < self.today:
            raise ValidationError(_("This day is over. Choose another."))
        if field.data > self.today + AHEAD:
            raise ValidationError(_("This day is too far away. Check the year."))

    def validate_last(self, field: Any) -> None:
        if field.data and self.first.data:
            if field.data < self.first.data:
                raise ValidationError(_("The last day is before the first. Change one of them."))
            if (field.data - self.first.data).days >= LONGEST_CLOSURE:
                raise ValidationError(_("This is longer than a year. Choose an earlier day."))


class Opening(FlaskForm):  # type: ignore[misc]
    """The days of a closure that is taken back."""

    first = _Day()
    last = _Day()


class NewNeighbour(FlaskForm):  # type: ignore[misc]
    neighbour = SelectField(_l("Add a branch"), validate_choice=False)

    def validate_neighbour(self, field: Any) -> None:
        if not field.data or field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a branch."))


class NameOfScreen(FlaskForm):  # type: ignore[misc]
    screen = TextField(
        _l("Name of the screen"), missing=_l("Write where the screen stands, like By the door.")
    )


# Looking ----------------------------------------------------------------------------------------------------


@pages.get("/branches")
@for_setters
def every_branch() -> Any:
    name = clean(request.args.get("name", "")[:200])
    with store().read() as db:
        found = [each for each in branches.every(db) if name.casefold() in each.name.casefold()]
        last = max(1, -(-len(found) // A_PAGE))
        page = max(1, min(request.args.get("page", 1, type=int), last))
        listed = found[(page - 1) * A_PAGE : page * A_PAGE]
        today = {each.id: branches.hours(db, each.id, each.now().date()) for each in listed}
        screens = Counter(screen.branch_id for screen in branches.screens(db))
    return render_template(
        "staff/branches.html", branches=listed, today=today, screens=screens, name=name,
        page=page, last=last, total=len(found), times=branches.spans,
    )  # fmt: skip


@pages.get("/branches/<branch_id>")
@for_setters
def branch(branch_id: str) -> Any:
    return _page(branch_id, said=SAID.get(request.args.get("said", "")))


# Where it is, and when it opens -----------------------------------------------------------------------------


@pages.get("/branches/<branch_id>/address")
@for_setters
def edit_address(branch_id: str) -> Any:
    found = _find(branch_id)
    form = Address(
        data={"address": found.address, "postcode": found.postcode, "phone": shown_phone(found.phone)}
    )
    return render_template("staff/branch_address.html", branch=found, form=form)


@pages.post("/branches/<branch_id>/address")
@for_setters
def save_address(branch_id: str) -> Any:
    found, form = _find(branch_id), Address()
    if not form.validate_on_submit():
        return render_template("staff/branch_address.html", branch=found, form=form), 422
    with store().write() as db:
        new = replace(
            branches.find(db, branch_id),
            address=form.address.data or "",
            postcode=form.postcode.data or "",
            phone=form.phone.data or "",
        )
        if branches.change_branch(db, new):
            note(db, "branch changed", "branch", branch_id)
    return _back(branch_id, "address", "about")


@pages.get("/branches/<branch_id>/hours")
@for_setters
def edit_hours(branch_id: str) -> Any:
    with store().read() as db:
        found, week = branches.find(db, branch_id), branches.week(db, branch_id)
    written = {}
    for number in DAYS:
        periods = week.get(number, ())
        written[f"staffed_{number}"] = branches.written(each for each in periods if each.staffed)
        written[f"unstaffed_{number}"] = branches.written(each for each in periods if not each.staffed)
    return render_template("staff/branch_hours.html", branch=found, form=Hours(data=written))


@pages.post("/branches/<branch_id>/hours")
@for_setters
def save_hours(branch_id: str) -> Any:
    found, form = _find(branch_id), Hours()
    if not form.validate_on_submit():
        return render_template("staff/branch_hours.html", branch=found, form=form), 422
    with store().write() as db:
        if branches.set_week(db, branch_id, form.week):
            note(db, "hours changed", "branch", branch_id)
    return _back(branch_id, "hours", "hours")


# Closures ---------------------------------------------------------------------------------------------------


@pages.post("/branches/<branch_id>/closures")
@for_setters
def close_branch(branch_id: str) -> Any:
    form = Closing(_find(branch_id).now().date())
    if not form.validate_on_submit():
        return _page(branch_id, closing=form), 422
    first, last = form.first.data, form.last.data or form.first.data
    with store().write() as db:
        if branches.close(db, branch_id, first, last, form.reason.data or ""):
            note(db, "closure added", "branch", branch_id)
    return _back(branch_id, "closed", "closures")


@pages.post("/branches/<branch_id>/closures/remove")
@for_setters
def open_branch(branch_id: str) -> Any:
    form = Opening()
    _find(branch_id)
    if not form.validate_on_submit() or not form.first.data or not form.last.data:
        raise NotThere
    with store().write() as db:
        if branches.open_after_all(db, branch_id, form.first.data, form.last.data):
            note(db, "closure removed", "branch", branch_id)
    return _back(branch_id, "opened", "closures")


# Neighbours -------------------------------------------------------------------------------------------------


@pages.post("/branches/<branch_id>/neighbours")
@for_setters
def add_neighbour(branch_id: str) -> Any:
    form = _new_neighbour(branch_id)
    if not form.validate_on_submit():
        return _page(branch_id, new_neighbour=form), 422
    return _change_neighbours(branch_id, lambda ids: [*ids, form.neighbour.data])


@pages.post("/branches/<branch_id>/neighbours/<neighbour_id>/earlier")
@for_setters
def move_neighbour(branch_id: str, neighbour_id: str) -> Any:
    """One place up in the list; the first one stays where it is."""

    def moved(ids: list[str]) -> list[str]:
        place = max(0, ids.index(neighbour_id) - 1)
        others = [each for each in ids if each != neighbour_id]
        return [*others[:place], neighbour_id, *others[place:]]

    return _change_neighbours(branch_id, moved, neighbour_id)


@pages.post("/branches/<branch_id>/neighbours/<neighbour_id>/remove")
@for_setters
def remove_neighbour(branch_id: str, neighbour_id: str) -> Any:
    return _change_neighbours(
        branch_id, lambda ids: [each for each in ids if each != neighbour_id], neighbour_id
    )


def _change_neighbours(branch_id: str, change: Callable[[list[str]], list[str]], named: str = "") -> Any:
    """Change the list as it is now, not as it was on the page. `named` must be in it."""
    with store().write() as db:
        branches.find(db, branch_id)
        before = [each.id for each in branches.neighbours(db, branch_id)]
        if named and named not in before:
            raise NotThere
        after = change(before)
        if after != before:
            branches.set_neighbours(db, branch_id, after)
            note(db, "neighbours changed", "branch", branch_id)
    return _back(branch_id, "neighbours", "neighbours")


# Screens ----------------------------------------------------------------------------------------------------


@pages.post("/branches/<branch_id>/screens")
@for_setters
def add_screen(branch_id: str) -> Any:
    form = NameOfScreen()

    def add(db: Writing) -> None:
        note(db, "screen added", "screen", branches.add_kiosk(db, branch_id, form.screen.data))

    if not _named(form, branch_id, add):
        return _page(branch_id, new_screen=form), 422
    return _back(branch_id, "screens", "screens")


@pages.get("/branches/<branch_id>/screens/<screen_id>")
@for_setters
def edit_screen(branch_id: str, screen_id: str) -> Any:
    return _screen_page(branch_id, screen_id, None)


@pages.post("/branches/<branch_id>/screens/<screen_id>")
@for_setters
def rename_screen(branch_id: str, screen_id: str) -> Any:
    form = NameOfScreen()

    def rename(db: Writing) -> None:
        if branches.rename_kiosk(db, branch_id, screen_id, form.screen.data):
            note(db, "screen renamed", "screen", screen_id)

    if not _named(form, branch_id, rename):
        return _screen_page(branch_id, screen_id, form), 422
    return _back(branch_id, "screens", "screens")


def _named(form: NameOfScreen, branch_id: str, keep: Callable[[Writing], None]) -> bool:
    """Whether the name of a screen could be kept; if not, the form says why."""
    _find(branch_id)
    if not form.validate_on_submit():
        return False
    try:
        with store().write() as db:
            keep(db)
    except NameTaken:
        form.screen.errors = [_("Another screen here has this name. Choose another.")]
        return False
    return True


def _screen_page(branch_id: str, screen_id: str, form: NameOfScreen | None) -> str:
    with store().read() as db:
        found = branches.find(db, branch_id)
        screen = next((each for each in branches.screens(db, branch_id) if each.id == screen_id), None)
    if screen is None:
        raise NotThere
    form = form or NameOfScreen(data={"screen": screen.name})
    return render_template("staff/branch_screen.html", branch=found, screen=screen, form=form)


# The page of one branch -------------------------------------------------------------------------------------


def _find(branch_id: str) -> Branch:
    with store().read() as db:
        return branches.find(db, branch_id)


def _back(branch_id: str, said: str, part: str) -> Any:
    return redirect(url_for("staff.branch", branch_id=branch_id, said=said, _anchor=part), 303)


def _new_neighbour(branch_id: str) -> NewNeighbour:
    """The form that offers every branch that is open and not yet a neighbour."""
    with store().read() as db:
        taken = {branch_id, *(each.id for each in branches.neighbours(db, branch_id))}
        free = [each for each in branches.every(db) if each.id not in taken and not each.is_closed_for_good]
    form = NewNeighbour()
    offered = [SelectChoice(each.id, each.name) for each in free]
    form.neighbour.choices = [SelectChoice("", _("Choose a branch")), *offered]
    return form


def _page(
    branch_id: str,
    *,
    said: Any = None,
    closing: Closing | None = None,
    new_neighbour: NewNeighbour | None = None,
    new_screen: NameOfScreen | None = None,
) -> str:
    with store().read() as db:
        found = branches.find(db, branch_id)
        week = branches.week(db, branch_id)
        closures = branches.closures(db, branch_id, found.now().date())
        neighbours, screens = branches.neighbours(db, branch_id), branches.screens(db, branch_id)
    return render_template(
        "staff/branch.html", branch=found, week=week, days=DAYS, closures=closures,
        neighbours=neighbours, screens=screens, said=said, shown_phone=shown_phone, written=branches.written,
        day=lambda day: str(format_date(day, "EEE d MMM y", locale="en_GB")),
        closing=closing or Closing(found.now().date(), formdata=None),
        new_neighbour=new_neighbour or _new_neighbour(branch_id),
        new_screen=new_screen or NameOfScreen(formdata=None),
    )  # fmt: skip
