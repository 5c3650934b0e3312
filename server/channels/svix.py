"""Signatures of webhooks in Svix's manner (Standard Webhooks). Source: docs.svix.com/receiving/verifying-payloads.

Twenty lines of our own: the libraries raise whatever comes on hostile headers, which makes a provider post for ever.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence

from server.domain.reply import WebhookRequest
from server.errors import SignatureError

TOLERANCE_SECONDS = 300
"""How old or how early a signature may be; every retry is signed anew, with the same id."""

_SECRET = re.compile(r"(?:whsec_[A-Za-z0-9+/]+|[A-Za-z0-9+/]{16,})={0,2}")
"""Svix's own libraries take it without its beginning too."""


def keys_of(secrets: Sequence[str]) -> tuple[bytes, ...]:
    """The signing keys in secrets such as `whsec_MfKQ...`. Raises ValueError, which repeats none of them."""
    if not all(map(_SECRET.fullmatch, secrets)):
        raise ValueError("a signing secret looks like whsec_...")
    return tuple(b64decode(secret.removeprefix("whsec_"), validate=True) for secret in secrets)


def verify(request: WebhookRequest, keys: Sequence[bytes], now: float) -> None:
    """Check HMAC-SHA256 over id, timestamp and raw body with any of the keys. Raises SignatureError, nothing else."""
    try:
        fits, age = _fits(request, keys), abs(now - int(request.headers["svix-timestamp"]))
    except Exception:
        raise SignatureError("The svix headers are missing or malformed.") from None
    if not fits:
        raise SignatureError("The signature does not fit the body.")
    if age > TOLERANCE_SECONDS:
        raise SignatureError("The signature is too old.")


def _fits(request: WebhookRequest, keys: Sequence[bytes]) -> bool:
    """Several signatures come while the sender's secret is rotated, several keys are known while ours are."""
    told = f"{request.headers['svix-id']}.{request.headers['svix-timestamp']}.".encode() + request.body
    given = [one.partition(",") for one in request.headers["svix-signature"].split(" ")[:20]]
    made = [b64encode(hmac.digest(key, told, "sha256")) for key in keys]
    theirs = [text.encode() for version, _, text in given if version == "v1"]
    return sum(hmac.compare_digest(ours, their) for ours in made for their in theirs) > 0
