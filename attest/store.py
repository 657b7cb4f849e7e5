"""Where epochs live: public files in one place, private ones in another, whole or not at all.

::

    public/epochs/<n>/...      what anyone may mirror (docs/protocol.md, section 8)
    public/.run-<id>/          an epoch in the making, unreadable for others
    private/epochs/<n>/...     its ledger snapshot, what its totals and claims open to, mode 0600
    private/.run-<id>/         the same in the making
    private/head.json          the last epoch: number, digest, time, keys, versions of its documents
    private/lock               held while a run works

A run becomes an epoch in one step: ``committed.json`` appears in its private directory, after every other file was
verified and written through to the disk. What remains is renaming, which ``recover`` repeats after a crash. A run
without that file is deleted and never resumed: one context with two ledgers would open balances.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

from verifier import fields
from verifier.errors import Malformed, Unavailable

RUN_PREFIX: Final = ".run-"
COMMITTED: Final = "committed.json"
HEAD: Final = "head.json"
_VERSIONS: Final = ("root_version", "policy_version", "scenarios_version")
REMEMBERED: Final = ("root_digest", *_VERSIONS)
"""Members of the head about documents; an older store does not have them yet."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last epoch of a chain: its number, the digest of its attestation's payload, and taken_at in seconds.

    ``signing_key`` is the public key that signed it, ``master_check`` a hash by which its master key is known again;
    all digests are hex. The root document and the versions are those of the newest that any epoch was made under.
    """

    exchange: str
    epoch: int
    digest: str
    taken_at: int
    signing_key: str
    master_check: str
    root_digest: str = ""
    root_version: int = 0
    policy_version: int = 0
    scenarios_version: int = 0

    def require_master(self, check: str) -> None:
        """Raises Malformed (E_CHAIN) when ``check`` is that of another master key: a wrong backup is noticed here."""
        if check != self.master_check:
            raise Malformed(
                "the master key is not the one of the last epoch: no customer would find their row",
                where="chain",
                code="E_CHAIN",
                hint="put the right key file in place",
            )


@dataclass(frozen=True, slots=True)
class Run:
    """The two directories of an epoch in the making."""

    name: str
    public: Path
    private: Path


class Store:
    """The public and the private directory of one exchange."""

    def __init__(self, public: Path, private: Path) -> None:
        self.public = public
        self.private = private

    def epoch(self, number: int) -> Path:
        """The public directory of an epoch."""
        return self.public / "epochs" / str(number)

    def private_epoch(self, number: int) -> Path:
        """The private directory of an epoch."""
        return self.private / "epochs" / str(number)

    def head(self) -> Head | None:
        """The last epoch, or None before the first. Raises Malformed when the file was damaged."""
        path = self.private / HEAD
        if not path.exists():
            return None
        return _read_head(path)

    def require_last(self, head: Head | None) -> None:
        """Raises Malformed (E_STORE) when an epoch after ``head`` is here already: the head was lost or is an old one.

        Another epoch of that number would be a second book with the same predecessor.
        """
        known = head.epoch if head else 0
        names = [path.name for root in (self.public, self.private) for path in (root / "epochs").glob("*")]
        later = [int(name) for name in names if name.isascii() and name.isdigit() and int(name) > known]
        if later:
            raise Malformed(
                f"epoch {max(later)} is here already, but the store's record of its last epoch "
                + (f"says {known}" if head else "is gone"),
                where=str(self.private / HEAD),
                code="E_STORE",
                hint="restore this file from a backup made after that epoch; "
                "a new chain needs a new signing key and empty directories",
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one run, after finishing or removing what an interrupted run left.

        Raises Unavailable (E_LOCKED) while another run works.
        """
        self.private.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.public / "epochs").mkdir(parents=True, exist_ok=True)
        with _open_lock(self.private / "lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Unavailable(
                    "another run is working on this store",
                    where=str(self.private),
                    code="E_LOCKED",
                    hint="wait until it has finished; two runs at once are never needed",
                ) from None
            self.recover()
            yield

    def recover(self) -> None:
        """Finish the run that was committed, delete the ones that were not."""
        for private in sorted(self.private.glob(RUN_PREFIX + "*")):
            run = self._run(private.name)
            if (private / COMMITTED).exists():
                self._release(run)
            else:
                self.discard(run)
        for public in self.public.glob(RUN_PREFIX + "*"):
            shutil.rmtree(public)

    def run(self, name: str) -> Run:
        """The directories that a new run will have; nothing is made yet."""
        return self._run(RUN_PREFIX + name)

    def begin(self, run: Run) -> None:
        """Make the directories of a run, fresh and readable by this user alone."""
        run.private.mkdir(mode=0o700)
        run.public.mkdir(mode=0o700)

    def committed(self, run: Run) -> bool:
        """Whether a run is an epoch, or about to be renamed into one."""
        return not run.private.exists() or (run.private / COMMITTED).exists()

    def discard(self, run: Run) -> None:
        """Remove a run that was not committed, its public half first."""
        for directory in (run.public, run.private):
            if directory.exists():
                shutil.rmtree(directory)

    def commit(self, run: Run, head: Head) -> Path:
        """Make a finished, verified run the next epoch; returns its public directory."""
        for directory in (run.public, run.private):
            for path in directory.iterdir():
                _sync(path)
            _sync(directory)
        write_private(run.private / COMMITTED, json.dumps(asdict(head)).encode())
        self._release(run)
        return self.epoch(head.epoch)

    def _release(self, run: Run) -> None:
        """Rename a committed run into place; every step may be repeated."""
        head = _read_head(run.private / COMMITTED)
        if run.public.exists():
            for path in run.public.iterdir():
                path.chmod(0o644)
            run.public.chmod(0o755)
            run.public.rename(self.epoch(head.epoch))
            _sync(self.public / "epochs")
        write_private(self.private / HEAD, json.dumps(asdict(head)).encode())
        self.private_epoch(head.epoch).parent.mkdir(mode=0o700, exist_ok=True)
        run.private.rename(self.private_epoch(head.epoch))
        _sync(self.private / "epochs")

    def _run(self, name: str) -> Run:
        return Run(name, self.public / name, self.private / name)


def _read_head(path: Path) -> Head:
    """A stored ``Head``, every member of the type it must have."""
    try:
        names = ("exchange", "epoch", "digest", "taken_at", "signing_key", "master_check")
        parts = fields.members(json.loads(path.read_bytes()), str(path), names, optional=REMEMBERED)
        return Head(
            exchange=fields.name(parts["exchange"], "exchange"),
            epoch=fields.integer(parts["epoch"], "epoch", low=1),
            digest=fields.digest(parts["digest"], "digest"),
            taken_at=fields.integer(parts["taken_at"], "taken_at"),
            signing_key=fields.digest(parts["signing_key"], "signing_key"),
            master_check=fields.digest(parts["master_check"], "master_check"),
            root_digest=fields.digest_or_empty(parts.get("root_digest", ""), "root_digest"),
            **{name: fields.integer(parts.get(name, 0), name) for name in _VERSIONS},
        )
    except (ValueError, Malformed):
        raise Malformed(
            "the store's record of its last epoch is damaged",
            where=str(path),
            code="E_STORE",
            hint="restore it from a backup; do not start a new chain under the same key",
        ) from None


def _open_lock(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb")


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, whole or not at all."""
    temporary = path.with_name(path.name + ".part")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Write a file or a directory entry through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
