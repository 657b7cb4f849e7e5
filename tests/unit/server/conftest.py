"""Fixtures of these tests."""

from tests.support.postgresql import postgresql_url
from tests.support.site import client, database, frozen_site, own_site

__all__ = ["client", "database", "frozen_site", "own_site", "postgresql_url"]
