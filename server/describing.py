"""``python -m server.describing``: write server/openapi.json anew after a change of the interface."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from server.settings import Settings
from server.web.app import OPENAPI, build, describe


def main() -> None:
    """Write it."""
    with tempfile.TemporaryDirectory() as empty:
        document = describe(build(Settings(Path(empty))))
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    Path(__file__).with_name(OPENAPI).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
