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
_WORD = re.compile(r"\s+([a-z]+(?:-[a-z]+)*)(.*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


def options(command: click.Command) -> set[str]:
    """Every spelling of every option."""
    spelled = {word for param in command.params for word in (*param.opts, *param.secondary_opts)}
    return {*spelled, "--help"}


def calls(text: str) -> list[tuple[str, str, str]]:
    """(program, command, rest) of every command line that a page shows."""
    lines = [line for block in blocks(text, "") for line in block.splitlines()] + inline_code(text)
    lines += [line for block in blocks(text, "console") for line in block.splitlines() if line.startswith("$ ")]
    return [match.groups() for line in lines if (match := _CALL.search(line.split("#")[0]))]  # type: ignore[misc]


def every(group: click.Group, program: str) -> list[tuple[str, click.Command]]:
    """Every command of a program with the words that reach it, groups included."""
    found: list[tuple[str, click.Command]] = []
    for word, command in sorted(group.commands.items()):
        found.append((f"{program} {word}", command))
        if isinstance(command, click.Group):
            found += every(command, f"{program} {word}")
    return found


COMMANDS = [one for program, group in PROGRAMS.items() for one in every(group, program)]


def wrong(text: str) -> list[str]:
    """What no program understands."""
    found = []
    for program, word, rest in calls(text):
        command, left, words = PROGRAMS[program].commands.get(word), rest, f"{program} {word}"
        while isinstance(command, click.Group) and (match := _WORD.match(left)):
            command, left, words = command.commands.get(match[1]), match[2], f"{words} {match[1]}"
        if command is None:
            found.append(words)
        else:
            found += [f"{words} {option}" for option in set(_OPTION.findall(left)) - options(command)]
    return found


@pytest.mark.parametrize("page", pages(), ids=name)
def test_commands_of_a_page_exist(page: Path) -> None:
    assert wrong(read(page)) == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_options_named_alone_belong_to_some_command(page: Path) -> None:
    known = {option for _, command in COMMANDS for option in options(command)}
    known |= {"--universal", "--require-hashes", "--no-deps"}  # other people's programs
    named = {option for code in inline_code(read(page)) if code.startswith("--") for option in _OPTION.findall(code)}
    assert named <= known


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_explains_itself(words: str, command: click.Command) -> None:
    text = command.get_help(click.Context(command, info_name=words))
    assert "Example" in text
    assert "Exit codes" in text
    hidden = [param.name for param in command.params if isinstance(param, click.Option) and not param.help]
    assert hidden == []


def test_every_command_is_shown_somewhere() -> None:
    text = "\n".join(read(page) for page in pages())
    shown = {f"solvent {word}" for word in inline_code(read(pages()[1]))}
    missing = [words for words, _ in COMMANDS if not re.search(rf"\b{words}\b", text) and words not in shown]
    assert missing == []


def test_examples_of_the_help_texts_are_commands_too() -> None:
    for words, command in COMMANDS:
        lines = [line.strip() for line in (command.help or "").splitlines()]
        examples = [
            line.removeprefix("Example: ") for line in lines if re.match("(Example: )?solvent(-verify)? ", line)
        ]
        assert wrong("```\n" + "\n".join(examples) + "\n```") == [], words


@pytest.mark.parametrize(
    "text",
    [
        "`solvent atest`",
        "`solvent attest --fist`",
        "```\nsolvent-verify you DIR\n```",
        "`solvent policy sing`",
        "`solvent policy sign --kee x`",
    ],
)
def test_a_wrong_command_is_noticed(text: str) -> None:
    assert len(wrong(text)) == 1


def test_a_right_command_is_not() -> None:
    assert (
        wrong("`solvent-verify me DIR --holds BTC=1.5` and\n```\n.venv/bin/solvent attest --first  # --fist\n```") == []
    )
