"""The compiled engine: ``verifier.engine.Engine`` over the Rust extension ``solvent_core`` (core/).

The extension knows no protocol. What it needs of one is handed over here: the tags, the generators' labels and the
records' sizes. Importing this module fails with ImportError where the extension is not installed.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import solvent_core

from verifier.engine import Packed, SparseRows, Tick
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import G, H
from verifier.hashing import N, tag_prefix
from verifier.sealed import KEY_INFO, RECORD

KERNEL_VARIABLE: Final = "SOLVENT_CORE_KERNEL"
"""The environment variable that forces a kernel: auto, portable or ifma. Kernels differ in speed alone."""


class CoreEngine:
    """Implements ``verifier.engine.Engine``; the contracts stand there.

    Raises Unavailable (E_ENGINE) when the environment asks for a kernel that does not exist or cannot run here.
    """

    block_rows = 1 << 16
    side_by_side = 2

    def __init__(self) -> None:
        wanted = os.environ.get(KERNEL_VARIABLE, "auto")
        try:
            solvent_core.set_kernel(wanted)
        except ValueError as error:
            usable = " or ".join(["auto", *solvent_core.kernels_available()])
            hint = f"set it to {usable}, or unset it"
            raise Unavailable(str(error), where=KERNEL_VARIABLE, hint=hint, code="E_ENGINE") from None

    @property
    def name(self) -> str:
        """See ``Engine.name``."""
        return f"core ({solvent_core.kernel()})"

    def read_leaves(self, leaves: bytes) -> tuple[bytes, bytes]:
        """See ``Engine.read_leaves``."""
        try:
            return solvent_core.read_leaves(leaves)
        except solvent_core.BadPoint as error:
            where = f"record {error.args[0]}"
            raise Malformed("not a point of the curve", where=where, code="E_POINT") from None

    def compress(self, points: bytes) -> bytes:
        """See ``Engine.compress``."""
        return solvent_core.compress(points)

    def decompress(self, points: bytes) -> bytes:
        """See ``Engine.decompress``."""
        try:
            return solvent_core.decompress(points)
        except solvent_core.BadPoint as error:
            where = f"record {error.args[0]}"
            raise Malformed("not a point of the curve", where=where, code="E_POINT") from None

    def generators(self, labels: Sequence[str]) -> bytes:
        """See ``Engine.generators``; those asked for of late are kept."""
        return _generators(tuple(labels))

    def multiply_sum(self, points: bytes, scalars: bytes, progress: Tick | None = None) -> bytes:
        """See ``Engine.multiply_sum``."""
        return solvent_core.multiply_sum(points, scalars, progress)

    def sums_with_generator(
        self, points: bytes, generator_scalars: bytes, point_scalars: bytes, progress: Tick | None = None
    ) -> bytes:
        """See ``Engine.sums_with_generator``."""
        return solvent_core.sums_with_base(G.to_xy(), points, generator_scalars, point_scalars, progress)

    def eq_table(self, challenges: Sequence[int], count: int, scale: int = 1) -> bytes:
        """See ``Engine.eq_table``."""
        return solvent_core.eq_table(_scalars(challenges), count, _scalars([scale]))

    def dot(self, left: bytes, right: bytes) -> int:
        """See ``Engine.dot``."""
        return int.from_bytes(solvent_core.dot(left, right), "big")

    def leaf_hashes(self, ctx: bytes, start: int, points: bytes, ids: bytes) -> bytes:
        """See ``Engine.leaf_hashes``."""
        return solvent_core.leaf_hashes(tag_prefix("leaf"), ctx, start, points, ids)

    def tree_level(self, points: bytes, hashes: bytes) -> tuple[bytes, bytes]:
        """See ``Engine.tree_level``."""
        try:
            return solvent_core.tree_level(tag_prefix("node"), points, hashes)
        except solvent_core.IdentitySum:
            raise Rejected("a sum of rows is the identity", where="tree", code="E_IDENTITY", step="2") from None

    def first_duplicate(self, ids: bytes) -> tuple[int, int] | None:
        """See ``Engine.first_duplicate``."""
        return solvent_core.first_duplicate(ids)

    def committer(self, column_bits: Sequence[int]) -> CoreCommitter:
        """See ``Engine.committer``; layouts used of late keep their tables."""
        return _committer(tuple(column_bits))

    def row_sumcheck(
        self,
        rows: SparseRows,
        column_bits: Sequence[int],
        y: int,
        tau: Sequence[int],
        linear: dict[int, int],
        progress: Tick | None = None,
    ) -> CoreSumcheck:
        """See ``Engine.row_sumcheck``."""
        return CoreSumcheck(rows, column_bits, y, tau, linear, progress)

    def wide_each(self, tag: str, prefix: bytes, start: int, count: int) -> bytes:
        """See ``Engine.wide_each``."""
        return solvent_core.wide_each(tag_prefix(tag), prefix, start, count)

    def hmac_each(self, key: bytes, messages: Packed, prefix: bytes = b"") -> bytes:
        """See ``Engine.hmac_each``."""
        return solvent_core.hmac_each(key, prefix, messages.data, _native(messages.ends, "Q"))

    def tagged_each(self, tag: str, heads: bytes, tails: Packed | bytes) -> bytes:
        """See ``Engine.tagged_each``."""
        if isinstance(tails, bytes):
            return solvent_core.tagged_each(tag_prefix(tag), heads, tails)
        return solvent_core.tagged_pairs(tag_prefix(tag), heads, tails.data, _native(tails.ends, "Q"))

    def seal_rows(
        self,
        account_keys: bytes,
        ctx: bytes,
        start: int,
        points: bytes,
        blindings: bytes,
        rows: SparseRows,
        progress: Tick | None = None,
    ) -> Packed:
        """See ``Engine.seal_rows``."""
        data, ends = solvent_core.seal_rows(
            (KEY_INFO, RECORD), ctx, start, account_keys, points, blindings, _buffers(rows), progress
        )
        return Packed(data, array("Q", ends))


class CoreCommitter:
    """See ``Engine.committer``."""

    def __init__(self, column_bits: Sequence[int]) -> None:
        generators = _generators(tuple(f"bit/{k}" for k in range(sum(column_bits))))
        self._committer = solvent_core.Committer(generators, H.to_xy(), list(column_bits))

    def expect(self, rows: int) -> None:
        """See ``RowCommitter.expect``."""
        self._committer.expect(rows)

    def commit(self, rows: SparseRows, blindings: bytes, progress: Tick | None = None) -> bytes:
        """See ``RowCommitter.commit``."""
        try:
            return self._committer.commit(_buffers(rows), blindings, progress)
        except solvent_core.IdentitySum:
            raise Rejected("a row commitment is the identity", where="rows", code="E_IDENTITY") from None


class CoreSumcheck:
    """See ``Engine.row_sumcheck``."""

    def __init__(
        self,
        rows: SparseRows,
        column_bits: Sequence[int],
        y: int,
        tau: Sequence[int],
        linear: dict[int, int],
        progress: Tick | None,
    ) -> None:
        terms = (list(linear), _scalars(list(linear.values())))
        self._sumcheck = solvent_core.RowSumcheck(
            _buffers(rows), list(column_bits), _scalars([y]), _scalars(tau), terms, progress
        )

    def round(self) -> tuple[int, int]:
        """See ``RowSumcheck.round``."""
        pieces = self._sumcheck.round()
        return int.from_bytes(pieces[:32], "big"), int.from_bytes(pieces[32:], "big")

    def bind(self, r: int, progress: Tick | None = None) -> None:
        """See ``RowSumcheck.bind``."""
        self._sumcheck.bind(_scalars([r]), progress)

    def final_row(self) -> list[int]:
        """See ``RowSumcheck.final_row``."""
        row = self._sumcheck.final_row()
        return [int.from_bytes(row[i : i + 32], "big") for i in range(0, len(row), 32)]


@lru_cache(maxsize=4)
def _committer(column_bits: tuple[int, ...]) -> CoreCommitter:
    return CoreCommitter(column_bits)


@lru_cache(maxsize=4)
def _generators(labels: tuple[str, ...]) -> bytes:
    """A point costs a square root, and prover, committer and self-check ask for the same ones."""
    return solvent_core.generators(tag_prefix("generator"), labels)


def _scalars(values: Sequence[int]) -> bytes:
    """32 bytes big-endian each, below n."""
    return b"".join((value % N).to_bytes(32, "big") for value in values)


def _buffers(rows: SparseRows) -> tuple[bytes, bytes, bytes]:
    """What the extension reads rows from."""
    return _native(rows.ends, "Q"), _native(rows.columns, "H"), rows.values


def _native(values: Sequence[int], code: Literal["Q", "H"]) -> bytes:
    """The values in the machine's byte order: copied where they are an array of that type, else one by one."""
    same = {"Q": ("Q", "L"), "H": ("H",)}[code]
    try:
        view = memoryview(values)  # type: ignore[arg-type]  # arrays have buffers, other sequences raise
    except TypeError:
        return _packed(values, code)
    if view.format in same and view.itemsize == array(code).itemsize:
        return view.tobytes()
    return _packed(values, code)


def _packed(values: Sequence[int], code: Literal["Q", "H"]) -> bytes:
    try:
        return array(code, values).tobytes()
    except OverflowError as error:
        raise ValueError(f"an end or column does not fit its type: {error}") from None
