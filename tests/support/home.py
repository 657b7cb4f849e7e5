"""The home of an exchange with every document, made once and copied for each test."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from click.testing import Result

from attest.documents.home import make_home
from attest.keys import create_signing_key, load_signer
from attest.signing import LocalSigner
from tests.support.exchange import LEDGER, answer, solvent
from verifier.dsse import Envelope
from verifier.trust.root import PAYLOAD_TYPE, Root

EXCHANGE = "ex.example"


@dataclass(frozen=True)
class HomeOf:
    """An exchange's directory, worked with its commands."""

    path: Path

    def run(self, *words: str | Path) -> Result:
        """A command with this home's configuration."""
        return solvent(*words, "--config", self.path / "solvent.toml")

    def ok(self, *words: str | Path) -> str:
        """What a command that must succeed printed."""
        done = self.run(*words)
        assert done.exit_code == 0, done.stderr + done.stdout
        return done.stdout

    def json(self, *words: str | Path) -> dict[str, Any]:
        return answer(self.run(*words, "--json"))

    def key(self, name: str) -> LocalSigner:
        """The key ``keys/<name>.key``, made if it is not there."""
        path = self.path / f"keys/{name}.key"
        return load_signer(path) if path.exists() else create_signing_key(path)

    def root(self) -> Root:
        return Root.from_envelope(Envelope.from_bytes(self.read("documents/root.json"), PAYLOAD_TYPE, "root.json"))

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the first ``old`` in a text file; it must be there."""
        text = self.read(name).decode()
        assert old in text
        (self.path / name).write_text(text.replace(old, new, 1))

    def with_prices(self) -> HomeOf:
        """Two price sources, a signed policy, and quotes of now."""
        added = []
        for source in ("one", "two"):
            self.key(f"price-{source}")
            added += ["--add", f"price/{source}={self.path}/keys/price-{source}.key"]
        self.ok("root", "new-version", *added)
        self.ok("policy", "sign")
        for source, btc in (("one", "115770.00"), ("two", "115771.00")):
            self.ok("prices", "quote", source, "--price", f"BTC={btc}", "--price", "ETH=3698.40")
        return self


@cache
def _made() -> Path:
    path = Path(mkdtemp(prefix="solvent-home-")) / "home"
    make_home(path, EXCHANGE)
    (path / "ledger.csv").write_text(LEDGER)
    return path


def new_home(path: Path) -> HomeOf:
    """A copy of the one home that this process made."""
    shutil.copytree(_made(), path)
    return HomeOf(path)


def now() -> int:
    """POSIX seconds."""
    return int(time.time())
