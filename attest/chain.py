"""From one epoch to the next: numbers and times grow, keys stay, versions never fall."""

from __future__ import annotations

from typing import Any

from attest.plan import Plan, Secrets
from attest.statement.proposal import Prepared
from attest.statement.trusted import Ground
from attest.store import REMEMBERED, Head
from verifier.attestation import Identity
from verifier.errors import Malformed


def require_same_keys(secrets: Secrets, head: Head | None) -> None:
    """Raises Malformed (E_CHAIN) when a key is not the one of the last epoch: a wrong backup is noticed here.

    Under another signing key nobody's pinned key verifies; under another master key no customer finds their row.
    """
    if head is None:
        return
    if secrets.signer.public_key.hex() != head.signing_key:
        raise _chain("the signing key is not the one that signed the last epoch", "put the right key file in place")
    head.require_master(secrets.master.check())


def next_identity(plan: Plan, head: Head | None, nonce: str) -> Identity:
    """Epoch, previous and nonce of the next link of the chain. Raises Malformed (E_CHAIN) when it does not fit."""
    if head is None and not plan.first:
        raise _chain("this store holds no epoch yet", "say --first to begin a chain; do it once in the life of a key")
    if head is not None and plan.first:
        raise _chain(
            f"this store already has epoch {head.epoch}", "leave --first out: the next epoch continues the chain"
        )
    if plan.taken_at > plan.signing_time():
        raise _chain("the snapshot lies in the future", "check the snapshot time and this computer's clock")
    if head is None:
        return Identity(plan.exchange, 1, nonce, plan.taken_at, "")
    if head.exchange != plan.exchange:
        raise _chain(f"this store belongs to {head.exchange}", "use one store for each exchange name")
    if plan.taken_at <= head.taken_at:
        raise _chain("the snapshot is not later than the last one", "check the snapshot time and this computer's clock")
    return Identity(plan.exchange, head.epoch + 1, nonce, plan.taken_at, head.digest)


def next_head(identity: Identity, digest: str, secrets: Secrets, last: Head | None, prepared: Prepared | None) -> Head:
    """What the store remembers of this epoch. Versions of documents that it does not have are those it knew."""
    documents = {name: getattr(last, name) for name in REMEMBERED} if last else {}
    if prepared is not None:
        documents |= _documents(prepared.ground)
    return Head(
        exchange=identity.exchange,
        epoch=identity.epoch,
        digest=digest,
        taken_at=identity.taken_at,
        signing_key=secrets.signer.public_key.hex(),
        master_check=secrets.master.check(),
        **documents,
    )


def _documents(ground: Ground) -> dict[str, Any]:
    """The members of the head that are about documents."""
    root, scenarios = ground.root, ground.scenarios
    found = {"root_digest": root.digest, "root_version": root.version, "policy_version": ground.policy.version}
    return found if scenarios is None else {**found, "scenarios_version": scenarios.version}


def _chain(message: str, hint: str) -> Malformed:
    return Malformed(message, where="chain", code="E_CHAIN", hint=hint)
