"""Key files: the master key and the signing key, both readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from attest.secrets import MasterKey
from attest.signing import LocalSigner
from verifier.errors import Malformed, Unavailable

MASTER_PREFIX: Final = "slv_m_"


def create_master_key(path: Path) -> MasterKey:
    """Make a master key and write it. Raises Unavailable (E_FILE) rather than overwrite a file."""
    key = MasterKey(secrets.token_bytes(32))
    _create(path, f"{MASTER_PREFIX}{key.secret.hex()}\n".encode())
    return key


def create_signing_key(path: Path) -> LocalSigner:
    """Make an Ed25519 key and write it as PKCS#8 PEM. Raises Unavailable (E_FILE) rather than overwrite a file."""
    key = Ed25519PrivateKey.generate()
    _create(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return LocalSigner(key)


def load_master_key(path: Path) -> MasterKey:
    """Read a master key. Raises Unavailable or Malformed; no error quotes the file."""
    digits = _read(path).strip().removeprefix(MASTER_PREFIX.encode())
    try:
        secret = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise _not_a_key(path, "a master key")
    return MasterKey(secret)


def load_signer(path: Path) -> LocalSigner:
    """Read a signing key. Raises Unavailable or Malformed; no error quotes the file."""
    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError):
        raise _not_a_key(path, "an unencrypted Ed25519 key in PKCS#8 PEM form") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path, "an Ed25519 key")
    return LocalSigner(key)


def _create(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Unavailable(
            "this key file exists already and is not overwritten",
            where=str(path),
            code="E_FILE",
            hint="choose another directory, or move the old key away if you are sure that nothing needs it",
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise Unavailable(
                "other users of this machine can read this key",
                where=str(path),
                code="E_KEY",
                hint=f"run: chmod 600 {path}",
            )
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(
            f"the key cannot be read: {(error.strerror or 'unknown reason').lower()}",
            where=str(path),
            code="E_FILE",
            hint="run solvent init, or set the path in solvent.toml",
        ) from None


def _not_a_key(path: Path, what: str) -> Malformed:
    return Malformed(
        f"this file does not hold {what}", where=str(path), code="E_KEY", hint="restore it from the backup"
    )
