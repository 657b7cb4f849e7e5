"""Points: encoding, sums of products and sum trees, exhaustively on small multiples of G."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parity.both import CORE, EDGES, REFERENCE, SMALL, multiples, packed, points, same, same_refusal, scalars
from verifier.errors import Malformed, Rejected
from verifier.group import IDENTITY_BYTES, G, P, even_root
from verifier.hashing import N

CTX = bytes(range(32))


def ids(count: int) -> bytes:
    return random.Random(count).randbytes(32 * count)


def test_compress_every_small_multiple() -> None:
    data = points(range(-8, 9))
    assert same(lambda engine: engine.compress(data))[33 * 9 : 33 * 10] == G.to_bytes()
    assert same(lambda engine: engine.compress(b"")) == b""


def test_decompress_every_small_multiple() -> None:
    data = points([*range(-8, 0), *range(1, 9)])
    assert same(lambda engine: engine.decompress(engine.compress(data))) == data
    assert same(lambda engine: engine.decompress(b"")) == b""


OFF_CURVE = next(x for x in range(1, 99) if even_root(x) is None)
NO_POINTS = {
    "zero bytes": bytes(33),
    "prefix 00": b"\0" + G.to_bytes()[1:],
    "prefix 01": b"\1" + G.to_bytes()[1:],
    "prefix 04": b"\4" + G.to_bytes()[1:],
    "prefix ff": b"\xff" + G.to_bytes()[1:],
    "off the curve": b"\2" + OFF_CURVE.to_bytes(32, "big"),
    "x = p": b"\2" + P.to_bytes(32, "big"),
    "x above p": b"\3" + (P + next(x for x in range(1, 99) if even_root(x))).to_bytes(32, "big"),
    "x = 2^256 - 1": b"\2" + b"\xff" * 32,
}


@pytest.mark.parametrize("name", NO_POINTS)
@pytest.mark.parametrize("place", [0, 1, 40])
def test_decompress_names_the_first_that_is_no_point(name: str, place: int) -> None:
    data = G.to_bytes() * place + NO_POINTS[name] + G.to_bytes() * 40 + NO_POINTS[name]
    told = same_refusal(lambda engine: engine.decompress(data))
    assert (told.code, told.where) == ("E_POINT", f"record {place}")


@given(st.lists(st.binary(min_size=33, max_size=33), max_size=4))
def test_decompress_anything(records: list[bytes]) -> None:
    data = b"".join(bytes([2 + record[0] % 2]) + record[1:] for record in records)
    answers = []
    for engine in (CORE, REFERENCE):
        try:
            answers.append(engine.decompress(data).hex())
        except Malformed as error:
            answers.append(f"{error.code} {error.where}")
    assert len(set(answers)) == 1


def test_generators() -> None:
    labels = ["blind", "round/0", "round/1", "inner", "", "x" * 200, *(f"bit/{k}" for k in range(40))]
    assert same(lambda engine: engine.generators(labels))
    assert same(lambda engine: engine.generators([])) == b""


@pytest.mark.parametrize(("a", "b"), [(a, b) for a in EDGES[:6] for b in EDGES[:6]])
def test_two_edge_scalars(a: int, b: int) -> None:
    for i, j in [(1, 1), (1, -1), (3, 5), (0, 2), (0, 0)]:
        data = points([i, j])
        result = same(lambda engine, data=data: engine.multiply_sum(data, packed([a, b])))  # type: ignore[misc]
        total = (i * a + j * b) % N
        assert result == (IDENTITY_BYTES if total == 0 else (total * G).to_xy())


def test_every_pair_of_small_multiples_and_scalars() -> None:
    for i, j in product(range(-8, 9), repeat=2):
        for k in (1, 2, N - 1):
            result = CORE.multiply_sum(points([i, j]), packed([k, 1]))
            signed = k if k < 3 else -1
            total = signed * i + j
            assert result == (IDENTITY_BYTES if total == 0 else (total * G).to_xy())


@given(st.lists(st.tuples(multiples, scalars), max_size=60))
def test_sums_of_products(terms: list[tuple[int, int]]) -> None:
    data, factors = points([k for k, _ in terms]), packed([s for _, s in terms])
    result = same(lambda engine: engine.multiply_sum(data, factors))
    total = sum(k * s for k, s in terms) % N
    assert result == (IDENTITY_BYTES if total == 0 else (total * G).to_xy())


@given(st.lists(st.tuples(multiples.filter(bool), scalars, scalars), max_size=9))
def test_sums_with_the_generator(terms: list[tuple[int, int, int]]) -> None:
    data = points([k for k, _, _ in terms])
    of_g, of_points = packed([a for _, a, _ in terms]), packed([b for _, _, b in terms])
    same(lambda engine: engine.sums_with_generator(data, of_g, of_points))


def test_sums_with_the_generator_of_every_small_multiple() -> None:
    cases = [(k, a % N, b % N) for k in range(-8, 9) if k for a in range(-8, 9) for b in (-3, -1, 0, 1, 8)]
    data, of_g = points([k for k, _, _ in cases]), packed([a for _, a, _ in cases])
    found = same(lambda engine: engine.sums_with_generator(data, of_g, packed([b for _, _, b in cases])))
    assert found[:64] == ((-8 - 8 * -3) * G).to_xy()


@pytest.mark.parametrize("count", [47, 48, 130, 600, 1500])
def test_larger_sums_of_products(count: int) -> None:
    rng = random.Random(count)
    numbers = [rng.choice(list(SMALL)) for _ in range(count)]
    factors = [rng.choice([*EDGES, rng.randrange(N), rng.randrange(1 << 64)]) for _ in range(count)]
    same(lambda engine: engine.multiply_sum(points(numbers), packed(factors)))


def test_leaves_are_read() -> None:
    numbers = [k for k in range(-8, 9) if k]
    leaves = b"".join(SMALL[k] + bytes([k & 255]) * 32 for k in numbers)
    assert same(lambda engine: engine.read_leaves(leaves))[0] == points(numbers)
    assert same(lambda engine: engine.read_leaves(b"")) == (b"", b"")


X, Y = G.to_xy()[:32], G.to_xy()[32:]
BAD_POINTS = {
    "identity": bytes(64),
    "off the curve": X + Y[:-1] + bytes([Y[-1] ^ 1]),
    "x is p": P.to_bytes(32, "big") + Y,
    "y is not below p": X + b"\xff" * 32,
    "coordinates exchanged": Y + X,
}


@pytest.mark.parametrize("name", BAD_POINTS)
@pytest.mark.parametrize("position", [0, 3, 9])
def test_the_first_bad_leaf_is_named(name: str, position: int) -> None:
    records = [SMALL[k % 8 + 1] + bytes(32) for k in range(10)]
    records[position] = BAD_POINTS[name] + bytes(32)
    records[9] = bytes(96)
    error = same_refusal(lambda engine: engine.read_leaves(b"".join(records)))
    assert isinstance(error, Malformed)
    assert error.where == f"record {position}"


@given(st.integers(0, 2**63), st.binary(max_size=40), st.lists(multiples, max_size=9))
def test_leaf_hashes(start: int, ctx: bytes, numbers: list[int]) -> None:
    same(lambda engine: engine.leaf_hashes(ctx, start, points(numbers), ids(len(numbers))))


@pytest.mark.parametrize("count", range(18))
def test_a_level_of_each_size(count: int) -> None:
    numbers = [k % 4 + 1 for k in range(count)]
    same(lambda engine: engine.tree_level(points(numbers), ids(count)))


def test_every_pair_in_a_tree() -> None:
    for i, j in product(range(-8, 9), repeat=2):
        data = points([i, j])
        if i + j:
            assert same(lambda engine, data=data: engine.tree_level(data, ids(2)))[0] == SMALL.get(  # type: ignore[misc]
                i + j, ((i + j) * G).to_xy()
            )
        else:
            error = same_refusal(lambda engine, data=data: engine.tree_level(data, ids(2)))  # type: ignore[misc]
            assert isinstance(error, Rejected)


@given(st.lists(st.integers(0, 6), max_size=12))
def test_duplicates(values: list[int]) -> None:
    data = b"".join(bytes(31) + bytes([value]) for value in values)
    result = same(lambda engine: engine.first_duplicate(data))
    assert (result is None) == (len(set(values)) == len(values))


def test_duplicates_that_share_a_long_prefix() -> None:
    data = b"".join(bytes(24) + (i % 700).to_bytes(8, "big") for i in range(1000))
    assert same(lambda engine: engine.first_duplicate(data)) == (0, 700)
