"""The reference engine: every bulk operation in pure Python on ``py_ecc.secp256k1`` and hashlib.

Always there, easy to read, and what the compiled engine is compared with. Fast enough for a customer's row in
milliseconds and for books of some thousand accounts.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.engine import Packed, SparseRows, Tick
from verifier.reference import arithmetic, hashes, sealing, tree
from verifier.reference.commit import ReferenceCommitter
from verifier.reference.joint import sums_with_generator
from verifier.reference.sumcheck import ReferenceSumcheck


class ReferenceEngine:
    """Implements ``verifier.engine.Engine``; the contracts stand there."""

    name = "reference"
    block_rows = 4096
    side_by_side = 1

    read_leaves = staticmethod(tree.read_leaves)
    leaf_hashes = staticmethod(tree.leaf_hashes)
    tree_level = staticmethod(tree.tree_level)
    first_duplicate = staticmethod(tree.first_duplicate)
    compress = staticmethod(arithmetic.compress)
    decompress = staticmethod(arithmetic.decompress)
    generators = staticmethod(arithmetic.generators)
    multiply_sum = staticmethod(arithmetic.multiply_sum)
    sums_with_generator = staticmethod(sums_with_generator)
    eq_table = staticmethod(arithmetic.eq_table)
    dot = staticmethod(arithmetic.dot)
    wide_each = staticmethod(hashes.wide_each)
    hmac_each = staticmethod(hashes.hmac_each)
    tagged_each = staticmethod(hashes.tagged_each)
    seal_rows = staticmethod(sealing.seal_rows)

    def committer(self, column_bits: Sequence[int]) -> ReferenceCommitter:
        """See ``Engine.committer``."""
        return ReferenceCommitter(column_bits)

    def row_sumcheck(
        self,
        rows: SparseRows,
        column_bits: Sequence[int],
        y: int,
        tau: Sequence[int],
        linear: dict[int, int],
        progress: Tick | None = None,
    ) -> ReferenceSumcheck:
        """See ``Engine.row_sumcheck``."""
        return ReferenceSumcheck(rows, column_bits, y, tau, linear, progress)


__all__ = ["Packed", "ReferenceEngine"]
