"""How a command ends: the exit code, one sentence and a remedy. Never a traceback, never a secret."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import click

from verifier.cli.inputs import WrongUsage
from verifier.cli.text import harmless, without_secrets
from verifier.errors import SolventError, Unavailable
from verifier.report import FAILED, QUALIFIED, AuditReport
from verifier.report import VERIFIED as ALL_HOLDS

VERIFIED: Final = 0
REFUSED: Final = 1
UNDECIDED: Final = 2
_PREFIX: Final = "could not check"


def attempt(run: Callable[[], Any], arguments: Sequence[str]) -> int:
    """Run a command and answer with its exit code, whatever happens inside."""
    try:
        code = run()
        return code if isinstance(code, int) else UNDECIDED
    except SystemExit as error:
        # click ends so, with 1, when nobody reads on: what could not be said was not decided.
        return UNDECIDED if error.code else VERIFIED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (a fault of ours is "could not check" too)
        try:
            return explain(error, arguments)
        except Exception:  # noqa: BLE001 (output full, closed or absent)
            return _unheard()


def explain(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what kind of end this is. Returns the exit code; raises OSError when nothing can be said."""
    if isinstance(error, SolventError):
        return tell(error, arguments)
    if isinstance(error, click.ClickException):
        return tell(WrongUsage(error.format_message(), code="E_USAGE", hint=_usage_hint(error, arguments)), arguments)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return tell(Unavailable("interrupted, nothing was decided", code="E_INTERRUPTED"), arguments)
    if isinstance(error, BrokenPipeError):
        raise error
    return _tell_fault(error, arguments)


def _unheard() -> int:
    """The answer could not be written. Python must not try to write the rest of it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return UNDECIDED


def exit_code(error: SolventError) -> int:
    """1 for what does not hold or is not what it claims to be; 2 where nothing was decided.

    E_AMOUNT comes from the customer's own figures, never from the files.
    """
    return UNDECIDED if isinstance(error, Unavailable) or error.code == "E_AMOUNT" else REFUSED


def report_code(report: AuditReport) -> int:
    """0 VERIFIED or QUALIFIED, 1 FAILED, 2 STALE or INCOMPLETE."""
    if report.overall == FAILED:
        return REFUSED
    return VERIFIED if report.overall in (ALL_HOLDS, QUALIFIED) else UNDECIDED


def tell(error: SolventError, arguments: Sequence[str]) -> int:
    """Say why there is no good answer: refusals are answers (output), the rest are errors. Returns the exit code."""
    code = exit_code(error)
    audited = arguments[:1] == ["audit"]
    if "--json" in arguments:
        say_json(error_json(error, audited))
    elif code == REFUSED:
        say(refusal_text(error, "FAILED" if audited else "REFUSED"))
    else:
        say(undecided_text(error), sys.stderr)
    return code


def refusal_text(error: SolventError, word: str) -> list[str]:
    """The verdict, each difference on its own line, the step that refused, what to do."""
    lines = [f"{word}: {harmless(str(error))}"]
    if error.details:
        summary = error.message.partition(":")[0]
        lines = [f"{word}: {harmless(summary)}:", *(f"  {harmless(line)}" for line in error.details)]
    marks = [f"step {error.step}" if error.step else "", f"code {error.code}" if error.code else ""]
    if any(marks):
        lines.append(f"details: {harmless(', '.join(filter(None, marks)))}")
    return [line.rstrip(" ") for line in lines] + _hint(error)


def undecided_text(error: SolventError) -> list[str]:
    """One line and a hint."""
    text = str(error)
    return [harmless(text if text.startswith(_PREFIX) else f"{_PREFIX}: {text}"), *_hint(error)]


def error_json(error: SolventError, audited: bool) -> dict[str, Any]:
    """A refusal or a failure to decide, for machines."""
    refused = exit_code(error) == REFUSED
    body: dict[str, Any] = {
        "codes": [error.code] if error.code else [],
        "error": {"message": error.message, "where": error.where, "step": error.step, "hint": error.hint},
    }
    if audited:
        return {"overall": "FAILED" if refused else "COULD NOT CHECK", **body}
    return {"verdict": "refused" if refused else _PREFIX, **body, "differences": list(error.details)}


def say(lines: Sequence[str], stream: TextIO | None = None) -> None:
    """Print at once, so that a full disk or a closed pipe is noticed; what the stream cannot show is written out."""
    stream = stream or sys.stdout
    if not hasattr(stream, "write"):  # Python has no stream at all where the shell closed it
        raise OSError(errno.EBADF, "there is nowhere to write the answer to")
    text = "".join(f"{line}\n" for line in lines)
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def write_page(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises WrongUsage (E_OUTPUT) where it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            part.write_text(text, "utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise WrongUsage(
            f"cannot be written: {reason}", where=str(path), code="E_OUTPUT", hint="give a file in a directory of yours"
        ) from None


def say_json(document: dict[str, Any]) -> None:
    """Print one JSON object, in ASCII."""
    say([without_secrets(json.dumps(document, indent=2))])


def _hint(error: SolventError) -> list[str]:
    return [f"hint: {harmless(error.hint)}"] if error.hint else []


def _usage_hint(error: click.ClickException, arguments: Sequence[str]) -> str:
    if isinstance(error, click.NoSuchOption) and error.option_name == "--account-key":
        return "an account key is never typed in a command, where others can see it: you are asked, or use a file"
    command = next((f" {word}" for word in arguments[:1] if word in ("me", "bundle", "audit", "explain")), "")
    return f"see solvent-verify{command} --help"


def _tell_fault(error: BaseException, arguments: Sequence[str]) -> int:
    debug = "--debug" in arguments
    if debug:
        say(frames(error), sys.stderr)
    more = "the lines above help" if debug else "--debug shows where it happened"
    if isinstance(error, OSError):
        message = f"the computer refused: {error.strerror or type(error).__name__}"
        return tell(Unavailable(message, code="E_FILE", hint="free some space or memory and try again"), arguments)
    hint = f"this is a fault of solvent-verify, not of your files: report it with the command and its version; {more}"
    message = f"the verifier itself failed ({type(error).__name__})"
    return tell(Unavailable(message, code="E_INTERNAL", hint=hint), arguments)


def frames(error: BaseException | None) -> list[str]:
    """Where it happened, causes last. Messages are left out: they may quote what was read."""
    lines: list[str] = []
    while error is not None:
        lines += ["Traceback (most recent call last):", *traceback.format_tb(error.__traceback__)]
        lines += [f"{type(error).__name__} (its message is left out: it may quote secrets)"]
        error = error.__cause__ or error.__context__
    return [line.rstrip("\n") for line in lines]
