"""Whoever tries the demo library finds partners for nearly every need, and a story at every stage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from kiosk import branches, create_app, rounds
from kiosk.demo import PASSWORD
from kiosk.languages import catalogue
from kiosk.people import partners, sessions
from kiosk.people.sessions import Session, WrongPassword
from kiosk.sealing import CannotOpen
from kiosk.settings import effective
from kiosk.store import NotThere, Store
from kiosk.support import codes, demo
from kiosk.support.directory.demo import service_id
from kiosk.support.directory.records import shown
from kiosk.support.referrals import consents, desk_side, partner_side, reports
from kiosk.support.referrals.records import Handover, Moment
from kiosk.support.telling import asking

pytestmark = pytest.mark.patient

STAGES = {"new", "seen", "accepted", "asking", "contacted", "declined", "closed", "withdrawn"}
USUAL = "2026-03-09T11:00"
TAKE_BACK = "You can say no. You can take back a yes later."
"""Stands on every page that asks for a yes."""


class Demo:
    """The demo library as the command makes it."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app, self.now = app, now
        self.store: Store = app.extensions["store"]
        self.key: bytes = app.config["SERVICE_KEY"]
        assert app.test_cli_runner().invoke(args=["demo"]).exit_code == 0

    @property
    def at(self) -> Moment:
        with self.store.read() as db:
            return Moment(effective(db), self.key, self.now)

    def branch(self, name: str) -> str:
        with self.store.read() as db:
            return next(each.id for each in branches.every(db) if each.name == name)

    def handovers(self, partner_id: str = "") -> list[Handover]:
        with self.store.read() as db:
            found = desk_side.listed(db, open_only=False)
        return [each for each in found if partner_id in ("", each.partner_id)]

    def sign_in(self, username: str) -> tuple[Session, bytes]:
        session, _cookie = sessions.sign_in(self.store, self.key, username, PASSWORD, partner=True)
        with self.store.read() as db:
            return session, partners.key(db, session.person, session.private_key)


@pytest.fixture
def library(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
    now = datetime.fromisoformat(getattr(request, "param", USUAL)).replace(tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        app = create_app(tmp_path)
        yield Demo(app, now)
        app.extensions["store"].close()


def test_there_is_somebody_for_every_need_and_nearly_all_can_be_told(library: Demo) -> None:
    with library.store.read() as db:
        services, taking = shown(db), partners.taking(db)
    told = {need for each in services if asking.takes(each, taking) for need in each.needs}
    assert set().union(*(each.needs for each in services)) == codes.codes(codes.NEEDS)
    assert codes.codes(codes.NEEDS) - told == {"artist"}, "those who show art take a break"
    assert any(each.partner_id is None for each in services), "one is only rung"


def test_each_partner_says_what_a_consent_asks_of_it(library: Demo) -> None:
    with library.store.read() as db:
        found = partners.every(db)
    assert len(found) == len(demo.PARTNERS)
    for each in found:
        assert each.is_ready
        assert each.who_reads
        assert each.pick_up_days
        assert each.email.endswith(".example.org")
    assert any(each.kept_months is None for each in found), "something is not known"


@pytest.mark.parametrize(
    "library", [USUAL, "2026-03-08T00:10", "2026-03-31T23:55", "2026-10-25T00:50"], indirect=True
)
def test_there_is_a_story_at_every_stage_whatever_the_hour(library: Demo) -> None:
    found = library.handovers()
    assert {each.state for each in found} == STAGES
    assert len({each.language for each in found}) >= 5
    assert {each.filled_by for each in found} == {"self", "family", "staff"}
    for each in found:
        moments = (each.created_at, each.seen_at, each.answered_at, each.contacted_at, each.over_at)
        known = [moment for moment in moments if moment]
        assert known == sorted(known), "nothing happens before what leads to it"
        assert max(known) <= library.now.isoformat()
    late = [each for each in found if each.state == "seen" and each.seen_at > each.due_at]
    assert [each.service_id for each in late] == [service_id("jobs")]


@pytest.mark.parametrize("library", [USUAL, "2026-03-08T00:10"], indirect=True)
def test_the_story_that_nobody_picked_up_is_back_on_the_board_of_its_branch(library: Demo) -> None:
    rounds.go(library.app)
    central, riverside = (library.branch(name) for name in (demo.CENTRAL, demo.RIVERSIDE))
    with library.store.read() as db:
        board = desk_side.chase(db, [central], library.now)
        elsewhere = desk_side.chase(db, [riverside], library.now)
        steps = partner_side.steps_of(db, board[0].handover.id)
    late = [("overdue", service_id(name)) for name in ("refugees", "jobs")]
    assert [(each.why, each.handover.service_id) for each in board] == late
    assert [each.what for each in steps] == ["new"], "there is no mail server to remind them by"
    assert elsewhere == []


def test_each_partner_opens_its_own_and_nobody_elses(library: Demo) -> None:
    held = {}
    for username in demo.PARTNERS:
        session, key = library.sign_in(username)
        mine = library.handovers(session.person.partner_id)
        held[username] = len(mine)
        for each in library.handovers():
            with library.store.write() as db:
                if each in mine:
                    opened = partner_side.opened(db, each.id, session.person, key, library.at)
                    assert (opened.story is None) == (each.state == "withdrawn")
                    assert set(opened.story or {}) <= set(each.items)
                else:
                    with pytest.raises(NotThere):
                        partner_side.opened(db, each.id, session.person, key, library.at)
                    if each.sealed is not None:
                        with pytest.raises(CannotOpen):
                            partner_side.read(db, each, partners.team(each.partner_id), key)
    assert all(held.values())
    with pytest.raises(WrongPassword):
        sessions.sign_in(library.store, library.key, "advice", PASSWORD)  # the door of staff


def test_each_was_asked_in_her_language_and_one_partner_was_told_no(library: Demo) -> None:
    found = {each.referral_id: each for each in library.handovers()}
    with library.store.read() as db:
        given = [each for referral in found for each in consents.of_referral(db, referral)]
    for each in given:
        assert each.language == found[each.referral_id].language
        if each.partner_id:
            assert catalogue(each.language).gettext(TAKE_BACK) in each.wording
    assert [each.service_id for each in given if not each.yes and each.partner_id] == [service_id("business")]
    assert any(each.yes for each in given if each.purpose == "staff-may-read")


def test_it_is_known_how_soon_advice_replies_and_of_the_others_not_yet(library: Demo) -> None:
    with library.store.read() as db:
        known = {each.name: reports.reply_time(db, each.id) for each in partners.every(db)}
    hours = {name: each for name, each in known.items() if each is not None}
    assert list(hours) == [demo.PARTNERS["advice"].organisation]
    assert timedelta(hours=min(hours.values())) < timedelta(days=3)


def test_nothing_that_anybody_told_can_be_read_in_the_files(library: Demo, tmp_path: Path) -> None:
    files = b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "service.key"
    )
    assert service_id("advice").encode() in files
    for told in demo.NOW:
        story = told.story
        words = [each["value"] for each in story["reach"] if "value" in each]
        words += [story["own-words"]["text"]] if "own-words" in story else []
        words += [story["name"]] if len(story["name"]) > 4 else []  # chance writes shorter ones by itself
        for word in words:
            assert word.encode() not in files, word
