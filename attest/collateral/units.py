"""Units by name: what the policy says of assets, of their units, and of the decimals of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from verifier import fields
from verifier.amounts import parse_amount
from verifier.collateral.okx_units import UNITS, Unit, Units
from verifier.collateral.quantities import unit_chain
from verifier.errors import Malformed, SolventError
from verifier.markets.policy import Policy

_NAME_IT: Final = "name the unit as the policy does, for example eip155:1/slip44:60"


@dataclass(frozen=True, slots=True)
class UnitBook:
    """Asset -> unit -> decimals of the unit; empty where there is no policy."""

    assets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy | None) -> UnitBook:
        """The units of ``policy``."""
        return cls() if policy is None else cls({sym: asset.units for sym, asset in policy.assets.items()})

    def resolve(self, asset: str, unit: str, chain: str, where: str) -> tuple[str, str]:
        """(asset, unit), either found from the other where the policy leaves no choice. Raises Malformed (E_LINE_UNIT).

        ``chain`` is that of the account, CAIP-2.
        """
        if asset and unit:
            return asset, unit
        if not asset and not unit:
            raise Malformed("says neither asset nor unit", where=where, code="E_LINE_UNIT", hint=_NAME_IT)
        if unit:
            owners = [sym for sym, units in self.assets.items() if unit in units]
            return _only(owners, f"which asset {unit[:80]} is", f"{where}: asset", "name the asset"), unit
        units = [u for u in self.assets.get(asset, {}) if unit_chain(u) == chain]
        return asset, _only(units, f"which unit of {asset[:32]!r} is meant", f"{where}: unit", _NAME_IT)

    def coins(self, text: str, asset: str, unit: str, where: str) -> int:
        """Base units of an amount in whole coins. Raises Malformed (E_AMOUNT, or E_LINE_UNIT for unknown decimals)."""
        decimals = self.assets.get(asset, {}).get(unit)
        if decimals is None:
            raise Malformed(
                f"nobody says how many decimals {unit[:80]} has",
                where=where,
                code="E_LINE_UNIT",
                hint="give the amount in base units, or add the unit to the policy",
            )
        return parse_amount(text, decimals, where)

    def for_okx(self) -> Units:
        """(symbol, chain) -> unit: those that OKX's files are known to mean, and the policy's own."""
        found: dict[tuple[str, str], list[Unit]] = {}
        for sym, units in self.assets.items():
            for unit, decimals in units.items():
                found.setdefault((sym, unit_chain(unit)), []).append(Unit(unit, decimals))
        return {**{key: units[0] for key, units in found.items() if len(units) == 1}, **UNITS}


def read_base_units(text: str, where: str) -> int:
    """A whole number of base units. Raises Malformed (E_AMOUNT), saying what to do with a decimal point."""
    try:
        return fields.amount(text, where)
    except SolventError:
        raise Malformed(
            "should be a whole number of base units, below 2^128",
            where=where,
            code="E_AMOUNT",
            hint="1.5 BTC is 150000000; to write 1.5, use coins instead of amount",
        ) from None


def _only(options: list[str], what: str, where: str, hint: str) -> str:
    if len(options) != 1:
        known = ", ".join(options[:5]) or "none is known"
        raise Malformed(f"it is not clear {what} ({known})", where=where, code="E_LINE_UNIT", hint=hint)
    return options[0]
