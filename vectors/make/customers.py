"""Negative cases of a customer's own check in a directory, and of holdings, which bundles are checked with too."""

from __future__ import annotations

from typing import Any, Final

from vectors.make.books import account, books
from vectors.make.build import STRANGER, Made, secret
from vectors.make.describe import bundle_of, opening
from vectors.make.mutate import (
    MALFORMED,
    REJECTED,
    SIGNATURE,
    UNAVAILABLE,
    Case,
    Refusal,
    resigned,
)

NOT_IN_BOOK: Final = Refusal(REJECTED, "E_NOT_IN_BOOK", "5.5")
HOLDINGS: Final = Refusal(REJECTED, "E_HOLDINGS", "5.4")
GONE: Final = Refusal(UNAVAILABLE, "E_FILE")


def inclusion(step: str) -> Refusal:
    """Refused at a step of section 5."""
    return Refusal(REJECTED, "E_INCLUSION", step)


def first_with_debt(made: Made) -> int:
    """The first row that owes something."""
    debt = made.spec.schema.position["BTC:debt"]
    return next(i for i, (_, cells) in enumerate(made.rows) if any(c == debt for c, _ in cells))


def holdings_cases(target: str) -> list[Case]:
    """Holdings that differ from the row: more, less, a debt unknown, a column missing."""
    made = books()["margin"]
    index = first_with_debt(made)
    true: dict[str, str] = opening(made, index)["holdings"]
    less = {name: value for name, value in true.items() if name != "BTC:debt"}
    unit = "0.00000001"
    other = {
        "a debt slipped into the row": less,
        "a balance missing in the book": {**true, "BTC": "9"},
        "a debt of another size": {**true, "BTC:debt": unit if true["BTC:debt"] != unit else "1"},
        "nothing held": {},
        "an asset without a column": {**true, "DOGE": "5"},
        "a balance that is not in the book": {**true, "ETH": "0.01"},
        "an unknown kind": {**true, "BTC:equity": "1"},
        "a derived column does not count": {**true, "slack": "1"},
    }
    malformed = {
        "with a comma": {**true, "ETH": "1,5"},
        "given twice": {**true, "BTC:balance": true["BTC"]},
        "with an exponent": {**true, "BTC": "1e3"},
        "negative": {**true, "BTC": "-1"},
        "with nine decimals": {**true, "BTC": "0.000000001"},
        "empty": {**true, "BTC": ""},
        "not a number": {**true, "BTC": "NaN"},
        "in Arabic digits": {**true, "BTC": "\u0661"},
    }
    given: dict[str, Any] = {"opening": index} if target == "me" else {}
    files = {} if target == "me" else {"bundle.json": bundle_of(made, index, True).to_bytes()}
    if target == "bundle":
        given = {"account_id": made.rows[index][0].decode()}
    amount = Refusal(MALFORMED, "E_AMOUNT")
    found = {
        **{label: (value, HOLDINGS) for label, value in other.items()},
        **{f"an amount {label}": (value, amount) for label, value in malformed.items()},
    }
    bug = "the customer's own records are not compared in both directions"
    return [
        Case(
            f"{target}, holdings: {label}",
            "margin",
            target,
            "given.holdings",
            refusal,
            bug,
            files,
            {**given, "holdings": value},
        )
        for label, (value, refusal) in found.items()
    ]


def me_cases() -> list[Case]:
    """Wrong inputs, and books that leave the customer out."""
    made = books()["margin"]
    first, second = opening(made, 0), opening(made, 1)
    stranger = STRANGER.public_key.hex()
    key_error, account_error = Refusal(MALFORMED, "E_KEY"), Refusal(MALFORMED, "E_ACCOUNT")
    inputs: dict[str, tuple[dict[str, Any], Refusal, str]] = {
        "another account_key": ({"account_key": secret("x").hex()}, NOT_IN_BOOK, "any key opens any row"),
        "another customer's id": (
            {"account_id": second["account_id"]},
            NOT_IN_BOOK,
            "one row answers for two customers",
        ),
        "an id in capitals": ({"account_id": first["account_id"].upper()}, NOT_IN_BOOK, "ids are compared loosely"),
        "an id with a space": ({"account_id": first["account_id"] + " "}, NOT_IN_BOOK, "ids are compared loosely"),
        "an id that nobody has": (
            {"account_id": account("nobody")},
            NOT_IN_BOOK,
            "who is left out is told they are in",
        ),
        "an empty id": ({"account_id": ""}, account_error, "a row of nobody is shown"),
        "an id with a control character": (
            {"account_id": "a\nb"},
            account_error,
            "an id is read as another secret's message",
        ),
        "an id of 257 bytes": ({"account_id": "a" * 257}, account_error, "a length is not checked"),
        "another exchange's key": ({"exchange_key": stranger}, SIGNATURE, "any key counts"),
        "an exchange key cut short": ({"exchange_key": stranger[:-2]}, key_error, "a key of any length counts"),
        "an exchange key that is no hex": ({"exchange_key": "zz" * 32}, key_error, "something else than a key is read"),
    }
    found = [
        Case(f"me: {label}", "margin", "me", f"given.{next(iter(given))}", refusal, bug, given=given)
        for label, (given, refusal, bug) in inputs.items()
    ]
    crossed = {"holdings": {"BTC": "0.2", "BTC:debt": "7"}}
    names = "a debt is compared with a balance because the exchange chose their names"
    twin = Case(
        "me, holdings: by the exchange's names", "crossed-names", "me", "given.holdings", HOLDINGS, names, given=crossed
    )
    return [*found, twin, *_left_out(made)]


def _left_out(made: Made) -> list[Case]:
    """The same customer in other directories."""
    data = made.files["leaves.bin"]
    others = books()["margin-elsewhere"]
    changed = data[:64] + secret("id") + data[96:]
    missing = {name: {name: None} for name in ("attestation.json", "schema.json", "leaves.bin", "sealed.bin")}
    binding = Refusal(REJECTED, "E_BINDING")
    found = [
        Case(
            "me: the row's id changed, signed",
            "margin",
            "me",
            "leaves.id",
            inclusion("5.6"),
            "the root is taken from the statement, not computed",
            resigned(made, {"leaves.bin": changed}),
        ),
        Case(
            "me: rows of one exchange, sealed records of another",
            "margin",
            "me",
            "sealed.record",
            Refusal(REJECTED, "E_SEALED", "8"),
            "a record is not bound to its context",
            resigned(made, {"sealed.bin": others.files["sealed.bin"]}),
        ),
        Case(
            "me: leaves.bin changed, not signed",
            "margin",
            "me",
            "leaves.id",
            binding,
            "a file is read that is not the one that was signed",
            {"leaves.bin": data[:-1] + bytes([data[-1] ^ 1])},
        ),
        Case(
            "me: a book without sealed records",
            "unsealed",
            "me",
            "sealed.record",
            GONE,
            "nothing to compare reads as verified",
        ),
    ]
    return found + [
        Case(f"me: {name} is not there", "margin", "me", "files", GONE, "what is missing counts as verified", files)
        for name, files in missing.items()
    ]


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"customer": [*me_cases(), *holdings_cases("me")]}
