"""Services out of tables: one sheet with a row for each, or the many tables of Open Referral.

Either becomes the nested form that `openreferral` reads, so that a service is judged the same way wherever
it came from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kiosk.support.directory.sheets import Rows, is_filled
from kiosk.support.directory.texts import one_line
from kiosk.support.directory.values import yes_or_no

Entry = dict[str, Any]

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("service name", "name", "title", "service", "name of service", "activity"),
    "text": ("description", "service description", "about", "details", "summary", "what"),
    "organisation": (
        *("organisation", "organization", "organisation name", "organization name"),
        *("provider", "run by", "agency", "charity"),
    ),
    "id": ("import id", "service id", "id", "uid", "reference", "ref"),
    "url": ("url", "website", "web address", "web", "link"),
    "email": ("email", "e mail", "email address", "contact email"),
    "phone": ("phone", "telephone", "phone number", "tel", "contact phone", "contact number"),
    "place": ("location name", "venue", "place", "location"),
    "address": ("address", "location address 1", "address 1", "street"),
    "town": ("location city", "city", "town"),
    "postcode": ("location postcode", "postcode", "post code", "postal code"),
    "min_age": ("min age", "minimum age", "age from", "from age"),
    "max_age": ("max age", "maximum age", "age to", "to age"),
    "free": ("free", "is it free", "free of charge"),
    "fee": ("fees", "fee", "cost", "costs", "price", "charge", "charges"),
    "languages": ("languages", "languages spoken", "language", "spoken languages"),
    "districts": ("districts", "postcode districts", "areas", "area", "area covered"),
    "words": ("service taxonomies", "categories", "category", "topics", "topic", "tags", "keywords"),
    "audience": ("suitabilities", "audience", "who for", "for whom", "who is it for"),
    "status": ("status",),
}
"""What a column may be, each with the headings that mean it, the surest first."""
NEEDED = ("name",)
_OUTPOST = {
    "parent": "import id reference",
    "closed": "temporarily closed",
    "contact_visible": "contact visible",
    "location_visible": "location visible",
    "masked": "mask exact address",
    "cost_option": "cost option",
    "cost_amount": "cost amount",
    "cost_type": "cost type",
}
"""Columns of the template of the Outpost directory: they mean this only under these headings."""
NO_PARENT = "The row belongs to a service that is not in the file: %s"
NO_NAME = "The row has no name."
ROWS_BEFORE_HEADER = 15


@dataclass(frozen=True)
class Table:
    """Which column of a sheet is what: `mapping` is field → heading; `missing` are fields of `NEEDED`."""

    headings: tuple[str, ...]
    mapping: dict[str, str]
    missing: tuple[str, ...]


@dataclass
class Found:
    """Services in the nested form: where each stands, the service, and its rows as they came."""

    table: Table | None = None
    entries: list[tuple[str, Entry, object]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0


# One sheet --------------------------------------------------------------------------------------------------


def from_sheets(sheets: Iterable[Rows], mapping: Mapping[str, str] | None = None) -> Found:
    """The services of the sheet that looks most like a table of them.

    `mapping` (a key of `COLUMNS` → a heading) is used instead of guessing, as far as the sheet has it.
    """
    choices = [(_header(rows, mapping), rows) for rows in sheets]
    (_named, place), rows = max(choices, key=lambda each: (*each[0], len(each[1])), default=((0, -1), []))
    if place < 0:
        return Found()
    headings = tuple(one_line(_text(cell)) for cell in rows[place][1])
    chosen = _guess(headings) if mapping is None else _given(headings, mapping)
    missing = tuple(each for each in NEEDED if each not in chosen)
    named = {name: headings[column] for name, column in chosen.items()}
    found = Found(Table(headings, named, missing), rows=len(rows) - place - 1)
    if not missing:
        chosen |= _outpost(headings)
        _services(rows[place + 1 :], chosen, headings, found)
    return found


def _services(rows: Rows, chosen: Mapping[str, int], headings: Sequence[str], found: Found) -> None:
    """Each row is a service, or tells more of the one that it names as its parent."""
    by_id: dict[str, tuple[str, Entry, list[dict[str, str]]]] = {}
    made: list[tuple[str, Entry, list[dict[str, str]]]] = []
    children: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
    for number, cells in rows:
        said = {name: _text(cells[column]) for name, column in chosen.items() if column < len(cells)}
        said = {name: text for name, text in said.items() if text}
        came = {
            heading or str(column + 1): _text(cell)
            for column, (heading, cell) in enumerate(zip(headings, cells, strict=False))
            if is_filled(cell)
        }
        where = f"row {number}: {said['name'][:80]}" if "name" in said else f"row {number}"
        if "parent" in said:
            children.append((where, said["parent"], said, came))
        elif "name" not in said:
            found.refused.append((where, NO_NAME))
        else:
            said.setdefault("id", "|".join((said["name"], said.get("organisation", ""))).casefold()[:200])
            made.append((where, _service(said), [came]))
            by_id.setdefault(said["id"], made[-1])
    for where, parent, said, came in children:
        if parent not in by_id:
            found.refused.append((where, NO_PARENT % parent[:60]))
            continue
        _where, service, kept = by_id[parent]
        _add(service, said)
        kept.append(came)
    found.entries = [(where, service, kept[0] if len(kept) == 1 else kept) for where, service, kept in made]


def _service(said: Mapping[str, str]) -> Entry:
    status = "temporarily closed" if yes_or_no(said.get("closed")) else said.get("status", "active")
    service: Entry = {
        "id": said["id"],
        "name": said["name"],
        "description": said.get("text"),
        "url": said.get("url"),
        "status": status,
        "organisation": said.get("organisation"),
        "minimum_age": said.get("min_age"),
        "maximum_age": said.get("max_age"),
        "free": said.get("free"),
        "fees": said.get("fee"),
        "languages": [{"name": name} for name in _several(said.get("languages", ""))],
        "service_areas": [{"name": said.get("districts")}],
        "attributes": [
            {"taxonomy_term": {"name": word}}
            for word in (*_several(said.get("words", "")), *_several(said.get("audience", "")))
        ],
    }
    _add(service, said)
    return service


def _add(service: Entry, said: Mapping[str, str]) -> None:
    """What a row tells of contact, place and cost; a service may have several of each."""
    if yes_or_no(said.get("contact_visible")) is not False:
        if said.get("phone"):
            service.setdefault("phones", []).append({"number": said["phone"]})
        if said.get("email") and not service.get("email"):
            service["email"] = said["email"]
    shown = yes_or_no(said.get("location_visible")) is not False and not yes_or_no(said.get("masked"))
    if shown and any(said.get(name) for name in ("place", "address", "town", "postcode")):
        address = {
            "address_1": said.get("address"),
            "city": said.get("town"),
            "postal_code": said.get("postcode"),
        }
        location = {"name": said.get("place"), "addresses": [address]}
        service.setdefault("locations", []).append(location)
    if said.get("cost_option") or said.get("cost_amount"):
        service.setdefault("cost_options", []).append(
            {
                "option": said.get("cost_option"),
                "amount": said.get("cost_amount"),
                "amount_description": said.get("cost_type"),
            }
        )


def _several(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;,\n|]", text) if part.strip()]


def _key(heading: object) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", str(heading or "").casefold()).split())


def _header(rows: Rows, mapping: Mapping[str, str] | None) -> tuple[int, int]:
    """How many columns the best heading row names, and which row it is; titles may stand above it."""
    best = (0, -1)
    for place, (_number, cells) in enumerate(rows[:ROWS_BEFORE_HEADER]):
        named = len(_guess(cells) if mapping is None else _given(cells, mapping))
        several = sum(map(is_filled, cells)) >= 2
        if several and (named, best[1] < 0) > (best[0], False):
            best = (named, place)
    return best


def _guess(headings: Iterable[object]) -> dict[str, int]:
    """Field → column, by the surest heading; a column means one thing."""
    keys = [_key(each) for each in headings]
    chosen: dict[str, int] = {}
    for name, known in COLUMNS.items():
        column = next((keys.index(each) for each in known if each in keys), None)
        if column is not None and column not in chosen.values():
            chosen[name] = column
    return chosen


def _given(headings: Iterable[object], mapping: Mapping[str, str]) -> dict[str, int]:
    keys = [_key(each) for each in headings]
    return {
        name: keys.index(_key(each))
        for name, each in mapping.items()
        if name in COLUMNS and _key(each) in keys
    }


def _outpost(headings: Iterable[object]) -> dict[str, int]:
    keys = [_key(each) for each in headings]
    if _OUTPOST["parent"] not in keys:
        return {}
    return {name: keys.index(heading) for name, heading in _OUTPOST.items() if heading in keys}


def _text(cell: object) -> str:
    """A cell as text; of a whole number without the point that spreadsheets give it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""


# Many tables ------------------------------------------------------------------------------------------------

_NAMES = {
    "service": "services",
    "organization": "organizations",
    "organisations": "organizations",
    "location": "locations",
    "address": "addresses",
    "physical_addresses": "addresses",
    "phone": "phones",
    "contact": "contacts",
    "schedule": "schedules",
    "language": "languages",
    "cost_option": "cost_options",
    "service_area": "service_areas",
    "service_at_locations": "service_at_location",
    "attributes": "attribute",
    "taxonomy_term": "taxonomy_terms",
}
"""The tables of Open Referral have changed their names; these are what they are called here."""


def is_open_referral(names: Iterable[str]) -> bool:
    return "services" in {_NAMES.get(name, name) for name in names}


def from_tables(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Found:
    """The services of Open Referral's tables, each with the rows of other tables that belong to it.

    `tables` has rows (column → cell) by the name of the file without its ending, in small letters.
    """
    rows: dict[str, dict[str, Entry]] = defaultdict(dict)
    for name, each in tables.items():
        table = rows[_NAMES.get(name, name)]
        for number, row in enumerate(each, 2):
            filled = {str(key): cell for key, cell in row.items() if is_filled(cell)}
            table.setdefault(str(filled.get("id") or f"row {number}"), {"": number} | filled)
    of = _Belonging(rows)
    found = Found(rows=len(rows["services"]))
    for row in rows["services"].values():
        where = f"services, row {row['']}: {one_line(str(row.get('name', '')))[:80]}".removesuffix(": ")
        service = _without_number(row)
        if organisation := rows["organizations"].get(str(row.get("organization_id", ""))):
            service["organization"] = _without_number(organisation)
        service |= of.service(str(row.get("id", "")))
        found.entries.append((where, service, None))
    return found


class _Belonging:
    """Rows of other tables by what they belong to."""

    def __init__(self, rows: Mapping[str, Mapping[str, Entry]]) -> None:
        self.rows = rows
        self.by: dict[tuple[str, str], dict[str, list[Entry]]] = {}
        for table, column in (
            *((name, "service_id") for name in ("schedules", "service_areas", "languages", "cost_options")),
            *(("contacts", "service_id"), ("phones", "service_id"), ("phones", "contact_id")),
            *(("service_at_location", "service_id"), ("addresses", "location_id"), ("attribute", "link_id")),
        ):
            self.by[table, column] = defaultdict(list)
            for row in rows.get(table, {}).values():
                self.by[table, column][str(row.get(column, ""))].append(_without_number(row))

    def of(self, table: str, column: str, owner: str) -> list[Entry]:
        return self.by[table, column].get(owner, []) if owner else []

    def service(self, service_id: str) -> Entry:
        return {
            **{
                name: self.of(name, "service_id", service_id)
                for name in ("schedules", "service_areas", "languages", "cost_options", "phones")
            },
            "contacts": [
                each | {"phones": self.of("phones", "contact_id", str(each.get("id", "")))}
                for each in self.of("contacts", "service_id", service_id)
            ],
            "service_at_locations": list(self._places(service_id)),
            "attributes": [
                each | {"taxonomy_term": _without_number(term)}
                for each in self.of("attribute", "link_id", service_id)
                if (term := self.rows.get("taxonomy_terms", {}).get(str(each.get("taxonomy_term_id", ""))))
            ],
        }

    def _places(self, service_id: str) -> Iterator[Entry]:
        for each in self.of("service_at_location", "service_id", service_id):
            place = self.rows.get("locations", {}).get(str(each.get("location_id", "")))
            if place is not None:
                addresses = self.of("addresses", "location_id", str(place.get("id", "")))
                yield each | {"location": _without_number(place) | {"addresses": addresses}}


def _without_number(row: Entry) -> Entry:
    return {key: cell for key, cell in row.items() if key}
