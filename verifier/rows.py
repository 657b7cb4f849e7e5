"""The row argument, verifier's side (docs/protocol.md, section 3).

It proves for committed rows that every bit is 0 or 1, that every rule holds in every row, and that linked commitments
open to the numbers in their columns.
Prover: attest/rows.py.  Attacks: tests/adversarial/test_row_argument.py.  Bytes: wire.RowProof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from verifier.equations import ChunkSum, Equations
from verifier.group import GAMMA0, GAMMA1, G, H, Point, U
from verifier.hashing import N
from verifier.schema import Schema
from verifier.transcript import Transcript
from verifier.wire import RowProof, RowShape


@dataclass(frozen=True)
class Layout:
    """What a row argument needs of a schema: the bits of each column, and each rule as (column index, weight) pairs."""

    column_bits: tuple[int, ...]
    rules: tuple[tuple[tuple[int, int], ...], ...] = ()

    @classmethod
    def of(cls, schema: Schema) -> Layout:
        """The layout of a book's rows."""
        rules = (tuple((schema.position[name], w) for name, w in rule.weights) for rule in schema.rules)
        return cls(tuple(column.bits for column in schema.columns), tuple(rules))

    @cached_property
    def row_bits(self) -> int:
        """L."""
        return sum(self.column_bits)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """First bit and bit after the last, per column."""
        ends = [sum(self.column_bits[: c + 1]) for c in range(len(self.column_bits))]
        return tuple((end - bits, end) for end, bits in zip(ends, self.column_bits, strict=True))

    def shape(self, rows: int, links: int = 0) -> RowShape:
        """The shape of the proof over ``rows`` rows."""
        return RowShape(variables_for(rows), self.row_bits, links)


@dataclass(frozen=True, slots=True)
class Link:
    """A column whose numbers are also committed one by one: ``combine(r)`` is ``sum(eq(r,i) * D_{i,c})``."""

    column: int
    combine: Callable[[Sequence[int]], Point]


@dataclass(frozen=True, slots=True)
class Challenges:
    """Everything the transcript answered while the proof was replayed."""

    y: int
    tau: tuple[int, ...]
    r: tuple[int, ...]
    x: int


def variables_for(rows: int) -> int:
    """nu = ceil(log2 rows), the number of sumcheck rounds."""
    return (rows - 1).bit_length()


def verify_rows(
    layout: Layout,
    combine: Callable[[Sequence[int]], Point | ChunkSum],
    proof: RowProof,
    transcript: Transcript,
    equations: Equations,
    where: str,
    links: Sequence[Link] = (),
) -> None:
    """Require the equations of one row proof.

    Refusals name 3.5a (opening), 3.5b (rounds), 3.5c (bits and rules) or 3.5d (links).
    ``combine(r)`` is C* = sum(eq(r,i) * C_i) over the rows the caller hashed; ``transcript`` has already bound them.
    """
    seen = replay(proof, transcript)
    C_star = combine(seen.r)
    require_opening(proof, C_star, seen.x, equations, where)
    require_every_round(proof, seen.x, equations, where)
    require_bits_and_rules(layout, proof, seen, equations, where)
    for i, link in enumerate(links):
        require_link(layout, proof, i, link, seen, equations, where)


def replay(proof: RowProof, transcript: Transcript) -> Challenges:
    """Steps 3.1 to 3.4: absorb what the prover sent, in its order, and draw the challenges."""
    y = transcript.challenge("y")
    tau = tuple(transcript.challenge("tau") for _ in proof.alpha)
    r = []
    for alpha_t in proof.alpha:
        transcript.absorb_point("alpha", alpha_t)
        r.append(transcript.challenge("r"))
    for point in (proof.D, *proof.D_rounds, proof.T1, proof.T0, *proof.DL):
        transcript.absorb_point("sigma", point)
    return Challenges(y, tau, tuple(r), transcript.challenge("x"))


def require_opening(proof: RowProof, C_star: Point | ChunkSum, x: int, equations: Equations, where: str) -> None:
    """3.5a: ``sum z_k gen(bit/k) + z_delta H = x C* + D``."""
    equations.require("3.5a", where, [(proof.z_delta, H), (-x, C_star), (-1, proof.D)], proof.z)


def require_every_round(proof: RowProof, x: int, equations: Equations, where: str) -> None:
    """3.5b, for each t: ``u_t G0 + u'_t G1 + s_t H = x alpha_t + D_t``. Only their sum would be forgeable."""
    for t, (u, u_prime, s) in enumerate(proof.rounds):
        terms = [(u, GAMMA0), (u_prime, GAMMA1), (s, H), (-x, proof.alpha[t]), (-1, proof.D_rounds[t])]
        equations.require("3.5b", f"{where}, round {t + 1}", terms)


def require_bits_and_rules(layout: Layout, proof: RowProof, seen: Challenges, equations: Equations, where: str) -> None:
    """3.5c: ``f U + z_T H = x T1 + T0``."""
    f = _bit_terms(proof.z, seen.y, seen.x)
    f += seen.x * rule_terms(layout, proof.z, seen.y)
    f -= seen.x * _claim_terms(proof, seen)
    equations.require("3.5c", where, [(f, U), (proof.z_T, H), (-seen.x, proof.T1), (-1, proof.T0)])


def require_link(
    layout: Layout, proof: RowProof, i: int, link: Link, seen: Challenges, equations: Equations, where: str
) -> None:
    """3.5d: ``<2^b, z_c> G + zl_c H = x sum(eq(r,i) D_{i,c}) + DL_c``."""
    value = column_number(layout, proof.z, link.column)
    terms = [(value, G), (proof.zl[i], H), (-seen.x, link.combine(seen.r)), (-1, proof.DL[i])]
    equations.require("3.5d", f"{where}, link {i}", terms)


def column_number(layout: Layout, z: Sequence[int], column: int) -> int:
    """``<2^b, z restricted to column>`` mod n."""
    start, end = layout.spans[column]
    return sum(z[k] << (k - start) for k in range(start, end)) % N


def rule_terms(layout: Layout, z: Sequence[int], y: int) -> int:
    """``sum_rho y^(L+rho) <l_rho, z>`` mod n; a rule's weight at bit b of column c is w_c 2^b."""
    total, power = 0, pow(y, layout.row_bits, N)
    numbers = {c: column_number(layout, z, c) for rule in layout.rules for c, _ in rule}
    for rule in layout.rules:
        total += power * sum(weight * numbers[c] for c, weight in rule)
        power = power * y % N
    return total % N


def _bit_terms(z: Sequence[int], y: int, x: int) -> int:
    """``sum_k y^k (z_k^2 - x z_k)`` mod n."""
    total, power = 0, 1
    for z_k in z:
        total += power * (z_k * (z_k - x) % N)
        power = power * y % N
    return total % N


def _claim_terms(proof: RowProof, seen: Challenges) -> int:
    """``sum_t (lam_t u_t + mu_t u'_t)`` mod n, with lam_t = r_t - tau_t and mu_t = r_t^2 - tau_t."""
    rounds = zip(proof.rounds, seen.r, seen.tau, strict=True)
    return sum((r - tau) * u + (r * r - tau) * u_prime for (u, u_prime, _), r, tau in rounds) % N
