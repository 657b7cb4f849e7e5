"""One published epoch: its directory, what was signed about it, and the three checks people run.

``audit`` recomputes everything public, ``check_account`` finds and opens one customer's row, ``check_bundle`` does the
same from a single file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from verifier import canonical, fields
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.book import BookStatement, Progress, verify_book
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.engine import Engine, get_engine
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import Point
from verifier.inclusion import (
    Opening,
    VerifiedRow,
    account_bytes,
    require_root,
    row_id,
    row_salt,
    verify_inclusion,
)
from verifier.leaves import Leaves
from verifier.schema import Schema
from verifier.sealed import open_record
from verifier.sealed_file import read_record, require_layout
from verifier.sources import FileSource, require_digest, sha256
from verifier.tree import Node

ATTESTATION: Final = "attestation.json"
MAX_DOCUMENT: Final = canonical.MAX_BYTES


@dataclass(frozen=True)
class SignedBook:
    """An attestation whose signature was checked, and its schema."""

    payload: str
    attestation: Attestation
    schema: Schema

    @property
    def root(self) -> Node:
        """The signed root."""
        return Node(self.attestation.root_commitment, self.attestation.root_hash)

    @property
    def statement(self) -> BookStatement:
        """What the book proof is checked against."""
        totals = self.attestation.totals_for(self.schema)
        a = self.attestation
        return BookStatement(a.ctx, self.schema, a.accounts, a.chunk_bits, totals)


def no_progress(stage: str, done: int, total: int) -> None:
    """Shows nothing."""


def read_exchange_key(key: str | bytes) -> bytes:
    """An Ed25519 public key as 64 hex digits or 32 bytes. Raises Malformed (E_KEY)."""
    if isinstance(key, str):
        try:
            return fields.hexbytes(key.strip().lower(), "exchange key", 32)
        except Malformed:
            key = b""
    if len(key) != 32:
        raise Malformed(
            "an exchange key is 64 hex digits, typed here themselves and not the name of a file",
            where="exchange key",
            code="E_KEY",
            hint="copy it from the exchange's own page, or from its last report in print",
        )
    return key


def read_document(path: Path, limit: int = MAX_DOCUMENT) -> bytes:
    """A whole file of at most ``limit`` bytes. Raises Unavailable (E_FILE), Malformed (E_LIMIT)."""
    source = FileSource(path)
    if source.size > limit:
        raise Malformed("is too large for a document", where=path.name, code="E_LIMIT")
    return source.read(0, source.size)


def open_book(envelope: Envelope, schema: bytes, exchange_key: str | bytes) -> SignedBook:
    """Check the signature first, then read what was signed. Raises Malformed, Rejected, Unavailable."""
    envelope.require_signatures([read_exchange_key(exchange_key)], 1, ATTESTATION)
    attestation = Attestation.from_payload(envelope.payload)
    book = SignedBook(envelope.digest, attestation, Schema.from_bytes(schema))
    attestation.totals_for(book.schema)
    return book


def open_directory(directory: Path, exchange_key: str | bytes) -> SignedBook:
    """The signed book of an epoch directory."""
    envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
    return open_book(envelope, read_document(directory / "schema.json"), exchange_key)


def verify_rows(directory: Path, book: SignedBook, engine: Engine, progress: Progress) -> None:
    """The book proof holds, and the sealed records are laid out as they must be; leaves.bin is the signed one."""
    if "sealed.bin" in book.attestation.files:
        require_layout(FileSource(directory / "sealed.bin"), book.attestation.accounts)
    leaves = open_leaves(directory, book, engine)
    verify_book(book.statement, book.root, leaves, FileSource(directory / "book.proof"), engine, progress)


def check_account(
    directory: str | Path,
    account_id: str,
    account_key: bytes,
    exchange_key: str | bytes,
    *,
    holdings: Mapping[str, str] | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> VerifiedRow:
    """Find, open and check one customer's own row in an epoch directory.

    ``account_key`` is the 32-byte secret the exchange gave the customer; ``exchange_key`` the exchange's Ed25519 public
    key; ``holdings`` maps columns or assets to decimal text. Raises Rejected (E_NOT_IN_BOOK) when no row carries
    the id.
    """
    directory, engine = Path(directory), engine or get_engine()
    book = open_directory(directory, exchange_key)
    ctx = book.attestation.ctx
    salt = row_salt(account_key, ctx)
    leaves = open_leaves(directory, book, engine)
    index = leaves.find(row_id(salt, account_bytes(account_id)))
    root = leaves.compute_root(progress, follow=index)
    require_root(root, book.attestation)
    if index is None:
        raise _not_in_book()
    record = _sealed_record(directory, book, index)
    opened = open_record(account_key, ctx, index, Point.from_xy(leaves.followed[:64]).to_bytes(), record)
    opening = Opening(index, dict(opened.cells), opened.blinding, salt, leaves.path)
    return verify_inclusion(book.attestation, book.payload, book.schema, account_id, opening, holdings, engine)


def check_bundle(
    bundle: bytes,
    account_id: str,
    exchange_key: str | bytes,
    *,
    holdings: Mapping[str, str] | None = None,
    attestation: bytes | None = None,
    schema: bytes | None = None,
    engine: Engine | None = None,
) -> VerifiedRow:
    """Check a bundle file. ``attestation`` and ``schema`` are needed where the bundle does not carry them.

    Raises Malformed, Rejected, or Unavailable when something to check against is missing.
    """
    parsed = Bundle.from_bytes(bundle)
    envelope = parsed.attestation
    if attestation is not None:
        envelope = Envelope.from_bytes(attestation, PAYLOAD_TYPE, ATTESTATION)
    schema_bytes = schema if schema is not None or parsed.schema is None else parsed.schema.to_bytes()
    if envelope is None or schema_bytes is None:
        raise Unavailable(
            "the bundle does not carry the attestation and the schema",
            where="bundle",
            code="E_FILE",
            hint="give both files beside it",
        )
    book = open_book(envelope, schema_bytes, exchange_key)
    if parsed.payload != book.payload:
        raise Rejected(
            "the bundle belongs to another attestation",
            where="bundle",
            code="E_BINDING",
            step="5.1",
            hint="give the attestation of the bundle's own epoch, or leave --attestation out if the bundle carries it",
        )
    _require_same_account(parsed.account_id, account_id)
    opening = parsed.opening(book.schema)
    return verify_inclusion(
        book.attestation, book.payload, book.schema, account_id, opening, holdings, engine or get_engine()
    )


def open_leaves(directory: Path, book: SignedBook, engine: Engine) -> Leaves:
    """The rows of a signed book; nothing is read yet."""
    a = book.attestation
    source = FileSource(directory / "leaves.bin")
    return Leaves(source, a.files["leaves.bin"], a.ctx, a.accounts, a.chunk_bits, engine)


def _sealed_record(directory: Path, book: SignedBook, index: int) -> bytes:
    if "sealed.bin" not in book.attestation.files:
        raise Unavailable(
            "this book is published without sealed records",
            where="sealed.bin",
            code="E_FILE",
            hint="ask the exchange for your bundle and check that",
        )
    source = FileSource(directory / "sealed.bin")
    require_digest(source.name, sha256(source), book.attestation.files[source.name])
    require_layout(source, book.attestation.accounts)
    return read_record(source, index)


def _require_same_account(in_bundle: str, typed: str) -> None:
    if account_bytes(in_bundle) != account_bytes(typed):
        raise Rejected(
            "the bundle is for another account id than the one you typed",
            where="bundle",
            code="E_INCLUSION",
            step="5.5",
            hint="type your own account id exactly; if it is right, this bundle is not yours",
        )


def _not_in_book() -> Rejected:
    return Rejected(
        "no row of this book carries your account",
        where="leaves.bin",
        code="E_NOT_IN_BOOK",
        step="5.5",
        hint="check the account id and the account key letter by letter; if both are right, the exchange left you out",
    )
