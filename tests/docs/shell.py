"""Running a tutorial: its files are saved, its commands run in a shell, their output is compared with what is printed.

A page says ``Save this as `NAME`:`` or ``Add this at the end of `NAME`:`` in front of a block that is a file. In a
``console`` block a line that begins with ``$`` is a command, whose lines go on after a backslash, and what follows it
is its output: ``...`` stands for anything, spaces count as one. A command without output may print what it likes.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PIECE: Final = re.compile(
    r"^(?P<how>Save this as|Add this at the end of) `(?P<name>[^`\n]+)`[^\n]*:\n\n```\w+\n(?P<file>.*?)^```$"
    r"|^```console\n(?P<console>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_SAME: Final = doctest.OutputChecker()
_LIKE: Final = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class File:
    """A block to save; ``append`` where it is added to what is there."""

    name: str
    text: str
    append: bool


@dataclass(frozen=True)
class Command:
    """What is typed, and what a page says comes out."""

    typed: str
    shown: str


@dataclass
class Shell:
    """Where a reader of a tutorial is. ``PATH`` has the programs of this environment first."""

    directory: Path

    def follow(self, text: str) -> int:
        """Do everything that a page says, in its order; how many steps that were. Raises AssertionError where the
        page says something else than the programs.
        """
        found = steps(text)
        for step in found:
            if isinstance(step, File):
                self._save(step)
            else:
                self._run(step)
        return len(found)

    def _save(self, file: File) -> None:
        with (self.directory / file.name).open("a" if file.append else "x", encoding="utf-8") as stream:
            stream.write(file.text)

    def _run(self, command: Command) -> None:
        where, place = os.pipe()
        done = subprocess.run(
            ["/bin/bash", "-c", f"{command.typed}\nended=$?; pwd >&{place}; exit $ended"],
            cwd=self.directory,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            pass_fds=(place,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        os.close(place)
        with os.fdopen(where) as told:
            self.directory = Path(told.read().strip())
        assert done.returncode == 0, f"$ {command.typed}\n{done.stdout}"
        assert like(command.shown, done.stdout), f"$ {command.typed}\n{done.stdout}\nthe page says:\n{command.shown}"


def like(shown: str, printed: str) -> bool:
    """Whether a page may say ``shown`` of what was ``printed``."""
    return not shown or _SAME.check_output(shown, printed, _LIKE)


def steps(text: str) -> list[File | Command]:
    """What a reader does."""
    found: list[File | Command] = []
    for piece in _PIECE.finditer(text):
        if piece["console"] is None:
            found.append(File(piece["name"], piece["file"], piece["how"].startswith("Add")))
        else:
            found += _commands(piece["console"])
    return found


def _commands(block: str) -> list[Command]:
    found, lines = [], iter(block.splitlines())
    for line in lines:
        if line.startswith("$ "):
            typed = line[2:]
            while typed.endswith("\\"):
                typed += "\n" + next(lines)
            found.append(Command(typed, ""))
        else:
            found[-1] = Command(found[-1].typed, f"{found[-1].shown}{line}\n")
    return found
