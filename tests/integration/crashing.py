"""A small attestation that kills itself: ``python -m tests.integration.crashing STORE K [SECONDS_PAUSE]``.

A store that has documents beside it (``with_documents``) attests policy, prices, collateral and a claim as well.

K counts the moments at which something reaches the disk or gets its name; at the K-th the process dies by SIGKILL,
as in a power cut. K = 0 never. Every process that lives prints the number of moments it saw.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan
from attest.store import Head
from tests.support.books import ISSUED_AT, TAKEN_AT, new_store, plan, secrets
from tests.support.markets import POOL, claim, column
from tests.support.signed_home import Home, make_home
from verifier.engine import get_engine
from verifier.epoch import no_progress
from verifier.schema import Column, Schema

SCHEMA = Schema((Column("BTC", "BTC", 8, 8, "balance"),))
ACCOUNTS = {"alice": {"BTC": 7}, "bob": {"BTC": 200}}


def with_documents(root: Path, number: int = 0) -> Home:
    """The documents of epoch ``number + 1`` beside the store; its one claim is proven over hidden numbers."""
    return make_home(
        root,
        taken_at=TAKEN_AT + number,
        epoch=number + 1,
        claims=(claim("held", "in-kind", assets=["BTC"], pools=[POOL], k=10000),),
        policy={"columns": [column("BTC", bits=8)]},
        held={"BTC": 207, "USDT": 1},
        hidden=frozenset({"BTC"}),
        accounts=ACCOUNTS,
        days=None,
    )


def next_plan(root: Path, head: Head | None) -> Plan:
    """The plan of the next epoch."""
    number = 0 if head is None else head.epoch
    if not (root / "documents").exists():
        taken_at = TAKEN_AT + number
        return plan(schema=SCHEMA, modes=("hidden",), chunk_bits=0, first=head is None, taken_at=taken_at, rows=3)
    return with_documents(root, number).plan(chunk_bits=0, rows=3, issued_at=ISSUED_AT)


class Fuse:
    """Counts moments and burns down at one of them, before what was to happen then."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def moment(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self, owner: Any, name: str) -> None:
        """Make every call of ``owner.name`` a moment."""
        original: Callable[..., Any] = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.moment()
            return original(*args, **kwargs)

        setattr(owner, name, call)


def arm(fuse: Fuse) -> None:
    """Every call by which a run changes the disk: pathlib and shutil end in these, but for opening and writing."""
    for name in ("fsync", "replace", "rename", "mkdir", "chmod", "rmdir", "unlink"):
        fuse.wrap(os, name)
    original = Path.open

    def opened(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode != "rb":
            fuse.moment()
        file = original(path, mode, *args, **kwargs)
        return Writing(file, fuse) if "b" in mode and mode != "rb" else file

    Path.open = opened  # type: ignore[method-assign, assignment]


class Writing:
    """A file whose every write is a moment; half of what was to be written reaches the disk before the end."""

    def __init__(self, file: Any, fuse: Fuse) -> None:
        self._file, self._fuse = file, fuse

    def write(self, data: bytes) -> int:
        if self._fuse.seen + 1 == self._fuse.at:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
        self._fuse.moment()
        written: int = self._file.write(data)
        return written

    def seek(self, position: int) -> int:
        found: int = self._file.seek(position)
        return found

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


def run(root: Path, fuse: Fuse | None, pause: float) -> None:
    """Attest the next epoch of the store in ``root``; without a fuse this process stays as it is."""
    store = new_store(root)
    own = next_plan(root, store.head())

    def open_ledger(work: Path) -> MemoryLedger:
        sys.stdout.write("working\n")
        sys.stdout.flush()
        time.sleep(pause)
        return MemoryLedger(own.schema, ACCOUNTS)

    if fuse is not None:
        arm(fuse)
    attest(own, secrets(), store, open_ledger, get_engine("reference"), no_progress)


def main() -> None:
    """See the module."""
    fuse = Fuse(int(sys.argv[2]))
    run(Path(sys.argv[1]), fuse, float(sys.argv[3]) if len(sys.argv) > 3 else 0.0)
    sys.stdout.write(f"{fuse.seen}\n")


if __name__ == "__main__":
    main()
