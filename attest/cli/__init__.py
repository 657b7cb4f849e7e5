"""``solvent``: the exchange's commands.

Exit codes: 0 done, 1 the ledger or the configuration was refused, 2 nothing could be done (or the command was not
understood). ``commands`` says what can be typed, ``options`` lays flags over solvent.toml, ``attesting``,
``handing_out``, ``setup`` and ``inspection`` do the work, ``show`` presents results, ``endings`` turns every way to
fail into one sentence and a remedy.
"""

import sys

from attest.cli.signals import INTERRUPTED, interruptible

__all__ = ["main"]


def main() -> None:
    """Run the command that was typed. An interruption while Python still loads ends like every other."""
    with interruptible():
        try:
            from attest.cli.commands import main as commands
        except KeyboardInterrupt:
            print(f"error: {INTERRUPTED}", file=sys.stderr)
            sys.exit(2)
        commands()
