"""What `solvent init` makes: every key and document of an exchange that begins (docs/documents.md).

Everything is made in a hidden directory first and put in place at the end, solvent.toml last. A run that fails removes
what it made; what a killed run left is removed by the next one.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.config_template import template
from attest.documents.policy_template import policy_template
from attest.documents.readers import default_reader
from attest.documents.roots import YEAR, first_root, sign_root
from attest.keys import create_master_key, create_signing_key
from attest.signing import LocalSigner
from verifier.errors import Unavailable
from verifier.trust import names
from verifier.trust.threshold import Threshold

MASTER: Final = Path("keys/master.key")
SIGNING: Final = Path("keys/signing.key")
RISK: Final = Path("keys/risk.key")
LOG: Final = Path("keys/log.key")
STATEMENT: Final = Path("keys/statement.key")
ROOTS: Final = tuple(Path(f"keys/root-{i}.key") for i in (1, 2, 3))
ROOT: Final = Path("documents/root.json")
POLICY: Final = Path("policy.toml")
READER: Final = Path("reader.json")
PUBLIC_KEY: Final = Path("exchange-key.txt")
CONFIG: Final = Path("solvent.toml")
MADE: Final = (MASTER, SIGNING, RISK, LOG, STATEMENT, *ROOTS, ROOT, POLICY, READER, PUBLIC_KEY, CONFIG)
"""In the order in which they are put in place."""

_STAGING: Final = ".solvent-init-"
_SINGLE: Final = {names.EXCHANGE: SIGNING, names.RISK: RISK, names.LOG: LOG, names.STATEMENT: STATEMENT}


@dataclass(frozen=True, slots=True)
class Home:
    """What was made: the exchange's public key, and the digest of its root document (hex)."""

    exchange_key: str
    root_digest: str


def make_home(directory: Path, exchange: str, passphrase: bytes | None = None) -> Home:
    """Make everything of ``MADE``, or nothing. With a ``passphrase`` every private key is encrypted.

    Raises Unavailable (E_FILE) where one of the files exists.
    """
    _require_room(directory)
    with _staging(directory) as stage:
        create_master_key(stage / MASTER, passphrase)
        signers = {role: create_signing_key(stage / path, passphrase) for role, path in _SINGLE.items()}
        roots = [create_signing_key(stage / path, passphrase) for path in ROOTS]
        digest = _write_documents(stage, exchange, signers, roots)
        _put_in_place(stage, directory)
    return Home(signers[names.EXCHANGE].public_key.hex(), digest)


def _write_documents(stage: Path, exchange: str, signers: dict[str, LocalSigner], roots: list[LocalSigner]) -> str:
    roles = {role: Threshold((signer.public_key,), 1) for role, signer in signers.items()}
    roles[names.ROOT] = Threshold(tuple(signer.public_key for signer in roots), 2)
    root = first_root(exchange, roles, int(time.time()) + YEAR)
    for path, data in (
        (ROOT, sign_root(root, roots[:2]).to_bytes()),
        (POLICY, policy_template(exchange).encode()),
        (READER, default_reader(root).to_bytes()),
        (PUBLIC_KEY, f"{signers[names.EXCHANGE].public_key.hex()}\n".encode()),
        (CONFIG, template(exchange).encode()),
    ):
        write_new(stage / path, data)
    return root.digest


def write_new(path: Path, data: bytes) -> None:
    """A new file with ``data``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()


def _require_room(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise Unavailable(
            "this is not a directory", where=str(directory), code="E_FILE", hint="name a new or an empty directory"
        )
    for path in (CONFIG, *MADE):
        if (directory / path).is_symlink() or (directory / path).exists():
            raise Unavailable(
                "this exists already; nothing was written",
                where=str(directory / path),
                code="E_FILE",
                hint="choose an empty directory: a second master key would orphan every account key of the first",
            )


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    """A private directory inside ``directory``, which is made where it is missing and removed again on failure."""
    new = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.glob(f"{_STAGING}*"):
        shutil.rmtree(left)
    stage = directory / f"{_STAGING}{secrets.token_hex(8)}"
    stage.mkdir(mode=0o700)
    try:
        yield stage
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        if new:
            with suppress(OSError):
                directory.rmdir()
        raise
    shutil.rmtree(stage)


def _put_in_place(stage: Path, directory: Path) -> None:
    """Move every file to its place; should one fail, those before it are removed again."""
    placed: list[Path] = []
    new = [path for path in (directory / "keys", directory / "documents") if not path.exists()]
    try:
        (directory / "keys").mkdir(mode=0o700, exist_ok=True)
        (directory / "documents").mkdir(exist_ok=True)
        for path in MADE:
            (stage / path).rename(directory / path)
            placed.append(directory / path)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        for empty in new:
            with suppress(OSError):
                empty.rmdir()
        raise
