"""Scenarios in the making: the shipped days, and an explicit, flagged shock for every asset they do not know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from verifier.errors import Rejected
from verifier.markets import historic
from verifier.markets.scenarios import Scenario, Scenarios, fill

HISTORIC: Final = "historic"
SHIPPED: Final = {historic.NAME: historic.DAYS}


def fill_missing(
    exchange: str, syms: Iterable[str], shock: int, names: Iterable[str], before: Scenarios | None = None
) -> Scenarios:
    """The next version of ``before`` with the shipped sets ``names``, every set telling about every one of ``syms``.

    Raises Rejected (E_SCENARIO) for a set that is neither shipped nor there, Malformed for too many.
    """
    if shock < -10_000:
        hint = "in basis points: -5000 is half of it, -10000 all of it"
        raise Rejected("a price cannot fall by more than all of it", where="--missing", code="E_SCENARIO", hint=hint)
    sets = dict(before.sets) if before else {}
    for name in names:
        full = historic.NAME if name == HISTORIC else name
        if full not in sets:
            sets[full] = _shipped(full)
    wanted = tuple(syms)
    filled = {name: fill(scenarios, wanted, shock) for name, scenarios in sets.items()}
    return Scenarios(exchange, before.version + 1 if before else 1, filled)


def made_up(scenarios: Scenarios) -> dict[str, int]:
    """Set -> how many of its shocks and prices are flagged as models."""
    return {name: sum(len(day.models) for day in days) for name, days in scenarios.sets.items()}


def _shipped(name: str) -> tuple[Scenario, ...]:
    if name not in SHIPPED:
        hint = f"shipped: {', '.join(SHIPPED)}; sets of your own stand in scenarios.json"
        raise Rejected("there is no such set", where=f"--set {name}", code="E_SCENARIO", hint=hint)
    return tuple(replace(day) for day in SHIPPED[name])
