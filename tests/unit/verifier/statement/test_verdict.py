"""The verdict: every trigger of FAILED, STALE, INCOMPLETE and QUALIFIED, and which of them comes first."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.support.epochs import (
    CLAIMS,
    CRASH,
    EXCHANGE,
    LASTS,
    NOW,
    QUOTES,
    REFERENCE,
    TAKEN_AT,
    Epoch,
    audited,
    policy_document,
    reader,
    root_document,
    statuses,
    without,
)  # fmt: skip
from tests.support.markets import HOLDINGS, POOL, claim, coverage
from tests.support.snapshots import STATIC, signer
from tests.support.wallets import Wallet
from verifier import audit
from verifier.collateral import AddressBacking, ChainHead, Line
from verifier.collateral.bitcoin import Lock
from verifier.statement import verdict
from verifier.statement.verdict import Findings
from verifier.trust.root import Root

WORDS = ("failed", "stale", "incomplete", "qualifiers")
OVERALL = ("FAILED", "STALE", "INCOMPLETE", "QUALIFIED")


class TestPrecedence:
    """The first that applies, whatever else does."""

    @pytest.mark.parametrize("found", [c for n in range(1, 5) for c in combinations(range(4), n)])
    def test_the_gravest_wins(self, found: tuple[int, ...]) -> None:
        findings = Findings(**{WORDS[i]: ("something",) for i in found})
        assert findings.overall == OVERALL[min(found)]

    def test_nothing_found_is_verified(self) -> None:
        assert Findings().overall == "VERIFIED"

    def test_reasons_begin_with_the_gravest(self) -> None:
        assert Findings(("a",), ("b",), ("c",), ("d",)).reasons == ("a", "b", "c")


class TestFailed:
    """A claim that does not hold."""

    def test_by_public_figures(self, tmp_path: Path) -> None:
        report = audited(Epoch(amounts={**HOLDINGS, "BTC": 174999999}), tmp_path / "1")
        assert report.overall == "FAILED"
        assert report.reasons[0].startswith("the claim held:BTC does not hold: ")

    def test_outranks_an_expired_attestation(self, tmp_path: Path) -> None:
        epoch = Epoch(amounts={**HOLDINGS, "BTC": 1})
        assert audited(epoch, tmp_path / "1", now=TAKEN_AT + 2 * LASTS).overall == "FAILED"


class TestStale:
    """A document that has expired at the moment of judging; the claims that rest on it are stale too."""

    @pytest.mark.parametrize(("now", "overall"), [(TAKEN_AT + LASTS - 1, "QUALIFIED"), (TAKEN_AT + LASTS, "STALE")])
    def test_the_attestation(self, public: Path, now: int, overall: str) -> None:
        report = audited(Epoch(), public, now=now)
        assert report.overall == overall
        assert set(statuses(report).values()) == {"public" if overall == "QUALIFIED" else "stale"}
        assert report.reasons == (() if overall == "QUALIFIED" else ("the attestation has expired",))

    def test_the_root_document(self, tmp_path: Path) -> None:
        short = root_document(expires_at=NOW + 10)
        from tests.support.epochs import sign

        epoch = Epoch(root=sign("root", short, "root-1", "root-2"))
        asked = reader(root=Root.from_json(short).digest)
        assert audited(epoch, tmp_path / "1", reader=asked, now=NOW + 9).overall == "QUALIFIED"
        report = audited(epoch, tmp_path / "1", reader=asked, now=NOW + 10)
        assert (report.overall, set(statuses(report).values())) == ("STALE", {"stale"})
        assert report.reasons[0].startswith("the root document has expired")

    def test_a_statement_that_counts(self, tmp_path: Path) -> None:
        """Only the claims that read its holding are stale."""
        epoch = Epoch(custody={"expires_at": NOW + 10})
        assert audited(epoch, tmp_path / "1", now=NOW + 9).overall == "QUALIFIED"
        report = audited(epoch, tmp_path / "1", now=NOW + 10)
        assert (report.overall, report.reasons) == ("STALE", ("the statement of custodian/vault has expired",))
        assert {name for name, status in statuses(report).items() if status == "public"} == {"held:BTC", "held:ETH"}

    def test_outranks_a_claim_that_is_not_made(self, tmp_path: Path) -> None:
        epoch = Epoch(claims=without("crash"))
        assert audited(epoch, tmp_path / "1").overall == "INCOMPLETE"
        assert audited(epoch, tmp_path / "1", now=TAKEN_AT + LASTS).overall == "STALE"


class TestIncomplete:
    """Not everything could be checked, or was claimed."""

    def test_a_claim_of_the_policy_is_not_made(self, tmp_path: Path) -> None:
        report = audited(Epoch(claims=without("bitcoin")), tmp_path / "1")
        assert (report.overall, len(report.reasons)) == ("INCOMPLETE", 1)
        assert report.reasons[0].startswith("the claim bitcoin is not claimed")

    def test_a_claim_is_unsupported(self, tmp_path: Path) -> None:
        netted = coverage("netted", net_debt=1)
        report = audited(Epoch(policy=policy_document(claims=[*CLAIMS, netted])), tmp_path / "1")
        assert (report.overall, statuses(report)["netted"]) == ("INCOMPLETE", "unsupported")

    def test_a_claim_is_unverified(self, public: Path) -> None:
        report = audit(public, signer("exchange").public_key, now=NOW, engine=REFERENCE)
        assert report.overall == "INCOMPLETE"

    def test_what_the_reader_asks_for_is_not_claimed(self, public: Path) -> None:
        asked = reader(require=[{"kind": "ltv", "asset": "", "min_k": 5000}])
        report = audited(Epoch(), public, reader=asked)
        assert (report.overall, report.reasons) == (
            "INCOMPLETE", ("you ask for ltv, at most 50 %: no such claim is made",),
        )  # fmt: skip

    def test_what_the_reader_asks_for_is_claimed_at_too_little(self, public: Path) -> None:
        asked = reader(require=[{"kind": "coverage", "asset": "", "min_k": 10001}])
        assert audited(Epoch(), public, reader=asked).overall == "INCOMPLETE"

    def test_without_a_reader_file_full_coverage_is_asked_for(self, tmp_path: Path) -> None:
        policy = policy_document(claims=[coverage(k=9999)])
        epoch = Epoch(policy=policy, scenarios=None)
        epoch.write(tmp_path / "1")
        report = audit(tmp_path / "1", now=NOW, engine=REFERENCE)
        assert report.overall == "INCOMPLETE"
        assert report.reasons == ("you ask for coverage, at least 100 %: it is claimed at 99.99 % only",)

    def test_the_previous_attestation_is_not_at_hand(self, tmp_path: Path) -> None:
        report = audited(Epoch(number=2, previous="ab" * 32), tmp_path / "2")
        assert (report.overall, report.reasons) == (
            "INCOMPLETE", ("the previous attestation was not found: give it with --previous",),
        )  # fmt: skip

    @pytest.mark.parametrize(("early", "overall"), [(300, "QUALIFIED"), (301, "INCOMPLETE")])
    def test_it_is_dated_in_the_future(self, public: Path, early: int, overall: str) -> None:
        assert audited(Epoch(), public, now=TAKEN_AT + 60 - early).overall == overall


def about(report: Any, words: str) -> list[str]:
    """The qualifiers that say this."""
    return [text for text in report.qualifiers if words in text]


def old_line(epoch: Epoch, lines: list[Line]) -> list[Line]:
    """The bitcoin line with a signature of a message that is always the same."""
    account = Wallet(4242).address(Lock.P2WPKH)
    backing = AddressBacking(account, "bip137", (Wallet(4242).bitcoin(STATIC, 39),), message=STATIC)
    return [replace(lines[0], backing=backing), *lines[1:]]


def with_legacy(rule: str) -> dict[str, Any]:
    base = policy_document()
    return {**base, "collateral": {**base["collateral"], "legacy": rule, "legacy_messages": [STATIC]}}


class TestQualified:
    """It holds, and a reader should know on what it rests."""

    def test_there_is_no_log_yet(self, public: Path) -> None:
        for asked in (reader(), reader(log="quorum none\n")):
            assert verdict.UNLOGGED in audited(Epoch(), public, reader=asked).qualifiers

    def test_no_reader_file(self, public: Path) -> None:
        report = audit(public, now=NOW, engine=REFERENCE)
        assert report.overall == "QUALIFIED"
        assert verdict.ONLY_COVERAGE in report.qualifiers

    def test_first_contact(self, public: Path) -> None:
        assert verdict.FIRST_CONTACT in audited(Epoch(), public, reader=reader(root="")).qualifiers

    def test_legacy_lines_that_count(self, tmp_path: Path) -> None:
        report = audited(Epoch(policy=with_legacy("count"), lines=old_line), tmp_path / "1")
        assert about(report, "1 line counted on older signatures")
        assert about(report, "bip122:000000000019d6689c085ae165831e93 were read 1 seconds from the snapshot")

    def test_a_legacy_line_whose_chain_is_not_named(self, tmp_path: Path) -> None:
        epoch = Epoch(policy=with_legacy("count"), lines=old_line)
        bare = replace(epoch.snapshot, chains={"eip155:1": ChainHead(1, "ab" * 32, TAKEN_AT)})
        epoch.__dict__["snapshot"] = bare
        assert about(audited(epoch, tmp_path / "1"), "at a block that is not named")

    def test_legacy_lines_that_are_only_reported(self, tmp_path: Path) -> None:
        report = audited(Epoch(policy=with_legacy("report"), lines=old_line), tmp_path / "1")
        assert about(report, "1 line of older evidence reported and not counted")
        assert report.lines["VALID"] == 3

    def test_amounts_that_the_exchange_alone_vouches_for(self, public: Path) -> None:
        assert verdict.ALONE in audited(Epoch(), public).qualifiers

    def test_amounts_that_others_vouch_for(self, tmp_path: Path) -> None:
        policy = policy_document(claims=[claim("held", "in-kind", assets=["USDT"], pools=[POOL], k=10000)])
        epoch = Epoch(policy=policy, scenarios=None, lines=lambda _, lines: lines[2:])
        assert verdict.ALONE not in audited(epoch, tmp_path / "1", reader=reader(require=[])).qualifiers

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"custody": {"exchange": "other.example"}}, "1 line INVALID (E_LINE_ENTRY)"),
            ({"custody": {"epoch": 0, "challenge": ""}}, "1 line INVALID (E_LINE_REPLAY)"),
            ({"custody": {"expires_at": TAKEN_AT}}, "1 line EXPIRED (E_EXPIRED)"),
            ({"custody": {"as_of": TAKEN_AT + 301}}, "1 line INVALID (E_FUTURE)"),
            ({"signed_by": {"custody": ("risk",)}}, "1 line INVALID (E_LINE_ENTRY)"),
        ],
    )
    def test_lines_that_are_not_valid(self, tmp_path: Path, change: dict[str, Any], words: str) -> None:
        policy = policy_document(claims=[claim("held", "in-kind", assets=["BTC"], pools=[POOL], k=10000)])
        report = audited(Epoch(policy=policy, scenarios=None, **change), tmp_path / "1", reader=reader(require=[]))
        assert report.overall == "QUALIFIED"
        assert about(report, words)

    def test_prices_that_are_models(self, tmp_path: Path) -> None:
        report = audited(Epoch(models={"ETH": "dcf/3"}), tmp_path / "1")
        assert about(report, "the price of ETH is a model: alpha: dcf/3; beta: dcf/3")

    def test_a_model_that_no_claim_reads_does_not_matter(self, tmp_path: Path) -> None:
        quotes = {source: {**index, "XRP": "50"} for source, index in QUOTES.items()}
        report = audited(Epoch(models={"XRP": "dcf/3"}, quotes=quotes), tmp_path / "1")
        assert not about(report, "model")

    def test_moves_that_are_assumed(self, tmp_path: Path) -> None:
        day = {**CRASH, "models": {"USDT": "assumed: no shock known on this day"}}
        scenarios = {
            "type": "solvent:scenarios/v1", "exchange": EXCHANGE, "version": 1, "sets": {"historic": [day]},
        }  # fmt: skip
        assert about(audited(Epoch(scenarios=scenarios), tmp_path / "1"), "crash rests on assumed moves of USDT")

    def test_keys_that_the_reader_has_not_pinned(self, public: Path) -> None:
        report = audited(Epoch(), public, reader=reader(pins={}))
        assert about(report, "keys that you have not pinned: custodian/vault")
        assert not about(audited(Epoch(), public), "pinned")

    def test_no_sealed_records(self, tmp_path: Path) -> None:
        assert verdict.NO_SEALED in audited(Epoch(sealed=False), tmp_path / "1").qualifiers

    def test_a_chain_that_begins_late(self, tmp_path: Path) -> None:
        assert about(audited(Epoch(number=3), tmp_path / "3"), "the chain begins at epoch 3")


class TestSinceLastEpoch:
    """Qualifiers that need the previous attestation."""

    def second(self, tmp_path: Path, first: Epoch, **changes: Any) -> Any:
        directory = first.write(tmp_path / "1")
        from verifier.epoch import open_directory

        payload = open_directory(directory, signer("exchange").public_key).payload
        epoch = Epoch(**{"number": 2, "previous": payload, "taken_at": TAKEN_AT + LASTS // 2, **changes})
        return audited(epoch, tmp_path / "2")

    def test_nothing_changed(self, tmp_path: Path) -> None:
        report = self.second(tmp_path, Epoch())
        assert (report.overall, report.qualifiers) == ("QUALIFIED", (verdict.UNLOGGED, verdict.ALONE))

    def test_another_policy(self, tmp_path: Path) -> None:
        report = self.second(tmp_path, Epoch(), policy=policy_document(version=2))
        assert about(report, "another policy than in the previous epoch")
        assert not about(report, "not at hand")

    def test_another_policy_and_the_last_one_is_gone(self, tmp_path: Path) -> None:
        first = Epoch(files=dict)
        directory = first.write(tmp_path / "1")
        (directory / "policy.json").write_bytes(b"junk")
        from verifier.epoch import open_directory

        payload = open_directory(directory, signer("exchange").public_key).payload
        epoch = Epoch(number=2, previous=payload, taken_at=TAKEN_AT + LASTS // 2, policy=policy_document(version=2))
        assert about(audited(epoch, tmp_path / "2"), "whether its version fell was not compared")

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            ({}, {"modes": ("hidden", "public", "public")}, "the total of BTC"),
            ({}, {"hidden_custody": True}, "the holding of USDT in cold"),
        ],
    )
    def test_less_is_disclosed(self, tmp_path: Path, before: dict[str, Any], after: dict[str, Any], words: str) -> None:
        report = self.second(tmp_path, Epoch(**before), **after)
        assert about(report, f"less is disclosed than in the previous epoch: {words}")

    def test_more_is_disclosed(self, tmp_path: Path) -> None:
        report = self.second(tmp_path, Epoch(modes=("hidden", "public", "public")))
        assert not about(report, "disclosed")
