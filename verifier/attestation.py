"""The attestation: what the exchange signs about one book (docs/protocol.md, section 2 and "The attestation").

An in-toto Statement whose predicate names the book and whose subjects are the SHA-256 of the published files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import Point
from verifier.hashing import PROTOCOL, tagged
from verifier.schema import ALWAYS_TOTALLED, MAX_ACCOUNTS, MAX_COLUMNS, Schema
from verifier.wire import HIDDEN, NONE, PUBLIC

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "solvent:attestation/v1"
REQUIRED_FILES: Final = ("book.proof", "leaves.bin", "schema.json")
OPTIONAL_FILES: Final = ("sealed.bin",)
MAX_CHUNK_BITS: Final = 24
_DIGESTS: Final = ("policy", "prices", "schema", "collateral", "scenarios", "events")
_MEMBERS: Final = (
    "protocol", "exchange", "epoch", "nonce", "previous", "taken_at", "accounts", "issued_at", "expires_at",
    "chunk_bits", "root", "digests", "totals", "holdings", "aux", "claims",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Total:
    """How a column's total is told: ``public`` with its value, ``hidden`` with its commitment, or ``none``."""

    mode: str
    value: int | Point | None = None

    def to_json(self) -> dict[str, str]:
        """The document's form."""
        if isinstance(self.value, Point):
            return {"mode": self.mode, "value": self.value.to_bytes().hex()}
        return {"mode": self.mode, "value": "" if self.value is None else str(self.value)}


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes one run of one epoch unique; with the schema and the row count it is hashed into ctx.

    ``nonce`` and ``previous`` are hex, ``taken_at`` POSIX seconds.
    """

    exchange: str
    epoch: int
    nonce: str
    taken_at: int
    previous: str

    def context(self, schema_digest: str, accounts: int) -> bytes:
        """ctx of section 2, 32 bytes."""
        preimage = {
            "protocol": PROTOCOL,
            "exchange": self.exchange,
            "epoch": self.epoch,
            "nonce": self.nonce,
            "taken_at": self.taken_at,
            "schema": schema_digest,
            "accounts": accounts,
            "previous": self.previous,
        }
        return tagged("context", canonical.encode(preimage))


@dataclass(frozen=True)
class Attestation:
    """A parsed payload. ``totals`` follows the document, by column name; ``files`` is file name -> SHA-256 hex."""

    identity: Identity
    accounts: int
    issued_at: int
    expires_at: int
    chunk_bits: int
    root_commitment: Point
    root_hash: bytes
    schema_digest: str
    totals: Mapping[str, Total]
    files: Mapping[str, str]

    @classmethod
    def from_payload(cls, payload: bytes, where: str = "attestation") -> Attestation:
        """Parse canonical payload bytes. Raises Malformed, Rejected, or Unavailable for what a later version added."""
        statement = fields.members(
            canonical.decode(payload, where=where), where, ("_type", "subject", "predicateType", "predicate")
        )
        fields.constant(statement["_type"], f"{where}: _type", STATEMENT_TYPE)
        fields.constant(statement["predicateType"], f"{where}: predicateType", PREDICATE_TYPE)
        predicate = fields.members(statement["predicate"], f"{where}: predicate", _MEMBERS)
        schema_digest = _digests(predicate["digests"], f"{where}: predicate: digests")
        files = _files(statement["subject"], f"{where}: subject")
        return _predicate(predicate, schema_digest, files, f"{where}: predicate")

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed."""
        subject = [{"name": name, "digest": {"sha256": self.files[name]}} for name in sorted(self.files)]
        return canonical.encode(
            {
                "_type": STATEMENT_TYPE,
                "subject": subject,
                "predicateType": PREDICATE_TYPE,
                "predicate": self._predicate_json(),
            }
        )

    def _predicate_json(self) -> dict[str, Any]:
        return {
            "protocol": PROTOCOL,
            "exchange": self.identity.exchange,
            "epoch": self.identity.epoch,
            "nonce": self.identity.nonce,
            "previous": self.identity.previous,
            "taken_at": self.identity.taken_at,
            "accounts": self.accounts,
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
            "chunk_bits": self.chunk_bits,
            "root": {"commitment": self.root_commitment.to_bytes().hex(), "hash": self.root_hash.hex()},
            "digests": {**dict.fromkeys(_DIGESTS, ""), "schema": self.schema_digest},
            "totals": {name: total.to_json() for name, total in self.totals.items()},
            "holdings": [],
            "aux": {},
            "claims": [],
        }

    @property
    def ctx(self) -> bytes:
        """The context that every leaf, secret and proof of this run is bound to."""
        return self.identity.context(self.schema_digest, self.accounts)

    def totals_for(self, schema: Schema) -> tuple[Total, ...]:
        """The totals in column order, after the checks that need the schema.

        Raises Rejected: E_BINDING (another schema), E_TOTAL (names, modes or values that the schema does not allow).
        """
        if schema.digest != self.schema_digest:
            raise Rejected("this is not the schema that was signed", where="schema.json", code="E_BINDING", step="4")
        if schema.policy or schema.prices or schema.scenarios:
            raise Rejected("the schema rests on documents that are not there", where="schema.json", code="E_BINDING")
        schema.check_count(self.accounts)
        if set(self.totals) != set(schema.position):
            raise Rejected("totals and columns do not match", where="totals", code="E_TOTAL", step="4")
        for column in schema.columns:
            _check_total(self.totals[column.name], column.kind, self.accounts, column.bits, column.name)
        return tuple(self.totals[column.name] for column in schema.columns)


def _check_total(total: Total, kind: str, accounts: int, bits: int, name: str) -> None:
    where = f"totals: {name}"
    if total.mode == NONE and kind in ALWAYS_TOTALLED:
        raise Rejected(f"the total of a {kind} column may not be left out", where=where, code="E_TOTAL", step="4")
    if isinstance(total.value, int) and not 0 <= total.value <= accounts * ((1 << bits) - 1):
        raise Rejected("no book of this size has this total", where=where, code="E_TOTAL", step="4")
    if kind == "unit" and (total.mode, total.value) != (PUBLIC, accounts):
        raise Rejected("the total of the unit column is the number of rows", where=where, code="E_TOTAL", step="4")


def _files(subject: Any, where: str) -> dict[str, str]:
    """The published files and their SHA-256, sorted by name, all of them known to this version."""
    files: dict[str, str] = {}
    for i, item in enumerate(fields.items(subject, where, 64)):
        parts = fields.members(item, f"{where}[{i}]", ("name", "digest"))
        hashes = fields.members(parts["digest"], f"{where}[{i}].digest", ("sha256",))
        name = fields.name(parts["name"], f"{where}[{i}].name")
        if files and name <= max(files):
            raise Malformed("file names are not sorted, or one stands twice", where=f"{where}[{i}]", code="E_FIELD")
        files[name] = fields.digest(hashes["sha256"], f"{where}[{i}].digest.sha256")
    missing = [name for name in REQUIRED_FILES if name not in files]
    unknown = [name for name in files if name not in REQUIRED_FILES + OPTIONAL_FILES]
    if missing or unknown:
        what = f"{missing[0]} is missing" if missing else f"{unknown[0]} belongs to no part of this attestation"
        raise Rejected(what, where=where, code="E_BINDING")
    return files


def _predicate(parts: dict[str, Any], schema_digest: str, files: dict[str, str], where: str) -> Attestation:
    fields.constant(parts["protocol"], f"{where}: protocol", PROTOCOL)
    root = fields.members(parts["root"], f"{where}: root", ("commitment", "hash"))
    totals = fields.mapping(parts["totals"], f"{where}: totals", MAX_COLUMNS)
    _require_liabilities_only(parts, where)
    attestation = Attestation(
        identity=Identity(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            epoch=fields.integer(parts["epoch"], f"{where}: epoch", low=1),
            nonce=fields.digest(parts["nonce"], f"{where}: nonce"),
            taken_at=fields.integer(parts["taken_at"], f"{where}: taken_at"),
            previous=fields.digest_or_empty(parts["previous"], f"{where}: previous"),
        ),
        accounts=fields.integer(parts["accounts"], f"{where}: accounts", low=1, high=MAX_ACCOUNTS),
        issued_at=fields.integer(parts["issued_at"], f"{where}: issued_at"),
        expires_at=fields.integer(parts["expires_at"], f"{where}: expires_at"),
        chunk_bits=fields.integer(parts["chunk_bits"], f"{where}: chunk_bits", high=MAX_CHUNK_BITS),
        root_commitment=_point(root["commitment"], f"{where}: root.commitment"),
        root_hash=fields.hexbytes(root["hash"], f"{where}: root.hash", 32),
        schema_digest=schema_digest,
        totals={name: _total(item, f"{where}: totals.{name[:96]}") for name, item in totals.items()},
        files=files,
    )
    _check_times(attestation, where)
    return attestation


def _check_times(attestation: Attestation, where: str) -> None:
    if attestation.identity.taken_at > attestation.issued_at:
        raise Rejected("it was signed before the snapshot was taken", where=f"{where}: issued_at", code="E_FUTURE")
    if attestation.issued_at >= attestation.expires_at:
        raise Rejected("it expired before it was signed", where=f"{where}: expires_at", code="E_EXPIRED")


def _digests(document: Any, where: str) -> str:
    """The schema's digest; the other documents belong to later kinds of attestation."""
    parts = fields.members(document, where, _DIGESTS)
    digests = {name: fields.digest_or_empty(parts[name], f"{where}.{name}") for name in _DIGESTS}
    later = [name for name in _DIGESTS if name != "schema" and digests[name]]
    if later:
        raise Unavailable(
            f"this attestation has a part that this version cannot check: {later[0]}",
            where=f"{where}.{later[0]}",
            code="E_UNSUPPORTED",
            hint="install a newer solvent-verifier",
        )
    if not digests["schema"]:
        raise Rejected("the schema is not bound", where=f"{where}.schema", code="E_BINDING")
    return digests["schema"]


def _require_liabilities_only(parts: dict[str, Any], where: str) -> None:
    """Without a policy and a snapshot nothing creates holdings, auxiliary commitments or claims."""
    if fields.items(parts["holdings"], f"{where}: holdings", 2**20):
        raise Rejected("holdings without a collateral snapshot", where=f"{where}: holdings", code="E_HOLDING")
    if fields.mapping(parts["aux"], f"{where}: aux", 2**20):
        raise Rejected("auxiliary values that no claim creates", where=f"{where}: aux", code="E_AUX")
    if fields.items(parts["claims"], f"{where}: claims", 4096):
        raise Rejected("claims without a policy", where=f"{where}: claims", code="E_CLAIM")


def _total(item: Any, where: str) -> Total:
    parts = fields.members(item, where, ("mode", "value"))
    mode = fields.text(parts["mode"], f"{where}.mode")
    if mode == PUBLIC:
        return Total(PUBLIC, fields.amount(parts["value"], f"{where}.value"))
    if mode == HIDDEN:
        return Total(HIDDEN, _point(parts["value"], f"{where}.value"))
    if mode != NONE:
        raise Malformed("mode is public, hidden or none", where=f"{where}.mode", code="E_TYPE")
    fields.constant(parts["value"], f"{where}.value", "")
    return Total(NONE)


def _point(value: Any, where: str) -> Point:
    return Point.from_bytes(fields.hexbytes(value, where, 33), where)
