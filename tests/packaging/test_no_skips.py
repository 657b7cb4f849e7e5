"""A run in which anything was skipped fails: shown on small test files, in one process and in several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import engines

CASES = {
    "passes": ("def test_x():\n    pass\n", 0),
    "skip": ("import pytest\n\ndef test_x():\n    pytest.skip('no')\n", 1),
    "skip-mark": ("import pytest\n\n@pytest.mark.skip\ndef test_x():\n    pass\n", 1),
    "skip-module": ("import pytest\npytest.skip('no', allow_module_level=True)\n", 1),
    "importorskip": ("import pytest\npytest.importorskip('no_such_module')\n\ndef test_x():\n    pass\n", 1),
    "xfail": ("import pytest\n\n@pytest.mark.xfail\ndef test_x():\n    assert False\n", 1),
    "fails": ("def test_x():\n    assert False\n", 1),
}
BESIDE = "def test_beside():\n    pass\n"


@pytest.mark.parametrize(
    ("case", "processes"), [*((case, "0") for case in CASES), ("skip", "1"), ("skip-module", "1"), ("xfail", "1")]
)
def test_skips_fail_the_run(case: str, processes: str, tmp_path: Path, root: Path) -> None:
    source, code = CASES[case]
    (tmp_path / "test_case.py").write_text(source, encoding="utf-8")
    (tmp_path / "test_beside.py").write_text(BESIDE, encoding="utf-8")
    plugins = ["-p", "xdist", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    options = [*plugins, "-c", str(tmp_path / "none.ini"), "-n", processes]
    (tmp_path / "none.ini").touch()
    command = [sys.executable, "-m", "pytest", *options, f"--rootdir={tmp_path}", str(tmp_path)]
    quick = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # browsers and the like take longer than these tests
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=quick, timeout=300, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    skipping = code == 1 and case != "fails"
    assert ("a skipped test fails the run" in done.stdout) == skipping


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (["portable", "ifma"], []),
        (["portable"], ["kernel ifma: not available on this CPU, its tests did not run"]),
        ([], ["engine core: not installed, its tests did not run"]),
    ],
)
def test_what_cannot_run_here_is_told(found: list[str], told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "kernels", lambda: found)
    assert engines.missing() == told
