"""What one operation of the compute core costs on this machine, in nanoseconds: its own example, run by cargo.

python -m bench.kernels
"""

from __future__ import annotations

import argparse
import re
import shutil
from typing import Any

from bench.harness import ROOT, report, run

_LINE = re.compile(r"^(.+?)\s{2,}([0-9.]+)$")


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description="Time the core's kernels.")
    parser.add_argument("--json", action="store_true")
    report(kernels(), parser.parse_args().json)


def kernels() -> dict[str, Any]:
    """Nanoseconds per operation, or why there are none."""
    if shutil.which("cargo") is None:
        return {"missing": "cargo is not installed"}
    command = ("cargo", "run", "--release", "--quiet", "--locked", "--example", "kernels")
    matches = [_LINE.match(line) for line in run(*command, cwd=ROOT / "core").printed.splitlines()]
    return {"nanoseconds": {match[1]: float(match[2]) for match in matches if match}}


if __name__ == "__main__":
    main()
