"""Negative cases of the decoders: points, scalars, numbers, JSON, base64, keys, ids not in their one form."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from vectors.make.build import secret
from vectors.make.kinds import POINT, SCALAR, off_curve
from vectors.make.mutate import JSON, LIMIT, MALFORMED, TYPE, Case, Refusal
from verifier.group import G, H, P, even_root
from verifier.hashing import N

ODD: Final = "one value has two spellings, or something else is read as a value"
AMOUNT: Final = Refusal(MALFORMED, "E_AMOUNT")
KEY: Final = Refusal(MALFORMED, "E_KEY")
ACCOUNT: Final = Refusal(MALFORMED, "E_ACCOUNT")


def group(target: str, refusal: Refusal, values: Mapping[str, Any], bug: str = ODD) -> list[Case]:
    """Cases of one decoder."""
    return [
        Case(f"{target}: {label}", "", target, f"spelling.{target}", refusal, bug, given={"value": value})
        for label, value in values.items()
    ]


def b32(value: int) -> str:
    """32 bytes in hex."""
    return value.to_bytes(32, "big").hex()


def points() -> list[Case]:
    """Compressed points and points of 64 bytes."""
    x, y, bad = b32(G.x), b32(G.y), b32(off_curve())
    compressed = {
        "empty": "",
        "one byte short": "02" + x[:-2],
        "one byte long": "02" + x + "00",
        "prefix 00": "00" + x,
        "prefix 01": "01" + x,
        "prefix 04": "04" + x,
        "prefix 05": "05" + x,
        "prefix 06": "06" + x,
        "prefix 07": "07" + x,
        "prefix ff": "ff" + x,
        "uncompressed": "04" + x + y,
        "hybrid": "06" + x + y,
        "x only": x,
        "identity of SEC1": "00",
        "33 zero bytes": "00" * 33,
        "x = 0": "02" + b32(0),
        "off the curve": "02" + bad,
        "off the curve, odd": "03" + bad,
        "x = p": "02" + b32(P),
        "x = p + 1": "02" + b32(P + 1),
        "x = p - 1, off the curve": "02" + b32(P - 5),
        "x = 2^256 - 1": "03" + "ff" * 32,
    }
    if even_root(P - 5) is not None:
        raise ValueError("p - 5 should be off the curve")
    wide = {
        "empty": "",
        "one byte short": (x + y)[:-2],
        "one byte long": x + y + "00",
        "identity": "00" * 64,
        "with prefix": "04" + x + y,
        "y + 1": x + b32(G.y + 1),
        "x of another point": b32(H.x) + y,
        "x = p": b32(P) + y,
        "y = p": x + b32(P),
        "x = 2^256 - 1": "ff" * 32 + y,
        "y = 2^256 - 1": x + "ff" * 32,
        "x and y swapped": y + x,
        "y = 0": x + b32(0),
        "x = 0": b32(0) + y,
        "x = 1, y = p + the root": b32(1) + b32(P + 1),
    }
    return group("point", POINT, compressed) + group("point-xy", POINT, wide)


def numbers() -> list[Case]:
    """Scalars, amounts, signed numbers, decimal amounts."""
    scalars = {
        "n": b32(N),
        "n + 1": b32(N + 1),
        "2^256 - 1": "ff" * 32,
        "empty": "",
        "31 bytes": "00" * 31,
        "33 bytes": "00" * 33,
    }
    amounts = [
        "",
        "-0",
        "-1",
        "+1",
        "00",
        "01",
        "1.0",
        "1e2",
        " 1",
        "1 ",
        "1\n",
        "0x1",
        "1_0",
        "\u0661",
        "\uff11",
        "\u00b2",
        "NaN",
    ]
    signed = [
        "",
        "-0",
        "+1",
        "00",
        "01",
        "-01",
        "1.0",
        "1e2",
        " 1",
        "1\n",
        "--1",
        "- 1",
        "1_0",
        "\u0661",
        "\u22121",
        "1" * 79,
    ]
    decimals = [
        "",
        ".",
        ".5",
        "1.",
        "-1",
        "+1",
        "1,5",
        "1e8",
        "1.000000001",
        "NaN",
        "inf",
        "0x1",
        " 1",
        "1 ",
        "1_0",
        "\u0661",
        "1.5.0",
        "1" * 61,
    ]
    return [
        *group("scalar", SCALAR, scalars),
        *group("amount", TYPE, {repr(value): value for value in amounts}),
        *group("amount", TYPE, {"a number": 1, "null": None, "a list": ["1"], "true": True, "40 digits": "1" * 40}),
        *group("amount", LIMIT, {"2^128": str(2**128), "39 nines": "9" * 39}),
        *group("signed", TYPE, {repr(value[:20]): value for value in signed}),
        *group("signed", TYPE, {"a number": -1, "null": None, "false": False}),
        *group("decimal", AMOUNT, {repr(value[:20]): value for value in decimals}),
    ]


def json_texts() -> list[Case]:
    """JSON that is not RFC 8785, or not of this protocol's numbers."""
    texts: dict[str, bytes] = {
        "a space in an object": b'{ "a":1}',
        "a space behind a colon": b'{"a": 1}',
        "a space behind a comma": b"[1, 2]",
        "a line end behind": b"[]\n",
        "a tab in front": b"\t[]",
        "members unsorted": b'{"b":1,"a":2}',
        "a member twice": b'{"a":1,"a":1}',
        "a member twice, once escaped": b'{"a":1,"\\u0061":1}',
        "1.0": b"[1.0]",
        "1e2": b"[1e2]",
        "1E2": b"[1E2]",
        "-0": b"[-0]",
        "-1": b"[-1]",
        "01": b"[01]",
        "+1": b"[+1]",
        ".5": b"[.5]",
        "0.5": b"[0.5]",
        "2^53": b"[9007199254740992]",
        "2^64": b"[18446744073709551616]",
        "a hundred digits": b"[" + b"9" * 100 + b"]",
        "NaN": b"[NaN]",
        "Infinity": b"[Infinity]",
        "minus Infinity": b"[-Infinity]",
        "an escaped letter": b'["\\u0061"]',
        "an escaped slash": b'["\\/"]',
        "a long escape of a line end": b'["\\u000a"]',
        "an escape in capitals": b'["\\u001F"]',
        "an escaped letter beyond ASCII": b'["\\u00e9"]',
        "an escaped astral letter": b'["\\ud83d\\ude00"]',
        "half a surrogate pair": b'["\\ud83d"]',
        "a surrogate in UTF-8": b'["\xed\xa0\xbd"]',
        "an overlong byte": b'["\xc0\xaf"]',
        "Latin-1": b'["\xe9"]',
        "a raw control character": b'["\x01"]',
        "a raw DEL escaped": b'["\\u007f"]',
        "a byte order mark": b"\xef\xbb\xbf[]",
        "single quotes": b"['a']",
        "a comma at the end": b"[1,]",
        "a comment": b"[]//",
        "no quotes": b"{a:1}",
        "two documents": b"[][]",
        "half a document": b"[",
        "nothing": b"",
        "a space": b" ",
        "members sorted by UTF-8, not UTF-16": '{"\uff5e":1,"\U0001f600":2}'.encode(),
        "members sorted by letters, not numbers": b'{"a":1,"B":2}',
        "a name of a constant": b"True",
    }
    deep = b"[" * 65 + b"]" * 65
    encoded = {label: base64.b64encode(text).decode("ascii") for label, text in texts.items()}
    return [
        *group("json", JSON, encoded, "bytes that were never hashed or signed are read as the document"),
        *group("json", LIMIT, {"65 levels": base64.b64encode(deep).decode("ascii")}, "recursion without bound"),
    ]


def keys() -> list[Case]:
    """Base64, account keys, account ids, exchange keys."""
    key = secret("spelling").hex()
    encoded = [
        "QQ",
        "QQ=",
        "QQ===",
        "QR==",
        "QUI",
        "QUJ=",
        "Q Q==",
        "QQ==\n",
        "QQ==QQ==",
        "-_8=",
        "Q\u0430==",
        "=",
        "QUJD=",
    ]
    account_keys = {
        "without its prefix": key,
        "another prefix": "slv_x_" + key,
        "in capitals": "slv_k_" + key.upper(),
        "a digit short": "slv_k_" + key[:-1],
        "a byte short": "slv_k_" + key[:-2],
        "a byte long": "slv_k_" + key + "00",
        "prefix in capitals": "SLV_K_" + key,
        "prefix twice": "slv_k_slv_k_" + key,
        "a letter g": "slv_k_g" + key[1:],
        "a space within": "slv_k_" + key[:31] + " " + key[32:],
        "Arabic digits": "slv_k_" + "\u0661" * 64,
        "empty": "",
        "the prefix alone": "slv_k_",
        "0x": "slv_k_0x" + key[2:],
        "an underscore within": "slv_k_" + key[:31] + "_" + key[32:],
    }
    ids = {
        "empty": "",
        "257 bytes": "a" * 257,
        "257 bytes in 129 letters": "\u00e9" * 129,
        "a line end": "a\n",
        "a zero byte": "a\0b",
        "a tab": "\ta",
        "U+001F": "a\x1f",
    }
    exchange = {
        "empty": "",
        "a byte short": key[:-2],
        "a byte long": key + "00",
        "0x": "0x" + key,
        "a letter g": "g" + key[1:],
        "base64": "QUJD" * 11,
    }
    return [
        *group("base64", TYPE, {repr(value): value for value in encoded}),
        *group("base64", TYPE, {"a number": 1, "null": None}),
        *group("account-key", KEY, account_keys),
        *group("account-id", ACCOUNT, ids),
        *group("exchange-key", KEY, exchange),
    ]


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"spelling": [*points(), *numbers(), *json_texts(), *keys()]}
