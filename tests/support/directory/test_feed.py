"""The directory given back: what people see here, in the words of Open Referral UK 3.0, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kiosk.store import Store
from kiosk.support.directory import demo, reading, saving
from kiosk.support.directory.records import set_capacity
from tests.branches.councils import needs_data
from tests.support.directory.feeds import IDS, ORUK, load, service

ONE, TWO = IDS[:2]


def fetch(app: Flask, address: str = "/feeds/services", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get(address, headers=named)


def show(store: Store, *numbers: int) -> None:
    with store.write() as db:
        for number in numbers:
            saving.set_needs(db, IDS[number - 1], ["money"])
            saving.show(db, IDS[number - 1], True, "anna")


def page(app: Flask, query: str = "") -> dict[str, Any]:
    answer = fetch(app, f"/feeds/services{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    found: dict[str, Any] | None = answer.json
    assert found is not None
    return found


def test_only_services_that_people_see_are_given_back(app: Flask, store: Store) -> None:
    load(store, [service(1), service(2)])
    assert page(app) == {
        "total_items": 0, "total_pages": 0, "page_number": 1, "size": 0, "first_page": True,
        "last_page": True, "empty": True, "contents": [],
    }  # fmt: skip
    show(store, 1)
    assert [each["id"] for each in page(app)["contents"]] == [ONE]
    assert fetch(app, f"/feeds/services/{ONE}").json == page(app)["contents"][0]
    assert fetch(app, f"/feeds/services/{TWO}").status_code == 404
    assert fetch(app, "/feeds/services/nothing").data == b""


def test_the_pages_say_rightly_where_they_stand(app: Flask, store: Store) -> None:
    load(store, [service(each) for each in (1, 2, 3, 4, 5)])
    show(store, 1, 2, 3, 4, 5)
    names: list[str] = []
    for number in (1, 2, 3):
        found = page(app, f"?per_page=2&page={number}")
        names += [each["name"] for each in found["contents"]]
        assert (found["total_items"], found["total_pages"], found["page_number"]) == (5, 3, number)
        assert found["size"] == len(found["contents"])
        assert (found["first_page"], found["last_page"], found["empty"]) == (number == 1, number == 3, False)
    assert names == [f"Service {number}" for number in (1, 2, 3, 4, 5)]
    assert page(app, "?page=9")["empty"]
    for wrong in ("0", "-1", "x", "", "1e3", "٣", "9" * 20):
        assert fetch(app, f"/feeds/services?page={wrong}").status_code == 404
    assert page(app, "?per_page=100000")["size"] == 5


def test_what_others_fetched_need_not_be_sent_again(app: Flask, store: Store) -> None:
    load(store, [service(1)])
    show(store, 1)
    first = fetch(app)
    assert first.headers["Cache-Control"] == "public, max-age=900"
    assert "Set-Cookie" not in first.headers
    assert fetch(app, If_None_Match=first.headers["ETag"]).status_code == 304
    with store.write() as db:
        saving.write_card(db, ONE, "en", "Plain", "Short.", "read", "anna")
    changed = fetch(app, If_None_Match=first.headers["ETag"])
    assert changed.json is not None
    assert changed.json["contents"][0]["name"] == "Plain"


def test_nothing_is_given_back_that_the_screens_do_not_show(app: Flask, store: Store) -> None:
    load(
        store,
        [service(1, assurer_email="ann@example.org", pc_metadata={"assured_by": "ann@example.org"},
                 contacts=[{"name": "Ann Persona", "phones": [{"number": "01632 960001"}]}])],
    )  # fmt: skip
    show(store, 1)
    with store.write() as db:
        saving.set_partner(db, ONE, "secret-partner", "maria")
        set_capacity(db, ONE, "paused", None)
    text = fetch(app).text
    assert "01632 960001" in text
    for hidden in ("ann@example.org", "Ann Persona", "secret-partner", "anna"):
        assert hidden not in text
    assert page(app)["contents"][0]["status"] == "temporarily closed"


def test_what_was_given_back_is_read_as_it_was(app: Flask, store: Store) -> None:
    with store.write() as db:
        demo.load(db)
    said = page(app, "?per_page=200")
    found = reading.read(json.dumps(said).encode())
    assert (found.refused, found.warnings) == ([], [])
    assert len(found.services) == len(demo.SERVICES)
    by_id = {each.id: each for each in found.services}
    for name, told in demo.SERVICES.items():
        again = by_id[demo.service_id(name)]
        assert again.name == told.name
        assert again.phone == told.phone
        for fact in ("languages", "min_age"):
            assert again.facts.get(fact) == told.facts.get(fact)
        assert set(again.facts.get("ways", ())) >= set(told.facts.get("ways", ()))


@needs_data
@pytest.mark.parametrize("what", ["demo", "examples"])
def test_the_feed_holds_to_the_schema(app: Flask, store: Store, what: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ORUK / "schema-uk-3.0/compiled_service.json").read_text("utf-8"))
    checker = jsonschema.validators.validator_for(schema)
    judge = checker(schema, format_checker=checker.FORMAT_CHECKER)
    with store.write() as db:
        if what == "demo":
            demo.load(db)
    if what == "examples":
        for number, file in enumerate(
            (
                "examples-uk-3.0/service_full.json",
                "schema-hsds-3.1/example_service_full.json",
                "csv-other/outpost_services_valid.csv",
            )
        ):
            load(store, (ORUK / file).read_bytes(), source=str(number))
        load(
            store,
            [
                service(1, url="https://example.org/ż?q=ą b", organization=None),
                service(2, url="https://żółw.example.org/"),
            ],
        )
        with store.write() as db:
            for row in db.all("SELECT id FROM services"):
                saving.set_needs(db, row["id"], ["money", "papers"])
                saving.show(db, row["id"], True, "anna")
    contents = page(app, "?per_page=200")["contents"]
    assert len(contents) >= 5
    for each in contents:
        assert [error.message for error in judge.iter_errors(each)] == []
