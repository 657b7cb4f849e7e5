"""Keys as a bank keeps them: passphrases typed at a real terminal, and a signing key inside a real token."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attest.documents.kinds import open_document
from tests.support.exchange import LEDGER, ROOT, found, process, refusal
from tests.support.softhsm import MODULE, PIN, Hsm, new_token
from verifier import audit

PASSPHRASE = "correct horse battery"
_ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def typed(place: Path, words: tuple[str, ...], *answers: tuple[str, str]) -> tuple[int, str]:
    """Run ``solvent`` on a terminal; each answer is typed once its prompt is there. Exit code, and what was seen."""
    command = [sys.executable, "-c", _ON_A_TERMINAL, sys.executable, "-m", "attest.cli", *words]
    seen = b""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=place, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for prompt, answer in answers:
            before = len(seen)
            while prompt.encode() not in seen[before:]:
                piece = os.read(child.stdout.fileno(), 4096)
                assert piece, seen
                seen += piece
            child.stdin.write(answer.encode())
            child.stdin.flush()
        seen += child.stdout.read()
        child.stdin.close()
        return child.wait(timeout=60), seen.decode()


def test_a_passphrase_is_typed_and_never_shown(tmp_path: Path) -> None:
    words = ("init", "ex", "--exchange", "ex.example", "--encrypt")
    twice = (("passphrase of every key in ex/keys: ", f"{PASSPHRASE}\n"), ("again: ", f"{PASSPHRASE}\n"))
    code, seen = typed(tmp_path, words, *twice)
    assert code == 0, seen
    assert PASSPHRASE not in seen
    home = tmp_path / "ex"
    assert all(b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes() for path in (home / "keys").iterdir())
    (home / "ledger.csv").write_text(LEDGER)
    code, seen = typed(home, ("attest", "--first"), ("passphrase of master.key: ", f"{PASSPHRASE}\n"))
    assert code == 0, seen
    assert "Epoch 1 is released" in seen, "one passphrase opened both keys"
    code, seen = typed(home, ("policy", "sign"), ("passphrase of risk.key: ", "wrong horse battery\n"))
    assert code == 1
    assert "the passphrase does not open this key" in seen
    assert "wrong horse" not in seen


@pytest.mark.parametrize(
    "answers", [["\x03"], [f"{PASSPHRASE}\n", "\x03"], [f"{PASSPHRASE}\n", "another one entirely\n"]]
)
def test_who_thinks_better_of_it_leaves_nothing(tmp_path: Path, answers: list[str]) -> None:
    prompts = ("passphrase of every key", "again: ")
    words = ("init", "ex", "--exchange", "ex.example", "--encrypt")
    code, seen = typed(tmp_path, words, *zip(prompts, answers, strict=False))
    assert code == 2, seen
    assert "error: " in seen
    assert "Traceback" not in seen
    assert found(tmp_path) == []


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Hsm:
    return new_token(tmp_path_factory.mktemp("hsm"))


def test_an_exchange_whose_key_is_in_a_token(hsm: Hsm, tmp_path: Path) -> None:
    """From `init` to an audited epoch and a signed policy, with the exchange's and the risk key in an HSM."""
    environment = {**os.environ, "SOFTHSM2_CONF": str(hsm.place / "softhsm2.conf"), "PYTHONPATH": str(ROOT)}
    home = tmp_path / "ex"

    def run(*words: str | Path) -> str:
        done = process("attest.cli", *words, cwd=home if home.exists() else tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
        assert PIN not in done.stdout + done.stderr
        return done.stdout

    run("init", "ex", "--exchange", "ex.example")
    (home / "ledger.csv").write_text(LEDGER)
    hsm.generate("exchange", b"\x01")
    hsm.generate("risk", b"\x02")
    for name in ("signing", "risk"):
        (home / f"keys/{name}.key").unlink()
    keys = f'[keys]\npin_file = "{hsm.pin_file}"\npkcs11_module = "{MODULE}"\nrisk = "{hsm.uri("risk")}"\n'
    text = (home / "solvent.toml").read_text()
    text = text.replace("[keys]\n", keys).replace('risk = "keys/risk.key"\n', "")
    text = text.replace('signing = "keys/signing.key"', f'signing = "{hsm.uri("exchange")}"')
    (home / "solvent.toml").write_text(text)
    run("root", "new-version", "--rotate", f"exchange={hsm.uri('exchange')}", "--rotate", f"risk={hsm.uri('risk')}")
    run("attest", "--first")
    public = run("key", "show", hsm.uri("exchange"), "--pkcs11-module", MODULE, "--pin-file", hsm.pin_file).split()[2]
    assert audit(home / "public/epochs/1", public).overall in ("VERIFIED", "QUALIFIED")
    assert "1 of 1 that the role risk needs" in run("policy", "sign")
    open_document((home / "documents/policy.json").read_bytes(), "policy.json")


def test_a_token_that_is_not_there(hsm: Hsm, tmp_path: Path) -> None:
    words = ("key", "show", "pkcs11:token=gone;object=o", "--pkcs11-module", MODULE, "--pin-file", hsm.pin_file)
    told = refusal(process("attest.cli", *words), 2)
    assert "pkcs11:token=gone;object=o: there is no such token" in told
