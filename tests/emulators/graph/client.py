"""A raw client for tests: the least that speaks to the emulator, one workbook at a time."""

from __future__ import annotations

from typing import Any

import requests

from tests.emulators.graph.drive import Item
from tests.emulators.graph.emulator import GraphEmulator


class Client:
    """`path` is relative to the workbook (`worksheets`), or to the service when it begins with a slash."""

    def __init__(self, graph: GraphEmulator, item: Item | None = None, *, token: str = "") -> None:
        self.graph = graph
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token or graph.graph_token()}"
        self.root = f"/drives/{item.drive.id}/items/{item.id}" if item else ""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        """One request; underscores in the names of headers stand for hyphens."""
        url = self.graph.url + (path if path.startswith("/") else f"{self.root}/workbook/{path}")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, url, json=json, headers=named, timeout=10, allow_redirects=False)

    def get(self, path: str, **headers: str) -> Any:
        """The body of a successful GET."""
        reply = self.ask("GET", path, **headers)
        assert reply.ok, reply.text
        return reply.json()

    def cells(self, address: str, sheet: str = "Contestants", grid: str = "values") -> list[list[Any]]:
        """One grid of a range."""
        found: list[list[Any]] = self.get(f"worksheets/{sheet}/range(address='{address}')?$select={grid}")[grid]
        return found

    def write(self, address: str, values: Any, sheet: str = "Contestants", **grids: Any) -> requests.Response:
        """PATCH a range."""
        body = grids if values is None else {"values": values} | grids
        return self.ask("PATCH", f"worksheets/{sheet}/range(address='{address}')", body)

    def session(self, *, persist: bool = True) -> str:
        """The id of a new session, sent with every request from now on."""
        reply = self.ask("POST", "createSession", {"persistChanges": persist})
        assert reply.status_code == 201, reply.text
        session_id = str(reply.json()["id"])
        self.http.headers["workbook-session-id"] = session_id
        return session_id


def codes(reply: requests.Response) -> list[str]:
    """The codes of an error, outermost first."""
    found, error = [], reply.json().get("error", {})
    while error.get("code"):
        found.append(str(error["code"]))
        error = error.get("innerError") or {}
    return found
