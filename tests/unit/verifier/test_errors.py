"""Errors say what went wrong, where, and what to do."""

from __future__ import annotations

import pytest

from verifier import errors
from verifier.errors import Malformed, Rejected, SolventError, Unavailable


@pytest.mark.parametrize("kind", [Malformed, Rejected, Unavailable])
def test_every_kind_carries_the_same_parts(kind: type[SolventError]) -> None:
    error = kind("it is broken", where="row 3", code="E_TYPE", step="3.5a", hint="mend it")
    assert (error.message, error.where, error.code) == ("it is broken", "row 3", "E_TYPE")
    assert (error.step, error.hint) == ("3.5a", "mend it")
    assert str(error) == "row 3: it is broken"
    assert isinstance(error, SolventError)


def test_without_a_place_only_the_sentence_is_shown() -> None:
    assert str(Malformed("it is broken")) == "it is broken"


def test_there_are_exactly_three_kinds() -> None:
    kinds = {name for name, value in vars(errors).items() if isinstance(value, type) and value.__base__ is SolventError}
    assert kinds == {"Malformed", "Rejected", "Unavailable"}
    assert not issubclass(Malformed, Rejected)
    assert not issubclass(SolventError, ValueError)
