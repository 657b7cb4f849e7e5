"""The row argument, prover's side (docs/protocol.md, section 3).

Verifier: verifier/rows.py.  Attacks: tests/adversarial/test_row_argument.py.  Bytes: verifier/wire.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from attest.secrets import Masks
from verifier.engine import Engine, RowSumcheck, SparseRows, Tick
from verifier.group import GAMMA0, GAMMA1, G, H, Point, U, scalar_to_bytes
from verifier.hashing import N
from verifier.rows import Layout, column_number, rule_terms, variables_for
from verifier.transcript import Transcript
from verifier.wire import RowProof


@dataclass(frozen=True, slots=True)
class LinkWitness:
    """A linked column: its index and, per row, the blinding (32 bytes) of the commitment to its number."""

    column: int
    blindings: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Witness:
    """The secret rows and their blindings, 32 bytes each.

    ``linear`` carries the rule terms through the sumcheck. They vanish for rows that keep the rules; only tests that
    cheat need them.
    """

    rows: SparseRows = field(repr=False)
    blindings: bytes = field(repr=False)
    links: tuple[LinkWitness, ...] = ()
    linear: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the sumcheck: coefficients b, c, the mask omega and the commitment alpha."""

    b: int = field(repr=False)
    c: int = field(repr=False)
    omega: int = field(repr=False)
    alpha: Point


@dataclass(frozen=True, slots=True)
class SigmaMasks:
    """The masks of step 3: one per secret that step 4 answers for."""

    d: list[int] = field(repr=False)
    delta: int = field(repr=False)
    rounds: list[tuple[int, int, int]] = field(repr=False)
    o1: int = field(repr=False)
    o0: int = field(repr=False)
    links: list[int] = field(repr=False)


def prove_rows(
    layout: Layout,
    witness: Witness,
    transcript: Transcript,
    masks: Masks,
    engine: Engine,
    bit_generators: bytes,
    progress: Tick | None = None,
) -> RowProof:
    """The proof over rows whose commitments ``transcript`` has bound, in the steps of section 3.

    The rows must be honest: cells within their bits, rules zero.
    """
    y = transcript.challenge("y")  # 3.1
    tau = [transcript.challenge("tau") for _ in range(variables_for(len(witness.rows)))]
    coefficients = linear_coefficients(layout, y) if witness.linear else {}
    steps = Steps(len(tau) + 1, progress)
    sumcheck = engine.row_sumcheck(witness.rows, layout.column_bits, y, tau, coefficients, steps.tick)
    rounds, r = run_sumcheck(sumcheck, steps, transcript, masks, engine)  # 3.2
    b_star = sumcheck.final_row()
    claim_weights = [(r_t - tau_t, r_t * r_t - tau_t) for r_t, tau_t in zip(r, tau, strict=True)]
    drawn = draw_masks(layout, len(rounds), len(witness.links), masks.group(transcript, engine))
    t1, t0 = cross_terms(layout, y, b_star, drawn, claim_weights)
    sigma = sigma_points(layout, drawn, t1, t0, witness.links, engine, bit_generators)  # 3.3
    for point in sigma:
        transcript.absorb_point("sigma", point)
    x = transcript.challenge("x")
    eq = engine.eq_table(r, len(witness.rows))
    rho_star = engine.dot(eq, witness.blindings)
    gammas = [engine.dot(eq, link.blindings) for link in witness.links]
    return respond(x, b_star, rho_star, gammas, rounds, sigma, drawn)  # 3.4


def linear_coefficients(layout: Layout, y: int) -> dict[int, int]:
    """Bit position -> ``sum_rho y^(L+rho) w_c 2^b``, the coefficient of the rule terms at that bit."""
    coefficients: dict[int, int] = {}
    for rho, rule in enumerate(layout.rules):
        power = pow(y, layout.row_bits + rho, N)
        for column, weight in rule:
            start, end = layout.spans[column]
            for k in range(start, end):
                coefficients[k] = (coefficients.get(k, 0) + power * weight * (1 << (k - start))) % N
    return coefficients


class Steps:
    """Progress over calls of the engine one after the other: ``tick`` is what each call gets."""

    def __init__(self, count: int, progress: Tick | None) -> None:
        self.count = count
        self._done = 0
        self._progress = progress

    def tick(self, done: int, total: int) -> None:
        """Within the call that runs, ``done`` of ``total``; each step counts as a thousand."""
        if self._progress is not None:
            self._progress(1000 * self._done + 1000 * done // max(total, 1), 1000 * self.count)

    def next(self) -> None:
        """A call is over."""
        self._done += 1


def run_sumcheck(
    sumcheck: RowSumcheck, steps: Steps, transcript: Transcript, masks: Masks, engine: Engine
) -> tuple[list[Round], list[int]]:
    """Step 2: commit to each round polynomial, bind the next variable at the challenge."""
    rounds, r = [], []
    for _ in range(steps.count - 1):
        steps.next()
        b, c = sumcheck.round()
        omega = next(masks.group(transcript))
        alpha = weighted_sum(engine, (b, GAMMA0), (c, GAMMA1), (omega, H))
        transcript.absorb_point("alpha", alpha)
        r.append(transcript.challenge("r"))
        sumcheck.bind(r[-1], steps.tick)
        rounds.append(Round(b, c, omega, alpha))
    return rounds, r


def draw_masks(layout: Layout, rounds: int, links: int, source: Iterator[int]) -> SigmaMasks:
    """All masks of step 3 from one group."""
    return SigmaMasks(
        d=list(islice(source, layout.row_bits)),
        delta=next(source),
        rounds=[(next(source), next(source), next(source)) for _ in range(rounds)],
        o1=next(source),
        o0=next(source),
        links=list(islice(source, links)),
    )


def cross_terms(
    layout: Layout, y: int, b_star: Sequence[int], drawn: SigmaMasks, claim_weights: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """(t1, t0): what the quadratic check leaves at x and at 1 when z = x b* + d is put in for the bits."""
    t1 = t0 = 0
    power = 1
    for b_k, d_k in zip(b_star, drawn.d, strict=True):
        t0 += power * (d_k * d_k % N)
        t1 += power * ((2 * b_k - 1) * d_k % N)
        power = power * y % N
    t1 += rule_terms(layout, drawn.d, y)
    for (m, m_prime, _), (lam, mu) in zip(drawn.rounds, claim_weights, strict=True):
        t1 -= lam * m + mu * m_prime
    return t1 % N, t0 % N


def sigma_points(
    layout: Layout,
    drawn: SigmaMasks,
    t1: int,
    t0: int,
    links: Sequence[LinkWitness],
    engine: Engine,
    bit_generators: bytes,
) -> list[Point]:
    """D, D_1..D_nu, T1, T0, DL..., in the order they are absorbed and sent."""
    d_rounds = [weighted_sum(engine, (m, GAMMA0), (m_, GAMMA1), (w, H)) for m, m_, w in drawn.rounds]
    d_links = [
        weighted_sum(engine, (column_number(layout, drawn.d, link.column), G), (delta_c, H))
        for link, delta_c in zip(links, drawn.links, strict=True)
    ]
    D = commit_vector(drawn.d, drawn.delta, engine, bit_generators)
    T1 = weighted_sum(engine, (t1, U), (drawn.o1, H))
    T0 = weighted_sum(engine, (t0, U), (drawn.o0, H))
    return [D, *d_rounds, T1, T0, *d_links]


def weighted_sum(engine: Engine, *terms: tuple[int, Point]) -> Point:
    """``sum(scalar * point)`` of a few terms."""
    points = b"".join(point.to_xy() for _, point in terms)
    return Point.from_sum(engine.multiply_sum(points, b"".join(scalar_to_bytes(scalar % N) for scalar, _ in terms)))


def commit_vector(values: Sequence[int], blinding: int, engine: Engine, bit_generators: bytes) -> Point:
    """``sum(values[k] * gen(bit/k)) + blinding * H``."""
    scalars = b"".join(scalar_to_bytes(value) for value in [*values, blinding])
    return Point.from_sum(engine.multiply_sum(bit_generators[: 64 * len(values)] + H.to_xy(), scalars))


def respond(
    x: int,
    b_star: Sequence[int],
    rho_star: int,
    gammas: Sequence[int],
    rounds: Sequence[Round],
    sigma: Sequence[Point],
    drawn: SigmaMasks,
) -> RowProof:
    """3.4: the responses that the verifier puts into 3.5a (z, z_delta), 3.5b (rounds), 3.5c (z_T) and 3.5d (zl)."""
    nu = len(rounds)
    answered = [
        ((x * round_.b + m) % N, (x * round_.c + m_prime) % N, (x * round_.omega + w) % N)
        for round_, (m, m_prime, w) in zip(rounds, drawn.rounds, strict=True)
    ]
    return RowProof(
        alpha=tuple(round_.alpha for round_ in rounds),
        D=sigma[0],
        D_rounds=tuple(sigma[1 : 1 + nu]),
        T1=sigma[1 + nu],
        T0=sigma[2 + nu],
        DL=tuple(sigma[3 + nu :]),
        z=tuple((x * b_k + d_k) % N for b_k, d_k in zip(b_star, drawn.d, strict=True)),
        z_delta=(x * rho_star + drawn.delta) % N,
        rounds=tuple(answered),
        z_T=(x * drawn.o1 + drawn.o0) % N,
        zl=tuple((x * gamma + delta_c) % N for gamma, delta_c in zip(gammas, drawn.links, strict=True)),
    )
