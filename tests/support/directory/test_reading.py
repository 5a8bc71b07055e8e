"""Directories are read in every dialect that is about, with a reason for whatever is left out or strange."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.support.directory import reading, sheets
from kiosk.support.directory.openreferral import Coming
from kiosk.support.directory.reading import Directory
from tests.branches.councils import DATA, expected, needs_data
from tests.support.directory.feeds import COUNCIL, IDS, ORUK, as_json, service, workbook, zipped

FULL: dict[str, Any] = {
    "url": "https://example.org", "email": "help@example.org", "fees": "Free", "minimum_age": 18,
    "maximum_age": "65", "languages": [{"id": "x", "code": "pl", "name": "Polish"}],
    "contacts": [{"name": "Ann Persona", "phones": [{"number": '"01632 960001"'}]}],
    "service_areas": [{"name": "IP1, IP2"}], "schedules": [{"attending_type": "Phone"}],
    "service_at_locations": [{"location": {"name": "Hub", "location_type": "physical", "addresses": [
        {"address_1": "1 Quay", "city": "Ipswich", "postal_code": "IP1 1AA"}]}}],
    "attributes": [{"taxonomy_term": {"name": "Dementia "}}],
}  # fmt: skip


def read(said: object) -> Directory:
    return reading.read(as_json(said))


def one(**said: Any) -> Coming:
    return read(service(**said)).services[0]


def reasons(directory: Directory) -> list[str]:
    return [each.reason for each in directory.warnings]


# -- shapes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        [service(1), service(2)],
        {"total_items": 2, "total_pages": 1, "contents": [service(1), service(2)]},
        {"content": [service(1), service(2)]},
        {"services": [service(1), service(2)]},
        {"id": IDS[8], "name": "The Hub", "services": [service(1, organization=None), service(2)]},
        {"contents": [{"id": "x", "service": service(1)}, {"id": "y", "service": service(2)}]},
        {
            "organizations": [{"id": IDS[8], "name": "The Hub"}],
            "services": [service(each, organization=None, organization_id=IDS[8]) for each in (1, 2)],
        },
        {
            "organizations.csv": [{"id": IDS[8], "name": "The Hub"}],
            "services.csv": [service(each, organization=None, organization_id=IDS[8]) for each in (1, 2)],
        },
    ],
    ids=["bare", "page", "content", "services", "organisation", "at places", "side by side", "tables"],
)
def test_services_are_found_however_they_are_wrapped(said: object) -> None:
    found = read(said)
    assert [each.id for each in found.services] == list(IDS[:2])
    assert {each.organisation.name for each in found.services if each.organisation} == {"The Hub"}
    assert (found.refused, found.warnings) == ([], [])


def test_what_a_directory_says_of_itself_is_not_trusted() -> None:
    found = read({"total_items": 1, "total_pages": 1, "contents": [service(1), service(1), service(2)]})
    assert len(found.services) == 2
    assert found.found == 3
    assert reasons(found) == [
        "The file says that it holds 1 services. It holds 3.",
        "This service stands in the file 2 times. It was read once.",
    ]


def test_one_page_of_many_takes_nothing_away() -> None:
    found = read({"total_items": 9, "total_pages": 3, "page_number": 2, "contents": [service()]})
    assert not found.is_whole
    assert reasons(found) == ["This is page 2 of 3. Services of the other pages are left as they are."]
    assert not read(service()).is_whole, "one service is no whole directory"
    assert read([service()]).is_whole


def test_two_services_with_one_id_are_told_of() -> None:
    found = read([service(1), service(1, name="Another")])
    assert [each.name for each in found.services] == ["Service 1"]
    assert "Another service has the same id: Service 1. The first was taken." in reasons(found)


# -- two levels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (service(id=""), "The service has no id."),
        (service(id=None), "The service has no id."),
        (service(id=["x"]), "The service has no id."),
        (service(id="x" * 201), "The id is longer than 200 letters."),
        (service(name=" "), "The service has no name."),
        (service(name="<p></p>"), "The service has no name."),
        ("a text", "This is no service: a text"),
        (None, "This is no service: None"),
        ({"id": "x", "name": "An organisation", "website": "https://example.org"}, "This is an organisation"),
        (service(extra=json.loads("[" * 40 + "]" * 40)), "The service is nested more than 30 levels deep."),
        (service(extra="x" * 400_000), "The service is longer than 400000 letters."),
    ],
)
def test_without_an_id_or_a_name_a_service_is_refused_and_the_others_are_not(
    entry: object, reason: str
) -> None:
    found = read([entry, service(2)])
    assert [each.name for each in found.services] == ["Service 2"]
    assert found.refused[0].reason.startswith(reason)
    assert found.refused[0].where.startswith("service 1")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"email": "email-example_com"}, "This is no e-mail address, and was left out: email-example_com"),
        ({"url": "example/counselling"}, "This is no web address, and was left out: example/counselling"),
        ({"organization": None}, "The service names no organisation."),
        ({"organization": {"id": "x"}}, "The service names no organisation."),
        ({"status": "open"}, "This status is not known. The service was read as active: open"),
        ({"status": None}, "The service has no status. It was read as active."),
        ({"minimum_age": "ten"}, "This is no age, and was left out: ten"),
        ({"minimum_age": 60, "maximum_age": 20}, "The lowest age is above the highest."),
        ({"languages": [{"name": "Klingonese"}]}, "This language is not known, and was left out"),
    ],
)
def test_what_is_strange_is_told_and_the_service_is_taken(said: dict[str, Any], reason: str) -> None:
    found = read([service(**said)])
    assert len(found.services) == 1
    assert len(found.warnings) == 1
    assert found.warnings[0].reason.startswith(reason)
    assert found.warnings[0].where == "service 1: Service 1"


def test_an_empty_text_is_nothing_that_was_said() -> None:
    found = read([service(email="", url="", fees="", attending_type="", minimum_age="", languages=[])])
    assert (found.warnings, found.services[0].facts) == ([], {})


# -- what is known -------------------------------------------------------------------------------------------


def test_all_that_a_service_says_is_understood() -> None:
    found = one(**FULL)
    assert found.facts == {
        "free": True, "fee": "Free", "min_age": 18, "max_age": 65, "languages": ("pl",),
        "ways": ("call", "come"), "districts": ("IP1", "IP2"),
    }  # fmt: skip
    assert found.phone == "01632 960001"
    assert found.address == "Hub, 1 Quay, Ipswich, IP1 1AA"
    assert found.words == ("dementia",)
    assert "Ann Persona" in found.raw, "what came stays as it came"


def test_version_1_says_the_same_in_other_words() -> None:
    found = one(
        organization={"id": IDS[8], "name": "The Hub", "url": "https://hub.example.org"},
        eligibilitys=[{"eligibility": "Older people", "minimum_age": 60, "maximum_age": 90}],
        service_taxonomys=[{"taxonomy": {"name": "Housing"}}],
        languages=[{"language": "Romanian"}],
        service_at_locations=[{"location": {"name": "Hub", "physical_addresses": [{"address_1": "1 Quay"}]}}],
        pc_targetAudience=[{"id": 1, "audienceType": "Carers "}],
        attending_type="Home visit",
    )
    assert found.words == ("carers", "housing", "older people")
    assert found.facts == {
        "min_age": 60, "max_age": 90, "languages": ("ro",), "ways": ("they-visit",),
    }  # fmt: skip
    assert found.address == "Hub, 1 Quay"
    assert found.organisation is not None
    assert found.organisation.url == "https://hub.example.org"


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ({"fees": "Free of charge."}, True),
        ({"fees_description": "No charge"}, True),
        ({"fees": "The first visit is free"}, None),
        ({"cost_options": [{"amount": 0}]}, True),
        ({"cost_options": [{"amount": 0}, {"amount": 3.5}]}, False),
        ({"cost_options": [{"amount": 0}, {"option": "ask"}]}, None),
        ({"free": "no"}, False),
        ({}, None),
    ],
)
def test_free_is_only_what_is_said_to_be_free(said: dict[str, Any], free: bool | None) -> None:
    assert one(**said).facts.get("free") is free


def test_an_area_that_is_no_district_stays_unknown() -> None:
    assert "districts" not in one(service_areas=[{"name": "All of Suffolk"}]).facts
    assert "districts" not in one(service_areas=[{"name": "IP1"}, {"name": "and beyond"}]).facts


def test_of_several_groups_one_without_a_limit_has_none() -> None:
    assert one(eligibilitys=[{"minimum_age": 18}, {"maximum_age": 10}]).facts == {}


# -- tables --------------------------------------------------------------------------------------------------

TABLE = (
    ("Directory of the county", None, None, None, None, None),
    ("Service name", "Description", "Organisation", "Tel", "Topics", "Languages"),
    ("Chess", "Play.", "The Hub", "01632 960001", "Games; Older people", "English, Polish"),
    ("", "No name", "", "", "", ""),
)


@pytest.mark.parametrize("kind", ["csv", "semicolons", "utf-16", "xlsx"])
def test_a_sheet_is_read_by_its_headings(kind: str) -> None:
    lines = [[cell or "" for cell in row] for row in TABLE]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row) for row in lines)
    data = {
        "csv": quoted.encode(),
        "semicolons": "\n".join(";".join(f'"{cell}"' for cell in row) for row in lines).encode("utf-8-sig"),
        "utf-16": quoted.encode("utf-16"),
        "xlsx": workbook(TABLE),
    }[kind]
    found = reading.read(data)
    assert [each.name for each in found.services] == ["Chess"]
    chess = found.services[0]
    assert chess.facts == {"languages": ("en", "pl")}
    assert (chess.phone, chess.words) == ("01632 960001", ("games", "older people"))
    assert chess.organisation is not None
    assert chess.organisation.name == "The Hub"
    assert [each.reason for each in found.refused] == ["The row has no name."]
    assert json.loads(chess.raw)["Topics"] == "Games; Older people"


def test_a_table_asks_which_column_is_the_name() -> None:
    data = b"Wer,Was\nThe Hub,Chess\n"
    found = reading.read(data)
    assert found.must_ask
    assert not found.is_nothing
    assert reasons(found) == ["No column was found for: name."]
    chosen = reading.read(data, {"name": "Was", "organisation": "Wer"})
    assert [each.name for each in chosen.services] == ["Chess"]
    assert chosen.services[0].organisation is not None


def test_rows_beneath_a_service_tell_more_of_it() -> None:
    data = (
        b"import_id,import_id_reference,name,contact_phone,contact_visible,location_name,cost_amount\n"
        b"1,,Chess,1234,TRUE,Hub,2\n2,1,,99,FALSE,Hall,0\n3,7,,,,Lost,\n4,,Go,5,FALSE,,\n"
    )
    found = reading.read(data)
    chess, go = found.services
    assert (chess.phone, chess.address, chess.facts["free"]) == ("1234", "Hub\nHall", False)
    assert go.phone == "", "nobody is to see this contact"
    assert len(json.loads(chess.raw)) == 2
    assert [(each.where, each.reason) for each in found.refused] == [
        ("row 4", "The row belongs to a service that is not in the file: 7")
    ]


def test_tables_of_open_referral_come_zipped_or_in_a_folder(tmp_path: Path) -> None:
    files = {
        "services.csv": "id,organization_id,name,status,minimum_age\ns1,o1,Chess,active,8\n,,Nobody,,\n",
        "organizations.csv": "id,name\no1,The Hub\n",
        "service_at_location.csv": "id,service_id,location_id\nx,s1,l1\n",
        "locations.csv": "id,name,location_type\nl1,Hub,physical\n",
        "address.csv": "id,location_id,address_1\na1,l1,1 Quay\n",
        "contacts.csv": "id,service_id\nc1,s1\n",
        "phones.csv": "id,contact_id,number\np1,c1,01632 960001\n",
        "attribute.csv": "id,link_id,taxonomy_term_id\nz,s1,t1\n",
        "taxonomy_terms.csv": "id,name\nt1,Games\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    packed = reading.read(zipped({f"folder/{name}": text for name, text in files.items()}))
    for found in (packed, reading.read_folder(tmp_path)):
        chess = found.services[0]
        assert (chess.phone, chess.address, chess.words) == ("01632 960001", "Hub, 1 Quay", ("games",))
        assert chess.facts == {"min_age": 8, "ways": ("come",)}
        assert found.found == 2
        assert [(each.where, each.reason) for each in found.refused] == [
            ("services, row 3: Nobody", "The service has no id.")
        ]


# -- files that are none -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty."),
        (b" \n ", "The file is empty."),
        (b"{", "This is not whole JSON: something is wrong or missing in line 1."),
        (as_json([service()])[:-40], "This is not whole JSON"),
        (b"[" * 200_000, "The file is nested too deeply."),
        (b"[" + b"9" * 9000 + b"]", "This is not whole JSON"),
        (b"[]", "There are no services in this file."),
        (b'{"contents": []}', "There are no services in this file."),
        (b"PK\x03\x04 not a zip", "This is no directory"),
        (zipped({"a.csv": "x,y\n1,2"}), "There are no services in this file."),
        (zipped({f"{number}.csv": "" for number in range(300)}), "The zip holds more than 200 files."),
        (b"\xd0\xcf\x11\xe0 old", "This is an old Excel file (.xls). Save it as .xlsx or CSV."),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is no directory"),
        (b"x" * (reading.MOST + 1), "The file is larger than 20 MB."),
        (b"just a line of text", "This is no directory"),
    ],
    ids=range(15),
)
def test_what_is_no_directory_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    found = reading.read(data)
    assert found.is_nothing
    assert found.refused[0].reason.startswith(reason)
    assert not found.is_whole


def test_a_zip_that_unfolds_without_end_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 1024 * 1024)
    monkeypatch.setattr(sheets, "BESIDE_ROWS", (1024 * 1024, 1000))
    for name in ("services.csv", "[Content_Types].xml"):
        found = reading.read(zipped({name: b"x" * 3_000_000, "xl/workbook.xml": b"x"}))
        assert [each.reason for each in found.refused] == ["The file unfolds to more than 1 MB."]


def test_of_too_many_services_the_first_are_taken_and_nothing_is_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MOST_SERVICES", 2)
    found = read([service(each) for each in (1, 2, 3)])
    assert len(found.services) == 2
    assert not found.is_whole
    assert found.refused[0].reason == "There are more than 2 entries. The rest was left out."


# -- the real ones -------------------------------------------------------------------------------------------


@needs_data
def test_a_councils_feed_gives_what_the_collection_says_of_it() -> None:
    said = expected()[COUNCIL]
    found = reading.read(COUNCIL.read_bytes())
    assert found.found == len(found.services) == said["records"] == 738
    assert (found.refused, found.warnings) == ([], [])
    runners = {each.organisation.id for each in found.services if each.organisation}
    assert len(runners) == said["distinct_organizations"] == 239
    assert sum(bool(each.email) for each in found.services) == said["with_email"]
    assert sum(bool(each.url) for each in found.services) == said["with_url"]
    assert sum(not each.text for each in found.services) == said["empty_description"]
    assert {each.status for each in found.services} == set(said["status"])
    assert not any("style=" in each.text or "<img" in each.text for each in found.services)
    assert not any(word != word.strip() for each in found.services for word in each.words)


@needs_data
@pytest.mark.parametrize(
    ("file", "found", "services", "refused"),
    [
        ("examples-uk-3.0/service_full.json", 1, 1, 0),
        ("examples-uk-3.0/service_list.json", 1, 1, 0),
        ("examples-uk-3.0/organization_full.json", 1, 1, 0),
        ("examples-uk-3.0/service_at_location_list.json", 1, 1, 0),
        ("examples-uk-3.0/organization_list.json", 1, 0, 1),
        ("examples-uk-3.0/taxonomy.json", 1, 0, 1),
        ("schema-hsds-3.1/example_service_full.json", 1, 1, 0),
        ("schema-hsds-3.1/example_organization_full.json", 1, 1, 0),
        ("schema-hsds-3.1/example_tabular.json", 1, 1, 0),
        ("validator-mocks/fail/service_list.json", 4, 0, 4),
        ("validator-mocks/test/service_list.json", 128, 1, 0),
        ("csv-other/outpost_services_valid.csv", 8, 2, 0),
        ("csv-other/outpost_services_with_sample_data.csv", 8, 2, 0),
    ],
)
def test_every_example_of_the_collection_is_read(file: str, found: int, services: int, refused: int) -> None:
    read_ = reading.read((ORUK / file).read_bytes())
    assert (read_.found, len(read_.services), len(read_.refused)) == (found, services, refused)


@needs_data
def test_the_failing_example_is_taken_and_its_address_is_told_of() -> None:
    found = reading.read((ORUK / "validator-mocks/fail/service_full.json").read_bytes())
    assert len(found.services) == 1
    assert any("email-example_com" in reason for reason in reasons(found))


@needs_data
def test_the_tables_and_the_nested_example_say_the_same() -> None:
    nested = reading.read((ORUK / "examples-uk-3.0/service_full.json").read_bytes()).services[0]
    table = reading.read_folder(ORUK / "examples-uk-3.0/csv").services[0]
    for name in ("id", "name", "text", "url", "email", "address", "status", "organisation", "facts"):
        assert getattr(nested, name) == getattr(table, name)


def pieces() -> list[bytes]:
    made = [as_json([service(1, **FULL), service(2)]), TABLE_CSV, zipped({"services.csv": b"id,name\n1,x"})]
    if not DATA.is_dir():
        return made
    return [
        *made, COUNCIL.read_bytes()[:6000], (ORUK / "examples-uk-3.0/service_full.json").read_bytes(),
        (ORUK / "csv-other/outpost_services_valid.csv").read_bytes(),
    ]  # fmt: skip


TABLE_CSV = b"name,description,organisation\nChess,Play.,The Hub\n"


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(pieces())))
    for _time in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        span = draw(st.integers(0, 40))
        data[at : at + span] = draw(st.binary(max_size=12) | st.sampled_from([b'"', b"[", b"}", b"\0", b","]))
    return bytes(data)


@st.composite
def odd_json(draw: st.DrawFn) -> bytes:
    """A service in which something is of another kind than it should be."""
    odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
    value = st.recursive(
        odd, lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3)
    )
    said = service(1, **FULL)
    for key in draw(st.lists(st.sampled_from(sorted(said)), max_size=4)):
        said[key] = draw(value)
    return json.dumps([said]).encode()


@pytest.mark.patient
@given(mutated() | odd_json())
@settings(
    deadline=8000, max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_a_damaged_directory_is_read_or_refused_and_always_with_a_reason(data: bytes) -> None:
    found = reading.read(data)
    assert found.services or found.refused or found.must_ask
    for each in (*found.refused, *found.warnings):
        assert each.where
        assert each.reason
        f"{each.where}{each.reason}".encode()
    for coming in found.services:
        assert coming.id
        assert coming.name
        f"{coming}".encode()
        json.loads(coming.raw)
