"""An exchange with a policy: keys of every role, root document, reader's file, policy, quotes, days of stress."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.signing import LocalSigner
from vectors.make.build import EXCHANGE, SIGNER, TAKEN_AT, secret
from verifier import canonical
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.okx_units import SOLANA
from verifier.dsse import Envelope, key_id, pre_authentication_encoding
from verifier.trust import names

SOURCES: Final = ("alpha", "beta", "gamma")
ROLES: Final = (
    "risk", "log", "statement", "observer", "custodian/vault", "bank/first", *(f"price/{name}" for name in SOURCES),
)  # fmt: skip
ROOT_KEYS: Final = ("root-1", "root-2", "root-3")
STATIC: Final = "I am an OKX address"
ETHER_ONE: Final = "eip155:42161"
UNITS: Final[dict[str, dict[str, int]]] = {
    "BTC": {f"{BITCOIN}/slip44:0": 8},
    "ETH": {"eip155:1/slip44:60": 18, f"{ETHER_ONE}/slip44:60": 18},
    "USDT": {
        "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7": 6,
        f"{SOLANA}/token:Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB": 6,
    },
    "USD": {"iso4217:USD": 2},
}
DECIMALS: Final = {"BTC": 8, "ETH": 9, "USDT": 6, "USD": 2}
CLASS: Final = {"BTC": "crypto", "ETH": "crypto", "USDT": "stablecoin", "USD": "fiat"}
COLUMNS: Final = (
    ("BTC", "BTC", 40, "balance"),
    ("BTC:pledged", "BTC", 40, "collateral"),
    ("ETH", "ETH", 48, "balance"),
    ("USD", "USD", 32, "balance"),
    ("USDT", "USDT", 48, "balance"),
    ("USDT:debt", "USDT", 48, "debt"),
)
MODES: Final = ("hidden", "hidden", "public", "public", "hidden", "hidden")
STEPS: Final = {
    "kind": "concave",
    "tiers": [{"from": "0", "bps": 10000}, {"from": "100000", "bps": 9800}, {"from": "180000", "bps": 9000}],
}
HAIRCUTS: Final[dict[str, dict[str, Any]]] = {
    "cold": {"BTC": "steps", "ETH": 1000, "USDT": 50, "USD": 0},
    "fund": {"BTC": "steps", "ETH": 1000, "USDT": 50, "USD": 0},
    "loans": {"BTC": "steps"},
}
DAYS: Final[list[dict[str, Any]]] = [
    {"name": "2020-03-12", "shocks": {"BTC": "-3910", "ETH": "-4430", "USDT": "0", "USD": "0"}, "prices": {},
     "models": {}},
    {"name": "2022-05-11", "shocks": {"BTC": "-700", "ETH": "-1120", "USD": "0"}, "prices": {"USDT": "95"},
     "models": {"USDT": "close of the day, by hand"}},
]  # fmt: skip
SOLD: Final = dict.fromkeys(DECIMALS, 6000)
ASKED: Final = dict.fromkeys(DECIMALS, 4000)


def claim(name: str, kind: str, **parameters: Any) -> dict[str, Any]:
    """A claim as the policy lists it."""
    return {"name": name, "kind": kind, "parameters": parameters}


CLAIMS: Final = (
    claim("held", "in-kind", assets="*", pools=["cold"], k=10000),
    claim("coverage", "coverage", pools=["cold"], k=10000, net_debt=0, own="zero"),
    claim("loans", "ltv", collateral=["BTC:pledged"], debt=["USDT:debt"], l=9000),
    claim("bitcoin", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000),
    claim(
        "week", "ladder", horizon=604800, liquid=dict.fromkeys(DECIMALS, 6000), outflow=dict.fromkeys(DECIMALS, 4000)
    ),
    claim("matched", "mismatch", assets=["ETH"], theta=2000),
    claim("days", "scenario", base="coverage", set="historic"),
)


@cache
def signer(role: str) -> LocalSigner:
    """The only key of a role, or one of ROOT_KEYS."""
    return SIGNER if role == names.EXCHANGE else LocalSigner(Ed25519PrivateKey.from_private_bytes(seed(role)))


def seed(role: str) -> bytes:
    """The private key of ``signer``."""
    return secret("signing key" if role == names.EXCHANGE else f"signing key of {role}")


def sign(tag: str, payload: bytes, *roles: str, payload_type: str = "") -> Envelope:
    """``payload`` under the signatures of these roles."""
    kind = payload_type or names.payload_type(tag)
    message = pre_authentication_encoding(kind, payload)
    by_id = {key_id(signer(role).public_key): signer(role).sign(message) for role in roles}
    return Envelope(kind, payload, tuple(sorted(by_id.items())))


def document(tag: str, *roles: str, **members: Any) -> Envelope:
    """A document of type ``tag``, signed."""
    return sign(tag, canonical.encode({"type": names.document_type(tag), **members}), *roles)


def root() -> Envelope:
    """Two of three root keys, one key for each other role, one key that was lost."""
    one = {role: {"keys": [signer(role).public_key.hex()], "threshold": 1} for role in (names.EXCHANGE, *ROLES)}
    top = {"keys": [signer(name).public_key.hex() for name in ROOT_KEYS], "threshold": 2}
    lost = signer("lost").public_key.hex()
    return document(
        "root", *ROOT_KEYS[:2],
        exchange=EXCHANGE, version=1, expires_at=TAKEN_AT + 3650 * 86_400, roles={"root": top, **one},
        cadence={"book_s": 86_400, "pulse_s": 0, "grace_s": 3_600, "ttl_s": 604_800},
        revoked=[{"key": lost, "from_seq": 1, "time": TAKEN_AT - 86_400, "reason": "lost"}],
    )  # fmt: skip


def reader() -> dict[str, Any]:
    """An auditor who pins this root document and those who vouch, and asks for coverage and every coin."""
    pinned = ("custodian/vault", "bank/first", "observer")
    return {
        "type": "solvent:reader/v1",
        "exchange": EXCHANGE,
        "root": root().digest,
        "require": [
            {"kind": "coverage", "asset": "", "min_k": 10_000},
            {"kind": "in-kind", "asset": "*", "min_k": 10_000},
        ],
        "cosign": {"collateral": {"keys": [signer("observer").public_key.hex()], "threshold": 1}},
        "pins": {role: [key_id(signer(role).public_key)] for role in pinned},
    }


def policy_members() -> dict[str, Any]:
    """Everything but the type."""
    assets = {
        sym: {"decimals": d, "class": CLASS[sym], "units": UNITS[sym], "use": "mark" if sym == "ETH" else "index"}
        for sym, d in DECIMALS.items()
    }
    columns = [
        {"name": name, "asset": sym, "decimals": DECIMALS[sym], "bits": bits, "kind": kind}
        for name, sym, bits, kind in COLUMNS
    ]
    return {
        "exchange": EXCHANGE,
        "version": 3,
        "effective_epoch": 1,
        "quote": "iso4217:USD",
        "value_scale": 10,
        "assets": assets,
        "pools": {"cold": "reserve", "fund": "insurance"},
        "haircuts": HAIRCUTS,
        "tables": {"steps": STEPS},
        "price": {"scale": 2, "min_sources": 2, "window_s": 60, "deviation_bps": 100, "basis_bps": 50},
        "collateral": {
            "legacy": "count",
            "legacy_messages": [STATIC],
            "amounts": "observer",
            "beacon_age_s": 3600,
            "skew_s": 300,
            "finality": {BITCOIN: 6, "eip155:1": 64, SOLANA: 32},
            "valuation_age_s": 86_400,
        },
        "max_age_s": 172_800,
        "columns": columns,
        "rules": [],
        "claims": list(CLAIMS),
    }


def policy() -> Envelope:
    """The policy of both epochs."""
    return document("policy", names.RISK, **policy_members())


def scenarios() -> Envelope:
    """Two days, one with a price that a person wrote."""
    return document("scenarios", names.RISK, exchange=EXCHANGE, version=1, sets={"historic": DAYS})


def quotes(taken_at: int) -> Mapping[str, Envelope]:
    """Three sources, one a little low, one of another scale."""
    index = {"BTC": 11577000, "ETH": 369840, "USDT": 100, "USD": 100}
    told = {
        "alpha": (2, index),
        "beta": (2, {**index, "BTC": 11570000, "ETH": 369800}),
        "gamma": (1, {"BTC": 1158400, "ETH": 36988, "USDT": 10, "USD": 10}),
    }
    return {f"{source}.json": quote(source, taken_at - 5 * i, *told[source]) for i, source in enumerate(SOURCES)}


def quote(source: str, at: int, scale: int, index: Mapping[str, int]) -> Envelope:
    """One source's prices; ether is marked as well."""
    return document(
        "quote", f"{names.PRICE}/{source}",
        source=source, quote="iso4217:USD", at=at, scale=scale,
        index={sym: str(price) for sym, price in index.items()}, mark={"ETH": str(index["ETH"])}, models={},
    )  # fmt: skip
