"""Somebody at the terminal who types answers to prompts."""

from __future__ import annotations

import getpass
import sys

import pytest


class Asked:
    """A person at the terminal who types these answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.questions: list[str] = []
        left = list(answers)

        def ask(question: str) -> str:
            self.questions.append(question)
            return left.pop(0)

        monkeypatch.setattr(getpass, "getpass", ask)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
