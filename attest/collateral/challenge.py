"""The challenge of an epoch: what every owner's message contains, kept as ``challenge.json`` (docs/collateral.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from verifier import canonical, fields
from verifier.collateral import Beacon, challenge, ownership_message
from verifier.collateral.accounts import owners, parse_account
from verifier.errors import Malformed

NAME: Final = "challenge.json"
_AGAIN: Final = "make it again with solvent collateral challenge"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One epoch's challenge; the beacon makes it unknown before the beacon is."""

    exchange: str
    epoch: int
    beacon: Beacon

    @classmethod
    def from_bytes(cls, data: bytes, where: str = NAME) -> Challenge:
        """Parse the file. Raises Malformed, also where the challenge is not the one of its other members."""
        document = canonical.read(data, where=where, hint=_AGAIN)
        parts = fields.members(document, where, ("exchange", "epoch", "beacon", "challenge"))
        made = cls(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            epoch=fields.integer(parts["epoch"], f"{where}: epoch", low=1),
            beacon=Beacon.from_json(parts["beacon"], f"{where}: beacon"),
        )
        if fields.digest(parts["challenge"], f"{where}: challenge") != made.value:
            raise Malformed(
                "is not the challenge of this exchange, epoch and beacon",
                where=f"{where}: challenge",
                code="E_FIELD",
                hint=_AGAIN,
            )
        return made

    @property
    def value(self) -> str:
        """The challenge itself, hex."""
        return challenge(self.exchange, self.epoch, self.beacon.to_json())

    def message(self, account: str, *, once: bool = False) -> str:
        """M: the one line that the owner of ``account`` signs. Raises Malformed (E_LINE_ACCOUNT).

        ``once``: an EVM key signs for every EVM chain at once.
        """
        spellings = owners(parse_account(account, "account"))
        return self.message_as(spellings[-1] if once else spellings[0])

    def accepts(self, account: str, message: str) -> bool:
        """Whether ``message`` is M for one of the spellings of this account. Raises Malformed (E_LINE_ACCOUNT)."""
        return message in {self.message_as(spelling) for spelling in owners(parse_account(account, "account"))}

    def message_as(self, spelling: str) -> str:
        """M for an owner spelled as the message has it, which for EVM keys may leave the chain out."""
        return ownership_message(self.exchange, self.epoch, spelling, self.value)

    def to_json(self) -> dict[str, Any]:
        """The file's document."""
        told = {"exchange": self.exchange, "epoch": self.epoch, "beacon": self.beacon.to_json()}
        return {**told, "challenge": self.value}

    def to_bytes(self) -> bytes:
        """The file."""
        return canonical.encode(self.to_json())


def read_challenge(directory: Path) -> Challenge | None:
    """The challenge of ``directory``, or None before there is one. Raises Malformed."""
    path = directory / NAME
    return Challenge.from_bytes(path.read_bytes(), str(path)) if path.exists() else None
