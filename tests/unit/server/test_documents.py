"""Figures, claims and lines in words, from the documents alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server import backing
from server.backing import PROVED, STATED, WITHHELD, Claim
from server.documents import Documents
from tests.support.claims import Claimed, claimed
from tests.support.markets import claim, coverage
from tests.support.refusals import refused
from tests.support.site import FROZEN, KEY
from tests.support.snapshots import bitcoin, custody, legacy, sign, snapshot, validator, vouched
from verifier.amounts import format_amount
from verifier.errors import Rejected
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenario, Scenarios


def test_the_frozen_book() -> None:
    documents = Documents.read(FROZEN / "1")
    figures = {figure.id: figure for figure in documents.figures()}
    assert figures["accounts"].status == PROVED
    assert (figures["total:BTC:debt"].value, figures["total:BTC:debt"].status) == ("0.00000363", PROVED)
    assert (figures["total:BTC"].value, figures["total:BTC"].status) == ("", WITHHELD)
    assert documents.claims() == ()
    assert documents.lines() == ()
    documents.require_signature(KEY)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        documents.require_signature(bytes(31) + b"\x01")


@pytest.fixture(scope="module")
def exchange() -> Claimed:
    """In kind and coverage, one holding hidden."""
    return claimed(hidden_holdings={next(iter(claimed().held))})


def test_holdings_are_stated_and_never_proved(exchange: Claimed) -> None:
    found = list(backing.holdings(exchange.attestation, exchange.policy))
    assert len(found) == len(exchange.held)
    hidden = {f"holding:{pool}:{sym}" for pool, sym in exchange.hidden_holdings}
    for figure, holding in zip(found, exchange.attestation.holdings, strict=True):
        if figure.id in hidden:
            assert (figure.value, figure.status) == ("", WITHHELD)
            continue
        decimals = exchange.policy.assets[holding.asset].decimals
        assert (figure.value, figure.status) == (format_amount(holding.public, decimals), STATED)
        assert figure.unit == holding.asset


def test_claims_in_words(exchange: Claimed) -> None:
    found = backing.claims(exchange.attestation, exchange.policy, None)
    assert [one.name for one in found] == [one.name for one in exchange.attestation.claims]
    assert all(one.status == PROVED and one.sentence.endswith(".") for one in found)
    told = "After discounts, holdings are worth at least 100 % of all that is owed."
    assert found[-1] == Claim("coverage", "coverage", told, PROVED)


def test_scenarios_are_named() -> None:
    shocks = dict.fromkeys(claimed().policy.assets, 0)
    days = (Scenario("Black Thursday", dict(shocks), {}, {}), Scenario("Dull Friday", dict(shocks), {}, {}))
    exchange = claimed(coverage(), claim("stress", "scenario", base="coverage", set="days"), sets={"days": days})
    scenarios = Scenarios(exchange.exchange, 1, {"days": days})
    told = backing.claims(exchange.attestation, exchange.policy, scenarios)[-1].sentence
    assert "Black Thursday and Dull Friday" in told


def test_an_epoch_with_everything() -> None:
    """The frozen epoch with policy, prices, collateral, scenarios and claims."""
    documents = Documents.read(FROZEN.parents[1] / "v2" / "epochs" / "2")
    claims = {one.name: one.sentence for one in documents.claims()}
    assert list(claims) == [one.name for one in documents.attestation.claims]
    assert claims["bitcoin"] == "BTC is at most 60 % of holdings."
    assert claims["days"].endswith("also holds in 2020-03-12 and 2022-05-11.")
    figures = {one.id: (one.value, one.status) for one in documents.figures()}
    assert figures["holding:fund:USDT"] == ("1000", STATED)
    assert figures["holding:cold:BTC"] == ("", WITHHELD)
    assert documents.snapshot is not None
    assert len(documents.lines()) == len(documents.snapshot.lines)


def test_without_a_policy_nothing_is_claimed() -> None:
    documents = Documents.read(FROZEN / "2")
    assert backing.claims(documents.attestation, None, None) == ()
    assert list(backing.holdings(documents.attestation, None)) == []
    assert backing.lines(None, None) == ()


def test_lines(exchange: Claimed) -> None:
    statement = custody()
    lines = [bitcoin(amount=150_000_000), legacy(), validator(), vouched(0, 0, statement)]
    found = backing.lines(snapshot(lines, [sign(statement, "custodian/vault")]), _with_units(exchange.policy))
    assert [line.kind for line in found] == ["address", "address", "validator", "custody"]
    assert [line.evidence for line in found] == ["bip137", "bip137, old message", "bls12381", "signed statement"]
    assert found[0].amount == "1.5"
    assert found[0].holder.startswith("bip122:")
    assert found[2].holder.startswith("eip155:1:0x")
    assert found[3].holder == "vault"


def _with_units(policy: Policy) -> Policy:
    """The policy, knowing the units of the sample lines."""
    from tests.support.snapshots import BTC, ETH

    units = {"BTC": {BTC: 8}, "ETH": {ETH: 18}}
    assets = {sym: replace(asset, units=units.get(sym, asset.units)) for sym, asset in policy.assets.items()}
    return replace(policy, assets=assets)
