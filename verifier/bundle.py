"""A bundle: one customer's row in one file, for keeping and for checking offline (docs/protocol.md, section 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from verifier import canonical, fields
from verifier.attestation import PAYLOAD_TYPE
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected
from verifier.group import Point, scalar_from_bytes, scalar_to_bytes
from verifier.inclusion import Opening, account_bytes
from verifier.schema import MAX_COLUMNS, Schema
from verifier.tree import Node

TYPE: Final = "solvent:bundle/v1"
MAX_PATH: Final = 40
_MEMBERS: Final = ("type", "payload", "index", "account_id", "cells", "blinding", "salt", "path")


@dataclass(frozen=True, slots=True)
class Bundle:
    """``payload`` is the digest of the attestation meant, hex; ``cells`` holds the non-zero amounts by column name."""

    payload: str
    index: int
    account_id: str
    cells: dict[str, int] = field(repr=False)
    blinding: int = field(repr=False)
    salt: bytes = field(repr=False)
    path: tuple[Node, ...]
    attestation: Envelope | None = None
    schema: Schema | None = None

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "bundle") -> Bundle:
        """Parse canonical bytes. Raises Malformed."""
        document = canonical.decode(data, where=where)
        parts = fields.members(document, where, _MEMBERS, optional=("attestation", "schema"))
        fields.constant(parts["type"], f"{where}: type", TYPE)
        cells = fields.mapping(parts["cells"], f"{where}: cells", MAX_COLUMNS)
        path = fields.items(parts["path"], f"{where}: path", MAX_PATH)
        return cls(
            payload=fields.digest(parts["payload"], f"{where}: payload"),
            index=fields.integer(parts["index"], f"{where}: index"),
            account_id=_account_id(parts["account_id"], f"{where}: account_id"),
            cells={name: _cell(value, f"{where}: cells.{name[:96]}") for name, value in cells.items()},
            blinding=scalar_from_bytes(
                fields.hexbytes(parts["blinding"], f"{where}: blinding", 32), f"{where}: blinding"
            ),
            salt=_salt(parts["salt"], f"{where}: salt"),
            path=tuple(_node(item, f"{where}: path[{i}]") for i, item in enumerate(path)),
            attestation=Envelope.from_json(parts["attestation"], PAYLOAD_TYPE, f"{where}: attestation")
            if "attestation" in parts
            else None,
            schema=None if "schema" not in parts else Schema.from_json(parts["schema"], f"{where}: schema"),
        )

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        document: dict[str, Any] = {
            "type": TYPE,
            "payload": self.payload,
            "index": self.index,
            "account_id": self.account_id,
            "cells": {name: str(value) for name, value in self.cells.items() if value},
            "blinding": scalar_to_bytes(self.blinding).hex(),
            "salt": self.salt.hex(),
            "path": [{"C": node.C.to_bytes().hex(), "h": node.h.hex()} for node in self.path],
        }
        if self.attestation is not None:
            document["attestation"] = self.attestation.to_json()
        if self.schema is not None:
            document["schema"] = self.schema.to_json()
        return canonical.encode(document)

    def opening(self, schema: Schema) -> Opening:
        """The row it opens, its cells by column index. Raises Rejected for a cell without a column (5.3)."""
        unknown = [name for name in self.cells if name not in schema.position]
        if unknown:
            raise Rejected(
                f"the signed schema has no column {unknown[0][:96]!r}", where="cells", code="E_INCLUSION", step="5.3"
            )
        cells = {schema.position[name]: value for name, value in self.cells.items()}
        return Opening(self.index, cells, self.blinding, self.salt, self.path)


def _cell(value: Any, where: str) -> int:
    amount = fields.amount(value, where)
    if amount == 0:
        raise Malformed("a bundle lists non-zero cells only", where=where, code="E_FIELD")
    return amount


def _account_id(value: Any, where: str) -> str:
    """An account id in its one spelling, NFC."""
    text = fields.text(value, where, 256)
    if account_bytes(text) != text.encode():
        raise Malformed("is not in Unicode form NFC", where=where, code="E_ACCOUNT")
    return text


def _salt(value: Any, where: str) -> bytes:
    """Any number of bytes; section 5 step 2 is what insists on 32."""
    digits = fields.text(value, where)
    return fields.hexbytes(digits, where, len(digits) // 2)


def _node(item: Any, where: str) -> Node:
    parts = fields.members(item, where, ("C", "h"))
    commitment = Point.from_bytes(fields.hexbytes(parts["C"], f"{where}.C", 33), f"{where}.C")
    return Node(commitment, fields.hexbytes(parts["h"], f"{where}.h", 32))
