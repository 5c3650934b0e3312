"""A server that answers one HTTP request as a test says, byte by byte where it matters. For what no emulator does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

Act = Callable[[socket.socket, bytes], None]
"""What to do once a request is there: (connection, head and body)."""

SILENCE = 30.0


def answer(status: int = 200, body: bytes = b"{}", *headers: str) -> Act:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return lambda connection, _: connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def hang(connection: socket.socket, _: bytes) -> None:
    """No answer until the other side has had enough."""
    connection.settimeout(SILENCE)
    connection.recv(1)


def drop(connection: socket.socket, _: bytes) -> None:
    """The connection ends without an answer."""
    connection.close()


def half(connection: socket.socket, _: bytes) -> None:
    """It ends in the middle of the answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    connection.close()


def trickle(connection: socket.socket, _: bytes) -> None:
    """An answer that goes on for ever, a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    deadline = time.monotonic() + SILENCE
    while time.monotonic() < deadline:
        connection.sendall(b" ")
        time.sleep(0.02)


class Scripted:
    """Serves `act` on a loopback port; `requests` are what came in, one after another over any connection."""

    def __init__(self, act: Act | None = None, *, deaf: bool = False) -> None:
        """`deaf`: connections are taken, and nothing is ever read."""
        self.act = act or answer()
        self.requests: list[bytes] = []
        self.connections = 0
        self._deaf = deaf
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Scripted:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for each in (self._socket, *self._open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                each.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            if not self._deaf:
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            while request := self._read(connection):
                self.requests.append(request)
                self.act(connection, request)
        except OSError:
            return

    def _read(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65_536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        parts = [body]
        while (left := length - sum(map(len, parts))) > 0:
            parts.append(connection.recv(min(left, 1_000_000)))
            if not parts[-1]:
                return b""
        return head + b"\r\n\r\n" + b"".join(parts)
