"""sealed.bin: a table of offsets, then one sealed record per row (docs/protocol.md, section 8)."""

from __future__ import annotations

import sys
from array import array
from operator import sub

from verifier.errors import Rejected
from verifier.sealed import is_record_size
from verifier.sources import Source

_BLOCK = 65536


def require_layout(source: Source, accounts: int) -> None:
    """Raises Rejected (E_SEALED) unless the offsets start after the table, rise by record sizes and end the file."""
    end = 8 * (accounts + 1)
    for start in range(0, accounts, _BLOCK):
        offsets = _offsets(source, start, min(_BLOCK, accounts - start) + 1)
        if offsets[0] != end:
            raise _broken(source.name, "does not begin after its table of offsets")
        if not all(is_record_size(length) for length in set(map(sub, offsets[1:], offsets))):
            raise _broken(source.name, "has a record of a size that no record can have")
        end = offsets[-1]
    if end != source.size:
        raise _broken(source.name, f"should end at byte {end} and has {source.size} bytes")


def read_record(source: Source, index: int) -> bytes:
    """The sealed record of row ``index``, in a file whose layout was checked."""
    start, end = _offsets(source, index, 2)
    return source.read(start, end - start)


def _offsets(source: Source, first: int, count: int) -> list[int]:
    data = source.read(8 * first, 8 * count)
    if len(data) != 8 * count:
        raise _broken(source.name, "ends within its table of offsets")
    offsets = array("Q", data)
    if sys.byteorder == "little":
        offsets.byteswap()
    return offsets.tolist()


def _broken(name: str, what: str) -> Rejected:
    return Rejected(what, where=name, code="E_SEALED", step="8")
