"""What a command leaves behind: private files, whole or not at all, never over one that exists."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from verifier.errors import Unavailable


@contextmanager
def new_private(path: Path) -> Iterator[TextIO]:
    """A new text file of mode 0600 at ``path``, which appears when the block ends well. Raises Unavailable (E_FILE)."""
    require_new(path)
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with _open(part, path) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        require_new(path)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def require_new(path: Path) -> None:
    """Raises Unavailable (E_FILE) where something stands already: asked before long work, not after it."""
    if path.is_symlink() or path.exists():
        raise Unavailable(
            "this exists already and is not overwritten",
            where=str(path),
            code="E_FILE",
            hint="choose another name, or move it away",
        )
    if not path.parent.is_dir():
        raise Unavailable(
            "there is no such directory", where=str(path.parent), code="E_FILE", hint="make it, or choose another"
        )


def _open(part: Path, path: Path) -> TextIO:
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Unavailable(
            f"the file cannot be written: {(error.strerror or 'unknown reason').lower()}",
            where=str(path),
            code="E_FILE",
            hint="choose a directory that you may write to",
        ) from None
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
