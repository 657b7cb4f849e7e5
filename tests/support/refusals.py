"""How tests say what must be refused: the exact kind of error, its code, its step and its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from verifier.errors import SolventError


@contextmanager
def refused(
    kind: type[SolventError], code: str, *, step: str = "", where: str | None = None
) -> Iterator[pytest.ExceptionInfo[SolventError]]:
    """Expect this refusal. Its message is one line, and it never quotes a Python object."""
    with pytest.raises(SolventError) as caught:
        yield caught
    error = caught.value
    assert (isinstance(error, kind), error.code, error.step) == (True, code, step), f"{error!r} at {error.where!r}"
    assert where is None or error.where == where, error.where
    assert error.message, "a refusal says why"
    assert "\n" not in error.message + error.where + error.hint
