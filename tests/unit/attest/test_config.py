"""solvent.toml: what it says, what it may not say, and how errors help."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.config import BookConfig, Config, ConfigError, load, override, parse, template
from verifier.errors import SolventError, Unavailable

BASE = Path("/exchange")
MINIMAL = """
[exchange]
name = "ex"
[ledger]
format = "csv"
path = "l.csv"
[[columns]]
name = "BTC"
asset = "BTC"
decimals = 8
"""
SLACK = """
[[columns]]
name = "BTC:debt"
asset = "BTC"
decimals = 8
kind = "debt"
[[columns]]
name = "rest"
asset = "BTC"
decimals = 8
kind = "slack"
total = "none"
[[rules]]
name = "covered"
weights = { BTC = 1, "BTC:debt" = "-1", rest = -1 }
"""


def config(extra: str = "", book: str = "") -> Config:
    """The minimal configuration and more."""
    return parse(f"[book]\n{book}\n{MINIMAL}{extra}", BASE)


def test_template_reads_back() -> None:
    found = parse(template("my-exchange"), BASE)
    assert found.exchange == "my-exchange"
    assert found.book == BookConfig()
    assert [(c.name, c.decimals, c.bits, c.kind) for c in found.schema().columns] == [
        ("BTC", 8, 64, "balance"),
        ("ETH", 18, 96, "balance"),
    ]
    assert found.ledger.path == BASE / "ledger.csv"
    assert found.keys.master == BASE / "keys/master.key"


def test_commented_examples_of_the_template_read_too() -> None:
    text = template("x")
    start = text.index("# [[columns]]")
    end = text.index("[store]")
    example = "\n".join(line.removeprefix("# ").removeprefix("#") for line in text[start:end].splitlines())
    rules = parse(text[:start] + example + "\n" + text[end:], BASE).schema().rules
    assert rules[0].weights == (("BTC", 1), ("BTC:debt", -1), ("BTC:rest", -1))


def test_defaults() -> None:
    found = config()
    assert found.book == BookConfig("exact", 16, "hidden", True, 604800)
    assert (found.ledger.shape, found.ledger.account, found.ledger.empty) == ("wide", "account", "error")
    assert found.store.public == BASE / "public"
    assert found.total_mode("BTC") == "hidden"


def test_rules_and_totals() -> None:
    found = config(SLACK, 'totals = "public"')
    assert found.schema().rules[0].weights == (("BTC", 1), ("BTC:debt", -1), ("rest", -1))
    assert [found.total_mode(name) for name in ("BTC", "BTC:debt", "rest")] == ["public", "public", "none"]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("60", 60), ('"7 days"', 604800), ('"1 day"', 86400), ('"24 hours"', 86400), ('"90 minutes"', 5400)],
)
def test_valid_for(line: str, seconds: int) -> None:
    assert config(book=f"valid_for = {line}").book.valid_for == seconds


@pytest.mark.parametrize("accounts", ['"exact"', '"next power of two"', "4096"])
def test_accounts(accounts: str) -> None:
    assert str(config(book=f"accounts = {accounts}").book.accounts) == accounts.strip('"')


BOOK = {
    "acounts = 5": ("acounts", "'accounts'"),
    'accounts = "some"': ("accounts", "next power of two"),
    "accounts = 0": ("accounts", "next power of two"),
    "accounts = true": ("accounts", ""),
    "accounts = 1.5": ("accounts", ""),
    "chunk_bits = 25": ("chunk_bits", "0 to 24"),
    "chunk_bits = true": ("chunk_bits", ""),
    'chunk_bits = "16"': ("chunk_bits", ""),
    'totals = "none"': ("totals", "hidden, public"),
    'totals = "publik"': ("totals", "'public'"),
    'sealed = "yes"': ("sealed", ""),
    "valid_for = 0": ("valid_for", "7 days"),
    'valid_for = "a week"': ("valid_for", "7 days"),
    'valid_for = "0 days"': ("valid_for", "7 days"),
}


@pytest.mark.parametrize("line", BOOK)
def test_book_is_strict(line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(book=line)
    key, hint = BOOK[line]
    assert caught.value.where == f"solvent.toml: [book] {key}"
    assert hint in caught.value.hint
    assert caught.value.hint


WRONG = {
    "[exchange]": ("name = 5", "[exchange] name"),
    '[exchange]\nname = "a b"': ("", "[exchange] name"),
    "[ledgr]": ("", "ledgr"),
    '[[columns]]\nname = "X"\nasset = "x"\ndecimals = 1': ("", "columns[0] asset"),
    '[[columns]]\nname = "X"\nasset = "X"': ("", "columns[0] decimals"),
    '[[columns]]\nname = "X"\nasset = "X"\ndecimals = 1\nbits = 63': ("", "columns[0] bits"),
    '[[columns]]\nname = "X"\nasset = "X"\ndecimals = 1\nkind = "portion"': ("", "columns[0] kind"),
    '[[columns]]\nname = "X"\nasset = "X"\ndecimals = 1\ntotal = "none"': ("", "columns[0] total"),
    '[[columns]]\nname = "X"\nasset = "X"\ndecimals = 1\ncolour = 1': ("", "columns[0] colour"),
    '[[rules]]\nname = "r"\nweights = { BTC = 1.5 }': ("", "rules[0] weights.BTC"),
    '[[rules]]\nname = "r"\nweights = { BTC = "1e3" }': ("", "rules[0] weights.BTC"),
    '[[rules]]\nname = "r"': ("", "rules[0] weights"),
}


@pytest.mark.parametrize("section", WRONG)
def test_sections_are_strict(section: str) -> None:
    line, where = WRONG[section]
    text = MINIMAL.replace('[exchange]\nname = "ex"\n', "") if section.startswith("[exchange]") else MINIMAL
    text = text[: text.index("[[columns]]")] if section.startswith("[[columns]]") else text
    with pytest.raises(ConfigError) as caught:
        parse(f"{text}\n{section}\n{line}", BASE)
    assert caught.value.where == f"solvent.toml: {where}"


@pytest.mark.parametrize(
    "extra",
    [
        '[[columns]]\nname = "BTC"\nasset = "BTC"\ndecimals = 8',
        '[[columns]]\nname = "rest"\ndecimals = 8\nkind = "slack"',
        '[[rules]]\nname = "r"\nweights = { ETH = 1 }',
        '[[rules]]\nname = "r"\nweights = { BTC = 0 }',
        SLACK.replace("rest = -1", "rest = 1"),
        SLACK.replace("rest = -1", "rest = -2"),
        SLACK + '[[rules]]\nname = "again"\nweights = { BTC = 1, rest = -1 }',
    ],
)
def test_book_that_makes_no_sense(extra: str) -> None:
    with pytest.raises(ConfigError):
        config(extra)


@pytest.mark.parametrize(
    "ledger",
    [
        'format = "xls"',
        'format = "csv"',
        'format = "csv"\npath = "a"\nquery = "SELECT"',
        'format = "csv"\npath = "a"\ncollateral = true',
        'format = "sqlite"\npath = "a"',
        'format = "sqlite"\npath = "a"\nurl = "sqlite:///a"\nquery = "SELECT"',
        'format = "sqlite"\nquery = "SELECT"',
        'format = "postgresql"\nquery = "SELECT"',
        'format = "postgresql"\nurl = "postgresql://x"',
        'format = "csv"\npath = "a"\nencoding = "utf-99"',
        'format = "csv"\npath = "a"\nignore = "x"',
        'format = "csv"\npath = "a"\nignore = [1]',
        'format = "binance"\npath = "a"\nshape = "long"',
    ],
)
def test_ledger_is_strict(ledger: str) -> None:
    with pytest.raises(ConfigError, match="ledger"):
        parse(MINIMAL.replace('format = "csv"\npath = "l.csv"', ledger), BASE)


def test_two_columns_of_one_asset_and_kind_need_a_wide_ledger() -> None:
    twin = '[[columns]]\nname = "BTC2"\nasset = "BTC"\ndecimals = 8'
    assert len(config(twin).columns) == 2
    with pytest.raises(ConfigError, match="asset and kind"):
        parse((MINIMAL + twin).replace('path = "l.csv"', 'path = "l.csv"\nshape = "long"'), BASE)


@pytest.mark.parametrize("text", ["[exchange", "a = [" * 5000, "x = 1\nx = 2"])
def test_not_toml(text: str) -> None:
    with pytest.raises(ConfigError, match="TOML"):
        parse(text, BASE)


def test_public_and_private_may_not_nest() -> None:
    with pytest.raises(ConfigError, match="share"):
        config('[store]\npublic = "out"\nprivate = "out/private"')


def test_every_option_as_a_flag() -> None:
    found = override(
        config(),
        {
            "exchange.name": "other",
            "book.accounts": "4096",
            "book.chunk_bits": 3,
            "book.sealed": False,
            "columns.BTC.total": "public",
            "ledger.ignore": ("a", "b"),
            "ledger.path": "flag.csv",
            "book.totals": None,
        },
    )
    assert found.exchange == "other"
    assert found.book == BookConfig(4096, 3, "hidden", False, 604800)
    assert found.total_mode("BTC") == "public"
    assert found.ledger.ignore == ("a", "b")
    assert found.ledger.path == Path.cwd() / "flag.csv"
    assert config().total_mode("BTC") == "hidden"


@pytest.mark.parametrize("options", [{"book.chunk_bts": 3}, {"columns.XYZ.total": "public"}, {"book.chunk_bits": "x"}])
def test_flags_are_as_strict(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        override(config(), options)


def test_load(tmp_path: Path) -> None:
    (tmp_path / "solvent.toml").write_text(MINIMAL, "utf-8")
    found = load(tmp_path / "solvent.toml", {"book.chunk_bits": 4})
    assert found.ledger.path == tmp_path / "l.csv"
    assert found.book.chunk_bits == 4
    with pytest.raises(Unavailable, match="configuration"):
        load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "bad.toml")


def test_binance_ledger_that_is_missing_is_a_plain_error() -> None:
    text = '[exchange]\nname = "x"\n[ledger]\nformat = "binance"\npath = "none.csv"'
    with pytest.raises(SolventError, match=r"none\.csv"):
        parse(text, BASE).schema()


def test_password_is_not_in_the_representation() -> None:
    text = MINIMAL.replace(
        'format = "csv"\npath = "l.csv"', 'format = "postgresql"\nurl = "postgresql://u:hunter2@h/d"\nquery = "q"'
    )
    assert "hunter2" not in repr(parse(text, BASE))
