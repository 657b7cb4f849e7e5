"""One change at a time in every document of the frozen epoch with a policy, signed anew by everybody who signed it.

The worst an exchange can do whose quote sources, custodians, observer and risk officers all help it: whatever hash and
digest names the changed document follows, also the reader's where it is the root document. The book and the proofs
stay as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from vectors.make import roles
from verifier import canonical
from verifier.dsse import Envelope, decode_base64
from verifier.trust import names

REMOVED: Final = "removed"
ATTESTATION: Final = "attestation.json"
READER: Final = "reader.json"
ROOT: Final = "root.json"
SIGNED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    ATTESTATION: (names.EXCHANGE,),
    ROOT: roles.ROOT_KEYS[:2],
    "policy.json": (names.RISK,),
    "scenarios.json": (names.RISK,),
    "collateral.json": (names.EXCHANGE, names.OBSERVER),
}
NAMED_BY_DIGEST: Final = ("policy", "prices", "schema", "collateral", "scenarios")
DOCUMENTS: Final = (ATTESTATION, ROOT, "policy.json", "scenarios.json", "collateral.json", "prices.json",
                    "schema.json", READER)  # fmt: skip
Path = tuple[str | int, ...]
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Place:
    """A member of a document; ``inside`` leads to an envelope within it, "" where there is none."""

    document: str
    inside: Path
    path: Path

    @property
    def pointer(self) -> str:
        """RFC 6901."""
        return pointer(self.path)

    @property
    def name(self) -> str:
        """How the manifest names it: list items and names that are data stay as they are."""
        within = f"{pointer(self.inside)}: " if self.inside else ""
        return f"{self.document}: {within}{self.pointer}"


def pointer(path: Path) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps(pointed: str, document: Any) -> Path:
    """The path that a pointer means in ``document``."""
    path: list[str | int] = []
    for text in pointed.split("/")[1:]:
        document = document if not path else document[path[-1]]
        name = text.replace("~1", "/").replace("~0", "~")
        path.append(int(name) if isinstance(document, list) else name)
    return tuple(path)


def payload(files: Files, document: str) -> Any:
    """What a file says, decoded; of an envelope, its payload."""
    found = json.loads(files[document])
    return opened(found) if document in SIGNED_BY else found


def opened(envelope: Any) -> Any:
    """The payload of an envelope, decoded."""
    return json.loads(decode_base64(envelope["payload"], "payload"))


def at(document: Any, path: Path) -> Any:
    """What stands at ``path``."""
    for step in path:
        document = document[step]
    return document


def places(files: Files) -> Iterator[tuple[Place, Any]]:
    """Every member and list item of every document, envelopes within them opened, with what stands there."""
    for document in DOCUMENTS:
        for path, value in walk(payload(files, document), ()):
            if is_envelope(value):
                yield from ((Place(document, path, inner), found) for inner, found in walk(opened(value), ()))
            else:
                yield Place(document, (), path), value


def walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every place below ``value``; an envelope is one place."""
    if path:
        yield path, value
    if isinstance(value, dict) and not (path and is_envelope(value)):
        for name in value:
            yield from walk(value[name], (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from walk(item, (*path, i))


def is_envelope(value: Any) -> bool:
    """A DSSE envelope."""
    return isinstance(value, dict) and set(value) == {"payload", "payloadType", "signatures"}


def edited(document: Any, path: Path, value: Any) -> Any:
    """A copy with ``value`` at ``path``, or with nothing there (``REMOVED``)."""
    result = deepcopy(document)
    parent = at(result, path[:-1])
    if value == REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return result


def apply(files: Files, place: Place, value: Any, *, signed: bool = True) -> dict[str, bytes]:
    """All files after the change. Not ``signed``: signatures, hashes and digests stay as they were."""
    whole = payload(files, place.document)
    if place.inside:
        envelope = at(whole, place.inside)
        changed = rewrapped(envelope, edited(opened(envelope), place.path, value), issuer_of(envelope), signed)
        whole = edited(whole, place.inside, changed)
    else:
        whole = edited(whole, place.path, value)
    data = canonical.encode(whole)
    if place.document in SIGNED_BY:
        before = json.loads(files[place.document])
        data = canonical.encode(rewrapped(before, whole, SIGNED_BY[place.document], signed))
    result = {**files, place.document: data}
    if signed and place.document == ROOT:
        pinned = {**payload(files, READER), "root": canonical.digest(whole)}
        result[READER] = canonical.encode(pinned)
    follows = signed and place.document not in (ATTESTATION, READER)
    return {**result, ATTESTATION: following(result, place.document, whole)} if follows else result


def issuer_of(envelope: Any) -> tuple[str, ...]:
    """Whose signature a quote or a statement carries."""
    said = opened(envelope)
    if "source" in said:
        return (f"{names.PRICE}/{said['source']}",)
    return ({"custody": names.CUSTODIAN}.get(said["kind"], said["kind"]) + f"/{said['issuer']}",)


def rewrapped(envelope: Any, changed: Any, by: tuple[str, ...], signed: bool) -> Any:
    """The envelope around another payload, with new signatures or with those it had."""
    kind = envelope["payloadType"]
    if signed:
        return json.loads(roles.sign("", canonical.encode(changed), *by, payload_type=kind).to_bytes())
    old = tuple((s["keyid"], decode_base64(s["sig"], "sig")) for s in envelope["signatures"])
    return json.loads(Envelope(kind, canonical.encode(changed), old).to_bytes())


def following(files: Files, document: str, said: Any) -> bytes:
    """The attestation that names the changed document, signed."""
    statement = payload(files, ATTESTATION)
    for item in statement["subject"]:
        if item["name"] == document:
            item["digest"]["sha256"] = hashlib.sha256(files[document]).hexdigest()
    tag = document.removesuffix(".json")
    if tag in NAMED_BY_DIGEST:
        statement["predicate"]["digests"][tag] = canonical.digest(said)
    kind = json.loads(files[ATTESTATION])["payloadType"]
    return roles.sign("", canonical.encode(statement), names.EXCHANGE, payload_type=kind).to_bytes()
