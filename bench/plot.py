"""The plot of docs/performance.md, drawn from kept figures: processor time per account, on a scale of powers of ten.

python -m bench.plot bench/results.json docs/performance.svg
"""

from __future__ import annotations

import argparse
import json
import math
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from bench.tables import PUBLISHED, addition_cost, proving

LEFT, TOP, WIDTH, STEP, BAR = 330, 96, 520, 52, 17
LEAST, DECADES = 1.0, 5
PROVE, AUDIT = "#1d4ed8", "#15803d"


@dataclass(frozen=True, slots=True)
class Line:
    """Microseconds of processor per account to prove and to audit, None where there is no such thing."""

    name: str
    note: str
    prove: float | None
    audit: float | None
    measured: bool = True


def main() -> None:
    """Draw."""
    parser = argparse.ArgumentParser(description="Draw the plot of the performance page.")
    parser.add_argument("results", type=Path)
    parser.add_argument("output", type=Path)
    typed = parser.parse_args()
    typed.output.write_text(drawn(lines(json.loads(typed.results.read_text()))))


def lines(found: dict[str, Any]) -> list[Line]:
    """What is shown, from top to bottom."""
    books = [book for book in found["books"] if book["columns"] == 1]
    shown = []
    for kernel in found["machine"]["kernels"][::-1]:
        largest = max((book for book in books if book["kernel"] == kernel), key=lambda book: int(book["rows"]))
        shown.append(solvent(largest))
        cost = addition_cost(found, kernel)
        if cost is not None and "additions" in largest:
            shown.append(floor(largest, cost))
    shown += [solvent(book) for book in books if book["engine"] == "reference"]
    shown += published()
    shown += [range_proofs(proofs) for proofs in found["range proofs"] if "missing" not in proofs]
    tree = found["sum tree"]
    each = 1e6 * tree["seconds"]["tree"] / tree["rows"]
    return [*shown, Line("plain SHA-256 sum tree", f"{tree['rows']:,} accounts; Python", each, None)]


def solvent(book: dict[str, Any]) -> Line:
    """One engine of ours."""
    audit = book["processor"]["auditor's check"]
    per = 1e6 / book["rows"]
    return Line(
        f"solvent, {book['kernel'] or book['engine'] + ' engine'}",
        f"{book['rows']:,} accounts",
        per * proving(book, "processor"),
        per * audit,
    )


def floor(book: dict[str, Any], cost: float) -> Line:
    """Additions alone."""
    prove, audit = (cost * book["additions"][stage] / 1e3 / book["rows"] for stage in ("tree", "auditor's check"))
    return Line("its floor", "point additions alone", prove, audit)


def range_proofs(proofs: dict[str, Any]) -> Line:
    """One size of aggregation."""
    prove, audit = (1e6 * proofs["processor"][stage] / proofs["balances"] for stage in ("prove", "verify"))
    return Line(
        "Bulletproof per balance", f"{proofs['per proof']} to a proof; {proofs['balances']:,} accounts", prove, audit
    )


def published() -> list[Line]:
    """The prototype's figures for one column."""
    books = [book for book in tomllib.loads(PUBLISHED.read_text())["books"] if book["columns"] == 1]
    found = []
    for kind, name in (("portable", "portable"), ("vector", "AVX-512 IFMA")):
        prove, audit = (
            next(1e6 * sum(book[kind]) / 2 / book["rows"] for book in books if book["stage"] == stage)
            for stage in ("prove", "audit")
        )
        found.append(Line(f"prototype, {name}", "published; another machine", prove, audit, measured=False))
    return found


def drawn(shown: list[Line]) -> str:
    """The whole picture."""
    height = TOP + STEP * len(shown) + 54
    fonts = 'font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="14"'
    frame = f'viewBox="0 0 960 {height}" {fonts} role="img" aria-labelledby="title desc"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>',
        '<title id="title">Processor time per account, one 64-bit column</title>',
        f'<desc id="desc">{escape(" ".join(told(line) for line in shown))}</desc>',
        f'<rect width="960" height="{height}" fill="#ffffff"/>',
        text(24, 32, "Processor time per account, one 64-bit column", 'font-size="18" font-weight="bold"'),
        *legend(),
        *axis(height - 54),
        *(part for i, line in enumerate(shown) for part in bars(line, TOP + STEP * i)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def legend() -> list[str]:
    """What colours and outlines mean."""
    kinds = (
        (24, PROVE, 1.0, "prove (sum tree: build)"),
        (240, AUDIT, 1.0, "audit (Bulletproofs: verify)"),
        (500, "#475569", 0.25, "pale: published figures, not measured here"),
    )
    return [
        part
        for x, colour, opacity, words in kinds
        for part in (box(x, 52, 16, 14, colour, opacity), text(x + 24, 64, words, 'font-size="13"'))
    ]


def axis(bottom: int) -> list[str]:
    """A line and a number per power of ten."""
    found = []
    for power in range(DECADES + 1):
        x = place(LEAST * 10**power)
        found.append(f'<path d="M{x:.0f},{TOP - 12} V{bottom}" stroke="#cbd5e1"/>')
        found.append(text(x, bottom + 20, f"{10**power:,}", 'text-anchor="middle" font-size="13"'))
    middle = LEFT + WIDTH / 2
    return [*found, text(middle, bottom + 42, "microseconds, each step ten times more", 'text-anchor="middle"')]


def bars(line: Line, top: int) -> list[str]:
    """One line of the plot."""
    found = [
        text(24, top + 15, line.name, 'font-weight="bold"'),
        text(24, top + 33, line.note, 'font-size="12" fill="#475569"'),
    ]
    for i, (value, colour) in enumerate(((line.prove, PROVE), (line.audit, AUDIT))):
        if value is not None:
            y, end = top + (BAR + 2) * i, place(value)
            found.append(box(LEFT, y, end - LEFT, BAR, colour, 1.0 if line.measured else 0.25))
            found.append(text(end + 6, y + 13, number(value), 'font-size="12"'))
    return found


def place(value: float) -> float:
    """Where a value lies."""
    return LEFT + WIDTH * max(0.0, math.log10(value / LEAST)) / DECADES


def number(value: float) -> str:
    """Two or more digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def told(line: Line) -> str:
    """A line in words, for those who listen."""
    known = [f"{what} {number(value)}" for what, value in (("prove", line.prove), ("audit", line.audit)) if value]
    return f"{line.name} ({line.note}): {', '.join(known)} microseconds."


def box(x: float, y: float, width: float, height: float, colour: str, opacity: float) -> str:
    """A filled rectangle."""
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {size} fill="{colour}" fill-opacity="{opacity}" stroke="{colour}"/>'


def text(x: float, y: float, words: str, style: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


if __name__ == "__main__":
    main()
