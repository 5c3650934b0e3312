"""The few calls of the Sheets API that the live check makes: plain requests, none of the product's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
TIMEOUT = (5, 60)


class Refused(Exception):
    """An answer other than success; `code` 0 when there was none."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


class Api:
    """Calls for one spreadsheet, as a service account. `calls` counts them."""

    def __init__(self, key_file: Path, spreadsheet: str, base_url: str) -> None:
        key = json.loads(key_file.read_text(encoding="utf-8"))
        self.account = str(key["client_email"])
        self.calls = 0
        self._root = f"{base_url.rstrip('/')}/v4/spreadsheets/{spreadsheet}"
        credentials = Credentials.from_service_account_info(key, scopes=[SCOPE])  # type: ignore[no-untyped-call]
        self._session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]

    def get(self, address: str = "", **query: Any) -> dict[str, Any]:
        """GET; raises Refused."""
        return self._call("GET", address, params=query)

    def post(self, address: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST; raises Refused."""
        return self._call("POST", address, json=body)

    def batch(self, *asked: dict[str, Any]) -> list[dict[str, Any]]:
        """batchUpdate; its replies."""
        replies: list[dict[str, Any]] = self.post(":batchUpdate", {"requests": list(asked)}).get("replies", [])
        return replies

    def put_raw(self, area: dict[str, Any], values: list[list[Any]]) -> dict[str, Any]:
        """Values as they are, into a gridRange; the answer shows the whole range after it."""
        return self.put({"gridRange": area}, values)

    def put(self, data_filter: dict[str, Any], values: list[list[Any]]) -> dict[str, Any]:
        """The same into whatever the filter selects."""
        data = [{"dataFilter": data_filter, "majorDimension": "ROWS", "values": values}]
        body = {"valueInputOption": "RAW", "includeValuesInResponse": True, "data": data}
        return self.post("/values:batchUpdateByDataFilter", body)

    def values(self, area: dict[str, Any], render: str = "FORMATTED_VALUE") -> list[list[Any]]:
        """The values of a gridRange, without trailing blanks."""
        body = {"dataFilters": [{"gridRange": area}], "majorDimension": "ROWS", "valueRenderOption": render}
        ranges = self.post("/values:batchGetByDataFilter", body).get("valueRanges", [])
        found: list[list[Any]] = ranges[0]["valueRange"].get("values", []) if ranges else []
        return found

    def marks(self, key: str) -> list[dict[str, Any]]:
        """Developer metadata under that key."""
        body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": key}}]}
        found = self.post("/developerMetadata:search", body).get("matchedDeveloperMetadata", [])
        return [one["developerMetadata"] for one in found]

    def _call(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        self.calls += 1
        try:
            answer = self._session.request(method, self._root + address, timeout=TIMEOUT, **more)
        except requests.RequestException as error:
            raise Refused(0, type(error).__name__) from error
        try:
            found = answer.json()
        except ValueError:
            found = {}
        if answer.ok:
            return dict(found)
        raise Refused(answer.status_code, str(found.get("error", {}).get("message", answer.reason)))
