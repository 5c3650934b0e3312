"""Who may come in: token, cookie, host, origin; and what every answer carries."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.web.app import WebApp
from tests.web.conftest import MakeApp

PRIVATE = ["/", "/panel", "/docs", "/openapi.json", "/docs/start.js", "/api/session", "/api/grid", "/api/mailbox"]
PUBLIC = ["/healthz", "/u/abcdefghjkmnpqrstuvw2345"]


@pytest.mark.parametrize("path", PRIVATE)
def test_it_lets_nobody_in_without_the_token(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/api/nothing/here", "/nothing-here", "/docs/swagger/js/swagger-ui-bundle.js"])
def test_it_tells_a_stranger_nothing_about_what_exists(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 401


@pytest.mark.parametrize("path", PUBLIC)
def test_it_is_open_to_those_who_carry_no_token(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 200


def test_it_says_kindly_how_to_come_in(stranger: FlaskClient) -> None:
    answer = stranger.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert answer.mimetype == "text/html"
    assert "Open the address that was printed at start" in answer.text


def test_it_swaps_the_token_in_the_address_for_a_cookie(stranger: FlaskClient, token: str) -> None:
    answer = stranger.get(f"/?token={token}&workbook=a%20b.xlsx")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/?workbook=a+b.xlsx"
    cookie = answer.headers["Set-Cookie"]
    assert token not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert stranger.get("/api/session").status_code == 200


def test_it_marks_the_cookie_secure_behind_https(make_app: MakeApp) -> None:
    app = make_app(PUBLIC_BASE_URL="https://cellback.example.org")
    token = app.settings.access_token()
    answer = app.test_client().get(f"/?token={token}", headers={"Host": "cellback.example.org"})
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("token", ["", "wrong", "é", "x" * 5000])
def test_it_does_not_take_another_token(stranger: FlaskClient, token: str) -> None:
    answer = stranger.get("/", query_string={"token": token})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert stranger.get("/api/session", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_it_does_not_take_a_cookie_that_it_did_not_sign(stranger: FlaskClient, app: WebApp) -> None:
    for value in ("", "desk", "ImRlc2si.awFyOQ.h3gQIkbEeNtOxMw36T-hDDZkOTuTkGUxp71wtDTbrAA"):
        stranger.set_cookie(f"cellback_{app.settings.port}", value)
        assert stranger.get("/api/session").status_code == 401


def test_it_ends_the_sessions_of_an_old_token(make_app: MakeApp) -> None:
    app = make_app()
    client = app.test_client()
    client.get(f"/?token={app.settings.access_token()}")
    assert client.get("/api/session").status_code == 200
    (app.settings.data_dir / "access.token").write_text("another-token-altogether")
    cookie = client.get_cookie(f"cellback_{app.settings.port}")
    assert cookie is not None
    later = make_app().test_client()
    later.set_cookie(cookie.key, cookie.value)
    assert later.get("/api/session").status_code == 401


def test_it_takes_the_token_as_a_bearer(stranger: FlaskClient, token: str) -> None:
    assert stranger.get("/api/session", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_it_carries_nothing_out_for_another_sites_page(desk: FlaskClient, headers: dict[str, str]) -> None:
    desk.environ_base.pop("HTTP_SEC_FETCH_SITE")
    answer = desk.post("/api/campaigns", json={}, headers=headers)
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_it_carries_out_what_its_own_pages_ask(desk: FlaskClient, headers: dict[str, str]) -> None:
    desk.environ_base.pop("HTTP_SEC_FETCH_SITE")
    assert desk.post("/api/campaigns", json={"nonsense": 1}, headers=headers).status_code == 422


def test_it_lets_no_other_site_read_with_the_cookie(desk: FlaskClient) -> None:
    assert desk.get("/api/session", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:5000", "[", ""])
def test_it_does_not_answer_to_another_name(stranger: FlaskClient, token: str, host: str) -> None:
    headers = {"Host": host, "Authorization": f"Bearer {token}"}
    for path in ("/", "/api/session", "/u/abc", "/webhooks/fake"):
        assert stranger.get(path, headers=headers).status_code in {400, 421}


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "[::1]:5000", "LOCALHOST:80"])
def test_it_answers_to_its_own_names(stranger: FlaskClient, token: str, host: str) -> None:
    headers = {"Host": host, "Authorization": f"Bearer {token}"}
    assert stranger.get("/api/session", headers=headers).status_code == 200


def test_it_answers_a_probe_by_any_name(stranger: FlaskClient) -> None:
    assert stranger.get("/healthz", headers={"Host": "10.0.0.7:5000"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/session", "/api/nothing", "/healthz", "/u/abc", "/docs"])
def test_it_sends_the_security_headers_with_every_answer(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy or path == "/docs"
    assert "unsafe-eval" not in policy
