"""Whole epochs with a policy, prices, holdings and claims, signed by every role, on disk in half a second.

The numbers are those of the statement's first worked example. ``Epoch`` is a description; ``write`` makes its
directory. Every field can be a lie: what follows from it is signed all the same, so that a test breaks one thing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attest.claims_proof import prove_claims
from attest.epoch import build
from attest.ordered import MemoryLedger
from attest.plan import Plan, Secrets, Tools
from attest.secrets import Masks
from attest.store import Run
from tests.support import markets
from tests.support.books import MASTER
from tests.support.markets import DECIMALS, POOL, asset, claim, coverage
from tests.support.snapshots import BEACON, BTC, CHAINS, ETH, USDT, signer
from tests.support.wallets import Wallet
from verifier import AuditReport, audit, canonical
from verifier.attestation import Attestation, Identity
from verifier.claims_proof import ClaimsStatement, signed_quantities
from verifier.collateral import (
    AddressBacking,
    Beacon,
    Custody,
    Entry,
    EntryBacking,
    Line,
    Snapshot,
    Statement,
    challenge,
    judge_snapshot,
    ownership_message,
    pool_holdings,
    rules_of,
)
from verifier.collateral.bitcoin import Lock
from verifier.collateral.custody import PAYLOAD_TYPE as CUSTODY
from verifier.collateral.rules import Facts
from verifier.dsse import Envelope, key_id, pre_authentication_encoding
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress
from verifier.errors import Rejected
from verifier.group import value_commitment
from verifier.markets.claims import Derivation, Market, derive
from verifier.markets.descriptors import Claim, expand
from verifier.markets.linear import Aux, Holding, Reference, Total
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices
from verifier.markets.prices import build as build_prices
from verifier.markets.scenarios import Scenarios
from verifier.predicate import NO_DIGESTS, SignedHolding
from verifier.report import AuditFailed
from verifier.schema import Column, Schema
from verifier.trust.names import payload_type
from verifier.trust.reader import Reader
from verifier.trust.root import Root

EXCHANGE: Final = "ex.example"
TAKEN_AT: Final = 1_700_000_000
ISSUED_AT: Final = TAKEN_AT + 60
NOW: Final = ISSUED_AT + 60
LASTS: Final = 86_400
REFERENCE: Final[Engine] = get_engine("reference")
ACCOUNTS: Final = {
    "alice": {"BTC": 150000000, "ETH": 10000000000, "USDT": 20000000000},
    "bob": {"BTC": 25000000, "USDT": 150000000000},
    "carol": {"ETH": 42500000001, "USDT": 1},
}
BITS: Final = {"BTC": 32, "ETH": 40, "USDT": 40}
UNITS: Final = {"BTC": {BTC: 8}, "ETH": {ETH: 18}, "USDT": {USDT: 6}}
QUOTES: Final = {"alpha": {"BTC": "11570000", "ETH": "369800", "USDT": "100"},
                 "beta": {"BTC": "11584000", "ETH": "369880", "USDT": "100"}}  # fmt: skip
CRASH: Final = {
    "name": "2020-03-12", "shocks": {"BTC": "-3910", "ETH": "-4430", "USDT": "0"}, "prices": {}, "models": {},
}  # fmt: skip
CLAIMS: Final = (
    claim("held", "in-kind", assets="*", pools=[POOL], k=10000),
    coverage(),
    claim("crash", "scenario", base="coverage", set="historic"),
    claim("bitcoin", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000),
)
COVERAGE_Z: Final = 52688499953016
ROLES: Final = (
    "exchange", "risk", "observer", "price/alpha", "price/beta", "custodian/vault", "custodian/other", "bank/first",
)  # fmt: skip
HIDDEN_BLINDING: Final = 4711


def envelope(payload: bytes, kind: str, *roles: str) -> Envelope:
    """``payload`` under the signatures of these roles' keys."""
    message = pre_authentication_encoding(kind, payload)
    signatures = {key_id(signer(role).public_key): signer(role).sign(message) for role in roles}
    return Envelope(kind, payload, tuple(sorted(signatures.items())))


def sign(tag: str, document: Mapping[str, Any], *roles: str) -> Envelope:
    """A document under its own payload type."""
    return envelope(canonical.encode(document), payload_type(tag), *roles)


def root_document(**changes: Any) -> dict[str, Any]:
    """Every role with one key, role root with two."""
    one = {role: {"keys": [signer(role).public_key.hex()], "threshold": 1} for role in ROLES}
    roots = {"keys": [signer(name).public_key.hex() for name in ("root-1", "root-2")], "threshold": 2}
    return {
        "type": "solvent:root/v1",
        "exchange": EXCHANGE,
        "version": 1,
        "expires_at": TAKEN_AT + 10 * LASTS,
        "roles": {"root": roots, **one},
        "cadence": {"book_s": 86_400, "pulse_s": 0, "grace_s": 3_600, "ttl_s": 604_800},
        "revoked": [],
        **changes,
    }


def signed_root(**changes: Any) -> Envelope:
    return sign("root", root_document(**changes), "root-1", "root-2")


def policy_document(**changes: Any) -> dict[str, Any]:
    """The policy of the worked example, with units."""
    assets = {sym: asset(DECIMALS[sym], units=UNITS[sym]) for sym in DECIMALS}
    columns = [markets.column(sym, bits=BITS[sym]) for sym in DECIMALS]
    told = {"exchange": EXCHANGE, "assets": assets, "columns": columns}
    base = markets.policy_json(*changes.pop("claims", CLAIMS), **told)
    base["collateral"] = {**base["collateral"], "finality": dict.fromkeys(CHAINS, 6), "skew_s": 300}
    return {**base, **changes}


def reader(**changes: Any) -> Reader:
    """A reader who pins the root document, the custodians, and asks for coverage."""
    document = {
        "type": "solvent:reader/v1",
        "exchange": EXCHANGE,
        "root": Root.from_json(root_document()).digest,
        "require": [{"kind": "coverage", "asset": "", "min_k": 10_000}],
        "cosign": {},
        "pins": {
            "custodian/vault": [key_id(signer("custodian/vault").public_key)],
            "observer": [key_id(signer("observer").public_key)],
        },
        **changes,
    }
    return Reader.from_json(document)


@dataclass(frozen=True)
class Epoch:
    """One epoch of an exchange: what it says, and who signs it. ``number`` is also the wallets' epoch."""

    number: int = 1
    previous: str = ""
    taken_at: int = TAKEN_AT
    modes: tuple[str, ...] = ("public", "public", "public")
    accounts: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: ACCOUNTS)
    policy: Mapping[str, Any] = field(default_factory=policy_document)
    scenarios: Mapping[str, Any] | None = field(
        default_factory=lambda: {
            "type": "solvent:scenarios/v1", "exchange": EXCHANGE, "version": 1, "sets": {"historic": [CRASH]},
        }
    )  # fmt: skip
    quotes: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: QUOTES)
    models: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=lambda: markets.HOLDINGS)
    hidden_custody: bool = False
    lines: Callable[[Epoch, list[Line]], list[Line]] = lambda epoch, lines: lines
    custody: Mapping[str, Any] = field(default_factory=dict)
    root: Envelope = field(default_factory=signed_root)
    sealed: bool = True
    lasts: int = LASTS
    signed_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By tag, where it is not the usual role."""
    claims: Callable[[tuple[Claim, ...]], tuple[Claim, ...]] = lambda claims: claims
    attestation: Callable[[Attestation], Attestation] = lambda a: a
    """A last change, after every file was written and before the signature."""
    files: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda files: files
    """A change of the documents' files, before they are hashed."""
    engine: Engine = REFERENCE
    """The one that makes the proofs."""

    def signers(self, tag: str, usual: str) -> tuple[str, ...]:
        return self.signed_by.get(tag, (usual,))

    @cached_property
    def parsed(self) -> Policy:
        return Policy.from_json(self.policy)

    @property
    def beacon(self) -> Beacon:
        return replace(BEACON, time=self.taken_at - 600)

    @property
    def challenge(self) -> str:
        return challenge(EXCHANGE, self.number, self.beacon.to_json())

    @cached_property
    def policy_envelope(self) -> Envelope:
        return sign("policy", self.policy, *self.signers("policy", "risk"))

    @cached_property
    def scenario_envelope(self) -> Envelope | None:
        return None if self.scenarios is None else sign("scenarios", self.scenarios, *self.signers("scenarios", "risk"))

    @cached_property
    def price_set(self) -> Any:
        """What the quotes come to."""
        quotes = [self._quote(source, index) for source, index in self.quotes.items()]
        return build_prices(self.parsed, self.taken_at, quotes, lambda role, _: role in ROLES)

    def _quote(self, source: str, index: Mapping[str, Any]) -> Envelope:
        document = {
            "type": "solvent:quote/v1", "source": source, "quote": "iso4217:USD", "at": self.taken_at, "scale": 2,
            "index": dict(index), "mark": {}, "models": dict(self.models),
        }  # fmt: skip
        return sign("quote", document, *self.signers("quote", f"price/{source}"))

    @cached_property
    def market(self) -> Market:
        scenarios = None if self.scenarios is None else Scenarios.from_json(self.scenarios)
        return Market(self.parsed, Prices(self.price_set.prices, {}, {}), scenarios)

    @cached_property
    def vault(self) -> Statement:
        """What the custodian says of the dollars."""
        value = value_commitment(self.amounts["USDT"], HIDDEN_BLINDING) if self.hidden_custody else self.amounts["USDT"]
        entry = Entry("USDT", USDT, value, 0, "account 1", self.taken_at - 60, ())
        plain = Custody(
            "vault",
            "custody",
            EXCHANGE,
            self.number,
            self.challenge,
            self.taken_at,
            self.taken_at + 30 * LASTS,
            (entry,),
        )
        document = replace(plain, **self.custody)
        return Statement(envelope(document.to_payload(), CUSTODY, *self.signers("custody", document.role)), document)

    def message(self, owner: str) -> str:
        return ownership_message(EXCHANGE, self.number, owner, self.challenge)

    def plain_lines(self) -> list[Line]:
        """Bitcoin and ether by their keys, dollars by a custodian."""
        wallet = Wallet(4242)
        btc, eth = wallet.address(Lock.P2WPKH), wallet.evm_account(1)
        value = self.vault.custody.entries[0].value
        lines = [
            Line("btc", "address", "BTC", BTC, POOL, self.amounts["BTC"], 0,
                 AddressBacking(btc, "bip137", (wallet.bitcoin(self.message(btc), 39),))),
            Line("eth", "address", "ETH", ETH, POOL, self.amounts["ETH"] * 10**9, 0,
                 AddressBacking(eth, "eip191", (wallet.evm(self.message(eth)),))),
            Line("usdt", "custody", "USDT", USDT, POOL, value, 0, EntryBacking(0, 0)),
        ]  # fmt: skip
        return self.lines(self, lines)

    @cached_property
    def snapshot(self) -> Snapshot:
        heads = {name: replace(head, time=self.taken_at - 1) for name, head in CHAINS.items()}
        return Snapshot(
            EXCHANGE, self.number, self.taken_at, self.parsed.digest, self.beacon, heads, (self.vault,),
            tuple(self.plain_lines()),
        )  # fmt: skip

    @cached_property
    def collateral_envelope(self) -> Envelope:
        by = self.signers("collateral", "exchange")
        return envelope(self.snapshot.to_payload(), payload_type("collateral"), *by)

    @cached_property
    def holdings(self) -> tuple[SignedHolding, ...]:
        """What the lines come to."""
        by = self.signers("collateral", "exchange")
        facts = Facts(EXCHANGE, self.number, self.taken_at, self.parsed.digest, "observer" in by)
        verdicts = judge_snapshot(self.snapshot, rules_of(self.parsed), facts, _require_role)
        found = pool_holdings(self.snapshot, verdicts, rules_of(self.parsed).assets)
        return tuple(SignedHolding(held.pool, held.asset, held.public, held.hidden) for held in found)

    def write(self, directory: Path) -> Path:
        """The directory of the epoch, and beside it what must stay private."""
        run = Run("run", directory, directory.with_name(f"{directory.name}-private"))
        run.public.mkdir(parents=True)
        run.private.mkdir(parents=True)
        schema = Schema(self.parsed.columns, (), self.parsed.digest)
        a = self._complete(self._book(schema, run), schema, run)
        signed = envelope(a.to_payload(), "application/vnd.in-toto+json", *self.signers("attestation", "exchange"))
        (directory / "attestation.json").write_bytes(signed.to_bytes())
        return directory

    def _book(self, schema: Schema, run: Run) -> Attestation:
        plan = Plan(
            EXCHANGE, schema, self.modes, self.taken_at, self.lasts - 60,
            chunk_bits=2, sealed=self.sealed, issued_at=self.taken_at + 60,
        )  # fmt: skip
        identity = Identity(EXCHANGE, self.number, f"{self.number:064x}", self.taken_at, self.previous)
        ledger = MemoryLedger(schema, self.accounts)
        return build(plan, identity, ledger, Secrets(MASTER, signer("exchange")), run, Tools(self.engine, no_progress))

    def _complete(self, book: Attestation, schema: Schema, run: Run) -> Attestation:
        """Documents, holdings and claims on top of the book."""
        documents = {
            "policy.json": self.policy_envelope.to_bytes(),
            "prices.json": self.price_set.to_bytes(),
            "collateral.json": self.collateral_envelope.to_bytes(),
            "root.json": self.root.to_bytes(),
        }
        if self.scenario_envelope is not None:
            documents["scenarios.json"] = self.scenario_envelope.to_bytes()
        a = replace(book, digests=self._digests(book), holdings=self.holdings)
        a = replace(a, claims=self.claims(expand(self.parsed.claims, self.parsed.columns)))
        derivation = derive(self.market, signed_quantities(a, schema), a.claims)
        values = self._openings(derivation, run)
        a = replace(a, aux={name: value_commitment(*values[Aux(name)]) for name in derivation.aux})
        proof = self._proof(a, derivation, values)
        documents = self.files({**documents, **({"claims.proof": proof} if proof else {})})
        for name, data in documents.items():
            (run.public / name).write_bytes(data)
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in documents.items()}
        return self.attestation(replace(a, files={**a.files, **hashes}))

    def _digests(self, book: Attestation) -> dict[str, str]:
        return {
            **NO_DIGESTS,
            "schema": book.schema_digest,
            "policy": self.policy_envelope.digest,
            "prices": self.price_set.digest,
            "collateral": self.collateral_envelope.digest,
            "scenarios": "" if self.scenario_envelope is None else self.scenario_envelope.digest,
        }

    def _openings(self, derivation: Derivation, run: Run) -> dict[Reference, tuple[int, int]]:
        """Everything that is hidden, from the files that stay with the exchange."""
        import json

        told = json.loads((run.private / "totals.json").read_text())
        found: dict[Reference, tuple[int, int]] = {
            Total(name): (int(opening["value"]), int(opening["gamma"]))
            for name, opening in told.items()
            if opening["mode"] == "hidden"
        }
        if self.hidden_custody:
            found[Holding(POOL, "USDT")] = (self.amounts["USDT"], HIDDEN_BLINDING)
        known = {reference: value for reference, (value, _) in found.items()}
        values = derivation.opening(known)
        return {x: found.get(x, (value, 9000 + i)) for i, (x, value) in enumerate(values.items())}

    def _proof(self, a: Attestation, derivation: Derivation, openings: Mapping[Reference, tuple[int, int]]) -> bytes:
        """Empty where nothing is hidden, and where a claim cannot be formed: then there is nothing to prove."""
        if any(claim.failure for claim in derivation.claims):
            return b""
        return prove_claims(ClaimsStatement.of(a, derivation), openings, Masks(b"m" * 32), self.engine)


def _require_role(role: str, statement: Envelope) -> None:
    if role not in ROLES:
        raise Rejected("there is no such role", where=role, code="E_TRUST_ROLE")
    statement.require_signatures([signer(role).public_key], 1, role)


def column(name: str, **changes: Any) -> Column:
    """A column of a policy, parsed."""
    parts = markets.column(name, **changes)
    return Column(**parts)


def without(*names: str) -> Callable[[Sequence[Claim]], tuple[Claim, ...]]:
    """The claims but these."""
    return lambda claims: tuple(claim for claim in claims if claim.name not in names)


def audited(epoch: Epoch, directory: Path, **settings: Any) -> AuditReport:
    """What an auditor with a reader file finds in this epoch, also where it FAILED because of claims."""
    if not directory.exists():
        epoch.write(directory)
    settings = {"reader": reader(), "now": epoch.taken_at + 120, "engine": REFERENCE, **settings}
    try:
        return audit(directory, **settings)
    except AuditFailed as failed:
        return failed.report


def statuses(report: AuditReport) -> dict[str, str]:
    """What became of each claim."""
    return {result.claim.name: result.status for result in report.claims}


HIDDEN_EPOCH: Final = Epoch(modes=("hidden", "public", "hidden"), hidden_custody=True)
"""Most figures hidden: two totals and the custodian's amount."""
