"""What the staff pages of the directory need to know of what is kept; and files that wait for a yes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk import sealing
from kiosk.store import NotThere, Reading, Row, Writing
from kiosk.support.directory.records import NEEDS, SERVICE, Service, services_of

LIFE = timedelta(hours=2)
"""How long a file that was handed in waits for somebody to say yes."""
PER_PAGE = 50

KINDS = {
    "": "1",
    "shown": "s.is_offered",
    "hidden": "NOT s.is_offered AND s.gone_at IS NULL",
    "no-need": f"s.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM ({NEEDS}) n WHERE n.service_id = s.id)",
    "no-card": "s.gone_at IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM service_cards c WHERE c.service_id = s.id AND c.language = 'en')",
    "outdated": "EXISTS (SELECT 1 FROM service_cards c WHERE c.service_id = s.id AND c.state = 'outdated')",
    "new": "s.news = 'new'",
    "changed": "s.news NOT IN ('', 'new')",
    "gone": "s.gone_at IS NOT NULL AND s.kept = 0",
}
"""Which services a list has, in SQL over the rows `s` of `SERVICE`."""


@dataclass(frozen=True)
class Standing:
    """How a service stands with staff. `news`: "new", or what an import has changed since they looked.

    `cards` are the states of its cards by language; `raw` is all that came, as JSON.
    """

    service: Service
    news: str
    is_gone: bool
    kept: bool
    status: str
    cards: dict[str, str]
    raw: str
    changed_by: str

    @property
    def changes(self) -> list[str]:
        return self.news.split() if self.news != "new" else []


@dataclass(frozen=True)
class Page:
    """A page of a list: its services, how many there are in all, and how many pages."""

    lines: list[Standing]
    total: int
    pages: int


def page(db: Reading, kind: str = "", source: str | None = None, number: int = 1) -> Page:
    """A page of the services of a kind (of `KINDS`), of one directory ('' is written here) or of all."""
    condition = f"{_kind(kind)} AND (:source IS NULL OR s.source = :source)"
    total: int = db.value(f"SELECT count(*) FROM ({SERVICE}) s WHERE {condition}", source=source)
    rows = db.all(
        f"SELECT * FROM ({SERVICE}) s WHERE {condition} ORDER BY lower(s.name), s.id"
        " LIMIT :size OFFSET :skip",
        source=source,
        size=PER_PAGE,
        skip=(number - 1) * PER_PAGE,
    )
    return Page(_standings(db, rows), total, max(1, -(-total // PER_PAGE)))


def search(db: Reading, words: str) -> Page:
    """The services that have all of these words in their name, organisation or card, or filed under them."""
    found: list[Row] | None = None
    for word in words.split()[:8]:
        like = "%" + word.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        rows = db.all(
            f"SELECT * FROM ({SERVICE}) s WHERE lower(s.name) LIKE :like ESCAPE '\\'"
            " OR lower(s.organisation) LIKE :like ESCAPE '\\'"
            " OR s.id IN (SELECT service_id FROM service_cards WHERE lower(name) LIKE :like ESCAPE '\\')"
            " OR s.id IN (SELECT service_id FROM service_words WHERE word LIKE :like ESCAPE '\\')"
            " ORDER BY lower(s.name), s.id",
            like=like,
        )
        before = {row["id"] for row in rows if found is None} | {row["id"] for row in found or ()}
        found = [row for row in rows if row["id"] in before]
    return Page(_standings(db, (found or [])[:PER_PAGE]), len(found or []), 1)


def counts(db: Reading) -> dict[str, int]:
    """How many services there are of each kind."""
    columns = ", ".join(f'sum({_kind(kind)}) AS "{kind}"' for kind in KINDS)
    return {kind: number or 0 for kind, number in db.one(f"SELECT {columns} FROM ({SERVICE}) s").items()}


def _kind(kind: str) -> str:
    return f"({KINDS[kind]})"


def standing(db: Reading, service_id: str) -> Standing:
    """`NotThere`."""
    return _standings(db, [db.one(f"{SERVICE} WHERE s.id = :id", id=service_id)])[0]


def _standings(db: Reading, rows: list[Row]) -> list[Standing]:
    cards: dict[str, dict[str, str]] = {row["id"]: {} for row in rows}
    for service_id, states in cards.items():
        for row in db.all(
            "SELECT language, state FROM service_cards WHERE service_id = :id ORDER BY language",
            id=service_id,
        ):
            states[row["language"]] = row["state"]
    return [
        Standing(
            service, row["news"], row["gone_at"] is not None, bool(row["kept"]), row["status"],
            cards[row["id"]], row["raw"], row["changed_by"],
        )
        for service, row in zip(services_of(db, rows), rows, strict=True)
    ]  # fmt: skip


def sources(db: Reading) -> list[str]:
    """The names of the directories that services came from."""
    return [
        row["source"]
        for row in db.all("SELECT DISTINCT source FROM services WHERE source <> '' ORDER BY lower(source)")
    ]


def organisation_names(db: Reading) -> list[str]:
    return [row["name"] for row in db.all("SELECT DISTINCT name FROM organisations ORDER BY lower(name)")]


@dataclass(frozen=True)
class WrittenCard:
    """A card as it is kept, for whoever writes it."""

    name: str
    text: str
    state: str


def written_card(db: Reading, service_id: str, language: str) -> WrittenCard | None:
    row = db.maybe(
        "SELECT name, text, state FROM service_cards WHERE service_id = :id AND language = :language",
        id=service_id,
        language=language,
    )
    return WrittenCard(row["name"], row["text"], row["state"]) if row else None


# Words ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A word of a directory. `needs` is None while nobody has decided what it stands for."""

    word: str
    services: int
    needs: tuple[str, ...] | None


def words(db: Reading) -> list[Word]:
    """All words, first those that nobody has decided about, and of these the most frequent."""
    needs: dict[str, list[str]] = {}
    for row in db.all("SELECT word, need FROM directory_words ORDER BY word, need"):
        needs.setdefault(row["word"], []).extend(filter(None, [row["need"]]))
    found = [
        Word(row["word"], row["services"], tuple(needs[row["word"]]) if row["word"] in needs else None)
        for row in db.all("SELECT word, count(*) AS services FROM service_words GROUP BY word")
    ]
    return sorted(found, key=lambda each: (each.needs is not None, -each.services, each.word))


def word(db: Reading, wanted: str) -> Word:
    """`NotThere` when no service is filed under it."""
    found = next((each for each in words(db) if each.word == wanted), None)
    if found is None:
        raise NotThere
    return found


def filed_under(db: Reading, wanted: str, most: int = 30) -> list[Row]:
    """The id, name and organisation of the services filed under a word."""
    return db.all(
        "SELECT s.id, s.name, o.name AS organisation FROM services s"
        " JOIN service_words w ON w.service_id = s.id LEFT JOIN organisations o ON o.id = s.organisation_id"
        " WHERE w.word = :word ORDER BY lower(s.name), s.id LIMIT :most",
        word=wanted,
        most=most,
    )


def words_of(db: Reading, service_id: str) -> list[str]:
    return [
        row["word"]
        for row in db.all(
            "SELECT word FROM service_words WHERE service_id = :id ORDER BY word", id=service_id
        )
    ]


# Files that wait --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A file that waits for a yes. `columns` is for tables: field → heading."""

    id: str
    name: str
    source: str
    columns: dict[str, str] | None
    created_at: str
    created_by: str


def put_by(db: Writing, content: bytes, *, name: str, source: str, by: str, service_key: bytes) -> str:
    """Keep a file until somebody has looked; its id."""
    now = datetime.now(UTC)
    file_id = secrets.token_hex(16)
    db.insert(
        "directory_files",
        id=file_id,
        name=name,
        source=source,
        sealed=sealing.encrypt(content, _key(service_key), _context(file_id)),
        created_at=now.isoformat(),
        created_by=by,
        purge_after=(now + LIFE).isoformat(),
    )
    return file_id


def waiting(db: Reading, most: int = 20) -> list[Waiting]:
    """The files that wait, the newest first."""
    rows = db.all(
        "SELECT id, name, source, columns, created_at, created_by FROM directory_files"
        " WHERE purge_after > :now ORDER BY created_at DESC LIMIT :most",
        now=datetime.now(UTC).isoformat(),
        most=most,
    )
    return [_waiting(row) for row in rows]


def one_waiting(db: Reading, file_id: str, service_key: bytes) -> tuple[Waiting, bytes]:
    """A file and its content. `NotThere` when it is not there any more."""
    row = db.one(
        "SELECT * FROM directory_files WHERE id = :id AND purge_after > :now",
        id=file_id,
        now=datetime.now(UTC).isoformat(),
    )
    return _waiting(row), sealing.decrypt(row["sealed"], _key(service_key), _context(file_id))


def set_columns(db: Writing, file_id: str, columns: Mapping[str, str]) -> None:
    said = json.dumps(columns, ensure_ascii=False, sort_keys=True)
    if not db.run("UPDATE directory_files SET columns = :columns WHERE id = :id", columns=said, id=file_id):
        raise NotThere


def throw_away(db: Writing, file_id: str) -> None:
    """`NotThere` when the file is not there any more."""
    if not db.run("DELETE FROM directory_files WHERE id = :id", id=file_id):
        raise NotThere


def purge(db: Writing, now: datetime) -> int:
    """Delete files that nobody has said yes to in time; how many it were."""
    return db.run(
        "DELETE FROM directory_files WHERE purge_after <= :now", now=now.astimezone(UTC).isoformat()
    )


def _waiting(row: Row) -> Waiting:
    return Waiting(
        id=row["id"],
        name=row["name"],
        source=row["source"],
        columns=json.loads(row["columns"]) if row["columns"] else None,
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


def _key(service_key: bytes) -> bytes:
    return sealing.derive(service_key, "directories that wait")


def _context(file_id: str) -> str:
    return f"directory_files|{file_id}|sealed|1"
