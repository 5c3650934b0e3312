"""Other origins: the sidebar's pages may call the API with a session, and nobody's with a cookie."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.web.app import WebApp
from tests.web.conftest import MakeApp

SIDEBAR = "https://n-4vjx6q2abcdefghijklmnopqrstuvw-0lu-script.googleusercontent.com"
OWN = "https://sheets.example.org"
STRANGERS = [
    "https://evil.example",
    "null",
    "",
    "*",
    "http://n-4vjx6q2abc-0lu-script.googleusercontent.com",
    "https://n-4vjx6q2abc-0lu-script.googleusercontent.com.evil.example",
    "https://n-4vjx6q2abc-0lu-script.googleusercontent.com:8443",
    "https://n-4vjx6q2abc-0lu-script.googleusercontent.com/",
    "https://evil.example/n-abc-0lu-script.googleusercontent.com",
    "https://n-a.evil.example#-0lu-script.googleusercontent.com",
    "https://n-4vjx6q2abc-10lu-scriptxgoogleusercontent.com",
    "https://script.googleusercontent.com",
    "https://n-ABC-0lu-script.googleusercontent.com",
    "https://n-４-0lu-script.googleusercontent.com",
    f"{SIDEBAR}, https://evil.example",
    "https://SHEETS.example.org",
    "https://sheets.example.org.evil.example",
]


@pytest.fixture
def app(make_app: MakeApp) -> WebApp:
    return make_app(CELLBACK_ORIGINS=OWN)


def preflight(client: FlaskClient, origin: str, path: str = "/api/campaigns", method: str = "POST") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return dict(client.options(path, headers=asked).headers)


@pytest.mark.parametrize("origin", [SIDEBAR, SIDEBAR.replace("-0lu", "-3lu"), OWN])
def test_the_sidebars_browser_is_told_that_it_may_ask(stranger: FlaskClient, origin: str) -> None:
    headers = preflight(stranger, origin)
    assert headers["Access-Control-Allow-Origin"] == origin
    assert headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert int(headers["Access-Control-Max-Age"]) <= 600
    assert "Origin" in headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("origin", STRANGERS)
def test_no_other_page_may_ask_or_read(stranger: FlaskClient, token: str, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(stranger, origin)
    answer = stranger.get("/api/session", headers={"Origin": origin, "Authorization": f"Bearer {token}"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/", "/webhooks/fake", "/metrics", "/docs", "/openapi.json", "/u/abc", "/healthz"])
def test_only_the_api_is_shared(stranger: FlaskClient, token: str, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(stranger, SIDEBAR, path, "GET")
    answer = stranger.get(path, headers={"Origin": SIDEBAR, "Authorization": f"Bearer {token}"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_refusal_can_be_read_by_the_sidebar_too(stranger: FlaskClient) -> None:
    answer = stranger.get("/api/session", headers={"Origin": SIDEBAR})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == SIDEBAR


def test_a_question_beforehand_carries_nothing_out_and_no_other_one_goes_without_token(stranger: FlaskClient) -> None:
    assert stranger.options("/api/campaigns", headers={"Origin": SIDEBAR}).status_code == 401
    assert stranger.options("/api/campaigns").status_code == 401
    asked = {"Origin": SIDEBAR, "Access-Control-Request-Method": "POST"}
    assert stranger.post("/api/campaigns", json={}, headers=asked).status_code == 401


def test_style_and_scripts_are_anybodys(stranger: FlaskClient) -> None:
    for name in ("panel.css", "google.js", "panel.js", "chevron.svg"):
        with stranger.get(f"/static/panel/{name}", headers={"Origin": SIDEBAR}) as answer:
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("origin", [SIDEBAR, OWN, *STRANGERS])
@pytest.mark.parametrize("site", ["cross-site", None])
def test_a_cookie_from_another_origin_counts_nothing(desk: FlaskClient, origin: str, site: str | None) -> None:
    desk.environ_base.pop("HTTP_SEC_FETCH_SITE")
    headers = {"Origin": origin} | ({"Sec-Fetch-Site": site} if site else {})
    assert desk.get("/api/session", headers=headers).status_code == 403
    assert desk.post("/api/campaigns", json={}, headers=headers).status_code == 403


def test_our_own_pages_are_framed_by_nobody_else(desk: FlaskClient) -> None:
    assert "frame-ancestors 'self'" in desk.get("/panel").headers["Content-Security-Policy"]
