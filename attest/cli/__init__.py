"""``solvent``: the exchange's commands.

Exit codes: 0 done, 1 the ledger or the configuration was refused, 2 nothing could be done (or the command was not
understood). ``options`` lays flags over solvent.toml, ``show`` presents results, ``endings`` turns every way to fail
into one sentence and a remedy.
"""

from attest.cli.commands import main

__all__ = ["main"]
