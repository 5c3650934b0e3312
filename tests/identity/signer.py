"""Stands in for Google where identity tokens are signed: a key of its own, and the certificate for it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

AUDIENCE = "1234-addon.apps.googleusercontent.com"
PERSON = "ann@example.org"


@dataclass
class CertsAnswer:
    """What the certificates' address answers."""

    data: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Cache-Control": "public, max-age=20000"})


class Signer:
    """Signs tokens as Google does, and anything else that a test wants to try."""

    def __init__(self, kid: str = "key-1") -> None:
        self.kid = kid
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.asked = 0
        self.down = False

    def fetch(self, url: str) -> CertsAnswer:
        """The certificates' address."""
        self.asked += 1
        if self.down:
            raise ConnectionError("down")
        return CertsAnswer(json.dumps({self.kid: self.certificate()}).encode())

    def certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.example")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Right ones, but for the changes (None leaves a claim out)."""
        now = int(time.time())
        right = {
            "iss": "https://accounts.google.com",
            "aud": AUDIENCE,
            "sub": "1",
            "email": PERSON,
            "email_verified": True,
            "hd": "example.org",
            "iat": now,
            "exp": now + 3600,
        }
        return {name: value for name, value in {**right, **changes}.items() if value is not None}

    def token(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A signed token with these claims."""
        return self.sign({"alg": "RS256", "typ": "JWT", "kid": self.kid, **(header or {})}, self.claims(**changes))

    def sign(self, header: Mapping[str, Any], claims: Any) -> str:
        """Sign whatever it is."""
        head = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
        return f"{head}.{_part(self.key.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@cache
def google() -> Signer:
    """The one whose certificates are known."""
    return Signer()


@cache
def impostor() -> Signer:
    """Somebody else, who claims the same key."""
    return Signer()
