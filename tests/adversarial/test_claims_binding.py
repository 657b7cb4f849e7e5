"""Proofs of claims in places they were not made for, files that are damaged, and what the transcript must bind.

Verifier: verifier/claims_proof.py.  Claims that do not hold: test_claims.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import pytest

from attest.rows import SigmaMasks
from tests.support.cheat import ENGINE, RowProver, bit_generators
from tests.support.cheat_claims import BITS, ClaimsCheat, digits, with_rows
from tests.support.claims import Claimed, check, claimed, everything_hidden, in_kind, with_commitment
from tests.support.markets import POOL, TOTALS, coverage
from tests.support.refusals import refused
from tests.support.weak import mutated, not_absorbed
from verifier.attestation import Attestation
from verifier.attestation import Total as TotalTold
from verifier.book import generators_digest
from verifier.claims_proof import LAYOUT, ClaimsStatement, open_transcript, signed_quantities
from verifier.errors import Malformed, Rejected
from verifier.group import G, H, P, Point, scalar_to_bytes
from verifier.hashing import N
from verifier.markets.linear import Holding, Reference, Total
from verifier.rows import column_number
from verifier.transcript import Transcript
from verifier.wire import POINT, RowProof

PROOF = "claims.proof"


@cache
def honest() -> tuple[Claimed, bytes]:
    """An exchange and its proof."""
    exchange = everything_hidden()
    return exchange, exchange.prove()


# Replay.


def identity(**changes: object) -> Callable[[Attestation], Attestation]:
    return lambda a: replace(a, identity=replace(a.identity, **changes))  # type: ignore[arg-type]


def digests(**changes: str) -> Callable[[Attestation], Attestation]:
    return lambda a: replace(a, digests={**a.digests, **changes})


ELSEWHERE: dict[str, Callable[[Attestation], Attestation]] = {
    "epoch": identity(epoch=2),
    "exchange": identity(exchange="other.example"),
    "run": identity(nonce="cd" * 32),
    "chain": identity(previous="ef" * 32),
    "moment": identity(taken_at=1_699_999_999),
    "issue": lambda a: replace(a, issued_at=a.issued_at + 1),
    "expiry": lambda a: replace(a, expires_at=a.expires_at + 1),
    "root": lambda a: replace(a, root_hash=b"\x01" * 32),
    "root commitment": lambda a: replace(a, root_commitment=H),
    "chunks": lambda a: replace(a, chunk_bits=3),
    "size": lambda a: replace(a, accounts=4),
    "prices": digests(prices="aa" * 32),
    "snapshot": digests(collateral="aa" * 32),
    "scenarios": digests(scenarios="aa" * 32),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_replay_in_another_attestation(name: str) -> None:
    exchange, proof = honest()
    other = exchange.seen(ELSEWHERE[name](exchange.attestation))
    assert other.rows == exchange.statement.rows
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(other, proof)


def test_the_context_is_absorbed() -> None:
    exchange = claimed(in_kind("BTC"))
    other = exchange.seen(ELSEWHERE["epoch"](exchange.attestation))
    with not_absorbed("context"):
        check(other, exchange.prove())
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(other, exchange.prove())


def test_the_same_claims_of_another_book() -> None:
    """The totals are hidden anew in each epoch, so the commitments differ though the numbers do not."""
    first, second = claimed(in_kind("BTC")), claimed(in_kind("BTC"), epoch=2, first_blinding=5000)
    with not_absorbed("context", "slack"), refused(Rejected, "E_PROOF", step="3.5d", where=f"{PROOF}, link 0"):
        check(second.statement, first.prove())


def test_the_list_of_claims_is_absorbed() -> None:
    exchange = claimed(in_kind("BTC"), coverage())
    renamed = claimed(in_kind("BTC", name="held-well"), coverage())
    other = replace(exchange.statement, claims=renamed.claims)
    with not_absorbed("claims"):
        check(other, exchange.prove())
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(other, exchange.prove())


@pytest.mark.parametrize("order", [(1, 0), (0,), (0, 1, 1)], ids=["permuted", "one left out", "one twice"])
def test_another_list_of_claims(order: tuple[int, ...]) -> None:
    exchange = claimed(in_kind("BTC"), coverage())
    claims = tuple(exchange.claims[i] for i in order)
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(replace(exchange.statement, claims=claims), exchange.prove())
    with refused(Rejected, "E_CLAIM", step="6", where="claims"):
        ClaimsStatement.of(replace(exchange.attestation, claims=claims), exchange.derivation)


@pytest.mark.parametrize("label", ["protocol", "generators", "context", "claims", "slack", "row"])
def test_whatever_is_not_absorbed_by_both_makes_another_proof(label: str) -> None:
    exchange = claimed(in_kind("BTC"))
    with not_absorbed(label):
        proof = exchange.prove()
        check(exchange.statement, proof)
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(exchange.statement, proof)


def test_a_proof_of_a_book_is_no_proof_of_claims() -> None:
    """The transcripts begin with different labels."""
    exchange = claimed(in_kind("BTC"))
    with mutated(open_transcript, 'Transcript.start("claims")', 'Transcript.start("book")'):
        proof = exchange.prove()
        check(exchange.statement, proof)
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(exchange.statement, proof)


# Commitments chosen after the challenge.


class Shifted(RowProver):
    """Shifts DL, and so what the linked commitment will have to be, before x is known."""

    x: int

    def sigma(self, drawn: SigmaMasks, t1: int, t0: int) -> list[Point]:
        honest = super().sigma(drawn, t1, t0)
        return [*honest[:-1], honest[-1] + 12345 * G]

    def finish(self, proof: RowProof, x: int, drawn: SigmaMasks, weights: list[tuple[int, int]]) -> RowProof:
        self.x = x
        return proof


def test_the_slacks_are_absorbed() -> None:
    """With x known first, a total that owes any amount at all is signed behind a proof that something is left over."""
    exchange = claimed(in_kind("BTC"))
    with not_absorbed("context", "slack"):
        prover = Shifted()
        cheat = ClaimsCheat(exchange.statement, exchange.openings, {0: digits(0)}, prover)
        proof = cheat.prove()
        parsed = RowProof.from_bytes(proof[POINT:], exchange.statement.shape)
        value = column_number(LAYOUT, parsed.z, 0)
        slack = pow(prover.x, -1, N) * (value * G + parsed.zl[0] * H - parsed.DL[0])
        [row] = exchange.statement.rows
        [(reference, weight)] = row.hidden
        told = pow(weight, -1, N) * (slack - row.constant * G)
        other = with_commitment(exchange.statement, reference, told)
        left_over = -12345 * pow(prover.x, -1, N) % N
        assert left_over >= 2**128, "what its opening leaves over is no number of 128 bits"
        check(other, proof)
    forged = replace(exchange.attestation, totals={**exchange.attestation.totals, "BTC": TotalTold("hidden", told)})
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(exchange.seen(forged), proof)
    with not_absorbed("context"), refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(exchange.seen(forged), proof)


def short_by_one() -> Claimed:
    return claimed(in_kind("BTC"), held={(POOL, "BTC"): TOTALS["BTC"] - 1})


def forged_after_x(exchange: Claimed, transcript: Transcript) -> bytes:
    """A proof of a false row whose commitment E is computed last.

    Two digits u, v with u + 2^k v = x s make the link hold, for the true and negative s; u (u - x) + y^k v (v - x) = 0
    makes 3.5c hold; and E is what 3.5a then asks for.
    """
    [row], [opening] = exchange.statement.rows, [exchange.openings[Total("BTC")]]
    s, gamma = row.value(exchange.values), row.hidden[0][1] * opening[1] % N
    y = transcript.challenge("y")
    D, T1, T0, DL = H, 2 * H, 3 * H, 4 * H
    for point in (D, T1, T0, DL):
        transcript.absorb_point("sigma", point)
    x = transcript.challenge("x")
    u, v, k = two_digits(s, x, y)
    z = (u, *[0] * (k - 1), v, *[0] * (BITS - 1 - k))
    sums = Point.from_sum(ENGINE.multiply_sum(bit_generators(BITS), b"".join(map(scalar_to_bytes, z))))
    E = pow(x, -1, N) * (sums - D)
    parts = RowProof((), D, (), T1, T0, (DL,), z, 0, (), (2 * x + 3) % N, ((x * gamma + 4) % N,))
    return E.to_bytes() + parts.to_bytes()


def two_digits(s: int, x: int, y: int) -> tuple[int, int, int]:
    """u, v and k of ``forged_after_x``; half of all k have a solution."""
    for k in range(1, BITS):
        w, power = 1 << k, pow(y, k, N)
        v = quadratic_root(w * w + power, (w - 2 * w * s - power) * x, (s * s - s) * x * x)
        if v is not None:
            return (x * s - w * v) % N, v, k
    raise AssertionError("half of all numbers are squares")


def quadratic_root(a: int, b: int, c: int) -> int | None:
    """A root of a v^2 + b v + c mod n, or None."""
    root = square_root((b * b - 4 * a * c) % N)
    return None if root is None else (root - b) * pow(2 * a, -1, N) % N


def square_root(square: int) -> int | None:
    """Cipolla's algorithm mod n."""
    if pow(square, (N - 1) // 2, N) != 1:
        return None
    a = next(a for a in range(1, 1000) if pow(a * a - square, (N - 1) // 2, N) == N - 1)
    result, power, exponent = (1, 0), (a, 1), (N + 1) // 2
    while exponent:
        if exponent & 1:
            result = times(result, power, a * a - square)
        power, exponent = times(power, power, a * a - square), exponent >> 1
    return result[0]


def times(left: tuple[int, int], right: tuple[int, int], omega: int) -> tuple[int, int]:
    """Of two numbers u + v sqrt(omega)."""
    real = left[0] * right[0] + left[1] * right[1] * omega
    return real % N, (left[0] * right[1] + left[1] * right[0]) % N


def test_the_rows_are_absorbed() -> None:
    """With x known before E, even what is one unit short is "proven"."""
    exchange = short_by_one()
    slacks = exchange.statement.slacks(ENGINE)
    digest = generators_digest(ENGINE, bit_generators(BITS))
    proof = forged_after_x(exchange, open_transcript(exchange.statement, slacks, digest))
    with not_absorbed("row"):
        check(exchange.statement, proof)
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(exchange.statement, proof)


@contextmanager
def slacks_from_the_proof(believed: tuple[Point, ...]) -> Iterator[None]:
    """A verifier that reads the S_i instead of computing them."""
    with patch.object(ClaimsStatement, "slacks", lambda self, engine: believed):
        yield


def test_the_slacks_are_computed() -> None:
    exchange, rich = short_by_one(), claimed(in_kind("BTC"))
    other = replace(rich.statement, context=exchange.statement.context)
    proof = ClaimsCheat(other, rich.openings).prove()
    with slacks_from_the_proof(other.slacks(ENGINE)):
        check(exchange.statement, proof)
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(exchange.statement, proof)


@pytest.mark.parametrize("reference", [Total("BTC"), Holding(POOL, "ETH")])
def test_another_commitment_than_the_signed_one(reference: Reference) -> None:
    exchange, proof = honest()
    statement = with_commitment(exchange.statement, reference, exchange.commitments[reference] + G)
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(statement, proof)


# Rows of the statement in another number or order.


def test_rows_in_another_order() -> None:
    exchange, proof = honest()
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(replace(exchange.statement, rows=exchange.statement.rows[::-1]), proof)


def test_rows_in_another_order_are_linked_to_others() -> None:
    exchange = claimed(in_kind("BTC", "ETH"))
    swapped = replace(exchange.statement, rows=exchange.statement.rows[::-1])
    with not_absorbed("slack"), refused(Rejected, "E_PROOF", step="3.5d", where=f"{PROOF}, link 0"):
        check(swapped, exchange.prove())


@pytest.mark.parametrize(
    ("order", "kind", "code", "step"),
    [
        ((1, 0, 2, 3), Rejected, "E_PROOF", "3.5a"),
        ((0, 0, 2, 3), Rejected, "E_PROOF", "3.5a"),
        ((1, 2, 3, 0), Rejected, "E_PROOF", "3.5a"),
        ((0, 1, 2), Malformed, "E_LENGTH", "6"),
        ((0, 1, 2, 3, 3), Malformed, "E_LENGTH", "6"),
    ],
    ids=["swapped", "doubled", "rotated", "dropped", "one more"],
)
def test_rows_of_the_file(order: tuple[int, ...], kind: type[Rejected] | type[Malformed], code: str, step: str) -> None:
    exchange = claimed()
    assert len(exchange.statement.rows) == 4
    with refused(kind, code, step=step, where=PROOF):
        check(exchange.statement, with_rows(exchange.prove(), 4, order))


@pytest.mark.parametrize("count", [1, 3])
def test_a_proof_of_fewer_or_more_rows(count: int) -> None:
    """As many rows as are derived: the file does not say how many there are."""
    two, other = claimed(in_kind("BTC", "ETH")), claimed(in_kind(*("BTC", "ETH", "USDT")[:count]))
    with refused(Malformed, "E_LENGTH", step="6", where=PROOF):
        check(two.statement, other.prove())


# The file.


def test_missing_where_something_is_hidden() -> None:
    with refused(Rejected, "E_BINDING", step="6", where=PROOF):
        check(honest()[0].statement, None)


@pytest.mark.parametrize("proof", [b"", bytes(100)], ids=["empty", "not empty"])
def test_present_where_nothing_is_hidden(proof: bytes) -> None:
    exchange = claimed(hidden_totals=frozenset())
    check(exchange.statement, None)
    with refused(Rejected, "E_BINDING", step="6", where=PROOF):
        check(exchange.statement, proof)


@pytest.mark.parametrize("change", [-33, -32, -1, 1, 32, 33])
def test_bytes_missing_and_left_over(change: int) -> None:
    exchange, proof = honest()
    with refused(Malformed, "E_LENGTH", step="6", where=PROOF):
        check(exchange.statement, proof[:change] if change < 0 else proof + bytes(change))


def test_an_empty_file() -> None:
    with refused(Malformed, "E_LENGTH", step="6", where=PROOF):
        check(honest()[0].statement, b"")


POINTS = {
    "identity": bytes(33),
    "identity as one byte padded": b"\x00" + bytes(32),
    "off the curve": b"\x02" + (5).to_bytes(32, "big"),
    "not reduced": b"\x02" + (P + 1).to_bytes(32, "big"),
    "uncompressed": b"\x04" + bytes(32),
    "hybrid": b"\x06" + G.to_bytes()[1:],
    "all ones": b"\xff" * 33,
}


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("row", [0, 13])
def test_a_row_that_is_no_point(name: str, row: int) -> None:
    exchange, proof = honest()
    assert len(exchange.statement.rows) == 14
    at = POINT * row
    with refused(Malformed, "E_POINT", where=f"{PROOF}: E[{row}]"):
        check(exchange.statement, proof[:at] + POINTS[name] + proof[at + POINT :])


def test_a_response_that_is_not_reduced() -> None:
    exchange, proof = honest()
    with refused(Malformed, "E_SCALAR", where=f"{PROOF}: zl[0]"):
        check(exchange.statement, proof[:-32] + N.to_bytes(32, "big"))


def fields() -> list[tuple[str, int]]:
    """(name, first byte) of one item of each field of the proof, for 14 rows and four rounds."""
    exchange, _ = honest()
    shape, position, found = exchange.statement.shape, 0, []
    counts = [("E", 14, POINT), ("alpha", shape.variables, POINT), ("D", 1, POINT), ("D_t", shape.variables, POINT)]
    counts += [("T1", 1, POINT), ("T0", 1, POINT), ("DL", 1, POINT), ("z", BITS, 32), ("z_delta", 1, 32)]
    counts += [("rounds", 3 * shape.variables, 32), ("z_T", 1, 32), ("zl", 1, 32)]
    for name, count, size in counts:
        found.append((name, position))
        position += count * size
    assert position == exchange.statement.proof_size
    return found


STEPS = {"E": "3.5a", "alpha": "3.5a", "D": "3.5a", "D_t": "3.5a", "T1": "3.5a", "T0": "3.5a", "DL": "3.5a",
         "z": "3.5a", "z_delta": "3.5a", "rounds": "3.5b", "z_T": "3.5c", "zl": "3.5d"}  # fmt: skip
"""Where the first refusal names a change: of what is absorbed everything after it changes, first the opening."""


@pytest.mark.parametrize("name", STEPS)
def test_every_field_is_checked(name: str) -> None:
    exchange, proof = honest()
    at = dict(fields())[name]
    is_point = STEPS[name] == "3.5a" and name not in ("z", "z_delta")
    size = POINT if is_point else 32
    item = proof[at : at + size]
    changed = (Point.from_bytes(item) + G).to_bytes() if is_point else scalar_to_bytes((int.from_bytes(item) + 1) % N)
    with refused(Rejected, "E_PROOF", step=STEPS[name]):
        check(exchange.statement, proof[:at] + changed + proof[at + size :])


def test_a_statement_over_the_schema_of_another_book() -> None:
    exchange = claimed(in_kind("BTC"))
    other = replace(exchange.quantities.schema, policy="aa" * 32)
    with refused(Rejected, "E_BINDING", step="4", where="schema.json"):
        signed_quantities(exchange.attestation, other)


def test_two_runs_of_one_epoch_have_contexts_of_their_own() -> None:
    exchange = claimed(in_kind("BTC"))
    again = replace(exchange.attestation, identity=replace(exchange.attestation.identity, nonce="cd" * 32))
    assert again.claims_context != exchange.attestation.claims_context
