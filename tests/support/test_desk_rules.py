"""Staff can read by which rules a service is shown to somebody."""

from __future__ import annotations

import pytest

from kiosk.support.desk_rules import QUESTION_NAMES, VERDICT_NAMES
from kiosk.support.rules import RULES
from tests.staff.conftest import Library

pytestmark = pytest.mark.patient


def test_staff_read_every_rule_as_it_is_applied(library: Library) -> None:
    browser = library.browser("manager")
    assert browser.get("/staff/support/rules").status_code == 200
    shown = [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]
        for row in browser.page.select("tbody tr")
    ]
    assert shown == [[rule.service, rule.person, str(VERDICT_NAMES[rule.verdict])] for rule in RULES]
    headings = [cell.get_text(strip=True) for cell in browser.page.select("tbody th")]
    assert headings == [str(name) for name in QUESTION_NAMES.values()]
