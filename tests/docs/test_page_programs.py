"""The programs and commands that the service's pages show, run as they stand there, against a running service."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.service import Service, serving
from tests.support.books import MASTER, PUBLIC_KEY, make_epoch, new_store, plan
from tests.support.node import node_modules, run
from verifier.epoch import open_directory

ACCOUNT = "alice"
LANGUAGES = ["", "/de"]
STRICT = {
    "strict": True, "noUncheckedIndexedAccess": True, "exactOptionalPropertyTypes": True, "module": "nodenext",
    "target": "es2022", "lib": ["es2022", "dom"], "types": [], "skipLibCheck": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("programs")
    now = int(time.time())
    epoch = make_epoch(new_store(place / "exchange"), plan(taken_at=now - 3600, issued_at=now - 3540))
    with serving([epoch], place / "site") as running:
        yield running


def shown(service: Service, page: str, name: str) -> str:
    """The text of one block of a page, filled in as its reader would."""
    with urllib.request.urlopen(service.url + page) as answer:  # noqa: S310 (our own)
        found = re.search(rf'<pre id="{re.escape(name)}"[^>]*>(.*?)</pre>', answer.read().decode(), re.DOTALL)
    assert found, f"{page} shows no {name}"
    text = html.unescape(found[1])
    for blank, value in {
        "https://SITE": service.url, "SITE": service.url, "KEY": PUBLIC_KEY.hex(), "ACCOUNT": ACCOUNT,
        "slv_k_...": f"slv_k_{MASTER.account_key(ACCOUNT.encode()).hex()}",
    }.items():  # fmt: skip
        text = text.replace(blank, value)
    return text


def python(text: str, place: Path) -> str:
    done = subprocess.run([sys.executable, "-c", text], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
def test_python_mirrors_and_verifies(service: Service, lang: str, tmp_path: Path) -> None:
    assert python(shown(service, f"{lang}/docs", "mirror.py"), tmp_path) == ""
    assert open_directory(tmp_path / "epochs" / "1", PUBLIC_KEY).attestation.accounts == len(_leaves(tmp_path)) // 96
    told = python(shown(service, f"{lang}/docs", "verify.py"), tmp_path).splitlines()
    assert told[0] == "QUALIFIED"
    assert any(line.startswith("total:BTC") for line in told), told


def test_python_refuses_what_was_changed(service: Service, tmp_path: Path) -> None:
    python(shown(service, "/docs", "mirror.py"), tmp_path)
    target = tmp_path / "epochs" / "1" / "leaves.bin"
    target.write_bytes(_leaves(tmp_path)[:-1] + b"x")
    with pytest.raises(AssertionError, match=r"E_BINDING|leaves\.bin"):
        python(shown(service, "/docs", "verify.py"), tmp_path)


@pytest.fixture
def program(service: Service, tmp_path: Path) -> Path:
    """A directory as the page asks for it: the module and its types, fetched from the service."""
    node_modules()
    for name in ("solvent-check.mjs", "solvent-check.d.mts"):
        with urllib.request.urlopen(f"{service.url}/static/{name}") as answer:  # noqa: S310 (our own)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            (tmp_path / name).write_bytes(answer.read())
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "files": ["check.mts"]}))
    return tmp_path


def checked(program: Path, text: str) -> str:
    """What the program says: strictly typed, compiled, run."""
    (program / "check.mts").write_text(text)
    run("tsc", "-p", program)
    return run("node", program / "check.mjs")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_typescript_checks_a_row(service: Service, program: Path, lang: str) -> None:
    service.calm()
    told = checked(program, shown(service, f"{lang}/docs", "check.mts"))
    assert told.startswith("1 [")
    assert "amount: '0.000007'" in told
    paths = [path for path in service.asked if "/rows/" in path]
    assert len(paths) == 1
    assert ACCOUNT not in "".join(service.asked), "the account id stays where it is"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('accountId: "alice"', 'accountId: "alicia"', "failed E_NOT_FOUND"),
        (f'exchangeKey: "{PUBLIC_KEY.hex()}"', f'exchangeKey: "{"ab" * 32}"', "failed E_SIG_THRESHOLD"),
        ("accountKey:", 'holdings: { BTC: "1", ETH: "2" }, accountKey:', "failed E_HOLDINGS"),
        ("accountKey:", "epoch: 7, accountKey:", "unchecked E_NO_EPOCH"),
        ("slv_k_", "", "unchecked E_KEY"),
    ],
)
def test_typescript_tells_what_is_wrong(service: Service, program: Path, before: str, after: str, told: str) -> None:
    text = shown(service, "/docs", "check.mts")
    assert before in text
    assert checked(program, text.replace(before, after)).startswith(told)


def test_typescript_refuses_an_altered_row(service: Service, program: Path) -> None:
    service.changes["/rows/"] = lambda data: data.replace(b'"sealed":"', b'"sealed":"AAAA')
    try:
        said = checked(program, shown(service, "/docs", "check.mts"))
    finally:
        service.calm()
    assert not said.startswith("1 [")


def test_types_are_strict(service: Service, program: Path) -> None:
    text = shown(service, "/docs", "check.mts").replace('accountId: "alice",', "")
    with pytest.raises(AssertionError, match="accountId"):
        checked(program, text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_auditors_commands(service: Service, lang: str, tmp_path: Path) -> None:
    path = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    text = shown(service, f"{lang}/audit", "commands")
    words = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(words, cwd=tmp_path, env=path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["figures"][0]["id"] == "accounts"


def _leaves(place: Path) -> bytes:
    return (place / "epochs" / "1" / "leaves.bin").read_bytes()
