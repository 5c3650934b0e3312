"""Whose an identity token is; and every way to get in with one that does not count."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from hypothesis import given
from hypothesis import strategies as st

from server.errors import SignedOut, TemporaryError
from server.identity.google import Certificates, GoogleIdentity
from server.identity.people import Person
from server.identity.published import AGAIN, SOON
from tests.identity.signer import AUDIENCE, PERSON, CertsAnswer, Signer, google, impostor

OTHER = "5678-other.apps.googleusercontent.com"


@pytest.fixture
def identity() -> GoogleIdentity:
    return GoogleIdentity([AUDIENCE, OTHER], "https://certs.invalid", google().fetch)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_it_tells_whose_a_token_is(identity: GoogleIdentity) -> None:
    assert identity.person(google().token()) == Person(PERSON, "example.org")
    assert identity.person(google().token(aud=OTHER, hd=None, email="Ann@Gmail.com")) == Person("ann@gmail.com", "")


@pytest.mark.parametrize("off", [-8, 8])
def test_it_bears_clocks_that_differ_by_seconds(identity: GoogleIdentity, off: int) -> None:
    now = int(time.time())
    identity.person(google().token(iat=now + off, exp=now + off if off < 0 else now + 60))


now = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "another script's": {"aud": "evil.apps.googleusercontent.com"},
    "nobody's in particular": {"aud": None},
    "several at once": {"aud": [AUDIENCE]},
    "expired": {"iat": now - 7200, "exp": now - 30},
    "from tomorrow": {"iat": now + 24 * 3600, "exp": now + 25 * 3600},
    "without an end": {"exp": None},
    "an end in words": {"exp": "never"},
    "another issuer": {"iss": "https://accounts.google.com.evil.example"},
    "no issuer": {"iss": None},
    "no address": {"email": None},
    "not verified": {"email_verified": False},
    "verified in words": {"email_verified": "true"},
    "not said whether verified": {"email_verified": None},
    "an address in a list": {"email": [PERSON]},
    "no address at all": {"email": "example.org"},
    "two lines": {"email": "a@example.org\nSet-Cookie: x=1"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
def test_it_refuses_claims_that_are_not_surely_right(identity: GoogleIdentity, changes: dict[str, Any]) -> None:
    with pytest.raises(SignedOut) as refused:
        identity.person(google().token(**changes))
    assert PERSON not in f"{refused.value.sentence} {refused.value.detail}"


def test_it_refuses_a_token_that_nobody_signed(identity: GoogleIdentity) -> None:
    for alg in ("none", "None", "NONE", "", None, 7):
        unsigned = f"{part({'alg': alg, 'kid': 'key-1'})}.{part(google().claims())}"
        for token in (f"{unsigned}.", f"{unsigned}.AAAA", unsigned):
            with pytest.raises(SignedOut):
                identity.person(token)


def test_it_refuses_a_signature_by_the_public_certificate_as_a_shared_secret(identity: GoogleIdentity) -> None:
    public = (
        google()
        .key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    head = f"{part({'alg': 'HS256', 'kid': 'key-1'})}.{part(google().claims())}"
    mac = hmac.HMAC(public, hashes.SHA256())
    mac.update(head.encode())
    signed = f"{head}.{base64.urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"
    with pytest.raises(SignedOut):
        identity.person(signed)


def test_it_refuses_another_signer_under_a_known_name_and_claims_changed_after_signing(
    identity: GoogleIdentity,
) -> None:
    with pytest.raises(SignedOut):
        identity.person(impostor().token())
    head, _, signature = google().token().split(".")
    with pytest.raises(SignedOut):
        identity.person(f"{head}.{part(google().claims(email='boss@example.org'))}.{signature}")
    with pytest.raises(SignedOut):
        identity.person(google().token(header={"kid": None}))


@pytest.mark.parametrize("token", ["", "a.b.c", "....", "x" * 9000, f"{'A' * 4000}.{'[' * 3000}.A", "é.é.é", "a.b.c\n"])
def test_it_refuses_what_is_no_token(identity: GoogleIdentity, token: str) -> None:
    with pytest.raises(SignedOut):
        identity.person(token)


def test_it_refuses_json_that_is_too_deep(identity: GoogleIdentity) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 3000).decode()
    with pytest.raises(SignedOut):
        identity.person(f"{deep}.{deep}.AAAA")


@given(st.text(alphabet="abcABC012-_.", max_size=200))
def test_it_refuses_anything_else_without_breaking(token: str) -> None:
    with pytest.raises(SignedOut):
        GoogleIdentity([AUDIENCE], "https://certs.invalid", google().fetch).person(token)


def test_without_an_audience_it_does_not_even_start() -> None:
    with pytest.raises(ValueError):
        GoogleIdentity([], "https://certs.invalid", google().fetch)


class Ticks:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_certificates_are_fetched_once_while_they_last() -> None:
    signer, ticks = Signer(), Ticks()
    certificates = Certificates("https://certs.invalid", signer.fetch, ticks)
    for _ in range(5):
        assert signer.kid in certificates.for_key(signer.kid)
    assert signer.asked == 1
    ticks.now += 20_000
    certificates.for_key(signer.kid)
    assert signer.asked == 2


def test_unknown_keys_make_it_ask_again_but_not_all_the_time() -> None:
    signer, ticks = Signer(), Ticks()
    certificates = Certificates("https://certs.invalid", signer.fetch, ticks)
    for number in range(50):
        certificates.for_key(f"made-up-{number}")
    assert signer.asked == 1
    signer.kid = "key-2"
    ticks.now += AGAIN
    assert "key-2" in certificates.for_key("key-2")


def test_without_an_answer_the_known_ones_last_their_time_and_no_longer() -> None:
    signer, ticks = Signer(), Ticks()
    certificates = Certificates("https://certs.invalid", signer.fetch, ticks)
    certificates.for_key(signer.kid)
    signer.down = True
    ticks.now += 19_000
    certificates.for_key("new")
    ticks.now += 2_000
    for _ in range(9):
        with pytest.raises(TemporaryError):
            certificates.for_key(signer.kid)
    assert signer.asked == 3
    signer.down = False
    ticks.now += SOON
    certificates.for_key(signer.kid)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"keys": []}', b"<html>"])
def test_an_odd_answer_is_none(data: bytes) -> None:
    certificates = Certificates("https://certs.invalid", lambda url: CertsAnswer(data), Ticks())
    with pytest.raises(TemporaryError):
        certificates.for_key("key-1")
