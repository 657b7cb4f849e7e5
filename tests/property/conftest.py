"""Fixtures of these tests."""

from tests.support.engines import engine
from tests.support.sample import sample

__all__ = ["engine", "sample"]
