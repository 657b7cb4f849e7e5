"""What must come of each change in each document of the frozen epoch with a policy (``edits``).

The first rule that fits decides. ``SAME`` is a change that an auditor's report shows nowhere, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from vectors.make.alternatives import another
from vectors.make.edits import DOCUMENTS, READER, REMOVED, Place, places, pointer

REJECT: Final = "reject"
CHANGED: Final = "another report"
SAME: Final = "same report"
EPOCH: Final = Path(__file__).resolve().parents[1] / "frozen" / "v2" / "epochs" / "2"
ASKS_LESS: Final = "the reader asks for less, of an epoch that meets more"
NOT_HERE: Final = "says something of log entries and notices, which an epoch's directory does not have"
NOBODYS: Final = "nothing in this epoch rests on this role or key"
LATER: Final = "any later time; it decides when the document stops counting, which the test of expiry tries"
NEWER: Final = "a version is compared with others of its kind, and this reader pins the changed one"
_MAP: Final = r"/[^/]+"
RULES: Final[tuple[tuple[str, str], ...]] = (
    # What the exchange signs about the book.
    (r"attestation.json remove /subject/9", CHANGED),
    (r"attestation.json remove /subject/\d+|attestation.json change /subject/.+", "E_BINDING"),
    (r"attestation.json change /(_type|predicateType|predicate/protocol)", "E_TYPE"),
    (r"attestation.json change /predicate/(issued_at|expires_at|aux/.+)", "E_PROOF"),
    (r"attestation.json remove /predicate/aux/.+", "E_AUX"),
    (r"attestation.json remove /predicate/totals/[^/]+", "E_TOTAL"),
    (r"attestation.json change /predicate/totals/[^/]+/mode", "E_TYPE"),
    (r"attestation.json change /predicate/totals/[^/]+/value", "E_PROOF"),
    (r"attestation.json change /predicate/(nonce|previous|root/.+)", "E_ROOT"),
    (r"attestation.json change /predicate/accounts", "E_SEALED"),
    (r"attestation.json change /predicate/chunk_bits", "E_LENGTH"),
    (r"attestation.json change /predicate/digests/events", "E_TYPE"),
    (r"attestation.json change /predicate/(exchange|epoch|taken_at|digests/.+)", "E_BINDING"),
    (r"attestation.json change /predicate/holdings/[1-9]/hidden", "E_TYPE"),
    (r"attestation.json (change|remove) /predicate/holdings/\d+|attestation.json change /predicate/holdings/.+",
     "E_HOLDING"),
    # A claim that is left out changes what is proven: rows, auxiliary quantities, or the context alone.
    (r"attestation.json remove /predicate/claims/[12]", "E_PROOF"),
    (r"attestation.json remove /predicate/claims/[0368]", "E_LENGTH"),
    (r"attestation.json remove /predicate/claims/[4579]", "E_AUX"),
    (r"attestation.json change /predicate/claims/\d+/kind", "E_FIELD"),
    (r"attestation.json remove /predicate/claims/\d+/parameters/(assets|pools|collateral|debt)/\d+", "E_LIMIT"),
    (r"attestation.json remove /predicate/claims/\d+/parameters/(syms/\d+|(liquid|outflow)/.+)", "E_CLAIM"),
    (r"attestation.json change /predicate/claims/.+", "E_CLAIM"),
    # Who may sign what.
    (r"root.json change /type", "E_TYPE"),
    (r"root.json change /exchange", "E_BINDING"),
    (r"root.json change /version", f"{SAME}: {NEWER}"),
    (r"root.json change /expires_at", f"{SAME}: {LATER}"),
    (r"root.json change /cadence/.+", f"{SAME}: {NOT_HERE}"),
    (r"root.json (change /revoked/0/.+|remove /revoked/0)", f"{SAME}: {NOBODYS}"),
    (r"root.json change /roles/root/threshold", "E_SIG_THRESHOLD"),
    (r"root.json change /roles/[^/]+/threshold", "E_LIMIT"),
    (r"root.json change /roles/root/keys/2", f"{SAME}: {NOBODYS}"),
    (r"root.json remove /roles/root/keys/2", f"{SAME}: two of the two keys that are left signed"),
    (r"root.json (change|remove) /roles/root/keys/[01]", "E_SIG_THRESHOLD"),
    (r"root.json remove /roles/[^/]+/keys/0", "E_LIMIT"),
    (r"root.json (change|remove) /roles/(log|statement)(/keys/0)?", f"{SAME}: {NOBODYS}"),
    (r"root.json (change|remove) /roles/price~1\w+(/keys/0)?", "E_BINDING"),
    (r"root.json (change|remove) /roles/(bank|custodian)~1\w+(/keys/0)?", "E_HOLDING"),
    (r"root.json (change|remove) /roles/observer(/keys/0)?", "E_HOLDING"),
    (r"root.json (change|remove) /roles/(exchange|risk)(/keys/0)?", "E_SIG_THRESHOLD"),
    # Policy: book and snapshot rest on it by digest. Deeper: tests/vectors/test_policies.py
    (r"policy.json .+", "E_BINDING"),
    # Scenarios.
    (r"scenarios.json change /type", "E_TYPE"),
    (r"scenarios.json change /exchange", "E_BINDING"),
    (r"scenarios.json remove /sets/historic/1/prices/USDT", "E_SCENARIO"),
    (r"scenarios.json remove /sets/historic(/\d/shocks/.+)?", "E_SCENARIO"),
    (r"scenarios.json remove /sets/historic/\d", "E_AUX"),
    (r"scenarios.json change /sets/historic/\d/name", "E_AUX"),
    (r"scenarios.json change /(version|sets/.+)", "E_PROOF"),
    (r"scenarios.json remove /sets/historic/\d/models/USDT", "E_PROOF"),
    # Prices: recomputed from the quotes. Ether goes by its mark, so that its index alone moves nothing.
    (r"prices.json change /(quotes/\d: /)?(type|quote)|prices.json change /quotes/\d: /(type|quote)", "E_TYPE"),
    (r"prices.json (change|remove) /quotes/\d: /index/ETH", "E_PROOF"),
    (r"prices.json change /quotes/\d: /at", "E_PROOF"),
    (r"prices.json remove /quotes/\d: /(index|mark)/\w+", "E_BINDING"),
    (r"prices.json remove /prices/\w+", "E_BINDING"),
    (r"prices.json remove /quotes/\d", "E_BINDING"),
    (r"prices.json change .+", "E_BINDING"),
    # Collateral: lines that no longer count are missing from the holdings.
    (r"collateral.json change /(statements/\d: /)?type", "E_TYPE"),
    (r"collateral.json change /(exchange|epoch|taken_at|policy)", "E_BINDING"),
    (r"collateral.json change /chains/.+", "E_PROOF"),
    (r"collateral.json remove /chains/[^/]+", "E_HOLDING"),
    (r"collateral.json remove /statements/\d: /entries/0/covers/0", "E_PROOF"),
    (r"collateral.json change /statements/\d: /(as_of|expires_at|entries/\d/(reference|valuation_at))", "E_PROOF"),
    (r"collateral.json change /statements/1: /challenge", "E_TYPE"),
    (r"collateral.json (change|remove) /statements/\d: /entries/\d", "E_HOLDING"),
    (r"collateral.json change /statements/.+", "E_HOLDING"),
    (r"collateral.json remove /(lines/\d+(/signatures/\d|/message)?|statements/\d)", "E_HOLDING"),
    (r"collateral.json change /lines/\d+/id", "E_PROOF"),
    (r"collateral.json change /lines/[01267]/kind", "E_FIELD"),
    (r"collateral.json change /lines/2/public_key", "E_HOLDING"),
    (r"collateral.json change /lines/7/script", "E_HOLDING"),
    (r"collateral.json change /lines/\d+/(script|public_key)", "E_PROOF"),
    (r"collateral.json change /lines/(1|6)/amount|collateral.json change /lines/1/encumbered", "E_PROOF"),
    (r"collateral.json change /(lines|beacon)/.+", "E_HOLDING"),
    # The schema.
    (r"schema.json change /(type|prices|scenarios)", "E_TYPE"),
    (r"schema.json change /policy", "E_BINDING"),
    (r"schema.json remove /columns/\d", "E_TOTAL"),
    (r"schema.json change /columns/\d/bits", "E_LIMIT"),
    (r"schema.json change /columns/.+", "E_SCHEMA"),
    # The reader's own file.
    (r"reader.json change /type", "E_TYPE"),
    (r"reader.json change /exchange", "E_BINDING"),
    (r"reader.json change /root", "E_FILE"),
    (r"reader.json remove /(cosign/collateral|require/\d)", f"{SAME}: {ASKS_LESS}"),
    (r"reader.json change /require/0/kind|reader.json change /require/\d/asset", "E_TYPE"),
    (r"reader.json change /require/\d/(kind|min_k)", CHANGED),
    (r"reader.json (change|remove) /pins/.+", CHANGED),
    (r"reader.json change /cosign/collateral/keys/0", "E_SIG_THRESHOLD"),
    (r"reader.json change /cosign/collateral/threshold|reader.json remove /cosign/collateral/keys/0", "E_LIMIT"),
    # A member of a closed object that is not there.
    (r"\S+ remove .+", "E_FIELD"),
)  # fmt: skip


@cache
def files() -> Mapping[str, bytes]:
    """The epoch's files and the reader's."""
    reader = (EPOCH.parents[1] / READER).read_bytes()
    return {**{path.name: path.read_bytes() for path in sorted(EPOCH.iterdir())}, READER: reader}


def cases() -> dict[str, list[dict[str, Any]]]:
    """By document: every place removed, every leaf replaced."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in DOCUMENTS}
    for place, value in places(files()):
        found[place.document] += [case(place, new) for new in (REMOVED, *replacements(place, value))]
    return found


def document(name: str, listed: list[dict[str, Any]]) -> dict[str, Any]:
    """The file of one document's vectors."""
    about = "One change each in this document of frozen/v2/epochs/2, signed anew by all who signed it."
    return {"document": name, "about": about, "cases": listed}


def replacements(place: Place, value: Any) -> Iterator[Any]:
    """Another value for a leaf."""
    if not isinstance(value, dict | list):
        yield another(place, value)


def case(place: Place, value: Any) -> dict[str, Any]:
    """One vector."""
    operation = "remove" if value == REMOVED else "change"
    told = {} if value == REMOVED else {"value": value}
    return {
        "name": f"{place.name}: {operation}d",
        "document": place.document,
        "inside": pointer(place.inside),
        "pointer": place.pointer,
        "operation": operation,
        **told,
        **expected(place, operation),
    }


def expected(place: Place, operation: str) -> dict[str, Any]:
    """What the first rule says."""
    written = f"{place.document} {operation} {place.name.partition(': ')[2]}"
    rule = next((said for pattern, said in RULES if re.fullmatch(pattern, written)), "")
    if not rule:
        raise LookupError(f"no rule for {written}")
    result, _, why = rule.partition(": ")
    if result in (SAME, CHANGED):
        return {"result": result, **({"why": why} if why else {})}
    return {"result": REJECT, "code": rule}
