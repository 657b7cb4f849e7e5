"""Fixtures of these tests."""

from tests.support.sample import sample

__all__ = ["sample"]
