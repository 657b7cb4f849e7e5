"""A plain SHA-256 sum tree over one balance per account, in Python's hashlib: what others publish.

    python -m bench.sum_tree --rows 1000000

A node is (hash, sum); a leaf hashes account, salt and balance, a node both children with their sums. It shows neither
that no balance is negative nor keeps subtotals from the customers that check, and has no proof about the whole book.
"""

from __future__ import annotations

import argparse
import time
from hashlib import sha256

from bench.harness import report

_Node = tuple[bytes, int]


def main() -> None:
    """Measure one tree and one check."""
    parser = argparse.ArgumentParser(description="Time a plain hash tree with sums.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    typed = parser.parse_args()
    started = time.perf_counter()
    leaves = [leaf(i, (i + 1) * 0x9E3779B97F4A7C15 % 2**64) for i in range(typed.rows)]
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append(level_above(levels[-1]))
    built = time.perf_counter() - started
    started = time.perf_counter()
    if fold(leaves[1], siblings(levels, 1)) != levels[-1][0]:
        raise SystemExit("a path does not lead to the root")
    report({"seconds": {"tree": built, "user's check": time.perf_counter() - started}}, typed.json)


def leaf(account: int, balance: int) -> _Node:
    """A leaf; its salt is derived from a fixed key."""
    salt = sha256(b"salt" + account.to_bytes(8, "big")).digest()
    return sha256(salt + account.to_bytes(8, "big") + balance.to_bytes(8, "big")).digest(), balance


def join(left: _Node, right: _Node) -> _Node:
    """The parent of two nodes."""
    text = left[0] + left[1].to_bytes(16, "big") + right[0] + right[1].to_bytes(16, "big")
    return sha256(text).digest(), left[1] + right[1]


def level_above(nodes: list[_Node]) -> list[_Node]:
    """Neighbours joined; an odd last node moves up."""
    joined = [join(nodes[i], nodes[i + 1]) for i in range(0, len(nodes) - 1, 2)]
    return joined + nodes[len(joined) * 2 :]


def siblings(levels: list[list[_Node]], index: int) -> list[tuple[bool, _Node]]:
    """(whether it stands on the left, sibling) of a leaf, leaf upwards."""
    path = []
    for nodes in levels[:-1]:
        if (index ^ 1) < len(nodes):
            path.append((bool(index & 1), nodes[index ^ 1]))
        index //= 2
    return path


def fold(node: _Node, path: list[tuple[bool, _Node]]) -> _Node:
    """The root that a leaf and its path lead to."""
    for on_left, sibling in path:
        node = join(sibling, node) if on_left else join(node, sibling)
    return node


if __name__ == "__main__":
    main()
