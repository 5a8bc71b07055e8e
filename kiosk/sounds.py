"""What the screens can say aloud: clips that people have recorded, one for each sentence and language.

A clip is a file `sounds/<language tag>/<id>.opus` (or `.mp3`, `.ogg`) in the data folder. Its id is that of
the sentence, see `languages.sound`; `kiosk sounds missing` lists what there is to record. Where there is no
file, nothing is offered to be heard. A sentence with gaps, such as a name, has no clip.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import click
from babel.support import LazyProxy
from flask import Blueprint, Flask, abort, current_app, send_from_directory, url_for
from flask.cli import AppGroup

from kiosk import languages
from kiosk.configuration import store
from kiosk.languages import catalogue, id_of_sound, in_english, shown

blueprint = Blueprint("sounds", __name__, url_prefix="/sounds")

KINDS = {".opus": "audio/ogg", ".mp3": "audio/mpeg", ".ogg": "audio/ogg"}
"""Endings of clips, the first that is there wins, and what browsers call them."""
_FILE = re.compile(r"[0-9a-f]{8}(\.\w+)")


def speaks(app: Flask, *messages: LazyProxy) -> None:
    """Say of sentences that a room can play them, so that they are recorded; those with gaps are left out."""
    spoken: dict[str, LazyProxy] = app.extensions.setdefault("spoken", {})
    spoken.update({id_of_sound(each): each for each in messages if "%(" not in in_english(each)})


def clip(message: LazyProxy) -> str:
    """The address of the clip of a sentence in the language of this page; empty when there is none."""
    tag, name = shown().tag, id_of_sound(message)
    found = _file(tag, name)
    return url_for("sounds.play", tag=tag, file=found.name) if found else ""


def _file(tag: str, name: str) -> Path | None:
    """The file of a clip, if somebody has recorded it."""
    each = (_folder() / tag / f"{name}{ending}" for ending in KINDS)
    return next((path for path in each if path.is_file()), None)


def _folder() -> Path:
    return store().path.parent.absolute() / "sounds"


@blueprint.get("/<tag>/<file>")
def play(tag: str, file: str) -> Any:
    named = _FILE.fullmatch(file)
    if tag not in languages.known() or named is None or named[1] not in KINDS:
        abort(404)
    return send_from_directory(_folder() / tag, file, mimetype=KINDS[named[1]])


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    group = AppGroup("sounds", help="What the screens can say aloud.")

    @group.command("missing")
    @click.argument("tag", type=click.Choice(list(languages.known())))
    def missing_command(tag: str) -> None:
        """List what nobody has recorded in a language: the name of the file, the sentence, the English."""
        words, lines = catalogue(tag), io.StringIO()
        rows = csv.writer(lines, lineterminator="\n")
        spoken: dict[str, LazyProxy] = current_app.extensions.get("spoken", {})
        for name, message in spoken.items():
            if _file(tag, name) is None:
                rows.writerow([name, languages.in_catalogue(words, message), in_english(message)])
        click.echo(lines.getvalue(), nl=False)

    app.cli.add_command(group)
