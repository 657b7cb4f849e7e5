"""Every field of the snapshot, of its lines and of the statements has a mutation, and each changes the outcome.

The outcome of a snapshot is the verdicts on its lines and the holdings, or its refusal. Fields whose change nobody
could notice here are listed with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest

from tests.support import snapshots
from tests.support.snapshots import (
    BTC,
    FACTS,
    RULES,
    TAKEN_AT,
    WALLET,
    V,
    backed,
    custody,
    entry,
    sample,
    sign,
    vouched,
)
from tests.support.wallets import Wallet, multisig_script, script_account
from verifier.collateral import (
    AddressBacking,
    Beacon,
    ChainHead,
    Custody,
    Entry,
    EntryBacking,
    Facts,
    Line,
    Snapshot,
    ValidatorBacking,
    base58,
    bls,
    judge_snapshot,
    pool_holdings,
)
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import Lock
from verifier.collateral.hashes import sha256
from verifier.collateral.okx_units import SOLANA
from verifier.dsse import Envelope
from verifier.errors import SolventError
from verifier.group import value_commitment

CLASSES = (Snapshot, Beacon, ChainHead, Line, AddressBacking, ValidatorBacking, EntryBacking, Custody, Entry)
UNSEEN = {
    "Line.id": "a name for people; reports repeat it",
    "ValidatorBacking.withdrawal": "vouched for by the exchange; a verifier without the chain cannot know it",
    "ChainHead.hash": "a verifier without the chain cannot know it",
}
"""Fields without a mutation, and why."""
FIRST_BITCOIN, LEGACY, VALIDATOR, VOUCHED = 0, 1, 3, 4
Mutation = Callable[[Snapshot], Snapshot]


def of_line(index: int, **changes: Any) -> Mutation:
    def mutate(shot: Snapshot) -> Snapshot:
        line = replace(shot.lines[index], **changes)
        return replace(shot, lines=(*shot.lines[:index], line, *shot.lines[index + 1 :]))

    return mutate


def of_backing(index: int, **changes: Any) -> Mutation:
    return lambda shot: of_line(index, backing=backed(shot.lines[index], **changes).backing)(shot)


def of_beacon(**changes: Any) -> Mutation:
    return lambda shot: replace(shot, beacon=replace(shot.beacon, **changes))


def of_chain(**changes: Any) -> Mutation:
    return lambda shot: replace(shot, chains={**shot.chains, BITCOIN: replace(shot.chains[BITCOIN], **changes)})


def of_statement(**changes: Any) -> Mutation:
    """The first statement, changed and signed again by the custodian: what fails is the field, not a signature."""

    def mutate(shot: Snapshot) -> Snapshot:
        changed = sign(replace(shot.statements[0].custody, **changes), "custodian/vault")
        return replace(shot, statements=(changed, *shot.statements[1:]))

    return mutate


def of_entry(**changes: Any) -> Mutation:
    def mutate(shot: Snapshot) -> Snapshot:
        first, *rest = shot.statements[0].custody.entries
        return of_statement(entries=(replace(first, **changes), *rest))(shot)

    return mutate


OTHER = Wallet(31337)
REMEMBERED = cache(bls.verify)
MUTATIONS: dict[str, Mutation] = {
    "Snapshot.exchange": lambda shot: replace(shot, exchange="other.example"),
    "Snapshot.epoch": lambda shot: replace(shot, epoch=8),
    "Snapshot.taken_at": lambda shot: replace(shot, taken_at=TAKEN_AT + 1),
    "Snapshot.policy": lambda shot: replace(shot, policy="cd" * 32),
    "Snapshot.beacon": of_beacon(value="00" * 32),
    "Snapshot.chains": lambda shot: replace(shot, chains={}),
    "Snapshot.statements": lambda shot: replace(shot, statements=shot.statements[::-1]),
    "Snapshot.lines": lambda shot: replace(shot, lines=shot.lines[1:]),
    "Beacon.source": of_beacon(source="nist"),
    "Beacon.round": of_beacon(round=4_000_001),
    "Beacon.time": of_beacon(time=TAKEN_AT - 601),
    "Beacon.value": of_beacon(value="bf" * 32),
    "ChainHead.height": of_chain(height=10**6),
    "ChainHead.time": of_chain(time=TAKEN_AT - 301),
    "Line.kind": of_line(VOUCHED, kind="bank"),
    "Line.asset": of_line(FIRST_BITCOIN, asset="ETH"),
    "Line.unit": of_line(FIRST_BITCOIN, unit=snapshots.ETH),
    "Line.pool": of_line(FIRST_BITCOIN, pool="cold"),
    "Line.value": of_line(FIRST_BITCOIN, value=101),
    "Line.encumbered": of_line(FIRST_BITCOIN, encumbered=1),
    "Line.backing": lambda shot: of_line(FIRST_BITCOIN, backing=shot.lines[LEGACY].backing)(shot),
    "AddressBacking.account": of_backing(FIRST_BITCOIN, account=OTHER.tron_account),
    "AddressBacking.scheme": of_backing(FIRST_BITCOIN, scheme="bip322-simple"),
    "AddressBacking.signatures": of_backing(FIRST_BITCOIN, signatures=(OTHER.bitcoin("x", 39),)),
    "AddressBacking.script": of_backing(0, script=multisig_script(1, [OTHER.public]).hex()),
    "AddressBacking.public_key": of_backing(0, public_key="ab" * 32),
    "AddressBacking.message": of_backing(LEGACY, message=None),
    "ValidatorBacking.chain": of_backing(VALIDATOR, chain="eip155:10"),
    "ValidatorBacking.public_key": of_backing(VALIDATOR, public_key="c0" + "00" * 47),
    "ValidatorBacking.scheme": of_backing(VALIDATOR, scheme="okx-bls"),
    "ValidatorBacking.signatures": of_backing(VALIDATOR, signatures=("0x" + "c0" + "00" * 95,)),
    "EntryBacking.statement": of_backing(VOUCHED, statement=1),
    "EntryBacking.entry": of_backing(VOUCHED, entry=1),
    "Custody.issuer": of_statement(issuer="other"),
    "Custody.kind": of_statement(kind="bank"),
    "Custody.exchange": of_statement(exchange="other.example"),
    "Custody.epoch": of_statement(epoch=8),
    "Custody.challenge": of_statement(challenge="00" * 32),
    "Custody.as_of": of_statement(as_of=TAKEN_AT + 301),
    "Custody.expires_at": of_statement(expires_at=TAKEN_AT),
    "Custody.entries": of_statement(entries=(entry(1), entry(V))),
    "Entry.asset": of_entry(asset="ETH"),
    "Entry.unit": of_entry(unit=snapshots.ETH),
    "Entry.value": of_entry(value=499),
    "Entry.encumbered": of_entry(encumbered=1),
    "Entry.reference": of_entry(reference="account 2"),
    "Entry.covers": of_entry(covers=(WALLET.evm_account(),)),
}


def of_multisig() -> Snapshot:
    """A line whose script matters."""
    script = multisig_script(1, [WALLET.public])
    account = script_account(Lock.P2WSH, sha256(script))
    signatures = (WALLET.bitcoin(snapshots.message(account)),)
    return snapshots.snapshot([address(BTC, AddressBacking(account, "bip137-multisig", signatures, script.hex()))])


def of_solana() -> Snapshot:
    """A line whose public key matters."""
    key = snapshots.signer("a wallet")
    account = f"{SOLANA}:{base58.encode(key.public_key)}"
    signatures = (base58.encode(key.sign(snapshots.message(account).encode())),)
    backing = AddressBacking(account, "ed25519", signatures, public_key=key.public_key.hex())
    return snapshots.snapshot([address(f"{SOLANA}/slip44:501", backing, "SOL")])


def address(unit: str, backing: AddressBacking, asset: str = "BTC") -> Line:
    return Line("line", "address", asset, unit, "hot", 1, 0, backing)


BASES = {"AddressBacking.script": of_multisig, "AddressBacking.public_key": of_solana}
"""What is mutated where it is not the sample."""


def outcome(shot: Snapshot) -> Any:
    """Verdicts and holdings after a journey through bytes, or the code of the refusal."""
    facts = Facts(FACTS.exchange, FACTS.epoch, FACTS.taken_at, FACTS.policy, tips={BITCOIN: 10**6})
    try:
        read = Snapshot.from_payload(shot.to_payload())
        verdicts = judge_snapshot(read, RULES, facts, snapshots.require_role)
        holdings = pool_holdings(read, verdicts, RULES.assets)
    except SolventError as error:
        return error.code
    return [(verdict.verdict, verdict.code) for verdict in verdicts], holdings


@cache
def honest() -> Any:
    return outcome(sample())


@pytest.fixture(autouse=True)
def _pairings_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pairing takes a second; the same question has the same answer."""
    monkeypatch.setattr(bls, "verify", REMEMBERED)


def test_every_field_has_a_mutation() -> None:
    every = {f"{kind.__name__}.{field.name}" for kind in CLASSES for field in fields(kind)}
    # A custodian's entry needs no valuation: the bank's has a test of its own below.
    assert every == set(MUTATIONS) | set(UNSEEN) | {"Entry.valuation_at"}
    assert all(UNSEEN.values())


def test_the_honest_snapshot_counts_every_line() -> None:
    verdicts, _ = honest()
    assert {code for _, code in verdicts} == {""}


@pytest.mark.parametrize("field", MUTATIONS)
def test_each_mutation_changes_the_outcome(field: str) -> None:
    base = BASES.get(field, sample)()
    verdicts, holdings = outcome(base)
    assert {code for _, code in verdicts} == {""}
    assert outcome(MUTATIONS[field](base)) != (verdicts, holdings)


def test_the_valuation_of_a_bank_has_an_age() -> None:
    def bank(at: int) -> Any:
        document = snapshots.standing("bank", "first", entry(7, asset="USD", unit="iso4217:USD", valuation_at=at))
        return outcome(snapshots.snapshot([vouched(0, 0, document)], [sign(document)]))[0]

    assert bank(TAKEN_AT) != bank(TAKEN_AT - 86_401)


@pytest.mark.parametrize("field", UNSEEN)
def test_what_is_said_to_be_unseen_is(field: str) -> None:
    """An exemption that is none would hide a gap."""
    unseen: dict[str, Mutation] = {
        "Line.id": of_line(FIRST_BITCOIN, id="another"),
        "ValidatorBacking.withdrawal": of_backing(VALIDATOR, withdrawal="02" + "11" * 31),
        "ChainHead.hash": of_chain(hash="00" * 32),
    }
    assert outcome(unseen[field](sample())) == honest()


def test_a_statement_changed_in_any_byte_is_not_signed() -> None:
    """The same fields, without the custodian's hand: each is refused for its signature."""
    shot = sample()
    first = shot.statements[0]
    data = first.envelope.payload.replace(b'"account 1"', b'"account 9"')
    assert data != first.envelope.payload
    forged = Envelope(first.envelope.payload_type, data, first.envelope.signatures)
    statement = replace(first, envelope=forged, custody=Custody.from_payload(data))
    verdicts, _ = outcome(replace(shot, statements=(statement, *shot.statements[1:])))
    assert verdicts[VOUCHED][1] == "E_LINE_ENTRY"


def test_a_hidden_amount_is_part_of_the_holding() -> None:
    other = value_commitment(1235, 99)
    document = custody(entry(), entry(other, reference="account 2", covers=(WALLET.tron_account,)))
    shot = of_line(5, value=other)(replace(sample(), statements=(sign(document), *sample().statements[1:])))
    assert outcome(shot)[0] == honest()[0]
    assert outcome(shot)[1] != honest()[1]
