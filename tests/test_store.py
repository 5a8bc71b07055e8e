"""The one door to the database: what is written stays, what fails leaves nothing, what is read is still."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import configuration
from kiosk.store import Busy, LostDatabase, NotThere, Store, has_wal_fix


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    kept = Store(tmp_path / "kiosk.db")
    yield kept
    kept.close()


def add_branch(kept: Store, name: str) -> None:
    with kept.write() as db:
        db.insert("branches", id=name, name=name, created_at="2026-03-09T09:00:00+00:00")


def names(kept: Store) -> list[str]:
    with kept.read() as db:
        return [row["name"] for row in db.all("SELECT name FROM branches ORDER BY name")]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("foreign_keys", 1),
        ("synchronous", 2),  # FULL: what was acknowledged on the screen is on the disk
        ("secure_delete", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 5000),
        ("cell_size_check", 1),
    ],
)
def test_every_connection_keeps_what_it_was_told(kept: Store, pragma: str, value: int) -> None:
    assert kept.pragma(pragma) == value
    said: list[int] = []

    def look() -> None:
        with kept.read() as db:
            said.append(db.value(f"PRAGMA {pragma}"))

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert said == [value, value]


def test_the_log_is_written_ahead_only_where_sqlite_has_the_fix(kept: Store) -> None:
    assert kept.pragma("journal_mode") == ("wal" if has_wal_fix() else "delete")


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 1), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 1), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_which_sqlite_has_the_fix(version: tuple[int, ...], fixed: bool) -> None:
    assert has_wal_fix(version) is fixed


def test_what_fails_halfway_leaves_nothing(kept: Store) -> None:
    with pytest.raises(Busy), kept.write() as db:  # noqa: PT012 - the first of the two has succeeded
        db.insert("branches", id="a", name="Central", created_at="now")
        db.run("INSERT INTO nothing VALUES (1)")
    assert names(kept) == []
    add_branch(kept, "North")
    assert names(kept) == ["North"], "the door opens again"


def test_a_screen_cannot_stand_in_a_branch_that_is_not_there(kept: Store) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), kept.write() as db:
        db.insert("kiosks", id="k", branch_id="nowhere", name="Screen", created_at="now")


def test_what_is_read_does_not_change_while_it_is_looked_at(kept: Store) -> None:
    add_branch(kept, "Central")
    with kept.read() as db:
        before = db.value("SELECT COUNT(*) FROM branches")
        writing = threading.Thread(target=add_branch, args=(kept, "North"))
        writing.start()
        writing.join()
        assert db.value("SELECT COUNT(*) FROM branches") == before == 1
    assert names(kept) == ["Central", "North"]


def test_who_reads_cannot_write(kept: Store) -> None:
    with pytest.raises(Busy, match="readonly"), kept.read() as db:
        db.all("INSERT INTO branches (id, name, created_at) VALUES ('a', 'b', 'c') RETURNING id")
    assert names(kept) == []


def test_what_is_not_there_is_said_to_be_not_there(kept: Store) -> None:
    with kept.read() as db:
        assert db.maybe("SELECT id FROM branches WHERE id = :id", id="x") is None
        for ask in (db.one, db.value):
            with pytest.raises(NotThere):
                ask("SELECT id FROM branches WHERE id = :id", id="x")


def test_what_looks_like_sql_is_only_text(kept: Store) -> None:
    name = "'); DROP TABLE branches; --\x00\u202e"
    add_branch(kept, name)
    assert names(kept) == [name]


def test_many_writers_at_once_lose_nothing(kept: Store) -> None:
    """Each reads, then writes what it has read and one: no two of them may read the same number."""
    with kept.write() as db:
        db.run("INSERT INTO settings VALUES ('library', '', 'count', '0', '')")
    failed: list[Exception] = []

    def count() -> None:
        try:
            for _ in range(25):
                with kept.write() as db:
                    so_far = int(db.value("SELECT value FROM settings WHERE name = 'count'"))
                    db.run("UPDATE settings SET value = :value WHERE name = 'count'", value=str(so_far + 1))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with kept.read() as after:
        assert after.value("SELECT value FROM settings WHERE name = 'count'") == "200"


def test_what_was_deleted_is_in_the_file_no_more(kept: Store) -> None:
    add_branch(kept, "ZZCANARY" * 100)
    with kept.write() as db:
        db.run("DELETE FROM branches")
    kept.shred()
    for file in kept.path.parent.iterdir():
        assert b"ZZCANARY" not in file.read_bytes(), file.name


def test_an_old_database_is_brought_up_to_date_once(tmp_path: Path) -> None:
    for _ in range(2):
        kept = Store(tmp_path / "kiosk.db")
        kept.close()
    kept = Store(tmp_path / "kiosk.db")
    add_branch(kept, "Central")
    assert names(kept) == ["Central"]
    kept.close()


# -- the data folder -------------------------------------------------------------------------------------


def test_a_new_folder_gets_a_key_and_a_database_that_only_their_owner_reads(tmp_path: Path) -> None:
    key, kept = configuration.open_folder(tmp_path / "new" / "data")
    kept.close()
    folder = tmp_path / "new" / "data"
    assert len(key) == 32
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("service.key", "kiosk.db"):
        assert (folder / name).stat().st_mode & 0o077 == 0, name


def test_a_second_start_finds_the_same_key(tmp_path: Path) -> None:
    first, kept = configuration.open_folder(tmp_path)
    kept.close()
    second, kept = configuration.open_folder(tmp_path)
    kept.close()
    assert first == second


@pytest.mark.parametrize("loss", ["gone", "empty", "no key"])
def test_a_folder_that_has_lost_something_is_refused(tmp_path: Path, loss: str) -> None:
    """An empty database looks fine to SQLite: starting with it would hide that everything is lost."""
    _key, kept = configuration.open_folder(tmp_path)
    kept.close()
    database = tmp_path / "kiosk.db"
    if loss == "gone":
        database.unlink()
    elif loss == "empty":
        database.write_bytes(b"")
    else:
        (tmp_path / "service.key").unlink()
    with pytest.raises(LostDatabase):
        configuration.open_folder(tmp_path)
    assert not (loss == "gone" and database.exists()), "nothing is put in the place of what is lost"
