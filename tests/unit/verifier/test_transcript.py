"""The transcript: every item, its label and its order count; forks are independent."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from verifier.errors import Rejected
from verifier.group import G, Point
from verifier.hashing import N, lp, tagged, u32, u64, wide
from verifier.transcript import Transcript


def after(*items: tuple[str, bytes]) -> bytes:
    transcript = Transcript.start("book")
    for label, data in items:
        transcript.absorb_bytes(label, data)
    return transcript.state


def test_definitions() -> None:
    transcript = Transcript.start("book")
    state = tagged("transcript", b"book")
    assert transcript.state == state
    transcript.absorb_bytes("a", b"data")
    state = tagged("absorb", state + lp(b"a") + u64(4) + b"data")
    assert transcript.state == state
    fork = transcript.fork("chunk", 2**63)
    assert fork.state == tagged("fork", state + lp(b"chunk") + u64(2**63))
    assert transcript.state == state
    challenge = transcript.challenge("x")
    assert transcript.state == tagged("challenge", state + lp(b"x"))
    assert challenge == wide("expand", transcript.state)


def test_everything_changes_the_state() -> None:
    states = [
        after(),
        after(("a", b"")),
        after(("a", b"x")),
        after(("b", b"x")),
        after(("a", b"x"), ("a", b"")),
        after(("a", b""), ("a", b"x")),
        after(("a", b"xy")),
        after(("ax", b"y")),
        after(("a", b"x"), ("a", b"y")),
        after(("a", b"y"), ("a", b"x")),
        Transcript.start("claims").state,
        Transcript.start("book").fork("chunk", 0).state,
        Transcript.start("book").fork("chunk", 1).state,
        Transcript.start("book").fork("totals", 0).state,
    ]
    assert len(set(states)) == len(states)


def test_two_challenges_never_repeat() -> None:
    transcript = Transcript.start("book")
    seen = {transcript.challenge("r") for _ in range(10)}
    assert len(seen) == 10
    assert all(0 <= value < N for value in seen)


def test_a_challenge_is_bound_by_its_label() -> None:
    assert Transcript.start("book").challenge("x") != Transcript.start("book").challenge("y")


def test_typed_absorption() -> None:
    typed, plain = Transcript.start("book"), Transcript.start("book")
    typed.absorb_u32("n", 7)
    typed.absorb_u64("n", 7)
    typed.absorb_point("P", G, b"\x02")
    typed.absorb_scalar("s", 5, b"\x01")
    for label, data in [
        ("n", u32(7)),
        ("n", u64(7)),
        ("P", b"\x02" + G.to_bytes()),
        ("s", b"\x01" + (5).to_bytes(32, "big")),
    ]:
        plain.absorb_bytes(label, data)
    assert typed.state == plain.state


def test_identity_is_refused_and_changes_nothing() -> None:
    transcript = Transcript.start("book")
    before = transcript.state
    with refused(Rejected, "E_IDENTITY"):
        transcript.absorb_point("alpha", Point(0, 0))
    assert transcript.state == before


@pytest.mark.parametrize("value", [-1, 2**64])
def test_counts_out_of_range_are_bugs(value: int) -> None:
    with pytest.raises(OverflowError):
        Transcript.start("book").absorb_u64("n", value)
