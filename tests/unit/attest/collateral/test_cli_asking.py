"""``solvent collateral challenge`` and ``chain``: what owners are asked to sign is M, in every form."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from tests.support.collateral import CHALLENGE, Desk, beacon_flags, new_desk
from tests.support.exchange import answer, new_exchange, refusal, solvent
from tests.support.snapshots import BEACON, EPOCH, EXCHANGE, WALLET, message, validator
from verifier.collateral import ValidatorBacking
from verifier.collateral.bitcoin import Lock

BTC = WALLET.address(Lock.P2WPKH)
EVM = WALLET.evm_account(1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path)


def test_the_challenge_is_kept_and_the_messages_are_m(desk: Desk) -> None:
    told = answer(desk.run("challenge", "--account", BTC, "--account", EVM, "--json"))
    assert told["messages"] == [{"account": owner, "message": message(owner)} for owner in (BTC, EVM)]
    assert json.loads((desk.directory / "challenge.json").read_bytes()) == CHALLENGE.to_json()
    assert told["challenge"] == CHALLENGE.value


def test_the_text_shows_each_message_under_its_account(desk: Desk) -> None:
    done = desk.run("challenge", "--account", BTC)
    assert f"# {BTC}\n{message(BTC)}\n" in done.stdout
    assert "snapshot before  2023-11-14 23:03:20 UTC" in done.stdout


def test_accounts_come_from_a_file_or_from_the_lines(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "accounts.txt").write_text(f"# ours\n{BTC}  # cold\n\n{EVM}\n{BTC}\n")
    named = answer(desk.run("challenge", "--accounts", tmp_path / "accounts.txt", "--json"))
    assert [entry["account"] for entry in named["messages"]] == [BTC, EVM]
    signature = WALLET.bitcoin(message(BTC), 39)
    holding = ["--asset", "BTC", "--amount", "1", "--pool", "hot"]
    assert desk.run("add", "--account", BTC, "--signature", signature, *holding).exit_code == 0
    listed = answer(desk.run("challenge", "--json"))
    assert [entry["account"] for entry in listed["messages"]] == [BTC]


def test_one_signature_can_serve_an_evm_key_on_all_chains(desk: Desk) -> None:
    accounts = [word for chain in (1, 10) for word in ("--account", WALLET.evm_account(chain))]
    told = answer(desk.run("challenge", *accounts, "--evm-once", "--json"))
    short = "eip155:" + EVM.rpartition(":")[2]
    assert {entry["message"] for entry in told["messages"]} == {message(short)}


def test_a_validator_is_asked_as_chain_and_key(desk: Desk) -> None:
    backing = validator().backing
    assert isinstance(backing, ValidatorBacking)
    owner = f"eip155:1:0x{backing.public_key}"
    assert answer(desk.run("challenge", "--account", owner, "--json"))["messages"][0]["message"] == message(owner)


def test_the_table_is_for_the_owners_to_fill_in(desk: Desk, tmp_path: Path) -> None:
    done = desk.run("challenge", "--account", BTC, "--csv", tmp_path / "ask.csv")
    assert done.exit_code == 0
    (row,) = csv.DictReader((tmp_path / "ask.csv").read_text().splitlines())
    assert (row["account"], row["message"], row["signatures"]) == (BTC, message(BTC), "")
    refusal(desk.run("challenge", "--account", BTC, "--csv", tmp_path / "ask.csv"), 2)


def test_each_picture_holds_one_message(desk: Desk, tmp_path: Path) -> None:
    desk.run("challenge", "--account", BTC, "--account", EVM, "--qr", tmp_path / "qr")
    names = sorted(path.name for path in (tmp_path / "qr").iterdir())
    assert [name[:12] for name in names] == ["epoch-7-0001", "epoch-7-0002"]
    import segno

    drawn = (tmp_path / "qr" / names[0]).read_text()
    path = segno.make(message(BTC), error="m", micro=False).svg_inline(scale=4, title=BTC)
    assert re.findall(r'd="[^"]+"', drawn) == re.findall(r'd="[^"]+"', path)


def test_a_new_beacon_for_the_same_epoch_needs_a_word(desk: Desk) -> None:
    other = ["--beacon", "drand", "4000001", str(BEACON.time), "cd" * 32]
    told = refusal(desk.run("challenge", "--epoch", str(EPOCH), *other), 2)
    assert "signatures of it would be lost" in told
    assert desk.run("challenge", "--epoch", str(EPOCH), *other, "--replace").exit_code == 0


def test_the_next_epoch_replaces_the_challenge(desk: Desk) -> None:
    other = ["--beacon", "drand", "4000001", str(BEACON.time), "0x" + "CD" * 32]
    told = answer(desk.run("challenge", "--epoch", str(EPOCH + 1), *other, "--json"))
    assert (told["epoch"], told["beacon"]["value"]) == (EPOCH + 1, "cd" * 32)


def test_the_epoch_is_the_stores_next(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path)
    told = answer(exchange.run("collateral", "challenge", *beacon_flags(BEACON), "--json"))
    assert (told["epoch"], told["exchange"]) == (1, EXCHANGE)
    assert (tmp_path / "documents/collateral/challenge.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--beacon", "drand", "1", "99999999999", "ab" * 32], 1, "the beacon's time lies in the future"),
        (["--beacon", "drand", "1", "1", "ab"], 1, "should be 32 bytes in hex"),
        (["--beacon", "d r", "1", "1", "ab" * 32], 1, "beacon.source: should be a name"),
        (["--account", "bc1qxyz"], 1, "should be an account: namespace:chain:address"),
        (["--account", "eip155:1:0xABCDEF"], 1, "40 lower-case hex digits"),
        (["--account", "bc1qxyz"], 1, "for example bip122:000000000019d6689c085ae165831e93:ADDRESS"),
        (["--epoch", "9"], 2, "there is no challenge of epoch 9 yet"),
        (["--accounts", "nowhere.txt"], 2, "the accounts cannot be read"),
    ],
)
def test_what_is_wrong_is_named(desk: Desk, words: list[str], code: int, told: str) -> None:
    epoch = ["--epoch", str(EPOCH + 1)] if "--beacon" in words else []
    before = (desk.directory / "challenge.json").read_bytes()
    assert told in refusal(desk.run("challenge", *epoch, *words), code)
    assert (desk.directory / "challenge.json").read_bytes() == before


def test_without_a_challenge_a_beacon_is_asked_for(tmp_path: Path) -> None:
    told = refusal(solvent("collateral", "challenge", "--dir", tmp_path / "new", "--exchange", EXCHANGE), 2)
    assert "add --beacon SOURCE ROUND TIME VALUE" in told


def test_a_challenge_that_was_changed_is_not_used(desk: Desk) -> None:
    path = desk.directory / "challenge.json"
    for member, value in (("challenge", "ab" * 32), ("epoch", 8), ("exchange", "other")):
        path.write_text(json.dumps({**CHALLENGE.to_json(), member: value}))
        assert "is not the challenge of this exchange, epoch and beacon" in refusal(desk.run("challenge"), 1)
    path.write_text(json.dumps({**CHALLENGE.to_json(), "more": 1}))
    assert "member 'more' is not known" in refusal(desk.run("challenge"), 1)


BLOCKS = "chain,height,hash,time\n"
BASE, ARBITRUM = f"eip155:8453,25000000,0x{'AB' * 32},1700000000\n", f"eip155:42161,9,{'cd' * 32},1700000001\n"


def test_chains_are_noted_from_a_table(desk: Desk, tmp_path: Path) -> None:
    table = tmp_path / "blocks.csv"
    table.write_text(BLOCKS + BASE + "\n" + ARBITRUM)
    told = answer(desk.run("chain", "--csv", table, "--json"))
    assert told["chains"]["eip155:8453"] == {"height": 25000000, "hash": "ab" * 32, "time": 1700000000}
    assert told["chains"]["eip155:42161"] == {"height": 9, "hash": "cd" * 32, "time": 1700000001}
    assert len(told["chains"]) == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chain,height,hash\n", "row 1: has other columns"),
        (BLOCKS + BASE + BASE, "row 3: this chain stands there twice"),
        (BLOCKS + BASE.replace("25000000", "high"), "row 2: height: should be a whole number"),
        (BLOCKS + BASE.replace("AB", "XY"), "the 64 hex digits of its hash"),
        (BLOCKS + BASE.replace("eip155:8453", "base"), "row 2: chain: should be a chain"),
        (BLOCKS + "eip155:1,2\n", "row 2: has 2 cells, not 4"),
    ],
)
def test_a_table_of_blocks_that_is_refused_changes_nothing(desk: Desk, tmp_path: Path, text: str, message: str) -> None:
    before = (desk.directory / "chains.json").read_bytes()
    table = tmp_path / "blocks.csv"
    table.write_text(text)
    assert message in refusal(desk.run("chain", "--csv", table), 1)
    assert (desk.directory / "chains.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "a block is a chain with --height, --hash and --time"),
        (("eip155:1", "--height", "1"), "a block is a chain with --height, --hash and --time"),
        (("eip155:1", "--csv", "blocks.csv"), "a table names its chains itself"),
        (("--csv", "absent.csv"), "the blocks cannot be read"),
    ],
)
def test_blocks_that_are_not_said(desk: Desk, words: tuple[str, ...], message: str) -> None:
    assert message in refusal(desk.run("chain", *words), 2)


def test_chains_are_noted_one_by_one(desk: Desk) -> None:
    block = ["--height", "25000000", "--hash", "0x" + "AB" * 32, "--time", "1700000000"]
    told = answer(desk.run("chain", "eip155:8453", *block, "--json"))
    assert told["chains"]["eip155:8453"] == {"height": 25000000, "hash": "ab" * 32, "time": 1700000000}
    assert len(told["chains"]) == 6
    assert "should be a chain" in refusal(desk.run("chain", "base", *block), 1)
