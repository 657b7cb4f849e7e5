"""Running the Python examples of a page."""

from __future__ import annotations

import doctest

from tests.docs.pages import blocks


def failures(text: str, report: list[str]) -> int:
    """Run every Python block of a page, one after the other in one namespace; how many examples failed."""
    runner, names = doctest.DocTestRunner(verbose=False), {"__name__": "page"}
    for number, block in enumerate(blocks(text, "python")):
        test = doctest.DocTestParser().get_doctest(block, names, f"block {number}", None, None)
        test.globs = names  # the parser makes a copy; the blocks of a page build on each other
        runner.run(test, out=report.append, clear_globs=False)
    return runner.summarize(verbose=False).failed
