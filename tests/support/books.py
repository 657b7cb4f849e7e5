"""Small books for tests: a schema with every kind of total, its accounts, and a whole epoch on disk in 0.2 seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan, Secrets
from attest.secrets import MasterKey
from attest.signing import LocalSigner
from attest.store import Store
from verifier.attestation import PAYLOAD_TYPE
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress, open_directory
from verifier.group import Point
from verifier.inclusion import row_id, row_salt
from verifier.leaves import Leaves
from verifier.schema import Column, Rule, Schema
from verifier.sealed import open_record
from verifier.sealed_file import read_record
from verifier.sources import FileSource

TAKEN_AT: Final = 1_700_000_000
ISSUED_AT: Final = TAKEN_AT + 60
NOW: Final = ISSUED_AT + 60
"""A moment at which the sample epochs are fresh."""
VALID_FOR: Final = 86_400
MASTER: Final = MasterKey(bytes(range(32)))
SIGNING_KEY: Final = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
SIGNER: Final = LocalSigner(SIGNING_KEY)
PUBLIC_KEY: Final = SIGNER.public_key

SCHEMA: Final = Schema(
    columns=(
        Column("BTC", "BTC", 8, 16, "balance"),
        Column("ETH", "ETH", 9, 8, "balance"),
        Column("BTC:debt", "BTC", 8, 16, "debt"),
        Column("slack", "", 0, 16, "slack"),
    ),
    rules=(Rule("net", (("BTC", 1), ("BTC:debt", -1), ("slack", -1))),),
)
MODES: Final = ("hidden", "public", "hidden", "none")
ACCOUNTS: Final[Mapping[str, Mapping[str, int]]] = {
    "alice": {"BTC": 700, "BTC:debt": 200, "slack": 500, "ETH": 9},
    "bob~0123456789abcdef": {"BTC": 65_535, "slack": 65_535},
    "carol": {"ETH": 255},
    "dora": {},
    "éva": {"BTC": 1, "BTC:debt": 1},
}


@dataclass(frozen=True)
class Epoch:
    """A released epoch and everything needed to check it."""

    store: Store
    directory: Path
    schema: Schema

    def bundle(self, account_id: str, *, alone: bool = True) -> Bundle:
        """The bundle of one account, put together as a customer would from public files and the account_key."""
        engine, book = get_engine("reference"), open_directory(self.directory, PUBLIC_KEY)
        a, account = book.attestation, account_id.encode()
        key = MASTER.account_key(account)
        salt = row_salt(key, a.ctx)
        source = FileSource(self.directory / "leaves.bin")
        leaves = Leaves(source, a.files["leaves.bin"], a.ctx, a.accounts, a.chunk_bits, engine)
        index = leaves.find(row_id(salt, account))
        assert index is not None
        leaves.compute_root(no_progress, follow=index)
        record = read_record(FileSource(self.directory / "sealed.bin"), index)
        opened = open_record(key, a.ctx, index, Point.from_xy(leaves.followed[:64]).to_bytes(), record)
        cells = {self.schema.columns[c].name: value for c, value in opened.cells}
        extra: dict[str, Any] = {"attestation": self.envelope(), "schema": book.schema} if alone else {}
        return Bundle(book.payload, index, account_id, cells, opened.blinding, salt, leaves.path, **extra)

    def envelope(self) -> Envelope:
        """The signed attestation."""
        return Envelope.from_bytes((self.directory / "attestation.json").read_bytes(), PAYLOAD_TYPE, "attestation")


def new_store(root: Path) -> Store:
    """An empty store."""
    return Store(root / "public", root / "private")


def plan(**changes: Any) -> Plan:
    """The sample plan: first epoch, four rows per chunk, three dummy rows."""
    settings: dict[str, Any] = {
        "exchange": "ex.example",
        "schema": SCHEMA,
        "modes": MODES,
        "taken_at": TAKEN_AT,
        "valid_for": VALID_FOR,
        "rows": "next power of two",
        "chunk_bits": 2,
        "first": True,
        "issued_at": ISSUED_AT,
    }
    return Plan(**{**settings, **changes})


def secrets(**changes: Any) -> Secrets:
    """The sample keys."""
    return Secrets(**{"master": MASTER, "signer": SIGNER, **changes})


def make_epoch(
    store: Store,
    plan_: Plan,
    accounts: Mapping[str, Mapping[str, int]] = ACCOUNTS,
    *,
    engine: Engine | None = None,
    keys: Secrets | None = None,
) -> Epoch:
    """Attest ``accounts`` into ``store``."""
    released = attest(
        plan_,
        keys or secrets(),
        store,
        lambda work: MemoryLedger(plan_.schema, accounts),
        engine or get_engine("reference"),
        no_progress,
    )
    return Epoch(store, released.directory, plan_.schema)
