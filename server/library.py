"""The published epochs as the service sees them: rows of the database, files on the disk, nothing written.

What was opened once stays open: a published epoch never changes, so requests for its rows and files need no database.
Before anything of a file is served, its size and time of change are compared with those at publication; a file that is
not as it was published is not served at all. Small files are kept in memory, read once.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

from sqlalchemy import select

from server.caches import MADE, made_of
from server.database import tables
from server.database.connecting import for_service, reading
from server.documents import Documents
from server.problems import Problem
from server.rows import Rows
from server.settings import Settings
from verifier.errors import SolventError

MOST_OPEN: Final = 64
SMALL: Final = 65_536
"""Bytes up to which a file is kept in memory once it was asked for."""
NOT_AS_PUBLISHED: Final = "A file of this epoch is not as it was published. The operator has to restore it."
Bytes: TypeAlias = bytes


@dataclass(frozen=True)
class PublishedFile:
    """A file, its SHA-256 in hex, and how it lay on the disk when it was published."""

    name: str
    path: Path
    bytes: int
    sha256: str
    mtime_ns: int
    removed: bool

    def require_intact(self) -> None:
        """Raises Problem: damaged, or removed after its time."""
        if self.removed:
            raise Problem("file-removed", "The operator removed this file after its time of retention.")
        require_lies(self.path, [self.bytes, self.mtime_ns])

    @cached_property
    def content(self) -> Bytes | None:
        """The bytes of a small file, read and compared with its SHA-256 once. Raises Problem (damaged)."""
        if self.bytes > SMALL:
            return None
        try:
            content = self.path.read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise Problem("damaged", NOT_AS_PUBLISHED)
        return content


def require_lies(path: Path, stamp: list[int]) -> None:
    """Raises Problem (damaged) unless the file has this size and time of change."""
    try:
        found = path.stat()
    except OSError:
        found = None
    if found is None or [found.st_size, found.st_mtime_ns] != stamp:
        raise Problem("damaged", NOT_AS_PUBLISHED)


class Opened:
    """One published epoch: ``record`` is its row of the database."""

    def __init__(self, settings: Settings, record: tables.Epoch, files: list[tables.File]) -> None:
        self.record = record
        self.number = record.number
        directory = settings.site.epoch(record.number)
        self._cache = settings.site.cache(record.number)
        self.files = {file.name: _published(file, directory) for file in files}
        self._directory = directory
        self._lock = threading.Lock()

    @cached_property
    def documents(self) -> Documents:
        """Its documents. Raises Problem (damaged)."""
        for name in self.files:
            if name.endswith(".json"):
                self.files[name].require_intact()
        try:
            documents = Documents.read(self._directory)
        except SolventError:
            raise Problem("damaged", "A document of this epoch cannot be read.") from None
        if documents.envelope.digest != self.record.digest:
            raise Problem("damaged", "The attestation is not the one that was published.")
        return documents

    def rows(self) -> Rows:
        """Its rows, after a look at the files. Raises Problem: damaged, or removed."""
        for name in ("leaves.bin", "sealed.bin"):
            if name in self.files:
                self.files[name].require_intact()
        with self._lock:
            for name, stamp in self._made.items():
                require_lies(self._cache / name, stamp)
            return self._rows

    @cached_property
    def _made(self) -> dict[str, list[int]]:
        """How the files of the cache lay when they were made."""
        nonce, files = made_of(self._cache)
        if nonce != self.documents.attestation.identity.nonce:
            raise Problem("damaged", f"{MADE} of this epoch is missing: solvent rebuild makes it anew.")
        return files

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self._directory, self._cache, self.documents.attestation)


class Library:
    """All published epochs of one site. Safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = for_service(settings)
        self._open: OrderedDict[int, Opened] = OrderedDict()
        self._lock = threading.Lock()

    def epoch(self, number: int) -> Opened:
        """An epoch. Raises Problem (epoch-not-found), Unavailable (E_DATABASE)."""
        with self._lock:
            found = self._open.get(number)
            if found is not None:
                self._open.move_to_end(number)
                return found
        opened = self._read(number)
        with self._lock:
            self._open[number] = opened
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        return opened

    def again(self, opened: Opened) -> Opened:
        """The same epoch read anew: after a rebuild or a removal what was remembered is wrong."""
        with self._lock:
            if self._open.get(opened.number) is opened:
                del self._open[opened.number]
        return self.epoch(opened.number)

    def _read(self, number: int) -> Opened:
        with reading(self.database) as session:
            record = session.get(tables.Epoch, number)
            query = select(tables.File).where(tables.File.epoch == number).order_by(tables.File.name)
            files = list(session.execute(query).scalars())
            session.expunge_all()
        if record is None:
            raise Problem("epoch-not-found", "This epoch is not published here.")
        return Opened(self.settings, record, files)


def _published(file: tables.File, directory: Path) -> PublishedFile:
    path = directory / file.name
    return PublishedFile(file.name, path, file.bytes, file.sha256, file.mtime_ns, file.removed_at > 0)
