"""Which column of the source feeds which column of the book: the header, checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from attest.ledger import binance
from attest.ledger.problems import Report, shown
from attest.ledger.settings import LedgerConfig
from verifier.schema import Column, Schema

_LONG: Final = ("asset", "amount")


@dataclass(frozen=True, slots=True)
class Layout:
    """What to read. Numbers in ``wanted`` index the source's header.

    ``wanted`` begins with the account column. Wide: then one per book column, and ``columns`` holds that column's
    place in the schema. Long: then asset, perhaps kind, and amount, and ``columns`` is empty. ``headers`` are their
    names. The first ``texts`` of them hold ids or names, the others amounts.
    """

    wanted: tuple[int, ...]
    columns: tuple[int, ...]
    headers: tuple[str, ...]
    texts: int


def plan(header: Sequence[str], schema: Schema, ledger: LedgerConfig, report: Report) -> Layout | None:
    """The layout of a source with this ``header``; every problem of the header goes to ``report``.

    None when no row can be read: two columns of one name, no account column, or in long shape no asset or amount.
    """
    if not _check_names(header, report):
        return None
    if ledger.shape == "long":
        return _plan_long(header, ledger, report)
    names = binance.book_names(header, ledger.collateral) if ledger.format == "binance" else {}
    return _plan_wide(header, schema, ledger, names, report)


def _check_names(header: Sequence[str], report: Report) -> bool:
    twice = {name: count for name, count in Counter(header).items() if name and count > 1}
    for name, count in twice.items():
        report.add(None, name, None, f"stands {count} times in the header", "keep one of them")
    if "" in header:
        report.add(None, "", None, "a column has no name in the header", "give every column a name")
    return not twice


def _plan_wide(
    header: Sequence[str], schema: Schema, ledger: LedgerConfig, names: Mapping[str, str], report: Report
) -> Layout | None:
    targets = {c.name: i for i, c in enumerate(schema.columns) if c.kind != "slack"}
    known = [*targets, *({ledger.account} - set(header))]
    found: dict[int, int] = {}
    for place, title in enumerate(header):
        name = names.get(title, title)
        if title == ledger.account or title in ledger.ignore or not name or not title:
            continue
        if name in targets:
            found.setdefault(targets[name], place)
        else:
            _unknown(title, schema, known, report)
    titles = {name: title for title, name in names.items() if name}
    for name, target in targets.items():
        if target not in found:
            _missing(titles.get(name, name), ledger, header, report)
    if not _account(header, ledger, report):
        return None
    places = (header.index(ledger.account), *found.values())
    return Layout(places, tuple(found), tuple(header[i] for i in places), texts=1)


def _unknown(title: str, schema: Schema, known: list[str], report: Report) -> None:
    if title in schema.position:
        remedy = "leave it out or put it in ignore: a slack column is computed by the prover"
        report.add(None, title, None, "is a slack column and cannot be imported", remedy)
        return
    near = get_close_matches(title, known, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    remedy = f"add it to [[columns]], or to ignore in [ledger] when customers hold nothing there{guess}"
    report.add(None, title, None, "is not a column of the book", remedy)


def _missing(name: str, ledger: LedgerConfig, header: Sequence[str], report: Report) -> None:
    if name in ledger.ignore:
        remedy = "take it out of ignore, or out of [[columns]]"
        report.add(None, name, None, "is a column of the book and is ignored", remedy)
        return
    near = get_close_matches(name, header, n=1)
    guess = f"; the nearest name there is {shown(near[0])!r}" if near else ""
    remedy = f"add the column to the source or take it out of [[columns]]{guess}"
    report.add(None, name, None, "is missing from the source", remedy)


def _account(header: Sequence[str], ledger: LedgerConfig, report: Report) -> bool:
    if ledger.account in header:
        return True
    listed = ", ".join(shown(name) for name in header[:8])
    more = "; fields are separated by commas" if len(header) == 1 and ledger.format in ("csv", "binance") else ""
    remedy = f"set account in [ledger] to the account column's name (the source has: {listed}{more})"
    report.add(None, ledger.account, None, "the account column is missing", remedy)
    return False


def _plan_long(header: Sequence[str], ledger: LedgerConfig, report: Report) -> Layout | None:
    known = (ledger.account, *_LONG, "kind")
    for title in header:
        if title and title not in known and title not in ledger.ignore:
            remedy = f"a long ledger has the columns {', '.join(known)}; add others to ignore in [ledger]"
            report.add(None, title, None, "is not a column of a long ledger", remedy)
    missing = [name for name in _LONG if name not in header]
    for name in missing:
        report.add(
            None,
            name,
            None,
            "is missing from the source",
            "a long ledger has one row per account and asset, with an amount",
        )
    if not _account(header, ledger, report) or missing:
        return None
    kind = ["kind"] if "kind" in header and "kind" not in ledger.ignore else []
    names = [ledger.account, "asset", *kind, "amount"]
    return Layout(tuple(header.index(name) for name in names), (), tuple(names), texts=len(names) - 1)


def by_asset(schema: Schema) -> dict[tuple[str, str], tuple[int, Column]]:
    """(asset, kind) -> (place, column) of every imported column: how a long ledger names them."""
    return {(c.asset, c.kind): (i, c) for i, c in enumerate(schema.columns) if c.kind != "slack"}
