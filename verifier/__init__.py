"""solvent-verifier: check what an exchange says it owes, without trusting the exchange.

    >>> from pathlib import Path
    >>> from verifier import check_bundle
    >>> bundle = Path("bundle-PRIVATE.json").read_bytes()  # doctest: +SKIP
    >>> row = check_bundle(bundle, "alice~7f3a...", exchange_key="d75a...")  # doctest: +SKIP
    >>> [(b.asset, b.amount) for b in row.balances]  # doctest: +SKIP
    [('BTC', '1.5')]

Every function raises: ``Malformed``, ``Rejected`` or ``Unavailable``, all of them ``SolventError``. None returns False.
"""

from typing import Final

from verifier.audit import audit
from verifier.epoch import check_account, check_bundle
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.holdings import Balance
from verifier.inclusion import VerifiedRow, read_account_key
from verifier.report import AuditReport

__version__: Final = "0.1.0"

__all__ = [
    "AuditReport",
    "Balance",
    "Malformed",
    "Rejected",
    "SolventError",
    "Unavailable",
    "VerifiedRow",
    "audit",
    "check_account",
    "check_bundle",
    "read_account_key",
]
