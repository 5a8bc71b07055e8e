"""The log of who did what, for managers to read."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from kiosk import audit
from kiosk.configuration import store
from kiosk.people import Role, staff_only
from kiosk.staff.pages import pages

A_PAGE = 50


@pages.get("/audit")
@staff_only(Role.MANAGER)
def audit_log() -> Any:
    who = request.args.get("who", "")
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    with store().read() as db:
        people = audit.everybody(db)
        who = who if who in people else ""
        total = audit.count(db, who)
        entries = audit.entries(db, who, most=A_PAGE, skip=(page - 1) * A_PAGE)
    last = max(1, -(-total // A_PAGE))
    return render_template(
        "staff/audit.html", entries=entries, people=people, who=who, page=page, last=last, total=total
    )
