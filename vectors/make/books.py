"""The books that must verify: sizes, columns, modes of totals, rules, chunks, dummy rows, chains."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from vectors.make.build import Made, Spec, make
from verifier.schema import Column, Rule, Schema

NET: Final = Rule("net", (("BTC", 1), ("BTC:debt", -1), ("slack", -1)))
ONE: Final = Schema((Column("BTC", "BTC", 8, 64, "balance"),))
SMALL: Final = Schema((Column("BTC", "BTC", 0, 8, "balance"),))
MARGIN: Final = Schema(
    (
        Column("BTC", "BTC", 8, 16, "balance"),
        Column("BTC:debt", "BTC", 8, 8, "debt"),
        Column("ETH", "ETH", 2, 8, "balance"),
        Column("slack", "", 0, 16, "slack"),
    ),
    (NET,),
)
RICH: Final = Schema(
    (
        Column("BTC", "BTC", 8, 24, "balance"),
        Column("ETH", "ETH", 18, 128, "balance"),
        Column("USD:debt", "USD", 2, 64, "debt"),
    )
)
WIDE: Final = Schema(tuple(Column(f"T{i}", f"T{i}", 0, 8, "balance") for i in range(52)))
CROSSED: Final = Schema((Column("BTC:debt", "BTC", 2, 16, "balance"), Column("BTC", "BTC", 2, 16, "debt")))
UNIT: Final = Schema((Column("BTC", "BTC", 0, 8, "balance"), Column("one", "", 0, 8, "unit")))
MODES: Final = ("hidden", "public", "hidden", "none")


def number(*parts: object) -> int:
    """A number that depends on its names alone."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:16], "big")


def account(name: str) -> str:
    """An account id with a part that its customer chose."""
    return f"{name}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def spread(schema: Schema, names: Iterable[str], seed: str) -> dict[str, dict[str, int]]:
    """Sparse cells for many accounts, no rules asked."""
    return {
        account(name): {
            column.name: number(seed, name, column.name) % (1 << column.bits)
            for column in schema.columns
            if number(seed, name, column.name, "held") % 3
        }
        for name in names
    }


def margin(names: Iterable[str], seed: str) -> dict[str, dict[str, int]]:
    """Cells of MARGIN in which debt never exceeds the balance, the slack carrying the rest."""
    cells = {}
    for i, name in enumerate(names):
        debt = 0 if i == 1 else 1 + number(seed, name, "debt") % 200
        rest = number(seed, name, "rest") % 60_000
        cells[account(name)] = {"BTC": debt + rest, "BTC:debt": debt, "slack": rest, "ETH": 0 if i % 2 else 7 + i}
    return cells


def customers(count: int) -> list[str]:
    """Names of that many customers."""
    return [f"customer-{i}" for i in range(count)]


def specs() -> list[Spec]:
    """Every positive book; one that names ``previous`` stands behind it."""
    names = customers(17)
    unicode_ids = {"Zo\u00eb-\u0416\u4e2d~\u00e9t\u00e91234567890ab": {"BTC": 5}, "zoe@example.org": {"BTC": 12_345}}
    extremes = {
        account("all-bits"): {"BTC": 2**24 - 1, "ETH": 2**128 - 1, "USD:debt": 2**64 - 1},
        account("nothing"): {},
        account("one-unit"): {"ETH": 1},
    }
    return [
        Spec(
            "one-row",
            "the smallest book: one row, eight bits, no sumcheck round",
            SMALL,
            ("public",),
            {account("alice"): {"BTC": 5}},
        ),
        Spec(
            "two-rows",
            "one column, the total hidden; the first of a chain",
            ONE,
            ("hidden",),
            spread(ONE, names[:2], "two"),
        ),
        Spec(
            "successor",
            "ids in Unicode, and previous names the payload of two-rows",
            ONE,
            ("hidden",),
            unicode_ids,
            epoch=2,
            previous="two-rows",
        ),
        Spec(
            "three-rows",
            "three widths up to 128 bits, two chunks, the last one partial",
            RICH,
            ("hidden", "hidden", "public"),
            spread(RICH, names[:3], "three"),
            chunk_bits=1,
        ),
        Spec(
            "margin",
            "a rule with slack, all three modes of totals, five rows in chunks of four and one",
            MARGIN,
            MODES,
            margin(names[:5], "margin"),
            chunk_bits=2,
        ),
        Spec(
            "margin-next",
            "the epoch after margin, the same customers, another ledger",
            MARGIN,
            MODES,
            margin(names[:5], "margin next"),
            chunk_bits=2,
            epoch=2,
            previous="margin",
        ),
        Spec(
            "margin-elsewhere",
            "the ledger of margin at another exchange",
            MARGIN,
            MODES,
            margin(names[:5], "margin"),
            chunk_bits=2,
            exchange="other.example",
        ),
        Spec(
            "eight-rows",
            "exactly one full chunk of eight",
            SMALL,
            ("public",),
            spread(SMALL, names[:8], "eight"),
            chunk_bits=3,
        ),
        Spec(
            "single-rows",
            "chunks of one row each",
            SMALL,
            ("hidden",),
            spread(SMALL, names[:3], "single"),
            chunk_bits=0,
        ),
        Spec(
            "seventeen-rows",
            "five chunks, the last with one row",
            MARGIN,
            ("public", "hidden", "public", "none"),
            margin(names, "seventeen"),
            chunk_bits=2,
        ),
        Spec(
            "pairs",
            "chunks of two and an odd row in the middle of the tree",
            SMALL,
            ("public",),
            spread(SMALL, names[:5], "pairs"),
            chunk_bits=1,
            sealed=False,
        ),
        Spec(
            "dummies-power",
            "five customers among eight rows",
            MARGIN,
            MODES,
            margin(names[:5], "power"),
            chunk_bits=3,
            rows="next power of two",
        ),
        Spec(
            "dummies-fixed",
            "three customers among six rows, a number the exchange chose",
            SMALL,
            ("public",),
            spread(SMALL, names[:3], "fixed"),
            chunk_bits=2,
            rows=6,
        ),
        Spec(
            "unsealed",
            "published without sealed records",
            ONE,
            ("public",),
            spread(ONE, names[:2], "unsealed"),
            sealed=False,
        ),
        Spec(
            "wide",
            "52 columns, so that one sealed record is of the second size",
            WIDE,
            ("hidden", *["public"] * 51),
            wide_accounts(),
            chunk_bits=4,
        ),
        Spec(
            "unit-column",
            "a column that holds 1 in every row, so that its total is the number of rows",
            UNIT,
            ("hidden", "public"),
            {account("alice"): {"BTC": 3, "one": 1}, account("bob"): {"one": 1}},
        ),
        Spec(
            "crossed-names",
            "the exchange calls the balance BTC:debt and the debt BTC: kinds count, names do not",
            CROSSED,
            ("public", "public"),
            {account("alice"): {"BTC:debt": 700, "BTC": 20}},
        ),
        Spec(
            "extremes",
            "every bit set, and a row without any",
            RICH,
            ("public", "hidden", "public"),
            extremes,
            chunk_bits=2,
        ),
    ]


def wide_accounts() -> dict[str, dict[str, int]]:
    """One customer who holds everything and one who holds two things."""
    return {
        account("collector"): {column.name: 1 + number("wide", column.name) % 255 for column in WIDE.columns},
        account("minimalist"): {"T0": 3, "T51": 200},
    }


@lru_cache(maxsize=1)
def books() -> dict[str, Made]:
    """Every positive book, made once."""
    found: dict[str, Made] = {}
    for spec in specs():
        found[spec.name] = make(spec, found.get(spec.previous))
    return found
