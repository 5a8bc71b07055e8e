"""How people get into a Koha over the network, and what staff are told when it does not take somebody."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.join.answers import Answers
from kiosk.join.handover import koha, koha_server
from kiosk.join.handover.koha_server import Answer, Missing, NotSetUp, Server
from kiosk.settings import Settings
from tests.join.handover.definitions import PEOPLE, koha_schema, member
from tests.join.handover.koha_server import PASSWORD, USER, Koha, running


@pytest.fixture
def there() -> Iterator[Koha]:
    with running() as there:
        yield there


def server(there: Koha, password: str = PASSWORD) -> Server:
    return Server.of(Settings(koha_address=f"{there.address}/", koha_user=USER), password)


def test_every_kind_of_person_arrives_as_she_is(there: Koha) -> None:
    people = [member(answers) for answers in PEOPLE.values()]
    assert {server(there).add(koha.body(each)) for each in people} == {Answer.ADDED}
    assert there.patrons == [koha.body(each) for each in people]
    assert {each["x-koha-override"] for each in there.headers} == {"welcome_no"}


def test_a_person_sent_twice_is_there_once(there: Koha) -> None:
    said = [server(there).add(koha.body(member())) for _ in range(2)]
    assert said == [Answer.ADDED, Answer.ALREADY_THERE]
    assert len(there.patrons) == 1


@pytest.mark.parametrize(
    ("holds", "answer"),
    [
        ({"koha_library": "XXX"}, Answer.NO_SUCH_BRANCH),
        ({"koha_category": "XXX"}, Answer.NO_SUCH_CATEGORY),
    ],
)
def test_a_code_that_koha_does_not_know_is_named(there: Koha, holds: dict[str, Any], answer: Answer) -> None:
    assert server(there).add(koha.body(member(**holds))) is answer
    assert not answer.ends_it


def test_one_key_that_koha_does_not_know_refuses_the_whole_person(there: Koha) -> None:
    assert server(there).add({**koha.body(member()), "shoe_size": "39"}) is Answer.NOT_UNDERSTOOD
    assert server(there).add({"surname": "Nowak"}) is Answer.NOT_UNDERSTOOD
    assert there.patrons == []


def test_with_a_wrong_password_nobody_gets_in(there: Koha) -> None:
    assert server(there, "wrong").add(koha.body(member())) is Answer.WRONG_PASSWORD
    assert Answer.WRONG_PASSWORD.ends_it


@pytest.mark.parametrize(
    ("status", "said", "answer"),
    [
        (400, {"error": "x", "error_code": "invalid_attribute_type"}, Answer.INVALID_ATTRIBUTE_TYPE),
        (400, {"error": "x", "error_code": "attribute_not_unique"}, Answer.ATTRIBUTE_NOT_UNIQUE),
        (400, {"error": "x", "error_code": "non_repeatable_attribute"}, Answer.NON_REPEATABLE_ATTRIBUTE),
        (
            400,
            {"error": "x", "error_code": "missing_mandatory_attribute"},
            Answer.MISSING_MANDATORY_ATTRIBUTE,
        ),
        (400, {"error": "x", "error_code": "of a later version"}, Answer.NOT_UNDERSTOOD),
        (400, {"error": ["x"], "error_code": []}, Answer.NOT_UNDERSTOOD),
        (400, b"<html>", Answer.NOT_UNDERSTOOD),
        (400, b"[1]", Answer.NOT_UNDERSTOOD),
        (400, b"[" * 60_000, Answer.NOT_UNDERSTOOD),
        (400, b"\xff\xfe", Answer.NOT_UNDERSTOOD),
        (403, {"error": "Authorization failure."}, Answer.NOT_ALLOWED),
        (404, {"error": "Not found"}, Answer.NOT_KOHA),
        (409, {"error": "Duplicate ID", "conflict": "cardnumber"}, Answer.ALREADY_THERE),
        (500, {"error": "Something went wrong"}, Answer.BROKEN),
        (502, b"<html>bad gateway", Answer.BROKEN),
        (503, {"error": "System is under maintenance."}, Answer.CLOSED),
    ],
)
def test_every_refusal_is_understood(there: Koha, status: int, said: Any, answer: Answer) -> None:
    there.says = (status, said)
    if isinstance(said, dict) and isinstance(said["error"], str):
        assert koha_schema(there.definition, "error_yaml").is_valid(said), "Koha speaks like this"
    assert server(there).add(koha.body(member())) is answer


def test_nobody_is_sent_on_to_another_address(there: Koha) -> None:
    there.says = (302, b"")
    assert server(there).add(koha.body(member())) is Answer.NOT_KOHA
    assert len(there.headers) == 1, "the password went to one address only"


def test_a_koha_that_is_off_or_silent_is_said_not_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(koha_server, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        waits = Server(address, USER, PASSWORD)
        assert waits.add(koha.body(member())) is Answer.NO_ANSWER
    assert waits.add(koha.body(member(Answers("Amina")))) is Answer.NO_ANSWER, (
        "nothing listens there any more"
    )
    assert Answer.NO_ANSWER.ends_it


@pytest.mark.parametrize(
    "address",
    [
        "https://koha.example.org", "https://koha.example.org:8443/staff", "http://localhost:8081",
        "http://127.0.0.1:8081", "http://[::1]:8081", " https://koha.example.org/ ",
    ],
)  # fmt: skip
def test_names_and_a_password_go_over_https_or_stay_on_this_machine(address: str) -> None:
    found = Server.of(Settings(koha_address=address, koha_user=USER), PASSWORD)
    assert found.address == address.strip().rstrip("/")
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        "http://koha.example.org", "http://192.168.1.4", "http://localhost.example.org", "http://127.0.0.1.nip.io",
        "ftp://koha.example.org", "file:///etc/passwd", "koha.example.org", "https://", "https://a b", "https://[",
        "https://a:b@koha.example.org", "https://koha.example.org?x=1", "https://koha.example.org#x",
        "https://koha.example.org:port", "https://koha\u202e.example.org", "https://k\r\nX: y",
        "//koha.example.org",
    ],
)  # fmt: skip
def test_no_other_address_is_ever_written_to(address: str) -> None:
    with pytest.raises(NotSetUp) as error:
        Server.of(Settings(koha_address=address, koha_user=USER), PASSWORD)
    assert error.value.missing is Missing.SAFE_ADDRESS


@pytest.mark.parametrize(
    ("address", "user", "password", "missing"),
    [
        ("", USER, PASSWORD, Missing.ADDRESS),
        ("https://koha.example.org", "", PASSWORD, Missing.USER),
        ("https://koha.example.org", USER, "", Missing.PASSWORD),
    ],
)
def test_what_is_not_set_up_yet_is_named(address: str, user: str, password: str, missing: Missing) -> None:
    with pytest.raises(NotSetUp) as error:
        Server.of(Settings(koha_address=address, koha_user=user), password)
    assert error.value.missing is missing
