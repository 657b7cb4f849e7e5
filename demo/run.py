"""The demo: a real ledger, wallets, a custodian and prices become an attestation; customers and auditors check it, and
an exchange that cheats is caught.

Every step is a command that a reader could type. Nothing is left behind but the folder ``demo-output``, or another that
is named as the only argument and does not exist yet. A chapter is a module with a function ``play``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from demo import cheated, held, owed, proven, rules, scale, served
from demo.stage import ROOT, Stage


def main() -> None:
    """The whole story."""
    parser = argparse.ArgumentParser(description="A ledger becomes an attestation, and is checked.")
    parser.add_argument("folder", nargs="?", type=Path, help="a new folder; else demo-output, made anew")
    parser.add_argument("--accounts", type=int, help="accounts of the larger book; default: as many as is quick here")
    typed = parser.parse_args()
    stage = Stage(new_folder(typed.folder))
    stage.say(
        "To type along: cd to the new folder, put .venv/bin of this checkout on PATH and the checkout on PYTHONPATH."
    )
    owed.play(stage)
    rules.play(stage)
    held.play(stage)
    proven.play(stage)
    cheated.play(stage)
    scale.play(stage, typed.accounts)
    served.play(stage)
    stage.table()
    closing(stage.output.name)
    served.stay(stage.output)


def new_folder(folder: Path | None) -> Path:
    """The folder named as the argument, which must be new; else ours, whose last content is thrown away."""
    if folder is None:
        shutil.rmtree(ROOT / "demo-output", ignore_errors=True)
    output = ROOT / "demo-output" if folder is None else folder.absolute()
    try:
        output.mkdir()
    except OSError as error:
        sys.exit(f"error: {output}: the demo needs a new folder ({error.strerror})\nhint: name one that does not exist")
    return output


def closing(name: str) -> None:
    """What to look at now."""
    looks = {
        "report.html": "the auditor's page of chapter 4, to open in a browser",
        proven.EPOCH: "the attestation: everything in it is public, and it is all that an auditor needs",
        "negative, missing, false, stale": "epochs that the exchange signed and that no auditor accepts",
        "exchange/policy.toml": "what holdings are worth, and what is claimed",
    }
    print(f"\nLook around in {name}:")
    print("\n".join(f"  {place:<34}{what}" for place, what in looks.items()))
    print("Try solvent-verify explain E_HOLDING, and solvent-verify --help.")


if __name__ == "__main__":
    main()
