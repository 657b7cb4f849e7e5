"""Step 9: what becomes of each claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.epochs import CLAIMS, COVERAGE_Z, Epoch, audited, policy_document, statuses, without
from tests.support.markets import HOLDINGS, POOL, claim, coverage
from tests.support.refusals import refused
from verifier.attestation import Attestation
from verifier.errors import Rejected
from verifier.group import G
from verifier.markets.descriptors import Claim

HIDDEN: dict[str, Any] = {"modes": ("hidden", "public", "hidden"), "hidden_custody": True}
TIERS = [{"from": "0", "bps": 10000}, {"from": "1000", "bps": 9900}, {"from": "2000000", "bps": 5000}]


def test_public_figures_are_added_up(public: Path) -> None:
    report = audited(Epoch(), public)
    assert set(statuses(report).values()) == {"public"}
    assert list(statuses(report)) == ["held:BTC", "held:ETH", "held:USDT", "coverage", "crash", "bitcoin"]
    coverage_claim = report.claims[3]
    assert coverage_claim.rows[0].constant == COVERAGE_Z
    assert coverage_claim.sentence == "After discounts, holdings are worth at least 100 % of all that is owed."


def test_hidden_ones_are_proven(hidden: Path) -> None:
    found = statuses(audited(Epoch(), hidden))
    assert found.pop("held:ETH") == "public"
    assert set(found.values()) == {"proven"}


def test_a_claim_left_out_is_not_claimed(tmp_path: Path) -> None:
    report = audited(Epoch(claims=without("crash")), tmp_path / "1")
    assert (report.overall, statuses(report)["crash"]) == ("INCOMPLETE", "not_claimed")
    assert '"After discounts' in report.claims[4].sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: (*claims[1:], claims[0]),
        lambda claims: (*claims, Claim.from_json(coverage("more", k=9000), "more")),
        lambda claims: (*claims[:3], Claim.from_json(coverage(k=9000), "coverage"), *claims[4:]),
    ],
    ids=["in another order", "invented", "changed"],
)
def test_claims_that_are_not_the_policy_s(tmp_path: Path, change: Any) -> None:
    epoch = Epoch(attestation=lambda a: replace(a, claims=change(a.claims)))
    with refused(Rejected, "E_CLAIM"):
        audited(epoch, tmp_path / "1")


def test_a_claim_that_public_figures_contradict(tmp_path: Path) -> None:
    report = audited(Epoch(amounts={**HOLDINGS, "ETH": 52500000000}), tmp_path / "1")
    assert report.overall == "FAILED"
    assert statuses(report)["held:ETH"] == "failed"
    failed = report.claims[1]
    assert (failed.code, failed.reason) == ("E_CLAIM", "the public figures say otherwise: held:ETH/ETH")
    assert report.codes == ("E_CLAIM",)


def test_one_unit_less_is_already_too_little(tmp_path: Path) -> None:
    """The example holds 1 unit of ether less than is owed, then exactly as much."""
    enough = audited(Epoch(amounts={**HOLDINGS, "ETH": 52500000001}), tmp_path / "enough")
    assert statuses(enough)["held:ETH"] == "public"


class TestProof:
    """claims.proof is there exactly where something is hidden, and holds for these claims only."""

    def test_one_that_was_altered(self, tmp_path: Path) -> None:
        def alter(files: dict[str, bytes]) -> dict[str, bytes]:
            proof = files["claims.proof"]
            return {**files, "claims.proof": proof[:-1] + bytes([proof[-1] ^ 1])}

        report = audited(Epoch(**HIDDEN, files=alter), tmp_path / "1")
        found = statuses(report)
        assert (report.overall, report.codes, found["held:ETH"]) == ("FAILED", ("E_PROOF",), "public")
        assert {status for name, status in found.items() if name != "held:ETH"} == {"failed"}

    def test_one_of_another_length(self, tmp_path: Path) -> None:
        longer = Epoch(**HIDDEN, files=lambda files: {**files, "claims.proof": files["claims.proof"] + b"\0"})
        assert audited(longer, tmp_path / "1").codes == ("E_LENGTH",)

    def test_none(self, tmp_path: Path) -> None:
        def drop(files: dict[str, bytes]) -> dict[str, bytes]:
            return {name: data for name, data in files.items() if name != "claims.proof"}

        with refused(Rejected, "E_BINDING", step="6"):
            audited(Epoch(**HIDDEN, files=drop), tmp_path / "1")

    def test_one_too_many(self, tmp_path: Path) -> None:
        with refused(Rejected, "E_BINDING", step="6"):
            audited(Epoch(files=lambda files: {**files, "claims.proof": b"\0" * 99}), tmp_path / "1")

    def test_one_for_other_figures(self, tmp_path: Path) -> None:
        """Everything is as it was proven but the expiry, which is signed too: the proof is bound to all of it."""
        later = Epoch(**HIDDEN, attestation=lambda a: replace(a, expires_at=a.expires_at - 1))
        assert audited(later, tmp_path / "1").codes == ("E_PROOF",)


class TestPortions:
    """A table splits a hidden holding into portions, which the exchange commits to."""

    def epoch(self, **changes: Any) -> Epoch:
        policy = policy_document(
            claims=[coverage()],
            tables={"dollars": {"kind": "concave", "tiers": TIERS}},
            haircuts={POOL: {"BTC": 500, "ETH": 1000, "USDT": "dollars"}},
        )
        return Epoch(policy=policy, scenarios=None, **HIDDEN, **changes)

    def test_they_are_committed_to(self, tmp_path: Path) -> None:
        report = audited(self.epoch(), tmp_path / "1")
        assert statuses(report) == {"coverage": "proven"}
        assert sorted(report.book.attestation.aux) == [f"coverage/USDT/y{k}" for k in range(3)]

    @pytest.mark.parametrize("change", ["one more", "one less"])
    def test_other_ones_than_the_claims_create(self, tmp_path: Path, change: str) -> None:
        def alter(a: Attestation) -> Attestation:
            aux = {**a.aux, "coverage/USDT/y3": G}
            return replace(a, aux=aux if change == "one more" else dict(list(a.aux.items())[1:]))

        with refused(Rejected, "E_AUX", step="6", where="aux"):
            audited(self.epoch(attestation=alter), tmp_path / "1")


def test_kinds_of_a_later_version_are_unsupported(tmp_path: Path) -> None:
    later = claim("fund", "fund-oi", pools=[POOL], instruments=["BTC"], k=10000)
    report = audited(Epoch(policy=policy_document(claims=[*CLAIMS, later])), tmp_path / "1")
    assert (report.overall, statuses(report)["fund"]) == ("INCOMPLETE", "unsupported")
    assert report.codes == ()


def test_a_claim_that_cannot_be_formed_leaves_the_others_unproven(tmp_path: Path) -> None:
    haircuts = {POOL: {"BTC": 500, "USDT": 0}}
    report = audited(Epoch(policy=policy_document(haircuts=haircuts), **HIDDEN), tmp_path / "1")
    found = statuses(report)
    assert (report.overall, found["coverage"], found["bitcoin"]) == ("FAILED", "failed", "unverified")
    assert report.codes == ("E_HAIRCUT",)


def test_claims_without_their_scenarios_fail(tmp_path: Path) -> None:
    report = audited(Epoch(scenarios=None), tmp_path / "1")
    assert (report.overall, report.codes, statuses(report)["crash"]) == ("FAILED", ("E_SCENARIO",), "failed")
