"""The reader's file: what one reader asks for before believing anything. The exchange never signs it.

Without a file a reader asks for coverage of 100 % where the exchange has a policy, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected
from verifier.trust import names
from verifier.trust.requirement import WHOLE, Requirement
from verifier.trust.root import MAX_ROLES
from verifier.trust.threshold import Threshold

TYPE: Final = names.document_type("reader")
MAX_REQUIRED: Final = 4096
MAX_LOG_TEXT: Final = 65_536
"""Bytes: room for the 32 logs, witnesses and groups that C2SP recommends to support."""

_MEMBERS: Final = ("type", "exchange", "root", "require", "cosign", "pins")


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader holds against an attestation.

    ``root`` is the digest (hex) of a root document, or the exchange's own public keys, or "" where the reader takes
    the first root document that comes ("first contact"). ``cosign`` is tag -> the reader's own keys, ``pins`` role ->
    key ids, ``log`` the text of a C2SP log policy or None.
    """

    exchange: str
    root: str | tuple[bytes, ...]
    require: tuple[Requirement, ...]
    cosign: Mapping[str, Threshold]
    pins: Mapping[str, tuple[str, ...]]
    log: str | None = None

    @classmethod
    def default(cls, exchange: str, *, policy: bool, key: bytes | None = None) -> Reader:
        """The reader without a file, or with only the exchange's ``key``; ``policy``: the attestation names one."""
        require = (Requirement("coverage", "", WHOLE),) if policy else ()
        return cls(exchange, "" if key is None else (key,), require, {}, {})

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "reader file") -> Reader:
        """Parse canonical bytes. Raises Malformed, or Rejected (E_TRUST_ROLE) for a key pinned in two roles."""
        return cls.from_json(canonical.decode(data, where=where), where)

    @classmethod
    def from_text(cls, data: bytes, where: str = "reader file") -> Reader:
        """Parse what a person wrote: any layout of the same JSON, members as strict as ever. Raises as ``from_bytes``.

        The reader's own file is signed by nobody, so its bytes need not be canonical; its digest is of the canonical
        form.
        """
        return cls.from_json(canonical.decode_text(data, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "reader file") -> Reader:
        """Parse a decoded document; see ``from_bytes``."""
        parts = fields.members(document, where, _MEMBERS, optional=("log",))
        fields.constant(parts["type"], f"{where}: type", TYPE)
        return cls(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            root=_root(parts["root"], f"{where}: root"),
            require=_require(parts["require"], f"{where}: require"),
            cosign=_cosign(parts["cosign"], f"{where}: cosign"),
            pins=_pins(parts["pins"], f"{where}: pins"),
            log=fields.text(parts["log"], f"{where}: log", MAX_LOG_TEXT) if "log" in parts else None,
        )

    def to_json(self) -> dict[str, Any]:
        """The document; the member log is there only where a log is asked for."""
        document = {
            "type": TYPE,
            "exchange": self.exchange,
            "root": self.root if isinstance(self.root, str) else [key.hex() for key in self.root],
            "require": [requirement.to_json() for requirement in self.require],
            "cosign": {tag: keys.to_json() for tag, keys in self.cosign.items()},
            "pins": {role: list(keyids) for role, keyids in self.pins.items()},
        }
        return document if self.log is None else {**document, "log": self.log}

    def to_bytes(self) -> bytes:
        """The canonical bytes of the file."""
        return canonical.encode(self.to_json())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex: how a report names it."""
        return canonical.digest(self.to_json())


def _root(value: Any, where: str) -> str | tuple[bytes, ...]:
    if isinstance(value, list):
        return names.public_keys(value, where)
    return fields.digest_or_empty(value, where)


def _require(value: Any, where: str) -> tuple[Requirement, ...]:
    listed = fields.items(value, where, MAX_REQUIRED)
    require = tuple(Requirement.from_json(item, f"{where}[{i}]") for i, item in enumerate(listed))
    if len({(item.kind, item.asset) for item in require}) != len(require):
        raise Malformed("one kind and asset is asked for twice", where=where, code="E_FIELD")
    return require


def _cosign(value: Any, where: str) -> dict[str, Threshold]:
    entries = fields.mapping(value, where, len(names.SIGNED_TAGS))
    unknown = [tag for tag in entries if tag not in names.SIGNED_TAGS]
    if unknown:
        raise Malformed(f"{unknown[0][:40]!r} is no document that anybody signs", where=where, code="E_FIELD")
    return {tag: Threshold.from_json(item, f"{where}.{tag}") for tag, item in entries.items()}


def _pins(value: Any, where: str) -> dict[str, tuple[str, ...]]:
    entries = fields.mapping(value, where, MAX_ROLES)
    pins = {
        names.role(name, f"{where}.{name[:110]}"): _keyids(item, f"{where}.{name[:110]}")
        for name, item in entries.items()
    }
    role_of: dict[str, str] = {}
    for name, keyids in pins.items():
        if any(role_of.setdefault(keyid, name) != name for keyid in keyids):
            raise Rejected("one key is pinned in two roles", where=f"{where}.{name}", code="E_TRUST_ROLE")
    return pins


def _keyids(value: Any, where: str) -> tuple[str, ...]:
    listed = fields.items(value, where, names.MAX_KEYS)
    keyids = tuple(fields.digest(item, f"{where}[{i}]") for i, item in enumerate(listed))
    if len(set(keyids)) != len(keyids):
        raise Malformed("a key stands twice in this list", where=where, code="E_FIELD")
    return keyids
