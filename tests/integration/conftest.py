"""Fixtures of these tests."""

from tests.support.engines import engine
from tests.support.postgresql import postgresql_url
from tests.support.sample import sample
from tests.support.site import frozen_site

__all__ = ["engine", "frozen_site", "postgresql_url", "sample"]
