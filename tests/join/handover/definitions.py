"""What the other systems say of themselves: definitions collected from their projects, and members to try."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from jsonschema import Draft4Validator, FormatChecker

from kiosk.join.answers import Answers
from kiosk.join.handover import Member
from kiosk.settings import Settings

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "joining"

SETTINGS = Settings(
    koha_library="CPL",
    koha_category="ADULT",
    koha_child_category="CHILD",
    koha_languages=("pl=pl-PL", "ar = ar-Arab"),
    evergreen_library=104,
)
AMINA = Answers(
    first_name="Amina",
    family_name="O'Brien",
    born="1990-03-27",
    contact="text",
    phone="+447700900982",
    email="amina@example.org",
    address="12 Quay Road",
    postcode="IP1 1AA",
    needs=("large-print", "step-free"),
    card="D0012345",
)
PEOPLE = {
    "who said everything": AMINA,
    "with one name": Answers("Sukarno", age_band="60-up", home="no-fixed", card="D2"),
    "who knows the year": Answers("Oleh", "Kovalenko", born="1958", card="D3"),
    "a child": Answers("Zoë", "Nowak", born="2017-05", email="mum@example.org", card="D4"),
    "from abroad": Answers(
        "أمينة", "حسن", contact="call", phone="+48601234567", email="a@b.pl", postcode="IP2 8SD", card="D5"
    ),
    "without letters": Answers("陳", "大文", age_band="under-16", contact="email", email="c@d.hk", card="D6"),
    "who plays": Answers("=1+1", "＝cmd|' /C calc'!A0", address="-1 @Road", card="D7", email="=x@y.org"),
}
"""People of every kind, by what is special about them."""


def member(answers: Answers = AMINA, *, language: str = "pl", **holds: Any) -> Member:
    return Member(
        join_id="0123456789abcdef0123456789abcdef", reference="K7M2QX9PDA", answers=answers,
        branch="Central Library", language=language, finished_on=date(2026, 3, 9),
        settings=replace(SETTINGS, **holds), note="Contact: Ring me.",
    )  # fmt: skip


def _text(name: str) -> str:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"The collected definition {name} is not there: it lies beside this repository.")
    return path.read_text(encoding="utf-8")


def koha() -> dict[str, Any]:
    """Koha's OpenAPI definition of patrons."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    defined: dict[str, Any] = yaml.load(_text("koha/koha-patrons-openapi.yml"), loader)  # noqa: S506 - a safe one
    return defined


def koha_schema(defined: dict[str, Any], name: str) -> Draft4Validator:
    """What checks one schema of it; it says "null" as JSON Schema does, not as OpenAPI 3.0."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": defined["components"]}
    return Draft4Validator(schema, format_checker=FormatChecker())


def folio(name: str) -> Draft4Validator:
    return Draft4Validator(json.loads(_text(f"folio/{name}")), format_checker=FormatChecker())


def evergreen() -> dict[str, dict[str, tuple[str, bool]]]:
    """Evergreen's IDL: class → field → its type, and whether it is needed."""
    needed = "{y}required"
    kind = "{z}datatype"
    tree = ElementTree.fromstring(_text("evergreen/staged_user_idl_excerpt.xml"))  # noqa: S314 - a file of ours
    return {
        each.attrib["id"]: {
            field.attrib["name"]: (field.attrib[kind], field.attrib.get(needed) == "true")
            for field in each.iter("field")
        }
        for each in tree.iter("class")
    }
