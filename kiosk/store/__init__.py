"""The one door to the database.

Only this room imports a database driver. Rooms speak SQL in a portable subset (named parameters,
`ON CONFLICT`, `RETURNING`, guarded updates) through what `read()` and `write()` yield.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

try:  # SQLite with the fix for the WAL-reset bug comes in this wheel; the system's may lack it
    from pysqlite3 import dbapi2 as sqlite3
except ImportError:  # pragma: no cover - depends on the machine
    import sqlite3

from sqlite_utils import Database

from kiosk.migrations import migrations

Row = dict[str, Any]
Found = TypeVar("Found")

Busy = sqlite3.OperationalError
"""The database could not answer: it was locked for too long, or is full."""

Damaged = sqlite3.DatabaseError
"""What stands in the file is no database any more. Every error of a database is of this class too."""


class NotThere(LookupError):
    """Nothing in the database answers to what was asked for."""


class LostDatabase(RuntimeError):
    """The data folder was in use, but its database is missing or empty."""


class Reading:
    """A consistent view of the database; every value in SQL is a named parameter."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def all(self, sql: str, **values: Any) -> list[Row]:
        cursor = self._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def column(self, sql: str, **values: Any) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self._connection.execute(sql, values)]

    def maybe(self, sql: str, **values: Any) -> Row | None:
        rows = self.all(sql, **values)
        return rows[0] if rows else None

    def one(self, sql: str, **values: Any) -> Row:
        """The first row; `NotThere` when there is none."""
        row = self.maybe(sql, **values)
        if row is None:
            raise NotThere
        return row

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row; `NotThere` when there is none."""
        return next(iter(self.one(sql, **values).values()))


class Writing(Reading):
    """A transaction that has the database to itself until it ends."""

    def run(self, sql: str, **values: Any) -> int:
        """Carry out one statement; how many rows it changed."""
        return int(self._connection.execute(sql, values).rowcount)

    def insert(self, table: str, **values: Any) -> None:
        """Add one row; `table` and the column names are spelled in code, never taken from a person."""
        columns = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        self.run(f"INSERT INTO {table} ({columns}) VALUES ({places})", **values)


class Store:
    """One database file: one writer at a time, and a reader of its own for every thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Lock()
        self._own = threading.local()
        self._readers: list[Any] = []
        self._writer = self._connect()
        migrations.apply(Database(self._writer))
        self._writer.isolation_level = None

    def _connect(self) -> Any:
        connection = sqlite3.connect(str(self.path), check_same_thread=False, isolation_level=None)
        mode = "WAL" if has_wal_fix() else "DELETE"
        for pragma in (
            f"journal_mode={mode}",
            "synchronous=FULL",  # what was acknowledged on the screen is on the disk
            "foreign_keys=ON",
            "secure_delete=ON",
            "recursive_triggers=ON",
            "cell_size_check=ON",
            "busy_timeout=5000",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A view that does not change while it is looked at."""
        connection = self._reader()
        connection.execute("BEGIN")
        try:
            yield Reading(connection)
        finally:
            connection.execute("ROLLBACK")

    def _reader(self) -> Any:
        connection = getattr(self._own, "reader", None)
        if connection is None:
            connection = self._own.reader = self._connect()
            connection.execute("PRAGMA query_only=ON")
            self._readers.append(connection)
        return connection

    def known(self, what: Hashable, look_up: Callable[[Reading], Found]) -> Found:
        """What `look_up` finds; it is asked again only after somebody has changed the database.

        Whoever that was: SQLite tells each connection when any other, in any process, has committed. What is
        known belongs to one thread and is never changed, so `look_up` gives something that cannot change.
        """
        version = self._reader().execute("PRAGMA data_version").fetchone()[0]
        if getattr(self._own, "version", None) != version:
            self._own.version, self._own.known = version, {}
        known: dict[Hashable, Any] = self._own.known
        if what not in known:
            with self.read() as db:
                known[what] = look_up(db)
        return cast(Found, known[what])

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """One transaction, all or nothing; what is read in it cannot change before it ends.

        Keep it short: nothing is rendered, sent or hashed inside.
        """
        with self._turn:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield Writing(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk ends it by itself; a refused COMMIT does not
                    self._writer.execute("ROLLBACK")
                raise

    def shred(self) -> bool:
        """Take deleted content out of the file and its log; False while a reader still holds the log."""
        with self._turn:
            self._writer.execute("VACUUM")
            held = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return not held

    def pragma(self, name: str) -> Any:
        """What the writer's connection says of one of its settings."""
        with self._turn:
            return self._writer.execute(f"PRAGMA {name}").fetchone()[0]

    def close(self) -> None:
        with self._turn:
            for connection in [*self._readers, self._writer]:
                connection.close()
            self._readers.clear()


def has_wal_fix(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (fixed in 3.51.3, and in 3.44.6 and 3.50.7)."""
    if version >= (3, 51, 3):
        return True
    return version[:2] in {(3, 44), (3, 50)} and version >= {44: (3, 44, 6), 50: (3, 50, 7)}[version[1]]
