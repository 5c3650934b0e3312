"""The task pane's page: open to anybody, framed by Excel alone, with nothing of anybody's in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.config import OFFICE_HOSTS, Settings
from server.errors import ConfigError
from server.web.app import WebApp
from server.web.excel_pane import MSAL_FILE, msal_folder

CLIENT = "c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"
TENANT = "7a1c0d52-9f43-4f0e-8a55-3c2b1e60d9aa"
OTHER = "11111111-9f43-4f0e-8a55-3c2b1e60d9aa"


@pytest.fixture
def anybody(make_app: Callable[..., WebApp]) -> Callable[..., FlaskClient]:
    """Somebody without a token, at an installation with these settings."""
    return lambda **variables: make_app(**variables).test_client()


def policy(client: FlaskClient, path: str = "/excel/taskpane") -> dict[str, list[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {name: values for name, *values in (part.split() for part in header.split("; "))}


def test_it_serves_the_page_and_everything_of_ours_that_it_loads(anybody: Callable[..., FlaskClient]) -> None:
    client = anybody()
    page = client.get("/excel/taskpane")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "X-Frame-Options" not in page.headers
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        with client.get(address) as answer:
            assert answer.status_code == 200, address
    assert '<script src="https://appsforoffice.microsoft.com/lib/1/hosted/office.js"></script>\n</head>' in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)


@pytest.mark.parametrize(
    "name", ["start.js", "host.js", "dressing.js", "rows.js", "identity.js", "help.js", "old.js", "pane.css"]
)
def test_its_files_are_asked_about_each_time(anybody: Callable[..., FlaskClient], name: str) -> None:
    client = anybody()
    with client.get(f"/excel/{name}") as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
        known = {"If-None-Match": answer.headers["ETag"]}
    with client.get(f"/excel/{name}", headers=known) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("size", [16, 32, 64, 80, 128])
def test_it_has_icons_for_the_ribbon(anybody: Callable[..., FlaskClient], size: int) -> None:
    with anybody().get(f"/excel/icons/icon-{size}.png") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/png")


@pytest.mark.parametrize(
    "path", ["taskpane.html", "signed_in.html", "..%2Fpyproject.toml", "icons/..%2Fhost.js", "no.js"]
)
def test_nothing_else_comes_out(anybody: Callable[..., FlaskClient], path: str) -> None:
    with anybody().get(f"/excel/{path}") as answer:
        assert answer.status_code == 404


def test_only_excel_may_frame_it_and_only_its_script_runs_beside_ours(anybody: Callable[..., FlaskClient]) -> None:
    client = anybody()
    rules = policy(client)
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == ["'self'", "https://appsforoffice.microsoft.com"]
    assert rules["connect-src"] == rules["frame-src"] == ["'self'", "https://login.microsoftonline.com"]
    assert rules["frame-ancestors"] == ["'self'", *OFFICE_HOSTS.split()]
    assert policy(client, "/excel/signed-in") == rules
    assert policy(client, "/healthz")["frame-ancestors"] == ["'self'"]


def test_who_may_frame_it_can_be_set(anybody: Callable[..., FlaskClient]) -> None:
    client = anybody(EXCEL_FRAME_ANCESTORS="https://*.sharepoint.us http://127.0.0.1:8100")
    assert policy(client)["frame-ancestors"] == ["'self'", "https://*.sharepoint.us", "http://127.0.0.1:8100"]


@pytest.mark.parametrize(
    "wrong", ["*", "https://a.example; script-src *", "http://a.example", "https://a.example/x", "'self'"]
)
def test_a_setting_that_would_open_it_wider_is_refused(settings: Callable[..., Settings], wrong: str) -> None:
    with pytest.raises(ConfigError, match="EXCEL_FRAME_ANCESTORS"):
        settings(EXCEL_FRAME_ANCESTORS=wrong)


@pytest.mark.parametrize(
    ("tenants", "asked"), [(TENANT, TENANT), (f"{TENANT} {OTHER}", "organizations"), ("", "organizations")]
)
def test_the_page_says_with_whom_to_sign_in(anybody: Callable[..., FlaskClient], tenants: str, asked: str) -> None:
    page = anybody(
        MSGRAPH_CLIENT_ID=CLIENT, MSGRAPH_TENANT_ID=tenants, PUBLIC_BASE_URL="https://cellback.example.org"
    ).get("/excel/taskpane", base_url="https://cellback.example.org")
    assert f'data-client-id="{CLIENT}"' in page.text
    assert f'data-authority="https://login.microsoftonline.com/{asked}"' in page.text
    assert f'data-scope="api://cellback.example.org/{CLIENT}/access_as_user"' in page.text


def test_the_library_for_signing_in_is_served_once_it_is_installed(make_app: Callable[..., WebApp]) -> None:
    app = make_app()
    client = app.test_client()
    assert client.get("/excel/msal.js").status_code == 404
    folder: Path = msal_folder(app.settings.data_dir)
    folder.mkdir()
    (folder / MSAL_FILE).write_text("// MSAL", encoding="utf-8")
    with client.get("/excel/msal.js") as answer:
        assert (answer.text, answer.mimetype) == ("// MSAL", "text/javascript")
