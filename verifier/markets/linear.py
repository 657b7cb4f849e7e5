"""Inequalities with integer weights over totals, holdings and auxiliary quantities (docs/statement.md, section 4).

An ``Inequality`` is what a claim says; a ``Row`` is what is left of it once the public quantities are put in: plain
arithmetic when nothing hidden remains, and a row of the claims argument otherwise (docs/protocol.md, section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from verifier.errors import Rejected
from verifier.markets.exact import round_down
from verifier.schema import Column, Schema

HIDDEN_BOUND: Final = 2**128
"""What a row X >= 0 of its own bounds a hidden holding or an auxiliary quantity by."""
MAGNITUDE: Final = 2**250
"""Below this, a 128-bit row that holds modulo the group order holds in the integers."""


@dataclass(frozen=True, slots=True, order=True)
class Total:
    """The total of a column of the book."""

    column: str


@dataclass(frozen=True, slots=True, order=True)
class Holding:
    """What is held of an asset in a pool: in an Inequality all of it, in a Row the hidden part alone."""

    pool: str
    asset: str


@dataclass(frozen=True, slots=True, order=True)
class Aux:
    """A quantity that the prover commits to because a claim needs it."""

    name: str


Reference = Total | Holding | Aux


@dataclass(frozen=True, slots=True)
class Held:
    """A holding: the ``public`` part in base units, and whether a ``hidden`` part, known as a commitment, is added."""

    public: int
    hidden: bool = False


@dataclass(frozen=True)
class Quantities:
    """What is known to everybody: ``totals`` by column, None where hidden, absent where not told; and holdings."""

    accounts: int
    schema: Schema
    totals: Mapping[str, int | None]
    holdings: Mapping[tuple[str, str], Held]

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The book's columns by name, in order."""
        return {column.name: column for column in self.schema.columns}

    @cached_property
    def listed(self) -> tuple[Holding, ...]:
        """The holdings that are there, by pool, then asset."""
        return tuple(Holding(pool, asset) for pool, asset in sorted(self.holdings))

    def public(self, reference: Reference) -> int:
        """The public part. Raises Rejected (E_TOTAL, E_HOLDING) for a quantity that the attestation does not tell."""
        if isinstance(reference, Total):
            self._require_told(reference.column)
            return self.totals[reference.column] or 0
        return self._held(reference).public if isinstance(reference, Holding) else 0

    def is_hidden(self, reference: Reference) -> bool:
        """Whether a part of it is known as a commitment only."""
        if isinstance(reference, Total):
            self._require_told(reference.column)
            return self.totals[reference.column] is None
        return self._held(reference).hidden if isinstance(reference, Holding) else True

    def bound(self, reference: Reference) -> int:
        """An upper bound that the proofs enforce."""
        if isinstance(reference, Total) and self.is_hidden(reference):
            return self.accounts * ((1 << self.columns[reference.column].bits) - 1)
        hidden = HIDDEN_BOUND if self.is_hidden(reference) else 0
        return self.public(reference) + hidden

    def _require_told(self, column: str) -> None:
        if column not in self.totals or column not in self.columns:
            raise Rejected("a claim reads this total and it is not told", where=f"totals: {column}", code="E_TOTAL")

    def _held(self, reference: Holding) -> Held:
        held = self.holdings.get((reference.pool, reference.asset))
        if held is None:
            where = f"holdings: {reference.pool}, {reference.asset}"
            raise Rejected("a claim reads a holding that is not there", where=where, code="E_HOLDING")
        return held


@dataclass(frozen=True, slots=True)
class Row:
    """``sum(weight * hidden part) + constant >= 0``: the public parts are in ``constant``."""

    label: str
    hidden: tuple[tuple[Reference, int], ...]
    constant: int

    def value(self, opening: Mapping[Reference, int]) -> int:
        """Z, for who knows the hidden parts."""
        return sum(weight * opening[reference] for reference, weight in self.hidden) + self.constant


@dataclass(frozen=True, slots=True)
class Inequality:
    """``Z = sum(weight * X) + constant >= 0``; weights are integers, none zero, each X once."""

    label: str
    terms: tuple[tuple[Reference, int], ...]
    constant: int = 0

    def row(self, quantities: Quantities) -> Row:
        """The inequality with every public part put in. Raises Rejected (E_BOUND) unless it cannot wrap around."""
        size = sum(abs(weight) * quantities.bound(reference) for reference, weight in self.terms) + abs(self.constant)
        if size >= MAGNITUDE:
            raise Rejected("its weights could wrap around", where=self.label, code="E_BOUND")
        hidden = tuple(term for term in self.terms if quantities.is_hidden(term[0]))
        return Row(self.label, hidden, self.constant + sum(w * quantities.public(x) for x, w in self.terms))


def at_least_zero(label: str, terms: Mapping[Reference, Fraction], constant: Fraction = Fraction(0)) -> Inequality:
    """The inequality of these exact coefficients: each is rounded down, and those that become zero are dropped."""
    weights = tuple((reference, round_down(q)) for reference, q in terms.items())
    return Inequality(label, tuple(term for term in weights if term[1]), round_down(constant))
