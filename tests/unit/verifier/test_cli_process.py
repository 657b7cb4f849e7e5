"""The command as a process of its own: terminals, pipes, full disks, interruptions, hostile files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.verifier.cli_books import Epoch, make_epochs

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def epoch(tmp_path_factory: pytest.TempPathFactory) -> Epoch:
    return make_epochs(tmp_path_factory.mktemp("store"), 1)[0]


def process(arguments: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verifier.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, timeout=120, check=False, **options)


def test_the_account_key_may_come_from_standard_input(epoch: Epoch) -> None:
    arguments = ["me", str(epoch.directory), "--account", "alice", "--key", epoch.key, "--account-key-file", "-"]
    done = process(arguments, input=epoch.account_key("alice") + "\n", capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("You are in the book")


def test_without_a_terminal_the_key_is_not_asked_for(epoch: Epoch) -> None:
    arguments = ["me", str(epoch.directory), "--account", "alice", "--key", epoch.key]
    done = process(arguments, input=epoch.account_key("alice"), capture_output=True, start_new_session=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no terminal to ask for the account key on" in done.stderr


def read_all(terminal: int) -> str:
    """Everything a pseudo-terminal shows until its other side is closed."""
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            return shown.decode()
        if not piece:
            return shown.decode()
        shown += piece


def start_on_terminal(epoch: Epoch, terminal: int) -> subprocess.Popen[str]:
    """``solvent-verify me`` that reads from and complains to ``terminal``; its answer goes to a pipe."""
    command = [
        sys.executable,
        "-m",
        "verifier.cli",
        "me",
        str(epoch.directory),
        "--account",
        "alice",
        "--key",
        epoch.key,
    ]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, start_new_session=True, text=True
    )


def ended(child: subprocess.Popen[str]) -> str:
    """The output of a child that ends within a minute; one that does not is killed, so that no run hangs."""
    try:
        return child.communicate(timeout=60)[0]
    finally:
        child.kill()


def test_an_interruption_at_the_prompt_decides_nothing(epoch: Epoch) -> None:
    ours, theirs = os.openpty()
    with start_on_terminal(epoch, theirs) as child:
        os.close(theirs)
        os.read(ours, 4096)
        child.send_signal(signal.SIGINT)
        output = ended(child)
        shown = read_all(ours)
    os.close(ours)
    assert (child.returncode, output) == (2, "")
    assert "could not check: interrupted, nothing was decided" in shown
    assert "Traceback" not in shown


def test_on_a_terminal_the_key_is_asked_for_without_echo(epoch: Epoch) -> None:
    ours, theirs = os.openpty()
    with start_on_terminal(epoch, theirs) as child:
        os.close(theirs)
        shown = os.read(ours, 4096).decode()
        # The prompt is written after echo was switched off.
        os.write(ours, epoch.account_key("alice").encode() + b"\n")
        output = ended(child)
        shown += read_all(ours)
    os.close(ours)
    assert child.returncode == 0, shown
    assert shown.startswith("Account key (hidden while you type): ")
    assert epoch.account_key("alice")[6:] not in shown + output
    assert output.startswith("You are in the book")


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_an_answer_nobody_can_read_is_no_success(epoch: Epoch, extra: list[str]) -> None:
    arguments = ["audit", str(epoch.directory), "--key", epoch.key, *extra]
    with Path("/dev/full").open("w") as full:
        done = process(arguments, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_an_answer_nobody_reads_is_no_success(epoch: Epoch, extra: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = process(["audit", str(epoch.directory), "--key", epoch.key, *extra], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (2, "")


def test_a_plain_terminal_shows_foreign_letters_as_numbers(epoch: Epoch, tmp_path: Path) -> None:
    account = "\u05d0\u05d1"
    file = str(epoch.key_file(account, tmp_path))
    arguments = ["me", str(epoch.directory), "--account", account, "--key", epoch.key, "--account-key-file", file]
    done = process(arguments, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii:strict"})
    assert done.returncode == 0, done.stderr
    assert "account   \\u05d0\\u05d1\n" in done.stdout


def test_nothing_but_the_verifier_is_loaded(epoch: Epoch) -> None:
    arguments = ["audit", str(epoch.directory), "--key", epoch.key, "--json"]
    code = (
        f"import sys\nfrom verifier.cli import main\n"
        f"try: main({arguments!r})\nfinally: sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0
    assert "verifier.cli" in done.stderr.split()
    assert not {"attest", "rich", "numpy", "duckdb", "flask"} & set(done.stderr.split())


@pytest.mark.parametrize("name", ["attestation.json", "schema.json"])
@pytest.mark.parametrize("piece", [b"[", b'{"a":'])
def test_a_file_of_nothing_but_depth_is_refused(epoch: Epoch, tmp_path: Path, name: str, piece: bytes) -> None:
    spoiled = epoch.copy(tmp_path)
    (spoiled / name).write_bytes(piece * 200_000)
    done = process(["audit", str(spoiled), "--key", epoch.key], capture_output=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"FAILED: {name}")
