"""An exchange's home, complete and signed: keys, root document, policy, quotes, scenarios, collateral, a ledger.

Made in a tenth of a second with keys and wallets that are nobody's. ``make_home(path)`` is the first worked example of
docs/statement.md, all claims true; every setting can be another one, and ``Home.write`` writes it again after a change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from click.testing import Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attest.collateral import Challenge, Opening, Openings
from attest.collateral.files import CHAINS, STATEMENTS, write_chains
from attest.collateral.lines_file import write_lines
from attest.config_documents import DocumentsConfig
from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan, Released
from attest.signing import Signer
from attest.statement.inputs import Inputs, read_inputs
from attest.statement.preparing import policy_schema
from attest.store import Store, write_private
from tests.support.books import MASTER, SIGNER, SIGNING_KEY, TAKEN_AT, secrets
from tests.support.exchange import solvent
from tests.support.markets import DECIMALS, HOLDINGS, POOL, USD_PRICES, claim, column, coverage, policy_json
from tests.support.snapshots import BTC, ETH, USDT, signer
from tests.support.wallets import Wallet
from verifier import canonical
from verifier.amounts import format_amount
from verifier.collateral import (
    AddressBacking,
    Beacon,
    ChainHead,
    Custody,
    Entry,
    EntryBacking,
    Line,
    ownership_message,
)
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import Lock
from verifier.dsse import Envelope, key_id, pre_authentication_encoding
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress
from verifier.group import Point
from verifier.hashing import N
from verifier.markets.policy import Policy
from verifier.trust import names
from verifier.trust.reader import Reader

EXCHANGE: Final = "ex.example"
VAULT: Final = "custodian/vault"
SOURCES: Final = ("alpha", "beta", "gamma")
ROLES: Final = ("root", "risk", "log", "statement", "observer", VAULT, *(f"price/{source}" for source in SOURCES))
UNITS: Final = {"BTC": BTC, "ETH": ETH, "USDT": USDT}
LEDGER: Final = {
    "alice": {"BTC": 150000000, "ETH": 10000000000, "USDT": 20000000000},
    "bob": {"BTC": 25000000, "USDT": 150000000000},
    "carol": {"ETH": 42500000001, "USDT": 1},
}
CLAIMS: Final = (
    claim("held", "in-kind", assets="*", pools=[POOL], k=10000),
    coverage(),
    claim("btc", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000),
    claim("march", "scenario", base="coverage", set="days"),
)
DAYS: Final = [
    {"name": "2020-03-12", "shocks": {"BTC": "-3910", "ETH": "-4430", "USDT": "0"}, "prices": {}, "models": {}},
]
TABLE: Final = {
    "kind": "concave",
    "tiers": [{"from": "0", "bps": 10000}, {"from": "100000", "bps": 9800}, {"from": "180000", "bps": 9000}],
}
TABLED: Final[dict[str, Any]] = {
    "tables": {"steps": TABLE},
    "haircuts": {POOL: {"BTC": "steps", "ETH": 1000, "USDT": 0}},
}
"""A policy whose bitcoin is split into portions."""
WALLET: Final = Wallet(20_260_101)


def signed(payload: bytes, tag: str, *signers: Signer) -> Envelope:
    """The envelope of a document under these signatures."""
    kind = names.payload_type(tag)
    message = pre_authentication_encoding(kind, payload)
    return Envelope(kind, payload, tuple(sorted((key_id(s.public_key), s.sign(message)) for s in signers)))


def signer_of(role: str) -> Signer:
    """The only key of a role."""
    return SIGNER if role == names.EXCHANGE else signer(role)


@dataclass(frozen=True)
class Home:
    """``root`` is the directory. ``hidden`` lists the assets whose amount the custodian commits to; ``policy`` holds
    changes to the policy's members, ``quotes`` changes to single sources' quotes (None leaves one out), ``statement``
    changes to the custodian's statement.
    """

    root: Path
    taken_at: int = TAKEN_AT
    epoch: int = 1
    claims: tuple[dict[str, Any], ...] = CLAIMS
    policy: Mapping[str, Any] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=lambda: dict(HOLDINGS))
    hidden: frozenset[str] = frozenset()
    accounts: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: LEDGER)
    days: list[dict[str, Any]] | None = field(default_factory=lambda: DAYS)
    versions: tuple[int, int] = (1, 1)
    quotes: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    total_mode: str = "hidden"
    more_lines: tuple[Line, ...] = ()
    roles: Mapping[str, Any] = field(default_factory=dict)
    statement: Mapping[str, Any] = field(default_factory=dict)

    @property
    def documents(self) -> Path:
        return self.root / "documents"

    @property
    def collateral(self) -> Path:
        return self.documents / "collateral"

    @cached_property
    def store(self) -> Store:
        return Store(self.root / "public", self.root / "private")

    @cached_property
    def paths(self) -> DocumentsConfig:
        """As [documents] of solvent.toml names them."""
        return DocumentsConfig(
            root=self.documents / "root.json",
            policy=self.documents / "policy.json",
            scenarios=None if self.days is None else self.documents / "scenarios.json",
            quotes=self.documents / "quotes",
            collateral=self.collateral,
        )

    @cached_property
    def policy_document(self) -> dict[str, Any]:
        """The policy."""
        assets = {
            sym: {"decimals": d, "class": "crypto", "units": {UNITS[sym]: d if sym != "ETH" else 18}, "use": "index"}
            for sym, d in DECIMALS.items()
        }
        rules = policy_json()["collateral"] | {"finality": {BITCOIN: 6, "eip155:1": 64}}
        document = policy_json(*self.claims, exchange=EXCHANGE, version=self.versions[0])
        columns = [column(sym, bits=40) for sym in DECIMALS]
        return {**document, "assets": assets, "collateral": rules, "columns": columns, **self.policy}

    @cached_property
    def parsed_policy(self) -> Policy:
        return Policy.from_json(self.policy_document)

    @cached_property
    def root_document(self) -> dict[str, Any]:
        """Every role with one key."""
        keys = {role: signer_of(role).public_key.hex() for role in (names.EXCHANGE, *ROLES)}
        return {
            "type": "solvent:root/v1",
            "exchange": EXCHANGE,
            "version": 1,
            "expires_at": 4_000_000_000,
            "roles": {role: {"keys": [key], "threshold": 1} for role, key in keys.items()} | dict(self.roles),
            "cadence": {"book_s": 86_400, "pulse_s": 0, "grace_s": 3_600, "ttl_s": 604_800},
            "revoked": [],
        }

    @cached_property
    def challenge(self) -> Challenge:
        return Challenge(EXCHANGE, self.epoch, Beacon("drand", 4_000_000 + self.epoch, self.taken_at - 600, "be" * 32))

    def quote(self, source: str) -> dict[str, Any]:
        """One source's quote."""
        document = {
            "type": "solvent:quote/v1",
            "source": source,
            "quote": "iso4217:USD",
            "at": self.taken_at - 5,
            "scale": 2,
            "index": {sym: str(price) for sym, price in USD_PRICES.items()},
            "mark": {},
            "models": {},
        }
        return {**document, **(self.quotes.get(source) or {})}

    def openings_of(self, sym: str) -> Opening:
        """What the custodian's commitment to an amount opens to."""
        return Opening(self.held[sym], int.from_bytes(hashlib.sha256(sym.encode()).digest(), "big") % N)

    @cached_property
    def custody(self) -> Custody:
        """The custodian's statement: USDT, and every hidden amount."""
        syms = sorted({"USDT", *self.hidden} & set(self.held))
        entries = tuple(
            Entry(sym, UNITS[sym], self._vouched(sym), 0, f"account {sym}", self.taken_at - 60, ()) for sym in syms
        )
        until, challenge = self.taken_at + 10**6, self.challenge.value
        document = Custody("vault", "custody", EXCHANGE, self.epoch, challenge, self.taken_at, until, entries)
        return replace(document, **self.statement)

    def _vouched(self, sym: str) -> int | Point:
        return self.openings_of(sym).commitment if sym in self.hidden else self.held[sym]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Addresses of a wallet, and what the custodian vouches for."""
        entries = {entry.asset: i for i, entry in enumerate(self.custody.entries)}
        own = [self.address_line(sym) for sym in ("BTC", "ETH") if sym in self.held and sym not in self.hidden]
        vouched = [
            Line(f"vault-{sym}", "custody", sym, UNITS[sym], POOL, self._vouched(sym), 0, EntryBacking(0, i))
            for sym, i in entries.items()
        ]
        return (*own, *vouched, *self.more_lines)

    def address_line(self, sym: str, wallet: Wallet = WALLET, amount: int | None = None, name: str = "") -> Line:
        """An address of ``wallet`` with ``amount`` base units of the asset, signed for this epoch."""
        units = self.held[sym] if amount is None else amount
        if sym == "BTC":
            account = wallet.address(Lock.P2WPKH)
            backing = AddressBacking(account, "bip137", (wallet.bitcoin(self.message(account), 39),))
        else:
            account, units = wallet.evm_account(), units * 10**9
            backing = AddressBacking(account, "eip191", (wallet.evm(self.message(account)),))
        return Line(name or f"own-{sym}", "address", sym, UNITS[sym], POOL, units, 0, backing)

    def message(self, account: str) -> str:
        """What the owner of ``account`` signs."""
        return ownership_message(EXCHANGE, self.epoch, account, self.challenge.value)

    @cached_property
    def chains(self) -> dict[str, ChainHead]:
        return {
            name: ChainHead(1000 * n, f"{n:064x}", self.taken_at - n) for n, name in enumerate((BITCOIN, "eip155:1"), 1)
        }

    def write(self) -> Home:
        """Every file of the home; what was there is replaced."""
        for directory in (self.documents / "quotes", self.collateral / STATEMENTS, self.root / "keys"):
            directory.mkdir(parents=True, exist_ok=True)
        self._write_documents()
        self._write_collateral()
        self._write_keys()
        (self.root / "ledger.csv").write_text(self._ledger(), "utf-8")
        (self.root / "solvent.toml").write_text(self._config(), "utf-8")
        (self.root / "reader.json").write_bytes(self.reader.to_bytes())
        return self

    def sign(self, name: str, document: dict[str, Any], *roles: str) -> Envelope:
        """Write ``documents/<name>.json`` under the signatures of these roles."""
        envelope = signed(canonical.encode(document), name, *map(signer_of, roles))
        (self.documents / f"{name}.json").write_bytes(envelope.to_bytes())
        return envelope

    def _write_documents(self) -> None:
        self.sign("root", self.root_document, "root")
        self.sign("policy", self.policy_document, "risk")
        if self.days is not None:
            self.sign("scenarios", self.scenarios_document, "risk")
        for source in SOURCES:
            path = self.documents / "quotes" / f"{source}.json"
            path.unlink(missing_ok=True)
            if self.quotes.get(source, {}) is not None:
                payload = canonical.encode(self.quote(source))
                path.write_bytes(signed(payload, "quote", signer_of(f"price/{source}")).to_bytes())

    @property
    def scenarios_document(self) -> dict[str, Any]:
        sets = {"days": self.days or []}
        return {"type": "solvent:scenarios/v1", "exchange": EXCHANGE, "version": self.versions[1], "sets": sets}

    def _write_collateral(self) -> None:
        envelope = signed(self.custody.to_payload(), "custody", signer_of(VAULT))
        (self.collateral / STATEMENTS / "vault.json").write_bytes(envelope.to_bytes())
        (self.collateral / "challenge.json").write_bytes(self.challenge.to_bytes())
        write_lines(self.collateral / "lines.json", self.lines, ["vault.json"])
        write_chains(self.collateral / CHAINS, self.chains)
        entries = enumerate(self.custody.entries)
        known = {(envelope.digest, i): self.openings_of(e.asset) for i, e in entries if e.asset in self.hidden}
        write_private(self.collateral / "openings.json", Openings(known).to_bytes())

    def _write_keys(self) -> None:
        pem = SIGNING_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(self.root / "keys/signing.key", pem)
        write_private(self.root / "keys/master.key", f"slv_m_{MASTER.secret.hex()}\n".encode())

    def _ledger(self) -> str:
        columns = self.parsed_policy.columns
        rows = [
            ",".join([account, *(format_amount(cells.get(c.name, 0), c.decimals) for c in columns)])
            for account, cells in self.accounts.items()
        ]
        return "\n".join([",".join(["account", *(c.name for c in columns)]), *rows, ""])

    def _config(self) -> str:
        scenarios = "" if self.days is None else 'scenarios = "documents/scenarios.json"\n'
        return (
            f'[exchange]\nname = "{EXCHANGE}"\n[book]\nchunk_bits = 1\ntotals = "{self.total_mode}"\n'
            '[ledger]\nformat = "csv"\npath = "ledger.csv"\n'
            '[documents]\nroot = "documents/root.json"\npolicy = "documents/policy.json"\n'
            f'{scenarios}quotes = "documents/quotes"\ncollateral = "documents/collateral"\n'
        )

    @cached_property
    def reader(self) -> Reader:
        """What an auditor is given: this root document, and coverage in full."""
        envelope = signed(canonical.encode(self.root_document), "root", signer_of("root"))
        document = Reader.default(EXCHANGE, policy=True)
        return replace(document, root=envelope.digest)

    def inputs(self) -> Inputs:
        """The documents as they lie there now."""
        found = read_inputs(self.paths)
        assert found is not None
        return found

    def plan(self, **changes: Any) -> Plan:
        """What ``solvent attest`` would plan."""
        schema = policy_schema(self.parsed_policy)
        settings: dict[str, Any] = {
            "exchange": EXCHANGE,
            "schema": schema,
            "modes": (self.total_mode,) * len(schema.columns),
            "taken_at": self.taken_at,
            "valid_for": 3600,
            "chunk_bits": 1,
            "first": self.epoch == 1,
            "issued_at": self.taken_at + 60,
            "inputs": self.inputs(),
        }
        return Plan(**{**settings, **changes})

    def attest(self, engine: Engine | None = None, **changes: Any) -> Released:
        """Release the epoch from memory, with the documents that lie there."""
        plan = self.plan(**changes)
        ledger = MemoryLedger(plan.schema, self.accounts)
        return attest(plan, secrets(), self.store, lambda work: ledger, engine or get_engine("reference"), no_progress)

    def run(self, *words: str | Path) -> Result:
        """A command with this home's configuration."""
        return solvent(words[0], *words[1:], "--config", self.root / "solvent.toml")

    def next(self, **changes: Any) -> Home:
        """The same exchange an hour later, its files written for the next epoch."""
        later = {"taken_at": self.taken_at + 3600, "epoch": self.epoch + 1, **changes}
        return replace(self, **later).write()


def make_home(root: Path, **settings: Any) -> Home:
    """A complete home in ``root``."""
    return Home(root, **settings).write()
