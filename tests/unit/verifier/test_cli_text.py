"""What people read: verdicts, tables, times, the progress bar; hostile text made harmless."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from verifier import Balance, VerifiedRow
from verifier.cli import present
from verifier.cli.text import age, facts, harmless, table, utc
from verifier.progress import INTERVAL, PATIENCE, ProgressBar, describe, duration, shown_progress

DAY = 86400
ROW = VerifiedRow(
    exchange="example.org",
    epoch=41,
    taken_at=1_750_000_000,
    expires_at=1_750_000_000 + DAY,
    payload="ab" * 32,
    accounts=2000,
    account_id="alice",
    index=5,
    row_id="cd" * 32,
    balances=(
        Balance("BTC", "BTC", "balance", 150_000_000, "1.5"),
        Balance("BTC:debt", "BTC", "debt", 1, "0.00000001"),
    ),
    compared=True,
)


def test_the_verdict_stands_in_the_first_line() -> None:
    lines = present.row_text(ROW, ROW.taken_at)
    assert lines[0] == "VERIFIED: your balances are in the book of example.org at 2025-06-15 15:06:40 UTC."


def test_balances_nobody_compared_are_not_called_verified() -> None:
    lines = present.row_text(replace(ROW, compared=False), ROW.taken_at)
    assert "in the book with THESE balances: compare them" in lines[0]
    assert "VERIFIED" not in "\n".join(lines)


def test_the_facts_and_the_exact_amounts_are_shown() -> None:
    text = "\n".join(present.row_text(ROW, ROW.taken_at + 3 * 3600))
    assert "example.org, epoch 41" in text
    assert "2025-06-15 15:06:40 UTC, 3 hours ago" in text
    assert "row 5 of 2,000, counted from 0" in text
    assert ROW.row_id in text
    assert "  BTC    balance         1.5  BTC\n" in text
    assert "  BTC    debt     0.00000001  BTC:debt\n" in text


def test_three_lines_say_what_is_not_proven() -> None:
    lines = present.row_text(ROW, ROW.taken_at)
    at = lines.index("What this does not prove:")
    assert len(lines[at + 1 :]) == 3


@pytest.mark.parametrize(("now", "old"), [(ROW.expires_at - 1, False), (ROW.expires_at, True)])
def test_an_expired_attestation_still_speaks_of_its_day(now: int, old: bool) -> None:
    lines = present.row_text(ROW, now)
    assert lines[0].startswith("OLD BUT VERIFIED: " if old else "VERIFIED: ")
    assert any(line.startswith("This attestation expired on 2025-06-16 15:06:40 UTC") for line in lines) is old
    assert present.row_json(ROW, now)["expired"] is old


def test_an_empty_row_says_so() -> None:
    assert "hold nothing and owe nothing" in "\n".join(present.row_text(replace(ROW, balances=()), 0))


def test_json_holds_amounts_as_text() -> None:
    document = present.row_json(ROW, ROW.taken_at)
    assert document["balances"][0] == {
        "column": "BTC",
        "asset": "BTC",
        "kind": "balance",
        "amount": "1.5",
        "units": "150000000",
    }
    assert (document["verdict"], document["compared"]) == ("verified", True)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J\x1b[1;1HVERIFIED",
        "\u202eDEIFIREV",
        "a\nVERIFIED: b",
        "a\rb",
        "\u2028",
        "\u200b",
        "\x9b31m",
        "\udcff",
        "\x7f",
    ],
)
def test_what_could_move_the_cursor_or_turn_text_around_is_written_out(text: str) -> None:
    shown = harmless(text)
    assert shown.isprintable()
    assert "\\u{" in shown
    assert all(line.isprintable() for line in present.row_text(replace(ROW, account_id=text), 0))


@pytest.mark.parametrize("text", ["alice", "J\u00fcrgen M\u00fcller", "\u05d0\u05d1", "\u5f20\u4f1f", "a b"])
def test_readable_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("key", ["slv_k_" + "ab" * 32, "SLV_K_" + "AB" * 32, "x slv_k_00 y"])
def test_a_key_in_the_wrong_place_is_not_repeated(key: str) -> None:
    assert "slv_k_(hidden)" in harmless(key)
    assert "ab" not in harmless(key).lower()


def test_tables_and_facts_align() -> None:
    assert table(("a", "total"), [("long", "1"), ("x", "1000")], 1) == [
        "  a     total",
        "  long      1",
        "  x      1000",
    ]
    assert facts([("a", "1"), ("long", "2")]) == ["  a     1", "  long  2"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01 00:00:00 UTC"),
        (1_750_000_000, "2025-06-15 15:06:40 UTC"),
        (2**53 - 1, "POSIX second 9007199254740991"),
    ],
)
def test_times(seconds: int, text: str) -> None:
    assert utc(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "in the future: check this computer's clock"),
        (0, "less than a minute ago"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (1000 * DAY, "1,000 days ago"),
    ],
)
def test_ages(seconds: int, text: str) -> None:
    assert age(seconds) == text


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_short_work_shows_nothing(clock: Clock) -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream, clock)
    for done in range(1000):
        bar("reading rows", done, 1000)
    bar.close()
    assert stream.getvalue() == ""


def test_the_bar_is_throttled(clock: Clock) -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream, clock)
    clock.now += PATIENCE
    for done in range(1000):
        bar("reading rows", done, 1000)
    assert stream.getvalue().count("\r") == 1
    clock.now += INTERVAL
    bar("reading rows", 1000, 1000)
    assert stream.getvalue().count("\r") == 2


def test_a_stage_that_takes_long_is_named_at_once(clock: Clock) -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream, clock)
    clock.now += PATIENCE
    bar("reading rows", 999, 1000)
    bar("preparing the check", 0, 1000)
    assert stream.getvalue().rstrip(" ").endswith("\rpreparing the check [----------]   0 % of 1,000")


def test_the_bar_leaves_an_empty_line(clock: Clock) -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream, clock)
    clock.now += PATIENCE
    bar("reading rows", 1, 2)
    bar.close()
    assert stream.getvalue().endswith(" \r")
    written = stream.getvalue()
    bar.close()
    assert stream.getvalue() == written


def test_each_stage_has_its_own_rate(clock: Clock) -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream, clock)
    clock.now += 10
    bar("reading rows", 1000, 1000)
    clock.now += 1
    bar("checking rows", 0, 1000)
    clock.now += 1
    bar("checking rows", 500, 1000)
    assert "reading rows [##########] 100 % of 1,000, 100/s, 0 s left" in stream.getvalue()
    assert "checking rows [#####-----]  50 % of 1,000, 500/s, 1 s left" in stream.getvalue()


@pytest.mark.parametrize(
    ("done", "total", "seconds", "text"),
    [
        (0, 2000, 5, "x [----------]   0 % of 2,000"),
        (500, 2000, 2, "x [##--------]  25 % of 2,000, 250/s, 6 s left"),
        (2000, 2000, 2, "x [##########] 100 % of 2,000, 1,000/s, 0 s left"),
        (0, 0, 0, "x [##########] 100 % of 0"),
    ],
)
def test_what_the_bar_says(done: int, total: int, seconds: float, text: str) -> None:
    assert describe("x", done, total, seconds) == text


def test_a_line_of_a_large_book_fits_a_terminal() -> None:
    assert len(describe("checking rows", 1_000_000, 2_000_000, 100)) < 80


@pytest.mark.parametrize(("seconds", "text"), [(44.6, "45 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("terminal", "quiet", "kind", "shows"),
    [
        (True, False, "xterm", True),
        (True, True, "xterm", False),
        (True, False, "dumb", False),
        (False, False, "", False),
    ],
)
def test_only_a_terminal_sees_progress(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, quiet: bool, kind: str, shows: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", kind)
    with shown_progress(quiet) as progress:
        assert isinstance(progress, ProgressBar) is shows
        progress("reading rows", 1, 2)
