"""Statements of others: what a custodian, bank, issuer, backstop or observer vouches for (docs/collateral.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from verifier import canonical, fields
from verifier.collateral.accounts import parse_account
from verifier.collateral.lines import VOUCHED_KINDS
from verifier.collateral.quantities import MAX_LINES, Value, one_of, read_value, value_member, value_to_json
from verifier.dsse import Envelope
from verifier.errors import Malformed

TYPE: Final = "solvent:custody/v1"
MAX_BYTES: Final = 2**28
PAYLOAD_TYPE: Final = "application/vnd.solvent.custody.v1+json"
OBSERVER: Final = "observer"
"""The issuer, and the role, of an observer's statement: of the roles that sign these, the one without a name."""

_MEMBERS: Final = ("type", "issuer", "kind", "exchange", "epoch", "challenge", "as_of", "expires_at", "entries")
_ENTRY: Final = ("asset", "unit", "encumbered", "reference", "valuation_at", "covers")
_ROLES: Final = {"custody": "custodian", "bank": "bank", "rwa": "issuer", "backstop": "backstop"}


@dataclass(frozen=True, slots=True)
class Entry:
    """``value`` of ``asset``, in base units of ``unit``, under the issuer's ``reference``; ``covers`` is CAIP-10.

    ``valuation_at`` is POSIX seconds.
    """

    asset: str
    unit: str
    value: Value
    encumbered: int
    reference: str
    valuation_at: int
    covers: tuple[str, ...]

    @classmethod
    def from_json(cls, document: Any, where: str) -> Entry:
        """Parse a decoded entry. Raises Malformed."""
        parts = fields.members(document, where, (*_ENTRY, value_member(document)))
        covers = fields.items(parts["covers"], f"{where}.covers", MAX_LINES)
        return cls(
            asset=fields.sym(parts["asset"], f"{where}.asset"),
            unit=fields.name(parts["unit"], f"{where}.unit"),
            value=read_value(parts, where),
            encumbered=fields.amount(parts["encumbered"], f"{where}.encumbered"),
            reference=fields.text(parts["reference"], f"{where}.reference"),
            valuation_at=fields.integer(parts["valuation_at"], f"{where}.valuation_at"),
            covers=tuple(_account(item, f"{where}.covers[{i}]") for i, item in enumerate(covers)),
        )

    def to_json(self) -> dict[str, Any]:
        """The entry as a document."""
        plain = {name: getattr(self, name) for name in ("asset", "unit", "reference", "valuation_at")}
        value = value_to_json(self.value)
        return {**plain, **value, "encumbered": str(self.encumbered), "covers": list(self.covers)}


@dataclass(frozen=True, slots=True)
class Custody:
    """A statement's payload. ``epoch`` 0 with ``challenge`` "" belongs to no epoch; times are POSIX seconds."""

    issuer: str
    kind: str
    exchange: str
    epoch: int
    challenge: str
    as_of: int
    expires_at: int
    entries: tuple[Entry, ...]

    @classmethod
    def from_payload(cls, data: bytes, where: str = "custody") -> Custody:
        """Parse canonical bytes. Raises Malformed."""
        parts = fields.members(canonical.decode(data, where=where, limit=MAX_BYTES), where, _MEMBERS)
        fields.constant(parts["type"], f"{where}: type", TYPE)
        entries = fields.items(parts["entries"], f"{where}: entries", MAX_LINES)
        return cls(
            issuer=fields.name(parts["issuer"], f"{where}: issuer"),
            kind=one_of(parts["kind"], f"{where}: kind", VOUCHED_KINDS),
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            epoch=fields.integer(parts["epoch"], f"{where}: epoch"),
            challenge=fields.digest_or_empty(parts["challenge"], f"{where}: challenge"),
            as_of=fields.integer(parts["as_of"], f"{where}: as_of"),
            expires_at=fields.integer(parts["expires_at"], f"{where}: expires_at"),
            entries=tuple(Entry.from_json(item, f"{where}: entries[{i}]") for i, item in enumerate(entries)),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        plain = {name: getattr(self, name) for name in _MEMBERS if name not in ("type", "entries")}
        return {"type": TYPE, **plain, "entries": [entry.to_json() for entry in self.entries]}

    def to_payload(self) -> bytes:
        """The canonical bytes: what the issuer signs."""
        return canonical.encode(self.to_json())

    @property
    def role(self) -> str:
        """The role whose keys must sign: ``custodian/<issuer>``, ``bank/<issuer>`` and so on, or ``observer``."""
        if self.kind == "custody" and self.issuer == OBSERVER:
            return OBSERVER
        return f"{_ROLES[self.kind]}/{self.issuer}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A signed statement: ``custody`` is what stands in the payload of ``envelope``; no signature is verified yet."""

    envelope: Envelope
    custody: Custody

    @classmethod
    def from_json(cls, document: Any, where: str) -> Statement:
        """Parse a decoded envelope and its payload. Raises Malformed."""
        envelope = Envelope.from_json(document, PAYLOAD_TYPE, where)
        return cls(envelope, Custody.from_payload(envelope.payload, where))


def _account(item: Any, where: str) -> str:
    try:
        return str(parse_account(fields.text(item, where), where))
    except Malformed as error:
        raise Malformed(
            error.message, where=where, code="E_TYPE" if error.code == "E_LINE_ACCOUNT" else error.code
        ) from error
