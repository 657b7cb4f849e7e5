"""Nobody's private key enters: no option takes one, and a field that looks like one is refused and not repeated."""

from __future__ import annotations

import base64
import csv
from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.cli.collateral.commands import collateral
from attest.collateral.guard import looks_secret
from tests.support.answers import flags, table
from tests.support.collateral import Desk, new_desk
from tests.support.exchange import refusal
from tests.support.snapshots import BTC, WALLET, bitcoin, ether, legacy, message, sample, validator
from verifier.collateral import AddressBacking, ValidatorBacking, base58
from verifier.collateral.bitcoin import Lock
from verifier.collateral.okx_units import SOLANA

KEY = bytes(range(1, 33))
SEED = Ed25519PrivateKey.from_private_bytes(KEY)
SOLANA_PUBLIC = SEED.public_key().public_bytes_raw()
PHRASE = "abandon " * 11 + "about"
SECRETS = {
    "WIF, compressed": base58.check_encode(b"\x80" + KEY + b"\x01"),
    "WIF, uncompressed": base58.check_encode(b"\x80" + KEY),
    "WIF, testnet": base58.check_encode(b"\xef" + KEY + b"\x01"),
    "xprv": base58.check_encode(bytes.fromhex("0488ade4") + bytes(9) + KEY + b"\0" + KEY),
    "zprv": base58.check_encode(bytes.fromhex("04b2430c") + bytes(9) + KEY + b"\0" + KEY),
    "hex": KEY.hex(),
    "hex with 0x": "0x" + KEY.hex(),
    "hex in capitals": KEY.hex().upper(),
    "base64": base64.b64encode(KEY).decode(),
    "numbers": str(list(KEY + SOLANA_PUBLIC)),
    "twelve words": PHRASE,
    "master key": "slv_m_" + KEY.hex(),
    "PEM": "-----BEGIN EC PRIVATE KEY----- x -----END EC PRIVATE KEY-----",
}
FIELDS = ("account", "signatures", "script", "public_key", "message", "scheme", "id", "unit", "asset", "pool", "amount")
PUBLIC_32 = ("hex", "hex with 0x", "hex in capitals", "base64")
ALLOWED = {("twelve words", "message"), *((kind, "public_key") for kind in PUBLIC_32)}
"""32 bytes may be a public key, and a message may have twelve words."""
CASES = [(kind, field) for kind in SECRETS for field in FIELDS if (kind, field) not in ALLOWED]
ACCOUNT = WALLET.address(Lock.P2WPKH)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path)


def good() -> dict[str, str]:
    signed = WALLET.bitcoin(message(ACCOUNT), 39)
    return {"account": ACCOUNT, "signatures": signed, "asset": "BTC", "amount": "5", "pool": "hot", "unit": BTC}


@pytest.mark.parametrize(("kind", "field"), CASES)
def test_a_private_key_is_refused_and_not_repeated(desk: Desk, tmp_path: Path, kind: str, field: str) -> None:
    secret = SECRETS[kind]
    done = desk.run("import", table(tmp_path / "t.csv", good() | {field: secret}))
    told = refusal(done, 1)
    assert f"row 2: {field}: this looks like a private key" in told
    assert "move its coins" in told
    assert all(word not in told + done.stdout for word in (secret, KEY.hex(), KEY.hex().upper()))
    assert not desk.lines.exists()


@pytest.mark.parametrize("kind", ["WIF, compressed", "xprv", "hex"])
@pytest.mark.parametrize("field", ["account", "signatures", "script", "message", "id"])
def test_the_same_on_the_command_line(desk: Desk, kind: str, field: str) -> None:
    done = desk.run("add", *flags(good() | {field: SECRETS[kind]}))
    told = refusal(done, 1)
    assert f"line: {field}: this looks like a private key" in told
    assert SECRETS[kind] not in told + done.stdout


@pytest.mark.parametrize("kind", ["WIF, compressed", "hex"])
def test_an_account_to_ask_is_no_place_either(desk: Desk, kind: str) -> None:
    told = refusal(desk.run("challenge", "--account", SECRETS[kind]), 1)
    assert "--account: account: this looks like a private key" in told
    assert SECRETS[kind] not in told


def test_a_solana_key_pair_has_the_form_of_a_signature_and_is_told_apart(desk: Desk) -> None:
    account = f"{SOLANA}:{base58.encode(SOLANA_PUBLIC)}"
    cells = {"account": account, "asset": "SOL", "coins": "1", "pool": "hot"}
    pair = base58.encode(KEY + SOLANA_PUBLIC)
    told = refusal(desk.run("add", *flags(cells | {"signatures": pair})), 1)
    assert "line: signatures: this looks like a private key" in told
    assert pair not in told
    signed = base58.encode(SEED.sign(message(account).encode()))
    assert desk.run("add", *flags(cells | {"signatures": signed})).exit_code == 0
    assert "VALID" in desk.check().stdout


def test_what_is_public_is_not_taken_for_a_secret() -> None:
    """Signatures, scripts, keys and accounts of every kind of line of these tests."""
    lines = [*sample().lines, bitcoin(), ether(), legacy(), validator()]
    for line in lines:
        backing = line.backing
        if isinstance(backing, AddressBacking):
            texts = [*backing.signatures, backing.account.rpartition(":")[2], backing.script]
            assert not any(looks_secret(text) for text in texts)
        if isinstance(backing, ValidatorBacking):
            assert not looks_secret(backing.withdrawal, may_be_32_bytes=True)
            assert not any(looks_secret(text) for text in backing.signatures)
    assert not looks_secret(SOLANA_PUBLIC.hex(), may_be_32_bytes=True)
    assert not looks_secret(PHRASE, prose=True)
    assert not looks_secret(message(ACCOUNT))


def test_published_rows_are_not_taken_for_secrets() -> None:
    data = Path(__file__).parents[3] / "data" / "collateral"
    for path in data.glob("*.csv"):
        rows = list(csv.reader(path.read_text().splitlines()))
        assert rows
        assert not any(looks_secret(cell, prose=True) for row in rows for cell in row)


def test_no_option_takes_a_private_key_of_a_wallet() -> None:
    """The one key that any of these commands reads is the custodian's own signing key, by its place."""
    options = {
        (name, option)
        for name, command in collateral.commands.items()
        for param in command.params
        if isinstance(param, click.Option)
        for option in param.opts
        if any(word in option for word in ("key", "secret", "seed", "mnemonic", "private", "wif"))
    }
    assert options == {("add", "--public-key"), ("vouch", "--key")}
