"""The sections [keys] and [documents] of solvent.toml: where signing keys and signed documents are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.config_table import ConfigError, Table
from attest.key_reference import KeyReference, key_reference
from verifier.dsse import Envelope
from verifier.errors import Malformed, Unavailable
from verifier.markets.policy import Policy
from verifier.schema import Column

PLACES: Final = {
    "root": Path("documents/root.json"),
    "policy": Path("documents/policy.json"),
    "scenarios": Path("documents/scenarios.json"),
    "quotes": Path("documents/quotes"),
    "collateral": Path("documents/collateral"),
}
"""Where documents are unless solvent.toml says otherwise."""
POLICY_TYPE: Final = "application/vnd.solvent.policy.v1+json"


@dataclass(frozen=True, slots=True)
class KeysConfig:
    """Where keys are, and where passphrases and PINs come from.

    ``master`` is a file; the others are files or keys in a PKCS#11 token. ``passphrase_env`` and ``pin_env`` are names
    of environment variables; where neither a file nor a variable is named, the secret is asked for.
    """

    master: Path
    signing: KeyReference
    risk: KeyReference
    statement: KeyReference
    log: KeyReference
    passphrase_file: Path | None = None
    passphrase_env: str = ""
    pin_file: Path | None = None
    pin_env: str = ""
    pkcs11_module: Path | None = None


@dataclass(frozen=True, slots=True)
class DocumentsConfig:
    """What goes into an attestation beside the book; all None without [documents]: liabilities only.

    ``root``, ``policy`` and ``scenarios`` are files, ``quotes`` and ``collateral`` directories.
    """

    root: Path | None = None
    policy: Path | None = None
    scenarios: Path | None = None
    quotes: Path | None = None
    collateral: Path | None = None


def read_keys(table: Table, base: Path) -> KeysConfig:
    """[keys]. Raises ConfigError."""
    keys = KeysConfig(
        master=base / table.get("master", str, "keys/master.key"),
        signing=_key(table, "signing", base),
        risk=_key(table, "risk", base),
        statement=_key(table, "statement", base),
        log=_key(table, "log", base),
        passphrase_file=_path(table, "passphrase_file", base),
        passphrase_env=table.get("passphrase_env", str, ""),
        pin_file=_path(table, "pin_file", base),
        pin_env=table.get("pin_env", str, ""),
        pkcs11_module=_path(table, "pkcs11_module", base),
    )
    table.done()
    for secret in ("passphrase", "pin"):
        if getattr(keys, f"{secret}_file") and getattr(keys, f"{secret}_env"):
            raise table.error(f"{secret}_env", f"{secret}_file is given too", "take one of the two out")
    return keys


def read_documents(table: Table, base: Path) -> DocumentsConfig:
    """[documents]: with a policy, what belongs to it has its usual place. Raises ConfigError."""
    found = {name: _path(table, name, base) for name in PLACES}
    table.done()
    if found["policy"] is not None:
        for name in ("root", "quotes", "collateral"):
            found[name] = found[name] or base / PLACES[name]
    for name in ("scenarios", "quotes", "collateral"):
        if found[name] is not None and found["policy"] is None:
            raise table.error(name, "means nothing without a policy", f'add policy = "{PLACES["policy"]}"')
    return DocumentsConfig(**found)


def policy_columns(path: Path) -> tuple[Column, ...]:
    """The columns that a signed policy prescribes; whether it may, the attestation checks. Raises SolventError."""
    try:
        envelope = Envelope.from_bytes(path.read_bytes(), POLICY_TYPE, path.name)
    except OSError as error:
        raise Unavailable(
            "the signed policy cannot be read",
            where=str(path),
            code="E_FILE",
            hint="run solvent policy sign, or take policy out of [documents] to attest liabilities only",
        ) from error
    return Policy.from_bytes(envelope.payload, path.name).columns


def follow_policy(columns: tuple[Column, ...], wanted: tuple[Column, ...], where: str) -> tuple[Column, ...]:
    """The policy's columns, then the slack columns among ``columns``; other columns there repeat the policy's.

    Raises ConfigError where they say something else than the policy.
    """
    slack = tuple(column for column in columns if column.kind == "slack")
    named = {column.name: column for column in columns if column.kind != "slack"}
    for column in wanted if named else ():
        if named.pop(column.name, None) != column:
            raise _not_the_policy(column.name, where)
    if named:
        raise _not_the_policy(next(iter(named)), where)
    return (*wanted, *slack)


def _not_the_policy(name: str, where: str) -> ConfigError:
    return ConfigError(
        f"{name} is not the same here and in the signed policy",
        where=where,
        code="E_CONFIG",
        hint="take the columns out of [[columns]] (the policy's are used), or correct policy.toml and sign it again",
    )


def _key(table: Table, name: str, base: Path) -> KeyReference:
    value = table.get(name, str, f"keys/{name}.key")
    try:
        return key_reference(value, base)
    except Malformed as error:
        raise table.error(name, error.message, error.hint) from error


def _path(table: Table, name: str, base: Path) -> Path | None:
    value = table.get(name, str, "")
    return base / value if value else None
