"""Tables of a TOML file, read strictly: an unknown key or a wrong type is an error that says where."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final

from verifier.errors import Malformed, SolventError

_WORDS: Final = {str: "a string", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class ConfigError(Malformed):
    """solvent.toml cannot be used as it is; ``where`` names the file, the section and the key."""


class Table:
    """One table of the file, read key by key; what is left over at the end is unknown."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise ConfigError(
                "should be a table", where=where, code="E_CONFIG", hint="write it as [section] with keys below"
            )
        self._values = value
        self._known: list[str] = []
        self.where = where

    def error(self, key: str, message: str, hint: str) -> ConfigError:
        """What is wrong with ``key``, to be raised."""
        return ConfigError(message, where=f"{self.where} {key}".strip(), code="E_CONFIG", hint=hint)

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of ``key``. It is required when ``default`` is None."""
        self._known.append(key)
        if key not in self._values:
            if default is None:
                raise self.error(key, "is missing", f"add a line `{key} = ...`")
            return default
        value = self._values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            raise self.error(
                key, f"should be {' or '.join(_WORDS[k] for k in kinds)}", "see the comments of `solvent init`"
            )
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of ``choices``."""
        value: str = self.get(key, str, default)
        if value not in choices:
            raise self.error(
                key, f"{value[:40]!r} is not a choice", f"write one of {', '.join(choices)}{near(value, choices)}"
            )
        return value

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within ``low``..``high``."""
        value: int = self.get(key, int, default)
        if not low <= value <= high:
            raise self.error(key, f"{value} is outside {low}..{high}", f"write a whole number from {low} to {high}")
        return value

    def field(self, key: str, read: Callable[[Any, str], str], default: str | None = None) -> str:
        """A string in one of the verifier's formats."""
        value = self.get(key, str, default)
        try:
            return read(value, key)
        except SolventError as error:
            raise self.error(key, f"{value[:40]!r} {error.message}", "use another spelling") from error

    def done(self) -> None:
        """Raises ConfigError for a key that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                hint = f"the keys here are {', '.join(self._known)}{near(key, tuple(self._known))}"
                raise self.error(key, "is not a known key", hint)


def near(value: str, known: tuple[str, ...]) -> str:
    """The end of a hint: which known word was meant, if one is close."""
    found = get_close_matches(value, known, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
