"""The book proof, verifier's side (docs/protocol.md, section 4).

Prover: attest/prover.py.  Attacks: tests/adversarial/test_book.py.  Bytes: wire.RowProof, wire.TotalsProof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from verifier.attestation import Total
from verifier.engine import Engine
from verifier.equations import Batch, ChunkSum, Equations, OneByOne
from verifier.errors import Malformed, Rejected
from verifier.group import G, H, Point
from verifier.hashing import PROTOCOL, tagged
from verifier.leaves import Leaves
from verifier.rows import Layout, column_number, verify_rows
from verifier.schema import Schema
from verifier.sources import DAMAGED, Source
from verifier.transcript import Transcript
from verifier.tree import Node
from verifier.wire import HIDDEN, NONE, PUBLIC, RowProof, TotalsProof, TotalsShape

FIXED_GENERATORS: Final = ("blind", "round/0", "round/1", "inner")
Progress = Callable[[str, int, int], None]
"""Called with (stage, rows done, rows in all)."""


@dataclass(frozen=True)
class BookStatement:
    """Everything a book proof is checked against; it comes from the signed attestation and its schema."""

    ctx: bytes
    schema: Schema
    accounts: int
    chunk_bits: int
    totals: tuple[Total, ...]

    @cached_property
    def layout(self) -> Layout:
        """The row layout."""
        return Layout.of(self.schema)

    @property
    def totals_shape(self) -> TotalsShape:
        """The shape of the totals' opening."""
        return TotalsShape(self.layout.row_bits, tuple(total.mode for total in self.totals))

    def chunks(self) -> Iterator[tuple[int, int]]:
        """(first row, number of rows) of each chunk."""
        size = 1 << self.chunk_bits
        for start in range(0, self.accounts, size):
            yield start, min(size, self.accounts - start)

    @property
    def proof_size(self) -> int:
        """Bytes of book.proof, computed."""
        full, rest = divmod(self.accounts, 1 << self.chunk_bits)
        last = self.layout.shape(rest).size if rest else 0
        return full * self.layout.shape(1 << self.chunk_bits).size + last + self.totals_shape.size


def generator_labels(row_bits: int) -> list[str]:
    """The labels of the bit generators of a row of ``row_bits`` bits."""
    return [f"bit/{k}" for k in range(row_bits)]


def generators_digest(engine: Engine, bit_generators: bytes) -> bytes:
    """tagged("generators", ...) over the bit generators, H, G0, G1, U and G (section 4)."""
    fixed = engine.compress(engine.generators(FIXED_GENERATORS) + G.to_xy())
    return tagged("generators", engine.compress(bit_generators) + fixed)


def open_transcript(statement: BookStatement, root: Node, generators: bytes) -> Transcript:
    """B0: everything the proof is about, absorbed in the order of section 4; ``generators`` is their digest."""
    transcript = Transcript.start("book")
    transcript.absorb_bytes("protocol", PROTOCOL.encode())
    transcript.absorb_bytes("generators", generators)
    transcript.absorb_bytes("context", statement.ctx)
    transcript.absorb_bytes("schema", bytes.fromhex(statement.schema.digest))
    transcript.absorb_u64("accounts", statement.accounts)
    transcript.absorb_u32("chunk_bits", statement.chunk_bits)
    transcript.absorb_point("root_commitment", root.C)
    transcript.absorb_bytes("root_hash", root.h)
    for total in statement.totals:
        absorb_total(transcript, total)
    return transcript


def absorb_total(transcript: Transcript, total: Total) -> None:
    """0x01 || scalar, 0x02 || point, or 0x00."""
    if isinstance(total.value, Point):
        transcript.absorb_point("total", total.value, b"\x02")
    elif total.value is not None:
        transcript.absorb_scalar("total", total.value, b"\x01")
    else:
        transcript.absorb_bytes("total", b"\x00")


def chunk_transcript(book: Transcript, index: int, start: int, rows: int) -> Transcript:
    """The transcript of one chunk."""
    transcript = book.fork("chunk", index)
    transcript.absorb_u64("start", start)
    transcript.absorb_u64("count", rows)
    return transcript


def verify_book(
    statement: BookStatement, claimed_root: Node, leaves: Leaves, proof: Source, engine: Engine, progress: Progress
) -> None:
    """Check a whole book. Raises Malformed or Rejected naming the step.

    1. Public totals are in range, and the proof has exactly the computed size.
    2. The root is computed from leaves.bin and equals the signed one; no id stands twice.
    3. The transcript absorbs the statement and the COMPUTED root.
    4. Every chunk's row argument: its equations 3.5a to 3.5c hold.
    5. The totals open the computed root: 4a to 4c hold.
    """
    require_in_range(statement)
    if proof.size != statement.proof_size:
        raise Malformed(
            f"{statement.proof_size} bytes expected, {proof.size} found",
            where=proof.name,
            code="E_LENGTH",
            step="4",
            hint=DAMAGED,
        )
    root = leaves.compute_root(progress)
    require_root(root, claimed_root)
    progress("preparing the check", 0, statement.accounts)
    bit_generators = engine.generators(generator_labels(statement.layout.row_bits))
    transcript = open_transcript(statement, root, generators_digest(engine, bit_generators))

    def weighed_sums(parts: Sequence[tuple[int, ChunkSum]]) -> Point:
        return leaves.weighed_sums(parts, progress)

    batch = Batch(engine, bit_generators, weighed_sums)
    require_proof(statement, transcript, proof, root, batch, engine)
    if not batch.holds():
        one_by_one = OneByOne(engine, bit_generators, weighed_sums)
        require_proof(statement, transcript, proof, root, one_by_one, engine)
        raise Rejected("the proof does not hold", where=proof.name, code="E_PROOF", step="4")


def require_root(computed: Node, claimed: Node) -> None:
    """Raises Rejected (E_ROOT) unless the signed root is the one the leaves lead to."""
    if computed != claimed:
        raise Rejected("the rows do not lead to the signed root", where="leaves.bin", code="E_ROOT", step="4")


def require_proof(
    statement: BookStatement, transcript: Transcript, proof: Source, root: Node, equations: Equations, engine: Engine
) -> None:
    """Steps 4 and 5 into ``equations``. One by one, they name the equation that fails."""
    layout, position = statement.layout, 0
    for index, (start, rows) in enumerate(statement.chunks()):
        shape = layout.shape(rows)
        where = f"{proof.name}, chunk {index}"
        chunk = RowProof.from_bytes(proof.read(position, shape.size), shape, where, engine.decompress)
        own = chunk_transcript(transcript, index, start, rows)
        verify_rows(layout, partial(_chunk_sum, index), chunk, own, equations, where)
        position += shape.size
    totals_shape, where = statement.totals_shape, f"{proof.name}, totals"
    totals = TotalsProof.from_bytes(proof.read(position, totals_shape.size), totals_shape, where)
    verify_totals(statement, root, totals, transcript.fork("totals", 0), equations, where)


def _chunk_sum(chunk: int, r: Sequence[int]) -> ChunkSum:
    return ChunkSum(chunk, tuple(r))


def verify_totals(
    statement: BookStatement, root: Node, proof: TotalsProof, transcript: Transcript, equations: Equations, where: str
) -> None:
    """The totals are the column sums that C_root commits to: 4a (opening), 4b (public), 4c (hidden)."""
    x = replay_totals(proof, transcript)
    equations.require("4a", where, [(proof.z_R, H), (-x, root.C), (-1, proof.D_S)], proof.zs)
    z_gamma = iter(proof.z_gamma)
    for c, (total, e) in enumerate(zip(statement.totals, proof.e, strict=True)):
        number = column_number(statement.layout, proof.zs, c)
        column = f"{where}, {statement.schema.columns[c].name}"
        if total.mode == PUBLIC:
            require_public(number, total, e, x, equations, column)
        elif total.mode == HIDDEN and isinstance(total.value, Point) and isinstance(e, Point):
            equations.require("4c", column, [(number, G), (next(z_gamma), H), (-x, total.value), (-1, e)])
        elif total.mode != NONE:
            raise Rejected("a total of unknown mode", where=column, code="E_TOTAL", step="4")


def require_in_range(statement: BookStatement) -> None:
    """4b: ``0 <= T_c <= N (2^bits - 1)``, so that no public total can be shifted by n."""
    for column, total in zip(statement.schema.columns, statement.totals, strict=True):
        highest = statement.accounts * ((1 << column.bits) - 1)
        if isinstance(total.value, int) and not 0 <= total.value <= highest:
            raise Rejected(
                "no book of this size has this total", where=f"totals: {column.name}", code="E_TOTAL", step="4b"
            )


def require_public(number: int, total: Total, e: Point | int | None, x: int, equations: Equations, where: str) -> None:
    """4b: ``<2^b, zs_c> = x T_c + e_c``, as an equation of multiples of G so that it is checked with the others."""
    if not isinstance(total.value, int) or not isinstance(e, int):
        raise Rejected("a public total is a number", where=where, code="E_PROOF", step="4b")
    equations.require("4b", where, [(number - x * total.value - e, G)])


def replay_totals(proof: TotalsProof, transcript: Transcript) -> int:
    """Absorb what the prover sent for the totals and draw x."""
    transcript.absorb_point("sigma", proof.D_S)
    for e in proof.e:
        if isinstance(e, Point):
            transcript.absorb_point("e", e)
        elif e is not None:
            transcript.absorb_scalar("e", e)
    return transcript.challenge("x")
