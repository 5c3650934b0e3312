"""The Graph emulator's sign-in, as Microsoft's own library and a checker of tokens meet it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jwt
import msal
import pytest
import requests

from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, ORGANISER, TENANT, GraphEmulator, SignInError, contest
from tests.emulators.graph.client import Client

GRAPH_SCOPES = ["https://graph.microsoft.com/Files.ReadWrite"]


@pytest.fixture
def graph() -> Iterator[GraphEmulator]:
    with GraphEmulator() as graph:
        yield graph


@pytest.fixture
def http(graph: GraphEmulator) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # the environment's certificates would win over ours
        session.verify = str(graph.ca_file)
        yield session


@pytest.fixture
def app(graph: GraphEmulator, http: requests.Session) -> msal.ConfidentialClientApplication:
    return client_app(graph, http)


def client_app(graph: GraphEmulator, http: requests.Session, **options: Any) -> msal.ConfidentialClientApplication:
    return msal.ConfidentialClientApplication(
        CLIENT_ID,
        client_credential=options.pop("secret", CLIENT_SECRET),
        authority=graph.authority_url,
        instance_discovery=False,
        http_client=http,
        **options,
    )


def checked(graph: GraphEmulator, http: requests.Session, token: str, **options: Any) -> dict[str, Any]:
    """The claims of a token, checked the way a server should: by the keys that its authority publishes."""
    found = http.get(f"{graph.authority_url}/v2.0/.well-known/openid-configuration", timeout=10).json()
    keys = jwt.PyJWKSet.from_dict(http.get(found["jwks_uri"], timeout=10).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    given: dict[str, Any] = {"audience": CLIENT_ID, "issuer": found["issuer"]} | options
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], **given)
    return claims


def test_a_token_from_the_pane_stands_up_to_checking(graph: GraphEmulator, http: requests.Session) -> None:
    claims = checked(graph, http, graph.access_token())
    assert (claims["tid"], claims["oid"], claims["scp"]) == (TENANT, ORGANISER, "access_as_user")
    assert claims["preferred_username"] == "organiser@contoso.example"


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ({"expires_in": -60}, jwt.ExpiredSignatureError),
        ({"audience": "another-app"}, jwt.InvalidAudienceError),
        ({"iss": "https://elsewhere.example/v2.0"}, jwt.InvalidIssuerError),
        ({"tenant": "00000000-0000-0000-0000-00000000dead"}, jwt.InvalidIssuerError),
    ],
)
def test_a_bad_token_does_not(
    graph: GraphEmulator, http: requests.Session, token: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        checked(graph, http, graph.access_token(**token))


def test_nobody_publishes_the_key_of_a_rogue(graph: GraphEmulator, http: requests.Session) -> None:
    with pytest.raises(KeyError):
        checked(graph, http, graph.access_token(rogue=True))


def test_the_exchange_on_behalf_of_a_person_opens_their_workbook(
    graph: GraphEmulator, app: msal.ConfidentialClientApplication
) -> None:
    item = graph.add(contest())
    found = app.acquire_token_on_behalf_of(graph.access_token(), GRAPH_SCOPES)
    assert "error" not in found, found
    with Client(graph, item, token=found["access_token"]) as client:
        assert client.get("worksheets")["value"][0]["name"] == "Contestants"
        assert client.write("A2", 1).ok
    assert (graph.log.entries[-1].user, graph.log.entries[-1].app) == (ORGANISER, CLIENT_ID)


def test_a_worker_renews_silently_until_the_person_is_signed_out(
    graph: GraphEmulator, app: msal.ConfidentialClientApplication
) -> None:
    first = app.acquire_token_on_behalf_of(graph.access_token(), GRAPH_SCOPES)
    account = app.get_accounts()[0]
    graph.advance(4000)
    again = app.acquire_token_silent_with_error(GRAPH_SCOPES, account, force_refresh=True)
    assert again is not None
    assert again["access_token"] != first["access_token"]
    assert graph.authority.granted[-1] == "refresh_token"
    graph.authority.revoke(ORGANISER)
    refused = app.acquire_token_silent_with_error(GRAPH_SCOPES, account, force_refresh=True)
    assert refused is not None
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [50173])


def test_an_exchange_needs_a_good_assertion_consent_and_the_right_secret(
    graph: GraphEmulator, http: requests.Session, app: msal.ConfidentialClientApplication
) -> None:
    for assertion, number in (
        (graph.access_token(expires_in=-10), 500133),
        (graph.access_token(rogue=True), 50013),
        (graph.access_token(audience="another-app"), 50013),
        (graph.graph_token(), 50013),
        (graph.access_token(scp=None), 50013),
    ):
        found = app.acquire_token_on_behalf_of(assertion, GRAPH_SCOPES)
        assert (found["error"], found["error_codes"]) == ("invalid_grant", [number])
    found = app.acquire_token_on_behalf_of(graph.access_token(), ["https://graph.microsoft.com/Mail.Send"])
    assert (found["suberror"], found["error_codes"]) == ("consent_required", [65001])
    wrong = client_app(graph, http, secret="wrong")
    found = wrong.acquire_token_on_behalf_of(graph.access_token(), GRAPH_SCOPES)
    assert (found["error"], found["error_codes"]) == ("invalid_client", [7000215])


def test_an_app_by_itself_gets_a_token_of_its_own(
    graph: GraphEmulator, app: msal.ConfidentialClientApplication
) -> None:
    item = graph.add(contest(), drive=graph.library)
    graph.library.grants[CLIENT_ID] = "write"
    found = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    with Client(graph, item, token=found["access_token"]) as client:
        assert client.write("A2", 1).ok


def test_signing_in_with_a_code(graph: GraphEmulator, http: requests.Session) -> None:
    app = client_app(graph, http)
    back = "http://localhost:5000/signed-in"
    flow = app.initiate_auth_code_flow(GRAPH_SCOPES, redirect_uri=back, response_mode="form_post")
    page = http.get(flow["auth_uri"], timeout=10).text
    assert f'action="{back}"' in page
    posted = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    found = app.acquire_token_by_auth_code_flow(flow, posted)
    assert found["id_token_claims"]["oid"] == ORGANISER
    assert "refresh_token" in found
    again = app.acquire_token_by_auth_code_flow(flow, posted)
    assert again["error"] == "invalid_grant"


def test_a_stolen_code_is_worth_nothing_without_its_verifier(graph: GraphEmulator, http: requests.Session) -> None:
    app = client_app(graph, http)
    flow = app.initiate_auth_code_flow(GRAPH_SCOPES, redirect_uri="http://localhost/x", response_mode="form_post")
    posted = dict(re.findall(r'name="(\w+)" value="([^"]*)"', http.get(flow["auth_uri"], timeout=10).text))
    found = app.acquire_token_by_auth_code_flow(flow | {"code_verifier": "another"}, posted)
    assert (found["error"], found["error_codes"]) == ("invalid_grant", [501481])


def test_a_page_may_ask_from_anywhere(graph: GraphEmulator, http: requests.Session) -> None:
    asked = {"Origin": "https://pane.example", "Access-Control-Request-Headers": "authorization"}
    found = http.options(f"{graph.authority_url}/oauth2/v2.0/token", headers=asked, timeout=10)
    assert (found.status_code, found.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert found.headers["Access-Control-Allow-Headers"] == "authorization"


def test_a_code_may_also_come_back_in_the_address(graph: GraphEmulator, http: requests.Session) -> None:
    asked = {"client_id": CLIENT_ID, "redirect_uri": "http://localhost:5000/x", "response_type": "code", "state": "a&b"}
    for mode, mark in (("query", "?"), ("fragment", "#")):
        query = asked | {"response_mode": mode}
        page = http.get(f"{graph.authority_url}/oauth2/v2.0/authorize", params=query, allow_redirects=False, timeout=10)
        assert page.headers["Location"].startswith(f"http://localhost:5000/x{mark}code=")
        assert page.headers["Location"].endswith("&state=a%26b")


def test_the_next_requests_for_tokens_may_be_refused(
    graph: GraphEmulator, app: msal.ConfidentialClientApplication
) -> None:
    text = "Due to a configuration change made by your administrator, you must use multi-factor authentication."
    graph.authority.refusals.append(SignInError("interaction_required", 50076, text, suberror="basic_action"))
    assert app.acquire_token_on_behalf_of(graph.access_token(), GRAPH_SCOPES)["error"] == "interaction_required"
    assert "access_token" in app.acquire_token_on_behalf_of(graph.access_token(), GRAPH_SCOPES)


def test_discovery_of_the_instance_leads_to_the_tenant(graph: GraphEmulator, http: requests.Session) -> None:
    where = f"{graph.sign_in}/common/discovery/instance"
    asked = {"api-version": "1.1", "authorization_endpoint": f"{graph.authority_url}/oauth2/v2.0/authorize"}
    found = http.get(where, params=asked, timeout=10).json()
    assert http.get(found["tenant_discovery_endpoint"], timeout=10).json()["issuer"] == f"{graph.authority_url}/v2.0"
    unknown = http.get(f"{graph.sign_in}/nobody.example/v2.0/.well-known/openid-configuration", timeout=10)
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_tenant")
