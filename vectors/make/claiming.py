"""Claims made the same way every time: one market, what an exchange hides of it, what it signs, and claims.proof."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Final

from attest.claims_proof import describe, prove_claims
from attest.secrets import Masks
from vectors.make.build import EXCHANGE, ISSUED_AT, TAKEN_AT, VALID_FOR, engine, entropy_of, secret
from verifier.attestation import Attestation, Identity
from verifier.attestation import Total as TotalTold
from verifier.claims_proof import ClaimsStatement, signed_quantities
from verifier.group import G, Point, value_commitment
from verifier.hashing import wide
from verifier.markets.claims import Derivation, Market, derive
from verifier.markets.descriptors import expand
from verifier.markets.linear import Aux, Held, Holding, Quantities, Reference, Total
from verifier.markets.policy import Policy
from verifier.markets.prices import Price, Prices
from verifier.markets.scenarios import Scenario, Scenarios
from verifier.predicate import CLAIMS_FILE, FILE_OF, NO_DIGESTS, REQUIRED_FILES, ROOT_FILE, SignedHolding
from verifier.schema import Schema
from verifier.wire import HIDDEN, PUBLIC

PAYLOAD: Final = "attestation.payload.json"
POOL: Final = "cold"
PRICES: Final = {"BTC": 11577000, "ETH": 369840, "USDT": 100}
OWED: Final = {"BTC": 175000000, "ETH": 52500000001, "USDT": 170000000001}
HELD: Final = {"BTC": 190000000, "ETH": 55000000000, "USDT": 180000000000}
DECIMALS: Final = {"BTC": 8, "ETH": 9, "USDT": 6}
TIERS: Final = (("0", 10000), ("1000", 9600), ("2000000", 5000))
TABLED: Final[Mapping[str, Any]] = {"BTC": "portions", "ETH": 1000, "USDT": 0}
FLAT: Final[Mapping[str, Any]] = {"BTC": 500, "ETH": 1000, "USDT": 0}
IN_KIND: Final[Mapping[str, Any]] = {
    "name": "held",
    "kind": "in-kind",
    "parameters": {"assets": "*", "pools": [POOL], "k": 10000},
}
COVERAGE: Final[Mapping[str, Any]] = {
    "name": "coverage",
    "kind": "coverage",
    "parameters": {"pools": [POOL], "k": 10000, "net_debt": 0, "own": "zero"},
}
STRESS: Final[Mapping[str, Any]] = {
    "name": "stress",
    "kind": "scenario",
    "parameters": {"base": "coverage", "set": "historic"},
}
CAP: Final[Mapping[str, Any]] = {
    "name": "bitcoin",
    "kind": "share-cap",
    "parameters": {"syms": ["BTC"], "classes": [], "pools": [], "cap": 6000},
}
DAY: Final = Scenario("2020-03-12", {"BTC": -3910, "ETH": -4430, "USDT": 0}, {}, {})


def policy(*claims: Mapping[str, Any], haircuts: Mapping[str, Any] = FLAT) -> Policy:
    """The market's policy with these claims."""
    tiers = [{"from": start, "bps": bps} for start, bps in TIERS]
    return Policy.from_json(
        {
            "type": "solvent:policy/v1",
            "exchange": EXCHANGE,
            "version": 1,
            "effective_epoch": 1,
            "quote": "iso4217:USD",
            "value_scale": 10,
            "assets": {s: {"decimals": d, "class": "crypto", "units": {}, "use": "index"} for s, d in DECIMALS.items()},
            "pools": {POOL: "reserve"},
            "haircuts": {POOL: dict(haircuts)},
            "tables": {"portions": {"kind": "concave", "tiers": tiers}} if "portions" in haircuts.values() else {},
            "price": {"scale": 2, "min_sources": 1, "window_s": 60, "deviation_bps": 100, "basis_bps": 50},
            "collateral": {
                "legacy": "report",
                "legacy_messages": [],
                "amounts": "exchange",
                "beacon_age_s": 3600,
                "skew_s": 60,
                "finality": {},
                "valuation_age_s": 86400,
            },
            "max_age_s": VALID_FOR + 600,
            "columns": [
                {"name": s, "asset": s, "decimals": d, "bits": 64, "kind": "balance"} for s, d in DECIMALS.items()
            ],
            "rules": [],
            "claims": [dict(claim) for claim in claims],
        }
    )


def altered(claim: Mapping[str, Any], **parameters: Any) -> dict[str, Any]:
    """A claim with other parameters."""
    return {**claim, "parameters": {**claim["parameters"], **parameters}}


@dataclass(frozen=True)
class Claiming:
    """An exchange that makes claims: what it owes and holds, and what of it is hidden."""

    name: str
    about: str
    policy: Policy
    owed: Mapping[str, int] = field(default_factory=lambda: dict(OWED))
    held: Mapping[str, int] = field(default_factory=lambda: dict(HELD))
    hidden_totals: Collection[str] = frozenset(OWED)
    hidden_holdings: Collection[str] = frozenset()
    scenarios: Scenarios | None = None
    exchange: str = EXCHANGE
    epoch: int = 1

    @cached_property
    def schema(self) -> Schema:
        """The book's."""
        return Schema(self.policy.columns, (), self.policy.digest)

    @cached_property
    def market(self) -> Market:
        """What weights depend on."""
        prices = {sym: Price(price, 1, price, price) for sym, price in PRICES.items()}
        return Market(self.policy, Prices(prices, {}, {}), self.scenarios)

    @cached_property
    def derivation(self) -> Derivation:
        """The rows."""
        totals = {name: None if name in self.hidden_totals else total for name, total in self.owed.items()}
        held = {(POOL, s): Held(0, True) if s in self.hidden_holdings else Held(v) for s, v in self.held.items()}
        return derive(self.market, Quantities(3, self.schema, totals, held))

    @cached_property
    def openings(self) -> dict[Reference, tuple[int, int]]:
        """Value and blinding of everything hidden."""
        known: dict[Reference, int] = {Total(name): self.owed[name] for name in sorted(self.hidden_totals)}
        known |= {Holding(POOL, sym): self.held[sym] for sym in sorted(self.hidden_holdings)}
        values = self.derivation.opening(known)
        return {x: (value, wide("mask", secret(f"{self.name}, {describe(x)}"))) for x, value in values.items()}

    @cached_property
    def commitments(self) -> dict[Reference, Point]:
        """V of everything hidden."""
        return {x: value_commitment(*opening) for x, opening in self.openings.items()}

    @cached_property
    def attestation(self) -> Attestation:
        """What is signed; files that are not part of the vector have a hash of zeros."""
        scenarios = {"scenarios": self.scenarios.digest} if self.scenarios else {}
        documents = {"policy": self.policy.digest, "prices": "02" * 32, "collateral": "03" * 32, **scenarios}
        proof = [CLAIMS_FILE] if any(claim.status == "to prove" for claim in self.derivation.claims) else []
        names = [*REQUIRED_FILES, ROOT_FILE, *(FILE_OF[name] for name in documents), *proof]
        return Attestation(
            identity=Identity(self.exchange, self.epoch, secret(f"{self.name}, nonce").hex(), TAKEN_AT, ""),
            accounts=3,
            issued_at=ISSUED_AT,
            expires_at=ISSUED_AT + VALID_FOR,
            chunk_bits=2,
            root_commitment=G,
            root_hash=bytes(32),
            digests={**NO_DIGESTS, **documents, "schema": self.schema.digest},
            totals={name: self._total(name) for name in self.owed},
            files=dict.fromkeys(sorted(names), "00" * 32),
            holdings=tuple(self._holding(sym) for sym in sorted(self.held)),
            aux={name: self.commitments[Aux(name)] for name in self.derivation.aux},
            claims=expand(self.policy.claims, self.policy.columns),
        )

    @cached_property
    def statement(self) -> ClaimsStatement:
        """What the proof is about, as a verifier derives it."""
        told = signed_quantities(self.attestation, self.schema)
        return ClaimsStatement.of(self.attestation, derive(self.market, told, self.attestation.claims))

    @property
    def masks(self) -> Masks:
        """Where the proof's randomness comes from."""
        return Masks(secret(f"{self.name}, proof key"), entropy_of(f"claims, {self.name}"))

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The inputs of a check."""
        scenarios = {"scenarios.json": self.scenarios.to_bytes()} if self.scenarios else {}
        proof = prove_claims(self.statement, self.openings, self.masks, engine())
        return {
            PAYLOAD: self.attestation.to_payload(),
            "schema.json": self.schema.to_bytes(),
            "policy.json": self.policy.to_bytes(),
            **scenarios,
            **({CLAIMS_FILE: proof} if proof else {}),
        }

    def _total(self, name: str) -> TotalTold:
        hidden = name in self.hidden_totals
        return TotalTold(HIDDEN, self.commitments[Total(name)]) if hidden else TotalTold(PUBLIC, self.owed[name])

    def _holding(self, sym: str) -> SignedHolding:
        if sym in self.hidden_holdings:
            return SignedHolding(POOL, sym, 0, self.commitments[Holding(POOL, sym)])
        return SignedHolding(POOL, sym, self.held[sym])


@cache
def claimings() -> dict[str, Claiming]:
    """Every positive vector of claims by name."""
    days = Scenarios(EXCHANGE, 1, {"historic": (DAY,)})
    both = policy(IN_KIND, COVERAGE)
    first = Claiming("claims-totals", "the worked example: holdings public, totals hidden", both)
    made = [
        first,
        Claiming("claims-one-row", "one hidden row: an argument without rounds", policy(COVERAGE)),
        Claiming(
            "claims-portions",
            "totals and two holdings hidden, bitcoin split into portions, a day of stress",
            policy(IN_KIND, COVERAGE, STRESS, CAP, haircuts=TABLED),
            hidden_holdings={"BTC", "ETH"},
            scenarios=days,
        ),
        Claiming("claims-public", "nothing hidden: plain arithmetic, no proof", both, hidden_totals=frozenset()),
        replace(first, name="claims-next", about="the same numbers in the next epoch", epoch=2),
        replace(first, name="claims-elsewhere", about="the same numbers at another exchange", exchange="other.example"),
    ]
    return {item.name: item for item in made}
