"""Points and scalars: strict decoding, and arithmetic on every small multiple."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.group import (
    IDENTITY_BYTES,
    G,
    H,
    P,
    Point,
    bit_generator,
    even_root,
    generator,
    scalar_from_bytes,
    scalar_to_bytes,
    to_affine,
    value_commitment,
)
from verifier.hashing import N, tagged, u32

IDENTITY = Point(0, 0)
OFF_CURVE_X = next(x for x in range(1, 100) if even_root(x) is None)
ON_CURVE_X = next(x for x in range(1, 100) if even_root(x) is not None)


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


COMPRESSED_BAD = {
    "empty": b"",
    "32 bytes": G.to_bytes()[:32],
    "34 bytes": G.to_bytes() + b"\0",
    "prefix 00": b"\x00" + number(G.x),
    "prefix 01": b"\x01" + number(G.x),
    "prefix 04": b"\x04" + number(G.x),
    "uncompressed": b"\x04" + G.to_xy(),
    "identity as one byte": b"\x00",
    "all zero": bytes(33),
    "x off the curve": b"\x02" + number(OFF_CURVE_X),
    "x is p": b"\x02" + number(P),
    "x above p that is on the curve mod p": b"\x02" + number(P + ON_CURVE_X),
    "all ones": b"\x02" + b"\xff" * 32,
}

XY_BAD = {
    "empty": b"",
    "63 bytes": G.to_xy()[:63],
    "65 bytes": G.to_xy() + b"\0",
    "identity": IDENTITY_BYTES,
    "y off by one": number(G.x) + number(G.y + 1),
    "swapped": number(G.y) + number(G.x),
    "y above p": number(G.x) + number(G.y + P if G.y + P < 2**256 else P),
    "x is p": number(P) + number(G.y),
    "x above p": number(P + ON_CURVE_X) + number(even_root(ON_CURVE_X) or 0),
    "x zero": number(0) + number(1),
}


@pytest.mark.parametrize("name", COMPRESSED_BAD)
def test_compressed_refused(name: str) -> None:
    with refused(Malformed, "E_POINT", where="C"):
        Point.from_bytes(COMPRESSED_BAD[name], "C")


@pytest.mark.parametrize("name", XY_BAD)
def test_xy_refused(name: str) -> None:
    with refused(Malformed, "E_POINT", where="C"):
        Point.from_xy(XY_BAD[name], "C")


@pytest.mark.parametrize("k", [*range(1, 20), N - 1, N - 2, 2**128])
def test_encodings_round_trip(k: int) -> None:
    point = k * G
    assert Point.from_bytes(point.to_bytes()) == point
    assert Point.from_xy(point.to_xy()) == point
    assert Point.from_sum(point.to_xy()) == point


def test_both_signs_of_y() -> None:
    even = even_root(ON_CURVE_X)
    assert even is not None
    assert Point.from_bytes(b"\x02" + number(ON_CURVE_X)).y == even
    assert Point.from_bytes(b"\x03" + number(ON_CURVE_X)).y == P - even


def test_even_root_of_what_is_no_coordinate() -> None:
    assert even_root(P) is None
    assert even_root(OFF_CURVE_X) is None


def test_identity_is_computed_with_but_never_written() -> None:
    assert Point.from_sum(IDENTITY_BYTES) == IDENTITY
    assert IDENTITY.is_identity
    assert not G.is_identity
    with refused(Rejected, "E_IDENTITY"):
        IDENTITY.to_bytes()
    with refused(Rejected, "E_IDENTITY"):
        IDENTITY.to_xy()


@pytest.mark.parametrize("i", range(-8, 9))
def test_small_multiples_add_like_integers(i: int) -> None:
    for j in range(-8, 9):
        assert i * G + j * G == (i + j) * G
        assert i * G - j * G == (i - j) * G
        assert i * (j * G) == (i * j) * G
    assert -(i * G) == -i * G
    assert i * G + IDENTITY == i * G == IDENTITY + i * G


def test_multiplication_is_mod_n() -> None:
    assert N * G == IDENTITY == 0 * G
    assert (N + 5) * G == 5 * G
    assert (N - 1) * G == -G


def test_to_affine_of_every_identity() -> None:
    assert to_affine((0, 0, 1)) == to_affine((5, 7, 0)) == to_affine((0, 0, 0)) == IDENTITY


def test_generator_is_the_first_x_on_the_curve() -> None:
    for label in ("bit/0", "bit/1", "bit/63", "blind", "inner"):
        counter = 0
        while even_root(int.from_bytes(tagged("generator", label.encode() + u32(counter)), "big")) is None:
            counter += 1
        point = generator(label)
        assert number(point.x) == tagged("generator", label.encode() + u32(counter))
        assert point.y % 2 == 0
        assert (point.y**2 - point.x**3 - 7) % P == 0


def test_generators_differ() -> None:
    points = {bit_generator(k) for k in range(128)} | {generator(x) for x in ("blind", "round/0", "round/1", "inner")}
    assert len(points | {G}) == 128 + 4 + 1


def test_scalar_round_trip() -> None:
    for value in (0, 1, N - 1):
        assert scalar_from_bytes(scalar_to_bytes(value)) == value


@pytest.mark.parametrize(
    "data",
    [b"", bytes(31), bytes(33), number(N), number(N + 1), b"\xff" * 32],
    ids=["empty", "31 bytes", "33 bytes", "n", "n + 1", "2^256 - 1"],
)
def test_scalar_refused(data: bytes) -> None:
    with refused(Malformed, "E_SCALAR", where="z"):
        scalar_from_bytes(data, "z")


def test_value_commitment() -> None:
    assert value_commitment(5, 7) == 5 * G + 7 * H
    assert value_commitment(1, 0) == G
