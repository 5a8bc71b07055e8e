"""Partners of the demo library, and people who told them a story: one at every stage of the way.

Organisations, people and stories are invented; nobody answers these numbers and addresses.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from operator import itemgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app

from kiosk import branches, languages
from kiosk.branches import Branch
from kiosk.people import accounts, partners, sessions
from kiosk.people.accounts import FIRST_USERNAME, Person
from kiosk.people.sessions import Session
from kiosk.settings import effective
from kiosk.store import Reading, Store, Writing
from kiosk.support.directory import demo as directory
from kiosk.support.directory import saving
from kiosk.support.referrals import clock, own_side, partner_side, records, sending
from kiosk.support.referrals.records import Handover, Moment
from kiosk.support.referrals.sending import Sending
from kiosk.support.referrals.story import Story
from kiosk.support.telling import asking

BY = "demo"
CENTRAL, RIVERSIDE = "Central Library", "Riverside Library"


@dataclass(frozen=True)
class House:
    """A partner with its one account: who signs in there, and what the partner says of itself.

    `who_reads` is a code of `steps.WHO_READS`; `kept_months` how long it keeps notes, None while it did not
    say; `days` the working days until it answers; `services` those of the directory that it takes people for.
    """

    person: str
    organisation: str
    who_reads: str
    kept_months: int | None
    days: int
    services: tuple[str, ...]


PARTNERS = {
    "advice": House("Yusuf", directory.ADVICE, "advisers", 24, 3, ("advice", "papers")),
    "learning": House("Maria", directory.LEARNING, "workers", 12, 5, ("learning", "jobs", "esol")),
    "outreach": House(
        "Rosa", directory.LIBRARY, "volunteers", 6, 3,
        ("chat", "home library", "neighbour", "devices", "skills", "ambassadors"),
    ),
    "welcome": House(
        "Gebre", directory.WELCOME, "volunteers", 12, 3, ("befriending", "refugees", "families")
    ),
    "wellbeing": House("Dara", directory.WELLBEING, "one", None, 2, ("wellbeing", "bereavement")),
    "business": House("Winston", directory.BUSINESS, "workers", 12, 5, ("business", "artists")),
}  # fmt: skip
"""By the user name of the account. For friendly phone calls one rings: nothing can be sent there."""


@dataclass(frozen=True)
class Did:
    """What was done with a handover, and when: so many working days ago, at a time of day at the library.

    `what` is open, accept, ask, decline, contacted or close, by the partner; or take-back, by the person.
    `why` is a code of `steps`.
    """

    days: int
    at: str
    what: str
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """Her yes or no to the partner of a service, the items that she took out for it, and what it did."""

    service: str
    yes: bool = True
    without: tuple[str, ...] = ()
    did: tuple[Did, ...] = ()


@dataclass(frozen=True)
class Told:
    """A person who told her story so many working days ago; 0 is some minutes ago.

    `staff_read`: staff of the library may read along. `filled_by` is a code of `story.FILLED_BY`.
    """

    language: str
    days: int
    at: str
    story: Story
    answers: tuple[Answer, ...]
    staff_read: bool = False
    filled_by: str = "self"
    branch: str = CENTRAL


def _story(
    name: str, needs: str, reach: dict[str, str], *, words: str = "", language: str = "", **items: Any
) -> Story:
    """A story; `reach` are ways with the number or the address of each, '' where it needs none."""
    ways = [{"way": way, "value": value} if value else {"way": way} for way, value in reach.items()]
    safety: Story = {"voicemail": False if "phone" in reach else None, "silent": False, "times": []}
    story: Story = {"about": needs.split(), "name": name, "reach": ways, "safety": safety, **items}
    return story | ({"own-words": {"text": words, "language": language}} if words else {})


NOW = (
    Told(
        "ar", 7, "11:20",
        _story(
            "Samir", "money housing", {"phone": "+447700900131", "come": ""}, language="ar",
            words="وصلتني رسالة عن فاتورة الكهرباء ولا أفهمها. أريد أن يقرأها أحد معي.",
            urgent="this-week", wants=["advice", "somebody-calls"], tried=["family"], interpreter="ar",
            safety={"voicemail": False, "silent": True, "times": ["mornings"]},
            age="25-59", district="IP1", children="yes", stay="1-5",
        ),
        (
            Answer("advice", did=(
                Did(6, "10:05", "open"), Did(6, "10:20", "accept"), Did(4, "11:00", "contacted"),
            )),
            Answer("refugees", without=("age", "children")),  # nobody there has looked at it
        ),
    ),
    Told(
        "pl", 5, "15:40",
        _story(
            "Halina", "english lonely learning", {"email": "halina@example.org"}, language="pl",
            words="Rozumiem dużo, ale boję się mówić. Lubię szyć.",
            urgent="can-wait", wants=["place-on-course", "meet"], tried=["online"], age="60-up",
            district="IP2",
        ),
        (
            Answer("chat", did=(Did(4, "12:10", "open"), Did(3, "09:45", "accept"))),
            Answer("learning", did=(Did(4, "09:30", "open"), Did(4, "09:35", "decline", "full"))),
        ),
    ),
    Told(
        "pl", 2, "17:15",
        _story(
            "Zofia", "health", {"text": "+447700900132"}, language="pl",
            words="Źle śpię, odkąd pracuję w nocy.",
            urgent="can-wait", wants=["advice"], tried=["nothing"], interpreter="pl", age="25-59",
            safety={"voicemail": None, "silent": True, "times": ["afternoons"]},
        ),
        (Answer("wellbeing", did=(Did(1, "10:50", "open"), Did(1, "10:55", "ask", "when"))),),
    ),
    Told(
        "en", 9, "10:40",
        _story(
            "Joan", "books-home", {"phone": "+441632960161", "letter": "3 Mill Lane, IP2 8SD"}, language="en",
            words="I like crime stories, and films about trains.",
            urgent="can-wait", tried=["nothing"], helper={"name": "Peter", "may_talk": True}, age="60-up",
            safety={"voicemail": True, "silent": False, "times": ["afternoons"]}, district="IP2",
            access=["large-print", "at-home"],
        ),
        (
            Answer("home library", did=(
                Did(8, "09:40", "open"), Did(7, "14:20", "contacted"), Did(3, "11:30", "close", "started"),
            )),
        ),
        filled_by="family", branch=RIVERSIDE,
    ),
    Told(
        "uk", 6, "14:10",
        _story(
            "Olena", "work", {"phone": "+447700900127"}, language="uk",
            words="Я була кухаркою. Хочу знайти роботу на кухні.",
            urgent="this-week", wants=["advice", "form-help"], tried=["online"], interpreter="uk",
            age="25-59", work="looking", stay="1-5",
        ),
        (
            Answer("jobs", without=("age",), did=(Did(1, "16:05", "open"),)),  # after the agreed days
            Answer("business", yes=False),
        ),
    ),
    Told(
        "ti", 0, "",
        _story(
            "Selam", "newcomer lonely", {"library": "", "come": ""}, urgent="can-wait",
            wants=["go-with-me", "meet"], tried=["nothing"], interpreter="ti", age="18-24", stay="under1",
        ),
        (Answer("befriending"), Answer("chat", without=("age", "name"))),
        staff_read=True, filled_by="staff",
    ),
    Told(
        "en", 3, "12:30",
        _story(
            "Marcus", "business", {"email": "marcus@example.org", "phone": "+447700900134"}, language="en",
            words="I bake bread and would like a stall at the market.",
            urgent="can-wait", wants=["advice", "place-on-course"], tried=["family", "online"], age="25-59",
            work="working",
        ),
        (
            Answer("business", did=(
                Did(2, "09:15", "open"), Did(2, "09:20", "accept"), Did(1, "13:40", "contacted"),
            )),
        ),
    ),
    Told(
        "uk", 4, "16:45",
        _story("Yana", "money", {"come": ""}, urgent="this-week", wants=["form-help"], age="25-59"),
        (Answer("advice", did=(Did(3, "09:30", "open"), Did(3, "15:10", "take-back"))),),
    ),
    Told(
        "en", 3, "11:05",
        _story(
            "Priya", "bereaved", {"phone": "+447700900135"}, language="en",
            words="My aunt died in spring. I would like to talk about her.",
            urgent="can-wait", wants=["somebody-calls", "meet"], tried=["family"],
            safety={"voicemail": True, "silent": False, "times": ["evenings", "weekends"]}, age="25-59",
        ),
        (Answer("bereavement", did=(Did(2, "10:00", "open"), Did(2, "10:10", "accept"))),),
        staff_read=True,
    ),
    Told(
        "zh-Hant-HK", 0, "",
        _story(
            "Mei", "digital", {"text": "+447700900136"}, language="zh-Hant-HK",
            words="我想學用平板電腦和孫兒視像通話。",
            urgent="can-wait", wants=["device", "advice"], tried=["family"], age="60-up", district="IP3",
        ),
        (Answer("devices"), Answer("skills", without=("district",))),
    ),
    Told(
        "ar", 0, "",
        _story(
            "Hassan", "papers", {"phone": "+447700900126"}, language="ar",
            words="أريد أن أعرف أي استمارة أحتاج لتجديد أوراقي.",
            urgent="this-week", wants=["form-help"], tried=["online"], interpreter="ar",
            age="25-59", stay="1-5",
        ),
        (Answer("papers"),),
    ),
    Told(
        "ti", 2, "13:25",
        _story(
            "Senait", "volunteer", {"email": "senait@example.org"}, urgent="can-wait", wants=["meet"],
            age="25-59",
        ),
        (Answer("ambassadors", did=(Did(1, "11:45", "open"),)),),
    ),
)  # fmt: skip
"""Somebody for each stage: new and late, seen and seen late, asking, accepted, contacted, declined, closed,
and taken back."""

BEFORE = (
    ("pl", 14, "Piotr", "helped"),
    ("uk", 17, "Dmytro", "advice"),
    ("ar", 20, "Layla", "helped"),
    ("en", 24, "Jo", "elsewhere"),
)
"""Whom `advice` has helped before: language, working days ago, name, outcome. So it is known how soon it
replies."""


def load(kept: Store, service_key: bytes, password: str) -> None:
    """Let the partners in, each with this password, and tell their stories. Takes the context of the app.

    To be called when the directory of the demo is there, its branches, and its manager.
    """
    with kept.read() as db:
        manager = next(each for each in accounts.every(db) if each.username == FIRST_USERNAME)
    began = {
        username: _let_in(kept, service_key, manager, username, house, password)
        for username, house in PARTNERS.items()
    }
    with kept.write() as db:
        members = {session.person.partner_id: _Member(db, session) for session in began.values()}
        _Telling(db, service_key, members, datetime.now(UTC)).go()
    for session in began.values():
        sessions.sign_out(kept, service_key, session)


def _let_in(
    kept: Store, service_key: bytes, manager: Person, username: str, house: House, password: str
) -> Session:
    """A partner whose first member has chosen her password and is signed in."""
    partner, person, first = partners.add(
        kept, service_key, manager, name=house.organisation, username=username, person_name=house.person,
        email=f"{username}@partners.example.org",
    )  # fmt: skip
    cookie = sessions.change_password(kept, service_key, person, first, password, "")
    with kept.write() as db:
        partners.change(
            db, service_key, manager, partner.id, email=partner.email, who_reads=house.who_reads,
            kept_months=house.kept_months, pick_up_days=house.days,
        )  # fmt: skip
        for service in house.services:
            saving.set_partner(db, directory.service_id(service), partner.id, BY)
    return cast(Session, sessions.look_up(kept, cookie, renew=False))  # she has just signed in


class _Member:
    """Somebody of a partner who is signed in, with the key of the partner."""

    def __init__(self, db: Reading, session: Session) -> None:
        self.person = session.person
        self.key = partners.key(db, session.person, session.private_key)


class _Telling:
    """Stories, and all that was done with them, in the order in which it happened."""

    def __init__(
        self, db: Writing, service_key: bytes, members: Mapping[str, _Member], now: datetime
    ) -> None:
        self.db, self.service_key, self.members, self.now = db, service_key, members, now
        self.branches = {each.name: each for each in branches.every(db)}
        self.ids: dict[str, str] = {}

    def go(self) -> None:
        central = self.branches[CENTRAL]
        everybody = (*NOW, *(_helped(*each) for each in BEFORE))
        happens: list[tuple[datetime, Callable[[datetime], object]]] = []
        for told in everybody:
            branch = self.branches[told.branch]
            happens.append((self._ago(branch, told.days, told.at), partial(self._send, told, branch)))
            for answer in told.answers:
                for did in answer.did:
                    at = self._ago(branch, did.days, did.at)
                    happens.append((at, partial(self._do, told, answer, did)))
        for days in range(1, max(told.days for told in everybody)):
            happens.append((self._ago(central, days, "08:00"), partial(clock.remind, self.db)))
        for at, what in sorted(happens, key=itemgetter(0)):
            what(at)

    def _ago(self, branch: Branch, days: int, at: str) -> datetime:
        """A time of day so many working days ago; without any, some minutes ago."""
        if not days:
            return self.now - timedelta(minutes=40)
        zone = ZoneInfo(branch.time_zone)
        day = self.now.astimezone(zone).date()
        shut = branches.holidays(self.db, branch.id, day - timedelta(days=2 * days + 30), day)
        while days:
            day -= timedelta(days=1)
            days -= day.weekday() < 5 and day not in shut
        return datetime.combine(day, time.fromisoformat(at), zone)

    def _send(self, told: Told, branch: Branch, at: datetime) -> None:
        """She tells it at a screen, asked in the words that everybody is asked in."""
        settings = effective(self.db, branch.id)
        tag, services = told.language, [directory.service_id(each.service) for each in told.answers]
        with current_app.app_context():
            languages.speak(languages.known()[tag])
            asked = asking.asked(self.db, services, told.story, tag, settings)
            choices = []
            for reader, answer in zip(asked, told.answers, strict=True):
                left_in = [item for item in reader.optional if item not in answer.without]
                choices.append(reader.choice(asking.decided(reader, answer.yes, left_in)))
            agreed = [reader for reader, answer in zip(asked, told.answers, strict=True) if answer.yes]
            library = asking.library(settings.library_name, asking.topics_of(agreed))
            choices.append(library.choice(asking.decided(library, told.staff_read, ())))
        sent = sending.send(
            self.db,
            Sending(
                secrets.token_hex(16), told.story, tag, tuple(choices), filled_by=told.filled_by,
                agreed_by="self" if told.filled_by == "self" else "here",
            ),
            branch=branch.id, kiosk_id=branches.screens(self.db, branch.id)[0].id, settings=settings,
            service_key=self.service_key, now=at,
        )  # fmt: skip
        self.ids[told.story["name"]] = sent.id

    def _do(self, told: Told, answer: Answer, did: Did, now: datetime) -> None:
        handover = self._handover(told, answer)
        member = self.members[handover.partner_id]
        at = Moment(effective(self.db), self.service_key, now)
        match did.what:
            case "open":
                partner_side.opened(self.db, handover.id, member.person, member.key, at)
            case "accept":
                partner_side.accept(self.db, handover.id, member.person, at)
            case "ask":
                partner_side.ask(self.db, handover.id, member.person, did.why, at)
            case "decline":
                partner_side.decline(self.db, handover.id, member.person, did.why, at)
            case "contacted":
                partner_side.contacted(self.db, handover.id, member.person, at)
            case "close":
                partner_side.close(self.db, handover.id, member.person, did.why, at)
            case "take-back":
                own_side.withdraw(self.db, handover.id, at)

    def _handover(self, told: Told, answer: Answer) -> Handover:
        found = records.handovers_of(self.db, self.ids[told.story["name"]])
        service = directory.service_id(answer.service)
        return next(each for each in found if each.service_id == service)


def _helped(language: str, days: int, name: str, outcome: str) -> Told:
    """Somebody whom `advice` helped within some days."""
    did = (
        Did(days - 1, "10:15", "open"),
        Did(days - 1, "10:30", "accept"),
        Did(days - 5, "15:00", "close", outcome),
    )
    story = _story(name, "money", {"come": ""}, urgent="can-wait", wants=["advice"], age="25-59")
    return Told(language, days, "14:30", story, (Answer("advice", did=did),))
