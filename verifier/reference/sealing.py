"""Sealed records in bulk, one at a time (docs/protocol.md, section 8)."""

from __future__ import annotations

from array import array

from verifier.engine import Packed, SparseRows, Tick
from verifier.reference.arithmetic import compress, records
from verifier.reference.ticks import counted
from verifier.sealed import seal


def seal_rows(
    account_keys: bytes,
    ctx: bytes,
    start: int,
    points: bytes,
    blindings: bytes,
    rows: SparseRows,
    progress: Tick | None = None,
) -> Packed:
    """See ``Engine.seal_rows``."""
    parts = list(zip(records(account_keys, 32), records(compress(points), 33), records(blindings, 32), strict=True))
    inputs = enumerate(counted(parts, progress))
    sealed = [seal(key, ctx, start + i, point, mask, rows.row(i)) for i, (key, point, mask) in inputs]
    ends = array("Q")
    for record in sealed:
        ends.append((ends[-1] if ends else 0) + len(record))
    return Packed(b"".join(sealed), ends)
