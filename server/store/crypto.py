"""Encryption at rest and blinding, both keyed by the one secret of the installation. Knows nothing of the ledger."""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.errors import ConfigError

_FORM = b"\x01"
_ID = 4
_NONCE = 12
T = TypeVar("T")
_HEAD = len(_FORM) + _ID + _NONCE


class SecretCipher:
    """AES-256-GCM under keys derived (HKDF-SHA256) from the secret; blinding by HMAC-SHA256 under a key of its own.

    A sealed text is: form (1 byte), key id (4), nonce (12, random), ciphertext with its tag. GCM with random nonces
    is sound up to about 2**32 seals under one key (NIST SP 800-38D, section 8.3).

    `old` lists other secrets, newest first: what they sealed still opens. Blinded digests can't be made anew, as a
    suppression keeps no address, so the key for blinding outlives all secrets: a new ledger takes it from the oldest
    one listed and keeps it, sealed; `blinding_with` takes it from there.
    """

    def __init__(self, secret: str, old: Sequence[str] = (), *, blinding: bytes = b"") -> None:
        secrets = (secret, *old)
        self._secrets = _Hidden(secrets)
        self._keys = {_derive(s, "key id", _ID): AESGCM(_derive(s, "seal", 32)) for s in secrets}
        self._newest = _derive(secret, "key id", _ID)
        self._sealer = self._keys[self._newest]
        self.blinding = _Hidden(blinding or _derive(secrets[-1], "blind", 32))
        self.head = _FORM + self._newest

    def seal(self, text: str) -> bytes:
        """Authenticated encryption under the newest key."""
        nonce = os.urandom(_NONCE)
        return _FORM + self._newest + nonce + self._sealer.encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)

    def open(self, sealed: bytes) -> str:
        """The text again. Raises ConfigError when no known key fits (or the bytes were tampered with)."""
        key = self._keys.get(sealed[1 : 1 + _ID])
        if key is None or not sealed.startswith(_FORM):
            raise ConfigError(
                [
                    "The ledger holds data sealed with another secret. Set CELLBACK_SECRET_KEY to the secret it had, "
                    "or name that one in CELLBACK_OLD_SECRET_KEYS."
                ]
            )
        try:
            text = key.decrypt(sealed[1 + _ID : _HEAD], sealed[_HEAD:], None)
        except InvalidTag as error:
            raise ConfigError(["The ledger holds damaged data. Restore it from a backup."]) from error
        return text.decode("utf-8", "surrogatepass")

    def blinding_with(self, key: bytes) -> SecretCipher:
        """The same secrets, blinding with that key."""
        secret, *old = self._secrets.value
        return SecretCipher(secret, old, blinding=key)

    def blind(self, text: str) -> str:
        """A keyed digest (64 hex digits): equal for equal texts, telling nothing without the key."""
        return hmac.digest(self.blinding.value, text.encode("utf-8", "surrogatepass"), "sha256").hex()


class _Hidden(Generic[T]):
    """A value that no log and no traceback shows."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "hidden"


def _derive(secret: str, purpose: str, length: int) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=length, salt=b"cellback ledger v1", info=purpose.encode())
    return hkdf.derive(secret.encode())
