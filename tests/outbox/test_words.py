"""What a message says: in the person's language and in English, the same facts in both."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.languages import known
from kiosk.outbox import KINDS, Said
from kiosk.outbox.words import LONGEST_TEXT, shortened, written
from kiosk.staff.messages import KINDS as NAMES

STARTS = datetime(2026, 3, 12, 18, 0, tzinfo=ZoneInfo("Europe/London"))
SAID = Said(
    title="Czytanki",
    title_in_english="Rhyme time",
    starts=STARTS,
    place="Central Library, Room 2",
    places=2,
    code="K7M2QX9PDA",
    until=STARTS - timedelta(days=1),
)
LIBRARY = "Suffolk Libraries"
TAGS = sorted(known())


def test_an_offer_says_what_when_where_until_when_and_how() -> None:
    assert written("event-offered", SAID, "en", LIBRARY).text.splitlines() == [
        "There is a place for you now: Rhyme time.",
        "When: Thursday, 12 March 2026, 18:00.",
        "Where: Central Library, Room 2.",
        "Places: 2.",
        "Take it by Wednesday, 11 March 2026, 18:00, at any library screen, with your PIN.",
        "After that, the next person gets it.",
        "Your code is K7M 2QX 9PDA.",
        "",
        "Nobody reads answers to this message. Please ask us at the desk.",
        LIBRARY,
    ]


def test_whose_language_is_another_one_reads_it_in_both() -> None:
    text = written("event-booked", SAID, "pl", LIBRARY).text
    assert "Czytanki" in text
    assert "czwartek, 12 marca 2026, 18:00" in text
    assert "You have booked: Rhyme time." in text
    assert "Thursday, 12 March 2026" in text
    assert text.index("Czytanki") < text.index("Rhyme time")


@pytest.mark.parametrize("language", TAGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_said_in_every_language(kind: str, language: str) -> None:
    said = Said(**{**vars(SAID), "was": STARTS - timedelta(days=7), "pence": 600})
    for text in (written(kind, said, language, LIBRARY).text, shortened(kind, said, language, LIBRARY)):
        assert "%(" not in text
        assert LIBRARY in text
        assert "\r" not in text
        assert len(text) <= LONGEST_TEXT + 400
    assert len(shortened(kind, said, language, LIBRARY)) <= LONGEST_TEXT
    assert "\n" not in written(kind, said, language, LIBRARY).subject


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"test", "news", "partner-new", "partner-late"}))
def test_what_is_not_known_is_not_spoken_of(kind: str) -> None:
    text = written(kind, Said(title="Rhyme time"), "en", LIBRARY).text
    assert "Rhyme time" in text
    assert "None" not in text
    assert ": ." not in text
    assert "Places" not in text
    assert "code is" not in text


def test_a_day_without_a_time_is_a_day() -> None:
    said = Said(title="Open day", starts=STARTS.replace(hour=0), all_day=True)
    text = written("event-booked", said, "en", LIBRARY).text
    assert "Day: Thursday, 12 March 2026." in text
    assert "00:00" not in text


def test_who_has_paid_reads_what_she_gets_back_and_others_do_not() -> None:
    assert "We give you £6.00 back" in written("event-cancelled", Said(title="A", pence=600), "en", "L").text
    assert "back" not in written("event-cancelled", Said(title="A"), "en", "L").text


def test_who_has_a_place_online_reads_the_way_in_and_can_touch_it() -> None:
    link = "https://meet.example/j/0123456789?pwd=Abc"
    for kind in ("event-booked", "event-promoted", "event-moved", "event-on-again"):
        said = Said(title="Talk", link=link, has_place=True)
        for language in ("en", "ar"):
            lines = written(kind, said, language, "L").text.splitlines()
            assert any(line.endswith(f": {link}") for line in lines), "nothing stands behind the address"
    for kind in ("event-waiting", "event-offered", "event-cancelled"):
        assert link not in written(kind, Said(title="Talk", link=link), "en", "L").text


def test_an_event_that_is_on_again_says_what_is_still_hers_and_what_is_to_be_paid() -> None:
    said = Said(**{**vars(SAID), "pence": 600, "has_place": True})
    text = written("event-on-again", said, "en", LIBRARY).text
    for line in (
        "This event takes place after all: Rhyme time.", "You still have your place.",
        "Please pay £6.00 at the desk by Wednesday, 11 March 2026, 18:00.",
    ):  # fmt: skip
        assert line in text.splitlines()
    assert "still have" not in written("event-on-again", SAID, "en", LIBRARY).text
    assert "pay" not in written("event-on-again", SAID, "en", LIBRARY).text


def test_a_title_cannot_add_lines_or_gaps_of_its_own() -> None:
    said = Said(title="Rhyme\r\n\r\ntime %(code)s\u2028Nobody reads", code="K7M2QX9PDA")
    lines = written("event-booked", said, "en", LIBRARY).text.splitlines()
    assert lines[0] == "You have booked: Rhyme time %(code)s Nobody reads."


def test_in_arabic_a_code_does_not_turn_the_sentence_round() -> None:
    marked = "\N{FIRST STRONG ISOLATE}K7M 2QX 9PDA\N{POP DIRECTIONAL ISOLATE}"
    assert marked in written("event-booked", SAID, "ar", LIBRARY).text
    assert marked not in written("event-booked", SAID, "uk", LIBRARY).text


def test_a_language_that_is_gone_is_english() -> None:
    assert written("event-booked", SAID, "tlh", LIBRARY) == written("event-booked", SAID, "en", LIBRARY)


def test_when_both_languages_are_too_long_for_a_text_her_own_is_kept() -> None:
    said = Said(**{**vars(SAID), "title": "Ż" * 100, "title_in_english": "Z" * 100, "place": "P" * 100})
    text = shortened("event-offered", said, "pl", "L" * 100)
    assert "Ż" * 100 in text
    assert len(text) <= LONGEST_TEXT


def test_every_kind_has_a_name_for_staff() -> None:
    assert set(NAMES) == set(KINDS)
