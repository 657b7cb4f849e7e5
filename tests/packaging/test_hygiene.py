"""The repository as a whole: portable, self-contained, small files, everything pinned."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 500
CODE = {".py", ".pyi", ".rs", ".ts"}
LOCKS = ["requirements.lock", "verifier/requirements.lock", "deploy/requirements.lock"]

# Written in pieces, so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.$}/:-])/" + r"(?:work|root|home|Users|tmp|opt)" + r"/[\w.]")
REGISTRY = re.compile(
    "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", r"registry\.n" + r"pmjs", "crates" + r"\.io"])
)


CARGO_INDEX = re.compile(r'[\w/]*Cargo\.lock:\d+: source = "registry\+')


def listed() -> list[Path]:
    """Every file of the checkout that git does not ignore."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """Name and content of every text file."""
    found = []
    for path in listed():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            found.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8")))
    return found


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_one_machine_is_written_down() -> None:
    assert lines_matching(MACHINE_PATH) == []


def test_no_package_registry_is_written_down() -> None:
    """The one exception is the name of the index that cargo itself writes into its lock files."""
    found = [line for line in lines_matching(REGISTRY) if not CARGO_INDEX.match(line)]
    assert found == []


@pytest.mark.parametrize("text", ["cd /" + "work/x", "'/" + "tmp/a'", 'open("/' + 'home/me")'])
def test_machine_paths_are_recognised(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["tree/root/x", "https://example.org/home/x", "$HOME/tmp/x", "/usr/lib/postgresql/15/bin"]
)
def test_other_paths_are_left_alone(text: str) -> None:
    assert not MACHINE_PATH.search(text)


def test_no_source_file_is_too_long() -> None:
    long = {name: len(text.splitlines()) for name, text in texts() if Path(name).suffix in CODE}
    assert len(long) > 10
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
        assert not entry.startswith("solvent"), "our own packages are linked, never fetched"


def test_all_locks_agree() -> None:
    every, *parts = [re.sub(r"(?m)^(\S+==\S+) ; [^\\\n]*", r"\1 ", (ROOT / name).read_text("utf-8")) for name in LOCKS]
    entries = set(re.split(r"\n(?=\S)", every.strip()))
    for part in parts:
        assert set(re.split(r"\n(?=\S)", part.strip())) <= entries


def test_locks_cover_what_is_declared() -> None:
    declared = [("pyproject.toml", LOCKS[0], True), ("verifier/pyproject.toml", LOCKS[1], True)]
    for project, lock, tools in [*declared, ("pyproject.toml", LOCKS[2], False)]:
        table = tomllib.loads((ROOT / project).read_text(encoding="utf-8"))["project"]
        wanted = table["dependencies"] + (table.get("optional-dependencies", {}).get("dev", []) if tools else [])
        names = {re.match(r"[\w-]+", item, re.ASCII).group() for item in wanted} - {"solvent-verifier"}  # type: ignore[union-attr]
        locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        assert names <= locked


def test_both_distributions_have_one_version() -> None:
    projects = [
        tomllib.loads((ROOT / name).read_text(encoding="utf-8"))["project"]
        for name in ("pyproject.toml", "verifier/pyproject.toml")
    ]
    assert projects[0]["version"] == projects[1]["version"]
    assert f"solvent-verifier=={projects[1]['version']}" in projects[0]["dependencies"]


def test_the_licence_is_the_one_declared() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
