"""The stage: what the page needs of the emulated spreadsheet, as routes of the emulator's own server.

Only loopback, and everything behind it is emulated. Errors are {"detail": sentence}.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.emulators.sheets import Answer, Emulator, Request, Workbook, access, discovery, service
from tests.emulators.sheets.access import Caller
from tests.emulators.sheets.errors import ApiError
from tests.emulators.stage.snapshot import snapshot

STATIC = Path(__file__).parent / "static"
PREFIX = "/stage/"
AUDIENCE = "000000000000-stage.apps.googleusercontent.com"
"""The OAuth client of the script project, had it one."""

ANA, BEN, CLEO = "ana@example.org", "ben@example.org", "cleo@example.org"
ROLES = {ANA: "owner", BEN: "reader"}
"""Who may do what with the sample at the start; Cleo may nothing."""

Given = Mapping[str, Any]


class Stage:
    """One spreadsheet on show. `addon` is the folder of the add-on's files, once they are written for a backend."""

    def __init__(self, google: Emulator, book: Workbook) -> None:
        self.google = google
        self.book = book
        self.addon: Path | None = None
        google.route(PREFIX, self.respond)

    @property
    def url(self) -> str:
        """The page's address."""
        return self.google.url + PREFIX

    def respond(self, request: Request) -> Answer:
        """Data, a person's deed, else a file of the page."""
        name = request.path.removeprefix(PREFIX)
        handler = (READ if request.http == "GET" else WRITE).get(name)
        if handler is None:
            return self._file(name or "stage.html")
        asked = dict(request.query) if request.http == "GET" else json.loads(request.body)
        try:
            with self.google.lock:
                return _json(handler(self, asked))
        except ApiError as error:
            return _json({"detail": error.message}, error.code)

    def look(self, asked: Given) -> Any:
        """The spreadsheet as that account sees it; with the `version` of the last look, an unchanged one is short."""
        version = f"{self.book.revision} {self.book.roles}"
        if asked.get("version") == version:
            return {"unchanged": True}
        if "cells" not in asked:
            access.check(self.book, Caller(asked["account"]), "read")
        return snapshot(self.book, cells="cells" in asked) | {"version": version}

    def files(self, _asked: Given) -> Any:
        """The add-on's sources and pages, as they are in the folder now: a reload shows an edit."""
        assert self.addon is not None, "the backend is not up yet"
        texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(self.addon.iterdir())}
        return {
            "accounts": [ANA, BEN, CLEO],
            "sources": {name: text for name, text in texts.items() if name.endswith(".gs")},
            "pages": {name: text for name, text in texts.items() if name.endswith(".html")},
        }

    def token(self, asked: Given) -> Any:
        """An identity token of that account."""
        return {"token": self.google.identity_token(email=asked["account"], audience=AUDIENCE)}

    def batch(self, asked: Given) -> Any:
        """Requests of the API's batchUpdate, as that person; neither quota nor faults are a person's."""
        who = Caller(asked["account"])
        found = discovery.find("POST", f"/v4/spreadsheets/{self.book.id}:batchUpdate")
        assert found is not None
        method, path = found
        body = discovery.check_body(str(method.request), {"requests": asked["requests"]})
        return service.perform(access.check(self.book, who, "write"), method, path, body, who)

    def type(self, asked: Given) -> Any:
        """One cell, as that person types it."""
        access.check(self.book, Caller(asked["account"]), "write")
        self.book.type(self.book.sheet(asked["sheetId"]), asked["row"], asked["column"], asked["text"])
        return {}

    def share(self, asked: Given) -> Any:
        """Let somebody in; with an empty role, shut them out."""
        if asked["role"]:
            self.book.share(asked["address"], asked["role"])
        else:
            self.book.unshare(asked["address"])
        return {}

    def _file(self, name: str) -> Answer:
        path = (STATIC / name).resolve()
        if path.parent != STATIC or not path.is_file():
            return _json({"detail": "There is nothing here."}, 404)
        kind = "text/javascript" if path.suffix == ".mjs" else mimetypes.guess_type(path.name)[0]
        return Answer(200, path.read_bytes(), {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-store"})


Handler = Callable[[Stage, Given], Any]
READ: dict[str, Handler] = {"book": Stage.look, "addon": Stage.files, "token": Stage.token}
WRITE: dict[str, Handler] = {"batch": Stage.batch, "type": Stage.type, "share": Stage.share}


def _json(content: Any, status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(status, json.dumps(content).encode(), headers)
