"""Feed every decoder mutated input until stopped: ``make fuzz``, or ``python -m tests.fuzz.run [SEED]``.

A failure is printed with its target, its seed and the bytes in hex, and ends the run with status 1.
"""

from __future__ import annotations

import random
import secrets
import sys
import time
import traceback
from pathlib import Path

if __package__ in (None, ""):  # run as a file: make the checkout importable
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.fuzz.targets import Target, attempt, mutate, targets

REPORT_EVERY = 5.0
"""Seconds."""


def fuzz(seed: int, limit: int | None = None) -> int:
    """Try ``limit`` inputs (None: without end) and return how many were tried. Raises whatever a decoder raised."""
    rng, tried, told = random.Random(seed), 0, time.monotonic()
    while limit is None or tried < limit:
        for target in targets():
            one(target, mutate(rng, rng.choice(target.seeds)))
            tried += 1
        if time.monotonic() - told > REPORT_EVERY:
            told = time.monotonic()
            sys.stdout.write(f"{tried:,} inputs, seed {seed}\n")
            sys.stdout.flush()
    return tried


def one(target: Target, data: bytes) -> None:
    """One input; the failing one is shown."""
    try:
        attempt(target, data)
    except Exception:
        sys.stderr.write(f"{target.name} failed on {data.hex()}\n")
        raise


def main() -> int:
    """See the module."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else secrets.randbelow(2**32)
    try:
        fuzz(seed)
    except KeyboardInterrupt:
        return 0
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        sys.stderr.write(f"repeat it with: python -m tests.fuzz.run {seed}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
