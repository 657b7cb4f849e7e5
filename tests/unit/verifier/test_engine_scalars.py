"""Bulk scalars and hashes against their definitions."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from attest.ordered import pack, pack_rows
from verifier.engine import Engine
from verifier.group import G, scalar_to_bytes
from verifier.hashing import N, tagged, u64, wide
from verifier.sealed import seal


def scalars(*values: int) -> bytes:
    return b"".join(scalar_to_bytes(value % N) for value in values)


def eq(r: list[int], i: int) -> int:
    """Section 3: bit t-1 of i goes with challenge t."""
    product = 1
    for t, r_t in enumerate(r):
        product = product * (r_t if i >> t & 1 else 1 - r_t) % N
    return product


@pytest.mark.parametrize("variables", range(7))
def test_eq_table_is_its_definition(engine: Engine, variables: int) -> None:
    r = [wide("expand", bytes([t])) for t in range(variables)]
    whole = [eq(r, i) for i in range(1 << variables)]
    for count in {1, (1 << variables) // 2 + 1, 1 << variables}:
        assert engine.eq_table(r, count) == scalars(*whole[:count])
    assert sum(whole) % N == 1


def test_eq_table_at_corners_picks_one_row(engine: Engine) -> None:
    for i in range(8):
        corner = [i >> t & 1 for t in range(3)]
        assert engine.eq_table(corner, 8) == scalars(*(int(j == i) for j in range(8)))


def test_dot(engine: Engine) -> None:
    left, right = [N - 1, 0, 5, 2**200], [N - 1, 7, 6, 2**200]
    assert engine.dot(scalars(*left), scalars(*right)) == sum(a * b for a, b in zip(left, right, strict=True)) % N
    assert engine.dot(b"", b"") == 0
    for other in (b"", bytes(31), bytes(64)):
        with pytest.raises(ValueError, match=r"."):
            engine.dot(bytes(32), other)


def test_wide_each(engine: Engine) -> None:
    start = 2**32 - 1
    expected = scalars(*(wide("blind", b"prefix" + u64(i)) for i in range(start, start + 3)))
    assert engine.wide_each("blind", b"prefix", start, 3) == expected
    assert engine.wide_each("blind", b"prefix", 0, 0) == b""


def test_hmac_each(engine: Engine) -> None:
    items = [b"alice", b"", b"b" * 256]
    for prefix in (b"", b"order"):
        expected = [hmac.new(b"k" * 32, prefix + item, hashlib.sha256).digest() for item in items]
        assert engine.hmac_each(b"k" * 32, pack(items), prefix) == b"".join(expected)


def test_tagged_each(engine: Engine) -> None:
    heads = [b"\x01" * 32, b"\x02" * 32]
    assert engine.tagged_each("salt", b"".join(heads), b"ctx") == b"".join(tagged("salt", h + b"ctx") for h in heads)
    tails = [b"alice", b""]
    expected = b"".join(tagged("account", h + t) for h, t in zip(heads, tails, strict=True))
    assert engine.tagged_each("account", b"".join(heads), pack(tails)) == expected
    for wrong in (pack([b"alice"]), pack([b"a", b"b", b"c"])):
        with pytest.raises(ValueError, match=r"."):
            engine.tagged_each("account", b"".join(heads), wrong)


def test_seal_rows(engine: Engine) -> None:
    rows: list[list[tuple[int, int]]] = [[(0, 5), (3, 2**128 - 1)], [], [(c, 2**120) for c in range(60)]]
    keys = [bytes([k]) * 32 for k in range(3)]
    points = [k * G for k in (5, 6, 7)]
    packed = engine.seal_rows(
        b"".join(keys),
        b"\x11" * 32,
        9,
        b"".join(point.to_xy() for point in points),
        scalars(1, 2, 3),
        pack_rows(rows),
    )
    expected = [
        seal(keys[i], b"\x11" * 32, 9 + i, points[i].to_bytes(), scalar_to_bytes(i + 1), rows[i]) for i in range(3)
    ]
    assert [packed[i] for i in range(3)] == expected
    assert [len(record) for record in expected] == [256, 256, 4096]


def test_seal_rows_of_unequal_lengths_is_a_bug(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"."):
        engine.seal_rows(bytes(64), bytes(32), 0, G.to_xy(), bytes(32), pack_rows([[]]))
