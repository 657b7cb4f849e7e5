"""Runs commands as a reader would type them, shows what they say, and keeps the time."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DEMO: Final = ROOT / "demo"
DATA: Final = DEMO / "data"
BIN: Final = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """One line of the closing table."""

    what: str
    seconds: float


class Stage:
    """Where the story is played: ``output`` is the folder in which every command runs."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.steps: list[Step] = []

    def chapter(self, title: str, *about: str) -> None:
        """A heading, and what is about to happen."""
        print("\n".join(["", "=" * len(title), title, "=" * len(title), *about]), flush=True)

    def say(self, *lines: str) -> None:
        """A remark."""
        print("\n".join(["", *lines]), flush=True)

    def run(self, what: str, *command: str, expect: int = 0, lines: int = 60) -> str:
        """Run one command and show its first ``lines`` lines; returns all of them.

        The demo ends where the exit code is not ``expect``.
        """
        print(f"\n== {what}\n$ {shlex.join(command)}", flush=True)
        with self._clock(what):
            done = self._start(command)
        shown = done.stdout.decode().rstrip().splitlines()
        print("\n".join(shown[:lines]))
        if len(shown) > lines:
            print(f"  ... and {len(shown) - lines} more lines")
        if expect:
            print(f"(exit code {done.returncode})")
        if done.returncode != expect:
            print("\n".join(shown[lines:]))
            sys.exit(f"the demo stops here: exit code {done.returncode}, expected {expect}")
        return done.stdout.decode()

    def run_each(self, what: str, *commands: tuple[str, ...], lines: int = 1) -> None:
        """Run several commands of one kind, showing ``lines`` lines of each; one step of the table."""
        print(f"\n== {what}", flush=True)
        with self._clock(what):
            for command in commands:
                print(f"$ {shlex.join(command)}", flush=True)
                done = self._start(command)
                print("\n".join(done.stdout.decode().rstrip().splitlines()[:lines]))
                if done.returncode:
                    sys.exit(f"the demo stops here: exit code {done.returncode}\n{done.stdout.decode()}")

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Keep the time of something that is not a command."""
        print(f"\n== {what}", flush=True)
        with self._clock(what):
            yield

    def write(self, name: str, text: str, what: str, show: int = 40) -> None:
        """Write a file by hand, as an engineer does."""
        lines = text.rstrip().splitlines()
        more = [f"  ... and {len(lines) - show} more lines"] if len(lines) > show else []
        print("\n".join([f"\n== {what}: {name}", *lines[:show], *more]), flush=True)
        (self.output / name).write_text(text, "utf-8")

    def copy(self, source: Path, name: str) -> None:
        """Put a file of the demo's data where the commands find it."""
        shutil.copy(source, self.output / name)

    def table(self) -> None:
        """What happened and how long it took."""
        width = max(len(step.what) for step in self.steps)
        print("\nWhat happened" + " " * (width - 10) + "seconds")
        for step in self.steps:
            print(f"{step.what:<{width}}  {step.seconds:8.2f}")
        print(f"{'in all':<{width}}  {sum(step.seconds for step in self.steps):8.2f}")

    @contextmanager
    def _clock(self, what: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.steps.append(Step(what, time.perf_counter() - started))

    def _start(self, command: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.output,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
