"""Claims over hidden totals and holdings: what an exchange knows, what it signs, and the proof, in milliseconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from attest.claims_proof import prove_claims
from attest.secrets import Masks
from tests.support.markets import HOLDINGS, POOL, TOTALS, USD_PRICES, claim, coverage, market, policy, schema
from verifier.attestation import Attestation, Identity
from verifier.attestation import Total as TotalTold
from verifier.claims_proof import ClaimsStatement, signed_quantities, verify_claims
from verifier.engine import Engine, get_engine
from verifier.group import G, Point, value_commitment
from verifier.markets.claims import Derivation, Market, derive
from verifier.markets.descriptors import Claim, expand
from verifier.markets.linear import Aux, Held, Holding, Quantities, Reference, Total
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenario
from verifier.predicate import NO_DIGESTS, SignedHolding
from verifier.sources import BytesSource
from verifier.wire import HIDDEN, PUBLIC

REFERENCE: Final[Engine] = get_engine("reference")
CONCAVE: Final = {
    "kind": "concave",
    "tiers": [
        {"from": "0", "bps": 10000},
        {"from": "1000", "bps": 9600},
        {"from": "2000000", "bps": 5000},
        {"from": "9000000", "bps": 0},
    ],
}
TABLED: Final[dict[str, Any]] = {
    "tables": {"btc": CONCAVE},
    "haircuts": {POOL: {"BTC": "btc", "ETH": 1000, "USDT": 0}},
}
"""A policy's tables and haircuts that split bitcoin into portions."""


def in_kind(*syms: str, name: str = "held", k: int = 10000) -> dict[str, Any]:
    """Each of ``syms`` is held in kind."""
    return claim(name, "in-kind", assets=list(syms), pools=[POOL], k=k)


ALL_HELD: Final = (in_kind("BTC", "ETH", "USDT"), coverage())


@dataclass(frozen=True)
class Claimed:
    """An exchange: its policy and numbers, which of them it hides, and what it signs about them."""

    policy: Policy
    totals: Mapping[str, int] = field(default_factory=lambda: dict(TOTALS))
    held: Mapping[tuple[str, str], int] = field(
        default_factory=lambda: {(POOL, sym): amount for sym, amount in HOLDINGS.items()}
    )
    hidden_totals: Collection[str] = frozenset(TOTALS)
    hidden_holdings: Collection[tuple[str, str]] = frozenset()
    public_part: int = 0
    """How much of each hidden holding is public all the same."""
    sets: Mapping[str, tuple[Scenario, ...]] | None = None
    accounts: int = 3
    exchange: str = "example.org"
    epoch: int = 1
    first_blinding: int = 1000
    prices: Mapping[str, int] = field(default_factory=lambda: dict(USD_PRICES))
    made: Collection[str] | None = None
    """Names of the claims that it makes, of the policy's; None for all."""

    @cached_property
    def quantities(self) -> Quantities:
        """What everybody knows."""
        totals = {name: None if name in self.hidden_totals else total for name, total in self.totals.items()}
        holdings = {
            key: Held(self.public_part, True) if key in self.hidden_holdings else Held(amount)
            for key, amount in self.held.items()
        }
        return Quantities(self.accounts, schema(self.policy), totals, holdings)

    @cached_property
    def derivation(self) -> Derivation:
        """The rows."""
        return derive(self.market, self.quantities, self.claims)

    @cached_property
    def market(self) -> Market:
        """Prices and scenarios."""
        return market(self.policy, self.prices, self.sets)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The claims it makes."""
        every = expand(self.policy.claims, self.policy.columns)
        return tuple(claim for claim in every if self.made is None or claim.name in self.made)

    @cached_property
    def values(self) -> dict[Reference, int]:
        """Everything hidden, in the order of section 4."""
        known: dict[Reference, int] = {Total(name): self.totals[name] for name in sorted(self.hidden_totals)}
        known |= {Holding(*key): self.held[key] - self.public_part for key in sorted(self.hidden_holdings)}
        return self.derivation.opening(known)

    @cached_property
    def openings(self) -> dict[Reference, tuple[int, int]]:
        """Values and blindings."""
        return {x: (value, self.first_blinding + i) for i, (x, value) in enumerate(self.values.items())}

    @cached_property
    def commitments(self) -> dict[Reference, Point]:
        """V of everything hidden."""
        return {x: value_commitment(*opening) for x, opening in self.openings.items()}

    @cached_property
    def attestation(self) -> Attestation:
        """What it signs; the book behind it is not there."""
        told = schema(self.policy)
        digests = {"policy": self.policy.digest, "prices": "02" * 32, "schema": told.digest, "collateral": "03" * 32}
        return Attestation(
            identity=Identity(self.exchange, self.epoch, "ab" * 32, 1_700_000_000, ""),
            accounts=self.accounts,
            issued_at=1_700_000_060,
            expires_at=1_700_000_160,
            chunk_bits=2,
            root_commitment=G,
            root_hash=bytes(32),
            digests={**NO_DIGESTS, **digests},
            totals={name: self._total(name) for name in self.totals},
            files={},
            holdings=tuple(self._holding(*key) for key in sorted(self.held)),
            aux={name: self.commitments[Aux(name)] for name in self.derivation.aux},
            claims=self.claims,
        )

    @property
    def statement(self) -> ClaimsStatement:
        """What the proof is about, as a verifier sees it."""
        return self.seen(self.attestation)

    def seen(self, attestation: Attestation) -> ClaimsStatement:
        """The statement of another attestation under this policy: all that a verifier knows comes from there."""
        told = signed_quantities(attestation, schema(self.policy))
        return ClaimsStatement.of(attestation, derive(self.market, told, attestation.claims))

    def prove(self, engine: Engine = REFERENCE) -> bytes:
        """claims.proof."""
        return prove_claims(self.statement, self.openings, Masks(b"p" * 32), engine)

    def _total(self, name: str) -> TotalTold:
        if name in self.hidden_totals:
            return TotalTold(HIDDEN, self.commitments[Total(name)])
        return TotalTold(PUBLIC, self.totals[name])

    def _holding(self, pool: str, sym: str) -> SignedHolding:
        if (pool, sym) in self.hidden_holdings:
            return SignedHolding(pool, sym, self.public_part, self.commitments[Holding(pool, sym)])
        return SignedHolding(pool, sym, self.held[pool, sym])


def claimed(*claims: dict[str, Any], rules: Mapping[str, Any] | None = None, **changes: Any) -> Claimed:
    """An exchange with these claims (else in kind and coverage) over the first worked example; totals are hidden."""
    return Claimed(policy(*(claims or ALL_HELD), **(rules or {})), **changes)


def everything_hidden(**changes: Any) -> Claimed:
    """Hidden totals, hidden holdings, and bitcoin split into portions."""
    return claimed(rules=TABLED, hidden_holdings={(POOL, "BTC"), (POOL, "ETH")}, **changes)


def check(statement: ClaimsStatement, proof: bytes | None, engine: Engine = REFERENCE) -> None:
    """What an auditor runs."""
    verify_claims(statement, None if proof is None else BytesSource("claims.proof", proof), engine)


def with_commitment(statement: ClaimsStatement, reference: Reference, point: Point) -> ClaimsStatement:
    """The same rows over another commitment."""
    return replace(statement, commitments={**statement.commitments, reference: point})
