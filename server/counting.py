"""Where the counters of all processes meet. The counting library looks for it when it is imported: this comes first."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PROCESSES: Final = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_counters() -> Iterator[None]:
    """A directory for them, gone afterwards."""
    directory = tempfile.mkdtemp(prefix="solvent-counters-")
    os.environ[PROCESSES] = directory
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)
