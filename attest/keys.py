"""Key files, readable by their owner alone: the master key and signing keys, each encrypted or not.

Signing keys are Ed25519 in PKCS#8 PEM. An encrypted file is PKCS#8 too (scrypt, AES-256), so that ``openssl pkey``
opens and re-encrypts it; the 32 bytes of an encrypted master key travel in it as an X25519 key, which can never be
mistaken for a signing key.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from Crypto.IO import PEM, PKCS8
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from attest.passphrases import SecretSource, passphrase_source
from attest.secrets import MasterKey
from attest.signing import LocalSigner
from verifier.errors import Malformed, Unavailable

MASTER_PREFIX: Final = "slv_m_"
ENCRYPTED: Final = "ENCRYPTED PRIVATE KEY"
_OIDS: Final = {Ed25519PrivateKey: "1.3.101.112", X25519PrivateKey: "1.3.101.110"}
_SCRYPT_ROUNDS: Final = 2**14
"""As much work as OpenSSL accepts when it reads a key (16 MB)."""


def create_master_key(path: Path, passphrase: bytes | None = None) -> MasterKey:
    """Make a master key and write it. Raises Unavailable (E_FILE) rather than overwrite a file."""
    key = MasterKey(secrets.token_bytes(32))
    if passphrase is None:
        _create(path, f"{MASTER_PREFIX}{key.secret.hex()}\n".encode())
    else:
        _create(path, _encrypted(key.secret, _OIDS[X25519PrivateKey], passphrase))
    return key


def create_signing_key(path: Path, passphrase: bytes | None = None) -> LocalSigner:
    """Make an Ed25519 key and write it as PKCS#8 PEM. Raises Unavailable (E_FILE) rather than overwrite a file."""
    key = Ed25519PrivateKey.generate()
    if passphrase is None:
        _create(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    else:
        _create(path, _encrypted(key.private_bytes_raw(), _OIDS[Ed25519PrivateKey], passphrase))
    return LocalSigner(key)


def load_master_key(path: Path, passphrase: SecretSource | None = None) -> MasterKey:
    """Read a master key; see ``load_signer``."""
    data = _read(path)
    if _is_encrypted(data):
        key = _decrypt(path, data, passphrase or passphrase_source())
        if not isinstance(key, X25519PrivateKey):
            raise _not_a_key(path, "a master key")
        return MasterKey(key.private_bytes_raw())
    digits = data.strip().removeprefix(MASTER_PREFIX.encode())
    try:
        secret = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise _not_a_key(path, "a master key")
    return MasterKey(secret)


def load_signer(path: Path, passphrase: SecretSource | None = None) -> LocalSigner:
    """Read a signing key. Raises Unavailable or Malformed; no error quotes the file.

    Without a ``passphrase``, whoever runs the command is asked for it.
    """
    data = _read(path)
    if _is_encrypted(data):
        key = _decrypt(path, data, passphrase or passphrase_source())
    else:
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError):
            raise _not_a_key(path, "an Ed25519 key in PKCS#8 PEM form") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path, "an Ed25519 key")
    return LocalSigner(key)


def _is_encrypted(data: bytes) -> bool:
    return f"-----BEGIN {ENCRYPTED}-----".encode() in data


def _encrypted(secret: bytes, oid: str, passphrase: bytes) -> bytes:
    """PKCS#8 of a 32-byte key (RFC 8410), encrypted by PBES2 with scrypt and AES-256-CBC."""
    inner = bytes((4, len(secret))) + secret
    wrapped = PKCS8.wrap(
        inner,
        oid,
        passphrase,
        "scryptAndAES256-CBC",
        {"iteration_count": _SCRYPT_ROUNDS, "block_size": 8, "parallelization": 1, "salt_size": 16},
        key_params=None,
    )
    return PEM.encode(wrapped, ENCRYPTED).encode() + b"\n"


def _decrypt(path: Path, data: bytes, passphrase: SecretSource) -> object:
    """The key inside. A passphrase typed for another key is tried first; then whoever runs this is asked once."""
    remembered = passphrase.remembers()
    try:
        return load_pem_private_key(data, password=passphrase.get(path.name))
    except (ValueError, TypeError):
        passphrase.forget()
    if remembered:
        return _decrypt(path, data, passphrase)
    raise Malformed(
        "the passphrase does not open this key, or the file is damaged",
        where=str(path),
        code="E_KEY",
        hint="try again; if it is lost, restore the key from its backup",
    )


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
