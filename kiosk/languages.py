"""Offered languages, the language of this page, its direction, and `say`.

A language is an entry in `translations/languages.toml` and a catalogue. English is the source: its
strings stand in the code, and under every other language as the second line.
"""

from __future__ import annotations

import gettext as gnu_gettext
import hashlib
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import LazyProxy
from flask import Flask, abort, current_app, g, has_app_context, request, url_for
from flask_babel import Babel
from markupsafe import Markup

from kiosk.branches import here
from kiosk.configuration import ROOT

FOLDER = ROOT / "translations"
EnglishLine = Literal["both", "hide", "only"]
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Language:
    """A language as `languages.toml` describes it."""

    tag: str
    babel: str
    name: str
    english: str
    plurals: str
    status: str
    fonts: tuple[str, ...] = ()
    times: str = "short"
    read_by: str = ""
    read_on: str = ""

    @property
    def locale(self) -> Locale:
        return _locale(self.babel)

    @property
    def latin(self) -> bool:
        """Whether it is written in the letters that catalogues and partners use."""
        return unicodedata.name(self.name[0]).startswith("LATIN")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, read off its name: the data of a locale takes 2 MB, and not every one is used."""
        return "rtl" if unicodedata.bidirectional(self.name[0]) in {"R", "AL"} else "ltr"


@cache
def _locale(babel: str) -> Locale:
    """Parsed once: to do it anew for each date of a list took a tenth of the page."""
    return Locale.parse(babel)


@cache
def known() -> dict[str, Language]:
    """Every language of this project by its tag, in the order of the file."""
    rows = tomllib.loads((FOLDER / "languages.toml").read_text("utf-8"))["language"]
    return {row["tag"]: Language(**{**row, "fonts": tuple(row.get("fonts", ()))}) for row in rows}


@cache
def catalogue(tag: str) -> gnu_gettext.NullTranslations:
    """The compiled translations of a language; English has none."""
    if tag == "en":
        return gnu_gettext.NullTranslations()
    path = FOLDER / known()[tag].babel / "LC_MESSAGES" / "messages.mo"
    if not path.exists():
        return gnu_gettext.NullTranslations()
    with path.open("rb") as file:
        return gnu_gettext.GNUTranslations(file)


@cache
def missing(tag: str) -> int:
    """How many strings of this project the language does not have yet."""
    if tag == "en":
        return 0
    translated = getattr(catalogue(tag), "_catalog", {})
    return sum(1 for key in _source() if key not in translated)


def total() -> int:
    """How many strings this project has for residents."""
    return len(_source())


@cache
def _source() -> frozenset[str]:
    """Every string of the template, as the key under which a compiled catalogue keeps it."""
    path = FOLDER / "messages.pot"
    with path.open("rb") as file:
        template = read_po(file)
    keys = set()
    for message in template:
        if message.id:
            keys.add(f"{message.context}\x04{message.id}" if message.context else str(message.id))
    return frozenset(keys)


def complete() -> list[Language]:
    """The languages in which nothing is missing, in the order of the file."""
    return [language for language in known().values() if not missing(language.tag)]


def offered(chosen: tuple[str, ...] = ()) -> list[Language]:
    """The languages for residents: those chosen by the library, in its order, and complete. Never none."""
    return list(_offered(chosen).values())


@cache
def _offered(chosen: tuple[str, ...]) -> dict[str, Language]:
    found = {language.tag: language for language in complete()}
    return {tag: found[tag] for tag in chosen if tag in found} or found


# The language of this request -----------------------------------------------------------------


def speak(language: Language, english_line: EnglishLine = "both") -> None:
    """Decide the language of this request, before anything is translated."""
    g.language = language
    g.english_line = english_line if language.tag != "en" else "hide"
    shown = known()["en"] if g.english_line == "only" else language
    g.shown = shown
    g.words = catalogue(shown.tag)
    # what tells the words of this page from those of others: `kiosk.kept` finds drawn pages by it
    g.way_of_speaking = (language.tag, shown.tag, g.english_line)


def current() -> Language:
    """The language that was touched; the page itself may be in English only (see `shown`)."""
    return g.get("language") or known()["en"]


def shown() -> Language:
    """The language that this page is written in."""
    return g.get("shown") or known()["en"]


def _words() -> gnu_gettext.NullTranslations:
    words: gnu_gettext.NullTranslations | None = g.get("words") if has_app_context() else None
    return words or catalogue("en")


def gettext(message: str, **values: Any) -> str:
    """The message in the language of this page; values fill `%(name)s`."""
    text = _words().gettext(message) if message else ""
    return text % values if values else text


def pgettext(context: str, message: str, **values: Any) -> str:
    """The same for what is shorter than a sentence: the context tells translators where it stands."""
    text = _words().pgettext(context, message)
    return text % values if values else text


def lazy_gettext(message: str, **values: Any) -> LazyProxy:
    """For words outside functions: translated when they are drawn."""
    return LazyProxy(gettext, message, enable_cache=False, **values)


def lazy_pgettext(context: str, message: str, **values: Any) -> LazyProxy:
    return LazyProxy(pgettext, context, message, enable_cache=False, **values)


_, _l, _p, _lp = gettext, lazy_gettext, pgettext, lazy_pgettext


def say(message: str | LazyProxy, **values: Any) -> Markup:
    """The message in the resident's language with the English beneath, and the id of its sound."""
    return _pair(None, message, values)


def psay(context: str, message: str, **values: Any) -> Markup:
    """`say` for what is shorter than a sentence."""
    return _pair(context, message, values)


@dataclass(frozen=True)
class InBoth:
    """A value that is written in one way in the language of this page, and in another in English."""

    own: str
    english: str


def _pair(context: str | None, message: str | LazyProxy, values: Mapping[str, Any]) -> Markup:
    if isinstance(message, LazyProxy):
        context, message = _of_proxy(message)
    own, beneath, both = _drawn(shown().tag, english_beneath(), context, message)
    if not values:
        return both
    own %= {name: each.own if isinstance(each, InBoth) else each for name, each in values.items()}
    beneath %= {name: each.english if isinstance(each, InBoth) else each for name, each in values.items()}
    return own + beneath + Markup("</span>")


@cache
def _drawn(tag: str, with_english: bool, context: str | None, message: str) -> tuple[Markup, Markup, Markup]:
    """The two lines of a pair, and both together, drawn once per language: pages are made of these."""
    words = catalogue(tag)
    own = words.pgettext(context, message) if context else words.gettext(message)
    line = Markup('<span class="say" data-sound="{}"><span class="own">{}</span>').format(
        sound(context, message), own
    )
    beneath = Markup('<span class="eng" lang="en" dir="ltr">{}</span>').format(message)
    alike = own == message and "%(" not in message  # its values may differ where its words do not
    if not with_english or alike:
        beneath = Markup()
    return line, beneath, line + beneath + Markup("</span>")


def say_list(messages: Sequence[LazyProxy | str]) -> Markup:
    """Several messages as one list in the resident's language, with the same in English beneath.

    What is listed is a label with its own capital letter: dots keep them apart, and no "and" runs into them.
    """
    own = " · ".join(str(message) for message in messages)
    line = Markup('<span class="say"><span class="own">{}</span>').format(own)
    if english_beneath():
        english = " · ".join(in_english(message) for message in messages)
        line += Markup('<span class="eng" lang="en" dir="ltr">{}</span>').format(english)
    return line + Markup("</span>")


def _of_proxy(proxy: LazyProxy) -> tuple[str | None, str]:
    arguments = proxy._args
    return (arguments[0], arguments[1]) if proxy._func is pgettext else (None, arguments[0])


@cache
def sound(context: str | None, message: str) -> str:
    """The id of a message's sound: eight hexadecimal digits of the message itself."""
    return hashlib.blake2s(f"{context or ''}\x04{message}".encode(), digest_size=4).hexdigest()


def id_of_sound(message: LazyProxy) -> str:
    """The id of the sound of a lazy message."""
    return sound(*_of_proxy(message))


def in_catalogue(words: gnu_gettext.NullTranslations, message: LazyProxy) -> str:
    """A lazy message in the words of one catalogue, whatever the language of this request."""
    context, text = _of_proxy(message)
    return words.pgettext(context, text) if context else words.gettext(text)


def in_english(message: str | LazyProxy) -> str:
    """A lazy message as staff read it."""
    return _of_proxy(message)[1] if isinstance(message, LazyProxy) else message


def english_beneath() -> bool:
    """Whether words of our own are drawn with the English under them."""
    return bool(g.get("english_line", "hide") == "both")


def month_name(number: int, english: bool = False) -> str:
    """The name of a month as it stands alone: in nominative, with the capital of the language."""
    locale = known()["en"].locale if english else shown().locale
    return str(locale.months["stand-alone"]["wide"][number])


def time_of_day(moment: time) -> InBoth:
    """A time of day as it is written in both languages."""
    return InBoth(_time_in(shown().tag, moment), _time_in("en", moment))


@lru_cache(maxsize=4000)
def _time_in(tag: str, moment: time) -> str:
    """The same times stand on most pages. A line never ends within one."""
    language = known()[tag]
    return str(format_time(moment, language.times, locale=language.locale)).replace(" ", NO_BREAK)


def day_of_year(day: date) -> InBoth:
    """A date with its year as it is written in both languages."""
    own, english = shown(), known()["en"]
    return InBoth(*(str(format_date(day, "long", locale=each.locale)) for each in (own, english)))


def day_of_week(day: date) -> InBoth:
    """A day near enough to need no year, with its weekday, as it is written in both languages."""
    return InBoth(_day_in(shown().tag, day), _day_in("en", day))


@lru_cache(maxsize=4000)
def _day_in(tag: str, day: date) -> str:
    """The same days stand in all lists."""
    return str(format_skeleton("MMMEd", day, locale=known()[tag].locale))


def language_name(tag: str) -> InBoth:
    """A language by its own name and the English one; the tag where nobody knows better."""
    if tag in known():
        return InBoth(known()[tag].name, known()[tag].english)
    try:
        locale = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return InBoth(tag, tag)
    english = locale.get_display_name("en") or tag
    return InBoth(locale.get_display_name() or english, english)


def decimal(number: float) -> InBoth:
    """A number as it is written in both languages."""
    own, english = shown(), known()["en"]
    return InBoth(*(str(format_decimal(number, locale=each.locale)) for each in (own, english)))


def init_app(app: Flask) -> None:
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(FOLDER))
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en_GB")
    Babel(app, locale_selector=lambda: shown().babel)
    app.jinja_env.globals.update(
        say=say,
        psay=psay,
        _=gettext,
        gettext=gettext,
        pgettext=pgettext,
        this_language=current,
        shown_language=shown,
        say_list=say_list,
        english_beneath=english_beneath,
        month_name=month_name,
    )
    app.jinja_env.filters.update(time=time_of_day, day=day_of_year, decimal=decimal)
    app.url_value_preprocessor(_language_of_the_address)
    app.url_defaults(_same_language)


def _language_of_the_address(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The first part of a resident's address is a language that is offered here; any other is a 404."""
    if values is None or "lang" not in values:
        return
    tag = values.pop("lang")
    if tag not in _offered(here().settings.languages):
        abort(404)
    g.asked_language = known()[tag]
    speak(g.asked_language)


def _same_language(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = current().tag


def here_in(language: Language) -> str:
    """This page's address in another language."""
    if request.endpoint is None:
        return f"/{language.tag}/"
    return url_for(request.endpoint, **{**(request.view_args or {}), "lang": language.tag})
