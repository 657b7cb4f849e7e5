"""The shapes of questions and answers, for the OpenAPI document and for the tests that hold answers to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Point = Annotated[str, Field(pattern="^0[23][0-9a-f]{64}$")]
Whole = Annotated[int, Field(ge=0, le=2**53 - 1)]
EpochNumber = Annotated[int, Field(ge=1, le=2**53 - 1)]
Status = Literal["proved", "stated", "withheld"]


class Shape(BaseModel):
    """Closed: no other members."""

    model_config = ConfigDict(extra="forbid")


class EpochPath(Shape):
    """Which epoch."""

    epoch: EpochNumber = Field(description="The number of a published epoch")


class FilePath(EpochPath):
    """Which file of an epoch."""

    name: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$", description="The name of one of its files")


class RowPath(EpochPath):
    """Which row of an epoch."""

    id: Hash = Field(description="id_j: tagged hash of the row's salt and the account id")


class RootPath(Shape):
    """Which root document."""

    version: EpochNumber = Field(description="The version of a published root document")


class SchemaPath(Shape):
    """Which document."""

    name: Literal["attestation", "bundle", "envelope", "row", "schema"] = Field(description="The document")


class ListQuery(Shape):
    """Which part of the list."""

    limit: int = Field(20, ge=1, le=100, description="How many epochs at most")
    after: str | None = Field(None, pattern="^e[1-9][0-9]{0,15}$", description="The cursor of the part before")


class Brief(Shape):
    """An epoch in a list. Times are POSIX seconds, ``due_at`` is about the next one; ``digest`` is of the payload."""

    epoch: EpochNumber
    digest: Hash
    exchange: str
    taken_at: Whole
    issued_at: Whole
    expires_at: Whole
    published_at: Whole
    due_at: Whole
    accounts: Annotated[int, Field(ge=1)]
    previous: str = Field(pattern="^([0-9a-f]{64})?$")


class AttestationList(Shape):
    """Epochs, newest first; ``next`` is the cursor of the rest."""

    attestations: list[Brief]
    next: str | None


class Root(Shape):
    """The root of the sum tree."""

    commitment: Point
    hash: Hash


class Column(Shape):
    """A column of the book."""

    name: str
    asset: str
    decimals: int
    bits: int
    kind: str


class Figure(Shape):
    """A figure of the statement; ``value`` is exact decimal text, "" where withheld. Not checked here."""

    id: str
    value: str
    unit: str
    status: Status
    pointer: str


class Claim(Shape):
    """A claim in plain words. Not checked here."""

    name: str
    kind: str
    sentence: str
    status: Status


class File(Shape):
    """A published file."""

    name: str
    bytes: Whole
    sha256: Hash
    media_type: str
    url: str


class Attestation(Brief):
    """What was signed, for display: a verifier reads the files instead."""

    root: Root
    chunk_bits: int
    digests: dict[str, str]
    signed_by: list[Hash]
    columns: list[Column]
    figures: list[Figure]
    claims: list[Claim]
    files: list[File]


class FileList(Shape):
    """All files of an epoch."""

    epoch: EpochNumber
    files: list[File]


class Node(Shape):
    """A node of the sum tree."""

    C: Point
    h: Hash


class Row(Shape):
    """A row: ``path`` is leaf upwards, ``sealed`` base64 that only the customer's account key opens."""

    index: Whole
    commitment: Point
    id: Hash
    path: list[Node]
    sealed: str | None


class Key(Shape):
    """A public key and its epochs, first and last: those it signed, or where a root document gives it its role."""

    keyid: Hash
    public_key: Hash
    role: str
    first_epoch: EpochNumber
    last_epoch: EpochNumber


class Role(Shape):
    """A role: so many of its keys must sign."""

    role: str
    threshold: Annotated[int, Field(ge=1)]
    keys: list[Hash]


class Revoked(Shape):
    """A key that no longer counts, from a place in the log and a time on."""

    public_key: Hash
    from_seq: Whole
    time: Whole
    reason: str


class RootDocument(Shape):
    """A version of the root document; ``digest`` is what readers pin, ``roles`` name keys by their ids."""

    version: EpochNumber
    digest: Hash
    url: str
    expires_at: Whole
    first_epoch: EpochNumber
    last_epoch: EpochNumber
    roles: list[Role]
    revoked: list[Revoked]


class KeyList(Shape):
    """For display only: compare with a place that this service does not control."""

    exchange: str
    keys: list[Key]
    roots: list[RootDocument]
    compare_at: list[str]
    note: str


class Fault(Shape):
    """A part of the request that was not understood."""

    loc: str
    msg: str


class ProblemBody(Shape):
    """RFC 9457. ``instance`` is the number of the request."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Fault] | None = None
