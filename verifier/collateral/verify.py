"""Ownership evidence, verified: one claim, or many with their keys recovered in bulk (docs/collateral.md).

1. Shape and limits of every member.
2. The account is read, the scheme found.
3. The scheme says which keys it needs; all claims' keys are recovered together.
4. The scheme decides.

A refusal at any step is that claim's verdict and no other's.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.collateral.accounts import parse_account
from verifier.collateral.ecdsa import recover_many
from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.collateral.evidence import Evidence, OwnershipClaim, Verdict, check_shape
from verifier.collateral.schemes import Keys, Pending, find_scheme
from verifier.errors import SolventError


def verify_evidence(
    scheme: str,
    message: str,
    account: str,
    signatures: Sequence[str],
    script: str = "",
    public_key: str = "",
) -> Evidence:
    """The verdict on one piece of evidence; the members are those of a snapshot's line (``OwnershipClaim``).

    Never raises for what is in them. That ``message`` is this epoch's M, or a message the policy allows, is for the
    caller to compare.
    """
    return verify_many([OwnershipClaim(scheme, message, account, signatures, script, public_key)])[0]


def verify_many(claims: Sequence[OwnershipClaim], multiply: SumsWithGenerator = sums_with_generator) -> list[Evidence]:
    """The verdict on each claim, in order; ``multiply`` does the heavy part of recovery (``ecmult``)."""
    planned = [_plan(claim) for claim in claims]
    requests = [request for plan in planned if isinstance(plan, Pending) for request in plan.requests]
    keys = recover_many([digest for digest, _ in requests], [signature for _, signature in requests], multiply)
    verdicts, used = [], 0
    for plan in planned:
        if isinstance(plan, Evidence):
            verdicts.append(plan)
            continue
        verdicts.append(_decide(plan, keys[used : used + len(plan.requests)]))
        used += len(plan.requests)
    return verdicts


def _plan(claim: OwnershipClaim) -> Pending | Evidence:
    try:
        message = check_shape(claim)
        account = parse_account(claim.account)
        return find_scheme(claim.scheme, account)(claim, account, message)
    except SolventError as error:
        return Evidence.refused(error)


def _decide(plan: Pending, keys: Keys) -> Evidence:
    try:
        return Evidence(Verdict.VALID, "", plan.decide(keys))
    except SolventError as error:
        return Evidence.refused(error)
