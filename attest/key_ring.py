"""Opens the keys that solvent.toml names, each with its passphrase or PIN."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from attest.config_documents import KeysConfig
from attest.key_reference import KeyReference, TokenKey
from attest.keys import load_master_key, load_signer
from attest.passphrases import SecretSource, passphrase_source, pin_source
from attest.secrets import MasterKey
from attest.signing import Signer


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Where secrets come from, and the library of the tokens."""

    passphrase: SecretSource = field(default_factory=passphrase_source)
    pin: SecretSource = field(default_factory=pin_source)
    module: Path | None = None

    @classmethod
    def of(cls, keys: KeysConfig) -> KeyRing:
        """The one that [keys] describes."""
        return cls(
            passphrase_source(keys.passphrase_file, keys.passphrase_env),
            pin_source(keys.pin_file, keys.pin_env),
            keys.pkcs11_module,
        )

    def signer(self, reference: KeyReference) -> Signer:
        """The key, ready to sign. Raises Unavailable or Malformed; no error quotes a secret."""
        if isinstance(reference, TokenKey):
            from attest.token import open_token

            return open_token(reference, self.pin, self.module)
        return load_signer(reference, self.passphrase)

    def master(self, path: Path) -> MasterKey:
        """The master key. Raises Unavailable or Malformed."""
        return load_master_key(path, self.passphrase)
