"""A SoftHSM token in a directory of its own: a real PKCS#11 library, with keys that never leave it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pkcs11

MODULE: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
TOKEN: Final = "solvent-test"
PIN: Final = "835172"


@dataclass(frozen=True)
class Hsm:
    """``place`` holds the tokens, the configuration that SOFTHSM2_CONF names, and the file of the PIN."""

    place: Path

    @property
    def pin_file(self) -> Path:
        return self.place / "pin"

    def uri(self, label: str, token: str = TOKEN) -> str:
        """The name of a key in it."""
        return f"pkcs11:token={token};object={label}"

    def generate(self, label: str, key_id: bytes = b"\x01") -> None:
        """An Ed25519 key pair inside the token."""
        token = pkcs11.lib(str(MODULE)).get_token(token_label=TOKEN)
        with token.open(rw=True, user_pin=PIN) as session:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC_EDWARDS,
                {pkcs11.Attribute.EC_PARAMS: b"\x13\x0cedwards25519"},
                local=True,
            )
            parameters.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=label, id=key_id
            )


def new_token(place: Path) -> Hsm:
    """Make the token. The library reads SOFTHSM2_CONF once in a process: tests of one process share one token."""
    (place / "tokens").mkdir(parents=True)
    (place / "softhsm2.conf").write_text(f"directories.tokendir = {place / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(place / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "1" + PIN]
    subprocess.run(command, check=True, capture_output=True)
    hsm = Hsm(place)
    hsm.pin_file.touch(mode=0o600)
    hsm.pin_file.write_text(PIN + "\n")
    return hsm
