"""Starts what Cellback needs on one machine, keeps it running, stops it: Redis, workers, clock, web server."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from server.config import Settings
from server.errors import ConfigError
from server.local.children import Child, end, last_words
from server.local.forked import Forked, fork_ahead
from server.local.redis import OLDEST, EmbeddedRedis
from server.local.services import Claim, Services, running
from server.queue import BULK, FAST, connect

__all__ = ["Services", "Supervisor", "child_environment", "running"]

ROOT = Path(__file__).resolve().parents[2]
WEB_SECONDS = 30.0
REDIS_SHARE = 0.25
"""The part of the time for stopping that is kept for Redis, which ends last: the others still talk to it."""


class Supervisor:
    """One process tree for a data folder. Its owner calls `check` about every second, and `stop` at the end.

    Everything it starts ends with it, however it ends. Children don't hear the terminal's Ctrl-C: they get one
    SIGTERM from `stop`. What they print is in `<data folder>/log/<name>.log`.
    """

    def __init__(
        self, settings: Settings, *, web: bool, clock: bool = True, workers: Mapping[str, int] | None = None
    ) -> None:
        """`workers` says how many processes work on each queue (default: one each)."""
        self.settings = settings.model_copy(update={"data_dir": settings.data_dir.resolve()})
        self.redis_url = settings.redis_url
        self._web = web
        self._clock = clock
        self._workers = {FAST: 1, BULK: 1} if workers is None else dict(workers)
        self._claim = Claim(self.settings.data_dir)
        self._redis: EmbeddedRedis | None = None
        self._children: dict[str, Child] = {}
        self._ahead: dict[str, Forked] = {}
        self._lock = threading.RLock()

    @property
    def base_url(self) -> str:
        """Where the web server is reached."""
        return self.settings.base_url

    def fork_ahead(self) -> None:
        """Before anything else: halves what `start` takes. It does nothing where that is not possible.

        `stop` ends what was forked, also when `start` was not called.
        """
        self._ahead = fork_ahead(self.programs())

    def start(self) -> Services:
        """Start everything and wait until Redis and the web server answer.

        Raises Conflict when another supervisor serves this data folder, ConfigError when something can't be
        started: no Redis program, REDIS_URL answered by nobody, the port in use.
        """
        with self._lock:
            self._claim.take()
            try:
                if self._web:
                    self._choose_port()
                self._start_redis()
                self._start_children()
                services = self.services()
                self._claim.announce(services)
                return services
            except BaseException:
                self.stop()
                raise

    def services(self) -> Services:
        """What others need to know to join."""
        return {"pid": os.getpid(), "redis_url": self.redis_url, "base_url": self.base_url if self._web else ""}

    def check(self) -> list[str]:
        """Start again what has died, with growing pauses; a sentence for everything that happened since last time."""
        with self._lock:
            happened = []
            if self._redis is not None and not self._redis.alive():
                happened.append(self._revive_redis(self._redis))
            happened += [sentence for child in self._children.values() if (sentence := child.check())]
            return happened

    def stop(self, timeout: float = 8.0) -> None:
        """Stop everything within so many seconds: one SIGTERM, and SIGKILL for what is left near the end."""
        with self._lock:
            children, self._children = self._children, {}
            processes = [child.process for child in children.values() if child.process is not None]
            end(processes, timeout * (1 - REDIS_SHARE))
            while self._ahead:
                self._ahead.popitem()[1].dismiss()
            if self._redis is not None:
                self._redis.stop(timeout * REDIS_SHARE)
                self._redis = None
            self._claim.release()

    def pids(self) -> dict[str, int]:
        """Process ids of the running children, by name."""
        with self._lock:
            found = {name: child.process for name, child in self._children.items()}
            return {name: process.pid for name, process in found.items() if process and process.poll() is None}

    def programs(self) -> dict[str, Sequence[str]]:
        """Name -> command of everything but Redis."""
        python = sys.executable
        found: dict[str, Sequence[str]] = {}
        for queue, count in self._workers.items():
            for number in range(1, count + 1):
                name = f"worker-{queue}" if number == 1 else f"worker-{queue}-{number}"
                found[name] = [python, "-m", "jobs.worker", queue]
        if self._clock:
            found["clock"] = [python, "-m", "jobs.clock"]
        if self._web:
            found["web"] = [python, "-m", "gunicorn", "--config", "python:server.gunicorn", "server:create_app()"]
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_redis(self) -> None:
        if self.redis_url:
            check_redis(self.redis_url)
            return
        self._redis = EmbeddedRedis(self.settings.data_dir / "redis")
        self.redis_url = self._redis.start()

    def _revive_redis(self, redis: EmbeddedRedis) -> str:
        try:
            redis.start()
        except ConfigError as error:
            return f"The embedded Redis ended and does not start: {error}"
        return f"The embedded Redis ended and was started again; see {redis.log}."

    def _start_children(self) -> None:
        settings = self.settings.model_copy(update={"redis_url": self.redis_url})
        environment = child_environment(settings)
        for name, command in self.programs().items():
            log = self.settings.data_dir / "log" / f"{name}.log"
            child = self._children[name] = Child(name, command, log, environment, ROOT, self._ahead.pop(name, None))
            child.start()
        if "web" in self._children:
            self._await_web(self._children["web"])

    def _choose_port(self) -> None:
        """Look whether the port is free before anything is started; port 0 means any free one."""
        port = free_port(self.settings.host, self.settings.port)
        self.settings = self.settings.model_copy(update={"port": port})

    def _await_web(self, web: Child) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        while time.monotonic() < deadline and web.process is not None and web.process.poll() is None:
            if answers(self.settings.host, self.settings.port):
                return
            time.sleep(0.05)
        raise ConfigError([f"The web server did not start. {web.log} says: {last_words(web.log)}"])


def answers(host: str, port: int) -> bool:
    """Whether an application answers there, whatever it says; gunicorn itself listens before it has one."""
    connection = http.client.HTTPConnection(host, port, timeout=5)  # the kernel takes 0.0.0.0 for this machine
    try:
        connection.request("GET", "/healthz")
        return bool(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def child_environment(settings: Settings) -> dict[str, str]:
    """Our environment, with every setting as it is here, so that the children come to the same ones."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        variable = str(field.validation_alias or name)
        environment.pop(variable, None)
        if value is not None:
            environment[variable] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return environment


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0. Raises ConfigError with what to do when it can't be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as probe:
            return int(probe.getsockname()[1])
    except PermissionError:
        raise ConfigError([f"Port {port} may not be used by you. Choose one above 1023: PORT=5000 make run"]) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else 5000
            raise ConfigError(
                [f"Port {port} is in use by another program. Stop it or choose another one: PORT={other} make run"]
            ) from None
        raise ConfigError([f"HOST={host}: can't be listened on ({error.strerror})."]) from None


def check_redis(url: str) -> None:
    """Raises ConfigError when REDIS_URL is answered by nobody, or by a server that is too old."""
    from redis.exceptions import RedisError

    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
    try:
        with connect(url, socket_timeout=5, socket_connect_timeout=5) as connection:
            shown = str(connection.info("server").get("redis_version", ""))
    except (RedisError, ValueError) as error:
        raise ConfigError(
            [f"REDIS_URL: no Redis answers at {where} ({type(error).__name__}). Start it, or unset REDIS_URL."]
        ) from error
    version = tuple(int(part) for part in shown.split(".")[:2] if part.isdigit())
    if version < OLDEST:
        raise ConfigError([f"REDIS_URL: Redis at {where} is version {shown}; Cellback needs 6.2 or newer."])
