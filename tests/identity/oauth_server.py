"""Google's token address and the one call of the Sheets API that reads proofs, on a loopback socket."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.identity.signer import PERSON, google

CLIENT = "55-web.apps.googleusercontent.com"
SCOPE = "https://www.googleapis.com/auth/drive.file"


class OAuthServer:
    """What people permitted, and how it answers next."""

    def __init__(self) -> None:
        self.url = ""
        self.challenge = ""
        self.email = PERSON
        self.granted = f"openid {SCOPE}"
        self.revoked = False
        self.broken = False
        self.status = 200
        self.forms: list[dict[str, str]] = []
        self.words: list[str] = []
        self.metadata_status = 200
        self.searches: list[tuple[str, str, Any]] = []

    def consent(self, address: str) -> dict[str, str]:
        """The person says yes on Google's page: what its address said."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.challenge = said["code_challenge"]
        return said

    def token(self, form: dict[str, str]) -> tuple[int, Any]:
        self.forms.append(form)
        if self.broken:
            return 502, None
        if form["grant_type"] == "refresh_token":
            if self.revoked:
                told = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
                return 400, told
            return 200, {"access_token": "at-2", "expires_in": 3599, "token_type": "Bearer"}
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if form["code"] != "good-code" or digest.decode() != self.challenge:
            return 400, {"error": "invalid_grant"}
        identity = google().token(aud=CLIENT, email=self.email)
        return 200, {
            "access_token": "at-1",
            "expires_in": 3599,
            "refresh_token": "1//refresh",
            "scope": self.granted,
            "id_token": identity,
            "token_type": "Bearer",
        }

    def search(self, path: str, bearer: str, body: Any) -> tuple[int, Any]:
        self.searches.append((path, bearer, body))
        if self.metadata_status != 200:
            return self.metadata_status, {"error": {"code": self.metadata_status, "status": "PERMISSION_DENIED"}}
        found = [
            {"developerMetadata": {"metadataKey": "cellback-proof", "metadataValue": word, "visibility": "DOCUMENT"}}
            for word in self.words
        ]
        return 200, {"matchedDeveloperMetadata": found} if found else {}


@contextmanager
def serving() -> Iterator[OAuthServer]:
    """The server, up while the block runs."""
    state = OAuthServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, {google().kid: google().certificate()})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if self.path == "/token":
                self.answer(*state.token({name: values[0] for name, values in parse_qs(body).items()}))
            else:
                self.answer(*state.search(self.path, self.headers.get("Authorization", ""), json.loads(body)))

        def answer(self, status: int, told: Any) -> None:
            data = b"<html>Bad gateway</html>" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if told is None else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
