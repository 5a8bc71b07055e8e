"""What the layouts must be able to write, and what no key may ever type."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest

from kiosk.keyboards import KINDS, NATIVE, TONES, Keyboard, Page, keyboard_for

TAGS = ("en", "pl", "ar", "uk", "ti", "zh-Hant-HK")
DIFFERENT = list(dict.fromkeys(keyboard_for(kind, tag) for kind, tag in product(KINDS, TAGS)))
PAGES = [
    pytest.param(page, id=f"{board.kind}-{page.name}-{page.order}-{page.language}")
    for board in DIFFERENT
    for page in board.pages
]

# Real names and words of each language, as people who speak it write them.
NAMES = {
    "Welsh": ("Siân Ŵyn", "Gruffŷdd", "Tŷ Ïolo", "Môn-Êlin"),
    "Polish": ("Wąsik-Źdźbło", "Żółć Gęślą Jaźń", "Świętosława Ćwik"),
    "Romanian": ("Ștefan Țăran", "Ână Brâncoveanu", "Însurățel"),
    "Portuguese": ("João Gonçalves", "Conceição Antônio", "Inês À Ú"),
    "Spanish": ("Íñigo Núñez", "Agüero Peña", "Ángel Óscar"),
    "Turkish": ("Işıl Çağrı", "İbrahim Öztürk", "Gülşah Âdem"),
    "Somali": ("Cabdi Xasan", "Sa'iid"),
    "French": ("François Lœuille", "Zoë Æther", "Hélène Naïm", "Où Ûr Ü"),
    "Lithuanian": ("Žydrūnas Šėšėlgis", "Ąžuolas Čiū Įų Ęž"),
    "Albanian": ("Çelë Përparim",),
    "Vietnamese": ("Nguyễn Thị Ánh", "Đặng Hữu Phước", "Trần Ngọc Bảo", "Lê Mỹ Duyên"),
    "Kurdish": ("Şêrîn Çiçek Gûlan",),
    "German": ("Jörg Weiß Müller Ä",),
    "Czech": ("Řehoř Ďáblík Ťok Něměc Ůlk",),
    "Irish": ("Niamh O'Brien",),
}
WORDS = {
    "ar": ("أحتاج إلى مساعدة، من فضلك؟", "ئاب ؤ ء آدم مدرسة على", "پدر چای ژاله گل کتاب یک"),
    "uk": ("Мені потрібна допомога", "Ґанок їжа єдність і обʼєкт", "Щука юшка яйце цукор хліб фініш ьь"),
}


def writes(board: Keyboard, text: str, *, through: str | None = None) -> bool:
    """Whether every letter of the text has a key, a capital, or is made of a key and a tone."""
    pages = [page for page in board.pages if through in (None, page.name)]
    keys = [key for page in pages for key in page.keys]
    typed = {key.text for key in keys if key.does in ("write", "space")} | {key.capital for key in keys}
    toned = (
        {unicodedata.normalize("NFC", letter + mark) for letter in typed for mark, _cap, _name in TONES}
        if any(key.does == "tone" for key in keys)
        else set()
    )
    return all(letter in typed | toned for letter in text)


@pytest.mark.parametrize("page", PAGES)
def test_no_letter_stands_twice_on_one_page(page: Page) -> None:
    typed = [key.text for key in page.keys if key.does == "write"]
    assert len(typed) == len(set(typed))


@pytest.mark.parametrize("page", PAGES)
def test_every_letter_is_one_character_that_any_other_program_understands(page: Page) -> None:
    for key in page.keys:
        if key.does != "write" or key.text.startswith("@"):
            continue
        for letter in filter(None, (key.text, key.capital)):
            assert len(letter) == 1, letter
            assert unicodedata.normalize("NFKC", letter) == letter
            assert not 0x202A <= ord(letter) <= 0x202E
            assert unicodedata.category(letter)[0] in "LNPS", letter


@pytest.mark.parametrize("page", PAGES)
def test_every_row_fills_its_grid(page: Page) -> None:
    """A row that is too long or too short would push all the keys after it out of their places."""
    cells = sum(key.span * key.down for row in page.rows for key in row)
    assert cells == page.columns * len(page.rows)


@pytest.mark.parametrize("page", PAGES)
def test_what_was_written_can_be_taken_back_on_every_page(page: Page) -> None:
    does = [key.does for key in page.keys]
    assert does.count("delete") == 1
    assert does.count("clear") == 1


@pytest.mark.parametrize("board", DIFFERENT, ids=lambda board: f"{board.kind}-{board.pages[0].language}")
def test_nobody_is_led_to_a_page_that_is_not_there_or_has_no_way_back(board: Keyboard) -> None:
    names = {page.name for page in board.pages}
    for page in board.pages:
        leads = {key.text for key in page.keys if key.does == "page"}
        assert leads <= names - {page.name}
        assert leads or page.name == board.pages[0].name


@pytest.mark.parametrize("board", DIFFERENT, ids=lambda board: f"{board.kind}-{board.pages[0].language}")
def test_both_orders_of_a_page_write_the_same_letters(board: Keyboard) -> None:
    for name in {page.name for page in board.pages}:
        orders = {
            page.order: {key.text for key in page.keys if key.does == "write"}
            for page in board.pages
            if page.name == name
        }
        assert set(orders) in ({None}, {"typewriter", "alphabet"})
        if len(orders) == 2 and board.kind != "email":  # where the endings have a page of their own
            assert orders["typewriter"] == orders["alphabet"]


def test_an_address_can_be_written_in_either_order() -> None:
    board = keyboard_for("email", "en")
    for order in ("typewriter", "alphabet"):
        pages = tuple(page for page in board.pages if page.order in (order, None))
        assert writes(Keyboard("email", "none", pages), "anna_maria-k.1987@example.org")
        assert {"@gmail.com", "@outlook.com", "@hotmail.com", "@yahoo.com"} <= {
            key.text for page in pages for key in page.keys
        }


@pytest.mark.parametrize(("language", "names"), NAMES.items(), ids=NAMES)
def test_people_can_write_their_names(language: str, names: tuple[str, ...]) -> None:
    for name in names:
        assert unicodedata.is_normalized("NFC", name)
        assert writes(keyboard_for("name", "en"), name), f"{language}: {name}"


@pytest.mark.parametrize("tag", WORDS)
def test_people_can_write_in_their_own_letters(tag: str) -> None:
    for words in WORDS[tag]:
        assert writes(keyboard_for("text", tag), words), words
    assert keyboard_for("text", tag).pages[0].name == "native"
    assert writes(keyboard_for("text", tag), "Library 24/7?")


@pytest.mark.parametrize("tag", NATIVE)
def test_a_native_layout_has_the_whole_alphabet_of_its_language(tag: str) -> None:
    alphabet = {
        "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآءؤئةىپچژگکی،؟",
        "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяʼ",
    }[tag]
    assert writes(keyboard_for("text", tag), alphabet, through="native")


def test_a_regional_tag_finds_the_letters_of_its_language() -> None:
    assert keyboard_for("text", "ar-SY").pages[0].language == "ar"


@pytest.mark.parametrize("tag", TAGS)
def test_names_and_addresses_are_latin_in_every_language(tag: str) -> None:
    for kind in KINDS:
        if kind != "text":
            assert {page.language for page in keyboard_for(kind, tag).pages} == {"en"}


def test_a_postcode_stands_on_one_page() -> None:
    for page in keyboard_for("postcode", "en").pages:
        assert writes(Keyboard("postcode", "always", (page,)), "SW1A 2AA CF10 3AT EH99 1SP QVXZ")


def test_a_telephone_pad_has_the_order_of_telephones() -> None:
    for kind in ("phone", "number", "pin"):
        (page,) = keyboard_for(kind, "ar").pages
        assert [key.text for key in page.keys if key.text.isdigit()] == list("1234567890")
        assert page.direction == "ltr"


def test_a_turkish_reader_finds_both_letters_i() -> None:
    keys = {key.text: key.capital for page in keyboard_for("name", "tr").pages for key in page.keys}
    assert keys["i"] == "I"
    assert keys["ı"] == "İ"


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        keyboard_for("colour", "en")
