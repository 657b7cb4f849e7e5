"""Checking Bitcoin-message lines of collateral: with each engine, and beside libsecp256k1 (coincurve).

python -m bench.collateral --lines 20000

Keys are recovered from the same signatures by all three and compared; the snapshot's verdicts are part of the time of
the engines, not of coincurve, which only recovers.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bench.harness import report
from verifier.collateral import (
    AddressBacking,
    AssetUnits,
    Beacon,
    ChainHead,
    Facts,
    Line,
    Rules,
    Snapshot,
    judge_snapshot,
    ownership_message,
)
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import BitcoinAddress, Lock
from verifier.collateral.ecdsa import RecoverableSignature, recover_many
from verifier.collateral.ecmult import SumsWithGenerator
from verifier.collateral.hashes import hash160
from verifier.collateral.messages import bitcoin_digest
from verifier.dsse import Envelope
from verifier.engine import get_engine

UNIT = f"{BITCOIN}/slip44:0"
TAKEN_AT = 1_800_000_000
POLICY = "00" * 32
ASSETS = {"BTC": AssetUnits(8, {UNIT: 8})}
RULES = Rules("reject", (), "exchange", 3600, 300, {BITCOIN: 6}, 86400, ASSETS, frozenset({"p"}))
REFERENCE_SHARE = 100
"""The reference engine gets one line in so many."""


def main() -> None:
    """Measure one size."""
    parser = argparse.ArgumentParser(description="Time the checking of Bitcoin-message lines.")
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    typed = parser.parse_args()
    report(measure_lines(typed.lines), typed.json)


def measure_lines(count: int) -> dict[str, Any]:
    """Seconds on the wall and on the processors for ``count`` lines, and microseconds a line for each method."""
    shot = snapshot(count)
    few = replace(shot, lines=shot.lines[: max(1, count // REFERENCE_SHARE)])
    core, reference = get_engine("core"), get_engine("reference")
    of_core = timed(lambda: judge(shot, core.sums_with_generator))
    of_reference = timed(lambda: judge(few, reference.sums_with_generator))
    pairs = [signed(shot, line) for line in shot.lines]
    of_coincurve = timed(lambda: recover_one_by_one(pairs))
    require_same_keys(pairs, core.sums_with_generator)
    return {
        "lines": count,
        "wall": {"core, all lines": of_core[0]},
        "processor": {"core, all lines": of_core[1]},
        "microseconds of processor a line": {
            "core, verdicts": of_core[1] / count * 1e6,
            "reference, verdicts": of_reference[1] / len(few.lines) * 1e6,
            "coincurve, recovery alone": of_coincurve[1] / count * 1e6,
        },
    }


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds on the wall, seconds on the processors)."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def judge(shot: Snapshot, multiply: SumsWithGenerator) -> None:
    """Every line is VALID, or this ends."""
    facts = Facts(shot.exchange, shot.epoch, shot.taken_at, shot.policy)
    verdicts = judge_snapshot(shot, RULES, facts, nobody, multiply)
    if not all(verdict.counted for verdict in verdicts):
        raise SystemExit("a line is not valid")


def nobody(_role: str, _envelope: Envelope) -> None:
    """There are no statements."""


def recover_one_by_one(pairs: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Every key by coincurve, compressed."""
    import coincurve

    recover = coincurve.PublicKey.from_signature_and_message
    return [recover(data[1:] + bytes([data[0] - 39]), digest, hasher=None).format() for digest, data in pairs]


def require_same_keys(pairs: Sequence[tuple[bytes, bytes]], multiply: SumsWithGenerator) -> None:
    """End unless keys recovered in bulk are those that coincurve recovers."""
    signatures = [RecoverableSignature.from_bytes(data[1:], data[0] - 39) for _, data in pairs]
    ours = recover_many([digest for digest, _ in pairs], signatures, multiply)
    if [key.to_bytes() if key else b"" for key in ours] != recover_one_by_one(pairs):
        raise SystemExit("the engines and coincurve disagree")


def signed(shot: Snapshot, line: Line) -> tuple[bytes, bytes]:
    """The digest and the 65 bytes of a line's signature."""
    backing = line.backing
    if not isinstance(backing, AddressBacking):
        raise TypeError("only address lines are measured")
    told = ownership_message(shot.exchange, shot.epoch, backing.account, shot.challenge)
    return bitcoin_digest(told.encode()), base64.b64decode(backing.signatures[0])


def snapshot(count: int) -> Snapshot:
    """``count`` lines of P2WPKH addresses, signed by keys that are hashes of their numbers."""
    beacon = Beacon("drand", 1, TAKEN_AT, "00" * 32)
    empty = Snapshot("bench.example", 1, TAKEN_AT, POLICY, beacon, {BITCOIN: ChainHead(1, "00" * 32, TAKEN_AT)}, (), ())
    return replace(empty, lines=tuple(line(empty, number) for number in range(count)))


def line(shot: Snapshot, number: int) -> Line:
    """One line, signed by coincurve."""
    import coincurve

    key = coincurve.PrivateKey(hashlib.sha256(str(number).encode()).digest())
    account = f"{BITCOIN}:{BitcoinAddress(Lock.P2WPKH, hash160(key.public_key.format())).text}"
    told = ownership_message(shot.exchange, shot.epoch, account, shot.challenge)
    made = key.sign_recoverable(bitcoin_digest(told.encode()), hasher=None)
    text = base64.b64encode(bytes([39 + made[64]]) + made[:64]).decode()
    return Line(f"line-{number}", "address", "BTC", UNIT, "p", 1, 0, AddressBacking(account, "bip137", (text,)))


if __name__ == "__main__":
    main()
