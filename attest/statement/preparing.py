"""Everything about an epoch that can be known before its ledger is read, the cheapest checks first.

1. The book's columns are the policy's, and the attestation lives no longer than the policy allows.
2. Root document, policy and scenarios: signatures, roles, versions (``trusted``).
3. Prices, recomputed from the quotes (``pricing``).
4. The collateral snapshot, judged line by line and signed (``held``).
"""

from __future__ import annotations

from attest.plan import Plan
from attest.signing import Signer
from attest.statement.held import hold
from attest.statement.inputs import Inputs
from attest.statement.pricing import price
from attest.statement.proposal import Prepared
from attest.statement.trusted import Ground, Occasion, open_documents
from attest.store import Head
from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.errors import Malformed
from verifier.markets.policy import Policy
from verifier.schema import Column, Schema


def prepare(
    plan: Plan,
    inputs: Inputs,
    last: Head | None,
    signer: Signer | None,
    multiply: SumsWithGenerator = sums_with_generator,
) -> Prepared:
    """The documents, prices and holdings of the epoch after ``last``.

    Without a ``signer`` this is a rehearsal: nothing is signed, and an observer may still be missing. Raises Malformed,
    Rejected or Unavailable, naming the document.
    """
    occasion = occasion_of(plan, last)
    ground = open_ground(plan, inputs, occasion, signer)
    priced = price(ground.policy, plan.taken_at, inputs.quotes, ground.root)
    held = hold(inputs, ground, occasion, signer, final=signer is not None, multiply=multiply)
    return Prepared(ground, priced, held)


def occasion_of(plan: Plan, last: Head | None) -> Occasion:
    """The epoch after ``last``."""
    return Occasion(plan.exchange, last.epoch + 1 if last else 1, plan.taken_at, plan.signing_time(), last)


def open_ground(plan: Plan, inputs: Inputs, occasion: Occasion, signer: Signer | None) -> Ground:
    """Root document, policy and scenarios, and that plan and signing key fit them. Raises as ``prepare`` does."""
    ground = open_documents(inputs, occasion)
    if signer is not None:
        ground.require_signer(signer.public_key)
    require_same_book(plan.schema, ground.policy)
    plan.require_lasting(ground.policy)
    return ground


def policy_schema(policy: Policy) -> Schema:
    """The schema of every book that is made under ``policy``."""
    return Schema(policy.columns, (), policy.digest)


def require_same_book(schema: Schema, policy: Policy) -> None:
    """Raises Malformed (E_CONFIG) where the book of solvent.toml is not the policy's, naming the first difference."""
    if schema.rules:
        rule = schema.rules[0].name
        raise _another_book(f"rule {rule}", "the policy has no account rules, and solvent.toml has this one")
    for i, wanted in enumerate(policy.columns):
        if i == len(schema.columns):
            raise _another_book(f"column {wanted.name}", "the policy has it, and solvent.toml does not")
        _require_same_column(schema.columns[i], wanted)
    if len(schema.columns) > len(policy.columns):
        extra = schema.columns[len(policy.columns)].name
        raise _another_book(f"column {extra}", "solvent.toml has it, and the policy does not")
    if schema != policy_schema(policy):
        raise _another_book("schema", "the book names another policy than the one that is signed")


def _require_same_column(found: Column, wanted: Column) -> None:
    for name in ("name", "asset", "decimals", "bits", "kind"):
        ours, theirs = getattr(found, name), getattr(wanted, name)
        if ours != theirs:
            raise _another_book(f"column {wanted.name}", f"{name} is {ours} in solvent.toml and {theirs} in the policy")


def _another_book(where: str, message: str) -> Malformed:
    return Malformed(
        message,
        where=where,
        code="E_CONFIG",
        hint="leave [[columns]] and [[rules]] out of solvent.toml: the policy's columns are used",
    )
