"""What is derived from an epoch so that a row is found and its path read in microseconds; can be rebuilt at any time.

``order.bin``: N positions (u64, little-endian), the rows sorted by id. ``levels.bin``: the sum tree above its leaves,
level by level from the leaves' parents up to the root, 65 bytes a node: the commitment compressed, then the hash.
``made.json`` says of which attestation, and how the two files lay on the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from server.site import sync
from verifier.attestation import Attestation
from verifier.engine import Engine
from verifier.errors import Rejected
from verifier.group import Point
from verifier.hashing import tagged, u64
from verifier.leaves import RECORD
from verifier.tree import Node

ORDER: Final = "order.bin"
LEVELS: Final = "levels.bin"
MADE: Final = "made.json"
NODE: Final = 65
_BLOCK_ROWS: Final = 1 << 16

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Level:
    """Where a level of the tree starts in levels.bin, and how many nodes it has."""

    start: int
    nodes: int


def layout(accounts: int) -> tuple[Level, ...]:
    """The levels above the leaves: half as many nodes each, rounded up, until one is left."""
    levels, start, nodes = [], 0, accounts
    while nodes > 1:
        nodes = (nodes + 1) // 2
        levels.append(Level(start, nodes))
        start += NODE * nodes
    return tuple(levels)


def build(files: Path, attestation: Attestation, target: Path, engine: Engine, progress: Progress) -> None:
    """Write the cache of the epoch whose files are in ``files`` into the empty directory ``target``.

    Raises Rejected (E_BINDING) when the rows do not lead to the signed root.
    """
    leaves = np.memmap(files / "leaves.bin", dtype=np.uint8, mode="r", shape=(attestation.accounts, RECORD))
    _write_order(leaves, target / ORDER)
    with (target / LEVELS).open("wb") as file:
        root = _Levels(file, attestation, engine).write(leaves, progress)
        _through(file)
    if root != Node(attestation.root_commitment, attestation.root_hash):
        raise Rejected("the rows do not lead to the signed root", where="leaves.bin", code="E_BINDING")
    _write_made(target, attestation)


def made_of(cache: Path) -> tuple[str, dict[str, list[int]]]:
    """What ``made.json`` says: the run's nonce and the stamps of both files; ("", {}) where it cannot be read."""
    try:
        found = json.loads((cache / MADE).read_bytes())
        return str(found["nonce"]), {name: list(found["files"][name]) for name in (ORDER, LEVELS)}
    except (OSError, ValueError, TypeError, KeyError):
        return "", {}


def _write_order(leaves: NDArray[np.uint8], path: Path) -> None:
    words = np.ascontiguousarray(leaves[:, RECORD - 32 :]).view(">u8").astype(np.uint64)
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    if np.any(first[1:] == first[:-1]):
        order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    with path.open("wb") as file:
        file.write(order.astype("<u8").tobytes())
        _through(file)


class _Levels:
    """Writes every level of a tree, block by block: all blocks but the last are whole subtrees."""

    def __init__(self, file: BinaryIO, attestation: Attestation, engine: Engine) -> None:
        self._file = file
        self._ctx = attestation.ctx
        self._engine = engine
        self._levels = layout(attestation.accounts)
        self._done = [0] * len(self._levels)

    def write(self, leaves: NDArray[np.uint8], progress: Progress) -> Node:
        """All levels; returns the root."""
        tops: list[tuple[bytes, bytes]] = []
        for start in range(0, len(leaves), _BLOCK_ROWS):
            block = leaves[start : start + _BLOCK_ROWS].tobytes()
            points, ids = self._engine.read_leaves(block)
            hashes = self._engine.leaf_hashes(self._ctx, start, points, ids)
            whole = len(leaves) > _BLOCK_ROWS
            tops.append(self._climb(points, hashes, 0, _BLOCK_ROWS.bit_length() - 1 if whole else len(self._levels)))
            progress("building the tree", min(start + _BLOCK_ROWS, len(leaves)), len(leaves))
        points, hashes = (b"".join(parts) for parts in zip(*tops, strict=True))
        if len(tops) > 1:
            points, hashes = self._climb(points, hashes, _BLOCK_ROWS.bit_length() - 1, len(self._levels))
        return Node(Point.from_sum(points), hashes)

    def _climb(self, points: bytes, hashes: bytes, level: int, end: int) -> tuple[bytes, bytes]:
        """Join from ``level`` up to ``end``, writing each level that is reached."""
        for k in range(level, end):
            points, hashes = self._engine.tree_level(points, hashes)
            self._append(k, points, hashes)
        return points, hashes

    def _append(self, k: int, points: bytes, hashes: bytes) -> None:
        nodes = len(hashes) // 32
        both = np.empty((nodes, NODE), dtype=np.uint8)
        both[:, :33] = np.frombuffer(self._engine.compress(points), dtype=np.uint8).reshape(nodes, 33)
        both[:, 33:] = np.frombuffer(hashes, dtype=np.uint8).reshape(nodes, 32)
        self._file.seek(self._levels[k].start + NODE * self._done[k])
        self._file.write(both.tobytes())
        self._done[k] += nodes


def leaf_hash(ctx: bytes, index: int, record: bytes) -> tuple[bytes, bytes]:
    """(commitment compressed, leaf hash) of a record of leaves.bin."""
    commitment = compressed(record)
    return commitment, tagged("leaf", ctx + u64(index) + commitment + record[64:])


def compressed(record: bytes) -> bytes:
    """The 33 bytes of a record's point, which was checked when it was published."""
    return (b"\x03" if record[63] & 1 else b"\x02") + record[:32]


def _write_made(target: Path, attestation: Attestation) -> None:
    lies = {name: stamp(target / name) for name in (ORDER, LEVELS)}
    with (target / MADE).open("wb") as file:
        file.write(json.dumps({"nonce": attestation.identity.nonce, "files": lies}).encode())
        _through(file)
    sync(target)


def stamp(path: Path) -> list[int]:
    """Size and time of the last change: how a file lies on the disk."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _through(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
