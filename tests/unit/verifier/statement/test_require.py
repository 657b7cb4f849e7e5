"""What a reader asks for, against what the policy of the worked example claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.epochs import CLAIMS, Epoch, audited, policy_document, reader, without
from tests.support.markets import POOL, claim, coverage
from verifier.report import AuditReport
from verifier.schema import Schema
from verifier.statement.require import unmet
from verifier.trust.requirement import Requirement

MORE = (
    *CLAIMS,
    claim("apart", "mismatch", assets=["BTC"], theta=2000),
    claim("shaken", "scenario", base="apart", set="historic"),
    claim(
        "week", "ladder", horizon=604800, liquid={"USDT": 10000}, outflow=dict.fromkeys(("BTC", "ETH", "USDT"), 1000)
    ),
    claim("coins", "share-cap", syms=[], classes=["crypto"], pools=[], cap=10000),
    claim("cold-ether", "share-cap", syms=["ETH"], classes=[], pools=[POOL], cap=5000),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> AuditReport:
    """Everything claimed but the share of bitcoin; it is public, and it holds."""
    epoch = Epoch(policy=policy_document(claims=list(MORE)), claims=without("bitcoin"))
    return audited(epoch, tmp_path_factory.mktemp("require") / "1")


@pytest.mark.parametrize(
    ("kind", "asset", "min_k", "missing"),
    [
        ("coverage", "", 10000, ""),
        ("coverage", "", 0, ""),
        ("coverage", "", 10001, "it is claimed at 100 % only"),
        ("in-kind", "BTC", 10000, ""),
        ("in-kind", "*", 10000, ""),
        ("in-kind", "BTC", 10001, "it is claimed at 100 % only"),
        ("in-kind", "XRP", 10000, "no such claim is made"),
        ("mismatch", "BTC", 2000, ""),
        ("mismatch", "BTC", 2001, ""),
        ("mismatch", "BTC", 1999, "it is claimed at 20 % only"),
        ("mismatch", "ETH", 2000, "no such claim is made"),
        ("scenario", "", 10000, ""),
        ("scenario", "BTC", 2000, ""),
        ("scenario", "BTC", 1999, "it is claimed at 20 % only"),
        ("scenario", "ETH", 10000, "no such claim is made"),
        ("ladder", "", 0, ""),
        ("share-cap", "", 10000, ""),
        ("share-cap", "ETH", 5000, ""),
        ("share-cap", "ETH", 4999, "it is claimed at 50 %, 100 % only"),
        ("share-cap", "BTC", 10000, ""),
        ("share-cap", "BTC", 6000, "it is claimed at 100 % only"),
        ("ltv", "", 5000, "no such claim is made"),
        ("matched", "BTC", 0, "no such claim is made"),
    ],
)
def test_a_kind_is_met_at_its_rate_or_better(
    report: AuditReport, kind: str, asset: str, min_k: int, missing: str
) -> None:
    assert report.market is not None
    found = unmet([Requirement(kind, asset, min_k)], report.claims, report.book.schema, report.market.policy)
    assert [text.rpartition(": ")[2] for text in found] == ([missing] if missing else [])


def test_a_star_asks_for_every_asset_with_a_balance(report: AuditReport) -> None:
    assert report.market is not None
    found = unmet([Requirement("mismatch", "*", 2000)], report.claims, report.book.schema, report.market.policy)
    assert found == (
        "you ask for mismatch of ETH, at most 20 %: no such claim is made",
        "you ask for mismatch of USDT, at most 20 %: no such claim is made",
    )


def test_a_cap_on_some_pools_is_no_cap_on_all(tmp_path: Path) -> None:
    warm = claim("warm", "share-cap", syms=["BTC"], classes=[], pools=["warm"], cap=100)
    policy = policy_document(claims=[coverage(), warm], pools={POOL: "reserve", "warm": "reserve"})
    asked = reader(require=[{"kind": "share-cap", "asset": "BTC", "min_k": 6000}])
    report = audited(Epoch(policy=policy, scenarios=None), tmp_path / "1", reader=asked)
    assert report.overall == "INCOMPLETE"
    assert report.reasons == ("you ask for share-cap of BTC, at most 60 %: no such claim is made",)


def test_a_claim_that_fails_meets_nothing(tmp_path: Path) -> None:
    poor = {"BTC": 1, "ETH": 1, "USDT": 1}
    report = audited(Epoch(amounts=poor), tmp_path / "1")
    assert report.overall == "FAILED"
    assert [reason.partition(":")[0] for reason in report.reasons if "coverage" in reason] == [
        "the claim coverage does not hold"
    ]


def test_liabilities_alone_meet_nothing() -> None:
    found = unmet([Requirement("coverage", "", 10000)], (), Schema(Epoch().parsed.columns), None)
    assert found == ("you ask for coverage, at least 100 %: no such claim is made",)
