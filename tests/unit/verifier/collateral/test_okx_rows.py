"""Real published rows: each is VALID as legacy evidence, and every change of what was signed is refused.

The amount is the exception that must be said aloud: no signature covers it.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.wallets import bitcoin_text, evm_text, other_half
from verifier.collateral import (
    NOT_PROVEN,
    LegacyLine,
    OwnershipClaim,
    Verdict,
    challenge,
    import_okx,
    ownership_message,
    verify_many,
)
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import BitcoinAddress, Lock, parse_address
from verifier.collateral.okx_units import TRON

DATA = Path(__file__).parents[3] / "data" / "collateral"
FILES = {"okx_por_2026-08-11_first25.csv": 25, "okx_por_example_2022-11-22.csv": 33}
STATIC = "I am an OKX address"
FEWEST = 20


def text(name: str) -> str:
    return (DATA / name).read_bytes().decode()


LINES = [line for name in FILES for line in import_okx(text(name)).lines]
IDS = [f"{line.account.rpartition(':')[2][:12]}-{line.scheme}" for line in LINES]
ALIEN = {"bip137": LINES[0], "bip137-multisig": LINES[16], "okx-eip191": LINES[26], "tron-v1": LINES[25]}
"""A line of each scheme, whose signature is not another line's."""


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_every_published_row_is_valid(name: str, count: int) -> None:
    published = import_okx(text(name))
    verdicts = verify_many([line.claim() for line in published.lines])
    assert (len(published.lines), published.refused) == (count, ())
    assert [evidence.verdict for evidence in verdicts] == [Verdict.VALID] * count
    assert {evidence.code for evidence in verdicts} == {""}
    assert {line.message for line in published.lines} == {STATIC}


def test_the_rows_are_of_these_kinds() -> None:
    kinds = [line.scheme for line in LINES]
    assert {scheme: kinds.count(scheme) for scheme in kinds} == {
        "bip137": 16,
        "bip137-multisig": 18,
        "okx-eip191": 17,
        "tron-v1": 7,
    }
    assert len({line.account for line in LINES}) == len(LINES) == 58


def test_the_surplus_signature_of_single_keys_counts_nothing_and_harms_nothing() -> None:
    single = [line for line in LINES if line.scheme == "bip137"]
    surplus = {line.signatures[1] for line in single}
    assert len(surplus) == 1, "the file repeats one unrelated signature"
    alone = verify_many([replace(line, signatures=line.signatures[:1]).claim() for line in single])
    only_surplus = verify_many([replace(line, signatures=line.signatures[1:]).claim() for line in single])
    reversed_order = verify_many([replace(line, signatures=line.signatures[::-1]).claim() for line in single])
    assert {e.verdict for e in alone + reversed_order} == {Verdict.VALID}
    assert {(e.verdict, e.code) for e in only_surplus} == {(Verdict.INVALID, "E_LINE_SIGNATURE")}


@pytest.mark.parametrize("line", LINES, ids=IDS)
def test_every_mutation_is_refused(line: LegacyLine) -> None:
    changed = mutations(line)
    assert len(changed) >= FEWEST
    assert line.claim() not in changed.values(), "a mutation that changes nothing shows nothing"
    verdicts = verify_many([*changed.values(), line.claim()])
    accepted = [name for name, evidence in zip(changed, verdicts, strict=False) if evidence.counts]
    assert accepted == []
    assert all(evidence.code and evidence.proven == () for evidence in verdicts[:-1])
    assert verdicts[-1].counts, "the unchanged line is valid in the same run"


@pytest.mark.parametrize("name", FILES)
def test_a_changed_amount_is_not_noticed_and_the_evidence_says_so(name: str) -> None:
    original = text(name)
    pattern = r"([0-9.]+),(I am an OKX address)"
    forged = re.sub(pattern, lambda match: f"9{match[1]},{match[2]}", original)
    before, after = import_okx(original).lines, import_okx(forged).lines
    assert all(old.amount < new.amount for old, new in zip(before, after, strict=True))
    for evidence in verify_many([line.claim() for line in after]):
        assert evidence.verdict is Verdict.VALID
        assert evidence.proven == ("account", "message")
        assert "amount" not in evidence.proven
    assert "not what is in it: amount" in NOT_PROVEN


def mutations(line: LegacyLine) -> dict[str, OwnershipClaim]:
    changed = {**of_message(line), **of_account(line), **of_scheme(line), **of_signatures(line)}
    if line.script:
        changed |= of_script(line)
    return {name: change.claim() for name, change in changed.items()}


def of_message(line: LegacyLine) -> dict[str, LegacyLine]:
    beacon = {"source": "drand", "round": 1, "time": 1, "value": "00" * 32}
    fresh = ownership_message("okx", 1, line.account, challenge("okx", 1, beacon))
    texts = {
        "space after": STATIC + " ",
        "line end": STATIC + "\n",
        "shorter": STATIC[:-1],
        "other case": STATIC.upper(),
        "empty": "",
        "ownership message": fresh,
        "look-alike": STATIC.replace("a", "\u0430"),
    }
    return {f"message: {name}": replace(line, message=message) for name, message in texts.items()}


def of_account(line: LegacyLine) -> dict[str, LegacyLine]:
    chain, _, address = line.account.rpartition(":")
    other = next(other for other in LINES if other.scheme == line.scheme and other.account != line.account)
    swapped = address[:-1] + ("q" if address[-1] != "q" else "p")
    accounts = {
        "last character": f"{chain}:{swapped}",
        "another line's": other.account,
        "capitals": f"{chain}:{address.upper()}",
        "space": f"{line.account} ",
        "no chain": address,
        "unknown chain": f"cosmos:hub:{address}",
        "another Bitcoin": f"bip122:12a765e31ffd4059bada1e25190f6e98:{address}",
        **{f"as {lock.value}": account for lock, account in other_locks(line).items()},
    }
    return {f"account: {name}": replace(line, account=account) for name, account in accounts.items()}


def other_locks(line: LegacyLine) -> dict[Lock, str]:
    """The same program under another lock."""
    if not line.account.startswith(BITCOIN):
        return {}
    address = parse_address(line.account.rpartition(":")[2])
    pairs = {Lock.P2PKH: Lock.P2SH, Lock.P2SH: Lock.P2WPKH, Lock.P2WSH: Lock.P2TR}
    return {pairs[address.lock]: f"{BITCOIN}:{BitcoinAddress(pairs[address.lock], address.program).text}"}


def of_scheme(line: LegacyLine) -> dict[str, LegacyLine]:
    names = {"bip137", "bip137-multisig", "bip322-simple", "eip191", "okx-eip191", "okx-ecdsa", "tron-v1", "tron-v2"}
    names = (names | {"eip1271", "", line.scheme.upper(), line.scheme + " "}) - {line.scheme}
    return {f"scheme: {name!r}": replace(line, scheme=name) for name in sorted(names)}


def of_signatures(line: LegacyLine) -> dict[str, LegacyLine]:
    """Changes of the first signature, which every line needs; a multisig line needs the second as well."""
    first, rest = line.signatures[0], line.signatures[1:]
    alien = next(a.signatures[0] for a in [ALIEN[line.scheme], *LINES] if a.account != line.account)
    changed = {**of_text(first), "another line's": alien}
    found = {f"signature: {name}": replace(line, signatures=(value, *rest)) for name, value in changed.items()}
    found["signature: none"] = replace(line, signatures=())
    if line.script:
        found["signature: only one"] = replace(line, signatures=(first,))
        found["signature: one twice"] = replace(line, signatures=(first, first))
        found["signature: second changed"] = replace(line, signatures=(first, other_half(rest[0])))
    return found


def of_text(signature: str) -> dict[str, str]:
    changed = {"high S": other_half(signature), "empty": "", "space": signature + " ", "cut": signature[:-4]}
    return {**changed, **(of_evm(signature) if signature.startswith("0x") else of_bitcoin(signature))}


def of_bitcoin(signature: str) -> dict[str, str]:
    data = base64.b64decode(signature)
    header, r, s = data[0], int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    headers = {"other parity": 27 + (header - 27 ^ 1), "other x": 27 + (header - 27 ^ 2), "below": 26, "above": 43}
    return {
        **{f"header {name}": bitcoin_text(value, r, s) for name, value in headers.items()},
        "header of an uncompressed key": bitcoin_text(header - 4, r, s),
        "header of nested segwit": bitcoin_text(header + 4, r, s),
        "header of segwit": bitcoin_text(header + 8, r, s),
        "r plus one": bitcoin_text(header, r + 1, s),
        "s plus one": bitcoin_text(header, r, s + 1),
        "r and s exchanged": bitcoin_text(header, s, r),
        "r zero": bitcoin_text(header, 0, s),
        "s zero": bitcoin_text(header, r, 0),
        "hex": data.hex(),
        "unpadded": signature.rstrip("="),
        "longer": base64.b64encode(data + b"\0").decode(),
    }


def of_evm(signature: str) -> dict[str, str]:
    data = bytes.fromhex(signature[2:])
    r, s, v = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:64], "big"), data[64]
    return {
        "other parity": evm_text(r, s, 27 + (v - 27 ^ 1)),
        "parity without 27": evm_text(r, s, v - 27),
        "parity of EIP-155": evm_text(r, s, v + 10),
        "r plus one": evm_text(r + 1, s, v),
        "s plus one": evm_text(r, s + 1, v),
        "r and s exchanged": evm_text(s, r, v),
        "r zero": evm_text(0, s, v),
        "s zero": evm_text(r, 0, v),
        "capitals": "0x" + signature[2:].upper(),
        "no 0x": signature[2:],
        "longer": signature + "00",
        "base64": base64.b64encode(data).decode(),
    }


def of_script(line: LegacyLine) -> dict[str, LegacyLine]:
    script = line.script
    first, second = script[4:70], script[72:138]
    scripts = {
        "one of three": "51" + script[2:],
        "keys exchanged": script[:4] + second + script[70:72] + first + script[138:],
        "key changed": script[:-6] + ("00" if script[-6:-4] != "00" else "01") + script[-4:],
        "longer": script + "00",
        "shorter": script[:-2],
        "empty": "",
        "capitals": script.upper(),
        "another line's": next(other.script for other in LINES if other.script not in ("", script)),
    }
    return {f"script: {name}": replace(line, script=value) for name, value in scripts.items()}


def test_tron_rows_are_on_tron() -> None:
    assert {line.account.rpartition(":")[0] for line in LINES if line.scheme == "tron-v1"} == {TRON}
