"""The figures as Markdown tables."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

BUYS: Final = {
    "set-up": "generators that nobody chose; once per layout",
    "tree": "secrets, a commitment and a leaf per account, the root: balances bound, hidden, summed",
    "whole-book proof": "no balance negative, no rule broken, totals are the sums; for everybody at once",
    "serving every user": "a sealed record per account: customers find and open their rows by themselves",
    "auditor's check": "the whole book recomputed by a stranger, from public files",
}
PUBLISHED: Final = Path(__file__).with_name("published.toml")
Figures = Mapping[str, Any]


def tables(found: Figures) -> str:
    """Everything, ready to be printed or pasted into a page."""
    parts = (machine, stages, targets, floors, programs, attest_stages, others, prototype, kernels)
    return "\n\n".join(part(found) for part in parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """One Markdown table; all columns but the first are figures."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine(found: Figures) -> str:
    """Where and how busy."""
    here = found["machine"]
    vector = "with" if here["avx512_ifma"] else "no"
    kernels_here = ", ".join(here["kernels"]) or "none"
    return (
        f"{here['processor']}, {here['processors']} processors, {vector} AVX-512 IFMA; Python {here['python']};"
        f" core kernels: {kernels_here}; load {here['load']} at the start,"
        f" {here['load at the end']} at the end; medians of {found['runs']}."
    )


def stages(found: Figures) -> str:
    """Each stage beside what it buys: seconds on the wall, and on the processors in brackets."""
    books = found["books"]
    rows = [
        [f"**{stage}**: {buys}", *[pair(book["seconds"][stage], book["processor"][stage]) for book in books]]
        for stage, buys in BUYS.items()
    ]
    rows.append(["peak memory, book in memory", *[f"{book['peak_mb']:.0f} MB" for book in books]])
    rows.append(["slowest of the runs above the fastest", *[f"{100 * book['spread']:.0f} %" for book in books]])
    return "### Stages\n\n" + table(["seconds (processor seconds)", *[book["name"] for book in books]], rows)


def targets(found: Figures) -> str:
    """What has a target, beside it."""
    rows = []
    for book in found["books"]:
        for what, stage in (("prove", proving), ("audit", auditing)):
            if book["kernel"] in book[what]:
                wall, busy = stage(book, "seconds"), stage(book, "processor")
                rows.append([f"{book['name']}: {what}", f"{book[what][book['kernel']]:.1f}", *spent(found, wall, busy)])
    for program in found["programs"]:
        for command, limits in program["targets"].items():
            if program["kernel"] in limits:
                wall, busy = program["seconds"][command], program["processor"][command]
                name = f"{program['name']}: `{command}`"
                rows.append([name, f"{limits[program['kernel']]:.1f}", *spent(found, wall, busy)])
    head = ["prove is set-up, tree and proof", "target, s", "wall, s", "processor, s", "processor / processors, s"]
    return "### Targets\n\n" + table(head, rows)


def spent(found: Figures, wall: float, busy: float) -> list[str]:
    """Wall, processor, and processor shared evenly."""
    return [f"{wall:.2f}", f"{busy:.2f}", f"{busy / found['machine']['processors']:.2f}"]


def auditing(book: Figures, kind: str) -> float:
    """Seconds of the audit."""
    return float(book[kind]["auditor's check"])


def proving(book: Figures, kind: str) -> float:
    """Seconds for set-up, tree and proof."""
    return float(sum(book[kind][stage] for stage in ("set-up", "tree", "whole-book proof")))


def floors(found: Figures) -> str:
    """Point additions times their cost, beside what the stage took on the processors."""
    rows = []
    for book in found["books"]:
        cost = addition_cost(found, book["kernel"])
        for stage, count in book.get("additions", {}).items() if cost else ():
            took = book["processor"][stage]
            floor = count * (cost or 0) / 1e9
            figures = [f"{count:,}", f"{cost:.0f}", f"{floor:.2f}", f"{took:.2f}", f"{took / floor:.1f}"]
            rows.append([f"{book['name']}: {stage}", *figures])
    if not rows:
        return "### Floor\n\nNot computed: the kernels could not be measured without cargo."
    head = ["stage", "additions", "ns each", "floor, processor s", "took, processor s", "ratio"]
    return "### Floor\n\nAn addition costs the least of the kernel's batch sizes below.\n\n" + table(head, rows)


def addition_cost(found: Figures, kernel: str) -> float | None:
    """Nanoseconds of one affine addition in the best batch."""
    costs = found["kernels"].get(kernel, {})
    return min((ns for name, ns in costs.items() if name.startswith("affine addition")), default=None)


def programs(found: Figures) -> str:
    """Whole commands."""
    names = [program["name"] for program in found["programs"]]
    if not names:
        return "### Commands\n\nNot measured: the core is not installed."
    rows = []
    for command in found["programs"][0]["seconds"]:
        cells = [pair(program["seconds"][command], program["processor"].get(command)) for program in found["programs"]]
        rows.append([f"`{command}`" if command.startswith("solvent") else command, *cells])
    for command in found["programs"][0]["peak"]:
        rows.append([f"`{command}`: peak memory", *[f"{p['peak'][command]:.0f} MB" for p in found["programs"]]])
    for file in ("leaves.bin", "book.proof", "sealed.bin"):
        rows.append([file, *[f"{p['bytes'][file] / 1e6:.2f} MB" for p in found["programs"]]])
    return "### Commands\n\n" + table(["seconds (processor seconds), from a Parquet ledger", *names], rows)


def attest_stages(found: Figures) -> str:
    """What `solvent attest` spends its time on, by its own account."""
    if not found["programs"]:
        return ""
    rows = [
        [stage, *[f"{p['attest'][stage]:.2f}" for p in found["programs"]]] for stage in found["programs"][0]["attest"]
    ]
    return table(["within `solvent attest`, seconds", *[p["name"] for p in found["programs"]]], rows)


def others(found: Figures) -> str:
    """Microseconds of processor per account, and bytes per account, of everything that can be compared that way."""
    rows = [solvent_row(book) for book in found["books"] if book["columns"] == 1]
    for proofs in found["range proofs"]:
        name = f"one Bulletproof per balance, {proofs['per proof']} to a proof"
        if "missing" in proofs:
            rows.append([f"{name}: {proofs['missing']}", "", "", "", ""])
            continue
        each = [f"{1e6 * proofs['processor'][stage] / proofs['balances']:,.1f}" for stage in ("prove", "verify")]
        rows.append([name, f"{proofs['balances']:,.0f}", *each, f"{proofs['bytes per balance']:.0f}"])
    tree = found["sum tree"]
    built = f"{1e6 * tree['seconds']['tree'] / tree['rows']:,.1f}"
    rows.append(["plain SHA-256 sum tree, Python; proves nothing about signs", f"{tree['rows']:,}", built, "", "0"])
    head = ["per account, one 64-bit column", "accounts measured", "prove, µs", "audit, µs", "published bytes"]
    return "### Beside other methods\n\n" + table(head, rows)


def solvent_row(book: Figures) -> list[str]:
    """Ours, sealed records left out."""
    prove, audit = proving(book, "processor"), book["processor"]["auditor's check"]
    size = (book["bytes"]["leaves.bin"] + book["bytes"]["book.proof"]) / book["rows"]
    each = [f"{1e6 * seconds / book['rows']:,.1f}" for seconds in (prove, audit)]
    engine = " ".join(filter(None, (book["engine"], book["kernel"])))
    return [f"solvent, {engine}", f"{book['rows']:,}", *each, f"{size:.0f}"]


def prototype(found: Figures) -> str:
    """The prototype's published figures beside ours for the nearest size, per account."""
    published = tomllib.loads(PUBLISHED.read_text())
    rows = []
    for book in published["books"]:
        measured = [part for kind in _KINDS for part in (each(book, kind), ours(found["books"], book, _KINDS[kind]))]
        rows.append([f"{book['what']} ({book['note']})", *measured])
    told = published["conditions"]
    conditions = f"{told['machine']}; {told['tools']}; {told['method']}. {told['scope']}"
    head = ["processor µs per account", *[f"{whose}, {k}" for k in _KINDS.values() for whose in ("published", "ours")]]
    return f"### The prototype, as published\n\n{conditions}\n\n{table(head, rows)}"


def each(book: Figures, kind: str) -> str:
    """Published seconds as microseconds per account, a range where one was given."""
    least, most = (f"{1e6 * seconds / book['rows']:.1f}" for seconds in book[kind])
    return least if least == most else f"{least} to {most}"


def ours(books: Sequence[Figures], published: Figures, kernel: str) -> str:
    """The kernel's largest book with as many columns; everything that proving takes, secrets included."""
    same = [book for book in books if book["columns"] == published["columns"] and book["kernel"] == kernel]
    if not same:
        return ""
    book = max(same, key=lambda book: book["rows"])
    busy = proving(book, "processor") if published["stage"] == "prove" else book["processor"]["auditor's check"]
    return f"{1e6 * busy / book['rows']:.1f} ({book['rows']:,} rows)"


def kernels(found: Figures) -> str:
    """Nanoseconds per operation."""
    if "missing" in found["kernels"]:
        return f"### Kernels\n\nNot measured: {found['kernels']['missing']}."
    published = tomllib.loads(PUBLISHED.read_text())["nanoseconds"]
    ours_of = {kind: found["kernels"].get(kernel, {}) for kind, kernel in _KINDS.items()}
    rows = []
    for name in dict.fromkeys(name for costs in ours_of.values() for name in costs):
        figures = [costs.get(name) for kind in _KINDS for costs in (published[kind], ours_of[kind])]
        rows.append([name, *["" if ns is None else f"{ns:.1f}" for ns in figures]])
    head = ["nanoseconds, one core", *[f"{whose}, {k}" for k in _KINDS.values() for whose in ("published", "ours")]]
    return "### Kernels\n\n" + table(head, rows)


_KINDS: Final = {"vector": "ifma", "portable": "portable"}
"""How published.toml calls a kernel, and its name."""


def pair(wall: float, busy: float | None) -> str:
    """Seconds on the wall and, in brackets, on the processors."""
    return seconds(wall) if busy is None else f"{seconds(wall)} ({seconds(busy)})"


def seconds(value: float) -> str:
    """Two digits that matter."""
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
