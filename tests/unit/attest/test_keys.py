"""Key files: readable by their owner alone, never overwritten, never quoted."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from attest.keys import create_master_key, create_signing_key, load_master_key, load_signer
from tests.support.refusals import refused
from verifier.errors import Malformed, Unavailable


def private(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_keys_read_back(tmp_path: Path) -> None:
    master = create_master_key(tmp_path / "deep/keys/master.key")
    signer = create_signing_key(tmp_path / "signing.key")
    assert load_master_key(tmp_path / "deep/keys/master.key") == master
    assert load_signer(tmp_path / "signing.key").public_key == signer.public_key
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600


def test_every_key_is_new(tmp_path: Path) -> None:
    made = {create_master_key(tmp_path / f"{i}.key").secret for i in range(4)}
    assert len(made) == 4
    assert all(len(set(secret)) > 8 for secret in made)


@pytest.mark.parametrize("create", [create_master_key, create_signing_key])
def test_a_key_is_never_overwritten(tmp_path: Path, create: object) -> None:
    path = private(tmp_path / "key", b"precious")
    with refused(Unavailable, "E_FILE", where=str(path)):
        create(path)  # type: ignore[operator]
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
@pytest.mark.parametrize("load", [load_master_key, load_signer])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, load: object, mode: int) -> None:
    path = tmp_path / "key"
    create_master_key(path)
    path.chmod(mode)
    with refused(Unavailable, "E_KEY", where=str(path)):
        load(path)  # type: ignore[operator]


@pytest.mark.parametrize("load", [load_master_key, load_signer])
def test_a_key_that_is_not_there(tmp_path: Path, load: object) -> None:
    with refused(Unavailable, "E_FILE"):
        load(tmp_path / "none")  # type: ignore[operator]
    (tmp_path / "directory").mkdir(mode=0o700)
    with refused(Unavailable, "E_FILE"):
        load(tmp_path / "directory")  # type: ignore[operator]


@pytest.mark.parametrize(
    "data",
    [b"", b"slv_m_", b"slv_m_" + b"a" * 63, b"slv_m_" + b"a" * 66, b"slv_m_" + b"g" * 64, b"\xff" * 70],
)
def test_not_a_master_key(tmp_path: Path, data: bytes) -> None:
    with refused(Malformed, "E_KEY"):
        load_master_key(private(tmp_path / "key", data))


def test_no_error_quotes_a_key(tmp_path: Path) -> None:
    path = private(tmp_path / "key", b"slv_m_" + b"ab" * 31 + b"\n")
    for load in (load_master_key, load_signer):
        with pytest.raises(Malformed) as caught:
            load(path)
        assert "abab" not in f"{caught.value!r} {caught.value} {caught.value.hint}"
        assert caught.value.__cause__ is None


def pem(key: object, encryption: KeySerializationEncryption) -> bytes:
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)  # type: ignore[attr-defined]
    return data


def test_other_kinds_of_signing_keys_are_refused(tmp_path: Path) -> None:
    other = pem(generate_private_key(SECP256R1()), NoEncryption())
    for i, data in enumerate((other, b"junk", b"")):
        with refused(Malformed, "E_KEY"):
            load_signer(private(tmp_path / f"{i}.key", data))
