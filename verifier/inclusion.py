"""Inclusion: a customer's own row is in the signed book (docs/protocol.md, section 5).

Prover: attest/customer.py.  Attacks: tests/adversarial/test_inclusion.py.  Bytes: bundle.Bundle, sealed.OpenedRow.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.attestation import Attestation
from verifier.engine import Engine, SparseRows
from verifier.errors import Malformed, Rejected
from verifier.group import Point, scalar_to_bytes
from verifier.hashing import N, tagged
from verifier.holdings import Balance, compared_balances, read_holdings, require_equal
from verifier.schema import Schema
from verifier.tree import Node, fold_path, leaf

SALT_BYTES = 32
ACCOUNT_KEY_PREFIX = "slv_k_"


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a row: its position, non-zero cells by column index, blinding, salt and path (leaf upwards)."""

    index: int
    cells: Mapping[int, int] = field(repr=False)
    blinding: int = field(repr=False)
    salt: bytes = field(repr=False)
    path: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class VerifiedRow:
    """A row that was found in a signed book.

    ``balances`` are the non-zero amounts the customer is meant to compare; ``compared`` tells whether they were
    compared with the customer's own records, and only then does the check say that they are RIGHT. ``taken_at`` and
    ``expires_at`` are POSIX seconds; ``payload`` is the SHA-256 of what was signed, hex.
    """

    exchange: str
    epoch: int
    taken_at: int
    expires_at: int
    payload: str
    accounts: int
    account_id: str
    index: int
    row_id: str
    balances: tuple[Balance, ...]
    compared: bool


def account_bytes(account_id: str) -> bytes:
    """The bytes of an account id: NFC, 1 to 256 bytes of UTF-8, no control character. Raises Malformed (E_ACCOUNT)."""
    try:
        data = unicodedata.normalize("NFC", account_id).encode()
    except UnicodeEncodeError:
        data = b""
    if not 1 <= len(data) <= 256 or any(byte < 0x20 for byte in data):
        raise Malformed(
            "an account id has 1 to 256 bytes and no control characters",
            where="account id",
            code="E_ACCOUNT",
            hint="type it exactly as the exchange shows it",
        )
    return data


def read_account_key(text: str) -> bytes:
    """The 32 bytes of ``slv_k_`` + 64 hex digits. Raises Malformed (E_KEY), never quoting what was typed."""
    digits = text.strip().removeprefix(ACCOUNT_KEY_PREFIX)
    try:
        key = bytes.fromhex(digits) if digits.isascii() and len(digits) == 64 else b""
    except ValueError:
        key = b""
    if len(key) != 32 or not text.strip().startswith(ACCOUNT_KEY_PREFIX) or digits != digits.lower():
        raise Malformed(
            f"this is not an account key: {ACCOUNT_KEY_PREFIX} and 64 hex digits in lower case",
            where="account key",
            code="E_KEY",
            hint="copy it again from the exchange's page",
        )
    return key


def row_salt(account_key: bytes, ctx: bytes) -> bytes:
    """salt_j, which the customer derives unaided."""
    return tagged("salt", account_key + ctx)


def row_id(salt: bytes, account_id: bytes) -> bytes:
    """id_j."""
    return tagged("account", salt + account_id)


def verify_inclusion(
    attestation: Attestation,
    payload: str,
    schema: Schema,
    account_id: str,
    opening: Opening,
    holdings: Mapping[str, str] | None,
    engine: Engine,
) -> VerifiedRow:
    """Check a row, in the order of section 5. Raises Malformed or Rejected naming the step.

    1. (The caller checked the signature.) The row's position is one of the book.
    2. The salt has 32 bytes, the blinding is a scalar.
    3. The cells fit the signed schema's columns.
    4. Where ``holdings`` are given, they equal the cells in both directions.
    5. The id, from the CUSTOMER's account_id, and the commitment and leaf are recomputed.
    6. The path has the computed length and leads to the signed root.
    """
    attestation.totals_for(schema)
    require_position(opening.index, attestation.accounts)
    require_secrets(opening.salt, opening.blinding)
    require_cells(schema, opening.cells)
    if holdings is not None:
        require_equal(schema, opening.cells, read_holdings(schema, holdings))
    identifier = row_id(opening.salt, account_bytes(account_id))
    commitment = commit_row(schema, opening, engine)
    start = leaf(attestation.ctx, opening.index, commitment, identifier)
    require_root(fold_path(start, opening.index, attestation.accounts, opening.path), attestation)
    return VerifiedRow(
        exchange=attestation.identity.exchange,
        epoch=attestation.identity.epoch,
        taken_at=attestation.identity.taken_at,
        expires_at=attestation.expires_at,
        payload=payload,
        accounts=attestation.accounts,
        account_id=unicodedata.normalize("NFC", account_id),
        index=opening.index,
        row_id=identifier.hex(),
        balances=compared_balances(schema, opening.cells),
        compared=holdings is not None,
    )


def require_position(index: int, accounts: int) -> None:
    """Step 1: j < N."""
    if not 0 <= index < accounts:
        raise Rejected(f"the book has no row {index}", where="index", code="E_INCLUSION", step="5.1")


def require_secrets(salt: bytes, blinding: int) -> None:
    """Step 2."""
    if len(salt) != SALT_BYTES:
        raise Rejected(f"a salt has 32 bytes, not {len(salt)}", where="salt", code="E_INCLUSION", step="5.2")
    if not 0 <= blinding < N:
        raise Rejected("the blinding is no scalar", where="blinding", code="E_INCLUSION", step="5.2")


def require_cells(schema: Schema, cells: Mapping[int, int]) -> None:
    """Step 3: every cell belongs to a column and fits its bits."""
    for c, value in cells.items():
        if not 0 <= c < len(schema.columns):
            raise Rejected(f"the schema has no column {c}", where="cells", code="E_INCLUSION", step="5.3")
        column = schema.columns[c]
        if not 0 <= value < 1 << column.bits:
            raise Rejected(
                f"does not fit {column.bits} bits", where=f"cell {column.name}", code="E_INCLUSION", step="5.3"
            )


def commit_row(schema: Schema, opening: Opening, engine: Engine) -> Point:
    """C_j, recomputed from the opened row."""
    cells = sorted((c, value) for c, value in opening.cells.items() if value)
    values = b"".join(value.to_bytes(16, "big") for _, value in cells)
    row = SparseRows(array("Q", [len(cells)]), array("H", [c for c, _ in cells]), values)
    committer = engine.committer([column.bits for column in schema.columns])
    return Point.from_sum(committer.commit(row, scalar_to_bytes(opening.blinding)))


def require_root(root: Node, attestation: Attestation) -> None:
    """Step 6: what the path leads to is what was signed."""
    if root != Node(attestation.root_commitment, attestation.root_hash):
        raise Rejected(
            "this row does not lead to the signed book",
            where="path",
            code="E_INCLUSION",
            step="5.6",
            hint="check the account id; if it is right, the row shown to you is not in the book that was signed",
        )
