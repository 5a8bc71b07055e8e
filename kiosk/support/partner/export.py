"""A referral as a file: a line of a table, or JSON for a program. `docs/referrals.md` says what is in it.

Codes stand in both, as they are kept, beside the English words: a program reads the one, people the other.
"""

from __future__ import annotations

from typing import Any

from kiosk import languages, references
from kiosk.support.partner.words import LABELS
from kiosk.support.referrals.partner_side import Opened
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.story import ITEM, english, original

VERSION = "1"
"""Of the shape of the JSON. It changes when something in it changes its meaning or goes."""
_FACTS = (
    "code", "service", "state", "why", "language", "filled_by", "created_at", "due_at", "seen_at",
    "answered_at", "accepted_at", "contacted_at", "over_at",
)  # fmt: skip
COLUMNS = (*_FACTS, *(item.replace("-", "_") for item in ITEM))


def row(opened: Opened) -> dict[str, str]:
    """One line, as it holds now; what is no longer kept, or was not shared, is empty.

    Lines of one item are joined by `; `.
    """
    told = opened.told or {}
    return {
        **_facts(opened.handover),
        **{
            item.replace("-", "_"): "; ".join(english(item, told[item])) if item in told else ""
            for item in ITEM
        },
    }


def document(opened: Opened, language: languages.Language) -> dict[str, Any]:
    """One referral with its consent, what happened and what was added, as JSON.

    The story is as it holds now. A way to reach the person that holds no more stands nowhere: somebody would
    ring it.
    """
    consent = opened.consent
    ways = [each for each in opened.notes if each.kind == "reach"]
    return {
        "version": VERSION,
        **_facts(opened.handover),
        "consent": {
            "controller": consent.controller,
            "recipient": consent.recipient,
            "at": consent.at,
            "withdrawn_at": consent.withdrawn_at,
            "items": list(consent.items),
            "language": consent.language,
            "wording": consent.wording,
            "wording_version": consent.version,
            "wording_sha256": consent.wording_hash,
            "method": consent.method,
            "filled_by": consent.filled_by,
            "agreed_by": consent.agreed_by,
        },
        "story": {
            item: {
                "label": str(LABELS[item]),
                "value": value,
                "english": english(item, value),
                "original": original(item, value, language),
            }
            for item, value in (opened.told or {}).items()
        },
        "added": [
            {"kind": each.kind, "at": each.at, "said": each.said}
            for each in opened.notes
            if each not in ways[:-1]
        ],
        "steps": [{"at": each.at, "what": each.what, "why": each.why} for each in opened.steps],
    }


def _facts(one: Handover) -> dict[str, str]:
    return {
        "code": references.shown(one.reference),
        **{name: str(getattr(one, name)) for name in _FACTS if name != "code"},
    }
