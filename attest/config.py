"""solvent.toml, read strictly: an unknown key, a wrong type or a column that makes no sense is an error saying where.

Every option can also be given as a flag: :func:`override` takes ``section.key`` and a value.
"""

from __future__ import annotations

import codecs
import copy
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from attest.config_documents import (
    PLACES,
    DocumentsConfig,
    KeysConfig,
    follow_policy,
    policy_columns,
    read_documents,
    read_keys,
)
from attest.config_table import ConfigError, Table
from attest.config_template import template
from attest.key_reference import SCHEME
from attest.ledger import LedgerConfig
from attest.ledger.binance import ACCOUNT, derive
from attest.ledger.layout import by_asset
from attest.ledger.settings import EMPTY, FORMATS, SHAPES
from attest.ledger.slack import slack_columns
from verifier import fields
from verifier.errors import SolventError, Unavailable
from verifier.schema import ALWAYS_TOTALLED, COMPARED_KINDS, Column, Rule, Schema

__all__ = [
    "BookConfig", "Config", "ConfigError", "DocumentsConfig", "KeysConfig", "StoreConfig", "load", "override", "parse",
    "template",
]  # fmt: skip

KINDS: Final = (*COMPARED_KINDS, "slack")
MODES: Final = ("hidden", "public", "none")
POWER: Final = "next power of two"
_PATHS: Final = (
    "ledger.path", "store.public", "store.private", "keys.master", "keys.signing", "keys.risk", "keys.statement",
    "keys.log", "keys.passphrase_file", "keys.pin_file", "keys.pkcs11_module",
    *(f"documents.{name}" for name in PLACES),
)  # fmt: skip
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8}) (second|minute|hour|day|week)s?", re.ASCII)


@dataclass(frozen=True, slots=True)
class BookConfig:
    """How the book is made. ``valid_for`` is in seconds."""

    accounts: int | str = "exact"
    chunk_bits: int = 16
    totals: str = "hidden"
    sealed: bool = True
    valid_for: int = 7 * 86400


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where epochs go: ``public`` is published, ``private`` never."""

    public: Path
    private: Path


@dataclass(frozen=True)
class Config:
    """One exchange's configuration. ``totals`` holds the modes that single columns set; see :meth:`total_mode`."""

    exchange: str
    book: BookConfig
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    totals: Mapping[str, str]
    ledger: LedgerConfig
    store: StoreConfig
    keys: KeysConfig
    documents: DocumentsConfig
    document: Mapping[str, Any] = field(repr=False, compare=False)
    base: Path = field(compare=False)
    where: str = field(compare=False)

    def schema(self) -> Schema:
        """The book's schema. Its columns are the policy's where there is one; a binance ledger's header implies them.

        Raises Malformed, Rejected or Unavailable.
        """
        columns, rules = self.columns, self.rules
        if not columns and self.ledger.format == "binance":
            from attest.ledger import open_source  # loads DuckDB and Arrow, which most commands never need

            with open_source(self.ledger) as source:
                columns, implied = derive(source.header, self.ledger.collateral, self.ledger.source_name)
            rules = (*implied, *rules)
        if self.documents.policy is not None:
            columns = follow_policy(columns, policy_columns(self.documents.policy), f"{self.where}: columns")
            _check(columns, rules, self.ledger, self.where)
        schema = Schema(columns, rules)
        slack_columns(schema)
        return schema

    def document_path(self, name: str) -> Path:
        """Where the document ``name`` is made: the path in [documents], or its usual place beside solvent.toml."""
        path: Path | None = getattr(self.documents, name)
        return path or self.base / PLACES[name]

    def total_mode(self, column: str) -> str:
        """``hidden``, ``public`` or ``none``: how the total of ``column`` is published."""
        return self.totals.get(column, self.book.totals)


def load(path: Path, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read ``path`` and apply ``overrides`` (see :func:`override`). Raises ConfigError, or Unavailable."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        hint = "run `solvent init` to make one, or name it with --config"
        raise Unavailable("the configuration cannot be read", where=path.name, code="E_CONFIG", hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8", where=path.name, code="E_CONFIG", hint="save the file as UTF-8") from error
    return parse(text, path.absolute().parent, path.name, overrides)


def parse(text: str, base: Path, where: str = "solvent.toml", overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the TOML in ``text``; relative paths start at ``base``. Raises ConfigError."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hint = "strings stand in quotes, lists in brackets; see toml.io"
        raise ConfigError(f"is not valid TOML: {error}", where=where, code="E_CONFIG", hint=hint) from error
    return _config(_merge(document, overrides or {}, where), base, where)


def override(config: Config, options: Mapping[str, Any]) -> Config:
    """``config`` with ``options`` laid over it: ``{"book.chunk_bits": 12, "columns.BTC.total": "public"}``.

    Relative paths given here start at the current directory, as on a command line. None leaves an option as it is.
    Raises ConfigError.
    """
    return _config(_merge(config.document, options, config.where), config.base, config.where)


def _merge(document: Mapping[str, Any], options: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = copy.deepcopy(dict(document))
    for key, value in options.items():
        if value is not None:
            section, *rest = key.split(".")
            table = _named(merged, section, rest[:-1], where)
            plain = list(value) if isinstance(value, tuple) else value
            table[rest[-1] if rest else section] = _from_here(str(plain)) if key in _PATHS else plain
    return merged


def _from_here(place: str) -> str:
    return place if place.startswith(SCHEME) else str(Path(place).absolute())


def _named(merged: dict[str, Any], section: str, names: list[str], where: str) -> dict[str, Any]:
    """The table that an option lives in: a section, or the item of a list (columns, rules) with that name."""
    if section not in ("columns", "rules"):
        table = merged.setdefault(section, {})
        return table if isinstance(table, dict) else {}
    items = merged.get(section, [])
    for item in items if names and isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("name") == ".".join(names):
            return item
    if names:
        raise ConfigError(
            f"there is no {section[:-1]} {'.'.join(names)!r}",
            where=f"{where}: {section}",
            code="E_CONFIG",
            hint=f"name one of [[{section}]]",
        )
    return merged


def _config(document: dict[str, Any], base: Path, where: str) -> Config:
    top = Table(document, f"{where}:")
    ledger = _ledger(_section(top, "ledger"), base)
    documents = read_documents(_section(top, "documents"), base)
    columns, totals = _columns(top, optional=ledger.format == "binance" or documents.policy is not None)
    rules = tuple(_rule(Table(item, f"{where}: rules[{i}]")) for i, item in enumerate(top.get("rules", list, [])))
    exchange = _section(top, "exchange")
    name = exchange.field("name", fields.name)
    exchange.done()
    book = _book(_section(top, "book"))
    store, keys = _store(_section(top, "store"), base), read_keys(_section(top, "keys"), base)
    top.done()
    if documents.policy is None:
        _check(columns, rules, ledger, where)
    return Config(name, book, columns, rules, totals, ledger, store, keys, documents, document, base, where)


def _section(top: Table, name: str) -> Table:
    return Table(top.get(name, dict, {}), f"{top.where} [{name}]")


def _book(table: Table) -> BookConfig:
    book = BookConfig(
        accounts=_accounts(table),
        chunk_bits=table.number("chunk_bits", 0, 24, 16),
        totals=table.choice("totals", MODES[:2], "hidden"),
        sealed=table.get("sealed", bool, True),
        valid_for=_seconds(table),
    )
    table.done()
    return book


def _accounts(table: Table) -> int | str:
    value: int | str = table.get("accounts", (str, int), "exact")
    number = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,13}", value, re.ASCII) else value
    if number in ("exact", POWER) or (isinstance(number, int) and 1 <= number <= 2**40):
        return number
    raise table.error(
        "accounts", f"{str(value)[:40]!r} is not a choice", f'write "exact", "{POWER}" or a number of rows'
    )


def _seconds(table: Table) -> int:
    value: int | str = table.get("valid_for", (int, str), "7 days")
    if isinstance(value, int) and value > 0:
        return value
    parts = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        raise table.error(
            "valid_for", f"{str(value)[:40]!r} is no length of time", 'write seconds, or "7 days", "24 hours"'
        )
    return int(parts[1]) * _SECONDS[parts[2]]


def _columns(top: Table, optional: bool) -> tuple[tuple[Column, ...], dict[str, str]]:
    items = top.get("columns", list, [])
    if not items and not optional:
        raise top.error("columns", "the book has no columns", "add a [[columns]] table per asset")
    tables = [Table(item, f"{top.where} columns[{i}]") for i, item in enumerate(items)]
    found = [_column(table) for table in tables]
    return tuple(column for column, _ in found), {column.name: mode for column, mode in found if mode}


def _column(table: Table) -> tuple[Column, str]:
    name = table.field("name", fields.name)
    kind = table.choice("kind", KINDS, "balance")
    bits = table.number("bits", 8, 128, 64)
    if bits % 8:
        raise table.error("bits", f"{bits} is not a multiple of 8", "write 32, 64, 96 or 128, for example")
    asset = table.field("asset", fields.sym) if kind != "slack" or table.get("asset", str, "") else ""
    column = Column(name, asset, table.number("decimals", 0, 38), bits, kind)
    mode = table.choice("total", MODES, "") if table.get("total", str, "") else ""
    if mode == "none" and kind in ALWAYS_TOTALLED:
        raise table.error("total", f"the total of a {kind} column cannot be left out", "write hidden or public")
    table.done()
    return column, mode


def _rule(table: Table) -> Rule:
    name = table.field("name", fields.name)
    weights = table.get("weights", dict)
    pairs = []
    for column, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | str):
            raise table.error(f"weights.{column}", "should be a whole number", 'write 1 or "1"')
        try:
            pairs.append((column, fields.signed(str(weight), column)))
        except SolventError as error:
            raise table.error(f"weights.{column}", f"{error.message}", 'write 1 or "1"') from error
    table.done()
    return Rule(name, tuple(sorted(pairs)))


def _ledger(table: Table, base: Path) -> LedgerConfig:
    kind = table.choice("format", FORMATS)
    path = table.get("path", str, "")
    config = LedgerConfig(
        format=kind,
        path=base / path if path else None,
        url=table.get("url", str, ""),
        query=table.get("query", str, ""),
        shape=table.choice("shape", SHAPES, "wide"),
        account=table.get("account", str, ACCOUNT if kind == "binance" else "account"),
        ignore=_strings(table, "ignore"),
        encoding=_encoding(table),
        empty=table.choice("empty", EMPTY, "error"),
        collateral=table.get("collateral", bool, False),
    )
    table.done()
    _check_ledger(table, config)
    return config


def _strings(table: Table, key: str) -> tuple[str, ...]:
    values = table.get(key, list, [])
    if not all(isinstance(value, str) for value in values):
        raise table.error(key, "should be a list of strings", f'write {key} = ["one", "two"]')
    return tuple(values)


def _encoding(table: Table) -> str:
    name: str = table.get("encoding", str, "utf-8")
    try:
        codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise table.error("encoding", f"{name[:40]!r} is not known", "leave it out for UTF-8") from error
    return name


def _check_ledger(table: Table, ledger: LedgerConfig) -> None:
    """Each format has its own options; one that would silently do nothing is an error."""
    database = ledger.format in ("sqlite", "postgresql")
    needed = {"query": database, "url": ledger.format == "postgresql"}
    refused = {
        "query": not database,
        "url": not database,
        "path": ledger.format == "postgresql",
        "collateral": ledger.format != "binance",
    }
    for key, wanted in needed.items():
        if wanted and not getattr(ledger, key):
            raise table.error(key, f"is missing: a {ledger.format} ledger needs it", f'add {key} = "..."')
    for key, unwanted in refused.items():
        if unwanted and getattr(ledger, key):
            raise table.error(key, f"means nothing for the format {ledger.format}", "take the line out")
    if ledger.format == "sqlite" and bool(ledger.path) == bool(ledger.url):
        remedy = "take one of the two out" if ledger.url else "write one of the two"
        raise table.error("path", "a sqlite ledger has either a path or a url", remedy)
    if ledger.format in ("csv", "parquet", "binance") and ledger.path is None:
        raise table.error("path", f"is missing: a {ledger.format} ledger needs it", 'add path = "..."')
    if ledger.format == "binance" and ledger.shape == "long":
        raise table.error("shape", "a binance ledger is wide", "take the line out")


def _store(table: Table, base: Path) -> StoreConfig:
    store = StoreConfig(base / table.get("public", str, "public"), base / table.get("private", str, "private"))
    table.done()
    if store.public == store.private or store.public in store.private.parents or store.private in store.public.parents:
        raise table.error(
            "private", "public and private files must not share a directory", "name two separate directories"
        )
    return store


def _check(columns: tuple[Column, ...], rules: tuple[Rule, ...], ledger: LedgerConfig, where: str) -> None:
    if not columns:
        return
    try:
        schema = Schema(columns, rules)
        slack_columns(schema)
    except SolventError as error:
        hint = error.hint or "correct [[columns]] and [[rules]]"
        raise ConfigError(error.message, where=f"{where}: {error.where}", code="E_CONFIG", hint=hint) from error
    imported = [c for c in columns if c.kind != "slack"]
    if ledger.shape == "long" and len(by_asset(schema)) < len(imported):
        hint = "in a long ledger asset and kind name the column; use the wide shape instead"
        raise ConfigError("two columns have one asset and kind", where=f"{where}: columns", code="E_CONFIG", hint=hint)
