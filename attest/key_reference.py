"""Where a private key is: a file, or an object in a PKCS#11 token named by a ``pkcs11:`` URI (RFC 7512).

A reference never holds a secret: a URI with ``pin-value`` is refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from verifier.errors import Malformed

SCHEME: Final = "pkcs11:"
_PATH: Final = ("token", "serial", "object", "id", "type")
_QUERY: Final = ("module-path", "pin-source")
_EXAMPLE: Final = "write pkcs11:token=NAME;object=LABEL; after a ? may follow module-path=/lib.so&pin-source=file:/pin"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A private key in a token: the token by its label or serial, the key by its label or id.

    ``module`` is the vendor's library and ``pin_source`` the file of the PIN, where the URI names them.
    """

    token: str = ""
    serial: str = ""
    label: str = ""
    id: bytes = b""
    module: Path | None = None
    pin_source: Path | None = None

    def __str__(self) -> str:
        parts = {"token": self.token.encode(), "serial": self.serial.encode(), "object": self.label.encode()}
        named = [f"{key}={quote(value, safe='')}" for key, value in (parts | {"id": self.id}).items() if value]
        return SCHEME + ";".join(named)


KeyReference = Path | TokenKey


def key_reference(text: str, base: Path = Path(), where: str = "key") -> KeyReference:
    """The key that ``text`` names; a relative path starts at ``base``. Raises Malformed (E_KEY)."""
    if not text.startswith(SCHEME):
        return base / text
    path, _, query = text.removeprefix(SCHEME).partition("?")
    found = _attributes(path, ";", _PATH, where) | _attributes(query, "&", _QUERY, where)
    if found.pop("type", b"private") != b"private":
        raise _refused("names no private key", where)
    words = {key: _text(found[key], where) for key in ("token", "serial", "object") if key in found}
    reference = TokenKey(
        token=words.get("token", ""),
        serial=words.get("serial", ""),
        label=words.get("object", ""),
        id=found.get("id", b""),
        module=_place(found.get("module-path"), base, where),
        pin_source=_place(found.get("pin-source"), base, where),
    )
    if not (reference.token or reference.serial) or not (reference.label or reference.id):
        raise _refused("names no token, or no key in it", where)
    return reference


def _attributes(text: str, separator: str, known: tuple[str, ...], where: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else []:
        key, equals, value = part.partition("=")
        if key == "pin-value":
            raise Malformed(
                "a PIN does not belong into a key's name, where logs and other users see it",
                where=where,
                code="E_KEY",
                hint="use pin-source=file:/path, or pin_file or pin_env of [keys]; or be asked for it",
            )
        if key not in known or not equals or key in found:
            raise _refused(f"{key[:40]!r} is {'written twice' if key in found else 'not understood'}", where)
        found[key] = unquote_to_bytes(value.encode("utf-8", "surrogateescape"))
    return found


def _text(value: bytes, where: str) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("is not UTF-8", where) from None


def _place(value: bytes | None, base: Path, where: str) -> Path | None:
    """A file's path; pin-source writes it as a file: URI."""
    if value is None:
        return None
    path = os.fsdecode(value).removeprefix("file://").removeprefix("file:")
    if not path or path.startswith("|"):
        raise _refused("names no file", where)
    return base / path


def _refused(message: str, where: str) -> Malformed:
    return Malformed(f"this pkcs11 URI {message}", where=where, code="E_KEY", hint=_EXAMPLE)
