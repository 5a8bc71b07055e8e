"""What is kept of a join, tested with a database file alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from kiosk import branches, sealing
from kiosk.join import desk_records, notice, records
from kiosk.join.answers import Answers
from kiosk.sealing import CannotOpen
from kiosk.settings import Settings
from kiosk.store import NotThere, Store

DESK, RECOVERY = sealing.new_key_pair(), sealing.new_key_pair()
READERS = {"desk": DESK.public, "recovery": RECOVERY.public}
MARK_KEY = records.mark_key(bytes(32))
AMINA = Answers(first_name="Amina", family_name="Bekele", born="1990-03-27", phone="+447700900982")


@pytest.fixture
def kept(tmp_path: Path, clock: time_machine.Traveller) -> Store:
    return Store(tmp_path / "kiosk.db")


@pytest.fixture(autouse=True)
def closed(kept: Store) -> object:
    yield
    kept.close()


@pytest.fixture
def branch(kept: Store) -> str:
    with kept.write() as db:
        return branches.add_branch(db, "Central Library")


def join(branch: str, key: str = "k", answers: Answers = AMINA) -> records.Sent:
    return records.seal(
        answers, one_time_key=key, branch_id=branch, kiosk_id="", language="ti", notice_version="1",
        readers=READERS, mark_key=MARK_KEY,
    )  # fmt: skip


def test_a_join_opens_for_the_desk_in_its_own_row_and_nowhere_else(kept: Store, branch: str) -> None:
    sent, other = join(branch), join(branch, "other")
    assert records.opened(sent.sealed, sent.id, DESK.private) == AMINA
    for sealed, join_id, key in [
        (sent.sealed, other.id, DESK.private),
        (sent.sealed, sent.id, RECOVERY.private),
        (sent.sealed, sent.id, sealing.new_key_pair().private),
    ]:
        with pytest.raises(CannotOpen):
            records.opened(sealed, join_id, key)
    assert sealing.open_sealed(sent.sealed, "recovery", RECOVERY.private, records.context(sent.id))


def test_the_same_key_gives_the_same_code_and_one_row(kept: Store, branch: str) -> None:
    with kept.write() as db:
        first = records.send(db, [join(branch)], Settings())
        assert records.send(db, [join(branch)], Settings()) == first
        assert records.send(db, [join(branch, "other")], Settings()) != first
        assert db.value("SELECT COUNT(*) FROM joins") == 2
    with kept.read() as db:
        assert records.already_sent(db, "k") == first
        assert records.already_sent(db, "never") is None


def test_a_screen_lets_so_many_through_in_an_hour_and_then_more(
    kept: Store, branch: str, clock: time_machine.Traveller
) -> None:
    few = Settings(joins_an_hour=2)
    with kept.write() as db:
        for key in ("a", "b"):
            records.send(db, [join(branch, key)], few)
        with pytest.raises(records.TooMany):
            records.send(db, [join(branch, "c")], few)
        assert records.send(db, [join(branch, "a")], few), "who was let through before may ask again"
        other = branches.add_branch(db, "North Library")
        records.send(db, [join(other, "d")], few)
    clock.shift(timedelta(hours=1, seconds=1))
    with kept.write() as db:
        records.send(db, [join(branch, "c")], few)


def test_how_long_a_join_is_kept_is_written_in_it(kept: Store, branch: str) -> None:
    sent = join(branch)
    with kept.write() as db:
        records.send(db, [sent], Settings(join_kept_days=10))
        row = records.find(db, sent.id)
    assert datetime.fromisoformat(row["purge_after"]) == sent.created_at + timedelta(days=10)
    assert row["state"] == "new"
    assert row["kiosk_id"] is None


def test_what_is_wiped_can_be_found_by_nobody(
    kept: Store, branch: str, clock: time_machine.Traveller
) -> None:
    sent = join(branch)
    with kept.write() as db:
        records.send(db, [sent], Settings())
        clock.shift(timedelta(days=60))
        now = sent.created_at + timedelta(days=60)
        assert records.purge(db, now - timedelta(seconds=1)) == 0
        assert records.purge(db, now) == 1
        assert records.purge(db, now) == 0, "only once"
        assert records.already_sent(db, "k") is None
        with pytest.raises(NotThere):
            desk_records.for_desk(db, sent.id)
        with pytest.raises(NotThere):
            desk_records.by_reference(db, sent.reference)
        left = records.find(db, sent.id)
    assert left["sealed"] is left["name_mark"] is left["contact_mark"] is None
    assert (left["branch_id"], left["language"]) == (branch, "ti")


def test_a_join_that_is_not_there_is_not_there(kept: Store) -> None:
    with kept.read() as db, pytest.raises(NotThere):
        records.find(db, "nothing")


@given(st.text(min_size=1), st.text())
def test_the_length_of_what_is_sealed_says_little_of_a_name(first_name: str, family_name: str) -> None:
    """Everybody whose answers fit into the same number of steps of 512 bytes looks alike."""
    lengths = {
        len(join("b", answers=Answers(first_name=first, family_name=family)).sealed)
        for first, family in (("A", ""), (first_name[:20], family_name[:20]))
    }
    assert len({length // 512 for length in lengths}) <= 2
    for length in lengths:
        assert (length - min(lengths)) % 512 == 0


def test_marks_are_equal_for_the_same_person_however_her_name_is_written() -> None:
    key = MARK_KEY
    marks = records.marks(AMINA, key)
    same = Answers(first_name="BEKELE", family_name="amina", born="1990-03-27", phone="+447700900982")
    assert records.marks(same, key) == marks
    assert records.marks(AMINA, records.mark_key(bytes([1]) * 32)) != marks, "another library has other marks"
    other = records.marks(Answers(first_name="Amina", family_name="Bekele", born="1990-03-28"), key)
    assert other["name_mark"] != marks["name_mark"]
    assert other["contact_mark"] is None


def test_two_people_of_one_name_without_a_date_of_birth_are_not_taken_for_one() -> None:
    one = records.marks(Answers("Senait", age_band="25-59"), bytes(32))
    assert one["name_mark"] is None
    assert records.marks(Answers("Senait", born="1990"), bytes(32))["name_mark"] is not None


def test_a_longer_time_of_keeping_is_another_notice() -> None:
    assert notice.version(Settings()) != notice.version(Settings(join_kept_after_days=30))
