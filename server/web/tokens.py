"""Signed words of ours: sessions of the sidebar, proofs; sealed ones: tickets. Each is of one kind and of an age."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from server.errors import ConfigError
from server.ports import Cipher, Clock

_RANDOM, _STAMP, _MAC = 16, 4, 24


class Tokens:
    """Makes and reads them. Nothing of it is kept anywhere: another secret key ends them all."""

    def __init__(self, secret: str, cipher: Cipher, clock: Clock) -> None:
        self._secret = secret
        self._cipher = cipher
        self._clock = clock

    def make(self, kind: str, claims: Mapping[str, Any]) -> str:
        """A signed word that carries these claims, readable by whoever holds it."""
        return str(self._serializer(kind).dumps(dict(claims)))

    def read(self, kind: str, token: str, max_age: int) -> dict[str, Any] | None:
        """The claims of a word of that kind that is not older than so many seconds; None for any other text."""
        try:
            found = self._serializer(kind).loads(token, max_age=max_age)
        except (BadData, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def seal(self, kind: str, claims: Mapping[str, Any]) -> str:
        """A word that carries these claims where nobody reads them: it may stand in an address, and so in a log."""
        sealed = self._cipher.seal(json.dumps({"kind": kind, "at": self._now(), "claims": dict(claims)}))
        return self._plain(sealed)

    def unseal(self, kind: str, word: str, max_age: int) -> dict[str, Any] | None:
        """The claims of a sealed word of that kind that is not older than so many seconds; None for any other text."""
        try:
            found = json.loads(self._cipher.open(base64.urlsafe_b64decode(word.encode("ascii") + b"==")))
        except (ValueError, ConfigError):
            return None
        if not isinstance(found, dict) or found.get("kind") != kind or not 0 <= self._now() - found["at"] <= max_age:
            return None
        return dict(found["claims"])

    def nonce(self, *about: str) -> str:
        """A word good for just these texts, of 59 letters, digits, `-` and `_`; it tells nothing."""
        head = secrets.token_bytes(_RANDOM) + self._now().to_bytes(_STAMP, "big")
        return self._plain(head + self._mac(head, about))

    def is_nonce(self, word: str, max_age: int, *about: str) -> bool:
        """Whether it is one that we made for these texts, not older than so many seconds."""
        try:
            data = base64.urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4))
        except ValueError:
            return False
        if len(data) != _RANDOM + _STAMP + _MAC or self._plain(data) != word:  # one form only: it is spent by its text
            return False
        head, mac = data[:-_MAC], data[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(head, about)):
            return False
        age = self._now() - int.from_bytes(head[_RANDOM:], "big")
        return 0 <= age <= max_age

    @staticmethod
    def _plain(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def _mac(self, head: bytes, about: tuple[str, ...]) -> bytes:
        key = hashlib.sha256(f"cellback.web.nonce.{self._secret}".encode()).digest()
        parts = [len(part).to_bytes(4, "big") + part for part in (text.encode() for text in about)]
        return hmac.digest(key, head + b"".join(parts), "sha256")[:_MAC]

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _serializer(self, kind: str) -> URLSafeTimedSerializer:
        clock = self._clock

        class Signer(TimestampSigner):
            """By our clock."""

            def get_timestamp(self) -> int:
                """Seconds since 1970."""
                return int(clock.now().timestamp())

        return URLSafeTimedSerializer(
            self._secret,
            salt=f"cellback.web.{kind}",
            signer=Signer,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
