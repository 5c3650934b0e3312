"""Access tokens of Microsoft Entra for our own API: whose they are. What is not surely right is refused (facts, 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from server.errors import SignedOut
from server.identity.people import Person
from server.identity.published import Fetch, Published

SKEW = 60
"""Seconds that our clock and Microsoft's may differ."""

LONGEST = 16384
"""Characters of a token: with 200 groups in it, it has some 12,000."""

SCOPE = "access_as_user"
KEY_BITS = 2048
REQUIRED = ["exp", "nbf", "iat", "iss", "aud", "tid", "oid", "scp"]
_FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_NAME = re.compile(r"[^@\s]{1,200}@[^@\s]{1,200}")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of a directory (`tenant`), by their object id there: that never changes, and is nobody else's.

    `name` is what they sign in with, for people to read and for the list of who may come in; "" where it is not said.
    """

    tenant: str
    oid: str
    name: str = ""

    @property
    def key(self) -> str:
        """The account in one word."""
        return f"{self.tenant}.{self.oid}"

    @property
    def person(self) -> Person:
        """As the list of who may come in knows people: their directory manages the account."""
        return Person(self.name, self.tenant)


class MicrosoftIdentity:
    """Checks access tokens made for our API in one of these directories. Safe to use from many threads."""

    def __init__(self, audiences: Iterable[str], tenants: Iterable[str], authority: str, fetch: Fetch) -> None:
        self._audiences = frozenset(audiences)
        self._keys = {tenant: published_keys(authority, tenant, fetch) for tenant in tenants}
        self._authority = authority
        if not self._audiences or not self._keys:
            raise ValueError("without an audience and a directory everybody's tokens would be right")

    def account(self, token: str) -> Account:
        """Whose token it is. Raises SignedOut for any that does not count, TemporaryError without keys."""
        if len(token) > LONGEST or not _FORM.fullmatch(token):
            raise _no("no token by its form")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise _no("another algorithm than RS256, or no key named")
            tenant = _claimed_tenant(token)
            if tenant not in self._keys:
                raise _no("a directory that is not on our list")
            key = self._keys[tenant].for_key(header["kid"]).get(header["kid"])
            if key is None:
                raise _no("signed with a key that its directory does not publish")
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audiences,
                issuer=issuer(self._authority, tenant),
                leeway=SKEW,
                options={"require": REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise _no(type(error).__name__) from None  # its words quote the token
        return _account(claims)


def issuer(authority: str, tenant: str) -> str:
    """The issuer of tokens of version 2."""
    return f"{authority}/{tenant}/v2.0"


def published_keys(authority: str, tenant: str, fetch: Fetch) -> Published[RSAPublicKey]:
    """The keys that a directory's tokens are signed with."""

    def read(found: Any) -> dict[str, RSAPublicKey]:
        return _keys(found, {issuer(authority, tenant), issuer(authority, "{tenantid}")})

    return Published(f"{authority}/{tenant}/discovery/v2.0/keys", fetch, read, "Microsoft's keys")


def _keys(found: Any, issuers: set[str]) -> dict[str, RSAPublicKey]:
    """Keys by id, without those that sign for other issuers: personal accounts' keys stand in the same list."""
    listed = found.get("keys") if isinstance(found, dict) else None
    keys = {}
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict) or one.get("kty") != "RSA" or one.get("use", "sig") != "sig":
            continue
        if one.get("issuer", next(iter(issuers))) not in issuers or not isinstance(one.get("kid"), str):
            continue
        try:
            key = jwt.PyJWK(one, algorithm="RS256").key
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= KEY_BITS:
            keys[one["kid"]] = key
    return keys


def _claimed_tenant(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    return str(claims.get("tid", ""))


def _account(claims: Mapping[str, Any]) -> Account:
    """The person of checked claims. The tenant was checked with the issuer, in which it stands."""
    tenant, oid, name = claims["tid"], claims["oid"], claims.get("preferred_username")
    if not isinstance(claims["aud"], str):
        raise _no("several audiences")
    if not isinstance(claims["scp"], str) or SCOPE not in claims["scp"].split():
        raise _no(f"the scope {SCOPE} is missing")
    if claims.get("idtyp") == "app":
        raise _no("an app's own token")
    if not isinstance(oid, str) or not _ID.fullmatch(oid):
        raise _no("no object id")
    return Account(tenant, oid, name.casefold() if isinstance(name, str) and _NAME.fullmatch(name) else "")


def _no(why: str) -> SignedOut:
    return SignedOut(
        "Microsoft could not tell us for sure who you are. Close Cellback’s pane and open it again.",
        detail=f"access token refused: {why}",
    )
