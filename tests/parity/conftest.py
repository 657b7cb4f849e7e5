"""Parity tests need both engines; where solvent-core is not installed there is nothing to compare."""

from __future__ import annotations

import os

import pytest

from tests.support.engines import available

collect_ignore_glob = [] if "core" in available() else ["test_*.py"]

if collect_ignore_glob and os.environ.get("CI"):
    pytest.exit("solvent-core is not installed, so the engines cannot be compared", returncode=1)
