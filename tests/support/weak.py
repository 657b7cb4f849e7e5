"""Verifiers weakened in exactly one place, everything else real: what shows that an attack is an attack.

Each context manager takes one check or one binding away. Inside, a forgery must be accepted; outside, refused.
"""

from __future__ import annotations
import __future__

import inspect
import secrets
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from verifier import equations
from verifier.equations import Batch, Term
from verifier.group import Point
from verifier.hashing import lp, tagged, wide
from verifier.transcript import Transcript


@contextmanager
def mutated(function: Callable[..., Any], *changes: str) -> Iterator[None]:
    """``function`` with old text replaced by new (old, new, old, new, ...), wherever it was imported.

    Each old text must stand once in the function, so a verifier that moved on makes the test fail, not pass.
    """
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function))
    source = source[source.index("def ") :]
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert source.count(old) == 1, f"{function.__qualname__} has {source.count(old)} places that read {old!r}"
        source = source.replace(old, new)
    flags = __future__.annotations.compiler_flag
    code = compile(source, f"<weak {function.__qualname__}>", "exec", flags, dont_inherit=True)
    made: dict[str, Any] = {}
    exec(code, sys.modules[function.__module__].__dict__, made)  # noqa: S102 - our own source, changed in one place
    original = function.__code__
    function.__code__ = made[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = original


@contextmanager
def batch_weights(choose: Callable[[str, str], int | None]) -> Iterator[None]:
    """Equations get the weight ``choose(step, where)``, or a random one as always where it is None."""
    real_require = Batch.require

    def require(self: Batch, step: str, where: str, terms: list[Term], bits: Sequence[int] = ()) -> None:
        weight = choose(step, where)
        if weight is None:
            real_require(self, step, where, terms, bits)
            return
        with patch.object(equations, "secrets", SimpleNamespace(randbelow=lambda limit: weight - 1)):
            real_require(self, step, where, terms, bits)

    with patch.object(Batch, "require", require):
        yield


@contextmanager
def without_step(step: str) -> Iterator[None]:
    """The equations of one step are never checked."""
    with batch_weights(lambda step_, where: 0 if step_ == step else None):
        yield


@contextmanager
def only_summed(*steps: str) -> Iterator[None]:
    """The equations of these steps are added up and only their sum is checked."""
    weight = 1 + secrets.randbelow(2**128 - 1)
    with batch_weights(lambda step, where: weight if step in steps else None):
        yield


@contextmanager
def not_absorbed(*labels: str) -> Iterator[None]:
    """The transcript leaves out what is absorbed under these labels."""
    real_absorb = Transcript.absorb_bytes

    def absorb_bytes(self: Transcript, label: str, data: bytes) -> None:
        if label not in labels:
            real_absorb(self, label, data)

    with patch.object(Transcript, "absorb_bytes", absorb_bytes):
        yield


@contextmanager
def forks_without_index() -> Iterator[None]:
    """A fork is bound to its label alone, so all chunks start alike."""
    real_fork = Transcript.fork

    def fork(self: Transcript, label: str, index: int) -> Transcript:
        return real_fork(self, label, 0)

    with patch.object(Transcript, "fork", fork):
        yield


@contextmanager
def frozen_challenges() -> Iterator[None]:
    """A challenge leaves the state as it was, so the next one under its label is the same."""

    def challenge(self: Transcript, label: str) -> int:
        return wide("expand", tagged("challenge", self.state + lp(label.encode())))

    with patch.object(Transcript, "challenge", challenge):
        yield


@contextmanager
def identity_allowed() -> Iterator[None]:
    """The identity is encoded like any point."""
    with patch.object(Point, "_refuse_identity", lambda self: None):
        yield
