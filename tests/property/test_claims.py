"""Claims over random small books: what is proven is true in exact arithmetic, and what is true and fits is proven."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from attest.claims_proof import prove_claims, row_values
from attest.secrets import Masks
from tests.support.claims import Claimed, check
from tests.unit.verifier.markets.test_claims_exactly import CLAIMS, World, exact, told, worlds
from verifier.engine import Engine
from verifier.errors import Rejected, SolventError
from verifier.markets.scenarios import Scenario

NAMES = [*CLAIMS, *(f"{name}#" for name in CLAIMS[1:])]
"""Every kind of book totals, and each that prices enter in a scenario."""


def exchange_of(world: World, name: str, hidden: frozenset[str], held: frozenset[tuple[str, str]]) -> Claimed:
    """An exchange in this world that makes one claim and hides these totals and holdings."""
    totals = {**world.owed, "BTC:pledged": world.pledged, "USDT:debt": world.debt}
    return Claimed(
        told(world),
        totals,
        world.held,
        hidden_totals=hidden & set(totals),
        hidden_holdings=held,
        sets={"s": (Scenario("day", world.shock, {}, {}),)},
        prices=world.price,
        made={name},
    )


TOTALS = st.frozensets(st.sampled_from(["BTC", "ETH", "USDT", "BTC:pledged", "USDT:debt"]))
HOLDINGS = st.frozensets(st.tuples(st.sampled_from("ab"), st.sampled_from(["BTC", "ETH", "USDT"])))


def holds(world: World, name: str) -> bool:
    """Whether the claim is true, in exact arithmetic."""
    return min(exact(world, name.rstrip("#"), name.endswith("#"))) >= 0


@pytest.mark.parametrize("name", NAMES)
@given(world=worlds(), totals=TOTALS, held=HOLDINGS)
@settings(max_examples=12)
def test_nothing_false_is_proven(
    engine: Engine, name: str, world: World, totals: frozenset[str], held: frozenset[tuple[str, str]]
) -> None:
    exchange = exchange_of(world, name, totals, held)
    [rows] = exchange.derivation.claims
    assert rows.failure is None
    values = row_values(exchange.statement, exchange.openings)
    if min(values, default=0) < 0:
        with pytest.raises(Rejected) as caught:
            exchange.prove(engine)
        assert caught.value.code == "E_CLAIM"
        return
    if exchange.statement.rows:
        check(exchange.statement, exchange.prove(engine), engine)
    assert rows.status == "failed" or holds(world, name), "an honest prover's numbers and yet false"


@pytest.mark.parametrize("name", NAMES)
@given(world=worlds(), totals=TOTALS, held=HOLDINGS)
@settings(max_examples=40)
def test_rounding_never_favours_the_prover(
    name: str, world: World, totals: frozenset[str], held: frozenset[tuple[str, str]]
) -> None:
    """Hidden or public, each proven Z in money units is at most the true one."""
    exchange = exchange_of(world, name, totals, held)
    [rows] = exchange.derivation.claims
    values = [row.value(exchange.values) for row in rows.rows if not row.label.endswith((" split", " within its cap"))]
    unit = Fraction(1) if name == "kind" else Fraction(10**world.scale)
    for value, true in zip(values, exact(world, name.rstrip("#"), name.endswith("#")), strict=True):
        assert value <= true * unit


@given(
    world=worlds(),
    totals=TOTALS.filter(bool),
    held=HOLDINGS,
    byte=st.floats(0, 1, exclude_max=True),
    bit=st.integers(0, 7),
)
@settings(max_examples=25)
def test_one_changed_bit_is_never_accepted(
    engine: Engine,
    world: World,
    totals: frozenset[str],
    held: frozenset[tuple[str, str]],
    byte: float,
    bit: int,
) -> None:
    exchange = exchange_of(replace(world, k=0, out=0), "cover", totals, held)
    assume(exchange.statement.rows)
    proof = bytearray(exchange.prove(engine))
    proof[int(byte * len(proof))] ^= 1 << bit
    with pytest.raises(SolventError):
        check(exchange.statement, bytes(proof), engine)


@given(world=worlds(), totals=TOTALS, held=HOLDINGS, public=st.integers(0, 3))
@settings(max_examples=20)
def test_everything_at_once(
    engine: Engine, world: World, totals: frozenset[str], held: frozenset[tuple[str, str]], public: int
) -> None:
    """All claims that can be proven, in one argument; a hidden holding may have a public part as well."""
    world = replace(world, held={key: amount + public for key, amount in world.held.items()})
    everything = replace(exchange_of(world, "", totals, held), public_part=public, made=None)
    provable = {
        rows.claim.name
        for rows in everything.derivation.claims
        if min((row.value(everything.values) for row in rows.rows), default=0) >= 0
    }
    exchange = replace(everything, made=provable)
    proof = prove_claims(exchange.statement, exchange.openings, Masks(b"p" * 32), engine)
    assert len(proof) == exchange.statement.proof_size
    check(exchange.statement, proof or None, engine)
    assert all(holds(world, name) for name in provable)
