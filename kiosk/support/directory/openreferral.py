"""One service as directories publish it, in any of the dialects of Open Referral that are about.

Open Referral UK 3.0 and HSDS 3 have nearly the same names; feeds of version 1 have others for the same
things, and real feeds mix them. An empty text is something that was not said. What is wrong with a service
is a remark; only without an id or a name can it not be taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from kiosk.spelling import clean
from kiosk.support.directory.facts import facts, locations
from kiosk.support.directory.records import STATUSES
from kiosk.support.directory.remarks import REASONS, Refused
from kiosk.support.directory.texts import cut, email_address, safe_html, web_address
from kiosk.support.directory.values import MOST_PARTS, dicts, line

LONGEST_RAW = 400_000
"""Letters of one service as it came that are kept."""
DEEPEST = 30
LONGEST_WORD, MOST_WORDS = 100, 60
MOST_PLACES = 5

_OF_OTHERS = {
    *(
        "website",
        "organization_identifiers",
        "location_type",
        "taxonomy",
        "taxonomy_terms",
        "term",
        "version",
    ),
}
"""Keys of the other objects of Open Referral. A service has none of them, and a status."""
_BARE_ADDRESS = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Runner:
    """An organisation as it came; `id` is empty when it has none."""

    id: str
    name: str
    text: str
    url: str
    email: str


@dataclass(frozen=True)
class Coming:
    """A service as it came, cleaned: `text` is safe HTML, `raw` all of it as JSON, `words` in small letters.

    `facts` holds only those of `records.FACTS` that its directory says.
    """

    id: str
    name: str
    text: str
    url: str
    email: str
    phone: str
    address: str
    status: str
    organisation: Runner | None
    words: tuple[str, ...]
    raw: str
    facts: dict[str, Any] = field(default_factory=dict)


def read(raw: object, as_it_came: object = None) -> tuple[Coming, list[str]]:
    """The service in `raw`, and the reasons of what was strange about it. Raises `Refused`.

    `as_it_came` is what to keep of it, when that is not `raw` itself: the row of a table.
    """
    if not isinstance(raw, Mapping):
        raise Refused("not-a-service", text=str(raw)[:60])
    kept = _as_json(raw if as_it_came is None else as_it_came)
    came_id, name = line(raw.get("id")), line(raw.get("name"))
    if not came_id:
        raise Refused("no-id")
    if len(came_id) > 200:
        raise Refused("long-id")
    if not name:
        raise Refused("no-name")
    if "status" not in raw and _OF_OTHERS & raw.keys():
        raise Refused("another-thing")
    strange: list[str] = []
    text = _long_text(raw.get("description"), strange)
    coming = Coming(
        id=came_id,
        name=name,
        text=text,
        url=_web(raw.get("url"), strange),
        email=_email(raw.get("email"), strange),
        phone=_phone(raw),
        address="\n".join(_addresses(raw)),
        status=_status(raw, strange),
        organisation=_runner(raw, strange),
        words=_words(raw),
        raw=kept,
        facts=facts(raw, strange),
    )
    return coming, strange


def _as_json(raw: object) -> str:
    level: list[object] = [raw]
    for _depth in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    if level:
        raise Refused("too-deep", most=DEEPEST)
    text = json.dumps(raw, ensure_ascii=True, default=str)
    if len(text) > LONGEST_RAW:
        raise Refused("too-long", most=LONGEST_RAW)
    return text


# Texts and addresses ----------------------------------------------------------------------------------------


def _long_text(value: object, strange: list[str]) -> str:
    if not isinstance(value, str):
        return ""
    text, is_cut = cut(value)
    if is_cut:
        strange.append(str(Refused("text-cut", most=len(text))))
    return text


def _web(value: object, strange: list[str]) -> str:
    text = line(value)
    if _BARE_ADDRESS.fullmatch(text):  # many write it as people say it
        text = f"https://{text}"
    address = web_address(text)
    if text and not address:
        strange.append(str(Refused("bad-address", text=text[:80])))
    return address


def _email(value: object, strange: list[str]) -> str:
    text = line(value).removeprefix("mailto:")
    address = email_address(text)
    if text and not address:
        strange.append(str(Refused("bad-email", text=text[:80])))
    return address


def _phone(raw: Mapping[str, Any]) -> str:
    """The first telephone number of the service or its contacts; no names come with it."""
    holders = [raw, *dicts(raw.get("contacts"))]
    for holder in holders:
        for phone in dicts(holder.get("phones")):
            number = clean(line(phone.get("number")).replace('"', ""))
            if number and len(number) <= 40:
                return number
    return ""


def _addresses(raw: Mapping[str, Any]) -> Iterator[str]:
    """Where the service is, one place a line."""
    every = (
        (place, address)
        for place in locations(raw)
        for address in dicts(place.get("addresses")) or dicts(place.get("physical_addresses")) or [{}]
    )
    found: list[str] = []
    for place, address in islice(every, MOST_PARTS):
        parts = [line(place.get("name"))]
        parts += [
            line(address.get(key))
            for key in ("address_1", "address_2", "city", "region", "state_province", "postal_code")
        ]
        joined = ", ".join(dict.fromkeys(part for part in parts if part))[:300]
        if joined and joined not in found:
            found.append(joined)
    yield from found[:MOST_PLACES]


# What it is and who runs it ---------------------------------------------------------------------------------


def _status(raw: Mapping[str, Any], strange: list[str]) -> str:
    said = line(raw.get("status")).casefold()
    if not said:
        strange.append(REASONS["no-status"])
    elif said not in STATUSES:
        strange.append(str(Refused("bad-status", text=said[:60])))
    return said if said in STATUSES else "active"


def _runner(raw: Mapping[str, Any], strange: list[str]) -> Runner | None:
    came = next(iter(dicts(raw.get("organization")) or dicts(raw.get("organisation"))), None)
    name = line(came.get("name")) if came else line(raw.get("organization") or raw.get("organisation"))
    if not name:
        strange.append(REASONS["no-organisation"])
        return None
    if came is None:
        return Runner("", name, "", "", "")
    return Runner(
        id=line(came.get("id"))[:200],
        name=name,
        text=_runner_text(came.get("description")),
        url=_web(came.get("website") or came.get("url"), []),
        email=_email(came.get("email"), []),
    )


@lru_cache(maxsize=2000)
def _safe(text: str) -> str:
    return safe_html(text)


def _runner_text(value: object) -> str:
    """The same organisation comes with each of its services: its text is cleaned once."""
    return _safe(value) if isinstance(value, str) else ""


def _words(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """What the directory files the service under: terms of its taxonomies and its audience."""
    said: list[object] = [raw.get("deliverable_type")]
    for attribute in dicts(raw.get("attributes")):
        term = attribute.get("taxonomy_term")
        said += [each.get("name") or each.get("term") for each in dicts(term)]
    for taxonomy in dicts(raw.get("service_taxonomys")):
        said += [each.get("name") for each in dicts(taxonomy.get("taxonomy"))]
    said += [each.get("audienceType") for each in dicts(raw.get("pc_targetAudience"))]
    said += [each.get("eligibility") for each in dicts(raw.get("eligibilitys"))]
    words = (word_of(each) for each in said)
    return tuple(sorted(dict.fromkeys(filter(None, words))))[:MOST_WORDS]


def word_of(value: object) -> str:
    """A word of a directory in one spelling."""
    return line(value).casefold()[:LONGEST_WORD].strip()
