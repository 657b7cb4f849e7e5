"""Whose signatures count, for one reader: from the reader's file, a key or nothing, to the trust that follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, SignedBook, open_directory, read_document, read_exchange_key
from verifier.errors import Rejected, SolventError, Unavailable
from verifier.predicate import ROOT_FILE
from verifier.schema import Schema
from verifier.statement.published import read_root
from verifier.trust import names
from verifier.trust.reader import Reader
from verifier.trust.roles import Trust, establish
from verifier.trust.root import Root

KEYS: Final = "keys"
"""The directory, beside the epochs, in which an exchange publishes every version of its root document."""
_VERSION: Final = re.compile(r"[1-9][0-9]{0,15}\.json", re.ASCII)


def trust_of_key(directory: Path, key: str | bytes) -> Trust:
    """The trust of a reader who has the exchange's key and nothing else. Raises as ``open_directory`` does."""
    raw = read_exchange_key(key)
    book = open_directory(directory, raw)
    policy = bool(book.attestation.digests["policy"])
    return establish(Reader.default(book.attestation.identity.exchange, policy=policy, key=raw))


def trust_of_reader(directory: Path, reader: Reader, given: Sequence[Path] = ()) -> Trust:
    """The trust of a reader file, with the root documents that are at hand.

    Raises Rejected (E_BINDING, E_SIG_THRESHOLD, E_TRUST_ROLE), Unavailable (E_FILE), Malformed.
    """
    own = directory / ROOT_FILE
    published = [read_root(read_document(own))] if own.exists() else []
    roots = [*published, *(read_root(read_document(path), path.name) for path in given)]
    known = {envelope.digest for envelope in roots}
    roots += [envelope for envelope in _beside(directory, reader.exchange) if envelope.digest not in known]
    return establish(reader, roots, published[0].digest if published else "")


def trust_at_first_contact(directory: Path, given: Sequence[Path] = ()) -> Trust:
    """The trust of somebody who comes with nothing: the first root document that is there is taken."""
    attestation = Attestation.from_payload(_envelope(directory).payload)
    reader = Reader.default(attestation.identity.exchange, policy=bool(attestation.digests["policy"]))
    if not given and not (directory / ROOT_FILE).exists():
        raise Unavailable(
            "could not check whose this is: there is no root document here, and no key or reader file was given",
            where=str(directory),
            code="E_KEY",
            hint="add --key with the exchange's public key from a place you trust, or --reader with your reader file",
        )
    return trust_of_reader(directory, reader, given)


def open_trusted(directory: Path, trust: Trust) -> SignedBook:
    """The signed book: the role exchange signed the attestation, and the reader's own keys where asked for.

    Raises Rejected (E_SIG_THRESHOLD, E_BINDING for another exchange's), Malformed, Unavailable.
    """
    envelope = _envelope(directory)
    require_signed(trust, envelope, "attestation", names.EXCHANGE, ATTESTATION)
    attestation = Attestation.from_payload(envelope.payload)
    if attestation.identity.exchange != trust.exchange:
        raise Rejected(
            f"this is the attestation of {attestation.identity.exchange}, you asked about {trust.exchange}",
            where=ATTESTATION,
            code="E_BINDING",
        )
    schema = Schema.from_bytes(read_document(directory / "schema.json"))
    attestation.totals_for(schema)
    return SignedBook(envelope.digest, attestation, schema)


def require_signed(trust: Trust, envelope: Envelope, tag: str, role: str, where: str) -> None:
    """``role`` signed, and the reader's own keys for ``tag`` too. Raises Rejected (E_SIG_THRESHOLD)."""
    if role == names.EXCHANGE and not knows_roles(trust):
        envelope.require_signatures(trust.keys_of(role).keys, 1, where)  # whose refusal speaks of keys, not of roles
    else:
        trust.require_role(envelope, role, where)
    trust.require_cosigned(tag, envelope, where)


def knows_roles(trust: Trust) -> bool:
    """Whether any role but exchange can be met: not for a reader who gave the exchange's keys alone."""
    return trust.root is not None


def trust_of_any_version(trust: Trust) -> tuple[Trust, ...]:
    """The same trust with the roles of each version, newest first: an older attestation was signed under its own."""
    if not trust.chain:
        return (trust,)
    return tuple(replace(trust, roles=root.roles, root=root) for root in reversed(trust.chain))


def _envelope(directory: Path) -> Envelope:
    return Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)


def _beside(directory: Path, exchange: str) -> list[Envelope]:
    """keys/<version>.json next to the directory, or one level up; what is none of this exchange's is passed over."""
    here = directory.resolve()
    paths = [path for place in here.parents[:2] for path in sorted((place / KEYS).glob("*.json"))]
    found = (_root_of(path, exchange) for path in paths if _VERSION.fullmatch(path.name))
    return [envelope for envelope in found if envelope is not None]


def _root_of(path: Path, exchange: str) -> Envelope | None:
    try:
        envelope = read_root(read_document(path), path.name)
        return envelope if Root.from_envelope(envelope).exchange == exchange else None
    except SolventError:
        return None
