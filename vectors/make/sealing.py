"""Negative cases of sealed.bin: its table, and records that are sealed with the right key and say something wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vectors.make.books import books
from vectors.make.build import MASTER, Made, secret
from vectors.make.describe import opening
from vectors.make.mutate import BINDING, REJECTED, Case, Refusal, flip, resigned
from verifier.hashing import N, u16, u64

SEALED: Final = "sealed.bin"
BROKEN: Final = Refusal(REJECTED, "E_SEALED", "8")
LEADS_ELSEWHERE: Final = Refusal(REJECTED, "E_INCLUSION", "5.6")
BAD_CELL: Final = Refusal(REJECTED, "E_INCLUSION", "5.3")
_FORM: Final = "one row has two records, so what was sealed cannot be shown to others"


def table(made: Made) -> list[int]:
    """The offsets."""
    data, count = made.files[SEALED], made.attestation.accounts
    return [int.from_bytes(data[8 * i : 8 * i + 8], "big") for i in range(count + 1)]


def sealed_file(offsets: list[int], body: bytes) -> bytes:
    """A table and what stands behind it."""
    return b"".join(u64(offset % 2**64) for offset in offsets) + body


def tables() -> list[Case]:
    """Offsets that do not fit: an auditor refuses them."""
    made = books()["margin"]
    offsets, data = table(made), made.files[SEALED]
    body = data[offsets[0] :]
    changed = {
        "first offset one more": [offsets[0] + 1, *offsets[1:]],
        "first offset zero": [0, *offsets[1:]],
        "first offset one record further": [offsets[1], *offsets[1:]],
        "an offset one more": [*offsets[:2], offsets[2] + 1, *offsets[3:]],
        "an offset one less": [*offsets[:2], offsets[2] - 1, *offsets[3:]],
        "an empty record": [*offsets[:2], offsets[1], *offsets[3:]],
        "offsets that fall": [*offsets[:2], offsets[3], offsets[2], *offsets[4:]],
        "an offset of 2^64 - 1": [*offsets[:2], 2**64 - 1, *offsets[3:]],
        "last offset one more": [*offsets[:-1], offsets[-1] + 1],
        "last offset a record further": [*offsets[:-1], offsets[-1] + 768],
        "all offsets shifted": [offset + 256 for offset in offsets],
    }
    files = {label: sealed_file(moved, body) for label, moved in changed.items()}
    files |= {
        "one byte missing": data[:-1],
        "one byte more": data + b"\0",
        "a record more": data + bytes(256),
        "empty": b"",
        "cut in its table": data[: 8 * 3 + 4],
        "without its table": body,
        "a record of 512 bytes": sealed_file([*offsets[:-1], offsets[-1] + 256], body + bytes(256)),
        "a record of 255 bytes": sealed_file([*offsets[:-1], offsets[-1] - 1], body[:-1]),
    }
    bug = "a customer is given other bytes than their record, or none"
    found = [
        sealed_case(label, "sealed.offsets", "audit", resigned(made, {SEALED: data}), BROKEN, bug)
        for label, data in files.items()
    ]
    found += [
        sealed_case(
            f"{label}, for a customer", "sealed.offsets", "me", resigned(made, {SEALED: files[label]}), BROKEN, bug
        )
        for label in ("an offset one more", "offsets that fall", "one byte missing", "cut in its table")
    ]
    unsigned, not_signed = {SEALED: flip(data, len(data) - 1)}, "a file is read that is not the one that was signed"
    return [
        *found,
        sealed_case("changed, not signed", "sealed.record", "audit", unsigned, BINDING, not_signed),
        sealed_case("changed, not signed, for a customer", "sealed.record", "me", unsigned, BINDING, not_signed),
    ]


def sealed_case(
    label: str, field: str, target: str, files: Mapping[str, bytes | None], refusal: Refusal, bug: str
) -> Case:
    """A changed sealed.bin of margin; ``me`` is the customer of the first row."""
    return Case(f"sealed.bin: {label}", "margin", target, field, refusal, bug, files)


def encrypt(made: Made, text: bytes, key: bytes | None = None, index: int | None = None, nonce: int = 0) -> bytes:
    """``text`` sealed for the first customer as section 8 says, unless told otherwise."""
    account, row = made.rows[0][0], opening(made, 0)
    point = bytes.fromhex(row["commitment"])
    account_key = key or MASTER.account_key(account)
    derived = HKDF(SHA256(), 32, salt=made.attestation.ctx, info=b"solvent/1/sealed" + point).derive(account_key)
    aad = u64(row["index"] if index is None else index) + point
    return ChaCha20Poly1305(derived).encrypt(nonce.to_bytes(12, "big"), text, aad)


def replaced(made: Made, record: bytes) -> dict[str, bytes | None]:
    """The first record replaced, the table adjusted, all signed."""
    offsets, data = table(made), made.files[SEALED]
    delta = len(record) - (offsets[1] - offsets[0])
    moved = [offsets[0], *(offset + delta for offset in offsets[1:])]
    return resigned(made, {SEALED: sealed_file(moved, record + data[offsets[1] :])})


def text_of(blinding: bytes, cells: list[tuple[int, bytes]], count: int | None = None, size: int = 240) -> bytes:
    """A record's text from cells as they are to be written."""
    body = b"".join(u16(column) + bytes([len(value) & 255]) + value for column, value in cells)
    return (blinding + u16(len(cells) if count is None else count) + body).ljust(size, b"\0")


def forms(made: Made) -> dict[str, bytes]:
    """Texts that are not in the one valid form."""
    row = opening(made, 0)
    blinding, cells = bytes.fromhex(row["blinding"]), true_cells(made)
    first, second, *rest = cells
    good = text_of(blinding, cells)
    return {
        "columns in falling order": text_of(blinding, [second, first, *rest]),
        "a column twice": text_of(blinding, [first, first, *rest]),
        "a value with a leading zero": text_of(blinding, [(first[0], b"\0" + first[1]), second, *rest]),
        "a value of no bytes": text_of(blinding, [(first[0], b""), second, *rest]),
        "a value of zero": text_of(blinding, [(first[0], b"\0"), second, *rest]),
        "a value of 17 bytes": text_of(blinding, [(first[0], b"\1" * 17), second, *rest]),
        "a value of 255 bytes": text_of(blinding, [(first[0], b"\1" * 255)], size=1008),
        "padding that is not zero": good[:-1] + b"\1",
        "a byte behind the last cell": good[:100] + b"\1" + good[101:],
        "padding to the next size": good.ljust(1008, b"\0"),
        "one cell fewer than counted": text_of(blinding, cells, count=len(cells) + 1),
        "one cell more than counted": text_of(blinding, cells, count=len(cells) - 1),
        "a count of 65535": text_of(blinding, cells, count=65535),
        "a blinding of n": text_of(N.to_bytes(32, "big"), cells),
        "a blinding of 2^256 - 1": text_of(b"\xff" * 32, cells),
        "all zeros but a count": bytes(32) + u16(80) + bytes(206),
    }


def true_cells(made: Made) -> list[tuple[int, bytes]]:
    """The first row's cells as they are written."""
    return [(c, value.to_bytes((value.bit_length() + 7) // 8, "big")) for c, value in made.rows[0][1]]


def lies(made: Made) -> dict[str, tuple[bytes, Refusal]]:
    """Texts in good form that do not open the row."""
    blinding = bytes.fromhex(opening(made, 0)["blinding"])
    cells = true_cells(made)
    (column, value), *rest = cells
    more = (int.from_bytes(value, "big") + 1).to_bytes(len(value), "big")
    return {
        "another blinding": (text_of(flip(blinding, 31), cells), LEADS_ELSEWHERE),
        "a blinding of zero": (text_of(bytes(32), cells), LEADS_ELSEWHERE),
        "a balance one higher": (text_of(blinding, [(column, more), *rest]), LEADS_ELSEWHERE),
        "a cell left out": (text_of(blinding, rest), LEADS_ELSEWHERE),
        "no cells": (text_of(blinding, []), LEADS_ELSEWHERE),
        "a column that is not there": (text_of(blinding, [*cells, (4, b"\1")]), BAD_CELL),
        "column 65535": (text_of(blinding, [*cells, (65535, b"\1")]), BAD_CELL),
        "a cell wider than its column": (text_of(blinding, [(column, b"\1\0\0"), *rest]), BAD_CELL),
        "a cell of 16 bytes": (text_of(blinding, [(column, b"\xff" * 16), *rest]), BAD_CELL),
    }


def records() -> list[Case]:
    """What only the customer can find."""
    made = books()["margin"]
    good = text_of(bytes.fromhex(opening(made, 0)["blinding"]), true_cells(made))
    offsets, data = table(made), made.files[SEALED]
    record = data[offsets[0] : offsets[1]]
    if encrypt(made, good) != record:
        raise ValueError("the record is not rebuilt byte for byte")
    broken = {
        "first bit flipped": flip(record, 0),
        "a bit of the cells flipped": flip(record, 36),
        "last bit of the tag flipped": flip(record, 255),
        "that of the next row": data[offsets[1] : offsets[2]],
        "random bytes": secret("a") * 8,
        "zeros": bytes(256),
        "sealed for another account_key": encrypt(made, good, key=secret("another")),
        "sealed for another position": encrypt(made, good, index=1),
        "sealed with another nonce": encrypt(made, good, nonce=1),
    }
    broken |= {label: encrypt(made, text) for label, text in forms(made).items()}
    bug = "a record that proves nothing is shown as the customer's row"
    found = [
        sealed_case(
            label, "sealed.record", "me", replaced(made, changed), BROKEN, _FORM if label in forms(made) else bug
        )
        for label, changed in broken.items()
    ]
    return found + [
        sealed_case(label, "sealed.record", "me", replaced(made, encrypt(made, text)), refusal, bug)
        for label, (text, refusal) in lies(made).items()
    ]


def texts() -> list[Case]:
    """The same texts for a decoder alone."""
    made = books()["margin"]
    found: dict[str, Any] = dict(forms(made))
    found |= {
        "empty": b"",
        "the blinding alone": bytes(32),
        "one byte short": text_of(bytes(32), [])[:-1],
        "one byte long": text_of(bytes(32), []) + b"\0",
        "33 bytes": bytes(33),
    }
    return [
        Case(f"sealed text: {label}", "", "sealed-text", "sealed.text", BROKEN, _FORM, given={"value": text.hex()})
        for label, text in found.items()
    ]


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"sealed": [*tables(), *records(), *texts()]}
