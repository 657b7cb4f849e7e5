"""Document files: read with a plain error, replaced in one step."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from verifier.errors import Malformed, Unavailable


def read_bytes(path: Path, what: str, hint: str = "check the path") -> bytes:
    """The bytes of ``what``. Raises Unavailable (E_FILE)."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unavailable(f"{what} cannot be read: {reason}", where=str(path), code="E_FILE", hint=hint) from None


def read_text(path: Path, what: str, hint: str = "check the path") -> str:
    """The text of ``what``. Raises Unavailable (E_FILE), or Malformed where it is not UTF-8."""
    try:
        return read_bytes(path, what, hint).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("is not UTF-8", where=str(path), code="E_FILE", hint="save the file as UTF-8") from None


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``: readers see what was there before, or all of this. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
