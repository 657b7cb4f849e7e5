"""The row argument, prover's side: each part against its definition. Whole proofs: tests/unit/verifier/test_rows.py."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest

from attest.ordered import pack_rows
from attest.rows import SigmaMasks, Witness, commit_vector, cross_terms, draw_masks, linear_coefficients, prove_rows
from attest.secrets import Masks
from verifier.engine import Engine
from verifier.equations import OneByOne
from verifier.errors import Rejected
from verifier.group import H, Point, bit_generator, scalar_to_bytes
from verifier.hashing import N, wide
from verifier.rows import Layout, rule_terms, verify_rows
from verifier.transcript import Transcript
from verifier.wire import RowProof

LAYOUT = Layout((8, 16), (((0, 2), (1, -1)), ((0, 1),)))


def generators(engine: Engine, bits: int) -> bytes:
    return engine.generators([f"bit/{k}" for k in range(bits)])


def test_linear_coefficients_are_the_rule_terms() -> None:
    y = wide("expand", b"y")
    coefficients = linear_coefficients(LAYOUT, y)
    z = [wide("expand", bytes([k])) for k in range(24)]
    assert sum(coefficients[k] * z[k] for k in range(24)) % N == rule_terms(LAYOUT, z, y)
    assert linear_coefficients(Layout((8,)), y) == {}


def test_commit_vector(engine: Engine) -> None:
    values = [3, 0, N - 1]
    expected = 3 * bit_generator(0) - bit_generator(2) + 5 * H
    assert commit_vector(values, 5, engine, generators(engine, 8)) == expected


@pytest.mark.parametrize(("rounds", "links"), [(0, 0), (3, 0), (2, 4)])
def test_every_mask_is_drawn_once(rounds: int, links: int) -> None:
    drawn = draw_masks(LAYOUT, rounds, links, iter(count()))
    flat = [*drawn.d, drawn.delta, *(m for triple in drawn.rounds for m in triple), drawn.o1, drawn.o0, *drawn.links]
    assert sorted(flat) == list(range(24 + 1 + 3 * rounds + 2 + links))


def test_cross_terms_are_what_the_check_leaves() -> None:
    """f at z = x b + d is x^2 (Q(b) - claim) + x t1 + t0, for any b and d."""
    y, weights = wide("expand", b"y"), [(11, 13), (17, 19)]
    b, d = [wide("a", bytes([k])) for k in range(24)], [wide("b", bytes([k])) for k in range(24)]
    coefficients = [(5, 7), (23, 29)]
    drawn = SigmaMasks(d, 0, [(31, 37, 0), (41, 43, 0)], 0, 0, [])
    t1, t0 = cross_terms(LAYOUT, y, b, drawn, weights)

    def f(x: int) -> int:
        z = [x * b_k + d_k for b_k, d_k in zip(b, d, strict=True)]
        total = sum(pow(y, k, N) * (z_k * z_k - x * z_k) for k, z_k in enumerate(z)) + x * rule_terms(LAYOUT, z, y)
        for (lam, mu), (b_t, c_t), (m, m_prime, _) in zip(weights, coefficients, drawn.rounds, strict=True):
            total -= x * (lam * (x * b_t + m) + mu * (x * c_t + m_prime))
        return total % N

    def q() -> int:
        total = sum(pow(y, k, N) * (p * p - p) for k, p in enumerate(b)) + rule_terms(LAYOUT, b, y)
        return total - sum(l_ * b_t + m * c_t for (l_, m), (b_t, c_t) in zip(weights, coefficients, strict=True))

    for x in (0, 1, 2, wide("expand", b"x")):
        assert f(x) == (x * x * q() + x * t1 + t0) % N


def prove(engine: Engine, linear: bool, cells: list[list[tuple[int, int]]], masks: Masks) -> RowProof:
    blindings = b"".join(scalar_to_bytes(i + 1) for i in range(len(cells)))
    witness = Witness(pack_rows(cells), blindings, linear=linear)
    return prove_rows(LAYOUT, witness, Transcript.start("t"), masks, engine, generators(engine, 24))


def verify(engine: Engine, proof: RowProof, cells: list[list[tuple[int, int]]]) -> None:
    blindings = b"".join(scalar_to_bytes(i + 1) for i in range(len(cells)))
    data = engine.committer([8, 16]).commit(pack_rows(cells), blindings)

    def combine(r: Sequence[int]) -> Point:
        return Point.from_sum(engine.multiply_sum(data, engine.eq_table(r, len(cells))))

    equations = OneByOne(engine, generators(engine, 24))
    verify_rows(LAYOUT, combine, proof, Transcript.start("t"), equations, "here")


@pytest.mark.parametrize("rows", range(1, 6))
def test_rule_terms_vanish_for_honest_rows(engine: Engine, rows: int) -> None:
    """Rows of zeros in the first column: both rules hold, and carrying them along changes no byte."""
    cells: list[list[tuple[int, int]]] = [[] for _ in range(rows)]
    fixed = Masks(b"p" * 32, bytes)
    proof = prove(engine, False, cells, fixed)
    assert proof == prove(engine, True, cells, fixed)
    verify(engine, proof, cells)


@pytest.mark.parametrize("linear", [False, True])
def test_a_broken_rule_does_not_verify(engine: Engine, linear: bool) -> None:
    for cells in ([[(0, 1)]], [[], [(1, 5)]], [[(0, 1), (1, 2)], []]):
        proof = prove(engine, linear, cells, Masks(b"p" * 32))
        with pytest.raises(Rejected) as caught:
            verify(engine, proof, cells)
        assert caught.value.step == "3.5c"


def test_two_proofs_of_the_same_rows_share_no_response(engine: Engine) -> None:
    first, second = (prove(engine, False, [[], []], Masks(b"p" * 32)) for _ in range(2))
    assert not set(first.z) & set(second.z)
    assert first.alpha != second.alpha


def test_a_prover_that_is_handed_the_same_randomness_still_changes_with_the_transcript(engine: Engine) -> None:
    fixed = Masks(b"p" * 32, bytes)
    first = prove(engine, False, [[]], fixed)
    witness = Witness(pack_rows([[]]), scalar_to_bytes(1))
    second = prove_rows(LAYOUT, witness, Transcript.start("other"), fixed, engine, generators(engine, 24))
    assert first.D != second.D
