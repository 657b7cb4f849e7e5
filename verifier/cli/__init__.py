"""``solvent-verify``: the three checks as commands.

Exit codes: 0 verified, 1 refused, 2 could not check (or the command was not understood). ``inputs`` reads what people
type, ``present`` says what was found, ``outcome`` turns every way to fail into one sentence and a remedy.
"""

from verifier.cli.commands import main

__all__ = ["main"]
