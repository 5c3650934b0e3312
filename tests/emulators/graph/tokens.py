"""Access tokens: signing them, reading them, and what their bearer may do."""

from __future__ import annotations

import base64
import time
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulators.graph.drive import Item
from tests.emulators.graph.errors import access_denied

GRAPH = "https://graph.microsoft.com"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"

READ = frozenset({"Files.Read", "Files.Read.All", "Sites.Read.All"})
WRITE = frozenset({"Files.ReadWrite", "Files.ReadWrite.All", "Sites.ReadWrite.All"})
SELECTED = frozenset({"Sites.Selected", "Files.SelectedOperations.Selected", "Lists.SelectedOperations.Selected"})
"""Scopes that are worth nothing without a grant on the site."""


@dataclass(frozen=True)
class Caller:
    """Who asks: a person through an app, or an app by itself (no `oid` of a person then)."""

    oid: str
    tenant: str
    app: str
    scopes: frozenset[str]
    app_only: bool = False

    def must_reach(self, item: Item) -> None:
        """Raises GraphError when the bearer may not even read the file."""
        if not self.scopes & (READ | WRITE) and not self._granted(item):
            raise access_denied()
        if item.readers is not None and not self.app_only and self.oid not in item.readers:
            raise access_denied()
        if item.readers is not None and self.app_only and self.app not in item.readers:
            raise access_denied()

    def may_write(self, item: Item) -> bool:
        """Whether the scopes (or a grant) reach for writing."""
        return bool(self.scopes & WRITE) or self._granted(item) in ("write", "owner", "fullcontrol")

    def _granted(self, item: Item) -> str:
        return item.drive.grants.get(self.app, "") if self.scopes & SELECTED else ""


class Signer:
    """A signing key with its published half."""

    def __init__(self, name: str = "own") -> None:
        self._key = _key(name)
        self.kid = f"emulator-{name}"
        self._seen: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}

    def sign(self, claims: dict[str, Any]) -> str:
        """A token, RS256."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.kid})

    def jwks(self, issuer: str) -> dict[str, Any]:
        """What the authority publishes of the key."""
        numbers = self._key.public_key().public_numbers()
        public = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "x5t": self.kid, "issuer": issuer}
        return {"keys": [public | {"n": _number(numbers.n), "e": _number(numbers.e)}]}

    def read(self, token: str, audiences: list[str] | None = None, *, now: float | None = None) -> dict[str, Any]:
        """The claims of one of our own tokens. Raises jwt.InvalidTokenError."""
        options: Any = {
            "verify_exp": False,
            "verify_nbf": False,
            "verify_aud": audiences is not None,
            "verify_iat": False,
        }
        claims = self._seen.get((token, tuple(audiences or ())))
        if claims is None:
            key = self._key.public_key()
            claims = jwt.decode(token, key, algorithms=["RS256"], audience=audiences, options=options)
            self._seen[token, tuple(audiences or ())] = claims
        if claims["exp"] <= (time.time() if now is None else now):
            raise jwt.ExpiredSignatureError("Lifetime validation failed, the token is expired.")
        return claims


def claims_of(token: str) -> dict[str, Any]:
    """The claims, unchecked."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def caller(claims: dict[str, Any]) -> Caller:
    """The bearer of a token for Graph."""
    app_only = "scp" not in claims
    given = claims.get("roles", []) if app_only else str(claims["scp"]).split()
    app = str(claims.get("appid") or claims.get("azp") or "")
    return Caller("" if app_only else str(claims["oid"]), str(claims["tid"]), app, frozenset(given), app_only)


def graph_claims(
    *, tenant: str, app: str, oid: str = "", upn: str = "", scopes: list[str], at: float, lifetime: float
) -> dict[str, Any]:
    """The claims of a token for Graph: of a person when there is an oid, else of the app alone."""
    claims: dict[str, Any] = {
        "aud": GRAPH,
        "iss": f"https://sts.windows.net/{tenant}/",
        "iat": int(at),
        "nbf": int(at),
        "exp": int(at + lifetime),
        "appid": app,
        "tid": tenant,
        "oid": oid or app,
        "sub": oid or app,
        "uti": uuid.uuid4().hex,
        "ver": "1.0",
    }
    return claims | ({"scp": " ".join(scopes), "upn": upn} if oid else {"roles": scopes, "idtyp": "app"})


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    """One key a name for the whole process: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")
