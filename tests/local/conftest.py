"""A folder where the sample jobs leave their traces, and workers that run them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def traces(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Lines that jobs left under a name."""
    monkeypatch.setenv("SAMPLE_DIR", str(data_dir))

    def read(name: str) -> list[str]:
        path = data_dir / name
        return path.read_text().splitlines() if path.exists() else []

    return read


@pytest.fixture
def start_worker(redis_db: str, traces: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a real worker for the sample jobs, in a process of its own."""
    started: list[subprocess.Popen[str]] = []
    monkeypatch.setenv("REDIS_URL", redis_db)

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.local.sample_jobs", "fast"]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
