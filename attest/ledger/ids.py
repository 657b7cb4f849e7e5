"""Which account ids a book may hold (docs/protocol.md, section 2): UTF-8 in NFC, 1..256 bytes, no control character."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_BYTES: Final = 256
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")

SUSPECT_SQL: Final = (
    r"account IS NULL OR account = '' OR strlen(account) > 256 OR account <> trim(account)"
    r" OR NOT regexp_full_match(account, '[\x20-\x7E]*')"
)
"""Finds every id that :func:`explain` might refuse: anything but plain ASCII of the right length."""


def explain(account: str | None) -> tuple[str, str] | None:
    """(message, remedy) for an id that a book may not hold, None for a good one."""
    if not account:
        return "the account id is empty", "give every row the customer's account id, or leave the row out"
    control = _CONTROL.search(account)
    if control:
        message = f"the account id has a control character (U+{ord(control[0]):04X})"
        return message, "remove the character from the id; ids hold no tab, line break or U+007F"
    if account != account.strip():
        return "the account id begins or ends with a space", "take the space out: its owner would never type it"
    if any("\ud800" <= c <= "\udfff" for c in account):
        return "the account id is not valid Unicode", "store the id as UTF-8"
    if not unicodedata.is_normalized("NFC", account):
        return "the account id is not in Unicode normal form NFC", "normalise ids to NFC, as customers' keyboards do"
    if len(account.encode()) > MAX_BYTES:
        return f"the account id has {len(account.encode())} bytes, more than {MAX_BYTES}", "use a shorter id"
    return None
