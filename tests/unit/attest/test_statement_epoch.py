"""An epoch with policy, prices, collateral and claims: what is published, in which order things fail, what stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.prover import prove_book
from attest.statement.findings import FalseClaims
from tests.support.books import SIGNER, secrets
from tests.support.markets import POOL, claim, coverage
from tests.support.refusals import refused
from tests.support.signed_home import TABLED, Home, make_home
from tests.support.snapshots import backed
from tests.support.wallets import Wallet
from verifier import audit
from verifier.attestation import Attestation
from verifier.dsse import key_id
from verifier.engine import Engine, get_engine
from verifier.epoch import MAX_DOCUMENT, no_progress, open_directory
from verifier.errors import Rejected, SolventError, Unavailable
from verifier.group import value_commitment
from verifier.markets.prices import PriceSet
from verifier.report import AuditReport

DOCUMENTS = {"policy.json", "prices.json", "collateral.json", "root.json"}
BOOK = {"attestation.json", "book.proof", "leaves.bin", "schema.json", "sealed.bin"}


def attestation(home: Home) -> Attestation:
    return open_directory(home.store.epoch(home.epoch), SIGNER.public_key).attestation


def verdict(home: Home) -> AuditReport:
    return audit(home.store.epoch(home.epoch), reader=home.reader, now=home.taken_at + 120)


def left(home: Home) -> list[Path]:
    """What a run left behind."""
    store = home.store
    return [*store.public.glob("epochs/*"), *store.public.glob(".run-*"), *store.private.glob(".run-*")]


CASES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "all public": ({"total_mode": "public"}, {"scenarios.json"}),
    "hidden totals": ({}, {"scenarios.json", "claims.proof"}),
    "hidden holdings": (
        {"total_mode": "public", "hidden": frozenset({"BTC", "USDT"})}, {"scenarios.json", "claims.proof"}
    ),
    "portions": ({"policy": TABLED, "hidden": frozenset({"BTC"})}, {"scenarios.json", "claims.proof"}),
    "no scenarios": ({"days": None, "claims": (coverage(),)}, {"claims.proof"}),
    "no claims": ({"days": None, "claims": ()}, set()),
    "no claims over a hidden holding": (
        {"days": None, "claims": (), "hidden": frozenset({"BTC"})}, {"claims.proof"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_published(tmp_path: Path, engine: Engine, name: str) -> None:
    settings, more = CASES[name]
    home = make_home(tmp_path, **settings)
    released = home.attest(engine)
    assert {path.name for path in released.directory.iterdir()} == BOOK | DOCUMENTS | more
    a = attestation(home)
    assert set(a.files) == (BOOK | DOCUMENTS | more) - {"attestation.json"}
    report = audit(released.directory, reader=replace(home.reader, require=()), now=home.taken_at + 120)
    assert report.overall == "QUALIFIED"
    assert [result.claim.name for result in report.claims] == [finding.claim for finding in released.findings]
    assert [result.status for result in report.claims] == [finding.how for finding in released.findings]


def test_the_documents_are_those_that_were_signed(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    directory = home.attest().directory
    for name in ("root.json", "policy.json", "scenarios.json"):
        assert (directory / name).read_bytes() == (home.documents / name).read_bytes()
    a, inputs = attestation(home), home.inputs()
    assert a.digests["policy"] == inputs.policy.digest == home.parsed_policy.digest
    assert inputs.scenarios is not None
    assert a.digests["scenarios"] == inputs.scenarios.digest
    assert a.digests["prices"] == PriceSet.from_bytes((directory / "prices.json").read_bytes()).digest
    assert a.digests["events"] == ""
    schema = open_directory(directory, SIGNER.public_key).schema
    assert (schema.policy, schema.prices, schema.scenarios) == (inputs.policy.digest, "", "")
    snapshot = json.loads((directory / "collateral.json").read_bytes())
    assert [signature["keyid"] for signature in snapshot["signatures"]] == [key_id(SIGNER.public_key)]


def test_what_stays_private(tmp_path: Path) -> None:
    """Value and blinding of every hidden quantity open the published commitments."""
    home = make_home(tmp_path, policy=TABLED, hidden=frozenset({"BTC"}))
    home.attest()
    a, private = attestation(home), home.store.private_epoch(1)
    assert {path.name for path in private.iterdir()} == {
        "claims.json", "committed.json", "ledger.parquet", "totals.json"
    }  # fmt: skip
    kept = json.loads((private / "claims.json").read_bytes())
    assert (
        set(kept["aux"]) == set(a.aux) == {f"{n}/BTC/y{k}" for n in ("coverage", "march/2020-03-12") for k in range(3)}
    )
    for name, point in a.aux.items():
        assert value_commitment(int(kept["aux"][name]["value"]), int(kept["aux"][name]["gamma"])) == point
    assert sum(int(kept["aux"][f"coverage/BTC/y{k}"]["value"]) for k in range(3)) == home.held["BTC"]
    (opening,) = kept["holdings"]
    (held,) = [held for held in a.holdings if held.hidden is not None]
    assert (opening["pool"], opening["asset"]) == (held.pool, held.asset) == (POOL, "BTC")
    assert value_commitment(int(opening["value"]), int(opening["gamma"])) == held.hidden


def test_blindings_are_new_in_every_run(tmp_path: Path) -> None:
    home = make_home(tmp_path, policy=TABLED, hidden=frozenset({"BTC"}))
    home.attest()
    first = attestation(home)
    later = home.next()
    later.attest()
    second = attestation(later)
    points = [*first.aux.values(), *second.aux.values()]
    assert len({point.to_bytes() for point in points}) == len(points)


def test_expiry_is_capped_by_the_policy(tmp_path: Path) -> None:
    home = make_home(tmp_path, total_mode="public")
    home.attest(valid_for=86_400)
    a = attestation(home)
    assert (a.issued_at, a.expires_at) == (home.taken_at + 60, home.taken_at + 86_400)


def test_a_false_claim_fails_before_a_row_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> None:
        raise AssertionError("a row was committed")

    monkeypatch.setattr("attest.epoch.commit_book", never)
    home = make_home(tmp_path, held={"BTC": 1, "ETH": 1, "USDT": 1})
    with refused(FalseClaims, "E_CLAIM_FALSE", where="policy.json: claims"):
        home.attest()
    assert left(home) == []


def test_bad_documents_fail_before_the_ledger_is_read(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    plan = home.plan(inputs=replace(home.inputs(), policy=home.inputs().root))

    def never(work: Path) -> MemoryLedger:
        raise AssertionError("the ledger was read")

    with pytest.raises(SolventError):
        attest(plan, secrets(), home.store, never, get_engine("reference"), no_progress)
    assert left(home) == []


def test_a_ledger_that_changes_between_check_and_commitment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims are checked against totals that the rows must come to, whatever the work database does meanwhile."""
    honest = MemoryLedger.totals
    monkeypatch.setattr(MemoryLedger, "totals", lambda ledger: [honest(ledger)[0] - 1, *honest(ledger)[1:]])
    home = make_home(tmp_path)
    with refused(Unavailable, "E_WORKDIR", where="ledger"):
        home.attest()
    assert left(home) == []


Corrupt = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "name", ["claims.proof", "prices.json", "policy.json", "collateral.json", "root.json", "scenarios.json"]
)
def test_a_file_that_fails_the_self_check_is_not_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from attest.epoch import self_check

    def corrupting(directory: Path, *rest: Any) -> None:
        data = bytearray((directory / name).read_bytes())
        data[len(data) // 2] ^= 4
        (directory / name).write_bytes(data)
        self_check(directory, *rest)

    monkeypatch.setattr("attest.epoch.self_check", corrupting)
    home = make_home(tmp_path)
    with pytest.raises(Rejected) as caught:
        home.attest()
    assert caught.value.code == "E_SELF_CHECK"
    assert left(home) == []


def test_a_claims_proof_that_is_wrong_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prover itself goes wrong: the digest is of what it wrote, and only the mathematics refuses."""
    from attest.claims_proof import prove_claims

    def wrong(*arguments: Any) -> bytes:
        data = bytearray(prove_claims(*arguments))
        data[-1] ^= 1
        return bytes(data)

    monkeypatch.setattr("attest.statement.published.prove_claims", wrong)
    home = make_home(tmp_path)
    with pytest.raises(Rejected) as caught:
        home.attest()
    assert caught.value.code == "E_SELF_CHECK"
    assert left(home) == []


def test_less_than_qualified_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim that this version cannot check would make every audit INCOMPLETE."""
    monkeypatch.setattr("attest.epoch.require_true", lambda findings, notes: None)
    home = make_home(tmp_path, claims=(coverage(), claim("later", "matched", currency="USDT")), days=None)
    with pytest.raises(Rejected) as caught:
        home.attest()
    assert caught.value.code == "E_SELF_CHECK"
    assert "INCOMPLETE" in caught.value.message
    assert left(home) == []


def test_the_last_epoch_was_moved_away(tmp_path: Path) -> None:
    """An archive may hold the old epochs: the chain goes on, and auditors bring the file themselves."""
    home = make_home(tmp_path)
    home.attest()
    home.store.epoch(1).rename(tmp_path / "archive")
    later = home.next()
    later.attest()
    assert verdict(later).overall == "INCOMPLETE"
    again = audit(
        later.store.epoch(2),
        reader=home.reader,
        previous=tmp_path / "archive/attestation.json",
        now=later.taken_at + 120,
    )
    assert again.overall == "QUALIFIED"


def test_a_book_proof_still_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noted(*arguments: Any) -> None:
        order.append("book")
        prove_book(*arguments)

    monkeypatch.setattr("attest.epoch.prove_book", noted)
    released = make_home(tmp_path).attest()
    assert order == ["book"]
    assert list(released.seconds) == [
        "check documents, prices and collateral",
        "read and check the ledger",
        "commit and seal every row",
        "prove the whole book",
        "prove the claims",
        "check everything as an auditor would",
        "release",
    ]


def test_a_snapshot_larger_than_other_documents(tmp_path: Path) -> None:
    """What the parser of snapshots takes can be released and audited: other documents end at 16 MiB."""
    home = make_home(tmp_path)
    line = backed(home.address_line("ETH", Wallet(31337), 1), scheme="eip1271", signatures=("0x" + "00" * 1000,) * 16)
    many = tuple(replace(line, id=f"contract-{i}", asset="ETH") for i in range(400))
    apart = tuple(backed(one, account=f"eip155:1:0x{i:040x}") for i, one in enumerate(many, 1))
    large = replace(home, more_lines=apart, claims=(coverage(),), days=None, total_mode="public").write()
    released = large.attest()
    assert (released.directory / "collateral.json").stat().st_size > MAX_DOCUMENT
    assert len(released.notes) == 400
    assert verdict(large).overall == "QUALIFIED"
