"""What one operation of the compute core costs on this machine, in nanoseconds: its own example, run by cargo.

python -m bench.kernels
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Sequence
from typing import Any

from bench.harness import ROOT, report, run

_LINE = re.compile(r"^(.+?)\s{2,}([0-9.]+)$")


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description="Time the core's kernels.")
    parser.add_argument("--json", action="store_true")
    report(kernels(), parser.parse_args().json)


def kernels() -> dict[str, Any]:
    """Nanoseconds per operation of each kernel, or why there are none."""
    if shutil.which("cargo") is None:
        return {"missing": "cargo is not installed"}
    command = ("cargo", "run", "--release", "--quiet", "--locked", "--example", "kernels")
    return by_kernel(run(*command, cwd=ROOT / "core").printed.splitlines())


def by_kernel(lines: Sequence[str]) -> dict[str, Any]:
    """Kernel -> operation -> nanoseconds. A line ``kernel: NAME`` stands before each kernel's operations."""
    found: dict[str, dict[str, float]] = {}
    kernel = ""
    for line in lines:
        if line.startswith("kernel: "):
            kernel = line.removeprefix("kernel: ")
            found[kernel] = {}
        elif match := _LINE.match(line):
            found[kernel][match[1]] = float(match[2])
    return found


if __name__ == "__main__":
    main()
