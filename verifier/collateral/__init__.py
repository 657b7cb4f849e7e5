"""Ownership evidence of collateral: who controls an account (section 2 of docs/statement.md).

Pure functions, no I/O. ``verify_evidence`` judges one piece of evidence, ``verify_many`` a whole snapshot with its keys
recovered in bulk, ``import_okx`` reads published files. Only VALID counts, and no signature proves an amount.
"""

from verifier.collateral.evidence import NOT_PROVEN, Evidence, OwnershipClaim, Verdict
from verifier.collateral.messages import challenge, ownership_message
from verifier.collateral.okx import LegacyLine, OkxFile, import_okx
from verifier.collateral.verify import verify_evidence, verify_many

__all__ = [
    "NOT_PROVEN",
    "Evidence",
    "LegacyLine",
    "OkxFile",
    "OwnershipClaim",
    "Verdict",
    "challenge",
    "import_okx",
    "ownership_message",
    "verify_evidence",
    "verify_many",
]
