"""What no audit of this kind can say, in plain words (docs/statement.md, 8; docs/limits.md)."""

from __future__ import annotations

from typing import Final

LEFT_OUT: Final = "that no account was left out (only customers who check find that)"
NO_ASSETS: Final = "that the exchange holds any assets: this attestation proves what is owed, nothing more"
WORTH: Final = "that a unit is worth its asset: that a token on a chain or a claim on a bank can be exchanged for it"
ON_CHAIN: Final = (
    "that the amounts are on their chains, in blocks that are final; that nobody else has the keys; that the coins are "
    "not borrowed"
)
PLEDGED: Final = "that nothing is pledged that was not declared"
DEBTS: Final = "debts that are outside the book"
PRICES: Final = "that prices, discounts and models are right: they are as signed, only what follows is computed"
TITLE: Final = "who owns the assets by law"
ONE_EACH: Final = "that one person has one account"
INVENTED: Final = (
    "that no rows were invented to improve claims of kind mismatch, ltv, matched, es or var: invented rows can only "
    "make claims in kind, coverage and ladders worse"
)
AFTER: Final = "anything after the time of the snapshot"
INDEPENDENT: Final = "that those who signed are independent of one another"
REVIEW: Final = "the composed argument awaits outside review"

BOOK_ALONE: Final = (LEFT_OUT, NO_ASSETS, DEBTS, ONE_EACH, AFTER, REVIEW)
"""Of a book without a policy: there are no assets, prices or signers of others to doubt."""
WHOLE: Final = (
    LEFT_OUT, WORTH, ON_CHAIN, PLEDGED, DEBTS, PRICES, TITLE, ONE_EACH, INVENTED, AFTER, INDEPENDENT, REVIEW,
)  # fmt: skip
"""Of an attestation with a policy. Netting (a shortage dressed as a collateralised loan) is left out: claims that net
debts are not supported, so none of them is ever met."""


def not_proven(policy: bool) -> tuple[str, ...]:
    """The list of one report; it is always printed."""
    return WHOLE if policy else BOOK_ALONE
