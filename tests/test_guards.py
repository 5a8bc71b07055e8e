"""Rules that every room keeps, read out of the code itself, so that nobody has to remember them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import create_app
from kiosk.configuration import ROOT
from kiosk.people import unmarked_views

CODE = sorted((ROOT / "kiosk").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static").glob("*.css"))
SCRIPTS = sorted((ROOT / "static").glob("*.js"))
OURS = [
    path
    for pattern in ("*.md", "*.py", "*.toml", "Makefile", "kiosk/**/*.py",
    "templates/**/*.html", "static/*.*",
                    "tests/**/*.py", "deploy/**/*", "translations/*.*")
    for path in sorted(ROOT.glob(pattern))
    if path.is_file() and "__pycache__" not in path.parts
]  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_room = pytest.mark.parametrize("path", CODE, ids=name_of)
each_template = pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
each_style = pytest.mark.parametrize("path", STYLES, ids=name_of)
each_script = pytest.mark.parametrize("path", SCRIPTS, ids=name_of)


# -- imports ---------------------------------------------------------------------------------------------

FLOORS = (
    {"migrations"},
    {"store"},
    {"configuration", "sealing", "spelling", "spreadsheets", "keyboards"},
    {"settings", "audit"},
    {"branches", "rounds", "references"},
    {"languages", "people", "pages"},
    {"kept", "visits", "forms", "catalogues", "outbox", "sounds"},
    {"walks"},
    {"home", "join", "events", "help", "support", "feedback"},
    {"staff", "devices"},
    {"demo"},
)
"""The rooms from the ground up: a room may know those of its own floor, and all below."""
APART = {"join", "events", "help", "support", "feedback", "home", "staff", "devices"}
"""Rooms that never import each other, though they may live on one floor: what two of them need moves down."""
ON_THE_BOARD = {"join", "events", "help", "support"}
"""What waits in these the board of the staff shows: `staff` knows them, and none of them knows it."""
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def rooms_known_to(path: Path) -> Iterator[str]:
    """The rooms of this project that a file imports from."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole way"
            if node.module == "kiosk":
                yield from (alias.name for alias in node.names)
            elif node.module and node.module.startswith("kiosk."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kiosk."))


@each_room
def test_imports_only_point_down(path: Path) -> None:
    room = path.relative_to(ROOT / "kiosk").parts[0].removesuffix(".py")
    if room == "__init__":
        return
    assert room in FLOOR_OF, f"{room} has no floor yet"
    for other in rooms_known_to(path):
        assert other in FLOOR_OF, f"{other} has no floor yet"
        if other != room:
            assert FLOOR_OF[other] <= FLOOR_OF[room], f"{room} looks up to {other}"
            shown = room == "staff" and other in ON_THE_BOARD
            assert shown or not {room, other} <= APART, (
                f"{room} and {other} are neighbours that do not know each other"
            )


def test_no_two_rooms_need_each_other() -> None:
    known: dict[str, set[str]] = {}
    for path in CODE:
        room = path.relative_to(ROOT / "kiosk").parts[0].removesuffix(".py")
        if room != "__init__":
            known.setdefault(room, set()).update(set(rooms_known_to(path)) - {room})
    while known:
        ground = {room for room, others in known.items() if not others & known.keys()}
        assert ground, f"these go round in a circle: {sorted(known)}"
        known = {room: others for room, others in known.items() if room not in ground}


@each_room
def test_only_the_store_knows_a_database_driver(path: Path) -> None:
    if path.relative_to(ROOT / "kiosk").parts[0] in {"store", "migrations"}:
        return
    text = path.read_text("utf-8")
    assert not re.search(
        r"^\s*(?:import|from) (?:pysqlite3|sqlite3|sqlite_utils|psycopg)", text, re.MULTILINE
    )
    assert "PRAGMA" not in text


@pytest.mark.parametrize("path", [path for path in CODE if path.name == "records.py"], ids=name_of)
def test_what_is_kept_knows_no_web(path: Path) -> None:
    assert not re.search(
        r"^\s*(?:import|from) (?:flask|werkzeug|wtforms)", path.read_text("utf-8"), re.MULTILINE
    )


@each_room
def test_no_room_is_named_after_a_kind(path: Path) -> None:
    assert not {"utils", "helpers", "models", "manager", "managers", "handler", "handlers", "common"} & set(
        path.relative_to(ROOT).with_suffix("").parts
    )


# -- python ----------------------------------------------------------------------------------------------


@each_room
def test_words_outside_functions_wait_for_the_language(path: Path) -> None:
    """`_` and `_p` at import would be English for ever, silently."""
    for call in _outside_functions(ast.parse(path.read_text("utf-8"))):
        called = call.func.id if isinstance(call.func, ast.Name) else ""
        assert called not in {"_", "_p", "gettext", "pgettext", "say", "psay"}, f"line {call.lineno}"


def _outside_functions(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _outside_functions(child)


SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|ALTER TABLE|WHERE)\b")
SPELLED = {"columns", "places", "table", "order", "action", "condition"}
"""Names in SQL whose values are spelled in code, next to the statement."""


@each_room
def test_no_value_is_written_into_sql(path: Path) -> None:
    """What goes into a statement is a constant, a function of the same file, or spelled beside it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr) and SQL.search(ast.unparse(node)):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    assert _is_spelled_in_code(part.value), f"line {node.lineno}: {ast.unparse(part)}"
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Mod)
            and isinstance(node.left, ast.Constant)
        ):
            assert not SQL.search(str(node.left.value)), f"line {node.lineno}"


def _is_spelled_in_code(value: ast.expr) -> bool:
    if isinstance(value, ast.Name):
        return value.id.isupper() or value.id in SPELLED
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "join":
        return all(_is_spelled_in_code(each) for each in value.args)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id.startswith("_")


@each_room
def test_the_words_of_people_are_never_markup(path: Path) -> None:
    """Markup is made of constants, or of a drawing, which then says so with its reason."""
    lines = path.read_text("utf-8").splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Markup", "markupsafe.Markup"}:
            constant = all(isinstance(argument, ast.Constant) for argument in node.args)
            assert constant or "S704" in "\n".join(lines[node.lineno - 1 : (node.end_lineno or node.lineno)])


@each_room
def test_nothing_is_evaluated_or_left_over(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\b(?:eval|exec|render_template_string|pickle|flash)\(", text)
    assert not re.search(r"\b(?:TODO|FIXME|XXX|HACK)\b", text)
    assert not re.search(r"^\s*print\(", text, re.MULTILINE)


@each_room
def test_a_room_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not text or ast.get_docstring(ast.parse(text)), "the first line of a room says what it is for"


def test_every_view_of_staff_says_whom_it_is_for(tmp_path: Path) -> None:
    app = create_app(tmp_path)
    assert unmarked_views(app) == []
    app.extensions["store"].close()


# -- templates -------------------------------------------------------------------------------------------

MACHINERY = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
READ_OUT = re.compile(r'\b(?:aria-label|alt|title|placeholder|aria-description)="([^"]*)"')
SIGNS = {"ABC", "QWE", "QWERTY"}
"""What is written on keys is the same in every language."""


OF_A_TAG = re.compile(r"\{% block (?:kind|main_kind|idle|countdown) %\}.*?\{% endblock %\}")
"""What pages write into the tags of the frame around them."""
ATTRIBUTE = re.compile(r'\b[\w-]+="[^"]*"|\b(?:data|aria)-[\w-]+')


def without_machinery(path: Path) -> str:
    return MACHINERY.sub("", OF_A_TAG.sub("", path.read_text("utf-8")))


@each_template
def test_no_words_stand_bare_in_a_template(path: Path) -> None:
    text = without_machinery(path)
    shown = ATTRIBUTE.sub(" ", re.sub(r"<!doctype html>|<[^>]*>", " ", text))
    said = " ".join(READ_OUT.findall(text))
    bare = set(re.findall(r"[^\W\d_]{2,}", f"{shown} {said}")) - SIGNS
    assert not bare, "words go through say(), _() or their like"


@each_template
def test_a_template_trusts_nothing_and_runs_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe\b", text)
    assert "autoescape" not in text
    for banned in (
        "javascript:",
        "js:",
        "hx-on",
        "hx-vals='js",
        "hx-vars",
        'target="_blank"',
        "<iframe",
        "srcdoc",
    ):
        assert banned not in text, banned
    plain = without_machinery(path)
    assert not re.search(r"<[^>]*\s(?:style|on[a-z]+)\s*=", plain)
    assert not re.search(r"<[^>]*\starget\s*=", plain)
    assert not re.search(r"<(?:style|base|object|embed)\b", plain)
    assert not re.search(r"<script(?![^>]*\bsrc=)", plain)
    assert not re.search(r'(?:href|src|action)="(?:https?:)?//', plain)
    assert not re.search(r"type=[\"']?file", plain) or "staff" in path.parts or path.name.startswith("desk")


@each_template
def test_every_form_that_changes_something_carries_its_token(path: Path) -> None:
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        if 'method="post"' in form:
            assert re.search(r"token\(\)|csrf_token", form), form[:80]


@each_template
def test_boxes_of_residents_are_remembered_by_no_browser(path: Path) -> None:
    if not {"staff", "devices"} & set(path.parts) and not path.name.startswith("desk"):
        for box in re.findall(r'<input\b[^>]*class="box[^>]*>', path.read_text("utf-8"), re.DOTALL):
            for needed in ("autocomplete=", 'spellcheck="false"', "data-private"):
                assert needed in box


# -- style sheets and scripts ----------------------------------------------------------------------------

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)(?:-\w+)*"
    r"|left|right|top|bottom|width|height|(?:min|max)-(?:width|height)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)


@each_style
def test_styles_know_start_and_end_but_not_left_and_right(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    # what a screen measures is asked in its own words, and only there
    text = re.sub(r"@(?:media|container)[^{]*", "", text)
    assert not [match[0] for match in PHYSICAL.finditer(text)]


@each_style
def test_styles_ask_nobody_else_for_anything(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "@import" not in text
    assert not re.search(r"url\([\"']?(?:https?:)?//", text)
    assert "expression(" not in text


@each_script
def test_scripts_keep_nothing_and_ask_nobody_else(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.name == "board_clock.js":  # a worker, which can speak to nobody but the page that made it
        text = text.replace('postMessage("")', "")
    for banned in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "eval(", "new Function",
                   "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                   "pushState", "window.name",
                   "http://", "https://", "sendBeacon", "postMessage("):  # fmt: skip
        assert banned not in text, banned
    if path.name != "worker.js":
        assert "caches." not in text
    assert not re.search(r"\bconsole\.", text)
    assert text.lstrip("/ \n").strip()


@each_script
def test_scripts_know_start_and_end_but_not_left_and_right(path: Path) -> None:
    assert not re.search(
        r"\.style\.(?:left|right|marginLeft|marginRight|paddingLeft|paddingRight)\b", path.read_text()
    )


# -- everything ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_nothing_speaks_of_the_place_where_it_was_written(path: Path) -> None:
    """Files of this project speak of it alone: no folder of somebody's machine, no registry's host."""
    if path.name == "test_guards.py":
        return
    text = path.read_text("utf-8", errors="replace")
    for pattern in (r"/root/", r"(?<![\w.])/home/\w", r"(?<![\w.])/work/", r"(?<!\w)/tmp/",
    r"registry\.npmjs", r"files\.pythonhosted",
                    r"pypi\.org/simple", r"\bissue \d"):  # fmt: skip
        assert not re.search(pattern, text, re.IGNORECASE), pattern


def test_no_lock_file_names_a_host() -> None:
    for name in ("package-lock.json", "constraints.txt"):
        assert not re.search(r"https?://(?!www\.w3\.org)", (ROOT / name).read_text("utf-8")), name


@pytest.mark.parametrize("path", [*CODE, *SCRIPTS, *STYLES], ids=name_of)
def test_no_room_grows_without_end(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 460, "split it inside its room"
