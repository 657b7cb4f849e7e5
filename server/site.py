"""Where a published site lives (docs/service.md).

::

    site.toml            what the operator says about it; optional
    site.db              the database, unless another is named
    epochs/<n>/...       the public files of an epoch, exactly what was signed
    keys/<version>.json  the root documents, exactly as they were signed
    cache/<n>/...        tree levels and the sorted index of ids; derived, can be rebuilt
    */.publish-<id>/     an epoch in the making
    lock                 held while a publisher works

The service only reads, and needs nothing else: no key lies here, and no balance.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from verifier.errors import Unavailable

MAKING: Final = ".publish-"


@dataclass(frozen=True, slots=True)
class Site:
    """The directory of one site."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file that is used where no other database is named."""
        return self.root / "site.db"

    @property
    def epochs(self) -> Path:
        """The public files of all epochs."""
        return self.root / "epochs"

    @property
    def caches(self) -> Path:
        """What was derived from them."""
        return self.root / "cache"

    @property
    def keys(self) -> Path:
        """The root documents."""
        return self.root / "keys"

    def root_document(self, version: int) -> Path:
        """One version of the root document."""
        return self.keys / f"{version}.json"

    def epoch(self, number: int) -> Path:
        """The public files of one epoch."""
        return self.epochs / str(number)

    def cache(self, number: int) -> Path:
        """What was derived from one epoch."""
        return self.caches / str(number)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the site for one publisher, after removing what an interrupted one left.

        Raises Unavailable (E_LOCKED) while another publisher works, (E_FILE) where the directory cannot be written.
        """
        try:
            self.epochs.mkdir(parents=True, exist_ok=True)
            self.caches.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.root / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(self.root, error) from None
        try:
            _take(lock, self.root)
            self._sweep()
            yield
        finally:
            os.close(lock)

    def making(self, name: str) -> tuple[Path, Path]:
        """Fresh directories for the files and the cache of an epoch in the making."""
        made = self.epochs / (MAKING + name), self.caches / (MAKING + name)
        for path in made:
            path.mkdir(mode=0o755)
        return made

    def discard(self, name: str) -> None:
        """Remove what was being made."""
        for parent in (self.epochs, self.caches):
            shutil.rmtree(parent / (MAKING + name), ignore_errors=True)

    def _sweep(self) -> None:
        for parent in (self.epochs, self.caches):
            for left in parent.glob(MAKING + "*"):
                shutil.rmtree(left)


def _take(lock: int, root: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Unavailable(
            "another publisher is working on this site",
            where=str(root),
            code="E_LOCKED",
            hint="wait until it has finished and run the command again",
        ) from None


def _unwritable(root: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"the site's directory cannot be written: {(error.strerror or 'refused').lower()}",
        where=str(root),
        code="E_FILE",
        hint="name a directory that you may write: --site DIR",
    )


def sync(path: Path) -> None:
    """Write a file or a directory entry through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
