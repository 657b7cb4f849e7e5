"""What became of each claim: derived again, compared, added up, and proven where something is hidden (section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from verifier.attestation import Attestation
from verifier.claims_proof import ClaimsStatement, signed_quantities, verify_claims
from verifier.engine import Engine
from verifier.errors import Malformed, Rejected, SolventError
from verifier.markets import claims as derivations
from verifier.markets.claims import ClaimRows, Derivation, Market, derive
from verifier.markets.descriptors import Claim, expand, made
from verifier.markets.linear import Holding, Inequality, Row
from verifier.markets.policy import Policy
from verifier.markets.sentences import sentence
from verifier.predicate import CLAIMS_FILE
from verifier.schema import Schema
from verifier.sources import FileSource

PROVEN: Final = "proven"
PUBLIC: Final = "public"
FAILED: Final = "failed"
STALE: Final = "stale"
NOT_CLAIMED: Final = "not_claimed"
UNVERIFIED: Final = "unverified"
UNSUPPORTED: Final = "unsupported"
MET: Final = (PROVEN, PUBLIC)
"""The two that a reader may build on."""

ONLY_A_KEY: Final = (
    "the policy, prices and statements of others are signed by roles that a single key says nothing about: "
    "use a reader file (--reader)"
)


@dataclass(frozen=True)
class ClaimResult:
    """A claim of the policy and what became of it. ``reason`` and ``code`` say why it is not met, "" where it is.

    ``inequalities`` and ``rows`` are empty where the claim could not be formed.
    """

    claim: Claim
    sentence: str
    status: str
    reason: str = ""
    code: str = ""
    inequalities: tuple[Inequality, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def met(self) -> bool:
        """Whether it holds."""
        return self.status in MET

    def told(self) -> dict[str, str]:
        """Status and sentence, as the report has them."""
        return {"status": self.status, "sentence": self.sentence}


def check_claims(
    directory: Path, attestation: Attestation, schema: Schema, market: Market, engine: Engine
) -> tuple[ClaimResult, ...]:
    """Every claim of the policy, in its order, and what became of it; a claim that does not hold is no exception.

    1. The claims are the policy's, none invented or changed (E_CLAIM).
    2. Their rows are derived here, from the documents alone.
    3. The auxiliary commitments are exactly those that the claims create (E_AUX).
    4. Rows without anything hidden are arithmetic; the others are proven by claims.proof, which is there exactly when
       they are (E_BINDING).
    """
    every = expand(market.policy.claims, market.policy.columns)
    is_made = made(every, [claim.to_json() for claim in attestation.claims])
    wanted = tuple(claim for claim, one in zip(every, is_made, strict=True) if one)
    derivation = derive(market, signed_quantities(attestation, schema), wanted)
    refusal = _prove(directory, attestation, derivation, engine)
    results = {rows.claim.name: _result(rows, refusal) for rows in derivation.claims}
    return tuple(results.get(claim.name) or _not_claimed(claim, market.policy, every) for claim in every)


def unverified_claims(attestation: Attestation, policy: Policy) -> tuple[ClaimResult, ...]:
    """The policy's claims where nobody can say who signed the policy: none of them counts."""
    every = expand(policy.claims, policy.columns)
    is_made = made(every, [claim.to_json() for claim in attestation.claims])
    return tuple(
        ClaimResult(claim, sentence(claim, policy, every), UNVERIFIED, ONLY_A_KEY)
        if one
        else _not_claimed(claim, policy, every)
        for claim, one in zip(every, is_made, strict=True)
    )


def grown_stale(result: ClaimResult, expired: Mapping[tuple[str, str], str], everything: str) -> ClaimResult:
    """The claim as it stands when ``everything`` it rests on has expired, or one of the holdings that it reads has.

    ``expired`` tells for holdings, and ``everything`` for all of them, what it is that expired; "" where nothing has.
    """
    if not result.met or not (everything or expired):
        return result
    read = {(x.pool, x.asset) for one in result.inequalities for x, _ in one.terms if isinstance(x, Holding)}
    reasons = [everything] if everything else [expired[key] for key in sorted(read & set(expired))]
    return replace(result, status=STALE, reason=reasons[0]) if reasons else result


def _not_claimed(claim: Claim, policy: Policy, every: tuple[Claim, ...]) -> ClaimResult:
    said = sentence(claim, policy, every)
    return ClaimResult(claim, said, NOT_CLAIMED, "the attestation does not make it")


def _result(rows: ClaimRows, refusal: SolventError | None) -> ClaimResult:
    result = ClaimResult(rows.claim, rows.sentence, PUBLIC, "", "", rows.inequalities, rows.rows)
    if rows.status == derivations.UNSUPPORTED:
        return replace(result, status=UNSUPPORTED, reason=rows.unsupported, code="E_UNSUPPORTED")
    if rows.failure is not None:
        return replace(result, status=FAILED, reason=_why(rows.failure), code=rows.failure.code)
    if rows.status == derivations.FAILED:
        return replace(result, status=FAILED, reason=_short(rows), code="E_CLAIM")
    if rows.status == derivations.PUBLIC:
        return result
    if refusal is None:
        return replace(result, status=PROVEN)
    if refusal is _NOT_LOOKED_AT:
        return replace(result, status=UNVERIFIED, reason=refusal.message)
    return replace(result, status=FAILED, reason=_why(refusal), code=refusal.code)


_NOT_LOOKED_AT: Final = Rejected("its proof was not looked at, because another claim could not be formed")


def _prove(directory: Path, attestation: Attestation, derivation: Derivation, engine: Engine) -> SolventError | None:
    """Why the hidden rows are not proven, or None. Raises Rejected (E_AUX, E_BINDING), Unavailable."""
    if any(claim.failure for claim in derivation.claims):
        return _NOT_LOOKED_AT
    statement = ClaimsStatement.of(attestation, derivation)
    proof = FileSource(directory / CLAIMS_FILE) if CLAIMS_FILE in attestation.files else None
    try:
        verify_claims(statement, proof, engine)
    except (Rejected, Malformed) as error:
        if error.code == "E_BINDING":  # a file too many or too few is a fault of the attestation, not of a claim
            raise
        return error
    return None


def _short(rows: ClaimRows) -> str:
    """Which rows do not hold: those that show it are public, so this tells nobody anything new."""
    failing = [row.label for row in rows.rows if not row.hidden and row.constant < 0]
    return f"the public figures say otherwise: {', '.join(failing[:3])}" + (", ..." if len(failing) > 3 else "")


def _why(error: SolventError) -> str:
    hint = f" ({error.hint})" if error.hint and error.code == "E_PRICE_MISSING" else ""
    return f"{error}{hint}"
