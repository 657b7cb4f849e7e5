"""Whatever stands in a line, the answer is a verdict, and it is never VALID by chance."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.wallets import Wallet
from verifier.collateral import Evidence, import_okx, verify_evidence
from verifier.collateral.bitcoin import Lock
from verifier.collateral.schemes import SCHEMES
from verifier.errors import Malformed

W = Wallet(99991)
NAMES = sorted({name for name, _ in SCHEMES} - {"bls12381", "okx-bls"})
ACCOUNTS = [*(W.address(lock) for lock in (Lock.P2PKH, Lock.P2SH, Lock.P2WPKH, Lock.P2TR)), W.evm_account()]
ACCOUNTS += [W.tron_account, "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:7bzoTJhZmpU1vQVjN63fQ3iVYmWCVgQh1sYSqsjuapU9"]

texts = st.one_of(st.text(max_size=120), st.binary(max_size=80).map(bytes.hex), st.sampled_from(["", "0x", "smp", "="]))
anything = st.one_of(texts, st.none(), st.integers(), st.lists(texts, max_size=2))


@given(
    st.one_of(st.sampled_from(NAMES), texts),
    texts,
    st.one_of(st.sampled_from(ACCOUNTS), texts),
    st.one_of(st.lists(texts, max_size=4), anything),
    anything,
    anything,
)
def test_no_line_escapes(
    scheme: str, message: str, account: str, signatures: object, script: object, key: object
) -> None:
    evidence = verify_evidence(scheme, message, account, signatures, script, key)  # type: ignore[arg-type]
    assert type(evidence) is Evidence
    assert not evidence.counts
    assert evidence.code.startswith("E_")


@given(st.sampled_from(NAMES), st.sampled_from(ACCOUNTS), st.binary(min_size=64, max_size=66), st.integers(0, 255))
def test_signatures_of_the_right_form_are_not_valid_by_chance(
    scheme: str, account: str, data: bytes, head: int
) -> None:
    import base64

    forms = ["0x" + data.hex(), base64.b64encode(bytes([head]) + data[1:]).decode()]
    assert not verify_evidence(scheme, "message", account, forms).counts


@given(st.text(max_size=300), st.booleans())
def test_no_file_escapes(body: str, modern: bool) -> None:
    header = "coin,address,amount,message,signature1,signature2,redeem script/ public key"
    if modern:
        header = "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,"
        header += "redeem script/ public key,EOA1,EOA2"
    try:
        import_okx(f"{header}\n{body}")
    except Malformed:
        return
