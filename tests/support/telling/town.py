"""A town with partners that take referrals, for tests: services, keys of who reads, a person who tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from kiosk.people import accounts, partners, sessions
from kiosk.people.accounts import Person
from kiosk.settings import Settings, effective
from kiosk.store import Store
from kiosk.support.directory import saving
from kiosk.support.directory.saving import Own
from kiosk.support.referrals import partner_side, records
from kiosk.support.referrals.partner_side import Opened
from kiosk.support.referrals.records import Handover, Moment
from kiosk.support.referrals.story import SENSITIVE
from tests.visitor import Visitor

BY = "amina"
OWN_PASSWORD = "green ladders never sing twice"
PIN = re.compile(r'PIN.*?<b dir="ltr" lang="en">(\d{4})</b>', re.DOTALL)

TELLS: dict[str, dict[str, Any]] = {
    "filled-by": {"filled_by": "self"},
    "agrees": {"agrees": "yes"},
    "age": {"age": "25-59"},
    "about": {"about": ["money", "housing"]},
    "special-1": {"may_tell": "yes"},
    "special-2": {"may_tell": "yes"},
    "special-3": {"may_tell": "yes"},
    "urgent": {"urgent": "this-week"},
    "wants": {"wants": ["advice", "somebody-calls"]},
    "tried": {"tried": ["family"]},
    "words": {"words": "The landlord wants us to leave."},
    "reach": {"reach": ["phone", "email"]},
    "phone": {"phone": "07700 900982"},
    "email": {"email": "amina@example.org"},
    "letter": {"letter": "12 Quay Road, Ipswich IP1 1AA"},
    "safe": {"safe": ["voicemail", "silent", "mornings"]},
    "news": {"news": "yes"},
    "helps": {"helps": ["step-free"]},
    "spoken": {"spoken": "ar"},
    "helper": {"instead": "none"},
    "name": {"name": "Amina"},
}
"""What a person answers unless a test says otherwise, by the name of the page."""


@dataclass
class Partner:
    """A partner with its one member, as she is signed in."""

    id: str
    name: str
    member: Person
    key: bytes


class Town:
    """The library's partners and services, and what the partners see."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.store: Store = app.extensions["store"]
        self.service_key: bytes = app.config["SERVICE_KEY"]

    @property
    def settings(self) -> Settings:
        with self.store.read() as db:
            return effective(db)

    @property
    def at(self) -> Moment:
        return Moment(self.settings, self.service_key, datetime.now(UTC))

    def partner(self, name: str) -> Partner:
        """A partner whose first member has chosen her password."""
        username = re.sub(r"\W", "", name.lower())[:20]
        made, member, password = partners.add(
            self.store, self.service_key, None, name=name, username=username, person_name="Jo"
        )
        session, _cookie = sessions.sign_in(self.store, self.service_key, username, password, partner=True)
        sessions.change_password(
            self.store, self.service_key, session.person, password, OWN_PASSWORD, "Library"
        )
        session, _cookie = sessions.sign_in(
            self.store, self.service_key, username, OWN_PASSWORD, partner=True
        )
        with self.store.read() as db:
            member = accounts.find(db, member.id)
            key = partners.key(db, member, session.private_key)
        return Partner(made.id, made.name, member, key)

    def service(self, partner: Partner | None, name: str, *needs: str) -> str:
        """A service that residents see; its id."""
        with self.store.write() as db:
            service_id = saving.add(db, Own(name, partner.name if partner else name), BY)
            saving.set_needs(db, service_id, needs)
            saving.write_card(db, service_id, "en", name, f"{name} in plain words.", "read", BY)
            saving.set_partner(db, service_id, partner.id if partner else None, BY)
            saving.show(db, service_id, True, BY)
        return service_id

    def handovers(self, partner: Partner) -> list[Handover]:
        with self.store.read() as db:
            return [each for tab in partner_side.TABS for each in partner_side.inbox(db, partner.id, tab)]

    def opened(self, partner: Partner, number: int = 0) -> Opened:
        """What a partner reads of one of its handovers."""
        handover = self.handovers(partner)[number]
        with self.store.write() as db:
            return partner_side.opened(db, handover.id, partner.member, partner.key, self.at)

    def referral(self, reference: str) -> records.Referral:
        with self.store.read() as db:
            return records.by_reference(db, reference)


def begin(visitor: Visitor, *services: str, language: str = "en") -> None:
    """From the services that somebody chose to the first question."""
    visitor.get(f"/{language}/support/")
    visitor.post(f"/{language}/support/tell/", {"service": list(services)})


def answer(visitor: Visitor, **others: dict[str, Any]) -> None:
    """Answer every question that comes, up to the first partner; `others` by the page, with _ for -."""
    said = {**TELLS, **{name.replace("_", "-"): fields for name, fields in others.items()}}
    for _page in range(40):
        found = re.fullmatch(r"/[^/]+/support/tell/([a-z0-9-]+)", visitor.path)
        if visitor.status != 200 or not found or found[1] not in said:
            return
        visitor.post(visitor.path, said[found[1]])
    raise AssertionError("the questions never end")


def mark(visitor: Visitor) -> str:
    return str(visitor.page.select_one("input[name=mark]")["value"])  # type: ignore[index]


def says(visitor: Visitor, yes: bool, *, without: tuple[str, ...] = (), put_in: tuple[str, ...] = ()) -> None:
    """Say yes or no to the partner whose page is open, with some items taken out and others put in."""
    if not yes:
        visitor.post(visitor.path, {"answer": "no", "mark": mark(visitor)})
        return
    if visitor.page.select("button[value=more]"):
        visitor.post(visitor.path, {"answer": "more", "mark": mark(visitor)})
    boxes = visitor.page.select("input[name=item]")
    ticked = [str(each["value"]) for each in boxes if each.has_attr("checked") or each["value"] in put_in]
    left = [each for each in ticked if each not in without]
    visitor.post(visitor.path, {"answer": "yes", "mark": mark(visitor), "item": left})


def send(visitor: Visitor) -> tuple[str, str]:
    """Send from the page to check; the code and the PIN of the receipt."""
    language = visitor.path.split("/")[1]
    assert visitor.path.endswith("/support/tell/check"), visitor.path
    seen = str(visitor.page.select_one("input[name=seen]")["value"])  # type: ignore[index]
    visitor.post(f"/{language}/support/tell/send", {"key": visitor.key, "seen": seen})
    return receipt(visitor)


def receipt(visitor: Visitor) -> tuple[str, str]:
    assert visitor.path.endswith("/support/tell/receipt"), visitor.path
    pin = PIN.search(visitor.text)
    assert pin
    return visitor.code, pin[1]


def tell(visitor: Visitor, *services: str, language: str = "en", **others: dict[str, Any]) -> tuple[str, str]:
    """The whole way: a yes to every partner to get it all, and a no to staff reading along."""
    begin(visitor, *services, language=language)
    answer(visitor, **others)
    while "/partner/" in visitor.path:
        says(visitor, bool(visitor.page.select("button[value=more]")), put_in=SENSITIVE)
    return send(visitor)


def look_up(visitor: Visitor, code: str, pin: str, language: str = "en") -> None:
    """Open a referral at a screen."""
    visitor.get(f"/{language}/status/")
    visitor.post(f"/{language}/status/")
    visitor.post(f"/{language}/status/code", {"code": code})
    visitor.post(f"/{language}/status/pin", {"pin": pin})
