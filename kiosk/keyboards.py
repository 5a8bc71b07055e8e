"""The layouts of the on-screen keyboard, as plain data: which keys stand where, and what each one types.

A field says what *kind* of thing is typed (a name, a postcode); `keyboard_for` answers with all pages that
the person may need. The letters come in two orders: the one of a typewriter, in fixed rows (`Page.rows`),
and the alphabet, which flows into as many columns as the screen has room for (`Page.groups`). Which of the
two is shown is decided on the screen, where the millimetres are known.

A layout for one more language is an entry in `NATIVE`, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, get_args

Kind = Literal["name", "email", "postcode", "phone", "number", "pin", "text", "address", "code"]
Does = Literal["write", "tone", "delete", "space", "clear", "capitals", "page", "more", "order", "gap"]
Capitals = Literal["words", "sentences", "none", "always"]
Order = Literal["typewriter", "alphabet"]

KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Key:
    """One key. `text` is what it types; for `page` it is the page that it opens, for `tone` a combining mark.

    `cap` is printed on it where that is not `text`, `name` is read aloud where that is not what is printed.
    `span` and `down` count the columns and rows of the page's grid that the key covers.
    """

    does: Does
    text: str = ""
    capital: str = ""
    cap: str = ""
    name: str = ""
    span: int = 1
    down: int = 1

    @property
    def shown(self) -> str:
        """What is printed on the key; nothing for the keys that carry a picture."""
        return self.cap or (self.text if self.does == "write" else "")


@dataclass(frozen=True)
class Page:
    """One face of the keyboard.

    With `rows` the page is a grid of exactly `columns` columns. With `groups` the keys flow into the columns
    that fit, `controls` after them; where not even small keys fit together, one group is shown at a time.
    """

    name: str
    language: str = "en"
    direction: Literal["ltr", "rtl"] = "ltr"
    order: Order | None = None
    columns: int = 0
    rows: tuple[tuple[Key, ...], ...] = ()
    groups: tuple[tuple[Key, ...], ...] = ()
    controls: tuple[Key, ...] = ()
    pad: bool = False

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys in reading order."""
        return tuple(key for row in (*self.rows, *self.groups, self.controls) for key in row)


@dataclass(frozen=True)
class Keyboard:
    """Everything that one field may need; the first page is shown first."""

    kind: str
    capitals: Capitals
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Native:
    """The letters of a language that is not written in Latin.

    `rows` are the rows of its usual keyboard. `alphabet` is the same in the order of the alphabet, in groups
    for screens that are too small for all of it: the letters used most come first. `cap` is printed on the
    key that leads here.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    cap: str
    rows: tuple[str, ...]
    alphabet: tuple[str, ...]
    capitals: bool


NATIVE: dict[str, Native] = {
    "ar": Native(
        language="ar",
        direction="rtl",
        cap="أ ب ت",
        rows=(
            "ض ص ث ق ف غ ع ه خ ح ج",
            "ش س ي ب ل ا ت ن م ك ط",
            "ذ ء ؤ ر ى ة و ز ظ د ئ",
            "أ إ آ پ چ ژ گ ک ی ، ؟",
        ),
        alphabet=(
            "ا أ ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ظ ع غ ف ق ك ل م ن ه ة و ي",
            "ء إ آ ؤ ئ ى پ چ ژ گ ک ی ، ؟",
        ),
        capitals=False,
    ),
    "uk": Native(
        language="uk",
        direction="ltr",
        cap="АБВ",
        rows=(
            "й ц у к е н г ш щ з х ї",
            "ф і в а п р о л д ж є ґ",
            "я ч с м и т ь б ю ʼ",
        ),
        alphabet=(
            "а б в г ґ д е є ж з и і ї й к л м н",
            "о п р с т у ф х ц ч ш щ ь ю я ʼ",
        ),
        capitals=True,
    ),
}

QWERTY = ("q w e r t y u i o p", "a s d f g h j k l", "z x c v b n m")
ALPHABET = "a b c d e f g h i j k l m n o p q r s t u v w x y z"
DIGITS = "1 2 3 4 5 6 7 8 9 0"

# Ready-made letters, in the order of the letter beneath the mark: nobody has to know where a mark is kept.
# Together with the tones they write Welsh, Polish, Romanian, Portuguese, Spanish, Turkish, French,
# Lithuanian, Albanian, Vietnamese, Italian, German, Czech, Slovak, Hungarian, Latvian, Kurmanji, and the
# Nordic languages.
ACCENTS = (
    "á à â ä ã å ā ă ą æ ç ć č ď đ é è ê ë ė ē ę ě ğ",
    "í ì î ï į ī ı ķ ļ ł ľ ñ ń ň ņ ó ò ô ö õ ø ő œ ơ",
    "ř ś š ş ș ß ť ț ţ ú ù û ü ū ů ű ų ư ŵ ý ŷ ź ż ž",
)
# A tone goes on the letter before it: â and then sắc make ấ. The mark, what is printed on the key, and its
# name: Vietnamese is the language that needs them, so the names are Vietnamese.
TONES = (
    ("\u0300", "`", "huyền"),
    ("\u0301", "´", "sắc"),
    ("\u0309", "ˀ", "hỏi"),
    ("\u0303", "˜", "ngã"),
    ("\u0323", ".", "nặng"),
)

# The capital of ı is I, which has its key among the letters; the Turkish İ has none and takes the key of ı.
CAPITALS = {"ı": "İ", "ß": "ẞ"}

DOMAINS = ("@gmail.com", "@outlook.com", "@hotmail.com", "@yahoo.com")
SIGNS = ". , ? ! ' - ( ) : & @ / £ +"


@cache
def keyboard_for(kind: str, language_tag: str) -> Keyboard:
    """The keyboard for a kind of field in the language of the page (a BCP 47 tag).

    Only free text (`text`) depends on the language: names, addresses and e-mail are written in Latin letters
    everywhere. Raises `ValueError` for a kind that is not in `KINDS`.
    """
    native = NATIVE.get(language_tag) or NATIVE.get(language_tag.split("-")[0])
    match kind:
        case "name":
            return Keyboard(kind, "words", (*_name_letters(), _accents()))
        case "text":
            own = _native_letters(native) if native else ()
            return Keyboard(kind, "sentences", (*own, *_text_letters(native), _accents(), _signs(native)))
        case "address":
            return Keyboard(kind, "words", (*_text_letters(None), _accents(), _signs(None)))
        case "email":
            return Keyboard(kind, "none", (*_email_letters(), _email_endings()))
        case "postcode":
            return Keyboard(kind, "always", _letters_and_digits(space=True))
        case "code":
            return Keyboard(kind, "always", _letters_and_digits(space=False))
        case "phone":
            return Keyboard(kind, "none", (_phone_pad(),))
        case "number" | "pin":
            return Keyboard(kind, "none", (_number_pad(),))
        case _:
            raise ValueError(f"No keyboard is kept for {kind!r}: one of {', '.join(KINDS)}")


def _write(letters: str, span: int = 1, capitals: bool = True) -> tuple[Key, ...]:
    """A key for each of the letters, which stand with spaces between them."""
    return tuple(_letter(letter, span, capitals) for letter in letters.split())


def _letter(letter: str, span: int, capitals: bool) -> Key:
    capital = CAPITALS.get(letter, letter.upper()) if capitals else letter
    return Key("write", letter, capital if capital != letter else "", span=span)


def _always_capital(letters: str, span: int = 1) -> tuple[Key, ...]:
    return _write(letters.upper(), span, capitals=False)


DELETE, SPACE, CLEAR, CAPITALS_KEY, ORDER, MORE = (
    Key("delete"),
    Key("space", " ", span=2),
    Key("clear"),
    Key("capitals"),
    Key("order"),
    Key("more"),
)
GAP = Key("gap")


def _wide(key: Key, span: int) -> Key:
    return replace(key, span=span)


def _to_letters(span: int = 1) -> Key:
    return Key("page", "letters", cap="ABC", span=span)


def _to_accents(span: int = 1) -> Key:
    return Key("page", "accents", cap="é ł ñ", span=span)


def _to_signs(span: int = 1) -> Key:
    return Key("page", "signs", cap="123", span=span)


def _to_native(native: Native, span: int = 1) -> Key:
    return Key("page", "native", cap=native.cap, span=span)


def _name_letters() -> tuple[Page, Page]:
    """A name needs no digits, but the apostrophe of O'Brien and the hyphen of Anne-Marie."""
    first, second, third = QWERTY
    rows = (
        _write(first, 2),
        (GAP, *_write(second, 2), GAP),
        (_wide(CAPITALS_KEY, 3), *_write(third, 2), _wide(DELETE, 3)),
        (_to_accents(4), *_write("'", 2), _wide(SPACE, 6), *_write("-", 2), _wide(ORDER, 3), _wide(CLEAR, 3)),
    )
    controls = (CAPITALS_KEY, _to_accents(), ORDER, CLEAR, SPACE, DELETE)
    return (
        Page("letters", order="typewriter", columns=20, rows=rows),
        Page("letters", order="alphabet", groups=(_write(ALPHABET) + _write("' -"),), controls=controls),
    )


def _text_letters(native: Native | None) -> tuple[Page, Page]:
    first, second, third = QWERTY
    to_native = (_to_native(native, 3),) if native else ()
    rows = (
        _write(first, 2),
        (GAP, *_write(second, 2), GAP),
        (_wide(CAPITALS_KEY, 3), *_write(third, 2), _wide(DELETE, 3)),
        (
            _to_signs(3),
            _to_accents(3),
            *to_native,
            _wide(SPACE, 3 if native else 6),
            *_write(".", 2),
            _wide(ORDER, 3),
            _wide(CLEAR, 3),
        ),
    )
    to_native = (_to_native(native),) if native else ()
    controls = (CAPITALS_KEY, _to_accents(), _to_signs(), *to_native, ORDER, CLEAR, SPACE, DELETE)
    return (
        Page("letters", order="typewriter", columns=20, rows=rows),
        Page("letters", order="alphabet", groups=(_write(ALPHABET) + _write("."),), controls=controls),
    )


def _native_letters(native: Native) -> tuple[Page, Page]:
    """Capitals and delete stand at the ends of the last row of letters where it leaves room, else below."""
    *upper, last = (_write(row, 2, native.capitals) for row in native.rows)
    columns = 2 * max(len(row.split()) for row in native.rows)
    room = (columns - 2 * len(last)) // 2
    capitals = (CAPITALS_KEY,) if native.capitals else ()
    before: tuple[Key, ...] = (_to_signs(3), _to_letters(3))
    after: tuple[Key, ...] = (*_write(".", 2), _wide(ORDER, 3), _wide(CLEAR, 3))
    if room >= 2:
        last = (_wide(capitals[0] if capitals else GAP, room), *last, _wide(DELETE, room))
    else:
        last = _centred(last, columns)
        before = (*before, *(_wide(key, 3) for key in capitals))
        after = (*after, _wide(DELETE, 4))
    space = columns - sum(key.span for key in before + after)
    first_group, *groups = (_write(group, 1, native.capitals) for group in native.alphabet)
    rows = (*(_centred(row, columns) for row in upper), last, (*before, _wide(SPACE, space), *after))
    return (
        Page("native", native.language, native.direction, "typewriter", columns, rows),
        Page(
            "native",
            native.language,
            native.direction,
            "alphabet",
            groups=(first_group + _write("."), *groups),
            controls=(*capitals, _to_signs(), _to_letters(), MORE, ORDER, CLEAR, SPACE, DELETE),
        ),
    )


def _centred(row: tuple[Key, ...], columns: int) -> tuple[Key, ...]:
    half = (columns - sum(key.span for key in row)) // 2
    return ((_wide(GAP, half),) if half else ()) + row + ((_wide(GAP, half),) if half else ())


def _accents() -> Page:
    tones = tuple(Key("tone", mark, cap=cap, name=name) for mark, cap, name in TONES)
    *groups, last = (_write(group) for group in ACCENTS)
    controls = (CAPITALS_KEY, _to_letters(), MORE, CLEAR, SPACE, DELETE)
    return Page("accents", groups=(*groups, last + tones), controls=controls)


def _signs(native: Native | None) -> Page:
    back = (_to_letters(), _to_native(native)) if native else (_to_letters(),)
    group = _write(DIGITS) + _write(SIGNS)
    return Page("signs", groups=(group,), controls=(*back, CLEAR, SPACE, DELETE))


def _email_letters() -> tuple[Page, Page]:
    """No capitals, no space: an address has neither. The usual endings are whole keys."""
    first, second, third = (_write(row, 2, capitals=False) for row in QWERTY)
    rows = (
        _write(DIGITS, 2),
        first,
        (GAP, *second, GAP),
        (*_write("-", 3), *third, _wide(DELETE, 3)),
        (*_write("@", 5), *_write(".", 5), *_write("_", 4), _wide(ORDER, 3), _wide(CLEAR, 3)),
        _domains(5),
    )
    letters = _write(ALPHABET, capitals=False) + _write("@ . - _")
    controls = (Key("page", "endings", cap="123 @", span=2), ORDER, CLEAR, DELETE)
    return (
        Page("letters", order="typewriter", columns=20, rows=rows),
        Page("letters", order="alphabet", groups=(letters,), controls=controls),
    )


def _email_endings() -> Page:
    digits = _write(DIGITS, 2)
    rows = (
        digits[:6],
        (*digits[6:], *_write("@ .", 2)),
        _domains(6)[:2],
        _domains(6)[2:],
        (_to_letters(4), _wide(CLEAR, 4), _wide(DELETE, 4)),
    )
    return Page("endings", columns=12, rows=rows)


def _domains(span: int) -> tuple[Key, ...]:
    return tuple(Key("write", domain, span=span) for domain in DOMAINS)


def _letters_and_digits(space: bool) -> tuple[Page, Page]:
    """Postcodes and codes mix letters and digits: both stand on one page, always in capitals, as printed."""
    first, second, third = (_always_capital(row, 2) for row in QWERTY)
    spaces = (SPACE,) if space else ()
    last: tuple[Key, ...] = (_wide(ORDER, 4), _wide(SPACE, 12), _wide(CLEAR, 4))
    if not space:
        last = (_wide(ORDER, 10), _wide(CLEAR, 10))
    rows = (
        _write(DIGITS, 2),
        first,
        (GAP, *second, GAP),
        (_wide(GAP, 3), *third, _wide(DELETE, 3)),
        last,
    )
    return (
        Page("letters", order="typewriter", columns=20, rows=rows),
        Page(
            "letters",
            order="alphabet",
            groups=(_always_capital(ALPHABET) + _write(DIGITS),),
            controls=(ORDER, CLEAR, *spaces, DELETE),
        ),
    )


def _number_pad() -> Page:
    """The order of a telephone, which is the same in every direction of writing."""
    rows = (*_telephone(), (CLEAR, *_write("0"), DELETE))
    return Page("digits", columns=3, rows=rows, pad=True)


def _phone_pad() -> Page:
    """As the number pad, with + beneath 7 and the two keys that take away at the side."""
    first, second, third = _telephone()
    rows = (
        (*first, Key("delete", down=3)),
        second,
        third,
        (*_write("+ 0"), _wide(CLEAR, 2)),
    )
    return Page("digits", columns=4, rows=rows, pad=True)


def _telephone() -> tuple[tuple[Key, ...], ...]:
    return (_write("1 2 3"), _write("4 5 6"), _write("7 8 9"))
