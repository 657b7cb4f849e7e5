"""What the counted lines come to: A_pa, the holding of pool p in asset a (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from verifier.collateral.lines import Line
from verifier.collateral.rules import AssetUnits, LineVerdict
from verifier.collateral.snapshot import Snapshot
from verifier.errors import Rejected
from verifier.group import Point

LIMIT: Final = 2**128


@dataclass(frozen=True, slots=True)
class Holding:
    """``public`` base units of ``asset`` in ``pool``, and ``hidden``, the sum of commitments to more, if any."""

    pool: str
    asset: str
    public: int
    hidden: Point | None

    def to_json(self) -> dict[str, Any]:
        """The form of the attestation's ``holdings``. Raises Rejected (E_IDENTITY)."""
        hidden = "" if self.hidden is None else self.hidden.to_bytes().hex()
        return {"pool": self.pool, "asset": self.asset, "public": str(self.public), "hidden": hidden}


def counted_units(line: Line, asset: AssetUnits) -> int:
    """floor((amount - encumbered)·10^(d_asset - d_unit)) base units of the asset; 0 for a hidden amount."""
    if isinstance(line.value, Point):
        return 0
    free, shift = line.value - line.encumbered, asset.decimals - asset.units[line.unit]
    scaled: int = free * 10**shift if shift >= 0 else free // 10**-shift
    return scaled


def pool_holdings(
    snapshot: Snapshot, verdicts: Sequence[LineVerdict], assets: Mapping[str, AssetUnits]
) -> tuple[Holding, ...]:
    """One holding per (pool, asset) that has a counted line, sorted by pool, then asset.

    ``verdicts`` are those of ``judge_snapshot`` on this snapshot under the policy of ``assets``. Raises Rejected:
    E_HOLDING for 2^128 base units or more, E_IDENTITY for commitments that cancel.
    """
    public: dict[tuple[str, str], int] = {}
    hidden: dict[tuple[str, str], Point] = {}
    for line, verdict in zip(snapshot.lines, verdicts, strict=True):
        if not verdict.counted:
            continue
        key = (line.pool, line.asset)
        public[key] = public.get(key, 0) + counted_units(line, assets[line.asset])
        if isinstance(line.value, Point):
            hidden[key] = hidden[key] + line.value if key in hidden else line.value
    return tuple(_holding(*key, public[key], hidden.get(key)) for key in sorted(public))


def _holding(pool: str, asset: str, public: int, hidden: Point | None) -> Holding:
    where = f"holdings: {pool}, {asset}"
    if public >= LIMIT:
        raise Rejected("the lines come to 2^128 base units or more", where=where, code="E_HOLDING")
    if hidden is not None and hidden.is_identity:
        raise Rejected("the hidden amounts cancel each other", where=where, code="E_IDENTITY")
    return Holding(pool, asset, public, hidden)
