"""The task pane in Excel: its page, its own files, MSAL.js if it is installed, and where a sign-in ends."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, render_template, send_from_directory

from server.config import Settings
from server.web import languages
from server.web.app import here

ADDIN = Path(__file__).resolve().parents[2] / "excel_addin"
FILES = frozenset({".js", ".css"})
ICONS = frozenset({".png", ".svg"})

MSAL_VERSION = "5.29.0"
MSAL_FILE = "msal-browser.min.js"
MSAL_DIGEST = "sha384-+1voqNokNYsaqIXexF0kKI3c9W4OF0XNcgeM9IT0ieh5I+3edEvpJO+vQBfILohN"
"""Of the one build of MSAL.js that the pane runs: the browser refuses any other. It is Microsoft's own and too large
for this repository; `python -m server addin --msal` puts it into the data folder."""

pages = Blueprint("excel", __name__, template_folder=str(ADDIN))


@pages.get("/excel/taskpane")
def task_pane() -> Response:
    """The panel, as it sits in Excel."""
    settings = here().settings
    page = render_template(
        "taskpane.html",
        office_js=settings.office_js_url,
        client_id=settings.msgraph_client_id,
        authority=authority(settings),
        scope=f"{resource(settings.base_url, settings.msgraph_client_id)}/access_as_user",
        msal=MSAL_DIGEST,
        language=languages.expected(),
    )
    return _guarded(Response(page), settings)


@pages.get("/excel/signed-in")
def signed_in() -> Response:
    """Where Microsoft's sign-in ends, in a window or a frame of the pane, which reads the answer from its address."""
    return _guarded(Response(render_template("signed_in.html")), here().settings)


@pages.get("/excel/msal.js")
def msal() -> Response:
    """Microsoft's library for signing in; 404 where it is not installed, and Office signs in by itself."""
    return _revalidated(send_from_directory(msal_folder(here().settings.data_dir), MSAL_FILE))


@pages.get("/excel/<name>")
def file(name: str) -> Response:
    """Script and style that only Excel needs."""
    return _of(ADDIN, name, FILES)


@pages.get("/excel/icons/<name>")
def icon(name: str) -> Response:
    """What the ribbon shows."""
    return _of(ADDIN / "icons", name, ICONS)


def msal_folder(data_dir: Path) -> Path:
    """Where MSAL.js is kept."""
    return data_dir.resolve() / "excel"


def authority(settings: Settings) -> str:
    """Whom MSAL.js asks: the one tenant that may come in, or any organisation when there are several."""
    tenants = settings.msgraph_tenant_id.split()
    return f"{settings.msgraph_authority_url}/{tenants[0] if len(tenants) == 1 else 'organizations'}"


def resource(backend: str, client_id: str) -> str:
    """The application id URI, in the form that Office's own sign-in wants: with the host of the pane in it."""
    return f"api://{urlsplit(backend).netloc}/{client_id}"


def _policy(settings: Settings) -> str:
    office, entra = _origin(settings.office_js_url), _origin(settings.msgraph_authority_url)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {office}",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' {entra}",
            f"frame-src 'self' {entra}",
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors 'self' {settings.excel_frame_ancestors}",
        ]
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _guarded(response: Response, settings: Settings) -> Response:
    response.headers["Content-Security-Policy"] = _policy(settings)
    return response


def _of(folder: Path, name: str, suffixes: frozenset[str]) -> Response:
    if Path(name).suffix not in suffixes:
        abort(404)
    return _revalidated(send_from_directory(folder, name))


def _revalidated(response: Response) -> Response:
    """Kept by the browser, but asked about each time: a new version is there at once."""
    response.headers["Cache-Control"] = "no-cache"
    return response
