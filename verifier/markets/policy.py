"""The policy: how the exchange's risk role says that holdings and debts are valued (docs/statement.md, section 4).

Every member of the document is present, and every reference within it is checked here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.markets import reading
from verifier.markets.descriptors import CLASSES, Claim
from verifier.markets.tiers import Table
from verifier.schema import COMPARED_KINDS, MAX_COLUMNS, Column

TYPE: Final = "solvent:policy/v1"
RESERVE: Final = "reserve"
PURPOSES: Final = (RESERVE, "insurance", "backstop")
USES: Final = ("index", "mark")
MAX_PRICE_SCALE: Final = 38
MAX_MESSAGES: Final = 64
_MEMBERS: Final = (
    "type", "exchange", "version", "effective_epoch", "quote", "value_scale", "assets", "pools", "haircuts", "tables",
    "price", "collateral", "max_age_s", "columns", "rules", "claims",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset: ``decimals`` of its base unit, ``units`` on chains with their own decimals, ``use`` index or mark."""

    decimals: int
    asset_class: str
    units: Mapping[str, int]
    use: str

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"decimals": self.decimals, "class": self.asset_class, "units": dict(self.units), "use": self.use}


@dataclass(frozen=True, slots=True)
class PriceRules:
    """What a price needs: ``scale``, sources, seconds around taken_at, and how far apart quotes may lie."""

    scale: int
    min_sources: int
    window_s: int
    deviation_bps: int
    basis_bps: int

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {name: getattr(self, name) for name in _PRICE}


@dataclass(frozen=True, slots=True)
class CollateralRules:
    """What a collateral line needs (section 2): ``finality`` is the depth per chain, times are in seconds."""

    legacy: str
    legacy_messages: tuple[str, ...]
    amounts: str
    beacon_age_s: int
    skew_s: int
    finality: Mapping[str, int]
    valuation_age_s: int

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        plain = {name: getattr(self, name) for name in ("legacy", "amounts", "beacon_age_s", "skew_s")}
        return {
            **plain,
            "legacy_messages": list(self.legacy_messages),
            "finality": dict(self.finality),
            "valuation_age_s": self.valuation_age_s,
        }


_PRICE: Final = ("scale", "min_sources", "window_s", "deviation_bps", "basis_bps")
_COLLATERAL: Final = (
    "legacy", "legacy_messages", "amounts", "beacon_age_s", "skew_s", "finality", "valuation_age_s",
)  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """A parsed policy. ``haircuts`` is pool or claim -> sym -> basis points, or the name of a table."""

    exchange: str
    version: int
    effective_epoch: int
    quote: str
    value_scale: int
    assets: Mapping[str, Asset]
    pools: Mapping[str, str]
    haircuts: Mapping[str, Mapping[str, int | str]]
    tables: Mapping[str, Table]
    price: PriceRules
    collateral: CollateralRules
    max_age_s: int
    columns: tuple[Column, ...]
    claims: tuple[Claim, ...]

    def __post_init__(self) -> None:
        from verifier.markets import policy_rules  # which reads policies

        policy_rules.check(self)

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "policy.json") -> Policy:
        """Parse canonical bytes. Raises Malformed, Rejected, or Unavailable for what a later version added."""
        return cls.from_json(canonical.decode(data, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "policy") -> Policy:
        """Parse a decoded document."""
        parts = fields.members(document, where, _MEMBERS)
        fields.constant(parts["type"], f"{where}: type", TYPE)
        _no_rules_yet(parts["rules"], f"{where}: rules")
        columns = fields.items(parts["columns"], f"{where}: columns", MAX_COLUMNS)
        claims = fields.items(parts["claims"], f"{where}: claims", reading.MAX_CLAIMS)
        return cls(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            version=fields.integer(parts["version"], f"{where}: version"),
            effective_epoch=fields.integer(parts["effective_epoch"], f"{where}: effective_epoch"),
            quote=reading.quote(parts["quote"], f"{where}: quote"),
            value_scale=fields.integer(parts["value_scale"], f"{where}: value_scale", low=2, high=24),
            assets=reading.by_sym(parts["assets"], f"{where}: assets", _asset),
            pools=reading.by_name(parts["pools"], f"{where}: pools", reading.MAX_POOLS, _purpose),
            haircuts=reading.by_name(parts["haircuts"], f"{where}: haircuts", reading.MAX_CLAIMS, _haircuts),
            tables=reading.by_name(parts["tables"], f"{where}: tables", reading.MAX_ASSETS, Table.from_json),
            price=_price(parts["price"], f"{where}: price"),
            collateral=_collateral(parts["collateral"], f"{where}: collateral"),
            max_age_s=fields.integer(parts["max_age_s"], f"{where}: max_age_s", low=1),
            columns=tuple(_column(item, f"{where}: columns[{i}]") for i, item in enumerate(columns)),
            claims=tuple(Claim.from_json(item, f"{where}: claims[{i}]") for i, item in enumerate(claims)),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        plain = ("exchange", "version", "effective_epoch", "quote", "value_scale", "max_age_s")
        return {
            "type": TYPE,
            **{name: getattr(self, name) for name in plain},
            "assets": {sym: asset.to_json() for sym, asset in self.assets.items()},
            "pools": dict(self.pools),
            "haircuts": {name: dict(table) for name, table in self.haircuts.items()},
            "tables": {name: table.to_json() for name, table in self.tables.items()},
            "price": self.price.to_json(),
            "collateral": self.collateral.to_json(),
            "columns": [
                {"name": c.name, "asset": c.asset, "decimals": c.decimals, "bits": c.bits, "kind": c.kind}
                for c in self.columns
            ],
            "rules": [],
            "claims": [claim.to_json() for claim in self.claims],
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes: what the risk role signs."""
        return canonical.encode(self.to_json())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return canonical.digest(self.to_json())

    @property
    def reserve_pools(self) -> tuple[str, ...]:
        """The pools of purpose reserve, sorted."""
        return tuple(sorted(pool for pool, purpose in self.pools.items() if purpose == RESERVE))


def _no_rules_yet(value: Any, where: str) -> None:
    if fields.items(value, where, MAX_COLUMNS):
        raise Unavailable(
            "this policy has account rules, which this version cannot check",
            where=where,
            code="E_UNSUPPORTED",
            hint="install a newer solvent-verifier",
        )


def _asset(item: Any, where: str) -> Asset:
    parts = fields.members(item, where, ("decimals", "class", "units", "use"))
    return Asset(
        decimals=_decimals(parts["decimals"], f"{where}.decimals"),
        asset_class=reading.choice(parts["class"], f"{where}.class", CLASSES),
        units=reading.by_name(parts["units"], f"{where}.units", reading.MAX_ASSETS, _decimals),
        use=reading.choice(parts["use"], f"{where}.use", USES),
    )


def _decimals(value: Any, where: str) -> int:
    return fields.integer(value, where, high=reading.MAX_DECIMALS)


def _purpose(value: Any, where: str) -> str:
    return reading.choice(value, where, PURPOSES)


def _haircuts(value: Any, where: str) -> dict[str, int | str]:
    return reading.by_sym(value, where, _haircut)


def _haircut(value: Any, where: str) -> int | str:
    return fields.name(value, where) if isinstance(value, str) else reading.bps(value, where)


def _price(item: Any, where: str) -> PriceRules:
    parts = fields.members(item, where, _PRICE)
    return PriceRules(
        scale=fields.integer(parts["scale"], f"{where}.scale", high=MAX_PRICE_SCALE),
        min_sources=fields.integer(parts["min_sources"], f"{where}.min_sources", low=1),
        window_s=fields.integer(parts["window_s"], f"{where}.window_s"),
        deviation_bps=reading.bps(parts["deviation_bps"], f"{where}.deviation_bps"),
        basis_bps=reading.bps(parts["basis_bps"], f"{where}.basis_bps"),
    )


def _collateral(item: Any, where: str) -> CollateralRules:
    parts = fields.members(item, where, _COLLATERAL)
    return CollateralRules(
        legacy=reading.choice(parts["legacy"], f"{where}.legacy", ("count", "report", "reject")),
        legacy_messages=reading.listed(parts["legacy_messages"], f"{where}.legacy_messages", MAX_MESSAGES, fields.text),
        amounts=reading.choice(parts["amounts"], f"{where}.amounts", ("exchange", "observer")),
        beacon_age_s=fields.integer(parts["beacon_age_s"], f"{where}.beacon_age_s"),
        skew_s=fields.integer(parts["skew_s"], f"{where}.skew_s"),
        finality=reading.mapped(
            parts["finality"], f"{where}.finality", reading.MAX_POOLS, reading.chain, fields.integer
        ),
        valuation_age_s=fields.integer(parts["valuation_age_s"], f"{where}.valuation_age_s"),
    )


def _column(item: Any, where: str) -> Column:
    parts = fields.members(item, where, ("name", "asset", "decimals", "bits", "kind"))
    bits = fields.integer(parts["bits"], f"{where}.bits", low=8, high=128)
    if bits % 8:
        raise Malformed(f"bits is a multiple of 8, not {bits}", where=f"{where}.bits", code="E_LIMIT")
    return Column(
        name=fields.name(parts["name"], f"{where}.name"),
        asset=fields.sym(parts["asset"], f"{where}.asset"),
        decimals=_decimals(parts["decimals"], f"{where}.decimals"),
        bits=bits,
        kind=reading.choice(parts["kind"], f"{where}.kind", COMPARED_KINDS),
    )


def require_in_force(policy: Policy, exchange: str, epoch: int, previous: Policy | None = None) -> None:
    """The policy is this exchange's, in effect at ``epoch``, and no older than ``previous``.

    Raises Rejected: E_BINDING for another exchange, E_POLICY_VERSION otherwise.
    """
    if policy.exchange != exchange:
        raise Rejected("this policy is another exchange's", where="policy: exchange", code="E_BINDING")
    if policy.effective_epoch > epoch:
        raise Rejected("this policy is not yet in effect", where="policy: effective_epoch", code="E_POLICY_VERSION")
    if previous is not None and policy.version < previous.version:
        raise Rejected("the version fell since last epoch", where="policy: version", code="E_POLICY_VERSION")
