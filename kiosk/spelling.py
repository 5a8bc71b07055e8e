"""One spelling for what people and files write in many: clean text, and postcodes."""

from __future__ import annotations

import re
import unicodedata


def clean(text: str) -> str:
    """The text in NFC without what cannot be seen: control characters, direction marks, broken pieces.

    Joiners stay (Persian and Indic names need them). Any run of spaces becomes one.
    """
    joiners = "\u200c\u200d"
    kept = "".join(
        letter
        for letter in unicodedata.normalize("NFC", text)
        if letter in joiners
        or letter.isspace()
        or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.replace("\ufffd", "").split())


_DISTRICT = r"(?:[A-PR-UWYZ](?:\d{1,2}|\d[ABCDEFGHJKPSTUW]|[A-HK-Y]\d{1,2}|[A-HK-Y]\d[ABEHMNPRVWXY])|GIR)"
_POSTCODE = re.compile(rf"({_DISTRICT})(\d[ABD-HJLNP-UW-Z]{{2}})|(GIR)(0AA)", re.ASCII)


def as_postcode(text: str) -> str | None:
    """The postcode in its usual form, `IP1 1AA`, or None if no postcode in use looks like this.

    The letters allowed at each place are those of BS 7666 as Royal Mail uses them. Digits of other scripts,
    and letters of full width as East Asian keyboards write them, are read as what they mean.
    """
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in unicodedata.normalize("NFKC", text))
    found = _POSTCODE.fullmatch(re.sub(r"[\s\-.]", "", plain).upper())
    if found is None:
        return None
    district, unit = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{district} {unit}" if district != "GIR" or unit == "0AA" else None
