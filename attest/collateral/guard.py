"""Private keys do not belong here: a field that looks like one is refused, named, and never repeated.

Owners sign in their own wallets and hand in signatures. There is no option for a private key, so one that turns up was
pasted by mistake; the remedy says what that means for the coins.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Final

from verifier.collateral import base58
from verifier.errors import Malformed

_EXTENDED: Final = re.compile(r"[a-zA-Z]prv[1-9A-HJ-NP-Za-km-z]{100,112}", re.ASCII)
_WIF: Final = re.compile(r"[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}", re.ASCII)
_WIF_VERSIONS: Final = (0x80, 0xEF)
_KEY_HEX: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{64}", re.ASCII)
_KEY_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
_NUMBERS: Final = re.compile(r"\[?(?:\s*[0-9]{1,3}\s*,){31,63}\s*[0-9]{1,3}\s*\]?", re.ASCII)
_PHRASE: Final = re.compile(r"[a-z]{3,8}(?: +[a-z]{3,8}){11,23}", re.ASCII)
_PHRASE_LENGTHS: Final = (12, 15, 18, 21, 24)
_MARKS: Final = ("PRIVATE KEY-----", "slv_m_")
_PUBLIC_32_BYTES: Final = ("public_key", "withdrawal")
"""A Solana key and a validator's withdrawal credentials have 32 bytes, as private keys have."""


def refuse_secrets(fields: Iterable[tuple[str, str]], where: str, account: str = "") -> None:
    """Raises Malformed (E_SECRET) for the first of (name, text) that looks like a private key; ``account`` is CAIP-10.

    The error names the field and repeats nothing of it.
    """
    public = _solana_key(account)
    for name, text in fields:
        if looks_secret(text.strip(), public, may_be_32_bytes=name in _PUBLIC_32_BYTES, prose=name == "message"):
            raise Malformed(
                "this looks like a private key, and no private key belongs here; it was not stored",
                where=f"{where}: {name}",
                code="E_SECRET",
                hint="give a signature made in the wallet; if this was a real key, others may have seen it: "
                "move its coins, and clear it from the file and from the history of your shell",
            )


def looks_secret(text: str, solana: bytes = b"", *, may_be_32_bytes: bool = False, prose: bool = False) -> bool:
    """Whether ``text`` has the form of a private key, a seed phrase, or this program's own master key."""
    if any(mark in text for mark in _MARKS) or _EXTENDED.fullmatch(text) or _NUMBERS.fullmatch(text):
        return True
    if _is_wif(text) or (solana and _is_solana_pair(text, solana)):
        return True
    if not prose and _PHRASE.fullmatch(text) and len(text.split()) in _PHRASE_LENGTHS:
        return True
    if may_be_32_bytes:
        return False
    return bool(_KEY_HEX.fullmatch(text)) or _is_base64_key(text)


def _is_wif(text: str) -> bool:
    """Bitcoin's form of a private key, checksum and all."""
    if not _WIF.fullmatch(text):
        return False
    try:
        payload = base58.check_decode(text)
    except Malformed:
        return False
    return payload[0] in _WIF_VERSIONS and len(payload) in (33, 34)


def _is_solana_pair(text: str, public_key: bytes) -> bool:
    """Wallets export 64 bytes, the seed and the public key, in the form of a signature."""
    try:
        data = base58.decode(text) if len(text) <= base58.MAX_CHARS else b""
    except Malformed:
        data = bytes.fromhex(text[2:]) if re.fullmatch(r"0x[0-9a-f]{128}", text) else b""
    return len(data) == 64 and data[32:] == public_key


def _is_base64_key(text: str) -> bool:
    if not _KEY_BASE64.fullmatch(text):
        return False
    try:
        return len(b64decode(text, validate=True)) == 32
    except binascii.Error:
        return False


def _solana_key(account: str) -> bytes:
    namespace, _, rest = account.partition(":")
    if namespace != "solana":
        return b""
    try:
        return base58.decode(rest.rpartition(":")[2])
    except Malformed:
        return b""
