"""A library with partners around it: each with a member who has signed in, a service, and its own key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from kiosk import settings
from kiosk.people import accounts, partners, sessions
from kiosk.people.accounts import Person
from kiosk.people.partners import Partner
from kiosk.people.sessions import Session
from kiosk.settings import Settings
from kiosk.store import Store
from kiosk.support.directory import saving
from kiosk.support.directory.saving import Own
from kiosk.support.referrals import partner_side, sending
from kiosk.support.referrals.consents import LIBRARY, Choice
from kiosk.support.referrals.partner_side import Opened
from kiosk.support.referrals.records import Handover, Moment, handovers_of
from kiosk.support.referrals.sending import Sending, Sent
from kiosk.support.referrals.story import ITEMS, Story
from tests.visitor import PASSWORD

OWN_PASSWORD = "nine quiet herons by the weir"
STORY: Story = {
    "about": ["money", "housing"],
    "urgent": "this-week",
    "wants": ["advice", "somebody-calls"],
    "tried": ["family"],
    "own-words": {"text": "كتبت رسالة ZZMARKEDWORDS", "language": "ar"},
    "name": "ZZMARKEDNAME",
    "reach": [{"way": "phone", "value": "+447700900982"}, {"way": "come", "value": ""}],
    "safety": {"voicemail": False, "silent": True, "times": ["mornings"]},
    "interpreter": "ar",
    "helper": {"name": "ZZMARKEDHELPER", "may_talk": True},
    "age": "25-59",
    "district": "IP1",
    "children": "yes",
    "work": "looking",
    "stay": "1-5",
    "access": ["step-free"],
}
NEWS = Choice(LIBRARY, "", True, (), "We tell you when there is news.", "1", "ar")
OPTIONAL = tuple(item.code for item in ITEMS if not item.required)
MARKED = (b"ZZMARKEDWORDS", b"ZZMARKEDNAME", b"ZZMARKEDHELPER", b"7700900982")


@dataclass(frozen=True)
class House:
    """A partner, its service, and one of its members, signed in."""

    partner: Partner
    service_id: str
    session: Session

    @property
    def member(self) -> Person:
        return self.session.person


class Town:
    """A library and the organisations around it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.store: Store = app.extensions["store"]
        self.service_key: bytes = app.config["SERVICE_KEY"]
        with self.store.read() as db:
            self.branch: str = db.value("SELECT id FROM branches")
            self.kiosk: str = db.value("SELECT id FROM kiosks")
        session, _cookie = sessions.sign_in(self.store, self.service_key, accounts.FIRST_USERNAME, PASSWORD)
        self.manager = session
        self.sent = 0
        self.chosen = Settings()

    @property
    def at(self) -> Moment:
        return Moment(self.chosen, self.service_key, datetime.now(UTC))

    def choose(self, **chosen: Any) -> None:
        with self.store.write() as db:
            for name, value in chosen.items():
                settings.change(db, "library", "", name, value)
            self.chosen = settings.effective(db)

    # -- partners -----------------------------------------------------------------------------------------

    def house(self, name: str, username: str, *needs: str) -> House:
        """A partner whose first member has chosen her password, with a service that residents may see."""
        partner, _person, password = partners.add(
            self.store, self.service_key, self.manager.person, name=name, username=username,
            person_name=username.title(), email=f"{username}@example.org",
        )  # fmt: skip
        session = self.first_sign_in(username, password)
        with self.store.write() as db:
            service_id = saving.add(db, Own(name=f"{name}: service", organisation=name), "manager")
            saving.set_partner(db, service_id, partner.id, "manager")
            saving.set_needs(db, service_id, needs or ("money",))
            saving.show(db, service_id, True, "manager")
            partner = partners.find(db, partner.id)
        return House(partner, service_id, session)

    def first_sign_in(self, username: str, password: str, own: str = OWN_PASSWORD) -> Session:
        """Sign in with a one-time password, choose one's own, and sign in with that."""
        session, _cookie = sessions.sign_in(self.store, self.service_key, username, password, partner=True)
        sessions.change_password(self.store, self.service_key, session.person, password, own, "Library")
        return self.sign_in(username, own)

    def sign_in(self, username: str, password: str = OWN_PASSWORD) -> Session:
        session, _cookie = sessions.sign_in(self.store, self.service_key, username, password, partner=True)
        return session

    @property
    def key_of_the_desk(self) -> bytes:
        with self.store.read() as db:
            return accounts.open_desk_key(db, self.manager.person.id, self.manager.private_key)

    def key(self, session: Session) -> bytes:
        with self.store.read() as db:
            return partners.key(db, session.person, session.private_key)

    # -- referrals ----------------------------------------------------------------------------------------

    def yes(self, house: House, *items: str, **changes: Any) -> Choice:
        """Her yes to a partner, with these optional items, or with all."""
        choice = Choice(
            house.partner.id, house.service_id, True, items or OPTIONAL, f"May {house.partner.name} read it?",
            "1", "ar", special=("money", "papers", "health"),
        )  # fmt: skip
        return replace(choice, **changes)

    def no(self, house: House) -> Choice:
        return self.yes(house, yes=False)

    def sending(self, *choices: Choice, story: Story = STORY, **changes: Any) -> Sending:
        self.sent += 1
        made = replace(Sending(f"key-{self.sent}", story, "ar", choices), **changes)
        return replace(made, news=NEWS) if made.message_way and "news" not in changes else made

    def send(self, *choices: Choice, story: Story = STORY, **changes: Any) -> Sent:
        return self.send_this(self.sending(*choices, story=story, **changes))

    def send_this(self, sent: Sending, *, kiosk: str | None = None, settings: Settings | None = None) -> Sent:
        with self.app.app_context(), self.store.write() as db:
            return sending.send(
                db, sent, branch=self.branch, kiosk_id=self.kiosk if kiosk is None else kiosk,
                settings=settings or self.at.settings, service_key=self.service_key, now=self.at.now,
            )  # fmt: skip

    def handovers(self, sent: Sent) -> list[Handover]:
        with self.store.read() as db:
            return handovers_of(db, sent.id)

    def handover(self, sent: Sent, house: House) -> Handover:
        return next(each for each in self.handovers(sent) if each.partner_id == house.partner.id)

    def opened(self, handover_id: str, house: House) -> Opened:
        with self.app.app_context(), self.store.write() as db:
            return partner_side.opened(db, handover_id, house.member, self.key(house.session), self.at)

    def act(self, what: Any, *arguments: Any, **named: Any) -> Any:
        """Do one thing in a transaction of its own, at this moment."""
        with self.app.app_context(), self.store.write() as db:
            return what(db, *arguments, at=self.at, **named)

    # -- what lies on the disk ----------------------------------------------------------------------------

    def files(self) -> bytes:
        """All bytes of the data folder but the key: the database, its log, and a backup made now."""
        copy = self.store.path.with_name("copy.db")
        copy.unlink(missing_ok=True)
        with self.store.read() as db:
            db.all("SELECT 1")
        self.store._writer.execute("VACUUM INTO :copy", {"copy": str(copy)})
        found = b"".join(
            file.read_bytes() for file in self.store.path.parent.iterdir() if file.name != "service.key"
        )
        copy.unlink()
        return found
