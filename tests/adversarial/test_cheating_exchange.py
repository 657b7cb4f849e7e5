"""A cheating exchange with a prover of its own: every check that protects the honest is patched out, all is signed.

Each cheat goes through ``attest.epoch.attest`` and is released; whoever audits it finds out, by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan, Released
from attest.signing import sign_payload
from attest.statement.held import Held
from attest.statement.proposal import Prepared
from attest.statement.published import Publication
from tests.support.books import SIGNER, secrets
from tests.support.markets import coverage
from tests.support.signed_home import CLAIMS, SOURCES, TABLED, Home, make_home, signed, signer_of
from tests.support.snapshots import backed
from tests.support.wallets import Wallet
from verifier import audit, canonical
from verifier.attestation import Attestation
from verifier.collateral import pool_holdings, rules_of
from verifier.collateral.evidence import Verdict
from verifier.collateral.snapshot import PAYLOAD_TYPE
from verifier.dsse import Envelope
from verifier.engine import get_engine
from verifier.epoch import ATTESTATION, no_progress
from verifier.errors import SolventError, Unavailable
from verifier.markets.linear import Row
from verifier.report import QUALIFIED
from verifier.sources import FileSource, sha256

Patch = pytest.MonkeyPatch
SHORT = {"BTC": 150000000, "ETH": 55000000000, "USDT": 180000000000}


@pytest.fixture
def liar(monkeypatch: Patch) -> Patch:
    """The prover without its conscience."""
    monkeypatch.setattr("attest.epoch.require_true", lambda findings, notes: None)
    monkeypatch.setattr("attest.epoch.self_check", lambda *arguments: None)
    monkeypatch.setattr("attest.claims_proof.require_provable", lambda rows, values: None)
    monkeypatch.setattr(Row, "value", lambda row, opening: max(0, honest_value(row, opening)))
    return monkeypatch


honest_value = Row.value


def verdict(liar: Patch, home: Home) -> str:
    """The code that an auditor ends with, or the verdict; nothing is patched any more."""
    liar.undo()
    try:
        found = audit(home.store.epoch(home.epoch), reader=home.reader, now=home.taken_at + 120)
    except SolventError as error:
        return error.code
    return found.overall


def prepared_otherwise(patch: Patch, change: Callable[[Prepared], Prepared]) -> None:
    """What the epoch is made from is something else than what was prepared."""
    from attest.statement.preparing import prepare

    def other(*arguments: Any) -> Prepared:
        return change(prepare(*arguments))

    patch.setattr("attest.epoch.prepare", other)


def with_every_line_counted(prepared: Prepared) -> Prepared:
    """The exchange's own view of its lines."""
    judged = prepared.held.judged
    verdicts = tuple(replace(v, verdict=Verdict.VALID, counted=True) for v in judged.verdicts)
    holdings = pool_holdings(judged.snapshot, verdicts, rules_of(prepared.ground.policy).assets)
    changed = replace(judged, verdicts=verdicts, holdings=holdings)
    return replace(prepared, held=replace(prepared.held, judged=changed))


def signed_otherwise(home: Home, change: Callable[[Attestation], Attestation]) -> None:
    """Sign another attestation over the files that were released, their hashes taken anew."""
    directory = home.store.epoch(home.epoch)
    old = Attestation.from_payload(
        Envelope.from_bytes((directory / ATTESTATION).read_bytes(), "application/vnd.in-toto+json", "").payload
    )
    changed = change(old)
    files = {name: sha256(FileSource(directory / name)) for name in changed.files}
    envelope = sign_payload(replace(changed, files=files).to_payload(), SIGNER)
    (directory / ATTESTATION).write_bytes(envelope.to_bytes())


@pytest.mark.parametrize("mode", ["hidden", "public"])
@pytest.mark.parametrize("hidden", [frozenset(), frozenset({"BTC"})], ids=["public holdings", "hidden holdings"])
def test_the_honest_twin_is_qualified(tmp_path: Path, liar: Patch, mode: str, hidden: frozenset[str]) -> None:
    """The patches alone break nothing: the cheats below are caught for what they do."""
    home = make_home(tmp_path, total_mode=mode, hidden=hidden)
    home.attest()
    assert verdict(liar, home) == QUALIFIED


@pytest.mark.parametrize(
    ("mode", "hidden", "code"),
    [("hidden", frozenset(), "E_PROOF"), ("public", frozenset(), "E_CLAIM"), ("hidden", frozenset({"BTC"}), "E_PROOF")],
)
@pytest.mark.parametrize("policy", [{}, TABLED], ids=["flat", "tiers"])
def test_a_false_coverage(
    tmp_path: Path, liar: Patch, mode: str, hidden: frozenset[str], code: str, policy: dict[str, Any]
) -> None:
    """Z < 0: the prover commits to 0 instead, and its links do not fit; where all is public, anybody can subtract."""
    home = make_home(
        tmp_path, claims=(coverage(),), days=None, held=SHORT, total_mode=mode, hidden=hidden, policy=policy
    )
    home.attest()
    assert verdict(liar, home) == code


def test_short_by_one_unit(tmp_path: Path, liar: Patch) -> None:
    held = {"BTC": 174999999, "ETH": 55000000000, "USDT": 180000000000}
    home = make_home(tmp_path, claims=(CLAIMS[0],), days=None, held=held)
    home.attest()
    assert verdict(liar, home) == "E_PROOF"


def test_an_invalid_line_that_counts(tmp_path: Path, liar: Patch) -> None:
    """A stranger's address under a signature of nothing, counted all the same."""
    honest = make_home(tmp_path, held=SHORT)
    stranger = honest.address_line("BTC", Wallet(31337), 40000000, "stranger")
    forged = backed(stranger, signatures=("AAAA",))
    home = make_home(tmp_path, held=SHORT, more_lines=(forged,))
    prepared_otherwise(liar, with_every_line_counted)
    home.attest()
    assert verdict(liar, home) == "E_HOLDING"


def test_a_stale_price(tmp_path: Path, liar: Patch) -> None:
    """Bitcoin as it was an hour ago, when it was worth more."""
    old = {"at": 1_700_000_000 - 3600, "index": {"BTC": "20000000", "ETH": "369840", "USDT": "100"}}
    home = make_home(tmp_path, quotes=dict.fromkeys(SOURCES, old))
    liar.setattr("attest.statement.pricing.doubt", lambda *arguments: "")

    def build_late(policy: Any, at: int, quotes: Any, met: Any) -> Any:
        from verifier.markets.prices import build

        return replace(build(policy, at - 3600, quotes, met), at=at)

    liar.setattr("attest.statement.pricing.build", build_late)
    liar.setattr("attest.statement.pricing.PriceSet.verify", verified_late)
    home.attest()
    assert verdict(liar, home) == "E_BINDING"


def verified_late(document: Any, policy: Any, at: int, met: Any) -> Any:
    from verifier.markets.prices import compute

    return compute(policy, at - 3600, document.quotes, met)


def test_prices_of_another_epoch(tmp_path: Path, liar: Patch) -> None:
    """The price set of epoch 1 once more, because bitcoin has fallen since."""
    home = make_home(tmp_path)
    home.attest()
    first = (home.store.epoch(1) / "prices.json").read_bytes()
    cheaper = {"index": {"BTC": "11000000", "ETH": "369840", "USDT": "100"}}
    later = home.next(quotes=dict.fromkeys(SOURCES, cheaper))
    original = Publication.files
    liar.setattr(Publication, "files", lambda publication: {**original(publication), "prices.json": first})
    digest = canonical.digest(canonical.decode(first, where="prices.json"))
    digests = Publication.digests
    liar.setattr(Publication, "digests", lambda publication: {**digests(publication), "prices": digest})
    later.attest()
    assert verdict(liar, later) == "E_BINDING"


def test_the_snapshot_of_another_epoch(tmp_path: Path, liar: Patch) -> None:
    """The coins were there once: the snapshot of epoch 1 under the attestation of epoch 2."""
    home = make_home(tmp_path)
    home.attest()
    first = (home.store.epoch(1) / "collateral.json").read_bytes()
    later = home.next()

    def replayed(prepared: Prepared) -> Prepared:
        return replace(prepared, held=replace(prepared.held, envelope=Envelope.from_bytes(first, PAYLOAD_TYPE, "")))

    prepared_otherwise(liar, replayed)
    later.attest()
    assert verdict(liar, later) == "E_BINDING"


def test_a_hidden_debt_column(tmp_path: Path, liar: Patch) -> None:
    """The book leaves a column of the policy out: what is owed in it is owed by nobody."""
    home = make_home(tmp_path, held={"BTC": 190000000, "ETH": 1, "USDT": 180000000000}, claims=(coverage(),), days=None)
    schema = home.plan().schema
    fewer = replace(schema, columns=tuple(column for column in schema.columns if column.name != "ETH"))
    accounts = {name: {c: v for c, v in cells.items() if c != "ETH"} for name, cells in home.accounts.items()}
    liar.setattr("attest.statement.preparing.require_same_book", lambda schema, policy: None)
    liar.setattr("verifier.markets.claims.require_columns", lambda policy, schema: None)
    release(home, home.plan(schema=fewer, modes=("hidden", "hidden")), accounts)
    assert verdict(liar, home) == "E_SCHEMA"


def test_a_debt_column_that_is_not_the_policys(tmp_path: Path, liar: Patch) -> None:
    """Part of what is owed moves to a column that no claim reads."""
    home = make_home(tmp_path)
    schema = home.plan().schema
    more = replace(schema, columns=(*schema.columns, replace(schema.columns[1], name="ETH:other")))
    accounts = {**home.accounts, "dora": {"ETH:other": 10**12}}
    liar.setattr("attest.statement.preparing.require_same_book", lambda schema, policy: None)
    liar.setattr("verifier.markets.claims.require_columns", lambda policy, schema: None)
    release(home, home.plan(schema=more, modes=("hidden",) * 4), accounts)
    assert verdict(liar, home) == "E_SCHEMA"


def release(home: Home, plan: Plan, accounts: Any) -> Released:
    ledger = MemoryLedger(plan.schema, accounts)
    return attest(plan, secrets(), home.store, lambda work: ledger, get_engine("reference"), no_progress)


def test_a_dropped_claim(tmp_path: Path, liar: Patch) -> None:
    """The claim that fails is simply not made: nothing is false, and the verdict is INCOMPLETE."""
    home = make_home(tmp_path, claims=(CLAIMS[0], coverage(), coverage("more", k=11000)), days=None)
    made = Publication.complete

    def without(publication: Publication, attestation: Attestation, engine: Any) -> Attestation:
        whole = made(publication, attestation, engine)
        return replace(whole, claims=tuple(claim for claim in whole.claims if claim.name != "more"))

    def fewer(*arguments: Any) -> Any:
        from attest.statement.proposal import propose

        found = propose(*arguments)
        claims = tuple(rows for rows in found.derivation.claims if rows.claim.name != "more")
        return replace(found, derivation=replace(found.derivation, claims=claims))

    liar.setattr(Publication, "complete", without)
    liar.setattr("attest.epoch.propose", fewer)
    home.attest()
    assert verdict(liar, home) == "INCOMPLETE"


def test_a_claim_that_is_not_in_the_policy(tmp_path: Path, liar: Patch) -> None:
    home = make_home(tmp_path, total_mode="public", claims=(coverage(),), days=None)
    home.attest()
    signed_otherwise(home, lambda a: replace(a, claims=(*a.claims, replace(a.claims[0], name="more"))))
    assert verdict(liar, home) == "E_CLAIM"


def test_a_weaker_policy_than_the_one_that_was_signed(tmp_path: Path, liar: Patch) -> None:
    """The exchange writes itself a policy; the risk role did not sign it."""
    home = make_home(tmp_path, held=SHORT, claims=(coverage(k=5000),), days=None)
    home.sign("policy", home.policy_document, "exchange")
    liar.setattr("attest.statement.trusted._signed", unsigned)
    home.attest()
    assert verdict(liar, home) == "E_SIG_THRESHOLD"


def unsigned(envelope: Envelope, parse: Any, name: str, *rest: Any) -> Any:
    return parse(envelope.payload, name)


def test_another_policy_beside_the_right_book(tmp_path: Path, liar: Patch) -> None:
    """The book names one signed policy, the attestation another one that the risk role signed too."""
    home = make_home(tmp_path, total_mode="public", held=SHORT, claims=(coverage(k=8000),), days=None)
    home.attest()
    other = signed(canonical.encode({**home.policy_document, "version": 2}), "policy", signer_of("risk"))
    (home.store.epoch(1) / "policy.json").write_bytes(other.to_bytes())
    signed_otherwise(home, lambda a: replace(a, digests={**a.digests, "policy": other.digest}))
    assert verdict(liar, home) == "E_BINDING"


def test_two_names_for_one_asset(tmp_path: Path, liar: Patch) -> None:
    """One bitcoin under two symbols would count twice: nobody reads such a policy, whoever signed it."""
    assets = make_home(tmp_path).policy_document["assets"]
    liar.setattr("verifier.markets.policy_rules.check_units", lambda policy: None)
    home = make_home(tmp_path, policy={"assets": {**assets, "XBT": assets["BTC"]}})
    home.attest()
    assert verdict(liar, home) == "E_LINE_UNIT"
    with pytest.raises(SolventError) as caught:
        home.attest(first=False, taken_at=home.taken_at + 1)
    assert caught.value.code == "E_LINE_UNIT"


def test_one_address_in_two_lines(tmp_path: Path, liar: Patch) -> None:
    """The same coins twice: the second line is a duplicate, and counting it is found out."""
    home = make_home(tmp_path, held={**SHORT, "BTC": 95000000})
    liar.setattr("attest.collateral.files.require_distinct", lambda *arguments: None)
    again = replace(home.lines[0], id="again")
    home = make_home(tmp_path, held=home.held, more_lines=(again,))
    prepared_otherwise(liar, with_every_line_counted)
    home.attest()
    assert verdict(liar, home) == "E_HOLDING"


def test_a_holding_that_the_exchange_hides_itself(tmp_path: Path, liar: Patch) -> None:
    """Only a custodian may hide an amount: a commitment of the exchange's own stands behind no line."""
    home = make_home(tmp_path)
    home.attest()
    other = home.openings_of("BTC").commitment

    def hiding(attestation: Attestation) -> Attestation:
        first, *rest = attestation.holdings
        return replace(attestation, holdings=(replace(first, public=0, hidden=other), *rest))

    signed_otherwise(home, hiding)
    assert verdict(liar, home) == "E_HOLDING"


def test_no_observer(tmp_path: Path, liar: Patch) -> None:
    """The policy wants an observer's word for amounts, and the exchange signs alone: its addresses count nothing."""
    rules = {**make_home(tmp_path).policy_document["collateral"], "amounts": "observer"}
    home = make_home(tmp_path, policy={"collateral": rules})

    def alone(*arguments: Any, **options: Any) -> Held:
        from attest.statement.held import hold

        return hold(*arguments, **{**options, "final": False})

    liar.setattr("attest.statement.preparing.hold", alone)
    home.attest()
    assert verdict(liar, home) == "E_HOLDING"


def test_an_attestation_that_outlives_the_policy(tmp_path: Path, liar: Patch) -> None:
    home = make_home(tmp_path, total_mode="public")
    liar.setattr(Plan, "expires_at", lambda plan, issued_at, policy: plan.taken_at + 86_401)
    home.attest()
    assert verdict(liar, home) == "E_EXPIRED"


def test_a_policy_whose_version_falls(tmp_path: Path, liar: Patch) -> None:
    """Epoch 2 goes back to the weaker version 1."""
    home = make_home(tmp_path, versions=(2, 2))
    home.attest()
    later = home.next(versions=(1, 2))
    liar.setattr("attest.statement.trusted._not_older", lambda *arguments: None)
    later.attest()
    assert verdict(liar, later) == "E_POLICY_VERSION"


def test_the_reader_who_pins_another_root(tmp_path: Path, liar: Patch) -> None:
    """A root document of the exchange's own making, with price sources and custodians that it plays itself."""
    home = make_home(tmp_path)
    honest = home.reader
    false = replace(home, roles={"risk": {"keys": [signer_of("mallory").public_key.hex()], "threshold": 1}})
    false.sign("root", false.root_document, "root")
    false.sign("policy", false.policy_document, "mallory")
    false.sign("scenarios", false.scenarios_document, "mallory")
    false.attest()
    with pytest.raises(Unavailable) as caught:
        audit(false.store.epoch(1), reader=honest, now=home.taken_at + 120)
    assert caught.value.code == "E_FILE"
