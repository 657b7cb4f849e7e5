"""Leaves and the levels of the Merkle sum tree."""

from __future__ import annotations

from py_ecc.secp256k1 import secp256k1 as curve

from verifier.errors import Malformed, Rejected
from verifier.group import Point
from verifier.hashing import tagged, u64
from verifier.reference.arithmetic import compress, jacobians, normalise, pack_points, records


def read_leaves(leaves: bytes) -> tuple[bytes, bytes]:
    """See ``Engine.read_leaves``."""
    rows = records(leaves, 96)
    for i, row in enumerate(rows):
        try:
            Point.from_xy(row[:64])
        except Malformed as error:
            raise Malformed(error.message, where=f"record {i}", code=error.code) from None
    return b"".join(row[:64] for row in rows), b"".join(row[64:] for row in rows)


def leaf_hashes(ctx: bytes, start: int, points: bytes, ids: bytes) -> bytes:
    """See ``Engine.leaf_hashes``."""
    pairs = zip(records(compress(points), 33), records(ids, 32), strict=True)
    return b"".join(tagged("leaf", ctx + u64(start + i) + point + id_) for i, (point, id_) in enumerate(pairs))


def tree_level(points: bytes, hashes: bytes) -> tuple[bytes, bytes]:
    """See ``Engine.tree_level``."""
    nodes, digests = jacobians(points), records(hashes, 32)
    encoded = records(compress(points), 33)
    if len(nodes) != len(digests):
        raise ValueError(f"{len(nodes)} points and {len(digests)} hashes")
    pairs = range(0, len(nodes) - 1, 2)
    sums = normalise([curve.jacobian_add(nodes[i], nodes[i + 1]) for i in pairs])
    if (0, 0) in sums:
        raise Rejected("a sum of rows is the identity", where="tree", code="E_IDENTITY", step="2")
    joined = [tagged("node", encoded[i] + digests[i] + encoded[i + 1] + digests[i + 1]) for i in pairs]
    odd = slice(len(nodes) - 1, None) if len(nodes) % 2 else slice(0, 0)
    return pack_points(sums) + b"".join(records(points, 64)[odd]), b"".join(joined + digests[odd])


def first_duplicate(ids: bytes) -> tuple[int, int] | None:
    """See ``Engine.first_duplicate``."""
    seen: dict[bytes, int] = {}
    for i, id_ in enumerate(records(ids, 32)):
        if id_ in seen:
            return seen[id_], i
        seen[id_] = i
    return None
