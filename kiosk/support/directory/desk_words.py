"""Where staff say which words of a directory stand for which needs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from kiosk.configuration import store
from kiosk.languages import _l
from kiosk.people import Role, note, staff_only
from kiosk.support import codes
from kiosk.support.directory import desk_records, saving
from kiosk.support.directory.desk_forms import NeedsForm, labels

blueprint = Blueprint("directory_words", __name__, url_prefix="/staff/support/directory/words")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)

SAID = {
    "mapped": _l("Saved. All services filed under this word follow it."),
    "undecided": _l("The word waits for a decision again."),
}


@blueprint.get("")
@for_openers
def listed() -> Any:
    with store().read() as db:
        words = desk_records.words(db)
    return render_template(
        "support/desk_directory_words.html", words=words, needs=labels(codes.NEEDS),
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


@blueprint.get("/one")
@for_openers
def word() -> Any:
    with store().read() as db:
        found = desk_records.word(db, request.args.get("word", ""))
        services = desk_records.filed_under(db, found.word)
    return render_template(
        "support/desk_directory_word.html", word=found, services=services,
        form=NeedsForm(formdata=None, needs=list(found.needs or ())),
    )  # fmt: skip


@blueprint.post("/one")
@for_openers
def decide() -> Any:
    form, wanted = NeedsForm(), request.form.get("word", "")
    undecided = "undecided" in request.form
    with store().write() as db:
        found = desk_records.word(db, wanted)
        if form.validate():
            saving.map_word(db, found.word, None if undecided else form.needs.data)
            note(db, "word of a directory mapped", "word", found.word)
    said = "undecided" if undecided else "mapped"
    return redirect(url_for("directory_words.listed", said=said), 303)
