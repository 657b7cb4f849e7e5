"""The claims argument, prover's side: what it refuses, what it tells, and that nothing secret leaves it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attest.claims_proof import describe, prove_claims, require_provable, row_values
from attest.secrets import Masks
from tests.support.claims import REFERENCE, check, claimed, everything_hidden, in_kind
from tests.support.engines import available, chosen
from tests.support.markets import HOLDINGS, POOL, TOTALS, coverage
from tests.support.refusals import refused
from verifier.engine import Engine
from verifier.errors import Malformed, Rejected
from verifier.markets.linear import Aux, Holding, Reference, Row, Total

MASKS = Masks(b"p" * 32)


def test_hidden_totals_holdings_and_portions(engine: Engine) -> None:
    exchange = everything_hidden()
    proof = exchange.prove(engine)
    assert len(proof) == exchange.statement.proof_size
    check(exchange.statement, proof, engine)


def test_one_row(engine: Engine) -> None:
    exchange = claimed(in_kind("BTC"))
    assert len(exchange.statement.rows) == 1
    check(exchange.statement, exchange.prove(engine), engine)


def test_a_row_worth_nothing(engine: Engine) -> None:
    """Exactly enough: Z = 0, and the row has no cell."""
    exchange = claimed(in_kind("BTC"), held={(POOL, "BTC"): TOTALS["BTC"]})
    assert row_values(exchange.statement, exchange.openings) == (0,)
    check(exchange.statement, exchange.prove(engine), engine)


def test_nothing_hidden_is_no_proof() -> None:
    exchange = claimed(hidden_totals=frozenset())
    assert exchange.statement.rows == ()
    assert exchange.prove() == b""


def test_short_by_one_unit(engine: Engine) -> None:
    exchange = claimed(in_kind("BTC"), held={(POOL, "BTC"): TOTALS["BTC"] - 1})
    assert row_values(exchange.statement, exchange.openings) == (-10000,)
    with refused(Rejected, "E_CLAIM", step="6", where="claims: held/BTC"):
        exchange.prove(engine)


def test_every_row_that_does_not_hold_is_named_and_no_amount() -> None:
    exchange = claimed(in_kind("BTC", "ETH", "USDT"), coverage(), held={(POOL, sym): 17 for sym in HOLDINGS})
    with pytest.raises(Rejected) as error:
        exchange.prove()
    assert "3 more rows: held/ETH, held/USDT, coverage" in str(error.value)
    assert not any(str(abs(value)) in repr(error.value) for value in (*TOTALS.values(), 17))


def test_a_value_that_does_not_fit() -> None:
    row = Row("z", ((Total("BTC"), 1),), 0)
    require_provable([row, row], [0, 2**128 - 1])
    with refused(Rejected, "E_CLAIM", step="6", where="claims: z"):
        require_provable([row], [2**128])


@pytest.mark.parametrize("reference", [Total("ETH"), Holding(POOL, "BTC"), Aux("coverage/BTC/y2")])
def test_openings_that_do_not_fit(reference: Total | Holding | Aux) -> None:
    exchange = everything_hidden()
    value, blinding = exchange.openings[reference]
    for other in ((value + 1, blinding), (value, blinding + 1)):
        with refused(Malformed, "E_OPENING", where=describe(reference)):
            prove_claims(exchange.statement, {**exchange.openings, reference: other}, MASKS, REFERENCE)
    missing = {x: opening for x, opening in exchange.openings.items() if x != reference}
    with refused(Malformed, "E_OPENING", where=describe(reference)):
        prove_claims(exchange.statement, missing, MASKS, REFERENCE)


def test_openings_that_no_row_reads_are_not_needed() -> None:
    exchange = claimed(in_kind("BTC"))
    only: dict[Reference, tuple[int, int]] = {Total("BTC"): exchange.openings[Total("BTC")]}
    check(exchange.statement, prove_claims(exchange.statement, only, MASKS, REFERENCE))


def test_two_proofs_share_nothing() -> None:
    """Masks and the blindings of rows are drawn anew: no E_i, point or response stands in both."""
    exchange = claimed()
    first, second = exchange.prove(), exchange.prove()
    size = 33 * len(exchange.statement.rows)
    assert not {first[i : i + 33] for i in range(0, size, 33)} & {second[i : i + 33] for i in range(0, size, 33)}
    scalars = [{proof[i : i + 32] for i in range(len(proof) - 32 * 128, len(proof), 32)} for proof in (first, second)]
    assert not scalars[0] & scalars[1]


def test_masks_are_hedged() -> None:
    """With a random source that repeats itself, another statement still draws other masks; the same one repeats."""
    stuck = Masks(b"p" * 32, bytes)
    exchange = claimed()
    other = replace(exchange, epoch=2)
    proofs = [prove_claims(x.statement, x.openings, stuck, REFERENCE) for x in (exchange, exchange, other)]
    assert proofs[0] == proofs[1]
    assert not {proofs[0][i : i + 33] for i in range(0, 132, 33)} & {proofs[2][i : i + 33] for i in range(0, 132, 33)}


def test_the_engines_agree() -> None:
    """With one random source both engines write the same bytes."""
    stuck = Masks(b"p" * 32, bytes)
    exchange = everything_hidden()
    proofs = set()
    for name in available():
        with chosen(name) as engine:
            proofs.add(prove_claims(exchange.statement, exchange.openings, stuck, engine))
    assert len(proofs) == 1
