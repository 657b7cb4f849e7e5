"""What the operator decides: ``site.toml`` in the site's directory, read strictly, and the environment over it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from server.site import Site
from verifier.errors import Malformed, Unavailable

SITE: Final = "SOLVENT_SITE"
DATABASE: Final = "SOLVENT_DATABASE"
MOST_PROXIES: Final = 16
_HINT: Final = "docs/service.md lists what can stand here"


@dataclass(frozen=True, slots=True)
class Settings:
    """How one site is served.

    ``database`` is an SQLAlchemy URL, "" for the SQLite file in the site. ``rate_limit`` is per client address, ""
    for none; ``rate_storage`` where it is counted. ``proxies`` is how many proxies stand in front and name the client;
    ``tls`` says that the first of them speaks TLS. ``compare_at`` lists places where customers find the exchange's key.
    """

    root: Path
    database: str = field(default="", repr=False)
    public_url: str = ""
    compare_at: tuple[str, ...] = ()
    rate_limit: str = "600 per minute"
    rate_storage: str = field(default="memory://", repr=False)
    proxies: int = 0
    tls: bool = False

    @property
    def site(self) -> Site:
        """The directory."""
        return Site(self.root)

    @classmethod
    def load(cls, root: Path, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of the site in ``root``. Raises Malformed or Unavailable, naming the member."""
        environment = os.environ if environment is None else environment
        found = cls(root, **_members(root / "site.toml"))
        database = environment.get(DATABASE, found.database)
        return replace(found, database=_psycopg(database))


def _psycopg(url: str) -> str:
    """A plain PostgreSQL URL names no driver; ours is psycopg 3."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _members(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        message = f"cannot be read: {(error.strerror or 'refused').lower()}"
        raise Unavailable(message, where=str(path), code="E_FILE", hint="check your rights") from None
    except ValueError:
        raise Malformed("is not TOML in UTF-8", where=str(path), code="E_CONFIG", hint=_HINT) from None
    return {name: _member(name, value, path) for name, value in document.items()}


def _member(name: str, value: Any, path: Path) -> Any:
    kind = _KINDS.get(name)
    if kind is None:
        raise Malformed("this is no setting of a site", where=f"{path}: {name[:40]}", code="E_CONFIG", hint=_HINT)
    if kind is tuple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif type(value) is kind and not (isinstance(value, int) and not 0 <= value <= MOST_PROXIES):
        return value
    raise Malformed("has a value that it cannot have", where=f"{path}: {name}", code="E_CONFIG", hint=_HINT)


_KINDS: Final[dict[str, type]] = {
    "database": str,
    "public_url": str,
    "compare_at": tuple,
    "rate_limit": str,
    "rate_storage": str,
    "proxies": int,
    "tls": bool,
}
