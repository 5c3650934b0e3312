"""How each vendor signs what it posts. Written from their documentation, not from any reader of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class SendGridKey:
    """An ECDSA key on P-256. Source: "Event Webhook Security Features", and sendgrid-python's EventWebhook."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        """As the console shows it: base64 of the DER (SubjectPublicKeyInfo), without PEM lines."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(self._key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()

    def sign(self, timestamp: str, body: bytes) -> str:
        """Base64 of the DER signature over timestamp and raw body."""
        return base64.b64encode(self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


@cache
def wrong_sendgrid_key() -> SendGridKey:
    """Somebody else's."""
    return SendGridKey()


def svix(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Svix's `v1,<base64>` over id.timestamp.body; the key is the base64 behind `whsec_`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def mailgun(key: str, timestamp: str, token: str) -> str:
    """Hex HMAC-SHA256 over timestamp and token; the content is not covered."""
    return hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()


def twilio(token: str, url: str, params: Iterable[tuple[str, str]]) -> str:
    """Base64 HMAC-SHA1 over the full URL and the sorted names and values. Source: "Validating Requests"."""
    signed = url + "".join(f"{name}{value}" for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def meta(secret: str, body: bytes) -> str:
    """`sha256=<hex>` over the raw body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
