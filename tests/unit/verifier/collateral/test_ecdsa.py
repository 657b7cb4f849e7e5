"""Recovery in batches against py_ecc, low S, recovery identifiers, strict DER."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_ecc.secp256k1 import secp256k1 as curve

from tests.support.refusals import refused
from tests.support.wallets import Wallet, der
from verifier.collateral.ecdsa import (
    HALF_N,
    RecoverableSignature,
    parse_der,
    recover_many,
    verify_der,
)
from verifier.collateral.ecmult import sums_with_generator
from verifier.errors import Malformed
from verifier.group import IDENTITY_BYTES, G, P, Point
from verifier.hashing import N

RANDOM = random.Random(5)
WALLETS = [Wallet(RANDOM.randrange(1, N)) for _ in range(12)]
DIGESTS = [RANDOM.randbytes(32) for _ in WALLETS]
SIGNATURES = [RecoverableSignature(*w.sign(d)) for w, d in zip(WALLETS, DIGESTS, strict=True)]


def scalar(value: int) -> bytes:
    return (value % N).to_bytes(32, "big")


def test_recovery_finds_the_signers_and_agrees_with_py_ecc() -> None:
    keys = recover_many(DIGESTS, SIGNATURES)
    assert keys == [wallet.key for wallet in WALLETS]
    for key, digest, signature in zip(keys, DIGESTS, SIGNATURES, strict=True):
        vrs = (27 + signature.recovery_id, signature.r, signature.s)
        assert key == Point(*curve.ecdsa_raw_recover(digest, vrs))


def test_recovery_agrees_with_py_ecc_where_nobody_signed() -> None:
    pairs = [(RANDOM.randrange(1, N), RANDOM.randrange(1, HALF_N)) for _ in range(12)]
    signatures = [RecoverableSignature(r % 2, r, s) for r, s in pairs]
    for key, digest, signature in zip(recover_many(DIGESTS, signatures), DIGESTS, signatures, strict=True):
        vrs = (27 + signature.recovery_id, signature.r, signature.s)
        if key is None:
            with pytest.raises(ValueError, match="cannot be the x coord"):
                curve.ecdsa_raw_recover(digest, vrs)
        else:
            assert key == Point(*curve.ecdsa_raw_recover(digest, vrs))


def test_one_bad_signature_spoils_no_other() -> None:
    bad = RecoverableSignature(0, 0, 1)
    keys = recover_many([DIGESTS[0], DIGESTS[0], DIGESTS[1]], [SIGNATURES[0], bad, SIGNATURES[1]])
    assert keys == [WALLETS[0].key, None, WALLETS[1].key]
    assert recover_many([], []) == []


def test_one_digest_per_signature() -> None:
    with pytest.raises(ValueError, match="argument"):
        recover_many(DIGESTS[:2], SIGNATURES[:1])


GOOD = SIGNATURES[0]
NO_POINT = next(x for x in range(1, 100) if pow(x**3 + 7, (P - 1) // 2, P) != 1)


@pytest.mark.parametrize(
    "signature",
    [
        RecoverableSignature(GOOD.recovery_id ^ 1, GOOD.r, N - GOOD.s),
        RecoverableSignature(GOOD.recovery_id, GOOD.r, HALF_N + 1),
        RecoverableSignature(GOOD.recovery_id, GOOD.r, 0),
        RecoverableSignature(GOOD.recovery_id, GOOD.r, N),
        RecoverableSignature(GOOD.recovery_id, 0, GOOD.s),
        RecoverableSignature(GOOD.recovery_id, N, GOOD.s),
        RecoverableSignature(GOOD.recovery_id, 2**256 - 1, GOOD.s),
        RecoverableSignature(GOOD.recovery_id | 2, GOOD.r, GOOD.s),
        RecoverableSignature(0, NO_POINT, GOOD.s),
    ],
    ids=["high S", "just high", "s 0", "s n", "r 0", "r n", "r huge", "x beyond p", "no point"],
)
def test_no_key_is_recovered_from(signature: RecoverableSignature) -> None:
    assert recover_many([DIGESTS[0]], [signature]) == [None]


def test_half_n_itself_is_low() -> None:
    assert recover_many([DIGESTS[0]], [RecoverableSignature(0, GOOD.r, HALF_N)]) != [None]


def test_x_beyond_n_is_found_by_bit_one() -> None:
    """r = x - n for a point with n <= x < p, which no test wallet meets by chance."""
    x = next(x for x in range(N + 1, P) if pow(x**3 + 7, (P - 1) // 2, P) == 1)
    keys = recover_many([DIGESTS[0]] * 2, [RecoverableSignature(i, x - N, 5) for i in (2, 3)])
    assert None not in keys
    assert keys[0] != keys[1]
    for key in keys:
        assert key is not None
        assert verify_der(key.to_bytes(), DIGESTS[0], der(x - N, 5))


def test_the_identity_is_no_key() -> None:
    """With R = G and s = z the sum -z/r G + s/r R vanishes."""
    z = 12345
    signature = RecoverableSignature(G.y % 2, G.x, z)
    assert recover_many([scalar(z)], [signature]) == [None]


def test_bytes_of_another_length_are_no_signature() -> None:
    assert RecoverableSignature.from_bytes(scalar(GOOD.r) + scalar(GOOD.s), 1) == RecoverableSignature(
        1, GOOD.r, GOOD.s
    )
    for data, recovery_id in ((bytes(63), 0), (bytes(65), 0), (bytes(64), 4), (bytes(64), -1)):
        with refused(Malformed, "E_LINE_SIGNATURE"):
            RecoverableSignature.from_bytes(data, recovery_id)


SMALL = [0, 1, 2, 15, 16, 17, 255, 256, N - 1, N - 2, N // 2]


def test_sums_with_generator_on_small_and_extreme_scalars() -> None:
    cases = [(base, a, b) for base in (1, 2, N - 1, 7) for a in SMALL for b in SMALL]
    points = b"".join((base * G).to_xy() for base, _, _ in cases)
    sums = sums_with_generator(points, b"".join(scalar(a) for _, a, _ in cases), b"".join(scalar(b) for *_, b in cases))
    for i, (base, a, b) in enumerate(cases):
        total = (a + base * b) % N
        expected = (total * G).to_xy() if total else IDENTITY_BYTES
        assert sums[64 * i : 64 * i + 64] == expected, (base, a, b)


def test_sums_refuse_lengths_that_do_not_fit() -> None:
    for points, on_g, on_p in ((bytes(63), bytes(32), bytes(32)), (G.to_xy(), b"", bytes(32)), (b"", b"", bytes(32))):
        with pytest.raises(ValueError, match=r"argument|records"):
            sums_with_generator(points, on_g, on_p)


def test_recovery_hands_the_multiplications_over() -> None:
    seen = []

    def multiply(points: bytes, on_g: bytes, on_p: bytes) -> bytes:
        seen.append((len(points), len(on_g), len(on_p)))
        return sums_with_generator(points, on_g, on_p)

    assert recover_many(DIGESTS, SIGNATURES, multiply) == [wallet.key for wallet in WALLETS]
    assert seen == [(64 * 12, 32 * 12, 32 * 12)]


@given(st.integers(1, N - 1), st.integers(1, N - 1))
def test_der_round_trip(r: int, s: int) -> None:
    assert parse_der(der(r, s)) == (r, s)


NOT_DER = {
    "empty": "",
    "no sequence": "31060201010201 01",
    "long form": "308106020101020101",
    "length too large": "3007020101020101",
    "trailing": "300602010102010100",
    "trailing inside": "3007020101020101" + "00",
    "integer empty": "30050200020101",
    "negative": "3006020181020101",
    "padded": "300702020001020101",
    "padded zeros": "30080202000002020000",
    "wrong tag": "3006030101020101",
    "one integer": "3003020101",
    "34 bytes": "3027" + "0222" + "01" * 34 + "020101",
    "all zero": "00" * 8,
    "cut": "3006020101",
}


@pytest.mark.parametrize("text", NOT_DER.values(), ids=NOT_DER.keys())
def test_what_is_not_strict_der_is_refused(text: str) -> None:
    with refused(Malformed, "E_LINE_SIGNATURE"):
        parse_der(bytes.fromhex(text))


@given(st.binary(max_size=80))
def test_no_bytes_escape_the_der_reader(data: bytes) -> None:
    try:
        r, s = parse_der(data)
    except Malformed:
        return
    assert der(r, s) == data, "one encoding per signature"


def test_verification_under_a_known_key() -> None:
    wallet, digest = WALLETS[0], DIGESTS[0]
    _, r, s = wallet.sign(digest)
    good = der(r, s)
    assert verify_der(wallet.public, digest, good)
    assert verify_der(b"\x04" + wallet.key.to_xy(), digest, good)
    assert not verify_der(wallet.public, digest, der(r, N - s)), "high S"
    assert not verify_der(WALLETS[1].public, digest, good)
    assert not verify_der(wallet.public, DIGESTS[1], good)
    assert not verify_der(wallet.public, digest, good + b"\0")
    assert not verify_der(wallet.public, digest, b"")
    for key in (b"", b"\0", wallet.public[:-1], b"\x05" + wallet.public[1:], b"\x02" + b"\xff" * 32):
        assert not verify_der(key, digest, good)
    assert not verify_der(wallet.public, digest[:-1], good), "a digest has 32 bytes"
