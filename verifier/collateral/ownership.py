"""What the owners of a snapshot's accounts and validators must have signed (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from verifier.collateral.accounts import owners, parse_account
from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.collateral.evidence import Evidence, OwnershipClaim
from verifier.collateral.line_rules import Case
from verifier.collateral.lines import AddressBacking, ValidatorBacking
from verifier.collateral.messages import PREFIX, ownership_message
from verifier.collateral.rules import REJECT
from verifier.collateral.schemes import unsupported
from verifier.collateral.snapshot import Snapshot
from verifier.collateral.verify import verify_many
from verifier.errors import Malformed, Rejected

VALIDATOR_SCHEMES: Final = ("bls12381", "okx-bls")

Claims: TypeAlias = tuple[OwnershipClaim, ...]
"""The same signatures under each message that they may be of; one VALID is enough."""


def required_messages(snapshot: Snapshot, account: str) -> tuple[str, ...]:
    """M for each spelling of this owner. Raises Malformed (E_LINE_ACCOUNT)."""
    spellings = owners(parse_account(account))
    return tuple(ownership_message(snapshot.exchange, snapshot.epoch, o, snapshot.challenge) for o in spellings)


def ownership_claims(case: Case, backing: AddressBacking | ValidatorBacking) -> Claims:
    """What ``verify_many`` is to judge. Raises Rejected (E_LINE_REPLAY) for a message that may not be used."""
    if isinstance(backing, ValidatorBacking):
        return _validator_claims(case, backing)
    if backing.scheme in VALIDATOR_SCHEMES:
        # Its coins would have two keys, one as an address and one as a validator, and could count twice.
        raise unsupported("a validator's key is no address: list it as a validator")
    messages = required_messages(case.snapshot, backing.account)
    if backing.message is not None:
        _require_legacy(case, backing.message, messages)
        messages = (backing.message,)
    return tuple(
        OwnershipClaim(backing.scheme, m, backing.account, backing.signatures, backing.script, backing.public_key)
        for m in messages
    )


def _validator_claims(case: Case, backing: ValidatorBacking) -> Claims:
    if backing.scheme not in VALIDATOR_SCHEMES:
        raise unsupported(f"{backing.scheme[:40]!r} signatures cannot be checked for validators")
    owner = f"{backing.chain}:0x{backing.public_key}"
    return tuple(
        OwnershipClaim(backing.scheme, message, owner, backing.signatures, public_key=backing.public_key)
        for message in required_messages(case.snapshot, owner)
    )


def _require_legacy(case: Case, message: str, required: tuple[str, ...]) -> None:
    if message in required:
        raise Malformed("is left out where it is what the challenge asks for", where="message", code="E_FIELD")
    if message.startswith(PREFIX):
        raise Rejected("the signature answers another challenge", where="message", code="E_LINE_REPLAY")
    if message not in case.rules.legacy_messages:
        raise Rejected("the policy does not know this message", where="message", code="E_LINE_REPLAY")
    if case.rules.legacy == REJECT:
        raise Rejected("the policy accepts no older messages", where="message", code="E_LINE_REPLAY")


def judge_owners(
    claims: Mapping[int, Claims], multiply: SumsWithGenerator = sums_with_generator
) -> dict[int, Evidence]:
    """The verdict of each line, by its index: VALID if one of its claims is, otherwise the first claim's.

    Equal claims, as of one account that holds several units, are verified once.
    """
    found: dict[int, Evidence] = {}
    for attempt in range(max(map(len, claims.values()), default=0)):
        tried = {i: c[attempt] for i, c in claims.items() if attempt < len(c) and not _settled(found, i)}
        if not tried:
            break
        unique = tuple(dict.fromkeys(tried.values()))
        verdicts = dict(zip(unique, verify_many(unique, multiply), strict=True))
        for index, claim in tried.items():
            if index not in found or verdicts[claim].counts:
                found[index] = verdicts[claim]
    return found


def _settled(found: Mapping[int, Evidence], index: int) -> bool:
    return index in found and found[index].counts
