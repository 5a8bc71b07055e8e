"""People find events by typing, whatever the language, the accents and the case; what they type is data."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.events import saving, search
from kiosk.events.finding import Wanted, page
from kiosk.events.records import Text
from tests.events.conftest import Programme, at, date


def found(programme: Programme, words: str, **more: object) -> list[str]:
    with programme.store.read() as db:
        return [each.title for each in page(db, Wanted(words=words, **more), "en", at(9)).events]  # type: ignore[arg-type]


WORLD = {
    "pl": "Opowieści z miasta Łódź",
    "zh": "周末讲故事",
    "ar": "حكايات مُحَمَّد للأطفال",
    "bn": "শিশুদের জন্য গল্প",
    "ja": "えほんの読み聞かせ",
    "cy": "Amser stori yn y tŷ",
    "uk": "Казки для дітей: м’ята і їжак",
    "so": "Sheeko carruureed",
    "fa": "قصه‌های شب برای کودکان",
    "th": "นิทานสำหรับเด็ก",
    "de": "Straße der Märchen",
}


@pytest.fixture
def stories(programme: Programme) -> Programme:
    for number, (language, title) in enumerate(WORLD.items()):
        programme.add(f"Stories {language}", date(10, number), texts=(Text(language, title),))
    return programme


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("Lodz", "pl"), ("łódź", "pl"), ("ŁÓD", "pl"), ("opowiesci", "pl"),
        ("故事", "zh"), ("讲故", "zh"), ("末", "zh"),
        ("محمد", "ar"), ("مُحَمَّد", "ar"), ("حكايات", "ar"), ("للاطفال", "ar"), ("للأطف", "ar"),
        ("শিশুদের", "bn"), ("গল্প", "bn"), ("শিশু", "bn"),
        ("読み聞", "ja"), ("えほん", "ja"),
        ("ty", "cy"), ("TŶ", "cy"), ("stori", "cy"),
        ("мята", "uk"), ("м'ята", "uk"), ("МʼЯТА", "uk"), ("Їжак", "uk"),
        ("قصه‌های", "fa"), ("قصههاي", "fa"), ("كودكان", "fa"),
        ("เด็ก", "th"), ("strasse", "de"), ("STRAẞE", "de"), ("marchen", "de"),
    ],
)  # fmt: skip
def test_an_event_is_found_in_every_language_it_has(stories: Programme, typed: str, language: str) -> None:
    assert f"Stories {language}" in found(stories, typed)


@pytest.mark.parametrize("typed", ["事故", "গ শ", "Lodzz", "読聞", "q", "محمود"])
def test_what_is_not_there_is_not_found(stories: Programme, typed: str) -> None:
    assert found(stories, typed) == []


def test_bengali_stays_whole_and_its_vowels_count() -> None:
    assert search.words("শিশুদের জন্য গল্প") == ["শিশুদের", "জন্য", "গল্প"]
    assert search.words("কি") != search.words("কু")


def test_a_beginning_is_enough_and_all_words_must_be_there(programme: Programme) -> None:
    programme.add("Knit and Natter", text="Bring your needles. Tea and cake.")
    programme.add("Knitting for beginners", date(12), text="We have wool.")
    assert found(programme, "kni") == ["Knit and Natter", "Knitting for beginners"]
    assert found(programme, "knitting") == ["Knitting for beginners"]
    assert found(programme, "cake knit") == ["Knit and Natter"]
    assert found(programme, "knit wool cake") == []
    assert found(programme, "central needle") == ["Knit and Natter"], "the branch is a word of it, too"


def test_results_come_in_the_order_of_their_dates_and_narrow(programme: Programme) -> None:
    programme.add("Story walk", date(10, 3), pence=0, branch_id=programme.north)
    programme.add("Story time", date(10, 1), pence=300, spoken=frozenset({"pl"}))
    programme.add("Story lab", date(10, 2), pence=0)
    assert found(programme, "story") == ["Story time", "Story lab", "Story walk"]
    assert found(programme, "story", traits=frozenset({"free"})) == ["Story lab", "Story walk"]
    assert found(programme, "story", branches=(programme.north,)) == ["Story walk"]
    both = (programme.north, programme.central)
    assert found(programme, "story", branches=both, traits=frozenset({"free"})) == ["Story lab", "Story walk"]
    assert found(programme, "story", spoken="pl") == ["Story time"]


def test_pages_of_results_follow_each_other_without_gap_or_repeat(programme: Programme) -> None:
    for number in range(15):
        programme.add(f"Chess {number}", date(10 + number / 60))
    seen: list[str] = []
    after: int | None = 0
    with programme.store.read() as db:
        while after is not None:
            part = page(db, Wanted(words="che"), "en", at(9), after=after)
            seen += [each.title for each in part.events]
            assert len(part.events) <= 6
            after = part.more
    assert seen == [f"Chess {number}" for number in range(15)]


def test_what_is_over_or_changed_is_no_longer_found_by_its_old_words(
    programme: Programme, clock: time_machine.Traveller
) -> None:
    event = programme.add("Origami")
    with programme.store.write() as db:
        saving.set_text(db, event, Text("en", "Paper folding"), "amina")
    assert found(programme, "origami") == []
    assert found(programme, "paper") == ["Paper folding"]
    clock.shift(timedelta(hours=4))
    with programme.store.read() as db:
        assert not page(db, Wanted(words="paper"), "en", at(13)).events, "also before the round has come by"


@pytest.mark.parametrize(
    "typed",
    ['"', "'", "*", "kn*", "NEAR(a b)", "a AND", "OR", "NOT knit", "words:knit", "-knit", "^knit", "(", "{}",
     "😀", "👩‍👩‍👧 knit", "\x00", "%", "_", "; DROP TABLE events", "x" * 5000, "a " * 3000, "\ud800", "ـــ",
     "ّ"],
)  # fmt: skip
def test_no_typed_text_breaks_the_search(programme: Programme, typed: str) -> None:
    programme.add("Knit and Natter")
    found(programme, typed)


def test_emoji_and_quotes_around_a_word_do_not_hide_it(programme: Programme) -> None:
    programme.add("Women's knitting 🧶")
    for typed in ("🧶 knitting", '"knitting"', "(knit)", "womens", "Women’s", "knitting!!!"):
        assert found(programme, typed), typed
    assert found(programme, "🧶") == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_anything_can_be_typed(programme: Programme, typed: str) -> None:
    found(programme, typed)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(max_codepoint=0x7F), max_size=60))
def test_plain_letters_are_read_the_same_way_alone_and_beside_others(typed: str) -> None:
    assert search.words(f"{typed} ب") == [*search.words(typed), "ب"]


@given(st.text(max_size=60))
def test_folding_again_changes_nothing_and_words_hold_no_spaces(text: str) -> None:
    folded = search.fold(text)
    assert search.words(folded) == search.words(text)
    assert all(word and not any(letter.isspace() for letter in word) for word in search.words(text))


def test_a_beginning_that_very_many_words_have_is_found_too(programme: Programme) -> None:
    names = " ".join(f"comm{letter}{other}" for letter in "abcdefghijk" for other in "abcdefghijk")
    programme.add("Common things", text=names)
    assert found(programme, "comm") == ["Common things"]
