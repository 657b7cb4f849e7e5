"""What an exchange hands to its customers: account keys and bundles (docs/protocol.md, sections 2 and 8)."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from attest.secrets import MasterKey, account_key_text
from attest.store import Store
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.book import Progress
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.engine import Engine, get_engine
from verifier.epoch import ATTESTATION, SignedBook, check_bundle, open_directory, open_leaves, read_document
from verifier.errors import Unavailable
from verifier.group import Point
from verifier.hashing import u64, wide
from verifier.inclusion import account_bytes, row_id, row_salt
from verifier.leaves import Leaves
from verifier.sealed import open_record
from verifier.sealed_file import read_record
from verifier.sources import FileSource


def account_key(master: MasterKey, account_id: str) -> str:
    """The account_key of one customer, as text. Raises Malformed for an id that no ledger could hold."""
    return account_key_text(master.account_key(account_bytes(account_id)))


def write_account_keys(master: MasterKey, account_ids: Iterable[str], file: TextIO) -> int:
    """Every customer's account_key as CSV (account, account_key); returns how many."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["account", "account_key"])
    count = 0
    for account_id in account_ids:
        writer.writerow([account_id, account_key(master, account_id)])
        count += 1
    return count


def bundle_name(exchange: str, epoch: int, account_id: str) -> str:
    """A file name that tells whose it is to nobody, and says PRIVATE to everybody."""
    tag = hashlib.sha256(account_bytes(account_id)).hexdigest()[:12]
    return f"{exchange.replace('/', '-').replace(':', '-')}-{epoch}-{tag}-PRIVATE.json"


def make_bundle(
    store: Store,
    epoch: int,
    account_id: str,
    master: MasterKey,
    public_key: bytes,
    engine: Engine,
    progress: Progress,
) -> bytes:
    """The bundle of one customer for one epoch, complete with attestation and schema, verified before it is returned.

    Raises Unavailable when the epoch is not there or has no such account.
    """
    directory = store.epoch(epoch)
    if not directory.exists():
        raise Unavailable(f"there is no epoch {epoch}", where=str(directory), code="E_FILE", hint="see solvent inspect")
    book = open_directory(directory, public_key)
    ctx = book.attestation.ctx
    key = master.account_key(account_bytes(account_id))
    salt = row_salt(key, ctx)
    leaves = open_leaves(directory, book, engine)
    index = leaves.find(row_id(salt, account_bytes(account_id)))
    if index is None:
        raise _no_account(account_id, epoch)
    leaves.compute_root(progress, follow=index)
    point = Point.from_xy(leaves.followed[:64]).to_bytes()
    cells = _cells(store, epoch, book, account_id, index, key, point)
    bundle = Bundle(
        payload=book.payload,
        index=index,
        account_id=account_id,
        cells={book.schema.columns[c].name: value for c, value in cells.items()},
        blinding=wide("blind", master.book_key(ctx) + u64(index)),
        salt=salt,
        path=leaves.path,
        attestation=Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION),
        schema=book.schema,
    ).to_bytes()
    check_bundle(bundle, account_id, public_key, engine=engine)
    return bundle


def in_book(directory: Path, account_id: str, master: MasterKey) -> bool:
    """Whether the customer would find a row of theirs in a published epoch. Read, not verified.

    Raises Malformed or Unavailable when the directory cannot be read.
    """
    envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
    a, account = Attestation.from_payload(envelope.payload), account_bytes(account_id)
    source = FileSource(directory / "leaves.bin")
    leaves = Leaves(source, a.files["leaves.bin"], a.ctx, a.accounts, a.chunk_bits, get_engine("reference"))
    return leaves.find(row_id(row_salt(master.account_key(account), a.ctx), account)) is not None


def _cells(
    store: Store, epoch: int, book: SignedBook, account_id: str, index: int, key: bytes, point: bytes
) -> dict[int, int]:
    """The row's cells: from its sealed record, or from the private snapshot of a book without sealed records."""
    if "sealed.bin" in book.attestation.files:
        record = read_record(FileSource(store.epoch(epoch) / "sealed.bin"), index)
        return dict(open_record(key, book.attestation.ctx, index, point, record).cells)
    from attest.ledger import snapshot_row  # loads Arrow, which is not needed for one account key

    found = snapshot_row(snapshot_path(store, epoch), account_bytes(account_id).decode())
    if found is None:
        raise _no_account(account_id, epoch)
    return dict(found[1])


def snapshot_path(store: Store, epoch: int) -> Path:
    """The private ledger snapshot of an epoch. Raises Unavailable (E_FILE) when it is gone."""
    path = store.private_epoch(epoch) / "ledger.parquet"
    if not path.exists():
        raise Unavailable(
            f"the private ledger snapshot of epoch {epoch} is not there",
            where=str(path),
            code="E_FILE",
            hint="restore it from the backup of the private directory",
        )
    return path


def _no_account(account_id: str, epoch: int) -> Unavailable:
    return Unavailable(
        f"epoch {epoch} has no account {account_id!r}",
        where="account",
        code="E_ACCOUNT",
        hint="account ids are compared letter by letter",
    )
