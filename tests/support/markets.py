"""The market of the statement's first worked example: three assets, three accounts, flat haircuts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.markets.claims import Market
from verifier.markets.linear import Held, Quantities
from verifier.markets.policy import Policy
from verifier.markets.prices import Price, Prices
from verifier.markets.scenarios import Scenario, Scenarios
from verifier.schema import Column, Schema

EXCHANGE = "example.org"
USD_PRICES = {"BTC": 11577000, "ETH": 369840, "USDT": 100}
TOTALS = {"BTC": 175000000, "ETH": 52500000001, "USDT": 170000000001}
HOLDINGS = {"BTC": 190000000, "ETH": 55000000000, "USDT": 180000000000}
DECIMALS = {"BTC": 8, "ETH": 9, "USDT": 6}
HAIRCUTS: dict[str, Any] = {"BTC": 500, "ETH": 1000, "USDT": 0}
POOL = "cold"


def asset(decimals: int = 8, **changes: Any) -> dict[str, Any]:
    return {"decimals": decimals, "class": "crypto", "units": {}, "use": "index", **changes}


def column(name: str, **changes: Any) -> dict[str, Any]:
    """A balance column; its asset is the part of the name before ":"."""
    sym = name.split(":", maxsplit=1)[0]
    base = {"name": name, "asset": sym, "decimals": DECIMALS.get(sym, 8), "bits": 64, "kind": "balance"}
    return {**base, **changes}


def claim(name: str, kind: str, **parameters: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "parameters": parameters}


def coverage(name: str = "coverage", **changes: Any) -> dict[str, Any]:
    return claim(name, "coverage", **{"pools": [POOL], "k": 10000, "net_debt": 0, "own": "zero", **changes})


def policy_json(*claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": "solvent:policy/v1",
        "exchange": EXCHANGE,
        "version": 1,
        "effective_epoch": 1,
        "quote": "iso4217:USD",
        "value_scale": 10,
        "assets": {sym: asset(decimals) for sym, decimals in DECIMALS.items()},
        "pools": {POOL: "reserve"},
        "haircuts": {POOL: HAIRCUTS},
        "tables": {},
        "price": {"scale": 2, "min_sources": 2, "window_s": 60, "deviation_bps": 100, "basis_bps": 50},
        "collateral": {
            "legacy": "report",
            "legacy_messages": [],
            "amounts": "exchange",
            "beacon_age_s": 3600,
            "skew_s": 60,
            "finality": {"eip155:1": 64},
            "valuation_age_s": 86400,
        },
        "max_age_s": 86400,
        "columns": [column(sym) for sym in DECIMALS],
        "rules": [],
        "claims": list(claims),
    }
    return {**base, **changes}


def policy(*claims: dict[str, Any], **changes: Any) -> Policy:
    return Policy.from_json(policy_json(*claims, **changes))


def prices(values: Mapping[str, int] = USD_PRICES) -> Prices:
    return Prices({sym: Price(price, 2, price, price) for sym, price in values.items()}, {}, {})


def market(
    policy: Policy, values: Mapping[str, int] = USD_PRICES, sets: Mapping[str, tuple[Scenario, ...]] | None = None
) -> Market:
    return Market(policy, prices(values), Scenarios(EXCHANGE, 1, sets) if sets else None)


def schema(policy: Policy) -> Schema:
    return Schema(tuple(Column(c.name, c.asset, c.decimals, c.bits, c.kind) for c in policy.columns), (), policy.digest)


def quantities(
    policy: Policy,
    totals: Mapping[str, int | None] = TOTALS,
    holdings: Mapping[tuple[str, str], Held] | None = None,
    accounts: int = 3,
) -> Quantities:
    if holdings is None:
        holdings = {(POOL, sym): Held(amount) for sym, amount in HOLDINGS.items()}
    return Quantities(accounts, schema(policy), totals, holdings)
