"""Scenarios: sets of days on which prices are other ones (docs/statement.md, sections 4 and 5).

Every sym a claim reads must be told: by a shock to its price or by a price of its own, never by both and never by
silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected
from verifier.markets import reading
from verifier.markets.reading import WHOLE

TYPE: Final = "solvent:scenarios/v1"
MAX_SETS: Final = 64


@dataclass(frozen=True, slots=True)
class Scenario:
    """``shocks`` are sym -> change in basis points (>= -10000), ``prices`` sym -> price at the policy's price scale.

    ``models`` says where a shock or price comes from that no market made.
    """

    name: str
    shocks: Mapping[str, int]
    prices: Mapping[str, int]
    models: Mapping[str, str]

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_json(cls, item: Any, where: str) -> Scenario:
        """Parse one scenario. Raises Malformed, Rejected (E_SCENARIO)."""
        parts = fields.members(item, where, ("name", "shocks", "prices", "models"))
        return cls(
            name=fields.name(parts["name"], f"{where}.name"),
            shocks=reading.by_sym(parts["shocks"], f"{where}.shocks", fields.signed),
            prices=reading.by_sym(parts["prices"], f"{where}.prices", fields.amount),
            models=reading.by_sym(parts["models"], f"{where}.models", fields.text),
        )

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {
            "name": self.name,
            "shocks": {sym: str(shock) for sym, shock in self.shocks.items()},
            "prices": {sym: str(price) for sym, price in self.prices.items()},
            "models": dict(self.models),
        }

    def told(self, sym: str) -> bool:
        """Whether the scenario says what happens to ``sym``."""
        return sym in self.shocks or sym in self.prices

    def price(self, sym: str, today: int | None) -> Fraction:
        """The price of ``sym`` in this scenario, exact. ``today`` is needed for a shock.

        Raises Rejected (E_SCENARIO) where the scenario is silent.
        """
        if sym in self.prices:
            return Fraction(self.prices[sym])
        if sym not in self.shocks or today is None:
            raise Rejected(f"nothing is said about {sym}", where=f"scenarios: {self.name}", code="E_SCENARIO")
        return Fraction(today * (WHOLE + self.shocks[sym]), WHOLE)


@dataclass(frozen=True)
class Scenarios:
    """The document: named sets of equally weighted scenarios."""

    exchange: str
    version: int
    sets: Mapping[str, tuple[Scenario, ...]]

    def __post_init__(self) -> None:
        if sum(len(scenarios) for scenarios in self.sets.values()) > reading.MAX_SCENARIOS:
            raise Malformed(f"more than {reading.MAX_SCENARIOS} scenarios", where="scenarios: sets", code="E_LIMIT")
        for name, scenarios in self.sets.items():
            names = [scenario.name for scenario in scenarios]
            if not names or len(set(names)) != len(names):
                what = "the set is empty" if not names else "two scenarios have one name"
                raise Rejected(what, where=f"scenarios: sets.{name}", code="E_SCENARIO")

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "scenarios.json") -> Scenarios:
        """Parse canonical bytes. Raises Malformed, Rejected (E_SCENARIO)."""
        return cls.from_json(canonical.decode(data, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "scenarios") -> Scenarios:
        """Parse a decoded document."""
        parts = fields.members(document, where, ("type", "exchange", "version", "sets"))
        fields.constant(parts["type"], f"{where}: type", TYPE)
        return cls(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            version=fields.integer(parts["version"], f"{where}: version"),
            sets=reading.by_name(parts["sets"], f"{where}: sets", MAX_SETS, _set),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        sets = {name: [scenario.to_json() for scenario in scenarios] for name, scenarios in self.sets.items()}
        return {"type": TYPE, "exchange": self.exchange, "version": self.version, "sets": sets}

    def to_bytes(self) -> bytes:
        """The canonical bytes: what the risk role signs."""
        return canonical.encode(self.to_json())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return canonical.digest(self.to_json())

    def require_set(self, name: str) -> tuple[Scenario, ...]:
        """The scenarios of a set, in order. Raises Rejected (E_SCENARIO) when there is no such set."""
        if name not in self.sets:
            raise Rejected("there is no such set", where=f"scenarios: sets.{name}", code="E_SCENARIO")
        return self.sets[name]


def fill(scenarios: Iterable[Scenario], syms: Iterable[str], shock: int) -> tuple[Scenario, ...]:
    """The scenarios with an explicit shock for every one of ``syms`` they are silent about, flagged in models."""
    wanted = sorted(set(syms))
    return tuple(_fill(scenario, [sym for sym in wanted if not scenario.told(sym)], shock) for scenario in scenarios)


def require_in_force(scenarios: Scenarios, exchange: str, previous: Scenarios | None = None) -> None:
    """Raises Rejected: E_BINDING for another exchange's, E_SCENARIO when the version fell since last epoch."""
    if scenarios.exchange != exchange:
        raise Rejected("these are another exchange's", where="scenarios: exchange", code="E_BINDING")
    if previous is not None and scenarios.version < previous.version:
        raise Rejected("the version fell since last epoch", where="scenarios: version", code="E_SCENARIO")


def _fill(scenario: Scenario, missing: list[str], shock: int) -> Scenario:
    note = f"assumed: no shock known on this day, {shock} basis points filled in"
    return replace(
        scenario,
        shocks={**scenario.shocks, **dict.fromkeys(missing, shock)},
        models={**scenario.models, **dict.fromkeys(missing, note)},
    )


def _set(value: Any, where: str) -> tuple[Scenario, ...]:
    listed = fields.items(value, where, reading.MAX_SCENARIOS)
    return tuple(Scenario.from_json(item, f"{where}[{i}]") for i, item in enumerate(listed))


def _check(scenario: Scenario) -> None:
    where = f"scenarios: {scenario.name}"
    both = sorted(set(scenario.shocks) & set(scenario.prices))
    if both:
        raise Rejected(f"{both[0]} has a shock and a price", where=where, code="E_SCENARIO")
    if any(shock < -WHOLE for shock in scenario.shocks.values()):
        raise Rejected("a price cannot fall by more than all of it", where=where, code="E_SCENARIO")
    if any(sym not in scenario.shocks and sym not in scenario.prices for sym in scenario.models):
        raise Rejected("a model is named for a sym without a shock or price", where=where, code="E_SCENARIO")
