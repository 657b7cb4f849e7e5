"""The policy: its document, every refusal by its code, and the expansion of "*"."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.markets import EXCHANGE, POOL, asset, claim, column, coverage, policy, policy_json
from tests.support.refusals import refused
from verifier import canonical
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.markets.descriptors import KINDS, Claim, Later, expand, made
from verifier.markets.policy import Policy, require_in_force

IN_KIND = claim("held", "in-kind", assets="*", pools=[POOL], k=10000)
EVERY_KIND = [
    IN_KIND,
    claim("some", "in-kind", assets=["BTC", "ETH"], pools=[POOL], k=10000),
    coverage(),
    coverage("net", net_debt=1),
    claim("ltv", "ltv", collateral=["BTC:pledged"], debt=["USDT:debt"], l=7000),
    claim("cap", "share-cap", syms=["BTC"], classes=["stablecoin"], pools=[], cap=6000),
    claim("fund", "fund-oi", pools=["fund"], instruments=["BTC-PERP"], k=100),
    claim("matched", "matched", instrument="BTC-PERP"),
    claim("matched-cost", "matched", currency="USDT"),
    claim("week", "ladder", horizon=604800, liquid={"BTC": 5000}, outflow={"BTC": 1, "ETH": 1, "USDT": 9}),
    claim("mismatch", "mismatch", assets="*", theta=500),
    claim("delta", "delta", column="BTC"),
    claim("delta-fund", "delta", pool="fund", asset="USDT"),
    claim("stress", "scenario", base="coverage", set="days"),
    claim("es", "es", set="days", K=2, limit="100"),
    claim("var", "var", set="days", k=0, limit="100", M="1000"),
    claim("deficit", "deficit", rule="margin", max="0", accounts=0),
    claim("absorb", "absorb", pools=["fund"], shortfall="shortfall:margin"),
    claim("absorb-days", "absorb", pools=["fund"], set="days"),
    claim("cover", "cover", pools=["fund"], k=2, excess="excess:margin"),
    claim("breach", "breach", rule="margin", r=10000),
    claim("healthy", "healthy", rule="margin", r=10000),
]
COLUMNS = [
    column("BTC"), column("ETH"), column("USDT"), column("BTC:pledged", kind="collateral"),
    column("USDT:debt", kind="debt"),
]  # fmt: skip
POOLS = {POOL: "reserve", "fund": "insurance"}
TABLE = {"kind": "concave", "tiers": [{"from": "0", "bps": 10000}, {"from": "1000", "bps": 5000}]}
CONVEX = {"kind": "convex", "tiers": [{"from": "0", "bps": 50}]}
FTT = {"BTC": asset(), "FTT": {**asset(), "class": "own"}}


def full(**changes: Any) -> dict[str, Any]:
    return policy_json(*EVERY_KIND, columns=COLUMNS, pools=POOLS, tables={"t": TABLE}, **changes)


def set_in(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with one member replaced, added, or (value None) taken away; a copy."""
    name, _, rest = path.partition("/")
    if rest:
        return {**document, name: set_in(document[name], rest, value)}
    return {k: v for k, v in {**document, name: value}.items() if v is not None}


def test_round_trip() -> None:
    document = full()
    parsed = Policy.from_json(document)
    assert parsed.to_json() == document
    assert Policy.from_bytes(parsed.to_bytes()) == parsed
    assert parsed.digest == canonical.digest(document)
    assert parsed.reserve_pools == (POOL,)


def test_every_kind_is_known() -> None:
    parsed = Policy.from_json(full())
    assert {c.kind for c in parsed.claims} == set(KINDS)
    assert {c.kind for c in parsed.claims if isinstance(c.parameters, Later)} == {
        "fund-oi", "matched", "delta", "es", "var", "deficit", "absorb", "cover", "breach", "healthy",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(policy_json()))
def test_every_member_must_be_there(name: str) -> None:
    with refused(Malformed, "E_FIELD"):
        Policy.from_json(set_in(policy_json(), name, None))


@pytest.mark.parametrize("path", ["new", "price/new", "collateral/new", "assets/BTC/new", "columns/0/new"])
def test_no_member_is_unknown(path: str) -> None:
    document = policy_json()
    if path.startswith("columns"):
        document = policy_json(columns=[{**column("BTC"), "new": ""}])
    else:
        document = set_in(document, path, "")
    with refused(Malformed, "E_FIELD"):
        Policy.from_json(document)


@pytest.mark.parametrize("descriptor", EVERY_KIND, ids=lambda item: item["name"])
def test_parameters_are_closed(descriptor: dict[str, Any]) -> None:
    assert Claim.from_json(descriptor, "claim").to_json() == descriptor
    for name in descriptor["parameters"]:
        with refused(Malformed, "E_FIELD"):
            Claim.from_json(set_in(descriptor, f"parameters/{name}", None), "claim")
        with refused(Malformed, "E_TYPE"):
            Claim.from_json(set_in(descriptor, f"parameters/{name}", [[]]), "claim")
    with refused(Malformed, "E_FIELD"):
        Claim.from_json(set_in(descriptor, "parameters/new", 1), "claim")


MALFORMED = {
    "type": ("type", "solvent:policy/v2", "E_TYPE"),
    "exchange": ("exchange", "", "E_TYPE"),
    "version": ("version", -1, "E_LIMIT"),
    "effective_epoch": ("effective_epoch", "1", "E_TYPE"),
    "quote": ("quote", "USD", "E_TYPE"),
    "scale too small": ("value_scale", 1, "E_LIMIT"),
    "scale too large": ("value_scale", 25, "E_LIMIT"),
    "sym": ("assets", {"btc": asset()}, "E_TYPE"),
    "too many assets": ("assets", {f"A{i}": asset() for i in range(4097)}, "E_LIMIT"),
    "class": ("assets", {"BTC": {**asset(), "class": "coin"}}, "E_TYPE"),
    "use": ("assets/BTC/use", "last", "E_TYPE"),
    "unit": ("assets/BTC/units", {"a b": 8}, "E_TYPE"),
    "purpose": ("pools", {POOL: "house"}, "E_TYPE"),
    "too many pools": ("pools", {f"p{i}": "reserve" for i in range(65)}, "E_LIMIT"),
    "haircut": ("haircuts", {POOL: {"BTC": -1}}, "E_LIMIT"),
    "haircut type": ("haircuts", {POOL: {"BTC": []}}, "E_TYPE"),
    "table kind": ("tables", {"t": {**TABLE, "kind": "flat"}}, "E_TYPE"),
    "no tier": ("tables", {"t": {**TABLE, "tiers": []}}, "E_LIMIT"),
    "33 tiers": (
        "tables", {"t": {**TABLE, "tiers": [{"from": str(i), "bps": 1} for i in range(33)]}}, "E_LIMIT",
    ),
    "tier bps": ("tables", {"t": {**TABLE, "tiers": [{"from": "0", "bps": 1000001}]}}, "E_LIMIT"),
    "price scale": ("price/scale", 39, "E_LIMIT"),
    "no source": ("price/min_sources", 0, "E_LIMIT"),
    "window": ("price/window_s", -1, "E_LIMIT"),
    "deviation": ("price/deviation_bps", 1000001, "E_LIMIT"),
    "basis": ("price/basis_bps", "1", "E_TYPE"),
    "legacy": ("collateral/legacy", "maybe", "E_TYPE"),
    "message twice": ("collateral/legacy_messages", ["a", "a"], "E_FIELD"),
    "message too long": ("collateral/legacy_messages", ["a" * 1025], "E_LIMIT"),
    "amounts": ("collateral/amounts", "me", "E_TYPE"),
    "chain": ("collateral/finality", {"Bitcoin": 6}, "E_TYPE"),
    "depth": ("collateral/finality", {"eip155:1": -1}, "E_LIMIT"),
    "age": ("max_age_s", 0, "E_LIMIT"),
    "column bits": ("columns", [column("BTC", bits=12)], "E_LIMIT"),
    "column kind": ("columns", [column("BTC", kind="slack")], "E_TYPE"),
    "claim kind": ("claims", [claim("a", "solvent")], "E_TYPE"),
    "a pool twice": ("claims", [coverage(pools=[POOL, POOL])], "E_FIELD"),
    "no pool": ("claims", [coverage(pools=[])], "E_LIMIT"),
    "no asset": ("claims", [claim("a", "in-kind", assets=[], pools=[POOL], k=1)], "E_LIMIT"),
    "netting twice": ("claims", [coverage(net_debt=2)], "E_LIMIT"),
    "own": ("claims", [coverage(own="half")], "E_TYPE"),
    "liquid": ("claims", [claim("a", "ladder", horizon=1, liquid={"BTC": 10001}, outflow={})], "E_LIMIT"),
    "bps too large": ("claims", [coverage(k=1000001)], "E_LIMIT"),
    "float": ("max_age_s", 1.5, "E_TYPE"),
    "true": ("max_age_s", True, "E_TYPE"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed(case: str) -> None:
    path, value, code = MALFORMED[case]
    with refused(Malformed, code):
        Policy.from_json(set_in(policy_json(), path, value))


REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "tiers not from 0": ({"tables": {"t": {**TABLE, "tiers": [{"from": "1", "bps": 1}]}}}, "E_TIER_ORDER"),
    "tiers that fall back": ({"tables": {"t": {**TABLE, "tiers": [TABLE["tiers"][0]] * 2}}}, "E_TIER_ORDER"),
    "convex that falls": ({"tables": {"t": {**TABLE, "kind": "convex"}}}, "E_TIER_ORDER"),
    "concave that rises": (
        {"tables": {"t": {"kind": "concave", "tiers": [{"from": "0", "bps": 1}, {"from": "5", "bps": 2}]}}},
        "E_TIER_ORDER",
    ),
    "haircut of nobody": ({"haircuts": {"hot": {"BTC": 0}}}, "E_HAIRCUT"),
    "haircut of two": (
        {
            "haircuts": {POOL: {"BTC": 0}},
            "columns": COLUMNS,
            "claims": [claim(POOL, "ltv", collateral=["BTC:pledged"], debt=["USDT:debt"], l=1)],
        },
        "E_HAIRCUT",
    ),
    "haircut of an unknown asset": ({"haircuts": {POOL: {"DOGE": 0}}}, "E_HAIRCUT"),
    "haircut above all": ({"haircuts": {POOL: {"BTC": 10001}}}, "E_HAIRCUT"),
    "haircut without its table": ({"haircuts": {POOL: {"BTC": "t"}}}, "E_HAIRCUT"),
    "convex haircut": ({"haircuts": {POOL: {"BTC": "t"}}, "tables": {"t": CONVEX}}, "E_TIER_SIGN"),
    "table above par": (
        {"haircuts": {POOL: {"BTC": "t"}}, "tables": {"t": {**TABLE, "tiers": [{"from": "0", "bps": 10001}]}}},
        "E_HAIRCUT",
    ),
    "own token discounted": (
        {"assets": FTT, "haircuts": {POOL: {"FTT": 9999}}, "columns": []},
        "E_OWN_TOKEN",
    ),
    "own token by table": (
        {"assets": FTT, "haircuts": {POOL: {"FTT": "t"}}, "tables": {"t": TABLE}, "columns": []},
        "E_OWN_TOKEN",
    ),
    "own token left out": (
        {"assets": FTT, "haircuts": {}, "columns": [column("FTT")], "claims": [coverage(own="exclude")]},
        "E_OWN_TOKEN",
    ),
    "own token left out and half held": (
        {
            "assets": FTT,
            "haircuts": {},
            "columns": [column("FTT")],
            "claims": [coverage(own="exclude"), {**IN_KIND, "parameters": {**IN_KIND["parameters"], "k": 9999}}],
        },
        "E_OWN_TOKEN",
    ),
    "own token left out and debts netted": (
        {
            "assets": FTT,
            "haircuts": {},
            "columns": [column("FTT")],
            "claims": [coverage(own="exclude", net_debt=1), IN_KIND],
        },
        "E_OWN_TOKEN",
    ),
    "own token left out and positions in the book": (
        {
            "assets": FTT,
            "haircuts": {},
            "columns": [column("FTT"), column("BTC:long", kind="long")],
            "claims": [coverage(own="exclude"), IN_KIND],
        },
        "E_OWN_TOKEN",
    ),
    "one unit of two assets": (
        {"assets": {a: asset(units={"bip122:0/slip44:0": 8}) for a in ("BTC", "ETH")}, "columns": []},
        "E_LINE_UNIT",
    ),
    "two columns of one name": ({"columns": [column("BTC")] * 2}, "E_SCHEMA"),
    "column of another asset": ({"columns": [column("DOGE")]}, "E_SCHEMA"),
    "column of other decimals": ({"columns": [column("BTC", decimals=9)]}, "E_SCHEMA"),
    "unknown pool": ({"claims": [coverage(pools=["hot"])]}, "E_POOL"),
    "insurance as reserve": ({"pools": POOLS, "claims": [coverage(pools=["fund"])]}, "E_POOL"),
    "insurance in kind": (
        {"pools": POOLS, "claims": [claim("a", "in-kind", assets="*", pools=["fund"], k=1)]},
        "E_POOL",
    ),
    "two claims of one name": ({"claims": [coverage(), coverage()]}, "E_CLAIM"),
    "a claim named like an expanded one": ({"claims": [IN_KIND, coverage("held:BTC")]}, "E_CLAIM"),
    "unknown asset": ({"claims": [claim("a", "mismatch", assets=["DOGE"], theta=1)]}, "E_CLAIM"),
    "unknown column": ({"claims": [claim("a", "ltv", collateral=["BTC"], debt=["BTC"], l=1)]}, "E_CLAIM"),
    "no set": ({"claims": [claim("a", "share-cap", syms=[], classes=[], pools=[], cap=1)]}, "E_CLAIM"),
    "no base": ({"claims": [claim("a", "scenario", base="b", set="s")]}, "E_CLAIM"),
    "its own base": ({"claims": [claim("a", "scenario", base="a", set="s")]}, "E_CLAIM"),
    "a base without prices": ({"claims": [IN_KIND, claim("a", "scenario", base="held:BTC", set="s")]}, "E_CLAIM"),
}  # fmt: skip


@pytest.mark.parametrize("case", REJECTED)
def test_rejected(case: str) -> None:
    changes, code = REJECTED[case]
    with refused(Rejected, code):
        Policy.from_json({**policy_json(), **changes})


def test_the_own_token_may_be_left_out_when_it_is_held_in_kind() -> None:
    told = {"assets": FTT, "haircuts": {POOL: {"FTT": 10000}}, "columns": [column("FTT")]}
    assert policy(coverage(own="exclude"), IN_KIND, **told).claims[0].name == "coverage"


def test_account_rules_are_for_a_later_version() -> None:
    with refused(Unavailable, "E_UNSUPPORTED"):
        Policy.from_json(policy_json(rules=[{"name": "margin"}]))


def test_noncanonical_bytes() -> None:
    with refused(Malformed, "E_JSON"):
        Policy.from_bytes(b" " + policy().to_bytes())


def test_in_force() -> None:
    told = policy(effective_epoch=5, version=3)
    require_in_force(told, EXCHANGE, 5, policy(version=3))
    with refused(Rejected, "E_POLICY_VERSION"):
        require_in_force(told, EXCHANGE, 4)
    with refused(Rejected, "E_POLICY_VERSION"):
        require_in_force(told, EXCHANGE, 5, policy(version=4))
    with refused(Rejected, "E_BINDING"):
        require_in_force(told, "example.com", 5)


def test_every_asset_is_one_claim_each() -> None:
    told = policy(
        coverage(), IN_KIND, columns=[column("USDT"), column("BTC"), column("ETH:debt", decimals=9, kind="debt")]
    )
    expanded = expand(told.claims, told.columns)
    assert [c.name for c in expanded] == ["coverage", "held:BTC", "held:USDT"]
    assert expanded[1].to_json()["parameters"] == {"assets": ["BTC"], "pools": [POOL], "k": 10000}


def test_expanded_names_are_names() -> None:
    with refused(Malformed, "E_LIMIT"):
        policy({**IN_KIND, "name": "a" * 94})


def test_claims_that_are_made() -> None:
    told = policy(coverage(), IN_KIND)
    every = expand(told.claims, told.columns)
    listed = [c.to_json() for c in every]
    assert made(every, listed) == (True,) * 4
    assert made(every, listed[1:3]) == (False, True, True, False)
    assert made(every, []) == (False,) * 4
    other = {**listed[0], "parameters": {**listed[0]["parameters"], "k": 9000}}
    for wrong in ([other], [*listed, listed[0]], [listed[1], listed[0]], [IN_KIND]):
        with refused(Rejected, "E_CLAIM"):
            made(every, wrong)


def test_no_more_claims_than_the_limit() -> None:
    names = [claim(f"c{i}", "in-kind", assets="*", pools=[POOL], k=1) for i in range(1366)]
    with refused(Malformed, "E_LIMIT"):
        policy(*names)
