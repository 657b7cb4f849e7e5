"""Parity tests need both engines; where solvent-core is not installed there is nothing to compare."""

from __future__ import annotations

from tests.support.engines import available

collect_ignore_glob = [] if "core" in available() else ["test_*.py"]
