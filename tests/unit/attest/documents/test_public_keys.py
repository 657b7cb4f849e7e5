"""Public keys in every form that people have them in."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attest.documents.public_keys import public_key_of
from attest.key_ring import KeyRing
from attest.keys import create_signing_key
from attest.passphrases import passphrase_source
from tests.support.refusals import refused
from verifier.errors import Malformed, SolventError, Unavailable

RING = KeyRing()
SPKI = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_every_form_is_the_same_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = create_signing_key(tmp_path / "k.key").public_key
    (tmp_path / "hex.txt").write_text(f"{key.hex()}\n")
    (tmp_path / "k.pem").write_bytes(Ed25519PublicKey.from_public_bytes(key).public_bytes(*SPKI))
    for text in (key.hex(), str(tmp_path / "hex.txt"), str(tmp_path / "k.pem"), str(tmp_path / "k.key")):
        assert public_key_of(text, RING) == key
    encrypted = create_signing_key(tmp_path / "e.key", b"correct horse battery").public_key
    monkeypatch.setenv("PASS", "correct horse battery")
    assert public_key_of(str(tmp_path / "e.key"), KeyRing(passphrase_source(env="PASS"))) == encrypted


def test_what_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_bytes(X25519PrivateKey.generate().public_key().public_bytes(*SPKI))
    (tmp_path / "bad.pem").write_text("-----BEGIN PUBLIC KEY-----\nxx\n-----END PUBLIC KEY-----\n")
    for name in ("x.pem", "bad.pem"):
        with refused(Malformed, "E_KEY", where=str(tmp_path / name)):
            public_key_of(str(tmp_path / name), RING)
    (tmp_path / "upper.txt").write_text("AB" * 32)
    for text in ("AB" * 32, "zz" * 32, "00" * 32, "01" + "00" * 31, str(tmp_path / "upper.txt")):
        with refused(Malformed, "E_TYPE"):
            public_key_of(text, RING)
    with refused(Unavailable, "E_FILE"):
        public_key_of(str(tmp_path / "gone"), RING)
    (tmp_path / "junk").write_bytes(b"junk")
    (tmp_path / "junk").chmod(0o600)
    with pytest.raises(SolventError):
        public_key_of(str(tmp_path / "junk"), RING)
