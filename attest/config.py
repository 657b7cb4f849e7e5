"""solvent.toml, read strictly: an unknown key, a wrong type or a column that makes no sense is an error saying where.

Every option can also be given as a flag: :func:`override` takes ``section.key`` and a value.
"""

from __future__ import annotations

import codecs
import copy
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attest.config_template import template
from attest.ledger import LedgerConfig
from attest.ledger.binance import ACCOUNT, derive
from attest.ledger.layout import by_asset
from attest.ledger.settings import EMPTY, FORMATS, SHAPES
from attest.ledger.slack import slack_columns
from verifier import fields
from verifier.errors import Malformed, SolventError, Unavailable
from verifier.schema import ALWAYS_TOTALLED, COMPARED_KINDS, Column, Rule, Schema

__all__ = ["BookConfig", "Config", "ConfigError", "KeysConfig", "StoreConfig", "load", "override", "parse", "template"]

KINDS: Final = (*COMPARED_KINDS, "slack")
MODES: Final = ("hidden", "public", "none")
POWER: Final = "next power of two"
_PATHS: Final = ("ledger.path", "store.public", "store.private", "keys.master", "keys.signing")
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8}) (second|minute|hour|day|week)s?", re.ASCII)


class ConfigError(Malformed):
    """solvent.toml cannot be used as it is; ``where`` names the file, the section and the key."""


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


@dataclass(frozen=True, slots=True)
class KeysConfig:
    """The files of the master key and of the signing key."""

    master: Path
    signing: Path


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
    document: Mapping[str, Any] = field(repr=False, compare=False)
    base: Path = field(compare=False)
    where: str = field(compare=False)

    def schema(self) -> Schema:
        """The book's schema. A binance ledger without ``[[columns]]`` implies it: its header is read.

        Raises Malformed, Rejected or Unavailable.
        """
        columns, rules = self.columns, self.rules
        if not columns:
            from attest.ledger import open_source  # loads DuckDB and Arrow, which most commands never need

            with open_source(self.ledger) as source:
                columns, implied = derive(source.header, self.ledger.collateral, self.ledger.source_name)
            rules = (*implied, *rules)
        schema = Schema(columns, rules)
        slack_columns(schema)
        return schema

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
            table[rest[-1] if rest else section] = str(Path(str(plain)).absolute()) if key in _PATHS else plain
    return merged


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


class _Table:
    """One table of the file, read key by key; what is left over at the end is unknown."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise ConfigError(
                "should be a table", where=where, code="E_CONFIG", hint="write it as [section] with keys below"
            )
        self._values = value
        self._known: list[str] = []
        self.where = where

    def error(self, key: str, message: str, hint: str) -> ConfigError:
        return ConfigError(message, where=f"{self.where} {key}".strip(), code="E_CONFIG", hint=hint)

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of ``key``. It is required when ``default`` is None."""
        self._known.append(key)
        if key not in self._values:
            if default is None:
                raise self.error(key, "is missing", f"add a line `{key} = ...`")
            return default
        value = self._values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            raise self.error(
                key, f"should be {' or '.join(_WORDS[k] for k in kinds)}", "see the comments of `solvent init`"
            )
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value: str = self.get(key, str, default)
        if value not in choices:
            raise self.error(
                key, f"{value[:40]!r} is not a choice", f"write one of {', '.join(choices)}{_near(value, choices)}"
            )
        return value

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value: int = self.get(key, int, default)
        if not low <= value <= high:
            raise self.error(key, f"{value} is outside {low}..{high}", f"write a whole number from {low} to {high}")
        return value

    def field(self, key: str, read: Callable[[Any, str], str], default: str | None = None) -> str:
        """A string in one of the verifier's formats."""
        value = self.get(key, str, default)
        try:
            return read(value, key)
        except SolventError as error:
            raise self.error(key, f"{value[:40]!r} {error.message}", "use another spelling") from error

    def done(self) -> None:
        for key in self._values:
            if key not in self._known:
                hint = f"the keys here are {', '.join(self._known)}{_near(key, tuple(self._known))}"
                raise self.error(key, "is not a known key", hint)


_WORDS: Final = {str: "a string", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def _near(value: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(value, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _config(document: dict[str, Any], base: Path, where: str) -> Config:
    top = _Table(document, f"{where}:")
    ledger = _ledger(_section(top, "ledger"), base)
    columns, totals = _columns(top, ledger)
    rules = tuple(_rule(_Table(item, f"{where}: rules[{i}]")) for i, item in enumerate(top.get("rules", list, [])))
    exchange = _section(top, "exchange")
    name = exchange.field("name", fields.name)
    exchange.done()
    book = _book(_section(top, "book"))
    store, keys = _places(_section(top, "store"), _section(top, "keys"), base)
    top.done()
    _check(columns, rules, ledger, where)
    return Config(name, book, columns, rules, totals, ledger, store, keys, document, base, where)


def _section(top: _Table, name: str) -> _Table:
    return _Table(top.get(name, dict, {}), f"{top.where} [{name}]")


def _book(table: _Table) -> BookConfig:
    book = BookConfig(
        accounts=_accounts(table),
        chunk_bits=table.number("chunk_bits", 0, 24, 16),
        totals=table.choice("totals", MODES[:2], "hidden"),
        sealed=table.get("sealed", bool, True),
        valid_for=_seconds(table),
    )
    table.done()
    return book


def _accounts(table: _Table) -> int | str:
    value: int | str = table.get("accounts", (str, int), "exact")
    number = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,13}", value, re.ASCII) else value
    if number in ("exact", POWER) or (isinstance(number, int) and 1 <= number <= 2**40):
        return number
    raise table.error(
        "accounts", f"{str(value)[:40]!r} is not a choice", f'write "exact", "{POWER}" or a number of rows'
    )


def _seconds(table: _Table) -> int:
    value: int | str = table.get("valid_for", (int, str), "7 days")
    if isinstance(value, int) and value > 0:
        return value
    parts = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        raise table.error(
            "valid_for", f"{str(value)[:40]!r} is no length of time", 'write seconds, or "7 days", "24 hours"'
        )
    return int(parts[1]) * _SECONDS[parts[2]]


def _columns(top: _Table, ledger: LedgerConfig) -> tuple[tuple[Column, ...], dict[str, str]]:
    items = top.get("columns", list, [])
    if not items and ledger.format != "binance":
        raise top.error("columns", "the book has no columns", "add a [[columns]] table per asset")
    tables = [_Table(item, f"{top.where} columns[{i}]") for i, item in enumerate(items)]
    found = [_column(table) for table in tables]
    return tuple(column for column, _ in found), {column.name: mode for column, mode in found if mode}


def _column(table: _Table) -> tuple[Column, str]:
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


def _rule(table: _Table) -> Rule:
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


def _ledger(table: _Table, base: Path) -> LedgerConfig:
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


def _strings(table: _Table, key: str) -> tuple[str, ...]:
    values = table.get(key, list, [])
    if not all(isinstance(value, str) for value in values):
        raise table.error(key, "should be a list of strings", f'write {key} = ["one", "two"]')
    return tuple(values)


def _encoding(table: _Table) -> str:
    name: str = table.get("encoding", str, "utf-8")
    try:
        codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise table.error("encoding", f"{name[:40]!r} is not known", "leave it out for UTF-8") from error
    return name


def _check_ledger(table: _Table, ledger: LedgerConfig) -> None:
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


def _places(store: _Table, keys: _Table, base: Path) -> tuple[StoreConfig, KeysConfig]:
    where = StoreConfig(base / store.get("public", str, "public"), base / store.get("private", str, "private"))
    store.done()
    if where.public == where.private or where.public in where.private.parents or where.private in where.public.parents:
        raise store.error(
            "private", "public and private files must not share a directory", "name two separate directories"
        )
    files = KeysConfig(
        base / keys.get("master", str, "keys/master.key"), base / keys.get("signing", str, "keys/signing.key")
    )
    keys.done()
    return where, files


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
