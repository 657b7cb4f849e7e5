"""What every measurement needs: commands with their time and memory, medians, and a description of the machine."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended well: seconds on the wall and on the processors, peak resident memory in MB, its output."""

    seconds: float
    processor: float
    peak_mb: int
    printed: str


def run(*command: object, cwd: Path = ROOT, kernel: str = "") -> Done:
    """Run a command to its good end, with this kernel of the core if one is named.

    Ends the program with what it complained about otherwise.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if kernel:
        environment["SOLVENT_CORE_KERNEL"] = kernel
    started = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603 (our own commands)
        [str(word) for word in command], cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True
    )
    if child.stdout is None:
        raise RuntimeError("no pipe")
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(str(word) for word in command)} ended with {child.returncode}")
    return Done(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, printed)


def measure(module: str, *arguments: object, kernel: str = "") -> dict[str, Any]:
    """Run ``python -m bench.<module>`` in a process of its own; its JSON, with its peak memory."""
    done = run(sys.executable, "-m", f"bench.{module}", *map(str, arguments), "--json", kernel=kernel)
    return {**json.loads(done.printed), "peak_mb": done.peak_mb}


def median(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The runs' numbers, each replaced by its median; texts from the first; mappings within likewise."""
    merged: dict[str, Any] = {}
    for key, value in runs[0].items():
        values = [run[key] for run in runs]
        if isinstance(value, Mapping):
            merged[key] = median(values)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            merged[key] = statistics.median(values)
        else:
            merged[key] = value
    return merged


def spread(runs: Sequence[float]) -> float:
    """How far the slowest of several runs is above the fastest, as a fraction."""
    return max(runs) / min(runs) - 1


def machine() -> dict[str, Any]:
    """Where this runs, and how busy the machine is with other work."""
    words = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.partition(":")[2].strip() for line in words.splitlines() if line.startswith("model name")), "")
    return {
        "processor": model or platform.machine(),
        "avx512_ifma": "avx512ifma" in words,
        "sha_ni": "sha_ni" in words,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "kernels": core_kernels(),
        "load": round(os.getloadavg()[0], 1),
    }


def core_kernels() -> list[str]:
    """The core engine's kernels that run here, the fastest last; none where the core is not installed."""
    try:
        import solvent_core
    except ImportError:
        return []
    return solvent_core.kernels_available()


def report(found: dict[str, Any], as_json: bool) -> None:
    """Print one measurement: as JSON for ``measure``, or line by line."""
    if as_json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        for name, number in value.items() if isinstance(value, dict) else [(key, value)]:
            shown = f"{number:12.4f}" if isinstance(number, float) else f"{number!s:>12}"
            print(f"{name:<48}{shown}")
