"""The book proof, verifier's side: sizes, transcript order, roots, and each equation of the totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.support.books import PUBLIC_KEY, SCHEMA, Epoch
from tests.support.refusals import refused
from verifier.attestation import Total
from verifier.book import (
    BookStatement,
    generator_labels,
    generators_digest,
    open_transcript,
    require_public,
    verify_book,
    verify_totals,
)
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress, open_directory
from verifier.equations import OneByOne
from verifier.errors import Malformed, Rejected
from verifier.group import G, H, Point
from verifier.hashing import N, u32, u64
from verifier.leaves import Leaves
from verifier.sources import BytesSource
from verifier.transcript import Transcript
from verifier.tree import Node
from verifier.wire import TotalsProof


@dataclass(frozen=True)
class Sample:
    statement: BookStatement
    root: Node
    leaves: bytes
    leaves_digest: str
    proof: bytes

    def verify(self, engine: Engine, statement: BookStatement | None = None, **changes: Any) -> None:
        """Verify, with parts of the sample replaced."""
        own = replace(self, **changes)
        book = statement or self.statement
        source = BytesSource("leaves.bin", own.leaves)
        leaves = Leaves(source, own.leaves_digest, book.ctx, book.accounts, book.chunk_bits, engine)
        verify_book(book, own.root, leaves, BytesSource("book.proof", own.proof), engine, no_progress)


@pytest.fixture(scope="module")
def book(sample: Epoch) -> Sample:
    signed = open_directory(sample.directory, PUBLIC_KEY)
    files = {name: (sample.directory / name).read_bytes() for name in ("leaves.bin", "book.proof")}
    digest = signed.attestation.files["leaves.bin"]
    return Sample(signed.statement, signed.root, files["leaves.bin"], digest, files["book.proof"])


def test_the_honest_book(book: Sample, engine: Engine) -> None:
    book.verify(engine)


def test_chunks_and_size(book: Sample) -> None:
    statement = book.statement
    assert list(statement.chunks()) == [(0, 4), (4, 4)]
    assert list(replace(statement, accounts=9).chunks()) == [(0, 4), (4, 4), (8, 1)]
    assert list(replace(statement, chunk_bits=0, accounts=3).chunks()) == [(0, 1), (1, 1), (2, 1)]
    rows = 33 * (2 * 2 + 3) + 32 * (56 + 3 * 2 + 2)
    totals = 33 * (1 + 2) + 32 * (1 + 56 + 1 + 2)
    assert statement.proof_size == 2 * rows + totals == len(book.proof)


@pytest.mark.parametrize("change", [-1, 1, -32, 33])
def test_a_proof_of_another_size(book: Sample, engine: Engine, change: int) -> None:
    proof = book.proof[:change] if change < 0 else book.proof + bytes(change)
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        book.verify(engine, proof=proof)


@pytest.mark.parametrize("change", ["commitment", "hash"])
def test_another_root(book: Sample, engine: Engine, change: str) -> None:
    root = Node(book.root.C + G, book.root.h) if change == "commitment" else Node(book.root.C, bytes(32))
    with refused(Rejected, "E_ROOT", step="4", where="leaves.bin"):
        book.verify(engine, root=root)


def test_every_hundredth_byte_of_the_proof_counts(book: Sample) -> None:
    engine = get_engine("reference")
    for position in range(5, len(book.proof), 401):
        proof = bytearray(book.proof)
        proof[position] ^= 1
        with pytest.raises((Malformed, Rejected)) as caught:
            book.verify(engine, proof=bytes(proof))
        assert caught.value.code in {"E_PROOF", "E_POINT", "E_SCALAR"}
        assert caught.value.where.startswith("book.proof, ")


def test_chunks_in_another_order(book: Sample, engine: Engine) -> None:
    size = book.statement.layout.shape(4).size
    swapped = book.proof[size : 2 * size] + book.proof[:size] + book.proof[2 * size :]
    doubled = book.proof[:size] * 2 + book.proof[2 * size :]
    for proof in (swapped, doubled):
        with refused(Rejected, "E_PROOF", step="3.5a"):
            book.verify(engine, proof=proof)


STATEMENTS: dict[str, Callable[[BookStatement], BookStatement]] = {
    "another schema name": lambda s: replace(s, schema=replace(s.schema, rules=())),
    "a total one higher": lambda s: replace(s, totals=(s.totals[0], total_plus(s.totals[1]), *s.totals[2:])),
    "a total shifted by n": lambda s: replace(s, totals=(s.totals[0], total_plus(s.totals[1], N), *s.totals[2:])),
    "a hidden total moved": lambda s: replace(s, totals=(Total("hidden", G), *s.totals[1:])),
    "hidden totals swapped": lambda s: replace(s, totals=(s.totals[2], s.totals[1], s.totals[0], s.totals[3])),
}


def total_plus(total: Total, step: int = 1) -> Total:
    assert isinstance(total.value, int)
    return Total("public", total.value + step)


@pytest.mark.parametrize("name", STATEMENTS)
def test_another_statement(book: Sample, name: str) -> None:
    """The transcript binds the statement, so the first equation already fails; or the total is out of range."""
    with pytest.raises(Rejected) as caught:
        book.verify(get_engine("reference"), STATEMENTS[name](book.statement))
    assert caught.value.code in {"E_PROOF", "E_TOTAL"}


def test_transcript_order(book: Sample, engine: Engine) -> None:
    statement = replace(book.statement, totals=(Total("public", 7), Total("hidden", G), Total("none")))
    digest = generators_digest(engine, engine.generators(generator_labels(56)))
    expected = Transcript.start("book")
    for label, data in [
        ("protocol", b"solvent/1"),
        ("generators", digest),
        ("context", statement.ctx),
        ("schema", bytes.fromhex(SCHEMA.digest)),
        ("accounts", u64(8)),
        ("chunk_bits", u32(2)),
        ("root_commitment", book.root.C.to_bytes()),
        ("root_hash", book.root.h),
        ("total", b"\x01" + (7).to_bytes(32, "big")),
        ("total", b"\x02" + G.to_bytes()),
        ("total", b"\x00"),
    ]:
        expected.absorb_bytes(label, data)
    assert open_transcript(statement, book.root, digest).state == expected.state


def totals_proof(book: Sample) -> TotalsProof:
    shape = book.statement.totals_shape
    return TotalsProof.from_bytes(book.proof[-shape.size :], shape)


TOTALS: dict[str, tuple[Callable[[TotalsProof], TotalsProof], str]] = {
    "zs[0]": (lambda p: replace(p, zs=((p.zs[0] + 1) % N, *p.zs[1:])), "4a"),
    "zs of the public column": (lambda p: replace(p, zs=(*p.zs[:16], (p.zs[16] + 1) % N, *p.zs[17:])), "4a"),
    "z_R": (lambda p: replace(p, z_R=(p.z_R + 1) % N), "4a"),
    "D_S": (lambda p: replace(p, D_S=p.D_S + G), "4a"),
    "z_gamma[0]": (lambda p: replace(p, z_gamma=((p.z_gamma[0] + 1) % N, p.z_gamma[1])), "4c"),
    "z_gamma[1]": (lambda p: replace(p, z_gamma=(p.z_gamma[0], (p.z_gamma[1] + 1) % N)), "4c"),
    "z_gammas swapped": (lambda p: replace(p, z_gamma=p.z_gamma[::-1]), "4c"),
}


@pytest.mark.parametrize("name", TOTALS)
def test_totals(book: Sample, engine: Engine, name: str) -> None:
    change, step = TOTALS[name]
    generators = engine.generators(generator_labels(56))
    transcript = open_transcript(book.statement, book.root, generators_digest(engine, generators))

    def verify(proof: TotalsProof) -> None:
        fork = transcript.fork("totals", 0)
        verify_totals(book.statement, book.root, proof, fork, OneByOne(engine, generators), "totals")

    verify(totals_proof(book))
    with refused(Rejected, "E_PROOF", step=step):
        verify(change(totals_proof(book)))


@pytest.mark.parametrize(
    ("number", "value", "e", "good"),
    [(11, 2, 1, True), (11, 2, 2, False), (12, 2, 1, False), (11, 3, 1, False), (11, 2, N + 1, True)],
)
def test_public_totals(number: int, value: int, e: int, good: bool) -> None:
    if good:
        require_public(number, Total("public", value), e, 5, "BTC")
        return
    with refused(Rejected, "E_PROOF", step="4b", where="BTC"):
        require_public(number, Total("public", value), e, 5, "BTC")


@pytest.mark.parametrize(("value", "e"), [(None, 1), (H, 1), (2, None), (2, Point(1, 1))])
def test_public_totals_of_another_kind(value: int | Point | None, e: int | Point | None) -> None:
    with refused(Rejected, "E_PROOF", step="4b"):
        require_public(11, Total("public", value), e, 5, "BTC")
