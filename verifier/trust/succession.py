"""From the root document that a reader pinned to the current one, version by version (the rule of TUF)."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.dsse import Envelope
from verifier.errors import Rejected, Unavailable
from verifier.trust.root import Root, require_public_keys


def pinned_root(envelope: Envelope, digest: str, where: str = "root.json") -> Root:
    """The root document in ``envelope`` if it is the one pinned out of band by ``digest`` (hex).

    Raises Rejected: E_BINDING (another document), E_SIG_THRESHOLD (its own root keys did not sign it); Malformed.
    """
    if envelope.digest != digest:
        raise Rejected(
            "this is not the root document you pinned",
            where=where,
            code="E_BINDING",
            hint="compare the digest with a place that the exchange does not control, such as its last report in print",
        )
    return self_signed_root(envelope, where)


def self_signed_root(envelope: Envelope, where: str = "root.json") -> Root:
    """A root document that its own root keys signed. Whether it is the right one, only a pin can tell."""
    root = Root.from_envelope(envelope, where)
    root.signing.require(envelope, "the role root", where)
    return root


def verify_successor(old: Root, new_envelope: Envelope, where: str = "root.json") -> Root:
    """The root document that follows ``old``, which the caller already trusts.

    1. It is of the same exchange and its version is the next one (E_BINDING).
    2. The root keys of ``old`` signed it, at least their threshold.
    3. Its own root keys signed it, at least their threshold (E_SIG_THRESHOLD).
    4. What it revokes are keys, not ids of keys of ``old`` (E_FIELD).
    """
    new = Root.from_envelope(new_envelope, where)
    _require_next(old, new, where)
    old.signing.require(new_envelope, f"the role root of version {old.version}", where)
    new.signing.require(new_envelope, f"the role root of version {new.version}", where)
    require_public_keys(new.revoked, old.roles, f"{where}: revoked")
    return new


def follow(first: Root, envelopes: Iterable[Envelope]) -> tuple[Root, ...]:
    """``first`` and its successors among ``envelopes``, which come in any order; older ones are passed over.

    Raises Rejected: E_BINDING (two documents of one version, or another exchange's), E_SIG_THRESHOLD; Unavailable
    (E_FILE) where a version between is missing; Malformed.
    """
    later = _by_version(first, envelopes)
    chain = [first]
    for version in sorted(later):
        if version != chain[-1].version + 1:
            raise Unavailable(
                f"version {chain[-1].version + 1} of the root document is missing",
                where="root.json",
                code="E_FILE",
                hint="give every version from the one you pinned to the newest: the exchange publishes them all",
            )
        chain.append(verify_successor(chain[-1], later[version], f"root.json (version {version})"))
    return tuple(chain)


def _by_version(first: Root, envelopes: Iterable[Envelope]) -> dict[int, Envelope]:
    """The documents after ``first``; of ``first``'s version there may be nothing but itself."""
    found: dict[int, Envelope] = {}
    digests = {first.version: first.digest}
    for envelope in envelopes:
        version = Root.from_envelope(envelope).version
        if version < first.version:
            continue
        if digests.setdefault(version, envelope.digest) != envelope.digest:
            raise Rejected(
                f"there are two root documents of version {version}",
                where="root.json",
                code="E_BINDING",
                hint="only one of them can be right: keep both, and ask the exchange",
            )
        if version > first.version:
            found[version] = envelope
    return found


def _require_next(old: Root, new: Root, where: str) -> None:
    if new.exchange != old.exchange:
        raise Rejected("it is the root document of another exchange", where=where, code="E_BINDING")
    if new.version != old.version + 1:
        raise Rejected(
            f"it is version {new.version}, and version {old.version + 1} comes next", where=where, code="E_BINDING"
        )
