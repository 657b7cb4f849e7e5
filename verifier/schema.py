"""The book's schema: its columns and the linear rules every row obeys (docs/protocol.md, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Final

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected

TYPE: Final = "solvent:schema/v1"
COMPARED_KINDS: Final = ("balance", "debt", "collateral", "long", "short", "cost_long", "cost_short")
"""Kinds that customers compare with their own records."""
DERIVED_KINDS: Final = ("portion", "cap", "unit", "flag", "shortfall", "excess", "slack")
"""Kinds that the prover computes from the others."""
ALWAYS_TOTALLED: Final = frozenset({"balance", "debt", "long", "short", "cost_long", "cost_short", "shortfall"})
"""Kinds whose total may never be left out of the attestation."""

MAX_ACCOUNTS: Final = 2**40
MAX_COLUMNS: Final = 4096
MAX_RULES: Final = 4096
MAX_ROW_BITS: Final = 2**19
_MAGNITUDE: Final = 2**250


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``bits`` is a multiple of 8 in 8..128, amounts are whole units of 10^-``decimals`` ``asset``."""

    name: str
    asset: str
    decimals: int
    bits: int
    kind: str


@dataclass(frozen=True, slots=True)
class Rule:
    """``sum(weight * cell) == 0`` in every row; ``weights`` holds (column name, non-zero weight) sorted by name."""

    name: str
    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Schema:
    """Columns in order, rules in order, and the digests of the documents they rest on ("" without)."""

    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    policy: str = ""
    prices: str = ""
    scenarios: str = ""

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "schema.json") -> Schema:
        """Parse canonical bytes. Raises Malformed, or Rejected for limits that a schema may not exceed."""
        return cls.from_json(canonical.decode(data, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "schema") -> Schema:
        """Parse a decoded document."""
        parts = fields.members(document, where, ("type", "columns", "rules", "policy", "prices", "scenarios"))
        fields.constant(parts["type"], f"{where}: type", TYPE)
        columns = fields.items(parts["columns"], f"{where}: columns", MAX_COLUMNS)
        rules = fields.items(parts["rules"], f"{where}: rules", MAX_RULES)
        return cls(
            columns=tuple(_column(item, f"{where}: columns[{i}]") for i, item in enumerate(columns)),
            rules=tuple(_rule(item, f"{where}: rules[{i}]") for i, item in enumerate(rules)),
            policy=fields.digest_or_empty(parts["policy"], f"{where}: policy"),
            prices=fields.digest_or_empty(parts["prices"], f"{where}: prices"),
            scenarios=fields.digest_or_empty(parts["scenarios"], f"{where}: scenarios"),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        columns = [
            {"name": c.name, "asset": c.asset, "decimals": c.decimals, "bits": c.bits, "kind": c.kind}
            for c in self.columns
        ]
        rules = [{"name": r.name, "weights": {name: str(w) for name, w in r.weights}} for r in self.rules]
        digests = {"policy": self.policy, "prices": self.prices, "scenarios": self.scenarios}
        return {"type": TYPE, "columns": columns, "rules": rules, **digests}

    def to_bytes(self) -> bytes:
        """The canonical bytes: the file schema.json."""
        return canonical.encode(self.to_json())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return canonical.digest(self.to_json())

    @cached_property
    def row_bits(self) -> int:
        """L, the number of bits of one row."""
        return sum(c.bits for c in self.columns)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first bit of each column within a row."""
        return tuple(accumulate((c.bits for c in self.columns[:-1]), initial=0))

    @cached_property
    def position(self) -> dict[str, int]:
        """Column name -> index."""
        return {c.name: i for i, c in enumerate(self.columns)}

    def check_count(self, accounts: int) -> None:
        """Raises Malformed (E_LIMIT) or Rejected (E_BOUND) where so many rows could overflow a total (section 2)."""
        if not 1 <= accounts <= MAX_ACCOUNTS:
            raise Malformed(f"a book has 1 to 2^40 rows, not {accounts}", where="accounts", code="E_LIMIT", step="2")
        for column in self.columns:
            if accounts << column.bits >= _MAGNITUDE:
                raise Rejected("the total could overflow", where=column.name, code="E_BOUND", step="2")


def _column(item: Any, where: str) -> Column:
    parts = fields.members(item, where, ("name", "asset", "decimals", "bits", "kind"))
    return Column(
        name=fields.name(parts["name"], f"{where}.name"),
        asset="" if parts["asset"] == "" else fields.sym(parts["asset"], f"{where}.asset"),
        decimals=fields.integer(parts["decimals"], f"{where}.decimals", high=77),
        bits=fields.integer(parts["bits"], f"{where}.bits", low=8, high=128),
        kind=fields.text(parts["kind"], f"{where}.kind"),
    )


def _rule(item: Any, where: str) -> Rule:
    parts = fields.members(item, where, ("name", "weights"))
    weights = fields.mapping(parts["weights"], f"{where}.weights", MAX_COLUMNS)
    pairs = sorted((column, fields.signed(w, f"{where}.weights.{column[:96]}")) for column, w in weights.items())
    return Rule(name=fields.name(parts["name"], f"{where}.name"), weights=tuple(pairs))


def _check(schema: Schema) -> None:
    """The limits of section 2, before anything is allocated. Raises Malformed or Rejected."""
    if not 1 <= len(schema.columns) <= MAX_COLUMNS or len(schema.rules) > MAX_RULES:
        raise Malformed("a book has 1 to 4096 columns and at most 4096 rules", where="schema", code="E_LIMIT", step="2")
    for column in schema.columns:
        _check_column(column)
    for what, names in (("column", [c.name for c in schema.columns]), ("rule", [r.name for r in schema.rules])):
        if len(set(names)) != len(names):
            raise Rejected(f"two {what}s have one name", where="schema", code="E_SCHEMA", step="2")
    if sum(c.bits for c in schema.columns) > MAX_ROW_BITS:
        raise Malformed("a row has more than 2^19 bits", where="schema", code="E_LIMIT", step="2")
    bits = {c.name: c.bits for c in schema.columns}
    for rule in schema.rules:
        _check_rule(rule, bits)


def _check_column(column: Column) -> None:
    where = f"column {column.name}"
    if column.bits % 8 or not 8 <= column.bits <= 128:
        raise Malformed(f"bits is a multiple of 8 in 8..128, not {column.bits}", where=where, code="E_LIMIT", step="2")
    if column.kind not in COMPARED_KINDS + DERIVED_KINDS:
        raise Malformed(f"kind {column.kind[:40]!r} is not known", where=where, code="E_TYPE", step="2")
    if column.kind in COMPARED_KINDS and not column.asset:
        raise Malformed(f"a column of kind {column.kind} names its asset", where=where, code="E_TYPE", step="2")


def _check_rule(rule: Rule, bits: dict[str, int]) -> None:
    where = f"rule {rule.name}"
    if not rule.weights:
        raise Malformed("a rule weighs at least one column", where=where, code="E_FIELD", step="2")
    for column, weight in rule.weights:
        if column not in bits:
            raise Rejected(f"there is no column {column[:96]!r}", where=where, code="E_SCHEMA", step="2")
        if weight == 0:
            raise Malformed(f"the weight of {column} is zero", where=where, code="E_LIMIT", step="2")
    if sum(abs(weight) << bits[column] for column, weight in rule.weights) >= _MAGNITUDE:
        raise Rejected("its weights could wrap around", where=where, code="E_BOUND", step="2")
