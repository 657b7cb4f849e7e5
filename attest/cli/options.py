"""Flags that lay single options over solvent.toml: every option of the file has one."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from attest import config
from attest.config import Config
from verifier.errors import Unavailable

if TYPE_CHECKING:
    from attest.key_ring import KeyRing

DEFAULT: Final = Path("solvent.toml")
_F = TypeVar("_F", bound=Callable[..., Any])
_PATH: Final = click.Path(path_type=Path)

_SOURCES: Final = (
    ("--passphrase-file", "keys.passphrase_file", _PATH, "Its first line opens encrypted keys; else you are asked."),
    ("--passphrase-env", "keys.passphrase_env", str, "The environment variable with the passphrase."),
    ("--pin-file", "keys.pin_file", _PATH, "Its first line is the PIN of the token; default: you are asked."),
    ("--pin-env", "keys.pin_env", str, "The environment variable with the PIN."),
    ("--pkcs11-module", "keys.pkcs11_module", _PATH, "The library of the token's vendor."),
)
_PLACES: Final = (
    ("--public", "store.public", _PATH, "Where epochs are published."),
    ("--private", "store.private", _PATH, "Where snapshots and blindings are kept."),
    ("--master-key", "keys.master", _PATH, "The file of the master key."),
    ("--signing-key", "keys.signing", str, "The signing key: a file, or pkcs11:token=...;object=..."),
    *_SOURCES,
)
_DOCUMENTS: Final = (
    ("--root-document", "documents.root", _PATH, "The signed root document."),
    ("--policy", "documents.policy", _PATH, "The signed policy; without one, liabilities alone are attested."),
    ("--scenarios", "documents.scenarios", _PATH, "The signed scenarios."),
    ("--quotes", "documents.quotes", _PATH, "The directory of signed price quotes."),
    ("--collateral-dir", "documents.collateral", _PATH, "The directory of collateral lines and statements."),
)
_KEYS: Final = (
    ("--risk-key", "keys.risk", str, "The key of role risk, which signs policies."),
    ("--statement-key", "keys.statement", str, "The key of role statement."),
    ("--log-key", "keys.log", str, "The key of role log."),
)
_BOOK: Final = (
    ("--exchange", "exchange.name", str, "The name in every attestation."),
    ("--accounts", "book.accounts", str, 'Rows of the book: exact, "next power of two", or a number.'),
    ("--chunk-bits", "book.chunk_bits", int, "Rows per proof chunk, as a power of two."),
    ("--totals", "book.totals", click.Choice(["hidden", "public"]), "How totals are told."),
    ("--sealed/--no-sealed", "book.sealed", bool, "Whether to publish sealed records."),
    ("--valid-for", "book.valid_for", str, 'Until the attestation expires: seconds, or "7 days".'),
    ("--format", "ledger.format", str, "csv, parquet, sqlite, postgresql or binance."),
    ("--path", "ledger.path", _PATH, "The ledger file."),
    ("--url", "ledger.url", str, "The database; others see a password typed here, so use a password file."),
    ("--query", "ledger.query", str, "The one SELECT to run there."),
    ("--shape", "ledger.shape", click.Choice(["wide", "long"]), "One row per account, or per amount."),
    ("--account-column", "ledger.account", str, "The header of the account column."),
    ("--encoding", "ledger.encoding", str, "The encoding of a CSV file."),
    ("--empty", "ledger.empty", click.Choice(["error", "zero"]), "What an empty amount means."),
    ("--collateral/--no-collateral", "ledger.collateral", bool, "Import the binance format's collateral columns."),
)


def configured(command: _F) -> _F:
    """``--config`` and the flags for places; the command gets ``overrides``, a mapping of dotted option to value."""
    option = click.option("--config", "config_path", type=_PATH, metavar="FILE", help="Default: solvent.toml here.")
    return option(_flags(_PLACES)(command))


def book_options(command: _F) -> _F:
    """The flags for everything else in the file."""
    for option in (
        click.option("--ignore", multiple=True, metavar="COLUMN", help="A column not to import; repeat it."),
        click.option("--column", "columns", multiple=True, metavar="TOML", help=_COLUMN),
        click.option("--rule", "rules", multiple=True, metavar="TOML", help=_RULE),
    ):
        command = option(command)
    return _flags(_BOOK + _DOCUMENTS)(command)


def key_sources(command: _F) -> _F:
    """The flags that say where passphrases and PINs are, for commands that need no configuration."""
    return _flags(_SOURCES)(command)


def key_ring(flags: Mapping[str, Any]) -> KeyRing:
    """The key ring that the flags of ``key_sources`` describe."""
    from attest.key_ring import KeyRing
    from attest.passphrases import passphrase_source, pin_source

    return KeyRing(
        passphrase_source(flags["passphrase_file"], flags["passphrase_env"] or ""),
        pin_source(flags["pin_file"], flags["pin_env"] or ""),
        flags["pkcs11_module"],
    )


def document_options(command: _F) -> _F:
    """``--config``, the flags for places, and those for documents and the keys that sign them."""
    return configured(_flags(_DOCUMENTS + _KEYS)(command))


_COLUMN: Final = """A column, instead of those in the file; repeat it: 'name = "BTC", asset = "BTC", decimals = 8'"""
_RULE: Final = """A rule, instead of those in the file; repeat it: 'name = "r", weights = { BTC = 1, rest = -1 }'"""


def read_config(config_path: Path | None, flags: dict[str, Any]) -> Config:
    """The configuration with the flags laid over it; ``flags`` as click collected them. Raises SolventError."""
    overrides = collect(flags)
    if config_path is None and not DEFAULT.exists() and "exchange.name" in overrides:
        return config.parse("", Path.cwd(), "the flags", overrides)
    path = config_path or DEFAULT
    if path.is_dir() or not path.exists():
        raise Unavailable(
            "this is a directory, not a configuration" if path.is_dir() else "there is no such configuration",
            where=str(path),
            code="E_CONFIG",
            hint="name your solvent.toml with --config; solvent init makes one",
        )
    return config.load(path, overrides)


def collect(flags: dict[str, Any]) -> dict[str, Any]:
    """Dotted options from click's parameters; what was not given is left out."""
    named = {_parameter(flag): option for flag, option, *_ in _PLACES + _DOCUMENTS + _KEYS + _BOOK}
    found = {option: flags[name] for name, option in named.items() if flags.get(name) is not None}
    if flags.get("ignore"):
        found["ledger.ignore"] = list(flags["ignore"])
    for section in ("columns", "rules"):
        if flags.get(section):
            found[section] = [_inline_table(text, section) for text in flags[section]]
    return found


def _inline_table(text: str, section: str) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(f"table = {{ {text} }}")["table"]
    except tomllib.TOMLDecodeError as error:
        message = f"{text!r} is not TOML: {error}"
        raise click.BadParameter(message, param_hint=f"--{section[:-1]}") from error
    return table


def _flags(rows: tuple[tuple[str, str, Any, str], ...]) -> Callable[[_F], _F]:
    def add(command: _F) -> _F:
        for flag, option, kind, text in reversed(rows):
            shown = f"{text} [{option}]"
            command = click.option(flag, _parameter(flag), type=kind, default=None, help=shown)(command)
        return command

    return add


def _parameter(flag: str) -> str:
    return flag.split("/", maxsplit=1)[0].removeprefix("--").replace("-", "_")
