"""Fixtures of these tests."""

from tests.support.postgresql import postgresql_url
from tests.support.site import claiming, claiming_site, client, database, frozen_site, own_site

__all__ = ["claiming", "claiming_site", "client", "database", "frozen_site", "own_site", "postgresql_url"]
