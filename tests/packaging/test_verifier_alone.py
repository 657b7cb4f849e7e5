"""The verifier works without the rest: as a wheel in a bare environment, and where everything else is blocked."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.venvs import BareVenv

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "vectors/frozen/v1"
SCRIPT = Path(__file__).with_name("known_answer.py")
KNOWN_ROOT = (
    "025b51cd8caf8e2aba984369d5f2d975342dde472e72081b9f9fd0fc78ac9e4fcc "
    "a387bc100ca335a67c19f189ad6bd63370cc38b4454692d2634345854fde1971"
)
ABSENT = ("attest", "server", "flask", "solvent_core")

BLOCKER = """
import runpy, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ImportError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, Blocker())
sys.path.insert(0, {root!r})
{body}
"""


def run_blocked(body: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``body`` in a Python of this environment in which the other parts cannot be imported."""
    code = BLOCKER.format(absent=ABSENT, root=str(ROOT), body=body)
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)


def test_the_wheel_holds_every_module_and_nothing_else(verifier_wheel: Path, root: Path) -> None:
    sources = {path.relative_to(root).as_posix() for path in (root / "verifier").rglob("*.py")}
    with zipfile.ZipFile(verifier_wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == sources | {"verifier/py.typed"}


def test_the_wheel_computes_a_known_root_in_a_bare_environment(bare_verifier_venv: BareVenv, tmp_path: Path) -> None:
    done = bare_verifier_venv.python(str(SCRIPT), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    where, modules, root, loaded = done.stdout.splitlines()
    assert Path(where).is_relative_to(bare_verifier_venv.path), "imported from the wheel, not from a checkout"
    assert int(modules) > 10
    assert root == KNOWN_ROOT
    assert not set(loaded.split()) & {*ABSENT, "numpy", "duckdb"}


@pytest.mark.parametrize("name", [*ABSENT, "numpy", "duckdb", "pip"])
def test_the_bare_environment_has_nothing_else(bare_verifier_venv: BareVenv, tmp_path: Path, name: str) -> None:
    done = bare_verifier_venv.python("-c", f"import {name}", cwd=tmp_path)
    assert done.returncode == 1
    assert f"ModuleNotFoundError: No module named '{name}'" in done.stderr


def test_the_command_is_installed_and_teaches(bare_verifier_venv: BareVenv, tmp_path: Path) -> None:
    done = bare_verifier_venv.script("solvent-verify", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for command in ("me", "bundle", "audit"):
        assert f"\n  {command} " in done.stdout


def test_importing_the_verifier_loads_no_pydantic(bare_verifier_venv: BareVenv, tmp_path: Path) -> None:
    code = "import sys, verifier; sys.exit('pydantic' in sys.modules)"
    assert bare_verifier_venv.python("-c", code, cwd=tmp_path).returncode == 0


def test_it_works_where_the_other_parts_are_blocked(tmp_path: Path) -> None:
    done = run_blocked(f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[2] == KNOWN_ROOT


@pytest.mark.parametrize("name", ABSENT)
def test_the_blocker_blocks(tmp_path: Path, name: str) -> None:
    done = run_blocked(f"import {name}", tmp_path)
    assert f"ImportError: {name} is blocked" in done.stderr


def frozen_customer() -> tuple[Path, str, str, str, dict[str, str]]:
    """(frozen directory, exchange key, account id, account key, holdings) of the first customer of the frozen epoch."""
    expected = json.loads((FROZEN / "expected.json").read_text("utf-8"))
    customer = expected["epochs"][0]["accounts"][0]
    return FROZEN, expected["exchange_key"], customer["account_id"], customer["account_key_text"], customer["holdings"]


@pytest.mark.parametrize("amount", ["right", "wrong"])
def test_the_wheel_alone_checks_a_customer(bare_verifier_venv: BareVenv, tmp_path: Path, amount: str) -> None:
    frozen, key, account, secret, holdings = frozen_customer()
    (tmp_path / "key").write_text(secret)
    (tmp_path / "key").chmod(0o600)
    held = holdings if amount == "right" else {name: f"1{value}" for name, value in holdings.items()}
    options = ["--account", account, "--key", key, *(f"--holds={name}={value}" for name, value in held.items())]
    me = ["me", str(frozen / "epochs/1"), "--account-key-file", str(tmp_path / "key"), *options]
    bundle = ["bundle", str(frozen / "bundles/1-0-alone.json"), *options]
    for command in (me, bundle):
        done = bare_verifier_venv.script("solvent-verify", *command, cwd=tmp_path)
        assert done.returncode == (0 if amount == "right" else 1), done.stdout + done.stderr
        assert done.stdout.startswith("OLD BUT VERIFIED: " if amount == "right" else "REFUSED: ")


def test_the_wheel_alone_audits_a_book(bare_verifier_venv: BareVenv, tmp_path: Path) -> None:
    frozen, key, *_ = frozen_customer()
    for epoch in json.loads((frozen / "expected.json").read_text("utf-8"))["epochs"]:
        command = ["audit", str(frozen / epoch["directory"]), "--key", key, "--at", str(epoch["now"])]
        done = bare_verifier_venv.script("solvent-verify", *command, cwd=tmp_path)
        assert (done.returncode, done.stdout.split(":")[0]) == (0, "QUALIFIED"), done.stdout + done.stderr
    other = ["audit", str(frozen / "epochs/1"), "--key", "ab" * 32]
    assert bare_verifier_venv.script("solvent-verify", *other, cwd=tmp_path).returncode == 1


def test_a_bundle_verifies_where_the_other_parts_are_blocked(tmp_path: Path) -> None:
    frozen, key, account, _, holdings = frozen_customer()
    body = (
        "from pathlib import Path\nfrom verifier import check_bundle\n"
        f"data = Path({str(frozen / 'bundles/1-0-alone.json')!r}).read_bytes()\n"
        f"print(check_bundle(data, {account!r}, {key!r}, holdings={holdings!r}).compared)\n"
    )
    done = run_blocked(body, tmp_path)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr
