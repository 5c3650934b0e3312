"""RS256 tokens and the keys behind them, made with nothing of Google's libraries, which the tests try against these."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """A key, the same for a name as long as the process lives: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(private: rsa.RSAPrivateKey) -> str:
    """The private key as a service-account file holds it."""
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@cache
def certificate(name: str) -> str:
    """A self-signed certificate for `key(name)`, PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
    start = datetime.now(UTC) - timedelta(days=2)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .sign(key(name), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def jwk(name: str, kid: str) -> dict[str, str]:
    """The public key as JWKS lists it."""
    numbers = key(name).public_key().public_numbers()
    n, e = (encode(value.to_bytes((value.bit_length() + 7) // 8)) for value in (numbers.n, numbers.e))
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e}


def encode(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(claims: Mapping[str, Any], private: rsa.RSAPrivateKey, **header: str) -> str:
    """The token."""
    parts = ({"alg": "RS256", "typ": "JWT", **header}, claims)
    text = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{text}.{encode(private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def claims(token: str) -> dict[str, Any]:
    """What the token says, unverified. Raises ValueError."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not three parts")
    found = json.loads(decode(parts[1]))
    if not isinstance(found, dict):
        raise ValueError("no claims")
    return found


def signed_by(token: str, public: rsa.RSAPublicKey) -> bool:
    """Whether the signature is that key's, and RS256."""
    text, _, signature = token.rpartition(".")
    try:
        header = json.loads(decode(text.partition(".")[0]))
        public.verify(decode(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return bool(header.get("alg") == "RS256")
