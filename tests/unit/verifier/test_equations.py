"""Equations together and one by one: both accept what holds, and nothing else."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from verifier.engine import Engine
from verifier.equations import MEANING, Batch, OneByOne
from verifier.errors import Rejected
from verifier.group import G, H, Point, bit_generator
from verifier.hashing import N

GENERATORS = bit_generator(0).to_xy() + bit_generator(1).to_xy()
GOOD = [
    ([(5, G), (N - 5, G)], ()),
    ([(2, H), (-1, H + H)], ()),
    ([(-3, bit_generator(0)), (-4, bit_generator(1))], (3, 4)),
    ([(7, Point(0, 0))], ()),
    ([], ()),
    ([], (0, 0)),
    ([(-3, bit_generator(0))], (3,)),
]
BAD = [
    ([(1, G)], ()),
    ([(5, G), (N - 4, G)], ()),
    ([], (0, 1)),
    ([(-3, bit_generator(0)), (-4, bit_generator(1))], (4, 3)),
    ([(1, G), (1, H)], ()),
]


@pytest.mark.parametrize("i", range(len(GOOD)))
def test_what_holds(engine: Engine, i: int) -> None:
    terms, bits = GOOD[i]
    OneByOne(engine, GENERATORS).require("3.5a", "here", terms, bits)
    batch = Batch(engine, GENERATORS)
    batch.require("3.5a", "here", terms, bits)
    assert batch.holds()


@pytest.mark.parametrize("i", range(len(BAD)))
def test_what_does_not(engine: Engine, i: int) -> None:
    terms, bits = BAD[i]
    with refused(Rejected, "E_PROOF", step="3.5c", where="there"):
        OneByOne(engine, GENERATORS).require("3.5c", "there", terms, bits)
    for before in (GOOD, []):
        batch = Batch(engine, GENERATORS)
        for good_terms, good_bits in before:
            batch.require("3.5a", "here", good_terms, good_bits)
        batch.require("3.5c", "there", terms, bits)
        assert not batch.holds()


@pytest.mark.parametrize("step", MEANING)
def test_a_refusal_says_what_it_means(engine: Engine, step: str) -> None:
    with refused(Rejected, "E_PROOF", step=step) as told:
        OneByOne(engine, GENERATORS).require(step, "there", [(1, G)])
    assert str(told.value).endswith(f"the proof does not hold: {MEANING[step]}")


def test_two_wrongs_that_cancel_are_still_wrong(engine: Engine) -> None:
    """Equations that are only right together: unweighted, their sum would vanish."""
    batch = Batch(engine, GENERATORS)
    batch.require("3.5b", "round 1", [(5, G)], (1,))
    batch.require("3.5b", "round 2", [(-5, G), (-1, bit_generator(0))])
    assert not batch.holds()


def test_an_empty_batch_holds(engine: Engine) -> None:
    assert Batch(engine, GENERATORS).holds()
    assert Batch(engine, b"").holds()


def test_weights_are_drawn_anew(engine: Engine) -> None:
    def weights() -> tuple[int, ...]:
        batch = Batch(engine, b"")
        for _ in range(4):
            batch.require("", "", [(1, G)])
        return tuple(scalar for scalar, _ in batch._terms)

    first, second = weights(), weights()
    assert len({*first, *second}) == 8
    assert all(0 < weight < 2**128 for weight in first + second)
