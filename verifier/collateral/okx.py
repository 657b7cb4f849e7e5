"""OKX's published proof-of-reserves files, read as lines of legacy evidence.

Two forms exist. Files of 2022 give base units and put the network into the coin's name (``ETH-ARBITRUM``); files of
2026 give coin units and a column Network. The signatures cover the address and the static message, never the amount.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from verifier.collateral.evidence import OwnershipClaim
from verifier.collateral.okx_units import NETWORKS, UNITS, Network, Unit, Units
from verifier.errors import Malformed, Rejected, SolventError, Unavailable

MAX_CHARS: Final = 2**28
MAX_ROWS: Final = 2**20

_HEADER_2022: Final = "coin,address,amount,message,signature1,signature2,redeem script/ public key"
_HEADER_2026: Final = (
    "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key,EOA1,EOA2"
)
_SUMMARY: Final = "coin,snapshot height,amount"
_BASE_UNITS: Final = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)
_COIN_UNITS: Final = re.compile(r"(0|[1-9][0-9]{0,38})(?:\.([0-9]{1,38}))?", re.ASCII)
_HEIGHT: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LegacyLine:
    """A row as an address line: amount in base units of ``unit``, account in CAIP-10; nothing has been verified.

    ``row`` is its line in the file and ``height`` the chain's height, where the file says so.
    """

    row: int
    asset: str
    unit: str
    amount: int
    account: str
    scheme: str
    message: str
    signatures: tuple[str, ...]
    script: str
    public_key: str
    height: int | None

    def claim(self) -> OwnershipClaim:
        """What ``verify_many`` judges; the amount is no part of it."""
        return OwnershipClaim(self.scheme, self.message, self.account, self.signatures, self.script, self.public_key)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is no line: a network or a unit that is not known, a contract's owner, no signature."""

    row: int
    coin: str
    network: str
    address: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class OkxFile:
    """What a file holds; every row is in one of the two."""

    lines: tuple[LegacyLine, ...]
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    heights: Mapping[str, int]
    in_coin_units: bool

    @property
    def network(self) -> str:
        return self.cells["Network"] if self.in_coin_units else self.cells["coin"]


def import_okx(text: str, units: Units = UNITS) -> OkxFile:
    """Read a file. Raises Malformed (E_FIELD, E_TYPE, E_LIMIT) when it is not one of the two forms.

    ``units`` maps (symbol, chain) to units; a row whose unit is not in it is refused (E_LINE_UNIT).
    """
    lines: list[LegacyLine] = []
    refused: list[RefusedRow] = []
    for row in _rows(text):
        try:
            lines.append(_line(row, units))
        except (Rejected, Unavailable) as error:
            refused.append(_refused(row, error))
    return OkxFile(tuple(lines), tuple(refused))


def _rows(text: str) -> Iterator[_Row]:
    """The rows under the table's header; before it, files of 2022 have a summary with the chains' heights."""
    header: list[str] = []
    heights: dict[str, int] = {}
    for number, cells in _records(text):
        joined = ",".join(cells)
        if joined in (_HEADER_2022, _HEADER_2026) and not header:
            header = cells
        elif header:
            yield _Row(number, _named(header, cells, number), heights, "Network" in header)
        elif joined != _SUMMARY and len(cells) == 3:
            heights |= {cells[0]: int(cells[1])} if _HEIGHT.fullmatch(cells[1]) else {}
        elif joined != _SUMMARY:
            break
    if not header:
        raise Malformed("this is not a table of addresses as OKX publishes them", where="file", code="E_FIELD")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not empty."""
    if len(text) > MAX_CHARS:
        raise Malformed(f"longer than {MAX_CHARS} characters", where="file", code="E_LIMIT")
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for count, cells in enumerate(reader):
            if count >= MAX_ROWS:
                raise Malformed(f"more than {MAX_ROWS} rows", where="file", code="E_LIMIT")
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Malformed(
            "not a table of comma-separated values", where=f"row {reader.line_num}", code="E_TYPE"
        ) from error


def _named(header: list[str], cells: list[str], number: int) -> dict[str, str]:
    """Cells by column; ``null`` and cells left out at the end are empty."""
    if not 4 <= len(cells) <= len(header):
        raise Malformed(f"has {len(cells)} cells, not {len(header)}", where=f"row {number}", code="E_FIELD")
    filled = [*("" if cell == "null" else cell for cell in cells), *[""] * (len(header) - len(cells))]
    return dict(zip(header, filled, strict=True))


def _line(row: _Row, units: Units) -> LegacyLine:
    cells, network = row.cells, _network(row)
    asset = cells["coin"] if row.in_coin_units else cells["coin"].partition("-")[0]
    unit = units.get((asset, network.chain))
    if unit is None:
        raise Rejected(f"no unit is known for {asset[:32]!r} on {network.chain}", code="E_LINE_UNIT")
    script = cells["redeem script/ public key"]
    is_key = network.scheme == "okx-ed25519"
    return LegacyLine(
        row=row.number,
        asset=asset,
        unit=unit.unit,
        amount=_amount(row, unit),
        account=f"{network.chain}:{cells['address']}",
        scheme="bip137-multisig" if network.scheme == "bip137" and script else network.scheme,
        message=cells["message"],
        signatures=_signatures(cells),
        script="" if is_key else script,
        public_key=script.removeprefix("0x") if is_key else "",
        height=_height(row),
    )


def _network(row: _Row) -> Network:
    network = NETWORKS.get(row.network)
    if network is None:
        raise Unavailable(f"the network {row.network[:32]!r} cannot be checked", code="E_LINE_UNSUPPORTED")
    if row.cells.get("EOA1") or row.cells.get("EOA2"):
        raise Unavailable(
            "the signer is said to own this contract or validator, which only the exchange says",
            code="E_LINE_UNSUPPORTED",
            hint="list it as a custody line that an observer signs",
        )
    return network


def _signatures(cells: Mapping[str, str]) -> tuple[str, ...]:
    signatures = tuple(cells[name] for name in ("signature1", "signature2") if cells[name])
    if not signatures:
        raise Rejected("there is no signature", code="E_LINE_UNSIGNED")
    return signatures


def _amount(row: _Row, unit: Unit) -> int:
    """Base units, exactly. Raises Malformed (E_TYPE) for what is no amount or has more decimals than the unit."""
    text, where = row.cells["amount"], f"row {row.number}, column amount"
    if not row.in_coin_units:
        if not _BASE_UNITS.fullmatch(text):
            raise Malformed("should be a whole number of base units", where=where, code="E_TYPE")
        return int(text)
    match = _COIN_UNITS.fullmatch(text)
    decimals = (match[2] or "").rstrip("0") if match else ""
    if match is None or len(decimals) > unit.decimals:
        raise Malformed(f"should be an amount with at most {unit.decimals} decimals", where=where, code="E_TYPE")
    return int(match[1] + decimals.ljust(unit.decimals, "0"))


def _height(row: _Row) -> int | None:
    if not row.in_coin_units:
        return row.heights.get(row.cells["coin"])
    text = row.cells["Snapshot Height"]
    return int(text) if _HEIGHT.fullmatch(text) else None


def _refused(row: _Row, error: SolventError) -> RefusedRow:
    return RefusedRow(row.number, row.cells["coin"], row.network, row.cells["address"], error.code, error.message)
