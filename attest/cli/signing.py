"""What `solvent sign` does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attest.cli import show
from attest.cli.homes import tell_signed
from attest.cli.rooting import show_roles
from attest.documents import files
from attest.documents.kinds import CUSTODY, POLICY, QUOTE, ROOT, SCENARIOS, Kind, open_document
from attest.documents.sign import Signed, add_signature, read_root
from attest.key_reference import key_reference
from attest.key_ring import KeyRing
from attest.signing import Signer
from verifier.dsse import Envelope, key_id
from verifier.errors import Rejected
from verifier.trust import names
from verifier.trust.root import Root


@dataclass(frozen=True)
class Request:
    """What was typed after `sign`."""

    file: Path
    root_path: Path | None
    role: str
    key: str
    output: Path | None
    as_json: bool


def add(request: Request, ring: KeyRing) -> None:
    """Show the document, sign it, and put it back. Raises SolventError."""
    role = names.role(request.role, "--role")
    kind, envelope = open_document(files.read_bytes(request.file, "the document"), request.file.name)
    if not request.as_json:
        _describe(kind, envelope)
    signer = ring.signer(key_reference(request.key))
    root = read_root(request.root_path) if request.root_path else None
    signed = _signed(kind, envelope, role, signer, root, request.file.name)
    path = request.output or request.file
    files.replace(path, signed.envelope.to_bytes())
    tell_signed(signed, path, f"This {kind.tag}", request.as_json, {"kind": kind.tag})
    if kind is ROOT and not request.as_json:
        show.say(f"With the root keys of this version and of the one before: solvent root install {path}")


def _signed(kind: Kind, envelope: Envelope, role: str, signer: Signer, root: Root | None, where: str) -> Signed:
    """A root document is signed by root keys of its own or of the version in force; others by the role's keys."""
    if kind is not ROOT:
        return add_signature(envelope, kind, role, signer, root, where)
    own = Root.from_envelope(envelope, where)
    if signer.public_key not in {*own.signing.keys, *(root.signing.keys if root else ())}:
        raise Rejected(
            f"the key {key_id(signer.public_key)[:16]} is no root key of this version or of the one in force",
            where=where,
            code="E_TRUST_ROLE",
            hint="solvent root show lists the root keys",
        )
    is_own = signer.public_key in own.signing.keys
    return add_signature(envelope, kind, role, signer, own if is_own else root, where)


def _describe(kind: Kind, envelope: Envelope) -> None:
    """What is about to be signed, so that nobody signs blindly."""
    document = kind.parse(envelope.payload, kind.tag)
    facts = [("document", kind.tag), ("digest", envelope.digest), *_facts(kind, document)]
    show.say("You are signing:")
    show.facts(facts)
    if kind is ROOT:
        show_roles(document)


def _facts(kind: Kind, document: Any) -> list[tuple[str, str]]:
    if kind is QUOTE:
        prices = sorted({**document.mark, **document.index})
        return [("source", document.source), ("prices", ", ".join(prices[:12]))]
    if kind is CUSTODY:
        entries = [f"{e.asset} {e.value if isinstance(e.value, int) else 'hidden'}" for e in document.entries]
        return [("exchange", document.exchange), ("issuer", document.issuer), ("entries", "; ".join(entries[:12]))]
    if kind in (ROOT, POLICY, SCENARIOS):
        return [("exchange", document.exchange), ("version", str(document.version))]
    exchange = document.identity.exchange if hasattr(document, "identity") else document.exchange
    return [("exchange", exchange)]
