"""A small attestation that kills itself: ``python -m tests.integration.crashing STORE K [SECONDS_PAUSE]``.

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
from tests.support.books import TAKEN_AT, new_store, plan, secrets
from verifier.engine import get_engine
from verifier.epoch import no_progress
from verifier.schema import Column, Schema

SCHEMA = Schema((Column("BTC", "BTC", 8, 8, "balance"),))
ACCOUNTS = {"alice": {"BTC": 7}, "bob": {"BTC": 200}}


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
    head = store.head()
    number = 0 if head is None else head.epoch
    own = plan(schema=SCHEMA, modes=("hidden",), chunk_bits=0, first=head is None, taken_at=TAKEN_AT + number, rows=3)

    def open_ledger(work: Path) -> MemoryLedger:
        sys.stdout.write("working\n")
        sys.stdout.flush()
        time.sleep(pause)
        return MemoryLedger(SCHEMA, ACCOUNTS)

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
