"""base58, bech32 and Bitcoin addresses: one spelling per address, everything else refused."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.refusals import refused
from verifier.collateral import base58, bech32
from verifier.collateral.bitcoin import BitcoinAddress, Lock, parse_address, unlocked_by
from verifier.collateral.hashes import hash160
from verifier.errors import Malformed, Unavailable
from verifier.group import G

KNOWN = {
    "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH": (Lock.P2PKH, "751e76e8199196d454941c45d1b3a323f1433bd6"),
    "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN": (Lock.P2SH, "bcfeb728b584253d5f3f70bcb780e9ef218a68f4"),
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": (Lock.P2WPKH, "751e76e8199196d454941c45d1b3a323f1433bd6"),
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3": (
        Lock.P2WSH,
        "1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ),
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": (
        Lock.P2TR,
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    ),
}
"""The key 1, from the texts of BIP-141, BIP-173 and BIP-350."""


@pytest.mark.parametrize(("text", "expected"), KNOWN.items())
def test_known_addresses(text: str, expected: tuple[Lock, str]) -> None:
    address = parse_address(text)
    assert (address.lock, address.program.hex()) == expected
    assert address.text == text


def test_locking_scripts() -> None:
    scripts = [parse_address(text).script_pub_key.hex() for text in KNOWN]
    programs = [program for _, program in KNOWN.values()]
    heads = ["76a914", "a914", "0014", "0020", "5120"]
    tails = ["88ac", "87", "", "", ""]
    assert scripts == [a + b + c for a, b, c in zip(heads, programs, tails, strict=True)]


def test_the_key_one_unlocks_its_own_addresses() -> None:
    compressed, uncompressed = G.to_bytes(), b"\x04" + G.to_xy()
    addresses = [parse_address(text) for text in KNOWN]
    assert [unlocked_by(address, compressed) for address in addresses] == [True, True, True, False, False]
    assert [unlocked_by(address, uncompressed) for address in addresses] == [False] * 5
    legacy = BitcoinAddress(Lock.P2PKH, hash160(uncompressed))
    assert unlocked_by(legacy, uncompressed)
    for lock in (Lock.P2SH, Lock.P2WPKH):
        assert not unlocked_by(BitcoinAddress(lock, hash160(uncompressed)), uncompressed), "segwit is compressed"


ADDRESSES_REFUSED = {
    "empty": "",
    "only ones": "1111",
    "checksum": "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMh",
    "white space": "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH ",
    "zero is no digit": "0BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
    "too long": "1" * 129,
    "no ASCII": "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAM\u041d",
    "Litecoin": base58.check_encode(b"\x30" + bytes(20)),
    "testnet": base58.check_encode(b"\x6f" + bytes(20)),
    "TRON": base58.check_encode(b"\x41" + bytes(20)),
    "19 bytes": base58.check_encode(b"\x00" + bytes(19)),
    "21 bytes": base58.check_encode(b"\x00" + bytes(21)),
    "version alone": base58.check_encode(b"\x00"),
    "nothing but a checksum": base58.check_encode(b""),
    "capitals": "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "mixed case": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4",
    "testnet segwit": "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
    "segwit checksum": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "version 0 in bech32m": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "version 1 in bech32": "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "no character of bech32": "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "invalid program length": "bc1rw5uspcuh",
    "zero padding of more than 4 bits": "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du",
    "prefix alone": "bc1",
    "too short": "bc1qqqqqq",
    "too long for segwit": "bc1" + "q" * 90,
    "white space after segwit": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\n",
    "17 bytes in version 0": bech32.encode(0, bytes(17)),
    "no program": bech32.encode(0, b""),
}


@pytest.mark.parametrize("text", ADDRESSES_REFUSED.values(), ids=ADDRESSES_REFUSED.keys())
def test_what_is_no_address_is_refused(text: str) -> None:
    with refused(Malformed, "E_LINE_ACCOUNT", where="account"):
        parse_address(text, "account")


def test_witness_programs_without_a_meaning_are_unsupported() -> None:
    anybody = "bc1pfeessrawgf"  # pay to anchor: needs no signature
    forty = "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y"
    version_2 = "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs"
    for text in (anybody, forty, version_2):
        with refused(Unavailable, "E_LINE_UNSUPPORTED"):
            parse_address(text)


@given(st.binary(min_size=1, max_size=80))
def test_base58_round_trip(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data
    assert base58.check_decode(base58.check_encode(data)) == data


@given(st.text(alphabet=base58.ALPHABET, min_size=1, max_size=60))
def test_base58_has_one_spelling(text: str) -> None:
    assert base58.encode(base58.decode(text)) == text


@given(st.sampled_from([(0, 20), (0, 32), (1, 32)]), st.data())
def test_segwit_round_trip(kind: tuple[int, int], data: st.DataObject) -> None:
    program = data.draw(st.binary(min_size=kind[1], max_size=kind[1]))
    assert bech32.decode(bech32.encode(kind[0], program)) == (kind[0], program)


def test_every_single_wrong_character_of_a_segwit_address_is_noticed() -> None:
    text = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    for position in range(3, len(text)):
        for character in bech32.ALPHABET.replace(text[position], ""):
            with pytest.raises((Malformed, Unavailable)):
                bech32.decode(text[:position] + character + text[position + 1 :])


@given(st.text(max_size=100))
def test_no_text_escapes(text: str) -> None:
    for prefix in ("", "1", "3", "bc1"):
        with pytest.raises((Malformed, Unavailable)):
            parse_address(prefix + text + os.sep)
