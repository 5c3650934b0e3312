"""Who serves a data folder: one supervisor at a time (a lock), and how to reach what it runs (a file beside it)."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import TypedDict

from server.config import Settings
from server.errors import ConfigError, Conflict

LOCK = "services.lock"
FILE = "services.json"
STARTING_SECONDS = 20.0


class Services(TypedDict):
    """What a second command needs to join: `base_url` is "" while no web server runs there."""

    pid: int
    redis_url: str
    base_url: str


def running(settings: Settings) -> Services | None:
    """The services that another process runs in this data folder, or None. Waits while it is still starting them.

    Raises Conflict when it does not get ready.
    """
    deadline = time.monotonic() + STARTING_SECONDS
    while _held(settings.data_dir / LOCK):
        found = _read(settings.data_dir / FILE)
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise Conflict(
                f"Another Cellback holds {settings.data_dir} and does not get ready. Stop it, then try again."
            )
        time.sleep(0.05)
    return None


class Claim:
    """The right to serve a data folder; given back by `release`, or by the kernel when the process dies."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir
        self._lock: int | None = None

    def take(self) -> None:
        """Raises Conflict when another process has it, ConfigError when the folder can't be used."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(
                [f"{self._folder} can't be used ({error.strerror}). Set CELLBACK_DATA_DIR to a folder of yours."]
            ) from error
        for _ in range(20):  # `running` looks by taking the lock for a moment
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._lock = lock
                (self._folder / FILE).unlink(missing_ok=True)
                return
            time.sleep(0.02)
        os.close(lock)
        other = _read(self._folder / FILE)
        who = f" (process {other['pid']}{', ' + other['base_url'] if other['base_url'] else ''})" if other else ""
        raise Conflict(f"Cellback runs in {self._folder} already{who}. Use that one, or stop it first.")

    def announce(self, services: Services) -> None:
        """Write down how to reach the services, for their owner's eyes only: the URL may hold a password."""
        fresh = self._folder / f".{FILE}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(services, file)
        fresh.replace(self._folder / FILE)

    def release(self) -> None:
        """Give it back."""
        if self._lock is not None:
            (self._folder / FILE).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None


def _held(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _read(path: Path) -> Services | None:
    """The file's content, unless it was left by a process that is gone."""
    try:
        found: Services = json.loads(path.read_text(encoding="utf-8"))
        os.kill(found["pid"], 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:  # alive, and somebody else's
        return found
    return found
