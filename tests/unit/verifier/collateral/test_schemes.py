"""Every row of section 2's table of schemes: what is VALID, what is not, and what is UNSUPPORTED."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.wallets import Wallet, evm_text, other_half, script_account
from verifier.collateral import Evidence, OwnershipClaim, Verdict, messages, verify_evidence, verify_many
from verifier.collateral.bitcoin import Lock
from verifier.collateral.okx_units import SOLANA, TRON
from verifier.collateral.schemes import SCHEMES

MESSAGE = "solvent/1 ownership exchange=x epoch=1 owner=y challenge=z"
W, OTHER = Wallet(31337), Wallet(31338)

RECOVERED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "eip191": (W.evm_account(), messages.eip191_digest),
    "okx-eip191": (W.evm_account(42161), messages.okx_eip191_digest),
    "okx-ecdsa": (W.evm_account(66), messages.okx_ecdsa_digest),
    "tron-v1": (W.tron_account, messages.tron_v1_digest),
    "tron-v2": (W.tron_account, messages.tron_v2_digest),
}


def test_the_table_is_complete() -> None:
    assert {name for name, _ in SCHEMES} == {
        *("bip137", "bip137-multisig", "bip322-simple", "eip191", "okx-eip191", "tron-v2", "tron-v1", "okx-ecdsa"),
        *("ed25519", "okx-ed25519", "bls12381", "okx-bls"),
    }


@pytest.mark.parametrize("scheme", RECOVERED)
def test_recovered_address_equal(scheme: str) -> None:
    account, digest = RECOVERED[scheme]
    good = W.evm(MESSAGE, digest)
    assert verify_evidence(scheme, MESSAGE, account, [good]).verdict is Verdict.VALID
    assert verify_evidence(scheme, MESSAGE, account, [OTHER.evm(MESSAGE, digest), "0x", good]).counts
    for wrong in (OTHER.evm(MESSAGE, digest), W.evm(MESSAGE + "!", digest), other_half(good), good.upper(), good[2:]):
        evidence = verify_evidence(scheme, MESSAGE, account, [wrong])
        assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")


@pytest.mark.parametrize("scheme", RECOVERED)
def test_no_scheme_accepts_another_schemes_signature(scheme: str) -> None:
    account, _ = RECOVERED[scheme]
    for other, (_, digest) in RECOVERED.items():
        evidence = verify_evidence(scheme, MESSAGE, account, [W.evm(MESSAGE, digest)])
        assert evidence.counts == (other == scheme)


def test_only_27_and_28_are_parities() -> None:
    parity, r, s = W.sign(messages.eip191_digest(MESSAGE.encode()))
    for v in range(256):
        evidence = verify_evidence("eip191", MESSAGE, W.evm_account(), [evm_text(r, s, v)])
        assert evidence.counts == (v == 27 + parity)


HEADERS = {
    Lock.P2PKH: {31},
    Lock.P2SH: {31, 35},
    Lock.P2WPKH: {31, 39},
}


@pytest.mark.parametrize("lock", HEADERS)
def test_header_bytes(lock: Lock) -> None:
    """A header of another address kind is refused; 31..34 serve segwit too, as wallets write them."""
    for header in (27, 31, 35, 39):
        evidence = verify_evidence("bip137", MESSAGE, W.address(lock), [W.bitcoin(MESSAGE, header)])
        assert evidence.counts == (header in HEADERS[lock]), header


def test_uncompressed_keys() -> None:
    account = W.address(Lock.P2PKH, compressed=False)
    assert verify_evidence("bip137", MESSAGE, account, [W.bitcoin(MESSAGE, 27)]).counts
    for header in (31, 35, 39):
        assert not verify_evidence("bip137", MESSAGE, account, [W.bitcoin(MESSAGE, header)]).counts
    for lock in HEADERS:
        assert not verify_evidence("bip137", MESSAGE, W.address(lock), [W.bitcoin(MESSAGE, 27)]).counts


def test_taproot_and_witness_scripts_are_not_bip137() -> None:
    for account in (W.address(Lock.P2TR), script_account(Lock.P2WSH, bytes(32))):
        evidence = verify_evidence("bip137", MESSAGE, account, [W.bitcoin(MESSAGE)])
        assert (evidence.verdict, evidence.code) == (Verdict.UNSUPPORTED, "E_LINE_UNSUPPORTED")


UNSUPPORTED = {
    "EIP-1271": ("eip1271", W.evm_account()),
    "full BIP-322": ("bip322-full", W.address(Lock.P2WPKH)),
    "no scheme": ("", W.evm_account()),
    "capitals": ("EIP191", W.evm_account()),
    "Litecoin": ("bip137", "bip122:12a765e31ffd4059bada1e25190f6e98:LUWPbpM43E2p7ZSh8cyTBEkvpHmr3cB8Ez"),
    "Bitcoin testnet": ("bip137", "bip122:000000000933ea01ad0ee984209779ba:mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r"),
    "TON key": ("okx-ed25519", "tvm:-239:EQA5rifVSCc8qQfpCXvq4zJGJPsA0EPCDoWdtg234INftsWj"),
    "Filecoin key": ("okx-ecdsa", "fil:f:f1lzszobfjwres2otlbitgpbeo6ha72sujwsdjy5i"),
    "a scheme of another chain": ("eip191", W.tron_account),
    "Cosmos": ("okx-ecdsa", "cosmos:columbus-5:terra1hf7afhf4y6wlxqvr7lx4pmct5gunczmnh9emsg"),
}


@pytest.mark.parametrize(("scheme", "account"), UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_what_is_not_understood_is_unsupported(scheme: str, account: str) -> None:
    evidence = verify_evidence(scheme, MESSAGE, account, [W.evm(MESSAGE), W.bitcoin(MESSAGE)])
    assert (evidence.verdict, evidence.code) == (Verdict.UNSUPPORTED, "E_LINE_UNSUPPORTED")
    assert not evidence.counts
    assert evidence.proven == ()


HOSTILE: dict[str, tuple[dict[str, object], str]] = {
    "no signature": ({"signatures": []}, "E_LINE_UNSIGNED"),
    "a text for signatures": ({"signatures": "0x"}, "E_TYPE"),
    "null signatures": ({"signatures": None}, "E_TYPE"),
    "numbers": ({"signatures": [1]}, "E_TYPE"),
    "nested": ({"signatures": [["0x"]]}, "E_TYPE"),
    "bytes": ({"signatures": [b"0x"]}, "E_TYPE"),
    "too many": ({"signatures": ["0x"] * 33}, "E_LIMIT"),
    "too long": ({"signatures": ["0" * 4097]}, "E_LIMIT"),
    "message null": ({"message": None}, "E_TYPE"),
    "message number": ({"message": 1}, "E_TYPE"),
    "message too long": ({"message": "\u20ac" * 342}, "E_LIMIT"),
    "message no Unicode": ({"message": "\ud800"}, "E_TYPE"),
    "signature no Unicode": ({"signatures": ["\udfff"]}, "E_TYPE"),
    "account null": ({"account": None}, "E_TYPE"),
    "account no Unicode": ({"account": "eip155:1:\ud800"}, "E_TYPE"),
    "account empty": ({"account": ""}, "E_LINE_ACCOUNT"),
    "scheme null": ({"scheme": None}, "E_TYPE"),
    "scheme list": ({"scheme": ["eip191"]}, "E_TYPE"),
    "script null": ({"script": None}, "E_TYPE"),
    "script too long": ({"script": "00" * 3000}, "E_LIMIT"),
    "key null": ({"public_key": None}, "E_TYPE"),
}


@pytest.mark.parametrize(("change", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_members_are_a_verdict_and_no_exception(change: dict[str, object], code: str) -> None:
    good: dict[str, object] = {"scheme": "eip191", "message": MESSAGE, "account": W.evm_account()}
    members = {**good, "signatures": [W.evm(MESSAGE)], **change}
    evidence = verify_evidence(**members)  # type: ignore[arg-type]
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, code)
    assert evidence.reason
    assert "\n" not in evidence.reason


def test_many_claims_are_judged_each_on_its_own() -> None:
    claims = [
        OwnershipClaim("eip191", MESSAGE, W.evm_account(), (W.evm(MESSAGE),)),
        OwnershipClaim("eip191", MESSAGE, W.evm_account(), ()),
        OwnershipClaim("bip137", MESSAGE, W.address(Lock.P2PKH), ("", OTHER.bitcoin(MESSAGE), W.bitcoin(MESSAGE))),
        OwnershipClaim("eip1271", MESSAGE, W.evm_account(), (W.evm(MESSAGE),)),
        OwnershipClaim("eip191", MESSAGE, OTHER.evm_account(), (W.evm(MESSAGE),)),
        OwnershipClaim("tron-v2", MESSAGE, W.tron_account, (W.evm(MESSAGE, messages.tron_v2_digest),)),
    ]
    together = verify_many(claims)
    alone = [verify_many([claim])[0] for claim in claims]
    assert together == alone
    assert [evidence.counts for evidence in together] == [True, False, True, False, False, True]
    assert verify_many(claims[::-1]) == together[::-1]
    assert verify_many([]) == []


def test_a_signature_for_every_evm_chain_is_one_signature() -> None:
    """o = eip155:<0x..>: the same text verifies for the account on each chain; which o is right is the caller's."""
    for chain in (1, 10, 8453):
        assert verify_evidence("eip191", MESSAGE, W.evm_account(chain), [W.evm(MESSAGE)]).counts


def test_a_verdict_is_what_an_error_stands_for() -> None:
    assert Evidence(Verdict.EXPIRED, "", "").counts is False
    assert [verdict.value for verdict in Verdict] == ["VALID", "INVALID", "UNSUPPORTED", "EXPIRED"]
    assert TRON.startswith("tron:")
    assert SOLANA.startswith("solana:")
