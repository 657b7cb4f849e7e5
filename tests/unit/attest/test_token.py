"""Keys in a PKCS#11 token, with SoftHSM: found, used, and every failure in plain words."""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any

import pytest

from attest.config_documents import KeysConfig
from attest.key_reference import TokenKey, key_reference
from attest.key_ring import KeyRing
from attest.passphrases import passphrase_source, pin_source
from attest.signing import Signer, sign_payload
from attest.token import MODULE_ENV, TokenSigner, open_token
from tests.support.exchange import process, refusal
from tests.support.refusals import refused
from tests.support.softhsm import MODULE, PIN, Hsm, new_token
from verifier.errors import Unavailable


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Hsm:
    made = new_token(tmp_path_factory.mktemp("hsm"))
    made.generate("exchange")
    made.generate("risk", b"\x02")
    made.generate("twin", b"\x03")
    made.generate("twin", b"\x04")
    return made


def token_key(uri: str) -> TokenKey:
    found = key_reference(uri)
    assert isinstance(found, TokenKey)
    return found


def opened(hsm: Hsm, uri: str, **changes: Any) -> TokenSigner:
    arguments = {"pin": pin_source(hsm.pin_file), "module": MODULE, **changes}
    return open_token(token_key(uri), **arguments)


def said(hsm: Hsm, uri: str, **changes: Any) -> str:
    """What a refusal says, hint included."""
    with pytest.raises(Unavailable) as caught:
        opened(hsm, uri, **changes)
    assert caught.value.code == "E_KEY"
    told = f"{caught.value} / {caught.value.hint}"
    assert PIN not in told
    return told


def test_a_document_is_signed_inside_the_token(hsm: Hsm) -> None:
    signer: Signer = opened(hsm, hsm.uri("exchange"))
    envelope = sign_payload(b"{}", signer)
    envelope.require_signatures([signer.public_key], 1, "test")
    assert len(signer.public_key) == 32


def test_two_keys_of_one_token_at_once(hsm: Hsm) -> None:
    first, second = opened(hsm, hsm.uri("exchange")), opened(hsm, hsm.uri("risk"))
    assert first.public_key != second.public_key
    for signer in (first, second, first):
        sign_payload(b"{}", signer)


def test_a_key_by_its_id(hsm: Hsm) -> None:
    by_id = opened(hsm, "pkcs11:token=solvent-test;id=%02")
    assert by_id.public_key == opened(hsm, hsm.uri("risk")).public_key


def test_the_pin_may_come_from_the_name(hsm: Hsm) -> None:
    uri = f"{hsm.uri('exchange')}?pin-source=file:{hsm.pin_file}&module-path={MODULE}"
    assert opened(hsm, uri, pin=pin_source(env="SOLVENT_NO_SUCH"), module=None).public_key


def test_the_module_may_come_from_the_environment(hsm: Hsm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "library of the token is not named" in said(hsm, hsm.uri("exchange"), module=None)
    monkeypatch.setenv(MODULE_ENV, str(MODULE))
    assert opened(hsm, hsm.uri("exchange"), module=None).public_key


def test_the_key_ring_opens_tokens(hsm: Hsm, tmp_path: Path) -> None:
    keys = KeysConfig(tmp_path, tmp_path, tmp_path, tmp_path, tmp_path, pin_file=hsm.pin_file, pkcs11_module=MODULE)
    ring = KeyRing.of(keys)
    assert ring.signer(token_key(hsm.uri("risk"))).public_key == opened(hsm, hsm.uri("risk")).public_key
    assert ring.passphrase == passphrase_source()


def test_what_is_not_there(hsm: Hsm, tmp_path: Path) -> None:
    assert "no such token" in said(hsm, hsm.uri("exchange", token="other"))
    assert "no such Ed25519 key" in said(hsm, hsm.uri("nobody"))
    assert "several keys of the token fit / name the key by id" in said(hsm, hsm.uri("twin"))
    assert "there is no such PKCS#11 library" in said(hsm, hsm.uri("exchange"), module=tmp_path / "lib.so")


def test_a_file_that_is_no_library(hsm: Hsm, tmp_path: Path) -> None:
    (tmp_path / "lib.so").write_text("not a library")
    assert "the token refused" in said(hsm, hsm.uri("exchange"), module=tmp_path / "lib.so")


def test_a_wrong_pin(hsm: Hsm) -> None:
    """In a process of its own: here the token is open already, and asks for no PIN."""
    words = ("key", "show", hsm.uri("exchange"), "--pkcs11-module", MODULE, "--pin-env", "WRONG_PIN")
    told = refusal(process("attest.cli", *words, env={**os.environ, "WRONG_PIN": "999999"}), 2)
    assert "pkcs11:token=solvent-test;object=exchange: the PIN is wrong" in told
    assert "a token locks itself after a few wrong PINs" in told
    assert "999999" not in told


def test_without_the_package(hsm: Hsm, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pkcs11":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "run: pip install 'solvent[pkcs11]'" in said(hsm, hsm.uri("exchange"))


def test_a_token_that_signs_something_else_is_noticed(hsm: Hsm) -> None:
    good = opened(hsm, hsm.uri("exchange"))
    other = opened(hsm, hsm.uri("risk"))
    mixed = TokenSigner("mixed", good.public_key, other.private)
    with refused(Unavailable, "E_SIGNER"):
        sign_payload(b"{}", mixed)


def test_a_signer_shows_no_secret(hsm: Hsm) -> None:
    assert PIN not in repr(opened(hsm, hsm.uri("exchange")))
