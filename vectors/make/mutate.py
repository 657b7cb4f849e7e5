"""How a document is broken: one change at a time, named, with the refusal it must meet."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vectors.make import text
from vectors.make.build import Made, sign
from verifier import canonical
from verifier.dsse import decode_base64
from verifier.epoch import ATTESTATION

MALFORMED: Final = "Malformed"
REJECTED: Final = "Rejected"
UNAVAILABLE: Final = "Unavailable"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What must be raised: the kind of error, its code, and the step that names it ("" where decoding refuses)."""

    error: str
    code: str
    step: str = ""


JSON: Final = Refusal(MALFORMED, "E_JSON")
FIELD: Final = Refusal(MALFORMED, "E_FIELD")
TYPE: Final = Refusal(MALFORMED, "E_TYPE")
LIMIT: Final = Refusal(MALFORMED, "E_LIMIT")
BINDING: Final = Refusal(REJECTED, "E_BINDING")
OTHER_SCHEMA: Final = Refusal(REJECTED, "E_BINDING", "4")
ROOT: Final = Refusal(REJECTED, "E_ROOT", "4")
TOTAL: Final = Refusal(REJECTED, "E_TOTAL", "4")
SIGNATURE: Final = Refusal(REJECTED, "E_SIG_THRESHOLD", "5.1")


@dataclass(frozen=True)
class Case:
    """One input that must be refused. ``files`` replaces files of ``base`` whole; ``given`` replaces other inputs."""

    name: str
    base: str
    target: str
    field: str
    refusal: Refusal
    bug: str
    files: Mapping[str, bytes | None] = dataclasses.field(default_factory=dict)
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The vector."""
        return {
            "name": self.name,
            "base": self.base,
            "target": self.target,
            "field": self.field,
            "files": text.as_files(self.files),
            "given": dict(self.given),
            "result": "reject",
            "error": self.refusal.error,
            "code": self.refusal.code,
            "step": self.refusal.step,
            "bug": self.bug,
        }


@dataclass(frozen=True, slots=True)
class Raw:
    """Text that stands in the JSON as it is, for what no encoder would write."""

    written: str


def encode(document: Any) -> bytes:
    """Canonical bytes in which every Raw stands as written."""
    raws: list[str] = []
    data = canonical.encode(_mark(document, raws)).decode()
    for i, raw in enumerate(raws):
        data = data.replace(json.dumps(f"raw {i} of vectors"), raw, 1)
    return data.encode("utf-8", "surrogatepass")


def _mark(value: Any, raws: list[str]) -> Any:
    if isinstance(value, Raw):
        raws.append(value.written)
        return f"raw {len(raws) - 1} of vectors"
    if isinstance(value, dict):
        return {name: _mark(item, raws) for name, item in value.items()}
    return [_mark(item, raws) for item in value] if isinstance(value, list) else value


def get(document: Any, path: Path) -> Any:
    """What stands at ``path``."""
    for step in path:
        document = document[step]
    return document


def changed(document: Any, path: Path, value: Any) -> Any:
    """A copy in which ``value`` stands at ``path``."""
    if not path:
        return value
    result = copy.deepcopy(document)
    get(result, path[:-1])[path[-1]] = value
    return result


def without(document: Any, path: Path) -> Any:
    """A copy in which nothing stands at ``path``."""
    result = copy.deepcopy(document)
    del get(result, path[:-1])[path[-1]]
    return result


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of a document, parents first; of a list the first item stands for all."""
    yield path, value
    if isinstance(value, dict):
        for name in value:
            yield from walk(value[name], (*path, name))
    elif isinstance(value, list) and value:
        yield from walk(value[0], (*path, 0))


def dotted(root: str, path: Path) -> str:
    """``attestation.predicate.subject[].name``: how manifests name a place."""
    return root + "".join("[]" if isinstance(step, int) else f".{step}" for step in path)


def payload_of(made: Made) -> Any:
    """The statement that was signed, decoded."""
    return json.loads(decode_base64(envelope_of(made)["payload"], ATTESTATION))


def envelope_of(made: Made) -> Any:
    """The envelope, decoded."""
    return json.loads(made.files[ATTESTATION])


def resigned(made: Made, files: Mapping[str, bytes], **members: Any) -> dict[str, bytes | None]:
    """Changed files and an attestation that names them and is properly signed; ``members`` replace the predicate's."""
    statement = payload_of(made)
    statement["predicate"].update(members)
    for item in statement["subject"]:
        if item["name"] in files:
            item["digest"]["sha256"] = hashlib.sha256(files[item["name"]]).hexdigest()
    return {**files, ATTESTATION: sign(encode(statement))}


def flip(data: bytes, position: int, mask: int = 1) -> bytes:
    """``data`` with bits of one byte flipped."""
    return data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]
