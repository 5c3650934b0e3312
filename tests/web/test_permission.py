"""A person's own permission for background work: given over Google's pages, kept sealed, renewed, and taken back."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from google.auth.transport.requests import Request

from server import spreadsheets
from server.errors import NotShared, SheetUnavailable, SignInAgain, TemporaryError
from server.web.app import WebApp
from tests.fakes import FakeClock
from tests.identity.oauth_server import CLIENT, SCOPE, OAuthServer, serving
from tests.identity.signer import PERSON, google
from tests.web.conftest import MakeApp, StageServices
from tests.web.googles import ALLOWED, BOOK, OTHER_BOOK, address, arrive


@pytest.fixture
def oauth() -> Iterator[OAuthServer]:
    with serving() as server:
        yield server


@pytest.fixture
def app(make_app: MakeApp, oauth: OAuthServer) -> WebApp:
    return make_app(
        **ALLOWED,
        GOOGLE_CERTS_URL=f"{oauth.url}/certs",
        GOOGLE_SHEETS_BASE_URL=oauth.url,
        GOOGLE_OAUTH_CLIENT_ID=CLIENT,
        GOOGLE_OAUTH_CLIENT_SECRET="s3cret",
        GOOGLE_OAUTH_AUTH_URL=f"{oauth.url}/auth",
        GOOGLE_OAUTH_TOKEN_URL=f"{oauth.url}/token",
    )


def setting_off(client: FlaskClient, oauth: OAuthServer) -> dict[str, str]:
    """From the sidebar to Google's page; what its address says."""
    ticket = arrive(client).json["connect"]
    answer = client.get(ticket)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{oauth.url}/auth?")
    return oauth.consent(answer.headers["Location"])


def back(client: FlaskClient, **query: str) -> Any:
    return client.get("/google/callback", query_string=query)


def test_who_permits_it_can_prove_with_their_own_permission(
    stranger: FlaskClient, oauth: OAuthServer, services: StageServices, clock: FakeClock
) -> None:
    refused = arrive(stranger)
    assert refused.status_code == 403
    assert refused.json["type"] == "urn:cellback:share"
    assert refused.json["account"] == ""
    said = setting_off(stranger, oauth)
    assert said["client_id"] == CLIENT
    assert said["redirect_uri"] == "http://127.0.0.1:5000/google/callback"
    assert said["scope"] == f"openid email {SCOPE}"
    assert (said["access_type"], said["prompt"]) == ("offline", "consent")
    assert said["code_challenge_method"] == "S256"
    done = back(stranger, state=said["state"], code="good-code")
    assert done.status_code == 200
    assert "Done" in done.text
    assert services.ledger.access.permission(address(BOOK)) is None, "not before it is proven that they may edit"
    proof = arrive(stranger)
    assert proof.json["type"] == "urn:cellback:prove"
    oauth.words.append(proof.json["nonce"])
    assert arrive(stranger).status_code == 200
    assert services.ledger.access.permission(address(BOOK)) == "1//refresh"
    path, bearer, body = oauth.searches[-1]
    assert path.partition("?")[0] == f"/v4/spreadsheets/{BOOK}/developerMetadata:search"
    assert bearer == "Bearer at-2"
    lookup = {"metadataKey": "cellback-proof", "locationType": "SPREADSHEET"}
    assert body == {"dataFilters": [{"developerMetadataLookup": lookup}]}


def test_the_way_back_counts_only_in_the_browser_that_set_off(
    stranger: FlaskClient, app: WebApp, oauth: OAuthServer, services: StageServices
) -> None:
    said = setting_off(stranger, oauth)
    other = app.test_client()
    assert back(other, state=said["state"], code="good-code").status_code == 403
    setting_off(other, oauth)
    assert back(other, state=said["state"], code="good-code").status_code == 403
    assert services.ledger.access.permission(address(BOOK), PERSON) is None


@pytest.mark.parametrize("state", ["", "x", "A" * 59])
def test_a_made_up_state_counts_nothing(stranger: FlaskClient, oauth: OAuthServer, state: str) -> None:
    setting_off(stranger, oauth)
    assert back(stranger, state=state, code="good-code").status_code == 403
    assert oauth.forms == []


def test_a_state_and_a_ticket_count_once_and_not_for_long(
    stranger: FlaskClient, oauth: OAuthServer, clock: FakeClock
) -> None:
    ticket, late = (arrive(stranger).json["connect"] for _ in range(2))
    said = oauth.consent(stranger.get(ticket).headers["Location"])
    cookie = stranger.get_cookie("cellback_google_5000", path="/google/")
    assert cookie is not None
    assert back(stranger, state=said["state"], code="good-code").status_code == 200
    stranger.set_cookie(cookie.key, cookie.value, path="/google/")
    assert back(stranger, state=said["state"], code="good-code").status_code == 403
    assert stranger.get(ticket).status_code == 403
    clock.advance(3601)
    assert stranger.get(late).status_code == 403


def test_the_way_over_googles_pages_takes_ten_minutes_at_most(
    stranger: FlaskClient, oauth: OAuthServer, clock: FakeClock
) -> None:
    said = setting_off(stranger, oauth)
    clock.advance(601)
    assert back(stranger, state=said["state"], code="good-code").status_code == 403


def test_no_ticket_no_way(stranger: FlaskClient, app: WebApp, oauth: OAuthServer) -> None:
    claims = {"who": PERSON, "spreadsheet": BOOK, "id": "x"}
    other_kinds = [app.tokens.seal("google.visit", claims), app.tokens.make("google.ticket", claims)]
    for ticket in ("", "x", "é", "A" * 500, *other_kinds):
        assert stranger.get("/google/connect", query_string={"ticket": ticket}).status_code == 403


def test_another_account_a_no_and_half_a_yes_permit_nothing(
    stranger: FlaskClient, oauth: OAuthServer, services: StageServices
) -> None:
    said = setting_off(stranger, oauth)
    assert back(stranger, state=said["state"], error="access_denied").status_code == 403
    for change in ({"email": "ben@example.org"}, {"granted": "openid email"}, {"broken": True}):
        said = setting_off(stranger, oauth)
        for name, value in change.items():
            setattr(oauth, name, value)
        assert back(stranger, state=said["state"], code="good-code").status_code == 403
        oauth.email, oauth.granted, oauth.broken = PERSON, f"openid {SCOPE}", False
    said = setting_off(stranger, oauth)
    assert back(stranger, state=said["state"], code="<script>alert(1)</script>").status_code == 403
    assert services.ledger.access.permission(address(BOOK), PERSON) is None


def test_the_cookie_of_the_way_is_kept_from_scripts_and_other_paths(stranger: FlaskClient, oauth: OAuthServer) -> None:
    cookie = stranger.get(arrive(stranger).json["connect"]).headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/google/"):
        assert part in cookie


@pytest.fixture
def permitted(services: StageServices, clock: FakeClock, oauth: OAuthServer) -> StageServices:
    services.ledger.access.link(PERSON, address(BOOK), clock.now())
    services.ledger.access.permit(PERSON, address(BOOK), "1//refresh")
    services.ledger.access.link(PERSON, address(BOOK), clock.now())
    return services


def test_workers_renew_it_silently(permitted: StageServices, oauth: OAuthServer) -> None:
    credentials = permitted.google_credentials(BOOK)
    credentials.refresh(Request())
    assert credentials.token == "at-2"
    assert oauth.forms[-1]["refresh_token"] == "1//refresh"
    assert permitted.google_credentials(BOOK) is credentials
    with pytest.raises(NotShared):
        permitted.google_credentials(OTHER_BOOK)


def test_taken_back_it_is_forgotten_and_says_to_sign_in_again(permitted: StageServices, oauth: OAuthServer) -> None:
    oauth.revoked = True
    with pytest.raises(SignInAgain, match="sign in with Google again"):
        permitted.google_credentials(BOOK).refresh(Request())
    assert permitted.ledger.access.permission(address(BOOK)) is None


def test_a_bad_day_at_google_takes_nothing_back(permitted: StageServices, oauth: OAuthServer) -> None:
    oauth.broken = True
    with pytest.raises(TemporaryError) as told:
        permitted.google_credentials(BOOK).refresh(Request())
    assert not isinstance(told.value, SignInAgain)
    assert permitted.ledger.access.permission(address(BOOK)) == "1//refresh"


def test_somebody_elses_unproven_permission_is_used_for_nobody(
    permitted: StageServices, oauth: OAuthServer, clock: FakeClock
) -> None:
    clock.advance(60)
    permitted.ledger.access.permit("eve@example.org", address(BOOK), "1//eve")
    permitted.google_credentials(BOOK).refresh(Request())
    assert oauth.forms[-1]["refresh_token"] == "1//refresh"


@pytest.mark.parametrize(("status", "error"), [(403, NotShared), (404, NotShared), (500, SheetUnavailable)])
def test_a_spreadsheet_that_can_not_be_read_is_told_apart(
    permitted: StageServices,
    oauth: OAuthServer,
    status: int,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spreadsheets, "PATIENCE", 0.05)
    oauth.metadata_status = status
    with pytest.raises(error) as told:
        permitted.spreadsheets.proofs(BOOK, PERSON)
    assert type(told.value) is error


def test_no_secret_gets_into_an_address_or_a_log(
    stranger: FlaskClient, oauth: OAuthServer, caplog: pytest.LogCaptureFixture, services: StageServices
) -> None:
    with caplog.at_level(logging.DEBUG):
        ticket = arrive(stranger).json["connect"]
        location = stranger.get(ticket).headers["Location"]
        said = oauth.consent(location)
        back(stranger, state=said["state"], code="good-code")
        oauth.revoked = True
        arrive(stranger)
    verifier = oauth.forms[0]["code_verifier"]
    assert len(verifier) >= 43
    assert verifier not in location
    assert "s3cret" not in location
    word = parse_qs(urlsplit(ticket).query)["ticket"][0]
    assert PERSON.encode() not in base64.urlsafe_b64decode(word + "==")
    for secret in (verifier, "s3cret", "1//refresh", "at-1", "at-2", PERSON, google().token()[:20]):
        assert secret not in caplog.text
        assert secret not in repr(services.google.oauth)
