"""Stands in for Google around the web: one spreadsheet's metadata, and the people who open it in their sidebars."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.errors import NotShared
from server.identity.google import GoogleIdentity
from server.services import Services
from tests.identity.signer import AUDIENCE, PERSON, google

BOOK = "1AbcdefghijklmnopqrstuvwxyZ-_0123456789"
OTHER_BOOK = "1Zyxwvutsrqponmlkjihgfedcba-_9876543210"
ALLOWED = {"GOOGLE_IDENTITY_AUDIENCE": AUDIENCE, "CELLBACK_ALLOWED": "example.org guest@partner.example"}


def address(book: str) -> str:
    return f"https://docs.google.com/spreadsheets/d/{book}"


@dataclass
class Spreadsheets:
    """What is written into spreadsheets' metadata under our key, and which of them we may open."""

    words: dict[str, list[str]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=lambda: {BOOK, OTHER_BOOK})
    reads: int = 0

    def proofs(self, spreadsheet: str, person: str) -> list[str]:
        self.reads += 1
        if spreadsheet not in self.shared:
            raise NotShared("Share this spreadsheet with robot@example.com as Editor.", account="robot@example.com")
        return self.words.get(spreadsheet, [])

    def prove(self, spreadsheet: str, nonce: str) -> None:
        """What an editor's sidebar does."""
        self.words.setdefault(spreadsheet, []).append(nonce)


def stand_in(services: Services) -> Spreadsheets:
    """Let these services meet a Google of ours: real signatures, metadata in memory."""
    found = Spreadsheets()
    services.google.__dict__["identity"] = GoogleIdentity([AUDIENCE], "https://certs.invalid", google().fetch)
    services.spreadsheets.proofs = found.proofs  # type: ignore[method-assign]
    return found


def arrive(client: FlaskClient, book: str = BOOK, token: str = "", sheet: Any = 7, **headers: str) -> TestResponse:
    """Post an identity token (Ann's, unless another is given)."""
    body = {"identity_token": token or google().token(), "spreadsheet_id": book, "sheet_id": sheet}
    return client.post("/api/google/session", json=body, headers=headers)


def enter(client: FlaskClient, sheets: Spreadsheets, book: str = BOOK, email: str = PERSON) -> str:
    """Come in for good: prove, and get a session."""
    token = google().token(email=email)
    first = arrive(client, book, token)
    if first.status_code == 403:
        sheets.prove(book, first.json["nonce"])
        first = arrive(client, book, token)
    assert first.status_code == 200, first.json
    return str(first.json["token"])
