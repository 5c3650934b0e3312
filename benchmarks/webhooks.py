"""Signed webhooks that our web server stores in a second, and how long one waits for its answer.

The real gunicorn with SQLite (synchronous FULL) and Redis; two processes post over 16 kept connections, all events
distinct. Baseline in the same run: the same gunicorn settings on an application that only checks the same signature.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.channels.outbox import SIGNATURE_HEADER, signature, signing_key
from server.config import Settings, load_settings
from server.local.supervisor import Supervisor

SECONDS = 6.0
PROCESSES, CONNECTIONS = 2, 8
ROOT = Path(__file__).resolve().parents[1]
SECRET = "a secret only for this benchmark"

PLAIN = """
import hmac
from flask import Flask, request
from server.channels.outbox import SIGNATURE_HEADER, signature, signing_key
app, key = Flask("plain"), signing_key({secret!r})

@app.post("/webhooks/outbox")
def hook():
    stamp, _, given = request.headers[SIGNATURE_HEADER].removeprefix("t=").partition(",v1=")
    return "", 204 if hmac.compare_digest(signature(key, stamp, request.get_data()), given) else 401
"""


def main() -> None:
    """Print events a second and the 99th percentile of the answer's time."""
    base = _measure("signature only, nothing stored", _plain)
    _measure("verified, stored, queued", _ours, base)


def _measure(name: str, serve, base: float = 0.0) -> float:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as port:
        command = [sys.executable, "-m", "benchmarks.webhooks", str(port)]
        posting = [
            subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for number in range(PROCESSES)
        ]
        waits = sorted(wait for one in posting for wait in json.loads(one.communicate()[0]))
    rate, late = len(waits) / SECONDS, waits[int(len(waits) * 0.99)] * 1000
    ratio = f"  {rate / base:4.2f}x" if base else "  1.00x"
    print(
        f"{name:34} {rate:6.0f}/s  p50 {waits[len(waits) // 2] * 1000:5.1f} ms  p99 {late:5.1f} ms{ratio}", flush=True
    )
    return rate


@contextmanager
def _ours(folder: Path) -> Iterator[int]:
    settings: Settings = load_settings(CELLBACK_DATA_DIR=str(folder), PORT=0, CELLBACK_SECRET_KEY=SECRET, REDIS_URL="")
    supervisor = Supervisor(settings, web=True, clock=False, workers={})
    os.environ["CELLBACK_SECRET_KEY"] = SECRET
    address = supervisor.start()["base_url"]
    try:
        yield int(address.rpartition(":")[2])
    finally:
        supervisor.stop()


@contextmanager
def _plain(folder: Path) -> Iterator[int]:
    (folder / "plain.py").write_text(PLAIN.format(secret=SECRET), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = ["--worker-class=gthread", "--threads=16", "--keep-alive=5", f"--bind=127.0.0.1:{port}"]
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "gunicorn", *settings, "--log-level=warning", "plain:app"]
    server = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        _await(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("The baseline did not start.")


def post(port: int, sender: int) -> list[float]:
    """Post for some seconds over some connections; how long each answer took."""
    waits: list[float] = []
    end = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=_post, args=(port, f"{sender}-{number}", end, waits)) for number in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def _post(port: int, name: str, end: float, waits: list[float]) -> None:
    key, number = signing_key(SECRET), 0
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < end:
            number += 1
            event = {"id": f"delivered:{name}-{number}", "type": "delivered", "mail": f"m{name}{number}", "token": ""}
            body, stamp = json.dumps([event]).encode(), str(int(time.time()))
            head = (
                f"POST /webhooks/outbox HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                f"{SIGNATURE_HEADER}: t={stamp},v1={signature(key, stamp, body)}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            line.sendall(head.encode() + body)
            answer = line.recv(65536)
            waits.append(time.perf_counter() - began)
            if b" 204 " not in answer[:16]:
                raise SystemExit(f"Refused: {answer[:200]!r}")


if __name__ == "__main__":
    json.dump(post(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
