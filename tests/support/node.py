"""The page's sources and the tools that check and build them, installed once from their lock file."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[2] / "server/page"
_MODULES: Final = PAGE / "node_modules"


@cache
def node_modules() -> Path:
    """The packages of package-lock.json; several test processes wait for the one that installs them."""
    wanted = hashlib.sha256((PAGE / "package-lock.json").read_bytes()).hexdigest()
    _MODULES.mkdir(exist_ok=True)
    with (PAGE / "node_modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = _MODULES / ".solvent"
        if not stamp.exists() or stamp.read_text("ascii") != wanted:
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            stamp.write_text(wanted, "ascii")
    return _MODULES


def run(program: str, *words: str | Path, timeout: int = 600) -> str:
    """Run ``npm``, ``node`` or an installed program on the page's sources; what it wrote."""
    found = shutil.which(program, path=f"{_MODULES / '.bin'}:{_path()}")
    assert found, f"{program} is not installed: the page's tests need Node 20 or newer"
    command = [found, *map(str, words)]
    done = subprocess.run(command, cwd=PAGE, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, f"{program}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def _path() -> str:
    import os

    return os.environ.get("PATH", "")
