"""Names and keys that trust documents are made of: roles, tags, Ed25519 public keys."""

from __future__ import annotations

import re
from typing import Any, Final

from verifier import fields
from verifier.errors import Malformed

ROOT: Final = "root"
EXCHANGE: Final = "exchange"
LOG: Final = "log"
STATEMENT: Final = "statement"
RISK: Final = "risk"
OBSERVER: Final = "observer"
AUDITOR: Final = "auditor"
PRICE: Final = "price"
CUSTODIAN: Final = "custodian"
BANK: Final = "bank"
ISSUER: Final = "issuer"
BACKSTOP: Final = "backstop"

SINGLE_ROLES: Final = (ROOT, EXCHANGE, LOG, STATEMENT, RISK, OBSERVER, AUDITOR)
NAMED_ROLES: Final = (PRICE, CUSTODIAN, BANK, ISSUER, BACKSTOP)
"""Written ``<role>/<name>``: there is one role for each price source, custodian, bank, issuer and backstop."""

SIGNED_TAGS: Final = (
    "root", "policy", "scenarios", "quote", "custody", "collateral", "events", "attestation", "pulse", "notice",
    "statement", "check", "report",
)  # fmt: skip
"""The documents that are published as signed envelopes; prices and schema are not signed, they are recomputed."""

MAX_KEYS: Final = 64
"""Keys of one role: as many as an envelope has signatures."""

_NAMED: Final = re.compile(rf"(?:{'|'.join(NAMED_ROLES)})/(.*)", re.ASCII | re.DOTALL)
_PRIME: Final = 2**255 - 19
_ORDER_8_Y: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER_Y: Final = frozenset({0, 1, _PRIME - 1, _ORDER_8_Y, _PRIME - _ORDER_8_Y})


def document_type(tag: str) -> str:
    """The member ``type`` of a document."""
    return f"solvent:{tag}/v1"


def payload_type(tag: str) -> str:
    """The payloadType of its envelope; attestations and pulses have in-toto's instead."""
    return f"application/vnd.solvent.{tag}.v1+json"


def role(value: Any, where: str) -> str:
    """The name of a role: one of ``SINGLE_ROLES``, or one of ``NAMED_ROLES`` with a name after the slash."""
    if not isinstance(value, str) or not (value in SINGLE_ROLES or _is_named(value)):
        raise Malformed("there is no such role", where=where, code="E_FIELD", hint=f"roles are {_LISTED}")
    return value


def holder(role_name: str) -> str:
    """The ``<name>`` of ``<role>/<name>``; "" for a role that stands alone."""
    return role_name.partition("/")[2]


def public_key(value: Any, where: str) -> bytes:
    """A raw Ed25519 public key from 64 lower-case hex digits.

    Refuses the points of small order and numbers that no encoder writes: with such a key, one signature fits every
    message, and whoever "signed" could deny it.
    """
    key = fields.hexbytes(value, where, 32)
    y = int.from_bytes(key, "little") & (2**255 - 1)
    if y >= _PRIME or y in _SMALL_ORDER_Y:
        raise Malformed("is not a key that can sign", where=where, code="E_TYPE")
    return key


def public_keys(value: Any, where: str) -> tuple[bytes, ...]:
    """At least one key, at most ``MAX_KEYS``, none of them twice, in the document's order."""
    listed = fields.items(value, where, MAX_KEYS)
    return _some_distinct(tuple(public_key(item, f"{where}[{i}]") for i, item in enumerate(listed)), where)


def _some_distinct(keys: tuple[bytes, ...], where: str) -> tuple[bytes, ...]:
    if not keys:
        raise Malformed("names no key", where=where, code="E_LIMIT")
    if len(set(keys)) != len(keys):
        raise Malformed("a key stands twice in this list", where=where, code="E_FIELD")
    return keys


def _is_named(value: str) -> bool:
    found = _NAMED.fullmatch(value)
    return found is not None and fields.NAME.fullmatch(found[1]) is not None


_LISTED: Final = ", ".join((*SINGLE_ROLES, *(f"{name}/<name>" for name in NAMED_ROLES)))
