"""The directory given back: the services that residents see, as an Open Referral UK 3.0 feed.

It is the same for all who ask. Nothing of who takes referrals, of what was told, or of the staff of services
is in it, and nothing of what came from a directory but what the screens show.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from kiosk.configuration import store
from kiosk.forms import Choice
from kiosk.languages import in_english
from kiosk.spelling import as_postcode
from kiosk.store import NotThere, Reading
from kiosk.support import codes
from kiosk.support.directory.facts import name_of
from kiosk.support.directory.records import Card, Organisation, Service, cards, organisations, shown
from kiosk.support.directory.texts import plain

blueprint = Blueprint("directory_feed", __name__, url_prefix="/feeds")

MAX_AGE = 900
"""Seconds for which what was fetched may be kept without asking again."""
PER_PAGE, MOST_PER_PAGE = 50, 200
TAXONOMY = "Needs"
_WAYS = {
    "come": "Venue",
    "call": "Phone",
    "online": "Online",
    "they-visit": "Home visit",
    "book": "Appointment",
}
"""How directories write our ways to come."""


@blueprint.get("/services")
def services() -> Any:
    """One page of the services; `page` counts from 1, `per_page` is at most 200."""
    every = list(_directory().values())
    page, size = _number("page", 1, 1_000_000), _number("per_page", PER_PAGE, MOST_PER_PAGE)
    contents = every[(page - 1) * size : page * size]
    pages = -(-len(every) // size)
    return _answer(
        {
            "total_items": len(every),
            "total_pages": pages,
            "page_number": page,
            "size": len(contents),
            "first_page": page == 1,
            "last_page": page >= pages,
            "empty": not contents,
            "contents": contents,
        }
    )


@blueprint.get("/services/<service_id>")
def service(service_id: str) -> Any:
    found = _directory().get(service_id)
    if found is None:
        raise NotFound
    return _answer(found)


def _number(name: str, default: int, most: int) -> int:
    """A number of the address. 404 for what is none."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text)):
        raise NotFound
    return min(int(text), most)


def _answer(said: dict[str, Any]) -> Any:
    answer = Response(json.dumps(said, ensure_ascii=False), mimetype="application/json")
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.errorhandler(NotThere)
@blueprint.errorhandler(NotFound)
def not_there(_error: Exception) -> Any:
    """A program asks, not a person: no page."""
    return Response("", 404, mimetype="text/plain")


# What is said of a service ----------------------------------------------------------------------------------


def _directory() -> dict[str, dict[str, Any]]:
    """All services by id, in the order of their names; made again only after something has changed."""
    return store().known("services as a feed", _made)


def _made(db: Reading) -> dict[str, dict[str, Any]]:
    words, runners = cards(db, "en"), organisations(db)
    return {each.id: written(each, words[each.id], runners.get(each.organisation_id)) for each in shown(db)}


def written(service: Service, card: Card, runner: Organisation | None) -> dict[str, Any]:
    """A service in the words of Open Referral UK 3.0. What nobody knows is left out."""
    said = {
        "id": service.id,
        "name": card.name,
        "description": card.text,
        "status": "temporarily closed" if service.state == "paused" else "active",
        "url": _address(service.url),
        "email": service.email,
        "fees": service.fee,
        "minimum_age": service.min_age,
        "maximum_age": service.max_age,
        "last_modified": _moment(service.changed_at),
        "organization": _organization(runner) if runner else None,
        "contacts": _contacts(service),
        "service_at_locations": _places(service),
        "service_areas": [
            {"id": _id(service, "area", name), "name": name} for name in service.districts or ()
        ],
        "languages": [
            {"id": _id(service, "language", tag), "code": tag, "name": name_of(tag)}
            for tag in service.languages or ()
        ],
        "schedules": [
            {"id": _id(service, "way", way), "attending_type": _WAYS[way]} for way in service.ways or ()
        ],
        "cost_options": [
            {"id": _id(service, "cost", "free"), "option": "Free", "amount": 0}
        ] if service.free else [],
        "attributes": [_attribute(service, each) for each in codes.chosen(codes.NEEDS, service.needs)],
    }  # fmt: skip
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _id(service: Service, *what: str) -> str:
    """An id for a part of a service, always the same one."""
    return str(uuid5(NAMESPACE_URL, "|".join((service.id, *what))))


def _organization(runner: Organisation) -> dict[str, Any]:
    said = {
        "id": runner.id,
        "name": runner.name,
        "description": plain(runner.text) or runner.name,
        "website": _address(runner.url),
        "email": runner.email,
    }
    return {name: value for name, value in said.items() if value}


def _contacts(service: Service) -> list[dict[str, Any]]:
    if not service.phone:
        return []
    phone = {"id": _id(service, "phone"), "number": service.phone}
    return [{"id": _id(service, "contact"), "phones": [phone]}]


def _places(service: Service) -> list[dict[str, Any]]:
    return [
        {
            "id": _id(service, "at", line),
            "location": {
                "id": _id(service, "location", line),
                "location_type": "physical",
                "addresses": [{"id": _id(service, "address", line), **_address_of(line)}],
            },
        }
        for line in service.address.split("\n")
        if line
    ]


def _address_of(line: str) -> dict[str, str]:
    """A line of an address in the parts that the standard wants; which of them is the town nobody knows."""
    before, _comma, last = line.rpartition(", ")
    postcode = as_postcode(last) or ""
    return {
        "address_1": before if postcode and before else line,
        "city": "",
        "state_province": "",
        "postal_code": postcode if before else "",
        "country": "GB",
        "address_type": "physical",
    }


def _attribute(service: Service, need: Choice) -> dict[str, Any]:
    label = in_english(need.label)
    term = {
        "id": str(uuid5(NAMESPACE_URL, f"{TAXONOMY}|{need.code}")),
        "name": label,
        "description": label,
        "taxonomy": TAXONOMY,
        "term": need.code,
    }
    return {
        "id": _id(service, "need", need.code),
        "link_id": service.id,
        "link_type": "service",
        "taxonomy_term": term,
    }


def _address(url: str) -> str:
    """The address with other letters than those of the standard as it writes them."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=-._~%")


def _moment(at: str) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="milliseconds")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
