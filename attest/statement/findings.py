"""What becomes of each claim, in words, for the operator alone.

The numbers here are the exchange's own totals and holdings, hidden ones included: they go to the operator's terminal
and into the error that ends a command, never into a file, a log or anything published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from verifier.errors import Rejected

HOLDS: Final = "holds"
FAILS: Final = "does not hold"
UNSUPPORTED: Final = "unsupported"
PROVEN: Final = "proven"
PUBLIC: Final = "public"


@dataclass(frozen=True, slots=True)
class Part:
    """One asset of an inequality that misses, in exact decimals.

    ``held`` and ``owed`` are what the inequality reads of it. Where it sets one against the other, ``short`` is how
    much of the asset is missing, discounts and factors taken into account, and ``value`` what that is worth.
    """

    asset: str
    held: str = field(repr=False)
    owed: str = field(repr=False)
    short: str = field(default="", repr=False)
    value: str = field(default="", repr=False)

    def __str__(self) -> str:
        worth = f" ({self.value})" if self.value else ""
        missing = f", short of {self.short}{worth}" if self.short else ""
        return f"{self.asset}: held {self.held}, owed {self.owed}{missing}"


@dataclass(frozen=True, slots=True)
class Miss:
    """One inequality that does not hold: ``label`` is the claim, its scenario or asset; ``by`` how far it misses."""

    label: str
    by: str = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What becomes of one claim. ``reason`` says why it cannot be formed or checked, ``misses`` where it is false.

    ``how`` is proven where a number in it is hidden, public where everybody can do the arithmetic.
    """

    claim: str
    kind: str
    status: str
    sentence: str
    how: str = PUBLIC
    reason: str = ""
    misses: tuple[Miss, ...] = ()

    def lines(self) -> Iterator[str]:
        """The finding, in plain words."""
        yield f"{self.claim}: {self.status}: {self.sentence}"
        if self.reason:
            yield f"  {self.reason}"
        for miss in self.misses:
            yield f"  {miss.label} misses by {miss.by}"
            yield from (f"    {part}" for part in miss.parts)


class FalseClaims(Rejected):
    """The policy's claims do not all hold. For the operator alone; ``findings`` are about all of them.

    ``notes`` is what else may be the reason: lines that do not count, quotes that came too late.
    """

    def __init__(self, findings: Sequence[Finding], notes: Sequence[str] = ()) -> None:
        false = [finding for finding in findings if finding.status != HOLDS]
        what = f"the claim {false[0].claim} does" if len(false) == 1 else f"{len(false)} claims do"
        super().__init__(
            f"{what} not hold; nothing was signed and nothing is left of this run",
            where="policy.json: claims",
            code="E_CLAIM_FALSE",
            hint="add what is missing, correct the documents, or have the risk role sign a policy that promises less",
            details=(*(line for finding in false for line in finding.lines()), *(f"note: {note}" for note in notes)),
        )
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([f"{self.where}: {self.message}", *self.details])


def require_true(findings: Sequence[Finding], notes: Sequence[str] = ()) -> None:
    """Raises FalseClaims (E_CLAIM_FALSE) where an auditor would not find every claim to hold."""
    if any(finding.status != HOLDS for finding in findings):
        raise FalseClaims(findings, notes)
