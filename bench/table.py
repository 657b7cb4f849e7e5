"""Everything that is measured, in one table.

    python -m bench.table                              # measure and print; some minutes
    python -m bench.table --save bench/results.json    # and keep the figures
    python -m bench.table --show bench/results.json    # only print figures that were kept
    python -m bench.table --show bench/results.json --page docs/performance.md    # or put them into the page

Every figure is the median of three runs, each in a process of its own. All sizes: bench/sizes.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.floor import audit_additions, tree_additions
from bench.harness import machine, measure, median, spread
from bench.sizes import BOOKS, PROGRAMS, RANGE_PROOFS, REPETITIONS, SUM_TREE_ROWS, Book, Program
from bench.tables import tables

START, END = "<!-- figures: written by bench.table -->", "<!-- end of figures -->"


def main() -> None:
    """Measure or read, and print."""
    parser = argparse.ArgumentParser(description="Measure everything and print one table.")
    parser.add_argument("--save", type=Path, help="write the figures as JSON")
    parser.add_argument("--show", type=Path, help="print kept figures and measure nothing")
    parser.add_argument("--page", type=Path, help="put the tables between the page's marks instead of printing them")
    parser.add_argument("--runs", type=int, default=REPETITIONS, help="repetitions of every measurement")
    typed = parser.parse_args()
    found = json.loads(typed.show.read_text()) if typed.show else everything(typed.runs)
    if typed.save:
        typed.save.write_text(json.dumps(found, indent=1) + "\n")
    if typed.page:
        typed.page.write_text(with_tables(typed.page.read_text(), tables(found)))
    else:
        print(tables(found))


def with_tables(page: str, figures: str) -> str:
    """The page with other figures between its marks."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{figures}\n\n{END}{after}"


def everything(runs: int) -> dict[str, Any]:
    """All figures, in the order of the table."""
    here = machine()
    kernels = ("", *here["kernels"])
    found: dict[str, Any] = {"machine": here, "runs": runs}
    found["kernels"] = repeated(runs, "kernels")
    found["books"] = [book_figures(book, runs) for book in BOOKS if book.kernel in kernels]
    found["programs"] = [program_figures(program, runs) for program in PROGRAMS if program.kernel in kernels]
    found["sum tree"] = {"rows": SUM_TREE_ROWS, **repeated(runs, "sum_tree", "--rows", SUM_TREE_ROWS)}
    found["range proofs"] = [
        {"per proof": size, **repeated(runs, "range_proofs", "--balances", count, "--per-proof", size)}
        for count, size in RANGE_PROOFS
    ]
    found["machine"]["load at the end"] = machine()["load"]
    return found


def repeated(runs: int, module: str, *arguments: object, kernel: str = "") -> dict[str, Any]:
    """The median of some runs of one measurement, and how far the slowest was above the fastest."""
    print(f"measuring: {module} {' '.join(map(str, arguments))} {kernel}", file=sys.stderr, flush=True)
    results = [measure(module, *arguments, kernel=kernel) for _ in range(runs)]
    if "seconds" not in results[0]:
        return median(results)
    return {**median(results), "spread": spread([sum(result["seconds"].values()) for result in results])}


def book_figures(book: Book, runs: int) -> dict[str, Any]:
    """One book's stages, and the additions that its floor counts."""
    from bench.books import draw

    found = {**asdict(book), "name": book.name, **repeated(runs, "stages", *sized(book), kernel=book.kernel)}
    if book.engine == "core" and book.rows >= 1 << 16:
        drawn = draw(book.rows, book.columns, book.cells)
        additions = tree_additions(drawn, 64 * book.columns), audit_additions(book.rows)
        found["additions"] = {"tree": additions[0], "auditor's check": additions[1]}
    return found


def program_figures(program: Program, runs: int) -> dict[str, Any]:
    """One ledger's commands."""
    figures = repeated(runs, "program", *sized(program), kernel=program.kernel)
    return {**asdict(program), "name": program.name, **figures}


def sized(size: Book | Program) -> tuple[object, ...]:
    """The arguments of a measurement."""
    return "--engine", size.engine, "--rows", size.rows, "--columns", size.columns, "--cells", size.cells


if __name__ == "__main__":
    main()
