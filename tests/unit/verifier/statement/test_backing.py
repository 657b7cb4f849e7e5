"""Steps 6 and 7: the snapshot, a verdict on every line, and the holdings they come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.epochs import REFERENCE, Epoch, audited, envelope, policy_document, reader, sign
from tests.support.refusals import refused
from tests.support.snapshots import backed
from verifier.attestation import Attestation
from verifier.collateral import AddressBacking, Line
from verifier.collateral.ecmult import sums_with_generator
from verifier.errors import Malformed, Rejected
from verifier.predicate import SignedHolding
from verifier.statement.backing import BLOCK, with_progress
from verifier.statement.verdict import ALONE
from verifier.trust.names import payload_type


def observer_policy() -> dict[str, Any]:
    document = policy_document()
    return {**document, "collateral": {**document["collateral"], "amounts": "observer"}}


def holdings(change: Callable[[tuple[SignedHolding, ...]], tuple[SignedHolding, ...]]) -> Epoch:
    return Epoch(attestation=lambda a: replace(a, holdings=change(a.holdings)))


def test_a_snapshot_that_the_exchange_did_not_sign(tmp_path: Path) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where="collateral.json"):
        audited(Epoch(signed_by={"collateral": ("custodian/vault",)}), tmp_path / "1")


@pytest.mark.parametrize("member", ["exchange", "epoch", "taken_at", "policy"])
def test_the_snapshot_of_another_attestation(tmp_path: Path, member: str) -> None:
    values: dict[str, Any] = {"exchange": "other.example", "epoch": 2, "taken_at": 5, "policy": "ab" * 32}
    other = replace(Epoch().snapshot, **{member: values[member]})
    signed = envelope(other.to_payload(), payload_type("collateral"), "exchange")

    def named(a: Attestation) -> Attestation:
        return replace(a, digests={**a.digests, "collateral": signed.digest})

    epoch = Epoch(files=lambda files: {**files, "collateral.json": signed.to_bytes()}, attestation=named)
    with refused(Rejected, "E_BINDING", where=f"collateral: {member}"):
        audited(epoch, tmp_path / "1")


def test_a_snapshot_that_is_malformed(tmp_path: Path) -> None:
    signed = sign("collateral", {"type": "solvent:collateral/v1"}, "exchange")

    def named(a: Attestation) -> Attestation:
        return replace(a, digests={**a.digests, "collateral": signed.digest})

    epoch = Epoch(files=lambda files: {**files, "collateral.json": signed.to_bytes()}, attestation=named)
    with refused(Malformed, "E_FIELD"):
        audited(epoch, tmp_path / "1")


@pytest.mark.parametrize(
    "change",
    [
        lambda held: (replace(held[0], public=held[0].public + 1), *held[1:]),
        lambda held: (replace(held[0], public=held[0].public - 1), *held[1:]),
        lambda held: held[1:],
        lambda held: (*held, SignedHolding("warm", "BTC", 1)),
        lambda held: (replace(held[0], pool="bold"), *held[1:]),
    ],
)
def test_holdings_that_the_lines_do_not_come_to(tmp_path: Path, change: Any) -> None:
    with refused(Rejected, "E_HOLDING"):
        audited(holdings(change), tmp_path / "1")


def test_a_hidden_holding_is_compared_as_a_commitment(hidden: Path, tmp_path: Path) -> None:
    epoch = Epoch(modes=("hidden", "public", "hidden"), hidden_custody=True)

    def double(a: Attestation) -> Attestation:
        *others, dollars = a.holdings
        assert dollars.hidden is not None
        return replace(a, holdings=(*others, replace(dollars, hidden=dollars.hidden + dollars.hidden)))

    doubled = replace(epoch, attestation=double)
    assert audited(epoch, hidden).overall == "QUALIFIED"
    with refused(Rejected, "E_HOLDING", where="holdings: cold, USDT"):
        audited(doubled, tmp_path / "1")


def forged(epoch: Epoch, lines: list[Line]) -> list[Line]:
    """The bitcoin line carries the ether line's signature."""
    other = lines[1].backing
    assert isinstance(other, AddressBacking)
    return [backed(lines[0], signatures=other.signatures), *lines[1:]]


def test_a_line_that_is_not_valid_is_a_verdict(tmp_path: Path) -> None:
    """The holdings are what counts, so nothing is refused; the claim in kind of bitcoin fails for want of it."""
    report = audited(Epoch(lines=forged, modes=("public", "public", "public")), tmp_path / "1")
    assert report.overall == "FAILED"
    assert report.lines == {"VALID": 2, "INVALID": 1, "UNSUPPORTED": 0, "EXPIRED": 0}
    assert any("1 line INVALID (E_LINE_SIGNATURE): not counted" in text for text in report.qualifiers)


def test_holdings_that_count_a_line_that_does_not(tmp_path: Path) -> None:
    counted = Epoch().holdings
    epoch = Epoch(lines=forged, attestation=lambda a: replace(a, holdings=counted))
    with pytest.raises(Rejected, match="some lines do not count") as caught:
        audited(epoch, tmp_path / "1")
    assert caught.value.code == "E_HOLDING"
    assert any(detail.startswith("line btc (BTC in cold): E_LINE_SIGNATURE") for detail in caught.value.details)


def test_a_holding_that_is_overstated_names_both_amounts(tmp_path: Path) -> None:
    held = Epoch().holdings[0]
    more = (replace(held, public=held.public + 1), *Epoch().holdings[1:])
    with pytest.raises(Rejected) as caught:
        audited(Epoch(attestation=lambda a: replace(a, holdings=more)), tmp_path / "1")
    assert caught.value.code == "E_HOLDING"
    (told,) = caught.value.details
    assert told.startswith(f"{held.asset} in {held.pool}: ")
    assert told.endswith(" backed by lines that count")


def test_a_statement_that_its_custodian_did_not_sign(tmp_path: Path) -> None:
    """An exchange that counts it is refused; the details name the line."""
    counted = Epoch().holdings
    epoch = Epoch(signed_by={"custody": ("exchange",)}, attestation=lambda a: replace(a, holdings=counted))
    with pytest.raises(Rejected) as caught:
        audited(epoch, tmp_path / "1")
    assert (caught.value.code, [d for d in caught.value.details if "E_LINE_ENTRY" in d] != []) == ("E_HOLDING", True)


class TestObserver:
    """Where the policy wants an observer's word for amounts."""

    def test_nobody_observed(self, tmp_path: Path) -> None:
        report = audited(Epoch(policy=observer_policy()), tmp_path / "1")
        assert report.overall == "FAILED"
        assert any("2 lines INVALID (E_LINE_UNVOUCHED)" in text for text in report.qualifiers)

    def test_the_observer_signed(self, tmp_path: Path) -> None:
        report = audited(self.observed(), tmp_path / "1")
        assert report.overall == "QUALIFIED"
        assert ALONE not in report.qualifiers
        assert not any("not pinned" in text for text in report.qualifiers)

    def test_an_observer_that_the_reader_does_not_know(self, tmp_path: Path) -> None:
        report = audited(self.observed(), tmp_path / "1", reader=reader(pins={}))
        assert "vouched for by keys that you have not pinned: custodian/vault, observer" in report.qualifiers

    def observed(self) -> Epoch:
        return Epoch(policy=observer_policy(), signed_by={"collateral": ("exchange", "observer")})


def test_signatures_are_recovered_in_blocks_and_progress_is_told() -> None:
    point = REFERENCE.generators(["bit/0"])
    count = BLOCK + 2
    scalars = b"".join(i.to_bytes(32, "big") for i in range(1, count + 1))
    told: list[tuple[str, int, int]] = []
    sizes: list[int] = []

    def multiply(points: bytes, on_g: bytes, on_p: bytes) -> bytes:
        sizes.append(len(points) // 64)
        return points

    in_blocks = with_progress(multiply, 5, lambda *said: told.append(said))
    assert in_blocks(point * count, scalars, scalars) == point * count
    assert sizes == [BLOCK, 2]
    stage = "checking owners' signatures"
    assert told == [("judging lines", 0, 5), (stage, 0, count), (stage, BLOCK, count)]
    few = scalars[: 3 * 32]
    assert with_progress(sums_with_generator, 3, lambda *_: None)(point * 3, few, few) == sums_with_generator(
        point * 3, few, few
    )
