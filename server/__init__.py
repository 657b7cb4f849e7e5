"""The service: publishes attestations as files, rows and pages. It holds no key and verifies nothing for anyone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from server.settings import Settings

__all__ = ["create_app"]


def create_app(config: Settings | None = None) -> Flask:
    """The WSGI application of one site; without ``config``, of the directory in the environment's SOLVENT_SITE."""
    from server.settings import SITE
    from server.settings import Settings as Loaded
    from server.web.app import build

    return build(config or Loaded.load(Path(os.environ.get(SITE, "site"))))
