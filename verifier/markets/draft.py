"""One inequality being put together: exact coefficients, and the portions that tables split quantities into."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from verifier.markets.linear import Aux, Inequality, Quantities, Reference, Total, at_least_zero
from verifier.markets.tiers import Table, greedy
from verifier.markets.valuation import Valuation

Item = tuple[str, str, Reference]
"""Whose haircut applies (a pool or a claim), the sym, and the quantity."""


@dataclass(frozen=True)
class Split:
    """A tabled quantity with a hidden part: the sum of ``sources`` is split into the portions ``names``."""

    sym: str
    sources: tuple[Reference, ...]
    names: tuple[str, ...]
    caps: tuple[int, ...]

    def portions(self, values: Mapping[Reference, int]) -> dict[Reference, int]:
        """The greedy portions, for who knows all of the sources, whole."""
        filled = greedy(sum(values[source] for source in self.sources), self.caps)
        return {Aux(name): portion for name, portion in zip(self.names, filled, strict=True)}

    def cap_rows(self) -> tuple[Inequality, ...]:
        """cap_k - y_k >= 0 for every portion but the last."""
        capped = zip(self.names, self.caps, strict=False)
        return tuple(Inequality(f"{name} within its cap", ((Aux(name), -1),), cap) for name, cap in capped)

    def allocation_row(self, label: str) -> Inequality:
        """x - sum(y) >= 0: what is split is not more than what is there."""
        portions = tuple((Aux(name), -1) for name in self.names)
        return Inequality(f"{label}/{self.sym} split", (*((source, 1) for source in self.sources), *portions))


class Draft:
    """The terms of one Z. ``label`` begins the names of its auxiliary quantities: ``<claim>[/<scenario>]``."""

    def __init__(self, label: str, valuation: Valuation, quantities: Quantities) -> None:
        self.label = label
        self.valuation = valuation
        self.quantities = quantities
        self.splits: list[Split] = []
        self._terms: dict[Reference, Fraction] = {}
        self._constant = 0

    def add(self, reference: Reference, coefficient: Fraction) -> None:
        """Add ``coefficient`` times a quantity; terms with one quantity are added before anything is rounded."""
        self._terms[reference] = self._terms.get(reference, Fraction(0)) + coefficient

    def add_balances(self, coefficient: Callable[[str], Fraction], syms: Iterable[str] | None = None) -> None:
        """Add L: the total of every balance column, of ``syms`` only where given."""
        wanted = None if syms is None else set(syms)
        for column in self.quantities.columns.values():
            if column.kind == "balance" and (wanted is None or column.asset in wanted):
                self.add(Total(column.name), coefficient(column.asset))

    def add_discounted(self, items: Iterable[Item], owners: Iterable[str], factor: Callable[[str], Fraction]) -> None:
        """Add ``factor * v * r * quantity`` for every item, r being flat or a table over all of a sym's items."""
        by_sym: dict[str, list[Item]] = {}
        for item in items:
            by_sym.setdefault(item[1], []).append(item)
        owners = tuple(owners)
        for sym in sorted(by_sym):
            value = factor(sym) * self.valuation.value(sym)
            table = self.valuation.table(owners, sym)
            if table is None:
                for owner, _, reference in by_sym[sym]:
                    self.add(reference, value * self.valuation.flat(owner, sym))
            else:
                self._require_haircuts(by_sym[sym])
                self._add_portions(sym, tuple(reference for _, _, reference in by_sym[sym]), table, value)

    def finish(self, suffix: str = "") -> tuple[Inequality, ...]:
        """Caps, allocations and Z, in the order of section 4."""
        caps = [row for split in self.splits for row in split.cap_rows()]
        allocations = [split.allocation_row(self.label) for split in self.splits]
        total = at_least_zero(self.label + suffix, self._terms)
        return (*caps, *allocations, Inequality(total.label, total.terms, total.constant + self._constant))

    def _require_haircuts(self, items: list[Item]) -> None:
        for owner, sym, _ in items:
            if sym not in self.valuation.policy.haircuts.get(owner, {}):
                self.valuation.flat(owner, sym)

    def _add_portions(self, sym: str, sources: tuple[Reference, ...], table: Table, value: Fraction) -> None:
        """Portions of a public quantity are filled here, once; those of a hidden one are auxiliary quantities."""
        if value == 0:
            return
        caps, weights = self.valuation.caps(table, sym), table.weights(value)
        if not any(self.quantities.is_hidden(source) for source in sources):
            filled = greedy(sum(self.quantities.public(source) for source in sources), caps)
            self._constant += sum(weight * portion for weight, portion in zip(weights, filled, strict=True))
            return
        names = tuple(f"{self.label}/{sym}/y{k}" for k in range(len(table.tiers)))
        self.splits.append(Split(sym, sources, names, caps))
        for name, weight in zip(names, weights, strict=True):
            self.add(Aux(name), Fraction(weight))
