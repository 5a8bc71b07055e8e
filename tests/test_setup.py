"""What a fresh clone relies on: the Makefile, the lock files, and a repository that names no machine."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

REGISTRIES = re.compile(r"registry\.npmjs|npmjs\.(?:com|org)|yarnpkg\.com|pypi\.org|pythonhosted\.org")

MACHINE_PATH = re.compile(r"(?<![\w.:<>{}/*-])/(?:home|root|Users|work|tmp|mnt)/[\w.]")

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".ico", ".mp3", ".opus", ".woff2", ".gz"}


def run(*words: str) -> str:
    """What a command printed that was run at the top of the repository."""
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def lock() -> dict[str, dict[str, str]]:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {name: package for name, package in packages.items() if name}


def texts() -> dict[str, str]:
    """Every text file that is in the repository or is about to be."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    files = [ROOT / name for name in listed if name and Path(name).suffix not in PICTURES]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files if file.is_file()}


def test_help_lists_every_target_on_a_line_of_its_own() -> None:
    said = run("make", "--no-print-directory", "help")
    phony = re.search(r"^\.PHONY: (.*)$", makefile(), re.MULTILINE)
    assert phony
    listed = [line.split(maxsplit=2)[:2] for line in said.splitlines()]
    assert sorted(listed) == sorted(["make", target] for target in phony[1].split())


def test_the_continuous_integration_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, "it cannot be run"
    assert script.read_text(encoding="utf-8").splitlines() == [
        "#!/usr/bin/env bash",
        "set -eu",
        'cd "$(dirname "$0")/.."',
        "exec make test",
    ]


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if REGISTRIES.search(line) or MACHINE_PATH.search(line)
    ]
    assert not found, "\n".join(found)


def test_front_end_packages_are_locked_by_hash_and_without_an_address() -> None:
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    names = {f"node_modules/{name}" for part in ("dependencies", "devDependencies") for name in asked[part]}
    assert set(lock()) == names, "a package that nobody asked for, or one that is missing"
    for name, package in lock().items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_every_python_package_has_one_exact_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    names = {_plain(line.split("==")[0]) for line in pinned}
    assert len(names) == len(pinned), "a package stands there twice"
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert {_plain(re.split(r"[\s\[<>=!~;]", each)[0]) for each in asked} <= names


def test_the_makefile_looks_for_chromium_where_the_tests_do() -> None:
    conftest = (ROOT / "tests" / "browser" / "conftest.py").read_text(encoding="utf-8")
    named = re.search(r"^CHROMIUM_NAMES = \((.*)\)$", conftest, re.MULTILINE)
    assert named
    names = " ".join(re.findall(r"[\w-]+", named[1]))
    assert f'for name in "$$CHROMIUM" {names};' in makefile()


def _plain(name: str) -> str:
    """The one spelling of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
