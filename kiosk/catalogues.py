"""What translators and set-up do with the catalogues: extract, update, compile, check."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask
from flask.cli import AppGroup

from kiosk.configuration import ROOT
from kiosk.languages import FOLDER, Language, known

TEMPLATE = FOLDER / "messages.pot"
METHODS = [("kiosk/**.py", "python"), ("templates/**.html", "jinja2")]
FOR_STAFF = re.compile(
    r"(kiosk|templates)/(staff|people)/|/(desk|incoming|partner)/|/desk[_.\w]*$|kiosk/audit\.py$"
)
"""Rooms that only staff read. They are in English; a language is complete without them."""
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "say": None,
    "gettext": None,
    "_p": ((1, "c"), 2),
    "_lp": ((1, "c"), 2),
    "psay": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
}


class Incomplete(click.ClickException):
    """A catalogue is not as the check wants it."""


def extract() -> Catalog:
    """Every string of the code and the templates, in the order of their files."""
    catalog = Catalog(project="kiosk", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        ROOT,
        METHODS,
        keywords=KEYWORDS,
        comment_tags=("translators:",),
        strip_comment_tags=True,
        directory_filter=_has_words,
    )
    for file, _line, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        if FOR_STAFF.search(file):
            continue
        catalog.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return catalog


def _has_words(folder: str | os.PathLike[str]) -> bool:
    inside = Path(folder).resolve().relative_to(ROOT)
    return inside.parts[:1] in {("kiosk",), ("templates",)} and not FOR_STAFF.search(f"{inside}/")


def path_of(language: Language) -> Path:
    return FOLDER / language.babel / "LC_MESSAGES" / "messages.po"


def read(language: Language) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language.babel)
    with path.open("rb") as file:
        return read_po(file, locale=language.babel)


def _write(path: Path, catalog: Catalog, plurals: str = "") -> None:
    """Written without dates, tools and line numbers, so that only words make a difference."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, omit_header=True, include_lineno=False, ignore_obsolete=True)
    body = path.read_text("utf-8")
    header = [
        'msgid ""',
        'msgstr ""',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        '"MIME-Version: 1.0\\n"',
    ]
    if plurals:
        header += [f'"Language: {catalog.locale}\\n"', f'"Plural-Forms: {plurals}\\n"']
    path.write_text("\n".join(header) + "\n\n" + body.lstrip(), "utf-8")


def faults(language: Language, template: Catalog) -> Iterator[str]:
    """What keeps a language from being offered: strings missing, copied, or with other placeholders."""
    catalog = read(language)
    for message in template:
        if not message.id:
            continue
        words = str(message.id)
        own = catalog.get(words, context=message.context)
        if own is None or not own.string or own.fuzzy:
            yield f"missing: {words}"
        elif _placeholders(str(own.string)) != _placeholders(words):
            yield f"other placeholders: {words}"


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s", text))


def others() -> list[Language]:
    """Every language but the source."""
    return [language for language in known().values() if language.tag != "en"]


def init_app(app: Flask) -> None:
    group = AppGroup("translations", help="The words of this product in other languages.")

    @group.command("extract")
    def extract_command() -> None:
        """Read the strings of the code and templates into messages.pot."""
        catalog = extract()
        _write(TEMPLATE, catalog)
        click.echo(f"{len(catalog)} strings.")

    @group.command("update")
    def update_command() -> None:
        """Extract, then bring every catalogue up to date; changed strings are to be translated again."""
        template = extract()
        _write(TEMPLATE, template)
        for language in others():
            catalog = read(language)
            catalog.update(template, no_fuzzy_matching=True)
            _write(path_of(language), catalog, language.plurals)
            click.echo(f"{language.tag}: {sum(1 for _fault in faults(language, template))} to do.")

    @group.command("compile")
    def compile_command() -> None:
        """Make of every catalogue what the kiosk reads."""
        for language in others():
            catalog = read(language)
            target = path_of(language).with_suffix(".mo")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                write_mo(file, catalog)

    @group.command("check")
    def check_command() -> None:
        """Say what keeps each language from being offered."""
        template = extract()
        found = {language.tag: list(faults(language, template)) for language in others()}
        for tag, every in found.items():
            for fault in every:
                click.echo(f"{tag}: {fault}")
        if any(found.values()):
            raise Incomplete("Not every language can be offered.")

    app.cli.add_command(group)
