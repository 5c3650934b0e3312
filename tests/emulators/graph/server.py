"""The wire: a threaded HTTP server on the loopback, with or without TLS."""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.emulators.graph.call import Reply

Answer = Callable[[str, str, dict[str, str], bytes, str], Reply]
"""(method, target, headers in small letters, body, our address) -> the answer; may raise HangUp."""


class HangUp(Exception):
    """The connection is to be closed without an answer."""


class Listener:
    """One address that answers until it is stopped."""

    def __init__(self, answer: Answer, port: int, *, tls: bool = False) -> None:
        self._answer, self._tls = answer, tls
        self.port = port

    @property
    def ca_file(self) -> Path:
        """The certificate to trust, in PEM."""
        return _certificate()[0]

    def start(self) -> None:
        """Listen; the port is known from then on."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.answer = self._answer
        self.port = self._server.server_address[1]
        self._server.base = f"https://localhost:{self.port}" if self._tls else f"http://127.0.0.1:{self.port}"
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*_certificate())
            self._server.tls = context
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close, with all connections that clients keep open."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    answer: Answer
    base: str
    tls: ssl.SSLContext | None = None

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket] = set()
        super().__init__(*arguments)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """On the connection's own thread: a slow TLS handshake keeps nobody else waiting."""
        if self.tls is not None:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        self.connections.add(request)
        try:
            super().finish_request(request, client_address)
        except OSError:
            pass  # the client went away
        finally:
            self.connections.discard(request)
            request.close()

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "GraphEmulator"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            reply = self.server.answer(self.command, self.path, headers, body, self.server.base)
        except HangUp:
            self.close_connection = True
            return
        payload = reply.body if isinstance(reply.body, bytes) else b""
        if not payload and reply.body is not None:
            payload = json.dumps(reply.body, ensure_ascii=False).encode()
        self.send_response(reply.status)
        if reply.body is not None and "Content-Type" not in reply.headers:
            self.send_header("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Access-Control-Allow-Origin", "*")
        if request_id := headers.get("client-request-id"):
            self.send_header("client-request-id", request_id)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_OPTIONS(self) -> None:
        """A browser asks first: Graph and the sign-in may be called from any page."""
        self.send_response(204)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE")
        self.send_header("Access-Control-Allow-Headers", self.headers.get("Access-Control-Request-Headers") or "*")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond

    def log_message(self, *_: Any) -> None:
        """Silence: the emulator keeps a log of its own."""


@cache
def _certificate() -> tuple[Path, Path]:
    """A certificate for this machine alone, and its key: one for the whole process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = Path(tempfile.mkdtemp(prefix="graph-emulator-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, none))
    return public, private
