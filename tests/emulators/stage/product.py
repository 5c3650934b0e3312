"""The real product for the stage: `serve` with its workers, told that Google is where the emulator listens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from server.config import Settings

ROOT = Path(__file__).resolve().parents[3]
popen = subprocess.Popen
"""Tests put one here that starts quicker."""
START_SECONDS = 60.0
STOP_SECONDS = 20.0
NOWHERE = {"SMTP_URL": "", "DATABASE_URL": "", "REDIS_URL": ""}
"""Against a developer's `.env`: nothing leaves this machine from the stage."""


class Product:
    """`python -m server serve` in a data folder of its own, with nothing of the developer's settings but PORT."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *, workbook: str = "") -> None:
        self._folder, self._workbook = folder, workbook
        ours = {str(field.validation_alias) for field in Settings.model_fields.values()} - {"PORT"}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        self._environment = {**kept, **NOWHERE, "CELLBACK_DATA_DIR": str(folder / "data"), **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self.address = ""
        """The desk's address, with its token."""

    @property
    def url(self) -> str:
        """The backend's address, without a slash at the end."""
        return self.address.partition("/?")[0]

    def start(self) -> None:
        """Start it and wait for its address. Raises RuntimeError with its last words when it ends instead."""
        printed, log = self._folder / "printed", self._folder / "log"
        with printed.open("wb") as out, log.open("wb") as err:
            command = [sys.executable, "-m", "server", "serve", *([self._workbook] if self._workbook else [])]
            self._process = popen(command, cwd=ROOT, env=self._environment, stdout=out, stderr=err)
        deadline = time.monotonic() + START_SECONDS
        while "?token=" not in printed.read_text(encoding="utf-8"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Cellback did not start:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        self.address = printed.read_text(encoding="utf-8").strip().splitlines()[-1]

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it and what it started."""
        if self._process is not None and self.alive():
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()
