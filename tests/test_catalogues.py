"""The catalogues are up to date, complete, and say what the English says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from kiosk import catalogues, languages
from kiosk.languages import Language
from tests.strings import extracted

OTHERS = catalogues.others()
each_language = pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.tag)
SAME = {
    "pl": {"PIN"},
    "ar": set[str](),
    "uk": {"PIN"},
    "ti": {"PIN"},
    "zh-Hant-HK": set[str](),
}
"""Words that are truly the same in a language as in English."""
BIDI_MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def words_of(language: Language) -> list[tuple[str, str]]:
    """Every string with its translation."""
    return [(str(message.id), str(message.string)) for message in catalogues.read(language) if message.id]


def test_the_template_is_what_the_code_and_the_pages_say_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails: `kiosk translations update`, and translate what is new."""
    again = tmp_path / "messages.pot"
    catalogues._write(again, extracted())
    assert again.read_text("utf-8").splitlines() == catalogues.TEMPLATE.read_text("utf-8").splitlines()


@each_language
def test_every_catalogue_is_up_to_date_and_complete(language: Language) -> None:
    assert list(catalogues.faults(language, extracted())) == []


@each_language
def test_a_catalogue_holds_nothing_that_is_said_no_more(language: Language) -> None:
    template = {(message.context, message.id) for message in extracted()}
    assert {(message.context, message.id) for message in catalogues.read(language)} == template


@each_language
def test_what_is_compiled_is_what_is_written(language: Language) -> None:
    """If this fails: `kiosk translations compile`."""
    compiled = languages.catalogue(language.tag)
    for message in catalogues.read(language):
        if message.id:
            context, words = message.context, str(message.id)
            said = compiled.pgettext(context, words) if context else compiled.gettext(words)
            assert said == message.string, words


@each_language
def test_the_header_has_the_plurals_of_the_language(language: Language) -> None:
    text = catalogues.path_of(language).read_text("utf-8")
    assert f'"Plural-Forms: {language.plurals}\\n"' in text
    assert '"Content-Type: text/plain; charset=utf-8\\n"' in text
    assert "fuzzy" not in text
    with catalogues.path_of(language).open("rb") as file:
        assert read_po(file).plural_forms == language.plurals


def test_the_plurals_of_a_language_are_as_many_as_cldr_says() -> None:
    for language in OTHERS:
        found = re.match(r"nplurals=(\d); plural=", language.plurals)
        assert found, language.tag
        categories = len(language.locale.plural_form.tags) + 1
        # CLDR counts a form for fractions, which catalogues have no use for
        assert int(found[1]) in {categories, categories - 1}, language.tag


@each_language
def test_nothing_is_left_in_english(language: Language) -> None:
    same = {words for words, own in words_of(language) if own.casefold() == words.casefold()}
    assert same == SAME.get(language.tag, set())


@each_language
def test_no_translation_has_a_slip_of_the_keyboard(language: Language) -> None:
    for words, own in words_of(language):
        assert own == own.strip(), words
        assert "  " not in own, words
        assert "\n" not in own, words
        assert "<" not in own, words
        assert not re.search(r"\{\w*\}", own), words
        # an example in Latin letters stands in an isolate; no other mark that nobody sees is needed
        isolated = re.sub("\u2066([^\u2066\u2069]+)\u2069", r"\1", own)
        assert not set(isolated) & set(BIDI_MARKS), words
        assert "\ufffd" not in own, words
        assert own.count("%") == len(re.findall(r"%\(\w+\)s", own)), words
        assert bool(re.search(r"[.!?…]$", words)) == bool(re.search(r"[.!?؟。！？።፧…]$", own)), (words, own)


@each_language
def test_numbers_and_examples_are_the_same_as_in_english(language: Language) -> None:
    for words, own in words_of(language):
        for example in re.findall(r"\b(?:IP1 1AA|07700 900982|anna@gmail\.com)", words):
            assert example in own, words


@each_language
def test_what_is_short_in_english_is_short_everywhere(language: Language) -> None:
    for words, own in words_of(language):
        assert len(own) <= max(24, 2.4 * len(words)), (words, own)


def test_every_language_of_the_list_says_who_has_read_it() -> None:
    for language in languages.known().values():
        assert language.status in {"draft", "read"}
        assert (language.status == "read") == bool(language.read_by and language.read_on), language.tag
        assert language.locale


def test_what_keeps_a_language_from_being_offered_is_said_at_the_command_line(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["translations", "check"])
    assert said.output == ""
    assert said.exit_code == 0


@pytest.mark.parametrize("fault", ["missing", "copied placeholders", "fuzzy"])
def test_a_fault_in_a_catalogue_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    polish = languages.known()["pl"]
    text = catalogues.path_of(polish).read_text("utf-8")
    path = tmp_path / "pl" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    entry = re.search(r'msgid "Step %\(number\)s of %\(total\)s"\nmsgstr "(.*)"\n', text)
    assert entry
    broken = {
        "missing": entry[0].replace(entry[1], ""),
        "copied placeholders": entry[0].replace('%(total)s"\n', '%(sum)s"\n'),
        "fuzzy": f"#, fuzzy\n{entry[0]}",
    }[fault]
    path.write_text(text.replace(entry[0], broken), "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    assert len(list(catalogues.faults(polish, extracted()))) == 1
