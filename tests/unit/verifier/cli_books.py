"""A real epoch for the tests of the command line: three customers, five columns, every way to publish a total."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan, Secrets
from attest.secrets import MasterKey, account_key_text
from attest.signing import LocalSigner
from attest.store import Store
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.engine import get_engine
from verifier.epoch import no_progress, open_directory
from verifier.group import Point
from verifier.inclusion import row_id, row_salt
from verifier.leaves import Leaves
from verifier.schema import Column, Schema
from verifier.sealed import open_record
from verifier.sealed_file import read_record
from verifier.sources import FileSource

TAKEN_AT = 1_750_000_000
VALID_FOR = 90 * 86400
SCHEMA = Schema(
    (
        Column("BTC", "BTC", 8, 64, "balance"),
        Column("USD", "USD", 2, 64, "balance"),
        Column("BTC:debt", "BTC", 8, 64, "debt"),
        Column("BTC:pledged", "BTC", 8, 64, "collateral"),
    )
)
ACCOUNTS = {
    "alice": {"BTC": 150_000_000, "USD": 20_050},
    "bob": {"USD": 100_000, "BTC:debt": 3},
    "carol": {},
    "\u05d0\u05d1": {"BTC": 1},
}


@dataclass(frozen=True)
class Epoch:
    """A released epoch, its exchange key in hex, and its customers' secrets."""

    directory: Path
    key: str
    master: MasterKey

    def account_key(self, account: str) -> str:
        return account_key_text(self.master.account_key(account.encode()))

    def key_file(self, account: str, directory: Path) -> Path:
        path = directory / "account-key.txt"
        path.write_text(self.account_key(account) + "\n")
        path.chmod(0o600)
        return path

    def copy(self, directory: Path) -> Path:
        """A copy that a test may spoil, beside the same other epochs."""
        return Path(shutil.copytree(self.directory, directory / self.directory.name))

    def bundle(self, account: str, complete: bool = True) -> bytes:
        """The customer's bundle, made from what is published and their own key."""
        book, engine = open_directory(self.directory, self.key), get_engine()
        a, secret = book.attestation, self.master.account_key(account.encode())
        salt = row_salt(secret, a.ctx)
        source = FileSource(self.directory / "leaves.bin")
        leaves = Leaves(source, a.files["leaves.bin"], a.ctx, a.accounts, a.chunk_bits, engine)
        index = leaves.find(row_id(salt, account.encode()))
        assert index is not None
        leaves.compute_root(no_progress, follow=index)
        record = read_record(FileSource(self.directory / "sealed.bin"), index)
        opened = open_record(secret, a.ctx, index, Point.from_xy(leaves.followed[:64]).to_bytes(), record)
        cells = {SCHEMA.columns[c].name: value for c, value in dict(opened.cells).items()}
        envelope = Envelope.from_bytes((self.directory / "attestation.json").read_bytes(), ENVELOPE, "attestation.json")
        inside = (envelope, book.schema) if complete else (None, None)
        return Bundle(book.payload, index, account, cells, opened.blinding, salt, leaves.path, *inside).to_bytes()


ENVELOPE = "application/vnd.in-toto+json"


def make_epochs(root: Path, count: int) -> list[Epoch]:
    """A chain of epochs under ``root``, a day apart."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    signer, master = LocalSigner(private), MasterKey(bytes(range(1, 33)))
    store, made = Store(root / "public", root / "private"), []
    for number in range(count):
        modes = ("public", "hidden", "public", "none")
        plan = Plan("example.org", SCHEMA, modes, TAKEN_AT + 86400 * number, VALID_FOR, rows=7, first=number == 0)
        released = attest(
            plan, Secrets(master, signer), store, lambda _: MemoryLedger(SCHEMA, ACCOUNTS), get_engine(), no_progress
        )
        made.append(Epoch(released.directory, signer.public_key.hex(), master))
    return made
