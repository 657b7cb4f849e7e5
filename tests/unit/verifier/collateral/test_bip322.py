"""BIP-322 simple: the three address kinds, and each way in which a witness can be wrong."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.refusals import refused
from tests.support.wallets import Wallet, der
from verifier.collateral import Evidence, Verdict, bip322, verify_evidence
from verifier.collateral.bitcoin import BitcoinAddress, Lock, parse_address
from verifier.collateral.hashes import hash160
from verifier.errors import Malformed
from verifier.hashing import N

MESSAGE = "solvent/1 ownership exchange=x epoch=1 owner=y challenge=z"
W, OTHER = Wallet(1234), Wallet(4321)


def address(lock: Lock, wallet: Wallet = W) -> BitcoinAddress:
    return parse_address(wallet.address(lock).rpartition(":")[2])


def encode(*items: bytes) -> str:
    body = b"".join(bytes([len(item)]) + item for item in items)
    return base64.b64encode(bytes([len(items)]) + body).decode()


def segwit_items(lock: Lock, wallet: Wallet = W, message: str = MESSAGE) -> tuple[int, int, bytes]:
    script = address(lock).script_pub_key
    digest = bip322.segwit_digest(script, hash160(wallet.public), message.encode())
    _, r, s = wallet.sign(digest)
    return r, s, wallet.public


def segwit(lock: Lock, wallet: Wallet = W) -> str:
    r, s, public = segwit_items(lock, wallet)
    return encode(der(r, s) + b"\x01", public)


def taproot(kind: int = 0, wallet: Wallet = W, message: str = MESSAGE) -> bytes:
    script = address(Lock.P2TR).script_pub_key
    signature = wallet.schnorr(bip322.taproot_digest(script, message.encode(), kind))
    return signature + (bytes([kind]) if kind else b"")


def check(lock: Lock, *signatures: str, message: str = MESSAGE) -> Evidence:
    return verify_evidence("bip322-simple", message, W.address(lock), list(signatures))


@pytest.mark.parametrize("lock", [Lock.P2WPKH, Lock.P2SH])
def test_key_hash_addresses(lock: Lock) -> None:
    assert check(lock, segwit(lock)).counts
    assert check(lock, "smp" + segwit(lock)).counts
    assert check(lock, "no witness", segwit(lock, OTHER), segwit(lock)).counts, "surplus does no harm"
    assert not check(lock, segwit(lock), message=MESSAGE + "!").counts
    assert not check(lock, segwit(lock, OTHER)).counts


def test_the_key_path_of_taproot() -> None:
    assert check(Lock.P2TR, encode(taproot())).counts
    assert check(Lock.P2TR, encode(taproot(1))).counts


def test_a_signature_of_one_kind_of_address_is_none_of_another() -> None:
    texts = {Lock.P2WPKH: segwit(Lock.P2WPKH), Lock.P2SH: segwit(Lock.P2SH), Lock.P2TR: encode(taproot())}
    for lock in texts:
        for other, text in texts.items():
            assert check(lock, text).counts == (lock is other)


R, S, PUBLIC = segwit_items(Lock.P2WPKH)
GOOD = der(R, S) + b"\x01"
WRONG = {
    "no sighash": encode(der(R, S), PUBLIC),
    "sighash none": encode(der(R, S) + b"\x02", PUBLIC),
    "sighash single": encode(der(R, S) + b"\x03", PUBLIC),
    "anyone can pay": encode(der(R, S) + b"\x81", PUBLIC),
    "high S": encode(der(R, N - S) + b"\x01", PUBLIC),
    "padded DER": encode(GOOD[:1] + bytes([GOOD[1] + 1]) + GOOD[2:-1] + b"\0\x01", PUBLIC),
    "empty signature": encode(b"", PUBLIC),
    "empty key": encode(GOOD, b""),
    "uncompressed key": encode(GOOD, b"\x04" + W.key.to_xy()),
    "another key": encode(GOOD, OTHER.public),
    "exchanged": encode(PUBLIC, GOOD),
    "only the signature": encode(GOOD),
    "only the key": encode(PUBLIC),
    "three items": encode(GOOD, PUBLIC, b""),
    "empty witness": encode(),
    "no bytes": "",
    "trailing byte": base64.b64encode(base64.b64decode(encode(GOOD, PUBLIC)) + b"\0").decode(),
    "cut": base64.b64encode(base64.b64decode(encode(GOOD, PUBLIC))[:-1]).decode(),
    "count in three bytes": base64.b64encode(b"\xfd\x02\x00" + base64.b64decode(encode(GOOD, PUBLIC))[1:]).decode(),
    "white space": encode(GOOD, PUBLIC) + "\n",
    "prefix twice": "smpsmp" + encode(GOOD, PUBLIC),
    "prefix in capitals": "SMP" + encode(GOOD, PUBLIC),
    "hex": base64.b64decode(encode(GOOD, PUBLIC)).hex(),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_key_hash_witness_is_refused(text: str) -> None:
    evidence = check(Lock.P2WPKH, text)
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")


WRONG_TAPROOT = {
    "default spelled out": encode(taproot() + b"\0"),
    "sighash none": encode(taproot(2)),
    "anyone can pay": encode(taproot(0x81)),
    "all without its byte": encode(taproot(1)[:64]),
    "default with the byte of all": encode(taproot() + b"\x01"),
    "another key": encode(taproot(wallet=OTHER)),
    "another message": encode(taproot(message="x")),
    "annex": encode(taproot(), b"\x50"),
    "script path": encode(taproot(), bytes(34)),
    "63 bytes": encode(taproot()[:-1]),
    "66 bytes": encode(taproot() + b"\0\0"),
    "empty": encode(b""),
}


@pytest.mark.parametrize("text", WRONG_TAPROOT.values(), ids=WRONG_TAPROOT.keys())
def test_a_wrong_taproot_witness_is_refused(text: str) -> None:
    evidence = check(Lock.P2TR, text)
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")


def test_other_variants_and_kinds_are_unsupported() -> None:
    good = segwit(Lock.P2WPKH)
    for text in ("ful" + good, "pof" + good):
        assert check(Lock.P2WPKH, text).verdict is Verdict.UNSUPPORTED
        assert check(Lock.P2WPKH, text, good).counts, "it does no harm beside a simple one"
    assert check(Lock.P2PKH, good).verdict is Verdict.UNSUPPORTED
    script = BitcoinAddress(Lock.P2WSH, bytes(32)).text
    account = f"bip122:000000000019d6689c085ae165831e93:{script}"
    assert verify_evidence("bip322-simple", MESSAGE, account, [good]).verdict is Verdict.UNSUPPORTED


@given(st.binary(max_size=150))
def test_no_witness_escapes(data: bytes) -> None:
    try:
        items = bip322.parse_witness(data)
    except Malformed:
        return
    assert base64.b64decode(encode(*items)) == data, "one encoding per witness"


def test_long_items_are_refused() -> None:
    with refused(Malformed, "E_LINE_SIGNATURE"):
        bip322.parse_witness(b"\x01\xfd\xfd\x00" + bytes(253))
