"""A Parquet ledger through the installed commands: attested, audited, and checked by one customer.

    python -m bench.program --engine core --rows 100000 --columns 60 --cells 5

Time and peak memory are those of each command as a process, Python's start included. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.books import column_names
from bench.harness import Done, report, run
from bench.stages import chunk_bits
from verifier import check_account, check_bundle, read_account_key
from verifier.engine import get_engine

ACCOUNT = "customer-7@example.com"
EPOCH = "public/epochs/1"


def main() -> None:
    """Measure one ledger."""
    parser = argparse.ArgumentParser(description="Time the commands on a Parquet ledger.")
    parser.add_argument("--engine", default="core", choices=("core", "reference"))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=1)
    parser.add_argument("--cells", type=int, default=1, help="cells of a row that are not zero, on average")
    parser.add_argument("--json", action="store_true")
    typed = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="solvent-bench-") as place:
        prepare(Path(place), typed.rows, typed.columns, typed.cells)
        report(measured(Path(place), typed.engine), typed.json)


def measured(place: Path, engine: str) -> dict[str, Any]:
    """Every command in the order in which an exchange, an auditor and a customer type it."""
    attested = solvent(place, "attest", "--first", "--engine", engine, "--json")
    key = (place / "exchange-key.txt").read_text().strip()
    audit = ("-m", "verifier.cli", "audit", str(place / EPOCH), "--key", key, "--engine", engine, "--json")
    audited = run(sys.executable, *audit, cwd=place)
    solvent(place, "bundle", ACCOUNT, "--output", "bundle.json")
    stages = json.loads(attested.printed)["seconds"]
    return {
        "seconds": {"solvent attest": attested.seconds, "solvent-verify audit": audited.seconds, **check(place, key)},
        "processor": {"solvent attest": attested.processor, "solvent-verify audit": audited.processor},
        "attest": stages,
        "peak": {"solvent attest": attested.peak_mb, "solvent-verify audit": audited.peak_mb},
        "bytes": {path.name: path.stat().st_size for path in sorted((place / EPOCH).iterdir())},
    }


def check(place: Path, key: str) -> dict[str, float]:
    """One customer's two checks, in this process."""
    engine = get_engine()
    secret = read_account_key(solvent(place, "customer-key", ACCOUNT).printed.strip())
    bundle = (place / "bundle.json").read_bytes()
    started = time.perf_counter()
    check_bundle(bundle, ACCOUNT, key, engine=engine)
    between = time.perf_counter()
    check_account(place / EPOCH, ACCOUNT, secret, key, engine=engine)
    return {
        "user's check, from a bundle": between - started,
        "user's check, from the directory": time.perf_counter() - between,
    }


def solvent(place: Path, *words: str) -> Done:
    """One of the exchange's commands."""
    return run(sys.executable, "-m", "attest.cli", *words, cwd=place)


def prepare(place: Path, rows: int, columns: int, cells: int) -> None:
    """Keys, the ledger and its description.

    The ledger is made by a process of its own: what this one held would count for the commands that it starts.
    """
    solvent(place, "init", ".", "--exchange", "bench.example")
    run(sys.executable, "-m", "bench.books", rows, columns, cells, place / "ledger.parquet")
    described = '[exchange]\nname = "bench.example"\n[ledger]\nformat = "parquet"\npath = "ledger.parquet"\n'
    described += f"[book]\nchunk_bits = {chunk_bits(columns)}\n"
    described += "".join(
        f'[[columns]]\nname = "{name}"\nasset = "{name}"\ndecimals = 0\n' for name in column_names(columns)
    )
    (place / "solvent.toml").write_text(described)


if __name__ == "__main__":
    main()
