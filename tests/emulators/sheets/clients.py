"""Clients for tests: a bare one that holds every answer against the API's description, and gspread on this host."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import gspread
import requests
from google.oauth2.service_account import Credentials

from tests.emulators.sheets import discovery
from tests.emulators.sheets.access import SPREADSHEETS
from tests.emulators.sheets.auth import ServiceAccount
from tests.emulators.sheets.emulator import Emulator
from tests.emulators.sheets.workbook import Workbook

GOOGLE = "https://sheets.googleapis.com"


class Refused(Exception):
    """An answer other than 200. `error` is what stands under "error" in its body."""

    def __init__(self, response: requests.Response) -> None:
        self.error: dict[str, Any] = response.json()["error"]
        super().__init__(self.error["message"])
        self.response = response
        self.code = response.status_code


class Bare:
    """Calls on one spreadsheet with a token out of thin air."""

    def __init__(self, google: Emulator, book: Workbook, email: str = "", *scopes: str) -> None:
        self.google, self.book = google, book
        self.email = email or google.service_account().email
        if not email:
            book.share(self.email)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {google.auth.access_token(self.email, *scopes)}"

    def call(self, http: str, path: str, *, body: Any = None, **query: Any) -> Any:
        """The answer's JSON, which fits the API's description. `path` follows the spreadsheet's id. Raises Refused."""
        url = f"{self.google.url}/v4/spreadsheets/{self.book.id}{path}"
        response = self.session.request(http, url, params=query, json=body, timeout=10)
        if response.status_code != 200:
            raise Refused(response)
        answer = response.json()
        found = discovery.find(http, urlsplit(response.url).path)
        assert found is not None
        assert discovery.faults(found[0].response, answer) == []
        return answer

    def get(self, path: str = "", **query: Any) -> Any:
        """GET."""
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any, **query: Any) -> Any:
        """POST."""
        return self.call("POST", path, body=body, **query)

    def batch(self, *requests_: dict[str, Any]) -> list[dict[str, Any]]:
        """batchUpdate; its replies."""
        replies: list[dict[str, Any]] = self.post(":batchUpdate", {"requests": list(requests_)})["replies"]
        return replies

    def values(self, range_: str, **query: Any) -> list[list[Any]]:
        """Values of one range, [] where there are none."""
        found: list[list[Any]] = self.get("/values:batchGet", ranges=[range_], **query)["valueRanges"][0].get(
            "values", []
        )
        return found


class OnThisHost(gspread.HTTPClient):
    """gspread's client with another host in its addresses. Set `host` before it is used."""

    host = GOOGLE

    def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> requests.Response:
        """As gspread's own."""
        response: requests.Response = super().request(method, endpoint.replace(GOOGLE, self.host), *args, **options)
        return response


def with_gspread(google: Emulator, account: ServiceAccount, *scopes: str) -> gspread.Client:
    """gspread signed in by google-auth with the account's key, all of it against the emulator."""
    credentials: Any = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        account.info, scopes=scopes or (SPREADSHEETS,)
    )
    client = gspread.Client(auth=credentials, http_client=OnThisHost)
    client.http_client.host = google.url  # type: ignore[attr-defined]
    client.set_timeout(10)
    return client
