"""How a command ends: one plain sentence, a remedy, an exit code. No traceback, no secret."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from attest.ledger import LedgerErrors
from verifier.cli.text import harmless
from verifier.errors import SolventError, Unavailable

DONE: Final = 0
REFUSED: Final = 1
NOT_DONE: Final = 2


def attempt(run: Callable[[], Any], arguments: Sequence[str]) -> int:
    """Run a command and answer with its exit code."""
    try:
        run()
        return DONE
    except SolventError as error:
        return tell(error, arguments)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        hint = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "solvent"
        return tell(Unavailable(error.format_message(), code="E_USAGE", hint=f"see {hint} --help"), arguments)
    except (KeyboardInterrupt, click.Abort):
        return tell(Unavailable("interrupted: nothing was published, nothing is left behind"), arguments)
    except OSError as error:
        where = str(error.filename or "")
        reason = f"the computer refused: {(error.strerror or type(error).__name__).lower()}"
        return tell(
            Unavailable(reason, where=where, code="E_FILE", hint="check the path, the rights and the space"), arguments
        )
    except Exception as error:  # noqa: BLE001 (a fault of ours ends like every other: one sentence, nothing half-done)
        return tell(_fault(error, arguments), arguments)


def tell(error: SolventError, arguments: Sequence[str]) -> int:
    """Say what went wrong. Returns the exit code."""
    if "--json" in arguments:
        print(json.dumps(as_json(error), indent=2))
    for line in lines(error):
        print(line, file=sys.stderr)
    return NOT_DONE if isinstance(error, Unavailable) else REFUSED


def lines(error: SolventError) -> list[str]:
    """``error: ...`` and ``hint: ...``; a ledger report keeps its own lines."""
    if isinstance(error, LedgerErrors):
        text = [harmless(line) for line in str(error).splitlines()]
        return [f"error: {text[0]}", *text[1:], f"hint: {harmless(error.hint)}"]
    return [f"error: {harmless(str(error))}", *([f"hint: {harmless(error.hint)}"] if error.hint else [])]


def as_json(error: SolventError) -> dict[str, Any]:
    """The same for machines."""
    body: dict[str, Any] = {
        "done": False,
        "code": error.code,
        "error": {"message": error.message, "where": error.where, "step": error.step, "hint": error.hint},
    }
    if isinstance(error, LedgerErrors):
        names = ("source", "row", "column", "value", "message", "remedy")
        body["problems"] = [{name: getattr(problem, name) for name in names} for problem in error.problems]
        body["more"] = error.more
    return body


def _fault(error: Exception, arguments: Sequence[str]) -> Unavailable:
    if "--debug" in arguments:
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
    return Unavailable(
        f"solvent itself failed ({type(error).__name__}); nothing was published",
        code="E_INTERNAL",
        hint="report it with the command; --debug shows where it happened",
    )
