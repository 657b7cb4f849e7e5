"""The lines of a snapshot: what is said to be held, and what backs each saying (docs/collateral.md).

Parsed once, strictly. Nothing here is believed: ``judge_snapshot`` judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from verifier import fields
from verifier.collateral.evidence import MAX_MESSAGE, MAX_SIGNATURES, MAX_TEXT
from verifier.collateral.quantities import (
    MAX_LINES,
    MAX_STATEMENTS,
    Value,
    chain,
    one_of,
    read_value,
    value_member,
    value_to_json,
)
from verifier.errors import Malformed
from verifier.group import Point

ADDRESS: Final = "address"
VALIDATOR: Final = "validator"
VOUCHED_KINDS: Final = ("custody", "bank", "rwa", "backstop")
"""The kinds that rest on another party's signed statement; only these may hide their amount."""
KINDS: Final = (ADDRESS, VALIDATOR, *VOUCHED_KINDS)

_MAX_WITHDRAWAL: Final = 64
"""Bytes."""
_COMMON: Final = ("id", "kind", "asset", "unit", "pool", "encumbered")
_ADDRESS: Final = ("account", "scheme", "signatures", "script", "public_key")
_VALIDATOR: Final = ("chain", "public_key", "withdrawal", "scheme", "signatures")
_ENTRY: Final = ("statement", "entry")


@dataclass(frozen=True, slots=True)
class AddressBacking:
    """Signatures of the keys of ``account`` (CAIP-10). ``message`` is None where M was signed."""

    account: str
    scheme: str
    signatures: tuple[str, ...]
    script: str = ""
    public_key: str = ""
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The members of an address line."""
        plain = {name: getattr(self, name) for name in _ADDRESS}
        told = {} if self.message is None else {"message": self.message}
        return {**plain, "signatures": list(self.signatures), **told}


@dataclass(frozen=True, slots=True)
class ValidatorBacking:
    """Signatures of M by a validator's key (hex) on ``chain``; ``withdrawal`` (hex) is vouched for, not checked."""

    chain: str
    public_key: str
    withdrawal: str
    scheme: str
    signatures: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The members of a validator line."""
        return {**{name: getattr(self, name) for name in _VALIDATOR}, "signatures": list(self.signatures)}


@dataclass(frozen=True, slots=True)
class EntryBacking:
    """Entry number ``entry`` of the snapshot's statement number ``statement``."""

    statement: int
    entry: int

    def to_json(self) -> dict[str, Any]:
        """The members of every other line."""
        return {"statement": self.statement, "entry": self.entry}


Backing: TypeAlias = AddressBacking | ValidatorBacking | EntryBacking


@dataclass(frozen=True, slots=True)
class Line:
    """``value`` of ``asset``, in base units of ``unit``, in one pool; ``encumbered`` of it is not free."""

    id: str
    kind: str
    asset: str
    unit: str
    pool: str
    value: Value
    encumbered: int
    backing: Backing

    @property
    def hidden(self) -> bool:
        """Whether the amount is told by a commitment."""
        return isinstance(self.value, Point)

    @classmethod
    def from_json(cls, document: Any, where: str = "line") -> Line:
        """Parse a decoded line. Raises Malformed."""
        kind = _kind(document, where)
        told = value_member(document) if kind in VOUCHED_KINDS else "amount"
        own, optional = _MEMBERS.get(kind, (_ENTRY, ()))
        parts = fields.members(document, where, (*_COMMON, told, *own), optional)
        return cls(
            id=fields.name(parts["id"], f"{where}.id"),
            kind=kind,
            asset=fields.sym(parts["asset"], f"{where}.asset"),
            unit=fields.name(parts["unit"], f"{where}.unit"),
            pool=fields.name(parts["pool"], f"{where}.pool"),
            value=read_value(parts, where),
            encumbered=fields.amount(parts["encumbered"], f"{where}.encumbered"),
            backing=_backing(kind, parts, where),
        )

    def to_json(self) -> dict[str, Any]:
        """The line as a document."""
        plain = {name: getattr(self, name) for name in ("id", "kind", "asset", "unit", "pool")}
        return {**plain, **value_to_json(self.value), "encumbered": str(self.encumbered), **self.backing.to_json()}


_MEMBERS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    ADDRESS: (_ADDRESS, ("message",)),
    VALIDATOR: (_VALIDATOR, ()),
}


def _kind(document: Any, where: str) -> str:
    """The kind, which says what other members there are."""
    if not isinstance(document, dict):
        raise Malformed("should be an object", where=where, code="E_TYPE")
    if "kind" not in document:
        raise Malformed("member 'kind' is missing", where=where, code="E_FIELD")
    return one_of(document["kind"], f"{where}.kind", KINDS)


def _backing(kind: str, parts: dict[str, Any], where: str) -> Backing:
    if kind == ADDRESS:
        return _address(parts, where)
    if kind == VALIDATOR:
        return _validator(parts, where)
    return EntryBacking(
        fields.integer(parts["statement"], f"{where}.statement", high=MAX_STATEMENTS - 1),
        fields.integer(parts["entry"], f"{where}.entry", high=MAX_LINES - 1),
    )


def _address(parts: dict[str, Any], where: str) -> AddressBacking:
    message = fields.text(parts["message"], f"{where}.message", MAX_MESSAGE) if "message" in parts else None
    return AddressBacking(
        account=fields.text(parts["account"], f"{where}.account"),
        scheme=fields.name(parts["scheme"], f"{where}.scheme"),
        signatures=_signatures(parts["signatures"], f"{where}.signatures"),
        script=fields.text(parts["script"], f"{where}.script", MAX_TEXT),
        public_key=fields.text(parts["public_key"], f"{where}.public_key", MAX_TEXT),
        message=message,
    )


def _validator(parts: dict[str, Any], where: str) -> ValidatorBacking:
    return ValidatorBacking(
        chain=chain(parts["chain"], f"{where}.chain"),
        public_key=fields.hexbytes(parts["public_key"], f"{where}.public_key", 48).hex(),
        withdrawal=_withdrawal(parts["withdrawal"], f"{where}.withdrawal"),
        scheme=fields.name(parts["scheme"], f"{where}.scheme"),
        signatures=_signatures(parts["signatures"], f"{where}.signatures"),
    )


def _signatures(value: Any, where: str) -> tuple[str, ...]:
    listed = fields.items(value, where, MAX_SIGNATURES)
    return tuple(fields.text(item, f"{where}[{i}]", MAX_TEXT) for i, item in enumerate(listed))


def _withdrawal(value: Any, where: str) -> str:
    digits = fields.text(value, where, 2 * _MAX_WITHDRAWAL)
    return fields.hexbytes(digits, where, len(digits) // 2).hex()
