"""ECDSA on secp256k1: keys recovered from signatures, and signatures checked against a known key. Low S only.

Recovery comes in batches, so that its slow step can be done in bulk (``ecmult``). py_ecc's own recovery is what the
tests compare with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.errors import Malformed, Unavailable
from verifier.group import P, Point, even_root
from verifier.hashing import N

HALF_N: Final = N // 2


@dataclass(frozen=True, slots=True)
class RecoverableSignature:
    """(r, s) and which of the up to four points with that r was meant: bit 0 the parity of y, bit 1 x = r + n."""

    recovery_id: int
    r: int
    s: int

    @classmethod
    def from_bytes(cls, data: bytes, recovery_id: int) -> RecoverableSignature:
        """Read ``r || s``, 64 bytes. Raises Malformed (E_LINE_SIGNATURE); ranges are checked when it is used."""
        if len(data) != 64 or not 0 <= recovery_id <= 3:
            raise Malformed("not a recoverable signature", where="signatures", code="E_LINE_SIGNATURE")
        return cls(recovery_id, int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big"))


def in_range(r: int, s: int) -> bool:
    """0 < r < n and 0 < s <= n/2: of the two forms of each signature only the low one counts."""
    return 0 < r < N and 0 < s <= HALF_N


def recover_many(
    digests: Sequence[bytes],
    signatures: Sequence[RecoverableSignature],
    multiply: SumsWithGenerator = sums_with_generator,
) -> list[Point | None]:
    """The key that made each signature of its 32-byte digest, or None where no key can have made it.

    Raises ValueError unless there is one digest per signature.
    """
    pairs = list(zip(digests, signatures, strict=True))
    nonces = [_nonce_point(signature) for _, signature in pairs]
    usable = [i for i, nonce in enumerate(nonces) if nonce is not None]
    inverses = _inverses([signatures[i].r for i in usable])
    factors = [_factors(*pairs[i], inverse) for i, inverse in zip(usable, inverses, strict=True)]
    points = b"".join(nonce.to_xy() for nonce in nonces if nonce is not None)
    sums = multiply(points, _pack(on_g for on_g, _ in factors), _pack(on_r for _, on_r in factors))
    keys: list[Point | None] = [None] * len(pairs)
    for position, i in enumerate(usable):
        key = Point.from_sum(sums[64 * position : 64 * position + 64])
        keys[i] = None if key.is_identity else key
    return keys


def _nonce_point(signature: RecoverableSignature) -> Point | None:
    """R, the point whose x gave r."""
    x = signature.r + (N if signature.recovery_id & 2 else 0)
    if not in_range(signature.r, signature.s):
        return None
    y = even_root(x)
    if y is None:
        return None
    return Point(x, P - y if signature.recovery_id & 1 else y)


def _inverses(values: Sequence[int]) -> list[int]:
    """1/value mod n for each value, none of them 0: one inversion, and three products for each."""
    products = list(accumulate(values, lambda a, b: a * b % N, initial=1))
    inverse = pow(products[-1], -1, N)
    found = [0] * len(values)
    for i in range(len(values) - 1, -1, -1):
        found[i] = inverse * products[i] % N
        inverse = inverse * values[i] % N
    return found


def _factors(digest: bytes, signature: RecoverableSignature, inverse: int) -> tuple[int, int]:
    """(-z/r, s/r) with ``inverse`` = 1/r: the key is -z/r * G + s/r * R."""
    return -int.from_bytes(digest, "big") * inverse % N, signature.s * inverse % N


def _pack(scalars: Iterable[int]) -> bytes:
    return b"".join(scalar.to_bytes(32, "big") for scalar in scalars)


def parse_der(data: bytes) -> tuple[int, int]:
    """(r, s) of a signature in strict DER. Raises Malformed (E_LINE_SIGNATURE) for every other encoding."""
    if not 8 <= len(data) <= 72 or data[0] != 0x30 or data[1] != len(data) - 2:
        raise _not_der()
    r, rest = _der_integer(data[2:])
    s, rest = _der_integer(rest)
    if rest:
        raise _not_der()
    return r, s


def _der_integer(data: bytes) -> tuple[int, bytes]:
    """A positive integer in its shortest form, and what follows it."""
    length = data[1] if len(data) > 2 and data[0] == 2 else 0
    body = data[2 : 2 + length]
    padded = len(body) > 1 and body[0] == 0 and body[1] < 0x80
    if not 0 < length == len(body) <= 33 or body[0] >= 0x80 or padded:
        raise _not_der()
    return int.from_bytes(body, "big"), data[2 + length :]


def _not_der() -> Malformed:
    return Malformed("not an ECDSA signature in strict DER", where="signatures", code="E_LINE_SIGNATURE")


def verify_der(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (strict DER, low S) is ``public_key``'s (33 or 65 bytes) on a 32-byte digest.

    Raises Unavailable where the installed OpenSSL does not know the curve.
    """
    try:
        r, s = parse_der(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), public_key)
        if not in_range(r, s):
            return False
        key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(SHA256())))
    except (Malformed, ValueError, InvalidSignature):
        return False
    except UnsupportedAlgorithm as error:
        raise Unavailable("OpenSSL was built without secp256k1", where="signatures", code="E_ENGINE") from error
    return True
