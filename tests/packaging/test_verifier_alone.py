"""The verifier works without the rest: as a wheel in a bare environment, and where everything else is blocked."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.venvs import BareVenv

ROOT = Path(__file__).resolve().parents[2]
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
