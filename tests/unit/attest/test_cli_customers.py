"""``customer-key``, ``customer-keys``, ``bundle`` and ``inspect``: private, whole, never over anything."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.support.exchange import Exchange, answer, found, new_exchange, refusal, solvent
from verifier import check_account, check_bundle, read_account_key

SHORT_HEX = 64


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Two epochs. Read only."""
    exchange = new_exchange(tmp_path_factory.mktemp("made") / "ex")
    exchange.attest(1, "--accounts", "next power of two")
    exchange.attest(2, "--totals", "public")
    return exchange


@pytest.fixture
def exchange(made: Exchange, tmp_path: Path) -> Exchange:
    """The same, to be spoiled."""
    return Exchange(Path(shutil.copytree(made.root, tmp_path / "copy")))


def test_a_key_opens_the_row(made: Exchange) -> None:
    key = made.account_key("alice")
    row = check_account(made.epoch(1), "alice", read_account_key(key), made.key, holdings={"BTC": "1.5", "ETH": "2"})
    assert row.compared
    told = answer(made.run("customer-key", "alice", "--json"))
    assert told == {"done": True, "account": "alice", "account_key": key, "in_last_book": True}


def test_a_key_for_nobody_is_given_with_a_note(made: Exchange) -> None:
    done = made.run("customer-key", "alise")
    assert done.exit_code == 0
    assert done.stdout.startswith("slv_k_")
    assert "has no such account" in done.stderr
    assert answer(made.run("customer-key", "alise", "--json"))["in_last_book"] is False


def test_a_key_can_be_given_before_the_first_epoch(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path / "ex")
    done = exchange.run("customer-key", "alice")
    assert (done.exit_code, done.stderr) == (0, "")
    assert answer(exchange.run("customer-key", "alice", "--json"))["in_last_book"] is None


def test_a_key_can_be_given_where_the_book_is_not(exchange: Exchange, made: Exchange) -> None:
    shutil.rmtree(exchange.root / "public")
    done = exchange.run("customer-key", "alice")
    assert (done.exit_code, done.stdout.strip()) == (0, made.account_key("alice"))
    assert "the last book was not looked at" in done.stderr


@pytest.mark.parametrize("account", ["", "\x1b[31mred", "a\tb", "x" * 257, "\udcff"])
@pytest.mark.parametrize("command", ["customer-key", "bundle"])
def test_an_id_that_no_ledger_holds(made: Exchange, command: str, account: str) -> None:
    told = refusal(made.run(command, account), 2)
    assert "an account id has 1 to 256 bytes and no control characters" in told


def test_hostile_letters_are_written_out(made: Exchange) -> None:
    told = refusal(made.run("bundle", "evil\u202eecila\x7f"), 2)
    assert "\u202e" not in told


def test_all_keys(made: Exchange) -> None:
    done = made.run("customer-keys")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["account", "account_key"]
    assert sorted(rows[1:]) == [[name, made.account_key(name)] for name in ("alice", "bob", "carol")]
    assert dict(list(csv.reader(io.StringIO(made.run("customer-keys", "--epoch", "1").stdout)))[1:]) == dict(rows[1:])


@pytest.mark.parametrize("command", [["customer-key", "alice"], ["customer-keys"], ["bundle", "alice"]])
def test_a_file_is_private_new_and_whole(
    made: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    output = tmp_path / "given"
    done = made.run(*command, "--output", output)
    assert done.exit_code == 0
    assert str(output) in done.stdout
    assert "slv_k_" not in done.stdout + done.stderr
    assert output.stat().st_mode & 0o777 == 0o600
    content = output.read_bytes()
    assert "this exists already and is not overwritten" in refusal(made.run(*command, "--output", output), 2)
    assert output.read_bytes() == content

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert "free some space" in refusal(made.run(*command, "--output", tmp_path / "other"), 2)
    assert found(tmp_path) == ["given"]


@pytest.mark.parametrize("command", [["customer-key", "alice"], ["customer-keys"], ["bundle", "alice"]])
def test_a_file_that_cannot_be(made: Exchange, tmp_path: Path, command: list[str]) -> None:
    assert "there is no such directory" in refusal(made.run(*command, "--output", tmp_path / "none/file"), 2)
    assert "this exists already" in refusal(made.run(*command, "--output", tmp_path), 2)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert "this exists already" in refusal(made.run(*command, "--output", tmp_path / "link"), 2)
    assert "too long" in refusal(made.run(*command, "--output", tmp_path / ("x" * 300)), 2)
    assert found(tmp_path) == ["link"]


def test_a_bundle_stands_alone(made: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = answer(made.run("bundle", "alice", "--epoch", "1", "--json"))
    assert (told["account"], told["epoch"]) == ("alice", 1)
    [file] = tmp_path.iterdir()
    assert file.name == told["file"]
    assert file.name.startswith("ex.example-1-")
    assert "alice" not in file.name
    row = check_bundle(file.read_bytes(), "alice", made.key, holdings={"BTC": "1.5", "ETH": "2"})
    assert (row.epoch, row.compared) == (1, True)
    refusal(made.run("bundle", "alice", "--epoch", "1"), 2)


@pytest.mark.parametrize("command", [["customer-key", "alice"], ["customer-keys"], ["bundle", "alice"]])
def test_nothing_is_given_under_another_master_key(exchange: Exchange, tmp_path: Path, command: list[str]) -> None:
    other = new_exchange(tmp_path / "other")
    shutil.copy2(other.root / "keys" / "master.key", exchange.root / "keys" / "master.key")
    assert "the master key is not the one of the last epoch" in refusal(exchange.run(*command), 1)


def test_no_bundle_for_nobody(made: Exchange, tmp_path: Path) -> None:
    told = refusal(made.run("bundle", "alise", "--output", tmp_path / "b"), 2)
    assert "epoch 2 has no account 'alise'" in told
    assert found(tmp_path) == []


@pytest.mark.parametrize("command", [["bundle", "alice"], ["customer-keys"]])
@pytest.mark.parametrize(
    ("epoch", "words"), [("3", "there is no epoch 3; the last one is 2"), ("0", "--epoch"), ("x", "--epoch")]
)
def test_an_epoch_that_is_not_there(made: Exchange, command: list[str], epoch: str, words: str) -> None:
    assert words in refusal(made.run(*command, "--epoch", epoch), 2)


@pytest.mark.parametrize("command", [["bundle", "alice"], ["customer-keys"], ["inspect"]])
def test_before_the_first_epoch(tmp_path: Path, command: list[str]) -> None:
    exchange = new_exchange(tmp_path / "ex")
    before = found(tmp_path)
    assert "this store holds no epoch yet" in refusal(exchange.run(*command), 2)
    assert found(tmp_path) == before


def test_a_damaged_store(exchange: Exchange) -> None:
    shutil.rmtree(exchange.root / "private/epochs/2")
    assert "the private ledger snapshot of epoch 2 is not there" in refusal(exchange.run("customer-keys"), 2)
    (exchange.root / "private/epochs/1/ledger.parquet").write_bytes(b"junk")
    assert "this is not a snapshot" in refusal(exchange.run("customer-keys", "--epoch", "1"), 1)
    (exchange.epoch(2) / "leaves.bin").write_bytes(b"junk")
    refusal(exchange.run("bundle", "alice", "--output", exchange.root / "b"), 1)
    (exchange.root / "private/head.json").write_text("{}")
    for command in (["customer-keys"], ["attest"], ["bundle", "alice"], ["inspect"], ["customer-key", "alice"]):
        assert "the store's record of its last epoch is damaged" in refusal(exchange.run(*command), 1)


def test_inspect_tells_the_chain(made: Exchange) -> None:
    done = made.run("inspect")
    assert done.exit_code == 0
    assert "Read, not verified" in done.stdout
    assert "note:" not in done.stdout
    told = answer(made.run("inspect", "--json"))
    assert [(e["epoch"], e["accounts"], e["verified"]) for e in told["epochs"]] == [(1, 4, False), (2, 3, False)]
    assert told["epochs"][1]["previous"] == told["epochs"][0]["payload"]
    assert told["remarks"] == []
    for epoch in told["epochs"]:
        assert epoch["payload"] in done.stdout


def test_inspect_tells_what_does_not_fit(exchange: Exchange) -> None:
    (exchange.root / "private/.run-dead").mkdir()
    shutil.rmtree(exchange.root / "private/epochs/1")
    (exchange.epoch(2) / "attestation.json").write_bytes(b"{}")
    shutil.copytree(exchange.epoch(1), exchange.epoch(3))
    told = exchange.run("inspect").stdout
    for words in (
        "note: epoch 2 cannot be read",
        "note: epoch 3 does not continue epoch 1",
        "note: epoch 1 has no private files",
        "note: a run is working, or was killed",
        "note: epoch 3 is here already, but the store's record of its last epoch says 2",
        "note: the last epoch is 2",
    ):
        assert words in told
    assert len(answer(exchange.run("inspect", "--json"))["remarks"]) == 7


def test_a_lost_head_is_not_taken_for_an_empty_store(exchange: Exchange) -> None:
    (exchange.root / "private/head.json").unlink()
    words = "epoch 2 is here already, but the store's record of its last epoch is gone"
    assert f"note: {words}" in exchange.run("inspect").stdout
    for command in (["bundle", "alice"], ["customer-keys"]):
        assert words in refusal(exchange.run(*command), 1)


def test_inspect_one_epoch(made: Exchange) -> None:
    done = solvent("inspect", made.epoch(2))
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["BTC", "BTC", "balance", "8", "64", "4.5"] in lines
    assert ["ETH", "ETH", "balance", "18", "96", "2.000000000000000001"] in lines
    told = answer(solvent("inspect", made.epoch(2), "--json"))
    assert told["totals"]["BTC"] == {"mode": "public", "value": "450000000"}
    assert [column["name"] for column in told["schema"]["columns"]] == ["BTC", "ETH"]
    for name, digest in told["files"].items():
        assert [name, f"{(made.epoch(2) / name).stat().st_size:,}", digest] in lines


def test_inspect_something_else(exchange: Exchange, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none", exchange.config):
        assert "this is not an epoch directory" in refusal(solvent("inspect", place), 2)
    for name in ("attestation.json", "schema.json"):
        spoiled = Path(shutil.copytree(exchange.epoch(1), tmp_path / name))
        (spoiled / name).write_bytes(b'{"a":1}')
        refusal(solvent("inspect", spoiled), 1)
        body = json.loads(solvent("inspect", spoiled, "--json").stdout)
        assert body["done"] is False


def test_no_secret_is_shown(made: Exchange) -> None:
    master = (made.root / "keys/master.key").read_text().strip().removeprefix("slv_m_")
    assert len(master) == SHORT_HEX
    for words in (
        ["inspect"],
        ["inspect", "--json"],
        ["customer-key", "bob"],
        ["customer-keys"],
        ["attest", "--check"],
    ):
        done = made.run(*words)
        assert master not in done.stdout + done.stderr
    wrong = made.run("bundle", made.account_key("alice"))
    assert made.account_key("alice") not in refusal(wrong, 2)
