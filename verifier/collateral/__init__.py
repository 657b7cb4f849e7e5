"""Collateral: what an exchange says it holds, and what backs each line of it (docs/collateral.md).

Pure functions, no I/O. ``verify_evidence`` judges one piece of ownership evidence, ``verify_many`` many with their keys
recovered in bulk; ``judge_snapshot`` judges every line of a snapshot and ``pool_holdings`` adds up what counts;
``import_okx`` reads published files. Only VALID counts, and no signature of an owner proves an amount.
"""

from verifier.collateral.custody import Custody, Entry, Statement
from verifier.collateral.evidence import NOT_PROVEN, Evidence, OwnershipClaim, Verdict
from verifier.collateral.lines import AddressBacking, EntryBacking, Line, ValidatorBacking
from verifier.collateral.messages import challenge, ownership_message
from verifier.collateral.okx import LegacyLine, OkxFile, import_okx
from verifier.collateral.ownership import required_messages
from verifier.collateral.policy_rules import rules_of
from verifier.collateral.pools import Holding, pool_holdings
from verifier.collateral.rules import AssetUnits, EvidenceClass, Facts, LineVerdict, Rules
from verifier.collateral.snapshot import Beacon, ChainHead, Snapshot
from verifier.collateral.verdicts import judge_snapshot
from verifier.collateral.verify import verify_evidence, verify_many

__all__ = [
    "NOT_PROVEN",
    "AddressBacking",
    "AssetUnits",
    "Beacon",
    "ChainHead",
    "Custody",
    "Entry",
    "EntryBacking",
    "Evidence",
    "EvidenceClass",
    "Facts",
    "Holding",
    "LegacyLine",
    "Line",
    "LineVerdict",
    "OkxFile",
    "OwnershipClaim",
    "Rules",
    "Snapshot",
    "Statement",
    "ValidatorBacking",
    "Verdict",
    "challenge",
    "import_okx",
    "judge_snapshot",
    "ownership_message",
    "pool_holdings",
    "required_messages",
    "rules_of",
    "verify_evidence",
    "verify_many",
]
