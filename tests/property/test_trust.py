"""Root documents, reader's files and thresholds of every shape: one form each, and signatures counted as sets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.trust import key, keyid, reader_document, revocation, root_document, signed
from verifier import canonical
from verifier.errors import Rejected, SolventError
from verifier.trust import names
from verifier.trust.reader import Reader
from verifier.trust.requirement import CEILINGS, FLOORS, Requirement
from verifier.trust.revocation import Occasion, Revocation
from verifier.trust.root import Root
from verifier.trust.threshold import Threshold

INTS = st.integers(0, 2**53 - 1)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,20}", fullmatch=True)
ROLES = st.one_of(
    st.sampled_from([role for role in names.SINGLE_ROLES if role != names.ROOT]),
    st.builds("{}/{}".format, st.sampled_from(names.NAMED_ROLES), NAMES),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SOME_KEYS = st.lists(st.integers(0, 255), unique=True, min_size=1, max_size=24)


def threshold(data: st.DataObject, numbers: list[int]) -> dict[str, Any]:
    return {"keys": [key(i).hex() for i in numbers], "threshold": data.draw(st.integers(1, len(numbers)))}


def split(data: st.DataObject, numbers: list[int], into: list[str]) -> dict[str, list[int]]:
    """Every name gets at least one of the numbers, nobody the same one."""
    into = into[: len(numbers)]
    parts: dict[str, list[int]] = {name: [numbers[i]] for i, name in enumerate(into)}
    for number in numbers[len(into) :]:
        parts[data.draw(st.sampled_from(into))].append(number)
    return parts


@given(data=st.data(), numbers=SOME_KEYS, roles=st.lists(ROLES, unique=True, max_size=8), reason=TEXT)
def test_root_documents(data: st.DataObject, numbers: list[int], roles: list[str], reason: str) -> None:
    parts = split(data, numbers, ["root", *roles])
    revoked = data.draw(st.lists(st.integers(0, 255), unique=True, max_size=4))
    document = root_document(
        exchange=data.draw(NAMES),
        version=data.draw(st.integers(1, 2**53 - 1)),
        expires_at=data.draw(INTS),
        roles={name: threshold(data, held) for name, held in parts.items()},
        cadence={name: data.draw(INTS) for name in ("book_s", "pulse_s", "grace_s", "ttl_s")},
        revoked=[revocation(i, from_seq=data.draw(INTS), time=data.draw(INTS), reason=reason) for i in revoked],
    )
    payload = canonical.encode(document)
    root = Root.from_payload(payload)
    assert root.to_payload() == payload
    assert {name: len(role.keys) for name, role in root.roles.items()} == {name: len(k) for name, k in parts.items()}


@given(data=st.data(), numbers=SOME_KEYS, pins=SOME_KEYS, roles=st.lists(ROLES, unique=True, min_size=1, max_size=5))
def test_readers_files(data: st.DataObject, numbers: list[int], pins: list[int], roles: list[str]) -> None:
    tags = data.draw(st.lists(st.sampled_from(names.SIGNED_TAGS), unique=True))
    root = data.draw(st.sampled_from(["", "ab" * 32, [key(i).hex() for i in numbers]]))
    document = reader_document(
        root=root,
        cosign={tag: threshold(data, numbers) for tag in tags},
        pins={role: [keyid(i) for i in held] for role, held in split(data, pins, roles).items()},
        log=data.draw(TEXT),
    )
    encoded = canonical.encode(document)
    assert Reader.from_bytes(encoded).to_bytes() == encoded


DOCUMENTS = [
    (Root.from_payload, Root.to_payload, root_document()),
    (Reader.from_bytes, Reader.to_bytes, reader_document()),
]


@pytest.mark.parametrize(("read", "write", "document"), DOCUMENTS, ids=["root", "reader"])
@given(position=st.integers(0, 10**6), byte=st.integers(0, 255))
@settings(max_examples=300)
def test_no_document_has_a_second_form(read: Any, write: Any, document: Any, position: int, byte: int) -> None:
    """One byte changed: another document or none, never the same one."""
    original = canonical.encode(document)
    data = bytearray(original)
    data[position % len(data)] = byte
    try:
        found = read(bytes(data))
    except SolventError:
        return
    assert write(found) == data
    assert (found == read(original)) is (data == original)


@given(listed=SOME_KEYS, by=st.lists(st.integers(0, 255), unique=True, max_size=12), data=st.data())
def test_a_threshold_counts_the_keys_in_both_sets(listed: list[int], by: list[int], data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, len(listed)))
    common = set(listed) & set(by)
    envelope = signed(b"{}", by, "text/plain")
    asked = Threshold(tuple(key(i) for i in listed), needed)
    if len(common) >= needed:
        assert asked.require(envelope, "us", "x") == tuple(key(i) for i in listed if i in common)
        return
    with pytest.raises(Rejected) as caught:
        asked.require(envelope, "us", "x")
    assert caught.value.code == "E_SIG_THRESHOLD"


@given(from_seq=INTS, time=INTS, seq=INTS, issued_at=INTS)
def test_what_a_revocation_cuts(from_seq: int, time: int, seq: int, issued_at: int) -> None:
    revoked = Revocation(key(1), from_seq, time, "")
    assert revoked.cuts(Occasion(seq=seq)) is (seq >= from_seq)
    assert revoked.cuts(Occasion(issued_at=issued_at)) is (issued_at > time)
    assert revoked.cuts(Occasion(seq=seq, issued_at=issued_at)) is revoked.cuts(Occasion(seq=seq))


@given(asked=st.integers(0, 1_000_000), k=st.integers(0, 1_000_000))
def test_a_stronger_claim_meets_what_a_weaker_one_meets(asked: int, k: int) -> None:
    for kind in FLOORS:
        assert Requirement(kind, "", asked).is_met_by(k) is (k >= asked)
    for kind in CEILINGS:
        assert Requirement(kind, "", asked).is_met_by(k) is (k <= asked)
