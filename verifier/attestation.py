"""The attestation: what the exchange signs about one book (docs/protocol.md, section 2 and "The attestation").

An in-toto Statement whose predicate names the book and whose subjects are the SHA-256 of the published files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from verifier import canonical, fields, predicate
from verifier.errors import Malformed, Rejected
from verifier.group import Point
from verifier.hashing import PROTOCOL, tagged
from verifier.markets.descriptors import Claim
from verifier.predicate import SignedHolding
from verifier.schema import ALWAYS_TOTALLED, DERIVED_KINDS, MAX_ACCOUNTS, MAX_COLUMNS, Schema
from verifier.wire import HIDDEN, NONE, PUBLIC

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "solvent:attestation/v1"
MAX_CHUNK_BITS: Final = 24
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
    """A parsed payload.

    ``digests`` has all six (``predicate.NO_DIGESTS`` helps), "" for what is not there; ``totals`` are by column name;
    ``aux`` are commitments by name; ``claims`` in the policy's order; ``files`` is file name -> SHA-256 hex.
    """

    identity: Identity
    accounts: int
    issued_at: int
    expires_at: int
    chunk_bits: int
    root_commitment: Point
    root_hash: bytes
    digests: Mapping[str, str]
    totals: Mapping[str, Total]
    files: Mapping[str, str]
    holdings: tuple[SignedHolding, ...] = ()
    aux: Mapping[str, Point] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    @classmethod
    def from_payload(cls, payload: bytes, where: str = "attestation") -> Attestation:
        """Parse canonical payload bytes. Raises Malformed, Rejected, or Unavailable for what a later version added."""
        statement = fields.members(
            canonical.decode(payload, where=where), where, ("_type", "subject", "predicateType", "predicate")
        )
        fields.constant(statement["_type"], f"{where}: _type", STATEMENT_TYPE)
        fields.constant(statement["predicateType"], f"{where}: predicateType", PREDICATE_TYPE)
        where = f"{where}: "
        files = predicate.read_files(statement["subject"], f"{where}subject")
        attestation = _predicate(fields.members(statement["predicate"], f"{where}predicate", _MEMBERS), files, where)
        _require_consistent(attestation, where)
        return attestation

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
            "digests": dict(self.digests),
            "totals": {name: total.to_json() for name, total in self.totals.items()},
            "holdings": [holding.to_json() for holding in self.holdings],
            "aux": {name: value.to_bytes().hex() for name, value in self.aux.items()},
            "claims": [claim.to_json() for claim in self.claims],
        }

    @property
    def schema_digest(self) -> str:
        """The digest of the book's schema."""
        return self.digests["schema"]

    @cached_property
    def claims_context(self) -> bytes:
        """What the claims argument is bound to: everything that is signed but the files, so no proof is in it."""
        return tagged("attestation", canonical.encode(self._predicate_json()))

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
        self._require_same_documents(schema)
        schema.check_count(self.accounts)
        if set(self.totals) != set(schema.position):
            raise Rejected("totals and columns do not match", where="totals", code="E_TOTAL", step="4")
        for column in schema.columns:
            _check_total(self.totals[column.name], column.kind, self.accounts, column.bits, column.name)
        return tuple(self.totals[column.name] for column in schema.columns)

    def _require_same_documents(self, schema: Schema) -> None:
        """The schema names the policy, and prices and scenarios only where a rule or a derived column reads them."""
        reads = bool(schema.rules) or any(column.kind in DERIVED_KINDS for column in schema.columns)
        allowed = {name: {"", self.digests[name]} if reads else {""} for name in ("prices", "scenarios")}
        if schema.policy != self.digests["policy"]:
            raise Rejected("the schema rests on another policy", where="schema.json: policy", code="E_BINDING")
        for name, value in (("prices", schema.prices), ("scenarios", schema.scenarios)):
            if value not in allowed[name]:
                message = "the schema rests on a document that is not part of this attestation"
                raise Rejected(message, where=f"schema.json: {name}", code="E_BINDING")


def _check_total(total: Total, kind: str, accounts: int, bits: int, name: str) -> None:
    where = f"totals: {name}"
    if total.mode == NONE and kind in ALWAYS_TOTALLED:
        raise Rejected(f"the total of a {kind} column may not be left out", where=where, code="E_TOTAL", step="4")
    if isinstance(total.value, int) and not 0 <= total.value <= accounts * ((1 << bits) - 1):
        raise Rejected("no book of this size has this total", where=where, code="E_TOTAL", step="4")
    if kind == "unit" and (total.mode, total.value) != (PUBLIC, accounts):
        raise Rejected("the total of the unit column is the number of rows", where=where, code="E_TOTAL", step="4")


def _predicate(parts: dict[str, Any], files: dict[str, str], prefix: str) -> Attestation:
    where = f"{prefix}predicate"
    fields.constant(parts["protocol"], f"{where}: protocol", PROTOCOL)
    root = fields.members(parts["root"], f"{where}: root", ("commitment", "hash"))
    totals = fields.mapping(parts["totals"], f"{where}: totals", MAX_COLUMNS)
    return Attestation(
        identity=_identity(parts, where),
        accounts=fields.integer(parts["accounts"], f"{where}: accounts", low=1, high=MAX_ACCOUNTS),
        issued_at=fields.integer(parts["issued_at"], f"{where}: issued_at"),
        expires_at=fields.integer(parts["expires_at"], f"{where}: expires_at"),
        chunk_bits=fields.integer(parts["chunk_bits"], f"{where}: chunk_bits", high=MAX_CHUNK_BITS),
        root_commitment=predicate.point(root["commitment"], f"{where}: root.commitment"),
        root_hash=fields.hexbytes(root["hash"], f"{where}: root.hash", 32),
        digests=predicate.read_digests(parts["digests"], f"{where}: digests"),
        totals={name: _total(item, f"{where}: totals.{name[:96]}") for name, item in totals.items()},
        files=files,
        holdings=predicate.read_holdings(parts["holdings"], f"{where}: holdings"),
        aux=predicate.read_aux(parts["aux"], f"{where}: aux"),
        claims=predicate.read_claims(parts["claims"], f"{where}: claims"),
    )


def _identity(parts: dict[str, Any], where: str) -> Identity:
    return Identity(
        exchange=fields.name(parts["exchange"], f"{where}: exchange"),
        epoch=fields.integer(parts["epoch"], f"{where}: epoch", low=1),
        nonce=fields.digest(parts["nonce"], f"{where}: nonce"),
        taken_at=fields.integer(parts["taken_at"], f"{where}: taken_at"),
        previous=fields.digest_or_empty(parts["previous"], f"{where}: previous"),
    )


def _require_consistent(a: Attestation, prefix: str) -> None:
    """What can be said without any other document. Raises Rejected: E_BINDING, E_HOLDING, E_CLAIM, E_AUX, times."""
    where, claims = f"{prefix}predicate", bool(a.claims)
    predicate.require_documents(a.digests, f"{where}: digests")
    predicate.require_parts(a.digests, a.holdings, a.aux, claims, where)
    provable = claims or any(held.hidden is not None for held in a.holdings)
    predicate.require_files(a.files, a.digests, provable, f"{prefix}subject")
    _check_times(a, where)


def _check_times(attestation: Attestation, where: str) -> None:
    if attestation.identity.taken_at > attestation.issued_at:
        raise Rejected("it was signed before the snapshot was taken", where=f"{where}: issued_at", code="E_FUTURE")
    if attestation.issued_at >= attestation.expires_at:
        raise Rejected("it expired before it was signed", where=f"{where}: expires_at", code="E_EXPIRED")


def _total(item: Any, where: str) -> Total:
    parts = fields.members(item, where, ("mode", "value"))
    mode = fields.text(parts["mode"], f"{where}.mode")
    if mode == PUBLIC:
        return Total(PUBLIC, fields.amount(parts["value"], f"{where}.value"))
    if mode == HIDDEN:
        return Total(HIDDEN, predicate.point(parts["value"], f"{where}.value"))
    if mode != NONE:
        raise Malformed("mode is public, hidden or none", where=f"{where}.mode", code="E_TYPE")
    fields.constant(parts["value"], f"{where}.value", "")
    return Total(NONE)
