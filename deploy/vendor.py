"""Copies what the browser needs from the installed npm packages into static/vendor.

The repository holds only what was written here: htmx, the fonts and the icons come from their packages
(`npm ci`, with the hashes of package-lock.json) and are laid out here the way the pages use them.

    python deploy/vendor.py

To add a font: `npm install` its Fontsource package, then add one row to FONTS.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Font:
    """One Fontsource package, and what of it is served."""

    package: str
    sheet: str = "fonts.css"
    """The style sheet that declares it. Every page loads fonts.css; a heavy family has a sheet of its own."""
    subsets: tuple[str, ...] = ()
    """Fontsource's names of the parts to serve; none named: all of them."""
    weights: tuple[int, ...] = (400, 700)
    """Not asked of a variable font: it has every weight in one file."""


FONTS = (
    Font(
        "@fontsource/noto-sans",
        subsets=("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "vietnamese"),
    ),
    Font("@fontsource/noto-sans-arabic", subsets=("arabic",)),
    Font("@fontsource/noto-sans-ethiopic", subsets=("ethiopic",)),
    Font("@fontsource-variable/noto-sans-hk", sheet="fonts-noto-sans-hk.css"),
)
SCRIPTS = {"htmx.min.js": "htmx.org/dist/htmx.min.js"}
ICONS = "@tabler/icons"
PACKAGES = ("htmx.org", ICONS, *(font.package for font in FONTS))

SQUEEZED = {".css", ".js"}
"""The endings of files that are also stored as .gz: the server sends that to every browser that takes it."""


class NotInstalled(Exception):
    """A package is missing from node_modules, or does not hold what is asked of it."""


def vendor(packages: Path, target: Path) -> dict[str, Any]:
    """Lay out `target` anew from the node_modules folder `packages`; return the manifest written into it.

    The new folder is made beside the old one and takes its place when it is complete, so that a failure
    leaves what was there. Raises NotInstalled.
    """
    new = target.with_name(target.name + ".new")
    old = target.with_name(target.name + ".old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir(parents=True)

    versions = {package: _described(packages, package)["version"] for package in PACKAGES}
    for name, source in SCRIPTS.items():
        (new / name).write_bytes(_read(packages / source))
    _lay_out_icons(packages / ICONS, new / "icons")
    _lay_out_fonts(packages, new)
    _lay_out_licences(packages, new / "licences")
    _squeeze(new)
    manifest = {"packages": versions, "files": {name: _sha384(new / name) for name in sorted(_files(new))}}
    (new / "MANIFEST.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")

    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return manifest


def clean_icon(svg: str) -> str:
    """Return one Tabler icon ready to be put into a page.

    Its size and colour come from the page's style sheet, so the class, the width and the height go; the
    empty square that Tabler draws behind each icon goes as well.
    """
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", svg)
    head, body = svg.strip().split(">", 1)
    head = re.sub(r'\s(?:class|width|height)="[^"]*"', "", head)
    return " ".join(head.split()) + ">" + re.sub(r"\s*(<|/>)\s*", r"\1", body) + "\n"


def font_faces(font: Font, packages: Path) -> Iterator[tuple[str, str]]:
    """Yield the file name (in the package's `files`) and the @font-face rule of each part of a font.

    Fontsource's own style sheets name the old .woff as well, leave out the range of a part that stands alone,
    and show a stand-in face until the font is there (`swap`): on a kiosk the font is a moment away, and a
    page whose words jump is worse than a page that waits.
    """
    described = _json(packages / font.package / "metadata.json")
    ranges: dict[str, str] = _json(packages / font.package / "unicode.json")
    variable = font.package.startswith("@fontsource-variable/")
    weights = {"wght": "100 900"} if variable else {str(weight): str(weight) for weight in font.weights}
    for subset in font.subsets or tuple(ranges):
        if subset not in ranges:
            raise NotInstalled(f"{font.package} has no part called {subset}; it has {', '.join(ranges)}")
        for stem, weight in weights.items():
            file = f"{described['id']}-{subset.strip('[]')}-{stem}-normal.woff2"
            family = described["family"] + (" Variable" if variable else "")
            yield (
                file,
                "@font-face{"
                f'font-family:"{family}";font-style:normal;font-weight:{weight};font-display:block;'
                f'src:url("fonts/{file}") format("woff2");unicode-range:{ranges[subset]}'
                "}\n",
            )


def _lay_out_icons(package: Path, folder: Path) -> None:
    """Every outline icon is there, not only those in use, so that a page can name any of them."""
    folder.mkdir()
    for icon in sorted((package / "icons" / "outline").glob("*.svg")):
        (folder / icon.name).write_text(clean_icon(icon.read_text(encoding="utf-8")), encoding="utf-8")
    if not any(folder.iterdir()):
        raise NotInstalled(f"{package.name} holds no outline icons")


def _lay_out_fonts(packages: Path, target: Path) -> None:
    (target / "fonts").mkdir()
    sheets: dict[str, list[str]] = {}
    for font in FONTS:
        for file, rule in font_faces(font, packages):
            (target / "fonts" / file).write_bytes(_read(packages / font.package / "files" / file))
            sheets.setdefault(font.sheet, []).append(rule)
    for sheet, rules in sheets.items():
        (target / sheet).write_text("".join(rules), encoding="utf-8")


def _lay_out_licences(packages: Path, folder: Path) -> None:
    """The licences of the fonts, the icons and htmx ask that their text goes wherever the files go."""
    folder.mkdir()
    for package in PACKAGES:
        name = package.removeprefix("@").replace("/", "-") + ".txt"
        (folder / name).write_bytes(_read(packages / package / "LICENSE"))


def _squeeze(folder: Path) -> None:
    for name in list(_files(folder)):
        if Path(name).suffix in SQUEEZED:
            # No time of day in the header: the same input gives the same bytes.
            (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes(), mtime=0))


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _sha384(path: Path) -> str:
    return hashlib.sha384(path.read_bytes()).hexdigest()


def _described(packages: Path, package: str) -> dict[str, Any]:
    return _json(packages / package / "package.json")


def _json(path: Path) -> dict[str, Any]:
    found = json.loads(_read(path))
    if not isinstance(found, dict):
        raise NotInstalled(f"{path.name} of {path.parent.name} is not what was expected")
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as missing:
        raise NotInstalled(f"{path} is missing: run `make setup`, or `npm ci` yourself") from missing


def main() -> int:
    """Lay out static/vendor of this checkout."""
    try:
        manifest = vendor(ROOT / "node_modules", ROOT / "static" / "vendor")
    except NotInstalled as problem:
        print(f"static/vendor: {problem}", file=sys.stderr)
        return 1
    print(f"static/vendor: {len(manifest['files'])} files of {len(manifest['packages'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
