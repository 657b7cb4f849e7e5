"""A line of an owner as somebody typed it, on a command line or in a row of a table, made into a strict line."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from attest.collateral.challenge import Challenge
from attest.collateral.guard import refuse_secrets
from attest.collateral.register import NewLine, default_id
from attest.collateral.units import UnitBook, read_base_units
from verifier.collateral import AddressBacking, Line, ValidatorBacking
from verifier.collateral.accounts import Account, parse_account, solana_key
from verifier.errors import Malformed, Rejected

COLUMNS: Final = (
    "account", "message", "scheme", "signatures", "script", "public_key", "withdrawal", "asset", "unit", "pool",
    "amount", "coins", "encumbered", "id",
)  # fmt: skip
"""Everything that can be said of a line; ``amount`` is in base units, ``coins`` in whole coins, one of the two."""
_SCHEMES: Final = {"eip155": "eip191", "tron": "tron-v2", "solana": "ed25519"}
_VALIDATOR_CHARS: Final = 98


def read_line(cells: Mapping[str, str], where: str, units: UnitBook, challenge: Challenge | None) -> NewLine:
    """The line that ``cells`` say (COLUMNS; what is missing is empty). Raises Malformed or Rejected.

    Private keys are looked for first, so that no other error can repeat one.
    """
    told = {name: cells.get(name, "").strip() for name in COLUMNS}
    typed = [(name, told[name]) for name in COLUMNS if name != "signatures"]
    signatures = tuple(told["signatures"].split())
    typed += [("signatures", text) for text in (*signatures, told["signatures"])]
    typed.append(("account", told["account"].rpartition(":")[2]))
    refuse_secrets(typed, where, told["account"])
    account = parse_account(told["account"], f"{where}: account")
    if not signatures:
        raise Rejected(
            "there is no signature",
            where=where,
            code="E_LINE_UNSIGNED",
            hint="let the owner sign the message of this account, or leave the line out",
        )
    line = _line(told, account, signatures, where, units)
    return NewLine(_without_m(line, challenge), where, named=bool(told["id"]))


def _line(told: Mapping[str, str], account: Account, signatures: tuple[str, ...], where: str, units: UnitBook) -> Line:
    asset, unit = units.resolve(told["asset"], told["unit"], account.chain, where)
    backing = _backing(told, account, signatures)
    document = {
        "id": told["id"] or "line",
        "kind": "validator" if isinstance(backing, ValidatorBacking) else "address",
        "asset": asset,
        "unit": unit,
        "pool": told["pool"],
        "amount": str(_amount(told, asset, unit, where, units)),
        "encumbered": str(read_base_units(told["encumbered"] or "0", f"{where}: encumbered")),
        **backing.to_json(),
    }
    line = Line.from_json(document, where)
    return line if told["id"] else named(line)


def named(line: Line, statement: str = "") -> Line:
    """The line under the name that says what it is."""
    return replace(line, id=default_id(line, statement))


def _backing(
    told: Mapping[str, str], account: Account, signatures: tuple[str, ...]
) -> AddressBacking | ValidatorBacking:
    if _is_validator(account):
        key = account.address.removeprefix("0x")
        return ValidatorBacking(account.chain, key, told["withdrawal"], told["scheme"] or "bls12381", signatures)
    return AddressBacking(
        account=str(account),
        scheme=told["scheme"] or _usual_scheme(account, told["script"], signatures),
        signatures=signatures,
        script=told["script"],
        public_key=told["public_key"] or _implied_key(account),
        message=told["message"] or None,
    )


def _amount(told: Mapping[str, str], asset: str, unit: str, where: str, units: UnitBook) -> int:
    if bool(told["amount"]) == bool(told["coins"]):
        raise Malformed(
            "needs an amount in base units, or in coins, and not both",
            where=f"{where}: amount",
            code="E_AMOUNT",
            hint="150000000 in amount and 1.5 in coins say the same of BTC",
        )
    if told["amount"]:
        return read_base_units(told["amount"], f"{where}: amount")
    return units.coins(told["coins"], asset, unit, f"{where}: coins")


def _without_m(line: Line, challenge: Challenge | None) -> Line:
    """A line never repeats M: a message column that holds it says only which message was signed."""
    backing = line.backing
    if not isinstance(backing, AddressBacking) or backing.message is None or challenge is None:
        return line
    if not challenge.accepts(backing.account, backing.message):
        return line
    return replace(line, backing=replace(backing, message=None))


def _is_validator(account: Account) -> bool:
    return account.namespace == "eip155" and len(account.address) == _VALIDATOR_CHARS


def _usual_scheme(account: Account, script: str, signatures: tuple[str, ...]) -> str:
    """What wallets of this chain make, where nothing is said; a wrong guess is an invalid line, never a valid one."""
    if account.namespace != "bip122":
        return _SCHEMES.get(account.namespace, "unknown")
    if script:
        return "bip137-multisig"
    try:
        compact = len(b64decode(signatures[0], validate=True)) == 65
    except (Error, ValueError):
        compact = False
    return "bip137" if compact else "bip322-simple"


def _implied_key(account: Account) -> str:
    """A Solana address is its public key."""
    return solana_key(account.address).hex() if account.namespace == "solana" else ""
