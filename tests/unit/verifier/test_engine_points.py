"""Bulk point arithmetic on everything small: all pairs and triples of -8G..8G, the identity among them."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from attest.ordered import pack_rows
from tests.support.refusals import refused
from verifier.engine import Engine
from verifier.errors import Malformed, Rejected
from verifier.group import IDENTITY_BYTES, G, H, P, Point, bit_generator, scalar_to_bytes
from verifier.hashing import N, tagged
from verifier.reference import arithmetic
from verifier.tree import Node, join

SMALL = range(-8, 9)


@cache
def multiple(k: int) -> Point:
    return k * G


def packed(k: int) -> bytes:
    return IDENTITY_BYTES if k == 0 else multiple(k).to_xy()


@cache
def sums() -> dict[int, bytes]:
    return {k: packed(k) for k in range(-24, 25)}


def scalars(*values: int) -> bytes:
    return b"".join(scalar_to_bytes(value % N) for value in values)


@pytest.mark.parametrize("i", SMALL)
def test_pairs_and_triples_add_up(engine: Engine, i: int) -> None:
    one = scalars(1)
    for j in SMALL:
        assert engine.multiply_sum(packed(i) + packed(j), one * 2) == sums()[i + j]
        for k in SMALL:
            assert engine.multiply_sum(packed(i) + packed(j) + packed(k), one * 3) == sums()[i + j + k]


@pytest.mark.parametrize("i", SMALL)
def test_pairs_times_small_scalars(engine: Engine, i: int) -> None:
    for j, a, b in product((-8, -1, 0, 1, 3), (0, 1, 2, -1), (0, 1, -2)):
        expected = multiple(a * i + b * j)
        assert Point.from_sum(engine.multiply_sum(packed(i) + packed(j), scalars(a, b))) == expected


@pytest.mark.parametrize("i", [k for k in SMALL if k])
def test_pairs_joined_in_a_tree_level(engine: Engine, i: int) -> None:
    left, right = b"\x01" * 32, b"\x02" * 32
    for j in (k for k in SMALL if k):
        if i + j == 0:
            with refused(Rejected, "E_IDENTITY", step="2"):
                engine.tree_level(packed(i) + packed(j), left + right)
            with refused(Rejected, "E_IDENTITY", step="5.6"):
                join(Node(multiple(i), left), Node(multiple(j), right))
            continue
        point, digest = engine.tree_level(packed(i) + packed(j), left + right)
        assert (point, digest) == (sums()[i + j], tagged("node", encoded(i) + left + encoded(j) + right))
        assert join(Node(multiple(i), left), Node(multiple(j), right)) == Node(Point.from_sum(point), digest)


def encoded(k: int) -> bytes:
    return multiple(k).to_bytes()


def test_triples_in_a_tree_level(engine: Engine) -> None:
    hashes = b"\x01" * 32 + b"\x02" * 32 + b"\x03" * 32
    for i, j, k in product((1, 2, 8, -8), (1, -3, 7), (5, -5)):
        points, digests = engine.tree_level(packed(i) + packed(j) + packed(k), hashes)
        assert points == sums()[i + j] + packed(k)
        assert digests[32:] == hashes[64:]


def test_tree_level_of_one_and_of_none(engine: Engine) -> None:
    assert engine.tree_level(packed(3), bytes(32)) == (packed(3), bytes(32))
    assert engine.tree_level(b"", b"") == (b"", b"")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 17, 40])
def test_multiply_sum_is_the_sum_of_products(engine: Engine, count: int) -> None:
    factors = [int.from_bytes(tagged("mask", bytes([i])), "big") % N for i in range(count)]
    points = [multiple(3 * i + 1) for i in range(count)]
    expected = sum(((factor * point) for factor, point in zip(factors, points, strict=True)), Point(0, 0))
    found = engine.multiply_sum(b"".join(point.to_xy() for point in points), scalars(*factors))
    assert Point.from_sum(found) == expected


@pytest.mark.parametrize("factor", [0, 1, 2, 15, 16, 255, 256, 2**128, N - 1, N - 2, N // 2])
def test_multiply_sum_of_one(engine: Engine, factor: int) -> None:
    assert Point.from_sum(engine.multiply_sum(H.to_xy(), scalars(factor))) == factor * H


def test_multiply_sum_of_equal_points_that_cancel(engine: Engine) -> None:
    points = G.to_xy() * 9
    assert engine.multiply_sum(points, scalars(*range(-4, 5))) == IDENTITY_BYTES
    assert Point.from_sum(engine.multiply_sum(points, scalars(*([N - 1] * 9)))) == multiple(-9)


@pytest.mark.parametrize(
    ("points", "factors"), [(b"", bytes(32)), (G.to_xy(), b""), (G.to_xy()[:63], bytes(32)), (G.to_xy(), bytes(31))]
)
def test_multiply_sum_of_unequal_lengths_is_a_bug(engine: Engine, points: bytes, factors: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        engine.multiply_sum(points, factors)


def test_compress(engine: Engine) -> None:
    points = [multiple(k) for k in SMALL if k]
    assert engine.compress(b"".join(p.to_xy() for p in points)) == b"".join(p.to_bytes() for p in points)
    assert engine.compress(b"") == b""
    with pytest.raises(ValueError, match=r"."):
        engine.compress(bytes(63))


@pytest.mark.parametrize("bits", range(8))
def test_commit_every_cell_of_two_columns(engine: Engine, bits: int) -> None:
    """Every value with ``bits`` as its highest bit, against the sum written out."""
    committer = engine.committer([8, 8])
    values = range(1 << bits, 2 << bits, 1 if bits < 5 else 11)
    rows = [[(0, value)] for value in values] + [[(0, value), (1, 255 - value % 255)] for value in values]
    blindings = list(range(1, len(rows) + 1))
    found = committer.commit(pack_rows(rows), scalars(*blindings))
    for i, (row, blinding) in enumerate(zip(rows, blindings, strict=True)):
        assert Point.from_sum(found[64 * i : 64 * i + 64]) == written_out(row, blinding)


def written_out(row: list[tuple[int, int]], blinding: int) -> Point:
    total = blinding * H
    for column, value in row:
        for bit in range(8):
            if value >> bit & 1:
                total += bit_generator(8 * column + bit)
    return total


def test_commit_blindings_by_table_and_one_by_one(engine: Engine) -> None:
    """Large blocks may use tables: they must agree with single rows."""
    blindings = [1, 2, 255, 256, 2**128, N - 1, N - 2, *range(300, 313)]
    rows = [[(0, i + 1)] for i in range(len(blindings))]
    together = engine.committer([8]).commit(pack_rows(rows), scalars(*blindings))
    alone = [engine.committer([8]).commit(pack_rows([row]), scalars(r)) for row, r in zip(rows, blindings, strict=True)]
    assert together == b"".join(alone)


def test_commit_of_an_empty_row_is_its_blinding(engine: Engine) -> None:
    assert Point.from_sum(engine.committer([8]).commit(pack_rows([[]]), scalars(5))) == 5 * H


def test_commit_of_wide_cells(engine: Engine) -> None:
    row = [(0, 2**128 - 1), (1, 1)]
    expected = 9 * H + bit_generator(128)
    for k in range(128):
        expected += bit_generator(k)
    assert Point.from_sum(engine.committer([128, 8]).commit(pack_rows([row]), scalars(9))) == expected


def test_commit_of_the_identity_is_refused(engine: Engine) -> None:
    for rows in (1, 20):
        blindings = scalars(*range(1, rows), 0)
        with refused(Rejected, "E_IDENTITY"):
            engine.committer([8]).commit(pack_rows([[]] * rows), blindings)


def test_commit_of_what_is_no_cell_is_a_bug(engine: Engine) -> None:
    for row in ([(0, 256)], [(0, 0)]):
        with pytest.raises(ValueError, match=r"."):
            engine.committer([8]).commit(pack_rows([row]), scalars(1))
    with pytest.raises(ValueError, match=r"."):
        engine.committer([8]).commit(pack_rows([[], []]), scalars(1))


def test_normalise_many_points_at_once() -> None:
    jacobian = [(4 * multiple(k).x % P, 8 * multiple(k).y % P, 2) if k else (0, 0, 1) for k in SMALL]
    expected = [(multiple(k).x, multiple(k).y) if k else (0, 0) for k in SMALL]
    assert arithmetic.normalise(jacobian) == expected
    assert arithmetic.normalise([]) == []


def test_read_leaves(engine: Engine) -> None:
    ids = [bytes([k]) * 32 for k in range(1, 4)]
    data = b"".join(packed(k) + ids[k - 1] for k in range(1, 4))
    assert engine.read_leaves(data) == (b"".join(packed(k) for k in range(1, 4)), b"".join(ids))


@pytest.mark.parametrize("bad", [bytes(64), (1).to_bytes(32, "big") * 2, P.to_bytes(32, "big") + bytes(32)])
def test_read_leaves_names_the_record(engine: Engine, bad: bytes) -> None:
    data = packed(1) + bytes(32) + bad + bytes(32) + packed(2) + bytes(32)
    with refused(Malformed, "E_POINT", where="record 1"):
        engine.read_leaves(data)
    with pytest.raises(ValueError, match=r"."):
        engine.read_leaves(data[:-1])


def test_leaf_hashes(engine: Engine) -> None:
    ctx, ids = b"\x33" * 32, bytes(32) + b"\xff" * 32
    found = engine.leaf_hashes(ctx, 2**40 - 1, packed(1) + packed(2), ids)
    expected = [
        tagged("leaf", ctx + (2**40 - 1 + i).to_bytes(8, "big") + encoded(i + 1) + ids[32 * i : 32 * i + 32])
        for i in range(2)
    ]
    assert found == b"".join(expected)
    with pytest.raises(ValueError, match=r"."):
        engine.leaf_hashes(ctx, 0, packed(1), ids)


def test_first_duplicate(engine: Engine) -> None:
    a, b, c = (bytes([k]) * 32 for k in range(3))
    assert engine.first_duplicate(b"") is None
    assert engine.first_duplicate(a + b + c) is None
    assert engine.first_duplicate(a + b + c + b) == (1, 3)
    assert engine.first_duplicate(a + a) == (0, 1)
    assert engine.first_duplicate(a[:31] + b"\x01" + a) is None
