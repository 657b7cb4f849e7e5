"""m-of-n scripts and their signatures: distinct keys count, everything else neither counts nor harms."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from tests.support.wallets import Wallet, bitcoin_text, multisig_script, script_account
from verifier.collateral import Evidence, Verdict, messages, verify_evidence
from verifier.collateral.bitcoin import Lock, parse_address, witness_script
from verifier.collateral.hashes import hash160, sha256
from verifier.collateral.multisig import Multisig, locked_keys, parse_script
from verifier.errors import Rejected, Unavailable

MESSAGE = "solvent/1 ownership exchange=x epoch=1 owner=y challenge=z"
A, B, C, STRANGER = (Wallet(secret) for secret in (11, 22, 33, 44))
KEYS = [A.public, B.public, C.public]
SCRIPT = multisig_script(2, KEYS)
P2WSH = script_account(Lock.P2WSH, sha256(SCRIPT))
P2SH = script_account(Lock.P2SH, hash160(SCRIPT))


def check(signatures: list[str], script: bytes = SCRIPT, account: str | None = None) -> Evidence:
    account = account or script_account(Lock.P2WSH, sha256(script))
    return verify_evidence("bip137-multisig", MESSAGE, account, signatures, script.hex())


@pytest.mark.parametrize("account", [P2WSH, P2SH])
def test_two_of_three_in_any_order(account: str) -> None:
    texts = [wallet.bitcoin(MESSAGE) for wallet in (A, B, C)]
    for pair in ([0, 1], [1, 0], [0, 2], [2, 1], [0, 1, 2]):
        evidence = check([texts[i] for i in pair], account=account)
        assert evidence.verdict is Verdict.VALID
        assert evidence.reason == f"signed by {len(pair)} keys of a 2-of-3 script"


TOO_FEW = {
    "one": [A],
    "one twice": [A, A],
    "one and a stranger": [A, STRANGER],
    "strangers": [STRANGER, Wallet(55)],
}


@pytest.mark.parametrize("signers", TOO_FEW.values(), ids=TOO_FEW.keys())
def test_too_few_distinct_keys(signers: list[Wallet]) -> None:
    evidence = check([wallet.bitcoin(MESSAGE) for wallet in signers])
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")
    assert "2 must" in evidence.reason


def test_one_key_signing_in_two_ways_is_one_key() -> None:
    """Two different signatures of one key on the same message count once."""
    parity, r, signature = A.sign_again(messages.bitcoin_digest(MESSAGE.encode()), nonce=99)
    again = bitcoin_text(31 + parity, r, signature)
    assert again != A.bitcoin(MESSAGE)
    assert check([again, B.bitcoin(MESSAGE)]).counts
    assert not check([again, A.bitcoin(MESSAGE)]).counts


def test_a_key_that_stands_twice_in_the_script_counts_once() -> None:
    uncompressed = b"\x04" + A.key.to_xy()
    both = multisig_script(2, [A.public, uncompressed])
    account = script_account(Lock.P2SH, hash160(both))
    signatures = [A.bitcoin(MESSAGE, 31), A.bitcoin(MESSAGE, 27)]
    assert not check(signatures, both, account).counts
    twice = multisig_script(2, [A.public, A.public])
    assert not check([A.bitcoin(MESSAGE)] * 2, twice).counts


def test_surplus_signatures_do_no_harm() -> None:
    good = [A.bitcoin(MESSAGE), B.bitcoin(MESSAGE)]
    for surplus in (STRANGER.bitcoin(MESSAGE), A.bitcoin(MESSAGE + "!"), "", "no base64", A.bitcoin(MESSAGE)):
        assert check([surplus, *good]).counts
        assert check([*good, surplus]).counts


def test_the_header_says_which_form_of_the_key_stands_in_the_script() -> None:
    uncompressed = multisig_script(1, [b"\x04" + A.key.to_xy()])
    account = script_account(Lock.P2SH, hash160(uncompressed))
    assert check([A.bitcoin(MESSAGE, 27)], uncompressed, account).counts
    assert not check([A.bitcoin(MESSAGE, 31)], uncompressed, account).counts
    for header in (27, 35, 39):
        assert not check([A.bitcoin(MESSAGE, header), B.bitcoin(MESSAGE, header)]).counts


def test_parsing() -> None:
    assert parse_script(SCRIPT) == Multisig(2, tuple(KEYS))
    sixteen = [Wallet(i).public for i in range(1, 17)]
    assert parse_script(multisig_script(16, sixteen)) == Multisig(16, tuple(sixteen))


UNSUPPORTED = {
    "empty": b"",
    "one byte": b"\x52",
    "two bytes": b"\x52\xae",
    "no keys": bytes([0x51, 0x51, 0xAE]),
    "zero of three": bytes([0x00]) + SCRIPT[1:],
    "four of three": bytes([0x54]) + SCRIPT[1:],
    "more keys than announced": SCRIPT[:-2] + bytes([0x52, 0xAE]),
    "fewer keys than announced": SCRIPT[:-2] + bytes([0x54, 0xAE]),
    "verify variant": SCRIPT[:-1] + b"\xaf",
    "trailing opcode": SCRIPT + b"\x61",
    "leading opcode": b"\x61" + SCRIPT,
    "time lock before": b"\x51\xb1\x75" + SCRIPT,
    "hybrid key": multisig_script(1, [b"\x06" + A.key.to_xy()]),
    "key head 05": multisig_script(1, [b"\x05" + A.public[1:]]),
    "uncompressed head on a short key": multisig_script(1, [b"\x04" + A.public[1:]]),
    "push of another length": bytes([0x51, 0x20]) + A.public[1:] + bytes([0x51, 0xAE]),
    "long push": bytes([0x51, 0x4C, 0x21]) + A.public + bytes([0x51, 0xAE]),
    "key cut off": SCRIPT[:-20],
    "count as a number": SCRIPT[:-2] + b"\x01\x03\xae",
    "single key": b"\x21" + A.public + b"\xac",
}


@pytest.mark.parametrize("script", UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_every_other_script_is_unsupported(script: bytes) -> None:
    with refused(Unavailable, "E_LINE_UNSUPPORTED", where="script"):
        parse_script(script)
    if script:
        evidence = check([A.bitcoin(MESSAGE), B.bitcoin(MESSAGE)], script)
        assert (evidence.verdict, evidence.code) == (Verdict.UNSUPPORTED, "E_LINE_UNSUPPORTED")


def test_the_script_must_be_the_one_behind_the_address() -> None:
    for account in (P2WSH, P2SH):
        with refused(Rejected, "E_LINE_SCRIPT", where="script"):
            locked_keys(parse_address(account.rpartition(":")[2]), multisig_script(1, KEYS))
    for lock in (Lock.P2PKH, Lock.P2WPKH, Lock.P2TR):
        with refused(Rejected, "E_LINE_SCRIPT", where="script"):
            locked_keys(parse_address(A.address(lock).rpartition(":")[2]), SCRIPT)


def test_scripts_that_cannot_be_spent_are_unsupported() -> None:
    nested = script_account(Lock.P2SH, hash160(witness_script(sha256(SCRIPT))))
    long_keys = [b"\x04" + Wallet(i).key.to_xy() for i in range(1, 9)]
    long = multisig_script(1, long_keys)
    assert len(long) > 520
    too_long = script_account(Lock.P2SH, hash160(long))
    uncompressed = multisig_script(1, long_keys[:1])
    cases = [(nested, SCRIPT), (too_long, long), (script_account(Lock.P2WSH, sha256(uncompressed)), uncompressed)]
    for account, script in cases:
        evidence = check([Wallet(1).bitcoin(MESSAGE, 27), A.bitcoin(MESSAGE), B.bitcoin(MESSAGE)], script, account)
        assert evidence.verdict is Verdict.UNSUPPORTED, evidence


def test_a_script_must_be_lower_case_hex() -> None:
    for text in ("", "zz", SCRIPT.hex().upper(), "0x" + SCRIPT.hex(), SCRIPT.hex() + "0"):
        evidence = verify_evidence("bip137-multisig", MESSAGE, P2WSH, [A.bitcoin(MESSAGE)], text)
        assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SCRIPT")
