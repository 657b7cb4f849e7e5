"""Run by other tests in a bare or a restricted interpreter: imports all of the verifier and computes one known root."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from array import array

import verifier
from verifier.engine import SparseRows, get_engine
from verifier.group import Point


def import_everything() -> int:
    """Import every module of the package but the adapter of the optional core; how many there were."""
    names = [found.name for found in pkgutil.walk_packages(verifier.__path__, "verifier.")]
    for name in names:
        if not name.endswith("__main__") and name != "verifier.core_engine":
            importlib.import_module(name)
    return len(names)


def known_root() -> str:
    """The root over the two rows of the protocol's appendix: cells 5 and 250, blindings 7 and 9, one id."""
    engine = get_engine("reference")
    cells = SparseRows(array("Q", [1, 2]), array("H", [0, 0]), (5).to_bytes(16, "big") + (250).to_bytes(16, "big"))
    points = engine.committer([8]).commit(cells, (7).to_bytes(32, "big") + (9).to_bytes(32, "big"))
    row_id = engine.tagged_each("account", bytes(32), b"alice")
    hashes = engine.leaf_hashes(b"\x11" * 32, 0, points, row_id * 2)
    root, digest = engine.tree_level(points, hashes)
    return Point.from_sum(root).to_bytes().hex() + " " + digest.hex()


def main() -> None:
    """Print where the package was found, how many modules it has, and the root."""
    print(next(iter(verifier.__path__)))
    print(import_everything())
    print(known_root())
    print(" ".join(sorted(name for name in sys.modules if "." not in name)))


if __name__ == "__main__":
    main()
