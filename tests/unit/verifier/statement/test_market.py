"""Steps 3 to 5: policy, scenarios, prices, and the book's columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.epochs import LASTS, QUOTES, TAKEN_AT, Epoch, audited, policy_document, sign, statuses
from tests.support.refusals import refused
from verifier import canonical
from verifier.attestation import Attestation
from verifier.errors import Malformed, Rejected
from verifier.schema import Column, Rule, Schema
from verifier.statement.market import require_schema


@pytest.mark.parametrize("tag", ["policy", "scenarios"])
@pytest.mark.parametrize("role", ["exchange", "observer", "nobody"])
def test_a_document_that_the_risk_role_did_not_sign(tmp_path: Path, tag: str, role: str) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where=f"{tag}.json"):
        audited(Epoch(signed_by={tag: (role,)}), tmp_path / "1")


def test_the_policy_of_another_exchange(tmp_path: Path) -> None:
    with refused(Rejected, "E_BINDING", where="policy: exchange"):
        audited(Epoch(policy=policy_document(exchange="other.example")), tmp_path / "1")


def test_a_policy_that_is_not_in_effect_yet(tmp_path: Path) -> None:
    with refused(Rejected, "E_POLICY_VERSION", where="policy: effective_epoch"):
        audited(Epoch(policy=policy_document(effective_epoch=2)), tmp_path / "1")
    assert audited(Epoch(policy=policy_document(effective_epoch=2), number=2), tmp_path / "2").overall == "QUALIFIED"


def test_an_attestation_lasts_no_longer_than_the_policy_allows(tmp_path: Path) -> None:
    assert audited(Epoch(), tmp_path / "exactly").overall == "QUALIFIED"
    with refused(Rejected, "E_EXPIRED", where="attestation: predicate: expires_at"):
        audited(Epoch(lasts=LASTS + 1), tmp_path / "longer")


def test_a_policy_of_a_later_version_decides_nothing(tmp_path: Path) -> None:
    later = sign("policy", policy_document(rules=[{"name": "margin"}]), "risk")

    def named(a: Attestation) -> Attestation:
        return replace(a, digests={**a.digests, "policy": later.digest})

    epoch = Epoch(files=lambda files: {**files, "policy.json": later.to_bytes()}, attestation=named)
    with refused(Rejected, "E_BINDING", where="schema.json: policy"):  # the book names the policy too
        audited(epoch, tmp_path / "1")


def test_the_scenarios_of_another_exchange(tmp_path: Path) -> None:
    document = {**(Epoch().scenarios or {}), "exchange": "other.example"}
    with refused(Rejected, "E_BINDING", where="scenarios: exchange"):
        audited(Epoch(scenarios=document), tmp_path / "1")


class TestPrices:
    """The published set is what the quotes come to, and each quote counts only as its source signed it."""

    def changed(self, **changes: Any) -> Epoch:
        """The set says something else than its quotes."""
        document = {**Epoch().price_set.to_json(), **changes}
        data = canonical.encode(document)

        def named(a: Attestation) -> Attestation:
            return replace(a, digests={**a.digests, "prices": canonical.digest(document)})

        return Epoch(files=lambda files: {**files, "prices.json": data}, attestation=named)

    def test_a_price_that_the_quotes_do_not_come_to(self, tmp_path: Path) -> None:
        prices = Epoch().price_set.to_json()["prices"]
        lie = {**prices, "BTC": {**prices["BTC"], "price": "11577001"}}
        with refused(Rejected, "E_BINDING", where="prices: BTC"):
            audited(self.changed(prices=lie), tmp_path / "1")

    @pytest.mark.parametrize(
        "change", [{"at": TAKEN_AT + 1}, {"policy": "ab" * 32}, {"scale": 3}, {"quote": "iso4217:EUR"}]
    )
    def test_prices_of_something_else(self, tmp_path: Path, change: dict[str, Any]) -> None:
        with refused(Rejected, "E_BINDING", where="prices"):
            audited(self.changed(**change), tmp_path / "1")

    def test_a_set_that_is_malformed(self, tmp_path: Path) -> None:
        with refused(Malformed, "E_TYPE"):
            audited(self.changed(at="now"), tmp_path / "1")

    def test_a_quote_that_its_source_did_not_sign_does_not_count(self, tmp_path: Path) -> None:
        """The exchange counts it all the same, and its prices are then not what the quotes come to."""
        with refused(Rejected, "E_BINDING", where="prices: BTC"):
            audited(Epoch(signed_by={"quote": ("exchange",)}), tmp_path / "1")

    def test_a_source_without_a_role_does_not_count(self, tmp_path: Path) -> None:
        quotes = {**QUOTES, "gamma": QUOTES["beta"]}
        report = audited(Epoch(quotes=quotes), tmp_path / "1")
        assert report.market is not None
        assert report.market.prices.prices["BTC"].n == 2

    def test_an_asset_without_a_price_fails_the_claims_that_value_it(self, tmp_path: Path) -> None:
        quotes = {source: {sym: p for sym, p in index.items() if sym != "ETH"} for source, index in QUOTES.items()}
        report = audited(Epoch(quotes=quotes), tmp_path / "1")
        assert report.overall == "FAILED"
        failed = {name for name, status in statuses(report).items() if status == "failed"}
        assert failed == {"coverage", "crash", "bitcoin"}
        assert report.codes == ("E_PRICE_MISSING",)
        coverage = next(result for result in report.claims if result.claim.name == "coverage")
        assert "E_PRICE_SOURCES" in coverage.reason


SCHEMA = Schema(Epoch().parsed.columns, (), Epoch().parsed.digest)


@pytest.mark.parametrize(
    "schema",
    [
        replace(SCHEMA, policy="ab" * 32),
        replace(SCHEMA, columns=SCHEMA.columns[:-1]),
        replace(SCHEMA, columns=(SCHEMA.columns[1], SCHEMA.columns[0], SCHEMA.columns[2])),
        replace(SCHEMA, columns=(*SCHEMA.columns, Column("slack", "", 0, 8, "slack"))),
        replace(SCHEMA, columns=(replace(SCHEMA.columns[0], bits=64), *SCHEMA.columns[1:])),
        replace(SCHEMA, rules=(Rule("none", (("BTC", 1),)),)),
        replace(SCHEMA, prices="ab" * 32),
        replace(SCHEMA, scenarios="ab" * 32),
    ],
)
def test_the_book_is_the_one_that_the_policy_describes(schema: Schema) -> None:
    require_schema(SCHEMA, Epoch().parsed)
    with refused(Rejected, "E_SCHEMA"):
        require_schema(schema, Epoch().parsed)
