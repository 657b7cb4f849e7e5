"""The schema's rules on every account, in exact integers, and the slack cells that make them hold.

A rule with a slack column (weight -1) says that the rest of its sum is zero or more: the slack is that rest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from attest.ledger.amounts import format_units
from attest.ledger.database import Connection, append, arrow, fetch
from attest.ledger.problems import Report, shown
from attest.ledger.slack import slack_columns
from verifier.schema import Rule, Schema

BLOCK: Final = 2**16
_LOW: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class _Solver:
    """The rules as places and weights, without their slack columns, and which rules each column touches."""

    schema: Schema
    slack: dict[int, int]
    terms: tuple[dict[int, int], ...]
    touched: dict[int, list[int]]

    @classmethod
    def of(cls, schema: Schema) -> _Solver:
        slack = slack_columns(schema)
        terms = tuple(
            {schema.position[name]: weight for name, weight in rule.weights if schema.position[name] != slack.get(i)}
            for i, rule in enumerate(schema.rules)
        )
        touched: dict[int, list[int]] = defaultdict(list)
        for i, rule_terms in enumerate(terms):
            for column in rule_terms:
                touched[column].append(i)
        return cls(schema, slack, terms, dict(touched))

    def rests(self, cells: dict[int, int]) -> list[tuple[int, int]]:
        """(rule, its sum without the slack) of every rule that these cells touch."""
        rules = sorted({rule for column in cells for rule in self.touched.get(column, ())})
        return [(rule, sum(w * cells.get(c, 0) for c, w in self.terms[rule].items())) for rule in rules]

    def fits(self, rule: int, rest: int) -> bool:
        """Whether the rule holds with some slack that fits its column, or without one where there is none."""
        if rule not in self.slack:
            return rest == 0
        return 0 <= rest < 1 << self.schema.columns[self.slack[rule]].bits

    def complaint(self, rule: int, rest: int, cells: dict[int, int]) -> tuple[str, str]:
        """(message, remedy) for a rule that does not hold; for the operator's eyes only."""
        columns = self.schema.columns
        parts = [
            f"{_weight(w)}{columns[c].name} {format_units(cells.get(c, 0), columns[c].decimals)}"
            for c, w in self.terms[rule].items()
        ]
        name, left = self.schema.rules[rule].name, " ".join(parts).removeprefix("+ ")
        if rule not in self.slack:
            return f"breaks rule {name}: {left} is not zero", "correct the amounts, or the rule in [[rules]]"
        slack = columns[self.slack[rule]]
        value = f"{left} = {format_units(rest, slack.decimals)}"
        if rest < 0:
            return f"breaks rule {name}: {value} is below zero", "correct the amounts, or the rule in [[rules]]"
        return f"breaks rule {name}: {value} is more than {slack.name} holds", f"set more bits for column {slack.name}"


def _weight(weight: int) -> str:
    sign = "-" if weight < 0 else "+"
    return f"{sign} " if abs(weight) == 1 else f"{sign} {abs(weight)} x "


def solve(connection: Connection, schema: Schema, accounts: int, report: Report) -> None:
    """Check every rule on the accounts of table ``cells`` and add their slack cells to it. Problems go to ``report``.

    An account with a faulty amount is passed over: its rules mean nothing yet.
    """
    solver = _Solver.of(schema)
    if not schema.rules:
        return
    connection.execute("CREATE TABLE slack (n UBIGINT, col USMALLINT, hi UBIGINT, lo UBIGINT)")
    faulty = report.rows
    for start in range(0, accounts, BLOCK):
        _solve_block(connection, solver, _block(connection, start), faulty, report)
        if report.full:
            return
    value = "hi::UHUGEINT * 18446744073709551616 + lo"
    connection.execute(f"INSERT INTO cells SELECT n, n, col, {value} FROM slack; DROP TABLE slack")


def _block(connection: Connection, start: int) -> dict[int, dict[int, int | None]]:
    """Account -> column -> amount, of one block; None where the amount was refused."""
    halves = "(value >> 64)::UBIGINT, (value & 18446744073709551615::UHUGEINT)::UBIGINT"
    query = f"SELECT n, col, {halves} FROM cells WHERE n >= ? AND n < ?"
    table = arrow(connection, query, [start, start + BLOCK])
    rows: dict[int, dict[int, int | None]] = defaultdict(dict)
    for n, column, high, low in zip(*(part.to_pylist() for part in table.columns), strict=True):
        rows[n][column] = None if high is None else high << 64 | low
    return rows


def _solve_block(
    connection: Connection,
    solver: _Solver,
    rows: dict[int, dict[int, int | None]],
    faulty: frozenset[int],
    report: Report,
) -> None:
    slack: list[tuple[int, int, int]] = []
    for n, cells in sorted(rows.items()):
        known = {column: value for column, value in cells.items() if value is not None}
        if len(known) != len(cells):
            continue
        for rule, rest in solver.rests(known):
            if not solver.fits(rule, rest):
                _complain(connection, n, solver.complaint(rule, rest, known), solver.schema.rules[rule], faulty, report)
            elif rest and rule in solver.slack:
                slack.append((n, solver.slack[rule], rest))
        if report.full:
            return
    _keep(connection, slack)


def _complain(
    connection: Connection, n: int, complaint: tuple[str, str], rule: Rule, faulty: frozenset[int], report: Report
) -> None:
    row, account = fetch(connection, "SELECT row, account FROM accounts WHERE n = ?", [n])[0]
    if row not in faulty:
        message, remedy = complaint
        column = max(rule.weights, key=lambda pair: pair[1])[0]
        report.add(row, column, None, f"account {shown(account, 72)!r} {message}", remedy, rule=rule.name)


def _keep(connection: Connection, slack: list[tuple[int, int, int]]) -> None:
    if slack:
        numbers, columns, values = zip(*slack, strict=True)
        halves = [np.array([v >> 64 for v in values], np.uint64), np.array([v & _LOW for v in values], np.uint64)]
        arrays = [np.array(numbers, np.uint64), np.array(columns, np.uint16), *halves]
        append(connection, "slack", pa.table(arrays, names=["n", "col", "hi", "lo"]))
