"""Keys recovered in bulk by either engine are those that libsecp256k1 recovers (coincurve, only here and in bench)."""

from __future__ import annotations

import random

import coincurve
import pytest

from verifier.collateral.ecdsa import RecoverableSignature, recover_many
from verifier.engine import Engine, get_engine
from verifier.group import G
from verifier.hashing import N

RANDOM = random.Random(11)


@pytest.fixture(params=["reference", "core"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return get_engine(request.param)


def theirs(digest: bytes, signature: RecoverableSignature) -> bytes | None:
    """The key that coincurve recovers, compressed; None where it finds none."""
    packed = signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + bytes([signature.recovery_id])
    try:
        return coincurve.PublicKey.from_signature_and_message(packed, digest, hasher=None).format()
    except Exception:  # noqa: BLE001 (it raises bare exceptions of its own)
        return None


def ours(digests: list[bytes], signatures: list[RecoverableSignature], engine: Engine) -> list[bytes | None]:
    keys = recover_many(digests, signatures, engine.sums_with_generator)
    return [None if key is None else key.to_bytes() for key in keys]


def test_signed_by_somebody(engine: Engine) -> None:
    digests = [RANDOM.randbytes(32) for _ in range(64)]
    signatures, signers = [], []
    for digest in digests:
        secret = RANDOM.randrange(1, N)
        made = coincurve.PrivateKey(secret.to_bytes(32, "big")).sign_recoverable(digest, hasher=None)
        signatures.append(RecoverableSignature.from_bytes(made[:64], made[64]))
        signers.append((secret * G).to_bytes())
    assert ours(digests, signatures, engine) == signers
    assert [theirs(*pair) for pair in zip(digests, signatures, strict=True)] == signers


def test_signed_by_nobody(engine: Engine) -> None:
    """Half of all x are those of no point; both say so."""
    digests = [RANDOM.randbytes(32) for _ in range(64)]
    signatures = [
        RecoverableSignature(RANDOM.randrange(2), RANDOM.randrange(1, N), RANDOM.randrange(1, N // 2)) for _ in digests
    ]
    found = ours(digests, signatures, engine)
    assert found == [theirs(*pair) for pair in zip(digests, signatures, strict=True)]
    assert 16 < found.count(None) < 48


@pytest.mark.parametrize("digest", [bytes(32), N.to_bytes(32, "big"), b"\xff" * 32], ids=["zero", "n", "all ones"])
def test_digests_at_the_edges(engine: Engine, digest: bytes) -> None:
    key = coincurve.PrivateKey(bytes(31) + b"\x05")
    made = key.sign_recoverable(digest, hasher=None)
    signature = RecoverableSignature.from_bytes(made[:64], made[64])
    assert ours([digest], [signature], engine) == [theirs(digest, signature)] == [key.public_key.format()]


def test_one_of_many_recovers_the_identity(engine: Engine) -> None:
    """R = z/s * G: the key would be the identity, which is nobody's; its neighbours are not harmed."""
    digest, s = RANDOM.randbytes(32), RANDOM.randrange(1, N // 2)
    nonce = int.from_bytes(digest, "big") * pow(s, -1, N) % N
    point = nonce * G
    nobody = RecoverableSignature(point.y & 1, point.x % N, s)
    made = coincurve.PrivateKey(bytes(31) + b"\x07").sign_recoverable(digest, hasher=None)
    good = RecoverableSignature.from_bytes(made[:64], made[64])
    assert ours([digest] * 3, [good, nobody, good], engine) == [(7 * G).to_bytes(), None, (7 * G).to_bytes()]
    assert theirs(digest, nobody) is None
