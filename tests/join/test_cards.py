"""Temporary cards: numbers that staff load, given once each, and bars that a reader can read."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk import branches, demo, rounds
from kiosk.join import cards
from kiosk.join.cards import Card, NotABlock, Numbers, Overlaps, Symbology
from kiosk.settings import Settings
from kiosk.store import NotThere, Store
from tests.staff.conftest import Library
from tests.visitor import MORNING

LONDON = ZoneInfo("Europe/London")
NOW = MORNING.astimezone(LONDON)
DIGITS, CHECKED = Settings(), Settings(card_check_digit="mod10")
LETTERS = Settings(card_symbology="code39")


@pytest.fixture
def kept(tmp_path: Path, clock: time_machine.Traveller) -> Iterator[Store]:
    store = Store(tmp_path / "kiosk.db")
    yield store
    store.close()


@pytest.fixture
def branch(kept: Store) -> str:
    with kept.write() as db:
        return branches.add_branch(db, "Central Library")


def join(store: Store, branch_id: str, join_id: str) -> str:
    """A row of a join, as it stands once it was sent."""
    with store.write() as db:
        db.insert(
            "joins", id=join_id, one_time_key=join_id, reference=join_id, branch_id=branch_id, language="ti",
            notice_version="1", state="new", created_at=MORNING.isoformat(), changed_at=MORNING.isoformat(),
            purge_after=(MORNING + timedelta(days=60)).isoformat(),
        )  # fmt: skip
    return join_id


def load(store: Store, first: str, last: str, branch_id: str = "", settings: Settings = DIGITS) -> str:
    with store.write() as db:
        return cards.load(db, cards.numbers(first, last, settings), branch_id, "")


def give(store: Store, join_id: str, branch_id: str, settings: Settings = DIGITS) -> Card | None:
    with store.write() as db:
        return cards.give(db, join_id, branch_id, "", settings, NOW)


def number(store: Store, branch_id: str, join_id: str, settings: Settings = DIGITS) -> str:
    """The number on the card of a new join; empty when there is none."""
    card = give(store, join(store, branch_id, join_id), branch_id, settings)
    return card.number if card else ""


# -- the check digit --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("digits", "check"), [("3023400051786", "1"), ("3319100010586", "4")])
def test_the_check_digits_of_real_cards_are_found(digits: str, check: str) -> None:
    assert cards.check_digit(digits) == check


@given(st.from_regex(r"[0-9]{13}", fullmatch=True))
def test_it_is_the_rule_for_fourteen_digits_counted_from_the_front(digits: str) -> None:
    doubled = [2 * int(digit) for digit in digits[::2]]
    total = sum(each - 9 if each >= 10 else each for each in doubled) + sum(map(int, digits[1::2]))
    assert cards.check_digit(digits) == str((10 - total % 10) % 10)


@given(st.from_regex(r"[0-9]{4,18}", fullmatch=True), st.data())
def test_one_digit_typed_wrong_never_goes_unseen(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != digits[place]))
    assert cards.check_digit(digits[:place] + wrong + digits[place + 1 :]) != cards.check_digit(digits)


# -- loading ----------------------------------------------------------------------------------------------


def test_two_numbers_make_a_run_however_they_are_spaced() -> None:
    assert cards.numbers(" 29999 00000001", "2999900000 500", DIGITS) == Numbers(
        "", 13, 2999900000001, 2999900000500
    )
    run = cards.numbers("t000001", "T000500", LETTERS)
    assert run == Numbers("T", 6, 1, 500)
    assert run.ends == ("T000001", "T000500")
    assert cards.numbers("a1b007", "A1B007", LETTERS) == Numbers("A1B", 3, 7, 7)


@pytest.mark.parametrize(
    ("first", "last", "settings", "why"),
    [
        ("", "", DIGITS, "number"),
        ("1234", "", DIGITS, "number"),
        ("T", "U", LETTERS, "number"),
        ("12-34", "12-35", DIGITS, "number"),
        ("١٢٣٤", "١٢٣٥", DIGITS, "number"),
        ("1" * 16, "2" * 16, DIGITS, "number"),
        ("T0001", "U0002", LETTERS, "unlike"),
        ("0001", "10000", DIGITS, "unlike"),
        ("001", "999", DIGITS, "length"),
        ("ABCDEF" + "0" * 15, "ABCDEF" + "9" * 15, LETTERS, "length"),
        ("T0001", "T0002", DIGITS, "letters"),
        ("T0001", "T0002", Settings(card_symbology="code128", card_check_digit="mod10"), "letters"),
        ("0002", "0001", DIGITS, "order"),
    ],
)
def test_what_is_no_block_says_why(first: str, last: str, settings: Settings, why: str) -> None:
    with pytest.raises(NotABlock) as refused:
        cards.numbers(first, last, settings)
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("0100", "0199"),
        ("0150", "0150"),
        ("0001", "0100"),
        ("0199", "0300"),
        ("01990", "01999"),
        ("010", "010"),
    ],
)
def test_numbers_that_are_set_aside_already_are_refused(kept: Store, first: str, last: str) -> None:
    load(kept, "0100", "0199")
    wide = Settings(card_check_digit="mod10")  # a number of four with a check digit has five
    with pytest.raises(Overlaps) as refused, kept.write() as db:
        cards.load(db, cards.numbers(first, last, wide), "", "")
    assert (refused.value.first, refused.value.last) == ("0100", "0199")


def test_neighbours_and_other_letters_are_no_overlap(kept: Store) -> None:
    load(kept, "0100", "0199")
    for first, last in (("0200", "0299"), ("0001", "0099"), ("03000", "03009"), ("000100", "000199")):
        load(kept, first, last, settings=LETTERS)
    load(kept, "T0100", "T0199", settings=LETTERS)
    with kept.read() as db:
        assert len(cards.blocks(db, DIGITS)) == 6
        assert [block.numbers.prefix for block in cards.blocks(db, DIGITS) if not block.fits] == ["T"]


# -- giving -----------------------------------------------------------------------------------------------


def test_numbers_come_one_after_the_other_and_then_there_are_none(kept: Store, branch: str) -> None:
    load(kept, "0007", "0009")
    load(kept, "0100", "0100")
    given_out = [number(kept, branch, f"join-{each}") for each in range(5)]
    assert given_out == ["0007", "0008", "0009", "0100", ""]
    with kept.read() as db:
        assert [block.left for block in cards.blocks(db, DIGITS)] == [0, 0]


def test_without_numbers_nobody_gets_a_card_and_nothing_fails(kept: Store, branch: str) -> None:
    assert number(kept, branch, "join") == ""


def test_a_branch_gives_its_own_numbers_before_those_for_all(kept: Store, branch: str) -> None:
    with kept.write() as db:
        north = branches.add_branch(db, "North Library")
    load(kept, "0001", "0009")
    load(kept, "0500", "0500", branch)
    assert [number(kept, north, "a"), number(kept, branch, "b"), number(kept, branch, "c")] == [
        "0001", "0500", "0002"
    ]  # fmt: skip


def test_the_check_digit_stands_at_the_end(kept: Store, branch: str) -> None:
    load(kept, "3023400051786", "3023400051790", settings=CHECKED)
    assert number(kept, branch, "join", CHECKED) == "30234000517861"


def test_the_same_join_keeps_its_card(kept: Store, branch: str) -> None:
    load(kept, "0001", "0009")
    first = give(kept, join(kept, branch, "join"), branch)
    assert first is not None
    assert give(kept, "join", branch) == first
    with kept.read() as db:
        assert cards.of_join(db, "join") == first
        assert cards.of_join(db, "another") is None


def test_a_join_that_is_not_kept_takes_no_number_with_it(kept: Store, branch: str) -> None:
    load(kept, "0001", "0009")
    with pytest.raises(KeyboardInterrupt):
        _send_and_break_off(kept, branch)
    assert number(kept, branch, "join") == "0001"


def test_the_second_touch_of_a_double_touch_takes_no_number(kept: Store, branch: str) -> None:
    load(kept, "0001", "0009")
    assert give(kept, "never-kept", branch) is None
    assert number(kept, branch, "join") == "0001"


def _send_and_break_off(store: Store, branch_id: str) -> None:
    with store.write() as db:
        db.insert(
            "joins", id="j", one_time_key="j", reference="j", branch_id=branch_id, language="ti",
            notice_version="1", state="new", created_at="", changed_at="", purge_after="",
        )  # fmt: skip
        assert cards.give(db, "j", branch_id, "", DIGITS, NOW)
        raise KeyboardInterrupt


def test_a_card_is_good_for_so_many_days_where_it_was_given(kept: Store, branch: str) -> None:
    load(kept, "0001", "0009")
    late = datetime(2026, 6, 1, 0, 30, tzinfo=LONDON)  # in UTC it is still May
    join(kept, branch, "join")
    with kept.write() as db:
        card = cards.give(db, "join", branch, "", Settings(card_days=28), late)
    assert card == Card("0001", "2026-05-31T23:30:00+00:00", date(2026, 6, 29))


def test_numbers_that_no_longer_fit_the_bar_code_are_left_alone(kept: Store, branch: str) -> None:
    load(kept, "T0001", "T0009", settings=LETTERS)
    assert number(kept, branch, "a", LETTERS) == "T0001"
    assert number(kept, branch, "b", DIGITS) == ""
    assert number(kept, branch, "c", LETTERS) == "T0002"


def test_two_screens_never_give_the_same_number_and_none_is_left_out(kept: Store, branch: str) -> None:
    load(kept, "0001", "0030", branch)
    load(kept, "0100", "0130")
    ids = [join(kept, branch, f"join-{each}") for each in range(40)]
    found: list[str] = []
    begin = threading.Barrier(4)

    def screen(own: list[str]) -> None:
        begin.wait()
        for join_id in own:
            card = give(kept, join_id, branch)
            assert card is not None
            found.append(card.number)

    threads = [threading.Thread(target=screen, args=(ids[each::4],)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"{each:04}" for each in [*range(1, 31), *range(100, 110)]]


def test_staff_hear_when_few_are_left_and_not_before(kept: Store, branch: str) -> None:
    def left(settings: Settings = DIGITS) -> int | None:
        with kept.read() as db:
            return cards.running_out(db, branch, settings)

    assert left() is None, "a library that never loaded any is not told"
    load(kept, "0001", "0050")
    assert left() is None
    number(kept, branch, "join")
    assert left() == 49
    load(kept, "T001", "T100", settings=LETTERS)
    assert left() == 49, "letters do not fit"
    assert left(LETTERS) is None


def test_a_block_that_is_stopped_gives_no_more_and_the_rest_can_be_loaded_again(
    kept: Store, branch: str
) -> None:
    used, unused = load(kept, "0001", "0009"), load(kept, "0100", "0199")
    assert number(kept, branch, "a") == "0001"
    with kept.write() as db:
        assert cards.stop(db, used).ends == ("0002", "0009")
        assert cards.stop(db, unused).ends == ("0100", "0199")
        assert [(block.numbers.ends, block.left) for block in cards.blocks(db, DIGITS)] == [
            (("0001", "0001"), 0)
        ]
        for block_id in (used, unused, "nothing"):
            with pytest.raises(NotThere):
                cards.stop(db, block_id)
    load(kept, "0002", "0009")
    assert number(kept, branch, "b") == "0002"


def test_of_a_wiped_join_no_card_is_left_and_its_number_is_not_given_again(kept: Store, branch: str) -> None:
    load(kept, "0001", "0009")
    number(kept, branch, "wiped")
    number(kept, branch, "open")
    with kept.write() as db:
        assert cards.purge(db, MORNING) == 0
        db.run("UPDATE joins SET purged_at = :now WHERE id = 'wiped'", now=MORNING.isoformat())
        assert cards.purge(db, MORNING) == 1
        assert cards.of_join(db, "wiped") is None
        assert cards.of_join(db, "open")
    assert number(kept, branch, "next") == "0003"


# -- bars -------------------------------------------------------------------------------------------------

CODABAR = {
    "nnnnnww": "0", "nnnnwwn": "1", "nnnwnnw": "2", "wwnnnnn": "3", "nnwnnwn": "4", "wnnnnwn": "5",
    "nwnnnnw": "6", "nwnnwnn": "7", "nwwnnnn": "8", "wnnwnnn": "9", "nnwwnwn": "A", "nwnwnnw": "B",
}  # fmt: skip
CODE39 = {
    "nnnwwnwnn": "0", "wnnwnnnnw": "1", "nnwwnnnnw": "2", "wnwwnnnnn": "3", "nnnwwnnnw": "4",
    "wnnwwnnnn": "5", "nnwwwnnnn": "6", "nnnwnnwnw": "7", "wnnwnnwnn": "8", "nnwwnnwnn": "9",
    "wnnnnwnnw": "A", "nnwnnwnnw": "B", "wnwnnwnnn": "C", "nnnnwwnnw": "D", "wnnnwwnnn": "E",
    "nnwnwwnnn": "F", "nnnnnwwnw": "G", "wnnnnwwnn": "H", "nnwnnwwnn": "I", "nnnnwwwnn": "J",
    "wnnnnnnww": "K", "nnwnnnnww": "L", "wnwnnnnwn": "M", "nnnnwnnww": "N", "wnnnwnnwn": "O",
    "nnwnwnnwn": "P", "nnnnnnwww": "Q", "wnnnnnwwn": "R", "nnwnnnwwn": "S", "nnnnwnwwn": "T",
    "wwnnnnnnw": "U", "nwwnnnnnw": "V", "wwwnnnnnn": "W", "nwnnwnnnw": "X", "wwnnwnnnn": "Y",
    "nwwnwnnnn": "Z", "nwnnwnwnn": "*",
}  # fmt: skip
CODE128 = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232",
]  # fmt: skip
"""The tables of the standards: EN 798, EN 800 (ISO/IEC 16388) and ISO/IEC 15417."""


def scanned(markup: str) -> str:
    """The modules of a drawing as a reader sees them; it must have its quiet zones."""
    svg = BeautifulSoup(markup, "html.parser").find("svg")
    assert svg is not None
    wide = int(str(svg["viewbox"]).split()[2])
    seen = ["0"] * wide
    for bar in svg.select("g rect"):
        for place in range(int(str(bar["x"])), int(str(bar["x"])) + int(str(bar["width"]))):
            seen[place] = "1"
    modules = "".join(seen)
    quiet = "0" * cards.QUIET
    assert modules.startswith(f"{quiet}1")
    assert modules.endswith(f"1{quiet}")
    return modules.strip("0")


def widths(modules: str) -> list[int]:
    return [len(list(run)) for _module, run in groupby(modules)]


def two_widths(modules: str, elements: int, table: dict[str, str]) -> str:
    """What a code says that is made of narrow and wide elements, with a narrow gap between characters."""
    sizes = widths(modules)
    narrow, wide = sorted(set(sizes))
    assert 2 <= wide / narrow <= 3
    letters = ["w" if size == wide else "n" for size in sizes]
    assert set(letters[elements :: elements + 1]) <= {"n"}
    starts = range(0, len(letters), elements + 1)
    return "".join(table["".join(letters[start : start + elements])] for start in starts)


def code128(modules: str) -> str:
    sizes = "".join(map(str, widths(modules)))
    assert sizes.endswith("2331112"), "stop"
    values = [CODE128.index(sizes[place : place + 6]) for place in range(0, len(sizes) - 7, 6)]
    *values, check = values
    assert check == (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    charset, text = {104: "B", 105: "C"}[values[0]], ""
    for value in values[1:]:
        if (charset, value) in {("B", 99), ("C", 100)}:
            charset = "C" if value == 99 else "B"
        else:
            text += f"{value:02}" if charset == "C" else chr(value + 32)
    return text


DIGITS_ALONE = st.from_regex(r"[0-9]{4,20}", fullmatch=True)
ANY_NUMBER = st.from_regex(r"[A-Z0-9]{0,8}[0-9]{4,12}", fullmatch=True)


@given(DIGITS_ALONE)
def test_a_reader_of_codabar_reads_the_number_between_a_and_b(number: str) -> None:
    assert two_widths(scanned(cards.drawing(number, "codabar")), 7, CODABAR) == f"A{number}B"


@given(ANY_NUMBER)
def test_a_reader_of_code_39_reads_the_number_between_stars(number: str) -> None:
    assert two_widths(scanned(cards.drawing(number, "code39")), 9, CODE39) == f"*{number}*"


@given(ANY_NUMBER)
@example("9900")
@example("99A1")
def test_a_reader_of_code_128_reads_the_number_and_its_check_is_right(number: str) -> None:
    assert code128(scanned(cards.drawing(number, "code128"))) == number


def test_letters_are_drawn_all_the_same_when_the_library_has_gone_over_to_codabar() -> None:
    assert code128(scanned(cards.drawing("T000001", "codabar"))) == "T000001"


@pytest.mark.parametrize("symbology", ["codabar", "code39", "code128"])
def test_a_drawing_keeps_to_the_rules_of_the_page_and_its_bars_do_not_touch(symbology: Symbology) -> None:
    drawn = cards.drawing("30234000517861", symbology)
    assert not re.search(r"style=|<style|<text|http|on\w+=", drawn)
    assert 'shape-rendering="crispEdges"' in drawn
    bars = [(int(x), int(width)) for x, width in re.findall(r'<rect x="(\d+)" width="(\d+)"', drawn)]
    assert all(x + width < after for (x, width), (after, _w) in pairwise(bars))
    assert len(drawn) < 8000


# -- at the desk ------------------------------------------------------------------------------------------

PAGE = "/staff/joins/cards"


def test_a_manager_loads_numbers_and_sees_how_many_are_left(library: Library) -> None:
    browser = library.browser("manager")
    browser.get(PAGE)
    assert "No numbers are loaded yet." in browser.words
    assert (
        browser.post(PAGE, first="2999900001", last="29999 01000", branch="").location
        == f"{PAGE}?said=loaded"
    )
    browser.get(f"{PAGE}?said=loaded")
    assert "The numbers are loaded." in browser.words
    row = browser.page.select_one("tbody tr")
    assert row is not None
    assert " ".join(row.get_text(" ").split()).startswith(
        "2999900001 – 2999901000 All branches 1000 9 Mar 2026, 09:00 (Maria Manager)"
    )
    assert not browser.page.select("[role=alert]")
    with library.store.read() as db:
        line = db.one("SELECT who, action, reason FROM audit WHERE subject = 'card block'")
    assert line == {"who": "manager", "action": "card numbers loaded", "reason": "2999900001–2999901000"}


@pytest.mark.parametrize(
    ("first", "last", "branch", "says"),
    [
        ("", "", "", "Write the number as it stands on a card"),
        ("<script>", "1", "", "Write the number as it stands on a card"),
        ("0001", "10000", "", "Only the digits differ."),
        ("01", "99", "", "Write 4 to 20 letters and digits."),
        ("T0001", "T0009", "", "Here numbers have digits only"),
        ("0009", "0001", "", "must not be smaller"),
        ("5050", "5150", "", "Some of these were loaded before: 5100 to 5199."),
        ("0001", "0009", "elsewhere", "Choose a branch, or all branches."),
    ],
)
def test_what_cannot_be_loaded_is_explained_and_stays_in_its_box(
    library: Library, first: str, last: str, branch: str, says: str
) -> None:
    load(library.store, "5100", "5199")
    browser = library.browser("manager")
    browser.get(PAGE)
    assert browser.post(PAGE, first=first, last=last, branch=branch).status_code == 422
    assert says in browser.words
    assert browser.page.select("[aria-invalid=true]")
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Error: ")
    box = browser.page.find(id="first")
    assert box is not None
    assert box["value"] == first
    with library.store.read() as db:
        assert len(cards.blocks(db, DIGITS)) == 1


def test_letters_are_taken_where_the_branch_has_a_bar_code_with_letters(library: Library) -> None:
    browser = library.browser("manager")
    settings_page = f"/staff/settings/branch/{library.central}"
    browser.get(settings_page)
    browser.post(settings_page, group="cards", card_symbology="code39")
    browser.get(PAGE)
    numbers = {"first": "t0001", "last": "t0009"}
    assert browser.post(PAGE, **numbers, branch=library.north).status_code == 422
    assert browser.post(PAGE, **numbers, branch=library.central).status_code == 303
    browser.get(PAGE)
    warned = browser.page.select_one("[role=alert]")
    assert warned is not None
    assert "Central Library: 9" in " ".join(warned.get_text(" ").split()).replace(" :", ":")


def test_a_manager_stops_a_block_and_the_log_says_so(library: Library) -> None:
    block_id = load(library.store, "5100", "5199")
    browser = library.browser("manager")
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/{block_id}/stop").status_code == 303
    browser.get(PAGE)
    assert "No numbers are loaded yet." in browser.words
    assert browser.post(f"{PAGE}/{block_id}/stop").status_code == 404
    assert ("manager", "card numbers stopped", block_id) in library.log()


def test_administrators_look_and_branch_staff_do_not(library: Library) -> None:
    block_id = load(library.store, "5100", "5199")
    it, anna = library.browser("it"), library.browser("anna")
    assert it.get(PAGE).status_code == 200
    assert not it.page.select("main form")
    it.get("/staff/password")
    assert it.post(PAGE, first="0001", last="0009", branch="").status_code == 403
    assert it.post(f"{PAGE}/{block_id}/stop").status_code == 403
    assert anna.get(PAGE).status_code == 403


def test_the_rounds_forget_the_cards_of_wiped_joins(library: Library) -> None:
    load(library.store, "0001", "0009")
    number(library.store, library.central, "join")
    rounds.go(library.app, MORNING + timedelta(days=61))
    with library.store.read() as db:
        assert db.all("SELECT * FROM cards") == []


def test_the_demo_library_gives_cards_of_fourteen_digits(
    kept: Store, branch: str, cheap_passwords: None
) -> None:
    with kept.write() as db:
        demo._card_numbers(db)
    assert number(kept, branch, "join", CHECKED) == "2999900000001" + cards.check_digit("2999900000001")
    with kept.read() as db:
        assert [block.left for block in cards.blocks(db, CHECKED)] == [999]
