"""Starts our programs in tests: forked from a process that has their modules loaded, most of what a start takes.

`popen` and `spawn` stand in for `subprocess.Popen` and `server.local.children.spawn`. What starts this way is as good
as started anew (its own session, environment, directory, output, end); how a start itself goes is tested without it.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import importlib
import json
import logging
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from server.local import children, forked

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("server.cli.serve", "server.cli.run", "server.cli.remind", "server.cli.status", "server.local.sample")
MODULES = (*forked.MODULES, *forked.WEB_MODULES, *COMMANDS)
ROOM = "ROOM_FOR_ANOTHER_ENVIRONMENT"
MOST_BYTES = 150_000
"""Of a request: an environment and arguments."""


@dataclass
class Born:
    """A process of ours: as much of `subprocess.Popen` as tests ask of one."""

    pid: int
    ended: int
    """File descriptor from which its exit code comes."""
    outputs: tuple[IO[str] | None, IO[str] | None] = (None, None)
    returncode: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def poll(self) -> int | None:
        """The exit code, or minus the signal; None while it runs."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end: all that it wrote. Raises subprocess.TimeoutExpired."""
        self.wait(timeout)
        out, err = (_written(file) for file in self.outputs)
        return out, err

    def send_signal(self, number: int) -> None:
        """Nothing happens when it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.wait()
        for file in self.outputs:
            if file is not None:
                file.close()

    def _look(self, seconds: float | None) -> int | None:
        with self._lock:
            if self.returncode is None and select.select([self.ended], [], [], seconds)[0]:
                told = os.read(self.ended, 20)
                os.close(self.ended)
                self.returncode = int(told) if told else -signal.SIGKILL
            return self.returncode


def popen(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    stdout: IO[bytes] | IO[str] | None = None,
    stderr: IO[bytes] | IO[str] | None = None,
) -> Born | subprocess.Popen[str]:
    """Start `python -m MODULE ARGUMENT...`. An output that has no file is kept for `communicate`."""
    if sys.platform != "linux":
        files = {"stdout": stdout or subprocess.PIPE, "stderr": stderr or subprocess.PIPE}
        return subprocess.Popen(command, cwd=cwd, env=env, text=True, **files)  # type: ignore[call-overload, no-any-return]
    kept = [None if file else tempfile.TemporaryFile("w+") for file in (stdout, stderr)]  # noqa: SIM115
    out, err = (given or own for given, own in zip((stdout, stderr), kept, strict=True))
    assert out is not None
    assert err is not None
    pid, ended = _nursery().bear(command, env, cwd, out.fileno(), err.fileno())
    return Born(pid, ended, (kept[0], kept[1]))


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep_open: Iterable[int] = (),
) -> Born | subprocess.Popen[bytes] | subprocess.Popen[str]:
    """`server.local.children.spawn`, quicker for what is ours."""
    if list(command[:2]) != [sys.executable, "-m"] or env is None:
        return children.spawn(command, log=log, env=env, cwd=cwd, keep_open=keep_open)
    with children.open_log(log) as output:
        return popen(command, env=env, cwd=cwd or ROOT, stdout=output, stderr=output)


def _written(file: IO[str] | None) -> str:
    if file is None:
        return ""
    with file:
        file.seek(0)
        return file.read()


@functools.cache
def _nursery() -> Nursery:
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


class Nursery:
    """The process that forks. What it forked ends with it, and it ends with us."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", ROOM: "." * 4000},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def bear(self, command: Sequence[str], env: Mapping[str, str], cwd: Path, out: int, err: int) -> tuple[int, int]:
        """Process id, and where the exit code comes from."""
        ended, tells = os.pipe()
        request = json.dumps({"argv": list(command[2:]), "env": dict(env), "cwd": str(cwd)}).encode()
        assert len(request) < MOST_BYTES
        with self._lock:
            socket.send_fds(self._ours, [request], [out, err, tells])
            os.close(tells)
            return int(self._ours.recv(20)), ended

    def close(self) -> None:
        """End it, and what is left of what it forked."""
        self._ours.close()
        self._process.wait()


def main(control: socket.socket) -> None:
    """Be the nursery, until nobody is at the other end."""
    for module in MODULES:
        importlib.import_module(module)
    heard, hears = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(hears, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control, heard], [], [])
        if heard in ready:
            os.read(heard, 1000)
            _bury(alive)
        if control in ready:
            request, given, _, _ = socket.recv_fds(control, MOST_BYTES, 3)
            if not request:
                return
            out, err, tells = given
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for file in (control.detach(), heard, hears, tells, *alive.values()):
                    os.close(file)
                _live(json.loads(request), out, err)
            os.close(out)
            os.close(err)
            alive[pid] = tells
            control.send(str(pid).encode())


def _bury(alive: dict[int, int]) -> None:
    """Tell the exit codes of those that have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            tells = alive.pop(pid)
            with contextlib.suppress(BrokenPipeError):
                os.write(tells, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(tells)


def _live(program: Mapping[str, object], out: int, err: int) -> None:
    """Be that program, as if it had been started; does not return, for what is below in the stack is the nursery's."""
    code = 1
    try:
        _prepare(program, out, err)
        warnings.filterwarnings("ignore", message=".* found in sys.modules", category=RuntimeWarning)
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = forked._code(ended)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):  # what Python itself does at its end
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _prepare(program: Mapping[str, object], out: int, err: int) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    forked._prctl(forked.PR_SET_PDEATHSIG, signal.SIGTERM)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    environment, sys.argv = dict(program["env"]), list(program["argv"])  # type: ignore[call-overload]
    os.environ.clear()
    _show(environment)
    os.environ.update(environment)
    time.tzset()
    os.chdir(str(program["cwd"]))


def _show(environment: Mapping[str, str]) -> None:
    """Write this process's data folder where `/proc/PID/environ` shows it: tests find by it what belongs together."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start and env_end of proc(5)
    shown = f"CELLBACK_DATA_DIR={environment.get('CELLBACK_DATA_DIR', '')}\0".encode()
    ctypes.memmove(start, shown + b"\0" * (end - start - len(shown)), end - start)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
