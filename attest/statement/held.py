"""The collateral snapshot of an epoch: made or taken as prepared, judged line by line, signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from attest.collateral.snapshot import Judged, holding_openings, judge
from attest.signing import Signer, countersign, sign_payload
from attest.statement.inputs import PREPARED, Inputs
from attest.statement.trusted import Ground, Occasion
from verifier.collateral import EntryBacking, Snapshot, rules_of
from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.collateral.rules import OBSERVER, RequireRole
from verifier.collateral.snapshot import PAYLOAD_TYPE
from verifier.dsse import Envelope
from verifier.errors import Malformed, SolventError, Unavailable
from verifier.trust import names
from verifier.trust.roles import Trust

NOT_COSIGNED = "the observer has not signed yet: solvent attest --prepare makes what the observer signs"


@dataclass(frozen=True)
class Held:
    """A judged snapshot. ``envelope`` is None as long as nobody signed it.

    ``openings`` has value and blinding of each hidden holding, by (pool, asset).
    """

    envelope: Envelope | None
    judged: Judged
    openings: Mapping[tuple[str, str], tuple[int, int]] = field(repr=False)
    notes: tuple[str, ...]


def snapshot_of(inputs: Inputs, ground: Ground, occasion: Occasion) -> Snapshot:
    """The prepared snapshot, which must be this epoch's, or what the working files come to.

    Raises Malformed (E_BINDING), Malformed or Unavailable.
    """
    if inputs.prepared is None:
        return inputs.collateral.document(occasion.exchange, occasion.epoch, occasion.taken_at, ground.policy.digest)
    snapshot = Snapshot.from_payload(inputs.prepared.payload, PREPARED)
    wanted = {"exchange": occasion.exchange, "epoch": occasion.epoch, "taken_at": occasion.taken_at}
    for name, value in {**wanted, "policy": ground.policy.digest}.items():
        if getattr(snapshot, name) != value:
            raise Malformed(
                f"the prepared snapshot is of another {name}: {getattr(snapshot, name)}, and this epoch has {value}",
                where=PREPARED,
                code="E_BINDING",
                hint=f"run solvent attest --prepare again, or remove {PREPARED}",
            )
    return snapshot


def hold(
    inputs: Inputs,
    ground: Ground,
    occasion: Occasion,
    signer: Signer | None,
    *,
    final: bool = True,
    multiply: SumsWithGenerator = sums_with_generator,
) -> Held:
    """What counts as held. Without a ``signer`` nothing is signed.

    Where the policy asks for an observer, ``final`` demands that signature; otherwise lines are judged as if it were
    there, and its absence is noted. Raises Malformed, Rejected (E_HOLDING), or Unavailable: E_COLLATERAL,
    E_LINE_UNVOUCHED, E_SIGNER.
    """
    snapshot = snapshot_of(inputs, ground, occasion)
    envelope = inputs.prepared if signer is None else _signed(inputs, snapshot, ground.trust, signer)
    wanted = ground.policy.collateral.amounts == OBSERVER
    missing = wanted and not _observed(ground.trust, envelope)
    if missing and final:
        raise Unavailable(
            "the policy asks for an observer's signature on the snapshot, and it is not there",
            where=PREPARED,
            code="E_LINE_UNVOUCHED",
            hint="run solvent attest --prepare, have the observer sign that file, then run solvent attest",
        )
    rules, require = rules_of(ground.policy), require_role(ground.trust)
    judged = judge(snapshot, rules, require, observer_signed=wanted, multiply=multiply)
    require_lasting(judged, occasion.now)
    openings = holding_openings(snapshot, judged.verdicts, inputs.collateral.openings)
    return Held(envelope, judged, openings, (*judged.problems, *([NOT_COSIGNED] if missing else [])))


def require_lasting(judged: Judged, now: int) -> None:
    """Raises Malformed (E_EXPIRED) for a statement that expired since the snapshot: its holdings would be stale."""
    for line, verdict in zip(judged.snapshot.lines, judged.verdicts, strict=True):
        if verdict.counted and isinstance(line.backing, EntryBacking):
            custody = judged.snapshot.statements[line.backing.statement].custody
            if custody.expires_at <= now:
                raise Malformed(
                    f"the statement of {custody.role} has expired since the snapshot was taken",
                    where=f"line {line.id}",
                    code="E_EXPIRED",
                    hint=f"ask {custody.role} for a new statement, or remove the line",
                )


def require_role(trust: Trust) -> RequireRole:
    """Raises unless the keys of a role signed, as lines are judged by."""

    def require(role: str, envelope: Envelope) -> None:
        trust.require_role(envelope, role, "statement")

    return require


def _signed(inputs: Inputs, snapshot: Snapshot, trust: Trust, signer: Signer) -> Envelope:
    """The snapshot under the exchange's signature, and under those it has already."""
    if inputs.prepared is None:
        return sign_payload(snapshot.to_payload(), signer, PAYLOAD_TYPE)
    envelope = countersign(inputs.prepared, signer)
    trust.require_role(envelope, names.EXCHANGE, PREPARED)
    return envelope


def _observed(trust: Trust, envelope: Envelope | None) -> bool:
    if envelope is None:
        return False
    try:
        trust.require_role(envelope, names.OBSERVER, PREPARED)
    except SolventError:
        return False
    return True
