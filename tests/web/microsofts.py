"""Stands in for Microsoft around the web: the emulator's sign-in and files, and people who open them in Excel."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.identity.microsoft_permission import Http
from server.services import Services
from server.sheets.excel.address import Address, canonical
from tests.emulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, GraphEmulator, Item

NAME = "organiser@contoso.example"
TAB = "{00000000-0001-0000-0000-000000000000}"


def settings(graph: GraphEmulator, **more: Any) -> dict[str, Any]:
    """What an operator would set to let in the emulated directory's people."""
    return {
        "MSGRAPH_CLIENT_ID": CLIENT_ID,
        "MSGRAPH_CLIENT_SECRET": CLIENT_SECRET,
        "MSGRAPH_TENANT_ID": TENANT,
        "MSGRAPH_AUTHORITY_URL": graph.sign_in,
        "MSGRAPH_BASE_URL": graph.url,
        "CELLBACK_ALLOWED": "contoso.example",
        **more,
    }


def trust(services: Services, graph: GraphEmulator) -> None:
    """Let these services believe the emulator's certificate."""
    services.microsoft.__dict__["http"] = Http(str(graph.ca_file))


def kept_as(item: Item) -> str:
    """The one form in which a workbook is kept."""
    return canonical(Address(item.drive.id, item.id))


def come(client: FlaskClient, graph: GraphEmulator, url: str, token: str = "", **more: Any) -> TestResponse:
    """Post an access token (the organiser's, unless another is given) and the address of a workbook."""
    body = {"access_token": token or graph.access_token(), "document_url": url, **more}
    return client.post("/api/excel/session", json=body)
