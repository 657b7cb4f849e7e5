"""The systemd unit and the container file: what they name exists, what they run is understood, and the docs agree."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest

from server.cli import serve
from server.settings import SITE

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "deploy" / "solvent.service").read_text("utf-8")
DOCS = (ROOT / "docs" / "service.md").read_text("utf-8")
HOME = "/usr/lib/solvent"


def instructions() -> list[tuple[str, str]]:
    """The container file: each instruction and its words, continued lines joined."""
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], " ".join(line.split(" ", 1)[1].split())) for line in lines]


def of(name: str) -> list[str]:
    return [words for kind, words in instructions() if kind == name]


def settings(name: str) -> list[str]:
    """All values of one setting of the unit."""
    return re.findall(rf"(?m)^{name}=(.*)$", UNIT)


def understood(command: list[str]) -> click.Context:
    """A command line of ours, read as it would be; refuses options that do not exist."""
    program, name, *words = command
    assert (program, name) == (f"{HOME}/bin/solvent", "serve")
    return serve.make_context(name, words)


def test_the_unit_runs_what_exists() -> None:
    (command,) = settings("ExecStart")
    given = understood(shlex.split(command)).params
    assert given["listen"].startswith("127.0.0.1:")
    assert given["operator"].startswith("127.0.0.1:")


def test_the_unit_may_read_its_site_and_write_nothing() -> None:
    (environment,) = settings("Environment")
    name, _, place = environment.partition("=")
    assert (name, settings("ReadOnlyPaths")) == (SITE, [place])
    assert settings("ProtectSystem") == ["strict"]
    assert settings("ReadWritePaths") == []
    assert settings("PrivateTmp") == ["yes"]
    assert f"keep the site in {place}" in UNIT


def test_a_call_that_is_not_allowed_is_refused_and_not_fatal() -> None:
    """OpenBLAS calls mbind, which is among @resources, while numpy is imported."""
    assert len(settings("SystemCallFilter")) == 2
    assert settings("SystemCallErrorNumber") == ["EPERM"]


def test_every_setting_of_the_unit_stands_once() -> None:
    names = re.findall(r"(?m)^(\w+)=", UNIT)
    assert {name for name in names if names.count(name) > 1} == {"SystemCallFilter"}


def test_the_container_copies_what_exists() -> None:
    copied = [word for words in of("COPY") for word in words.split()[:-1] if not words.startswith("--from")]
    assert len(copied) == 8
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for name in copied:
        assert (ROOT / name).exists(), name
        assert not any(fnmatch(name, pattern.removeprefix("**/")) for pattern in ignored), name
    assert {"**/node_modules", ".git", ".venv"} <= set(ignored)


def test_the_container_runs_what_exists() -> None:
    (entry,), (words,) = of("ENTRYPOINT"), of("CMD")
    given = understood([*map(str, _listed(entry)), *map(str, _listed(words))]).params
    ports = [given[name].rpartition(":")[2] for name in ("listen", "operator")]
    assert of("EXPOSE") == [" ".join(ports)]
    assert f"{SITE}=/site" in of("ENV")[0].split()
    assert of("USER") == ["65534:65534"]


def test_docs_and_container_install_alike() -> None:
    """Where the lock lies is all that differs: the container copies it to the top."""
    (run,) = of("RUN")
    commands = [command.strip() for command in run.split("&&")]
    assert len(commands) == 3
    for command in commands:
        told = command.replace("-r requirements.lock", "-r deploy/requirements.lock")
        assert re.sub(r"^python ", "python3.11 ", told) in DOCS
    assert of("FROM")[0].startswith("docker.io/library/python:3.11-slim")
    assert "deploy/solvent.service /etc/systemd/system/" in DOCS


def test_a_wheel_holds_no_packages_of_node(tmp_path: Path) -> None:
    """Also where nothing says what git ignores, as in the container."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in (
        "attest/__init__.py",
        "server/__init__.py",
        "server/page/build.mjs",
        "server/page/node_modules/x/i.js",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "out").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert "server/page/build.mjs" in names
    assert not any("node_modules" in name for name in names)


@pytest.mark.parametrize("command", ["serve --listn 127.0.0.1:1", "serve --workers none"])
def test_a_wrong_command_is_noticed(command: str) -> None:
    with pytest.raises(click.UsageError):
        understood([f"{HOME}/bin/solvent", *command.split()])


def _listed(text: str) -> list[str]:
    import json

    found: list[str] = json.loads(text)
    return found
