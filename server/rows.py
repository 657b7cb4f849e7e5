"""One row of a published book, put together from memory-mapped files (docs/protocol.md, sections 2 and 8).

Nothing here can open a row: the sealed record goes out as it lies in sealed.bin.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from server.caches import LEVELS, NODE, ORDER, compressed, layout, leaf_hash
from verifier.attestation import Attestation
from verifier.dsse import encode_base64
from verifier.leaves import RECORD

_POSITION: Final = struct.Struct("<Q")
_OFFSETS: Final = struct.Struct(">QQ")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is served; ``path`` is leaf upwards, ``sealed`` None where the book has no sealed records."""

    index: int
    commitment: bytes
    id: bytes
    path: tuple[tuple[bytes, bytes], ...]
    sealed: bytes | None = field(repr=False)

    def to_bytes(self) -> bytes:
        """The JSON that is served, the same at every request."""
        path = ",".join(f'{{"C":"{point.hex()}","h":"{digest.hex()}"}}' for point, digest in self.path)
        sealed = "null" if self.sealed is None else f'"{encode_base64(self.sealed)}"'
        head = f'"index":{self.index},"commitment":"{self.commitment.hex()}","id":"{self.id.hex()}"'
        return f'{{{head},"path":[{path}],"sealed":{sealed}}}'.encode("ascii")


class Rows:
    """The rows of one epoch."""

    def __init__(self, files: Path, cache: Path, attestation: Attestation) -> None:
        self._ctx = attestation.ctx
        self._count = attestation.accounts
        self._levels = layout(attestation.accounts)
        self._leaves = _mapped(files / "leaves.bin")
        self._order = _mapped(cache / ORDER)
        self._nodes = _mapped(cache / LEVELS)
        self._sealed = _mapped(files / "sealed.bin") if "sealed.bin" in attestation.files else None

    def find(self, row_id: bytes) -> Row | None:
        """The row with this id, or None."""
        index = self._search(row_id)
        if index is None:
            return None
        sealed = None if self._sealed is None else self._record(self._sealed, index)
        return Row(index, compressed(self._leaf(index)), row_id, tuple(self._path(index)), sealed)

    def _search(self, row_id: bytes) -> int | None:
        """Binary search in the sorted positions."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            (index,) = _POSITION.unpack_from(self._order, 8 * middle)
            found = self._leaf(index)[64:]
            if found == row_id:
                return int(index)
            low, high = (middle + 1, high) if found < row_id else (low, middle)
        return None

    def _leaf(self, index: int) -> bytes:
        return self._leaves[RECORD * index : RECORD * (index + 1)]

    def _path(self, index: int) -> Iterator[tuple[bytes, bytes]]:
        """The siblings that exist: an odd last node has none and moves up as it is."""
        sibling = index ^ 1
        if sibling < self._count:
            yield leaf_hash(self._ctx, sibling, self._leaf(sibling))
        for level in self._levels[:-1]:
            index //= 2
            sibling = index ^ 1
            if sibling < level.nodes:
                node = self._nodes[level.start + NODE * sibling : level.start + NODE * (sibling + 1)]
                yield node[:33], node[33:]

    def _record(self, sealed: mmap.mmap, index: int) -> bytes:
        start, end = _OFFSETS.unpack_from(sealed, 8 * index)
        return sealed[start:end]


def _mapped(path: Path) -> mmap.mmap:
    """A whole file, read only. An empty one (the levels of a book of one row) is an empty anonymous page."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return mmap.mmap(-1, 1)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
