"""Fixtures of these tests."""

from tests.support.engines import engine
from tests.support.postgresql import postgresql_url
from tests.support.sample import sample

__all__ = ["engine", "postgresql_url", "sample"]
