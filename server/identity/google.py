"""Google identity tokens: whose they are. What is not surely right is refused (facts/google-sheets.md, R17)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from server.errors import SignedOut
from server.identity.people import Person
from server.identity.published import Answer, Fetch, Published, Unreachable

SKEW = 10
"""Seconds that our clock and Google's may differ."""

LONGEST = 8192
"""Characters of a token: Google's have about 1,200."""

ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
TIMEOUT = 10
_FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class GoogleIdentity:
    """Checks identity tokens made for any of these OAuth clients. Safe to use from many threads."""

    def __init__(self, audiences: list[str], certs_url: str, fetch: Fetch | None = None) -> None:
        if not audiences:
            raise ValueError("without an audience everybody's tokens would be right")
        self._audiences = audiences
        self._certs = Certificates(certs_url, fetch or _fetch)

    def person(self, token: str) -> Person:
        """Whose token it is. Raises SignedOut for any that does not count, TemporaryError without certificates."""
        if len(token) > LONGEST or not _FORM.fullmatch(token):
            raise _no("no token by its form")
        try:
            header = jwt.decode_header(token)  # type: ignore[no-untyped-call]
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise _no("another algorithm than RS256, or no key named")
            certificates = self._certs.for_key(header["kid"])
            claims = jwt.decode(  # type: ignore[no-untyped-call]
                token, certs=certificates, audience=self._audiences, clock_skew_in_seconds=SKEW
            )
        except (GoogleAuthError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise _no(type(error).__name__) from None  # its words quote the token
        return _person(claims)


def _person(claims: Mapping[str, Any]) -> Person:
    email, organisation = claims.get("email"), claims.get("hd", "")
    if claims.get("iss") not in ISSUERS:
        raise _no("another issuer than Google")
    if not isinstance(email, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise _no("no address: is the scope userinfo.email missing?")
    if claims.get("email_verified") is not True:
        raise _no("an address that Google has not verified")
    return Person(email.casefold(), organisation if isinstance(organisation, str) else "")


def _no(why: str) -> SignedOut:
    return SignedOut(
        "Google could not tell us for sure who you are. Reload the sheet and open Cellback again.",
        detail=f"identity token refused: {why}",
    )


class Certificates(Published[str]):
    """Google's certificates by key id."""

    def __init__(self, url: str, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(url, fetch, _certificates, "Google's certificates", clock)


def _certificates(found: Any) -> dict[str, str]:
    fits = isinstance(found, dict) and all(isinstance(one, str) for one in found.values())
    return found if fits else {}


def _fetch(url: str) -> Answer:
    from google.auth.transport.requests import Request

    try:
        answer: Answer = Request()(url, method="GET", timeout=TIMEOUT)
    except GoogleAuthError as error:
        raise Unreachable from error
    return answer
