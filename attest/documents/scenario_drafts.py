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
    exchange: str,
    syms: Iterable[str],
    shock: int,
    names: Iterable[str],
    draft: Scenarios | None = None,
    signed: Scenarios | None = None,
) -> Scenarios:
    """The sets of ``draft`` (else of ``signed``) and the shipped sets ``names``, telling about every one of ``syms``.

    The version is above the signed one where anything differs from it.
    Raises Rejected (E_SCENARIO) for a set that is neither shipped nor there, Malformed for too many.
    """
    before = draft or signed
    sets = dict(before.sets) if before else {}
    for name in names:
        full = historic.NAME if name == HISTORIC else name
        if full not in sets:
            sets[full] = _shipped(full)
    wanted = tuple(syms)
    filled = {name: fill(scenarios, wanted, shock) for name, scenarios in sets.items()}
    return Scenarios(exchange, _version(filled, draft, signed), filled)


def _version(filled: dict[str, tuple[Scenario, ...]], draft: Scenarios | None, signed: Scenarios | None) -> int:
    if signed is not None and filled == dict(signed.sets):
        return signed.version
    return max(draft.version if draft else 1, signed.version + 1 if signed else 1)


def made_up(scenarios: Scenarios) -> dict[str, int]:
    """Set -> how many of its shocks and prices are flagged as models."""
    return {name: sum(len(day.models) for day in days) for name, days in scenarios.sets.items()}


def _shipped(name: str) -> tuple[Scenario, ...]:
    if name not in SHIPPED:
        hint = f"shipped: {', '.join(SHIPPED)}; sets of your own stand in scenarios.json"
        raise Rejected("there is no such set", where=f"--set {name}", code="E_SCENARIO", hint=hint)
    return tuple(replace(day) for day in SHIPPED[name])
