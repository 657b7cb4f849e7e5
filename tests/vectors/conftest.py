"""Every vector is run on every engine that is installed here, and on each of the core's kernels."""

from tests.support.engines import engine

__all__ = ["engine"]
