"""The claims of an epoch before anything is proven: their rows, and what their hidden quantities are.

The rows are those that the verifier will derive; the exchange alone can also put the hidden numbers in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from attest.statement.held import Held
from attest.statement.pricing import Priced
from attest.statement.trusted import Ground
from verifier.errors import Malformed
from verifier.markets.claims import Derivation, Market, derive
from verifier.markets.descriptors import Ltv, expand
from verifier.markets.linear import Held as HeldAmount
from verifier.markets.linear import Holding, Quantities, Reference, Total
from verifier.markets.policy import Policy
from verifier.schema import Schema
from verifier.wire import HIDDEN, NONE, PUBLIC


@dataclass(frozen=True)
class Prepared:
    """Everything about an epoch that does not depend on its ledger."""

    ground: Ground
    priced: Priced
    held: Held

    @property
    def market(self) -> Market:
        """What weights depend on."""
        return Market(self.ground.policy, self.priced.prices, self.ground.scenarios)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the operator should know: quotes, prices and lines that do not count."""
        return (*self.ground.notes, *self.priced.notes, *self.held.notes)


@dataclass(frozen=True)
class Book:
    """What the ledger comes to: N rows, and how each column's exact total will be told."""

    schema: Schema
    rows: int
    modes: tuple[str, ...]
    totals: Sequence[int] = field(repr=False)

    def told(self) -> dict[str, int | None]:
        """Totals as everybody will know them: None where hidden, absent where not told."""
        columns = zip(self.schema.columns, self.modes, self.totals, strict=True)
        return {c.name: total if mode == PUBLIC else None for c, mode, total in columns if mode != NONE}


@dataclass(frozen=True)
class Proposal:
    """The claims over this book and these holdings."""

    prepared: Prepared
    book: Book
    derivation: Derivation

    @cached_property
    def hidden(self) -> dict[Reference, int]:
        """The numbers behind everything that is told as a commitment: totals, hidden parts of holdings, portions."""
        columns = zip(self.book.schema.columns, self.book.modes, self.book.totals, strict=True)
        known: dict[Reference, int] = {Total(c.name): total for c, mode, total in columns if mode == HIDDEN}
        known |= {Holding(*key): value for key, (value, _) in self.prepared.held.openings.items()}
        return self.derivation.opening(known)

    @cached_property
    def whole(self) -> dict[Reference, int]:
        """Every total and holding, hidden or not."""
        columns = zip(self.book.schema.columns, self.book.totals, strict=True)
        found: dict[Reference, int] = {Total(column.name): total for column, total in columns}
        openings = self.prepared.held.openings
        for held in self.prepared.held.judged.holdings:
            key = (held.pool, held.asset)
            found[Holding(*key)] = held.public + openings.get(key, (0, 0))[0]
        return found


def propose(prepared: Prepared, book: Book) -> Proposal:
    """Derive every claim of the policy. Raises Malformed (E_TOTAL), or Rejected as ``derive`` does."""
    policy = prepared.ground.policy
    require_told(policy, book)
    holdings = {
        (held.pool, held.asset): HeldAmount(held.public, held.hidden is not None)
        for held in prepared.held.judged.holdings
    }
    quantities = Quantities(book.rows, book.schema, book.told(), holdings)
    return Proposal(prepared, book, derive(prepared.market, quantities))


def require_told(policy: Policy, book: Book) -> None:
    """Raises Malformed (E_TOTAL) where a claim reads a total that solvent.toml withholds."""
    modes = dict(zip((column.name for column in book.schema.columns), book.modes, strict=True))
    for claim in expand(policy.claims, policy.columns):
        read = claim.parameters.collateral if isinstance(claim.parameters, Ltv) else ()
        for name in read:
            if modes[name] == NONE:
                raise Malformed(
                    f"the claim {claim.name} reads this total, and it is told as none",
                    where=f"column {name}",
                    code="E_TOTAL",
                    hint='set total = "hidden" for this column',
                )
