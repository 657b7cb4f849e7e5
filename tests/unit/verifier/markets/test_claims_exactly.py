"""Every claim against exact rational arithmetic: what is proven is never more than the truth, and hardly less.

The formulas are written again here, from section 5, with fractions and without weights, rows or portions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.markets import asset, claim, column, market, policy, quantities
from verifier.markets.claims import Derivation, derive
from verifier.markets.linear import Held, Holding, Quantities, Reference, Total
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenario

SYMS = ("BTC", "ETH", "USDT")
POOLS = ("a", "b")
AMOUNTS = st.one_of(st.integers(0, 20), st.integers(0, 2**50))
RATES = st.integers(0, 10000)


@dataclass(frozen=True)
class World:
    """A market in plain numbers: per sym price, decimals, owed; per (pool, sym) held; haircuts flat or tables."""

    price: dict[str, int]
    decimals: dict[str, int]
    scale: int
    owed: dict[str, int]
    held: dict[tuple[str, str], int]
    pledged: int
    debt: int
    haircut: dict[str, Any]
    tiers: list[tuple[int, int]]
    shock: dict[str, int]
    k: int
    cap: int
    out: int

    def worth(self, sym: str, amount: int, shocked: bool) -> Fraction:
        """In whole quote."""
        price = Fraction(self.price[sym] * (10000 + (self.shock[sym] if shocked else 0)), 10000)
        return price * Fraction(amount, 10 ** (2 + self.decimals[sym]))

    def counted(self, sym: str, amounts: list[int], shocked: bool) -> Fraction:
        """After the haircut or the table, over all pools together."""
        value = self.worth(sym, sum(amounts), shocked)
        if self.haircut[sym] != "t":
            return value * Fraction(10000 - self.haircut[sym], 10000)
        ends = [*(Fraction(start) for start, _ in self.tiers[1:]), value]
        total = Fraction(0)
        for (start, bps), end in zip(self.tiers, ends, strict=True):
            total += max(Fraction(0), min(value, end) - start) * bps / 10000
        return total


@st.composite
def worlds(draw: st.DrawFn) -> World:
    starts = [0, *sorted(draw(st.sets(st.integers(1, 10**6), max_size=3)))]
    rates = sorted((draw(RATES) for _ in starts), reverse=True)
    return World(
        price={sym: draw(st.integers(1, 10**7)) for sym in SYMS},
        decimals={sym: draw(st.integers(0, 9)) for sym in SYMS},
        scale=draw(st.integers(2, 18)),
        owed={sym: draw(AMOUNTS) for sym in SYMS},
        held={(pool, sym): draw(AMOUNTS) for pool in POOLS for sym in SYMS},
        pledged=draw(AMOUNTS),
        debt=draw(AMOUNTS),
        haircut={sym: draw(st.one_of(RATES, st.just("t"))) for sym in SYMS},
        tiers=list(zip(starts, rates, strict=True)),
        shock={sym: draw(st.integers(-10000, 5000)) for sym in SYMS},
        k=draw(st.integers(0, 20000)),
        cap=draw(RATES),
        out=draw(RATES),
    )


CLAIMS = ("kind", "cover", "ltv", "cap", "pools", "week", "mismatch")


def told(world: World) -> Policy:
    lists = dict.fromkeys(SYMS, world.out)
    return policy(
        claim("kind", "in-kind", assets=["ETH"], pools=["a", "b"], k=world.k),
        claim("cover", "coverage", pools=["b", "a"], k=world.k, net_debt=0, own="zero"),
        claim("ltv", "ltv", collateral=["BTC:pledged"], debt=["USDT:debt"], l=world.k),
        claim("cap", "share-cap", syms=["BTC"], classes=[], pools=["a"], cap=world.cap),
        claim("pools", "share-cap", syms=[], classes=[], pools=["a"], cap=world.cap),
        claim("week", "ladder", horizon=60, liquid={"BTC": world.cap, "USDT": 10000}, outflow=lists),
        claim("mismatch", "mismatch", assets=["ETH"], theta=world.cap),
        *(claim(f"{name}#", "scenario", base=name, set="s") for name in CLAIMS[1:]),
        value_scale=world.scale,
        assets={sym: asset(world.decimals[sym]) for sym in SYMS},
        pools={"a": "reserve", "b": "reserve"},
        haircuts=dict.fromkeys(("a", "b", "ltv"), world.haircut),
        tables={"t": {"kind": "concave", "tiers": [{"from": str(s), "bps": r} for s, r in world.tiers]}},
        columns=[
            *(column(sym, decimals=world.decimals[sym]) for sym in SYMS),
            column("BTC:pledged", kind="collateral", decimals=world.decimals["BTC"]),
            column("USDT:debt", kind="debt", decimals=world.decimals["USDT"]),
        ],
    )


def exact(world: World, name: str, shocked: bool) -> list[Fraction]:
    """Z of section 5, in whole quote."""

    def worth(sym: str, amount: int) -> Fraction:
        return world.worth(sym, amount, shocked)

    def held(sym: str) -> list[int]:
        return [world.held[pool, sym] for pool in POOLS]

    k, cap, out = (Fraction(bps, 10000) for bps in (world.k, world.cap, world.out))
    everything = sum((worth(sym, amount) for (_, sym), amount in world.held.items()), Fraction(0))
    in_a = sum((worth(sym, world.held["a", sym]) for sym in SYMS), Fraction(0))
    owed = {sym: worth(sym, world.owed[sym]) for sym in SYMS}
    difference = worth("ETH", sum(held("ETH"))) - owed["ETH"]
    counted = {sym: world.counted(sym, held(sym), shocked) for sym in SYMS}
    return {
        "kind": [Fraction(10**4 * sum(held("ETH")) - world.k * world.owed["ETH"])],
        "cover": [sum(counted.values()) - k * sum(owed.values())],
        "ltv": [k * world.counted("BTC", [world.pledged], shocked) - worth("USDT", world.debt)],
        "cap": [cap * in_a - worth("BTC", world.held["a", "BTC"])],
        "pools": [cap * everything - in_a],
        "week": [cap * counted["BTC"] + counted["USDT"] - out * sum(owed.values())],
        "mismatch": [cap * everything + difference, cap * everything - difference],
    }[name]  # fmt: skip


def proven(found: Derivation, opening: dict[Reference, int]) -> dict[str, list[int]]:
    """The values of the Z rows, by claim; every cap and allocation row must hold for an honest prover."""
    values: dict[str, list[int]] = {}
    for rows in found.claims:
        assert rows.failure is None
        for row in rows.rows:
            z = row.value(opening)
            if row.label.endswith((" split", " within its cap")):
                assert z >= 0
            else:
                values.setdefault(rows.claim.name, []).append(z)
    return values


def known(world: World, hidden: bool) -> tuple[Quantities, dict[Reference, int]]:
    totals = {**world.owed, "BTC:pledged": world.pledged, "USDT:debt": world.debt}
    secrets: dict[Reference, int] = {Total(name): amount for name, amount in totals.items()}
    halves = {key: amount // 2 for key, amount in world.held.items()}
    secrets |= {Holding(*key): world.held[key] - half for key, half in halves.items()}
    if not hidden:
        return quantities(told(world), totals, {key: Held(amount) for key, amount in world.held.items()}), {}
    holdings = {key: Held(half, True) for key, half in halves.items()}
    return quantities(told(world), dict.fromkeys(totals), holdings), secrets


@settings(max_examples=60)
@given(worlds())
def test_what_is_proven_is_never_more_than_the_truth(world: World) -> None:
    day = Scenario("day", world.shock, {}, {})
    public, none = known(world, hidden=False)
    secret, secrets = known(world, hidden=True)
    open_book = derive(market(told(world), world.price, {"s": (day,)}), public)
    closed_book = derive(market(told(world), world.price, {"s": (day,)}), secret)
    values = proven(open_book, none)
    assert values == proven(closed_book, closed_book.opening(secrets)), "hiding changes nothing"
    assert all(row.value(closed_book.opening(secrets)) >= 0 for row in closed_book.range_rows)
    assert sorted(values) == sorted([*CLAIMS, *(f"{name}#" for name in CLAIMS[1:])])
    for name, rounded in values.items():
        unit = 1 if name == "kind" else 10**world.scale
        truth = [z * unit for z in exact(world, name.rstrip("#"), name.endswith("#"))]
        assert all(a <= b for a, b in zip(rounded, truth, strict=True)), name


@settings(max_examples=60)
@given(worlds())
def test_little_is_lost(world: World) -> None:
    """Each weight loses less than one, so a flat claim loses less than the sum of its quantities."""
    flat = World(**{**vars(world), "haircut": dict.fromkeys(SYMS, 500)})
    public, none = known(flat, hidden=False)
    day = Scenario("day", flat.shock, {}, {})
    values = proven(derive(market(told(flat), flat.price, {"s": (day,)}), public), none)
    quantity = sum(flat.owed.values()) + sum(flat.held.values()) + flat.pledged + flat.debt + 1
    for name, rounded in values.items():
        unit = 1 if name == "kind" else 10**flat.scale
        truth = [z * unit for z in exact(flat, name.rstrip("#"), name.endswith("#"))]
        assert all(b - a < quantity for a, b in zip(rounded, truth, strict=True)), name


@settings(max_examples=60)
@given(worlds(), st.randoms(use_true_random=False))
def test_no_split_counts_more_than_the_greedy_one(world: World, rng: Any) -> None:
    """Any other portions that satisfy caps and allocations leave Z at or below the exact value."""
    day = Scenario("day", world.shock, {}, {})
    secret, secrets = known(world, hidden=True)
    found = derive(market(told(world), world.price, {"s": (day,)}), secret)
    opening = found.opening(secrets)
    for rows in found.claims:
        for split in rows.splits:
            left = sum(secrets[x] + secret.public(x) for x in split.sources)
            for reference in rng.sample(sorted(split.portions(dict.fromkeys(split.sources, 0))), len(split.names)):
                k = split.names.index(reference.name)
                most = min(left, split.caps[k]) if k < len(split.caps) else left
                opening[reference] = rng.randint(0, most)
                left -= opening[reference]
    for name, values in proven(found, opening).items():
        unit = 1 if name == "kind" else 10**world.scale
        truth = [z * unit for z in exact(world, name.rstrip("#"), name.endswith("#"))]
        assert all(a <= b for a, b in zip(values, truth, strict=True)), name
