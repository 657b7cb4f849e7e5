"""One range proof per balance, as the `bulletproofs` crate makes them (bench/bulletproofs), for comparison.

python -m bench.range_proofs --balances 512 --per-proof 16
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from typing import Any

from bench.harness import ROOT, report, run

CRATE = ROOT / "bench" / "bulletproofs"


def main() -> None:
    """Measure one size."""
    parser = argparse.ArgumentParser(description="Time one range proof per balance.")
    parser.add_argument("--balances", type=int, default=512)
    parser.add_argument("--per-proof", type=int, default=16, help="balances in one aggregated proof, a power of two")
    parser.add_argument("--json", action="store_true")
    typed = parser.parse_args()
    report(range_proofs(typed.balances, typed.per_proof), typed.json)


def range_proofs(balances: int, per_proof: int) -> dict[str, Any]:
    """Seconds for all balances and bytes per balance, or why there are none."""
    if shutil.which("cargo") is None:
        return {"missing": "cargo is not installed"}
    built = subprocess.run(
        ["cargo", "build", "--release", "--quiet", "--locked"],  # noqa: S607
        cwd=CRATE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if built.returncode:
        return {"missing": "the bulletproofs crate could not be built"}
    done = run("cargo", "run", "--release", "--quiet", "--locked", "--", balances, per_proof, cwd=CRATE)
    found = json.loads(done.printed)
    return {
        "balances": found["balances"],
        "seconds": {stage: found[stage] for stage in ("setup", "prove", "verify")},
        "processor": {stage: found[f"{stage}_processor"] for stage in ("prove", "verify")},
        "bytes per balance": found["bytes_per_proof"] / per_proof,
    }


if __name__ == "__main__":
    main()
