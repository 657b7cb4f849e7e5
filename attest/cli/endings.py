"""How a command ends: one plain sentence, a remedy, an exit code. No traceback, no secret."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

import click

from attest.cli import signals
from attest.ledger import LedgerErrors
from attest.statement.findings import FalseClaims
from verifier.cli.outcome import frames, say
from verifier.cli.text import harmless, without_secrets
from verifier.errors import SolventError, Unavailable

DONE: Final = 0
REFUSED: Final = 1
NOT_DONE: Final = 2


def attempt(run: Callable[[], Any], arguments: Sequence[str]) -> int:
    """Run a command and answer with its exit code, whatever happens inside."""
    try:
        ended = run()  # click answers with the code of an Exit that a command raised
        sys.stdout.flush()
        return ended if isinstance(ended, int) else DONE
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 (a fault of ours ends like every other)
        try:
            return explain(error, arguments)
        except Exception:  # noqa: BLE001 (output full, closed or absent)
            return _unheard()


def explain(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what kind of end this is. Returns the exit code; raises OSError when nothing can be said."""
    if signals.stopped() or isinstance(error, KeyboardInterrupt | click.Abort):
        interrupted = Unavailable(signals.INTERRUPTED, code="E_INTERRUPTED", hint="run the command again")
        return tell(interrupted, arguments)
    if isinstance(error, SolventError):
        return tell(error, arguments)
    if isinstance(error, click.ClickException):
        return tell(_usage(error), arguments)
    if isinstance(error, BrokenPipeError | SystemExit):
        return _unheard()
    if isinstance(error, OSError | MemoryError):
        return tell(_refused_by_the_computer(error), arguments)
    return tell(_fault(error, arguments), arguments)


def tell(error: SolventError, arguments: Sequence[str]) -> int:
    """Say what went wrong. Returns the exit code."""
    if "--json" in arguments:
        say([without_secrets(json.dumps(as_json(error), indent=2))])
    say(lines(error), sys.stderr)
    return NOT_DONE if isinstance(error, Unavailable) else REFUSED


def lines(error: SolventError) -> list[str]:
    """``error: ...`` and ``hint: ...``; a report on ledger or claims keeps its own lines."""
    text = str(error).splitlines() if isinstance(error, LedgerErrors | FalseClaims) else [str(error)]
    return [f"error: {harmless(text[0])}", *map(harmless, text[1:]), f"hint: {harmless(remedy(error))}"]


def remedy(error: SolventError) -> str:
    """What to do. The verifier has no advice for most damaged files: here they are the exchange's own."""
    if error.hint:
        return error.hint
    if isinstance(error, Unavailable):
        return "correct what is named here and run the command again"
    return "correct what is named here; a file that solvent made itself is to be restored from a copy"


def as_json(error: SolventError) -> dict[str, Any]:
    """The same for machines."""
    body: dict[str, Any] = {
        "done": False,
        "code": error.code,
        "error": {"message": error.message, "where": error.where, "step": error.step, "hint": remedy(error)},
    }
    if isinstance(error, LedgerErrors):
        names = ("source", "row", "column", "value", "message", "remedy")
        body["problems"] = [{name: getattr(problem, name) for name in names} for problem in error.problems]
        body["more"] = error.more
    if isinstance(error, FalseClaims):
        body["claims"] = [asdict(finding) for finding in error.findings]
    return body


def _usage(error: click.ClickException) -> Unavailable:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "solvent"
    return Unavailable(error.format_message(), code="E_USAGE", hint=f"see {command} --help")


def _refused_by_the_computer(error: OSError | MemoryError) -> Unavailable:
    if isinstance(error, MemoryError):
        return Unavailable("there is not enough memory", code="E_MEMORY", hint="use a smaller --chunk-bits")
    reason = f"the computer refused: {(error.strerror or type(error).__name__).lower()}"
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    hint = "free some space and run the command again" if full else "check the path and your rights there"
    return Unavailable(reason, where=str(error.filename or ""), code="E_FILE", hint=hint)


def _fault(error: BaseException, arguments: Sequence[str]) -> Unavailable:
    if "--debug" in arguments:
        say(frames(error), sys.stderr)
    return Unavailable(
        f"solvent itself failed ({type(error).__name__}); nothing was released",
        code="E_INTERNAL",
        hint="report it with the command; solvent --debug ... shows where it happened",
    )


def _unheard() -> int:
    """The answer could not be written. Python must not try to write the rest of it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return NOT_DONE
