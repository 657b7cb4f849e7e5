"""Files read in pieces, so that a book of any size needs little memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from verifier.errors import Rejected, Unavailable

PIECE = 4 * 2**20
DAMAGED: Final = "download it again; if it stays different, keep it: it is evidence"


class Source(Protocol):
    """Bytes that can be read anywhere."""

    @property
    def name(self) -> str:
        """The file's name, for errors."""
        ...

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def read(self, start: int, size: int) -> bytes:
        """Bytes ``start..start+size``; fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class BytesSource:
    """A source in memory."""

    name: str
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """See ``Source.size``."""
        return len(self.data)

    def read(self, start: int, size: int) -> bytes:
        """See ``Source.read``."""
        return self.data[start : start + size]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A source on disk. Raises Unavailable (E_FILE) when the file cannot be read."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name, without its directory."""
        return self.path.name

    @property
    def size(self) -> int:
        """See ``Source.size``."""
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise _unreadable(self.path, error) from None

    def read(self, start: int, size: int) -> bytes:
        """See ``Source.read``."""
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError as error:
            raise _unreadable(self.path, error) from None


def _unreadable(path: Path, error: OSError) -> Unavailable:
    reason = (error.strerror or "cannot be read").lower()
    return Unavailable(
        f"cannot be read: {reason}", where=str(path), code="E_FILE", hint="check the path, or download it again"
    )


def pieces(source: Source) -> Iterator[bytes]:
    """The whole source, a few megabytes at a time."""
    position = 0
    while piece := source.read(position, PIECE):
        position += len(piece)
        yield piece


def sha256(source: Source, between: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of the whole source, hex; ``between`` is called from piece to piece, and may raise to end it."""
    hasher = hashlib.sha256()
    for piece in pieces(source):
        hasher.update(piece)
        between()
    return hasher.hexdigest()


def require_digest(name: str, found: str, signed: str) -> None:
    """Raises Rejected (E_BINDING) unless a file's SHA-256 is the one that was signed."""
    if found != signed:
        raise Rejected(
            "this is not the file that was signed",
            where=name,
            code="E_BINDING",
            hint=DAMAGED,
        )
