"""The engine: bulk operations over buffers, behind one small interface (docs/architecture.md).

Two implementations exist and are tested against each other. ``reference`` (pure Python, always there) and ``core`` (the
Rust extension ``solvent_core``, optional). An engine knows no protocol: which labels are hashed and which points are
multiplied is decided by its callers.

Buffers. Points are 64 bytes ``x || y``, big-endian; a sum that is the identity comes back as 64 zero bytes
(``group.IDENTITY_BYTES``). Scalars are 32 bytes big-endian below n. Hashes and ids are 32 bytes. Records stand one
after the other without padding, and a length that does not fit raises ``ValueError``: it is a bug of the caller, not
bad input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from verifier.errors import Unavailable

Tick: TypeAlias = Callable[[int, int], None]
"""Called now and then during a long call, in the caller's thread, with how much of it is done and how much there is (in
units of the operation's own). An exception that it raises ends the call and is raised."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Byte strings of any length: item i is ``data[ends[i-1]:ends[i]]``; ``ends`` is an array of u64 ("Q")."""

    data: bytes = field(repr=False)
    ends: Sequence[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, i: int) -> bytes:
        return self.data[self.ends[i - 1] if i else 0 : self.ends[i]]


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows of a book, non-zero cells only (compressed sparse rows).

    Row i owns cells ``ends[i-1]..ends[i]`` (u64, "Q"); cell k stands in column ``columns[k]`` (u16, "H", rising within
    a row) and is worth ``values[16*k : 16*k+16]`` (big-endian, never zero). Arrays are ``array.array`` or NumPy arrays.
    """

    ends: Sequence[int] = field(repr=False)
    columns: Sequence[int] = field(repr=False)
    values: bytes = field(repr=False)

    def __len__(self) -> int:
        return len(self.ends)

    def row(self, i: int) -> list[tuple[int, int]]:
        """The (column, value) pairs of row ``i``."""
        cells = range(self.ends[i - 1] if i else 0, self.ends[i])
        return [(int(self.columns[k]), int.from_bytes(self.values[16 * k : 16 * k + 16], "big")) for k in cells]


class RowCommitter(Protocol):
    """Commits rows of one layout, from several threads if need be; keeps its tables between calls."""

    def expect(self, rows: int) -> None:
        """That many rows are to come: whatever pays off for them is made now."""
        ...

    def commit(self, rows: SparseRows, blindings: bytes, progress: Tick | None = None) -> bytes:
        """``sum(bit * gen(bit/k)) + r*H`` per row: 64 bytes each. Cost follows the non-zero cells.

        Raises Rejected (E_IDENTITY) should a commitment be the identity.
        """
        ...


class RowSumcheck(Protocol):
    """The prover's half of section 3 step 2 for one chunk. Call ``round`` then ``bind``, once per variable."""

    def round(self) -> tuple[int, int]:
        """(b_t, c_t) of the round polynomial a_t + b_t X + c_t X^2."""
        ...

    def bind(self, r: int, progress: Tick | None = None) -> None:
        """Fix the variable of this round at ``r``."""
        ...

    def final_row(self) -> list[int]:
        """b*, L scalars; only after every variable is bound."""
        ...


class Engine(Protocol):
    """The bulk operations. Every method is a pure function of its arguments."""

    block_rows: int
    """How many rows one call should get, a power of two: enough to be fast, few enough to show progress."""
    side_by_side: int
    """How many calls to have under way at once, from as many threads; 1 where calls hold the interpreter's lock."""

    @property
    def name(self) -> str:
        """For reports: ``reference``, or ``core`` and its kernel, like ``core (ifma)``."""
        ...

    # points and scalars
    def read_leaves(self, leaves: bytes) -> tuple[bytes, bytes]:
        """Split records of 96 bytes ``x || y || id`` into (points, ids).

        Raises Malformed (E_POINT) naming the record whose point has a coordinate >= p or is off the curve.
        """
        ...

    def compress(self, points: bytes) -> bytes:
        """33 bytes per point."""
        ...

    def decompress(self, points: bytes) -> bytes:
        """64 bytes per compressed point. Raises Malformed (E_POINT) naming the first record that is none."""
        ...

    def generators(self, labels: Sequence[str]) -> bytes:
        """``gen(label)`` for each label (section 1)."""
        ...

    def multiply_sum(self, points: bytes, scalars: bytes, progress: Tick | None = None) -> bytes:
        """``sum(scalar_i * point_i)``, one point or 64 zero bytes; of nothing, zero bytes. Variable time."""
        ...

    def sums_with_generator(
        self, points: bytes, generator_scalars: bytes, point_scalars: bytes, progress: Tick | None = None
    ) -> bytes:
        """``generator_scalar_i * G + point_scalar_i * point_i`` per i, or 64 zero bytes. Variable time.

        Points are on the curve; anything else is a bug of the caller.
        """
        ...

    def eq_table(self, challenges: Sequence[int], count: int, scale: int = 1) -> bytes:
        """``scale * eq(r, i)`` for i < count <= 2^len(challenges); bit t-1 of i goes with challenge t (section 3)."""
        ...

    def dot(self, left: bytes, right: bytes) -> int:
        """``sum(left_i * right_i) mod n`` of two equally long lists of scalars."""
        ...

    # tree
    def leaf_hashes(self, ctx: bytes, start: int, points: bytes, ids: bytes) -> bytes:
        """``tagged("leaf", ctx || u64(j) || C_j || id_j)`` for j = start, start+1, ... (section 2)."""
        ...

    def tree_level(self, points: bytes, hashes: bytes) -> tuple[bytes, bytes]:
        """The next level of the sum tree: neighbours joined, an odd last node moved up as it is (section 2).

        Raises Rejected (E_IDENTITY) when a sum is the identity.
        """
        ...

    def first_duplicate(self, ids: bytes) -> tuple[int, int] | None:
        """Positions (i, j), i < j, of two equal ids, or None."""
        ...

    # the prover's part
    def committer(self, column_bits: Sequence[int]) -> RowCommitter:
        """A committer for rows of these columns."""
        ...

    def row_sumcheck(
        self,
        rows: SparseRows,
        column_bits: Sequence[int],
        y: int,
        tau: Sequence[int],
        linear: dict[int, int],
        progress: Tick | None = None,
    ) -> RowSumcheck:
        """The sumcheck over ``sum_k y^k (p_k^2 - p_k) + sum_k linear[k] p_k``, len(tau) variables.

        ``linear`` maps bit positions to the coefficients of the rule terms. An honest book's rule terms vanish in every
        round, so provers pass {}; the tests that cheat do not.
        """
        ...

    def wide_each(self, tag: str, prefix: bytes, start: int, count: int) -> bytes:
        """``wide(tag, prefix || u64(i))`` for i = start, start+1, ...: scalars."""
        ...

    def hmac_each(self, key: bytes, messages: Packed, prefix: bytes = b"") -> bytes:
        """``HMAC-SHA256(key, prefix || message)`` of each message: 32 bytes each."""
        ...

    def tagged_each(self, tag: str, heads: bytes, tails: Packed | bytes) -> bytes:
        """``tagged(tag, head_i || tail_i)``; heads are 32 bytes each, plain bytes as ``tails`` follow every head."""
        ...

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
        """The sealed record (section 8) of each row; row i has position ``start + i``."""
        ...


def get_engine(name: str = "auto") -> Engine:
    """``reference``, ``core``, or the fastest that is installed (``auto``). Raises Unavailable (E_ENGINE)."""
    if name not in ("auto", "core", "reference"):
        raise Unavailable(f"there is no engine {name!r}", hint="choose auto, core or reference", code="E_ENGINE")
    if name != "reference":
        try:
            from verifier.core_engine import CoreEngine
        except ImportError:
            if name == "core":
                hint = "install solvent-core, or choose reference"
                raise Unavailable("the core engine is not installed", hint=hint, code="E_ENGINE") from None
        else:
            return CoreEngine()
    from verifier.reference import ReferenceEngine

    return ReferenceEngine()
