"""The parts of an attestation that go beyond the book: digests, files, holdings, auxiliary values, claims.

Read strictly and compared with one another as far as that needs no other document; whether they are true is the audit's
question (docs/protocol.md, section 9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from verifier import fields
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import Point
from verifier.markets.descriptors import Claim
from verifier.markets.reading import MAX_ASSETS, MAX_CLAIMS, MAX_POOLS

REQUIRED_FILES: Final = ("book.proof", "leaves.bin", "schema.json")
OPTIONAL_FILES: Final = ("sealed.bin",)
ROOT_FILE: Final = "root.json"
CLAIMS_FILE: Final = "claims.proof"
FILE_OF: Final = MappingProxyType({name: f"{name}.json" for name in ("policy", "prices", "collateral", "scenarios")})
"""The documents that are there exactly where their digest is, and the file each is published as."""
DIGESTS: Final = ("policy", "prices", "schema", "collateral", "scenarios", "events")
NO_DIGESTS: Final[Mapping[str, str]] = MappingProxyType(dict.fromkeys(DIGESTS, ""))
MAX_AUX: Final = 2**20
_AUX_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}/(?:t|[yub](?:0|[1-9][0-9]{0,3}))", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedHolding:
    """What the attestation says is held of ``asset`` in ``pool``: base units, and a commitment to more, if any."""

    pool: str
    asset: str
    public: int
    hidden: Point | None = None

    def to_json(self) -> dict[str, str]:
        """The document's form."""
        hidden = "" if self.hidden is None else self.hidden.to_bytes().hex()
        return {"pool": self.pool, "asset": self.asset, "public": str(self.public), "hidden": hidden}


def point(value: Any, where: str) -> Point:
    """A compressed point in hex."""
    return Point.from_bytes(fields.hexbytes(value, where, 33), where)


def read_digests(document: Any, where: str) -> dict[str, str]:
    """All six digests, "" for what is not there. Raises Unavailable (E_UNSUPPORTED) for events."""
    parts = fields.members(document, where, DIGESTS)
    digests = {name: fields.digest_or_empty(parts[name], f"{where}.{name}") for name in DIGESTS}
    if digests["events"]:
        raise Unavailable(
            "this attestation has a part that this version cannot check: events",
            where=f"{where}.events",
            code="E_UNSUPPORTED",
            hint="install a newer solvent-verifier",
        )
    if not digests["schema"]:
        raise Rejected("the schema is not bound", where=f"{where}.schema", code="E_BINDING")
    return digests


def read_files(subject: Any, where: str) -> dict[str, str]:
    """The published files and their SHA-256, sorted by name."""
    files: dict[str, str] = {}
    for i, item in enumerate(fields.items(subject, where, 64)):
        parts = fields.members(item, f"{where}[{i}]", ("name", "digest"))
        hashes = fields.members(parts["digest"], f"{where}[{i}].digest", ("sha256",))
        name = fields.name(parts["name"], f"{where}[{i}].name")
        if files and name <= max(files):
            raise Malformed("file names are not sorted, or one stands twice", where=f"{where}[{i}]", code="E_FIELD")
        files[name] = fields.digest(hashes["sha256"], f"{where}[{i}].digest.sha256")
    return files


def read_holdings(document: Any, where: str) -> tuple[SignedHolding, ...]:
    """The holdings, by pool, then asset. Raises Rejected (E_HOLDING) where they are not sorted, or one stands twice."""
    items = fields.items(document, where, MAX_POOLS * MAX_ASSETS)
    holdings = tuple(_holding(item, f"{where}[{i}]") for i, item in enumerate(items))
    for i, (before, after) in enumerate(pairwise(holdings), 1):
        if (after.pool, after.asset) <= (before.pool, before.asset):
            message = "holdings are not sorted by pool, then asset, or one stands twice"
            raise Rejected(message, where=f"{where}[{i}]", code="E_HOLDING")
    return holdings


def read_aux(document: Any, where: str) -> dict[str, Point]:
    """The commitments to auxiliary values, by name. Raises Rejected (E_AUX) for a name that no claim could create."""
    found = {}
    for i, (name, value) in enumerate(fields.mapping(document, where, MAX_AUX).items()):
        if not _AUX_NAME.fullmatch(name):
            raise Rejected("no claim creates a value of this name", where=f"{where}[{i}]", code="E_AUX")
        found[name] = point(value, f"{where}.{name}")
    return found


def read_claims(document: Any, where: str) -> tuple[Claim, ...]:
    """The claims that are made, expanded. Raises Rejected (E_CLAIM) for a name that stands twice, and for "*"."""
    items = fields.items(document, where, MAX_CLAIMS)
    claims = tuple(Claim.from_json(item, f"{where}[{i}]") for i, item in enumerate(items))
    seen: set[str] = set()
    for i, claim in enumerate(claims):
        if getattr(claim.parameters, "assets", ()) is None:
            message = 'an attestation lists one claim per asset, never "*"'
            raise Rejected(message, where=f"{where}[{i}]", code="E_CLAIM")
        if claim.name in seen:
            raise Rejected("two claims have this name", where=f"{where}[{i}].name", code="E_CLAIM")
        seen.add(claim.name)
    return claims


def require_documents(digests: Mapping[str, str], where: str) -> None:
    """Everything rests on a policy. Raises Rejected (E_BINDING)."""
    without_policy = [name for name in FILE_OF if digests[name] and not digests["policy"]]
    if without_policy:
        name = without_policy[0]
        raise Rejected(f"{name} without a policy that says how to read it", where=f"{where}.{name}", code="E_BINDING")


def require_files(files: Mapping[str, str], digests: Mapping[str, str], provable: bool, where: str) -> None:
    """Every document that is bound is published, and nothing else is. Raises Rejected (E_BINDING).

    ``provable``: there are claims or hidden holdings, so that there may be something to prove.
    """
    bound = [FILE_OF[name] for name in FILE_OF if digests[name]]
    required = {*REQUIRED_FILES, *bound, *([ROOT_FILE] if digests["policy"] else [])}
    allowed = {*required, *OPTIONAL_FILES, *([CLAIMS_FILE] if provable else [])}
    missing, unknown = sorted(required - set(files)), sorted(set(files) - allowed)
    if missing or unknown:
        what = f"{missing[0]} is missing" if missing else f"{unknown[0]} belongs to no part of this attestation"
        raise Rejected(what, where=where, code="E_BINDING")


def require_parts(
    digests: Mapping[str, str], holdings: tuple[SignedHolding, ...], aux: Mapping[str, Point], claims: bool, where: str
) -> None:
    """Holdings come from a snapshot, claims from a policy, auxiliary values from claims."""
    if holdings and not digests["collateral"]:
        raise Rejected("holdings without a collateral snapshot", where=f"{where}: holdings", code="E_HOLDING")
    if claims and not digests["policy"]:
        raise Rejected("claims without a policy", where=f"{where}: claims", code="E_CLAIM")
    if aux and not claims:
        raise Rejected("auxiliary values that no claim creates", where=f"{where}: aux", code="E_AUX")


def _holding(item: Any, where: str) -> SignedHolding:
    parts = fields.members(item, where, ("pool", "asset", "public", "hidden"))
    hidden = None if parts["hidden"] == "" else point(parts["hidden"], f"{where}.hidden")
    pool, asset = fields.name(parts["pool"], f"{where}.pool"), fields.sym(parts["asset"], f"{where}.asset")
    return SignedHolding(pool, asset, fields.amount(parts["public"], f"{where}.public"), hidden)
