"""One source's prices, as it signed them (docs/statement.md, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from verifier import canonical, fields
from verifier.dsse import Envelope
from verifier.markets import reading
from verifier.markets.policy import MAX_PRICE_SCALE

TYPE: Final = "solvent:quote/v1"
PAYLOAD_TYPE: Final = "application/vnd.solvent.quote.v1+json"
_MEMBERS: Final = ("type", "source", "quote", "at", "scale", "index", "mark", "models")


@dataclass(frozen=True, slots=True)
class Quote:
    """``index`` and ``mark`` are sym -> price in 10^-``scale`` quote per whole unit; ``at`` is POSIX seconds.

    ``models`` names the model behind a price that no market made.
    """

    source: str
    quote: str
    at: int
    scale: int
    index: Mapping[str, int]
    mark: Mapping[str, int]
    models: Mapping[str, str]

    @classmethod
    def from_envelope(cls, envelope: Envelope, where: str) -> Quote:
        """Parse the payload of a signed quote; its signatures are the caller's to check. Raises Malformed."""
        return cls.from_json(canonical.decode(envelope.payload, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "quote") -> Quote:
        """Parse a decoded document. Raises Malformed."""
        parts = fields.members(document, where, _MEMBERS)
        fields.constant(parts["type"], f"{where}: type", TYPE)
        return cls(
            source=fields.name(parts["source"], f"{where}: source"),
            quote=reading.quote(parts["quote"], f"{where}: quote"),
            at=fields.integer(parts["at"], f"{where}: at"),
            scale=fields.integer(parts["scale"], f"{where}: scale", high=MAX_PRICE_SCALE),
            index=reading.by_sym(parts["index"], f"{where}: index", fields.amount),
            mark=reading.by_sym(parts["mark"], f"{where}: mark", fields.amount),
            models=reading.by_sym(parts["models"], f"{where}: models", fields.text),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        return {
            "type": TYPE,
            "source": self.source,
            "quote": self.quote,
            "at": self.at,
            "scale": self.scale,
            "index": {sym: str(price) for sym, price in self.index.items()},
            "mark": {sym: str(price) for sym, price in self.mark.items()},
            "models": dict(self.models),
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes: what the source signs."""
        return canonical.encode(self.to_json())
