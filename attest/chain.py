"""From one epoch to the next: numbers and times grow, keys stay, versions never fall."""

from __future__ import annotations

from attest.plan import Plan, Secrets
from attest.statement.proposal import Prepared
from attest.store import Head
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
    ground = prepared.ground if prepared else None
    scenarios = ground.scenarios if ground else None
    known = (last.root_version, last.policy_version, last.scenarios_version) if last else (0, 0, 0)
    return Head(
        exchange=identity.exchange,
        epoch=identity.epoch,
        digest=digest,
        taken_at=identity.taken_at,
        signing_key=secrets.signer.public_key.hex(),
        master_check=secrets.master.check(),
        root_version=ground.root.version if ground else known[0],
        policy_version=ground.policy.version if ground else known[1],
        scenarios_version=scenarios.version if scenarios else known[2],
    )


def _chain(message: str, hint: str) -> Malformed:
    return Malformed(message, where="chain", code="E_CHAIN", hint=hint)
