"""Google identity tokens: whose they are. What is not surely right is refused (facts/google-sheets.md, R17)."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from server.errors import SignedOut, TemporaryError
from server.identity.people import Person

SKEW = 10
"""Seconds that our clock and Google's may differ."""

LONGEST = 8192
"""Characters of a token: Google's have about 1,200."""

ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
AGAIN = 60.0
"""Seconds between two fetches of certificates, however many tokens name a key that we do not know."""

SOON = 5.0
"""The same while there are none that count: a stranger's tokens must not make us ask all the time."""

DEFAULT_AGE = 3600.0
"""Seconds that certificates are kept when their answer does not say."""

TIMEOUT = 10
_FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class Answer(Protocol):
    """What `google.auth.transport.Response` has of interest here."""

    status: int
    headers: Mapping[str, str]
    data: bytes


Fetch = Callable[[str], Answer]


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


class Certificates:
    """Google's certificates by key id, kept as long as their answer allows."""

    def __init__(self, url: str, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[dict[str, str], float] = ({}, float("-inf"))
        self._asked = float("-inf")

    def for_key(self, key: str) -> dict[str, str]:
        """The certificates, with that key among them if Google has it. Raises TemporaryError when none can be had."""
        known, until = self._held
        if key not in known or self._clock() >= until:
            self._renew(key)
            known, until = self._held
        if self._clock() >= until:
            raise TemporaryError("Google's certificates can't be fetched for now. Try again in a minute.")
        return known

    def _renew(self, key: str) -> None:
        """Ask, if it is time to. What is known stays when there is no answer, until its own time is over."""
        stale = self._clock() >= self._held[1]
        if not self._lock.acquire(blocking=stale):
            return  # somebody asks already: who has an unknown key must not keep the others waiting
        try:
            known, until = self._held
            now = self._clock()
            due = now >= self._asked + (SOON if now >= until else AGAIN)
            if due and (key not in known or now >= until):
                self._asked = now
                self._held = self._fetched(now) or self._held
        finally:
            self._lock.release()

    def _fetched(self, now: float) -> tuple[dict[str, str], float] | None:
        try:
            answer = self._fetch(self._url)
            found = json.loads(answer.data) if answer.status == 200 else None
        except (GoogleAuthError, OSError, ValueError):
            return None
        if isinstance(found, dict) and found and all(isinstance(one, str) for one in found.values()):
            return found, now + _age(answer.headers)
        return None


def _age(headers: Mapping[str, str]) -> float:
    said = next((value for name, value in headers.items() if name.casefold() == "cache-control"), "")
    age = re.search(r"max-age=(\d{1,9})", said)
    return max(AGAIN, float(age[1])) if age else DEFAULT_AGE


def _fetch(url: str) -> Answer:
    from google.auth.transport.requests import Request

    answer: Answer = Request()(url, method="GET", timeout=TIMEOUT)
    return answer
