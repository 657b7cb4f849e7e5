"""Claims that do not hold. Each fools a verifier that lacks one check, and the real one refuses it.

Verifier: verifier/claims_proof.py, verifier/markets.  Provers that cheat: tests/support/cheat_claims.py.  Replay, bytes
and what the transcript binds: test_claims_binding.py.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest

from attest.claims_proof import prove_claims
from attest.secrets import Masks
from tests.support.cheat import Digits
from tests.support.cheat_claims import ClaimsCheat, digits
from tests.support.claims import REFERENCE, TABLED, Claimed, check, claimed, everything_hidden, in_kind
from tests.support.markets import HOLDINGS, POOL, TOTALS, asset, claim, column, coverage, policy, schema
from tests.support.refusals import refused
from tests.support.weak import mutated, without_step
from verifier.attestation import Total as TotalTold
from verifier.claims_proof import ClaimsStatement, signed_quantities
from verifier.errors import Rejected
from verifier.group import G
from verifier.hashing import N
from verifier.markets import claims, policy_rules
from verifier.markets.claims import Derivation, derive
from verifier.markets.linear import Aux, Held, Holding, Inequality, Total
from verifier.predicate import SignedHolding

PROOF = "claims.proof"
SHORT = {(POOL, "BTC"): TOTALS["BTC"] - 1}
"""One base unit less than is owed."""
OVER_CAP = claim("btc", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000)


def cheat(exchange: Claimed, rows: dict[int, Digits] | None = None) -> bytes:
    return ClaimsCheat(exchange.statement, exchange.openings, rows or {}).prove()


def position(exchange: Claimed, label: str) -> int:
    """Of the row with this label."""
    return [row.label for row in exchange.statement.rows].index(label)


def test_the_honest_twin_of_the_cheat_is_accepted() -> None:
    exchange = everything_hidden()
    check(exchange.statement, cheat(exchange))


# Values that are no numbers of 128 bits: 3.5c. Values that are not what is claimed: 3.5d.


def test_short_by_one_unit_is_below_zero() -> None:
    exchange = claimed(in_kind("BTC"), held=SHORT)
    proof = cheat(exchange)
    with without_step("3.5c"):
        check(exchange.statement, proof)
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(exchange.statement, proof)


@pytest.mark.parametrize("told", [0, 10000, 2**128 - 1])
def test_short_by_one_unit_under_a_row_that_says_otherwise(told: int) -> None:
    exchange = claimed(in_kind("BTC"), held=SHORT)
    proof = cheat(exchange, {0: digits(told)})
    with without_step("3.5d"):
        check(exchange.statement, proof)
    with refused(Rejected, "E_PROOF", step="3.5d", where=f"{PROOF}, link 0"):
        check(exchange.statement, proof)


def test_exactly_enough_is_proven() -> None:
    exchange = claimed(in_kind("BTC"), held={(POOL, "BTC"): TOTALS["BTC"]})
    check(exchange.statement, exchange.prove())


@pytest.mark.parametrize("label", ["held/BTC", "held/USDT", "coverage"])
def test_one_row_of_many_is_short(label: str) -> None:
    """The others hold: whichever row it is, neither its true value nor a false one passes."""
    held = {(POOL, sym): 3 * amount for sym, amount in HOLDINGS.items()}
    short = {"held/BTC": "BTC", "held/USDT": "USDT"}.get(label)
    held = {key: TOTALS[key[1]] - 1 if key[1] == short else amount for key, amount in held.items()}
    exchange = claimed(in_kind("BTC", "ETH", "USDT"), coverage(k=40000 if short is None else 10000), held=held)
    row = position(exchange, label)
    assert [one.label for one in exchange.statement.rows if one.value(exchange.values) < 0] == [label]
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(exchange.statement, cheat(exchange))
    with refused(Rejected, "E_PROOF", step="3.5d", where=f"{PROOF}, link 0"):
        check(exchange.statement, cheat(exchange, {row: digits(0)}))


def test_what_one_row_lacks_another_cannot_lend() -> None:
    """The values behind the rows add up to what is claimed, but each row is weighed by a challenge of its own."""
    exchange = claimed(in_kind("BTC", "ETH"), held={(POOL, "BTC"): TOTALS["BTC"] - 1, (POOL, "ETH"): HOLDINGS["ETH"]})
    short, over = (row.value(exchange.values) for row in exchange.statement.rows)
    assert short < 0 < short + over
    with refused(Rejected, "E_PROOF", step="3.5d", where=f"{PROOF}, link 0"):
        check(exchange.statement, cheat(exchange, {0: digits(0), 1: digits(short + over)}))


@pytest.mark.parametrize("top", [2, -1 % N], ids=["2", "-1"])
def test_a_row_whose_digits_are_no_bits(top: int) -> None:
    """The value is right, written with a digit that is no bit."""
    exchange = claimed(in_kind("BTC"))
    value = exchange.statement.rows[0].value(exchange.values)
    row: Digits = [(value - (top << 127)) % N, *[0] * 126, top]
    with without_step("3.5c"):
        check(exchange.statement, cheat(exchange, {0: row}))
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(exchange.statement, cheat(exchange, {0: row}))


# Hidden values that are not bounded, or that nobody signed.


def test_a_hidden_holding_below_zero_without_its_range_row() -> None:
    """Bitcoin may be 60 % of holdings. Less than nothing of it leaves room for as much as one likes elsewhere."""
    held = {**{(POOL, sym): amount for sym, amount in HOLDINGS.items()}, (POOL, "BTC"): -(10**15)}
    exchange = claimed(OVER_CAP, held=held, hidden_holdings={(POOL, "BTC")})
    with patch.object(Derivation, "range_rows", ()):
        check(exchange.statement, cheat(exchange))
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(exchange.statement, cheat(exchange))
    assert exchange.statement.rows[0].hidden == ((Holding(POOL, "BTC"), 1),)


def test_a_portion_below_zero_without_its_range_row() -> None:
    """Every tier full, far beyond what there is, and the last one, which counts nothing, less than nothing."""
    exchange = everything_hidden()
    *tiers, last = (Aux(name) for name in exchange.derivation.aux)
    [split] = exchange.derivation.claims[-1].splits
    full = dict(zip(tiers, split.caps, strict=False))
    held = exchange.values[Holding(POOL, "BTC")]
    forged = replace_values(exchange, {**exchange.values, **full, last: held - sum(full.values())})
    below = [row.label for row in forged.statement.rows if row.value(forged.values) < 0]
    assert below == [f"{last.name} is not negative"]
    with patch.object(Derivation, "range_rows", ()):
        check(forged.statement, cheat(forged))
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(forged.statement, cheat(forged))


def test_a_portion_beyond_its_cap() -> None:
    """All bitcoin in the first tier, which counts in full: only the cap says no."""
    exchange = everything_hidden()
    first, rest = Aux("coverage/BTC/y0"), [Aux(f"coverage/BTC/y{k}") for k in (1, 2, 3)]
    everything = sum(exchange.values[x] for x in (first, *rest))
    values = {**exchange.values, first: everything, **dict.fromkeys(rest, 0)}
    forged = replace_values(exchange, values)
    row = position(forged, "coverage/BTC/y0 within its cap")
    with without_step("3.5c"):
        check(forged.statement, cheat(forged))
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(forged.statement, cheat(forged))
    with refused(Rejected, "E_PROOF", step="3.5d", where=f"{PROOF}, link 0"):
        check(forged.statement, cheat(forged, {row: digits(0)}))


def test_more_portions_than_there_is_to_split() -> None:
    exchange = everything_hidden()
    second = Aux("coverage/BTC/y1")
    forged = replace_values(exchange, {**exchange.values, second: exchange.values[second] + 1})
    assert [r.label for r in forged.statement.rows if r.value(forged.values) < 0] == ["coverage/BTC split"]
    with without_step("3.5c"):
        check(forged.statement, cheat(forged))
    with refused(Rejected, "E_PROOF", step="3.5c", where=PROOF):
        check(forged.statement, cheat(forged))


def replace_values(exchange: Claimed, values: dict[Any, int]) -> Claimed:
    """The same exchange, committing to other values."""
    forged = replace(exchange)
    forged.__dict__["values"] = values
    return forged


def test_an_unsigned_hidden_holding() -> None:
    """The lines come to public bitcoin alone; the exchange adds a commitment that no custodian signed."""
    honest = claimed(in_kind("BTC"), held=SHORT)
    from_the_lines = signed_quantities(honest.attestation, schema(honest.policy))
    rich = claimed(in_kind("BTC"), held={(POOL, "BTC"): HOLDINGS["BTC"]}, hidden_holdings={(POOL, "BTC")})
    check(rich.statement, rich.prove())
    derivation = derive(rich.market, from_the_lines, rich.claims)
    with refused(Rejected, "E_BINDING", step="6", where="claims"):
        ClaimsStatement.of(rich.attestation, derivation)


def test_a_hidden_holding_that_no_line_has() -> None:
    exchange = claimed(in_kind("BTC"))
    more = (*exchange.attestation.holdings, SignedHolding("spare", "BTC", 0, G))
    with refused(Rejected, "E_BINDING", step="6", where="claims"):
        ClaimsStatement.of(replace(exchange.attestation, holdings=more), exchange.derivation)


def test_commitments_that_cancel_each_other() -> None:
    """The holding is the total's own commitment: S would be the identity, whatever is owed."""
    exchange = claimed(in_kind("BTC"), hidden_holdings={(POOL, "BTC")})
    told = exchange.commitments[Total("BTC")]
    holdings = (SignedHolding(POOL, "BTC", 0, told), *exchange.attestation.holdings[1:])
    statement = exchange.seen(replace(exchange.attestation, holdings=holdings))
    with refused(Rejected, "E_IDENTITY", step="6", where="claims: held/BTC"):
        statement.slacks(REFERENCE)
    with refused(Rejected, "E_IDENTITY", step="6", where="claims: held/BTC"):
        check(statement, bytes(statement.proof_size))


# Weights that wrap around the group's order.


def wrapping() -> Claimed:
    """Nothing is held; so much is owed that, times its price, it comes round to a small number mod n."""
    price = 2**95 + 1
    value = price * 10**24
    owed = next(t for m, t in convergents(N, value) if 0 < N * m - value * t < 2**128 and t > 2**100)
    told = policy(
        coverage(),
        assets={"BTC": asset(0)},
        haircuts={POOL: {"BTC": 0}},
        columns=[column("BTC", decimals=0, bits=128)],
        value_scale=24,
        price={"scale": 0, "min_sources": 2, "window_s": 60, "deviation_bps": 100, "basis_bps": 50},
    )
    return Claimed(told, {"BTC": owed}, held={}, hidden_totals={"BTC"}, accounts=1000, prices={"BTC": price})


def convergents(above: int, below: int) -> list[tuple[int, int]]:
    """(m, t) with t/m the best approximations of above/below."""
    found, (h0, k0), (h1, k1) = [], (0, 1), (1, 0)
    rest = Fraction(above, below)
    for _ in range(60):
        whole = rest.numerator // rest.denominator
        (h0, k0), (h1, k1) = (h1, k1), (whole * h1 + h0, whole * k1 + k0)
        found.append((k1, h1))
        rest = 1 / (rest - whole)
    return found


def test_weights_that_wrap() -> None:
    with mutated(Inequality.row, "size >= MAGNITUDE", "False"):
        exchange = wrapping()
        [row] = exchange.statement.rows
        z = row.value(exchange.values)
        assert z < -(2**255), "not even close"
        assert 0 < z % N < 2**128
        check(exchange.statement, cheat(exchange, {0: digits(z % N)}))
    with refused(Rejected, "E_BOUND", where="coverage"):
        wrapping().seen(wrapping().attestation)


# Claims, columns, names and prices that are left out or doubled.


def test_a_claim_left_out() -> None:
    """The attestation does not make the claim that fails: the proof of the others is no proof of the policy's list."""
    exchange = claimed(made={"held"})
    everything = derive(exchange.market, exchange.quantities)
    check(exchange.statement, exchange.prove())
    with refused(Rejected, "E_CLAIM", step="6", where="claims"):
        ClaimsStatement.of(exchange.attestation, everything)


def test_a_claim_that_is_not_the_policys() -> None:
    exchange = claimed(in_kind("BTC"))
    weaker = claimed(in_kind("BTC", k=5000)).claims
    with refused(Rejected, "E_CLAIM", where="claims: held"):
        exchange.seen(replace(exchange.attestation, claims=weaker))
    with refused(Rejected, "E_CLAIM", step="6", where="claims"):
        ClaimsStatement.of(replace(exchange.attestation, claims=weaker), exchange.derivation)


def without_ether() -> Claimed:
    """Holds no ether and owes it; its book has no column for it."""
    exchange = claimed(coverage(), held={(POOL, sym): amount for sym, amount in HOLDINGS.items() if sym != "ETH"})
    kept = {name: total for name, total in exchange.totals.items() if name != "ETH"}
    return replace(exchange, totals=kept, hidden_totals=set(kept))


def test_a_column_left_out_of_the_book() -> None:
    exchange = without_ether()
    whole = schema(exchange.policy)
    book = replace(whole, columns=tuple(c for c in whole.columns if c.name != "ETH"))
    quantities = replace(exchange.quantities, schema=book)
    with patch.object(claims, "require_columns", lambda policy, schema: None):
        assert [row.value(exchange.values) >= 0 for row in derive(exchange.market, quantities).hidden_rows()] == [True]
    with refused(Rejected, "E_SCHEMA", where="schema.json"):
        derive(exchange.market, quantities)


def test_a_column_left_out_of_the_totals() -> None:
    exchange = without_ether()
    with refused(Rejected, "E_TOTAL", step="4", where="totals"):
        signed_quantities(exchange.attestation, schema(exchange.policy))
    told = replace(exchange.attestation, totals={**exchange.attestation.totals, "ETH": TotalTold("none")})
    with refused(Rejected, "E_TOTAL", step="4", where="totals: ETH"):
        signed_quantities(told, schema(exchange.policy))


def test_a_pledge_that_is_not_told() -> None:
    """A collateral column may be left out, but not where a claim reads it."""
    ltv = claim("loans", "ltv", collateral=["BTC:pledged"], debt=["USDT:debt"], l=9000)
    columns = [column("BTC:pledged", kind="collateral"), column("USDT:debt", kind="debt")]
    told = policy(ltv, columns=columns, haircuts={"loans": {"BTC": 500}})
    exchange = Claimed(told, {"BTC:pledged": 10**8, "USDT:debt": 10**9}, {}, {"BTC:pledged", "USDT:debt"})
    check(exchange.statement, exchange.prove())
    hushed = replace(exchange.attestation, totals={**exchange.attestation.totals, "BTC:pledged": TotalTold("none")})
    with refused(Rejected, "E_TOTAL", where="totals: BTC:pledged"):
        exchange.seen(hushed)


def two_names() -> Claimed:
    """Bitcoin may be 60 % of holdings: half of it is called XBT."""
    unit = {"bip122:000000000019d6689c085ae165831e93/slip44:0": 8}
    told = policy(
        OVER_CAP,
        assets={"BTC": asset(units=unit), "XBT": asset(units=unit)},
        haircuts={POOL: {"BTC": 0, "XBT": 0}},
        columns=[column("BTC")],
    )
    held = {(POOL, "BTC"): 5 * 10**7, (POOL, "XBT"): 5 * 10**7}
    return Claimed(
        told,
        {"BTC": 10**8},
        held,
        hidden_holdings=set(held),
        prices={"BTC": 11577000, "XBT": 11577000},
        hidden_totals=set(),
    )


def test_two_names_for_one_asset() -> None:
    with mutated(policy_rules.check_units, "if unit in owners:", "if False:"):
        exchange = two_names()
        check(exchange.statement, exchange.prove())
    with refused(Rejected, "E_LINE_UNIT"):
        two_names()


@pytest.mark.parametrize("sym", ["BTC", "ETH"])
def test_a_missing_price(sym: str) -> None:
    """An asset without a price is not valued at nothing, though that would suit who owes it."""
    known = {name: price for name, price in claimed().prices.items() if name != sym}
    exchange = claimed(coverage(), prices=known)
    with refused(Rejected, "E_PRICE_MISSING", where=f"prices: {sym}"):
        ClaimsStatement.of(exchange.attestation, exchange.derivation)


@pytest.mark.parametrize("change", ["more", "less", "other"])
def test_auxiliary_values_are_exactly_those_of_the_claims(change: str) -> None:
    exchange = everything_hidden()
    aux = dict(exchange.attestation.aux)
    if change != "more":
        aux.pop("coverage/BTC/y1")
    if change != "less":
        aux["coverage/BTC/y9"] = G
    with refused(Rejected, "E_AUX", step="6", where="aux"):
        exchange.seen(replace(exchange.attestation, aux=aux))


# Public and hidden, switched.


def test_a_total_called_public_after_the_proof() -> None:
    exchange = claimed(in_kind("BTC"))
    told = {**exchange.attestation.totals, "BTC": TotalTold("public", TOTALS["BTC"])}
    switched = replace(exchange.attestation, totals=told)
    with refused(Rejected, "E_BINDING", step="6", where="claims"):
        ClaimsStatement.of(switched, exchange.derivation)
    statement = exchange.seen(switched)
    assert statement.rows == ()
    with refused(Rejected, "E_BINDING", step="6", where=PROOF):
        check(statement, exchange.prove())


def test_another_public_number_than_the_signed_one() -> None:
    exchange = claimed(in_kind("BTC"), held=SHORT)
    richer = replace(exchange.quantities, holdings={(POOL, "BTC"): Held(HOLDINGS["BTC"])})
    derivation = derive(exchange.market, richer)
    rows = derivation.hidden_rows()
    believed = replace(exchange.statement, rows=rows)
    check(believed, prove_claims(believed, exchange.openings, Masks(b"p" * 32), REFERENCE))
    with refused(Rejected, "E_BINDING", step="6", where="claims"):
        ClaimsStatement.of(exchange.attestation, derivation)


def test_a_hidden_part_beside_a_public_one() -> None:
    """A holding of both kinds: the public part is in the constant, the hidden one has its range row."""
    exchange = claimed(in_kind("BTC"), hidden_holdings={(POOL, "BTC")}, public_part=10**8, rules=TABLED)
    assert [row.constant for row in exchange.statement.rows] == [0, 10**12]
    check(exchange.statement, exchange.prove())
    less = (
        SignedHolding(POOL, "BTC", 10**8 - 1, exchange.attestation.holdings[0].hidden),
        *exchange.attestation.holdings[1:],
    )
    other = exchange.seen(replace(exchange.attestation, holdings=less))
    with refused(Rejected, "E_PROOF", step="3.5a", where=PROOF):
        check(other, exchange.prove())
