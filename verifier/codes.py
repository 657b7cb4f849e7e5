"""Every ``E_...`` code in plain words: what happened, where, what to do. Commands and docs/codes.md show this table."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

FILES: Final = "published files"
SIGNED: Final = "signatures"
POLICY: Final = "policy, prices, claims"
LINE: Final = "collateral lines"
ROW: Final = "a customer's row"
TYPED: Final = "what was typed"
RUN: Final = "an exchange's own run"
MACHINE: Final = "this computer"

_FETCH: Final = "Download the file again. If it stays the same, keep it as evidence and ask whoever published it."
_ASK: Final = "Do not rely on the attestation, keep the files, and ask the exchange."
_LINE: Final = "The line counts nothing and the rest stands. Ask the exchange for better evidence for it."
_OWN: Final = "Correct the file that the message names and run the command again; nothing was published."


@dataclass(frozen=True, slots=True)
class Explanation:
    """``what`` happened, ``where`` such things happen, ``do``: the remedy."""

    what: str
    where: str
    do: str

    def to_json(self) -> dict[str, str]:
        """For machines."""
        return {"what": self.what, "where": self.where, "do": self.do}


_TABLE: Final[dict[str, tuple[str, str, str]]] = {
    "E_ACCOUNT": (
        "An account id is missing, empty, too long, or holds characters that nobody could type.",
        TYPED,
        "Type your own account id exactly as the exchange shows it.",
    ),
    "E_AMOUNT": (
        "An amount that was given is no decimal number, has too many decimals, or fits several columns.",
        TYPED,
        "Write digits with at most one point, and the asset as the book names it.",
    ),
    "E_AUX": (
        "The attestation commits to other auxiliary values than its claims create.",
        POLICY,
        _ASK,
    ),
    "E_BINDING": (
        "Things that must belong together do not: file and digest, document and epoch, price and quotes.",
        FILES,
        _FETCH,
    ),
    "E_BOUND": (
        "The numbers are so large that sums could wrap around, so the proof would say nothing.",
        POLICY,
        "The exchange has to use fewer decimals, a smaller value_scale or fewer bits.",
    ),
    "E_CHAIN": (
        "The new epoch does not continue the last one: time, number, key or name do not fit.",
        RUN,
        "Check the snapshot's time, the clock, and that the keys and the store are the ones in use.",
    ),
    "E_CLAIM": (
        "A claim does not hold, is not in the policy, or means nothing.",
        POLICY,
        "If it does not hold, do not rely on the attestation. An exchange corrects the policy or its holdings.",
    ),
    "E_CLAIM_FALSE": (
        "A claim of the policy does not hold, so the exchange's own run refused to sign it.",
        RUN,
        "The operator is shown by which assets and how much. Move assets or change the policy; nothing was published.",
    ),
    "E_COLLATERAL": (
        "The list of collateral lines is not ready: there is no challenge yet, or lines in it are not valid.",
        RUN,
        "Follow the table that the command prints, line by line.",
    ),
    "E_CONFIG": ("A setting is missing, unknown, or has a value that cannot be used.", RUN, _OWN),
    "E_DATABASE": (
        "The database of the service cannot be used.",
        RUN,
        "Check that it runs and that its address and password in the configuration are right.",
    ),
    "E_DUPLICATE": ("Two rows of the book carry one id.", FILES, _ASK),
    "E_ENGINE": (
        "The chosen arithmetic engine, or a curve that it needs, is not installed.",
        MACHINE,
        "Choose --engine reference, or install what the message names.",
    ),
    "E_EXPIRED": (
        "A document had expired when it was used, or says that it lasts longer than the policy allows.",
        FILES,
        "Ask for a newer one. For an old attestation, --at judges it at an earlier moment.",
    ),
    "E_FIELD": (
        "A document has a member that is missing, unknown, twice, or out of order.",
        FILES,
        "Download it again; a program of a newer version may have written it, so try a newer one too.",
    ),
    "E_FILE": (
        "A file that is needed is not there or cannot be read.",
        FILES,
        "Check the path, or fetch the file: nothing was decided.",
    ),
    "E_FUTURE": (
        "A document speaks of a time later than the snapshot, or was signed before it.",
        FILES,
        "Check this computer's clock. If it is right, ask the exchange.",
    ),
    "E_HAIRCUT": (
        "An asset that a claim values has no discount in the policy, or the discounts contradict each other.",
        POLICY,
        "The exchange has to complete the policy. Nothing counts at full value by omission.",
    ),
    "E_HOLDING": (
        "The holdings that were signed are not what the lines that count come to.",
        POLICY,
        "Look at the lines that do not count; ask the exchange for their evidence.",
    ),
    "E_HOLDINGS": (
        "The book differs from the customer's own records, or has no column for what they hold.",
        ROW,
        "Compare with your statement of that moment, debts included; then ask the exchange.",
    ),
    "E_IDENTITY": (
        "Commitments cancel each other, so nothing is bound to a value.",
        FILES,
        _ASK,
    ),
    "E_INCLUSION": (
        "The row shown to the customer is not in the book that was signed.",
        ROW,
        "Check that bundle and attestation are of one epoch. If they are, keep both: they are evidence.",
    ),
    "E_INTERNAL": (
        "The program itself failed; nothing was decided.",
        MACHINE,
        "Run it again with --debug and report the lines it prints, with the version.",
    ),
    "E_INTERRUPTED": ("The command was stopped before it had an answer.", MACHINE, "Run it again."),
    "E_JSON": (
        "A file is not JSON in the one form that can be signed, or was saved again by another program.",
        FILES,
        "Download it again and do not open it in an editor. A reader file of your own may have any layout.",
    ),
    "E_KEY": (
        "A key is missing or is not what a key looks like.",
        TYPED,
        "Take the key from a place you trust, never from the files under check, and copy all of it.",
    ),
    "E_LEDGER": (
        "The ledger holds something that no book can: a negative amount, an id twice, a cell that is no number.",
        RUN,
        "Correct what the report names, row by row; nothing was written.",
    ),
    "E_LENGTH": ("A proof or a file has another length than what it proves requires.", FILES, _FETCH),
    "E_LIMIT": (
        "A number, a text or a list is larger than the format allows.",
        FILES,
        "Compare with the limits in docs/limits.md; what an exchange wrote, it has to make smaller.",
    ),
    "E_LINE_ACCOUNT": ("An account or address is not one, or its checksum is wrong.", LINE, _LINE),
    "E_LINE_CHAIN": (
        "The chain was not read near the snapshot, not at a final block, or the beacon is too old.",
        LINE,
        _LINE,
    ),
    "E_LINE_DUPLICATE": ("Another line already counts the same coins.", LINE, _LINE),
    "E_LINE_ENCUMBERED": ("More is pledged than held, or something pledged of a hidden amount.", LINE, _LINE),
    "E_LINE_ENTRY": (
        "The line does not repeat the statement it rests on, or the statement is not signed by who it says.",
        LINE,
        _LINE,
    ),
    "E_LINE_KEY": ("The key that signed does not belong to the account.", LINE, _LINE),
    "E_LINE_REPLAY": (
        "The signature answers another epoch or exchange, or is of a message that the policy does not accept.",
        LINE,
        _LINE,
    ),
    "E_LINE_SCRIPT": ("The script does not belong to the address, or is of no known form.", LINE, _LINE),
    "E_LINE_SIGNATURE": ("The signature is wrong or written in a form that is refused.", LINE, _LINE),
    "E_LINE_UNIT": (
        "Unit, asset, chain and pool do not belong together, or a unit is listed for two assets.",
        LINE,
        _LINE,
    ),
    "E_LINE_UNSIGNED": ("There is no signature at all.", LINE, _LINE),
    "E_LINE_UNSUPPORTED": (
        "This way to sign, or this kind of address, cannot be checked here.",
        LINE,
        "The line counts nothing. An observer or a custodian can vouch for it instead.",
    ),
    "E_LINE_UNVOUCHED": (
        "The policy wants an observer's word for amounts, and no observer signed the snapshot.",
        LINE,
        _LINE,
    ),
    "E_LISTEN": (
        "The service cannot listen at its address, or one of its processes did not start.",
        RUN,
        "Choose a free port, or stop what uses it.",
    ),
    "E_LOCKED": ("Another run works on the same store.", RUN, "Wait until it has finished."),
    "E_MEMORY": ("The computer ran out of memory.", MACHINE, "Use a machine with more, or fewer rows per chunk."),
    "E_NOT_IN_BOOK": (
        "No row of the book carries the customer's account.",
        ROW,
        "Check account id and account key letter by letter. If both are right, the exchange left you out.",
    ),
    "E_OPENING": (
        "The exchange's own record of a hidden value does not open the commitment that was published.",
        RUN,
        "Use the private files of the same run; nothing was published.",
    ),
    "E_OUTPUT": (
        "An answer or a file could not be written.",
        TYPED,
        "Give a file in a directory that you may write to.",
    ),
    "E_OWN_TOKEN": (
        "The exchange's own token would count as if it were worth something to others.",
        POLICY,
        "Its discount is 100 %. Where coverage leaves it out, a claim in kind must cover it in full.",
    ),
    "E_POINT": ("Bytes that should be a point of the curve are none.", FILES, _FETCH),
    "E_POLICY_VERSION": (
        "The policy is not in effect yet, or is older than the one before.",
        POLICY,
        "The exchange has to use the policy in force, with a version that never falls.",
    ),
    "E_POOL": (
        "A claim reads a pool that does not exist, or one that is no reserve.",
        POLICY,
        "The exchange has to correct the policy.",
    ),
    "E_PRICE_BASIS": (
        "Index and mark price of one source are too far apart.",
        POLICY,
        "The asset has no price until they agree.",
    ),
    "E_PRICE_DEVIATION": (
        "A source is too far from the median.",
        POLICY,
        "The asset has no price until the sources agree.",
    ),
    "E_PRICE_MISSING": (
        "A claim values an asset that has no price; the reason stands beside it.",
        POLICY,
        "More sources in time would help. An asset without a price is never valued at zero.",
    ),
    "E_PRICE_SOURCES": (
        "Too few sources signed in time, one of them twice, or in other money than the policy's.",
        POLICY,
        "The exchange has to collect signed quotes from more sources near the snapshot.",
    ),
    "E_PRICE_ZERO": (
        "A price rounds to zero, or is too large for its scale.",
        POLICY,
        "The exchange has to change the policy's price scale.",
    ),
    "E_PROOF": (
        "A proof does not hold: rows, totals or claims are not what was signed, or the file was altered.",
        FILES,
        _FETCH,
    ),
    "E_REPLACE": (
        "Another attestation is already published for this epoch, and a published one is never replaced.",
        RUN,
        "Publish the next epoch instead. Two books of one epoch would be proof against the exchange.",
    ),
    "E_RETENTION": (
        "Files would be removed before their time.",
        RUN,
        "Keep them at least as long as the message says.",
    ),
    "E_ROOT": ("The rows do not come to the root that was signed.", FILES, _FETCH),
    "E_SCALAR": ("A number in a proof is out of range.", FILES, _FETCH),
    "E_SCENARIO": (
        "A scenario is silent about an asset that a claim reads, says two things about it, or is not there.",
        POLICY,
        "The exchange has to complete the scenarios; a flagged assumption is possible.",
    ),
    "E_SCHEMA": (
        "The book's columns or rules are not those of the policy, or contradict each other.",
        POLICY,
        _ASK,
    ),
    "E_SEALED": (
        "A sealed record does not open, or does not open to the row that was committed.",
        ROW,
        "Check your account key. If it is right, keep the files: they are evidence against the exchange.",
    ),
    "E_SECRET": (
        "Something that looks like a private key was given where none belongs; it was not stored.",
        RUN,
        "Keep private keys in the wallet. If it was one, it has been in a file or a shell's history: move the coins.",
    ),
    "E_SELF_CHECK": (
        "The finished epoch did not pass its own check, so it was not released.",
        RUN,
        "This is a fault of the program or of the machine: keep the log and report it.",
    ),
    "E_SIGNER": (
        "The signing key, or the device that holds it, did not sign.",
        RUN,
        "Check the key file or the device.",
    ),
    "E_SIG_THRESHOLD": (
        "Not enough of the keys that must sign have signed, or a signature is wrong.",
        SIGNED,
        "Compare the keys you trust with the exchange's own pages. If they are right, do not trust the file.",
    ),
    "E_SNAPSHOT": (
        "The private record of a ledger is damaged or is not of this epoch.",
        RUN,
        "Restore it from the backup that was made after that epoch.",
    ),
    "E_STORE": (
        "The store's own record of its last epoch is gone, damaged or old.",
        RUN,
        "Restore the private directory from the newest backup; never begin a second chain under one key.",
    ),
    "E_TIER_ORDER": (
        "The tiers of a table do not rise, or their rates move the wrong way.",
        POLICY,
        "The exchange has to correct the table.",
    ),
    "E_TIER_SIGN": (
        "A table of the wrong kind is used: collateral counts by a concave one.",
        POLICY,
        "The exchange has to correct the policy.",
    ),
    "E_TOTAL": (
        "A total is not told where it must be, is told in a way that is not allowed, or cannot be of such a book.",
        FILES,
        _ASK,
    ),
    "E_TRUST_ROLE": (
        "One key sits in two roles, so whoever holds it could vouch for itself.",
        SIGNED,
        "Every role needs keys of its own, in the root document as in a reader file.",
    ),
    "E_TYPE": (
        "A member has the wrong type or form.",
        FILES,
        "Download the file again; if you wrote it, correct the member named.",
    ),
    "E_UNSUPPORTED": (
        "The attestation has a part that this version cannot check; nothing was decided about it.",
        FILES,
        "Install a newer version.",
    ),
    "E_USAGE": ("The command was not understood.", TYPED, "Every command explains itself with --help."),
    "E_WORKDIR": (
        "The private directory cannot be used for work in progress.",
        RUN,
        "Check that it exists, belongs to you, and has room.",
    ),
}

EXPLAINED: Final = MappingProxyType({code: Explanation(*parts) for code, parts in sorted(_TABLE.items())})


def find(code: str) -> str | None:
    """A code as it is written here, from any case, with or without ``E_``; None for one that does not exist."""
    name = code.strip().upper()
    return next((known for known in (name, f"E_{name}") if known in EXPLAINED), None)
