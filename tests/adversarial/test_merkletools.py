"""Why the tree is our own: the published merkletools package lets an inner node pass for a leaf (docs/adr/0002).

The attack: leaves and inner nodes are hashed alike, so the 64 bytes below an inner node are a "record" that was never
in the list, with a valid proof one step shorter. The twin of each attack is the honest proof, which must be accepted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.venvs import BareVenv, cached_venv, pip_install
from verifier.errors import Rejected
from verifier.group import Point, value_commitment
from verifier.hashing import tag_prefix, tagged
from verifier.tree import Node, fold_path, join, leaf

LOCK = Path(__file__).with_name("merkletools.lock")
CTX = bytes(32)

ATTACK = """
import json, warnings
warnings.simplefilter("ignore")
from merkletools import MerkleTools
tree = MerkleTools()
tree.add_leaf(RECORDS, True)
tree.make_tree()
root = tree.get_merkle_root()
leaves = [tree.get_leaf(i) for i in range(4)]
proof = tree.get_proof(0)
record = bytes.fromhex(leaves[0] + leaves[1])
forged = tree.hash_function(record).hexdigest()
print(json.dumps({
    "record": record.hex(),
    "honest": tree.validate_proof(proof, leaves[0], root),
    "forged": tree.validate_proof(proof[1:], forged, root),
    "forged_is_listed": forged in leaves,
    "broken": tree.validate_proof(proof[1:], tree.hash_function(record + b"!").hexdigest(), root),
}))
"""


@pytest.fixture(scope="module")
def merkletools_venv(root: Path) -> BareVenv:
    """The published package, alone: its dependency pysha3 does not compile on Python 3.11 and newer."""

    def fill(venv: Path) -> None:
        pip_install(venv, "--no-deps", "--require-hashes", "-r", str(LOCK))

    return cached_venv(root, "merkletools", LOCK.read_bytes(), fill)


def test_merkletools_accepts_an_inner_node_as_a_leaf(merkletools_venv: BareVenv, tmp_path: Path) -> None:
    records = ["alice 5", "bob 7", "carol 1", "dave 2"]
    code = f"RECORDS = {records!r}\n{ATTACK}"
    done = merkletools_venv.python("-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    below = b"".join(hashlib.sha256(record.encode()).digest() for record in records[:2])
    assert seen["record"] == below.hex(), "the record of the forged leaf is two hashes"
    assert seen["honest"], "the valid twin"
    assert not seen["broken"], "its proofs do bind something"
    assert not seen["forged_is_listed"]
    assert seen["forged"], "merkletools no longer accepts an inner node as a leaf: revise docs/adr/0002"


@dataclass(frozen=True)
class FourRows:
    """A sum tree of four leaves, and what an attacker reads off it."""

    leaves: list[Node]
    left: Node
    right: Node
    root: Node


@pytest.fixture(scope="module")
def four_rows() -> FourRows:
    points = [value_commitment(5 + j, 1000 + j) for j in range(4)]
    leaves = [leaf(CTX, j, point, bytes([j]) * 32) for j, point in enumerate(points)]
    left, right = join(leaves[0], leaves[1]), join(leaves[2], leaves[3])
    return FourRows(leaves, left, right, join(left, right))


def below(left: Node, right: Node) -> bytes:
    """The 130 bytes that are hashed into the parent of two nodes."""
    return left.C.to_bytes() + left.h + right.C.to_bytes() + right.h


def weak_leaf(ctx: bytes, index: int, point: Point, row_id: bytes) -> bytes:
    """Like our leaf hash, without its tag: a verifier weakened to what merkletools does."""
    return hashlib.sha256(ctx + index.to_bytes(8, "big") + point.to_bytes() + row_id).digest()


def weak_fold(start: bytes, siblings: list[bytes]) -> bytes:
    """A path of any length that the caller chooses, untagged, the node always on the left."""
    for sibling in siblings:
        start = hashlib.sha256(start + sibling).digest()
    return start


def test_the_attack_fools_a_tree_without_tags_and_without_computed_lengths() -> None:
    leaves = [weak_leaf(CTX, j, value_commitment(5 + j, j), bytes([j]) * 32) for j in range(4)]
    left, right = (hashlib.sha256(leaves[i] + leaves[i + 1]).digest() for i in (0, 2))
    root = hashlib.sha256(left + right).digest()
    assert weak_fold(leaves[0], [leaves[1], right]) == root, "the valid twin"
    assert weak_fold(hashlib.sha256(leaves[0] + leaves[1]).digest(), [right]) == root


def test_an_honest_leaf_is_accepted(four_rows: FourRows) -> None:
    assert fold_path(four_rows.leaves[0], 0, 4, [four_rows.leaves[1], four_rows.right]) == four_rows.root


@pytest.mark.parametrize("index", range(4))
def test_an_inner_node_with_its_shorter_path_is_refused(four_rows: FourRows, index: int) -> None:
    inner, sibling = (four_rows.left, four_rows.right) if index < 2 else (four_rows.right, four_rows.left)
    with pytest.raises(Rejected, match="needs 2"):
        fold_path(inner, index, 4, [sibling])


def test_an_inner_node_behind_another_row_count_is_no_leaf(four_rows: FourRows) -> None:
    """With a count of two the shorter path fits; then the leaf's own hash must be that of a node, and cannot be."""
    assert fold_path(four_rows.left, 0, 2, [four_rows.right]) == four_rows.root, "the shape alone does not refuse it"
    text = below(four_rows.leaves[0], four_rows.leaves[1])
    for index, row_id in ((0, text[-32:]), (1, text[-32:]), (0, text[:32]), (0, four_rows.left.h)):
        forged = leaf(CTX, index, four_rows.left.C, row_id)
        assert fold_path(forged, 0, 2, [four_rows.right]).C == four_rows.root.C, "the sums agree: only the hash refuses"
        assert fold_path(forged, 0, 2, [four_rows.right]).h != four_rows.root.h


def test_leaf_and_node_hash_different_lengths_under_different_tags(four_rows: FourRows) -> None:
    text = below(four_rows.leaves[0], four_rows.leaves[1])
    assert len(text) == 130
    assert len(CTX) + 8 + 33 + 32 == 105, "ctx, position, point, id: a leaf never hashes 130 bytes"
    assert tagged("node", text) == four_rows.left.h
    assert tagged("leaf", text) != four_rows.left.h
    assert tag_prefix("leaf") != tag_prefix("node")
