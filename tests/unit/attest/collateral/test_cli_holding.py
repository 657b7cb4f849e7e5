"""``solvent collateral add``, ``import``, ``list``, ``remove``: the list says what was handed in, or is unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attest.collateral import Opening, Openings
from attest.collateral.lines_file import TYPE
from attest.store import write_private
from tests.support.answers import ACCOUNT, bitcoin, checked, ether, flags, lines
from tests.support.collateral import Desk, new_desk
from tests.support.exchange import answer, refusal, solvent
from tests.support.snapshots import BTC, STATIC, USDT, WALLET, custody, entry, message, sign, standing, validator
from tests.support.wallets import Wallet
from verifier.collateral import ValidatorBacking
from verifier.collateral.bitcoin import Lock
from verifier.collateral.messages import tron_v2_digest

OPEN = Opening(1234, 99)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path)


@pytest.mark.parametrize(
    ("cells", "scheme"),
    [
        (bitcoin(), "bip137"),
        (bitcoin(lock=Lock.P2PKH, header=31), "bip137"),
        (ether(), "eip191"),
        (ether(10), "eip191"),
        (
            {
                "account": WALLET.tron_account,
                "signatures": WALLET.evm(message(WALLET.tron_account), tron_v2_digest),
                "asset": "USDT",
                "coins": "2",
                "pool": "hot",
            },
            "tron-v2",
        ),
    ],
    ids=["p2wpkh", "p2pkh", "ethereum", "optimism", "tron"],
)
def test_an_ordinary_wallets_line_needs_no_scheme(desk: Desk, cells: dict[str, str], scheme: str) -> None:
    done = desk.run("add", *flags(cells))
    assert done.exit_code == 0, done.stderr
    (line,) = lines(desk)
    assert line["scheme"] == scheme
    assert checked(desk) == {line["id"]: "VALID"}
    assert desk.lines.stat().st_mode & 0o777 == 0o600


def test_a_validator_is_told_by_its_key(desk: Desk) -> None:
    backing = validator().backing
    assert isinstance(backing, ValidatorBacking)
    cells = {
        "account": f"eip155:1:0x{backing.public_key}",
        "signatures": backing.signatures[0],
        "withdrawal": backing.withdrawal,
        "asset": "ETH",
        "coins": "32",
        "pool": "cold",
    }
    assert desk.run("add", *flags(cells)).exit_code == 0
    (line,) = lines(desk)
    assert (line["kind"], line["scheme"], line["amount"]) == ("validator", "bls12381", "32" + "0" * 18)
    assert checked(desk) == {line["id"]: "VALID"}


def test_m_in_the_message_is_left_out_and_another_text_is_legacy(desk: Desk) -> None:
    desk.run("add", *flags(bitcoin(message=message(ACCOUNT))))
    other = Wallet(77)
    old = bitcoin(other) | {"signatures": other.bitcoin(STATIC, 39), "message": STATIC}
    desk.run("add", *flags(old))
    first, second = lines(desk)
    assert "message" not in first
    assert second["message"] == STATIC
    assert set(checked(desk).values()) == {"VALID"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": "1.5"}, "line: amount: should be a whole number of base units"),
        ({"amount": "-1"}, "line: amount: should be a whole number of base units"),
        ({"amount": "1", "coins": "1"}, "needs an amount in base units, or in coins, and not both"),
        ({"amount": ""}, "needs an amount in base units, or in coins, and not both"),
        ({"amount": "", "coins": "0.000000001"}, "has more than 8 decimals"),
        ({"amount": "1e5"}, "line: amount: should be a whole number of base units"),
        ({"encumbered": "x"}, "line: encumbered: should be a whole number of base units"),
        ({"asset": "DOGE"}, "it is not clear which unit of 'DOGE' is meant (none is known)"),
        ({"asset": ""}, "says neither asset nor unit"),
        ({"pool": ""}, "line.pool: should be a name"),
        ({"account": "bitcoin:abc"}, "line: account: should be an account"),
        ({"signatures": ""}, "line: there is no signature"),
        ({"scheme": "a b"}, "line.scheme: should be a name"),
        ({"id": "a b"}, "line.id: should be a name"),
        ({"unit": "iso4217:USD", "asset": ""}, ""),
    ],
)
def test_a_line_that_cannot_be_read_names_its_member(desk: Desk, change: dict[str, str], told: str) -> None:
    words = flags({name: value for name, value in (bitcoin() | change).items() if value})
    done = desk.run("add", *words)
    if not told:
        assert done.exit_code == 0
        assert list(checked(desk).values()) == ["E_LINE_UNIT"]
        return
    assert told in refusal(done, 1)
    assert not desk.lines.exists()


def test_without_a_policy_coins_have_no_decimals(tmp_path: Path) -> None:
    desk = new_desk(tmp_path)
    words = flags(bitcoin(unit=BTC, coins="1.5", amount=""))
    (tmp_path / "policy.json").unlink()
    told = refusal(solvent("collateral", "add", "--dir", desk.directory, *words), 1)
    assert "nobody says how many decimals" in told
    done = solvent("collateral", "add", "--dir", desk.directory, *flags(bitcoin(unit=BTC)))
    assert done.exit_code == 0


def test_the_same_account_and_unit_twice_names_both_lines(desk: Desk) -> None:
    desk.run("add", *flags(bitcoin(id="first")))
    before = desk.lines.read_bytes()
    told = refusal(desk.run("add", *flags(bitcoin(id="second"))), 1)
    assert "line: says the same as line first" in told
    assert desk.lines.read_bytes() == before
    assert desk.run("add", *flags(bitcoin(id="second", amount="6")), "--replace").exit_code == 0
    (line,) = lines(desk)
    assert (line["id"], line["amount"]) == ("first", "6")


def test_another_spelling_of_an_address_is_never_a_second_line(desk: Desk) -> None:
    desk.run("add", *flags(bitcoin(id="first")))
    loud = ACCOUNT[: ACCOUNT.rindex(":") + 1] + ACCOUNT.rpartition(":")[2].upper()
    assert desk.run("add", *flags(bitcoin(id="loud") | {"account": loud})).exit_code == 0
    assert checked(desk) == {"first": "VALID", "loud": "E_LINE_ACCOUNT"}


def test_an_id_that_is_taken(desk: Desk) -> None:
    desk.run("add", *flags(bitcoin(id="mine")))
    assert "there is a line mine already" in refusal(desk.run("add", *flags(ether(id="mine"))), 1)


def test_ids_that_nobody_chose_are_numbered(desk: Desk) -> None:
    account = WALLET.evm_account(1)
    signed = WALLET.evm(message(account))
    base = {"account": account, "signatures": signed, "asset": "USDT", "pool": "hot", "amount": "1"}
    for unit in (USDT, "eip155:1/erc20:0x" + "11" * 20, "eip155:1/erc20:0x" + "22" * 20):
        assert desk.run("add", *flags({**base, "unit": unit})).exit_code == 0
    names = [line["id"] for line in lines(desk)]
    assert names == [names[0], names[0] + "#2", names[0] + "#3"]


# Statements


def test_every_entry_of_a_statement_becomes_a_line(desk: Desk) -> None:
    path = desk.statement("vault.json", custody(entry(), entry(OPEN.commitment, reference="2")))
    assert desk.run("add", "--statement", path, "--pool", "cold").exit_code == 0
    first, second = lines(desk)
    assert (first["id"], first["amount"], second["commitment"]) == (
        "BTC:vault:0",
        "500",
        OPEN.commitment.to_bytes().hex(),
    )
    assert set(checked(desk).values()) == {"VALID"}
    stored = json.loads(desk.lines.read_bytes())
    assert [line["statement"] for line in stored["lines"]] == ["vault.json"] * 2
    assert (desk.directory / "statements/vault.json").read_bytes() == path.read_bytes()


def test_one_entry_with_a_name_of_its_own(desk: Desk) -> None:
    path = desk.statement("vault.json", custody(entry(), entry(reference="2")))
    words: list[str | Path] = ["--statement", path, "--entry", "1", "--pool", "cold", "--id", "safe"]
    assert desk.run("add", *words).exit_code == 0
    assert [line["id"] for line in lines(desk)] == ["safe"]
    assert "says the same as line safe" in refusal(desk.run("add", *words[:-1], "other"), 1)


def test_a_statement_of_another_kind_counts_by_its_own_rules(desk: Desk) -> None:
    path = desk.statement("bank.json", standing("bank", "first", entry(7, asset="USD", unit="iso4217:USD")))
    desk.run("add", "--statement", path, "--pool", "cold")
    assert checked(desk) == {"USD:bank:0": "VALID"}


def test_openings_are_kept_in_private_and_tell_when_they_are_missing(desk: Desk, tmp_path: Path) -> None:
    document = custody(entry(OPEN.commitment))
    path = desk.statement("vault.json", document)
    desk.run("add", "--statement", path, "--pool", "cold")
    assert "openings.json does not open it" in desk.check().stdout
    write_private(tmp_path / "opened", Openings({(sign(document).envelope.digest, 0): OPEN}).to_bytes())
    assert desk.run("add", "--openings", tmp_path / "opened").exit_code == 0
    assert (desk.directory / "openings.json").stat().st_mode & 0o777 == 0o600
    shown = desk.check()
    assert "does not open it" not in shown.stdout
    assert "1234" not in shown.stdout + shown.stderr


def test_openings_that_others_can_read_or_that_open_nothing(desk: Desk, tmp_path: Path) -> None:
    document = custody(entry(OPEN.commitment))
    path = desk.statement("vault.json", document)
    digest = sign(document).envelope.digest
    (tmp_path / "loose").write_bytes(Openings({(digest, 0): OPEN}).to_bytes())
    (tmp_path / "loose").chmod(0o644)
    told = refusal(desk.run("add", "--statement", path, "--pool", "cold", "--openings", tmp_path / "loose"), 2)
    assert "other users of this machine can read this file" in told
    write_private(tmp_path / "wrong", Openings({(digest, 0): Opening(1235, 99)}).to_bytes())
    told = refusal(desk.run("add", "--statement", path, "--pool", "cold", "--openings", tmp_path / "wrong"), 1)
    assert "the opening of entry 0 does not open what the statement shows" in told
    assert "1235" not in told
    assert not desk.lines.exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--entry", "9"], 1, "vault.json, entry 9: the statement has 1 entries, counted from 0"),
        (["--account", "x"], 2, "a statement says this itself: account"),
    ],
)
def test_what_a_statement_cannot_be(desk: Desk, words: list[str], code: int, told: str) -> None:
    path = desk.statement("vault.json", custody())
    assert told in refusal(desk.run("add", "--statement", path, "--pool", "cold", *words), code)


def test_a_file_that_is_no_statement(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    assert "x.json: member 'payload' is missing" in refusal(desk.run("add", "--statement", tmp_path / "x.json"), 1)
    assert "the statement cannot be read" in refusal(desk.run("add", "--statement", tmp_path / "no.json"), 2)
    assert "nothing was named" in refusal(desk.run("add"), 2)


def test_another_statement_of_the_same_name(desk: Desk, tmp_path: Path) -> None:
    desk.run("add", "--statement", desk.statement("vault.json", custody()), "--pool", "cold")
    other = desk.statement("vault.json", custody(entry(reference="other")))
    assert "another statement of this name is in use" in refusal(
        desk.run("add", "--statement", other, "--pool", "cold"), 2
    )
    assert desk.run("remove", "--statement", "vault.json").exit_code == 0
    assert desk.run("add", "--statement", other, "--pool", "cold").exit_code == 0


def test_a_statement_may_not_cover_a_listed_account_nor_the_other_way_round(desk: Desk) -> None:
    covering = desk.statement("vault.json", custody(entry(covers=(ACCOUNT,))))
    desk.run("add", *flags(bitcoin(id="own")))
    assert "says the same as line own" in refusal(desk.run("add", "--statement", covering, "--pool", "cold"), 1)
    desk.run("remove", "own")
    assert desk.run("add", "--statement", covering, "--pool", "cold").exit_code == 0
    told = refusal(desk.run("add", *flags(bitcoin(id="own"))), 1)
    assert "line BTC:vault:0: says the same as line own" in told


# The list itself


def test_lines_are_removed_by_id(desk: Desk) -> None:
    desk.run("add", *flags(bitcoin(id="a")))
    desk.run("add", *flags(ether(id="b")))
    assert "there is no line of this id" in refusal(desk.run("remove", "a", "c"), 1)
    assert len(lines(desk)) == 2
    assert answer(desk.run("remove", "a", "--json")) == {"done": True, "removed": 1, "lines": 1}
    assert [line["id"] for line in lines(desk)] == ["b"]
    assert "there is no statement of this name" in refusal(desk.run("remove", "--statement", "x.json"), 1)
    assert "nothing was named" in refusal(desk.run("remove"), 2)


def test_the_list_is_shown_without_being_checked(desk: Desk) -> None:
    assert "There is no line yet" in desk.run("list").stdout
    desk.run("add", *flags(bitcoin(id="a")))
    desk.run("add", "--statement", desk.statement("vault.json", custody(entry(OPEN.commitment))), "--pool", "cold")
    shown = desk.run("list").stdout
    assert "a            address  BTC    hot            5  bip137" in shown
    assert "BTC:vault:0  custody  BTC    cold      hidden  vault.json, entry 0" in shown


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d | {"more": 1}, "lines.json: member 'more' is not known"),
        (lambda d: d | {"type": "x"}, f"should be '{TYPE}'"),
        (lambda d: d | {"lines": {}}, "lines.json: lines: should be a list"),
        (lambda d: d | {"lines": [1]}, "lines.json: lines[0]: should be an object"),
        (lambda d: d | {"lines": [d["lines"][0] | {"amount": 5}]}, "lines.json: lines[0].amount: should be"),
        (lambda d: d | {"lines": [d["lines"][0] | {"note": ""}]}, "lines[0]: member 'note' is not known"),
        (lambda d: d | {"lines": d["lines"] * 2}, "lines[0] and lines[1] have the same id, a"),
        (lambda d: d | {"lines": [d["lines"][0], d["lines"][0] | {"id": "b"}]}, "line b: says the same as line a"),
        (lambda d: d | {"lines": [d["lines"][0] | {"amount": 1.5}]}, "is not a whole number; amounts are strings"),
        (lambda d: d | {"lines": [d["lines"][0] | {"account": "\ud800"}]}, "this document has no canonical form"),
    ],
)
def test_a_list_that_was_changed_by_hand_is_read_strictly(desk: Desk, change: Any, told: str) -> None:
    desk.run("add", *flags(bitcoin(id="a")))
    desk.lines.write_text(json.dumps(change(json.loads(desk.lines.read_bytes())), indent=2))
    for command in ("list", "check"):
        assert told in refusal(desk.run(command), 1)


def test_a_line_whose_statement_is_gone(desk: Desk) -> None:
    desk.run("add", "--statement", desk.statement("vault.json", custody()), "--pool", "cold")
    (desk.directory / "statements/vault.json").unlink()
    assert "there is no statement 'vault.json'" in refusal(desk.run("list"), 1)


def test_a_list_that_was_indented_by_hand_is_read(desk: Desk) -> None:
    desk.run("add", *flags(bitcoin(id="a")))
    desk.lines.write_text(json.dumps(json.loads(desk.lines.read_bytes()), indent=2))
    assert checked(desk) == {"a": "VALID"}
