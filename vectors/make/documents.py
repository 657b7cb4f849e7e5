"""Breaking documents place by place: every member removed, joined by a stranger, given every wrong form of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vectors.make.kinds import KINDS
from vectors.make.mutate import (
    FIELD,
    JSON,
    LIMIT,
    TYPE,
    Case,
    Path,
    Refusal,
    changed,
    dotted,
    encode,
    get,
    walk,
    without,
)

Wrap = Callable[[bytes], Mapping[str, bytes | None]]
"""From the document's bytes to the files of a case."""
Override = Mapping[str, Refusal | None]


@dataclass(frozen=True)
class Document:
    """A document to break: its decoded form, the kinds of its places, and where its own rules differ.

    ``kinds`` maps a place to its kind; an unnamed one is an object or a list. ``maps`` are objects whose member names
    are data. ``overrides`` maps "place: change" to another refusal, or to None where the change is harmless.
    """

    name: str
    base: str
    target: str
    document: Any
    kinds: Mapping[str, str]
    wrap: Wrap
    maps: frozenset[str] = frozenset()
    overrides: Override = field(default_factory=dict)
    inner: tuple[str, ...] = ()
    """Documents inside this one that are broken elsewhere: of each of their places one wrong type is enough."""

    def cases(self) -> list[Case]:
        """Every change of every place."""
        return [case for path, value in walk(self.document) for case in self._place(path, value)] + self._spellings()

    def _place(self, path: Path, value: Any) -> Iterator[Case]:
        place = dotted(self.name, path)
        wrong = KINDS[self.kinds.get(place, "structure")](value)
        for label, new, refusal, bug in wrong[:1] if place.startswith(self.inner) and self.inner else wrong:
            yield from self._case(place, label, encode(changed(self.document, path, new)), refusal, bug)
        if path and isinstance(path[-1], str):
            bug = "what was not said is filled in by the reader"
            yield from self._case(place, "removed", encode(without(self.document, path)), FIELD, bug)
        if isinstance(value, dict):
            more = changed(self.document, (*path, "zz-unknown"), "")
            refusal = TYPE if place in self.maps else FIELD
            yield from self._case(
                place, "joined by an unknown member", encode(more), refusal, "unknown claims are signed"
            )

    def _case(self, place: str, label: str, data: bytes, refusal: Refusal, bug: str) -> Iterator[Case]:
        name = f"{place}: {label}"
        found = self.overrides.get(name, refusal)
        if found is not None:
            yield Case(name, self.base, self.target, place, found, bug, self.wrap(data))

    def change(self, place: Path, label: str, value: Any, refusal: Refusal, bug: str) -> Case:
        """One more change of one place, to a value of the right form."""
        name = dotted(self.name, place)
        data = encode(changed(self.document, place, value))
        return Case(f"{name}: {label}", self.base, self.target, name, refusal, bug, self.wrap(data))

    def _spellings(self) -> list[Case]:
        """Other bytes for the same document, and bytes that are none."""
        data = encode(self.document)
        first = next(iter(sorted(self.document)))
        member = encode({first: get(self.document, (first,))})[1:-1]
        letter = data.index(b'":"') + 3
        spelled = {
            "with a space in front": (b" " + data, JSON),
            "with a line end behind": (data + b"\n", JSON),
            "with a space after a colon": (data.replace(b":", b": ", 1), JSON),
            "with members in another order": (_reversed(self.document), JSON),
            "with a member twice": (b"{" + member + b"," + data[1:], JSON),
            "with a byte order mark": (b"\xef\xbb\xbf" + data, JSON),
            "with an escaped letter": (data[:letter] + b"\\u%04x" % data[letter] + data[letter + 1 :], JSON),
            "with a byte that is not UTF-8": (data[:letter] + b"\xff" + data[letter:], JSON),
            "with half a surrogate pair": (data[:letter] + b"\\ud800" + data[letter:], JSON),
            "with something behind": (data + b"{}", JSON),
            "cut short": (data[:-1], JSON),
            "in UTF-16": (data.decode().encode("utf-16"), JSON),
            "nested too deeply": (b"[" * 5000 + b"]" * 5000, LIMIT),
            "empty": (b"", JSON),
            "a list": (b"[]", TYPE),
            "null": (b"null", TYPE),
        }
        bug = "bytes that were never hashed or signed are read as the document"
        return [
            Case(f"{self.name}: {label}", self.base, self.target, self.name, refusal, bug, self.wrap(changed_data))
            for label, (changed_data, refusal) in spelled.items()
        ]


def _reversed(document: Any) -> bytes:
    members = [encode({name: document[name]})[1:-1] for name in sorted(document, reverse=True)]
    return b"{" + b",".join(members) + b"}"
