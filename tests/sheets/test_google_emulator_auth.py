"""The emulated Google: service accounts, consent, refresh tokens, identity tokens, tried with Google's own library."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import google.auth.exceptions
import pytest
import requests
from google.auth.transport.requests import Request
from google.oauth2 import credentials, id_token
from google.oauth2.service_account import Credentials

from tests.emulators.sheets import Emulator, Quota
from tests.emulators.sheets.access import DRIVE_FILE, SPREADSHEETS
from tests.emulators.sheets.clients import Bare, Refused

AUDIENCE = "desk.apps.googleusercontent.com"


class Now:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def here(now: Now) -> Iterator[Emulator]:
    with Emulator(quota=Quota.off(), clock=now) as running:
        yield running


def test_it_gives_a_token_for_a_key_file(here: Emulator, tmp_path: Path) -> None:
    account = here.service_account()
    file = account.write(tmp_path / "key.json")
    signed = Credentials.from_service_account_file(str(file), scopes=[SPREADSHEETS])
    signed.refresh(Request())
    assert here.auth.tokens[signed.token].email == account.email
    assert json.loads(file.read_text())["token_uri"] == f"{here.url}/token"


def test_it_refuses_another_key_an_unknown_account_and_an_old_assertion(here: Emulator, now: Now) -> None:
    info, other = here.service_account("one").info, here.service_account("two").info
    for wrong, say in (
        ({**info, "private_key": other["private_key"]}, "Invalid JWT Signature"),
        ({**info, "client_email": "nobody@example.com"}, "account not found"),
    ):
        with pytest.raises(google.auth.exceptions.RefreshError, match=say):
            Credentials.from_service_account_info(wrong, scopes=[SPREADSHEETS]).refresh(Request())
    now.offset = 7200
    with pytest.raises(google.auth.exceptions.RefreshError, match="short-lived token"):
        Credentials.from_service_account_info(info, scopes=[SPREADSHEETS]).refresh(Request())


def test_it_tells_a_bad_token_an_old_one_and_none_apart(here: Emulator, now: Now) -> None:
    api = Bare(here, here.spreadsheet())
    now.offset = 3600
    with pytest.raises(Refused, match="invalid authentication credentials") as old:
        api.get()
    assert (old.value.code, old.value.error["status"]) == (401, "UNAUTHENTICATED")
    assert old.value.error["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"
    api.session.headers["Authorization"] = "Bearer nonsense"
    with pytest.raises(Refused) as bad:
        api.get()
    assert bad.value.code == 401
    del api.session.headers["Authorization"]
    with pytest.raises(Refused, match="unregistered callers") as none:
        api.get()
    assert none.value.code == 403


def test_it_can_fail_to_give_tokens_and_leaves_calls_alone_meanwhile(here: Emulator) -> None:
    api = Bare(here, here.spreadsheet())
    here.faults.add("502 HTML", on="token")
    api.get()
    form = {"grant_type": "refresh_token"}
    assert requests.post(f"{here.url}/token", data=form, timeout=5).status_code == 502
    assert requests.post(f"{here.url}/token", data=form, timeout=5).json()["error"] == "invalid_client"


def consent(here: Emulator, client_id: str, **more: str) -> dict[str, list[str]]:
    query = {"client_id": client_id, "redirect_uri": "http://127.0.0.1:1/back", "response_type": "code", "state": "s1",
             "scope": f"openid {DRIVE_FILE}", **more}  # fmt: skip
    answer = requests.get(f"{here.url}/o/oauth2/v2/auth", params=query, allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def test_it_leads_from_consent_to_a_refresh_token_that_can_be_revoked(here: Emulator) -> None:
    client = here.auth.client()
    back = consent(here, client.id, access_type="offline", login_hint="ana@example.org")
    assert back["state"] == ["s1"]
    form = {"grant_type": "authorization_code", "code": back["code"][0], "client_id": client.id,
            "client_secret": client.secret, "redirect_uri": "http://127.0.0.1:1/back"}  # fmt: skip
    tokens = requests.post(f"{here.url}/token", data=form, timeout=5).json()
    assert here.auth.tokens[tokens["access_token"]].email == "ana@example.org"
    assert verified(here, tokens["id_token"], client.id)["email"] == "ana@example.org"
    assert requests.post(f"{here.url}/token", data=form, timeout=5).json()["error"] == "invalid_grant"
    person = credentials.Credentials(
        None, refresh_token=tokens["refresh_token"], token_uri=f"{here.url}/token",
        client_id=client.id, client_secret=client.secret,
    )  # fmt: skip
    person.refresh(Request())
    assert here.auth.tokens[person.token].scopes == {"openid", DRIVE_FILE}
    assert requests.post(f"{here.url}/revoke", data={"token": tokens["refresh_token"]}, timeout=5).ok
    assert person.token not in here.auth.tokens
    with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_grant: Token has been expired or revoked"):
        person.refresh(Request())


def test_it_gives_no_refresh_token_unasked_and_no_code_to_who_declines(here: Emulator) -> None:
    client = here.auth.client()
    form = {"grant_type": "authorization_code", "client_id": client.id, "redirect_uri": "http://127.0.0.1:1/back"}
    code = consent(here, client.id)["code"][0]
    wrong = requests.post(f"{here.url}/token", data={**form, "code": code, "client_secret": "x"}, timeout=5)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    tokens = requests.post(f"{here.url}/token", data={**form, "code": code, "client_secret": client.secret}, timeout=5)
    assert "refresh_token" not in tokens.json()
    here.auth.consents = False
    assert consent(here, client.id)["error"] == ["access_denied"]


def verified(here: Emulator, token: str, audience: str) -> dict[str, object]:
    found: dict[str, object] = id_token.verify_token(
        token, Request(), audience=audience, certs_url=f"{here.url}/oauth2/v1/certs"
    )
    return found


def test_it_signs_identity_tokens_that_googles_library_accepts(here: Emulator) -> None:
    claims = verified(here, here.identity_token(email="ana@example.org", audience=AUDIENCE, nonce="n"), AUDIENCE)
    assert claims["iss"] == "https://accounts.google.com"
    assert (claims["email"], claims["email_verified"], claims["hd"], claims["nonce"]) == (
        "ana@example.org", True, "example.org", "n",
    )  # fmt: skip


def test_it_signs_tokens_that_must_be_refused(here: Emulator) -> None:
    def token(**claims: object) -> str:
        return here.identity_token(email="ana@example.org", audience=AUDIENCE, **claims)

    for wrong in (token(aud="another"), token(exp=int(time.time()) - 60), token(key="forged")):
        with pytest.raises((ValueError, google.auth.exceptions.GoogleAuthError)):
            verified(here, wrong, AUDIENCE)


def test_it_publishes_the_last_two_keys(here: Emulator) -> None:
    token = here.identity_token(email="ana@example.org", audience=AUDIENCE)
    here.identity.rotate()
    assert verified(here, token, AUDIENCE)["email"] == "ana@example.org"
    here.identity.rotate()
    with pytest.raises(ValueError, match=r"[Cc]ertificate"):
        verified(here, token, AUDIENCE)
    published = requests.get(f"{here.url}/oauth2/v3/certs", timeout=5)
    assert published.headers["Cache-Control"].startswith("public, max-age=")
    assert {each["kty"] for each in published.json()["keys"]} == {"RSA"}
    assert len(published.json()["keys"]) == len(here.identity.certificates()) == 2
