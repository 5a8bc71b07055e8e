"""What a person typed is on no disk and in no log that anybody could read, while she is here and after it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import branches, rounds, settings
from kiosk.join import desk_records
from kiosk.settings import Settings
from kiosk.store import Store
from tests.visitor import Instead, Visitor, opened

DAY = 24 * 3600
MARKED: dict[str, Any] = {
    "first_name": "Zzcanaryna",
    "family_name": "Żółćkanarek",
    "phone": "07700 900777",
    "postcode": "ZE2 9XQ",
    "year": "1947",
}
CANARIES = [
    "zzcanaryna",
    "żółćkanarek",
    "7700900777",
    "7700 900777",
    "ze2 9xq",
    "ze29xq",
    "zz@canary.example",
]


def forms_of(word: str) -> Iterator[bytes]:
    """A word as it might lie on a disk."""
    for written in {word, word.upper(), word.title()}:
        for code in ("utf-8", "utf-16-le", "utf-16-be"):
            yield written.encode(code)
        yield written.encode("unicode_escape")
        yield "".join(f"%{byte:02X}" for byte in written.encode()).encode()


def traces(folder: Path, words: list[bytes]) -> list[str]:
    """The files under a folder that hold one of the words."""
    return [
        f"{word!r} in {file.name}"
        for file in folder.rglob("*")
        if file.is_file()
        for content in [file.read_bytes()]
        for word in words
        if word in content
    ]


ALL = [form for word in CANARIES for form in forms_of(word)]


def sealed_pieces(store: Store) -> list[bytes]:
    """A piece out of the middle of every sealed body: what would show if the bytes themselves were left."""
    with store.read() as db:
        rows = db.all("SELECT sealed FROM joins WHERE sealed IS NOT NULL UNION ALL SELECT sealed FROM visits")
    return [row["sealed"][len(row["sealed"]) // 2 :][:24] for row in rows]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text


def test_the_grep_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing proves nothing until it has found something."""
    for code in ("utf-8", "utf-16-le"):
        (tmp_path / "leak").write_bytes(b"\x00" * 7 + "ŻÓŁĆKANAREK".encode(code))
        assert traces(tmp_path, ALL)


def test_nothing_of_a_person_can_be_read_on_the_disk_or_in_the_logs(
    app: Flask, store: Store, visitor: Visitor, logged: Callable[[], str]
) -> None:
    folder = store.path.parent
    visitor.start_joining("pl")
    visitor.walk(to="family-name", **MARKED)
    visitor.post("/pl/join/family-name", {"aside": "language", "family_name": MARKED["family_name"]})
    assert not traces(folder, ALL), "while she answers"
    visitor.get("/pl/join/family-name")
    visitor.walk(**MARKED)
    assert not traces(folder, ALL), "before she sends"
    visitor.send()
    assert not traces(folder, ALL), "when it is sent"
    assert opened(app)[visitor.code].family_name == MARKED["family_name"], "and yet the desk can read it"
    assert not traces(folder, ALL), "when the desk has read it"
    assert not any(word.decode("utf-8", "replace") in logged() for word in ALL)


def test_an_e_mail_leaves_no_more_than_a_name(app: Flask, store: Store, visitor: Visitor) -> None:
    code = visitor.join("uk", contact="email", email="zz@canary.example", postcode=Instead("unknown"))
    assert opened(app)[code].email == "zz@canary.example"
    assert not traces(store.path.parent, ALL)


def test_nothing_is_left_of_a_visit_that_was_finished(store: Store, visitor: Visitor) -> None:
    visitor.start_joining("ar")
    visitor.walk(**MARKED)
    pieces = sealed_pieces(store)
    assert traces(store.path.parent, pieces), "it lies there sealed"
    visitor.post("/ar/finish")
    with store.read() as db:
        assert db.value("SELECT COUNT(*) FROM visits") == 0
    assert not traces(store.path.parent, ALL)
    store.shred()
    assert not traces(store.path.parent, pieces)


def test_what_nobody_finishes_is_wiped_after_sixty_days(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    code = visitor.join("en", **MARKED)
    visitor.post("/en/finish")
    pieces = sealed_pieces(store)
    clock.shift(60 * DAY - 60)
    rounds.go(app)
    assert code in opened(app), "not a minute too early"
    clock.shift(61)
    assert rounds.go(app) >= 1
    assert opened(app) == {}
    assert not traces(store.path.parent, [*pieces, code.encode(), *ALL])
    with store.read() as db:
        left = db.one("SELECT * FROM joins")
    assert {name for name, value in left.items() if isinstance(value, bytes)} == set()
    assert (left["language"], left["state"]) == ("en", "new"), "somebody joined: that may be counted"


def test_what_is_finished_is_wiped_after_a_fortnight(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.join("en", **MARKED)
    clock.shift(50 * DAY)
    with store.write() as db:
        person = db.value("SELECT id FROM people")
        join = desk_records.for_desk(db, db.value("SELECT id FROM joins"))
        desk_records.finish(db, join, person, join.sealed, Settings())
    pieces = sealed_pieces(store)
    clock.shift(14 * DAY - 60)
    rounds.go(app)
    assert len(opened(app)) == 1
    clock.shift(61)
    rounds.go(app)
    assert opened(app) == {}
    assert not traces(store.path.parent, [*pieces, *ALL])


def test_no_choice_of_a_library_keeps_it_longer_than_sixty_days(app: Flask, store: Store) -> None:
    for name in ("join_kept_days", "join_kept_after_days"):
        with store.write() as db, pytest.raises(settings.NotAllowed):
            settings.change(db, "library", "", name, 61)


def test_the_wipe_comes_by_itself(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.join("en", **MARKED)
    clock.shift(61 * DAY)
    with rounds.going(app):  # the first round goes at once; leaving waits for it
        pass
    with store.read() as db:
        assert db.value("SELECT COUNT(*) FROM joins WHERE purged_at IS NOT NULL") == 1
        assert db.value("SELECT COUNT(*) FROM visits") == 0


def test_a_round_that_fails_says_nothing_of_anybody_and_the_next_one_goes(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller, logged: Callable[[], str]
) -> None:
    visitor.join("en", **MARKED)
    clock.shift(61 * DAY)
    with store.write() as db:
        db.run("ALTER TABLE joins RENAME TO elsewhere")
    with rounds.going(app):
        pass
    assert "a round failed" in logged()
    with store.write() as db:
        db.run("ALTER TABLE elsewhere RENAME TO joins")
    assert rounds.go(app) >= 1
    assert not any(word.decode("utf-8", "replace") in logged() for word in ALL)


# -- when something breaks -------------------------------------------------------------------------------


def break_the_time_zone(store: Store) -> None:
    with store.write() as db:
        db.run("UPDATE branches SET time_zone = 'Nowhere/Never'")


def test_an_error_of_ours_is_logged_without_what_she_typed(
    store: Store, visitor: Visitor, logged: Callable[[], str]
) -> None:
    visitor.start_joining("ti")
    visitor.walk(to="first-name", **MARKED)
    break_the_time_zone(store)
    visitor.post("/ti/join/first-name", {"first_name": MARKED["first_name"]})
    assert visitor.status == 500
    assert visitor.lang == "ti"
    assert "Traceback" not in visitor.text
    assert "Nowhere" not in visitor.text
    number = visitor.page.find(string=lambda text: text is not None and "E-" in text)
    assert number is not None, "a number that she can tell staff"
    assert "join.ask" in logged(), "and that leads them to the fault"
    assert not any(word.decode("utf-8", "replace").casefold() in logged().casefold() for word in ALL)
    for typed in ("first_name", "/ti/", visitor.token, visitor.cookie):
        assert typed not in logged(), "neither what she sent nor what opens her visit"


def test_her_answers_are_there_again_when_the_fault_is_mended(store: Store, visitor: Visitor) -> None:
    visitor.start_joining("ti")
    visitor.walk(to="family-name", **MARKED)
    break_the_time_zone(store)
    visitor.answer("family-name", "Bekele")
    assert visitor.status == 500
    with store.write() as db:
        db.run("UPDATE branches SET time_zone = 'Europe/London'")
    visitor.get("/ti/join/family-name")
    visitor.walk(**MARKED)
    assert visitor.path == "/ti/join/check"
    assert MARKED["first_name"] in visitor.words


@pytest.mark.parametrize("table", ["visits", "joins", "teams", "settings", "branches"])
def test_a_database_that_does_not_answer_is_a_page_in_her_language(
    store: Store, visitor: Visitor, table: str, logged: Callable[[], str]
) -> None:
    visitor.start_joining("uk")
    visitor.walk(**MARKED)
    token, key, cookie = visitor.token, visitor.key, visitor.cookie
    _rename(store, table, "elsewhere")
    visitor.post("/uk/join/send", {"csrf_token": token, "key": key})
    assert visitor.status == 503
    assert visitor.lang == "uk"
    assert "Traceback" not in visitor.text
    assert visitor.cookie == cookie, "her visit is not thrown away because nobody could look at it"
    _rename(store, "elsewhere", table)
    visitor.post("/uk/join/send", {"csrf_token": token, "key": key})
    assert visitor.code, "and what she wrote can be sent as soon as it answers again"
    assert not any(word.decode("utf-8", "replace").casefold() in logged().casefold() for word in ALL)


def test_a_file_that_is_no_database_any_more_is_a_page_in_her_language(
    app: Flask, store: Store, visitor: Visitor
) -> None:
    visitor.start_joining("pl")
    visitor.walk(to="first-name", **MARKED)
    store.pragma("wal_checkpoint(TRUNCATE)")
    with store.path.open("r+b") as file:
        size = store.path.stat().st_size
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    # in a thread of its own, whose connection has seen nothing of the file before
    fields = {"first_name": MARKED["first_name"]}
    asking = threading.Thread(target=visitor.post, args=("/pl/join/first-name", fields))
    asking.start()
    asking.join()
    assert visitor.path == "/pl/join/first-name"
    assert visitor.status == 503
    assert visitor.lang == "pl"
    assert "Traceback" not in visitor.text


def test_a_send_that_fails_at_the_last_moment_forgets_nothing_and_shows_no_code(
    app: Flask, store: Store, visitor: Visitor
) -> None:
    """The join is written, then the visit is not: neither may be half done."""
    visitor.start_joining("ar")
    visitor.walk(**MARKED)
    token, key = visitor.token, visitor.key
    with store.write() as db:
        db.run(
            "CREATE TRIGGER fault BEFORE UPDATE ON visits WHEN (SELECT COUNT(*) FROM joins) > 0"
            " BEGIN SELECT RAISE(ABORT, 'fault'); END"
        )
    visitor.post("/ar/join/send", {"csrf_token": token, "key": key})
    assert visitor.status == 500
    with store.write() as db:
        db.run("DROP TRIGGER fault")
        assert db.value("SELECT COUNT(*) FROM joins") == 0
    visitor.get("/ar/join/send")
    assert visitor.path == "/ar/join/check", "there is no code to show"
    visitor.send()
    assert opened(app)[visitor.code].first_name == MARKED["first_name"]


def _rename(store: Store, table: str, to: str) -> None:
    with store.write() as db:
        db.run(f"ALTER TABLE {table} RENAME TO {to}")


def test_only_the_database_and_its_key_are_in_the_data_folder(store: Store, visitor: Visitor) -> None:
    visitor.join("en")
    names = {file.name for file in store.path.parent.iterdir()}
    assert names <= {"kiosk.db", "kiosk.db-wal", "kiosk.db-shm", "kiosk.db-journal", "service.key"}


def test_a_branch_is_known_where_a_person_is_not(store: Store) -> None:
    with store.read() as db:
        assert branches.every(db)
