"""What one reader accepts: the reader's file, and the root documents it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from verifier.dsse import Envelope, key_id
from verifier.errors import Rejected, Unavailable
from verifier.trust import names
from verifier.trust.reader import Reader
from verifier.trust.revocation import UNDATED, Occasion, Revocation
from verifier.trust.root import Root
from verifier.trust.succession import follow, self_signed_root
from verifier.trust.threshold import Threshold

NOBODY: Final = Threshold((), 1)


@dataclass(frozen=True, slots=True)
class Met:
    """A role that was met: ``signers`` are the raw public keys that counted, at least ``threshold`` of them."""

    role: str
    threshold: int
    signers: tuple[bytes, ...]


@dataclass(frozen=True)
class Trust:
    """Who may sign what, for one reader and one exchange.

    ``root`` is the root document in force and ``chain`` every version from the pinned one to the newest; both are
    missing where the reader gave the exchange's keys instead. ``first_contact``: nothing vouches for the first version.
    """

    reader: Reader
    roles: Mapping[str, Threshold]
    root: Root | None = None
    chain: tuple[Root, ...] = ()
    first_contact: bool = False

    @property
    def exchange(self) -> str:
        """The only exchange this trust is about; the caller compares it with every document's."""
        return self.reader.exchange

    @property
    def revoked(self) -> tuple[Revocation, ...]:
        """What any version revoked: a later one that forgets a stolen key does not bring it back."""
        return tuple(revocation for root in self.chain for revocation in root.revoked)

    def keys_of(self, role: str, occasion: Occasion = UNDATED) -> Threshold:
        """The keys that count for ``role`` in something signed then; nobody's where the role is not listed."""
        cut = (revocation.key for revocation in self.revoked if revocation.cuts(occasion))
        return self.roles.get(role, NOBODY).without(cut)

    def require_role(self, envelope: Envelope, role: str, where: str, occasion: Occasion = UNDATED) -> Met:
        """``role`` met by its threshold of distinct keys. Raises Rejected (E_SIG_THRESHOLD)."""
        keys = self.keys_of(role, occasion)
        return Met(role, keys.threshold, keys.require(envelope, f"the role {role}", where))

    def require_cosigned(self, tag: str, envelope: Envelope, where: str) -> None:
        """The reader's own keys for ``tag``, where the reader asks for them; never the exchange's.

        Raises Rejected (E_SIG_THRESHOLD).
        """
        if tag in self.reader.cosign:
            self.reader.cosign[tag].require(envelope, f"the keys your reader file asks for ({tag})", where)

    def is_pinned(self, met: Met) -> bool:
        """Whether keys that the reader pinned for this role meet its threshold on their own."""
        pinned = self.reader.pins.get(met.role, ())
        return sum(key_id(key) in pinned for key in met.signers) >= met.threshold

    def expired(self, now: int) -> bool:
        """Whether the newest root document has expired at ``now`` (POSIX seconds); those before it need not last."""
        return bool(self.chain) and self.chain[-1].expired(now)


def establish(reader: Reader, roots: Sequence[Envelope] = (), in_force: str = "") -> Trust:
    """The trust that ``reader`` has in what was published with ``roots``, root documents in any order.

    A reader with public keys reads no root document: those keys are the role exchange, any one of them suffices, and
    no other role can be met. Else the chain begins at the pinned document (the lowest version at first contact), and
    the document of digest ``in_force`` names the roles ("": the newest one).
    Raises Rejected (E_BINDING, E_SIG_THRESHOLD, E_TRUST_ROLE), Unavailable (E_FILE), Malformed.
    """
    if not isinstance(reader.root, str):
        return Trust(reader, {names.EXCHANGE: Threshold(reader.root, 1)})
    first = self_signed_root(_first(reader.root, roots))
    if first.exchange != reader.exchange:
        raise Rejected("it is the root document of another exchange", where="root.json", code="E_BINDING")
    chain = follow(first, roots)
    root = _in_force(chain, roots, in_force)
    return Trust(reader, root.roles, root, chain, first_contact=not reader.root)


def _first(digest: str, roots: Sequence[Envelope]) -> Envelope:
    """The pinned document, or at first contact the one of the lowest version."""
    if not digest and roots:
        return min(roots, key=lambda envelope: Root.from_envelope(envelope).version)
    found = [envelope for envelope in roots if envelope.digest == digest]
    if not found:
        raise Unavailable(
            "the root document you pinned is not there" if digest else "there is no root document",
            where="root.json",
            code="E_FILE",
            hint="give the root document whose digest your reader file names, and every version after it",
        )
    return found[0]


def _in_force(chain: Sequence[Root], roots: Sequence[Envelope], digest: str) -> Root:
    if not digest:
        return chain[-1]
    for root in chain:
        if root.digest == digest:
            return root
    named = [Root.from_envelope(envelope).version for envelope in roots if envelope.digest == digest]
    if named and named[0] < chain[0].version:
        raise Unavailable(
            f"this was made under version {named[0]} of the root document, and you pinned version {chain[0].version}, "
            "which says nothing of those before it",
            where="root.json",
            code="E_FILE",
            hint="pin the first version that you know: every later one follows from it",
        )
    raise Rejected(
        "the root document it names is none of those that follow from the one you trust",
        where="root.json",
        code="E_BINDING",
    )
