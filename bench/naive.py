"""The ways that everybody would write it first: results by rank, pages by OFFSET, Flask-Babel at every word.

`bare` is a page of its own, as long as ours and with as many words; no visit, no settings, no pictures.
`same` is the page of the kiosk, visit and all, drawn with nothing kept from one request to the next. The
tables are ours; the index for the search is one of its own, with the lengths of texts that ranking wants.
"""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, session
from flask_babel import Babel, format_datetime, format_time, get_translations, gettext, pgettext
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment
from markupsafe import Markup
from waitress import serve

from app import WAITRESS
from bench.floor import MESSAGES
from kiosk import create_app, kept, languages
from kiosk.events import finding
from kiosk.events.upcoming import minutes, moment
from kiosk.languages import FOLDER
from kiosk.store import Reading, Row, Store, Writing

FRAME = 14
"""Words around the rows, as on our lists."""
LABELS = 3
"""Words in each row, beside what staff wrote."""
PAGE = 6
WEEK = 7 * 24 * 60

ROW = (
    "SELECT e.id, e.booking, e.pence, e.place_kind, t.title, t.language, o.id AS date_id, o.starts, o.ends,"
    " o.zone, o.status, o.taken, o.capacity, b.name AS branch"
)
NEXT_DATE = (
    " JOIN events e ON e.serial = s.rowid & 16777215"
    " JOIN event_texts t ON t.event_id = e.id AND t.language = 'en'"
    " JOIN occurrences o ON o.id = (SELECT id FROM occurrences WHERE event_id = e.id AND ends > :now"
    " AND gone_at IS NULL ORDER BY ends, id LIMIT 1)"
    " LEFT JOIN branches b ON b.id = o.branch_id"
)
BY_RANK = (
    f"{ROW} FROM naive_search s {NEXT_DATE} WHERE naive_search MATCH :words ORDER BY rank"
    " LIMIT :most OFFSET :skip"
)
BY_DATE = (
    f"{ROW} FROM event_search s {NEXT_DATE} WHERE event_search MATCH :words ORDER BY s.rowid"
    " LIMIT :most OFFSET :skip"
)
AT_A_BRANCH = (
    f"{ROW} FROM occurrences o JOIN events e ON e.id = o.event_id"
    " JOIN event_texts t ON t.event_id = e.id AND t.language = 'en'"
    " LEFT JOIN branches b ON b.id = o.branch_id"
    " WHERE o.branch_id = :branch AND o.starts >= :first AND o.starts < :until AND o.ends > :now"
    " ORDER BY o.starts, o.id LIMIT :most OFFSET :skip"
)


def prepare(db: Writing) -> None:
    """Make its own index of all events."""
    db.run("CREATE VIRTUAL TABLE naive_search USING fts5 (words, prefix = '2 3')")
    db.run("INSERT INTO naive_search (rowid, words) SELECT rowid, words FROM event_search")


def template(size: int) -> str:
    """A page that is about `size` bytes long, as ours is."""
    frame = "".join(f'<p>{{{{ _("{MESSAGES[number % len(MESSAGES)]}") }}}}</p>' for number in range(FRAME))
    labels = "".join(f'<span>{{{{ _("{MESSAGES[number]}") }}}}</span>' for number in range(LABELS))
    return (
        f'<!doctype html>{frame}<input type="hidden" name="csrf_token" value="{{{{ csrf_token() }}}}">'
        '{% for row in rows %}<a href="/event/{{ row.id }}/{{ row.date_id }}"><h2>{{ row.title }}</h2>'
        '<p>{{ when(row) }}</p><p>{{ row.branch or "" }}</p>' + labels + "</a>{% endfor %}"
        f"<!--{'x' * max(0, size - 4000)}-->"
    )


def bare(folder: Path, size: int) -> Flask:
    app = Flask("naive")
    app.config.update(SECRET_KEY=secrets.token_bytes(), BABEL_TRANSLATION_DIRECTORIES=str(FOLDER))
    Babel(app, locale_selector=lambda: "en_GB")
    records = Store(folder / "kiosk.db")
    drawn = Environment(autoescape=True).from_string(template(size))

    def when(row: Row) -> str:
        starts, ends = moment(row["starts"], row["zone"]), moment(row["ends"], row["zone"])
        return f"{format_datetime(starts, 'full', rebase=False)} – {format_time(ends, 'short', rebase=False)}"

    def page(sql: str, **values: Any) -> Response:
        session["language"] = "en"
        skip = request.args.get("page", 0, int) * PAGE
        with records.read() as db:
            rows = db.all(sql, most=PAGE, skip=skip, **values)
        return Response(drawn.render(rows=rows, _=gettext, csrf_token=generate_csrf, when=when))

    @app.get("/week/<branch_id>")
    def week(branch_id: str) -> Response:
        now = minutes(datetime.now(UTC))
        return page(AT_A_BRANCH, branch=branch_id, first=now - 24 * 60, until=now + WEEK, now=now)

    @app.get("/rank/<words>")
    def by_rank(words: str) -> Response:
        return page(BY_RANK, words=words, now=minutes(datetime.now(UTC)))

    @app.get("/date/<words>")
    def by_date(words: str) -> Response:
        return page(BY_DATE, words=f"words : ({words})", now=minutes(datetime.now(UTC)))

    return app


def same(folder: Path) -> Flask:
    """The kiosk, with its words looked up by Flask-Babel each time and its results by rank."""
    app = create_app(folder)
    shelf: Any = kept
    shelf._once = lambda _about, draw: str(draw())
    words: Any = languages
    words._words, words._drawn = get_translations, _drawn
    order: Any = finding
    order._search = _by_rank
    return app


def _drawn(_tag: str, with_english: bool, context: str | None, message: str) -> tuple[Markup, Markup, Markup]:
    own = pgettext(context, message) if context else gettext(message)
    line = Markup('<span class="say" data-sound="{}"><span class="own">{}</span>').format(
        languages.sound(context, message), own
    )
    beneath = Markup('<span class="eng" lang="en" dir="ltr">{}</span>').format(message)
    beneath = beneath if with_english else Markup()
    return line, beneath, line + beneath + Markup("</span>")


def _by_rank(db: Reading, wanted: finding.Wanted, _after: int, _end: int, most: int) -> list[int]:
    rows = db.all(
        "SELECT rowid AS place FROM naive_search WHERE naive_search MATCH :words ORDER BY rank"
        " LIMIT :most OFFSET 0",
        words=" AND ".join(f"{word}*" for word in wanted.words.split()),
        most=most,
    )
    return [row["place"] for row in rows]


if __name__ == "__main__":
    port, folder = int(sys.argv[2]), Path(sys.argv[3])
    app = bare(folder, int(sys.argv[4])) if sys.argv[1] == "bare" else same(folder)
    serve(app, host="127.0.0.1", port=port, threads=4, **WAITRESS)
