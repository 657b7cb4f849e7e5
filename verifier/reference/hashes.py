"""Keyed and tagged hashes in bulk."""

from __future__ import annotations

import hmac

from verifier.engine import Packed
from verifier.hashing import tagged, u64, wide
from verifier.reference.arithmetic import pack_scalars, records


def wide_each(tag: str, prefix: bytes, start: int, count: int) -> bytes:
    """See ``Engine.wide_each``."""
    return pack_scalars(wide(tag, prefix + u64(i)) for i in range(start, start + count))


def hmac_each(key: bytes, messages: Packed, prefix: bytes = b"") -> bytes:
    """See ``Engine.hmac_each``."""
    return b"".join(hmac.digest(key, prefix + messages[i], "sha256") for i in range(len(messages)))


def tagged_each(tag: str, heads: bytes, tails: Packed | bytes) -> bytes:
    """See ``Engine.tagged_each``."""
    keys = records(heads, 32)
    if isinstance(tails, bytes):
        return b"".join(tagged(tag, key + tails) for key in keys)
    if len(tails) != len(keys):
        raise ValueError(f"{len(keys)} heads and {len(tails)} tails")
    return b"".join(tagged(tag, key + tails[i]) for i, key in enumerate(keys))
