"""Google as an issuer of identity tokens: two signing keys, their certificates, and tokens with any claims."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulators.sheets import jwt

ISSUER = "https://accounts.google.com"


@dataclass
class Identity:
    """Signs with the newest key; the one before it is still published."""

    clock: Callable[[], float] = time.time
    generation: int = 0

    def rotate(self) -> None:
        """A new signing key; tokens of the key before the last no longer verify."""
        self.generation += 1

    def token(self, *, email: str, audience: str, key: str = "", **claims: Any) -> str:
        """An identity token as ScriptApp.getIdentityToken gives it; `claims` add to it or replace what is in it, a
        claim of None leaves it out. `key="forged"` signs with a key that is published nowhere."""
        now = int(self.clock())
        found: dict[str, Any] = {
            "iss": ISSUER,
            "azp": audience,
            "aud": audience,
            "sub": str(int(hashlib.sha256(email.encode()).hexdigest()[:17], 16)),
            "email": email,
            "email_verified": True,
            "iat": now,
            "exp": now + 3600,
        }
        domain = email.rpartition("@")[2]
        if domain not in {"gmail.com", "googlemail.com"}:
            found["hd"] = domain
        found = {name: value for name, value in {**found, **claims}.items() if value is not None}
        name = key or self._names()[0]
        return jwt.sign(found, jwt.key(name), kid=_kid(self._names()[0] if key == "forged" else name))

    def certificates(self) -> dict[str, str]:
        """Key id -> certificate, as https://www.googleapis.com/oauth2/v1/certs has them."""
        return {_kid(name): jwt.certificate(name) for name in self._names()}

    def keys(self) -> dict[str, Any]:
        """As https://www.googleapis.com/oauth2/v3/certs has them."""
        return {"keys": [jwt.jwk(name, _kid(name)) for name in self._names()]}

    def _names(self) -> list[str]:
        return [f"google:{number}" for number in (self.generation, self.generation - 1) if number >= 0]


def _kid(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
