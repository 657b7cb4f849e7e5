"""Key files: readable by their owner alone, never overwritten, never quoted."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from attest.keys import create_master_key, create_signing_key, load_master_key, load_signer
from attest.passphrases import SecretSource, passphrase_source
from tests.support.asked import Asked
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


def passphrase(path: Path, text: str = "correct horse battery") -> SecretSource:
    """A source that holds this passphrase."""
    return passphrase_source(private(path, text.encode()))


def test_encrypted_keys_come_back(tmp_path: Path) -> None:
    source = passphrase(tmp_path / "pass")
    signer = create_signing_key(tmp_path / "s.key", source.get(""))
    master = create_master_key(tmp_path / "m.key", source.get(""))
    assert load_signer(tmp_path / "s.key", source).public_key == signer.public_key
    assert load_master_key(tmp_path / "m.key", source) == master
    for name, secret in (("s.key", signer._private_key.private_bytes_raw()), ("m.key", master.secret)):
        data = (tmp_path / name).read_bytes()
        assert data.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        assert secret not in base64.b64decode(b"".join(data.splitlines()[1:-1]))


def test_encryption_costs_the_thief_memory_and_time(tmp_path: Path) -> None:
    create_signing_key(tmp_path / "s.key", b"correct horse battery")
    der = base64.b64decode(b"".join((tmp_path / "s.key").read_bytes().splitlines()[1:-1]))
    scrypt, aes_256_cbc = "2b06010401da47040b", "60864801650304012a"
    assert scrypt in der.hex()
    assert aes_256_cbc in der.hex()
    assert "02024000020108020101" in der.hex(), "N = 2^14, r = 8, p = 1"


@pytest.mark.parametrize("create", [create_master_key, create_signing_key])
def test_a_wrong_passphrase_opens_nothing(tmp_path: Path, create: Callable[[Path, bytes], object]) -> None:
    create(tmp_path / "k.key", b"correct horse battery")
    load = load_master_key if create is create_master_key else load_signer
    with pytest.raises(Malformed, match="the passphrase does not open this key") as caught:
        load(tmp_path / "k.key", passphrase(tmp_path / "p", "wrong horse battery"))
    assert caught.value.code == "E_KEY"
    assert "horse" not in f"{caught.value} {caught.value.hint} {caught.value!r}"
    assert caught.value.__cause__ is None


def test_a_master_key_is_never_a_signing_key(tmp_path: Path) -> None:
    source = passphrase(tmp_path / "p")
    create_master_key(tmp_path / "m.key", source.get(""))
    create_signing_key(tmp_path / "s.key", source.get(""))
    with refused(Malformed, "E_KEY"):
        load_signer(tmp_path / "m.key", source)
    with refused(Malformed, "E_KEY"):
        load_master_key(tmp_path / "s.key", source)


def test_keys_that_other_tools_encrypted_open_too(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    private(tmp_path / "k.key", pem(key, BestAvailableEncryption(b"correct horse battery")))
    assert load_signer(tmp_path / "k.key", passphrase(tmp_path / "p")).public_key == key.public_key().public_bytes_raw()


def test_openssl_reads_what_we_encrypt(tmp_path: Path) -> None:
    signer = create_signing_key(tmp_path / "k.key", b"correct horse battery")
    private(tmp_path / "p", b"correct horse battery\n")
    command = ["openssl", "pkey", "-in", str(tmp_path / "k.key"), "-passin", f"file:{tmp_path / 'p'}", "-pubout"]
    public = subprocess.run(command, capture_output=True, check=True).stdout
    key = load_pem_public_key(public)
    assert isinstance(key, Ed25519PublicKey)
    assert key.public_bytes_raw() == signer.public_key


def test_a_passphrase_of_another_key_is_tried_and_then_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_signing_key(tmp_path / "a.key", b"correct horse battery")
    create_signing_key(tmp_path / "b.key", b"another horse battery")
    asked, source = Asked(monkeypatch, "correct horse battery", "another horse battery"), passphrase_source()
    load_signer(tmp_path / "a.key", source)
    load_signer(tmp_path / "a.key", source)
    load_signer(tmp_path / "b.key", source)
    assert asked.questions == ["passphrase of a.key: ", "passphrase of b.key: "]
    wrong = Asked(monkeypatch, "wrong horse battery", "wrong horse battery")
    with refused(Malformed, "E_KEY"):
        load_signer(tmp_path / "a.key", source)
    assert len(wrong.questions) == 1
