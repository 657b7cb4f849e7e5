"""Commands and options that the pages show are ones that the programs have, and each explains itself."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from attest.cli.commands import main as solvent
from tests.docs.pages import blocks, inline_code, name, pages, read
from verifier.cli.commands import main as solvent_verify

PROGRAMS: dict[str, click.Group] = {"solvent": solvent, "solvent-verify": solvent_verify}
_CALL = re.compile(r"(?:^|[\s/])(solvent|solvent-verify) ([a-z]+(?:-[a-z]+)*)(.*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def options(command: click.Command) -> set[str]:
    """Every spelling of every option."""
    spelled = {word for param in command.params for word in (*param.opts, *param.secondary_opts)}
    return {*spelled, "--help"}


def calls(text: str) -> list[tuple[str, str, str]]:
    """(program, command, rest) of every command line that a page shows."""
    lines = [line for block in blocks(text, "") for line in block.splitlines()] + inline_code(text)
    return [match.groups() for line in lines if (match := _CALL.search(line.split("#")[0]))]  # type: ignore[misc]


def wrong(text: str) -> list[str]:
    """What no program understands."""
    found = []
    for program, word, rest in calls(text):
        command = PROGRAMS[program].commands.get(word)
        if command is None:
            found.append(f"{program} {word}")
        else:
            found += [f"{program} {word} {option}" for option in set(_OPTION.findall(rest)) - options(command)]
    return found


@pytest.mark.parametrize("page", pages(), ids=name)
def test_commands_of_a_page_exist(page: Path) -> None:
    assert wrong(read(page)) == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_options_named_alone_belong_to_some_command(page: Path) -> None:
    known = {
        option for group in PROGRAMS.values() for command in group.commands.values() for option in options(command)
    }
    known |= {"--universal", "--require-hashes", "--no-deps"}  # other people's programs
    named = {option for code in inline_code(read(page)) if code.startswith("--") for option in _OPTION.findall(code)}
    assert named <= known


@pytest.mark.parametrize(
    ("program", "word"), [(program, word) for program, group in PROGRAMS.items() for word in sorted(group.commands)]
)
def test_every_command_explains_itself(program: str, word: str) -> None:
    command = PROGRAMS[program].commands[word]
    text = command.get_help(click.Context(command, info_name=word))
    assert "Example" in text
    assert "Exit codes" in text
    hidden = [param.name for param in command.params if isinstance(param, click.Option) and not param.help]
    assert hidden == []


def test_every_command_is_shown_somewhere() -> None:
    shown = {(program, word) for page in pages() for program, word, _ in calls(read(page))}
    shown |= {("solvent", word) for word in inline_code(read(pages()[1]))}
    wanted = {(program, word) for program, group in PROGRAMS.items() for word in group.commands}
    assert wanted <= shown


@pytest.mark.parametrize("text", ["`solvent atest`", "`solvent attest --fist`", "```\nsolvent-verify you DIR\n```"])
def test_a_wrong_command_is_noticed(text: str) -> None:
    assert len(wrong(text)) == 1


def test_a_right_command_is_not() -> None:
    assert (
        wrong("`solvent-verify me DIR --holds BTC=1.5` and\n```\n.venv/bin/solvent attest --first  # --fist\n```") == []
    )
