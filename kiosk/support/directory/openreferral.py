"""One service as directories publish it, in any of the dialects of Open Referral that are about.

Open Referral UK 3.0 and HSDS 3 have nearly the same names; feeds of version 1 have others for the same
things, and real feeds mix them. An empty text is something that was not said. What is wrong with a service
is a remark; only without an id or a name can it not be taken.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from babel import Locale

from kiosk.spelling import clean
from kiosk.support.directory.records import STATUSES
from kiosk.support.directory.texts import cut, email_address, one_line, safe_html, web_address

LONGEST_RAW = 400_000
"""Letters of one service as it came that are kept."""
DEEPEST = 30
LONGEST_WORD, MOST_WORDS = 100, 60
MOST_PLACES = 5
MOST_PARTS = 200
"""Of each list in a service so many entries are looked at."""
OLDEST = 150

REASONS = {
    "not-a-service": "This is no service: %(text)s",
    "another-thing": "This is an organisation, a place or a term of a taxonomy, and no service.",
    "no-id": "The service has no id.",
    "long-id": "The id is longer than 200 letters.",
    "no-name": "The service has no name.",
    "too-deep": "The service is nested more than %(most)s levels deep.",
    "too-long": "The service is longer than %(most)s letters.",
    "bad-email": "This is no e-mail address, and was left out: %(text)s",
    "bad-address": "This is no web address, and was left out: %(text)s",
    "bad-status": "This status is not known. The service was read as active: %(text)s",
    "no-status": "The service has no status. It was read as active.",
    "bad-age": "This is no age, and was left out: %(text)s",
    "ages-turned": "The lowest age is above the highest. Both were left out.",
    "no-organisation": "The service names no organisation.",
    "bad-language": "This language is not known, and was left out: %(text)s",
    "text-cut": "The text is longer than %(most)s letters. The rest was left out.",
}
_COME = {
    "venue": "come",
    "drop-in": "come",
    "drop in": "come",
    "in person": "come",
    "in-person": "come",
    "phone": "call",
    "telephone": "call",
    "online": "online",
    "virtual": "online",
    "home visit": "they-visit",
    "home": "they-visit",
    "appointment": "book",
    "by appointment": "book",
}
"""What directories write for how to come, in whole; what is not here stays unknown."""
_FREE = re.compile(
    r"free(?: of charge| to (?:all|everyone|access|attend))?|no (?:charge|cost|fee)s?|nil|none|£?0", re.I
)
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
_DISTRICT = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?", re.ASCII)
_BARE_ADDRESS = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Remark:
    """What was refused or is strange: where in the file, and why, for staff to read."""

    where: str
    reason: str


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


class Refused(ValueError):
    """Why a service cannot be taken: a code of `REASONS` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return REASONS[self.code] % self.values


def read(raw: object, as_it_came: object = None) -> tuple[Coming, list[str]]:
    """The service in `raw`, and the reasons of what was strange about it. Raises `Refused`.

    `as_it_came` is what to keep of it, when that is not `raw` itself: the row of a table.
    """
    if not isinstance(raw, Mapping):
        raise Refused("not-a-service", text=str(raw)[:60])
    kept = _as_json(raw if as_it_came is None else as_it_came)
    came_id, name = _line(raw.get("id")), _line(raw.get("name"))
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
        facts=_facts(raw, strange),
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


def _line(value: object) -> str:
    """A short text, or nothing if it is none; spreadsheets make numbers of ids."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return one_line(str(value))


def _long_text(value: object, strange: list[str]) -> str:
    if not isinstance(value, str):
        return ""
    text, is_cut = cut(value)
    if is_cut:
        strange.append(str(Refused("text-cut", most=len(text))))
    return text


def _web(value: object, strange: list[str]) -> str:
    text = _line(value)
    if _BARE_ADDRESS.fullmatch(text):  # many write it as people say it
        text = f"https://{text}"
    address = web_address(text)
    if text and not address:
        strange.append(str(Refused("bad-address", text=text[:80])))
    return address


def _email(value: object, strange: list[str]) -> str:
    text = _line(value).removeprefix("mailto:")
    address = email_address(text)
    if text and not address:
        strange.append(str(Refused("bad-email", text=text[:80])))
    return address


def _phone(raw: Mapping[str, Any]) -> str:
    """The first telephone number of the service or its contacts; no names come with it."""
    holders = [raw, *_dicts(raw.get("contacts"))]
    for holder in holders:
        for phone in _dicts(holder.get("phones")):
            number = clean(_line(phone.get("number")).replace('"', ""))
            if number and len(number) <= 40:
                return number
    return ""


def _addresses(raw: Mapping[str, Any]) -> Iterator[str]:
    """Where the service is, one place a line."""
    every = (
        (place, address)
        for place in _locations(raw)
        for address in _dicts(place.get("addresses")) or _dicts(place.get("physical_addresses")) or [{}]
    )
    found: list[str] = []
    for place, address in islice(every, MOST_PARTS):
        parts = [_line(place.get("name"))]
        parts += [
            _line(address.get(key))
            for key in ("address_1", "address_2", "city", "region", "state_province", "postal_code")
        ]
        line = ", ".join(dict.fromkeys(part for part in parts if part))[:300]
        if line and line not in found:
            found.append(line)
    yield from found[:MOST_PLACES]


def _locations(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    here = [each.get("location") for each in _dicts(raw.get("service_at_locations"))]
    return [*_dicts(here), *_dicts(raw.get("locations"))]


def _dicts(value: object) -> list[Mapping[str, Any]]:
    """The first objects of a list; where one object stands instead of a list, that."""
    values = value[:MOST_PARTS] if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, Mapping)]


# What it is and who runs it ---------------------------------------------------------------------------------


def _status(raw: Mapping[str, Any], strange: list[str]) -> str:
    said = _line(raw.get("status")).casefold()
    if not said:
        strange.append(REASONS["no-status"])
    elif said not in STATUSES:
        strange.append(str(Refused("bad-status", text=said[:60])))
    return said if said in STATUSES else "active"


def _runner(raw: Mapping[str, Any], strange: list[str]) -> Runner | None:
    came = next(iter(_dicts(raw.get("organization")) or _dicts(raw.get("organisation"))), None)
    name = _line(came.get("name")) if came else _line(raw.get("organization") or raw.get("organisation"))
    if not name:
        strange.append(REASONS["no-organisation"])
        return None
    if came is None:
        return Runner("", name, "", "", "")
    return Runner(
        id=_line(came.get("id"))[:200],
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
    for attribute in _dicts(raw.get("attributes")):
        term = attribute.get("taxonomy_term")
        said += [each.get("name") or each.get("term") for each in _dicts(term)]
    for taxonomy in _dicts(raw.get("service_taxonomys")):
        said += [each.get("name") for each in _dicts(taxonomy.get("taxonomy"))]
    said += [each.get("audienceType") for each in _dicts(raw.get("pc_targetAudience"))]
    said += [each.get("eligibility") for each in _dicts(raw.get("eligibilitys"))]
    words = (word_of(each) for each in said)
    return tuple(sorted(dict.fromkeys(filter(None, words))))[:MOST_WORDS]


def word_of(value: object) -> str:
    """A word of a directory in one spelling."""
    return _line(value).casefold()[:LONGEST_WORD].strip()


# Facts ------------------------------------------------------------------------------------------------------


def _facts(raw: Mapping[str, Any], strange: list[str]) -> dict[str, Any]:
    facts = {
        **_costs(raw),
        **_ages(raw, strange),
        "languages": _languages(raw, strange),
        "ways": _ways(raw),
        "districts": _districts(raw),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _costs(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Whether it is free, and the words about what it costs. Free is only what is said to be free."""
    words = _line(raw.get("fees_description")) or _line(raw.get("fees"))
    options = _dicts(raw.get("cost_options"))
    amounts = [amount for each in options if (amount := _number(each.get("amount"))) is not None]
    free: bool | None = yes_or_no(raw.get("free"))
    if free is None and _FREE.fullmatch(words.strip(" .!")):
        free = True
    if free is None and amounts:
        free = False if any(amounts) else (True if len(amounts) == len(options) else None)
    return {"free": free, "fee": words or "; ".join(filter(None, map(_cost, options)))[:300]}


def _cost(option: Mapping[str, Any]) -> str:
    amount = _number(option.get("amount"))
    pounds = "" if amount is None else (f"£{amount:.0f}" if amount == int(amount) else f"£{amount:.2f}")
    parts = [_line(option.get("option")), pounds, _line(option.get("amount_description"))]
    return " ".join(part for part in parts if part)


def yes_or_no(value: object) -> bool | None:
    """What a yes, a no or a tick in any spelling means; None for anything else."""
    if isinstance(value, bool):
        return value
    word = _line(value).casefold()
    if word in {"true", "yes", "y", "1", "x"}:
        return True
    return False if word in {"false", "no", "n", "0"} else None


def _number(value: object) -> float | None:
    try:
        number = float(_line(value).removeprefix("£").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number < 1e6 else None


def _ages(raw: Mapping[str, Any], strange: list[str]) -> dict[str, int | None]:
    groups = _dicts(raw.get("eligibilitys"))
    least = [raw.get("minimum_age"), *(each.get("minimum_age") for each in groups)]
    most = [raw.get("maximum_age"), *(each.get("maximum_age") for each in groups)]
    lowest, highest = _ages_of(least, strange), _ages_of(most, strange)
    # of several groups one may have no limit: then the service has none
    min_age = min(lowest) if lowest and len(lowest) >= len(groups) else None
    max_age = max(highest) if highest and len(highest) >= len(groups) else None
    if min_age is not None and max_age is not None and min_age > max_age:
        strange.append(REASONS["ages-turned"])
        return {}
    return {"min_age": min_age, "max_age": max_age}


def _ages_of(values: Iterable[object], strange: list[str]) -> list[int]:
    found = []
    for value in values:
        text = _line(value)
        age = _number(text)
        if age is not None and age <= OLDEST:
            found.append(int(age))
        elif text:
            strange.append(str(Refused("bad-age", text=text[:40])))
    return found


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    """Tags of languages by their English names and by themselves."""
    names = {
        str(name).casefold(): tag.replace("_", "-") for tag, name in Locale("en", "GB").languages.items()
    }
    return {tag.casefold(): tag for tag in names.values()} | names | {"farsi": "fa", "panjabi": "pa"}


def tag_of(name: str) -> str | None:
    """The tag of a language by its English name, or by its tag; None if nobody knows it."""
    return _tags().get(name.casefold().replace("_", "-"))


def name_of(tag: str) -> str:
    """The English name of a language; the tag itself where nobody knows one."""
    return str(Locale("en", "GB").languages.get(tag.replace("-", "_"), tag))


def _languages(raw: Mapping[str, Any], strange: list[str]) -> tuple[str, ...] | None:
    found: list[str] = []
    for each in _dicts(raw.get("languages")):
        said = [_line(each.get(key)) for key in ("code", "language", "name")]
        tag = next((tag for text in said if text and (tag := tag_of(text))), None)
        if tag:
            found.append(tag)
        elif any(said):
            strange.append(str(Refused("bad-language", text=next(filter(None, said))[:60])))
    return tuple(dict.fromkeys(found)) or None


def _ways(raw: Mapping[str, Any]) -> tuple[str, ...] | None:
    said = [raw.get("attending_type"), raw.get("attending_access")]
    said += [each.get("attending_type") for each in _dicts(raw.get("schedules"))]
    found = [_COME.get(_line(each).casefold().strip(" .")) for each in said]
    kinds = {_line(place.get("location_type")).casefold() for place in _locations(raw)}
    found += ["come"] if "physical" in kinds else []
    found += ["online"] if "virtual" in kinds else []
    return tuple(dict.fromkeys(filter(None, found))) or None


def _districts(raw: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The postcode districts it is for, if its areas are nothing else: what else areas mean stays unknown."""
    areas = [_line(each.get("name") or each.get("service_area")) for each in _dicts(raw.get("service_areas"))]
    return districts_of(" ".join(areas))


def districts_of(text: str) -> tuple[str, ...] | None:
    """Postcode districts with spaces or commas between them; None if it is anything else."""
    parts = [part for part in re.split(r"[\s,;]+", text.upper()) if part]
    return tuple(dict.fromkeys(parts)) if parts and all(map(_DISTRICT.fullmatch, parts)) else None
