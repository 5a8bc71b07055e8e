"""A directory is loaded again and again: what came is kept, and what the library made of it stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kiosk.store import Store
from kiosk.support.directory import importing, reading, saving
from kiosk.support.directory.importing import own_id, reports, told
from kiosk.support.directory.records import card, find, organisation
from tests.branches.councils import needs_data
from tests.support.directory.feeds import COUNCIL, IDS, as_json, load, service

ONE = IDS[0]


def counts(planned: importing.Plan) -> dict[str, int]:
    return {kind: planned.count(kind) for kind in ("new", "changed", "same", "gone")}


def everything(store: Store) -> list[dict[str, Any]]:
    with store.read() as db:
        return [
            row
            for table in ("services", "organisations", "service_words")
            for row in db.all(f"SELECT * FROM {table}")
        ]


def test_loading_the_same_file_twice_changes_nothing(directory: Store) -> None:
    said = [service(1, attributes=[{"taxonomy_term": {"name": "Debt"}}]), service(2, fees="Free")]
    assert counts(load(directory, said)) == {"new": 2, "changed": 0, "same": 0, "gone": 0}
    kept = everything(directory)
    assert counts(load(directory, said)) == {"new": 0, "changed": 0, "same": 2, "gone": 0}
    assert everything(directory) == kept


@needs_data
def test_a_councils_feed_loaded_twice_changes_nothing(directory: Store) -> None:
    data = COUNCIL.read_bytes()
    assert counts(load(directory, data)) == {"new": 738, "changed": 0, "same": 0, "gone": 0}
    kept = everything(directory)
    again = load(directory, data)
    assert counts(again) == {"new": 0, "changed": 0, "same": 738, "gone": 0}
    assert again.organisations == 239
    assert everything(directory) == kept


def test_a_plan_changes_nothing_and_tells_in_numbers_what_would_change(directory: Store) -> None:
    load(directory, [service(1), service(2)])
    kept = everything(directory)
    found = reading.read(as_json([service(1, name="Other"), service(3, email="x"), service(4, name="")]))
    with directory.read() as db:
        planned = importing.plan(db, found, "county")
    assert everything(directory) == kept
    assert told(planned) == {
        "services": 2, "organisations": 1, "new": 1, "changed": 1, "same": 0, "gone": 1,
        "refused": [{"where": "service 3", "reason": "The service has no name."}],
        "warnings": [
            {"where": "service 2: Service 3", "reason": "This is no e-mail address, and was left out: x"}
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ({"name": "Other"}, ("name",)),
        ({"description": "Other"}, ("text",)),
        ({"email": "new@example.org", "fees": "Free"}, ("email", "free", "fee")),
        ({"organization": {"id": IDS[7], "name": "Another"}}, ("organisation_id",)),
        ({"attributes": [{"taxonomy_term": {"name": "Debt"}}]}, ("words",)),
        ({"status": "inactive"}, ("status",)),
        ({"assured_date": "2026-01-01"}, ()),
    ],
)
def test_what_has_changed_is_named(directory: Store, said: dict[str, Any], changes: tuple[str, ...]) -> None:
    load(directory, [service(1)])
    planned = load(directory, [service(1, **said)])
    line = planned.lines[0]
    assert sorted(line.changes) == sorted(changes)
    assert line.kind == ("changed" if changes else "same")
    with directory.read() as db:
        raw = json.loads(db.value("SELECT raw FROM services"))
        assert said.items() <= raw.items(), "what came last is kept as it came"


def test_new_services_are_hidden_until_staff_show_them(directory: Store) -> None:
    load(directory, [service(1)])
    with directory.write() as db:
        assert not find(db, ONE).is_offered
        with pytest.raises(saving.NoNeed):
            saving.show(db, ONE, True, "anna")
        saving.set_needs(db, ONE, ["money"])
        saving.show(db, ONE, True, "anna")
        assert find(db, ONE).is_offered


def test_the_work_of_staff_stays_when_the_directory_is_loaded_again(directory: Store) -> None:
    load(directory, [service(1, fees="Free", minimum_age=18)])
    with directory.write() as db:
        saving.write_card(db, ONE, "en", "Plain", "Short words.", "read", "anna")
        saving.write_card(db, ONE, "pl", "Prosto", "Krótkie słowa.", "read", "anna")
        saving.set_needs(db, ONE, ["money"])
        saving.show(db, ONE, True, "anna")
        saving.set_facts(db, ONE, {"min_age": 16, "children": False}, "anna")
        saving.set_partner(db, ONE, "partner", "maria")
    load(directory, [service(1, name="New name", fees="3 pounds", minimum_age=21, maximum_age=60)])
    with directory.read() as db:
        found = find(db, ONE)
        assert (found.name, found.free, found.fee, found.max_age) == ("New name", None, "3 pounds", 60)
        assert (found.min_age, found.children, found.needs) == (16, False, frozenset({"money"}))
        assert (found.partner_id, found.shown) == ("partner", True)
        english = card(db, ONE, "en")
        assert (english.name, english.text, english.state) == ("Plain", "Short words.", "outdated")


def test_facts_can_be_taken_as_the_directory_says_them_again(directory: Store) -> None:
    load(directory, [service(1, minimum_age=18)])
    with directory.write() as db:
        saving.set_facts(db, ONE, {"min_age": 16, "free": True}, "anna")
    load(directory, [service(1, minimum_age=21)])
    with directory.write() as db:
        assert saving.staff_facts(db, ONE) == ["free", "min_age"]
        saving.facts_as_they_came(db, ONE, "anna")
        found = find(db, ONE)
        assert (found.min_age, found.free) == (21, None)
        assert saving.staff_facts(db, ONE) == []


def test_what_left_the_directory_is_not_offered_any_more_unless_staff_keep_it(directory: Store) -> None:
    load(directory, [service(1), service(2)])
    with directory.write() as db:
        saving.set_needs(db, ONE, ["money"])
        saving.show(db, ONE, True, "anna")
    assert counts(load(directory, [service(2)]))["gone"] == 1
    assert counts(load(directory, [service(2)]))["gone"] == 0, "it has gone only once"
    with directory.write() as db:
        assert not find(db, ONE).is_offered
        saving.keep(db, ONE, True, "anna")
        assert find(db, ONE).is_offered
        saving.keep(db, ONE, False, "anna")
    back = load(directory, [service(1), service(2)])
    assert back.of("changed")[0].changes == ("back",)
    with directory.read() as db:
        assert find(db, ONE).is_offered


def test_what_could_not_be_read_and_what_is_on_another_page_has_not_gone(directory: Store) -> None:
    load(directory, [service(1), service(2)])
    assert counts(load(directory, [service(1, name=""), service(2)]))["gone"] == 0
    page = {"total_items": 2, "total_pages": 2, "page_number": 1, "contents": [service(2)]}
    assert counts(load(directory, page))["gone"] == 0
    assert counts(load(directory, [service(3)], source="another"))["gone"] == 0


def test_when_most_has_gone_nothing_is_taken_away_unless_somebody_says_so(directory: Store) -> None:
    every = [service(each) for each in range(1, 8)]
    load(directory, every)
    assert load(directory, every[:1]).asks
    with directory.read() as db:
        assert db.value("SELECT count(*) FROM services WHERE gone_at IS NOT NULL") == 0
    load(directory, every[:1], take_away=True)
    with directory.read() as db:
        assert db.value("SELECT count(*) FROM services WHERE gone_at IS NOT NULL") == 6


def test_what_the_library_wrote_itself_no_file_changes(directory: Store) -> None:
    with directory.write() as db:
        saving.add(db, saving.Own("Ours", "Demo Libraries"), "anna", ONE)
    planned = load(directory, [service(1), service(2)])
    assert [each.reason for each in planned.refused] == [importing.OURS]
    with directory.read() as db:
        assert find(db, ONE).name == "Ours"


def test_an_id_that_is_no_uuid_is_that_of_its_directory_alone(directory: Store) -> None:
    load(directory, [service(1, id="7")], source="one")
    load(directory, [service(1, id="7", name="Another")], source="two")
    with directory.read() as db:
        assert find(db, own_id("one", "7")).name == "Service 1"
        assert find(db, own_id("two", "7")).name == "Another"
    assert own_id("one", ONE.upper()) == ONE


def test_an_organisation_is_kept_once_and_follows_its_directory(directory: Store) -> None:
    load(directory, [service(1), service(2)])
    changed = {"id": IDS[8], "name": "The New Hub", "description": "<p>x<script>y</script></p>"}
    load(directory, [service(1, organization=changed), service(2, organization=changed)])
    with directory.read() as db:
        assert db.value("SELECT count(*) FROM organisations") == 1
        hub = organisation(db, IDS[8])
        assert (hub.name, hub.text, hub.source) == ("The New Hub", "<p>x</p>", "county")


def test_each_loading_leaves_a_report(directory: Store) -> None:
    load(directory, [service(1), service(2, name="")])
    with directory.read() as db:
        newest = reports(db)[0]
    assert (newest.source, newest.who, newest.added, newest.refused) == ("county", "anna", 1, 1)
    assert newest.remarks == (("service 2", "The service has no name."),)


def test_a_plan_is_another_as_soon_as_something_else_would_happen(directory: Store) -> None:
    found = reading.read(as_json([service(1)]))
    with directory.read() as db:
        before = importing.plan(db, found, "county")
        assert before.fingerprint == importing.plan(db, found, "county").fingerprint
    load(directory, [service(1)])
    with directory.read() as db:
        assert importing.plan(db, found, "county").fingerprint != before.fingerprint


# -- two directories -----------------------------------------------------------------------------------------


def test_another_directory_does_not_take_over_a_service_or_who_runs_it(directory: Store) -> None:
    load(directory, [service(1, url="https://good.example", email="good@example.org")], "council")
    with directory.write() as db:
        saving.set_needs(db, ONE, ["money"])
        saving.show(db, ONE, True, "anna")
    kept = everything(directory)
    bad = {"id": IDS[8], "name": "Quick Loans", "url": "https://bad.example", "email": "bad@example.org"}
    planned = load(
        directory,
        [
            service(1, name="Quick Loans", url="https://bad.example", organization=bad),
            service(2, name="Loans", organization=bad),
        ],
        "poisoned",
    )
    assert counts(planned) == {"new": 1, "changed": 0, "same": 0, "gone": 0}
    assert [each["reason"] for each in told(planned)["refused"]] == [
        importing.RUNNER_OF_ANOTHER,
        "This service belongs to the directory “council”. It was left as it is.",
    ]
    assert [row for row in everything(directory) if row in kept] == kept, "nothing that was here has changed"
    with directory.read() as db:
        theirs, ours = find(db, IDS[1]), find(db, ONE)
        assert ours.organisation_id == IDS[8]
        assert theirs.organisation_id != IDS[8]
        assert organisation(db, theirs.organisation_id or "").url == "https://bad.example"
        assert organisation(db, IDS[8]).name == "The Hub"
    assert counts(load(directory, [service(2, name="Loans", organization=bad)], "poisoned"))["same"] == 1


def test_an_organisation_of_the_library_is_not_changed_by_a_directory(directory: Store) -> None:
    with directory.write() as db:
        db.insert(
            "organisations", id=IDS[8], source="", name="Ours", text="", url="", email="", created_at="",
            changed_at="",
        )  # fmt: skip
    planned = load(directory, [service(1)])
    assert [each["reason"] for each in told(planned)["refused"]] == [importing.RUNNER_OF_ANOTHER]
    with directory.read() as db:
        assert organisation(db, IDS[8]).name == "Ours"
        assert find(db, ONE).organisation == "The Hub"
