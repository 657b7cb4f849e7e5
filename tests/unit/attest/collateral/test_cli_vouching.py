"""``solvent collateral vouch``: a custodian's statement is what the verifier reads, and hidden amounts stay hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attest.collateral.openings import read_openings
from tests.support.collateral import Desk, new_desk
from tests.support.exchange import answer, refusal, solvent
from tests.support.snapshots import BTC, CHALLENGE, EPOCH, EXCHANGE, TAKEN_AT, WALLET, signer
from verifier.collateral import Statement
from verifier.collateral.bitcoin import Lock

ENTRY = {
    "asset": "BTC",
    "unit": BTC,
    "amount": "500",
    "hidden": "",
    "encumbered": "",
    "reference": "account 1",
    "valuation_at": str(TAKEN_AT),
    "covers": "",
}
HIDDEN = {**ENTRY, "amount": "987654321", "hidden": "yes", "reference": "account 2"}


def table(path: Path, *rows: dict[str, str]) -> Path:
    names = list(ENTRY)
    text = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    path.write_text("\n".join(text) + "\n")
    return path


def key(path: Path, role: str) -> Path:
    private = signer(role)._private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private)
    path.chmod(0o600)
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path)


def vouch(desk: Desk, *rows: dict[str, str], kind: str = "custody", issuer: str = "vault", **more: Any) -> Any:
    role = {"custody": f"custodian/{issuer}", "bank": f"bank/{issuer}"}[kind]
    words: list[str | Path] = [table(desk.root / "entries.csv", *rows), "--kind", kind, "--issuer", issuer]
    words += ["--key", key(desk.root / "role.key", role), "--output", desk.root / "vault.json"]
    words += ["--as-of", str(TAKEN_AT), "--expires-at", str(TAKEN_AT + 60)]
    bound = {"--challenge": desk.directory / "challenge.json", **{f"--{n}": value for n, value in more.items()}}
    for flag, value in bound.items():
        words += [flag, value] if value else []
    return solvent("collateral", "vouch", *words, "--json")


def test_a_statement_goes_from_the_custodian_to_a_valid_line(desk: Desk) -> None:
    told = answer(vouch(desk, ENTRY, HIDDEN, openings=desk.root / "opened"))
    assert (told["role"], told["entries"], told["hidden"]) == ("custodian/vault", 2, 1)
    words: list[str | Path] = ["--statement", desk.root / "vault.json", "--pool", "cold"]
    words += ["--openings", desk.root / "opened"]
    assert desk.run("add", *words).exit_code == 0
    report = answer(desk.check("--json"))
    assert report["verdicts"] == {"VALID": 2}
    assert not any("openings.json" in remark for remark in report["remarks"])


def test_it_says_what_was_typed_and_answers_the_challenge(desk: Desk) -> None:
    vouch(desk, {**ENTRY, "encumbered": "7", "covers": f"{WALLET.address(Lock.P2TR)} {WALLET.tron_account}"})
    statement = Statement.from_json(json.loads((desk.root / "vault.json").read_bytes()), "vault.json")
    custody, (entry,) = statement.custody, statement.custody.entries
    assert (custody.exchange, custody.epoch, custody.challenge) == (EXCHANGE, EPOCH, CHALLENGE)
    assert (custody.as_of, custody.expires_at) == (TAKEN_AT, TAKEN_AT + 60)
    assert (entry.value, entry.encumbered, entry.covers) == (500, 7, (WALLET.address(Lock.P2TR), WALLET.tron_account))
    statement.envelope.require_signatures([signer("custodian/vault").public_key], 1, "vault.json")


def test_hidden_amounts_are_in_the_private_file_alone(desk: Desk) -> None:
    done = vouch(desk, HIDDEN, openings=desk.root / "opened")
    assert (desk.root / "opened").stat().st_mode & 0o777 == 0o600
    ((_, opening),) = read_openings(desk.root / "opened").entries.items()
    assert opening.value == 987654321
    assert "987654321" not in done.stdout + done.stderr
    import base64

    payload = json.loads((desk.root / "vault.json").read_bytes())["payload"]
    assert b"987654321" not in base64.b64decode(payload)
    assert "987654321" not in repr(opening)


def test_two_statements_of_one_amount_hide_it_differently(desk: Desk) -> None:
    vouch(desk, HIDDEN, {**HIDDEN, "reference": "3"}, openings=desk.root / "opened")
    statement = Statement.from_json(json.loads((desk.root / "vault.json").read_bytes()), "vault.json")
    assert len({entry.value for entry in statement.custody.entries}) == 2


def test_an_entry_without_a_time_was_valued_when_the_statement_speaks(desk: Desk) -> None:
    vouch(desk, {**ENTRY, "valuation_at": ""})
    statement = Statement.from_json(json.loads((desk.root / "vault.json").read_bytes()), "vault.json")
    assert [entry.valuation_at for entry in statement.custody.entries] == [statement.custody.as_of]


def test_a_bank_may_speak_of_no_epoch(desk: Desk) -> None:
    row = {**ENTRY, "asset": "USD", "unit": "iso4217:USD"}
    told = answer(vouch(desk, row, kind="bank", issuer="first", challenge="", exchange=EXCHANGE))
    assert told["role"] == "bank/first"
    desk.run("add", "--statement", desk.root / "vault.json", "--pool", "cold")
    assert answer(desk.check("--json"))["verdicts"] == {"VALID": 1}


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        ({"amount": "1.5"}, 1, "entries.csv: row 2: amount: should be a whole number of base units"),
        ({"hidden": "maybe"}, 1, "row 2: hidden: should be yes, no or empty"),
        ({"hidden": "yes", "amount": str(2**64)}, 1, "a hidden amount is below 2^64 base units"),
        ({"hidden": "yes", "encumbered": "1"}, 1, "a hidden amount has nothing encumbered"),
        ({"asset": "btc"}, 1, "row 2.asset: should be an asset symbol"),
        ({"valuation_at": "today"}, 1, "row 2: valuation_at: should be a time in POSIX seconds"),
        ({"covers": "bc1q"}, 1, "row 2.covers[0]: should be an account"),
        ({"reference": "5" * 64}, 1, "row 2: reference: this looks like a private key"),
        ({"hidden": "yes"}, 2, "an amount is hidden, and there is no file for what opens it"),
    ],
)
def test_a_row_that_is_wrong_is_named_and_nothing_is_written(
    desk: Desk, row: dict[str, str], code: int, told: str
) -> None:
    assert told in refusal_json(vouch(desk, {**ENTRY, **row}), code)
    assert not (desk.root / "vault.json").exists()


def refusal_json(done: Any, code: int) -> str:
    assert done.exit_code == code, done.stderr
    assert json.loads(done.stdout)["done"] is False
    told: str = done.stderr
    return told


def test_a_custodian_needs_the_challenge(desk: Desk) -> None:
    told = refusal_json(vouch(desk, ENTRY, challenge="", exchange=EXCHANGE), 2)
    assert "a custodian's statement answers this epoch's challenge" in told
    row = {**ENTRY, "asset": "USD", "unit": "iso4217:USD"}
    assert "nobody says for which exchange" in refusal_json(vouch(desk, row, kind="bank", challenge=""), 2)


def test_nothing_is_overwritten_and_no_openings_stay_without_their_statement(desk: Desk) -> None:
    (desk.root / "vault.json").write_text("mine")
    assert "exists already" in refusal_json(vouch(desk, HIDDEN, openings=desk.root / "opened"), 2)
    assert (desk.root / "vault.json").read_text() == "mine"
    assert not (desk.root / "opened").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("asset,unit\n", "row 1: has no column 'amount'"),
        (",".join(ENTRY) + ",note\n", "row 1: has a column 'note'"),
        (",".join(ENTRY) + "\n", "there is no entry"),
        (",".join(ENTRY) + "\na,b\n", "row 2: has 2 cells, and the first row has 8"),
        ('"asset', "not a table of comma-separated values"),
    ],
)
def test_what_is_no_table_of_entries(desk: Desk, text: str, told: str) -> None:
    (desk.root / "t.csv").write_text(text)
    words: list[str | Path] = [desk.root / "t.csv", "--kind", "custody", "--issuer", "vault"]
    words += ["--key", key(desk.root / "k", "custodian/vault"), "--output", desk.root / "out.json"]
    done = solvent("collateral", "vouch", *words, "--challenge", desk.directory / "challenge.json")
    assert told in refusal(done, 1)
