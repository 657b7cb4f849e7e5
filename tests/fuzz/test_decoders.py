"""A fixed number of mutated inputs for every decoder; ``make fuzz`` goes on without end."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.run import fuzz
from tests.fuzz.targets import Target, attempt, mutate, targets

CASES = 300
TARGETS = [target.name for target in targets()]


def named(name: str) -> Target:
    return next(target for target in targets() if target.name == name)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_accepted(name: str) -> None:
    """A target whose seeds are refused would fuzz nothing but its first check."""
    target = named(name)
    assert all(attempt(target, seed) for seed in target.seeds)


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_seeds(name: str) -> None:
    target, rng = named(name), random.Random(name)
    accepted = sum(attempt(target, mutate(rng, rng.choice(target.seeds))) for _ in range(CASES))
    assert accepted < CASES


@pytest.mark.parametrize("name", TARGETS)
def test_cut_off_anywhere(name: str) -> None:
    for seed in (target := named(name)).seeds:
        for end in range(0, len(seed), max(1, len(seed) // 40)):
            attempt(target, seed[:end])


def test_the_endless_run_ends_when_told() -> None:
    assert fuzz(7, limit=100) >= 100


def test_what_a_decoder_should_never_do_is_seen() -> None:
    def broken(data: bytes) -> bytes:
        return data[1:] if data else bytes(data[0])

    with pytest.raises(IndexError):
        attempt(Target("broken", broken, (b"a",)), b"")
    with pytest.raises(AssertionError, match="differently"):
        attempt(Target("broken", broken, (b"a",), lambda found: found), b"ab")
