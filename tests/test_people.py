"""Who may come in, how long for, and that nothing in the data folder lets anybody else in."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given
from hypothesis import strategies as st

from kiosk import audit, branches, sealing
from kiosk.people import accounts, passwords, sessions
from kiosk.people.accounts import Beginning, LastManager, NotOnYourself, Person, Role, UsernameTaken
from kiosk.people.passwords import Weakness, WeakPassword
from kiosk.people.sessions import MustWait, Session, WrongPassword
from kiosk.sealing import CannotOpen, NotARecoveryKey, TooBusy
from kiosk.store import NotThere, Store

SERVICE_KEY = bytes(range(32))
MORNING = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
GOOD = "violet tractor under seven moons"


class Library:
    """A library on its first morning: its database, its first manager, and what she was shown once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shown: Beginning = accounts.begin_library(store, SERVICE_KEY)
        with store.write() as db:
            self.branch = branches.add_branch(db, "Central Library")
        self.manager, self.cookie = self.sign_in("manager", self.shown.password)

    def sign_in(self, username: str, password: str) -> tuple[Session, str]:
        return sessions.sign_in(self.store, SERVICE_KEY, username, password)

    def desk_key(self, session: Session) -> bytes:
        with self.store.read() as db:
            return accounts.open_desk_key(db, session.person.id, session.private_key)

    def add(self, username: str, role: Role = Role.BRANCH) -> tuple[Person, str]:
        return accounts.add(
            self.store,
            SERVICE_KEY,
            self.manager.person,
            self.desk_key(self.manager),
            username=username,
            name=username.title(),
            role=role,
            branch_id=self.branch if role is Role.BRANCH else None,
        )

    def log(self) -> list[tuple[str, str]]:
        with self.store.read() as db:
            return [(entry.who, entry.action) for entry in reversed(audit.entries(db, most=1000))]

    def is_in(self, cookie: str, *, renew: bool = True) -> bool:
        return sessions.look_up(self.store, cookie, renew=renew) is not None


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def library(tmp_path: Path, clock: time_machine.Traveller) -> Iterator[Library]:
    store = Store(tmp_path / "kiosk.db")
    yield Library(store)
    store.close()


# -- the first day ------------------------------------------------------------------------------------------


def test_a_new_library_has_one_manager_who_must_choose_her_own_password(library: Library) -> None:
    person = library.manager.person
    assert (person.username, person.role, person.must_change) == ("manager", Role.MANAGER, True)
    with library.store.read() as db:
        assert accounts.has_begun(db)


def test_a_library_begins_only_once(library: Library) -> None:
    with pytest.raises(Exception, match="UNIQUE"):
        accounts.begin_library(library.store, SERVICE_KEY)
    assert library.sign_in("manager", library.shown.password)


def test_a_demo_brings_its_own_password_and_keeps_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "kiosk.db")
    shown = accounts.begin_library(store, SERVICE_KEY, password=GOOD)
    session, _cookie = sessions.sign_in(store, SERVICE_KEY, "manager", GOOD)
    assert (shown.password, session.person.must_change) == (GOOD, False)
    store.close()


def test_the_desk_and_the_paper_in_the_safe_both_open_what_was_sealed(library: Library) -> None:
    with library.store.read() as db:
        rows = db.all("SELECT id, public_key FROM teams")
    sealed = sealing.seal(b"Amina", {row["id"]: row["public_key"] for row in rows}, "joins|1|sealed|1")
    desk = library.desk_key(library.manager)
    paper = sealing.read_printed_key(library.shown.recovery_key)
    assert sealing.open_sealed(sealed, "desk", desk, "joins|1|sealed|1") == b"Amina"
    assert sealing.open_sealed(sealed, "recovery", paper, "joins|1|sealed|1") == b"Amina"


def test_the_data_folder_never_holds_what_opens_it(library: Library, tmp_path: Path) -> None:
    _person, password = library.add("anna")
    anna, cookie = library.sign_in("anna", password)
    secret_id_and_key = base64.urlsafe_b64decode(cookie)
    secrets = {
        "the manager's password": library.shown.password.encode(),
        "a one-time password": password.encode(),
        "the recovery key as printed": library.shown.recovery_key.encode(),
        "the recovery key": sealing.read_printed_key(library.shown.recovery_key),
        "the desk's key": library.desk_key(anna),
        "a private key": anna.private_key,
        "a session's id": secret_id_and_key[:32],
        "a session's key": secret_id_and_key[32:],
        "a cookie": cookie.encode(),
    }
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert files
    for what, secret in secrets.items():
        assert not any(secret in content for content in files), what


# -- roles --------------------------------------------------------------------------------------------------


def test_branch_staff_open_what_people_sent_and_an_administrator_does_not(library: Library) -> None:
    _person, password = library.add("anna")
    anna, _cookie = library.sign_in("anna", password)
    assert library.desk_key(anna) == library.desk_key(library.manager)
    _person, password = library.add("it", Role.ADMINISTRATOR)
    administrator, _cookie = library.sign_in("it", password)
    with pytest.raises(CannotOpen):
        library.desk_key(administrator)


def test_an_administrator_who_copies_another_ones_row_still_opens_nothing(library: Library) -> None:
    _person, password = library.add("it", Role.ADMINISTRATOR)
    administrator, _cookie = library.sign_in("it", password)
    with library.store.write() as db:
        db.run(
            "INSERT INTO team_keys (team_id, holder, sealed)"
            " SELECT team_id, :me, sealed FROM team_keys WHERE holder = :manager",
            me=administrator.person.id,
            manager=library.manager.person.id,
        )
    with pytest.raises(CannotOpen):
        library.desk_key(administrator)


def test_two_people_cannot_have_one_user_name(library: Library) -> None:
    library.add("anna")
    with pytest.raises(UsernameTaken):
        library.add("anna")


def test_nobody_is_added_to_a_branch_that_is_not_there(library: Library) -> None:
    library.branch = "elsewhere"
    with pytest.raises(NotThere):
        library.add("anna")


# -- signing in ---------------------------------------------------------------------------------------------


def test_capitals_and_spaces_around_a_user_name_do_not_matter(library: Library) -> None:
    session, _cookie = library.sign_in("  MANAGER ", library.shown.password)
    assert session.person.id == library.manager.person.id


@pytest.mark.parametrize("name", ["manager", "nobody", "", "' OR 1=1 --", "\ud800", "x" * 10_000])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(library: Library, name: str) -> None:
    with pytest.raises(WrongPassword):
        library.sign_in(name, "wrong")


def test_a_wrong_password_and_an_unknown_name_cost_the_same_work(
    library: Library, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = 0

    def counting(**cost: Any) -> Any:
        nonlocal counted
        counted += 1
        return Argon2id(**cost)

    monkeypatch.setattr("kiosk.sealing.Argon2id", counting)
    person, _password = library.add("anna")
    accounts.disable(library.store, SERVICE_KEY, library.manager.person, person.id)
    work = []
    for name in ("manager", "nobody", "anna"):
        counted = 0
        with pytest.raises(WrongPassword):
            library.sign_in(name, "wrong")
        work.append(counted)
    assert work == [1, 1, 1]


@pytest.mark.parametrize("name", ["manager", "nobody"])
def test_the_wait_after_a_wrong_password_grows_to_a_minute_and_no_further(
    library: Library, clock: time_machine.Traveller, name: str
) -> None:
    waits = []
    for _ in range(9):
        with pytest.raises(WrongPassword):
            library.sign_in(name, "wrong")
        with pytest.raises(MustWait) as refused:
            library.sign_in(name, library.shown.password)
        waits.append(refused.value.seconds)
        clock.shift(refused.value.seconds)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_the_wait_the_right_password_opens_and_the_waits_begin_anew(
    library: Library, clock: time_machine.Traveller
) -> None:
    for wait in (1, 2, 4):
        with pytest.raises(WrongPassword):
            library.sign_in("manager", "wrong")
        clock.shift(wait)
    library.sign_in("manager", library.shown.password)
    with pytest.raises(WrongPassword):
        library.sign_in("manager", "wrong")
    clock.shift(1)
    assert library.sign_in("manager", library.shown.password)


def test_waiting_for_one_account_keeps_nobody_else_out(library: Library) -> None:
    _person, password = library.add("anna")
    with pytest.raises(WrongPassword):
        library.sign_in("manager", "wrong")
    assert library.sign_in("anna", password)


def test_a_thousand_tries_in_a_row_are_only_a_few_guesses(
    library: Library, clock: time_machine.Traveller
) -> None:
    guesses = 0
    for _ in range(1000):
        try:
            library.sign_in("manager", "wrong")
        except WrongPassword:
            guesses += 1
        except MustWait:
            pass
        clock.shift(0.3)
    assert guesses <= 12, "five minutes are not enough for more"


def test_many_tries_at_once_are_one_guess(library: Library) -> None:
    at_once = threading.Barrier(8)
    outcomes: list[str] = []

    def guess() -> None:
        at_once.wait()
        try:
            library.sign_in("manager", "wrong")
        except (WrongPassword, MustWait, TooBusy) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("WrongPassword") == 1
    assert outcomes.count("MustWait") == 7


def test_old_tries_are_forgotten(library: Library, clock: time_machine.Traveller) -> None:
    for name in ("nobody", "somebody"):
        with pytest.raises(WrongPassword):
            library.sign_in(name, "wrong")
        clock.shift(timedelta(hours=20))
    with library.store.write() as db:
        sessions.sweep(db, datetime.now(UTC))
        assert db.value("SELECT count(*) FROM sign_in_tries") == 1


def test_who_is_turned_away_by_a_flood_has_not_tried(
    library: Library, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    monkeypatch.setattr(sealing, "_at_work_or_waiting", threading.BoundedSemaphore(1))
    sealing._at_work_or_waiting.acquire()
    with pytest.raises(TooBusy):
        library.sign_in("manager", library.shown.password)
    sealing._at_work_or_waiting.release()
    clock.shift(1)
    with library.store.read() as db:
        assert db.value("SELECT failures FROM sign_in_tries") == 0
    assert library.sign_in("manager", library.shown.password)


def test_signing_in_out_and_failing_are_in_the_log(library: Library) -> None:
    with pytest.raises(WrongPassword):
        library.sign_in("nobody-typed-hunter2", "wrong")
    with pytest.raises(WrongPassword):
        library.sign_in("manager", "wrong")
    sessions.sign_out(library.store, SERVICE_KEY, library.manager)
    assert library.log() == [
        ("(command line)", "library begun"),
        ("manager", "signed in"),
        ("(unknown name)", "sign-in failed"),
        ("manager", "sign-in failed"),
        ("manager", "signed out"),
    ]


def test_what_was_typed_as_an_unknown_name_is_kept_nowhere(library: Library, tmp_path: Path) -> None:
    with pytest.raises(WrongPassword):
        library.sign_in("nobody-typed-hunter2", "wrong")
    assert not any(b"hunter2" in path.read_bytes() for path in tmp_path.iterdir())


# -- staying signed in --------------------------------------------------------------------------------------


def test_a_session_ends_after_fifteen_minutes_without_a_touch(
    library: Library, clock: time_machine.Traveller
) -> None:
    clock.shift(sessions.IDLE)
    assert library.is_in(library.cookie)
    clock.shift(sessions.IDLE)
    assert library.is_in(library.cookie)
    clock.shift(sessions.IDLE + timedelta(seconds=1))
    assert not library.is_in(library.cookie)


def test_a_page_that_asks_for_news_by_itself_keeps_nobody_signed_in(
    library: Library, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        clock.shift(timedelta(minutes=5))
        assert library.is_in(library.cookie, renew=False)
    clock.shift(1)
    assert not library.is_in(library.cookie, renew=False)


def test_a_session_ends_after_ten_hours_however_busy(library: Library, clock: time_machine.Traveller) -> None:
    for _ in range(60):
        clock.shift(timedelta(minutes=10))
        assert library.is_in(library.cookie)
    clock.shift(1)
    assert not library.is_in(library.cookie)


def test_ended_sessions_are_swept_out_of_the_database(
    library: Library, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=1))
    library.sign_in("manager", library.shown.password)
    with library.store.read() as db:
        assert db.value("SELECT count(*) FROM staff_sessions") == 1


def test_the_cookie_of_one_session_does_not_open_another_ones_row(library: Library) -> None:
    _person, password = library.add("anna")
    _anna, hers = library.sign_in("anna", password)
    mine, theirs = base64.urlsafe_b64decode(library.cookie), base64.urlsafe_b64decode(hers)
    crossed = base64.urlsafe_b64encode(mine[:32] + theirs[32:]).decode()
    assert not library.is_in(crossed)


def test_a_row_moved_under_another_session_opens_nothing(library: Library) -> None:
    _person, password = library.add("anna")
    anna, hers = library.sign_in("anna", password)
    with library.store.write() as db:
        db.run(
            "UPDATE staff_sessions SET unlocked ="
            " (SELECT unlocked FROM staff_sessions WHERE person_id = :manager) WHERE id = :anna",
            manager=library.manager.person.id,
            anna=anna.id,
        )
    assert not library.is_in(hers)


@given(cookie=st.text(max_size=120) | st.binary(max_size=80).map(lambda raw: base64.b64encode(raw).decode()))
def test_rubbish_in_the_cookie_is_nobody(cookie: str) -> None:
    assert sessions.cookie_key(cookie) is None or len(base64.urlsafe_b64decode(cookie)) == 64


def test_every_sign_in_has_a_cookie_of_its_own(library: Library) -> None:
    _session, second = library.sign_in("manager", library.shown.password)
    assert second != library.cookie
    assert library.is_in(library.cookie)
    assert library.is_in(second)


def test_who_signs_out_is_out_and_stays_in_elsewhere(library: Library) -> None:
    _session, second = library.sign_in("manager", library.shown.password)
    sessions.sign_out(library.store, SERVICE_KEY, library.manager)
    assert not library.is_in(library.cookie)
    assert library.is_in(second)


# -- passwords ----------------------------------------------------------------------------------------------


def change(library: Library, old: str, new: str) -> str:
    return sessions.change_password(library.store, SERVICE_KEY, library.manager.person, old, new, "Suffolk")


def test_a_new_password_ends_every_session_and_opens_the_same_answers(
    library: Library, clock: time_machine.Traveller
) -> None:
    desk = library.desk_key(library.manager)
    _session, second = library.sign_in("manager", library.shown.password)
    clock.shift(2)
    fresh = change(library, library.shown.password, GOOD)
    assert not library.is_in(library.cookie)
    assert not library.is_in(second)
    assert library.is_in(fresh)
    with pytest.raises(WrongPassword):
        library.sign_in("manager", library.shown.password)
    clock.shift(1)
    session, _cookie = library.sign_in("manager", GOOD)
    assert not session.person.must_change
    assert library.desk_key(session) == desk


def test_who_does_not_know_the_password_cannot_change_it(
    library: Library, clock: time_machine.Traveller
) -> None:
    with pytest.raises(WrongPassword):
        change(library, "wrong", GOOD)
    with pytest.raises(MustWait):
        change(library, library.shown.password, GOOD)
    clock.shift(1)
    with pytest.raises(WeakPassword) as weak:
        change(library, library.shown.password, library.shown.password)
    assert weak.value.weakness is Weakness.NOT_NEW
    assert ("manager", "password change failed") in library.log()


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("", Weakness.TOO_SHORT),
        ("fourteen chars", Weakness.TOO_SHORT),
        ("a" * 201, Weakness.TOO_LONG),
        ("aaaaaaaaaaaaaaaaaaaa", Weakness.EASY_TO_GUESS),
        ("abcabcabcabcabcabc", Weakness.EASY_TO_GUESS),
        ("abcdefghijklmnopqrst", Weakness.EASY_TO_GUESS),
        ("zyxwvutsrqponmlkjih", Weakness.EASY_TO_GUESS),
        ("12345678901234567890", Weakness.EASY_TO_GUESS),
        ("qwertyuiopasdfghjkl", Weakness.EASY_TO_GUESS),
        ("passwordpassword", Weakness.EASY_TO_GUESS),
        ("Password12345678!", Weakness.EASY_TO_GUESS),
        ("P4$$w0rdP4$$w0rd", Weakness.EASY_TO_GUESS),
        ("welcomelibrary2026", Weakness.EASY_TO_GUESS),
        ("anna.kowalska.anna", Weakness.EASY_TO_GUESS),
        ("Anna Kowalska 123", Weakness.EASY_TO_GUESS),
        ("suffolk-libraries", Weakness.EASY_TO_GUESS),
        ("correcthorsebatterystaple", Weakness.EASY_TO_GUESS),
    ],
)
def test_a_password_that_others_would_guess_is_refused(password: str, weakness: Weakness) -> None:
    with pytest.raises(WeakPassword) as weak:
        passwords.check(password, "anna.kowalska", "Anna Kowalska", "Suffolk Libraries")
    assert weak.value.weakness is weakness


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "the red door of the library squeaks",
        "anna likes purple hippos",
        "кошка на крыше дома поёт",
        "七つの月の下のすみれ色の荷車が走る",
        "x7!kQ2#mZ9@pL4$v",
    ],
)
def test_a_long_password_of_any_shape_is_taken(password: str) -> None:
    passwords.check(password, "anna.kowalska", "Anna Kowalska", "Suffolk Libraries")


@given(st.text(max_size=220))
def test_any_text_is_either_a_password_or_refused_with_a_reason(text: str) -> None:
    with contextlib.suppress(WeakPassword):
        passwords.check(text, "anna", "Anna", "Suffolk Libraries")


def test_one_time_passwords_are_good_and_differ() -> None:
    made = {passwords.one_time_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check(password, "manager")


# -- letting in, and ending ---------------------------------------------------------------------------------


def test_a_reset_password_ends_sessions_and_gives_new_keys(
    library: Library, clock: time_machine.Traveller
) -> None:
    person, old = library.add("anna")
    before, cookie = library.sign_in("anna", old)
    same, new = accounts.reset_password(
        library.store, SERVICE_KEY, library.manager.person, library.desk_key(library.manager), person.id
    )
    assert same.must_change
    assert not library.is_in(cookie)
    with pytest.raises(WrongPassword):
        library.sign_in("anna", old)
    clock.shift(1)
    after, _cookie = library.sign_in("anna", new)
    assert after.private_key != before.private_key
    assert library.desk_key(after) == library.desk_key(library.manager)


def test_nobody_resets_or_ends_the_own_account(library: Library) -> None:
    me = library.manager.person
    with pytest.raises(NotOnYourself):
        accounts.reset_password(library.store, SERVICE_KEY, me, library.desk_key(library.manager), me.id)
    with pytest.raises(NotOnYourself):
        accounts.disable(library.store, SERVICE_KEY, me, me.id)


def test_a_disabled_person_is_out_at_once_and_holds_no_key(
    library: Library, clock: time_machine.Traveller
) -> None:
    person, password = library.add("anna")
    anna, cookie = library.sign_in("anna", password)
    accounts.disable(library.store, SERVICE_KEY, library.manager.person, person.id)
    assert not library.is_in(cookie)
    with pytest.raises(CannotOpen):
        library.desk_key(anna)
    with pytest.raises(WrongPassword):
        library.sign_in("anna", password)
    accounts.disable(library.store, SERVICE_KEY, library.manager.person, person.id)  # again: nothing more
    desk = library.desk_key(library.manager)
    for _ in range(2):
        accounts.enable(library.store, SERVICE_KEY, library.manager.person, desk, person.id)
    clock.shift(1)
    back, _cookie = library.sign_in("anna", password)
    assert library.desk_key(back) == desk
    acts = [action for _who, action in library.log()]
    assert (acts.count("person disabled"), acts.count("person enabled")) == (1, 1)


def test_who_is_disabled_while_the_password_is_checked_does_not_get_in(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, password = library.add("anna")
    unwrap = sealing.unwrap

    def slow(*wrapped: Any) -> bytes:
        private_key = unwrap(*wrapped)
        accounts.disable(library.store, SERVICE_KEY, library.manager.person, person.id)
        return private_key

    monkeypatch.setattr(sealing, "unwrap", slow)
    with pytest.raises(WrongPassword):
        library.sign_in("anna", password)


def test_the_last_manager_cannot_be_ended_by_an_administrator(library: Library) -> None:
    administrator, _password = library.add("it", Role.ADMINISTRATOR)
    with pytest.raises(LastManager):
        accounts.disable(library.store, SERVICE_KEY, administrator, library.manager.person.id)
    library.add("second", Role.MANAGER)
    accounts.disable(library.store, SERVICE_KEY, administrator, library.manager.person.id)
    assert not library.is_in(library.cookie)


def test_an_account_that_is_not_there_is_not_there(library: Library) -> None:
    me, desk = library.manager.person, library.desk_key(library.manager)
    with pytest.raises(NotThere):
        accounts.disable(library.store, SERVICE_KEY, me, "nobody")
    with pytest.raises(NotThere):
        accounts.enable(library.store, SERVICE_KEY, me, desk, "nobody")
    with pytest.raises(NotThere):
        accounts.reset_password(library.store, SERVICE_KEY, me, desk, "nobody")


# -- when every manager lost the password -------------------------------------------------------------------


def test_the_paper_in_the_safe_lets_a_manager_in_again(library: Library) -> None:
    desk = library.desk_key(library.manager)
    typed = library.shown.recovery_key.lower().replace("-", " ")
    password = accounts.recover(library.store, SERVICE_KEY, typed, " Manager ")
    assert not library.is_in(library.cookie)
    session, _cookie = library.sign_in("manager", password)
    assert session.person.must_change
    assert library.desk_key(session) == desk
    assert ("(command line)", "password reset by recovery key") in library.log()


def test_the_wrong_paper_lets_nobody_in(library: Library) -> None:
    with pytest.raises(NotARecoveryKey):
        accounts.recover(library.store, SERVICE_KEY, library.shown.recovery_key[:-1], "manager")
    of_another_library = sealing.print_key(sealing.new_key_pair().private)
    with pytest.raises(CannotOpen):
        accounts.recover(library.store, SERVICE_KEY, of_another_library, "manager")
    with pytest.raises(NotThere):
        accounts.recover(library.store, SERVICE_KEY, library.shown.recovery_key, "nobody")
    assert library.is_in(library.cookie)
