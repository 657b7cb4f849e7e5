"""The site's commands as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.settings import Settings
from tests.support.exchange import process, refusal, solvent
from tests.support.site import FROZEN, KEY

EPOCH = FROZEN / "1"


def test_publish_and_again(tmp_path: Path) -> None:
    site = tmp_path / "site"
    key = tmp_path / "exchange-key.txt"
    key.write_text(KEY.hex() + "\n")
    first = solvent("publish", EPOCH, "--site", site, "--key", key)
    assert first.exit_code == 0, first.stderr
    assert first.stdout.startswith("Epoch 1 published: ")
    again = solvent("publish", EPOCH, "--site", site)
    assert again.exit_code == 0
    assert "published already, and nothing changed" in again.stdout
    second = solvent("publish", FROZEN / "2", "--site", site, "--json")
    told = json.loads(second.stdout)
    assert (told["done"], told["epoch"], told["new"]) == (True, 2, True)


def test_the_site_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVENT_SITE", str(tmp_path / "elsewhere"))
    assert solvent("publish", EPOCH, "--key", KEY.hex()).exit_code == 0
    assert (tmp_path / "elsewhere" / "epochs" / "1").is_dir()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("publish", EPOCH, "--site", "SITE"), 2, "--key"),
        (("publish", EPOCH, "--site", "SITE", "--key", "nothing"), 1, "neither a file nor 64 hex digits"),
        (("publish", EPOCH, "--site", "SITE", "--key", EPOCH / "leaves.bin"), 1, "the file holds no public key"),
        (("publish", EPOCH, "--site", "SITE", "--key", "00" * 32), 1, "not signed by the key"),
        (("publish", "SITE", "--site", "SITE", "--key", KEY.hex()), 2, "cannot be read"),
        (("publish", FROZEN / "1" / "schema.json", "--site", "SITE"), 2, "cannot be read"),
        (("publish",), 2, "Missing argument"),
        (("serve", "--site", "SITE"), 2, "there is no such directory"),
        (("serve", "--listen", "everywhere"), 2, "is not HOST:PORT"),
        (("serve", "--listen", "127.0.0.1:0"), 2, "is not HOST:PORT"),
        (("serve", "--listen", "127.0.0.1:8001"), 2, "the two ports must differ"),
        (("prune", "--site", "SITE", "--older-than", "30"), 1, "at least 400 days"),
        (("prune", "--site", "SITE"), 2, "Missing option"),
        (("rebuild", "--site", EPOCH / "schema.json"), 2, "cannot be written"),
    ],
)
def test_refusals(tmp_path: Path, words: tuple[str | Path, ...], code: int, told: str) -> None:
    typed = [tmp_path / "site" if word == "SITE" else word for word in words]
    assert told in refusal(solvent(*typed), code)
    assert not (tmp_path / "site" / "epochs" / "1").exists()


def test_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("colour = 1")
    assert "this is no setting of a site" in refusal(solvent("publish", EPOCH, "--site", tmp_path), 1)


def test_prune_and_rebuild(own_site: Settings) -> None:
    listed = solvent("prune", "--site", own_site.root, "--older-than", "400", "--json")
    assert json.loads(listed.stdout)["removed"] is False
    assert "every attestation stays" in solvent("prune", "--site", own_site.root, "--older-than", "9000").stdout
    done = solvent("rebuild", "--site", own_site.root)
    assert done.exit_code == 0, done.stderr
    assert "2 epochs are whole" in done.stdout
    assert json.loads(solvent("rebuild", "--site", own_site.root, "--json").stdout) == {"done": True, "epochs": [1, 2]}


@pytest.mark.parametrize("command", ["publish", "serve", "prune", "rebuild"])
def test_help(command: str) -> None:
    done = solvent(command, "--help")
    assert done.exit_code == 0
    assert "Exit codes" in done.stdout


def test_the_commands_are_listed() -> None:
    told = process("attest.cli", "--help").stdout
    for command in ("publish", "serve", "prune", "rebuild"):
        assert command in told
