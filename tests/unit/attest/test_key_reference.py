"""Names of keys: paths, and PKCS#11 URIs that hold no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.key_reference import TokenKey, key_reference
from tests.support.refusals import refused
from verifier.errors import Malformed

BASE = Path("/exchange")


def test_a_path_starts_at_the_base() -> None:
    assert key_reference("keys/a.key", BASE) == BASE / "keys/a.key"
    assert key_reference("/other/a.key", BASE) == Path("/other/a.key")


def test_a_token_and_a_key_in_it() -> None:
    found = key_reference("pkcs11:token=my%20token;object=exchange;type=private", BASE)
    assert found == TokenKey(token="my token", label="exchange")
    assert str(found) == "pkcs11:token=my%20token;object=exchange"
    assert key_reference(str(found)) == found


def test_serial_id_module_and_pin_source() -> None:
    uri = "pkcs11:serial=d3ad;id=%01%ff?module-path=/lib/hsm.so&pin-source=file:pin"
    assert key_reference(uri, BASE) == TokenKey(
        serial="d3ad", id=b"\x01\xff", module=Path("/lib/hsm.so"), pin_source=BASE / "pin"
    )
    absolute = key_reference("pkcs11:token=t;object=o?pin-source=file:///run/pin", BASE)
    assert isinstance(absolute, TokenKey)
    assert absolute.pin_source == Path("/run/pin")


def test_the_name_shows_no_path() -> None:
    assert str(key_reference("pkcs11:token=t;id=%01?pin-source=file:/p")) == "pkcs11:token=t;id=%01"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("pkcs11:", "names no token"),
        ("pkcs11:token=t", "or no key in it"),
        ("pkcs11:object=o", "names no token"),
        ("pkcs11:token=t;object=o;type=public", "names no private key"),
        ("pkcs11:token=t;object=o;model=m", "'model' is not understood"),
        ("pkcs11:token=t;token=u;object=o", "'token' is written twice"),
        ("pkcs11:token=t;object", "'object' is not understood"),
        ("pkcs11:token=%ff;object=o", "not UTF-8"),
        ("pkcs11:token=t;object=o?pin-source=", "names no file"),
        ("pkcs11:token=t;object=o?pin-source=|cat", "names no file"),
    ],
)
def test_what_is_refused(uri: str, message: str) -> None:
    with pytest.raises(Malformed, match=message) as caught:
        key_reference(uri)
    assert "pkcs11:token=NAME;object=LABEL" in caught.value.hint
    with refused(Malformed, "E_KEY"):
        key_reference(uri)


@pytest.mark.parametrize("uri", ["pkcs11:token=t;object=o?pin-value=hush", "pkcs11:token=t;pin-value=hush;object=o"])
def test_a_pin_in_the_name_is_refused_and_not_repeated(uri: str) -> None:
    with pytest.raises(Malformed) as caught:
        key_reference(uri)
    assert caught.value.code == "E_KEY"
    assert "hush" not in f"{caught.value}{caught.value.hint}"
