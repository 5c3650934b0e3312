"""Child processes that end when we do: starting, watching, stopping. Knows nothing of what they are for."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from server.local.forked import Forked

Process = subprocess.Popen[bytes] | Forked
LAUNCHER = Path(__file__).with_name("launch.py")
LOG_BYTES = 1_000_000
"""A log larger than this is set aside at the next start."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 30.0
"""A child that ran this long is well: its next death starts the pauses anew."""


@functools.cache
def _spawner() -> ThreadPoolExecutor:
    """The one thread that starts children.

    The kernel sends PR_SET_PDEATHSIG when the *thread* that started the child ends, so it must be one that lives
    as long as the process does.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="spawner")


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep_open: Iterable[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program that ends with us, away from our terminal, with its output in `log`.

    `command[0]` is a full path. `keep_open` are file descriptors that it inherits.
    """
    launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *command]

    def start() -> subprocess.Popen[bytes]:
        with open_log(log) as output:
            return subprocess.Popen(
                launch,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                pass_fds=tuple(keep_open),
                start_new_session=True,
            )

    return _spawner().submit(start).result()


def open_log(path: Path) -> BinaryIO:
    """The log for appending, readable by its owner only; a large one is set aside as `.1` first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(path.name + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_words(path: Path) -> str:
    """What a program that did not start said last, for an error's sentence: its exception, else its last lines."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-40:]
    except OSError:
        return ""
    exceptions = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
    return exceptions[-1] if exceptions else " | ".join(line.strip() for line in lines[-3:])


def end(processes: Iterable[Process], timeout: float) -> None:
    """One SIGTERM to each, then SIGKILL to the groups of those that are still there after `timeout` seconds."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + timeout
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass
class Child:
    """A program that should always be running; `check` starts it again, with pauses that grow to half a minute."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path
    ahead: Forked | None = None
    """A process that waits to become the program; it can do so once."""
    process: Process | None = None
    _started: float = 0.0
    _pause: float = FIRST_PAUSE
    _due: float | None = None

    def start(self) -> None:
        """Start it now."""
        self._due = None
        self._started = time.monotonic()
        self.process = self._become() or spawn(self.command, log=self.log, env=self.env, cwd=self.cwd)

    def _become(self) -> Forked | None:
        ahead, self.ahead = self.ahead, None
        if ahead is None:
            return None
        with open_log(self.log) as log:
            return ahead if ahead.become(self.name, self.command, log, self.env, self.cwd) else None

    def check(self) -> str | None:
        """Start it again when it is dead and its pause is over; a sentence when something happened."""
        if self._due is not None:
            if time.monotonic() < self._due:
                return None
            self.start()
            return f"{self.name} was started again."
        if self.process is None or (code := self.process.poll()) is None:
            return None
        ran = time.monotonic() - self._started
        self._pause = FIRST_PAUSE if ran >= HEALTHY_SECONDS else min(self._pause * 2, LONGEST_PAUSE)
        self._due = time.monotonic() + self._pause
        return f"{self.name} {ending(code)}. It starts again in {self._pause:g} s; see {self.log}."


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
