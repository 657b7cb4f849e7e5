"""Signing keys inside a PKCS#11 token: an HSM, a smart card, or SoftHSM (CKM_EDDSA, which is PureEdDSA).

The private key never leaves the token. Needs the extra ``solvent[pkcs11]`` and the vendor's library.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attest.key_reference import TokenKey
from attest.passphrases import SecretSource
from verifier.errors import Unavailable

MODULE_ENV: Final = "SOLVENT_PKCS11_MODULE"
_ENDS: Final = {
    "NoSuchToken": ("there is no such token", "compare the name with what the token's own tools list"),
    "MultipleTokensReturned": ("several tokens have this name", "add serial=... to the key's name"),
    "PinIncorrect": ("the PIN is wrong", "a token locks itself after a few wrong PINs: look before trying again"),
    "PinLocked": ("the token is locked after too many wrong PINs", "unlock it with the token's own tools"),
    "PinLenRange": ("the PIN has a length that the token never accepts", "check where the PIN comes from"),
    "MechanismInvalid": ("the token cannot sign with Ed25519", "it needs CKM_EDDSA: ask its vendor for newer firmware"),
}


@dataclass(frozen=True)
class TokenSigner:
    """A key in a token, opened; see ``attest.signing.Signer``. ``private`` stays usable while this object lives."""

    name: str
    public_key: bytes
    private: Any

    def sign(self, message: bytes) -> bytes:
        """See ``Signer.sign``."""
        import pkcs11

        with _explained(self.name):
            return bytes(self.private.sign(message, mechanism=pkcs11.Mechanism.EDDSA))


def open_token(reference: TokenKey, pin: SecretSource, module: Path | None = None) -> TokenSigner:
    """Log in to the token and find the key. ``module`` is the library where the reference names none.

    Raises Unavailable (E_KEY), saying what is missing; the PIN is in no message.
    """
    name, path = str(reference), _module(reference, module)
    source = SecretSource(pin.what, reference.pin_source) if reference.pin_source else pin
    secret = source.get(
        name, scope=f"{reference.token} {reference.serial}"
    )  # one token's PIN is never tried on another
    with _explained(name):
        session = _session(reference, str(path), secret)
        try:
            return _find(session, reference, name)
        except BaseException:
            session.close()
            raise


def _session(reference: TokenKey, module: str, secret: bytes) -> Any:
    """A session with the token. The login is the whole program's: for a second key of one token it is there already."""
    import pkcs11

    wanted = {"token_label": reference.token, "token_serial": reference.serial.encode()}
    token = pkcs11.lib(module).get_token(**{key: value for key, value in wanted.items() if value})
    try:
        return token.open(user_pin=secret.decode("utf-8", "surrogateescape"))
    except pkcs11.UserAlreadyLoggedIn:
        return token.open()


def _find(session: Any, reference: TokenKey, name: str) -> TokenSigner:
    import pkcs11

    public = _one(session, pkcs11.ObjectClass.PUBLIC_KEY, reference, name)
    private = _one(session, pkcs11.ObjectClass.PRIVATE_KEY, reference, name)
    return TokenSigner(name, _raw(bytes(public[pkcs11.Attribute.EC_POINT]), name), private)


def _one(session: Any, kind: Any, reference: TokenKey, name: str) -> Any:
    """The one Ed25519 key of this kind that the reference fits."""
    import pkcs11

    named = {pkcs11.Attribute.LABEL: reference.label, pkcs11.Attribute.ID: reference.id}
    wanted = {pkcs11.Attribute.CLASS: kind, pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.EC_EDWARDS}
    found = list(session.get_objects({**wanted, **{key: value for key, value in named.items() if value}}))
    if not found:
        hint = "it needs both halves of the key, public and private, under one label or id"
        raise _unavailable("there is no such Ed25519 key in the token", name, hint)
    if len(found) > 1:
        raise _unavailable("several keys of the token fit", name, "name the key by id=... too")
    return found[0]


def _module(reference: TokenKey, module: Path | None) -> Path:
    named = os.environ.get(MODULE_ENV)
    path = reference.module or module or (Path(named) if named else None)
    if path is None or not path.is_file():
        raise _unavailable(
            "the PKCS#11 library of the token is not named" if path is None else "there is no such PKCS#11 library",
            "" if path is None else str(path),
            f"name the vendor's .so with pkcs11_module of [keys], --pkcs11-module or {MODULE_ENV}",
        )
    return path


def _raw(point: bytes, name: str) -> bytes:
    """The 32 bytes of the public key: tokens give them bare, or as a DER octet string."""
    raw = point[2:] if len(point) == 34 and point[:2] == b"\x04\x20" else point
    if len(raw) != 32:
        raise _unavailable("the key in the token is not an Ed25519 key", name, "make one with the token's own tools")
    return raw


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Every failure of the token in one plain sentence."""
    try:
        yield
    except ImportError as error:
        raise _unavailable(
            "keys in a token need one more package", name, "run: pip install 'solvent[pkcs11]'"
        ) from error
    except RuntimeError as error:  # the base of python-pkcs11's errors
        kind = type(error).__name__
        message, hint = _ENDS.get(kind, (f"the token refused ({kind})", "look with the token's own tools"))
        raise _unavailable(message, name, hint) from None


def _unavailable(message: str, where: str, hint: str) -> Unavailable:
    return Unavailable(message, where=where, code="E_KEY", hint=hint)
