"""What the commands for documents share: the root document and policy of a home, and how a signature is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attest.cli import show
from attest.config import Config
from attest.documents.files import read_bytes
from attest.documents.kinds import POLICY, ROOT
from attest.documents.sign import Signed, read_root
from verifier.dsse import Envelope
from verifier.errors import Rejected
from verifier.markets.policy import Policy
from verifier.trust.root import Root


def root_of(config: Config) -> Root:
    """The root document, which must be this exchange's. Raises SolventError."""
    root = read_root(config.document_path("root"))
    require_exchange(root.exchange, config, "root document")
    return root


def policy_of(config: Config) -> Policy | None:
    """The signed policy, None where there is none yet. Raises SolventError for one that cannot be read."""
    path = config.document_path("policy")
    if not path.exists():
        return None
    return read_policy_envelope(path)


def read_policy_envelope(path: Path) -> Policy:
    """The policy in a signed file. Raises SolventError."""
    envelope = Envelope.from_bytes(read_bytes(path, "the signed policy"), POLICY.payload_type, path.name)
    return Policy.from_bytes(envelope.payload, path.name)


def require_exchange(name: str, config: Config, what: str) -> None:
    """Raises Rejected (E_BINDING) for another exchange's document."""
    if name != config.exchange:
        raise Rejected(
            f"this {what} is of {name!r}, and {config.where} of {config.exchange!r}",
            where=what,
            code="E_BINDING",
            hint="one exchange has one name everywhere: correct the one that is wrong",
        )


def tell_signed(signed: Signed, path: Path, what: str, as_json: bool, extra: dict[str, Any] | None = None) -> None:
    """What is signed now, and what is still missing."""
    if as_json:
        body = {"file": str(path), "digest": signed.envelope.digest, "role": signed.role, "missing": signed.missing}
        show.as_json({"done": True, **body, **(extra or {})})
        return
    show.say(f"{what} is signed: {path}")
    show.facts([("digest", signed.envelope.digest), ("signatures", _how_many(signed))])
    if signed.missing:
        show.say(f"{signed.missing} more of the role {signed.role}: solvent sign {path} --role {signed.role} --key KEY")


def _how_many(signed: Signed) -> str:
    if not signed.need:
        return f"{signed.have}; no root document was there to compare with"
    return f"{signed.have} of {signed.need} that the role {signed.role} needs"


def root_versions(path: Path) -> list[Envelope]:
    """The root document in force, if there is one, then the older ones kept beside it."""
    kept = [path, *sorted(path.parent.glob(f"{path.stem}-[0-9]*{path.suffix}"))]
    named = [one for one in kept if one.exists() and not one.name.endswith(f".draft{path.suffix}")]
    return [Envelope.from_bytes(one.read_bytes(), ROOT.payload_type, one.name) for one in named]
