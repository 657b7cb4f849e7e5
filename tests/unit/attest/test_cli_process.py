"""The commands as processes: signals at every moment, two at once, full disks, closed pipes, terminals."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.exchange import ROOT, Exchange, found, new_exchange, process, refusal

ROWS = 500
INTERRUPTED = "error: interrupted: nothing was released, nothing is left behind\n"


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    """A ledger that takes some seconds."""
    ledger = "account,BTC,ETH\n" + "".join(f"customer-{i},{i},0.5\n" for i in range(ROWS))
    return new_exchange(tmp_path / "ex", ledger)


def start(exchange: Exchange, *words: str, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "attest.cli", "attest", *words, "--config", str(exchange.config)]
    settings: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, cwd=ROOT, text=True, **settings)  # type: ignore[call-overload,no-any-return]


def wait_for(child: subprocess.Popen[str], root: Path, name: str) -> None:
    """Until a file of that name is somewhere below ``root``."""
    until = time.monotonic() + 60
    while not any(path.endswith(name) for path in found(root)):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["lock", "work", "leaves.bin", "book.proof", "attestation.json"])
def test_a_stop_leaves_nothing(exchange: Exchange, moment: str, stop: signal.Signals) -> None:
    with start(exchange, "--first") as child:
        wait_for(child, exchange.root, moment)
        child.send_signal(stop)
        child.send_signal(stop)
        output, told = child.communicate(timeout=60)
    assert (child.returncode, output) == (2, "")
    assert told.lstrip() == f"{INTERRUPTED}hint: run the command again\n"
    assert found(exchange.root / "public") == ["epochs"]
    assert found(exchange.root / "private") == ["lock"]


def test_a_stop_while_python_loads_is_a_sentence_too(exchange: Exchange) -> None:
    code = (
        "import os, signal, sys\nimport attest.cli\n"
        "class Stop:\n  def find_spec(self, name, *_):\n"
        "    if name == 'attest.cli.commands': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Stop())\nattest.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", INTERRUPTED)


def test_when_the_epoch_is_there_it_is_too_late_to_stop(exchange: Exchange) -> None:
    code = (
        "import os, signal, sys\nfrom attest.store import Store\nrelease = Store._release\n"
        "def stopped(*words):\n  os.kill(os.getpid(), signal.SIGINT)\n  release(*words)\n"
        "Store._release = stopped\nfrom attest.cli import main\n"
        f"sys.argv[1:] = ['attest', '--first', '--config', {str(exchange.config)!r}]\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Epoch 1 is released")
    assert exchange.epoch(1).is_dir()


def test_a_stopped_check_leaves_no_copy_of_the_ledger(exchange: Exchange, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with start(exchange, "--check", env={**os.environ, "TMPDIR": str(temporary)}) as child:
        wait_for(child, temporary, "")
        child.send_signal(signal.SIGTERM)
        _, told = child.communicate(timeout=60)
    assert child.returncode == 2
    assert INTERRUPTED in told
    assert found(temporary) == []


def test_what_a_killed_run_left_is_removed_by_the_next(exchange: Exchange) -> None:
    with start(exchange, "--first") as child:
        wait_for(child, exchange.root, "book.proof")
        child.kill()
    assert any(".run-" in name for name in found(exchange.root))
    assert "note: a run is working, or was killed" in exchange.run("inspect").stdout
    exchange.attest(1)
    assert not any(".run-" in name for name in found(exchange.root))


def test_two_runs_at_once(exchange: Exchange) -> None:
    with start(exchange, "--first") as child:
        wait_for(child, exchange.root, "work")
        assert "another run is working on this store" in refusal(exchange.run("attest", "--first"), 2)
        child.communicate(timeout=60)
    assert child.returncode == 0
    assert found(exchange.root / "public/epochs")[0] == "1"


@pytest.mark.parametrize("kilobytes", [4, 40, 100])
def test_a_full_disk_leaves_nothing(exchange: Exchange, kilobytes: int) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * kilobytes, 1024 * kilobytes))

    with start(exchange, "--first", preexec_fn=limit) as child:
        output, told = child.communicate(timeout=60)
    assert (child.returncode, output) == (2, "")
    assert "Traceback" not in told
    assert "solvent itself failed" not in told
    assert told.splitlines()[-1].startswith("hint: ")
    assert found(exchange.root / "public") == ["epochs"]
    assert found(exchange.root / "private") == ["lock"]


@pytest.mark.parametrize("words", [["inspect"], ["inspect", "--json"], ["customer-keys"], ["attest", "--check"]])
def test_an_answer_that_cannot_be_written(exchange: Exchange, words: list[str]) -> None:
    exchange.attest(1)
    with Path("/dev/full").open("w") as full:
        done = process("attest.cli", *words, "--config", exchange.config, stdout=full, capture_output=False,
                       stderr=subprocess.PIPE)  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    done = process("attest.cli", *words, "--config", exchange.config, stdout=writer, capture_output=False,
                   stderr=subprocess.PIPE)  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (2, "")


def test_an_epoch_whose_answer_is_lost_is_not_called_a_failure(exchange: Exchange) -> None:
    with Path("/dev/full").open("w") as full, start(exchange, "--first", stdout=full) as child:
        _, told = child.communicate(timeout=60)
    assert child.returncode == 2
    assert "the answer cannot be written: no space left on device" in told
    assert "what was done is done: look with solvent inspect" in told
    assert exchange.epoch(1).is_dir()


def on_a_terminal(exchange: Exchange, *words: str, term: str = "xterm") -> tuple[int, str, str]:
    """Exit code, output, and what the terminal behind the error stream showed."""
    ours, theirs = os.openpty()
    shown = b""
    with start(exchange, *words, stderr=theirs, env={**os.environ, "TERM": term, "COLUMNS": "120"}) as child:
        os.close(theirs)
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        output, _ = child.communicate(timeout=60)
    os.close(ours)
    return child.returncode, output, shown.decode()


def test_bars_with_rate_and_time_left_on_a_terminal(exchange: Exchange) -> None:
    code, output, shown = on_a_terminal(exchange, "--first")
    assert code == 0
    assert output.startswith("Epoch 1 is released")
    for stage in ("reading", "checking", "committing rows", "proving rows", "reading rows", "checking rows"):
        assert stage in shown
    assert f"{ROWS}/{ROWS}" in shown
    assert "/s" in shown
    assert "0:00:0" in shown


@pytest.mark.parametrize(("words", "term"), [(["--json"], "xterm"), ([], "dumb")])
def test_no_bars_for_machines(exchange: Exchange, words: list[str], term: str) -> None:
    code, output, shown = on_a_terminal(exchange, "--first", *words, term=term)
    assert (code, shown) == (0, "")
    if words:
        assert json.loads(output)["done"] is True


def test_accounts_are_listed_as_they_are_on_any_terminal(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path / "ex", "account,BTC,ETH\nzoë-客户,1,2\n")
    exchange.attest(1)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    keys = process("attest.cli", "customer-keys", "--config", exchange.config, env=environment)
    assert keys.returncode == 0, keys.stderr
    assert keys.stdout.splitlines()[1].startswith("zoë-客户,slv_k_")
    told = process("attest.cli", "bundle", "zoé", "--config", exchange.config, env=environment)
    assert "has no account 'zo\\xe9'" in refusal(told, 2)


def test_light_commands_load_no_arrow_and_no_duckdb(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path / "ex")
    exchange.attest(1)
    for words in (["--help"], ["customer-key", "alice", "--config", str(exchange.config)], ["--version"]):
        code = (
            "import sys\nfrom attest.cli import main\n"
            f"sys.argv[1:] = {words!r}\ntry: main()\nfinally: sys.stderr.write(' '.join(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "attest.cli.commands" in done.stderr.split()
        assert not {"numpy", "pyarrow", "duckdb", "rich"} & set(done.stderr.split())
