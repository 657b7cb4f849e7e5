"""How vectors are written: JSON in ASCII, sorted, bytes as hex, base64 or exact text."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier.group import Point
from verifier.hashing import N
from verifier.tree import Node


def as_file(data: bytes) -> dict[str, str]:
    """A file's bytes: ``{"text": ...}`` where they are UTF-8 without control characters, else ``{"base64": ...}``."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if any(ord(character) < 0x20 for character in text):
        return {"base64": base64.b64encode(data).decode("ascii")}
    return {"text": text}


def as_files(files: Mapping[str, bytes | None]) -> dict[str, Any]:
    """Several files; None is one that is not there."""
    return {name: None if data is None else as_file(data) for name, data in files.items()}


def point(value: Point) -> str:
    """33 bytes in hex."""
    return value.to_bytes().hex()


def scalar(value: int) -> str:
    """32 bytes in hex."""
    return (value % N).to_bytes(32, "big").hex()


def node(value: Node) -> dict[str, str]:
    """A node of the tree."""
    return {"C": point(value.C), "h": value.h.hex()}


def write(path: Path, document: Any) -> None:
    """One JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="ascii")
