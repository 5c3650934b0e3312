"""Processes that a command forks at its start, with our modules loaded, and that become our programs later.

Loading the modules is most of what a start takes: so it is done once for all of them. Only on Linux, only as long as
the command has one thread, and only for the first start of each: what has to be started again is started anew, by
`server.local.children.spawn`, and so is everything where nothing was forked.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import json
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
MODULES = (
    "jobs.worker",
    "jobs.clock",
    "jobs.drafting",
    "jobs.sending",
    "jobs.interpreting",
    "server.store.ledger",
)
WEB_MODULES = ("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "flask_openapi3", "server.web.app", "server.web.api")
SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.01

allowed = False
"""Set by the command line itself; who only calls it, such as a test, holds who knows what."""


@dataclass
class Forked:
    """A child of ours: as much of `subprocess.Popen` as is asked of one. It waits until it is told what to become."""

    pid: int
    ours: socket.socket
    returncode: int | None = None

    def become(self, name: str, command: Sequence[str], log: BinaryIO, env: Mapping[str, str], cwd: Path) -> bool:
        """Let it be `python -m MODULE ARGUMENT...` with this output; False when it is gone."""
        told = json.dumps({"name": name, "argv": list(command[2:]), "env": dict(env), "cwd": str(cwd)}).encode()
        try:
            with self.ours:
                socket.send_fds(self.ours, [b"\n"], [log.fileno()])
                self.ours.sendall(told)
        except OSError:
            self.terminate()
            self.wait()
            return False
        return True

    def dismiss(self) -> None:
        """Nothing is left for it to do."""
        self.ours.close()
        self.wait()

    def poll(self) -> int | None:
        """The exit code, or minus the signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return code

    def terminate(self) -> None:
        """SIGTERM, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


def fork_ahead(programs: Mapping[str, Sequence[str]]) -> dict[str, Forked]:
    """Name -> process that waits to become this program, for all that are `python -m MODULE ARGUMENT...`.

    None where forking is not safe, or not ours to do: only while this process is a command's own, with one thread.
    """
    if not allowed or sys.platform != "linux" or len(os.listdir("/proc/self/task")) > 1:
        return {}
    named = [name for name, command in programs.items() if list(command[:2]) == [sys.executable, "-m"]]
    for module in (*MODULES, *(WEB_MODULES if "web" in named else ())):
        importlib.import_module(module)
    sys.stdout.flush()
    sys.stderr.flush()
    parent, found = os.getpid(), dict[str, Forked]()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # no handler of ours is to run in a child
    try:
        for name in named:
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if not pid:
                _live(parent, theirs, [ours, *(other.ours for other in found.values())], blocked)
            theirs.close()
            found[name] = Forked(pid, ours)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return found


def _live(parent: int, told: socket.socket, others: Sequence[socket.socket], blocked: Iterable[int]) -> None:
    """The life of a forked process; does not return, for what is below in the stack is its parent's."""
    code = 1
    try:
        atexit._clear()  # what is registered is to be done by the parent
        for other in others:
            other.close()
        _leave(parent, blocked)
        code = _become(told)
    except SystemExit as ended:
        code = _code(ended)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):  # what Python itself does at its end, and multiprocessing in a fork
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _leave(parent: int, blocked: Iterable[int]) -> None:
    """Away from the parent's terminal and signal handlers; end with it."""
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        raise SystemExit(1)


def _become(told: socket.socket) -> int:
    """Wait to be told, then be that program, as if it had been started."""
    with told:
        _, logs, _, _ = socket.recv_fds(told, 1, 1)
        if not logs:  # dismissed
            return 0
        with told.makefile("rb") as file:
            program = json.load(file)
    for standard in (1, 2):
        os.dup2(logs[0], standard)
    os.close(logs[0])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    _prctl(PR_SET_NAME, program["name"].encode())
    os.environ.clear()
    os.environ.update(program["env"])
    os.chdir(program["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = list(program["argv"])
    warnings.filterwarnings("ignore", message=".* found in sys.modules", category=RuntimeWarning)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    return 0


def _code(ended: SystemExit) -> int:
    """The exit code that Python itself would give, and its words."""
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    sys.stderr.write(f"{ended.code}\n")
    return 1


def _prctl(option: int, value: int | bytes) -> None:
    """prctl(2)."""
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
