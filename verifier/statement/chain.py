"""The attestation before this one: found, verified, and compared with (docs/statement.md, 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, read_document
from verifier.errors import Rejected, SolventError, Unavailable
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenarios
from verifier.statement.standing import require_signed, trust_of_any_version
from verifier.trust import names
from verifier.trust.roles import Trust
from verifier.wire import HIDDEN, NONE, PUBLIC

_TOLD: Final = {NONE: 0, HIDDEN: 1, PUBLIC: 2}
_T = TypeVar("_T")


@dataclass(frozen=True)
class Previous:
    """The previous attestation, verified; its policy and scenarios where they lie beside it and are the named ones."""

    attestation: Attestation
    policy: Policy | None = None
    scenarios: Scenarios | None = None


def find_previous(directory: Path, attestation: Attestation, trust: Trust, given: Path | None) -> Previous | None:
    """The attestation that ``previous`` names: the one given, else one beside; None where it is not at hand.

    Raises Unavailable (E_FILE) when the one given is another one, Rejected (E_BINDING) when it is there and not
    earlier: time and epoch grow along a chain; E_SIG_THRESHOLD when the one given is not signed.
    """
    wanted = attestation.identity.previous
    if given is not None:
        found = _read(given, wanted, trust)
        if found is None:
            raise _not_the_previous(str(given), wanted)
    elif not wanted:
        return None
    else:
        siblings = sorted(directory.resolve().parent.glob(f"*/{ATTESTATION}"))
        found = next(filter(None, (_quietly(path, wanted, trust) for path in siblings)), None)
    if found is not None:
        _require_earlier(found.attestation, attestation)
    return found


def less_disclosed(now: Attestation, before: Attestation) -> tuple[str, ...]:
    """What the previous epoch told and this one does not: public is more than hidden, hidden more than nothing."""
    told = {name: _TOLD[total.mode] for name, total in now.totals.items()}
    totals = [f"the total of {name}" for name, total in before.totals.items() if told.get(name, 0) < _TOLD[total.mode]]
    open_before = {(held.pool, held.asset) for held in before.holdings if held.hidden is None}
    holdings = [
        f"the holding of {held.asset} in {held.pool}"
        for held in now.holdings
        if held.hidden is not None and (held.pool, held.asset) in open_before
    ]
    policy = ["its policy"] if before.digests["policy"] and not now.digests["policy"] else []
    return (*sorted(totals), *holdings, *policy)


def _read(path: Path, wanted: str, trust: Trust) -> Previous | None:
    """The attestation in ``path`` if it is the wanted one. Raises SolventError for an unreadable or unsigned file."""
    envelope = Envelope.from_bytes(read_document(path), PAYLOAD_TYPE, path.name)
    if envelope.digest != wanted:
        return None
    _require_signed(envelope, trust, path.name)
    attestation = Attestation.from_payload(envelope.payload)
    policy = _document(path, "policy", attestation, Policy.from_bytes)
    return Previous(attestation, policy, _document(path, "scenarios", attestation, Scenarios.from_bytes))


def _quietly(path: Path, wanted: str, trust: Trust) -> Previous | None:
    """The same where nobody promised what the file is."""
    try:
        return _read(path, wanted, trust)
    except SolventError:
        return None


def _require_signed(envelope: Envelope, trust: Trust, where: str) -> None:
    """By the role exchange of any version of the root document: keys change from epoch to epoch."""
    for version in trust_of_any_version(trust):
        try:
            require_signed(version, envelope, "attestation", names.EXCHANGE, where)
        except Rejected as error:
            refusal = error
        else:
            return
    raise refusal


def _document(path: Path, tag: str, attestation: Attestation, read: Callable[[bytes], _T]) -> _T | None:
    """The document of this tag beside ``path``, if it is the one that ``attestation`` names and can be read."""
    try:
        payload_type = names.payload_type(tag)
        envelope = Envelope.from_bytes(read_document(path.with_name(f"{tag}.json")), payload_type, tag)
        return read(envelope.payload) if envelope.digest == attestation.digests[tag] else None
    except SolventError:
        return None


def _require_earlier(before: Attestation, attestation: Attestation) -> None:
    earlier, later = before.identity, attestation.identity
    if earlier.exchange != later.exchange or earlier.epoch >= later.epoch or earlier.taken_at >= later.taken_at:
        raise Rejected(
            "the attestation it continues is not an earlier one of the same exchange",
            where="attestation: previous",
            code="E_BINDING",
            hint="both files are signed: keep them, together they show that the exchange broke its chain",
        )


def _not_the_previous(name: str, wanted: str) -> Unavailable:
    if wanted:
        message = "this is not the attestation that the book continues"
        hint = "give the one whose payload has the digest in the member previous, or leave --previous out"
    else:
        message = "the book continues no attestation: it says that it is the first of its chain"
        hint = "if it should continue this one, its exchange broke the chain: keep both; else leave --previous out"
    return Unavailable(message, where=name, code="E_FILE", hint=hint)
