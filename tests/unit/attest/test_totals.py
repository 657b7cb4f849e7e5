"""The totals' opening, prover's side, accepted by the verifier's equations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attest.prover import draw_sums
from attest.secrets import Masks
from attest.totals import ColumnSum, RootOpening, prove_totals, published
from tests.support.refusals import refused
from verifier.attestation import Total
from verifier.book import BookStatement, generator_labels, verify_totals
from verifier.engine import Engine
from verifier.equations import OneByOne
from verifier.errors import Rejected
from verifier.group import H, bit_generator, value_commitment
from verifier.schema import Column, Schema
from verifier.transcript import Transcript
from verifier.tree import Node
from verifier.wire import TotalsProof

SCHEMA = Schema(tuple(Column(f"c{i}", "BTC", 0, 8, kind) for i, kind in enumerate(("balance", "balance", "slack"))))
S = [3, 1, 0, 2, *[0] * 19, 5]
"""How many rows have each bit set: totals 3 + 2 + 16, 0 and 5 * 128."""
SUMS = (ColumnSum("public", 21, 0), ColumnSum("hidden", 0, 77), ColumnSum("none", 640, 0))


def opening_point() -> Node:
    total = 9 * H
    for k, s_k in enumerate(S):
        total += s_k * bit_generator(k)
    return Node(total, bytes(32))


def prove_and_verify(engine: Engine, sums: tuple[ColumnSum, ...], s: list[int], R: int) -> TotalsProof:
    statement = BookStatement(bytes(32), SCHEMA, 5, 4, published(sums, engine))
    generators = engine.generators(generator_labels(24))
    opening = RootOpening(s, R)
    proof = prove_totals(statement, opening, sums, Transcript.start("t"), Masks(b"p" * 32), engine, generators)
    parsed = TotalsProof.from_bytes(proof.to_bytes(), statement.totals_shape)
    verify_totals(statement, opening_point(), parsed, Transcript.start("t"), OneByOne(engine, generators), "here")
    return parsed


def test_honest_totals(engine: Engine) -> None:
    assert len(prove_and_verify(engine, SUMS, S, 9).z_gamma) == 1


@pytest.mark.parametrize("modes", [("public",) * 3, ("hidden",) * 3, ("none",) * 3, ("none", "public", "hidden")])
def test_every_mode(engine: Engine, modes: tuple[str, ...]) -> None:
    sums = tuple(replace(column, mode=mode, gamma=5) for column, mode in zip(SUMS, modes, strict=True))
    prove_and_verify(engine, sums, S, 9)


@pytest.mark.parametrize(
    ("column", "value", "step"), [(0, 22, "4b"), (0, 20, "4b"), (1, 1, "4c")], ids=["more", "less", "hidden"]
)
def test_another_total(engine: Engine, column: int, value: int, step: str) -> None:
    sums = tuple(replace(c, value=value) if i == column else c for i, c in enumerate(SUMS))
    with refused(Rejected, "E_PROOF", step=step, where=f"here, c{column}"):
        prove_and_verify(engine, sums, S, 9)


def test_another_opening(engine: Engine) -> None:
    for s, R in (([4, *S[1:]], 9), (S, 10)):
        with refused(Rejected, "E_PROOF", step="4a", where="here"):
            prove_and_verify(engine, SUMS, s, R)


def test_what_is_published(engine: Engine) -> None:
    expected = (Total("public", 21), Total("hidden", value_commitment(0, 77)), Total("none", None))
    assert published(SUMS[:3], engine) == expected
    assert published([], engine) == ()


def test_only_hidden_totals_get_a_blinding() -> None:
    sums = draw_sums([1, 2, 3, 2], ["public", "hidden", "none", "hidden"], Masks(b"p" * 32), bytes(32))
    assert [column.gamma for column in sums][::2] == [0, 0]
    assert len({sums[1].gamma, sums[3].gamma, 0}) == 3
    again = draw_sums([1, 2, 3, 2], ["public", "hidden", "none", "hidden"], Masks(b"p" * 32), bytes(32))
    assert again[1].gamma != sums[1].gamma
    with pytest.raises(ValueError, match="zip"):
        draw_sums([1], ["public", "hidden"], Masks(b"p" * 32), bytes(32))
