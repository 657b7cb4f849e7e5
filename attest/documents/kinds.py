"""The documents that people sign: who may, and how each is checked before a key touches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from verifier import canonical
from verifier.attestation import PAYLOAD_TYPE as IN_TOTO
from verifier.attestation import Attestation
from verifier.collateral.custody import Custody
from verifier.collateral.snapshot import Snapshot
from verifier.dsse import Envelope
from verifier.errors import Malformed
from verifier.markets.policy import Policy
from verifier.markets.quotes import Quote
from verifier.markets.scenarios import Scenarios
from verifier.trust import names
from verifier.trust.root import Root

_OUTSIDE: Final = (names.CUSTODIAN, names.BANK, names.ISSUER, names.BACKSTOP)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: ``parse`` reads its payload and raises where it is not one; ``roles`` may sign it.

    A role before a slash stands for every ``<role>/<name>``.
    """

    tag: str
    payload_type: str
    roles: tuple[str, ...]
    parse: Callable[[bytes, str], Any]

    def allows(self, role: str) -> bool:
        """Whether ``role`` signs such documents."""
        return role.partition("/")[0] in self.roles


def _kind(tag: str, roles: tuple[str, ...], parse: Callable[[bytes, str], Any]) -> Kind:
    return Kind(tag, names.payload_type(tag), roles, parse)


def _quote(payload: bytes, where: str) -> Quote:
    return Quote.from_json(canonical.decode(payload, where=where), where)


ROOT: Final = _kind("root", (names.ROOT,), Root.from_payload)
POLICY: Final = _kind("policy", (names.RISK,), Policy.from_bytes)
SCENARIOS: Final = _kind("scenarios", (names.RISK,), Scenarios.from_bytes)
QUOTE: Final = _kind("quote", (names.PRICE,), _quote)
CUSTODY: Final = _kind("custody", (*_OUTSIDE, names.OBSERVER), Custody.from_payload)
COLLATERAL: Final = _kind("collateral", (names.EXCHANGE, names.OBSERVER), Snapshot.from_payload)
ATTESTATION: Final = Kind("attestation", IN_TOTO, (names.EXCHANGE,), lambda data, _: Attestation.from_payload(data))
KINDS: Final = (ROOT, POLICY, SCENARIOS, QUOTE, CUSTODY, COLLATERAL, ATTESTATION)


def open_document(data: bytes, where: str) -> tuple[Kind, Envelope]:
    """What a file holds: a signed document, or a draft of one in any JSON layout, then without signatures.

    The payload is parsed whole. Raises Malformed or Rejected, Unavailable for what this version does not know.
    """
    document = _json(data, where)
    if "payloadType" not in document:
        return _draft(document, where)
    kind = _find(document["payloadType"], "payload_type", f"{where}: payloadType")
    envelope = Envelope.from_bytes(data, kind.payload_type, where)
    kind.parse(envelope.payload, where)
    return kind, envelope


def _draft(document: dict[str, Any], where: str) -> tuple[Kind, Envelope]:
    named = {names.document_type(kind.tag): kind for kind in KINDS}
    kind = named.get(str(document.get("type")))
    if kind is None:
        raise _unknown(where)
    payload = canonical.encode(document)
    kind.parse(payload, where)
    return kind, Envelope(kind.payload_type, payload, ())


def _find(value: Any, attribute: str, where: str) -> Kind:
    for kind in KINDS:
        if getattr(kind, attribute) == value:
            return kind
    raise _unknown(where)


def _json(data: bytes, where: str) -> dict[str, Any]:
    """An object in any layout. A hint about downloads helps nobody who writes a draft."""
    try:
        document = canonical.read(data, where=where)
    except Malformed as error:
        hint = "members stand once each, amounts are strings of digits, nothing is a fraction"
        raise Malformed(error.message, where=where, code=error.code, hint=hint) from None
    if not isinstance(document, dict):
        raise _unknown(where)
    return document


def _unknown(where: str) -> Malformed:
    tags = ", ".join(kind.tag for kind in KINDS)
    return Malformed("is no document that is signed here", where=where, code="E_TYPE", hint=f"these are: {tags}")
