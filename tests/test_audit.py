"""The log holds who did what, and shows when somebody changed it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import audit
from kiosk.audit import Anchor, Tampered
from kiosk.store import Store

KEY = bytes(range(32))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "kiosk.db")
    yield store
    store.close()


def write(log: Store, count: int, who: str = "anna") -> None:
    for number in range(count):
        with log.write() as db:
            audit.record(
                db, KEY, who=who, role="branch", action="join opened", subject="join", subject_id=f"{number}"
            )


def tamper(log: Store, *statements: str) -> None:
    """As somebody with the file and a database tool would."""
    with sqlite3.connect(log.path) as connection:
        for trigger in ("audit_is_never_changed", "audit_is_never_deleted"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_staff_did_can_be_read_newest_first_and_by_person(log: Store) -> None:
    write(log, 3, "anna")
    write(log, 2, "bob")
    with log.read() as db:
        assert [entry.number for entry in audit.entries(db)] == [5, 4, 3, 2, 1]
        assert [entry.number for entry in audit.entries(db, "anna", most=2, skip=1)] == [2, 1]
        assert (audit.count(db), audit.count(db, "bob")) == (5, 2)
        assert audit.everybody(db) == ["anna", "bob"]


def test_an_untouched_log_is_whole(log: Store) -> None:
    with log.read() as db:
        assert audit.verify(db, KEY).count == 0
    write(log, 7)
    with log.read() as db:
        assert audit.verify(db, KEY) == audit.anchor(db)
        assert audit.anchor(db).count == 7


def test_a_long_log_is_checked_in_steps(log: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_AT_ONCE", 3)
    write(log, 9)
    with log.read() as db:
        assert audit.verify(db, KEY).count == 9


def test_the_program_itself_cannot_change_or_delete_an_entry(log: Store) -> None:
    write(log, 1)
    for statement in (
        "UPDATE audit SET who = 'bob'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
    ):
        with pytest.raises(Exception, match="audit log is never"), log.write() as db:
            db.run(statement)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET who = 'bob' WHERE number = 3", 3),
        ("UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE number = 1", 1),
        ("UPDATE audit SET reason = 'because' WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("UPDATE audit SET number = 9 WHERE number = 5", 5),
        ("UPDATE audit SET link = (SELECT link FROM audit WHERE number = 1) WHERE number = 4", 4),
    ],
)
def test_whoever_changes_the_file_is_found_out(log: Store, statement: str, number: int) -> None:
    write(log, 5)
    tamper(log, statement)
    with log.read() as db, pytest.raises(Tampered) as found:
        audit.verify(db, KEY)
    assert found.value.number == number


def test_a_log_written_with_another_key_is_no_log_of_ours(log: Store) -> None:
    write(log, 1)
    with log.read() as db, pytest.raises(Tampered):
        audit.verify(db, bytes(32))


def test_a_cut_tail_is_found_with_an_anchor_and_only_with_one(log: Store) -> None:
    write(log, 5)
    with log.read() as db:
        known = audit.anchor(db)
    tamper(log, "DELETE FROM audit WHERE number > 3")
    with log.read() as db:
        assert audit.verify(db, KEY).count == 3
        with pytest.raises(Tampered) as found:
            audit.verify(db, KEY, known)
    assert found.value.number == 4


def test_a_tail_that_was_cut_and_written_anew_is_found_with_an_anchor(log: Store) -> None:
    write(log, 5)
    with log.read() as db:
        known = audit.anchor(db)
    tamper(log, "DELETE FROM audit WHERE number > 3")
    write(log, 4, "mallory")
    with log.read() as db, pytest.raises(Tampered):
        audit.verify(db, KEY, known)


def test_an_anchor_of_earlier_still_holds_when_the_log_has_grown(log: Store) -> None:
    with log.read() as db:
        empty = audit.anchor(db)
    write(log, 3)
    with log.read() as db:
        known = Anchor.parse(str(audit.anchor(db)))
    write(log, 3)
    with log.read() as db:
        assert audit.verify(db, KEY, known).count == 6
        assert audit.verify(db, KEY, empty).count == 6


@pytest.mark.parametrize(
    "line", ["", "5", "5:", "5:zz", "-1:" + "00" * 32, "x:" + "00" * 32, "3:" + "00" * 31]
)
def test_a_line_that_is_no_anchor_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        Anchor.parse(line)


def test_an_act_that_fails_leaves_no_entry(log: Store) -> None:
    def act() -> None:
        with log.write() as db:
            audit.record(db, KEY, who="anna", role="branch", action="x", subject="join", subject_id="1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    with log.read() as db:
        assert audit.count(db) == 0
