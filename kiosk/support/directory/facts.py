"""What of a service can be decided by: what it costs, for whom it is, in which languages, how to come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from babel import Locale

from kiosk.support.directory.remarks import REASONS, Refused
from kiosk.support.directory.values import dicts, line, number, yes_or_no

OLDEST = 150
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
_DISTRICT = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?", re.ASCII)


def facts(raw: Mapping[str, Any], strange: list[str]) -> dict[str, Any]:
    """What it says of cost, ages, languages, ways to come and districts; `strange` gets what cannot be."""
    said = {
        **_costs(raw),
        **_ages(raw, strange),
        "languages": _languages(raw, strange),
        "ways": _ways(raw),
        "districts": _districts(raw),
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _costs(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Whether it is free, and the words about what it costs. Free is only what is said to be free."""
    words = line(raw.get("fees_description")) or line(raw.get("fees"))
    options = dicts(raw.get("cost_options"))
    amounts = [amount for each in options if (amount := number(each.get("amount"))) is not None]
    free: bool | None = yes_or_no(raw.get("free"))
    if free is None and _FREE.fullmatch(words.strip(" .!")):
        free = True
    if free is None and amounts:
        free = False if any(amounts) else (True if len(amounts) == len(options) else None)
    return {"free": free, "fee": words or "; ".join(filter(None, map(_cost, options)))[:300]}


def _cost(option: Mapping[str, Any]) -> str:
    amount = number(option.get("amount"))
    pounds = "" if amount is None else (f"£{amount:.0f}" if amount == int(amount) else f"£{amount:.2f}")
    parts = [line(option.get("option")), pounds, line(option.get("amount_description"))]
    return " ".join(part for part in parts if part)


def _ages(raw: Mapping[str, Any], strange: list[str]) -> dict[str, int | None]:
    groups = dicts(raw.get("eligibilitys"))
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
        text = line(value)
        age = number(text)
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
    for each in dicts(raw.get("languages")):
        said = [line(each.get(key)) for key in ("code", "language", "name")]
        tag = next((tag for text in said if text and (tag := tag_of(text))), None)
        if tag:
            found.append(tag)
        elif any(said):
            strange.append(str(Refused("bad-language", text=next(filter(None, said))[:60])))
    return tuple(dict.fromkeys(found)) or None


def _ways(raw: Mapping[str, Any]) -> tuple[str, ...] | None:
    said = [raw.get("attending_type"), raw.get("attending_access")]
    said += [each.get("attending_type") for each in dicts(raw.get("schedules"))]
    found = [_COME.get(line(each).casefold().strip(" .")) for each in said]
    kinds = {line(place.get("location_type")).casefold() for place in locations(raw)}
    found += ["come"] if "physical" in kinds else []
    found += ["online"] if "virtual" in kinds else []
    return tuple(dict.fromkeys(filter(None, found))) or None


def _districts(raw: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The postcode districts it is for, if its areas are nothing else: what else areas mean stays unknown."""
    areas = [line(each.get("name") or each.get("service_area")) for each in dicts(raw.get("service_areas"))]
    return districts_of(" ".join(areas))


def districts_of(text: str) -> tuple[str, ...] | None:
    """Postcode districts with spaces or commas between them; None if it is anything else."""
    parts = [part for part in re.split(r"[\s,;]+", text.upper()) if part]
    return tuple(dict.fromkeys(parts)) if parts and all(map(_DISTRICT.fullmatch, parts)) else None


def locations(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The places of a service, in either dialect."""
    here = [each.get("location") for each in dicts(raw.get("service_at_locations"))]
    return [*dicts(here), *dicts(raw.get("locations"))]
