"""Where the collateral commands work: the directory, the exchange's name, the policy and the root document if any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attest.cli.options import DEFAULT, read_config
from attest.collateral.challenge import read_challenge
from attest.collateral.files import MAX_STATEMENT_BYTES
from attest.config import Config
from attest.store import Store
from verifier.dsse import Envelope
from verifier.errors import Rejected, Unavailable
from verifier.markets.policy import Policy
from verifier.trust import names
from verifier.trust.root import PAYLOAD_TYPE as ROOT_TYPE
from verifier.trust.root import Root

POLICY_TYPE = names.payload_type("policy")


@dataclass(frozen=True, slots=True)
class Places:
    """What was typed: any of these may be missing."""

    config: Path | None
    directory: Path | None
    exchange: str | None
    policy: Path | None
    root: Path | None


@dataclass(frozen=True)
class Home:
    """Where everything is; ``config`` is None where there is no solvent.toml."""

    directory: Path
    config: Config | None
    places: Places

    @property
    def exchange(self) -> str:
        """The exchange's name: typed, or of solvent.toml, or of the challenge. Raises Unavailable (E_USAGE)."""
        if self.places.exchange:
            return self.places.exchange
        if self.config is not None:
            return self.config.exchange
        made = read_challenge(self.directory)
        if made is None:
            raise Unavailable(
                "nobody says which exchange this is",
                code="E_USAGE",
                hint="add --exchange NAME, or run beside solvent.toml",
            )
        return made.exchange

    @property
    def next_epoch(self) -> int:
        """The epoch after the store's last one, 1 where there is no store."""
        if self.config is None:
            return 1
        head = Store(self.config.store.public, self.config.store.private).head()
        return head.epoch + 1 if head else 1

    def policy(self) -> Policy | None:
        """The signed policy, where there is one. Its signature is for ``solvent attest`` to check."""
        path = self.places.policy or (self.config.documents.policy if self.config else None)
        if path is None or (not path.exists() and self.places.policy is None):
            return None
        return Policy.from_bytes(_envelope(path, POLICY_TYPE, "policy").payload, path.name)

    def require_policy(self) -> Policy:
        """The same. Raises Unavailable (E_FILE) where there is none."""
        policy = self.policy()
        if policy is None:
            raise Unavailable(
                "without a policy nobody can say which lines count",
                where="policy",
                code="E_FILE",
                hint="name one with --policy, or in [documents] of solvent.toml",
            )
        return policy

    def require_role(self, role: str, envelope: Envelope) -> None:
        """The check of signatures that the root document asks for. Raises Unavailable where there is none."""
        path = self.places.root or (self.config.document_path("root") if self.config else None)
        if path is None or (not path.exists() and self.places.root is None):
            raise Unavailable(
                "there is no root document to say whose keys these are",
                where="root.json",
                code="E_FILE",
                hint="name it with --root-document",
            )
        root = Root.from_envelope(_envelope(path, ROOT_TYPE, "root document"), path.name)
        keys = root.roles.get(role)
        if keys is None:
            raise Rejected(f"the root document has no role {role}", where=path.name, code="E_TRUST_ROLE")
        keys.without(revocation.key for revocation in root.revoked).require(envelope, f"the role {role}", "statement")


def find_home(places: Places) -> Home:
    """Where to work. Raises SolventError for a configuration that cannot be read, or none with nothing instead."""
    if places.directory is not None and places.config is None and not DEFAULT.exists():
        return Home(places.directory, None, places)
    config = read_config(places.config, _flags(places))
    return Home(places.directory or config.document_path("collateral"), config, places)


def _flags(places: Places) -> dict[str, Any]:
    return {"exchange": places.exchange} if places.exchange else {}


def _envelope(path: Path, payload_type: str, what: str) -> Envelope:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unavailable(
            f"the {what} cannot be read: {reason}", where=str(path), code="E_FILE", hint="check the path"
        ) from None
    return Envelope.from_bytes(data, payload_type, path.name, MAX_STATEMENT_BYTES)
