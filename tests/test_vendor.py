"""The files of other projects that the pages load: what lies in static/vendor is what the packages hold."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from deploy import vendor

VENDOR = vendor.ROOT / "static" / "vendor"
PACKAGES = vendor.ROOT / "node_modules"


def manifest() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((VENDOR / "MANIFEST.json").read_text(encoding="utf-8"))
    return found


def faces(sheet: str) -> list[dict[str, str]]:
    """The @font-face rules of a sheet, each as property → value."""
    rules = re.findall(r"@font-face\{(.*?)\}", (VENDOR / sheet).read_text(encoding="utf-8"))
    return [dict(part.split(":", 1) for part in rule.split(";")) for rule in rules]


def test_every_file_is_the_one_that_the_manifest_names() -> None:
    there = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del there["MANIFEST.json"]
    hashes = {name: hashlib.sha384(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert hashes == manifest()["files"]


def test_the_versions_are_those_of_the_lock_file() -> None:
    lock = json.loads((vendor.ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert manifest()["packages"] == {
        name: lock[f"node_modules/{name}"]["version"] for name in vendor.PACKAGES
    }


def test_the_licence_of_every_package_lies_with_its_files() -> None:
    licences = [path.read_text(encoding="utf-8") for path in (VENDOR / "licences").iterdir()]
    assert len(licences) == len(vendor.PACKAGES)
    assert all("permission" in text.lower() for text in licences)


def test_each_script_has_its_font() -> None:
    light = faces("fonts.css")
    assert {(face["font-family"], face["font-weight"]) for face in light} == {
        (f'"{family}"', weight)
        for family in ("Noto Sans", "Noto Sans Arabic", "Noto Sans Ethiopic")
        for weight in ("400", "700")
    }
    heavy = faces("fonts-noto-sans-hk.css")
    assert {face["font-family"] for face in heavy} == {'"Noto Sans HK Variable"'}
    assert len(heavy) == 109


@pytest.mark.parametrize("sheet", ["fonts.css", "fonts-noto-sans-hk.css"])
def test_every_font_is_there_and_only_loaded_for_its_letters(sheet: str) -> None:
    for face in faces(sheet):
        file = re.fullmatch(r'url\("(fonts/[\w-]+\.woff2)"\) format\("woff2"\)', face["src"])
        assert file, face["src"]
        assert (VENDOR / file[1]).read_bytes().startswith(b"wOF2")
        assert face["unicode-range"].startswith("U+")
        assert face["font-display"] == "block"


def test_an_icon_takes_its_size_and_colour_from_the_page() -> None:
    icons = list((VENDOR / "icons").glob("*.svg"))
    assert len(icons) > 4000
    for icon in icons:
        svg = icon.read_text(encoding="utf-8")
        head, body = svg.split(">", 1)
        assert not re.search(r'\s(class|style|width|height|id)="', head), icon.name
        assert 'viewBox="0 0 24 24"' in head, icon.name
        assert 'stroke="currentColor"' in head, icon.name
        assert not re.search(r'\sstyle="|<script|<style|\son\w+=|href=|<!--|M0 0h24v24H0z', body), icon.name


def test_a_squeezed_file_holds_the_same_as_the_plain_one() -> None:
    squeezed = list(VENDOR.rglob("*.gz"))
    assert {file.stem for file in squeezed} == {"htmx.min.js", "fonts.css", "fonts-noto-sans-hk.css"}
    for file in squeezed:
        assert gzip.decompress(file.read_bytes()) == file.with_suffix("").read_bytes()


def test_laying_it_out_again_changes_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "static" / "vendor"
    target.mkdir(parents=True)
    (target / "of-last-year.js").write_text("old", encoding="utf-8")
    assert vendor.vendor(PACKAGES, target) == manifest()
    assert not (target / "of-last-year.js").exists()
    assert [path.name for path in target.parent.iterdir()] == ["vendor"]


def test_a_missing_package_is_named_and_what_was_there_stays(tmp_path: Path) -> None:
    packages, target = tmp_path / "node_modules", tmp_path / "vendor"
    shutil.copytree(PACKAGES / "htmx.org", packages / "htmx.org")
    target.mkdir()
    (target / "htmx.min.js").write_text("still here", encoding="utf-8")
    with pytest.raises(vendor.NotInstalled, match=r"tabler.*npm ci"):
        vendor.vendor(packages, target)
    assert (target / "htmx.min.js").read_text(encoding="utf-8") == "still here"


def test_a_part_that_a_font_does_not_have_is_said_with_those_it_has() -> None:
    font = vendor.Font("@fontsource/noto-sans-ethiopic", subsets=("cyrillic",))
    with pytest.raises(vendor.NotInstalled, match=r"no part called cyrillic; it has ethiopic"):
        list(vendor.font_faces(font, PACKAGES))
