"""Asks axe-core what people with a screen reader, weak sight or unsteady hands would stumble over."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

ENABLED = ("target-size", "color-contrast-enhanced")
"""Rules that axe leaves off unless it is asked: the size of targets, and contrast of 7:1."""


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def assert_axe(page: Page, within: str | None = None) -> None:
    """axe finds nothing on the page, or on the part of it that the CSS selector `within` names."""
    # Through the debugger, not as a <script>: the page's own policy lets no script in that is not its own.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(
        "([within, options]) => axe.run(within || document, options).then((found) => found.violations)",
        [
            within,
            {
                "runOnly": {"type": "tag", "values": list(TAGS)},
                "rules": {rule: {"enabled": True} for rule in ENABLED},
                "resultTypes": ["violations"],
            },
        ],
    )
    faults = [
        f"{rule['id']}: {rule['help']}\n    {' '.join(map(str, node['target']))}: "
        + " ".join((node.get("failureSummary") or "").split())
        for rule in found
        for node in rule["nodes"]
    ]
    if faults:
        raise AssertionError(f"axe on {page.url}: {len(faults)} found\n  " + "\n  ".join(faults))
