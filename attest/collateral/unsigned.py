"""Files that list wallets without signatures: told apart by their form, so that the refusal can name them."""

from __future__ import annotations

import re
from typing import Final

from verifier.errors import Rejected

_BITFINEX: Final = re.compile(r"\S+.* - .*\b(?:hot|cold)\b.*", re.IGNORECASE)
_YAML: Final = re.compile(r"^(height|blockhash|chain|claim|total|xpub|keys|address):", re.MULTILINE)
_BITMEX: Final = {"height", "address"}
_ADDRESS: Final = ("address", "wallet address", "addr", "wallet")


def refuse_unsigned(text: str, where: str) -> None:
    """Raises Rejected (E_LINE_UNSIGNED) for a list of wallets that nobody signed, naming whose form it is."""
    kind = _unsigned_kind(text)
    if kind:
        raise Rejected(
            f"this is {kind}: it lists wallets and has no signature of any owner, so it shows nothing",
            where=where,
            code="E_LINE_UNSIGNED",
            hint="let each owner sign this epoch's message: solvent collateral challenge --csv FILE",
        )


def _unsigned_kind(text: str) -> str:
    head = text[:65_536].removeprefix("\ufeff")
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    if set(_YAML.findall(head)) >= _BITMEX:
        return "BitMEX's YAML of reserves"
    if lines and 2 * sum(bool(_BITFINEX.fullmatch(line)) for line in lines) > len(lines):
        return "a list as Bitfinex publishes it, addresses with hot or cold wallet beside them"
    cells = [cell.strip().strip('"').lower() for cell in (lines[0] if lines else "").split(",")]
    if any(cell in _ADDRESS for cell in cells) and not any("sign" in cell for cell in cells):
        return "a table as Binance publishes its hot and cold wallets, addresses without signatures"
    return ""
